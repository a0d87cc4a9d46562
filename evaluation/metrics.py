"""The measures that the evaluation reports, each a function of gold and predicted answers.

Where scikit-learn has the measure it is used; these are the rest, and the ones whose rule this field argues about.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

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


def multilabel(
    gold: Sequence[Set[str]], predicted: Sequence[Set[str]], *, least: int = 5
) -> tuple[dict[str, float], dict[str, tuple[float, int]]]:
    """Score sets of labels against sets of labels.

    Labels with fewer than `least` gold examples are left out of everything. Returns macro F1, micro F1 and the share of exact
    sets, and per label its F1 and its number of gold examples.
    """
    support: dict[str, int] = {}
    for labels in gold:
        for label in labels:
            support[label] = support.get(label, 0) + 1
    kept = {label for label, n in support.items() if n >= least}
    per = {}
    totals = np.zeros(3, int)
    for label in sorted(kept):
        tp = sum(label in g and label in p for g, p in zip(gold, predicted, strict=True))
        fp = sum(label not in g and label in p for g, p in zip(gold, predicted, strict=True))
        fn = support[label] - tp
        totals += (tp, fp, fn)
        per[label] = (precision_recall_f1(tp, fp, fn)[2], support[label])
    exact = float(np.mean([kept & g == kept & p for g, p in zip(gold, predicted, strict=True)]))
    macro = float(np.mean([f for f, _ in per.values()])) if per else 0.0
    return {
        "macro_f1": macro,
        "micro_f1": precision_recall_f1(*(int(t) for t in totals))[2],
        "exact": exact,
        "labels": len(per),
    }, per


def quadratic_weighted_kappa(gold: NDArray[np.int_], predicted: NDArray[np.int_]) -> float:
    """Agreement on an ordered scale beyond chance, far misses weighing by their square (Cohen 1968)."""
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(gold, predicted, weights="quadratic"))


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
