"""Show the comments that wait for a translation, and let a person put one in beside the words that were held, or take it back.

What is shown in another language says which, so that a browser reads it aloud in that language's voice.
"""

import sqlite3
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import AskedOnWords, Question, WhenLoaded, Writing
from api.pages import links, views
from api.pages.render import Frame, day, moment, page
from api.pages.views import Chip
from feedback.errors import BadInput, NotFound
from feedback.query import Stored, comment
from feedback.translation import (
    MAX_WORDS,
    Given,
    Translation,
    held_page,
    take_back,
    translate,
    translated,
    translations,
)

router = APIRouter()

PAGE = 25  # comments that wait, on one page
LISTED = 25  # translations listed


@dataclass(frozen=True, slots=True)
class Waits:
    """A comment that waits: its words, the code and the name of their language, and where to put its translation in."""

    citation: str
    href: str
    when: str
    came: str
    code: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Past:
    """One translation that was put in: what it says, by whom and when, and what became of it (empty where it is read)."""

    text: str
    by: str
    at: str
    withdrawn: str


@dataclass(frozen=True, slots=True)
class Translated:
    """A comment's own words beside its translation, if there is one; `href` is where a translation is put in or mended."""

    original: str
    code: str
    language: str
    as_it_stands: bool
    by: str
    at: str
    href: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One translation that is read: its comment, the language it was given in, by whom and when."""

    citation: str
    href: str
    language: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class TranslationsPage:
    """What waits, the longest waiting first, and what was put in last."""

    waiting: tuple[Waits, ...]
    done: tuple[Listed, ...]
    next_href: str | None
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class TranslationPage:
    """The form for one comment: its own words, what was put in before, and what was wrong with what is put in now, if anything."""

    citation: str
    href: str
    action: str
    when: str
    code: str
    language: str
    original: str
    standing: bool
    past: tuple[Past, ...]
    most: int
    text: str
    english: bool
    name: str
    errors: dict[str, str]


@router.get("/translations")
def waiting(question: AskedOnWords, after: str | None = None) -> HTMLResponse:
    """The comments that wait for a translation, and the latest translations."""
    found = held_page(*question.asked, after=after or None, limit=PAGE)
    done = translated(*question.asked, limit=LISTED)
    view = TranslationsPage(
        waiting=tuple(
            Waits(
                one.citation,
                _address(one.citation),
                day(one.date, one.date_precision),
                one.stored_at,
                one.language,
                views.language_name(one.language),
                one.text,
            )
            for one in found.comments
        ),
        done=tuple(Listed(citation, links.comment(citation), _from(one), one.by, one.at) for citation, one in done),
        next_href=links.link("/translations", question.filters, after=found.after) if found.after else None,
        chips=views.chips(question, "/translations"),
    )
    frame = Frame("Comments in other languages", "/comments", [("Overview", "/"), ("Safety queue", "/signals")])
    return page("translations.html", frame, view, conn=question.conn)


@router.get("/comments/{citation}/translation")
def form(question: AskedOnWords, citation: str) -> HTMLResponse:
    """One comment in its own words, and the form for what it says in English."""
    stored = comment(question.conn, citation, question.reader.scope)
    latest = next((one for one in translations(question.conn, stored.number) if not one.withdrawn_at), None)
    if latest is None and stored.analysed.comment.language == "en":
        raise NotFound(f"Comment {stored.citation} is in English, so it has no translation.")
    text = "" if latest is None or latest.as_it_stands else latest.text
    return _form(question, stored, text=text, english=bool(latest and latest.as_it_stands), name="", errors={})


@router.post("/comments/{citation}/translation", response_model=None)
def put_in(
    question: AskedOnWords,
    store: Writing,
    when_loaded: WhenLoaded,
    citation: str,
    text: Annotated[str, Form()] = "",
    english: Annotated[bool, Form()] = False,
    name: Annotated[str, Form()] = "",
    undo: Annotated[bool, Form()] = False,
) -> HTMLResponse | RedirectResponse:
    """Keep a translation, or take it back; an incomplete form comes back with what is missing."""
    scope = question.reader.scope
    stored = comment(question.conn, citation, scope)
    errors = {}
    if not name.strip():
        errors["name"] = "Enter your name, so that others know whose words these are"
    if not (text.strip() or english or undo):
        errors["text"] = "Enter what the comment says in English"
    if not errors:
        try:
            if undo:
                take_back(store, when_loaded(), stored.citation, by=name, scope=scope)
            else:
                given = Given(stored.citation, None if english else text)
                translate(store, when_loaded(), [given], by=name, scope=scope)
        except BadInput as error:
            errors["name" if undo else "text"] = str(error)
    if errors:
        return _form(question, stored, text=text, english=english, name=name, errors=errors)
    try:
        comment(store.conn, stored.citation, scope)
    except NotFound:  # in English it names a service that this reader may not see
        return RedirectResponse("/translations", status_code=303)
    return RedirectResponse(links.link(links.comment(stored.citation), done="held" if undo else "translated"), 303)


def translated_view(conn: sqlite3.Connection, stored: Stored) -> Translated | None:
    """What a comment's page shows of its translation, or of waiting for one; None for a comment that was read as it came."""
    said = stored.analysed.comment
    standing = next((one for one in translations(conn, stored.number) if not one.withdrawn_at), None)
    href = _address(stored.citation)
    if standing:
        return Translated(
            standing.original, standing.language, views.language_name(standing.language), standing.as_it_stands,
            standing.by, standing.at, href,
        )  # fmt: skip
    if said.language == "en" or said.contentless:
        return None
    return Translated("", said.language, views.language_name(said.language), False, "", "", href)


def _form(
    question: Question, stored: Stored, *, text: str, english: bool, name: str, errors: dict[str, str]
) -> HTMLResponse:
    said = stored.analysed.comment
    put_in = translations(question.conn, stored.number)
    standing = next((one for one in put_in if not one.withdrawn_at), None)
    language = standing.language if standing else said.language
    view = TranslationPage(
        citation=stored.citation,
        href=links.comment(stored.citation),
        action=_address(stored.citation),
        when=day(said.date, stored.date_precision),
        code=language,
        language=views.language_name(language),
        original=standing.original if standing else said.text,
        standing=standing is not None,
        past=tuple(_past(one) for one in put_in),
        most=MAX_WORDS,
        text=text,
        english=english,
        name=name,
        errors=errors,
    )
    title = f"{'Error: ' if errors else ''}Translation of comment {stored.citation}"
    above = [("Overview", "/"), ("Comments in other languages", "/translations")]
    return page(
        "translation.html", Frame(title, "/comments", above), view, conn=question.conn, status=400 if errors else 200
    )


def _past(one: Translation) -> Past:
    text = "English as it stands" if one.as_it_stands else one.text
    withdrawn = f"Replaced or taken back by {one.withdrawn_by}, {moment(one.withdrawn_at)}" if one.withdrawn_at else ""
    return Past(text, one.by, one.at, withdrawn)


def _from(one: Translation) -> str:
    return "English as it stands" if one.as_it_stands else f"from {views.language_name(one.language)}"


def _address(citation: str) -> str:
    return f"/comments/{quote(citation, safe='')}/translation"
