"""List what waits in the safety queue and keep what a person decides: `signals list`, `signals review`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import asking, db_option, fields, filter_options, json_option, must_exist, print_json
from feedback.cli.signals import signals
from feedback.errors import BadInput

if TYPE_CHECKING:
    from feedback.query import Filters
    from feedback.safety.queue import Flag


@signals.command("list")
@filter_options
@click.option("--kind", help="Of one kind only, as in self_harm_suicide.")
@click.option(
    "--states", help="With commas between them: new, reopened, seen, escalated, received, not_a_concern, done."
)
@click.option("--words", is_flag=True, help="With the words each rests on; keep that screen to yourself.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@db_option
@json_option
def list_flags(
    filters: "Filters", kind: str | None, states: str | None, words: bool, limit: int, db: Path, as_json: bool
) -> None:
    """What waits for a person, overdue urgent flags first; then what was passed on and nobody has acknowledged.

    \b
    feedback signals list
    feedback signals list --service podiatry --words
    """
    from dataclasses import replace

    from feedback.query import EVERYTHING
    from feedback.safety.queue import OPEN, PASSED_ON, flags, held, held_overdue

    conn, taxonomy = asking(db)
    now = datetime.now(UTC)
    filters = replace(filters, signal=kind)
    asked = (conn, taxonomy, filters, EVERYTHING)
    given: Any = tuple(states.split(",")) if states else (*OPEN, *PASSED_ON)
    page = flags(*asked, now=now, states=given, limit=limit)
    unread, late = sum(n for _, n in held(*asked)), sum(held_overdue(*asked, now=now).values())
    if as_json:
        print_json({"held": unread, "held_overdue": late, "flags": [_told(one, words) for one in page.flags]})
        return
    click.echo("This is not a crisis service.")
    if unread:
        click.echo(
            f"{unread} comments in other languages wait to be read, {late} of them overdue (`feedback translations`)."
        )
    _print(page.flags, words)
    if page.after:
        click.echo(f"These are the first {limit}; --limit shows more.")
    if not page.flags:
        click.echo("No flag is there." if states else "No flag waits.")


@signals.command()
@click.argument("id")
@click.option(
    "--outcome",
    required=True,
    type=click.Choice(["seen", "escalated", "received", "done", "not_a_concern", "reopened"]),
    help="seen stays open; escalated: passed on; received: they have it; done and not_a_concern close it.",
)
@click.option("--by", required=True, help="Your name.")
@click.option("--why", default="", help="What was done, or why; names of patients do not belong here, and are hidden.")
@click.option("--route", help="With escalated, where to: an id of data/routes.yml.")
@click.option("--reference", help="The other system's number for it, never a name or an NHS number.")
@db_option
@json_option
def review(
    id: str, outcome: Any, by: str, why: str, route: str | None, reference: str | None, db: Path, as_json: bool
) -> None:
    """Say what became of a flag, ID as `feedback signals list` gives it; every decision is kept.

    \b
    feedback signals review HW-2026-000032:unsafe_environment --outcome escalated --route patient_safety_event \\
        --reference LFPSE-2026/0042 --by "A. Nurse"
    feedback signals review HW-2026-000032:unsafe_environment --outcome received --why "the ward, on Monday" --by "A. Nurse"
    """
    from feedback.query import EVERYTHING
    from feedback.redact import Redactor
    from feedback.safety.queue import Decision, flag, history
    from feedback.safety.queue import review as keep
    from feedback.safety.routes import load_routes
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    comment, colon, kind = id.rpartition(":")
    if not colon:
        raise BadInput(f"{id[:80]!r} names no flag: give it as `feedback signals list` does, CITATION:KIND.")
    must_exist(db)
    routes = load_routes(Settings().data)
    redactor = Redactor(load_taxonomy(Settings().data))
    with open_store(db) as store:
        found = flag(store.conn, EVERYTHING, comment, kind, now=store.clock())
        decision = Decision(outcome, why, route, reference)
        keep(store, routes, lambda text: redactor.redact([text])[0][0], found, decision, by=by)
        now_is = flag(store.conn, EVERYTHING, comment, kind, now=store.clock())
        past = history(store.conn, now_is)
    if as_json:
        print_json(_told(now_is, words=False) | {"history": [fields(one) for one in past]})
        return
    click.echo(f"{now_is.citation}:{kind} is {now_is.state.replace('_', ' ')}, by {past[-1].by}.")


def _told(flag: "Flag", words: bool) -> dict[str, Any]:
    """A flag as data; its words only where they are asked for."""
    told = fields(flag) | {"id": f"{flag.citation}:{flag.kind}"}
    del told["comment_text"]
    return told | ({"text": flag.text} if words else {})


def _print(found: Sequence["Flag"], words: bool) -> None:
    from feedback.safety.queue import PASSED_ON

    waiting = True
    for one in found:
        if waiting and one.state in PASSED_ON:
            click.echo("\nPassed on, not yet acknowledged:")
            waiting = False
        severity = f"{one.severity}, overdue" if one.overdue else one.severity
        when = (
            f"due {one.due:%Y-%m-%d %H:%M}"
            if one.open
            else f"{one.review.at[:10]} by {one.review.by}"
            if one.review
            else ""
        )
        where = f", to {one.review.route}" if one.review and one.review.route else ""
        services = f"  {', '.join(one.services)}" if one.services else ""
        click.echo(f"{one.citation}:{one.kind}  {severity}  {one.state}{where}  {when}{services}")
        if words:
            click.echo(f"    {one.text}")
