"""Show where too little is heard for anything to be said: services, groups of people, parts of the strategy."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import hidden
from api.deps import Asked, Question
from api.pages import links, views
from api.pages.evidence import GROUPS
from api.pages.remembered import remembered
from api.pages.render import Frame, day, page
from api.pages.views import Chip, Count, Period
from feedback.evidence.silence import QUIET_MONTHS, QuietService, silence
from feedback.query import suppress
from feedback.strategies.bearing import NOT_LOOKED_FOR

router = APIRouter()


@dataclass(frozen=True, slots=True)
class QuietLine:
    """A service with too few comments, or none lately, below its directorate; `last` is the month of the latest, in words."""

    title: str
    href: str
    unconfirmed: bool
    n: Count
    comments: str
    last: str


@dataclass(frozen=True, slots=True)
class PartLine:
    """A group of people or a part of the strategy with too few comments."""

    title: str
    href: str
    n: Count
    comments: str


@dataclass(frozen=True, slots=True)
class SilencePage:
    """Where fewer than `fewer_than` comments are; `not_looked_for` are parts that nothing looks for yet. `none` of the `services` have no comment at all; `quiet` were heard once."""

    fewer_than: int
    read: Count
    of_services: int
    silent: int
    none: int
    directorates: tuple[tuple[str, tuple[QuietLine, ...]], ...]
    quiet: tuple[QuietLine, ...]
    quiet_months: int
    quiet_since: str
    groups: tuple[PartLine, ...]
    parts: tuple[tuple[str, tuple[PartLine, ...]], ...]
    not_looked_for: tuple[str, ...]
    not_looked_for_why: str
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]


@router.get("/silence")
def where(question: Asked) -> HTMLResponse:
    """Where there is silence."""
    key = ("silence", question.filters, question.reader.scope, question.reader.may_read)
    view = remembered(question.conn, key, lambda: _page(question))
    return page(
        "silence.html",
        Frame("Silence", "/services", [("Overview", "/"), ("Services", "/services")]),
        view,
        conn=question.conn,
    )


def _page(question: Question) -> SilencePage:
    found, may_read = silence(*question.asked), question.reader.may_read
    groups: dict[str, list[QuietLine]] = {}
    for row, line in zip(found.services, _lines(question, found.services), strict=True):
        top = (question.taxonomy.ancestors(row.id) or (row.id,))[-1]
        groups.setdefault(question.taxonomy.services[top].name, []).append(line)
    (read,) = suppress([found.read], may_read=may_read)
    return SilencePage(
        fewer_than=found.fewer_than,
        read=read.reason or found.read,
        of_services=found.of_services,
        silent=len(found.services),
        none=sum(not row.n for row in found.services),
        directorates=tuple((name, tuple(lines)) for name, lines in groups.items()),
        quiet=_lines(question, found.fallen_quiet),
        quiet_months=QUIET_MONTHS,
        quiet_since=day(found.quiet_since, "month"),
        groups=tuple(
            PartLine(
                GROUPS[row["id"]],
                links.comments(question.filters, respondent=row["id"]),
                views.count_of(row, "n"),
                links.comments(question.filters, respondent=row["id"]),
            )
            for row in hidden.rows(found.groups, may_read=may_read)
        ),
        parts=tuple((kind, _parts(question, kind, rows)) for kind, rows in found.parts.items() if rows),
        not_looked_for=tuple(f"{row.id} {row.title}".rstrip(".") for row in found.not_looked_for),
        not_looked_for_why=NOT_LOOKED_FOR,
        periods=views.periods(question, "/silence"),
        chips=views.chips(question, "/silence"),
    )


def _lines(question: Question, rows: Sequence[QuietService]) -> tuple[QuietLine, ...]:
    allowed = hidden.rows(rows, may_read=question.reader.may_read, among=lambda row: row.parent)
    return tuple(
        QuietLine(
            title=row["title"],
            href=links.service(row["id"], question.filters),
            unconfirmed=row["unconfirmed"],
            n=views.count_of(row, "n"),
            comments=links.comments(question.filters, service=row["id"]),
            last="" if row["suppressed"] or row["last"] is None else day(row["last"], "month"),
        )
        for row in allowed
    )


def _parts(question: Question, kind: str, rows: Sequence[object]) -> tuple[PartLine, ...]:
    one = kind.removesuffix("s")
    found = []
    for row in hidden.rows(rows, may_read=question.reader.may_read, also=("share",)):
        asked = {"evidence": f"outcome:{row['id']}"} if one == "outcome" else {one: row["id"]}
        title = row["title"] if one == "value" else f"{row['id']} {row['title']}".rstrip(".")
        comments = links.comments(question.filters, **asked)
        found.append(
            PartLine(title, links.strategy(one, row["id"], question.filters), views.count_of(row, "n"), comments)
        )
    return tuple(found)
