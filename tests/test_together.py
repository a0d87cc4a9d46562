"""Sets of labels weighed as a whole: chances stay chances, and company and number count as the weights say."""

import numpy as np
import pytest

from feedback.models.together import FACTS, LIKELIEST, SETS, facts, together

ALONE = np.eye(FACTS, dtype=np.float32)[0]
NONE = np.zeros(12, np.float32)


def logits(*given: float) -> np.ndarray:
    return np.array([[*given, *[-9.0] * (12 - len(given))]], np.float32)


def test_labels_that_do_not_count_beside_each_other_keep_their_own_chances() -> None:
    own = logits(2, 0.5, -1, -3, -0.2)
    assert together(own, NONE, ALONE) == pytest.approx(1 / (1 + np.exp(-own)), abs=1e-5)


def test_a_text_has_rather_one_label_than_two_where_the_weights_say_so() -> None:
    one = ALONE.copy()
    one[3] = 2.0  # sets of one label
    before, after = together(logits(1.5, 0.2), NONE, ALONE)[0], together(logits(1.5, 0.2), NONE, one)[0]
    assert abs(after.sum() - 1) < abs(before.sum() - 1) and after[1] < before[1]


def test_a_label_that_mostly_stands_alone_yields_to_another() -> None:
    company = np.array([-1.5, *NONE[1:]], np.float32)
    weighed = ALONE.copy()
    weighed[-1] = 1.0
    beside, alone = together(logits(0.5, 3), company, weighed)[0], together(logits(0.5, -3), company, weighed)[0]
    assert beside[0] < 0.4 < alone[0]


def test_labels_beyond_the_likeliest_keep_their_own_chance() -> None:
    many = np.linspace(2, -3.5, 12, dtype=np.float32)[None]
    few = ALONE.copy()
    few[2] = 3.0  # no label at all
    chances = together(many, NONE, few)[0]
    own = 1 / (1 + np.exp(-many[0]))
    assert chances[LIKELIEST:] == pytest.approx(own[LIKELIEST:], abs=1e-6)
    assert (chances[:LIKELIEST] < own[:LIKELIEST]).all()


def test_every_set_of_the_likeliest_is_known_once() -> None:
    likeliest, known = facts(logits(1, 2, 3), NONE)
    assert likeliest[0, :3].tolist() == [2, 1, 0]
    assert known.shape == (1, 2**LIKELIEST, FACTS) and len(np.unique(SETS, axis=0)) == 2**LIKELIEST
