"""Keep comments, findings and what people decided about them in one SQLite file; every write goes through `Store.writing`.

Each write is one transaction, so a process killed at any moment leaves a database that the same command completes.
The danger is a comment lost or stored twice. It is known again by its content key: an HMAC, under a secret that never
leaves the database, of its words after cleaning but before redaction (which may improve later), its date, services,
question and id. The words before redaction are never written. What a person says outranks every machine: see settle.py.
"""

import hmac
import json
import sqlite3
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from feedback.comment import Comment, Finding, RawComment
from feedback.errors import BadInput, BadStore, NotFound
from feedback.filters import name_key
from feedback.schema import CORRECTED, MIGRATIONS, SAID, applied, migrate
from feedback.settings import IN_PRAISE, Settings
from feedback.settle import PERSON as PERSON
from feedback.settle import copy, settle
from feedback.staff_names import drop_unfit, forget_all, keep
from feedback.stored import Batch, Confirmed, Counts, Entry, Fill, Notice, Part, Returned, TakenBack
from feedback.strategies.mapped import map_changed
from feedback.undecided import CLOSING, FlagsGone, ReviewOutcome, as_json, check_dealt_with, from_json, undecided

if TYPE_CHECKING:
    from sqlite_utils import Database


BUSY_SECONDS = 10.0  # a batch commits every few seconds at most; whoever waits longer meets another program's lock
PROGRAM = (
    "feedback"  # who took a batch back where no person did: a file that is read anew, or that changed while it was read
)
SHORTENED = "x-"  # how a comment's id begins that stands for an upload's own, which held identity
_TRACES = "traces"  # of `meta`: words were taken back, and the file has not been rewritten without them since
_NAME_TRACES = "name_traces"  # the same of kept names of staff; triggers set it (schema.KEPT_NAMES)
_NAMES_WANTED = "names_wanted"  # of `meta`: names of staff in praise may be kept (schema.KEPT_WHILE_WANTED)
NOT_OURS = "none"  # said of an upload's name for a service: looked at, and no service of ours

# What has once been flagged stays so, with the words it last rested on, at the most serious it has been: see safety/queue.py.
_FLAG = """
INSERT INTO flags (comment, signal, severity, score, start, "end", "by", raised_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (comment, signal) DO UPDATE SET score = excluded.score, start = excluded.start, "end" = excluded."end",
    "by" = excluded."by", severity = iif('urgent' IN (flags.severity, excluded.severity), 'urgent', 'watch')
"""


def open_store(
    path: Path | str, *, trust_code: str | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> "Store":
    """Open a database for writing, make it if there is none, and bring it up to this version.

    `trust_code` begins the citations of comments received from now on (settings, "HW", if not given). ":memory:" is one
    that vanishes. Names of staff that were kept are removed for good unless the setting says now that they are kept. Raises BadStore for a file that is no database, another program's, a newer version's, locked or read-only.
    """
    from sqlite_utils import Database  # draws in pandas where that is installed: a second that readers need not wait

    path, settings = Path(path), Settings()
    in_memory = str(path) == ":memory:"
    if not in_memory:
        if not path.parent.is_dir():
            raise BadStore(
                f"{path}: the folder {path.parent} does not exist; make it, or name another place for the database."
            )
        try:
            if not path.exists():
                path.touch(mode=0o600)  # patients' words: for this account only, unless somebody decides otherwise
        except OSError as error:
            raise BadStore(f"{path} cannot be opened for writing ({error.strerror}); check its permissions.") from error
    with _refusing(path):
        conn = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
        try:
            _check_ours(conn, path)
            conn.execute("PRAGMA foreign_keys = ON")
            conn.execute(
                "PRAGMA secure_delete = ON"
            )  # overwrites deleted rows; the index and the journal need `leave_no_trace` as well
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA synchronous = FULL")
            db = Database(conn, recursive_triggers=False, execute_plugins=False)
            if len(applied(conn) or ()) < len(MIGRATIONS):
                conn.execute("BEGIN IMMEDIATE")  # two programs may open a new database at the same moment
                migrate(db)
                conn.execute("COMMIT")
        except BaseException:
            conn.close()
            raise
    store = Store(db, path, trust_code or settings.trust_code, clock)
    try:
        store.mind_names(keep=settings.staff_names == IN_PRAISE)
    except BaseException:
        store.close()
        raise
    return store


def open_reader(path: Path | str) -> sqlite3.Connection:
    """Open a database for the questions of query.py; nothing can be written through it.

    Raises BadStore as `open_store`, and where there is no database or it still waits for an upgrade.
    """
    path = Path(path)
    if not path.is_file():
        raise BadStore(f"{path}: there is no such database; `feedback analyse FILE --db {path}` makes one.")
    with _refusing(path):
        conn = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
        try:
            _check_ours(conn, path)
            if len(applied(conn) or ()) < len(MIGRATIONS):
                raise BadStore(
                    f"{path} was made by an older version; `feedback batches --db {path}` brings it up to date."
                )
            conn.execute("PRAGMA query_only = ON")
            conn.execute("PRAGMA cache_size = -65536")  # KiB: the index of a year's findings stays in memory
        except BaseException:
            conn.close()
            raise
    return conn


def _check_ours(conn: sqlite3.Connection, path: Path) -> None:
    had = applied(conn)
    if had is None:
        raise BadStore(f"{path} is a database of another program; name another file with --db.")
    newer = [name for name in had if name not in MIGRATIONS]
    if newer:
        raise BadStore(
            f"{path} was written by a newer version of feedback (it has step {newer[-1]}, this version knows up to "
            f"{list(MIGRATIONS)[-1]}); install that version or restore an older copy."
        )


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn what SQLite says into a sentence a person can act on."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        said = str(error)
        if "locked" in said or "busy" in said:
            what = "is in use by another program; wait until that is done and start again"
        elif "readonly" in said or "unable to open" in said:
            what = "cannot be written; check the permissions of the file and of its folder"
        elif "full" in said or "disk I/O" in said:
            what = "cannot grow, the disk is full or failing; make room and start again, nothing is lost"
        elif "not a database" in said or "malformed" in said or "encrypted" in said:
            what = "is not a database, or is damaged; name another file with --db or restore a copy"
        else:
            raise
        raise BadStore(f"{path} {what}.") from error


@dataclass
class Store:
    """An open database. Questions are asked in query.py, of `conn`; what changes it is a method here, or runs in `writing`."""

    db: "Database"
    path: Path
    trust_code: str
    clock: Callable[[], datetime]
    _secret: bytes = field(init=False, repr=False)
    _rewriting_later: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._secret = self.conn.execute("SELECT value FROM meta WHERE name = 'secret'").fetchone()[0]

    @property
    def conn(self) -> sqlite3.Connection:
        """The connection, for reading."""
        return self.db.conn

    def close(self) -> None:
        """Close the database; nothing is pending between calls."""
        self.conn.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What makes a comment the same

    def content_key(self, text: str, raw: RawComment, occurrence: int = 1) -> bytes:
        """What a comment is known by, 16 bytes: its cleaned `text`, date, services, question and id.

        White space and the order of the service columns do not matter. The same answer may truly be given twice in one
        file (by people whose rows differ elsewhere), so the second has `occurrence` 2, and so on.
        """
        services = sorted(filter(None, (_plain(cell) for cell in raw.services)))
        when = raw.date.isoformat() if raw.date else None
        return self._digest(_plain(text), when, services, _plain(raw.question or ""), _plain(raw.id or ""), occurrence)

    def respondent_key(self, *of: str | int | None) -> int:
        """A number for a person or form, from the upload's own id of it or from where it stood; it does not lead back."""
        return int.from_bytes(self._digest("respondent", *of)[:8]) >> 1

    def short_id(self, id: str) -> str:
        """What stands for an upload's own id that would tell whose it is: the same for the same id in this database, and it does not lead back."""
        return f"{SHORTENED}{self._digest('id', id)[:6].hex()}"

    def _digest(self, *parts: object) -> bytes:
        message = json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, message, "sha256")[:16]

    def stored(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of the content keys (some thousands at most) that the database has."""
        marks = ", ".join("?" * len(keys))
        return {key for (key,) in self.conn.execute(f'SELECT "key" FROM comments WHERE "key" IN ({marks})', keys)}

    def erased(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of the content keys (some thousands at most) whose comments were erased and must not come in again."""
        marks = ", ".join("?" * len(keys))
        return {key for (key,) in self.conn.execute(f'SELECT "key" FROM erased WHERE "key" IN ({marks})', keys)}

    def erased_citations(self) -> frozenset[str]:
        """The citations of all comments that were erased."""
        sql = "SELECT value FROM erasures, json_each(erasures.citations)"
        return frozenset(citation for (citation,) in self.conn.execute(sql))

    def cited(self, citation: str) -> tuple[int, str] | None:
        """The number of the comment that a citation leads to, and its words as they came, not translated; None where it leads to none."""
        last = citation.rpartition("-")[2]
        number = int(last) if last.isdecimal() and len(last) < 18 else 0
        sql = (
            "SELECT number, ifnull((SELECT original FROM translations WHERE comment = number AND withdrawn_at IS NULL), text)"
            " FROM comments WHERE number = ? AND citation = ?"
        )
        return self.conn.execute(sql, (number, citation)).fetchone()

    # A batch

    def begin_batch(
        self,
        file: str,
        sha256: str,
        *,
        column_map: Mapping[str, Any],
        decisions: Any,
        versions: Mapping[str, str],
        headings: Mapping[str, Sequence[str]] | None = None,
    ) -> Batch:
        """Start a batch, or take up the one of the same file that was broken off; its `position` says how far it came.

        Of `file` only the name is kept. One broken off that was read with other columns is taken back first. `headings`
        are those of each sheet, under which the cells of rows that go back to the sender stand.
        """
        asked = (_json(dict(column_map)), _json(decisions))
        with self.writing():
            by = self.versions_id(versions)
            sql = "SELECT id, column_map, decisions FROM batches WHERE sha256 = ? AND state = 'running'"
            for number, *read in self.conn.execute(sql, (sha256,)).fetchall():
                if tuple(read) == asked:
                    self.conn.execute("UPDATE batches SET versions = ? WHERE id = ?", (by, number))
                    return self.batch(number)
                self._take_back(number, by=PROGRAM, reason="The file is read anew, with other columns.")
            cursor = self.conn.execute(
                "INSERT INTO batches (file, sha256, state, created_at, column_map, decisions, versions, headings)"
                " VALUES (?, ?, 'running', ?, ?, ?, ?, ?)",
                (Path(file).name, sha256, self.now(), *asked, by, _json(dict(headings or {}))),
            )
            begun = self.batch(_id_of(cursor))
        self.clear_traces()
        return begun

    def add(self, batch_id: int, part: Part) -> None:
        """Store the next part of a running batch, all or nothing.

        A comment that is there already is only linked to the batch. Raises BadStore when another process
        has moved the batch on meanwhile, or has taken away a comment that was there a moment ago.
        """
        with self.writing():
            self._move_on(batch_id, part.start, part.end)
            self.conn.execute(
                "UPDATE batches SET empty = empty + ?, duplicates = duplicates + ? WHERE id = ?",
                (part.empty, part.duplicates, batch_id),
            )
            for kind, notices in (("reject", part.rejects), ("warning", part.warnings)):
                self._note(batch_id, kind, notices)
            versions = self.conn.execute("SELECT versions FROM batches WHERE id = ?", (batch_id,)).fetchone()[0]
            for entry in part.entries:
                if entry.erased or not self._link(batch_id, entry, versions):
                    self.conn.execute(
                        "INSERT INTO batch_counted VALUES (?, ?, ?, ?)", (batch_id, entry.key, entry.sheet, entry.row)
                    )

    def finish_batch(self, batch_id: int, position: int) -> Batch:
        """Close a batch of which everything up to `position` has been added, and write down what became of its rows."""
        with self.writing():
            self._move_on(batch_id, position, position)
            read = self.batch(batch_id)
            self.conn.execute(
                "UPDATE batches SET state = 'finished', finished_at = ?, counts = ?, decisions = ? WHERE id = ?",
                (
                    self.now(),
                    _json(asdict(read.counts)),
                    _json([*read.decisions, *self.said_of_erased(self._counted_only(batch_id))]),
                    batch_id,
                ),
            )
            self.conn.execute("DELETE FROM batch_counted WHERE batch = ?", (batch_id,))
        self.conn.execute("PRAGMA analysis_limit = 1000")
        with self.writing():
            self.conn.execute("ANALYZE")  # the questions choose their index by it
        return self.batch(batch_id)

    def rollback(self, batch_id: int, *, by: str = "", reason: str = "", flags_dealt_with: bool = False) -> int:
        """Take a batch back as if it had never come, and say how many comments went; what another batch also brought stays.

        The record that there was such a batch stays, with a receipt (`TakenBack`) and no byte of its words (`clear_traces`, which may
        have to wait for another reader). The caller has redacted the reason. Raises NotFound where there is none, or none any more,
        and BadInput where undecided flags would go and nobody says that they have been dealt with.
        """
        with self.writing():
            self.check_rollback(batch_id, by=by, reason=reason, flags_dealt_with=flags_dealt_with)
            removed = self._take_back(batch_id, by=" ".join(by.split()), reason=" ".join(reason.split()))
        self.clear_traces()
        return removed

    def check_rollback(self, batch_id: int, *, by: str, reason: str, flags_dealt_with: bool) -> None:
        """Raise what `rollback` would, and change nothing."""
        if self.batch(batch_id).state == "rolled_back":
            raise NotFound(f"Batch {batch_id} has already been rolled back; `feedback batches` lists them.")
        check_dealt_with(self.flags_of(batch_id), dealt_with=flags_dealt_with, by=by, reason=reason)

    def flags_of(self, batch_id: int) -> tuple[FlagsGone, ...]:
        """The undecided flags that would go if the batch were taken back now."""
        return undecided(self.conn, self._only_in(batch_id))

    def batch(self, batch_id: int) -> Batch:
        """One batch; raises NotFound."""
        found = self._batches("WHERE b.id = ?", batch_id)
        if not found:
            raise NotFound(f"There is no batch {batch_id}; `feedback batches` lists them.")
        return found[0]

    def batches(self) -> tuple[Batch, ...]:
        """All batches, newest first, those rolled back too."""
        return self._batches("ORDER BY b.id DESC")

    def notices(self, batch_id: int, kind: Literal["reject", "warning"]) -> tuple[Notice, ...]:
        """The rejects or the warnings of a batch, in the order of the file."""
        sql = 'SELECT "row", reason, detail, sheet FROM notices WHERE batch = ? AND kind = ? ORDER BY rowid'
        return tuple(Notice(*row) for row in self.conn.execute(sql, (batch_id, kind)))

    def returned(self, batch_id: int, kind: Literal["reject", "warning"]) -> Iterator[Returned]:
        """The rejects or the warnings of a batch with what may be kept of their rows, in the order of the file."""
        sql = (
            "SELECT n.\"row\", reason, detail, n.sheet, original, (SELECT group_concat(citation, ' ') FROM (SELECT citation"
            ' FROM batch_comments l JOIN comments ON number = comment WHERE l.batch = n.batch AND l."row" = n."row"'
            " AND l.sheet IS n.sheet ORDER BY number)) FROM notices n WHERE batch = ? AND kind = ? ORDER BY n.rowid"
        )
        for row, reason, detail, sheet, original, citations in self.conn.execute(sql, (batch_id, kind)):
            cells = tuple(json.loads(original or "[]"))
            yield Returned(row, reason, detail, sheet, cells, tuple((citations or "").split()))

    def headings(self, batch_id: int) -> dict[str, tuple[str, ...]]:
        """The headings of each sheet of a batch ("" where it has one sheet alone), in their order. Raises NotFound."""
        self.batch(batch_id)
        (text,) = self.conn.execute("SELECT headings FROM batches WHERE id = ?", (batch_id,)).fetchone()
        return {sheet: tuple(names) for sheet, names in json.loads(text).items()}

    def said_of_erased(self, keys: Sequence[bytes]) -> tuple[str, ...]:
        """What to tell of comments in a file that were erased before, one sentence for each way in which they were."""
        sql = 'SELECT scope FROM erased JOIN erasures ON erasures.id = erasure WHERE "key" = ?'
        scopes = [scope for key in keys for (scope,) in self.conn.execute(sql, (key,))]
        old = scopes.count("retention")
        asked = len(scopes) - old
        said = []
        if asked:
            said.append(f"{_were(asked)} erased at a person's request and {_are(asked)} not stored again.")
        if old:
            said.append(f"{_were(old)} removed as too old to be kept and {_are(old)} not stored again.")
        return tuple(said)

    # What people decide

    def save_correction(self, comment_id: str, *findings: Finding, reason: str = "") -> int:
        """Keep what a person says of a comment, it is so (score 1) or it is not so (score 0); returns the correction's number.

        `by` of each finding is "person:<name>". It outranks every machine, and earlier persons, on the same thing, now and
        after every re-analysis. Of a signal it is a decision about its flag too, so it stands in the flag's history. The
        caller has redacted the reason. Raises NotFound for the comment, BadInput for words outside it or a machine's name.
        """
        if not findings or any(not f.by.startswith(PERSON) or f.score not in (0, 1) for f in findings):
            raise BadInput('A correction is made by "person:<name>", with score 1 (it is so) or 0 (it is not so).')
        with self.writing():
            row = self.conn.execute("SELECT number, length(text) FROM comments WHERE id = ?", (comment_id,)).fetchone()
            if row is None:
                raise NotFound(f"There is no comment {comment_id}.")
            for finding in findings:
                if not 0 <= finding.start <= finding.end <= row[1]:
                    raise BadInput(
                        f"Comment {comment_id} has {row[1]} characters; {finding.start}-{finding.end} lies outside it."
                    )
            said = [{name: value for name, value in asdict(f).items() if name != "by"} for f in findings]
            id = _id_of(
                self.conn.execute(
                    'INSERT INTO corrections (comment, said, reason, "by", at) VALUES (?, ?, ?, ?, ?)',
                    (row[0], _json(said), reason, findings[0].by, self.now()),
                )
            )
            self._record(row[0], [(CORRECTED + id, finding) for finding in findings])
            self.settle(row[0])
            for finding in findings:
                if finding.kind == "signal":
                    self._decide(row[0], finding)
        return id

    def withdraw_correction(self, id: int, by: str) -> None:
        """Let a correction count no more, so that what was said or read before stands again; it stays in the list.

        `by` is "person:<name>". Raises NotFound for one that is not there, BadInput for one that is withdrawn already.
        """
        with self.writing():
            row = self.conn.execute("SELECT comment, withdrawn_by FROM corrections WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise NotFound(f"There is no correction {id}.")
            if row[1] is not None:
                raise BadInput(f"Correction {id} has been withdrawn already.")
            sql = "UPDATE corrections SET withdrawn_by = ?, withdrawn_at = ? WHERE id = ?"
            self.conn.execute(sql, (by, self.now(), id))
            self.conn.execute("DELETE FROM findings WHERE comment = ? AND place = ?", (row[0], CORRECTED + id))
            self.settle(row[0])

    def resolve_service_text(self, text: str, service: str | None, by: str) -> int:
        """Note what an upload's own name for a service means, for comments there and to come; returns how many there are.

        `service` is an id, NOT_OURS for a name that is no service of ours, or None to undo what was said last. Capitals and
        spacing of the name do not matter. What a machine made of the name no longer counts; what is said of a comment itself
        still does. The caller has checked the id. Raises NotFound for a name that no upload has used, or to undo nothing.
        """
        key = name_key(text)
        with self.writing():
            met = [
                id for id, other in self.conn.execute("SELECT id, text FROM service_texts") if name_key(other) == key
            ]
            stands = self.conn.execute(
                'SELECT id FROM service_names WHERE "key" = ? AND undone_by IS NULL', (key,)
            ).fetchone()
            if service is None and not stands:
                raise NotFound(
                    "Nobody has said what this name means, or it was undone already; look at the list of what was said."
                )
            if service is not None and not (met or stands):
                raise NotFound(
                    "No upload has named a service in these words; use one from the list of names that nobody knows."
                )
            if stands:
                sets = "UPDATE service_names SET undone_by = ?, undone_at = ? WHERE id = ?"
                self.conn.execute(sets, (by, self.now(), stands[0]))
            if service is not None:
                self.conn.execute(
                    'INSERT INTO service_names ("key", text, service, "by", at) VALUES (?, ?, ?, ?, ?)',
                    (key, _plain(text), service, by, self.now()),
                )
            sql = "SELECT number FROM comments WHERE service_text IN (SELECT value FROM json_each(?))"
            numbers = [number for (number,) in self.conn.execute(sql, (_json(met),))]
            for number in numbers:
                self._name(number, service, by)
        return len(numbers)

    def remember_mapping(self, fingerprint: str, mapping: Mapping[str, Any], *, by: str) -> None:
        """Keep how the columns of a source are to be read, for its next file; `fingerprint` is read's name for its headings."""
        with self.writing():
            self.db.table("mappings").upsert(
                {"fingerprint": fingerprint, "mapping": _json(dict(mapping)), "by": by, "at": self.now()},
                pk="fingerprint",
            )

    def mappings(self) -> tuple[Confirmed, ...]:
        """The mappings that people confirmed, the latest first."""
        rows = self.conn.execute('SELECT rowid, fingerprint, mapping, "by", at FROM mappings ORDER BY at DESC, rowid')
        return tuple(Confirmed(number, print_, json.loads(text), by, at) for number, print_, text, by, at in rows)

    def forget_mapping(self, number: int) -> None:
        """Let the files of a source be read by evidence again. Raises NotFound."""
        with self.writing():
            if not self.conn.execute("DELETE FROM mappings WHERE rowid = ?", (number,)).rowcount:
                raise NotFound(f"There is no mapping {number}; `feedback mappings` lists them.")

    @property
    def has_traces(self) -> bool:
        """Whether bytes of what a rollback took away, or of a name let go, may still be in the file, because it could not be rewritten then."""
        return self._has(_TRACES) or self._has(_NAME_TRACES)

    def _has(self, mark: str) -> bool:
        return self.conn.execute("SELECT 1 FROM meta WHERE name = ?", (mark,)).fetchone() is not None

    def mind_names(self, *, keep: bool) -> None:
        """On opening: write down whether names of staff are to be kept, let go of all if not, and rewrite the file where one went and it waits.

        A program that was started with the other setting obeys what is written down: the last to open the database decides.
        """
        wanted = self._has(_NAMES_WANTED)
        if not keep and (wanted or self.conn.execute("SELECT 1 FROM kept_names").fetchone()):
            with self.writing():
                self.conn.execute("DELETE FROM meta WHERE name = ?", (_NAMES_WANTED,))
                forget_all(self.conn)
        elif keep and not wanted:
            with self.writing():
                self.conn.execute("INSERT OR IGNORE INTO meta VALUES (?, 1)", (_NAMES_WANTED,))
        else:
            self._clear_names()

    @contextmanager
    def rewriting_once(self) -> Iterator[None]:
        """Many writes after which the file is rewritten once without the names that went, rather than after each."""
        self._rewriting_later = True
        try:
            yield
        finally:
            self._rewriting_later = False
            self._clear_names()

    def _clear_names(self) -> None:
        if (
            self._has(_NAME_TRACES)
            and not self._rewriting_later
            and not self.conn.in_transaction
            and self._is_nobody_elses()
        ):
            self.clear_traces()

    def _is_nobody_elses(self) -> bool:
        """Whether no other program reads the file just now: asked without waiting, or every write beside a long export would rewrite it in vain."""
        (patience,) = self.conn.execute("PRAGMA busy_timeout").fetchone()
        try:
            self.conn.execute("PRAGMA busy_timeout = 0")
            return not self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError:  # another writes
            return False
        finally:
            self.conn.execute(f"PRAGMA busy_timeout = {patience}")

    def clear_traces(self) -> bool:
        """Rewrite the file if a rollback took words away and was broken off before that; returns whether none are left.

        They are left while another program holds the database or its disk is full; the next rollback, erasure or start of the
        server tries again.
        """
        if not self.has_traces:
            return True
        try:
            return self.leave_no_trace()
        except BadStore:  # the comments are gone all the same, and the mark stays
            return False

    def leave_no_trace(self) -> bool:
        """Rewrite the file so that no byte of what was deleted is left in it or its journal; False where another reader holds that.

        `secure_delete` alone does not do it: FTS5 keeps deleted words until their part of the index is merged, and the journal
        keeps whole pages. Needs as much free disk again as the database takes. Raises BadStore as `open_store`.
        """
        # Another program may let more go while this one rewrites: that leaves a mark of another value, which stays.
        marks = self.conn.execute(
            "SELECT name, value FROM meta WHERE name IN (?, ?)", (_TRACES, _NAME_TRACES)
        ).fetchall()
        with self._transaction():
            self.conn.execute("INSERT INTO comments_fts (comments_fts) VALUES ('rebuild')")
        with _refusing(self.path):
            self.conn.execute("VACUUM")
            (busy, *_) = self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if marks and not busy:
            with self._transaction():
                self.conn.executemany("DELETE FROM meta WHERE name = ? AND value = ?", marks)
        return not busy

    # Inside a transaction

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, all of it or nothing; the only way to change the database. Raises BadStore as `open_store`.

        Where a kept name of staff went with it, the file is rewritten at once, or by the next write or start if another program holds it.
        """
        with self._transaction():
            yield
        self._clear_names()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _refusing(self.path):
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                map_changed(self.conn)
                drop_unfit(self.conn)
                self.conn.execute("COMMIT")
            except BaseException:
                self.db.rollback()
                raise

    def _move_on(self, batch_id: int, start: int, end: int) -> None:
        moved = self.conn.execute(
            "UPDATE batches SET position = ? WHERE id = ? AND position = ? AND state = 'running'",
            (end, batch_id, start),
        )
        if not moved.rowcount:
            raise BadStore(
                f"Batch {batch_id} was finished, rolled back or moved on by another process; "
                "wait until that is done, then start the file again."
            )

    def _note(self, batch_id: int, kind: str, notices: Iterable[Notice]) -> None:
        originals = [_json(n.original) if isinstance(n, Returned) and n.original else None for n in notices]
        self.conn.executemany(
            'INSERT INTO notices (batch, kind, sheet, "row", reason, detail, original) VALUES (?, ?, ?, ?, ?, ?, ?)',
            [
                (batch_id, kind, n.sheet, n.row, n.reason, n.detail, original)
                for n, original in zip(notices, originals, strict=True)
            ],
        )

    def _link(self, batch_id: int, entry: Entry, versions: int) -> bool:
        """Enter a comment and note that the batch holds it; False where another row of the batch has said so."""
        sql = 'INSERT OR IGNORE INTO batch_comments (batch, comment, brought, filled, sheet, "row") VALUES (?, ?, ?, ?, ?, ?)'
        linked = self.conn.execute(sql, (batch_id, *self._enter(entry, versions), entry.sheet, entry.row))
        return linked.rowcount == 1

    def _fill(self, fill: Fill) -> tuple[int, bool, str]:
        """Put a mended date or rating where the comment has none."""
        there = self.conn.execute("SELECT date, fft FROM comments WHERE number = ?", (fill.comment,)).fetchone()
        if there is None:
            raise BadStore("A comment that a mended row belongs to has just been taken back; start the file again.")
        filled = []
        if fill.date and there[0] is None:
            sets = "UPDATE comments SET date = ?, date_precision = ? WHERE number = ?"
            self.conn.execute(sets, (fill.date.isoformat(), fill.date_precision, fill.comment))
            filled.append("date")
        if fill.fft and there[1] is None:
            self.conn.execute("UPDATE comments SET fft = ? WHERE number = ?", (fill.fft, fill.comment))
            filled.append("fft")
        return fill.comment, False, " ".join(filled)

    def _enter(self, entry: Entry, versions: int) -> tuple[int, bool, str]:
        """The number of the entry's comment, whether it is new, and what of it was filled."""
        if entry.fill:
            return self._fill(entry.fill)
        row = self.conn.execute('SELECT number FROM comments WHERE "key" = ?', (entry.key,)).fetchone()
        if row:
            return row[0], False, ""
        if entry.analysed is None:
            raise BadStore(
                "A comment of this file was rolled back while the file was read; start it again, it goes on there."
            )
        comment = entry.analysed.comment
        text = self._service_text(comment)
        number = _id_of(
            self.conn.execute(
                "INSERT INTO comments"
                ' (id, series, "key", text, question, question_kind, date, date_precision, fft, language, contentless,'
                "  redactions, service_text, respondent_cell, respondent_key, versions, stored_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self._free_id(comment.id),
                    f"{self.trust_code}-{self.clock().year:04d}",
                    entry.key,
                    comment.text,
                    comment.question,
                    comment.question_kind,
                    comment.date.isoformat() if comment.date else None,
                    entry.date_precision,
                    comment.fft,
                    comment.language,
                    comment.contentless,
                    _json([asdict(redaction) for redaction in comment.redactions]),
                    text and text[0],
                    comment.respondent_cell,
                    entry.respondent_key,
                    versions,
                    self.now(),
                ),
            )
        )
        self._record(number, enumerate(entry.analysed.findings))
        if text and text[1]:
            self._name(number, text[1], text[2])
        else:
            copy(self.conn, number)
        keep(self.conn, number, entry.analysed.names)
        return number, True, ""

    def _free_id(self, wanted: str) -> str:
        """The id itself, or where another comment has it, the first of id-2, id-3 ... that none has."""
        taken = {
            name
            for (name,) in self.conn.execute(
                "SELECT id FROM comments WHERE id = :id OR id > :id || '-' AND id < :id || '.'", {"id": wanted}
            )
        }
        if wanted not in taken:
            return wanted
        return next(name for n in range(2, len(taken) + 3) if (name := f"{wanted}-{n}") not in taken)

    def _service_text(self, comment: Comment) -> tuple[int, str | None, str] | None:
        """What the upload calls the service: its row, the service that a person said it is, and who said so."""
        cells = [plain for cell in comment.service_cells if (plain := _plain(cell))]
        if not cells:
            return None
        text = service_text(cells)
        self.conn.execute("INSERT OR IGNORE INTO service_texts (text, cells) VALUES (?, ?)", (text, _json(cells)))
        return self.conn.execute(
            'SELECT t.id, n.service, n."by" FROM service_texts t'
            ' LEFT JOIN service_names n ON n."key" = ? AND n.undone_by IS NULL WHERE t.text = ?',
            (name_key(text), text),
        ).fetchone()

    def _record(self, number: int, findings: Iterable[tuple[int, Finding]]) -> None:
        findings = list(findings)
        self.conn.executemany(
            'INSERT INTO findings (comment, kind, label, place, polarity, score, start, "end", "by", detail)'
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, f.kind, f.label, place, f.polarity, f.score, f.start, f.end, f.by, f.detail)
                for place, f in findings
            ],
        )
        self.conn.executemany(
            _FLAG,
            [
                (
                    number,
                    f.label,
                    "urgent" if f.detail == "urgent" else "watch",
                    f.score,
                    f.start,
                    f.end,
                    f.by,
                    self.now(),
                )
                for _, f in findings
                if f.kind == "signal" and not (f.by.startswith(PERSON) and f.score == 0)
            ],
        )

    def _name(self, number: int, service: str | None, by: str) -> None:
        """Put what a person said of an upload's own name for a service in place of what was said of it before."""
        sql = "DELETE FROM findings WHERE comment = ? AND kind = 'service' AND place >= ? AND place < ?"
        self.conn.execute(sql, (number, SAID, CORRECTED))
        if service is not None:
            self._record(number, [(SAID, _service(service, by))])
        self.settle(number)

    def settle(self, number: int) -> None:
        """Work out anew which findings of a comment count, within `writing`."""
        settle(self.conn, number)

    def read_anew(self, number: int, kinds: Collection[str], findings: Iterable[Finding]) -> None:
        """Put what machines now find of these kinds in place of what they found before, within `writing`.

        What people said stays and still outranks it; a flag that is no longer found stays in the ledger of flags.
        """
        marks = ", ".join("?" * len(kinds))
        self.conn.execute(
            f"DELETE FROM findings WHERE comment = ? AND kind IN ({marks}) AND NOT \"by\" GLOB 'person:*'",
            (number, *kinds),
        )
        self._record(number, enumerate(findings))
        self.settle(number)

    def _decide(self, number: int, finding: Finding) -> None:
        """Close a flag that a person says is none, and open a closed one that a person raises again."""
        flag = (number, finding.label)
        flagged = self.conn.execute("SELECT 1 FROM flags WHERE comment = ? AND signal = ?", flag).fetchone()
        last = self.conn.execute(
            "SELECT outcome FROM reviews WHERE comment = ? AND signal = ? ORDER BY id DESC LIMIT 1", flag
        ).fetchone()
        outcome: ReviewOutcome | None = None
        if finding.score == 0 and flagged and last != ("not_a_concern",):
            outcome, note = "not_a_concern", "Said in a correction of the comment: it is not so."
        elif finding.score == 1 and last and last[0] in CLOSING:
            outcome, note = "reopened", "Said in a correction of the comment: it is so."
        if outcome:
            self.save_review(number, finding.label, outcome, note=note, by=finding.by.removeprefix(PERSON))

    def save_review(
        self,
        number: int,
        signal: str,
        outcome: ReviewOutcome,
        *,
        note: str,
        by: str,
        route: str | None = None,
        reference: str | None = None,
    ) -> None:
        """Add a decision to a flag's history, within `writing`; safety/queue.py has checked it."""
        self.conn.execute(
            'INSERT INTO reviews (comment, signal, outcome, note, "by", at, route, reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            (number, signal, outcome, note, by, self.now(), route, reference),
        )

    def _counted_only(self, batch_id: int) -> list[bytes]:
        return [key for (key,) in self.conn.execute('SELECT "key" FROM batch_counted WHERE batch = ?', (batch_id,))]

    def _only_in(self, batch_id: int) -> list[int]:
        """The comments that no other batch also brought, by number."""
        rows = self.conn.execute(
            "SELECT comment FROM batch_comments WHERE batch = :batch AND comment NOT IN"
            " (SELECT comment FROM batch_comments WHERE batch <> :batch)",
            {"batch": batch_id},
        )
        return [number for (number,) in rows]

    def _take_back(self, batch_id: int, *, by: str, reason: str) -> int:
        flags = self.flags_of(batch_id)
        for name in ("date", "fft"):
            self.conn.execute(
                f"UPDATE comments SET {name} = NULL WHERE number IN"
                " (SELECT comment FROM batch_comments WHERE batch = ? AND instr(filled, ?))",
                (batch_id, name),
            )
        removed = self.conn.execute(
            "DELETE FROM comments WHERE number IN (SELECT comment FROM batch_comments WHERE batch = :batch)"
            " AND number NOT IN (SELECT comment FROM batch_comments WHERE batch <> :batch)",
            {"batch": batch_id},
        ).rowcount
        self.conn.execute(
            "INSERT INTO taken_back VALUES (?, ?, ?, ?, ?, ?)",
            (batch_id, self.now(), by, reason, removed, as_json(flags)),
        )
        self.conn.execute("DELETE FROM batch_comments WHERE batch = ?", (batch_id,))
        self.conn.execute("DELETE FROM batch_counted WHERE batch = ?", (batch_id,))
        self.conn.execute("DELETE FROM notices WHERE batch = ?", (batch_id,))
        self.forget_unused_texts()
        # In a file without headings the first row's words stand where they would, and wherever a column is spoken of.
        self.conn.execute(
            "UPDATE batches SET state = 'rolled_back', finished_at = ?, headings = '{}', column_map = '{}', decisions = '[]' WHERE id = ?",
            (self.now(), batch_id),
        )
        self.conn.execute("INSERT OR REPLACE INTO meta VALUES (?, randomblob(16))", (_TRACES,))
        return removed

    def forget_unused_texts(self) -> None:
        """Drop what uploads call a service where no comment has it any more, within `writing`; what people said it means stays."""
        self.conn.execute(
            "DELETE FROM service_texts WHERE id NOT IN"
            " (SELECT service_text FROM comments WHERE service_text IS NOT NULL)"
        )

    def _count(self, batch_id: int) -> Counts:
        comments = self.conn.execute(
            "SELECT ifnull(sum(brought), 0), ifnull(sum(NOT brought), 0), ifnull(sum(brought AND contentless), 0)"
            " FROM batch_comments JOIN comments ON number = comment WHERE batch = ?",
            (batch_id,),
        ).fetchone()
        rows = self.conn.execute(
            "SELECT ifnull(sum(new), 0), ifnull(sum(NOT new), 0) FROM (SELECT max(brought) AS new FROM"
            ' (SELECT sheet, "row", brought FROM batch_comments WHERE batch = :batch'
            ' UNION ALL SELECT sheet, "row", 0 FROM batch_counted WHERE batch = :batch) GROUP BY sheet, "row")',
            {"batch": batch_id},
        ).fetchone()
        only_counted = len(self._counted_only(batch_id))
        empty, duplicates = self.conn.execute(
            "SELECT empty, duplicates FROM batches WHERE id = ?", (batch_id,)
        ).fetchone()
        rejects, warnings = self.conn.execute(
            "SELECT ifnull(sum(kind = 'reject'), 0), ifnull(sum(kind = 'warning'), 0) FROM notices WHERE batch = ?",
            (batch_id,),
        ).fetchone()
        return Counts(
            rows=rows[0] + rows[1] + empty + duplicates + rejects,
            accepted=comments[0],
            accepted_rows=rows[0],
            already_stored=comments[1] + only_counted,
            already_stored_rows=rows[1],
            empty=empty,
            contentless=comments[2],
            duplicates=duplicates,
            rejects=rejects,
            warnings=warnings,
        )

    def _batches(self, which: str, *parameters: object) -> tuple[Batch, ...]:
        sql = (
            "SELECT b.id, file, sha256, state, created_at, finished_at, position, counts,"
            " iif(state = 'finished', json_extract(counts, '$.accepted')"
            "  - (SELECT count(*) FROM batch_comments WHERE batch = b.id AND brought), 0),"
            ' column_map, decisions, v.versions, t.at, t."by", t.reason, t.comments, t.flags'
            f" FROM batches b JOIN versions v ON v.id = b.versions LEFT JOIN taken_back t ON t.batch = b.id {which}"
        )
        found = []
        for id, file, sha256, state, created_at, finished_at, position, counts, erased, *read in self.conn.execute(
            sql, parameters
        ).fetchall():
            counted = Counts(**json.loads(counts)) if counts else self._count(id)
            column_map, decisions, by = map(json.loads, read[:3])
            at, who, why, comments, flags = read[3:]
            found.append(
                Batch(
                    id,
                    file,
                    sha256,
                    state,
                    created_at,
                    finished_at,
                    position,
                    counted,
                    column_map,
                    decisions,
                    by,
                    erased,
                    TakenBack(at, who, why, comments, from_json(flags)) if at else None,
                )
            )
        return tuple(found)

    def versions_id(self, versions: Mapping[str, str]) -> int:
        """The row of these versions, made if there is none, within `writing`."""
        text = json.dumps(versions, sort_keys=True, ensure_ascii=False)
        self.conn.execute("INSERT OR IGNORE INTO versions (versions) VALUES (?)", (text,))
        return self.conn.execute("SELECT id FROM versions WHERE versions = ?", (text,)).fetchone()[0]

    def now(self) -> str:
        """The moment, as the database writes it: ISO 8601, UTC, to the second."""
        return self.clock().isoformat(timespec="seconds")


def service_text(cells: Sequence[str]) -> str:
    """What an upload calls a service, from its cells, most specific first: "Community hospital / Tenbury"."""
    return " / ".join(reversed(cells))


def _service(service: str, by: str) -> Finding:
    """What a person said an upload's name means; NOT_OURS is a denial, and another organisation is never the subject."""
    role = "mentioned" if service.startswith("ext-") else "subject"
    return Finding("service", service, "", float(service != NOT_OURS), 0, 0, by, detail=role)


def _were(n: int) -> str:
    return "1 comment was" if n == 1 else f"{n:,} comments were"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _id_of(cursor: sqlite3.Cursor) -> int:
    assert cursor.lastrowid is not None
    return cursor.lastrowid
