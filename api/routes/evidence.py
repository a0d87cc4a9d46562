"""Answer with evidence: for and against each part of the strategy and the plan, where nothing is heard, and what a citation leads to."""

from dataclasses import asdict
from datetime import date as Day
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api import hidden
from api.deps import Asked, Connection, Data, Question, ReaderOfWords
from api.schemas import Clause, Count, LabelCount, PeriodCount, RespondentCount, ServiceCount, Suppressed
from feedback.disclosure import Disclosure
from feedback.evidence import citation, silence
from feedback.evidence.cite import evidence as gather
from feedback.evidence.outside import for_outside
from feedback.query import evidence_table, latest_versions, suppress
from feedback.quoting import MOST_QUOTES, QUOTES
from feedback.strategies.bearing import EvidenceKind

router = APIRouter(tags=["evidence"])

QuotesAsked = Annotated[
    int,
    Query(ge=1, le=MOST_QUOTES, description="How many of the surest and of the most typical words on each side."),
]


class Share(BaseModel):
    """A part of the comments that bear on something, with Wilson's 95 % interval."""

    n: int
    share: float
    lower: float
    upper: float


class Estimate(BaseModel):
    """A share that allows for how often the reader is wrong, with its 95 % interval."""

    share: float
    lower: float
    upper: float


class AdjustedFigure(BaseModel):
    """A figure as found, beside what it is when misreading is allowed for; `estimate` is null where it is withheld, for the reason in `sentence`."""

    what: str = Field(examples=["speaks against it"])
    label: str = Field(description="Under which the error was measured; a sign behind it is a side.", examples=["B2-"])
    found: int
    read: int
    precision: float | None
    recall: float | None
    estimate: Estimate | None
    sentence: str
    made_of: str = Field(
        description="The counts that `found` is the sum of; empty for one count.", examples=["26 for and 4 both"]
    )
    labelled: int | None = Field(description="Labelled comments that have it, on which the error was counted.")


class RareVoice(BaseModel):
    """A single comment on what hardly anybody else speaks of, with why it is heard."""

    clause: Clause
    why: str = Field(examples=["the only comment on B1.W6"])
    of: int = Field(description="Comments that speak of the same at all.")


class SilenceOn(BaseModel):
    """What is not heard: services with enough comments but too few on it; how many have too few on anything; the same of groups."""

    services: list[ServiceCount]
    services_unheard: int
    of_services: int
    groups: list[str]
    groups_unheard: list[str]
    statements: list[LabelCount]
    not_looked_for: list[LabelCount] = Field(
        description="Statements that nothing looks for yet, so that none found is no silence."
    )


class Voice(BaseModel):
    """The comments that one kind of voice gave on it, by side."""

    name: str
    n: Count
    speaks_for: Count
    against: Count
    both: Count
    neither: Count
    suppressed: Suppressed


class Contrast(BaseModel):
    """A theme or sentiment that is said more, or less, among the comments that count than among all: n of `of` here, n_all of of_all."""

    kind: Literal["theme", "sentiment"]
    id: str
    title: str
    n: int
    of: int
    n_all: int
    of_all: int


class Apart(BaseModel):
    """What tells the comments that count from all comments; `nearly_all` says so where their number is no finding."""

    nearly_all: str
    says: str
    more: list[Contrast]
    less: list[Contrast]


class Evidence(BaseModel):
    """What comments say for and against one part of the strategy or the plan, with quotations that can be cited."""

    kind: EvidenceKind
    id: str
    title: str
    text: str
    derived: str = Field(description="How comments were found to bear on it, where they are not read for it.")
    comments: Annotated[int | None, Field(description="Comments that bear on it.")]
    respondents: int | None
    read: Annotated[int | None, Field(description="All comments read under the same filters.")]
    first: Day | None
    last: Day | None
    speaks_for: Share | None
    against: Share | None
    both: Share | None
    neither: Share | None
    services: list[ServiceCount]
    by_respondent: list[RespondentCount]
    by_month: list[PeriodCount]
    adjusted: list[AdjustedFigure] = Field(description="The main figures with known error allowed for.")
    quotes_for: list[Clause] = Field(description="The surest: where the chance of code and side together is highest.")
    quotes_against: list[Clause]
    quotes_both: list[Clause] = Field(
        description="Of each comment that says both two clauses: the surest for it, then the surest against it."
    )
    typical_for: list[Clause] = Field(description="The most typical.")
    typical_against: list[Clause]
    rule: str = Field(description="How the words were chosen.")
    weighed: dict[Literal["for", "against", "both"], int] = Field(
        description="Of how many clauses on each side, and of how many comments that say both, those quoted are the first by the rule; "
        "empty for who may not read the words."
    )
    withheld: int = Field(
        description="Quotations in whose place a notice stands, since the words could tell who wrote them."
    )
    rare: list[RareVoice]
    rare_rule: str
    apart: Apart | None = Field(
        description="What tells them from all comments, for a supporting strategy, a programme, or where nearly every comment counts."
    )
    silence: SilenceOn
    cannot_say: list[str]
    voices: list[Voice] = Field(
        description="Who says it, for an objective that one kind of people's own account bears on."
    )
    doubt: str = Field(description="Why no share of the sides is to be relied on; empty where one may be.")
    doubts: dict[Literal["for", "against"], str] = Field(
        description="The same of a single side, where a part is read well and one of its sides is not."
    )
    looked_for: bool = Field(description="false: nothing looks for it yet, so that its counts say nothing.")
    query: dict[str, str] = Field(description="What was asked.")
    queries: dict[str, dict[str, str]] = Field(
        description="For each count the filters of GET /comments that list exactly its comments; {id}, {from}, {to} are a row's own."
    )
    versions: dict[str, str]
    suppressed: Suppressed


class SupportingStrategy(BaseModel):
    """One supporting strategy, with the comments that bear on what it serves."""

    id: str
    title: str
    serves: list[str]
    serves_derived: bool
    n: Count
    positive: Count
    negative: Count
    mixed: Count
    neutral: Count
    suppressed: Suppressed


class SupportingStrategies(BaseModel):
    """All of them, in the strategy's order."""

    strategies: list[SupportingStrategy]


class QuietService(ServiceCount):
    """A service with too few comments, or with none lately."""

    last: Day | None = Field(description="The day of the latest comment on it or on anything below it.")


class Silence(BaseModel):
    """Where too few have spoken for anything to be said, which is neither good nor bad news."""

    fewer_than: int
    read: Count
    of_services: int
    services: list[QuietService]
    fallen_quiet: list[QuietService] = Field(
        description="Services that were heard and have had no comment since quiet_since."
    )
    quiet_since: Day | None
    groups: list[RespondentCount] = Field(description="Kinds of respondent.")
    parts: dict[Literal["objectives", "values", "statements", "outcomes"], list[LabelCount]]
    not_looked_for: list[LabelCount] = Field(
        description="Parts that nothing looks for yet, of whose silence nothing is known."
    )


class Reason(BaseModel):
    """One thing that was read in the words, with which of them and by which rule or model."""

    kind: str
    label: str
    title: str
    polarity: str
    score: float
    words: str
    by: str


class Since(BaseModel):
    """What has happened to what is cited."""

    at: Day | None
    says: str


class Cited(BaseModel):
    """What a citation leads to: the redacted words exactly as they are stored, and all that is known of them."""

    citation: str = Field(examples=["HW-2026-000123.2"])
    comment: str
    clause: int | None
    text: str
    start: int
    end: int
    question: str | None
    month: str | None = Field(examples=["2026-03"])
    services: list[str]
    respondent: str
    reasons: list[Reason]
    versions: dict[str, str]
    recut: list[int] = Field(
        description="The clauses in which the words stand now, where the comment was cut otherwise since."
    )
    since: list[Since]
    link: str = Field(description="The permanent address of the same as a page.", examples=["/c/HW-2026-000123.2"])


@router.get("/objectives/{id}/evidence", response_model=Evidence)
def on_objective(id: str, asked: Asked, quotes: QuotesAsked = QUOTES) -> dict[str, Any]:
    """Gather the evidence for and against an objective, with quotations that can be cited."""
    return _evidence("objective", id, asked, quotes)


@router.get("/values/{id}/evidence", response_model=Evidence)
def on_value(id: str, asked: Asked, quotes: QuotesAsked = QUOTES) -> dict[str, Any]:
    """Gather the evidence on a value: where it was lived and where it was not."""
    return _evidence("value", id, asked, quotes)


@router.get("/statements/{id}/evidence", response_model=Evidence)
def on_statement(id: str, asked: Asked, quotes: QuotesAsked = QUOTES) -> dict[str, Any]:
    """Gather the evidence for and against one statement of the strategy, by its id."""
    return _evidence("statement", id, asked, quotes)


@router.get("/outcomes/{id}/evidence", response_model=Evidence)
def on_outcome(id: str, asked: Asked, quotes: QuotesAsked = QUOTES) -> dict[str, Any]:
    """Gather the evidence for and against an outcome, by its id."""
    return _evidence("outcome", id, asked, quotes)


@router.get("/supporting-strategies", response_model=SupportingStrategies)
def supporting(asked: Asked) -> dict[str, Any]:
    """List the supporting strategies, with the comments that bear on the objectives which each serves."""
    found = asked.taxonomy.supporting
    counted = evidence_table(*asked.asked, [f"strategy:{id}" for id in found])
    rows = hidden.rows(counted, may_read=asked.reader.may_read, also=("share",))
    return {"strategies": [row | asdict(found[row["id"]]) for row in rows]}


@router.get("/supporting-strategies/{id}/evidence", response_model=Evidence)
def on_strategy(id: str, asked: Asked, quotes: QuotesAsked = QUOTES) -> dict[str, Any]:
    """Gather the evidence on what a supporting strategy serves, such as SS5."""
    return _evidence("strategy", id, asked, quotes)


@router.get("/programmes/{id}/evidence", response_model=Evidence)
def on_programme(id: str, asked: Asked, quotes: QuotesAsked = QUOTES) -> dict[str, Any]:
    """Gather the evidence on what a programme or priority serves, from the services that it is for."""
    return _evidence("programme", id, asked, quotes)


@router.get("/silence", response_model=Silence)
def too_little(asked: Asked) -> dict[str, Any]:
    """List where too few have spoken: services, those fallen quiet, groups of people, and parts of the strategy."""
    found, may_read = silence.silence(*asked.asked), asked.reader.may_read
    services, quiet = (
        hidden.rows(rows, may_read=may_read, among=lambda row: row.parent)
        for rows in (found.services, found.fallen_quiet)
    )
    for row in (*services, *quiet):
        row["last"] = None if row["suppressed"] else row["last"]
    (read,) = suppress([found.read], may_read=may_read)
    return {
        "fewer_than": found.fewer_than,
        "read": read.n,
        "of_services": found.of_services,
        "services": services,
        "fallen_quiet": quiet,
        "quiet_since": found.quiet_since,
        "groups": hidden.rows(found.groups, may_read=may_read),
        "not_looked_for": hidden.rows(found.not_looked_for, may_read=may_read, also=("share",)),
        "parts": {kind: hidden.rows(rows, may_read=may_read, also=("share",)) for kind, rows in found.parts.items()},
    }


@router.get("/citations/{id}", response_model=Cited)
def cited(id: str, conn: Connection, taxonomy: Data, reader: ReaderOfWords) -> dict[str, Any]:
    """Open a citation; 410 where its comment was erased or taken back with its upload."""
    found = citation.open_citation(conn, taxonomy, id, reader.scope)
    return citation.as_record(found) | {"link": f"/c/{found.citation}"}


def _evidence(kind: EvidenceKind, id: str, asked: Question, quotes: int) -> dict[str, Any]:
    conn, taxonomy, filters, scope = asked.asked
    found = for_outside(gather(conn, taxonomy, kind, id, filters, scope, quotes=quotes), Disclosure(conn, taxonomy))
    return hidden.evidence(found, may_read=asked.reader.may_read) | {"versions": latest_versions(conn)}
