import csv
import io
import json
import multiprocessing
import random
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import begin, kill_after

import feedback.pipeline
from feedback.batches import intake
from feedback.batches.intake import FileReport, ToMend, analyse_file, fingerprint
from feedback.batches.mend import list_bytes, write_list
from feedback.cli import main
from feedback.erase import by_citation, erase
from feedback.errors import BadFile, BadInput, NotFound
from feedback.pipeline import Pipeline
from feedback.query import EVERYTHING, comment
from feedback.read import plan_file
from feedback.store import Store, open_store
from feedback.stored import Notice

HEADINGS = ("ID", "Date", "Team", "Comment", "Rating")
ROWS = (
    ("a1", "03/02/2026", "Podiatry", "The podiatrist took time to explain each exercise.", "Very good"),
    ("a2", "17/02/2026", "Podiatry", "I waited five months and nobody told me why.", "Poor"),
    ("a3", "28/02/2026", "Willow Ward", "N/A", "Good"),
    ("a4", "09/03/2026", "Willow Ward", "", "Good"),
    ("a5", "31/03/2026", "Moon Clinic", "Supper was cold but Sister made it right.", "Good"),
    ("a6", "11/04/2026", "Moon Clinic", "Bardzo dziękuję wszystkim pracownikom za opiekę nad moją mamą.", "Very good"),
    ("a7", "45/04/2026", "Podiatry", "Ring Joanna Example on 07700 900123 about my shoes.", "Very good"),
)


def write_csv(path: Path, rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([headings, *rows])
    return path


def write_json_lines(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path.write_text("\n".join(json.dumps(dict(zip(HEADINGS, row, strict=True))) for row in rows), encoding="utf-8")
    return path


def adds_up(report: FileReport) -> bool:
    return report.rows == (
        report.accepted_rows + report.empty + report.duplicates + report.already_stored_rows + len(report.rejects)
    )


def content(store: Store) -> list[tuple[object, ...]]:
    tables = (
        "SELECT number, id, citation, text, date, fft FROM comments",
        "SELECT * FROM findings",
        "SELECT * FROM batch_comments",
    )
    return [row for sql in tables for row in store.conn.execute(sql)]


def test_a_file_goes_in_and_every_row_is_accounted_for(tmp_path: Path, store: Store, pipeline: Pipeline) -> None:
    path = write_csv(tmp_path / "spring.csv", [*ROWS, ROWS[0]])
    seen: list[tuple[int, int | None]] = []
    report = analyse_file(path, store, pipeline, progress=lambda done, of: seen.append((done, of)))
    assert (report.file, report.batch, report.rows, report.accepted, report.accepted_rows) == ("spring.csv", 1, 8, 6, 6)
    assert (report.empty, report.duplicates, report.contentless, report.already_stored, report.rejects) == (
        1,
        1,
        1,
        0,
        (),
    )
    assert [(w.row, w.reason) for w in report.warnings] == [(8, "bad_date")]
    assert report.column_map["comment"] == ["Comment"]
    assert adds_up(report)
    assert seen == [(8, 8)]
    assert store.batch(1).state == "finished"
    assert ("Moon Clinic", 2) in [(r.text, r.n) for r in report.unresolved]


def test_what_is_stored_is_redacted_and_analysed_and_keeps_its_id(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    analyse_file(write_csv(tmp_path / "a.csv", ROWS), store, pipeline)
    said = comment(store.conn, "a7", EVERYTHING).analysed.comment
    assert "07700" not in said.text
    assert "[PHONE]" in said.text
    assert comment(store.conn, "a2", EVERYTHING).analysed.of("clause")
    assert comment(store.conn, "a6", EVERYTHING).analysed.comment.language == "pl"
    everything = b"".join(path.read_bytes() for path in tmp_path.glob("feedback.db*"))
    assert b"07700" not in everything


def test_the_same_comments_in_another_order_and_format_are_already_stored(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    analyse_file(write_csv(tmp_path / "a.csv", ROWS), store, pipeline)
    before = store.conn.execute("SELECT * FROM comments").fetchall()
    again = analyse_file(write_json_lines(tmp_path / "b.jsonl", ROWS[::-1]), store, pipeline)
    assert (again.accepted, again.already_stored, again.already_stored_rows, again.empty) == (0, 6, 6, 1)
    assert adds_up(again)
    assert store.conn.execute("SELECT * FROM comments").fetchall() == before


def test_a_file_that_overlaps_adds_only_what_is_new_and_takes_only_that_back(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    analyse_file(write_csv(tmp_path / "a.csv", ROWS[:3]), store, pipeline)
    second = analyse_file(write_csv(tmp_path / "b.csv", ROWS[2:]), store, pipeline)
    assert (second.accepted, second.already_stored) == (3, 1)
    assert store.rollback(1) == 2
    assert {id for (id,) in store.conn.execute("SELECT id FROM comments")} == {"a3", "a5", "a6", "a7"}


def test_equal_answers_of_two_people_are_two_comments_and_known_as_two_again(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    rows = [("05/05/2026", "Podiatry", "Very good, thank you.", rating) for rating in ("Good", "Very good", "Poor")]
    first = analyse_file(write_csv(tmp_path / "a.csv", rows[:2], HEADINGS[1:]), store, pipeline)
    again = analyse_file(write_csv(tmp_path / "b.csv", rows[::-1], HEADINGS[1:]), store, pipeline)
    assert (first.accepted, again.accepted, again.already_stored) == (2, 1, 2)
    assert len({id for (id,) in store.conn.execute("SELECT id FROM comments")}) == 3


def test_the_answers_of_one_form_are_one_respondent(tmp_path: Path, store: Store, pipeline: Pipeline) -> None:
    headings = ("Date", "What did we do well?", "What could we do better?")
    rows = [
        ("05/05/2026", "The nurse listened to me.", "Nothing at all"),
        ("06/05/2026", "I liked the garden and the quiet.", "The tea was cold most days."),
    ]
    report = analyse_file(write_csv(tmp_path / "wide.csv", rows, headings), store, pipeline)
    assert (report.accepted, report.accepted_rows) == (4, 2)
    keys = [key for (key,) in store.conn.execute("SELECT respondent_key FROM comments ORDER BY number")]
    assert keys[0] == keys[1] != keys[2] == keys[3]


def test_a_dry_run_foretells_the_counts_and_writes_nothing(tmp_path: Path, store: Store, pipeline: Pipeline) -> None:
    analyse_file(write_csv(tmp_path / "a.csv", ROWS[:2]), store, pipeline)
    before = list(store.conn.iterdump())
    path = write_csv(tmp_path / "b.csv", [*ROWS, ROWS[5]])
    told = analyse_file(path, store, pipeline, dry_run=True)
    assert list(store.conn.iterdump()) == before
    done = analyse_file(path, store, pipeline)
    assert told.batch is None
    same = {"batch": 2, "unresolved": done.as_record()["unresolved"], "columns": ()}
    assert told.as_record() | same == done.as_record()


def test_a_file_that_cannot_be_read_stores_nothing(tmp_path: Path, store: Store, pipeline: Pipeline) -> None:
    path = tmp_path / "broken.csv"
    path.write_text('Date,Comment\n01/02/2026,"All was well on the day.\n02/02/2026,Fine again\n', encoding="utf-8")
    with pytest.raises(BadFile):
        analyse_file(path, store, pipeline)
    assert store.batches() == ()


def test_a_file_that_changes_while_it_is_read_is_taken_back(
    tmp_path: Path, store: Store, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "PART", 4)
    # Longer than what a reader takes at a time, in a column that is not used, so that it is quick to analyse.
    lines = [{"ID": f"n{i}", "Comment": "Kind staff.", "Batch number": "0" * 5000} for i in range(60)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    def shorten(done: int, of: int | None) -> None:
        with path.open("r+b") as file:
            file.truncate(200_000)

    with pytest.raises(BadFile):
        analyse_file(path, store, pipeline, progress=shorten)
    assert store.batch(1).state == "rolled_back"
    assert content(store) == []


def test_a_mapping_given_once_is_used_for_the_next_file_with_the_same_headings(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    headings = ("Ref", "Zqx", "When")
    first = write_csv(tmp_path / "a.csv", [("1", "Kind.", "01/02/2026"), ("2", "Late.", "22/02/2026")], headings)
    report = analyse_file(first, store, pipeline, mapping={"comment": ["Zqx"], "id": "Ref"})
    assert report.accepted == 2
    second = write_csv(tmp_path / "b.csv", [("3", "Warm.", "03/02/2026")], headings)
    assert analyse_file(second, store, pipeline).column_map == report.column_map


def test_a_mapping_that_names_no_heading_is_refused_and_not_remembered(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    with pytest.raises(BadInput, match="Commnt"):
        analyse_file(write_csv(tmp_path / "a.csv", ROWS), store, pipeline, mapping={"comment": "Commnt"})
    assert (store.mappings(), store.batches()) == ((), ())


def test_files_of_one_source_have_one_fingerprint_whatever_the_order_of_columns(tmp_path: Path) -> None:
    there = plan_file(write_csv(tmp_path / "a.csv", ROWS))
    other = plan_file(write_csv(tmp_path / "b.csv", [row[::-1] for row in ROWS], [h.upper() for h in HEADINGS[::-1]]))
    another = plan_file(write_csv(tmp_path / "c.csv", ROWS, (*HEADINGS[:4], "Stars")))
    assert fingerprint(there) == fingerprint(other) != fingerprint(another)


def test_a_run_broken_off_anywhere_ends_as_if_nothing_had_happened(
    tmp_path: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "PART", 3)
    path = write_csv(tmp_path / "a.csv", [*ROWS, ROWS[1]])
    secret = b"the same in both, so that ids are too"

    def run(name: str, parts: int | None) -> tuple[FileReport | None, list[tuple[object, ...]]]:
        with open_store(tmp_path / name) as store:
            store.conn.execute("UPDATE meta SET value = ? WHERE name = 'secret'", (secret,))
            store.conn.commit()
        done = 0

        def stop(*_: object) -> None:
            nonlocal done
            done += 1
            if done == parts:
                raise KeyboardInterrupt

        with open_store(tmp_path / name) as store:
            try:
                report = analyse_file(path, store, pipeline, progress=stop)
            except KeyboardInterrupt:
                report = None
            return report, content(store)

    whole = run("whole.db", None)
    for parts in (1, 2, 3):
        assert run("broken.db", parts)[0] is None
    assert run("broken.db", None) == whole
    assert whole[0] is not None
    assert adds_up(whole[0])


def analyse_and_tell(path: Path, db: Path, said: Connection) -> None:
    intake.PART = 2
    with open_store(db) as store:
        said.send("open")
        analyse_file(path, store, feedback.pipeline.load_pipeline())


def test_a_process_killed_at_random_moments_loses_nothing_and_stores_nothing_twice(
    tmp_path: Path, pipeline: Pipeline
) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    db, moments = tmp_path / "killed.db", random.Random(7)
    killed = 0
    for _ in range(12):
        mine, theirs = multiprocessing.Pipe(duplex=False)
        process = begin(analyse_and_tell, path, db, theirs)
        theirs.close()  # so that a process that dies before it tells is no wait for ever
        mine.recv()
        killed += kill_after(moments.uniform(0, 0.08), process)
    assert killed
    with open_store(db) as store:
        report = analyse_file(path, store, pipeline)
        assert adds_up(report)
        assert sorted(id for (id,) in store.conn.execute("SELECT id FROM comments")) == [
            "a1",
            "a2",
            "a3",
            "a5",
            "a6",
            "a7",
        ]
        assert all(batch.counts.rows == 7 for batch in store.batches())


CELLS = st.sampled_from(
    ["", " ", "Good", "N/A", "Kind staff", "Late\nagain", "31/12/2025", "99/99/2026", "x,y", 'say "so"']
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=12))
def test_no_row_of_a_messy_file_is_lost(rows: list[tuple[str, ...]], tmp_path: Path, pipeline: Pipeline) -> None:
    path = write_csv(tmp_path / "messy.csv", rows, ("Date", "Team", "Comment", "Comments two"))
    with open_store(":memory:") as store:
        try:
            report = analyse_file(path, store, pipeline, dry_run=True)
        except BadFile:
            return
        assert adds_up(report)
        assert report.rows == sum(any(cell.strip() for cell in row) for row in rows)
        assert report.accepted >= report.accepted_rows


def test_a_report_is_json(tmp_path: Path, store: Store, pipeline: Pipeline) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    record = json.loads(json.dumps(analyse_file(path, store, pipeline).as_record()))
    assert list(record) == [
        "file",
        "batch",
        "rows",
        "accepted",
        "accepted_rows",
        "already_stored",
        "already_stored_rows",
        "empty",
        "contentless",
        "duplicates",
        "rejects",
        "warnings",
        "column_map",
        "decisions",
        "unresolved",
        "asks",
        "headings",
        "columns",
        "remembered_order",
    ]
    assert list(record["warnings"][0]) == list(Notice.__dataclass_fields__)


# Rows that go back to their sender


NAMED = ("ID", "Date", "Team", "Comment", "Rating", "Your name")
FAULTY = (
    ("b1", "03/02/2026", "Podiatry", "- the podiatrist was late, and kind.", "Good", "Ann Example"),
    ("b2", "45/02/2026", "Podiatry", "Ring Joanna Example on 07700 900123 about my shoes.", "Plum", "Bea Example"),
    ("b3", "17/02/2026", "Podiatry", "=1+1 was the queue", "Good", "Cy Example", "spare"),
    (
        "b4",
        "18/02/2026",
        "Willow Ward",
        "Ann Example",
        "07700 900123",
        "12 Sample Street",
        "the tea there was cold again",
    ),
)
PLAIN = tuple((f"p{n}", f"0{n}/02/2026", "Podiatry", f"Plain words on visit {n}.", "Good", "") for n in range(1, 8))


def listed(store: Store, kind: str, out: Path) -> list[list[str]]:
    """The list of a batch as a person gets it, and its rows."""
    out.write_bytes(list_bytes(store.headings(1), store.returned(1, kind), "csv"))  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"))))


def test_of_a_row_that_needs_mending_only_what_may_be_stored_is_kept(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    analyse_file(write_csv(tmp_path / "a.csv", [*FAULTY, *PLAIN], NAMED), store, pipeline)
    rejects = listed(store, "reject", tmp_path / "rejects.csv")
    assert rejects[0] == ["sheet", "row", "reason", "detail", "stored as", *NAMED]
    # Cells that have shifted may be anything: what neither shows what it is nor reads as a sentence is left out.
    assert [row[5:] for row in rejects[1:]] == [
        ["(left out)", "2026-02-17", "Podiatry", "(left out)", "Good", "(left out)", "(left out)"],
        [
            "(left out)",
            "2026-02-18",
            "Willow Ward",
            "(left out)",
            "(left out)",
            "(left out)",
            "the tea there was cold again",
        ],
    ]
    (warning,) = listed(store, "warning", tmp_path / "warnings.csv")[1:]
    assert warning[1:3] == ["3", "bad_date; bad_rating"]
    assert warning[4] == store.conn.execute("SELECT citation FROM comments WHERE id = 'b2'").fetchone()[0]
    assert (warning[5:8], warning[9:]) == (["b2", "45/02/2026", "Podiatry"], ["Plum", "(left out)"])
    store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    everything = b"".join(path.read_bytes() for path in tmp_path.glob("feedback.db*"))
    assert not any(
        word in everything for word in (b"Joanna", b"900123", b"Sample Street", b"spare", b"Bea Ex", b"Cy Ex")
    )


def test_a_mended_list_of_rejects_stores_the_mended_rows_and_nothing_else(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    to_mend = ToMend()
    analyse_file(write_csv(tmp_path / "a.csv", [*FAULTY, *PLAIN], NAMED), store, pipeline, to_mend=to_mend)
    for name in ("list.csv", "list.xlsx"):
        write_list(to_mend.headings, to_mend.rejects, tmp_path / name)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text(encoding="utf-8-sig"))))
    assert [row[5:] for row in rows[1:]] == [[cell.replace("=1+1", "'=1+1") for cell in row] for row in FAULTY[2:]]
    del rows[1][-1], rows[2]
    mended = write_csv(tmp_path / "mended.csv", rows[1:], rows[0])
    report = analyse_file(mended, store, pipeline)
    assert (report.accepted, report.already_stored, report.rejects, report.warnings) == (1, 0, (), ())
    assert (report.column_map["comment"], report.column_map["id"]) == (["Comment"], "ID")
    said = comment(store.conn, "b3", EVERYTHING).analysed.comment
    assert (said.text, str(said.date), said.service_cells) == ("=1+1 was the queue", "2026-02-17", ("Podiatry",))


@pytest.mark.parametrize("raw", [True, False])
def test_a_mended_warning_fills_what_was_blank_and_is_no_second_comment(
    tmp_path: Path, store: Store, pipeline: Pipeline, raw: bool
) -> None:
    to_mend = ToMend()
    analyse_file(write_csv(tmp_path / "a.csv", FAULTY[:2], NAMED), store, pipeline, to_mend=to_mend)
    before = content(store)
    if raw:
        write_list(to_mend.headings, to_mend.warnings, tmp_path / "list.csv")
        rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text(encoding="utf-8-sig"))))
    else:
        rows = listed(store, "warning", tmp_path / "list.csv")
    rows[1][6], rows[1][9] = "05/02/2026", "Poor"
    mended = write_csv(tmp_path / "mended.csv", [rows[1], rows[1]], rows[0])
    told = analyse_file(mended, store, pipeline, dry_run=True)
    report = analyse_file(mended, store, pipeline)
    assert (report.accepted, report.already_stored, report.already_stored_rows, report.duplicates) == (0, 1, 1, 1)
    assert (told.accepted, told.already_stored_rows, told.decisions) == (0, 1, report.decisions)
    assert any("1 row is stored already" in said or "2 rows are stored already" in said for said in report.decisions)
    said = comment(store.conn, "b2", EVERYTHING).analysed.comment
    assert (str(said.date), said.fft) == ("2026-02-05", 4)
    assert store.rollback(2) == 0
    assert content(store) == before


def test_a_row_whose_comment_was_erased_does_not_come_in_again_when_it_is_mended(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    analyse_file(write_csv(tmp_path / "a.csv", FAULTY[:2], NAMED), store, pipeline)
    rows = listed(store, "warning", tmp_path / "list.csv")
    rows[1][6], rows[1][9] = "05/02/2026", "Poor"
    mended = write_csv(tmp_path / "mended.csv", [rows[1]], rows[0])
    asked = by_citation(store.conn, "b2", only=True)
    erase(store, asked, by="A. Manager", reason="asked", redactor=pipeline.redactor, flags_dealt_with=True)
    left = store.conn.execute("SELECT count(*) FROM comments").fetchone()[0]
    told = analyse_file(mended, store, pipeline, dry_run=True)
    report = analyse_file(mended, store, pipeline)
    assert (told.accepted, report.accepted) == (0, 0)
    assert store.conn.execute("SELECT count(*) FROM comments").fetchone()[0] == left


def test_the_words_of_a_file_without_headings_go_with_its_rollback(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    rows = [
        ["My feet were treated with marzipan care", "2026-03-01"],
        ["The wait was far too long for me", "2026-03-02"],
    ]
    analyse_file(write_csv(tmp_path / "bare.csv", rows[1:], rows[0]), store, pipeline)
    assert b"marzipan" in store.path.read_bytes() + Path(f"{store.path}-wal").read_bytes()
    store.rollback(1)
    left = [file for file in (store.path, Path(f"{store.path}-wal")) if file.exists()]
    assert b"marzipan" not in b"".join(file.read_bytes() for file in left)


def test_a_mended_warning_whose_words_were_changed_is_a_new_comment(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    analyse_file(write_csv(tmp_path / "a.csv", FAULTY[:2], NAMED), store, pipeline)
    rows = listed(store, "warning", tmp_path / "list.csv")
    rows[1][8] = "Something else altogether was said."
    report = analyse_file(write_csv(tmp_path / "mended.csv", rows[1:], rows[0]), store, pipeline)
    assert (report.accepted, report.already_stored) == (1, 0)


def test_a_comment_that_was_erased_does_not_come_in_again(tmp_path: Path, store: Store, pipeline: Pipeline) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS)
    analyse_file(path, store, pipeline)
    with store.writing():
        erasure = "INSERT INTO erasures (at, \"by\", reason, scope, comments, citations) VALUES ('', 'Ann', 'asked', 'comment', 1, '[]')"
        number = store.conn.execute(erasure).lastrowid
        store.conn.execute('INSERT INTO erased SELECT "key", ? FROM comments WHERE id = ?', (number, "a2"))
        store.conn.execute("DELETE FROM comments WHERE id = 'a2'")
    sentence = "1 comment was erased at a person's request and is not stored again."
    told = analyse_file(path, store, pipeline, dry_run=True)
    again = analyse_file(path, store, pipeline)
    for report in (told, again):
        assert (report.accepted, report.already_stored, report.already_stored_rows) == (0, 6, 6)
        assert adds_up(report)
        assert report.decisions[-1] == sentence
    assert store.batch(2).decisions[-1] == sentence
    assert store.conn.execute("SELECT count(*) FROM comments WHERE id = 'a2'").fetchone() == (0,)
    assert store.conn.execute("SELECT count(*) FROM batch_counted").fetchone() == (0,)


# How a person says it is to be read


def test_a_remembered_mapping_is_said_and_can_be_forgotten(tmp_path: Path, store: Store, pipeline: Pipeline) -> None:
    headings = ("Ref", "Zqx", "When")
    analyse_file(
        write_csv(tmp_path / "a.csv", [("1", "Kind.", "01/02/2026")], headings),
        store,
        pipeline,
        mapping={"comment": ["Zqx"], "id": "Ref"},
    )
    second = write_csv(tmp_path / "b.csv", [("3", "Warm.", "03/02/2026")], headings)
    (known,) = store.mappings()
    assert analyse_file(second, store, pipeline, dry_run=True).decisions[0] == (
        "The columns are read as a person confirmed on 2026-08-01 for files with these headings; "
        f"`feedback mappings --forget {known.number}` ends that."
    )
    store.forget_mapping(known.number)
    with pytest.raises(BadFile):
        analyse_file(second, store, pipeline)
    with pytest.raises(NotFound):
        store.forget_mapping(known.number)


def test_a_dry_run_tells_of_columns_without_anybodys_words(tmp_path: Path, store: Store, pipeline: Pipeline) -> None:
    report = analyse_file(write_csv(tmp_path / "a.csv", ROWS), store, pipeline, dry_run=True)
    assert [(look.field, look.heading, look.filled, look.seen) for look in report.columns] == [
        ("comment", "Comment", 6, "the longest has 62 characters"),
        ("service", "Team", 6, "3 different"),
        ("date", "Date", 5, "from 2026-02-03 to 2026-04-11"),
        ("rating", "Rating", 6, "3 very good, 2 good, 1 poor"),
        ("id", "ID", 6, ""),
    ]


def test_numbers_without_a_legend_are_asked_about_and_the_answer_reads_them(
    tmp_path: Path, store: Store, pipeline: Pipeline
) -> None:
    rows = [(*row[:4], str(1 + n % 5)) for n, row in enumerate(ROWS)]
    path = write_csv(tmp_path / "a.csv", rows)
    (ask,) = analyse_file(path, store, pipeline, dry_run=True).asks
    assert "nothing says whether 1 or 5 is very good" in ask
    report = analyse_file(path, store, pipeline, mapping={"rating": ":5=very_good"})
    assert (report.asks, report.column_map["rating"]) == ((), "Rating")
    assert comment(store.conn, "a1", EVERYTHING).analysed.comment.fft == 5


# The command


def test_the_command_shows_what_it_took_and_how_to_change_it_and_writes_what_needs_mending(
    tmp_path: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.pipeline.load_pipeline", lambda: pipeline)  # the shipped one, loaded once
    rows = [(*row[:4], str(1 + n % 5), "Ann Example") for n, row in enumerate(ROWS)]
    path, db, out = write_csv(tmp_path / "a.csv", rows, NAMED), tmp_path / "cli.db", tmp_path / "mend.csv"

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, [*map(str, arguments), "--db", str(db)])

    told = run("analyse", path, "--dry-run", "--rejects", out)
    assert told.exit_code == 0, told.output
    assert "date        Date: 5, from 2026-02-03 to 2026-04-11" in told.output
    assert f"feedback analyse {path} --db {db} --map comment=Comment --map service=Team --map date=Date" in told.output
    assert '? "Rating" holds numbers and nothing says whether 1 or 5 is very good' in told.output
    assert "Joanna" not in told.output
    assert "Ring Joanna Example" in out.read_text(encoding="utf-8-sig")
    assert out.stat().st_mode & 0o777 == 0o600
    assert run("mappings").output.splitlines() == ["columns  number  confirmed"]

    assert run("analyse", path, "--map", "respondent_type=Team", "--rating-best", 5).exit_code == 0
    assert "rating: :5=very_good" in run("mappings").output
    assert "forgotten" in run("mappings", "--forget", 1).output
    assert run("mappings", "--forget", 1).exit_code == 1
    wrong = run("analyse", path, "--map", "dat=Date").output
    assert 'Did you mean "date"?' in wrong
    assert 'Did you mean "Date"?' in run("analyse", path, "--map", "date=Dat").output
    assert "neither .csv nor .xlsx" in run("analyse", path, "--rejects", tmp_path / "out.ods").output
