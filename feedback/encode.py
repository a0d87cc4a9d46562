"""Turn texts into vectors: one forward pass serves every head, search and topics.

A text's vector is the mean of its word pieces' vectors. A clause is a text of its own: pooled out of the pass over the
whole comment it would carry its neighbours' feelings with it (sentiment right for 0.60 of gold clauses, against 0.77).
The only user of ONNX Runtime. Threads must not spin: on a busy two-core machine that costs a hundredfold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feedback.comment import QuestionKind

# What was asked goes in front, as the first half of a pair: "Nothing" is praise when the question was what to improve. One word
# says it as well as the whole question did, and costs a fifth less time on short comments.
ASKED: dict[QuestionKind, str] = {
    "what_good": "good?",
    "could_improve": "better?",
    "nonspecific": "why?",
}
WINDOW = 320  # word pieces in one pass; longer texts are read in several windows
BATCH = 32
WIDTH = 384


@dataclass(frozen=True, slots=True)
class _Window:
    text: int
    ids: list[int]
    types: list[int]
    words: slice  # where the text's own pieces stand in ids


class Encoder:
    """A mean-pooled transformer in ONNX with its tokenizer."""

    def __init__(self, onnx: Path, tokenizer: Path, *, threads: int = 2) -> None:
        """Load the network and the tokenizer; `threads` is the number of cores a pass may use."""
        import onnxruntime as ort
        from tokenizers import Tokenizer

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._asked = {kind: self._tokenizer.encode(words).ids for kind, words in ASKED.items()}
        self._separator = self._asked["nonspecific"][-1]

    def encode(self, texts: Sequence[str], kinds: Sequence[QuestionKind]) -> NDArray[np.float32]:
        """Encode texts with what was asked, as an array of shape (n_texts, 384), in order.

        Each distinct text is encoded once: one answer in three repeats another. Texts are sorted by length before batching:
        padding costs five times as much otherwise. A text without a single word piece gives zeros.
        """
        places: dict[tuple[str, QuestionKind], int] = {}
        rows = [places.setdefault(pair, len(places)) for pair in zip(texts, kinds, strict=True)]
        windows = [w for (text, kind), row in places.items() for w in self._windows(row, text, kind)]
        windows.sort(key=lambda w: len(w.ids))
        sums = np.zeros((len(places), WIDTH), np.float32)
        pieces = np.zeros((len(places), 1), np.float32)
        for at in range(0, len(windows), BATCH):
            batch = windows[at : at + BATCH]
            for window, states in zip(batch, self._forward(batch), strict=True):
                # The windows of a long text add up before the mean is taken.
                sums[window.text] += states[window.words].sum(0)
                pieces[window.text] += window.words.stop - window.words.start
        return (sums / np.maximum(pieces, 1)).astype(np.float32)[rows]

    def _windows(self, index: int, text: str, kind: QuestionKind) -> list[_Window]:
        pieces = self._tokenizer.encode(text, add_special_tokens=False).ids
        head = self._asked[kind]
        windows = []
        for at in range(0, len(pieces), WINDOW):
            ids = pieces[at : at + WINDOW]
            windows.append(
                _Window(
                    text=index,
                    ids=[*head, *ids, self._separator],
                    types=[0] * len(head) + [1] * (len(ids) + 1),
                    words=slice(len(head), len(head) + len(ids)),
                )
            )
        return windows

    def _forward(self, batch: list[_Window]) -> NDArray[np.float32]:
        longest = max(len(w.ids) for w in batch)
        ids = np.zeros((len(batch), longest), np.int64)
        mask = np.zeros_like(ids)
        types = np.zeros_like(ids)
        for row, window in enumerate(batch):
            n = len(window.ids)
            ids[row, :n], mask[row, :n], types[row, :n] = window.ids, 1, window.types
        return self._session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": types})[0]
