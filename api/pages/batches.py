"""Take a file of comments in, show how far it has come and what became of every row, and take a batch back.

An upload has a page from the moment it arrives; once it is a batch, its number is the address that lasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Queue, ReaderOfAll, Writing
from api.pages import links
from api.pages.render import Frame, page
from api.uploads import Arrival, Uploads, Wishes
from feedback.filters import Filters
from feedback.store import Counts, Notice, Store

router = APIRouter()

REFRESH = 2  # seconds between looks at a running upload
NOTICES = 100  # of each kind on a page; the file for a spreadsheet has all rejects

STATES = {
    "queued": ("Waiting", "grey"),
    "running": ("Being read", "blue"),
    "finished": ("Finished", "green"),
    "failed": ("Refused", "red"),
    "interrupted": ("Interrupted", "orange"),
    "rolled_back": ("Taken back", "grey"),
}
FIELDS = {
    "comment": "Comment",
    "question": "Question",
    "date": "Date",
    "service": "Service",
    "respondent": "Respondent",
    "rating": "Friends and Family Test",
    "id": "Id of the comment",
    "respondent_key": "Id of the person or form",
}
REASONS = {
    "bad_date": "the date cannot be read",
    "bad_rating": "the rating cannot be read",
    "too_long": "too long",
    "undecodable": "the characters cannot be read",
    "missing_required": "something needed is missing",
    "wrong_columns": "the row does not fit the headings",
}
DAY_FIRST = {"day": True, "month": False}


@dataclass(frozen=True, slots=True)
class Line:
    """One upload in the list."""

    file: str
    href: str
    state: str
    colour: str
    comments: int | None
    rows: int | None
    when: str


@dataclass(frozen=True, slots=True)
class BatchesPage:
    """All uploads, newest first, and the form for another; `error` is what was wrong with the last try."""

    lines: tuple[Line, ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One upload or batch. `done` of `of` rows are read; `counts` says what became of them, by what is counted."""

    title: str
    state: str
    colour: str
    is_active: bool
    done: int
    of: int | None
    problem: str | None
    interrupted: bool
    when: str
    counts: tuple[tuple[str, int, str], ...]
    rows: int | None
    columns: tuple[tuple[str, str], ...]
    decisions: tuple[str, ...]
    rejects: tuple[Notice, ...]
    warnings: tuple[Notice, ...]
    rejects_n: int
    warnings_n: int
    rejects_href: str
    reasons: Mapping[str, str]
    comments_href: str | None
    take_back_href: str | None
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TakeBackPage:
    """The question before a batch goes."""

    file: str
    comments: int
    action: str
    back: str


@router.get("/batches")
def listed(reader: ReaderOfAll, queue: Queue, store: Writing, taken: str | None = None) -> HTMLResponse:
    """All uploads; `taken` is the number of comments that have just gone with one."""
    done = f"The upload has been taken back. {taken} comments went with it." if taken and taken.isdecimal() else None
    return _list(queue, store, done=done)


@router.post("/batches", response_model=None)
def upload(
    reader: ReaderOfAll,
    queue: Queue,
    store: Writing,
    file: Annotated[UploadFile | str | None, File()] = None,
    day_order: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
    service: Annotated[str, Form()] = "",
    date: Annotated[str, Form()] = "",
    respondent: Annotated[str, Form()] = "",
    rating: Annotated[str, Form()] = "",
    sheet: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Take a file in and show how far it has come. Headings left blank are found by evidence."""
    if file is None or isinstance(file, str) or not file.filename:
        return _list(queue, store, error="Select a file of comments")
    given = {"date": date.strip(), "respondent": respondent.strip(), "rating": rating.strip()}
    mapping: dict[str, Any] = {name: heading for name, heading in given.items() if heading}
    for name, headings in (("comment", comment), ("service", service)):
        if found := [heading.strip() for heading in headings.splitlines() if heading.strip()]:
            mapping[name] = found
    wishes = Wishes(mapping or None, sheet.strip() or None, DAY_FIRST.get(day_order))
    received = queue.receive(file.file, file.filename, wishes)
    return RedirectResponse(f"/batches/{received.id}", status_code=303)


@router.get("/batches/{id}", response_model=None)
def one(id: str, reader: ReaderOfAll, queue: Queue, store: Writing) -> HTMLResponse | RedirectResponse:
    """One upload; once it is finished its address is that of its batch."""
    arrival = queue.arrival(id, store)
    if arrival.state == "finished" and arrival.batch and id == arrival.upload:
        return RedirectResponse(links.batch(arrival.batch.id))
    view = _batch_page(arrival, store)
    refresh = REFRESH if view.is_active else None
    frame = Frame(view.title, "/batches", [("Overview", "/"), ("Uploads", "/batches")], refresh=refresh)
    return page("batch.html", frame, view, conn=store.conn)


@router.get("/batches/{id}/take-back")
def take_back_form(id: str, reader: ReaderOfAll, queue: Queue, store: Writing) -> HTMLResponse:
    """Ask before a batch goes."""
    arrival = queue.arrival(id, store)
    comments = arrival.batch.counts.accepted if arrival.batch else 0
    view = TakeBackPage(arrival.file, comments, f"/batches/{id}/take-back", f"/batches/{id}")
    above = [("Overview", "/"), ("Uploads", "/batches"), (arrival.file, f"/batches/{id}")]
    return page("take_back.html", Frame(f"Take back {arrival.file}?", "/batches", above), view, conn=store.conn)


@router.post("/batches/{id}/take-back")
def take_back(id: str, reader: ReaderOfAll, queue: Queue, store: Writing) -> RedirectResponse:
    """Take an upload back as if it had never come."""
    return RedirectResponse(links.link("/batches", taken=queue.take_back(id, store)), status_code=303)


def _list(queue: Uploads, store: Store, *, done: str | None = None, error: str | None = None) -> HTMLResponse:
    waiting = [arrival for arrival in queue.waiting(store) if arrival.batch is None]
    lines = [_line(arrival) for arrival in (*waiting, *map(queue.of_batch, store.batches()))]
    frame = Frame(f"{'Error: ' if error else ''}Uploads", "/batches", [("Overview", "/")], done=done)
    view = BatchesPage(tuple(lines), error)
    return page("batches.html", frame, view, conn=store.conn, status=400 if error else 200)


def _line(arrival: Arrival) -> Line:
    state, colour = STATES[arrival.state]
    counts = arrival.batch.counts if arrival.batch and arrival.state != "rolled_back" else None
    return Line(
        file=arrival.file,
        href=f"/batches/{arrival.id}",
        state=state,
        colour=colour,
        comments=counts.accepted if counts else None,
        rows=counts.rows if counts else None,
        when=arrival.received_at,
    )


def _batch_page(arrival: Arrival, store: Store) -> BatchPage:
    state, colour = STATES[arrival.state]
    batch = arrival.batch
    rejects = store.notices(batch.id, "reject") if batch else ()
    warnings = store.notices(batch.id, "warning") if batch else ()
    # While it is read the counts are those of the part so far, which nobody should take for the whole.
    counts = batch.counts if batch and arrival.state in ("finished", "interrupted") else None
    return BatchPage(
        title=arrival.file,
        state=state,
        colour=colour,
        is_active=arrival.state in ("queued", "running"),
        done=arrival.rows or 0,
        of=arrival.of,
        problem=arrival.problem,
        interrupted=arrival.state == "interrupted",
        when=arrival.received_at,
        counts=_counts(counts) if counts else (),
        rows=counts.rows if counts else None,
        columns=_columns(batch.column_map) if batch else (),
        decisions=tuple(str(decision) for decision in batch.decisions) if batch else (),
        rejects=rejects[:NOTICES],
        warnings=warnings[:NOTICES],
        rejects_n=len(rejects),
        warnings_n=len(warnings),
        rejects_href=f"/api/v1/batches/{arrival.id}/rejects.csv",
        reasons=REASONS,
        comments_href=links.comments(Filters(batch=batch.id)) if batch and counts and counts.accepted else None,
        take_back_href=f"/batches/{arrival.id}/take-back" if arrival.state != "rolled_back" else None,
        versions=tuple(batch.versions.items()) if batch else (),
    )


def _counts(counts: Counts) -> tuple[tuple[str, int, str], ...]:
    """What became of the rows: the name, the rows, and what else there is to say. The rows add up."""
    contentless = f", {counts.contentless:,} of them without content" if counts.contentless else ""
    return (
        ("Rows with new comments", counts.accepted_rows, f"{counts.accepted:,} comments stored{contentless}"),
        (
            "Rows stored already",
            counts.already_stored_rows,
            f"{counts.already_stored:,} comments, from an earlier upload",
        ),
        ("Rows without a comment", counts.empty, ""),
        ("Rows that repeat another", counts.duplicates, ""),
        ("Rows not stored", counts.rejects, "listed below, each with the reason"),
    )


def _columns(column_map: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Which heading of the file was taken for what."""
    found = []
    for name, headings in column_map.items():
        text = headings if isinstance(headings, str) else ", ".join(map(str, headings or ()))
        if text:
            found.append((FIELDS.get(name, name.replace("_", " ").capitalize()), text))
    return tuple(found)
