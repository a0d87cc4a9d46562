"""Make the models and measure them: `train`, `evaluate`."""

from pathlib import Path

import click

from feedback.cli.command import main, print_json


@main.command()
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder of labelled comments."
)
@click.option(
    "--model",
    type=click.Choice(["reader", "placer", "guard", "signal", "all"]),
    default="all",
    show_default=True,
    help="Make this one alone; reader and guard make the signal model too, which learns from what they hear.",
)
@click.option(
    "--with-corrections",
    "corrected_in",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="DB",
    help="Learn also from what people corrected in this database: themes, sentiment, services.",
)
def train(data: Path, model: str, corrected_in: Path | None) -> None:
    """Make the models anew from labelled comments, and put them in the place of those in use.

    There are four: the reader (clauses, themes, sentiment, values, objectives), the placer (services, and who speaks), the guard (names
    of people) and the signal model (what cannot wait). Two are made at a time, each on half of the cores: on two free cores
    something over an hour for all four, the reader as long as placer and guard together, the signal model, which is made last,
    a minute. A graphics card is not needed.

    Each model is built beside the old one and takes its place in the folder of the models (FEEDBACK_MODELS, `models` if that is not set)
    when it is ready, so a run that is stopped leaves the old one in use. Copy that folder first if you may want the old models back.
    Then `feedback reanalyse` reads the stored comments with the new ones, and `feedback evaluate` measures them.

    The folder given with --data holds the published files that data/README.md names. To teach the models your own comments, correct them (`feedback
    correct`, or on a comment's page) and give the database with --with-corrections: what people said of themes and sentiment counts as
    much as the published labels, and services are learnt too.

    It runs in the training environment, which `make train LABELLED=DIR` sets up.

    \b
    .venv-train/bin/feedback train --data ../labelled
    .venv-train/bin/feedback train --data ../labelled --model reader --with-corrections feedback.db
    """
    from contextlib import closing

    from feedback.correct import corrected
    from feedback.store import open_reader
    from feedback.training.make import make

    said = []
    if corrected_in:
        with closing(open_reader(corrected_in)) as conn:
            said = list(corrected(conn))
    for made in make(model, data, said):
        print_json(made)


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
