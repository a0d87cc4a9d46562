"""Count every service and every label by period in a handful of statements, where `query.series` counts one thing.

The rules are those of `query.series`, to which a test holds every figure: a comment counts once in a service and in each one
above it, a form's answer once however many comments it gave, a label once a comment. Counting a hundred series one by one
would read the same comments a hundred times.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, cast, get_args

from feedback.comment import FindingKind
from feedback.errors import BadInput, NotFound
from feedback.filters import Filters, Scope, among, chosen
from feedback.query import PERIOD_STARTS, Period, PeriodCount, calendar_of
from feedback.strategies.remap import KINDS as STRATEGIC
from feedback.taxonomy import Taxonomy

Code = tuple[FindingKind, str]  # ("theme", "parking")
Starts = dict[str, list[int]]  # by the first day of the period
K = TypeVar("K", bound=Hashable)

_SIGNS = "sum(c.sentiment = '+'), sum(c.sentiment = '0'), sum(c.sentiment = '-'), sum(c.sentiment = '~')"
_ABOUT = (
    "about AS MATERIALIZED (SELECT comment, json_group_array(DISTINCT label) AS together FROM effective"
    " WHERE kind = 'service' AND detail = 'subject' AND {among} GROUP BY comment)"
)


@dataclass(frozen=True, slots=True)
class SeriesOf:
    """What one series is of: comments about a service (None: all that were chosen), one label in them or none, and the measure."""

    service: str | None
    code: Code | None
    measure: str

    @property
    def key(self) -> str:
        """How it is kept in the database and written in an address.

        >>> SeriesOf("podiatry", ("theme", "parking"), "rate_negative").key
        'podiatry/theme:parking/rate_negative'
        """
        return f"{self.service or ''}/{':'.join(self.code) if self.code else ''}/{self.measure}"

    @classmethod
    def of_key(cls, key: str) -> "SeriesOf":
        """The series of a key; raises BadInput for what is none.

        >>> SeriesOf.of_key("podiatry//negative")
        SeriesOf(service='podiatry', code=None, measure='negative')
        """
        service, slash, rest = key.partition("/")
        code, other, measure = rest.partition("/")
        kind, _, label = code.partition(":")
        if not slash or not other or (code and (kind not in get_args(FindingKind) or not label)):
            raise BadInput(f"{key[:60]!r} names no series; write it as service/kind:label/measure.")
        return cls(service or None, (cast("FindingKind", kind), label) if code else None, measure)

    def kept_key(self, adopted: str | None) -> str:
        """The key for what must not be taken for the same under another strategy, where the same id is another part; None is the one read.

        >>> SeriesOf(None, ("objective", "B2"), "rate").kept_key("2031-2036"), SeriesOf(None, None, "mean").kept_key("2031-2036")
        ('/objective:B2/rate@2031-2036', '//mean')
        """
        return f"{self.key}@{adopted}" if adopted and self.code and self.code[0] in STRATEGIC else self.key

    @classmethod
    def of_kept_key(cls, key: str) -> tuple["SeriesOf", str | None]:
        """The series of a kept key and the adopted strategy that it is of; raises BadInput for what is none."""
        plain, _, adopted = key.partition("@")
        return cls.of_key(plain), adopted or None

    def title(self, taxonomy: Taxonomy) -> str:
        """What a reader calls it, without its measure."""
        words = []
        if self.service:
            words.append(taxonomy.services[self.service].name if self.service in taxonomy.services else self.service)
        if self.code:
            words.append(label_title(taxonomy, *self.code))
        return ": ".join(words) or "All comments"


def label_title(taxonomy: Taxonomy, kind: str, label: str) -> str:
    """What a reader calls a theme, value, objective or statement; the last two begin with their number.

    One that the strategy in force does not have, but an earlier one had, is called by its id.
    """
    try:
        if kind == "theme":
            return taxonomy.theme(label).name
        if kind == "value":
            return taxonomy.value(label).name
        titled = taxonomy.objective(label) if kind == "objective" else taxonomy.statement(label)
    except NotFound:
        return label
    return f"{label} {titled.title}".rstrip(".")


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of all series at one time; `services` are those with any comment, in the directory's order."""

    period: Period
    services: tuple[str, ...]
    sentiments: Mapping[str | None, Starts] = field(repr=False)  # n, +, 0, -, ~, sum of the scale
    answers: Mapping[str | None, Starts] = field(repr=False)  # forms with an answer, good, poor
    codes: Mapping[tuple[str | None, Code], Starts] = field(repr=False)  # n, +, -

    def series(self, service: str | None, code: Code | None = None) -> tuple[PeriodCount, ...]:
        """What `query.series` would say of a service, with the label as the numerator of a rate."""
        read, forms_of = self.sentiments.get(service, {}), self.answers.get(service, {})
        coded = self.codes.get((service, code), {}) if code else {}
        starts = read.keys() | forms_of.keys() | coded.keys()
        if not starts:
            return ()
        none = [0] * 6
        found = []
        for start in calendar_of(date.fromisoformat(min(starts)), date.fromisoformat(max(starts)), self.period):
            day = start.isoformat()
            n, positive, neutral, negative, mixed, scales = read.get(day, none)
            mean = scales / n if n else None
            parts = (*forms_of.get(day, none)[:3], *coded.get(day, none)[:3])
            found.append(PeriodCount(start, n, positive, neutral, negative, mixed, mean, *parts))
        return tuple(found)

    def total(self, service: str | None) -> int:
        """The comments read that are about a service and have a date."""
        return sum(counts[0] for counts in self.sentiments.get(service, {}).values())

    def sides(self, service: str | None, code: Code) -> tuple[int, int]:
        """The comments that carry a label with praise, and with criticism."""
        counts = self.codes.get((service, code), {}).values()
        return sum(c[1] for c in counts), sum(c[2] for c in counts)

    def without(self, others: "Tally") -> "Tally":
        """What is counted here less what `others` counts, which are some of the same comments; of comments alone, not of answers."""
        sentiments = _less(self.sentiments, others.sentiments)
        codes = _less(self.codes, others.codes)
        return Tally(self.period, tuple(id for id in self.services if id in sentiments), sentiments, {}, codes)


def tally(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    period: Period = "month",
    kinds: Collection[FindingKind] = (),
    crossed: bool = False,
    answers: bool = True,
    upto: int | None = None,
    after: int | None = None,
) -> Tally:
    """Count the comments chosen for each service and, of `kinds`, for each label; `crossed`: for each label in each service.

    `answers`: whether Friends and Family answers are counted too, which takes as long as the rest. `upto`: only comments that
    came with this batch or an earlier one; `after`: only those that came with a later one.
    """
    where, parameters = chosen(conn, taxonomy, filters, scope)
    if upto is not None:
        where += " AND (SELECT min(batch) FROM batch_comments WHERE comment = c.number) <= :upto"
        parameters["upto"] = upto
    if after is not None:
        where += " AND c.number IN (SELECT comment FROM batch_comments GROUP BY comment HAVING min(batch) > :after)"
        parameters["after"] = after
    above: dict[str, tuple[str, ...]] = {
        id: tuple(node for node in (id, *taxonomy.ancestors(id)) if scope.reaches(node)) for id in taxonomy.services
    }
    lines: dict[str | None, tuple[str | None, ...]] = {None: (None,)}

    def line(together: str | None) -> tuple[str | None, ...]:
        """The series that comments about these services count in."""
        if together not in lines:
            ids = json.loads(together or "[]")
            lines[together] = (None, *{node for id in ids for node in above.get(id, ())})
        return lines[together]

    about = _ABOUT.format(among=among(where))
    start = PERIOD_STARTS[period]
    sentiments = _sentiments(conn, where, parameters, about, start, line)
    answered = _answers(conn, where, parameters, about, start, line) if answers else {}
    codes = _codes(conn, where, parameters, about, start, line, kinds, crossed) if kinds else {}
    there = sentiments.keys() | answered.keys()
    return Tally(period, tuple(id for id in taxonomy.in_tree_order() if id in there), sentiments, answered, codes)


def _sentiments(
    conn: sqlite3.Connection, where: str, parameters: dict[str, Any], about: str, start: str, line: Any
) -> dict[str | None, Starts]:
    found: defaultdict[str | None, Starts] = defaultdict(dict)
    sql = (
        f"WITH {about} SELECT together, {start} AS start, count(*), {_SIGNS}, sum(c.scale) FROM comments c"
        f" LEFT JOIN about ON comment = number WHERE {where} AND c.date IS NOT NULL AND c.sentiment IS NOT NULL GROUP BY 1, 2"
    )
    for together, day, *numbers in conn.execute(sql, parameters):
        if day:
            for service in line(together):
                _add(found[service], day, [n or 0 for n in numbers])
    return dict(found)


def _answers(
    conn: sqlite3.Connection, where: str, parameters: dict[str, Any], about: str, start: str, line: Any
) -> dict[str | None, Starts]:
    """Each form once in each service: its comments may be about different ones, so they are told apart here."""
    found: defaultdict[str | None, Starts] = defaultdict(dict)
    sql = (
        f"WITH {about} SELECT DISTINCT together, {start} AS start, respondent_key, c.date, c.date_precision, fft FROM comments c"
        f" LEFT JOIN about ON comment = number WHERE fft IS NOT NULL AND {where} AND c.date IS NOT NULL"
    )
    seen: set[tuple[Any, ...]] = set()
    for together, day, *form in conn.execute(sql, parameters):
        if not day:
            continue
        for service in line(together):
            if (service, *form) not in seen:
                seen.add((service, *form))
                _add(found[service], day, [1, form[-1] <= 2, form[-1] in (4, 5)])
    return dict(found)


def _codes(
    conn: sqlite3.Connection,
    where: str,
    parameters: dict[str, Any],
    about: str,
    start: str,
    line: Any,
    kinds: Iterable[FindingKind],
    crossed: bool,
) -> dict[tuple[str | None, Code], Starts]:
    found: defaultdict[tuple[str | None, Code], Starts] = defaultdict(dict)
    together, join = ("together", "LEFT JOIN about a ON a.comment = c.number") if crossed else ("NULL", "")
    sql = (
        f"WITH {about} SELECT {together}, {start} AS start, k.kind, k.label, count(*), sum(k.positive), sum(k.negative)"
        " FROM (SELECT kind, label, comment, max(polarity = '+') AS positive, max(polarity = '-') AS negative FROM effective"
        f"  WHERE kind IN (SELECT value FROM json_each(:kinds)) AND {among(where)} GROUP BY kind, label, comment) k"
        f" JOIN comments c ON c.number = k.comment {join} WHERE c.date IS NOT NULL GROUP BY 1, 2, 3, 4"
    )
    for services, day, kind, label, *numbers in conn.execute(sql, parameters | {"kinds": json.dumps(list(kinds))}):
        if day:
            for service in line(services):
                _add(found[service, (kind, label)], day, numbers)
    return dict(found)


def _add(starts: Starts, day: str, numbers: Iterable[int]) -> None:
    there = starts.get(day)
    if there is None:
        starts[day] = list(numbers)
        return
    for i, number in enumerate(numbers):  # in place: on a large store this is done half a million times
        there[i] += number


def _less(whole: Mapping[K, Starts], some: Mapping[K, Starts]) -> dict[K, Starts]:
    """Counts less others, period by period; a period, and a series, of which nothing is left goes."""
    found = {}
    for key, starts in whole.items():
        minus = some.get(key, {})
        left = {
            day: [n - m for n, m in zip(ns, minus.get(day, [0] * len(ns)), strict=True)] for day, ns in starts.items()
        }
        if kept := {day: ns for day, ns in left.items() if any(ns)}:
            found[key] = kept
    return found
