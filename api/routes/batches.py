"""Take uploads in, show how far each has come and what was left out, and take one back."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api import hidden, schemas
from api.deps import NOBODY, Data, Queue, ReaderOfAll, ReaderOfWords, Redaction, Writing, signed_by
from api.uploads import Arrival, Wishes
from feedback.batches.mend import ListFormat, list_bytes
from feedback.errors import BadInput
from feedback.filters import Filters
from feedback.query import unresolved_services

router = APIRouter(prefix="/batches", tags=["batches"])

NOTICES = 1_000  # of each kind in an answer; the CSV lists have all
KINDS: dict[str, Literal["reject", "warning"]] = {"rejects": "reject", "warnings": "warning"}
MEDIA: dict[ListFormat, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Heading = Annotated[str | None, Form(description="The heading of that column; left out, it is found by evidence.")]
Headings = Annotated[list[str] | None, Form(description="The headings of those columns, most specific service first.")]


@router.post(
    "",
    status_code=202,
    response_model=schemas.Batch,
    responses={200: {"model": schemas.Preview, "description": "With dry_run: what the file would come to."}},
)
def upload(
    reader: ReaderOfAll,
    queue: Queue,
    file: Annotated[UploadFile, File(description="CSV, a workbook, JSON or JSON Lines, as it was exported.")],
    comment: Headings = None,
    service: Headings = None,
    date: Heading = None,
    respondent: Heading = None,
    rating: Heading = None,
    question: Heading = None,
    id: Heading = None,
    sheet: Annotated[str | None, Form(description="The sheet of a workbook; left out, all that hold comments.")] = None,
    day_first: Annotated[bool | None, Form(description="How 03/04/2025 is meant; left out, by evidence.")] = None,
    date_order: Annotated[
        Literal["", "evidence", "day", "month", "remembered"],
        Form(
            description="The same in a word; remembered: as was chosen for files with these headings, where the dates prove nothing else."
        ),
    ] = "",
    rating_best: Annotated[
        Literal["", "1", "5"], Form(description="Which number of the rating is very good; left out, a legend decides.")
    ] = "",
    dry_run: Annotated[bool, Form(description="Say at once what would happen and store nothing.")] = False,
) -> Response:
    """Take a file in and answer at once; it is read behind, one file after another, and every row accounted for."""
    asked: dict[str, str | Sequence[str] | None] = {
        "comment": [heading for heading in comment or () if heading],
        "service": [heading for heading in service or () if heading],
        "date": date,
        "respondent": respondent,
        "rating": rating,
        "question": question,
        "id": id,
    }
    mapping = {name: headings for name, headings in asked.items() if headings}  # a form sends its empty fields as well
    if rating_best:
        mapping["rating"] = f"{rating or ''}:{rating_best}=very_good"
    if date_order and day_first is not None:
        raise BadInput("Say how dates are meant once: date_order or day_first.")
    day_first = {"day": True, "month": False}.get(date_order, day_first)
    wishes = Wishes(mapping or None, sheet or None, day_first, date_order == "remembered")
    if dry_run:
        report = queue.rehearse(file.file, file.filename or "", wishes)
        counts = asdict(report) | {"rejects": len(report.rejects), "warnings": len(report.warnings)}
        lists = {"reject_list": report.rejects[:NOTICES], "warning_list": report.warnings[:NOTICES]}
        return _json(schemas.Preview.model_validate(counts | lists), 200)
    answer = schemas.Batch.model_validate(_shown(queue.receive(file.file, file.filename or "", wishes)))
    return _json(answer, 202, {"Location": answer.links.self})


@router.get("", response_model=schemas.Batches)
def listed(
    reader: ReaderOfAll,
    queue: Queue,
    store: Writing,
    after: Annotated[int | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List uploads: those that wait, are being read or failed, then all batches, newest first, page by page."""
    rest = [batch for batch in store.batches() if after is None or batch.id < after]
    page = rest[:limit]
    return {
        "waiting": [_shown(arrival) for arrival in queue.waiting(store)] if after is None else [],
        "batches": [_shown(queue.of_batch(batch)) for batch in page],
        "after": str(page[-1].id) if len(rest) > limit else None,
    }


@router.get("/{id}", response_model=schemas.BatchDetail)
def one(id: str, reader: ReaderOfAll, queue: Queue, store: Writing, taxonomy: Data) -> dict[str, Any]:
    """Show how far an upload has come, how it was read, and what was left out and why."""
    arrival = queue.arrival(id, store)
    detail: dict[str, Any] = dict.fromkeys(("decisions", "rejects", "warnings", "unresolved"), ())
    detail |= {"column_map": {}, "versions": {}}
    if batch := arrival.batch:
        unresolved = unresolved_services(store.conn, taxonomy, Filters(batch=batch.id), reader.scope)
        detail = {
            "column_map": batch.column_map,
            "decisions": batch.decisions,
            "rejects": store.notices(batch.id, "reject")[:NOTICES],
            "warnings": store.notices(batch.id, "warning")[:NOTICES],
            "unresolved": hidden.rows(unresolved, may_read=reader.may_read, parts=()),
            "versions": batch.versions,
        }
    return _shown(arrival) | detail


@router.get(
    "/{id}/{rows}.{form}",
    response_class=Response,
    responses={
        200: {
            "content": {media: {} for media in MEDIA.values()},
            "description": "Sheet, row, reason and detail of each row not stored (rejects) or stored with a field left blank "
            "(warnings), the citations it is stored as, and its cells.",
        }
    },
)
def rows_to_mend(
    id: str,
    rows: Literal["rejects", "warnings"],
    form: ListFormat,
    reader: ReaderOfWords,
    _: ReaderOfAll,
    queue: Queue,
    store: Writing,
) -> Response:
    """Give the rows that need mending as a spreadsheet to mend and send again; no cell of it can be taken for a formula.

    The cells are redacted, and those of columns that are never stored are left out. A mended row that is stored already fills
    the date or rating it lacked; send the list with its first five columns, or it would come in twice.
    """
    batch = queue.arrival(id, store).batch
    found = store.returned(batch.id, KINDS[rows]) if batch else ()
    content = list_bytes(store.headings(batch.id) if batch else {}, found, form)
    name = f"{rows}-{batch.id if batch else 'none'}.{form}"
    return Response(content, media_type=MEDIA[form], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.delete("/{id}", response_model=schemas.RolledBack)
def roll_back(
    id: str,
    reader: ReaderOfAll,
    queue: Queue,
    store: Writing,
    redact: Redaction,
    by: Annotated[str, Form(max_length=100, description="Who takes it back, where the reader is not known.")] = "",
    reason: Annotated[str, Form(max_length=2_000, description="Why, without a person's name; it is redacted.")] = "",
    flags_dealt_with: Annotated[
        bool, Form(description="Undecided safety flags go with it, and they have been dealt with.")
    ] = False,
) -> dict[str, Any]:
    """Take an upload back as if it had never come, whether it waits, is being read or is finished.

    With safety flags about which nobody has decided it is refused until flags_dealt_with says so, with a name and a reason.
    """
    batch = queue.arrival(id, store).batch
    name = signed_by(reader, by) if by.strip() or reader.name != NOBODY else ""
    why = redact(reason) if reason.strip() else ""
    removed = queue.take_back(id, store, by=name, reason=why, flags_dealt_with=flags_dealt_with)
    receipt = store.batch(batch.id).taken_back if batch else None
    return {"id": id, "removed": removed, "flags": receipt.flags if receipt else ()}


def _shown(arrival: Arrival) -> dict[str, Any]:
    batch, address = arrival.batch, f"/api/v1{router.prefix}/{arrival.id}"
    return {
        "id": arrival.id,
        "batch": batch.id if batch else None,
        "file": arrival.file,
        "state": arrival.state,
        "received_at": arrival.received_at,
        "finished_at": batch.finished_at if batch else None,
        "progress": None if arrival.rows is None else {"rows": arrival.rows, "of": arrival.of},
        "problem": arrival.problem,
        "counts": asdict(batch.counts) if batch else None,
        "erased": batch.erased if batch else 0,
        "taken_back": batch.taken_back if batch else None,
        "links": {"self": address, "rejects": f"{address}/rejects.csv", "warnings": f"{address}/warnings.csv"},
    }


def _json(answer: BaseModel, status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(answer.model_dump(mode="json"), status, headers)
