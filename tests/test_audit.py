"""Who decided what and when: every act once, newest first, with no word of anybody. Every comment here is invented."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.actions import Action, add, change
from feedback.audit import _SOURCES, ACTS, Act, audit
from feedback.batches.intake import analyse_file
from feedback.cli import main
from feedback.correct import Said, correct, withdraw
from feedback.erase import by_citation, erase
from feedback.errors import BadInput
from feedback.filters import EVERYTHING, Scope
from feedback.over_time.views import keep_view
from feedback.pipeline import Pipeline
from feedback.query import Filters
from feedback.safety.queue import Decision, flag, review
from feedback.safety.routes import load_routes
from feedback.service_names import explain
from feedback.settings import Settings
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy

CSV = """Respondent,Date,Team,What could we do better?
R1,2026-05-01,Podiatry,There was nowhere to park near the clinic.
R2,2026-05-02,Podiatry,The zebra curtains were dusty and the waiting room was cold.
R3,2026-05-03,Willow ward,I feel suicidal and nobody on the ward would listen.
R4,2026-05-04,Moonbeam Clinic,The receptionist was rude to my mother.
"""
SECRETS = (
    "zebra",
    "curtains",
    "suicidal",
    "moonbeam",
    "tanager",
    "R2",
    "may.csv",
)  # words of comments, notes, names, files
PARK, ZEBRA, DANGER = "HW-2026-000001", "HW-2026-000002", "HW-2026-000003"


def fill(path: Path, pipeline: Pipeline, taxonomy: Taxonomy) -> None:
    """An upload by the pipeline, and a day later an act every minute."""
    moment = [datetime(2026, 6, 1, 9, tzinfo=UTC)]

    def later() -> None:
        moment[0] += timedelta(minutes=1)

    def redact(text: str) -> str:
        return pipeline.redactor.redact([text])[0][0]

    with open_store(path, trust_code="HW", clock=lambda: moment[0]) as store:
        source = path.parent / "may.csv"
        source.write_text(CSV, encoding="utf-8")
        assert analyse_file(source, store, pipeline).accepted == 4
        moment[0] = datetime(2026, 6, 2, 9, tzinfo=UTC)
        denied = Said("theme", "parking", so=False)
        correct(store, taxonomy, PARK, denied, by="A. Reader", reason="tanager", redact=redact)
        later()
        withdraw(store, PARK, by="B. Lead", number=1)
        later()
        kind = store.conn.execute(
            "SELECT signal FROM flags JOIN comments ON number = comment WHERE citation = ?", (DANGER,)
        )
        (signal,) = next(kind)
        id = store.conn.execute("SELECT id FROM comments WHERE citation = ?", (DANGER,)).fetchone()[0]
        raised = flag(store.conn, EVERYTHING, id, signal, now=moment[0])
        decision = Decision("not_a_concern", note="tanager")
        review(store, load_routes(Settings().data), redact, raised, decision, by="A. Reader")
        later()
        explain(store, taxonomy, "Moonbeam Clinic", "ward-willow", "B. Lead")
        later()
        done = Action("podiatry", "Tanager parking.", "Tanager signs.", date(2026, 5, 30), "C. Owner")
        number = add(store, taxonomy, done, by="C. Owner", redact=redact, citations=[PARK])
        later()
        change(
            store, taxonomy, number, {"state": "under_way", "we_did": "Tanager lines."}, by="C. Owner", redact=redact
        )
        later()
        keep_view(store, taxonomy, "Tanager", Filters(service="podiatry"), EVERYTHING, by="B. Lead", redact=redact)
        later()
        erase(store, by_citation(store.conn, ZEBRA), by="B. Lead", reason="tanager", redactor=pipeline.redactor)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, pipeline: Pipeline, taxonomy: Taxonomy) -> Path:
    path = tmp_path_factory.mktemp("audit") / "made.db"
    fill(path, pipeline, taxonomy)
    return path


@pytest.fixture
def there(made: Path, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "feedback.db"
    shutil.copy(made, path)
    with open_store(path, trust_code="HW") as store:
        yield store


@pytest.fixture
def client(there: Store) -> Iterator[TestClient]:
    with TestClient(make_app(there.path)) as client:
        yield client


def ask_as(client: TestClient, reader: Reader) -> None:
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]


def acts(client: TestClient, **asked: object) -> list[dict[str, object]]:
    answer = client.get("/api/v1/audit", params=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return answer.json()["acts"]


def test_every_act_is_there_newest_first(there: Store) -> None:
    signal = there.conn.execute("SELECT signal FROM reviews").fetchone()[0]
    at = "2026-06-02T09:0{}:00+00:00".format
    page = audit(there.conn)
    assert page.after is None
    assert page.acts == (
        Act(at(7), "B. Lead", "erasure", "erasure", "1", "respondent", 1),
        Act(at(6), "B. Lead", "view_kept", "view", "1", None, None),
        Act(at(5), "C. Owner", "action_changed", "action", "1", "we_did, state", None),
        Act(at(4), "C. Owner", "action_recorded", "action", "1", None, None),
        Act(at(3), "B. Lead", "service_name_mapped", "service_name", "1", "ward-willow", None),
        Act(at(2), "A. Reader", "flag_reviewed", "comment", DANGER, f"{signal}:not_a_concern", None),
        Act(at(1), "B. Lead", "correction_withdrawn", "comment", PARK, "theme:parking", None),
        Act(at(0), "A. Reader", "correction", "comment", PARK, "theme:parking", None),
        Act("2026-06-01T09:00:00+00:00", None, "upload", "batch", "1", None, 4),
    )


def test_no_word_of_a_comment_a_note_a_reason_or_a_name_is_in_it(client: TestClient) -> None:
    told = client.get("/api/v1/audit").text.lower()
    assert '"act":"erasure"' in told
    assert [word for word in SECRETS if word.lower() in told] == []


def test_what_was_said_of_an_erased_comment_goes_with_it(there: Store, pipeline: Pipeline) -> None:
    assert PARK in {act.id for act in audit(there.conn).acts}
    erase(there, by_citation(there.conn, PARK), by="B. Lead", reason="asked for", redactor=pipeline.redactor)
    left = audit(there.conn).acts
    assert PARK not in {act.id for act in left}
    assert [(act.id, act.n) for act in left if act.act == "erasure"] == [("2", 1), ("1", 1)]


def test_an_upload_taken_back_is_an_act_beside_the_upload(there: Store) -> None:
    there.rollback(1, by="D. Manager", reason="twice", flags_dealt_with=True)
    found = [(act.act, act.by, act.id, act.n) for act in audit(there.conn).acts if act.on == "batch"]
    assert found == [("upload_taken_back", "D. Manager", "1", 3), ("upload", None, "1", 4)]


def test_acts_of_one_second_are_paged_without_loss_or_repetition(client: TestClient, there: Store) -> None:
    with there.writing():
        for table in ("corrections", "reviews", "erasures", "action_changes", "views", "service_names"):
            there.conn.execute(f"UPDATE {table} SET at = '2026-06-02T09:00:00+00:00'")
        there.conn.execute("UPDATE service_names SET at = NULL")  # said before times were kept
    whole = acts(client)
    assert (whole[-1]["act"], whole[-1]["at"]) == ("service_name_mapped", None)
    seen, after = [], None
    while True:
        params = {"limit": 2} | ({"after": after} if after else {})
        page = client.get("/api/v1/audit", params=params).json()
        seen += page["acts"]
        if (after := page["after"]) is None:
            break
    assert seen == whole
    assert len(whole) == 9


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"by": "a. reader"}, ["flag_reviewed", "correction"]),
        ({"by": "A."}, []),
        ({"act": "erasure"}, ["erasure"]),
        ({"to": "2026-06-01"}, ["upload"]),
        ({"from": "2026-06-02", "to": "2026-06-02", "by": "B. Lead"}, ["erasure", "view_kept", "service_name_mapped", "correction_withdrawn"]),
        ({"by": "", "act": "", "from": "2026-06-03", "to": ""}, []),
    ],
)  # fmt: skip
def test_filters_narrow_it(client: TestClient, asked: dict[str, str], expected: list[str]) -> None:
    assert [one["act"] for one in acts(client, **asked)] == expected


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("?act=corection", 400, "There is no act 'corection'; did you mean correction?"),
        ("?from=2026-06-02&to=2026-06-01", 400, "The dates run backwards"),
        ("?after=yesterday", 400, "'yesterday' is no place in a list; start again from the first page."),
        ("?after=~nothing~000000000001~1", 400, "'~nothing~000000000001~1' is no place in a list"),
        ("?b=A", 400, "This address knows no parameter 'b'."),
        ("?from=soon", 422, "from: Input should be a valid date"),
        ("?limit=501", 422, "limit: Input should be less than or equal to 500."),
    ],
)
def test_a_wrong_parameter_is_a_problem(client: TestClient, path: str, status: int, detail: str) -> None:
    answer = client.get(f"/api/v1/audit{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"].startswith(detail)


def test_a_reader_of_one_service_sees_acts_there_alone(client: TestClient, taxonomy: Taxonomy) -> None:
    ask_as(client, Reader("lead", Scope.of(taxonomy, ["podiatry"]), may_read=True))
    there = ["action_changed", "action_recorded", "correction_withdrawn", "correction"]
    assert [one["act"] for one in acts(client)] == there
    ask_as(client, Reader("lead", Scope.of(taxonomy, ["ward-willow"]), may_read=True))
    assert [(one["act"], one["id"]) for one in acts(client)] == [("flag_reviewed", DANGER)]
    assert acts(client, act="erasure") == acts(client, act="upload") == []


def test_a_reader_who_may_not_read_comments_is_led_to_none(client: TestClient) -> None:
    ask_as(client, Reader("board", EVERYTHING, may_read=False))
    found = acts(client)
    assert [one["act"] for one in found] == [
        "erasure", "view_kept", "action_changed", "action_recorded", "service_name_mapped", "upload",
    ]  # fmt: skip
    assert {(one["n"], one["suppressed"]) for one in found if one["act"] in ("erasure", "upload")} == {
        (None, "it could lead to a comment")
    }
    assert acts(client, act="flag_reviewed") == []


def test_every_table_that_keeps_who_decided_and_when_is_shown(there: Store) -> None:
    tables = [name for (name,) in there.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    signed = set()
    for table in tables:
        columns = {row[1] for row in there.conn.execute(f'PRAGMA table_info("{table}")')}
        if columns & {"at", "made_at", "written_at", "drawn_at", "named_at"} and any(
            "by" in c.split("_") for c in columns
        ):
            signed.add(table)
    shown = {source.source.split()[0] for source in _SOURCES.values()}
    assert signed - shown == set()
    assert shown - signed == {"batches", "reanalyses"}  # nobody signs these


def test_each_kind_of_act_can_be_asked_for_alone(there: Store) -> None:
    for act in ACTS:
        assert {one.act for one in audit(there.conn, act=act).acts} <= {act}
    with pytest.raises(BadInput, match="An act is one of upload, "):
        audit(there.conn, act="???")


def test_the_command_prints_the_same_list(there: Store, client: TestClient) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["audit", *arguments, "--db", str(there.path)])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert json.loads(run("--json")) == client.get("/api/v1/audit").json()
    assert run("--act", "erasure").splitlines()[1].split() == [
        "2026-06-02T09:07:00+00:00", "B.", "Lead", "erasure", "erasure", "1", "respondent", "1",
    ]  # fmt: skip
    assert json.loads(run("--to", "2026-06-01", "--json"))["acts"][0]["act"] == "upload"
    refused = CliRunner().invoke(main, ["audit", "--act", "erasur", "--db", str(there.path)])
    assert (refused.exit_code, refused.stderr.strip()) == (1, "Error: There is no act 'erasur'; did you mean erasure?")
