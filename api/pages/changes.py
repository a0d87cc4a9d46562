"""Answer "Where should we look, and is it real?": the summary of icons with its targets, and what an upload changed.

No row of the summary is compared with another: it stands in the directory's order, and the orders that can be chosen are by what
wants a person's eye, never by how a service fares.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from api.deps import Asked, Question, Reader, Writing
from api.pages import links, views
from api.pages.remembered import remembered
from api.pages.render import Frame, page
from api.pages.views import Chip, Period, Quote
from api.routes.over_time import changes_of, check_may_set, may_set
from feedback.errors import BadInput, NotFound
from feedback.filters import Filters
from feedback.over_time.assurance import Target, end_target, read_value, series_of, set_target, targets
from feedback.over_time.behind import behind
from feedback.over_time.changes import RULE as RULE_OF_CHANGES
from feedback.over_time.changes import Change, Changes, aside, since_upload
from feedback.over_time.icon import ASSURANCE, VARIATION, icon_svg, icon_words
from feedback.over_time.in_common import RULE as RULE_OF_WORDS
from feedback.over_time.in_common import Shared
from feedback.over_time.signals import CLEAR, Signal
from feedback.over_time.summary import CANNOT_COMPARE, MEASURE_NAMES, ORDERS, Order, Rows, Summary, SummaryRow, summary
from feedback.over_time.trend import measured, period_name
from feedback.taxonomy import Taxonomy

router = APIRouter()

SHOWN: dict[str, tuple[str, tuple[Rows, ...], tuple[str, ...]]] = {
    "services": ("Services", ("all", "services"), ("negative", "positive", "fft_positive", "mean")),
    "themes": ("Themes", ("themes",), ("rate_negative", "rate_positive")),
    "values": ("Values", ("values",), ("rate_negative", "rate_positive")),
    "objectives": ("Objectives", ("objectives",), ("rate_negative", "rate_positive")),
}
ORDER_NAMES: dict[str, str] = {
    "directory": "As in the directory",
    "name": "By name",
    "variation": "Concerns first",
    "assurance": "Targets missed first",
    "since": "Latest change first",
    "comments": "Most comments first",
}
SHORT_MEASURES = {
    "negative": "Negative comments",
    "positive": "Positive comments",
    "fft_positive": "Friends and Family Test",
    "mean": "Mean sentiment",
    "rate_negative": "Criticism",
    "rate_positive": "Praise",
}
VERDICTS = {
    "special_cause_concern": ("Concern", "orange"),
    "special_cause_improvement": ("Improvement", "blue"),
    "special_cause_neutral_high": ("Real change", "purple"),
    "special_cause_neutral_low": ("Real change", "purple"),
}
UPLOADS = 8  # earlier ones that are linked


@dataclass(frozen=True, slots=True)
class IconView:
    """An icon as a picture with its description, and in words beside it."""

    picture: Markup
    words: str


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One row of the summary, every figure as it is read. `icon` is None where it is too early, `assurance` without a target."""

    title: str
    href: str
    depth: int
    measure: str
    latest: str
    period: str
    average: str
    limits: str
    icon: IconView | None
    says: str
    since: str
    assurance: IconView | None
    target: str
    points: str
    sentence: str


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A target that stands, and whether this reader may end it."""

    id: int
    title: str
    measure: str
    value: str
    by: str
    at: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in the form for a target, and what is wrong with it, by field."""

    of: str = ""
    measure: str = "negative"
    value: str = ""
    name: str = ""
    errors: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """The summary of icons. `shown`, `measures`, `orders` and `periods` are choices: text, address, whether it is now."""

    lines: tuple[SummaryLine, ...]
    shown: tuple[Period, ...]
    measures: tuple[Period, ...]
    orders: tuple[Period, ...]
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]
    key: tuple[IconView, ...]
    downloads: tuple[tuple[str, str], ...]
    too_few: Sequence[str]
    notes: Sequence[str]
    cannot_compare: str
    targets: tuple[TargetLine, ...]
    directory: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    measure_names: tuple[tuple[str, str], ...]
    given: Given


@dataclass(frozen=True, slots=True)
class SharedLine:
    """Something the clauses behind a change have in common, with both shares in words."""

    item: str
    here: str
    elsewhere: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change: its verdict, since which upload, its sentence, how likely it is chance, where else it shows, the words behind it."""

    verdict: str
    colour: str
    since: str
    title: str
    measure: str
    href: str
    sentence: str
    chance: str
    also: tuple[str, ...]
    words: tuple[SharedLine, ...]
    labels: tuple[SharedLine, ...]
    quotes: tuple[Quote, ...]
    comments: str


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """What an upload changed. `clear` stand clear of chance, `rest` could well be chance, `standing` stood clear before it came."""

    told: Sequence[str]
    clear: tuple[ChangeView, ...]
    rest: tuple[ChangeView, ...]
    standing: tuple[ChangeView, ...]
    chips: tuple[Chip, ...]
    uploads: tuple[Period, ...]
    rules: tuple[str, ...]
    may_read: bool
    subscribe_href: str
    share: int


@router.get("/summary")
def summary_page(
    question: Asked, show: str = "services", measure: str = "", sort: Order = "directory", done: str = ""
) -> HTMLResponse:
    """The summary of icons, of one kind of row at a time."""
    told = {
        "set": "The target is set. It counts from now on, here and on the charts.",
        "ended": "The target counts no more.",
    }
    return _summary(question, show, measure, sort, done=told.get(done))


@router.post("/summary/targets", response_model=None)
def set_one(
    question: Asked,
    store: Writing,
    of: Annotated[str, Form()] = "",
    measure: Annotated[str, Form()] = "negative",
    value: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Set a target; an incomplete form comes back with what is missing."""
    errors: dict[str, str] = {}
    kind, _, id = of.partition(":")
    if not name.strip():
        errors["name"] = "Enter your name, so that others know who set it"
    try:
        label = {kind: id} if kind in ("theme", "value", "objective") else {}
        series = series_of(measure, service=id if kind == "service" else None, **label)
        check_may_set(question.reader, series.service)
        reached = read_value(measured(measure), value)
        if not errors:
            set_target(store, question.taxonomy, series, reached, by=name)
    except (BadInput, NotFound) as error:
        errors["measure" if "choose both" in str(error) else "value"] = str(error)
    if errors:
        return _summary(question, "services", "", "directory", given=Given(of, measure, value, name, errors))
    shown = kind + "s" if kind in ("theme", "value", "objective") else "services"
    kept = measure if shown == "services" and measure != "negative" else None
    return RedirectResponse(links.link("/summary", show=shown, measure=kept, done="set"), status_code=303)


@router.post("/summary/targets/end", response_model=None)
def end_one(
    question: Asked, store: Writing, id: Annotated[int, Form()], name: Annotated[str, Form()] = ""
) -> HTMLResponse | RedirectResponse:
    """Let a target count no more."""
    if not name.strip():
        errors = {f"end-{id}": "Enter your name, so that others know who ended it"}
        return _summary(question, "services", "", "directory", given=Given(errors=errors))
    if any(one.id == id and not may_set(question.reader, one.of.service) for one in targets(store.conn)):
        raise NotFound(f"There is no target {id} that stands.")
    end_target(store, id, by=name)
    return RedirectResponse(links.link("/summary", done="ended"), status_code=303)


@router.get("/changes")
def changes_page(question: Asked, upload: int | None = None, measure: str | None = None) -> HTMLResponse:
    """What an upload changed, the newest if none is named."""
    found = found_changes(question, upload, measure or None)
    frame = Frame("What is changing", "/changes", [("Overview", "/")])
    return page("changes.html", frame, _changes_page(question, found), conn=question.conn)


def found_changes(question: Question, upload: int | None = None, measure: str | None = None) -> Changes:
    """What `changes_of` finds, remembered until the database changes."""
    versions = tuple(sorted(question.taxonomy.versions.items()))
    key = ("changes", question.filters, question.reader.scope, question.reader.may_read, upload, measure, versions)
    return remembered(question.conn, key, lambda: changes_of(question, upload, measure))


# The summary


def _summary(
    question: Question, show: str, measure: str, order: Order, *, done: str | None = None, given: Given | None = None
) -> HTMLResponse:
    if show not in SHOWN:
        raise BadInput(f"There are no rows {show[:40]!r}: use {', '.join(SHOWN)}.")
    _, rows, fitting = SHOWN[show]
    if measure and measure not in fitting:
        raise BadInput(f"Rows of {show} have no measure {measure[:40]!r}: use {', '.join(fitting)}.")
    measures = (measure or fitting[0],) if show == "services" else (measure,) if measure else fitting
    found = summary(*question.asked, rows=rows, measures=measures, order=order, may_read=question.reader.may_read)
    view = _summary_page(question, found, show, measure, order, measures, given or Given())
    wrong = bool(given and given.errors)
    frame = Frame(f"{'Error: ' if wrong else ''}Summary of icons", "/changes", [("Overview", "/")], done=done)
    return page("summary.html", frame, view, conn=question.conn, status=400 if wrong else 200)


def _summary_page(
    question: Question, found: Summary, show: str, measure: str, order: Order, measures: Sequence[str], given: Given
) -> SummaryPage:
    filters = question.filters
    now = {
        "show": show if show != "services" else None,
        "measure": measure or None,
        "sort": order if order != "directory" else None,
    }

    def address(**changed: str | None) -> str:
        return links.link("/summary", filters, **(now | changed))

    asked = {"rows": ",".join(SHOWN[show][1]), "measures": ",".join(measures), "sort": now["sort"]}
    default = "negative" if show == "services" else ""
    choices = SHOWN["services"][2] if show == "services" else ("", *SHOWN[show][2])
    return SummaryPage(
        lines=tuple(_line(question, row) for row in found.rows),
        shown=tuple(
            Period(name, address(show=id if id != "services" else None, measure=None), id == show)
            for id, (name, *_) in SHOWN.items()
        ),
        measures=tuple(
            Period(
                SHORT_MEASURES.get(id, "Both sides"),
                address(measure=id if id != default else None),
                id == (measure or default),
            )
            for id in choices
        ),
        orders=tuple(
            Period(ORDER_NAMES[id], address(sort=id if id != "directory" else None), id == order)
            for id in ORDERS
            if id in ORDER_NAMES
        ),
        periods=views.periods(question, "/summary", **now),
        chips=views.chips(question, "/summary", **now),
        key=tuple(_icon(icon) for icon in (*VARIATION, *ASSURANCE)),
        downloads=tuple(
            (text, links.link(f"/api/v1/summary.{form}", filters, **asked))
            for text, form in (("Excel workbook", "xlsx"), ("CSV", "csv"))
        ),
        too_few=found.too_few,
        notes=found.notes,
        cannot_compare=CANNOT_COMPARE,
        targets=tuple(_targets(question)),
        directory=_choices(question),
        measure_names=tuple((id, MEASURE_NAMES[id]) for id in SHORT_MEASURES),
        given=given,
    )


def _line(question: Question, row: SummaryRow) -> SummaryLine:
    of, period = row.of, row.trend.period
    count = (
        f"{row.n:,} {'comment' if row.n == 1 else 'comments'}"
        if row.of.measure != "fft_positive"
        else f"{row.n:,} answers"
    )
    limits = "–" if row.lpl is None or row.upl is None else f"{row.show(row.lpl)} to {row.show(row.upl)}"
    return SummaryLine(
        title=row.title,
        href=_href(of.service, of.code, question.filters),
        depth=row.depth,
        measure=SHORT_MEASURES[of.measure],
        latest=f"{row.show(row.latest)} of {count}"
        if row.trend.measure.is_share
        else f"{row.show(row.latest)} ({count})",
        period=period_name(row.period, period, short=True),
        average=row.show(row.mean),
        limits=limits,
        icon=_icon(row.icon) if row.icon else None,
        says=row.instead,
        since=period_name(row.moved_since, period, short=True) if row.moved_since else "",
        assurance=_icon(row.assured) if row.assured else None,
        target=row.show(row.target) if row.target is not None else "",
        points=f"{row.points}{', trial limits' if row.trial_limits else ''}",
        sentence=row.sentence,
    )


def _href(service: str | None, code: tuple[str, str] | None, filters: Filters) -> str:
    if service and code:
        asked = {code[0]: code[1]}
        return links.comments(replace(filters, service=service, **asked))  # type: ignore[arg-type]
    if service:
        return links.service(service, filters)
    if code:
        return links.theme(code[1], filters) if code[0] == "theme" else links.strategy(code[0], code[1], filters)
    return links.comments(filters)


def _icon(icon: str) -> IconView:
    return IconView(Markup(icon_svg(icon)), icon_words(icon))  # drawn by us, of no one's words


def _targets(question: Question) -> Iterator[TargetLine]:
    for one in targets(question.conn):
        if one.stands and (question.reader.scope.services is None or may_set(question.reader, one.of.service)):
            yield _target(question.taxonomy, one, question.reader)


def _target(taxonomy: Taxonomy, one: Target, reader: Reader) -> TargetLine:
    what = measured(one.of.measure)
    return TargetLine(
        one.id,
        one.title(taxonomy),
        MEASURE_NAMES[what.id],
        what.show(one.value),
        one.by,
        one.at,
        may_set(reader, one.of.service),
    )


def _choices(question: Question) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """What a target can be of: services as a tree, then, for one who sees all, everything and the labels."""
    taxonomy, reader = question.taxonomy, question.reader
    ours = tuple(
        (f"service:{id}", f"{'– ' * len(taxonomy.ancestors(id))}{taxonomy.services[id].name}")
        for id in taxonomy.in_tree_order()
        if reader.scope.reaches(id)
    )
    if reader.scope.services is not None:
        return (("Services", ours),)
    return (
        ("Everything", (("all:", "All comments"),)),
        ("Services", ours),
        ("Themes", tuple((f"theme:{t.id}", t.name) for t in taxonomy.themes.values() if not t.contentless)),
        ("Values", tuple((f"value:{v.id}", v.name) for v in taxonomy.values.values())),
        ("Objectives", tuple((f"objective:{o.id}", f"{o.id} {o.title}") for o in taxonomy.objectives.values())),
    )


# Changes


def _changes_page(question: Question, found: Changes) -> ChangesPage:
    shown = [_change(question, found, change) for change in found.changes]
    clear = [change.signal.clear for change in found.changes]
    rows = question.conn.execute(
        "SELECT id, file FROM batches WHERE state <> 'rolled_back' ORDER BY id DESC LIMIT ?", (UPLOADS,)
    ).fetchall()
    return ChangesPage(
        told=found.told,
        clear=tuple(view for view, is_clear in zip(shown, clear, strict=True) if is_clear),
        rest=tuple(view for view, is_clear in zip(shown, clear, strict=True) if not is_clear),
        standing=tuple(_change(question, found, change) for change in found.standing if change.signal.clear),
        chips=views.chips(question, "/changes"),
        uploads=tuple(
            Period(f"{id}: {file}", links.link("/changes", question.filters, upload=id), id == found.batch)
            for id, file in rows
        )
        if question.reader.scope.services is None
        else (),
        rules=(RULE_OF_CHANGES, RULE_OF_WORDS),
        may_read=question.reader.may_read,
        subscribe_href=links.link("/subscriptions", question.filters),
        share=round(100 * CLEAR),
    )


def _change(question: Question, found: Changes, change: Change) -> ChangeView:
    signal = change.signal
    verdict, colour = VERDICTS[signal.kind]
    return ChangeView(
        verdict=verdict,
        colour=colour,
        since=since_upload(found, signal),
        title=signal.title,
        measure=SHORT_MEASURES.get(signal.of.measure, signal.measure),
        href=_href(signal.of.service, signal.of.code, question.filters),
        sentence=signal.said,
        chance=signal.chance,
        also=tuple(dict.fromkeys(_short(other) for other in change.also)),
        words=_shared(change.words),
        labels=_shared(change.labels),
        quotes=tuple(views.quote(question.taxonomy, clause) for clause in change.clauses),
        comments=links.comments(behind(question.filters, signal)),
    )


def _short(signal: Signal) -> str:
    return f"{signal.title} ({SHORT_MEASURES.get(signal.of.measure, signal.measure).lower()}{aside(signal)})"


def _shared(items: Iterable[Shared]) -> tuple[SharedLine, ...]:
    return tuple(
        SharedLine(one.item, f"{one.n:,} of {one.of:,}", f"{one.rest_n:,} of {one.rest_of:,} ({_percent(one)})")
        for one in items
    )


def _percent(one: Shared) -> str:
    share = one.rest_n / one.rest_of if one.rest_of else 0.0
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"
