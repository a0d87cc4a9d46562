"""Show what people keep speaking of that no theme names, what is rising, and let a person name a topic or make it a local theme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api import discovery
from api.deps import Asked, AskedOnWords, Data, Question, ReaderOfAll, Redaction, Writing
from api.pages import links, views
from api.pages.remembered import remembered
from api.pages.render import Frame, moment, page
from api.pages.views import Chip, Count, Drawing, LabelRow, Part, Period, Quote
from api.routes.topics import encoder, rows
from feedback.errors import FeedbackError
from feedback.filters import Filters
from feedback.over_time.trend import TrendOptions, trend
from feedback.query import PeriodCount, totals
from feedback.topics.kept import (
    Month,
    Topic,
    history,
    how_sorted,
    months,
    name_topic,
    on_services,
    runs,
    sort_new,
    topic,
    topics,
    typical,
)
from feedback.topics.local_themes import (
    KIND,
    LocalTheme,
    Trial,
    learnt_in_words,
    local_table,
    local_theme,
    promote,
    retire,
    tag,
    trial,
)
from feedback.topics.rising import Movement, in_words, rising

router = APIRouter()

QUOTES = 8
EXAMPLE_WORDS = 5  # that a clause has which says at once what a topic is about
LEFT_OUT = "What belongs to none is not forced into one."
DONE = {
    "sorted": "The waiting comments have been sorted.",
    "named": "The name has been kept.",
    "made": "The topic is a local theme now, and the comments stored so far carry it.",
    "retired": "The local theme has been retired.",
}


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic as a line of a table: its name and address, how many comments, on which side its clauses stand, the nearest theme.

    `example` is the clause that says it best, for one who may read it.
    """

    name: str
    href: str
    words: str
    example: str
    comments: Count
    comments_href: str
    praise: Count
    criticism: Count
    theme: str
    theme_href: str
    chance: str
    local: bool


@dataclass(frozen=True, slots=True)
class Mover:
    """What is spoken of more, or less, than before."""

    name: str
    href: str
    where: str
    words: str
    rises: bool


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """All topics. `sought` says when and how; `search` how a search stands that is under way; `refused` why the last was refused."""

    unnamed: tuple[TopicLine, ...]
    finer: tuple[TopicLine, ...]
    local: tuple[LabelRow, ...]
    movers: tuple[Mover, ...]
    rising_sentence: str
    rising_method: str
    left_out: str
    waiting: int
    sought: str
    seeking: str
    refused: str
    may_decide: bool
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a local theme would mark, in sentences, clauses to accept or refuse, and what was said of others before."""

    says: tuple[str, ...]
    quotes: tuple[Quote, ...]
    also: tuple[str, ...]
    leave_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One topic. `services` holds name, address, part of the comments read; `history` lines of what happened to it."""

    topic: Topic
    id: int
    line: TopicLine
    quotes: tuple[Quote, ...]
    services: tuple[tuple[str, str, Part], ...]
    trend: Drawing | None
    movers: tuple[Mover, ...]
    history: tuple[str, ...]
    local: LocalTheme | None
    may_read: bool
    may_decide: bool
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]
    given: Mapping[str, str]
    errors: Mapping[str, str]
    tried: Tried | None


@dataclass(frozen=True, slots=True)
class LocalPage:
    """A local theme: what belongs to it, how it was learnt, how often it is spoken of, and in what words."""

    theme: LocalTheme
    made: str
    counts: LabelRow
    comments_href: str
    trend: Drawing | None
    praised: tuple[Quote, ...]
    mended: tuple[Quote, ...]
    may_read: bool
    may_decide: bool
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]
    errors: Mapping[str, str]


@router.get("/topics")
def all_topics(question: Asked, request: Request, done: str | None = None) -> HTMLResponse:
    """Every topic of the comments chosen."""
    return _list(question, request, done=DONE.get(done or ""))


@router.post("/topics/search", response_model=None)
def seek(
    question: AskedOnWords, reader: ReaderOfAll, data: Data, request: Request, by: Annotated[str, Form()] = ""
) -> HTMLResponse | RedirectResponse:
    """Seek topics anew; the page says how far that is."""
    try:
        discovery.begin(request.app.state.db, data, by)
    except FeedbackError as error:
        return _list(question, request, errors={"by": str(error)})
    return RedirectResponse("/topics", status_code=303)


@router.post("/topics/sort", response_model=None)
def sort_waiting(
    question: AskedOnWords, reader: ReaderOfAll, store: Writing, request: Request
) -> HTMLResponse | RedirectResponse:
    """Sort the comments that came since."""
    try:
        sort_new(store, encoder(), also=lambda spans, vectors: tag(store, spans, vectors))
    except FeedbackError as error:
        return _list(question, request, errors={"sort": str(error)})
    return RedirectResponse("/topics?done=sorted", status_code=303)


@router.get("/topics/local/{id}")
def one_local_theme(question: Asked, id: str, done: str | None = None) -> HTMLResponse:
    """A theme of the Trust's own."""
    return _local(question, id, done=DONE.get(done or ""))


@router.post("/topics/local/{id}/retire", response_model=None)
def retire_one(
    question: AskedOnWords, reader: ReaderOfAll, store: Writing, id: str, by: Annotated[str, Form()] = ""
) -> HTMLResponse | RedirectResponse:
    """Let a local theme be no more."""
    try:
        retire(store, id, by)
    except FeedbackError as error:
        return _local(question, id, errors={"by": str(error)})
    return RedirectResponse("/topics?done=retired", status_code=303)


@router.get("/topics/{id}")
def one_topic(question: Asked, id: int, done: str | None = None) -> HTMLResponse:
    """One topic."""
    return _one(question, id, done=DONE.get(done or ""))


@router.post("/topics/{id}/name", response_model=None)
def call_it(
    question: AskedOnWords,
    reader: ReaderOfAll,
    store: Writing,
    redacted: Redaction,
    id: int,
    name: Annotated[str, Form()] = "",
    by: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Call a topic as a person says."""
    try:
        name_topic(store, id, redacted(name), by)
    except FeedbackError as error:
        field = "name" if "characters" in str(error) else "by"
        return _one(question, id, given={"name": name, "by": by}, errors={field: str(error)})
    return RedirectResponse(f"/topics/{id}?done=named", status_code=303)


@router.post("/topics/{id}/promote", response_model=None)
def make_a_theme(
    question: AskedOnWords,
    reader: ReaderOfAll,
    store: Writing,
    redacted: Redaction,
    id: int,
    theme: Annotated[str, Form()] = "",
    definition: Annotated[str, Form()] = "",
    leave_out: Annotated[list[str], Form()] = [],  # noqa: B006  # FastAPI copies it
    also: Annotated[list[str], Form()] = [],  # noqa: B006
    signed: Annotated[str, Form()] = "",
    step: Annotated[str, Form()] = "make",
) -> HTMLResponse | RedirectResponse:
    """Make a topic a local theme, or with `step` "try" show first what it would mark; what was marked as not of it is left out."""
    missing = {
        name: text
        for name, given, text in (
            ("theme", theme, "Say what the theme is called"),
            ("definition", definition, "Say in one sentence what belongs to it"),
            ("signed", signed, "Enter your name"),
        )
        if not given.strip()
    }
    given = {"theme": theme, "definition": definition, "signed": signed}
    if missing and step != "try":
        return _one(question, id, given=given, errors=missing)
    try:
        if step == "try":
            tried = trial(question.conn, question.taxonomy, encoder(), id, also=also, not_examples=leave_out)
            return _one(question, id, given=given, tried=_tried(question, tried, also, leave_out))
        made = promote(
            store,
            question.taxonomy,
            encoder(),
            id,
            name=redacted(theme),
            definition=redacted(definition),
            by=signed,
            also=also,
            not_examples=leave_out,
        )
    except FeedbackError as error:
        return _one(question, id, given=given, errors={"theme": str(error)})
    return RedirectResponse(f"/topics/local/{made.id}?done=made", status_code=303)


def _list(
    question: Question, request: Request, *, done: str | None = None, errors: Mapping[str, str] | None = None
) -> HTMLResponse:
    state, last = how_sorted(*question.asked), next(iter(runs(question.conn)), None)
    lines = _lines(question, topics(*question.asked))
    moved = _movement(question)
    search = discovery.search_of(request.app.state.db)
    everything = question.reader.scope.services is None
    view = TopicsPage(
        unnamed=tuple(line for line, one in lines if one.unnamed),
        finer=tuple(line for line, one in lines if not one.unnamed),
        local=tuple(views.label_rows(question, "theme", local_table(*question.asked), totals(*question.asked).read)),
        movers=_movers(question, moved),
        rising_sentence=moved.sentence,
        rising_method=moved.method,
        left_out=_left_out(question, state.clauses, state.placed),
        waiting=state.waiting if everything and last else 0,
        sought=f"Topics were last sought on {moment(last.at)} by {last.by}: {last.found} found, {last.new} of them new."
        if last and everything
        else "",
        seeking=_seeking(search) if search and search.running else "",
        refused=(search.refused or "") if search and not search.running else "",
        may_decide=everything and question.reader.may_read,
        periods=views.periods(question, "/topics"),
        chips=views.chips(question, "/topics"),
        errors=errors or {},
    )
    above = [("Overview", "/"), ("Themes", "/themes")]
    frame = Frame("Topics that no theme names", "/themes", above, refresh=5 if view.seeking else None, done=done)
    return page("topics.html", frame, view, conn=question.conn, status=400 if errors else 200)


def _one(
    question: Question,
    id: int,
    *,
    done: str | None = None,
    given: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    tried: "Tried | None" = None,
) -> HTMLResponse:
    found = topic(*question.asked, id)
    may_read, everything = question.reader.may_read, question.reader.scope.services is None
    ((line, _),) = _lines(question, [found])
    moved = _movement(question)
    path = f"/topics/{id}"
    view = TopicPage(
        topic=found,
        id=id,
        line=line,
        quotes=tuple(views.quote(question.taxonomy, clause) for clause in typical(*question.asked, id, limit=QUOTES))
        if may_read
        else (),
        services=_services(question, id),
        trend=_drawn(question, found.name, months(*question.asked, id)),
        movers=tuple(mover for mover in _movers(question, moved) if mover.href.split("?")[0] == path),
        history=_history(question, found) if everything else (),
        local=local_theme(question.conn, found.local_theme) if found.local_theme else None,
        may_read=may_read,
        may_decide=everything and may_read,
        periods=views.periods(question, path),
        chips=views.chips(question, path),
        given=given or {},
        errors=errors or {},
        tried=tried,
    )
    above = [("Overview", "/"), ("Themes", "/themes"), ("Topics", "/topics")]
    return page(
        "topic.html",
        Frame(found.name, "/themes", above, done=done),
        view,
        conn=question.conn,
        status=400 if errors else 200,
    )


def _local(
    question: Question, id: str, *, done: str | None = None, errors: Mapping[str, str] | None = None
) -> HTMLResponse:
    theme, path = local_theme(question.conn, id), f"/topics/local/{id}"
    question = question.about(theme=None)
    on_it, total = question.about(theme=id), totals(*question.asked)
    counted = [row for row in local_table(*question.asked) if row.id == id]
    view = LocalPage(
        theme=theme,
        made=f"Made by {theme.by} on {moment(theme.at)}. {learnt_in_words(theme)}",
        counts=views.label_rows(question, "theme", counted, total.read)[0],
        comments_href=links.comments(on_it.filters),
        trend=_drawn(question, theme.name, _months_of(question, id)),
        praised=views.quotes(on_it, "+", QUOTES // 2),
        mended=views.quotes(on_it, "-", QUOTES // 2),
        may_read=question.reader.may_read,
        may_decide=question.reader.may_read and question.reader.scope.services is None,
        periods=views.periods(question, path),
        chips=views.chips(question, path),
        errors=errors or {},
    )
    above = [("Overview", "/"), ("Themes", "/themes"), ("Topics", "/topics")]
    return page(
        "local_theme.html",
        Frame(theme.name, "/themes", above, done=done),
        view,
        conn=question.conn,
        status=400 if errors else 200,
    )


def _lines(question: Question, found: "tuple[Topic, ...] | list[Topic]") -> "list[tuple[TopicLine, Topic]]":
    taxonomy = question.taxonomy
    return [
        (
            TopicLine(
                name=one.name,
                href=links.link(f"/topics/{one.id}", question.filters),
                words=", ".join(one.words),
                example=_example(question, one.id),
                comments=views.count_of(row, "comments"),
                comments_href=links.comments(question.filters, topic=one.id),
                praise=views.count_of(row, "positive"),
                criticism=views.count_of(row, "negative"),
                theme=taxonomy.themes[one.theme].name if one.theme else "",
                theme_href=links.theme(one.theme, question.filters) if one.theme else "",
                chance=f"{one.chance:.0%}",
                local=one.local_theme is not None,
            ),
            one,
        )
        for row, one in zip(rows(question, found), found, strict=True)
    ]


def _tried(question: Question, found: Trial, also: Sequence[str], leave_out: Sequence[str]) -> Tried:
    judged = {*also, *leave_out}
    return Tried(
        says=(
            f"It would mark {found.comments:,} comments, {found.recent:,} of them of the last {found.months} months.",
            learnt_in_words(found),
            f"{found.in_doubt:,} of the clauses were marked by a hair.",
        ),
        quotes=tuple(views.quote(question.taxonomy, clause) for clause in found.shown if clause.citation not in judged),
        also=tuple(also),
        leave_out=tuple(leave_out),
    )


def _example(question: Question, id: int) -> str:
    if not question.reader.may_read:
        return ""
    found = [clause.text for clause in typical(*question.asked, id, limit=QUOTES)]
    return next((text for text in found if len(text.split()) >= EXAMPLE_WORDS), found[0] if found else "")


def _movement(question: Question) -> Movement:
    key = ("rising", question.filters, question.reader.scope, question.reader.may_read)
    return remembered(question.conn, key, lambda: rising(*question.asked, may_read=question.reader.may_read))


def _movers(question: Question, moved: Movement) -> tuple[Mover, ...]:
    taxonomy = question.taxonomy
    return tuple(
        Mover(
            name=one.name,
            href=links.link(f"/topics/{one.topic}", Filters(service=one.service)),
            where=taxonomy.service_name(one.service) if one.service else "All services together",
            words=in_words(one, moved),
            rises=one.rises,
        )
        for one in moved.moving
    )


def _services(question: Question, id: int) -> tuple[tuple[str, str, Part], ...]:
    from api import hidden

    found = on_services(*question.asked, id)
    allowed = hidden.rows(found, may_read=question.reader.may_read, parts=(), also=("of",))
    return tuple(
        (
            question.taxonomy.service_name(row.service),
            links.comments(question.filters, service=row.service, topic=id),
            Part(views.count_of(shown, "n"), shown["of"]),
        )
        for row, shown in zip(found, allowed, strict=True)
    )


def _drawn(question: Question, name: str, by_month: "tuple[Month, ...]") -> Drawing | None:
    if not by_month:
        return None
    counts = [PeriodCount(month.start, n=month.of, code_n=month.n) for month in by_month]
    how = TrendOptions(period="month", phrase=f"spoke of “{name}”", may_read=question.reader.may_read)
    return views.drawn(trend(counts, "rate", how), name, "spoken-of")


def _months_of(question: Question, id: str) -> tuple[Month, ...]:
    from typing import cast

    from feedback.comment import FindingKind
    from feedback.query import series

    counts = series(*question.asked, code=(cast("FindingKind", KIND), id))
    return tuple(Month(count.start, count.code_n, count.n) for count in counts)


def _history(question: Question, found: Topic) -> tuple[str, ...]:
    lines = [
        f"{moment(event.at)}: {'found for the first time' if event.likeness is None else 'found again'}, in {event.clauses} clauses."
        for event in history(question.conn, found.id)
    ]
    if found.named_by:
        lines.insert(0, f"Named by {found.named_by}.")
    if found.asleep:
        lines.insert(0, "It was not found again when topics were last sought.")
    return tuple(lines)


def _left_out(question: Question, clauses: int, n: int) -> str:
    if not clauses:
        return ""
    if not question.reader.may_read:
        return LEFT_OUT
    return (
        f"{1 - n / clauses:.0%} of the {clauses:,} clauses that say enough to be sorted belong to no topic. {LEFT_OUT}"
    )


def _seeking(search: discovery.Search) -> str:
    if search.of and search.done < search.of:
        return f"Topics are being sought: {search.done:,} of {search.of:,} clauses read."
    return (
        "Topics are being sought; the clauses are being held against each other."
        if search.of
        else "Topics are being sought."
    )
