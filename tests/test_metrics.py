"""The measures of the evaluation, against answers worked out by hand."""

import numpy as np
import pytest

from evaluation.metrics import (
    expected_calibration_error,
    five_points,
    hits,
    multilabel,
    precision_recall_f1,
    reliability,
    three,
)


def test_precision_recall_and_f1_from_counts() -> None:
    assert precision_recall_f1(3, 1, 2) == pytest.approx((0.75, 0.6, 2 / 3))
    assert precision_recall_f1(0, 0, 0) == (0, 0, 0)


def test_rare_labels_are_left_out_of_every_multilabel_figure() -> None:
    gold = [{"a"}, {"a", "b"}, {"a"}, {"rare"}]
    given: list[set[str]] = [{"a"}, {"a"}, {"b"}, set()]
    figures, per = multilabel(gold, given, least=2)
    assert per == {"a": (pytest.approx(0.8), 3)}
    assert figures == {"macro_f1": pytest.approx(0.8), "micro_f1": pytest.approx(0.8), "exact": 0.75, "labels": 1}


def test_far_misses_weigh_more_in_weighted_kappa() -> None:
    gold = np.array([1, 2, 3, 4, 5, 1, 5])
    near, far = np.array([2, 2, 3, 4, 5, 1, 5]), np.array([5, 2, 3, 4, 5, 1, 5])
    assert five_points(gold, gold)["weighted_kappa"] == 1
    assert five_points(gold, near)["weighted_kappa"] > five_points(gold, far)["weighted_kappa"]


def test_praise_taken_for_blame_is_told_from_a_smaller_miss() -> None:
    figures = five_points(np.array([1, 2, 3, 4, 5]), np.array([2, 4, 3, 3, 1]))
    assert figures["five_point"] == pytest.approx(1 / 5)
    assert figures["three_point"] == pytest.approx(2 / 5)
    assert figures["opposite"] == pytest.approx(2 / 5)
    assert figures["neutral_f1"] == pytest.approx(2 / 3)


def test_five_points_fold_into_three() -> None:
    assert three(np.arange(1, 6)).tolist() == [-1, -1, 0, 1, 1]


def test_a_label_is_counted_where_it_is_right_wanted_and_given() -> None:
    pairs = [({"a"}, {"a", "b"}), ({"a", "b"}, {"b"}), (set(), {"a"})]
    assert (hits(pairs, "a"), hits(pairs, "b"), hits(pairs, "c")) == ((1, 2, 2), (1, 1, 2), (0, 0, 0))


def test_calibration_error_is_the_mean_gap_between_said_and_happened() -> None:
    said = np.array([0.9] * 10 + [0.1] * 10)
    happened = np.array([True] * 5 + [False] * 5 + [True] + [False] * 9)
    bins = reliability(said, happened)
    assert [(one.start, one.n, one.said, one.happened.share) for one in bins] == [
        (0.1, 10, pytest.approx(0.1), 0.1),
        (0.9, 10, pytest.approx(0.9), 0.5),
    ]
    assert expected_calibration_error(bins) == pytest.approx(0.2)
    assert expected_calibration_error([]) == 0
