"""Write what leaves the screen: `report`, `export`."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import asking, db_option, filter_options, json_option, main, print_json, with_evidence
from feedback.errors import BadInput

if TYPE_CHECKING:
    from feedback.query import Filters


MOST_DIFFERENCES = 20  # figures listed; a screen holds no more


def document_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--format` and `--out` of a document."""
    out = click.option(
        "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; needed for docx."
    )
    form = click.option(
        "--format", "form", type=click.Choice(["docx", "html", "md", "json"]), help="By default that of --out, or md."
    )
    return form(out(function))


@main.command()
@filter_options
@click.option("--outcome", help="An outcome, by its id.")
@click.option("--supporting", help="A supporting strategy, by its id.")
@click.option("--board", is_flag=True, help="The summary for the board: all objectives and values.")
@document_options
@click.option(
    "--verify",
    "verified",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Check a document made before: was it changed, and are the figures the same today?",
)
@json_option
@db_option
def report(
    filters: "Filters",
    outcome: str | None,
    supporting: str | None,
    board: bool,
    form: Any,
    out: Path | None,
    verified: Path | None,
    as_json: bool,
    db: Path,
) -> None:
    """A document on one objective, value, statement, outcome, supporting strategy, service or programme, or the board summary, to take to a meeting.

    \b
    feedback report --service podiatry --out podiatry.docx
    feedback report --objective ID --format html > objective.html
    feedback report --board --out board.docx
    feedback report --verify podiatry.docx
    """
    from feedback.filters import Filters as NoFilters

    filters = with_evidence(filters, outcome, supporting)
    if verified:
        if board or form or out or filters != NoFilters():
            raise BadInput("A file is verified by what it says of itself; give --verify FILE alone.")
        _verify(verified, db, as_json)
        return
    from feedback.documents.report import report as written
    from feedback.query import EVERYTHING

    form = form_of(form, out, as_json=as_json)
    conn, taxonomy = asking(db)
    hand_out(written(conn, taxonomy, filters, EVERYTHING, form, board=board), out)


def hand_out(content: bytes, out: Path | None) -> None:
    """Write a document to its file, or print it where there is none. Raises BadInput."""
    from feedback.settings import Settings

    if out is None:
        click.echo(content.decode())
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}); name another file with --out.") from None
    click.echo(f"Written to {out}. Check it later with: feedback report --verify {shlex.quote(str(out))}", err=True)
    if not Settings().has_address:
        click.echo(
            "Citations in it are no links, as nobody has said where the pages are served: set FEEDBACK_ADDRESS, as in "
            "https://feedback.example.nhs.uk, and make it again.",
            err=True,
        )


def form_of(given: Any, out: Path | None, *, as_json: bool = False) -> Any:
    """The form of a document: as given, else by the name of its file. Raises BadInput where neither says, or Word has no file."""
    from feedback.documents.asked import FORMS

    ending = "json" if as_json else out.suffix.lower().lstrip(".") if out else "md"
    form = given or ending
    if form not in FORMS:
        raise BadInput(f"Nothing says what {out} is to be: end its name in .{', .'.join(FORMS)}, or give --format.")
    if form == "docx" and out is None:
        raise BadInput("A Word document needs a file to be written to: give --out FILE.docx.")
    return form


def _verify(file: Path, db: Path, as_json: bool) -> None:
    """Say what is found of a file; exit 1 where it does not hold."""
    from feedback.documents.files import LARGEST, read_file
    from feedback.documents.verify import verify_file
    from feedback.query import EVERYTHING
    from feedback.settings import Settings
    from feedback.taxonomy import load_taxonomy

    with file.open("rb") as opened:
        carried = read_file(opened.read(LARGEST + 1))
    conn, _ = asking(db)
    found = verify_file(conn, load_taxonomy(Settings().data), carried, EVERYTHING)
    if as_json:
        print_json(found.as_dict())
    else:
        click.echo(f"{file}: {found.record.title}")
        for sentence in found.sentences:
            click.echo(f"  {sentence}")
        for line in found.altered[:MOST_DIFFERENCES]:
            click.echo(
                f"  - It says: {line.now or '(nothing)'}\n    Written was: {line.then or 'another line, or none'}"
            )
        for one in found.differences[:MOST_DIFFERENCES]:
            click.echo(f"  - {one.figure}: {one.then or 'not there'} then, {one.now or 'not there'} now")
        if len(found.differences) > MOST_DIFFERENCES:
            click.echo(f"  … and {len(found.differences) - MOST_DIFFERENCES} more; --json lists all.")
    if not found.holds:
        raise click.exceptions.Exit(1)


@main.command()
@filter_options
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv", "xlsx", "parquet"]), default="jsonl", show_default=True
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; needed for xlsx and parquet."
)
@click.option(
    "--for-publication",
    is_flag=True,
    help="Months instead of days, no words that could tell who wrote them although names are hidden, nothing of what was flagged.",
)
@db_option
def export(filters: "Filters", form: Any, out: Path | None, for_publication: bool, db: Path) -> None:
    """Analysed comments under the same filters.

    \b
    feedback export --service podiatry --format xlsx --out podiatry.xlsx
    """
    from feedback.disclosure import Disclosure
    from feedback.export import export as write
    from feedback.query import EVERYTHING

    conn, taxonomy = asking(db)
    publication = Disclosure(conn, taxonomy) if for_publication else None
    n = write(conn, taxonomy, filters, EVERYTHING, form, out, publication=publication)
    if out:
        click.echo(f"{n} comments written to {out}", err=True)
    if publication:
        click.echo(
            f"The words of {publication.withheld} are withheld. They could tell who wrote them. Left out altogether: "
            f"{publication.undecided} with a safety flag that nobody has decided about, {publication.unread} that nobody has read, "
            "for they wait for translation. The risk is lower, not gone: read before you publish.",
            err=True,
        )
