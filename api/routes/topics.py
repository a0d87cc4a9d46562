"""Answer what people keep speaking of, what is rising, and let a person name a topic or make it a local theme."""

from dataclasses import asdict
from datetime import date as Day
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api import discovery, hidden, schemas
from api.deps import Asked, Data, Question, Reader, ReaderOfAll, Redaction, Writing
from api.problems import Forbidden
from feedback.query import suppress
from feedback.settings import Settings
from feedback.topics.kept import (
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
    LocalTheme,
    learnt_in_words,
    local_table,
    local_theme,
    local_themes,
    promote,
    retire,
    tag,
    trial,
)
from feedback.topics.rising import rising
from feedback.topics.vectors import ClauseEncoder

router = APIRouter(tags=["topics"])


class TopicRow(BaseModel):
    """A topic. Counts are of the comments chosen; None where hidden from this reader."""

    id: int
    name: str = Field(examples=["Vending machine, drinks, coins"])
    named_by: str | None
    words: list[str]
    clauses: int | None
    comments: int | None
    positive: int | None
    negative: int | None
    theme: str | None = Field(description="The theme of the framework that is likeliest.")
    chance: float = Field(description="How likely, on the mean of all its clauses, 0 to 1.")
    under_theme: int | None = Field(description="How many of its clauses lie under that theme.")
    unnamed: bool = Field(description="No theme of the framework names it.")
    first: Day | None
    last: Day | None
    local_theme: str | None
    asleep: bool
    suppressed: dict[str, str]


class TopicRun(BaseModel):
    """A search for topics."""

    id: int
    at: str
    by: str
    clauses: int
    placed: int
    found: int
    new: int
    asleep: int
    model: str
    settings: dict[str, Any]


class Seeking(BaseModel):
    """A search under way, or the last one of this server."""

    running: bool
    done: int
    of: int | None
    refused: str | None


class Topics(BaseModel):
    """Topics, those with most clauses first. `left_out`: the share of clauses that belong to none; `waiting`: comments not sorted yet."""

    last_run: TopicRun | None
    search: Seeking | None
    clauses: int | None
    placed: int | None
    left_out: float | None
    waiting: int
    topics: list[TopicRow]


class TopicMonth(BaseModel):
    """Comments of a month that speak of it, of those read."""

    start: Day
    n: int | None
    of: int | None
    suppressed: dict[str, str]


class TopicService(BaseModel):
    """Comments about a service that speak of it, of those read."""

    service: str
    n: int | None
    of: int | None
    suppressed: dict[str, str]


class TopicEvent(BaseModel):
    """When it was found, and how like it was to what was known (cosine); None where it was new."""

    run: int
    at: str
    by: str
    clauses: int
    likeness: float | None


class TopicWhole(TopicRow):
    """A topic with its most typical clauses (none for who may not read them), services, months and history."""

    typical: list[schemas.Clause]
    services: list[TopicService]
    months: list[TopicMonth]
    history: list[TopicEvent]


class MovingTopic(BaseModel):
    """A topic on a service (None: all) that moved beyond chance; counts are None where hidden."""

    topic: int
    name: str
    service: str | None
    unnamed: bool
    rises: bool
    k: int | None
    n: int | None
    k_before: int | None
    n_before: int | None
    difference: float | None
    lower: float | None
    upper: float | None
    chance: float


class Rising(BaseModel):
    """What moved, among how many tests, by which method; windows are from the first day to the last."""

    recent: tuple[Day, Day] | None
    before: tuple[Day, Day] | None
    tests: int
    moving: list[MovingTopic]
    sentence: str
    method: str


class LocalThemeRow(BaseModel):
    """A theme of the Trust's own, and how well it was learnt."""

    id: str = Field(examples=["local-vending-machines"])
    version: int
    name: str
    definition: str
    topic: int | None
    examples: int
    not_examples: int
    recall: float
    recall_lower: float | None = Field(
        description="Wilson's 95% interval of the recall; null for one learnt before it was kept."
    )
    recall_upper: float | None
    false_alarms: float
    by: str
    at: str
    model: str
    comments: int | None


class LocalThemes(BaseModel):
    """The local themes in force, and how often each is spoken of under the filters; never counted among the framework's."""

    themes: list[LocalThemeRow]
    counts: list[schemas.LabelCount]


class Signed(BaseModel):
    """Who asks; without it the reader's own name."""

    model_config = ConfigDict(extra="forbid")

    by: str = Field("", max_length=200)


class Naming(Signed):
    """What a topic is called; empty gives back the name made of its words."""

    name: str = Field(max_length=200, examples=["Vending machines"])


class Promotion(Signed):
    """What makes a topic a local theme; without examples its most typical clauses stand in."""

    name: str = Field(max_length=200, examples=["Vending machines"])
    definition: str = Field(max_length=2_000, examples=["Machines for snacks and drinks."])
    examples: list[str] = Field([], max_length=200, examples=[["HW-2026-000123.2"]])
    also: list[str] = Field([], max_length=200, description="Examples beside those, or beside the typical clauses.")
    not_examples: list[str] = Field([], max_length=200)


class ToTry(BaseModel):
    """The examples of a local theme that is to be tried; without any the topic's most typical clauses stand in."""

    model_config = ConfigDict(extra="forbid")

    examples: list[str] = Field([], max_length=200, examples=[["HW-2026-000123.2"]])
    also: list[str] = Field([], max_length=200)
    not_examples: list[str] = Field([], max_length=200)


class TrialShown(BaseModel):
    """What a local theme would be; `shown` are clauses it would mark that are no examples, to be accepted or refused."""

    topic: int
    examples: int
    not_examples: int
    recall: float
    recall_lower: float
    recall_upper: float
    false_alarms: float
    comments: int = Field(description="Comments it would mark.")
    recent: int = Field(description="Of those, comments of the last `months` months.")
    months: int
    in_doubt: int = Field(description="Clauses it would mark by a hair.")
    shown: list[schemas.Clause]
    says: str


class SortedNow(BaseModel):
    """How many comments were sorted."""

    comments: int


@router.get("/topics", response_model=Topics)
def all_topics(
    asked: Asked,
    request: Request,
    asleep: Annotated[bool, Query(description="Also those not found again in the last search.")] = False,
) -> dict[str, Any]:
    """List what people keep speaking of; `unnamed` are those that no theme names."""
    state = how_sorted(*asked.asked)
    last = next(iter(runs(asked.conn)), None)
    cells = suppress([state.clauses, state.placed], may_read=asked.reader.may_read)
    all_of_it = asked.reader.scope.services is None
    search = discovery.search_of(request.app.state.db)
    return {
        "last_run": asdict(last) if last and all_of_it else None,
        "search": asdict(search) if search else None,
        "clauses": cells[0].n,
        "placed": cells[1].n,
        "left_out": None if any(cell.reason for cell in cells) else state.left_out,
        "waiting": state.waiting,
        "topics": rows(asked, topics(*asked.asked, asleep=asleep)),
    }


@router.get("/topics/rising", response_model=Rising)
def rising_topics(
    asked: Asked, months: Annotated[int, Query(ge=1, le=6, description="How many are held against the 12 before.")] = 3
) -> dict[str, Any]:
    """Say what is spoken of more than before, per service, beyond chance."""
    found = rising(*asked.asked, months=months, may_read=asked.reader.may_read)
    return asdict(found) | {"moving": [asdict(one) | {"rises": one.rises} for one in found.moving]}


@router.post("/topics/search", response_model=Seeking, status_code=202)
def seek(reader: ReaderOfAll, data: Data, request: Request, given: Signed) -> dict[str, Any]:
    """Seek topics anew, beside the requests; `GET /topics` says how it stands."""
    _may_decide(reader)
    return asdict(discovery.begin(request.app.state.db, data, given.by or reader.name))


@router.post("/topics/sort", response_model=SortedNow)
def sort_waiting(reader: ReaderOfAll, store: Writing) -> dict[str, Any]:
    """Sort the comments that came since into the known topics, and tag them with the local themes."""
    _may_decide(reader)
    return {"comments": sort_new(store, encoder(), also=lambda spans, vectors: tag(store, spans, vectors))}


@router.get("/topics/{id}", response_model=TopicWhole)
def one_topic(asked: Asked, id: int) -> dict[str, Any]:
    """Show one topic: words, typical clauses, services, months, history."""
    found, may_read = topic(*asked.asked, id), asked.reader.may_read
    (shown,) = rows(asked, [found])
    return shown | {
        "typical": typical(*asked.asked, id) if may_read else [],
        "services": hidden.rows(on_services(*asked.asked, id), may_read=may_read, parts=(), also=("of",)),
        "months": hidden.rows(months(*asked.asked, id), may_read=may_read, parts=(), also=("of",)),
        "history": [asdict(event) for event in history(asked.conn, id)] if asked.reader.scope.services is None else [],
    }


@router.put("/topics/{id}/name", response_model=TopicRow)
def call_topic(
    asked: Asked, reader: ReaderOfAll, store: Writing, redacted: Redaction, id: int, given: Naming
) -> dict[str, Any]:
    """Call a topic as a person says; the words are redacted first."""
    _may_decide(reader)
    topic(*asked.asked, id)
    name_topic(store, id, redacted(given.name), given.by or reader.name)
    return rows(asked, [topic(*asked.asked, id)])[0]


@router.post("/topics/{id}/promote", response_model=LocalThemeRow, status_code=201)
def promote_topic(
    asked: Asked, reader: ReaderOfAll, store: Writing, redacted: Redaction, id: int, given: Promotion
) -> dict[str, Any]:
    """Make a topic a local theme, which tags the history at once."""
    _may_decide(reader)
    made = promote(
        store,
        asked.taxonomy,
        encoder(),
        id,
        name=redacted(given.name),
        definition=redacted(given.definition),
        by=given.by or reader.name,
        examples=given.examples,
        also=given.also,
        not_examples=given.not_examples,
    )
    return asdict(made)


@router.post("/topics/{id}/trial", response_model=TrialShown)
def try_topic(asked: Asked, reader: ReaderOfAll, id: int, given: ToTry) -> dict[str, Any]:
    """Say what a local theme made of a topic would mark, and how surely; nothing is kept and nothing marked."""
    _may_decide(reader)
    found = trial(
        asked.conn,
        asked.taxonomy,
        encoder(),
        id,
        examples=given.examples,
        also=given.also,
        not_examples=given.not_examples,
    )
    return asdict(found) | {"shown": found.shown, "says": learnt_in_words(found)}


@router.get("/local-themes", response_model=LocalThemes)
def the_local_themes(asked: Asked) -> dict[str, Any]:
    """List the Trust's own themes and how often each is spoken of."""
    may_read = asked.reader.may_read
    return {
        "themes": [_local(asked.reader, theme) for theme in local_themes(asked.conn)],
        "counts": hidden.rows(local_table(*asked.asked), may_read=may_read, also=("share",)),
    }


@router.delete("/local-themes/{id}", response_model=LocalThemeRow)
def retire_local_theme(reader: ReaderOfAll, store: Writing, id: str) -> dict[str, Any]:
    """Let a local theme be no more; its findings go."""
    _may_decide(reader)
    theme = local_theme(store.conn, id)
    retire(store, id, reader.name)
    return asdict(theme)


def rows(asked: Question, found: "tuple[Topic, ...] | list[Topic]") -> list[dict[str, Any]]:
    """Topics as this reader may see them."""
    shown = hidden.rows(
        found,
        may_read=asked.reader.may_read,
        whole="comments",
        parts=("clauses", "positive", "negative", "under_theme"),
        also=("first", "last"),
    )
    return [row | {"unnamed": one.unnamed} for row, one in zip(shown, found, strict=True)]


def encoder() -> ClauseEncoder:
    """The encoders, opened anew for the few requests that need them: a second, and no memory kept."""
    return ClauseEncoder(Path(Settings().models))


def _local(reader: Reader, theme: LocalTheme) -> dict[str, Any]:
    everywhere = reader.scope.services is None and reader.may_read
    return asdict(theme) | ({} if everywhere else {"comments": None})


def _may_decide(reader: Reader) -> None:
    if not reader.may_read:
        raise Forbidden("Topics are sought, named and made themes by those who may read the words.")
