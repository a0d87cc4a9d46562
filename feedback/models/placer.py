"""The trained placer: which service a comment is about, which of its words say so, and who is speaking.

The directory's names and cues know how a service is called; the placer has read a few thousand invented comments and knows how
people speak of it without its name ("the lady who does feet"). It never decides alone: tag/service weighs it with the rules.
One small transformer, one pass, three heads. It learnt the directory of its day: services added since are found by their names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from feedback import settings
from feedback.comment import RespondentType
from feedback.errors import BadModel
from feedback.models.artefact import Artefact, open_artefact
from feedback.models.encode import Encoder, Span
from feedback.models.words import hashed

SPEAKERS: tuple[RespondentType, ...] = get_args(RespondentType)
WORD_ROLES = ("neither", "subject", "mentioned")
NO_SERVICE, ANOTHER_ORGANISATION = "none", "other"  # the last two places of the services
FAINT = -9.0  # log of the least chance that is told apart from none

Chances = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring words (positions start to end) that speak of a service: the chances that it is the subject or only mentioned, and
    of which service it is, shape (n_services + 2,)."""

    start: int
    end: int
    subject: float
    mentioned: float
    services: Chances


@dataclass(frozen=True, slots=True)
class Placed:
    """What the placer says of one text.

    services: the log of the chance of each service, then of none and of another organisation only, shape (n_services + 2,);
    words: chances of WORD_ROLES for each word, shape (n_words, 3); speaker: chances of SPEAKERS, shape (6,).
    """

    services: Chances
    words: Chances
    speaker: Chances
    stretches: tuple[Stretch, ...]


class Placer:
    """The encoder with its heads, and the weights with which its readings are set against the rules'."""

    def __init__(self, artefact: Artefact) -> None:
        """Load the weights; raises BadModel for heads other than this version's."""
        manifest = artefact.manifest
        if manifest["speakers"] != list(SPEAKERS) or manifest["word_roles"] != list(WORD_ROLES):
            raise BadModel(f"The model {artefact.name!r} is for other labels than this version's. Run `make train`.")
        self.name = artefact.name
        self.services: tuple[str, ...] = tuple(manifest["services"])
        self.place = {service: i for i, service in enumerate(self.services)}
        self.weighing = manifest["weighing"]
        self._heads = artefact.arrays("heads.safetensors", "speaker.words")
        self._heads["speaker.words"] = self._heads["speaker.words"].astype(np.float32)
        self._encoder = Encoder(artefact.path("encoder.onnx"), artefact.path("tokenizer.json"))

    def read(self, texts: Sequence[str], words: Sequence[Sequence[Span]]) -> list[Placed]:
        """Read texts, whose words are given as spans of characters; one answer per text, in order."""
        encoded = self._encoder.encode_parts(texts, [None] * len(texts), words)
        return place(self._heads, texts, encoded.texts, encoded.parts)


def place(
    heads: Mapping[str, NDArray[np.float32]],
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    of_words: Sequence[NDArray[np.float32]],
) -> list[Placed]:
    """What the heads make of texts, of their vectors, shape (n_texts, 384), and of their words', shape (n_words, 384) each.

    Who speaks is heard in the hashed words too: of comments by writers it never learnt from the vectors alone had 0.82 right, both 0.84.
    """

    def linear(head: str, of: NDArray[np.float32]) -> NDArray[np.float32]:
        return of @ heads[f"{head}.weight"].T + heads[f"{head}.bias"]

    services = _log_softmax(linear("services", _unit(linear("text", vectors))))
    by_words = [values @ heads["speaker.words"][columns] for columns, values in map(hashed, texts)]
    speakers = np.exp(_log_softmax(linear("speaker", vectors) + np.reshape(by_words, (-1, len(SPEAKERS)))))
    roles = [np.exp(_log_softmax(linear("words", w))) for w in of_words]
    runs = [_runs(r) for r in roles]
    pooled = [w[start:end].mean(0) for w, found in zip(of_words, runs, strict=True) for start, end in found]
    named = iter(np.exp(_log_softmax(linear("services", _unit(linear("stretch", np.array(pooled))))) if pooled else ()))
    return [
        Placed(s, r, who, tuple(_stretch(start, end, r, next(named)) for start, end in found))
        for s, r, who, found in zip(services, roles, speakers, runs, strict=True)
    ]


def _stretch(start: int, end: int, roles: Chances, services: Chances) -> Stretch:
    _, subject, mentioned = roles[start:end].mean(0).tolist()
    return Stretch(start, end, subject, mentioned, services)


def _runs(roles: Chances) -> list[tuple[int, int]]:
    """Neighbouring words that more likely than not speak of a service, and in the same role."""
    kinds = np.where(roles[:, 0] < 0.5, 1 + (roles[:, 2] > roles[:, 1]), 0)
    edges = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    return [(start, end) for start, end in pairwise(edges) if start < end and kinds[start]]


@lru_cache(maxsize=2)
def load_placer(models: Path = settings.MODELS) -> Placer:
    """Load models/placer, once. Raises BadModel where it is missing, damaged or for other heads."""
    return Placer(open_artefact(models / "placer"))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Along the last axis; empty in, empty out."""
    if not logits.size:
        return logits
    shifted = logits - logits.max(-1, keepdims=True)
    return (shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))).astype(np.float32)
