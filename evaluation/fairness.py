"""Ask whether people who write differently are read as well, and where the reading is worst, on invented comments.

The public comments say nothing of who wrote them. So each of sixty invented comments is put three ways that mean the same:
plain, misspelt (a little, and badly), and as somebody may write whose first language is not English. What changes is then
the writing alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import yaml

from evaluation.detail import themes_f1
from evaluation.models import QUESTIONS
from feedback.accuracy.agreement import share
from feedback.comment import Analysed, RawComment
from feedback.pipeline import Pipeline

HERE = Path(__file__).parent
WAYS = {
    "plain": "plain",
    "lightly": "a little misspelt",
    "misspelt": "badly misspelt",
    "non_native": "non-native English",
}
EVERY = 3  # of the words misspelt in the bad version, every third is in the light one


def three_ways(pipeline: Pipeline) -> list[dict[str, Any]]:
    """For each way of writing: sentiment right, micro F1 of themes, and how often it is read as the plain comment is.

    `lost` and `won` count comments whose sentiment is read wrongly here and rightly in plain words, and the other way;
    `p` is the chance of so uneven a count if the writing made no difference (exact test of McNemar).
    """
    cases = [case | {"lightly": lightly(case["plain"], case["misspelt"])} for case in _cases("fairness.yml")]
    read = {way: _read(pipeline, cases, way) for way in WAYS}
    plain = read["plain"]
    rows = []
    for way, name in WAYS.items():
        right = [_felt(one) == case["sentiment"] for one, case in zip(read[way], cases, strict=True)]
        before = [_felt(one) == case["sentiment"] for one, case in zip(plain, cases, strict=True)]
        lost = sum(b and not a for a, b in zip(right, before, strict=True))
        won = sum(a and not b for a, b in zip(right, before, strict=True))
        same = sum(_felt(a) == _felt(b) for a, b in zip(read[way], plain, strict=True))
        rows.append(
            {
                "way": name,
                "sentiment": asdict(share(sum(right), len(cases))),
                "themes": asdict(
                    themes_f1((set(c["themes"]), _themes(one)) for c, one in zip(cases, read[way], strict=True))
                ),
                "same_sentiment": asdict(share(same, len(cases))),
                "same_themes": asdict(
                    share(sum(_themes(a) == _themes(b) for a, b in zip(read[way], plain, strict=True)), len(cases))
                ),
                "not_read": sum(not one.of("clause") for one in read[way]),
                "lost": lost,
                "won": won,
                "p": _uneven(lost, won),
            }
        )
    return rows


def lightly(plain: str, misspelt: str) -> str:
    """The plain words with every third of the misspelt ones in their place.

    >>> lightly("The nurse was very kind to me", "the nerse was verry kynd too me")
    'the nurse was very kynd to me'
    """
    words, other = plain.split(), misspelt.split()
    wrong = [op[1:] for op in SequenceMatcher(a=words, b=other, autojunk=False).get_opcodes() if op[0] != "equal"]
    # A stretch of as many words on both sides is word for word; any other counts as one.
    each = [
        (i, i + 1, j, j + 1) if b - a == d - c else (a, b, c, d)
        for a, b, c, d in wrong
        for i, j in (zip(range(a, b), range(c, d), strict=True) if b - a == d - c else [(a, c)])
    ]
    for a, b, c, d in reversed(each[::EVERY]):
        words[a:b] = other[c:d]
    return " ".join(words)


def hard(pipeline: Pipeline) -> list[dict[str, Any]]:
    """Invented comments of kinds that are hard to read: how many are felt rightly, and which were not, worst first."""
    kinds: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    cases = _cases("hard.yml")
    for case, one in zip(cases, _read(pipeline, cases, "text"), strict=True):
        kinds[case["kind"]].append({"text": case["text"], "is": case["sentiment"], "read": _felt(one)})
    rows = [
        {
            "kind": kind,
            "right": asdict(share(sum(one["is"] == one["read"] for one in some), len(some))),
            "wrong": [one for one in some if one["is"] != one["read"]],
        }
        for kind, some in kinds.items()
    ]
    return sorted(rows, key=lambda row: row["right"]["share"])


def hard_themes(pipeline: Pipeline) -> list[dict[str, Any]]:
    """The same for themes: micro F1 of each kind, and the comments whose themes are not just those a person gives, worst first."""
    cases = _cases("hard.yml", "themes")
    names = {theme.id: theme.name for theme in pipeline.taxonomy.themes.values()}
    kinds: defaultdict[str, list[tuple[str, set[str], set[str]]]] = defaultdict(list)
    for case, one in zip(cases, _read(pipeline, cases, "text"), strict=True):
        kinds[case["kind"]].append((case["text"], set(case["themes"]), _themes(one)))
    rows = [
        {
            "kind": kind,
            "themes": asdict(themes_f1((gold, given) for _, gold, given in some)),
            "wrong": [
                {"text": text, "is": sorted(names[t] for t in gold), "read": sorted(names[t] for t in given)}
                for text, gold, given in some
                if gold != given
            ],
        }
        for kind, some in kinds.items()
    ]
    return sorted(rows, key=lambda row: row["themes"]["share"])


def _cases(name: str, part: str = "cases") -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))[part]
    return cases


def _read(pipeline: Pipeline, cases: Sequence[Mapping[str, Any]], field: str) -> list[Analysed]:
    raws = (
        RawComment(text=case[field], id=f"{field}-{n}", question=QUESTIONS[case["asked"]])
        for n, case in enumerate(cases)
    )
    return list(pipeline.analyse(raws))


def _felt(analysed: Analysed) -> str:
    found = analysed.of("sentiment")
    return found[0].label if found else "not read"


def _themes(analysed: Analysed) -> set[str]:
    return {f.label for f in analysed.of("theme")}


def _uneven(lost: int, won: int) -> float:
    from scipy.stats import binomtest

    return float(binomtest(lost, lost + won).pvalue) if lost + won else 1.0
