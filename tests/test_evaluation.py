"""The figures taken apart, against answers worked out by hand, and the report made of them. Every comment is invented."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from conftest import FOOD, LISTENING, MANNER, THANKS, WAIT, analysed

from evaluation import curve, open_system, report
from evaluation.detail import abstention, groups, labels, length_band, noise, spelling_band, three
from evaluation.fairness import HERE, WAYS, lightly
from evaluation.models import Held
from evaluation.run import RESULTS
from feedback.comment import Analysed
from feedback.taxonomy import Taxonomy
from feedback.training.labelled import Example, Part

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline


def example(
    id: str,
    text: str,
    themes: Sequence[str],
    sentiment: int,
    *,
    kind: Any = "what_good",
    part: Part = "test",
    **more: Any,
) -> Example:
    return Example(
        id, text, kind, frozenset(themes), nhs_themes=True, sentiment=sentiment, part=part, service_type="Ward", **more
    )


def found(id: str, text: str, sign: str, *themes: str) -> Analysed:
    return analysed(id, [(text, sign, themes)])


@pytest.fixture
def held() -> Held:
    """Three comments of the test: one read rightly, one with a theme too many, one on which nothing was found."""
    test = [
        example("a", "she was kind", [MANNER], 2),
        example("b", "months of waiting for a kind nurse", [WAIT], 5),
        example("c", "the soup", [FOOD], 3),
    ]
    read = {
        "a": found("a", "she was kind", "+", MANNER),
        "b": found("b", "months of waiting for a kind nurse", "-", WAIT, MANNER),
        "c": found("c", "the soup", "0"),
    }
    return Held(test, [], read, set())


def test_a_label_has_its_precision_recall_and_f1_with_what_they_are_of(held: Held, taxonomy: Taxonomy) -> None:
    per = labels(held, taxonomy)
    themes = {row["label"]: row for row in per["themes"]}
    manner = themes["Staff manner & personal attributes"]
    assert (manner["support"], manner["given"]) == (1, 2)
    assert [manner[figure]["share"] for figure in ("precision", "recall", "f1")] == pytest.approx([0.5, 1, 2 / 3])
    food = themes["Food & drink provision & facilities"]
    assert (food["precision"], food["recall"]["share"], food["f1"]["share"]) == (None, 0, 0)
    assert "Parking" not in themes
    felt = {row["label"]: (row["support"], row["given"]) for row in per["sentiment"]}
    assert felt == {"positive": (1, 1), "very negative": (1, 0), "negative": (0, 1), "neutral or mixed": (1, 1)}


def test_what_has_no_theme_is_counted(held: Held) -> None:
    said = abstention(held)
    assert (said["none_given"]["k"], said["none_given"]["n"], said["rightly"], said["nhs_none"]) == (1, 3, 0, 0)


def test_small_groups_are_put_together_but_not_the_steps_of_a_scale(held: Held) -> None:
    by = groups(held)
    assert [(row["group"], row["comments"]) for row in by["service"]] == [("other", 3)]
    assert [(row["group"], row["comments"]) for row in by["length"]] == [("1 to 3 words", 2), ("4 to 10 words", 1)]
    whole = by["service"][0]
    assert whole["themes"]["share"] == pytest.approx(2 * 2 / (3 + 3))
    assert (whole["five_point"]["share"], whole["three_point"]["share"]) == (pytest.approx(2 / 3), 1)


def test_the_noise_of_labels_counts_each_text_once() -> None:
    same = [
        *(example(f"n{n}", "Nothing.", [THANKS], 2, part="train") for n in range(3)),
        example("n9", "nothing", [], 3, part="train"),
        example("l1", "they never listened to me", [LISTENING], 4, part="train"),
        example("l2", "They never listened to me!", [LISTENING, MANNER], 5),
        example("o1", "they never listened to me", [WAIT], 4, kind="could_improve"),
        example("s1", "a text that stands alone", [WAIT], 4),
    ]
    said = noise(same)
    assert (said["texts"], said["rows"], said["longer_texts"]) == (2, 6, 1)
    # "nothing": 3 of 6 pairs alike; "they never listened": none of one.
    assert said["exact"]["share"] == pytest.approx((3 / 6 + 0) / 2)
    assert said["exact_longer"]["share"] == 0
    assert said["five_point"]["share"] == pytest.approx((3 / 6 + 0) / 2)
    assert said["three_point"]["share"] == pytest.approx((3 / 6 + 1) / 2)
    assert said["most_exact"] == pytest.approx((3 / 4 + 1 / 2) / 2)


@pytest.mark.parametrize(
    ("text", "length", "spelling"),
    [
        ("good", "1 to 3 words", "under 5 words to judge by"),
        ("the nurse was kind to my mother", "4 to 10 words", "every word known"),
        ("the nurse on Bladderwrack was kind to [PERSON] again", "4 to 10 words", "every word known"),
        ("the colour of the anaesthetist was not explained to me by them", "11 to 25 words", "every word known"),
        ("the nerse was verry kind to me", "4 to 10 words", "over 10% unknown"),
    ],
)
def test_bands_of_length_and_spelling(text: str, length: str, spelling: str) -> None:
    assert (length_band(text), spelling_band(text)) == (length, spelling)


def test_five_points_fold_into_three() -> None:
    assert [three(scale) for scale in range(1, 6)] == [-1, -1, 0, 1, 1]


def test_a_light_misspelling_lies_between_the_plain_words_and_the_bad_one() -> None:
    for case in yaml.safe_load((HERE / "fairness.yml").read_text(encoding="utf-8"))["cases"]:
        some = lightly(case["plain"], case["misspelt"])
        assert case["plain"] != some != case["misspelt"] or case["plain"].lower() == some.lower(), case["id"]


def test_invented_cases_are_whole_and_of_known_themes(taxonomy: Taxonomy) -> None:
    cases = yaml.safe_load((HERE / "fairness.yml").read_text(encoding="utf-8"))["cases"]
    assert len(cases) == len({case["id"] for case in cases}) == 60
    assert all(set(case["themes"]) <= set(taxonomy.themes) and case["themes"] for case in cases)
    assert all(case[way] for case in cases for way in WAYS if way != "lightly")
    assert {case["sentiment"] for case in cases} == {"positive", "neutral", "negative"}


# The report


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def test_the_report_is_what_the_last_figures_make_it(results: dict[str, Any]) -> None:
    apart = (report.kept(report.CURVE, results), report.kept(report.OPEN_SYSTEM, results))
    assert report.DOC.read_text(encoding="utf-8") == report.as_report(results, *apart)


def test_what_was_measured_apart_on_other_data_is_left_out(results: dict[str, Any]) -> None:
    other = results | {"data": {"sha256": "another"}}
    assert report.kept(report.CURVE, other) is None and report.kept(report.OPEN_SYSTEM, other) is None
    said = report.as_report(other, None, None)
    assert "have not been re-run on these data" in said and "evaluation.curve --data DIR` does so" in said


def test_the_report_takes_the_figures_of_a_model_of_services_where_there_are_some(results: dict[str, Any]) -> None:
    said = report.as_report(results | {"services_unseen": {"exact_sets": 0.8714, "cases": 120}}, None, None)
    assert "## Which service, who speaks: unseen cases\n" in said
    assert "| exact sets | 0.87 |\n| cases | 120 |" in said


def test_every_table_of_the_report_is_even(results: dict[str, Any]) -> None:
    lines = report.as_report(results, None, None).splitlines()
    before = 0
    for line in lines:
        bars = line.count("|") if line.startswith("|") else 0
        assert not (bars and before) or bars == before, line[:60]
        before = bars


def test_the_chart_says_in_words_what_it_shows(results: dict[str, Any]) -> None:
    svg = report.calibration_chart(results["detail"]["calibration"])
    assert svg.startswith("<svg") and "how often an answer was right" in svg
    assert svg + "\n" == report.CHART.read_text(encoding="utf-8")


# What is measured apart


@pytest.fixture(scope="module")
def plain_examples() -> list[Example]:
    """A hundred and twenty invented answers in which one word tells the theme and the feeling, spread over the parts."""
    said = {"kind": (MANNER, 1), "late": (WAIT, 5), "soup": (FOOD, 3)}
    parts: tuple[Part, ...] = ("train", "train", "train", "train", "validation", "test")
    return [
        example(f"{word}{n}", f"it was {word} on day {n}", [theme], scale, part=parts[n % 6])
        for n in range(40)
        for word, (theme, scale) in said.items()
    ]


def test_the_open_systems_configurations_learn_what_one_word_tells(plain_examples: list[Example]) -> None:
    found = open_system.measure(plain_examples, [MANNER, WAIT, FOOD, LISTENING])
    assert set(found["themes"]) == {
        "support vector machines, as they predict",
        "boosted trees, as they predict",
        "support vector machines, thresholds tuned",
        "boosted trees, thresholds tuned",
        "both averaged, thresholds tuned",
    }
    assert all(figures["micro_f1"] == figures["exact"] == 1 for figures in found["themes"].values())
    assert found["sentiment"]["support vector machine"] == {"five_point": 1, "weighted_kappa": 1, "three_point": 1}


@pytest.mark.slow
def test_the_curve_has_a_point_for_each_share_of_the_training_rows(
    plain_examples: list[Example], pipeline: "Pipeline"
) -> None:
    rows = curve.measure(plain_examples, pipeline)
    assert [(row["share"], row["rows"]) for row in rows] == [(0.125, 10), (0.25, 21), (0.5, 42), (1.0, 84)]
    assert rows[-1]["tfidf"] == rows[-1]["vectors"] == {"macro_f1": 1, "micro_f1": 1, "five_point": 1}
    said = report.as_report(
        json.loads(RESULTS.read_text(encoding="utf-8")), {"measured": "2026-11-22", "reader": "1.0", "rows": rows}, None
    )
    assert "| 1 | 84 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 |" in said
    assert "The last doubling of the comments brought the tf-idf reader" in said
