"""How a comment feels as a whole, from what the network says of the whole and of its clauses.

Read as a whole, a comment that praises the nurse and blames the wait is mostly taken for one or the other. What its clauses say, how
much of the comment says it, and how long the comment is, tell those that people call neither good nor poor.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DEGREES = 5
# What is known beside the log-chances of the whole's five degrees: the surest good and bad clause, the less sure of the two, the shares of
# the words that are good, neither and bad, and how many characters the clauses have (as a log).
FACTS = DEGREES + 7
LEAST = 1e-4  # chance; what is less likely is as good as impossible
NO_CLAUSE = np.array([[0.0, 1.0, 0.0]], np.float32)


def facts(
    scale: NDArray[np.float32], feelings: NDArray[np.float32], clauses: Sequence[tuple[int, int]]
) -> NDArray[np.float32]:
    """What is known of a text, shape (FACTS,): `scale` are the chances of the five degrees, (5,), `feelings` those of its clauses, (n_clauses, 3)."""
    sizes = np.array([end - start for start, end in clauses] or [1], np.float32)
    of_clauses = feelings if len(feelings) else NO_CLAUSE
    good, _, bad = of_clauses.max(0)
    shares = sizes @ of_clauses / sizes.sum()
    return np.array([*np.log(scale + LEAST), good, bad, min(good, bad), *shares, np.log(sizes.sum())], np.float32)


def felt(known: NDArray[np.float32], weight: NDArray[np.float32], bias: NDArray[np.float32]) -> NDArray[np.float32]:
    """The chances of the five degrees, shape (n_texts, 5), from the facts of texts, (n_texts, FACTS); weight: (5, FACTS), bias: (5,)."""
    said = known @ weight.T + bias
    chances = np.exp(said - said.max(1, keepdims=True, initial=-np.inf))
    return (chances / chances.sum(1, keepdims=True)).astype(np.float32)


def as_a_whole() -> dict[str, NDArray[np.float32]]:
    """The weights under which the whole's own chances stand as they are."""
    return {"felt.weight": np.eye(DEGREES, FACTS, dtype=np.float32), "felt.bias": np.zeros(DEGREES, np.float32)}
