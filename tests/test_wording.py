import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.tag.wording import Spelling, Wordings, plain, split_words

LISTS = {
    "nurse": ["nurse", "sister", "staff nurse"],
    "baby": ["baby", "newborn", "<number of weeks> old"],
    "number of weeks": ["week"],
}


def found(wording: str, text: str) -> list[str]:
    wordings: Wordings[str] = Wordings(LISTS)
    wordings.add(wording, "it")
    words = split_words(text)
    return [" ".join(words[i].text for i in hit.at) for hit in wordings.find(words)]


@pytest.mark.parametrize(
    ("wording", "text", "matched"),
    [
        ("foot clinic", "The Foot Clinics were full", ["foot clinic"]),
        ("heel|toe nail", "my toe nail", ["toe nail"]),
        ("bandage .. leg", "they bandaged? no: bandages on my poor left leg", ["bandage leg"]),
        ("bandage .. leg", "a bandage. My leg is fine", []),
        ("knit* club", "knitting club", ["knitting club"]),
        ("<nurse> visit", "a staff nurse visits", ["nurse visit", "staff nurse visit"]),
        ("<baby> clinic", "week old clinic", ["week old clinic"]),
        ("is <over 65>", "she is 91", ["is 91"]),
        ("is <over 65>", "it is 12", []),
    ],
)  # fmt: skip
def test_a_wording_matches_words_lists_stems_gaps_and_numbers_within_a_sentence(wording, text, matched):
    assert sorted(found(wording, text)) == matched


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Children's Wards", "children ward"),
        ("Co-ordinators & in-patients", "coordinator and inpatient"),
        ("A&E", "a and e"),
        ("therapies, boxes, bus, crisis", "therapy box bus crisis"),
        ("[PERSON] rang", "[person] rang"),
    ],
)
def test_names_are_compared_without_case_plural_apostrophe_or_hyphen(text, form):
    assert plain(text) == form


def test_a_word_knows_how_it_was_written():
    first, second = split_words("hello, HOLT")
    assert (first.first, second.first) == (True, False)
    assert (second.apart, second.capital, second.caps, second.start, second.end) == (True, True, True, 7, 11)


SPELLING = Spelling(["physio", "podiatry", "wound", "dietitian", "crisis"], known=["appt"])


@pytest.mark.parametrize(
    ("written", "meant"), [("fizzio", "physio"), ("podiatary", "podiatry"), ("dietishun", "dietitian"), ("crysis", "crisis")]
)  # fmt: skip
def test_a_word_that_english_does_not_know_is_mended_by_sight_and_sound(written, meant):
    (word,) = split_words(written)
    mended = SPELLING.mend(word)
    assert (mended.text, mended.mended) == (meant, True)


@pytest.mark.parametrize("written", ["would", "appt", "IAPT", "colour", "travelling", "xq"])
def test_a_word_that_is_right_as_it_is_stays(written):
    (word,) = split_words(written)
    assert SPELLING.mend(word) is word


@given(st.text())
def test_words_stand_in_order_inside_the_text(text):
    words = split_words(text)
    ends = [0, *(word.end for word in words)]
    assert all(before <= word.start < word.end <= len(text) for before, word in zip(ends, words, strict=False))


def test_of_two_words_that_are_as_near_the_same_is_always_meant():
    one, other = Spelling(["harvent", "harvint"]), Spelling(["harvint", "harvent"])
    (word,) = split_words("harvunt")
    assert one.mend(word).text == other.mend(word).text == "harvent"
