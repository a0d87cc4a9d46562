"""List the comments that wait for a translation, put translations in, show them beside the words that were held, take them back."""

import sqlite3
from dataclasses import asdict
from datetime import date as Day
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import AskedOnWords, Connection, ReaderOfWords, WhenLoaded, Writing
from feedback.filters import EVERYTHING, Scope
from feedback.query import comment
from feedback.translation import Given, held_page, take_back, translate, translated, translations
from feedback.translation import Translation as Kept

router = APIRouter(tags=["comments"])


class HeldComment(BaseModel):
    """A comment in another language. Neither a person nor a model has read it, so it may be urgent."""

    citation: str = Field(examples=["HW-2026-000123"])
    language: str = Field(description="ISO 639-1.", examples=["pl"])
    text: str
    date: Day | None
    date_precision: Literal["day", "month"]
    stored_at: str = Field(description="When it came in: ISO 8601, UTC.")


class Held(BaseModel):
    """Comments that wait for a translation, the longest waiting first."""

    comments: list[HeldComment]
    after: str | None = Field(description="Ask with this for the next page; null at the end.")


class Translation(BaseModel):
    """What a person put in for a comment in another language; `original` are its own words, as redacted as they were held."""

    language: str = Field(examples=["pl"])
    original: str
    text: str
    as_it_stands: bool = Field(description="It was English, and had been taken for another language.")
    by: str
    at: str
    withdrawn_by: str | None
    withdrawn_at: str | None


class TranslatedComment(BaseModel):
    """Everything that was put in for one comment, the latest first; without `withdrawn_at` it is what is read."""

    citation: str
    translations: list[Translation]


class StandingTranslation(Translation):
    """A translation that is read as its comment's words."""

    citation: str


class Translated(BaseModel):
    """The latest translations."""

    translations: list[StandingTranslation]


class TranslationToSave(BaseModel):
    """What a comment says in English, or that it is English as it stands."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "The nurse was kind, but nobody rang back."}}
    )

    text: str | None = Field(None, max_length=20_000, description="Names in it are hidden before it is kept.")
    as_it_stands: bool = Field(False, description="Read it as it is; give no text then.")
    by: str = Field("", max_length=100, description="Who translated it; whoever asks, where this is left out.")


@router.get("/translations/waiting", response_model=Held)
def waiting(
    asked: AskedOnWords,
    after: Annotated[str | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List the comments that wait for a translation, page by page."""
    return asdict(held_page(*asked.asked, after=after, limit=limit))


@router.get("/translations", response_model=Translated)
def standing(asked: AskedOnWords, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> dict[str, Any]:
    """List the latest translations that are read as their comments' words."""
    found = translated(*asked.asked, limit=limit)
    return {"translations": [_shown(one) | {"citation": citation} for citation, one in found]}


@router.get("/comments/{id:path}/translation", response_model=TranslatedComment)
def of_comment(id: str, conn: Connection, reader: ReaderOfWords) -> dict[str, Any]:
    """Show what was put in for a comment, beside the words that were held, with who and when."""
    return _of(conn, id, reader.scope)


@router.put("/comments/{id:path}/translation", response_model=TranslatedComment)
def put_in(
    id: str, given: TranslationToSave, reader: ReaderOfWords, store: Writing, when_loaded: WhenLoaded
) -> dict[str, Any]:
    """Put in what a comment says in English; it is read at once, and replaces what was put in before."""
    words = None if given.as_it_stands else given.text or ""
    (citation,) = translate(
        store, when_loaded(), [Given(id, words)], by=given.by.strip() or reader.name, scope=reader.scope
    )
    return _of(store.conn, citation, EVERYTHING)  # it may name a service now that is not the reader's


@router.delete("/comments/{id:path}/translation", response_model=TranslatedComment)
def undo(id: str, reader: ReaderOfWords, store: Writing, when_loaded: WhenLoaded) -> dict[str, Any]:
    """Hold a comment again in its own words; the translation stays in its history, and flags stay in the queue."""
    return _of(store.conn, take_back(store, when_loaded(), id, by=reader.name, scope=reader.scope), EVERYTHING)


def _of(conn: sqlite3.Connection, id: str, scope: Scope) -> dict[str, Any]:
    stored = comment(conn, id, scope)
    return {"citation": stored.citation, "translations": [_shown(one) for one in translations(conn, stored.number)]}


def _shown(one: Kept) -> dict[str, Any]:
    return asdict(one) | {"as_it_stands": one.as_it_stands}
