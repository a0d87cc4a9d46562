"""A target is a person's: typed so that it cannot be misread, signed, kept when it is replaced, and drawn where it applies."""

from collections.abc import Callable

import pytest
from conftest import PARKING, add_batch
from fastapi.testclient import TestClient
from over_time import month_of, steady

from api.app import make_app
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters
from feedback.over_time.assurance import end_target, met_in_words, read_value, series_of, set_target, standing, targets
from feedback.over_time.trend import MEASURES, asked_trend
from feedback.store import Store
from feedback.tally import SeriesOf
from feedback.taxonomy import Taxonomy

PODIATRY = SeriesOf("podiatry", None, "negative")


@pytest.mark.parametrize(
    ("measure", "typed", "value"),
    [
        ("negative", "15%", 0.15),
        ("negative", " 7.5 % ", 0.075),
        ("negative", "0.15", 0.15),
        ("negative", ".15", 0.15),
        ("negative", "0%", 0.0),
        ("positive", "1", 1.0),
        ("mean", "2.4", 2.4),
    ],
)
def test_a_target_is_read_on_its_scale(measure: str, typed: str, value: float) -> None:
    assert read_value(MEASURES[measure], typed) == value


@pytest.mark.parametrize(
    ("measure", "typed"),
    [
        ("negative", "15"),
        ("negative", "101%"),
        ("negative", "low"),
        ("negative", ""),
        ("negative", "-5%"),
        ("mean", "0.5"),
        ("mean", "50%"),
    ],
)
def test_a_target_that_could_be_misread_is_refused(measure: str, typed: str) -> None:
    with pytest.raises(BadInput):
        read_value(MEASURES[measure], typed)


def test_a_new_target_takes_the_place_of_the_old_which_stays_in_the_list(store: Store, taxonomy: Taxonomy) -> None:
    set_target(store, taxonomy, PODIATRY, 0.2, by="A. Lead")
    second = set_target(store, taxonomy, PODIATRY, 0.1, by="B. Lead")
    assert standing(store.conn, None) == {PODIATRY: 0.1}
    assert [(t.value, t.by, t.ended_by) for t in targets(store.conn)] == [
        (0.1, "B. Lead", None),
        (0.2, "A. Lead", "B. Lead"),
    ]
    end_target(store, second.id, by="C. Lead")
    assert standing(store.conn, None) == {}
    with pytest.raises(NotFound, match="no target"):
        end_target(store, second.id, by="C. Lead")


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (SeriesOf(None, ("theme", PARKING), "rate"), "more or less of it is better is not said"),
        (SeriesOf("podiatree", None, "negative"), "podiatry"),
        (SeriesOf(None, ("theme", "parkin"), "rate_negative"), "parking"),
    ],
)
def test_a_target_of_what_is_not_there_is_refused(store: Store, taxonomy: Taxonomy, of: SeriesOf, why: str) -> None:
    with pytest.raises((BadInput, NotFound), match=why):
        set_target(store, taxonomy, of, 0.1, by="A. Lead")


def test_a_target_is_signed(store: Store, taxonomy: Taxonomy) -> None:
    with pytest.raises(BadInput, match="signed"):
        set_target(store, taxonomy, PODIATRY, 0.1, by=" ")


def test_a_rate_needs_its_label_and_nothing_else_has_one() -> None:
    with pytest.raises(BadInput, match="choose both to fit"):
        series_of("rate_negative", service="podiatry")
    with pytest.raises(BadInput, match="choose both to fit"):
        series_of("negative", theme=PARKING)
    with pytest.raises(BadInput, match="one theme, value or objective"):
        series_of("rate_negative", theme=PARKING, value="responsive")


def test_a_chart_has_the_target_of_just_what_it_shows(store: Store, taxonomy: Taxonomy) -> None:
    steady(store)
    set_target(store, taxonomy, PODIATRY, 0.05, by="A. Lead")
    set_target(store, taxonomy, SeriesOf(None, ("theme", PARKING), "rate_negative"), 0.1, by="A. Lead")

    def target(measure: str = "negative", **filters: str) -> float | None:
        return asked_trend(store.conn, taxonomy, Filters(**filters), EVERYTHING, measure=measure).target  # type: ignore[arg-type]

    assert target(service="podiatry") == 0.05
    assert target("rate_negative", theme=PARKING) == 0.1
    assert [target(), target("positive", service="podiatry"), target(service="podiatry", respondent="carer")] == [
        None
    ] * 3
    assert target("rate_negative", theme=PARKING, service="podiatry") is None
    judged = asked_trend(store.conn, taxonomy, Filters(service="podiatry"), EVERYTHING)
    assert judged.assurance_icon == "fail" if judged.shown[-1].lpl and judged.shown[-1].lpl > 0.05 else "inconsistent"


@pytest.mark.parametrize(
    ("measure", "target", "says", "ahead"),
    [
        ("mean", "1.1", "Target: 1.10 or less. Not met in June 2026, with ", "missed again and again"),
        ("negative", "20%", "Target: 20% or less. Met in June 2026, with 20%.", "is chance"),
        ("negative", "90%", "Target: 90% or less. Met in June 2026, with 20%.", "met again and again"),
    ],
)
def test_a_chart_says_whether_its_target_is_met_and_will_be(
    store_with: Callable[[Callable[[Store], object]], Store],
    taxonomy: Taxonomy,
    measure: str,
    target: str,
    says: str,
    ahead: str,
) -> None:
    store, of = store_with(steady), SeriesOf("podiatry", None, measure)
    set_target(store, taxonomy, of, read_value(MEASURES[measure], target), by="A. Lead")
    asked = (store.conn, taxonomy, Filters(service="podiatry"), EVERYTHING)
    said = met_in_words(asked_trend(*asked, measure=measure, may_read=True))
    assert said.startswith(says)
    assert ahead in said


def test_a_chart_without_a_target_or_with_few_months_promises_nothing(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "few.csv", [one for month in range(3) for one in month_of(month, "podiatry", 4)])
    asked = (store.conn, taxonomy, Filters(service="podiatry"), EVERYTHING)
    assert met_in_words(asked_trend(*asked, may_read=True)) == ""
    set_target(store, taxonomy, PODIATRY, 0.3, by="A. Lead")
    assert met_in_words(asked_trend(*asked, may_read=True)) == (
        "Target: 30% or less. Met in March 2025, with 20%. It is too early to say whether it will be met."
    )
    with TestClient(make_app(store.path)) as client:
        assert "Target: 30% or less. Met in March 2025" in client.get("/services/podiatry").text
