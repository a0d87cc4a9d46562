"""Uploads by HTTP, with the shipped pipeline: taken in at once, read in order, every row accounted for, and taken back whole."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from api.pages.batches import _left
from api.uploads import Upload, Wishes, _together
from feedback.batches.intake import analyse_file
from feedback.store import Store, open_store
from feedback.stored import Notice, Part

ENDINGS = {"self": "", "rejects": "/rejects.csv", "warnings": "/warnings.csv"}
PATIENCE = 120.0  # seconds for the pipeline to load and a small file to be read, on a busy machine

BATCH = {
    "id",
    "batch",
    "file",
    "state",
    "received_at",
    "finished_at",
    "progress",
    "problem",
    "counts",
    "erased",
    "taken_back",
    "links",
}
DETAIL = BATCH | {"column_map", "decisions", "rejects", "warnings", "unresolved", "versions"}

CSV = "\n".join(
    [
        "Date,Team,What could we do better?",
        *[
            f"2026-0{1 + n % 6}-1{n % 9},Podiatry,The clinic was very friendly but visit {n} started late."
            for n in range(12)
        ],
        "31/31/2026,Podiatry,Nobody told us where to wait.",
        "2026-05-01,Podiatry,",
        "2026-05-02,Podiatry,The chairs are hard,and so,is the bench",
        "2026-03-12,Podiatry,The clinic was very friendly but visit 2 started late.",
        "2026-05-04,Example Ward Ninety,The ward was warm and the staff were kind to my mother.",
        "2026-05-05,Podiatry,N/A",
        "",
    ]
).encode()
COUNTS = {
    "rows": 18,
    "accepted": 15,
    "accepted_rows": 15,
    "already_stored": 0,
    "already_stored_rows": 0,
    "empty": 1,
    "contentless": 1,
    "duplicates": 1,
    "rejects": 1,
    "warnings": 1,
}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(make_app(tmp_path / "feedback.db")) as client:
        yield client


def send(client: TestClient, content: bytes = CSV, name: str = "may.csv", **fields: Any) -> Any:
    return client.post("/api/v1/batches", files={"file": (name, content)}, data=fields)


def wait(
    client: TestClient, address: str, until: Callable[[Any], bool] = lambda b: b["state"] not in ("queued", "running")
) -> Any:
    """Ask for an upload until it has come to its end."""
    end = time.monotonic() + PATIENCE
    while not until(batch := client.get(address).json()):
        assert time.monotonic() < end, batch
        time.sleep(0.05)
    return batch


def upload(client: TestClient, content: bytes = CSV, name: str = "may.csv", **fields: Any) -> Any:
    """Upload a file and wait for its end."""
    answer = send(client, content, name, **fields)
    assert answer.status_code == 202, answer.text
    return wait(client, answer.headers["Location"])


def texts(client: TestClient) -> list[str]:
    return [comment["text"] for comment in client.get("/api/v1/comments", params={"limit": 500}).json()["comments"]]


def test_an_upload_is_taken_in_at_once_and_read_behind(client: TestClient) -> None:
    answer = send(client)
    received = answer.json()
    assert answer.status_code == 202
    assert received.keys() == BATCH
    assert (received["file"], received["state"] in ("queued", "running"), received["counts"]) == ("may.csv", True, None)
    assert answer.headers["Location"] == received["links"]["self"] == f"/api/v1/batches/{received['id']}"

    done = wait(client, answer.headers["Location"])
    assert done.keys() == DETAIL
    assert (done["id"], done["state"], done["batch"], done["problem"]) == (received["id"], "finished", 1, None)
    assert done["counts"] == COUNTS
    assert done["progress"] == {"rows": 18, "of": 18}
    assert done["column_map"]["comment"] == ["What could we do better?"]
    assert done["rejects"] == [
        {"row": 16, "reason": "wrong_columns", "detail": "the row has 5 cells, the headings 3", "sheet": None}
    ]
    assert [(notice["row"], notice["reason"]) for notice in done["warnings"]] == [(14, "bad_date")]
    assert done["unresolved"] == [{"text": "Example Ward Ninety", "n": 1, "suppressed": {}}]
    assert len(texts(client)) == 15


def test_the_command_line_and_an_upload_come_to_the_same(client: TestClient, tmp_path: Path, pipeline: Any) -> None:
    upload(client)
    (tmp_path / "may.csv").write_bytes(CSV)
    with open_store(tmp_path / "other.db") as other:
        report = analyse_file(tmp_path / "may.csv", other, pipeline)
    assert {name: len(v) if isinstance(v := getattr(report, name), tuple) else v for name in COUNTS} == COUNTS


def test_a_batch_is_found_by_its_number_as_well(client: TestClient) -> None:
    done = upload(client)
    same = client.get("/api/v1/batches/1").json()
    own = {"id": "1", "progress": None, "links": {name: f"/api/v1/batches/1{end}" for name, end in ENDINGS.items()}}
    assert same == done | own
    listed = client.get("/api/v1/batches").json()
    assert (listed["waiting"], listed["after"]) == ([], None)
    assert [(batch["id"], batch["counts"]) for batch in listed["batches"]] == [("1", COUNTS)]


def test_the_same_file_again_adds_nothing(client: TestClient) -> None:
    upload(client)
    again = upload(client)
    assert (again["batch"], again["counts"]["accepted"], again["counts"]["already_stored"]) == (2, 0, 15)
    assert len(texts(client)) == 15


def test_a_rollback_leaves_the_database_as_if_the_batch_had_never_come(client: TestClient) -> None:
    first = upload(client)
    other = upload(
        client, b"Comment\n" + b"".join(b"The porter was cheerful on day %d.\n" % n for n in range(8)), "june.csv"
    )
    assert client.delete(first["links"]["self"]).json() == {"id": first["id"], "removed": 15, "flags": []}
    assert client.get(first["links"]["self"]).json()["state"] == "rolled_back"
    assert len(texts(client)) == other["counts"]["accepted"]
    again = client.delete("/api/v1/batches/1")
    assert (again.status_code, again.headers["content-type"]) == (404, "application/problem+json")


def test_an_upload_with_undecided_flags_is_taken_back_over_http_only_with_a_name_and_a_reason(
    client: TestClient,
) -> None:
    upload(client, b"Comment\nI will kill myself tonight and nobody here will ring me back.\nKind staff.\n", "two.csv")
    refused = client.delete("/api/v1/batches/1")
    assert refused.status_code == 400
    told = re.search(r": ([1-9]) urgent and 0 to watch", refused.json()["detail"])
    assert told and "flags_dealt_with" in refused.json()["detail"]
    given = {"flags_dealt_with": "true", "by": "A. Manager", "reason": "sent twice"}
    assert client.request("DELETE", "/api/v1/batches/1", data=given | {"by": "  "}).status_code == 400
    assert client.get("/api/v1/batches/1").json()["state"] == "finished"
    done = client.request("DELETE", "/api/v1/batches/1", data=given).json()
    assert done["removed"] == 2
    assert [(one["severity"], one["n"]) for one in done["flags"]] == int(told[1]) * [("urgent", 1)]
    receipt = client.get("/api/v1/batches/1").json()["taken_back"]
    assert (receipt["by"], receipt["reason"], receipt["flags"]) == ("A. Manager", "sent twice", done["flags"])


def test_uploads_are_read_one_after_another_in_the_order_they_came(client: TestClient) -> None:
    lines = [b"Comment\n" + b"".join(b"Nurse %d of file %d was kind.\n" % (n, k) for n in range(8)) for k in range(3)]
    sent = [send(client, content, f"file-{k}.csv").json() for k, content in enumerate(lines)]
    done = [wait(client, upload["links"]["self"]) for upload in sent]
    assert [batch["batch"] for batch in done] == [1, 2, 3]
    assert [batch["file"] for batch in done] == ["file-0.csv", "file-1.csv", "file-2.csv"]


def test_an_upload_taken_back_before_its_turn_is_never_read(client: TestClient) -> None:
    many = b"Comment\n" + b"".join(b"The nurse on shift %d was kind to me and to my son.\n" % n for n in range(400))
    ahead, behind = send(client, many, "long.csv").json(), send(client).json()
    assert client.delete(behind["links"]["self"]).json() == {"id": behind["id"], "removed": 0, "flags": []}
    assert wait(client, ahead["links"]["self"])["state"] == "finished"
    after = wait(client, send(client, b"Comment\nKind staff.\nGood food.\n", "last.csv").headers["Location"])
    assert after["batch"] == 2
    assert client.get(behind["links"]["self"]).json()["state"] == "rolled_back"
    assert not any("visit" in text for text in texts(client))


def test_an_upload_taken_back_while_it_is_read_leaves_nothing(client: TestClient) -> None:
    many = b"Comment\n" + b"".join(b"The nurse on shift %d was kind to me and to my son.\n" % n for n in range(1500))
    address = send(client, many, "long.csv").headers["Location"]
    wait(client, address, until=lambda batch: batch["batch"] is not None)
    assert client.delete(address).status_code == 200
    last = upload(client, b"Comment\nKind staff.\nGood food.\n", "last.csv")
    assert client.get(address).json()["state"] == "rolled_back"
    assert len(texts(client)) == last["counts"]["accepted"]


def test_a_dry_run_says_what_would_happen_and_stores_nothing(client: TestClient) -> None:
    answer = send(client, dry_run="true")
    preview = answer.json()
    assert answer.status_code == 200
    assert {name: preview[name] for name in COUNTS} == COUNTS
    assert preview["reject_list"][0]["reason"] == "wrong_columns"
    told = {
        "file",
        "headings",
        "column_map",
        "columns",
        "decisions",
        "asks",
        "remembered_order",
        "reject_list",
        "warning_list",
    }
    assert preview.keys() == COUNTS.keys() | told
    assert preview["columns"][2] == {
        "field": "date",
        "heading": "Date",
        "filled": 14,
        "seen": "from 2026-01-10 to 2026-06-15",
    }
    assert client.get("/api/v1/batches").json() == {"waiting": [], "batches": [], "after": None}


def test_a_person_may_say_which_column_holds_what(client: TestClient) -> None:
    both = b"Date,What was good?,What could we do better?\n" + b"".join(
        b"2026-04-0%d,Kind nurses on visit %d,The wait was %d hours long\n" % (n, n, n) for n in range(1, 9)
    )
    assert upload(client, both)["counts"]["accepted"] == 16
    one = upload(client, both, "one.csv", comment="What was good?", date="Date", sheet="", service="")
    assert one["column_map"]["comment"] == ["What was good?"]
    assert one["counts"]["rows"] == one["counts"]["accepted_rows"] + one["counts"]["already_stored_rows"] == 8


def test_a_heading_that_is_not_there_fails_the_upload_with_a_sentence(client: TestClient) -> None:
    failed = upload(client, comment="No such column")
    assert (failed["state"], failed["batch"], failed["counts"]) == ("failed", None, None)
    assert "No such column" in failed["problem"]
    assert [batch["id"] for batch in client.get("/api/v1/batches").json()["waiting"]] == [failed["id"]]
    refused = send(client, comment="No such column", dry_run="true")
    assert (refused.status_code, refused.json()["detail"]) == (400, failed["problem"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"),
        ("numbers.csv", b"Month,Count\nApril,3\nMay,4\nJune,5\n"),
        ("empty.csv", b""),
        ("broken.xlsx", b"PK\x03\x04 this is no workbook"),
    ],
)
def test_what_is_no_batch_fails_with_one_sentence_and_stores_nothing(
    client: TestClient, name: str, content: bytes
) -> None:
    failed = upload(client, content, name)
    assert failed["state"] == "failed"
    assert failed["problem"].endswith(".")
    refused = send(client, content, name, dry_run="true")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["detail"] == failed["problem"]
    assert client.get("/api/v1/health").json()["comments"] == 0


def test_a_request_without_a_file_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/batches", data={"sheet": "1"})
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "file", "message": "Field required"}])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\Someone\\Exports\\may.csv", "may.csv"),
        ("a\u202eb.csv", "ab.csv"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_of_a_files_name_only_a_safe_last_part_is_kept(client: TestClient, sent: str, kept: str) -> None:
    assert send(client, name=sent, comment="none such").json()["file"] == kept


def test_a_file_is_deleted_as_soon_as_it_has_been_read(client: TestClient) -> None:
    folder: Path = client.app.state.uploads.folder  # type: ignore[attr-defined]
    upload(client)
    send(client, dry_run="true")
    deadline = time.monotonic() + 5
    while list(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)  # the state is told a moment before the file goes
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o077 == 0


def test_the_reject_list_is_a_file_that_no_spreadsheet_runs(store: Store) -> None:
    batch = store.begin_batch("may.xlsx", "sha", column_map={}, decisions=[], versions={})
    rejects = [Notice(3, "wrong_columns", "-2+3", "=1+1"), Notice(None, "too_long", 'a "quoted", word', None)]
    store.add(batch.id, Part(0, 2, rejects=rejects))
    store.finish_batch(batch.id, 2)
    with TestClient(make_app(store.path)) as client:
        answer = client.get(f"/api/v1/batches/{batch.id}/rejects.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="rejects-1.csv"'
    assert answer.text.splitlines() == [
        "\ufeffsheet,row,reason,detail,stored as",
        "'=1+1,3,wrong_columns,'-2+3,",
        ',,too_long,"a ""quoted"", word",',
    ]


def test_pages_of_batches_hold_each_batch_once(store: Store) -> None:
    for n in range(5):
        batch = store.begin_batch(f"{n}.csv", f"sha {n}", column_map={}, decisions=[], versions={})
        store.finish_batch(batch.id, 0)
    with TestClient(make_app(store.path)) as client:
        for limit in (1, 2, 5):
            found, after = [], None
            while True:
                page = client.get(
                    "/api/v1/batches", params={"limit": limit} | ({"after": after} if after else {})
                ).json()
                found += [batch["batch"] for batch in page["batches"]]
                if (after := page["after"]) is None:
                    break
            assert found == [5, 4, 3, 2, 1]


def test_a_batch_that_another_run_left_unfinished_is_interrupted(store: Store) -> None:
    store.begin_batch("may.csv", "sha", column_map={}, decisions=[], versions={})
    with TestClient(make_app(store.path)) as client:
        assert client.get("/api/v1/batches/1").json()["state"] == "interrupted"


def test_an_upload_broken_off_by_the_end_of_the_server_goes_on_when_it_is_sent_again(tmp_path: Path) -> None:
    many = b"Comment\n" + b"".join(b"The nurse on shift %d was kind to me and to my son.\n" % n for n in range(1500))
    with TestClient(make_app(tmp_path / "feedback.db")) as client:
        address = send(client, many, "long.csv").headers["Location"]
        wait(client, address, until=lambda batch: batch["batch"] is not None)
    with TestClient(make_app(tmp_path / "feedback.db")) as client:
        assert client.get("/api/v1/batches/1").json()["state"] == "interrupted"
        done = upload(client, many, "long.csv")
        assert (done["batch"], done["state"], done["counts"]["accepted"]) == (1, "finished", 1500)


def test_comments_are_tagged_in_order_and_nothing_is_stored(client: TestClient) -> None:
    said = [
        {"id": "b", "text": "The nurse was lovely but I waited three hours.", "date": "2026-03-14", "fft": 2},
        {"id": 7, "text": "N/A", "service": ["Podiatry", "Malvern"]},
        {"text": "My number is 943 476 5919, call me about the car park.", "question": "What could we do better?"},
    ]
    answer = client.post("/api/v1/tag", json={"comments": said})
    first, second, third = answer.json()["comments"]
    assert (first["id"], first["date"], first["fft"], len(first["segments"])) == ("b", "2026-03-14", 2, 2)
    assert (second["id"], second["contentless"]) == ("7", True)
    assert "943" not in third["text"]
    assert [redaction["kind"] for redaction in third["redactions"]] == ["nhs_number"]
    assert client.get("/api/v1/health").json()["comments"] == 0


def test_more_comments_than_can_be_tagged_at_once_are_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/tag", json={"comments": [{"text": "Kind."}] * 1001})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "comments"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_lists_to_mend_hold_the_redacted_rows_and_can_be_sent_again(client: TestClient, form: str) -> None:
    batch = upload(client)
    rejects = client.get(f"/api/v1/batches/{batch['id']}/rejects.{form}")
    warnings = client.get(f"/api/v1/batches/1/warnings.{form}")
    assert rejects.headers["content-disposition"] == f'attachment; filename="rejects-1.{form}"'
    if form == "csv":
        assert rejects.content.decode("utf-8-sig").splitlines()[1:] == [
            ',16,wrong_columns,"the row has 5 cells, the headings 3",,2026-05-02,Podiatry,(left out),(left out),(left out)'
        ]
    # The list as it is, without having been mended: what is stored is known again, and what was rejected is rejected again.
    again = upload(client, warnings.content, f"warnings.{form}")
    assert (again["counts"]["accepted"], again["counts"]["already_stored"]) == (0, 1)
    assert len(texts(client)) == 15
    assert client.get("/api/v1/batches/1/comments.csv").status_code == 422


def test_a_file_can_be_looked_at_changed_and_stored_without_a_script(client: TestClient) -> None:
    both = b"Date,Team,What was good?,What could we do better?,Score\n" + b"".join(
        b"2026-04-0%d,Podiatry,Kind nurses on visit %d,The wait was %d hours long,%d\n" % (n, n, n, 1 + n % 5)
        for n in range(1, 9)
    )
    folder: Path = client.app.state.uploads.folder  # type: ignore[attr-defined]
    sent = client.post("/batches", files={"file": ("april.csv", both)}, data={"do": "look"}, follow_redirects=False)
    address = sent.headers["location"]
    assert (sent.status_code, address.startswith("/batches/looks/u-")) == (303, True)
    page = client.get(address).text
    assert "Nothing is stored yet" in page
    assert "from 2026-04-01 to 2026-04-08" in page
    assert "nothing says whether 1 or 5 is very good" in page
    assert "Kind nurses" not in page
    assert client.get("/api/v1/health").json()["comments"] == 0

    form = {"comment": ["What was good?"], "service": ["Team"], "date": "Date", "rating": "Score", "rating_best": "5"}
    assert client.post(address, data={"do": "look"}).status_code == 400
    wrong = client.post(address, data=form | {"date": "No such heading", "do": "look"})
    assert (wrong.status_code, "There is no heading" in wrong.text) == (400, True)
    changed = client.post(address, data=form | {"do": "look"}).text
    assert "nothing says whether" not in changed
    assert len(list(folder.iterdir())) == 1

    stored = client.post(address, data=form | {"do": "store"}, follow_redirects=False).headers["location"]
    done = wait(client, f"/api/v1{stored}")
    assert (done["state"], done["column_map"]["comment"], done["counts"]["accepted"]) == (
        "finished",
        ["What was good?"],
        8,
    )
    assert client.get(address).status_code == 404
    next_one = upload(client, both.replace(b"2026-04", b"2026-05"), "may.csv")
    assert next_one["column_map"] == done["column_map"]
    assert "as a person confirmed on" in next_one["decisions"][0]


def test_a_file_that_was_looked_at_goes_when_it_is_put_away_or_its_time_is_over(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = client.app.state.uploads.folder  # type: ignore[attr-defined]

    def look() -> str:
        sent = client.post("/batches", files={"file": ("may.csv", CSV)}, data={"do": "look"}, follow_redirects=False)
        return sent.headers["location"]

    client.post(look(), data={"do": "put_away"})
    assert list(folder.iterdir()) == []
    refused = client.post(
        "/batches", files={"file": ("scan.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")}, data={"do": "look"}
    )
    assert (refused.status_code, list(folder.iterdir())) == (400, [])
    monkeypatch.setattr("api.uploads.LOOK_SECONDS", 0.05)
    address = look()
    deadline = time.monotonic() + 5
    while list(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert list(folder.iterdir()) == []
    assert client.get(address).status_code == 404


def test_an_upload_says_how_fast_it_goes_and_how_long_it_will_take(tmp_path: Path) -> None:
    upload = Upload("u-1", "a.csv", "sha", "2026-01-01", Wishes(), tmp_path / "a.csv")
    upload.move(100, 1100)
    assert upload.per_second is None
    assert upload.began is not None
    upload.began = (upload.began[0] - 10, 100)
    upload.move(600, 1100)
    assert upload.per_second == pytest.approx(50, rel=0.05)
    assert _left(_together(upload, None)) in (
        "50 rows a second, less than a minute left",
        "49 rows a second, less than a minute left",
    )
