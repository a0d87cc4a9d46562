"""Look after comments that cannot wait: `signals`; what waits and what is decided is in safety_queue.py."""

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
    from feedback.safety.blind import Answer, Estimate


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
    from feedback.safety.holidays import load_holidays
    from feedback.safety.routes import load_routes
    from feedback.settings import Settings

    conn, taxonomy = asking(db)
    day = since.date() if since else None
    found = make(conn, taxonomy, filters, EVERYTHING, load_routes(Settings().data), now=datetime.now(UTC), since=day)
    if as_json:
        print_json(fields(found))
        return
    click.echo(f"Safety queue since {found.since}, as of {found.at}. This is not a crisis service.")
    if caution := load_holidays(Settings().data).caution(datetime.now(UTC).date()):
        click.echo(caution)
    if found.held:
        late = f", {found.held_overdue} of them overdue" if found.held_overdue else ""
        click.echo(f"{found.held} comments held for translation{late}: nobody has read them (`feedback translations`).")
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
            f"Sample {drawn.id}: {drawn.size} comments, seed {drawn.seed}. Read it at /signals/sample/{drawn.id} of the pages, "
            f"or here: feedback signals read {drawn.id}"
        )


@signals.command()
@db_option
@json_option
def samples(db: Path, as_json: bool) -> None:
    """List the samples drawn for blind reading, how far each is read, and what those that are read come to.

    \b
    feedback signals samples
    """
    from feedback.query import EVERYTHING
    from feedback.safety.blind import estimate
    from feedback.safety.blind import samples as drawn

    conn, taxonomy = asking(db)
    found = drawn(conn, taxonomy, EVERYTHING)
    # Nothing is said of what a sample comes to while there is something to read in it: who knows it reads otherwise.
    told = {one.id: estimate(conn, one) for one in found if one.read + one.skipped == one.size}
    if as_json:
        print_json([fields(one) | {"missed": (e := told.get(one.id)) and fields(e)} for one in found])
        return
    for one in found:
        click.echo(
            f"Sample {one.id}, {one.drawn_at[:10]}, by {one.drawn_by}: {one.described}. {one.read} of {one.size} read"
            + (f", {one.skipped} skipped." if one.skipped else ".")
        )
        if missed := told.get(one.id):
            _print_missed(missed)
    if not found:
        click.echo("None has been drawn: feedback signals sample --by NAME")


@signals.command()
@click.argument("number", metavar="SAMPLE", type=int)
@click.option("--by", required=True, help="Your name.")
@click.option("--skipped", is_flag=True, help="Read those that were skipped.")
@db_option
def read(number: int, by: str, skipped: bool, db: Path) -> None:
    """Read a sample blind, one comment at a time: say what cannot wait without seeing what was flagged.

    What you mark is on the safety queue at once. Leave off whenever you like; the same command goes on.

    \b
    feedback signals read 1 --by "A. Reader"
    """
    from feedback.query import EVERYTHING
    from feedback.safety.blind import answer, estimate, next_to_read
    from feedback.safety.blind import sample as drawn
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    must_exist(db)
    taxonomy = load_taxonomy(Settings().data)
    with open_store(db) as store:
        seen: set[int] = set()
        while one := next_to_read(
            store.conn, found := drawn(store.conn, taxonomy, number, EVERYTHING), EVERYTHING, skipped=skipped
        ):
            if skipped and one.place in seen:  # what is skipped again would come up for ever
                break
            seen.add(one.place)
            click.echo(f"\n{found.read + 1} of {found.size}" + (f" · {one.question}" if one.question else ""))
            click.echo(one.text)
            said = _ask()
            if said is None:
                break
            if answer(store, found, EVERYTHING, one.place, said, by=by):
                click.echo("It is on the safety queue now.")
        found = drawn(store.conn, taxonomy, number, EVERYTHING)
        click.echo(f"\nSample {number}: {found.read} of {found.size} read, {found.skipped} skipped.")
        if found.read + found.skipped == found.size and (missed := estimate(store.conn, found)):
            _print_missed(missed)


def _ask() -> "Answer | None":
    """What the reader says of a comment; None to leave off."""
    from feedback.comment import SIGNALS
    from feedback.safety.blind import Answer

    choices = click.Choice(["n", "w", "u", "s", "q"])
    letter = click.prompt(
        "Can it wait? n nothing that cannot wait, w watch, u urgent, s skip, q leave off",
        type=choices,
        show_choices=False,
    )
    if letter == "q":
        return None
    if letter in "ns":
        return Answer("none" if letter == "n" else None)
    click.echo("  ".join(f"{n} {kind.replace('_', ' ')}" for n, kind in enumerate(SIGNALS, start=1)))
    kind = click.prompt("What is it about most?", type=click.IntRange(1, len(SIGNALS)))
    return Answer("watch" if letter == "w" else "urgent", SIGNALS[kind - 1])


def _print_missed(missed: "Estimate") -> None:
    for what, one in (("should have been flagged", missed.missed), ("urgent ones", missed.missed_urgent)):
        click.echo(
            f"  {what}: {one.k} of {one.n} unflagged comments, {one.share:.1%} ({one.lower:.1%} to {one.upper:.1%})"
        )
    if missed.recall:
        click.echo(
            f"  of all that cannot wait {missed.recall.share:.0%} are flagged ({missed.recall.lower:.0%} to {missed.recall.upper:.0%})"
        )
    if not missed.current:
        click.echo("  The comments have since been read by another version: draw a new sample.")
