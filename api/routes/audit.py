"""Show who decided what and when, with no word of a comment, a note or a reason."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, Field

from api.deps import AskingReader, Connection
from feedback.audit import ACTS, MOST, audit
from feedback.staff_names import kept
from feedback.thanked import are_kept

router = APIRouter(tags=["the service itself"])


class ActShown(BaseModel):
    """One thing that somebody, or a program in their name, did."""

    at: str | None = Field(description="ISO 8601, UTC; null for what was done before times were kept.")
    by: str | None = Field(description="Who signed; null for what nobody signs (uploads, re-analyses).")
    act: str = Field(examples=["flag_reviewed"])
    on: str = Field(description="The kind of thing it was done to.", examples=["comment"])
    id: str = Field(
        description='Which one: a citation, a number, a version ("" is the strategy that the models read).',
        examples=["HW-2026-000123"],
    )
    code: str | None = Field(
        description="Labels, a flag and its outcome, the fields that were changed.",
        examples=["unsafe_environment:done"],
    )
    n: int | None = Field(description="How many comments (of topics: clauses), where it is more than one thing.")
    suppressed: str | None = Field(description="Why n is hidden from this reader.")


class StaffNames(BaseModel):
    """What becomes of names of staff (FEEDBACK_STAFF_NAMES)."""

    in_praise: bool = Field(description="Whether those in praise are kept, for the team's own page alone.")
    kept: int | None = Field(description="How many are kept now; null for whoever may not read every comment.")


class Audit(BaseModel):
    """Acts, newest first, those without a time last."""

    acts: list[ActShown]
    after: str | None
    staff_names: StaffNames


def _blank_is_absent(value: object) -> object:
    return value or None  # a form sends its empty fields as well


_Text = Annotated[str | None, BeforeValidator(_blank_is_absent)]
_Day = Annotated[date | None, BeforeValidator(_blank_is_absent)]


@router.get("/audit", response_model=Audit)
def acts(
    conn: Connection,
    reader: AskingReader,
    by: Annotated[_Text, Query(description="Whose: the whole name.", examples=["A. Lead"])] = None,
    act: Annotated[_Text, Query(description=f"One of {', '.join(ACTS)}.", examples=["correction"])] = None,
    date_from: Annotated[_Day, Query(alias="from", description="First day (UTC).", examples=["2026-01-01"])] = None,
    date_to: Annotated[_Day, Query(alias="to", description="Last day, included.", examples=["2026-03-31"])] = None,
    after: Annotated[str | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> dict[str, Any]:
    """List who decided what and when, newest first, page by page.

    Who may see only some services is shown acts on comments about them and on actions there; who may not read comments, none on one.
    """
    found = audit(
        conn,
        reader.scope,
        may_read=reader.may_read,
        by=by,
        act=act,
        first=date_from,
        last=date_to,
        after=after,
        limit=limit,
    )
    may_count = reader.may_read and reader.scope.services is None
    names = {"in_praise": are_kept(), "kept": kept(conn) if may_count else None}
    return {"acts": [asdict(one) for one in found.acts], "after": found.after, "staff_names": names}
