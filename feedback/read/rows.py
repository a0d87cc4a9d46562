"""Read a planned file row by row: the comments of each row, then exactly one outcome for it, so that none is lost.

A date or rating that cannot be read leaves that field blank with a warning; only a comment that cannot be read itself,
or a row whose cells have shifted, is a reject. Nothing here keeps more than a fingerprint of an earlier row.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from feedback.comment import RawComment
from feedback.read.cells import UNDECODED, Cell, Problem, Row, cell_text, is_blank, lost
from feedback.read.dates import Reading, read_date
from feedback.read.mended import as_it_was, is_mended
from feedback.read.plan import Plan, SheetPlan, date_group
from feedback.read.ratings import read_label, read_number
from feedback.read.survey import is_heading_again
from feedback.read.tables import open_table

MAX_COMMENT = 100_000  # characters; more is a pasted document, and reading it would take gigabytes
_MAX_ORIGINAL = 32_000  # characters kept of a cell in a list to mend: about what a cell of a workbook holds


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row: how many comments it gave, why it was rejected, which cells were left blank.

    `original` are the row's cells as read, kept only where there is something to mend.
    """

    row: int
    sheet: str | None
    outcome: Literal["accepted", "empty", "duplicate", "reject"]
    comments: int = 0
    reject: Problem | None = None
    warnings: tuple[Problem, ...] = ()
    original: tuple[str, ...] = field(default=(), repr=False)


def read_rows(plan: Plan) -> Iterator[RawComment | RowOutcome]:
    """Read the file again by its plan: for each data row its comments, then its RowOutcome. Constant memory.

    Raises BadFile where the file can no longer be read to its end.
    """
    sheets = {sheet.sheet: sheet for sheet in plan.sheets}
    seen: set[bytes] = set()
    for row in open_table(plan.path).rows():
        sheet = sheets.get(row.sheet)
        if sheet is None or not sheet.first <= row.number <= sheet.last:
            continue
        if row.problem is None and all(is_blank(cell) for cell in row.cells):
            continue
        if is_heading_again(row, sheet.header_row, sheet.first - 1, sheet.headings):
            continue
        if row.problem is None and all(is_blank(cell) for cell in row.cells[slice(*sheet.span)]):
            continue  # only the table beside the comments goes on
        mended = is_mended(sheet.headings)
        yield from _read_row(as_it_was(row) if mended else row, sheet, plan, seen)


def _read_row(row: Row, sheet: SheetPlan, plan: Plan, seen: set[bytes]) -> Iterator[RawComment | RowOutcome]:
    named = row.sheet if len(plan.sheets) > 1 else None
    original = tuple(_kept(cell_text(cell)) for cell in row.cells)
    shifted = row.problem or _shifted(row, sheet)
    if shifted:
        yield RowOutcome(row.number, named, "reject", reject=shifted, original=original)
        return
    answers, problems = _answers(row, sheet)
    warnings = _short(row, sheet) + problems + _lost_cells(row, sheet)
    if not answers:
        if problems:
            yield RowOutcome(row.number, named, "reject", reject=problems[0], original=original)
        else:
            yield RowOutcome(
                row.number, named, "empty", warnings=tuple(warnings), original=original if warnings else ()
            )
        return
    digest = _digest(row, sheet)
    if digest in seen:
        yield RowOutcome(row.number, named, "duplicate")
        return
    seen.add(digest)
    roles = sheet.roles
    dated = _date(row, sheet, plan, warnings)
    fft = _rating(row, sheet, warnings)
    # Two answers of one form belong to one person, whoever that is; one answer says nothing of who gave it.
    key = _cell(row, roles.person) or ((_cell(row, roles.id) or digest.hex()) if len(roles.comments) > 1 else "")
    services = tuple(text for place in roles.services if (text := _cell(row, place)))
    services = services or ((sheet.service,) if sheet.service else ())
    for place, text, question in answers:
        yield RawComment(
            text=text,
            id=_cell(row, roles.id) or None,
            question=question or None,
            date=dated.value,
            date_precision=dated.precision,
            services=services,
            respondent=_cell(row, roles.respondent) or None,
            respondent_key=key or None,
            fft=fft,
            row=row.number,
            sheet=named,
            column=sheet.headings[place],
        )
    yield RowOutcome(
        row.number, named, "accepted", len(answers), warnings=tuple(warnings), original=original if warnings else ()
    )


def _kept(text: str) -> str:
    return text if len(text) <= _MAX_ORIGINAL else f"{text[:_MAX_ORIGINAL]} … (cut: it has {len(text):,} characters)"


def _value(row: Row, place: int | None) -> Cell:
    return row.cells[place] if place is not None and place < len(row.cells) else None


def _shared(row: Row, place: int | None) -> Cell:
    """A cell, or what a merge further up stretches over it; for what is true of several rows, never for an answer."""
    value = _value(row, place)
    return row.merged.get(place) if place is not None and is_blank(value) else value


def _lost_cells(row: Row, sheet: SheetPlan) -> list[Problem]:
    """The short cells whose content was lost at the source; dates and ratings are named where they are read."""
    roles = sheet.roles
    places = [p for p in (*roles.services, roles.question, roles.respondent, roles.id) if p is not None]
    return [
        Problem("undecodable", f'"{sheet.headings[place]}" {why} and is left blank')
        for place in places
        if (why := lost(_value(row, place)))
    ]


def _cell(row: Row, place: int | None) -> str:
    """A short cell as text on one line; nothing where it is blank, was lost or could not be decoded."""
    value = _shared(row, place)
    text = "" if is_blank(value) or lost(value) else " ".join(cell_text(value).replace("\x00", "").split())
    return "" if UNDECODED.search(text) else text


def _shifted(row: Row, sheet: SheetPlan) -> Problem | None:
    """More cells than headings: a delimiter inside a cell has moved the ones after it, and the words may be cut.

    In a workbook nothing moves a cell, so one that stands far off is only not used.
    """
    if row.sheet is not None:
        return None
    spare = row.cells[len(sheet.headings) :]
    if all(is_blank(cell) for cell in spare):
        return None
    return Problem("wrong_columns", f"the row has {len(row.cells)} cells, the headings {len(sheet.headings)}")


def _short(row: Row, sheet: SheetPlan) -> list[Problem]:
    """A text row that breaks off before a column that is used; spreadsheets and JSON leave blank cells out by habit."""
    roles = sheet.roles
    if row.sheet is not None or len(row.cells) >= len(sheet.headings):
        return []
    used = [*roles.comments, *roles.services, roles.date, roles.rating, roles.question, roles.respondent, roles.id]
    missing = [sheet.headings[p] for p in used if p is not None and p >= len(row.cells)]
    if not missing:
        return []
    return [Problem("wrong_columns", f"the row has {len(row.cells)} cells, the headings {len(sheet.headings)}")]


def _answers(row: Row, sheet: SheetPlan) -> tuple[list[tuple[int, str, str | None]], list[Problem]]:
    """The comments of a row with column and question, and why any of its cells cannot be taken."""
    answers, problems = [], []
    asked = _cell(row, sheet.roles.question)
    for place, question in zip(sheet.roles.comments, sheet.questions, strict=True):
        value = _value(row, place)
        if is_blank(value):
            continue
        text = cell_text(value)
        if why := lost(value, words=True):
            problems.append(Problem("undecodable", f'"{sheet.headings[place]}" {why}'))
        elif UNDECODED.search(text):
            problems.append(
                Problem("undecodable", f'"{sheet.headings[place]}" has characters that the encoding does not have')
            )
        elif len(text) > MAX_COMMENT:
            problems.append(
                Problem("too_long", f'"{sheet.headings[place]}" has {len(text):,} characters; {MAX_COMMENT:,} are read')
            )
        else:
            answers.append((place, text, asked or (" ".join(question.split()) if question else None)))
    return answers, problems


def _date(row: Row, sheet: SheetPlan, plan: Plan, warnings: list[Problem]) -> Reading:
    value = _shared(row, sheet.roles.date)
    if is_blank(value):
        return Reading()
    order = sheet.date_orders.get(date_group(row, sheet.roles), sheet.date_order)
    reading = read_date(value, order, today=plan.today, epoch_1904=plan.epoch_1904)
    if reading.problem:
        warnings.append(Problem("bad_date", f'"{sheet.headings[sheet.roles.date or 0]}" {reading.problem}'))
    return reading


def _rating(row: Row, sheet: SheetPlan, warnings: list[Problem]) -> int | None:
    value = _value(row, sheet.roles.rating)
    if not sheet.rated or is_blank(value):
        return None
    number = read_number(value)
    rating = read_label(value) if number is None else sheet.legend.get(number)
    if rating is None:
        warnings.append(Problem("bad_rating", f'"{sheet.headings[sheet.roles.rating or 0]}" is none of the answers'))
    return rating


def _digest(row: Row, sheet: SheetPlan) -> bytes:
    """A fingerprint of every cell under its heading; equal rows, and only they, have the same."""
    first, stop = sheet.span
    cells = [cell_text(_shared(row, place)).strip() for place in range(first, min(stop, len(sheet.headings)))]
    while cells and not cells[-1]:
        cells.pop()
    whole = "\x1f".join((*sheet.headings, sheet.service or "", "\x1e", *cells))
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).digest()
