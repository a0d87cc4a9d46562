"""Put a strategy in beside those there are, map the whole history to it, and say which is in force.

Nothing is read again and no model is loaded. Older strategies stay: any question can be asked under any of them. Comments are mapped
in blocks, each in one transaction with how far that came, so an adoption that is killed is gone on with by the same command; it is in
force only when all of the history is mapped.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from feedback.comment import Analysed, Finding
from feedback.errors import BadData, BadInput, NotFound
from feedback.filters import Scope, in_scope
from feedback.store import Store
from feedback.strategies.mapped import AT_ONCE, all_rules, answer_under, map_comments
from feedback.strategies.remap import KINDS, remap
from feedback.strategies.successor import Successor, read_successor
from feedback.taxonomy import Taxonomy

MAX_NAME = 100  # characters of a name that signs

Progress = Callable[[int, int | None], None]

_kept: dict[
    tuple[int, str], tuple[Successor, Taxonomy]
] = {}  # files that were read, by the data they were read against: each takes some 20 ms
_told: dict[tuple[int, ...], tuple[Taxonomy, ...]] = {}  # strategies in place that know of the others
KEPT = 16


@dataclass(frozen=True, slots=True)
class Known:
    """A strategy that questions can be asked under. Times are ISO 8601, UTC, None for the one that the models read and its data.

    `is_read`: the models read comments by it. `ready` is False for one whose adoption was broken off. `since`: from when it is in
    force, None for one that is not, or that always was.
    """

    version: str
    is_read: bool
    in_force: bool
    ready: bool
    by: str | None
    at: str | None
    since: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """One decision which strategy is in force; time ISO 8601, UTC."""

    version: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """What putting a strategy in came to: comments mapped, those that bear on some part of it; `resumed` after a killed run."""

    version: str
    comments: int
    bearing: int
    resumed: bool
    in_force: bool
    not_carried: int


@dataclass(frozen=True, slots=True)
class NotCarried:
    """A person's correction of a code that became no single part of a strategy: somebody has to look whether it still holds.

    `so` is False where the person said that it is not so. `became` are the parts that the code went into, as (kind, id).
    """

    number: int
    citation: str
    kind: str
    label: str
    polarity: str
    so: bool
    by: str
    became: tuple[tuple[str, str], ...]


# Asking


def under(conn: sqlite3.Connection, taxonomy: Taxonomy, version: str | None = None) -> Taxonomy:
    """Let questions on this connection be answered under a strategy, and return the Trust's data with it in place.

    Without a version it is the one in force. `taxonomy` is that of the data folder. Raises NotFound for a version that is not there,
    BadData where the Trust's data has changed so that an adopted strategy fits it no more.
    """
    version = version or in_force(conn)
    if version in (None, taxonomy.versions["strategy"]):
        answer_under(conn, None)
        return _knowing_others(conn, taxonomy, taxonomy)
    found = successor(conn, taxonomy, version)
    answer_under(conn, version)
    return _knowing_others(conn, taxonomy, found.taxonomy)


def _knowing_others(conn: sqlite3.Connection, taxonomy: Taxonomy, placed: Taxonomy) -> Taxonomy:
    """The strategy in place, which can say of what it does not have in which other strategies that stands."""
    others = [taxonomy] if placed is not taxonomy else []
    for (version,) in conn.execute("SELECT version FROM strategies WHERE state = 'ready' ORDER BY id"):
        with suppress(BadData):  # it fits the Trust's data no more, so nothing can be asked under it either
            if version != placed.versions["strategy"]:
                others.append(successor(conn, taxonomy, version).taxonomy)
    if not others:
        return placed
    place = (id(placed), *map(id, others))
    if place not in _told:
        while len(_told) >= KEPT:
            _told.pop(next(iter(_told)))
        # What the key names by its place in memory is kept with the answer, so that nothing else comes to lie there.
        _told[place] = (replace(placed, elsewhere=_elsewhere(placed, others)), placed, *others)
    return _told[place][0]


def _elsewhere(placed: Taxonomy, others: Iterable[Taxonomy]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    here = placed.of_the_strategy()
    for other in others:
        for what, there in other.of_the_strategy().items():
            for id in there.keys() - here[what].keys():
                found[what, id] = (*found.get((what, id), ()), other.versions["strategy"])
    return found


def successor(conn: sqlite3.Connection, taxonomy: Taxonomy, version: str) -> Successor:
    """An adopted strategy. Raises NotFound for one that is not there or not ready, and BadData as `under`."""
    row = conn.execute("SELECT file, state FROM strategies WHERE version = ?", (version,)).fetchone()
    if row is None:
        there = ", ".join(known.version for known in strategies(conn, taxonomy))
        raise NotFound(f"There is no strategy {version[:60]!r}; there are {there}.")
    text, state = row
    if state != "ready":
        raise NotFound(
            f"Strategy {version} is not mapped to the end yet; adopt the same file again, which goes on there."
        )
    place = (id(taxonomy), text)
    if place not in _kept:
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)))
        try:
            # The data is kept as well, so that nothing else comes to lie where the key says it is.
            _kept[place] = (read_successor(text, taxonomy, name=f"strategy {version}"), taxonomy)
        except BadInput as error:  # it fitted when it was put in: since then the Trust's data has changed
            raise BadData(
                f"Strategy {version} fits the Trust's data no more; put another in force or mend the data. {error}"
            ) from None
    return _kept[place][0]


def in_force(conn: sqlite3.Connection) -> str | None:
    """The version in force; None where nobody ever decided that, which is the strategy that the models read."""
    row = conn.execute("SELECT version FROM strategy_uses ORDER BY id DESC LIMIT 1").fetchone()
    return row[0] if row else None


def uses(conn: sqlite3.Connection) -> tuple[Use, ...]:
    """Every decision which strategy is in force, the first one first."""
    return tuple(Use(*row) for row in conn.execute('SELECT version, "by", at FROM strategy_uses ORDER BY id'))


def strategies(conn: sqlite3.Connection, taxonomy: Taxonomy) -> tuple[Known, ...]:
    """Every strategy, that which the models read first, then in the order in which they were adopted.

    `taxonomy` is that of the data folder, or with any of them in force.
    """
    now, decided = in_force(conn), {use.version: use.at for use in uses(conn)}
    read = taxonomy.versions["strategy"] if taxonomy.rules is None else taxonomy.rules.follows
    now = now or read
    found = [Known(read, True, now == read, True, None, None, decided.get(read) if now == read else None)]
    for version, by, at, state in conn.execute('SELECT version, "by", at, state FROM strategies ORDER BY id'):
        if version != read:
            here = now == version
            found.append(Known(version, False, here, state == "ready", by, at, decided.get(version) if here else None))
    return tuple(found)


def two_to_compare(conn: sqlite3.Connection, taxonomy: Taxonomy, old: str | None, new: str | None) -> tuple[str, str]:
    """The two versions that a comparison means: as named, else the one that is read and the one adopted last (or in force).

    Raises BadInput where there is only one strategy.
    """
    known = [one for one in strategies(conn, taxonomy) if one.ready]
    if len(known) == 1:
        raise BadInput(
            f"There is one strategy, {known[0].version}; put another beside it with `feedback strategy adopt FILE`."
        )
    ours = next((one.version for one in known if one.in_force and not one.is_read), known[-1].version)
    new = new or next(version for version in (ours, known[-1].version, known[0].version) if version != old)
    old = old or next(one.version for one in known if one.version != new)
    return old, new


def not_carried(
    conn: sqlite3.Connection, version: str, scope: Scope, *, after: int = 0, limit: int = 50
) -> tuple[NotCarried, ...]:
    """Standing corrections of codes that became no single part of an adopted strategy, by number, after the one numbered `after`."""
    rules = next(rules for rules in all_rules(conn) if rules.version == version)
    carried = {code for rule in rules.rules if rule.carries for code in rule.codes}
    became: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for rule in rules.rules:
        for code in rule.codes:
            became.setdefault(code, []).append((rule.kind, rule.id))
    where, parameters = in_scope(scope)
    rows = conn.execute(
        "SELECT k.id, c.citation, json_extract(s.value, '$.kind'), json_extract(s.value, '$.label'), json_extract(s.value, '$.polarity'),"
        " json_extract(s.value, '$.score') > 0, substr(k.\"by\", 8)"
        " FROM corrections k JOIN comments c ON c.number = k.comment JOIN json_each(k.said) s"
        f" WHERE k.withdrawn_by IS NULL AND k.id > :after AND json_extract(s.value, '$.kind') IN (SELECT value FROM json_each(:kinds)) AND {where}"
        " ORDER BY k.id, s.key",
        parameters | {"after": after, "kinds": json.dumps(KINDS)},
    )
    found: list[NotCarried] = []
    for id, citation, kind, label, polarity, so, by in rows:
        if (kind, label) not in carried:
            if len(found) >= limit and found[-1].number != id:  # one correction may say two things, which stay together
                break
            became_now = tuple(became.get((kind, label), ()))
            found.append(NotCarried(id, citation, kind, label, polarity, bool(so), by, became_now))
    return tuple(found)


def read_under(taxonomy: Taxonomy, machine: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What machines found in a comment, under the strategy that `taxonomy` holds."""
    if taxonomy.rules is None:
        return machine
    return (*(f for f in machine if f.kind not in KINDS), *remap(machine, taxonomy.rules))


def shown_under(taxonomy: Taxonomy, analysed: Analysed) -> Analysed:
    """A comment that was just analysed, with what was found under the strategy that `taxonomy` holds."""
    return replace(analysed, findings=read_under(taxonomy, analysed.findings))


# Deciding


def adopt(
    store: Store,
    taxonomy: Taxonomy,
    text: str,
    *,
    by: str,
    put_in_force: bool = True,
    name: str = "the file",
    progress: Progress | None = None,
) -> Adopted:
    """Put a strategy in, map the whole history to it, and put it in force unless it is only to stand beside.

    `taxonomy` is that of the data folder. The same file again goes on where a killed run stopped, and changes nothing where it was
    finished. Raises BadInput for a file that does not fit, where another file has its version, and for a name too long.
    """
    by = _signature(by)
    read = read_successor(text, taxonomy, name=name)
    resumed = _begin(store, read, by)
    total = store.conn.execute("SELECT count(*) FROM comments").fetchone()[0]
    while _map_on(store, read):
        if progress:
            done = "SELECT count(*) FROM comments WHERE number <= (SELECT position FROM strategies WHERE version = ?)"
            progress(store.conn.execute(done, (read.version,)).fetchone()[0], total)
    with store.writing():
        store.conn.execute(
            "UPDATE strategies SET state = 'ready', ready_at = ? WHERE version = ? AND state = 'running'",
            (store.now(), read.version),
        )
        if put_in_force and in_force(store.conn) != read.version:
            _use(store, read.version, by)
    bearing = "SELECT count(DISTINCT comment) FROM mapped WHERE strategy = ?"
    left = _count_not_carried(store.conn, read.version)
    return Adopted(
        version=read.version,
        comments=total,
        bearing=store.conn.execute(bearing, (read.version,)).fetchone()[0],
        resumed=resumed,
        in_force=in_force(store.conn) == read.version,
        not_carried=left,
    )


def use(store: Store, taxonomy: Taxonomy, version: str, *, by: str) -> Known:
    """Put a strategy in force that is there already. Raises NotFound for one that is not, BadInput where it is in force already."""
    by = _signature(by)
    known = {one.version: one for one in strategies(store.conn, taxonomy)}
    if version in known and known[version].in_force:
        raise BadInput(f"Strategy {version} is in force already.")
    if version not in known or not known[version].is_read:
        successor(store.conn, taxonomy, version)
    with store.writing():
        _use(store, version, by)
    return next(one for one in strategies(store.conn, taxonomy) if one.version == version)


def _begin(store: Store, read: Successor, by: str) -> bool:
    """Enter the strategy, or take up the one of the same file; whether that had been begun before."""
    with store.writing():
        row = store.conn.execute("SELECT file, state FROM strategies WHERE version = ?", (read.version,)).fetchone()
        if row is None:
            store.conn.execute(
                "INSERT INTO strategies (version, file, rules, \"by\", at, state) VALUES (?, ?, ?, ?, ?, 'running')",
                (read.version, read.text, json.dumps(read.rules.as_record()), by, store.now()),
            )
            return False
        if row[0] != read.text:
            raise BadInput(
                f"A strategy of the version {read.version} was adopted from another file; what was counted under it must stay as it was, "
                "so give this one a version of its own."
            )
        return row[1] == "running"


def _map_on(store: Store, read: Successor) -> bool:
    """Map the next block of comments; False where there is none left."""
    with store.writing():
        (position, state) = store.conn.execute(
            "SELECT position, state FROM strategies WHERE version = ?", (read.version,)
        ).fetchone()
        if state == "ready":
            return False
        rows = store.conn.execute(
            "SELECT number FROM comments WHERE number > ? ORDER BY number LIMIT ?", (position, AT_ONCE)
        ).fetchall()
        if not rows:
            return False
        numbers = [number for (number,) in rows]
        map_comments(store.conn, read.rules, numbers)
        store.conn.execute("UPDATE strategies SET position = ? WHERE version = ?", (numbers[-1], read.version))
    return True


def _use(store: Store, version: str, by: str) -> None:
    sql = 'INSERT INTO strategy_uses (version, "by", at) VALUES (?, ?, ?)'
    store.conn.execute(sql, (version, by, store.now()))


def _count_not_carried(conn: sqlite3.Connection, version: str) -> int:
    return len(not_carried(conn, version, Scope(), limit=1_000_000))


def _signature(by: str) -> str:
    name = " ".join(by.split())
    if not name or len(name) > MAX_NAME:
        raise BadInput(f"A strategy is put in or in force by somebody: give a name of up to {MAX_NAME} characters.")
    return name
