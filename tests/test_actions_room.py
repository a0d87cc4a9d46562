"""Actions by HTTP, on pages and by command: record, change, compare, draft, release, withdraw, download. All invented."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import MANNER, WAIT, add_batch, analysed
from docx import Document
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader, now
from feedback.actions import Action, add
from feedback.cli import main
from feedback.filters import EVERYTHING, Scope
from feedback.replies.draft import release
from feedback.store import Store
from feedback.taxonomy import Taxonomy

SAID = {
    "name": "Saturdays",
    "service": "podiatry",
    "theme": WAIT,
    "you_said": "The wait is too long.",
    "we_did": "Opened a Saturday clinic.",
    "date": "2026-01-15",
    "owner": "Podiatry lead",
    "state": "done",
}
FORM = SAID | {"statement": "", "outcome": "", "answers": "HW-2026-000001.1", "by": "A. Lead"}
ACTION = {
    "id", "name", "title", "service", "theme", "statement", "you_said", "we_did", "date", "owner", "state", "outcome", "overdue",
}  # fmt: skip
WHOLE = ACTION | {"answers", "history", "comparison", "replies"}


@pytest.fixture
def store_of_months(store: Store) -> Store:
    """Podiatry, twenty comments a month, of which fewer criticise the wait after January 2026."""
    late, kind = ("I waited five months to be seen.", "-", (WAIT,)), ("The podiatrist was gentle.", "+", (MANNER,))
    comments = []
    for i, n in enumerate([6, 6, 6, 6, 6, 6, 6, 2, 2, 2, 2, 2, 2]):
        count = 2025 * 12 + 6 + i
        day = date(count // 12, count % 12 + 1, 5)
        comments += [
            analysed(f"p-{day}-{j}", [late if j < n else kind], day=day, service="podiatry") for j in range(20)
        ]
    add_batch(store, "a.csv", comments)
    return store


@pytest.fixture
def client(store_of_months: Store) -> Iterator[TestClient]:
    with TestClient(make_app(store_of_months.path), follow_redirects=False) as client:
        client.app.dependency_overrides[now] = lambda: datetime(2026, 8, 1, 12, tzinfo=UTC)  # type: ignore[attr-defined]
        yield client


def read_as(client: TestClient, scope: Scope, *, may_read: bool = True) -> None:
    reader = Reader("a lead", scope, may_read)
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]


def post(client: TestClient, path: str, said: dict[str, Any], status: int = 201) -> Any:
    answer = client.post(f"/api/v1{path}", json=said)
    assert answer.status_code == status, answer.text
    return answer.json()


def get(client: TestClient, path: str, **parameters: Any) -> Any:
    answer = client.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


# HTTP


def test_an_action_is_kept_and_listed(client: TestClient) -> None:
    kept = post(client, "/actions", SAID)
    assert kept == SAID | {"id": 1, "title": "Saturdays", "statement": None, "outcome": "", "overdue": False}
    assert get(client, "/actions", service="podiatry") == {"actions": [kept], "after": None}
    assert get(client, "/actions", service="ward-willow")["actions"] == []
    assert get(client, "/actions", waiting="no_reply")["actions"] == [kept]
    assert get(client, "/actions", state="planned")["actions"] == []


def test_an_action_as_a_whole_says_what_came_after_it(client: TestClient) -> None:
    post(client, "/actions", SAID | {"answers": ["HW-2026-000001.1"]})
    whole = get(client, "/actions/1")
    assert set(whole) == WHOLE
    assert whole["answers"] == ["HW-2026-000001.1"] and whole["history"][0]["by"] == "local"
    assert (whole["comparison"]["months"], whole["comparison"]["rows"][0]["difference"]) == (6, pytest.approx(-0.2))
    assert "is for people to judge" in whole["comparison"]["sentence"]


def test_a_change_is_kept_with_who_made_it(client: TestClient) -> None:
    post(client, "/actions", SAID | {"state": "planned", "date": "2026-07-01"})
    assert get(client, "/actions/1")["overdue"] is True
    answer = client.patch("/api/v1/actions/1", json={"state": "done", "theme": None})
    assert (answer.status_code, answer.json()["theme"]) == (200, None)
    assert answer.json()["history"][1]["changed"] == [["theme", WAIT, None], ["state", "planned", "done"]]
    assert answer.json()["overdue"] is False


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"service": "nowhere"}, 404),
        ({"theme": "nothing"}, 404),
        ({"we_did": ""}, 422),
        ({"date": "soon"}, 422),
        ({"date": "2031-01-01"}, 400),
        ({"answers": ["HW-2026-999999"]}, 404),
        ({"colour": "blue"}, 422),
    ],
)
def test_an_action_that_makes_no_sense_is_refused(client: TestClient, change: dict[str, Any], status: int) -> None:
    answer = client.post("/api/v1/actions", json=SAID | change)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert get(client, "/actions")["actions"] == []


def test_pages_of_actions_hold_each_action_once(client: TestClient) -> None:
    for day in ("2026-07-01", "2026-05-01", "2026-07-01", "2026-06-01"):
        post(client, "/actions", SAID | {"date": day})
    for limit in (1, 2, 3, 4):
        found, after = [], None
        while True:
            page = get(client, "/actions", limit=limit, **({"after": after} if after else {}))
            found += [one["id"] for one in page["actions"]]
            after = page["after"]
            if after is None:
                break
        assert found == [3, 1, 4, 2]


def test_a_reply_is_drafted_with_its_sources_released_downloaded_and_withdrawn(client: TestClient) -> None:
    post(client, "/actions", SAID | {"answers": ["HW-2026-000001.1"]})
    draft = get(client, "/actions/1/reply")
    assert draft["refusals"] == [] and "We opened a Saturday clinic." in draft["text"]
    assert [s["citation"] for s in draft["sentences"][0]["sources"]] == [None, "HW-2026-000001.1"]
    assert get(client, "/actions/1")["replies"] == []
    mine = draft["text"].replace("We opened", "Last winter we opened")
    assert client.put("/api/v1/actions/1/reply", json={"text": mine}).status_code == 204
    assert get(client, "/actions/1/reply")["written_by"] == "local"
    told = post(client, "/actions/1/replies", {"form": "standard"})
    assert told["released_by"] == "local" and "Last winter we opened" in told["text"]
    assert get(client, "/actions", waiting="no_reply")["actions"] == []
    file = client.get("/api/v1/actions/1/replies/2.docx")
    assert any("Last winter" in p.text for p in Document(BytesIO(file.content)).paragraphs)
    assert "<h1>You said, we did: Podiatry</h1>" in client.get("/api/v1/actions/1/replies/2.html").text
    assert client.get("/api/v1/actions/1/replies/2.pdf").status_code == 422
    gone = post(client, "/actions/1/replies/2/withdraw", {"reason": "The clinic closed"}, 200)
    assert gone["withdrawn_by"] == "local"
    assert client.get("/api/v1/actions/1/replies/2.md").status_code == 404


def test_another_services_action_is_not_there_for_a_lead(
    client: TestClient, store_of_months: Store, taxonomy: Taxonomy
) -> None:
    id = add(store_of_months, taxonomy, Action("ward-willow", "a", "b", date(2026, 1, 1), "c"), by="x", redact=str)
    read_as(client, Scope.of(taxonomy, ["podiatry"]))
    assert get(client, "/actions")["actions"] == []
    assert client.get(f"/api/v1/actions/{id}").status_code == 404
    assert client.patch(f"/api/v1/actions/{id}", json={"name": "x"}).status_code == 404
    assert client.get(f"/api/v1/actions/{id}/reply").status_code == 404
    assert client.post(f"/api/v1/actions/{id}/replies", json={}).status_code == 404
    assert client.get(f"/actions/{id}").status_code == client.get(f"/actions/{id}/reply").status_code == 404
    post(client, "/actions", SAID)
    moved = client.patch("/api/v1/actions/2", json={"service": "ward-willow"})
    assert moved.status_code == 404


def test_a_reader_of_figures_sees_actions_but_no_citation_no_small_count_and_records_nothing(
    client: TestClient, store_of_months: Store, taxonomy: Taxonomy
) -> None:
    add(
        store_of_months,
        taxonomy,
        Action(**SAID | {"date": date(2026, 1, 15), "theme": "parking"}),
        by="x",
        redact=str,
        citations=["HW-2026-000001.1"],
    )
    read_as(client, EVERYTHING, may_read=False)
    whole = get(client, "/actions/1")
    assert whole["answers"] is None and "HW-2026" not in json.dumps(whole)
    assert client.post("/api/v1/actions", json=SAID).status_code == 403
    for path in ("/api/v1/actions/1/reply", "/actions/1/reply", "/actions/new", "/actions/1/change"):
        assert client.get(path).status_code == 403
    assert "HW-2026" not in client.get("/actions/1").text


# Pages


def test_an_action_is_recorded_on_the_page_and_marked_on_its_services_chart(client: TestClient) -> None:
    assert 'value="podiatry" selected' in client.get("/actions/new?service=podiatry").text
    sent = client.post("/actions/new", data=FORM)
    assert (sent.status_code, sent.headers["location"]) == (303, "/actions/1?done=recorded")
    page = client.get("/actions/1?done=recorded").text
    assert "The action has been recorded." in page and "is for people to judge" in page and "A. Lead" in page
    assert "I waited five months to be seen." in page
    service = client.get("/services/podiatry").text
    assert "A, Saturdays, 15 January 2026" in service and 'href="/actions/1"' in service
    listed = client.get("/actions").text
    assert "Saturdays" in listed and "The public has not been told." in listed


def test_an_incomplete_form_comes_back_with_what_is_missing(client: TestClient) -> None:
    for change, says in (
        ({"by": " "}, "Enter your name"),
        ({"date": ""}, "Enter a day"),
        ({"statement": "O3.W5"}, "not both"),
        ({"state": "stopped"}, "why it was stopped"),
        ({"answers": "HW-2026-999999"}, "There is no comment HW-2026-999999"),
        ({"date": "2031-01-01"}, "not a day to come"),
    ):
        answer = client.post("/actions/new", data=FORM | change)
        assert answer.status_code == 400 and says in answer.text and "Saturdays" in answer.text, says
    assert get(client, "/actions")["actions"] == []


def test_a_change_on_the_page_is_kept_in_its_history(client: TestClient) -> None:
    client.post("/actions/new", data=FORM)
    assert "HW-2026-000001.1" in client.get("/actions/1/change").text
    sent = client.post(
        "/actions/1/change", data=FORM | {"owner": "Somebody else", "you_said": "It takes too long.", "by": "B. Lead"}
    )
    assert sent.status_code == 303
    page = client.get("/actions/1").text
    assert "changed the owner from Podiatry lead to Somebody else" in page and "reworded what was heard" in page


def test_nothing_is_released_on_the_page_without_a_name_and_a_person_who_has_read_it(client: TestClient) -> None:
    client.post("/actions/new", data=FORM)
    text = get(client, "/actions/1/reply")["text"]
    said = {"form": "standard", "text": text, "do": "release"}
    refused = client.post("/actions/1/reply", data=said)
    assert (
        refused.status_code == 400
        and "Confirm that you have read it" in refused.text
        and "Enter your name" in refused.text
    )
    assert get(client, "/actions/1")["replies"] == []
    sent = client.post("/actions/1/reply", data=said | {"by": "B. Manager", "read": "yes"})
    assert sent.headers["location"] == "/actions/1?done=released"
    page = client.get("/actions/1").text
    assert "Released by B. Manager" in page and "/actions/1/replies/1.docx" in page
    assert client.get("/actions/1/replies/1.md").text.startswith("# You said, we did: Podiatry")
    assert "We opened a Saturday clinic." in client.get("/services/podiatry").text
    unsigned = client.post("/actions/1/replies/1/withdraw", data={"reason": "", "by": ""})
    assert unsigned.status_code == 400 and "Enter why it is withdrawn" in unsigned.text
    assert client.post("/actions/1/replies/1/withdraw", data={"reason": "It closed", "by": "C"}).status_code == 303
    assert "Released by" not in client.get("/services/podiatry").text


def test_the_list_shows_what_waits(client: TestClient) -> None:
    client.post("/actions/new", data=FORM | {"state": "planned", "date": "2026-07-01", "name": "Late one"})
    client.post("/actions/new", data=FORM)
    assert "Overdue (1)" in client.get("/actions").text
    overdue = client.get("/actions?show=overdue&service=podiatry").text
    assert "Late one" in overdue and "Saturdays" not in overdue
    assert "There is none here" in client.get("/actions?show=stopped").text


# The command


def run(*words: str, status: int = 0) -> str:
    result = CliRunner().invoke(main, ["actions", *words])
    assert result.exit_code == status, result.output
    return result.output


def test_the_command_records_changes_compares_drafts_and_releases(store_of_months: Store, tmp_path: Path) -> None:
    db = ("--db", str(store_of_months.path))
    fields = [word for name, value in SAID.items() for word in (f"--{name.replace('_', '-')}", value)]
    assert "is for people to judge" in run("add", *fields, "--answers", "HW-2026-000001.1", "--by", "A. Lead", *db)
    assert "Saturdays" in run("list", "--service", "podiatry", *db) and "no such action" in run(
        "list", "--overdue", *db
    )
    assert "owner" in run("update", "1", "--owner", "Somebody else", "--by", "B. Lead", *db)
    shown = json.loads(run("show", "1", "--json", *db))
    assert shown["owner"] == "Somebody else" and shown["answers"] == ["HW-2026-000001.1"]
    drafted = run("reply", "1", *db)
    assert "We opened a Saturday clinic." in drafted and "HW-2026-000001.1" in drafted.split("What each sentence")[1]
    assert "**Podiatry** means care for your feet." in run("reply", "1", "--easy-read", *db)
    assert "signed" in run("reply", "1", "--release", *db, status=1)
    words = tmp_path / "mine.md"
    words.write_text("## What we did\n\nWe opened a Saturday clinic.", encoding="utf-8")
    run("reply", "1", "--text", str(words), "--release", "--by", "B. Manager", *db)
    run("reply", "1", "--out", str(tmp_path / "reply.docx"), *db)
    assert "We opened a Saturday clinic." in [p.text for p in Document(str(tmp_path / "reply.docx")).paragraphs]
    run("reply", "1", "--withdraw", "1", "--reason", "It closed", "--by", "C", *db)
    assert "has been released" in run("reply", "1", "--out", str(tmp_path / "again.md"), *db, status=1)


def test_the_command_refuses_in_a_sentence(store_of_months: Store) -> None:
    db = ("--db", str(store_of_months.path))
    assert "There is no action 7" in run("show", "7", *db, status=1)
    assert "Give --you-said" in run("add", "--service", "podiatry", "--by", "x", *db, status=2)
    assert "no service" in run("list", "--service", "nowhere", *db, status=1)


def test_a_released_reply_shows_on_the_page_of_the_service_above(
    client: TestClient, store_of_months: Store, taxonomy: Taxonomy
) -> None:
    given = Action(
        "ward-willow",
        "Supper was cold.",
        "Bought a trolley that keeps food warm.",
        date(2026, 2, 1),
        "Matron",
        state="done",
    )
    id = add(store_of_months, taxonomy, given, by="x", redact=str)
    kept = Action(**{name: getattr(given, name) for name in given.__dataclass_fields__} | {"id": id})
    text = "## What we did\n\nWe bought a trolley that keeps food warm."
    release(store_of_months, taxonomy, kept, "standard", text, by="x", redact=str, scope=EVERYTHING)
    assert "keeps food warm" in client.get("/services/ch-evesham").text
    assert "keeps food warm" not in client.get("/services/podiatry").text
