"""How a comment feels as a whole: the whole's own chances are the start, and what its clauses say moves them as the weights say."""

import numpy as np
import pytest

from feedback.models.felt import FACTS, as_a_whole, facts, felt

GLAD = np.array([[0.9, 0.08, 0.02]], np.float32)
SORE = np.array([[0.05, 0.15, 0.8]], np.float32)
BOTH = np.vstack([GLAD, SORE])
SCALE = np.array([0.3, 0.4, 0.1, 0.15, 0.05], np.float32)


def test_the_chances_of_the_whole_stand_where_nothing_else_counts() -> None:
    own = as_a_whole()
    known = np.stack([facts(SCALE, BOTH, [(0, 30), (31, 40)]), facts(SCALE[::-1], SORE, [(0, 9)])])
    said = felt(known, own["felt.weight"], own["felt.bias"])
    assert said == pytest.approx(np.stack([SCALE, SCALE[::-1]]), abs=1e-3)


def test_praise_beside_blame_is_known_by_the_less_sure_of_the_two() -> None:
    least = [facts(SCALE, of, cuts)[7] for of, cuts in ((GLAD, [(0, 9)]), (BOTH, [(0, 9), (10, 19)]))]
    assert least == pytest.approx([0.02, 0.8])


def test_the_shares_of_praise_and_blame_go_by_how_much_of_the_comment_says_them() -> None:
    good, neither, bad = facts(SCALE, BOTH, [(0, 30), (31, 41)])[8:11]
    assert (good, neither, bad) == pytest.approx((0.6875, 0.0975, 0.215))


def test_weights_that_heed_it_turn_praise_beside_blame_to_neither() -> None:
    weights = as_a_whole()
    weights["felt.weight"][2, 7] = 5.0  # neither good nor poor, by the less sure of good and bad
    known = np.stack([facts(SCALE, GLAD, [(0, 9)]), facts(SCALE, BOTH, [(0, 9), (10, 19)])])
    plain, mixed = felt(known, weights["felt.weight"], weights["felt.bias"])
    assert plain.argmax() == 1 and mixed.argmax() == 2


def test_a_text_without_clauses_is_known_as_well() -> None:
    known = facts(SCALE, np.zeros((0, 3), np.float32), [])
    assert known.shape == (FACTS,) and np.isfinite(known).all()
