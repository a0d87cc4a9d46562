"""Find what is changing: the special causes that a batch brought, ranked and drawn together, with the words behind each.

One real change fires in a team, in the directorate above it, in a theme and in the objective that the theme bears on. So a signal
(signals.py) speaks for those that say the same. Pages, commands and digests all tell what `changes` finds, so that none knows of a
change that another does not.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from feedback.accuracy.doubted import doubts_of_series
from feedback.errors import BadInput, NotFound
from feedback.filters import Filters, Scope
from feedback.over_time.behind import comments_of, what_is_behind
from feedback.over_time.in_common import Shared
from feedback.over_time.signals import ENOUGH, MEASURES, Signal, beside, signals_of, watch
from feedback.over_time.trend import TOO_EARLY
from feedback.query import Clause
from feedback.tally import SeriesOf
from feedback.taxonomy import Taxonomy

OVERLAP = 0.5  # labels that share this much of the rarer one's comments are one change heard twice
LISTED = 10  # changes that are taken apart unless more are asked for
STATES = ("new", "goes_on", "stands")  # in this order they are listed
RULE = (
    "Ranked by how clearly the months since it began differ from those before (likelihood ratio, G²). A change that is seen in a "
    "service and above or below it, in its themes, or in labels of mostly the same comments, is listed once, under the clearest."
)


_BATCHES = """
SELECT id, file, EXISTS (SELECT 1 FROM batch_comments l WHERE l.batch = b.id AND l.brought) FROM batches b
WHERE state <> 'rolled_back' ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A signal that speaks for others that say the same, with the words behind it; empty where the reader may not read them.

    `clauses` are of the newest month; `words` and `labels` are what the clauses since it began have in common.
    """

    signal: Signal
    also: tuple[Signal, ...]
    clauses: tuple[Clause, ...] = ()
    words: tuple[Shared, ...] = ()
    labels: tuple[Shared, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a batch changed: `batch` is its number, None in an empty database, and `first` whether nothing was there before.

    `looked_at` series had enough comments, `firing` of them do more than chance now, and about `expected` would if nothing had
    changed anywhere. `changes` are drawn together from those that are new with the batch or go on in a newer period; `standing` are
    those that were there before it and to which it brought nothing.
    """

    batch: int | None
    file: str
    first: bool
    looked_at: int
    firing: int
    expected: float
    changes: tuple[Change, ...]
    standing: tuple[Change, ...] = ()

    @property
    def clear(self) -> tuple[Change, ...]:
        """All that stand clear of chance now, whichever batch brought them: what digests tell."""
        return tuple(change for change in (*self.changes, *self.standing) if change.signal.clear)

    @property
    def told(self) -> tuple[str, ...]:
        """What was looked at and how much of it is chance, in sentences."""
        if self.batch is None:
            return ("There are no comments yet.",)
        if not self.looked_at:
            return (
                f"Nothing has enough comments yet for a chart to tell chance from change: {ENOUGH} in {TOO_EARLY} months.",
            )
        clear = sum(change.signal.clear for change in self.changes)
        what = (
            "Nothing stands clear of chance"
            if not clear
            else "1 change stands"
            if clear == 1
            else f"{clear} changes stand"
        )
        return (
            f"{what}{'' if not clear else ' clear of chance'} with upload {self.batch} ({self.file})."
            + (" Nothing was there before it, so everything that is unusual now is new." if self.first else ""),
            f"Of {self.looked_at:,} series with enough comments, {self.firing:,} do more than chance now; about "
            f"{self.expected:,.0f} would if nothing had changed anywhere.",
        )


def changes(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    batch: int | None = None,
    measure: str | None = None,
    limit: int = LISTED,
    may_read: bool = False,
) -> Changes:
    """What changed with a batch, the newest if none is named; the words behind the first `limit` are gathered for one who may read them.

    `measure`: one of MEASURES alone. Raises NotFound for a batch that is not there or was taken back, BadInput for a measure there is
    not. Words are those of all comments stored now.
    """
    if measure is not None and measure not in MEASURES:
        raise BadInput(f"Changes are not looked for in {measure[:40]!r}; choose one of {', '.join(MEASURES)}.")
    number, file, newest, first = _batch(conn, batch)
    if number is None:
        return Changes(None, "", True, 0, 0, 0.0, ())
    upto = None if newest else number
    now = watch(conn, taxonomy, filters, scope, measure=measure, upto=upto)
    firing, expected = signals_of(taxonomy, now.series)
    if not first:
        firing = beside(conn, taxonomy, filters, scope, firing, now.counted, before=number - 1, upto=upto)
    doubts = doubts_of_series(conn, taxonomy, (signal.of for signal in firing))
    firing = [replace(signal, doubt=doubts.get(signal.of.key, "")) for signal in firing]
    drawn = draw_together(conn, taxonomy, filters, scope, firing)
    told = [change for change in drawn if change.signal.state != "stands"]
    return Changes(
        batch=number,
        file=file,
        first=first,
        looked_at=len(now.series),
        firing=len(firing),
        expected=round(expected, 1),
        changes=tuple(
            _with_words(conn, taxonomy, filters, scope, change) if may_read and place < limit else change
            for place, change in enumerate(told)
        ),
        standing=tuple(change for change in drawn if change.signal.state == "stands"),
    )


def draw_together(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, signals: Sequence[Signal]
) -> list[Change]:
    """Let the strongest speak for those that say the same; see RULE. Clear ones come first, of these the new, then those that go on, of these the strongest, and last what is doubted: it leads nothing."""
    ordered = sorted(signals, key=lambda s: (not s.clear, STATES.index(s.state), bool(s.doubt), -s.strength))
    behind: dict[SeriesOf, frozenset[int]] = {}

    def comments(signal: Signal) -> frozenset[int]:
        if signal.of not in behind:
            behind[signal.of] = comments_of(conn, taxonomy, filters, scope, signal)
        return behind[signal.of]

    groups: list[list[Signal]] = []
    for signal in ordered:
        for group in groups:
            if _same(taxonomy, group[0], signal) or _heard_twice(taxonomy, group[0], signal, comments):
                group.append(signal)
                break
        else:
            groups.append([signal])
    return [Change(group[0], tuple(group[1:])) for group in groups]


def since_upload(found: Changes, signal: Signal) -> str:
    """Whether a signal is new with the batch that was looked at, in words."""
    with_it = f"with upload {found.batch}"
    return {
        "new": f"New {with_it}",
        "goes_on": f"Goes on {with_it}",
        "stands": f"Was there before upload {found.batch}, which brought nothing to it",
    }[signal.state]


def aside(signal: Signal) -> str:
    """What is added to a signal's measure where it is only named, among others that say the same."""
    return "; doubted readings" if signal.doubt else ""


def as_record(signal: Signal) -> dict[str, Any]:
    """A signal in plain values, for JSON."""
    plain = {name: getattr(signal, name) for name in signal.__slots__ if name not in ("of", "since", "began", "period")}
    dates = {name: getattr(signal, name).isoformat() for name in ("since", "began", "period")}
    return {"series": signal.of.key, **plain, **dates, "verdict": signal.verdict, "measure": signal.of.measure}


def as_document(found: Changes) -> dict[str, Any]:
    """All of it in plain values, for JSON."""
    return {
        "batch": found.batch,
        "file": found.file,
        "first": found.first,
        "looked_at": found.looked_at,
        "firing": found.firing,
        "expected": found.expected,
        "told": list(found.told),
        "changes": [
            as_record(change.signal)
            | {
                "clear": change.signal.clear,
                "also": [as_record(signal) for signal in change.also],
                "clauses": [
                    {"citation": c.citation, "text": c.text, "date": c.date and c.date.isoformat()}
                    for c in change.clauses
                ],
                "words": [asdict(one) for one in change.words],
                "labels": [asdict(one) for one in change.labels],
            }
            for change in found.changes
        ],
        "standing": [
            as_record(change.signal)
            | {"clear": change.signal.clear, "also": [as_record(signal) for signal in change.also]}
            for change in found.standing
        ],
    }


def _batch(conn: sqlite3.Connection, batch: int | None) -> tuple[int | None, str, bool, bool]:
    """The number and file of a batch, whether it is the newest, and whether it is the first.

    If none is named, the newest that brought a comment: a file that is sent twice must not hide what it changed.
    """
    rows = conn.execute(_BATCHES).fetchall()
    if not rows and batch is None:
        return None, "", True, True
    brought = [id for id, _, new in rows if new] or [id for id, _, _ in rows]
    number = brought[-1] if batch is None else batch
    found = next(((id, file) for id, file, _ in rows if id == number), None)
    if found is None:
        raise NotFound(f"There is no batch {batch}; `feedback batches` lists them.")
    return *found, found[0] >= brought[-1], found[0] <= brought[0]


def _with_words(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, change: Change) -> Change:
    found = what_is_behind(conn, taxonomy, filters, scope, change.signal)
    return replace(change, clauses=found.clauses, words=found.words, labels=found.labels)


# What says the same


def _same(taxonomy: Taxonomy, one: Signal, other: Signal) -> bool:
    """The same label in a service above or below, or the whole and a label of the same service, with the same verdict."""
    if one.kind != other.kind:
        return False
    if one.of.code == other.of.code:
        return _in_line(taxonomy, one.of.service, other.of.service)
    return one.of.service == other.of.service and None in (one.of.code, other.of.code)


def _in_line(taxonomy: Taxonomy, one: str | None, other: str | None) -> bool:
    if one is None or other is None or one == other:
        return True
    return one in taxonomy.ancestors(other) or other in taxonomy.ancestors(one)


def _heard_twice(taxonomy: Taxonomy, one: Signal, other: Signal, comments: Any) -> bool:
    """Two labels of services in line that stand mostly on the same comments, with the same verdict.

    In a service above or below, the weaker one must stand on the stronger one's: a ward's comments are all its hospital's too.
    """
    if one.kind != other.kind or not _in_line(taxonomy, one.of.service, other.of.service):
        return False
    mine, others = comments(one), comments(other)
    few = len(others) if one.of.service != other.of.service else min(len(mine), len(others))
    return few > 0 and len(mine & others) >= OVERLAP * few
