import pytest

from feedback.errors import BadInput
from feedback.read.ratings import legend_in, legend_of, read_label, read_number

AS_ASKED = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
REVERSED = {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}


@pytest.mark.parametrize(
    ("cell", "rating"),
    [
        ("Very good", 1),
        ("GOOD", 2),
        ("Neither good nor poor", 3),
        ("poor ", 4),
        ("very_poor", 5),
        ("Don’t know", 6),
        ("Extremely likely", 1),
        ("Unlikely", 4),
        ("1 - Very good", 1),
        ("5 - Very good", 1),
        ("Very poor (5)", 5),
        ("(2) Good", 2),
        ("Very good 🙂", 1),
    ],
)
def test_an_answer_is_read_by_its_label_not_by_the_number_beside_it(cell, rating):
    assert read_label(cell) == rating


@pytest.mark.parametrize("cell", ["Green", "11", 1, None, "Good food and a warm ward", "not good"])
def test_what_is_no_label_is_no_rating(cell):
    assert read_label(cell) is None


@pytest.mark.parametrize(
    ("cell", "number"), [("4", 4), ("4.0", 4), (4, 4), (True, None), ("4 - Poor", None), ("444", None)]
)
def test_a_number_is_read_only_when_it_stands_alone(cell, number):
    assert read_number(cell) == number


@pytest.mark.parametrize(
    ("text", "legend"),
    [
        ("Rating (1 = very good, 5 = very poor)", AS_ASKED),
        ("Score: 5 is very good, 1 is very poor", REVERSED),
        ("Very poor = 1; Very good = 5", REVERSED),
        ("How was it? 1 Very good ... 5 Very poor", AS_ASKED),
        (
            "1=Extremely likely 2=Likely 3=Neither likely nor unlikely 4=Unlikely 5=Extremely unlikely 6=Don't know",
            AS_ASKED | {6: 6},
        ),
    ],
)
def test_a_legend_in_words_settles_what_the_numbers_mean(text, legend):
    assert legend_in([text]) == legend


@pytest.mark.parametrize("text", ["Rating", "Stars out of 5", "2 good nurses", "Overall score"])
def test_without_a_legend_there_is_no_meaning(text):
    assert legend_in([text]) == {}


def test_a_legend_spread_over_the_rows_of_a_key_is_put_together():
    assert (
        legend_in(["1 = Very poor", "2 = Poor", "3 = Neither good nor poor", "4 = Good", "5 = Very good"]) == REVERSED
    )


def test_a_person_may_give_one_end_or_every_answer():
    assert legend_of("5=very_good") == REVERSED
    assert legend_of("1=very_good, 6=dont_know") == AS_ASKED | {6: 6}


def test_a_legend_with_an_unknown_answer_is_refused_with_the_choices():
    with pytest.raises(BadInput, match="very_good, good, neither, poor, very_poor, dont_know"):
        legend_of("1=excellent")
