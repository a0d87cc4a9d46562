"""Ask people what uploads call services where nobody knows, list what they said, and show where column and words disagree.

Guesses stand first and none is chosen beforehand: a wrong team is worse than none, and what is said here is remembered for
every later upload. Everything works without script, one form to a name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api import hidden
from api.deps import Asked, Question, Reader, Writing
from api.pages import links, views
from api.pages.render import Frame, page
from api.pages.views import Chip, Count, Period
from api.routes.services import ReaderOfNames
from feedback.errors import BadInput, NotFound
from feedback.filters import Filters
from feedback.query import ExplainedName, disagreements, explained_names
from feedback.service_names import UnknownName, explain, meaning_of, named, undo_numbered, unknown_names
from feedback.settings import Settings
from feedback.store import NOT_OURS, PERSON
from feedback.taxonomy import Taxonomy

router = APIRouter()

PAGE = 15  # names on a page, each with the whole directory to choose from
LISTED = 100  # decisions listed
OTHER = "other"  # the choice of an entry that was not guessed
LIKELY = (
    (0.6, "likely"),
    (0.45, "possible"),
    (0.0, "only spelt like it"),
)  # a guess's score in words, from which score on


@dataclass(frozen=True, slots=True)
class GuessView:
    """One guess: the id, the name and how likely it is, in words."""

    id: str
    title: str
    likely: str


@dataclass(frozen=True, slots=True)
class NameForm:
    """One name nobody knows, with its form: what may be meant, what was chosen and what was wrong with that."""

    text: str
    n: Count
    href: str
    guesses: tuple[GuessView, ...]
    meaning: str = ""
    entry: str = ""
    errors: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SaidView:
    """What was said of a name: what it means in words, by whom, when, and whether it stands."""

    id: int
    text: str
    means: str
    href: str
    n: Count
    by: str
    at: str
    ended: str
    stands: bool


@dataclass(frozen=True, slots=True)
class NamesPage:
    """The names nobody knows and what was said of others. `directory` is to choose from: groups of (id, name)."""

    total: int
    start: int
    forms: tuple[NameForm, ...]
    next_href: str | None
    first_href: str | None
    directory: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    said: tuple[SaidView, ...]
    said_more: int
    name: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A column's service and the words' with their addresses, and the comments in which they differ."""

    column: str
    column_href: str
    words: str
    words_href: str
    n: Count
    href: str


@dataclass(frozen=True, slots=True)
class DisagreementsPage:
    """Every pair of column and words that differ, the most frequent first."""

    pairs: tuple[Pair, ...]
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]


@router.get("/services/names")
def names(
    question: Asked, reader: ReaderOfNames, start: int = 0, name: str = "", done: str | None = None
) -> HTMLResponse:
    """Names nobody knows; `start` skips as many, `name` is who answered last, `done` the name that has just been answered."""
    said = f"What you said of “{done}” has been kept, for these comments and for later uploads." if done else None
    return _page(question, start=start, name=name, done=said)


@router.post("/services/names", response_model=None)
def say(
    question: Asked,
    reader: ReaderOfNames,
    store: Writing,
    text: Annotated[str, Form()] = "",
    meaning: Annotated[str, Form()] = "",
    entry: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    start: Annotated[int, Form()] = 0,
) -> HTMLResponse | RedirectResponse:
    """Keep what a name means and go on with the next; an incomplete form comes back with what is missing."""
    errors = {}
    chosen = entry if meaning == OTHER else meaning
    if not meaning:
        errors["meaning"] = f"Select what “{text}” means"
    elif not chosen:
        errors["entry"] = "Select the service or organisation, or choose another answer"
    else:
        try:
            meaning_of(question.taxonomy, chosen)
        except NotFound:
            errors["entry"] = "Select an entry of the directory"
    if not name.strip():
        errors["name"] = "Enter your name, so that others know who said so"
    if not errors:
        try:
            explain(store, question.taxonomy, text, chosen, name)
        except BadInput as error:
            errors["name"] = str(error)
    if errors:
        given = NameForm(text, 0, "", (), meaning, entry, errors)
        return _page(question, start=start, name=name, given=given)
    return RedirectResponse(
        links.link("/services/names", name=name.strip(), done=text, start=start or None), status_code=303
    )


@router.post("/services/names/undo", response_model=None)
def take_back(
    question: Asked,
    reader: ReaderOfNames,
    store: Writing,
    id: Annotated[int, Form()],
    name: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Take back what was said of a name."""
    if not name.strip():
        return _page(
            question, name=name, errors={f"undo-{id}-name": "Enter your name, so that others know who undid this"}
        )
    undo_numbered(store, id, name)
    return RedirectResponse(links.link("/services/names", name=name.strip()) + "#said", status_code=303)


@router.get("/services/disagreements")
def disagreeing(question: Asked) -> HTMLResponse:
    """Where an upload's column and the words beside it name different services."""
    found = disagreements(*question.asked)
    title, filters = question.taxonomy.service_name, question.filters
    pairs = tuple(
        Pair(
            title(row["by_column"]), links.service(row["by_column"]), title(row["by_words"]), links.service(row["by_words"]),
            views.count_of(row, "n"), links.comments(filters, disagree=f"{row['by_column']}:{row['by_words']}"),
        )
        for row in hidden.rows(found, may_read=question.reader.may_read, parts=())
    )  # fmt: skip
    path = "/services/disagreements"
    view = DisagreementsPage(pairs, views.periods(question, path), views.chips(question, path))
    frame = Frame("Where column and words disagree", "/services", [("Overview", "/"), ("Services", "/services")])
    return page("disagreements.html", frame, view, conn=question.conn)


def _page(
    question: Question,
    *,
    start: int = 0,
    name: str = "",
    done: str | None = None,
    given: NameForm | None = None,
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    unknown = unknown_names(*question.about(service=None).asked, Settings().data)
    start = max(0, min(start, len(unknown) - 1)) if unknown else 0
    said = explained_names(question.conn)
    more = links.link("/services/names", start=start + PAGE, name=name or None)
    view = NamesPage(
        total=len(unknown),
        start=start,
        forms=tuple(_forms(question, unknown[start : start + PAGE], given)),
        next_href=more if start + PAGE < len(unknown) else None,
        first_href=links.link("/services/names", name=name or None) if start else None,
        directory=_directory(question.taxonomy),
        said=tuple(_said(question.taxonomy, said[:LISTED], question.reader)),
        said_more=max(0, len(said) - LISTED),
        name=name,
        errors=errors or {},
    )
    wrong = bool(errors or given)
    title = f"{'Error: ' if wrong else ''}Names we do not know"
    frame = Frame(title, "/services", [("Overview", "/"), ("Services", "/services")], done=done)
    return page("service_names.html", frame, view, conn=question.conn, status=400 if wrong else 200)


def _forms(question: Question, unknown: Iterable[UnknownName], given: NameForm | None) -> Iterable[NameForm]:
    rows = hidden.rows(tuple(unknown), may_read=question.reader.may_read, parts=())
    for row in rows:
        mine = given if given and given.text == row["text"] else None
        yield NameForm(
            text=row["text"],
            n=views.count_of(row, "n"),
            href=links.comments(Filters(), service=row["text"]),
            guesses=tuple(GuessView(g["id"], g["title"], _likely(g["score"])) for g in row["guesses"]),
            meaning=mine.meaning if mine else "",
            entry=mine.entry if mine else "",
            errors=mine.errors if mine else None,
        )


def _likely(score: float) -> str:
    """How sure a guess is, in words and as the score it has.

    >>> _likely(0.72), _likely(0.3)
    ('likely, score 0.72', 'only spelt like it, score 0.30')
    """
    word = next(word for least, word in LIKELY if score >= least)
    return f"{word}, score {score:.2f}"


def _directory(taxonomy: Taxonomy) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Everything there is to choose: our services as a tree, then the other organisations."""
    ours = tuple(
        (id, f"{'– ' * len(taxonomy.ancestors(id))}{taxonomy.services[id].name}") for id in taxonomy.in_tree_order()
    )
    others = tuple((o.id, o.name) for o in sorted(taxonomy.organisations.values(), key=lambda o: o.name.casefold()))
    return ("Services of the Trust", ours), ("Other organisations", others)


def _said(taxonomy: Taxonomy, found: Iterable[ExplainedName], reader: Reader) -> Iterable[SaidView]:
    found = tuple(found)
    for one, row in zip(found, hidden.rows(found, may_read=reader.may_read, parts=()), strict=True):
        ended = f"no longer since {one.undone_by.removeprefix(PERSON)} changed it" if one.undone_by else ""
        yield SaidView(
            id=one.id,
            text=one.text,
            means=named(taxonomy, one.service) if one.service != NOT_OURS else "Not one of our services",
            href=links.comments(Filters(), service=one.text),
            n=views.count_of(row, "n"),
            by=one.by.removeprefix(PERSON),
            at=one.at or "",
            ended=ended,
            stands=one.stands,
        )
