"""The gold cases of identity go through, by command and through the application, and none of their identity is anywhere afterwards.

They are no part of the repository: where the folder that the Makefile calls LABELLED lacks them, this is skipped. tests/test_leaks.py
does the same with the redactor's own lists. The cases were open while it was built, so they say nothing of strangers' names
(evaluation/unseen does); they say that what is found is hidden on every path, and how much is not found.
"""

import csv
import json
import os
import re
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from test_leaks import ENDED, LEAST, found_in, start, stored_rows, text_of

from feedback.settings import DATA, ROOT

GOLD = Path(os.environ.get("LABELLED", ROOT.parent / "shared" / "data"))
CASES = sorted(GOLD.glob("pii_cases*.json"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CASES, reason=f"{GOLD} holds no pii_cases*.json; set LABELLED to the folder that does."),
]
# Of all gold strings so many stand in their stored comments at most: 4 of 342 when this was written, all of them names that are words too
# and stand a second time as such.
MISSED = 0.02
WAYS = ("command", "application")


@dataclass(frozen=True)
class Case:
    """One gold comment and the strings in it that are identity."""

    text: str = field(repr=False)
    golds: tuple[str, ...] = field(repr=False)

    @property
    def plain(self) -> str:
        """The words that are no identity."""
        text = self.text
        for gold in sorted(self.golds, key=len, reverse=True):
            text = text.replace(gold, " ")
        return text


def cases() -> list[Case]:
    """Every gold comment, in the order of the files."""
    records = [record for path in CASES for record in json.loads(path.read_text(encoding="utf-8"))]
    return [
        Case(one["text"], tuple(one["text"][span["start"] : span["end"]] for span in one["spans"])) for one in records
    ]


def write(path: Path) -> None:
    """The cases as an export."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [[f"2026-03-{1 + n % 28:02d}", "Podiatry", case.text] for n, case in enumerate(cases())]
        csv.writer(file).writerows([["Date", "Team", "Comment"], *rows])


def form_of(gold: str) -> str:
    """What a string looks like, without saying it."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", gold))


def run_gold(folder: str, db: str, upload: str) -> None:
    """Upload the cases to the real application and keep every answer and page that may show them."""
    from fastapi.testclient import TestClient
    from test_leaks import _watched

    from api.app import make_app

    here = Path(folder)
    _watched(here)
    with TestClient(make_app(Path(db)), raise_server_exceptions=False) as client:

        def keep(n: int, answer: Any) -> Any:
            (here / f"answer-{n:02d}").write_bytes(f"{answer.headers}\n".encode() + answer.content)
            return answer

        file = Path(upload)
        place = keep(0, client.post("/api/v1/batches", files={"file": (file.name, file.read_bytes())})).headers[
            "Location"
        ]
        while client.get(place).json()["state"] in ("queued", "running"):
            time.sleep(0.1)
        pages = ("/", "/services/podiatry", "/signals", "/comments", "/batches", "/batches/1", "/api/v1/comments?limit=500",
                 "/api/v1/clauses?limit=500", "/api/v1/signals?limit=500", "/api/v1/batches/1", "/api/v1/batches")  # fmt: skip
        for n, address in enumerate((place, *pages), start=1):
            keep(n, client.get(address))


@dataclass(frozen=True)
class Left:
    """What the processes left behind, as text, by file; and the words stored, by way and row."""

    files: dict[str, str] = field(repr=False)
    stored: dict[str, dict[int, str]] = field(repr=False)

    def stayed(self, row: int, case: Case) -> set[str]:
        """The strings of a case that stand in its comment, by whichever way it came."""
        return {gold for way in WAYS for gold in case.golds if found_in(self.stored[way].get(row, ""), gold)}


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Everything through both ways, once."""
    folders = {way: tmp_path_factory.mktemp(way) for way in WAYS}
    export = tmp_path_factory.mktemp("sources") / "gold.csv"
    write(export)
    db, out = folders["command"] / "feedback.db", folders["command"]
    asked = [
        ["analyse", str(export)],
        *[
            ["export", "--format", form, "--out", str(out / f"a.{form}")]
            for form in ("jsonl", "csv", "xlsx", "parquet")
        ],
        ["export", "--for-publication", "--out", str(out / "b.jsonl")],
        ["comments", "--limit", "500"],
        ["signals", "list", "--words", "--limit", "500"],
        ["batches", "--json"],
    ]
    done = start(folders["command"], "run_commands", *[json.dumps([*one, "--db", str(db)]) for one in asked])
    assert [line for line in done.stdout.splitlines() if line.startswith(ENDED)] == [f"{ENDED}0"] * len(asked)
    other = folders["application"] / "feedback.db"
    done = start(folders["application"], "run_gold", str(other), str(export), module="test_leaks_gold")
    assert done.returncode == 0, re.sub(r"[^\n]*Error:.*", "", done.stderr)[-800:]
    files = {
        f"{way}/{name}": text
        for way, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for name, text in text_of(path)
    }
    return Left(files, {"command": stored_rows(db), "application": stored_rows(other)})


def test_what_the_redactor_does_not_find_of_the_gold_cases_is_counted_and_bounded(left: Left) -> None:
    golds = [gold for case in cases() for gold in case.golds]
    stayed = sum(len(left.stayed(row, case)) for row, case in enumerate(cases(), start=2))
    assert all(len(left.stored[way]) > 0.9 * len(cases()) for way in WAYS)
    assert stayed <= MISSED * len(golds), f"{stayed} of {len(golds)} gold strings stay"


def test_of_the_cases_of_which_everything_is_found_nothing_is_in_any_file_log_page_or_answer(left: Left) -> None:
    numbered = list(enumerate(cases(), start=2))
    whole = [case for row, case in numbered if not left.stayed(row, case)]
    standing = {gold for row, case in numbered for gold in left.stayed(row, case)}
    # Words of the directory stand on every path, as ids and names of services and themes.
    directory = [path.read_text(encoding="utf-8") for path in sorted(DATA.glob("*.yml"))]
    may_show = "\n".join([case.plain for _, case in numbered] + sorted(standing) + directory)
    hidden = {gold for case in whole for gold in case.golds if len(gold) >= LEAST and not found_in(may_show, gold)}
    assert len(hidden) > 200
    leaks = {
        (form_of(gold), name)
        for name, text in left.files.items()
        for gold in hidden
        if gold in text and found_in(text, gold)
    }
    assert leaks == set()


def test_the_search_would_find_what_is_there(left: Left) -> None:
    for name in ("command/feedback.db", "command/a.jsonl", "command/a.csv", "command/said", "application/feedback.db"):
        assert "[PERSON]" in left.files[name], name


def test_file_names_headings_and_ids_with_identity_in_them_leave_none_behind(tmp_path: Path) -> None:
    """Names, an NHS number and an address that stand not in a comment but around it."""
    said = ("Featherstonehaugh", "9434765919", "943-476-5919", "WR51 1JN", "Quillfeather")
    export = tmp_path / "sources" / "complaint of Wilhelmina Featherstonehaugh 9434765919.csv"
    export.parent.mkdir()
    heading = "Comment about Mr Barnaby Quillfeather of WR51 1JN"
    with export.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                ["Date", "ID", heading],
                *[
                    [f"2026-03-{n:02d}", f"943-476-5919-{n}", f"The nurse on day {n} was kind and the wait was long."]
                    for n in range(1, 12)
                ],
            ]
        )
    folder = tmp_path / "left"
    folder.mkdir()
    db = folder / "feedback.db"
    start(
        folder,
        "run_commands",
        *[json.dumps([*one, "--db", str(db)]) for one in (["analyse", str(export)], ["batches", "--json"])],
    )
    start(folder, "run_gold", str(folder / "other.db"), str(export), module="test_leaks_gold")
    with sqlite3.connect(db) as conn:
        assert conn.execute("SELECT count(*) FROM comments").fetchone() == (11,)
    files = {name: text for path in folder.rglob("*") if path.is_file() for name, text in text_of(path)}
    assert {(name, word) for name, text in files.items() for word in said if word in text} == set()
