import sqlite3
from datetime import date

import pytest
from conftest import MANNER, PARKING, WAIT, add_batch, analysed
from hypothesis import given
from hypothesis import strategies as st

from feedback.errors import BadInput, FeedbackError, NotFound
from feedback.filters import EVERYTHING, SIGNALS, Filters, Scope, chosen, describe
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy, load_taxonomy


def ids(conn: sqlite3.Connection, filters: Filters, scope: Scope = EVERYTHING) -> set[str]:
    where, parameters = chosen(conn, load_taxonomy(), filters, scope)
    return {id for (id,) in conn.execute(f"SELECT id FROM comments c WHERE {where}", parameters)}


OTHERS = {"willow-1", "willow-2", "evesham-1", "therapies-1", "transport-1", "undated-1", "none-1", "polish-1"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(service="ward-willow"), {"willow-1", "willow-2"}),
        (Filters(service="ch-evesham"), {"willow-1", "willow-2", "evesham-1"}),
        (Filters(service="talking-therapies", theme=WAIT), set()),
        (Filters(theme=PARKING), {"evesham-1"}),
        (Filters(theme="Environment, equipment & catering"), {"willow-1"}),
        (Filters(theme="service-location-travel-transport"), {"evesham-1"}),
        (Filters(value="responsive", polarity="+"), {"willow-1"}),
        (Filters(objective="O4"), {"therapies-1"}),
        (Filters(objective="O2", polarity="-"), {"willow-2"}),
        (Filters(sentiment="mixed"), {"willow-1", "pod-1-0", "pod-2-1", "pod-4-2", "pod-5-3", "pod-6-4"}),
        (Filters(respondent="relative"), {"willow-1", "willow-2"}),
        (Filters(respondent="unknown"), {"none-1"}),
        (Filters(programme="PRIO-PSY"), {"therapies-1"}),
        (Filters(date_from=date(2026, 6, 21), date_to=date(2026, 7, 1)), {"pod-6-5", "evesham-1", "therapies-1"}),
        (Filters(search="parks"), {"evesham-1"}),
        (Filters(search='"fell twice" dad'), {"willow-2"}),
        (Filters(search='"twice fell"'), set()),
        (Filters(signal="complaint_intent"), {"evesham-1"}),
        (Filters(language="pl"), {"polish-1"}),
        (Filters(batch=2), {"none-1", "polish-1"}),
        (Filters(service="patient transport"), {"transport-1"}),
        (Filters(service="Journeys / Patient Transport"), {"transport-1"}),
        (Filters(service="ward-willow", polarity="+"), {"willow-1"}),
    ],
)
def test_a_filter_chooses_the_comments_it_means(filled: Store, filters: Filters, expected: set[str]) -> None:
    assert ids(filled.conn, filters) == expected


def test_no_filter_chooses_everything_and_a_mentioned_service_is_not_the_subject(filled: Store) -> None:
    everything = ids(filled.conn, Filters())
    assert {id for id in everything if not id.startswith("pod-")} == OTHERS
    assert ids(filled.conn, Filters(service="podiatry")) == everything - OTHERS


def test_a_county_means_services_of_that_county_alone(filled: Store) -> None:
    worcestershire = ids(filled.conn, Filters(county="worcestershire"))
    assert "willow-1" in worcestershire
    assert "therapies-1" not in worcestershire  # that service covers both
    assert ids(filled.conn, Filters(county="Herefordshire")) == set()


def test_polarity_is_that_of_the_narrowest_label_asked_for(store: Store) -> None:
    both = [("We parked at once.", "+", (PARKING,)), ("The wait was endless.", "-", ("O3",))]
    add_batch(store, "a.csv", [analysed("a", both)])
    assert ids(store.conn, Filters(theme=PARKING, objective="O3", polarity="-")) == {"a"}
    assert ids(store.conn, Filters(theme=PARKING, objective="O3", polarity="+")) == set()


def test_a_scope_hides_what_is_about_other_services_or_none(filled: Store, taxonomy: Taxonomy) -> None:
    scope = Scope.of(taxonomy, ["ch-evesham"])
    assert ids(filled.conn, Filters(), scope) == {"willow-1", "willow-2", "evesham-1"}
    assert ids(filled.conn, Filters(service="podiatry"), scope) == set()
    assert ids(filled.conn, Filters(service="patient transport"), scope) == set()
    assert ids(filled.conn, Filters(), Scope.of(taxonomy, [])) == set()
    assert scope.reaches("ward-willow")
    assert not scope.reaches("podiatry")
    assert EVERYTHING.reaches("podiatry")


def test_a_scope_over_a_service_that_is_not_there_is_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(NotFound):
        Scope.of(taxonomy, ["podiatry", "ward-wilow"])


@pytest.mark.parametrize(
    ("filters", "error", "says"),
    [
        (Filters(service="podiatri"), NotFound, "podiatry"),
        (Filters(service="Patient Transports"), NotFound, "no service"),
        (Filters(theme="parkin"), NotFound, "parking"),
        (Filters(value="responsiv"), NotFound, "responsive"),
        (Filters(objective="O9"), NotFound, "O9"),
        (Filters(statement="O3.W99"), NotFound, "O3.W9"),
        (Filters(programme="PRIO-PSI"), NotFound, "PRIO-PSY"),
        (Filters(sentiment="negativ"), BadInput, "did you mean negative"),
        (Filters(polarity="plus"), BadInput, "use one of"),
        (Filters(respondent="nurse"), BadInput, "use one of patient"),
        (Filters(county="Shropshire"), BadInput, "herefordshire"),
        (Filters(signal="complaint"), BadInput, "did you mean complaint_intent"),
        (Filters(language="Polish"), BadInput, "two letters"),
        (Filters(search="  !? "), BadInput, "no word"),
        (Filters(date_from=date(2026, 2, 1), date_to=date(2026, 1, 1)), BadInput, "run backwards"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_with_what_would(
    filled: Store, taxonomy: Taxonomy, filters: Filters, error: type[FeedbackError], says: str
) -> None:
    with pytest.raises(error, match=says):
        filters.check(taxonomy, filled.conn)


def test_filters_that_make_sense_come_back_as_they_are(filled: Store, taxonomy: Taxonomy) -> None:
    filters = Filters(service="podiatry", theme=MANNER, signal=SIGNALS[0])
    assert filters.check(taxonomy, filled.conn) is filters


@pytest.mark.parametrize(
    ("filters", "title"),
    [
        (Filters(), "All comments"),
        (Filters(service="podiatry", theme="parking", respondent="carer"), "Podiatry · Parking · respondent carer"),
        (Filters(service="Patient Transport", theme="staff"), "Patient Transport · Staff"),
        (
            Filters(date_from=date(2026, 1, 1), date_to=date(2026, 6, 30), signal="child_risk"),
            "child risk · from 2026-01-01 · to 2026-06-30",
        ),
    ],
)
def test_filters_can_be_said_in_words(taxonomy: Taxonomy, filters: Filters, title: str) -> None:
    assert describe(taxonomy, filters) == title


@pytest.fixture(scope="module")
def memory() -> Store:
    empty = open_store(":memory:")
    add_batch(
        empty, "a.csv", [analysed("a", [('AND the NEAR* nurse\'s (col:umn) said ^ "no" -- yes; OR else', "+", ())])]
    )
    return empty


@given(st.text(max_size=40))
def test_whatever_is_searched_for_is_words_and_never_syntax(memory: Store, search: str) -> None:
    try:
        ids(memory.conn, Filters(search=search))
    except BadInput:
        assert not any(character.isalnum() for character in search)


@pytest.mark.parametrize("search", ["NEAR*", "col:umn", "nurse's", "AND", "OR else", "(col", '"no', "^ no", "-- yes"])
def test_operators_of_the_search_engine_are_searched_for_as_words(memory: Store, search: str) -> None:
    assert ids(memory.conn, Filters(search=search)) == {"a"}


@pytest.mark.parametrize(
    "field",
    ["service", "theme", "value", "objective", "statement", "programme", "county", "signal", "respondent", "sentiment"],
)
def test_sql_in_a_filter_is_only_an_unknown_name(filled: Store, field: str) -> None:
    with pytest.raises((NotFound, BadInput)):
        ids(filled.conn, Filters(**{field: "x'); DROP TABLE comments; --"}))  # type: ignore[arg-type]
    assert len(ids(filled.conn, Filters())) > 30
