"""Ask what a pack needs and say it in the document's words: shares, months, charts, quotations that may leave the building.

One `Source` serves one document, so that every quotation is judged by the same eyes (disclosure.py) and the withheld are counted.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import quote

from feedback.disclosure import Disclosure, is_withheld
from feedback.documents.model import HEIGHT, WIDTH, Block, Chart, Charts, Paragraph, Quotation
from feedback.evidence.commonest import RULE as RULE  # said under the words of every document
from feedback.evidence.commonest import on_commonest
from feedback.evidence.outside import on_withheld as on_withheld  # said at the foot of every document
from feedback.filters import Filters, Scope
from feedback.over_time.chart import Bar, alt_text, bars_chart, data_table, trend_chart
from feedback.over_time.trend import Trend, asked_trend
from feedback.query import Clause, LabelCount, Totals, theme_table
from feedback.settings import Settings
from feedback.taxonomy import Taxonomy

LEAST_POINTS = 4  # of a chart


@dataclass(frozen=True, slots=True)
class Source:
    """What a document is made from: the database, the Trust's data, what is asked, whose comments count, and the moment."""

    conn: sqlite3.Connection
    taxonomy: Taxonomy
    filters: Filters
    scope: Scope
    disclosure: Disclosure
    now: datetime

    @property
    def asked(self) -> tuple[sqlite3.Connection, Taxonomy, Filters, Scope]:
        """The arguments of every function of query.py."""
        return self.conn, self.taxonomy, self.filters, self.scope

    def about(self, **filters: object) -> "Source":
        """The same with other filters in place of some."""
        return replace(self, filters=replace(self.filters, **filters))  # type: ignore[arg-type]  # names of Filters

    def trend(self, measure: str) -> Trend:
        """How a measure moves by month, or by quarter where no month has enough comments to show."""
        monthly = asked_trend(*self.asked, measure=measure, may_read=True)
        return monthly if monthly.shown else asked_trend(*self.asked, measure=measure, period="quarter", may_read=True)

    def quotations(self, found: Iterable[Clause], *, with_service: bool = True) -> tuple[Quotation, ...]:
        """Clauses as they may be quoted; a notice in place of one that could tell who wrote it."""
        return self.as_quoted(map(self.disclosure.quotable, found), with_service=with_service)

    def as_quoted(self, judged: Iterable[Clause], *, with_service: bool = True) -> tuple[Quotation, ...]:
        """Clauses that have been judged already."""
        return tuple(self._quotation(clause, with_service) for clause in judged)

    def on_commonest(self, sign: str, wanted: int, themes: Iterable[LabelCount] | None = None) -> tuple[Clause, ...]:
        """The clauses to be quoted on one side, a theme each, by RULE."""
        return on_commonest(*self.asked, theme_table(*self.asked) if themes is None else themes, sign, wanted)

    def _quotation(self, clause: Clause, with_service: bool) -> Quotation:
        where = ", ".join(self.taxonomy.service_name(id) for id in clause.services) or "service not known"
        who = "" if clause.respondent == "unknown" else clause.respondent
        said = [where if with_service else "", month(clause.date), who, clause.reason]
        return Quotation(
            text=" ".join(clause.text.split()),
            said=", ".join(part for part in said if part),
            citation=clause.citation,
            href=_link(clause.citation),
            withheld=is_withheld(clause),
            before=_spaced(clause.before),
            after=_spaced(clause.after),
        )


def _spaced(text: str) -> str:
    """A text in one line, with the space at either end that keeps it from the words beside it."""
    return re.sub(r"\s+", " ", text)


def _link(citation: str) -> str:
    """Where a citation is opened; "" where nobody said at which address, for 127.0.0.1 is another machine on each desk."""
    settings = Settings()
    return f"{settings.address}/c/{quote(citation, safe='')}" if settings.has_address else ""


# --- charts ------------------------------------------------------------------------------------------------------------


def drawn(*trends: tuple[Trend, str], height: int = HEIGHT) -> list[Block]:
    """Trends with their titles, side by side; where no period has enough to draw, what there is to say of it."""
    enough = tuple(chart_of(trend, title, height=height) for trend, title in trends if is_drawn(trend))
    rest = [Paragraph(trend.sentence, lead=f"{title}.") for trend, title in trends if not is_drawn(trend)]
    return [*([Charts(enough)] if enough else []), *rest]


def is_drawn(trend: Trend) -> bool:
    """Whether there are points enough for a line to say more than its sentence."""
    return len(trend.shown) >= LEAST_POINTS


def chart_of(trend: Trend, title: str, *, height: int = HEIGHT) -> Chart:
    """A trend as a document shows it."""
    return Chart(
        title=title,
        sentence=trend.sentence,
        spec=trend_chart(trend, title, width=WIDTH, height=height),
        alt=alt_text(trend),
        rows=tuple(_main_columns(row) for row in data_table(trend)),
        notes=trend.warnings,
    )


def _main_columns(row: Mapping[str, str]) -> Mapping[str, str]:
    # Limits are drawn, and said for the latest period; a column of them would make each table unreadable aloud.
    return {name: cell for name, cell in row.items() if name not in ("Chance range", "Limits", "Average")}


def chart_of_themes(rows: Sequence[LabelCount], title: str) -> Chart:
    """Praise and criticism by theme, in the order given."""
    spec = bars_chart([Bar(row.title, row.positive, row.negative) for row in rows], title, width=WIDTH)
    figures = tuple({"Theme": r.title, "Praise": f"{r.positive:,}", "Criticism": f"{r.negative:,}"} for r in rows)
    return Chart(
        title,
        "",
        spec,
        spec["description"],
        figures,
    )


# --- words -------------------------------------------------------------------------------------------------------------


def share(n: int, of: int) -> str:
    """A share in words with its count; the count alone where the whole is too small for a share.

    >>> share(12, 48), share(2, 7), share(0, 0)
    ('25% (12 of 48)', '2 of 7', '0 of 0')
    """
    counted = f"{n:,} of {of:,}"
    return counted if of < Settings().hollow_number else f"{percent(n / of)} ({counted})"


def percent(x: float) -> str:
    """A share from 0 to 1 as it is read.

    >>> percent(0.224), percent(0.002), percent(0.998), percent(0.0)
    ('22%', 'less than 1%', 'more than 99%', '0%')
    """
    if 0 < x < 0.005:
        return "less than 1%"
    return "more than 99%" if 0.995 <= x < 1 else f"{x:.0%}"


def month(day: date | None) -> str:
    """The month of a day, which is as exactly as a document says when somebody wrote.

    >>> month(date(2026, 3, 14)), month(None)
    ('March 2026', 'undated')
    """
    return f"{day:%B %Y}" if day else "undated"


def day(when: date | datetime) -> str:
    """A day as the NHS writes it.

    >>> day(date(2026, 11, 2))
    '2 November 2026'
    """
    return f"{when.day} {when:%B %Y}"


def span(first: date | None, last: date | None) -> str:
    """From which month to which.

    >>> span(date(2026, 1, 3), date(2026, 4, 1)), span(None, None)
    ('January 2026 to April 2026', 'no comments with a date')
    """
    if first is None or last is None:
        return "no comments with a date"
    return month(first) if month(first) == month(last) else f"{month(first)} to {month(last)}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> counted(1, "comment"), counted(1200, "comment")
    ('1 comment', '1,200 comments')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Words as a sentence lists them.

    >>> listed(["parking"]), listed(["parking", "food", "waiting"])
    ('parking', 'parking, food and waiting')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def ended(text: str) -> str:
    """A text as a sentence that has ended.

    >>> ended("We bought chairs"), ended("Did it help?")
    ('We bought chairs.', 'Did it help?')
    """
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def short(text: str, most: int = 170) -> str:
    """The first so many letters of a text, cut between words.

    >>> short("Chairs were bought for the corridor", 25)
    'Chairs were bought for …'
    """
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[: most - 1].rsplit(' ', 1)[0]} …"


def rests_on(total: Totals) -> str:
    """What a document rests on, for the line below its title."""
    people = counted(total.respondents, "respondent")
    return f"{counted(total.comments, 'comment')} from {people}, {span(total.first, total.last)}"


def most(rows: Iterable[LabelCount], side: str, wanted: int) -> tuple[LabelCount, ...]:
    """The labels that most comments speak of on one side ("positive" or "negative"); fewer than `small_number` are none yet."""
    of: Callable[[LabelCount], int] = lambda row: getattr(row, side)  # noqa: E731
    enough = [row for row in rows if of(row) >= Settings().small_number]
    return tuple(sorted(enough, key=lambda row: -of(row))[:wanted])
