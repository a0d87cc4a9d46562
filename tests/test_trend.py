"""What a service lead is told of a series, and what is kept from one who may not read the comments."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.errors import BadInput
from feedback.filters import EVERYTHING, Filters
from feedback.over_time.trend import MEASURES, TrendOptions, asked_trend, next_start, period_name, trend
from feedback.query import PeriodCount

STEADY = [8, 12, 9, 11, 10, 8, 12, 11, 9, 10, 8, 12, 9, 11]  # negative comments of 50


def counts(negatives, n=50, first=date(2025, 1, 1), period="month"):
    """A count a period; `n` one number for all or one for each."""
    sizes = [n] * len(negatives) if isinstance(n, int) else n
    out = []
    for negative, size in zip(negatives, sizes, strict=True):
        out.append(
            PeriodCount(
                start=first,
                n=size,
                positive=size - negative,
                negative=negative,
                mean_scale=1 + 4 * negative / size if size else None,
                fft_n=2 * size,
                fft_positive=2 * size - negative,
                code_n=negative,
                code_negative=negative,
            )
        )
        first = next_start(first, period)
    return out


def read(negatives, n=50, measure="negative", **options):
    return trend(
        counts(negatives, n, period=options.get("period", "month")), measure, TrendOptions(may_read=True, **options)
    )


# The sentence


def test_chance_variation_is_called_chance():
    result = read(STEADY)
    assert result.sentence == (
        "In February 2026, 22% of 50 comments were negative. "
        "Nothing unusual: around an average of 20%, the month-to-month variation is what chance gives."
    )
    assert (result.variation_icon, result.rule, result.since) == ("common_cause", None, None)
    assert result.warnings == ()


def test_a_run_below_the_average_says_for_how_long_since_when_and_that_it_is_good():
    result = read([14, 16, 13, 15, 17, 14, 16, 15, 14, 9, 11, 10, 9, 11, 10, 9])
    assert result.sentence == (
        "In April 2026, 18% of 50 comments were negative. "
        "It has been below its average of 25% for 7 months running, since October 2025: an improvement."
    )
    assert (result.variation_icon, result.rule, result.since) == (
        "improvement_low",
        "7 Points Below CL",
        date(2025, 10, 1),
    )


def test_the_same_fall_in_praise_is_a_concern():
    below = [14, 16, 13, 15, 17, 14, 16, 15, 14, 9, 11, 10, 9, 11, 10, 9]
    result = read([50 - x for x in below], measure="positive")
    assert "below its average of 25% for 7 months running, since October 2025: a cause for concern." in result.sentence


def test_a_rise_without_a_break_is_told_as_such():
    result = read([10, 14, 9, 13, 10, 15, 9, 8, 10, 11, 12, 13, 14, 15])
    assert (
        "It has risen without a break since August 2025, for 7 months running: a cause for concern." in result.sentence
    )


def test_a_point_beyond_the_limit_is_more_than_chance_would_give():
    result = read([*STEADY, 30])
    # The last step is screened out, the others average 31/13; the mean is 170/15: together 17.68 of 50.
    assert result.sentence.endswith("That is more than chance alone would give (35%): a cause for concern.")
    assert result.since == date(2026, 3, 1)


def test_a_rate_is_neither_good_nor_bad_unless_said_and_uses_the_words_given():
    values = [*STEADY, 30]
    plain = read(values, measure="rate", phrase="mentioned parking")
    assert plain.sentence.startswith("In March 2026, 60% of 50 comments mentioned parking. ")
    assert plain.sentence.endswith("a real change, neither good nor bad in itself.")
    assert plain.variation_icon == "neutral_high"
    assert read(values, measure="rate", direction="increase").variation_icon == "improvement_high"


def test_a_mean_is_told_on_its_scale():
    assert read(STEADY, measure="mean").sentence.startswith(
        "In February 2026, 50 comments averaged 1.88 on the scale from 1 (very positive) to 5 (very negative). Nothing unusual"
    )


def test_the_friends_and_family_answer_has_its_own_denominator():
    result = read(STEADY, measure="fft_positive")
    assert result.sentence.startswith("In February 2026, 89% of 100 Friends and Family answers were good or very good.")


def test_a_short_series_is_too_early_and_a_longer_one_provisional():
    assert read([10, 12]).sentence.endswith("It is too early to say what is usual: there are only 2 months so far.")
    assert read(STEADY[:9]).sentence.endswith("With only 9 months so far, the limits are provisional.")
    assert read(STEADY[:12]).trial_limits and not read([*STEADY[:12], 10]).trial_limits
    assert read(STEADY[:9]).warnings == (
        "These are trial limits: there are only 9 months, and settled limits need 13.",
    )


def test_a_past_signal_is_still_mentioned():
    assert read([*STEADY, 30, 10]).sentence.endswith(
        "Unusual in the year before it: March 2026 (60%), a cause for concern."
    )


def test_every_signal_of_the_last_year_is_named_concerns_first():
    said = read([*STEADY, 30, 10, 10, 0, 10]).sentence
    assert said.endswith(
        "Unusual in the year before it: March 2026 (60%), a cause for concern; June 2026 (0%), an improvement."
    )


def test_the_latest_period_that_cannot_be_shown_is_said_first():
    hidden = read([*STEADY, 1], [50] * 14 + [3])
    empty = read([*STEADY, 0], [50] * 14 + [0])
    assert hidden.sentence.startswith("There are too few comments to show in March 2026. In February 2026, 22% of")
    assert empty.sentence.startswith("There are no comments in March 2026. In February 2026, 22% of")


def test_nothing_to_show_is_said_plainly():
    assert trend([]).sentence == "There are no comments to chart."
    assert read([1, 1], [3, 4]).sentence == "No month has enough comments to show."
    assert trend([]).variation_icon is None


def test_running_is_said_only_of_an_unbroken_calendar():
    negatives = [14, 16, 13, 15, 17, 14, 16, 15, 14, 9, 11, 0, 10, 9, 11, 10, 9]
    result = read(negatives, [50] * 11 + [0] + [50] * 5)
    assert "below its average of 25% in the last 7 months that can be shown, since October 2025" in result.sentence


@pytest.mark.parametrize(
    ("period", "name", "word"),
    [
        ("quarter", "In April to June 2028, 22% of", "quarter-to-quarter"),
        ("week", "In the week of 2 April 2025, 22%", "week-to-week"),
    ],
)
def test_quarters_and_weeks_are_named_as_people_name_them(period, name, word):
    sentence = read(STEADY, period=period).sentence
    assert sentence.startswith(name) and word in sentence


def test_a_period_has_a_short_name_too():
    assert period_name(date(2026, 10, 1), "month", short=True) == "Oct 2026"
    assert period_name(date(2026, 10, 5), "week", short=True) == "5 Oct 2026"


# Few comments


def test_a_month_of_fewer_than_5_shows_no_figure_and_feeds_nothing():
    with_it, without = read([*STEADY, 4, 10], [50] * 14 + [4, 50]), read([*STEADY, 0, 10], [50] * 14 + [0, 50])
    hidden = with_it.points[14]
    assert (hidden.suppressed, hidden.value, hidden.mean, hidden.rule, hidden.n) == (True, None, None, None, 4)
    assert [p.upl for p in with_it.shown] == [p.upl for p in without.shown]


def test_who_may_not_read_cannot_work_a_hidden_month_out_from_the_total():
    result = trend(counts([*STEADY, 1, 6], [50] * 14 + [3, 20]))
    assert [p.start.month for p in result.points if p.suppressed] == [3, 4]
    assert [p.n for p in result.points if p.suppressed] == [None, None]
    assert "March and April 2026 are not shown because of fewer than 5 comments, or so that" in result.warnings[0]


@given(st.lists(st.integers(0, 12), min_size=1, max_size=24))
@settings(max_examples=60, deadline=None)
def test_no_figure_ever_rests_on_1_to_4_comments(sizes):
    result = trend(counts([s // 3 for s in sizes], sizes))
    small = [p for p, size in zip(result.points, sizes, strict=True) if 0 < size < 5]
    assert all(p.n is None and p.value is None and p.suppressed for p in small)
    assert len(result.points) == len(sizes)


def test_a_month_of_fewer_than_10_is_hollow_and_cannot_signal_alone():
    result = read([*STEADY, 9], [50] * 14 + [9], chart="xmr")
    assert (result.points[-1].hollow, result.points[-1].value, result.points[-1].rule) == (True, 1.0, None)
    assert "With only 9 comments, treat the last figure with care." in result.sentence
    assert "Hollow points have fewer than 10 comments and cannot signal alone." in result.warnings


def test_a_calendar_gap_is_a_gap_and_said_so():
    result = read([*STEADY[:5], 0, 0, *STEADY[5:]], [50] * 5 + [0, 0] + [50] * 9)
    assert [(p.gap, p.value) for p in result.points[5:7]] == [(True, None)] * 2
    assert result.warnings[0].startswith("There are no comments in June and July 2025: the line is broken there")


# The chart


def test_shares_carry_wilsons_interval_and_means_none():
    point = read([8, 8], 40).points[0]
    assert (point.lower, point.upper) == pytest.approx((0.104996, 0.347584), abs=1e-5)
    assert read([8, 8], 40, measure="mean").points[0].lower is None


def test_even_numbers_take_xmr_and_uneven_ones_i_prime_and_the_difference_is_told():
    sizes = [40, 80] * 7
    uneven = read([s // 5 for s in sizes], sizes)
    assert (read(STEADY).chart, uneven.chart) == ("xmr", "iprime")
    # One month of 12 comments among months of about 50, with a third more negative: far out on XmR, not on I'.
    told = read([*STEADY, 6], [50] * 14 + [12])
    assert told.chart == "iprime" and told.points[-1].rule is None
    assert told.warnings == (
        "An XmR chart, which does not allow for the number of comments, would also mark March 2026.",
    )


def test_limits_are_drawn_within_the_scale():
    limits = [(p.lpl, p.upl) for p in read([0, 3, 1, 4, 0, 2, 1, 3], 12).shown]
    assert all(low == 0 and 0 < high < 1 for low, high in limits)


def test_a_break_starts_new_limits_at_the_next_month_that_is_shown():
    negatives = [10, 12] * 4 + [0] + [24, 26] * 4
    result = read(negatives, [50] * 8 + [0] + [50] * 8, breaks={date(2025, 9, 1): "Ward moved"})
    assert [p.phase for p in result.points] == [0] * 8 + [None] + [1] * 8
    assert (result.shown[0].mean, result.shown[-1].mean) == pytest.approx((0.22, 0.5))


def test_a_theme_that_most_months_nobody_mentions_is_not_all_special_cause():
    result = read([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], measure="rate")
    assert (result.rule, result.variation_icon) == (None, "common_cause")
    assert read([0] * 6 + [1] + [0] * 6 + [1, 0, 0], measure="rate").rule is None


def test_new_limits_are_suggested_after_12_on_one_side_and_never_set():
    result = read([20, 18, 20, 22] * 4 + [9, 11, 10] * 4)
    assert {p.phase for p in result.points} == {0}
    assert result.warnings[-1].startswith("The average may have moved for good since May 2026.")


def test_a_target_gets_an_assurance_icon_in_the_direction_of_the_measure():
    assert read(STEADY, target=0.9).assurance_icon == "pass"
    assert read(STEADY, measure="positive", target=0.99).assurance_icon == "fail"
    assert read(STEADY).assurance_icon is None


def test_an_unknown_measure_is_refused_with_the_choices():
    with pytest.raises(BadInput, match="choose one of negative, positive, mean"):
        trend(counts(STEADY), "happiness")


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_gives_plain_json(measure):
    plain = json.loads(json.dumps(read(STEADY, measure=measure).as_dict(), allow_nan=False))
    assert plain["measure"] == measure
    assert plain["points"][0]["start"] == "2025-01-01"
    assert plain["points"][0]["colour"] == "#a6a6a6"


# From a store


def test_a_rate_from_the_store_is_among_all_comments_the_other_filters_choose(filled, taxonomy):
    asked = Filters(theme="timeliness-of-care", service="podiatry")
    rate = asked_trend(filled.conn, taxonomy, asked, EVERYTHING, measure="rate", may_read=True)
    assert [(p.n, p.value and round(p.value * p.n)) for p in rate.points] == [
        (6, 1),
        (6, 2),
        (0, None),
        (6, 3),
        (6, 4),
        (6, 5),
    ]
    assert f"of 6 comments spoke of “{taxonomy.themes['timeliness-of-care'].name}”." in rate.sentence
    criticised = asked_trend(filled.conn, taxonomy, asked, EVERYTHING, measure="rate_negative", may_read=True)
    assert [p.value for p in criticised.points] == [p.value for p in rate.points]
    assert "with criticism." in criticised.sentence


def test_a_sentiment_from_the_store_is_among_the_comments_chosen(filled, taxonomy):
    asked = Filters(theme="timeliness-of-care", service="podiatry")
    quarters = asked_trend(filled.conn, taxonomy, asked, EVERYTHING, period="quarter", may_read=True)
    # Of 3 and 12 comments about the wait one each month praised the staff as well, which makes it mixed.
    assert [(p.n, p.value) for p in quarters.points] == [(3, None), (12, pytest.approx(9 / 12))]


def test_a_rate_of_nothing_or_of_several_things_is_refused(filled, taxonomy):
    for asked in (Filters(), Filters(theme="timeliness-of-care", value="responsive")):
        with pytest.raises(BadInput, match="A rate is of one thing"):
            asked_trend(filled.conn, taxonomy, asked, EVERYTHING, measure="rate")
