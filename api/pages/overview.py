"""Answer "What should I look at first?": what cannot wait, what changed, a few numbers, praise, criticism, what could not be read.

A change is named only of a series long enough to tell, where a control chart calls it more than chance and the comments since
it began bear that out together; with many series looked at, some will look changed by chance alone, and the page says how many
there were.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

from api.deps import Asked, Now, Question, Reader
from api.pages import links, views
from api.pages.remembered import remembered
from api.pages.render import Frame, page, plural
from api.pages.signals import FlagView, open_counts, views_of
from api.pages.views import Drawing, Figure, Period, Spoken, language_name
from feedback.accuracy.doubted import doubt_of_asked
from feedback.filters import EVERYTHING, Filters, chosen
from feedback.over_time.trend import TOO_EARLY, Trend, bears_out
from feedback.query import LabelCount, Totals, objective_table, service_table, theme_table, totals, unresolved_services
from feedback.settings import Settings
from feedback.store import open_reader
from feedback.strategies.versions import under
from feedback.taxonomy import Taxonomy

router = APIRouter()

SPOKEN = 4  # themes shown on each side
FLAGS = 3  # open flags shown; the rest are a link away
PATIENCE = 5.0  # seconds
STALE = 3  # months: a series whose last point is older than this says nothing about now

VERDICTS = {
    "special_cause_concern": ("Concern", "orange"),
    "special_cause_improvement": ("Improvement", "blue"),
    "special_cause_neutral_high": ("Real change", "purple"),
    "special_cause_neutral_low": ("Real change", "purple"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """Something that moved more than chance: the verdict in a word, and a sentence from each chart that shows it."""

    verdict: str
    colour: str
    title: str
    href: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that no figure counts, how much of it there is, and where it is."""

    text: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page. `waits` says how many safety flags are open, None where none is; `looked_at` the series that changes were looked for in."""

    comments: int
    periods: tuple[Period, ...]
    waits: str | None
    flags: tuple[FlagView, ...]
    changes: tuple[Change, ...]
    looked_at: int
    figures: tuple[Figure, ...]
    trends: tuple[Drawing, ...]
    praised: tuple[Spoken, ...]
    mended: tuple[Spoken, ...]
    may_read: bool
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True)
class _Watched:
    """A series that changes are looked for in; `above` are the services whose comments it is a part of."""

    id: str
    title: str
    href: str
    trend: Trend
    above: Sequence[str] = ()

    @property
    def kind(self) -> str:
        """What its last point means."""
        return self.trend.shown[-1].kind if self.trend.shown else "common_cause"


@asynccontextmanager
async def prepared(app: FastAPI) -> AsyncIterator[None]:
    """Work the first page out while the application starts, so that its first visitor need not wait for it.

    Starting does not wait longer than PATIENCE for it, nor fail with it: whoever asks for the page will be told why.
    """
    with ThreadPoolExecutor(1, "first-page") as worker:
        ready = asyncio.get_running_loop().run_in_executor(worker, _prepare, app.state.db, app.state.taxonomy)
        ready.add_done_callback(lambda done: done.exception())
        await asyncio.wait([ready], timeout=PATIENCE)
        yield


@router.get("/")
def overview(question: Asked, now: Now) -> HTMLResponse:
    """The first page."""
    return _page(question, now)


def _prepare(db: Path, taxonomy: Taxonomy) -> None:
    with closing(open_reader(db)) as conn:
        _page(
            Question(conn, under(conn, taxonomy), Filters(), Reader("", EVERYTHING, may_read=True)), datetime.now(UTC)
        )


def _page(question: Question, now: datetime) -> HTMLResponse:
    key = ("overview", question.filters, question.reader.scope, question.reader.may_read)
    view = remembered(question.conn, key, lambda: _overview(question))
    # What is overdue moves with the clock, so it is never remembered.
    waits = open_counts(question, now)
    view = replace(view, waits=waits.sentence, flags=views_of(question, now, limit=FLAGS))
    return page("overview.html", Frame("Patient and carer feedback", "/"), view, conn=question.conn)


def _overview(question: Question) -> Overview:
    total = totals(*question.asked)
    themes = theme_table(*question.asked)
    watched = list(_watched(question)) if total.last else []
    return Overview(
        comments=total.comments,
        periods=views.periods(question, "/"),
        waits=None,
        flags=(),
        changes=tuple(_changes(watched, total.last)),
        looked_at=len(watched),
        figures=views.figures(question, total),
        trends=views.trends(question, total, ("fft_positive", "negative")),
        praised=views.spoken(question, themes, "+", SPOKEN, total.read),
        mended=views.spoken(question, themes, "-", SPOKEN, total.read),
        may_read=question.reader.may_read,
        unread=tuple(_unread(question, total)),
    )


def _watched(question: Question) -> Iterator[_Watched]:
    """Everything with enough comments for a chart to tell chance from change: all together, services, themes, objectives.

    Of a theme or an objective each side is watched that enough comments take; a side that two speak of in a year only
    jumps from nothing to something and back.
    """
    taxonomy, filters = question.taxonomy, question.filters
    enough = TOO_EARLY * Settings().small_number
    for measure in views.MEASURES:
        yield _Watched("", "All comments", links.comments(filters), views.movement(question, measure))
    for service in service_table(*question.asked):
        if service.n >= enough:
            asked, above = question.about(service=service.id), taxonomy.ancestors(service.id)
            for measure in views.MEASURES:
                href = links.service(service.id, filters)
                yield _Watched(service.id, service.title, href, views.movement(asked, measure), above)
    for row in theme_table(*question.asked):
        asked, href = question.about(theme=row.id), links.theme(row.id, filters)
        for measure in _sides(row, enough):
            yield _Watched(row.id, row.title, href, views.movement(asked, measure))
    for row in objective_table(*question.asked):
        asked, href = question.about(objective=row.id), links.strategy("objective", row.id, filters)
        for measure in _sides(row, enough):
            if doubt_of_asked(question.conn, taxonomy, asked.filters, measure):
                continue
            yield _Watched(row.id, f"{row.id} {row.title}".rstrip("."), href, views.movement(asked, measure))


def _sides(row: LabelCount, enough: int) -> Iterator[str]:
    if row.negative >= enough:
        yield "rate_negative"
    if row.positive >= enough:
        yield "rate_positive"


def _changes(watched: Sequence[_Watched], last: date | None) -> Iterable[Change]:
    """What moved more than chance and still does; a service speaks for the ones above it that moved the same way."""
    recent = links.months_back(last, STALE) if last else date.max
    moved = [w for w in watched if w.kind in VERDICTS and w.trend.shown[-1].start >= recent and bears_out(w.trend)]
    explained = {(id, w.kind) for w in moved for id in w.above}
    for kind, (verdict, colour) in VERDICTS.items():
        together: dict[str, list[_Watched]] = {}
        for w in moved:
            if w.kind == kind and (w.id, kind) not in explained:
                together.setdefault(w.id, []).append(w)
        for same in together.values():
            sentences = tuple(w.trend.sentence for w in same)
            yield Change(verdict, colour, same[0].title, same[0].href, sentences)


def _unread(question: Question, total: Totals) -> Iterator[Unread]:
    where, parameters = chosen(*question.asked)
    languages = question.conn.execute(
        f"SELECT language, count(*) FROM comments c WHERE {where} AND language <> 'en' AND NOT contentless"
        " GROUP BY language ORDER BY count(*) DESC, language",
        parameters,
    )
    for language, n in languages.fetchall():
        text = f"{plural(n, 'comment')} in {language_name(language)}: stored, but not read until translated"
        yield Unread(text, links.comments(question.filters, language=language))
    names = unresolved_services(*question.asked)
    if names:
        n = sum(name.n for name in names)
        text = f"{plural(n, 'comment')} under {plural(len(names), 'service name')} that the directory does not know"
        yield Unread(text, "/services#unknown")
    if total.no_service:
        yield Unread(f"{plural(total.no_service, 'comment')} that cannot be put to any service", None)
    if total.contentless:
        yield Unread(f"{plural(total.contentless, 'answer')} without content, such as “N/A” or a full stop", None)
    if total.undated:
        yield Unread(f"{plural(total.undated, 'comment')} without a date: counted, but in no chart", None)
