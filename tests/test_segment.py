"""Clauses: where comments are cut, where they must stay whole, and that no word is ever lost."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.segment import segment


def clauses(text: str) -> list[str]:
    return [text[start:end] for start, end in segment(text)]


@pytest.mark.parametrize(
    "text, expected",
    [
        # sentences, lines and bullets
        ("Kind staff. Clean ward! Cold tea?", ["Kind staff.", "Clean ward!", "Cold tea?"]),
        ("- parking impossible\n- porters brilliant", ["parking impossible", "porters brilliant"]),
        ("great service.Would recommend", ["great service.", "Would recommend"]),
        ("Love the garden; hate the car park", ["Love the garden", "hate the car park"]),
        ("Seen on time – warm room – good advice", ["Seen on time", "warm room", "good advice"]),
        # contrast
        ("The tea was hot but the bath was cold.", ["The tea was hot", "but the bath was cold."]),
        (
            "The day staff were wonderful but the night staff were rude",
            ["The day staff were wonderful", "but the night staff were rude"],
        ),
        ("Lovely porter, just a shame about the lift", ["Lovely porter", "just a shame about the lift"]),
        ("The dietitian was kind, although she ran late", ["The dietitian was kind", "although she ran late"]),
        # a new subject or a new opinion
        ("carers lovely, corridors filthy", ["carers lovely", "corridors filthy"]),
        ("The scan was quick and the porter made me laugh", ["The scan was quick", "and the porter made me laugh"]),
        ("the soup here is lovely the beds are rather hard", ["the soup here is lovely", "the beds are rather hard"]),
        ("quick friendly clean", ["quick", "friendly", "clean"]),
        (
            "Bright clean ward and caring staff but the showers were cold",
            ["Bright clean ward and caring staff", "but the showers were cold"],
        ),
    ],
)
def test_a_comment_is_cut_where_a_new_clause_begins(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "They were kind, caring and patient",
        "The porter, the nurse and the cook were all wonderful.",
        "My mum and my dad were both well looked after.",
        "Dr. A. Wren saw me at 9.30 and explained it.",
        "I waited 2.5 hours, e.g. on Monday.",
        "I have nothing but praise for the team.",
        "It was fine... a bit slow",
        "When the bell rang, the nurse came at once.",
        "Everyone was so gentle that I cried.",
        "Very polite and helpful staff",
    ],
)
def test_names_lists_and_single_thoughts_stay_whole(text: str) -> None:
    assert clauses(text) == [text]


def test_placeholders_are_never_cut_in_two() -> None:
    assert clauses("[PERSON] was lovely, [PERSON] was not") == ["[PERSON] was lovely", "[PERSON] was not"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t "])
def test_blank_text_has_no_clauses(text: str) -> None:
    assert segment(text) == ()


def test_text_without_words_is_one_clause() -> None:
    assert clauses(" 👍 ") == ["👍"]
    assert clauses("Great!!! 👍") == ["Great!!! 👍"]


PIECES = st.sampled_from(
    [
        "the nurse was lovely",
        "toilets dirty",
        "and",
        "but",
        ",",
        ".",
        "...",
        "!",
        "\n",
        " - ",
        ";",
        "[PERSON]",
        "I waited",
        "2.5",
        "👍",
        "so",
        "Dr.",
        "because",
        "",
        " ",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map(" ".join)))
def test_clauses_come_in_order_and_cover_every_word(text: str) -> None:
    spans = segment(text)
    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    gaps = [0, *(place for span in spans for place in span), len(text)]
    outside = "".join(text[gaps[i] : gaps[i + 1]] for i in range(0, len(gaps), 2))
    assert not re.search(r"\w", outside.replace("_", ""))
    assert bool(spans) == bool(text.strip())


def test_a_long_comment_takes_no_long_time() -> None:
    text = "The ward was clean and the staff were kind, but nobody told us anything. " * 400
    began = time.perf_counter()
    assert len(segment(text)) == 3 * 400
    assert time.perf_counter() - began < 2
