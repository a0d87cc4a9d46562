"""Erase a respondent, a comment or what is too old, with a receipt: `erase`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from feedback.cli.command import asking, db_option, fields, json_option, main, must_exist, print_json
from feedback.errors import BadInput


@main.group(invoke_without_command=True)
@click.option("--comment", metavar="CITATION", help="The respondent who wrote this comment, with all their comments.")
@click.option("--only", is_flag=True, help="With --comment: that comment alone.")
@click.option(
    "--respondent",
    metavar="VALUE",
    help="What the export's column of the person or form says, or the id of a comment in it, in capitals or not; - asks for it.",
)
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="All comments older than this day.")
@click.option("--retention", is_flag=True, help="All comments older than FEEDBACK_RETENTION_MONTHS.")
@click.option("--by", default="", help="Your name, for the receipt.")
@click.option("--reason", default="", help="Why, for the receipt; without the person's name.")
@click.option("--yes", is_flag=True, help="Erase. Without it nothing is changed.")
@click.option(
    "--flags-dealt-with", is_flag=True, help="The safety flags that nobody has decided about have been dealt with."
)
@db_option
@json_option
@click.pass_context
def erase(
    ctx: click.Context,
    comment: str | None,
    only: bool,
    respondent: str | None,
    before: Any,
    retention: bool,
    by: str,
    reason: str,
    yes: bool,
    flags_dealt_with: bool,
    db: Path,
    as_json: bool,
) -> None:
    """Erase a respondent, a comment, or what is too old, with everything derived from it, and keep a receipt.

    \b
    feedback erase --comment HW-2026-000123
    feedback erase --respondent R900
    feedback erase --comment HW-2026-000123 --yes --by "A. Manager" --reason "asked for by letter"
    feedback erase --before 2023-01-01
    """
    if ctx.invoked_subcommand:
        return
    if sum(map(bool, (comment, respondent, before, retention))) != 1 or (only and not comment):
        raise click.UsageError("Name one of --comment (with or without --only), --respondent, --before, --retention.")
    from feedback.erase import NO_PERIOD, asked_for, how_met, look
    from feedback.erase import erase as remove
    from feedback.redact import Redactor
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    settings = Settings()
    if retention and settings.retention_months is None:
        raise BadInput(NO_PERIOD)
    if respondent == "-":
        respondent = click.prompt("What the export's column of the person or form says", hide_input=True, err=True)
    must_exist(db)
    with open_store(db, trust_code=settings.trust_code) as store:
        asked = asked_for(
            store,
            comment=comment,
            only=only,
            respondent=respondent,
            before=before.date() if before else None,
            retention_months=settings.retention_months if retention else None,
        )
        found = look(store.conn, asked)
        nothing = not found.comments and not found.rows
        if not yes or (nothing and asked.scope == "retention"):
            if respondent and (said := how_met(asked)):
                click.echo(said, err=True)
            print_json(fields(found)) if as_json else _print_found(found)
            return
        redactor = Redactor(load_taxonomy(settings.data))
        receipt = remove(store, asked, by=by, reason=reason, redactor=redactor, flags_dealt_with=flags_dealt_with)
    print_json(fields(receipt)) if as_json else _print_receipt(receipt)


def _print_found(found: Any) -> None:
    from feedback.undecided import said

    comments = "comment" if found.comments == 1 else "comments"
    click.echo(f"This would erase {found.comments:,} {comments}{_some(found.citations)}")
    click.echo(
        f"  with {found.findings:,} findings, {found.decisions:,} decisions about safety flags and {found.rows:,} rows kept for mending."
    )
    if found.open_flags:
        click.echo(
            f"  {found.open_flags:,} of them have a safety flag that nobody has decided about: {said(found.flags)}."
        )
        click.echo(
            "  Decide about them first (`feedback signals list`), or add --flags-dealt-with if they have been dealt with."
        )
    if found.held_back:
        click.echo(
            f"  {found.held_back:,} more are old enough and stay until somebody has decided about their safety flag."
        )
    if found.actions:
        click.echo(
            f"  Actions {', '.join(map(str, found.actions))} repeat their words; change them by hand, or they stay."
        )
    if found.comments or found.rows:
        click.echo('Nothing is changed yet. To erase them for good add: --yes --by "YOUR NAME" --reason "WHY"')


def _some(citations: Sequence[str]) -> str:
    shown = ", ".join(citations[:20])
    return f": {shown}{f' … and {len(citations) - 20:,} more' if len(citations) > 20 else ''}." if citations else "."


def _print_receipt(receipt: Any) -> None:
    from feedback.undecided import said

    of = {
        "respondent": "one respondent",
        "comment": "one comment",
        "retention": f"what was older than {receipt.before}",
    }
    click.echo(
        f"Receipt {receipt.number}: {of[receipt.scope]} erased on {receipt.at} by {receipt.by}: {receipt.reason}"
    )
    click.echo(f"  {receipt.comments:,} comments{_some(receipt.citations)} These citations lead nowhere from now on.")
    if receipt.flags:
        click.echo(f"  Safety flags that nobody had decided about went with them: {said(receipt.flags)}.")
    if receipt.cleared_at:
        click.echo(f"  The database was rewritten without their words on {receipt.cleared_at}.")
    else:
        click.echo(
            "  Their bytes are still in the database's file, because another program holds it open: end that, then run `feedback erase finish`."
        )
    click.echo("  Not reached:")
    for sentence in receipt.not_reached:
        click.echo(f"  - {sentence}")


@erase.command("receipts")
@db_option
@json_option
def erase_receipts(db: Path, as_json: bool) -> None:
    """List the receipts of what was erased; they name nobody.

    \b
    feedback erase receipts --json
    """
    from feedback.erase import receipts

    found = receipts(asking(db)[0])
    if as_json:
        print_json([fields(receipt) for receipt in found])
        return
    for receipt in found:
        _print_receipt(receipt)


@erase.command("finish")
@db_option
def erase_finish(db: Path) -> None:
    """Rewrite the database's file where an erasure or a rollback was broken off before that."""
    from feedback.erase import finish
    from feedback.store import open_store

    must_exist(db)
    with open_store(db) as store:
        if waiting := finish(store):
            raise BadInput(
                f"{waiting} erasures or rollbacks still wait: another program holds the database open. End that, then try again."
            )
    click.echo("No word of what was erased is left in the database's file.", err=True)
