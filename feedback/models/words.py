"""Texts as hashed words, pairs of words and pieces of words: what linear models read beside the networks. No word is kept in any weights."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[\w&£]+")
WORD_COLUMNS, PIECE_COLUMNS = 2**14, 2**15
COLUMNS = WORD_COLUMNS + PIECE_COLUMNS


def hashed(text: str, asked: str = "") -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Which columns below COLUMNS are not 0 for a text, and their values, both of shape (n_found,).

    Words (each also together with what was `asked`, where that is given) and pairs of them, and pieces of words, are each scaled to length 1.
    Hashed by hand: scikit-learn's vectorizer more than doubles the time of one comment, and is not needed to run.
    """
    words = WORD.findall(lowered(text)[0])
    grams = [*words, *(f"{a} {b}" for a, b in pairwise(words))]
    if asked:
        grams += [f"{asked}|{word}" for word in words]
    pieces = [piece for word in words for piece in _pieces(word)]
    found = _counted(grams, WORD_COLUMNS, 0) | _counted(pieces, PIECE_COLUMNS, WORD_COLUMNS)
    return np.fromiter(found.keys(), dtype=np.int64), np.fromiter(found.values(), dtype=np.float32)


def as_matrix(found: Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]], width: int = COLUMNS) -> Any:
    """What `hashed` says of texts as a sparse matrix, shape (n_texts, width), for scikit-learn."""
    from scipy.sparse import csr_matrix

    columns, values = (np.concatenate(some) for some in zip(*found, strict=True))
    ends = np.cumsum([0, *(len(own) for own, _ in found)])
    return csr_matrix((values, columns, ends), shape=(len(found), width))


def lowered(text: str) -> tuple[str, list[int]]:
    """Lower case without apostrophes, and for every place in it the place in `text`."""
    kept = [i for i, c in enumerate(text) if c not in "'’‘`"]
    return "".join(text[i].lower()[:1] for i in kept), kept


@lru_cache(maxsize=20_000)
def _pieces(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(padded[i : i + n] for n in (3, 4, 5) for i in range(max(1, len(padded) - n + 1)))


def _counted(grams: Sequence[str], size: int, offset: int) -> dict[int, float]:
    counts = Counter(crc32(gram.encode()) % size for gram in grams)
    length = sqrt(sum(n * n for n in counts.values()))
    return {offset + column: n / length for column, n in counts.items()}
