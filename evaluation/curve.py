"""Ask whether more labelled comments would help: the same test with an eighth, a quarter, half and all of the training rows.

Run by itself (`python -m evaluation.curve --data DIR`, some minutes) and kept in curve.json; the report shows it with its
date. Two models that are quick to fit stand in for training the reader anew each time: tf-idf, and linear heads on the
vectors of the shipped reader. The reader's encoder has seen all training rows, so the second shows only what the heads want.
"""

import argparse
import json
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import multilabel
from feedback.pipeline import Pipeline, load_pipeline
from feedback.segment import segment
from feedback.settings import ROOT
from feedback.training.labelled import Example, data_hash, load_examples

OUT = ROOT / "evaluation" / "curve.json"
SHARES = (0.125, 0.25, 0.5, 1.0)
SEEDS = (1, 2, 3)  # an eighth is a matter of luck: the mean of three is shown


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of labelled comments")
    folder = parser.parse_args().data
    pipeline = load_pipeline()
    rows = measure(load_examples(folder, pipeline.taxonomy), pipeline)
    kept = {
        "measured": date.today().isoformat(),
        "data": data_hash(folder),
        "reader": pipeline.versions["reader"],
        "rows": rows,
    }
    OUT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(kept, indent=1))


def measure(examples: Sequence[Example], pipeline: Pipeline) -> list[dict[str, Any]]:
    """For each share of the training rows, the mean figures of both models over SEEDS."""
    nhs = [e for e in examples if e.nhs_themes and not e.contentless]
    parts = {part: [e for e in nhs if e.part == part] for part in ("train", "validation", "test")}
    labels = [t.id for t in pipeline.taxonomy.themes.values() if not t.contentless]
    vectors = {part: _vectors(rows, pipeline) for part, rows in parts.items()}
    found = []
    for share in SHARES:
        each: dict[str, list[dict[str, float]]] = {"tfidf": [], "vectors": []}
        for seed in SEEDS if share < 1 else SEEDS[:1]:
            chosen = sorted(random.Random(seed).sample(range(len(parts["train"])), round(share * len(parts["train"]))))
            train = [parts["train"][i] for i in chosen]
            each["tfidf"].append(_scores(train, parts, labels, _tfidf(train, parts)))
            matrices = (vectors["train"][chosen], vectors["validation"], vectors["test"])
            each["vectors"].append(_scores(train, parts, labels, matrices))
        found.append(
            {
                "share": share,
                "rows": round(share * len(parts["train"])),
                **{
                    model: {name: round(float(np.mean([one[name] for one in runs])), 4) for name in runs[0]}
                    for model, runs in each.items()
                },
            }
        )
    return found


def _vectors(rows: Sequence[Example], pipeline: Pipeline) -> NDArray[np.float32]:
    texts = [e.text for e in rows]
    readings = pipeline.reader.read(texts, [e.kind for e in rows], [segment(text) for text in texts])
    return np.stack([reading.vectors[0] for reading in readings])


def _tfidf(train: Sequence[Example], parts: dict[str, list[Example]]) -> tuple[Any, Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    def words(rows: Sequence[Example]) -> list[str]:
        return [f"asked_{e.kind} {e.text}" for e in rows]

    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, strip_accents="unicode")
    fitted = vectoriser.fit_transform(words(train))
    return fitted, *(vectoriser.transform(words(parts[part])) for part in ("validation", "test"))


def _scores(
    train: Sequence[Example], parts: dict[str, list[Example]], labels: Sequence[str], matrices: tuple[Any, Any, Any]
) -> dict[str, float]:
    """Themes with one threshold for all, chosen on the validation part, and sentiment."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.multiclass import OneVsRestClassifier

    x, held, test = matrices
    gold = _gold(train, labels)
    used = np.flatnonzero(gold.any(0))
    model = OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=500)).fit(x, gold[:, used])
    wanted = _gold(parts["validation"], labels)[:, used]
    chances = model.predict_proba(held)
    cut = max(
        np.arange(0.2, 0.95, 0.05), key=lambda t: f1_score(wanted, chances >= t, average="micro", zero_division=0)
    )
    given = model.predict_proba(test) >= cut
    themes, _ = multilabel(
        [set(e.themes or ()) for e in parts["test"]], [{labels[used[i]] for i in np.flatnonzero(row)} for row in given]
    )
    felt = [i for i, e in enumerate(train) if e.sentiment is not None]
    feeling = LogisticRegression(C=10, max_iter=500).fit(x[felt], [train[i].sentiment for i in felt])
    tested = [i for i, e in enumerate(parts["test"]) if e.sentiment is not None]
    right = feeling.predict(test[tested]) == np.array([parts["test"][i].sentiment for i in tested])
    return {"macro_f1": themes["macro_f1"], "micro_f1": themes["micro_f1"], "five_point": float(right.mean())}


def _gold(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.int_]:
    return np.array([[label in (e.themes or ()) for label in labels] for e in examples], int)


if __name__ == "__main__":
    main()
