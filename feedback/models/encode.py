"""Turn texts into vectors: one forward pass serves every head, every clause, search and topics.

A text's vector is the mean of its word pieces' vectors, and a clause's the mean of its own pieces in the same pass: it is read
where it stands, so that "it is now" after "it was never clean" is praise. That must be learnt: heads trained on whole comments
alone hear the neighbours' feelings in every clause. The only user of ONNX Runtime. Threads must not spin: on a busy two-core
machine that costs a hundredfold.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

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
WORD_WINDOW = 64  # the same for words one by one: who is a person shows in the sentence, and far words only distract
BATCH = 32
PIECES = 3072  # in one pass, padding included: the memory of a pass grows with their number times the longest text's
WIDTH = 384

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Window:
    text: int
    first: int  # which of the text's pieces it begins with
    ids: list[int]
    types: list[int]
    words: slice  # where the text's own pieces stand in ids


class Encoded(NamedTuple):
    """Vectors of texts, shape (n_texts, 384); for each text those of its parts, shape (n_parts, 384), and of how many pieces each is the
    mean, shape (n_parts,)."""

    texts: NDArray[np.float32]
    parts: list[NDArray[np.float32]]
    sizes: list[NDArray[np.float32]]


class Encoder:
    """A mean-pooled transformer in ONNX with its tokenizer."""

    def __init__(self, onnx: Path, tokenizer: Path, *, threads: int = 2) -> None:
        """Load the network and the tokenizer; `threads` is how many passes may run at a time, each on a core of its own."""
        # Its Linux builds send events to their maker (mobile.events.data.microsoft.com) unless told not to before they are loaded.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime as ort
        from tokenizers import Tokenizer

        options = ort.SessionOptions()
        # Two cores on one pass of one text gain a fifth, on two passes they gain double.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Without it a processor that has no VNNI adds eight-bit products in sixteen bits, where they overflow: another machine, other findings.
        options.add_session_config_entry("session.x64quantprecision", "1")
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
        self._threads = threads
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._asked = {kind: self._tokenizer.encode(words).ids for kind, words in ASKED.items()}
        self._stops = frozenset(self._tokenizer.token_to_id(stop) for stop in ".!?")
        self._nothing_asked, self._separator = self._asked["nonspecific"][:1], self._asked["nonspecific"][-1]

    def encode(self, texts: Sequence[str], kinds: Sequence[QuestionKind | None]) -> NDArray[np.float32]:
        """Encode texts with what was asked (None: nothing), as an array of shape (n_texts, 384), in order.

        A text without a single word piece gives zeros.
        """
        return self.encode_parts(texts, kinds, [()] * len(texts)).texts

    def encode_parts(
        self,
        texts: Sequence[str],
        kinds: Sequence[QuestionKind | None],
        parts: Sequence[Sequence[Span]],
    ) -> Encoded:
        """Encode texts and parts of them, given as spans of characters in order, none overlapping, in one pass.

        Each distinct text is encoded once: one answer in three repeats another. Texts are sorted by length before batching: padding
        costs five times as much otherwise. A part without a piece of its own has zeros.
        """
        places: dict[tuple[str, QuestionKind | None, tuple[Span, ...]], int] = {}
        keys = zip(texts, kinds, map(tuple, parts), strict=True)
        rows = [places.setdefault(key, len(places)) for key in keys]
        asked = [(row, kind, self._pieces(text, spans)) for (text, kind, spans), row in places.items()]
        found = self._means(
            [w for row, kind, (ids, _) in asked for w in self._windows(row, ids, kind)],
            [owner for _, _, (_, owner) in asked],
            [len(spans) for _, _, spans in places],
        )
        return Encoded(found.texts[rows], [found.parts[row] for row in rows], [found.sizes[row] for row in rows])

    def encode_words(self, texts: Sequence[str], words: Sequence[Sequence[Span]]) -> list[NDArray[np.float32]]:
        """Encode the words of each text where they stand, given as spans of characters: an array of shape (n_words, 384) per text.

        A word's vector is the mean of its pieces' vectors in a pass over its surroundings; one without a piece has zeros.
        """
        pieces = [self._pieces(text, spans) for text, spans in zip(texts, words, strict=True)]
        windows = [w for row, (ids, _) in enumerate(pieces) for w in self._windows(row, ids, None, WORD_WINDOW)]
        return self._means(windows, [owner for _, owner in pieces], [len(spans) for spans in words]).parts

    def _pieces(self, text: str, spans: Sequence[Span]) -> tuple[list[int], list[int]]:
        """A text's word pieces, and which of the spans each belongs to (-1: none)."""
        pieces = self._tokenizer.encode(text, add_special_tokens=False)
        return pieces.ids, owners(pieces.offsets, spans) if spans else []

    def _means(self, windows: list[_Window], belongs: Sequence[Sequence[int]], n_parts: Sequence[int]) -> Encoded:
        """The mean vectors of texts and of their parts; the windows of a long text add up."""
        wholes, pieces = np.zeros((len(belongs), WIDTH), np.float32), np.zeros((len(belongs), 1), np.float32)
        sums = [np.zeros((n, WIDTH), np.float32) for n in n_parts]
        counts = [np.zeros((n, 1), np.float32) for n in n_parts]
        for window, states in self._passes(windows):
            row = window.text
            wholes[row] += states.sum(0)
            pieces[row] += len(states)
            if n_parts[row]:
                owner = np.array(belongs[row][window.first : window.first + len(states)])
                states, owner = states[owner >= 0], owner[owner >= 0]
                # A part's pieces follow each other, so each is one run of its own.
                first = np.flatnonzero(np.diff(owner, prepend=-1))
                if len(first):
                    sums[row][owner[first]] += np.add.reduceat(states, first)
                    counts[row][owner[first], 0] += np.diff(first, append=len(owner))
        parts = [(total / np.maximum(n, 1)).astype(np.float32) for total, n in zip(sums, counts, strict=True)]
        return Encoded((wholes / np.maximum(pieces, 1)).astype(np.float32), parts, [n[:, 0] for n in counts])

    def _passes(self, windows: list[_Window]) -> Iterator[tuple[_Window, NDArray[np.float32]]]:
        """Each window with the vectors of its text's pieces, shape (n_pieces, 384), shortest first.

        The scales of the 8-bit arithmetic are fixed in the network, so a text's vectors do not depend on the company it is read in.
        """
        windows.sort(key=lambda w: len(w.ids))
        batches = list(_batches(windows))
        for batch, found in zip(batches, self._in_turn(batches), strict=True):
            for window, states in zip(batch, found, strict=True):
                yield window, states[window.words]

    def _in_turn(self, batches: Sequence[list[_Window]]) -> Iterator[NDArray[np.float32]]:
        """What the network makes of each batch, in order; a few are under way at a time, so that memory stays small."""
        if len(batches) == 1:
            yield self._forward(batches[0])
            return
        # Threads of its own for each call: those of a lasting pool would be missing in a forked process, which would wait for them.
        under_way: deque[Future[NDArray[np.float32]]] = deque()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="encoder") as pool:
            for batch in batches:
                under_way.append(pool.submit(self._forward, batch))
                if len(under_way) > 2 * self._threads:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def _windows(self, index: int, pieces: list[int], kind: QuestionKind | None, window: int = WINDOW) -> list[_Window]:
        head = self._asked[kind] if kind else self._nothing_asked
        windows, at = [], 0
        while at < len(pieces):
            ids = pieces[at : self._end(pieces, at, window)]
            windows.append(
                _Window(
                    text=index,
                    first=at,
                    ids=[*head, *ids, self._separator],
                    types=[0] * len(head) + [1] * (len(ids) + 1),
                    words=slice(len(head), len(head) + len(ids)),
                )
            )
            at += len(ids)
        return windows

    def _end(self, pieces: list[int], at: int, window: int) -> int:
        """Where a window that begins at a piece ends: after the last sentence that ends in its second half, if one does."""
        end = at + window
        if end >= len(pieces):
            return len(pieces)
        stops = (i for i in range(end - 1, at + window // 2, -1) if pieces[i] in self._stops)
        return next(stops, end - 1) + 1

    def _forward(self, batch: list[_Window]) -> NDArray[np.float32]:
        longest = max(len(w.ids) for w in batch)
        ids = np.zeros((len(batch), longest), np.int64)
        mask = np.zeros_like(ids)
        types = np.zeros_like(ids)
        for row, window in enumerate(batch):
            n = len(window.ids)
            ids[row, :n], mask[row, :n], types[row, :n] = window.ids, 1, window.types
        return self._session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": types})[0]


def _batches(windows: Sequence[_Window]) -> Iterator[list[_Window]]:
    """The windows, which come sorted by length, in batches of at most BATCH and of at most PIECES pieces."""
    at = 0
    while at < len(windows):
        batch = list(windows[at : at + BATCH])
        while len(batch) > 1 and len(batch) * len(batch[-1].ids) > PIECES:
            batch = batch[: len(batch) // 2]
        yield batch
        at += len(batch)


def owners(pieces: Sequence[Span], words: Sequence[Span]) -> list[int]:
    """For each piece (its characters from, to) the word it belongs to, or -1; both in the order of the text."""
    found, word = [], 0
    for start, end in pieces:
        while word < len(words) and words[word][1] <= start:
            word += 1
        found.append(word if word < len(words) and words[word][0] < end else -1)
    return found
