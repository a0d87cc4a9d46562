"""Killed at any moment and started again, an analysis ends as if nothing had happened: nothing lost, nothing double.

Each try is a real process that runs `feedback analyse` on a real database with the shipped pipeline (tests/processes.py).
FEEDBACK_KILLS sets how often one is killed (100).
"""

import csv
import json
import os
import random
import resource
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from processes import begin, command, end_of, kill_after, run

import feedback.pipeline
from feedback.batches import intake
from feedback.errors import NotFound
from feedback.language import detect_language
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


def comments_in(db: Path) -> int:
    conn = sqlite3.connect(db)
    try:
        return int(conn.execute("SELECT count(*) FROM comments").fetchone()[0])
    finally:
        conn.close()


def analyse(path: Path, db: Path, said: Path | None = None) -> None:
    intake.PART = 24  # so that a small file has as many parts as a large one
    command(["analyse", str(path), "--db", str(db)], said)


def analyse_in_little_room(path: Path, db: Path, said: Path) -> None:
    """Analyse where no file may grow beyond so many bytes: what a disk with so much left would do."""
    assert detect_language("Bardzo dziękuję za opiekę.") == "pl"  # what tells languages unpacks its own file
    most = db.stat().st_size + 300_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    analyse(path, db, said)


def begin_and_die(path: Path, db: Path) -> None:
    with open_store(db) as store:
        store.add = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign, assignment]
        intake.analyse_file(path, store, feedback.pipeline.load_pipeline())


def roll_back(db: Path) -> None:
    command(["rollback", "1", "--db", str(db)])


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
        reading = begin(analyse, path, whole)
        started = time.monotonic()
        assert end_of(reading) == 0
        length, tries = time.monotonic() - started, 0
        # Started again it goes on where it was, so moments spread over an eighth of the run come to lie anywhere in it. They
        # spread further with each try: where a disk is slow, none might get as far as its first part.
        while state_of(killed) != "finished":
            tries += 1
            if kill_after(moments.uniform(0, length / 8 * (1 + tries / 20)), begin(analyse, path, killed)):
                kills += 1
                resumed += state_of(killed) == "running"
        assert left(killed) == left(whole), path.name
        files += 1
    assert resumed > KILLS / 4


def test_a_crash_between_the_beginning_of_a_batch_and_its_first_part_is_gone_on_from(tmp_path: Path) -> None:
    path, seed = write_file(tmp_path, 0, 60), new_database(tmp_path)
    whole, broken = copy_of(seed, "whole.db"), copy_of(seed, "broken.db")
    assert run(analyse, path, whole) == 0
    assert run(begin_and_die, path, broken) == -signal.SIGKILL
    assert state_of(broken) == "running"
    assert run(analyse, path, broken) == 0
    assert left(broken) == left(whole)


def test_a_full_disk_is_a_sentence_and_the_next_run_completes(tmp_path: Path) -> None:
    path, seed = write_file(tmp_path, 1, 200), new_database(tmp_path)
    whole, full = copy_of(seed, "whole.db"), copy_of(seed, "full.db")
    assert run(analyse, path, whole) == 0
    assert run(analyse_in_little_room, path, full, tmp_path / "said.txt") == 1
    said = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert "the disk is full or failing; make room and start again, nothing is lost" in said
    assert "Traceback" not in said
    assert state_of(full) == "running"
    assert run(analyse, path, full) == 0
    assert left(full) == left(whole)


def test_two_processes_with_the_same_file_at_once_come_to_one_result(tmp_path: Path) -> None:
    path, seed = write_file(tmp_path, 2, 120), new_database(tmp_path)
    whole, shared = copy_of(seed, "whole.db"), copy_of(seed, "shared.db")
    assert run(analyse, path, whole) == 0
    both = [begin(analyse, path, shared, tmp_path / f"said-{n}.txt") for n in range(2)]
    ends = sorted(end_of(process) for process in both)
    assert ends in ([0, 0], [0, 1])
    if ends == [0, 1]:
        said = "".join((tmp_path / f"said-{n}.txt").read_text(encoding="utf-8") for n in range(2))
        assert "by another process; wait until that is done, then start the file again" in said
        assert left(shared) == left(whole)
    else:  # one came only when the other was done
        assert left(shared)[LEFT[0]] == left(whole)[LEFT[0]]


def test_a_rollback_while_a_file_is_read_leaves_nothing_of_it(tmp_path: Path) -> None:
    path, db = write_file(tmp_path, 3), new_database(tmp_path)
    reading = begin(analyse, path, db, tmp_path / "said.txt")
    while not comments_in(db) and reading.is_alive():
        time.sleep(0.005)
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
    assert run(analyse, path, db) == 0
    with open_store(db) as store:
        with store.writing():
            store.conn.execute(
                "DELETE FROM flags"
            )  # they would be asked about, and the reason read by models for longer than the rest takes
        store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before, moments = left(db), random.Random(3)
    rolling = begin(roll_back, copy_of(db, "whole.db"))
    started = time.monotonic()
    assert end_of(rolling) == 0
    length, states = time.monotonic() - started, set()
    for attempt in range(16):
        tried = copy_of(db, f"{attempt}.db")
        kill_after(moments.uniform(0, 2 * length), begin(roll_back, tried))
        states.add(state_of(tried))
        if state_of(tried) == "finished":
            assert left(tried) == before
        else:
            assert [left(tried)[sql] for sql in LEFT[:6]] == [[], [], [], [], [], []]
    assert states == {"finished", "rolled_back"}
