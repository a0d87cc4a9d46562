"""Show the safety queue, its digest and what it is thought to miss, and take decisions. Nothing closes itself; every decision is kept."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import hidden, schemas
from api.deps import (
    Asked,
    AskedOnWords,
    Connection,
    KnownRoutes,
    Now,
    Question,
    ReaderOfWords,
    Redaction,
    Writing,
    signed_by,
)
from feedback.errors import NotFound
from feedback.safety.digest import digest
from feedback.safety.queue import OPEN, STATES, Decision, Due, Flag, State, flag, flags, history, review

router = APIRouter(prefix="/signals", tags=["safety"])

EVERY = ", ".join(STATES)


@router.get("", response_model=schemas.Signals)
def queue(
    asked: AskedOnWords,
    now: Now,
    open_only: Annotated[
        bool, Query(alias="open", description="Only what waits for a person: new, reopened, seen.")
    ] = False,
    states: Annotated[
        str | None, Query(description=f"Only these states, with commas between them: {EVERY}.", examples=["new,seen"])
    ] = None,
    due: Annotated[
        Due | None, Query(description="Of open flags only those overdue, or only those that are not.")
    ] = None,
    after: Annotated[str | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> dict[str, Any]:
    """List what may not be able to wait: overdue urgent flags, urgent ones, overdue ones to watch, ones to watch; then closed ones.

    Within each, what has waited longest comes first; of closed ones those passed on and not yet received. A list goes on as of the moment of its first page.
    """
    given = tuple(states.split(",")) if states else OPEN if open_only or due else STATES
    return queue_of(asked, now=now, states=given, due=due, after=after, limit=limit)  # type: ignore[arg-type]  # flags() refuses others


@router.get("/digest", response_model=schemas.Digest)
def digest_of(
    asked: Asked,
    now: Now,
    routes: KnownRoutes,
    since: Annotated[
        date | None, Query(description="First day; 7 days ago if not given.", examples=["2026-08-01"])
    ] = None,
) -> dict[str, Any]:
    """Count what is new, open, overdue, passed on and closed, by kind, severity and service, with citations and no words."""
    return hidden.digest(digest(*asked.asked, routes, now=now, since=since), may_read=asked.reader.may_read)


@router.get("/{id:path}", response_model=schemas.SignalWithHistory)
def one(id: str, reader: ReaderOfWords, conn: Connection, now: Now, routes: KnownRoutes) -> dict[str, Any]:
    """Show one flag with everything that was decided about it, and where it may be passed on."""
    found = _flag(id, reader, conn, now)
    suggested = [asdict(routes.routes[route]) for route in routes.suggested[found.kind, found.severity]]
    return shown(found) | {"history": [asdict(past) for past in history(conn, found)], "suggested_routes": suggested}


@router.post("/{id:path}/review", status_code=204)
def decide(
    id: str,
    decision: schemas.ReviewToSave,
    reader: ReaderOfWords,
    conn: Connection,
    store: Writing,
    now: Now,
    routes: KnownRoutes,
    redact: Redaction,
) -> None:
    """Say what became of a flag; `id` is the flag's, a comment's id and the kind. The note is redacted before it is kept."""
    note = "\n".join(part for part in (decision.note, decision.why) if part.strip())
    given = Decision(decision.outcome, note, decision.route, decision.reference)
    # A name of spaces is no name; without any the reader signs, as everywhere over HTTP.
    by = signed_by(reader, decision.by) if decision.by is None or decision.by.strip() else ""
    review(store, routes, redact, _flag(id, reader, conn, now), given, by=by)


def queue_of(
    asked: Question,
    *,
    now: datetime,
    states: tuple[State, ...] = OPEN,
    due: Due | None = None,
    after: str | None = None,
    limit: int,
) -> dict[str, Any]:
    """A page of the queue, and where the next one begins."""
    page = flags(*asked.asked, now=now, states=states, due=due, after=after, limit=limit)
    return {"signals": [shown(one) for one in page.flags], "after": page.after, "more": page.after is not None}


def shown(found: Flag) -> dict[str, Any]:
    """A flag as the API gives it: the words it rests on, not the whole comment."""
    given = asdict(found) | {"id": found.id, "text": found.text}
    del given["comment_text"]
    return given


def _flag(id: str, reader: ReaderOfWords, conn: Connection, now: datetime) -> Flag:
    comment_id, colon, kind = id.rpartition(":")
    if not colon:
        raise NotFound(f"There is no signal {id}; GET /signals lists them, each with its id.")
    return flag(conn, reader.scope, comment_id, kind, now=now)
