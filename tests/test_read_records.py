import json

import pytest

from feedback.errors import BadFile
from feedback.read.cells import Problem
from feedback.read.records import JsonLines, JsonList


def listed(tmp_path, value):
    path = tmp_path / "file.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return JsonList(path)


def test_a_list_of_objects_becomes_rows_under_the_paths_of_their_keys(tmp_path):
    table = listed(tmp_path, [{"id": 1, "answer": {"text": "Kind"}}, {"id": 2, "answer": {"text": None}, "team": "A"}])
    assert table.headings == ("id", "answer.text", "team")
    assert [(row.number, row.cells) for row in table.rows()] == [(1, (1, "Kind", None)), (2, (2, None, "A"))]


def test_a_list_under_a_key_is_found(tmp_path):
    table = listed(tmp_path, {"made": "2025-05-01", "data": {"responses": [{"comment": "Kind"}, {"comment": "Slow"}]}})
    assert [row.cells for row in table.rows()] == [("Kind",), ("Slow",)]


def test_a_list_of_questions_and_answers_gives_a_heading_a_question(tmp_path):
    table = listed(
        tmp_path,
        [
            {
                "id": 1,
                "answers": [{"question": "What was good?", "text": "Tea"}, {"question": "And bad?", "text": "Cold"}],
            }
        ],
    )
    assert (table.headings, next(table.rows()).cells) == (("id", "What was good?", "And bad?"), (1, "Tea", "Cold"))


def test_an_entry_that_is_no_object_is_a_row_with_a_problem(tmp_path):
    rows = list(listed(tmp_path, [{"comment": "Kind"}, "loose words"]).rows())
    assert rows[1].problem == Problem("wrong_columns", "the entry is not an object with named fields")


@pytest.mark.parametrize("text", ['[{"comment": "cut off', "[" * 100_000, '[{"n": ' + "9" * 5000 + "}]"])
def test_a_damaged_or_hostile_list_is_refused_with_a_sentence(tmp_path, text):
    with pytest.raises(BadFile, match="JSON"):
        listed(tmp_path, text)


def test_a_line_that_is_cut_off_is_one_row_with_a_problem_and_blank_lines_count(tmp_path):
    path = tmp_path / "file.jsonl"
    path.write_text('{"comment": "Kind"}\n\n{"comment": "cut\n{"comment": "Slow"}\n')
    rows = [(row.number, row.cells, row.problem) for row in JsonLines(path).rows()]
    assert rows == [
        (1, ("Kind",), None),
        (3, (), Problem("undecodable", "the line is not complete JSON")),
        (4, ("Slow",), None),
    ]
