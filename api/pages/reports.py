"""Make documents to take to a meeting, list those that were made with their files, and check one against the database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from itertools import combinations
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import AskedOnWords, Question, ReaderOfWords, ShippedData, Writing
from api.pages import links, views
from api.pages.render import Frame, page
from api.pages.views import Chip
from api.routes.reports import content_of, refuse_a_service_out_of_scope
from feedback.documents.asked import COMPARISON, FORMS, NOT_ON_THE_COMMAND_LINE, asked_of
from feedback.documents.asked import Form as FileForm
from feedback.documents.files import read_file
from feedback.documents.kept import Kept, all_kept, keep, kept
from feedback.documents.verify import Altered, Difference, Verification, verify, verify_file
from feedback.errors import BadFile, BadInput
from feedback.filters import Filters
from feedback.strategies.bearing import outcomes
from feedback.strategies.versions import strategies, two_to_compare, under
from feedback.taxonomy import Taxonomy

router = APIRouter()

LISTED = 30  # documents on a page
DIFFERENCES = 100  # figures on a page; the API has all
BOARD = "board"
# Filters that the form asks for itself, and those that no document can keep: it is on one part, and its command line must be able to say them.
IN_THE_FORM = ("service", "date_from", "date_to")
CANNOT_KEEP = (
    *("value", "objective", "statement", "evidence", "programme", "polarity", "side"),
    *NOT_ON_THE_COMMAND_LINE,
)
FORM_NAMES: dict[FileForm, str] = {"docx": "Word", "html": "HTML", "md": "Markdown", "json": "JSON"}

Group = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class MadeView:
    """One document that was made: on what, by whom, when, its files (name, address), and where it is checked."""

    id: int
    title: str
    further: str
    by: str
    at: str
    files: tuple[tuple[str, str], ...]
    check: str


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """The form, with what was chosen and what was wrong with it (by field), and the documents made, latest first.

    `choices` are groups of (value, text) of what a document can be on, `services` those that it can be narrowed to. `chips` are further filters
    of the page that somebody comes from, which the document keeps, and `action` the form's address with them; `left_out` says in words which of
    them no document can keep.
    """

    choices: tuple[Group, ...]
    services: tuple[tuple[str, str], ...]
    service: str
    chips: tuple[Chip, ...]
    left_out: tuple[str, ...]
    action: str
    on: str
    date_from: str
    date_to: str
    name: str
    errors: Mapping[str, str]
    made: tuple[MadeView, ...]
    next_href: str | None
    new: MadeView | None = None


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What was found of a document: `verdict` in few words with its colour, the sentences, the lines of a changed file and the figures that differ."""

    title: str
    verdict: str
    colour: str
    sentences: tuple[str, ...]
    altered: tuple[Altered, ...]
    differences: tuple[Difference, ...]
    more: int
    quoted: tuple[tuple[str, tuple[str, ...]], ...]
    command: str
    files: tuple[tuple[str, str], ...] = field(default=())


@router.get("/reports")
def reports(
    question: AskedOnWords, on: str = "", made: int | None = None, before: int | None = None, name: str = ""
) -> HTMLResponse:
    """The documents; `on` chooses beforehand what the next is on ("service:podiatry"), `made` is the one that has just been made."""
    days = (question.filters.date_from, question.filters.date_to)
    start, end = (day.isoformat() if day else "" for day in days)
    service = question.filters.service or ""
    return _page(question, on=on, service=service, start=start, end=end, made=made, before=before, name=name)


@router.post("/reports", response_model=None)
def make(
    question: AskedOnWords,
    shipped: ShippedData,
    store: Writing,
    on: Annotated[str, Form()] = "",
    service: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Make a document and show it on top of the list; an incomplete form comes back with what is missing."""
    errors: dict[str, str] = {}
    days = {"start": _day(start, "start", errors), "end": _day(end, "end", errors)}
    if not on:
        errors["on"] = "Select what the document is to be on"
    if not name.strip():
        errors["name"] = "Enter your name"
    if days["start"] and days["end"] and days["start"] > days["end"]:
        errors["end"] = "The last day must be after the first"
    kind, _, id = on.partition(":")
    if service and kind == "service" and id != service:
        errors["service"] = "The document is on a service already: choose no other here"
    if service and kind == "programme":
        errors["service"] = (
            "A document on a programme is of all its services: choose none here, or a document on the service itself"
        )
    if errors:
        return _page(question, on=on, service=service, start=start, end=end, name=name, errors=errors)
    taxonomy, compare = question.taxonomy, None
    try:
        if kind == COMPARISON:
            old, _, new = id.partition("@")
            compare = two_to_compare(store.conn, shipped, old or None, new or None)
            taxonomy = under(store.conn, shipped, shipped.versions["strategy"])
        chosen: dict[str, Any] = {} if kind in (BOARD, COMPARISON) else _filter(kind, id)
        named: dict[str, Any] = {"date_from": days["start"], "date_to": days["end"], "service": service or None}
        filters = replace(_further_of(question)[0], **(named | chosen))
        asked = asked_of(filters.check(taxonomy, store.conn), board=kind == BOARD, compare=compare)
    except BadInput as error:
        return _page(question, on=on, service=service, start=start, end=end, name=name, errors={"on": str(error)})
    refuse_a_service_out_of_scope(question.reader, asked)
    one = keep(store, taxonomy, asked, question.reader.scope, by=name)
    return RedirectResponse(f"/reports?made={one.id}", status_code=303)


@router.post("/reports/check", response_model=None)
def check_file(
    question: AskedOnWords,
    shipped: ShippedData,
    file: Annotated[UploadFile | str | None, File()] = None,
) -> HTMLResponse:
    """Check a file that somebody has; one that is no document of ours comes back with the reason."""
    if file is None or isinstance(file, str) or not file.filename:
        return _page(question, errors={"file": "Select a document to check"})
    try:
        carried = read_file(content_of(file))
    except (BadFile, BadInput) as error:
        return _page(question, errors={"file": str(error)})
    found = verify_file(question.conn, shipped, carried, question.reader.scope)
    return _check(question, found)


@router.get("/reports/{id}/check")
def check(question: AskedOnWords, shipped: ShippedData, reader: ReaderOfWords, id: int) -> HTMLResponse:
    """Check a document that was made by its number."""
    one = kept(question.conn, id, reader.scope)
    return _check(question, verify(question.conn, shipped, one.record, reader.scope), files=_files(one.id))


def _page(
    question: Question,
    *,
    on: str = "",
    service: str = "",
    start: str = "",
    end: str = "",
    name: str = "",
    made: int | None = None,
    before: int | None = None,
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    listed = all_kept(question.conn, question.reader.scope, after=before, limit=LISTED)
    new = _made(question.taxonomy, kept(question.conn, made, question.reader.scope)) if made is not None else None
    further, left = _further_of(question)
    if service and not errors and on.startswith("programme:"):  # from a page that is narrowed to one of its services
        left, service = (*left, "service"), ""
    view = ReportsPage(
        choices=tuple(_choices(question)),
        services=tuple(_services(question)),
        service=service,
        chips=tuple(_chips(question, further, service, on)),
        left_out=tuple(views.in_words(question.taxonomy, field, getattr(question.filters, field)) for field in left),
        action=links.link("/reports", further),
        on=on,
        date_from=start,
        date_to=end,
        name=name,
        errors=errors or {},
        made=tuple(_made(question.taxonomy, one) for one in listed.packs),
        next_href=f"/reports?before={listed.after}" if listed.after else None,
        new=new,
    )
    done = f"“{new.title}” has been made. Its files are below." if new else None
    frame = Frame(f"{'Error: ' if errors else ''}Documents", "/reports", [("Overview", "/")], done=done)
    return page("reports.html", frame, view, conn=question.conn, status=400 if errors else 200)


def _check(question: Question, found: Verification, *, files: tuple[tuple[str, str], ...] = ()) -> HTMLResponse:
    verdict, colour = _verdict(found)
    quoted = (
        ("Quoted then and not today", found.quoted_then_only),
        ("Quoted today and not then", found.quoted_now_only),
    )
    view = CheckPage(
        title=found.record.title,
        verdict=verdict,
        colour=colour,
        sentences=found.sentences,
        altered=found.altered[:DIFFERENCES],
        differences=found.differences[:DIFFERENCES],
        more=max(0, len(found.differences) - DIFFERENCES),
        quoted=tuple((heading, citations) for heading, citations in quoted if citations),
        command=found.record.command,
        files=files,
    )
    frame = Frame("Check a document", "/reports", [("Overview", "/"), ("Documents", "/reports")])
    return page("report_check.html", frame, view, conn=question.conn)


def _verdict(found: Verification) -> tuple[str, str]:
    if not found.genuine:
        return "Not to be relied on", "red"
    if found.changed and "words" in found.changed:
        return "Changed since it was made", "red"
    if not found.same_figures:
        return "Figures have moved on", "orange"
    if found.holds and found.strategy:
        return "Still holds, of a strategy not in force", "orange"
    return ("Still holds", "green") if found.holds else ("Still holds, pictures apart", "orange")


def _made(taxonomy: Taxonomy, one: Kept) -> MadeView:
    return MadeView(
        id=one.id,
        title=one.record.title,
        further=_further(taxonomy, one),
        by=one.by,
        at=one.record.made_at,
        files=_files(one.id),
        check=f"/reports/{one.id}/check",
    )


def _further(taxonomy: Taxonomy, one: Kept) -> str:
    """The filters beside the thing itself, in words."""
    given = one.record.asked.further
    named = ((one.name, getattr(given, one.name)) for one in fields(Filters))
    return ", ".join(views.in_words(taxonomy, name, value) for name, value in named if value is not None)


def _chips(question: Question, further: Filters, service: str, on: str) -> Iterator[Chip]:
    """The filters beside those of the form; taking one off leaves all others as they stand."""
    dates = {name: getattr(question.filters, name) for name in ("date_from", "date_to")}
    for one in fields(Filters):
        if (value := getattr(further, one.name)) is not None:
            rest = replace(further, service=service or None, **dates)
            href = links.without("/reports", rest, one.name, on=on or None)
            yield Chip(views.in_words(question.taxonomy, one.name, value), href)


def _further_of(question: Question) -> tuple[Filters, tuple[str, ...]]:
    """The filters of the address that a document keeps beside what stands in the form, and the names of those that it cannot keep."""
    asked = replace(question.filters, **dict.fromkeys(IN_THE_FORM))
    left = tuple(name for name in CANNOT_KEEP if getattr(asked, name) is not None)
    return replace(asked, **dict.fromkeys(left)), left


def _files(id: int) -> tuple[tuple[str, str], ...]:
    return tuple((FORM_NAMES[form], f"/api/v1/reports/{id}/file?format={form}") for form in FORMS)


def _choices(question: Question) -> Iterable[Group]:
    """What a document can be on, in the order of the strategy, the plan and the directory."""
    taxonomy = question.taxonomy
    yield "The whole Trust", ((BOARD, "Summary for the board"),)
    yield from _comparisons(question)
    yield "Services: team on a page", _named("service", _services(question))
    yield "Objectives", _named("objective", ((o.id, f"{o.id} {o.title}") for o in taxonomy.objectives.values()))
    yield "Values", _named("value", ((v.id, v.name) for v in taxonomy.values.values()))
    statements = [s for s in taxonomy.statements.values() if s.objective]
    yield "Statements", _named("statement", ((s.id, f"{s.id} {s.title}") for s in statements))
    yield "Outcomes", _named("outcome", ((id, f"{id} {taxonomy.statements[id].title}") for id in outcomes(taxonomy)))
    supporting = ((s.id, f"{s.id} {s.title}") for s in taxonomy.supporting.values())
    yield "Supporting strategies", _named("strategy", supporting)
    yield "Delivery plan", _named("programme", ((p.id, p.title) for p in taxonomy.programmes.values()))


def _comparisons(question: Question) -> Iterable[Group]:
    """The older strategy beside each that was adopted; none where there is only one."""
    known = [one.version for one in strategies(question.conn, question.taxonomy) if one.ready]
    pairs = ((f"{old}@{new}", f"Strategies {old} and {new} side by side") for old, new in combinations(known, 2))
    if len(known) > 1:
        yield "Old and new strategy", _named(COMPARISON, pairs)


def _services(question: Question) -> Iterable[tuple[str, str]]:
    for id, service in views.in_tree_order(question.taxonomy):
        if question.reader.scope.reaches(id):
            yield id, service.name


def _named(kind: str, entries: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{kind}:{id}", text.rstrip(".")) for id, text in entries)


def _filter(kind: str, id: str) -> dict[str, str]:
    if kind in ("outcome", "strategy"):
        return {"evidence": f"{kind}:{id}"}
    if kind not in ("service", "objective", "value", "statement", "programme"):
        raise BadInput("Select what the document is to be on.")
    return {kind: id}


def _day(text: str, name: str, errors: dict[str, str]) -> date | None:
    """A day as the browser's field for one sends it, or as people write it without one."""
    if not text.strip():
        return None
    for how in ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y"):
        try:
            return datetime.strptime(text.strip(), how).date()
        except ValueError:
            continue
    errors[name] = "Enter a real date, such as 27/3/2026"
    return None
