"""Keep what was done about what people said: "you said, we did", with who changed what when, and the comments that it answers.

An action has one day: when it is to be done, and once it is done, when it was. What a person types is redacted before it is
kept. Of a text the history says only that it was changed and never what it was, so that words taken out are gone: an erasure
names the actions that repeat a comment (erase.py), and changing their text is how a person ends that.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from datetime import date as Day  # within a class that has a field of that name
from typing import Any, Literal, get_args

from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope, labels
from feedback.query import Stored, comment
from feedback.store import Store
from feedback.taxonomy import Taxonomy

State = Literal["planned", "under_way", "done", "stopped"]
Waiting = Literal["overdue", "no_reply"]
Redact = Callable[[str], str]

STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("planned", "under_way")
MOST_CITED = 50  # comments that one action answers; a longer list is read by nobody
LONGEST = {"name": 60, "you_said": 2_000, "we_did": 2_000, "outcome": 2_000, "owner": 200}  # characters
TEXTS = ("name", "you_said", "we_did", "outcome")  # redacted, and never repeated by the history
WORDS_OF_A_NAME = 6  # of what was done, where an action was given no name
ENDING = re.compile(r"(?<=[.!?])\s")

_CLAUSE = re.compile(r"(?P<comment>.+?)(?:\.(?P<clause>\d+))?")
_STANDS = "EXISTS (SELECT 1 FROM replies r WHERE r.action = a.id AND r.form = 'standard' AND released_at IS NOT NULL AND withdrawn_at IS NULL)"


@dataclass(frozen=True, slots=True)
class Action:
    """What was heard about a service (and theme, or statement of the strategy), and what is or was done about it.

    `date` is the day it is planned for or, of one that is done, the day it was. `outcome` says what came of it; of one that was
    stopped, why. `id` is given on keeping.
    """

    service: str
    you_said: str
    we_did: str
    date: date
    owner: str
    theme: str | None = None
    state: State = "planned"
    id: int | None = None
    name: str = ""
    statement: str | None = None
    outcome: str = ""

    @property
    def title(self) -> str:
        """Its name, or else the first words of what was done.

        >>> Action("podiatry", "Late.", "Opened a clinic on Saturdays at the health centre.", date(2026, 7, 1), "Lead").title
        'Opened a clinic on Saturdays at …'
        """
        if self.name:
            return self.name
        words = ENDING.split(self.we_did)[0].split()
        short = " ".join(words[:WORDS_OF_A_NAME])
        return f"{short} …" if len(words) > WORDS_OF_A_NAME else short.rstrip(".!")

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in OPEN

    def overdue(self, today: Day) -> bool:
        """Whether the day it was planned for has passed."""
        return self.open and self.date < today

    @property
    def place(self) -> str:
        """Where it stands in a list, in words that sort as the list does."""
        return f"{self.date.isoformat()}~{self.id or 0:012}"


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed an action when; `changed` holds (field, before, after), of texts (field, None, None). Times are ISO 8601, UTC.

    The first one is its recording, which changed nothing. One kept before there was a history has none.
    """

    by: str
    at: str
    changed: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class ActionPage:
    """Actions, latest first; `after` asks for the next page, None at the end."""

    actions: tuple[Action, ...]
    after: str | None


_FIELDS = tuple(f.name for f in fields(Action) if f.name != "id")
_COLUMNS = ", ".join(f"a.{name}" for name in _FIELDS)


# What there is


def actions(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    scope: Scope,
    *,
    service: str | None = None,
    states: Collection[str] = (),
    waiting: Waiting | None = None,
    today: date | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> ActionPage:
    """Actions within the scope, latest first: of one service with everything below it, in some states, or waiting for somebody.

    `waiting`: "overdue" (their day has passed before `today`, which must be given), "no_reply" (done, and the public has not been told).
    """
    within = taxonomy.below(service) if service is not None else None
    where = [_in_scope(scope, within)]
    parameters: dict[str, Any] = {"services": _services(scope, within), "limit": -1 if limit is None else limit + 1}
    if states:
        for state in states:
            _one_of("state", state, STATES)
        where.append("a.state IN (SELECT value FROM json_each(:states))")
        parameters["states"] = json.dumps(sorted(states))
    if waiting == "overdue":
        assert today is not None
        where.append(f"a.state IN {OPEN} AND a.date < :today")
        parameters["today"] = today.isoformat()
    elif waiting == "no_reply":
        where.append(f"a.state = 'done' AND NOT {_STANDS}")
    if after is not None:
        where.append("(a.date, a.id) < (:after_date, :after_id)")
        parameters |= _cursor(after)
    sql = f"SELECT a.id, {_COLUMNS} FROM actions a WHERE {' AND '.join(where)} ORDER BY a.date DESC, a.id DESC LIMIT :limit"
    found = tuple(_action(row) for row in conn.execute(sql, parameters))
    if limit is None or len(found) <= limit:
        return ActionPage(found, None)
    return ActionPage(found[:limit], found[limit - 1].place)


def action(conn: sqlite3.Connection, id: int, scope: Scope) -> Action:
    """One action; raises NotFound for one that is not there and for one outside the reader's scope alike."""
    row = conn.execute(f"SELECT a.id, {_COLUMNS} FROM actions a WHERE a.id = ?", (id,)).fetchone()
    if row is None or not scope.reaches(row[1]):
        raise NotFound(f"There is no action {id} that you may see; `feedback actions list` lists them.")
    return _action(row)


def history(conn: sqlite3.Connection, id: int) -> tuple[Change, ...]:
    """Who did what to an action, the first thing first."""
    rows = conn.execute('SELECT "by", at, changed FROM action_changes WHERE action = ? ORDER BY id', (id,))
    return tuple(Change(by, at, tuple((n, *values) for n, values in json.loads(text).items())) for by, at, text in rows)


def answered(conn: sqlite3.Connection, id: int, scope: Scope) -> tuple[str, ...]:
    """The citations of the comments (and clauses) that an action answers, those within the scope."""
    rows = conn.execute(
        "SELECT c.citation, k.clause FROM action_comments k JOIN comments c ON c.number = k.comment"
        " WHERE k.action = ? ORDER BY k.comment, k.clause",
        (id,),
    ).fetchall()
    return tuple(cite(citation, clause) for citation, clause in rows if _is_theirs(conn, citation, scope))


def done_for(conn: sqlite3.Connection, taxonomy: Taxonomy, service: str, scope: Scope) -> tuple[Action, ...]:
    """What was done at a service and everything below it, the latest first: for "what was done" on pages and in documents."""
    return actions(conn, taxonomy, scope, service=service, states=("done",)).actions


def marked(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> tuple[Action, ...]:
    """The actions that a chart under these filters marks, the earliest first: done ones of the service asked for and of all below it.

    Where a theme or a part of the strategy is asked for too, they are those on it and those on nothing in particular.
    """
    if filters.service not in taxonomy.services or not scope.reaches(filters.service):
        return ()
    rows = conn.execute(
        f"SELECT a.id, {_COLUMNS} FROM actions a WHERE a.service IN (SELECT value FROM json_each(?)) AND a.state = 'done'"
        " ORDER BY a.date, a.id",
        (_services(scope, taxonomy.below(filters.service or "")),),
    )
    return tuple(found for found in map(_action, rows) if _bears_on(taxonomy, found, filters))


def cite(citation: str, clause: int) -> str:
    """The citation of a clause, or of the comment where the clause is 0."""
    return f"{citation}.{clause}" if clause else citation


# What people record


def add(
    store: Store,
    taxonomy: Taxonomy,
    given: Action,
    *,
    by: str,
    redact: Redact,
    scope: Scope = EVERYTHING,
    citations: Sequence[str] = (),
) -> int:
    """Keep an action with the comments it answers; returns its id. Texts are redacted first.

    Raises NotFound for what is not there or not in the scope, BadInput for what does not make sense.
    """
    kept, by = _checked(store, taxonomy, _redacted(given, redact), scope), _signed(by)
    answers = _resolved(store.conn, taxonomy, kept, citations, scope)
    with store.writing():
        marks = ", ".join(f":{name}" for name in _FIELDS)
        cursor = store.conn.execute(f"INSERT INTO actions ({', '.join(_FIELDS)}) VALUES ({marks})", _row(kept))
        assert cursor.lastrowid is not None
        _answer(store, cursor.lastrowid, answers)
        _note(store, cursor.lastrowid, by, {})
    return cursor.lastrowid


def change(
    store: Store,
    taxonomy: Taxonomy,
    id: int,
    changes: Mapping[str, Any],
    *,
    by: str,
    redact: Redact,
    scope: Scope = EVERYTHING,
    citations: Sequence[str] | None = None,
) -> Action:
    """Change some fields of an action, and with `citations` the comments it answers; what is the same already is no change.

    Raises as `add`.
    """
    unknown = sorted(set(changes) - set(_FIELDS))
    if unknown:
        raise BadInput(f"An action has no field {unknown[0][:40]!r}; it has {', '.join(_FIELDS)}.")
    before, by = action(store.conn, id, scope), _signed(by)
    wanted = replace(before, **{name: value for name, value in changes.items() if value != getattr(before, name)})
    after = _checked(store, taxonomy, _redacted(wanted, redact, unless=before), scope)
    answers = None if citations is None else _resolved(store.conn, taxonomy, after, citations, scope)
    with store.writing():
        changed = _difference(before, after)
        if changed:
            sets = ", ".join(f"{name} = :{name}" for name in _FIELDS)
            store.conn.execute(f"UPDATE actions SET {sets} WHERE id = :id", _row(after) | {"id": id})
        if answers is not None:
            there = {
                (n, k)
                for n, k in store.conn.execute("SELECT comment, clause FROM action_comments WHERE action = ?", (id,))
            }
            if there != set(answers):
                store.conn.execute("DELETE FROM action_comments WHERE action = ?", (id,))
                _answer(store, id, answers)
                changed["answers"] = (str(len(there)), str(len(answers)))
        if changed:
            _note(store, id, by, changed)
    return after


def read_day(text: str) -> date:
    """A day as a form gives it; raises BadInput."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("That is no day; write it as 2026-03-01.") from None


def split_citations(text: str) -> tuple[str, ...]:
    """The citations in what a person typed, in whatever way they are set apart.

    >>> split_citations("HW-2026-000123.2, HW-2026-000124; HW-2026-000123.2")
    ('HW-2026-000123.2', 'HW-2026-000124')
    """
    return tuple(dict.fromkeys(filter(None, re.split(r"[\s,;]+", text))))


# Checks


def _redacted(given: Action, redact: Redact, *, unless: Action | None = None) -> Action:
    """The same with identity hidden in its texts; what was kept before has been through it."""
    texts = {name: " ".join(str(getattr(given, name)).split()) for name in TEXTS}
    same = {name for name in TEXTS if unless is not None and texts[name] == getattr(unless, name)}
    hidden: dict[str, Any] = {n: text if n in same or not text else redact(text) for n, text in texts.items()}
    return replace(given, **hidden)


def _checked(store: Store, taxonomy: Taxonomy, given: Action, scope: Scope) -> Action:
    if not scope.reaches(taxonomy.service(given.service).id):
        raise NotFound(f"There is no service {given.service!r} that you may see.")
    if given.theme is not None:
        given = replace(given, theme=taxonomy.theme(given.theme).id)
    if given.statement is not None:
        taxonomy.statement(given.statement)
    if given.theme is not None and given.statement is not None:
        raise BadInput("An action is about a theme or a statement of the strategy, not both; leave one out.")
    _one_of("state", given.state, STATES)
    given = replace(given, owner=" ".join(given.owner.split()))
    for name in ("you_said", "we_did", "owner"):
        if not getattr(given, name):
            raise BadInput(f"An action says what was heard, what is done and whose it is; {name} is empty.")
    for name, most in LONGEST.items():
        if len(getattr(given, name)) > most:
            raise BadInput(f"{name} has {len(getattr(given, name)):,} characters; shorten it to {most:,}.")
    if given.state == "done" and given.date > store.clock().date():
        raise BadInput(f"An action that is done has the day on which it was done, not a day to come ({given.date}).")
    if given.state == "stopped" and not given.outcome:
        raise BadInput("Say in outcome why the action was stopped; people who asked for it will want to know.")
    return given


def _signed(by: str) -> str:
    by = " ".join(by.split())
    if not by or len(by) > 100:
        raise BadInput("An action is signed: give a name of up to 100 characters.")
    return by


def _resolved(
    conn: sqlite3.Connection, taxonomy: Taxonomy, of: Action, citations: Sequence[str], scope: Scope
) -> tuple[tuple[int, int], ...]:
    """The comments' numbers and clauses that citations lead to, checked to be about the action's service."""
    if len(citations) > MOST_CITED:
        raise BadInput(f"An action answers up to {MOST_CITED} comments; cite those that show it best.")
    found = []
    for citation in dict.fromkeys(citations):
        stored = comment(conn, citation, scope)
        if not taxonomy.below(of.service) & _subjects(stored):
            name = taxonomy.service_name(of.service)
            raise BadInput(f"Comment {stored.citation} is not about {name}; cite comments on the action's own service.")
        found.append((stored.number, _clause_of(stored, citation)))
    return tuple(dict.fromkeys(found))


def _clause_of(stored: Stored, citation: str) -> int:
    if citation in (stored.citation, stored.analysed.comment.id):
        return 0
    parts = _CLAUSE.fullmatch(citation)
    clause = parts["clause"] if parts else None
    if clause is None or clause not in {f.detail for f in stored.analysed.of("clause")}:
        raise NotFound(f"Comment {stored.citation} has no clause {clause}; its page numbers them.")
    return int(clause)


def _subjects(stored: Stored) -> frozenset[str]:
    return frozenset(f.label for f in stored.analysed.of("service") if f.detail == "subject")


def _one_of(name: str, given: str, choices: Iterable[str]) -> None:
    if given not in choices:
        raise BadInput(f"There is no {name} {given[:40]!r}: use one of {', '.join(choices)}.")


# SQL


def _in_scope(scope: Scope, within: Collection[str] | None) -> str:
    return "1" if scope.services is None and within is None else "a.service IN (SELECT value FROM json_each(:services))"


def _services(scope: Scope, within: Collection[str] | None) -> str:
    asked = within if within is not None else scope.services or ()
    return json.dumps(sorted(id for id in asked if scope.reaches(id)))


def _action(row: Sequence[Any]) -> Action:
    id, *values = row
    given = dict(zip(_FIELDS, values, strict=True))
    return Action(**given | {"date": date.fromisoformat(given["date"]), "id": id})


def _row(given: Action) -> dict[str, Any]:
    return {name: value for name, value in asdict(given).items() if name != "id"} | {"date": given.date.isoformat()}


def _answer(store: Store, id: int, answers: Iterable[tuple[int, int]]) -> None:
    store.conn.executemany(
        "INSERT INTO action_comments (action, comment, clause) VALUES (?, ?, ?)", [(id, *a) for a in answers]
    )


def _note(store: Store, id: int, by: str, changed: Mapping[str, tuple[str | None, str | None]]) -> None:
    store.conn.execute(
        'INSERT INTO action_changes (action, "by", at, changed) VALUES (?, ?, ?, ?)',
        (id, by, store.now(), json.dumps(changed, ensure_ascii=False)),
    )


def _difference(before: Action, after: Action) -> dict[str, tuple[str | None, str | None]]:
    """What the history says: values before and after, of texts only that they changed."""
    found: dict[str, tuple[str | None, str | None]] = {}
    for name in _FIELDS:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            found[name] = (None, None) if name in TEXTS else (_plain(was), _plain(now))
    return found


def _plain(value: object) -> str | None:
    return None if value is None else str(value)


def _bears_on(taxonomy: Taxonomy, found: Action, filters: Filters) -> bool:
    asked = (filters.theme, filters.value, filters.objective, filters.statement)
    if not any(asked) or not (found.theme or found.statement):
        return True
    statement = found.statement or ""
    return (
        found.theme in labels(taxonomy, filters).get("theme", ())
        or (filters.statement is not None and filters.statement == statement)
        or (filters.objective is not None and statement.startswith(f"{filters.objective}."))
    )


def _is_theirs(conn: sqlite3.Connection, citation: str, scope: Scope) -> bool:
    if scope.services is None:
        return True
    try:
        comment(conn, citation, scope)
    except NotFound:
        return False
    return True


def _cursor(after: str) -> dict[str, Any]:
    day, _, number = after.partition("~")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day) or not re.fullmatch(r"\d{1,18}", number):
        raise BadInput(f"{after[:40]!r} is no place in a list; start again from the first page.")
    return {"after_date": day, "after_id": int(number)}
