"""Show what people say of the services that each priority and programme of the delivery plan is for, before and after its milestones."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import hidden
from api.deps import Asked, Question
from api.pages import links, views
from api.pages.evidence import address
from api.pages.remembered import remembered
from api.pages.render import Frame, page
from api.pages.strategy import years
from api.pages.views import Chip, Count, Drawing, Figure, LabelRow, Period, Quote, ServiceRow
from feedback.evidence.commonest import on_commonest
from feedback.evidence.matter import OnMatter
from feedback.evidence.programmes import Step, Told, targets_in_words, told_of, window_named
from feedback.over_time.before_after import Compared, Side, points
from feedback.query import theme_table, totals
from feedback.settings import Settings
from feedback.taxonomy import Measure, Programme

router = APIRouter()

THEMES = 10
QUOTES = 4


@dataclass(frozen=True, slots=True)
class PlansPage:
    """The delivery plan: priorities and programmes, with how many comments are about the services of each."""

    years: str
    priorities: tuple[tuple[Programme, str, Count, str], ...]
    programmes: tuple[tuple[Programme, str, Count, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One measure before and after, in words; `difference` with its interval, or why there is none."""

    what: str
    before: str
    after: str
    difference: str


@dataclass(frozen=True, slots=True)
class StepShown:
    """Events that fall together: what, when and how that is known, and what was said before and after.

    `services` are those meant (name, address), none for all of the programme. `lines` are there where a comparison can be made.
    """

    texts: tuple[tuple[str, str], ...]
    when: str
    services: tuple[tuple[str, str], ...]
    sentence: str
    before: str
    after: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One priority or programme: what is promised, and what people say of the services it is for.

    `matter` is what is said of the matter itself, with words that a reader of comments sees, and `matter_links` leads to the comments
    of each of its themes. `undated` says that there is no step. `compared` are steps before and after which can be compared, `coming` those with a baseline at most. `marks` says what the letters
    on the first chart mean. `linked` are the objectives and statements it is linked to, in its services alone.
    """

    programme: Programme
    measures: tuple[tuple[Measure, tuple[str, ...]], ...]
    matter: OnMatter | None
    matter_quotes: tuple[Quote, ...]
    matter_links: tuple[tuple[str, str], ...]
    undated: str
    compared: tuple[StepShown, ...]
    coming: tuple[StepShown, ...]
    method: str
    marks: tuple[tuple[str, str], ...]
    linked: tuple[LabelRow, ...]
    evidence_href: str
    report_href: str
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


@router.get("/programmes")
def plans(question: Asked) -> HTMLResponse:
    """The delivery plan."""
    lines: dict[str, list[tuple[Programme, str, Count, str]]] = {"priority": [], "programme": []}
    for programme in question.taxonomy.programmes.values():
        total = totals(*question.about(programme=programme.id).asked)
        n = views.count_of(hidden.totals(total, may_read=question.reader.may_read), "comments")
        href = links.comments(question.filters, programme=programme.id)
        lines[programme.kind].append((programme, links.programme(programme.id, question.filters), n, href))
    shown_years = years(question.taxonomy.versions["delivery_plan"])
    view = PlansPage(shown_years, tuple(lines["priority"]), tuple(lines["programme"]))
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
    conn, taxonomy, filters, scope = question.asked
    told = told_of(conn, taxonomy, programme.id, filters, scope, may_read=question.reader.may_read)
    total = told.total
    silent = total.comments < Settings().small_number
    spoken = theme_table(*question.asked)
    themes = views.label_rows(question, "theme", (t for t in spoken if t.n), total.read)
    path = links.programme(programme.id)

    def words(sign: str) -> tuple[Quote, ...]:
        if not question.reader.may_read:
            return ()
        chosen = on_commonest(conn, taxonomy, filters, scope, spoken, sign, QUOTES)
        return tuple(views.quote(taxonomy, clause) for clause in chosen)

    return PlanPage(
        programme=programme,
        measures=tuple((m, tuple(targets_in_words(m))) for m in programme.measures),
        matter=None if silent else told.matter,
        matter_quotes=tuple(views.quote(taxonomy, clause) for clause in told.matter.quotes) if told.matter else (),
        matter_links=tuple(_matter_links(question, programme)),
        undated=told.undated,
        compared=tuple(_step(question, step) for step in told.steps if step.after),
        coming=tuple(_step(question, step) for step in told.steps if not step.after),
        method=told.method,
        marks=told.marks if told.trend and told.trend.shown and not silent else (),
        linked=_linked(question, told),
        evidence_href=address("programme", programme.id, question.filters),
        report_href=links.reports("programme", programme.id, question.filters),
        figures=() if silent else views.figures(question, total),
        silent=silent,
        comments_href=links.comments(question.filters),
        trends=() if silent else tuple(_trends(question, told)),
        bars=views.bars(themes[:THEMES], f"{programme.title}: praise and criticism by theme", "themes")
        if themes and not silent
        else None,
        praised=words("+"),
        mended=words("-"),
        services=views.service_rows(question, told.services),
        periods=views.periods(question.about(programme=None), path),
        chips=views.chips(question.about(programme=None), path),
    )


def _trends(question: Question, told: Told) -> Iterator[Drawing]:
    """Negative comments with the milestones marked, then the other measures."""
    if told.trend is None:
        return
    yield views.drawn(told.trend, "Negative comments", "negative")
    yield from views.trends(question, told.total, [name for name in views.MEASURES if name != "negative"])


def _matter_links(question: Question, programme: Programme) -> Iterator[tuple[str, str]]:
    """The comments on its services that speak of each theme of the matter."""
    for id in programme.matter.themes:
        yield question.taxonomy.themes[id].name, links.comments(question.filters, theme=id)


def _linked(question: Question, told: Told) -> tuple[LabelRow, ...]:
    """What it is linked to, in its services: objectives, then statements and outcomes."""
    statements = question.taxonomy.statements
    outcomes = [row for row in told.statements if statements[row.id].objective is None]
    own = [row for row in told.statements if statements[row.id].objective is not None]
    rows = (("objective", told.objectives), ("statement", own), ("outcome", outcomes))
    return tuple(line for kind, counted in rows for line in views.label_rows(question, kind, counted, told.total.read))


def _step(question: Question, step: Step) -> StepShown:
    names = question.taxonomy.services
    return StepShown(
        texts=tuple((event.id, event.text) for event in step.events),
        when=step.due.words[:1].upper() + step.due.words[1:],
        services=tuple(
            (names[id].name, links.service(id)) for id in step.services if question.reader.scope.reaches(id)
        ),
        sentence=step.sentence,
        before=window_named(step.before) if step.before else "",
        after=window_named(step.after) if step.after else "",
        lines=tuple(_line(row) for row in step.rows) if step.after else (),
    )


def _line(row: Compared) -> Line:
    difference = row.reason or ""
    if row.difference is not None and row.lower is not None and row.upper is not None:
        difference = f"{points(row.difference)} points (chance range {points(row.lower)} to {points(row.upper)})"
    said = row.phrase[:1].upper() + row.phrase[1:]
    return Line(said, _side(row.before), _side(row.after), difference)


def _side(side: Side) -> str:
    if side.n is None:
        return "hidden"
    counted = f"{side.k:,} of {side.n:,}"
    return counted if side.share is None else f"{side.share:.0%} ({counted})"
