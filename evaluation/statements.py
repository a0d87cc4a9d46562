"""Measure which statements of the strategy the system links comments to, against two readers who did not see its answers.

evaluation/statements/ holds the readers' labels, ids and no words: 240 public comments of the test part, each with the statements and
2030 outcomes it bears on, best first, by the codebook. A statement given is right as often as it stands in a reader's set, the
mean of the two.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evaluation.models import QUESTIONS
from feedback.comment import Analysed, RawComment
from feedback.pipeline import Pipeline
from feedback.training.labelled import Example

READERS = tuple(sorted((Path(__file__).parent / "statements").glob("reader_*.jsonl")))


def measure(examples: Sequence[Example], pipeline: Pipeline) -> dict[str, Any]:
    """Precision of the first statement and of the first three, how often nothing is given where nothing should be, and the readers' own
    agreement; the same of the outcomes."""
    readers = [_read(path) for path in READERS]
    read = [e for e in examples if all(e.id in labels for labels in readers)]
    raws = (RawComment(text=e.text, id=e.id, question=QUESTIONS[e.kind]) for e in read)
    analysed = list(pipeline.analyse(raws))
    of = {s.id: "s" if s.objective else "o" for s in pipeline.taxonomy.statements.values()}
    facts: dict[str, Any] = {"comments": len(read)}
    for part, name in (("s", ""), ("o", "outcomes_")):
        ours = [[s for s in _ranked(a) if of[s] == part] for a in analysed]
        sides = [[labels[e.id][part] for e in read] for labels in readers]
        facts |= {f"{name}{figure}": value for figure, value in _figures(ours, sides).items()}
    return facts


def _figures(ours: Sequence[Sequence[str]], sides: Sequence[Sequence[Sequence[str]]]) -> dict[str, float]:
    blank = [i for i in range(len(ours)) if not any(side[i] for side in sides)]
    return {
        "given": sum(bool(g) for g in ours),
        "precision_at_1": _mean(_precision(ours, side, 1) for side in sides),
        "precision_at_3": _mean(_precision(ours, side, 3) for side in sides),
        "found": _mean(_precision(side, ours, 1) for side in sides),
        "none_where_none": sum(not ours[i] for i in blank) / max(1, len(blank)),
        "readers_first_in_the_others_set": (_precision(sides[0], sides[1], 1) + _precision(sides[1], sides[0], 1)) / 2,
    }


def _read(path: Path) -> dict[str, dict[str, list[str]]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {one["id"]: one for one in map(json.loads, lines)}


def _ranked(analysed: Analysed) -> list[str]:
    return list(dict.fromkeys(f.label for f in sorted(analysed.of("statement"), key=lambda f: -f.score)))


def _precision(given: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]], first: int) -> float:
    """Of the first so many given for each comment, the share that is wanted."""
    hits = [statement in w for g, w in zip(given, wanted, strict=True) for statement in g[:first]]
    return sum(hits) / max(1, len(hits))


def _mean(values: Any) -> float:
    numbers = list(values)
    return float(sum(numbers) / len(numbers))
