"""What is erased is gone, from every table, the full-text index and the bytes of the file; the receipt names nobody. All invented."""

import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import FOOD, MANNER, VERSIONS, add_batch, analysed, entry

from feedback.actions import Action, add
from feedback.batches.intake import analyse_file
from feedback.cli import main
from feedback.erase import Asked, by_citation, by_respondent, erase, finish, look, months_ago, older_than, receipts
from feedback.errors import BadInput, NotFound
from feedback.query import EVERYTHING, comment
from feedback.redact import Redactor
from feedback.store import Store, open_store
from feedback.stored import Part, Returned
from feedback.taxonomy import Taxonomy, load_taxonomy
from feedback.undecided import FlagsGone

WORDS = ("marzipan", "trombone", "quicksilver", "gooseberry", "snowdrop")
SAID = "The marzipan trombone was played with quicksilver grace."
ALSO = "Gooseberry fool for supper, cold."
OTHER = "A snowdrop stood on every table of the ward."
CSV = f"""Date,Respondent ID,Team,Comment
2026-01-05,form-1,Podiatry,{SAID}
2026-01-06,form-1,Podiatry,"{ALSO}"
2026-01-06,form-2,Podiatry,{OTHER}
45/13/2026,form-1,Podiatry,The quicksilver ran out before the clinic did and nobody noticed.
2026-01-07,form-1,Podiatry,The marzipan trombone again,and so,it goes
"""


@pytest.fixture(scope="module")
def redactor(taxonomy: Taxonomy) -> Redactor:
    return Redactor(taxonomy)


def bytes_of(path: Path) -> bytes:
    """The database's file, its journal and the journal's index."""
    there = [path, Path(f"{path}-wal"), Path(f"{path}-shm")]
    return b"".join(file.read_bytes() for file in there if file.exists()).lower()


def left_in(path: Path) -> list[str]:
    """Which of the telling words are anywhere in the bytes, stemmed or not."""
    return [word for word in WORDS if word[:6].encode() in bytes_of(path)]


def gone(store: Store, asked: Asked, redactor: Redactor) -> Any:
    return erase(store, asked, by="A. Manager", reason="asked for by letter", redactor=redactor, flags_dealt_with=True)


def rows(store: Store, table: str) -> int:
    return store.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.fixture
def told(store: Store) -> Store:
    """Two comments of one person, one of another, in one batch; reviewed, sampled, and with rows kept for mending."""
    mine = [
        analysed("m-1", [(SAID, "+", (MANNER,))], day=date(2026, 1, 5), service="podiatry", cells=("The Old Dairy",)),
        analysed(
            "m-2",
            [(ALSO, "-", (FOOD,))],
            day=date(2026, 1, 6),
            service="podiatry",
            signal=("complaint_intent", "watch"),
        ),
    ]
    theirs = analysed("t-1", [(OTHER, "+", (FOOD,))], day=date(2026, 1, 6), service="podiatry")
    batch = store.begin_batch(
        "a.csv", "sum", column_map={}, decisions=[], versions=VERSIONS, headings={"": [SAID, "Date"]}
    )
    entries = [
        entry(store, one, row=row, person=who)
        for row, (one, who) in enumerate(zip([*mine, theirs], "aab", strict=True), 2)
    ]
    kept = [Returned(2, "bad_date", "13/13", original=(SAID, "13/13")), Returned(4, "bad_date", "", original=(OTHER,))]
    sent_again = [Returned(9, "wrong_columns", "5 cells", original=("x", f"  {SAID} "))]
    store.add(batch.id, Part(0, 3, entries, rejects=sent_again, warnings=kept))
    store.finish_batch(batch.id, 3)
    with store.writing():
        store.save_review(2, "complaint_intent", "seen", note="rang them", by="A. Nurse")
        store.conn.execute(
            "INSERT INTO samples (drawn_at, drawn_by, seed, filters, unflagged, flagged, versions) VALUES ('', '', 1, '{}', 2, 1, 1)"
        )
        store.conn.execute("INSERT INTO sampled (sample, comment, place, flagged) VALUES (1, 1, 1, 0)")
    return store


# Whom and what


def test_a_citation_means_its_respondent_and_only_means_that_comment(told: Store) -> None:
    everybody = look(told.conn, by_citation(told.conn, "HW-2026-000001"))
    assert (everybody.scope, everybody.citations) == ("respondent", ("HW-2026-000001", "HW-2026-000002"))
    alone = look(told.conn, by_citation(told.conn, "HW-2026-000001.1", only=True))
    assert (alone.scope, alone.citations) == ("comment", ("HW-2026-000001",))


def test_looking_says_how_much_hangs_on_it_and_changes_nothing(told: Store) -> None:
    heard = Action("podiatry", f"You said: {SAID}", "We listened", date(2026, 2, 1), "lead")
    add(told, load_taxonomy(), heard, by="A. Lead", redact=str)
    before = list(told.conn.iterdump())
    found = look(told.conn, by_citation(told.conn, "m-1"))
    assert (found.comments, found.decisions, found.open_flags, found.rows, found.actions) == (2, 1, 1, 2, (1,))
    assert found.findings == rows(told, "findings WHERE comment IN (1, 2)") > 0
    assert not any(word in repr(found).lower() for word in WORDS)
    assert list(told.conn.iterdump()) == before


def test_a_respondent_is_found_by_what_the_export_calls_them(
    store: Store, pipeline: Any, redactor: Redactor, tmp_path: Path
) -> None:
    (tmp_path / "may.csv").write_text(CSV, encoding="utf-8")
    report = analyse_file(tmp_path / "may.csv", store, pipeline)
    assert report.accepted == 4
    found = look(store.conn, by_respondent(store, " form-1 "))
    assert found.comments == 3
    gone(store, by_respondent(store, "form-1"), redactor)
    assert [row for (row,) in store.conn.execute("SELECT text FROM comments")] == [OTHER]
    assert b"form-1" not in bytes_of(store.path)
    with pytest.raises(NotFound, match="nothing to erase"):
        gone(store, by_respondent(store, "form-1"), redactor)


# What goes


def test_everything_derived_goes_and_what_is_of_others_stays(told: Store, redactor: Redactor) -> None:
    gone(told, by_citation(told.conn, "m-1"), redactor)
    for table in ("findings", "flags", "reviews", "sampled", "batch_comments"):
        assert rows(told, f"{table} WHERE comment <> 3") == 0, table
    assert rows(told, "findings") > 0
    assert rows(told, "service_texts") == 0
    assert [row for (row,) in told.conn.execute("SELECT original FROM notices WHERE original IS NOT NULL")] == [
        json.dumps([OTHER])
    ]
    assert told.conn.execute("SELECT text FROM comments").fetchall() == [(OTHER,)]
    assert told.headings(1) == {"": ("", "Date")}
    assert told.conn.execute("PRAGMA foreign_key_check").fetchall() == []


def test_no_byte_of_the_words_is_left_in_the_file_its_journal_or_the_index(told: Store, redactor: Redactor) -> None:
    assert left_in(told.path) == list(WORDS)
    receipt = gone(told, by_citation(told.conn, "m-1"), redactor)
    assert receipt.cleared_at == "2026-08-01T12:00:00+00:00"
    assert left_in(told.path) == ["snowdrop"]
    assert told.conn.execute("SELECT rowid FROM comments_fts WHERE comments_fts MATCH 'marzipan'").fetchall() == []
    assert told.conn.execute("SELECT rowid FROM comments_fts WHERE comments_fts MATCH 'snowdrop'").fetchall() == [(3,)]
    told.conn.execute("INSERT INTO comments_fts (comments_fts) VALUES ('integrity-check')")


def test_citations_numbers_and_mappings_of_what_stays_do_not_change(told: Store, redactor: Redactor) -> None:
    for name in ("first", "second", "third"):
        told.remember_mapping(name, {"comment": name}, by="person")
    told.forget_mapping(1)
    before = {m.number: m.fingerprint for m in told.mappings()}
    gone(told, by_citation(told.conn, "m-1"), redactor)
    assert comment(told.conn, "HW-2026-000003", EVERYTHING).analysed.comment.text == OTHER
    assert {m.number: m.fingerprint for m in told.mappings()} == before
    with pytest.raises(NotFound):
        comment(told.conn, "HW-2026-000001", EVERYTHING)
    add_batch(told, "next.csv", [analysed("n-1", [("The path was icy.", "-", ())])])
    assert comment(told.conn, "n-1", EVERYTHING).citation == "HW-2026-000004"


def test_the_same_words_do_not_come_in_again_and_the_batch_says_so(
    store: Store, pipeline: Any, redactor: Redactor, tmp_path: Path
) -> None:
    (tmp_path / "may.csv").write_text(CSV, encoding="utf-8")
    analyse_file(tmp_path / "may.csv", store, pipeline)
    gone(store, by_respondent(store, "form-1"), redactor)
    (tmp_path / "again.csv").write_text(CSV + "2026-01-09,form-3,Podiatry,The chairs are new.\n", encoding="utf-8")
    again = analyse_file(tmp_path / "again.csv", store, pipeline)
    assert (again.accepted, again.already_stored, again.rows) == (1, 4, 6)
    assert "3 comments were erased at a person's request and are not stored again." in again.decisions
    assert rows(store, "comments") == 2


def test_a_batch_keeps_what_it_came_to_and_says_what_was_erased_since(told: Store, redactor: Redactor) -> None:
    before = told.batch(1)
    assert (before.counts.accepted, before.erased) == (3, 0)
    gone(told, by_citation(told.conn, "m-1"), redactor)
    after = told.batch(1)
    assert (after.counts, after.erased) == (before.counts, 2)
    told.rollback(1)
    assert told.batch(1).erased == 0


def test_erased_while_its_file_is_read_the_batch_still_adds_up(store: Store, redactor: Redactor) -> None:
    batch = store.begin_batch("a.csv", "sum", column_map={}, decisions=[], versions=VERSIONS)
    parts = [entry(store, analysed(f"x-{n}", [(text, "+", ())]), row=n + 2) for n, text in enumerate((SAID, OTHER))]
    store.add(batch.id, Part(0, 1, parts[:1]))
    gone(store, by_citation(store.conn, "x-0"), redactor)
    store.add(batch.id, Part(1, 2, parts[1:]))
    done = store.finish_batch(batch.id, 2)
    assert (done.counts.rows, done.counts.accepted, done.counts.already_stored_rows) == (2, 1, 1)
    assert done.erased == 0


# Age


@pytest.mark.parametrize(
    ("day", "precision", "goes"),
    [
        (date(2022, 12, 31), "day", True),
        (date(2023, 1, 1), "day", False),
        (date(2022, 12, 1), "month", True),
        (date(2023, 1, 1), "month", False),
        (None, "day", False),
    ],
)
def test_what_is_older_than_a_day_goes(store: Store, day: date | None, precision: Any, goes: bool) -> None:
    batch = store.begin_batch("a.csv", "sum", column_map={}, decisions=[], versions=VERSIONS)
    one = analysed("x", [(SAID, "+", ())], day=day)
    made = entry(store, one)
    store.add(batch.id, Part(0, 1, [type(made)(made.key, one, made.respondent_key, 2, None, precision)]))
    assert look(store.conn, older_than(date(2023, 1, 1))).comments == goes


def test_a_month_that_may_reach_past_the_day_is_not_older(store: Store) -> None:
    batch = store.begin_batch("a.csv", "sum", column_map={}, decisions=[], versions=VERSIONS)
    one = analysed("x", [(SAID, "+", ())], day=date(2023, 1, 1))
    made = entry(store, one)
    store.add(batch.id, Part(0, 1, [type(made)(made.key, one, made.respondent_key, 2, None, "month")]))
    assert look(store.conn, older_than(date(2023, 1, 20))).comments == 0
    assert look(store.conn, older_than(date(2023, 2, 1))).comments == 1


def test_a_comment_without_a_date_is_as_old_as_its_upload(store: Store) -> None:
    add_batch(store, "a.csv", [analysed("x", [(SAID, "+", ())])])  # on 1 August 2026
    assert look(store.conn, older_than(date(2026, 8, 1))).comments == 0
    assert look(store.conn, older_than(date(2026, 8, 2))).comments == 1


def test_an_open_safety_flag_keeps_an_old_comment_until_a_person_has_decided(told: Store, redactor: Redactor) -> None:
    asked = older_than(date(2026, 7, 1))
    found = look(told.conn, asked)
    assert (found.comments, found.held_back, found.open_flags) == (2, 1, 0)
    gone(told, asked, redactor)
    assert told.conn.execute("SELECT id FROM comments").fetchall() == [("m-2",)]
    with told.writing():
        told.save_review(2, "complaint_intent", "done", note="answered", by="A. Nurse")
    assert look(told.conn, asked).comments == 1


def test_retention_takes_the_rows_kept_for_mending_of_old_batches(told: Store, redactor: Redactor) -> None:
    gone(told, older_than(date(2026, 8, 2)), redactor)
    assert rows(told, "notices WHERE original IS NOT NULL") == 0
    assert rows(told, "notices") == 3


def test_months_are_calendar_months() -> None:
    assert months_ago(24, date(2026, 8, 1)) == date(2024, 8, 1)
    assert months_ago(1, date(2026, 3, 31)) == date(2026, 2, 28)


# Receipts


def test_a_receipt_says_what_was_done_and_names_nobody(told: Store, redactor: Redactor) -> None:
    asked = by_citation(told.conn, "m-1")
    why = "Marjorie Thistlewood rang on 07700 900123"
    erase(told, asked, by="A. Manager", reason=why, redactor=redactor, flags_dealt_with=True)
    (receipt,) = receipts(told.conn)
    assert (receipt.number, receipt.at, receipt.by) == (1, "2026-08-01T12:00:00+00:00", "A. Manager")
    assert (receipt.scope, receipt.comments, receipt.citations) == (
        "respondent",
        2,
        ("HW-2026-000001", "HW-2026-000002"),
    )
    assert receipt.reason.endswith("rang on [PHONE]") and "Thistlewood" not in receipt.reason
    assert any(sentence.startswith("Backups") for sentence in receipt.not_reached)


def test_undecided_flags_do_not_go_until_somebody_says_that_they_were_dealt_with(
    told: Store, redactor: Redactor
) -> None:
    asked = by_citation(told.conn, "m-1")
    with pytest.raises(BadInput, match=r"0 urgent and 1 to watch \(complaint intent 1\)"):
        erase(told, asked, by="A. Manager", reason="asked", redactor=redactor)
    assert rows(told, "comments") == 3
    with told.writing():
        told.save_review(2, "complaint_intent", "done", note="answered", by="A. Nurse")
    assert erase(told, asked, by="A. Manager", reason="asked", redactor=redactor).flags == ()


def test_a_receipt_counts_the_undecided_flags_that_went_and_says_no_word_of_them(
    told: Store, redactor: Redactor
) -> None:
    receipt = gone(told, by_citation(told.conn, "m-1"), redactor)
    assert receipt.flags == (FlagsGone("complaint_intent", "watch", 1),)
    assert receipts(told.conn)[0].flags == receipt.flags
    assert not any(word in repr(receipt).lower() for word in WORDS)


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("A. Manager", " ")])
def test_without_a_name_and_a_reason_nothing_is_erased(told: Store, redactor: Redactor, by: str, reason: str) -> None:
    with pytest.raises(BadInput, match="signed and has a reason"):
        erase(told, by_citation(told.conn, "m-1"), by=by, reason=reason, redactor=redactor)
    assert rows(told, "comments") == 3


def test_while_another_reads_the_file_the_receipt_waits_and_finish_completes_it(
    told: Store, redactor: Redactor
) -> None:
    other = sqlite3.connect(told.path)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM comments").fetchone()
    told.conn.execute("PRAGMA busy_timeout = 50")
    receipt = gone(told, by_citation(told.conn, "m-1"), redactor)
    assert receipt.cleared_at is None and "marzipan" in left_in(told.path)
    assert finish(told) == 1
    other.close()
    assert finish(told) == 0
    assert receipts(told.conn)[0].cleared_at is not None
    assert left_in(told.path) == ["snowdrop"]


# The command


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["erase", *arguments], catch_exceptions=False)


def test_the_command_shows_first_and_erases_only_when_told_to(told: Store) -> None:
    told.close()
    db = ["--db", str(told.path)]
    shown = run("--comment", "HW-2026-000001", *db)
    assert shown.exit_code == 0
    assert "This would erase 2 comments: HW-2026-000001, HW-2026-000002." in shown.output
    assert "have a safety flag that nobody has decided about" in shown.output
    assert not any(word in shown.output.lower() for word in WORDS)
    signed = ("--comment", "HW-2026-000001", "--yes", "--by", "A. Manager", "--reason", "asked", "--json", *db)
    refused = run(*signed)
    assert refused.exit_code == 1
    assert "0 urgent and 1 to watch (complaint intent 1)" in refused.output and "--flags-dealt-with" in refused.output
    assert json.loads(run("receipts", "--json", *db).output) == []
    done = run(*signed, "--flags-dealt-with")
    receipt = json.loads(done.output)
    assert receipt["flags"] == [{"kind": "complaint_intent", "severity": "watch", "n": 1}]
    assert (receipt["comments"], receipt["scope"]) == (2, "respondent")
    assert json.loads(run("receipts", "--json", *db).output) == [receipt]
    assert "Receipt 1: one respondent erased" in run("receipts", *db).output
    assert run("finish", *db).exit_code == 0
    assert left_in(told.path) == ["snowdrop"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Name one of --comment"),
        (("--only",), 2, "Name one of --comment"),
        (("--comment", "HW-2026-000001", "--before", "2023-01-01"), 2, "Name one of --comment"),
        (("--comment", "HW-2026-009999"), 1, "There is no comment HW-2026-009999"),
        (("--retention",), 1, "set FEEDBACK_RETENTION_MONTHS"),
        (("--respondent", "nobody-has-this", "--yes", "--by", "A", "--reason", "b"), 1, "There is nothing to erase"),
        (("--comment", "HW-2026-000001", "--yes"), 1, "signed and has a reason"),
    ],
)
def test_the_command_refuses_with_a_sentence(
    told: Store, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.delenv("FEEDBACK_RETENTION_MONTHS", raising=False)
    told.close()
    result = run(*arguments, "--db", str(told.path))
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert "nobody-has-this" not in result.output


def test_retention_by_the_setting(told: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_RETENTION_MONTHS", "24")
    add_batch(told, "old.csv", [analysed("old", [("The lift was out.", "-", ())], day=date(2019, 1, 1))])
    told.close()
    result = run("--retention", "--yes", "--by", "A. Manager", "--reason", "retention", "--db", str(told.path))
    assert "what was older than" in result.output and "1 comments" in result.output
    again = run("--retention", "--yes", "--by", "A. Manager", "--reason", "retention", "--db", str(told.path))
    assert (again.exit_code, "This would erase 0 comments." in again.output) == (0, True)


def test_a_setting_that_is_no_number_is_refused(told: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_RETENTION_MONTHS", "two years")
    result = run("--retention", "--db", str(told.path))
    assert (result.exit_code, "whole number from 1 to 600" in result.output) == (1, True)


def test_the_value_of_a_person_can_be_typed_unseen(told: Store) -> None:
    told.close()
    result = CliRunner().invoke(main, ["erase", "--respondent", "-", "--db", str(told.path)], input="form-77\n")
    assert result.exit_code == 0 and "This would erase 0 comments." in result.output
    assert "form-77" not in result.output


def test_killed_between_the_erasure_and_the_rewriting_it_is_completed_by_the_next(
    told: Store, redactor: Redactor
) -> None:
    with told.writing():
        told.conn.execute(
            "INSERT INTO erasures (at, \"by\", reason, scope, comments, citations) VALUES ('', '', '', 'comment', 0, '[]')"
        )
        told.conn.execute("DELETE FROM comments WHERE number IN (1, 2)")
    with open_store(told.path, clock=lambda: datetime(2026, 8, 2, tzinfo=UTC)) as again:
        assert finish(again) == 0
        assert receipts(again.conn)[0].cleared_at == "2026-08-02T00:00:00+00:00"
