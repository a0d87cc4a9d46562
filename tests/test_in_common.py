"""What the clauses behind a change have in common: more of their respondents, and enough of them, or it is not said."""

from feedback.over_time.in_common import by_respondent, shared, words_of


def people(*has: set[str], start: int = 0) -> dict[int, set[str]]:
    return dict(enumerate(has, start=start))


def test_what_more_of_them_have_comes_with_both_shares() -> None:
    behind = people(*[{"barrier", "ticket"}] * 8, *[{"ticket"}] * 2)
    rest = people(*[{"ticket"}] * 90, *[{"barrier"}] * 5, *[set()] * 5, start=100)
    ((item, found),) = shared(behind, rest, 5)
    assert item == "barrier"
    assert (found.n, found.of, found.rest_n, found.rest_of) == (8, 10, 5, 100)
    assert found.z > 3


def test_two_respondents_are_too_few_however_rare_the_word_is_elsewhere() -> None:
    rest = people(*[set()] * 500, start=100)
    assert shared(people(*[{"barrier"}] * 2), rest, 5) == []
    assert [item for item, _ in shared(people(*[{"barrier"}] * 3), rest, 5)] == ["barrier"]


def test_one_who_says_a_word_often_counts_once() -> None:
    behind = by_respondent([(1, {"barrier"}), (1, {"barrier"}), (1, {"barrier"}), (2, {"ticket"})])
    assert behind == {1: {"barrier"}, 2: {"ticket"}}
    assert shared(behind, people(*[set()] * 100, start=10), 5) == []


def test_what_everybody_says_is_not_in_common() -> None:
    assert shared(people(*[{"staff"}] * 20), people(*[{"staff"}] * 200, start=100), 5) == []


def test_nothing_to_compare_with_gives_nothing() -> None:
    assert shared(people(*[{"barrier"}] * 5), {}, 5) == [] == shared({}, people({"barrier"}), 5)


def test_placeholders_and_function_words_are_no_words() -> None:
    assert words_of("[PERSON] and [NHS NUMBER] weren’t at the X-ray desk") == {"ray", "desk"}
