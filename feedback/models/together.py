"""Which themes a comment has, taken together: how many, and which of them mostly stand alone.

A label's own chance knows nothing of the others. NHS staff give two comments in three just one theme, and general ones, as
"Positive experience & gratitude", seldom where another says what for. So every set of the likeliest labels is weighed as a whole,
and a label's chance is that of all sets which hold it.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

LIKELIEST = 8  # labels of which sets are made; in one validation comment in thirty a further one is right, and keeps its own chance
SETS = np.array(list(product((0.0, 1.0), repeat=LIKELIEST)), np.float32)  # shape (n_sets, LIKELIEST)
_COUNT = SETS.sum(1)
# What is known of a set beside its labels' log-odds: how many there are, none, one, more than two.
SIZES = np.stack([_COUNT, _COUNT == 0, _COUNT == 1, _COUNT > 2], axis=1).astype(np.float32)
SEVERAL = (_COUNT > 1).astype(np.float32)
FACTS = 1 + SIZES.shape[1] + 1


def facts(logits: NDArray[np.float32], company: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The likeliest labels of texts, shape (n, LIKELIEST), and what is known of each of their sets, shape (n, n_sets, FACTS).

    logits: the labels' own log-odds, shape (n, n_labels); company: how much oftener than others a label has company, as the log of a
    ratio, shape (n_labels,).
    """
    likeliest = np.argsort(-logits, axis=1)[:, :LIKELIEST]
    own = np.take_along_axis(logits, likeliest, 1) @ SETS.T
    kept = (company[likeliest] @ SETS.T) * SEVERAL
    sizes = np.broadcast_to(SIZES, (len(logits), *SIZES.shape))
    return likeliest, np.concatenate([own[:, :, None], sizes, kept[:, :, None]], axis=2).astype(np.float32)


def together(
    logits: NDArray[np.float32], company: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The chances of labels of texts, shape (n, n_labels), all sets weighed; `weights`, of shape (FACTS,), are those of `facts`."""
    likeliest, known = facts(logits, company)
    said = known @ weights
    chances = np.exp(said - said.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    own = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    np.put_along_axis(own, likeliest, chances @ SETS, 1)
    return own.astype(np.float32)
