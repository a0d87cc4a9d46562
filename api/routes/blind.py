"""Draw samples for blind reading, hand their comments out one by one, and take what the reader says of each.

Whoever reads is told nothing that a machine found, not even the comment's citation; and nothing is said of what a sample comes
to while there is something to read in it.
"""

import sqlite3
from dataclasses import asdict
from datetime import date as Day
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import schemas
from api.deps import AskedOnWords, Connection, Data, ReaderOfWords, Writing
from feedback.safety.blind import (
    MAX_SIZE,
    Answer,
    Sample,
    answer,
    draw,
    estimate,
    next_to_read,
    sample,
    samples,
)

router = APIRouter(prefix="/signals/samples", tags=["safety"])


class SampleDrawn(BaseModel):
    """What was drawn, from how many, and how far it is read; `missed` is null while there is something to read."""

    id: int
    drawn_at: str
    drawn_by: str
    seed: int
    described: str = Field(examples=["All comments"])
    unflagged: int = Field(description="Comments that it was drawn from and no machine had flagged.")
    flagged: int = Field(description="Comments that it was drawn from and a machine had flagged.")
    versions: dict[str, str]
    size: int
    read: int
    skipped: int
    missed: schemas.Missed | None


class Samples(BaseModel):
    """The samples drawn, the latest first."""

    samples: list[SampleDrawn]


class ToDraw(BaseModel):
    """How many unflagged comments to draw; one flagged is mixed in for every five."""

    model_config = ConfigDict(extra="forbid")

    size: int = Field(100, ge=1, le=MAX_SIZE)
    seed: int | None = Field(None, description="For the same draw again over the same comments.")
    by: str = Field("", max_length=100, description="Who draws; whoever asks, where this is left out.")


class CommentToRead(BaseModel):
    """A comment as its blind reader sees it."""

    place: int = Field(description="Its place in the sample, by which it is answered.")
    text: str
    question: str | None
    date: Day | None
    date_precision: Literal["day", "month"]


class NextToRead(BaseModel):
    """The next comment to read, null where none is left, and how far the sample is read."""

    comment: CommentToRead | None
    read: int
    skipped: int
    size: int


class BlindAnswer(BaseModel):
    """What a reader says of a comment: it can wait (none), watch, urgent, or null to skip it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"severity": "watch", "kind": "complaint_intent", "by": "A. Reader"}},
    )

    severity: Literal["none", "watch", "urgent"] | None
    kind: str | None = Field(None, max_length=100, description="What it is about, with watch and urgent.")
    by: str = Field("", max_length=100, description="Who reads; whoever asks, where this is left out.")


class Answered(BaseModel):
    """Whether the answer has put a flag on the safety queue, or raised one there."""

    flagged: bool


@router.get("", response_model=Samples)
def drawn(asked: AskedOnWords) -> dict[str, Any]:
    """List the samples that were drawn for what this reader may see."""
    found = samples(asked.conn, asked.taxonomy, asked.reader.scope)
    return {"samples": [_shown(asked.conn, one) for one in found]}


@router.post("", response_model=SampleDrawn, status_code=201)
def draw_one(given: ToDraw, asked: AskedOnWords, store: Writing) -> dict[str, Any]:
    """Draw a sample under the filters: most of it unflagged, some flagged mixed in."""
    by = given.by.strip() or asked.reader.name
    one = draw(store, asked.taxonomy, asked.filters, asked.reader.scope, size=given.size, by=by, seed=given.seed)
    return _shown(store.conn, one)


@router.get("/{number}", response_model=SampleDrawn)
def one(number: int, reader: ReaderOfWords, conn: Connection, taxonomy: Data) -> dict[str, Any]:
    """Show one sample, and what it says of what is missed once all of it is read."""
    return _shown(conn, sample(conn, taxonomy, number, reader.scope))


@router.get("/{number}/next", response_model=NextToRead)
def following(
    number: int,
    reader: ReaderOfWords,
    conn: Connection,
    taxonomy: Data,
    skipped: Annotated[bool, Query(description="One that was skipped, the one skipped longest ago first.")] = False,
) -> dict[str, Any]:
    """Hand out the next comment that nobody has read."""
    found = sample(conn, taxonomy, number, reader.scope)
    comment = next_to_read(conn, found, reader.scope, skipped=skipped)
    return {"comment": comment and asdict(comment), "read": found.read, "skipped": found.skipped, "size": found.size}


@router.put("/{number}/answers/{place}", response_model=Answered)
def keep(
    number: int, place: int, said: BlindAnswer, reader: ReaderOfWords, store: Writing, taxonomy: Data
) -> dict[str, Any]:
    """Keep what a reader says of the comment at a place; what is marked is on the safety queue at once, as that person's finding."""
    found = sample(store.conn, taxonomy, number, reader.scope)
    by = said.by.strip() or reader.name
    return {"flagged": answer(store, found, reader.scope, place, Answer(said.severity, said.kind), by=by)}


def _shown(conn: sqlite3.Connection, found: Sample) -> dict[str, Any]:
    # Who knows what it comes to reads otherwise.
    done = found.read + found.skipped == found.size
    missed = estimate(conn, found) if done else None
    return asdict(found) | {"missed": missed and asdict(missed)}
