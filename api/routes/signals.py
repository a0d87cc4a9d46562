"""Show the safety queue and take its sign-offs. Nothing closes itself, and every review is kept."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import schemas
from api.deps import AskedOnWords, Connection, Question, ReaderOfWords, Writing
from feedback.errors import NotFound
from feedback.query import comment, signals

router = APIRouter(prefix="/signals", tags=["safety"])


@router.get("", response_model=schemas.Signals)
def queue(
    asked: AskedOnWords,
    open_only: Annotated[bool, Query(alias="open", description="Leave out what a person has reviewed.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> dict[str, Any]:
    """List what may not be able to wait: urgent first, then newest."""
    return queue_of(asked, open_only=open_only, limit=limit)


@router.post("/{id:path}/review", status_code=204)
def review(id: str, decision: schemas.ReviewToSave, reader: ReaderOfWords, conn: Connection, store: Writing) -> None:
    """Sign a signal off, or say that it is being dealt with; `id` is the signal's, a comment's id and the kind."""
    comment_id, colon, kind = id.rpartition(":")
    if not colon:
        raise NotFound(f"There is no signal {id}; GET /signals lists them, each with its id.")
    stored = comment(conn, comment_id, reader.scope)
    store.save_review(stored.analysed.comment.id, kind, decision.outcome, note=decision.note, by=reader.name)


def queue_of(asked: Question, *, open_only: bool, limit: int) -> dict[str, Any]:
    """The first signals of a question, and whether there are more."""
    found = signals(*asked.asked, open_only=open_only, limit=limit + 1)
    rows = [asdict(signal) | {"id": f"{signal.comment}:{signal.kind}"} for signal in found[:limit]]
    return {"signals": rows, "more": len(found) > limit}
