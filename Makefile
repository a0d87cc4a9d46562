# Two commands matter: `make run` and `make test`. Each sets up what it needs, once.
# PYTHON names another Python 3.11 where `python3` is not one.
PYTHON ?= python3
VENV := .venv
TRAIN := .venv-train
LABELLED ?= ../shared/data
LOCK := --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11
GPU := $(foreach p,cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cccl nvidia-cuda-cupti nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx torch triton,--no-emit-package $(p))
export OMP_WAIT_POLICY := PASSIVE

.DEFAULT_GOAL := help
.PHONY: help setup run test browser lint types train evaluate bench lock clean

help:
	@echo "make run       set up, analyse the invented sample batch, serve the pages on http://127.0.0.1:8000"
	@echo "make test      set up, run the tests"
	@echo "make lint      ruff, mypy, import order"
	@echo "make train     rebuild the models from labelled comments (LABELLED=$(LABELLED)); installs PyTorch apart"
	@echo "make evaluate  measure every model; writes evaluation/results.json, docs/evaluation.md and the README's table"
	@echo "make bench     time the pipeline"
	@echo "make lock      pin the dependencies again"

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed; name it with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The NHS design system's styles and icons, and axe for the tests, by npm; npm itself comes with the Python packages.
api/static/vendor/ready: package.json package-lock.json api/assets.py | $(VENV)/ready
	$(VENV)/bin/python -m api.assets
	@touch $@

setup: $(VENV)/ready api/static/vendor/ready

run: setup
	$(VENV)/bin/feedback demo

test: setup
	$(VENV)/bin/python -m pytest

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# PyTorch is only for training. It is installed first and alone: pip then takes a CPU build wherever one is offered (a wheel
# folder in PIP_FIND_LINKS, or the CPU index of your mirror), and nothing later asks for the GPU packages.
$(TRAIN)/ready: requirements-train.lock pyproject.toml
	$(PYTHON) -m venv $(TRAIN)
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-train.lock
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

train: $(TRAIN)/ready
	$(TRAIN)/bin/feedback train --data $(LABELLED)

evaluate: setup $(TRAIN)/ready
	$(TRAIN)/bin/feedback evaluate --data $(LABELLED)

bench: setup
	$(VENV)/bin/python -m evaluation.bench $(wildcard $(LABELLED))

# The training lock leaves PyTorch and the GPU packages out: the rule for $(TRAIN) above installs PyTorch.
# The other leaves out sentence-transformers, and PyTorch with it, for which BERTopic asks but which it needs only where it is given
# no vectors. As the locks are whole and BERTopic's wishes are not granted, pip takes what they say and nothing else (--no-deps).
lock: $(VENV)/ready
	echo "sentence-transformers; python_version < '3'" | $(VENV)/bin/uv pip compile pyproject.toml --extra dev $(LOCK) --override /dev/stdin -o requirements.lock
	echo torch==2.13.0 | $(VENV)/bin/uv pip compile pyproject.toml --extra dev --extra train -c /dev/stdin $(LOCK) $(GPU) -o requirements-train.lock

clean:
	rm -rf $(VENV) $(TRAIN) node_modules api/static/vendor
