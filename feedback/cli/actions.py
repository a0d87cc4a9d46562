"""Record what was done about what people said, and tell the public: `actions`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import asking, db_option, fields, json_option, main, must_exist, print_json, print_table

if TYPE_CHECKING:
    import sqlite3

    from feedback.actions import Action
    from feedback.taxonomy import Taxonomy

STATES = ("planned", "under_way", "done", "stopped")
DAY = click.DateTime(["%Y-%m-%d"])


@main.group()
def actions() -> None:
    """You said, we did: what was done, what people said before and after, and the reply to the public."""


def _action_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The fields of an action, as options; the command receives one `given` with those that were used."""

    def command(*args: Any, **kwargs: Any) -> Any:
        given = {name: kwargs.pop(name) for name, *_ in _OPTIONS}
        if given["date"] is not None:
            given["date"] = given["date"].date()
        return function(*args, given={name: value for name, value in given.items() if value is not None}, **kwargs)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    wrapped: Callable[..., Any] = command
    for name, kind, text in reversed(_OPTIONS):
        wrapped = click.option(f"--{name.replace('_', '-')}", name, type=kind, help=text)(wrapped)
    return wrapped


_OPTIONS: tuple[tuple[str, Any, str], ...] = (
    ("service", str, "The service's id."),
    ("you_said", str, "What people told you, in your own words."),
    ("we_did", str, "What is or was done."),
    ("date", DAY, "When it was done, or is to be done."),
    ("owner", str, "The role or team that sees to it."),
    ("name", str, "What charts and lists call it."),
    ("theme", str, "A theme's id."),
    ("statement", str, "A statement of the strategy, in place of a theme."),
    ("state", click.Choice(STATES), "How far it is; planned if not given."),
    ("outcome", str, "What came of it; of one that was stopped, why."),
)


@actions.command("list")
@click.option("--service", help="A service's id, with everything below it.")
@click.option("--state", type=click.Choice(STATES))
@click.option("--overdue", is_flag=True, help="Only those whose day has passed.")
@click.option("--no-reply", is_flag=True, help="Only done ones of which the public has not been told.")
@db_option
@json_option
def listed(service: str | None, state: Any, overdue: bool, no_reply: bool, db: Path, as_json: bool) -> None:
    """What was done or is to be done, latest first.

    \b
    feedback actions list --service podiatry
    feedback actions list --overdue
    """
    from datetime import UTC, datetime

    from feedback.actions import actions as found
    from feedback.query import EVERYTHING

    if overdue and no_reply:
        raise click.UsageError("--overdue and --no-reply go one at a time: what is done cannot be overdue.")
    conn, taxonomy = asking(db)
    today = datetime.now(UTC).date()
    waiting: Any = "overdue" if overdue else "no_reply" if no_reply else None
    states = (state,) if state else ()
    rows = found(conn, taxonomy, EVERYTHING, service=service, states=states, waiting=waiting, today=today).actions
    if as_json:
        print_json([_record(one) | {"overdue": one.overdue(today)} for one in rows])
        return
    if not rows:
        click.echo("There is no such action.")
        return
    print_table(
        ("action", "state", "day", "service", "number"),
        (
            (one.title, one.state + (", overdue" if one.overdue(today) else ""), one.date, one.service, one.id)
            for one in rows
        ),
    )


@actions.command()
@_action_options
@click.option("--answers", multiple=True, metavar="CITATION", help="A comment it answers; may be given several times.")
@click.option("--by", required=True, help="Your name.")
@db_option
@json_option
def add(given: dict[str, Any], answers: tuple[str, ...], by: str, db: Path, as_json: bool) -> None:
    """Record an action; what identifies somebody is hidden in its words first.

    \b
    feedback actions add --service podiatry --theme timeliness-of-care --you-said "The wait is too long." \\
        --we-did "Opened a clinic on Saturdays." --date 2026-07-01 --state done --owner "Podiatry lead" --by "A. Lead"
    """
    from feedback.actions import Action
    from feedback.actions import add as keep
    from feedback.store import open_store

    for name in ("service", "you_said", "we_did", "date", "owner"):
        if name not in given:
            raise click.UsageError(f"Give --{name.replace('_', '-')}.")
    must_exist(db)
    taxonomy, redact = _at_hand()
    with open_store(db) as store:
        id = keep(store, taxonomy, Action(**given), by=by, redact=redact, citations=answers)
        _print(store.conn, taxonomy, id, as_json)


@actions.command()
@click.argument("number", type=int)
@_action_options
@click.option("--answers", multiple=True, metavar="CITATION", help="The comments it answers, in place of those before.")
@click.option("--by", required=True, help="Your name.")
@db_option
@json_option
def update(number: int, given: dict[str, Any], answers: tuple[str, ...], by: str, db: Path, as_json: bool) -> None:
    """Change an action; a reply that was released stays as it was released. "" takes a theme or statement away.

    \b
    feedback actions update 3 --state done --date 2026-07-01 --by "A. Lead"
    """
    from feedback.actions import change
    from feedback.store import open_store

    if not given and not answers:
        raise click.UsageError("Say what is to change, such as --state done.")
    must_exist(db)
    taxonomy, redact = _at_hand()
    changes = given | {name: None for name in ("theme", "statement") if given.get(name) == ""}
    with open_store(db) as store:
        change(store, taxonomy, number, changes, by=by, redact=redact, citations=answers or None)
        _print(store.conn, taxonomy, number, as_json)


@actions.command()
@click.argument("number", type=int)
@db_option
@json_option
def show(number: int, db: Path, as_json: bool) -> None:
    """One action: what it answers, what people said before and after, the replies, and who changed what.

    \b
    feedback actions show 3
    """
    conn, taxonomy = asking(db)
    _print(conn, taxonomy, number, as_json)


@actions.command()
@click.argument("number", type=int)
@click.option("--easy-read", is_flag=True, help="Short sentences, one idea each, hard words explained.")
@click.option(
    "--text", type=click.File("r", encoding="utf-8"), help="Your words in place of the draft, from a file (- is stdin)."
)
@click.option("--keep", "kept", is_flag=True, help="Keep the words as a draft.")
@click.option("--release", "released", is_flag=True, help="Release the words to the public, in your name.")
@click.option("--withdraw", type=int, metavar="REPLY", help="Withdraw a released reply by its number.")
@click.option("--reason", default="", help="Why it is withdrawn.")
@click.option("--remove-words", is_flag=True, help="With --withdraw: take its words out of the record too.")
@click.option("--by", default="", help="Your name.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the reply that stands to a .md, .html or .docx file.",
)
@db_option
@json_option
def reply(
    number: int,
    easy_read: bool,
    text: Any,
    kept: bool,
    released: bool,
    withdraw: int | None,
    reason: str,
    remove_words: bool,
    by: str,
    out: Path | None,
    db: Path,
    as_json: bool,
) -> None:
    """The reply to the public: drafted from the record with what each sentence rests on; released only by a person.

    \b
    feedback actions reply 3
    feedback actions reply 3 --easy-read
    feedback actions reply 3 --text my_words.md --release --by "A. Lead"
    feedback actions reply 3 --out reply.docx
    feedback actions reply 3 --withdraw 1 --reason "The clinic closed" --by "A. Lead"
    """
    from feedback.actions import action
    from feedback.query import EVERYTHING
    from feedback.replies import draft as room
    from feedback.store import open_store

    if sum((kept, released, withdraw is not None, out is not None)) > 1:
        raise click.UsageError("--keep, --release, --withdraw and --out go one at a time.")
    form: room.Form = "easy_read" if easy_read else "standard"
    must_exist(db)
    if kept or released or withdraw is not None:
        taxonomy, redact = _at_hand()
        with open_store(db) as store:
            found = action(store.conn, number, EVERYTHING)
            if withdraw is not None:
                gone = room.withdraw(
                    store, number, withdraw, by=by, reason=reason, redact=redact, remove_words=remove_words
                )
                easy = ", and its easy-read version with it" if len(gone) > 1 else ""
                click.echo(f"Reply {withdraw} to action {number} has been withdrawn{easy}.", err=True)
                return
            words = text.read() if text else _words(store.conn, taxonomy, found, form)
            if kept:
                room.keep(store, taxonomy, found, form, words, by=by, redact=redact)
                click.echo("The draft has been kept; it is not released.", err=True)
                return
            told = room.release(store, taxonomy, found, form, words, by=by, redact=redact, scope=EVERYTHING)
            click.echo(f"Reply {told} to action {number} has been released.", err=True)
            return
    conn, taxonomy = asking(db)
    found = action(conn, number, EVERYTHING)
    if out:
        _write(conn, taxonomy, found, form, out)
        return
    words = text.read() if text else _words(conn, taxonomy, found, form)
    traced = room.traced(conn, taxonomy, found, form, words, EVERYTHING)
    if as_json:
        print_json({"form": form, "text": words, **fields(traced)})
        return
    click.echo(words)
    click.echo("What each sentence rests on (no part of the reply):")
    for n, one in enumerate(traced.sentences, start=1):
        click.echo(f"{n:>3}  {'; '.join(s.citation or s.says for s in one.sources)}")
    for said in traced.refusals:
        click.echo(f"In the way of release: {said}")
    for said in traced.hints:
        click.echo(f"Look again: {said}")


def _words(conn: "sqlite3.Connection", taxonomy: "Taxonomy", found: "Action", form: Any) -> str:
    """The draft that somebody left, or else one from the record."""
    from feedback.query import EVERYTHING
    from feedback.replies.draft import draft, draft_kept

    left = draft_kept(conn, found.id or 0, form)
    return left.text if left else draft(conn, taxonomy, found, form, EVERYTHING).text


def _write(conn: "sqlite3.Connection", taxonomy: "Taxonomy", found: "Action", form: Any, out: Path) -> None:
    from feedback.errors import NotFound
    from feedback.replies.draft import standing
    from feedback.replies.files import as_file

    told = [one for one in standing(conn, [found.id or 0]) if one.form == form]
    if not told:
        raise NotFound(f"No reply of this form to action {found.id} has been released; release one with --release.")
    out.write_bytes(as_file(taxonomy.service_name(found.service), told[0], out.suffix.lstrip(".").lower()))
    click.echo(f"Written to {out}.", err=True)


def _at_hand() -> tuple["Taxonomy", Callable[[str], str]]:
    """The Trust's data, and what hides identity in what a person types."""
    from feedback.redact import Redactor
    from feedback.settings import Settings
    from feedback.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(Settings().data)
    redactor = Redactor(taxonomy)
    return taxonomy, lambda text: redactor.redact([text])[0][0]


def _record(one: "Action") -> dict[str, Any]:
    return fields(one) | {"title": one.title}


def _print(conn: "sqlite3.Connection", taxonomy: "Taxonomy", number: int, as_json: bool) -> None:
    from feedback.actions import action, answered, history
    from feedback.over_time.before_after import compare
    from feedback.query import EVERYTHING
    from feedback.replies.draft import FORMS, replies

    found = action(conn, number, EVERYTHING)
    # Who holds the database may read every comment in it.
    comparison = compare(conn, taxonomy, found, EVERYTHING, may_read=True)
    cited, told, past = answered(conn, number, EVERYTHING), replies(conn, number), history(conn, number)
    if as_json:
        shown = {"answers": cited, "history": [fields(one) for one in past], "comparison": fields(comparison)}
        print_json(_record(found) | shown | {"replies": [fields(one) for one in told]})
        return
    click.echo(
        f"{number}: {found.title} ({found.state}, {found.date}, {taxonomy.service_name(found.service)}, {found.owner})"
    )
    click.echo(f"  You said: {found.you_said}")
    click.echo(f"  We did:   {found.we_did}")
    if found.outcome:
        click.echo(f"  Outcome:  {found.outcome}")
    click.echo(f"  Answers:  {', '.join(cited) or 'no comment is cited'}")
    click.echo(" ".join(filter(None, (comparison.sentence, comparison.chart))))
    for row in comparison.rows:
        if row.difference is not None and row.lower is not None and row.upper is not None:
            ends = f"{100 * row.lower:+.0f} to {100 * row.upper:+.0f}"
            click.echo(
                f"  {row.phrase}: {row.before.k}/{row.before.n} before, {row.after.k}/{row.after.n} after, {100 * row.difference:+.0f} points ({ends})"
            )
    for warning in comparison.warnings:
        click.echo(f"Note: {warning}")
    for one in told:
        ended = f", withdrawn by {one.withdrawn_by} on {one.withdrawn_at}" if one.withdrawn_by else ""
        click.echo(f"Reply {one.id} ({FORMS[one.form]}): released by {one.released_by} on {one.released_at}{ended}")
    for change in past:
        what = ", ".join(name for name, *_ in change.changed) or "recorded it"
        click.echo(f"  {change.at} {change.by}: {what}")
