"""The trained reader: what the shipped model says of a text and of each of its clauses, as probabilities.

One vector for each (`encode`), then linear heads. The tag modules turn its readings into findings; nothing else knows
how the model is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feedback.artefact import Artefact, open_artefact
from feedback.comment import QuestionKind
from feedback.encode import Encoder
from feedback.errors import BadModel
from feedback.taxonomy import Taxonomy

Probabilities = NDArray[np.float32]

# How much the clause that speaks of a theme most counts beside the whole comment, in log-odds. A theme of one clause in six is
# easily lost in the whole: on validation comments micro F1 rose from 0.767 to 0.779, macro from 0.664 to 0.682; on the test part, little changed.
CLAUSE_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class Reading:
    """Probabilities for one text; row 0 of each array is the whole text, rows 1 … n its clauses in order.

    themes: (1 + n, n_themes); sentiment: (1 + n, 5), very positive first; codes: (1 + n, n_codes, 2), the chance that the
    code is given with + and with -; vectors: (1 + n, 384).
    """

    themes: Probabilities
    sentiment: Probabilities
    codes: Probabilities
    vectors: NDArray[np.float32]


class Reader:
    """The encoder, its heads and their thresholds."""

    def __init__(self, artefact: Artefact, taxonomy: Taxonomy) -> None:
        """Load the weights and hold the model's labels against the Trust's data.

        Raises BadModel where a label of the model is not in the data any more.
        """
        manifest = artefact.manifest
        self.name = artefact.name
        self.themes: tuple[str, ...] = tuple(manifest["labels"]["themes"])
        code_names = {v.code: v.id for v in taxonomy.values.values()} | {o: o for o in taxonomy.objectives}
        strange = [t for t in self.themes if t not in taxonomy.themes]
        strange += [c for c in manifest["labels"]["codes"] if c not in code_names]
        if strange:
            raise BadModel(
                f"The model {self.name!r} knows the labels {', '.join(strange)}, which data/themes.yml and data/strategy.yml do not have. "
                "Put them back, or run `make train` for the present labels."
            )
        self.codes: tuple[str, ...] = tuple(code_names[c] for c in manifest["labels"]["codes"])
        thresholds = manifest["thresholds"]
        self.theme_thresholds = np.array([thresholds["themes"][t] for t in self.themes], np.float32)
        self.code_thresholds = np.array([thresholds["codes"][c] for c in manifest["labels"]["codes"]], np.float32)
        self._heads = artefact.arrays("heads.safetensors")
        self._encoder = Encoder(artefact.path("encoder.onnx"), artefact.path("tokenizer.json"))

    def read(
        self, texts: Sequence[str], kinds: Sequence[QuestionKind], clauses: Sequence[Sequence[tuple[int, int]]]
    ) -> list[Reading]:
        """Read texts with what was asked and their clause spans; one reading per text, in order."""
        parts: list[str] = []
        asked: list[QuestionKind] = []
        rows: list[list[int]] = []  # for each text, where its own vector and its clauses' stand
        for text, kind, spans in zip(texts, kinds, clauses, strict=True):
            whole = len(parts)
            # A text of one clause is that clause.
            pieces = [text, *(text[start:end] for start, end in spans)] if len(spans) > 1 else [text]
            parts += pieces
            asked += [kind] * len(pieces)
            rows.append([whole, *(range(whole + 1, len(parts)) if len(spans) > 1 else [whole] * len(spans))])
        vectors = self._encoder.encode(parts, asked)
        themes = self._logits("themes", vectors)
        for first, *clauses_of in rows:
            if len(clauses_of) > 1:
                themes[first] = (1 - CLAUSE_SHARE) * themes[first] + CLAUSE_SHARE * themes[clauses_of].max(0)
        themes = _sigmoid(themes)
        sentiment = _softmax(self._logits("sentiment", vectors))
        codes = _sigmoid(self._logits("codes", vectors)).reshape(len(parts), len(self.codes), 2)
        return [Reading(themes[r], sentiment[r], codes[r], vectors[r]) for r in rows]

    def _logits(self, head: str, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        return vectors @ self._heads[f"{head}.weight"].T + self._heads[f"{head}.bias"]


def load_reader(models: Path, taxonomy: Taxonomy) -> Reader:
    """Load models/reader. Raises BadModel where it is missing, damaged or does not fit the data."""
    return Reader(open_artefact(models / "reader"), taxonomy)


def _sigmoid(logits: NDArray[np.float32]) -> Probabilities:
    return (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)


def _softmax(logits: NDArray[np.float32]) -> Probabilities:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32)
