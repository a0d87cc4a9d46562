"""Make the models and measure them: `train`, `evaluate`."""

from pathlib import Path

import click

from feedback.cli.command import main, print_json


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
    from feedback.training.guard import train_guard
    from feedback.training.placer import train_placer
    from feedback.training.reader import train as fit
    from feedback.training.signal import train_signals

    settings = Settings()
    taxonomy = load_taxonomy(settings.data)
    said = []
    if corrected_in:
        with closing(open_reader(corrected_in)) as conn:
            said = list(corrected(conn))
    if model in ("reader", "all"):
        print_json(fit(data, settings.models / "reader", taxonomy, data=settings.data, corrections=said))
    if model in ("placer", "all"):
        placer = settings.models / "placer"
        print_json(train_placer(data, placer, taxonomy, data=settings.data, corrections=said))
    if model in ("guard", "all"):
        print_json(train_guard(data, settings.models / "guard", taxonomy, data=settings.data))
    if model in ("guard", "signal", "all"):
        print_json(train_signals(data, settings.models, data=settings.data))


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
