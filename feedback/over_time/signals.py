"""Watch every series that has comments enough, and say which do more than chance now and how likely each is chance.

The danger is the flood: of a thousand series some fire by chance in any month. So a series must be borne out by all comments since
it began taken together, and it is said how many would fire by chance alone, found by drawing every series anew with nothing
changing.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from math import log
from typing import Any, Literal, cast

from feedback.comment import FindingKind
from feedback.filters import Filters, Scope, labels
from feedback.over_time.summary import MEASURE_NAMES, phrase
from feedback.over_time.trend import (
    TOO_EARLY,
    VERDICTS,
    Trend,
    TrendOptions,
    bears_out,
    by_chance,
    rule_in_words,
    trends,
)
from feedback.settings import Settings
from feedback.tally import Code, SeriesOf, Tally, tally
from feedback.taxonomy import Taxonomy

State = Literal["new", "goes_on", "stands"]
Side = Literal["high", "low"]

ENOUGH = (
    TOO_EARLY * Settings().small_number
)  # comments of a service, below which no chart could tell chance from change
MENTIONS = (
    12  # comments that take a side on a label: one a month for a year; rarer ones only jump from nothing and back
)
STALE = 3  # months: a series whose newest point is older than this says nothing about now
CLEAR = 0.2  # of the signals as strong as one that is called clear, at most this share is chance
KINDS: tuple[Any, ...] = ("theme", "value", "objective")
MEASURES: tuple[str, ...] = ("negative", "positive", "fft_positive", "rate_negative", "rate_positive")


@dataclass(frozen=True, slots=True)
class Signal:
    """One series that does more than chance now. `kind` is what it means, `side` the way it went, `rule` what fired, in words.

    `began`: the first period of the unbroken run of marked points, or of the rule's own if that is earlier; `period` the newest.
    `strength` is G² of the periods since then against those before, 0 upwards. `by_chance` is the share, 0 to 1, of the signals of this
    strength or more that chance alone would give. `state` is beside what was known before the batch. `doubt` says in a sentence that
    its readings are doubted, "" where they are not.
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
    doubt: str = ""

    @property
    def said(self) -> str:
        """What its chart says, and why that is doubted: what whoever lists it must say."""
        return " ".join(filter(None, (self.sentence, self.doubt)))

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
class Watched:
    """Every series with enough comments to tell chance from change, judged, and the counts they were judged by."""

    series: tuple[tuple[SeriesOf, Trend], ...]
    counted: Tally


def watch(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    measure: str | None = None,
    upto: int | None = None,
) -> Watched:
    """Judge every series that has comments enough: services by the share that is negative, labels in them by praise and by criticism.

    A label asked for narrows the series to it, and `measure` to one of MEASURES. `upto`: as far as this batch. Every reader is told the
    same, so all are judged as those may see them who may not read the words: beyond working out small months.
    """
    asked = _asked(taxonomy, filters)
    of_services = () if measure and measure.startswith("rate") else (measure or "negative",)
    with_answers = "fft_positive" in of_services
    counted = tally(
        conn, taxonomy, _whole(taxonomy, filters), scope, kinds=KINDS, crossed=True, answers=with_answers, upto=upto
    )
    wanted = [of for of in _wanted(taxonomy, filters, counted, asked, of_services) if measure in (None, of.measure)]
    return Watched(tuple(_judged(taxonomy, counted, wanted)), counted)


def _asked(taxonomy: Taxonomy, filters: Filters) -> set[Code]:
    return {
        (cast("FindingKind", kind), id)
        for kind, ids in labels(taxonomy, filters).items()
        for id in ids
        if kind in KINDS
    }


def _whole(taxonomy: Taxonomy, filters: Filters) -> Filters:
    """The filters without the label that the series are narrowed to: its comments are counted among all others."""
    if not _asked(taxonomy, filters):
        return filters
    return replace(filters, theme=None, value=None, objective=None, polarity=None)


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


def beside(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    firing: Sequence[Signal],
    counted: Tally,
    *,
    before: int,
    upto: int | None = None,
) -> list[Signal]:
    """The signals with their states beside what was known up to batch `before`: new, going on in a newer period, or standing.

    `counted`: the counts they were found by, up to batch `upto`.
    """
    if not firing:
        return []
    # What later batches brought is taken from what is counted already, for it is mostly little.
    rest, kinds = _whole(taxonomy, filters), KINDS
    later = tally(conn, taxonomy, rest, scope, kinds=kinds, crossed=True, answers=False, after=before, upto=upto)
    past = counted.without(later)
    if any(signal.of.measure.startswith("fft") for signal in firing):  # forms cannot be taken from each other
        past = tally(conn, taxonomy, rest, scope, kinds=kinds, crossed=True, upto=before)
    judged = _judged(taxonomy, past, [signal.of for signal in firing])
    known = {of: _signal(taxonomy, of, trend) for of, trend in judged if fires(trend)}
    return [replace(signal, state=_state(signal, known.get(signal.of))) for signal in firing]


def _state(signal: Signal, known: Signal | None) -> State:
    if known is None or (known.kind, known.side) != (signal.kind, signal.side):
        return "new"
    return "goes_on" if signal.period > known.period else "stands"


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


def _judged(taxonomy: Taxonomy, counted: Tally, wanted: Sequence[SeriesOf]) -> list[tuple[SeriesOf, Trend]]:
    found = trends(
        (
            (
                counted.series(of.service, of.code),
                of.measure,
                TrendOptions(phrase=phrase(taxonomy, of)),
            )
            for of in wanted
        ),
        warned=False,
    )
    return [(of, trend) for of, trend in zip(wanted, found, strict=True) if _in_phase(trend) >= TOO_EARLY]


def _in_phase(trend: Trend) -> int:
    """How many points stand in the phase of the newest."""
    shown = trend.shown
    return sum(point.phase == shown[-1].phase for point in shown)
