"""The summary, targets, changes, views and digests from the command line, as a person pastes them."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import PARKING
from over_time import steady_then_planted

from feedback.cli import main
from feedback.store import Store

BY = ("--by", "A. Lead")


@pytest.fixture
def db(store_with: Callable[[Callable[[Store], object]], Store]) -> Path:
    return store_with(steady_then_planted).path


def asked(db: Path, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, [*arguments, "--db", str(db)])
    assert result.exit_code == code, (result.output, result.exception)
    assert not isinstance(result.exception, Exception) or code, result.exception
    return result.output


def test_a_summary_is_printed_and_written(db: Path, tmp_path: Path) -> None:
    printed = asked(db, "summary", "--rows", "services", "--measures", "negative")
    assert "Concern (high)" in printed and "Rows cannot be compared with each other" in printed
    rows = json.loads(asked(db, "summary", "--rows", "themes", "--json"))["rows"]
    assert f"/theme:{PARKING}/rate_negative" in {row["series"] for row in rows}
    for name in ("pack.csv", "pack.xlsx", "pack.svg"):
        assert f"rows are in {tmp_path / name}" in asked(db, "summary", "--out", str(tmp_path / name))
    assert ElementTree.parse(tmp_path / "pack.svg").getroot().tag.endswith("svg")


def test_a_target_is_set_and_ended(db: Path) -> None:
    asked(db, "targets", "set", "15%", "--service", "podiatry", "--measure", "negative", *BY)
    assert "15%" in asked(db, "targets")
    assert "15%" in asked(db, "trend", "--service", "podiatry", "--json") or '"target": 0.15' in asked(
        db, "trend", "--service", "podiatry", "--json"
    )
    asked(db, "targets", "end", "1", *BY)
    assert json.loads(asked(db, "targets", "--json"))[0]["ended_by"] == "A. Lead"


def test_changes_are_printed_with_their_citations(db: Path) -> None:
    printed = asked(db, "changes", "--service", "podiatry")
    assert "clear of chance with upload 2 (month-18.csv)" in printed
    assert "HW-2026-" in printed and "barrier" in printed and "words in common" in printed
    assert json.loads(asked(db, "changes", "--batch", "1", "--json"))["first"] is True


def test_a_lead_is_told_once_by_file(db: Path, tmp_path: Path) -> None:
    asked(db, "views", "add", "Podiatry", "--service", "podiatry", *BY)
    asked(db, "subscriptions", "add", "podiatry", "--file", "Podiatry lead", *BY)
    (path,) = json.loads(asked(db, "digest", "--out", str(tmp_path), "--json"))
    assert "barrier" not in Path(path).read_text(encoding="utf-8")
    assert json.loads(asked(db, "digest", "--out", str(tmp_path), "--json")) == []
    assert "Podiatry lead" in asked(db, "subscriptions")
    asked(db, "subscriptions", "end", "1", *BY)
    asked(db, "views", "end", "Podiatry", *BY)
    assert json.loads(asked(db, "views", "--json")) == []


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("summary", "--rows", "teams"), 1, "There is no rows 'teams'"),
        (("summary", "--out", "pack.pdf"), 1, "written as .csv, .xlsx or .svg"),
        (("targets", "set", "15", "--measure", "negative", *BY), 1, "is no share"),
        (("targets", "end", "7", *BY), 1, "There is no target 7"),
        (("changes", "--batch", "99"), 1, "There is no batch 99"),
        (("views", "end", "Nobody's", *BY), 1, "There is no view"),
        (("subscriptions", "add", "Nobody's", "--email", "a@b.uk", *BY), 1, "There is no view"),
        (("subscriptions", "add", "Nobody's", *BY), 2, "Say how"),
        (("subscriptions", "settle", "1"), 2, "Say what became of it"),
        (("subscriptions", "settle", "1", "--again"), 1, "There is no digest 1 in doubt"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(db: Path, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    assert sentence in asked(db, *arguments, code=code)


def test_odd_series_are_refused_one_by_one_and_the_others_judged(tmp_path: Path) -> None:
    days = [f"2026-{month:02}-01" for month in range(1, 13)]
    odd = [
        {"dates": days, "values": [None] * 12},
        {"dates": days[:1], "values": [3]},
        {"dates": days, "values": [3] * 12},
        {"dates": ["2026-01-01"] * 2, "values": [1, 2]},
        {"dates": days[:2], "values": [1, "two"]},
        {"dates": days[:2], "values": [1e300, 2]},
        {"dates": [], "values": []},
    ]
    file = tmp_path / "odd.json"
    file.write_text(json.dumps(odd), encoding="utf-8")
    result = CliRunner().invoke(main, ["spc", str(file)])
    assert result.exit_code == 0
    errors = [one["error"] for one in json.loads(result.output)]
    assert errors[:3] == [None, None, None]
    whys = (
        "stands there twice",
        "is not a number that can be charted",
        "is not a number that can be charted",
        "has no points",
    )
    assert all(why in error for why, error in zip(whys, errors[3:], strict=True))
