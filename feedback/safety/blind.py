"""Estimate how many comments that cannot wait are missed: a person reads a sample without seeing what was flagged.

What no rule and no model flagged cannot be counted, only sampled. A sample is drawn at random from the comments that no
machine flagged, and some that one did are mixed in, so that whoever reads cannot tell which is which. What the reader
marks goes to the queue at once, as a person's finding. Nothing in a reading takes a flag away or makes it less serious.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Literal, get_args

from feedback.accuracy.agreement import Share, share
from feedback.comment import SIGNALS, Finding
from feedback.errors import BadInput, NotFound
from feedback.filters import Filters, Scope, chosen
from feedback.query import comment, latest_versions
from feedback.safety.queue import flag
from feedback.sampling import (
    READ,
    ToRead,
    at_random,
    described,
    filters_json,
    scope_json,
    signed,
    some_seed,
    to_read,
)
from feedback.store import PERSON, Store
from feedback.taxonomy import Taxonomy

Severity = Literal["none", "watch", "urgent"]

MIXED_IN = 5  # one flagged comment for so many unflagged: about as often as machines flag, so neither stands out
MAX_SIZE = 2_000  # unflagged comments; more than anybody reads
DRAWS = 20_000  # of the posterior of recall: its percentiles then move by less than the last digit shown
HALF = 0.5  # Jeffreys' prior: of the fixed hyperparameters that Webber compares, the one he recommends
RECALL_METHOD = (
    "95% interval from 20,000 draws of beta-binomial posteriors on the flagged and the unflagged comments (prior ½, ½): "
    "W. Webber, Approximate recall confidence intervals, ACM Transactions on Information Systems 31(1), 2013"
)
SHARE_METHOD = "exact 95% interval (Clopper and Pearson, 1934)"

_MACHINE = "EXISTS (SELECT 1 FROM findings f WHERE f.comment = c.number AND f.kind = 'signal' AND NOT f.\"by\" GLOB 'person:*')"


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, from how many: `unflagged` and `flagged` count the comments it was drawn from, `size` those drawn."""

    id: int
    drawn_at: str
    drawn_by: str
    seed: int
    described: str
    unflagged: int
    flagged: int
    versions: dict[str, str]
    size: int
    read: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader says of a comment; a kind goes with watch and urgent, and None skips it."""

    severity: Severity | None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """Of the comments that should be flagged, the share that is, with its 95 % interval; 0 to 1."""

    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a blind reading says of what is missed. `missed` and `missed_urgent` are shares of the unflagged comments read.

    `recall` counts what a reader would mark at all, `urgent_recall` what a reader would call urgent and is flagged at all;
    None where no flagged comment was read or nothing was marked. `current` is false once another version reads the comments.
    """

    sample: int
    drawn_at: str
    described: str
    missed: Share
    missed_urgent: Share
    flagged_read: int
    recall: Recall | None
    urgent_recall: Recall | None
    unread: int
    current: bool
    methods: tuple[str, str] = (SHARE_METHOD, RECALL_METHOD)


# Drawing


def draw(
    store: Store,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    size: int = 100,
    by: str,
    seed: int | None = None,
) -> Sample:
    """Draw `size` unflagged comments (or all, if there are fewer) and one flagged for every MIXED_IN, in random order.

    Only comments that were read are drawn from: those held for translation are known to be unread. The same seed over the same
    comments draws the same. Raises BadInput where there is nothing to draw.
    """
    if not 1 <= size <= MAX_SIZE:
        raise BadInput(f"A sample has 1 to {MAX_SIZE:,} unflagged comments; {size} were asked for.")
    by, seed = signed(by, "A sample"), some_seed(seed)
    where, parameters = chosen(store.conn, taxonomy, filters, scope)
    read = f"SELECT number, {_MACHINE} FROM comments c WHERE {where} AND {READ} ORDER BY number"
    with store.writing():
        rows = store.conn.execute(read, parameters).fetchall()
        groups = [[number for number, was in rows if was == flagged] for flagged in (0, 1)]
        if not groups[0]:
            raise BadInput("There is no unflagged comment to draw from under these filters.")
        drawn = at_random(groups, (size, -(-min(size, len(groups[0])) // MIXED_IN)), seed)
        cursor = store.conn.execute(
            "INSERT INTO samples (drawn_at, drawn_by, seed, filters, scope, unflagged, flagged, versions)"
            " SELECT ?, ?, ?, ?, ?, ?, ?, versions FROM comments ORDER BY number DESC LIMIT 1",
            (store.now(), by, seed, filters_json(filters), scope_json(scope), *map(len, groups)),
        )
        store.conn.executemany(
            "INSERT INTO sampled (sample, comment, place, flagged) VALUES (?, ?, ?, ?)",
            [(cursor.lastrowid, number, place, flagged) for place, (number, flagged) in enumerate(drawn, start=1)],
        )
    return sample(store.conn, taxonomy, cursor.lastrowid or 0, scope)


def samples(conn: sqlite3.Connection, taxonomy: Taxonomy, scope: Scope) -> tuple[Sample, ...]:
    """The samples drawn for exactly this scope, the latest first."""
    return _samples(conn, taxonomy, "s.scope IS ?", scope_json(scope))


def sample(conn: sqlite3.Connection, taxonomy: Taxonomy, id: int, scope: Scope) -> Sample:
    """One sample; raises NotFound for one that is not there or was drawn for another scope."""
    found = _samples(conn, taxonomy, "s.scope IS ? AND s.id = ?", scope_json(scope), id)
    if not found:
        raise NotFound(f"There is no sample {id} that you may read; draw one.")
    return found[0]


def _samples(conn: sqlite3.Connection, taxonomy: Taxonomy, which: str, *parameters: object) -> tuple[Sample, ...]:
    rows = conn.execute(
        "SELECT s.id, drawn_at, drawn_by, seed, filters, unflagged, s.flagged, v.versions, count(d.comment),"
        " count(d.severity), count(d.read_at) - count(d.severity) FROM samples s JOIN versions v ON v.id = s.versions"
        f" LEFT JOIN sampled d ON d.sample = s.id WHERE {which} GROUP BY s.id ORDER BY s.id DESC",
        parameters,
    )
    return tuple(
        Sample(id, at, by, seed, described(taxonomy, filters), unflagged, flagged, json.loads(versions), *counts)
        for id, at, by, seed, filters, unflagged, flagged, versions, *counts in rows
    )


# Reading


def next_to_read(conn: sqlite3.Connection, sample: Sample, scope: Scope, *, skipped: bool = False) -> ToRead | None:
    """The next comment of a sample that nobody has read, or with `skipped` the one skipped longest ago; None if there is none."""
    which = "read_at IS NOT NULL AND severity IS NULL" if skipped else "read_at IS NULL"
    row = conn.execute(
        f"SELECT c.id, place FROM sampled JOIN comments c ON c.number = comment WHERE sample = ? AND {which}"
        " ORDER BY read_at, place LIMIT 1",
        (sample.id,),
    ).fetchone()
    if row is None:
        return None
    return to_read(conn, row[0], row[1], scope)


def answer(store: Store, sample: Sample, scope: Scope, place: int, given: Answer, *, by: str) -> bool:
    """Keep what a reader says of the comment at `place`; returns whether it has put a flag on the queue or raised one.

    Raises BadInput for an answer that makes no sense, or to a comment that somebody else has read meanwhile.
    """
    by = signed(by, "A reading")
    if given.severity is not None and given.severity not in get_args(Severity):
        raise BadInput(f"Say {', '.join(get_args(Severity))}, or skip the comment.")
    if (given.severity in ("watch", "urgent")) != (given.kind is not None):
        raise BadInput("A comment marked watch or urgent is of one kind, and no other is of any.")
    if given.kind is not None and given.kind not in SIGNALS:
        raise BadInput(f"There is no kind {given.kind[:40]!r}: use one of {', '.join(SIGNALS)}.")
    row = store.conn.execute(
        "SELECT c.id, severity IS NOT NULL AND read_by <> ? FROM sampled JOIN comments c ON c.number = comment"
        " WHERE sample = ? AND place = ?",
        (by, sample.id, place),
    ).fetchone()
    if row is None:
        raise NotFound(f"Sample {sample.id} has no comment at place {place}.")
    if row[1]:
        raise BadInput("Somebody else has read this comment meanwhile, so what they said stands; go on with the next.")
    # The flag comes first: killed in between, the comment is read once more, and no flag is lost.
    added = given.kind is not None and _raise_flag(store, row[0], scope, given, by)
    with store.writing():
        store.conn.execute(
            "UPDATE sampled SET severity = ?, kind = ?, read_by = ?, read_at = ? WHERE sample = ? AND place = ?",
            (given.severity, given.kind, by, store.now(), sample.id, place),
        )
    return added


def _raise_flag(store: Store, comment_id: str, scope: Scope, given: Answer, by: str) -> bool:
    """Put what a reader marked on the queue as that person's finding, unless a flag that says as much is there already."""
    stored = comment(store.conn, comment_id, scope)
    severity, kind = str(given.severity), str(given.kind)
    try:
        there = flag(store.conn, scope, comment_id, kind, now=store.clock())
    except NotFound:
        pass
    else:
        if there.state != "not_a_concern" and (there.severity == "urgent" or severity == "watch"):
            return False
        severity = "urgent" if there.severity == "urgent" else severity
    words = (0, len(stored.analysed.comment.text))
    store.save_correction(comment_id, Finding("signal", kind, "", 1.0, *words, f"{PERSON}{by}", severity))
    return True


# What it comes to


def latest_estimate(conn: sqlite3.Connection, taxonomy: Taxonomy, scope: Scope) -> Estimate | None:
    """The estimate from the newest sample that was drawn for this scope without filters and begun; None where there is none."""
    row = conn.execute(
        "SELECT max(s.id) FROM samples s JOIN sampled d ON d.sample = s.id WHERE s.scope IS ? AND s.filters = '{}'"
        " AND NOT d.flagged AND d.severity IS NOT NULL",
        (scope_json(scope),),
    ).fetchone()
    return estimate(conn, sample(conn, taxonomy, row[0], scope)) if row[0] else None


def estimate(conn: sqlite3.Connection, sample: Sample) -> Estimate | None:
    """What a sample says so far; its order is random, so its first comments are a sample too. None before one is read."""
    counts = {
        bool(flagged): numbers
        for flagged, *numbers in conn.execute(
            "SELECT flagged, count(severity), ifnull(sum(severity IN ('watch', 'urgent')), 0), ifnull(sum(severity = 'urgent'), 0)"
            " FROM sampled WHERE sample = ? GROUP BY flagged",
            (sample.id,),
        )
    }
    n, marked, urgent = counts.get(False, (0, 0, 0))
    flagged_n, flagged_marked, flagged_urgent = counts.get(True, (0, 0, 0))
    if not n:
        return None
    whole = (sample.flagged, sample.unflagged)
    return Estimate(
        sample=sample.id,
        drawn_at=sample.drawn_at,
        described=sample.described,
        missed=share(marked, n),
        missed_urgent=share(urgent, n),
        flagged_read=flagged_n,
        recall=recall((flagged_marked, flagged_n), (marked, n), whole),
        urgent_recall=recall((flagged_urgent, flagged_n), (urgent, n), whole),
        unread=sample.size - sample.read,
        current=sample.versions == latest_versions(conn),
    )


def recall(flagged: tuple[int, int], unflagged: tuple[int, int], whole: tuple[int, int]) -> Recall | None:
    """The share of what should be flagged that is, from (marked, read) of both parts and their sizes as a `whole`.

    By RECALL_METHOD; the draws are seeded, so the same figures give the same interval.
    """
    import numpy as np

    parts = [(k, n, size) for (k, n), size in zip((flagged, unflagged), whole, strict=True)]
    if not all(n for _, n, _ in parts) or not any(k for k, _, _ in parts):
        return None
    found, missed = (size * k / n for k, n, size in parts)
    chance = np.random.default_rng(0)
    draws = [k + chance.binomial(max(0, size - n), chance.beta(k + HALF, n - k + HALF, DRAWS)) for k, n, size in parts]
    total = draws[0] + draws[1]
    drawn = draws[0][total > 0] / total[total > 0]
    lower, upper = np.quantile(drawn, (0.025, 0.975))
    return Recall(found / (found + missed), float(lower), float(upper))
