"""Replace what could identify a person with a placeholder such as [PHONE], in a batch of texts.

Runs before anything is stored, encoded or logged. A missed name harms a patient; a wrongly hidden word only blurs a
sentence. So when unsure, redact. Nothing here touches the network.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from feedback.comment import Redaction
from feedback.models.guard import Guard, load_guard
from feedback.redact.forms import worth_a_look
from feedback.redact.names import Lexicon
from feedback.redact.people import PeopleFinder
from feedback.redact.spans import PLACEHOLDER, Span, put_placeholders, without_overlaps
from feedback.taxonomy import Taxonomy

if TYPE_CHECKING:
    from feedback.redact.patterns import StructuredFinder


class Redactor:
    """Hides identity; loads Presidio only when a text calls for it."""

    def __init__(self, taxonomy: Taxonomy, guard: Guard | None = None) -> None:
        """Read the lists; `guard` is models/guard if not given. Raises BadModel as `load_guard`."""
        self._taxonomy = taxonomy
        self._people = PeopleFinder(Lexicon(taxonomy), guard or load_guard())

    @property
    def lexicon(self) -> Lexicon:
        """The lists that words are looked up in."""
        return self._people.lexicon

    @cached_property
    def _structured(self) -> "StructuredFinder":
        from feedback.redact.patterns import StructuredFinder

        return StructuredFinder(self._taxonomy)

    def redact(self, texts: Sequence[str]) -> list[tuple[str, tuple[Redaction, ...]]]:
        """Redact each text: the text with placeholders, and where each of them stands in it.

        Placeholders already in a text are left as they are. What is hidden may show that more should be (a name beside a
        name), so a text is read again until nothing new is found: redacting twice equals redacting once.
        """
        distinct = list(dict.fromkeys(texts))  # one comment in three repeats another
        redacted = dict(zip(distinct, self._redact(distinct), strict=True))
        return [redacted[text] for text in texts]

    def _redact(self, texts: list[str]) -> list[tuple[str, tuple[Redaction, ...]]]:
        results: list[tuple[str, tuple[Redaction, ...]]] = [(text, ()) for text in texts]
        open_texts = list(range(len(texts)))
        while open_texts:
            found = self._find([results[i][0] for i in open_texts])
            changed = []
            for i, spans in zip(open_texts, found, strict=True):
                text, earlier = results[i]
                if spans:
                    kept = [Span(r.start, r.end, r.kind, r.role) for r in earlier]
                    results[i] = put_placeholders(text, sorted(spans + kept))
                    changed.append(i)
            open_texts = changed
        return results

    def _find(self, texts: list[str]) -> list[list[Span]]:
        """The spans to hide in each text, without overlaps, in order."""
        found = self._people.find(texts)
        for text, spans in zip(texts, found, strict=True):
            if worth_a_look(text):
                spans += self._structured.find(PLACEHOLDER.sub(_blank, text))
        return [
            without_overlaps(text, _beside_placeholders(text, spans)) if spans else []
            for text, spans in zip(texts, found, strict=True)
        ]


def _blank(placeholder: re.Match[str]) -> str:
    """As many signs that mean nothing: "[DATE OF BIRTH]" must not make a date of birth of the next date."""
    return "■" * len(placeholder[0])


def _beside_placeholders(text: str, spans: list[Span]) -> list[Span]:
    """Drop or cut what reaches into a placeholder that already stands in the text."""
    standing = [match.span() for match in PLACEHOLDER.finditer(text)]
    if not standing:
        return spans
    kept: list[Span] = []
    for span in spans:
        parts = [(span.start, span.end)]
        for start, end in standing:
            parts = [p for a, b in parts for p in ((a, min(b, start)), (max(a, end), b)) if p[0] < p[1]]
        kept += [span._replace(start=a, end=b) for a, b in parts if any(c.isalnum() for c in text[a:b])]
    return kept
