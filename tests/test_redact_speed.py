"""What makes redaction quick finds exactly what the slow way finds."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from feedback.redact import Redactor
from feedback.redact.features import NO, word_features
from feedback.redact.forms import WORTH_A_LOOK, worth_a_look
from feedback.redact.names import LONG_ENOUGH, Lexicon
from feedback.redact.people import PeopleFinder
from feedback.taxonomy import Taxonomy

# Pieces of what the patterns look for, in every way of writing them, and letters that are capitals of others.
PIECES = (
    "Flat", "FLAT", "flat", " 4", "4B", " B", "BCD 1", "bcd 1", "Park", " Road", "ROAD", " road", ", ", "Oak House", "The Old", " Forge",
    "one", " Two ", "three ", "D.O.B", "dob ", "12", "/", "@", "www", "WWW.", ".com", "ref", " A1", "NHS", "77O0", "o", "O", " ", "  ", "\n",
    "May", "1st of ", "Instagram", " x_9", "ſ", "K", "İ", "ı", "lıved at ", "Lives ", "in ", "my house ", "é", "’s", "ward", "kind",
)  # fmt: skip
TEXTS = (
    "The nurse was kind and gentle with Mum.",
    "Nurse Joanna on Cantilupe was kind, and so was Dr Patel, but rob never rang.",
    "thanks to will and grace, and to receptionst pedatrishan",
    "MY SISTER AGNIESZKA LIVES AT 4 OAK ROAD",
    "We saw Hope on Holt Ward; hope she is well. Joy, the cleaner, sang.",
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_the_quick_look_misses_nothing_and_adds_nothing(text: str) -> None:
    assert worth_a_look(text) == (re.search("|".join(WORTH_A_LOOK), text, re.IGNORECASE) is not None)


def test_the_pattern_holds_nothing_that_small_letters_would_change() -> None:
    pattern = "|".join(WORTH_A_LOOK)
    assert "(?P" not in pattern
    others = {c for c in pattern if not c.isascii()}
    assert all(c == c.lower() and c.upper().lower() == c for c in others), "capitals that lower() would not meet"


@pytest.fixture(scope="module")
def lexicon(taxonomy: Taxonomy) -> Lexicon:
    return Lexicon(taxonomy)


def test_a_slip_is_one_of_any_ordinary_word(lexicon: Lexicon) -> None:
    strange = (
        "receptionst",
        "recpetionist",
        "appointmant",
        "xylofone",
        "nursse",
        "brillant",
        "zzzzzz",
        "waitin",
        "hospitl",
    )
    for word in strange:
        near = any(other[0] == word[0] and DamerauLevenshtein.distance(word, other) <= 1 for other in lexicon.words)
        assert len(word) >= LONG_ENOUGH
        assert lexicon.is_misspelt(word) == (word not in lexicon.names and (near or lexicon.is_care_by_ear(word)))


def test_the_verdicts_told_to_the_guard_are_those_worked_out_anew(lexicon: Lexicon) -> None:
    finder = PeopleFinder(lexicon)
    for text in (*TEXTS, *(f"{a} {b}" for a, b in itertools.permutations(TEXTS, 2))):
        reading = finder.read(text)
        anew = word_features(
            reading, lambda r, i: NO if finder.rules.cannot_be(r, i) else finder.rules.verdict_on(r, i)
        )
        assert np.array_equal(finder.features(reading), anew)


def test_what_is_hidden_does_not_depend_on_the_texts_beside_it(taxonomy: Taxonomy) -> None:
    redactor = Redactor(taxonomy)
    alone = [redactor.redact([text])[0] for text in TEXTS]
    assert redactor.redact([*TEXTS, *reversed(TEXTS)]) == [*alone, *reversed(alone)]
