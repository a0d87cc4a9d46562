"""How far two readings of the same comments agree, with how sure that is: shares, F1 and Cohen's kappa.

Everywhere a figure is shown beside its interval, because a few dozen readings prove little.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

LEVEL = 0.95
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Rate:
    """A figure from 0 to 1 with its 95 % interval."""

    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of `n` with the exact (Clopper and Pearson) 95 % interval; shares 0 to 1."""

    k: int
    n: int
    share: float
    lower: float
    upper: float


def share(k: int, n: int) -> Share:
    """`k` of `n`, which is above 0, with its exact interval.

    >>> found = share(2, 100)
    >>> round(found.lower, 3), round(found.upper, 3)
    (0.002, 0.07)
    """
    return Share(k, n, *astuple(rate(k, n)))


def rate(k: float, n: float) -> Rate:
    """The same of sums of weights, where what was read several times counts as one (Clopper and Pearson, Biometrika 26, 1934)."""
    from scipy.stats import beta

    tail = (1 - LEVEL) / 2
    lower = float(beta.ppf(tail, k, n - k + 1)) if k > 0 else 0.0
    upper = float(beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0
    return Rate(k / n, lower, upper)


def f1(both: float, either: float) -> Rate:
    """F1 of two readings that gave a label together `both` times, and at least one of them `either` times (above 0).

    With j = both / either, F1 = 2j / (1 + j), which only rises with j; so the exact interval of j becomes one of F1. It is
    the same whichever of the two is called right.

    >>> found = f1(8, 12)
    >>> round(found.share, 2), round(found.lower, 2), round(found.upper, 2)
    (0.8, 0.52, 0.95)
    """
    return Rate(*(2 * j / (1 + j) for j in astuple(rate(both, either))))


def micro_f1(both: Sequence[float], given: Sequence[float]) -> Rate:
    """F1 over all labels together, from `both` labels shared and the mean number `given` by each, for every comment.

    Percentile interval over RESAMPLES draws of whole comments, seeded: the labels of one comment hang together. 1 where nobody
    gives any label.
    """
    import numpy as np

    shared, mean = np.asarray(both, float), np.asarray(given, float)
    rows = np.random.default_rng(0).integers(0, len(mean), (RESAMPLES, len(mean)))
    totals = mean[rows].sum(1)
    drawn = np.divide(shared[rows].sum(1), totals, out=np.ones(RESAMPLES), where=totals > 0)
    lower, upper = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Rate(float(shared.sum() / mean.sum()) if mean.sum() else 1.0, float(lower), float(upper))


def kappa(both: float, one: float, other: float, n: float) -> float | None:
    """Cohen's kappa on one label: agreement beyond chance, 1 at most, 0 where chance alone would agree as much.

    Of `n` comments one reading gave it to `one`, the other to `other`, together to `both`; None where neither ever did or
    both always did, so that there is nothing to agree about (Cohen, Educational and Psychological Measurement 20, 1960).

    >>> round(kappa(20, 25, 30, 50), 2)
    0.4
    """
    agreed = (n - one - other + 2 * both) / n
    chance = (one * other + (n - one) * (n - other)) / n**2
    return (agreed - chance) / (1 - chance) if chance < 1 else None
