"""Misspell words at random, as people type, so that a model which learns from it minds slips less."""

import random
import re
from collections.abc import Sequence

Span = tuple[int, int]

_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_LETTERS = "aeiourlnst"


def misspelt(text: str, spans: Sequence[Span], rng: random.Random, most: int = 3) -> tuple[str, list[Span]]:
    """A text with one to `most` slips in its longer words, and the spans where they now stand."""
    words = [m.span() for m in _LONG_WORD.finditer(text)]
    moved = list(spans)
    for start, end in sorted(rng.sample(words, min(len(words), rng.randint(1, most))), reverse=True):
        slip = _slip(text[start:end], rng)
        longer = len(slip) - (end - start)
        text = text[:start] + slip + text[end:]
        moved = [(a + longer * (a >= end), b + longer * (b >= end)) for a, b in moved]
    return text, moved


def _slip(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    left_out, swapped = word[:at] + word[at + 1 :], word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    doubled, other = word[:at] + word[at] + word[at:], word[:at] + rng.choice("aeiou") + word[at + 1 :]
    return rng.choice((left_out, swapped, doubled, other, word[:at] + rng.choice(_LETTERS) + word[at:]))
