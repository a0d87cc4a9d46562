"""Find what is changing: the special causes that a batch brought, ranked and drawn together, with the words behind each.

The danger is the flood: of a thousand series some fire by chance in any month, and one real change fires in a team, in the
directorate above it, in a theme and in the objective that the theme bears on. So a series is looked at only if it has enough
comments, must be borne out by all comments since it began taken together, is ranked by strength, and speaks for those that
say the same; and it is said how many would fire by chance alone, found by drawing every series anew with nothing changing.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate
from math import log
from typing import Any, Literal, cast

from feedback.comment import FindingKind
from feedback.errors import NotFound
from feedback.filters import Filters, Scope, among, chosen, labels
from feedback.over_time.in_common import Shared, by_respondent, shared, words_of
from feedback.over_time.summary import MEASURE_NAMES, phrase
from feedback.over_time.trend import (
    TOO_EARLY,
    VERDICTS,
    Trend,
    TrendOptions,
    bears_out,
    by_chance,
    next_start,
    rule_in_words,
    trends,
)
from feedback.query import Clause, clauses
from feedback.quoting import quotable
from feedback.settings import Settings
from feedback.tally import Code, SeriesOf, Tally, label_title, tally
from feedback.taxonomy import Taxonomy

State = Literal["new", "goes_on"]
Side = Literal["high", "low"]

ENOUGH = (
    TOO_EARLY * Settings().small_number
)  # comments of a service, below which no chart could tell chance from change
MENTIONS = (
    12  # comments that take a side on a label: one a month for a year; rarer ones only jump from nothing and back
)
STALE = 3  # months: a series whose newest point is older than this says nothing about now
CLEAR = 0.2  # of the signals as strong as one that is called clear, at most this share is chance
OVERLAP = 0.5  # labels that share this much of the rarer one's comments are one change heard twice
QUOTED, WORDS, LABELS = 4, 6, 4  # of each change: clauses, words and labels listed
LISTED = 10  # changes that are taken apart unless more are asked for
KINDS: tuple[Any, ...] = ("theme", "value", "objective")
SIGN_OF_MEASURE = {"negative": "-", "rate_negative": "-", "positive": "+", "rate_positive": "+"}
RULE = (
    "Ranked by how clearly the months since it began differ from those before (likelihood ratio, G²). A change that is seen in a "
    "service and above or below it, in its themes, or in labels of mostly the same comments, is listed once, under the clearest."
)


_BATCHES = """
SELECT id, file, EXISTS (SELECT 1 FROM batch_comments l WHERE l.batch = b.id AND l.brought) FROM batches b
WHERE state <> 'rolled_back' ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Signal:
    """One series that does more than chance now. `kind` is what it means, `side` the way it went, `rule` what fired, in words.

    `began`: the first period of the unbroken run of marked points, or of the rule's own if that is earlier; `period` the newest.
    `strength` is G² of the periods since then against those before, 0 upwards. `by_chance` is the share, 0 to 1, of the signals of this
    strength or more that chance alone would give. `state` is beside what was known before the batch.
    """

    of: SeriesOf
    title: str
    measure: str
    kind: str
    side: Side
    rule: str
    since: date
    began: date
    period: date
    latest: float
    mean: float
    n: int
    strength: float
    by_chance: float
    sentence: str
    state: State = "new"
    trend: Trend | None = field(default=None, repr=False)

    @property
    def clear(self) -> bool:
        """Whether most of what is as strong as this is more than chance."""
        return self.by_chance <= CLEAR

    @property
    def chance(self) -> str:
        """How likely it is chance, in a sentence."""
        if self.by_chance >= 0.95:
            return "Chance alone gives as many as strong as this."
        percent = f"{self.by_chance:.0%}" if self.by_chance >= 0.01 else "fewer than 1%"
        return f"Of signals as strong as this, chance alone would give {percent}."

    @property
    def verdict(self) -> str:
        """What it means, in words."""
        return VERDICTS[self.kind]


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
    changed anywhere. `changes` are drawn together from those that are new with the batch or go on in a newer period.
    """

    batch: int | None
    file: str
    first: bool
    looked_at: int
    firing: int
    expected: float
    changes: tuple[Change, ...]

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
    limit: int = LISTED,
    may_read: bool = False,
) -> Changes:
    """What changed with a batch, the newest if none is named; the words behind the first `limit` are gathered.

    Raises NotFound for a batch that is not there or was taken back. Words are those of all comments stored now.
    """
    number, file, newest, first = _batch(conn, batch)
    if number is None:
        return Changes(None, "", True, 0, 0, 0.0, ())
    now = watch(conn, taxonomy, filters, scope, upto=None if newest else number, may_read=may_read)
    firing, expected = signals_of(taxonomy, now)
    known = {} if first else _known(conn, taxonomy, filters, scope, number - 1, firing, may_read)
    told = [told for signal in firing if (told := _beside(signal, known.get(signal.of)))]
    drawn = draw_together(conn, taxonomy, filters, scope, told)
    detailed = [_with_words(conn, taxonomy, filters, scope, c) for c in drawn[:limit]] if may_read else drawn[:limit]
    return Changes(
        batch=number,
        file=file,
        first=first,
        looked_at=len(now),
        firing=len(firing),
        expected=round(expected, 1),
        changes=(*detailed, *drawn[limit:]),
    )


def watch(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    measures: Collection[str] = ("negative",),
    upto: int | None = None,
    may_read: bool = False,
) -> list[tuple[SeriesOf, Trend]]:
    """Every series with enough comments to tell chance from change, judged: services, and labels in them.

    A label asked for narrows the series to it. `upto`: as far as this batch.
    """
    asked: set[Code] = {
        (cast("FindingKind", kind), id)
        for kind, ids in labels(taxonomy, filters).items()
        for id in ids
        if kind in KINDS
    }
    rest = replace(filters, theme=None, value=None, objective=None, polarity=None) if asked else filters
    counted = tally(conn, taxonomy, rest, scope, kinds=KINDS, crossed=True, upto=upto)
    wanted = list(_wanted(taxonomy, filters, counted, asked, measures))
    return _judged(taxonomy, counted, wanted, may_read)


def signals_of(taxonomy: Taxonomy, watched: Sequence[tuple[SeriesOf, Trend]]) -> tuple[list[Signal], float]:
    """Those that do more than chance at their newest point, if that is recent, and are borne out; the strongest first.

    And how many would if nothing had changed: with the strengths that these have, it says of each signal how likely it is chance.
    """
    newest = max((trend.shown[-1].start for _, trend in watched), default=None)
    if newest is None:
        return [], 0.0
    found = [
        _signal(taxonomy, of, trend)
        for of, trend in watched
        if fires(trend) and _months(trend.shown[-1].start, newest) <= STALE
    ]
    found.sort(key=lambda signal: -signal.strength)
    chance = by_chance([trend for _, trend in watched])
    drawn = sorted(_strength(trend, _began(trend)) for trend in chance.fired)
    shares: list[float] = []
    for rank, signal in enumerate(found, start=1):
        as_strong = (len(drawn) - bisect_left(drawn, signal.strength)) / chance.rounds
        shares.append(min(1.0, as_strong / rank))
    # What is stronger is never the likelier to be chance (as Benjamini and Hochberg do with p values).
    lowest = list(accumulate(reversed(shares), min))[::-1]
    told = [replace(signal, by_chance=round(share, 3)) for signal, share in zip(found, lowest, strict=True)]
    return told, len(drawn) / chance.rounds


def fires(trend: Trend) -> bool:
    """Whether the newest point is more than chance, and the comments since its run began bear that out."""
    return bool(trend.shown) and trend.shown[-1].kind != "common_cause" and bears_out(trend)


def draw_together(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, signals: Sequence[Signal]
) -> list[Change]:
    """Let the strongest speak for those that say the same; see RULE. Clear ones come first, of these the new, of these the strongest."""
    ordered = sorted(signals, key=lambda s: (not s.clear, s.state != "new", -s.strength))
    behind: dict[SeriesOf, frozenset[int]] = {}

    def comments(signal: Signal) -> frozenset[int]:
        if signal.of not in behind:
            behind[signal.of] = _comments(conn, taxonomy, filters, scope, signal)
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


def as_record(signal: Signal) -> dict[str, Any]:
    """A signal in plain values, for JSON."""
    plain = {
        name: getattr(signal, name)
        for name in signal.__slots__
        if name not in ("of", "trend", "since", "began", "period")
    }
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
    }


# What is watched


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


def _wanted(
    taxonomy: Taxonomy, filters: Filters, counted: Tally, asked: Collection[Code], measures: Collection[str]
) -> Iterator[SeriesOf]:
    if filters.service in taxonomy.services:
        within = taxonomy.below(filters.service)
        places: list[str | None] = [id for id in counted.services if id in within]
    else:
        places = [None, *counted.services]
    for service in places:
        if counted.total(service) < ENOUGH:
            continue
        if not asked:
            yield from (SeriesOf(service, None, measure) for measure in measures if not measure.startswith("rate"))
        for of_service, code in counted.codes:
            if of_service == service and (not asked or code in asked):
                good, bad = counted.sides(service, code)
                yield from (
                    SeriesOf(service, code, measure)
                    for measure, n in (("rate_negative", bad), ("rate_positive", good))
                    if n >= MENTIONS
                )


def _judged(
    taxonomy: Taxonomy, counted: Tally, wanted: Sequence[SeriesOf], may_read: bool
) -> list[tuple[SeriesOf, Trend]]:
    found = trends(
        (
            (
                counted.series(of.service, of.code),
                of.measure,
                TrendOptions(phrase=phrase(taxonomy, of), may_read=may_read),
            )
            for of in wanted
        ),
        warned=False,
    )
    return [
        (of, trend)
        for of, trend in zip(wanted, found, strict=True)
        if sum(point.phase == trend.shown[-1].phase for point in trend.shown) >= TOO_EARLY
    ]


def _known(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    upto: int,
    firing: Iterable[Signal],
    may_read: bool,
) -> dict[SeriesOf, Signal]:
    """Which of the series that fire now did so before the batch, and how."""
    wanted = [signal.of for signal in firing]
    if not wanted:
        return {}
    counted = tally(conn, taxonomy, filters, scope, kinds=KINDS, crossed=True, upto=upto)
    return {
        of: _signal(taxonomy, of, trend) for of, trend in _judged(taxonomy, counted, wanted, may_read) if fires(trend)
    }


def _beside(signal: Signal, known: Signal | None) -> Signal | None:
    """The signal as new, as one that goes on, or None where the batch brought nothing to it."""
    if known is None or (known.kind, known.side) != (signal.kind, signal.side):
        return signal
    return replace(signal, state="goes_on") if signal.period > known.period else None


def _signal(taxonomy: Taxonomy, of: SeriesOf, trend: Trend) -> Signal:
    shown = trend.shown
    last, since = shown[-1], trend.since or shown[-1].start
    began = _began(trend)
    high = any(word in (last.rule or "") for word in ("Above", "Increasing"))
    return Signal(
        of=of,
        title=of.title(taxonomy),
        measure=MEASURE_NAMES[of.measure],
        kind=last.kind,
        side="high" if high else "low",
        rule=rule_in_words(last.rule or ""),
        since=since,
        began=began,
        period=last.start,
        latest=last.value or 0.0,
        mean=last.mean or 0.0,
        n=last.n or 0,
        strength=round(_strength(trend, began), 1),
        by_chance=1.0,
        sentence=trend.sentence,
        trend=trend,
    )


def _began(trend: Trend) -> date:
    """The first period of the unbroken run of points marked alike that ends now, or of the rule's own if that is earlier."""
    last = trend.shown[-1]
    began = trend.since or last.start
    for point in reversed(trend.shown):
        if point.kind != last.kind or point.phase != last.phase:
            break
        began = min(began, point.start)
    return began


def _strength(trend: Trend, began: date) -> float:
    """G² of the periods since the run began against those before it, in the same phase."""
    phase = trend.shown[-1].phase
    points = [(p.start >= began, (p.value or 0.0) * (p.n or 0), p.n or 0) for p in trend.shown if p.phase == phase]
    return g_squared(
        sum(k for run, k, _ in points if run),
        sum(n for run, _, n in points if run),
        sum(k for run, k, _ in points if not run),
        sum(n for run, _, n in points if not run),
    )


def g_squared(k: float, n: float, rest_k: float, rest_n: float) -> float:
    """The likelihood ratio of two shares, k of n and rest_k of rest_n: 0 where they are alike or one is of nothing.

    >>> round(g_squared(10, 20, 20, 200), 1), g_squared(1, 10, 10, 100), g_squared(1, 1, 0, 0)
    (17.5, 0.0, 0.0)
    """
    if not n or not rest_n:
        return 0.0
    whole = (k + rest_k) / (n + rest_n)
    cells = [
        (k, n * whole),
        (n - k, n * (1 - whole)),
        (rest_k, rest_n * whole),
        (rest_n - rest_k, rest_n * (1 - whole)),
    ]
    return max(0.0, 2 * sum(seen * log(seen / expected) for seen, expected in cells if seen > 1e-9))


def _months(one: date, other: date) -> int:
    return (other.year - one.year) * 12 + other.month - one.month


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


# The words behind it


def behind(filters: Filters, signal: Signal, *, newest: bool = False) -> Filters:
    """The filters that choose the comments behind a signal: since it began, or of its newest period alone."""
    asked: dict[str, Any] = {"polarity": SIGN_OF_MEASURE.get(signal.of.measure)}
    if signal.of.service:
        asked["service"] = signal.of.service
    if signal.of.code:
        asked[signal.of.code[0]] = signal.of.code[1]
    start = signal.period if newest else signal.began
    return replace(filters, **asked, date_from=start, date_to=next_start(signal.period, "month") - timedelta(days=1))


def _comments(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, signal: Signal
) -> frozenset[int]:
    where, parameters = chosen(conn, taxonomy, behind(filters, signal), scope)
    return frozenset(number for (number,) in conn.execute(f"SELECT c.number FROM comments c WHERE {where}", parameters))


def _with_words(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, change: Change) -> Change:
    signal = change.signal
    newest = clauses(conn, taxonomy, behind(filters, signal, newest=True), scope, limit=QUOTED * 20)
    mine = _comments(conn, taxonomy, filters, scope, signal)
    whole = replace(
        filters, service=signal.of.service or filters.service, theme=None, value=None, objective=None, polarity=None
    )
    return replace(
        change,
        clauses=quotable(newest, QUOTED, per_service=QUOTED),
        words=_words(conn, taxonomy, whole, scope, signal, mine),
        labels=_labels(conn, taxonomy, whole, scope, signal, mine),
    )


def _words(
    conn: sqlite3.Connection, taxonomy: Taxonomy, whole: Filters, scope: Scope, signal: Signal, mine: Collection[int]
) -> tuple[Shared, ...]:
    """Words of the clauses behind the signal beside those of all other clauses of the service."""
    where, parameters = chosen(conn, taxonomy, whole, scope)
    kind, label = signal.of.code or ("clause", None)
    parameters |= {"behind_kind": kind, "behind_label": label, "sign": SIGN_OF_MEASURE.get(signal.of.measure, "-")}
    rows = conn.execute(
        'SELECT k.comment, c.respondent_key, substr(c.text, k.start + 1, k."end" - k.start), EXISTS (SELECT 1 FROM effective f'
        " WHERE f.comment = k.comment AND f.kind = :behind_kind AND (:behind_label IS NULL OR f.label = :behind_label)"
        ' AND f.polarity = :sign AND f.start < k."end" AND f."end" > k.start)'
        f" FROM effective k JOIN comments c ON c.number = k.comment WHERE k.kind = 'clause' AND {where}",
        parameters,
    ).fetchall()
    sides: tuple[list[Any], list[Any]] = ([], [])
    own = taxonomy.services.get(signal.of.service or "")
    named = words_of(" ".join((own.name, *own.aliases))) if own else frozenset()  # that they name the team says nothing
    for number, respondent, text, carries in rows:
        sides[not (carries and number in mine)].append((respondent, words_of(text) - named))
    return tuple(found for _, found in shared(by_respondent(sides[0]), by_respondent(sides[1]), WORDS))


def _labels(
    conn: sqlite3.Connection, taxonomy: Taxonomy, whole: Filters, scope: Scope, signal: Signal, mine: Collection[int]
) -> tuple[Shared, ...]:
    """Themes with their side, teams below and who spoke, of the comments behind the signal beside all others of the service."""
    where, parameters = chosen(conn, taxonomy, whole, scope)
    rows = conn.execute(
        "SELECT DISTINCT f.comment, c.respondent_key, f.kind, f.label, f.polarity FROM effective f JOIN comments c ON c.number = f.comment"
        f" WHERE (f.kind = 'theme' OR f.kind = 'service' AND f.detail = 'subject' OR f.kind = 'respondent') AND {among(where, 'f')}",
        parameters,
    ).fetchall()
    sides: tuple[list[Any], list[Any]] = ([], [])
    for number, respondent, kind, label, polarity in rows:
        if title := _label_in_words(taxonomy, signal, kind, label, polarity):
            sides[number not in mine].append((respondent, (title,)))
        else:
            sides[number not in mine].append((respondent, ()))
    return tuple(found for _, found in shared(by_respondent(sides[0]), by_respondent(sides[1]), LABELS))


def _label_in_words(taxonomy: Taxonomy, signal: Signal, kind: str, label: str, polarity: str) -> str | None:
    """A label as something to have in common; None for what the signal itself is of, or what says nothing."""
    if kind == "theme":
        itself = signal.of.code == ("theme", label) or label not in taxonomy.themes
        side = {"+": "praise", "-": "criticism"}.get(polarity)
        return None if itself or side is None else f"{label_title(taxonomy, 'theme', label)} ({side})"
    if kind == "service":
        beside = label == signal.of.service or label not in taxonomy.services
        return None if beside else taxonomy.services[label].name
    return None if label == "unknown" else f"written by: {label}"
