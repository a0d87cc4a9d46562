"""Turn counts per period into a judged series: points, limits, signals, and one sentence a service lead can act on.

The danger is to see change where there is only chance, most of all where comments are few. So months of fewer than 5
comments are hidden and count for nothing, months of fewer than 10 are hollow and cannot signal alone, and the I' chart
allows for the rest. A service is compared with its own past and never with another service.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby, pairwise, takewhile
from string import ascii_uppercase
from typing import Any, cast

import numpy as np

from feedback.actions import Action, marked
from feedback.comment import FindingKind
from feedback.errors import BadInput
from feedback.filters import Filters, Scope, labels
from feedback.over_time.siblings import hidden_months
from feedback.over_time.spc import (
    COLOURS,
    SHORT_PHASE,
    Chart,
    ChartChoice,
    Direction,
    Profile,
    Series,
    SpcOptions,
    SpcResult,
    chart_many,
    early_warnings,
    make_series,
    wilson,
)
from feedback.query import Period, PeriodCount, last_reread, series, suppress, version_changes
from feedback.settings import Settings
from feedback.strategies.bearing import bearing_of, parse
from feedback.strategies.remap import KINDS as STRATEGIC
from feedback.strategies.versions import strategies, uses
from feedback.tally import SeriesOf, tally
from feedback.taxonomy import Taxonomy

MOST_ACTIONS = 8  # marked on one chart, the latest; more would hide what they stand in front of
TOO_EARLY = 7  # below this many points no rule but the limits could fire, and the limits are guesses
IN_A_YEAR: dict[Period, int] = {"week": 52, "month": 12, "quarter": 4}
MOST_SIGNALS = 3  # of a year, named in words
RECENT = 6  # how far back, in points, a past signal is still worth a mention
WORTH_REBASING = 12  # points on one side before new limits are suggested: what new limits would need
DRAWN, MOST_ROUNDS = 3000, 20  # series drawn to see what chance alone gives: known to within a tenth or so
RATE_ENDINGS = {"rate": "", "rate_positive": " with praise", "rate_negative": " with criticism"}
RULE_WORDS = {
    "Above UCL": "above the upper limit",
    "Below LCL": "below the lower limit",
    "Point Trend (Increasing)": "rising without a break",
    "Point Trend (Decreasing)": "falling without a break",
    "2 in 3 Above CL": "two of three near the upper limit",
    "2 in 3 Below CL": "two of three near the lower limit",
    "Points Above CL": "a run above the average",
    "Points Below CL": "a run below the average",
}
VERDICTS = {
    "special_cause_improvement": "an improvement",
    "special_cause_concern": "a cause for concern",
    "special_cause_neutral_high": "a real change, neither good nor bad in itself",
    "special_cause_neutral_low": "a real change, neither good nor bad in itself",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """What is charted: a share from 0 to 1 of what `of` counts, or a mean on the five-point scale; and how it is said."""

    id: str
    direction: Direction
    value: Callable[[PeriodCount], float | None] = field(repr=False)
    phrase: str = "were about this"
    of: str = "comments"
    n: Callable[[PeriodCount], int] = field(default=lambda count: count.n, repr=False)
    scale: tuple[float, float] = (0.0, 1.0)

    @property
    def is_share(self) -> bool:
        """Whether values are shares, shown as percentages."""
        return self.scale == (0.0, 1.0)

    def show(self, value: float) -> str:
        """A value as a reader sees it.

        >>> MEASURES["negative"].show(0.2249), MEASURES["mean"].show(2.449)
        ('22%', '2.45')
        """
        if not self.is_share:
            return f"{value:.2f}"
        return "less than 1%" if 0 < value < 0.005 else f"{value:.0%}"


def _share(part: str, whole: str = "n") -> Callable[[PeriodCount], float]:
    # A person may have coded a comment that was not read, so a part can be more than the whole.
    return lambda count: min(1.0, getattr(count, part) / getattr(count, whole))


MEASURES: dict[str, Measure] = {
    m.id: m
    for m in (
        Measure("negative", "decrease", _share("negative"), "were negative"),
        Measure("positive", "increase", _share("positive"), "were positive"),
        Measure(
            id="mean",
            direction="decrease",
            value=lambda count: count.mean_scale,
            phrase="from 1 (very positive) to 5 (very negative)",
            scale=(1.0, 5.0),
        ),
        Measure(
            id="fft_positive",
            direction="increase",
            value=_share("fft_positive", "fft_n"),  # NHS England's definition: don't know is one of the answers
            phrase="were good or very good",
            of="Friends and Family answers",
            n=lambda count: count.fft_n,
        ),
        Measure("rate", "neutral", _share("code_n")),
        Measure("rate_positive", "increase", _share("code_positive"), "spoke well of this"),
        Measure("rate_negative", "decrease", _share("code_negative"), "spoke badly of this"),
    )
}


@dataclass(frozen=True, slots=True)
class TrendOptions:
    """How a trend is to be made.

    `period` is that of the counts. `phrase` and `direction` say of a rate what its comments did ("mentioned parking") and
    which way is better. `breaks`: dates from which limits start afresh, with the reason that the chart shows. `marks`: dates that
    the chart marks with a reason, such as another version of the models, while limits go on. `actions` are marked by their names, so
    that a reader sees what was done when; nothing is judged by them. `notes` are further warnings. `may_read`:
    whether the reader may see the comments behind the figures; if not, small periods are hidden beyond working out, and so are those
    that `hidden` names (siblings.py).
    """

    period: Period = "month"
    phrase: str | None = None
    direction: Direction | None = None
    target: float | None = None
    breaks: Mapping[date, str] = field(default_factory=dict)
    marks: Mapping[date, str] = field(default_factory=dict)
    actions: tuple["ActionMark", ...] = ()
    notes: tuple[str, ...] = ()
    chart: ChartChoice = "auto"
    profile: Profile = "ptd"
    may_read: bool = False
    hidden: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class ActionMark:
    """Something done about what people said, on a chart: its day, name and number, and the `letter` that stands in the drawing."""

    date: date
    name: str
    id: int
    letter: str = ""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One period. `n` is None where hidden; `value` is None where hidden or empty; limits are those drawn, on the scale.

    `lower` and `upper`: Wilson's 95% interval of a share. `rule` is the rule that fired, `kind` what it means.
    """

    start: date
    n: int | None
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    hollow: bool = False
    suppressed: bool = False
    gap: bool = False
    phase: int | None = None
    mean: float | None = None
    lpl: float | None = None
    upl: float | None = None
    rule: str | None = None
    kind: str = "common_cause"
    both_ways: bool = False

    @property
    def colour(self) -> str:
        """The Making Data Count colour of the point."""
        return COLOURS[self.kind]


@dataclass(frozen=True, slots=True)
class Trend:
    """A judged series, every calendar period from the first to the last in order.

    `variation_icon` and `assurance_icon` speak of the last point shown, None where nothing may be said; `rule` fired on
    it and `since` is when the run began that it belongs to. `warnings` are sentences a reader should see.
    """

    measure: Measure
    period: Period
    points: tuple[TrendPoint, ...]
    chart: Chart
    chart_reason: str
    direction: Direction
    target: float | None
    breaks: Mapping[date, str]
    marks: Mapping[date, str]
    actions: tuple["ActionMark", ...]
    variation_icon: str | None
    assurance_icon: str | None
    trial_limits: bool
    rule: str | None
    since: date | None
    warnings: tuple[str, ...]
    sentence: str

    @property
    def shown(self) -> tuple[TrendPoint, ...]:
        """The points that have a value, in order."""
        return tuple(p for p in self.points if p.value is not None)

    def as_dict(self) -> dict[str, Any]:
        """The trend in plain values, for JSON."""
        plain = {
            name: getattr(self, name)
            for name in self.__slots__
            if name not in ("measure", "points", "breaks", "marks", "actions", "since")
        }
        return {
            "measure": self.measure.id,
            "phrase": self.measure.phrase,
            **plain,
            "since": self.since and self.since.isoformat(),
            "breaks": {d.isoformat(): why for d, why in self.breaks.items()},
            "marks": {d.isoformat(): why for d, why in self.marks.items()},
            "actions": [asdict(mark) | {"date": mark.date.isoformat()} for mark in self.actions],
            "points": [asdict(p) | {"start": p.start.isoformat(), "colour": p.colour} for p in self.points],
        }


def trend(counts: Iterable[PeriodCount], measure: str = "negative", options: TrendOptions | None = None) -> Trend:
    """Judge one of MEASURES over its periods, as `query.series` counts them. Raises BadInput for what cannot be charted."""
    return trends([(counts, measure, options or TrendOptions())])[0]


def trends(asked: Iterable[tuple[Iterable[PeriodCount], str, TrendOptions]], *, warned: bool = True) -> list[Trend]:
    """Judge many series by the same rules as one, all at once; without `warned` they have no warnings, which take half the time."""
    drafts = [_draft(*one) for one in asked]
    judged = iter(_judge_all([draft for draft in drafts if draft.shown]))
    results = [next(judged) if draft.shown else None for draft in drafts]
    if not warned:
        return [_trend(draft, result, None, warned=False) for draft, result in zip(drafts, results, strict=True)]
    swapped = [
        replace(draft, options=replace(draft.options, chart="xmr" if result.chart == "iprime" else "iprime"))
        for draft, result in zip(drafts, results, strict=True)
        if result is not None and result.chart != "pprime"
    ]
    others = iter(_judge_all(swapped))
    return [
        _trend(draft, result, next(others) if result is not None and result.chart != "pprime" else None)
        for draft, result in zip(drafts, results, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A series that is not yet judged; `shown` are those of its points that have a value."""

    what: Measure
    points: list[TrendPoint]
    shown: list[TrendPoint]
    options: TrendOptions


def _draft(counts: Iterable[PeriodCount], measure: str, options: TrendOptions) -> _Draft:
    what = measured(measure)
    what = replace(what, phrase=options.phrase or what.phrase, direction=options.direction or what.direction)
    points = _points(sorted(counts, key=lambda c: c.start), what, options)
    return _Draft(what, points, [p for p in points if p.value is not None], options)


def _lettered(actions: Iterable[ActionMark], points: Sequence[TrendPoint], period: Period) -> tuple[ActionMark, ...]:
    """The latest actions that fall within the periods of a chart, in order, each with its letter."""
    if not points:
        return ()
    end = next_start(points[-1].start, period)
    within = sorted((a for a in actions if points[0].start <= a.date < end), key=lambda a: (a.date, a.id))
    return tuple(replace(a, letter=letter) for a, letter in zip(within[-MOST_ACTIONS:], ascii_uppercase, strict=False))


def rule_in_words(rule: str) -> str:
    """What the rule that fired saw.

    >>> rule_in_words("7 Points Below CL")
    'a run below the average'
    """
    return RULE_WORDS[rule.lstrip("67 ")]


def bears_out(trend: Trend) -> bool:
    """Whether the comments since the last run began, taken together, differ from the average too (95% interval).

    Eight months of five comments each can lie below an average by a hair and in a row; a chart calls that a run, but whoever
    looks at many charts at once should not be sent after it.
    """
    run = [point for point in trend.shown if trend.since and point.start >= trend.since]
    return bool(run) and _differ(run, run[-1].mean)


@dataclass(frozen=True, slots=True)
class ByChance:
    """The series that did more than chance, and were borne out, in so many `rounds` in which nothing had changed."""

    fired: tuple[Trend, ...]
    rounds: int


def by_chance(watched: Sequence[Trend], seed: int = 1) -> ByChance:
    """Which of these series would do more than chance at their newest point, and be borne out, if nothing had changed.

    Every series of shares is drawn anew with the comments that it had and its own average in every period, and judged by the same
    rules; there is no formula for rules that look at runs. The same series give the same number.
    """
    drawn = [one for one in watched if one.measure.is_share and one.shown]
    if not drawn:
        return ByChance((), 1)
    chance = np.random.default_rng(seed)
    rounds = max(1, min(MOST_ROUNDS, DRAWN // len(drawn)))
    drafts = [_drawn_anew(one, chance) for one in drawn for _ in range(rounds)]
    fired = (
        _trend(draft, result, None, warned=False)
        for draft, result in zip(drafts, _judge_all(drafts), strict=True)
        if result.point_type[-1] != "common_cause"
    )
    return ByChance(tuple(trend for trend in fired if bears_out(trend)), rounds)


def _drawn_anew(one: Trend, chance: np.random.Generator) -> _Draft:
    """The same periods with as many comments, of which each counts with the chance that the series' average gives it."""
    shown = one.shown
    ns = [point.n or 0 for point in shown]
    share = sum((point.value or 0.0) * n for point, n in zip(shown, ns, strict=True)) / sum(ns)
    values = chance.binomial(ns, share) / ns
    points = [TrendPoint(p.start, p.n, v, hollow=p.hollow) for p, v in zip(shown, values.tolist(), strict=True)]
    return _Draft(
        one.measure, points, points, TrendOptions(period=one.period, direction=one.direction, breaks=one.breaks)
    )


def measured(measure: str) -> Measure:
    """One of MEASURES by its id. Raises BadInput for one that is not there."""
    if measure not in MEASURES:
        raise BadInput(f"There is no measure {measure!r}; choose one of {', '.join(MEASURES)}.")
    return MEASURES[measure]


def _trend(draft: _Draft, result: SpcResult | None, other: SpcResult | None, *, warned: bool = True) -> Trend:
    """The trend of a draft that has been judged, on its own chart and on the other kind."""
    what, points, shown, options = draft.what, draft.points, draft.shown, draft.options
    if result is not None:
        judged = {p.start: _with_facts(p, result, i, what) for i, p in enumerate(shown)}
        points = [judged.get(p.start, p) for p in points]
        shown = list(judged.values())
    last = len(shown) - 1
    start = _start_of_run(result, last) if result else None
    trial = bool(result and result.short_group_warning[-1])
    return Trend(
        measure=what,
        period=options.period,
        points=tuple(points),
        chart=result.chart if result else "xmr",
        chart_reason=result.chart_reason if result else "there is nothing to chart",
        direction=what.direction,
        target=options.target,
        breaks=options.breaks,
        marks=options.marks,
        actions=_lettered(options.actions, points, options.period),
        variation_icon=result.variation_icon if result else None,
        assurance_icon=result.assurance_icon if result else None,
        trial_limits=trial,
        rule=shown[-1].rule if shown else None,
        since=None if start is None else shown[start].start,
        warnings=(*(_warnings(points, shown, result, other, what, options) if warned else ()), *options.notes),
        sentence=_sentence(points, shown, result, start, what, options),
    )


def asked_trend(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    measure: str = "negative",
    period: Period = "month",
    chart: ChartChoice = "auto",
    may_read: bool = False,
) -> Trend:
    """Judge one measure of the comments that the filters choose.

    A rate is of the one statement, objective, value, theme or evidence asked for, among the comments that all other filters choose.
    Raises BadInput where a rate is asked for of none or several, and what the filters raise.
    """
    code: tuple[FindingKind, str] | Sequence[tuple[FindingKind, str]] | None = None
    phrase = None
    acted = tuple(
        ActionMark(a.date, _of_service(taxonomy, a, filters.service), a.id or 0)
        for a in marked(conn, taxonomy, filters, scope)
    )
    if measure in RATE_ENDINGS and filters.evidence is not None:
        code, phrase, filters = _rate_of_evidence(conn, taxonomy, filters, measure)
    elif measure in RATE_ENDINGS:
        asked = [(kind, ids) for kind, ids in labels(taxonomy, filters).items() if kind != "signal"]
        if len(asked) != 1 or len(asked[0][1]) != 1:
            raise BadInput("A rate is of one thing: ask for one theme, value, objective or statement.")
        kind, (label,) = asked[0]
        code = (cast("FindingKind", kind), label)
        title = label  # objectives and statements are known by their numbers
        if kind in ("theme", "value"):
            title = (taxonomy.theme(label) if kind == "theme" else taxonomy.value(label)).name
        phrase = f"spoke of “{title}”{RATE_ENDINGS[measure]}"
        filters = replace(filters, **{kind: None}, polarity=None, side=None)
    counts = series(conn, taxonomy, filters, scope, period=period, code=code)
    marks, notes = (
        version_marks(conn, taxonomy, filters, scope, period) if counts and not measure.startswith("fft") else ({}, ())
    )
    if counts and _is_strategic(code):
        marks, notes = _with_strategy(conn, taxonomy, counts, period, marks, notes)
        if code and isinstance(code[0], str):
            notes = (*notes, *_other_targets(conn, taxonomy, filters, cast("tuple[FindingKind, str]", code), measure))
    how = TrendOptions(
        period=period,
        phrase=phrase,
        target=_target(conn, taxonomy, filters, code, measure),
        marks=marks,
        actions=acted,
        notes=notes,
        chart=chart,
        may_read=may_read,
        hidden=frozenset() if may_read else _beside_siblings(conn, taxonomy, filters, scope, measure, period),
    )
    return trend(counts, measure, how)


def _of_service(taxonomy: Taxonomy, one: Action, asked: str | None) -> str:
    """An action's title, with its service where that lies below the one that the chart is of."""
    return one.title if one.service == asked else f"{taxonomy.service_name(one.service)}: {one.title}"


def _beside_siblings(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, measure: str, period: Period
) -> frozenset[date]:
    """The periods of the service asked for that could be worked out from its siblings' and that of the service above."""
    one = taxonomy.services.get(filters.service or "")
    if one is None:
        return frozenset()
    family = [id for id, service in taxonomy.services.items() if service.parent == one.parent and scope.reaches(id)]
    answers, n = measure.startswith("fft"), measured(measure).n
    above = replace(filters, service=one.parent)
    counted = tally(conn, taxonomy, above, scope, period=period, answers=answers)
    return hidden_months(taxonomy, {id: {count.start: n(count) for count in counted.series(id)} for id in family}).get(
        one.id, frozenset()
    )


def _rate_of_evidence(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, measure: str
) -> tuple[Sequence[tuple[FindingKind, str]], str, Filters]:
    """What is counted, in which words, and the comments it is a share of: those of the services that a programme is for."""
    bearing = bearing_of(conn, taxonomy, *parse(filters.evidence or ""))
    rest = replace(filters, evidence=None, polarity=None, side=None)
    if bearing.kind == "programme":
        if filters.programme not in (None, bearing.id):
            raise BadInput(f"A rate is of one thing: the evidence names programme {bearing.id} already.")
        return (
            bearing.codes,
            f"bore on what {bearing.id} is for{RATE_ENDINGS[measure]}",
            replace(rest, programme=bearing.id),
        )
    return bearing.codes, f"bore on “{bearing.title.rstrip('.')}”{RATE_ENDINGS[measure]}", rest


def _target(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    code: tuple[FindingKind, str] | Sequence[tuple[FindingKind, str]] | None,
    measure: str,
) -> float | None:
    """The target that a person set for just this, whatever the dates; under further filters a target says nothing."""
    bare = replace(filters, service=None, date_from=None, date_to=None, strategy=None)
    if bare != Filters() or (filters.service is not None and filters.service not in taxonomy.services):
        return None
    if code is not None and not isinstance(code[0], str):  # a rate of several labels together
        return None
    series_of = SeriesOf(filters.service, cast("tuple[FindingKind, str] | None", code), measure)
    key = series_of.kept_key(
        taxonomy.adopted
    )  # under another strategy the same id is another part, with a target of its own
    row = conn.execute("SELECT value FROM targets WHERE series = ? AND ended_by IS NULL", (key,)).fetchone()
    return row[0] if row else None


def _other_targets(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, code: tuple[FindingKind, str], measure: str
) -> tuple[str, ...]:
    """That a target is set for the same id under another strategy, where it means something else and so does not count here."""
    key = SeriesOf(filters.service, code, measure).key
    rows = conn.execute(
        "SELECT series FROM targets WHERE ended_by IS NULL AND (series = ? OR series GLOB ?)", (key, f"{key}@*")
    )
    of = {SeriesOf.of_kept_key(series)[1] for (series,) in rows} - {taxonomy.adopted}
    read = taxonomy.rules.follows if taxonomy.rules else taxonomy.versions["strategy"]
    return tuple(
        f"A target is set for {code[1]} of strategy {version or read}; it does not count here, for {code[1]} of {taxonomy.versions['strategy']} "
        "is another part."
        for version in sorted(of, key=str)
    )


def version_marks(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, period: Period
) -> tuple[dict[date, str], tuple[str, ...]]:
    """Where other versions of models or data begin to have read the comments, and what is to be said of it."""
    marks, notes = {}, []
    for change in version_changes(conn, taxonomy, filters, scope, period=period):
        now = ", ".join(f"{name} {version}" for name, version in change.now.items())
        marks[change.start] = now
        notes.append(
            f"From {period_name(change.start, period)} most comments were read with {now}, those before with another version: until the "
            "history is read again, a step there may be the reading and not the service."
        )
    reread = last_reread(conn)
    if reread:
        day, versions = reread
        now = ", ".join(f"{name} {version}" for name, version in versions.items())
        notes.append(
            f"The history was read again on {day.day} {day.strftime('%B %Y')} ({now}); charts made before that day may show other figures."
        )
    return marks, tuple(notes)


def _is_strategic(code: tuple[FindingKind, str] | Sequence[tuple[FindingKind, str]] | None) -> bool:
    """Whether what is counted is of the strategy, and so may mean something else under another."""
    if code is None:
        return False
    if isinstance(code[0], str):
        return code[0] in STRATEGIC
    return any(one[0] in STRATEGIC for one in code)


def _with_strategy(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    counts: Sequence[PeriodCount],
    period: Period,
    marks: Mapping[date, str],
    notes: Sequence[str],
) -> tuple[dict[date, str], tuple[str, ...]]:
    """The marks and notes with where another strategy came into force, and under which one this is counted; none where there is only one."""
    known, used = strategies(conn, taxonomy), uses(conn)
    if len(known) == 1:
        return dict(marks), tuple(notes)
    marked = dict(marks)
    for use in used:
        day = date.fromisoformat(use.at[:10])
        start = max((count.start for count in counts if count.start <= day), default=None)
        if start and day < next_start(counts[-1].start, period):
            now = f"strategy {use.version} in force"
            marked[start] = f"{marked[start]}; {now}" if start in marked else now
    mine = taxonomy.versions["strategy"]
    own = next(one for one in known if one.version == mine)
    since = f" since {_in_words(date.fromisoformat(own.since[:10]))}" if own.since else ""
    status = f"in force{since}" if own.in_force else "not the one in force"
    note = f"All of it is counted under strategy {mine}, {status}: the history was mapped to it, so no step here comes from the change of strategy."
    return marked, (*notes, note)


def _in_words(day: date) -> str:
    return f"{day.day} {day.strftime('%B %Y')}"


@lru_cache(maxsize=1)
def small_numbers() -> tuple[int, int]:
    """The comments below which a period is hidden, and below which it is hollow; the same for every series, so asked once."""
    settings = Settings()
    return settings.small_number, settings.hollow_number


# --- periods -----------------------------------------------------------------------------------------------------------


def next_start(start: date, period: Period) -> date:
    """The first day of the period after the one that starts on this day."""
    if period == "week":
        return start + timedelta(days=7)
    months = start.year * 12 + start.month - 1 + (3 if period == "quarter" else 1)
    return date(months // 12, months % 12 + 1, start.day)


def period_name(start: date, period: Period, *, short: bool = False) -> str:
    """What a reader calls the period that starts on this day.

    >>> period_name(date(2026, 10, 1), "month"), period_name(date(2026, 10, 1), "quarter", short=True)
    ('October 2026', 'Oct–Dec 2026')
    """
    month = "%b" if short else "%B"
    if period == "week":
        return f"{'' if short else 'the week of '}{start.day} {start.strftime(month + ' %Y')}"
    if period == "quarter":
        end = next_start(start, "quarter") - timedelta(days=1)
        return f"{start.strftime(month)}{'–' if short else ' to '}{end.strftime(month + ' %Y')}"
    return start.strftime(f"{month} %Y")


def _points(counts: Sequence[PeriodCount], what: Measure, options: TrendOptions) -> list[TrendPoint]:
    """One point for each period, hidden and empty ones included, not yet judged."""
    small, hollow = small_numbers()
    points = []
    cells = suppress([what.n(c) for c in counts], may_read=options.may_read)
    values = [what.value(count) if what.n(count) else None for count in counts]
    low, high = _intervals(values, [what.n(c) for c in counts]) if what.is_share else ([], [])
    for i, (count, cell, value) in enumerate(zip(counts, cells, values, strict=True)):
        n = what.n(count)
        # One who may read the comments is told how many there are, but so few still make no figure.
        if cell.n is None or 0 < n < small or count.start in options.hidden:
            shown = None if count.start in options.hidden else cell.n
            points.append(TrendPoint(count.start, shown, suppressed=True))
        elif value is None:
            points.append(TrendPoint(count.start, n, gap=True))
        else:
            lower, upper = (low[i], high[i]) if what.is_share else (None, None)
            points.append(TrendPoint(count.start, n, value, lower, upper, hollow=n < hollow))
    return points


def _intervals(shares: Sequence[float | None], ns: Sequence[int]) -> tuple[list[float], list[float]]:
    """Wilson's 95% interval of each share; of what has none it is not to be read."""
    lower, upper = wilson([(share or 0.0) * n for share, n in zip(shares, ns, strict=True)], ns)
    return lower.tolist(), upper.tolist()


# --- judgement ---------------------------------------------------------------------------------------------------------


def _judge_all(drafts: Sequence[_Draft]) -> list[SpcResult]:
    """Periods without a value are left out, so their neighbours are judged as neighbours, as the package does."""
    many = [_series(draft, _how(draft)) for draft in drafts]
    results = chart_many(many)
    # A theme that most months nobody mentions: screening throws out every step there is, the limits fall together on the
    # average and each ordinary month is marked. The package does so; a service lead would be misled.
    fallen = [
        i
        for i, result in enumerate(results)
        if any(low is not None and low == high for low, high in zip(result.lpl, result.upl, strict=True))
    ]
    again = [many[i]._replace(options=replace(many[i].options, screen_outliers=False)) for i in fallen]
    for i, result in zip(fallen, chart_many(again), strict=True):
        results[i] = result
    return [_without_idle_runs(draft, result) for draft, result in zip(drafts, results, strict=True)]


def _without_idle_runs(draft: _Draft, result: SpcResult) -> SpcResult:
    """Take back runs on one side of the average whose comments, taken together, do not differ from it (95% interval).

    The rule holds where a month falls on either side as often. Of five comments a month, on a theme of one comment in a hundred, nearly
    every month lies below the average, and the package would call that a real change for years.
    """
    if not draft.what.is_share:
        return result
    rules, kinds = list(result.special_cause_type), list(result.point_type)
    runs = groupby(range(len(rules)), key=lambda i: (result.phase[i], result.relative_to_mean[i]))
    for run in (list(members) for _, members in runs):
        marked = [i for i in run if "Points" in rules[i]]
        if marked and not _differ([draft.shown[i] for i in run], result.mean[run[-1]]):
            for i in marked:
                rules[i], kinds[i] = "Common Cause", "common_cause"
    icon = result.variation_icon if kinds[-1] == result.point_type[-1] else "common_cause"
    return replace(result, special_cause_type=rules, point_type=kinds, variation_icon=icon)


def _differ(run: Sequence[TrendPoint], mean: float | None) -> bool:
    """Whether the comments of these periods, taken together, differ from the average."""
    n = sum(point.n or 0 for point in run)
    lower, upper = wilson(sum((point.value or 0.0) * (point.n or 0) for point in run), n)
    return not lower <= (mean or 0.0) <= upper


def _how(draft: _Draft) -> SpcOptions:
    # A break in a month that is not shown takes effect with the next that is.
    options = draft.options
    rebase = {min((p.start for p in draft.shown if p.start >= day), default=None) for day in options.breaks}
    return SpcOptions(
        improvement_direction=draft.what.direction,
        rebase=tuple(day for day in rebase if day),
        target=options.target,
        profile=options.profile,
        chart=options.chart,
        hollow_below=small_numbers()[1],
    )


def _series(draft: _Draft, how: SpcOptions) -> Series:
    shown = draft.shown
    return make_series([p.start for p in shown], [p.value for p in shown], [p.n for p in shown], how)


def _with_facts(point: TrendPoint, result: SpcResult, i: int, what: Measure) -> TrendPoint:
    rule = result.special_cause_type[i]
    return TrendPoint(  # anew, for `replace` takes three times as long, and here are a hundred thousand points
        start=point.start,
        n=point.n,
        value=point.value,
        lower=point.lower,
        upper=point.upper,
        hollow=point.hollow,
        suppressed=point.suppressed,
        gap=point.gap,
        phase=result.phase[i],
        mean=result.mean[i],
        lpl=_on_scale(result.lpl[i], what),
        upl=_on_scale(result.upl[i], what),
        rule=None if rule == "Common Cause" else rule,
        kind=result.point_type[i],
        both_ways=result.both_ways[i],
    )


def _on_scale(limit: float | None, what: Measure) -> float | None:
    return None if limit is None else min(max(limit, what.scale[0]), what.scale[1])


def _start_of_run(result: SpcResult, last: int) -> int | None:
    """Where the run began that makes point `last` a special cause; None where it is none."""
    rule = result.special_cause_type[last]
    if rule == "Common Cause":
        return None
    values = [v or 0.0 for v in result.values]

    def belongs(i: int) -> bool:
        if "Trend" in rule:
            return values[i] != values[i + 1] and (values[i] < values[i + 1]) == ("Increasing" in rule)
        if "Points" in rule:
            return result.relative_to_mean[i] == result.relative_to_mean[last]
        return result.special_cause_type[i] == rule

    reach = last - 2 if "2 in 3" in rule else 0
    start = last
    for i in range(last - 1, max(reach, 0) - 1, -1):
        if result.phase[i] != result.phase[last]:
            break
        if belongs(i):
            start = i
        elif "2 in 3" not in rule:  # its middle point need not be near a limit
            break
    return start


# --- words -------------------------------------------------------------------------------------------------------------


def _sentence(
    points: Sequence[TrendPoint],
    shown: Sequence[TrendPoint],
    result: SpcResult | None,
    start: int | None,
    what: Measure,
    options: TrendOptions,
) -> str:
    """The last period in words: the figure, whether it is unusual, and how sure one may be."""
    period = options.period
    if result is None:
        return (
            f"No {period} has enough {what.of} to show."
            if any(p.suppressed for p in points)
            else f"There are no {what.of} to chart."
        )
    last = shown[-1]
    words = []
    if points[-1].start != last.start:
        why = f"too few {what.of} to show" if points[-1].suppressed else f"no {what.of}"
        words.append(f"There are {why} in {period_name(points[-1].start, period)}.")
    figure = what.show(last.value or 0.0)
    words.append(
        f"In {period_name(last.start, period)}, {figure} of {last.n:,} {what.of} {what.phrase}."
        if what.is_share
        else f"In {period_name(last.start, period)}, {last.n:,} comments averaged {figure} on the scale {what.phrase}."
    )
    in_phase = sum(k == result.phase[-1] for k in result.phase)
    if start is not None:
        words.append(_signal(shown, start, what, period))
    elif in_phase < TOO_EARLY:
        words.append(f"It is too early to say what is usual: there {_so_far(in_phase, period)} so far.")
    else:
        words.append(
            f"Nothing unusual: around an average of {what.show(last.mean or 0.0)}, "
            f"the {period}-to-{period} variation is what chance gives."
        )
        words += _past_signals(shown, what, period)
    if last.both_ways:
        words.append("Signs point both ways, so look at the chart before acting.")
    if last.hollow:
        words.append(f"With only {last.n} {what.of}, treat the last figure with care.")
    if in_phase < SHORT_PHASE and (start is not None or in_phase >= TOO_EARLY):
        words.append(f"With only {in_phase} {period}s so far, the limits are provisional.")
    return " ".join(words)


def _past_signals(shown: Sequence[TrendPoint], what: Measure, period: Period) -> Iterator[str]:
    """What was unusual within a year of the last point, which is not: concerns first, the furthest from the average first, at most three.

    Points side by side for the same reason are one signal, told by its months and its furthest figure.
    """
    last = shown[-1]
    runs: list[list[TrendPoint]] = []
    for before, point in pairwise((None, *shown[-1 - IN_A_YEAR[period] : -1])):
        if point is None or not point.rule or point.phase != last.phase:
            continue
        if (
            before is not None
            and runs
            and runs[-1][-1] is before
            and (before.rule, before.kind) == (point.rule, point.kind)
        ):
            runs[-1].append(point)
        else:
            runs.append([point])

    def far(point: TrendPoint) -> float:
        return abs((point.value or 0.0) - (point.mean or 0.0))

    runs.sort(key=lambda run: (run[0].kind != "special_cause_concern", -max(map(far, run))))
    said = [_past(run, max(run, key=far), what, period) for run in runs[:MOST_SIGNALS]]
    if said:
        more = f", and {len(runs) - MOST_SIGNALS} more" if len(runs) > MOST_SIGNALS else ""
        yield f"Unusual in the year before it: {'; '.join(said)}{more}."


def _past(run: Sequence[TrendPoint], furthest: TrendPoint, what: Measure, period: Period) -> str:
    """One past signal: when, how far, and whether that was good."""
    figure, verdict = what.show(furthest.value or 0.0), VERDICTS[furthest.kind]
    first = period_name(run[0].start, period)
    if len(run) == 1:
        return f"{first} ({figure}), {verdict}"
    return f"{first} to {period_name(run[-1].start, period)} (as far as {figure}), {verdict}"


def _signal(shown: Sequence[TrendPoint], start: int, what: Measure, period: Period) -> str:
    """What the rule that fired on the last point says, since when, and whether that is good."""
    last, first = shown[-1], shown[start]
    rule, verdict = last.rule or "", VERDICTS[last.kind]
    run = len(shown) - start
    # "Running" only where no calendar period is missing in between.
    day, unbroken = first.start, 1
    while day < last.start:
        day, unbroken = next_start(day, period), unbroken + 1
    running = f"for {run} {period}s running" if unbroken == run else f"in the last {run} {period}s that can be shown"
    since = f"since {period_name(first.start, period)}"
    up = "Above" in rule or "Increasing" in rule
    if "Trend" in rule:
        return f"It has {'risen' if up else 'fallen'} without a break {since}, {running}: {verdict}."
    if "Points" in rule:
        return f"It has been {'above' if up else 'below'} its average of {what.show(last.mean or 0.0)} {running}, {since}: {verdict}."
    limit = (last.upl if up else last.lpl) or 0.0
    if "2 in 3" in rule:
        near = "upper" if up else "lower"
        return f"Two of the last three {period}s came close to the {near} limit of what chance gives ({what.show(limit)}): {verdict}."
    lasting = f", as it has been {running}, {since}" if run > 1 else ""
    return f"That is {'more' if up else 'less'} than chance alone would give ({what.show(limit)}){lasting}: {verdict}."


def _warnings(
    points: Sequence[TrendPoint],
    shown: Sequence[TrendPoint],
    result: SpcResult | None,
    other: SpcResult | None,
    what: Measure,
    options: TrendOptions,
) -> Iterable[str]:
    """What a reader should know before trusting the picture; `other` is the same series on the other kind of chart."""
    period = options.period
    gaps = [p.start for p in points if p.gap]
    if gaps:
        yield (
            f"There are no {what.of} in {_list_periods(gaps, period)}: the line is broken there, and the {period}s either side "
            "are judged as neighbours."
        )
    hidden = [p for p in points if p.suppressed]
    if hidden:
        also = "" if options.may_read else ", or so that such a figure cannot be worked out"
        yield (
            f"{_list_periods([p.start for p in hidden], period)} {'is' if len(hidden) == 1 else 'are'} not shown because of fewer "
            f"than {small_numbers()[0]} {what.of}{also}; nothing is judged by what is not shown."
        )
    if any(p.hollow for p in shown):
        yield f"Hollow points have fewer than {small_numbers()[1]} {what.of} and cannot signal alone."
    if result is None:
        return
    if result.short_group_warning[-1]:
        in_phase = sum(k == result.phase[-1] for k in result.phase)
        kind = "There are no limits yet" if shown[-1].lpl is None else "These are trial limits"
        yield f"{kind}: there {_so_far(in_phase, period)}, and settled limits need {SHORT_PHASE}."
    if other is not None:
        yield from _disagreement(shown, result, other, options)
    if shown[-1].rule is None:
        drift = early_warnings(result)[-1]
        if drift and not result.short_group_warning[-1]:
            yield (
                f"Early warning: small differences are adding up to a drift {'up' if drift == 'high' else 'down'}wards. "
                "It is not yet a signal, and may not become one."
            )
    sides = list(zip(result.phase, result.relative_to_mean, strict=True))
    run = len(list(takewhile(lambda side: side == sides[-1], reversed(sides))))
    if run >= WORTH_REBASING and shown[-1].rule and run < len(sides):
        yield (
            f"The average may have moved for good since {period_name(shown[-run].start, period)}. If you know why, "
            f"start new limits there; they are never moved without a person's decision."
        )


def _disagreement(
    shown: Sequence[TrendPoint], result: SpcResult, other: SpcResult, options: TrendOptions
) -> Iterable[str]:
    """Where the usual XmR chart and the I' chart, which allows for the number of comments, would not say the same."""
    mine, there = result.special_cause_type, other.special_cause_type
    extra = [p.start for p, a, b in zip(shown, mine, there, strict=True) if a == "Common Cause" != b]
    fewer = [p.start for p, a, b in zip(shown, mine, there, strict=True) if b == "Common Cause" != a]
    xmr = other.chart == "xmr"
    name = "An XmR chart, which does not allow for the number of comments," if xmr else "An I′ chart"
    says = []
    if extra:
        says.append(f"would also mark {_list_periods(extra, options.period)}")
    if fewer:
        says.append(f"would not mark {_list_periods(fewer, options.period)}")
    if says:
        yield f"{name} {' and '.join(says)}."


def _so_far(count: int, period: Period) -> str:
    return f"is only 1 {period}" if count == 1 else f"are only {count} {period}s"


def _list_periods(starts: Sequence[date], period: Period) -> str:
    """Periods in words, neighbours drawn together: "April to June 2026, and August 2026"."""
    runs: list[list[date]] = []
    for start in starts:
        if runs and next_start(runs[-1][-1], period) == start:
            runs[-1].append(start)
        else:
            runs.append([start])
    names = []
    for run in runs:
        first, last = period_name(run[0], period), period_name(run[-1], period)
        if period == "month" and run[0].year == run[-1].year:
            first = run[0].strftime("%B")
        names.append(last if len(run) == 1 else f"{first} {'and' if len(run) == 2 else 'to'} {last}")
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return ", and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
