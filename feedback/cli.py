"""The command `feedback`: the verbs of the flow. Data on stdout, progress on stderr, refusals as one sentence and exit 1.

Everything heavy is imported inside the command that needs it, so that help is instant.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback import __version__
from feedback.errors import BadInput, FeedbackError

if TYPE_CHECKING:
    import sqlite3

    from feedback.query import Filters
    from feedback.taxonomy import Taxonomy


class _Refusing(click.Group):
    """A group whose refusals are sentences: exit 1, no traceback, never a comment's words."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FeedbackError as error:
            raise click.ClickException(str(error)) from None
        except BrokenPipeError:
            # `feedback tag | head` closes the pipe when it has enough; that is no fault.
            sys.stderr.close()
            ctx.exit(0)


@click.group(cls=_Refusing, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="feedback")
def main() -> None:
    """Read patient and carer comments: services, themes, sentiment, values, objectives, over time.

    \b
    Begin with:  feedback demo
    Then:        feedback analyse my_export.xlsx
    """


def _db(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--db",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="FEEDBACK_DB",
        default=Path("feedback.db"),
        show_default=True,
        help="The database.",
    )(function)


def _as_json(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


_FILTERS: tuple[tuple[str, str], ...] = (
    ("service", "A service's id, with everything below it; or another organisation's, or an upload's own name for it."),
    ("theme", "A theme's id or a group of themes."),
    ("value", "A value's id."),
    ("objective", "An objective's id, such as O3."),
    ("statement", "A statement's id, such as O3.W5."),
    ("sentiment", "positive, neutral, negative or mixed."),
    ("polarity", "+, -, ~ or 0, of the label asked for."),
    ("respondent", "patient, carer, relative, parent, staff or unknown."),
    ("county", "Herefordshire or Worcestershire."),
    ("programme", "A programme or priority of the delivery plan: the services it touches."),
    ("search", 'Words, or "a phrase".'),
    ("disagree", 'any: the column and the words name different services; or one pair, as "COLUMN:WORDS".'),
)


def _filters(function: Callable[..., Any]) -> Callable[..., Any]:
    """The filters of every question, as options; the command receives one `filters`."""

    def command(*args: Any, **kwargs: Any) -> Any:
        from feedback.query import Filters

        given = {name: kwargs.pop(name) for name, _ in _FILTERS}
        dates = {"date_from": kwargs.pop("date_from"), "date_to": kwargs.pop("date_to")}
        days = {name: day.date() if day else None for name, day in dates.items()}
        return function(*args, filters=Filters(**given, **days), **kwargs)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    day = click.DateTime(["%Y-%m-%d"])
    wrapped: Callable[..., Any] = click.option("--to", "date_to", type=day, help="Last day, included.")(command)
    wrapped = click.option("--from", "date_from", type=day, help="First day.")(wrapped)
    for name, text in reversed(_FILTERS):
        wrapped = click.option(f"--{name}", help=text)(wrapped)
    return wrapped


def _asking(db: Path) -> tuple["sqlite3.Connection", "Taxonomy"]:
    from feedback.settings import Settings
    from feedback.store import open_reader
    from feedback.taxonomy import load_taxonomy

    return open_reader(db), load_taxonomy(Settings().data)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns side by side: the first to the left, numbers to the right."""
    cells = [list(map(str, headings)), *([("" if c is None else str(c)) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        click.echo(
            "  ".join(
                c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
        )


# In: reading, analysing, taking back


@main.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
def tag(file: Any) -> None:
    """Analyse comments given as JSON Lines and print one analysed comment a line; nothing is stored.

    \b
    head -100 comments.jsonl | feedback tag | jq .themes
    """
    from feedback.pipeline import load_pipeline
    from feedback.present import as_record
    from feedback.read.lines import read_lines

    pipeline = load_pipeline()
    for analysed in pipeline.analyse(read_lines(file)):
        click.echo(json.dumps(as_record(analysed, pipeline.taxonomy, pipeline.versions), ensure_ascii=False))


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_db
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=HEADING",
    help="Say which column holds comment, date, service, respondent, rating, question or id.",
)
@click.option("--sheet", help="The sheet of a workbook.")
@click.option("--day-first/--month-first", default=None, help="How 03/04/2025 is meant.")
@click.option("--rating-best", type=click.Choice(["1", "5"]), help="Which number of the rating is very good.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; store nothing.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.xlsx|OUT.csv",
    help="Write the rows that need mending, as they came, with the reason beside each.",
)
@_as_json
def analyse(
    files: Sequence[Path],
    db: Path,
    mapping: Sequence[str],
    sheet: str | None,
    day_first: bool | None,
    rating_best: str | None,
    dry_run: bool,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Read batches, analyse every comment, store what is new, and account for every row.

    \b
    feedback analyse october.xlsx
    feedback analyse survey.csv --map comment="Tell us more" --dry-run
    feedback analyse october.xlsx --rejects to_mend.xlsx
    """
    from feedback.intake import ToMend, analyse_file
    from feedback.mend import check_name
    from feedback.pipeline import load_pipeline
    from feedback.store import open_store

    given = _mapping(mapping, rating_best)
    if rejects:
        check_name(rejects)
        if len(files) > 1:
            raise BadInput("--rejects takes the rows of one file; analyse the files one after another.")
    to_mend = ToMend() if rejects else None
    reports, refused = [], []
    with open_store(db) as store:
        pipeline = load_pipeline()
        for path in files:
            try:
                with _progress(path.name) as moved:
                    report = analyse_file(
                        path,
                        store,
                        pipeline,
                        mapping=given,
                        sheet=sheet,
                        day_first=day_first,
                        dry_run=dry_run,
                        progress=moved,
                        to_mend=to_mend,
                    )
            except FeedbackError as error:
                refused.append(path.name)
                click.echo(f"{path.name} is refused: {error}", err=True)
                continue
            reports.append(report)
            if not as_json:
                _print_report(report, path, db)
            if rejects and to_mend is not None:
                _write_rejects(to_mend, rejects)
    if as_json and reports:
        _print_json([r.as_record() for r in reports] if len(files) > 1 else reports[0].as_record())
    if refused:
        sys.exit(1)


def _mapping(given: Sequence[str], rating_best: str | None = None) -> dict[str, Any] | None:
    import difflib

    from feedback.read import FIELDS

    fields: dict[str, Any] = {}
    for pair in given:
        name, equals, heading = pair.partition("=")
        if not equals or not heading:
            raise BadInput(f"--map wants FIELD=HEADING, such as comment='Tell us more'; got {pair!r}.")
        name = {"respondent_type": "respondent"}.get(name, name)  # as the column map calls it
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            meant = f' Did you mean "{near[0]}"?' if near else ""
            raise BadInput(f'"{name}" is no field of a comment; --map takes {", ".join(FIELDS)}.{meant}')
        if name in ("comment", "service"):
            fields.setdefault(name, []).append(heading)
        else:
            fields[name] = heading
    if rating_best:
        fields["rating"] = f"{fields.get('rating', '')}:{rating_best}=very_good"
    return fields or None


def _write_rejects(to_mend: Any, out: Path) -> None:
    from feedback.mend import MOST, write_list

    rows = [*to_mend.rejects, *to_mend.warnings]
    write_list(to_mend.headings, rows, out)
    n = len({(row.sheet, row.row) for row in rows})
    cut = f"; a workbook takes the first {MOST:,}, write a .csv for all" if n > MOST and out.suffix == ".xlsx" else ""
    click.echo(
        f"{n} rows to mend are written to {out}{cut}. It holds them as they came, names too: delete it when it is mended and sent.",
        err=True,
    )


class _progress:
    """A bar on stderr for whatever takes longer than a second, quiet where stderr is no terminal."""

    def __init__(self, title: str) -> None:
        from tqdm import tqdm

        self._bar = tqdm(desc=title, unit=" rows", delay=1, file=sys.stderr, disable=None, leave=False)

    def __enter__(self) -> Callable[[int, int | None], None]:
        return self._move

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def _move(self, done: int, total: int | None) -> None:
        self._bar.total = total
        self._bar.update(done - self._bar.n)


def _print_report(report: Any, path: Path, db: Path) -> None:
    r = report
    click.echo(f"{r.file}: {r.rows} rows" + (f", batch {r.batch}" if r.batch else ", nothing stored (dry run)"))
    click.echo(
        f"  {r.accepted} comments from {r.accepted_rows} rows, {r.already_stored} already stored, {r.empty} rows without a comment, "
        f"{r.duplicates} repeated rows, {len(r.rejects)} rows rejected; {r.contentless} comments without content"
    )
    for decision in r.decisions:
        click.echo(f"  {'?' if decision in r.asks else '-'} {decision}")
    if r.batch is None:
        _print_columns(r, path, db)
    for title, notices in (("rejected", r.rejects), ("stored with a field left blank", r.warnings)):
        for notice in notices[:10]:
            where = f"sheet {notice.sheet}, row {notice.row}" if notice.sheet else f"row {notice.row}"
            click.echo(f"  {title}: {where}: {notice.reason}: {notice.detail}")
        if len(notices) > 10:
            click.echo(f"  … and {len(notices) - 10} more {title}; --json lists them all")
    if r.unresolved:
        click.echo(
            "  services that the directory does not know (kept under their own names; see `feedback services unresolved`):"
        )
        for unknown in r.unresolved[:15]:
            click.echo(f"    {unknown.n:6}  {unknown.text}")
        if len(r.unresolved) > 15:
            click.echo(f"    … and {len(r.unresolved) - 15} more")


def _print_columns(r: Any, path: Path, db: Path) -> None:
    """What was taken for what, and the command that takes it otherwise."""
    import shlex

    click.echo("  taken as (comments with something there):")
    for look in r.columns:
        click.echo(f"    {look.field:<11} {look.heading}: {look.filled:,}{f', {look.seen}' if look.seen else ''}")
    maps = "".join(f" --map {shlex.quote(f'{look.field}={look.heading}')}" for look in r.columns)
    where = "" if db == Path("feedback.db") else f" --db {shlex.quote(str(db))}"
    click.echo("  to change that, put other headings into this line; leave the end off and it is stored:")
    click.echo(f"    feedback analyse {shlex.quote(str(path))}{where}{maps} --dry-run")
    if any("--map" in ask and "very_good" in ask for ask in r.asks):
        click.echo("    … with --rating-best 1 or --rating-best 5, so that the ratings are read too")


@main.command()
@_db
@click.option("--forget", type=int, metavar="N", help="Read the files of that source by evidence again.")
@_as_json
def mappings(db: Path, forget: int | None, as_json: bool) -> None:
    """List how people said the files of a source are to be read, or forget one.

    \b
    feedback mappings
    feedback mappings --forget 2
    """
    from feedback.store import open_store

    _existing(db)
    with open_store(db) as store:
        if forget is not None:
            store.forget_mapping(forget)
            click.echo(
                f"Mapping {forget} is forgotten: files with those headings are read by evidence again.", err=True
            )
        found = store.mappings()
    if as_json:
        _print_json([{"number": m.number, "mapping": m.mapping, "by": m.by, "at": m.at} for m in found])
        return
    rows = [
        ("; ".join(f"{name}: {_words(value)}" for name, value in m.mapping.items()), m.number, m.at[:10]) for m in found
    ]
    _table(("columns", "number", "confirmed"), rows)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


@main.command()
@_db
@_as_json
def batches(db: Path, as_json: bool) -> None:
    """List what has been uploaded."""
    from dataclasses import asdict

    from feedback.store import open_store

    with open_store(db) as store:
        found = store.batches()
    if as_json:
        _print_json([asdict(b) for b in found])
        return
    _table(
        ("file", "batch", "state", "comments", "rows", "when"),
        (
            (
                b.file,
                b.id,
                b.state,
                b.counts.accepted - b.erased if b.counts else "",
                b.counts.rows if b.counts else "",
                b.created_at,
            )
            for b in found
        ),
    )


@main.group(invoke_without_command=True)
@click.option("--comment", metavar="CITATION", help="The respondent who wrote this comment, with all their comments.")
@click.option("--only", is_flag=True, help="With --comment: that comment alone.")
@click.option(
    "--respondent", metavar="VALUE", help="What the export's column of the person or form says; - asks for it."
)
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="All comments older than this day.")
@click.option("--retention", is_flag=True, help="All comments older than FEEDBACK_RETENTION_MONTHS.")
@click.option("--by", default="", help="Your name, for the receipt.")
@click.option("--reason", default="", help="Why, for the receipt; without the person's name.")
@click.option("--yes", is_flag=True, help="Erase. Without it nothing is changed.")
@_db
@_as_json
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
    db: Path,
    as_json: bool,
) -> None:
    """Erase a respondent, a comment, or what is too old, with everything derived from it, and keep a receipt.

    \b
    feedback erase --comment HW-2026-000123
    feedback erase --comment HW-2026-000123 --yes --by "A. Manager" --reason "asked for by letter"
    feedback erase --before 2023-01-01
    """
    if ctx.invoked_subcommand:
        return
    if sum(map(bool, (comment, respondent, before, retention))) != 1 or (only and not comment):
        raise click.UsageError("Name one of --comment (with or without --only), --respondent, --before, --retention.")
    from feedback.erase import by_citation, by_respondent, look, months_ago, older_than
    from feedback.erase import erase as remove
    from feedback.redact import Redactor
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    settings = Settings()
    if retention and settings.retention_months is None:
        raise BadInput(
            "How long comments are kept is for the Trust to say: set FEEDBACK_RETENTION_MONTHS, or give a day with --before."
        )
    if respondent == "-":
        respondent = click.prompt("What the export's column of the person or form says", hide_input=True, err=True)
    _existing(db)
    with open_store(db, trust_code=settings.trust_code) as store:
        if comment:
            asked = by_citation(store.conn, comment, only=only)
        elif respondent:
            asked = by_respondent(store, respondent)
        else:
            asked = older_than(
                before.date() if before else months_ago(settings.retention_months or 0, store.clock().date())
            )
        found = look(store.conn, asked)
        nothing = not found.comments and not found.rows
        if not yes or (nothing and asked.scope == "retention"):
            _print_json(_fields(found)) if as_json else _print_found(found)
            return
        redactor = Redactor(load_taxonomy(settings.data))
        receipt = remove(store, asked, by=by, reason=reason, redactor=redactor)
    _print_json(_fields(receipt)) if as_json else _print_receipt(receipt)


def _existing(db: Path) -> None:
    if not db.exists():
        raise BadInput(f"{db}: there is no such database; name it with --db.")


def _print_found(found: Any) -> None:
    comments = "comment" if found.comments == 1 else "comments"
    click.echo(f"This would erase {found.comments:,} {comments}{_some(found.citations)}")
    click.echo(
        f"  with {found.findings:,} findings, {found.decisions:,} decisions about safety flags and {found.rows:,} rows kept for mending."
    )
    if found.open_flags:
        click.echo(f"  {found.open_flags:,} of them have a safety flag that nobody has decided about: do that first.")
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
    of = {
        "respondent": "one respondent",
        "comment": "one comment",
        "retention": f"what was older than {receipt.before}",
    }
    click.echo(
        f"Receipt {receipt.number}: {of[receipt.scope]} erased on {receipt.at} by {receipt.by}: {receipt.reason}"
    )
    click.echo(f"  {receipt.comments:,} comments{_some(receipt.citations)} These citations lead nowhere from now on.")
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
@_db
@_as_json
def erase_receipts(db: Path, as_json: bool) -> None:
    """List the receipts of what was erased; they name nobody.

    \b
    feedback erase receipts --json
    """
    from feedback.erase import receipts

    found = receipts(_asking(db)[0])
    if as_json:
        _print_json([_fields(receipt) for receipt in found])
        return
    for receipt in found:
        _print_receipt(receipt)


@erase.command("finish")
@_db
def erase_finish(db: Path) -> None:
    """Rewrite the database's file where an erasure was broken off before that."""
    from feedback.erase import finish
    from feedback.store import open_store

    _existing(db)
    with open_store(db) as store:
        if waiting := finish(store):
            raise BadInput(
                f"{waiting} receipts still wait: another program holds the database open. End that, then try again."
            )
    click.echo("No word of what was erased is left in the database's file.", err=True)


@main.command()
@click.argument("batch", type=int)
@_db
def rollback(batch: int, db: Path) -> None:
    """Remove a batch as if it had never been uploaded; what another batch also brought stays."""
    from feedback.store import open_store

    _existing(db)
    with open_store(db) as store:
        removed = store.rollback(batch)
    click.echo(f"Batch {batch} is taken back: {removed} comments removed.")


# What people say of the reading, and reading again


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
@_db
@_as_json
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
    from feedback.taxonomy import load_taxonomy

    if comment is None:
        raise click.UsageError("Name the COMMENT by its citation, such as HW-2026-000123.")
    if not listed and (kind is None or (label is None and not undo)):
        raise click.UsageError("Say what it is: COMMENT KIND LABEL, such as HW-2026-000123 theme parking.")
    _existing(db)
    taxonomy = load_taxonomy(Settings().data)
    with open_store(db) as store:
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
        _print_json({"comment": citation, "corrections": records})
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
@_db
@_as_json
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
    _existing(db)
    data = Settings().data
    with open_store(db) as store:
        if listed:
            found = list(rereadings(store.conn))
        else:
            found, pipeline = [], load_pipeline()
            if not only:
                with _progress("reading again") as moved:
                    how = {"everything": everything, "new_clauses": new_clauses, "dry_run": dry_run}
                    found.append(read_again(store, pipeline, data=data, progress=moved, **how))
            with _progress("services") as moved:
                how = {"everything": only is not None, "dry_run": dry_run}
                found.append(retag_services(store, pipeline, data=data, progress=moved, **how))
    if as_json:
        _print_json([one.as_record() for one in found])
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


# Out: the questions


@main.command()
@_filters
@_db
@_as_json
def themes(filters: "Filters", db: Path, as_json: bool) -> None:
    """What people speak of, most frequent first, and how.

    \b
    feedback themes --service talking-therapies --from 2026-01-01
    """
    from feedback.query import EVERYTHING, theme_table, totals

    conn, taxonomy = _asking(db)
    rows = [row for row in theme_table(conn, taxonomy, filters, EVERYTHING) if row.n]
    total = totals(conn, taxonomy, filters, EVERYTHING)
    if as_json:
        _print_json({"comments": total.comments, "read": total.read, "themes": [_fields(row) for row in rows]})
        return
    click.echo(f"{total.read} comments read, of {total.comments}")
    _table(
        ("theme", "comments", "share", "positive", "negative", "neutral"),
        ((r.title, r.n, f"{r.share:.0%}", r.positive, r.negative, r.neutral) for r in rows),
    )


@main.command()
@_filters
@click.option(
    "--measure",
    type=click.Choice(["negative", "positive", "mean", "rate"]),
    default="negative",
    show_default=True,
    help="rate: the share that speaks of the theme, value, objective or statement asked for.",
)
@click.option("--period", type=click.Choice(["month", "quarter", "week"]), default="month", show_default=True)
@click.option(
    "--chart", "kind", type=click.Choice(["auto", "xmr", "iprime", "pprime"]), default="auto", show_default=True
)
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Also write the chart as a picture.")
@_db
@_as_json
def trend(filters: "Filters", measure: str, period: Any, kind: Any, svg: Path | None, db: Path, as_json: bool) -> None:
    """How it moves: a control chart's facts by month, and one sentence.

    \b
    feedback trend --service podiatry
    feedback trend --theme timeliness-of-care --service "PTS - Patient Transport"
    """
    from feedback.chart import as_svg, data_table, trend_chart
    from feedback.query import EVERYTHING, describe
    from feedback.trend import asked_trend

    conn, taxonomy = _asking(db)
    # Who holds the database may read every comment in it: only months too small to judge are left out, as on the pages.
    result = asked_trend(conn, taxonomy, filters, EVERYTHING, measure=measure, period=period, chart=kind, may_read=True)
    if svg:
        svg.write_text(as_svg(trend_chart(result, describe(taxonomy, filters))), encoding="utf-8")
    if as_json:
        _print_json(result.as_dict())
        return
    rows = data_table(result)
    click.echo(result.sentence)
    if rows:
        _table(tuple(rows[0]), (tuple(row.values()) for row in rows))
    for warning in result.warnings:
        click.echo(f"Note: {warning}")


@main.command()
@_filters
@click.option(
    "--order",
    type=click.Choice(["newest", "negative", "positive", "score"]),
    default="newest",
    show_default=True,
    help="newest lists comments; the others list clauses.",
)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@_db
@_as_json
def comments(filters: "Filters", order: Any, limit: int, db: Path, as_json: bool) -> None:
    """The words behind the numbers, each with a citation that does not change.

    \b
    feedback comments --theme "Communication & involvement" --order negative --limit 10
    """
    from feedback.query import EVERYTHING, clauses, comments_page

    conn, taxonomy = _asking(db)
    if order == "newest":
        stored = comments_page(conn, taxonomy, filters, EVERYTHING, limit=limit).comments
        rows = [(s.citation, s.analysed.comment.date, s.analysed.comment.text) for s in stored]
    else:
        rows = [
            (c.citation, c.date, c.text) for c in clauses(conn, taxonomy, filters, EVERYTHING, order=order, limit=limit)
        ]
    if as_json:
        _print_json([{"id": citation, "date": day, "text": text} for citation, day, text in rows])
        return
    for citation, day, text in rows:
        click.echo(f"{citation}  {day or 'undated':<10}  {text}")


@main.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
def spc(file: Any) -> None:
    """Compute control charts for any series: a JSON list of {dates, values, denominators?, options}."""
    from feedback.spc import spc as compute

    try:
        jobs = json.load(file)
    except ValueError:
        raise BadInput("That is no JSON document; give a list of {dates, values, denominators?, options}.") from None
    if not isinstance(jobs, list):
        raise BadInput("Give a list of series, each {dates, values, denominators?, options}, in square brackets.")
    click.echo(json.dumps(compute(jobs)))


@main.command()
@_filters
@_db
@_as_json
def evidence(filters: "Filters", db: Path, as_json: bool) -> None:
    """The citable evidence for and against one objective, value or statement.

    \b
    feedback evidence --objective O3
    feedback evidence --statement O3.W5 --service podiatry
    """
    from feedback.query import EVERYTHING
    from feedback.report import evidence_markdown, gather_evidence

    conn, taxonomy = _asking(db)
    if as_json:
        _print_json(gather_evidence(conn, taxonomy, filters, EVERYTHING).as_record())
    else:
        click.echo(evidence_markdown(conn, taxonomy, filters, EVERYTHING))


@main.command()
@_filters
@click.option("--format", "form", type=click.Choice(["md", "json"]), default="md", show_default=True)
@_db
def report(filters: "Filters", form: str, db: Path) -> None:
    """A document on one objective, value, statement or service, to take to a meeting.

    \b
    feedback report --service podiatry > podiatry.md
    feedback report --objective O3 --format json
    """
    from feedback.query import EVERYTHING
    from feedback.report import report_markdown, report_record

    conn, taxonomy = _asking(db)
    if form == "json":
        _print_json(report_record(conn, taxonomy, filters, EVERYTHING))
    else:
        click.echo(report_markdown(conn, taxonomy, filters, EVERYTHING))


@main.command()
@_filters
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv", "xlsx", "parquet"]), default="jsonl", show_default=True
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; needed for xlsx and parquet."
)
@click.option(
    "--for-publication",
    is_flag=True,
    help="Months instead of days, and no words that could tell who wrote them although names are hidden.",
)
@_db
def export(filters: "Filters", form: Any, out: Path | None, for_publication: bool, db: Path) -> None:
    """Analysed comments under the same filters.

    \b
    feedback export --service podiatry --format xlsx --out podiatry.xlsx
    """
    from feedback.disclosure import Disclosure
    from feedback.export import export as write
    from feedback.query import EVERYTHING

    conn, taxonomy = _asking(db)
    publication = Disclosure(conn, taxonomy) if for_publication else None
    n = write(conn, taxonomy, filters, EVERYTHING, form, out, publication=publication)
    if out:
        click.echo(f"{n} comments written to {out}", err=True)
    if publication:
        click.echo(
            f"The words of {publication.withheld} are withheld. This lowers the risk and ends it not: read before you publish.",
            err=True,
        )


@main.group()
def services() -> None:
    """The directory of services."""


@services.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the Trust's data; the one in use if not given.",
)
@_as_json
def check(data: Path | None, as_json: bool) -> None:
    """Say everything that does not fit in the directory, with its line; then which names clash and what is done about it.

    Exit 1 where something does not fit. Clashes are no errors: they are decided as it says.

    \b
    feedback services check
    feedback services check --data ../new_data
    """
    from feedback.directory_check import check as look
    from feedback.settings import Settings

    found = look(data or Settings().data)
    if as_json:
        _print_json(_fields(found))
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
    from feedback.directory_check import MEANINGS

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
@_as_json
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
        _print_json([_fields(s) | {"depth": depths[s.id], "unconfirmed": s.unconfirmed} for s in tree])
        return
    for id in ids:
        service = taxonomy.services[id]
        marks = [service.level] + [service.status.replace("_", " ")] * (service.status not in ("current", "unverified"))
        marks += ["unconfirmed"] * service.unconfirmed
        click.echo(f"{'  ' * depths[id]}{service.name}  [{id}]  {', '.join(marks)}")


@services.command()
@click.argument("id")
@_db
@_as_json
def show(id: str, db: Path, as_json: bool) -> None:
    """Show one entry: its names, where it is, which plans are for it, which words point to it, and how much is said of it.

    \b
    feedback services show podiatry
    """
    from feedback.directory_check import describe_entry
    from feedback.query import EVERYTHING, Filters, totals
    from feedback.settings import Settings
    from feedback.store import open_reader
    from feedback.taxonomy import load_taxonomy

    settings = Settings()
    taxonomy = load_taxonomy(settings.data)
    entry = describe_entry(taxonomy, settings.data, id)
    if db.is_file():
        conn = open_reader(db)
        entry["comments"] = totals(conn, taxonomy, Filters(service=id), EVERYTHING).comments
    if as_json:
        _print_json(entry)
        return
    for name, value in entry.items():
        if value not in ("", None, (), [], {}):
            shown = "; ".join(map(str, value)) if isinstance(value, list | tuple) else value
            click.echo(f"{name.replace('_', ' ')}: {shown}")
    if "comments" not in entry:
        click.echo(f"There is no database {db}, so no comments are counted.", err=True)


@services.command()
@_db
@_as_json
def unresolved(db: Path, as_json: bool) -> None:
    """What uploads call services that the directory does not know, once each, with counts and the best guesses.

    \b
    feedback services unresolved
    feedback services map "Moon Clinic" podiatry --by "A. Reader"
    """
    from feedback.query import EVERYTHING, Filters
    from feedback.service_names import unknown_names
    from feedback.settings import Settings

    conn, taxonomy = _asking(db)
    rows = unknown_names(conn, taxonomy, Filters(), EVERYTHING, Settings().data)
    if as_json:
        _print_json([_fields(row) for row in rows])
        return
    guesses = [", ".join(f"{g.id} {g.score:.2f}" for g in row.guesses) for row in rows]
    _table(
        ("name in the upload", "comments", "may be"),
        ((r.text, r.n, guess) for r, guess in zip(rows, guesses, strict=True)),
    )


@services.command("map")
@click.argument("text")
@click.argument("meaning", metavar="ID|none", required=False)
@click.option("--by", required=True, help="Your name.")
@click.option("--undo", is_flag=True, help="Take back what was said of the name last.")
@_db
@_as_json
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
    _existing(db)
    with open_store(db) as store:
        n = explain(store, taxonomy, text, meaning, by) if meaning else take_back(store, text, by)
    service = meaning_of(taxonomy, meaning) if meaning else None
    if as_json:
        _print_json({"text": text, "service": service, "comments": n})
    elif service:
        click.echo(f"{text}: {named(taxonomy, service)} ({service}). {n} comments are read so, and those to come.")
    else:
        click.echo(f"{text}: what was said of it is taken back; {n} comments are read as they were before.")


@services.command()
@_db
@_as_json
def mapped(db: Path, as_json: bool) -> None:
    """What people said that names in uploads mean, the latest first, with who and when, and what was undone."""
    from feedback.query import explained_names
    from feedback.service_names import named

    conn, taxonomy = _asking(db)
    rows = explained_names(conn)
    if as_json:
        _print_json([_fields(row) | {"stands": row.stands} for row in rows])
        return
    _table(
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
@_filters
@_db
@_as_json
def disagreements(filters: "Filters", db: Path, as_json: bool) -> None:
    """Where an upload's column and the words beside it name different services: each pair with its comments.

    Both are kept, and comments count for both. `feedback comments --disagree COLUMN:WORDS` shows those of a pair.

    \b
    feedback services disagreements
    feedback comments --disagree podiatry:camhs
    """
    from feedback.query import EVERYTHING
    from feedback.query import disagreements as pairs

    conn, taxonomy = _asking(db)
    rows = pairs(conn, taxonomy, filters, EVERYTHING)
    if as_json:
        _print_json([_fields(row) for row in rows])
        return
    _table(
        ("the column says", "the words say", "comments"),
        ((*(f"{taxonomy.service_name(id)} [{id}]" for id in (r.by_column, r.by_words)), r.n) for r in rows),
    )


@main.group()
def signals() -> None:
    """The safety queue: comments that cannot wait. This is not a crisis service."""


@signals.command()
@_filters
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day; 7 days ago if not given.")
@click.option(
    "--address", default="http://127.0.0.1:8000", show_default=True, help="Where the pages are served, for the links."
)
@_db
@_as_json
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

    conn, taxonomy = _asking(db)
    day = since.date() if since else None
    found = make(conn, taxonomy, filters, EVERYTHING, load_routes(Settings().data), now=datetime.now(UTC), since=day)
    if as_json:
        _print_json(_fields(found))
        return
    click.echo(f"Safety queue since {found.since}, as of {found.at}. This is not a crisis service.")
    if found.held:
        click.echo(f"{found.held} comments held for translation: nobody has read them.")
    names = ("new", "open", "overdue", "passed_on", "closed")
    for title, rows in (("severity", found.by_severity), ("kind", found.by_kind), ("service", found.by_service)):
        rows = (*rows, found.total) if title == "severity" else rows
        click.echo("")
        _table(
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
@_filters
@click.option(
    "--size", type=click.IntRange(1, 2000), default=100, show_default=True, help="Unflagged comments to read."
)
@click.option("--seed", type=int, help="For the same draw again over the same comments.")
@click.option("--by", required=True, help="Your name.")
@_db
@_as_json
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
    _existing(db)
    with open_store(db) as store:
        drawn = draw(store, taxonomy, filters, EVERYTHING, size=size, by=by, seed=seed)
    if as_json:
        _print_json(_fields(drawn))
    else:
        click.echo(
            f"Sample {drawn.id}: {drawn.size} comments, seed {drawn.seed}. Read it at /signals/sample/{drawn.id} of the pages."
        )


@main.group(invoke_without_command=True)
@_db
@_as_json
@click.pass_context
def ledger(context: click.Context, db: Path, as_json: bool) -> None:
    """How often people agree with the machines, and with each other, on comments that two have read blind.

    \b
    feedback ledger draw 100 --by "A. Lead" --out to_read.xlsx     (two people fill in a copy each)
    feedback ledger read ann.xlsx --by Ann
    feedback ledger
    """
    if context.invoked_subcommand:
        return
    from feedback.ledger import agreement, ledgers
    from feedback.query import EVERYTHING

    conn, taxonomy = _asking(db)
    drawn = ledgers(conn, taxonomy, EVERYTHING)
    found = agreement(conn, drawn)
    if as_json:
        then = {one.id: agreement(conn, [one], machine="then") for one in drawn}
        rows = [_fields(one) | {"agreement_then": (at := then[one.id]) and _fields(at)} for one in drawn]
        _print_json({"ledgers": rows, "agreement": found and _fields(found)})
        return
    if not drawn:
        click.echo(
            "Nothing has been drawn to be read; `feedback ledger draw 100 --by NAME --out to_read.xlsx` does so."
        )
        return
    _table(
        ("ledger", "drawn", "by", "from", "comments", "read twice", "once", "readers"),
        (
            (
                one.id,
                one.drawn_at[:10],
                one.drawn_by,
                one.described,
                one.size,
                one.twice,
                one.once,
                ", ".join(one.readers),
            )
            for one in drawn
        ),
    )
    if found:
        _print_agreement(found, taxonomy)


def _print_agreement(found: Any, taxonomy: "Taxonomy") -> None:
    def shown(rate: Any) -> str:
        return f"{rate.share:.2f} ({rate.lower:.2f}-{rate.upper:.2f})" if rate else "-"

    names = {
        "themes": "themes, micro F1",
        "exact": "just the same themes",
        "scale": "sentiment of five",
        "three": "of three",
    }
    click.echo(f"\n{found.read} comments read, {found.twice} of them by two people; 95% intervals in brackets.\n")
    people, machine = found.people, found.machine
    _table(
        ("", "people with each other", "machines with people"),
        ((name, shown(people and getattr(people, key)), shown(getattr(machine, key))) for key, name in names.items()),
    )
    click.echo("")
    _table(
        ("theme", "given on", "people F1", "kappa", "machines F1", "kappa"),
        (
            (
                taxonomy.themes[one.theme].name if one.theme in taxonomy.themes else one.theme,
                f"{one.given:g}",
                shown(one.people),
                "-" if one.people_kappa is None else f"{one.people_kappa:.2f}",
                shown(one.machine),
                "-" if one.machine_kappa is None else f"{one.machine_kappa:.2f}",
            )
            for one in found.themes
        ),
    )


@ledger.command("draw")
@click.argument("size", type=click.IntRange(1, 2000))
@_filters
@click.option("--seed", type=int, help="For the same draw again over the same comments.")
@click.option("--by", required=True, help="Your name.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.xlsx|OUT.csv", help="The sheet to fill in."
)
@_db
@_as_json
def ledger_draw(
    size: int, filters: "Filters", seed: int | None, by: str, out: Path | None, db: Path, as_json: bool
) -> None:
    """Draw comments at random that two people are to read apart.

    \b
    feedback ledger draw 100 --by "A. Lead" --out to_read.xlsx
    """
    from feedback.ledger import draw
    from feedback.query import EVERYTHING
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(Settings().data)
    _existing(db)
    with open_store(db) as store:
        drawn = draw(store, taxonomy, filters, EVERYTHING, size=size, by=by, seed=seed)
        if out:
            _write_sheet(store.conn, taxonomy, drawn, out)
    if as_json:
        _print_json(_fields(drawn))
    else:
        click.echo(f"Ledger {drawn.id}: {drawn.size} comments of {drawn.pool}, seed {drawn.seed}.")
        if not out:
            click.echo(f"`feedback ledger sheet {drawn.id} --out to_read.xlsx` writes the sheet to fill in.")


@ledger.command("sheet")
@click.argument("number", type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="OUT.xlsx|OUT.csv")
@_db
def ledger_sheet(number: int, out: Path, db: Path) -> None:
    """Write the sheet of a ledger for a reader to fill in: sentiment, and up to six themes.

    \b
    feedback ledger sheet 1 --out ben.xlsx
    """
    from feedback.ledger import ledger as one
    from feedback.query import EVERYTHING

    conn, taxonomy = _asking(db)
    _write_sheet(conn, taxonomy, one(conn, taxonomy, number, EVERYTHING), out)


def _write_sheet(conn: "sqlite3.Connection", taxonomy: "Taxonomy", drawn: Any, out: Path) -> None:
    from feedback.ledger import comments_to_read
    from feedback.ledger_sheet import write_sheet
    from feedback.query import EVERYTHING

    write_sheet(drawn, comments_to_read(conn, drawn, EVERYTHING), taxonomy, out)
    click.echo(
        f"{drawn.size} comments to read are in {out}; it holds their words: delete it when it has been read in.",
        err=True,
    )


@ledger.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", required=True, help="Whoever filled it in.")
@_db
@_as_json
def ledger_read(file: Path, by: str, db: Path, as_json: bool) -> None:
    """Take a filled sheet back; rows without a sentiment count as not read, and an answer given before stands.

    \b
    feedback ledger read ann.xlsx --by Ann
    """
    from feedback.ledger import keep
    from feedback.ledger import ledger as one
    from feedback.ledger_sheet import read_sheet
    from feedback.query import EVERYTHING
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(Settings().data)
    answers = read_sheet(file, taxonomy)
    _existing(db)
    with open_store(db) as store:
        drawn = {id: one(store.conn, taxonomy, id, EVERYTHING) for id in answers}
        taken = {id: keep(store, taxonomy, drawn[id], answers[id], by=by) for id in answers}
    if as_json:
        _print_json({id: _fields(each) for id, each in taken.items()})
        return
    for id, each in taken.items():
        before = f", {each.before} were there before" if each.before else ""
        other = f" ({each.changed} differ now; the first answers stand)" if each.changed else ""
        click.echo(f"Ledger {id}: {each.new} answers by {by.strip()}{before}{other}.")


# Making and measuring the models


@main.command()
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder of labelled comments."
)
@click.option(
    "--model", type=click.Choice(["reader", "placer", "guard", "signal", "all"]), default="all", show_default=True
)
@click.option(
    "--with-corrections",
    "corrected_in",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="DB",
    help="Learn also from what people corrected in this database: themes, sentiment, services.",
)
def train(data: Path, model: str, corrected_in: Path | None) -> None:
    """Make the models from labelled comments; needs the training environment (`make train`). The signal model leans on the guard."""
    from contextlib import closing

    from feedback.correct import corrected
    from feedback.settings import Settings
    from feedback.store import open_reader
    from feedback.taxonomy import load_taxonomy
    from feedback.train import train as fit
    from feedback.train_guard import train_guard
    from feedback.train_placer import train_placer
    from feedback.train_signal import train_signals

    settings = Settings()
    taxonomy = load_taxonomy(settings.data)
    said = []
    if corrected_in:
        with closing(open_reader(corrected_in)) as conn:
            said = list(corrected(conn))
    if model in ("reader", "all"):
        _print_json(fit(data, settings.models / "reader", taxonomy, data=settings.data, corrections=said))
    if model in ("placer", "all"):
        placer = settings.models / "placer"
        _print_json(train_placer(data, placer, taxonomy, data=settings.data, corrections=said))
    if model in ("guard", "all"):
        _print_json(train_guard(data, settings.models / "guard", taxonomy, data=settings.data))
    if model in ("guard", "signal", "all"):
        _print_json(train_signals(data, settings.models, data=settings.data))


@main.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder of labelled comments and case files.",
)
def evaluate(data: Path) -> None:
    """Measure every model; write evaluation/results.json, docs/evaluation.md and the README's table."""
    from evaluation.run import evaluate as measure

    click.echo(measure(data))


# Showing


@main.command()
@_db
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(db: Path, port: int) -> None:
    """Serve the pages and the API on this machine alone, until stopped."""
    _serve(db, port)


@main.command()
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), default=Path("demo.db"), show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def demo(db: Path, port: int) -> None:
    """Analyse the invented sample batch, once, and serve it."""
    from feedback.intake import analyse_file
    from feedback.pipeline import load_pipeline
    from feedback.settings import SAMPLE
    from feedback.store import open_store

    with open_store(db) as store:
        if not store.batches():
            click.echo("Analysing the invented sample batch …", err=True)
            with _progress(SAMPLE.name) as moved:
                _print_report(analyse_file(SAMPLE, store, load_pipeline(), progress=moved), SAMPLE, db)
    _serve(db, port)


def _serve(db: Path, port: int) -> None:
    import uvicorn

    from api.app import make_app

    click.echo(
        f"Serving {db} on http://127.0.0.1:{port} (this machine only; there are no accounts yet). Stop with Ctrl+C."
    )
    uvicorn.run(make_app(db), host="127.0.0.1", port=port, log_level="warning", access_log=False)


def _fields(row: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(row)
