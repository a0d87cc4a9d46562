"""Hand a ledger's comments to a reader as a spreadsheet, and take the filled sheet back.

The sheet holds comments' own words (identity hidden) and nothing that anybody found in them. A row is known by its first
cell, so rows may be sorted, left blank or taken out. A row without a sentiment has not been read.
"""

import csv
import difflib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from feedback.accuracy.ledger import Answer, Drawn
from feedback.errors import BadFile, BadInput
from feedback.export import safe_cell
from feedback.read.cells import Row, cell_text, is_blank
from feedback.read.tables import open_table
from feedback.sampling import ToRead
from feedback.taxonomy import Taxonomy, Theme

THEMES = 6  # columns for themes: nobody was seen to give a comment more
SCALE = ("1 very positive", "2 positive", "3 neutral or mixed", "4 negative", "5 very negative")
HEADINGS = ("reading", "question", "comment", "sentiment", *(f"theme {n}" for n in range(1, THEMES + 1)))
WIDTHS = (10, 30, 70, 18, *(30 for _ in range(THEMES)))
_CODE = re.compile(r"\s*(\d{1,9})-(\d{1,9})\s*")


# Out


def write_sheet(drawn: Drawn, comments: Iterable[ToRead], taxonomy: Taxonomy, out: Path) -> None:
    """Write the comments to a workbook with lists to choose from, or a CSV, readable by this account alone.

    An older file of that name is replaced. Raises BadInput for a name that is neither .xlsx nor .csv.
    """
    lines = [(f"{drawn.id}-{one.place}", one.question or "", one.text) for one in comments]
    if out.suffix.lower() not in (".xlsx", ".csv"):
        raise BadInput(f"{out.name} is neither .xlsx nor .csv; give the sheet one of these endings.")
    try:
        out.unlink(missing_ok=True)  # its rights would stay otherwise
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}); name another place.") from None
    if out.suffix.lower() == ".xlsx":
        with os.fdopen(handle, "wb") as file:
            _workbook(lines, _themes(taxonomy)).save(file)
    else:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as text:
            rows = csv.writer(text)
            rows.writerow(HEADINGS)
            blank = [""] * (len(HEADINGS) - 3)
            rows.writerows([*map(safe_cell, line), *blank] for line in lines)


def _themes(taxonomy: Taxonomy) -> list[Theme]:
    return [theme for theme in taxonomy.themes.values() if not theme.contentless]


def _workbook(lines: Sequence[tuple[str, str, str]], themes: Sequence[Theme]) -> Any:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "To read"
    sheet.freeze_panes = "A2"
    _fill(sheet, [HEADINGS, *lines])
    last = len(lines) + 1
    choices = book.create_sheet("Themes")
    _fill(choices, [("theme", "group", "what it means"), *((t.name, t.group, t.definition) for t in themes)])
    scale = DataValidation("list", formula1=f'"{",".join(SCALE)}"', allow_blank=True)
    theme = DataValidation("list", formula1=f"Themes!$A$2:$A${len(themes) + 1}", allow_blank=True)
    for rule, columns in ((scale, "D:D"), (theme, f"E:{get_column_letter(len(HEADINGS))}")):
        first, to = columns.split(":")
        rule.add(f"{first}2:{to}{last}")
        sheet.add_data_validation(rule)
    for page, widths in ((sheet, WIDTHS), (choices, (45, 35, 100))):
        for column, width in enumerate(widths, start=1):
            page.column_dimensions[get_column_letter(column)].width = width
        for row in page.iter_rows():
            for cell in row:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    return book


def _fill(sheet: Any, lines: Iterable[Sequence[str]]) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    for number, cells in enumerate(lines, start=1):
        for column, value in enumerate(cells, start=1):
            cell = sheet.cell(number, column, ILLEGAL_CHARACTERS_RE.sub("", value))
            # Text, also where it begins as a formula would.
            cell.data_type = "s"
            cell.quotePrefix = True


# Back


def read_sheet(path: Path, taxonomy: Taxonomy) -> dict[int, dict[int, Answer]]:
    """The answers in a filled sheet, by ledger and place; rows without a sentiment are left out.

    Raises BadFile for a file that is no such sheet, BadInput for a cell that cannot be read, naming its row and column and
    never what stands in it.
    """
    answers: dict[int, dict[int, Answer]] = {}
    columns: dict[str, int] | None = None
    for row in open_table(path).rows():
        texts = ["" if is_blank(cell) else " ".join(cell_text(cell).split()) for cell in row.cells]
        folded = [text.casefold() for text in texts]
        if columns is None:
            columns = _columns(folded)
            continue
        code = _CODE.fullmatch(_cell(texts, columns["reading"]))
        if not code:
            continue  # the list of themes, or a line that somebody added
        answer = _answer(row, texts, columns, taxonomy)
        ledger, place = int(code[1]), int(code[2])
        if answer is None:
            continue
        if place in answers.setdefault(ledger, {}):
            raise BadInput(f"{_where(row)}: comment {ledger}-{place} stands twice; leave one of the rows.")
        answers[ledger][place] = answer
    if columns is None:
        raise BadFile(f"{path.name} is no sheet of a ledger: none of its rows names the columns reading and sentiment.")
    return answers


def _columns(folded: Sequence[str]) -> dict[str, int] | None:
    if not {"reading", "sentiment"} <= set(folded):
        return None
    return {name: place for place, name in reversed(list(enumerate(folded)))}


def _answer(row: Row, texts: Sequence[str], columns: dict[str, int], taxonomy: Taxonomy) -> Answer | None:
    felt = _cell(texts, columns["sentiment"])
    given = list(_given(texts, columns))
    if not felt:
        if given:
            raise BadInput(f"{_where(row)} has a theme and no sentiment; choose one, or clear the themes.")
        return None
    if felt[0] not in "12345" or felt[1:2].isdigit():
        raise BadInput(
            f"{_where(row)}: the sentiment begins with a number from 1 (very positive) to 5 (very negative)."
        )
    names = {name.casefold(): theme.id for theme in _themes(taxonomy) for name in (theme.name, theme.id)}
    for column, name in given:
        if name.casefold() not in names:
            near = difflib.get_close_matches(name.casefold(), [n.casefold() for n in names], n=1)
            meant = f' Did you mean "{taxonomy.themes[names[near[0]]].name}"?' if near else ""
            raise BadInput(f'{_where(row)}, "{column}": that is no theme of the framework.{meant}')
    return Answer(int(felt[0]), frozenset(names[name.casefold()] for _, name in given))


def _given(texts: Sequence[str], columns: dict[str, int]) -> Iterator[tuple[str, str]]:
    for column, place in columns.items():
        if column.startswith("theme") and _cell(texts, place):
            yield column, _cell(texts, place)


def _cell(texts: Sequence[str], place: int) -> str:
    return texts[place].removeprefix("'") if place < len(texts) else ""


def _where(row: Row) -> str:
    return f"Row {row.number} of sheet {row.sheet}" if row.sheet else f"Row {row.number}"
