"""Make a database what this version expects, one numbered migration after another.

A migration that has been released is never edited: a change of the schema is a new one at the end. Each runs in its own
transaction together with the record that it ran, so a killed upgrade is simply continued. A database that lists a
migration unknown to this version was written by a newer one and is refused rather than guessed at.

    batches ─< batch_comments >─ comments ─< findings        one table for what machines and people say of a comment
       └< notices                  ├ comments_fts             (rejects and warnings; the words as an index)
                                   ├< flags ─< reviews        (what was ever flagged; what people decided about it)
                 samples ─< sampled┤                          (what was drawn for blind reading)
         ledgers ─< ledger_comments┘─< ledger_answers         (the same for themes and sentiment; what two people said)
               erasures ─< erased    (receipts; the content keys that must not come in again)
            corrections  reanalyses     (what people said of a comment; when the history was read again, and what moved)
        service_texts  service_names    (what uploads call services; what people said that means)
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

# Where people's findings stand, above the machines': what they said of an upload's own name for a service from SAID on, what
# they said of the comment itself from CORRECTED on (see CORRECTIONS).
SAID, CORRECTED = 1_000_000, 2_000_000

# Statements are separated by blank lines, because a trigger holds semicolons.
FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID

INSERT INTO meta VALUES ('secret', randomblob(32))

CREATE TABLE versions (id INTEGER PRIMARY KEY, versions TEXT NOT NULL UNIQUE)

CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'rolled_back')),
    created_at TEXT NOT NULL,
    finished_at TEXT,
    position INTEGER NOT NULL DEFAULT 0,
    empty INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    counts TEXT,
    column_map TEXT NOT NULL,
    decisions TEXT NOT NULL,
    versions INTEGER NOT NULL REFERENCES versions
)

CREATE INDEX batches_of_a_file ON batches (sha256, state)

CREATE TABLE notices (
    batch INTEGER NOT NULL REFERENCES batches,
    kind TEXT NOT NULL CHECK (kind IN ('reject', 'warning')),
    sheet TEXT,
    "row" INTEGER,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL
)

CREATE INDEX notices_of_a_batch ON notices (batch, kind)

CREATE TABLE service_texts (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE,
    cells TEXT NOT NULL,
    service TEXT,
    "by" TEXT
)

CREATE TABLE comments (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    series TEXT NOT NULL,
    citation TEXT GENERATED ALWAYS AS (series || '-' || printf('%06d', number)) VIRTUAL,
    "key" BLOB NOT NULL UNIQUE,
    text TEXT NOT NULL,
    question TEXT,
    question_kind TEXT NOT NULL,
    date TEXT,
    date_precision TEXT NOT NULL CHECK (date_precision IN ('day', 'month')),
    fft INTEGER CHECK (fft BETWEEN 1 AND 6),
    language TEXT NOT NULL,
    contentless INTEGER NOT NULL,
    redactions TEXT NOT NULL,
    service_text INTEGER REFERENCES service_texts,
    respondent_cell TEXT,
    respondent_key INTEGER NOT NULL,
    versions INTEGER NOT NULL REFERENCES versions,
    sentiment TEXT,
    scale INTEGER,
    respondent TEXT NOT NULL DEFAULT 'unknown'
)

CREATE INDEX comments_newest ON comments (ifnull(date, ''), number)

CREATE INDEX comments_of_a_service_text ON comments (service_text) WHERE service_text IS NOT NULL

CREATE TABLE batch_comments (
    batch INTEGER NOT NULL REFERENCES batches,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    sheet TEXT,
    "row" INTEGER,
    brought INTEGER NOT NULL,
    PRIMARY KEY (batch, comment)
) WITHOUT ROWID

CREATE INDEX batches_of_a_comment ON batch_comments (comment)

CREATE TABLE findings (
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    place INTEGER NOT NULL,
    polarity TEXT NOT NULL CHECK (polarity IN ('+', '-', '~', '0', '')),
    score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    detail TEXT NOT NULL,
    current INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (comment, kind, label, place)
) WITHOUT ROWID

CREATE INDEX findings_by_label ON findings (kind, label, comment, polarity, detail, current) WHERE current = 1

CREATE VIEW effective AS
    SELECT comment, kind, label, place, polarity, score, start, "end", "by", detail FROM findings WHERE current = 1

CREATE VIRTUAL TABLE comments_fts USING fts5(
    text, content='comments', content_rowid='number', tokenize='porter unicode61 remove_diacritics 2'
)

CREATE TRIGGER comments_fts_insert AFTER INSERT ON comments BEGIN
    INSERT INTO comments_fts (rowid, text) VALUES (new.number, new.text);
END

CREATE TRIGGER comments_fts_delete AFTER DELETE ON comments BEGIN
    INSERT INTO comments_fts (comments_fts, rowid, text) VALUES ('delete', old.number, old.text);
END

CREATE TRIGGER comments_fts_update AFTER UPDATE OF text ON comments BEGIN
    INSERT INTO comments_fts (comments_fts, rowid, text) VALUES ('delete', old.number, old.text);
    INSERT INTO comments_fts (rowid, text) VALUES (new.number, new.text);
END

CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    signal TEXT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL
)

CREATE INDEX reviews_of_a_signal ON reviews (comment, signal)

CREATE TABLE actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    service TEXT NOT NULL,
    theme TEXT,
    you_said TEXT NOT NULL,
    we_did TEXT NOT NULL,
    date TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL
)

CREATE TABLE mappings (fingerprint TEXT PRIMARY KEY, mapping TEXT NOT NULL, "by" TEXT NOT NULL, at TEXT NOT NULL)
"""

# The rows of the lists that go back to the sender: their cells, redacted, under the headings they stood under (JSON).
# `filled` names what a mended row put into a comment that lacked it (a date, a rating), so that it can be taken back.
# `batch_counted` holds, while a batch is read, what is only counted: comments erased before, and a row that names one again.
ORIGINALS = """
ALTER TABLE notices ADD COLUMN original TEXT

ALTER TABLE batches ADD COLUMN headings TEXT NOT NULL DEFAULT '{}'

ALTER TABLE batch_comments ADD COLUMN filled TEXT NOT NULL DEFAULT ''

CREATE TABLE batch_counted (
    batch INTEGER NOT NULL REFERENCES batches,
    "key" BLOB NOT NULL,
    sheet TEXT,
    "row" INTEGER,
    PRIMARY KEY (batch, "key")
) WITHOUT ROWID
"""

# What has ever been flagged, so that no re-analysis takes a flag off the queue: that only a person does. Where a flagged
# comment was sent, under which reference there. What was drawn to be read blind: `unflagged` and `flagged` count the
# comments it was drawn from, `scope` the services it was drawn for (JSON; null is all).
SAFETY = """
ALTER TABLE reviews ADD COLUMN route TEXT

ALTER TABLE reviews ADD COLUMN reference TEXT

ALTER TABLE comments ADD COLUMN stored_at TEXT

UPDATE comments SET stored_at = (
    SELECT min(created_at) FROM batch_comments l JOIN batches b ON b.id = l.batch WHERE l.comment = comments.number
)

CREATE TABLE flags (
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    signal TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('watch', 'urgent')),
    score REAL NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    raised_at TEXT NOT NULL,
    PRIMARY KEY (comment, signal)
) WITHOUT ROWID

INSERT INTO flags
    SELECT comment, label, iif(max(detail = 'urgent'), 'urgent', 'watch'), score, start, "end", "by", stored_at
    FROM effective JOIN comments ON number = comment WHERE kind = 'signal' GROUP BY comment, label

CREATE TABLE samples (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    drawn_at TEXT NOT NULL,
    drawn_by TEXT NOT NULL,
    seed INTEGER NOT NULL,
    filters TEXT NOT NULL,
    scope TEXT,
    unflagged INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    versions INTEGER NOT NULL REFERENCES versions
)

CREATE TABLE sampled (
    sample INTEGER NOT NULL REFERENCES samples,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    place INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    severity TEXT CHECK (severity IN ('none', 'watch', 'urgent')),
    kind TEXT,
    read_by TEXT,
    read_at TEXT,
    PRIMARY KEY (sample, comment)
) WITHOUT ROWID

CREATE INDEX samples_of_a_comment ON sampled (comment)
"""

# A receipt says what was removed and why, never of whom; the keys keep the same words from coming in with the next export.
# `cleared_at`: when the file was rewritten so that no byte of it is left.
ERASURES = """
CREATE TABLE erasures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    reason TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('respondent', 'comment', 'retention')),
    before TEXT,
    comments INTEGER NOT NULL,
    citations TEXT NOT NULL,
    cleared_at TEXT
)

CREATE INDEX comments_of_a_respondent ON comments (respondent_key)

CREATE TABLE erased ("key" BLOB PRIMARY KEY, erasure INTEGER NOT NULL REFERENCES erasures) WITHOUT ROWID
"""

# What people said of comments, in the order in which they said it; what is withdrawn stays in the list. The findings that a
# correction makes stand at place 2,000,000 + its number, those of what people said of an upload's own name for a service
# from 1,000,000 on, and the machines' below: so a machine's may all be written anew, and a later word still outranks an
# earlier. `own_polarity` keeps how a machine heard a theme where a person corrected the feeling of the clause it stands in.
# Corrections made before this step have no time, since none was kept.
CORRECTIONS = """
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    said TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    "by" TEXT NOT NULL,
    at TEXT,
    withdrawn_by TEXT,
    withdrawn_at TEXT
)

CREATE INDEX corrections_of_a_comment ON corrections (comment)

CREATE TABLE reanalyses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    asked TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('all', 'services')),
    state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'given_up')),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    position INTEGER NOT NULL DEFAULT 0,
    moved TEXT NOT NULL,
    versions INTEGER NOT NULL REFERENCES versions
)

ALTER TABLE findings ADD COLUMN own_polarity TEXT

UPDATE findings SET place = place + 1000000 WHERE "by" GLOB 'person:*'

ALTER TABLE corrections ADD COLUMN place INTEGER

INSERT INTO corrections (comment, said, "by", place)
    SELECT f.comment, json_array(json_object('kind', f.kind, 'label', f.label, 'polarity', f.polarity, 'score', f.score,
        'start', f.start, 'end', f."end", 'detail', f.detail)), f."by", f.place
    FROM findings f JOIN comments c ON c.number = f.comment LEFT JOIN service_texts t ON t.id = c.service_text
    WHERE f."by" GLOB 'person:*' AND NOT (f.kind = 'service' AND f."end" = 0 AND f.label IS t.service AND f."by" IS t."by")
    ORDER BY f.comment, f.place

UPDATE findings SET place = 2000000 + k.id FROM corrections k WHERE k.comment = findings.comment AND k.place = findings.place

ALTER TABLE corrections DROP COLUMN place
"""

# What people said an upload's own name for a service means: an id of the directory, or "none" where it is no service of ours.
# `key` is the name in the form in which names are compared, `text` as it was met. At most one of a name stands; what it took
# the place of, and what was undone, stays in the list. Those said before this step have no time, since none was kept.
SERVICE_NAMES = """
CREATE TABLE service_names (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "key" TEXT NOT NULL,
    text TEXT NOT NULL,
    service TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT,
    undone_by TEXT,
    undone_at TEXT
)

CREATE UNIQUE INDEX service_names_that_stand ON service_names ("key") WHERE undone_by IS NULL

INSERT INTO service_names ("key", text, service, "by")
    SELECT lower(text), min(text), min(service), min("by") FROM service_texts WHERE service IS NOT NULL GROUP BY lower(text)

ALTER TABLE service_texts DROP COLUMN service

ALTER TABLE service_texts DROP COLUMN "by"
"""

# What was drawn for two people to read blind, what the machines had said of it when it was drawn, and what each person said.
# `pool` counts the comments it was drawn from; themes are ids (JSON), scale is 1 very positive … 5 very negative.
LEDGER = """
CREATE TABLE ledgers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    drawn_at TEXT NOT NULL,
    drawn_by TEXT NOT NULL,
    seed INTEGER NOT NULL,
    filters TEXT NOT NULL,
    scope TEXT,
    pool INTEGER NOT NULL,
    versions INTEGER NOT NULL REFERENCES versions
)

CREATE TABLE ledger_comments (
    ledger INTEGER NOT NULL REFERENCES ledgers,
    place INTEGER NOT NULL,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    scale INTEGER NOT NULL,
    themes TEXT NOT NULL,
    PRIMARY KEY (ledger, place)
) WITHOUT ROWID

CREATE INDEX ledgers_of_a_comment ON ledger_comments (comment)

CREATE TABLE ledger_answers (
    ledger INTEGER NOT NULL,
    place INTEGER NOT NULL,
    reader TEXT NOT NULL,
    scale INTEGER NOT NULL CHECK (scale BETWEEN 1 AND 5),
    themes TEXT NOT NULL,
    read_at TEXT NOT NULL,
    PRIMARY KEY (ledger, place, reader),
    FOREIGN KEY (ledger, place) REFERENCES ledger_comments ON DELETE CASCADE
) WITHOUT ROWID
"""

MIGRATIONS: dict[str, str] = {
    "0001_first": FIRST,
    "0002_originals": ORIGINALS,
    "0003_safety": SAFETY,
    "0004_erasures": ERASURES,
    "0005_corrections": CORRECTIONS,
    "0006_service_names": SERVICE_NAMES,
    "0007_ledger": LEDGER,
}

_RECORD = "_sqlite_migrations"  # sqlite-utils' own table of what has been applied, and when


def migrate(db: Database) -> None:
    """Apply what is missing, in order; applying it twice does nothing.

    Raises sqlite3.Error as it comes; the store turns it into a sentence.
    """
    from sqlite_utils import Migrations

    migrations = Migrations("feedback")
    for name, statements in MIGRATIONS.items():
        migrations(name=name)(_running(statements))
    migrations.apply(db)


def _running(statements: str):  # type: ignore[no-untyped-def]  # sqlite-utils keeps its protocol private
    def run(db: Database) -> None:
        for statement in statements.strip().split("\n\n"):
            db.conn.execute(statement)

    return run


def applied(conn: sqlite3.Connection) -> tuple[str, ...] | None:
    """The migrations a database has had, in order; none yet for an empty one, None for somebody else's database.

    Raises sqlite3.DatabaseError where the file is not a database at all.
    """
    tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if _RECORD not in tables:
        return None if tables else ()
    rows = conn.execute(f"SELECT name FROM {_RECORD} WHERE migration_set = 'feedback' ORDER BY id")
    return tuple(name for (name,) in rows) or (None if tables != {_RECORD} else ())
