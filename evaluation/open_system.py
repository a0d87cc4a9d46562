"""Re-run the open NHS system's configurations (pxtextmining of The Strategy Unit, MIT licence) on the same split.

Its fitted models learnt from rows that are not public, so its settings are taken and learnt anew, as its repository had them on
2025-01-27 (current_best_model/*_summary.txt, docker_run.py): words in lower case without figures and punctuation, no question
kind for themes. Support vectors: tf-idf, radial kernel, C = 15, balanced classes, at most 1,000 rounds. XGBoost: tf-idf of words and
pairs in at least 6 comments, 200 rounds, depth 4, gamma 0.3, least child weight 0.5, the histogram method. Each gives a theme
beyond a chance of 0.5 and the likeliest where none is; averaged, beyond 0.3. Its DistilBERT, the third of its ensemble and
its shipped model for sentiment, is left out: that encoder is in no package index. For sentiment stand the other two, which its
code tries too, with the same settings and the question kind beside.

It does not hang on the shipped reader, so it is run by itself (`python -m evaluation.open_system --data DIR`, some minutes) and
kept in open_system.json with the hash of its data; the report leaves it out where that is another's.
"""

import string
import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.apart import keep, labelled
from evaluation.metrics import five_points, multilabel
from evaluation.peers import has_themes
from feedback.settings import ROOT
from feedback.training.labelled import Example

OUT = ROOT / "evaluation" / "open_system.json"
# What its makers published for themes, on 3,943 comments of their own that are not public; "Labelling not possible" (1.00 for free) is
# among their labels. Same repository, same day.
PUBLISHED = {
    "support vector machines": {"macro_f1": 0.64, "micro_f1": 0.71, "exact": 0.46},
    "XGBoost": {"macro_f1": 0.61, "micro_f1": 0.73, "exact": 0.55},
    "DistilBERT": {"macro_f1": 0.67, "micro_f1": 0.75, "exact": 0.58},
    "all three averaged": {"macro_f1": 0.71, "micro_f1": 0.77, "exact": 0.56},
}
KINDS = ("what_good", "could_improve", "nonspecific")
FEWEST = 5  # training comments that a theme needs: the machines' chances are fitted on five parts
SHRINK = 60  # a label's own best threshold counts as n / (n + 60), as in our own training
_PLAIN = str.maketrans(dict.fromkeys(string.punctuation + string.digits) | dict.fromkeys(",.-", " "))

Scores = NDArray[np.float64]


def main() -> None:
    """Measure, print and keep."""
    examples, taxonomy, data = labelled("Re-run the open NHS system's configurations.")
    figures = measure(examples, [t.id for t in taxonomy.themes.values() if not t.contentless])
    keep(OUT, data, **figures, published=PUBLISHED)


def measure(examples: Sequence[Example], labels: Sequence[str]) -> dict[str, Any]:
    """Fit on the training part, tune on the validation part, measure on the test part; only what NHS staff labelled."""
    nhs = [e for e in examples if e.nhs_themes]
    train, held, test = (
        [e for e in nhs if e.part == part and not e.contentless] for part in ("train", "validation", "test")
    )
    used = [label for label in labels if sum(label in (e.themes or ()) for e in train) >= FEWEST]
    gold, wanted = has_themes(train, used), has_themes(held, used)
    machines, decided = _support_vectors(train, [held, test], gold)
    trees = _trees(train, [held, test], gold)
    mean = [(a + b) / 2 for a, b in zip(machines, trees, strict=True)]

    def scored(given: NDArray[np.bool_]) -> dict[str, float]:
        sets = [{used[i] for i in np.flatnonzero(row)} for row in given]
        return _rounded(multilabel([set(e.themes or ()) for e in test], sets)[0])

    def tuned(chances: Sequence[Scores]) -> dict[str, float]:
        return scored(chances[1] >= _thresholds(chances[0], wanted))

    return {
        "themes": {
            "support vector machines, as they predict": scored(
                _or_likeliest(decided | (machines[1] > 0.5), machines[1])
            ),
            "XGBoost, as it predicts": scored(_or_likeliest(trees[1] > 0.5, trees[1])),
            "two averaged, as they predict": scored(mean[1] > 0.3),
            "support vector machines, thresholds tuned": tuned(machines),
            "XGBoost, thresholds tuned": tuned(trees),
            "two averaged, thresholds tuned": tuned(mean),
        },
        "sentiment": _sentiment([e for e in nhs if e.sentiment is not None]),
    }


def plain(text: str) -> str:
    """The words as that system reads them.

    >>> plain("Great staff - 10/10, no long-winded forms!")
    'great staff no long winded forms'
    """
    return " ".join(text.lower().translate(_PLAIN).split())


def _vectors(train: Sequence[Example], others: Sequence[Sequence[Example]], **settings: Any) -> list[Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(**settings).fit([plain(e.text) for e in train])
    return [vectoriser.transform([plain(e.text) for e in some]) for some in (train, *others)]


def _machine() -> Any:
    from sklearn.svm import SVC

    return SVC(C=15, class_weight="balanced", max_iter=1000, cache_size=1000)


def _forest(**settings: Any) -> Any:
    from xgboost import XGBClassifier

    return XGBClassifier(tree_method="hist", max_depth=4, gamma=0.3, min_child_weight=0.5, n_jobs=1, **settings)


def _support_vectors(
    train: Sequence[Example], others: Sequence[Sequence[Example]], gold: NDArray[np.bool_]
) -> tuple[list[Scores], NDArray[np.bool_]]:
    """The chances of each theme for each of the others, and what the machines themselves decide for the last."""
    from sklearn.calibration import CalibratedClassifierCV

    x, *rest = _vectors(train, others)
    chances: list[list[Scores]] = [[] for _ in rest]
    decided = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a machine is not done after 1,000 rounds is part of the configuration
        for column in gold.T:
            model = CalibratedClassifierCV(_machine(), ensemble=False).fit(x, column)
            for kept, other in zip(chances, rest, strict=True):
                kept.append(model.predict_proba(other)[:, 1])
            decided.append(model.calibrated_classifiers_[0].estimator.predict(rest[-1]))
    return [np.stack(columns, axis=1) for columns in chances], np.stack(decided, axis=1)


def _trees(train: Sequence[Example], others: Sequence[Sequence[Example]], gold: NDArray[np.bool_]) -> list[Scores]:
    least = min(6, len(train) // 20 or 1)  # as published, but for the handful of rows of a test
    x, *rest = _vectors(train, others, ngram_range=(1, 2), min_df=least, max_df=0.99)
    model = _forest(n_estimators=200).fit(x, gold.astype(int))
    return [model.predict_proba(other).astype(float) for other in rest]


def _or_likeliest(given: NDArray[np.bool_], chances: Scores) -> NDArray[np.bool_]:
    """A comment without a theme gets its likeliest one."""
    given[np.arange(len(given)), chances.argmax(1)] |= ~given.any(1)
    return given


def _sentiment(felt: Sequence[Example]) -> dict[str, dict[str, float]]:
    from scipy.sparse import csr_matrix, hstack

    train, test = ([e for e in felt if e.part == part] for part in ("train", "test"))
    asked = [csr_matrix([[float(e.kind == kind) for kind in KINDS] for e in some]) for some in (train, test)]
    x, unseen = (hstack(pair).tocsr() for pair in zip(asked, _vectors(train, [test]), strict=True))
    scale, place = np.unique([e.sentiment or 0 for e in train], return_inverse=True)
    gold = np.array([e.sentiment or 0 for e in test])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = {
            "support vector machine": _machine().fit(x, place).predict(unseen),
            "XGBoost": _forest(n_estimators=500).fit(x, place).predict(unseen),
        }
    return {name: _rounded(five_points(gold, scale[places])) for name, places in given.items()}


def _thresholds(chances: Scores, gold: NDArray[np.bool_]) -> Scores:
    """One for each label on the validation part, shrunk hard towards one for all."""
    from sklearn.metrics import f1_score

    def both(cut: float) -> float:
        return sum(f1_score(gold, chances >= cut, average=mean, zero_division=0) for mean in ("micro", "macro"))

    grid = [float(cut) for cut in np.arange(0.05, 0.95, 0.02)]
    common = max(grid, key=both)
    nearest = sorted(grid, key=lambda cut: abs(cut - common))
    own = [max(nearest, key=partial(_f1_at, chance=chances[:, j], gold=gold[:, j])) for j in range(gold.shape[1])]
    n = gold.sum(0)
    return (n * np.array(own) + SHRINK * common) / (n + SHRINK)


def _f1_at(cut: float, *, chance: Scores, gold: NDArray[np.bool_]) -> float:
    from sklearn.metrics import f1_score

    return float(f1_score(gold, chance >= cut, zero_division=0))


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


if __name__ == "__main__":
    main()
