"""The command itself, run as a person runs it: data on stdout, refusals as one sentence and exit 1, never a comment's words."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedback.cli import main
from feedback.settings import MODELS, SAMPLE

COMMAND = Path(sys.executable).parent / "feedback"
SECRET = "Zebra Crossing Blamed"


def run(*arguments: object, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first sixty invented sample comments, analysed by the command."""
    folder = tmp_path_factory.mktemp("cli")
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "first.csv").write_text("".join(lines[:61]), encoding="utf-8")
    done = run("analyse", folder / "first.csv", "--db", folder / "one.db", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["rows"], report["accepted"]) == (60, 60)
    return folder / "one.db"


def asked(db: Path, *arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--db", str(db)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_help_is_instant() -> None:
    run("--help")
    started = time.perf_counter()
    assert run("--help").returncode == 0
    # A third of a second on a machine at rest; three times that where tests share it.
    assert time.perf_counter() - started < 0.9


def test_tag_works_as_a_pipe_and_keeps_the_order() -> None:
    lines = [{"id": "b", "text": "Lovely staff but a long wait"}, {"id": "a", "text": "N/A"}]
    done = run("tag", stdin="".join(json.dumps(line) + "\n" for line in lines))
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["id"] for r in records] == ["b", "a"]
    assert [s["sentiment"] for s in records[0]["segments"]] == ["positive", "negative"]
    assert records[1]["contentless"] is True


def test_the_same_file_again_adds_nothing(db: Path) -> None:
    report = json.loads(run("analyse", db.parent / "first.csv", "--db", db, "--json").stdout)
    assert (report["accepted"], report["already_stored"]) == (0, 60)


def test_a_dry_run_stores_nothing(db: Path, tmp_path: Path) -> None:
    done = run("analyse", db.parent / "first.csv", "--db", tmp_path / "new.db", "--dry-run", "--json")
    assert json.loads(done.stdout)["accepted"] == 60
    assert json.loads(run("batches", "--db", tmp_path / "new.db", "--json").stdout) == []


def test_themes_count_each_comment_once_and_name_their_base(db: Path) -> None:
    themes = json.loads(asked(db, "themes", "--json"))
    assert themes["comments"] == 60
    assert all(0 < row["n"] <= themes["read"] for row in themes["themes"])
    assert "comments read, of 60" in asked(db, "themes")


def test_a_trend_ends_in_one_sentence_and_can_be_drawn(db: Path, tmp_path: Path) -> None:
    picture = tmp_path / "trend.svg"
    said = asked(db, "trend", "--service", "talking-therapies", "--svg", str(picture))
    assert said.splitlines()[0].endswith(".")
    assert "<svg" in picture.read_text(encoding="utf-8")


def test_the_most_negative_clauses_come_with_citations(db: Path) -> None:
    rows = json.loads(asked(db, "comments", "--order", "negative", "--limit", "5", "--json"))
    assert len(rows) == 5
    assert all(row["id"].startswith("HW-") and "." in row["id"] for row in rows)


def test_evidence_and_report_are_documents(db: Path) -> None:
    assert asked(db, "evidence", "--objective", "O3").startswith("# O3 ")
    assert json.loads(asked(db, "evidence", "--value", "responsive", "--json"))["kind"] == "value"
    assert "## What to mend" in asked(db, "report", "--service", "talking-therapies")
    assert json.loads(asked(db, "report", "--objective", "O2", "--format", "json"))["report"] == "evidence"


def test_an_export_and_what_is_not_known_are_listed(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.csv"
    asked(db, "export", "--format", "csv", "--out", str(out))
    assert len(out.read_text(encoding="utf-8").splitlines()) >= 61
    assert "name in the upload" in asked(db, "services", "unresolved")


def test_a_line_that_cannot_be_read_ends_tag_after_what_stood_before_it() -> None:
    lines = '{"id": "a", "text": "The nurse was kind."}\nnothing of the kind\n'
    done = run("tag", stdin=lines)
    assert done.returncode == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a"]
    assert "Line 2" in done.stderr and "of the kind" not in done.stderr


def test_a_batch_is_listed_and_taken_back(tmp_path: Path, db: Path) -> None:
    own = tmp_path / "own.db"
    batch = json.loads(run("analyse", db.parent / "first.csv", "--db", own, "--json").stdout)["batch"]
    assert [b["id"] for b in json.loads(run("batches", "--db", own, "--json").stdout)] == [batch]
    refused = run("rollback", batch, "--db", own)
    assert refused.returncode == 1 and "nobody has decided about" in refused.stderr
    signed = ("--flags-dealt-with", "--by", "A. Manager", "--reason", "sent twice")
    assert "60 comments removed" in run("rollback", batch, *signed, "--db", own).stdout
    assert json.loads(asked(own, "themes", "--json"))["comments"] == 0


def test_spc_takes_any_series(tmp_path: Path) -> None:
    series = {"dates": [f"2026-{m:02}-01" for m in range(1, 13)], "values": [5, 6, 5, 4, 5, 6, 5, 4, 5, 6, 5, 20]}
    file = tmp_path / "series.json"
    file.write_text(json.dumps([{**series, "options": {"improvement_direction": "decrease"}}]), encoding="utf-8")
    (result,) = json.loads(run("spc", file).stdout)
    assert result["variation_icon"] == "concern_high"


def refused(*arguments: object, stdin: str | None = None, **environment: str) -> str:
    done = run(*arguments, stdin=stdin, **environment)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr + done.stdout
    return done.stderr


def test_a_pdf_named_csv_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "scan.csv"
    file.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + bytes(range(256)) * 20)
    assert "scan.csv" in refused("analyse", file, "--db", tmp_path / "x.db")


def test_a_workbook_without_comments_is_refused_by_its_headings(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (("Team", "Rating"), ("Podiatry", "Good"), ("Podiatry", "Poor")):
        book.active.append(row)
    book.save(tmp_path / "ratings.xlsx")
    sentence = refused("analyse", tmp_path / "ratings.xlsx", "--db", tmp_path / "x.db")
    assert "Team" in sentence and "Rating" in sentence


def test_an_unknown_service_is_refused_with_the_nearest(db: Path) -> None:
    assert "podiatry" in refused("themes", "--service", "podaitry", "--db", db)


def test_a_damaged_model_is_refused_by_its_file(tmp_path: Path) -> None:
    shutil.copytree(MODELS, tmp_path / "models")
    with (tmp_path / "models" / "reader" / "heads.safetensors").open("ab") as file:
        file.write(b"x")
    line = json.dumps({"text": SECRET}) + "\n"
    assert "heads.safetensors" in refused("tag", stdin=line, FEEDBACK_MODELS=str(tmp_path / "models"))


def test_a_database_of_a_newer_version_is_refused(db: Path, tmp_path: Path) -> None:
    import sqlite3

    newer = tmp_path / "newer.db"
    shutil.copy(db, newer)
    with sqlite3.connect(newer) as conn:
        conn.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('feedback', '9999_later', '2030-01-01')"
        )
    assert "newer" in refused("themes", "--db", newer)


def test_a_missing_database_is_refused(tmp_path: Path) -> None:
    assert "none.db" in refused("themes", "--db", tmp_path / "none.db")


def test_a_line_that_is_no_json_is_refused_by_its_number() -> None:
    assert "Line 2 is no JSON" in refused("tag", stdin=f'{{"text": "Fine"}}\n{SECRET}\n')


def test_a_mapping_that_is_none_is_refused(tmp_path: Path, db: Path) -> None:
    assert "FIELD=HEADING" in refused("analyse", db.parent / "first.csv", "--map", "comment", "--db", tmp_path / "x.db")


def test_wrong_usage_exits_with_two() -> None:
    assert run("themes", "--no-such-option").returncode == 2


def test_the_digest_of_the_safety_queue_has_citations_and_links_and_no_words(db: Path) -> None:
    said = asked(db, "signals", "digest", "--address", "https://feedback.example")
    assert "This is not a crisis service." in said
    found = json.loads(asked(db, "signals", "digest", "--json"))
    assert found["total"]["n"] == found["total"]["open"] == len(found["flags"]) > 0
    for line in found["flags"]:
        assert f"https://feedback.example{line['path']}" in said
    texts = [record["text"] for record in json.loads(asked(db, "comments", "--limit", "100", "--json"))]
    assert not [text for text in texts if text in said]


def test_a_sample_for_blind_reading_is_drawn_by_seed(db: Path) -> None:
    drawn = json.loads(asked(db, "signals", "sample", "--size", "10", "--seed", "4", "--by", "A. Reader", "--json"))
    assert (drawn["size"], drawn["seed"], drawn["read"]) == (12, 4, 0)
    assert "Read it at /signals/sample/" in asked(db, "signals", "sample", "--size", "5", "--by", "A. Reader")
    refused = CliRunner().invoke(main, ["signals", "sample", "--by", "A", "--language", "pl", "--db", str(db)])
    assert refused.exit_code == 2


@pytest.mark.parametrize(
    "command",
    [
        ["services", "map", "TT", "podiatry", "--by", "A. Reader"],
        ["ledger", "draw", "10", "--by", "A. Lead", "--out", "x.csv"],
        ["rollback", "1"],
        ["mappings"],
        ["signals", "sample", "--by", "A. Reader"],
    ],
)
def test_a_database_that_is_not_there_is_not_made_by_asking(command, tmp_path):
    db = tmp_path / "none.db"
    result = CliRunner().invoke(main, [*command, "--db", str(db)])
    assert (result.exit_code, "there is no such database" in result.output) == (1, True)
    assert not db.exists()
