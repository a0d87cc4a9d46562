"""Limits by hand, rules against a slow and plain second implementation, and answers of the packages that others use."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.errors import BadInput
from feedback.over_time.spc import (
    SpcOptions,
    calendar_gaps,
    chart_many,
    chart_series,
    cusum,
    early_warnings,
    ewma,
    make_series,
    spc,
    wilson,
)

CODES = {
    "Common Cause": ".",
    "Above UCL": "U",
    "Below LCL": "L",
    "7 Point Trend (Increasing)": "+",
    "7 Point Trend (Decreasing)": "-",
    "2 in 3 Above CL": "h",
    "2 in 3 Below CL": "l",
    "7 Points Above CL": "A",
    "7 Points Below CL": "B",
}


def months(count, start=date(2021, 4, 1)):
    first = start.year * 12 + start.month - 1
    return [date((first + i) // 12, (first + i) % 12 + 1, 1) for i in range(count)]


def judge(values, denominators=None, **options):
    return chart_series(months(len(values)), values, denominators, SpcOptions(**options))


def numbers(words):
    return [None if word == "-" else float(word) for word in words.split()]


def codes(result):
    return "".join(CODES[t] for t in result.special_cause_type)


# Invented series and what the R package NHSRplotthedots 0.2.2 (commit 050b07d, R 4.5.0) says of them: one letter a point
# as in CODES, then mean, lower and upper limit of the last point and the two icons.
PACKAGE = {
    "a shift of 8 reaches the end": (
        "4.04 3.619 3.833 3.521 3.745 3.269 3.926 3.19 3.734 3.258 4.047 3.627 3.862 3.777 3.462 3.716 "
        "3.278 3.51 3.343 3.263 3.249 3.262 3.354 3.293",
        {},
        "................BBBBBBBB",
        (3.54908333333333, 2.7100268115942, 4.38813985507246),
        ("concern_low", None),
    ),
    "a peak shared by two trends takes the later": (
        "3.722 3.272 2.974 3.425 3.682 3.649 3.211 3.356 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.805 3.71 3.615 "
        "3.52 3.425 3.33 3.502 2.94 3.891 3.356 3.77 3.566 3.278 3.288",
        {},
        "........++++++-------.L......",
        (3.49955172413793, 2.95937468710089, 4.03972876117497),
        ("common_cause", None),
    ),
    "two trends joined by a repeated value": (
        "3.831 3.42 3.464 3.402 3.494 3.716 3.507 3.478 3.696 3.275 3.35 3.425 3.5 3.575 3.65 3.725 "
        "3.725 3.65 3.575 3.5 3.425 3.35 3.275 3.852 3.723 3.505 3.542 3.417 3.665 3.709 3.527 3.574",
        {},
        ".........++++++--------.........",
        (3.5475625, 3.22499316666667, 3.87013183333333),
        ("common_cause", None),
    ),
    "screening that leaves only zeros": (
        "0 0 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0 0",
        {},
        "LLLLLLLLLULLLLLLLL",
        (0.333333333333333, 0.333333333333333, 0.333333333333333),
        ("concern_low", None),
    ),
    "a near point beside one beyond is not flagged": (
        "3.704 3.795 3.363 3.604 4.041 3.727 3.648 3.745 3.448 3.759 3.697 3.876 3.339 3.421 3.805 3.687 "
        "4.252 4.545 3.88 3.623 2.951 3.539 3.381 3.639",
        {},
        ".................U......",
        (3.68620833333333, 2.8631118115942, 4.50930485507246),
        ("common_cause", None),
    ),
    "two new phases and a target": (
        "3.327 3.572 3.501 3.709 3.7 3.627 3.648 3.383 3.389 3.964 3.72 3.974 3.87 3.894 3.834 4.097 "
        "3.753 3.335 3.242 3.339 3.582 3.393 3.992 3.373 3.536 3.483 3.523 3.432 3.703 3.505 3.484 3.922",
        {"rebase": (date(2022, 5, 1), date(2023, 2, 1)), "target": 3.725},
        ".........h.h....................",
        (3.5953, 3.03551777777778, 4.15508222222222),
        ("common_cause", "inconsistent"),
    ),
    "missing values": (
        "3.845 3.809 3.706 3.526 3.229 3.891 3.776 3.795 - 3.987 3.719 4.144 3.453 3.942 3.646 3.673 - - "
        "3.336 4.011 3.657 3.745 3.72 3.771",
        {},
        "........................",
        (3.73242857142857, 3.02294746031746, 4.44190968253968),
        ("common_cause", None),
    ),
}


@pytest.mark.parametrize("name", PACKAGE)
def test_profile_ptd_says_what_the_package_says(name):
    values, options, expected, limits, icons = PACKAGE[name]
    result = judge(numbers(values), **options)
    assert codes(result) == expected
    assert (result.mean[-1], result.lpl[-1], result.upl[-1]) == pytest.approx(limits, rel=1e-9)
    assert (result.variation_icon, result.assurance_icon) == icons


# Limits


def test_limits_are_the_mean_and_2_66_average_moving_ranges():
    # Moving ranges 2 1 2 1, mean 1.5; 2.66 x 1.5 = 3.99, near limits at two thirds of it.
    result = judge([10, 12, 11, 13, 12])
    assert (result.mean[0], result.lpl[0], result.upl[0]) == pytest.approx((11.6, 7.61, 15.59))
    assert (result.nlpl[0], result.nupl[0]) == pytest.approx((8.94, 14.26))


def test_screening_leaves_out_large_moving_ranges_but_never_a_point_from_the_mean():
    # Eight moving ranges of 1 and one of 20: their mean is 28/9, and 20 is not below 3.267 times that.
    values = [10, 11] * 4 + [10, 30]
    screened, whole = judge(values), judge(values, screen_outliers=False)
    assert screened.mean[0] == whole.mean[0] == pytest.approx(12.4)
    assert screened.upl[0] == pytest.approx(12.4 + 2.66)
    assert whole.upl[0] == pytest.approx(12.4 + 2.66 * 28 / 9)


def test_a_gap_is_never_bridged_by_a_moving_range():
    assert judge([1, 2, None, 9, 10]).upl[0] == pytest.approx(5.5 + 2.66)


@pytest.mark.parametrize("value", [4, 0.1, 1 / 3])
def test_a_constant_series_has_no_limits_when_screened_and_the_mean_as_limits_when_not(value):
    screened, whole = judge([value] * 15), judge([value] * 15, screen_outliers=False)
    assert (screened.lpl, screened.mean[0]) == ([None] * 15, value)
    assert whole.lpl == whole.upl == [value] * 15
    assert codes(screened) == codes(whole) == "." * 15


def test_one_point_has_a_mean_and_no_limits():
    result = judge([3])
    assert (result.mean, result.upl, result.variation_icon) == ([3.0], [None], "common_cause")


def test_nothing_but_missing_values_is_common_cause_throughout():
    result = judge([None, None, None])
    assert (result.mean, codes(result), result.relative_to_mean) == ([None] * 3, "...", [None] * 3)


def test_fixed_limits_come_from_the_first_points_and_judge_the_later_ones():
    result = judge([10, 12] * 6 + [20, 20], fix_after_n_points=12)
    assert result.mean == [11.0] * 14
    assert codes(result) == "............UU"
    assert result.used_for_limits == [True] * 12 + [False] * 2


def test_a_rebase_date_starts_a_phase_that_it_belongs_to_and_unknown_dates_do_nothing():
    values = [10, 12] * 4 + [20, 22] * 4
    result = judge(values, rebase=(date(2021, 12, 1), date(1999, 1, 1)))
    assert result.phase == [0] * 8 + [1] * 8
    assert (result.mean[7], result.mean[8]) == (11, 21)
    assert result.short_group_warning == [True] * 16


def test_phases_are_numbered_from_1_when_the_first_row_starts_one():
    assert judge([1, 2, 3], rebase=(date(2021, 4, 1),)).phase == [1, 1, 1]


def test_no_rule_looks_across_the_start_of_a_phase():
    rising = list(range(14))
    assert codes(judge(rising)).count("+") > 0
    assert codes(judge(rising, rebase=(date(2021, 8, 1), date(2022, 1, 1)))).count("+") == 0


# Rules against a second implementation that is slow, plain and follows the specification line by line


def plainly(values):
    known = [v for v in values if v is not None]
    mean = sum(known) / len(known)
    steps = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    rough = sum(steps) / len(steps) if steps else None
    kept = [s for s in steps if s < 3.267 * rough]
    spread = sum(kept) / len(kept) if kept else None
    count = len(values)
    side = [0 if v is None else (v > mean) - (v < mean) for v in values]

    def beyond(i, far):
        if values[i] is None or spread is None or abs(values[i] - mean) <= far * spread:
            return 0
        return side[i]

    outside = [beyond(i, 2.66) for i in range(count)]
    near = [0 if outside[i] else beyond(i, 2 * 2.66 / 3) for i in range(count)]
    step = [None if a is None or b is None else (b > a) - (b < a) for a, b in pairwise(values)]
    in_trend, in_shift, in_two = set(), set(), set()
    for i in range(count - 6):
        if set(step[i : i + 6]) in ({1}, {-1}):
            in_trend |= set(range(i, i + 7))
        if set(side[i : i + 7]) in ({1}, {-1}):
            in_shift |= set(range(i, i + 7))
    for i in range(count - 2):
        window = range(i, i + 3)
        if len({side[k] for k in window}) == 1 and side[i] and sum(near[k] != 0 for k in window) >= 2:
            in_two |= {k for k in window if near[k]}
    out = []
    for i in range(count):
        if outside[i]:
            out.append("U" if outside[i] > 0 else "L")
        elif i in in_trend:
            way = step[i] if i + 1 in in_trend else step[i - 1]
            out.append("+" if way > 0 else "-")
        elif i in in_two:
            out.append("h" if side[i] > 0 else "l")
        elif i in in_shift:
            out.append("A" if side[i] > 0 else "B")
        else:
            out.append(".")
    return "".join(out)


# 32 values, so that every mean of integers is exact in binary and no tie depends on rounding.
whole_numbers = st.lists(st.none() | st.integers(-4, 4), min_size=32, max_size=32)
ups_and_downs = st.lists(st.integers(-1, 4), min_size=32, max_size=32).map(
    lambda steps: [sum(steps[:i]) % 23 for i in range(32)]
)


@given(whole_numbers.filter(lambda v: sum(x is not None for x in v) in (32, 16)) | ups_and_downs)
@settings(max_examples=300, deadline=None)
def test_rules_agree_with_a_plain_implementation(values):
    assert codes(judge(values)) == plainly(values)


def test_a_run_of_6_is_nothing_and_a_run_of_7_is_flagged_whole():
    # Means 0: one side 6 or 7 times, the rest balanced and alternating.
    six = [1] * 6 + [-1] + [1, -1] * 4 + [-5]
    seven = [1] * 7 + [-1] + [1, -1] * 4 + [-6]
    assert "A" not in codes(judge(six))
    assert codes(judge(seven)).startswith("AAAAAAA.")


def test_missing_values_next_to_a_rise_are_judged_where_the_package_stops_with_an_error():
    assert codes(judge([9, 2, 8, 3, 1, 2, 3, 4, 5, 6, None, 9, 2, 8])) == "." * 14


def test_colour_and_icon_follow_the_direction_that_is_better():
    values = [10, 11] * 8 + [30]
    high = {d: judge(values, improvement_direction=d) for d in ("increase", "decrease", "neutral")}
    assert {d: r.point_type[-1] for d, r in high.items()} == {
        "increase": "special_cause_improvement",
        "decrease": "special_cause_concern",
        "neutral": "special_cause_neutral_high",
    }
    assert {d: r.variation_icon for d, r in high.items()} == {
        "increase": "improvement_high",
        "decrease": "concern_high",
        "neutral": "neutral_high",
    }


@pytest.mark.parametrize(
    ("direction", "target", "icon"),
    [
        ("increase", 20, "fail"),
        ("increase", 5, "pass"),
        ("increase", 10.5, "inconsistent"),
        ("decrease", 20, "pass"),
        ("decrease", 5, "fail"),
        ("neutral", 20, None),
        ("increase", None, None),
    ],
)
def test_assurance_compares_the_target_with_the_last_limits(direction, target, icon):
    assert judge([10, 11] * 8, improvement_direction=direction, target=target).assurance_icon == icon


# Profile mdc


def test_mdc_has_no_limits_and_no_icon_before_13_points():
    short, long = judge([10, 11] * 6, profile="mdc"), judge([10, 11] * 6 + [10], profile="mdc")
    assert (short.upl[0], short.variation_icon) == (None, None)
    assert long.upl[0] == pytest.approx(136 / 13 + 2.66)
    assert long.variation_icon == "common_cause"


def test_mdc_never_screens():
    values = [10, 11] * 8 + [30]
    assert judge(values, profile="mdc").upl == judge(values, screen_outliers=False).upl


def test_mdc_counts_a_point_beyond_the_limit_towards_two_in_three():
    values = numbers(PACKAGE["a near point beside one beyond is not flagged"][0])
    assert codes(judge(values, screen_outliers=False))[16:18] == ".U"
    assert codes(judge(values, profile="mdc"))[16:18] == "hU"


def test_mdc_shows_the_improvement_where_both_fire_and_says_that_both_do():
    # Falling all the way from 20 to 1; 12 lies within the limits, in a falling trend and in a run above the mean.
    values = [float(x) for x in range(20, 0, -1)]
    ptd = judge(values, screen_outliers=False)
    mdc = judge(values, profile="mdc")
    assert ptd.special_cause_type[8] == "7 Point Trend (Decreasing)"
    assert mdc.special_cause_type[8] == "7 Points Above CL"
    assert ptd.both_ways[8] and mdc.both_ways[8]


def test_mdc_can_read_runs_of_6():
    six = [1] * 6 + [-1] + [1, -1] * 4 + [-5]
    assert judge(six, profile="mdc", run_length=6).special_cause_type[:6] == ["6 Points Above CL"] * 6


# Charts that know denominators; figures of qicharts2 0.8.1

COUNTS = [12, 4, 30, 9, 41, 7, 22, 3, 18, 26, 11, 15]
SIZES = [63, 11, 110, 39, 178, 21, 92, 8, 77, 88, 62, 61]
SHARES = [x / n for x, n in zip(COUNTS, SIZES, strict=True)]


def test_i_prime_limits_are_those_of_qicharts2():
    result = judge(SHARES, SIZES, chart="iprime")
    assert result.mean[0] == pytest.approx(0.244444444, abs=1e-9)
    assert result.upl[:3] == pytest.approx([0.421724242, 0.668705511, 0.378607574], abs=1e-9)
    assert result.nupl[0] - result.mean[0] == pytest.approx((result.upl[0] - result.mean[0]) * 2 / 3)
    assert min(result.lpl) < 0  # drawn limits are clipped elsewhere, the calculation never is


def test_laney_p_prime_limits_are_those_of_qicharts2_and_stay_between_0_and_1():
    result = judge(SHARES, SIZES, chart="pprime")
    assert result.upl[:3] == pytest.approx([0.410821451, 0.642613254, 0.370356478], abs=1e-9)
    assert min(result.lpl) == 0


def test_i_prime_with_equal_denominators_has_the_limits_of_xmr_up_to_its_constant():
    # 3 sqrt(pi/2)/sqrt(2) = 2.6587 stands where XmR has 2.66.
    even = judge([3, 5, 4, 6, 5, 7], [50] * 6, chart="iprime")
    plain = judge([3, 5, 4, 6, 5, 7])
    assert (even.upl[0] - 5) / (plain.upl[0] - 5) == pytest.approx(2.658681 / 2.66, rel=1e-6)


@pytest.mark.parametrize(
    ("denominators", "chart"), [(None, "xmr"), ([40, 60, 50], "xmr"), ([40, 61, 50], "iprime"), ([None, 60, 40], "xmr")]
)
def test_auto_takes_i_prime_where_denominators_vary_by_more_than_half(denominators, chart):
    values = [0.2, 0.3, 0.1] if not denominators or denominators[0] else [None, 0.3, 0.1]
    assert judge(values, denominators).chart == chart


def test_a_hollow_point_cannot_signal_alone_but_counts_in_a_run():
    values = [0.2, 0.22] * 8 + [0.9]
    sizes = [50] * 16 + [8]
    assert judge(values, sizes, chart="xmr").special_cause_type[-1] == "Above UCL"
    assert judge(values, sizes, chart="xmr", hollow_below=10).special_cause_type[-1] == "Common Cause"
    run = [0.1, 0.12] * 6 + [0.3] * 8
    assert judge(run, [50] * 19 + [8], chart="xmr", hollow_below=10).special_cause_type[-1] == "7 Points Above CL"


# Display and early warning


def test_wilson_intervals_are_the_textbook_ones():
    low, high = wilson([0, 8, 10], [10, 40, 10])
    assert low == pytest.approx([0, 0.104996, 0.722460], abs=1e-5)
    assert high == pytest.approx([0.277540, 0.347584, 1], abs=1e-5)


def test_ewma_is_the_weighted_mean_and_its_limit_grows_to_one():
    level, limit = ewma([1.0, None, 2.0])
    assert level == pytest.approx([0.2, 0.2, 0.56])
    assert limit == pytest.approx([0.6, 0.6, 0.6 * (1 + 0.64) ** 0.5])


def test_cusum_adds_up_what_exceeds_half_a_sigma_either_way():
    high, low = cusum([2.0, 1.0, -3.0, None])
    assert high == pytest.approx([1.5, 2.0, 0.0, 0.0])
    assert low == pytest.approx([0.0, 0.0, 2.5, 2.5])


def test_early_warning_sees_a_small_drift_that_the_rules_do_not():
    # Limits from the first 12 points; then 1.2 sigma up, broken once so that no run of 7 forms.
    values = [10, 12] * 6 + [13.1] * 5 + [10.9] + [13.1] * 5
    result = judge(values, fix_after_n_points=12)
    assert codes(result)[12:] == "." * 11
    assert early_warnings(result)[-1] == "high"
    assert early_warnings(result)[:12] == [None] * 12


def test_calendar_gaps_are_named_and_months_of_any_length_are_none():
    days = months(6)
    assert calendar_gaps(days) == []
    assert calendar_gaps(days[:3] + days[4:]) == [(days[2], days[4])]
    assert judge([1, 2, 3]).warnings == ()


# The wire

OPTIONS = {
    "improvement_direction": "decrease",
    "screen_outliers": True,
    "rebase": [],
    "fix_after_n_points": None,
    "target": 9,
}


def test_a_job_gives_the_shape_of_the_reference_cases():
    [result] = spc([{"dates": [d.isoformat() for d in months(5)], "values": [10, 12, 11, 13, 12], "options": OPTIONS}])
    assert result.keys() == {
        *("error", "profile", "chart", "chart_reason", "short_phase_warning", "warnings", "points", "phases"),
        *("variation_icon", "assurance_icon"),
    }
    assert result["points"].keys() == {
        *("date", "value", "phase", "mean", "lpl", "upl", "nlpl", "nupl", "used_for_limits", "outside_limits"),
        *("relative_to_mean", "close_to_limits", "special_cause_type", "special_cause_flag", "point_type", "both_ways"),
        *("short_group_warning", "target"),
    }
    assert {k: v for k, v in result["phases"][0].items() if k not in ("lpl", "upl")} == {
        "phase": 0,
        "mean": 11.6,
        "n": 5,
        "common_cause": 5,
        "special_cause_improvement": 0,
        "special_cause_concern": 0,
        "variation_type": "common_cause",
        "assurance_type": "inconsistent",
    }
    assert (result["short_phase_warning"], result["variation_icon"], result["assurance_icon"]) == (
        True,
        "common_cause",
        "inconsistent",
    )


def test_rows_in_any_order_are_sorted_by_date():
    days = [d.isoformat() for d in months(4)]
    [result] = spc([{"dates": [days[2], days[0], days[3], days[1]], "values": [3, 1, 4, 2]}])
    assert result["points"]["date"] == days
    assert result["points"]["value"] == [1, 2, 3, 4]


def test_early_warnings_are_given_when_asked_for():
    job = {"dates": [d.isoformat() for d in months(3)], "values": [1, 2, 3], "options": {"early_warnings": True}}
    assert spc([job])[0]["points"]["early_warning"] == [None] * 3


def test_a_refused_job_says_why_and_leaves_its_neighbours_alone():
    fine = {"dates": ["2026-01-01"], "values": [1]}
    first, second, third = spc([fine, {"dates": ["2026-01-01", "2026-01-01"], "values": [1, 2]}, fine])
    assert (
        second["error"] == "The date 2026-01-01 stands there twice; give each date once, or one chart for each group."
    )
    assert second["points"] is None
    assert first == third and first["error"] is None


ONE = {"dates": ["2026-01-01"], "values": [1]}


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ({"values": [1]}, "needs `dates`"),
        ({"dates": [], "values": []}, "no points"),
        ({**ONE, "values": [1, 2]}, "1 dates and 2 values"),
        ({**ONE, "denominators": [1, 2]}, "2 denominators"),
        ({**ONE, "denominators": 7}, "denominators must be a list"),
        ({**ONE, "dates": ["2026-13-01"]}, "Entry 1 of dates is no date"),
        ({**ONE, "dates": [20260101]}, "Entry 1 of dates is no date"),
        ({**ONE, "values": ["12"]}, "not a number"),
        ({**ONE, "values": [True]}, "not a number"),
        ({**ONE, "values": [float("inf")]}, "not a number"),
        ({**ONE, "values": [10**400]}, "not a number"),
        ({**ONE, "denominators": [0]}, "no denominator above 0"),
        ({**ONE, "denominators": [None]}, "no denominator above 0"),
        ({**ONE, "options": {"fix_after_n_points": 11}}, "at least 12"),
        ({**ONE, "options": {"fix_after_n_points": 12.5}}, "at least 12"),
        ({**ONE, "options": {"improvement_direction": "up"}}, "one of increase, decrease, neutral"),
        ({**ONE, "options": {"screen_outliers": 1}}, "one of True, False"),
        ({**ONE, "options": {"run_length": 6}}, "one of 7"),
        ({**ONE, "options": {"target": "high"}}, "give a number"),
        ({**ONE, "options": {"rebase": "2026-01-01"}}, "list of dates"),
        ({**ONE, "options": {"screen": True}}, "no other keys"),
        ({**ONE, "options": {"chart": "iprime"}}, "needs denominators"),
        ({**ONE, "values": [2], "denominators": [9], "options": {"chart": "pprime"}}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_charted_is_refused_with_the_reason(job, reason):
    assert reason in spc([job])[0]["error"]


def test_a_refusal_never_repeats_what_stood_in_the_columns():
    words = "my mother waited all night"
    for job in ({**ONE, "values": [words]}, {**ONE, "dates": [words]}):
        assert "mother" not in spc([job])[0]["error"]


def test_something_that_is_no_list_of_jobs_is_refused_as_a_whole():
    with pytest.raises(BadInput, match="list of objects"):
        spc({"dates": [], "values": []})  # type: ignore[arg-type]


# Many at once

series = st.builds(
    lambda values, screen, profile, rebase, sizes: make_series(
        [date(2020, 1, 6) + timedelta(weeks=i) for i in range(len(values))],
        values,
        [sizes[i % len(sizes)] for i in range(len(values))],
        SpcOptions(screen_outliers=screen, profile=profile, rebase=(date(2020, 1, 6) + timedelta(weeks=rebase),)),
    ),
    st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=40),
    st.booleans(),
    st.sampled_from(["ptd", "mdc"]),
    st.integers(0, 50),
    st.lists(st.integers(5, 12), min_size=1, max_size=4),
)


@given(st.lists(series, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_series_judged_together_are_judged_as_alone(many):
    assert chart_many(many) == [chart_many([one])[0] for one in many]
