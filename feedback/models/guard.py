"""The trained guard: who in a text is a person, and what cannot wait. One small transformer with two heads.

The rules of redact/ and tag/signal know what they were told; the guard has read a few thousand invented comments and hears
what no list holds. It never decides alone where a rule is sure. The first head runs on words before redaction, in memory only.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from feedback import settings
from feedback.comment import SIGNALS
from feedback.errors import BadModel
from feedback.models.artefact import Artefact, open_artefact
from feedback.models.encode import Encoder

DANGERS = ("flag", "urgent", *SIGNALS)
Chances = NDArray[np.float32]


class Guard:
    """The encoder with its heads, and the thresholds chosen when it was trained."""

    def __init__(self, artefact: Artefact) -> None:
        """Load the weights; raises BadModel for heads other than this version's."""
        manifest = artefact.manifest
        if manifest["dangers"] != list(DANGERS):
            raise BadModel(
                f"The model {artefact.name!r} is for the heads {manifest['dangers']}; this version needs {list(DANGERS)}. Run `make train`."
            )
        self.name = artefact.name
        self.thresholds: dict[str, float] = manifest["thresholds"]
        self.word_features: tuple[str, ...] = tuple(manifest["word_features"])
        self._heads = artefact.arrays("heads.safetensors")
        self._encoder = Encoder(artefact.path("encoder.onnx"), artefact.path("tokenizer.json"))
        self._threads = ThreadpoolController()

    def people(
        self,
        texts: Sequence[str],
        words: Sequence[Sequence[tuple[int, int]]],
        features: Sequence[NDArray[np.float32]],
    ) -> list[Chances]:
        """The chance, 0 to 1, that each word is part of a person's name; one array of shape (n_words,) per text.

        words: their spans in characters. features: what lists and surroundings say of them, shape (n_words, n_features).
        """
        vectors = self._encoder.encode_words(texts, words)
        # A sentence's worth of numbers is multiplied at once; two threads spend a hundred times as long waiting for each other.
        with self._threads.limit(limits=1, user_api="blas"):
            return [self.people_of(v, f) for v, f in zip(vectors, features, strict=True)]

    def people_of(self, vectors: NDArray[np.float32], features: NDArray[np.float32]) -> Chances:
        """The same from the words' vectors; a word is judged beside the features of its neighbours."""
        if not len(vectors):
            return np.zeros(0, np.float32)
        hidden = (
            np.hstack([vectors, beside(features)]) @ self._heads["people.0.weight"].T + self._heads["people.0.bias"]
        )
        hidden = np.maximum(hidden, 0)
        return _sigmoid((hidden @ self._heads["people.1.weight"].T + self._heads["people.1.bias"])[:, 0])

    def dangers(self, texts: Sequence[str]) -> Chances:
        """The log-odds of each of DANGERS for each text, shape (n_texts, n_dangers)."""
        vectors = self._encoder.encode(texts, [None] * len(texts))
        return vectors @ self._heads["dangers.weight"].T + self._heads["dangers.bias"]


def beside(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each word's features with those of the word before and the word after, shape (n_words, 3 × n_features)."""
    if not len(features):
        return np.zeros((0, 3 * features.shape[1]), np.float32)
    edge = np.zeros((1, features.shape[1]), np.float32)
    return np.hstack([features, np.vstack([edge, features[:-1]]), np.vstack([features[1:], edge])])


@lru_cache(maxsize=2)
def load_guard(models: Path = settings.MODELS) -> Guard:
    """Load models/guard, once. Raises BadModel where it is missing, damaged or for other heads."""
    return Guard(open_artefact(models / "guard"))


def _sigmoid(logits: NDArray[np.float32]) -> Chances:
    return (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)
