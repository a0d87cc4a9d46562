"""Which models `feedback train` makes, that each is made once and after what it learns from, and that none goes on when it is stopped."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from feedback.cli.models import train
from feedback.training.make import HEARD_BY_SIGNAL, LINES

STARTS_ANOTHER = """
import sys, time
from multiprocessing import get_context

from feedback.training.make import end_with_parent

def work():
    end_with_parent()
    time.sleep(60)

if __name__ == "__main__":
    worker = get_context("spawn").Process(target=work)
    worker.start()
    print(worker.pid, flush=True)
    worker.join()
"""


def runs(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_every_model_that_can_be_asked_for_is_made_once_with_all() -> None:
    asked = next(option for option in train.params if option.name == "model").type
    in_lines = [model for line in LINES for model in line]
    assert sorted([*in_lines, "signal"]) == sorted(set(asked.choices) - {"all"})  # type: ignore[attr-defined]


def test_the_signal_model_is_made_after_whatever_it_learns_from() -> None:
    assert "signal" not in [model for line in LINES for model in line]
    assert set(HEARD_BY_SIGNAL) == {"reader", "guard"}


@pytest.mark.skipif(not Path("/proc").exists(), reason="asks the system which processes run")
def test_a_worker_ends_when_the_training_that_started_it_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "starts_another.py"
    script.write_text(STARTS_ANOTHER, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        time.sleep(2)  # until it has been told
        assert runs(worker)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until = time.monotonic() + 30
    while runs(worker) and time.monotonic() < until:
        time.sleep(0.1)
    assert not runs(worker)
