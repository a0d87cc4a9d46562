"""Whose experience a clause tells; the cases are invented, and the rules were changed by one file of them, never by the other."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feedback.tag.experience import experiences

CASES = Path(__file__).parent / "experience"


def _cases(name):
    """(respondent, clauses, what each tells) of a file; "own" stands for the speaker's own."""
    for who, *clauses in yaml.safe_load((CASES / name).read_text(encoding="utf-8")):
        yield who, [words for _, words in clauses], tuple(who if told == "own" else told for told, _ in clauses)


def _told(who, clauses):
    """What is found in a comment that consists of these clauses."""
    spans, place = [], 0
    for words in clauses:
        spans.append((place, place + len(words)))
        place += len(words) + 1
    return experiences(" ".join(clauses), spans, who)


@pytest.mark.parametrize(("who", "clauses", "gold"), list(_cases("built_with.yml")))
def test_the_cases_it_was_built_with_hold(who, clauses, gold):
    assert _told(who, clauses) == gold


def test_on_cases_kept_apart_nineteen_clauses_in_twenty_are_right():
    right = [
        found == gold
        for who, clauses, golds in _cases("kept_apart.yml")
        for found, gold in zip(_told(who, clauses), golds, strict=True)
    ]
    assert sum(right) / len(right) >= 0.95


def test_a_correction_of_the_respondent_changes_it_at_once():
    clauses = ["He was treated well", "but nobody asked how I was."]
    assert {who: _told(who, clauses) for who in ("carer", "parent", "patient", "staff", "unknown")} == {
        "carer": ("patient", "carer"),
        "parent": ("patient", "parent"),
        "patient": ("patient", "patient"),
        "staff": ("staff", "staff"),
        "unknown": ("patient", "unknown"),
    }


def test_a_nurse_is_not_taken_for_the_husband():
    assert _told("relative", ["My husband's nurse was late.", "She rang us to say so."]) == ("patient", "relative")
    assert _told("relative", ["The chaplain rang me.", "She was kind.", "My husband slept."]) == (
        "relative",
        "relative",  # the chaplain: a clause that speaks of nobody cared for follows the one before
        "patient",
    )


def test_the_words_are_read_the_same_with_any_apostrophe_and_capitals():
    assert _told("carer", ["NOBODY ASKED HOW I’M COPING.", "Mum’s bed was clean."]) == ("carer", "patient")


@given(
    st.text(max_size=200),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=4),
    st.sampled_from(["patient", "carer", "relative", "parent", "staff", "unknown"]),
)
def test_every_clause_of_any_text_gets_the_patient_the_speaker_or_unknown(text, clauses, who):
    told = experiences(text, clauses, who)
    assert len(told) == len(clauses)
    assert set(told) <= {"patient", "unknown", who}
