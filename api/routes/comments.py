"""Show the words: comments under any filters, one comment explained, clauses to quote; tag new ones, correct stored ones."""

import sqlite3
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import schemas
from api.deps import AskedOnWords, Connection, Data, ReaderOfWords, Redaction, WhenLoaded, Writing
from feedback.comment import Finding
from feedback.correct import Said, withdraw
from feedback.correct import as_record as correction_record
from feedback.correct import correct as keep_correction
from feedback.filters import EVERYTHING
from feedback.present import as_record
from feedback.query import (
    Order,
    Stored,
    clauses,
    comment,
    comments_page,
    corrections,
    machine_findings,
)
from feedback.read.lines import read_record
from feedback.strategies.versions import shown_under
from feedback.taxonomy import Taxonomy

router = APIRouter(tags=["comments"])


@router.post("/tag", response_model=schemas.Tagged)
def tag(given: schemas.ToTag, reader: ReaderOfWords, taxonomy: Data, when_loaded: WhenLoaded) -> dict[str, Any]:
    """Analyse up to 1,000 comments and give them back in order, under the strategy asked for or in force; nothing is stored."""
    raws = [read_record(c.model_dump(), f"place {place}") for place, c in enumerate(given.comments, start=1)]
    pipeline = when_loaded()
    analysed = (shown_under(taxonomy, done) for done in pipeline.analyse(raws))
    return {"comments": [as_record(done, taxonomy, pipeline.versions) for done in analysed]}


@router.get("/comments", response_model=schemas.CommentPage)
def comments(
    asked: AskedOnWords,
    after: Annotated[str | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List comments, newest first and undated last, page by page."""
    page = comments_page(*asked.asked, after=after, limit=limit)
    return {"comments": [_record(stored, asked.taxonomy) for stored in page.comments], "after": page.after}


@router.get("/clauses", response_model=schemas.Clauses)
def quotable(
    asked: AskedOnWords,
    order: Annotated[Order, Query(description="The surest first, the most negative, or the most positive.")] = "score",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List single clauses with their citations, such as the most negative on a theme."""
    return {"clauses": clauses(*asked.asked, order=order, limit=limit)}


@router.get("/comments/{id:path}/corrections", response_model=schemas.Corrections)
def corrected(id: str, conn: Connection, reader: ReaderOfWords) -> dict[str, Any]:
    """List what people said of a comment, the first thing first, with what the models had read of the same."""
    return _corrections(conn, comment(conn, id, reader.scope))


@router.get("/comments/{id:path}", response_model=schemas.ExplainedComment)
def one(id: str, conn: Connection, taxonomy: Data, reader: ReaderOfWords) -> dict[str, Any]:
    """Show one comment by its id, its citation or that of a clause, with every finding explained."""
    return _explained(comment(conn, id, reader.scope), taxonomy)


@router.post("/comments/{id:path}/corrections", response_model=schemas.ExplainedComment, status_code=201)
def correct(
    id: str, said: schemas.CorrectionToSave, taxonomy: Data, reader: ReaderOfWords, store: Writing, redact: Redaction
) -> dict[str, Any]:
    """Keep what a person says of a comment; it outranks every machine, now and after every re-analysis."""
    given = said.model_dump(exclude={"start", "end", "reason"})
    stored = comment(store.conn, id, reader.scope)
    if said.clause is None and (said.start is not None or said.end is not None):
        end = len(stored.analysed.comment.text) if said.end is None else said.end
        given["words"] = (said.start or 0, end)
    keep_correction(
        store,
        taxonomy,
        id,
        Said(**given),
        by=reader.name,
        reason=said.reason,
        redact=redact,
        scope=reader.scope,
    )
    # Not by the reader's scope: a correction of the service may just have moved the comment out of it.
    return _explained(comment(store.conn, stored.citation, EVERYTHING), taxonomy)


@router.delete("/comments/{id:path}/corrections/{number}", response_model=schemas.ExplainedComment)
def undo(id: str, number: int, taxonomy: Data, reader: ReaderOfWords, store: Writing) -> dict[str, Any]:
    """Withdraw a correction: what was said or read before it stands again. It stays in the list, as withdrawn."""
    stored = comment(store.conn, id, reader.scope)
    withdraw(store, stored.citation, by=reader.name, number=number, scope=reader.scope)
    return _explained(comment(store.conn, stored.citation, EVERYTHING), taxonomy)


def _corrections(conn: sqlite3.Connection, stored: Stored) -> dict[str, Any]:
    machine = machine_findings(conn, [stored.number])[stored.number]
    made = corrections(conn, stored.number)
    return {"citation": stored.citation, "corrections": [correction_record(one, machine) for one in made]}


def _record(stored: Stored, taxonomy: Taxonomy) -> dict[str, Any]:
    record = as_record(stored.analysed, taxonomy, stored.versions)
    return record | {"citation": stored.citation, "date_precision": stored.date_precision}


def _explained(stored: Stored, taxonomy: Taxonomy) -> dict[str, Any]:
    text = stored.analysed.comment.text
    return _record(stored, taxonomy) | {
        "explanation": [
            {
                "kind": f.kind,
                "label": f.label,
                "title": _title(f, taxonomy),
                "polarity": f.polarity,
                "score": round(f.score, 3),
                "words": text[f.start : f.end],
                "start": f.start,
                "end": f.end,
                "by": f.by,
                "detail": f.detail,
            }
            for f in stored.analysed.findings
        ]
    }


def _title(finding: Finding, taxonomy: Taxonomy) -> str:
    """The name of a label, as a person reads it."""
    label = finding.label
    match finding.kind:
        case "service":
            return taxonomy.service_name(label)
        case "theme":
            return taxonomy.theme(label).name
        case "value":
            return taxonomy.value(label).name
        case "objective":
            return taxonomy.objective(label).title
        case "statement":
            return taxonomy.statement(label).title
        case _:
            return label.replace("_", " ")
