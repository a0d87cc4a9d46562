"""Say which topics are spoken of more, or less, than before, and on which services: a test of two shares, with its interval.

The months to the newest comment are held against the twelve before them. Many pairs of topic and service are tested at once, and of a
hundred where nothing moves five would seem to; so the tests are corrected together (Benjamini and Hochberg, 1995) and the
number of tests is said. A topic of fewer than ten clauses on a service is not tested at all. This finds what to read, not why.
"""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import date

from feedback.filters import Filters, Scope, chosen
from feedback.over_time.before_after import newcombe
from feedback.query import suppress
from feedback.settings import Settings
from feedback.taxonomy import Taxonomy
from feedback.topics.discover import SMALLEST
from feedback.topics.kept import AS_CUT, topics

RECENT, BEFORE = 3, 12  # months; a year before, so that every season is in it
CHANCE = 0.05  # of those called rising or falling, the share that may be chance alone (false discovery rate)
METHOD = (
    f"Comments of the last {RECENT} months against the {BEFORE} before: Fisher's exact test of the two shares, corrected for the number of "
    f"tests (Benjamini and Hochberg; false discovery rate {CHANCE:.0%}), and Newcombe's 95% interval of the difference. Not tested: "
    f"topics of fewer than {SMALLEST} clauses on a service, windows of too few comments, comments without a date."
)


@dataclass(frozen=True, slots=True)
class Moving:
    """A topic on a service (None: on all of them) that moved beyond chance: `k` of `n` comments lately, `k_before` of `n_before`.

    difference: of the shares, with its 95 % interval (-1 to 1). chance: Fisher's p after correction. Counts are None where hidden.
    """

    topic: int
    name: str
    service: str | None
    unnamed: bool
    k: int | None
    n: int | None
    k_before: int | None
    n_before: int | None
    difference: float | None
    lower: float | None
    upper: float | None
    chance: float

    @property
    def rises(self) -> bool:
        """Whether it is spoken of more than before."""
        return self.difference is None or self.difference > 0


@dataclass(frozen=True, slots=True)
class Movement:
    """What moved, most surely first, among so many tests; the windows are from the first day to the last. None where nothing is dated."""

    recent: tuple[date, date] | None
    before: tuple[date, date] | None
    tests: int
    moving: tuple[Moving, ...]
    sentence: str
    method: str = METHOD


def rising(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    months: int = RECENT,
    may_read: bool = True,
) -> Movement:
    """Test every topic, on all services together and on each by itself; the filters' dates are replaced by the windows."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    newest = conn.execute(f"SELECT max(c.date) FROM comments c WHERE {where}", parameters).fetchone()[0]
    if newest is None:
        return Movement(None, None, 0, (), "No comment here has a date, so nothing can be said of what is rising.")
    recent, before = _windows(date.fromisoformat(newest), months)
    named = {topic.id: topic for topic in topics(conn, taxonomy, filters, scope)}
    pairs = []
    for (topic, service), (k, n, k_before, n_before, clauses) in _counts(
        conn, where, parameters, recent, before
    ).items():
        enough = min(n, n_before) >= Settings().hollow_number and clauses >= SMALLEST
        if topic in named and enough and (service is None or scope.reaches(service)):
            pairs.append((topic, service, k, n, k_before, n_before))
    moving = []
    for (topic, service, k, n, k_before, n_before), chance in zip(pairs, _chances(pairs), strict=True):
        if chance < CHANCE:
            difference, lower, upper = newcombe(k, n, k_before, n_before)
            one = named[topic]
            found = Moving(
                topic,
                one.name,
                service,
                one.unnamed,
                k,
                n,
                k_before,
                n_before,
                difference,
                lower,
                upper,
                round(chance, 4),
            )
            if all(cell.reason is None for cell in suppress([k, k_before], may_read=may_read)):
                moving.append(found)
            elif difference > 0:
                bare = replace(found, k=None, n=None, k_before=None, n_before=None)
                moving.append(replace(bare, difference=None, lower=None, upper=None))
    moving.sort(key=lambda m: (not m.rises, m.chance, m.topic, m.service or ""))
    return Movement(recent, before, len(pairs), tuple(moving), _sentence(len(pairs), moving))


def in_words(moving: Moving, movement: Movement) -> str:
    """One line: "spoken of in 12% (9 of 75) of comments lately, 2% (6 of 300) before: 10 points more (95% interval 4 to 19)"."""
    if moving.k is None or moving.n is None or moving.k_before is None or moving.n_before is None:
        return "spoken of more than before; the counts are too small to be shown"
    assert moving.difference is not None and moving.lower is not None and moving.upper is not None
    low, high = sorted((abs(moving.lower), abs(moving.upper)))
    return (
        f"spoken of in {moving.k / moving.n:.0%} ({moving.k} of {moving.n}) of comments in the last {_length(movement.recent)} months, "
        f"{moving.k_before / moving.n_before:.0%} ({moving.k_before} of {moving.n_before}) in the {BEFORE} before: "
        f"{abs(moving.difference) * 100:.0f} points {'more' if moving.rises else 'less'} (95% interval {low * 100:.0f} to {high * 100:.0f})"
    )


def _length(window: tuple[date, date] | None) -> int:
    return 0 if window is None else (window[1].year - window[0].year) * 12 + window[1].month - window[0].month + 1


def _windows(newest: date, months: int) -> tuple[tuple[date, date], tuple[date, date]]:
    """The months to that of the newest comment, and the twelve before them."""
    from dateutil.relativedelta import relativedelta

    start = newest.replace(day=1) - relativedelta(months=months - 1)
    earlier = start - relativedelta(months=BEFORE)
    return (start, start + relativedelta(months=months, days=-1)), (earlier, start - relativedelta(days=1))


def _counts(
    conn: sqlite3.Connection,
    where: str,
    parameters: dict[str, object],
    recent: tuple[date, date],
    before: tuple[date, date],
) -> dict[tuple[int, str | None], tuple[int, int, int, int, int]]:
    """For each topic and service (None: all): comments lately that speak of it, all of them, the same before, and its clauses in both."""
    days = {"from_": before[0].isoformat(), "cut": recent[0].isoformat(), "to_": recent[1].isoformat()}
    rows = conn.execute(
        f"SELECT c.number, c.date >= :cut FROM comments c WHERE {where} AND c.sentiment IS NOT NULL AND c.date BETWEEN :from_ AND :to_",
        parameters | days,
    ).fetchall()
    late = {number: bool(lately) for number, lately in rows}
    mine = json.dumps(list(late))
    about: dict[int, list[str | None]] = {number: [None] for number in late}
    for number, service in conn.execute(
        "SELECT DISTINCT comment, label FROM effective WHERE kind = 'service' AND detail = 'subject'"
        " AND comment IN (SELECT value FROM json_each(?))",
        (mine,),
    ):
        about[number].append(service)
    of: dict[str | None, list[int]] = {}
    for number, services in about.items():
        for service in services:
            of.setdefault(service, [0, 0])[not late[number]] += 1
    counted: dict[tuple[int, str | None], list[int]] = {}
    for number, topic, clauses in conn.execute(
        f"SELECT k.comment, k.topic, count(*) FROM topic_clauses k WHERE {AS_CUT}"
        " AND k.comment IN (SELECT value FROM json_each(?)) GROUP BY 1, 2",
        (mine,),
    ):
        for service in about[number]:
            row = counted.setdefault((topic, service), [0, 0, 0])
            row[not late[number]] += 1
            row[2] += clauses
    return {
        key: (k, of[key[1]][0], k_before, of[key[1]][1], clauses) for key, (k, k_before, clauses) in counted.items()
    }


def _chances(pairs: list[tuple[int, str | None, int, int, int, int]]) -> list[float]:
    from scipy.stats import false_discovery_control, fisher_exact

    if not pairs:
        return []
    single = [fisher_exact([[k, n - k], [kb, nb - kb]])[1] for _, _, k, n, kb, nb in pairs]
    return [float(chance) for chance in false_discovery_control(single, method="bh")]


def _sentence(tests: int, moving: list[Moving]) -> str:
    if not tests:
        return "There are too few comments in the last months to say what is rising."
    up = sum(one.rises for one in moving)
    tested = f"{tests:,} {'pair' if tests == 1 else 'pairs'} of topic and service tested"
    if not moving:
        return f"Of {tested}, none is spoken of more or less than before beyond chance."
    return f"Of {tested}, {up} {'is' if up == 1 else 'are'} spoken of more than before beyond chance, {len(moving) - up} less."
