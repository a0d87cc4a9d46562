"""Answer the questions of a service lead or a strategy review: `themes`, `trend`, `comments`, `spc`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import asking, db_option, fields, filter_options, json_option, main, print_json, print_table
from feedback.errors import BadInput

if TYPE_CHECKING:
    from feedback.query import Filters


@main.command()
@filter_options
@db_option
@json_option
def themes(filters: "Filters", db: Path, as_json: bool) -> None:
    """What people speak of, most frequent first, and how.

    \b
    feedback themes --service talking-therapies --from 2026-01-01
    """
    from feedback.query import EVERYTHING, theme_table, totals

    conn, taxonomy = asking(db)
    rows = [row for row in theme_table(conn, taxonomy, filters, EVERYTHING) if row.n]
    total = totals(conn, taxonomy, filters, EVERYTHING)
    if as_json:
        print_json({"comments": total.comments, "read": total.read, "themes": [fields(row) for row in rows]})
        return
    click.echo(f"{total.read} comments read, of {total.comments}")
    print_table(
        ("theme", "comments", "share", "positive", "negative", "neutral"),
        ((r.title, r.n, f"{r.share:.0%}", r.positive, r.negative, r.neutral) for r in rows),
    )


@main.command()
@filter_options
@click.option(
    "--measure",
    type=click.Choice(["negative", "positive", "mean", "rate"]),
    default="negative",
    show_default=True,
    help="rate: the share that speaks of the theme, value, objective or statement asked for.",
)
@click.option("--period", type=click.Choice(["month", "quarter", "week"]), default="month", show_default=True)
@click.option(
    "--chart", "kind", type=click.Choice(["auto", "xmr", "iprime", "pprime"]), default="auto", show_default=True
)
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Also write the chart as a picture.")
@db_option
@json_option
def trend(filters: "Filters", measure: str, period: Any, kind: Any, svg: Path | None, db: Path, as_json: bool) -> None:
    """How it moves: a control chart's facts by month, and one sentence.

    \b
    feedback trend --service podiatry
    feedback trend --theme timeliness-of-care --service "PTS - Patient Transport"
    """
    from feedback.accuracy.doubted import OF_DOUBTED, doubt_of_asked
    from feedback.over_time.chart import as_svg, data_table, trend_chart
    from feedback.over_time.trend import asked_trend
    from feedback.query import EVERYTHING, describe

    conn, taxonomy = asking(db)
    # Who holds the database may read every comment in it: only months too small to judge are left out, as on the pages.
    result = asked_trend(conn, taxonomy, filters, EVERYTHING, measure=measure, period=period, chart=kind, may_read=True)
    if svg:
        svg.write_text(as_svg(trend_chart(result, describe(taxonomy, filters))), encoding="utf-8")
    doubt = doubt_of_asked(conn, taxonomy, filters, measure)
    if as_json:
        print_json(result.as_dict() | {"doubt": doubt})
        return
    rows = data_table(result)
    click.echo(result.sentence)
    if doubt:
        click.echo(f"{OF_DOUBTED}: {doubt}.")
    if rows:
        print_table(tuple(rows[0]), (tuple(row.values()) for row in rows))
    for warning in result.warnings:
        click.echo(f"Note: {warning}")


@main.command()
@filter_options
@click.option(
    "--order",
    type=click.Choice(["newest", "negative", "positive", "score"]),
    default="newest",
    show_default=True,
    help="newest lists comments; the others list clauses.",
)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@db_option
@json_option
def comments(filters: "Filters", order: Any, limit: int, db: Path, as_json: bool) -> None:
    """The words behind the numbers, each with a citation that does not change.

    \b
    feedback comments --theme "Communication & involvement" --order negative --limit 10
    """
    from feedback.query import EVERYTHING, clauses, comments_page

    conn, taxonomy = asking(db)
    if order == "newest":
        stored = comments_page(conn, taxonomy, filters, EVERYTHING, limit=limit).comments
        rows = [(s.citation, s.analysed.comment.date, s.analysed.comment.text) for s in stored]
    else:
        rows = [
            (c.citation, c.date, c.text) for c in clauses(conn, taxonomy, filters, EVERYTHING, order=order, limit=limit)
        ]
    if as_json:
        print_json([{"id": citation, "date": day, "text": text} for citation, day, text in rows])
        return
    for citation, day, text in rows:
        click.echo(f"{citation}  {day or 'undated':<10}  {text}")


@main.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
def spc(file: Any) -> None:
    """Compute control charts for any series: a JSON list of {dates, values, denominators?, options}."""
    import gc

    from feedback.over_time.spc import spc as compute

    gc.disable()  # ten thousand series are half a million numbers in lists, and no cycle: looking for one takes a fifth of the time
    try:
        jobs = json.load(file)
    except ValueError:
        raise BadInput("That is no JSON document; give a list of {dates, values, denominators?, options}.") from None
    if not isinstance(jobs, list):
        raise BadInput("Give a list of series, each {dates, values, denominators?, options}, in square brackets.")
    click.echo(json.dumps(compute(jobs), check_circular=False))
