"""Look after the directory in use and the names that uploads give to services: `services`."""

import sys
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
from feedback.errors import BadInput

if TYPE_CHECKING:
    from feedback.query import Filters


@main.group()
def services() -> None:
    """The directory of services."""


@services.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the Trust's data; the one in use if not given.",
)
@json_option
def check(data: Path | None, as_json: bool) -> None:
    """Say everything that does not fit in the directory, with its line; then which names clash and what is done about it.

    Exit 1 where something does not fit. Clashes are no errors: they are decided as it says.

    \b
    feedback services check
    feedback services check --data ../new_data
    """
    from feedback.settings import Settings
    from feedback.tag.directory_check import check as look

    found = look(data or Settings().data)
    if as_json:
        print_json(fields(found))
    else:
        _print_checked(found)
    if found.problems:
        sys.exit(1)


_CLASHES = {
    "shared": "Names that several entries share",
    "within": "Names that stand within longer names of other entries",
    "word": "Names that are ordinary words",
    "person": "Names that people have too",
    "place": "Names that places have too",
}


def _print_checked(found: Any) -> None:
    from feedback.tag.directory_check import MEANINGS

    if found.counts:
        click.echo(", ".join(f"{n:,} {MEANINGS[name]}" for name, n in found.counts.items() if name in MEANINGS))
    for problem in found.problems:
        where = ":".join(str(part) for part in (problem.file, problem.line) if part)
        click.echo(f"  {where}: {problem.sentence}")
    n = len(found.problems)
    click.echo(f"{'1 problem' if n == 1 else f'{n} problems'}." if n else "No problem: everything fits.")
    for kind, title in _CLASHES.items():
        rows = [clash for clash in found.clashes if clash.kind == kind]
        if rows:
            click.echo(f"\n{title} ({len(rows)}):")
        for clash in rows:
            click.echo(f"  {clash.name} ({', '.join(clash.entries)}): {clash.outcome}")
    if found.unreachable:
        click.echo(f"\nEntries that no words of a comment lead to ({len(found.unreachable)}):")
    for entry in found.unreachable:
        click.echo(f"  {entry.id} ({entry.name}): {f'only {entry.otherwise}' if entry.otherwise else 'nothing does'}")


@services.command("list")
@click.option("--below", metavar="ID", help="Only this entry and everything below it.")
@json_option
def list_services(below: str | None, as_json: bool) -> None:
    """List the directory as a tree, with what the Trust has yet to confirm.

    \b
    feedback services list --below camhs
    """
    from feedback.settings import Settings
    from feedback.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(Settings().data)
    ids = [id for id in taxonomy.in_tree_order() if below is None or id in taxonomy.below(below)]
    top = len(taxonomy.ancestors(below)) if below else 0
    depths = {id: len(taxonomy.ancestors(id)) - top for id in ids}
    if as_json:
        tree = [taxonomy.services[id] for id in ids]
        print_json([fields(s) | {"depth": depths[s.id], "unconfirmed": s.unconfirmed} for s in tree])
        return
    for id in ids:
        service = taxonomy.services[id]
        marks = [service.level] + [service.status.replace("_", " ")] * (service.status not in ("current", "unverified"))
        marks += ["unconfirmed"] * service.unconfirmed
        click.echo(f"{'  ' * depths[id]}{service.name}  [{id}]  {', '.join(marks)}")


@services.command()
@click.argument("id")
@db_option
@json_option
def show(id: str, db: Path, as_json: bool) -> None:
    """Show one entry: its names, where it is, which plans are for it, which words point to it, and how much is said of it.

    \b
    feedback services show podiatry
    """
    from feedback.query import EVERYTHING, Filters, totals
    from feedback.settings import Settings
    from feedback.store import open_reader
    from feedback.tag.directory_check import describe_entry
    from feedback.taxonomy import load_taxonomy

    settings = Settings()
    taxonomy = load_taxonomy(settings.data)
    entry = describe_entry(taxonomy, settings.data, id)
    if db.is_file():
        conn = open_reader(db)
        entry["comments"] = totals(conn, taxonomy, Filters(service=id), EVERYTHING).comments
    if as_json:
        print_json(entry)
        return
    for name, value in entry.items():
        if value not in ("", None, (), [], {}):
            shown = "; ".join(map(str, value)) if isinstance(value, list | tuple) else value
            click.echo(f"{name.replace('_', ' ')}: {shown}")
    if "comments" not in entry:
        click.echo(f"There is no database {db}, so no comments are counted.", err=True)


@services.command()
@db_option
@json_option
def unresolved(db: Path, as_json: bool) -> None:
    """What uploads call services that the directory does not know, once each, with counts and the best guesses.

    \b
    feedback services unresolved
    feedback services map "Moon Clinic" podiatry --by "A. Reader"
    """
    from feedback.query import EVERYTHING, Filters
    from feedback.service_names import unknown_names
    from feedback.settings import Settings

    conn, taxonomy = asking(db)
    rows = unknown_names(conn, taxonomy, Filters(), EVERYTHING, Settings().data)
    if as_json:
        print_json([fields(row) for row in rows])
        return
    guesses = [", ".join(f"{g.id} {g.score:.2f}" for g in row.guesses) for row in rows]
    print_table(
        ("name in the upload", "comments", "may be"),
        ((r.text, r.n, guess) for r, guess in zip(rows, guesses, strict=True)),
    )


@services.command("map")
@click.argument("text")
@click.argument("meaning", metavar="ID|none", required=False)
@click.option("--by", required=True, help="Your name.")
@click.option("--undo", is_flag=True, help="Take back what was said of the name last.")
@db_option
@json_option
def map_name(text: str, meaning: str | None, by: str, undo: bool, db: Path, as_json: bool) -> None:
    """Say what an upload's own name for a service means, for comments there and to come.

    ID is an entry of the directory or another organisation (ext-…); none says: looked at, not one of our services. Capitals
    and spacing of the name do not matter.

    \b
    feedback services map "Moon Clinic" podiatry --by "A. Reader"
    feedback services map "Ward staff survey" none --by "A. Reader"
    feedback services map "Moon Clinic" --undo --by "A. Reader"
    """
    from feedback.service_names import explain, meaning_of, named
    from feedback.service_names import undo as take_back
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    if undo == bool(meaning):
        raise BadInput(
            'Say what the name means (an id, or "none"), or --undo to take back what was said of it, not both.'
        )
    taxonomy = load_taxonomy(Settings().data)
    must_exist(db)
    with open_store(db) as store:
        n = explain(store, taxonomy, text, meaning, by) if meaning else take_back(store, text, by)
    service = meaning_of(taxonomy, meaning) if meaning else None
    if as_json:
        print_json({"text": text, "service": service, "comments": n})
    elif service:
        click.echo(f"{text}: {named(taxonomy, service)} ({service}). {n} comments are read so, and those to come.")
    else:
        click.echo(f"{text}: what was said of it is taken back; {n} comments are read as they were before.")


@services.command()
@db_option
@json_option
def mapped(db: Path, as_json: bool) -> None:
    """What people said that names in uploads mean, the latest first, with who and when, and what was undone."""
    from feedback.query import explained_names
    from feedback.service_names import named

    conn, taxonomy = asking(db)
    rows = explained_names(conn)
    if as_json:
        print_json([fields(row) | {"stands": row.stands} for row in rows])
        return
    print_table(
        ("name in the upload", "comments", "means", "said by", "when", ""),
        (
            (
                r.text, r.n, named(taxonomy, r.service), r.by.removeprefix("person:"), r.at,
                "" if r.undone_by is None else f"no longer: {r.undone_by.removeprefix('person:')}, {r.undone_at}",
            )
            for r in rows
        ),
    )  # fmt: skip


@services.command()
@filter_options
@db_option
@json_option
def disagreements(filters: "Filters", db: Path, as_json: bool) -> None:
    """Where an upload's column and the words beside it name different services: each pair with its comments.

    Both are kept, and comments count for both. `feedback comments --disagree COLUMN:WORDS` shows those of a pair.

    \b
    feedback services disagreements
    feedback comments --disagree podiatry:camhs
    """
    from feedback.query import EVERYTHING
    from feedback.query import disagreements as pairs

    conn, taxonomy = asking(db)
    rows = pairs(conn, taxonomy, filters, EVERYTHING)
    if as_json:
        print_json([fields(row) for row in rows])
        return
    print_table(
        ("the column says", "the words say", "comments"),
        ((*(f"{taxonomy.service_name(id)} [{id}]" for id in (r.by_column, r.by_words)), r.n) for r in rows),
    )
