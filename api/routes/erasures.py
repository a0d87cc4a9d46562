"""Erase a respondent, a comment or what is too old: first what would go, then the erasure with its receipt, and receipts again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date as Day
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import NOBODY, Connection, Eraser, OwnRedactor, Writing, signed_by
from feedback.erase import NO_PERIOD, ErasureScope, asked_for, erase, how_met, look, receipt_of, receipts
from feedback.errors import BadInput
from feedback.settings import Settings

router = APIRouter(prefix="/erasures", tags=["comments"])

FIRST_LOOK = (
    "Ask first without yes what would go, look at it, and give the number of comments it says as comments;"
    " nothing was erased."
)


class ToErase(BaseModel):
    """What is to go, by one of comment, respondent, before and retention. Without `yes` nothing is changed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"comment": "HW-2026-000123"}})

    comment: str | None = Field(
        None, max_length=200, description="A citation or an upload's own id: the respondent who wrote it."
    )
    only: bool = Field(False, description="With comment: that comment alone.")
    respondent: str | None = Field(
        None, max_length=200, repr=False, description="What the export's own column of the person or form says."
    )
    before: Day | None = Field(None, description="All comments older than this day.")
    retention: bool = Field(False, description="All comments older than FEEDBACK_RETENTION_MONTHS.")
    yes: bool = Field(False, description="Erase. Needs by, reason, and comments.")
    comments: int | None = Field(
        None,
        ge=0,
        description="How many comments the first look said; where it is another number by now, nothing goes.",
    )
    by: str = Field("", max_length=100, description="Who signs, where the reader is not known.")
    reason: str = Field("", max_length=2_000, description="Why, without the person's name; it is redacted.")
    flags_dealt_with: bool = Field(False, description="Undecided safety flags go with it, and have been dealt with.")


class FlagsGone(BaseModel):
    """How many safety flags of one kind and severity nobody had decided about."""

    kind: str
    severity: str
    n: int


class WouldGo(BaseModel):
    """What an erasure would take: counts and citations, never words."""

    scope: ErasureScope
    before: Day | None
    comments: int
    citations: list[str]
    findings: int
    decisions: int = Field(description="Decisions about safety flags.")
    open_flags: int = Field(description="Comments with a flag that nobody has decided about.")
    rows: int = Field(description="Rows kept for mending.")
    held_back: int = Field(
        description="Comments that are old enough, but stay until somebody decides about their flag."
    )
    actions: list[int] = Field(description="Actions whose text repeats the words; people change them by hand.")
    flags: list[FlagsGone]
    note: str = Field(
        description="Where the respondent's value was met, if not as the export's own of a person or form."
    )


class Receipt(BaseModel):
    """What was erased, when, by whom and why; it names nobody, and its citations lead nowhere any more."""

    number: int
    at: str = Field(description="ISO 8601, UTC.")
    by: str
    reason: str
    scope: ErasureScope
    before: Day | None
    comments: int
    citations: list[str]
    cleared_at: str | None = Field(
        description="When the file was rewritten without the words; null while another program holds it (`feedback erase finish`)."
    )
    not_reached: list[str]
    flags: list[FlagsGone]


class Erasure(BaseModel):
    """What would go, or, once it is gone, the receipt."""

    would_go: WouldGo | None
    receipt: Receipt | None


class Receipts(BaseModel):
    """Receipts, the latest first."""

    receipts: list[Receipt]
    after: str | None = Field(description="Ask with this for the next page; null at the end.")


@router.post(
    "", response_model=Erasure, responses={201: {"model": Erasure, "description": "Erased, with the receipt."}}
)
def erasure(
    given: ToErase, reader: Eraser, store: Writing, redactor: OwnRedactor, response: Response
) -> dict[str, Any]:
    """Say what an erasure would take, or with yes erase it, with everything derived from it, and give the receipt."""
    settings = Settings()
    if given.retention and settings.retention_months is None:
        raise BadInput(NO_PERIOD)
    asked = asked_for(
        store,
        comment=given.comment,
        only=given.only,
        respondent=given.respondent,
        before=given.before,
        retention_months=settings.retention_months if given.retention else None,
    )
    if not given.yes:
        note = how_met(asked) if given.respondent else ""
        return {"would_go": {**asdict(look(store.conn, asked)), "note": note}, "receipt": None}
    if given.comments is None:
        raise BadInput(FIRST_LOOK)
    name = signed_by(reader, given.by) if given.by.strip() or reader.name != NOBODY else ""
    receipt = erase(
        store,
        asked,
        by=name,
        reason=given.reason,
        redactor=redactor,
        flags_dealt_with=given.flags_dealt_with,
        expected=given.comments,
    )
    response.status_code = 201
    response.headers["Location"] = f"/api/v1{router.prefix}/{receipt.number}"
    return {"would_go": None, "receipt": asdict(receipt)}


@router.get("", response_model=Receipts)
def kept(
    reader: Eraser,
    conn: Connection,
    after: Annotated[int | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List the receipts of what was erased, the latest first; they name nobody."""
    found: Sequence[Any] = [one for one in receipts(conn) if after is None or one.number < after]
    page = found[:limit]
    return {
        "receipts": [asdict(one) for one in page],
        "after": str(page[-1].number) if len(found) > limit else None,
    }


@router.get("/{number}", response_model=Receipt)
def one(number: int, reader: Eraser, conn: Connection) -> dict[str, Any]:
    """Show the receipt of one erasure."""
    return asdict(receipt_of(conn, number))
