"""Put a strategy in, say which is in force, and count by any of them: `strategy`, `objectives`."""

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
    progress,
)
from feedback.cli.documents import document_options, form_of, hand_out
from feedback.errors import BadInput

if TYPE_CHECKING:
    from feedback.evidence.allowing import Allowed
    from feedback.query import Filters, LabelCount
    from feedback.taxonomy import Taxonomy

NOT_CARRIED_SHOWN = 20  # corrections that are listed; --json lists all
BASIS = {"read": "", "part": "part of what is read", "rule": "by rule from themes", "unread": ""}


@main.group()
def strategy() -> None:
    """Strategies as versioned data: check a new one, put it in, see old and new side by side."""


_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_by = click.option("--by", required=True, help="Your name.")


@strategy.command()
@_file
@click.option(
    "--db",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A database: say also whether the version stands in it already.",
)
@json_option
def check(file: Path, db: Path | None, as_json: bool) -> None:
    """Say what a new strategy's file comes to: what maps to what, what nothing finds yet, what falls away; nothing is changed.

    \b
    feedback strategy check strategy_2030.yml
    """
    from feedback.strategies.successor import read_successor

    found = read_successor(_text(file), _shipped(), name=file.name)
    stands = None if db is None else _stands(db, found.version)
    if as_json:
        print_json(
            {
                "version": found.version,
                "follows": found.rules.follows,
                "stands_already": stands,
                "explained": [fields(t) for t in found.explained],
            }
        )
        return
    click.echo(f"Strategy {found.version} follows {found.rules.follows} and fits the Trust's data; nothing is changed.")
    if stands is not None:
        click.echo(f"{db} {'has this version already' if stands else 'has no strategy of this version yet'}.")
    for told in found.explained:
        click.echo(f"- {told.sentence}")


def _stands(db: Path, version: str) -> bool:
    """Whether a database has a strategy of a version."""
    from feedback.store import open_reader
    from feedback.strategies.versions import strategies

    return any(one.version == version for one in strategies(open_reader(db), _shipped()))


@strategy.command()
@_file
@_by
@click.option("--beside", is_flag=True, help="Only put it beside the others; which is in force stays as it is.")
@db_option
@json_option
def adopt(file: Path, by: str, beside: bool, db: Path, as_json: bool) -> None:
    """Put a new strategy in and map the whole history to it; no comment is read again. Killed, it goes on where it stopped.

    \b
    feedback strategy adopt strategy_2030.yml --by "A. Planner"
    feedback strategy adopt draft.yml --by "A. Planner" --beside
    """
    from feedback.store import open_store
    from feedback.strategies.versions import adopt as put_in

    must_exist(db)
    with open_store(db) as store, progress("mapping") as move:
        text = _text(file)
        done = put_in(store, _shipped(), text, by=by, put_in_force=not beside, name=file.name, progress=move)
    if as_json:
        print_json(fields(done))
        return
    click.echo(
        f"{'Went on: the' if done.resumed else 'The'} history is mapped to strategy {done.version}: {done.comments:,} comments, {done.bearing:,} of them bear on it."
    )
    click.echo(
        "It is in force: new uploads are counted by it."
        if done.in_force
        else f"It is not in force; `feedback strategy use {done.version}` makes it so."
    )
    if done.not_carried:
        click.echo(
            f"{done.not_carried:,} corrections by people need a look: `feedback strategy show {done.version}` lists them."
        )


@strategy.command("list")
@db_option
@json_option
def list_(db: Path, as_json: bool) -> None:
    """Which strategies there are, and which is in force since when."""
    from feedback.strategies.versions import strategies, uses

    conn, taxonomy = asking(db)
    known = strategies(conn, taxonomy)
    if as_json:
        print_json({"strategies": [fields(one) for one in known], "uses": [fields(use) for use in uses(conn)]})
        return
    for one in known:
        status = "in force" + (f" since {one.since[:10]}" if one.since else "") if one.in_force else "stands beside"
        if not one.ready:
            status = "not mapped to the end; adopt the same file again"
        whose = "the models read by it" if one.is_read else f"put in by {one.by} on {(one.at or '')[:10]}"
        click.echo(f"{one.version}: {status}; {whose}")


@strategy.command()
@click.argument("version")
@db_option
@json_option
def show(version: str, db: Path, as_json: bool) -> None:
    """What one strategy is, how each part of it is found, and which corrections by people it could not carry.

    \b
    feedback strategy show 2025-2030
    """
    from feedback.filters import EVERYTHING
    from feedback.strategies.versions import not_carried, strategies, successor

    conn, _ = asking(db)
    shipped = _shipped()
    if version == shipped.versions["strategy"]:
        parts = [(kind, id, title) for kind, id, title in _parts(shipped)]
        if as_json:
            print_json(
                {"version": version, "explained": [], "not_carried": [], "parts": [list(part) for part in parts]}
            )
            return
        click.echo(f"Strategy {version}: the models read comments by it.")
        print_table(("part", "title"), ((f"{kind} {id}", title) for kind, id, title in parts))
        return
    found = successor(conn, shipped, version)
    left = not_carried(conn, version, EVERYTHING, limit=1_000_000)
    if as_json:
        explained = [fields(told) for told in found.explained]
        print_json({"version": version, "explained": explained, "not_carried": [fields(one) for one in left]})
        return
    known = next(one for one in strategies(conn, shipped) if one.version == version)
    click.echo(
        f"Strategy {version}, put in by {known.by} on {(known.at or '')[:10]}; it follows {found.rules.follows}."
    )
    for told in found.explained:
        click.echo(f"- {told.sentence}")
    if left:
        click.echo(
            f"Corrections by people that could not be carried, because their code became no single part ({len(left):,}):"
        )
    for one in left[:NOT_CARRIED_SHOWN]:
        said = f"{one.kind} {one.label} {one.polarity}" if one.so else f"not {one.kind} {one.label}"
        became = ", ".join(id for _, id in one.became) or "nothing"
        click.echo(f"  {one.citation}: {one.by} said {said}; it became {became}")
    if len(left) > NOT_CARRIED_SHOWN:
        click.echo(f"  … and {len(left) - NOT_CARRIED_SHOWN:,} more; --json lists all.")


@strategy.command()
@click.argument("version")
@_by
@db_option
@json_option
def use(version: str, by: str, db: Path, as_json: bool) -> None:
    """Put a strategy in force that is there already; the others stay, and questions can be asked under any of them.

    \b
    feedback strategy use 2025-2030 --by "A. Planner"
    """
    from feedback.store import open_store
    from feedback.strategies.versions import use as put_in_force

    must_exist(db)
    with open_store(db) as store:
        known = put_in_force(store, _shipped(), version, by=by)
    if as_json:
        print_json(fields(known))
        return
    click.echo(f"Strategy {known.version} is in force.")


@strategy.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@filter_options
@document_options
@db_option
@json_option
def compare(
    old: str | None, new: str | None, filters: "Filters", form: Any, out: Path | None, db: Path, as_json: bool
) -> None:
    """Each part of an older strategy beside what became of it in a newer, counted under both, and why they differ.

    \b
    feedback strategy compare
    feedback strategy compare 2025-2030 2030-2035 --service podiatry
    feedback strategy compare --out old_and_new.docx
    """
    from feedback.filters import EVERYTHING
    from feedback.strategies.side_by_side import side_by_side
    from feedback.strategies.versions import two_to_compare, under

    conn, _ = asking(db)
    old, new = two_to_compare(conn, _shipped(), old, new)
    if form or out:
        from feedback.documents.report import report as written

        form, shipped = form_of(form, out), under(conn, _shipped(), _shipped().versions["strategy"])
        hand_out(written(conn, shipped, filters, EVERYTHING, form, compare=(old, new)), out)
        return
    found = side_by_side(conn, _shipped(), old, new, filters, EVERYTHING, may_read=True)
    if as_json:
        print_json(fields(found))
        return
    click.echo(f"{old} beside {new}: {found.read:,} comments read, counted under both from the same findings.")
    for pair in found.pairs:
        click.echo("")
        if pair.old:
            click.echo(f"{pair.kind} {_counts(pair.old)}")
        for row in pair.new:
            click.echo(f"{'  -> ' if pair.old else f'{pair.kind} '}{_counts(row)}")
        click.echo(f"     {pair.fate}: {' '.join(pair.why)}")


@main.command()
@filter_options
@click.option("--statements", is_flag=True, help="Also the statements of each objective.")
@db_option
@json_option
def objectives(filters: "Filters", statements: bool, db: Path, as_json: bool) -> None:
    """What speaks for and against each objective and value, of the strategy in force or of another.

    \b
    feedback objectives --from 2026-01-01
    feedback objectives --strategy 2025-2030 --statements
    """
    from feedback.evidence.allowing import allowed_for, poorly_measured
    from feedback.query import EVERYTHING, objective_table, statement_table, totals, value_table
    from feedback.strategies.bearing import NOT_LOOKED_FOR

    conn, taxonomy = asking(db)
    tables = {"objectives": objective_table, "values": value_table} | (
        {"statements": statement_table} if statements else {}
    )
    counted = {name: table(conn, taxonomy, filters, EVERYTHING) for name, table in tables.items()}
    read = totals(conn, taxonomy, filters, EVERYTHING).read
    allowed = {
        id: one
        for kind in ("objective", "value")
        for id, one in allowed_for(conn, taxonomy, kind, counted[f"{kind}s"], filters, EVERYTHING, read).items()
    }
    if as_json:
        rows = {
            name: [_shown(row) | ({} if name == "statements" else _allowing(allowed[row.id])) for row in table]
            for name, table in counted.items()
        }
        print_json({"strategy": taxonomy.versions["strategy"], "read": read, **rows})
        return
    click.echo(f"Strategy {taxonomy.versions['strategy']}: {read:,} comments read")
    for name, table in counted.items():
        print_table(
            (name, "of those read, allowing for misreading", "as read", "for", "against", "both", "how found"),
            ((f"{r.id} {r.title}".rstrip("."), _lead(allowed.get(r.id)), *_numbers(r), BASIS[r.basis]) for r in table),
        )
    if any(row.basis == "unread" for table in counted.values() for row in table):
        click.echo(f"– {NOT_LOOKED_FOR}.")
    if unknown := poorly_measured(conn, taxonomy):
        click.echo(unknown)


def _lead(one: "Allowed | None") -> str:
    """The share of those read that bear on it, with misreading allowed for; "–" where it cannot be."""
    return one.found.estimate.in_words if one and one.found and one.found.estimate and not one.doubt else "–"


def _allowing(one: "Allowed") -> dict[str, Any]:
    """The same as data: null where it cannot be, and why no share of the sides is given."""
    return {
        "allowing": fields(one.found.estimate) if one.found and one.found.estimate else None,
        "doubt": one.doubt,
        "doubts": one.doubts,
    }


def _numbers(row: "LabelCount") -> tuple[object, ...]:
    return ("–",) * 4 if row.basis == "unread" else (row.n, row.positive, row.negative, row.mixed)


def _shown(row: "LabelCount") -> dict[str, Any]:
    """A row whose counts are null where nothing finds it yet: a zero would be read as silence."""
    record = fields(row)
    counts = ("n", "positive", "negative", "mixed", "neutral", "share")
    return record | (dict.fromkeys(counts) if row.basis == "unread" else {})


def _counts(row: "LabelCount") -> str:
    name = f"{row.id} {row.title}".rstrip(".")
    if row.basis == "unread":
        return f"{name}: not found yet"
    how = f" ({BASIS[row.basis]})" if BASIS[row.basis] else ""
    return f"{name}: {row.n:,} comments, {row.positive:,} for, {row.negative:,} against, {row.mixed:,} both{how}"


def _parts(taxonomy: "Taxonomy") -> list[tuple[str, str, str]]:
    found = [("objective", id, one.title.rstrip(".")) for id, one in taxonomy.objectives.items()]
    return found + [("value", id, one.name) for id, one in taxonomy.values.items()]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{file.name} is not UTF-8 text; save it as UTF-8.") from None


def _shipped() -> "Taxonomy":
    """The Trust's data as it lies in the data folder, with the strategy that the models read."""
    from feedback.settings import Settings
    from feedback.taxonomy import load_taxonomy

    return load_taxonomy(Settings().data)
