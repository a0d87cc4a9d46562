"""A model that does not fit its manifest is refused, in one sentence that says which file and what to do."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from feedback.errors import BadModel
from feedback.models.artefact import open_artefact, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "small"
    model.mkdir()
    save_file({"a": np.arange(3, dtype=np.float32)}, model / "weights.safetensors")
    write_manifest(model, {"name": "small", "version": "1.2"}, ["weights.safetensors"])
    return model


def test_a_model_that_fits_is_opened_with_its_name_and_arrays(folder: Path) -> None:
    artefact = open_artefact(folder)
    assert artefact.name == "small 1.2"
    assert artefact.arrays("weights.safetensors")["a"].tolist() == [0, 1, 2]


def test_a_damaged_file_is_refused_by_name(folder: Path) -> None:
    (folder / "weights.safetensors").write_bytes(b"damaged")
    with pytest.raises(BadModel, match=r"weights\.safetensors of the model 'small' is not the one.*make train"):
        open_artefact(folder)


def test_a_missing_file_is_refused_by_name(folder: Path) -> None:
    (folder / "weights.safetensors").unlink()
    with pytest.raises(BadModel, match=r"lacks its file weights\.safetensors"):
        open_artefact(folder)


def test_a_model_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"has no manifest\.json.*make train"):
        open_artefact(tmp_path)


def test_a_manifest_that_is_no_json_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadModel, match="cannot be read"):
        open_artefact(folder)


def test_a_model_of_another_format_is_refused_naming_both(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 99}), encoding="utf-8")
    with pytest.raises(BadModel, match="has format 99; this version reads format 1"):
        open_artefact(folder)


def test_arrays_of_an_older_version_are_refused_by_what_they_lack(folder: Path) -> None:
    with pytest.raises(
        BadModel, match=r"'small 1\.2' was made by an older version: its weights\.safetensors lacks b\. "
    ):
        open_artefact(folder).arrays("weights.safetensors", "a", "b")
