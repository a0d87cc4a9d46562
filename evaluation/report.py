"""Write docs/evaluation.md: what was measured, in tables and sentences that need no knowledge of statistics.

Everything in it comes from evaluation/results.json and from what was measured apart (curve.json, open_system.json); nothing
is written by hand, so nothing in it can be older than the figures. Comments shown are invented. A section whose figures an
older run did not have is left out until the next.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation import reach
from evaluation.apart import kept
from evaluation.tables import rate, table
from feedback.settings import ROOT

DOC = ROOT / "docs" / "evaluation.md"
CHART = ROOT / "docs" / "calibration.svg"
CURVE = ROOT / "evaluation" / "curve.json"
OPEN_SYSTEM = ROOT / "evaluation" / "open_system.json"
HEADS = {"themes": "themes", "sentiment": "sentiment", "codes": "values and objectives"}
WORST_SHOWN = 2  # examples of a kind
FEW = 20  # comments with a label: with fewer, a figure may be off by a fifth either way
TOO_FEW = 5  # with fewer still it says nothing, and is listed without one
# One person with the national framework beside the NHS's labels: 240 comments of 4 words and more, none of this test. Read when the
# labels of theme_labels.csv were made (README of the labelled data).
PERSON = {"micro_f1": 0.77, "exact": 0.53, "five_point": 0.73, "three_point": 0.92}

Table = Mapping[str, Any]


def write(results: Table) -> None:
    """Write the report and its chart from the results of one run."""
    data = results["data"]["sha256"]
    DOC.write_text(as_report(results, kept(CURVE, data), kept(OPEN_SYSTEM, data)), encoding="utf-8")
    CHART.write_text(calibration_chart(results["detail"]["calibration"]) + "\n", encoding="utf-8")


def as_report(results: Table, curve: Table | None, peers: Table | None) -> str:
    """The whole report in Markdown; `curve` and `peers` where they were measured on the same data."""
    detail = results["detail"]
    parts = [
        _head(results),
        _in_short(results),
        _reached(results),
        _beside(results, peers),
        _labels(detail["labels"]),
        _groups(detail["groups"]),
        _fairness(results["fairness"]),
        _worst(results),
        _services(results.get("services_unseen")),
        _calibration(detail["calibration"]),
        _abstention(detail["abstention"]),
        _noise(results),
        _curve(curve),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(results: Table) -> str:
    return f"""# How well it reads

Written by `make evaluate` on {results["measured"]}, reader {results["versions"]["reader"]}; do not edit. It is about themes, sentiment, values and objectives: what is measured are
{results["themes"]["comments"]} public Friends and Family comments of other trusts, labelled by NHS staff, that took no part in training. None are the Trust's own: for those there is the accuracy ledger (`feedback ledger`,
shown on the About page). Services, identity and comments that cannot wait are measured on invented comments.

**Precision**: of those it gives, how many are right. **Recall**: of those it should give, how many it gives. **F1**: between the two, nearer to the lower. **Micro F1** takes all labels
together, so frequent ones weigh most; **macro F1** takes the mean over labels, so rare ones weigh as much. "Right" is what NHS staff said; they do not always agree with each other,
see [below](#what-the-labels-are-worth). In brackets stands the 95% interval: if the same were measured on other comments of the same kind, the figure would lie there 95 times in 100. Where two
intervals overlap widely, the difference may be chance."""


def _in_short(results: Table) -> str:
    t, s, rows = results["themes"], results["sentiment"], results["detail"]["labels"]["themes"]
    right = sum(row["recall"]["k"] for row in rows if row["recall"])
    given, wanted = (sum(row[side] for row in rows) for side in ("given", "support"))
    ours = s["ours"]
    turned = (
        f" Praise is taken for blame, or blame for praise, in {ours['opposite']:.1%}." if "opposite" in ours else ""
    )
    weak = [row["label"] for row in rows if row["support"] >= TOO_FEW and _weak(row)]
    lines = [
        f"Of the themes that it gives, {right / given:.0%} are what NHS staff gave; of those that they gave, it gives {right / wanted:.0%}. It has just the same set as they for {t['ours']['exact']:.0%} of comments.",
        f"Praise, blame or neither is told rightly for {ours['three_point']:.0%} of comments, the same of five degrees for {ours['five_point']:.0%}.{turned}",
        "So a single comment's labels are a suggestion; a count over many is what they are for, and `feedback evidence` allows for these errors in its figures.",
        *(
            [
                f"Wrong or missed more often than not: {_listed(weak)}. Read the comments behind such a count before you quote it."
            ]
            if weak
            else []
        ),
        f"{reach.in_short(reach.held_against(results))} [Which](#what-it-was-meant-to-reach).",
        "Not measured: the Trust's own comments, and whether people of every age, sex, ethnicity and disability are read alike, for no public data say who wrote.",
    ]
    return "\n".join(["## In short", "", *(f"- {line}" for line in lines)])


def _weak(row: Table) -> bool:
    return any(row[figure] and row[figure]["share"] < 0.5 for figure in ("precision", "recall"))


def _reached(results: Table) -> str:
    return "\n".join(
        [
            "## What it was meant to reach",
            "",
            "Set before it was built, and held only against comments on which nothing was trained or tuned. A point is a hundredth.",
            "",
            *reach.as_table(reach.held_against(results)),
        ]
    )


# Beside others


def _beside(results: Table, peers: Table | None) -> str:
    t, s = results["themes"], results["sentiment"]
    others, felt = (peers["themes"], peers["sentiment"]) if peers else ({}, {})
    themes = {
        "**this system**": t["ours"],
        f"this system, texts never seen in training ({t['ours_unseen_text']['comments']})": t["ours_unseen_text"],
        **{f"open NHS system: {name}": figures for name, figures in others.items()},
        "tf-idf, logistic regression": t["tfidf_logistic"],
        "a person with the framework (240 other comments)": PERSON,
    }
    sentiment = {
        "**this system**": s["ours"],
        f"this system, texts never seen in training ({s['ours_unseen_text']['comments']})": s["ours_unseen_text"],
        **{f"open NHS system: {name}": figures for name, figures in felt.items()},
        "tf-idf, logistic regression": s["tfidf_logistic"],
        "VADER (a word list)": s["vader"],
        "TextBlob (a word list)": s["textblob"],
        "a person with the framework (240 other comments)": PERSON,
    }
    return "\n".join(
        [
            "## Beside other ways to do it",
            "",
            *_figures(
                f"themes ({t['comments']} comments)",
                {"macro_f1": "macro F1", "micro_f1": "micro F1", "exact": "same set"},
                themes,
            ),
            "",
            *_figures(
                f"sentiment ({s['comments']} comments)",
                {"five_point": "five degrees", "weighted_kappa": "weighted kappa", "three_point": "three"},
                sentiment,
            ),
            "",
            "Weighted kappa is agreement beyond chance, far misses weighing most. The person read comments of four words and more, which are harder than these.",
            _about_peers(peers),
        ]
    )


def _figures(heading: str, columns: Mapping[str, str], rows: Mapping[str, Table]) -> list[str]:
    body = ((name, *(f"{row[key]:.2f}" if key in row else "" for key in columns)) for name, row in rows.items())
    return table((heading, *columns.values()), body)


def _about_peers(peers: Table | None) -> str:
    if not peers:
        return "The open NHS system's configurations have not been re-run on these data: `python -m evaluation.open_system --data DIR` does so."
    said = _listed([f"{figures['macro_f1']:.2f} ({name})" for name, figures in peers["published"].items()])
    return f"""The open NHS system (pxtextmining) was learnt anew on {peers["measured"]} from the same training comments, with the settings its makers published; "tuned" has thresholds chosen as ours are. Its third model,
DistilBERT, could not be had here; for sentiment it ships that alone, and the two shown are what its code tries too. Its makers' own macro F1 on themes is {said}: on a fifth of some 20,000 comments that are not public, learnt from the rest, and with a label for empty comments that is right for free, so those
figures and these cannot be compared."""


# Taken apart


def _labels(labels: Table) -> str:
    lines = [
        "## Label by label",
        "",
        f"Labels on fewer than {FEW} of the comments are in *italics*: their figures say little. Where it gives a label more often than is right, counts come out too high, and the other way.",
    ]
    for head, rows in labels.items():
        shown = [row for row in rows if row["support"] >= TOO_FEW]
        body = (
            (
                f"*{row['label']}*" if row["support"] < FEW else row["label"],
                row["support"],
                row["given"],
                *(rate(row[figure]) for figure in ("precision", "recall", "f1")),
            )
            for row in shown
        )
        lines += ["", *table((HEADS[head], "right on", "given on", "precision", "recall", "F1"), body)]
        scarce = [f"{row['label']} ({row['support']}, given {row['given']})" for row in rows if row not in shown]
        if scarce:
            lines += ["", f"On fewer than {TOO_FEW} comments, so without figures: {_listed(scarce)}."]
    return "\n".join(lines)


def _groups(groups: Table) -> str:
    lines = [
        "## By kind of comment",
        "",
        "Services are called as the trusts that published the comments call them; groups of fewer than 20 are put together as other. The public comments do not say who wrote them: the respondent is what this",
        "system tells from the words, so a row says how well those are read whom it takes for carers, not all carers.",
        "",
        f"Themes are read worst in: {_listed([_worst_of(rows) for rows in groups.values()])}.",
    ]
    for by, rows in groups.items():
        body = (
            (row["group"], row["comments"], *(rate(row[figure]) for figure in ("themes", "five_point", "three_point")))
            for row in rows
        )
        lines += ["", *table((by, "comments", "themes, micro F1", "sentiment, five degrees", "three"), body)]
    return "\n".join(lines)


def _worst_of(rows: Sequence[Table]) -> str:
    worst = min(
        (row for row in rows if row["comments"] >= FEW and row["group"] != "other"),
        key=lambda row: row["themes"]["share"],
    )
    return f"{worst['group']} ({worst['themes']['share']:.2f})"


# Who writes how


def _fairness(rows: Sequence[Table]) -> str:
    plain, *others = rows
    body = (
        (
            row["way"],
            rate(row["sentiment"]),
            rate(row["themes"]),
            *(
                ("", "", "")
                if row is plain
                else (rate(row["same_themes"]), f"{row['lost']}, {row['won']}", f"{row['p']:.2f}")
            ),
        )
        for row in rows
    )
    headings = (
        "",
        "sentiment right",
        "themes, micro F1",
        "same themes as in plain words",
        "sentiment lost, won",
        "chance",
    )
    return "\n".join(
        [
            "## Whether it reads everybody alike",
            "",
            f"{plain['sentiment']['n']} invented comments (evaluation/fairness.yml), each put in several ways that mean the same, so that what differs is the writing alone. Badly misspelt ones have nearly every longer word",
            "wrong, which is rare in real comments; a little misspelt ones every third of those. Lost: comments whose sentiment is read rightly in plain words and wrongly here; won: the other way; chance: how often luck alone would",
            "do so much or more.",
            "",
            *table(headings, body),
            "",
            " ".join(_difference(plain, one) for one in others),
            "By length and spelling of real comments: see [By kind of comment](#by-kind-of-comment).",
        ]
    )


def _difference(plain: Table, one: Table) -> str:
    points = round((one["themes"]["share"] - plain["themes"]["share"]) * 100)
    apart = one["themes"]["upper"] < plain["themes"]["lower"] or one["themes"]["lower"] > plain["themes"]["upper"]
    themes = f"themes {abs(points)} points {'worse' if points < 0 else 'better'}" if points else "themes as well"
    sure = ", beyond chance" if apart else ", which may be chance"
    sentiment = "worse" if one["p"] < 0.05 and one["lost"] > one["won"] else "as well, as far as can be told"
    unread = f", {one['not_read']} not read at all" if one["not_read"] else ""
    return (
        f"**{one['way'][0].upper()}{one['way'][1:]}**: {themes}{sure if points else ''}; sentiment {sentiment}{unread}."
    )


def _worst(results: Table) -> str:
    felt = (
        (
            row["kind"],
            rate(row["right"]),
            "; ".join(f'"{one["text"]}" is {one["is"]}, read as {one["read"]}' for one in row["wrong"][:WORST_SHOWN]),
        )
        for row in results["hard"]
    )
    lines = [
        "## Where it is worst",
        "",
        "Invented comments of kinds that are hard to read (evaluation/hard.yml), the worst kind first, with what it got wrong. They show how it fails; they are no test.",
        "",
        *table(("kind", "sentiment right", "for example"), felt, align="lrl"),
    ]
    if "hard_themes" in results:
        themed = (
            (
                row["kind"],
                rate(row["themes"]),
                "; ".join(
                    f'"{one["text"]}" is {_listed(one["is"])}, read as {_listed(one["read"]) or "no theme"}'
                    for one in row["wrong"][:WORST_SHOWN]
                ),
            )
            for row in results["hard_themes"]
        )
        lines += ["", *table(("kind", "themes, micro F1", "for example"), themed, align="lrl")]
    if confused := results["detail"].get("confused"):
        pairs = [f"{one['missed']} missed where {one['given']} is given ({one['n']})" for one in confused]
        lines += ["", f"In the comments of the test it is most often: {'; '.join(pairs)}."]
    return "\n".join(lines)


def _services(figures: Table | None) -> str:
    """What is told of services and respondents, on cases that nobody built with; nothing where there is none."""
    if not figures:
        return ""
    f = figures
    return f"""## Which service, who speaks

On {f["cases"]} invented comments whose writers had seen neither code nor lists, most without a service's name: of the services it gives, {f["precision"]:.0%} are right; of those it should give, it gives {f["recall"]:.0%}; just
the right set for {f["exact"]:.0%}. A service that is only mentioned is taken for the subject in {f["subject_only_mentioned"]:.1%}. Who speaks is right for {f["respondent"]:.0%}. Where the export names the
service in a column, the answer comes from there."""


# Probabilities


def _calibration(heads: Table) -> str:
    named = {head: heads[head] for head in HEADS}
    errors = ((HEADS[head], f"{one['error']:.3f}", f"{one['error_from_a_tenth']:.3f}") for head, one in named.items())
    lines = [
        "## Whether its probabilities mean what they say",
        "",
        "Of all labels to which it gave a chance of about 70%, about 70% should be right. The error is the mean distance from that (0 is perfect); since most labels are plainly absent from most comments, the",
        "second figure leaves out chances under 10%. For sentiment the chance is that of the degree it chose.",
        "",
        *table(("", "expected calibration error", "of chances from 10%"), errors),
        "",
        "![Chance said against share right, for each head](calibration.svg)",
        "",
        "The picture's points, and behind them how many chances they stand for:",
        "",
        *_points(named),
    ]
    if "labels" in heads:
        each = (
            (one["label"], f"{one['expected']:.0f}", one["right"], f"{one['error']:.3f}") for one in heads["labels"]
        )
        lines += [
            "",
            f"Theme by theme, for those on at least {FEW} comments: how many the chances add up to, and how many there were.",
            "",
            *table(("theme", "expected", "were", "calibration error"), each),
        ]
    return "\n".join(lines)


def _points(heads: Table) -> list[str]:
    by_start = {head: {b["start"]: b for b in one["bins"]} for head, one in heads.items()}
    body = []
    for start in sorted({start for bins in by_start.values() for start in bins}):
        row = [f"{start:.0%} to {start + 0.1:.0%}"]
        for bins in by_start.values():
            b = bins.get(start)
            row += [f"{b['n']:,}", f"{b['said']:.0%}", rate(b["happened"])] if b else ["", "", ""]
        body.append(row)
    return table(("chance", *(column for head in heads for column in (f"{HEADS[head]}: n", "said", "right"))), body)


def _abstention(found: Table) -> str:
    none, n = found["none_given"]["k"], found["none_given"]["n"]
    return f"""## How often it says that it cannot tell

Where no theme is likely enough it gives none: for {none} of {n} comments with content, {rate(found["none_given"])}. NHS staff had given {found["rightly"]} of these {none} no theme either
(they gave none to {found["nhs_none"]} of the {n}). {found["not_read"]} of the {n} were not read at all, since they were taken for another language or for no content. A comment it gives no theme is still counted, searched and shown."""


def _noise(results: Table) -> str:
    found = results["detail"]["noise"]
    ours = results["themes"]["ours"]
    rows = (
        ("just the same themes", found["exact"]),
        (f"just the same themes, the {found['longer_texts']} texts of 4 words and more", found["exact_longer"]),
        ("themes, micro F1", found["themes"]),
        ("the same of five degrees of sentiment", found["five_point"]),
        ("the same of positive, neutral, negative", found["three_point"]),
    )
    return "\n".join(
        [
            "## What the labels are worth",
            "",
            f"{found['texts']} texts were labelled more than once by NHS staff, as answers to the same kind of question ({found['rows']} rows). How far two labellings of the same words agree, each text counting once:",
            "",
            *table(("", ""), ((name, rate(figure)) for name, figure in rows)),
            "",
            f"Nobody who gives the same words the same answer can have just the same themes for more than {found['most_exact']:.0%} of these texts. Nearly all of them are short and plain; on longer ones people agree less, so for all comments the",
            f"most that can be reached lies lower. This system has just the same themes as NHS staff for {ours['exact']:.0%} of all comments of the test, and micro F1 {ours['micro_f1']:.2f}.",
        ]
    )


def _curve(curve: Table | None) -> str:
    head = "## Whether more labelled comments would help\n\n"
    if not curve:
        return head + "Not measured on these data: `python -m evaluation.curve --data DIR` does so."
    columns = {"macro_f1": "macro F1", "micro_f1": "micro F1", "five_point": "sentiment, five degrees"}
    body = (
        (f"{row['share']:.3g}", f"{row['rows']:,}", *(f"{row['tfidf'][key]:.2f}" for key in columns))
        for row in curve["rows"]
    )
    return head + "\n".join(
        [
            f"{_gain(curve['rows'])} Measured {curve['measured']} on the same test each time. A tf-idf reader, made anew from so many comments in seconds, stands in",
            "for ours, which takes most of an hour. Below all of them, the mean of three draws.",
            "",
            *table(("share", "training rows", *columns.values()), body),
        ]
    )


def _gain(rows: Sequence[Table]) -> str:
    half, whole = rows[-2]["tfidf"], rows[-1]["tfidf"]
    gains = {name: (whole[key] - half[key]) * 100 for key, name in (("macro_f1", "macro F1"), ("micro_f1", "micro F1"))}
    listed = " and ".join(f"{points:+.0f} points of {name}" for name, points in gains.items())
    more = "Yes, above all for rare themes" if gains["macro F1"] >= 2 else "Little"
    return f"{more}: the last doubling of the comments brought {listed}."


def _listed(names: Sequence[str]) -> str:
    """In a sentence; names of themes have commas of their own."""
    mark = "; " if any("," in name for name in names) else ", "
    return mark.join(names) if mark == "; " or len(names) < 2 else f"{mark.join(names[:-1])} and {names[-1]}"


# Drawing


def calibration_chart(heads: Table) -> str:
    """Chance said against share right as SVG, a panel for each head: points with their 95% intervals, the line where both are the same."""
    import altair as alt

    from feedback.over_time.chart import as_picture

    values = [
        {
            "head": name,
            "said": b["said"],
            "right": b["happened"]["share"],
            **{side: b["happened"][side] for side in ("lower", "upper")},
        }
        for head, name in HEADS.items()
        for b in heads[head]["bins"]
    ]
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    shares = alt.Scale(domain=[0, 1])
    base = alt.Chart().encode(x=alt.X("said:Q", title="chance said", scale=shares, axis=axis))
    panels = alt.layer(
        base.mark_line(color="#768692", strokeDash=[4, 4]).encode(
            y=alt.Y("said:Q", title="share right", scale=shares, axis=axis)
        ),
        base.mark_rule(color="#005eb8", strokeWidth=1.5).encode(y="lower:Q", y2="upper:Q"),
        base.mark_point(color="#005eb8", filled=True, opacity=1, size=36).encode(y="right:Q"),
        data=alt.Data(values=values),
    ).properties(width=190, height=190)
    header = alt.Header(title=None, labelFontSize=13, labelFontWeight="bold")
    title = "Chance said against share right"
    spec = panels.facet(column=alt.Column("head:N", sort=list(HEADS.values()), header=header)).properties(
        background="#ffffff",
        description=f"For {_listed(list(HEADS.values()))}: how often an answer was right, with its 95% interval, by the chance it was given. The broken line is where both are the same.",
        usermeta={"title": title},
    )
    return as_picture(spec.configure(font="Arial, sans-serif").to_dict())
