"""What is read badly is neither drawn nor ranked, and the shares of one part agree with each other."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import MANNER, WAIT, add_batch, analysed
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.app import make_app
from feedback.accuracy import doubted as doubted_labels
from feedback.accuracy.doubted import OF_DOUBTED
from feedback.accuracy.measured import KnownError, Measured
from feedback.cli import main
from feedback.documents.asked import asked_of
from feedback.documents.markdown import as_markdown
from feedback.documents.packs import Pack, make_pack
from feedback.documents.so_what import balance
from feedback.evidence.cite import evidence
from feedback.evidence.doubt import has_share
from feedback.evidence.reconcile import reconciled
from feedback.filters import EVERYTHING, Filters
from feedback.over_time.changes import changes
from feedback.over_time.subscriptions import outlook, prepare, subscribe, write_files
from feedback.over_time.summary import summary
from feedback.over_time.summary_sheet import summary_bytes
from feedback.over_time.views import changes_in, keep_view
from feedback.settings import Settings
from feedback.store import Store
from feedback.taxonomy import Taxonomy

GOOD = Measured(90, 100, 95, 800)
POOR = Measured(26, 56, 50, 800)
LABELS = {f"{id}{sign}": GOOD for id in ("O1", "O2", "O3", "O4", "O5", "courageous") for sign in ("", "+", "-")}
KNOWN = KnownError("1.0", "2026-11-22", "invented comments", LABELS | {"O3-": POOR, "courageous": POOR})
NOW = datetime(2026, 8, 1, tzinfo=UTC)
WHY = "of 56 given in the test, 26 were right"


@pytest.fixture
def doubted(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Two years of waits and praise, read by a reader that is mostly wrong about what speaks against O3 and about Courageous."""
    monkeypatch.setattr(doubted_labels, "load_known_error", lambda models: KNOWN)
    made = [
        analysed(
            f"w{year}-{month}-{n}",
            [(f"Waited {n} hours in month {month} of {year}.", "-", (WAIT, "O3", "courageous"))],
            day=date(year, month, 1 + n),
        )
        for year in (2024, 2025)
        for month in range(1, 13)
        for n in range(6)
    ]
    kind = [analysed(f"k{n}", [(f"Seen soon and kindly, visit {n}.", "+", (MANNER, "O3"))]) for n in range(20)]
    add_batch(store, "waits.csv", [*made, *kind])
    return store


@pytest.fixture
def client(doubted: Store) -> Iterator[TestClient]:
    with TestClient(make_app(doubted.path)) as opened:
        yield opened


def pack(store: Store, taxonomy: Taxonomy, *, board: bool = False, **filters: object) -> Pack:
    asked = asked_of(Filters(**filters), board=board)  # type: ignore[arg-type]
    return make_pack(store.conn, taxonomy, asked, EVERYTHING, now=NOW)


def test_the_rule_for_what_is_mostly_wrong_holds_for_a_side_too(doubted: Store, taxonomy: Taxonomy) -> None:
    found = evidence(doubted.conn, taxonomy, "objective", "O3", Filters(), EVERYTHING)
    assert (found.doubt, found.doubts) == ("", {"against": WHY})
    assert [bool(one.estimate) for one in found.adjusted] == [True, False, False]
    assert [has_share(found, side) for side in ("for", "against", "both")] == [True, False, False]


def test_a_doubted_code_has_no_chart_in_its_pack_and_says_so(doubted: Store, taxonomy: Taxonomy) -> None:
    said = as_markdown(pack(doubted, taxonomy, value="courageous").document)
    assert f"How it moves is not shown: {WHY}." in said
    assert "spoke of “Courageous”" not in said


def test_a_doubted_side_has_no_chart_and_no_series_on_the_board(doubted: Store, taxonomy: Taxonomy) -> None:
    said = as_markdown(pack(doubted, taxonomy, objective="O3").document)
    assert f"How what speaks against it moves is not shown: {WHY}." in said
    assert "spoke of “O3” with criticism" not in said
    board = as_markdown(pack(doubted, taxonomy, board=True).document)
    assert "144 as read: no share" in board and "save those whose readings are doubted" in board
    assert f"O3, against: {WHY}" in board


def test_the_board_and_the_pack_count_the_sides_in_one_way(store: Store, taxonomy: Taxonomy, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(doubted_labels, "load_known_error", lambda models: KNOWN)
    both = [("She told us straight out.", "+", ("courageous",)), ("He hid it from us all.", "-", ("courageous",))]
    made = [analysed(f"b{n}", both) for n in range(3)]
    made += [analysed(f"f{n}", [(f"He told me the truth {n}.", "+", ("courageous",))]) for n in range(4)]
    add_batch(store, "a.csv", made)
    assert "4 as read, and 3 both" in as_markdown(pack(store, taxonomy, board=True).document)
    found = evidence(store.conn, taxonomy, "value", "courageous", Filters(), EVERYTHING)
    assert (found.speaks_for.n, found.both.n) == (4, 3)


def test_programs_are_told_that_a_rate_rests_on_doubted_readings(client: TestClient) -> None:
    asked = "/api/v1/trend?objective=O3&measure="
    assert client.get(f"{asked}rate_negative").json()["doubt"] == WHY
    assert client.get(f"{asked}rate_positive").json()["doubt"] == ""
    rows = client.get("/api/v1/summary?rows=objectives,values").json()["rows"]
    doubts = {row["series"]: row["doubt"] for row in rows}
    assert WHY in doubts["/objective:O3/rate_negative"] and WHY in doubts["/value:courageous/rate_negative"]
    assert client.get("/api/v1/objectives").json()["objectives"][2]["doubts"] == {"against": WHY}
    assert "How it moves is not shown" in client.get("/values/courageous").text


@pytest.mark.parametrize(
    "sides",
    [
        {"for": 91, "against": 159, "both": 3, "neither": 6},
        {"for": 0, "against": 15, "both": 0, "neither": 0},
        {"for": 5, "against": 4, "both": 50, "neither": 0},
        {"for": 400, "against": 300, "both": 0, "neither": 0},
    ],
)
def test_for_and_against_less_both_come_to_what_bears_on_it(sides: dict[str, int]) -> None:
    agreed = reconciled(sides, 797, [Measured(380, 449, 430, 800), Measured(351, 400, 391, 800), POOR])
    assert agreed
    whole, good, bad = (one.share for one in agreed)
    found = sum(sides.values())
    both, neither = sides["both"] / found, sides["neither"] / found
    if whole < 1:
        assert good + bad - both * whole + neither * whole == pytest.approx(whole, abs=1e-6)
    assert min(good, bad) >= 0 and min(good, bad) >= both * whole - 0.02
    assert all(0 <= one.lower <= one.share <= one.upper <= 1 for one in agreed)


def test_where_nothing_takes_a_side_there_is_nothing_to_bring_to_agree() -> None:
    assert reconciled({"for": 0, "against": 0, "both": 0, "neither": 9}, 100, [GOOD, GOOD, GOOD]) is None


def test_a_difference_that_chance_gives_is_said_to_be_one() -> None:
    assert balance(43, 60, 132).startswith("What is said for it and against it differs by no more than chance allows")
    assert balance(30, 60, 132).startswith("More is said against it")


def test_one_quiet_group_is_not_called_each_of(store: Store, taxonomy: Taxonomy) -> None:
    kinds = ("patient", "relative", "parent", "staff")
    made = [
        analysed(f"{who}{n}", [(f"We waited {n} hours for it.", "-", (WAIT, "O3"))], respondent=who)
        for who in kinds
        for n in range(5)
    ]
    add_batch(store, "a.csv", made)
    said = evidence(store.conn, taxonomy, "objective", "O3", Filters(), EVERYTHING).cannot_say
    assert "Fewer than five comments come from carers." in said


def test_links_of_an_evidence_page_keep_its_filters(client: TestClient) -> None:
    page = client.get("/objectives/O3?respondent=patient&county=Herefordshire&from=2024-02-01").text
    kept = "respondent=patient&amp;county=Herefordshire&amp;from=2024-02-01"
    for path in ("/silence", "/reports", "/objectives"):
        assert f'href="{path}?{kept}' in page
    plan = client.get("/programmes/PRIO-PSY?respondent=patient&from=2024-02-01").text
    assert 'href="/programmes/PRIO-PSY/evidence?respondent=patient&amp;from=2024-02-01"' in plan


def test_a_document_is_made_of_one_service_and_says_so(client: TestClient) -> None:
    form = client.get("/reports?on=objective:O3&service=podiatry&from=2024-02-01&county=Herefordshire&polarity=-").text
    assert '<option value="podiatry" selected>' in form and 'value="2024-02-01"' in form
    assert "County: Herefordshire" in form and "No document can be narrowed by Side: criticism" in form
    said = {"on": "objective:O3", "service": "podiatry", "start": "2024-02-01", "name": "A. Lead"}
    made = client.post("/reports?county=Herefordshire", data=said)
    assert "(Podiatry alone)" in made.text
    newest = client.get("/api/v1/reports").json()["reports"][0]
    assert newest["filters"] == {
        "service": "podiatry",
        "objective": "O3",
        "county": "Herefordshire",
        "date_from": "2024-02-01",
    }
    refused = client.post("/reports", data=said | {"on": "programme:PRIO-PSY"})
    assert refused.status_code == 400 and "of all its services" in refused.text


# Lists of what moves: the summary's files, changes, digests


@pytest.fixture
def moved(doubted: Store) -> Store:
    """The same, and a month in which everybody complains of a wait: criticism of O3, of Courageous and of the theme all move."""
    add_batch(
        doubted,
        "more.csv",
        [
            analysed(f"m{n}", [(f"Nobody rang me for {n} weeks.", "-", (WAIT, "O3", "courageous"))], day=date(2026, 1, 20))
            for n in range(40)
        ]
        + [analysed(f"c{m}-{n}", [(f"Kind as ever, {n}.", "+", (MANNER, "O1"))], day=date(2024 + m // 12, 1 + m % 12, 9))
           for m in range(24) for n in range(30)],
    )  # fmt: skip
    return doubted


SAID = f"{OF_DOUBTED}: {WHY}."


def test_the_summary_file_judges_nothing_that_is_doubted(moved: Store, taxonomy: Taxonomy) -> None:
    made = summary(moved.conn, taxonomy, Filters(), EVERYTHING, rows=("themes", "objectives"), may_read=True)
    rows = {
        row["Series"]: row for row in csv.DictReader(io.StringIO(summary_bytes(made, "all", "csv").decode("utf-8-sig")))
    }
    row = rows["/objective:O3/rate_negative"]
    assert next(one for one in made.rows if one.of.key == row["Series"]).variation  # its figures would give it an icon
    assert (row["Variation"], row["Rule that fired"], row["Since"]) == (f"Not judged: {WHY}.", "", "")
    assert row["In a sentence"].endswith(SAID) and row["Latest"]
    clear = rows[f"/theme:{WAIT}/rate_negative"]
    assert "doubted" not in clear["In a sentence"] and clear["Rule that fired"]
    book = load_workbook(io.BytesIO(summary_bytes(made, "all", "xlsx")))
    assert any("Not judged" in str(cell.value) for cell in book["How to read it"]["A"])


def test_what_is_doubted_is_ranked_by_no_icon(moved: Store, taxonomy: Taxonomy) -> None:
    for order in ("variation", "since"):
        made = summary(
            moved.conn, taxonomy, Filters(), EVERYTHING, rows=("themes", "values", "objectives"), order=order
        )  # type: ignore[arg-type]
        unusual = [row.of.key for row in made.rows if (row.icon or "common_cause") != "common_cause"]
        doubted_rows = [row.of.key for row in made.rows if row.doubt]
        assert unusual and doubted_rows
        places = [row.of.key for row in made.rows]
        assert max(map(places.index, unusual)) < min(map(places.index, doubted_rows))


def test_a_digest_says_which_changes_rest_on_doubted_readings(moved: Store, taxonomy: Taxonomy, tmp_path: Path) -> None:
    view = keep_view(moved, taxonomy, "O3", Filters(objective="O3"), EVERYTHING, by="A. Lead", measure="rate_negative", redact=str)  # fmt: skip
    made = subscribe(moved, view.id, "file", "Strategy lead", EVERYTHING, by="A. Lead")
    found = changes_in(moved.conn, taxonomy, view)
    assert found.clear and all(change.signal.doubt == SAID for change in found.clear)
    assert "; doubted readings" in outlook(moved.conn, taxonomy, made, found, Settings()).says
    prepare(moved, taxonomy, "file", EVERYTHING, address="http://feedback.example")
    (path,) = write_files(moved, tmp_path, EVERYTHING)
    assert SAID in path.read_text()


def test_what_is_doubted_leads_no_change_that_is_heard_in_something_surer(moved: Store, taxonomy: Taxonomy) -> None:
    found = changes(moved.conn, taxonomy, Filters(), EVERYTHING)
    (one,) = [c for c in found.changes if any(s.of.key == "/objective:O3/rate_negative" for s in (c.signal, *c.also))]
    assert not one.signal.doubt and any(also.doubt for also in one.also)


def test_the_command_says_it_in_the_same_words(moved: Store) -> None:
    def said(*arguments: str) -> str:
        result = CliRunner().invoke(main, [*arguments, "--db", str(moved.path)])
        assert result.exit_code == 0, result.output
        return result.output

    assert f"Not judged: {WHY}." in said("summary", "--rows", "values")
    (row, *_) = [r for r in json.loads(said("summary", "--rows", "values", "--json"))["rows"] if r["doubt"]]
    assert row["doubt"] == SAID
    only = ("changes", "--objective", "O3", "--measure", "rate_negative", "--chance")
    assert SAID in said(*only)
    assert json.loads(said(*only, "--json"))["changes"][0]["doubt"] == SAID
