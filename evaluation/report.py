"""Write docs/evaluation.md: what was measured, in tables and sentences that need no knowledge of statistics.

Everything in it comes from evaluation/results.json and from what was measured apart (curve.json, open_system.json); nothing
is written by hand, so nothing in it can be older than the figures. Comments shown are invented.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from feedback.settings import ROOT

DOC = ROOT / "docs" / "evaluation.md"
CHART = ROOT / "docs" / "calibration.svg"
CURVE = ROOT / "evaluation" / "curve.json"
OPEN_SYSTEM = ROOT / "evaluation" / "open_system.json"
HEADS = {"themes": "themes", "sentiment": "sentiment", "codes": "values and objectives"}
WORST_SHOWN = 2  # examples of a kind
FEW = 20  # comments with a label: with fewer, a figure may be off by a fifth either way

Table = Mapping[str, Any]


def write(results: Table) -> None:
    """Write the report and its chart from the results of one run."""
    DOC.write_text(as_report(results, kept(CURVE, results), kept(OPEN_SYSTEM, results)), encoding="utf-8")
    CHART.write_text(calibration_chart(results["detail"]["calibration"]) + "\n", encoding="utf-8")


def kept(path: Path, results: Table) -> Any:
    """What was measured apart on the same data; None where it was not."""
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if found["data"] == results["data"]["sha256"] else None


def as_report(results: Table, curve: Table | None, peers: Table | None) -> str:
    """The whole report in Markdown; `curve` and `peers` where they were measured on the same data."""
    parts = [
        _head(results),
        _beside(results, peers),
        _labels(results["detail"]["labels"]),
        _groups(results["detail"]["groups"]),
        _calibration(results["detail"]["calibration"]),
        _abstention(results["detail"]["abstention"]),
        _noise(results),
        _fairness(results),
        _worst(results["hard"]),
        _placer(results.get("services_unseen")),
        _curve(curve),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(results: Table) -> str:
    return f"""# How well it reads

Written by `make evaluate` on {results["measured"]}, reader {results["versions"]["reader"]}; do not edit. In brackets stands the 95 % interval: if the same were measured on
other comments of the same kind, the figure would lie there 95 times in 100. Where two intervals overlap widely, the difference may be chance.

**Precision**: of those it gives, how many are right. **Recall**: of those it should give, how many it gives. **F1**: between the two, nearer to the lower. **Micro F1** takes all labels
together, so frequent ones weigh most; **macro F1** takes the mean over labels, so rare ones weigh as much. "Right" is what NHS staff said who labelled the comments; they do not
always agree with each other, see [below](#what-the-labels-are-worth).

What is measured are public Friends and Family comments of other trusts that took no part in training. None are the Trust's own: for those there is the accuracy ledger (`feedback ledger`,
shown on the About page)."""


# Beside others


def _beside(results: Table, peers: Table | None) -> str:
    t, s = results["themes"], results["sentiment"]
    theirs = peers["themes"] if peers else {}
    rows = [
        ("**this system**", t["ours"]),
        (f"this system, texts never seen in training ({t['ours_unseen_text']['comments']})", t["ours_unseen_text"]),
        ("tf-idf, linear support vector machine", t["tfidf_support_vector"]),
        ("tf-idf, logistic regression", t["tfidf_logistic"]),
        *((f"open NHS system's {name}", figures) for name, figures in theirs.items()),
    ]
    felt = [
        ("**this system**", s["ours"]),
        (f"this system, texts never seen in training ({s['ours_unseen_text']['comments']})", s["ours_unseen_text"]),
        ("tf-idf, logistic regression", s["tfidf_logistic"]),
        *((f"open NHS system's {name}", figures) for name, figures in (peers["sentiment"] if peers else {}).items()),
        ("VADER (a word list)", s["vader"]),
        ("TextBlob (a word list)", s["textblob"]),
    ]
    note = (
        f"The open NHS system's configurations were re-run on {peers['measured']} on the same split; what had to be assumed, and that boosted trees stand in for XGBoost, is said at the head of evaluation/open_system.py."
        if peers
        else "The open NHS system's configurations have not been re-run on these data: `python -m evaluation.open_system --data DIR` does so."
    )
    return "\n".join(
        [
            "## Beside other ways to do it",
            "",
            *_table(
                (f"themes ({t['comments']} comments)", "macro F1", "micro F1", "exact sets"),
                ((name, *(f"{f[k]:.2f}" for k in ("macro_f1", "micro_f1", "exact"))) for name, f in rows),
            ),
            "",
            *_table(
                (f"sentiment ({s['comments']} comments)", "five points", "weighted kappa", "three points"),
                (
                    (name, *(f"{f[k]:.2f}" if k in f else "" for k in ("five_point", "weighted_kappa", "three_point")))
                    for name, f in felt
                ),
            ),
            "",
            note,
        ]
    )


# Taken apart


def _labels(labels: Table) -> str:
    lines = [
        "## Label by label",
        "",
        f"Labels on fewer than {FEW} of the comments are in *italics*: their figures say little.",
    ]
    for head, rows in labels.items():
        body = (
            (
                f"*{row['label']}*" if row["support"] < FEW else row["label"],
                row["support"],
                row["given"],
                rate(row["precision"]),
                rate(row["recall"]),
                rate(row["f1"]),
            )
            for row in rows
        )
        lines += ["", *_table((HEADS[head], "right on", "given on", "precision", "recall", "F1"), body)]
    return "\n".join(lines)


def _groups(groups: Table) -> str:
    lines = [
        "## By kind of comment",
        "",
        "Groups of fewer than 20 comments are put together as other. The public comments do not say who wrote them: the respondent is what this system tells from the words.",
    ]
    for by, rows in groups.items():
        body = (
            (row["group"], row["comments"], rate(row["themes"]), rate(row["five_point"]), rate(row["three_point"]))
            for row in rows
        )
        lines += ["", *_table((by, "comments", "themes, micro F1", "sentiment, five", "three points"), body)]
    return "\n".join(lines)


def _calibration(heads: Table) -> str:
    lines = [
        "## Whether its probabilities mean what they say",
        "",
        "Of all labels to which it gave a chance of about 70 %, about 70 % should be right. The error is the mean distance from that (0 is perfect); since most labels are plainly absent from most comments, the",
        "second figure leaves out chances under 10 %. For sentiment the chance is that of the degree it chose.",
        "",
        *_table(
            ("", "expected calibration error", "of chances from 10 %"),
            ((HEADS[head], f"{one['error']:.3f}", f"{one['error_from_a_tenth']:.3f}") for head, one in heads.items()),
        ),
        "",
        "![Chance said against share right, for each head](calibration.svg)",
    ]
    starts = sorted({one["start"] for head in heads.values() for one in head["bins"]})
    by_start = {head: {b["start"]: b for b in one["bins"]} for head, one in heads.items()}
    body = []
    for start in starts:
        row = [f"{start:.0%} to {start + 0.1:.0%}"]
        for head in heads:
            b = by_start[head].get(start)
            row += [f"{b['n']:,}", f"{b['said']:.0%}", rate(b["happened"])] if b else ["", "", ""]
        body.append(row)
    names = [column for head in heads for column in (f"{HEADS[head]}: n", "said", "right")]
    return "\n".join([*lines, "", *_table(("chance", *names), body)])


def _abstention(found: Table) -> str:
    none, n = found["none_given"]["k"], found["none_given"]["n"]
    return f"""## How often it says that it cannot tell

Where no theme is likely enough it gives none. Of {n} comments with content that was so for {none}: {rate(found["none_given"])}. NHS staff had given {found["rightly"]} of these {none} no theme either
(they gave none to {found["nhs_none"]} of the {n}). {found["not_read"]} of the {n} were not read at all, since they were taken for another language or for no content."""


def _noise(results: Table) -> str:
    found = results["detail"]["noise"]
    ours = results["themes"]["ours"]
    return f"""## What the labels are worth

{found["texts"]} texts were labelled more than once by NHS staff, as answers to the same kind of question: {found["rows"]} rows. Two labellings of the same
words, each text counting once, have

| | |
| --- | ---: |
| just the same themes | {rate(found["exact"])} |
| just the same themes, the {found["longer_texts"]} texts of 4 words and more | {rate(found["exact_longer"])} |
| themes, micro F1 | {rate(found["themes"])} |
| the same of five degrees of sentiment | {rate(found["five_point"])} |
| the same of positive, neutral, negative | {rate(found["three_point"])} |

Whoever gives the same words the same answer can be right with just the same themes on {found["most_exact"]:.0%} of these texts at most. Nearly all texts that come twice are short and plain; on longer ones, which can be read in
more ways, people agree less, so these figures lie above what can be reached on all comments. This system has just the same themes as NHS staff for {ours["exact"]:.2f} of all comments of the test, and micro F1 {ours["micro_f1"]:.2f}."""


# Who writes how


def _fairness(results: Table) -> str:
    rows = results["fairness"]
    plain, *others = rows
    said = [_difference(plain, one) for one in others]
    return "\n".join(
        [
            "## Whether it reads everybody alike",
            "",
            f"{plain['sentiment']['n']} invented comments (evaluation/fairness.yml) were each put in several ways that mean the same. What differs is the writing alone. Badly misspelt ones have nearly every longer word wrong, which is rare in real comments; of a little misspelt ones, every third of those words.",
            "",
            *_table(
                ("", "sentiment right", "themes, micro F1", "sentiment as in plain words", "themes as in plain words"),
                (
                    (
                        row["way"],
                        rate(row["sentiment"]),
                        rate(row["themes"]),
                        *(("", "") if row is plain else (rate(row["same_sentiment"]), rate(row["same_themes"]))),
                    )
                    for row in rows
                ),
            ),
            "",
            " ".join(said),
            "By length and spelling of real comments: see [By kind of comment](#by-kind-of-comment). Age, sex, ethnicity and disability of the writers are in no data and cannot be measured.",
        ]
    )


def _difference(plain: Table, one: Table) -> str:
    points = (one["themes"]["share"] - plain["themes"]["share"]) * 100
    themes = (
        f"Themes: {abs(points):.0f} points {'worse' if points < 0 else 'better'} than in plain words."
        if round(points)
        else "Themes: as well as in plain words."
    )
    unread = f" {one['not_read']} were not read at all." if one["not_read"] else ""
    counted = f"the sentiment of {one['lost']} is read wrongly that was read rightly in plain words, of {one['won']} the other way"
    chance = "more than chance would do" if one["p"] < 0.05 else "which may be chance"
    return f"**{one['way'][0].upper()}{one['way'][1:]}**: {counted}, {chance} (p = {one['p']:.3f}). {themes}{unread}"


def _worst(kinds: Sequence[Table]) -> str:
    lines = [
        "## Where it is worst",
        "",
        "Invented comments of kinds that are hard to read (evaluation/hard.yml), and how many of each are felt rightly; the worst first, with what it got wrong.",
        "",
        *_table(
            ("kind", "sentiment right", "for example"),
            (
                (
                    row["kind"],
                    rate(row["right"]),
                    "; ".join(
                        f'"{one["text"]}" is {one["is"]}, read as {one["read"]}' for one in row["wrong"][:WORST_SHOWN]
                    ),
                )
                for row in kinds
            ),
            numbers=1,
        ),
    ]
    return "\n".join(lines)


def _placer(figures: Table | None) -> str:
    """What the model of services and respondents was measured to do, figure by figure; nothing where there is none."""
    if not figures:
        return ""
    rows = ((name.replace("_", " "), f"{v:.2f}" if isinstance(v, float) else v) for name, v in figures.items())
    return "\n".join(["## Which service, who speaks: unseen cases", "", *_table(("", ""), rows)])


def _curve(curve: Table | None) -> str:
    head = "## Whether more labelled comments would help\n\n"
    if not curve:
        return head + "Not measured on these data: `python -m evaluation.curve --data DIR` does so."
    body = []
    for row in curve["rows"]:
        a, b = row["tfidf"], row["vectors"]
        body.append(
            (
                f"{row['share']:.3g}",
                f"{row['rows']:,}",
                *(f"{m[k]:.2f}" for m in (a, b) for k in ("macro_f1", "micro_f1", "five_point")),
            )
        )
    return head + "\n".join(
        [
            f"Measured {curve['measured']}, vectors of reader {curve['reader']}. The same test each time; below all of them, the mean of three draws. tf-idf stands for a reader made anew from so many comments. On the vectors of the shipped",
            "reader, whose encoder has seen all of them, only the last layer is made anew: that line shows how few comments a new label wants, not what more comments would bring.",
            "",
            *_table(
                (
                    "share",
                    "training rows",
                    "tf-idf: macro F1",
                    "micro F1",
                    "five points",
                    "vectors: macro F1",
                    "micro F1",
                    "five points",
                ),
                body,
            ),
            "",
            _gain(curve["rows"]),
        ]
    )


def _gain(rows: Sequence[Table]) -> str:
    half, whole = rows[-2]["tfidf"], rows[-1]["tfidf"]
    gains = {name: (whole[key] - half[key]) * 100 for key, name in (("macro_f1", "macro F1"), ("micro_f1", "micro F1"))}
    listed = " and ".join(f"{points:+.0f} points of {name}" for name, points in gains.items())
    return f"The last doubling of the comments brought the tf-idf reader {listed}."


# Drawing and tables


def calibration_chart(heads: Table) -> str:
    """Chance said against share right as SVG; the size of a point tells how many answers lie behind it."""
    import altair as alt

    from feedback.over_time.chart import as_svg

    colours = ["#005eb8", "#7c2855", "#00703c"]
    values = [
        {"head": HEADS[head], "said": b["said"], "right": b["happened"]["share"], "n": b["n"]}
        for head, one in heads.items()
        for b in one["bins"]
    ]
    scale = alt.Scale(domain=[0, 1])
    even = alt.Chart(alt.Data(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color="#aeb7bd", strokeDash=[4, 4]
    )
    points = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("said:Q", title="chance said", scale=scale, axis=alt.Axis(format="%")),
        y=alt.Y("right:Q", title="share right", scale=scale, axis=alt.Axis(format="%")),
        color=alt.Color("head:N", title=None, scale=alt.Scale(domain=list(HEADS.values()), range=colours)),
    )
    chart = (
        even.encode(x="x:Q", y="y:Q")
        + points.mark_line(strokeWidth=1.5)
        + points.mark_point(filled=True, opacity=0.9).encode(
            size=alt.Size("n:Q", scale=alt.Scale(type="log", range=[20, 160]), legend=None)
        )
    )
    title = "Chance said against share right"
    spec = chart.properties(
        width=360,
        height=320,
        background="#ffffff",
        description="For themes, sentiment, and values and objectives: how often an answer was right, by the chance it was given. The broken line is where both are the same.",
        usermeta={"title": title},
    ).configure(font="Arial, sans-serif")
    return as_svg(spec.to_dict())


def rate(figure: Table | None) -> str:
    """A figure with its interval: 0.81 (0.74-0.87)."""
    return f"{figure['share']:.2f} ({figure['lower']:.2f}-{figure['upper']:.2f})" if figure else "–"


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: int | None = None) -> list[str]:
    """A Markdown table: the first column to the left, the next `numbers` (all, if not said) to the right."""
    right = len(headings) - 1 if numbers is None else numbers
    rule = [" --- ", *([" ---: "] * right), *([" --- "] * (len(headings) - 1 - right))]
    return [
        f"| {' | '.join(headings)} |",
        f"|{'|'.join(rule)}|",
        *(f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows),
    ]
