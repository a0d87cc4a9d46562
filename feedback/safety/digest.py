"""List what came, waits, is late and was decided, by kind, severity and service: to be sent round, so without any words.

Neither a comment's words nor a note's are read here at all; each line has a citation, by which who may read finds them.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

from feedback.comment import SIGNALS
from feedback.filters import Filters, Scope
from feedback.safety.blind import Estimate, latest_estimate
from feedback.safety.due import Severity, at, due
from feedback.safety.queue import OPEN, State, held, held_overdue, narrowed, placed
from feedback.safety.routes import Routes
from feedback.taxonomy import Taxonomy

DAYS = 7  # how far back a digest looks unless it is told: teams meet weekly
NO_SERVICE = "none"
NO_ROUTE = "not_stated"
_PASSED = ("escalated", "received")


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One flag: where it stands, and where it was passed on; `path` is its page's address on whatever serves the pages."""

    citation: str
    kind: str
    severity: Severity
    services: tuple[str, ...]
    state: State
    new: bool
    overdue: bool
    stored_at: str
    due: str
    decided_at: str | None
    route: str | None
    reference: str | None
    path: str


@dataclass(frozen=True, slots=True)
class DigestCount:
    """The flags of one kind, severity or service: `n` = open + passed_on + closed = new + earlier; open = overdue + in_time."""

    id: str
    title: str
    n: int
    new: int
    earlier: int
    open: int
    overdue: int
    in_time: int
    passed_on: int
    closed: int


@dataclass(frozen=True, slots=True)
class RouteCount:
    """How many flags were passed on by one route."""

    id: str
    title: str
    n: int


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything open or passed on and not yet received, and what was raised or closed from `since` to `at`; overdue and longest
    waiting first.

    A flag on a comment about two services counts under both, once in all else. `held`: comments that wait for translation,
    of which `held_overdue` for longer than an urgent flag may.
    """

    since: date
    at: str
    total: DigestCount
    by_kind: tuple[DigestCount, ...]
    by_severity: tuple[DigestCount, ...]
    by_service: tuple[DigestCount, ...]
    passed_on: tuple[RouteCount, ...]
    flags: tuple[DigestLine, ...]
    held: int
    missed: Estimate | None
    held_overdue: int = 0


def digest(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    routes: Routes,
    *,
    now: datetime,
    since: date | None = None,
) -> Digest:
    """The digest of the flags under the filters, from the beginning of `since` (DAYS ago if not given)."""
    since = since or (now.astimezone(UTC) - timedelta(days=DAYS)).date()
    lines = _lines(conn, taxonomy, filters, scope, now, since)
    passed = [line.route or NO_ROUTE for line in lines if line.state in _PASSED]
    titles = {id: route.name for id, route in routes.routes.items()} | {NO_ROUTE: "Not stated"}
    return Digest(
        since=since,
        at=now.astimezone(UTC).isoformat(timespec="seconds"),
        total=_count("all", "All flags", lines),
        by_kind=_table(lines, [(kind, kind.replace("_", " ")) for kind in SIGNALS], lambda line: (line.kind,)),
        by_severity=_table(lines, [("urgent", "urgent"), ("watch", "watch")], lambda line: (line.severity,)),
        by_service=_table(lines, _service_names(taxonomy, lines), lambda line: line.services or (NO_SERVICE,)),
        passed_on=tuple(RouteCount(id, title, passed.count(id)) for id, title in titles.items() if id in passed),
        flags=tuple(lines),
        held=sum(n for _, n in held(conn, taxonomy, filters, scope)),
        missed=latest_estimate(conn, taxonomy, scope),
        held_overdue=sum(held_overdue(conn, taxonomy, filters, scope, now=now).values()),
    )


def _lines(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, now: datetime, since: date
) -> list[DigestLine]:
    where, parameters = narrowed(conn, taxonomy, filters, scope)
    moment = at(now)
    begin = datetime.combine(since, time(), UTC).isoformat(timespec="seconds")
    parameters |= {"urgent_before": moment.urgent_before, "watch_before": moment.watch_before, "since_day": begin}
    rows = conn.execute(
        "SELECT c.citation, q.signal, q.severity, q.state, q.raised_at >= :since_day, q.rank IN (0, 2), q.stored_at, r.at, r.route,"
        " r.reference, (SELECT group_concat(DISTINCT label) FROM main.effective s WHERE s.comment = q.comment AND s.kind = 'service'"
        " AND s.detail = 'subject')"
        f" FROM ({placed(where)}) q JOIN comments c ON c.number = q.comment LEFT JOIN reviews r ON r.id = q.review"
        " WHERE q.open OR q.state = 'escalated' OR r.at >= :since_day OR q.raised_at >= :since_day ORDER BY q.rank, q.since, q.comment, q.signal",
        parameters,
    )
    return [
        DigestLine(
            citation=citation,
            kind=kind,
            severity=severity,
            services=tuple(services.split(",")) if services else (),
            state=state,
            new=bool(new),
            overdue=bool(overdue),
            stored_at=stored_at,
            due=due(datetime.fromisoformat(stored_at), severity).isoformat(),
            decided_at=decided_at,
            route=route,
            reference=reference,
            path=f"/signals/{quote(citation, safe='')}/{kind}",
        )
        for citation, kind, severity, state, new, overdue, stored_at, decided_at, route, reference, services in rows
    ]


def _service_names(taxonomy: Taxonomy, lines: Iterable[DigestLine]) -> list[tuple[str, str]]:
    """The services of the lines in the order of the directory, whatever there is of each: nothing here ranks teams."""
    there = {id for line in lines for id in line.services}
    known = [id for id in (*taxonomy.services, *taxonomy.organisations) if id in there]
    return [(id, taxonomy.service_name(id)) for id in known] + [(NO_SERVICE, "No service named")]


def _table(
    lines: Sequence[DigestLine], titles: Sequence[tuple[str, str]], of: Callable[[DigestLine], tuple[str, ...]]
) -> tuple[DigestCount, ...]:
    counts = (_count(id, title, [line for line in lines if id in of(line)]) for id, title in titles)
    return tuple(count for count in counts if count.n)


def _count(id: str, title: str, lines: Sequence[DigestLine]) -> DigestCount:
    n, new = len(lines), sum(line.new for line in lines)
    waiting = sum(line.state in OPEN for line in lines)
    late = sum(line.overdue for line in lines)
    passed_on = sum(line.state in _PASSED for line in lines)
    closed = n - waiting - passed_on
    return DigestCount(id, title, n, new, n - new, waiting, late, waiting - late, passed_on, closed)
