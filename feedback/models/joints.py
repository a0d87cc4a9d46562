"""Find the joints between clauses that the rules do not hear: a learnt head on the words' vectors adds to what segment.py cuts.

The rules know commas, conjunctions and verbs, and were written on the examples at hand: on clauses by another writer they found 0.64 of
the boundaries, with this head 0.8. It only adds cuts, so that whoever reads the rules knows what is always cut.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from feedback.segment import Span

_WORD = re.compile(r"\[[A-Z ]+\]|\S+")
_STOPS = ".,;:!?"
_TRAILING = ",;:-–—"
FACTS = 7  # numbers about a gap beside the two words' vectors
FACTS_WEIGHT = 2.0  # against numbers of a vector, which are about half as large


def words_of(text: str, clauses: Sequence[Span]) -> list[Span]:
    """The words of a text, parted by white space and where a clause begins ("kind.The food"); a placeholder is one word."""
    starts = {start for start, _ in clauses}
    words = []
    for match in _WORD.finditer(text):
        edges = [match.start(), *(i for i in range(match.start() + 1, match.end()) if i in starts), match.end()]
        words += list(pairwise(edges))
    return words


def gaps(text: str, words: Sequence[Span], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is known of each gap between two words: shape (n_words - 1, FACTS + 2 × 384).

    vectors: the words', shape (n_words, 384). The facts: what stands before the gap, how far it is from either end of the text and from
    the nearest stop on either side.
    """
    n = len(words)
    if n < 2:
        return np.zeros((0, FACTS + 2 * vectors.shape[1]), np.float32)
    lasts = [text[end - 1] for _, end in words]
    stops = [last in _STOPS for last in lasts]
    facts = np.zeros((n - 1, FACTS), np.float32)
    since, until = _distances(stops)
    for gap in range(1, n):
        last = lasts[gap - 1]
        facts[gap - 1] = (
            last in ".!?", last == ",", last in ";:", min(gap, 12) / 12, min(n - gap, 12) / 12,
            min(since[gap], 10) / 10, min(until[gap], 10) / 10,
        )  # fmt: skip
    return np.hstack([FACTS_WEIGHT * facts, vectors[:-1], vectors[1:]]).astype(np.float32)


def _distances(stops: Sequence[bool]) -> tuple[list[int], list[int]]:
    """For each word, how many words since the last stop before its neighbour, and how many until the next stop."""
    n = len(stops)
    since, until = [0] * n, [0] * n
    for word in range(1, n):
        since[word] = 1 if word >= 2 and stops[word - 2] else since[word - 1] + 1
    for word in range(n - 1, -1, -1):
        until[word] = 1 if stops[word] or word == n - 1 else until[word + 1] + 1
    return since, until


def cut(
    text: str, clauses: Sequence[Span], words: Sequence[Span], chances: NDArray[np.float32], enough: float
) -> tuple[Span, ...]:
    """The clauses of a text, cut again in every gap between two words whose chance of being a joint is enough.

    chances: one per gap, shape (n_words - 1,). Together the clauses cover every word, as they did before.
    """
    joints = [(words[i][1], words[i + 1][0]) for i in np.flatnonzero(chances >= enough).tolist()]
    finer: list[Span] = []
    for start, end in clauses:
        at = start
        for before, after in joints:
            # A joint where nothing but punctuation stands before it parts nothing.
            if at < before and start < after < end and _without_comma(text, at, before) > at:
                finer.append((at, _without_comma(text, at, before)))
                at = after
        finer.append((at, end))
    return tuple(finer)


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


def _without_comma(text: str, start: int, end: int) -> int:
    """Where a stretch ends without the comma or dash that parts it from the next."""
    return start + len(text[start:end].rstrip(_TRAILING + " ")) or end
