"""Say what people say of the services that a programme of the delivery plan is for, before and after its milestones.

It never says that a programme caused anything. A milestone of which the plan gives no day may fall on any day of its financial year, so
only months that lie wholly before or after all of these are compared; that the year ends on 31 March is our reading, and each date
says how it is known. Of a milestone that is still to come there is a baseline: what is said so far, to compare with later.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from feedback.evidence.matter import OnMatter, on_matter
from feedback.filters import Filters, Scope
from feedback.over_time.before_after import FEW_MONTHS, MOST_MONTHS, Compared, Side, months_named, newcombe, points
from feedback.over_time.spc import wilson
from feedback.over_time.trend import Trend, asked_trend
from feedback.query import (
    LabelCount,
    PeriodCount,
    ServiceCount,
    Totals,
    evidence_table,
    series,
    service_table,
    suppress,
    totals,
)
from feedback.settings import Settings
from feedback.strategies.bearing import bearing_of
from feedback.taxonomy import Measure, Milestone, Precision, Programme, Taxonomy

When = Literal["day", "month", "years"]

# What is compared: the measure, what its comments did, which way is better, and the count of a month that holds it.
ROWS = (
    ("negative", "were negative", "decrease", "negative"),
    ("positive", "were positive", "increase", "positive"),
    ("rate_negative", "spoke against what it is for", "decrease", "code_negative"),
)
ENOUGH = 30  # comments on a side, below which a comparison is held back
METHOD = (
    f"Whole months are compared, as many after as before and at most {MOST_MONTHS}; the months in which a milestone may fall are in neither. "
    f"Each side needs {ENOUGH} comments. "
    "The difference of two shares has Newcombe's score interval (1998, method 10; 95%), as if each comment were one person's. Nothing here says that "
    "the programme caused what people met."
)

UNITS = {"percent": "%", "hours": " hours", "days": " days"}
NO_MILESTONE = "The plan dates no milestone of it, so there is nothing to compare before and after."


@dataclass(frozen=True, slots=True)
class Due:
    """When something falls: between two days (the same where the day is known), how exactly, and how that is known, in words.

    `derived` where a day is our reading and not the plan's word.
    """

    start: date
    end: date
    when: When
    derived: bool
    words: str


@dataclass(frozen=True, slots=True)
class Event:
    """A milestone, the start of a programme, or a target of a measure; `mark` is the few letters it has on a chart."""

    id: str
    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """Events that fall together and touch the same services, and what people said of those before and after.

    `before` and `after` are windows from the first day of one month to the first day of another; `after` is None where none can be
    compared yet or a side has fewer than ENOUGH comments, and `before` is then the baseline. `rows` have no difference then.
    `sentence` says it in plain words.
    """

    due: Due
    events: tuple[Event, ...]
    services: tuple[str, ...]
    whole: bool
    before: tuple[date, date] | None
    after: tuple[date, date] | None
    rows: tuple[Compared, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Told:
    """What people say of the services of one programme. `services` are those it is for; `codes` what it is linked to, by kind.

    `trend` is that of negative comments with the milestones marked, by quarter where no month has enough; `marks` says what each mark
    means. `newest` is the last day of which there is any comment, None where nobody has spoken. `matter` is what is said of the
    matter itself, which comes before all else that its services are praised and blamed for; None where nothing says how to find it.
    """

    programme: Programme
    total: Totals
    services: tuple[ServiceCount, ...]
    objectives: tuple[LabelCount, ...]
    statements: tuple[LabelCount, ...]
    steps: tuple[Step, ...]
    trend: Trend | None
    marks: tuple[tuple[str, str], ...]
    newest: date | None
    method: str = METHOD
    matter: OnMatter | None = None

    @property
    def undated(self) -> str:
        """What is to be said where there is no step to compare around; "" where there is one."""
        return "" if self.steps else NO_MILESTONE


def told_of(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    id: str,
    filters: Filters,
    scope: Scope,
    *,
    may_read: bool = False,
) -> Told:
    """What people say of the services of a programme or priority; raises NotFound for one that is not there."""
    programme = taxonomy.programme(id)
    asked = replace(filters, programme=id)
    total = totals(conn, taxonomy, asked, scope)
    touched = taxonomy.programme_services(id)
    newest = totals(conn, taxonomy, Filters(), scope).last
    steps = tuple(_steps(conn, taxonomy, programme, asked, scope, newest, may_read=may_read))
    chart = _marked(_readable_trend(conn, taxonomy, asked, scope, may_read=may_read), steps) if total.last else None
    return Told(
        programme=programme,
        total=total,
        services=tuple(row for row in service_table(conn, taxonomy, asked, scope) if row.id in touched),
        objectives=evidence_table(conn, taxonomy, asked, scope, [f"objective:{code}" for code in programme.objectives]),
        statements=evidence_table(conn, taxonomy, asked, scope, [f"statement:{code}" for code in programme.statements]),
        steps=steps,
        trend=chart,
        marks=tuple(_meanings(chart, steps)) if chart else (),
        newest=newest,
        matter=on_matter(conn, taxonomy, programme, asked, scope, total.read, may_read=may_read),
    )


def _readable_trend(
    conn: sqlite3.Connection, taxonomy: Taxonomy, asked: Filters, scope: Scope, *, may_read: bool
) -> Trend:
    """Negative comments by month; by quarter where no month has enough to show and a quarter has."""
    monthly = asked_trend(conn, taxonomy, asked, scope, may_read=may_read)
    if monthly.shown:
        return monthly
    quarterly = asked_trend(conn, taxonomy, asked, scope, period="quarter", may_read=may_read)
    return quarterly if quarterly.shown else monthly


# When


def due_of(milestone: Milestone, plan: str) -> Due:
    """When a milestone falls, of a plan whose version names its first and last year ("2026-2031"); never, where nothing says.

    >>> due_of(Milestone("A.M1", "", "2026/27", date(2026, 8, 31), (), "month"), "2026-2031").words
    'August 2026'
    >>> due_of(Milestone("A.Y1", "", "year 2", None, ()), "2026-2031").end
    datetime.date(2028, 3, 31)
    """
    if milestone.by is not None:
        return _on(milestone.by, milestone.precision)
    years = _years(milestone.when, plan)
    if years is None:
        return Due(date.max, date.max, "years", True, "no date given")
    first, last = years
    named = f"{first}/{(first + 1) % 100:02}" + (f" to {last}/{(last + 1) % 100:02}" if last > first else "")
    words = f"some time in {named}, so by 31 March {last + 1} (the end of the financial year: our reading)"
    return Due(date(first, 4, 1), date(last + 1, 3, 31), "years", True, words)


def _on(day: date, precision: Precision) -> Due:
    if precision == "month":
        return Due(day.replace(day=1), day, "month", False, f"{day:%B %Y}")
    # The plan says "by the end of 2026/27" and names no day; the file reads that as 31 March and says so (financial_year_rule).
    year_end = (day.month, day.day) == (3, 31)
    words = f"by {day.day} {day:%B %Y}" + (" (the end of the financial year: our reading)" if year_end else "")
    return Due(day, day, "day", year_end, words)


def _years(when: str, plan: str) -> tuple[int, int] | None:
    """The first calendar years of the first and last financial year that a milestone names."""
    if named := re.fullmatch(r"(\d{4})/\d\d", when):
        return int(named[1]), int(named[1])
    numbered = re.fullmatch(r"years? (\d)(?:(?: to |-)(\d))?", when)
    begins = re.match(r"\d{4}", plan)
    if not numbered or not begins:
        return None
    first, last = int(numbered[1]), int(numbered[2] or numbered[1])
    return int(begins[0]) + first - 1, int(begins[0]) + last - 1


def _events(programme: Programme, plan: str) -> Iterator[tuple[Due, Event, tuple[str, ...]]]:
    """Everything of a programme that falls somewhere, with the services that it is about (none: all of the programme)."""
    if programme.starts:
        yield _on(programme.starts, "month"), Event(f"{programme.id}.start", "start", "Implementation begins."), ()
    for milestone in programme.milestones:
        yield due_of(milestone, plan), Event(milestone.id, _mark(milestone.id), milestone.text), milestone.services
    for measure in programme.measures:
        for due, event in _targets(measure):
            yield due, event, ()


def _targets(measure: Measure) -> Iterator[tuple[Due, Event]]:
    """The values to be reached; where a measure stands at the start is no milestone."""
    unit = UNITS.get(measure.unit, f" {measure.unit}")
    for target in measure.targets:
        if target.by and not target.baseline:
            text = f"{measure.name}: {target.value:,g}{unit}."
            yield _on(target.by, target.precision), Event(measure.id, _mark(measure.id), text)


def targets_in_words(measure: Measure) -> list[str]:
    """The values a measure is to reach: "58 days at the start (April 2026)", "55 days by the end of March 2027"."""
    unit = UNITS.get(measure.unit, f" {measure.unit}")
    found = []
    for target in measure.targets:
        value = f"{target.value:,g}{unit}"
        named = f"{target.by:%B %Y}" if target.by and target.precision == "month" else ""
        when = named or (f"{target.by.day} {target.by:%B %Y}" if target.by else "")
        if target.baseline:
            found.append(f"{value}, {target.label} {when}" if target.label else f"{value} at the start ({when})")
        elif target.by:
            found.append(f"{value} by {'the end of ' if named else ''}{when}")
        else:
            found.append(f"{value} {target.label}".strip())
    return found


def _mark(id: str) -> str:
    return id.rsplit(".", 1)[-1]


# Before and after


def _steps(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    programme: Programme,
    asked: Filters,
    scope: Scope,
    newest: date | None,
    *,
    may_read: bool,
) -> Iterator[Step]:
    """The steps in the order in which they fall; the nearer days first where they begin together."""
    plan = taxonomy.versions["delivery_plan"]
    together: dict[tuple[Due, tuple[str, ...]], list[Event]] = {}
    for due, event, services in _events(programme, plan):
        together.setdefault((due, services), []).append(event)
    codes = bearing_of(conn, taxonomy, "programme", programme.id).codes
    counted: dict[tuple[str, ...], tuple[PeriodCount, ...]] = {}
    for (due, services), events in sorted(together.items(), key=lambda one: (one[0][0].start, one[0][0].end)):
        if services not in counted:
            reach = _reach(taxonomy, services, scope)
            undated = replace(asked, date_from=None, date_to=None)
            counted[services] = series(conn, taxonomy, undated, reach, code=codes)
        yield _step(taxonomy, due, tuple(events), services, counted[services], newest, may_read)


def _reach(taxonomy: Taxonomy, services: Sequence[str], scope: Scope) -> Scope:
    """The reader's scope, narrowed to the services of a milestone and what is below them."""
    if not services:
        return scope
    mine = Scope.of(taxonomy, services).services or frozenset()
    return Scope(mine if scope.services is None else mine & scope.services)


def _step(
    taxonomy: Taxonomy,
    due: Due,
    events: tuple[Event, ...],
    services: tuple[str, ...],
    counts: Sequence[PeriodCount],
    newest: date | None,
    may_read: bool,
) -> Step:
    last_before = due.start.replace(day=1)
    ahead, first_after = 0, due.end
    if newest and due.start <= newest:
        first_after = _next_month(due.end) if due.end.day > 1 or due.when != "day" else due.end
        ahead = _months(first_after, newest) + 1
    behind = _months(counts[0].start, last_before) if counts else 0
    months = min(MOST_MONTHS, ahead, behind)
    before, after = (_shift(last_before, -months), last_before), (first_after, _shift(first_after, months))
    held = _held_back(counts, before, after, behind > months, may_read) if months > 0 else ""
    if months > 0 and not held:
        rows = tuple(_compared(counts, before, after, *row, may_read=may_read) for row in ROWS)
        sentence = _said(rows[0], before, after, months)
        return Step(due, events, services, not services, before, after, rows, sentence)
    end = min(last_before, _next_month(newest)) if newest else last_before
    start = max(_shift(end, -MOST_MONTHS), counts[0].start) if counts else end
    baseline = (start, end) if start < end else None
    rows = tuple(_baseline(counts, baseline, *row, may_read=may_read) for row in ROWS) if baseline else ()
    sentence = _so_far(rows, baseline, due, newest, held)
    return Step(due, events, services, not services, baseline, None, rows, sentence)


def _compared(
    counts: Sequence[PeriodCount],
    before: tuple[date, date],
    after: tuple[date, date],
    measure: str,
    phrase: str,
    direction: str,
    field: str,
    *,
    may_read: bool,
) -> Compared:
    settings = Settings()
    pairs = [_pair(counts, window, field) for window in (before, after)]
    # Of a side too small to be shown the other is hidden with it, and so is what each leaves over.
    cells = suppress([x for k, n in pairs for x in (k, n - k)], may_read=may_read)
    if any(cell.n is None for cell in cells):
        hidden = Side(None, None)
        return Compared(measure, phrase, direction, hidden, hidden, reason=f"fewer than {settings.small_number}")
    sides = [_side(k, n) for k, n in pairs]
    if min(n for _, n in pairs) < settings.hollow_number:
        why = f"fewer than {settings.hollow_number} comments on one side"
        return Compared(measure, phrase, direction, sides[0], sides[1], reason=why)
    difference, lower, upper = newcombe(*pairs[1], *pairs[0])
    return Compared(measure, phrase, direction, sides[0], sides[1], difference, lower, upper)


def _held_back(
    counts: Sequence[PeriodCount],
    before: tuple[date, date],
    after: tuple[date, date],
    more_before: bool,
    may_read: bool,
) -> str:
    """Why two sides are not compared yet, and what is missing from when; "" where each has enough."""
    earlier, later = (_pair(counts, window, "negative")[1] for window in (before, after))
    if min(earlier, later) >= ENOUGH:
        return ""
    cells = suppress([earlier, later], may_read=may_read)
    if any(cell.n is None for cell in cells):
        return f"Held back: each side needs {ENOUGH} comments, and one has fewer than {Settings().small_number}"
    have = f"{earlier:,} before ({window_named(before)}) and {later:,} after ({window_named(after)})"
    if later < ENOUGH:
        missing = f"{ENOUGH - later:,} more are needed from {after[1]:%B %Y} on"
    elif more_before:
        missing = f"{ENOUGH - earlier:,} more are needed before it; earlier months count as more months after it pass"
    else:
        missing = f"there are no earlier comments, and {ENOUGH - earlier:,} more would be needed"
    return f"Held back: each side needs {ENOUGH} comments, and there are {have}; {missing}"


def _baseline(
    counts: Sequence[PeriodCount],
    window: tuple[date, date],
    measure: str,
    phrase: str,
    direction: str,
    field: str,
    *,
    may_read: bool,
) -> Compared:
    k, n = _pair(counts, window, field)
    none = Side(None, None)
    if any(cell.n is None for cell in suppress([k, n - k], may_read=may_read)):
        return Compared(measure, phrase, direction, none, none, reason=f"fewer than {Settings().small_number}")
    return Compared(measure, phrase, direction, _side(k, n), none, reason="nothing to compare with yet")


def _pair(counts: Sequence[PeriodCount], window: tuple[date, date], field: str) -> tuple[int, int]:
    within = [count for count in counts if window[0] <= count.start < window[1]]
    n = sum(count.n for count in within)
    # A person may have coded a comment that was not read, so a part can be more than the whole.
    return min(n, sum(getattr(count, field) for count in within)), n


def _side(k: int, n: int) -> Side:
    if n < Settings().hollow_number:
        return Side(n, k)
    lower, upper = map(float, wilson(k, n))
    return Side(n, k, k / n, lower, upper)


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def _shift(start: date, months: int) -> date:
    count = start.year * 12 + start.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _next_month(day: date) -> date:
    return _shift(day.replace(day=1), 1)


# Words


def window_named(window: tuple[date, date]) -> str:
    """The months of a window that ends with the day before its second date.

    >>> window_named((date(2026, 1, 1), date(2026, 7, 1)))
    'January to June 2026'
    """
    return months_named((window[0], (window[1] - timedelta(days=1)).replace(day=1)))


def _said(row: Compared, before: tuple[date, date], after: tuple[date, date], months: int) -> str:
    if row.after.n is None:
        return f"The figures before and after are hidden: {row.reason}."
    earlier, later = window_named(before), window_named(after)
    if row.difference is None or row.lower is None or row.upper is None:
        return f"Too few to compare: {row.before.n:,} comments before ({earlier}) and {row.after.n:,} after ({later})."
    verdict = (
        "Chance alone does not explain it."
        if row.beyond_chance
        else "Chance alone could explain a difference like this."
    )
    early = (
        f" Only {months} {'month is' if months == 1 else 'months are'} compared, so look again."
        if months < FEW_MONTHS
        else ""
    )
    return (
        f"Before ({earlier}) {_percent(row.before)} of {row.before.n:,} comments {row.phrase}; after ({later}) {_percent(row.after)} of "
        f"{row.after.n:,}: a difference of {points(row.difference)} percentage points (95% interval {points(row.lower)} to "
        f"{points(row.upper)}). {verdict}{early}"
    )


def _so_far(
    rows: Sequence[Compared], baseline: tuple[date, date] | None, due: Due, newest: date | None, held: str = ""
) -> str:
    if newest is None or baseline is None or not rows:
        if newest and newest < due.start:
            return "Nobody has commented on these services so far, and it is still to come: there is no baseline yet."
        return "Nobody has commented on these services before it, so there is no baseline."
    coming = held or (
        "It is still to come"
        if newest < due.start
        else "It may not have fallen yet"
        if due.when == "years"
        else "It is too recent"
    )
    first = rows[0].before
    if first.n is None:
        return f"{coming}. The baseline is hidden: {rows[0].reason}."
    if first.share is None:
        return f"{coming}. Too few comments for a baseline: {first.n:,} ({window_named(baseline)})."
    return (
        f"{coming}. The baseline: {_percent(first)} of {first.n:,} comments {rows[0].phrase} ({window_named(baseline)}; chance range "
        f"{first.lower or 0:.0%} to {first.upper or 0:.0%})."
    )


def _percent(side: Side) -> str:
    share = side.share or 0.0
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"


# The chart


def _marked(chart: Trend, steps: Iterable[Step]) -> Trend:
    """The same chart with a mark where each step that has a day or month falls; those to come cannot be drawn."""
    if not chart.points:
        return chart
    marks = dict(chart.marks)
    last = _shift(chart.points[-1].start, 3 if chart.period == "quarter" else 1)
    for step in steps:
        if step.due.when != "years" and chart.points[0].start < step.due.start < last:
            names = dict.fromkeys(event.mark for event in step.events)
            day = step.due.start
            marks[day] = ", ".join(filter(None, (marks.get(day, ""), *names)))
    return replace(chart, marks=marks)


def _meanings(chart: Trend, steps: Iterable[Step]) -> Iterator[tuple[str, str]]:
    drawn = {mark for why in chart.marks.values() for mark in why.split(", ")}
    for step in steps:
        for event in step.events:
            if event.mark in drawn and step.due.start in chart.marks:
                yield event.mark, f"{event.text} {step.due.words[:1].upper()}{step.due.words[1:]}."
