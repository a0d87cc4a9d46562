"""Write what leaves the screen: `report`, `export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import asking, db_option, filter_options, main, print_json

if TYPE_CHECKING:
    from feedback.query import Filters


@main.command()
@filter_options
@click.option("--format", "form", type=click.Choice(["md", "json"]), default="md", show_default=True)
@db_option
def report(filters: "Filters", form: str, db: Path) -> None:
    """A document on one objective, value, statement or service, to take to a meeting.

    \b
    feedback report --service podiatry > podiatry.md
    feedback report --objective O3 --format json
    """
    from feedback.query import EVERYTHING
    from feedback.report import report_markdown, report_record

    conn, taxonomy = asking(db)
    if form == "json":
        print_json(report_record(conn, taxonomy, filters, EVERYTHING))
    else:
        click.echo(report_markdown(conn, taxonomy, filters, EVERYTHING))


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
    help="Months instead of days, and no words that could tell who wrote them although names are hidden.",
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
            f"The words of {publication.withheld} are withheld. This lowers the risk and ends it not: read before you publish.",
            err=True,
        )
