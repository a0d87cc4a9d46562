"""Remove a person, or what is too old, and everything derived from it; keep a receipt that names nobody.

What was found, decided and sampled of a comment goes with it, and so do the rows kept for mending that hold its words. Then
the file is rewritten, because deleted words live on in a full-text index and in a journal (`Store.leave_no_trace`). What
stays is the receipt and the content keys, so that the same words do not come in again with the next export: a key is made
under a secret and leads back to nobody. Copies that have left the database are out of reach, and each receipt says so.
"""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from feedback.errors import BadInput, BadStore, NotFound
from feedback.query import EVERYTHING, comment
from feedback.redact import Redactor
from feedback.store import Store
from feedback.undecided import IS_UNDECIDED, FlagsGone, as_json, check_dealt_with, from_json, undecided

ErasureScope = Literal["respondent", "comment", "retention"]
FoundBy = Literal["person", "id", ""]

NOT_REACHED = (
    "Backups and copies of the database: erase there too, or let them expire; one that is put back brings the comments back.",
    "Exports, documents and screens made before: whoever holds one deletes it. A citation in it leads nowhere from now on.",
    "The files that were uploaded, and the tool they came from: they hold the words as they were given.",
    "Rows that were rejected: they became no comment, so nobody can tell whose they are; rolling their batch back removes them.",
)
# A row kept for mending is known to hold a comment by the comment's words; shorter answers ("Very good") are everybody's.
LEAST_WORDS = 3
# So many words in a row, and an action's text repeats a comment rather than speaks of the same thing.
REPEATED_WORDS = 6

_UNDECIDED = f"EXISTS (SELECT 1 FROM flags f WHERE f.comment = c.number AND {IS_UNDECIDED})"
# A comment without a date is as old as its upload; one of which only the month is known may be of the month's last day.
_OLDER = """ifnull(iif(c.date_precision = 'month', date(c.date, 'start of month', '+1 month', '-1 day'), c.date),
    date(c.stored_at)) < :before"""
_MINE = "(SELECT value FROM json_each(:numbers))"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to go: the comments of one `respondent` (a key), one `comment` (a number), or what is older than `before`.

    `found_by` says where the value was met that a respondent was asked for by: as the person's or form's own, as the id of a
    comment, or nowhere.
    """

    scope: ErasureScope
    respondent: int | None = field(default=None, repr=False)
    comment: int | None = None
    before: date | None = None
    found_by: FoundBy = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What an erasure would take, in counts and citations, never words.

    `decisions` are those on safety flags. `open_flags` counts the comments with a flag that still waits for one, `flags` those
    flags by kind and severity. `rows` are rows kept for mending.
    `held_back` counts comments that are old enough but have an open flag, so that retention leaves them until a person has
    decided. `actions` are the numbers of those whose text, or reply to the public, repeats the words: people wrote them, so people change them.
    """

    scope: ErasureScope
    before: date | None
    comments: int
    citations: tuple[str, ...]
    findings: int
    decisions: int
    open_flags: int
    rows: int
    held_back: int
    actions: tuple[int, ...]
    flags: tuple[FlagsGone, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased, when, by whom and why; times are ISO 8601, UTC. `citations` are of comments that are no more.

    `flags` are the safety flags that went although nobody had decided about them, since whoever signs said that they were dealt with.

    `cleared_at` is None until the file was rewritten without the words: `finish` does that where it was broken off.
    """

    number: int
    at: str
    by: str
    reason: str
    scope: ErasureScope
    before: date | None
    comments: int
    citations: tuple[str, ...]
    cleared_at: str | None
    not_reached: tuple[str, ...] = NOT_REACHED
    flags: tuple[FlagsGone, ...] = ()


# What is asked for

NOTHING_UNDER_THAT = (
    "There is nothing to erase under that value. It was looked for, in capitals or small letters, in the export's column of the person or form, and among "
    "the export's own ids of comments. A comment without either is found by its citation (`--comment HW-2026-000123`): search for its words "
    "with `feedback comments --search` or on the page Comments."
)

ONLY_BY_ID = "No person or form is called so in the exports' own columns; these are the comments of the respondent whose comment has this id."
NO_PERIOD = (
    "How long comments are kept is for the Trust to say: set FEEDBACK_RETENTION_MONTHS, or give a day with --before."
)


def asked_for(
    store: Store,
    *,
    comment: str | None = None,
    only: bool = False,
    respondent: str | None = None,
    before: date | None = None,
    retention_months: int | None = None,
) -> Asked:
    """What one of these means: a comment's citation or id (its respondent, or with `only` it alone), what an export calls a
    respondent, a day, or how many months are kept. Raises BadInput, also where it is none or several of them; NotFound."""
    if sum(map(bool, (comment, respondent, before, retention_months))) != 1 or (only and not comment):
        raise BadInput(
            "Name one thing to erase: a comment (alone or with its respondent's others), a respondent, or an age."
        )
    if comment:
        return by_comment(store, comment, only=only)
    if respondent:
        return by_respondent(store, respondent)
    return older_than(before or months_ago(retention_months or 0, store.clock().date()))


def how_met(asked: Asked) -> str:
    """Where the value that a respondent was asked for by was met, in a sentence; empty where it is the export's own of a person or form."""
    return {"person": "", "id": ONLY_BY_ID, "": NOTHING_UNDER_THAT}[asked.found_by]


def by_citation(conn: sqlite3.Connection, citation: str, *, only: bool = False) -> Asked:
    """The respondent who wrote the comment with this citation or id, or with `only` that comment alone. Raises NotFound."""
    number = comment(conn, citation, EVERYTHING).number
    if only:
        return Asked("comment", comment=number)
    (key,) = conn.execute("SELECT respondent_key FROM comments WHERE number = ?", (number,)).fetchone()
    return Asked("respondent", respondent=key)


def by_comment(store: Store, name: str, *, only: bool = False) -> Asked:
    """As `by_citation`, and by an upload's own id that is kept in a short form, since it would tell whose it is. Raises NotFound."""
    try:
        return by_citation(store.conn, name, only=only)
    except NotFound:
        try:
            return by_citation(store.conn, store.short_id(name.strip()), only=only)
        except NotFound:
            pass
        raise


def by_respondent(store: Store, value: str) -> Asked:
    """The respondent whom an export's own column of the person or form calls `value`; neither kept nor repeated anywhere.

    Where no person or form is called so, in capitals or small letters, the one whose comment has that id: in a file with one
    question, the form's id is the comment's. Raises BadInput where several respondents may be meant.
    """
    value = value.strip()
    written = dict.fromkeys((value, value.upper(), value.lower(), value.capitalize(), value.title()))
    keys = [store.respondent_key("person", one) for one in written]
    marks = ", ".join("?" * len(keys))
    sql = f"SELECT DISTINCT respondent_key FROM comments WHERE respondent_key IN ({marks})"
    there = {key for (key,) in store.conn.execute(sql, keys)}
    if keys[0] in there:
        return Asked("respondent", respondent=keys[0], found_by="person")
    if there:
        return _the_one(store, there, "person")
    ids = "SELECT DISTINCT respondent_key FROM comments WHERE id = ? COLLATE NOCASE OR id IN (SELECT value FROM json_each(?))"
    short = json.dumps([store.short_id(one) for one in written])
    if there := {key for (key,) in store.conn.execute(ids, (value, short))}:
        return _the_one(store, there, "id")
    return Asked("respondent", respondent=keys[0])


def _the_one(store: Store, keys: set[int], found_by: FoundBy) -> Asked:
    if len(keys) == 1:
        return Asked("respondent", respondent=keys.pop(), found_by=found_by)
    sql = "SELECT min(citation) FROM comments WHERE respondent_key IN (SELECT value FROM json_each(?)) GROUP BY respondent_key ORDER BY 1"
    citations = ", ".join(citation for (citation,) in store.conn.execute(sql, (json.dumps(sorted(keys)),)))
    raise BadInput(f"Several respondents may be meant by that; name one by a comment of theirs: {citations}.")


def older_than(before: date) -> Asked:
    """What is older than a day."""
    return Asked("retention", before=before)


def months_ago(months: int, today: date) -> date:
    """The day so many months before today."""
    from dateutil.relativedelta import relativedelta

    return today - relativedelta(months=months)


# What there is, and removing it


def look(conn: sqlite3.Connection, asked: Asked) -> Found:
    """Say what would go; nothing changes."""
    return _found(conn, asked, _numbers(conn, asked))


def erase(
    store: Store,
    asked: Asked,
    *,
    by: str,
    reason: str,
    redactor: Redactor,
    flags_dealt_with: bool = False,
    expected: int | None = None,
) -> Receipt:
    """Erase what is asked for, once and for all; `reason` is redacted, since people write names there.

    `expected` is how many comments somebody was told would go. Raises NotFound where there is nothing (any more), BadInput without a
    name and a reason, where it is another number by now, or where undecided safety flags would
    go and nobody says that they have been dealt with, BadStore. Killed at any moment it is either not begun, or erased and
    completed by `finish`.
    """
    if not by.strip() or not reason.strip():
        raise BadInput("An erasure is signed and has a reason: give both.")
    ((reason, _),) = redactor.redact([" ".join(reason.split())])
    with store.writing():
        numbers = _numbers(store.conn, asked)
        found = _found(store.conn, asked, numbers)
        if not found.comments and not found.rows:
            nowhere = asked.scope == "respondent" and not asked.found_by and asked.respondent is not None
            raise NotFound(
                NOTHING_UNDER_THAT if nowhere else "There is nothing to erase: no comment here is meant by that."
            )
        if expected is not None and expected != found.comments:
            raise BadInput(
                f"It would erase {found.comments:,} {'comment' if found.comments == 1 else 'comments'} by now, and you were told"
                f" {expected:,}; nothing was erased. Look again at what would go."
            )
        check_dealt_with(found.flags, dealt_with=flags_dealt_with, by=by, reason=reason)
        receipt = _write_receipt(store, found, " ".join(by.split()), reason)
        _remove(store, asked, numbers, receipt)
    with suppress(BadStore):  # the comments are gone; the receipt says that the file still waits
        finish(store)
    return next(kept for kept in receipts(store.conn) if kept.number == receipt)


def finish(store: Store) -> int:
    """Rewrite the file if an erasure, or a rollback, was broken off before that; returns how many still wait for it.

    They wait only while another program keeps the database open.
    """
    # Only those of before: one that another program begins while the file is rewritten waits for the next time.
    erasures = [id for (id,) in store.conn.execute("SELECT id FROM erasures WHERE cleared_at IS NULL")]
    waiting = len(erasures) + store.has_traces
    if not waiting or not store.leave_no_trace():
        return waiting
    with store.writing():
        store.conn.execute(
            "UPDATE erasures SET cleared_at = ? WHERE id IN (SELECT value FROM json_each(?))",
            (store.now(), json.dumps(erasures)),
        )
    return 0


def receipts(conn: sqlite3.Connection) -> tuple[Receipt, ...]:
    """All receipts, the latest first."""
    rows = conn.execute(
        'SELECT id, at, "by", reason, scope, before, comments, citations, cleared_at, flags FROM erasures ORDER BY id DESC'
    )
    return tuple(
        Receipt(
            id,
            at,
            by,
            why,
            scope,
            _day(before),
            n,
            tuple(json.loads(citations)),
            cleared_at,
            flags=from_json(flags),
        )
        for id, at, by, why, scope, before, n, citations, cleared_at, flags in rows
    )


def receipt_of(conn: sqlite3.Connection, number: int) -> Receipt:
    """One receipt. Raises NotFound."""
    for one in receipts(conn):
        if one.number == number:
            return one
    raise NotFound(f"There is no receipt {number}; `feedback erase receipts` lists them.")


def _numbers(conn: sqlite3.Connection, asked: Asked) -> list[int]:
    """The comments meant, by number."""
    where = {
        "respondent": "c.respondent_key = :respondent",
        "comment": "c.number = :comment",
        "retention": f"{_OLDER} AND NOT {_UNDECIDED}",
    }[asked.scope]
    sql = f"SELECT c.number FROM comments c WHERE {where} ORDER BY c.number"
    return [number for (number,) in conn.execute(sql, _parameters(asked))]


def _found(conn: sqlite3.Connection, asked: Asked, numbers: list[int]) -> Found:
    mine = {"numbers": json.dumps(numbers)}

    def count(sql: str) -> int:
        return conn.execute(sql, mine).fetchone()[0]

    held_back = 0
    if asked.scope == "retention":
        sql = f"SELECT count(*) FROM comments c WHERE {_OLDER} AND {_UNDECIDED}"
        held_back = conn.execute(sql, _parameters(asked)).fetchone()[0]
    citations = conn.execute(f"SELECT citation FROM comments WHERE number IN {_MINE} ORDER BY number", mine)
    texts = _texts(conn, numbers)
    return Found(
        scope=asked.scope,
        before=asked.before,
        comments=len(numbers),
        citations=tuple(citation for (citation,) in citations),
        findings=count(f"SELECT count(*) FROM findings WHERE comment IN {_MINE}"),
        decisions=count(f"SELECT count(*) FROM reviews WHERE comment IN {_MINE}"),
        open_flags=count(f"SELECT count(*) FROM comments c WHERE number IN {_MINE} AND {_UNDECIDED}"),
        rows=len(_rows_to_mend(conn, asked, numbers, texts)),
        held_back=held_back,
        actions=tuple(_repeating_actions(conn, texts)),
        flags=undecided(conn, numbers),
    )


def _remove(store: Store, asked: Asked, numbers: list[int], erasure: int) -> None:
    """Take the comments and all that hangs on them, within `writing`; what refers to a comment goes by its foreign key."""
    conn, mine = store.conn, {"numbers": json.dumps(numbers), "erasure": erasure}
    texts = _texts(conn, numbers)
    rows = _rows_to_mend(conn, asked, numbers, texts)
    conn.executemany("UPDATE notices SET original = NULL WHERE rowid = ?", [(row,) for row in rows])
    _blank_headings(conn, texts)
    conn.execute(f'INSERT OR IGNORE INTO erased SELECT "key", :erasure FROM comments WHERE number IN {_MINE}', mine)
    # A batch that is being read counts them as it does what was erased before it came, so that its rows still add up.
    conn.execute(
        'INSERT OR IGNORE INTO batch_counted SELECT l.batch, c."key", l.sheet, l."row" FROM batch_comments l JOIN comments c'
        " ON c.number = l.comment JOIN batches b ON b.id = l.batch AND b.state = 'running'"
        f" WHERE c.number IN {_MINE}",
        mine,
    )
    conn.execute(f"DELETE FROM comments WHERE number IN {_MINE}", mine)
    store.forget_unused_texts()


def _write_receipt(store: Store, found: Found, by: str, reason: str) -> int:
    cursor = store.conn.execute(
        'INSERT INTO erasures (at, "by", reason, scope, before, comments, citations, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        (
            store.now(),
            by,
            reason,
            found.scope,
            found.before.isoformat() if found.before else None,
            found.comments,
            json.dumps(found.citations),
            as_json(found.flags),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


# Where the words are beside the comment itself


def _texts(conn: sqlite3.Connection, numbers: list[int]) -> frozenset[str]:
    sql = (
        f"SELECT text FROM comments WHERE number IN {_MINE}"
        f" UNION SELECT original FROM translations WHERE comment IN {_MINE}"
        f" UNION SELECT text FROM translations WHERE comment IN {_MINE}"
    )
    return frozenset(_plain(text) for (text,) in conn.execute(sql, {"numbers": json.dumps(numbers)}))


def _rows_to_mend(conn: sqlite3.Connection, asked: Asked, numbers: list[int], texts: frozenset[str]) -> list[int]:
    """The notices whose kept row is one of the comments', repeats their words (it was mended and sent again), or is too old."""
    of_the_rows = conn.execute(
        "SELECT n.rowid FROM notices n WHERE original IS NOT NULL AND EXISTS (SELECT 1 FROM batch_comments l"
        f' WHERE l.batch = n.batch AND l.sheet IS n.sheet AND l."row" = n."row" AND l.comment IN {_MINE})',
        {"numbers": json.dumps(numbers)},
    )
    found = {row for (row,) in of_the_rows}
    told = {text for text in texts if len(text.split()) >= LEAST_WORDS}
    if told:
        every = conn.execute("SELECT rowid, original FROM notices WHERE original IS NOT NULL")
        found |= {row for row, cells in every if any(_plain(cell) in told for cell in json.loads(cells))}
    if asked.before:
        old = "SELECT n.rowid FROM notices n JOIN batches b ON b.id = n.batch WHERE original IS NOT NULL AND date(created_at) < ?"
        found |= {row for (row,) in conn.execute(old, (asked.before.isoformat(),))}
    return sorted(found)


def _blank_headings(conn: sqlite3.Connection, texts: frozenset[str]) -> None:
    """In a file without headings the first row's words stand where they would: in what a column is called, and wherever that is said."""
    told = {text for text in texts if len(text.split()) >= LEAST_WORDS}

    def blank(value: Any) -> Any:
        if isinstance(value, dict):
            return {blank(key): blank(one) for key, one in value.items()}
        if isinstance(value, list):
            return [blank(one) for one in value]
        if not isinstance(value, str):
            return value
        plain = _plain(value)
        return "" if plain in texts or any(text in plain for text in told) else value

    for table, columns in (("batches", ("headings", "column_map", "decisions")), ("mappings", ("mapping",))):
        for row, *kept in conn.execute(f"SELECT rowid, {', '.join(columns)} FROM {table}").fetchall():
            for column, text in zip(columns, kept, strict=True):
                if (blanked := blank(json.loads(text))) != json.loads(text):
                    blanked_text = json.dumps(blanked, ensure_ascii=False)
                    conn.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (blanked_text, row))


def _repeating_actions(conn: sqlite3.Connection, texts: frozenset[str]) -> Iterable[int]:
    """The actions whose record, or a reply to the public kept with it (a draft, released or withdrawn), repeats the words."""
    said = {run for text in texts for run in runs(text)}
    told = conn.execute(
        "SELECT id, name, you_said, we_did, outcome FROM actions UNION ALL SELECT action, text, reason, '', '' FROM replies ORDER BY 1"
    )
    found = {id for id, *texts in told if not said.isdisjoint(run for text in texts for run in runs(text))}
    yield from sorted(found)


def runs(text: str) -> list[tuple[str, ...]]:
    """Every REPEATED_WORDS words in a row, as words are compared.

    >>> runs("So many words, in a row!"), runs("Too few.")
    ([('so', 'many', 'words', 'in', 'a', 'row')], [])
    """
    words = [word for part in text.casefold().split() if (word := part.strip(".,;:!?\"'()“”‘’"))]
    return [tuple(words[i : i + REPEATED_WORDS]) for i in range(len(words) - REPEATED_WORDS + 1)]


def _parameters(asked: Asked) -> dict[str, object]:
    before = asked.before.isoformat() if asked.before else None
    return {"respondent": asked.respondent, "comment": asked.comment, "before": before}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
