"""Show the safety queue, one flag with its history and the form for a decision, and the digest that is sent round.

Nothing here closes itself, and nothing here is a crisis service; the page says both before it shows a single flag.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse

from api import hidden
from api.deps import Asked, AskedOnWords, KnownRoutes, Now, Question, Redaction, Writing
from api.pages import links, views
from api.pages.render import Frame, page, plural
from api.pages.views import Chip
from feedback.errors import BadInput
from feedback.query import suppress
from feedback.safety.blind import Estimate, latest_estimate
from feedback.safety.digest import digest
from feedback.safety.due import working_days
from feedback.safety.holidays import load_holidays
from feedback.safety.queue import (
    NEEDS_A_NOTE,
    OPEN,
    PASSED_ON,
    STATES,
    Decision,
    Flag,
    Review,
    flag,
    flags,
    held,
    held_overdue,
    history,
    review,
    waiting,
)
from feedback.safety.routes import Route, Routes, check_reference
from feedback.settings import Settings
from feedback.undecided import ReviewOutcome

router = APIRouter()

LIMIT = 50  # flags on one page
LINES = 200  # flags listed in a digest's page; the command and the API list them all

OUTCOMES: dict[ReviewOutcome, tuple[str, str]] = {
    "seen": ("Being dealt with", "It stays open and in the queue until you say what became of it."),
    "escalated": (
        "Passed on",
        "To safeguarding, patient safety, complaints or another team. It stays in sight until they have it.",
    ),
    "received": ("Received there", "Those it was passed on to have it; say which team or role, and on which day."),
    "done": ("Done", "It has been dealt with here; say what was done."),
    "not_a_concern": ("Not a concern", "Say why."),
    "reopened": ("Open it again", "It was closed too early, or by mistake; say why."),
}
STATE_NAMES = {
    "new": "Nobody has looked at it",
    "reopened": "Opened again",
    "seen": "Being dealt with",
    "escalated": "Passed on, not yet acknowledged",
    "received": "Passed on, and received",
    "not_a_concern": "Not a concern",
    "done": "Done",
}


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One decision in words: what was decided, where it went, who says so, when and why."""

    outcome: str
    route: str | None
    reference: str | None
    note: str
    by: str
    at: str
    where: str = "to"


@dataclass(frozen=True, slots=True)
class FlagView:
    """One reason why a comment may not be able to wait. `before` and `after` are the words around those it rests on."""

    name: str
    severity: str
    citation: str
    href: str
    review_href: str
    before: str
    words: str
    after: str
    date: date | None
    services: tuple[tuple[str, str], ...]
    why: str
    state: str
    open: bool
    overdue: bool
    stored_at: str
    due: str
    raised: bool
    review: ReviewView | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many flags are open, in a sentence; None where none is."""

    sentence: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """Comments in one language that wait for translation, and where they are."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class MissedView:
    """What a blind reading says, in sentences; `methods` say how the intervals were made."""

    sentences: tuple[str, ...]
    caution: str | None
    methods: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue. `waits` says how many are open; `unread` are held comments, which come before every flag.

    `passed_on` are flags that were passed on and of which nobody has recorded that they were received, the first passed on first;
    `more_passed_on`: there are others.
    """

    waits: str | None
    rule: str
    unread: tuple[Held, ...]
    missed: MissedView | None
    flags: tuple[FlagView, ...]
    next_href: str | None
    all_shown: bool
    other_href: str
    digest_href: str
    chips: tuple[Chip, ...]
    may_read: bool
    passed_on: tuple[FlagView, ...] = ()
    more_passed_on: bool = False


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """A place to pass a flag on to; `suggested` for its kind and severity, `unchecked` where nobody has read its limit at its publisher."""

    route: Route
    suggested: bool
    unchecked: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A flag, its history, and the form for a decision with what was wrong with it the last time, if anything."""

    flag: FlagView
    history: tuple[ReviewView, ...]
    outcomes: dict[ReviewOutcome, tuple[str, str]]
    choices: tuple[RouteChoice, ...]
    name: str
    outcome: str
    route: str
    reference: str
    note: str
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class DigestTable:
    """Counts by kind, severity or service: a name, then new, open, overdue, passed on and closed, or why one is hidden."""

    caption: str
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One flag of the digest: its citation and address, and in words what it is and how it stands."""

    citation: str
    href: str
    name: str
    severity: str
    services: str
    state: str
    new: bool
    overdue: bool
    stored_at: str
    route: str | None


@dataclass(frozen=True, slots=True)
class DigestPage:
    """The digest. `total` counts all flags in it; `flags` are the first LINES of them, `further` how many are not listed."""

    since: date
    total: dict[str, str]
    tables: tuple[DigestTable, ...]
    routes: tuple[tuple[str, str], ...]
    held: str
    held_overdue: str | None
    missed: MissedView | None
    flags: tuple[DigestRow, ...]
    further: int
    chips: tuple[Chip, ...]
    may_read: bool


# The queue


@router.get("/signals")
def queue(
    question: Asked,
    now: Now,
    show: Literal["open", "all"] = "open",
    after: str | None = None,
    reviewed: str | None = None,
) -> HTMLResponse:
    """The queue; `reviewed` is the citation whose review has just been kept."""
    may_read = question.reader.may_read
    states = OPEN if show == "open" else STATES
    found = flags(*question.asked, now=now, states=states, after=after, limit=LIMIT) if may_read else None
    passed = None
    if may_read and show == "open" and after is None:
        passed = flags(*question.asked, now=now, states=PASSED_ON, limit=LIMIT)
    view = QueuePage(
        waits=_waits(question, now),
        rule=_rule(now),
        unread=_unread(question, now),
        missed=missed(latest_estimate(question.conn, question.taxonomy, question.reader.scope)) if may_read else None,
        flags=tuple(_view(question, one) for one in found.flags) if found else (),
        next_href=links.link("/signals", question.filters, show=show, after=found.after)
        if found and found.after
        else None,
        all_shown=show == "all",
        other_href=links.link("/signals", question.filters, show="open" if show == "all" else "all"),
        digest_href=links.link("/signals/digest", question.filters),
        chips=views.chips(question, "/signals", show=show),
        may_read=may_read,
        passed_on=tuple(_view(question, one) for one in passed.flags) if passed else (),
        more_passed_on=bool(passed and passed.after),
    )
    done = f"What you decided about comment {reviewed} has been kept." if reviewed else None
    frame = Frame("Safety queue", "/signals", above=[("Overview", "/")], done=done)
    return page("signals.html", frame, view, conn=question.conn)


def open_counts(question: Question, now: datetime) -> Counts:
    """How many flags are open, as this reader may be told; those overdue are a part, so they go with small wholes."""
    may_read = question.reader.may_read
    counted = waiting(*question.asked, now=now)
    if not any(n.open for n in counted.values()):
        return Counts(None)
    names = {"urgent": ("urgent flag", "urgent flags"), "watch": ("flag to watch", "flags to watch")}
    opened = _shown([counted["urgent"].open, counted["watch"].open], may_read=may_read)
    parts = []
    for n, (one, many), of in zip(opened, names.values(), (counted["urgent"], counted["watch"]), strict=True):
        told = [
            f"{k:,} {word}" for k, word in ((of.overdue, "overdue"), (of.seen, "being dealt with")) if k and may_read
        ]
        parts.append(f"{n} {one if n == '1' else many}" + (f" ({', '.join(told)})" if told else ""))
    return Counts(f"{parts[0]} and {parts[1]} are open.")


def _waits(question: Question, now: datetime) -> str | None:
    """How many flags are open, and how many comments nobody has read, which fall due as urgent flags do."""
    may_read = question.reader.may_read
    unread = sum(n for _, n in held(*question.asked))
    if not unread:
        return open_counts(question, now).sentence
    (n,) = _shown([unread], may_read=may_read)
    late = sum(held_overdue(*question.asked, now=now).values()) if may_read else 0
    said = f"{n} {'comment in another language waits' if n == '1' else 'comments in other languages wait'} to be read"
    return " ".join(
        filter(None, (open_counts(question, now).sentence, said + (f" ({late:,} overdue)." if late else ".")))
    )


def views_of(question: Question, now: datetime, *, limit: int) -> tuple[FlagView, ...]:
    """The head of the queue; nothing for a reader who may not read the words."""
    if not question.reader.may_read:
        return ()
    return tuple(_view(question, one) for one in flags(*question.asked, now=now, limit=limit).flags)


def missed(found: Estimate | None) -> MissedView | None:
    """An estimate in sentences."""
    if found is None:
        return None
    sentences = [_missed_sentence(found)]
    for name, recall in (("comments that cannot wait", found.recall), ("urgent comments", found.urgent_recall)):
        if recall:
            sentences.append(
                f"So of all {name}, about {recall.share:.0%} are flagged ({percent(recall.lower)} to {percent(recall.upper)})."
            )
    caution = None
    if not found.current:
        caution = "The comments have since been read by another version of the rules and models, so draw a new sample."
    elif found.unread:
        caution = f"{plural(found.unread, 'comment')} of the sample still to be read."
    return MissedView(tuple(sentences), caution, found.methods, f"/signals/sample/{found.sample}")


def percent(share: float) -> str:
    """A share as it is read beside an interval.

    >>> percent(0.002), percent(0.07), percent(0), percent(1)
    ('0.2%', '7.0%', '0%', '100%')
    """
    return f"{share:.0%}" if share in (0, 1) else f"{share:.1%}"


def _missed_sentence(found: Estimate) -> str:
    all_of_it, urgent = found.missed, found.missed_urgent
    said = (
        f"Of {plural(all_of_it.n, 'unflagged comment')} read blind, {all_of_it.k:,} should have been flagged: "
        f"{percent(all_of_it.share)} ({percent(all_of_it.lower)} to {percent(all_of_it.upper)})"
    )
    return f"{said}; {urgent.k:,} of them urgent: {percent(urgent.share)} ({percent(urgent.lower)} to {percent(urgent.upper)})."


def _rule(now: datetime) -> str:
    urgent, watch = plural(working_days("urgent"), "working day"), plural(working_days("watch"), "working day")
    caution = load_holidays(Settings().data).caution(now.date())
    return (
        f"An urgent flag is overdue {urgent} after its comment came in, and so is a comment that waits for translation; a flag to "
        f"watch after {watch} (Monday to Friday, without the bank holidays of England). Overdue flags come first among those of "
        "their severity." + (f" {caution}" if caution else "")
    )


def _unread(question: Question, now: datetime) -> tuple[Held, ...]:
    found, may_read = held(*question.asked), question.reader.may_read
    counts = _shown([n for _, n in found], may_read=may_read)
    late = held_overdue(*question.asked, now=now) if may_read else {}
    return tuple(
        Held(
            f"{n} {'comment' if n == '1' else 'comments'} in {views.language_name(language)}"
            + (f", {late[language]:,} overdue" if language in late else ""),
            links.comments(question.filters, language=language, signal=None),
        )
        for (language, _), n in zip(found, counts, strict=True)
    )


def _shown(counts: list[int], *, may_read: bool) -> list[str]:
    return [cell.reason or views.shown(cell.n or 0) for cell in suppress(counts, may_read=may_read)]


def _view(question: Question, flag: Flag) -> FlagView:
    text, machine = flag.comment_text, not flag.by.startswith("person:")
    by = f"Flagged by {flag.by}, score {flag.score:.2f}" if machine else f"Flagged by {flag.by.removeprefix('person:')}"
    return FlagView(
        name=views.SIGNAL_NAMES.get(flag.kind, flag.kind),
        severity=flag.severity,
        citation=flag.citation,
        href=links.comment(flag.citation),
        review_href=_href(flag.citation, flag.kind),
        before=text[: flag.start],
        words=flag.text,
        after=text[flag.end :],
        date=flag.date,
        services=tuple((question.taxonomy.service_name(id), links.service(id)) for id in flag.services),
        why=by,
        state=STATE_NAMES[flag.state],
        open=flag.open,
        overdue=flag.overdue,
        stored_at=flag.stored_at,
        due=flag.due.isoformat(),
        raised=flag.raised,
        review=_decided(flag.review) if flag.review else None,
    )


def _decided(review: Review, routes: Routes | None = None) -> ReviewView:
    known = routes.routes if routes else {}
    route = review.route
    if route is not None:
        route = known[route].name if route in known else route.replace("_", " ")
    said = {"escalated": "Passed on", "received": "Received"}.get(review.outcome) or STATE_NAMES[review.outcome]
    where = "at" if review.outcome == "received" else "to"
    return ReviewView(said, route, review.reference, review.note, review.by, review.at, where)


def _href(citation: str, kind: str) -> str:
    return f"/signals/{quote(citation, safe='')}/{kind}"


# The digest


@router.get("/signals/digest")
def digest_page(
    question: Asked, now: Now, routes: KnownRoutes, since: Annotated[date | None, Query()] = None
) -> HTMLResponse:
    """What came, waits, is late and was decided since a day, without any words."""
    found = digest(*question.asked, routes, now=now, since=since)
    may_read = question.reader.may_read
    shown = hidden.digest(found, may_read=may_read)
    titles = {"by_severity": "By severity", "by_kind": "By kind", "by_service": "By service"}
    names = {"by_kind": views.SIGNAL_NAMES}
    tables = tuple(
        DigestTable(caption, tuple(_counts(row, names.get(name, {})) for row in shown[name]))
        for name, caption in titles.items()
    )
    view = DigestPage(
        since=found.since,
        total=_counts(shown["total"], {}),
        tables=tuple(table for table in tables if table.rows),
        routes=tuple((row["title"], views.shown(views.count_of(row, "n"))) for row in shown["passed_on"]),
        held=shown["suppressed"].get("held") or views.shown(found.held),
        held_overdue=views.shown(found.held_overdue) if may_read and found.held_overdue else None,
        missed=missed(found.missed) if may_read else None,
        flags=tuple(_row(question, routes, line) for line in shown["flags"][:LINES]),
        further=max(0, len(shown["flags"]) - LINES),
        chips=views.chips(question, "/signals/digest", since=found.since.isoformat()),
        may_read=may_read,
    )
    frame = Frame("Digest of the safety queue", "/signals", above=[("Overview", "/"), ("Safety queue", "/signals")])
    return page("signals_digest.html", frame, view, conn=question.conn)


def _counts(row: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    titles = {"new": "New", "open": "Open", "overdue": "Overdue", "passed_on": "Passed on", "closed": "Closed"}
    counts = {title: views.shown(views.count_of(row, name)) for name, title in titles.items()}
    name = names.get(row["id"], row["title"])
    return {"": name[:1].upper() + name[1:]} | counts


def _row(question: Question, routes: Routes, line: dict[str, Any]) -> DigestRow:
    route = routes.routes[line["route"]].name if line["route"] in routes.routes else line["route"]
    return DigestRow(
        citation=line["citation"],
        href=line["path"],
        name=views.SIGNAL_NAMES.get(line["kind"], line["kind"]),
        severity=line["severity"],
        services=", ".join(question.taxonomy.service_name(id) for id in line["services"]),
        state=STATE_NAMES[line["state"]],
        new=line["new"],
        overdue=line["overdue"],
        stored_at=line["stored_at"],
        route=" ".join(filter(None, (route, line["reference"]))) or None,
    )


# One flag


@router.get("/signals/{citation}/{kind}")
def review_form(question: AskedOnWords, now: Now, routes: KnownRoutes, citation: str, kind: str) -> HTMLResponse:
    """One flag, its comment's words, its history, and the form for a decision."""
    found = flag(question.conn, question.reader.scope, citation, kind, now=now)
    suggested = routes.suggested[found.kind, found.severity][0]
    return _form(question, routes, found, name="", outcome="", route=suggested, reference="", note="", errors={})


@router.post("/signals/{citation}/{kind}", response_model=None)
def decide(
    question: AskedOnWords,
    store: Writing,
    now: Now,
    routes: KnownRoutes,
    redact: Redaction,
    citation: str,
    kind: str,
    name: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    route: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Keep a decision and go back to the queue; an incomplete form comes back with what is missing."""
    found = flag(question.conn, question.reader.scope, citation, kind, now=now)
    given = {"name": name, "outcome": outcome, "route": route, "reference": reference, "note": note}
    errors = _missing(found, given)
    if not errors:
        # The route is preselected, so it is there even where nothing was passed on.
        where = route if outcome == "escalated" else None
        number = reference or None if outcome in ("escalated", "received") else None
        decision = Decision(outcome, note, where, number)  # type: ignore[arg-type]
        try:
            review(store, routes, redact, found, decision, by=name)
        except BadInput as error:
            errors["note"] = str(error)
    if errors:
        return _form(question, routes, found, **given, errors=errors)
    return RedirectResponse(links.link("/signals", reviewed=found.citation), status_code=303)


def _missing(found: Flag, given: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not given["name"].strip():
        errors["name"] = "Enter your name, so that others know who looked at this"
    if given["outcome"] not in _outcomes(found):
        errors["outcome"] = "Select what you decided"
    if given["outcome"] == "escalated" and not given["route"]:
        errors["route"] = "Select where it was passed on"
    if given["outcome"] in ("escalated", "received") and given["reference"].strip():
        try:
            check_reference(given["reference"])
        except BadInput as error:
            errors["reference"] = str(error)
    if given["outcome"] in NEEDS_A_NOTE and not given["note"].strip():
        errors["note"] = NEEDS_A_NOTE[given["outcome"]].removesuffix(".")
    return errors


def _outcomes(found: Flag) -> dict[ReviewOutcome, tuple[str, str]]:
    makes_sense = {"reopened": not found.open, "received": found.state in PASSED_ON}
    return {outcome: words for outcome, words in OUTCOMES.items() if makes_sense.get(outcome, True)}


def _form(question: Question, routes: Routes, found: Flag, **given: object) -> HTMLResponse:
    suggested = routes.suggested[found.kind, found.severity]
    view = ReviewPage(
        flag=_view(question, found),
        history=tuple(_decided(past, routes) for past in history(question.conn, found)),
        outcomes=_outcomes(found),
        choices=tuple(
            RouteChoice(route, route.id in suggested, not route.checked) for route in _in_order(routes, suggested)
        ),
        **given,  # type: ignore[arg-type]  # the fields of the form
    )
    title = f"{'Error: ' if given['errors'] else ''}Safety flag on comment {found.citation}"
    frame = Frame(title, "/signals", above=[("Overview", "/"), ("Safety queue", "/signals")])
    return page("review.html", frame, view, conn=question.conn, status=400 if given["errors"] else 200)


def _in_order(routes: Routes, suggested: tuple[str, ...]) -> list[Route]:
    """The suggested routes first, then the others."""
    return [routes.routes[id] for id in dict.fromkeys((*suggested, *routes.routes))]
