"""Turn clauses into the vectors in which topics are sought: each clause read by itself, by two of our encoders side by side.

The reader's encoder has learnt what themes and feelings are, so in its vectors alone two subjects of one theme lie close together;
the guard's has learnt neither and keeps more of the words. On an invented batch the two together found subjects that no theme
names better than any of our encoders alone (docs/topics.md). A clause is read without its neighbours: beside "the nurses were
lovely" a vending machine sounds a little like a nurse.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feedback.models.artefact import open_artefact
from feedback.models.encode import WIDTH, Encoder

MODELS = ("reader", "guard")
WEIGHTS = (1.0, 0.5)  # of the two: as heavy as the first, the second begins to part subjects by their wording
DIMENSIONS = WIDTH * len(MODELS)
BLOCK = 512  # clauses between two words of progress

Vectors = NDArray[np.float32]
Progress = Callable[[int, int | None], None]


class ClauseEncoder:
    """The encoders; `name` says which, with their versions: vectors of others cannot be compared."""

    def __init__(self, models: Path) -> None:
        """Load the encoders; raises BadModel where one is missing or damaged."""
        artefacts = [open_artefact(models / name) for name in MODELS]
        self.name = " + ".join(artefact.name for artefact in artefacts)
        self.themes: tuple[str, ...] = tuple(artefacts[0].manifest["labels"]["themes"])
        heads = artefacts[0].arrays("heads.safetensors")
        self._theme_weights, self._theme_biases = heads["clause_themes.weight"], heads["clause_themes.bias"]
        self._encoders = [Encoder(a.path("encoder.onnx"), a.path("tokenizer.json")) for a in artefacts]

    def encode(self, clauses: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The vectors of clauses as they come, shape (n_clauses, 768), in order; to be compared they are set against a centre."""
        order = sorted(
            range(len(clauses)), key=lambda i: len(clauses[i])
        )  # alike in length in each block: less padding
        found = np.zeros((len(clauses), DIMENSIONS), np.float32)
        for at in range(0, len(order), BLOCK):
            block = order[at : at + BLOCK]
            texts = [clauses[i] for i in block]
            found[block] = np.hstack([encoder.encode(texts, [None] * len(texts)) for encoder in self._encoders])
            if progress:
                progress(min(at + BLOCK, len(order)), len(order))
        return found

    def theme_chances(self, vectors: Vectors) -> Vectors:
        """How likely the reader takes each theme to be in each clause, from vectors as they come: shape (n_clauses, n_themes)."""
        logits = vectors[:, :WIDTH] @ self._theme_weights.T + self._theme_biases
        return (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)


def centre_of(vectors: Vectors) -> Vectors:
    """The mean of vectors as they come, shape (768,)."""
    return vectors.mean(0).astype(np.float32)


def placed(vectors: Vectors, centre: Vectors) -> Vectors:
    """Vectors as they can be compared by cosine: each encoder's part set against the centre, weighed; all of length 1.

    What all clauses have in common (that they are feedback) is taken out; without that all are alike.
    """
    parts = [
        weight * _unit(vectors[:, at : at + WIDTH] - centre[at : at + WIDTH])
        for weight, at in zip(WEIGHTS, range(0, DIMENSIONS, WIDTH), strict=True)
    ]
    return _unit(np.hstack(parts))


def mean_place(vectors: Vectors) -> Vectors:
    """Where placed vectors stand together: their mean, of length 1, shape (768,)."""
    return _unit(vectors.mean(0, keepdims=True))[0]


def _unit(vectors: Vectors) -> Vectors:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
