"""Say how probable it is that a difference between two groups is chance: Fisher's exact test, corrected for how many were made.

As `fisher_exact` and `false_discovery_control` of scipy.stats, to which a test holds it: loading that library takes longer than all the
rest of a page, for two sums.
"""

from collections.abc import Sequence

SAME = 1 + 1e-7  # what is as probable as what was seen, but for rounding, counts as no more probable

Group = tuple[int, int]  # how many have something, and how many have not


def by_chance(pairs: Sequence[tuple[Group, Group]]) -> list[float]:
    """For each pair of groups how probable a difference as great would be, 0 to 1, by Benjamini and Hochberg's correction."""
    import numpy as np

    if not pairs:
        return []
    most = max(sum(one) + sum(other) for one, other in pairs)
    log_factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, most + 1)))))
    single = np.array([_fisher(one, other, log_factorials) for one, other in pairs])
    order = np.argsort(single)[::-1]
    ranks = np.arange(len(single), 0, -1)
    corrected = np.empty(len(single))
    corrected[order] = np.minimum.accumulate(single[order] * len(single) / ranks).clip(0, 1)
    return [float(chance) for chance in corrected]


def _fisher(one: Group, other: Group, log_factorials) -> float:  # type: ignore[no-untyped-def]  # ndarray of shape (most + 1,)
    """The two-sided chance: of all ways to share out those that have it, how many are no more probable than the one seen."""
    import numpy as np

    n, m, have = sum(one), sum(other), one[0] + other[0]
    ways = np.arange(max(0, have - m), min(n, have) + 1)

    def choose(of: int, taken):  # type: ignore[no-untyped-def]  # logarithms, as many as `taken`
        return log_factorials[of] - log_factorials[taken] - log_factorials[of - taken]

    chances = np.exp(choose(n, ways) + choose(m, have - ways) - choose(n + m, have))
    return float(min(1.0, chances[chances <= chances[one[0] - ways[0]] * SAME].sum()))
