"""What a route or page is given: the reader, the database, the Trust's data, the filters asked for, the pipeline.

The danger is a route that forgets who is asking, so a route that asks about comments takes a `Question`: it carries the
reader's scope together with the filters, and every function of query.py is called with it as `f(*question.asked)`.
"""

import difflib
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query, Request, params
from fastapi.dependencies.utils import get_flat_params
from pydantic import BeforeValidator

from api.problems import Forbidden
from api.uploads import Uploads
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.redact import Redactor
from feedback.safety.routes import Routes, load_routes
from feedback.settings import Settings
from feedback.store import Store, open_reader, open_store
from feedback.strategies.mapped import answer_under
from feedback.strategies.versions import under
from feedback.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline

# "testclient" is what Starlette's TestClient calls itself; a socket only ever gives an address.
NOBODY = "local"  # who asks, as long as there are no accounts
LOOPBACK = ("127.0.0.1", "::1", "testclient")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: the name their decisions are signed with, the comments they may ask about, whether they may read the words."""

    name: str
    scope: Scope
    may_read: bool


def signed_by(reader: Reader, name: str | None) -> str:
    """Who signs: the reader where it is known who asks, else whoever they say they are, else "local"."""
    return reader.name if reader.name != NOBODY else (name or "").strip() or NOBODY


@dataclass(frozen=True, slots=True)
class Question:
    """What a question to query.py needs, with the reader who asks it."""

    conn: sqlite3.Connection
    taxonomy: Taxonomy
    filters: Filters
    reader: Reader

    @property
    def asked(self) -> tuple[sqlite3.Connection, Taxonomy, Filters, Scope]:
        """The arguments of every function of query.py."""
        return self.conn, self.taxonomy, self.filters, self.reader.scope

    def about(self, **filters: Any) -> "Question":
        """The same question with other filters in place of some."""
        return replace(self, filters=replace(self.filters, **filters))


def current_reader(request: Request) -> Reader:
    """The reader. Until there are accounts that is anybody at this machine, who may read everything, and nobody else."""
    if request.client is None or request.client.host not in LOOPBACK:
        raise Forbidden("There are no accounts yet, so only this machine itself is answered; ask from here.")
    return Reader(NOBODY, EVERYTHING, may_read=True)


def reader_of_words(reader: Annotated[Reader, Depends(current_reader)]) -> Reader:
    """A reader who may read comments; raises Forbidden for one who may see only figures."""
    if not reader.may_read:
        raise Forbidden("You may see figures but not the comments behind them; ask whoever gave you access.")
    return reader


def eraser(reader: Annotated[Reader, Depends(current_reader)]) -> Reader:
    """Who may erase: a reader of the comments of every service, since a respondent may have spoken of any. Raises Forbidden."""
    if reader.scope.services is not None or not reader.may_read:
        raise Forbidden(
            "What is erased may be of any service, so it is for those who may read the comments of all of them."
        )
    return reader


def reader_of_all(reader: Annotated[Reader, Depends(current_reader)]) -> Reader:
    """A reader of every service; a batch holds comments on any of them. Raises Forbidden."""
    if reader.scope.services is not None:
        raise Forbidden("A batch can hold comments on any service, so uploads are for those who may see all of them.")
    return reader


def connection(request: Request) -> Iterator[sqlite3.Connection]:
    """A connection that can only read, for one request. Raises BadStore."""
    conn = open_reader(request.app.state.db)
    try:
        yield conn
    finally:
        conn.close()


def taxonomy(
    request: Request,
    conn: Annotated[sqlite3.Connection, Depends(connection)],
    strategy: Annotated[
        str | None,
        BeforeValidator(lambda given: given or None),
        Query(
            description="The version of the strategy to answer under; without it the one in force.",
            examples=["2025-2030"],
        ),
    ] = None,
) -> Taxonomy:
    """The Trust's data with the strategy asked for, or in force, in place; the request's connection answers under the same.

    Raises NotFound for a version that is not there.
    """
    return under(conn, request.app.state.taxonomy, strategy)


def shipped_taxonomy(request: Request) -> Taxonomy:
    """The Trust's data as it lies in the data folder, with the strategy that the models read."""
    return request.app.state.taxonomy


def store(request: Request, taxonomy: Annotated[Taxonomy, Depends(taxonomy)]) -> Iterator[Store]:
    """The store for one request. SQLite lets one write at a time and keeps the others waiting, so no lock is needed here."""
    with open_store(request.app.state.db) as opened:
        answer_under(opened.conn, taxonomy.adopted)
        yield opened


def pipeline(request: Request) -> Callable[[], "Pipeline"]:
    """How to get the pipeline once it is needed: the call waits while it is being loaded, and raises BadData or BadModel."""
    loading: Future[Pipeline] = request.app.state.pipeline
    return loading.result


def now() -> datetime:
    """The moment, for what is overdue."""
    return datetime.now(UTC)


def routes() -> Routes:
    """Where a flagged comment may be passed on. Raises BadData."""
    return load_routes(Settings().data)


def redaction() -> Callable[[str], str]:
    """How a person's own words are redacted before they are kept; apart from the pipeline, for a decision must not wait for a model."""
    redactor = own_redactor()
    return lambda text: redactor.redact([text])[0][0]


def own_redactor() -> Redactor:
    """The redactor of people's own words, apart from the pipeline's."""
    return _redactor(Settings().data)


@lru_cache(maxsize=1)
def _redactor(data: Path) -> Redactor:
    return Redactor(load_taxonomy(data))


def uploads(request: Request) -> Uploads:
    """The batches that wait or are being read."""
    return request.app.state.uploads


def _blank_is_absent(value: object) -> object:
    return value or None  # a form sends its empty fields as well


_Text = Annotated[str | None, BeforeValidator(_blank_is_absent)]
_Day = Annotated[date | None, BeforeValidator(_blank_is_absent)]


def filters(
    reader: Annotated[Reader, Depends(current_reader)],
    taxonomy: Annotated[Taxonomy, Depends(taxonomy)],
    conn: Annotated[sqlite3.Connection, Depends(connection)],
    service: Annotated[
        _Text,
        Query(
            description="A service's id, with everything below it; or another organisation's, or what an upload calls a "
            "service that the directory does not know.",
            examples=["talking-therapies"],
        ),
    ] = None,
    theme: Annotated[_Text, Query(description="A theme's id, or a group of themes.", examples=["parking"])] = None,
    value: Annotated[_Text, Query(description="A value's id.", examples=["kind"])] = None,
    objective: Annotated[_Text, Query(description="An objective's id.", examples=["B2"])] = None,
    statement: Annotated[_Text, Query(description="A statement's id.", examples=["B2.W5"])] = None,
    sentiment: Annotated[
        _Text, Query(description="positive, neutral, negative or mixed; any: comments that were read.")
    ] = None,
    polarity: Annotated[
        _Text, Query(description="+, -, ~ or 0, of the label asked for or of any clause (+ is written %2B in a URL).")
    ] = None,
    respondent: Annotated[_Text, Query(description="patient, carer, relative, parent, staff or unknown.")] = None,
    county: Annotated[_Text, Query(description="A county: services of that county alone.")] = None,
    programme: Annotated[
        _Text, Query(description="A programme or priority of the delivery plan: its services.")
    ] = None,
    date_from: Annotated[_Day, Query(alias="from", description="First day.", examples=["2026-01-01"])] = None,
    date_to: Annotated[_Day, Query(alias="to", description="Last day, included.", examples=["2026-03-31"])] = None,
    search: Annotated[_Text, Query(description='Words in any order, or "a phrase".', examples=["waiting room"])] = None,
    signal: Annotated[_Text, Query(description="A kind of safety signal.", examples=["unsafe_environment"])] = None,
    language: Annotated[_Text, Query(description="A language, ISO 639-1.", examples=["pl"])] = None,
    batch: Annotated[int | None, BeforeValidator(_blank_is_absent), Query(description="A batch's number.")] = None,
    disagree: Annotated[
        _Text,
        Query(
            description='The upload\'s column and the words name different services: "any", or one pair of them as column:words.',
            examples=["podiatry:camhs"],
        ),
    ] = None,
    evidence: Annotated[
        _Text,
        Query(
            description="What bears on a part of the strategy or the plan, as kind:id; kinds are objective, value, statement, outcome, "
            "strategy and programme.",
            examples=["outcome:Q2"],
        ),
    ] = None,
    side: Annotated[
        _Text, Query(description="for, against, both or neither: where a comment stands on what is asked for.")
    ] = None,
    strategy: Annotated[
        _Text, Query(description="The version of the strategy to answer under; without it the one in force.")
    ] = None,
    topic: Annotated[
        int | None,
        BeforeValidator(_blank_is_absent),
        Query(description="A topic's number: comments of which a clause speaks of it."),
    ] = None,
) -> Filters:
    """The filters that a request asks for. Raises NotFound for an id that is not there or not the reader's, BadInput."""
    given = Filters(
        service=service,
        theme=theme,
        value=value,
        objective=objective,
        statement=statement,
        sentiment=sentiment,
        polarity=polarity,
        respondent=respondent,
        county=county,
        programme=programme,
        date_from=date_from,
        date_to=date_to,
        search=search,
        signal=signal,
        language=language,
        batch=batch,
        disagree=disagree,
        evidence=evidence,
        side=side,
        strategy=strategy,
        topic=topic,
    ).check(taxonomy, conn)
    if service in taxonomy.services:
        refuse_out_of_scope(reader, service)
    return given


def refuse_out_of_scope(reader: Reader, service: str) -> None:
    """Raise NotFound for a service that is not the reader's."""
    if not reader.scope.reaches(service):
        raise NotFound(f"There is no service {service!r} that you may see.")


def question(
    reader: Annotated[Reader, Depends(current_reader)],
    taxonomy: Annotated[Taxonomy, Depends(taxonomy)],
    conn: Annotated[sqlite3.Connection, Depends(connection)],
    filters: Annotated[Filters, Depends(filters)],
) -> Question:
    """What a request asks, under its filters and its reader's scope."""
    return Question(conn, taxonomy, filters, reader)


def question_on_words(
    asked: Annotated[Question, Depends(question)], _: Annotated[Reader, Depends(reader_of_words)]
) -> Question:
    """A question whose answer holds comments. Raises Forbidden for a reader who may not read them."""
    return asked


def known_parameters(request: Request) -> None:
    """Refuse a query parameter that nothing reads, or that is given twice: left out in silence, it would widen the answer."""
    parameters = get_flat_params(request.scope["route"].dependant)
    known = {p.alias for p in parameters if isinstance(p.field_info, params.Query)}
    given = request.query_params.multi_items()
    for name, _ in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f" Did you mean {near[0]}?" if near else f" It knows {', '.join(sorted(known)) or 'none'}."
            raise BadInput(f"This address knows no parameter {name[:40]!r}.{meant}")
        if sum(other == name for other, _ in given) > 1:
            raise BadInput(f"The parameter {name} is given more than once; give it once.")


AskingReader = Annotated[Reader, Depends(current_reader)]
ReaderOfWords = Annotated[Reader, Depends(reader_of_words)]
ReaderOfAll = Annotated[Reader, Depends(reader_of_all)]
Eraser = Annotated[Reader, Depends(eraser)]
OwnRedactor = Annotated[Redactor, Depends(own_redactor)]
Asked = Annotated[Question, Depends(question)]
AskedOnWords = Annotated[Question, Depends(question_on_words)]
Data = Annotated[Taxonomy, Depends(taxonomy)]
ShippedData = Annotated[Taxonomy, Depends(shipped_taxonomy)]
Connection = Annotated[sqlite3.Connection, Depends(connection)]
Writing = Annotated[Store, Depends(store)]
Queue = Annotated[Uploads, Depends(uploads)]
Now = Annotated[datetime, Depends(now)]
KnownRoutes = Annotated[Routes, Depends(routes)]
Redaction = Annotated[Callable[[str], str], Depends(redaction)]
WhenLoaded = Annotated[Callable[[], Any], Depends(pipeline)]  # gives a Pipeline, whose module takes seconds to import
