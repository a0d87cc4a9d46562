"""Measure the shipped reader on the test part of the labelled comments, through the whole pipeline, beside its peers.

The test part was seen by no training and no threshold. It shares no respondent and no longer text with them; answers of a
word or two recur, so figures on texts never seen in training stand beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation import peers
from evaluation.metrics import five_points, multilabel, three
from feedback.comment import Analysed, QuestionKind, RawComment
from feedback.pipeline import Pipeline
from feedback.taxonomy import Taxonomy
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

    @property
    def coded(self) -> list[Example]:
        """Those of the test that were read for values and objectives."""
        return [e for e in self.test if e.codes is not None]

    def parts(self, taxonomy: Taxonomy) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """The sign of each value and objective of each of `coded`: as read by a person, and as given."""
        names = part_names(taxonomy)
        given = [[f for f in self.analysed[e.id].findings if f.kind in ("value", "objective")] for e in self.coded]
        return (
            [{names[code]: sign for code, sign in (e.codes or {}).items()} for e in self.coded],
            [{f.label: f.polarity for f in some} for some in given],
        )

    def themes(self, example: Example) -> set[str]:
        """The themes given to a comment of the test."""
        return {f.label for f in self.analysed[example.id].of("theme")}

    def scale(self, example: Example) -> int:
        """The sentiment given, 1 to 5; a comment that is not read (no content, another language) says nothing either way: 3."""
        found = self.analysed[example.id].of("sentiment")
        return int(found[0].detail) if found else 3


def part_names(taxonomy: Taxonomy) -> dict[str, str]:
    """Which value or objective each code of the labelled comments stands for."""
    return {v.code: v.id for v in taxonomy.values.values()} | {o: o for o in taxonomy.objectives}


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
        "tfidf_logistic": multilabel(gold, peers.linear_themes(train, rows, labels))[0],
    }


def _sentiment(held: Held) -> dict[str, Any]:
    rows = held.felt
    gold = np.array([e.sentiment for e in rows])
    ours = np.array([held.scale(e) for e in rows])
    new = np.array([text_key(e.text) not in held.seen for e in rows])
    texts = [e.text for e in rows]
    train = [e for e in held.learnt if e.nhs_themes and e.sentiment is not None]
    linear = np.array(peers.linear_sentiment(train, rows))
    words = {"vader": peers.vader(texts), "textblob": peers.textblob(texts)}
    return {
        "comments": len(rows),
        "ours": five_points(gold, ours),
        "ours_unseen_text": {**five_points(gold[new], ours[new]), "comments": int(new.sum())},
        "tfidf_logistic": five_points(gold, linear),
        **{name: {"three_point": float((np.array(given) == three(gold)).mean())} for name, given in words.items()},
    }


def _strategy(held: Held, pipeline: Pipeline) -> dict[str, Any]:
    names = part_names(pipeline.taxonomy)
    gold, given = held.parts(pipeline.taxonomy)
    overall, per = multilabel([set(g) for g in gold], [set(g) for g in given])
    shared = [g[label] == p[label] for g, p in zip(gold, given, strict=True) for label in g.keys() & p.keys()]
    return {
        "comments": len(gold),
        "macro_f1": overall["macro_f1"],
        "micro_f1": overall["micro_f1"],
        "polarity": float(np.mean(shared)) if shared else 0.0,
        "per_code": {c: {"f1": per[names[c]][0], "support": per[names[c]][1]} for c in CODES if names[c] in per},
    }
