"""A share that allows for known error covers the truth as often as it says, whatever the truth; and what is not known is not guessed."""

import json
from pathlib import Path

import numpy as np
import pytest

from feedback.accuracy.measured import KnownError, Measured, doubt, load_known_error
from feedback.errors import BadModel
from feedback.evidence.known_error import adjust, estimate, unmeasured
from feedback.settings import MODELS

GOOD = Measured(right=80, found=95, have=100, comments=800)
KNOWN = KnownError("2.0", "2026-11-22", "invented comments", {"O3": GOOD, "O4": Measured(9, 14, 12, 800)})


@pytest.mark.parametrize(("truth", "among_labelled"), [(0.05, 0.12), (0.15, 0.12), (0.4, 0.12), (0.12, 0.3)])
def test_the_interval_covers_the_truth_where_a_label_is_rarer_or_commoner_than_among_the_labelled(
    truth: float, among_labelled: float
) -> None:
    """300 readers with hit rate 0.8 and false alarms 0.03, each measured on 850 labelled comments and then used on 800."""
    draw, covered = np.random.default_rng(7), 0
    for _ in range(300):
        have = int(draw.binomial(850, among_labelled))
        right, wrong = int(draw.binomial(have, 0.8)), int(draw.binomial(850 - have, 0.03))
        measured = Measured(right, right + wrong, have, 850)
        truly = int(draw.binomial(800, truth))
        found = int(draw.binomial(truly, 0.8) + draw.binomial(800 - truly, 0.03))
        likely = estimate(found, 800, measured)
        covered += likely.lower <= truth <= likely.upper
    assert covered / 300 >= 0.92


def test_precision_over_recall_is_what_comes_out_where_the_label_is_as_frequent_as_among_the_labelled() -> None:
    found = round(800 * 95 / 800)
    assert estimate(found, 800, GOOD).share == pytest.approx(found / 800 * (80 / 95) / (80 / 100), abs=0.006)


def test_the_same_counts_give_the_same_estimate() -> None:
    assert estimate(60, 500, GOOD) == estimate(60, 500, GOOD)


def test_estimates_stay_between_nothing_and_all() -> None:
    for found in (0, 1, 499, 500):
        likely = estimate(found, 500, GOOD)
        assert 0 <= likely.lower <= likely.share <= likely.upper <= 1


def test_the_figure_is_said_beside_what_it_is_likely_to_be() -> None:
    adjusted = adjust("bears on it", "O3", 143, 797, KNOWN, "2.0")
    assert adjusted and adjusted.estimate
    assert (adjusted.precision, adjusted.recall) == (80 / 95, 80 / 100)
    assert adjusted.sentence.startswith(
        f"allowing for misreading {adjusted.estimate.in_words} of 797 comments read; as read 143 (18%)"
    )
    assert "likely" not in adjusted.sentence


@pytest.mark.parametrize(
    ("label", "known", "reader", "why"),
    [
        ("O4", KNOWN, "2.0", "of 14 given in the test, 9 were right, and 12 have it; 15 of each are needed"),
        ("O5", KNOWN, "2.0", "has not been measured"),
        ("O3", KNOWN, "3.0", "read with version 3.0 of the reader and its errors are known for 2.0"),
        ("O3", None, "2.0", "has not been measured"),
    ],
)
def test_it_is_withheld_and_said_where_too_little_is_known(
    label: str, known: KnownError | None, reader: str, why: str
) -> None:
    adjusted = adjust("bears on it", label, 10, 100, known, reader)
    assert adjusted and adjusted.estimate is None and adjusted.precision is None
    assert why in adjusted.sentence


def test_of_comments_picked_by_kind_nothing_is_allowed_for() -> None:
    adjusted = adjust("bears on it", "O3", 143, 797, KNOWN, "2.0", narrowed="respondent staff")
    assert adjusted and adjusted.estimate is None
    assert adjusted.sentence.endswith("on all kinds of comments together and not on these alone: respondent staff.")


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (Measured(8, 18, 14, 800), "of 18 given in the test, 8 were right"),  # mostly wrong
        (Measured(12, 14, 21, 800), "of 14 given in the test, 12 were right"),  # given too seldom for that to be known
        (GOOD, ""),
    ],
)
def test_no_share_is_given_of_what_is_mostly_wrong_or_hardly_measured(measured: Measured, said: str) -> None:
    known = KnownError("2.0", "2026-11-22", "invented comments", {"B1": measured})
    assert doubt(known, "B1", "2.0") == said
    assert doubt(known, "B1", "3.0") == ""  # of another reader nothing is known at all, which is said once
    assert said in unmeasured(known, {"B1": "B1"}, "2.0")


def test_nothing_is_said_where_nothing_was_read() -> None:
    assert adjust("bears on it", "O3", 0, 0, KNOWN, "2.0") is None


def test_the_shipped_counts_can_be_read_and_hold_every_value_and_objective() -> None:
    known = load_known_error(MODELS)
    assert known is not None
    assert {"O1", "O5-", "supportive+", "parking", "sentiment:negative"} <= known.labels.keys()
    assert known.labels["O2"].comments > 500


@pytest.mark.parametrize(
    "record",
    [
        {
            "reader": "1",
            "measured": "",
            "of": "",
            "labels": {"O3": {"precision": [5, 4], "recall": [5, 9], "comments": 20}},
        },
        {
            "reader": "1",
            "measured": "",
            "of": "",
            "labels": {"O3": {"precision": [3, 4], "recall": [2, 9], "comments": 20}},
        },
        {
            "reader": "1",
            "measured": "",
            "of": "",
            "labels": {"O3": {"precision": [3, 9], "recall": [3, 9], "comments": 10}},
        },
        {"labels": {}},
        [],
    ],
)
def test_counts_that_do_not_fit_together_are_refused(tmp_path: Path, record: object) -> None:
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "known_error.json").write_text(json.dumps(record))
    with pytest.raises(BadModel, match=r"known_error\.json of the reader cannot be used"):
        load_known_error(tmp_path)


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert load_known_error(tmp_path) is None
