import multiprocessing
import signal
import sqlite3
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from conftest import MANNER, PARKING, VERSIONS, WAIT, add_batch, analysed, entry, invented
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import begin as begin_apart
from processes import end_of

from feedback.comment import Finding, RawComment
from feedback.erase import finish
from feedback.errors import BadInput, BadStore, NotFound
from feedback.query import EVERYTHING, Stored, comment
from feedback.schema import MIGRATIONS
from feedback.store import Store, open_reader, open_store
from feedback.stored import Counts, Notice, Part, TakenBack
from feedback.undecided import FlagsGone

KIND = [("The nurse was kind.", "+", (MANNER,))]
LATE = [("I waited five months.", "-", (WAIT,))]


def begin(store: Store, file: str = "a.csv", column_map: dict[str, str] | None = None) -> int:
    return store.begin_batch(file, "sum", column_map=column_map or {}, decisions=["read as CSV"], versions=VERSIONS).id


def everything(store: Store) -> list[tuple[object, ...]]:
    """All rows of all tables that hold comments, for comparing whole databases; keys differ by secret, so they are left out."""
    columns = "number, id, citation, text, date, fft, sentiment, scale, respondent"
    tables = (
        f"SELECT {columns} FROM comments",
        "SELECT * FROM findings",
        "SELECT * FROM batch_comments",
        "SELECT text FROM service_texts",
    )
    return [row for sql in tables for row in store.conn.execute(sql)]


def traces(store: Store, words: bytes) -> bool:
    """Whether the bytes of the database's file or of its journal hold words, in small letters."""
    files = [store.path, Path(f"{store.path}-wal")]
    return words in b"".join(file.read_bytes() for file in files if file.exists()).lower()


# Opening


def test_a_new_database_records_its_migrations_and_runs_in_wal_mode(store: Store) -> None:
    names = [
        row[0] for row in store.conn.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'feedback'")
    ]
    assert names == list(MIGRATIONS)
    assert store.conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.conn.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_opening_again_changes_nothing(filled: Store) -> None:
    before = everything(filled)
    with open_store(filled.path) as again:
        assert everything(again) == before


def test_a_new_database_is_readable_by_its_owner_only(store: Store) -> None:
    assert store.path.stat().st_mode & 0o077 == 0


def test_a_database_from_a_newer_version_is_refused(store: Store) -> None:
    store.db.table("_sqlite_migrations").insert({"migration_set": "feedback", "name": "9999_later", "applied_at": ""})
    for way in (open_store, open_reader):
        with pytest.raises(BadStore, match=r"newer version of feedback \(it has step 9999_later.*install that version"):
            way(store.path)


@pytest.mark.parametrize("content", [b"%PDF-1.7 no database at all, but long enough to be looked into" * 20, b"short"])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(content)
    for way in (open_store, open_reader):
        with pytest.raises(BadStore, match="is not a database, or is damaged"):
            way(path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (title TEXT)")
    for way in (open_store, open_reader):
        with pytest.raises(BadStore, match="of another program"):
            way(path)


def test_a_folder_that_does_not_exist_and_a_folder_in_place_of_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadStore, match="does not exist"):
        open_store(tmp_path / "nowhere" / "x.db")
    with pytest.raises(BadStore, match="cannot be written"):
        open_store(tmp_path)
    with pytest.raises(BadStore, match="no such database"):
        open_reader(tmp_path / "x.db")


def test_a_database_in_use_is_refused_with_a_sentence(store: Store) -> None:
    other = sqlite3.connect(store.path)
    other.execute("BEGIN IMMEDIATE")
    store.conn.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(BadStore, match="in use by another program"):
        begin(store)
    other.execute("ROLLBACK")
    other.close()
    assert store.batches() == ()


def test_a_full_disk_is_refused_with_a_sentence_and_loses_nothing(filled: Store) -> None:
    before = everything(filled)
    pages = filled.conn.execute("PRAGMA page_count").fetchone()[0]
    filled.conn.execute(f"PRAGMA max_page_count = {pages}")
    batch = begin(filled)
    many = [entry(filled, analysed(f"x{n}", KIND * 40), row=n) for n in range(200)]
    with pytest.raises(BadStore, match="disk is full or failing"):
        filled.add(batch, Part(0, 200, many))
    assert everything(filled) == before


def test_a_database_that_may_not_be_written_is_refused_with_a_sentence(store: Store) -> None:
    store.conn.execute("PRAGMA query_only = ON")  # a file's mode does not stop root, who runs tests in containers
    with pytest.raises(BadStore, match="cannot be written"):
        begin(store)


def test_nothing_can_be_written_through_a_reader(filled: Store) -> None:
    conn = open_reader(filled.path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        conn.execute("DELETE FROM comments")
    conn.close()


# What makes a comment the same


def test_the_key_of_a_comment_ignores_white_space_and_the_order_of_service_columns(store: Store) -> None:
    one = RawComment("x", id="7", question="What was good?", date=date(2026, 1, 2), services=("Ward", "Hospital"))
    two = RawComment("x", id=" 7 ", question="What  was good?", date=date(2026, 1, 2), services=("Hospital", "Ward "))
    assert store.content_key("It was\r\ngood", one) == store.content_key("It was good", two)


@pytest.mark.parametrize(
    "other",
    [
        RawComment("x", id="8", question="q", date=date(2026, 1, 2), services=("Ward",)),
        RawComment("x", id="7", question="r", date=date(2026, 1, 2), services=("Ward",)),
        RawComment("x", id="7", question="q", date=date(2026, 1, 3), services=("Ward",)),
        RawComment("x", id="7", question="q", date=date(2026, 1, 2), services=("Unit",)),
    ],
    ids=["id", "question", "date", "service"],
)
def test_a_comment_with_another_id_question_date_or_service_has_another_key(store: Store, other: RawComment) -> None:
    one = RawComment("x", id="7", question="q", date=date(2026, 1, 2), services=("Ward",))
    assert store.content_key("Good", one) != store.content_key("Good", other)
    assert store.content_key("Good", one) != store.content_key("Good", one, 2)
    assert store.content_key("Good", one) != store.content_key("Good.", one)


def test_keys_do_not_lead_back_to_the_words(store: Store, tmp_path: Path) -> None:
    raw = RawComment("x")
    with open_store(tmp_path / "other.db") as other:
        assert store.content_key("Good", raw) != other.content_key("Good", raw)
        assert store.respondent_key("person 1") != other.respondent_key("person 1")
    assert 0 <= store.respondent_key("person 1") < 2**63


# Batches


def test_a_comment_comes_back_as_it_went_in(store: Store) -> None:
    (one,) = [c for c in invented() if c.comment.id == "therapies-1"]
    add_batch(store, "a.csv", [one])
    assert comment(store.conn, "therapies-1", EVERYTHING) == Stored(1, "HW-2026-000001", one, "day", VERSIONS)


def test_a_batch_accounts_for_every_row(store: Store) -> None:
    add_batch(store, "earlier.csv", [analysed("a", KIND)])
    batch = begin(store, "../some/folder/new.csv")
    twice = [analysed("b", KIND), analysed("c", LATE)]
    store.add(
        batch,
        Part(
            0,
            9,
            entries=[entry(store, analysed("a", KIND), row=2), *(entry(store, one, row=3) for one in twice)],
            rejects=[Notice(4, "wrong_columns", "5 cells where there are 4 headings")],
            warnings=[Notice(3, "bad_date", "31/02/2026 in Date", "Sheet 1")],
            empty=2,
            duplicates=1,
        ),
    )
    done = store.finish_batch(batch, 9)
    assert (done.file, done.state, done.finished_at) == ("new.csv", "finished", "2026-08-01T12:00:00+00:00")
    assert done.counts == Counts(
        rows=6,
        accepted=2,
        accepted_rows=1,
        already_stored=1,
        already_stored_rows=1,
        empty=2,
        contentless=0,
        duplicates=1,
        rejects=1,
        warnings=1,
    )
    assert store.notices(batch, "reject") == (Notice(4, "wrong_columns", "5 cells where there are 4 headings"),)
    assert store.notices(batch, "warning") == (Notice(3, "bad_date", "31/02/2026 in Date", "Sheet 1"),)
    assert [b.id for b in store.batches()] == [2, 1]


def test_the_same_comments_again_add_nothing(filled: Store, taxonomy: object) -> None:
    before = filled.conn.execute("SELECT count(*) FROM comments").fetchone()
    again = add_batch(filled, "again.xlsx", list(reversed(invented())))
    assert filled.conn.execute("SELECT count(*) FROM comments").fetchone() == before
    assert filled.batch(again).counts.accepted == 0
    assert filled.batch(again).counts.already_stored == len(invented())


def test_an_id_that_another_comment_has_gets_a_number(store: Store) -> None:
    add_batch(store, "a.csv", [analysed("7", KIND), analysed("7", LATE), analysed("70", KIND)])
    add_batch(store, "b.csv", [analysed("7", KIND, day=date(2026, 1, 1))])
    assert [id for (id,) in store.conn.execute("SELECT id FROM comments ORDER BY number")] == ["7", "7-2", "70", "7-3"]


def test_rollback_removes_what_the_batch_brought_and_leaves_what_another_also_brought(store: Store) -> None:
    a, b, c = (analysed(id, KIND) for id in "abc")
    first = add_batch(store, "first.csv", [a, b])
    second = add_batch(store, "second.csv", [b, c])
    assert store.rollback(first) == 1
    assert [id for (id,) in store.conn.execute("SELECT id FROM comments ORDER BY id")] == ["b", "c"]
    assert store.rollback(second) == 2
    assert everything(store) == []
    assert [batch.state for batch in store.batches()] == ["rolled_back", "rolled_back"]


def test_a_rolled_back_comment_cannot_be_searched_for_or_found_in_the_file(store: Store) -> None:
    batch = add_batch(
        store, "a.csv", [analysed("a", [("Xylophones soothed the ward.", "+", ())], cells=("Ochrewing",))]
    )
    assert traces(store, b"xylophon") and traces(store, b"ochrew")
    store.rollback(batch)
    assert store.conn.execute("SELECT rowid FROM comments_fts WHERE comments_fts MATCH 'xylophones'").fetchall() == []
    assert not traces(store, b"xylophon")  # as the index keeps it: small letters, stemmed
    assert not traces(store, b"ochrew")


def test_a_rollback_takes_the_words_of_a_first_row_that_stood_for_headings(store: Store) -> None:
    batch = store.begin_batch(
        "a.csv", "sum", column_map={}, decisions=[], versions=VERSIONS, headings={"": ["Xylophones soothed the ward."]}
    )
    store.rollback(batch.id)
    assert store.headings(batch.id) == {}
    assert not traces(store, b"xylophon")


def test_of_a_broken_off_batch_that_is_read_with_other_columns_nothing_is_left(store: Store) -> None:
    first = store.begin_batch("a.csv", "sum", column_map={"comment": "A"}, decisions=[], versions=VERSIONS)
    store.add(first.id, Part(0, 1, [entry(store, analysed("a", [("Xylophones soothed the ward.", "+", ())]))]))
    store.begin_batch("a.csv", "sum", column_map={"comment": "B"}, decisions=[], versions=VERSIONS)
    assert not traces(store, b"xylophon")


def test_a_batch_with_undecided_flags_is_not_taken_back_until_somebody_signs_for_it(store: Store) -> None:
    flagged = analysed("a", KIND, signal=("self_harm_suicide", "urgent"))
    watched = analysed("b", [("Something was not right.", "-", ())], signal=("complaint_intent", "watch"))
    batch = add_batch(store, "a.csv", [flagged, watched])
    both = r"1 urgent and 1 to watch \(complaint intent 1, self harm suicide 1\)|\(self harm suicide 1, complaint intent 1\)"
    with pytest.raises(BadInput, match=both):
        store.rollback(batch, by="A. Manager", reason="sent twice")
    for by, reason in (("", "sent twice"), ("A. Manager", " ")):
        with pytest.raises(BadInput, match="give a name and a reason"):
            store.rollback(batch, by=by, reason=reason, flags_dealt_with=True)
    assert store.batch(batch).state == "finished"
    assert store.rollback(batch, by=" A.  Manager", reason="sent twice", flags_dealt_with=True) == 2
    gone = (FlagsGone("self_harm_suicide", "urgent", 1), FlagsGone("complaint_intent", "watch", 1))
    assert store.batch(batch).taken_back == TakenBack("2026-08-01T12:00:00+00:00", "A. Manager", "sent twice", 2, gone)


def test_decided_flags_and_those_that_another_batch_also_brought_hold_no_batch_back(store: Store) -> None:
    flagged = analysed("a", KIND, signal=("self_harm_suicide", "urgent"))
    first, second = add_batch(store, "a.csv", [flagged]), add_batch(store, "b.csv", [flagged])
    assert store.rollback(first) == 0
    with store.writing():
        store.save_review(1, "self_harm_suicide", "done", note="rang them", by="A. Nurse")
    assert store.rollback(second) == 1
    assert [batch.taken_back and batch.taken_back.flags for batch in store.batches()] == [(), ()]


def test_bytes_that_another_reader_holds_go_with_the_next_rollback_or_when_it_is_asked(store: Store) -> None:
    batch = add_batch(store, "a.csv", [analysed("a", [("Xylophones soothed the ward.", "+", ())])])
    other = sqlite3.connect(store.path)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM comments").fetchone()
    store.conn.execute("PRAGMA busy_timeout = 50")
    assert store.rollback(batch) == 1
    assert store.has_traces and traces(store, b"xylophon")
    assert finish(store) == 1
    other.close()
    assert finish(store) == 0
    assert not store.has_traces and not traces(store, b"xylophon")


def test_a_citation_is_never_given_to_another_comment(store: Store) -> None:
    store.rollback(add_batch(store, "a.csv", [analysed("a", KIND)]))
    add_batch(store, "b.csv", [analysed("b", KIND)])
    assert comment(store.conn, "b", EVERYTHING).citation == "HW-2026-000002"


def test_rolling_back_twice_or_an_unknown_batch_is_refused(store: Store) -> None:
    batch = add_batch(store, "a.csv", [analysed("a", KIND)])
    store.rollback(batch)
    with pytest.raises(NotFound, match="already been rolled back"):
        store.rollback(batch)
    with pytest.raises(NotFound, match="no batch 99"):
        store.rollback(99)


def test_a_batch_that_was_broken_off_is_taken_up_where_it_stopped(store: Store) -> None:
    first = begin(store)
    store.add(first, Part(0, 1, [entry(store, analysed("a", KIND))]))
    again = store.begin_batch("a.csv", "sum", column_map={}, decisions=["read as CSV"], versions={"reader": "1.1"})
    assert (again.id, again.state, again.position, again.versions) == (first, "running", 1, {"reader": "1.1"})


def test_a_batch_broken_off_and_read_with_other_columns_begins_anew(store: Store) -> None:
    first = begin(store)
    store.add(first, Part(0, 1, [entry(store, analysed("a", KIND))]))
    second = begin(store, column_map={"comment": "Other"})
    assert store.batch(first).state == "rolled_back"
    assert store.batch(second).position == 0
    assert store.conn.execute("SELECT count(*) FROM comments").fetchone() == (0,)


def test_two_processes_cannot_store_the_same_part_twice(store: Store) -> None:
    batch = begin(store)
    part = Part(0, 1, [entry(store, analysed("a", KIND))], empty=1)
    store.add(batch, part)
    with pytest.raises(BadStore, match="moved on by another process"):
        store.add(batch, part)
    assert store.finish_batch(batch, 1).counts.rows == 2
    with pytest.raises(BadStore, match="was finished"):
        store.add(batch, Part(1, 2))


def test_a_comment_that_vanished_while_the_file_was_read_is_not_lost(store: Store) -> None:
    one = entry(store, analysed("a", KIND))
    batch = begin(store)
    known = type(one)(one.key, None, one.respondent_key)
    with pytest.raises(BadStore, match="start it again"):
        store.add(batch, Part(0, 1, [known]))
    store.add(batch, Part(0, 1, [one]))
    assert store.finish_batch(batch, 1).counts.accepted == 1


def write_one_by_one(path: Path, said: Connection) -> None:
    """Store the invented comments, a transaction each, from where the batch was left; tell the parent before each."""
    with open_store(path, trust_code="HW", clock=lambda: datetime(2026, 8, 1, 12, tzinfo=UTC)) as store:
        comments = invented()
        batch = store.begin_batch("a.csv", "sum", column_map={}, decisions=[], versions=VERSIONS)
        for at in range(batch.position, len(comments)):
            said.send(at)
            store.add(batch.id, Part(at, at + 1, [entry(store, comments[at], row=at + 2)]))
        store.finish_batch(batch.id, len(comments))


def test_a_writer_killed_at_any_moment_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    def run(path: Path, stop_after: int | None) -> None:
        mine, theirs = multiprocessing.Pipe(duplex=False)
        writer = begin_apart(write_one_by_one, path, theirs)
        theirs.close()  # so that a process that dies before it tells is no wait for ever
        if stop_after is not None:
            for _ in range(stop_after):
                mine.recv()
            writer.kill()
        assert end_of(writer) == (0 if stop_after is None else -signal.SIGKILL)

    run(tmp_path / "whole.db", None)
    for stop_after in (1, 1, 4, 2, 1, 7, 5):
        run(tmp_path / "killed.db", stop_after)
    run(tmp_path / "killed.db", None)
    with open_store(tmp_path / "killed.db") as killed, open_store(tmp_path / "whole.db") as whole:
        assert everything(killed) == everything(whole)
        assert [b.counts for b in killed.batches()] == [b.counts for b in whole.batches()]


@settings(max_examples=30, deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 9), unique=True, max_size=8), max_size=5), back=st.data())
def test_whatever_is_rolled_back_what_is_left_is_what_the_other_batches_brought(
    batches: list[list[int]], back: st.DataObject
) -> None:
    with open_store(":memory:") as memory:
        brought = {
            add_batch(memory, f"{i}.csv", [analysed(f"c{n}", KIND) for n in numbers]): set(numbers)
            for i, numbers in enumerate(batches)
        }
        for batch in back.draw(st.lists(st.sampled_from(sorted(brought)), unique=True)) if brought else []:
            memory.rollback(batch)
            del brought[batch]
            left = {id for (id,) in memory.conn.execute("SELECT id FROM comments")}
            assert left == {f"c{n}" for n in set().union(*brought.values())}


# What people decide


def person(kind: str, label: str, polarity: str = "", *, so: bool = True, by: str = "Ann", **more: object) -> Finding:
    fields = {"start": 0, "end": 0, **more}
    return Finding(kind, label, polarity, float(so), by=f"person:{by}", **fields)  # type: ignore[arg-type]


def test_a_person_outranks_the_machine_on_the_sentiment_and_the_copy_follows(filled: Store, taxonomy: object) -> None:
    filled.save_correction("willow-2", person("sentiment", "neutral", "0", end=10, detail="3"))
    found = comment(filled.conn, "willow-2", EVERYTHING).analysed.of("sentiment")
    assert [(f.label, f.by) for f in found] == [("neutral", "person:Ann")]
    copy = filled.conn.execute("SELECT sentiment, scale FROM comments WHERE id = 'willow-2'").fetchone()
    assert copy == ("0", 3)


def test_a_person_says_that_a_label_is_not_so(filled: Store) -> None:
    filled.save_correction("evesham-1", person("theme", PARKING, so=False))
    assert comment(filled.conn, "evesham-1", EVERYTHING).analysed.of("theme") == ()


def test_a_person_adds_a_label_beside_the_machines(filled: Store) -> None:
    filled.save_correction("evesham-1", person("theme", WAIT, "-", end=5))
    assert {f.label for f in comment(filled.conn, "evesham-1", EVERYTHING).analysed.of("theme")} == {PARKING, WAIT}


def test_a_later_person_outranks_an_earlier_one(filled: Store) -> None:
    filled.save_correction("evesham-1", person("theme", PARKING, so=False))
    filled.save_correction("evesham-1", person("theme", PARKING, "~", by="Bo", end=5))
    found = comment(filled.conn, "evesham-1", EVERYTHING).analysed.of("theme")
    assert [(f.polarity, f.by) for f in found] == [("~", "person:Bo")]


def test_a_person_corrects_one_clause_and_leaves_the_others(filled: Store) -> None:
    first, second = comment(filled.conn, "willow-1", EVERYTHING).analysed.of("clause")
    filled.save_correction("willow-1", person("clause", "neutral", "0", start=first.start, end=first.end, detail="1"))
    found = comment(filled.conn, "willow-1", EVERYTHING).analysed.of("clause")
    assert {(f.label, f.by) for f in found} == {("neutral", "person:Ann"), (second.label, second.by)}


def test_a_correction_by_a_machine_or_outside_the_words_or_of_nothing_is_refused(filled: Store) -> None:
    with pytest.raises(BadInput, match="person:<name>"):
        filled.save_correction("evesham-1", Finding("theme", PARKING, "-", 1.0, 0, 5, "reader 1.0"))
    with pytest.raises(BadInput, match="has 26 characters"):
        filled.save_correction("evesham-1", person("theme", PARKING, "-", end=27))
    with pytest.raises(NotFound, match="no comment nobody"):
        filled.save_correction("nobody", person("theme", PARKING))


def test_what_an_upload_calls_a_service_can_be_resolved_for_comments_there_and_to_come(filled: Store) -> None:
    assert filled.resolve_service_text("Journeys / Patient Transport", "ext-patient-transport", "person:Ann") == 1
    later = analysed("transport-2", LATE, cells=("Patient Transport", "Journeys"))
    add_batch(filled, "later.csv", [later])
    for id in ("transport-1", "transport-2"):
        (found,) = comment(filled.conn, id, EVERYTHING).analysed.of("service")
        assert (found.label, found.detail, found.by) == ("ext-patient-transport", "mentioned", "person:Ann")
    filled.resolve_service_text("Journeys / Patient Transport", None, "person:Bo")
    assert comment(filled.conn, "transport-1", EVERYTHING).analysed.of("service") == ()
    with pytest.raises(NotFound, match="No upload"):
        filled.resolve_service_text("Nowhere", "podiatry", "person:Ann")


def test_a_mapping_is_remembered_and_can_be_changed(store: Store) -> None:
    store.remember_mapping("headings", {"comment": ["Words"]}, by="Ann")
    store.remember_mapping("headings", {"comment": ["Other"]}, by="Bo")
    assert [(known.fingerprint, known.mapping) for known in store.mappings()] == [("headings", {"comment": ["Other"]})]


def test_the_year_of_a_citation_is_that_of_receipt(tmp_path: Path) -> None:
    with open_store(tmp_path / "x.db", trust_code="AB", clock=lambda: datetime(2031, 1, 2, tzinfo=UTC)) as store:
        add_batch(store, "a.csv", [analysed("a", KIND, day=date(2026, 1, 1))])
        assert comment(store.conn, "a", EVERYTHING).citation == "AB-2031-000001"
