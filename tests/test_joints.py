"""Clauses are cut where joints are heard, and no word is lost by it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.models.joints import (
    FACTS,
    FACTS_WEIGHT,
    MOST_PLACES,
    cut,
    facts,
    gaps,
    joint_odds,
    likeliest,
    pooled,
    words_of,
)
from feedback.segment import segment

TEXTS = st.text(st.sampled_from("ab .,!;-A\n"), max_size=60)


@given(TEXTS, st.data())
def test_every_word_is_in_one_clause_wherever_the_joints_are(text, data):
    rules = segment(text)
    words = words_of(text, rules)
    n = max(0, len(words) - 1)
    chances = np.array(data.draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)), np.float32)
    clauses = cut(text, words, chances)
    assert all(a < b for a, b in clauses) and all(x[1] <= y[0] for x, y in pairwise(clauses))
    covered = {i for a, b in clauses for i in range(a, b)}
    assert {i for i, c in enumerate(text) if c.isalnum()} <= covered


def test_a_sure_joint_parts_what_the_rules_leave_together():
    text = "The nurse was lovely the toilets were grim"
    words = words_of(text, ((0, len(text)),))
    chances = np.zeros(len(words) - 1, np.float32)
    chances[3] = 0.9
    assert [text[a:b] for a, b in cut(text, words, chances)] == [
        "The nurse was lovely",
        "the toilets were grim",
    ]
    chances[3] = 0.3
    assert cut(text, words, chances) == ((0, len(text)),)


def test_a_comma_before_a_joint_belongs_to_neither_clause():
    text = "Kind, never on time"
    words = words_of(text, ((0, len(text)),))
    clauses = cut(text, words, np.float32([0.9, 0, 0]))
    assert [text[a:b] for a, b in clauses] == ["Kind", "never on time"]


def test_words_are_parted_where_a_clause_begins_inside_one():
    text = "So kind.The food was cold"
    assert [text[a:b] for a, b in words_of(text, ((0, 8), (8, len(text))))][:3] == ["So", "kind.", "The"]


def test_what_is_known_of_a_gap():
    text = "Good, but late. Thanks"
    rules = ((0, 4), (6, len(text)))
    words = words_of(text, rules)
    known = facts(text, words, rules)
    assert known.shape == (3, FACTS)
    stop, comma, cut_by_rules = known[:, 0], known[:, 1], known[:, -1]
    assert stop.tolist() == [0, 0, FACTS_WEIGHT]
    assert comma.tolist() == cut_by_rules.tolist() == [FACTS_WEIGHT, 0, 0]
    rows = gaps(known, np.arange(8, dtype=np.float32).reshape(4, 2))
    assert rows.shape == (3, FACTS + 8)
    assert rows[0, FACTS:].tolist() == [
        0,
        1,
        2,
        3,
        0,
        0,
        4,
        5,
    ]  # the two beside the gap, nothing before them, the third word


def test_a_text_of_no_words_or_one_has_no_gap():
    for text in ("", "  ", "Kind."):
        words = words_of(text, segment(text))
        rows = gaps(facts(text, words, segment(text)), np.zeros((len(words), 384), np.float32))
        assert rows.shape == (0, FACTS + 4 * 384)
        assert cut(text, words, np.zeros(0, np.float32)) == segment(text)


def test_marks_alone_make_no_clause():
    text = "Kind 🙂 - thanks"
    words = words_of(text, ((0, len(text)),))
    clauses = cut(text, words, np.float32([0.9, 0.9, 0.9]))
    assert [text[a:b] for a, b in clauses] == ["Kind 🙂", "thanks"]


@given(st.integers(1, 9), st.randoms(use_true_random=False))
def test_the_head_hears_the_same_whether_or_not_what_is_known_stands_side_by_side(n, random):
    rng = np.random.default_rng(random.randrange(2**32))
    known, vectors = rng.normal(size=(n - 1, FACTS)), rng.normal(size=(n, 5))
    weight, bias = rng.normal(size=(1, FACTS + 4 * 5)), rng.normal(size=1)
    assert joint_odds(weight, bias, known, vectors) == pytest.approx(gaps(known, vectors) @ weight[0] + bias, abs=1e-5)


def words(*lengths: int) -> list[tuple[int, int]]:
    """Words of so many letters with a space between."""
    ends = np.cumsum(lengths) + np.arange(len(lengths))
    return [(int(end) - length, int(end)) for end, length in zip(ends, lengths, strict=True)]


def test_a_comment_is_cut_where_most_of_a_persons_clauses_are_to_be_expected():
    three = words(5, 4, 6)
    assert likeliest(three, np.float32([0.7, 0.7])) == [0, 1, 2, 3]  # "quick easy polite"
    assert likeliest(three, np.float32([0.2, 0.2])) == [0, 3]
    # Which of two neighbouring gaps is the joint is open, but that there is one is likely: one cut, and no word left between.
    assert len(likeliest(words(9, 9, 3, 9, 9), np.float32([0, 0.5, 0.45, 0]))) == 3


def test_a_doubtful_joint_beside_a_sure_one_leaves_no_little_word_alone():
    assert likeliest(words(6, 6, 3, 6, 6), np.float32([0, 0.95, 0.2, 0])) == [
        0,
        2,
        5,
    ]  # "… were helpful | and the food …"


def test_long_texts_are_weighed_in_stretches():
    n = 3 * MOST_PLACES
    edges = likeliest(words(*[4] * n), np.full(n - 1, 0.5, np.float32))
    assert edges[0] == 0 and edges[-1] == n and edges == sorted(set(edges))


def test_a_clause_is_the_mean_of_its_pieces_not_of_its_words():
    words = [(0, 2), (3, 5)]
    mean = pooled([(0, 5)], words, np.float32([[0.0], [3.0]]), np.float32([1, 2]))
    assert mean.tolist() == [[2.0]]
    assert pooled([(9, 12)], words, np.float32([[0.0], [3.0]]), np.float32([1, 2])).tolist() == [[0.0]]
