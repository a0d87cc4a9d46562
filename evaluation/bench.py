"""Time the shipped system as a whole on this machine, and put the figures into the README.

The comments are the invented sample, several times over with a word put to each so that no two are alike. Run on a machine
at rest: a busy one can be several times slower, and the figures say so by nothing but being worse.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from feedback.comment import RawComment
from feedback.settings import ROOT, SAMPLE

README = ROOT / "README.md"
BEGIN, END = "<!-- bench: written by `make bench` -->", "<!-- end of bench -->"
MARKS = ("indeed", "truly", "so", "then")  # a word, not a number, which redaction would stop to look at


def main() -> None:
    """Measure, print the table, and write it into the README."""
    figures = measure()
    cores = len(os.sched_getaffinity(0))
    lines = [f"| on {cores} cores, {len(_comments())} sample comments | |", "| --- | ---: |"]
    lines += [f"| {name} | {figure} |" for name, figure in figures.items()]
    table = "\n".join(lines)
    print(table)
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def measure() -> dict[str, str]:
    """Each figure by its name, as the README shows it."""
    from feedback.pipeline import load_pipeline
    from feedback.redact import Redactor
    from feedback.segment import segment

    started = time.perf_counter()
    pipeline = load_pipeline()
    list(pipeline.analyse(_comments()[:32]))
    ready = time.perf_counter() - started
    raws = _comments()
    whole = _seconds(lambda: list(pipeline.analyse(raws)))
    texts = [raw.text for raw in raws]
    redactor = Redactor(pipeline.taxonomy)
    redactor.redact(texts[:50])
    redaction = _seconds(lambda: redactor.redact(texts))
    clauses = [segment(text) for text in texts]
    reader = pipeline.reader
    reading = _seconds(lambda: reader.read(texts, ["nonspecific"] * len(texts), clauses))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    return {
        "whole pipeline, with redaction": f"{len(raws) / whole:,.0f} comments a second",
        "redaction alone": f"{len(raws) / redaction:,.0f} comments a second",
        "the reader alone (themes, sentiment, values, objectives; comments and their clauses)": f"{len(raws) / reading:,.0f} comments a second",
        "start-up to the first results": f"{ready:.1f} s",
        "memory at its peak": f"{peak:.2f} GB",
        "`feedback --help`": f"{_help():.2f} s",
        "first page after start-up, and again": "{:.2f} s, {:.2f} s".format(*_first_page()),
    }


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
