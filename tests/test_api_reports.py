"""Documents over HTTP and on their page: made, listed, downloaded, checked, and only by those who may read comments."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from conftest import WAIT, add_batch, analysed
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.filters import EVERYTHING, Scope
from feedback.store import Store
from feedback.taxonomy import load_taxonomy

ALL = Reader("local", EVERYTHING, may_read=True)


@pytest.fixture
def client(filled: Store) -> Iterator[TestClient]:
    with TestClient(make_app(filled.path)) as client:
        yield client


def reading_as(client: TestClient, reader: Reader) -> None:
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]


def test_a_document_is_made_listed_downloaded_and_checked(client: TestClient) -> None:
    made = client.post("/api/v1/reports", json={"objective": "O3", "from": "2026-01-01"})
    assert made.status_code == 201
    answer = made.json()
    assert (answer["id"], answer["kind"], answer["of"], answer["by"]) == (1, "objective", "O3", "local")
    assert answer["figures"]["In numbers | Against"].startswith("15 ")
    assert "five months" not in made.text
    (listed,) = client.get("/api/v1/reports").json()["reports"]
    assert listed == {name: value for name, value in answer.items() if name != "figures"}
    assert client.get(listed["links"]["self"]).json() == answer
    for form in ("docx", "html", "md", "json"):
        file = client.get(listed["links"][form])
        assert file.headers["content-disposition"] == f'attachment; filename="pack-1-o3.{form}"'
        assert file.headers["x-same-content"] == "yes"
        found = client.post("/api/v1/reports/verify", files={"file": (f"O3.{form}", file.content)}).json()
        assert (found["holds"], found["changed"], found["differences"]) == (True, [], [])
    assert client.get(listed["links"]["verification"]).json()["holds"] is True


def test_what_has_moved_on_is_told_figure_by_figure(client: TestClient, filled: Store) -> None:
    link = client.post("/api/v1/reports", json={"service": "podiatry"}).json()["links"]
    late = analysed("new", [("I waited a year.", "-", (WAIT,))], day=date(2026, 7, 20), service="podiatry")
    add_batch(filled, "third.csv", [late])
    found = client.get(link["verification"]).json()
    assert (found["holds"], found["genuine"], found["same_figures"]) == (False, True, False)
    assert {
        "figure": "In numbers | Comments",
        "then": "30 (30 could be read)",
        "now": "31 (31 could be read)",
    } in found["differences"]
    assert found["reasons"] == ["1 comment has been added since by upload 3."]
    assert client.get(link["md"]).headers["x-same-content"] == "no"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"objective": "O3", "value": "responsive"}, 400),
        ({"objective": "O33"}, 404),
        ({"service": "podiatry", "search": "cold"}, 422),
        ({"board": True, "from": "yesterday"}, 422),
    ],
)
def test_what_makes_no_sense_is_a_problem(client: TestClient, asked: dict[str, object], status: int) -> None:
    refused = client.post("/api/v1/reports", json=asked)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert client.get("/api/v1/reports").json() == {"reports": [], "after": None}


def test_what_is_no_document_of_ours_is_a_problem(client: TestClient) -> None:
    refused = client.post("/api/v1/reports/verify", files={"file": ("a.md", b"# Mine")})
    assert (refused.status_code, refused.json()["detail"][:20]) == (422, "This file is no pack")
    assert client.get("/api/v1/reports/7").status_code == 404


def test_a_reader_of_figures_gets_no_document(client: TestClient) -> None:
    made = client.post("/api/v1/reports", json={"board": True}).json()
    reading_as(client, replace(ALL, may_read=False))
    for path in (
        "/api/v1/reports",
        made["links"]["self"],
        made["links"]["docx"],
        made["links"]["verification"],
        "/reports",
    ):
        assert client.get(path).status_code == 403
    assert client.post("/api/v1/reports", json={"board": True}).status_code == 403


def test_a_reader_of_one_service_makes_documents_on_its_comments_alone(client: TestClient) -> None:
    whole = client.post("/api/v1/reports", json={"value": "responsive"}).json()
    reading_as(client, replace(ALL, scope=Scope.of(load_taxonomy(), ["ward-willow"])))
    assert client.get(whole["links"]["self"]).status_code == 404
    assert client.get(whole["links"]["md"]).status_code == 404
    assert client.post("/api/v1/reports", json={"service": "podiatry"}).status_code == 404
    mine = client.post("/api/v1/reports", json={"value": "responsive"}).json()
    assert mine["data"]["comments"] == 2
    assert "Podiatry" not in client.get(mine["links"]["md"]).text
    assert [one["id"] for one in client.get("/api/v1/reports").json()["reports"]] == [mine["id"]]


# The page


def test_the_page_makes_a_document_and_offers_its_files(client: TestClient) -> None:
    given = {"on": "service:podiatry", "name": "A. Lead", "start": "2026-01-01"}
    page = client.post("/reports", data=given).text
    assert "“Podiatry: team on a page” has been made." in page
    assert "/api/v1/reports/1/file?format=docx" in page and "by A. Lead" in page
    assert "From 1 January 2026" in page
    checked = client.get("/reports/1/check").text
    assert "Still holds" in checked and "feedback report --service podiatry --from 2026-01-01 --format docx" in checked


def test_an_incomplete_form_says_what_is_missing(client: TestClient) -> None:
    page = client.post("/reports", data={"start": "32/1/2026"})
    assert page.status_code == 400
    for says in ("Select what the document is to be on", "Enter your name", "Enter a real date"):
        assert says in page.text
    assert client.get("/api/v1/reports").json()["reports"] == []


def test_a_file_is_checked_on_the_page(client: TestClient) -> None:
    link = client.post("/api/v1/reports", json={"board": True}).json()["links"]
    content = client.get(link["html"]).content
    assert "Still holds" in client.post("/reports/check", files={"file": ("b.html", content)}).text
    changed = client.post(
        "/reports/check", files={"file": ("b.html", content.replace(b">What cannot be said<", b">What is proven<"))}
    ).text
    assert "Changed since it was made" in changed
    for files in ({"file": ("a.md", b"# Mine")}, {"other": ("a.md", b"")}):
        assert client.post("/reports/check", files=files).status_code == 400


@pytest.mark.parametrize(
    ("path", "on"),
    [
        ("/services/podiatry", "service:podiatry"),
        ("/objectives/O3", "objective:O3"),
        ("/programmes/CHT", "programme:CHT"),
        ("/objectives", "board"),
    ],
)
def test_a_page_leads_to_its_document(client: TestClient, path: str, on: str) -> None:
    assert f'href="/reports?on={on}"' in client.get(path).text
    assert f'<option value="{on}" selected>' in client.get(f"/reports?on={on}").text


def test_the_figures_of_a_document_are_those_of_its_json(client: TestClient) -> None:
    link = client.post("/api/v1/reports", json={"statement": "O3.W5"}).json()
    file = json.loads(client.get(link["links"]["json"]).content)
    assert file["pack"]["figures"] == link["figures"]
    assert file["comments"] == 15
