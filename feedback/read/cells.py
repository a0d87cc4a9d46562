"""The nouns of reading: a cell, a row with the number a spreadsheet shows, and what may be wrong with either.

A cell is blank when nothing in it can be seen: spaces, no-break spaces, zero-width characters and their escapes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A cell of a workbook that holds a formula whose result was never saved: something stands there, nobody knows what."""


Cell = str | int | float | bool | date | Unsaved | None
Reason = Literal["bad_date", "bad_rating", "too_long", "undecodable", "missing_required", "wrong_columns"]

# Half of a character: what a byte that does not fit the encoding becomes (surrogateescape), or a JSON escape cut in two.
UNDECODED = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile(
    r"[\x00\u200b\u2060\ufeff]|_x000D_|&(?:nbsp|ensp|emsp|thinsp|Tab|NewLine|#0*(?:9|10|13|32|160|8203)|#[xX]0*(?:9|[aAdD]|20|[aA]0|200[bB]));"
)

_GLANCE = 1_000  # characters; nearly every cell shows something within them, and some have sixty million
# What a spreadsheet shows where a formula failed; "#N/A" also stands for "no answer", so it is told apart.
_ERRORS = frozenset({"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row, or one cell of it, was not taken as it stands; the detail names the column, never a comment's words."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the file has it; `problem` is set where the row itself cannot be read (a broken JSON line).

    `merged` holds, by its place, the cell that a merge further up stretches over this row.
    """

    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    sheet: str | None = None
    problem: Problem | None = None
    merged: Mapping[int, Cell] = field(default_factory=dict, repr=False)


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
    if cell is None or isinstance(cell, Unsaved):
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
    if not cell or cell.isspace():
        return True
    # What can be seen before the last ampersand is no half of an escape, so there is no need to look further.
    if len(cell) > _GLANCE and _UNSEEN.sub("", cell[:_GLANCE].rpartition("&")[0]).strip():
        return False
    return not _UNSEEN.sub("", cell).strip()


def lost(cell: Cell, *, words: bool = False) -> str | None:
    """Why what a cell held is gone at the source, or None; in `words` "#N/A" is an answer: that there is none.

    >>> lost("#NAME?"), lost("#N/A"), lost("#N/A", words=True), lost("#1 for kindness")
    ('holds the error #NAME? of a spreadsheet', 'holds the error #N/A of a spreadsheet', None, None)
    """
    if isinstance(cell, Unsaved):
        return "holds a formula whose result was not saved"
    text = cell.strip() if isinstance(cell, str) and len(cell) < 20 else ""
    if text in _ERRORS or (text == "#N/A" and not words):
        return f"holds the error {text} of a spreadsheet"
    return None
