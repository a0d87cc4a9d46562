"""Keep views and tell people of changes in them: `views`, `subscriptions`, `digest`."""

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

if TYPE_CHECKING:
    from feedback.over_time.views import View
    from feedback.query import Filters
    from feedback.store import Store
    from feedback.taxonomy import Taxonomy

MEASURES = ("negative", "positive", "fft_positive", "rate_negative", "rate_positive")


@main.group(invoke_without_command=True)
@db_option
@json_option
@click.pass_context
def views(context: click.Context, db: Path, as_json: bool) -> None:
    """Saved views: a name for some filters, so that a question can be asked again and changes in it be told.

    \b
    feedback views add "Podiatry waits" --service podiatry --theme timeliness-of-care --by "A. Lead"
    feedback views
    """
    if context.invoked_subcommand:
        return
    from feedback.filters import EVERYTHING, describe
    from feedback.over_time.views import views as listed

    conn, taxonomy = asking(db)
    found = listed(conn, EVERYTHING)
    if as_json:
        print_json([_record(one) for one in found])
        return
    if not found:
        click.echo("No view is kept; `feedback views add NAME --service ID --by NAME` keeps one.")
        return
    print_table(
        ("view", "name", "of", "measure", "by", "on"),
        ((v.id, v.name, describe(taxonomy, v.filters), v.measure or "all", v.by, v.at[:10]) for v in found),
    )


@views.command("add")
@click.argument("name")
@filter_options
@click.option("--measure", type=click.Choice(MEASURES), help="What to watch; everything if not given.")
@click.option("--by", required=True, help="Your name.")
@db_option
@json_option
def add_view(name: str, filters: "Filters", measure: str | None, by: str, db: Path, as_json: bool) -> None:
    """Keep a view.

    \b
    feedback views add "Podiatry" --service podiatry --by "A. Lead"
    """
    from feedback.filters import EVERYTHING
    from feedback.over_time.views import keep_view
    from feedback.redact import Redactor

    store, taxonomy = _open(db)
    with store:
        redactor = Redactor(taxonomy)
        made = keep_view(
            store, taxonomy, name, filters, EVERYTHING, by=by, measure=measure, redact=lambda text: redactor.redact([text])[0][0]
        )  # fmt: skip
    if as_json:
        print_json(_record(made))
    else:
        click.echo(f"View {made.id} is kept: {made.name}.")


@views.command("end")
@click.argument("view")
@click.option("--by", required=True, help="Your name.")
@db_option
def end_view(view: str, by: str, db: Path) -> None:
    """Let a view be no more, and nobody be told of it.

    \b
    feedback views end "Podiatry" --by "A. Lead"
    """
    from feedback.filters import EVERYTHING
    from feedback.over_time.views import end_view as end
    from feedback.over_time.views import view_named

    store, _ = _open(db)
    with store:
        found = view_named(store.conn, view, EVERYTHING)
        end(store, found.id, EVERYTHING, by=by)
    click.echo(f"View {found.id} is no more.")


@main.group(invoke_without_command=True)
@db_option
@json_option
@click.pass_context
def subscriptions(context: click.Context, db: Path, as_json: bool) -> None:
    """Who is told of each new special cause on a view, once: by a file or by e-mail, without any comment's words.

    \b
    feedback subscriptions add "Podiatry" --email lead@example.nhs.uk --by "A. Lead"
    feedback subscriptions send
    """
    if context.invoked_subcommand:
        return
    from feedback.filters import EVERYTHING
    from feedback.over_time.subscriptions import digests, outlook
    from feedback.over_time.subscriptions import subscriptions as listed
    from feedback.over_time.views import changes_in
    from feedback.settings import Settings

    conn, taxonomy = asking(db)
    found, doubtful = listed(conn, EVERYTHING), digests(conn, EVERYTHING, state="sending")
    seen = {id: changes_in(conn, taxonomy, view) for id, view in {s.view.id: s.view for s in found}.items()}
    ahead = {s.id: outlook(conn, taxonomy, s, seen[s.view.id], Settings()) for s in found}
    if as_json:
        rows = [
            {"id": s.id, "view": s.view.name, "way": s.way, "to": s.to, "by": s.by, "at": s.at, "sent": s.sent, "ready": s.ready, "in_doubt": s.in_doubt, "to_tell": ahead[s.id].to_tell, "says": ahead[s.id].says}
            for s in found
        ]  # fmt: skip
        print_json(
            {"subscriptions": rows, "in_doubt": [{"digest": d.id, "to": d.to, "since": d.moved_at} for d in doubtful]}
        )
        return
    if not found:
        click.echo(
            "Nobody is told of anything; `feedback subscriptions add VIEW --email ADDRESS --by NAME` changes that."
        )
        return
    print_table(
        ("subscription", "view", "by", "to", "sent", "not sent", "to tell"),
        ((s.id, s.view.name, s.way, s.to, s.sent, s.ready, len(ahead[s.id].to_tell)) for s in found),
    )
    for s in found:
        click.echo(f"{s.id}: {ahead[s.id].says}")
    for d in doubtful:
        click.echo(
            f"Digest {d.id} to {d.to} is in doubt since {d.moved_at[:16]}: look whether it arrived, then "
            f"`feedback subscriptions settle {d.id} --arrived` or `--again`."
        )


@subscriptions.command("add")
@click.argument("view")
@click.option("--email", help="An e-mail address.")
@click.option("--file", "reader", help="Whom a file in the folder of `feedback digest` is for.")
@click.option("--by", required=True, help="Your name.")
@db_option
def add_subscription(view: str, email: str | None, reader: str | None, by: str, db: Path) -> None:
    """Tell somebody of a view from now on.

    \b
    feedback subscriptions add "Podiatry" --email lead@example.nhs.uk --by "A. Lead"
    feedback subscriptions add "Podiatry" --file "Podiatry lead" --by "A. Lead"
    """
    from feedback.filters import EVERYTHING
    from feedback.over_time.subscriptions import subscribe
    from feedback.over_time.views import view_named

    if bool(email) == bool(reader):
        raise click.UsageError("Say how: --email ADDRESS, or --file NAME.")
    store, _ = _open(db)
    with store:
        found = view_named(store.conn, view, EVERYTHING)
        way: Any = "email" if email else "file"
        made = subscribe(store, found.id, way, email or reader or "", EVERYTHING, by=by)
    click.echo(f"Subscription {made.id}: {made.to} is told of {made.view.name}.")


@subscriptions.command("end")
@click.argument("number", type=int)
@click.option("--by", required=True, help="Your name.")
@db_option
def end_subscription(number: int, by: str, db: Path) -> None:
    """Tell them no more; the address is forgotten.

    \b
    feedback subscriptions end 2 --by "A. Lead"
    """
    from feedback.filters import EVERYTHING
    from feedback.over_time.subscriptions import unsubscribe

    store, _ = _open(db)
    with store:
        unsubscribe(store, number, EVERYTHING, by=by)
    click.echo(f"Subscription {number} has ended.")


@subscriptions.command("send")
@db_option
@json_option
def send_mail(db: Path, as_json: bool) -> None:
    """Send what is new by e-mail, through the server of FEEDBACK_SMTP_HOST; what is refused waits and is tried again.

    \b
    feedback subscriptions send
    """
    from feedback.filters import EVERYTHING
    from feedback.over_time.mail import mail_server
    from feedback.over_time.subscriptions import Sent, digests, prepare, send
    from feedback.settings import Settings

    settings = Settings()
    store, taxonomy = _open(db)
    with store:
        prepare(store, taxonomy, "email", EVERYTHING, address=settings.address)
        done = Sent(0, 0, len(digests(store.conn, EVERYTHING, state="sending", way="email")), ())
        if digests(store.conn, EVERYTHING, state="ready", way="email"):
            with mail_server(settings) as server:
                done = send(store, server, EVERYTHING, sender=settings.smtp_from or "")
    if as_json:
        print_json({"sent": done.sent, "waiting": done.waiting, "in_doubt": done.in_doubt, "said": done.said})
        return
    click.echo(f"{done.sent} sent, {done.waiting} waiting, {done.in_doubt} in doubt.")
    for sentence in done.said:
        click.echo(sentence, err=True)


@subscriptions.command("settle")
@click.argument("digest", type=int)
@click.option("--arrived/--again", "arrived", default=None, help="It arrived; or send it again.")
@db_option
def settle_one(digest: int, arrived: bool | None, db: Path) -> None:
    """Say what became of a digest in doubt: the connection broke, or the run was killed, just as it was sent.

    \b
    feedback subscriptions settle 4 --arrived
    """
    from feedback.filters import EVERYTHING
    from feedback.over_time.subscriptions import settle

    if arrived is None:
        raise click.UsageError("Say what became of it: --arrived, or --again.")
    store, _ = _open(db)
    with store:
        settle(store, digest, EVERYTHING, arrived=arrived)
    click.echo(f"Digest {digest} {'arrived' if arrived else 'is sent again with the next run'}.")


@main.command("digest")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder for the files."
)
@db_option
@json_option
def write_digests(out: Path, db: Path, as_json: bool) -> None:
    """Write what is new for those who are told by file: one file each, nothing twice, no comment's words.

    \b
    feedback digest --out digests
    """
    from feedback.filters import EVERYTHING
    from feedback.over_time.subscriptions import prepare, write_files
    from feedback.settings import Settings

    store, taxonomy = _open(db)
    with store:
        prepare(store, taxonomy, "file", EVERYTHING, address=Settings().address)
        paths = write_files(store, out, EVERYTHING)
    if as_json:
        print_json([str(path) for path in paths])
        return
    for path in paths:
        click.echo(path)
    if not paths:
        click.echo("Nothing new to tell.", err=True)


def _open(db: Path) -> "tuple[Store, Taxonomy]":
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.strategies.versions import under
    from feedback.taxonomy import load_taxonomy

    must_exist(db)
    store = open_store(db)
    return store, under(store.conn, load_taxonomy(Settings().data))


def _record(one: "View") -> dict[str, Any]:
    from feedback.filters import parameters

    return {"id": one.id, "name": one.name, "filters": parameters(one.filters), "measure": one.measure, "by": one.by, "at": one.at}  # fmt: skip
