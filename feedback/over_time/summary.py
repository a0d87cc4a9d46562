"""Judge many series at once and say of each in one row what a board pack shows: variation, assurance, the rule, since when.

Making Data Count calls it the summary of icons. The danger is a league table: rows stand in the order of the directory, each
series is judged against its own past alone, and there is no order by how a service fares. All series are counted in a few
statements (tally.py) and judged together (trend.py), by the same rules as one chart.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, cast, get_args

from feedback.accuracy.doubted import doubts_of_series, not_judged
from feedback.comment import FindingKind
from feedback.errors import BadInput
from feedback.filters import Filters, Scope
from feedback.over_time.assurance import standing
from feedback.over_time.siblings import hidden_months
from feedback.over_time.spc import ChartChoice
from feedback.over_time.trend import (
    RATE_ENDINGS,
    TOO_EARLY,
    Trend,
    TrendOptions,
    measured,
    rule_in_words,
    trends,
    version_marks,
)
from feedback.query import Period
from feedback.tally import SeriesOf, Tally, label_title, tally
from feedback.taxonomy import Taxonomy

Rows = Literal["all", "services", "themes", "values", "objectives"]
Order = Literal["directory", "name", "variation", "assurance", "since", "comments", "points"]

ROWS: tuple[Rows, ...] = get_args(Rows)
ORDERS: tuple[Order, ...] = get_args(Order)
STANDARD = ("negative", "rate_negative", "rate_positive")  # what is shown unless asked otherwise
KIND_OF: dict[str, FindingKind] = {"themes": "theme", "values": "value", "objectives": "objective"}
MEASURE_NAMES = {
    "negative": "Negative comments",
    "positive": "Positive comments",
    "mean": "Mean sentiment (1 best, 5 worst)",
    "fft_positive": "Friends and Family Test: good or very good",
    "rate": "Spoke of it",
    "rate_positive": "Spoke well of it",
    "rate_negative": "Spoke badly of it",
}
CANNOT_COMPARE = (
    "Each row is judged against its own past. Rows cannot be compared with each other: different people were asked, in "
    "different ways, about different things, and the Friends and Family Test is not made for comparing services."
)
# The order by icon: what wants a person's eye first.
_FIRST = (
    "concern_high",
    "concern_low",
    "neutral_high",
    "neutral_low",
    "improvement_high",
    "improvement_low",
    "common_cause",
)
_MISSED = ("fail", "inconsistent", "pass")


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One series in one row; `trend` holds all of it. `kind` is that of the row, `depth` its place in the tree of services.

    `latest` and `mean` are on the scale of the measure; `n` is what the latest figure is of. `variation` and `assurance` are
    None where nothing may be said yet; `says` is why or what, in a few words. `doubt` says in a sentence that the readings are
    doubted, "" where they are not: a doubted row is listed with its counts and not judged, whatever its figures would say.
    """

    of: SeriesOf
    kind: Rows
    title: str
    depth: int
    measure: str
    period: date
    latest: float
    n: int
    hollow: bool
    mean: float | None
    lpl: float | None
    upl: float | None
    target: float | None
    variation: str | None
    assurance: str | None
    says: str
    rule: str | None
    since: date | None
    points: int
    trial_limits: bool
    trend: Trend
    doubt: str = ""

    @property
    def icon(self) -> str | None:
        """The variation icon that may be drawn and ranked by; None where there is none or the readings are doubted."""
        return None if self.doubt else self.variation

    @property
    def assured(self) -> str | None:
        """The assurance icon that may be drawn and ranked by."""
        return None if self.doubt else self.assurance

    @property
    def moved_since(self) -> date | None:
        """Since when it is unusual, where that may be said."""
        return None if self.doubt else self.since

    @property
    def instead(self) -> str:
        """What stands in the place of an icon."""
        return not_judged(self.doubt) if self.doubt else self.says

    @property
    def sentence(self) -> str:
        """What its chart says, and why that is doubted."""
        return " ".join(filter(None, (self.trend.sentence, self.doubt)))

    def show(self, value: float | None) -> str:
        """A value of this row as a reader sees it; a dash where there is none."""
        return "–" if value is None else self.trend.measure.show(value)


@dataclass(frozen=True, slots=True)
class Summary:
    """The rows in the order asked for; `too_few` are the titles of services without a single period that can be shown.

    `notes` are sentences a reader should see before trusting any row.
    """

    period: Period
    rows: tuple[SummaryRow, ...]
    too_few: tuple[str, ...]
    order: Order
    notes: tuple[str, ...]


def summary(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    rows: Collection[Rows] = ROWS,
    measures: Collection[str] = STANDARD,
    period: Period = "month",
    chart: ChartChoice = "auto",
    order: Order = "directory",
    may_read: bool = False,
) -> Summary:
    """Judge all comments, services, themes, values and objectives (`rows`) by each of `measures` that fits them.

    A rate is of a label among all comments that the filters choose; every other measure is of all comments or of a service.
    Raises BadInput for a row, measure or order there is not, and what the filters raise.
    """
    _check(rows, ROWS, "rows")
    _check([order], ORDERS, "order")
    chosen_measures = [measured(id).id for id in dict.fromkeys(measures)]
    kinds = [KIND_OF[name] for name in rows if name in KIND_OF]
    counted = tally(conn, taxonomy, filters, scope, period=period, kinds=kinds)
    wanted = [
        of
        for kind in ROWS
        if kind in rows
        for of in _series_of(kind, taxonomy, counted, filters, scope, chosen_measures)
    ]
    targets = _targets(conn, taxonomy, filters)
    hidden = {} if may_read else {measure: _hidden(taxonomy, counted, wanted, measure) for measure in chosen_measures}
    judged = trends(
        (
            (
                counted.series(of.service, of.code),
                of.measure,
                TrendOptions(
                    period=period,
                    phrase=phrase(taxonomy, of),
                    target=targets.get(of),
                    chart=chart,
                    may_read=may_read,
                    hidden=hidden.get(of.measure, {}).get(of.service or "", frozenset()),
                ),
            )
            for of in wanted
        ),
        warned=False,
    )
    doubts = doubts_of_series(conn, taxonomy, wanted)
    found = [
        _row(taxonomy, of, trend, filters, doubts.get(of.key, ""))
        for of, trend in zip(wanted, judged, strict=True)
        if trend.shown
    ]
    shown = {row.of.service for row in found}
    silent = [of.service for of in wanted if of.service and of.service not in shown]
    _, notes = version_marks(conn, taxonomy, filters, scope, period) if found else ({}, ())
    return Summary(
        period=period,
        rows=tuple(sorted(found, key=_KEYS[order]) if order != "directory" else found),
        too_few=tuple(taxonomy.services[id].name for id in dict.fromkeys(silent)),
        order=order,
        notes=notes,
    )


def _hidden(taxonomy: Taxonomy, counted: Tally, wanted: Sequence[SeriesOf], measure: str) -> dict[str, frozenset[date]]:
    """Of each service the periods that could be worked out from its siblings' figures."""
    n = measured(measure).n
    of_services = [of.service for of in wanted if of.service and of.measure == measure]
    return hidden_months(taxonomy, {id: {count.start: n(count) for count in counted.series(id)} for id in of_services})


def _targets(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters) -> dict[SeriesOf, float]:
    """The targets that stand for these rows: with one service asked for, of services alone; under further filters none.

    Under another strategy than the one that a target was set under, its parts have none.
    """
    if replace(filters, service=None, date_from=None, date_to=None) != Filters():
        return {}
    return {of: value for of, value in standing(conn, taxonomy.adopted).items() if of.service or not filters.service}


def phrase(taxonomy: Taxonomy, of: SeriesOf) -> str | None:
    """What the comments of a rate did, for its sentence; None for a measure that says so itself."""
    if of.code is None:
        return None
    kind, label = of.code
    title = label if kind in ("objective", "statement") else label_title(taxonomy, kind, label)
    return f"spoke of “{title}”{RATE_ENDINGS[of.measure]}"


def _series_of(
    kind: Rows, taxonomy: Taxonomy, counted: Tally, filters: Filters, scope: Scope, measures: Sequence[str]
) -> Iterator[SeriesOf]:
    rates = [id for id in measures if id in RATE_ENDINGS]
    others = [id for id in measures if id not in RATE_ENDINGS]
    if kind == "all":
        yield from (SeriesOf(None, None, measure) for measure in others)
    elif kind == "services":
        within = taxonomy.below(filters.service) if filters.service in taxonomy.services else taxonomy.services
        there = [id for id in taxonomy.in_tree_order() if id in within and scope.reaches(id)]
        yield from (SeriesOf(service, None, measure) for service in there for measure in others)
    else:
        labels: Iterable[str] = {
            "themes": [t.id for t in taxonomy.themes.values() if not t.contentless],
            "values": taxonomy.values,
            "objectives": taxonomy.objectives,
        }[kind]
        spoken = {code for service, code in counted.codes if service is None}
        codes = [(KIND_OF[kind], label) for label in labels if (KIND_OF[kind], label) in spoken]
        yield from (SeriesOf(None, code, measure) for code in codes for measure in rates)


def _title(taxonomy: Taxonomy, of: SeriesOf, filters: Filters) -> str:
    """What a row is of: with one service asked for, "all comments" are those about it."""
    whole = of.service is None and of.code is None and filters.service in taxonomy.services
    return f"All comments about {taxonomy.service_name(filters.service or '')}" if whole else of.title(taxonomy)


def _row(taxonomy: Taxonomy, of: SeriesOf, trend: Trend, filters: Filters, doubt: str) -> SummaryRow:
    last = trend.shown[-1]
    in_phase = sum(point.phase == last.phase for point in trend.shown)
    early = in_phase < TOO_EARLY
    rule = None if early or last.rule is None else rule_in_words(last.rule)
    kinds: dict[str, Rows] = {kind: cast("Rows", name) for name, kind in KIND_OF.items()}
    return SummaryRow(
        of=of,
        kind=kinds[of.code[0]] if of.code else "services" if of.service else "all",
        title=_title(taxonomy, of, filters),
        depth=len(taxonomy.ancestors(of.service)) if of.service else 0,
        measure=MEASURE_NAMES[of.measure],
        period=last.start,
        latest=last.value or 0.0,
        n=last.n or 0,
        hollow=last.hollow,
        mean=last.mean,
        lpl=last.lpl,
        upl=last.upl,
        target=trend.target,
        variation=None if early else trend.variation_icon,
        assurance=None if early or last.lpl is None else trend.assurance_icon,
        says=f"too early to say: {_points(in_phase, trend.period)}" if early else rule or "no rule fired",
        rule=rule,
        since=None if early else trend.since,
        points=len(trend.shown),
        trial_limits=trend.trial_limits,
        trend=trend,
        doubt=doubt,
    )


def as_record(row: SummaryRow) -> dict[str, Any]:
    """A row in plain values, for JSON and for a table: one name a column, the same in every export."""
    return {
        "series": row.of.key,
        "kind": row.kind,
        "id": row.of.code[1] if row.of.code else row.of.service,
        "title": row.title,
        "depth": row.depth,
        "measure": row.of.measure,
        "period": row.period.isoformat(),
        "latest": row.latest,
        "n": row.n,
        "hollow": row.hollow,
        "mean": row.mean,
        "lpl": row.lpl,
        "upl": row.upl,
        "variation": row.variation,
        "target": row.target,
        "assurance": row.assurance,
        "says": row.says,
        "rule": row.rule,
        "since": row.since.isoformat() if row.since else None,
        "points": row.points,
        "trial_limits": row.trial_limits,
        "sentence": row.trend.sentence,
        "doubt": row.doubt,
    }


def _points(count: int, period: str) -> str:
    return f"{count} {period}{'' if count == 1 else 's'}"


def _check(given: Iterable[str], known: Sequence[str], what: str) -> None:
    for one in given:
        if one not in known:
            raise BadInput(f"There is no {what} {one[:40]!r}: use {', '.join(known)}.")


def _place(icon: str | None, order: Sequence[str]) -> int:
    return order.index(icon) if icon in order else len(order)


# Python's sort is stable, so rows that are alike stay in the directory's order.
_KEYS: dict[str, Callable[[SummaryRow], Any]] = {
    "name": lambda row: row.title.casefold(),
    "variation": lambda row: _place(row.icon, _FIRST),
    "assurance": lambda row: _place(row.assured, _MISSED),
    "since": lambda row: -(row.moved_since or date.min).toordinal(),
    "comments": lambda row: -row.n,
    "points": lambda row: -row.points,
}


def measures_of(text: str | None) -> tuple[str, ...]:
    """The measures in an address or option, separated by commas; STANDARD where none is given. Raises BadInput.

    >>> measures_of("negative, positive")
    ('negative', 'positive')
    """
    return tuple(measured(one).id for one in _listed(text)) or STANDARD


def rows_of(text: str | None) -> tuple[Rows, ...]:
    """The kinds of row in an address or option, separated by commas; all where none is given. Raises BadInput."""
    names = _listed(text)
    _check(names, ROWS, "rows")
    return cast("tuple[Rows, ...]", tuple(names)) or ROWS


def _listed(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]
