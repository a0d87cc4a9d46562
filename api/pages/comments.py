"""Search the comments, and show one with its clauses marked and every finding explained: which words, which rule or model.

The address of a comment is its citation, which never changes; that of a clause marks the clause. Only words after redaction
exist here, because only those are stored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import AskedOnWords, Question, Redaction, Writing
from api.pages import links, misread, views
from api.pages.render import Frame, day, page
from api.pages.translations import Translated, translated_view
from api.pages.views import Chip, Period, Quote
from feedback.comment import Analysed, Finding, RespondentType
from feedback.correct import correct, withdraw
from feedback.errors import BadInput, NotFound
from feedback.filters import SIGNALS, Filters
from feedback.query import Stored, clause_named, clauses, comment, comments_page, disagreement_in, totals
from feedback.tag.experience import experiences_of
from feedback.taxonomy import Taxonomy

router = APIRouter()

PAGE = 25  # comments on a page
CLAUSES = 100  # clauses, where those are listed

Listing = Literal["newest", "negative", "positive"]
LISTINGS: dict[Listing, str] = {
    "newest": "Comments, newest first",
    "negative": "Clauses, most negative first",
    "positive": "Clauses, most positive first",
}

# What a finding is a finding of, in the order in which a comment is explained.
KINDS = {
    "service": "Service",
    "respondent": "Who speaks",
    "sentiment": "Sentiment of the whole",
    "theme": "Theme",
    "value": "Value",
    "objective": "Objective",
    "statement": "Statement of the strategy",
    "signal": "Safety flag",
    "clause": "Clause",
}
EXPERIENCES: dict[RespondentType, str] = {
    "patient": "the patient's care",
    "carer": "the carer's own experience",
    "relative": "the relative's own experience",
    "parent": "the parent's own experience",
}
SCALE = {"1": "very positive", "2": "positive", "3": "neutral", "4": "negative", "5": "very negative"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a comment: a numbered clause with its sentiment, or the white space between two."""

    text: str
    sentiment: str = ""
    number: int = 0
    cited: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A comment as it is listed. `labels` are its themes by side, each with the address of others like it."""

    citation: str
    href: str
    when: str
    who: str
    services: tuple[tuple[str, str], ...]
    question: str | None
    fft: str | None
    pieces: tuple[Piece, ...]
    labels: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of the form: its name, what stands above it, and its choices (value, text, whether it is now)."""

    name: str
    label: str
    choices: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class CommentsPage:
    """A list of comments or of clauses. `kept` are filters that the form has no field for but must not lose."""

    n: int
    listing: Listing
    listings: tuple[tuple[str, str, bool], ...]
    items: tuple[Item, ...]
    quotes: tuple[Quote, ...]
    limit: int
    next_href: str | None
    first_href: str | None
    chips: tuple[Chip, ...]
    clear_href: str
    periods: tuple[Period, ...]
    fields: tuple[Choice, ...]
    kept: tuple[tuple[str, str], ...]
    search: str
    date_from: str
    date_to: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One finding: what it is of, what it says, the words it rests on (or `basis`), and who or what says so, how sure (0 to 1).

    `models`: what the models had read of the same, where a person says so. `correct_href`: where it is said to be wrong.
    """

    kind: str
    label: str
    href: str | None
    side: str
    words: str
    basis: str
    by: str
    score: str
    models: str
    correct_href: str


@dataclass(frozen=True, slots=True)
class CommentPage:
    """One comment with all that was found in it, what people said of that, and the form to say that it was misread.

    `translation` is None for a comment that was read as it came.
    """

    item: Item
    cited: int | None
    id: str
    findings: tuple[Explained, ...]
    redactions: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    corrections: tuple[misread.Told, ...]
    misread: misread.Misread
    translation: Translated | None


@router.get("/comments", response_model=None)
def listed(
    request: Request, question: AskedOnWords, order: Listing = "newest", after: str | None = None
) -> HTMLResponse | RedirectResponse:
    """Comments under filters, newest first, or their clauses in another order."""
    if "" in request.query_params.values():  # a form sends its empty fields too; the address should not keep them
        return RedirectResponse(links.link("/comments", question.filters, order=None if order == "newest" else order))
    n = totals(*question.asked).comments
    found = comments_page(*question.asked, after=after or None, limit=PAGE) if order == "newest" else None
    of_clauses = () if order == "newest" else clauses(*question.asked, order=order, limit=CLAUSES)
    kept_order = None if order == "newest" else order
    following = found.after if found else None
    in_form = {choice.name for choice in _choices(question)} | {"search", "from", "to"}
    given = links.parameters(question.filters)
    view = CommentsPage(
        n=n,
        listing=order,
        listings=tuple(
            (text, links.link("/comments", question.filters, order=None if name == "newest" else name), name == order)
            for name, text in LISTINGS.items()
        ),
        items=tuple(_item(question, stored) for stored in found.comments) if found else (),
        quotes=tuple(views.quote(question.taxonomy, clause) for clause in of_clauses),
        limit=CLAUSES,
        next_href=links.link("/comments", question.filters, after=following) if following else None,
        first_href=links.link("/comments", question.filters) if after else None,
        chips=views.chips(question, "/comments", order=kept_order),
        clear_href=links.link("/comments", order=kept_order),
        periods=views.periods(question, "/comments", order=kept_order),
        fields=_choices(question),
        kept=tuple((name, value) for name, value in given.items() if name not in in_form)
        + ((("order", order),) if kept_order else ()),
        search=question.filters.search or "",
        date_from=given.get("from", ""),
        date_to=given.get("to", ""),
    )
    return page("comments.html", Frame("Comments", "/comments", [("Overview", "/")]), view, conn=question.conn)


DONE = {
    "kept": "What you said of this comment has been kept. It counts from now on, whatever the models read.",
    "undone": "That has been taken back. What was said or read before counts again.",
    "translated": "The translation is read as the comment's words from now on. What cannot wait in it is on the safety queue.",
    "held": "The comment is held again in its own words.",
}


@router.get("/comments/{citation}")
def one(
    question: AskedOnWords,
    citation: str,
    correct: str = "",
    label: str = "",
    so: str = "yes",
    clause: str = "",
    undo: str = "",
    done: Literal["kept", "undone", "translated", "held"] | None = None,
) -> HTMLResponse:
    """One comment by its id or citation; the citation of a clause marks that clause.

    `correct` is the kind of label that the form corrects, filled in with `label`, `so` and `clause`; `undo` the correction that
    is to be taken back; `done` what has just been done.
    """
    stored = comment(question.conn, citation, question.reader.scope)
    given = misread.Given(kind=correct, label=label, so=so, clause=clause, undo=undo)
    return _page(question, stored, given, cited=_clause_of(citation, stored), done=done and DONE[done])


@router.post("/comments/{citation}", response_model=None)
def say(
    question: AskedOnWords,
    store: Writing,
    redact: Redaction,
    citation: str,
    kind: Annotated[str, Form()] = "",
    label: Annotated[str, Form()] = "",
    so: Annotated[str, Form()] = "yes",
    side: Annotated[str, Form()] = "",
    clause: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "subject",
    severity: Annotated[str, Form()] = "watch",
    instead_of: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    undo: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Keep what a person says of how the comment was read, or take that back; an incomplete form comes back with what is missing."""
    scope = question.reader.scope
    stored = comment(question.conn, citation, scope)
    given = misread.Given(kind, label, so, side, clause, role, severity, instead_of, name, reason, undo)
    if not undo and kind not in misread.NAMES:
        raise BadInput("Choose first what was misread, then say how it is to be read.")
    errors = misread.missing(given)
    if not errors:
        try:
            if undo:
                withdraw(store, stored.citation, by=name, number=int(undo) if undo.isdecimal() else -1, scope=scope)
            else:
                what = misread.said(given)
                correct(
                    store, question.taxonomy, stored.citation, what, by=name, reason=reason, redact=redact, scope=scope
                )
        except (BadInput, NotFound) as error:
            errors["name" if undo else "label"] = str(error)
    if errors:
        return _page(question, stored, given, errors=errors)
    try:
        comment(store.conn, stored.citation, scope)
    except NotFound:  # the correction has just moved it to a service that this reader may not see
        return RedirectResponse("/comments", status_code=303)
    done = "undone" if undo else "kept"
    return RedirectResponse(links.link(links.comment(stored.citation), done=done), status_code=303)


def _page(
    question: Question,
    stored: Stored,
    given: misread.Given,
    *,
    cited: int | None = None,
    done: str | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    said = stored.analysed.comment
    told = misread.told(question, stored)
    view = CommentPage(
        item=_item(question, stored, cited),
        cited=cited,
        id=said.id,
        findings=tuple(_explained(question, stored)),
        redactions=tuple(
            f"{r.placeholder}: {r.kind.replace('_', ' ')}" + (f", {r.role}" if r.role else "") for r in said.redactions
        ),
        facts=tuple(_facts(stored)),
        corrections=told,
        misread=misread.form(question, stored, given, told, errors),
        translation=translated_view(question.conn, stored),
    )
    title = f"{'Error: ' if errors else ''}Comment {stored.citation}"
    frame = Frame(title, "/comments", [("Overview", "/"), ("Comments", "/comments")], done=done)
    return page("comment.html", frame, view, conn=question.conn, status=400 if errors else 200)


def _clause_of(citation: str, stored: Stored) -> int | None:
    """The clause that a citation names, if the comment has it."""
    number = clause_named(citation, stored)
    return number if str(number) in {f.detail for f in stored.analysed.of("clause")} else None


def pieces(text: str, clauses: Sequence[Finding], cited: int | None = None) -> tuple[Piece, ...]:
    """A comment's text cut at its clauses, nothing lost: the pieces joined are the text.

    >>> kind = Finding("clause", "positive", "+", 0.9, 0, 5, "reader 1.0", "1")
    >>> [piece.text for piece in pieces("Kind. ", (kind,))]
    ['Kind.', ' ']
    """
    found, place = [], 0
    for clause in sorted(clauses, key=lambda clause: clause.start):
        if clause.start < place:  # a person's correction of a stretch may lie across two clauses; the first one stands
            continue
        if clause.start > place:
            found.append(Piece(text[place : clause.start]))
        number = int(clause.detail) if clause.detail.isdecimal() else 0
        sentiment = views.sentiment_word(clause.polarity)
        found.append(Piece(text[clause.start : clause.end], sentiment, number, bool(cited) and number == cited))
        place = clause.end
    if place < len(text):
        found.append(Piece(text[place:]))
    return tuple(found)


def _item(question: Question, stored: Stored, cited: int | None = None) -> Item:
    said, taxonomy = stored.analysed.comment, question.taxonomy
    subjects = dict.fromkeys(f.label for f in stored.analysed.of("service") if f.detail == "subject")
    themes = dict.fromkeys((f.label, f.polarity) for f in stored.analysed.of("theme"))
    who = next((f.label for f in stored.analysed.of("respondent")), "unknown")
    notes = []
    if said.contentless:
        notes.append("Holds no content; counted, but nothing is read from it.")
    elif said.language != "en":
        notes.append(f"In {views.language_name(said.language)}: stored, but not read until translated.")
    if said.translated_from == "en":
        notes.append("It had been taken for another language; a person says that it is English.")
    elif said.translated_from:
        notes.append(f"A translation from {views.language_name(said.translated_from)}: a translator's words.")
    notes += [
        f"The upload's column says {taxonomy.service_name(found.by_column)}, the words say "
        f"{taxonomy.service_name(found.by_words)}. Both are kept, and the comment counts for both."
        for found in disagreement_in(question.conn, taxonomy, stored.number)
    ]
    return Item(
        citation=stored.citation,
        href=links.comment(stored.citation),
        when=day(said.date, stored.date_precision),
        who="" if who == "unknown" else who,
        services=tuple((taxonomy.service_name(id), _service_href(taxonomy, id)) for id in subjects),
        question=said.question,
        fft=views.FFT.get(said.fft) if said.fft else None,
        pieces=pieces(said.text, stored.analysed.of("clause"), cited),
        labels=tuple(
            (
                f"{taxonomy.themes[id].name} ({views.SIDES.get(sign, '')})",
                links.comments(Filters(), theme=id, polarity=sign or None),
            )
            for id, sign in themes
            if id in taxonomy.themes
        ),
        notes=tuple(notes),
    )


def _service_href(taxonomy: Taxonomy, id: str) -> str:
    return links.service(id) if id in taxonomy.services else links.comments(Filters(), service=id)


def _explained(question: Question, stored: Stored) -> Iterator[Explained]:
    text = stored.analysed.comment.text
    models = misread.models_read(question, stored)
    experience = _experience(stored.analysed)
    for kind, name in KINDS.items():
        for f in stored.analysed.findings:
            if f.kind == kind:
                label, href = _label(question.taxonomy, f)
                words = text[f.start : f.end] if kind != "sentiment" else ""
                basis = "the whole comment" if kind == "sentiment" else "what the upload says beside it"
                yield Explained(
                    kind=name,
                    label=label,
                    href=href,
                    side=experience.get(f) or _side(f),
                    words=words,
                    basis=basis,
                    by=by_words(f),
                    score=f"{f.score:.2f}",
                    models=models.get(f, ""),
                    correct_href=misread.correct_href(stored, f),
                )


def _experience(analysed: Analysed) -> dict[Finding, str]:
    """Whose experience each clause tells, in words; nothing where it cannot be told, or where only one person's can be meant."""
    if next((f.label for f in analysed.of("respondent")), "unknown") in ("patient", "staff"):
        return {}
    told = zip(analysed.of("clause"), experiences_of(analysed), strict=True)
    return {clause: EXPERIENCES[whose] for clause, whose in told if whose in EXPERIENCES}


def _label(taxonomy: Taxonomy, f: Finding) -> tuple[str, str | None]:
    """What a finding says, in words, and the address of that."""
    if f.kind == "service":
        mentioned = "" if f.detail == "subject" else " (only mentioned)"
        return f"{taxonomy.service_name(f.label)}{mentioned}", _service_href(taxonomy, f.label)
    if f.kind == "theme":
        return taxonomy.theme(f.label).name, links.theme(f.label)
    if f.kind == "value":
        return taxonomy.value(f.label).name, links.strategy("value", f.label)
    if f.kind == "objective":
        return f"{f.label} {taxonomy.objective(f.label).title.rstrip('.')}", links.strategy("objective", f.label)
    if f.kind == "statement":
        return f"{f.label} {taxonomy.statement(f.label).title}", links.strategy("statement", f.label)
    if f.kind == "signal":
        return f"{views.SIGNAL_NAMES.get(f.label, f.label)} ({f.detail})", links.link(
            "/signals", Filters(signal=f.label)
        )
    if f.kind == "clause":
        return f"Clause {f.detail}: {f.label}", None
    if f.kind == "sentiment":
        scale = f" ({f.detail} of 5: {SCALE[f.detail]})" if f.detail in SCALE else ""
        return f"{views.sentiment_word(f.polarity)}{scale}", None
    return f.label, None


def _side(f: Finding) -> str:
    if f.kind == "theme":
        return views.SIDES.get(f.polarity, "")
    return views.STANDS.get(f.polarity, "") if f.kind in ("value", "objective", "statement") else ""


def by_words(f: Finding) -> str:
    """Who or what says so, for a person to read.

    >>> by_words(Finding("service", "podiatry", "", 1.0, 0, 0, "rule:alias", "subject"))
    'rule: alias'
    """
    kind, colon, name = f.by.partition(":")
    if kind == "person":
        return f"corrected by {name}"
    if colon:
        return f"{kind}: {name}"
    return f"model: {f.by}" if " " in f.by else f"rule: {f.by}"


def _facts(stored: Stored) -> Iterator[tuple[str, str]]:
    said = stored.analysed.comment
    yield "Citation", stored.citation
    yield "Id in the upload", said.id
    yield "Date", day(said.date, stored.date_precision)
    if said.question:
        yield "Question asked", said.question
    if said.service_cells:
        yield "Service, as the upload has it", " / ".join(cell for cell in said.service_cells if cell) or "left blank"
    if said.respondent_cell:
        yield "Respondent, as the upload has it", said.respondent_cell
    if said.fft:
        yield "Friends and Family Test", views.FFT[said.fft]
    yield "Language", "English" if said.language == "en" else views.language_name(said.language)
    yield "Read with", ", ".join(f"{name} {version}" for name, version in stored.versions.items())


def _choices(question: Question) -> tuple[Choice, ...]:
    """The form's fields, each with the choice in force."""
    taxonomy, filters = question.taxonomy, question.filters
    services = [
        (id, f"{'– ' * len(taxonomy.ancestors(id))}{s.name}")
        for id, s in views.in_tree_order(taxonomy)
        if question.reader.scope.reaches(id)
    ]
    if filters.service and filters.service not in taxonomy.services:
        services.append(
            (filters.service, views.in_words(taxonomy, "service", filters.service).removeprefix("Service: "))
        )
    options: dict[str, tuple[str, list[tuple[str, str]]]] = {
        "service": ("Service", services),
        "theme": ("Theme", [(t.id, t.name) for t in taxonomy.themes.values() if not t.contentless]),
        "sentiment": ("Sentiment", [(s, s.capitalize()) for s in ("positive", "negative", "mixed", "neutral")]),
        "respondent": ("Respondent", [(r, r.capitalize()) for r in get_args(RespondentType)]),
        "county": ("County", [(c, c) for c in taxonomy.places]),
        "value": ("Value", [(v.id, v.name) for v in taxonomy.values.values()]),
        "objective": ("Objective", [(o.id, f"{o.id} {o.title}") for o in taxonomy.objectives.values()]),
        "programme": ("Delivery plan", [(p.id, p.title) for p in taxonomy.programmes.values()]),
        "signal": ("Safety flag", [(s, views.SIGNAL_NAMES.get(s, s)) for s in SIGNALS]),
    }
    return tuple(
        Choice(
            name,
            label,
            (("", "Any", False), *((value, text, value == getattr(filters, name)) for value, text in choices)),
        )
        for name, (label, choices) in options.items()
    )
