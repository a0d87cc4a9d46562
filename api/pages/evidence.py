"""Show the evidence for and against each part of the strategy and the plan, with the words, the other side, and what cannot be said.

The contrary side is always shown, with the interval of each share, the rule by which the words were chosen, and what the
figures do not carry. Every count leads to exactly the comments that it counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import hidden
from api.deps import Asked, Question
from api.pages import links, views
from api.pages.remembered import remembered
from api.pages.render import Frame, day, page
from api.pages.views import STANDS, Chip, Count, Drawing, LabelRow, Period, Quote, ServiceRow
from feedback.evidence.apart import Apart
from feedback.evidence.cite import READ_DIRECTLY, Evidence, EvidenceKind, evidence
from feedback.evidence.doubt import drawable, has_share, no_share, not_drawn
from feedback.evidence.known_error import Adjusted
from feedback.evidence.rare import RareVoice
from feedback.evidence.reconcile import METHOD
from feedback.filters import Filters
from feedback.query import Clause, ServiceCount, statement_table, totals
from feedback.quoting import first_of, of_both

router = APIRouter()

SERVICES = 12  # those with most comments; a longer table is not read to the end
QUOTES = 4  # of each kind on each side; the command and the API give more
# A part's kind as a heading says it; a statement and an outcome have their own.
KINDS = {
    "objective": "Objective",
    "value": "Value",
    "strategy": "Supporting strategy",
    "programme": "Delivery plan",
}
GROUPS = {"patient": "Patients", "carer": "Carers", "relative": "Relatives", "parent": "Parents", "staff": "Staff"}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the evidence: the count, its share of the comments that bear on it, and that share's 95% interval."""

    name: str
    n: Count
    share: str
    href: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """How many comments that bear on it a kind of respondent gave, of all they gave, and where they are."""

    name: str
    n: Count
    href: str


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """How many comments of one kind of voice bear on it, and on which sides."""

    name: str
    n: Count
    good: Count
    bad: Count
    both: Count


@dataclass(frozen=True, slots=True)
class Rare:
    """A rare voice: the words, and why they are heard."""

    quote: Quote
    why: str


@dataclass(frozen=True, slots=True)
class QuietRow:
    """A service or statement with too few comments on it, and the address of those there are."""

    title: str
    href: str
    n: Count
    comments: str


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """The evidence on one part. `leads` is the share with misreading allowed for, "" where it cannot be; `voices` split it by who says it. `shown_of` says how many words are shown of how many, by the name of their list. `parts` are an objective's statements by kind, with their sides; `report` makes its document. `no_share` and `not_drawn` say of which side no share is given and no movement drawn, and why.

    `services` are those with most comments on it, `more_services` how many more have some; `quiet` those heard, with some comments on this but too
    few, and `none_on_it` how many are heard and have none on this.
    """

    found: Evidence
    name: str
    short: str
    kind_in_words: str
    comments: Count
    comments_href: str
    read: Count
    read_href: str
    respondents: Count
    span: str
    leads: str
    sides: tuple[Side, ...]
    voices: tuple[VoiceRow, ...]
    adjusted: tuple[Adjusted, ...]
    method: str
    apart: Apart | None
    shown_of: Mapping[str, str]
    quotes_for: tuple[Quote, ...]
    quotes_against: tuple[Quote, ...]
    quotes_both: tuple[Quote, ...]
    typical_for: tuple[Quote, ...]
    typical_against: tuple[Quote, ...]
    rare: tuple[Rare, ...]
    cannot_say: tuple[str, ...]
    trends: tuple[Drawing, ...]
    not_drawn: tuple[str, ...]
    no_share: tuple[str, ...]
    groups: tuple[GroupRow, ...]
    services: tuple[ServiceRow, ...]
    more_services: int
    quiet: tuple[QuietRow, ...]
    none_on_it: int
    parts: tuple[tuple[str, tuple[LabelRow, ...]], ...]
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]
    may_read: bool
    asked: str
    silence_href: str
    report_href: str
    report: str


@router.get("/objectives/{id}")
def objective(question: Asked, id: str) -> HTMLResponse:
    """The evidence on one objective."""
    return _evidence(question, "objective", question.taxonomy.objective(id).id)


@router.get("/values/{id}")
def value(question: Asked, id: str) -> HTMLResponse:
    """The evidence on one value."""
    return _evidence(question, "value", question.taxonomy.value(id).id)


@router.get("/statements/{id}")
def statement(question: Asked, id: str) -> HTMLResponse:
    """The evidence on one statement, which may be an outcome."""
    found = question.taxonomy.statement(id)
    return _evidence(question, "statement" if found.objective else "outcome", found.id)


@router.get("/outcomes/{id}")
def outcome(question: Asked, id: str) -> HTMLResponse:
    """The evidence on one outcome."""
    return _evidence(question, "outcome", question.taxonomy.statement(id).id)


@router.get("/supporting-strategies/{id}")
def strategy(question: Asked, id: str) -> HTMLResponse:
    """The evidence on what one supporting strategy serves."""
    return _evidence(question, "strategy", question.taxonomy.supporting_strategy(id).id)


@router.get("/programmes/{id}/evidence")
def programme(question: Asked, id: str) -> HTMLResponse:
    """The evidence on what one programme serves."""
    return _evidence(question, "programme", question.taxonomy.programme(id).id)


def _evidence(question: Question, kind: EvidenceKind, id: str) -> HTMLResponse:
    key = ("evidence", kind, id, question.filters, question.reader.scope, question.reader.may_read)
    view = remembered(question.conn, key, lambda: _evidence_page(question, kind, id))
    frame = Frame(view.name, "/programmes" if kind == "programme" else "/objectives", _above(question, kind, id))
    return page("evidence.html", frame, view, conn=question.conn)


def _above(question: Question, kind: EvidenceKind, id: str) -> list[tuple[str, str]]:
    if kind == "programme":
        title = question.taxonomy.programmes[id].title
        plan = links.link("/programmes", question.filters)
        return [("Overview", "/"), ("Delivery plan", plan), (title, links.programme(id, question.filters))]
    above = [("Overview", "/"), ("Strategy", links.link("/objectives", question.filters))]
    of = question.taxonomy.statements[id].objective if kind == "statement" else None
    if of:
        above.append((f"Objective {of}", links.strategy("objective", of, question.filters)))
    return above


def address(kind: str, id: str, filters: Filters | None = None) -> str:
    """The page of the evidence on a part, under the same filters.

    >>> address("strategy", "SS2"), address("programme", "MHR"), address("outcome", "Q2")
    ('/supporting-strategies/SS2', '/programmes/MHR/evidence', '/outcomes/Q2')
    """
    if kind == "programme":
        return links.programme(id, filters, room="/evidence")
    return links.strategy(kind, id, filters)


def _evidence_page(question: Question, kind: EvidenceKind, id: str) -> EvidencePage:
    taxonomy, may_read = question.taxonomy, question.reader.may_read
    found = evidence(question.conn, taxonomy, kind, id, question.filters, question.reader.scope, quotes=QUOTES)
    allowed = hidden.evidence(found, may_read=may_read)
    about: dict[str, str] = {found.kind: id} if found.kind in READ_DIRECTLY else {"evidence": f"{found.kind}:{id}"}
    if found.kind == "programme":
        about["programme"] = id
    on_it = question.about(**about)
    path = address(found.kind, id)
    words = KINDS.get(found.kind) or taxonomy.statements[id].kind.capitalize()
    plain = found.kind in ("value", "programme")
    short = found.title if plain else id

    def quotes(name: str) -> tuple[Quote, ...]:
        return tuple(_quote(question, clause) for clause in getattr(found, name) if may_read)

    return EvidencePage(
        found=found,
        name=found.title.rstrip(".") if plain else f"{id} {found.title}".rstrip("."),
        short=short,
        kind_in_words=words,
        comments=views.count_of(allowed, "comments"),
        comments_href=_listed(found, "comments"),
        read=views.count_of(allowed, "read"),
        read_href=_listed(found, "read"),
        respondents=views.count_of(allowed, "respondents"),
        span=f"{day(allowed['first'])} to {day(allowed['last'])}" if allowed["first"] else "no dates to show",
        leads=_leads(found, allowed),
        sides=tuple(_sides(found, allowed)),
        voices=tuple(
            VoiceRow(row["name"], *(views.count_of(row, name) for name in ("n", "speaks_for", "against", "both")))
            for row in allowed["voices"]
        ),
        adjusted=allowed["adjusted"] and found.adjusted,
        method=METHOD,
        apart=found.apart if allowed["apart"] else None,
        shown_of={} if not may_read else dict(_shown_of(found)),
        quotes_for=quotes("quotes_for"),
        quotes_against=quotes("quotes_against"),
        quotes_both=quotes("quotes_both"),
        typical_for=quotes("typical_for"),
        typical_against=quotes("typical_against"),
        rare=tuple(_rare(question, voice) for voice in found.rare if may_read),
        cannot_say=allowed["cannot_say"],
        trends=tuple(
            views.drawn(views.movement(on_it, measure), f"Evidence {name.lower()} {short}", name.lower())
            for name, measure in drawable(found)
        )
        if found.comments and found.first
        else (),
        not_drawn=tuple(not_drawn(found)) if found.comments and found.first else (),
        no_share=tuple(no_share(found)),
        groups=tuple(_groups(found, allowed)),
        services=_most_spoken_of(found.services, views.service_rows(on_it, found.services)),
        more_services=max(0, sum(s.depth > 0 for s in found.services) - SERVICES),
        quiet=tuple(_quiet(question, found, allowed)),
        none_on_it=sum(row.n == 0 for row in found.silence.services),
        parts=_statements(question, id) if found.kind == "objective" else (),
        periods=views.periods(question, path),
        chips=views.chips(question, path),
        may_read=may_read,
        asked=", ".join(f"{name} {value}" for name, value in found.query.items()),
        silence_href=links.link("/silence", question.filters),
        report_href=links.reports(found.kind, id, question.filters),
        report=f"feedback evidence --{'supporting' if found.kind == 'strategy' else found.kind} {id}",
    )


def _listed(found: Evidence, count: str, **row: str) -> str:
    """The address that lists the comments of a count; `row` puts a row's own id in."""
    asked = {name: value.format(**row) if row else value for name, value in found.queries[count].items()}
    return links.with_parameters("/comments", asked)


def _leads(found: Evidence, allowed: Mapping[str, Any]) -> str:
    """The share of the comments read that bear on it, with misreading allowed for; "" where it cannot be or is hidden."""
    whole = found.adjusted[0].estimate if allowed["adjusted"] and found.adjusted else None
    return whole.in_words if whole else ""


def _most_spoken_of(services: Sequence[ServiceCount], rows: Sequence[ServiceRow]) -> tuple[ServiceRow, ...]:
    """Of the services' rows those below a directorate with most comments, the most first."""
    most = sorted((s for s in services if s.depth > 0), key=lambda s: -s.n)[:SERVICES]
    by_id = {row.id: row for row in rows}
    return tuple(by_id[s.id] for s in most)


def _sides(found: Evidence, allowed: Mapping[str, Any]) -> Iterator[Side]:
    for name, field in (
        ("For", "speaks_for"),
        ("Against", "against"),
        ("Both", "both"),
        ("Neither", "neither"),
    ):
        side, href = allowed[field], _listed(found, field)
        if side is None:
            yield Side(name, allowed["suppressed"][field], "", href)
        elif not found.comments:  # nothing bears on it: an interval from 0 to 1 says nothing
            if name != "Neither":
                yield Side(name, 0, "", href)
        elif side["n"] or name != "Neither":
            share = f"{side['share']:.0%} as read (chance range {side['lower']:.0%} to {side['upper']:.0%})"
            yield Side(name, side["n"], share if has_share(found, name.lower()) else "", href)


def _groups(found: Evidence, allowed: Mapping[str, Any]) -> Iterator[GroupRow]:
    for row in allowed["by_respondent"]:
        name = GROUPS.get(row["id"], "Not known who")
        yield GroupRow(name, views.count_of(row, "n"), _listed(found, "by_respondent", id=row["id"]))


def _quote(question: Question, clause: Clause) -> Quote:
    """A clause with the address that says what has become of it, and why it counts."""
    quoted = views.quote(question.taxonomy, clause, STANDS)
    said = f"{quoted.said}; {clause.reason}" if clause.reason else quoted.said
    return replace(quoted, href=links.citation(clause.citation), said=said)


def _rare(question: Question, voice: RareVoice) -> Rare:
    return Rare(_quote(question, voice.clause), voice.why[:1].upper() + voice.why[1:])


def _shown_of(found: Evidence) -> Iterator[tuple[str, str]]:
    for side in ("for", "against", "both"):
        for kind in ("quotes", "typical"):
            if shown := getattr(found, f"{kind}_{side}", ()):
                of = found.weighed[side]
                yield f"{kind}_{side}", of_both(shown, of) if side == "both" else first_of(len(shown), of)


def _quiet(question: Question, found: Evidence, allowed: Mapping[str, Any]) -> Iterator[QuietRow]:
    for row in allowed["silence"]["services"]:
        if row["n"] == 0:
            continue
        n = views.count_of(row, "n")
        comments = _listed(found, "silence.services", id=row["id"])
        yield QuietRow(row["title"], links.service(row["id"], question.filters), n, comments)


def _statements(question: Question, objective: str) -> tuple[tuple[str, tuple[LabelRow, ...]], ...]:
    """The statements of an objective by kind, in the order printed."""
    mine = question.taxonomy.objectives[objective].statements
    counted = [row for row in statement_table(*question.asked) if row.id in mine]
    groups: dict[str, list[LabelRow]] = {}
    for row in views.label_rows(question, "statement", counted, totals(*question.asked).read):
        groups.setdefault(question.taxonomy.statements[row.id].kind, []).append(row)
    return tuple((kind, tuple(rows)) for kind, rows in groups.items())
