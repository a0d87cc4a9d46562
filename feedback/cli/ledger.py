"""Compare the machines with people who read blind: `ledger`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import (
    asking,
    db_option,
    fields,
    filter_options,
    json_option,
    main,
    must_exist,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    import sqlite3

    from feedback.query import Filters
    from feedback.taxonomy import Taxonomy


@main.group(invoke_without_command=True)
@db_option
@json_option
@click.pass_context
def ledger(context: click.Context, db: Path, as_json: bool) -> None:
    """How often people agree with the machines, and with each other, on comments that two have read blind.

    \b
    feedback ledger draw 100 --by "A. Lead" --out to_read.xlsx     (two people fill in a copy each)
    feedback ledger read ann.xlsx --by Ann
    feedback ledger
    """
    if context.invoked_subcommand:
        return
    from feedback.accuracy.ledger import agreement, ledgers
    from feedback.query import EVERYTHING

    conn, taxonomy = asking(db)
    drawn = ledgers(conn, taxonomy, EVERYTHING)
    found = agreement(conn, drawn)
    if as_json:
        then = {one.id: agreement(conn, [one], machine="then") for one in drawn}
        rows = [fields(one) | {"agreement_then": (at := then[one.id]) and fields(at)} for one in drawn]
        print_json({"ledgers": rows, "agreement": found and fields(found)})
        return
    if not drawn:
        click.echo(
            "Nothing has been drawn to be read; `feedback ledger draw 100 --by NAME --out to_read.xlsx` does so."
        )
        return
    print_table(
        ("ledger", "drawn", "by", "from", "comments", "read twice", "once", "readers"),
        (
            (
                one.id,
                one.drawn_at[:10],
                one.drawn_by,
                one.described,
                one.size,
                one.twice,
                one.once,
                ", ".join(one.readers),
            )
            for one in drawn
        ),
    )
    if found:
        _print_agreement(found, taxonomy)


def _print_agreement(found: Any, taxonomy: "Taxonomy") -> None:
    def shown(rate: Any) -> str:
        return f"{rate.share:.2f} ({rate.lower:.2f}-{rate.upper:.2f})" if rate else "-"

    names = {
        "themes": "themes, micro F1",
        "exact": "just the same themes",
        "scale": "sentiment of five",
        "three": "of three",
    }
    click.echo(f"\n{found.read} comments read, {found.twice} of them by two people; 95% intervals in brackets.\n")
    people, machine = found.people, found.machine
    print_table(
        ("", "people with each other", "machines with people"),
        ((name, shown(people and getattr(people, key)), shown(getattr(machine, key))) for key, name in names.items()),
    )
    click.echo("")
    print_table(
        ("theme", "given on", "people F1", "kappa", "machines F1", "kappa"),
        (
            (
                taxonomy.themes[one.theme].name if one.theme in taxonomy.themes else one.theme,
                f"{one.given:g}",
                shown(one.people),
                "-" if one.people_kappa is None else f"{one.people_kappa:.2f}",
                shown(one.machine),
                "-" if one.machine_kappa is None else f"{one.machine_kappa:.2f}",
            )
            for one in found.themes
        ),
    )


@ledger.command("draw")
@click.argument("size", type=click.IntRange(1, 2000))
@filter_options
@click.option("--seed", type=int, help="For the same draw again over the same comments.")
@click.option("--by", required=True, help="Your name.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.xlsx|OUT.csv", help="The sheet to fill in."
)
@db_option
@json_option
def ledger_draw(
    size: int, filters: "Filters", seed: int | None, by: str, out: Path | None, db: Path, as_json: bool
) -> None:
    """Draw comments at random that two people are to read apart.

    \b
    feedback ledger draw 100 --by "A. Lead" --out to_read.xlsx
    """
    from feedback.accuracy.ledger import draw
    from feedback.query import EVERYTHING
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(Settings().data)
    must_exist(db)
    with open_store(db) as store:
        drawn = draw(store, taxonomy, filters, EVERYTHING, size=size, by=by, seed=seed)
        if out:
            _write_sheet(store.conn, taxonomy, drawn, out)
    if as_json:
        print_json(fields(drawn))
    else:
        click.echo(f"Ledger {drawn.id}: {drawn.size} comments of {drawn.pool}, seed {drawn.seed}.")
        if not out:
            click.echo(f"`feedback ledger sheet {drawn.id} --out to_read.xlsx` writes the sheet to fill in.")


@ledger.command("sheet")
@click.argument("number", type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="OUT.xlsx|OUT.csv")
@db_option
def ledger_sheet(number: int, out: Path, db: Path) -> None:
    """Write the sheet of a ledger for a reader to fill in: sentiment, and up to six themes.

    \b
    feedback ledger sheet 1 --out ben.xlsx
    """
    from feedback.accuracy.ledger import ledger as one
    from feedback.query import EVERYTHING

    conn, taxonomy = asking(db)
    _write_sheet(conn, taxonomy, one(conn, taxonomy, number, EVERYTHING), out)


def _write_sheet(conn: "sqlite3.Connection", taxonomy: "Taxonomy", drawn: Any, out: Path) -> None:
    from feedback.accuracy.ledger import comments_to_read
    from feedback.accuracy.sheet import write_sheet
    from feedback.query import EVERYTHING

    write_sheet(drawn, comments_to_read(conn, drawn, EVERYTHING), taxonomy, out)
    click.echo(
        f"{drawn.size} comments to read are in {out}; it holds their words: delete it when it has been read in.",
        err=True,
    )


@ledger.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", required=True, help="Whoever filled it in.")
@db_option
@json_option
def ledger_read(file: Path, by: str, db: Path, as_json: bool) -> None:
    """Take a filled sheet back; rows without a sentiment count as not read, and an answer given before stands.

    \b
    feedback ledger read ann.xlsx --by Ann
    """
    from feedback.accuracy.ledger import keep
    from feedback.accuracy.ledger import ledger as one
    from feedback.accuracy.sheet import read_sheet
    from feedback.query import EVERYTHING
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(Settings().data)
    answers = read_sheet(file, taxonomy)
    must_exist(db)
    with open_store(db) as store:
        drawn = {id: one(store.conn, taxonomy, id, EVERYTHING) for id in answers}
        taken = {id: keep(store, taxonomy, drawn[id], answers[id], by=by) for id in answers}
    if as_json:
        print_json({id: fields(each) for id, each in taken.items()})
        return
    for id, each in taken.items():
        before = f", {each.before} were there before" if each.before else ""
        other = f" ({each.changed} differ now; the first answers stand)" if each.changed else ""
        click.echo(f"Ledger {id}: {each.new} answers by {by.strip()}{before}{other}.")
