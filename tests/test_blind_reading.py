"""A sample is read blind by command and over HTTP, as on the pages; what it comes to is said only when it is read. All invented."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.cli import main
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.safety.blind import draw
from feedback.safety.queue import flags
from feedback.store import Store
from feedback.taxonomy import Taxonomy

PATH = "/api/v1/signals/samples"


@pytest.fixture
def client(filled: Store) -> Iterator[TestClient]:
    with TestClient(make_app(filled.path)) as client:
        yield client


def run(db: Path, *command: str, typed: str = "") -> str:
    result = CliRunner().invoke(main, [*command, "--db", str(db)], input=typed)
    assert result.exit_code == 0, result.output
    return result.output


def raised(store: Store, taxonomy: Taxonomy) -> list[tuple[str, str, str]]:
    found = flags(store.conn, taxonomy, Filters(), EVERYTHING, now=store.clock()).flags
    return [(one.kind, one.severity, one.by) for one in found if one.by.startswith("person:")]


def test_a_sample_is_read_at_the_command_line_and_what_is_marked_is_on_the_queue(
    filled: Store, taxonomy: Taxonomy
) -> None:
    draw(filled, taxonomy, Filters(service="podiatry"), EVERYTHING, size=3, by="Ann", seed=1)
    said = run(filled.path, "signals", "read", "1", "--by", "Bo", typed="n\nu\n8\ns\n")
    assert "1 of 3" in said and "It is on the safety queue now." in said
    assert "Sample 1: 2 of 3 read, 1 skipped." in said
    assert "should have been flagged: 1 of 2 unflagged comments" in said
    assert raised(filled, taxonomy) == [("child_risk", "urgent", "person:Bo")]


def test_reading_may_be_left_off_and_gone_on_with_and_says_nothing_of_the_result_until_then(
    filled: Store, taxonomy: Taxonomy
) -> None:
    draw(filled, taxonomy, Filters(service="podiatry"), EVERYTHING, size=3, by="Ann", seed=1)
    first = run(filled.path, "signals", "read", "1", "--by", "Bo", typed="n\nq\n")
    assert "Sample 1: 1 of 3 read" in first and "should have been flagged" not in first
    assert json.loads(run(filled.path, "signals", "samples", "--json"))[0]["missed"] is None
    run(filled.path, "signals", "read", "1", "--by", "Bo", typed="n\ns\n")
    run(filled.path, "signals", "read", "1", "--by", "Bo", "--skipped", typed="n\n")
    (whole,) = json.loads(run(filled.path, "signals", "samples", "--json"))
    assert (whole["read"], whole["skipped"], whole["missed"]["missed"]["n"]) == (3, 0, 3)
    assert "3 of 3 read" in run(filled.path, "signals", "samples")


def test_skipping_what_was_skipped_comes_to_an_end(filled: Store, taxonomy: Taxonomy) -> None:
    draw(filled, taxonomy, Filters(service="podiatry"), EVERYTHING, size=2, by="Ann", seed=1)
    run(filled.path, "signals", "read", "1", "--by", "Bo", typed="s\ns\n")
    assert "2 skipped" in run(filled.path, "signals", "read", "1", "--by", "Bo", "--skipped", typed="s\ns\n")


def test_no_such_sample_is_refused_in_a_sentence(filled: Store) -> None:
    result = CliRunner().invoke(main, ["signals", "read", "9", "--by", "Bo", "--db", str(filled.path)])
    assert (result.exit_code, "There is no sample 9" in result.output) == (1, True)


def read_whole(client: TestClient, number: int, answers: list[dict[str, Any]]) -> list[bool]:
    marked = []
    for said in answers:
        one = client.get(f"{PATH}/{number}/next").json()["comment"]
        assert set(one) == {"place", "text", "question", "date", "date_precision"}
        answer = client.put(f"{PATH}/{number}/answers/{one['place']}", json=said | {"by": "Bo"})
        assert answer.status_code == 200, answer.text
        marked.append(answer.json()["flagged"])
    return marked


def test_a_sample_is_drawn_and_read_over_http(client: TestClient, filled: Store, taxonomy: Taxonomy) -> None:
    drawn = client.post(PATH, params={"service": "podiatry"}, json={"size": 3, "seed": 1, "by": "Ann"})
    assert drawn.status_code == 201
    number = drawn.json()["id"]
    assert (drawn.json()["size"], drawn.json()["drawn_by"], drawn.json()["missed"]) == (3, "Ann", None)
    assert read_whole(client, number, [{"severity": "none"}, {"severity": "watch", "kind": "child_risk"}]) == [
        False,
        True,
    ]
    assert client.get(f"{PATH}/{number}").json()["missed"] is None
    read_whole(client, number, [{"severity": "none"}])
    assert client.get(f"{PATH}/{number}/next").json() == {"comment": None, "read": 3, "skipped": 0, "size": 3}
    assert client.get(PATH).json()["samples"][0]["missed"]["missed"]["k"] == 1
    assert raised(filled, taxonomy) == [("child_risk", "watch", "person:Bo")]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"severity": "urgent"}, 400),
        ({"severity": "none", "kind": "child_risk"}, 400),
        ({"severity": "soon"}, 422),
        ({}, 422),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(
    client: TestClient, filled: Store, taxonomy: Taxonomy, said: Any, status: int
) -> None:
    draw(filled, taxonomy, Filters(service="podiatry"), EVERYTHING, size=3, by="Ann", seed=1)
    assert client.put(f"{PATH}/1/answers/1", json=said).status_code == status
    assert client.get(f"{PATH}/1/next").json()["read"] == 0


def test_a_sample_of_all_is_not_there_for_a_reader_of_one_service_nor_for_one_without_words(
    client: TestClient, filled: Store, taxonomy: Taxonomy
) -> None:
    draw(filled, taxonomy, Filters(), EVERYTHING, size=3, by="Ann", seed=1)
    for reader, status in (
        (Reader("lead", Scope.of(taxonomy, ["podiatry"]), True), 404),
        (Reader("board", EVERYTHING, False), 403),
    ):
        client.app.dependency_overrides[current_reader] = lambda reader=reader: reader  # type: ignore[attr-defined]
        assert client.get(f"{PATH}/1").status_code == status
        assert client.get(f"{PATH}/1/next").status_code == status
        assert client.put(f"{PATH}/1/answers/1", json={"severity": "none"}).status_code == status
