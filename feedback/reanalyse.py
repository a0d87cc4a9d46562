"""Read stored comments again with the present models and data, and say what moved; what people corrected stays.

It starts from the words as they are kept, which are redacted, and never needs the original. Comments are taken in blocks by their
number, each written in one transaction with how far that came, so a run that is killed goes on where it stopped, and memory
does not grow. What the present versions have read already is left alone, because vectors differ with the company they are
computed in (`Encoder`), and a figure must not move for that. Clauses stay as they were cut, because they are cited by number,
unless new ones are asked for; then words that are cut otherwise get a new number, and the old cut is kept (citation.py). A flag that is no longer raised stays in the queue until a person signs it off.
"""

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from feedback.comment import SIGN_OF, Analysed, Finding, FindingKind
from feedback.errors import BadStore
from feedback.query import Stored, by_number, machine_findings
from feedback.store import PERSON, Store

if TYPE_CHECKING:
    from feedback.pipeline import Kept, Pipeline

ReadScope = Literal["all", "services"]

BLOCK = 256  # comments, by number: some seconds of reading are lost at most when a run is killed
# Versions of data on which no finding but those of services rests.
OF_SERVICES = ("directory", "delivery_plan", "names")
KINDS: dict[ReadScope, tuple[FindingKind, ...]] = {"all": get_args(FindingKind), "services": ("service",)}
FEELINGS = {sign: name for name, sign in SIGN_OF.items()} | {None: "not read"}

Progress = Callable[[int, int | None], None]
Findings = Mapping[int, Sequence[Finding]]


@dataclass(slots=True)
class Moved:
    """What reading again has changed so far, in what counts (a label that a person denied does not move back).

    `comments` were read, something counted differently in `changed` of them. For each kind, comments that `gained` or `lost` a
    label of it, or have it on another side (`turned`); the same for each label. `sentiment` counts "negative to positive" and
    so on, `scale` comments that moved on the five-point scale. `recut` fall into other clauses than before. `before` counts
    the comments by the versions they had been read with, of what has changed since.
    """

    comments: int = 0
    changed: int = 0
    recut: int = 0
    scale: int = 0
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    turned: Counter[str] = field(default_factory=Counter)
    labels: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    sentiment: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)

    def as_record(self) -> dict[str, Any]:
        """In plain values, for JSON; of each label how many comments gained, lost and turned it, most moved first."""
        kinds = sorted({*self.gained, *self.lost, *self.turned})
        return {
            "comments": self.comments,
            "changed": self.changed,
            "recut": self.recut,
            "scale": self.scale,
            "kinds": {k: {"gained": self.gained[k], "lost": self.lost[k], "turned": self.turned[k]} for k in kinds},
            "labels": {
                kind: dict(sorted(rows.items(), key=lambda row: (-sum(row[1]), row[0])))
                for kind, rows in sorted(self.labels.items())
            },
            "sentiment": dict(self.sentiment.most_common()),
            "before": dict(self.before.most_common()),
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Moved":
        """What `as_record` gave."""
        if not record:
            return cls()
        gained, lost, turned = (
            Counter({kind: n[name] for kind, n in record["kinds"].items()}) for name in ("gained", "lost", "turned")
        )
        return cls(
            comments=record["comments"],
            changed=record["changed"],
            recut=record["recut"],
            scale=record["scale"],
            gained=gained,
            lost=lost,
            turned=turned,
            labels={kind: {label: list(n) for label, n in rows.items()} for kind, rows in record["labels"].items()},
            sentiment=Counter(record["sentiment"]),
            before=Counter(record["before"]),
        )

    def note(self, before: Collection[Finding], after: Collection[Finding]) -> None:
        """Take up one comment: what counted before, and what counts now."""
        moved = False
        for kind in get_args(FindingKind):
            was, now = _sides(before, kind), _sides(after, kind)
            if was == now:
                continue
            moved = True
            if kind == "clause":
                had, has = _spans(before), _spans(after)
                self.recut += bool(had) and had != has
                self.turned["clause"] += had == has
            elif kind == "sentiment":
                self._note_sentiment(before, after)
            else:
                self._note_labels(kind, was, now)
        self.changed += moved

    def _note_labels(self, kind: str, was: Mapping[str, object], now: Mapping[str, object]) -> None:
        gained, lost = now.keys() - was.keys(), was.keys() - now.keys()
        turned = {label for label in was.keys() & now.keys() if was[label] != now[label]}
        for place, (counter, labels) in enumerate(((self.gained, gained), (self.lost, lost), (self.turned, turned))):
            if labels:
                counter[kind] += 1
            for label in labels:
                self.labels.setdefault(kind, {}).setdefault(label, [0, 0, 0])[place] += 1

    def _note_sentiment(self, before: Iterable[Finding], after: Iterable[Finding]) -> None:
        was, now = (next((f for f in found if f.kind == "sentiment"), None) for found in (before, after))
        feelings = [FEELINGS[f.polarity if f else None] for f in (was, now)]
        if feelings[0] != feelings[1]:
            self.sentiment[" to ".join(feelings)] += 1
        self.scale += bool(was and now and was.detail != now.detail)


@dataclass(frozen=True, slots=True)
class Reread:
    """One re-reading of the history. `number` is None for a rehearsal; `resumed` says that it went on from a killed one.

    `versions` are those it was read with; times are ISO 8601, UTC. `finished_at` is None for one that is under way.
    """

    number: int | None
    scope: ReadScope
    started_at: str
    finished_at: str | None
    resumed: bool
    moved: Moved
    versions: Mapping[str, str]

    def as_record(self) -> dict[str, Any]:
        """In plain values, for JSON."""
        return {
            "number": self.number,
            "scope": self.scope,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "resumed": self.resumed,
            **self.moved.as_record(),
            "versions": dict(self.versions),
        }


def reanalyse(
    store: Store,
    pipeline: "Pipeline",
    *,
    data: Path,
    everything: bool = False,
    new_clauses: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Reread:
    """Read again all of each comment that was read with other versions; with `everything`, or `new_clauses`, of every comment.

    `data` is the folder of the Trust's data, by which a killed run knows that nothing changed. `new_clauses` cuts comments into
    clauses anew: a citation of a clause may then lead to other words. `progress` is told after each block how many comments
    are read, of how many. Raises BadStore where another run takes over.
    """
    versions = pipeline.versions
    how = {"everything": everything, "new_clauses": new_clauses}
    asked = {"scope": "all", **how, "versions": versions, "data": _digest(data)}

    def is_read(before: Mapping[str, str]) -> bool:
        others = (name for name, version in versions.items() if before.get(name) != version)
        return not (everything or new_clauses) and all(name in OF_SERVICES for name in others)

    def read(blocks: Iterable[Sequence[Stored]]) -> Iterator[Analysed]:
        return pipeline.read_again([_kept(stored, machine, new_clauses) for stored in block] for block in blocks)

    machine: dict[int, tuple[Finding, ...]] = {}
    return _Run(store, "all", asked, versions, dry_run, machine, is_read).run(read, progress)


def retag_services(
    store: Store,
    pipeline: "Pipeline",
    *,
    data: Path,
    everything: bool = True,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Reread:
    """Find the services alone of every comment again, as after a change of the directory. Raises as `reanalyse`.

    Without `everything` only of those that were read with a directory of another version. Of each comment only that version is
    noted anew.
    """
    now = {name: pipeline.versions[name] for name in OF_SERVICES}
    asked = {"scope": "services", "everything": everything, "versions": pipeline.versions, "data": _digest(data)}

    def read(blocks: Iterable[Sequence[Stored]]) -> Iterator[Analysed]:
        for block in blocks:
            comments = [stored.analysed.comment for stored in block]
            for said, found in zip(comments, pipeline.services_again(comments), strict=True):
                yield Analysed(said, tuple(found))

    def is_read(before: Mapping[str, str]) -> bool:
        return not everything and all(before.get(name) == version for name, version in now.items())

    return _Run(store, "services", asked, now, dry_run, {}, is_read).run(read, progress)


def rereadings(conn: sqlite3.Connection) -> tuple[Reread, ...]:
    """All re-readings that were finished, the latest first."""
    rows = conn.execute(
        "SELECT r.id, scope, started_at, finished_at, moved, v.versions FROM reanalyses r JOIN versions v ON v.id = r.versions"
        " WHERE state = 'finished' ORDER BY r.id DESC"
    )
    return tuple(
        Reread(id, scope, started, finished, False, Moved.of(json.loads(moved)), json.loads(versions))
        for id, scope, started, finished, moved, versions in rows
    )


# One run


class _Unwritten(Exception):
    """Ends the transaction of a rehearsal without keeping it."""


class _Run:
    """A re-reading under way: where it stands, and what it has moved."""

    def __init__(
        self,
        store: Store,
        scope: ReadScope,
        asked: Mapping[str, Any],
        versions: Mapping[str, str],
        dry_run: bool,
        machine: dict[int, tuple[Finding, ...]],
        is_read: Callable[[Mapping[str, str]], bool],
    ) -> None:
        self._store = store
        self._conn = store.conn
        self._scope = scope
        self._versions = versions
        self._dry_run = dry_run
        self._machine = machine  # what machines had found in the blocks that are being read, by number
        self._is_read = is_read  # whether comments that were read with these versions are left alone
        self._asked = json.dumps(asked, sort_keys=True)
        self._ids: dict[str, int] = {}
        self._moved = Moved()
        self._position = 0
        self._number: int | None = None
        self.resumed = False
        self._started = store.now()
        if not dry_run:
            self._begin()

    def run(
        self, read: Callable[[Iterable[Sequence[Stored]]], Iterator[Analysed]], progress: Progress | None
    ) -> Reread:
        """Read block after block and write each as soon as all of it is read."""
        with self._store.rewriting_once():
            return self._run(read, progress)

    def _run(
        self, read: Callable[[Iterable[Sequence[Stored]]], Iterator[Analysed]], progress: Progress | None
    ) -> Reread:
        taken: deque[Sequence[Stored]] = deque()

        def blocks() -> Iterator[Sequence[Stored]]:
            for block in self._blocks():
                taken.append(block)
                yield block

        done: list[Analysed] = []
        for analysed in read(blocks()):
            done.append(analysed)
            if len(done) == len(taken[0]):
                self._write(taken.popleft(), done)
                done = []
                if progress:
                    progress(self._moved.comments, self._total())
        finished = None if self._dry_run else self._finish()
        return Reread(
            self._number, self._scope, self._started, finished, self.resumed, self._moved, dict(self._versions)
        )

    def _total(self) -> int:
        sql = f"SELECT count(*) FROM comments WHERE number > ? AND {self._unread()}"
        return self._moved.comments + self._conn.execute(sql, (self._position,)).fetchone()[0]

    def _unread(self) -> str:
        """A condition on comments that are still to be read."""
        known = self._conn.execute("SELECT id, versions FROM versions").fetchall()
        current = [id for id, versions in known if self._is_read(json.loads(versions))]
        return f"versions NOT IN ({', '.join(map(str, current))})"

    def _blocks(self) -> Iterator[Sequence[Stored]]:
        """The comments that are still to be read; a block is those whose numbers, divided by BLOCK, give the same."""
        at = self._position
        while True:
            sql = f"SELECT min(number) FROM comments WHERE number > ? AND {self._unread()}"
            (first,) = self._conn.execute(sql, (at,)).fetchone()
            if first is None:
                return
            at = (first // BLOCK + 1) * BLOCK - 1
            self._conn.execute("BEGIN")  # one state of the database, though others may write meanwhile
            sql = f"SELECT number FROM comments WHERE number BETWEEN ? AND ? AND {self._unread()} ORDER BY number"
            numbers = [number for (number,) in self._conn.execute(sql, (first, at)).fetchall()]
            self._machine |= machine_findings(self._conn, numbers)
            block = by_number(self._conn, numbers)
            self._conn.execute("COMMIT")
            if block:
                yield block

    # What is kept of the run itself

    def _begin(self) -> None:
        """Go on with the run that was asked the same and killed, or begin one; one that was asked otherwise is given up."""
        with self._store.writing():
            row = self._conn.execute(
                "SELECT id, started_at, position, moved FROM reanalyses WHERE state = 'running' AND asked = ?",
                (self._asked,),
            ).fetchone()
            if row:
                self._number, self._started, self._position, moved = row
                self._moved, self.resumed = Moved.of(json.loads(moved)), True
                return
            self._conn.execute("UPDATE reanalyses SET state = 'given_up' WHERE state = 'running'")
            self._number = self._conn.execute(
                "INSERT INTO reanalyses (asked, scope, state, started_at, moved, versions) VALUES (?, ?, 'running', ?, '{}', ?)",
                (self._asked, self._scope, self._started, self._store.versions_id(self._versions)),
            ).lastrowid

    def _move_on(self, position: int) -> None:
        moved = self._conn.execute(
            "UPDATE reanalyses SET position = ?, moved = ? WHERE id = ? AND position = ? AND state = 'running'",
            (position, json.dumps(self._moved.as_record()), self._number, self._position),
        )
        if not moved.rowcount:
            raise BadStore("Another run reads the history again; wait until that is done, then start this one anew.")
        self._position = position

    def _finish(self) -> str:
        with self._store.writing():
            now = self._store.now()
            self._move_on(self._position)
            sql = "UPDATE reanalyses SET state = 'finished', finished_at = ? WHERE id = ?"
            self._conn.execute(sql, (now, self._number))
        return now

    # What is kept of the comments

    def _write(self, block: Sequence[Stored], analysed: Sequence[Analysed]) -> None:
        try:
            with self._store.writing():
                numbers = [stored.number for stored in block]
                before = self._effective(numbers)  # now, because people may have said something while it was read
                for stored, read in zip(block, analysed, strict=True):
                    if stored.number in before:  # else it has just been erased or taken back
                        self._write_one(stored, read)
                after = self._effective(numbers)
                for number, findings in before.items():
                    self._moved.note(findings, after[number])
                self._moved.comments += len(before)
                if self._dry_run:
                    raise _Unwritten
                self._move_on(numbers[-1])
        except _Unwritten:
            self._position = numbers[-1]
        for number in numbers:
            self._machine.pop(number, None)

    def _effective(self, numbers: Sequence[int]) -> Findings:
        return {stored.number: stored.analysed.findings for stored in by_number(self._conn, self._there(numbers))}

    def _there(self, numbers: Sequence[int]) -> list[int]:
        sql = "SELECT number FROM comments WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number"
        return [number for (number,) in self._conn.execute(sql, (json.dumps(numbers),))]

    def _write_one(self, stored: Stored, read: Analysed) -> None:
        kinds = KINDS[self._scope]
        was = [f for f in self._machine[stored.number] if f.kind in kinds]
        if self._scope == "all":
            read = self._numbered(stored.number, was, read)
        if was != list(read.findings):
            self._store.read_anew(stored.number, kinds, read.findings)
            if self._scope == "all" and _spans(was) != _spans(read.findings):
                self._anchor(stored.number, read.of("clause"))
        elif any(f.by.startswith(PERSON) for f in stored.analysed.findings):  # settled, it may be, by older rules
            self._store.settle(stored.number)
        versions = dict(self._versions if self._scope == "all" else {**stored.versions, **self._versions})
        if versions != stored.versions:
            self._moved.before[_differences(stored.versions, self._versions)] += 1
        said, now = stored.analysed.comment, read.comment
        same = (said.language, said.contentless, said.question_kind) == (
            now.language,
            now.contentless,
            now.question_kind,
        )
        if versions != stored.versions or not same:
            self._conn.execute(
                "UPDATE comments SET versions = ?, language = ?, contentless = ?, question_kind = ? WHERE number = ?",
                (self._version(versions), now.language, now.contentless, now.question_kind, stored.number),
            )

    def _numbered(self, number: int, was: Sequence[Finding], read: Analysed) -> Analysed:
        """The same with numbers that clauses are cited by: words keep theirs, and no number that was ever given is given again."""
        sql = 'SELECT start, "end", number FROM old_cuts WHERE comment = ?'
        cut_before = {(start, end): n for start, end, n in self._conn.execute(sql, (number,))}
        had = {(f.start, f.end): int(f.detail) for f in was if f.kind == "clause" and f.detail.isdecimal()}
        known = cut_before | had
        fresh = count(max(known.values(), default=0) + 1)
        numbers = {span: known[span] if span in known else next(fresh) for span in sorted(_spans(read.findings))}
        gone = [(number, n, *span, self._store.now()) for span, n in had.items() if span not in numbers]
        self._conn.executemany("INSERT OR REPLACE INTO old_cuts VALUES (?, ?, ?, ?, ?)", gone)
        back = [(number, cut_before[span]) for span in numbers.keys() & cut_before.keys()]
        self._conn.executemany("DELETE FROM old_cuts WHERE comment = ? AND number = ?", back)
        findings = tuple(
            replace(f, detail=str(numbers[f.start, f.end])) if f.kind == "clause" else f for f in read.findings
        )
        return replace(read, findings=findings)

    def _version(self, versions: Mapping[str, str]) -> int:
        text = json.dumps(versions, sort_keys=True)
        if self._dry_run or text not in self._ids:  # what a rehearsal enters is gone with its transaction
            self._ids[text] = self._store.versions_id(versions)
        return self._ids[text]

    def _anchor(self, number: int, clauses: Sequence[Finding]) -> None:
        """Move what people said of a clause that is cut otherwise now to the clause that holds most of its words."""
        sql = 'SELECT label, place, start, "end" FROM findings WHERE comment = ? AND kind = \'clause\' AND "by" GLOB ?'
        for label, place, start, end in self._conn.execute(sql, (number, f"{PERSON}*")).fetchall():
            best = max(clauses, key=lambda c: min(c.end, end) - max(c.start, start), default=None)
            if best is not None:
                self._conn.execute(
                    'UPDATE findings SET start = ?, "end" = ?, detail = ?'
                    " WHERE comment = ? AND kind = 'clause' AND label = ? AND place = ?",
                    (best.start, best.end, best.detail, number, label, place),
                )
        self._store.settle(number)


def _kept(stored: Stored, machine: Findings, new_clauses: bool) -> "Kept":
    spans = [] if new_clauses else sorted(_spans(machine[stored.number]))
    return stored.analysed.comment, spans


def _spans(findings: Iterable[Finding]) -> set[tuple[int, int]]:
    return {(f.start, f.end) for f in findings if f.kind == "clause"}


def _sides(findings: Iterable[Finding], kind: str) -> dict[str, object]:
    """The labels of a kind, each with what would be another count: its polarities, a service's role, a signal's severity."""
    sides: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for f in findings:
        if f.kind == kind:
            place = (f.start, f.end) if kind == "clause" else ()
            sides[f.label].add((f.polarity, f.detail, *place))
    return dict(sides)


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The versions that are others now, as they were: "directory 2026-01-01, reader 1.0"."""
    return ", ".join(f"{name} {before.get(name, 'none')}" for name in sorted(now) if before.get(name) != now[name])


def _digest(data: Path) -> str:
    """What the files of the Trust's data come to, so that a killed run is not gone on with after one was edited."""
    hashed = hashlib.sha256()
    for path in sorted(data.glob("*.yml")):
        hashed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hashed.hexdigest()
