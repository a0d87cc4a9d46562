"""Labelled comments become examples, and no respondent or longer text stands on both sides of the split."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.errors import BadData, BadInput
from feedback.settings import DATA
from feedback.taxonomy import load_taxonomy
from feedback.training.labelled import (
    CODES,
    Example,
    load_examples,
    read_coded,
    read_statements,
    split,
    with_more_codes,
)

V6 = ["Comment ID", "Trust", "Respondent ID", "Date", "Service type 1", "Service type 2", "FFT categorical answer", "FFT question", "FFT answer", "Person identifiable info?", "Comment sentiment", "Admission", "Parking", "Not assigned", "Labelling not possible"]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "fft_labelled.csv": [
            V6,
            ["X1", "T", "R1", "", "Ward", "", "1", "What was good?", "Clerked in quickly, easy to park", "", "1.0", "1.0", "1.0", "", ""],
            ["X2", "T", "R1", "", "Ward", "", "1", "What could we do better?", "N/A", "", "", "", "", "", "1.0"],
            ["X3", "T", "R2", "", "Ward", "", "1", "FFT Why?", "", "", "", "", "", "", ""],
        ],
        "fft_criticality.csv": [
            ["code", "label", "subcategory", "feedback", "criticality", "organization", "question", "row_index"],
            ["ee", "Environment", "Parking", "Nowhere to park", "-3", "Trust A", "Trust A - Q1", "7"],
            ["xx", "Other", "Other", "Fine", "cc", "Trust B", "Trust B - Q1", "8"],
        ],
        "theme_labels.csv": [["id", "themes", "sentiment"], ["p1:7", "Parking", "4"]],
        "strategy_labels.csv": [["id", "stratum", "C", "A", "R", "E", "S", "O1", "O2", "O3", "O4", "O5"], ["v6:X1", "random", "", "", "+", "", "", "", "~", "", "", ""]],
    }  # fmt: skip
    for name, rows in files.items():
        with (tmp_path / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    return tmp_path


def test_labels_of_all_files_meet_on_one_example(folder: Path) -> None:
    first, second, third, fourth = load_examples(folder, load_taxonomy())
    assert (first.id, first.kind, first.themes, first.sentiment, first.codes) == (
        "v6:X1",
        "what_good",
        frozenset({"continuity-of-care", "parking"}),
        1,
        {"R": "+", "O2": "~"},
    )
    assert (second.contentless, second.themes, second.sentiment) == (True, frozenset(), None)
    assert (third.id, third.kind, third.themes, third.nhs_themes, third.sentiment, third.criticality) == (
        "p1:7",
        "could_improve",
        frozenset({"parking"}),
        False,
        4,
        -3,
    )
    assert (fourth.themes, fourth.criticality) == (None, None)


def test_an_example_does_not_show_its_words(folder: Path) -> None:
    assert "park" not in repr(load_examples(folder, load_taxonomy())[0]).replace("parking", "")


def test_a_folder_without_the_files_is_refused_by_their_names(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no fft_labelled\.csv, fft_criticality\.csv"):
        load_examples(tmp_path, load_taxonomy())


LONG = [
    "the same long answer that two people copied from one another word for word",
    "an answer of its own, quite long enough to tie the people who gave it",
    "good",
    "nice",
]


@given(st.lists(st.tuples(st.sampled_from(LONG), st.sampled_from("abcdefghij")), max_size=40))
def test_respondents_and_longer_texts_never_stand_on_both_sides(rows: list[tuple[str, str]]) -> None:
    texts, people = [t for t, _ in rows], [p for _, p in rows]
    parts = split(texts, people)
    for key in (people, [t if len(t) > 40 else f"{t}{i}" for i, t in enumerate(texts)]):
        seen: dict[str, str] = {}
        for who, part in zip(key, parts, strict=True):
            assert seen.setdefault(who, part) == part


def test_the_split_does_not_move_when_the_order_of_the_rows_does() -> None:
    texts = [LONG[0], "good", LONG[0], LONG[1], "nice"]
    people = ["a", "b", "c", "c", "d"]
    forwards = dict(zip(people, split(texts, people), strict=True))
    backwards = dict(zip(people[::-1], split(texts[::-1], people[::-1]), strict=True))
    assert forwards == backwards


def test_invented_comments_are_read_by_the_codebook() -> None:
    examples = read_coded(DATA / "codes")
    assert all(e.codes is not None and e.part == "train" for e in examples)
    assert {"C", "O4", "O5"} <= {code for e in examples for code in e.codes or ()} <= set(CODES)
    assert len({e.text.lower() for e in examples}) == len(examples)


def test_a_code_that_the_codebook_lacks_is_refused_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"text": "Invented", "kind": "what_good", "codes": {"O9": "+"}}\n')
    with pytest.raises(BadData, match=r"odd\.jsonl, line 1: codes are C, A"):
        read_coded(tmp_path)


def test_later_readers_give_codes_only_where_training_had_none(tmp_path: Path) -> None:
    (tmp_path / "public.jsonl").write_text("".join(f'{{"id": "{i}", "codes": {{"O4": "-"}}}}\n' for i in "abc"))
    examples = [Example("a", "Invented"), Example("b", "Invented", part="test"), Example("c", "Invented", codes={})]
    assert [e.codes for e in with_more_codes(examples, tmp_path)] == [{"O4": "-"}, None, {}]


def test_statements_that_readers_gave_are_the_strategys() -> None:
    read = read_statements(DATA / "statements" / "public.jsonl")
    assert {s for given in read.values() for s in given} <= load_taxonomy(DATA).statements.keys()
