"""The figures taken apart, against answers worked out by hand, and the report made of them. Every comment is invented."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml
from conftest import FOOD, LISTENING, MANNER, THANKS, WAIT, analysed

from evaluation import curve, open_system, reach, report, run
from evaluation.apart import keep, kept
from evaluation.detail import abstention, confused, groups, labels, length_band, noise, spelling_band
from evaluation.fairness import HERE, WAYS, hard_themes, lightly
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


def test_themes_taken_for_one_another_are_named(taxonomy: Taxonomy) -> None:
    test = [example(id, f"{id} never looked up", [LISTENING], 4) for id in "abcd"]
    read = {e.id: found(e.id, e.text, "-", MANNER) for e in test}
    read["d"] = found("d", "d never looked up", "-", LISTENING, WAIT)
    names = {theme: taxonomy.themes[theme].name for theme in (LISTENING, MANNER)}
    assert confused(Held(test, [], read, set()), taxonomy) == [
        {"missed": names[LISTENING], "given": names[MANNER], "n": 3}
    ]


def test_values_and_objectives_have_the_names_that_people_know_them_by(taxonomy: Taxonomy) -> None:
    test = [example("a", "she was kind", [MANNER], 2, codes={"S": "+", "O2": "-"})]
    rows = labels(Held(test, [], {"a": found("a", "she was kind", "+", MANNER)}, set()), taxonomy)["codes"]
    assert [(row["label"], row["support"]) for row in rows] == [
        ("Supportive", 1),
        ("O2, Provide high quality care through strong foundations", 1),
    ]


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
    assert json.loads(json.dumps(by)) == by


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
    hard = yaml.safe_load((HERE / "hard.yml").read_text(encoding="utf-8"))["themes"]
    assert all(set(case["themes"]) <= set(taxonomy.themes) and case["themes"] for case in hard)
    assert len({case["text"] for case in hard}) == 24


# The report


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def test_the_report_and_the_readme_are_what_the_last_figures_make_them(results: dict[str, Any]) -> None:
    peers = kept(report.OPEN_SYSTEM, results["data"]["sha256"])
    said = report.as_report(results, kept(report.CURVE, results["data"]["sha256"]), peers)
    assert report.DOC.read_text(encoding="utf-8") == said
    readme = run.README.read_text(encoding="utf-8")
    assert f"{run.BEGIN}\n{run.as_table(results, peers)}\n{run.END}" in readme


def test_what_was_measured_apart_on_other_data_is_left_out(results: dict[str, Any], tmp_path: Path) -> None:
    keep(tmp_path / "apart.json", "these data", rows=[1])
    assert kept(tmp_path / "apart.json", "these data")["rows"] == [1]
    assert kept(tmp_path / "apart.json", "other data") is None and kept(tmp_path / "none.json", "these data") is None
    said = report.as_report(results, None, None)
    assert "have not been re-run on these data" in said and "evaluation.curve --data DIR` does so" in said


def test_the_report_opens_with_what_a_reader_may_rely_on(results: dict[str, Any]) -> None:
    said = report.as_report(results, None, None)
    headings = [line.removeprefix("## ") for line in said.splitlines() if line.startswith("## ")]
    assert headings == [
        "In short",
        "What it was meant to reach",
        "Beside other ways to do it",
        "Label by label",
        "By kind of comment",
        "Whether it reads everybody alike",
        "Where it is worst",
        "Which service, who speaks",
        "Whether its probabilities mean what they say",
        "How often it says that it cannot tell",
        "What the labels are worth",
        "Whether more labelled comments would help",
    ]


def test_a_theme_wrong_more_often_than_right_is_named_at_once(results: dict[str, Any]) -> None:
    share = {"k": 3, "n": 10, "share": 0.3, "lower": 0.07, "upper": 0.65}
    rows = [
        {"label": "Parking", "support": 10, "given": 10, "precision": share, "recall": share, "f1": share},
        {"label": "Discharge", "support": 4, "given": 10, "precision": share, "recall": share, "f1": share},
    ]
    detail = results["detail"] | {"labels": results["detail"]["labels"] | {"themes": rows}}
    said = report.as_report(results | {"detail": detail}, None, None)
    assert "Wrong or missed more often than not: Parking. Read the comments" in said
    assert "On fewer than 5 comments, so without figures: Discharge (4, given 10)." in said


def test_the_report_tells_how_services_are_told_where_that_was_measured(results: dict[str, Any]) -> None:
    figures = {
        "cases": 120,
        "precision": 0.91,
        "recall": 0.82,
        "exact": 0.8714,
        "subject_only_mentioned": 0.011,
        "respondent": 0.75,
    }
    said = report.as_report(results | {"services_unseen": figures}, None, None)
    assert "On 120 invented comments" in said and "just\nthe right set for 87%." in said
    assert "## Which service" not in report.as_report(results | {"services_unseen": None}, None, None)


def test_what_only_a_newer_run_has_is_shown_when_it_is_there(results: dict[str, Any]) -> None:
    wrong = {"text": "We circled twice.", "is": ["Parking"], "read": []}
    rate = {"share": 0.5, "lower": 0.2, "upper": 0.8}
    newer = results | {
        "hard_themes": [{"kind": "a rare theme", "themes": rate, "wrong": [wrong]}],
        "sentiment": results["sentiment"] | {"ours": results["sentiment"]["ours"] | {"opposite": 0.021}},
        "detail": results["detail"]
        | {
            "confused": [{"missed": "Discharge", "given": "Continuity of care", "n": 3}],
            "calibration": results["detail"]["calibration"]
            | {"labels": [{"label": "Parking", "expected": 21.4, "right": 20, "error": 0.0123}]},
        },
    }
    said = report.as_report(newer, None, None)
    assert '| a rare theme | 0.50 (0.20-0.80) | "We circled twice." is Parking, read as no theme |' in said
    assert "Praise is taken for blame, or blame for praise, in 2.1%." in said
    assert "it is most often: Discharge missed where Continuity of care is given (3)." in said
    assert "| Parking | 21 | 20 | 0.012 |" in said


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


# What was to be reached


def test_every_figure_to_reach_is_measured(results: dict[str, Any]) -> None:
    rows = reach.held_against(results)
    assert [row.reach.what for row in rows if row.figure is None] == []
    assert len({row.reach.at for row in rows}) == len(rows)
    lowest = next(row for row in rows if row.reach.at == "strategy.per_code")
    assert lowest.figure == min(part["f1"] for part in results["strategy"]["per_code"].values())


def test_a_figure_is_held_against_what_was_to_be_reached() -> None:
    aims = (
        reach.Reach("over", "all", "a.over", 0.7),
        reach.Reach("just", "all", "a.just", 0.745),
        reach.Reach("under", "all", "a.under", 0.9),
        reach.Reach("mistakes", "all", "a.mistakes", 0.02, most=True),
        reach.Reach("too many mistakes", "all", "a.more", 0, most=True),
        reach.Reach("not yet", "all", "b.other", 1.0),
    )
    figures = {"a": {"over": 0.712, "just": 0.745, "under": 0.8996, "mistakes": 0.011, "more": 2}}
    rows = reach.held_against(figures, aims)
    assert [row.met for row in rows] == [True, True, False, True, False, False]
    assert reach.as_table(rows)[2:] == [
        "| over | all | 0.70 | 0.712 | met by 1.2 points |",
        "| just | all | 0.745 | 0.745 | met |",
        "| under | all | 0.90 | 0.900 | **not met**, 0.0 points short |",
        "| mistakes | all | at most 0.02 | 0.011 | met by 0.9 points |",
        "| too many mistakes | all | at most 0 | 2 | **not met**, 2 too many |",
        "| not yet | all | 1.00 | not measured | not measured |",
    ]
    assert reach.in_short(rows) == "3 of 6 figures to reach are met."


def test_the_readme_has_what_was_to_be_reached_beside_each_figure(results: dict[str, Any]) -> None:
    sentiment = results["sentiment"] | {"ours": results["sentiment"]["ours"] | {"five_point": 0.7364}}
    said = run.as_table(results | {"sentiment": sentiment}, None).splitlines()
    ours = next(n for n, line in enumerate(said) if line.startswith("| sentiment"))
    assert said[ours + 2].startswith("| **this system** | 0.74 |") and "| 0.745 (-0.9) |" in said[ours + 3]
    assert re.search(r"urgent recall \d\.\d\d \(1\.00\)", "\n".join(said))


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


def test_that_systems_machines_learn_what_one_word_tells(plain_examples: list[Example]) -> None:
    train, test = ([e for e in plain_examples if e.part == part] for part in ("train", "test"))
    gold = np.array([[e.themes == {theme} for theme in (MANNER, WAIT, FOOD)] for e in train])
    (chances,), decided = open_system._support_vectors(train, [test], gold)
    wanted = [[e.themes == {theme} for theme in (MANNER, WAIT, FOOD)] for e in test]
    assert decided.tolist() == wanted and (chances > 0.5).tolist() == wanted


def test_a_comment_without_a_theme_gets_its_likeliest() -> None:
    given = np.array([[False, False], [True, False]])
    assert open_system._or_likeliest(given, np.array([[0.1, 0.3], [0.6, 0.2]])).tolist() == [
        [False, True],
        [True, False],
    ]


@pytest.mark.slow
def test_the_open_systems_configurations_learn_what_one_word_tells(plain_examples: list[Example]) -> None:
    pytest.importorskip("xgboost", reason="xgboost is only in the training environment")
    found = open_system.measure(plain_examples, [MANNER, WAIT, FOOD, LISTENING])
    assert set(found["themes"]) == {
        f"{name}, {how}"
        for name, how in (
            ("support vector machines", "as they predict"),
            ("XGBoost", "as it predicts"),
            ("two averaged", "as they predict"),
            ("support vector machines", "thresholds tuned"),
            ("XGBoost", "thresholds tuned"),
            ("two averaged", "thresholds tuned"),
        )
    }
    assert all(figures["micro_f1"] == figures["exact"] == 1 for figures in found["themes"].values())
    assert all(felt["five_point"] == felt["weighted_kappa"] == 1 for felt in found["sentiment"].values())


def test_the_curve_has_a_point_for_each_share_of_the_training_rows(
    plain_examples: list[Example], results: dict[str, Any]
) -> None:
    rows = curve.measure(plain_examples, [MANNER, WAIT, FOOD, LISTENING])
    assert [(row["share"], row["rows"]) for row in rows] == [(0.125, 10), (0.25, 21), (0.5, 42), (1.0, 84)]
    assert rows[-1]["tfidf"] == {"macro_f1": 1, "micro_f1": 1, "five_point": 1}
    said = report.as_report(results, {"measured": "2026-11-22", "rows": rows}, None)
    assert "| 1 | 84 | 1.00 | 1.00 | 1.00 |" in said
    assert "the last doubling of the comments brought" in said


@pytest.mark.slow
def test_hard_comments_are_read_and_the_worst_kind_stands_first(pipeline: "Pipeline", taxonomy: Taxonomy) -> None:
    rows = hard_themes(pipeline)
    shares = [row["themes"]["share"] for row in rows]
    assert len(rows) == 4 and shares == sorted(shares)
    names = {theme.name for theme in taxonomy.themes.values()}
    assert all(set(one["is"]) | set(one["read"]) <= names for row in rows for one in row["wrong"])
