"""Evidence shows both sides with their words, chooses the words by its stated rule, and says what it cannot say."""

from dataclasses import replace
from datetime import date

import pytest
from conftest import FOOD, PARKING, add_batch, analysed

from feedback.comment import Analysed
from feedback.errors import BadInput, NotFound
from feedback.evidence.cite import RULE, asked_for, evidence, map_quotes, quotable
from feedback.query import EVERYTHING, Clause, Filters, Scope, totals
from feedback.quoting import words_of
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


def mixed(one: Analysed) -> Analysed:
    """The same comment with its values on both sides at once, as a model may find them."""
    return Analysed(one.comment, tuple(replace(f, polarity="~") if f.kind == "value" else f for f in one.findings))


def test_sides_are_exclusive_and_make_up_all_that_bears_on_it(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(
        store,
        "sides.csv",
        [
            analysed("for", [("They rang back at once.", "+", ("responsive",))]),
            analysed("against", [("Nobody ever rang back.", "-", ("responsive",))]),
            analysed("both", [("They rang back.", "+", ("responsive",)), ("Then nobody came.", "-", ("responsive",))]),
            mixed(analysed("mixed", [("Quick one day, slow another.", "+", ("responsive",))])),
            analysed("neither", [("They have a call list.", "0", ("responsive",))]),
            analysed("apart", [("The tea was hot.", "+", (FOOD,))]),
        ],
    )
    found = evidence(store.conn, taxonomy, "value", "responsive", Filters(), EVERYTHING)
    assert (found.speaks_for.n, found.against.n, found.both.n, found.neither.n) == (1, 1, 2, 1)
    assert (found.comments, found.read) == (5, 6)
    for side, name in (("for", "speaks_for"), ("against", "against"), ("both", "both"), ("neither", "neither")):
        listed = totals(store.conn, taxonomy, Filters(value="responsive", side=side), EVERYTHING).comments
        assert listed == getattr(found, name).n
        assert found.queries[name] == {"value": "responsive", "side": side}


def test_the_other_side_is_quoted_though_it_is_one_short_comment(store: Store, taxonomy: Taxonomy) -> None:
    praise = [analysed(f"p{n}", [(f"Kind and patient every time, visit {n}.", "+", ("supportive",))]) for n in range(9)]
    add_batch(store, "short.csv", [*praise, analysed("lone", [("Cold, rude.", "-", ("supportive",))])])
    found = evidence(store.conn, taxonomy, "value", "supportive", Filters(), EVERYTHING)
    assert [q.text for q in found.quotes_against] == ["Cold, rude."]


def test_an_outcome_counts_the_themes_linked_to_it_and_says_which(filled: Store, taxonomy: Taxonomy) -> None:
    found = evidence(filled.conn, taxonomy, "outcome", "P2", Filters(), EVERYTHING)
    assert (found.kind, found.comments, found.against.n) == ("outcome", 1, 1)
    assert "Parking" in found.derived and found.cannot_say[0] == found.derived
    assert found.queries["against"] == {"evidence": "outcome:P2", "side": "against"}
    assert evidence(filled.conn, taxonomy, "statement", "P2", Filters(), EVERYTHING) == found


def test_an_outcome_that_models_link_comments_to_counts_those_alone(store: Store, taxonomy: Taxonomy) -> None:
    linked = analysed("linked", [("Seen round the corner from home.", "+", ("P2",))])
    add_batch(store, "linked.csv", [linked, analysed("parked", [("Nowhere to park.", "-", (PARKING,))])])
    found = evidence(store.conn, taxonomy, "outcome", "P2", Filters(), EVERYTHING)
    assert (found.comments, found.speaks_for.n, found.derived) == (1, 1, "")


def test_a_programme_counts_what_bears_on_its_objectives_in_its_services(filled: Store, taxonomy: Taxonomy) -> None:
    found = evidence(filled.conn, taxonomy, "programme", "CHT", Filters(), EVERYTHING)
    assert [(s.id, s.n) for s in found.services if s.id.startswith("ward")] == [("ward-willow", 1)]
    assert (found.comments, found.read) == (1, 3)
    assert "nothing here says that it caused what people met" in found.derived


def test_a_supporting_strategy_counts_the_objectives_it_serves(filled: Store, taxonomy: Taxonomy) -> None:
    found = evidence(filled.conn, taxonomy, "strategy", "SS5", Filters(), EVERYTHING)
    assert found.comments == evidence(filled.conn, taxonomy, "objective", "O3", Filters(), EVERYTHING).comments
    assert "which it serves by our reading" in found.derived


@pytest.mark.parametrize(
    ("filters", "asked"),
    [
        (Filters(objective="O3", service="podiatry"), ("objective", "O3", Filters(service="podiatry"))),
        (Filters(evidence="outcome:P2"), ("outcome", "P2", Filters())),
        (Filters(programme="CHT"), ("programme", "CHT", Filters())),
        (Filters(objective="O3", programme="CHT"), ("objective", "O3", Filters(programme="CHT"))),
    ],
)
def test_filters_name_one_part_of_the_strategy(filters: Filters, asked: tuple[str, str, Filters]) -> None:
    assert asked_for(filters) == asked


@pytest.mark.parametrize("filters", [Filters(), Filters(objective="O3", value="responsive"), Filters(theme=PARKING)])
def test_filters_that_name_none_or_several_are_refused(filters: Filters) -> None:
    with pytest.raises(BadInput, match="Name one thing"):
        asked_for(filters)


def test_silence_on_it_tells_who_is_heard_but_not_on_this(filled: Store, taxonomy: Taxonomy) -> None:
    silent = evidence(filled.conn, taxonomy, "objective", "O4", Filters(), EVERYTHING).silence
    assert ("podiatry", 0) in [(s.id, s.n) for s in silent.services]
    assert silent.groups == ("patient",)
    assert silent.groups_unheard == ("carer", "relative", "parent", "staff")
    assert silent.services_unheard == silent.of_services - len(silent.services)


def test_every_quotation_can_be_changed_before_it_leaves_the_building(filled: Store, taxonomy: Taxonomy) -> None:
    add_batch(filled, "ramp.csv", [analysed("ramp", [("My podiatrist built a ramp.", "+", ("O2", "O1.W6"))])])
    found = evidence(filled.conn, taxonomy, "objective", "O2", Filters(), EVERYTHING)
    hidden = map_quotes(found, lambda clause: clause_with(clause, "[withheld]"))
    assert [voice.clause.comment for voice in found.rare] == ["ramp"]
    assert "podiatrist" in str(found.as_record()) and "fell twice" in str(found.as_record())
    assert "podiatrist" not in str(hidden.as_record()) and "fell twice" not in str(hidden.as_record())


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


def clause_with(given: Clause, text: str) -> Clause:
    return replace(given, text=text)


def said(place: int, text: str, *, score: float = 0.9, service: str = "a", day: date | None = None) -> Clause:
    return replace(clause(text, service), citation=f"HW-2026-{place:06}.1", comment=str(place), score=score, date=day)


LATE = "the appointment letter came a week late"
SPOKEN = [
    said(1, f"{LATE} again", score=0.7),
    said(2, "my appointment letter was late", score=0.7, service="b"),
    said(3, "late letter, late appointment, every week", score=0.7, service="c"),
    said(4, "the wallpaper peels over the radiator", score=0.99, service="d"),
    said(5, "nobody answers when I ring reception", score=0.8, service="e"),
    said(6, "reception never answers the phone", score=0.7, service="f"),
]


def test_the_strongest_are_the_surest_and_the_typical_are_like_the_rest() -> None:
    words = words_of(SPOKEN, 2, {})
    assert [c.citation[-4:] for c in words.strongest] == ["04.1", "05.1"]
    assert len(words.typical) == 2
    assert {c.citation[-4:] for c in words.typical} & {"01.1", "02.1", "03.1"}
    assert not {c.citation for c in words.typical} & {c.citation for c in words.strongest}


def test_the_same_clauses_in_any_order_give_the_same_words() -> None:
    assert words_of(SPOKEN, 3, {}) == words_of(SPOKEN[::-1], 3, {})


def test_nobody_is_quoted_twice() -> None:
    words = words_of(SPOKEN, 3, dict.fromkeys("123456", 7))
    assert (len(words.strongest), words.typical) == (1, ())


def test_a_third_from_one_service_or_month_waits_until_others_have_spoken() -> None:
    may = date(2026, 5, 3)
    texts = (
        "the lift was broken all day",
        "cold soup and no spoon",
        "my slippers vanished overnight",
        "a very long queue outside",
    )
    here = [said(n, text, score=0.9 - n / 100, service="a", day=may) for n, text in enumerate(texts, start=1)]
    away = said(9, "parking ticket machine ate my coins", score=0.65, service="b", day=date(2026, 6, 1))
    assert [c.comment for c in words_of([*here, away], 3, {}).strongest] == ["1", "2", "9"]
    assert [c.comment for c in words_of(here, 3, {}).strongest] == ["1", "2", "3"]


def test_short_clauses_repeats_a_second_of_a_comment_and_a_third_from_one_service_are_passed_over() -> None:
    candidates = [
        said(1, "Very good"),
        said(2, "They rang me back the same day"),
        said(2, "and asked how I had slept since"),
        said(3, "They rang me back the same day!", service="b"),
        said(4, "Somebody finally wrote it all down"),
        said(5, "The exercises made my knee work"),
        said(6, "Parking right outside the front door", service="b"),
    ]
    assert [c.text for c in quotable(candidates, 3)] == [
        "They rang me back the same day",
        "Somebody finally wrote it all down",
        "Parking right outside the front door",
    ]
