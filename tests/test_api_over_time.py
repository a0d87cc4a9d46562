"""The summary, targets, changes, views and subscriptions over HTTP and as pages: what each says, keeps and refuses, and to whom."""

import csv
import io
from collections.abc import Iterator

import pytest
from conftest import PARKING
from fastapi.testclient import TestClient
from over_time import planted, steady

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.filters import Scope
from feedback.store import Store
from feedback.taxonomy import Taxonomy

CROSS_SITE = {"sec-fetch-site": "cross-site"}


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    steady(store)
    planted(store)
    with TestClient(make_app(store.path), follow_redirects=False) as client:
        yield client


def as_reader(client: TestClient, scope: Scope, *, may_read: bool = True) -> None:
    reader = Reader("a lead", scope, may_read)
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]


def test_the_summary_by_http_and_as_files(client: TestClient) -> None:
    answer = client.get(
        "/api/v1/summary", params={"rows": "services", "measures": "negative", "sort": "variation"}
    ).json()
    first = answer["rows"][0]
    assert (first["variation"], first["latest"], first["rule"]) == (
        "concern_high",
        pytest.approx(first["latest"]),
        "above the upper limit",
    )
    assert "cannot be compared" in answer["read_this"]
    file = client.get("/api/v1/summary.csv", params={"rows": "services", "measures": "negative"})
    assert file.headers["content-disposition"] == 'attachment; filename="summary.csv"'
    assert {row["Row"] for row in csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))} >= {"Podiatry"}
    assert client.get("/api/v1/summary.xlsx").content[:2] == b"PK"
    for asked in ({"rows": "teams"}, {"measures": "happy"}, {"sort": "worst"}, {"row": "services"}):
        refused = client.get("/api/v1/summary", params=asked)
        assert refused.status_code in (400, 422) and refused.headers["content-type"] == "application/problem+json"


def test_a_target_is_set_listed_and_ended_by_http(client: TestClient) -> None:
    made = client.post("/api/v1/targets", json={"measure": "negative", "service": "podiatry", "value": "15%"})
    assert (made.status_code, made.json()["value"], made.json()["title"]) == (201, 0.15, "Podiatry")
    assert (
        client.post("/api/v1/targets", json={"measure": "negative", "service": "podiatry", "value": "15"}).status_code
        == 400
    )
    rows = client.get("/api/v1/summary", params={"rows": "services", "measures": "negative"}).json()["rows"]
    assert {row["id"]: row["target"] for row in rows}["podiatry"] == 0.15
    assert client.delete(f"/api/v1/targets/{made.json()['id']}").json() == {"id": made.json()["id"]}
    assert client.delete(f"/api/v1/targets/{made.json()['id']}").status_code == 404


def test_what_changed_by_http_has_its_words_only_for_those_who_may_read(client: TestClient, taxonomy: Taxonomy) -> None:
    answer = client.get("/api/v1/changes", params={"theme": PARKING}).json()
    change = next(one for one in answer["changes"] if one["clear"])
    assert change["state"] == "new" and change["clauses"][0]["text"] == "The barrier at the new car park ate my ticket."
    assert {"item": "barrier", "n": 12, "of": 12}.items() <= change["words"][0].items() or "barrier" in {
        w["item"] for w in change["words"]
    }
    as_reader(client, Scope.of(taxonomy, ["podiatry"]), may_read=False)
    hidden = client.get("/api/v1/changes").json()
    assert hidden["changes"] and {(len(c["clauses"]), len(c["words"])) for c in hidden["changes"]} == {(0, 0)}
    assert client.get("/api/v1/changes", params={"upload": 99}).status_code == 404


def test_a_reader_of_one_service_sees_and_sets_nothing_of_another(client: TestClient, taxonomy: Taxonomy) -> None:
    client.post("/api/v1/targets", json={"measure": "negative", "service": "podiatry", "value": "15%"})
    client.post("/api/v1/views", params={"service": "podiatry"}, json={"name": "Podiatry"})
    as_reader(client, Scope.of(taxonomy, ["ward-willow"]))
    assert client.get("/api/v1/targets").json() == {"targets": []}
    assert client.get("/api/v1/views").json() == {"views": []}
    assert client.delete("/api/v1/targets/1").status_code == 404
    assert client.delete("/api/v1/views/1").status_code == 404
    assert (
        client.post("/api/v1/targets", json={"measure": "negative", "service": "podiatry", "value": "5%"}).status_code
        == 404
    )
    assert client.post("/api/v1/targets", json={"measure": "negative", "value": "5%"}).status_code == 403
    assert client.post("/api/v1/subscriptions", json={"view": 1, "way": "file", "to": "B"}).status_code == 404
    rows = client.get("/api/v1/summary").json()["rows"]
    assert "podiatry" not in {row["id"] for row in rows}
    assert "Podiatry" not in client.get("/summary").text and "Podiatry" not in client.get("/changes").text


def test_a_view_and_who_is_told_by_http(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEEDBACK_SMTP_HOST", raising=False)
    view = client.post(
        "/api/v1/views", params={"service": "podiatry"}, json={"name": "Podiatry", "measure": "negative"}
    ).json()
    assert (view["filters"], view["described"], view["by"]) == ({"service": "podiatry"}, "Podiatry", "local")
    told = client.post("/api/v1/subscriptions", json={"view": view["id"], "way": "email", "to": "lead@example.nhs.uk"})
    assert told.status_code == 201
    refused = client.post("/api/v1/subscriptions/send")
    assert refused.status_code == 400 and "No mail server is configured" in refused.json()["detail"]
    (waiting,) = client.get("/api/v1/subscriptions").json()["subscriptions"]
    assert (waiting["sent"], waiting["ready"]) == (0, 1)  # nothing is lost: it waits
    digest = client.get("/api/v1/subscriptions/digests/1").json()
    assert digest["state"] == "ready" and "barrier" not in digest["body"]
    assert client.delete(f"/api/v1/subscriptions/{told.json()['id']}").status_code == 200
    assert client.delete(f"/api/v1/views/{view['id']}").status_code == 200
    assert client.get("/api/v1/subscriptions").json() == {"subscriptions": [], "in_doubt": []}


def test_the_page_of_the_summary_shows_icons_with_words_and_says_what_cannot_be_compared(client: TestClient) -> None:
    page = client.get("/summary").text
    assert "Rows cannot be compared with each other" in page
    assert 'aria-label="Concern: higher than chance gives, and lower is better"' in page and "Concern (high)" in page
    for path in (
        "/summary?show=themes",
        "/summary?show=values&measure=rate_positive",
        "/summary?measure=mean&sort=since",
        "/summary?service=podiatry",
    ):
        assert client.get(path).status_code == 200
    assert client.get("/summary?show=teams").status_code == 400


def test_the_form_for_a_target_says_what_is_missing_and_keeps_what_is_right(client: TestClient) -> None:
    wrong = client.post("/summary/targets", data={"of": "service:podiatry", "measure": "negative", "value": "15"})
    assert wrong.status_code == 400 and "is no share" in wrong.text and "Enter your name" in wrong.text
    misfit = client.post(
        "/summary/targets", data={"of": "service:podiatry", "measure": "rate_negative", "value": "5%", "name": "A"}
    )
    assert misfit.status_code == 400 and "choose both to fit" in misfit.text
    assert client.post("/summary/targets", data={"of": "all:"}, headers=CROSS_SITE).status_code == 403
    right = {"of": f"theme:{PARKING}", "measure": "rate_negative", "value": "5%", "name": "A. Lead"}
    done = client.post("/summary/targets", data=right)
    assert done.headers["location"] == "/summary?show=themes&done=set"
    assert "set by A. Lead" in client.get(done.headers["location"]).text
    assert "Enter your name" in client.post("/summary/targets/end", data={"id": 1}).text
    assert client.post("/summary/targets/end", data={"id": 1, "name": "A. Lead"}).status_code == 303


def test_the_page_of_changes_cites_the_words_and_an_uploads_page_leads_to_it(client: TestClient) -> None:
    page = client.get("/changes?service=podiatry").text
    assert "stand" in page and "clear of chance with upload 2" in page
    assert "The barrier at the new car park ate my ticket." in page
    assert 'href="/changes?upload=2"' in client.get("/batches/2").text
    assert 'href="/changes"' in client.get("/").text
    assert client.get("/changes?upload=1").status_code == 200
    assert client.get("/changes?upload=99").status_code == 404


def test_views_and_subscriptions_by_page(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEEDBACK_SMTP_HOST", raising=False)
    empty = client.post("/subscriptions/views", data={})
    assert empty.status_code == 400 and "Enter a name for the view" in empty.text and "Enter your name" in empty.text
    kept = client.post("/subscriptions/views", data={"view_name": "Podiatry", "service": "podiatry", "name": "A. Lead"})
    assert kept.headers["location"] == "/subscriptions?done=kept"
    assert (
        "no e-mail address" in client.post("/subscriptions", data={"view": "1", "to": "lead", "name": "A. Lead"}).text
    )
    told = client.post(
        "/subscriptions", data={"view": "1", "way": "email", "to": "lead@example.nhs.uk", "name": "A. Lead"}
    )
    assert told.headers["location"] == "/subscriptions?done=told"
    unsent = client.post("/subscriptions/send")
    assert unsent.status_code == 400 and "No mail server is configured" in unsent.text
    page = client.get("/subscriptions").text
    assert "1 written and not sent" in page and "waits to be sent" in page and "barrier" not in page
    assert "Enter your name" in client.post("/subscriptions/end", data={"id": 1}).text
    assert client.post("/subscriptions/end", data={"id": 1, "name": "A. Lead"}).status_code == 303
    assert client.post("/subscriptions/views/end", data={"id": 1, "name": "A. Lead"}).status_code == 303
    assert "None is kept." in client.get("/subscriptions").text
