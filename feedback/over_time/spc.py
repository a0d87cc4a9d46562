"""Judge a series against its own past: the limits, rules, colours and icons of a statistical process control chart.

Profile `ptd` gives the numbers of the R package NHSRplotthedots 0.2.2, profile `mdc` the reading of the Making Data Count
spreadsheet. The danger is in the denominators: on an XmR chart, months of 4 comments beside months of 100 look like change
when nothing changed. So give them, and `auto` takes the I' chart where they vary.

All phases of all series are judged together as the rows of a few matrices; a missing value is NaN and fills up short rows.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from feedback.errors import BadInput, FeedbackError

Direction = Literal["increase", "decrease", "neutral"]
Profile = Literal["ptd", "mdc"]
Chart = Literal["xmr", "iprime", "pprime"]
ChartChoice = Literal["auto", "xmr", "iprime", "pprime"]
Matrix = NDArray[Any]

XMR_LIMIT = 2.66  # times the average moving range: what both NHSRplotthedots and Making Data Count use, not 3/1.128
OUTLIER = 3.267  # a moving range this many times the average is left out of it
SHORT_PHASE = 13  # fewer points than this make trial limits
FEWEST_FIXED = 12  # the package refuses to fix limits on fewer
EVEN_DENOMINATORS = 1.5  # largest over smallest up to which XmR is as good as I'
POINT_FACTS = (
    *("phase", "mean", "lpl", "upl", "nlpl", "nupl", "used_for_limits", "outside_limits", "relative_to_mean"),
    *("close_to_limits", "special_cause_type", "point_type", "both_ways", "short_group_warning"),
)
COLOURS = {
    "common_cause": "#a6a6a6",
    "special_cause_improvement": "#00b0f0",
    "special_cause_concern": "#e46c0a",
    "special_cause_neutral_high": "#490092",
    "special_cause_neutral_low": "#490092",
}
ICONS = {
    ("special_cause_improvement", "increase"): "improvement_high",
    ("special_cause_improvement", "decrease"): "improvement_low",
    ("special_cause_concern", "increase"): "concern_low",
    ("special_cause_concern", "decrease"): "concern_high",
    ("special_cause_neutral_high", "neutral"): "neutral_high",
    ("special_cause_neutral_low", "neutral"): "neutral_low",
}
# One above the other in the order in which the first that fires wins; by rule and side (below or falling, above or rising).
RULES = (
    ("Below LCL", "Above UCL"),
    ("{k} Point Trend (Decreasing)", "{k} Point Trend (Increasing)"),
    ("2 in 3 Below CL", "2 in 3 Above CL"),
    ("{k} Points Below CL", "{k} Points Above CL"),
)


@dataclass(frozen=True, slots=True)
class SpcOptions:
    """How one series is to be judged; what does not make sense is refused with BadInput.

    `rebase`: dates that start a new phase (one that is not in the series is ignored). `fix_after_n_points`: only that
    many first points of each phase make its limits. `run_length`: points in a trend or shift, 7, or 6 under `mdc`.
    `hollow_below`: a point with fewer comments than this cannot signal alone. `screen_outliers` counts under `ptd` only.
    """

    improvement_direction: Direction = "increase"
    screen_outliers: bool = True
    rebase: tuple[date, ...] = ()
    fix_after_n_points: int | None = None
    target: float | None = None
    profile: Profile = "ptd"
    chart: ChartChoice = "auto"
    run_length: int = 7
    hollow_below: int | None = None
    early_warnings: bool = False

    def __post_init__(self) -> None:
        _one_of("improvement_direction", self.improvement_direction, get_args(Direction))
        _one_of("profile", self.profile, get_args(Profile))
        _one_of("chart", self.chart, get_args(ChartChoice))
        _one_of("screen_outliers", self.screen_outliers, (True, False))
        _one_of("early_warnings", self.early_warnings, (True, False))
        _one_of("run_length", self.run_length, (6, 7) if self.profile == "mdc" else (7,))
        fixed = self.fix_after_n_points
        if fixed is not None and not (_is_number(fixed) and fixed == int(fixed) and fixed >= FEWEST_FIXED):
            raise BadInput(
                f"fix_after_n_points is {repr(fixed)[:40]}; give a whole number of at least {FEWEST_FIXED}, or null to use every point."
            )
        if self.target is not None and not _is_number(self.target):
            raise BadInput(f"target is {repr(self.target)[:40]}; give a number, or null for none.")
        if self.hollow_below is not None and not _is_number(self.hollow_below):
            raise BadInput(f"hollow_below is {repr(self.hollow_below)[:40]}; give a number of comments, or null.")


class Series(NamedTuple):
    """One series in date order and the chart it gets; values NaN where missing, denominators None where not known."""

    dates: tuple[date, ...]
    values: tuple[float, ...]
    denominators: tuple[float, ...] | None
    options: SpcOptions
    chart: Chart
    chart_reason: str


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch with limits of its own; limits are those of its last point, counts are of points.

    `assurance_type` (consistent_pass, consistent_fail, inconsistent) stands on the last phase only.
    """

    phase: int
    mean: float | None
    lpl: float | None
    upl: float | None
    n: int
    common_cause: int
    special_cause_improvement: int
    special_cause_concern: int
    variation_type: str
    assurance_type: str | None


@dataclass(frozen=True, slots=True)
class SpcResult:
    """A judged series: equally long lists, one entry a point, None where something cannot be said.

    `chart` is what was used and `chart_reason` why. `outside_limits` and `close_to_limits` as the package has them;
    `special_cause_type` names the rule that won; `both_ways` says that improvement and concern fired on one point;
    `z` is the distance from the mean in standard deviations. `variation_icon` speaks of the last point only.
    """

    chart: Chart
    chart_reason: str
    options: SpcOptions
    dates: list[date]
    values: list[float | None]
    phase: list[int]
    mean: list[float | None]
    lpl: list[float | None]
    upl: list[float | None]
    nlpl: list[float | None]
    nupl: list[float | None]
    z: list[float | None]
    used_for_limits: list[bool]
    outside_limits: list[bool | None]
    relative_to_mean: list[int | None]
    close_to_limits: list[bool | None]
    special_cause_type: list[str]
    point_type: list[str]
    both_ways: list[bool]
    short_group_warning: list[bool]
    phases: tuple[Phase, ...]
    variation_icon: str | None
    assurance_icon: str | None
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The result as `feedback spc` prints it: the shape of shared/data/spc_cases.json and a few facts more."""
        points: dict[str, list[Any]] = {name: getattr(self, name) for name in POINT_FACTS}
        points |= {
            "date": [d.isoformat() for d in self.dates],
            "value": self.values,
            "special_cause_flag": [t != "Common Cause" for t in self.special_cause_type],
            "target": [self.options.target] * len(self.dates),
        }
        if self.options.early_warnings:
            points["early_warning"] = early_warnings(self)
        return {
            "error": None,
            "profile": self.options.profile,
            "chart": self.chart,
            "chart_reason": self.chart_reason,
            "short_phase_warning": any(self.short_group_warning),
            "warnings": list(self.warnings),
            "points": points,
            "phases": [{name: getattr(p, name) for name in Phase.__slots__} for p in self.phases],
            "variation_icon": self.variation_icon,
            "assurance_icon": self.assurance_icon,
        }


def spc(jobs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Judge every job `{dates, values, denominators?, options?}`; the results match one to one.

    One facet is one job. A job that is refused has the sentence under `error` and null elsewhere: it does not take its
    neighbours with it. Raises BadInput when `jobs` is no list of objects.
    """
    if not isinstance(jobs, list | tuple) or not all(isinstance(job, Mapping) for job in jobs):
        raise BadInput("The charts must be a list of objects, each with dates and values: [{...}, {...}].")
    results: list[dict[str, Any] | None] = [None] * len(jobs)
    good: list[tuple[int, Series]] = []
    for i, job in enumerate(jobs):
        try:
            good.append((i, read_series(job)))
        except FeedbackError as refusal:
            blank = dict.fromkeys(("short_phase_warning", "points", "phases", "variation_icon", "assurance_icon"))
            results[i] = {"error": str(refusal), **blank}
    for (i, _), result in zip(good, chart_many([series for _, series in good]), strict=True):
        results[i] = result.as_dict()
    return [r for r in results if r is not None]


def chart_series(
    dates: Sequence[date | str],
    values: Sequence[float | None],
    denominators: Sequence[float | None] | None = None,
    options: SpcOptions | None = None,
) -> SpcResult:
    """Judge one series. Sorted by date first; None or NaN is a missing value. Raises BadInput with the reason."""
    return chart_many([make_series(dates, values, denominators, options or SpcOptions())])[0]


def read_series(job: Mapping[str, Any]) -> Series:
    """Check one job of the wire and put it in date order. Raises BadInput with the reason."""
    for need in ("dates", "values"):
        if not isinstance(job.get(need), list | tuple):
            raise BadInput(f"A chart needs `{need}`, a list with one entry for each point.")
    if not isinstance(job.get("denominators"), list | tuple | None):
        raise BadInput("denominators must be a list with one entry for each point, or null.")
    given = job.get("options") or {}
    known = SpcOptions.__dataclass_fields__
    if not isinstance(given, Mapping) or (given.keys() - known.keys()):
        raise BadInput(f"options must be an object with no other keys than {', '.join(known)}.")
    # An option left null is an option not given.
    options = {name: value for name, value in given.items() if value is not None}
    rebase = options.get("rebase", ())
    if not isinstance(rebase, list | tuple):
        raise BadInput("rebase must be a list of dates, [] for none.")
    options["rebase"] = tuple(_as_date(d, i, "rebase") for i, d in enumerate(rebase))
    return make_series(job["dates"], job["values"], job.get("denominators"), SpcOptions(**options))


def make_series(
    dates: Sequence[date | str],
    values: Sequence[float | None],
    denominators: Sequence[float | None] | None,
    options: SpcOptions,
) -> Series:
    """Check the columns of one series and sort them by date. Raises BadInput with the reason."""
    if not len(dates):
        raise BadInput("The series has no points; give at least one date and value.")
    if len(dates) != len(values) or (denominators is not None and len(denominators) != len(dates)):
        counts = f"{len(dates)} dates and {len(values)} values"
        counts += "" if denominators is None else f" and {len(denominators)} denominators"
        raise BadInput(f"There are {counts}; give each point one of each (null for a missing value).")
    days = [_as_date(d, i, "dates") for i, d in enumerate(dates)]
    order = sorted(range(len(days)), key=days.__getitem__)
    for before, after in pairwise(order):
        if days[before] == days[after]:
            raise BadInput(
                f"The date {days[after]} stands there twice; give each date once, or one chart for each group."
            )
    ys = [_as_value(values[i], days[i]) for i in order]
    ns = None if denominators is None else [_as_value(denominators[i], days[i], "denominator") for i in order]
    if ns is not None:
        for i, y, n in zip(order, ys, ns, strict=True):
            if not math.isnan(y) and not n > 0:
                raise BadInput(f"The value of {days[i]} has no denominator above 0; give one, or null for the value.")
    chart, reason = choose_chart(ys, ns, options.chart)
    return Series(tuple(days[i] for i in order), tuple(ys), None if ns is None else tuple(ns), options, chart, reason)


def chart_many(many: Sequence[Series]) -> list[SpcResult]:
    """Judge many series at once; 10,000 of 36 points take about a second. The checks are `make_series`'s."""
    if not many:
        return []
    stretches = [_phases(series) for series in many]
    offsets = np.cumsum([0, *(len(series.dates) for series in many)])
    y = np.concatenate([series.values for series in many])
    n = np.concatenate([series.denominators or (math.nan,) * len(series.dates) for series in many])
    flat: dict[str, Matrix] = {}

    # Rows of a matrix share a chart and a run length, and differ in length by less than a factor of two.
    blocks: dict[tuple[Chart, int, int], list[tuple[int, int, SpcOptions]]] = defaultdict(list)
    for i, series in enumerate(many):
        for _, start, stop in stretches[i]:
            key = (series.chart, series.options.run_length, (stop - start).bit_length())
            blocks[key].append((int(offsets[i]) + start, stop - start, series.options))
    for (chart, run_length, _), rows in blocks.items():
        starts, lengths = np.array([r[0] for r in rows])[:, None], np.array([r[1] for r in rows])[:, None]
        columns = np.arange(max(lengths.max(), 7))  # wide enough for the longest rule
        inside = columns < lengths
        where = np.where(inside, starts + columns, 0)
        judged = _judge(
            np.where(inside, y[where], np.nan),
            np.where(inside, n[where], np.nan),
            [r[2] for r in rows],
            chart,
            run_length,
        )
        for name, matrix in judged.items():
            if name not in flat:
                flat[name] = np.empty(len(y), dtype=matrix.dtype)
            flat[name][where[inside]] = matrix[inside]

    columns_of = {name: _plain(column) for name, column in flat.items()}
    columns_of["values"] = _plain(y)
    return [
        _result(series, stretches[i], {k: c[offsets[i] : offsets[i + 1]] for k, c in columns_of.items()})
        for i, series in enumerate(many)
    ]


def choose_chart(
    values: Sequence[float], denominators: Sequence[float] | None, asked: ChartChoice
) -> tuple[Chart, str]:
    """The chart a series gets and the reason in a few words. Raises BadInput where the one asked for cannot be drawn."""
    counts = [n for y, n in zip(values, denominators or (), strict=False) if not math.isnan(y)]
    if asked in ("iprime", "pprime") and denominators is None:
        raise BadInput(
            f"Chart {asked} needs denominators: give how many comments stand behind each value, or take chart xmr."
        )
    if asked == "pprime" and not all(0 <= y <= 1 for y in values if not math.isnan(y)):
        raise BadInput("Chart pprime needs shares between 0 and 1; divide percentages by 100, or take chart iprime.")
    if asked != "auto":
        return asked, "it was asked for"
    if not counts:
        return "xmr", "no denominators were given"
    reason = f"the largest denominator is {max(counts) / min(counts):.3g} times the smallest"
    return ("xmr" if max(counts) <= EVEN_DENOMINATORS * min(counts) else "iprime"), reason


def wilson(successes: ArrayLike, n: ArrayLike, z: float = 1.96) -> tuple[Matrix, Matrix]:
    """Wilson's score interval of a share, lower and upper, each of the shape of the input; NaN where n is 0.

    >>> low, high = wilson(8, 40)
    >>> round(float(low), 4), round(float(high), 4)
    (0.105, 0.3476)
    """
    n = np.asarray(n, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(successes, dtype=float) / n
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def ewma(z: Sequence[float | None], weight: float = 0.2) -> tuple[Matrix, Matrix]:
    """The exponentially weighted mean of standardised values and its limit (3 sigma either way), each of shape (n,).

    Starts from 0, the mean; a missing value leaves it where it was.
    """
    level, levels, limits, seen = 0.0, [], [], 0
    for value in z:
        if value is not None:
            level, seen = weight * value + (1 - weight) * level, seen + 1
        levels.append(level)
        limits.append(3 * math.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * seen))))
    return np.array(levels), np.array(limits)


def cusum(z: Sequence[float | None], slack: float = 0.5) -> tuple[Matrix, Matrix]:
    """The upper and lower cumulative sums of standardised values, each of shape (n,), never negative; 5 is a signal."""
    high = low = 0.0
    highs, lows = [], []
    for value in z:
        if value is not None:
            high, low = max(0.0, high + value - slack), max(0.0, low - value - slack)
        highs.append(high)
        lows.append(low)
    return np.array(highs), np.array(lows)


def early_warnings(result: SpcResult) -> list[str | None]:
    """Where EWMA (lambda 0.2) or CUSUM (k 0.5, h 5) see a drift: "high", "low" or None for each point.

    More sensitive than the rules and more often wrong: a reason to look, never an icon. Starts afresh in each phase.
    """
    seen: list[str | None] = []
    for phase in dict.fromkeys(result.phase):
        z = [v for v, p in zip(result.z, result.phase, strict=True) if p == phase]
        level, limit = ewma(z)
        high, low = cusum(z)
        up = (level > limit) | (high > 5)
        down = (level < -limit) | (low > 5)
        seen += ["high" if u else "low" if d else None for u, d in zip(up, down, strict=True)]
    return seen


def calendar_gaps(dates: Sequence[date]) -> list[tuple[date, date]]:
    """Neighbouring dates further apart than the series' usual step: half as much again as the median, or more."""
    steps = [(b - a).days for a, b in pairwise(dates)]
    if len(steps) < 2:
        return []
    usual = sorted(steps)[len(steps) // 2]
    return [(dates[i], dates[i + 1]) for i, step in enumerate(steps) if step >= 1.5 * usual]


# --- one block: rows are phases, columns are points --------------------------------------------------------------------


def _judge(y: Matrix, n: Matrix, options: Sequence[SpcOptions], chart: Chart, run_length: int) -> dict[str, Matrix]:
    """Limits, rules and colours of phases that share a chart; `y` and `n` of shape (phases, points), NaN = missing."""
    mdc = np.array([[o.profile == "mdc"] for o in options])
    screen = np.array([[o.screen_outliers and o.profile == "ptd"] for o in options])
    fixed = np.array([[o.fix_after_n_points or y.shape[1]] for o in options])
    good = np.array([[{"increase": 1, "decrease": -1, "neutral": 0}[o.improvement_direction]] for o in options])
    hollow = n < np.array([[o.hollow_below or 0] for o in options])
    known = ~np.isnan(y)
    used = known & (np.arange(y.shape[1]) < fixed)

    with np.errstate(invalid="ignore", divide="ignore"):
        mean, sigma = {"xmr": _xmr, "iprime": _iprime, "pprime": _pprime}[chart](y, n, used, screen)
        sigma = np.where(mdc & (known.sum(axis=1, keepdims=True) < SHORT_PHASE), np.nan, sigma)
        lower, upper, near_lower, near_upper = (mean + k * sigma for k in (-3, 3, -2, 2))
        if chart == "pprime":
            lower, upper, near_lower, near_upper = (np.clip(x, 0, 1) for x in (lower, upper, near_lower, near_upper))
        # A tie is a tie up to rounding: the package's sums carry more digits than ours.
        tie = 32 * np.finfo(float).eps * np.max(np.where(known, np.abs(y), 0), axis=1, keepdims=True)
        side = _sign(y - mean, tie)
        beyond = (y > upper + tie).astype(np.int8) - (y < lower - tie)
        near = (y > near_upper + tie).astype(np.int8) - (y < near_lower - tie)
        z = (y - mean) / sigma

    outside = np.where(hollow, 0, beyond)
    close = np.where(outside == 0, near, 0)
    fired = np.stack(
        [
            outside,
            _trend(_sign(np.diff(y, axis=1), 0), run_length),
            _two_in_three(np.where(mdc, near, close), side),
            _runs(side > 0, run_length).astype(np.int8) - _runs(side < 0, run_length),
        ]
    )
    # The first rule wins; under mdc the first that says improvement, if one does.
    first = _first(fired)
    better = _first(np.where(fired == good, fired, 0))
    rule, way = (np.where(mdc & (good != 0) & (better[1] != 0), b, f) for f, b in zip(first, better, strict=True))
    names = np.array([[name.format(k=run_length) for name in pair] for pair in RULES], dtype=object)
    colour = np.where(
        good == 0,
        np.where(way > 0, "special_cause_neutral_high", "special_cause_neutral_low").astype(object),
        np.where(way == good, "special_cause_improvement", "special_cause_concern").astype(object),
    )
    without = ~known | np.isnan(sigma)
    return {
        "mean": np.broadcast_to(mean, y.shape),
        "lpl": lower,
        "upl": upper,
        "nlpl": near_lower,
        "nupl": near_upper,
        "z": np.where(np.isfinite(z), z, np.nan),
        "used_for_limits": used,
        "outside_limits": _blank(beyond != 0, without),
        "relative_to_mean": _blank(side, ~known),
        "close_to_limits": _blank((near != 0) & (beyond == 0), without),
        "special_cause_type": np.where(way == 0, "Common Cause", names[rule, (way > 0).astype(int)]),
        "point_type": np.where(way == 0, "common_cause", colour),
        "both_ways": (fired > 0).any(axis=0) & (fired < 0).any(axis=0) & (good != 0),
    }


def _xmr(y: Matrix, n: Matrix, used: Matrix, screen: Matrix) -> tuple[Matrix, Matrix]:
    """Mean (phases, 1) and sigma (phases, points) from the average moving range."""
    step = np.abs(np.diff(y, axis=1))
    average = _screened_mean(step, used[:, 1:] & used[:, :-1], screen)
    return _mean(y, used), np.broadcast_to(XMR_LIMIT / 3 * average, y.shape)


def _iprime(y: Matrix, n: Matrix, used: Matrix, screen: Matrix) -> tuple[Matrix, Matrix]:
    """I' (as qicharts2 0.8.1): the mean is weighted, each moving range is scaled by the two denominators it joins."""
    both = used[:, 1:] & used[:, :-1]
    scaled = math.sqrt(math.pi / 2) * np.abs(np.diff(y, axis=1)) / np.sqrt(1 / n[:, 1:] + 1 / n[:, :-1])
    return _mean(y, used, n), _screened_mean(scaled, both, screen) / np.sqrt(n)


def _pprime(y: Matrix, n: Matrix, used: Matrix, screen: Matrix) -> tuple[Matrix, Matrix]:
    """Laney's p': binomial sigma, widened by how much neighbouring z-scores really differ. Never screened."""
    share = _mean(y, used, n)
    binomial = np.sqrt(share * (1 - share) / n)
    step = np.abs(np.diff((y - share) / binomial, axis=1))
    return share, binomial * _mean(step, used[:, 1:] & used[:, :-1]) / 1.128


def _mean(values: Matrix, keep: Matrix, weights: Matrix | float = 1.0) -> Matrix:
    """Row means of the kept cells, shape (rows, 1), in two passes: so that the mean of equal values is that value."""
    weight = np.where(keep, weights, 0.0)
    total = weight.sum(axis=1, keepdims=True)
    rough = (weight * np.where(keep, values, 0.0)).sum(axis=1, keepdims=True) / total
    return rough + (weight * np.where(keep, values - rough, 0.0)).sum(axis=1, keepdims=True) / total


def _screened_mean(steps: Matrix, keep: Matrix, screen: Matrix) -> Matrix:
    average = _mean(steps, keep)
    return _mean(steps, keep & (~screen | (steps < OUTLIER * average)))


def _sign(difference: Matrix, tie: Matrix | float) -> Matrix:
    """1, 0 or -1; 0 also where missing."""
    return (difference > tie).astype(np.int8) - (difference < -tie)


def _runs(flags: Matrix, length: int) -> Matrix:
    """Cells that belong to `length` or more consecutive true cells of their row."""
    runs = np.zeros_like(flags)
    whole = sliding_window_view(flags, length, axis=1).all(axis=-1)
    for shift in range(length):
        runs[:, shift : shift + whole.shape[1]] |= whole
    return runs


def _trend(steps: Matrix, run_length: int) -> Matrix:
    """Direction of the trend each point is in, or 0; `steps` holds the signs of the differences, one column fewer.

    A point of two trends takes the later one. Where the next point is in a trend too but does not differ, the package
    says decreasing whatever came before.
    """
    one_way = _runs(steps > 0, run_length - 1) | _runs(steps < 0, run_length - 1)
    start, end = np.pad(one_way, ((0, 0), (0, 1))), np.pad(one_way, ((0, 0), (1, 0)))
    member = start | end
    next_too = np.pad(member[:, 1:], ((0, 0), (0, 1)))
    onward, back = np.pad(steps, ((0, 0), (0, 1))), np.pad(steps, ((0, 0), (1, 0)))
    return np.where(member, np.where(next_too, np.where(onward > 0, 1, -1), back), 0).astype(np.int8)


def _two_in_three(near: Matrix, side: Matrix) -> Matrix:
    """Side of each near point of a window of three that lies on one side and has at least two near points, or 0."""
    flagged = np.zeros_like(near)
    for sign in (1, -1):
        hit = sliding_window_view(side == sign, 3, axis=1).all(axis=-1)
        hit &= sliding_window_view(near == sign, 3, axis=1).sum(axis=-1) >= 2
        for shift in range(3):
            flagged[:, shift : shift + hit.shape[1]] |= np.where(hit, sign, 0).astype(near.dtype)
    return np.where(near != 0, flagged, 0)


def _blank(values: Matrix, where: Matrix) -> Matrix:
    blanked = values.astype(object)
    blanked[where] = None
    return blanked


def _first(fired: Matrix) -> tuple[Matrix, Matrix]:
    """The number of the first rule that fires on each point and the side it fires on (0: none); `fired` is (rules, phases, points)."""
    rule = np.argmax(fired != 0, axis=0)
    return rule, np.take_along_axis(fired, rule[None], axis=0)[0]


# --- from matrices back to one series ----------------------------------------------------------------------------------


def _phases(series: Series) -> list[tuple[int, int, int]]:
    """Number, start and stop of each phase. Numbering starts at 1 where the first row is itself a rebase date."""
    rebase = set(series.options.rebase)
    starts = [i for i, day in enumerate(series.dates) if day in rebase]
    first = 1 if starts[:1] == [0] else 0
    edges = ([] if first else [0]) + starts + [len(series.dates)]
    return [(first + k, start, stop) for k, (start, stop) in enumerate(pairwise(edges))]


def _plain(column: Matrix) -> list[Any]:
    """A column as a list of plain Python values, None for NaN."""
    if column.dtype.kind != "f":
        return column.tolist()
    plain = column.astype(object)
    plain[np.isnan(column)] = None
    return plain.tolist()


def _result(
    series: Series,
    stretches: Sequence[tuple[int, int, int]],
    columns: Mapping[str, list[Any]],
) -> SpcResult:
    options = series.options
    number: list[int] = []
    short: list[bool] = []
    phases: list[Phase] = []
    for k, start, stop in stretches:
        number += [k] * (stop - start)
        short += [stop - start < SHORT_PHASE] * (stop - start)
        colours = columns["point_type"][start:stop]
        phases.append(
            Phase(
                phase=k,
                mean=columns["mean"][stop - 1],
                lpl=columns["lpl"][stop - 1],
                upl=columns["upl"][stop - 1],
                n=stop - start,
                common_cause=colours.count("common_cause"),
                special_cause_improvement=colours.count("special_cause_improvement"),
                special_cause_concern=colours.count("special_cause_concern"),
                variation_type=colours[-1],
                assurance_type=None,
            )
        )
    assurance = _assurance(options, phases[-1].lpl, phases[-1].upl)
    phases[-1] = replace(phases[-1], assurance_type=assurance)
    last = columns["point_type"][-1]
    variation: str | None = ICONS.get((last, options.improvement_direction), "common_cause")
    if options.profile == "mdc" and sum(v is not None for v in columns["values"][stretches[-1][1] :]) < SHORT_PHASE:
        variation = assurance = None
    warnings = [
        f"There is no row between {a} and {b}; they are judged as neighbours." for a, b in calendar_gaps(series.dates)
    ]
    return SpcResult(
        chart=series.chart,
        chart_reason=series.chart_reason,
        options=options,
        dates=list(series.dates),
        phase=number,
        short_group_warning=short,
        phases=tuple(phases),
        variation_icon=variation,
        assurance_icon=assurance and assurance.removeprefix("consistent_"),
        warnings=tuple(warnings),
        **columns,
    )


def _assurance(options: SpcOptions, lower: float | None, upper: float | None) -> str | None:
    if options.target is None or options.improvement_direction == "neutral":
        return None
    if lower is None or upper is None or lower <= options.target <= upper:
        return "inconsistent"
    above = options.target > upper
    return "consistent_fail" if above == (options.improvement_direction == "increase") else "consistent_pass"


# --- refusals ----------------------------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    # True is no number here; the bound keeps squares and sums finite.
    plain = type(value) is float or type(value) is int or isinstance(value, np.integer | np.floating)
    return plain and bool(-1e100 < value < 1e100)


def _one_of(name: str, value: object, choices: Iterable[object]) -> None:
    # By type as well: True == 1, and 7.0 == 7.
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        raise BadInput(f"{name} is {repr(value)[:40]}; it must be one of {', '.join(map(str, choices))}.")


def _as_date(value: Any, index: int, where: str) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        # Neither here nor below is the value shown: a wrong column may hold someone's words.
        raise BadInput(f"Entry {index + 1} of {where} is no date; write it as 2026-03-01.") from None


def _as_value(value: Any, day: date, what: str = "value") -> float:
    if value is None or value != value:  # NaN is missing too
        return math.nan
    if not _is_number(value):
        raise BadInput(
            f"The {what} of {day} is not a number that can be charted; give a number, or null where it is missing."
        )
    return float(value)
