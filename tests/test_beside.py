"""What stands beside comments names nobody: files, headings, sentences about them, ids; and words of other languages are not lost for it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedback.batches.intake import analyse_file
from feedback.erase import by_comment, by_respondent, erase, look
from feedback.errors import BadInput, NotFound
from feedback.redact.beside import Beside
from feedback.store import Store, open_store

FILE = "complaint of Wilhelmina Featherstonehaugh 9434765919.csv"
SAFE_FILE = "complaint of [PERSON] [NHS NUMBER].csv"
HEADING = "What did Nurse Joanna Prosser do well?"
SAFE_HEADING = "What did Nurse [PERSON] do well?"
ROWS = [
    ("Comment ID", "Date", HEADING),
    ("smith-peter-120361", "2026-03-01", "She was kind and helped me with my tablets"),
    ("j.doe-wr51jn", "2026-03-02", "The doctor came when I called for her"),
    ("R900", "2026-03-04", "The waiting room was cold and nobody came"),
    ("jones-3", "not a date", "The food was good and the ward was clean"),
]
TOLD = ("Featherstonehaugh", "9434765919", "Prosser", "smith", "wr51jn", "jones")


@pytest.fixture(scope="module")
def beside(pipeline: Any) -> Beside:
    return Beside(pipeline.redactor)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(":memory:") as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    cells = io.StringIO()
    csv.writer(cells).writerows(ROWS)
    path = tmp_path / FILE
    path.write_text(cells.getvalue(), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (FILE, SAFE_FILE),
        ("complaint_of_Wilhelmina_Featherstonehaugh_9434765919.csv", SAFE_FILE),
        ("october.xlsx", "october.xlsx"),
        ("FFT_Oct_2025_podiatry.csv", "FFT_Oct_2025_podiatry.csv"),
        ("Worcester Royal - FFT 2025.xlsx", "Worcester Royal - FFT 2025.xlsx"),
        ("June 2025 April.csv", "June 2025 April.csv"),
        ("upload", "upload"),
        (".csv", ".csv"),
    ],
)
def test_a_file_is_called_by_a_name_that_names_nobody(beside: Beside, name: str, shown: str) -> None:
    assert beside.file(name) == shown


REVEALING = [
    "smith-peter-120361",
    "j.doe-wr51jn",
    "943-476-5919-a",
    "9434765919",
    "12031961",
    "patel1",
    "joan.smith@example.org",
    "07700900123",
    "p.b.120361",
]
PLAIN = [
    "17",
    "R900",
    "p-1",
    "c-17",
    "HW-2026-000123",
    "row-12",
    "sample-0001",
    "resp_33",
    "100234",
    "ABC123",
    "FFT-2025-118",
    "survey-2026-03-12-4",
    "c-3f2a1b9011aa4c1e",
    "3f2a1b90-11aa-4c1e-9b1a-aa0011223344",
]


def test_only_ids_that_tell_whose_they_are_are_shortened(beside: Beside) -> None:
    assert beside.revealing([*REVEALING, *PLAIN]) == set(REVEALING)


def test_nothing_beside_the_comments_is_stored_with_a_name(file: Path, store: Store, pipeline: Any) -> None:
    report = analyse_file(file, store, pipeline)
    assert (report.file, report.column_map["comment"]) == (SAFE_FILE, [SAFE_HEADING])
    assert report.headings == ("Comment ID", "Date", SAFE_HEADING)
    assert f'Comments are taken from "{SAFE_HEADING}".' in report.decisions
    held = "\n".join(store.conn.iterdump())
    assert [word for word in TOLD if word.casefold() in held.casefold()] == []
    assert "R900" in held


def test_the_same_rows_are_known_again_though_their_ids_are_shortened(file: Path, store: Store, pipeline: Any) -> None:
    analyse_file(file, store, pipeline)
    again = analyse_file(file, store, pipeline)
    assert (again.accepted, again.already_stored) == (0, 4)


def test_a_dry_run_shows_no_name_and_its_heading_can_be_given_back(file: Path, store: Store, pipeline: Any) -> None:
    report = analyse_file(file, store, pipeline, dry_run=True)
    assert [word for word in TOLD if word in str(report.as_record())] == []
    mapped = analyse_file(file, store, pipeline, mapping={"comment": SAFE_HEADING})
    assert mapped.accepted == 4
    assert store.mappings()[0].mapping == {"comment": SAFE_HEADING}
    assert analyse_file(file, store, pipeline).already_stored == 4  # by the mapping that is remembered


def test_a_refusal_names_nobody(file: Path, store: Store, pipeline: Any) -> None:
    with pytest.raises(BadInput) as refused:
        analyse_file(file, store, pipeline, mapping={"comment": "Wilhelmina Featherstonehaugh"})
    assert [word for word in TOLD if word in str(refused.value)] == []
    assert SAFE_HEADING in str(refused.value)


@pytest.mark.parametrize("value", ["R900", "r900", "smith-peter-120361", "Smith-Peter-120361 "])
def test_a_respondent_is_found_by_the_id_of_the_comment(file: Path, store: Store, pipeline: Any, value: str) -> None:
    analyse_file(file, store, pipeline)
    asked = by_respondent(store, value)
    assert (asked.found_by, look(store.conn, asked).comments) == ("id", 1)


def test_a_comment_is_found_by_an_id_that_is_kept_shortened(file: Path, store: Store, pipeline: Any) -> None:
    analyse_file(file, store, pipeline)
    assert look(store.conn, by_comment(store, "j.doe-wr51jn", only=True)).comments == 1
    with pytest.raises(NotFound):
        by_comment(store, "j.doe-wr51jo")


def test_what_is_nowhere_says_where_it_was_looked_for(file: Path, store: Store, pipeline: Any) -> None:
    analyse_file(file, store, pipeline)
    with pytest.raises(NotFound, match="in the export's column of the person or form, and among the export's own ids"):
        erase(store, by_respondent(store, "Z1"), by="A", reason="asked", redactor=pipeline.redactor)


def test_the_case_of_a_person_s_own_id_does_not_matter(tmp_path: Path, store: Store, pipeline: Any) -> None:
    path = tmp_path / "may.csv"
    path.write_text("Respondent ID,Comment\nP-1,The food was good\nP-1,The ward was clean\nP-2,Nobody came\n")
    analyse_file(path, store, pipeline, mapping={"comment": "Comment"})
    asked = by_respondent(store, "p-1")
    assert (asked.found_by, look(store.conn, asked).comments) == ("person", 2)


FOREIGN = [
    ("Ich will nicht mehr leben", "Ich will nicht mehr leben"),
    ("Ich habe Angst und Schmerzen, niemand hilft mir", "Ich habe Angst und Schmerzen, niemand hilft mir"),
    ("vreau sa mor", "vreau sa mor"),
    ("nikt mi nie pomaga, chce umrzec", "nikt mi nie pomaga, chce umrzec"),
    (
        "Pielęgniarka Anna Nowak była niemiła, mój numer 943 476 5919",
        "Pielęgniarka [PERSON] była niemiła, mój numer [NHS NUMBER]",
    ),
    ("pani Kowalska była bardzo miła", "pani [PERSON] była bardzo miła"),
    ("Agnieszka Kowalska była bardzo miła dla mnie", "[PERSON] była bardzo miła dla mnie"),
    ("nurse sharon was rude. no quiero vivir mas", "nurse [PERSON] was rude. no quiero vivir mas"),
]


@pytest.mark.parametrize(("given", "kept"), FOREIGN)
def test_no_word_of_another_language_is_taken_for_a_name(pipeline: Any, given: str, kept: str) -> None:
    ((text, _),) = pipeline.redactor.redact([given])
    assert text == kept
    assert pipeline.redactor.redact([text])[0][0] == kept


def test_what_cannot_wait_in_another_language_is_held_with_its_words(pipeline: Any) -> None:
    from feedback.comment import RawComment

    (analysed,) = pipeline.analyse([RawComment("Ich will nicht mehr leben")])
    assert (analysed.comment.language, analysed.comment.text) == ("de", "Ich will nicht mehr leben")
    assert analysed.of("sentiment") == ()
