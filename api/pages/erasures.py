"""Erase a person's comments, or what is too old: say whose, see how much would go, sign, and print the receipt. Works without script.

What a person or form is called is sent in the body alone, never in an address, and comes back only in the form that asks for the
signature. No comment's words are shown: whoever must see them first follows the citations.
"""

import sqlite3
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import NOBODY, Connection, Eraser, OwnRedactor, Writing, signed_by
from api.pages import links
from api.pages.render import Frame, moment, page, plural
from feedback.erase import NO_PERIOD, Asked, Found, Receipt, asked_for, erase, how_met, look, receipt_of, receipts
from feedback.errors import BadInput, NotFound
from feedback.settings import Settings
from feedback.store import Store
from feedback.undecided import said

router = APIRouter()

ABOVE = [("Overview", "/"), ("About this system", "/about")]
SHOWN = 20  # citations on the page; the receipt has all
RECEIPTS = 50  # on the page; the rest are over HTTP and by command
OF = {"respondent": "One respondent", "comment": "One comment"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to say what is to go: its value, what it says, and a hint."""

    value: str
    text: str
    hint: str


@dataclass(frozen=True, slots=True)
class Look:
    """What would go, in counts and citations (those shown, each with its address, and how many more there are).

    `note` says where a respondent's value was met. `flags` are the undecided ones in words, None where there are none.
    """

    comments: int
    findings: int
    decisions: int
    rows: int
    citations: tuple[tuple[str, str], ...]
    more: int
    flags: str | None
    held_back: int
    actions: tuple[tuple[int, str], ...]
    note: str
    nothing: bool


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A receipt as it is listed."""

    number: int
    href: str
    at: str
    what: str
    comments: int
    waits: bool


@dataclass(frozen=True, slots=True)
class ErasePage:
    """The form; once it was sent, what would go (`look`), and the form to sign."""

    choices: tuple[Choice, ...]
    what: str
    value: str = field(repr=False)
    look: Look | None
    name: str
    reason: str
    errors: dict[str, str]
    receipts: tuple[ReceiptLine, ...]
    more_receipts: int


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """One receipt, to print: what was erased, when, by whom, why, and what it does not reach."""

    number: int
    at: str
    by: str
    reason: str
    what: str
    comments: int
    citations: tuple[str, ...]
    flags: str | None
    cleared_at: str | None
    not_reached: tuple[str, ...]


@router.get("/erase")
def form(reader: Eraser, conn: Connection) -> HTMLResponse:
    """Ask whose comments are to go, or which, and list the receipts."""
    return _page(conn)


@router.post("/erase", response_model=None)
def send(
    reader: Eraser,
    store: Writing,
    redactor: OwnRedactor,
    what: Annotated[str, Form(max_length=20)] = "",
    value: Annotated[str, Form(max_length=200)] = "",
    comments: Annotated[int | None, Form()] = None,
    name: Annotated[str, Form(max_length=100)] = "",
    reason: Annotated[str, Form(max_length=2_000)] = "",
    flags_dealt_with: Annotated[bool, Form()] = False,
) -> HTMLResponse | RedirectResponse:
    """Show what would go, or where that was seen (`comments` says how many) and is signed, erase it."""
    try:
        asked = _asked(store, what, value.strip())
    except (BadInput, NotFound) as error:
        return _page(store.conn, what=what, value=value, errors={"value": str(error)})
    found = look(store.conn, asked)
    note = how_met(asked) if what == "respondent" else ""
    if comments is None:
        return _page(store.conn, what=what, value=value, found=(found, note))
    signer = name if reader.name == NOBODY else reader.name
    missing = {
        "flags_dealt_with": ""
        if flags_dealt_with or not found.flags
        else "Confirm that the safety flags have been dealt with",
        "name": "" if signer.strip() else "Enter your name",
        "reason": "" if reason.strip() else "Say why they are erased",
    }
    errors = {where: problem for where, problem in missing.items() if problem}
    if not errors:
        try:
            receipt = erase(
                store,
                asked,
                by=signed_by(reader, name),
                reason=reason,
                redactor=redactor,
                flags_dealt_with=flags_dealt_with,
                expected=comments,
            )
            return RedirectResponse(links.erasure(receipt.number), status_code=303)
        except (BadInput, NotFound) as error:
            errors["reason"] = str(error)
    return _page(store.conn, what=what, value=value, found=(found, note), name=name, reason=reason, errors=errors)


@router.get("/erase/receipts/{number}")
def receipt(number: int, reader: Eraser, conn: Connection) -> HTMLResponse:
    """One receipt, to print."""
    one = receipt_of(conn, number)
    view = ReceiptPage(
        number=one.number,
        at=moment(one.at),
        by=one.by,
        reason=one.reason,
        what=_what(one),
        comments=one.comments,
        citations=one.citations,
        flags=said(one.flags) if one.flags else None,
        cleared_at=moment(one.cleared_at) if one.cleared_at else None,
        not_reached=one.not_reached,
    )
    frame = Frame(f"Receipt {number} of an erasure", "/about", [*ABOVE, ("Erase", "/erase")])
    return page("erase_receipt.html", frame, view, conn=conn)


def _asked(store: Store, what: str, value: str) -> Asked:
    """What the form means. Raises BadInput, NotFound."""
    if what == "retention":
        months = Settings().retention_months
        if months is None:
            raise BadInput(NO_PERIOD)
        return asked_for(store, retention_months=months)
    if what not in ("writer", "comment", "respondent", "before"):
        raise BadInput("Choose what is to be erased.")
    if not value:
        raise BadInput("Enter the citation or id, the export's own value, or the day.")
    if what == "respondent":
        return asked_for(store, respondent=value)
    if what == "before":
        try:
            return asked_for(store, before=date.fromisoformat(value))
        except ValueError:
            raise BadInput("A day is written as year, month and day: 2023-01-31.") from None
    return asked_for(store, comment=value, only=what == "comment")


def _page(
    conn: sqlite3.Connection,
    *,
    what: str = "",
    value: str = "",
    found: tuple[Found, str] | None = None,
    name: str = "",
    reason: str = "",
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    kept = receipts(conn)
    view = ErasePage(
        choices=tuple(_choices()),
        what=what,
        value=value,
        look=_look(*found) if found else None,
        name=name,
        reason=reason,
        errors=errors or {},
        receipts=tuple(
            ReceiptLine(
                one.number, links.erasure(one.number), moment(one.at), _what(one), one.comments, one.cleared_at is None
            )
            for one in kept[:RECEIPTS]
        ),
        more_receipts=max(0, len(kept) - RECEIPTS),
    )
    title = "Erase these comments?" if found else "Erase comments"
    frame = Frame(f"{'Error: ' if errors else ''}{title}", "/about", ABOVE)
    return page("erase.html", frame, view, conn=conn, status=400 if errors else 200)


def _choices() -> list[Choice]:
    choices = [
        Choice(
            "writer",
            "Everything by whoever wrote one comment",
            "Give its citation (HW-2026-000123) or its id in the upload.",
        ),
        Choice("comment", "One comment alone", "Give its citation or its id in the upload."),
        Choice(
            "respondent",
            "Everything of one person or form",
            "Give what the export's own column of the person or form says.",
        ),
        Choice("before", "Everything older than a day", "Give the day as year, month and day: 2023-01-31."),
    ]
    if months := Settings().retention_months:
        text = f"Everything older than the Trust keeps: {plural(months, 'month')}"
        choices.append(Choice("retention", text, "Leave the box below empty."))
    return choices


def _look(found: Found, note: str) -> Look:
    return Look(
        comments=found.comments,
        findings=found.findings,
        decisions=found.decisions,
        rows=found.rows,
        citations=tuple((one, links.comment(one)) for one in found.citations[:SHOWN]),
        more=max(0, len(found.citations) - SHOWN),
        flags=said(found.flags) if found.flags else None,
        held_back=found.held_back,
        actions=tuple((one, f"/actions/{one}") for one in found.actions),
        note=note,
        nothing=not (found.comments or found.rows),
    )


def _what(one: Receipt) -> str:
    return OF.get(one.scope) or f"What was older than {one.before}"
