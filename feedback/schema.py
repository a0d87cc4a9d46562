"""Make a database what this version expects, one numbered migration after another.

A migration that has been released is never edited: a change of the schema is a new one at the end. Each runs in its own
transaction together with the record that it ran, so a killed upgrade is simply continued. A database that lists a
migration unknown to this version was written by a newer one and is refused rather than guessed at.

    batches ─< batch_comments >─ comments ─< findings        one table for what machines and people say of a comment
       └< notices                  ├ comments_fts             (rejects and warnings; the words as an index)
                                   ├< flags ─< reviews        (what was ever flagged; what people decided about it)
                 samples ─< sampled┤                          (what was drawn for blind reading)
         ledgers ─< ledger_comments┘─< ledger_answers         (the same for themes and sentiment; what two people said)
     batches ── taken_back           (when an upload was taken back, by whom, with how many undecided flags)
               erasures ─< erased    (receipts; the content keys that must not come in again)
            corrections  reanalyses     (what people said of a comment; when the history was read again, and what moved)
        service_texts  service_names    (what uploads call services; what people said that means)
                         packs          (what documents said when they were made: figures, citations, checksums)
     topic_runs ─< topic_findings >─ topics ─< topic_clauses, topic_words ─< topic_uses   local_themes ─< local_examples   (no word of a comment)
       views ─< subscriptions ─< digests ─< told   targets    (what people watch, and what they have been told; what they aim at)
  strategies ─< mapped >─ comments    strategy_uses   (strategies adopted later, what comments mean under them; which is in force)
  translations >─ comments            (what people put in for comments in another language, beside the words that were held)
  kept_names >─ comments              (names of staff in praise, only where a setting keeps them)
  actions ─< action_changes, action_comments, replies ─< reply_sources   (you said, we did; who changed what; what the public is told)
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

# An action's name on charts, the statement of the strategy it serves in place of a theme, and what came of it. `action_changes` says
# who changed what: values before and after, but of texts only that they changed, so that what is taken out of a text is gone.
# Replies hold the words for the public as a person released them. What each sentence rests on stands beside it (reply_sources):
# a comment by its number alone, so that it goes when that is erased.
ACTIONS = """
ALTER TABLE actions ADD COLUMN name TEXT NOT NULL DEFAULT ''

ALTER TABLE actions ADD COLUMN statement TEXT

ALTER TABLE actions ADD COLUMN outcome TEXT NOT NULL DEFAULT ''

CREATE INDEX actions_of_a_service ON actions (service, date)

CREATE TABLE action_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action INTEGER NOT NULL REFERENCES actions ON DELETE CASCADE,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    changed TEXT NOT NULL
)

CREATE INDEX changes_of_an_action ON action_changes (action)

CREATE TABLE action_comments (
    action INTEGER NOT NULL REFERENCES actions ON DELETE CASCADE,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    clause INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (action, comment, clause)
) WITHOUT ROWID

CREATE INDEX actions_of_a_comment ON action_comments (comment)

CREATE TABLE replies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action INTEGER NOT NULL REFERENCES actions ON DELETE CASCADE,
    form TEXT NOT NULL CHECK (form IN ('standard', 'easy_read')),
    text TEXT NOT NULL,
    written_by TEXT NOT NULL,
    written_at TEXT NOT NULL,
    released_by TEXT,
    released_at TEXT,
    withdrawn_by TEXT,
    withdrawn_at TEXT,
    reason TEXT NOT NULL DEFAULT ''
)

CREATE INDEX replies_to_an_action ON replies (action)

CREATE UNIQUE INDEX one_draft_of_a_reply ON replies (action, form) WHERE released_at IS NULL

CREATE UNIQUE INDEX one_reply_that_stands ON replies (action, form) WHERE released_at IS NOT NULL AND withdrawn_at IS NULL

CREATE TABLE reply_sources (
    reply INTEGER NOT NULL REFERENCES replies ON DELETE CASCADE,
    sentence INTEGER NOT NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    says TEXT NOT NULL,
    comment INTEGER REFERENCES comments ON DELETE CASCADE,
    clause INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (reply, sentence, place)
) WITHOUT ROWID

CREATE INDEX replies_of_a_comment ON reply_sources (comment)
"""

# Targets that people set for a series (the key of tally.SeriesOf), views they keep, who is told of them, and what was told. A digest is
# written down before it goes ("ready") and marked when it leaves ("sending") and when it was accepted ("sent"), so that nothing is
# told twice or lost. None of these tables holds a comment's words. `upto`: the newest period in which the signal was seen.
OVER_TIME = """
CREATE TABLE targets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    series TEXT NOT NULL,
    value REAL NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    ended_by TEXT,
    ended_at TEXT
)

CREATE UNIQUE INDEX targets_that_stand ON targets (series) WHERE ended_by IS NULL

CREATE TABLE views (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    filters TEXT NOT NULL,
    measure TEXT,
    scope TEXT,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    ended_by TEXT,
    ended_at TEXT
)

CREATE UNIQUE INDEX views_that_stand ON views (lower(name)) WHERE ended_by IS NULL

CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    view INTEGER NOT NULL REFERENCES views,
    way TEXT NOT NULL CHECK (way IN ('file', 'email')),
    "to" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    ended_by TEXT,
    ended_at TEXT
)

CREATE UNIQUE INDEX subscriptions_that_stand ON subscriptions (view, way, lower("to")) WHERE ended_by IS NULL

CREATE TABLE digests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription INTEGER NOT NULL REFERENCES subscriptions,
    made_at TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('ready', 'sending', 'sent', 'dropped')),
    moved_at TEXT NOT NULL
)

CREATE INDEX digests_to_send ON digests (subscription, state)

CREATE TABLE told (
    subscription INTEGER NOT NULL REFERENCES subscriptions,
    series TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('high', 'low')),
    began TEXT NOT NULL,
    upto TEXT NOT NULL,
    digest INTEGER NOT NULL REFERENCES digests,
    PRIMARY KEY (subscription, series, side, began)
) WITHOUT ROWID
"""

# Clauses that were cut otherwise when their comment was read again: where the words stand that the number was given to, which are
# still in the comment. A number is never given to other words, so whoever cited it finds what was cited.
OLD_CUTS = """
CREATE TABLE old_cuts (
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (comment, number)
) WITHOUT ROWID
"""

# What people keep speaking of, found in the clauses, with no word of theirs: where a topic stands among the clauses (a vector), which
# clauses belong to it (by comment and number, with their place in the text, since a comment may be cut anew), and words that at
# least five people used in it. `topic_uses` says who did, so that a word goes as soon as an erasure leaves fewer than five.
# `topic_reads` notes how a comment was cut when it was last sorted, and how many of its clauses were long enough to be.
# A local theme is a topic that a person made a theme of the Trust's own: weights learnt from examples, never the national framework.
TOPICS = """
CREATE TABLE topic_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    clauses INTEGER NOT NULL,
    placed INTEGER NOT NULL,
    settings TEXT NOT NULL,
    model TEXT NOT NULL,
    centre BLOB NOT NULL
)

CREATE TABLE topics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT,
    named_by TEXT,
    named_at TEXT,
    centroid BLOB NOT NULL,
    theme TEXT,
    chance REAL,
    asleep INTEGER NOT NULL DEFAULT 0
)

CREATE TABLE topic_findings (
    topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
    run INTEGER NOT NULL REFERENCES topic_runs,
    likeness REAL,
    clauses INTEGER NOT NULL,
    PRIMARY KEY (topic, run)
) WITHOUT ROWID

CREATE TABLE topic_words (
    topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
    word TEXT NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (topic, word)
) WITHOUT ROWID

CREATE TABLE topic_uses (
    topic INTEGER NOT NULL,
    word TEXT NOT NULL,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    respondent INTEGER NOT NULL,
    PRIMARY KEY (topic, word, comment),
    FOREIGN KEY (topic, word) REFERENCES topic_words ON DELETE CASCADE
) WITHOUT ROWID

CREATE INDEX topic_uses_of_a_comment ON topic_uses (comment)

CREATE TRIGGER topic_words_of_too_few AFTER DELETE ON topic_uses BEGIN
    DELETE FROM topic_words WHERE topic = old.topic AND word = old.word AND 5 > (
        SELECT count(DISTINCT respondent) FROM topic_uses WHERE topic = old.topic AND word = old.word);
END

CREATE TABLE topic_clauses (
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    clause INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
    score REAL NOT NULL,
    PRIMARY KEY (comment, clause)
) WITHOUT ROWID

CREATE INDEX clauses_of_a_topic ON topic_clauses (topic, comment, score)

CREATE TABLE topic_reads (
    comment INTEGER PRIMARY KEY REFERENCES comments ON DELETE CASCADE,
    cut TEXT NOT NULL,
    clauses INTEGER NOT NULL
)

CREATE TABLE local_themes (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    topic INTEGER REFERENCES topics ON DELETE SET NULL,
    model TEXT NOT NULL,
    weights BLOB NOT NULL,
    threshold REAL NOT NULL,
    scores TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    retired_by TEXT,
    retired_at TEXT
) WITHOUT ROWID

CREATE TABLE local_examples (
    theme TEXT NOT NULL REFERENCES local_themes ON DELETE CASCADE,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    clause INTEGER NOT NULL,
    is_one INTEGER NOT NULL,
    PRIMARY KEY (theme, comment, clause)
) WITHOUT ROWID

CREATE INDEX examples_of_a_comment ON local_examples (comment)
"""

# Strategies that were adopted beside the one that the models read: the file as it was put in, and how each of its parts is found (rules,
# JSON; remap.py). `position` is the number of the last comment that was mapped while it is being adopted. `strategy_uses` says which
# was in force from when: the last row counts, and an empty version is the strategy that is read. `mapped` holds what comments mean under
# each, with no word of theirs. `unmapped` holds, while something is written, the comments to be mapped anew; it is empty in between.
STRATEGIES = """
CREATE TABLE strategies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version TEXT NOT NULL UNIQUE,
    file TEXT NOT NULL,
    rules TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'ready')),
    position INTEGER NOT NULL DEFAULT 0,
    ready_at TEXT
)

CREATE TABLE strategy_uses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL
)

CREATE TABLE mapped (
    strategy TEXT NOT NULL,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    place INTEGER NOT NULL,
    polarity TEXT NOT NULL,
    score REAL NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    "by" TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (comment, strategy, kind, label)
) WITHOUT ROWID

CREATE INDEX mapped_by_label ON mapped (strategy, kind, label, comment, polarity, detail)

CREATE TABLE unmapped (comment INTEGER PRIMARY KEY)

CREATE TRIGGER findings_made AFTER INSERT ON findings WHEN EXISTS (SELECT 1 FROM strategies) BEGIN
    INSERT OR IGNORE INTO unmapped (comment) VALUES (new.comment);
END

CREATE TRIGGER findings_changed AFTER UPDATE ON findings WHEN EXISTS (SELECT 1 FROM strategies) BEGIN
    INSERT OR IGNORE INTO unmapped (comment) VALUES (new.comment);
END

CREATE TRIGGER findings_gone AFTER DELETE ON findings WHEN EXISTS (SELECT 1 FROM strategies) BEGIN
    INSERT OR IGNORE INTO unmapped (comment) VALUES (old.comment);
END
"""

# The records of documents that were made (documents/record.py): the question, figures, citations, versions and checksums (JSON), and no
# word of a comment, so that a document can be made again and checked. `scope` as in `ledgers`; null is all.
PACKS = """
CREATE TABLE packs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    made_at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    scope TEXT,
    record TEXT NOT NULL
)
"""

# What people put in for comments that are not in English. The comment holds the translation, since that is what is read; its own words,
# redacted as they were when it was held, are the `original`. `text` is the translation, `language` what it was held as, `clauses` the
# highest number that a clause of the comment had until then, since a number is never given again. At most one of a comment stands.
TRANSLATIONS = """
CREATE TABLE translations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    language TEXT NOT NULL,
    original TEXT NOT NULL,
    redactions TEXT NOT NULL,
    text TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at TEXT NOT NULL,
    clauses INTEGER NOT NULL,
    withdrawn_by TEXT,
    withdrawn_at TEXT
)

CREATE INDEX translations_of_a_comment ON translations (comment)
"""

# What went with an upload that was taken back, or with an erasure, of flags about which nobody had decided: counts by kind and severity
# (JSON), who took them away and why. No word of a comment, and of the comments no number.
UNDECIDED_GONE = """
CREATE TABLE taken_back (
    batch INTEGER PRIMARY KEY REFERENCES batches,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    reason TEXT NOT NULL,
    comments INTEGER NOT NULL,
    flags TEXT NOT NULL
)

ALTER TABLE erasures ADD COLUMN flags TEXT NOT NULL DEFAULT '[]'
"""

# Names of staff as they were written, where FEEDBACK_STAFF_NAMES keeps those in praise (staff_names.py); empty everywhere else. They are
# shown on the team's own page of thanks and read by nothing else. `moved` marks what must be looked at again before the transaction
# ends. Whatever takes a name away leaves the mark `name_traces` in `meta`, so that the file is rewritten without it (Store.writing).
KEPT_NAMES = """
CREATE TABLE kept_names (
    comment INTEGER NOT NULL REFERENCES comments ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    name TEXT NOT NULL,
    moved INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (comment, start)
) WITHOUT ROWID

CREATE INDEX kept_names_moved ON kept_names (comment) WHERE moved

CREATE TRIGGER kept_names_gone AFTER DELETE ON kept_names BEGIN
    INSERT OR IGNORE INTO meta VALUES ('name_traces', 1);
END

CREATE TRIGGER kept_names_flagged AFTER INSERT ON flags BEGIN
    DELETE FROM kept_names WHERE comment = new.comment;
END

CREATE TRIGGER kept_names_translated AFTER INSERT ON translations BEGIN
    DELETE FROM kept_names WHERE comment = new.comment;
END

CREATE TRIGGER kept_names_of_other_words AFTER UPDATE OF text, redactions ON comments
    WHEN new.text IS NOT old.text OR new.redactions IS NOT old.redactions BEGIN
    DELETE FROM kept_names WHERE comment = new.number;
END

CREATE TRIGGER kept_names_beside AFTER UPDATE OF fft, language, contentless, sentiment ON comments BEGIN
    UPDATE kept_names SET moved = 1 WHERE comment = new.number;
END

CREATE TRIGGER kept_names_found AFTER INSERT ON findings BEGIN
    UPDATE kept_names SET moved = 1 WHERE comment = new.comment;
END

CREATE TRIGGER kept_names_changed AFTER UPDATE ON findings BEGIN
    UPDATE kept_names SET moved = 1 WHERE comment = new.comment;
END

CREATE TRIGGER kept_names_unfound AFTER DELETE ON findings BEGIN
    UPDATE kept_names SET moved = 1 WHERE comment = old.comment;
END
"""

# Whether names are kept is written down, so that a program that was started while they were keeps none once another has turned it off
# (Store.mind_names). A mark of names that went has a value of its own each time: who rewrites the file takes away only the marks it found.
KEPT_WHILE_WANTED = """
DROP TRIGGER kept_names_gone

CREATE TRIGGER kept_names_gone AFTER DELETE ON kept_names BEGIN
    INSERT OR REPLACE INTO meta VALUES ('name_traces', randomblob(16));
END

CREATE TRIGGER kept_names_unwanted BEFORE INSERT ON kept_names
    WHEN NOT EXISTS (SELECT 1 FROM meta WHERE name = 'names_wanted') BEGIN
    SELECT RAISE(IGNORE);
END
"""

MIGRATIONS: dict[str, str] = {
    "0001_first": FIRST,
    "0002_originals": ORIGINALS,
    "0003_safety": SAFETY,
    "0004_erasures": ERASURES,
    "0005_corrections": CORRECTIONS,
    "0006_service_names": SERVICE_NAMES,
    "0007_ledger": LEDGER,
    "0008_topics": TOPICS,
    "0009_actions": ACTIONS,
    "0010_over_time": OVER_TIME,
    "0011_packs": PACKS,
    "0012_old_cuts": OLD_CUTS,
    "0013_strategies": STRATEGIES,
    "0014_translations": TRANSLATIONS,
    "0015_undecided_gone": UNDECIDED_GONE,
    "0016_kept_names": KEPT_NAMES,
    "0017_kept_while_wanted": KEPT_WHILE_WANTED,
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
