"""Clauses are cut where joints are heard, and no word is lost by it."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feedback.models.joints import FACTS, FACTS_WEIGHT, believed, cut, facts, gaps, pooled, words_of
from feedback.segment import segment

TEXTS = st.text(st.sampled_from("ab .,!;-A\n"), max_size=60)


@given(TEXTS, st.data())
def test_every_word_is_in_one_clause_wherever_the_joints_are(text, data):
    rules = segment(text)
    words = words_of(text, rules)
    n = max(0, len(words) - 1)
    chances = np.array(data.draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)), np.float32)
    clauses = cut(text, words, chances, 0.5)
    assert all(a < b for a, b in clauses) and all(x[1] <= y[0] for x, y in pairwise(clauses))
    covered = {i for a, b in clauses for i in range(a, b)}
    assert {i for i, c in enumerate(text) if c.isalnum()} <= covered


def test_a_sure_joint_parts_what_the_rules_leave_together():
    text = "The nurse was lovely the toilets were grim"
    words = words_of(text, ((0, len(text)),))
    chances = np.zeros(len(words) - 1, np.float32)
    chances[3] = 0.9
    assert [text[a:b] for a, b in cut(text, words, chances, 0.5)] == [
        "The nurse was lovely",
        "the toilets were grim",
    ]
    assert cut(text, words, chances, 0.95) == ((0, len(text)),)


def test_a_comma_before_a_joint_belongs_to_neither_clause():
    text = "Kind, never on time"
    words = words_of(text, ((0, len(text)),))
    clauses = cut(text, words, np.float32([0.9, 0, 0]), 0.5)
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
    assert rows.shape == (3, FACTS + 4)
    assert rows[0, FACTS:].tolist() == [0, 1, 2, 3]


def test_a_text_of_no_words_or_one_has_no_gap():
    for text in ("", "  ", "Kind."):
        words = words_of(text, segment(text))
        rows = gaps(facts(text, words, segment(text)), np.zeros((len(words), 384), np.float32))
        assert rows.shape == (0, FACTS + 2 * 384)
        assert cut(text, words, np.zeros(0, np.float32), 0.5) == segment(text)


def test_marks_alone_make_no_clause():
    text = "Kind 🙂 - thanks"
    words = words_of(text, ((0, len(text)),))
    clauses = cut(text, words, np.float32([0.9, 0.9, 0.9]), 0.5)
    assert [text[a:b] for a, b in clauses] == ["Kind 🙂", "thanks"]


def test_a_word_is_left_by_itself_only_where_that_is_likelier_than_not():
    assert believed(np.float32([0.3, 0.4, 0.2]), 0.1).tolist() == [False, True, False]
    assert believed(np.float32([0.6, 0.2, 0.2]), 0.1).tolist() == [True, False, False]
    assert believed(np.float32([0.3]), 0.1).tolist() == [False]


def test_a_clause_is_the_mean_of_its_pieces_not_of_its_words():
    words = [(0, 2), (3, 5)]
    mean = pooled([(0, 5)], words, np.float32([[0.0], [3.0]]), np.float32([1, 2]))
    assert mean.tolist() == [[2.0]]
    assert pooled([(9, 12)], words, np.float32([[0.0], [3.0]]), np.float32([1, 2])).tolist() == [[0.0]]
