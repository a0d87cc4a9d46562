"""Draw a trend, or themes for and against, as a Vega-Lite specification: the page's browser and the report draw the same.

Colour is never the only sign: each meaning has a shape and its name beside it, and the specification carries in words what
it shows. A specification holds its data and asks the network for nothing. One drawing does not suit a telephone and a
printed page, so `width` is given and the labels follow it; 320 is the narrowest.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import ceil, floor
from typing import Any, Literal

import altair as alt
import vl_convert

from feedback.over_time.spc import COLOURS, SHORT_PHASE
from feedback.over_time.trend import ActionMark, Trend, TrendPoint, next_start, period_name, rule_in_words
from feedback.settings import Settings

Spec = dict[str, Any]
Align = Literal["left", "right"]
Weight = Literal["bold", "normal"]
Layer = alt.Chart | alt.LayerChart | alt.FacetChart

FONT = "Arial, Helvetica, sans-serif"
TEXT = "#212b32"  # NHS text
BAND = "#eef2f4"
GREY = "#4c6272"  # NHS secondary text, also for limits: the grey of Making Data Count is too faint for thin lines
FAINT = "#d8dde0"
BLUE = "#005eb8"  # NHS blue: praise, which is no special cause
PINK = "#7c2855"  # NHS dark pink: criticism, told from blue by anyone and also in print
TARGET = "#de1b1b"  # Making Data Count
NARROW = 480  # below this many pixels labels are shortened
THIN, WIDE = "fijlrtI.,:;'’′|!()- ", "mwMW%&@"  # letters of Arial well under and over the usual width
HOUSE_STYLE: Spec = {
    "font": FONT,
    "view": {"continuousWidth": 300, "continuousHeight": 300, "stroke": None},
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 17,
        "color": TEXT,
        "subtitleFontSize": 13,
        "subtitleColor": GREY,
        "subtitlePadding": 6,
        "offset": 14,
    },
    "axis": {"labelFontSize": 13, "labelColor": TEXT, "domainColor": GREY, "tickColor": GREY, "gridColor": FAINT},
}
PADDING = 0.6  # of a period, left and right of the first and last point
KEY_LINE = 21  # pixels from one line of the key to the next
FLAG = 17  # pixels of the square that marks an action
DOWN = 16  # pixels between two labels that must not touch

# Of the parts of a drawing: the drawing as a whole has its own description.
_PARTS_SAID = re.compile(r' (?:role|aria-label|aria-roledescription|aria-hidden)="[^"]*"')

# kind: (name, Vega shape)
MEANINGS = {
    "common_cause": ("Chance variation", "circle"),
    "special_cause_improvement": ("Improvement", "diamond"),
    "special_cause_concern": ("Concern", "square"),
    "special_cause_neutral_high": ("Real change up", "triangle-up"),
    "special_cause_neutral_low": ("Real change down", "triangle-down"),
}
EDGES = {"#a6a6a6": "#6f777b", "#00b0f0": "#00709e", "#e46c0a": "#9c4400", "#490092": "#2d005c"}  # 3:1 on white
CHART_NAMES = {"xmr": "XmR chart", "iprime": "I′ chart", "pprime": "p′ chart"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart for and against: counts of comments, None where hidden because they are fewer than 5."""

    label: str
    good: int | None
    bad: int | None


def trend_chart(trend: Trend, title: str, *, width: int = 640, height: int = 300) -> Spec:
    """The Vega-Lite specification of a statistical process control chart, `width` pixels wide in all (320 or more)."""
    narrow = width < NARROW
    shown = trend.shown
    if not shown:
        return _finish(_words(trend.sentence, width), title, (), width, alt_text(trend))
    low, high, ticks = _axis(trend)
    labels = _line_labels(trend, narrow)
    left, right = 44, 20 + max(_text_width(text, 13) for text, *_ in labels)
    plot = width - left - right
    rows = _rows(trend)
    dates = _dates_to_label(trend, plot)
    x = alt.X(
        "start:O",
        title=None,
        scale=alt.Scale(type="point", padding=PADDING),
        axis=alt.Axis(
            values=list(dates),
            labelExpr=f"({json.dumps(dates)})[datum.value]",
            labelAngle=0,
            tickSize=5,
            labelOverlap=False,
        ),
    )
    shares = trend.measure.is_share

    def y_of(name: str) -> alt.Y:
        return alt.Y(
            f"{name}:Q",
            title=None,
            scale=alt.Scale(domain=[low, high], nice=False, zero=False),
            axis=alt.Axis(
                values=ticks,
                format=".0%" if shares else ".1f" if ticks[1] - ticks[0] > 0.09 else ".2f",
                domain=False,
                ticks=False,
            ),
        )

    # A channel that is named by a text alone is looked for in the whole of the schema: twenty times the work of saying which it is.
    phase = alt.Detail("phase:N")
    chart = alt.Chart()  # draws the rows of the whole, given to alt.layer below
    # What chance gives is a pale band in steps, since on I′ and p′ charts the limits follow the number of comments.
    judged = chart.transform_filter("isValid(datum.mean)")
    band = judged.transform_filter("isValid(datum.upl)").mark_area(interpolate="step", color=BAND, opacity=1)
    lines: list[Layer] = [band.encode(x=x, y=y_of("lpl"), y2=alt.Y2("upl:Q"), detail=phase)]
    for name, dash, colour in (("upl", [5, 4], GREY), ("lpl", [5, 4], GREY), ("mean", [1, 0], TEXT)):
        line = judged.mark_line(interpolate="step", strokeDash=dash, color=colour, strokeWidth=1.3)
        lines.append(line.encode(x=x, y=y_of(name), detail=phase))
    if trend.target is not None:
        lines.append(
            alt.Chart(alt.Data(values=[{"target": trend.target}]))
            .mark_rule(color=TARGET, strokeDash=[2, 3], strokeWidth=1.6)
            .encode(y=alt.Y("target:Q"))
        )
    series = chart.mark_line(color="#768692", strokeWidth=1.5, invalid="break-paths-filter-domains").encode(
        x=x, y=y_of("value"), detail=phase
    )
    named = [(mark, _wrap(action_name(mark), width - 48, 13)) for mark in trend.actions]
    layers = [
        *lines,
        series,
        *_breaks(trend, x, plot),
        *_actions(trend, x),
        *_points(rows, x),
        *_too_few(rows, x, height),
        *_at_the_right(labels, low, high, plot, height),
        *_action_key(named, height + 62, -left + 10),
        *_key(rows, height + 62 + KEY_LINE * sum(len(lines) for _, lines in named), -left + 10, width - 20),
    ]
    drawing = alt.layer(*layers, data=alt.Data(values=rows)).properties(width=plot, height=height)
    return _finish(drawing, title, _subtitle(trend, width), width, alt_text(trend))


def bars_chart(rows: Sequence[Bar], title: str, *, width: int = 640) -> Spec:
    """Comments against (left) and for (right), one row each in the order given, the label above its bar."""
    said = "; ".join(f"{r.label}: {_count(r.good)} for, {_count(r.bad)} against" for r in rows)
    most = max((max(r.good or 0, r.bad or 0) for r in rows), default=0)
    if not most:
        return _finish(
            _words("There are no comments to chart.", width), title, (), width, f"{title}. There are no comments."
        )
    across, top, step = width - 20, 26, 46
    middle = across / 2
    reach = middle - 12 - _text_width(f"{most:,}", 13)  # room for the number at the end of the longest bar
    bars: list[dict[str, Any]] = []
    texts: dict[tuple[Align, Weight], list[dict[str, Any]]] = {
        ("right", "bold"): [{"x": middle - 8, "y": 8, "text": "Criticism", "colour": PINK}],
        ("left", "bold"): [{"x": middle + 8, "y": 8, "text": "Praise", "colour": BLUE}],
        ("right", "normal"): [],
        ("left", "normal"): [],
    }
    for y, row in zip(range(top, top + step * len(rows), step), rows, strict=True):
        texts["left", "bold"].append({"x": 0, "y": y + 10, "text": row.label, "colour": TEXT})
        for count, way, colour in ((row.bad, -1, PINK), (row.good, 1, BLUE)):
            end = middle + way * reach * (count or 0) / most
            bars.append({"x": middle, "x2": end, "y": y + 20, "y2": y + 38, "colour": colour})
            word = f"under {Settings().small_number}" if count is None else f"{count:,}"
            side: Align = "left" if way > 0 else "right"
            texts[side, "normal"].append({"x": end + 6 * way, "y": y + 29, "text": word, "colour": TEXT})
    height = top + step * len(rows)
    # Positions are pixels already: the scales leave them as they are.
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, across], nice=False), axis=None)
    y_down = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)
    colour_as_it_is = alt.Color("colour:N", scale=None)
    drawn = alt.Chart(alt.Data(values=bars))
    layers: list[Layer] = [
        drawn.mark_rect().encode(x=x, x2="x2:Q", y=y_down, y2="y2:Q", color=colour_as_it_is),
        drawn.mark_rule(color=TEXT, strokeWidth=1.5).encode(x=x, y=y_down, y2="y2:Q"),
    ]
    for (align, weight), words in texts.items():
        text = alt.Chart(alt.Data(values=words)).mark_text(
            align=align, fontWeight=weight, baseline="middle", fontSize=13
        )
        layers.append(text.encode(x=x, y=y_down, text="text:N", color=colour_as_it_is))
    return _finish(alt.layer(*layers).properties(width=across, height=height), title, (), width, f"{title}. {said}.")


def alt_text(trend: Trend) -> str:
    """What the chart says, for those who do not see it: kind, span, the sentence, average and limits."""
    shown = trend.shown
    if not shown:
        return trend.sentence
    first, last = (period_name(p.start, trend.period) for p in (shown[0], shown[-1]))
    show = trend.measure.show
    words = [f"{CHART_NAMES[trend.chart]}: {_said(trend)}, {first} to {last}.", trend.sentence]
    end = shown[-1]
    if end.mean is not None and end.lpl is not None and end.upl is not None:
        words.append(
            f"Average {show(end.mean)}; chance alone gives {show(end.lpl)} to {show(end.upl)} in the last {trend.period}."
        )
    marked = [p for p in shown if p.rule]
    if marked:
        words.append(f"{len(marked)} of {len(shown)} points are marked as more than chance.")
    if trend.target is not None:
        words.append(f"The target is {show(trend.target)}.")
    if trend.actions:
        words.append(f"Actions marked: {'; '.join(f'{mark.letter}, {action_name(mark)}' for mark in trend.actions)}.")
    return " ".join(words)


def data_table(trend: Trend) -> list[dict[str, str]]:
    """The chart's figures as a table reads them out, one row a period, every cell filled."""
    show, of = trend.measure.show, trend.measure.of
    value_name = f"{of[0].upper()}{of[1:]}"
    rows = []
    for p in trend.points:
        row = {trend.period.capitalize(): period_name(p.start, trend.period), value_name: _count(p.n)}
        row["Figure"] = show(p.value) if p.value is not None else "not shown: too few" if p.suppressed else f"no {of}"
        if trend.measure.is_share:
            row["Chance range"] = (
                f"{show(p.lower)} to {show(p.upper)}" if p.lower is not None and p.upper is not None else "–"
            )
        row["Average"] = "–" if p.mean is None else show(p.mean)
        row["Limits"] = "–" if p.lpl is None or p.upl is None else f"{show(p.lpl)} to {show(p.upl)}"
        row["What it says"] = "–" if p.value is None else _meaning(p)
        if trend.actions:
            end = next_start(p.start, trend.period)
            here = [f"{mark.letter}: {action_name(mark)}" for mark in trend.actions if p.start <= mark.date < end]
            row["Actions"] = "; ".join(here) or "–"
        rows.append(row)
    return rows


def as_svg(spec: Spec) -> str:
    """The drawing as SVG with its description for screen readers; the same specification is drawn once."""
    return _svg(json.dumps(spec, sort_keys=True))


def as_picture(spec: Spec) -> str:
    """The drawing as SVG that is one picture: whoever listens hears its description and not every line and dot of it."""
    root, end, inside = as_svg(spec).partition(">")
    return root + end + _PARTS_SAID.sub("", inside)


def as_png(spec: Spec, scale: float = 2.0) -> bytes:
    """The drawing as PNG, `scale` times its size in pixels, for documents that take no SVG."""
    return _png(json.dumps(spec, sort_keys=True), scale)


@lru_cache(maxsize=256)
def _svg(spec: str) -> str:
    # No address is allowed: nothing is ever fetched for a drawing.
    svg = vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[])
    said = json.loads(spec)
    label = escape(said["description"], quote=True)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1).replace(
        ">", f"><title>{escape(said['usermeta']['title'])}</title>", 1
    )


@lru_cache(maxsize=64)
def _png(spec: str, scale: float) -> bytes:
    return vl_convert.vegalite_to_png(spec, vl_version="6.4", scale=scale, allowed_base_urls=[])


# --- the parts of a trend ----------------------------------------------------------------------------------------------


def _rows(trend: Trend) -> list[dict[str, Any]]:
    """One datum a period; what a reader sees on touching a point is in words already."""
    show = trend.measure.show
    rows = []
    phase = trend.shown[0].phase
    for p in trend.points:
        phase = phase if p.phase is None else p.phase
        share_of = f" of {_count(p.n)}" if trend.measure.is_share else ""
        rows.append(
            {
                "start": p.start.isoformat(),
                "value": p.value,
                "mean": p.mean,
                "upl": p.upl,
                "lpl": p.lpl,
                "phase": phase,  # a hidden period is one of the phase before it, where it breaks the line
                "kind": p.kind,
                "hollow": p.hollow,
                "too_few": p.suppressed,
                "name": period_name(p.start, trend.period),
                "figure": "" if p.value is None else f"{show(p.value)}{share_of}",
                "says": _meaning(p),
            }
        )
    return rows


def _meaning(point: TrendPoint) -> str:
    """What a point means, in a few words for a table or a touch."""
    if point.rule is None:
        return MEANINGS[point.kind][0]
    both = ", but signs point both ways" if point.both_ways else ""
    return f"{MEANINGS[point.kind][0]} ({rule_in_words(point.rule)}){both}"


def _points(rows: Sequence[dict[str, Any]], x: alt.X) -> Iterable[Layer]:
    """The points, one layer for each meaning, which has its own shape as well as its colour."""
    for (kind, hollow), look in _looks(rows).items():
        mine = [r for r in rows if r["value"] is not None and (r["kind"], r["hollow"]) == (kind, hollow)]
        yield (
            alt.Chart(alt.Data(values=mine))
            .mark_point(**look)
            .encode(
                x=x,
                y=alt.Y("value:Q"),
                tooltip=[
                    alt.Tooltip("name:N", title="When"),
                    alt.Tooltip("figure:N", title="Figure"),
                    alt.Tooltip("says:N", title="What it says"),
                ],
            )
        )


def _looks(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, bool], dict[str, Any]]:
    """How each kind of point that there is looks, chance first."""
    there = {(r["kind"], r["hollow"]) for r in rows if r["value"] is not None}
    return {
        (kind, hollow): {
            "shape": shape,
            "fill": "#ffffff" if hollow else COLOURS[kind],
            "stroke": EDGES[COLOURS[kind]],
            "strokeWidth": 2 if hollow else 1.2,
            "size": 70 if shape == "circle" else 95,
            "opacity": 1,
        }
        for kind, (_, shape) in MEANINGS.items()
        for hollow in (False, True)
        if (kind, hollow) in there
    }


def _key(rows: Sequence[dict[str, Any]], top: float, left: float, width: float) -> Iterable[Layer]:
    """What the shapes mean, below the chart; it names only what is there, and nothing where all is plain chance."""
    looks = _looks(rows)
    entries = [(MEANINGS[kind][0], look) for (kind, hollow), look in looks.items() if not hollow]
    hollow_looks = [look for (_, hollow), look in looks.items() if hollow]
    # A meaning that only hollow points have is still named, by its hollow shape.
    named = {kind for kind, hollow in looks if not hollow}
    entries += [(MEANINGS[kind][0], look) for (kind, hollow), look in looks.items() if hollow and kind not in named]
    if hollow_looks:
        entries.append((f"Hollow: fewer than {Settings().hollow_number}", hollow_looks[0]))
    if any(r["too_few"] for r in rows):
        entries.append(("Too few to show", {}))
    if len(entries) < 2:
        return
    x, y = left, top
    for name, look in entries:
        room = 18 + _text_width(name, 13)
        if x > left and x + room > left + width:
            x, y = left, y + 20
        mark = (
            _alone().mark_point(x=x + 6, y=y, **look)
            if look
            else _alone().mark_text(x=x + 6, y=y + 4, text="*", fontSize=18, color=GREY)
        )
        yield mark
        yield _alone().mark_text(x=x + 17, y=y, text=name, align="left", baseline="middle", fontSize=13, color=TEXT)
        x += room + 16


def _too_few(rows: Sequence[dict[str, Any]], x: alt.X, height: float) -> Iterable[Layer]:
    """A star on the axis where a period is hidden, so that a gap in the line is not taken for none."""
    hidden = [r for r in rows if r["too_few"]]
    if hidden:
        yield alt.Chart(alt.Data(values=hidden)).mark_text(text="*", fontSize=18, color=GREY, y=height - 4).encode(x=x)


def _breaks(trend: Trend, x: alt.X, plot: float) -> Iterable[Layer]:
    """An upright line before the first period of a new phase, or of other versions, with the reason beside it."""
    starts = [p.start for p in trend.points]
    band = _band(trend, plot)
    for day, why in {**trend.marks, **trend.breaks}.items():
        at = sum(start <= day for start in starts) - 1
        if at <= 0:
            continue
        row = alt.Data(values=[{"start": starts[at].isoformat()}])
        late = at > len(starts) / 2
        yield alt.Chart(row).mark_rule(color=GREY, strokeDash=[2, 2], xOffset=-band / 2).encode(x=x)
        yield (
            alt.Chart(row)
            .mark_text(
                text=why,
                y=-8,
                align="right" if late else "left",
                xOffset=-band / 2 + (-5 if late else 5),
                fontSize=12,
                color=TEXT,
            )
            .encode(x=x)
        )


def action_name(mark: ActionMark) -> str:
    """What is said of an action beside a chart: its name and day."""
    return f"{mark.name}, {mark.date.day} {mark.date.strftime('%B %Y')}"


def _actions(trend: Trend, x: alt.X) -> Iterable[Layer]:
    """A solid upright line with a lettered flag in the period in which something was done; versions have a dashed line between two."""
    starts = [p.start for p in trend.points]
    # Where versions change their names stand above the plot, so the flags stand in it.
    top = FLAG / 2 + 1 if trend.marks or trend.breaks else -FLAG / 2 - 1
    met: dict[int, int] = {}
    for mark in trend.actions:
        at = sum(start <= mark.date for start in starts) - 1
        row = alt.Data(values=[{"start": starts[at].isoformat(), "name": action_name(mark)}])
        y = top + FLAG * met.get(at, 0)
        if at not in met:
            yield alt.Chart(row).mark_rule(color=TEXT, strokeWidth=1.2, opacity=0.7).encode(x=x)
        met[at] = met.get(at, 0) + 1
        flag = alt.Chart(row).mark_point(shape="square", size=FLAG * FLAG, fill=TEXT, stroke=TEXT, opacity=1, y=y)
        yield flag.encode(x=x, tooltip=alt.Tooltip("name:N", title="Action"))
        letter = alt.Chart(row).mark_text(
            text=mark.letter, color="#ffffff", fontSize=12, fontWeight="bold", baseline="middle", y=y
        )
        yield letter.encode(x=x)


def _action_key(named: Sequence[tuple[ActionMark, list[str]]], top: float, left: float) -> Iterable[Layer]:
    """What was done, by its letter, below the chart."""
    y = top
    for mark, lines in named:
        yield _alone().mark_point(x=left + 8, y=y, shape="square", size=FLAG * FLAG, fill=TEXT, stroke=TEXT, opacity=1)
        yield _alone().mark_text(
            x=left + 8, y=y, text=mark.letter, color="#ffffff", fontSize=12, fontWeight="bold", baseline="middle"
        )
        for line in lines:
            yield _alone().mark_text(
                x=left + 23, y=y, text=line, align="left", baseline="middle", fontSize=13, color=TEXT
            )
            y += KEY_LINE


def _band(trend: Trend, plot: float) -> float:
    """Pixels from one period to the next."""
    return plot / (len(trend.points) - 1 + 2 * PADDING)


def _line_labels(trend: Trend, narrow: bool) -> list[tuple[str, float, bool]]:
    """What stands at the right of the lines: text, value, whether it is the latest figure."""
    last, show = trend.shown[-1], trend.measure.show
    limit = "" if narrow else " limit"
    labels = [(f"Latest {show(last.value or 0.0)}", last.value or 0.0, True)]
    if last.mean is not None:
        labels.append((f"Average {show(last.mean)}", last.mean, False))
    # A limit at the end of the scale cannot be passed, so it needs no name.
    if last.upl is not None and last.upl < trend.measure.scale[1]:
        labels.append((f"Upper{limit} {show(last.upl)}", last.upl, False))
    if last.lpl is not None and last.lpl > trend.measure.scale[0]:
        labels.append((f"Lower{limit} {show(last.lpl)}", last.lpl, False))
    if trend.target is not None:
        labels.append((f"Target {show(trend.target)}", trend.target, False))
    return labels


def _at_the_right(
    labels: Sequence[tuple[str, float, bool]], low: float, high: float, plot: float, height: float
) -> Iterable[Layer]:
    """The labels beside their lines, pushed apart where they would touch."""
    ordered = sorted(labels, key=lambda label: -label[1])
    places: list[float] = []
    for _, value, _ in ordered:
        wanted = height * (high - value) / (high - low)
        places.append(max(wanted, places[-1] + DOWN) if places else wanted)
    over = max(0.0, places[-1] - height)
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], height - DOWN * (len(places) - 1 - i)) if over else places[i]
    for (text, _, latest), place in zip(ordered, places, strict=True):
        yield _alone().mark_text(
            text=text,
            x=plot + 8,
            y=place,
            align="left",
            baseline="middle",
            fontSize=13,
            fontWeight="bold" if latest else "normal",
            color=TEXT,
        )


def _axis(trend: Trend) -> tuple[float, float, list[float]]:
    """Lowest and highest value of the axis and its ticks: room for every value and limit, from 0 where that costs little."""
    floor_, ceiling = trend.measure.scale
    values = [v for p in trend.shown for v in (p.value, p.upl, p.lpl, p.mean) if v is not None]
    values += [] if trend.target is None else [trend.target]
    lowest, highest = min(values), max(values)
    if trend.measure.is_share and lowest < highest / 2:
        lowest = 0.0
    spread = max(highest - lowest, 0.04)
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0) if spread / s <= 6)
    first, last = floor((lowest - spread * 0.04) / step), ceil((highest + spread * 0.04) / step)
    ticks = [round(k * step, 6) for k in range(first, last + 1) if floor_ <= round(k * step, 6) <= ceiling]
    # A little more than the scale, so that a point at 0% or 100% is drawn whole.
    return ticks[0] - spread * 0.03, ticks[-1] + spread * 0.03, ticks


def _dates_to_label(trend: Trend, plot: float) -> dict[str, list[str]]:
    """The periods named on the axis, as many as fit, each with the lines of its label; the year where it is new."""
    starts = [p.start for p in trend.points]
    wide = 56 if trend.period == "quarter" else 36
    fit = max(2, int(plot / wide))
    steps = {"month": (1, 3, 6, 12), "quarter": (1, 2, 4), "week": (1, 2, 4, 8, 13, 26)}[trend.period]
    every = next((k for k in steps if len(starts) / k <= fit + 0.5), steps[-1] * ceil(len(starts) / steps[-1] / fit))
    months = {"month": 1, "quarter": 3}.get(trend.period)
    # Counted from January, so that the same months are named in every chart.
    chosen = [s for i, s in enumerate(starts) if ((s.year * 12 + s.month - 1) // months if months else i) % every == 0]
    lines = {}
    for before, start in zip([None, *chosen], chosen, strict=False):
        name = period_name(start, trend.period, short=True).rsplit(" ", 1)
        lines[start.isoformat()] = name if before is None or before.year != start.year else name[:1]
    return lines


def _said(trend: Trend) -> str:
    what = trend.measure
    said = f"Share of {what.of} that {what.phrase}" if what.is_share else f"Average sentiment, {what.phrase}"
    return f"{said}, by {trend.period}"


def _subtitle(trend: Trend, width: int) -> list[str]:
    """What is charted, then the kind of chart and what its limits are worth."""
    kind = CHART_NAMES[trend.chart] + (
        "" if trend.chart == "xmr" else ": the limits are wider where there are few comments"
    )
    kind += f"; trial limits, from fewer than {SHORT_PHASE} points" if trend.trial_limits else ""
    return [*_wrap(_said(trend), width - 20, 13), *_wrap(kind, width - 20, 13)]


# --- what every chart shares -------------------------------------------------------------------------------------------


def _alone() -> alt.Chart:
    return alt.Chart(alt.Data(values=[{}]))


def _words(text: str, width: int) -> alt.Chart:
    """A picture that only says why there is none."""
    lines = _wrap(text, width - 20, 14)
    return (
        _alone()
        .mark_text(text=lines, x=0, y=12, align="left", fontSize=14, color=TEXT, lineHeight=20)
        .properties(width=width - 20, height=20 * len(lines) + 10)
    )


def _finish(chart: Layer, title: str, subtitle: Sequence[str], width: int, description: str) -> Spec:
    """The specification in the house style, with its description for screen readers; bold letters are 8% wider."""
    heading = alt.TitleParams(text=_wrap(title, width - 20, 17 * 1.08), subtitle=list(subtitle) or alt.Undefined)
    # Each property that is set on a chart of Altair's copies it whole, and validating takes as long as all the rest; the tests do it.
    spec = chart.to_dict(validate=False)
    config = {**spec.get("config", {}), **HOUSE_STYLE}
    said = {"title": heading.to_dict(validate=False), "description": description, "usermeta": {"title": title}}
    return {**spec, **said, "background": "#ffffff", "padding": 10, "config": config}


def _text_width(text: str, size: float) -> int:
    """Pixels a text takes in Arial, to within a few; a drawing made in another font has room to spare."""
    return ceil(size * sum(0.3 if c in THIN else 0.86 if c in WIDE else 0.68 if c.isupper() else 0.556 for c in text))


def _wrap(text: str, width: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def _count(n: int | None) -> str:
    return f"fewer than {Settings().small_number}" if n is None else f"{n:,}"
