"""Evidence shows both sides with their words, chooses the words by its stated rule, and says what it cannot say."""

from datetime import date

import pytest

from feedback.cite import RULE, evidence, quotable
from feedback.errors import BadInput, NotFound
from feedback.query import EVERYTHING, Clause, Filters, Scope
from feedback.store import Store
from feedback.taxonomy import Taxonomy


def test_for_against_and_both_are_exclusive_parts_with_intervals(filled: Store, taxonomy: Taxonomy) -> None:
    found = evidence(filled.conn, taxonomy, "objective", "O3", Filters(), EVERYTHING)
    assert (found.comments, found.speaks_for.n, found.against.n, found.both.n) == (15, 0, 15, 0)
    assert found.against.share == 1
    assert 0.7 < found.against.lower < 1 and found.against.upper == 1
    assert (found.first, found.last) == (date(2026, 1, 3), date(2026, 6, 19))
    assert found.title == taxonomy.objectives["O3"].title


def test_each_side_is_quoted_by_citation_and_near_repeats_once(filled: Store, taxonomy: Taxonomy) -> None:
    found = evidence(filled.conn, taxonomy, "value", "responsive", Filters(), EVERYTHING)
    assert [q.text for q in found.quotes_against] == ["I waited five months to be seen."]
    assert [q.text for q in found.quotes_for] == ["Sister made it right at once."]
    assert found.quotes_for[0].citation.endswith(".2")
    assert found.rule == RULE


def test_further_filters_narrow_the_evidence_and_are_kept_with_it(filled: Store, taxonomy: Taxonomy) -> None:
    filters = Filters(service="podiatry", date_from=date(2026, 5, 1))
    found = evidence(filled.conn, taxonomy, "statement", "O3.W5", filters, EVERYTHING)
    assert found.comments == 9
    assert found.query == {"kind": "statement", "id": "O3.W5", "service": "podiatry", "date_from": "2026-05-01"}


def test_few_comments_and_silent_groups_are_said(filled: Store, taxonomy: Taxonomy) -> None:
    said = " ".join(evidence(filled.conn, taxonomy, "objective", "O3", Filters(), EVERYTHING).cannot_say)
    assert "Only 15 comments" in said
    assert "carer, relative, parent, staff" in said


def test_a_reader_of_one_service_gets_the_evidence_of_that_service_alone(filled: Store, taxonomy: Taxonomy) -> None:
    scope = Scope.of(taxonomy, ["ward-willow"])
    assert evidence(filled.conn, taxonomy, "objective", "O3", Filters(), scope).comments == 0


def test_what_the_strategy_does_not_have_is_not_found(filled: Store, taxonomy: Taxonomy) -> None:
    with pytest.raises(NotFound, match="O9"):
        evidence(filled.conn, taxonomy, "objective", "O9", Filters(), EVERYTHING)


def test_asking_for_one_side_only_is_refused(filled: Store, taxonomy: Taxonomy) -> None:
    with pytest.raises(BadInput, match="both sides already"):
        evidence(filled.conn, taxonomy, "objective", "O3", Filters(polarity="+"), EVERYTHING)


def clause(text: str, *services: str) -> Clause:
    return Clause(
        citation="HW-2026-000001.1",
        comment="1",
        number=1,
        start=0,
        end=len(text),
        text=text,
        question=None,
        date=None,
        date_precision="day",
        services=services,
        respondent="patient",
        sentiment="+",
        polarity="+",
        score=0.9,
        by="rule",
    )


def test_short_clauses_repeats_and_a_third_from_one_service_are_passed_over() -> None:
    candidates = [
        clause("Very good", "a"),
        clause("They rang me back the same day", "a"),
        clause("They rang me back the same day!", "b"),
        clause("Somebody finally wrote it all down", "a"),
        clause("The exercises made my knee work", "a"),
        clause("Parking right outside the front door", "b"),
    ]
    assert [c.text for c in quotable(candidates, 3)] == [
        "They rang me back the same day",
        "Somebody finally wrote it all down",
        "Parking right outside the front door",
    ]
