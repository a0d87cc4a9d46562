"""Say what a pack rests on so that it can be checked later: the query, the data's version, every version of what read it, its figures.

The data's version is one SHA-256 over the comments that the pack is about and one over their effective findings, in order of
number: words, dates, answers, labels, polarities, scores, places. It is the same in a database and its copies as long as the
same comments are read in the same way, costs one pass over them, and leads back to no word, since keys made under the
database's secret are among what is digested. Beside it stand the counts by which a difference is explained.

A record holds no words of a comment: figures, citations and digests alone. `seal` is an HMAC of the record under the
database's own secret: whoever changes a figure in a file can mend a plain checksum with it, but not the seal.
"""

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from feedback import __version__
from feedback.documents.asked import COMPARISON, Form, PackAsked, PackKind, asked_of, filters_from, plain
from feedback.documents.model import Document
from feedback.errors import BadInput
from feedback.filters import Scope, among, chosen
from feedback.query import latest_versions
from feedback.taxonomy import Taxonomy

LINES = "lines"  # of a record's `file`: a mark for each line, by which it is told what was changed
FORMAT = 1  # of the record; a later one may say more


@dataclass(frozen=True, slots=True)
class DataVersion:
    """The comments that a pack is about: how many, the last number among all stored, two digests, and what they came by.

    `digest` is over comments and findings; `comments_digest` over the comments alone. `read_with` counts comments by the
    versions that read them (JSON text), `batches` are the uploads they came in.
    """

    comments: int
    last: int
    digest: str
    comments_digest: str
    read_with: Mapping[str, int]
    batches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What a pack carries for programs. Times are ISO 8601, UTC; `scope` lists the services its maker might see, None is all."""

    kind: PackKind
    id: str | None
    title: str
    filters: Mapping[str, str]
    scope: tuple[str, ...] | None
    command: str
    made_at: str
    data: DataVersion
    versions: Mapping[str, str]
    figures: Mapping[str, str]
    citations: tuple[str, ...]
    content: str
    file: Mapping[str, str] = field(default_factory=dict)
    seal: str = ""
    parts: Mapping[str, str] = field(
        default_factory=dict
    )  # digests of what it says, by part; none in packs made before 0.5

    @property
    def asked(self) -> PackAsked:
        """What was asked for. Raises BadInput where kind, id and filters do not fit each other."""
        filters = filters_from(self.filters)
        if self.kind == COMPARISON:
            return asked_of(filters, compare=PackAsked(self.kind, self.id, filters).versions)
        found = asked_of(filters, board=self.kind == "board")
        if (found.kind, found.id) != (self.kind, self.id):
            raise BadInput("The record in this file contradicts itself about what it asked for.")
        return found

    def of_file(self, conn: sqlite3.Connection, checksums: Mapping[str, str], lines: Sequence[str] = ()) -> "Record":
        """The record for one file, with the checksums of what the file shows and a mark for each of its lines, sealed."""
        marked = {LINES: " ".join(line_marks(conn, lines))} if lines else {}
        open_ = replace(self, file={**checksums, **marked}, seal="")
        return replace(open_, seal=_seal(conn, open_))

    def is_sealed_by(self, conn: sqlite3.Connection) -> bool:
        """Whether this database wrote the record as it stands."""
        return hmac.compare_digest(self.seal, _seal(conn, replace(self, seal="")))

    def as_json(self) -> str:
        """The record as text, the same on every run."""
        said = {"feedback_pack": FORMAT, **asdict(self)}
        if not self.parts:  # so that the seal of a pack made before there were any still fits
            del said["parts"]
        return json.dumps(said, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Record":
        """The record that `as_json` wrote, each field of its type. Raises BadInput for anything else."""
        from pydantic import TypeAdapter, ValidationError

        try:
            raw: dict[str, Any] = json.loads(text)
            if raw.pop("feedback_pack") != FORMAT:
                raise ValueError
            found = TypeAdapter(cls).validate_python(raw)
            when = datetime.fromisoformat(found.made_at)
            numbers = (found.data.last, found.data.comments, *found.data.batches)
            if when.tzinfo is None or not all(0 <= number < 2**62 for number in numbers):
                raise ValueError
            return found
        except (ValueError, TypeError, KeyError, AttributeError, ValidationError, RecursionError):
            raise BadInput(
                "The record in this file is damaged or of another version, so it cannot be checked."
            ) from None


def record_of(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    asked: PackAsked,
    scope: Scope,
    document: Document,
    *,
    now: datetime,
    form: Form,
) -> Record:
    """The record of a document that has just been made from a database."""
    return Record(
        kind=asked.kind,
        id=asked.id,
        title=document.title,
        filters=plain(asked.filters),
        scope=None if scope.services is None else tuple(sorted(scope.services)),
        command=asked.command(form),
        made_at=now.isoformat(timespec="seconds"),
        data=data_version(conn, taxonomy, asked, scope),
        versions={"feedback": __version__, **taxonomy.versions, **latest_versions(conn)},
        figures=document.figures(),
        citations=document.citations(),
        content=document.digest(),
        parts=document.parts(),
    )


def data_version(conn: sqlite3.Connection, taxonomy: Taxonomy, asked: PackAsked, scope: Scope) -> DataVersion:
    """The version of the comments that a pack is about, as they are now."""
    where, parameters = chosen(conn, taxonomy, asked.base, scope)
    comments, n = hashlib.sha256(), 0
    for row in conn.execute(
        "SELECT number, text, question_kind, date, date_precision, fft, language, contentless, respondent_key FROM comments c"
        f" WHERE {where} ORDER BY number",
        parameters,
    ):
        comments.update(repr(row).encode())
        n += 1
    findings = hashlib.sha256(comments.digest())
    for row in conn.execute(
        'SELECT comment, kind, label, polarity, round(score, 6), start, "end", detail FROM effective'
        f" WHERE {among(where)} ORDER BY comment, kind, label, place",
        parameters,
    ):
        findings.update(repr(row).encode())
    read_with = conn.execute(
        f"SELECT v.versions, count(*) FROM comments c JOIN versions v ON v.id = c.versions WHERE {where} GROUP BY 1 ORDER BY 1",
        parameters,
    ).fetchall()
    batches = conn.execute(
        f"SELECT DISTINCT l.batch FROM batch_comments l JOIN comments c ON c.number = l.comment WHERE {where} ORDER BY 1",
        parameters,
    ).fetchall()
    (last,) = conn.execute("SELECT ifnull(max(number), 0) FROM comments").fetchone()
    return DataVersion(
        n, last, findings.hexdigest(), comments.hexdigest(), dict(read_with), tuple(id for (id,) in batches)
    )


def line_marks(conn: sqlite3.Connection, lines: Sequence[str]) -> list[str]:
    """A few letters for each line, by which this database knows it again and from which nobody else can guess its words."""
    (secret,) = conn.execute("SELECT value FROM meta WHERE name = 'secret'").fetchone()
    return [hmac.new(secret, b"line\0" + line.encode(), "sha256").hexdigest()[:10] for line in lines]


def _seal(conn: sqlite3.Connection, record: Record) -> str:
    (secret,) = conn.execute("SELECT value FROM meta WHERE name = 'secret'").fetchone()
    return hmac.new(secret, b"pack\0" + record.as_json().encode(), "sha256").hexdigest()
