"""Make documents to take to a meeting, keep what they said, hand them out in each format, and check them again later."""

import re
import sqlite3
from datetime import UTC, datetime
from datetime import date as Day
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Connection, Data, Reader, ReaderOfWords, ShippedData, Writing, refuse_out_of_scope
from feedback.documents.asked import Form, PackAsked, PackKind, asked_of
from feedback.documents.files import LARGEST, MEDIA_TYPES, file_of, read_file
from feedback.documents.kept import Kept, all_kept, keep, kept
from feedback.documents.verify import Verification, made_again, verify, verify_file
from feedback.filters import Filters
from feedback.strategies.versions import two_to_compare, under
from feedback.taxonomy import Taxonomy

router = APIRouter(prefix="/reports", tags=["reports"])


class StrategiesToCompare(BaseModel):
    """Two strategies by their versions; without them the one that the models read and the one adopted that is in force, or the last."""

    model_config = ConfigDict(extra="forbid")

    old: str | None = Field(None, examples=["2025-2030"])
    new: str | None = Field(None, examples=["2030-2035"])


class ReportToMake(BaseModel):
    """What a document is to be on: one of the first eight, and further filters. `board` is the summary of all."""

    model_config = ConfigDict(extra="forbid")

    objective: str | None = Field(None, examples=["B2"])
    value: str | None = Field(None, examples=["kind"])
    statement: str | None = Field(None, examples=["B2.W5"])
    evidence: str | None = Field(None, description="An outcome or a supporting strategy.", examples=["outcome:Q2"])
    service: str | None = Field(None, examples=["podiatry"])
    programme: str | None = Field(None, examples=["CHT"])
    board: bool = False
    compare: StrategiesToCompare | None = Field(None, description="An older and a newer strategy side by side.")
    theme: str | None = None
    respondent: str | None = None
    county: str | None = None
    date_from: Day | None = Field(None, alias="from")
    date_to: Day | None = Field(None, alias="to", description="Included.")


class ReportLinks(BaseModel):
    """Where the document is, in each format, and where it is checked."""

    self: str
    verification: str
    docx: str
    html: str
    md: str
    json_: str = Field(serialization_alias="json")


class DataVersion(BaseModel):
    """The comments it rests on: how many, and a SHA-256 over them and what was found in them."""

    comments: int
    digest: str


class Report(BaseModel):
    """A document that was made: what it was asked for, what it rests on, its figures and what it cites. It holds no words."""

    id: int
    kind: PackKind
    of: str | None
    title: str
    filters: dict[str, str]
    by: str
    made_at: str
    command: str
    data: DataVersion
    versions: dict[str, str]
    content: str = Field(description="SHA-256 of what it says, the same in every format.")
    citations: list[str]
    links: ReportLinks


class ReportDetail(Report):
    """The same with every figure by its name, as it is shown."""

    figures: dict[str, str]


class Reports(BaseModel):
    """Documents that were made, latest first; `after` asks for the next page."""

    reports: list[Report]
    after: int | None


class FigureDifference(BaseModel):
    """One figure that differs; null where there was, or is, none of that name."""

    figure: str
    then: str | None
    now: str | None


class AlteredLine(BaseModel):
    """One line of a changed file: what was written, empty where it was not there or is not known any more, and what it says."""

    then: str
    now: str


class ReportVerification(BaseModel):
    """What was found. `holds`: the file is unchanged, of this database, and every figure is the same today.

    `changed` names what of the file is not as it was made; null where no file was sent.
    """

    title: str
    made_at: str
    command: str
    holds: bool
    same_figures: bool
    same_data: bool
    same_words: bool
    genuine: bool
    changed: list[str] | None
    altered: list[AlteredLine] = Field(description="The lines of a changed file, as far as they can be told.")
    figures: int
    differences: list[FigureDifference]
    quoted_then_only: list[str]
    quoted_now_only: list[str]
    reasons: list[str]
    refused: str
    strategy: str = Field(description="That it is of another strategy than the one in force; empty where it is not.")
    sentences: list[str]


FormAsked = Annotated[Form, Query(alias="format", description="docx, html, md or json.")]


@router.post("", response_model=ReportDetail, status_code=201)
def make(
    said: ReportToMake, reader: ReaderOfWords, taxonomy: Data, shipped: ShippedData, store: Writing
) -> dict[str, Any]:
    """Make a document and keep its record: what it was asked for, its figures, citations and checksums, and no words."""
    given = said.model_dump(exclude={"board", "compare"})
    compare = None
    if said.compare:
        compare = two_to_compare(store.conn, shipped, said.compare.old, said.compare.new)
        taxonomy = under(store.conn, shipped, shipped.versions["strategy"])
    asked = asked_of(Filters(**given).check(taxonomy, store.conn), board=said.board, compare=compare)
    refuse_a_service_out_of_scope(reader, asked)
    return shown(keep(store, taxonomy, asked, reader.scope, by=reader.name), with_figures=True)


@router.get("", response_model=Reports)
def listed(
    reader: ReaderOfWords,
    conn: Connection,
    after: Annotated[int | None, Query(ge=1, description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List the documents that were made, latest first, page by page."""
    page = all_kept(conn, reader.scope, after=after, limit=limit)
    return {"reports": [shown(one) for one in page.packs], "after": page.after}


@router.post("/verify", response_model=ReportVerification)
def verify_upload(
    reader: ReaderOfWords,
    conn: Connection,
    taxonomy: ShippedData,
    file: Annotated[UploadFile, File(description="A document made by this system: Word, HTML, Markdown or JSON.")],
) -> dict[str, Any]:
    """Check a document: was it changed since it was made, and does the database give the same figures today?"""
    return found_in(verify_file(conn, taxonomy, read_file(content_of(file)), reader.scope))


@router.get("/{id}", response_model=ReportDetail)
def report(id: int, reader: ReaderOfWords, conn: Connection) -> dict[str, Any]:
    """Show what a document that was made said: its figures and citations, without words."""
    return shown(kept(conn, id, reader.scope), with_figures=True)


@router.get(
    "/{id}/file",
    response_class=Response,
    responses={200: {"content": {media.split(";")[0]: {} for media in MEDIA_TYPES.values()}}},
)
def file(id: int, reader: ReaderOfWords, conn: Connection, taxonomy: ShippedData, form: FormAsked = "docx") -> Response:
    """Hand out the document, made from the comments as they are now: `X-Same-Content` says whether it says the same as then."""
    return file_answer(kept(conn, id, reader.scope), form, reader, conn, taxonomy)


@router.get("/{id}/verification", response_model=ReportVerification)
def verification(id: int, reader: ReaderOfWords, conn: Connection, taxonomy: ShippedData) -> dict[str, Any]:
    """Check a document that was made by its number: would it say the same today, and if not, why?"""
    return found_in(verify(conn, taxonomy, kept(conn, id, reader.scope).record, reader.scope))


def shown(one: Kept, *, with_figures: bool = False) -> dict[str, Any]:
    """A document that was made, as an answer shows it."""
    record, path = one.record, f"/api/v1/reports/{one.id}"
    files: dict[str, str] = {form: f"{path}/file?format={form}" for form in MEDIA_TYPES}
    found = {
        "id": one.id,
        "kind": record.kind,
        "of": record.id,
        "title": record.title,
        "filters": record.filters,
        "by": one.by,
        "made_at": record.made_at,
        "command": record.command,
        "data": {"comments": record.data.comments, "digest": record.data.digest},
        "versions": record.versions,
        "content": record.content,
        "citations": record.citations,
        "links": {"self": path, "verification": f"{path}/verification", "json_": files.pop("json"), **files},
    }
    return found | ({"figures": record.figures} if with_figures else {})


def file_answer(one: Kept, form: Form, reader: Reader, conn: sqlite3.Connection, shipped: Taxonomy) -> Response:
    """A document that was made, made from the comments as they are now, to be downloaded.

    Where it says the same as then it is the same document, made then; where not it is one of today.
    """
    then = datetime.fromisoformat(one.record.made_at)
    pack = made_again(conn, shipped, one.record, reader.scope, form, now=then)
    same = pack.record.content == one.record.content
    if not same:
        pack = made_again(conn, shipped, one.record, reader.scope, form, now=datetime.now(UTC))
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(one)}.{form}"',
        "X-Same-Content": "yes" if same else "no",
    }
    return Response(file_of(pack, form, conn), media_type=MEDIA_TYPES[form], headers=headers)


def file_name(one: Kept) -> str:
    """A name for the file, of letters that every system takes: "pack-12-o3"."""
    return f"pack-{one.id}-{re.sub(r'[^a-z0-9]+', '-', (one.record.id or one.record.kind).lower()).strip('-')}"


def content_of(file: UploadFile) -> bytes:
    """What was sent, no more than a pack can be. Raises BadFile."""
    return file.file.read(LARGEST + 1)


def found_in(found: Verification) -> dict[str, Any]:
    """What was found of a document, as an answer says it."""
    return found.as_dict()


def refuse_a_service_out_of_scope(reader: Reader, asked: PackAsked) -> None:
    """Raise NotFound for a service that is not the reader's."""
    if asked.filters.service is not None:
        refuse_out_of_scope(reader, asked.filters.service)
