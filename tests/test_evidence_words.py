"""The words under the figures: sure enough to be quoted, one clause for each side of who says both, and each in its sentence."""

from dataclasses import replace

import pytest
from conftest import WAIT, add_batch, analysed

from feedback.disclosure import Disclosure, is_withheld
from feedback.evidence.cite import Evidence, evidence
from feedback.evidence.words import around, in_their_sentences
from feedback.filters import EVERYTHING, Filters
from feedback.query import clauses
from feedback.quoting import SURE_ENOUGH
from feedback.store import Store
from feedback.taxonomy import Taxonomy

TEXTS = (
    "The clinic ran an hour late again.",
    "Nobody said why the clinic was late.",
    "My letter for the clinic came late.",
    "Late start at the clinic, no seats left.",
    "The clinic was late and the tea was cold.",
    "They moved my clinic twice in a week.",
)


def on_o3(store: Store, taxonomy: Taxonomy) -> Evidence:
    return evidence(store.conn, taxonomy, "objective", "O3", Filters(), EVERYTHING)


def test_what_the_reader_is_hardly_sure_of_is_not_quoted(store: Store, taxonomy: Taxonomy) -> None:
    sure = [analysed(f"s{n}", [(text, "-", (WAIT, "O3"))], score=0.8) for n, text in enumerate(TEXTS)]
    unsure = [
        analysed(f"u{n}", [(f"The clinic late again on day {n} of it.", "-", (WAIT, "O3"))], score=0.45)
        for n in range(9)
    ]
    add_batch(store, "a.csv", [*sure, *unsure])
    found = on_o3(store, taxonomy)
    quoted = (*found.quotes_against, *found.typical_against)
    assert quoted and all(clause.score >= SURE_ENOUGH for clause in quoted)
    assert f"less than {SURE_ENOUGH:.0%} sure" in found.rule


def test_the_other_side_is_shown_though_nothing_on_it_is_sure(store: Store, taxonomy: Taxonomy) -> None:
    doubtful = [analysed(f"u{n}", [(text, "-", (WAIT, "O3"))], score=0.4 + n / 100) for n, text in enumerate(TEXTS)]
    add_batch(store, "a.csv", doubtful)
    found = on_o3(store, taxonomy)
    assert [clause.text for clause in found.quotes_against] == [TEXTS[-1]]
    assert found.typical_against == ()


def test_who_says_both_is_quoted_once_for_each_side(store: Store, taxonomy: Taxonomy) -> None:
    both = analysed(
        "b", [("Bit of a wait this time.", "-", (WAIT, "O3")), ("They rang back within the hour.", "+", (WAIT, "O3"))]
    )
    add_batch(store, "a.csv", [both])
    found = on_o3(store, taxonomy)
    assert [clause.text for clause in found.quotes_both] == [
        "They rang back within the hour.",
        "Bit of a wait this time.",
    ]
    assert found.weighed["both"] == 1


def test_a_part_of_a_sentence_stands_in_its_sentence(store: Store, taxonomy: Taxonomy) -> None:
    told = analysed(
        "f", [("Dad lay in the corridor all night", "0", ()), ("because there was no bed.", "-", (WAIT, "O3"))]
    )
    add_batch(store, "a.csv", [told])
    (quoted,) = on_o3(store, taxonomy).quotes_against
    assert (quoted.before, quoted.text, quoted.after) == (
        "Dad lay in the corridor all night ",
        "because there was no bed.",
        "",
    )


@pytest.mark.parametrize(
    ("text", "clause", "shown"),
    [
        ("Fine. It broke and he said so. Bye.", "and he said so.", ("It broke ", "")),
        ("Fine. He said so. Bye.", "He said so.", ("", "")),
        ("no stops here we waited and waited", "we waited", ("no stops here ", " and waited")),
        ("One line\nthe next of it", "the next", ("", " of it")),
    ],
)
def test_a_sentence_ends_at_a_stop_or_a_line(text: str, clause: str, shown: tuple[str, str]) -> None:
    start = text.index(clause)
    assert around(text, start, start + len(clause)) == shown


def test_a_sentence_without_end_is_cut_between_words() -> None:
    text = "word " * 100 + "cited words" + " after" * 60
    start = text.index("cited")
    before, after = around(text, start, start + len("cited words"))
    assert before.startswith("… word ") and after.endswith(" after …") and len(before) + len(after) < 260


def test_a_sentence_that_tells_who_wrote_it_is_left_off_a_clause_that_does_not(
    store: Store, taxonomy: Taxonomy
) -> None:
    told = analysed(
        "t",
        [("As the only wheelwright in Kington aged 97", "0", ()), ("I waited an hour.", "-", (WAIT, "O3"))],
        service="podiatry",
    )
    add_batch(store, "a.csv", [told])
    asked = replace(Filters(), objective="O3")
    (clause,) = in_their_sentences(store.conn, clauses(store.conn, taxonomy, asked, EVERYTHING))
    judged = Disclosure(store.conn, taxonomy).quotable(clause)
    assert clause.before and not is_withheld(judged)
    assert (judged.before, judged.text) == ("", "I waited an hour.")
