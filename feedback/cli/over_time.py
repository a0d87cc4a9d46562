"""Say what is changing: `summary`, `targets`, `changes`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import (
    asking,
    db_option,
    filter_options,
    json_option,
    main,
    must_exist,
    print_json,
    print_table,
)
from feedback.errors import BadInput

if TYPE_CHECKING:
    from feedback.over_time.changes import Change
    from feedback.query import Filters

MEASURES = ("negative", "positive", "mean", "fft_positive", "rate", "rate_positive", "rate_negative")
ORDERS = ("directory", "name", "variation", "assurance", "since", "comments", "points")


@main.command()
@filter_options
@click.option(
    "--rows", help="all, services, themes, values, objectives; several with commas. All of them if not given."
)
@click.option("--measures", help=f"{', '.join(MEASURES)}; several with commas.  [negative,rate_negative,rate_positive]")
@click.option("--period", type=click.Choice(["month", "quarter", "week"]), default="month", show_default=True)
@click.option("--sort", "order", type=click.Choice(ORDERS), default="directory", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a .csv or .xlsx, or the icons as one .svg."
)
@db_option
@json_option
def summary(
    filters: "Filters",
    rows: str | None,
    measures: str | None,
    period: Any,
    order: Any,
    out: Path | None,
    db: Path,
    as_json: bool,
) -> None:
    """The summary of icons: every service, theme, value and objective judged against its own past, in one row each.

    \b
    feedback summary --rows services --measures negative,fft_positive
    feedback summary --rows themes --out themes.xlsx
    """
    from feedback.filters import EVERYTHING, describe
    from feedback.over_time.icon import icon_words
    from feedback.over_time.summary import CANNOT_COMPARE, as_record, measures_of, rows_of
    from feedback.over_time.summary import summary as make
    from feedback.over_time.trend import period_name

    if out and out.suffix not in (".csv", ".xlsx", ".svg"):
        raise BadInput(f"{out.name}: a summary is written as .csv, .xlsx or .svg.")
    conn, taxonomy = asking(db)
    found = make(
        conn, taxonomy, filters, EVERYTHING,
        rows=rows_of(rows), measures=measures_of(measures), period=period, order=order, may_read=True,
    )  # fmt: skip
    if out:
        _write(out, found, describe(taxonomy, filters))
        click.echo(f"{len(found.rows)} rows are in {out}.")
        return
    if as_json:
        print_json({"rows": [as_record(row) for row in found.rows], "too_few": found.too_few, "notes": found.notes})
        return
    print_table(
        ("row", "measure", "latest", "n", "average", "variation", "rule", "since", "target", "assurance", "points"),
        (
            (
                f"{'  ' * row.depth}{row.title}", row.measure, row.show(row.latest), row.n, row.show(row.mean),
                icon_words(row.icon) if row.icon else row.instead, None if row.doubt else row.rule,
                row.moved_since and period_name(row.moved_since, period, short=True),
                row.show(row.target), icon_words(row.assured) if row.assured else "", f"{row.points}{' (trial)' if row.trial_limits else ''}",
            )
            for row in found.rows
        ),
    )  # fmt: skip
    click.echo(CANNOT_COMPARE)
    if found.too_few:
        click.echo(f"Too few comments to show anything of {len(found.too_few)} services.")
    for note in found.notes:
        click.echo(f"Note: {note}")


def _write(out: Path, found: Any, about: str) -> None:
    from feedback.over_time.icon import icon_sheet, icon_words
    from feedback.over_time.summary_sheet import summary_bytes

    if out.suffix == ".svg":
        icons = ((row.title, row.icon, "Not judged" if row.doubt else icon_words(None)) for row in found.rows)
        out.write_text(icon_sheet(icons), encoding="utf-8")
    else:
        out.write_bytes(summary_bytes(found, about, "csv" if out.suffix == ".csv" else "xlsx"))


@main.group(invoke_without_command=True)
@db_option
@json_option
@click.pass_context
def targets(context: click.Context, db: Path, as_json: bool) -> None:
    """What people want a measure to reach, for a service or a theme: charts and the summary then say whether it will.

    \b
    feedback targets set 15% --service podiatry --measure negative --by "A. Lead"
    feedback targets
    """
    if context.invoked_subcommand:
        return
    from feedback.over_time.assurance import targets as listed
    from feedback.over_time.summary import MEASURE_NAMES
    from feedback.over_time.trend import measured

    conn, taxonomy = asking(db)
    found = listed(conn)
    if as_json:
        print_json(
            [
                {"id": t.id, "series": t.of.key, "value": t.value, "by": t.by, "at": t.at, "ended_by": t.ended_by, "ended_at": t.ended_at, "strategy": t.strategy}
                for t in found
            ]
        )  # fmt: skip
        return
    if not found:
        click.echo("No target is set; `feedback targets set 15% --service ID --measure negative --by NAME` sets one.")
        return
    print_table(
        ("target", "of", "measure", "value", "set by", "on", "ended"),
        (
            (t.id, t.title(taxonomy), MEASURE_NAMES[t.of.measure], measured(t.of.measure).show(t.value), t.by, t.at[:10], t.ended_at and t.ended_at[:10])
            for t in found
        ),
    )  # fmt: skip


@targets.command("set")
@click.argument("value")
@click.option("--measure", type=click.Choice(MEASURES), required=True)
@click.option("--service", help="A service's id; without it and without a label, all comments.")
@click.option("--theme", help="A theme's id, for a rate.")
@click.option("--value", "care_value", help="A value's id, for a rate.")
@click.option("--objective", help="An objective's id, for a rate.")
@click.option("--by", required=True, help="Your name.")
@db_option
def set_one(
    value: str,
    measure: str,
    service: str | None,
    theme: str | None,
    care_value: str | None,
    objective: str | None,
    by: str,
    db: Path,
) -> None:
    """Set a target in place of the one that stands, if any does.

    \b
    feedback targets set 15% --service podiatry --measure negative --by "A. Lead"
    feedback targets set 5% --theme parking --measure rate_negative --by "A. Lead"
    """
    from feedback.over_time.assurance import read_value, series_of, set_target
    from feedback.over_time.trend import measured
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.strategies.versions import under
    from feedback.taxonomy import load_taxonomy

    must_exist(db)
    of = series_of(measure, service=service, theme=theme, value=care_value, objective=objective)
    with open_store(db) as store:
        taxonomy = under(store.conn, load_taxonomy(Settings().data))
        made = set_target(store, taxonomy, of, read_value(measured(measure), value), by=by)
    click.echo(f"Target {made.id}: {made.of.title(taxonomy)}, {measure}: {measured(measure).show(made.value)}.")


@targets.command("end")
@click.argument("number", type=int)
@click.option("--by", required=True, help="Your name.")
@db_option
def end_one(number: int, by: str, db: Path) -> None:
    """Let a target count no more.

    \b
    feedback targets end 3 --by "A. Lead"
    """
    from feedback.over_time.assurance import end_target
    from feedback.store import open_store

    must_exist(db)
    with open_store(db) as store:
        end_target(store, number, by=by)
    click.echo(f"Target {number} counts no more.")


@main.command()
@filter_options
@click.option("--batch", type=int, help="The upload; the newest if not given.")
@click.option("--measure", help="negative, positive, fft_positive, rate_negative or rate_positive alone.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="Changes to take apart.")
@click.option("--chance/--no-chance", "chance", default=False, help="Also list those that could well be chance.")
@db_option
@json_option
def changes(
    filters: "Filters", batch: int | None, measure: str | None, limit: int, chance: bool, db: Path, as_json: bool
) -> None:
    """What an upload changed: new special causes, the clearest first, with the words behind each and what they have in common.

    \b
    feedback changes
    feedback changes --batch 12 --service podiatry
    """
    from feedback.filters import EVERYTHING
    from feedback.over_time.changes import as_document
    from feedback.over_time.changes import changes as find

    conn, taxonomy = asking(db)
    found = find(conn, taxonomy, filters, EVERYTHING, batch=batch, measure=measure, limit=limit, may_read=True)
    if as_json:
        print_json(as_document(found))
        return
    for sentence in found.told:
        click.echo(sentence)
    for change in found.changes:
        if change.signal.clear or chance:
            _print_change(change)
    standing = [change for change in found.standing if change.signal.clear]
    if standing:
        click.echo("\nClear of chance before this upload, which brought nothing to it:")
        for change in standing:
            click.echo(f"  {change.signal.title}: {change.signal.measure.lower()}. {change.signal.said}")
    rest = sum(not change.signal.clear for change in found.changes)
    if rest and not chance:
        click.echo(f"\n{rest} more could well be chance; --chance lists them.")


def _print_change(change: "Change") -> None:
    from feedback.over_time.changes import aside

    signal = change.signal
    state = "new" if signal.state == "new" else "goes on"
    click.echo(f"\n{signal.title}: {signal.measure.lower()} ({state}; {signal.verdict})\n  {signal.said}")
    click.echo(f"  {signal.chance}")
    if change.also:
        click.echo(
            f"  also seen in: {'; '.join(dict.fromkeys(f'{s.title} ({s.measure.lower()}{aside(s)})' for s in change.also))}"
        )
    for name, items in (("words", change.words), ("labels", change.labels)):
        if items:
            said = "; ".join(f"{s.item} ({s.n} of {s.of}, elsewhere {s.rest_n} of {s.rest_of})" for s in items)
            click.echo(f"  {name} in common: {said}")
    for clause in change.clauses:
        click.echo(f"  {clause.citation}  {clause.text}")
