"""A model on disk: weights in safetensors or ONNX, a manifest that says what they are, and a card for people.

Loaded only if everything fits: each file's hash, the format, the labels against the Trust's own data. A model that
does not fit is refused, naming both sides, because a wrong label is worse than none. No pickles: a pickle runs code.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback.errors import BadModel

FORMAT = 1
MANIFEST = "manifest.json"
REMEDY = "Restore the models folder from the repository, or run `make train`."


@dataclass(frozen=True, slots=True)
class Artefact:
    """A model folder whose files have been checked against its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """The model and its version, as findings give it."""
        return f"{self.manifest['name']} {self.manifest['version']}"

    def path(self, file: str) -> Path:
        """The path of one of its files."""
        return self.folder / file

    def arrays(self, file: str, *needed: str) -> dict[str, NDArray[np.float32]]:
        """The arrays of a safetensors file, by name. Raises BadModel where one that is `needed` is not there: an older version made it."""
        from safetensors.numpy import load_file

        arrays: dict[str, NDArray[np.float32]] = load_file(self.folder / file)
        missing = [name for name in needed if name not in arrays]
        if missing:
            raise BadModel(
                f"The model {self.name!r} was made by an older version: its {file} lacks {', '.join(missing)}. {REMEDY}"
            )
        return arrays


def open_artefact(folder: Path) -> Artefact:
    """Open a model folder after checking its manifest and the SHA-256 of every file.

    Raises BadModel when the manifest or a file is missing, damaged or of another format.
    """
    manifest = read_manifest(folder)
    for name, expected in manifest["files"].items():
        file = folder / name
        if not file.is_file():
            raise BadModel(f"The model {folder.name!r} lacks its file {name}. {REMEDY}")
        if file_hash(file) != expected:
            raise BadModel(
                f"The file {name} of the model {folder.name!r} is not the one its manifest names (damaged or replaced). {REMEDY}"
            )
    return Artefact(folder, manifest)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the manifest of a model folder says; its files are not looked at. Raises BadModel as `open_artefact` does."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BadModel(f"The model {folder.name!r} has no {MANIFEST}. {REMEDY}")
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        manifest["files"] = dict(manifest["files"])
        found = manifest["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadModel(
            f"The manifest of the model {folder.name!r} cannot be read ({type(error).__name__}). {REMEDY}"
        ) from None
    if found != FORMAT:
        raise BadModel(f"The model {folder.name!r} has format {found}; this version reads format {FORMAT}. {REMEDY}")
    return manifest


def write_manifest(folder: Path, facts: dict[str, Any], files: list[str]) -> None:
    """Write the manifest of a model whose files already lie in the folder."""
    manifest = {"format": FORMAT, **facts, "files": {name: file_hash(folder / name) for name in files}}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
