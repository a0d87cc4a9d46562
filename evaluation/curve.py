"""Ask whether more labelled comments would help: the same test with an eighth, a quarter, half and all of the training rows.

Run by itself (`python -m evaluation.curve --data DIR`, about a minute) and kept in curve.json; the report shows it with its date. A tf-idf
reader stands in for training ours anew each time.
"""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.apart import keep, labelled
from evaluation.metrics import multilabel
from evaluation.peers import has_themes, tfidf
from feedback.settings import ROOT
from feedback.training.labelled import Example

OUT = ROOT / "evaluation" / "curve.json"
SHARES = (0.125, 0.25, 0.5, 1.0)
SEEDS = (1, 2, 3)  # an eighth is a matter of luck: the mean of three is shown


def main() -> None:
    """Measure, print and keep."""
    examples, taxonomy, data = labelled("Measure the tf-idf reader on ever more of the training rows.")
    keep(OUT, data, rows=measure(examples, [t.id for t in taxonomy.themes.values() if not t.contentless]))


def measure(examples: Sequence[Example], labels: Sequence[str]) -> list[dict[str, Any]]:
    """For each share of the training rows, the mean figures over SEEDS."""
    nhs = [e for e in examples if e.nhs_themes and not e.contentless]
    train, held, test = ([e for e in nhs if e.part == part] for part in ("train", "validation", "test"))
    found = []
    for share in SHARES:
        n = round(share * len(train))
        runs = [
            _scores(random.Random(seed).sample(train, n), held, test, labels)
            for seed in (SEEDS if share < 1 else SEEDS[:1])
        ]
        means = {name: round(float(np.mean([one[name] for one in runs])), 4) for name in runs[0]}
        found.append({"share": share, "rows": n, "tfidf": means})
    return found


def _scores(
    train: Sequence[Example], held: Sequence[Example], test: Sequence[Example], labels: Sequence[str]
) -> dict[str, float]:
    """Themes with one threshold for all, chosen on the validation part, and sentiment."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.multiclass import OneVsRestClassifier

    x, x_held, x_test = tfidf(train, held, test)
    gold = has_themes(train, labels).astype(int)
    used = np.flatnonzero(gold.any(0))
    model = OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=500)).fit(x, gold[:, used])
    wanted, chances = has_themes(held, labels)[:, used], model.predict_proba(x_held)
    cut = max(
        np.arange(0.2, 0.95, 0.05), key=lambda t: f1_score(wanted, chances >= t, average="micro", zero_division=0)
    )
    given = [{labels[used[i]] for i in np.flatnonzero(row)} for row in model.predict_proba(x_test) >= cut]
    themes, _ = multilabel([set(e.themes or ()) for e in test], given)
    felt, tested = ([i for i, e in enumerate(some) if e.sentiment is not None] for some in (train, test))
    feeling = LogisticRegression(C=10, max_iter=500).fit(x[felt], [train[i].sentiment for i in felt])
    right = feeling.predict(x_test[tested]) == np.array([test[i].sentiment for i in tested])
    return {"macro_f1": themes["macro_f1"], "micro_f1": themes["micro_f1"], "five_point": float(right.mean())}


if __name__ == "__main__":
    main()
