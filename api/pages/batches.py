"""Take a file of comments in, show how far it has come and what became of every row, and take a batch back.

An upload has a page from the moment it arrives; once it is a batch, its number is the address that lasts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Queue, ReaderOfAll, Redaction, Writing
from api.pages import links
from api.pages.render import Frame, page, plural
from api.uploads import LOOK_SECONDS, Arrival, Look, Uploads, Wishes
from feedback.errors import BadFile, BadInput
from feedback.filters import Filters
from feedback.store import Store
from feedback.stored import Counts, Notice, TakenBack
from feedback.undecided import said

router = APIRouter()

REFRESH = 2  # seconds between looks at a running upload
NOTICES = 100  # of each kind on a page; the lists for a spreadsheet have all

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
REMEMBERED = "remembered"
DAY_FIRST = {"day": True, "month": False}
CHOSEN = {
    "date": "Date",
    "rating": "Friends and Family Test answer",
    "respondent": "Who answered",
    "question": "Question",
    "id": "Id",
}
SERVICES = 3  # columns of the service, most specific first, that a page lets a person choose


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
    left: str | None
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
    warnings_href: str
    reasons: Mapping[str, str]
    comments_href: str | None
    changes_href: str | None
    take_back_href: str | None
    receipt: str | None
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of the preview's form: the headings to choose from as (value, words, whether chosen)."""

    name: str
    label: str
    items: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class LookPage:
    """What a file would come to, before anything of it is stored, and the form that says how else to read it.

    `found` are the columns taken: what for, the heading, in how many comments, what can be told of them. `error` is what was
    wrong with the last choice. `asks` want an answer. `asked_before`: the order of day and month that is filled in was chosen for
    files with these headings before.
    """

    file: str
    action: str
    minutes: int
    counts: tuple[tuple[str, int, str], ...]
    rows: int
    found: tuple[tuple[str, str, int, str], ...]
    asks: tuple[str, ...]
    decisions: tuple[str, ...]
    rejects: tuple[Notice, ...]
    warnings: tuple[Notice, ...]
    rejects_n: int
    warnings_n: int
    reasons: Mapping[str, str]
    comments: Choice
    choices: tuple[Choice, ...]
    sheet: str
    day_order: str
    asked_before: bool
    rating_best: str
    error: str | None


@dataclass(frozen=True, slots=True)
class TakeBackPage:
    """The question before a batch goes: `flags` says which undecided safety flags would go, None where none would.

    `name` and `reason` are as they were given the last time, `errors` what was wrong with them.
    """

    file: str
    comments: int
    action: str
    back: str
    flags: str | None
    name: str
    reason: str
    errors: dict[str, str]


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
    rating_best: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "store",
) -> HTMLResponse | RedirectResponse:
    """Take a file in and show how far it has come, or what it would come to. Headings left blank are found by evidence."""
    if file is None or isinstance(file, str) or not file.filename:
        return _list(queue, store, error="Select a file of comments")
    given = {"date": date.strip(), "respondent": respondent.strip(), "rating": rating.strip()}
    mapping: dict[str, Any] = {name: heading for name, heading in given.items() if heading}
    for name, headings in (("comment", comment), ("service", service)):
        if found := [heading.strip() for heading in headings.splitlines() if heading.strip()]:
            mapping[name] = found
    if rating_best in ("1", "5"):
        mapping["rating"] = f"{mapping.get('rating', '')}:{rating_best}=very_good"
    wishes = Wishes(mapping or None, sheet.strip() or None, DAY_FIRST.get(day_order), day_order == REMEMBERED)
    if do == "look":
        try:
            look = queue.look(file.file, file.filename, wishes)
        except (BadFile, BadInput) as error:
            return _list(queue, store, error=str(error))
        return RedirectResponse(f"/batches/looks/{look.id}", status_code=303)
    received = queue.receive(file.file, file.filename, wishes)
    return RedirectResponse(f"/batches/{received.id}", status_code=303)


@router.get("/batches/looks/{id}")
def look(id: str, reader: ReaderOfAll, queue: Queue, store: Writing) -> HTMLResponse:
    """What a file would come to; nothing of it is stored yet."""
    return _look(queue.looked_at(id), store)


@router.post("/batches/looks/{id}", response_model=None)
def look_again(
    id: str,
    reader: ReaderOfAll,
    queue: Queue,
    store: Writing,
    comment: Annotated[list[str] | None, Form()] = None,
    service: Annotated[list[str] | None, Form()] = None,
    date: Annotated[str, Form()] = "",
    respondent: Annotated[str, Form()] = "",
    rating: Annotated[str, Form()] = "",
    question: Annotated[str, Form()] = "",
    id_column: Annotated[str, Form(alias="id")] = "",
    sheet: Annotated[str, Form()] = "",
    day_order: Annotated[str, Form()] = "",
    rating_best: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "look",
) -> HTMLResponse | RedirectResponse:
    """Read the file otherwise and show that, or store it so, or delete it."""
    if do == "put_away":
        queue.put_away(id)
        return RedirectResponse("/batches", status_code=303)
    before = queue.looked_at(id)
    if not comment:
        return _look(before, store, error="Choose at least one column that holds comments")
    legend = f":{rating_best}=very_good" if rating and rating_best in ("1", "5") else ""
    mapping = {
        "comment": comment,
        "service": list(dict.fromkeys(filter(None, service or ()))),
        "date": date,
        "respondent": respondent,
        "rating": rating + legend,
        "question": question,
        "id": id_column,
    }
    wishes = Wishes(mapping, sheet or None, DAY_FIRST.get(day_order))
    if do == "store":
        return RedirectResponse(f"/batches/{queue.confirm(id, wishes).id}", status_code=303)
    try:
        queue.look_again(id, wishes)
    except (BadFile, BadInput) as error:
        return _look(before, store, error=str(error))
    return RedirectResponse(f"/batches/looks/{id}", status_code=303)


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
    return _take_back_form(queue.arrival(id, store), id, store)


@router.post("/batches/{id}/take-back", response_model=None)
def take_back(
    id: str,
    reader: ReaderOfAll,
    queue: Queue,
    store: Writing,
    redact: Redaction,
    name: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    flags_dealt_with: Annotated[bool, Form()] = False,
) -> HTMLResponse | RedirectResponse:
    """Take an upload back as if it had never come; undecided safety flags go with it only where somebody signs for that."""
    arrival = queue.arrival(id, store)
    if arrival.batch and store.flags_of(arrival.batch.id):
        errors = {
            "flags_dealt_with": "" if flags_dealt_with else "Confirm that the safety flags have been dealt with",
            "name": "" if name.strip() else "Enter your name",
            "reason": "" if reason.strip() else "Say why it is taken back",
        }
        if errors := {field: problem for field, problem in errors.items() if problem}:
            return _take_back_form(arrival, id, store, name=name, reason=reason, errors=errors)
    why = redact(reason) if reason.strip() else ""
    taken = queue.take_back(id, store, by=name, reason=why, flags_dealt_with=flags_dealt_with)
    return RedirectResponse(links.link("/batches", taken=taken), status_code=303)


def _take_back_form(
    arrival: Arrival, id: str, store: Store, *, name: str = "", reason: str = "", errors: dict[str, str] | None = None
) -> HTMLResponse:
    batch = arrival.batch
    flags = store.flags_of(batch.id) if batch else ()
    view = TakeBackPage(
        file=arrival.file,
        comments=batch.counts.accepted - batch.erased if batch else 0,
        action=f"/batches/{id}/take-back",
        back=f"/batches/{id}",
        flags=said(flags) if flags else None,
        name=name,
        reason=reason,
        errors=errors or {},
    )
    above = [("Overview", "/"), ("Uploads", "/batches"), (arrival.file, f"/batches/{id}")]
    frame = Frame(f"{'Error: ' if errors else ''}Take back {arrival.file}?", "/batches", above)
    return page("take_back.html", frame, view, conn=store.conn, status=400 if errors else 200)


def _list(queue: Uploads, store: Store, *, done: str | None = None, error: str | None = None) -> HTMLResponse:
    waiting = [arrival for arrival in queue.waiting(store) if arrival.batch is None]
    lines = [_line(arrival) for arrival in (*waiting, *map(queue.of_batch, store.batches()))]
    frame = Frame(f"{'Error: ' if error else ''}Uploads", "/batches", [("Overview", "/")], done=done)
    view = BatchesPage(tuple(lines), error)
    return page("batches.html", frame, view, conn=store.conn, status=400 if error else 200)


def _look(look: Look, store: Store, *, error: str | None = None) -> HTMLResponse:
    report, wishes = look.report, look.wishes
    lists = {"rejects": len(report.rejects), "warnings": len(report.warnings)}
    counted = {part.name: getattr(report, part.name) for part in fields(Counts)} | lists
    taken = report.column_map
    headings = list(dict.fromkeys(report.headings))
    services = [*taken["service"], *[""] * SERVICES][:SERVICES]
    now = {"respondent": taken["respondent_type"], **taken}
    choices = [
        _choice("service", "Service" if not n else f"Service, broader ({n + 1})", headings, heading)
        for n, heading in enumerate(services)
    ]
    choices += [_choice(name, label, headings, now[name]) for name, label in CHOSEN.items()]
    legend = str((wishes.mapping or {}).get("rating", "")).rpartition(":")[2]
    view = LookPage(
        file=look.file,
        action=f"/batches/looks/{look.id}",
        minutes=LOOK_SECONDS // 60,
        counts=_counts(Counts(**counted), verb=""),
        rows=report.rows,
        found=tuple((FIELDS[c.field], c.heading, c.filled, c.seen) for c in report.columns),
        asks=tuple(map(_for_a_page, report.asks)),
        decisions=tuple(_for_a_page(said) for said in report.decisions if said not in report.asks),
        rejects=report.rejects[:NOTICES],
        warnings=report.warnings[:NOTICES],
        rejects_n=len(report.rejects),
        warnings_n=len(report.warnings),
        reasons=REASONS,
        comments=Choice("comment", "Comments", tuple((h, h, h in taken["comment"]) for h in headings)),
        choices=tuple(choices),
        sheet=wishes.sheet or "",
        day_order=_day_order(look),
        asked_before=report.remembered_order is not None and wishes.day_first is None,
        rating_best=legend[0] if legend.endswith("=very_good") else "",
        error=error,
    )
    title = f"{'Error: ' if error else ''}{look.file} before it is stored"
    frame = Frame(title, "/batches", [("Overview", "/"), ("Uploads", "/batches")])
    return page("batch_look.html", frame, view, conn=store.conn, status=400 if error else 200)


def _day_order(look: Look) -> str:
    """The choice that is filled in: what was chosen for this file, or on the first look what was chosen for such files before."""
    if look.wishes.day_first is not None:
        return "day" if look.wishes.day_first else "month"
    return (look.report.remembered_order or "") if look.first else ""


def _choice(name: str, label: str, headings: Sequence[str], chosen: str | None) -> Choice:
    items = (("", "Not in this file", not chosen), *((h, h, h == chosen) for h in headings))
    return Choice(name, label, items)


def _left(arrival: Arrival) -> str | None:
    """How fast the reading goes and how long it will take yet, in words."""
    if arrival.per_second is None or arrival.seconds_left is None:
        return None
    seconds = arrival.seconds_left
    minutes = round(seconds / 60)
    left = "less than a minute" if seconds < 50 else "about a minute" if minutes <= 1 else f"about {minutes} minutes"
    return f"{arrival.per_second:,.0f} rows a second, {left} left"


def _line(arrival: Arrival) -> Line:
    state, colour = STATES[arrival.state]
    counts = arrival.batch.counts if arrival.batch and arrival.state != "rolled_back" else None
    return Line(
        file=arrival.file,
        href=f"/batches/{arrival.id}",
        state=state,
        colour=colour,
        comments=counts.accepted - arrival.batch.erased if arrival.batch and counts else None,
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
        left=_left(arrival),
        problem=_for_a_page(arrival.problem) if arrival.problem else None,
        interrupted=arrival.state == "interrupted",
        when=arrival.received_at,
        counts=_counts(counts, batch.erased if batch else 0) if counts else (),
        rows=counts.rows if counts else None,
        columns=_columns(batch.column_map) if batch else (),
        decisions=tuple(_for_a_page(str(decision)) for decision in batch.decisions) if batch else (),
        rejects=rejects[:NOTICES],
        warnings=warnings[:NOTICES],
        rejects_n=len(rejects),
        warnings_n=len(warnings),
        rejects_href=f"/api/v1/batches/{arrival.id}/rejects",
        warnings_href=f"/api/v1/batches/{arrival.id}/warnings",
        reasons=REASONS,
        comments_href=links.comments(Filters(batch=batch.id)) if batch and counts and counts.accepted else None,
        changes_href=links.link("/changes", upload=batch.id) if batch and counts and counts.accepted else None,
        take_back_href=f"/batches/{arrival.id}/take-back" if arrival.state != "rolled_back" else None,
        receipt=_receipt(batch.taken_back) if batch and batch.taken_back else None,
        versions=tuple(batch.versions.items()) if batch else (),
    )


def _receipt(taken: TakenBack) -> str:
    """Who took an upload back, why, and what went."""
    went = f"{plural(taken.comments, 'comment')} went"
    if taken.flags:
        went += f", with safety flags that nobody had decided about: {said(taken.flags)}"
    return f"Taken back by {taken.by or 'somebody who gave no name'}{f' ({taken.reason})' if taken.reason else ''}. {went}."


def _counts(counts: Counts, erased: int = 0, *, verb: str = " stored") -> tuple[tuple[str, int, str], ...]:
    """What became of the rows: the name, the rows, and what else there is to say. The rows add up."""
    contentless = f", {counts.contentless:,} of them without content" if counts.contentless else ""
    since = f"; {erased:,} of them erased since" if erased else ""
    return (
        ("Rows with new comments", counts.accepted_rows, f"{counts.accepted:,} comments{verb}{contentless}{since}"),
        (
            "Rows stored already",
            counts.already_stored_rows,
            f"{counts.already_stored:,} comments, from an earlier upload",
        ),
        ("Rows without a comment", counts.empty, ""),
        ("Rows that repeat another", counts.duplicates, ""),
        ("Rows not stored", counts.rejects, "listed below, each with the reason"),
    )


def _for_a_page(said: str) -> str:
    """A decision without the command line's way of changing it: a page has its own form for that.

    >>> _for_a_page('Ratings are left blank: say --map "rating=Score:1=very_good" to read them.')
    'Ratings are left blank.'
    >>> _for_a_page("Which order do the dates have? Say --day-first or --month-first to read all of them.")
    'Which order do the dates have?'
    """
    plain = re.split(r"(?:: say| \() ?--map|; `feedback | Say --", said)[0]
    return plain if plain == said or plain.endswith("?") else plain + "."


def _columns(column_map: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Which heading of the file was taken for what."""
    found = []
    for name, headings in column_map.items():
        text = headings if isinstance(headings, str) else ", ".join(map(str, headings or ()))
        if text:
            found.append((FIELDS.get(name, name.replace("_", " ").capitalize()), text))
    return tuple(found)
