"""Bring the three shares of a part, what bears on it and what speaks for and against, to agree when misreading is allowed for.

Each is estimated from errors of its own, so that for and against could come to more than bears on it at all. A comment bears on it
because it speaks for, against, both or neither; so for and against, less both (who count twice), plus neither must be what bears on it.
Of every draw the three are moved until that holds: by least squares, each the further the less is known of it (Deming, Statistical
Adjustment of Data, 1943). Both and neither keep the share of what bears on it that they have as read, for their own errors are not known.
"""

from collections.abc import Mapping, Sequence

from feedback.accuracy.measured import Measured
from feedback.evidence.known_error import LEVEL, Estimate, drawn

METHOD = (
    "The three shares are estimated together: for and against, less those that say both, plus those on neither side, come to what bears on "
    "it. Each was moved to make that so, the further the less is known of how it is misread; rounding may leave a difference of one."
)


def reconciled(
    sides: Mapping[str, int], read: int, measured: Sequence[Measured]
) -> tuple[Estimate, Estimate, Estimate] | None:
    """The shares of `read` comments that bear on it, speak for it and against it, by how each was `measured`, in that order.

    `sides` counts the comments for, against, both and neither, as read. None where no comment stands on a side.
    """
    import numpy as np

    found = sum(sides.values())
    both, neither = (sides[name] / found if found else 0.0 for name in ("both", "neither"))
    twice = 1 - neither + both  # for and against together, as a multiple of what bears on it
    if neither >= 1 or not found:
        return None
    counts = (found, sides["for"] + sides["both"], sides["against"] + sides["both"])
    whole, good, bad = (
        drawn(n, read, one, seed=seed) for seed, (n, one) in enumerate(zip(counts, measured, strict=True))
    )
    gap = good + bad - twice * whole
    unsure = good.var() + bad.var() + twice**2 * whole.var()
    good = (good - gap * good.var() / unsure).clip(0)
    bad = (bad - gap * bad.var() / unsure).clip(0)
    # Who says both is part of either side, so neither can be less.
    least = both / (twice - both)
    good, bad = np.maximum(good, least * bad), np.maximum(bad, least * good)
    fits = np.minimum(1, twice / np.maximum(good + bad, twice))
    good, bad = good * fits, bad * fits
    middle = [float(np.median(side)) for side in (good, bad)]
    shares = (min(1.0, sum(middle) / twice), *middle)
    made = []
    for share, draws in zip(shares, ((good + bad) / twice, good, bad), strict=True):
        lower, upper = (float(v) for v in np.quantile(draws, ((1 - LEVEL) / 2, (1 + LEVEL) / 2)))
        made.append(Estimate(share, min(lower, share), max(upper, share)))
    return made[0], made[1], made[2]
