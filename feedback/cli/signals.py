"""Look after comments that cannot wait: `signals`."""

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
    from feedback.query import Filters


@main.group()
def signals() -> None:
    """The safety queue: comments that cannot wait. This is not a crisis service."""


@signals.command()
@filter_options
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day; 7 days ago if not given.")
@click.option(
    "--address", default="http://127.0.0.1:8000", show_default=True, help="Where the pages are served, for the links."
)
@db_option
@json_option
def digest(filters: "Filters", since: Any, address: str, db: Path, as_json: bool) -> None:
    """What is new, open, overdue, passed on and closed, with citations and links and no comment's words.

    \b
    feedback signals digest --since 2026-11-01
    """
    from datetime import UTC, datetime

    from feedback.query import EVERYTHING
    from feedback.safety.digest import digest as make
    from feedback.safety.routes import load_routes
    from feedback.settings import Settings

    conn, taxonomy = asking(db)
    day = since.date() if since else None
    found = make(conn, taxonomy, filters, EVERYTHING, load_routes(Settings().data), now=datetime.now(UTC), since=day)
    if as_json:
        print_json(fields(found))
        return
    click.echo(f"Safety queue since {found.since}, as of {found.at}. This is not a crisis service.")
    if found.held:
        click.echo(f"{found.held} comments held for translation: nobody has read them.")
    names = ("new", "open", "overdue", "passed_on", "closed")
    for title, rows in (("severity", found.by_severity), ("kind", found.by_kind), ("service", found.by_service)):
        rows = (*rows, found.total) if title == "severity" else rows
        click.echo("")
        print_table(
            (title, *(name.replace("_", " ") for name in names)),
            ((row.title, *(getattr(row, name) for name in names)) for row in rows),
        )
    for row in found.passed_on:
        click.echo(f"passed on to {row.title}: {row.n}")
    click.echo("")
    for line in found.flags:
        told = (line.severity, "overdue" if line.overdue else None, line.state, line.route, line.reference)
        how = ", ".join(word for word in told if word)
        click.echo(f"{line.citation}  {line.kind} ({how})  {address.rstrip('/')}{line.path}")


@signals.command()
@filter_options
@click.option(
    "--size", type=click.IntRange(1, 2000), default=100, show_default=True, help="Unflagged comments to read."
)
@click.option("--seed", type=int, help="For the same draw again over the same comments.")
@click.option("--by", required=True, help="Your name.")
@db_option
@json_option
def sample(filters: "Filters", size: int, seed: int | None, by: str, db: Path, as_json: bool) -> None:
    """Draw comments for blind reading, most of them unflagged, to estimate how many are missed.

    \b
    feedback signals sample --size 100 --by "A. Reader"
    """
    from feedback.query import EVERYTHING
    from feedback.safety.blind import draw
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(Settings().data)
    must_exist(db)
    with open_store(db) as store:
        drawn = draw(store, taxonomy, filters, EVERYTHING, size=size, by=by, seed=seed)
    if as_json:
        print_json(fields(drawn))
    else:
        click.echo(
            f"Sample {drawn.id}: {drawn.size} comments, seed {drawn.seed}. Read it at /signals/sample/{drawn.id} of the pages."
        )
