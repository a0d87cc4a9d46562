"""Count how often the reader is right, label by label, and lay the counts beside its weights, where the run-time reads them.

`feedback/evidence/known_error.py` allows for them in every figure of the evidence. They are counted on the test part of the labelled comments,
which no training and no threshold has seen, through the whole pipeline. A sign behind a value or objective is a side of it: "O3-" is
given where the polarity is - or ~.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.models import Held
from feedback.evidence.known_error import FILE
from feedback.pipeline import Pipeline

SIDES = {"+": "+~", "-": "-~"}  # polarities that are on a side


def measure(held: Held, pipeline: Pipeline, day: str) -> dict[str, Any]:
    """What is written: the reader's version, the day, on what, and the counts of each label in the order of the Trust's data."""
    labels = {**_codes(held, pipeline), **_themes(held, pipeline), **_sentiment(held)}
    return {
        "reader": pipeline.versions["reader"],
        "measured": day,
        "of": "published comments of other trusts, the test part of a split by respondent and text",
        "labels": labels,
    }


def write(record: Mapping[str, Any], models: Path) -> Path:
    """Put the record beside the reader's weights; return where."""
    path = models / "reader" / FILE
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return path


def _codes(held: Held, pipeline: Pipeline) -> dict[str, Any]:
    rows = [e for e in held.test if e.codes is not None]
    taxonomy = pipeline.taxonomy
    names = {v.code: v.id for v in taxonomy.values.values()} | {o: o for o in taxonomy.objectives}
    gold = [{names[code]: sign for code, sign in (e.codes or {}).items()} for e in rows]
    given = [
        {f.label: f.polarity for f in held.analysed[e.id].findings if f.kind in ("value", "objective")} for e in rows
    ]
    return _counted([_with_sides(one) for one in gold], [_with_sides(one) for one in given], _sided(names.values()))


def _with_sides(signs: Mapping[str, str]) -> set[str]:
    sides = {f"{label}{side}" for label, sign in signs.items() for side, signs_of in SIDES.items() if sign in signs_of}
    return {*signs, *sides}


def _sided(labels: Iterable[str]) -> list[str]:
    return [f"{label}{side}" for label in labels for side in ("", *SIDES)]


def _themes(held: Held, pipeline: Pipeline) -> dict[str, Any]:
    rows = held.themed
    labels = [theme.id for theme in pipeline.taxonomy.themes.values() if not theme.contentless]
    return _counted([set(e.themes or ()) for e in rows], [held.themes(e) for e in rows], labels)


def _sentiment(held: Held) -> dict[str, Any]:
    rows = held.felt
    gold = [{_feeling(e.sentiment or 3)} for e in rows]
    return _counted(gold, [{_feeling(held.scale(e))} for e in rows], [_feeling(scale) for scale in (1, 3, 5)])


def _feeling(scale: int) -> str:
    return "sentiment:" + ("positive" if scale < 3 else "neutral" if scale == 3 else "negative")


def _counted(
    gold: Sequence[Collection[str]], given: Sequence[Collection[str]], labels: Iterable[str]
) -> dict[str, Any]:
    """For each label: right of those found, right of those that have it, and how many comments were read in all."""
    found = {}
    for label in labels:
        right = sum(label in g and label in p for g, p in zip(gold, given, strict=True))
        precision, recall = [right, sum(label in p for p in given)], [right, sum(label in g for g in gold)]
        found[label] = {"precision": precision, "recall": recall, "comments": len(gold)}
    return found
