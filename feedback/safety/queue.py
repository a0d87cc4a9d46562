"""Answer what waits for a person, most serious first, and keep what people decide about it.

Nothing leaves the queue by itself. It is read from the table of flags, which remembers everything that was ever flagged: a
new model, or a rule that was taken out, changes what a flag says of itself ("no longer raised") but not that it is open. Only
a decision closes it, every decision is kept, and a closed flag can be opened again. One that was passed on stays in sight until
somebody records that it was received there. With the comment a flag goes too, when a person takes its upload back or erases it:
undecided.py says when that may be.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, get_args

from feedback.errors import BadInput, NotFound
from feedback.filters import Filters, Scope, among, chosen, labels
from feedback.query import comment
from feedback.safety.due import Moment, Severity, at, due
from feedback.safety.routes import ELSEWHERE, Routes, check_reference
from feedback.store import Store
from feedback.taxonomy import Taxonomy
from feedback.undecided import ReviewOutcome

# "new", or what was decided last
State = Literal["new", "reopened", "seen", "escalated", "received", "not_a_concern", "done"]
Due = Literal["overdue", "in_time"]

STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("new", "reopened", "seen")
PASSED_ON: tuple[State, ...] = ("escalated",)  # and nobody has recorded yet that it was received
MAX_NOTE, MAX_NAME = 2_000, 100  # characters
NEEDS_A_NOTE: dict[ReviewOutcome, str] = {
    "not_a_concern": "Say in the note why this is not a concern.",
    "done": "Say in the note what was done.",
    "received": "Say in the note who received it, a team or a role, and on which day.",
    "reopened": "Say in the note why this is opened again.",
}

# Every flag with what it rests on now, what was decided last, and its place: overdue urgent 0, urgent 1, overdue watch 2,
# watch 3, each from the longest waiting; after them those passed on and not yet received, 4, the first passed on first; then the
# other closed ones, 5, the latest decided first.
_QUEUE = """
SELECT g.comment, g.signal, c.stored_at, g.raised_at, e.place IS NOT NULL AS raised,
    ifnull(e.score, g.score) AS score, ifnull(e.start, g.start) AS start, ifnull(e."end", g."end") AS "end",
    ifnull(e."by", g."by") AS "by",
    CASE WHEN e."by" GLOB 'person:*' THEN iif(e.detail = 'urgent', 'urgent', 'watch') ELSE g.severity END AS severity,
    ifnull(r.outcome, 'new') AS state, r.id AS review
FROM flags g JOIN comments c ON c.number = g.comment
LEFT JOIN findings e ON e.comment = g.comment AND e.kind = 'signal' AND e.label = g.signal AND e.place = (
    SELECT max(place) FROM main.effective WHERE comment = g.comment AND kind = 'signal' AND label = g.signal)
LEFT JOIN reviews r ON r.id = (SELECT max(id) FROM reviews WHERE comment = g.comment AND signal = g.signal)
WHERE {where}
"""
_PLACED = f"""
SELECT *, state IN {OPEN} AS open,
    CASE WHEN state = 'escalated' THEN 4 WHEN state NOT IN {OPEN} THEN 5
        WHEN severity = 'urgent' THEN stored_at > :urgent_before ELSE 2 + (stored_at > :watch_before) END AS rank,
    CASE WHEN state IN {OPEN} THEN stored_at WHEN state = 'escalated' THEN printf('%019d', review)
        ELSE printf('%019d', 9223372036854775807 - review) END AS since
FROM ({_QUEUE})
"""
_SERVICES = (
    "(SELECT json_group_array(DISTINCT label) FROM main.effective s WHERE s.comment = q.comment AND s.kind = 'service'"
    " AND s.detail = 'subject')"
)


@dataclass(frozen=True, slots=True)
class Review:
    """What a person decided about a flag; `route` and `reference` say where it was passed on, and its number there."""

    outcome: ReviewOutcome
    note: str
    by: str
    at: str
    route: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a comment may not be able to wait: the words from `start` to `end` of `comment_text`, or the whole of it.

    `due` is when a person should have decided, `overdue` whether that is past for an open one. `raised` is false where the
    present rules and models no longer say it; it waits all the same. `review` is the latest decision.
    """

    comment: str
    citation: str
    kind: str
    severity: Severity
    score: float
    start: int
    end: int
    comment_text: str
    by: str
    date: date | None
    services: tuple[str, ...]
    stored_at: str
    raised_at: str
    due: datetime
    overdue: bool
    state: State
    raised: bool
    review: Review | None

    @property
    def id(self) -> str:
        """What it is reviewed by."""
        return f"{self.comment}:{self.kind}"

    @property
    def text(self) -> str:
        """The words it rests on."""
        return self.comment_text[self.start : self.end]

    @property
    def open(self) -> bool:
        """Whether it waits for a person."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class FlagPage:
    """Flags in the order of the queue; `after` asks for the next page, None at the end."""

    flags: tuple[Flag, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many open flags there are of one severity: all, those overdue, and those that somebody is dealing with."""

    open: int = 0
    overdue: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person says of a flag."""

    outcome: ReviewOutcome
    note: str = ""
    route: str | None = None
    reference: str | None = None


# What waits


def flags(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    now: datetime,
    states: Collection[State] = OPEN,
    due: Due | None = None,
    after: str | None = None,
    limit: int = 50,
) -> FlagPage:
    """Up to `limit` flags in the order of the queue, after the page that ended at `after`.

    A page goes on as of the moment of the first one: what falls due meanwhile would otherwise move past it unseen.
    """
    unknown = sorted(set(states) - set(STATES))
    if unknown:
        raise BadInput(f"There is no state {unknown[0]!r}: use {', '.join(STATES)}.")
    moment, beyond, place = _beyond(now, after)
    late = {None: "1", "overdue": "rank IN (0, 2)", "in_time": "rank IN (1, 3)"}[due]
    where, parameters = narrowed(conn, taxonomy, filters, scope)
    parameters |= place | {"limit": limit + 1, "states": json.dumps(sorted(states))}
    condition = f"{beyond} AND {late} AND state IN (SELECT value FROM json_each(:states))"
    rows = _rows(conn, where, parameters, moment, condition, "LIMIT :limit")
    more = None
    if len(rows) > limit:
        _, number, kind, rank, since, *_ = rows[limit - 1]
        more = "~".join((moment.now.isoformat(), str(rank), since, str(number), kind))
    return FlagPage(tuple(_flag(row, moment) for row in rows[:limit]), more)


def flag(conn: sqlite3.Connection, scope: Scope, comment_id: str, kind: str, *, now: datetime) -> Flag:
    """One flag, by its comment's id or citation; raises NotFound for one that is not there or not in the reader's scope."""
    stored = comment(conn, comment_id, scope)
    parameters = {"number": stored.number, "kind": kind}
    rows = _rows(conn, "g.comment = :number AND g.signal = :kind", parameters, at(now))
    if not rows:
        raise NotFound(f"Comment {stored.citation} carries no safety flag of that kind.")
    return _flag(rows[0], at(now))


def history(conn: sqlite3.Connection, flag: Flag) -> tuple[Review, ...]:
    """Every decision about a flag, the first one first."""
    rows = conn.execute(
        'SELECT outcome, note, r."by", at, route, reference FROM reviews r JOIN comments c ON c.number = r.comment'
        " WHERE c.id = ? AND signal = ? ORDER BY r.id",
        (flag.comment, flag.kind),
    )
    return tuple(Review(*row) for row in rows)


def waiting(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, *, now: datetime
) -> dict[Severity, Waiting]:
    """How many flags are open, by severity."""
    where, parameters = narrowed(conn, taxonomy, filters, scope)
    sql = (
        "SELECT severity, count(*), sum(rank IN (0, 2)), sum(state = 'seen') FROM"
        f" ({_PLACED.format(where=where)}) WHERE open GROUP BY severity"
    )
    counted = {severity: Waiting(*n) for severity, *n in conn.execute(sql, parameters | _thresholds(at(now)))}
    return {severity: counted.get(severity, Waiting()) for severity in get_args(Severity)}


def held(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> tuple[tuple[str, int], ...]:
    """The comments held for translation, by language, most first: nobody and nothing has read them, so they may be urgent."""
    where, parameters = chosen(conn, taxonomy, replace(filters, signal=None), scope)
    rows = conn.execute(
        f"SELECT language, count(*) FROM comments c WHERE {where} AND language <> 'en' AND NOT contentless"
        " GROUP BY language ORDER BY count(*) DESC, language",
        parameters,
    )
    return tuple(rows.fetchall())


def held_overdue(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, *, now: datetime
) -> dict[str, int]:
    """Of the comments held for translation those overdue, by language: they are due as urgent flags are, since they may be urgent."""
    where, parameters = chosen(conn, taxonomy, replace(filters, signal=None), scope)
    rows = conn.execute(
        f"SELECT language, count(*) FROM comments c WHERE {where} AND language <> 'en' AND NOT contentless"
        " AND c.stored_at <= :urgent_before GROUP BY language",
        parameters | {"urgent_before": at(now).urgent_before},
    )
    return dict(rows.fetchall())


# What people decide


def review(
    store: Store, routes: Routes, redact: Callable[[str], str], flag: Flag, decision: Decision, *, by: str
) -> None:
    """Keep a decision about a flag; its note is redacted first, for a note may name whom the comment does not.

    Raises BadInput for a decision that does not make sense: a route without passing on or the other way round, no note where one is
    needed, no name, a reference that may be a name or a person's number.
    """
    note, by = decision.note.strip(), by.strip()
    if not by or len(by) > MAX_NAME:
        raise BadInput(f"A decision is signed: give a name of up to {MAX_NAME} characters.")
    if len(note) > MAX_NOTE:
        raise BadInput(f"A note has up to {MAX_NOTE:,} characters; this one has {len(note):,}.")
    if decision.outcome in NEEDS_A_NOTE and not note:
        raise BadInput(NEEDS_A_NOTE[decision.outcome])
    if decision.outcome == "reopened" and flag.open:
        raise BadInput("This flag is open; only a closed one can be opened again.")
    if decision.outcome == "received" and flag.state not in PASSED_ON:
        raise BadInput("Only a flag that was passed on, and is not yet received, can be received.")
    if (decision.outcome != "escalated" and decision.route) or (
        decision.outcome not in ("escalated", "received") and decision.reference
    ):
        raise BadInput("A route and a reference say where a flag was passed on, so they go with the outcome escalated.")
    if decision.outcome == "escalated" and not decision.route:
        suggested = ", ".join(routes.suggested[flag.kind, flag.severity])
        raise BadInput(
            f"Say where it was passed on with --route, or over HTTP as the route: {suggested} are suggested for it, none is elsewhere."
        )
    if decision.route and routes.check(decision.route) == ELSEWHERE and not note:
        raise BadInput("Say in the note where this was passed on, since it is none of the routes.")
    reference = check_reference(decision.reference) if decision.reference else None
    route = decision.route
    if decision.outcome == "received" and flag.review:  # it stands where it was passed on to
        route, reference = flag.review.route, reference or flag.review.reference
    with store.writing():
        number = store.conn.execute("SELECT number FROM comments WHERE id = ?", (flag.comment,)).fetchone()
        if number is None:
            raise NotFound(f"Comment {flag.citation} is not there any more.")
        store.save_review(
            number[0],
            flag.kind,
            decision.outcome,
            note=redact(note) if note else "",
            by=by,
            route=route,
            reference=reference,
        )


# SQL


def narrowed(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope
) -> tuple[str, dict[str, Any]]:
    """A condition on flags `g`: those of the comments chosen, and of the kind asked for; raises NotFound or BadInput."""
    # The filter on a signal asks for what is said now; a flag that is no longer raised must be found by its kind too.
    where, parameters = chosen(conn, taxonomy, replace(filters, signal=None), scope)
    kinds = labels(taxonomy, Filters(signal=filters.signal)).get("signal")
    if not kinds:
        return among(where, "g"), parameters
    return f"{among(where, 'g')} AND g.signal = :signal_kind", parameters | {"signal_kind": kinds[0]}


def _rows(
    conn: sqlite3.Connection,
    where: str,
    parameters: dict[str, Any],
    moment: Moment,
    condition: str = "1",
    limit: str = "",
) -> list[Sequence[Any]]:
    order = "rank, since, comment, signal"
    sql = (
        f"WITH q AS (SELECT * FROM ({_PLACED.format(where=where)}) WHERE {condition} ORDER BY {order} {limit})"
        " SELECT c.id, q.comment, q.signal, q.rank, q.since, c.citation, c.text, c.date, q.severity, q.score, q.start,"
        f' q."end", q."by", q.stored_at, q.raised_at, q.state, q.raised, {_SERVICES},'
        ' r.outcome, r.note, r."by", r.at, r.route, r.reference'
        " FROM q JOIN comments c ON c.number = q.comment LEFT JOIN reviews r ON r.id = q.review"
        " ORDER BY q.rank, q.since, q.comment, q.signal"
    )
    return conn.execute(sql, parameters | _thresholds(moment)).fetchall()


def placed(where: str) -> str:
    """Every flag for which `where` (as from `narrowed`) holds, as SQL with the columns of the queue; no words among them."""
    return _PLACED.format(where=where)


def _thresholds(moment: Moment) -> dict[str, str]:
    return {"urgent_before": moment.urgent_before, "watch_before": moment.watch_before}


def _flag(row: Sequence[Any], moment: Moment) -> Flag:
    (
        id,
        _,
        kind,
        rank,
        _,
        citation,
        text,
        day,
        severity,
        score,
        start,
        end,
        by,
        stored_at,
        raised_at,
        state,
        raised,
        services,
    ) = row[:18]
    return Flag(
        comment=id,
        citation=citation,
        kind=kind,
        severity=severity,
        score=score,
        start=start,
        end=end,
        comment_text=text,
        by=by,
        date=date.fromisoformat(day) if day else None,
        services=tuple(json.loads(services)),
        stored_at=stored_at,
        raised_at=raised_at,
        due=due(datetime.fromisoformat(stored_at), severity),
        overdue=rank in (0, 2),
        state=state,
        raised=bool(raised),
        review=Review(*row[18:]) if row[18] else None,
    )


def _beyond(now: datetime, after: str | None) -> tuple[Moment, str, dict[str, Any]]:
    """The moment as of which a page is asked for, the condition of what comes after it, and its parameters."""
    if after is None:
        return at(now), "1", {}
    parts = after.split("~")
    try:
        when, rank, since, number, kind = parts
        moment = at(datetime.fromisoformat(when))
        if not re.fullmatch(r"[0-5]", rank) or not re.fullmatch(r"\d{1,18}", number):
            raise ValueError
    except (ValueError, TypeError):
        raise BadInput(f"{after[:80]!r} is no place in the queue; start again from its head.") from None
    place = {"after_rank": int(rank), "after_since": since, "after_number": int(number), "after_kind": kind}
    beyond = "(rank, since, comment, signal) > (:after_rank, :after_since, :after_number, :after_kind)"
    return moment, beyond, place
