"""Show who decided what and when: `audit`."""

from pathlib import Path
from typing import Any

import click

from feedback.cli.command import asking, db_option, fields, json_option, main, print_json, print_table


@main.command()
@click.option("--by", help="Whose acts: the whole name.")
@click.option("--act", help="One kind of act, as in correction, flag_reviewed, erasure.")
@click.option("--from", "date_from", type=click.DateTime(["%Y-%m-%d"]), help="First day (UTC).")
@click.option("--to", "date_to", type=click.DateTime(["%Y-%m-%d"]), help="Last day, included.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="How many.")
@click.option("--after", help="Where the list before ended.")
@db_option
@json_option
def audit(
    by: str | None,
    act: str | None,
    date_from: Any,
    date_to: Any,
    limit: int,
    after: str | None,
    db: Path,
    as_json: bool,
) -> None:
    """List who decided what and when, newest first, with no word of a comment, a note or a reason.

    \b
    feedback audit --by "A. Lead" --from 2026-01-01
    feedback audit --act erasure --json
    """
    from feedback.audit import audit as acts
    from feedback.staff_names import kept
    from feedback.thanked import are_kept

    first, last = (day.date() if day else None for day in (date_from, date_to))
    conn = asking(db)[0]
    in_praise, names = are_kept(), kept(conn)
    found = acts(conn, by=by or None, act=act or None, first=first, last=last, after=after, limit=limit)
    if as_json:
        print_json({**fields(found), "staff_names": {"in_praise": in_praise, "kept": names}})
        return
    print_table(
        ("when", "who", "act", "on", "what", "n"),
        ((one.at or "not kept", one.by, one.act, f"{one.on} {one.id}", one.code, one.n) for one in found.acts),
    )
    click.echo(_said_of_names(in_praise, names), err=True)
    if found.after:
        click.echo(f"There are more: feedback audit --after {found.after}", err=True)


def _said_of_names(in_praise: bool, kept: int) -> str:
    if in_praise:
        return f"Names of staff in praise are kept: {kept:,} now, for the team's own page of thanks alone."
    waiting = f" {kept:,} kept before go for good when the database is next opened for writing." if kept else ""
    return f"No names of staff are kept.{waiting}"
