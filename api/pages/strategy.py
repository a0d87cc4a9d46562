"""Show the strategy as a table of contents: for each objective, value, outcome and supporting strategy what speaks for and against."""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import hidden
from api.deps import Asked, Question
from api.pages import links, views
from api.pages.render import Frame, page
from api.pages.views import Chip, Count, LabelRow, Period
from feedback.evidence.apart import NEARLY_ALL
from feedback.evidence.cite import poorly_measured
from feedback.query import evidence_table, objective_table, totals, value_table
from feedback.strategies.bearing import outcomes

router = APIRouter()


@dataclass(frozen=True, slots=True)
class StrategyPage:
    """The whole strategy: objectives and values with their two sides, the outcomes by whom they are for, the supporting strategies.

    `wide` names the supporting strategies that nearly every comment counts for. `poorly_measured` says of which values and objectives it is not known how often they are misread; empty where of none.
    """

    years: str
    read: Count
    objectives: tuple[LabelRow, ...]
    values: tuple[LabelRow, ...]
    poorly_measured: str
    outcomes: tuple[tuple[str, tuple[LabelRow, ...]], ...]
    supporting: tuple[LabelRow, ...]
    wide: str
    silence_href: str
    report_href: str
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]


@router.get("/objectives")
def strategy(question: Asked) -> HTMLResponse:
    """The strategy: objectives, values, outcomes, supporting strategies."""
    taxonomy = question.taxonomy
    counted = totals(*question.asked)
    read = counted.read
    supporting = evidence_table(*question.asked, [f"strategy:{id}" for id in taxonomy.supporting])
    view = StrategyPage(
        years=years(taxonomy.versions["strategy"]),
        read=views.count_of(hidden.totals(counted, may_read=question.reader.may_read), "read"),
        objectives=views.label_rows(question, "objective", objective_table(*question.asked), read),
        values=views.label_rows(question, "value", value_table(*question.asked), read),
        poorly_measured=poorly_measured(question.conn, taxonomy),
        outcomes=_outcomes(question, read),
        supporting=views.label_rows(question, "strategy", supporting, read),
        wide=", ".join(
            row.id for row in supporting if question.reader.may_read and read and row.n / read >= NEARLY_ALL
        ),
        silence_href=links.link("/silence", question.filters),
        report_href=links.reports("board", None, question.filters),
        periods=views.periods(question, "/objectives"),
        chips=views.chips(question, "/objectives"),
    )
    return page("strategy.html", Frame("Strategy", "/objectives", [("Overview", "/")]), view, conn=question.conn)


def _outcomes(question: Question, read: int) -> tuple[tuple[str, tuple[LabelRow, ...]], ...]:
    """The outcomes by kind, in the order printed."""
    counted = evidence_table(*question.asked, [f"outcome:{id}" for id in outcomes(question.taxonomy)])
    groups: dict[str, list[LabelRow]] = {}
    for row in views.label_rows(question, "outcome", counted, read):
        groups.setdefault(question.taxonomy.statements[row.id].kind, []).append(row)
    return tuple((kind, tuple(rows)) for kind, rows in groups.items())


def years(version: str) -> str:
    """The years that a plan's version names, as they are read.

    >>> years("2025-2030")
    '2025 to 2030'
    """
    return version.replace("-", " to ")
