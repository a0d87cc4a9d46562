"""Let a person read a sample of comments without seeing what was flagged, one at a time, to learn how many are missed.

A page here shows a comment's own words, question and date, and nothing that a machine found; not even its citation, which
would lead to it. What the reader marks is on the safety queue at once.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import AskedOnWords, Question, Writing
from api.pages import links, views
from api.pages.render import Frame, page, plural
from api.pages.signals import MissedView, missed
from feedback.errors import BadInput
from feedback.safety import blind
from feedback.safety.blind import Answer, Sample, ToRead, answer, draw, estimate, next_to_read, sample, samples

router = APIRouter()

ABOVE = [("Overview", "/"), ("Safety queue", "/signals")]
SEVERITIES = {
    "none": ("Nothing that cannot wait", ""),
    "watch": ("Watch", "Somebody should look at this within the week."),
    "urgent": ("Urgent", "Somebody should look at this today."),
}


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample: when, by whom and of what it was drawn, how far it is read, and what it says so far."""

    sample: Sample
    href: str
    drawn_from: str
    missed: MissedView | None


@dataclass(frozen=True, slots=True)
class SamplesPage:
    """The samples drawn so far, and the form to draw another."""

    rows: tuple[SampleRow, ...]
    name: str
    size: str
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class BlindPage:
    """One comment to read, or the end of the sample with what it says; `skipped_href` leads to those that were skipped."""

    sample: Sample
    href: str
    one: ToRead | None
    severities: dict[str, tuple[str, str]]
    kinds: dict[str, str]
    skipped: bool
    skipped_href: str | None
    missed: MissedView | None
    name: str
    severity: str
    kind: str
    errors: dict[str, str]


@router.get("/signals/samples")
def all_samples(question: AskedOnWords) -> HTMLResponse:
    """The samples drawn so far, and the form to draw another."""
    return _samples(question, name="", size="100", errors={})


@router.post("/signals/samples", response_model=None)
def draw_one(
    question: AskedOnWords, store: Writing, name: Annotated[str, Form()] = "", size: Annotated[str, Form()] = ""
) -> HTMLResponse | RedirectResponse:
    """Draw a sample and go to its first comment."""
    errors = {}
    if not name.strip():
        errors["name"] = "Enter your name, so that others know who drew this"
    if not size.strip().isdecimal() or not 1 <= int(size) <= blind.MAX_SIZE:
        errors["size"] = f"Enter a number from 1 to {blind.MAX_SIZE:,}"
    if errors:
        return _samples(question, name=name, size=size, errors=errors)
    drawn = draw(store, question.taxonomy, question.filters, question.reader.scope, size=int(size), by=name)
    return RedirectResponse(links.link(f"/signals/sample/{drawn.id}", reader=name.strip()), status_code=303)


@router.get("/signals/sample/{id}")
def read(question: AskedOnWords, id: int, reader: str = "", skipped: bool = False, added: bool = False) -> HTMLResponse:
    """The next comment of a sample; `reader` is who reads, `added` that the answer before has put a flag on the queue."""
    drawn = sample(question.conn, question.taxonomy, id, question.reader.scope)
    one = next_to_read(question.conn, drawn, question.reader.scope, skipped=skipped)
    done = "What you marked is on the safety queue now." if added else None
    return _page(question, drawn, one, skipped=skipped, done=done, name=reader, severity="", kind="", errors={})


@router.post("/signals/sample/{id}", response_model=None)
def keep(
    question: AskedOnWords,
    store: Writing,
    id: int,
    place: Annotated[int, Form()],
    name: Annotated[str, Form()] = "",
    severity: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    skip: Annotated[str, Form()] = "",
    skipped: Annotated[bool, Form()] = False,
) -> HTMLResponse | RedirectResponse:
    """Keep what the reader says of one comment and go on to the next; an incomplete form comes back with what is missing."""
    scope = question.reader.scope
    drawn = sample(question.conn, question.taxonomy, id, scope)
    errors = {}
    if not name.strip():
        errors["name"] = "Enter your name, so that others know who read this"
    if not skip and severity not in SEVERITIES:
        errors["severity"] = "Select what you think of this comment, or skip it"
    if not skip and severity in ("watch", "urgent") and kind not in views.SIGNAL_NAMES:
        errors["kind"] = "Select what it is about"
    if errors:
        one = next_to_read(question.conn, drawn, scope, skipped=skipped)
        if one and one.place == place:
            given = {"name": name, "severity": severity, "kind": kind, "errors": errors}
            return _page(question, drawn, one, skipped=skipped, done=None, **given)
        raise BadInput("This comment has been answered meanwhile; go back to the sample and on with the next.")
    said = Answer(None) if skip else Answer(severity, None if severity == "none" else kind)  # type: ignore[arg-type]
    added = answer(store, drawn, scope, place, said, by=name)
    following = links.link(
        f"/signals/sample/{id}",
        reader=name.strip(),
        skipped="true" if skipped else None,
        added="true" if added else None,
    )
    return RedirectResponse(following, status_code=303)


def _samples(question: Question, **form: object) -> HTMLResponse:
    rows = tuple(
        SampleRow(
            one,
            f"/signals/sample/{one.id}",
            f"{plural(one.unflagged, 'unflagged comment')} and {plural(one.flagged, 'flagged one')}",
            missed(estimate(question.conn, one)),
        )
        for one in samples(question.conn, question.taxonomy, question.reader.scope)
    )
    view = SamplesPage(rows, **form)  # type: ignore[arg-type]  # the fields of the form
    title = f"{'Error: ' if form['errors'] else ''}How many are missed?"
    frame = Frame(title, "/signals", above=ABOVE)
    return page("samples.html", frame, view, conn=question.conn, status=400 if form["errors"] else 200)


def _page(
    question: Question, drawn: Sample, one: ToRead | None, *, skipped: bool, done: str | None, **form: object
) -> HTMLResponse:
    href = f"/signals/sample/{drawn.id}"
    to_skipped = links.link(href, reader=str(form["name"]), skipped="true") if drawn.skipped and not one else None
    # While there is something to read, nothing is said of the result: who knows it reads otherwise.
    found = None if one else missed(estimate(question.conn, drawn))
    view = BlindPage(
        drawn,
        href,
        one,
        SEVERITIES,
        views.SIGNAL_NAMES,
        skipped,
        to_skipped,
        found,
        **form,  # type: ignore[arg-type]
    )
    title = f"{'Error: ' if form['errors'] else ''}Sample {drawn.id}, read blind"
    frame = Frame(title, "/signals", above=[*ABOVE, ("Samples", "/signals/samples")], done=done)
    return page("blind.html", frame, view, conn=question.conn, status=400 if form["errors"] else 200)
