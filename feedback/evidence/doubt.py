"""Hold back what draws or ranks doubted readings, and say so: where no share is given, a line of monthly shares says no more.

A part is doubted as a whole, or one of its sides is (known_error.py). Counts stand, since they lead to the comments.
"""

from collections.abc import Iterator

from feedback.evidence.cite import Evidence

MEASURES = {"for": "rate_positive", "against": "rate_negative"}


def has_share(found: Evidence, side: str) -> bool:
    """Whether a share of "for", "against", "both" or "neither" is given; what stands on both sides is no surer than either."""
    return not found.doubt and side not in found.doubts and not (side == "both" and found.doubts)


def drawable(found: Evidence) -> Iterator[tuple[str, str]]:
    """The sides whose movement may be drawn, each with its measure."""
    for side, measure in MEASURES.items():
        if has_share(found, side):
            yield side.capitalize(), measure


def not_drawn(found: Evidence) -> Iterator[str]:
    """Why a side's movement is not drawn, in a sentence for each reason."""
    if found.doubt:
        yield f"How it moves is not shown: {found.doubt}."
        return
    for side, why in found.doubts.items():
        yield f"How what speaks {side} it moves is not shown: {why}."


def no_share(found: Evidence) -> Iterator[str]:
    """Why no share of a side is given, in a sentence for each reason."""
    if found.doubt:
        yield f"No share of the sides is given: {found.doubt}."
        return
    for side, why in found.doubts.items():
        yield f"No share of what speaks {side} it is given: {why}."
