"""Keep and show "you said, we did": what was heard about a service, and what was done about it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import schemas
from api.deps import AskingReader, Connection, Data, Writing, refuse_out_of_scope
from feedback.query import actions
from feedback.store import Action

router = APIRouter(prefix="/actions", tags=["actions"])


@router.get("", response_model=schemas.Actions)
def listed(
    conn: Connection,
    taxonomy: Data,
    reader: AskingReader,
    service: Annotated[str | None, Query(description="A service's id, with everything below it.")] = None,
    after: Annotated[str | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List what was done, latest first, page by page."""
    if service is not None:
        refuse_out_of_scope(reader, taxonomy.service(service).id)
    found = actions(conn, taxonomy, reader.scope, service=service)
    rest = [action for action in found if after is None or _place(action) < after]
    page = rest[:limit]
    return {"actions": page, "after": _place(page[-1]) if len(rest) > limit else None}


@router.post("", response_model=schemas.Action, status_code=201)
def keep(said: schemas.ActionToSave, taxonomy: Data, reader: AskingReader, store: Writing) -> dict[str, Any]:
    """Keep an action tied to a service, a date and, where there is one, a theme."""
    refuse_out_of_scope(reader, taxonomy.service(said.service).id)
    if said.theme is not None:
        taxonomy.theme(said.theme)
    fields = said.model_dump()
    return fields | {"id": store.save_action(Action(**fields))}


def _place(action: Action) -> str:
    """Where an action stands in the list, as words that sort as the list does."""
    return f"{action.date.isoformat()}~{action.id:012}"
