"""Write the rows that need mending as a spreadsheet that can be mended and sent again, with the reason beside each.

Two lists: of a batch from the store, whose cells were redacted before they were kept, and of a file as it is read, with its
cells as they came, for the person who holds that file anyway (`feedback analyse --rejects`). A row with several
faults is one line. The citations in front tell the next reading that a row is stored already, see `read.mended`.
"""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Literal, TextIO

from feedback.errors import BadInput
from feedback.export import safe_cell
from feedback.read.mended import FRONT
from feedback.stored import Returned

ListFormat = Literal["csv", "xlsx"]
LONGEST = 32_767  # characters that a cell of a workbook holds
MOST = 20_000  # rows in a workbook, which is held in memory; the CSV has all


class Sheet:
    """The columns of a list: those in front, then every heading of every sheet of the file, once."""

    def __init__(self, headings: Mapping[str, Sequence[str]]) -> None:
        self._places: dict[str, list[int]] = {}
        columns: dict[tuple[str, int], int] = {}
        for sheet, names in headings.items():
            seen: Counter[str] = Counter()
            self._places[sheet] = []
            for name in names:
                seen[name] += 1
                self._places[sheet].append(columns.setdefault((name, seen[name]), len(columns)))
        # A list that came back and was mended has these columns already.
        self._front = list(next(iter(headings.values()), ()))[: len(FRONT)] == list(FRONT)
        self.names = tuple(name for name, _ in columns)
        self.headings = self.names if self._front else (*FRONT, *self.names)

    def lines(self, returned: Iterable[Returned]) -> Iterator[tuple[Any, ...]]:
        """One line for each row of the file; the notices of a row follow one another."""
        for (sheet, row), each in groupby(returned, key=lambda notice: (notice.sheet, notice.row)):
            notices = list(each)
            reasons = "; ".join(dict.fromkeys(notice.reason for notice in notices))
            details = "; ".join(dict.fromkeys(notice.detail for notice in notices))
            front = (sheet or "", row, reasons, details, " ".join(notices[0].stored_as))
            cells = self._under(sheet or "", notices[0].original)
            yield (*front, *cells[len(FRONT) if self._front else 0 :])

    def _under(self, sheet: str, original: Sequence[str]) -> list[str]:
        cells = [""] * len(self.names)
        places = self._places.get(sheet, [])
        for place, cell in zip(places, original, strict=False):
            cells[place] = cell
        return cells + list(original[len(places) :])


def list_bytes(headings: Mapping[str, Sequence[str]], returned: Iterable[Returned], form: ListFormat) -> bytes:
    """A list as the bytes of a file, for a download; no cell of it can be taken for a formula."""
    sheet = Sheet(headings)
    if form == "xlsx":
        whole = io.BytesIO()
        _write_workbook(sheet, returned, whole)
        return whole.getvalue()
    text = io.StringIO(newline="")
    _write_csv(sheet, returned, text)
    return text.getvalue().encode("utf-8-sig")


def write_list(headings: Mapping[str, Sequence[str]], returned: Iterable[Returned], out: Path) -> None:
    """Write a list where a person says, readable by them alone. Raises BadInput for a name that is neither .csv nor .xlsx.

    An older file of that name is replaced.
    """
    form = check_name(out)
    sheet = Sheet(headings)
    try:
        out.unlink(missing_ok=True)  # its rights would stay otherwise
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}); name another place with --rejects.") from None
    if form == "xlsx":
        with os.fdopen(handle, "wb") as file:
            _write_workbook(sheet, returned, file)
    else:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as text:
            _write_csv(sheet, returned, text)


def check_name(out: Path) -> ListFormat:
    """The format that a file's name asks for. Raises BadInput for any but .csv and .xlsx."""
    match out.suffix.lower():
        case ".csv":
            return "csv"
        case ".xlsx":
            return "xlsx"
    raise BadInput(f"{out.name} is neither .csv nor .xlsx; give the list of rows to mend one of these endings.")


def _write_csv(sheet: Sheet, returned: Iterable[Returned], file: TextIO) -> None:
    rows = csv.writer(file)
    rows.writerow([safe_cell(name) for name in sheet.headings])
    rows.writerows([safe_cell(cell) for cell in line] for line in sheet.lines(returned))


def _write_workbook(sheet: Sheet, returned: Iterable[Returned], file: BinaryIO) -> None:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Rows to mend"
    lines: list[tuple[Any, ...]] = [sheet.headings]
    for line in sheet.lines(returned):
        if len(lines) > MOST:
            break
        lines.append(line)
    for number, cells in enumerate(lines, start=1):
        for column, value in enumerate(cells, start=1):
            if value in ("", None):
                continue
            cell = page.cell(number, column)
            if isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST]
                # Text, also where it begins as a formula would, and still text once somebody has edited it.
                cell.data_type = "s"
                cell.quotePrefix = True
            else:
                cell.value = value
    book.save(file)
