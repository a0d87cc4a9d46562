"""Put placeholders over the spans that were found, and say where each placeholder then stands.

Where two finds overlap the longer wins, and what the shorter one still shows is hidden too: a clipped name is a leak,
a placeholder too many only blurs a sentence.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from feedback.comment import Redaction

PLACEHOLDERS = {
    "person": "[PERSON]",
    "nhs_number": "[NHS NUMBER]",
    "phone": "[PHONE]",
    "email": "[EMAIL]",
    "postcode": "[POSTCODE]",
    "address": "[ADDRESS]",
    "date_of_birth": "[DATE OF BIRTH]",
    "url": "[URL]",
    "other_id": "[ID]",
}
PLACEHOLDER = re.compile("|".join(re.escape(p) for p in PLACEHOLDERS.values()))
# Of two finds of one length the first named here wins: the surer kind, and the one a reader learns more from.
PRECEDENCE = ("email", "url", "nhs_number", "date_of_birth", "address", "postcode", "phone", "other_id", "person")


class Span(NamedTuple):
    """One thing to hide: start and end in the text it was found in, its kind, and a person's role."""

    start: int
    end: int
    kind: str
    role: str | None = None


def without_overlaps(text: str, spans: Iterable[Span]) -> list[Span]:
    """Choose among overlapping spans, longest first, and keep the letters that a loser would have left showing."""
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, PRECEDENCE.index(s.kind), s.start)):
        chosen += [
            rest for rest in _clip(span, chosen) if rest == span or _shows_something(text[rest.start : rest.end])
        ]
    return sorted(chosen)


def _clip(span: Span, taken: list[Span]) -> list[Span]:
    """The parts of a span that no taken span covers."""
    parts = [span]
    for other in taken:
        parts = (
            [
                part._replace(start=start, end=end)
                for part in parts
                for start, end in ((part.start, min(part.end, other.start)), (max(part.start, other.end), part.end))
                if start < end
            ]
            if other.start < span.end and span.start < other.end
            else parts
        )
    return parts


def _shows_something(rest: str) -> bool:
    return sum(c.isalnum() for c in rest) > 1


def put_placeholders(text: str, spans: Iterable[Span]) -> tuple[str, tuple[Redaction, ...]]:
    """Replace each span by its placeholder.

    `spans` must not overlap and be in order. Each Redaction's offsets are those of the placeholder in the returned text.

    >>> put_placeholders("ring Ffion", [Span(5, 10, "person", "patient")])[0]
    'ring [PERSON]'
    """
    pieces: list[str] = []
    redactions: list[Redaction] = []
    at = length = 0
    for span in spans:
        placeholder = PLACEHOLDERS[span.kind]
        pieces += (text[at : span.start], placeholder)
        length += span.start - at
        redactions.append(Redaction(span.kind, length, length + len(placeholder), placeholder, span.role))
        length += len(placeholder)
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces), tuple(redactions)
