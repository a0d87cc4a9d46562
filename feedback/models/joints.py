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
ALIKE = 0.6  # the share of what either of two clauses covers from which they are the same
POSSIBLE, SURE = 0.04, 0.98  # the chance from which a gap may be a joint, and from which it is one
MOST_PLACES = 40  # weighed at a time: the cost grows with their number to the fourth power
COST = 0.3  # of a clause: without it the words between two likely joints were clauses of their own ("and")
UNLIKELY = 0.01  # a clause less likely counts for nothing
_PAIRS = {
    n: np.triu_indices(n, 1) for n in range(2, MOST_PLACES + 2)
}  # of places: every stretch between two, by its first


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
    """What is known of each gap, with the two words on either side of it: shape (n_words - 1, FACTS + 4 × 384); vectors: the words', (n_words, 384).

    The nearer words stand first; beyond either end of the text there is nought.
    """
    nothing = np.zeros_like(vectors[:1])
    farther = np.vstack([nothing, vectors[:-2]]), np.vstack([vectors[2:], nothing])
    return np.hstack([facts, vectors[:-1], vectors[1:], *(f[: len(facts)] for f in farther)]).astype(np.float32)


def joint_odds(
    weight: NDArray[np.float32], bias: NDArray[np.float32], facts: NDArray[np.float32], vectors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The log-odds of each gap to be a joint, shape (n_words - 1,): a linear head (1, FACTS + 4 × 384) on `gaps`, without setting them side by side."""
    said = vectors @ weight[0, FACTS:].reshape(4, -1).T
    odds = facts @ weight[0, :FACTS] + said[:-1, 0] + said[1:, 1] + bias
    odds[1:] += said[:-2, 2]
    odds[:-1] += said[2:, 3]
    return odds


def _distances(stops: Sequence[bool]) -> tuple[list[int], list[int]]:
    """For each word, how many words since the last stop before its neighbour, and how many until the next stop."""
    n = len(stops)
    since, until = [0] * n, [0] * n
    for word in range(1, n):
        since[word] = 1 if word >= 2 and stops[word - 2] else since[word - 1] + 1
    for word in range(n - 1, -1, -1):
        until[word] = 1 if stops[word] or word == n - 1 else until[word + 1] + 1
    return since, until


def likeliest(words: Sequence[Span], chances: NDArray[np.float32]) -> list[int]:
    """Where to cut: the numbers of the words that begin a clause, and how many words there are.

    Of all ways to cut, the one of whose clauses most are to be expected to be a person's, or nearly: a clause that shares `ALIKE` of what
    either covers with one that somebody would have cut counts as many clauses as that one is likely. A gap that is hardly a joint is none, so
    that a list of three likely joints is cut and one doubtful joint beside a sure one is not.
    """
    places = [0, *(np.flatnonzero(chances > POSSIBLE) + 1).tolist(), len(words)]
    joints = [1.0, *chances[chances > POSSIBLE].tolist(), 1.0]
    edges, begin = [0], 0
    for place in range(1, len(places)):
        if joints[place] > SURE or place - begin == MOST_PLACES or place == len(places) - 1:
            within = slice(begin, place + 1)
            edges += _best_edges(words, places[within], joints[within])
            begin = place
    return edges


def _best_edges(words: Sequence[Span], places: Sequence[int], joints: Sequence[float]) -> list[int]:
    """The best of the ways to cut between the first and the last of some places, which are cut: the edges after the first."""
    n = len(places)
    if n == 2:
        return [places[1]]
    first, last = _PAIRS[n]
    start = np.array([words[i][0] for i in places[:-1]])[first]
    end = np.array([words[i - 1][1] for i in places[1:]])[last - 1]
    chance = np.array(joints)
    uncut = np.concatenate([[0.0], np.cumsum(np.log1p(-chance[1:-1]))])  # the log chance that no joint stands before
    clause = np.exp(uncut[last - 1] - uncut[first])
    clause *= np.where(first > 0, chance[first], 1) * np.where(last < n - 1, chance[last], 1)
    likely = np.flatnonzero(clause > UNLIKELY)
    shared = np.minimum(end[:, None], end[likely]) - np.maximum(start[:, None], start[likely])
    either = np.maximum(end[:, None], end[likely]) - np.minimum(start[:, None], start[likely])
    worth = ((shared >= ALIKE * either) @ clause[likely] - COST).tolist()
    best, before = [0.0] + [-float(n)] * (n - 1), [0] * n
    for i, j, more in zip(first.tolist(), last.tolist(), worth, strict=True):
        if best[i] + more > best[j]:
            best[j], before[j] = best[i] + more, i
    edges, at = [], n - 1
    while at:
        edges.append(places[at])
        at = before[at]
    return edges[::-1]


def cut(text: str, words: Sequence[Span], chances: NDArray[np.float32]) -> tuple[Span, ...]:
    """The clauses of a text, cut where it is likeliest that a person would; they cover every word.

    chances: one per gap, shape (n_words - 1,). The comma or dash at a joint belongs to neither side.
    """
    clauses: list[Span] = []
    for first, after in pairwise(likeliest(words, chances)):
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
