"""Keep the targets that people set for a series, against which a chart says whether it will be met.

A target is a person's decision, never ours: nothing sets one by itself, each is signed, and what it took the place of stays
in the list. It is kept on the measure's own scale, a share as 0 to 1, and a share is typed as a percentage or a decimal below
1, because "15" of a share could be meant as either and is refused.
"""

import re
import sqlite3
from dataclasses import dataclass, replace
from typing import cast

from feedback.comment import FindingKind
from feedback.errors import BadInput, NotFound
from feedback.over_time.trend import TOO_EARLY, Measure, Trend, measured, period_name
from feedback.sampling import signed
from feedback.store import Store
from feedback.strategies.remap import KINDS as STRATEGIC
from feedback.tally import SeriesOf
from feedback.taxonomy import Taxonomy

MAX_NAME = 100  # characters
_NUMBER = re.compile(r"(\d{1,3}(?:\.\d{1,4})?|\.\d{1,4})\s*(%?)")


@dataclass(frozen=True, slots=True)
class Target:
    """What a person wants a series to reach: `value` is a share from 0 to 1, or a mean from 1 to 5. Times are ISO 8601, UTC.

    `strategy`: the adopted strategy whose part it is on; None for the one that the models read, and for what is of no strategy.
    """

    id: int
    of: SeriesOf
    value: float
    by: str
    at: str
    ended_by: str | None = None
    ended_at: str | None = None
    strategy: str | None = None

    def title(self, taxonomy: Taxonomy) -> str:
        """What a reader calls its series, with the strategy where another is in place: the same id may mean another part there."""
        name = self.of.title(taxonomy)
        if not self.of.code or self.of.code[0] not in STRATEGIC or self.strategy == taxonomy.adopted:
            return name
        read = taxonomy.rules.follows if taxonomy.rules else taxonomy.versions["strategy"]
        where = f"{self.of.service}: " if self.of.service else ""
        return f"{where}{self.of.code[1]} of strategy {self.strategy or read}, which is not the one in place"

    @property
    def stands(self) -> bool:
        """Whether it has been neither replaced nor ended."""
        return self.ended_by is None


def read_value(measure: Measure, typed: str) -> float:
    """A target as a person types it, on the scale of its measure. Raises BadInput.

    >>> from feedback.over_time.trend import MEASURES
    >>> read_value(MEASURES["negative"], "15%"), read_value(MEASURES["negative"], "0.15"), read_value(MEASURES["mean"], "2.5")
    (0.15, 0.15, 2.5)
    """
    found = _NUMBER.fullmatch(typed.strip())
    if measure.is_share:
        if not found or (not found[2] and float(found[1]) > 1):
            raise BadInput(f"{typed[:20]!r} is no share: write it as a percentage, such as 15%, or as 0.15.")
        value = float(found[1]) / (100 if found[2] else 1)
    else:
        if not found or found[2]:
            raise BadInput(f"{typed[:20]!r} is no value of the scale from 1 (very positive) to 5 (very negative).")
        value = float(found[1])
    low, high = measure.scale
    if not low <= value <= high:
        raise BadInput(
            f"{typed[:20]!r} lies outside the scale, which goes from {measure.show(low)} to {measure.show(high)}."
        )
    return round(value, 6)


def series_of(measure: str, *, service: str | None = None, **labels: str | None) -> SeriesOf:
    """The series of a measure and up to one label (theme, value or objective). Raises BadInput for what is no series.

    >>> series_of("rate_negative", theme="parking").key
    '/theme:parking/rate_negative'
    """
    given = [(kind, id) for kind, id in labels.items() if id]
    if len(given) > 1:
        raise BadInput("A target is for one theme, value or objective; leave out the others.")
    if bool(given) != measure.startswith("rate"):
        raise BadInput(
            "A rate is of a theme, value or objective, and every other measure is of none; choose both to fit."
        )
    kind, id = given[0] if given else ("", "")
    return SeriesOf(service or None, (cast("FindingKind", kind), id) if given else None, measured(measure).id)


def set_target(store: Store, taxonomy: Taxonomy, of: SeriesOf, value: float, *, by: str) -> Target:
    """Set the target of a series in place of the one that stands, if any does. Raises BadInput and NotFound."""
    what = measured(of.measure)
    if of.service is not None:
        taxonomy.service(of.service)
    if of.code is not None:
        {"theme": taxonomy.theme, "value": taxonomy.value, "objective": taxonomy.objective}[of.code[0]](of.code[1])
    if what.direction == "neutral":
        raise BadInput(
            "Whether more or less of it is better is not said, so it takes no target; choose the praise or the criticism."
        )
    if not what.scale[0] <= value <= what.scale[1]:
        raise BadInput(f"A target of this measure lies from {what.show(what.scale[0])} to {what.show(what.scale[1])}.")
    by = _name(by)
    with store.writing():
        _end(store, of.kept_key(taxonomy.adopted), by)
        sql = 'INSERT INTO targets (series, value, "by", at) VALUES (?, ?, ?, ?)'
        id = store.conn.execute(sql, (of.kept_key(taxonomy.adopted), value, by, store.now())).lastrowid
    return next(target for target in targets(store.conn) if target.id == id)


def end_target(store: Store, id: int, *, by: str) -> None:
    """Let a target count no more; it stays in the list. Raises NotFound where none of that number stands."""
    by = _name(by)
    with store.writing():
        row = store.conn.execute("SELECT series FROM targets WHERE id = ? AND ended_by IS NULL", (id,)).fetchone()
        if row is None:
            raise NotFound(f"There is no target {id} that stands; `feedback targets` lists them.")
        _end(store, row[0], by)


def targets(conn: sqlite3.Connection) -> tuple[Target, ...]:
    """Every target, those that stand first, then the latest ended."""
    rows = conn.execute(
        'SELECT id, series, value, "by", at, ended_by, ended_at FROM targets ORDER BY ended_by IS NOT NULL, id DESC'
    )
    found = []
    for id, series, *rest in rows:
        of, strategy = SeriesOf.of_kept_key(series)
        found.append(replace(Target(id, of, *rest), strategy=strategy))
    return tuple(found)


def standing(conn: sqlite3.Connection, adopted: str | None) -> dict[SeriesOf, float]:
    """The targets that stand, by their series, under the strategy that was adopted as this version; None is the one that is read."""
    return {
        target.of: target.value
        for target in targets(conn)
        if target.stands and (target.strategy == adopted or not target.of.code or target.of.code[0] not in STRATEGIC)
    }


def _end(store: Store, series: str, by: str) -> None:
    sql = "UPDATE targets SET ended_by = ?, ended_at = ? WHERE series = ? AND ended_by IS NULL"
    store.conn.execute(sql, (by, store.now(), series))


def _name(by: str) -> str:
    name = signed(by, "A target")
    if len(name) > MAX_NAME:
        raise BadInput(f"A name has up to {MAX_NAME} characters.")
    return name


def met_in_words(trend: Trend) -> str:
    """Whether a chart's target was met in its newest period, and whether it will be; empty where there is none or nothing is shown."""
    if trend.target is None or not trend.shown:
        return ""
    last, better = trend.shown[-1], {"decrease": "or less", "increase": "or more"}.get(trend.direction, "")
    value, target = last.value or 0.0, trend.target
    met = value <= target if trend.direction == "decrease" else value >= target
    show, period = trend.measure.show, period_name(last.start, trend.period)
    said = f"Target: {show(target)} {better}".rstrip()
    now = f"{'Met' if met else 'Not met'} in {period}, with {show(value)}."
    if (
        sum(point.phase == last.phase for point in trend.shown) < TOO_EARLY
        or last.lpl is None
        or not trend.assurance_icon
    ):
        return f"{said}. {now} It is too early to say whether it will be met."
    ahead = {
        "pass": "As things are it will be met again and again.",
        "fail": "As things are it will be missed again and again: only another way of working will change that.",
        "inconsistent": "Whether it is met next is chance: the usual variation reaches to both sides of it.",
    }[trend.assurance_icon]
    return f"{said}. {now} {ahead}"
