"""Explain what uploads call services: names nobody knows with the best guesses, and what people said they mean.

A guess is never taken for an answer: it is shown with its score, and only a person decides. What was decided is remembered for
later uploads (store.py), so the danger is a wrong decision that goes on being made; hence every one is listed with who and when,
and can be undone.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from feedback.errors import BadInput, NotFound
from feedback.filters import Filters, Scope
from feedback.query import ExplainedName, explained_names, unresolved_services
from feedback.store import NOT_OURS, PERSON, Store
from feedback.tag.cells import Cells
from feedback.tag.directory import Directory
from feedback.taxonomy import Organisation, Service, Taxonomy, load_taxonomy

GUESSES = 3  # for one name: more are a list to search, which the page has anyway
LONGEST_NAME = 100  # characters of a person's name


@dataclass(frozen=True, slots=True)
class Guess:
    """An entry of the directory that a name may mean; score 0 to 1, higher is surer, and two equal ones are an open question."""

    id: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that uploads give a service and nobody knows, the comments under it, and the best guesses, the best first."""

    text: str
    n: int
    guesses: tuple[Guess, ...]


def unknown_names(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, data: Path
) -> tuple[UnknownName, ...]:
    """Every name that nobody knows, once, the most frequent first, with what it may mean by the directory in `data`."""
    rows = unresolved_services(conn, taxonomy, filters, scope)
    if not rows:
        return ()
    columns = _columns(data)
    return tuple(UnknownName(row.text, row.n, guesses(columns, taxonomy, row.text.split(" / "))) for row in rows)


def guesses(columns: Cells, taxonomy: Taxonomy, cells: Sequence[str]) -> tuple[Guess, ...]:
    """What a name in one or several cells may mean: the best of what each cell names, then of what it is spelt like."""
    scores: dict[str, float] = {}
    for cell in cells:
        for id, score in (*columns.resolve(cell), *columns.like(cell, GUESSES)):
            scores[id] = max(score, scores.get(id, 0))
    best = sorted(scores.items(), key=lambda found: (-found[1], found[0]))[:GUESSES]
    return tuple(Guess(id, taxonomy.service_name(id), round(score, 2)) for id, score in best)


def explain(store: Store, taxonomy: Taxonomy, text: str, meaning: str, by: str) -> int:
    """Keep what a person says a name means: an id of the directory, its name, or "none"; returns the comments it is applied to.

    Raises NotFound for a name no upload has used and for an entry there is not, BadInput without a person's name.
    """
    id = meaning_of(taxonomy, meaning)
    return store.resolve_service_text(text, id, _person(by))


def undo(store: Store, text: str, by: str) -> int:
    """Take back what was said last of a name; returns the comments that are changed. Raises NotFound, BadInput as `explain`."""
    return store.resolve_service_text(text, None, _person(by))


def undo_numbered(store: Store, id: int, by: str) -> ExplainedName:
    """Take back one decision by its number; returns it as it stood. Raises NotFound where it is not there or stands no more."""
    found = next((one for one in explained_names(store.conn) if one.id == id and one.stands), None)
    if found is None:
        raise NotFound(f"There is no decision {id} about a name that still stands.")
    undo(store, found.text, by)
    return found


def meaning_of(taxonomy: Taxonomy, meaning: str) -> str:
    """The id that is meant by an id or the whole name of a service or organisation, or "none". Raises NotFound."""
    wanted = meaning.strip().casefold()
    if wanted == NOT_OURS:
        return NOT_OURS
    entries: list[Service | Organisation] = [*taxonomy.services.values(), *taxonomy.organisations.values()]
    found = [entry.id for entry in entries if wanted in (entry.id.casefold(), entry.name.casefold())]
    if not found:
        taxonomy.service_name(meaning)  # refuses, naming the nearest
    return found[0]


def named(taxonomy: Taxonomy, service: str) -> str:
    """What a decision says, in words; an id that the directory no longer has stands as it is."""
    if service == NOT_OURS:
        return "not one of our services"
    try:
        return taxonomy.service_name(service)
    except NotFound:
        return service


def _person(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME:
        raise BadInput(f"Say who decides this: a name of up to {LONGEST_NAME} characters.")
    return f"{PERSON}{plain}"


@lru_cache(maxsize=2)
def _columns(data: Path) -> Cells:
    return Cells(Directory(load_taxonomy(data), data))
