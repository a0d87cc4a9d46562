"""Know a list that went back to its sender when it comes again: what this system put in front is no data of theirs.

`feedback.batches.mend` writes such lists. Its columns say where a row stood, why it came back, and under which citations it is
stored already; without this they might be taken for a service or a comment.
"""

from collections.abc import Sequence
from dataclasses import replace

from feedback.read.cells import Cell, Row, cell_text

FRONT = ("sheet", "row", "reason", "detail", "stored as")
LEFT_OUT = "(left out)"  # stands in a stored list where a cell might say who somebody is
STORED_AS = FRONT.index("stored as")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula


def is_mended(headings: Sequence[str]) -> bool:
    """Whether the headings begin as those of a list that went back to its sender."""
    return tuple(" ".join(heading.split()).casefold() for heading in headings[: len(FRONT)]) == FRONT


def as_it_was(row: Row) -> Row:
    """The row without what was put in its cells: an apostrophe before a formula, and a word where one was left out."""
    return replace(row, cells=tuple(map(_unguarded, row.cells)))


def stored_as(row: Row) -> tuple[str, ...]:
    """The citations under which the comments of a row are stored already, in the order of its columns."""
    return tuple(cell_text(row.cells[STORED_AS]).split()) if len(row.cells) > STORED_AS else ()


def _unguarded(cell: Cell) -> Cell:
    """
    >>> _unguarded("'=2+3"), _unguarded("'tis fine"), _unguarded("(left out)")
    ('=2+3', "'tis fine", None)
    """
    if cell == LEFT_OUT:
        return None
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell
