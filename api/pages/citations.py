"""Open a citation at its permanent address: the words as they are stored, why they were read as they were, and what has happened since."""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deps import AskedOnWords, Question
from api.pages import links, views
from api.pages.comments import KINDS, by_words
from api.pages.render import Frame, day, page
from feedback.comment import Finding
from feedback.evidence.citation import Cited, Reason, open_citation
from feedback.query import latest_versions

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ReasonShown:
    """One thing that was read: what kind, what it says, on which words (empty where they are all of those cited), by what, how sure."""

    kind: str
    says: str
    href: str | None
    words: str
    by: str
    score: str


@dataclass(frozen=True, slots=True)
class CitationPage:
    """What a citation leads to. `since` is what has happened to it, in sentences; `older`: which versions have been replaced since."""

    cited: Cited
    when: str
    who: str
    services: tuple[tuple[str, str], ...]
    reasons: tuple[ReasonShown, ...]
    since: tuple[str, ...]
    versions: str
    older: str
    comment_href: str
    address: str


@router.get("/c/{citation}")
def one(question: AskedOnWords, citation: str) -> HTMLResponse:
    """A citation; 410 where its comment was erased or taken back with its upload."""
    found = open_citation(question.conn, question.taxonomy, citation, question.reader.scope)
    view = CitationPage(
        cited=found,
        when=day(found.month, "month"),
        who="not known who" if found.respondent == "unknown" else found.respondent,
        services=tuple((question.taxonomy.service_name(id), _service(question, id)) for id in found.services),
        reasons=tuple(_reason(question, found, reason) for reason in found.reasons),
        since=tuple(one.says for one in found.since),
        versions=", ".join(f"{name.replace('_', ' ')} {version}" for name, version in found.versions.items()),
        older=_older(question, found),
        comment_href=links.comment(citation),
        address=links.citation(citation),
    )
    frame = Frame(f"Citation {citation}", "/comments", [("Overview", "/"), ("Comments", "/comments")])
    return page("citation.html", frame, view, conn=question.conn)


def _service(question: Question, id: str) -> str:
    return links.service(id) if id in question.taxonomy.services else links.comments(question.filters, service=id)


def _reason(question: Question, found: Cited, reason: Reason) -> ReasonShown:
    sides = views.SIDES if reason.kind in ("theme", "clause") else views.STANDS
    named = f"{reason.label} {reason.title.rstrip('.')}" if reason.kind in ("objective", "statement") else reason.title
    side = "" if reason.kind in ("clause", "signal") else sides.get(reason.polarity, "")
    by = by_words(Finding("clause", "", "", 0.0, 0, 0, reason.by))
    return ReasonShown(
        kind="Sentiment of the clause" if reason.kind == "clause" else KINDS[reason.kind],
        says=f"{named}: {side}" if side else named,
        href=_address(reason),
        words="" if reason.words == found.text else reason.words,
        by="a person, who corrected it" if reason.by.startswith("person:") else by,
        score=f"{reason.score:.2f}",
    )


def _address(reason: Reason) -> str | None:
    if reason.kind == "theme":
        return links.theme(reason.label)
    return links.strategy(reason.kind, reason.label) if reason.kind in ("value", "objective", "statement") else None


def _older(question: Question, found: Cited) -> str:
    """What has been replaced since the comment was read, in words; empty where all is as it was."""
    now = latest_versions(question.conn)
    changed = [
        f"{name.replace('_', ' ')} {now[name]}"
        for name, version in found.versions.items()
        if now.get(name, version) != version
    ]
    return ", ".join(changed)
