"""The measures that the evaluation reports, each a function of gold and predicted answers.

Where scikit-learn has the measure it is used; these are the rest, and the ones whose rule this field argues about.
"""

from collections import Counter
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback.accuracy.agreement import Share, share


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose chance was said to lie from `start` on: how many, the mean chance said, and the share that was so."""

    start: float
    n: int
    said: float
    happened: Share


def precision_recall_f1(tp: int, fp: int, fn: int) -> tuple[float, float, float]:
    """Precision, recall and F1 from counts; each 0 where it is undefined."""
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn) if tp + fn else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def hits(pairs: Sequence[tuple[Collection[Any], Collection[Any]]], label: Any) -> tuple[int, int, int]:
    """How often a label is right, wanted and given, of pairs of gold and given labels."""
    wanted, given = (sum(label in pair[side] for pair in pairs) for side in (0, 1))
    return sum(label in gold and label in found for gold, found in pairs), wanted, given


def multilabel(
    gold: Sequence[Set[str]], predicted: Sequence[Set[str]], *, least: int = 5
) -> tuple[dict[str, float], dict[str, tuple[float, int]]]:
    """Score sets of labels against sets of labels.

    Labels with fewer than `least` gold examples are left out of everything. Returns macro F1, micro F1 and the share of exact
    sets, and per label its F1 and its number of gold examples.
    """
    pairs = list(zip(gold, predicted, strict=True))
    support = Counter(label for labels in gold for label in labels)
    kept = {label for label, n in support.items() if n >= least}
    per = {}
    totals = np.zeros(3, int)
    for label in sorted(kept):
        right, wanted, given = hits(pairs, label)
        counts = (right, given - right, wanted - right)
        totals += counts
        per[label] = (precision_recall_f1(*counts)[2], wanted)
    exact = float(np.mean([kept & g == kept & p for g, p in pairs]))
    macro = float(np.mean([f for f, _ in per.values()])) if per else 0.0
    return {
        "macro_f1": macro,
        "micro_f1": precision_recall_f1(*(int(t) for t in totals))[2],
        "exact": exact,
        "labels": len(per),
    }, per


def three(scale: Any) -> Any:
    """Five points as three, of one or of an array: -1 positive, 0 neutral or mixed, 1 negative."""
    return np.sign(np.asarray(scale) - 3)


def five_points(gold: NDArray[np.int_], given: NDArray[np.int_]) -> dict[str, float]:
    """How well degrees of sentiment (1 very positive to 5 very negative) are given; `opposite`: praise taken for blame, or blame for praise."""
    from sklearn.metrics import cohen_kappa_score, f1_score

    return {
        "five_point": float((gold == given).mean()),
        # Agreement beyond chance, far misses weighing by their square (Cohen 1968).
        "weighted_kappa": float(cohen_kappa_score(gold, given, weights="quadratic")),
        "three_point": float((three(gold) == three(given)).mean()),
        "neutral_f1": float(f1_score(three(gold), three(given), labels=[0], average="macro", zero_division=0)),
        "opposite": float((three(gold) * three(given) == -1).mean()),
    }


def reliability(chance: NDArray[np.float64], happened: NDArray[np.bool_], bins: int = 10) -> list[Bin]:
    """What was said (0 to 1) beside how often it was so, in equal-width bins; empty ones are left out."""
    place = np.minimum((chance * bins).astype(int), bins - 1)
    return [
        Bin(b / bins, int(here.sum()), float(chance[here].mean()), share(int(happened[here].sum()), int(here.sum())))
        for b in range(bins)
        if (here := place == b).any()
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Mean distance between what was said and how often it was so, over bins weighed by their size; 0 to 1."""
    total = sum(one.n for one in bins)
    return sum(abs(one.said - one.happened.share) * one.n for one in bins) / total if total else 0.0
