"""Say whether the service can answer, what versions it runs, and who asks."""

from typing import Any

from fastapi import APIRouter, Request

from api import schemas
from api.deps import AskingReader, Connection, Data, Queue
from api.problems import sentence_of
from feedback import __version__
from feedback.query import latest_versions

router = APIRouter(tags=["the service itself"])

ANSWERS = "This machine alone: it listens on loopback, and there are no accounts yet."


@router.get("/health", response_model=schemas.Health)
def health(request: Request, conn: Connection, queue: Queue) -> dict[str, Any]:
    """Answer "ok" where the database can be read; the pipeline may still be loading."""
    loading = request.app.state.pipeline
    error = loading.exception() if loading.done() else None
    return {
        "status": "ok",
        "pipeline": "failed" if error else "ready" if loading.done() else "loading",
        "problem": sentence_of(error) if error else None,
        "comments": conn.execute("SELECT count(*) FROM comments").fetchone()[0],
        "waiting": queue.length,
        "answers": ANSWERS,
    }


@router.get("/version", response_model=schemas.Version)
def version(conn: Connection, taxonomy: Data) -> dict[str, Any]:
    """Name the versions of the program, of the Trust's data, and of what the stored comments were analysed by."""
    return {"feedback": __version__, "data": taxonomy.versions, "stored": latest_versions(conn)}


@router.get("/me", response_model=schemas.Me)
def me(reader: AskingReader) -> dict[str, Any]:
    """Say who you are here and what you may see."""
    services = reader.scope.services
    return {
        "name": reader.name,
        "services": None if services is None else sorted(services),
        "may_read": reader.may_read,
    }
