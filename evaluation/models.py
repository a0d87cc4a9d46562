"""Measure the shipped reader on the test part of the labelled comments, through the whole pipeline, beside its peers.

The test part was seen by no training and no threshold. It shares no respondent and no longer text with them; answers of a
word or two recur, so figures on texts never seen in training stand beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation import peers
from evaluation.metrics import multilabel, quadratic_weighted_kappa
from feedback.comment import Analysed, QuestionKind, RawComment
from feedback.pipeline import Pipeline
from feedback.training.labelled import CODES, Example, text_key

QUESTIONS: dict[QuestionKind, str] = {
    "what_good": "What was good?",
    "could_improve": "What could we do better?",
    "nonspecific": "Please can you tell us why you gave your answer?",
}


@dataclass(frozen=True, slots=True)
class Held:
    """The test part and what the pipeline found in it, by id; what was learnt from, and the keys of its texts."""

    test: Sequence[Example]
    learnt: Sequence[Example]
    analysed: dict[str, Analysed]
    seen: set[str]

    @property
    def themed(self) -> list[Example]:
        """Those of the test that NHS staff gave themes, and that say something."""
        return [e for e in self.test if e.nhs_themes and not e.contentless]

    @property
    def felt(self) -> list[Example]:
        """Those of the test that NHS staff gave a sentiment."""
        return [e for e in self.test if e.nhs_themes and e.sentiment is not None]

    def themes(self, example: Example) -> set[str]:
        """The themes given to a comment of the test."""
        return {f.label for f in self.analysed[example.id].of("theme")}

    def scale(self, example: Example) -> int:
        """The sentiment given, 1 to 5; a comment that is not read (no content, another language) says nothing either way: 3."""
        found = self.analysed[example.id].of("sentiment")
        return int(found[0].detail) if found else 3


def hold(examples: Sequence[Example], pipeline: Pipeline) -> Held:
    """Read the test part of the examples through the whole pipeline."""
    test = [e for e in examples if e.part == "test"]
    learnt = [e for e in examples if e.part != "test"]
    raws = (RawComment(text=e.text, id=e.id, question=QUESTIONS[e.kind]) for e in test)
    analysed = dict(zip((e.id for e in test), pipeline.analyse(raws), strict=True))
    return Held(test, learnt, analysed, {text_key(e.text) for e in learnt})


def measure(held: Held, pipeline: Pipeline) -> dict[str, Any]:
    """All figures of the reader and its peers, by part of the job."""
    return {
        "themes": _themes(held, pipeline),
        "sentiment": _sentiment(held),
        "strategy": _strategy(held, pipeline),
    }


def _themes(held: Held, pipeline: Pipeline) -> dict[str, Any]:
    rows = held.themed
    gold = [set(e.themes or ()) for e in rows]
    given = [held.themes(e) for e in rows]
    ours, _ = multilabel(gold, given)
    new = [i for i, e in enumerate(rows) if text_key(e.text) not in held.seen]
    train = [e for e in held.learnt if e.nhs_themes and not e.contentless]
    labels = [t for t in pipeline.taxonomy.themes if not pipeline.taxonomy.themes[t].contentless]
    return {
        "comments": len(rows),
        "ours": ours,
        "ours_unseen_text": {**multilabel([gold[i] for i in new], [given[i] for i in new])[0], "comments": len(new)},
        "tfidf_support_vector": multilabel(gold, peers.linear_themes(train, rows, labels, support_vector=True))[0],
        "tfidf_logistic": multilabel(gold, peers.linear_themes(train, rows, labels, support_vector=False))[0],
    }


def _sentiment(held: Held) -> dict[str, Any]:
    rows = held.felt
    gold = np.array([e.sentiment for e in rows])
    ours = np.array([held.scale(e) for e in rows])
    new = np.array([text_key(e.text) not in held.seen for e in rows])
    texts = [e.text for e in rows]
    train = [e for e in held.learnt if e.nhs_themes and e.sentiment is not None]
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


def _strategy(held: Held, pipeline: Pipeline) -> dict[str, Any]:
    rows = [e for e in held.test if e.codes is not None]
    names = {v.code: v.id for v in pipeline.taxonomy.values.values()} | {o: o for o in pipeline.taxonomy.objectives}
    gold = [{names[c]: sign for c, sign in (e.codes or {}).items()} for e in rows]
    given = [
        {f.label: f.polarity for f in held.analysed[e.id].findings if f.kind in ("value", "objective")} for e in rows
    ]
    overall, per = multilabel([set(g) for g in gold], [set(g) for g in given])
    shared = [g[label] == p[label] for g, p in zip(gold, given, strict=True) for label in g.keys() & p.keys()]
    return {
        "comments": len(rows),
        "macro_f1": overall["macro_f1"],
        "micro_f1": overall["micro_f1"],
        "polarity": float(np.mean(shared)) if shared else 0.0,
        "per_code": {c: {"f1": per[names[c]][0], "support": per[names[c]][1]} for c in CODES if names[c] in per},
    }
