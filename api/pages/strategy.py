"""Show the evidence for and against each part of the strategy, and what people say of the services in each plan.

The contrary side is always shown, with the interval of each share, the rule by which the words were chosen, and what the
figures do not carry.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import hidden
from api.deps import Asked, Question
from api.pages import links, views
from api.pages.remembered import remembered
from api.pages.render import Frame, day, page
from api.pages.views import STANDS, Chip, Count, Drawing, Figure, LabelRow, Period, Quote, ServiceRow
from feedback.cite import Evidence, EvidenceKind, evidence
from feedback.query import objective_table, service_table, statement_table, theme_table, totals, value_table
from feedback.settings import Settings
from feedback.taxonomy import Measure, Milestone, Programme

router = APIRouter()

THEMES = 10
QUOTES = 4
UNITS = {"percent": "%", "hours": " hours", "days": " days"}


@dataclass(frozen=True, slots=True)
class StrategyPage:
    """The whole strategy as a table of contents: objectives and values with their two sides, and the outcomes for 2030."""

    years: str
    read: int
    objectives: tuple[LabelRow, ...]
    values: tuple[LabelRow, ...]
    outcomes: tuple[tuple[str, tuple[LabelRow, ...]], ...]
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the evidence: the count, its share of the comments that bear on it, and that share's 95% interval."""

    name: str
    n: Count
    share: str
    href: str


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """The evidence on one objective, value or statement. `parts` are an objective's statements by kind, with their sides."""

    found: Evidence
    name: str
    kind_in_words: str
    comments: Count
    comments_href: str
    span: str
    sides: tuple[Side, ...]
    quotes_for: tuple[Quote, ...]
    quotes_against: tuple[Quote, ...]
    trends: tuple[Drawing, ...]
    services: tuple[ServiceRow, ...]
    parts: tuple[tuple[str, tuple[LabelRow, ...]], ...]
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]
    may_read: bool
    asked: str


@dataclass(frozen=True, slots=True)
class PlansPage:
    """The delivery plan: priorities and programmes, with how many comments are about the services of each."""

    years: str
    priorities: tuple[tuple[Programme, str, Count, str], ...]
    programmes: tuple[tuple[Programme, str, Count, str], ...]


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One priority or programme: what is promised, and what people say of the services it is for."""

    programme: Programme
    measures: tuple[tuple[Measure, tuple[str, ...]], ...]
    milestones: tuple[tuple[str, tuple[Milestone, ...]], ...]
    serves: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    silent: bool
    comments_href: str
    trends: tuple[Drawing, ...]
    bars: Drawing | None
    praised: tuple[Quote, ...]
    mended: tuple[Quote, ...]
    services: tuple[ServiceRow, ...]
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]


@router.get("/objectives")
def strategy(question: Asked) -> HTMLResponse:
    """The strategy: objectives, values, outcomes."""
    read = totals(*question.asked).read
    statements = views.label_rows(question, "statement", statement_table(*question.asked), read)
    outcomes: dict[str, list[LabelRow]] = {}
    for row in statements:
        statement = question.taxonomy.statements[row.id]
        if statement.objective is None:
            outcomes.setdefault(statement.kind, []).append(row)
    view = StrategyPage(
        years=_years(question.taxonomy.versions["strategy"]),
        read=read,
        objectives=views.label_rows(question, "objective", objective_table(*question.asked), read),
        values=views.label_rows(question, "value", value_table(*question.asked), read),
        outcomes=tuple((kind, tuple(rows)) for kind, rows in outcomes.items()),
        periods=views.periods(question, "/objectives"),
        chips=views.chips(question, "/objectives"),
    )
    return page("strategy.html", Frame("Strategy", "/objectives", [("Overview", "/")]), view, conn=question.conn)


@router.get("/objectives/{id}")
def objective(question: Asked, id: str) -> HTMLResponse:
    """The evidence on one objective."""
    return _evidence(question, "objective", question.taxonomy.objective(id).id)


@router.get("/values/{id}")
def value(question: Asked, id: str) -> HTMLResponse:
    """The evidence on one value."""
    return _evidence(question, "value", question.taxonomy.value(id).id)


@router.get("/statements/{id}")
def statement(question: Asked, id: str) -> HTMLResponse:
    """The evidence on one statement."""
    return _evidence(question, "statement", question.taxonomy.statement(id).id)


def _evidence(question: Question, kind: EvidenceKind, id: str) -> HTMLResponse:
    key = (kind, id, question.filters, question.reader.scope, question.reader.may_read)
    view = remembered(question.conn, key, lambda: _evidence_page(question, kind, id))
    above = [("Overview", "/"), ("Strategy", "/objectives")]
    of = question.taxonomy.statements[id].objective if kind == "statement" else None
    if of:
        above.append((f"Objective {of}", links.strategy("objective", of)))
    return page("evidence.html", Frame(view.name, "/objectives", above), view, conn=question.conn)


def _evidence_page(question: Question, kind: EvidenceKind, id: str) -> EvidencePage:
    taxonomy, may_read = question.taxonomy, question.reader.may_read
    found = evidence(question.conn, taxonomy, kind, id, question.filters, question.reader.scope)
    allowed = hidden.evidence(found, may_read=may_read)
    on_it = question.about(**{kind: id})
    path = links.strategy(kind, id)
    enough = found.comments and found.first
    words = {"objective": "Objective", "value": "Value", "statement": "Statement"}[kind]
    if kind == "statement":
        words = taxonomy.statements[id].kind.capitalize()
    name = found.title if kind == "value" else f"{id} {found.title}".rstrip(".")
    short = found.title if kind == "value" else id
    return EvidencePage(
        found=found,
        name=name,
        kind_in_words=words,
        comments=views.count_of(allowed, "comments"),
        comments_href=links.comments(on_it.filters),
        span=f"{day(found.first)} to {day(found.last)}" if found.first else "no comments with a date",
        sides=tuple(
            _side(label, allowed, field, links.comments(on_it.filters, polarity=sign))
            for label, field, sign in (("For", "speaks_for", "+"), ("Against", "against", "-"), ("Both", "both", "~"))
        ),
        quotes_for=tuple(views.quote(taxonomy, c, STANDS) for c in found.quotes_for if may_read),
        quotes_against=tuple(views.quote(taxonomy, c, STANDS) for c in found.quotes_against if may_read),
        trends=(
            views.drawn(views.movement(on_it, "rate_positive"), f"Evidence for {short}", "for"),
            views.drawn(views.movement(on_it, "rate_negative"), f"Evidence against {short}", "against"),
        )
        if enough
        else (),
        services=views.service_rows(on_it, found.services),
        parts=_statements(question, id) if kind == "objective" else (),
        periods=views.periods(question, path),
        chips=views.chips(question, path),
        may_read=may_read,
        asked=", ".join(f"{name} {value}" for name, value in found.query.items()),
    )


def _side(name: str, allowed: dict[str, Any], field: str, href: str) -> Side:
    side = allowed[field]
    if side is None:
        return Side(name, allowed["suppressed"][field], "", href)
    if not side["n"] and side["upper"] == 1:  # nothing bears on it: an interval from 0 to 1 says nothing
        return Side(name, 0, "", href)
    return Side(
        name, side["n"], f"{side['share']:.0%} (likely between {side['lower']:.0%} and {side['upper']:.0%})", href
    )


def _statements(question: Question, objective: str) -> tuple[tuple[str, tuple[LabelRow, ...]], ...]:
    """The statements of an objective by kind, in the order printed."""
    mine = question.taxonomy.objectives[objective].statements
    counted = [row for row in statement_table(*question.asked) if row.id in mine]
    groups: dict[str, list[LabelRow]] = {}
    for row in views.label_rows(question, "statement", counted, totals(*question.asked).read):
        groups.setdefault(question.taxonomy.statements[row.id].kind, []).append(row)
    return tuple((kind, tuple(rows)) for kind, rows in groups.items())


@router.get("/programmes")
def plans(question: Asked) -> HTMLResponse:
    """The delivery plan."""
    lines: dict[str, list[tuple[Programme, str, Count, str]]] = {"priority": [], "programme": []}
    for programme in question.taxonomy.programmes.values():
        total = totals(*question.about(programme=programme.id).asked)
        n = views.count_of(hidden.totals(total, may_read=question.reader.may_read), "comments")
        href = links.comments(question.filters, programme=programme.id)
        lines[programme.kind].append((programme, links.programme(programme.id), n, href))
    years = _years(question.taxonomy.versions["delivery_plan"])
    view = PlansPage(years, tuple(lines["priority"]), tuple(lines["programme"]))
    return page("plans.html", Frame("Delivery plan", "/programmes", [("Overview", "/")]), view, conn=question.conn)


@router.get("/programmes/{id}")
def plan(question: Asked, id: str) -> HTMLResponse:
    """One priority or programme."""
    programme = question.taxonomy.programme(id)
    key = ("programme", id, question.filters, question.reader.scope, question.reader.may_read)
    view = remembered(question.conn, key, lambda: _plan_page(question.about(programme=id), programme))
    frame = Frame(programme.title, "/programmes", [("Overview", "/"), ("Delivery plan", "/programmes")])
    return page("plan.html", frame, view, conn=question.conn)


def _plan_page(question: Question, programme: Programme) -> PlanPage:
    taxonomy = question.taxonomy
    total = totals(*question.asked)
    silent = total.comments < Settings().small_number
    themes = views.label_rows(question, "theme", (t for t in theme_table(*question.asked) if t.n), total.read)
    touched = taxonomy.programme_services(programme.id)
    steps: dict[str, list[Milestone]] = {}
    for milestone in programme.milestones:
        steps.setdefault(milestone.when, []).append(milestone)
    serves = [
        (f"Objective {id}: {taxonomy.objectives[id].title}".rstrip("."), links.strategy("objective", id))
        for id in programme.objectives
    ]
    serves += [
        (f"{id} {taxonomy.statements[id].title}", links.strategy("statement", id)) for id in programme.statements
    ]
    path = links.programme(programme.id)
    return PlanPage(
        programme=programme,
        measures=tuple((m, tuple(_targets(m))) for m in programme.measures),
        milestones=tuple((when, tuple(found)) for when, found in steps.items()),
        serves=tuple(serves),
        figures=() if silent else views.figures(question, total),
        silent=silent,
        comments_href=links.comments(question.filters),
        trends=() if silent else views.trends(question, total),
        bars=views.bars(themes[:THEMES], f"{programme.title}: praise and criticism by theme", "themes")
        if themes and not silent
        else None,
        praised=views.quotes(question, "+", QUOTES),
        mended=views.quotes(question, "-", QUOTES),
        services=views.service_rows(question, [s for s in service_table(*question.asked) if s.id in touched]),
        periods=views.periods(question.about(programme=None), path),
        chips=views.chips(question.about(programme=None), path),
    )


def _years(version: str) -> str:
    """The years that a plan's version names, as they are read: "2025 to 2030"."""
    return version.replace("-", " to ")


def _targets(measure: Measure) -> list[str]:
    """The values a measure is to reach, in words: "58 days at first (30 April 2026)", "55 days by 31 March 2027"."""
    unit = UNITS.get(measure.unit, f" {measure.unit}")
    found = []
    for target in measure.targets:
        when = f"by {day(target.by)}" if target.by else target.label
        found.append(f"{target.value:,g}{unit} {'at the start, ' if target.baseline else ''}{when}".strip())
    return found
