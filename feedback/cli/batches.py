"""Bring comments in, and take a batch back: `tag`, `analyse`, `mappings`, `batches`, `rollback`."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import db_option, fields, json_option, main, must_exist, print_json, print_table, progress
from feedback.errors import BadInput, FeedbackError

if TYPE_CHECKING:
    from feedback.comment import RawComment
    from feedback.taxonomy import Taxonomy


@main.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option(
    "--strategy",
    help="The version of the strategy to answer under; without it the one in force in --db, or else the one that the models read.",
)
@click.option(
    "--db", type=click.Path(dir_okay=False, path_type=Path), help="The database whose strategies are meant; only read."
)
def tag(file: Any, strategy: str | None, db: Path | None) -> None:
    """Analyse comments given as JSON Lines and print one analysed comment a line; nothing is stored.

    \b
    head -100 comments.jsonl | feedback tag | jq .themes
    head -100 comments.jsonl | feedback tag --db feedback.db --strategy 2025-2030 | jq .objectives
    """
    from feedback.pipeline import load_pipeline
    from feedback.present import as_record
    from feedback.read.lines import read_lines
    from feedback.strategies.versions import shown_under

    taxonomy = _strategy_of(strategy, db)
    pipeline = load_pipeline()
    refused: list[FeedbackError] = []
    # The pipeline reads many lines ahead: a bad one ends the work, and what stood before it is answered first.
    for analysed in pipeline.analyse(_until_refused(read_lines(file), refused)):
        shown = as_record(shown_under(taxonomy, analysed), taxonomy, pipeline.versions)
        click.echo(json.dumps(shown, ensure_ascii=False))
    if refused:
        raise refused[0]


def _until_refused(lines: "Iterable[RawComment]", refused: list[FeedbackError]) -> "Iterator[RawComment]":
    """The lines up to one that cannot be read, which is put into `refused`."""
    try:
        yield from lines
    except FeedbackError as error:
        refused.append(error)


def _strategy_of(version: str | None, db: Path | None) -> "Taxonomy":
    """The Trust's data with the strategy that is asked for, or in force in a database; no database is needed for the one that is read."""
    from feedback.settings import Settings
    from feedback.store import open_reader
    from feedback.strategies.versions import under
    from feedback.taxonomy import load_taxonomy

    shipped = load_taxonomy(Settings().data)
    if db is None and version in (None, shipped.versions["strategy"]):
        return shipped
    return under(open_reader(db or Settings().db), shipped, version)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@db_option
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=HEADING",
    help="Say which column holds comment, date, service, respondent, rating, question or id.",
)
@click.option("--sheet", help="The sheet of a workbook.")
@click.option("--day-first/--month-first", default=None, help="How 03/04/2025 is meant.")
@click.option(
    "--date-order",
    type=click.Choice(["evidence", "day", "month", "remembered"]),
    help="The same in a word; remembered: as was chosen for files with these headings, where the dates prove nothing else.",
)
@click.option("--rating-best", type=click.Choice(["1", "5"]), help="Which number of the rating is very good.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; store nothing.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.xlsx|OUT.csv",
    help="Write the rows that need mending, as they came, with the reason beside each.",
)
@json_option
def analyse(
    files: Sequence[Path],
    db: Path,
    mapping: Sequence[str],
    sheet: str | None,
    day_first: bool | None,
    date_order: str | None,
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
    from feedback.batches.intake import ToMend, analyse_file
    from feedback.batches.mend import check_name
    from feedback.pipeline import load_pipeline
    from feedback.redact.beside import Beside
    from feedback.store import open_store

    given = _mapping(mapping, rating_best)
    if date_order and day_first is not None:
        raise click.UsageError("Say how dates are meant once: --date-order, or --day-first or --month-first.")
    day_first = {"day": True, "month": False}.get(date_order or "", day_first)
    if rejects:
        check_name(rejects)
        if len(files) > 1:
            raise BadInput("--rejects takes the rows of one file; analyse the files one after another.")
    to_mend = ToMend() if rejects else None
    records: list[dict[str, Any]] = []
    refused = []
    with open_store(db) as store:
        pipeline = load_pipeline()
        beside = Beside(pipeline.redactor)
        for path in files:
            name = beside.file(path.name)
            try:
                with progress(name) as moved:
                    report = analyse_file(
                        path,
                        store,
                        pipeline,
                        mapping=given,
                        sheet=sheet,
                        day_first=day_first,
                        remembered=date_order == "remembered",
                        dry_run=dry_run,
                        progress=moved,
                        to_mend=to_mend,
                    )
            except FeedbackError as error:
                refused.append(name)
                click.echo(f"{name} is refused: {error}", err=True)
                continue
            sorted_now = None if dry_run else _sort(store)
            if not as_json:
                print_report(report, path, db)
                if sorted_now:
                    click.echo(f"  {sorted_now.says}")
            if rejects and to_mend is not None:
                _write_rejects(to_mend, rejects)
            records.append(report.as_record() | ({"topics": fields(sorted_now)} if sorted_now else {}))
    if as_json and records:
        print_json(records if len(files) > 1 else records[0])
    if refused:
        sys.exit(1)


def _sort(store: Any) -> Any:
    """What came of sorting the newest comments into topics; the batch is stored already, so a refusal here only says so."""
    from feedback.settings import Settings
    from feedback.topics.arrivals import Arrived, sort_arrivals

    try:
        with progress("Clauses read") as moved:
            return sort_arrivals(store, Settings().models, progress=moved)
    except FeedbackError as error:
        return Arrived(0, 0, 0, f"The comments are stored, but not sorted into topics: {error}")


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
    from feedback.batches.mend import MOST, write_list

    rows = [*to_mend.rejects, *to_mend.warnings]
    write_list(to_mend.headings, rows, out)
    n = len({(row.sheet, row.row) for row in rows})
    cut = f"; a workbook takes the first {MOST:,}, write a .csv for all" if n > MOST and out.suffix == ".xlsx" else ""
    click.echo(
        f"{n} rows to mend are written to {out}{cut}. It holds them as they came, names too: delete it when it is mended and sent.",
        err=True,
    )


def print_report(report: Any, path: Path, db: Path) -> None:
    """What became of every row of one file, in words."""
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
    file = (
        shlex.quote(str(path)) if r.file == path.name else "FILE"
    )  # its name is not shown where it says who somebody is
    click.echo(f"    feedback analyse {file}{where}{maps} --dry-run")
    if any("--map" in ask and "very_good" in ask for ask in r.asks):
        click.echo("    … with --rating-best 1 or --rating-best 5, so that the ratings are read too")


@main.command()
@db_option
@click.option("--forget", type=int, metavar="N", help="Read the files of that source by evidence again.")
@json_option
def mappings(db: Path, forget: int | None, as_json: bool) -> None:
    """List how people said the files of a source are to be read, or forget one.

    \b
    feedback mappings
    feedback mappings --forget 2
    """
    from feedback.store import open_store

    must_exist(db)
    with open_store(db) as store:
        if forget is not None:
            store.forget_mapping(forget)
            click.echo(
                f"Mapping {forget} is forgotten: files with those headings are read by evidence again.", err=True
            )
        found = store.mappings()
    if as_json:
        print_json([{"number": m.number, "mapping": m.mapping, "by": m.by, "at": m.at} for m in found])
        return
    rows = [
        ("; ".join(f"{name}: {_words(value)}" for name, value in m.mapping.items()), m.number, m.at[:10]) for m in found
    ]
    print_table(("columns", "number", "confirmed"), rows)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


@main.command()
@db_option
@json_option
def batches(db: Path, as_json: bool) -> None:
    """List what has been uploaded."""
    from dataclasses import asdict

    from feedback.store import open_store

    with open_store(db) as store:
        found = store.batches()
    if as_json:
        print_json([asdict(b) for b in found])
        return
    print_table(
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


@main.command()
@click.argument("batch", type=int)
@click.option("--by", default="", help="Your name, for the receipt.")
@click.option("--reason", default="", help="Why, for the receipt; without a person's name.")
@click.option(
    "--flags-dealt-with", is_flag=True, help="The safety flags that nobody has decided about have been dealt with."
)
@db_option
def rollback(batch: int, by: str, reason: str, flags_dealt_with: bool, db: Path) -> None:
    """Remove a batch as if it had never been uploaded; what another batch also brought stays.

    With safety flags that nobody has decided about it is refused until you say that they have been dealt with, who you are and why.

    \b
    feedback rollback 3 --by "A. Manager" --reason "sent twice"
    feedback rollback 3 --flags-dealt-with --by "A. Manager" --reason "the team saw both comments on the day"
    """
    from feedback.store import open_store
    from feedback.undecided import said

    must_exist(db)
    if reason.strip():
        from feedback.redact import Redactor
        from feedback.settings import Settings
        from feedback.taxonomy import load_taxonomy

        ((reason, _),) = Redactor(load_taxonomy(Settings().data)).redact([reason])
    with open_store(db) as store:
        removed = store.rollback(batch, by=by, reason=reason, flags_dealt_with=flags_dealt_with)
        receipt = store.batch(batch).taken_back
        traces = store.has_traces
    signed = f" by {receipt.by}" if receipt and receipt.by else ""
    click.echo(f"Batch {batch} is taken back{signed}: {removed} comments removed.")
    if receipt and receipt.flags:
        click.echo(f"Safety flags that nobody had decided about went with them: {said(receipt.flags)}.")
    if traces:
        click.echo(
            "Bytes of their words are still in the database's file, because another program holds it open or the disk is full: "
            "end that, then run `feedback erase finish`.",
            err=True,
        )
