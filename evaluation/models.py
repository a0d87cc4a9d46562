"""Measure the shipped reader on the test part of the labelled comments, through the whole pipeline, beside its peers.

The test part was seen by no training and no threshold. It shares no respondent and no longer text with them; answers of a
word or two recur, so figures on texts never seen in training stand beside.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation import peers
from evaluation.metrics import expected_calibration_error, multilabel, quadratic_weighted_kappa
from feedback.comment import Analysed, QuestionKind, RawComment
from feedback.labelled import CODES, Example, text_key
from feedback.pipeline import Pipeline
from feedback.spc import wilson

QUESTIONS: dict[QuestionKind, str] = {
    "what_good": "What was good?",
    "could_improve": "What could we do better?",
    "nonspecific": "Please can you tell us why you gave your answer?",
}


def measure(examples: Sequence[Example], pipeline: Pipeline) -> dict[str, Any]:
    """All figures of the reader and its peers, by part of the job."""
    test = [e for e in examples if e.part == "test"]
    learnt = [e for e in examples if e.part != "test"]
    raws = (RawComment(text=e.text, id=e.id, question=QUESTIONS[e.kind]) for e in test)
    analysed = dict(zip((e.id for e in test), pipeline.analyse(raws), strict=True))
    seen = {text_key(e.text) for e in learnt}
    return {
        "themes": _themes(test, learnt, analysed, seen, pipeline),
        "sentiment": _sentiment(test, learnt, analysed, seen),
        "strategy": _strategy(test, analysed, pipeline),
    }


def _themes(
    test: Sequence[Example],
    learnt: Sequence[Example],
    analysed: dict[str, Analysed],
    seen: set[str],
    pipeline: Pipeline,
) -> dict[str, Any]:
    rows = [e for e in test if e.nhs_themes and not e.contentless]
    gold = [set(e.themes or ()) for e in rows]
    given = [{f.label for f in analysed[e.id].of("theme")} for e in rows]
    ours, per = multilabel(gold, given)
    new = [i for i, e in enumerate(rows) if text_key(e.text) not in seen]
    train = [e for e in learnt if e.nhs_themes and not e.contentless]
    labels = [t for t in pipeline.taxonomy.themes if not pipeline.taxonomy.themes[t].contentless]
    scores = [(f.score, f.label in g) for e, g in zip(rows, gold, strict=True) for f in analysed[e.id].of("theme")]
    return {
        "comments": len(rows),
        "ours": ours,
        "ours_unseen_text": {**multilabel([gold[i] for i in new], [given[i] for i in new])[0], "comments": len(new)},
        "tfidf_support_vector": multilabel(gold, peers.linear_themes(train, rows, labels, support_vector=True))[0],
        "tfidf_logistic": multilabel(gold, peers.linear_themes(train, rows, labels, support_vector=False))[0],
        "calibration_error_of_given": expected_calibration_error(
            np.array([s for s, _ in scores]), np.array([g for _, g in scores], bool)
        ),
        "per_label": {
            label: {"f1": f1, "support": n, "recall_interval": _recall_interval(label, gold, given)}
            for label, (f1, n) in per.items()
        },
    }


def _recall_interval(label: str, gold: Sequence[set[str]], given: Sequence[set[str]]) -> tuple[float, float]:
    hits = sum(label in g and label in p for g, p in zip(gold, given, strict=True))
    lower, upper = wilson(hits, sum(label in g for g in gold))
    return float(lower), float(upper)


def _sentiment(
    test: Sequence[Example], learnt: Sequence[Example], analysed: dict[str, Analysed], seen: set[str]
) -> dict[str, Any]:
    rows = [e for e in test if e.nhs_themes and e.sentiment is not None]
    gold = np.array([e.sentiment for e in rows])
    # A comment that the pipeline does not read (no content, another language) says nothing either way.
    ours = np.array([int(f[0].detail) if (f := analysed[e.id].of("sentiment")) else 3 for e in rows])
    new = np.array([text_key(e.text) not in seen for e in rows])
    texts = [e.text for e in rows]
    train = [e for e in learnt if e.nhs_themes and e.sentiment is not None]
    linear = np.array(peers.linear_sentiment(train, rows))
    gold_three = _three(gold)
    return {
        "comments": len(rows),
        "ours": _five(gold, ours),
        "ours_unseen_text": {**_five(gold[new], ours[new]), "comments": int(new.sum())},
        "tfidf_logistic": _five(gold, linear),
        "vader": {"three_point": float((np.array(peers.vader(texts)) == gold_three).mean())},
        "textblob": {"three_point": float((np.array(peers.textblob(texts)) == gold_three).mean())},
    }


def _three(scale: Any) -> Any:
    return np.where(scale <= 2, 0, np.where(scale == 3, 1, 2))


def _five(gold: Any, given: Any) -> dict[str, float]:
    from sklearn.metrics import f1_score

    return {
        "five_point": float((gold == given).mean()),
        "weighted_kappa": quadratic_weighted_kappa(gold, given),
        "three_point": float((_three(gold) == _three(given)).mean()),
        "neutral_f1": float(f1_score(_three(gold), _three(given), labels=[1], average="macro", zero_division=0)),
    }


def _strategy(test: Sequence[Example], analysed: dict[str, Analysed], pipeline: Pipeline) -> dict[str, Any]:
    rows = [e for e in test if e.codes is not None]
    names = {v.code: v.id for v in pipeline.taxonomy.values.values()} | {o: o for o in pipeline.taxonomy.objectives}
    gold = [{names[c]: sign for c, sign in (e.codes or {}).items()} for e in rows]
    given = [{f.label: f.polarity for f in analysed[e.id].findings if f.kind in ("value", "objective")} for e in rows]
    overall, per = multilabel([set(g) for g in gold], [set(g) for g in given])
    shared = [g[label] == p[label] for g, p in zip(gold, given, strict=True) for label in g.keys() & p.keys()]
    return {
        "comments": len(rows),
        "macro_f1": overall["macro_f1"],
        "micro_f1": overall["micro_f1"],
        "polarity": float(np.mean(shared)) if shared else 0.0,
        "per_code": {c: {"f1": per[names[c]][0], "support": per[names[c]][1]} for c in CODES if names[c] in per},
    }
