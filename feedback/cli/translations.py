"""Put comments in other languages back with their translation: `translations`, `translate`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedback.cli.command import (
    asking,
    db_option,
    fields,
    filter_options,
    json_option,
    main,
    must_exist,
    print_json,
    print_table,
)
from feedback.errors import BadInput

if TYPE_CHECKING:
    from feedback.query import Filters

LISTED = 50  # of each list; the sheet and the API have all


@main.command("translations")
@filter_options
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT.csv",
    help="Write those that wait, with their words, for a translator to fill in.",
)
@db_option
@json_option
def listed(filters: "Filters", out: Path | None, db: Path, as_json: bool) -> None:
    """List the comments that wait for a translation, the longest waiting first, and those that have one.

    \b
    feedback translations
    feedback translations --out to_translate.csv      (fill in the last column, then `feedback translate --file`)
    """
    from feedback.query import EVERYTHING
    from feedback.translation import all_held, translated, write_sheet

    conn, taxonomy = asking(db)
    waiting = all_held(conn, taxonomy, filters, EVERYTHING)
    if out:
        _write(out, write_sheet(waiting))
        click.echo(
            f"{out}: {len(waiting)} comments to translate. Their words are in it, so send it by a safe way.", err=True
        )
        return
    done = translated(conn, taxonomy, filters, EVERYTHING, limit=LISTED)
    if as_json:
        print_json(
            {
                "waiting": [fields(one) for one in waiting],
                "translated": [{"citation": citation, **fields(one)} for citation, one in done],
            }
        )
        return
    click.echo(f"{len(waiting)} comments wait for a translation: nobody has read them, so any of them may be urgent.")
    if waiting:
        print_table(
            ("comment", "language", "came in"), ((w.citation, w.language, w.stored_at[:10]) for w in waiting[:LISTED])
        )
    if done:
        click.echo("")
        print_table(
            ("comment", "from", "by", "on"), ((c, _from(t.language, t.as_it_stands), t.by, t.at[:10]) for c, t in done)
        )


@main.command()
@click.argument("comment", required=False)
@click.argument("words", required=False)
@click.option("--by", default="", help="Who translated it.")
@click.option("--as-it-stands", is_flag=True, help="It is English already: read it as it stands.")
@click.option("--undo", is_flag=True, help="Take the translation back; the comment is held again in its own words.")
@click.option(
    "--file",
    "sheet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A list of `feedback translations --out`, filled in.",
)
@db_option
@json_option
def translate(
    comment: str | None,
    words: str | None,
    by: str,
    as_it_stands: bool,
    undo: bool,
    sheet: Path | None,
    db: Path,
    as_json: bool,
) -> None:
    """Say in English what a comment in another language says; it is then read like any other, and its own words are kept.

    WORDS of "-" are read from the standard input, which leaves them out of the shell's history. Names in them are hidden.

    \b
    feedback translate HW-2026-000123 "The nurse was kind, but nobody rang back." --by "A. Interpreter"
    feedback translate HW-2026-000123 - --by "A. Interpreter" < translation.txt
    feedback translate --file to_translate.csv --by "A. Interpreter"
    feedback translate HW-2026-000123 --undo --by "A. Lead"
    """
    from feedback.pipeline import load_pipeline
    from feedback.store import open_store
    from feedback.translation import Given, read_sheet, take_back
    from feedback.translation import translate as put_in

    ways = [words is not None, as_it_stands, undo, sheet is not None]
    if sum(ways) != 1 or (comment is None) != (sheet is not None):
        raise click.UsageError(
            "Give a COMMENT with its WORDS in English, with --as-it-stands or with --undo; or a list with --file."
        )
    if not by.strip():
        raise BadInput("A translation is signed: give a name with --by.")
    must_exist(db)
    if words == "-":
        words = sys.stdin.read()
    given = read_sheet(sheet) if sheet else (Given(comment or "", words),)
    pipeline = load_pipeline()
    with open_store(db) as store:
        if undo:
            citation = take_back(store, pipeline, comment or "", by=by)
            done: tuple[str, ...] = (citation,)
        else:
            done = put_in(store, pipeline, given, by=by)
    if as_json:
        print_json({"comments": list(done), "held": undo})
    elif undo:
        click.echo(f"{done[0]} is held again in its own words; its translation is kept in its history.")
    else:
        what = f"{done[0]} is" if len(done) == 1 else f"{len(done)} comments are"
        click.echo(f"{what} read in English now. What cannot wait is on the safety queue: `feedback signals digest`.")


def _from(language: str, as_it_stands: bool) -> str:
    return f"{language}, English as it stands" if as_it_stands else language


def _write(out: Path, text: str) -> None:
    """Write a file that only this account can read, for it holds words."""
    import os

    try:
        out.unlink(missing_ok=True)  # its rights would stay otherwise
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}); name another place with --out.") from None
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        file.write(text)
