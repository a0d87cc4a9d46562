"""Read an XLSX workbook sheet by sheet through a child process that may fail without harm (see `workbook`)."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from feedback.errors import BadFile
from feedback.read.cells import Cell, FileFacts, Row, Unsaved

# A sheet of comments packs about ten to one, one of blank styled cells a hundred to one; a bomb, a thousand to one.
MAX_UNPACKED = 1_000 * 2**20
MAX_RATIO = 250
_SMALL = 20 * 2**20
_MAX_PARTS = 20_000
_CHILD = Path(__file__).with_name("workbook.py")
_AGAIN = "open it in a spreadsheet program, save it again as .xlsx or .csv, and send that"


class Workbook:
    """An XLSX file; see `Table`. `epoch_1904` says whether its days count from 1904, once rows have been read."""

    facts = FileFacts("xlsx")
    headings = None
    epoch_1904 = False

    def __init__(self, path: Path):
        self.path = path
        _refuse_unsafe(path)

    def rows(self) -> Iterator[Row]:
        """Every row that has a cell, in all sheets; raises BadFile where the workbook cannot be read to its end."""
        answers = self._answers()
        book = next(answers)
        self.epoch_1904 = book["epoch_1904"]
        if book["missing"]:
            gone = ", ".join(f'"{name}"' for name in book["missing"][:5])
            raise BadFile(f"The workbook lists the sheet {gone}, but its part is missing from the file: {_AGAIN}.")
        merges = _Merges([])
        for answer in answers:
            if isinstance(answer, dict):
                merges = _Merges(answer["merges"])
                continue
            sheet, number, values = answer
            cells = tuple(_cell(value) for value in values)
            yield Row(number, cells, sheet, merged=merges.over(number, cells))

    def _answers(self) -> Iterator[Any]:
        """What the child prints, without its last line; it is killed when the reader stops early."""
        child = subprocess.Popen(
            # As a file, not as a module, so that it imports nothing of ours; -P keeps its neighbours from its path.
            [sys.executable, "-P", str(_CHILD), str(self.path.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
            text=True,
            encoding="ascii",
        )
        assert child.stdout is not None
        try:
            for line in child.stdout:
                answer = json.loads(line)
                if isinstance(answer, dict) and "error" in answer:
                    raise BadFile(f"The workbook {answer['error']}: {_AGAIN}.")
                if isinstance(answer, dict) and "end" in answer:
                    return
                yield answer
        except ValueError:
            pass  # half a line: the child was stopped while it wrote
        finally:
            child.kill()
            child.stdout.close()
            child.wait()
        raise BadFile(f"The workbook takes more time or memory than a table of comments should: {_AGAIN}.")


class _Merges:
    """The merges of one sheet, taken row by row: what stands in the first row of each, for the rows below it."""

    def __init__(self, merges: list[tuple[int, int, int]]):
        self._waiting = sorted(merges, key=lambda merge: -merge[1])
        self._open: dict[int, tuple[int, Cell]] = {}

    def over(self, number: int, cells: tuple[Cell, ...]) -> dict[int, Cell]:
        """The cells that merges further up stretch over this row, by place."""
        for place in [place for place, (last, _) in self._open.items() if last < number]:
            del self._open[place]
        carried = {place: cell for place, (_, cell) in self._open.items()}
        while self._waiting and self._waiting[-1][1] <= number:
            place, first, last = self._waiting.pop()
            if first == number and place < len(cells) and cells[place] is not None:
                self._open[place] = (last, cells[place])
        return carried


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        return Unsaved()
    if isinstance(value, list):
        return datetime.fromisoformat(value[0]) if "T" in value[0] else date.fromisoformat(value[0])
    return value


def _refuse_unsafe(path: Path) -> None:
    """Refuse what should not even be opened: no workbook at all, one with a password, or a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadFile(f"The workbook is damaged or broke off on the way: {_AGAIN}.") from None
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise BadFile("The file is protected by a password: remove the password and send it again.")
    if not any(name.startswith("xl/") for name in names):
        kind = (
            "a Word document" if any(n.startswith("word/") for n in names) else "an archive or another kind of document"
        )
        raise BadFile(
            f"The file is {kind}, not a workbook of comments: save the table as .xlsx or .csv, and send that."
        )
    if any(name.endswith(".bin") and name.startswith("xl/workbook") for name in names):
        raise BadFile("The file is a binary workbook (.xlsb): save it as .xlsx or .csv, and send that.")
    swollen = any(p.file_size > _SMALL and p.file_size > MAX_RATIO * max(1, p.compress_size) for p in parts)
    if swollen or len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadFile(
            "The workbook unpacks to far more than its size allows, as only a hostile file does, and was not opened: "
            "save the table as .csv, and send that."
        )
