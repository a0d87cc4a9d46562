"""Put what a comment says in English in the place of words in another language, so that it is read like any other.

The danger is that a translator's words pass for a patient's. So the words that were held stay beside them, with who translated
them and when, and every record of the comment says which language it was given in. A translation is redacted before it is kept,
like any comment: who translates a name writes it out. What people said of the words that were held (a flag, a service) stays.
"""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from feedback.clean import clean, is_contentless
from feedback.comment import Analysed, Comment, Finding, FindingKind, Redaction
from feedback.correct import signature
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope, chosen
from feedback.language import detect_language
from feedback.query import Stored, by_number, comment
from feedback.read.mended import FORMULA
from feedback.redact import Redactor
from feedback.redact.spans import PLACEHOLDER, PLACEHOLDERS
from feedback.store import CORRECTED, Store
from feedback.taxonomy import Taxonomy

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline

MAX_WORDS = 20_000  # characters of a translation
SHEET = ("citation", "language", "text", "translation")  # columns of the list that goes to a translator and comes back
_KIND_OF = {placeholder: kind for kind, placeholder in PLACEHOLDERS.items()}
_HELD = "language <> 'en' AND NOT contentless"
_STANDING = "withdrawn_at IS NULL"


@dataclass(frozen=True, slots=True)
class Held:
    """A comment that waits for its translation, in the words that are kept; `stored_at` is ISO 8601, UTC."""

    citation: str
    language: str
    text: str
    date: date | None
    date_precision: Literal["day", "month"]
    stored_at: str


@dataclass(frozen=True, slots=True)
class HeldPage:
    """Held comments, the longest waiting first; `after` asks for the next page, None at the end."""

    comments: tuple[Held, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Translation:
    """What a person put in for a comment that was held as `language` (ISO 639-1): `text` for the `original`, both redacted.

    The two are the same where the person says that it is English as it stands. Times are ISO 8601, UTC; one that was replaced or
    taken back has `withdrawn_at`, and then the original, or a later translation, is what is read.
    """

    language: str
    original: str
    text: str
    by: str
    at: str
    withdrawn_by: str | None
    withdrawn_at: str | None

    @property
    def as_it_stands(self) -> bool:
        """Whether nothing was translated: the comment had been taken for another language by mistake."""
        return self.text == self.original


@dataclass(frozen=True, slots=True)
class Given:
    """What a translator gives for the comment with this id or citation; without words it is English as it stands."""

    id: str
    words: str | None


@dataclass(frozen=True, slots=True)
class _Read:
    """A comment as it was found, and as it is to be kept: `origin` are its held words, None where it goes back to them."""

    before: Stored
    analysed: Analysed
    origin: Comment | None


# What waits, and what was translated


def held_page(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    after: str | None = None,
    limit: int = 50,
) -> HeldPage:
    """Up to `limit` comments that wait for a translation, after the page that ended at `after`. Raises BadInput for no such place."""
    if after is not None and not (after.isdecimal() and len(after) < 18):
        raise BadInput(f"{after[:80]!r} is no place in the list; start again from its head.")
    where, parameters = chosen(conn, taxonomy, filters, scope)
    rows = conn.execute(
        "SELECT number, citation, language, text, date, date_precision, stored_at FROM comments c"
        f" WHERE {where} AND {_HELD} AND number > :after ORDER BY number LIMIT :limit",
        parameters | {"after": int(after or 0), "limit": limit + 1},
    ).fetchall()
    found = tuple(
        Held(citation, language, text, date.fromisoformat(day) if day else None, precision, stored_at)
        for _, citation, language, text, day, precision, stored_at in rows[:limit]
    )
    return HeldPage(found, str(rows[limit - 1][0]) if len(rows) > limit else None)


def all_held(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> tuple[Held, ...]:
    """Every comment that waits, for the list that goes to a translator."""
    return held_page(conn, taxonomy, filters, scope, limit=2**31).comments


def translations(conn: sqlite3.Connection, number: int) -> tuple[Translation, ...]:
    """Everything that was put in for the comment with this number, the latest first."""
    rows = conn.execute(
        'SELECT language, original, text, "by", at, withdrawn_by, withdrawn_at FROM translations WHERE comment = ?'
        " ORDER BY id DESC",
        (number,),
    )
    return tuple(Translation(*row) for row in rows)


def translated(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, *, limit: int = 50
) -> tuple[tuple[str, Translation], ...]:
    """The latest translations that stand, each with its comment's citation, the latest first."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    rows = conn.execute(
        'SELECT c.citation, t.language, original, t.text, t."by", t.at, withdrawn_by, withdrawn_at'
        f" FROM translations t JOIN comments c ON c.number = t.comment WHERE {where} AND t.{_STANDING}"
        " ORDER BY t.id DESC LIMIT :limit",
        parameters | {"limit": limit},
    )
    return tuple((citation, Translation(*rest)) for citation, *rest in rows)


# Putting one in, and taking it back


def translate(
    store: Store, pipeline: "Pipeline", given: Sequence[Given], *, by: str, scope: Scope = EVERYTHING
) -> tuple[str, ...]:
    """Put translations in and read each as its comment's words; returns the citations. All of them, or none where one is refused.

    One that was put in before is replaced, and kept. The numbers of clauses go on where those of the words before ended, since
    they are cited. Raises NotFound for a comment outside the scope, BadInput for one that is in English, for words that are
    not, and where somebody else was quicker.
    """
    signed = signature(by)
    prepared = [_prepared(store.conn, pipeline.redactor, one, scope) for one in given]
    if len({stored.number for stored, _, _ in prepared}) < len(prepared):
        raise BadInput("A comment is translated twice in this list; leave one of them out.")
    read = pipeline.read_again([[(said, ()) for _, said, _ in prepared]])
    found = [_Read(stored, done, origin) for (stored, _, origin), done in zip(prepared, read, strict=True)]
    with store.writing():
        for one in found:
            _keep(store, one, signed, pipeline.versions)
    return tuple(stored.citation for stored, _, _ in prepared)


def take_back(store: Store, pipeline: "Pipeline", id: str, *, by: str, scope: Scope = EVERYTHING) -> str:
    """Hold a comment again in its own words, as if it had not been translated; returns its citation.

    A flag that its translation raised stays in the queue until a person decides about it. Raises NotFound and BadInput.
    """
    signed = signature(by)
    stored = comment(store.conn, id, scope)
    if stored.analysed.comment.translated_from is None:
        raise BadInput(f"Comment {stored.citation} has no translation that could be taken back.")
    origin = _origin(store.conn, stored)
    (read,) = pipeline.read_again([[(origin, ())]])
    if read.comment.language != origin.language:  # this version takes it for English; it is held all the same
        kept = tuple(f for f in read.findings if f.kind in ("service", "respondent"))
        read = replace(read, comment=replace(read.comment, language=origin.language), findings=kept)
    with store.writing():
        _keep(store, _Read(stored, read, None), signed, pipeline.versions)
    return stored.citation


def _prepared(
    conn: sqlite3.Connection, redactor: Redactor, given: Given, scope: Scope
) -> tuple[Stored, Comment, Comment]:
    """A comment, what it will be, and what it was when it was held."""
    stored = comment(conn, given.id, scope)
    said = stored.analysed.comment
    if said.translated_from is None and (said.language == "en" or said.contentless):
        raise BadInput(
            f"Comment {stored.citation} does not wait for a translation; `feedback translations` lists those that do."
        )
    origin = _origin(conn, stored)
    if given.words is None:
        return stored, replace(origin, language="en", translated_from="en"), origin
    text, redactions = _safe(redactor, given.words, origin)
    if not text.strip() or is_contentless(text, said.question_kind):
        raise BadInput(f"Comment {stored.citation} has no translation here; write what it says in English.")
    if len(text) > MAX_WORDS:
        raise BadInput(
            f"A translation has up to {MAX_WORDS:,} characters; that of {stored.citation} has {len(text):,}."
        )
    if detect_language(text) != "en":
        raise BadInput(
            f"What was given for {stored.citation} does not read as English; write it in English, or say that the comment is English as it stands."
        )
    return (
        stored,
        replace(origin, text=text, redactions=redactions, language="en", translated_from=origin.language),
        origin,
    )


def _safe(redactor: Redactor, words: str, origin: Comment) -> tuple[str, tuple[Redaction, ...]]:
    """A translation as it may be kept; a placeholder that the translator carried over hides what it hid in the original."""
    ((text, hidden),) = redactor.redact([clean(words)])
    new = {r.start for r in hidden}
    roles = {r.kind: r.role for r in reversed(origin.redactions)}
    carried = [
        Redaction(kind, m.start(), m.end(), m[0], roles.get(kind, "unknown" if kind == "person" else None))
        for m in PLACEHOLDER.finditer(text)
        if m.start() not in new and (kind := _KIND_OF[m[0]])
    ]
    return text, tuple(sorted((*hidden, *carried), key=lambda r: r.start))


def _origin(conn: sqlite3.Connection, stored: Stored) -> Comment:
    """The comment as it was held: itself, where nothing was put in for it yet."""
    said = replace(stored.analysed.comment, translated_from=None)
    row = conn.execute(
        f"SELECT original, redactions, language FROM translations WHERE comment = ? AND {_STANDING}", (stored.number,)
    ).fetchone()
    if row is None:
        return said
    redactions = tuple(Redaction(**one) for one in json.loads(row[1]))
    return replace(said, text=row[0], redactions=redactions, language=row[2])


# In the store, within a transaction


def _keep(store: Store, one: _Read, by: str, versions: dict[str, str]) -> None:
    conn, number, before = store.conn, one.before.number, one.before.analysed.comment
    now = by_number(conn, [number]) if _is_there(conn, number) else ()
    if not now or now[0].analysed.comment.text != before.text:
        raise BadInput(f"Comment {one.before.citation} has been changed or removed meanwhile; look at it again.")
    fresh = _next_clause(conn, number)
    conn.execute(
        f"UPDATE translations SET withdrawn_by = ?, withdrawn_at = ?, clauses = ? WHERE comment = ? AND {_STANDING}",
        (by, store.now(), fresh - 1, number),
    )
    if one.origin is not None:
        conn.execute(
            'INSERT INTO translations (comment, language, original, redactions, text, "by", at, clauses)'
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                one.origin.language,
                one.origin.text,
                _json([asdict(r) for r in one.origin.redactions]),
                one.analysed.comment.text,
                by,
                store.now(),
                fresh - 1,
            ),
        )
    said = one.analysed.comment
    conn.execute(
        "UPDATE comments SET text = ?, language = ?, contentless = ?, redactions = ?, versions = ? WHERE number = ?",
        (
            said.text,
            said.language,
            said.contentless,
            _json([asdict(r) for r in said.redactions]),
            store.versions_id(versions),
            number,
        ),
    )
    _forget_places(store, number, len(said.text), by)
    store.read_anew(number, get_args(FindingKind), _numbered(one.analysed.findings, fresh))


def _is_there(conn: sqlite3.Connection, number: int) -> bool:
    return conn.execute("SELECT 1 FROM comments WHERE number = ?", (number,)).fetchone() is not None


def _next_clause(conn: sqlite3.Connection, number: int) -> int:
    """One more than the highest number that a clause of the comment ever had."""
    (highest,) = conn.execute(
        "SELECT max(n) FROM (SELECT clauses AS n FROM translations WHERE comment = :number"
        " UNION ALL SELECT number FROM old_cuts WHERE comment = :number UNION ALL SELECT CAST(detail AS INTEGER)"
        " FROM findings WHERE comment = :number AND kind = 'clause')",
        {"number": number},
    ).fetchone()
    return (highest or 0) + 1


def _numbered(findings: Iterable[Finding], first: int) -> list[Finding]:
    """The same with the clauses numbered on from `first`."""
    return [replace(f, detail=str(int(f.detail) - 1 + first)) if f.kind == "clause" else f for f in findings]


def _forget_places(store: Store, number: int, length: int, by: str) -> None:
    """Let everything that rested on places in the words before rest on the whole of the new ones.

    What a person said of the feeling of one clause is withdrawn, for the clause is no more; cuts and topics of clauses go.
    """
    conn = store.conn
    for table in ("old_cuts", "topic_clauses", "topic_reads"):
        conn.execute(f"DELETE FROM {table} WHERE comment = ?", (number,))
    conn.execute(
        "DELETE FROM findings WHERE comment = ? AND kind = 'local_theme' AND NOT \"by\" GLOB 'person:*'", (number,)
    )
    for id, text in conn.execute(
        "SELECT id, said FROM corrections WHERE comment = ? AND withdrawn_by IS NULL", (number,)
    ).fetchall():
        said = json.loads(text)
        if any(f["kind"] == "clause" for f in said):
            sql = "UPDATE corrections SET withdrawn_by = ?, withdrawn_at = ? WHERE id = ?"
            conn.execute(sql, (f"person:{by}", store.now(), id))
            conn.execute("DELETE FROM findings WHERE comment = ? AND place = ?", (number, CORRECTED + id))
            continue
        whole = [f | {"start": 0, "end": length} if f["end"] else f for f in said]
        conn.execute("UPDATE corrections SET said = ? WHERE id = ?", (_json(whole), id))
    conn.execute('UPDATE findings SET start = 0, "end" = ? WHERE comment = ? AND "end" > 0', (length, number))
    conn.execute('UPDATE flags SET start = 0, "end" = ? WHERE comment = ?', (length, number))


# The list that goes to a translator and comes back


def write_sheet(held: Iterable[Held]) -> str:
    """The held comments as CSV with an empty column for the translation; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(SHEET)
    for one in held:
        text = f"'{one.text}" if one.text.startswith(FORMULA) else one.text
        rows.writerow((one.citation, one.language, text, ""))
    return out.getvalue()


def read_sheet(path: Path) -> tuple[Given, ...]:
    """What a translator filled in; lines left empty are passed over. Raises BadInput for a file that is not such a list."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            f"{path.name} cannot be read as CSV in UTF-8 ({type(error).__name__}); save it as that."
        ) from None
    if not rows or not {"citation", "translation"} <= rows[0].keys():
        raise BadInput(
            f"{path.name} is no list of translations: it needs the columns citation and translation, as `feedback translations --out` gives them."
        )
    given = ((row["citation"] or "", (row["translation"] or "").removeprefix("'")) for row in rows)
    found = tuple(Given(citation.strip(), words) for citation, words in given if citation.strip() and words.strip())
    if not found:
        raise NotFound(f"Nobody has filled in a translation in {path.name}, so nothing was changed.")
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
