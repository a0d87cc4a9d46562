"""Serve the pages and the API: `serve`, `demo`."""

from pathlib import Path

import click

from feedback.cli.batches import print_report
from feedback.cli.command import db_option, main, progress


@main.command()
@db_option
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(db: Path, port: int) -> None:
    """Serve the pages and the API on this machine alone, until stopped."""
    _serve(db, port)


@main.command()
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), default=Path("demo.db"), show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def demo(db: Path, port: int) -> None:
    """Analyse the invented sample batch, once, and serve it."""
    from feedback.batches.intake import analyse_file
    from feedback.pipeline import load_pipeline
    from feedback.settings import SAMPLE
    from feedback.store import open_store

    with open_store(db) as store:
        if not store.batches():
            click.echo("Analysing the invented sample batch …", err=True)
            with progress(SAMPLE.name) as moved:
                print_report(analyse_file(SAMPLE, store, load_pipeline(), progress=moved), SAMPLE, db)
    _serve(db, port)


def _serve(db: Path, port: int) -> None:
    import uvicorn

    from api.app import make_app

    click.echo(
        f"Serving {db} on http://127.0.0.1:{port} (this machine only; there are no accounts yet). Stop with Ctrl+C."
    )
    uvicorn.run(make_app(db, look_ahead=True), host="127.0.0.1", port=port, log_level="warning", access_log=False)
