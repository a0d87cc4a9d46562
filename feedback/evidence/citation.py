"""Open a citation: the words exactly as they are stored, what was read in them and why, and what has happened to them since.

A citation is for ever. A clause that was cut otherwise when its comment was read again still shows the words that were cited; one whose
comment was erased, or taken back with its upload, says so plainly instead of looking mistaken. Whether an erased comment was a reader's
to see can no longer be told, so a reader of some services alone is told no more than that there is none.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from feedback.comment import Finding
from feedback.erase import Receipt, receipts
from feedback.errors import BadInput, Gone, NotFound
from feedback.filters import Scope
from feedback.query import Stored, comment, corrections
from feedback.stored import Correction
from feedback.taxonomy import Taxonomy

_CITATION = re.compile(r"(?P<comment>[A-Z0-9]+-\d{4}-(?P<number>\d{6,}))(?:\.(?P<clause>\d+))?")
# What is told of a clause beside its own sentiment: of the labels those that rest on its words, and of the whole comment who and of what.
OF_THE_WORDS = ("clause", "theme", "value", "objective", "statement", "signal")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was read: what, how sure (0 to 1), on which words, by which rule or model with its version, or by which person."""

    kind: str
    label: str
    title: str
    polarity: str
    score: float
    words: str
    by: str


@dataclass(frozen=True, slots=True)
class Since:
    """One thing that has happened to what is cited: the day (None where it was not kept), and what, in a sentence."""

    at: str | None
    says: str


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation leads to. `text` is exactly as stored, from `start` to `end` of the comment's (all of it if no clause is cited).

    `month` is None where there is no date. `reasons` rest on these words, `versions` made them. `recut`: the clauses in which the words
    stand now, by number, where the comment has since been cut otherwise; `since` says that and what people corrected, first thing first.
    """

    citation: str
    comment: str
    clause: int | None
    text: str
    start: int
    end: int
    question: str | None
    month: date | None
    services: tuple[str, ...]
    respondent: str
    reasons: tuple[Reason, ...]
    versions: Mapping[str, str]
    recut: tuple[int, ...]
    since: tuple[Since, ...]


def open_citation(conn: sqlite3.Connection, taxonomy: Taxonomy, citation: str, scope: Scope) -> Cited:
    """What a citation leads to now.

    Raises BadInput for what is no citation, NotFound where there is none that this reader may see, Gone where it was erased or
    taken back.
    """
    parts = _CITATION.fullmatch(citation)
    if parts is None:
        raise BadInput(
            f"{citation[:60]!r} is no citation; one looks like HW-2026-000123, or HW-2026-000123.2 for a clause."
        )
    try:
        stored = comment(conn, parts["comment"], scope)
    except NotFound:
        raise _gone(conn, parts["comment"], int(parts["number"]), scope) from None
    if stored.citation != parts["comment"]:  # an upload's own id that looks like one
        raise NotFound(f"There is no comment {parts['comment']} that you may see.")
    number = int(parts["clause"]) if parts["clause"] else None
    start, end, until = _place(conn, stored, number)
    text = stored.analysed.comment.text
    now = tuple(int(f.detail) for f in stored.analysed.of("clause") if f.detail.isdecimal() and _touches(f, start, end))
    return Cited(
        citation=citation,
        comment=stored.citation,
        clause=number,
        text=text[start:end],
        start=start,
        end=end,
        question=stored.analysed.comment.question,
        month=said.replace(day=1) if (said := stored.analysed.comment.date) else None,
        services=tuple(dict.fromkeys(f.label for f in stored.analysed.of("service") if f.detail == "subject")),
        respondent=next((f.label for f in stored.analysed.of("respondent")), "unknown"),
        reasons=tuple(_reasons(taxonomy, stored, start, end)),
        versions=stored.versions,
        recut=now if until else (),
        since=(*_cut_since(stored, now, until), *_corrected_since(conn, taxonomy, stored, start, end)),
    )


def _place(conn: sqlite3.Connection, stored: Stored, number: int | None) -> tuple[int, int, str | None]:
    """Where the words stand that are cited, and when they were last a clause of their own if they no longer are."""
    if number is None:
        return 0, len(stored.analysed.comment.text), None
    for clause in stored.analysed.of("clause"):
        if clause.detail == str(number):
            return clause.start, clause.end, None
    sql = 'SELECT start, "end", until FROM old_cuts WHERE comment = ? AND number = ?'
    cut = conn.execute(sql, (stored.number, number)).fetchone()
    if cut is None:
        n = len(stored.analysed.of("clause"))
        raise NotFound(
            f"Comment {stored.citation} has {n} {'clause' if n == 1 else 'clauses'}; none was ever cited as {number}."
        )
    return cut[0], cut[1], cut[2]


def _gone(conn: sqlite3.Connection, citation: str, number: int, scope: Scope) -> NotFound:
    """Why there is no such comment, as far as this reader may be told."""
    none = NotFound(f"There is no comment {citation} that you may see.")
    if scope.services is not None or conn.execute("SELECT 1 FROM comments WHERE number = ?", (number,)).fetchone():
        return none
    receipt = next((one for one in receipts(conn) if citation in one.citations), None)
    if receipt is not None:
        return Gone(
            f"Comment {citation} was erased on {_day(receipt.at)}{_why(receipt)}. Its words are kept nowhere in this system."
        )
    given = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'comments'").fetchone()
    if given and 0 < number <= given[0]:
        return Gone(
            f"Comment {citation} is no longer here: its upload was taken back. The citation is never given to another comment."
        )
    return none


def _why(receipt: Receipt) -> str:
    return " because it was older than comments are kept" if receipt.scope == "retention" else " on request"


def _reasons(taxonomy: Taxonomy, stored: Stored, start: int, end: int) -> Iterator[Reason]:
    text = stored.analysed.comment.text
    for f in stored.analysed.findings:
        if f.kind in OF_THE_WORDS and _touches(f, start, end):
            title = _title(taxonomy, f)
            yield Reason(f.kind, f.label, title, f.polarity, round(f.score, 3), text[f.start : f.end], f.by)


def _touches(f: Finding, start: int, end: int) -> bool:
    return f.start < end and f.end > start


def _title(taxonomy: Taxonomy, f: Finding) -> str:
    match f.kind:
        case "theme":
            return taxonomy.theme(f.label).name
        case "value":
            return taxonomy.value(f.label).name
        case "objective":
            return taxonomy.objective(f.label).title
        case "statement":
            return taxonomy.statement(f.label).title
        case "service":
            return taxonomy.service_name(f.label)
        case _:
            return f.label.replace("_", " ")


def _cut_since(stored: Stored, now: tuple[int, ...], until: str | None) -> Iterator[Since]:
    if until is None:
        return
    where = ", ".join(f"{stored.citation}.{number}" for number in now)
    yield Since(
        until[:10],
        f"On {_day(until)} the comment was read again and cut into other clauses. The words above are those that were cited; they now "
        f"stand in {where or 'no clause'}.",
    )


def _corrected_since(
    conn: sqlite3.Connection, taxonomy: Taxonomy, stored: Stored, start: int, end: int
) -> Iterator[Since]:
    for made in corrections(conn, stored.number):
        said = [f for f in made.findings if f.end <= f.start or _touches(f, start, end)]
        if said:
            yield Since(made.at and made.at[:10], _correction(taxonomy, made, said[0]))


def _correction(taxonomy: Taxonomy, made: Correction, said: Finding) -> str:
    what = f"{said.kind} {_title(taxonomy, said)}"
    if said.kind == "clause":
        what = f"that the clause is {said.label}"
    when = f" on {_day(made.at)}" if made.at else ""
    so = "is so" if said.score > 0 else "is not so"
    claim = what if said.kind == "clause" else f"that {what} {so}"
    taken = " That was taken back." if not made.stands else ""
    return f"A person corrected how it was read{when}: they said {claim}. The words are as they were.{taken}"


def _day(stamp: str) -> str:
    day = date.fromisoformat(stamp[:10])
    return f"{day.day} {day:%B %Y}"


def as_record(cited: Cited) -> dict[str, object]:
    """JSON-ready, the month as 2026-03."""
    from dataclasses import asdict

    record = json.loads(json.dumps(asdict(cited), default=str))
    return record | {"month": cited.month and f"{cited.month:%Y-%m}"}
