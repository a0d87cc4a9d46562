"""The order of day and month that a person chose is offered for the next file of the source, and never overrules its dates."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.app import make_app
from feedback.batches.intake import FileReport, analyse_file
from feedback.cli import main
from feedback.store import Store

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline

OPEN = ["03/04/2026", "05/06/2026"]  # either way
DAY_PROVEN = ["03/04/2026", "25/06/2026"]
MONTH_PROVEN = ["03/04/2026", "06/25/2026"]
WAS = "On 2026-08-01 a person chose month first for files with these headings"


def write(path: Path, days: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["When", "Comment"], *([day, f"They were kind on visit {path.stem} {n}."] for n, day in enumerate(days))]
        )
    return path


@pytest.fixture
def chosen(tmp_path: Path, store: Store, pipeline: "Pipeline") -> Store:
    """A store where a person said of a first file that its dates are month first."""
    analyse_file(write(tmp_path / "first.csv", OPEN), store, pipeline, day_first=False)
    return store


def dates(store: Store, report: FileReport) -> list[str]:
    sql = "SELECT date FROM comments JOIN batch_comments ON comment = number WHERE batch = ? ORDER BY number"
    return [day for (day,) in store.conn.execute(sql, (report.batch,))]


def test_the_choice_is_asked_about_and_not_taken_by_itself(tmp_path: Path, chosen: Store, pipeline: "Pipeline") -> None:
    look = analyse_file(write(tmp_path / "b.csv", OPEN), chosen, pipeline, dry_run=True)
    assert look.remembered_order == "month"
    assert look.asks == (
        f"{WAS}: is it so in this one too? Say --date-order remembered, or --day-first or --month-first.",
    )
    stored = analyse_file(tmp_path / "b.csv", chosen, pipeline)
    assert dates(chosen, stored) == ["2026-04-03", "2026-06-05"]


def test_asked_for_it_is_taken_where_nothing_proves_another(
    tmp_path: Path, chosen: Store, pipeline: "Pipeline"
) -> None:
    stored = analyse_file(write(tmp_path / "b.csv", OPEN), chosen, pipeline, remembered=True)
    assert dates(chosen, stored) == ["2026-03-04", "2026-05-06"]
    assert f"{WAS}; nothing in this file proves another order, so its dates are read so, as asked." in stored.decisions


def test_what_the_file_proves_stands_and_the_difference_is_said(
    tmp_path: Path, chosen: Store, pipeline: "Pipeline"
) -> None:
    stored = analyse_file(write(tmp_path / "b.csv", DAY_PROVEN), chosen, pipeline, remembered=True)
    assert dates(chosen, stored) == ["2026-04-03", "2026-06-25"]
    assert f"{WAS}; the dates of this file prove day first, and are read so." in stored.decisions


def test_a_file_that_proves_the_same_needs_no_word(tmp_path: Path, chosen: Store, pipeline: "Pipeline") -> None:
    look = analyse_file(write(tmp_path / "b.csv", MONTH_PROVEN), chosen, pipeline, dry_run=True)
    assert not [said for said in look.decisions if "a person chose" in said]


def test_a_file_that_mixes_both_is_never_read_by_it(tmp_path: Path, chosen: Store, pipeline: "Pipeline") -> None:
    mixed = write(tmp_path / "b.csv", [*OPEN, "25/06/2026", "06/25/2026"])
    look = analyse_file(mixed, chosen, pipeline, remembered=True, dry_run=True)
    assert look.remembered_order == "month" and any("mixes day first" in said for said in look.decisions)
    assert dates(chosen, analyse_file(mixed, chosen, pipeline, remembered=True))[:2] == [None, None]


def test_columns_and_order_are_remembered_apart(tmp_path: Path, store: Store, pipeline: "Pipeline") -> None:
    path = write(tmp_path / "a.csv", OPEN)
    analyse_file(path, store, pipeline, mapping={"comment": ["Comment"]}, day_first=False)
    analyse_file(write(tmp_path / "b.csv", OPEN), store, pipeline, mapping={"comment": ["Comment"], "date": "When"})
    (known,) = store.mappings()
    assert known.mapping == {"comment": ["Comment"], "date": "When", "date_order": "month"}
    analyse_file(write(tmp_path / "c.csv", OPEN), store, pipeline, day_first=True)
    (known,) = store.mappings()
    assert known.mapping == {"comment": ["Comment"], "date": "When", "date_order": "day"}


def test_other_headings_know_nothing_of_it(tmp_path: Path, chosen: Store, pipeline: "Pipeline") -> None:
    path = tmp_path / "b.csv"
    path.write_text("Day,Comment\n03/04/2026,They were kind.\n")
    assert analyse_file(path, chosen, pipeline, remembered=True, dry_run=True).remembered_order is None


def test_the_command_takes_it_and_lists_it(tmp_path: Path, chosen: Store) -> None:
    path = write(tmp_path / "b.csv", OPEN)
    told = CliRunner().invoke(
        main, ["analyse", str(path), "--date-order", "remembered", "--db", str(chosen.path), "--dry-run"]
    )
    assert (told.exit_code, "as asked" in told.output) == (0, True)
    assert "date_order: month" in CliRunner().invoke(main, ["mappings", "--db", str(chosen.path)]).output
    twice = ["analyse", str(path), "--date-order", "day", "--day-first", "--db", str(chosen.path)]
    assert CliRunner().invoke(main, twice).exit_code == 2


@pytest.fixture
def client(chosen: Store) -> Iterator[TestClient]:
    with TestClient(make_app(chosen.path)) as client:
        yield client


def test_the_page_fills_the_choice_in_and_lets_it_be_changed(client: TestClient) -> None:
    csv_file = "When,Comment\n03/04/2026,The ward was warm and calm.\n"
    shown = client.post("/batches", files={"file": ("b.csv", csv_file)}, data={"do": "look"})
    chosen = re.search(r'name="day_order"[^>]*value="month"[^>]*checked', shown.text)
    assert chosen, "month first is filled in"
    assert "Filled in as it was chosen for files with these headings before" in shown.text
    assert "--date-order" not in shown.text
    again = client.post(shown.url.path, data={"comment": ["Comment"], "date": "When", "day_order": "", "do": "look"})
    assert not re.search(r'name="day_order"[^>]*value="month"[^>]*checked', again.text)


def test_over_http_it_is_asked_for_in_a_word(client: TestClient) -> None:
    csv_file = "When,Comment\n03/04/2026,The ward was warm and calm.\n"
    asked = {"dry_run": "true", "date_order": "remembered"}
    told = client.post("/api/v1/batches", files={"file": ("b.csv", csv_file)}, data=asked)
    assert any("as asked" in said for said in told.json()["decisions"])
    left_open = client.post("/api/v1/batches", files={"file": ("b.csv", csv_file)}, data={"dry_run": "true"})
    assert left_open.json()["remembered_order"] == "month"
