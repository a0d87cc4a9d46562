"""The nouns of reading: a cell, a row with the number a spreadsheet shows, and what may be wrong with either.

A cell is blank when nothing in it can be seen: spaces, no-break spaces, zero-width characters and their escapes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

Cell = str | int | float | bool | date | None
Reason = Literal["bad_date", "bad_rating", "too_long", "undecodable", "missing_required", "wrong_columns"]

# Half of a character: what a byte that does not fit the encoding becomes (surrogateescape), or a JSON escape cut in two.
UNDECODED = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile(
    r"[\x00\u200b\u2060\ufeff]|_x000D_|&(?:nbsp|ensp|emsp|thinsp|Tab|NewLine|#0*(?:9|10|13|32|160|8203)|#[xX]0*(?:9|[aAdD]|20|[aA]0|200[bB]));"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row, or one cell of it, was not taken as it stands; the detail names the column, never a comment's words."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the file has it; `problem` is set where the row itself cannot be read (a broken JSON line)."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    sheet: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What kind of file it is, as found from its bytes; the delimiter is None where there is only one column."""

    type: Literal["csv", "xlsx", "json", "jsonl"]
    encoding: str | None = None
    delimiter: str | None = None


class Table(Protocol):
    """A file opened as rows."""

    @property
    def facts(self) -> FileFacts:
        """What kind of file it is."""
        ...

    @property
    def headings(self) -> tuple[str, ...] | None:
        """The names of the columns where the format itself has them (JSON keys), else None."""
        ...

    def rows(self) -> Iterator[Row]:
        """Every row of every sheet in order, from the start of the file, in constant memory."""
        ...


def cell_text(cell: Cell) -> str:
    """Write a cell as a person would read it.

    >>> cell_text(3.0), cell_text(None), cell_text(datetime(2025, 3, 9))
    ('3', '', '2025-03-09')
    """
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    return str(cell)


def is_blank(cell: Cell) -> bool:
    """Whether nothing in the cell can be seen."""
    if cell is None:
        return True
    if not isinstance(cell, str):
        return False
    return not cell or cell.isspace() or not _UNSEEN.sub("", cell).strip()
