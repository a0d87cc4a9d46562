"""Take a person's word for what was misread, and read the history again: `correct`, `reanalyse`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import db_option, json_option, main, must_exist, print_json, progress

if TYPE_CHECKING:
    import sqlite3


@main.command()
@click.argument("comment", required=False)
@click.argument("kind", required=False)
@click.argument("label", required=False)
@click.option("--by", default="", help="Your name.")
@click.option("--reason", default="", help="Why; names in it are hidden.")
@click.option("--not", "denied", is_flag=True, help="It is not so: take the label away.")
@click.option("--instead-of", metavar="LABEL", help="The label of the same kind that it is not.")
@click.option(
    "--polarity",
    type=click.Choice(["+", "-", "~", "0"]),
    help="Of a theme, value, objective or statement; that of the clause, where one is named.",
)
@click.option("--scale", type=click.IntRange(1, 5), help="Of the sentiment: 1 very positive to 5 very negative.")
@click.option("--mentioned", is_flag=True, help="Of a service: only spoken of, not what the comment is about.")
@click.option("--urgent", is_flag=True, help="Of a signal.")
@click.option("--undo", is_flag=True, help="Withdraw the last correction of this; what was read before stands again.")
@click.option("--list", "listed", is_flag=True, help="List what people said of the comment, with what the models read.")
@db_option
@json_option
def correct(
    comment: str | None,
    kind: str | None,
    label: str | None,
    by: str,
    reason: str,
    denied: bool,
    instead_of: str | None,
    polarity: str | None,
    scale: int | None,
    mentioned: bool,
    urgent: bool,
    undo: bool,
    listed: bool,
    db: Path,
    as_json: bool,
) -> None:
    """Say how a comment is to be read; that outranks the models at once, and whenever they read it again.

    KIND is theme, service, sentiment, respondent, value, objective, statement or signal. Name a clause, as in
    HW-2026-000123.2, and it is about the words of that clause.

    \b
    feedback correct HW-2026-000123.2 theme parking --polarity - --by "A. Reader"
    feedback correct HW-2026-000123 service podiatry --instead-of ward-willow --by "A. Reader" --reason "it names the clinic"
    feedback correct HW-2026-000123.2 theme local-vending-machines --not --by "A. Reader"
    feedback correct HW-2026-000123 sentiment negative --scale 5 --by "A. Reader"
    feedback correct HW-2026-000123 theme parking --undo --by "A. Reader"
    feedback correct HW-2026-000123 --list
    """
    from feedback.correct import Said, withdraw
    from feedback.correct import correct as keep
    from feedback.query import EVERYTHING
    from feedback.query import comment as find
    from feedback.redact import Redactor
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.strategies.versions import under
    from feedback.taxonomy import load_taxonomy

    if comment is None:
        raise click.UsageError("Name the COMMENT by its citation, such as HW-2026-000123.")
    if not listed and (kind is None or (label is None and not undo)):
        raise click.UsageError("Say what it is: COMMENT KIND LABEL, such as HW-2026-000123 theme parking.")
    must_exist(db)
    with open_store(db) as store:
        taxonomy = under(store.conn, load_taxonomy(Settings().data))
        stored = find(store.conn, comment, EVERYTHING)
        said = Said(
            kind=kind or "",
            label=label or "",
            so=not denied,
            polarity=polarity,
            scale=scale,
            role="mentioned" if mentioned else "subject",
            severity="urgent" if urgent else "watch",
            instead_of=instead_of,
        )
        if undo and not listed:
            withdraw(store, comment, by=by, said=said)
        elif not listed:
            redactor = Redactor(taxonomy) if reason else None
            hide = (lambda text: redactor.redact([text])[0][0]) if redactor else None
            keep(store, taxonomy, comment, said, by=by, reason=reason, redact=hide)
        _print_corrections(store.conn, stored.number, stored.citation, as_json)


def _print_corrections(conn: "sqlite3.Connection", number: int, citation: str, as_json: bool) -> None:
    from feedback.correct import as_record
    from feedback.query import corrections, machine_findings

    machine = machine_findings(conn, [number])[number]
    records = [as_record(made, machine) for made in corrections(conn, number)]
    if as_json:
        print_json({"comment": citation, "corrections": records})
        return
    if not records:
        click.echo(f"{citation}: nobody has corrected it.")
    for record in records:
        said: Any = record["said"]
        models: Any = record["models_said"]
        says = "; ".join(f"{'' if f['so'] else 'not '}{_in_short(f)}" for f in said)
        click.echo(f"{record['number']}: {citation} {says}")
        reason = f": {record['reason']}" if record["reason"] else ""
        when = f" on {record['at']}" if record["at"] else ""
        click.echo(f"  said by {str(record['by']).removeprefix('person:')}{when}{reason}")
        if record["withdrawn_by"]:
            click.echo(
                f"  withdrawn by {str(record['withdrawn_by']).removeprefix('person:')} on {record['withdrawn_at']}"
            )
        found = "; ".join(f"{_in_short(f)} ({f['by']}, {f['score']:.2f})" for f in models)
        click.echo(f"  the models read: {found or 'nothing of this'}")


def _in_short(f: dict[str, Any]) -> str:
    more = " ".join(filter(None, (f["polarity"], f["detail"])))
    return f"{f['kind']} {f['label']}" + (f" {more}" if more else "")


@main.command()
@click.option(
    "--only", type=click.Choice(["services"]), help="services: of every comment, as after a change of the directory."
)
@click.option("--all", "everything", is_flag=True, help="Also what the present models have read already.")
@click.option(
    "--new-clauses",
    is_flag=True,
    help="Cut comments into clauses anew; a citation of a clause may then lead to other words.",
)
@click.option("--dry-run", is_flag=True, help="Say what would move; store nothing.")
@click.option("--list", "listed", is_flag=True, help="List when the history was read again, and what moved.")
@db_option
@json_option
def reanalyse(
    only: str | None, everything: bool, new_clauses: bool, dry_run: bool, listed: bool, db: Path, as_json: bool
) -> None:
    """Read the stored comments again with the present models and directory, and say what moved; corrections stay.

    Killed and started again, it goes on where it stopped. Safety flags stay in the queue whatever the models now say.

    \b
    feedback reanalyse --dry-run
    feedback reanalyse --only services
    """
    from feedback.pipeline import load_pipeline
    from feedback.reanalyse import reanalyse as read_again
    from feedback.reanalyse import rereadings, retag_services
    from feedback.settings import Settings
    from feedback.store import open_store

    if only and (everything or new_clauses):
        raise click.UsageError("--only services reads nothing else anew, so --all and --new-clauses go without it.")
    must_exist(db)
    data = Settings().data
    with open_store(db) as store:
        if listed:
            found = list(rereadings(store.conn))
        else:
            found, pipeline = [], load_pipeline()
            if not only:
                with progress("reading again") as moved:
                    how = {"everything": everything, "new_clauses": new_clauses, "dry_run": dry_run}
                    found.append(read_again(store, pipeline, data=data, progress=moved, **how))
            with progress("services") as moved:
                how = {"everything": only is not None, "dry_run": dry_run}
                found.append(retag_services(store, pipeline, data=data, progress=moved, **how))
    if as_json:
        print_json([one.as_record() for one in found])
        return
    for one in found:
        _print_reread(one)


def _print_reread(one: Any) -> None:
    record = one.as_record()
    if not record["comments"]:
        already = "with the present models" if one.scope == "all" else "for the present directory"
        more = "--all reads them again all the same" if one.scope == "all" else "--only services does it all the same"
        click.echo(f"Every comment has been read {already}; {more}.")
        return
    what = "Services" if one.scope == "services" else "All"
    when = f", finished {one.finished_at}" if one.finished_at else ", nothing stored (dry run)"
    resumed = " (gone on with where it stopped)" if one.resumed else ""
    click.echo(f"{what} of {record['comments']:,} comments read again{resumed}{when}: {record['changed']:,} moved")
    for versions, n in record["before"].items():
        click.echo(f"  {n:,} had been read with {versions}")
    for kind, n in record["kinds"].items():
        if kind == "clause":
            click.echo(f"  clauses: of {n['turned']:,} comments a clause sounds otherwise")
            continue
        click.echo(
            f"  {kind}: {n['gained']:,} comments gained one, {n['lost']:,} lost one, {n['turned']:,} have one on another side"
        )
        for label, (gained, lost, turned) in list(record["labels"][kind].items())[:5]:
            click.echo(f"    {label}: +{gained:,} -{lost:,}" + (f", turned {turned:,}" if turned else ""))
    for shift, n in record["sentiment"].items():
        click.echo(f"  sentiment {shift}: {n:,}")
    if record["recut"]:
        click.echo(f"  {record['recut']:,} comments fall into other clauses: a citation of one may lead to other words")
