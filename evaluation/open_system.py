"""Re-run the open NHS system's configurations (pxtextmining of The Strategy Unit, 2023) on the same split: as they predict, and tuned.

Assumed from its documentation, since its own fitted models were made from other rows: tf-idf of words and pairs of words
beside the kind of question and the length of the text; for each theme one support vector machine (radial kernel, C = 1,
balanced classes), or one boosted forest; a comment without a theme gets its likeliest one; the same machine for
sentiment. XGBoost is not among this project's packages, so scikit-learn's histogram boosting stands in for it with
XGBoost's own defaults (100 rounds, rate 0.3, depth 6, penalty 1), over the thousand most frequent words.

It does not hang on the shipped reader, so it is run by itself (`python -m evaluation.open_system --data DIR`) and kept in
open_system.json with the hash of its data; the report leaves it out where that is another's.
"""

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import multilabel, quadratic_weighted_kappa
from feedback.settings import ROOT, Settings
from feedback.taxonomy import load_taxonomy
from feedback.training.labelled import Example, data_hash, load_examples

OUT = ROOT / "evaluation" / "open_system.json"
WORDS = 1_000  # for boosting, which wants a full table
SHRINK = 60  # a label's own best threshold counts as n / (n + 60), as in our own training


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of labelled comments")
    folder = parser.parse_args().data
    taxonomy = load_taxonomy(Settings().data)
    figures = measure(load_examples(folder, taxonomy), [t.id for t in taxonomy.themes.values() if not t.contentless])
    kept = {"measured": date.today().isoformat(), "data": data_hash(folder), **figures}
    OUT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(kept, indent=1))


def measure(examples: Sequence[Example], labels: Sequence[str]) -> dict[str, Any]:
    """Fit on the training part, tune on the validation part, measure on the test part; only what NHS staff labelled."""
    nhs = [e for e in examples if e.nhs_themes]
    train, held, test = (
        [e for e in nhs if e.part == part and not e.contentless] for part in ("train", "validation", "test")
    )
    gold = _gold(train, labels)
    used = [label for label, n in zip(labels, gold.sum(0), strict=True) if n > 1]
    gold = gold[:, [labels.index(label) for label in used]]
    machine = _support_vectors(train, [held, test], gold)
    machine = _as_chances(machine, _gold(held, used))
    forest = _forests(train, [held, test], gold)
    mean = [(a + b) / 2 for a, b in zip(machine, forest, strict=True)]
    wanted = [set(e.themes or ()) for e in test]

    def scored(chances: Sequence[NDArray[np.float64]], *, tuned: bool) -> dict[str, float]:
        cut = _thresholds(chances[0], _gold(held, used)) if tuned else np.full(len(used), 0.5)
        given = chances[1] >= cut
        if not tuned:
            given[np.arange(len(given)), chances[1].argmax(1)] |= ~given.any(1)
        return _rounded(multilabel(wanted, [{used[i] for i in np.flatnonzero(row)} for row in given])[0])

    return {
        "themes": {
            "support vector machines, as they predict": scored(machine, tuned=False),
            "boosted trees, as they predict": scored(forest, tuned=False),
            "support vector machines, thresholds tuned": scored(machine, tuned=True),
            "boosted trees, thresholds tuned": scored(forest, tuned=True),
            "both averaged, thresholds tuned": scored(mean, tuned=True),
        },
        "sentiment": {"support vector machine": _sentiment(nhs)},
    }


def _features(train: Sequence[Example], others: Sequence[Sequence[Example]], words: int | None = None) -> list[Any]:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=2, max_df=0.9, strip_accents="unicode", max_features=words)
    longest = max(len(e.text) for e in train)
    kinds = ("what_good", "could_improve", "nonspecific")

    def beside(examples: Sequence[Example]) -> Any:
        return csr_matrix(
            [[e.kind == kind for kind in kinds] + [min(len(e.text) / longest, 1.0)] for e in examples], dtype=float
        )

    fitted = vectoriser.fit_transform([e.text for e in train])
    rest = [vectoriser.transform([e.text for e in some]) for some in others]
    return [hstack([x, beside(some)]).tocsr() for x, some in zip([fitted, *rest], [train, *others], strict=True)]


def _kernels(train: Sequence[Example], others: Sequence[Sequence[Example]]) -> list[NDArray[np.float64]]:
    """The radial kernel of the machine's own default width, worked out once for all labels."""
    from sklearn.metrics.pairwise import rbf_kernel

    x, *rest = _features(train, others)
    spread = x.multiply(x).mean() - x.mean() ** 2
    gamma = 1 / (x.shape[1] * spread)
    return [rbf_kernel(x, x, gamma=gamma), *(rbf_kernel(other, x, gamma=gamma) for other in rest)]


def _support_vectors(
    train: Sequence[Example], others: Sequence[Sequence[Example]], gold: NDArray[np.bool_]
) -> list[NDArray[np.float64]]:
    from sklearn.svm import SVC

    kernel, *rest = _kernels(train, others)
    machines = [
        SVC(kernel="precomputed", class_weight="balanced", cache_size=500).fit(kernel, column) for column in gold.T
    ]
    return [np.stack([m.decision_function(other) for m in machines], axis=1) for other in rest]


def _as_chances(decisions: Sequence[NDArray[np.float64]], held: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Distances from the boundary as numbers from 0 to 1, 0.5 at the boundary; their steepness is fitted on validation."""
    from sklearn.linear_model import LogisticRegression

    line = LogisticRegression(C=1e6, fit_intercept=False).fit(decisions[0].reshape(-1, 1), held.reshape(-1))
    return [1 / (1 + np.exp(-line.coef_[0, 0] * d)) for d in decisions]


def _forests(
    train: Sequence[Example], others: Sequence[Sequence[Example]], gold: NDArray[np.bool_]
) -> list[NDArray[np.float64]]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, *rest = (some.toarray().astype(np.float32) for some in _features(train, others, WORDS))
    columns: list[list[NDArray[np.float64]]] = [[] for _ in rest]
    for column in gold.T:
        forest = HistGradientBoostingClassifier(
            max_iter=100,
            learning_rate=0.3,
            max_depth=6,
            max_leaf_nodes=None,
            l2_regularization=1.0,
            early_stopping=False,
        ).fit(x, column)
        for kept, other in zip(columns, rest, strict=True):
            kept.append(forest.predict_proba(other)[:, 1])
    return [np.stack(kept, axis=1) for kept in columns]


def _sentiment(nhs: Sequence[Example]) -> dict[str, float]:
    from sklearn.svm import SVC

    train, test = ([e for e in nhs if e.part == part and e.sentiment is not None] for part in ("train", "test"))
    kernel, other = _kernels(train, [test])
    machine = SVC(kernel="precomputed", class_weight="balanced").fit(kernel, [e.sentiment or 0 for e in train])
    gold, given = np.array([e.sentiment or 0 for e in test]), machine.predict(other).astype(int)
    return _rounded(
        {
            "five_point": float((gold == given).mean()),
            "weighted_kappa": quadratic_weighted_kappa(gold, given),
            "three_point": float((np.sign(gold - 3) == np.sign(given - 3)).mean()),
        }
    )


def _gold(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([[label in (e.themes or ()) for label in labels] for e in examples])


def _thresholds(chances: NDArray[np.float64], gold: NDArray[np.bool_]) -> NDArray[np.float64]:
    """One for each label on the validation part, shrunk hard towards one for all."""
    from sklearn.metrics import f1_score

    grid = np.arange(0.05, 0.95, 0.02)
    common = max(
        grid,
        key=lambda t: (
            f1_score(gold, chances >= t, average="micro")
            + f1_score(gold, chances >= t, average="macro", zero_division=0)
        ),
    )
    own = [
        max(grid, key=lambda t, j=j: (f1_score(gold[:, j], chances[:, j] >= t, zero_division=0), -abs(t - common)))
        for j in range(gold.shape[1])
    ]
    n = gold.sum(0)
    return (n * np.array(own) + SHRINK * common) / (n + SHRINK)


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


if __name__ == "__main__":
    main()
