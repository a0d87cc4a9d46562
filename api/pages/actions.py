"""Show and record what was done about what people said, what came after it, and what the public is told.

The page never says that an action worked. It shows the months before beside those after, with the chart, and leaves the rest
to people. The words for the public are drafted here from the record, each sentence with what it rests on beside it, and go out
only when a person who gives their name says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from api.deps import Asked, AskedOnWords, Now, Question, Redaction, Writing, refuse_out_of_scope
from api.pages import links, views
from api.pages.render import Frame, day, moment, page
from api.pages.views import Drawing
from api.routes.actions import reply_file
from feedback.actions import (
    OPEN,
    STATES,
    Action,
    ActionPage,
    Change,
    State,
    action,
    actions,
    add,
    answered,
    change,
    history,
    read_day,
    split_citations,
)
from feedback.errors import BadInput, FeedbackError, NotFound
from feedback.over_time import before_after
from feedback.over_time.before_after import Compared, Comparison, Side, months_named, points
from feedback.query import comment
from feedback.replies import draft as reply
from feedback.replies.draft import FORMS, Kept, Traced
from feedback.replies.files import FORMATS, Format, body
from feedback.taxonomy import Taxonomy

router = APIRouter()

LIMIT = 50  # actions on one page
ON_A_SERVICE = 3  # the latest, on a service's page

Show = Literal["all", "open", "overdue", "done", "no_reply", "stopped"]
SHOWN: dict[Show, str] = {
    "all": "All",
    "open": "Open",
    "overdue": "Overdue",
    "done": "Done",
    "no_reply": "Done, public not told",
    "stopped": "Stopped",
}
STATE_NAMES: dict[State, tuple[str, str]] = {
    "planned": ("Planned", "It is decided and has a day."),
    "under_way": ("Under way", "Somebody has begun."),
    "done": ("Done", "It was done on the day you give."),
    "stopped": ("Stopped", "It will not be done; say why."),
}
COLOURS: dict[State, str] = {"planned": "grey", "under_way": "yellow", "done": "green", "stopped": "white"}
FIELD_NAMES = {
    "name": "the name", "you_said": "what was heard", "we_did": "what is done", "outcome": "what came of it", "owner": "the owner",
    "date": "the day", "state": "the state", "service": "the service", "theme": "the theme", "statement": "the statement",
    "answers": "the comments it answers",
}  # fmt: skip
FORM_NAMES = {"standard": "the reply", "easy_read": "the easy-read reply"}

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action of a list; `when` says its day in words, `told` whether a reply to the public stands."""

    title: str
    href: str
    service: str
    service_href: str
    about: str
    state: str
    colour: str
    overdue: bool
    when: str
    owner: str
    did: str
    told: bool
    waits_for_reply: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of what the list shows, and how many there are."""

    text: str
    href: str
    n: int
    now: bool


@dataclass(frozen=True, slots=True)
class ActionsPage:
    """The list. `services` are to choose from: those that have an action."""

    tabs: tuple[Tab, ...]
    rows: tuple[ActionRow, ...]
    services: Choices
    service: str
    show: str
    next_href: str | None
    new_href: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One measure before and after in words, every cell filled."""

    what: str
    before: str
    after: str
    difference: str
    interval: str
    chance: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One comment that an action answers, with its words."""

    citation: str
    href: str
    words: str


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A released reply: its words as they may be shown, who released it when, and where its files are."""

    number: int
    form: str
    body: Markup
    released: str
    withdrawn: str
    stands: bool
    files: tuple[tuple[str, str], ...]
    withdraw_href: str
    sources: tuple[tuple[int, tuple[tuple[str, str | None], ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class OneAction:
    """One action, its comparison and chart, the comments it answers, its replies and its history."""

    row: ActionRow
    you_said: str
    we_did: str
    outcome: str
    facts: tuple[tuple[str, str], ...]
    comparison: Comparison | None
    headings: tuple[str, str]
    compared: tuple[ComparedRow, ...]
    trends: tuple[Drawing, ...]
    answers: tuple[Answer, ...]
    replies: tuple[ReplyView, ...]
    drafts: tuple[tuple[str, str, str], ...]
    history: tuple[str, ...]
    change_href: str
    may_read: bool
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GivenAction:
    """The fields of the form as they stand."""

    name: str = ""
    service: str = ""
    theme: str = ""
    statement: str = ""
    you_said: str = ""
    we_did: str = ""
    date: str = ""
    owner: str = ""
    state: str = "planned"
    outcome: str = ""
    answers: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ActionForm:
    """The form for a new action or a change; choices are (value, text)."""

    heading: str
    address: str
    given: GivenAction
    services: Choices
    themes: Choices
    statements: Choices
    states: Mapping[State, tuple[str, str]]
    comments_href: str
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentenceView:
    """One sentence of a draft with what it rests on: (text, address of the comment if it is one)."""

    number: int
    text: str
    changed: bool
    sources: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ReplyPage:
    """The words for the public before they are released."""

    action: ActionRow
    form: str
    form_name: str
    other: tuple[str, str]
    text: str
    from_record: bool
    left_by: str
    fresh_href: str
    sentences: tuple[SentenceView, ...]
    refusals: tuple[str, ...]
    hints: tuple[str, ...]
    address: str
    by: str
    errors: Mapping[str, str]


# The list


@router.get("/actions")
def listed(
    question: Asked, now: Now, show: Show = "all", after: str | None = None, done: str | None = None
) -> HTMLResponse:
    """Actions, latest first; `done` names what has just been recorded."""
    service, today = question.filters.service, now.date()
    found = _actions(question, show, today, service, after=after, limit=LIMIT)
    every = _actions(question, "all", today, None).actions
    view = ActionsPage(
        tabs=tuple(
            Tab(
                text,
                links.link("/actions", service_only(question), show=name),
                len(_actions(question, name, today, service).actions),
                name == show,
            )
            for name, text in SHOWN.items()
        ),
        rows=rows(question, found.actions, today),
        services=tuple(
            sorted({(a.service, _service_name(question.taxonomy, a.service)) for a in every}, key=lambda one: one[1])
        ),
        service=service or "",
        show=show,
        next_href=links.link("/actions", service_only(question), show=show, after=found.after) if found.after else None,
        new_href=links.link("/actions/new", service_only(question)),
        may_write=question.reader.may_read,
    )
    said = f"“{done}” has been recorded." if done else None
    return page(
        "actions.html", Frame("You said, we did", "/actions", [("Overview", "/")], done=said), view, conn=question.conn
    )


def service_only(question: Question) -> Any:
    """The filters of this room: the service alone."""
    return replace(type(question.filters)(), service=question.filters.service)


def rows(question: Question, found: tuple[Action, ...], today: date) -> tuple[ActionRow, ...]:
    """Actions as lines of a list."""
    told = {one.action for one in reply.standing(question.conn, (a.id or 0 for a in found)) if one.form == "standard"}
    return tuple(_row(question.taxonomy, one, today, one.id in told) for one in found)


def _actions(
    question: Question,
    show: Show,
    today: date,
    service: str | None,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> ActionPage:
    how: dict[Show, dict[str, Any]] = {
        "all": {},
        "open": {"states": OPEN},
        "overdue": {"waiting": "overdue", "today": today},
        "done": {"states": ("done",)},
        "no_reply": {"waiting": "no_reply"},
        "stopped": {"states": ("stopped",)},
    }
    if service is not None:
        question.taxonomy.service(service)  # an upload's own name for a service has no actions
    asked = question.conn, question.taxonomy, question.reader.scope
    return actions(*asked, service=service, after=after, limit=limit, **how[show])


def _row(taxonomy: Taxonomy, found: Action, today: date, told: bool) -> ActionRow:
    when = {
        "planned": "Planned for",
        "under_way": "To be finished by",
        "done": "Done on",
        "stopped": "Stopped; it was planned for",
    }
    return ActionRow(
        title=found.title,
        href=f"/actions/{found.id}",
        service=_service_name(taxonomy, found.service),
        service_href=links.service(found.service),
        about=_about(taxonomy, found),
        state=STATE_NAMES[found.state][0],
        colour=COLOURS[found.state],
        overdue=found.overdue(today),
        when=f"{when[found.state]} {day(found.date)}",
        owner=found.owner,
        did=found.we_did,
        told=told,
        waits_for_reply=found.state == "done" and not told,
    )


def _about(taxonomy: Taxonomy, found: Action) -> str:
    if found.theme:
        return taxonomy.themes[found.theme].name if found.theme in taxonomy.themes else found.theme
    if found.statement and found.statement in taxonomy.statements:
        return f"{found.statement} {taxonomy.statements[found.statement].title}"
    return found.statement or ""


def _service_name(taxonomy: Taxonomy, id: str) -> str:
    return taxonomy.services[id].name if id in taxonomy.services else id


# A new one, and a change


@router.get("/actions/new")
def new(
    question: AskedOnWords, now: Now, answers: Annotated[str, Query()] = "", you_said: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """The form for a new action, filled in with the service and theme that it was opened from."""
    filters = question.filters
    service = filters.service if filters.service in question.taxonomy.services else None
    given = GivenAction(
        service=service or "", theme=filters.theme or "", statement=filters.statement or "", answers=answers, you_said=you_said,
        date=now.date().isoformat(),
    )  # fmt: skip
    return _form(question, given, None)


def _filled_in(
    name: Annotated[str, Form()] = "",
    service: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    statement: Annotated[str, Form()] = "",
    you_said: Annotated[str, Form()] = "",
    we_did: Annotated[str, Form()] = "",
    date: Annotated[str, Form()] = "",
    owner: Annotated[str, Form()] = "",
    state: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    answers: Annotated[str, Form()] = "",
    by: Annotated[str, Form()] = "",
) -> GivenAction:
    """The form as it was sent; what stands empty is an empty text."""
    return GivenAction(name, service, theme, statement, you_said, we_did, date, owner, state, outcome, answers, by)


Filled = Annotated[GivenAction, Depends(_filled_in)]


@router.post("/actions/new", response_model=None)
def record(
    question: AskedOnWords,
    store: Writing,
    redact: Redaction,
    given: Filled,
) -> HTMLResponse | RedirectResponse:
    """Record an action; an incomplete form comes back with what is missing."""
    errors = _missing(given)
    if not errors:
        try:
            refuse_out_of_scope(question.reader, given.service)
            id = add(
                store, question.taxonomy, _as_action(given), by=given.by, redact=redact, scope=question.reader.scope,
                citations=split_citations(given.answers),
            )  # fmt: skip
            return RedirectResponse(f"/actions/{id}?done=recorded", status_code=303)
        except FeedbackError as error:
            errors[_field_of(error)] = str(error)
    return _form(question, given, None, errors)


@router.get("/actions/{id}/change")
def change_form(question: AskedOnWords, id: int) -> HTMLResponse:
    """The form with an action as it stands."""
    found = action(question.conn, id, question.reader.scope)
    given = GivenAction(
        name=found.name, service=found.service, theme=found.theme or "", statement=found.statement or "", you_said=found.you_said,
        we_did=found.we_did, date=found.date.isoformat(), owner=found.owner, state=found.state, outcome=found.outcome,
        answers="\n".join(answered(question.conn, id, question.reader.scope)),
    )  # fmt: skip
    return _form(question, given, id)


@router.post("/actions/{id}/change", response_model=None)
def changed(
    question: AskedOnWords,
    store: Writing,
    redact: Redaction,
    id: int,
    given: Filled,
) -> HTMLResponse | RedirectResponse:
    """Keep a change; an incomplete form comes back with what is missing."""
    action(question.conn, id, question.reader.scope)
    errors = _missing(given)
    if not errors:
        wanted = _as_action(given)
        changes = {n: getattr(wanted, n) for n in FIELD_NAMES if n != "answers"}
        try:
            refuse_out_of_scope(question.reader, given.service)
            change(
                store, question.taxonomy, id, changes, by=given.by, redact=redact, scope=question.reader.scope,
                citations=split_citations(given.answers),
            )  # fmt: skip
            return RedirectResponse(f"/actions/{id}?done=changed", status_code=303)
        except FeedbackError as error:
            errors[_field_of(error)] = str(error)
    return _form(question, given, id, errors)


def _as_action(given: GivenAction) -> Action:
    assert given.state in STATES
    return Action(
        service=given.service, you_said=given.you_said, we_did=given.we_did, date=read_day(given.date), owner=given.owner,
        theme=given.theme or None, state=given.state, name=given.name, statement=given.statement or None, outcome=given.outcome,
    )  # fmt: skip


def _missing(given: GivenAction) -> dict[str, str]:
    """What must be filled in before anything can be kept, by the field."""
    needed = {
        "name": "Enter a short name for charts and lists",
        "service": "Select the service",
        "you_said": "Enter what people said, in your own words",
        "we_did": "Enter what is or was done",
        "owner": "Enter who sees to it",
        "by": "Enter your name, so that others know who recorded this",
    }
    errors = {name: text for name, text in needed.items() if not getattr(given, name).strip()}
    if given.state not in STATES:
        errors["state"] = "Select how far it is"
    try:
        read_day(given.date)
    except BadInput:
        errors["date"] = "Enter a day"
    if given.state == "stopped" and not given.outcome.strip():
        errors["outcome"] = "Enter why it was stopped"
    if given.theme and given.statement:
        errors["theme"] = "Select a theme or a statement, not both"
    return errors


def _field_of(error: FeedbackError) -> str:
    """Where on the form a refusal belongs."""
    said = str(error)
    if isinstance(error, NotFound) or "Comment" in said or "comments" in said:
        return "answers"
    if "day" in said:
        return "date"
    return next(
        (name for name in ("name", "you_said", "we_did", "outcome", "owner") if said.startswith(name)), "we_did"
    )


def _form(
    question: Question, given: GivenAction, id: int | None, errors: Mapping[str, str] | None = None
) -> HTMLResponse:
    taxonomy = question.taxonomy
    heading = "Change an action" if id else "Record an action"
    about = type(question.filters)(service=given.service or None, theme=given.theme or None)
    view = ActionForm(
        heading=heading,
        address=f"/actions/{id}/change" if id else "/actions/new",
        given=given,
        services=tuple(
            (one, f"{'– ' * len(taxonomy.ancestors(one))}{service.name}")
            for one, service in views.in_tree_order(taxonomy)
            if question.reader.scope.reaches(one)
        ),
        themes=tuple((t.id, t.name) for t in taxonomy.themes.values() if not t.contentless),
        statements=tuple((s.id, f"{s.id} {s.title}") for s in taxonomy.statements.values()),
        states=STATE_NAMES,
        comments_href=links.link("/comments", about, order="negative"),
        errors=errors or {},
    )
    above = [("Overview", "/"), ("You said, we did", "/actions")]
    frame = Frame(f"{'Error: ' if errors else ''}{heading}", "/actions", above)
    return page("action_form.html", frame, view, conn=question.conn, status=400 if errors else 200)


# One action


@router.get("/actions/{id}")
def one(question: Asked, now: Now, id: int, done: str | None = None) -> HTMLResponse:
    """One action; `done` says what has just been done to it."""
    said = {
        "recorded": "The action has been recorded.",
        "changed": "The change has been kept.",
        "released": "The reply has been released. It is kept as it is now, whatever becomes of the action.",
        "withdrawn": "The reply has been withdrawn.",
        "both-withdrawn": "The reply has been withdrawn, and its easy-read version with it.",
        "kept": "The draft has been kept. It is not released.",
    }
    return _one(question, now.date(), id, done=said.get(done or ""))


def _one(
    question: Question, today: date, id: int, *, done: str | None = None, errors: Mapping[str, str] | None = None
) -> HTMLResponse:
    conn, taxonomy, reader = question.conn, question.taxonomy, question.reader
    found = action(conn, id, reader.scope)
    known = found.service in taxonomy.services
    comparison = before_after.compare(conn, taxonomy, found, reader.scope, may_read=reader.may_read) if known else None
    (row,) = rows(question, (found,), today)
    view = OneAction(
        row=row,
        you_said=found.you_said,
        we_did=found.we_did,
        outcome=found.outcome,
        facts=_facts(row, found),
        comparison=comparison,
        headings=_headings(comparison),
        compared=tuple(_compared(one) for one in comparison.rows) if comparison else (),
        trends=_trends(question, found, comparison) if known else (),
        answers=_answers(question, id) if reader.may_read else (),
        replies=tuple(_reply_view(question, told) for told in reply.replies(conn, id)),
        drafts=tuple(_draft_link(question, found, form) for form in FORMS),
        history=tuple(_history(past, first=n == 0) for n, past in enumerate(history(conn, id))),
        change_href=f"/actions/{id}/change",
        may_read=reader.may_read,
        errors=errors or {},
    )
    above = [("Overview", "/"), ("You said, we did", "/actions")]
    frame = Frame(f"{'Error: ' if errors else ''}{found.title}", "/actions", above, done=done)
    return page("action.html", frame, view, conn=conn, status=400 if errors else 200)


def _facts(row: ActionRow, found: Action) -> tuple[tuple[str, str], ...]:
    facts = {"When": row.when, "Owner": found.owner, "About": row.about or "everything that people say of the service"}
    return tuple(facts.items())


def _trends(question: Question, found: Action, comparison: Comparison | None) -> tuple[Drawing, ...]:
    """The chart of what it is about, and that of the service as a whole; both mark it."""
    whole = question.about(service=found.service, theme=None, statement=None)
    if comparison is None:
        return ()
    drawn = []
    if found.theme or found.statement:
        name = _about(question.taxonomy, found)
        on_it = question.about(service=found.service, theme=found.theme, statement=found.statement)
        drawn.append(views.drawn(views.movement(on_it, "rate_negative"), f"{name}: criticism", "criticised"))
    drawn.append(views.drawn(views.movement(whole, "negative"), "Negative comments", "negative"))
    return tuple(drawn)


def _headings(comparison: Comparison | None) -> tuple[str, str]:
    if comparison is None or comparison.before is None or comparison.after is None:
        return "Before", "After"
    return f"Before: {months_named(comparison.before)}", f"After: {months_named(comparison.after)}"


def _compared(row: Compared) -> ComparedRow:
    what = row.phrase[:1].upper() + row.phrase[1:]
    if row.difference is None or row.lower is None or row.upper is None:
        why = row.reason or ""
        return ComparedRow(
            what, _side(row.before, why), _side(row.after, why), "not shown", "not shown", why or "not shown"
        )
    chance = "Hardly" if row.beyond_chance else "Yes"
    interval = f"{points(row.lower)} to {points(row.upper)}"
    return ComparedRow(what, _side(row.before), _side(row.after), f"{points(row.difference)} points", interval, chance)


def _side(side: Side, reason: str = "") -> str:
    if side.n is None or side.k is None:
        return reason
    counted = f"{side.k:,} of {side.n:,}"
    return counted if side.share is None else f"{side.share:.0%} ({counted})"


def _answers(question: Question, id: int) -> tuple[Answer, ...]:
    found = []
    for citation in answered(question.conn, id, question.reader.scope):
        stored = comment(question.conn, citation, question.reader.scope)
        text = stored.analysed.comment.text
        number = citation.removeprefix(f"{stored.citation}.")
        clause = next((f for f in stored.analysed.of("clause") if f.detail == number), None)
        words = text[clause.start : clause.end] if clause else text
        found.append(Answer(citation, links.comment(citation), words))
    return tuple(found)


def _history(past: Change, *, first: bool) -> str:
    who = f"{past.by}, {moment(past.at)}"
    if not past.changed and first:
        return f"{who}: recorded it"
    told = []
    for name, before, after in past.changed:
        what = FIELD_NAMES.get(name, name)
        if before is None and after is None:
            told.append(f"reworded {what}")
        elif name == "answers":
            told.append(f"changed {what} ({before} before, {after} now)")
        else:
            told.append(f"changed {what} from {_value(name, before)} to {_value(name, after)}")
    return f"{who}: {'; '.join(told)}"


def _value(name: str, value: str | None) -> str:
    if value is None:
        return "none"
    if name == "state":
        return next((words[0].lower() for state, words in STATE_NAMES.items() if state == value), value)
    return day(date.fromisoformat(value)) if name == "date" else value


# What the public is told


@router.get("/actions/{id}/reply")
def reply_form(
    question: AskedOnWords, now: Now, id: int, form: reply.Form = "standard", fresh: bool = False
) -> HTMLResponse:
    """The words drafted for the public, or those that somebody left; `fresh` drafts them anew from the record."""
    found = action(question.conn, id, question.reader.scope)
    left = None if fresh else reply.draft_kept(question.conn, id, form)
    text = left.text if left else reply.draft(question.conn, question.taxonomy, found, form, question.reader.scope).text
    return _reply_page(question, now, found, form, text, left=left)


@router.post("/actions/{id}/reply", response_model=None)
def keep_or_release(
    question: AskedOnWords,
    now: Now,
    store: Writing,
    redact: Redaction,
    id: int,
    form: Annotated[reply.Form, Form()] = "standard",
    text: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "keep",
    read: Annotated[str, Form()] = "",
    by: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Keep the words as a draft, or release them; what stands in the way comes back with them."""
    found = action(question.conn, id, question.reader.scope)
    scope, taxonomy = question.reader.scope, question.taxonomy
    text = text.replace("\r\n", "\n")
    errors = {}
    if not by.strip():
        errors["by"] = "Enter your name, so that others know who released or wrote this"
    if do == "release" and not read:
        errors["read"] = "Confirm that you have read it and that it may be published"
    if not errors:
        try:
            if do == "release":
                reply.release(store, taxonomy, found, form, text, by=by, redact=redact, scope=scope)
            else:
                reply.keep(store, taxonomy, found, form, text, by=by, redact=redact)
            return RedirectResponse(f"/actions/{id}?done={'released' if do == 'release' else 'kept'}", status_code=303)
        except BadInput as error:
            errors["text"] = str(error)
    return _reply_page(question, now, found, form, text, by=by, errors=errors)


@router.post("/actions/{id}/replies/{number}/withdraw", response_model=None)
def withdraw(
    question: AskedOnWords,
    now: Now,
    store: Writing,
    redact: Redaction,
    id: int,
    number: int,
    reason: Annotated[str, Form()] = "",
    remove: Annotated[str, Form()] = "",
    by: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Withdraw a reply, with a name and a reason."""
    action(question.conn, id, question.reader.scope)
    errors = {}
    if not by.strip():
        errors[f"by-{number}"] = "Enter your name, so that others know who withdrew it"
    if not reason.strip():
        errors[f"reason-{number}"] = "Enter why it is withdrawn"
    if not errors:
        try:
            gone = reply.withdraw(store, id, number, by=by, reason=reason, redact=redact, remove_words=bool(remove))
            done = "withdrawn" if len(gone) == 1 else "both-withdrawn"
            return RedirectResponse(f"/actions/{id}?done={done}", status_code=303)
        except BadInput as error:
            errors[f"reason-{number}"] = str(error)
    return _one(question, now.date(), id, errors=errors)


@router.get("/actions/{id}/replies/{number}.{form}")
def download(question: Asked, id: int, number: int, form: Format) -> Response:
    """A reply that stands, as a file."""
    found = action(question.conn, id, question.reader.scope)
    return reply_file(_service_name(question.taxonomy, found.service), reply.reply(question.conn, id, number), form)


def told_about(question: Question, service: str) -> tuple[ReplyView, ...]:
    """The replies that stand for a service and everything below it, the latest first: what was done, as the public is told."""
    asked = question.conn, question.taxonomy, question.reader.scope
    mine = [one.id or 0 for one in actions(*asked, service=service).actions]
    return tuple(
        _reply_view(question, told, level=3) for told in reply.standing(question.conn, mine) if told.form == "standard"
    )


def done_at(question: Question, service: str, today: date) -> tuple[ActionRow, ...]:
    """The latest actions of a service and everything below it, for its page."""
    asked = question.conn, question.taxonomy, question.reader.scope
    return rows(question, actions(*asked, service=service, limit=ON_A_SERVICE).actions, today)


def _reply_page(
    question: Question,
    now: Any,
    found: Action,
    form: reply.Form,
    text: str,
    *,
    left: Kept | None = None,
    by: str = "",
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    checked = reply.traced(question.conn, question.taxonomy, found, form, text, question.reader.scope)
    (row,) = rows(question, (found,), now.date())
    here = f"/actions/{found.id}/reply"
    other: reply.Form = "easy_read" if form == "standard" else "standard"
    view = ReplyPage(
        action=row,
        form=form,
        form_name=FORMS[form],
        other=(f"Write {FORM_NAMES[other]} instead", links.link(here, form=other)),
        text=text,
        from_record=left is None and not errors,
        left_by=f"{left.written_by}, {moment(left.written_at)}" if left else "",
        fresh_href=links.link(here, form=form, fresh=1),
        sentences=_sentences(checked),
        refusals=checked.refusals,
        hints=checked.hints,
        address=here,
        by=by,
        errors=errors or {},
    )
    title = "Easy-read reply" if form == "easy_read" else "Reply to the public"
    above = [("Overview", "/"), ("You said, we did", "/actions"), (found.title, row.href)]
    frame = Frame(f"{'Error: ' if errors else ''}{title}", "/actions", above)
    return page("reply.html", frame, view, conn=question.conn, status=400 if errors else 200)


def _sentences(checked: Traced) -> tuple[SentenceView, ...]:
    return tuple(
        SentenceView(
            number=number,
            text=one.text.replace("**", ""),
            changed=one.changed,
            sources=tuple((s.says, s.citation) for s in one.sources),
        )
        for number, one in enumerate(checked.sentences, start=1)
    )


def _reply_view(question: Question, told: Kept, *, level: int = 4) -> ReplyView:
    form = FORMS[told.form]
    files = tuple((name.upper(), f"/actions/{told.action}/replies/{told.id}.{name}") for name in get_args(Format))
    withdrawn = ""
    if told.withdrawn_by:
        withdrawn = f"Withdrawn by {told.withdrawn_by}, {moment(told.withdrawn_at or '')}: {told.reason}"
    by_sentence: dict[int, list[tuple[str, str | None]]] = {}
    if question.reader.may_read:
        for sentence, source in reply.sources(question.conn, told.id, question.reader.scope):
            by_sentence.setdefault(sentence, []).append((source.says, source.citation))
    return ReplyView(
        number=told.id,
        form=form,
        # What a person wrote has been through Markdown without HTML of its own (reply_files.body).
        body=Markup(body(told.text, level=level)),
        released=f"Released by {told.released_by}, {moment(told.released_at or '')}",
        withdrawn=withdrawn,
        stands=told.stands,
        files=files if told.stands else (),
        withdraw_href=f"/actions/{told.action}/replies/{told.id}/withdraw",
        sources=tuple((n, tuple(found)) for n, found in by_sentence.items()),
    )


def _draft_link(question: Question, found: Action, form: reply.Form) -> tuple[str, str, str]:
    """Where a reply in a form is written, and whether somebody has begun."""
    left = reply.draft_kept(question.conn, found.id or 0, form)
    standing = any(told.form == form for told in reply.standing(question.conn, [found.id or 0]))
    text = f"Write {FORM_NAMES[form]} anew" if standing else f"Write {FORM_NAMES[form]}"
    note = f"A draft by {left.written_by} waits to be released." if left else ""
    return text, links.link(f"/actions/{found.id}/reply", form=form), note


assert set(FORMATS) == set(get_args(Format))
