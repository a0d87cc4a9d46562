"""Replace what could identify a person with a placeholder such as [PHONE], in a batch of texts.

Runs before anything is stored, encoded or logged. A missed name harms a patient; a wrongly hidden word only blurs a
sentence. So when unsure, redact. Nothing here touches the network.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from feedback.comment import Redaction, StaffName
from feedback.models.guard import Guard, load_guard
from feedback.redact.forms import worth_a_look
from feedback.redact.names import Lexicon
from feedback.redact.people import PeopleFinder
from feedback.redact.spans import PLACEHOLDER, Span, put_placeholders, without_overlaps
from feedback.redact.surely_staff import is_surely_staff
from feedback.taxonomy import Taxonomy

if TYPE_CHECKING:
    from feedback.redact.patterns import StructuredFinder

LONGEST_NAME = 60  # characters
TOGETHER = 1024  # texts that are sent to the guard at a time; it sorts them by length, and few are padded more
# A text with placeholders, where each stands, and what each hides; the last never leaves this module but by `redact_naming_staff`.
_Hidden = tuple[str, tuple[Redaction, ...], tuple[str, ...]]


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
        return [(text, redactions) for text, redactions, _ in self._redacted(texts)]

    def redact_naming_staff(
        self, texts: Sequence[str]
    ) -> list[tuple[str, tuple[Redaction, ...], tuple[StaffName, ...]]]:
        """As `redact`, with the names that are surely those of staff (`surely_staff`), by the placeholders that hide them.

        A name of which a part also hides anybody else in the text is none of them.
        """
        return [
            (text, redactions, _staff(text, redactions, hidden)) for text, redactions, hidden in self._redacted(texts)
        ]

    def _redacted(self, texts: Sequence[str]) -> list[_Hidden]:
        distinct = list(dict.fromkeys(texts))  # one comment in three repeats another
        redacted = dict(zip(distinct, self._redact(distinct), strict=True))
        return [redacted[text] for text in texts]

    def _redact(self, texts: list[str]) -> list[_Hidden]:
        results: list[_Hidden] = [(text, (), ()) for text in texts]
        open_texts = list(range(len(texts)))
        while open_texts:
            found = self._find([results[i][0] for i in open_texts])
            changed = []
            for i, spans in zip(open_texts, found, strict=True):
                text, earlier, hidden = results[i]
                if spans:
                    kept = {Span(r.start, r.end, r.kind, r.role): name for r, name in zip(earlier, hidden, strict=True)}
                    every = sorted([*spans, *kept])
                    names = tuple(kept.get(span) or text[span.start : span.end] for span in every)
                    results[i] = (*put_placeholders(text, every), names)
                    changed.append(i)
            open_texts = changed
        return results

    def _find(self, texts: list[str]) -> list[list[Span]]:
        """The spans to hide in each text, without overlaps, in order."""
        # The guard's network leaves Python's lock alone, so the rules read on and numbers are sought while it is asked.
        with ThreadPoolExecutor(1) as aside:
            asked = [
                aside.submit(self._people.find, [self._people.read(text) for text in texts[at : at + TOGETHER]])
                for at in range(0, len(texts), TOGETHER)
            ]
            numbers = [self._numbers(text) for text in texts]
        people = [spans for some in asked for spans in some.result()]
        found = [[*some, *more] for some, more in zip(people, numbers, strict=True)]
        return [
            without_overlaps(text, _beside_placeholders(text, spans)) if spans else []
            for text, spans in zip(texts, found, strict=True)
        ]

    def _numbers(self, text: str) -> list[Span]:
        """What has a form of its own: numbers, addresses, dates of birth."""
        return self._structured.find(PLACEHOLDER.sub(_blank, text)) if worth_a_look(text) else []


def _staff(text: str, redactions: Sequence[Redaction], hidden: Sequence[str]) -> tuple[StaffName, ...]:
    """The names that are surely of staff, and of nobody else in the text."""
    surely = [r.role == "staff" and is_surely_staff(text, r.start, r.end) for r in redactions]
    if not any(surely):
        return ()
    others = {
        word
        for r, name in zip(redactions, hidden, strict=True)
        if r.kind == "person" and r.role in ("patient", "relative")
        for word in name.casefold().split()
    }
    return tuple(
        StaffName(r.start, r.end, name)
        for r, name, is_one in zip(redactions, hidden, surely, strict=True)
        if is_one and len(name) <= LONGEST_NAME and _is_a_name(name) and others.isdisjoint(name.casefold().split())
    )


def _is_a_name(words: str) -> bool:
    """Whether there is nothing in it but letters and what stands in names: no number, address or mark-up."""
    return any(map(str.isalpha, words)) and all(sign.isalpha() or sign in " .'’-" for sign in words)


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
