"""Silence tells apart who is never heard, who is heard too little, and who has fallen quiet."""

from datetime import date

from conftest import MANNER, add_batch, analysed

from feedback.evidence.silence import silence
from feedback.query import EVERYTHING, Filters, Scope
from feedback.store import Store
from feedback.taxonomy import Taxonomy


def test_services_with_too_few_comments_are_listed_with_their_latest(filled: Store, taxonomy: Taxonomy) -> None:
    found = silence(filled.conn, taxonomy, Filters(), EVERYTHING)
    quiet = {row.id: (row.n, row.last) for row in found.services}
    assert quiet["ward-willow"] == (2, date(2026, 6, 20))
    assert quiet["camhs"] == (0, None)
    assert "podiatry" not in quiet
    assert (found.of_services, found.read) == (len(taxonomy.services), 36)


def test_a_service_that_was_heard_once_has_fallen_quiet(filled: Store, taxonomy: Taxonomy) -> None:
    assert silence(filled.conn, taxonomy, Filters(), EVERYTHING).fallen_quiet == ()
    late = [
        analysed("late", [("The receptionist smiled.", "+", (MANNER,))], day=date(2027, 2, 3), service="ward-willow")
    ]
    add_batch(filled, "later.csv", late)
    found = silence(filled.conn, taxonomy, Filters(), EVERYTHING)
    assert found.quiet_since == date(2026, 8, 1)
    assert "podiatry" in [row.id for row in found.fallen_quiet]
    assert "ward-willow" not in [row.id for row in found.fallen_quiet]


def test_groups_and_parts_of_the_strategy_with_too_few_are_listed(filled: Store, taxonomy: Taxonomy) -> None:
    found = silence(filled.conn, taxonomy, Filters(), EVERYTHING)
    assert {row.id: row.n for row in found.groups} == {"carer": 1, "relative": 2, "parent": 0, "staff": 0}
    assert [row.id for row in found.parts["objectives"]] == ["O1", "O4", "O5"]
    assert "O3.W5" not in [row.id for row in found.parts["statements"]]
    assert ("P2", 1) in [(row.id, row.n) for row in found.parts["outcomes"]]


def test_a_reader_of_one_service_is_told_of_that_alone(filled: Store, taxonomy: Taxonomy) -> None:
    found = silence(filled.conn, taxonomy, Filters(), Scope.of(taxonomy, ["ward-willow"]))
    assert [row.id for row in found.services] == ["ward-willow"]
