"""What the reader should say of each labelled comment and of each of its clauses, as numbers to train towards.

Rows with the same words and question are folded into one with their labels averaged: people who read the same words disagree one
time in three, and a fold says so. So do the teachers, models that have not seen a row: the reader learns half from the label and
half from what they make of it. Clauses that nobody read are labelled by the teachers alone, and count for less.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback.models.encode import Span
from feedback.models.joints import facts, words_of
from feedback.models.reader import three
from feedback.segment import segment
from feedback.training.clauses import FEELINGS, Clause, Read
from feedback.training.labelled import CODES, Example

SIGNS = ("+", "-")
CRITICALITIES = tuple(range(-5, 6))
# Labels made by reading with the framework agree with the NHS's own at micro F1 0.77: they count for less.
READ_THEMES_WEIGHT = 0.6
TAUGHT = 0.4  # the teachers' share in what a labelled comment's themes, sentiment and codes should be
# Weights of a clause that somebody read, one whose comment is that clause, and one that only the teachers read.
READ_CLAUSE, TAUGHT_CLAUSE = 1.5, 0.3
READ_CLAUSE_THEMES = 1.0
ONE_FEELING = 0.5  # of the whole of an invented comment whose clauses feel the same
READ_WHOLE = 1.0  # of all of one that was read by the codebook
# How strongly nobody said: as NHS staff spread such comments over the five points.
FIVE_POINT = {"+": (0.6, 0.4, 0, 0, 0), "0": (0, 0, 1, 0, 0), "-": (0, 0, 0.05, 0.8, 0.15)}
# How far a scale that one person gave speaks for its neighbours: of two who read the same comment one in four gives another.
ON_THE_SCALE = {
    1: (0.65, 0.35, 0, 0, 0),  # writers who saw no comments of NHS staff's tell these two apart by guess
    2: (0.45, 0.5, 0.05, 0, 0),
    3: (0, 0.1, 0.8, 0.1, 0),
    4: (0, 0, 0.1, 0.75, 0.15),
    5: (0, 0, 0, 0.25, 0.75),
}
READ_OF_THEMES = 0.75  # a reader's share in the themes of a clause, beside the teachers'

Floats = NDArray[np.float32]
Logits = Mapping[str, Floats]  # head: log-odds or logits, shape (n, width)


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where a text that somebody cut has its joints: its words, and of each gap between two what is known (`facts`) and whether it is one."""

    words: tuple[Span, ...]
    facts: Floats
    joints: Floats


@dataclass(frozen=True, slots=True)
class Parts:
    """A text's clauses: their spans and targets (feelings (n, 3), themes (n, n_themes), codes (n, 20)), with weights of shape (n,)."""

    spans: tuple[Span, ...]
    values: dict[str, Floats]
    weights: dict[str, Floats]
    cuts: Cuts | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """What the folded examples should yield: each head's target of shape (n, width) and its weight of shape (n,), 0 = not labelled."""

    texts: list[str] = field(repr=False)
    kinds: list[Any]
    values: dict[str, Floats]
    weights: dict[str, Floats]
    parts: list[Parts] | None = None

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Which rows anybody labelled in any way, shape (n,)."""
        return np.any([w > 0 for w in self.weights.values()], axis=0)

    def rows(self, chosen: Sequence[int]) -> "Targets":
        """Only some of the rows, without clauses."""
        return Targets(
            [self.texts[i] for i in chosen],
            [self.kinds[i] for i in chosen],
            {head: v[chosen] for head, v in self.values.items()},
            {head: w[chosen] for head, w in self.weights.items()},
        )


def fold(examples: list[Example], theme_ids: list[str], subcategories: list[str], widths: dict[str, int]) -> Targets:
    """Average the labels of examples with the same words and question; the weight of a fold grows with the root of its size."""
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        groups[(example.text.lower(), example.kind)].append(example)
    n = len(groups)
    values = {head: np.zeros((n, width), np.float32) for head, width in widths.items()}
    totals = {head: np.zeros(n, np.float32) for head in widths}
    column = {theme: i for i, theme in enumerate(theme_ids)}

    def add(head: str, row: int, columns: list[int], weight: float = 1.0) -> None:
        values[head][row, columns] += weight
        totals[head][row] += weight

    for row, members in enumerate(groups.values()):
        for e in members:
            if e.themes is not None:
                weight = 1.0 if e.nhs_themes else READ_THEMES_WEIGHT
                add("themes", row, [column[t] for t in e.themes], weight)
            if e.sentiment is not None:
                add("sentiment", row, [e.sentiment - 1])
            if e.codes is not None:
                add("codes", row, np.flatnonzero(signs_of(e.codes)).tolist())
            if e.subcategory is not None:
                add("subcategory", row, [subcategories.index(e.subcategory)])
            if e.criticality is not None:
                add("criticality", row, [CRITICALITIES.index(e.criticality)])
    for head in widths:
        values[head] /= np.maximum(totals[head], 1e-9)[:, None]
    firsts = [members[0] for members in groups.values()]
    return Targets(
        [e.text for e in firsts], [e.kind for e in firsts], values, {h: np.sqrt(t) for h, t in totals.items()}
    )


def signs_of(codes: Mapping[str, str]) -> Floats:
    """A comment's codes as a row: for each code whether it is given as upheld and as breached, shape (2 × n_codes,)."""
    return np.array([codes.get(c) in (sign, "~") for c in CODES for sign in SIGNS], np.float32)


def taught(learn: Targets, teachers: Logits, lift: Mapping[str, Floats]) -> Targets:
    """The targets with the teachers' share in them; `teachers` are their logits for each row, from a model that has not seen it.

    lift: how much a head's positives counted for in the teachers' training, shape (width,), which their odds are freed of.
    """
    values, weights = dict(learn.values), dict(learn.weights)
    for head, soft in (
        ("themes", _odds(teachers["themes"], lift["themes"])),
        ("sentiment", _softmax(teachers["sentiment"])),
        ("codes", _odds(teachers["codes"], lift["codes"])),
    ):
        labelled = learn.weights[head] > 0
        share = np.where(labelled, TAUGHT, 1.0)[:, None]
        values[head] = ((1 - share) * learn.values[head] + share * soft).astype(np.float32)
        weights[head] = np.where(labelled, learn.weights[head], TAUGHT).astype(np.float32)
    return replace(learn, values=values, weights=weights)


def spans_of(texts: Sequence[str], read: Sequence[tuple[Clause, ...] | None]) -> list[tuple[Span, ...]]:
    """The clauses of each text: as somebody who read it cut it, else as the rules do (which may have changed since it was read)."""
    return [
        tuple((c.start, c.end) for c in clauses) if clauses else tuple(segment(text))
        for text, clauses in zip(texts, read, strict=True)
    ]


def with_parts(
    learn: Targets, spans: Sequence[tuple[Span, ...]], read: Sequence[tuple[Clause, ...] | None], alone: Sequence[Logits],
    lift: Mapping[str, Floats], theme_ids: list[str],
) -> Targets:  # fmt: skip
    """The targets with each text's clauses, which stand at `spans`; `read` are those that somebody read.

    alone: the teachers' logits for each clause of each text, read as a text of its own.
    """
    column = {theme: i for i, theme in enumerate(theme_ids)}
    parts = []
    for row, (own, clauses) in enumerate(zip(spans, read, strict=True)):
        values, weights = _unread(learn, row, len(own), alone[row], lift)
        if clauses:
            themes = np.zeros_like(values["themes"])
            for i, clause in enumerate(clauses):
                themes[i, [column[t] for t in clause.themes]] = 1
            values["feelings"] = _feelings(clauses)
            values["themes"] = READ_OF_THEMES * themes + (1 - READ_OF_THEMES) * values["themes"]
            weights["feelings"][:], weights["themes"][:] = READ_CLAUSE, READ_CLAUSE_THEMES
        parts.append(Parts(own, values, weights))
    return replace(learn, parts=parts)


def cuts_of(one: Read) -> Cuts:
    """Where somebody cut an invented comment."""
    rules = segment(one.text)
    words = words_of(one.text, rules)
    begins = [clause.start for clause in one.clauses[1:]]
    joints = [any(before[1] <= start <= after[0] for start in begins) for before, after in pairwise(words)]
    return Cuts(tuple(words), facts(one.text, words, rules), np.array(joints, np.float32))


def with_invented(learn: Targets, invented: Sequence[Read], theme_ids: list[str]) -> Targets:
    """The targets with invented comments after them: they teach the clauses, the joints, and how a comment of one feeling feels.

    Those read by the codebook teach the comment's themes and codes as well, and where they are one clause, that clause's codes.
    """
    column = {theme: i for i, theme in enumerate(theme_ids)}
    n = len(invented)
    parts = list(learn.parts or ())
    for one in invented:
        themes = np.zeros((len(one.clauses), len(theme_ids)), np.float32)
        for i, clause in enumerate(one.clauses):
            themes[i, [column[t] for t in clause.themes]] = 1
        full = np.ones(len(one.clauses), np.float32)
        codes = np.tile(signs_of(one.codes or {}), (len(one.clauses), 1))
        coded = READ_WHOLE if one.codes is not None and len(one.clauses) == 1 else 0.0
        parts.append(
            Parts(
                tuple((c.start, c.end) for c in one.clauses),
                {"feelings": _feelings(one.clauses), "themes": themes, "codes": codes},
                {"feelings": READ_CLAUSE * full, "themes": READ_OF_THEMES * full, "codes": coded * full},
                cuts_of(one),
            )
        )
    values = {h: np.vstack([v, np.zeros((n, v.shape[1]), np.float32)]) for h, v in learn.values.items()}
    weights = {h: np.concatenate([w, np.zeros(n, np.float32)]) for h, w in learn.weights.items()}
    for row, one in enumerate(invented, start=len(learn.texts)):
        feelings = {clause.feeling for clause in one.clauses}
        if one.scale is not None:
            values["sentiment"][row], weights["sentiment"][row] = ON_THE_SCALE[one.scale], READ_WHOLE
        elif len(feelings) == 1:
            values["sentiment"][row] = FIVE_POINT[feelings.pop()]
            weights["sentiment"][row] = READ_WHOLE if one.codes is not None else ONE_FEELING
        if one.codes is not None:
            spoken_of = [column[t] for clause in one.clauses for t in clause.themes]
            values["themes"][row, spoken_of], weights["themes"][row] = 1, READ_THEMES_WEIGHT
            values["codes"][row], weights["codes"][row] = signs_of(one.codes), READ_WHOLE
    return Targets(
        [*learn.texts, *(one.text for one in invented)],
        [*learn.kinds, *(one.kind for one in invented)],
        values,
        weights,
        parts,
    )


def _unread(
    learn: Targets, row: int, n: int, alone: Logits, lift: Mapping[str, Floats]
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Targets and weights of clauses that nobody read: the comment's own where it is one clause, else the teachers'."""
    if n == 1:
        own = ("sentiment", "themes", "codes")
        values = {head: learn.values[head][row : row + 1].copy() for head in own}
        weights = {head: np.minimum(learn.weights[head][row : row + 1], 1).astype(np.float32) for head in own}
    else:
        values = {
            "sentiment": _softmax(alone["sentiment"]),
            "themes": _odds(alone["themes"], lift["themes"]),
            "codes": _odds(alone["codes"], lift["codes"]),
        }
        weights = {head: np.full(n, TAUGHT_CLAUSE, np.float32) for head in values}
    values["feelings"] = three(values.pop("sentiment"))
    weights["feelings"] = weights.pop("sentiment")
    return values, weights


def _feelings(clauses: Sequence[Clause]) -> Floats:
    return np.array([[clause.feeling == f for f in FEELINGS] for clause in clauses], np.float32).reshape(-1, 3)


def _odds(logits: Floats, lift: Floats) -> Floats:
    """Probabilities from logits that were trained with positives counted `lift` times."""
    return (1 / (1 + lift * np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32)
