"""Erasing over HTTP and on its page: the command's rules, first how much would go, then a signature and the receipt. All invented."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import add_batch, analysed
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.audit import audit
from feedback.erase import receipts
from feedback.filters import EVERYTHING, Scope
from feedback.store import Store
from feedback.stored import Part
from feedback.taxonomy import Taxonomy

MINE, ALSO, FLAGGED, REFERENCE = "Marzipan trombone.", "Gooseberry fool.", "I shall write to complain.", "form-quince-7"


@pytest.fixture
def told(filled: Store) -> Store:
    """After the invented comments two of one form, and one with a flag that nobody has decided about."""
    from conftest import VERSIONS, entry

    batch = filled.begin_batch("c.csv", "sum", column_map={}, decisions=[], versions=VERSIONS)
    mine = [
        entry(filled, analysed(f"m-{n}", [(said, "+", ())], service="podiatry"), row=n)
        for n, said in enumerate((MINE, ALSO), 2)
    ]
    key = filled.respondent_key("person", REFERENCE)
    filled.add(batch.id, Part(0, 2, [type(one)(one.key, one.analysed, key, one.row) for one in mine]))
    filled.finish_batch(batch.id, 2)
    add_batch(filled, "d.csv", [analysed("f-1", [(FLAGGED, "-", ())], signal=("complaint_intent", "watch"))])
    return filled


@pytest.fixture
def client(told: Store) -> Iterator[TestClient]:
    with TestClient(make_app(told.path), follow_redirects=False) as client:
        yield client


def bytes_of(path: Path) -> bytes:
    there = [path, Path(f"{path}-wal")]
    return b"".join(file.read_bytes() for file in there if file.exists())


def count(store: Store) -> int:
    return store.conn.execute("SELECT count(*) FROM comments").fetchone()[0]


def as_reader(client: TestClient, reader: Reader) -> TestClient:
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]
    return client


SIGNED = {"yes": True, "by": "A. Manager", "reason": "asked by letter"}


# Over HTTP


def test_first_it_says_how_much_would_go_without_words_and_changes_nothing(client: TestClient, told: Store) -> None:
    before = list(told.conn.iterdump())
    answer = client.post("/api/v1/erasures", json={"respondent": REFERENCE})
    body = answer.json()
    assert answer.status_code == 200 and body["receipt"] is None
    assert (body["would_go"]["comments"], body["would_go"]["citations"]) == (2, ["HW-2026-000039", "HW-2026-000040"])
    assert body["would_go"]["findings"] > 0 and body["would_go"]["note"] == ""
    assert not any(word in answer.text for word in (MINE, ALSO, REFERENCE))
    assert list(told.conn.iterdump()) == before


def test_then_it_erases_and_answers_with_the_receipt_which_is_kept(client: TestClient, told: Store) -> None:
    n = count(told)
    answer = client.post(
        "/api/v1/erasures", json={"comment": "m-2", "comments": 2, **SIGNED, "reason": "Ffion rang on 07700 900123"}
    )
    receipt = answer.json()["receipt"]
    assert answer.status_code == 201 and answer.headers["location"] == "/api/v1/erasures/1"
    assert (receipt["number"], receipt["by"], receipt["scope"], receipt["comments"]) == (
        1,
        "A. Manager",
        "respondent",
        2,
    )
    assert "07700" not in receipt["reason"] and "[PHONE]" in receipt["reason"]
    assert receipt["cleared_at"] and count(told) == n - 2
    assert b"Marzipan" not in bytes_of(told.path)
    assert client.get("/api/v1/erasures/1").json() == receipt
    assert client.get("/api/v1/erasures").json() == {"receipts": [receipt], "after": None}
    assert client.get("/api/v1/citations/HW-2026-000039").status_code == 410
    (act,) = audit(told.conn, act="erasure").acts
    assert (act.by, act.id, act.code, act.n) == ("A. Manager", "1", "respondent", 2)


def test_receipts_page_by_page(client: TestClient) -> None:
    for id in ("willow-1", "evesham-1", "undated-1"):
        body = {"comment": id, "only": True, "comments": 1, "flags_dealt_with": True, **SIGNED}
        assert client.post("/api/v1/erasures", json=body).status_code == 201
    first = client.get("/api/v1/erasures?limit=2").json()
    assert ([one["number"] for one in first["receipts"]], first["after"]) == ([3, 2], "2")
    rest = client.get(f"/api/v1/erasures?limit=2&after={first['after']}").json()
    assert ([one["number"] for one in rest["receipts"]], rest["after"]) == ([1], None)


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({}, 400, "Name one thing to erase"),
        ({"only": True}, 400, "Name one thing to erase"),
        ({"comment": "m-2", "before": "2026-01-01"}, 400, "Name one thing to erase"),
        ({"comment": "HW-2026-009999"}, 404, "There is no comment HW-2026-009999"),
        ({"retention": True}, 400, "set FEEDBACK_RETENTION_MONTHS"),
        ({"comment": "m-2", **SIGNED}, 400, "Ask first without yes what would go"),
        ({"comment": "m-2", "comments": 3, **SIGNED}, 400, "It would erase 2 comments by now, and you were told 3"),
        ({"comment": "m-2", "comments": 2, **SIGNED, "by": " "}, 400, "signed and has a reason"),
        ({"comment": "m-2", "comments": 2, **SIGNED, "reason": ""}, 400, "signed and has a reason"),
        ({"comment": "f-1", "comments": 1, **SIGNED}, 400, "0 urgent and 1 to watch (complaint intent 1)"),
        ({"respondent": "nobody-has-this", "comments": 0, **SIGNED}, 404, "There is nothing to erase under that value"),
        ({"coment": "m-2"}, 422, ""),
    ],
)
def test_refusals_are_sentences_and_nothing_goes(
    client: TestClient, told: Store, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], status: int, said: str
) -> None:
    monkeypatch.delenv("FEEDBACK_RETENTION_MONTHS", raising=False)
    n = count(told)
    answer = client.post("/api/v1/erasures", json=given)
    assert answer.status_code == status and said in answer.json()["detail"]
    assert "nobody-has-this" not in answer.text
    assert count(told) == n and receipts(told.conn) == ()


def test_what_is_too_old_by_a_day_or_by_the_setting(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    by_day = client.post("/api/v1/erasures", json={"before": "2026-03-01"}).json()["would_go"]
    assert (by_day["scope"], by_day["before"], by_day["comments"]) == ("retention", "2026-03-01", 12)
    monkeypatch.setenv("FEEDBACK_RETENTION_MONTHS", "600")
    assert client.post("/api/v1/erasures", json={"retention": True}).json()["would_go"]["comments"] == 0


def test_it_says_where_a_value_was_met(client: TestClient) -> None:
    by_id = client.post("/api/v1/erasures", json={"respondent": "M-2"}).json()["would_go"]
    assert by_id["comments"] == 2 and "whose comment has this id" in by_id["note"]
    nowhere = client.post("/api/v1/erasures", json={"respondent": "nobody-has-this"}).json()["would_go"]
    assert nowhere["comments"] == 0 and "There is nothing to erase under that value" in nowhere["note"]


def test_only_those_who_may_read_every_comment_may_erase_or_see_receipts(
    client: TestClient, told: Store, taxonomy: Taxonomy
) -> None:
    n = count(told)
    for reader in (Reader("x", Scope.of(taxonomy, ["podiatry"]), True), Reader("x", EVERYTHING, False)):
        other = as_reader(client, reader)
        answers = [
            other.post("/api/v1/erasures", json={"comment": "m-2", "comments": 2, **SIGNED}),
            other.get("/api/v1/erasures"),
            other.get("/api/v1/erasures/1"),
            other.get("/erase"),
            other.post("/erase", data={"what": "writer", "value": "m-2"}),
            other.get("/erase/receipts/1"),
        ]
        assert [answer.status_code for answer in answers] == [403] * 6
        assert "/erase" not in other.get("/about").text
    assert count(told) == n


def test_where_it_is_known_who_asks_they_sign(client: TestClient) -> None:
    known = as_reader(client, Reader("A. Known", EVERYTHING, True))
    body = {"comment": "m-2", "comments": 2, **SIGNED, "by": "Somebody Else"}
    assert known.post("/api/v1/erasures", json=body).json()["receipt"]["by"] == "A. Known"


# On the page


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_the_page_shows_first_then_asks_for_a_signature_then_gives_the_receipt(client: TestClient, told: Store) -> None:
    n = count(told)
    assert 'href="/erase"' in client.get("/about").text
    assert "Show what would go" in client.get("/erase").text
    shown = client.post("/erase", data={"what": "respondent", "value": REFERENCE})
    assert shown.status_code == 200 and "HW-2026-000039" in shown.text and "Nothing has changed yet." in shown.text
    assert MINE not in shown.text and count(told) == n
    fields = hidden_fields(shown.text)
    assert fields == {"what": "respondent", "value": REFERENCE, "comments": "2"}
    unsigned = client.post("/erase", data=fields)
    assert unsigned.status_code == 400
    assert "Enter your name" in unsigned.text and "Say why they are erased" in unsigned.text and count(told) == n
    done = client.post("/erase", data=fields | {"name": "A. Manager", "reason": "asked by letter"})
    assert (done.status_code, done.headers["location"]) == (303, "/erase/receipts/1")
    receipt = client.get("/erase/receipts/1").text
    for said in (
        "Receipt 1 of an erasure",
        "A. Manager",
        "asked by letter",
        "HW-2026-000039, HW-2026-000040",
        "Backups and copies",
    ):
        assert said in receipt, said
    assert REFERENCE not in receipt and MINE not in receipt and count(told) == n - 2
    assert "/erase/receipts/1" in client.get("/erase").text
    assert b"Marzipan" not in bytes_of(told.path) and REFERENCE.encode() not in bytes_of(told.path)


def test_one_comment_alone_and_undecided_flags_are_asked_about(client: TestClient, told: Store) -> None:
    n = count(told)
    fields = hidden_fields(client.post("/erase", data={"what": "comment", "value": "f-1"}).text)
    signed = fields | {"name": "A. Manager", "reason": "asked"}
    refused = client.post("/erase", data=signed)
    assert refused.status_code == 400 and "Confirm that the safety flags have been dealt with" in refused.text
    assert client.post("/erase", data=signed | {"flags_dealt_with": "true"}).status_code == 303
    assert count(told) == n - 1
    assert "complaint intent 1" in client.get("/erase/receipts/1").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose what is to be erased."),
        ({"what": "writer"}, "Enter the citation or id"),
        ({"what": "before", "value": "31/01/2023"}, "A day is written as year, month and day"),
        ({"what": "writer", "value": "HW-2026-009999"}, "There is no comment HW-2026-009999"),
        ({"what": "retention"}, "set FEEDBACK_RETENTION_MONTHS"),
    ],
)
def test_the_page_refuses_beside_the_field(client: TestClient, given: dict[str, str], said: str) -> None:
    answer = client.post("/erase", data=given)
    assert answer.status_code == 400 and said in answer.text and 'href="#value"' in answer.text


def test_a_value_that_nobody_has_is_told_so_and_more_comments_than_were_shown_are_shown_again(
    client: TestClient, told: Store
) -> None:
    nobody = client.post("/erase", data={"what": "respondent", "value": "nobody-has-this"})
    assert (
        nobody.status_code == 200
        and "There is nothing to erase." in nobody.text
        and "Erase for good" not in nobody.text
    )
    fields = {"what": "respondent", "value": REFERENCE, "comments": "1", "name": "A. Manager", "reason": "asked"}
    again = client.post("/erase", data=fields)
    assert again.status_code == 400 and "by now, and you were told 1" in again.text
    assert hidden_fields(again.text)["comments"] == "2"


def test_what_a_person_is_called_is_in_no_address(client: TestClient) -> None:
    pages = client.get("/erase").text + client.post("/erase", data={"what": "respondent", "value": REFERENCE}).text
    forms = re.findall(r'<form method="(\w+)" action="([^"]*)"', pages)
    assert forms == [("post", "/erase")] * 2
    assert not [one for one in re.findall(r'(?:href|action)="([^"]*)"', pages) if REFERENCE in one]
    assert client.get("/erase/receipts/9").status_code == 404


def test_an_erasure_that_was_broken_off_is_completed_when_the_server_starts(told: Store) -> None:
    with told.writing():
        told.conn.execute(
            "INSERT INTO erasures (at, \"by\", reason, scope, comments, citations) VALUES ('', '', '', 'comment', 0, '[]')"
        )
    with TestClient(make_app(told.path)):
        assert receipts(told.conn)[0].cleared_at
