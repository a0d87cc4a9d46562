"""Keep views: a name for some filters and a measure, so that a question can be asked again and changes in it be told.

A view is seen by those who may see what it shows: it is kept with the scope of whoever made it, and what it answers is never
wider. It holds no comment's words; its name and the words to be searched for must not say who somebody is.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace

from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.changes import Changes, changes
from feedback.over_time.signals import MEASURES
from feedback.sampling import filters_json, kept_filters, scope_json, signed
from feedback.store import Store
from feedback.taxonomy import Taxonomy

MAX_NAME = 80  # characters
# What a view may not be narrowed to: one upload, for it is to be asked again of later ones; and dates that have an end.
_NOT_KEPT = ("batch", "date_to")


@dataclass(frozen=True, slots=True)
class View:
    """Some filters under a name. `measure` narrows what is watched to one measure; None is all that changes are looked for in."""

    id: int
    name: str
    filters: Filters
    measure: str | None
    scope: Scope
    by: str
    at: str


def keep_view(
    store: Store,
    taxonomy: Taxonomy,
    name: str,
    filters: Filters,
    scope: Scope,
    *,
    by: str,
    redact: Callable[[str], str],
    measure: str | None = None,
) -> View:
    """Keep a view. Raises BadInput for a name that another view has or that holds what could tell who somebody is."""
    by, name = signed(by, "A view"), " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise BadInput(f"A view has a name of 1 to {MAX_NAME} characters.")
    if measure is not None and measure not in MEASURES:
        raise BadInput(f"Changes are not looked for in {measure[:40]!r}; choose one of {', '.join(MEASURES)}.")
    for field in _NOT_KEPT:
        if getattr(filters, field) is not None:
            raise BadInput("A view is for uploads and months to come too, so leave out the batch and the last day.")
    if any(redact(text) != text for text in (name, filters.search or "")):
        raise BadInput("The name of a view, or the words to search for, could tell who somebody is; use other words.")
    filters.check(taxonomy, store.conn)
    with store.writing():
        taken = "SELECT 1 FROM views WHERE lower(name) = lower(?) AND ended_by IS NULL"
        if store.conn.execute(taken, (name,)).fetchone():
            raise BadInput(f"There is a view {name!r} already; choose another name, or end that one first.")
        sql = 'INSERT INTO views (name, filters, measure, scope, "by", at) VALUES (?, ?, ?, ?, ?, ?)'
        kept = (name, filters_json(filters), measure, scope_json(scope), by, store.now())
        id = store.conn.execute(sql, kept).lastrowid
    return view(store.conn, id or 0, scope)


def end_view(store: Store, id: int, scope: Scope, *, by: str) -> None:
    """Let a view be no more, and nobody be told of it. Raises NotFound."""
    by = signed(by, "Ending a view")
    view(store.conn, id, scope)
    with store.writing():
        ended = (by, store.now(), id)
        store.conn.execute("UPDATE views SET ended_by = ?, ended_at = ? WHERE id = ? AND ended_by IS NULL", ended)
        # An address is a person's, and is kept no longer than it is needed.
        store.conn.execute(
            "UPDATE subscriptions SET ended_by = ?, ended_at = ?, \"to\" = '' WHERE view = ? AND ended_by IS NULL",
            ended,
        )


def views(conn: sqlite3.Connection, scope: Scope) -> tuple[View, ...]:
    """The views that this reader may see, by name: those made under the same scope, or all for one who sees everything."""
    rows = conn.execute(
        'SELECT id, name, filters, measure, scope, "by", at FROM views WHERE ended_by IS NULL ORDER BY lower(name)'
    )
    found = [
        View(id, name, kept_filters(f), measure, kept_scope(s), by, at) for id, name, f, measure, s, by, at in rows
    ]
    return tuple(one for one in found if scope in (EVERYTHING, one.scope))


def view(conn: sqlite3.Connection, id: int, scope: Scope) -> View:
    """One view that stands. Raises NotFound for one that is not there, was ended, or is not this reader's."""
    for one in views(conn, scope):
        if one.id == id:
            return one
    raise NotFound(f"There is no view {id} that you may see; `feedback views` lists them.")


def view_named(conn: sqlite3.Connection, name: str, scope: Scope) -> View:
    """A view by its number or its name, in any case. Raises NotFound."""
    for one in views(conn, scope):
        if name in (str(one.id), one.name) or name.casefold() == one.name.casefold():
            return one
    raise NotFound(f"There is no view {name[:40]!r} that you may see; `feedback views` lists them.")


def changes_in(conn: sqlite3.Connection, taxonomy: Taxonomy, one: View) -> Changes:
    """What `feedback changes` finds under a view's filters and measure with the newest batch, without anybody's words."""
    return changes(conn, taxonomy, replace(one.filters, polarity=None), one.scope, measure=one.measure)


def kept_scope(text: str | None) -> Scope:
    """The scope that `sampling.scope_json` kept."""
    return EVERYTHING if text is None else Scope(frozenset(json.loads(text)))
