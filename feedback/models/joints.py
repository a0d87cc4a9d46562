"""Find the joints between clauses: a learnt head hears them in the words' vectors, and what the rules of segment.py say is one of its facts.

The rules know commas, conjunctions and verbs, and were written on the examples at hand: on clauses by other writers they found 0.6 of the
boundaries.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from feedback.segment import Span, trimmed

_WORD = re.compile(r"\[[A-Z ]+\]|\S+")
_STOPS = ".,;:!?"
FACTS = 8  # numbers about a gap beside the two words' vectors
FACTS_WEIGHT = 2.0  # against numbers of a vector, which are about half as large
ALONE = 0.5  # what one-word clauses must at least be: as likely as not


def words_of(text: str, clauses: Sequence[Span]) -> list[Span]:
    """The words of a text, parted by white space and where a clause begins ("kind.The food"); a placeholder is one word."""
    starts = {start for start, _ in clauses}
    words = []
    for match in _WORD.finditer(text):
        edges = [match.start(), *(i for i in range(match.start() + 1, match.end()) if i in starts), match.end()]
        words += list(pairwise(edges))
    return words


def facts(text: str, words: Sequence[Span], clauses: Sequence[Span]) -> NDArray[np.float32]:
    """What is known of each gap between two words but for the words themselves: shape (n_words - 1, FACTS).

    What stands before the gap, how far it is from either end of the text and from the nearest stop on either side, and whether the rules
    cut there.
    """
    n = len(words)
    known = np.zeros((max(0, n - 1), FACTS), np.float32)
    lasts = [text[end - 1] for _, end in words]
    since, until = _distances([last in _STOPS for last in lasts])
    starts = [start for start, _ in clauses]
    for gap in range(1, n):
        last = lasts[gap - 1]
        at = bisect_right(starts, words[gap - 1][0])  # the next clause of the rules begins at or before the next word
        known[gap - 1] = (
            last in ".!?", last == ",", last in ";:", min(gap, 12) / 12, min(n - gap, 12) / 12,
            min(since[gap], 10) / 10, min(until[gap], 10) / 10, at < len(starts) and starts[at] < words[gap][1],
        )  # fmt: skip
    return FACTS_WEIGHT * known


def gaps(facts: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is known of each gap, with the words on either side of it: shape (n_words - 1, FACTS + 2 × 384); vectors: the words', (n_words, 384)."""
    return np.hstack([facts, vectors[:-1], vectors[1:]]).astype(np.float32)


def _distances(stops: Sequence[bool]) -> tuple[list[int], list[int]]:
    """For each word, how many words since the last stop before its neighbour, and how many until the next stop."""
    n = len(stops)
    since, until = [0] * n, [0] * n
    for word in range(1, n):
        since[word] = 1 if word >= 2 and stops[word - 2] else since[word - 1] + 1
    for word in range(n - 1, -1, -1):
        until[word] = 1 if stops[word] or word == n - 1 else until[word + 1] + 1
    return since, until


def believed(chances: NDArray[np.float32], enough: float) -> NDArray[np.bool_]:
    """Which gaps are joints: those whose chance is enough; the least likely first, one that would leave a word by itself must be likelier than not."""
    joints = chances >= enough
    for gap in np.argsort(chances).tolist():
        alone = joints[gap - 1] if gap else True
        alone |= joints[gap + 1] if gap + 1 < len(joints) else True
        if joints[gap] and alone and chances[gap] < ALONE:
            joints[gap] = False
    return joints


def cut(text: str, words: Sequence[Span], chances: NDArray[np.float32], enough: float) -> tuple[Span, ...]:
    """The clauses of a text, cut in every gap between two words that is believed to be a joint; they cover every word.

    chances: one per gap, shape (n_words - 1,). The comma or dash at a joint belongs to neither side.
    """
    edges = [0, *(int(i) + 1 for i in np.flatnonzero(believed(chances, enough))), len(words)]
    clauses: list[Span] = []
    for first, after in pairwise(edges):
        if first == after:
            continue
        start, end = trimmed(text, words[first][0], words[after - 1][1])
        if any(c.isalnum() for c in text[start:end]) or (start < end and not clauses):
            clauses.append((start, end))
        elif start < end:  # a lone emoji or closing bracket belongs to what it follows
            clauses[-1] = (clauses[-1][0], end)
    return tuple(clauses)


def pooled(
    clauses: Sequence[Span], words: Sequence[Span], vectors: NDArray[np.float32], sizes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The mean vector of each clause's word pieces, shape (n_clauses, 384), from its words' and of how many pieces each is the mean."""
    rows = np.zeros((len(clauses), vectors.shape[1]), np.float32)
    for row, (start, end) in enumerate(clauses):
        inside = [i for i, (a, b) in enumerate(words) if a < end and start < b]
        weight = sizes[inside][:, None]
        rows[row] = (vectors[inside] * weight).sum(0) / max(1.0, float(weight.sum()))
    return rows
