"""Shares, F1 and kappa with their intervals, against answers worked out by hand or published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.accuracy.agreement import Rate, f1, kappa, rate, share


def test_an_exact_interval_is_the_published_one() -> None:
    # Clopper and Pearson's interval of 81 in 263, as in Brown, Cai and DasGupta (2001) and every table since.
    found = share(81, 263)
    assert (found.k, found.n) == (81, 263)
    assert (found.share, found.lower, found.upper) == pytest.approx((0.308, 0.2527, 0.3676), abs=2e-4)


def test_none_of_all_and_all_of_all_have_an_open_end() -> None:
    assert rate(0, 10) == Rate(0, 0, pytest.approx(0.3085, abs=1e-4))
    assert rate(10, 10) == Rate(1, pytest.approx(0.6915, abs=1e-4), 1)


@given(st.integers(1, 60), st.data())
def test_f1_is_that_of_counts_and_lies_within_its_interval(either: int, data: st.DataObject) -> None:
    both = data.draw(st.integers(0, either))
    found = f1(both, either)
    assert found.share == pytest.approx(2 * both / (2 * both + (either - both)))
    assert 0 <= found.lower <= found.share <= found.upper <= 1


def test_more_comments_make_an_interval_narrower() -> None:
    few, many = f1(8, 12), f1(80, 120)
    assert many.upper - many.lower < few.upper - few.lower


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ((20, 25, 30, 50), 0.4),  # worked by hand: agreed 0.70, by chance 0.50
        ((5, 5, 5, 10), 1.0),
        ((0, 5, 5, 10), -1.0),
        ((0, 0, 0, 10), None),
        ((10, 10, 10, 10), None),
    ],
)
def test_kappa_is_agreement_beyond_chance(counts: tuple[int, int, int, int], wanted: float | None) -> None:
    found = kappa(*counts)
    assert found is wanted if wanted is None else found == pytest.approx(wanted)
