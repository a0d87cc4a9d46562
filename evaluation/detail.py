"""Take the figures apart: each label, each group of comments, each probability, and what the labels themselves are worth.

Every figure stands beside its number of comments and its 95 % interval; all of it is measured on the test part, but the
noise of the labels, which needs no model and is measured on all that NHS staff labelled.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from evaluation.metrics import Bin, expected_calibration_error, hits, reliability, three
from evaluation.models import Held, part_names
from feedback.accuracy.agreement import Rate, f1, micro_f1, share
from feedback.comment import Analysed
from feedback.models.reader import Reading
from feedback.pipeline import Pipeline
from feedback.settings import Settings
from feedback.tag.wording import english
from feedback.taxonomy import Taxonomy
from feedback.training.labelled import Example, text_key

SCALE = {1: "very positive", 2: "positive", 3: "neutral or mixed", 4: "negative", 5: "very negative"}
LENGTHS = ((3, "1 to 3 words"), (10, "4 to 10 words"), (25, "11 to 25 words"), (60, "26 to 60 words"), (10**6, "more"))
SMALLEST = 20  # comments in a group; what is smaller is put together as "other"
CONFUSED = 5  # pairs of themes that are shown
OFTEN = 3  # comments: what happens less often may happen to any two
LONGER = 4  # words; below that nearly everybody means the same
ENOUGH = 20  # comments with a theme: with fewer its calibration cannot be told
SPELT = 5  # words a comment needs before its spelling is judged
SPELLINGS = (f"under {SPELT} words to judge by", "every word known", "up to 10% unknown", "over 10% unknown")
_WORD = re.compile(r"[A-Za-z][A-Za-z]+")
_PLACEHOLDER = re.compile(r"\[[A-Z ]+\]")


def detail(held: Held, examples: Sequence[Example], pipeline: Pipeline) -> dict[str, Any]:
    """Everything of this module, as the report and results.json hold it."""
    readings = _readings(held, pipeline)
    return {
        "labels": labels(held, pipeline.taxonomy),
        "confused": confused(held, pipeline.taxonomy),
        "groups": groups(held),
        "calibration": calibration(held, readings, pipeline),
        "abstention": abstention(held),
        "noise": noise(examples),
    }


# Labels


def labels(held: Held, taxonomy: Taxonomy) -> dict[str, list[dict[str, Any]]]:
    """Precision, recall and F1 of each theme, degree of sentiment, value and objective, the most frequent first."""
    themes = taxonomy.themes
    given = [(set(e.themes or ()), held.themes(e)) for e in held.themed]
    felt = [({e.sentiment}, {held.scale(e)}) for e in held.felt]
    coded = [(set(read), set(found)) for read, found in zip(*held.parts(taxonomy), strict=True)]
    parts = {v.id: v.name for v in taxonomy.values.values()} | {
        o.id: f"{o.id}, {o.title.rstrip('.')}" for o in taxonomy.objectives.values()
    }
    return {
        "themes": _per_label(given, {theme.id: theme.name for theme in themes.values() if not theme.contentless}),
        "sentiment": _per_label(felt, SCALE),
        "codes": _per_label(coded, parts),
    }


def _per_label(pairs: Sequence[tuple[set[Any], set[Any]]], names: Mapping[Any, str]) -> list[dict[str, Any]]:
    rows = []
    for label, name in names.items():
        right, wanted, found = hits(pairs, label)
        if wanted or found:
            rows.append(
                {
                    "label": name,
                    "support": wanted,
                    "given": found,
                    "precision": asdict(share(right, found)) if found else None,
                    "recall": asdict(share(right, wanted)) if wanted else None,
                    "f1": asdict(f1(right, wanted + found - right)),
                }
            )
    return sorted(rows, key=lambda row: -row["support"])


def confused(held: Held, taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """The pairs of themes that are most often taken for one another: one missed in a comment to which the other is wrongly given."""
    pairs: Counter[tuple[str, str]] = Counter()
    for e in held.themed:
        gold, given = set(e.themes or ()), held.themes(e)
        pairs.update((missed, wrong) for missed in gold - given for wrong in given - gold)
    names = {theme.id: theme.name for theme in taxonomy.themes.values()}
    return [
        {"missed": names[missed], "given": names[wrong], "n": n}
        for (missed, wrong), n in pairs.most_common(CONFUSED)
        if n >= OFTEN
    ]


# Groups


def groups(held: Held) -> dict[str, list[dict[str, Any]]]:
    """The main figures for comments of each kind of service, question, respondent, length and spelling."""
    asked = {"what_good": "what was good", "could_improve": "what to improve", "nonspecific": "open"}
    return {
        "service": _by(held, lambda e: e.service_type.replace("  ", " ").strip() or "not stated"),
        "question": _by(held, lambda e: asked[e.kind]),
        "respondent, as this system tells": _by(held, lambda e: _respondent(held.analysed[e.id])),
        "length": _by(held, lambda e: length_band(e.text), order=[name for _, name in LENGTHS]),
        "spelling": _by(held, lambda e: spelling_band(e.text), order=SPELLINGS),
    }


def _respondent(analysed: Analysed) -> str:
    found = analysed.of("respondent")
    return found[0].label if found else "not read"


def _by(held: Held, group: Callable[[Example], str], order: Sequence[str] = ()) -> list[dict[str, Any]]:
    sizes = Counter(group(e) for e in held.themed)
    small = {name for name, n in sizes.items() if n < SMALLEST and not order}
    members: defaultdict[str, list[Example]] = defaultdict(list)
    for e in held.themed:
        members["other" if group(e) in small else group(e)].append(e)
    names = sorted(
        members, key=lambda name: (name == "other", order.index(name) if name in order else -len(members[name]))
    )
    return [{"group": name, **_main(held, members[name])} for name in names]


def _main(held: Held, rows: Sequence[Example]) -> dict[str, Any]:
    felt = [(e.sentiment or 0, held.scale(e)) for e in rows if e.sentiment is not None]
    return {
        "comments": len(rows),
        "themes": asdict(themes_f1([(e.themes or frozenset(), held.themes(e)) for e in rows])),
        "five_point": asdict(share(sum(a == b for a, b in felt), len(felt))) if felt else None,
        "three_point": asdict(share(sum(bool(three(a) == three(b)) for a, b in felt), len(felt))) if felt else None,
    }


def themes_f1(pairs: Iterable[tuple[set[str] | frozenset[str], set[str] | frozenset[str]]]) -> Rate:
    """Micro F1 over themes of gold and given sets, with its interval."""
    listed = list(pairs)
    return micro_f1([len(a & b) for a, b in listed], [(len(a) + len(b)) / 2 for a, b in listed])


def length_band(text: str) -> str:
    """The band of LENGTHS that a text falls in."""
    n = len(text.split())
    return next(name for most, name in LENGTHS if n <= most)


def spelling_band(text: str) -> str:
    """How many of a text's words English does not know; words with a capital are left out, since they may be names.

    >>> spelling_band("The nurse was very kind to me"), spelling_band("the nerse was verry kind to me")
    ('every word known', 'over 10% unknown')
    """
    words = [w for w in _WORD.findall(_PLACEHOLDER.sub(" ", text)) if w == w.lower()]
    if len(words) < SPELT:
        return SPELLINGS[0]
    unknown = sum(w not in _known() for w in words) / len(words)
    return SPELLINGS[1 + (unknown > 0) + (unknown > 0.1)]


@lru_cache
def _known() -> frozenset[str]:
    british = (Settings().data / "names" / "words.txt").read_text(encoding="utf-8").splitlines()
    return english() | {line.removesuffix(" *").strip() for line in british}


# Probabilities


def _readings(held: Held, pipeline: Pipeline) -> dict[str, Reading]:
    """What the reader says of each comment of the test that the pipeline reads, by id."""
    read = [e for e in held.test if held.analysed[e.id].of("clause")]
    comments = [held.analysed[e.id] for e in read]
    readings = pipeline.reader.read(
        [one.comment.text for one in comments],
        [one.comment.question_kind for one in comments],
        [[(f.start, f.end) for f in one.of("clause")] for one in comments],
    )
    return {e.id: reading for e, reading in zip(read, readings, strict=True)}


def calibration(held: Held, readings: Mapping[str, Reading], pipeline: Pipeline) -> dict[str, Any]:
    """For each head, whether what it says happens so often: bins of ten, and the expected calibration error.

    themes and codes: every label of every comment; sentiment: the surest of the five degrees. `labels` has the error of each theme
    on at least ENOUGH comments, with how many the chances add up to and how many there were.
    """
    reader = pipeline.reader
    themed = [e for e in held.themed if e.id in readings]
    felt = [e for e in held.felt if e.id in readings]
    coded = [e for e in held.coded if e.id in readings]
    names = {part: code for code, part in part_names(pipeline.taxonomy).items()}
    signs = np.array([readings[e.id].codes[0] for e in coded])
    surest = np.array([readings[e.id].scale for e in felt])
    heads = {
        "themes": (
            np.array([readings[e.id].themes[0] for e in themed]),
            np.array([[theme in (e.themes or ()) for theme in reader.themes] for e in themed]),
        ),
        "sentiment": (surest.max(1), surest.argmax(1) + 1 == np.array([e.sentiment for e in felt])),
        "codes": (
            1 - (1 - signs[:, :, 0]) * (1 - signs[:, :, 1]),
            np.array([[names[code] in (e.codes or {}) for code in reader.codes] for e in coded]),
        ),
    }
    named = {theme.id: theme.name for theme in pipeline.taxonomy.themes.values()}
    said, happened = heads["themes"]
    return {
        **{
            head: _calibrated(reliability(said.reshape(-1).astype(float), happened.reshape(-1)))
            for head, (said, happened) in heads.items()
        },
        "labels": [
            {
                "label": named[theme],
                "expected": float(said[:, i].sum()),
                "right": int(happened[:, i].sum()),
                "error": expected_calibration_error(reliability(said[:, i].astype(float), happened[:, i])),
            }
            for i, theme in sorted(enumerate(reader.themes), key=lambda pair: -happened[:, pair[0]].sum())
            if happened[:, i].sum() >= ENOUGH
        ],
    }


def _calibrated(bins: Sequence[Bin]) -> dict[str, Any]:
    sure = [one for one in bins if one.start >= 0.1]
    return {
        "error": expected_calibration_error(bins),
        # Most labels are plainly absent from most comments, which flatters the figure above.
        "error_from_a_tenth": expected_calibration_error(sure),
        "bins": [asdict(one) for one in bins],
    }


def abstention(held: Held) -> dict[str, Any]:
    """How often no theme is given to a comment that says something, and what NHS staff gave those."""
    silent = [e for e in held.themed if not held.themes(e)]
    return {
        "none_given": asdict(share(len(silent), len(held.themed))),
        "rightly": sum(not e.themes for e in silent),
        "nhs_none": sum(not e.themes for e in held.themed),
        "not_read": sum(not held.analysed[e.id].of("clause") for e in held.themed),
    }


# Noise


def noise(examples: Sequence[Example]) -> dict[str, Any]:
    """How far NHS staff agree where the same words in answer to the same kind of question were labelled more than once.

    Each such text counts once, however often it came. `most_exact`: the share of just the same themes that the best
    possible reader could reach on them, one who gives each text the set it was given most often.
    """
    same: defaultdict[tuple[str, str], list[Example]] = defaultdict(list)
    for e in examples:
        if e.nhs_themes and not e.contentless and text_key(e.text):
            same[text_key(e.text), e.kind].append(e)
    repeated = [rows for rows in same.values() if len(rows) > 1]
    pairs = [list(combinations(rows, 2)) for rows in repeated]
    felt = [[(a, b) for a, b in some if a.sentiment and b.sentiment] for some in pairs]
    felt = [some for some in felt if some]
    longer = [some for some in pairs if len(some[0][0].text.split()) >= LONGER]
    return {
        "texts": len(repeated),
        "rows": sum(map(len, repeated)),
        "exact": _mean_of(pairs, lambda a, b: a.themes == b.themes),
        "longer_texts": len(longer),
        "exact_longer": _mean_of(longer, lambda a, b: a.themes == b.themes) if longer else None,
        "themes": asdict(
            micro_f1(
                [float(np.mean([len((a.themes or set()) & (b.themes or set())) for a, b in some])) for some in pairs],
                [float(np.mean([(len(a.themes or ()) + len(b.themes or ())) / 2 for a, b in some])) for some in pairs],
            )
        ),
        "five_point": _mean_of(felt, lambda a, b: a.sentiment == b.sentiment),
        "three_point": _mean_of(felt, lambda a, b: three(a.sentiment or 3) == three(b.sentiment or 3)),
        "most_exact": float(np.mean([max(Counter(e.themes for e in rows).values()) / len(rows) for rows in repeated])),
    }


def _mean_of(
    texts: Sequence[Sequence[tuple[Example, Example]]], same: Callable[[Example, Example], bool]
) -> dict[str, float]:
    """The mean over texts of the share of pairs for which something is the same, with a seeded percentile interval."""
    each = [float(np.mean([same(a, b) for a, b in some])) for some in texts]
    return asdict(micro_f1(each, [1.0] * len(each)))
