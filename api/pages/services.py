"""Show the tree of services, and for each service what people say about it and everything below it.

Services stand in the order of the directory and never in order of how they fare: differences between services say more of
who was asked, and how, than of the care. Where too few have spoken, the page says so instead of showing shares.
"""

from dataclasses import dataclass, replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import hidden
from api.deps import Asked, AskedOnWords, Now, Question, refuse_out_of_scope
from api.pages import links, views
from api.pages.actions import ActionRow, ReplyView, done_at, told_about
from api.pages.remembered import remembered
from api.pages.render import Frame, day, page
from api.pages.views import Chip, Count, Drawing, Figure, LabelRow, Mix, Period, Quote, ServiceRow
from feedback.errors import BadInput, NotFound
from feedback.filters import Filters
from feedback.query import (
    UnresolvedText,
    objective_table,
    respondent_table,
    service_table,
    theme_table,
    totals,
    unresolved_services,
    value_table,
)
from feedback.settings import Settings
from feedback.taxonomy import Programme, Service
from feedback.thanked import thanked, thanks

router = APIRouter()

QUOTES = 5  # on each side
THEMES = 10  # in the chart; the table has all
UNKNOWN = 50  # names of uploads listed


@dataclass(frozen=True, slots=True)
class Directorate:
    """One part of the tree: a directorate and the lines below it."""

    row: ServiceRow
    rows: tuple[ServiceRow, ...]


@dataclass(frozen=True, slots=True)
class UnknownName:
    """What uploads call a service that the directory does not know, with the comments that stand under it."""

    text: str
    n: Count
    href: str


@dataclass(frozen=True, slots=True)
class ServicesPage:
    """The whole tree, and the names that no service was found for (`unknown_more` further ones), which this reader may explain."""

    directorates: tuple[Directorate, ...]
    silent: int
    periods: tuple[Period, ...]
    unknown: tuple[UnknownName, ...]
    unknown_more: int
    may_explain: bool


@dataclass(frozen=True, slots=True)
class RespondentRow:
    """Who spoke, and how."""

    who: str
    href: str
    n: Count
    mix: Mix


@dataclass(frozen=True, slots=True)
class ServicePage:
    """One service. `silent` says that too few have spoken for anything but their words to be shown."""

    service: Service
    facts: tuple[tuple[str, str], ...]
    unconfirmed: bool
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]
    comments: int
    comments_href: str
    silent: bool
    may_read: bool
    figures: tuple[Figure, ...]
    trends: tuple[Drawing, ...]
    bars: Drawing | None
    themes: tuple[LabelRow, ...]
    praised: tuple[Quote, ...]
    mended: tuple[Quote, ...]
    rule: str
    respondents: tuple[RespondentRow, ...]
    values: tuple[LabelRow, ...]
    objectives: tuple[LabelRow, ...]
    below: tuple[ServiceRow, ...]
    programmes: tuple[tuple[str, str], ...]
    report_href: str = ""
    actions: tuple[ActionRow, ...] = ()
    told: tuple[ReplyView, ...] = ()
    actions_href: str = ""
    record_href: str = ""
    thanks_href: str | None = None


@dataclass(frozen=True, slots=True)
class NamedThanks:
    """A comment that praises the team's people by name, as (words, whether they are a name), with the address of the comment."""

    citation: str
    href: str
    when: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class ThanksPage:
    """Praise of one team with the names of those who are praised."""

    service: Service
    service_href: str
    n: int
    thanks: tuple[NamedThanks, ...]
    next_href: str | None
    first_href: str | None


@router.get("/services")
def tree(question: Asked) -> HTMLResponse:
    """Every service, with how much is said of it."""
    counted = service_table(*question.asked)
    rows = views.service_rows(question, counted)
    directorates: list[list[ServiceRow]] = []
    for row in rows:
        if row.depth == 0 or not directorates:
            directorates.append([])
        directorates[-1].append(row)
    unknown = unresolved_services(*question.asked)
    view = ServicesPage(
        directorates=tuple(Directorate(first, tuple(rest)) for first, *rest in directorates),
        silent=sum(row.n < Settings().small_number for row in counted),
        periods=views.periods(question, "/services"),
        unknown=_unknown(question, unknown[:UNKNOWN]),
        unknown_more=max(0, len(unknown) - UNKNOWN),
        may_explain=question.reader.scope.services is None,
    )
    return page("services.html", Frame("Services", "/services", [("Overview", "/")]), view, conn=question.conn)


@router.get("/services/{id}")
def service(question: Asked, now: Now, id: str) -> HTMLResponse:
    """One service, with everything below it."""
    service = question.taxonomy.service(id)
    refuse_out_of_scope(question.reader, id)
    if question.filters.service not in (None, id):
        raise NotFound("This page is about one service; its address names another one as well.")
    asked = question.about(service=id)
    above = [(question.taxonomy.services[a].name, links.service(a)) for a in reversed(question.taxonomy.ancestors(id))]
    frame = Frame(service.name, "/services", [("Overview", "/"), ("Services", "/services"), *above])
    key = ("service", asked.filters, asked.reader.scope, asked.reader.may_read)
    view = remembered(asked.conn, key, lambda: _service_page(asked, service))
    # What is overdue depends on the day, so it is asked for each time.
    view = replace(
        view,
        actions=done_at(asked, id, now.date()),
        told=told_about(asked, id)[:1],
        actions_href=links.link("/actions", Filters(service=id)),
        record_href=links.link("/actions/new", Filters(service=id)),
        thanks_href=links.thanks(id) if _thanked(asked, id) else None,
    )
    return page("service.html", frame, view, conn=asked.conn)


@router.get("/services/{id}/thanks")
def named_thanks(question: AskedOnWords, id: str, after: str | None = None) -> HTMLResponse:
    """Praise of one team with the names of staff, where a setting keeps them: for those who may read its comments, here alone."""
    service = question.taxonomy.service(id)
    refuse_out_of_scope(question.reader, id)
    if question.filters != Filters():
        raise BadInput("This page shows all thanks of one team; it takes no filters.")
    scope = question.reader.scope
    found = thanks(question.conn, question.taxonomy, id, scope, after=after or None)
    view = ThanksPage(
        service=service,
        service_href=links.service(id),
        n=_thanked(question, id),
        thanks=tuple(
            NamedThanks(
                one.citation,
                links.comment(one.citation),
                day(one.date, one.precision),
                tuple((piece.text, piece.is_name) for piece in one.pieces),
            )
            for one in found.thanks
        ),
        next_href=f"{links.thanks(id)}?after={found.after}" if found.after else None,
        first_href=links.thanks(id) if after else None,
    )
    above = [("Overview", "/"), ("Services", "/services"), (service.name, links.service(id))]
    return page("thanks.html", Frame(f"Thanks by name: {service.name}", "/services", above), view, conn=question.conn)


def _thanked(question: Question, id: str) -> int:
    if not question.reader.may_read:
        return 0
    return thanked(question.conn, question.taxonomy, id, question.reader.scope)


def _service_page(question: Question, service: Service) -> ServicePage:
    total = totals(*question.asked)
    silent = total.comments < Settings().small_number
    themes = views.label_rows(question, "theme", (t for t in theme_table(*question.asked) if t.n), total.read)
    path = links.service(service.id)
    return ServicePage(
        service=service,
        facts=tuple(_facts(service)),
        unconfirmed=service.unconfirmed,
        periods=views.periods(question.about(service=None), path),
        chips=views.chips(question.about(service=None), path),
        comments=total.comments,
        comments_href=links.comments(question.filters),
        silent=silent,
        may_read=question.reader.may_read,
        report_href=links.reports("service", service.id, question.filters),
        figures=() if silent else views.figures(question, total),
        trends=() if silent else views.trends(question, total),
        bars=views.bars(themes[:THEMES], f"{service.name}: praise and criticism by theme", "themes")
        if themes
        else None,
        themes=themes,
        praised=views.quotes(question, "+", QUOTES, per_service=QUOTES),
        mended=views.quotes(question, "-", QUOTES, per_service=QUOTES),
        rule=f"{views.QUOTE_RULE}.",
        respondents=_respondents(question),
        values=views.label_rows(question, "value", value_table(*question.asked), total.read),
        objectives=views.label_rows(question, "objective", objective_table(*question.asked), total.read),
        below=_below(question, service),
        programmes=tuple(_programmes(question, service)),
    )


def _facts(service: Service) -> list[tuple[str, str]]:
    facts = {
        "Also called": ", ".join(service.aliases),
        "County": service.county,
        "Area": service.locality,
        "Setting": service.setting.replace("_", " "),
        "For": service.age_group.replace("_", " "),
        "Kind of care": service.care_type.replace("_", " "),
        "Status in the directory": service.status.replace("_", " "),
        "Source": service.source,
        "Note": service.note,
    }
    return [(name, text) for name, text in facts.items() if text]


def _below(question: Question, service: Service) -> tuple[ServiceRow, ...]:
    """The services straight below; each counts what is below it in turn."""
    rows = views.service_rows(question.about(service=service.id), service_table(*question.asked))
    return tuple(row for row in rows if question.taxonomy.services[row.id].parent == service.id)


def _respondents(question: Question) -> tuple[RespondentRow, ...]:
    counted = hidden.rows(respondent_table(*question.asked), may_read=question.reader.may_read)
    return tuple(
        RespondentRow(
            who="not known" if row["id"] == "unknown" else row["id"],
            href=links.comments(question.filters, respondent=row["id"]),
            n=views.count_of(row, "n"),
            mix=views.mix(row),
        )
        for row in counted
        if row["n"] != 0
    )


def _programmes(question: Question, service: Service) -> list[tuple[str, str]]:
    every: list[Programme] = list(question.taxonomy.programmes.values())
    mine = [p for p in every if service.id in question.taxonomy.programme_services(p.id)]
    return [(p.title, links.programme(p.id)) for p in mine]


def _unknown(question: Question, names: tuple[UnresolvedText, ...]) -> tuple[UnknownName, ...]:
    allowed = hidden.rows(names, may_read=question.reader.may_read, parts=())
    return tuple(
        UnknownName(row["text"], views.count_of(row, "n"), links.comments(question.filters, service=row["text"]))
        for row in allowed
    )
