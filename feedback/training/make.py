"""Make the models asked for: all of them in two lines side by side, since two trainings on a core each beat one on both by two fifths."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

from feedback.correct import Corrected
from feedback.settings import Settings

LINES = (("reader",), ("placer", "guard"))  # they take about as long as each other
# The signal model learns from what reader and guard hear, so each pair has its own.
HEARD_BY_SIGNAL = ("reader", "guard")


def make(asked: str, folder: Path, corrections: Sequence[Corrected] = ()) -> Iterator[dict[str, Any]]:
    """Make one model (reader and guard: and the signal model) or "all", and yield what the manifest of each says, as each line is done.

    A line that fails leaves the other to end; its error is raised then.
    """
    if asked != "all":
        yield from _in_turn((asked, "signal") if asked in HEARD_BY_SIGNAL else (asked,), folder, corrections)
        return
    cores = max(1, (os.cpu_count() or 2) // len(LINES))
    # New processes, not forks: PyTorch's threads do not outlive one.
    with ProcessPoolExecutor(len(LINES), get_context("spawn"), initializer=_keep_to, initargs=(cores,)) as pool:
        for line in as_completed([pool.submit(_in_turn, line, folder, corrections) for line in LINES]):
            yield from line.result()
    yield from _in_turn(("signal",), folder, ())


def _keep_to(cores: int) -> None:
    import torch

    end_with_parent()
    torch.set_num_threads(cores)


def end_with_parent() -> None:
    """End this process as soon as the one that started it is gone: else a training that was killed goes on for an hour, unseen."""
    Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_turn(models: Sequence[str], folder: Path, corrections: Sequence[Corrected]) -> list[dict[str, Any]]:
    from feedback.taxonomy import load_taxonomy
    from feedback.training.guard import train_guard
    from feedback.training.placer import train_placer
    from feedback.training.reader import train
    from feedback.training.signal import train_signals

    settings = Settings()
    taxonomy = load_taxonomy(settings.data)
    made = []
    for model in models:
        out = settings.models / model
        if model == "reader":
            made.append(train(folder, out, taxonomy, data=settings.data, corrections=corrections))
        elif model == "placer":
            made.append(train_placer(folder, out, taxonomy, data=settings.data, corrections=corrections))
        elif model == "guard":
            made.append(train_guard(folder, out, taxonomy, data=settings.data))
        else:
            made.append(train_signals(folder, settings.models, data=settings.data))
    return made
