"""Write a summary of icons to a file for a board pack: CSV, or a workbook that says how to read it on its first sheet.

Each icon stands as its name in words, so that nothing is lost in black and white; the pictures are on the page and in icon.py.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any, Literal

from feedback.export import safe_cell
from feedback.over_time.icon import icon_words
from feedback.over_time.summary import CANNOT_COMPARE, Summary, SummaryRow
from feedback.over_time.trend import period_name

Format = Literal["csv", "xlsx"]

MEDIA: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLUMNS = (
    "Row", "Measure", "Latest period", "Latest", "Comments in it", "Average", "Lower limit", "Upper limit", "Variation", "Rule that fired",
    "Since", "Target", "Assurance", "Points", "Trial limits", "In a sentence", "Series",
)  # fmt: skip
OF_NOT_JUDGED = (
    "“Not judged” stands where the reader is wrong as often as right, or was seen too seldom to tell: the row has no icon, rule or date, "
    "and its shares are as read. Its comments stand: read them."
)


def summary_bytes(found: Summary, about: str, form: Format) -> bytes:
    """The summary as a file; `about` says in words what it is of."""
    return _csv(found) if form == "csv" else _workbook(found, about)


def cells(row: SummaryRow) -> tuple[Any, ...]:
    """One row, in the order of COLUMNS; figures are numbers, so that a spreadsheet can work with them."""
    digits = 4
    rounded = [None if v is None else round(v, digits) for v in (row.latest, row.mean, row.lpl, row.upl, row.target)]
    latest, mean, lower, upper, target = rounded
    return (
        row.title, row.measure, period_name(row.period, row.trend.period), latest, row.n, mean, lower, upper,
        icon_words(row.icon) if row.icon else row.instead, "" if row.doubt else row.rule or "",
        period_name(row.moved_since, row.trend.period) if row.moved_since else "", target,
        icon_words(row.assured) if row.assured else "", row.points, "yes" if row.trial_limits else "no", row.sentence,
        row.of.key,
    )  # fmt: skip


def how_to_read(found: Summary, about: str) -> Iterator[str]:
    """What a reader of the file must know."""
    yield f"Summary of icons: {about}."
    yield CANNOT_COMPARE
    yield "Variation speaks of the newest period that can be shown; assurance of the limits beside the target, where one is set."
    yield "Shares are from 0 to 1. Periods of fewer than 5 comments are hidden and count for nothing; of fewer than 10 they cannot signal alone."
    if any(row.doubt for row in found.rows):
        yield OF_NOT_JUDGED
    yield from found.notes
    if found.too_few:
        yield f"Too few comments to show anything of {len(found.too_few)} services: {', '.join(found.too_few)}."


def _csv(found: Summary) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(cell) for cell in cells(row)] for row in found.rows)
    return file.getvalue().encode("utf-8-sig")  # with its mark, or a spreadsheet reads the dashes wrongly


def _workbook(found: Summary, about: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Summary"
    sheet.append(COLUMNS)
    for row in found.rows:
        sheet.append([safe_cell(cell) for cell in cells(row)])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    for number, name in enumerate(COLUMNS, start=1):
        longest = max([len(name), *(len(str(row[number - 1].value or "")) for row in sheet.iter_rows(min_row=2))])
        sheet.column_dimensions[get_column_letter(number)].width = min(60, longest + 2)
    notes = book.create_sheet("How to read it")
    for sentence in how_to_read(found, about):
        notes.append([sentence])
    notes.column_dimensions["A"].width = 120
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
