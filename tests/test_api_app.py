"""The application as a whole: what it answers, whom it refuses, and that it asks no other machine for anything."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.filters import Scope
from feedback.store import Store
from feedback.taxonomy import Taxonomy

# The contract's addresses, less those that come with later work.
OPERATIONS = {
    "GET /health",
    "GET /version",
    "GET /me",
    "GET /audit",
    "POST /tag",
    "POST /erasures",
    "GET /erasures",
    "GET /erasures/{number}",
    "GET /comments",
    "GET /comments/{id}",
    "GET /comments/{id}/corrections",
    "POST /comments/{id}/corrections",
    "DELETE /comments/{id}/corrections/{number}",
    "GET /clauses",
    "GET /services",
    "GET /services/unresolved",
    "GET /services/disagreements",
    "GET /services/names",
    "POST /services/names",
    "DELETE /services/names/{id}",
    "GET /services/{id}/summary",
    "GET /services/{id}/themes",
    "GET /services/{id}/trend",
    "GET /themes",
    "GET /trend",
    "GET /silence",
    "GET /values",
    "GET /values/{id}/evidence",
    "GET /objectives",
    "GET /objectives/{id}/evidence",
    "GET /statements/{id}/evidence",
    "GET /outcomes/{id}/evidence",
    "GET /supporting-strategies",
    "GET /supporting-strategies/{id}/evidence",
    "GET /programmes/{id}/evidence",
    "GET /citations/{id}",
    "GET /programmes",
    "GET /programmes/{id}",
    "DELETE /comments/{id}/translation",
    "GET /comments/{id}/translation",
    "GET /signals/samples",
    "GET /signals/samples/{number}",
    "GET /signals/samples/{number}/next",
    "GET /subscriptions/{id}/outlook",
    "GET /translations",
    "GET /translations/waiting",
    "POST /signals/samples",
    "POST /topics/{id}/trial",
    "PUT /comments/{id}/translation",
    "PUT /signals/samples/{number}/answers/{place}",
    "GET /signals",
    "GET /signals/digest",
    "GET /signals/{id}",
    "POST /signals/{id}/review",
    "GET /actions",
    "POST /actions",
    "GET /actions/{id}",
    "PATCH /actions/{id}",
    "GET /actions/{id}/reply",
    "PUT /actions/{id}/reply",
    "POST /actions/{id}/replies",
    "POST /actions/{id}/replies/{number}/withdraw",
    "GET /actions/{id}/replies/{number}.{form}",
    "GET /batches",
    "POST /batches",
    "GET /batches/{id}",
    "GET /batches/{id}/{rows}.{form}",
    "DELETE /batches/{id}",
    "GET /changes",
    "GET /local-themes",
    "DELETE /local-themes/{id}",
    "GET /reports",
    "POST /reports",
    "POST /reports/verify",
    "GET /reports/{id}",
    "GET /reports/{id}/file",
    "GET /reports/{id}/verification",
    "GET /strategies",
    "POST /strategies",
    "POST /strategies/check",
    "GET /strategies/compare",
    "PUT /strategies/in-force",
    "GET /strategies/{version}",
    "GET /strategies/{version}/corrections",
    "GET /subscriptions",
    "POST /subscriptions",
    "GET /subscriptions/digests/{id}",
    "POST /subscriptions/digests/{id}/settle",
    "POST /subscriptions/send",
    "DELETE /subscriptions/{id}",
    "GET /summary",
    "GET /summary.{form}",
    "GET /targets",
    "POST /targets",
    "DELETE /targets/{id}",
    "GET /topics",
    "GET /topics/rising",
    "POST /topics/search",
    "POST /topics/sort",
    "GET /topics/{id}",
    "PUT /topics/{id}/name",
    "POST /topics/{id}/promote",
    "GET /views",
    "POST /views",
    "DELETE /views/{id}",
}

PROBLEM = {"type", "title", "status", "detail", "instance"}


@pytest.fixture
def client(filled: Store) -> Iterator[TestClient]:
    with TestClient(make_app(filled.path)) as client:
        yield client


def test_health_says_what_is_ready_and_whom_it_answers(client: TestClient) -> None:
    health = client.get("/api/v1/health").json()
    assert health.pop("pipeline") in ("loading", "ready")
    assert health == {
        "status": "ok",
        "problem": None,
        "comments": 38,
        "waiting": 0,
        "answers": "This machine alone: it listens on loopback, and there are no accounts yet.",
    }


def test_version_names_the_program_the_data_and_what_read_the_comments(client: TestClient, taxonomy: Taxonomy) -> None:
    version = client.get("/api/v1/version").json()
    assert version == {
        "feedback": client.app.version,
        "data": taxonomy.versions,
        "stored": {"reader": "1.0", "themes": "7"},
    }  # type: ignore[attr-defined]


def test_until_there_are_accounts_everyone_at_this_machine_reads_everything(client: TestClient) -> None:
    assert client.get("/api/v1/me").json() == {"name": "local", "services": None, "may_read": True}


def test_a_reader_with_a_scope_is_told_it(client: TestClient, taxonomy: Taxonomy) -> None:
    reader = Reader("A lead", Scope.of(taxonomy, ["ward-willow"]), may_read=False)
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]
    assert client.get("/api/v1/me").json() == {"name": "A lead", "services": ["ward-willow"], "may_read": False}


def test_another_machine_is_refused(filled: Store) -> None:
    with TestClient(make_app(filled.path), client=("192.0.2.7", 40000)) as elsewhere:
        answer = elsewhere.get("/api/v1/themes")
    assert answer.status_code == 403
    assert (
        answer.json()["detail"] == "There are no accounts yet, so only this machine itself is answered; ask from here."
    )


def test_a_name_that_is_not_this_machines_is_refused(client: TestClient) -> None:
    assert client.get("/api/v1/health", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_sites_page_can_change_nothing(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.delete("/api/v1/batches/1", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert client.get("/api/v1/batches/1").json()["state"] == "finished"


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}]
)
def test_our_own_page_and_a_program_may_change_things(client: TestClient, headers: dict[str, str]) -> None:
    assert client.delete("/api/v1/batches/2", headers=headers).json() == {"id": "2", "removed": 2, "flags": []}


@pytest.mark.parametrize("path", ["/api/v1/themes", "/api/v1/nothing", "/nothing", "/static/nothing.css", "/docs"])
def test_every_answer_tells_the_browser_what_it_may_do(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["frame-ancestors"], policy["object-src"]) == ("'self'", "'none'", "'none'")
    assert "unsafe" not in policy["script-src"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_comments_are_not_left_behind_in_a_browser(client: TestClient) -> None:
    assert client.get("/api/v1/comments").headers["cache-control"] == "no-store"


def test_the_api_page_is_made_of_files_of_this_machine(client: TestClient) -> None:
    page = client.get("/docs").text
    addresses = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", page)
    assert addresses == [
        "/static/vendor/swagger-ui.css",
        "data:,",
        "/static/vendor/swagger-ui-bundle.js",
        "/api/v1/openapi.json",
    ]


def test_openapi_describes_every_operation_of_the_contract(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    operations = {
        f"{method.upper()} {path.removeprefix('/api/v1').replace(':path', '')}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    assert operations.keys() == OPERATIONS
    for name, operation in operations.items():
        assert operation["description"], name
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"], name


def test_openapi_has_an_answer_shape_for_all_that_is_not_a_file_or_empty(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    shapes = {
        path.removeprefix("/api/v1"): operation["responses"]["200"]["content"]["application/json"]["schema"]
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method == "get" and not path.endswith((".csv", ".{form}", "/file"))
    }
    assert all("$ref" in schema for schema in shapes.values()), shapes


def problem(answer: Any) -> tuple[int, str]:
    """The status and detail of a problem document, which is checked for its form."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() - {"errors"} == PROBLEM
    assert body["status"] == answer.status_code
    return answer.status_code, body["detail"]


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/nothing", 404, "There is nothing at this address; /docs lists what the API answers."),
        ("/comments/none-such", 404, "There is no comment none-such that you may see."),
        ("/services/podiatri/summary", 404, "There is no service 'podiatri'; the nearest ids are podiatry,"),
        ("/themes?theme=parkin", 404, "There is no theme 'parkin'; the nearest ids are parking,"),
        ("/objectives/O9/evidence", 404, "There is no objective 'O9'"),
        ("/batches/77", 404, "There is no batch 77"),
        ("/batches/u-123", 404, "There is no upload 'u-123'."),
        (
            "/themes?sentiment=angry",
            400,
            "There is no sentiment 'angry': use one of positive, neutral, negative, mixed",
        ),
        ("/themes?from=2026-05-01&to=2026-04-01", 400, "The dates run backwards"),
        ("/themes?servce=podiatry", 400, "This address knows no parameter 'servce'. Did you mean service?"),
        ("/themes?theme=parking&theme=food", 400, "The parameter theme is given more than once; give it once."),
        ("/me?service=podiatry", 400, "This address knows no parameter 'service'. It knows none."),
        ("/comments?after=yesterday", 400, "'yesterday' is no place in a list; start again from the first page."),
        ("/trend?measure=rate", 400, "A rate is of one thing: ask for one theme, value, objective or statement."),
        ("/services/podiatry/themes?service=podiatry", 400, "The address names the service already"),
        ("/programmes?programme=x", 404, "There is no programme 'x'"),
        ("/objectives/O3/evidence?polarity=-", 400, "The evidence on objective O3 has both sides already"),
        ("/comments?limit=501", 422, "limit: Input should be less than or equal to 500."),
        ("/trend?period=year", 422, "period: Input should be 'week', 'month' or 'quarter'."),
        ("/themes?from=soon", 422, "from: Input should be a valid date"),
    ],
)
def test_a_refusal_is_a_problem_with_one_sentence(client: TestClient, path: str, status: int, detail: str) -> None:
    got = problem(client.get(f"/api/v1{path}"))
    assert got[0] == status
    assert got[1].startswith(detail)


def test_a_method_that_is_not_answered_is_a_problem(client: TestClient) -> None:
    assert problem(client.put("/api/v1/themes")) == (
        405,
        "PUT is not answered at this address; /docs lists what is.",
    )


def test_a_request_of_the_wrong_shape_is_refused_field_by_field_without_repeating_it(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/tag", json={"comments": [{"text": "A secret."}, {"text": 3, "fft": 9, "secret": "x"}]}
    )
    assert problem(answer)[0] == 422
    assert answer.json()["errors"] == [
        {"field": "comments.1.text", "message": "Input should be a valid string"},
        {"field": "comments.1.fft", "message": "Input should be less than or equal to 6"},
        {"field": "comments.1.secret", "message": "Extra inputs are not permitted"},
    ]
    assert "A secret" not in answer.text


def test_a_page_that_is_not_there_is_refused_by_a_page(client: TestClient) -> None:
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1" in answer.text


def test_a_database_that_has_gone_is_a_problem_of_ours(filled: Store) -> None:
    with TestClient(make_app(filled.path)) as client:
        filled.path.rename(filled.path.with_suffix(".away"))
        status, detail = problem(client.get("/api/v1/themes"))
        filled.path.with_suffix(".away").rename(filled.path)
    assert status == 503
    assert "there is no such database" in detail


def test_a_table_that_has_gone_is_a_problem_without_sqlites_words(filled: Store) -> None:
    filled.conn.execute("DROP VIEW effective")
    with TestClient(make_app(filled.path)) as client:
        status, detail = problem(client.get("/api/v1/themes"))
    assert (status, "effective" in detail) == (503, False)


def test_without_models_figures_are_shown_and_tagging_says_what_is_wrong(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDBACK_MODELS", str(tmp_path / "no-models"))
    with TestClient(make_app(filled.path)) as client:
        status, detail = problem(client.post("/api/v1/tag", json={"comments": [{"text": "Kind staff."}]}))
        health = client.get("/api/v1/health").json()
        assert client.get("/api/v1/themes").status_code == 200
    assert status == 503
    assert (health["pipeline"], health["problem"]) == ("failed", detail)


def test_a_database_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path / "new.db")) as client:
        assert client.get("/api/v1/health").json()["comments"] == 0
        assert client.get("/api/v1/trend").json()["sentence"] == "There are no comments to chart."
