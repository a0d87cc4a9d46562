"""Count how often the reader is right, label by label, and lay the counts beside its weights, where the run-time reads them.

`feedback/evidence/known_error.py` allows for them in every figure of the evidence. They are counted on the test part of the labelled comments,
which no training and no threshold has seen, through the whole pipeline. A sign behind a value or objective is a side of it: "O3-" is
given where the polarity is - or ~.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.metrics import hits
from evaluation.models import Held, part_names
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
    gold, given = held.parts(pipeline.taxonomy)
    labels = _sided(part_names(pipeline.taxonomy).values())
    return _counted([_with_sides(one) for one in gold], [_with_sides(one) for one in given], labels)


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
    pairs = list(zip(gold, given, strict=True))
    found = {}
    for label in labels:
        right, wanted, counted = hits(pairs, label)
        found[label] = {"precision": [right, counted], "recall": [right, wanted], "comments": len(pairs)}
    return found
