"""Compare what people said in the months before an action was done with what they said after, and never say that it was the action.

Whole calendar months are compared, as many after as before, at most twelve; the month in which it was done belongs to neither
unless it was done on the first. A difference of two shares has Newcombe's score interval (Statistics in Medicine 1998;17:873-890,
method 10). Beside it stands what the control chart says, for a difference may have begun before the action, and actions are
often taken after a bad spell that would have passed by itself.
"""

import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from feedback.actions import Action
from feedback.comment import FindingKind
from feedback.filters import Filters, Scope, chosen
from feedback.over_time.spc import wilson
from feedback.over_time.trend import VERDICTS, Trend, TrendPoint, asked_trend, next_start, period_name, rule_in_words
from feedback.query import PeriodCount, series, suppress, version_changes
from feedback.settings import Settings
from feedback.taxonomy import Taxonomy

MOST_MONTHS = 12  # a longer window compares other times of the year, other staff and other ways of asking
FEW_MONTHS = 3  # below this many a note says that it is early
METHOD = (
    "The difference of two shares with Newcombe's score interval (1998, method 10; 95%), as if each comment were one person's. "
    "Whole months are compared, as many after as before and at most 12; the month in which it was done is left out, unless it was "
    "done on the first. Comments without a date are in neither."
)
NO_SPECIAL_CAUSE = "The control chart shows no more than chance since the action."
CAUTION = (
    "Actions are often taken after a bad spell, and bad spells pass by themselves; other things may have changed too. "
    "Look at the chart to see whether the change began before the action."
)


@dataclass(frozen=True, slots=True)
class Side:
    """One window's count `k` of `n` comments, and the share (0 to 1) with Wilson's 95 % interval.

    All None where hidden from this reader; share and interval are None also where there are too few comments for one.
    """

    n: int | None
    k: int | None
    share: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure before and after; `phrase` says what its comments did ("criticised “Parking”"), `direction` which way is better.

    `difference` is after minus before (-1 to 1) with its 95 % interval; None where it cannot or may not be said, for `reason`.
    """

    measure: str
    phrase: str
    direction: str
    before: Side
    after: Side
    difference: float | None = None
    lower: float | None = None
    upper: float | None = None
    reason: str | None = None

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval leaves out no difference at all."""
        return self.lower is not None and self.upper is not None and not self.lower <= 0 <= self.upper


@dataclass(frozen=True, slots=True)
class SpecialCause:
    """What the control chart says since the action: the rule that fired, in words, in which month last and since when.

    `meaning` is improvement, concern or neither; `began_before` the action; `lasts` to the newest month shown.
    """

    rule: str
    meaning: str
    month: date
    since: date
    began_before: bool
    lasts: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Before and after, in months from the first day of one to the first day of another; None where no month can be compared.

    `rows` holds the measure that fits best first. `sentence` says it in plain words and `chart` what
    the control chart adds ("" where nothing can be compared); `warnings` are to be read with both.
    """

    months: int
    before: tuple[date, date] | None
    after: tuple[date, date] | None
    left_out: date | None
    rows: tuple[Compared, ...]
    special_cause: SpecialCause | None
    sentence: str
    chart: str
    warnings: tuple[str, ...]
    method: str = METHOD

    @property
    def says(self) -> Compared | None:
        """The first row, where it has a difference."""
        return self.rows[0] if self.rows and self.rows[0].difference is not None else None


def newcombe(k: int, n: int, k_before: int, n_before: int) -> tuple[float, float, float]:
    """The difference of two shares, k/n minus k_before/n_before, with Newcombe's score interval: difference, lower, upper.

    No count of comments may be 0. Two examples of the paper's Table II:

    >>> [round(x, 4) for x in newcombe(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339]
    >>> [round(x, 4) for x in newcombe(9, 10, 3, 10)]
    [0.6, 0.1705, 0.809]
    """
    p, q = k / n, k_before / n_before
    (low, high), (low_q, high_q) = (tuple(map(float, wilson(*pair))) for pair in ((k, n), (k_before, n_before)))
    lower = p - q - math.hypot(p - low, high_q - q)
    upper = p - q + math.hypot(high - p, q - low_q)
    return p - q, max(lower, -1.0), min(upper, 1.0)


def compare(
    conn: sqlite3.Connection, taxonomy: Taxonomy, action: Action, scope: Scope, *, may_read: bool = False
) -> Comparison:
    """Compare the months before an action that is done with those after. Of one that is not done nothing is compared.

    Counts of 1 to 4 comments are hidden from a reader who may not read them, with every figure made of them.
    """
    if action.state != "done":
        return _nothing("It is not done yet, so there is nothing to compare.")
    filters = Filters(service=action.service)
    code = _code(action)
    counts = series(conn, taxonomy, filters, scope, code=code)
    newest = _newest(conn, taxonomy, scope)
    after = _after(action.date)
    left_out = None if action.date.day == 1 else action.date.replace(day=1)
    if not counts or newest is None:
        return _nothing("Nobody has commented on this service, so there is nothing to compare.")
    months = min(
        MOST_MONTHS, _months_between(after, newest) + 1, _months_between(counts[0].start, action.date.replace(day=1))
    )
    if months < 1:
        why = (
            "There are no comments from before it."
            if _months_between(after, newest) >= 0
            else f"The newest comments are of {period_name(newest, 'month')}; it can be compared once there is a whole month after it."
        )
        return _nothing(f"Before and after cannot be compared yet. {why}")
    first, end = _shift(action.date.replace(day=1), -months), _shift(after, months)
    start_of_action = action.date.replace(day=1)
    rows = tuple(
        _row(name, phrase, direction, _within(counts, first, start_of_action), _within(counts, after, end), may_read)
        for name, phrase, direction in _measures(taxonomy, action)
    )
    asked = replace(filters, theme=action.theme, statement=action.statement)
    chart = asked_trend(conn, taxonomy, asked, scope, measure=rows[0].measure, may_read=may_read)
    special = _special_cause(chart, action.date, after)
    windows = ((first, _shift(start_of_action, -1)), (after, _shift(end, -1)))
    return Comparison(
        months=months,
        before=windows[0],
        after=windows[1],
        left_out=left_out,
        rows=rows,
        special_cause=special,
        sentence=_sentence(taxonomy, action, rows[0], windows),
        chart=special.sentence if special else NO_SPECIAL_CAUSE,
        warnings=tuple(_warnings(conn, taxonomy, filters, scope, months, first, end, rows)),
    )


def recent(
    conn: sqlite3.Connection, taxonomy: Taxonomy, action: Action, scope: Scope, *, may_read: bool = False
) -> tuple[tuple[date, date], str, Side] | None:
    """What comments say lately of what an action is about: the last months (12 at most), what is counted, and how many.

    None where nobody has commented; the side is hidden or without a share as in `compare`.
    """
    newest = _newest(conn, taxonomy, scope)
    counts = series(conn, taxonomy, Filters(service=action.service), scope, code=_code(action))
    if newest is None or not counts:
        return None
    first = max(_shift(newest, 1 - MOST_MONTHS), counts[0].start)
    measure, phrase, direction = next(iter(_measures(taxonomy, action)))
    within = _within(counts, first, _shift(newest, 1))
    return (first, newest), phrase, _row(measure, phrase, direction, within, within, may_read).after


def months_named(window: tuple[date, date]) -> str:
    """The months of a window, in words.

    >>> months_named((date(2026, 1, 1), date(2026, 6, 1))), months_named((date(2025, 11, 1), date(2026, 2, 1)))
    ('January to June 2026', 'November 2025 to February 2026')
    """
    first, last = window
    if first == last:
        return period_name(first, "month")
    start = first.strftime("%B") if first.year == last.year else period_name(first, "month")
    return f"{start} to {period_name(last, 'month')}"


def points(share: float, *, signed: bool = True) -> str:
    """A difference of shares in percentage points, with a true minus.

    >>> points(-0.1049), points(0.004), points(0.17)
    ('−10', '0', '+17')
    """
    n = round(100 * share)
    sign = "" if not signed or n == 0 else "+" if n > 0 else "−"
    return f"{sign}{abs(n)}"


# What is counted


def _code(action: Action) -> tuple[FindingKind, str] | None:
    if action.theme:
        return "theme", action.theme
    return ("statement", action.statement) if action.statement else None


def _measures(taxonomy: Taxonomy, action: Action) -> Iterable[tuple[str, str, str]]:
    """The measures that fit: criticism first, then praise, then how often it is spoken of, then how comments sound at all."""
    if action.theme or action.statement:
        title = action.statement or ""
        if action.theme:
            title = taxonomy.themes[action.theme].name if action.theme in taxonomy.themes else action.theme
        yield "rate_negative", f"criticised “{title}”", "decrease"
        yield "rate_positive", f"praised “{title}”", "increase"
        yield "rate", f"spoke of “{title}”", "neutral"
    yield "negative", "were negative", "decrease"
    yield "positive", "were positive", "increase"


_NUMERATORS = {
    "rate_negative": "code_negative",
    "rate_positive": "code_positive",
    "rate": "code_n",
    "negative": "negative",
    "positive": "positive",
}


def _row(
    measure: str,
    phrase: str,
    direction: str,
    before: Sequence[PeriodCount],
    after: Sequence[PeriodCount],
    may_read: bool,
) -> Compared:
    settings = Settings()
    pairs = []
    for window in (before, after):
        n = sum(count.n for count in window)
        # A person may have coded a comment that was not read, so a part can be more than the whole.
        pairs.append((min(n, sum(getattr(count, _NUMERATORS[measure]) for count in window)), n))
    # No row is shown of which a part, or the rest of it, would lead to a few people.
    cells = suppress([x for k, n in pairs for x in (k, n - k)], may_read=may_read)
    if any(cell.n is None for cell in cells):
        hidden = Side(None, None)
        return Compared(measure, phrase, direction, hidden, hidden, reason=f"fewer than {settings.small_number}")
    row = Compared(measure, phrase, direction, _side(*pairs[0]), _side(*pairs[1]))
    if min(n for _, n in pairs) < settings.hollow_number:
        return replace(row, reason=f"fewer than {settings.hollow_number} comments on one side")
    difference, lower, upper = newcombe(*pairs[1], *pairs[0])
    return replace(row, difference=difference, lower=lower, upper=upper)


def _side(k: int, n: int) -> Side:
    if n < Settings().hollow_number:
        return Side(n, k)
    lower, upper = map(float, wilson(k, n))
    return Side(n, k, k / n, lower, upper)


def _within(counts: Sequence[PeriodCount], start: date, end: date) -> tuple[PeriodCount, ...]:
    return tuple(count for count in counts if start <= count.start < end)


def _newest(conn: sqlite3.Connection, taxonomy: Taxonomy, scope: Scope) -> date | None:
    """The first day of the newest month with comments in the reader's scope, on whichever service: as far as anybody was asked."""
    where, parameters = chosen(conn, taxonomy, Filters(), scope)
    newest = conn.execute(f"SELECT max(date) FROM comments c WHERE {where}", parameters).fetchone()[0]
    return date.fromisoformat(newest).replace(day=1) if newest else None


def _after(done: date) -> date:
    return done if done.day == 1 else next_start(done.replace(day=1), "month")


def _months_between(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def _shift(start: date, months: int) -> date:
    count = start.year * 12 + start.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


# What the chart says


def _special_cause(chart: Trend, done: date, after: date) -> SpecialCause | None:
    """The last point after the action on which a rule fired, and when the run began that it belongs to."""
    shown = chart.shown
    fired = [point for point in shown if point.start >= after and point.rule]
    if not fired:
        return None
    last = fired[-1]
    lasts = last is shown[-1]
    since = chart.since if lasts and chart.since else _start(shown, last)
    meaning = {"special_cause_improvement": "improvement", "special_cause_concern": "concern"}.get(last.kind, "neither")
    rule = rule_in_words(last.rule or "")
    began_before = since < done.replace(day=1)
    month, start = period_name(last.start, "month"), period_name(since, "month")
    until = "to the newest month" if lasts else f"last in {month}, and not since"
    run = (
        f" It began in {start}, before the action."
        if began_before
        else f" It began in {start}."
        if since != last.start
        else ""
    )
    sentence = f"The control chart, which looks at each month, shows more than chance after the action ({rule}, {until}): {VERDICTS[last.kind]}.{run}"
    return SpecialCause(rule, meaning, last.start, since, began_before, lasts, sentence)


def _start(shown: Sequence[TrendPoint], last: TrendPoint) -> date:
    """Where the unbroken stretch of points of the same rule began."""
    start = last.start
    for point in reversed(shown[: shown.index(last)]):
        if point.rule != last.rule:
            break
        start = point.start
    return start


# Words


def _sentence(
    taxonomy: Taxonomy,
    action: Action,
    row: Compared,
    windows: tuple[tuple[date, date], tuple[date, date]],
) -> str:
    """What can be said in plain words, which never includes why."""
    before, after = row.before, row.after
    name = taxonomy.services[action.service].name if action.service in taxonomy.services else action.service
    if row.reason and after.n is None:
        return f"The figures for {name} before and after are hidden: {row.reason}."
    if row.difference is None:
        return (
            f"Too few people have commented on {name} to compare: {before.n:,} before ({months_named(windows[0])}) and "
            f"{after.n:,} after ({months_named(windows[1])}). That says nothing about the action, for or against it."
        )
    verdict = (
        "Chance alone does not explain it; whether the action did is for people to judge."
        if row.beyond_chance
        else "Chance alone could explain a difference like this."
    )
    return (
        f"Since the action ({months_named(windows[1])}), {_percent(after)} of the comments on {name} {row.phrase}; before it "
        f"({months_named(windows[0])}), {_percent(before)}. {_difference(row)} {verdict}"
    )


def _difference(row: Compared) -> str:
    assert row.difference is not None and row.lower is not None and row.upper is not None
    return (
        f"That is a difference of about {points(row.difference)} percentage points "
        f"(95% interval {points(row.lower)} to {points(row.upper)})."
    )


def _percent(side: Side) -> str:
    share = side.share or 0.0
    shown = "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"
    return f"{shown} ({side.k:,} of {side.n:,})"


def _warnings(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    months: int,
    first: date,
    end: date,
    rows: Sequence[Compared],
) -> Iterable[str]:
    for changed in version_changes(conn, taxonomy, filters, scope):
        if first < changed.start < end:
            now = ", ".join(f"{name} {version}" for name, version in changed.now.items())
            yield (
                f"From {period_name(changed.start, 'month')} most comments were read with {now}, those before with another version: "
                "the difference may be the reading. Read the history again before you rely on it."
            )
    if rows[0].difference is None:
        return
    if months < FEW_MONTHS:
        yield f"Only {months} {'month is' if months == 1 else 'months are'} compared on each side: look again in a few months."
    yield CAUTION


def _nothing(sentence: str) -> Comparison:
    return Comparison(0, None, None, None, (), None, sentence, "", ())
