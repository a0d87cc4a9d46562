"""Say where too little is heard for anything to be said: services, groups of people, parts of the strategy.

Silence is neither good nor bad news, and it is easily taken for either. A service that nobody speaks of is told apart from one that is
heard but not on this, and from one that was heard and has fallen quiet.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from feedback.filters import Filters, Scope, among, chosen
from feedback.query import (
    LabelCount,
    RespondentCount,
    ServiceCount,
    evidence_table,
    objective_table,
    respondent_table,
    service_table,
    statement_table,
    totals,
    value_table,
)
from feedback.settings import Settings
from feedback.strategies.bearing import outcomes
from feedback.taxonomy import Taxonomy

QUIET_MONTHS = 6  # without a comment, up to the newest there is, before a service that was heard counts as fallen quiet
KNOWN_GROUPS = ("patient", "carer", "relative", "parent", "staff")  # unknown is no group


@dataclass(frozen=True, slots=True)
class QuietService(ServiceCount):
    """A service with too few comments, or none lately; `last` is the day of the latest, None where there is none with a date."""

    last: date | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Where fewer than `fewer_than` comments are. `read` comments were read under the same filters.

    `services` have too few, of `of_services` in all; `fallen_quiet` had enough once and none since `quiet_since`. `groups` are kinds
    of respondent; `parts` objectives, values, statements and outcomes, by kind; `not_looked_for` those which nothing looks for yet,
    of whose silence nothing is known.
    """

    fewer_than: int
    read: int
    of_services: int
    services: tuple[QuietService, ...]
    fallen_quiet: tuple[QuietService, ...]
    quiet_since: date | None
    groups: tuple[RespondentCount, ...]
    parts: Mapping[str, tuple[LabelCount, ...]]
    not_looked_for: tuple[LabelCount, ...] = ()


@dataclass(frozen=True, slots=True)
class SilenceOn:
    """What is not heard on one part of the strategy.

    `services` have enough comments but too few on it (`n` of them); `services_unheard` counts those, of `of_services`, with too few
    comments on anything. The same of the groups. `statements` are those of an objective with too few, `not_looked_for` those of it that
    nothing looks for yet.
    """

    services: tuple[ServiceCount, ...]
    services_unheard: int
    of_services: int
    groups: tuple[str, ...]
    groups_unheard: tuple[str, ...]
    statements: tuple[LabelCount, ...] = ()
    not_looked_for: tuple[LabelCount, ...] = ()


def silence(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> Silence:
    """Where too little is heard among the comments chosen."""
    enough = Settings().small_number
    counted = service_table(conn, taxonomy, filters, scope)
    last = _last_comments(conn, taxonomy, filters, scope)
    total = totals(conn, taxonomy, filters, scope)
    since = months_before(total.last, QUIET_MONTHS) if total.last else None
    rows = [QuietService(**asdict(s), last=last.get(s.id)) for s in counted]
    later = outcomes(taxonomy)
    parts = {
        "objectives": tuple(r for r in objective_table(conn, taxonomy, filters, scope) if r.n < enough),
        "values": tuple(r for r in value_table(conn, taxonomy, filters, scope) if r.n < enough),
        "statements": tuple(
            r for r in statement_table(conn, taxonomy, filters, scope) if r.n < enough and r.id not in later
        ),
        "outcomes": tuple(
            r for r in evidence_table(conn, taxonomy, filters, scope, [f"outcome:{id}" for id in later]) if r.n < enough
        ),
    }
    not_looked_for = tuple(row for rows in parts.values() for row in rows if row.basis == "unread")
    parts = {kind: tuple(row for row in rows if row.basis != "unread") for kind, rows in parts.items()}
    return Silence(
        fewer_than=enough,
        read=total.read,
        of_services=len(counted),
        services=tuple(row for row in rows if row.n < enough),
        fallen_quiet=tuple(row for row in rows if row.n >= enough and since and row.last and row.last < since),
        quiet_since=since,
        groups=tuple(
            r for r in respondent_table(conn, taxonomy, filters, scope) if r.id in KNOWN_GROUPS and r.n < enough
        ),
        parts=parts,
        not_looked_for=not_looked_for,
    )


def silence_on(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    whole: Filters,
    on_it: Filters,
    scope: Scope,
    *,
    objective: str | None = None,
) -> SilenceOn:
    """What is not heard on the comments that `on_it` chooses of the `whole`; of an `objective`, its statements as well."""
    enough = Settings().small_number
    meant = _meant(taxonomy, whole)
    heard = {row.id: row.n for row in service_table(conn, taxonomy, whole, scope) if row.id in meant}
    rows = [row for row in service_table(conn, taxonomy, on_it, scope) if row.id in meant]
    groups = {row.id: row.n for row in respondent_table(conn, taxonomy, whole, scope) if row.id in KNOWN_GROUPS}
    on = {row.id: row.n for row in respondent_table(conn, taxonomy, on_it, scope)}
    mine = taxonomy.objective(objective).statements if objective else ()
    found = statement_table(conn, taxonomy, replace(whole, statement=None), scope) if mine else ()
    return SilenceOn(
        services=tuple(row for row in rows if heard[row.id] >= enough > row.n),
        services_unheard=sum(n < enough for n in heard.values()),
        of_services=len(heard),
        groups=tuple(id for id, n in groups.items() if n >= enough > on[id]),
        groups_unheard=tuple(id for id, n in groups.items() if n < enough),
        statements=tuple(row for row in found if row.id in mine and row.n < enough and row.basis != "unread"),
        not_looked_for=tuple(row for row in found if row.id in mine and row.basis == "unread"),
    )


def _meant(taxonomy: Taxonomy, filters: Filters) -> frozenset[str]:
    """The services that filters ask about: all, where they name none."""
    meant = frozenset(taxonomy.services)
    if filters.programme is not None:
        meant &= taxonomy.programme_services(filters.programme)
    if filters.service in taxonomy.services:
        meant &= taxonomy.below(filters.service)
    return meant


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months before a day's own.

    >>> months_before(date(2026, 10, 29), 6)
    datetime.date(2026, 4, 1)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def _last_comments(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> Mapping[str, date]:
    """The day of the latest comment about each service or anything below it."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    sql = (
        "SELECT label, max(c.date) FROM effective JOIN comments c ON c.number = comment WHERE kind = 'service' AND detail = 'subject'"
        f" AND c.date IS NOT NULL AND {among(where)} GROUP BY label"
    )
    latest: dict[str, date] = {}
    for label, day in conn.execute(sql, parameters):
        for id in (label, *(taxonomy.ancestors(label) if label in taxonomy.services else ())):
            latest[id] = max(latest.get(id, date.min), date.fromisoformat(day))
    return latest
