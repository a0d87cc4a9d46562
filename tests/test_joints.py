"""Joints that the rules do not hear only add cuts, and no word is lost by them."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feedback.models.joints import FACTS, cut, gaps, pooled, words_of
from feedback.segment import segment

TEXTS = st.text(st.sampled_from("ab .,!;-A\n"), max_size=60)


@given(TEXTS, st.data())
def test_every_word_is_in_one_clause_wherever_the_joints_are(text, data):
    rules = segment(text)
    words = words_of(text, rules)
    n = max(0, len(words) - 1)
    chances = np.array(data.draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)), np.float32)
    clauses = cut(text, rules, words, chances, 0.5)
    assert len(clauses) >= len(rules)
    assert all(a < b for a, b in clauses) and all(x[1] <= y[0] for x, y in pairwise(clauses))
    covered = {i for a, b in clauses for i in range(a, b)}
    assert {i for i, c in enumerate(text) if c.isalnum()} <= covered


def test_a_sure_joint_parts_what_the_rules_leave_together():
    text = "The nurse was lovely the toilets were grim"
    rules = ((0, len(text)),)
    words = words_of(text, rules)
    chances = np.zeros(len(words) - 1, np.float32)
    chances[3] = 0.9
    assert [text[a:b] for a, b in cut(text, rules, words, chances, 0.5)] == [
        "The nurse was lovely",
        "the toilets were grim",
    ]
    assert cut(text, rules, words, chances, 0.95) == rules


def test_a_comma_before_a_joint_belongs_to_neither_clause():
    text = "Kind, never on time"
    words = words_of(text, ((0, len(text)),))
    clauses = cut(text, ((0, len(text)),), words, np.float32([0.9, 0, 0]), 0.5)
    assert [text[a:b] for a, b in clauses] == ["Kind", "never on time"]


def test_words_are_parted_where_a_clause_begins_inside_one():
    text = "So kind.The food was cold"
    assert [text[a:b] for a, b in words_of(text, ((0, 8), (8, len(text))))][:3] == ["So", "kind.", "The"]


def test_what_is_known_of_a_gap():
    text = "Good, but late. Thanks"
    words = words_of(text, ((0, len(text)),))
    rows = gaps(text, words, np.arange(8, dtype=np.float32).reshape(4, 2))
    assert rows.shape == (3, FACTS + 4)
    assert rows[0, 1] > 0 and rows[2, 0] > 0 and rows[1, :3].sum() == 0
    assert rows[0, FACTS:].tolist() == [0, 1, 2, 3]


def test_a_clause_is_the_mean_of_its_pieces_not_of_its_words():
    words = [(0, 2), (3, 5)]
    mean = pooled([(0, 5)], words, np.float32([[0.0], [3.0]]), np.float32([1, 2]))
    assert mean.tolist() == [[2.0]]
    assert pooled([(9, 12)], words, np.float32([[0.0], [3.0]]), np.float32([1, 2])).tolist() == [[0.0]]
