"""Find the rows that hold the headings: below a title block, above the data, sometimes two or three rows deep.

A row of headings fills most of the table's width with words that are neither dates, ratings nor numbers. A grouped
heading stands above it; a survey tool's second row ("Open-Ended Response") below it: both give names to the columns
that the main row leaves blank, and neither is data.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from feedback.read.cells import Cell, Row, cell_text, is_blank
from feedback.read.columns import looks_known
from feedback.read.dates import form_of
from feedback.read.ratings import read_label

_LOOK = 40  # rows; no title block is longer
_SECOND = re.compile(r"^(?:open[- ]ended response|response|\{\s*['\"]?importid.*)$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Headings:
    """The name of each column and its fuller wording (a letter and nothing where it has none), and the row they stand in.

    `row` is 0 where there are none; data begin after `last`. `above` is the text of the title block, where a legend may stand.
    """

    names: tuple[str, ...]
    wordings: tuple[str, ...]
    row: int
    last: int
    above: tuple[str, ...] = ()


def column_name(place: int) -> str:
    """What to call a column without a heading, counted from 0: by the letters that a spreadsheet shows above it.

    >>> column_name(0), column_name(27)
    ('Column A', 'Column AB')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return f"Column {letters}"


def find_headings(rows: Sequence[Row]) -> Headings:
    """Find the headings in the first rows of a sheet (blank rows left out); where there are none, letters stand in."""
    rows = rows[: _LOOK * 3]
    widths = Counter(_width(row) for row in rows)
    width = max(widths, key=lambda w: (widths[w], w), default=0)
    main = next((i for i, row in enumerate(rows[:_LOOK]) if _is_heading(row, width)), None)
    if main is None:
        return Headings(tuple(map(column_name, range(width))), ("",) * width, 0, 0)
    above = (
        rows[main - 1]
        if main and rows[main - 1].number == rows[main].number - 1 and _filled(rows[main - 1]) > 1
        else None
    )
    last = main
    while last + 1 < len(rows) and last < main + 2 and _is_second_heading(rows, main, last + 1):
        last += 1
    below = rows[main + 1 : last + 1]
    width = max(_width(row) for row in rows[main : last + 1])
    names, wordings = [], []
    for place in range(width):
        name, more = _text(rows[main], place), [t for row in below if (t := _text(row, place)) and not _SECOND.match(t)]
        grouped = name and more and place + 1 < width and not _text(rows[main], place + 1)
        name = (more[0] if more and (not name or grouped) else name) or (_text(above, place) if above else "")
        names.append(name or column_name(place))
        wordings.append(more[0] if more else name)
    title = tuple(" = ".join(t for c in row.cells if (t := cell_text(c).strip())) for row in rows[:main])
    return Headings(tuple(names), tuple(wordings), rows[main].number, rows[last].number, title)


def _width(row: Row) -> int:
    return max((i + 1 for i, cell in enumerate(row.cells) if not is_blank(cell)), default=0)


def _filled(row: Row) -> int:
    return sum(not is_blank(cell) for cell in row.cells)


def _text(row: Row, place: int) -> str:
    return " ".join(cell_text(row.cells[place]).split()).strip("\ufeff ") if place < len(row.cells) else ""


def _may_head(cell: Cell) -> bool:
    if not isinstance(cell, str) or len(cell) > 500:
        return False
    text = cell.strip()
    return not (form_of(text) or read_label(text) or re.fullmatch(r"[\d\s.,%+\-/:]+|\S+@\S+\.\S+", text))


def _is_heading(row: Row, width: int) -> bool:
    cells = [cell for cell in row.cells if not is_blank(cell)]
    if not cells or len(cells) <= width * 0.6:
        return False
    return sum(_may_head(cell) for cell in cells) >= 0.8 * len(cells) and (
        width > 1 or looks_known(cell_text(cells[0]))
    )


def _is_second_heading(rows: Sequence[Row], main: int, place: int) -> bool:
    """Whether the row still belongs to the headings: it says so, or is blank or a heading where the data have dates or ratings."""
    row = rows[place]
    if any(_SECOND.match(cell_text(cell).strip()) for cell in row.cells):
        return True
    if not all(_may_head(cell) for cell in row.cells if not is_blank(cell)):
        return False
    data = rows[place + 1 :]
    fills = any(not _text(rows[main], i) for i, cell in enumerate(row.cells) if not is_blank(cell))
    for i in range(len(row.cells)):
        below = [r.cells[i] for r in data if i < len(r.cells) and not is_blank(r.cells[i])]
        regular = sum(form_of(cell) is not None or read_label(cell) is not None for cell in below)
        if len(below) >= 2 and regular >= 0.7 * len(below):
            text = _text(row, i)
            if looks_known(text) if text else fills:
                return True
    return False
