"""Keep what does not hang on the shipped reader, so is measured by itself: figures with their day and the hash of their data.

They are shown as long as the labelled comments are the same, and left out of the report where they are others.
"""

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from feedback.settings import Settings
from feedback.taxonomy import Taxonomy, load_taxonomy
from feedback.training.labelled import Example, data_hash, load_examples


def labelled(does: str) -> tuple[list[Example], Taxonomy, str]:
    """The labelled comments of the folder named on the command line, the Trust's data, and the hash of the folder's files."""
    parser = argparse.ArgumentParser(description=does)
    parser.add_argument("--data", type=Path, required=True, help="the folder of labelled comments")
    folder = parser.parse_args().data
    taxonomy = load_taxonomy(Settings().data)
    return load_examples(folder, taxonomy), taxonomy, data_hash(folder)


def keep(path: Path, data: str, **figures: Any) -> None:
    """Write the figures with today's date and the hash of their data, and print them."""
    text = json.dumps({"measured": date.today().isoformat(), "data": data, **figures}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    print(text)


def kept(path: Path, data: str) -> Any:
    """What was kept of the same data; None where nothing was."""
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if found["data"] == data else None
