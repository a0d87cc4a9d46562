"""Codes and empty names in service columns, and who a form says it speaks for."""

import pytest

from feedback.clean import is_code, names_nothing
from feedback.comment import Comment, RawComment
from feedback.pipeline import load_pipeline
from feedback.tag.respondent import respondent_of_cell, tag_respondent


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline()


def test_codes_are_kept_and_told_apart_and_what_identifies_a_person_is_hidden(pipeline):
    cells = ["RWR-4471", "RWR-9920", "943 476 5919", "07700 900123"]
    read = list(pipeline.analyse([RawComment(text="Kind staff.", services=(cell,)) for cell in cells]))
    kept = [one.comment.service_cells[0] for one in read]
    assert kept[:2] == cells[:2]
    assert not {"943 476 5919", "07700 900123"} & set(kept)


def test_the_directorys_content_is_among_the_versions(pipeline):
    assert len(pipeline.versions["names"]) == 8


@pytest.mark.parametrize("cell", ["9434765919", "WR5 1JD", "QQ123456C", "W1234567", "J Smith", "Podiatry"])
def test_a_number_or_name_of_a_person_is_no_code(cell):
    assert not is_code(cell)


@pytest.mark.parametrize("cell", ["N/A", "Other", "Not applicable", "Unknown", "-", " "])
def test_some_cells_name_nothing(cell):
    assert names_nothing(cell)
    assert not names_nothing("Other OT")


@pytest.mark.parametrize(
    ("cell", "who"),
    [
        ("I am filling this in for my child", "parent"),
        ("Non-patient visitor", "relative"),
        ("On behalf of someone else", "relative"),
        ("Completed by carer on behalf of patient", "carer"),
        ("I am the patient", "patient"),
    ],
)
def test_a_cell_that_speaks_for_another(cell, who):
    assert respondent_of_cell(cell) == who


@pytest.mark.parametrize(
    ("text", "who"), [("The staff here are lovely to me.", "patient"), ("Night staff here, on Holt.", "staff")]
)
def test_staff_who_write_are_told_from_staff_who_are_written_about(text, who):
    assert tag_respondent(Comment("c", text)).label == who
