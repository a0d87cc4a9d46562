"""Keep views and say who is told of changes in them: every form works without script, and nothing shown here is a comment's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Asked, Question, Redaction, Writing
from api.pages import links
from api.pages.remembered import remembered
from api.pages.render import Frame, page
from api.routes.subscriptions import send_what_is_new
from feedback.errors import BadInput, NotFound
from feedback.filters import describe
from feedback.over_time.signals import MEASURES
from feedback.over_time.subscriptions import (
    Digest,
    Subscription,
    digests,
    outlook,
    settle,
    subscribe,
    subscriptions,
    unsubscribe,
)
from feedback.over_time.summary import MEASURE_NAMES
from feedback.over_time.views import View, changes_in, end_view, keep_view, views
from feedback.settings import Settings

router = APIRouter()

DONE = {
    "kept": "The view is kept.",
    "view-ended": "The view is no more, and nobody is told of it.",
    "told": "They will be told of each new change once, from the next run on.",
    "ended": "They are told no more, and the address is forgotten.",
    "settled": "Noted.",
}
RECENT = 10  # digests shown


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """Who is told, how, what they have been told so far, and `ahead`: what they will be told next, when, and why not yet."""

    id: int
    to: str
    how: str
    so_far: str
    ahead: str


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A view with those who are told of it."""

    id: int
    name: str
    of: str
    measure: str
    by: str
    href: str
    told: tuple[SubscriptionLine, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in the forms, and what is wrong with it, by field."""

    name: str = ""
    view_name: str = ""
    service: str = ""
    theme: str = ""
    measure: str = ""
    view: str = ""
    way: str = "email"
    to: str = ""
    errors: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionsPage:
    """Views, who is told of them, and what was told. `server` says whether mail can be sent; `problem` why it was not."""

    views: tuple[ViewLine, ...]
    doubtful: Sequence[Digest]
    recent: Sequence[Digest]
    services: tuple[tuple[str, str], ...]
    themes: tuple[tuple[str, str], ...]
    measures: tuple[tuple[str, str], ...]
    server: bool
    problem: str | None
    given: Given


@router.get("/subscriptions")
def listed(question: Asked, done: str = "", sent: int | None = None) -> HTMLResponse:
    """Views and who is told of them; filters in the address stand in the form for a new view."""
    given = Given(service=question.filters.service or "", theme=question.filters.theme or "")
    said = f"{sent} {'digest' if sent == 1 else 'digests'} sent." if sent is not None else DONE.get(done)
    return _page(question, given, done=said)


@router.post("/subscriptions/views", response_model=None)
def keep(
    question: Asked,
    store: Writing,
    redact: Redaction,
    view_name: Annotated[str, Form()] = "",
    service: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    measure: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Keep a view; an incomplete form comes back with what is missing."""
    given = Given(name=name, view_name=view_name, service=service, theme=theme, measure=measure)
    errors = {}
    if not view_name.strip():
        errors["view_name"] = "Enter a name for the view"
    if not name.strip():
        errors["name"] = "Enter your name, so that others know who made it"
    if not errors:
        filters = replace(question.filters, service=service or None, theme=theme or None)
        try:
            keep_view(
                store,
                question.taxonomy,
                view_name,
                filters,
                question.reader.scope,
                by=name,
                redact=redact,
                measure=measure or None,
            )
        except (BadInput, NotFound) as error:
            errors["view_name"] = str(error)
    if errors:
        return _page(question, replace(given, errors=errors))
    return RedirectResponse("/subscriptions?done=kept", status_code=303)


@router.post("/subscriptions/views/end", response_model=None)
def end_one_view(
    question: Asked, store: Writing, id: Annotated[int, Form()], name: Annotated[str, Form()] = ""
) -> HTMLResponse | RedirectResponse:
    """Let a view be no more."""
    if not name.strip():
        return _page(question, Given(errors={f"end-view-{id}": "Enter your name, so that others know who ended it"}))
    end_view(store, id, question.reader.scope, by=name)
    return RedirectResponse("/subscriptions?done=view-ended", status_code=303)


@router.post("/subscriptions", response_model=None)
def tell(
    question: Asked,
    store: Writing,
    view: Annotated[str, Form()] = "",
    way: Annotated[str, Form()] = "email",
    to: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Tell somebody of a view from now on; an incomplete form comes back with what is missing."""
    given = Given(view=view, way=way, to=to, name=name)
    errors = {}
    if not view.isdecimal():
        errors["view"] = "Choose a view"
    if not name.strip():
        errors["teller"] = "Enter your name, so that others know who asked for it"
    if not errors:
        try:
            subscribe(store, int(view), "file" if way == "file" else "email", to, question.reader.scope, by=name)
        except (BadInput, NotFound) as error:
            errors["to"] = str(error)
    if errors:
        return _page(question, replace(given, errors=errors))
    return RedirectResponse("/subscriptions?done=told", status_code=303)


@router.post("/subscriptions/end", response_model=None)
def end_one(
    question: Asked, store: Writing, id: Annotated[int, Form()], name: Annotated[str, Form()] = ""
) -> HTMLResponse | RedirectResponse:
    """Tell them no more."""
    if not name.strip():
        return _page(question, Given(errors={f"end-{id}": "Enter your name, so that others know who ended it"}))
    unsubscribe(store, id, question.reader.scope, by=name)
    return RedirectResponse("/subscriptions?done=ended", status_code=303)


@router.post("/subscriptions/send", response_model=None)
def send_now(question: Asked, store: Writing) -> HTMLResponse | RedirectResponse:
    """Send by e-mail what people have not been told."""
    try:
        done = send_what_is_new(store, question.taxonomy, question.reader.scope)
    except BadInput as error:
        return _page(question, Given(), problem=str(error))
    if done.said:
        return _page(question, Given(), problem=" ".join(done.said))
    return RedirectResponse(links.link("/subscriptions", sent=done.sent), status_code=303)


@router.post("/subscriptions/settle", response_model=None)
def settle_one(
    question: Asked, store: Writing, id: Annotated[int, Form()], arrived: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Say what became of a digest in doubt."""
    settle(store, id, question.reader.scope, arrived=arrived == "yes")
    return RedirectResponse("/subscriptions?done=settled", status_code=303)


def _page(question: Question, given: Given, *, done: str | None = None, problem: str | None = None) -> HTMLResponse:
    conn, taxonomy, scope = question.conn, question.taxonomy, question.reader.scope
    told = subscriptions(conn, scope)
    recent = digests(conn, scope, limit=RECENT)
    settings = Settings()
    view = SubscriptionsPage(
        views=tuple(_view(question, one, [s for s in told if s.view.id == one.id]) for one in views(conn, scope)),
        doubtful=digests(conn, scope, state="sending"),
        recent=recent[::-1],
        services=tuple(
            (id, f"{'– ' * len(taxonomy.ancestors(id))}{taxonomy.services[id].name}")
            for id in taxonomy.in_tree_order()
            if scope.reaches(id)
        ),
        themes=tuple((t.id, t.name) for t in taxonomy.themes.values() if not t.contentless),
        measures=tuple((id, MEASURE_NAMES[id]) for id in MEASURES),
        server=bool(settings.smtp_host and settings.smtp_from),
        problem=problem,
        given=given,
    )
    wrong = bool(given.errors) or problem is not None
    frame = Frame(f"{'Error: ' if wrong else ''}Be told of changes", "/changes", [("Overview", "/")], done=done)
    return page("subscriptions.html", frame, view, conn=conn, status=400 if wrong else 200)


def _view(question: Question, one: View, told: Sequence[Subscription]) -> ViewLine:
    return ViewLine(
        id=one.id,
        name=one.name,
        of=describe(question.taxonomy, one.filters),
        measure=MEASURE_NAMES[one.measure] if one.measure else "Negative comments, themes, values and objectives",
        by=one.by,
        href=links.link("/changes", one.filters, measure=one.measure),
        told=tuple(_subscription(question, s) for s in told),
    )


def _subscription(question: Question, one: Subscription) -> SubscriptionLine:
    conn, taxonomy, view = question.conn, question.taxonomy, one.view
    key = ("view", view.id, tuple(sorted(taxonomy.versions.items())))
    found = remembered(conn, key, lambda: changes_in(conn, taxonomy, view))
    ahead = outlook(conn, taxonomy, one, found, Settings()).says
    return SubscriptionLine(one.id, one.to, "by e-mail" if one.way == "email" else "by file", _so_far(one), ahead)


def _so_far(one: Subscription) -> str:
    said = [f"{one.sent} sent"]
    if one.ready:
        said.append(f"{one.ready} written and not sent")
    if one.in_doubt:
        said.append(f"{one.in_doubt} in doubt")
    return ", ".join(said)
