"""Show what people speak of, by the themes of the national framework: how many, on which side, where, and in what words."""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Asked, Question
from api.pages import links, views
from api.pages.remembered import remembered
from api.pages.render import Frame, page
from api.pages.views import Chip, Drawing, LabelRow, Period, Quote, ServiceRow
from feedback.filters import LOCAL
from feedback.query import service_table, theme_table, totals
from feedback.taxonomy import Theme
from feedback.topics.local_themes import local_table

router = APIRouter()

QUOTES = 6  # on each side


@dataclass(frozen=True, slots=True)
class ThemesPage:
    """All themes by group of the framework, in its order; apart from them the Trust's own."""

    groups: tuple[tuple[str, tuple[LabelRow, ...]], ...]
    local: tuple[LabelRow, ...]
    read: int
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class ThemePage:
    """One theme: `belongs` is the theme that its contrary example belongs to.

    `counts` is its line of the table; None for the one label that no comment is ever given.
    """

    theme: Theme
    belongs: tuple[str, str]
    counts: LabelRow | None
    comments_href: str
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]
    trends: tuple[Drawing, ...]
    praised: tuple[Quote, ...]
    mended: tuple[Quote, ...]
    rule: str
    may_read: bool
    services: tuple[ServiceRow, ...]
    evidence_for: tuple[tuple[str, str], ...]


@router.get("/themes")
def themes(question: Asked) -> HTMLResponse:
    """Every theme with its two sides."""
    total = totals(*question.asked)
    rows = {row.id: row for row in views.label_rows(question, "theme", theme_table(*question.asked), total.read)}
    groups = question.taxonomy.theme_groups.items()
    view = ThemesPage(
        groups=tuple((group, tuple(rows[id] for id in ids if id in rows)) for group, ids in groups),
        local=tuple(views.label_rows(question, "theme", local_table(*question.asked), total.read)),
        read=total.read,
        periods=views.periods(question, "/themes"),
        chips=views.chips(question, "/themes"),
    )
    return page("themes.html", Frame("Themes", "/themes", [("Overview", "/")]), view, conn=question.conn)


@router.get("/themes/{id}", response_model=None)
def theme(question: Asked, id: str) -> HTMLResponse | RedirectResponse:
    """One theme; a local one has a page of its own."""
    if id.startswith(LOCAL):
        return RedirectResponse(links.link(f"/topics/local/{id}", question.filters), status_code=303)
    theme = question.taxonomy.theme(id)
    key = ("theme", id, question.filters, question.reader.scope, question.reader.may_read)
    view = remembered(question.conn, key, lambda: _theme_page(question.about(theme=None), theme))
    frame = Frame(theme.name, "/themes", [("Overview", "/"), ("Themes", "/themes")])
    return page("theme.html", frame, view, conn=question.conn)


def _theme_page(question: Question, theme: Theme) -> ThemePage:
    taxonomy, on_it, path = question.taxonomy, question.about(theme=theme.id), links.theme(theme.id)
    total = totals(*question.asked)
    counted = [row for row in theme_table(*question.asked) if row.id == theme.id]
    rows = views.label_rows(question, "theme", counted, total.read)
    chart = bool(counted and counted[0].n and total.last)
    values = [(f"Value: {taxonomy.values[id].name}", links.strategy("value", id)) for id in theme.values]
    objectives = [
        (f"{id} {taxonomy.objectives[id].title}".rstrip("."), links.strategy("objective", id))
        for id in theme.objectives
    ]
    other = taxonomy.themes[theme.exclude_theme]
    return ThemePage(
        theme=theme,
        belongs=(other.name, links.theme(other.id)),
        counts=rows[0] if rows else None,
        comments_href=links.comments(on_it.filters),
        periods=views.periods(question, path),
        chips=views.chips(question, path),
        trends=(
            views.drawn(views.movement(on_it, "rate"), theme.name, "spoken-of"),
            views.drawn(views.movement(on_it, "rate_negative"), f"{theme.name}: criticism", "criticised"),
        )
        if chart
        else (),
        praised=views.quotes(on_it, "+", QUOTES),
        mended=views.quotes(on_it, "-", QUOTES),
        rule=f"{views.QUOTE_RULE}, as is a third from the same service.",
        may_read=question.reader.may_read,
        services=views.service_rows(on_it, [row for row in service_table(*on_it.asked) if row.n]),
        evidence_for=(*values, *objectives),
    )
