"""A drawing is checked by what stands in its SVG: what a reader sees, and what a screen reader says."""

import json
import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import altair as alt
import pytest

from feedback.over_time.chart import Bar, alt_text, as_png, as_svg, bars_chart, data_table, trend_chart
from feedback.over_time.trend import TrendOptions, next_start, trend
from feedback.query import PeriodCount

SHARES = [0.2, 0.28] * 6 + [0.7, 0.28, 0.2, 0.28]
SIZES = [50, 50, 3, 50, 50, 0, 50, 8, 4, 50, 50, 50, 50, 50, 50, 50]


def a_trend(shares=SHARES, sizes=SIZES, measure="negative", **options):
    counts, start = [], date(2025, 1, 1)
    for share, n in zip(shares, sizes, strict=True):
        negative = round(share * n)
        counts.append(
            PeriodCount(start, n, positive=n - negative, negative=negative, mean_scale=1 + 4 * share if n else None)
        )
        start = next_start(start, options.get("period", "month"))
    return trend(counts, measure, TrendOptions(**options))


def words_of(svg):
    """All text of the drawing, in order."""
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("}text")]


def size_of(svg):
    return tuple(float(re.search(rf'{name}="([\d.]+)"', svg)[1]) for name in ("width", "height"))


def shapes_of(spec):
    return {layer["mark"]["shape"] for layer in spec["layer"] if layer["mark"].get("shape") and "encoding" in layer}


def test_a_trend_is_drawn_with_its_title_lines_named_and_key():
    words = words_of(as_svg(trend_chart(a_trend(), "Negative comments")))
    for expected in (
        "Negative comments",
        "Latest 28%",
        "Chance variation",
        "Concern",
        "Hollow: fewer than 10",
        "Too few to show",
    ):
        assert expected in words
    assert any(word.startswith("Average ") for word in words)
    assert any(word.startswith("Upper limit ") for word in words)
    assert any("I′ chart: the limits are wider where there are few comments" in word for word in words)


def test_percentages_are_whole_and_the_year_stands_where_it_changes():
    words = words_of(as_svg(trend_chart(a_trend(), "Negative comments")))
    assert {"0%", "20%", "Jan2025", "Apr", "Jul", "Oct", "Jan2026"} <= set(words)


def test_no_meaning_is_by_colour_alone():
    spec = trend_chart(a_trend(SHARES, [50] * 16), "Negative comments")
    assert shapes_of(spec) == {"circle", "square"}
    fall = trend_chart(a_trend([0.4] * 8 + [0.2] * 8, [50] * 16), "Negative comments")
    assert shapes_of(fall) == {"square", "diamond"}


def test_plain_chance_needs_no_key():
    spec = trend_chart(a_trend([0.2, 0.24, 0.22] * 5, [50] * 15), "Negative comments")
    assert "Chance variation" not in words_of(as_svg(spec))


def test_hidden_and_empty_months_break_the_line_and_hold_no_figure():
    spec = trend_chart(a_trend(), "Negative comments")
    rows = {row["start"]: row for row in spec["data"]["values"]}
    assert [rows[f"2025-{month:02d}-01"]["value"] for month in (3, 6, 9)] == [None, None, None]
    assert rows["2025-03-01"]["figure"] == ""
    assert "*" in words_of(as_svg(spec))


@pytest.mark.parametrize("width", [320, 480, 640, 900])
@pytest.mark.parametrize("measure", ["negative", "mean"])
def test_a_chart_is_as_wide_as_asked(width, measure):
    svg = as_svg(
        trend_chart(
            a_trend(measure=measure, target=0.15 if measure == "negative" else 1.5), "Community teams", width=width
        )
    )
    assert width - 30 <= size_of(svg)[0] <= width


@pytest.mark.parametrize("period", ["week", "quarter", "month"])
@pytest.mark.parametrize("count", [1, 2, 60])
def test_dates_never_crowd_the_axis(period, count):
    svg = as_svg(
        trend_chart(a_trend([0.2, 0.3] * count, [50] * 2 * count, period=period), "Negative comments", width=320)
    )
    labels = re.search(r'class="mark-text role-axis-label".*?</g>', svg, re.DOTALL)[0]
    places = [float(x) for x in re.findall(r"translate\(([\d.]+),", labels)]
    assert places and all(b - a >= 30 for a, b in pairwise(places))


def test_labels_beside_the_lines_do_not_touch():
    svg = as_svg(trend_chart(a_trend([0.2, 0.21] * 8, [100] * 16, target=0.205), "Negative comments"))
    heights = sorted(
        float(y) for y, text in re.findall(r"translate\([\d.]+,(-?[\d.]+)\)[^>]*>([^<]*)</text>", svg)
        if re.match(r"(Latest|Average|Upper|Lower|Target) ", text)
    )  # fmt: skip
    assert len(heights) == 5
    assert all(b - a >= 15 for a, b in pairwise(heights))


def test_a_break_is_drawn_with_its_reason():
    spec = trend_chart(a_trend(breaks={date(2025, 12, 1): "Ward moved"}), "Negative comments")
    assert "Ward moved" in words_of(as_svg(spec))


def test_an_empty_trend_is_a_picture_of_a_sentence():
    words = words_of(as_svg(trend_chart(trend([]), "Negative comments")))
    assert words == ["There are no comments to chart.", "Negative comments"]


def test_svg_says_what_it_shows():
    chart = a_trend()
    root = ElementTree.fromstring(as_svg(trend_chart(chart, 'Wards "A" & <B>')))
    assert root.get("role") == "img"
    assert root.get("aria-label") == alt_text(chart)
    assert root[0].tag.endswith("}title") and root[0].text == 'Wards "A" & <B>'


def test_alt_text_gives_the_span_the_sentence_and_the_limits():
    chart = a_trend([0.2, 0.24] * 7, [50] * 14)
    assert alt_text(chart) == (
        "XmR chart: Share of comments that were negative, by month, January 2025 to February 2026. "
        "In February 2026, 24% of 50 comments were negative. Nothing unusual: around an average of 22%, "
        "the month-to-month variation is what chance gives. Average 22%; chance alone gives 11% to 33% in the last month."
    )


def test_a_specification_is_valid_vega_lite():
    for spec in (
        trend_chart(a_trend(target=0.15, breaks={date(2025, 12, 1): "Ward moved"}), "Negative comments"),
        trend_chart(trend([]), "Negative comments"),
        bars_chart([Bar("Parking", None, 9)], "Themes"),
    ):
        alt.LayerChart.from_dict(spec) if "layer" in spec else alt.Chart.from_dict(spec)


def test_a_specification_is_plain_json_and_asks_the_network_for_nothing():
    for spec in (trend_chart(a_trend(), "Negative comments"), bars_chart([Bar("Parking", 5, 9)], "Themes")):
        text = json.dumps({key: value for key, value in spec.items() if key != "$schema"}, allow_nan=False)
        assert "http" not in text
        assert "xlink:href" not in as_svg(spec) and "url(" not in as_svg(spec)


def test_png_is_scaled():
    spec = bars_chart([Bar("Parking", 5, 9)], "Themes", width=320)
    one, two = (int.from_bytes(as_png(spec, scale)[16:20], "big") for scale in (1.0, 2.0))
    assert as_png(spec).startswith(b"\x89PNG")
    assert two == pytest.approx(2 * one, abs=1) and one <= 320


def test_bars_name_both_sides_and_hide_small_counts():
    spec = bars_chart(
        [Bar("Communication with patients, carers & families", 132, 18), Bar("Parking", None, 0)], "Themes"
    )
    words = words_of(as_svg(spec))
    assert {"Criticism", "Praise", "132", "18", "under 5", "0"} <= set(words)
    assert spec["description"] == (
        "Themes. Communication with patients, carers & families: 132 for, 18 against; Parking: fewer than 5 for, 0 against."
    )


def test_a_long_label_fits_the_narrowest_chart():
    svg = as_svg(bars_chart([Bar("Communication with patients, carers & family", 132, 1800)], "Themes", width=320))
    assert size_of(svg)[0] <= 320


def test_no_bars_is_a_picture_of_a_sentence():
    assert "There are no comments to chart." in words_of(as_svg(bars_chart([], "Themes")))


def test_the_table_beside_says_the_same_in_words():
    rows = data_table(a_trend())
    assert len(rows) == len(SHARES)
    assert rows[12]["Month"] == "January 2026"
    assert (rows[12]["Comments"], rows[12]["Figure"], rows[12]["Chance range"]) == ("50", "70%", "56% to 81%")
    assert rows[12]["What it says"] == "Concern (above the upper limit)"
    assert (rows[2]["Comments"], rows[2]["Figure"]) == ("fewer than 5", "not shown: too few")
    assert (rows[5]["Comments"], rows[5]["Figure"]) == ("0", "no comments")
    assert all(cell for row in rows for cell in row.values())
