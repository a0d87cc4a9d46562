"""Answer about services: the tree, a team's page in one call, its themes and how it moves, and names nobody knows."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends

from api import hidden, schemas
from api.deps import Asked, AskingReader, Connection, Data, Now, Question, Reader, Writing, refuse_out_of_scope
from api.problems import Forbidden
from api.routes.figures import AsVega, ChartAsked, MeasureAsked, PeriodAsked, judged
from api.routes.figures import themes as themes_of
from api.routes.signals import queue_of
from feedback.errors import BadInput
from feedback.evidence.cite import QUOTES, RULE_OF_A_SERVICE, quotable
from feedback.query import (
    Clause,
    ExplainedName,
    clauses,
    disagreements,
    explained_names,
    objective_table,
    respondent_table,
    service_table,
    theme_table,
    totals,
    value_table,
)
from feedback.service_names import explain, undo_numbered, unknown_names
from feedback.settings import Settings

CANNOT_WAIT = 20  # signals on a team's page; the rest are in the queue

router = APIRouter(prefix="/services", tags=["services"])


def one_service(id: str, asked: Asked) -> Question:
    """The question about one service and everything below it. Raises NotFound where it is not there or not the reader's."""
    if asked.filters.service is not None:
        raise BadInput("The address names the service already; leave out the parameter service.")
    asked.taxonomy.service(id)
    refuse_out_of_scope(asked.reader, id)
    return asked.about(service=id)


def reader_of_names(reader: AskingReader) -> Reader:
    """A reader who may say what names mean, which is so for all services. Raises Forbidden."""
    if reader.scope.services is not None:
        raise Forbidden("A name may mean any service, so names are for those who may see all of them.")
    return reader


OneService = Annotated[Question, Depends(one_service)]
ReaderOfNames = Annotated[Reader, Depends(reader_of_names)]


@router.get("", response_model=schemas.Services)
def tree(asked: Asked) -> dict[str, Any]:
    """List the directory as a tree, with the comments on each service and everything below it."""
    found = service_table(*asked.asked)
    return {"services": hidden.rows(found, may_read=asked.reader.may_read, among=lambda row: row.parent)}


@router.get("/unresolved", response_model=schemas.UnresolvedServices)
def unresolved(asked: Asked) -> dict[str, Any]:
    """List what uploads call services that the directory does not know, with guesses; nothing of it was dropped or forced."""
    found = unknown_names(*asked.asked, Settings().data)
    return {"unresolved": hidden.rows(found, may_read=asked.reader.may_read, parts=())}


@router.get("/disagreements", response_model=schemas.Disagreements)
def disagreeing(asked: Asked) -> dict[str, Any]:
    """List where an upload's column and the words beside it name different services; both are kept and both count."""
    found = disagreements(*asked.asked)
    return {"disagreements": hidden.rows(found, may_read=asked.reader.may_read, parts=())}


@router.get("/names", response_model=schemas.ExplainedNames)
def names(reader: ReaderOfNames, conn: Connection) -> dict[str, Any]:
    """List what people said that names in uploads mean, with who and when, and what was undone."""
    return {"names": _explained(explained_names(conn), reader)}


@router.post("/names", response_model=schemas.ExplainedName, status_code=201)
def name(said: schemas.NameOfService, reader: ReaderOfNames, taxonomy: Data, store: Writing) -> dict[str, Any]:
    """Say what an upload's own name for a service means, for comments there and to come; what was said before is replaced."""
    explain(store, taxonomy, said.text, said.service, reader.name)
    return _explained(explained_names(store.conn)[:1], reader)[0]


@router.delete("/names/{id}", response_model=schemas.ExplainedName)
def forget_name(id: int, reader: ReaderOfNames, store: Writing) -> dict[str, Any]:
    """Undo what was said of a name, so that its comments are read as they were before; it stays in the list."""
    undo_numbered(store, id, reader.name)
    found = [one for one in explained_names(store.conn) if one.id == id]
    return _explained(found, reader)[0]


def _explained(found: Sequence[ExplainedName], reader: Reader) -> list[dict[str, Any]]:
    stands = [one.stands for one in found]
    rows = hidden.rows(found, may_read=reader.may_read, parts=())
    return [row | {"stands": stood} for row, stood in zip(rows, stands, strict=True)]


@router.get("/{id}/summary", response_model=schemas.ServiceSummary)
def summary(asked: OneService, now: Now) -> dict[str, Any]:
    """Answer a team's page in one call: how much, how it moves, what is praised, what is to mend, what cannot wait."""
    may_read = asked.reader.may_read
    id = cast(str, asked.filters.service)
    below = asked.taxonomy.below(id)
    tree_of_it = [row for row in service_table(*asked.asked) if row.id in below]

    def labels(table: Callable[..., Any]) -> list[dict[str, Any]]:
        return hidden.rows(table(*asked.asked), may_read=may_read, also=("share",))

    return {
        "service": asked.taxonomy.services[id],
        "below": hidden.rows(tree_of_it, may_read=may_read, among=lambda row: row.parent),
        "totals": hidden.totals(totals(*asked.asked), may_read=may_read),
        "trend": judged(asked, "negative", "month", "auto", None),
        "themes": labels(theme_table),
        "values": labels(value_table),
        "objectives": labels(objective_table),
        "respondents": hidden.rows(respondent_table(*asked.asked), may_read=may_read),
        "praised": _quotes(asked, "+", "positive") if may_read else (),
        "to_mend": _quotes(asked, "-", "negative") if may_read else (),
        "rule": RULE_OF_A_SERVICE,
        "cannot_wait": queue_of(asked, now=now, limit=CANNOT_WAIT) if may_read else None,
    }


def _quotes(asked: Question, polarity: str, order: Literal["positive", "negative"]) -> tuple[Clause, ...]:
    candidates = clauses(*asked.about(polarity=polarity).asked, order=order, limit=QUOTES * 20)
    return quotable(candidates, QUOTES, per_service=QUOTES)


@router.get("/{id}/themes", response_model=schemas.Themes)
def themes(asked: OneService) -> dict[str, Any]:
    """List what people speak of at one service, most frequent first, and how."""
    return themes_of(asked)


@router.get("/{id}/trend", response_model=schemas.Trend)
def trend(
    asked: OneService,
    measure: MeasureAsked = "negative",
    period: PeriodAsked = "month",
    chart: ChartAsked = "auto",
    form: AsVega = None,
) -> dict[str, Any]:
    """Judge how one service moves, against its own past and never against another."""
    return judged(asked, measure, period, chart, form)
