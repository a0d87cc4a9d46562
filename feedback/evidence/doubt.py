"""Hold back what draws or ranks doubted readings, and say so: where no share is given, a line of monthly shares says no more.

A part is doubted as a whole, or one of its sides is (accuracy/doubted.py). Counts stand, since they lead to the comments.
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
    return _for_each(found, "How it moves is not shown", "How what speaks {side} it moves is not shown")


def no_share(found: Evidence) -> Iterator[str]:
    """Why no share of a side is given, in a sentence for each reason."""
    return _for_each(found, "No share of the sides is given", "No share of what speaks {side} it is given")


def _for_each(found: Evidence, of_all: str, of_one: str) -> Iterator[str]:
    """`of_all` with its reason where the whole part is doubted, else `of_one` for each side that is."""
    if found.doubt:
        yield f"{of_all}: {found.doubt}."
        return
    for side, why in found.doubts.items():
        yield f"{of_one.format(side=side)}: {why}."
