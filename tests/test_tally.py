"""Many series counted at once are what one series counted alone is, to the last figure."""

import pytest
from conftest import PARKING, WAIT
from over_time import planted, steady

from feedback.errors import BadInput
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.query import Period, series
from feedback.store import Store
from feedback.tally import SeriesOf, tally
from feedback.taxonomy import Taxonomy

KINDS = ("theme", "value", "objective")
CODES = (None, ("theme", WAIT), ("theme", PARKING), ("value", "responsive"), ("objective", "O3"))


@pytest.mark.parametrize("period", ["month", "quarter", "week"])
@pytest.mark.parametrize(
    "filters", [Filters(), Filters(county="Worcestershire"), Filters(respondent="patient", search="waited")]
)
def test_every_figure_is_that_of_the_series_alone(
    filled: Store, taxonomy: Taxonomy, filters: Filters, period: Period
) -> None:
    counted = tally(filled.conn, taxonomy, filters, EVERYTHING, period=period, kinds=KINDS, crossed=True)
    for service in (None, *counted.services):
        for code in CODES:
            alone = series(
                filled.conn, taxonomy, filters if service is None else Filters(**_with(filters, service)), EVERYTHING,
                period=period, code=code,
            )  # fmt: skip
            assert counted.series(service, code) == alone, (service, code)


def _with(filters: Filters, service: str) -> dict[str, object]:
    return {name: getattr(filters, name) for name in filters.__slots__} | {"service": service}


def test_services_stand_in_the_order_of_the_directory_with_those_above_them(filled: Store, taxonomy: Taxonomy) -> None:
    found = tally(filled.conn, taxonomy, Filters(), EVERYTHING).services
    assert list(found) == [id for id in taxonomy.in_tree_order() if id in found]
    assert {"podiatry", "talking-therapies", *taxonomy.ancestors("podiatry")} <= set(found)


def test_a_reader_is_counted_nothing_beyond_their_scope(filled: Store, taxonomy: Taxonomy) -> None:
    scope = Scope.of(taxonomy, ["podiatry"])
    found = tally(filled.conn, taxonomy, Filters(), scope, kinds=KINDS, crossed=True)
    assert set(found.services) == {"podiatry"}
    assert {service for service, _ in found.codes} == {None, "podiatry"}
    assert found.total(None) == found.total("podiatry") == 30


def test_an_earlier_batch_is_counted_as_if_later_ones_had_not_come(store: Store, taxonomy: Taxonomy) -> None:
    first = steady(store)
    before = tally(store.conn, taxonomy, Filters(), EVERYTHING, kinds=KINDS, crossed=True)
    planted(store)
    upto = tally(store.conn, taxonomy, Filters(), EVERYTHING, kinds=KINDS, crossed=True, upto=first)
    assert upto == before
    now = tally(store.conn, taxonomy, Filters(), EVERYTHING)
    assert (before.total("podiatry"), now.total("podiatry")) == (360, 380)


def test_the_sides_of_a_label_are_counted_by_service(store: Store, taxonomy: Taxonomy) -> None:
    steady(store)
    planted(store)
    found = tally(store.conn, taxonomy, Filters(), EVERYTHING, kinds=KINDS, crossed=True)
    assert found.sides("podiatry", ("theme", PARKING)) == (0, 12)
    assert found.sides("ward-willow", ("theme", PARKING)) == (0, 0)
    assert found.sides(None, ("theme", PARKING)) == (0, 12)


def test_a_key_leads_back_to_its_series() -> None:
    for of in (SeriesOf(None, None, "negative"), SeriesOf("podiatry", ("theme", PARKING), "rate_negative")):
        assert SeriesOf.of_key(of.key) == of


@pytest.mark.parametrize(
    "key", ["", "podiatry", "podiatry/negative", "podiatry/colour:red/rate", "podiatry/theme:/rate"]
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match="names no series"):
        SeriesOf.of_key(key)
