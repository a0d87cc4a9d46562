"""Turn clauses into the vectors in which topics are sought: each clause read by itself, by the reader's encoder.

Since it learnt plain sentences and clauses it parts two subjects of one theme as well as together with another of our encoders
(docs/topics.md). A clause is read without its neighbours: beside "the nurses were lovely" a vending machine sounds a little like a nurse.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feedback.models.artefact import open_artefact
from feedback.models.encode import WIDTH, Encoder

MODEL = "reader"
BLOCK = 512  # clauses between two words of progress

Vectors = NDArray[np.float32]
Progress = Callable[[int, int | None], None]


class ClauseEncoder:
    """The encoder; `name` says which, with its version: vectors of others cannot be compared."""

    def __init__(self, models: Path) -> None:
        """Load the encoder; raises BadModel where it is missing or damaged."""
        artefact = open_artefact(models / MODEL)
        self.name = artefact.name
        self.themes: tuple[str, ...] = tuple(artefact.manifest["labels"]["themes"])
        heads = artefact.arrays("heads.safetensors")
        self._theme_weights, self._theme_biases = heads["clause_themes.weight"], heads["clause_themes.bias"]
        self._encoder = Encoder(artefact.path("encoder.onnx"), artefact.path("tokenizer.json"))

    def encode(self, clauses: Sequence[str], progress: Progress | None = None) -> Vectors:
        """The vectors of clauses as they come, shape (n_clauses, 384), in order; to be compared they are set against a centre."""
        order = sorted(
            range(len(clauses)), key=lambda i: len(clauses[i])
        )  # alike in length in each block: less padding
        found = np.zeros((len(clauses), WIDTH), np.float32)
        for at in range(0, len(order), BLOCK):
            block = order[at : at + BLOCK]
            texts = [clauses[i] for i in block]
            found[block] = self._encoder.encode(texts, [None] * len(texts))
            if progress:
                progress(min(at + BLOCK, len(order)), len(order))
        return found

    def theme_chances(self, vectors: Vectors) -> Vectors:
        """How likely the reader takes each theme to be in each clause, from vectors as they come: shape (n_clauses, n_themes)."""
        logits = vectors @ self._theme_weights.T + self._theme_biases
        return (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)


def centre_of(vectors: Vectors) -> Vectors:
    """The mean of vectors as they come, shape (384,)."""
    return vectors.mean(0).astype(np.float32)


def placed(vectors: Vectors, centre: Vectors) -> Vectors:
    """Vectors as they can be compared by cosine: set against the centre, of length 1.

    What all clauses have in common (that they are feedback) is taken out; without that all are alike.
    """
    return _unit(vectors - centre)


def mean_place(vectors: Vectors) -> Vectors:
    """Where placed vectors stand together: their mean, of length 1, shape (384,)."""
    return _unit(vectors.mean(0, keepdims=True))[0]


def _unit(vectors: Vectors) -> Vectors:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
