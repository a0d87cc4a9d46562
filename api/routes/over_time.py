"""Answer what is changing over many series: the summary of icons, targets, what an upload changed, views and who is told of them."""

from datetime import date as Day
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Asked, AskingReader, Connection, Data, Question, Reader, Redaction, Writing, refuse_out_of_scope
from api.problems import Forbidden
from feedback.errors import BadInput, NotFound
from feedback.filters import describe, parameters
from feedback.over_time.assurance import Target, end_target, read_value, series_of, set_target
from feedback.over_time.assurance import targets as all_targets
from feedback.over_time.changes import LISTED, Changes, as_document
from feedback.over_time.changes import changes as find_changes
from feedback.over_time.summary import CANNOT_COMPARE, Order, Summary, as_record, measures_of, rows_of
from feedback.over_time.summary import summary as make_summary
from feedback.over_time.summary_sheet import MEDIA, Format, summary_bytes
from feedback.over_time.trend import measured
from feedback.over_time.views import View, end_view, keep_view
from feedback.over_time.views import views as all_views
from feedback.query import Period

router = APIRouter(tags=["over time"])

RowsAsked = Annotated[
    str | None,
    Query(
        description="all, services, themes, values, objectives; several with commas. All if not given.",
        examples=["services"],
    ),
]
MeasuresAsked = Annotated[
    str | None,
    Query(
        description="negative, positive, mean, fft_positive of services; rate, rate_positive, rate_negative of labels; several with "
        "commas. negative, rate_negative and rate_positive if not given.",
        examples=["negative,fft_positive"],
    ),
]
PeriodAsked = Annotated[Period, Query(description="What a point stands for.")]
OrderAsked = Annotated[
    Order, Query(alias="sort", description="The order of rows: that of the directory, or by what wants an eye first.")
]


DOUBT = "Why a rate of a value or objective rests on doubted readings, of which no share is given; empty where not."


class SummaryRow(BaseModel):
    """One series, judged against its own past."""

    series: str = Field(
        description="What it is kept under: service/kind:label/measure.", examples=["podiatry//negative"]
    )
    kind: str
    id: str | None
    title: str
    depth: int = Field(description="Its place in the tree of services; 0 is a directorate.")
    measure: str
    period: Day = Field(description="The newest period that can be shown.")
    latest: float = Field(description="A share 0 to 1, or a mean 1 to 5.")
    n: int = Field(description="The comments or answers that the latest figure is of.")
    hollow: bool
    mean: float | None
    lpl: float | None
    upl: float | None
    variation: str | None = Field(
        description="The variation icon; null where it is too early for one.", examples=["concern_high"]
    )
    target: float | None
    assurance: str | None = Field(description="pass, fail or inconsistent; null without a target.")
    says: str
    rule: str | None = Field(description="The rule that fired, in words.")
    since: Day | None
    points: int
    trial_limits: bool
    sentence: str
    doubt: str = Field("", description=DOUBT)


class SummaryAnswer(BaseModel):
    """Rows in the order asked for. Rows are not to be compared with each other."""

    period: str
    rows: list[SummaryRow]
    too_few: list[str] = Field(description="Services of which no period can be shown.")
    notes: list[str]
    read_this: str = CANNOT_COMPARE


class TargetToSet(BaseModel):
    """A target that a person sets: of all comments, a service, or a rate of one theme, value or objective."""

    model_config = ConfigDict(extra="forbid")

    measure: str = Field(examples=["negative"])
    value: str = Field(description="A share as 15% or 0.15, a mean as 2.5.", examples=["15%"])
    service: str | None = None
    theme: str | None = None
    care_value: str | None = Field(None, description="A value's id.")
    objective: str | None = None


class TargetShown(BaseModel):
    """A target, by whom it was set and whether it stands."""

    id: int
    series: str
    title: str
    measure: str
    value: float
    by: str
    at: str
    ended_by: str | None
    ended_at: str | None
    strategy: str | None = Field(
        description="The adopted strategy whose part it is on; null for the one that the models read, or where it is of none."
    )


class Targets(BaseModel):
    """Every target, those that stand first."""

    targets: list[TargetShown]


class SharedShown(BaseModel):
    """Something over-represented among the respondents behind a change."""

    item: str
    n: int
    of: int
    rest_n: int
    rest_of: int
    z: float = Field(description="How far the two shares are apart, in standard errors.")


class CitedClause(BaseModel):
    """A clause behind a change."""

    citation: str
    text: str
    date: Day | None


class SignalShown(BaseModel):
    """One series that does more than chance now."""

    series: str
    title: str
    measure: str
    kind: str
    side: Literal["high", "low"]
    rule: str
    since: Day
    began: Day
    period: Day
    latest: float
    mean: float
    n: int
    strength: float = Field(description="G² of the months since it began against those before.")
    by_chance: float = Field(description="The share of signals of this strength or more that chance alone would give.")
    sentence: str
    state: Literal["new", "goes_on", "stands"]
    verdict: str
    doubt: str = Field("", description=DOUBT)


class ChangeShown(SignalShown):
    """A signal that speaks for those that say the same, with the words behind it where the reader may read them."""

    clear: bool
    also: list[SignalShown]
    clauses: list[CitedClause]
    words: list[SharedShown]
    labels: list[SharedShown]


class StandingShown(SignalShown):
    """A change that was there before the upload and to which it brought nothing."""

    clear: bool
    also: list[SignalShown]


class ChangesAnswer(BaseModel):
    """What an upload changed, the clearest first."""

    batch: int | None
    file: str
    first: bool
    looked_at: int
    firing: int
    expected: float = Field(description="How many would fire if nothing had changed anywhere.")
    told: list[str]
    changes: list[ChangeShown]
    standing: list[StandingShown] = Field(
        description="There before, and nothing new of it; digests tell of the clear ones too."
    )


class ViewToKeep(BaseModel):
    """A name for the filters in the address; `measure` narrows what is watched."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["Podiatry waits"])
    measure: str | None = None


class ViewShown(BaseModel):
    """A view that is kept."""

    id: int
    name: str
    filters: dict[str, str]
    described: str
    measure: str | None
    by: str
    at: str


class Views(BaseModel):
    """The views that this reader may see."""

    views: list[ViewShown]


class Ended(BaseModel):
    """What was ended."""

    id: int


def summary_of(
    asked: Asked,
    rows: RowsAsked = None,
    measures: MeasuresAsked = None,
    period: PeriodAsked = "month",
    order: OrderAsked = "directory",
) -> Summary:
    """The summary that a request asks for, as the reader may see it."""
    return make_summary(
        *asked.asked,
        rows=rows_of(rows),
        measures=measures_of(measures),
        period=period,
        order=order,
        may_read=asked.reader.may_read,
    )


SummaryAsked = Annotated[Summary, Depends(summary_of)]


def changes_of(asked: Question, batch: int | None, measure: str | None = None, limit: int = LISTED) -> Changes:
    """What a batch changed, as the reader may see it."""
    if asked.filters.batch is not None:
        raise BadInput("Say which upload with `upload`; every other filter narrows what is looked at.")
    return find_changes(*asked.asked, batch=batch, measure=measure, limit=limit, may_read=asked.reader.may_read)


@router.get("/summary", response_model=SummaryAnswer)
def summary(found: SummaryAsked) -> dict[str, Any]:
    """Judge every service, theme, value and objective against its own past, in one row each."""
    return {
        "period": found.period,
        "rows": [as_record(row) for row in found.rows],
        "too_few": found.too_few,
        "notes": found.notes,
    }


@router.get(
    "/summary.{form}",
    response_class=Response,
    responses={200: {"content": {media: {} for media in MEDIA.values()}, "description": "The same rows as a file."}},
)
def summary_file(form: Format, found: SummaryAsked, asked: Asked) -> Response:
    """Give the summary as a file for a board pack; each icon stands there in words."""
    content = summary_bytes(found, describe(asked.taxonomy, asked.filters), form)
    return Response(
        content, media_type=MEDIA[form], headers={"Content-Disposition": f'attachment; filename="summary.{form}"'}
    )


@router.get("/targets", response_model=Targets)
def targets(conn: Connection, taxonomy: Data, reader: AskingReader) -> dict[str, Any]:
    """List the targets that people set, those that stand first."""
    return {"targets": [_target(one, taxonomy) for one in all_targets(conn) if may_set(reader, one.of.service)]}


@router.post("/targets", response_model=TargetShown, status_code=201)
def set_one(said: TargetToSet, taxonomy: Data, reader: AskingReader, store: Writing) -> dict[str, Any]:
    """Set a target in place of the one that stands, if any does."""
    of = series_of(
        said.measure, service=said.service, theme=said.theme, value=said.care_value, objective=said.objective
    )
    check_may_set(reader, of.service)
    return _target(
        set_target(store, taxonomy, of, read_value(measured(of.measure), said.value), by=reader.name), taxonomy
    )


@router.delete("/targets/{id}", response_model=Ended)
def end_one(id: int, reader: AskingReader, store: Writing) -> dict[str, Any]:
    """Let a target count no more."""
    for one in all_targets(store.conn):
        if one.id == id and not may_set(reader, one.of.service):
            raise NotFound(f"There is no target {id} that stands; `feedback targets` lists them.")
    end_target(store, id, by=reader.name)
    return {"id": id}


@router.get("/changes", response_model=ChangesAnswer)
def changes(
    asked: Asked,
    upload: Annotated[int | None, Query(description="The batch; the newest if not given.", ge=1)] = None,
    measure: Annotated[str | None, Query(description="One measure alone.", examples=["negative"])] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many are taken apart.")] = LISTED,
) -> dict[str, Any]:
    """Say what an upload changed: new special causes, the clearest first, with the words behind each."""
    return as_document(changes_of(asked, upload, measure, limit))


@router.get("/views", response_model=Views)
def views(conn: Connection, taxonomy: Data, reader: AskingReader) -> dict[str, Any]:
    """List the views that are kept."""
    return {"views": [_view(one, taxonomy) for one in all_views(conn, reader.scope)]}


@router.post("/views", response_model=ViewShown, status_code=201)
def keep(said: ViewToKeep, asked: Asked, store: Writing, redact: Redaction) -> dict[str, Any]:
    """Keep the filters in the address under a name."""
    made = keep_view(
        store,
        asked.taxonomy,
        said.name,
        asked.filters,
        asked.reader.scope,
        by=asked.reader.name,
        measure=said.measure,
        redact=redact,
    )
    return _view(made, asked.taxonomy)


@router.delete("/views/{id}", response_model=Ended)
def forget(id: int, reader: AskingReader, store: Writing) -> dict[str, Any]:
    """Let a view be no more, and nobody be told of it."""
    end_view(store, id, reader.scope, by=reader.name)
    return {"id": id}


def may_set(reader: Reader, service: str | None) -> bool:
    """Whether a reader may set targets of a service; of what is of no service, only one who sees all."""
    return reader.scope.services is None or (service is not None and reader.scope.reaches(service))


def check_may_set(reader: Reader, service: str | None) -> None:
    """Raise NotFound for a service that is not the reader's, Forbidden for a target of everybody's."""
    if service is not None:
        refuse_out_of_scope(reader, service)
    if not may_set(reader, service):
        raise Forbidden(
            "A target of all comments, or of a theme, is for those who may see every service; name one of yours."
        )


def _target(one: Target, taxonomy: Data) -> dict[str, Any]:
    return {
        "id": one.id,
        "series": one.of.key,
        "title": one.title(taxonomy),
        "measure": one.of.measure,
        "value": one.value,
        "by": one.by,
        "at": one.at,
        "ended_by": one.ended_by,
        "ended_at": one.ended_at,
        "strategy": one.strategy,
    }


def _view(one: View, taxonomy: Data) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "filters": parameters(one.filters),
        "described": describe(taxonomy, one.filters),
        "measure": one.measure,
        "by": one.by,
        "at": one.at,
    }
