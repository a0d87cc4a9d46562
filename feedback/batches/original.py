"""Decide what of a row may be kept, so that its sender can mend it: the columns that are stored anyhow, redacted.

The danger is a row whose cells have shifted: what stands under "Comment" may then be a name or a telephone number. Of such
a row a cell is kept only if it shows by itself what it is: a date, an answer, a service, or a sentence (redacted).
"""

from collections.abc import Callable, Mapping, Sequence

from feedback.clean import clean
from feedback.read import Plan, RowOutcome
from feedback.read.dates import form_of, read_date
from feedback.read.mended import LEFT_OUT
from feedback.read.plan import SheetPlan
from feedback.read.ratings import read_label, read_number
from feedback.redact import Redactor
from feedback.taxonomy import Taxonomy

SENTENCE = 5  # words from which a cell reads as somebody's comment rather than as a name or an address
_HIGHEST_RATING = 10  # a number up to this is an answer on some scale


def may_be_kept(
    outcomes: Sequence[RowOutcome],
    plan: Plan,
    redactor: Redactor,
    taxonomy: Taxonomy,
    safe_ids: Callable[[Sequence[str]], Mapping[str, str]] = lambda ids: {},
) -> list[tuple[str, ...]]:
    """The cells of each row as they may be stored, in order; what was left out says so, what was blank stays blank.

    A date that can be read is written year first, so that it means the same in a file where nothing proves an order. `safe_ids`
    gives what is kept in place of those ids that would tell whose they are.
    """
    services = _services(taxonomy)
    cells: list[list[str]] = []
    to_hide: list[tuple[int, int]] = []
    ids: list[tuple[int, int]] = []
    for place, outcome in enumerate(outcomes):
        sheet = _sheet_of(outcome, plan)
        kinds = _kinds(sheet)
        # A row that does not fit its headings may hold anything anywhere.
        loose = any(p.reason == "wrong_columns" for p in (outcome.reject, *outcome.warnings) if p)
        row = []
        for column, cell in enumerate(outcome.original):
            kind = _seems(cell, services) if loose else kinds.get(column)
            if kind == "date" and not form_of(cell):
                kind = "words"
            row.append(_kept(cell, kind, sheet, plan))
            if kind == "words" and cell.strip():
                to_hide.append((place, column))
            if kind == "id" and cell.strip():
                ids.append((place, column))
        cells.append(row)
    kept_as = safe_ids([cells[place][column].strip() for place, column in ids])
    for place, column in ids:
        cells[place][column] = kept_as.get(cells[place][column].strip(), cells[place][column])
    hidden = redactor.redact([clean(cells[place][column]) for place, column in to_hide])
    for (place, column), (text, _) in zip(to_hide, hidden, strict=True):
        cells[place][column] = text
    return [tuple(row) for row in cells]


def _sheet_of(outcome: RowOutcome, plan: Plan) -> SheetPlan:
    if outcome.sheet is None:
        return plan.sheets[0]
    return next(sheet for sheet in plan.sheets if sheet.sheet == outcome.sheet)


def _kinds(sheet: SheetPlan) -> dict[int, str]:
    """What stands in each column that is stored anyhow; any other column is left out."""
    roles = sheet.roles
    words = (*roles.comments, *roles.services, roles.rating, roles.question, roles.respondent)
    kinds = {place: "words" for place in words if place is not None}
    if roles.date is not None:
        kinds[roles.date] = "date"
    if roles.id is not None:
        kinds[roles.id] = "id"  # kept with the comment, too
    return kinds


def _seems(cell: str, services: frozenset[str]) -> str | None:
    text = cell.strip()
    number = read_number(text)
    if form_of(text) not in (None, "serial"):
        return "date"
    if read_label(text) is not None or (number is not None and number <= _HIGHEST_RATING):
        return "plain"
    if " ".join(text.casefold().split()) in services:
        return "plain"
    return "words" if len(text.split()) >= SENTENCE else None


def _kept(cell: str, kind: str | None, sheet: SheetPlan, plan: Plan) -> str:
    if not cell.strip():
        return ""
    if kind is None:
        return LEFT_OUT
    if kind == "date" and sheet.date_order != "both":
        read = read_date(cell, sheet.date_order, today=plan.today, epoch_1904=plan.epoch_1904)
        if read.value:
            return read.value.isoformat()[: 7 if read.precision == "month" else None]
    return cell


def _services(taxonomy: Taxonomy) -> frozenset[str]:
    names = (name for s in taxonomy.services.values() for name in (s.name, *s.aliases, *s.colloquial))
    return frozenset(" ".join(name.casefold().split()) for name in names)
