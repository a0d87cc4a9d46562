"""The trained reader: what the shipped model says of a text and of each of its clauses, as probabilities.

One vector for each (`encode`), then linear heads. The tag modules turn its readings into findings; nothing else knows
how the model is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feedback.comment import QuestionKind
from feedback.errors import BadModel
from feedback.models.artefact import Artefact, open_artefact
from feedback.models.encode import Encoder, Span
from feedback.models.joints import cut, facts, joint_odds, pooled, words_of
from feedback.models.together import together
from feedback.models.words import hashed
from feedback.taxonomy import Taxonomy

Probabilities = NDArray[np.float32]


# The clauses' share in whether a text speaks of a theme. From none to a half NHS labels of validation comments are found as well
# (micro F1 0.75), a careful reader's better (0.80 to 0.81).
IN_A_CLAUSE = 0.3
# What "neither good nor poor" counts beside the other two: of 3,444 comments read by models that had not seen them (the reader's
# teachers), F1 of neutral rose from 0.46 to 0.48 and the right point of five from 0.713 to 0.715, of three 0.875 as before.
NEITHER = 1.2


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a text's n clauses stand, and probabilities; where an array has 1 + n rows, row 0 is the whole text, rows 1 … n its clauses in order.

    themes: (1 + n, n_themes); scale: the whole text's sentiment (5,), very positive first; feelings: the clauses' (n, 3), positive,
    neutral, negative; codes: (1 + n, n_codes, 2), the chance that the code is given with + and with -; statements: (1 + n, n_statements), of
    the strategy's statements and outcomes; vectors: (1 + n, 384).
    """

    clauses: tuple[Span, ...]
    themes: Probabilities
    scale: Probabilities
    feelings: Probabilities
    codes: Probabilities
    statements: Probabilities
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
        self.statements: tuple[str, ...] = tuple(manifest["labels"]["statements"])
        strange += [s for s in self.statements if s not in taxonomy.statements]
        if strange:
            raise BadModel(
                f"The model {self.name!r} knows the labels {', '.join(strange)}, which data/themes.yml and data/strategy.yml do not have. "
                "Put them back, or run `make train` for the present labels."
            )
        self.codes: tuple[str, ...] = tuple(code_names[c] for c in manifest["labels"]["codes"])
        thresholds = manifest["thresholds"]
        self.theme_thresholds = np.array([thresholds["themes"][t] for t in self.themes], np.float32)
        self.code_thresholds = np.array([thresholds["codes"][c] for c in manifest["labels"]["codes"]], np.float32)
        self._heads = artefact.arrays("heads.safetensors", "themes.words")
        self._heads["themes.words"] = self._heads["themes.words"].astype(np.float32)
        self._of_joints = self._heads["joints.weight"], self._heads["joints.bias"]
        self._encoder = Encoder(artefact.path("encoder.onnx"), artefact.path("tokenizer.json"))

    def read(
        self,
        texts: Sequence[str],
        kinds: Sequence[QuestionKind],
        clauses: Sequence[Sequence[Span]],
        kept: Sequence[bool] | None = None,
    ) -> list[Reading]:
        """Read texts with what was asked and the clauses that the rules find; one reading per text, in order.

        The text is cut where joints are heard, save where `kept` says that its clauses stay as they are.
        """
        words = [words_of(text, spans) for text, spans in zip(texts, clauses, strict=True)]
        encoded = self._encoder.encode_parts(texts, kinds, words)
        cuts, parts = [], []
        for i, text in enumerate(texts):
            spans, vectors = tuple(clauses[i]), encoded.parts[i]
            if not (kept and kept[i]) and spans:
                odds = joint_odds(*self._of_joints, facts(text, words[i], spans), vectors)
                spans = cut(text, words[i], _sigmoid(odds))
            cuts.append(spans)
            parts.append(pooled(spans, words[i], vectors, encoded.sizes[i]))
        by_words = [theme_logits(self._heads, text, kind) for text, kind in zip(texts, kinds, strict=True)]
        return self._readings(cuts, encoded.texts, parts, by_words)

    def _readings(
        self,
        cuts: Sequence[tuple[Span, ...]],
        wholes: NDArray[np.float32],
        parts: Sequence[NDArray[np.float32]],
        by_words: Sequence[NDArray[np.float32]],
    ) -> list[Reading]:
        """The readings of texts from their vectors, (n_texts, 384), their clauses', (n_clauses, 384) each, and what their words add to each
        theme's log-odds; every head works once for all."""
        if not cuts:
            return []
        ends = np.cumsum([len(own) for own in parts])[:-1]
        clauses = np.concatenate(parts)
        of_clauses = self._logits("clause_themes", clauses)
        of_all = np.stack(
            [
                heard(*both)
                for both in zip(self._logits("themes", wholes) + by_words, np.split(of_clauses, ends), strict=True)
            ]
        )
        themes = together(of_all, self._heads["company"], self._heads["together"])
        scales = _softmax(self._logits("sentiment", wholes))
        feelings = np.split(_softmax(self._logits("clause_feelings", clauses)), ends)
        for i, own in enumerate(feelings):
            if len(own) == 1:
                # A text of one clause is that clause and feels as it does; both heads are heard, for that of clauses knows more of denied
                # praise and blame (0.81 right by the scale, 0.85 by both, of invented texts kept back; of public ones as many as before).
                feelings[i] = ((three(scales[i : i + 1]) + own) / 2).astype(np.float32)
                scales[i] = as_felt(scales[i], feelings[i][0])

        def rows(whole: NDArray[np.float32], own: NDArray[np.float32]) -> list[NDArray[np.float32]]:
            return [np.vstack(both) for both in zip(whole, np.split(own, ends), strict=True)]

        codes = rows(_sigmoid(self._logits("codes", wholes)), _sigmoid(self._logits("clause_codes", clauses)))
        of_each = zip(
            cuts,
            rows(themes, _sigmoid(of_clauses)),
            scales,
            feelings,
            [of_one.reshape(len(of_one), len(self.codes), 2) for of_one in codes],
            rows(_sigmoid(self._logits("statements", wholes)), _sigmoid(self._logits("statements", clauses))),
            rows(wholes, clauses),
            strict=True,
        )
        return [Reading(*one) for one in of_each]

    def _logits(self, head: str, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        return vectors @ self._heads[f"{head}.weight"].T + self._heads[f"{head}.bias"]


def load_reader(models: Path, taxonomy: Taxonomy) -> Reader:
    """Load models/reader. Raises BadModel where it is missing, damaged or does not fit the data."""
    return Reader(open_artefact(models / "reader"), taxonomy)


def theme_logits(heads: Mapping[str, NDArray[np.float32]], text: str, kind: QuestionKind) -> NDArray[np.float32]:
    """What a text's hashed words add to each theme's log-odds, shape (n_themes,).

    A rare word that the network has no sense of may be all that tells a theme: on validation and on test comments average precision rose by
    0.015, micro F1 by 0.006.
    """
    columns, values = hashed(text, kind)
    return values @ heads["themes.words"][columns]


def heard(whole: NDArray[np.float32], clauses: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-odds of each label for a text, shape (n_labels,): what is heard in the whole, and in the clause that says it most.

    In five complaints the whole alone heard two; clauses alone hear what nobody would label. `clauses`: shape (n_clauses, n_labels).
    """
    return (whole + IN_A_CLAUSE * (clauses.max(0) - whole)).astype(np.float32) if len(clauses) else whole


def three(five: Probabilities) -> Probabilities:
    """Fold five-point probabilities of shape (n, 5) into positive, neutral, negative: shape (n, 3)."""
    return np.stack([five[:, 0] + five[:, 1], five[:, 2], five[:, 3] + five[:, 4]], axis=1)


def degree(five: Probabilities) -> int:
    """The place among the five, 1 to 5, of probabilities (5,): first good, neither or bad, then how strongly.

    Else "very bad" and "bad" share what is sure, and "neither" wins.
    """
    side = (slice(0, 2), slice(2, 3), slice(3, 5))[int((three(five[None])[0] * (1, NEITHER, 1)).argmax())]
    return int(side.start + five[side].argmax()) + 1


def as_felt(scale: Probabilities, feeling: Probabilities) -> Probabilities:
    """Five-point probabilities (5,) bent to agree with those of positive, neutral and negative (3,); how strongly stays as it was."""
    return (scale * (feeling / np.maximum(three(scale[None])[0], 1e-6))[[0, 0, 1, 2, 2]]).astype(np.float32)


def _sigmoid(logits: NDArray[np.float32]) -> Probabilities:
    return (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)


def _softmax(logits: NDArray[np.float32]) -> Probabilities:
    powers = np.exp(logits - logits.max(1, keepdims=True, initial=-np.inf))
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32)
