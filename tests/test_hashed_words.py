"""Hashed words: what linear models read of a text beside the networks."""

import numpy as np
import pytest

from feedback.models.words import COLUMNS, WORD_COLUMNS, hashed, lowered


@pytest.mark.parametrize("text", ["The parking is dear.", "it's", "£5 & no change", "ok ok ok"])
def test_words_and_pieces_are_each_of_length_one_and_below_their_columns(text: str) -> None:
    columns, values = hashed(text)
    assert len(set(columns.tolist())) == len(columns) and columns.min() >= 0 and columns.max() < COLUMNS
    for some in (values[columns < WORD_COLUMNS], values[columns >= WORD_COLUMNS]):
        assert np.linalg.norm(some) == pytest.approx(1, abs=1e-5)


def test_a_text_is_hashed_alike_each_time_whatever_its_capitals_and_apostrophes() -> None:
    for one, other in zip(hashed("It’s LOUD here"), hashed("its loud here"), strict=True):
        assert one.tolist() == other.tolist()
    assert lowered("It's") == ("its", [0, 1, 3])


def test_what_was_asked_tells_the_same_words_apart() -> None:
    asked = {kind: set(hashed("Nothing", kind)[0].tolist()) for kind in ("what_good", "could_improve", "")}
    assert asked[""] < asked["what_good"] and asked[""] < asked["could_improve"]
    assert asked["what_good"] != asked["could_improve"]


@pytest.mark.parametrize("text", ["", "!!!", "😀"])
def test_a_text_without_words_has_no_columns(text: str) -> None:
    columns, values = hashed(text)
    assert len(columns) == len(values) == 0
