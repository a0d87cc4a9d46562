"""What a person says of how words feel moves what models found in them, in every figure, until it is taken back. Every comment is invented."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from conftest import MANNER, PARKING, PHONES, READER, WAIT, add_batch, analysed
from fastapi.testclient import TestClient

from api.app import make_app
from feedback.comment import Analysed
from feedback.correct import Said, correct, withdraw
from feedback.errors import NotFound
from feedback.evidence.words import words_on_sides
from feedback.filters import EVERYTHING, Filters
from feedback.query import (
    clause_named,
    comment,
    machine_findings,
    objective_table,
    statement_table,
    theme_table,
    totals,
    value_table,
)
from feedback.settle import TURNED
from feedback.store import Store
from feedback.taxonomy import Taxonomy

DAY = date(2026, 5, 3)
SOONER = analysed("one.5", [("Seen sooner than expected.", "-", (WAIT, "responsive", "O3", "O3.W5"))], day=DAY)
TWO = [("The nurse was lovely.", "+", (MANNER, "O2")), ("The porter was rude.", "-", (MANNER,))]

Say = Callable[..., int]
Signs = dict[str, set[str]]


@pytest.fixture
def say(store: Store, taxonomy: Taxonomy) -> Say:
    def said(kind: str, label: str, id: str, **more: object) -> int:
        return correct(store, taxonomy, id, Said(kind, label, **more), by="Ann")  # type: ignore[arg-type]

    return said


def signs(store: Store, id: str, *kinds: str) -> Signs:
    """On which sides what counts stands, by kind and label."""
    found: Signs = {}
    for f in comment(store.conn, id, EVERYTHING).analysed.findings:
        if f.kind in kinds:
            found.setdefault(f"{f.kind} {f.label}", set()).add(f.polarity)
    return found


CODES = ("theme", "value", "objective", "statement")


def sides(store: Store, taxonomy: Taxonomy) -> list[tuple[int, int, int]]:
    """Of a theme, a value, an objective and a statement: how many comments in all, for it and against it."""
    asked = (store.conn, taxonomy, Filters(), EVERYTHING)
    rows = [*theme_table(*asked), *value_table(*asked), *objective_table(*asked), *statement_table(*asked)]
    return [(r.n, r.positive, r.negative) for r in rows if r.id in (WAIT, "responsive", "O3", "O3.W5")]


@pytest.mark.parametrize("called", ["one.5", "one.5.1", "HW-2026-000001", "HW-2026-000001.1"])
def test_all_that_models_found_in_words_turns_with_what_a_person_says_of_them_and_back(
    store: Store, taxonomy: Taxonomy, say: Say, called: str
) -> None:
    add_batch(store, "a.csv", [SOONER])
    before = comment(store.conn, "one.5", EVERYTHING).analysed
    assert sides(store, taxonomy) == [(1, 0, 1)] * 4
    number = say("sentiment", "positive", called)
    assert sides(store, taxonomy) == [(1, 1, 0)] * 4
    # The whole and its one clause are the same words, whichever of the two was named.
    assert totals(store.conn, taxonomy, Filters(), EVERYTHING).sentiment["positive"] == 1
    assert signs(store, called, "clause", "sentiment") == {"clause positive": {"+"}, "sentiment positive": {"+"}}
    assert machine_findings(store.conn, [1])[1] == before.findings
    withdraw(store, called, by="Bo", number=number)
    assert comment(store.conn, "one.5", EVERYTHING).analysed == before
    assert sides(store, taxonomy) == [(1, 0, 1)] * 4


def test_said_to_feel_neither_way_words_still_speak_of_it_and_count_on_neither_side(
    store: Store, taxonomy: Taxonomy, say: Say
) -> None:
    add_batch(store, "a.csv", [SOONER])
    say("sentiment", "neutral", "one.5")
    assert sides(store, taxonomy) == [(1, 0, 0)] * 4
    say("sentiment", "mixed", "one.5")  # which contradicts no side
    assert signs(store, "one.5", "value", "objective", "statement") == {
        "value responsive": {"-"},
        "objective O3": {"-"},
        "statement O3.W5": {"-"},
    }


def test_what_a_person_said_of_a_value_or_an_objective_stands(store: Store, say: Say) -> None:
    add_batch(store, "a.csv", [SOONER])
    say("objective", "O3", "one.5", polarity="-")
    say("sentiment", "positive", "one.5")
    found = signs(store, "one.5", *CODES)
    assert (found["value responsive"], found["objective O3"], found["statement O3.W5"]) == ({"+"}, {"-"}, {"-"})
    # What went there and back is the models' own word again.
    (statement,) = comment(store.conn, "one.5", EVERYTHING).analysed.of("statement")
    assert statement.by == READER


def test_only_what_rests_on_the_clause_turns(store: Store, say: Say) -> None:
    add_batch(store, "a.csv", [analysed("two", TWO, day=DAY)])
    say("sentiment", "negative", "two.1")
    assert signs(store, "two", "theme", "objective") == {f"theme {MANNER}": {"-"}, "objective O2": {"-"}}
    say("sentiment", "positive", "two.2")
    found = comment(store.conn, "two", EVERYTHING).analysed.of("theme")
    assert [(f.polarity, f.by) for f in found] == [("-", READER + TURNED), ("+", READER + TURNED)]


def over_both(id: str = "both") -> Analysed:
    """A comment whose objective stands on both sides, from the one clause to the other."""
    one = analysed(id, TWO, day=DAY)
    return replace(
        one, findings=tuple(replace(f, polarity="~", end=42) if f.kind == "objective" else f for f in one.findings)
    )


@pytest.mark.parametrize(
    ("clause", "feels", "side"),
    [(1, "negative", "-"), (1, "neutral", "-"), (2, "positive", "+"), (1, "positive", "~"), (1, "mixed", "~")],
)
def test_what_stands_on_both_sides_loses_the_one_that_a_person_took_from_its_only_clause(
    store: Store, say: Say, clause: int, feels: str, side: str
) -> None:
    add_batch(store, "a.csv", [over_both()])
    say("sentiment", feels, "both", clause=clause)
    assert signs(store, "both", "objective") == {"objective O2": {side}}


def test_an_objective_keeps_the_side_that_a_statement_of_it_has_from_other_words(store: Store, say: Say) -> None:
    told = [("The nurse was lovely.", "+", ("O2", "O2.W1")), ("She told me all.", "+", ("O2.W2",))]
    add_batch(store, "a.csv", [analysed("two", told, day=DAY)])
    say("sentiment", "negative", "two.1")
    assert signs(store, "two", "objective", "statement") == {
        "objective O2": {"~"},
        "statement O2.W1": {"-"},
        "statement O2.W2": {"+"},
    }
    say("sentiment", "neutral", "two.1")
    assert signs(store, "two", "objective") == {"objective O2": {"+"}}


def test_said_of_a_whole_comment_it_turns_clauses_only_where_none_can_be_as_it_was_read(store: Store, say: Say) -> None:
    bitter = [("Oh brilliant.", "+", ("O2",)), ("Another lovely long wait.", "+", (WAIT,))]
    add_batch(store, "a.csv", [analysed("bitter", bitter, day=DAY), analysed("two", TWO, day=DAY)])
    number = say("sentiment", "negative", "bitter")
    assert signs(store, "bitter", "clause", "theme", "objective") == {
        "clause negative": {"-"},
        f"theme {WAIT}": {"-"},
        "objective O2": {"-"},
    }
    assert {f.by for f in comment(store.conn, "bitter", EVERYTHING).analysed.of("clause")} == {READER + TURNED}
    assert [f.label for f in machine_findings(store.conn, [1])[1] if f.kind == "clause"] == ["positive", "positive"]
    say("sentiment", "positive", "bitter.1")  # then it is the other that makes the whole so
    assert [f.polarity for f in comment(store.conn, "bitter", EVERYTHING).analysed.of("clause")] == ["+", "-"]
    withdraw(store, "bitter", by="Ann", said=Said("sentiment", "positive", clause=1))
    withdraw(store, "bitter", by="Ann", number=number)
    assert signs(store, "bitter", "clause") == {"clause positive": {"+"}}
    say("sentiment", "negative", "two")  # of which one clause is negative, so nothing is said of the other
    assert signs(store, "two", "clause") == {"clause positive": {"+"}, "clause negative": {"-"}}


def test_it_stays_turned_when_the_models_read_the_comment_again(store: Store, say: Say) -> None:
    add_batch(store, "a.csv", [SOONER])
    say("sentiment", "positive", "one.5")
    newer = [replace(f, by="reader 2.0") for f in SOONER.findings if f.by == READER]
    with store.writing():
        store.read_anew(1, ("clause", "sentiment", *CODES), newer)
    found = comment(store.conn, "one.5", EVERYTHING).analysed
    assert {(f.polarity, f.by) for kind in CODES for f in found.of(kind)} == {("+", "reader 2.0" + TURNED)}  # type: ignore[arg-type]


def test_a_turned_clause_is_quoted_on_its_new_side_and_claims_no_chance_of_it(
    store: Store, taxonomy: Taxonomy, say: Say
) -> None:
    sure = analysed("sure", [("They rang me back at once.", "+", ("O3",))], day=DAY, score=0.7)
    add_batch(store, "a.csv", [SOONER, sure])
    say("sentiment", "positive", "one.5")
    found = words_on_sides(store.conn, taxonomy, Filters(objective="O3"), EVERYTHING, 6)
    assert found["-"].strongest == ()
    assert [(c.comment, c.reason) for c in found["+"].strongest] == [
        ("sure", "reader 1.0, 0.70 sure that it speaks for O3"),
        ("one.5", "found by reader 1.0, and a person said how these words feel: it speaks for O3"),
    ]


def test_the_page_says_what_the_models_read_of_that_which_turned(store: Store, say: Say) -> None:
    add_batch(store, "a.csv", [SOONER])
    say("sentiment", "neutral", "one.5")
    with TestClient(make_app(store.path)) as client:
        page = " ".join(client.get("/comments/one.5").text.split())
    assert "The models read: against; it follows what a person said of these words: they feel neither way" in page
    assert "turned by a person" in page


def test_a_clause_is_called_by_its_comments_own_id_too(store: Store) -> None:
    add_batch(store, "a.csv", [SOONER, analysed("one", TWO, day=DAY)])
    whole, two = comment(store.conn, "one.5", EVERYTHING), comment(store.conn, "one.2", EVERYTHING)
    assert (whole.analysed.comment.id, clause_named("one.5", whole)) == ("one.5", None)
    assert (two.analysed.comment.id, clause_named("one.2", two)) == ("one", 2)
    assert clause_named("HW-2026-000002.1", two) == 1
    for nobody in ("one.3", "one.", "one.x", "nobody.1"):
        with pytest.raises(NotFound):
            comment(store.conn, nobody, EVERYTHING)


def test_a_theme_is_called_by_its_name_too(store: Store, taxonomy: Taxonomy, say: Say) -> None:
    one = analysed("one", [("Nobody picked up.", "-", (PHONES,))], day=DAY)
    add_batch(store, "a.csv", [one])
    say("theme", "Parking", "one", polarity="-", instead_of=taxonomy.themes[PHONES].name)
    assert signs(store, "one", "theme") == {f"theme {PARKING}": {"-"}}
    by_name = theme_table(store.conn, taxonomy, Filters(theme="PARKING"), EVERYTHING)
    assert next(row.n for row in by_name if row.id == PARKING) == 1
    withdraw(store, "one", by="Ann", said=Said("theme", "parking"))
    with pytest.raises(NotFound, match="nearest ids are"):
        say("theme", "Parkings and such", "one", polarity="-")
