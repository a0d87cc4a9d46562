"""Time the shipped system as a whole on this machine, and put the figures into the README.

The comments are the invented sample, several times over with a word put to each so that no two are alike, and, where the folder of
labelled files is given, the public comments, which are half as long. Run on a machine at rest: a busy one can be several times
slower, and the figures say so by nothing but being worse.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.clean import question_kind
from feedback.comment import RawComment
from feedback.settings import ROOT, SAMPLE

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline
    from feedback.redact import Redactor

README = ROOT / "README.md"
BEGIN, END = "<!-- bench: written by `make bench` -->", "<!-- end of bench -->"
READY = "from feedback.comment import RawComment; from feedback.pipeline import load_pipeline; list(load_pipeline().analyse([RawComment(text=input(), id='1')]))"
ASKED = {"what_good": "What was good?", "could_improve": "How could we improve?", "nonspecific": None}
MARKS = ("indeed", "truly", "so", "then")  # a word, not a number, which redaction would stop to look at


def main() -> None:
    """Measure, print the tables, and write them into the README. The first argument is the folder of labelled files, if any."""
    batches = {"sample comments": _comments()}
    if len(sys.argv) > 1:
        batches["public comments"] = _public(Path(sys.argv[1]))
    table = "\n".join([*_speeds(batches), "", *_moments()])
    print(table)
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def _speeds(batches: dict[str, list[RawComment]]) -> list[str]:
    """A table of comments a second: a column for each batch."""
    from feedback.pipeline import load_pipeline
    from feedback.redact import Redactor

    pipeline = load_pipeline()
    redactor = Redactor(pipeline.taxonomy)
    list(pipeline.analyse(_comments()[:32]))
    figures: dict[str, list[float]] = {}
    for raws in batches.values():
        for name, (count, job) in _work(raws, pipeline, redactor).items():
            figures.setdefault(name, []).append(count / _seconds(job))
    cores = len(os.sched_getaffinity(0))
    names = [f"{len(raws):,} {name}" for name, raws in batches.items()]
    return [
        f"| comments a second, on {cores} cores | {' | '.join(names)} |",
        "| --- |" + " ---: |" * len(names),
        *(f"| {name} | {' | '.join(f'{speed:,.0f}' for speed in speeds)} |" for name, speeds in figures.items()),
    ]


def _work(
    raws: list[RawComment], pipeline: "Pipeline", redactor: "Redactor"
) -> dict[str, tuple[int, Callable[[], object]]]:
    """What is timed, by name: how many comments it reads, and the work."""
    from feedback.segment import segment

    texts = [raw.text for raw in raws]
    plain = [text for text, (_, hidden) in zip(texts, redactor.redact(texts), strict=True) if not hidden]
    clauses = [segment(text) for text in texts]
    kinds = [question_kind(raw.question) for raw in raws]
    return {
        "whole pipeline, with redaction": (len(raws), lambda: list(pipeline.analyse(raws))),
        "redaction alone": (len(texts), lambda: redactor.redact(texts)),
        "the same, of those with nothing to hide": (len(plain), lambda: redactor.redact(plain)),
        "the reader alone (themes, sentiment, values, objectives, statements; comments and their clauses)": (
            len(texts),
            lambda: pipeline.reader.read(texts, kinds, clauses),
        ),
    }


def _moments() -> list[str]:
    """A table of how long a user waits, and of the memory at its peak."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", READY], input="Kind staff.", text=True, check=True, capture_output=True)
    ready = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    first, again = _first_page()
    return [
        "| waiting | |",
        "| --- | ---: |",
        f"| start-up to the first result | {ready:.1f} s |",
        f"| `feedback --help` | {_help():.2f} s |",
        f"| first page after start-up, and again | {first:.2f} s, {again:.2f} s |",
        f"| memory at its peak | {peak:.2f} GB |",
    ]


def _comments() -> list[RawComment]:
    import csv

    with SAMPLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        RawComment(
            text=f"{row['Comment']} {n}",
            id=f"{n}-{row['Comment ID']}",
            question=row["Question"],
            services=(row["Team"],),
        )
        for n in range(len(MARKS))
        for row in rows
    ]


def _public(folder: Path) -> list[RawComment]:
    from feedback.taxonomy import load_taxonomy
    from feedback.training.labelled import load_examples

    return [RawComment(text=e.text, id=e.id, question=ASKED[e.kind]) for e in load_examples(folder, load_taxonomy())]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _help() -> float:
    command = [str(Path(sys.executable).parent / "feedback"), "--help"]
    times = [_seconds(lambda: subprocess.run(command, capture_output=True, check=True)) for _ in range(4)]
    return min(times[1:])


def _first_page() -> tuple[float, float]:
    from fastapi.testclient import TestClient

    from api.app import make_app
    from feedback.batches.intake import analyse_file
    from feedback.pipeline import load_pipeline
    from feedback.store import open_store

    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "sample.db"
        with open_store(db) as store:
            analyse_file(SAMPLE, store, load_pipeline())
        with TestClient(make_app(db)) as client:
            first, again = (_seconds(lambda: client.get("/").raise_for_status()) for _ in range(2))
        return first, again


if __name__ == "__main__":
    main()
