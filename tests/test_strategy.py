"""Statements follow from what a comment says, on its own side, or there are none."""

from feedback.comment import Finding
from feedback.tag.strategy import NEAR, STATEMENTS_AT_MOST, tag_statements
from feedback.taxonomy import Taxonomy

BY = "reader 1.0"


def objective(id: str, polarity: str) -> Finding:
    return Finding("objective", id, polarity, 0.9, 0, 10, BY)


def theme(id: str, polarity: str, score: float = 0.9) -> Finding:
    return Finding("theme", id, polarity, score, 0, 10, BY)


def test_a_wait_is_linked_to_the_objectives_own_statement_on_waits(taxonomy: Taxonomy) -> None:
    found = tag_statements([objective("O3", "-")], [theme("timeliness-of-care", "-")], taxonomy)
    assert (found[0].label, found[0].polarity, found[0].by) == ("O3.W5", "-", "rule:crosswalk timeliness-of-care")
    assert all(taxonomy.statements[f.label].objective == "O3" for f in found)


def test_bare_praise_is_evidence_for_no_one_statement(taxonomy: Taxonomy) -> None:
    assert tag_statements([objective("O2", "+")], [theme("positive-experience-gratitude", "+")], taxonomy) == []


def test_praise_is_no_evidence_against(taxonomy: Taxonomy) -> None:
    assert tag_statements([objective("O3", "-")], [theme("timeliness-of-care", "+")], taxonomy) == []
    assert tag_statements([objective("O3", "~")], [theme("timeliness-of-care", "+")], taxonomy)


def test_few_statements_are_given_best_first_and_none_far_behind(taxonomy: Taxonomy) -> None:
    themes = [theme(id, "-", 0.8) for id in taxonomy.themes]
    found = tag_statements([objective("O2", "-")], themes, taxonomy)
    scores = [f.score for f in found]
    assert len(found) <= STATEMENTS_AT_MOST
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= NEAR * scores[0]
