"""Show who decided what and when, newest first, from what the tables keep of it; it writes nothing of its own.

An act is a time, a name, what was done and on what: a citation, a number or a code. No word of a comment, a note or a reason is read here,
and no respondent is named: an erasure shows its receipt and its count alone, and what was said of a comment that was erased since has gone
with it. Uploads and re-analyses are not signed, so nobody stands beside them. Answers of blind readings are left out, since one reader's
should not be led to by another.
"""

import difflib
import re
import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from feedback.errors import BadInput
from feedback.filters import EVERYTHING, Scope, in_scope

About = Literal["comment", "action", "trust"]

MOST = 500  # acts of one page
# Why those who may not read the comments are given no count: what the counts add up to is shown elsewhere.
NOT_COUNTED = "it could lead to a comment"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did.

    `at` is ISO 8601, UTC, None for what was done before times were kept; `by` None where nobody signed. `on` is the kind of thing it was done
    to, `id` which of them: of a comment its citation, of the strategy in force its version ("" is the one that the models read). `code` says
    more: labels, a flag and its outcome, the fields that were changed. `n` counts comments (of topics clauses), None where it is one or is
    not counted, and where `suppressed` says why it is hidden.
    """

    at: str | None
    by: str | None
    act: str
    on: str
    id: str
    code: str | None
    n: int | None
    suppressed: str | None = None


@dataclass(frozen=True, slots=True)
class ActPage:
    """Acts, newest first; `after` asks for the next page, None at the end."""

    acts: tuple[Act, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class _Source:
    """Where an act is kept, in SQL: its columns, and whose comments or services it is about."""

    on: str
    source: str
    at: str = "t.at"
    by: str = 't."by"'
    number: str = "t.id"
    id: str = ""
    code: str = "NULL"
    n: str = "NULL"
    where: str = "1"
    about: About = "trust"

    def select(self, act: str, within: str) -> str:
        """The acts of this kind. `place` orders those of one second."""
        return (
            f"SELECT {self.at} AS at, nullif(iif({self.by} GLOB 'person:*', substr({self.by}, 8), {self.by}), '') AS \"by\", '{act}' AS act, '{self.on}' AS \"on\","
            f" CAST({self.id or self.number} AS TEXT) AS id, printf('%012d', {self.number}) AS place, {self.code} AS code, {self.n} AS n"
            f" FROM {self.source} WHERE {self.where} AND {within}"
        )


_OF_COMMENTS = "JOIN comments c ON c.number = t.comment"
_CORRECTIONS = f"corrections t {_OF_COMMENTS}"
_TRANSLATIONS = f"translations t {_OF_COMMENTS}"
_CHANGES = "action_changes t JOIN actions a ON a.id = t.action"
_REPLIES = "replies t JOIN actions a ON a.id = t.action"
_FIELDS = "(SELECT group_concat(key, ', ') FROM json_each(t.changed))"
# Of who wrote a comment it is shown that it was corrected, not what to.
_LABELS = """(SELECT group_concat(iif(kind = 'respondent', kind, kind || ':' || label), ', ')
    FROM (SELECT json_extract(value, '$.kind') AS kind, json_extract(value, '$.label') AS label FROM json_each(t.said)))"""


def _ended(on: str, table: str, code: str = "NULL") -> _Source:
    return _Source(on, f"{table} t", at="t.ended_at", by="t.ended_by", code=code, where="t.ended_by IS NOT NULL")


_SOURCES: dict[str, _Source] = {
    "upload": _Source("batch", "batches t", at="t.created_at", by="NULL", n="json_extract(t.counts, '$.accepted')"),
    "upload_taken_back": _Source("batch", "taken_back t", number="t.batch", n="t.comments"),
    "columns_mapped": _Source("mapping", "mappings t", number="t.rowid"),
    "service_name_mapped": _Source("service_name", "service_names t", code="t.service"),
    "service_name_undone": _Source(
        "service_name",
        "service_names t",
        at="t.undone_at",
        by="t.undone_by",
        code="t.service",
        where="t.undone_by IS NOT NULL",
    ),
    "correction": _Source("comment", _CORRECTIONS, id="c.citation", code=_LABELS, about="comment"),
    "correction_withdrawn": _Source(
        "comment",
        _CORRECTIONS,
        at="t.withdrawn_at",
        by="t.withdrawn_by",
        id="c.citation",
        code=_LABELS,
        where="t.withdrawn_by IS NOT NULL",
        about="comment",
    ),
    "flag_reviewed": _Source(
        "comment",
        f"reviews t {_OF_COMMENTS}",
        id="c.citation",
        code="t.signal || ':' || t.outcome",
        about="comment",
    ),
    "translation": _Source("comment", _TRANSLATIONS, id="c.citation", about="comment"),
    "translation_withdrawn": _Source(
        "comment",
        _TRANSLATIONS,
        at="t.withdrawn_at",
        by="t.withdrawn_by",
        id="c.citation",
        where="t.withdrawn_by IS NOT NULL",
        about="comment",
    ),
    "erasure": _Source("erasure", "erasures t", code="t.scope", n="t.comments"),
    "action_recorded": _Source("action", _CHANGES, id="t.action", where="t.changed = '{}'", about="action"),
    "action_changed": _Source(
        "action", _CHANGES, id="t.action", code=_FIELDS, where="t.changed <> '{}'", about="action"
    ),
    "reply_written": _Source(
        "action", _REPLIES, at="t.written_at", by="t.written_by", id="t.action", code="t.form", about="action"
    ),
    "reply_released": _Source(
        "action",
        _REPLIES,
        at="t.released_at",
        by="t.released_by",
        id="t.action",
        code="t.form",
        where="t.released_at IS NOT NULL",
        about="action",
    ),
    "reply_withdrawn": _Source(
        "action",
        _REPLIES,
        at="t.withdrawn_at",
        by="t.withdrawn_by",
        id="t.action",
        code="t.form",
        where="t.withdrawn_at IS NOT NULL",
        about="action",
    ),
    "target_set": _Source("target", "targets t"),
    "target_ended": _ended("target", "targets"),
    "view_kept": _Source("view", "views t"),
    "view_ended": _ended("view", "views"),
    "subscription_made": _Source("subscription", "subscriptions t", code="t.way"),
    "subscription_ended": _ended("subscription", "subscriptions", "t.way"),
    "reanalysis": _Source(
        "reanalysis",
        "reanalyses t",
        at="t.started_at",
        by="NULL",
        code="t.scope",
        n="json_extract(t.moved, '$.comments')",
    ),
    "strategy_put_in": _Source("strategy", "strategies t", id="t.version"),
    "strategy_in_force": _Source("strategy", "strategy_uses t", id="t.version"),
    "topics_found": _Source("topic_run", "topic_runs t", n="t.clauses"),
    "topic_named": _Source("topic", "topics t", at="t.named_at", by="t.named_by", where="t.named_at IS NOT NULL"),
    "local_theme_made": _Source("local_theme", "local_themes t", number="0", id="t.id"),
    "local_theme_retired": _Source(
        "local_theme",
        "local_themes t",
        at="t.retired_at",
        by="t.retired_by",
        number="0",
        id="t.id",
        where="t.retired_by IS NOT NULL",
    ),
    "pack_made": _Source("pack", "packs t", at="t.made_at", where="t.\"by\" <> ''"),
    "sample_drawn": _Source("sample", "samples t", at="t.drawn_at", by="t.drawn_by"),
    "ledger_drawn": _Source("ledger", "ledgers t", at="t.drawn_at", by="t.drawn_by"),
}
ACTS = tuple(_SOURCES)


def audit(
    conn: sqlite3.Connection,
    scope: Scope = EVERYTHING,
    *,
    may_read: bool = True,
    by: str | None = None,
    act: str | None = None,
    first: date | None = None,
    last: date | None = None,
    after: str | None = None,
    limit: int = 50,
) -> ActPage:
    """Up to `limit` acts, newest first and those without a time last, after the page that ended at `after`.

    `by` is a whole name, capitals or not; `first` and `last` are days (UTC), both included. Whoever may see only some services is shown acts
    on comments about them, and on actions there. Whoever may not read comments is shown no act on one, and no counts. Raises BadInput.
    """
    if act is not None and act not in _SOURCES:
        near = difflib.get_close_matches(act, ACTS, 1)
        raise BadInput(
            f"There is no act {act[:40]!r}; did you mean {near[0]}?" if near else f"An act is one of {', '.join(ACTS)}."
        )
    if first and last and first > last:
        raise BadInput(f"The dates run backwards: from {first} to {last}; swap them.")
    within, parameters = _within(scope, may_read)
    kept = [(name, source) for name, source in _SOURCES.items() if act in (None, name) and source.about in within]
    if not kept:
        return ActPage((), None)
    conditions = ["1"]
    if by is not None:
        conditions.append('lower("by") = lower(:by)')
        parameters["by"] = " ".join(by.split())
    if first:
        conditions.append("substr(at, 1, 10) >= :first")
        parameters["first"] = first.isoformat()
    if last:
        conditions.append("substr(at, 1, 10) <= :last")
        parameters["last"] = last.isoformat()
    if after is not None:
        conditions.append(f"({_ORDER}) < (:after_at, :after_act, :after_place, :after_id)")
        parameters |= _cursor(after)
    every = " UNION ALL ".join(source.select(name, within[source.about]) for name, source in kept)
    order = ", ".join(f"{column} DESC" for column in _COLUMNS)
    rows = conn.execute(
        f'SELECT at, "by", act, "on", id, code, n, {_ORDER} FROM ({every}) WHERE {" AND ".join(conditions)} ORDER BY {order} LIMIT :limit',
        parameters | {"limit": limit + 1},
    ).fetchall()
    more = "~".join(rows[limit - 1][7:]) if len(rows) > limit else None
    return ActPage(tuple(_shown(Act(*row[:7]), may_read) for row in rows[:limit]), more)


# To the second, without the time zone's "+", which an address would turn into a space.
_COLUMNS = ("substr(ifnull(at, ''), 1, 19)", "act", "place", "id")
_ORDER = ", ".join(_COLUMNS)


def _within(scope: Scope, may_read: bool) -> tuple[dict[About, str], dict[str, Any]]:
    """The condition on what this reader may see, for each kind of source that they may see at all; and its parameters."""
    theirs, parameters = in_scope(scope)
    within: dict[About, str] = {"comment": theirs} if may_read else {}
    if scope.services is None:
        return within | {"action": "1", "trust": "1"}, parameters
    return within | {"action": "a.service IN (SELECT value FROM json_each(:scope))"}, parameters


def _shown(act: Act, may_read: bool) -> Act:
    if may_read or act.n is None:
        return act
    return Act(act.at, act.by, act.act, act.on, act.id, act.code, None, NOT_COUNTED)


def _cursor(after: str) -> dict[str, Any]:
    at, act, place, id = (*after.split("~", 3), "", "", "")[:4]
    if (
        not re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)?", at)
        or act not in _SOURCES
        or not re.fullmatch(r"\d{12,18}", place)
    ):
        raise BadInput(f"{after[:40]!r} is no place in a list; start again from the first page.")
    return {"after_at": at, "after_act": act, "after_place": place, "after_id": id}
