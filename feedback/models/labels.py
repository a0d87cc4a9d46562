"""Which labels the model in use knows, from its manifest alone: what it was never shown is not silence but nobody looking."""

import json
from functools import lru_cache
from pathlib import Path

MANIFEST = "manifest.json"


def labels_read(folder: Path, kind: str) -> frozenset[str] | None:
    """The labels of one kind ("statements") that the model in a folder can give; None where no model says so.

    Nothing is checked here: whoever reads with the model does that (artefact.py).
    """
    path = folder / MANIFEST
    try:
        return _labels(path, path.stat().st_mtime_ns, kind)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=8)
def _labels(path: Path, changed: int, kind: str) -> frozenset[str]:
    """Read once for each state of the file; `changed` is that state."""
    return frozenset(json.loads(path.read_text(encoding="utf-8"))["labels"][kind])
