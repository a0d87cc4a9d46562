"""A month that is hidden cannot be worked out from the service above it and its siblings."""

from datetime import date

from conftest import add_batch
from over_time import month_of

from feedback.filters import EVERYTHING, Filters
from feedback.over_time.siblings import hidden_months
from feedback.over_time.summary import Summary, summary
from feedback.over_time.trend import asked_trend
from feedback.store import Store
from feedback.taxonomy import Taxonomy

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


def family(taxonomy: Taxonomy) -> list[str]:
    """Three services under one parent."""
    by_parent: dict[str | None, list[str]] = {}
    for id, service in taxonomy.services.items():
        by_parent.setdefault(service.parent, []).append(id)
    return next(ids for parent, ids in by_parent.items() if parent and len(ids) >= 3)[:3]


def test_a_month_hidden_alone_among_its_siblings_takes_the_next_smallest_with_it(taxonomy: Taxonomy) -> None:
    one, other, third = family(taxonomy)
    counts = {one: {JANUARY: 3}, other: {JANUARY: 9}, third: {JANUARY: 20}}
    found = hidden_months(taxonomy, counts)
    assert found == {one: {JANUARY}, other: {JANUARY}, third: frozenset()}


def test_what_that_hides_is_not_worked_out_along_its_own_months(taxonomy: Taxonomy) -> None:
    one, other, _ = family(taxonomy)
    months = (JANUARY, FEBRUARY, MARCH)
    counts = {one: dict(zip(months, (3, 8, 9), strict=True)), other: dict(zip(months, (30, 10, 20), strict=True))}
    found = hidden_months(taxonomy, counts)
    for line in (*([(s, m) for m in months] for s in (one, other)), *([(s, m) for s in (one, other)] for m in months)):
        assert sum(month in found[service] for service, month in line) != 1


def test_nothing_small_hides_nothing_and_services_of_other_parents_are_no_siblings(taxonomy: Taxonomy) -> None:
    one, other, _ = family(taxonomy)
    stranger = next(id for id, s in taxonomy.services.items() if s.parent != taxonomy.services[one].parent)
    assert not any(hidden_months(taxonomy, {one: {JANUARY: 8}, other: {JANUARY: 0}}).values())
    found = hidden_months(taxonomy, {one: {JANUARY: 3}, stranger: {JANUARY: 9}})
    assert found[stranger] == frozenset()


def test_the_summary_and_the_chart_hide_a_siblings_month_from_one_who_may_not_read(
    store: Store, taxonomy: Taxonomy
) -> None:
    one, other, _ = family(taxonomy)
    steady = [c for month in range(9) for service in (one, other) for c in month_of(month, service, 2, n=12)]
    add_batch(store, "batch.csv", [*steady, *month_of(9, one, 1, n=3), *month_of(9, other, 2, n=12)])

    def months(may_read: bool) -> dict[str | None, date]:
        found: Summary = summary(
            store.conn, taxonomy, Filters(), EVERYTHING, rows=["services"], measures=["negative"], may_read=may_read
        )
        return {row.of.service: row.period for row in found.rows if row.of.service in (one, other)}

    assert months(may_read=True)[other] == date(2025, 10, 1)
    assert months(may_read=False)[other] < date(2025, 10, 1)
    chart = asked_trend(store.conn, taxonomy, Filters(service=other), EVERYTHING)
    assert (chart.points[-1].n, chart.points[-1].suppressed) == (None, True)
