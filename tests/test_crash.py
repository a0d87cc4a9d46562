"""Killed at any moment and started again, an analysis ends as if nothing had happened: nothing lost, nothing double.

Each try is a real process that runs `feedback analyse` on a real database with the shipped pipeline. Loading that takes
seconds, so it is loaded once here and each try is a fork of this process. FEEDBACK_KILLS sets how often one is killed (100).
"""

import copy
import csv
import json
import os
import random
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import feedback.pipeline
from feedback.batches import intake
from feedback.cli import main
from feedback.comment import RawComment
from feedback.errors import NotFound
from feedback.language import detect_language
from feedback.models.encode import Encoder
from feedback.pipeline import Pipeline
from feedback.settings import MODELS
from feedback.store import open_store

KILLS = int(os.environ.get("FEEDBACK_KILLS", "100"))
ROWS = 400
SAID = (
    "Kind staff.", "Good", "N/A", "Late again.", "Nobody rang back", "Lovely nurses, cold tea", "Very good, thank you.",
    "=1+1 was the queue", "Ring Joanna Example on 07700 900123", "Bardzo dziękuję wszystkim pracownikom za opiekę.",
    'The "quiet" room\nwas loud', "Café's tea — good", "", " ", ".",
)  # fmt: skip
TEAMS = ("Podiatry", "Willow Ward", "Moon Clinic", "Community hospital / Tenbury")
DAYS = ("03/02/2026", "17/02/2026", "45/04/2026", "", "28/02/2026", "next week", "9 March 2026")
ANSWERS = ("Very good", "Good", "Poor", "Don't know", "", "Bannana")
HEADINGS = ("Date", "Team", "What did we do well?", "What could we do better?", "Overall experience", "Name")
# The models flag some of the sentences below: to take them back is signed.
DEALT_WITH = {"by": "A. Manager", "reason": "sent twice", "flags_dealt_with": True}
# Everything that an analysis leaves behind, but the times at which it did.
LEFT = (
    'SELECT number, id, citation, hex("key"), text, question, date, date_precision, fft, language, contentless, redactions,'
    " service_text, respondent_cell, respondent_key, versions, sentiment, scale, respondent FROM comments",
    "SELECT * FROM findings",
    "SELECT * FROM batch_comments",
    "SELECT * FROM batch_counted",
    "SELECT * FROM notices",
    "SELECT * FROM service_texts",
    "SELECT * FROM versions",
    'SELECT comment, signal, severity, score, start, "end", "by" FROM flags',
    "SELECT id, sha256, state, position, empty, duplicates, counts, column_map, decisions, versions, headings FROM batches",
    "SELECT rowid, text FROM comments_fts",
)


@pytest.fixture(scope="module", autouse=True)
def ready(pipeline: Pipeline) -> None:
    """The pipeline that every fork uses: its encoder has no threads of its own, since threads do not outlive a fork."""
    single = copy.copy(pipeline)
    single.reader = copy.copy(pipeline.reader)
    folder = MODELS / "reader"
    single.reader._encoder = Encoder(folder / "encoder.onnx", folder / "tokenizer.json", threads=1)
    # What is loaded only when a text calls for it is loaded before the forks as well.
    list(single.analyse([RawComment(f"{said} 1") for said in SAID]))
    before, part = feedback.pipeline.load_pipeline, intake.PART
    feedback.pipeline.load_pipeline = lambda *_: single
    intake.PART = 24  # so that a small file has as many parts as a large one
    yield  # type: ignore[misc]
    feedback.pipeline.load_pipeline, intake.PART = before, part


def messy_rows(seed: int, n: int = ROWS) -> list[list[str]]:
    draw = random.Random(seed)
    rows = []
    for number in range(n):
        if rows and draw.random() < 0.05:
            rows.append(list(draw.choice(rows)))
            continue
        said = [draw.choice(SAID) + (f" {number % 29}" if draw.random() < 0.1 else "") for _ in range(2)]
        row = [draw.choice(DAYS), draw.choice(TEAMS), *said, draw.choice(ANSWERS), f"Person {number}"]
        if draw.random() < 0.03:
            row += ["and", "more"]  # a delimiter inside a cell has moved those after it
        rows.append([""] * 6 if draw.random() < 0.03 else row)
    return rows


def write_file(folder: Path, seed: int, n: int = ROWS) -> Path:
    rows = messy_rows(seed, n)
    kind = ("csv", "cp1252", "jsonl", "csv", "utf-16", "jsonl", "xlsx")[seed % 7]
    path = folder / f"{seed}-{kind}.{'csv' if kind in ('cp1252', 'utf-16') else kind}"
    if kind == "jsonl":
        lines = [json.dumps(dict(zip(HEADINGS, row, strict=False))) for row in rows]
        lines[5] = lines[5][:20]  # broken off
        path.write_text("\n".join(lines), encoding="utf-8")
    elif kind == "xlsx":
        from openpyxl import Workbook

        book = Workbook()
        for row in (list(HEADINGS), *rows):
            book.active.append([cell.replace("=", "") or None for cell in row])
        book.save(path)
    else:
        encoding = "utf-8" if kind == "csv" else kind
        with path.open("w", newline="", encoding=encoding, errors="replace") as file:
            csv.writer(file, delimiter=";" if kind == "cp1252" else ",").writerows([HEADINGS, *rows])
    return path


def left(db: Path) -> dict[str, list[tuple[object, ...]]]:
    """What stands in a database, in one order."""
    conn = sqlite3.connect(db)
    try:
        return {sql: sorted(conn.execute(sql).fetchall(), key=repr) for sql in LEFT}
    finally:
        conn.close()


def state_of(db: Path, batch: int = 1) -> str | None:
    conn = sqlite3.connect(db)
    try:
        return next((state for (state,) in conn.execute("SELECT state FROM batches WHERE id = ?", (batch,))), None)
    finally:
        conn.close()


def fork(run: Callable[[], object], errors: Path | None = None) -> int:
    """Run something in a process of its own, silent but for the refusals in `errors`; it exits 0, or 1 on a refusal."""
    pid = os.fork()
    if pid:
        return pid
    try:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  # for as long as the process lives
        sys.stderr = open(errors or os.devnull, "a", encoding="utf-8", buffering=1)  # noqa: SIM115, PTH123
        run()
    except SystemExit as end:
        os._exit(int(end.code or 0))
    except BaseException:
        os._exit(99)
    os._exit(0)


def analyse(path: Path, db: Path) -> Callable[[], object]:
    return lambda: main(["analyse", str(path), "--db", str(db)])


def end_of(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def kill_after(seconds: float, pid: int) -> bool:
    """Kill a process after a while; whether it was still running then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0
            return False
        time.sleep(min(0.002, max(0.0, deadline - time.monotonic())))
    os.kill(pid, signal.SIGKILL)
    return end_of(pid) == -signal.SIGKILL


def new_database(folder: Path, name: str = "seed.db") -> Path:
    """An empty database; copies of it have one secret, so that the same comments have the same keys."""
    with open_store(folder / name) as store:
        store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / name


def copy_of(seed: Path, name: str) -> Path:
    """The database under another name, as it is on disk."""
    there = seed.with_name(name)
    there.write_bytes(seed.read_bytes())
    return there


@pytest.mark.slow
def test_killed_a_hundred_times_the_database_is_what_it_would_have_been(tmp_path: Path) -> None:
    moments = random.Random(20261122)
    kills = files = 0
    resumed = 0
    while kills < KILLS:
        path = write_file(tmp_path, files)
        seed = new_database(tmp_path, f"{files}.db")
        whole, killed = copy_of(seed, f"{files}-whole.db"), copy_of(seed, f"{files}-killed.db")
        started = time.monotonic()
        assert end_of(fork(analyse(path, whole))) == 0
        length = time.monotonic() - started
        # Started again it goes on where it was, so moments spread over an eighth of the run come to lie anywhere in it.
        while state_of(killed) != "finished":
            if kill_after(moments.uniform(0, length / 8), fork(analyse(path, killed))):
                kills += 1
                resumed += state_of(killed) == "running"
        assert left(killed) == left(whole), path.name
        files += 1
    assert resumed > KILLS / 4


def test_a_crash_between_the_beginning_of_a_batch_and_its_first_part_is_gone_on_from(tmp_path: Path) -> None:
    path, seed = write_file(tmp_path, 0, 60), new_database(tmp_path)
    whole, broken = copy_of(seed, "whole.db"), copy_of(seed, "broken.db")
    assert end_of(fork(analyse(path, whole))) == 0

    def begin_and_die() -> None:
        with open_store(broken) as store:
            reached = store.add
            store.add = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign, assignment]
            intake.analyse_file(path, store, feedback.pipeline.load_pipeline())
            store.add = reached  # type: ignore[method-assign]

    assert end_of(fork(begin_and_die)) == -signal.SIGKILL
    assert state_of(broken) == "running"
    assert end_of(fork(analyse(path, broken))) == 0
    assert left(broken) == left(whole)


def test_a_full_disk_is_a_sentence_and_the_next_run_completes(tmp_path: Path) -> None:
    path, seed = write_file(tmp_path, 1, 200), new_database(tmp_path)
    whole, full = copy_of(seed, "whole.db"), copy_of(seed, "full.db")
    assert end_of(fork(analyse(path, whole))) == 0

    def in_little_room() -> None:
        assert (
            detect_language("Bardzo dziękuję wszystkim pracownikom za opiekę.") == "pl"
        )  # what tells languages unpacks its own file
        # No file may grow beyond this: what a disk with so much left would do.
        most = full.stat().st_size + 300_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        analyse(path, full)()

    assert end_of(fork(in_little_room, tmp_path / "said.txt")) == 1
    said = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert "the disk is full or failing; make room and start again, nothing is lost" in said
    assert "Traceback" not in said
    assert state_of(full) == "running"
    assert end_of(fork(analyse(path, full))) == 0
    assert left(full) == left(whole)


def test_two_processes_with_the_same_file_at_once_come_to_one_result(tmp_path: Path) -> None:
    path, seed = write_file(tmp_path, 2, 120), new_database(tmp_path)
    whole, shared = copy_of(seed, "whole.db"), copy_of(seed, "shared.db")
    assert end_of(fork(analyse(path, whole))) == 0
    both = [fork(analyse(path, shared), tmp_path / f"said-{n}.txt") for n in range(2)]
    ends = sorted(end_of(pid) for pid in both)
    assert ends in ([0, 0], [0, 1])
    if ends == [0, 1]:
        said = "".join((tmp_path / f"said-{n}.txt").read_text(encoding="utf-8") for n in range(2))
        assert "by another process; wait until that is done, then start the file again" in said
        assert left(shared) == left(whole)
    else:  # one came only when the other was done
        assert left(shared)[LEFT[0]] == left(whole)[LEFT[0]]


def test_a_rollback_while_a_file_is_read_leaves_nothing_of_it(tmp_path: Path) -> None:
    path, db = write_file(tmp_path, 3), new_database(tmp_path)
    reading = fork(analyse(path, db), tmp_path / "said.txt")
    while not (conn := sqlite3.connect(db)).execute("SELECT count(*) FROM comments").fetchone()[0]:
        conn.close()
        time.sleep(0.005)
    conn.close()
    with open_store(db) as store:
        store.rollback(1, **DEALT_WITH)
    assert end_of(reading) == 1
    assert "rolled back" in (tmp_path / "said.txt").read_text(encoding="utf-8")
    with open_store(db) as store:
        counts = [
            store.conn.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("comments", "findings", "notices")
        ]
        assert counts == [0, 0, 0]
        with pytest.raises(NotFound):
            store.rollback(1)


def test_a_rollback_killed_at_any_moment_is_whole_or_not_begun(tmp_path: Path) -> None:
    path, db = write_file(tmp_path, 0, 200), new_database(tmp_path)
    assert end_of(fork(analyse(path, db))) == 0
    with open_store(db) as store:
        with store.writing():
            store.conn.execute(
                "DELETE FROM flags"
            )  # they would be asked about, and the reason read by models for longer than the rest takes
        store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before, moments = left(db), random.Random(3)
    states = set()
    for attempt in range(30):
        tried = copy_of(db, f"{attempt}.db")
        kill_after(moments.uniform(0, 0.06), fork(lambda to=tried: main(["rollback", "1", "--db", str(to)])))
        states.add(state_of(tried))
        if state_of(tried) == "finished":
            assert left(tried) == before
        else:
            assert [left(tried)[sql] for sql in LEFT[:6]] == [[], [], [], [], [], []]
    assert states == {"finished", "rolled_back"}
