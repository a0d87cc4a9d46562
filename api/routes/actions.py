"""Record and show "you said, we did": what was done about what people said, before and after, and what the public is told of it."""

from dataclasses import asdict
from datetime import date as Day
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import AskingReader, Connection, Data, Now, Reader, ReaderOfWords, Redaction, Writing, refuse_out_of_scope
from feedback.actions import Action, State, Waiting, action, actions, add, answered, change, history
from feedback.over_time.before_after import compare
from feedback.replies.draft import Form, Kept, draft, draft_kept, keep, release, replies, reply, traced, withdraw
from feedback.replies.files import FORMATS, Format, as_file

router = APIRouter(prefix="/actions", tags=["actions"])

Text = Annotated[str, Field(min_length=1, max_length=2_000)]
FormAsked = Annotated[Form, Query(description="standard, or easy_read: short sentences, hard words explained.")]


class ActionToSave(BaseModel):
    """ "You said, we did": `date` is the day it is planned for or, of one that is done, the day it was."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=60, description="What charts call it.", examples=["Saturday clinic"])
    service: str = Field(examples=["podiatry"])
    theme: str | None = Field(None, examples=["parking"])
    statement: str | None = Field(None, description="In place of a theme.", examples=["B2.W5"])
    you_said: Text = Field(examples=["The car park is full by nine."])
    we_did: Text = Field(examples=["Moved staff parking to the field behind."])
    date: Day
    owner: str = Field(min_length=1, max_length=200, examples=["Podiatry lead"])
    state: State = "planned"
    outcome: str = Field("", max_length=2_000, description="What came of it; of one that was stopped, why.")
    answers: list[str] = Field(
        [], max_length=50, description="Citations of comments it answers.", examples=[["HW-2026-000123.2"]]
    )


class ActionChange(BaseModel):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=60)
    service: str | None = None
    theme: str | None = None
    statement: str | None = None
    you_said: Text | None = None
    we_did: Text | None = None
    date: Day | None = None
    owner: str | None = Field(None, min_length=1, max_length=200)
    state: State | None = None
    outcome: str | None = Field(None, max_length=2_000)
    answers: list[str] | None = Field(None, max_length=50)


class ActionKept(BaseModel):
    """An action that is kept. `overdue`: the day it was planned for has passed."""

    id: int
    name: str
    title: str = Field(description="The name, or the first words of what was done.")
    service: str
    theme: str | None
    statement: str | None
    you_said: str
    we_did: str
    date: Day
    owner: str
    state: State
    outcome: str
    overdue: bool


class Actions(BaseModel):
    """Actions, latest first."""

    actions: list[ActionKept]
    after: str | None


class Change(BaseModel):
    """Who changed an action when: field, before, after; of a text only that it was changed."""

    by: str
    at: str
    changed: list[tuple[str, str | None, str | None]]


class Side(BaseModel):
    """One window; null where hidden from this reader, or too few for a share."""

    n: int | None
    k: int | None
    share: float | None
    lower: float | None
    upper: float | None


class Compared(BaseModel):
    """One measure before and after, and the difference (after minus before) with its 95 % interval."""

    measure: str = Field(examples=["rate_negative"])
    phrase: str
    direction: str
    before: Side
    after: Side
    difference: float | None
    lower: float | None
    upper: float | None
    reason: str | None = Field(description="Why there is no difference.")


class SpecialCause(BaseModel):
    """What the control chart says since the action."""

    rule: str
    meaning: str = Field(description="improvement, concern or neither.")
    month: Day
    since: Day
    began_before: bool
    lasts: bool
    sentence: str


class Comparison(BaseModel):
    """Before and after; months as first days. It never says that it was the action."""

    months: int
    before: tuple[Day, Day] | None
    after: tuple[Day, Day] | None
    left_out: Day | None
    rows: list[Compared]
    special_cause: SpecialCause | None
    sentence: str
    chart: str = Field(description="What the control chart adds.")
    warnings: list[str]
    method: str


class Source(BaseModel):
    """What a sentence rests on: the record, a comment (by citation), the figures, a standing sentence, or a person's own words."""

    kind: str
    says: str
    citation: str | None


class Sentence(BaseModel):
    """One sentence of a reply, the heading it stands under, and what it rests on; `changed` from the draft by a person."""

    heading: str
    text: str
    changed: bool
    sources: list[Source]


class ReplyDraft(BaseModel):
    """The words for the public as drafted, or as somebody left them; `refusals` stand in the way of release, `hints` do not."""

    form: Form
    text: str
    written_by: str | None = Field(description="Null for a draft made from the record.")
    sentences: list[Sentence]
    refusals: list[str]
    hints: list[str]


class Reply(BaseModel):
    """A released reply, as it was released; `text` is empty where its words were removed after it was withdrawn."""

    id: int
    form: Form
    text: str
    written_by: str
    written_at: str
    released_by: str
    released_at: str
    withdrawn_by: str | None
    withdrawn_at: str | None
    reason: str


class ActionWhole(ActionKept):
    """An action with its history, the comments it answers (null where the reader may not read comments), and what came after it."""

    answers: list[str] | None
    history: list[Change]
    comparison: Comparison
    replies: list[Reply]


class ReplyToSave(BaseModel):
    """The words for the public, as Markdown: headings (##), paragraphs, **bold**."""

    model_config = ConfigDict(extra="forbid")

    form: Form = "standard"
    text: str = Field(min_length=1, max_length=10_000)


class ReplyToRelease(BaseModel):
    """Without a text the draft is released as it stands."""

    model_config = ConfigDict(extra="forbid")

    form: Form = "standard"
    text: str | None = Field(None, min_length=1, max_length=10_000)


class Withdrawal(BaseModel):
    """Why a reply is withdrawn; `remove_words` takes its text out of the database too, as after an erasure."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)
    remove_words: bool = False


# Actions


@router.get("", response_model=Actions)
def listed(
    conn: Connection,
    taxonomy: Data,
    reader: AskingReader,
    now: Now,
    service: Annotated[str | None, Query(description="A service's id, with everything below it.")] = None,
    state: Annotated[State | None, Query(description="planned, under_way, done or stopped.")] = None,
    waiting: Annotated[
        Waiting | None,
        Query(description="overdue: its day has passed; no_reply: done, and the public has not been told."),
    ] = None,
    after: Annotated[str | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List what was done or is to be done, latest first, page by page."""
    if service is not None:
        refuse_out_of_scope(reader, taxonomy.service(service).id)
    today = now.date()
    asked: dict[str, Any] = {
        "service": service,
        "states": (state,) if state else (),
        "waiting": waiting,
        "today": today,
    }
    found = actions(conn, taxonomy, reader.scope, **asked, after=after, limit=limit)
    return {"actions": [_kept(one, today) for one in found.actions], "after": found.after}


@router.post("", response_model=ActionKept, status_code=201)
def record(
    said: ActionToSave, taxonomy: Data, reader: ReaderOfWords, store: Writing, redact: Redaction, now: Now
) -> dict[str, Any]:
    """Record an action with the comments it answers; what identifies somebody is hidden in its texts first."""
    refuse_out_of_scope(reader, taxonomy.service(said.service).id)
    given = Action(**said.model_dump(exclude={"answers"}))
    id = add(store, taxonomy, given, by=reader.name, redact=redact, scope=reader.scope, citations=said.answers)
    return _kept(action(store.conn, id, reader.scope), now.date())


@router.get("/{id}", response_model=ActionWhole)
def one(id: int, conn: Connection, taxonomy: Data, reader: AskingReader, now: Now) -> dict[str, Any]:
    """Show one action: who changed what when, what it answers, before and after, and what the public was told."""
    return _whole(conn, taxonomy, reader, id, now.date())


@router.patch("/{id}", response_model=ActionWhole)
def changed(
    id: int, said: ActionChange, taxonomy: Data, reader: ReaderOfWords, store: Writing, redact: Redaction, now: Now
) -> dict[str, Any]:
    """Change an action. A reply that was released stays as it was released."""
    given = said.model_dump(exclude_unset=True)
    cited = given.pop("answers", None)
    if given.get("service"):
        refuse_out_of_scope(reader, taxonomy.service(given["service"]).id)
    given = {name: value for name, value in given.items() if value is not None or name in ("theme", "statement")}
    change(store, taxonomy, id, given, by=reader.name, redact=redact, scope=reader.scope, citations=cited)
    return _whole(store.conn, taxonomy, reader, id, now.date())


# What the public is told


@router.get("/{id}/reply", response_model=ReplyDraft)
def drafted(
    id: int, conn: Connection, taxonomy: Data, reader: ReaderOfWords, form: FormAsked = "standard"
) -> dict[str, Any]:
    """Show the words drafted for the public, or those that somebody left, each sentence with what it rests on."""
    found = action(conn, id, reader.scope)
    left = draft_kept(conn, id, form)
    text = left.text if left else draft(conn, taxonomy, found, form, reader.scope).text
    checked = traced(conn, taxonomy, found, form, text, reader.scope)
    return {"form": form, "text": text, "written_by": left and left.written_by, **asdict(checked)}


@router.put("/{id}/reply", status_code=204)
def keep_draft(
    id: int, said: ReplyToSave, taxonomy: Data, reader: ReaderOfWords, store: Writing, redact: Redaction
) -> None:
    """Keep words for the public without releasing them, in place of those kept before."""
    keep(store, taxonomy, action(store.conn, id, reader.scope), said.form, said.text, by=reader.name, redact=redact)


@router.post("/{id}/replies", response_model=Reply, status_code=201)
def released(
    id: int, said: ReplyToRelease, taxonomy: Data, reader: ReaderOfWords, store: Writing, redact: Redaction
) -> dict[str, Any]:
    """Release words to the public, in your name. What was released before in this form is withdrawn as replaced."""
    found = action(store.conn, id, reader.scope)
    text = said.text
    if text is None:
        left = draft_kept(store.conn, id, said.form)
        text = left.text if left else draft(store.conn, taxonomy, found, said.form, reader.scope).text
    number = release(store, taxonomy, found, said.form, text, by=reader.name, redact=redact, scope=reader.scope)
    return _shown(reply(store.conn, id, number))


@router.post("/{id}/replies/{number}/withdraw", response_model=Reply)
def withdrawn(
    id: int, number: int, said: Withdrawal, reader: ReaderOfWords, store: Writing, redact: Redaction
) -> dict[str, Any]:
    """Withdraw a released reply, in your name; it stays in the record."""
    action(store.conn, id, reader.scope)
    withdraw(store, id, number, by=reader.name, reason=said.reason, redact=redact, remove_words=said.remove_words)
    return _shown(reply(store.conn, id, number))


@router.get("/{id}/replies/{number}.{form}", response_class=Response)
def file(id: int, number: int, form: Format, conn: Connection, taxonomy: Data, reader: AskingReader) -> Response:
    """Download a reply that stands, as Markdown, as a page (HTML) or as a Word document."""
    found = action(conn, id, reader.scope)
    return reply_file(taxonomy.service_name(found.service), reply(conn, id, number), form)


def reply_file(service: str, found: Kept, form: Format) -> Response:
    """A reply as a download."""
    name = f"you-said-we-did-{found.action}-{found.form.replace('_', '-')}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_file(service, found, form), media_type=FORMATS[form], headers=headers)


def _whole(conn: Connection, taxonomy: Data, reader: Reader, id: int, today: Day) -> dict[str, Any]:
    found = action(conn, id, reader.scope)
    return _kept(found, today) | {
        "answers": list(answered(conn, id, reader.scope)) if reader.may_read else None,
        "history": [asdict(past) for past in history(conn, id)],
        "comparison": asdict(compare(conn, taxonomy, found, reader.scope, may_read=reader.may_read)),
        "replies": [_shown(told) for told in replies(conn, id)],
    }


def _kept(found: Action, today: Day) -> dict[str, Any]:
    return asdict(found) | {"title": found.title, "overdue": found.overdue(today)}


def _shown(told: Kept) -> dict[str, Any]:
    return asdict(told)
