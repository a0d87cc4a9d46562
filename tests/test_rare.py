"""The rare voice is heard by a stated rule: alone on a statement, or on a rare theme with urgent or very negative words."""

from collections.abc import Sequence
from dataclasses import replace

from conftest import FOOD, MANNER, PARKING, PHONES, add_batch, analysed

from feedback.comment import Analysed
from feedback.evidence.rare import RareVoice, rare_voices
from feedback.query import EVERYTHING, Filters, Scope, totals
from feedback.store import Store
from feedback.taxonomy import Taxonomy


def crowd(n: int = 70) -> list[Analysed]:
    return [
        analysed(f"c{i}", [(f"Staff were friendly, visit {i}.", "+", (MANNER, "O1"))], service="podiatry")
        for i in range(n)
    ]


def heard(
    store: Store, taxonomy: Taxonomy, filters: Filters | None = None, on: Filters | None = None
) -> Sequence[RareVoice]:
    filters = filters or Filters()
    read = totals(store.conn, taxonomy, filters, EVERYTHING).read
    return rare_voices(store.conn, taxonomy, filters, EVERYTHING, read=read, bearing_on=on)


def very_negative(one: Analysed) -> Analysed:
    return Analysed(one.comment, tuple(replace(f, detail="5") if f.kind == "sentiment" else f for f in one.findings))


def test_the_only_comment_on_a_statement_is_heard(store: Store, taxonomy: Taxonomy) -> None:
    lone = analysed("lone", [("Nobody asked which ramp I can use.", "-", ("O1.W6",))])
    add_batch(store, "a.csv", [*crowd(), lone])
    (voice,) = heard(store, taxonomy)
    assert (voice.clause.comment, voice.of) == ("lone", 1)
    assert voice.why == f"the only comment on O1.W6 {taxonomy.statements['O1.W6'].title}"


def test_a_rare_theme_is_heard_if_it_is_flagged_or_very_negative_and_not_otherwise(
    store: Store, taxonomy: Taxonomy
) -> None:
    flagged = analysed(
        "flagged", [("The phone rang out while he bled.", "-", (PHONES,))], signal=("unsafe_environment", "urgent")
    )
    angry = very_negative(analysed("angry", [("Parking was a disgrace.", "-", (PARKING,))]))
    calm = analysed("calm", [("The soup could be hotter.", "-", (FOOD,))])
    add_batch(store, "a.csv", [*crowd(), angry, calm, flagged])
    found = heard(store, taxonomy)
    assert [(v.clause.comment, v.why.rsplit(", ", 1)[1]) for v in found] == [
        ("flagged", "flagged as urgent"),
    ]


def test_a_very_negative_comment_is_heard_where_many_go(store: Store, taxonomy: Taxonomy) -> None:
    angry = very_negative(analysed("angry", [("Parking was a disgrace.", "-", (PARKING,))], service="podiatry"))
    apart = very_negative(analysed("apart", [("No food at all.", "-", (FOOD,))]))
    add_batch(store, "a.csv", [*crowd(), angry, apart])
    (voice,) = heard(store, taxonomy)
    assert voice.clause.comment == "angry"
    assert "very negative, " in voice.why and "71 comments are about" in voice.why


def test_what_the_reader_is_not_sure_of_is_no_rare_voice(store: Store, taxonomy: Taxonomy) -> None:
    misread = analysed(
        "misread", [("He shut the section door.", "-", (PHONES,))], signal=("unsafe_environment", "urgent"), score=0.5
    )
    add_batch(store, "a.csv", [*crowd(), misread])
    assert heard(store, taxonomy) == ()


def test_a_theme_that_many_speak_of_is_not_rare(store: Store, taxonomy: Taxonomy) -> None:
    many = [very_negative(analysed(f"p{i}", [(f"No space again, day {i}.", "-", (PARKING,))])) for i in range(5)]
    add_batch(store, "a.csv", [*crowd(), *many])
    assert heard(store, taxonomy) == ()


def test_among_a_handful_nothing_is_rare(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", [*crowd(20), analysed("lone", [("No ramp at all.", "-", ("O1.W6",))])])
    assert heard(store, taxonomy) == ()


def test_of_evidence_only_the_rare_voices_that_bear_on_it_are_heard(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", [*crowd(), analysed("lone", [("No ramp at all.", "-", ("O1.W6", "O4"))])])
    assert [v.clause.comment for v in heard(store, taxonomy, on=Filters(objective="O4"))] == ["lone"]
    assert heard(store, taxonomy, on=Filters(objective="O1")) == ()


def test_a_reader_of_one_service_hears_that_service_alone(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", [*crowd(), analysed("lone", [("No ramp.", "-", ("O1.W6",))], service="ward-willow")])
    scope = Scope.of(taxonomy, ["podiatry"])
    assert rare_voices(store.conn, taxonomy, Filters(), scope, read=70) == ()


def test_a_flag_counts_for_the_words_it_rests_on_alone(store: Store, taxonomy: Taxonomy) -> None:
    told = analysed(
        "told",
        [("He held a knife to his own throat.", "-", ()), ("The phone rang out again.", "-", (PHONES,))],
        signal=("self_harm_suicide", "urgent"),
    )
    add_batch(store, "a.csv", [*crowd(), told])
    found = rare_voices(store.conn, taxonomy, Filters(), EVERYTHING, read=71)
    assert not [voice for voice in found if "flagged" in voice.why]
