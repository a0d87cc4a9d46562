"""Show the safety queue, urgent first, and take a person's decision about a flag.

Nothing here closes itself, and nothing here is a crisis service; the page says both before it shows a single flag.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Asked, AskedOnWords, Question, Writing
from api.pages import links, views
from api.pages.render import Frame, page
from api.pages.views import Chip
from feedback.errors import NotFound
from feedback.filters import among, chosen
from feedback.query import Review, Signal, comment, signals
from feedback.store import ReviewOutcome

router = APIRouter()

LIMIT = 100  # flags on one page; a queue longer than this is worked from the top
EVERY = 1_000_000

OUTCOMES: dict[ReviewOutcome, str] = {
    "seen": "Seen, being dealt with",
    "escalated": "Passed on (safeguarding, patient safety, complaints or another team)",
    "not_a_concern": "Not a concern",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One reason why a comment may not be able to wait. `before` and `after` are the words around those it rests on."""

    name: str
    severity: str
    citation: str
    href: str
    review_href: str
    before: str
    words: str
    after: str
    date: date | None
    services: tuple[tuple[str, str], ...]
    score: str
    by: str
    review: Review | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue. `shown` says which part: open ones or all; `more` that there are further ones."""

    urgent: int
    watch: int
    flags: tuple[Flag, ...]
    more: bool
    all_shown: bool
    other_href: str
    chips: tuple[Chip, ...]
    may_read: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The form in which a person says what became of a flag, with what was wrong with it the last time, if anything."""

    flag: Flag
    outcomes: dict[ReviewOutcome, str]
    name: str
    outcome: str
    note: str
    errors: dict[str, str]


@router.get("/signals")
def queue(question: Asked, show: Literal["open", "all"] = "open", reviewed: str | None = None) -> HTMLResponse:
    """The queue; `reviewed` is the citation whose review has just been kept."""
    waiting = open_flags(question)
    found = flags(question, limit=LIMIT + 1, open_only=show == "open")
    view = QueuePage(
        urgent=waiting["urgent"],
        watch=waiting["watch"],
        flags=found[:LIMIT],
        more=len(found) > LIMIT,
        all_shown=show == "all",
        other_href=links.link("/signals", question.filters, show="open" if show == "all" else "all"),
        chips=views.chips(question, "/signals", show=show),
        may_read=question.reader.may_read,
    )
    done = f"Your review of comment {reviewed} has been kept." if reviewed else None
    frame = Frame("Safety queue", "/signals", above=[("Overview", "/")], done=done)
    return page("signals.html", frame, view, conn=question.conn)


@router.get("/signals/{citation}/{kind}")
def review_form(question: AskedOnWords, citation: str, kind: str) -> HTMLResponse:
    """One flag, its comment's words, and the form for a decision."""
    return _form(question, _one(question, citation, kind), name="", outcome="", note="", errors={})


@router.post("/signals/{citation}/{kind}", response_model=None)
def review(
    question: AskedOnWords,
    store: Writing,
    citation: str,
    kind: str,
    name: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Keep a decision and go back to the queue; an incomplete form comes back with what is missing."""
    flag = _one(question, citation, kind)
    errors = {}
    if not name.strip():
        errors["name"] = "Enter your name, so that others know who looked at this"
    if outcome not in get_args(ReviewOutcome):
        errors["outcome"] = "Select what you decided"
    if outcome == "not_a_concern" and not note.strip():
        errors["note"] = "Say in a few words why this is not a concern"
    if errors:
        return _form(question, flag, name=name, outcome=outcome, note=note, errors=errors)
    stored = comment(question.conn, citation, question.reader.scope)
    store.save_review(stored.analysed.comment.id, kind, outcome, note=note.strip(), by=name.strip())  # type: ignore[arg-type]
    return RedirectResponse(links.link("/signals", reviewed=stored.citation), status_code=303)


def _form(question: Question, flag: Flag, **given: object) -> HTMLResponse:
    view = ReviewPage(flag=flag, outcomes=OUTCOMES, **given)  # type: ignore[arg-type]  # the fields of the form
    title = f"{'Error: ' if given['errors'] else ''}Review a safety flag"
    frame = Frame(title, "/signals", above=[("Overview", "/"), ("Safety queue", "/signals")])
    return page("review.html", frame, view, conn=question.conn, status=400 if given["errors"] else 200)


def _one(question: Question, citation: str, kind: str) -> Flag:
    stored = comment(question.conn, citation, question.reader.scope)
    day = stored.analysed.comment.date  # a queue of years is not searched for one flag
    asked = question.about(signal=kind, date_from=day, date_to=day)
    for signal in signals(*asked.asked, limit=EVERY):
        if (signal.citation, signal.kind) == (stored.citation, kind):
            return _flag(question, signal)
    raise NotFound(f"Comment {stored.citation} carries no safety flag of that kind.")


def open_flags(question: Question) -> dict[str, int]:
    """How many flags nobody has looked at yet, by severity."""
    where, parameters = chosen(*question.asked)
    counts = question.conn.execute(
        "SELECT detail, count(*) FROM effective f WHERE kind = 'signal' AND NOT EXISTS"
        f" (SELECT 1 FROM reviews r WHERE r.comment = f.comment AND r.signal = f.label) AND {among(where, 'f')} GROUP BY detail",
        parameters,
    )
    return {"urgent": 0, "watch": 0} | dict(counts.fetchall())


def flags(question: Question, *, limit: int, open_only: bool) -> tuple[Flag, ...]:
    """The queue's flags, urgent first, then newest; none for a reader who may not read the words."""
    if not question.reader.may_read:
        return ()
    return tuple(_flag(question, s) for s in signals(*question.asked, open_only=open_only, limit=limit))


def _flag(question: Question, signal: Signal) -> Flag:
    text = comment(question.conn, signal.citation, question.reader.scope).analysed.comment.text
    return Flag(
        name=views.SIGNAL_NAMES.get(signal.kind, signal.kind),
        severity=signal.severity,
        citation=signal.citation,
        href=links.comment(signal.citation),
        review_href=f"/signals/{quote(signal.citation, safe='')}/{signal.kind}",
        before=text[: signal.start],
        words=text[signal.start : signal.end],
        after=text[signal.end :],
        date=signal.date,
        services=tuple((question.taxonomy.service_name(id), links.service(id)) for id in signal.services),
        score=f"{signal.score:.2f}",
        by=signal.by,
        review=signal.review,
        outcome=OUTCOMES.get(signal.review.outcome) if signal.review else None,  # type: ignore[call-overload]
    )
