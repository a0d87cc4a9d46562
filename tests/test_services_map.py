"""What uploads call services: guesses, what people say it means, and where column and words disagree. All comments are invented."""

import sqlite3
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from conftest import MANNER, WAIT, Clause, add_batch, analysed
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.cli import main
from feedback.comment import Analysed, Comment, Finding
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.query import (
    Disagreement,
    UnresolvedText,
    comment,
    disagreement_in,
    disagreements,
    explained_names,
    service_table,
    totals,
    unresolved_services,
)
from feedback.schema import MIGRATIONS
from feedback.service_names import explain, undo, unknown_names
from feedback.settings import DATA
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy

LATE: list[Clause] = [("The letter never came.", "-", (WAIT,))]
KIND: list[Clause] = [("They were kind.", "+", (MANNER,))]


def services_of(store: Store, id: str) -> list[tuple[str, str, str]]:
    return [(f.label, f.detail, f.by) for f in comment(store.conn, id, EVERYTHING).analysed.of("service")]


def unresolved(store: Store, taxonomy: Taxonomy) -> list[UnresolvedText]:
    return list(unresolved_services(store.conn, taxonomy, Filters(), EVERYTHING))


@pytest.fixture
def moon(store: Store) -> Store:
    """Four comments under spellings of one name that nobody knows, and one under a name two services share."""
    names = ("Moon Clinic", "Moon Clinic", "MOON  clinic", "moon clinic ")
    add_batch(store, "a.csv", [analysed(f"m{n}", KIND, cells=(name,)) for n, name in enumerate(names)])
    add_batch(store, "b.csv", [analysed("s1", LATE, cells=("SALT",))])
    return store


# What nobody knows


def test_a_name_is_listed_once_however_it_is_written(moon: Store, taxonomy: Taxonomy) -> None:
    assert unresolved(moon, taxonomy) == [UnresolvedText("Moon Clinic", 4), UnresolvedText("SALT", 1)]


def test_a_name_comes_with_the_best_guesses_and_an_open_question_is_one(moon: Store, taxonomy: Taxonomy) -> None:
    salt = unknown_names(moon.conn, taxonomy, Filters(), EVERYTHING, DATA)[1]
    assert {(g.id, g.score) for g in salt.guesses[:2]} == {
        ("adult-speech-language", 0.9),
        ("childrens-speech-language", 0.9),
    }


def test_the_comments_under_a_name_are_found_however_it_is_written(moon: Store, taxonomy: Taxonomy) -> None:
    assert totals(moon.conn, taxonomy, Filters(service="moon CLINIC"), EVERYTHING).comments == 4


# What people say


def test_what_is_said_is_so_at_once_for_all_comments_and_for_later_uploads(moon: Store, taxonomy: Taxonomy) -> None:
    assert explain(moon, taxonomy, "moon clinic", "podiatry", "Ann") == 4
    add_batch(moon, "c.csv", [analysed("later", KIND, cells=(" Moon  CLINIC",))])
    for id in ("m0", "m2", "m3", "later"):
        assert services_of(moon, id) == [("podiatry", "subject", "person:Ann")]
    assert [row.text for row in unresolved(moon, taxonomy)] == ["SALT"]
    assert totals(moon.conn, taxonomy, Filters(service="dir-countywide-community"), EVERYTHING).comments == 5


def test_none_says_that_it_was_looked_at_and_is_no_service_of_ours(moon: Store, taxonomy: Taxonomy) -> None:
    explain(moon, taxonomy, "Moon Clinic", "none", "Ann")
    assert services_of(moon, "m0") == []
    assert [row.text for row in unresolved(moon, taxonomy)] == ["SALT"]
    assert totals(moon.conn, taxonomy, Filters(), EVERYTHING).no_service == 5


def test_another_organisation_is_only_mentioned_and_can_be_asked_for(moon: Store, taxonomy: Taxonomy) -> None:
    explain(moon, taxonomy, "Moon Clinic", "ext-gp", "Ann")
    assert services_of(moon, "m1") == [("ext-gp", "mentioned", "person:Ann")]
    assert totals(moon.conn, taxonomy, Filters(service="ext-gp"), EVERYTHING).comments == 4


def test_undoing_leaves_the_comments_as_they_were_and_the_name_unknown(moon: Store, taxonomy: Taxonomy) -> None:
    before = moon.conn.execute("SELECT * FROM findings ORDER BY comment, kind, label, place").fetchall()
    explain(moon, taxonomy, "Moon Clinic", "podiatry", "Ann")
    explain(moon, taxonomy, "Moon Clinic", "camhs", "Bo")
    assert services_of(moon, "m1") == [("camhs", "subject", "person:Bo")]
    assert undo(moon, "MOON CLINIC", "Cy") == 4
    assert moon.conn.execute("SELECT * FROM findings ORDER BY comment, kind, label, place").fetchall() == before
    assert unresolved(moon, taxonomy)[0] == UnresolvedText("Moon Clinic", 4)


def test_every_decision_is_listed_with_who_and_when(moon: Store, taxonomy: Taxonomy) -> None:
    explain(moon, taxonomy, "Moon Clinic", "podiatry", "Ann")
    explain(moon, taxonomy, "moon clinic", "camhs", "Bo")
    undo(moon, "Moon Clinic", "Cy")
    noon = "2026-08-01T12:00:00+00:00"
    assert [(n.text, n.service, n.by, n.at, n.undone_by, n.undone_at, n.n) for n in explained_names(moon.conn)] == [
        ("moon clinic", "camhs", "person:Bo", noon, "person:Cy", noon, 4),
        ("Moon Clinic", "podiatry", "person:Ann", noon, "person:Bo", noon, 4),
    ]


def test_what_is_said_of_a_name_outranks_what_the_directory_makes_of_it(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", [analysed("p1", KIND, service="podiatry", cells=("Foot Place",))])
    assert services_of(store, "p1") == [("podiatry", "subject", "metadata")]
    explain(store, taxonomy, "Foot Place", "camhs", "Ann")
    assert services_of(store, "p1") == [("camhs", "subject", "person:Ann")]
    explain(store, taxonomy, "Foot Place", "none", "Ann")
    assert services_of(store, "p1") == []
    undo(store, "Foot Place", "Ann")
    assert services_of(store, "p1") == [("podiatry", "subject", "metadata")]


def test_what_is_said_of_one_comment_outranks_what_is_said_of_its_name(moon: Store, taxonomy: Taxonomy) -> None:
    own = (
        Finding("service", "podiatry", "", 0.0, 0, 0, "person:Bo", "subject"),
        Finding("service", "camhs", "", 1.0, 0, 0, "person:Bo", "subject"),
    )
    moon.save_correction("m0", *own)
    explain(moon, taxonomy, "Moon Clinic", "podiatry", "Ann")
    assert services_of(moon, "m0") == [("camhs", "subject", "person:Bo")]
    undo(moon, "Moon Clinic", "Ann")
    assert services_of(moon, "m0") == [("camhs", "subject", "person:Bo")]


def test_what_is_said_of_a_name_outlives_a_new_reading_and_a_rollback(moon: Store, taxonomy: Taxonomy) -> None:
    explain(moon, taxonomy, "Moon Clinic", "podiatry", "Ann")
    (number,) = moon.conn.execute("SELECT number FROM comments WHERE id = 'm0'").fetchone()
    with moon.writing():
        moon.read_anew(number, ["service"], [Finding("service", "camhs", "", 0.8, 0, 0, "metadata", "subject")])
    assert services_of(moon, "m0") == [("podiatry", "subject", "person:Ann")]
    moon.rollback(1)
    add_batch(moon, "c.csv", [analysed("again", KIND, cells=("Moon Clinic",))])
    assert services_of(moon, "again") == [("podiatry", "subject", "person:Ann")]


@pytest.mark.parametrize(
    ("text", "meaning", "by", "error", "says"),
    [
        ("Moon Clinic", "podiatri", "Ann", NotFound, "podiatry"),
        ("Sun Clinic", "podiatry", "Ann", NotFound, "No upload"),
        ("Moon Clinic", "podiatry", "  ", BadInput, "who decides"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    moon: Store, taxonomy: Taxonomy, text: str, meaning: str, by: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        explain(moon, taxonomy, text, meaning, by)
    assert explained_names(moon.conn) == ()


def test_there_is_nothing_to_undo_twice(moon: Store, taxonomy: Taxonomy) -> None:
    explain(moon, taxonomy, "Moon Clinic", "podiatry", "Ann")
    undo(moon, "Moon Clinic", "Ann")
    with pytest.raises(NotFound, match="undone already"):
        undo(moon, "Moon Clinic", "Ann")


def test_what_was_said_before_names_were_kept_apart_still_stands(tmp_path, taxonomy: Taxonomy) -> None:
    """A database of the step before, in which one name had been given a service."""
    path = tmp_path / "old.db"
    with open_store(path) as store:
        add_batch(store, "a.csv", [analysed("m0", KIND, cells=("Moon Clinic",))])
    conn = sqlite3.connect(path)
    for statement in (
        "DROP TABLE service_names",
        "ALTER TABLE service_texts ADD COLUMN service TEXT",
        'ALTER TABLE service_texts ADD COLUMN "by" TEXT',
        "UPDATE service_texts SET service = 'podiatry', \"by\" = 'person:Ann'",
        "DELETE FROM _sqlite_migrations WHERE name = '0006_service_names'",
    ):
        conn.execute(statement)
    conn.commit()
    conn.close()
    with open_store(path) as store:
        assert list(MIGRATIONS).index("0006_service_names") == 5
        (said,) = explained_names(store.conn)
        assert (said.text, said.service, said.by, said.at, said.n) == ("Moon Clinic", "podiatry", "person:Ann", None, 1)
        add_batch(store, "b.csv", [analysed("later", KIND, cells=("moon clinic",))])
        assert services_of(store, "later") == [("podiatry", "subject", "person:Ann")]


# On the command line


def asked(store: Store, *words: str, ok: bool = True) -> str:
    result = CliRunner().invoke(main, ["services", *words, "--db", str(store.path)])
    assert (result.exit_code == 0) is ok, result.output
    return result.output


def test_the_command_line_maps_lists_and_undoes(moon: Store, taxonomy: Taxonomy) -> None:
    assert "Moon Clinic" in asked(moon, "unresolved")
    assert "4 comments" in asked(moon, "map", "moon clinic", "podiatry", "--by", "Ann")
    assert "Moon Clinic" not in asked(moon, "unresolved")
    assert "Podiatry" in asked(moon, "mapped")
    assert "Error" in asked(moon, "map", "moon clinic", "podiatry", "--by", "Ann", "--undo", ok=False)
    assert "taken back" in asked(moon, "map", "moon clinic", "--by", "Ann", "--undo")
    assert "Moon Clinic" in asked(moon, "unresolved")


# Over HTTP and on the page


@pytest.fixture
def client(moon: Store) -> Iterator[TestClient]:
    with TestClient(make_app(moon.path), follow_redirects=False) as client:
        yield client


def test_the_api_says_lists_and_undoes(client: TestClient) -> None:
    said = client.post("/api/v1/services/names", json={"text": "moon clinic", "service": "podiatry"})
    assert said.status_code == 201
    assert {name: said.json()[name] for name in ("text", "service", "by", "n", "stands")} == {
        "text": "moon clinic", "service": "podiatry", "by": "person:local", "n": 4, "stands": True,
    }  # fmt: skip
    assert [row["text"] for row in client.get("/api/v1/services/unresolved").json()["unresolved"]] == ["SALT"]
    undone = client.delete(f"/api/v1/services/names/{said.json()['id']}")
    assert undone.json()["stands"] is False
    assert [row["stands"] for row in client.get("/api/v1/services/names").json()["names"]] == [False]
    assert client.delete(f"/api/v1/services/names/{said.json()['id']}").status_code == 404


def test_the_api_refuses_with_a_problem(client: TestClient) -> None:
    for body, status in (
        ({"text": "Moon Clinic", "service": "nope"}, 404),
        ({"text": "Sun", "service": "podiatry"}, 404),
        ({}, 422),
    ):
        answer = client.post("/api/v1/services/names", json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_reader_of_some_services_may_not_say_what_names_mean(client: TestClient) -> None:
    client.app.dependency_overrides[current_reader] = lambda: Reader(
        "lead", Scope(frozenset({"podiatry"})), may_read=True
    )  # type: ignore[attr-defined]
    assert client.post("/api/v1/services/names", json={"text": "Moon Clinic", "service": "podiatry"}).status_code == 403
    assert client.get("/services/names").status_code == 403


def test_the_page_asks_for_each_name_and_keeps_what_is_said(client: TestClient, moon: Store) -> None:
    page = client.get("/services/names").text
    assert page.count('<form method="post" action="/services/names"') == 2
    assert page.index("Moon Clinic") < page.index("SALT")
    kept = client.post(
        "/services/names", data={"text": "Moon Clinic", "meaning": "other", "entry": "podiatry", "name": "Ann"}
    )
    assert kept.status_code == 303
    assert services_of(moon, "m0") == [("podiatry", "subject", "person:Ann")]
    after = client.get(kept.headers["location"]).text
    assert "What you said of “Moon Clinic” has been kept" in after
    assert after.count('<form method="post" action="/services/names"') == 1
    (said,) = explained_names(moon.conn)
    undone = client.post("/services/names/undo", data={"id": said.id, "name": "Bo"})
    assert undone.status_code == 303
    assert services_of(moon, "m0") == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"meaning": "", "name": "Ann"}, "Select what “Moon Clinic” means"),
        ({"meaning": "other", "name": "Ann"}, "Select the service or organisation"),
        ({"meaning": "no-such-id", "name": "Ann"}, "Select an entry of the directory"),
        ({"meaning": "none", "name": " "}, "Enter your name"),
    ],
)
def test_an_incomplete_form_comes_back_with_what_is_missing(
    client: TestClient, moon: Store, data: dict[str, str], says: str
) -> None:
    answer = client.post("/services/names", data={"text": "Moon Clinic", **data})
    assert answer.status_code == 400
    assert says in answer.text
    assert "Error: Names we do not know" in answer.text
    assert explained_names(moon.conn) == ()


def test_to_undo_asks_for_a_name(client: TestClient, moon: Store, taxonomy: Taxonomy) -> None:
    explain(moon, taxonomy, "Moon Clinic", "podiatry", "Ann")
    (said,) = explained_names(moon.conn)
    answer = client.post("/services/names/undo", data={"id": said.id, "name": ""})
    assert answer.status_code == 400
    assert explained_names(moon.conn)[0].stands


# Column and words


def two(id: str, column: str | None, *words: str, cells: tuple[str, ...] = ("A team",)) -> Analysed:
    """A comment whose column names one service and whose words name others."""
    text = "The team was late and the other one was kind."
    found = [Finding("service", column, "", 0.9, 0, 0, "metadata", "subject")] if column else []
    found += [Finding("service", word, "", 0.9, 4, 8, "name", "subject") for word in words]
    return Analysed(Comment(id, text, service_cells=cells), tuple(found))


@pytest.fixture
def differing(store: Store) -> Store:
    add_batch(
        store,
        "a.csv",
        [
            two("d1", "podiatry", "camhs"),
            two("d2", "podiatry", "camhs"),
            two("d3", "ward-holt", "crisis-team", "podiatry"),
            two("same-line", "camhs", "camhs-anchor"),
            two("above", "camhs-anchor", "camhs"),
            two("one-of-them", "camhs", "camhs-anchor", "podiatry"),
            two("column-only", "podiatry"),
            two("words-only", None, "podiatry"),
        ],
    )
    return store


def test_each_pair_of_column_and_words_that_differ_is_counted(differing: Store, taxonomy: Taxonomy) -> None:
    assert disagreements(differing.conn, taxonomy, Filters(), EVERYTHING) == (
        Disagreement("podiatry", "camhs", 2),
        Disagreement("ward-holt", "crisis-team", 1),
        Disagreement("ward-holt", "podiatry", 1),
    )


@pytest.mark.parametrize(
    ("asked", "n"), [("any", 3), ("podiatry:camhs", 2), ("ward-holt:podiatry", 1), ("camhs:podiatry", 0)]
)
def test_comments_in_which_they_differ_can_be_asked_for(
    differing: Store, taxonomy: Taxonomy, asked: str, n: int
) -> None:
    assert totals(differing.conn, taxonomy, Filters(disagree=asked), EVERYTHING).comments == n


@pytest.mark.parametrize(("asked", "error"), [("yes", BadInput), ("podiatry:nope", NotFound), ("", BadInput)])
def test_a_disagreement_that_makes_no_sense_is_refused(
    differing: Store, taxonomy: Taxonomy, asked: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Filters(disagree=asked).check(taxonomy, differing.conn)


def test_a_scope_and_other_filters_narrow_the_pairs(differing: Store, taxonomy: Taxonomy) -> None:
    scope = Scope.of(taxonomy, ["ward-holt"])
    assert [d.by_words for d in disagreements(differing.conn, taxonomy, Filters(), scope)] == [
        "crisis-team",
        "podiatry",
    ]
    assert disagreements(differing.conn, taxonomy, Filters(service="sexual-health"), EVERYTHING) == ()


def test_what_a_person_says_ends_or_begins_a_disagreement(differing: Store, taxonomy: Taxonomy) -> None:
    number = comment(differing.conn, "d1", EVERYTHING).number
    assert disagreement_in(differing.conn, taxonomy, number) == (Disagreement("podiatry", "camhs", 1),)
    explain(differing, taxonomy, "A team", "camhs", "Ann")
    assert disagreement_in(differing.conn, taxonomy, number) == ()
    explain(differing, taxonomy, "A team", "sexual-health", "Ann")
    assert disagreement_in(differing.conn, taxonomy, number) == (Disagreement("sexual-health", "camhs", 1),)
    differing.save_correction("d1", Finding("service", "camhs", "", 0.0, 0, 0, "person:Bo", "subject"))
    assert disagreement_in(differing.conn, taxonomy, number) == ()


def test_both_sides_are_shown_on_the_comments_page_and_in_a_list(differing: Store) -> None:
    with TestClient(make_app(differing.path)) as client:
        assert "The upload&#39;s column says Podiatry, the words say" in client.get("/comments/d1").text
        assert "column says" not in client.get("/comments/same-line").text
        page = client.get("/services/disagreements").text
        assert "/comments?disagree=podiatry%3Acamhs" in page
        listed = client.get("/comments?disagree=podiatry%3Acamhs")
        assert "Column says Podiatry, words say" in listed.text
        assert client.get("/api/v1/comments?disagree=any").json()["comments"][0]["id"] == "d3"
        pairs = client.get("/api/v1/services/disagreements").json()["disagreements"]
        assert pairs[0] == {"by_column": "podiatry", "by_words": "camhs", "n": 2, "suppressed": {}}


def test_both_services_keep_the_comment(differing: Store, taxonomy: Taxonomy) -> None:
    counts = {row.id: row.n for row in service_table(differing.conn, taxonomy, Filters(), EVERYTHING)}
    assert (counts["podiatry"], counts["camhs"]) == (6, 5)
