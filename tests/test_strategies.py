"""A strategy is put in as data: history is mapped, old and new stand side by side, and people's words stay. Every comment is invented.

tests/strategy_2031.yml is an invented successor of the shipped strategy, whose objectives bear the older ones' ids and mean other things.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import FOOD, MANNER, WAIT, add_batch, analysed
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.cli import main
from feedback.correct import Said, correct, withdraw
from feedback.erase import by_citation, erase
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.trend import asked_trend
from feedback.query import clauses, comments_page, latest_versions, objective_table, statement_table, value_table
from feedback.redact import Redactor
from feedback.store import Store, open_reader
from feedback.strategies.side_by_side import side_by_side
from feedback.strategies.successor import how_found, read_successor
from feedback.strategies.versions import adopt, in_force, not_carried, strategies, under, use
from feedback.taxonomy import Taxonomy

FILE = Path(__file__).parent / "strategy_2031.yml"
TEXT = FILE.read_text(encoding="utf-8")
OLD, NEW = "2025-2030", "2031-2036"
Counts = dict[str, tuple[int, int, int, int]]


@pytest.fixture
def adopted(filled: Store, taxonomy: Taxonomy) -> Store:
    adopt(filled, taxonomy, TEXT, by="A. Planner")
    return filled


def counts(store: Store, taxonomy: Taxonomy, version: str | None = None) -> Counts:
    """Comments, for, against, both, of each objective and value that any comment bears on; of a connection of its own."""
    conn = open_reader(store.path)
    new = under(conn, taxonomy, version)
    rows = (*objective_table(conn, new, Filters(), EVERYTHING), *value_table(conn, new, Filters(), EVERYTHING))
    conn.close()
    return {row.id: (row.n, row.positive, row.negative, row.mixed) for row in rows if row.n}


# ---------------------------------------------------------------- the file


def test_the_file_is_explained_part_by_part(taxonomy: Taxonomy) -> None:
    told = {
        (t.fate, t.sentence.split(":")[0].split(" is ")[0].split(" falls")[0])
        for t in read_successor(TEXT, taxonomy).explained
    }
    assert told >= {
        ("carried", "Value “Fair”"),
        ("merged", "Value “Kind”"),
        ("new, not read yet", "Value “Curious”"),
        ("merged", "Objective O1 “Help without waiting, near to home”"),
        ("split", "Objective O3 “Skilled and safe hands”"),
        ("new by rule", "Objective O5 “Places that heal”"),
        ("dropped", "Value “Ambitious”"),
    }


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("codes: [courageous]", "codes: [brave]", "codes names 'brave', which is not known"),
        ("themes: [environment-", "themes: [enviroment-", "themes names 'enviroment-facilities-equipment'"),
        ("    read_from: {codes: [O1]}\n", "", "O2: it does not say how it is found"),
        ("{codes: [O1]}", "{only_with: [parking]}", "only_with stands without codes"),
        ("read_from: nothing_yet", "read_from: later", "read_from 'later' is not known"),
        ("version: 2031-2036", "version: 2025-2030", "is the version of the strategy that is read"),
        ("follows: 2025-2030", "follows: 2020-2025", "follows '2020-2025' is not known"),
        ("id: O2.W1", "id: O9.W1", "an id under will_do is O2.W and a number"),
        ("{id: O5, why", "{id: O4, why", "it is dropped and taken up"),
        ("service-location: {statements: [O1.G1", "service-location: {statements: [O1.G7", "statements names 'O1.G7'"),
        ("id: kind", "id: fair", "two entries have this id"),
        ("values:", "values: [", "it is not good YAML"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_what_is_wrong(
    taxonomy: Taxonomy, was: str, now: str, said: str
) -> None:
    assert was in TEXT
    with pytest.raises(BadInput, match=re.escape(said)):
        read_successor(TEXT.replace(was, now, 1), taxonomy)


def test_a_part_that_was_forgotten_is_asked_about(taxonomy: Taxonomy) -> None:
    forgetting = TEXT.replace("  - {id: O5, why: digital work is part of every objective now}\n", "")
    told = [t.sentence for t in read_successor(forgetting, taxonomy).explained if t.fate == "dropped"]
    assert any("O5" in sentence and "was it forgotten?" in sentence for sentence in told)


def test_the_delivery_plan_and_the_themes_follow(taxonomy: Taxonomy) -> None:
    new = read_successor(TEXT, taxonomy).taxonomy
    for id, programme in taxonomy.programmes.items():
        for objective in programme.objectives:
            heirs = [rule.id for rule in new.rules.rules if ("objective", objective) in rule.codes]  # type: ignore[union-attr]
            assert set(heirs) <= set(new.programmes[id].objectives)
    assert all(id in new.objectives for theme in new.themes.values() for id in theme.objectives)
    assert all(id in new.statements for theme in new.themes.values() for id in theme.statements)
    assert new.themes[FOOD].objectives == (*new.themes[FOOD].objectives[:-1], "O5")
    assert how_found(new, "value", "fair") == ""


# ---------------------------------------------------------------- history is mapped, and what comes later follows


def test_history_is_counted_by_the_new_strategy(adopted: Store, taxonomy: Taxonomy) -> None:
    assert counts(adopted, taxonomy) == {
        "O1": (16, 1, 15, 0),
        "O3": (20, 20, 0, 0),
        "O5": (1, 0, 1, 0),
        "attentive": (16, 1, 15, 0),
        "kind": (21, 21, 0, 0),
    }


def test_the_older_strategy_stays_as_it_was(filled: Store, taxonomy: Taxonomy) -> None:
    before = counts(filled, taxonomy)
    adopt(filled, taxonomy, TEXT, by="A. Planner")
    assert counts(filled, taxonomy, OLD) == before
    assert counts(filled, taxonomy) != before


def test_new_uploads_are_counted_by_it_at_once(adopted: Store, taxonomy: Taxonomy) -> None:
    late = analysed("new", [("Six weeks for a letter.", "-", (WAIT, "O3", "O3.W5"))], day=date(2026, 7, 9))
    add_batch(adopted, "third.csv", [late])
    assert counts(adopted, taxonomy)["O1"] == (17, 1, 16, 0)
    new = under(adopted.conn, taxonomy)
    rows = {row.id: row.n for row in statement_table(adopted.conn, new, Filters(), EVERYTHING)}
    assert (rows["O1.W1"], rows["O5.W2"]) == (16, 1)


def test_comments_erased_or_taken_back_leave_nothing_behind(adopted: Store, taxonomy: Taxonomy) -> None:
    late = analysed("new", [("Six weeks for a letter.", "-", (WAIT, "O3"))], day=date(2026, 7, 9))
    batch = add_batch(adopted, "third.csv", [late])
    adopted.rollback(batch)
    assert counts(adopted, taxonomy)["O1"] == (16, 1, 15, 0)
    erase(
        adopted,
        by_citation(adopted.conn, "HW-2026-000001"),
        by="A. Keeper",
        reason="asked",
        redactor=Redactor(taxonomy),
    )
    left = "SELECT count(*) FROM mapped WHERE comment NOT IN (SELECT number FROM comments)"
    assert adopted.conn.execute(left).fetchone() == (0,)
    assert adopted.conn.execute("SELECT count(*) FROM unmapped").fetchone() == (0,)


def test_only_the_connection_that_asks_is_answered_under_another(adopted: Store, taxonomy: Taxonomy) -> None:
    one, other = open_reader(adopted.path), open_reader(adopted.path)
    under(one, taxonomy, NEW)
    assert latest_versions(one)["strategy"] == NEW
    assert "strategy" not in latest_versions(other)  # the comments' own versions, which name none here
    with pytest.raises(Exception, match="readonly"):
        one.execute("DELETE FROM comments")


def test_the_words_behind_a_number_are_those_of_the_strategy_asked_for(adopted: Store, taxonomy: Taxonomy) -> None:
    conn = open_reader(adopted.path)
    under_new, wanted = under(conn, taxonomy, NEW), Filters(objective="O5", strategy=NEW)
    (food,) = clauses(conn, under_new, wanted, EVERYTHING)
    assert (food.text, food.by) == ("Supper was cold again.", f"rule:theme {FOOD}")
    (parking,) = clauses(conn, under(conn, taxonomy, OLD), Filters(objective="O5"), EVERYTHING)
    assert parking.text == "There was nowhere to park."
    with pytest.raises(BadInput, match=f"Strategy {NEW} is asked for, and {OLD} is in place"):
        comments_page(conn, taxonomy, wanted, EVERYTHING)


def test_what_nothing_finds_yet_has_no_figure(adopted: Store, taxonomy: Taxonomy) -> None:
    conn = open_reader(adopted.path)
    new = under(conn, taxonomy)
    with pytest.raises(BadInput, match="Nothing finds objective O6"):
        comments_page(conn, new, Filters(objective="O6"), EVERYTHING)
    with pytest.raises(BadInput, match="Nothing finds value curious"):
        asked_trend(conn, new, Filters(value="curious"), EVERYTHING, measure="rate")


def test_a_chart_says_under_which_strategy_it_is_counted_and_where_that_came_into_force(
    adopted: Store, taxonomy: Taxonomy
) -> None:
    august = analysed("aug", [("Six weeks for a letter.", "-", (WAIT, "O3"))], day=date(2026, 8, 1))
    add_batch(adopted, "third.csv", [august])
    conn = open_reader(adopted.path)
    new = asked_trend(conn, under(conn, taxonomy), Filters(objective="O1"), EVERYTHING, measure="rate", may_read=True)
    assert new.marks == {date(2026, 8, 1): f"strategy {NEW} in force"}
    assert f"All of it is counted under strategy {NEW}, in force since 1 August 2026" in new.warnings[-1]
    old = asked_trend(
        conn, under(conn, taxonomy, OLD), Filters(objective="O3"), EVERYTHING, measure="rate", may_read=True
    )
    assert f"counted under strategy {OLD}, not the one in force" in old.warnings[-1]
    feeling = asked_trend(conn, under(conn, taxonomy), Filters(theme=WAIT), EVERYTHING, may_read=True)
    assert not feeling.marks


# ---------------------------------------------------------------- adopting, again and after a kill


def test_the_same_file_again_changes_nothing_and_another_of_its_version_is_refused(
    adopted: Store, taxonomy: Taxonomy
) -> None:
    again = adopt(adopted, taxonomy, TEXT, by="A. Planner")
    assert (again.resumed, again.in_force, again.comments) == (False, True, 38)
    with pytest.raises(BadInput, match="was adopted from another file"):
        adopt(adopted, taxonomy, TEXT.replace("Places that heal", "Places that help"), by="A. Planner")


def test_beside_leaves_what_is_in_force(filled: Store, taxonomy: Taxonomy) -> None:
    assert not adopt(filled, taxonomy, TEXT, by="A. Planner", put_in_force=False).in_force
    assert in_force(filled.conn) is None
    assert [(s.version, s.in_force) for s in strategies(filled.conn, taxonomy)] == [(OLD, True), (NEW, False)]
    assert use(filled, taxonomy, NEW, by="A. Planner").in_force
    assert use(filled, taxonomy, OLD, by="A. Planner").is_read
    with pytest.raises(BadInput, match="in force already"):
        use(filled, taxonomy, OLD, by="A. Planner")
    with pytest.raises(NotFound, match="There is no strategy '2040'; there are 2025-2030, 2031-2036"):
        use(filled, taxonomy, "2040", by="A. Planner")


KILLED = """
import os, sys
from pathlib import Path
from feedback.strategies import versions as strategies
from feedback.store import open_store
from feedback.taxonomy import load_taxonomy

strategies.AT_ONCE = 7
blocks = 0

def progress(done, total):
    global blocks
    blocks += 1
    if blocks == int(sys.argv[3]):
        os._exit(9)

with open_store(sys.argv[1]) as store:
    strategies.adopt(store, load_taxonomy(), Path(sys.argv[2]).read_text(), by="A. Planner", progress=progress)
"""


def test_an_adoption_that_is_killed_is_gone_on_with(filled: Store, taxonomy: Taxonomy) -> None:
    ran = subprocess.run([sys.executable, "-c", KILLED, str(filled.path), str(FILE), "3"], check=False)
    assert ran.returncode == 9
    (state,) = filled.conn.execute("SELECT state FROM strategies").fetchone()
    assert (state, in_force(filled.conn)) == ("running", None)
    with pytest.raises(NotFound, match="is not mapped to the end yet"):
        under(filled.conn, taxonomy, NEW)
    # What is stored while it is half done must not be missed, though its number is beyond what was mapped.
    add_batch(filled, "third.csv", [analysed("new", [("Six weeks.", "-", (WAIT, "O3"))], day=date(2026, 7, 9))])
    done = adopt(filled, taxonomy, TEXT, by="A. Planner")
    assert (done.resumed, done.comments) == (True, 39)
    assert counts(filled, taxonomy)["O1"] == (17, 1, 16, 0)


# ---------------------------------------------------------------- what people said


def test_a_correction_is_carried_where_one_code_became_one_part_and_else_listed(
    filled: Store, taxonomy: Taxonomy
) -> None:
    correct(filled, taxonomy, "HW-2026-000001", Said("value", "courageous", polarity="-"), by="A. Reader")
    correct(filled, taxonomy, "HW-2026-000001", Said("value", "supportive", so=False), by="A. Reader")
    done = adopt(filled, taxonomy, TEXT, by="A. Planner")
    conn = open_reader(filled.path)
    new = under(conn, taxonomy)
    (said,) = comments_page(conn, new, Filters(value="fair"), EVERYTHING).comments
    assert [(f.label, f.polarity, f.by) for f in said.analysed.of("value") if f.label == "fair"] == [
        ("fair", "-", "person:A. Reader")
    ]
    assert done.not_carried == 1
    (left,) = not_carried(conn, NEW, EVERYTHING)
    assert (left.citation, left.kind, left.label, left.so, left.became) == (
        "HW-2026-000001", "value", "supportive", False, (("value", "kind"),),
    )  # fmt: skip
    assert not_carried(conn, NEW, Scope.of(taxonomy, ["talking-therapies"])) == ()


def test_a_correction_under_the_new_strategy_counts_under_that_alone(adopted: Store, taxonomy: Taxonomy) -> None:
    before = counts(adopted, taxonomy, OLD)
    new = under(adopted.conn, taxonomy)
    number = correct(adopted, new, "HW-2026-000038", Said("objective", "O6", polarity="+"), by="A. Reader")
    correct(adopted, new, "HW-2026-000001", Said("objective", "O3", so=False), by="A. Reader")
    now = counts(adopted, taxonomy)
    assert (now["O6"], now["O3"]) == ((1, 1, 0, 0), (19, 19, 0, 0))
    assert counts(adopted, taxonomy, OLD) == before
    withdraw(adopted, "HW-2026-000038", by="A. Reader", number=number)
    assert "O6" not in counts(adopted, taxonomy)


# ---------------------------------------------------------------- side by side


def test_old_and_new_stand_side_by_side_with_the_reason(adopted: Store, taxonomy: Taxonomy) -> None:
    conn = open_reader(adopted.path)
    found = side_by_side(conn, taxonomy, OLD, NEW, Filters(), EVERYTHING, may_read=True)
    pairs = {pair.old.id: pair for pair in found.pairs if pair.old}
    fates = {id: (pair.fate, [row.id for row in pair.new]) for id, pair in pairs.items()}
    assert fates == {
        "O1": ("carried", ["O2"]),
        "O2": ("split", ["O3", "O4"]),
        "O3": ("merged", ["O1"]),
        "O4": ("merged", ["O1"]),
        "O5": ("dropped", []),
        "courageous": ("carried", ["fair"]),
        "ambitious": ("dropped", []),
        "responsive": ("carried", ["attentive"]),
        "empowering": ("merged", ["kind"]),
        "supportive": ("merged", ["kind"]),
    }
    assert pairs["O2"].why[-1] == "Of the 21 comments on O2, 1 went to none of these; a comment may go to several."
    assert pairs["O3"].why[-1] == "0 comments bear on more than one of these and count once each."
    assert pairs["O5"].why == (
        f"Digital work is part of every objective now. Its comments can still be asked for under {OLD}.",
    )
    assert [(pair.new[0].id, pair.new[0].basis) for pair in found.pairs if not pair.old] == [
        ("O5", "rule"),
        ("O6", "unread"),
        ("curious", "unread"),
    ]
    assert [len(why) for why in (pairs["O1"].why, pairs["responsive"].why)] == [1, 1]
    assert pairs["responsive"].old.n == pairs["responsive"].new[0].n == 16  # type: ignore[union-attr]


def test_a_comparison_back_to_the_older_one_reads_the_other_way(adopted: Store, taxonomy: Taxonomy) -> None:
    conn = open_reader(adopted.path)
    found = side_by_side(conn, taxonomy, NEW, OLD, Filters(), EVERYTHING, may_read=True)
    back = {pair.old.id: [row.id for row in pair.new] for pair in found.pairs if pair.old}
    assert (back["O1"], back["O6"], back["kind"]) == (["O3", "O4"], [], ["empowering", "supportive"])


# ---------------------------------------------------------------- by command, over HTTP, on pages


@pytest.fixture
def client(filled: Store) -> Iterator[TestClient]:
    with TestClient(make_app(filled.path)) as started:
        yield started


def run(store: Store, *words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--db", str(store.path)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_whole_of_it_by_command(filled: Store, taxonomy: Taxonomy) -> None:
    checked = CliRunner().invoke(main, ["strategy", "check", str(FILE)])
    assert "fits the Trust's data; nothing is changed." in checked.stdout
    assert "38 comments" in run(filled, "strategy", "adopt", str(FILE), "--by", "A. Planner")
    assert json.loads(run(filled, "strategy", "list", "--json"))["uses"][0]["version"] == NEW
    new = json.loads(run(filled, "objectives", "--json", "--statements"))
    old = json.loads(run(filled, "objectives", "--strategy", OLD, "--json"))
    assert (new["strategy"], old["strategy"]) == (NEW, OLD)
    assert [row["n"] for row in new["objectives"]] == [16, 0, 20, 0, 1, None]
    assert [row["n"] for row in old["objectives"]] == [0, 21, 15, 1, 1]
    assert "O6 A light footprint" in run(filled, "objectives")
    assert "O6 A light footprint: not found yet" in run(filled, "strategy", "compare")
    assert json.loads(run(filled, "strategy", "compare", "--json"))["old"] == OLD
    assert "A light footprint" in run(filled, "strategy", "show", NEW)
    assert run(filled, "strategy", "use", OLD, "--by", "A. Planner") == f"Strategy {OLD} is in force.\n"
    assert json.loads(run(filled, "comments", "--objective", "O5", "--strategy", NEW, "--json"))[0]["text"].startswith(
        "Supper"
    )


def test_a_refusal_by_command_is_a_sentence(filled: Store) -> None:
    done = CliRunner().invoke(main, ["objectives", "--strategy", "2040", "--db", str(filled.path)])
    assert (done.exit_code, done.stderr) == (1, "Error: There is no strategy '2040'; there are 2025-2030.\n")
    alone = CliRunner().invoke(main, ["strategy", "compare", "--db", str(filled.path)])
    assert (alone.exit_code, "There is one strategy" in alone.stderr) == (1, True)


def test_the_whole_of_it_over_http(client: TestClient) -> None:
    bad = client.post("/api/v1/strategies/check", json={"file": TEXT.replace("[courageous]", "[brave]")})
    assert (bad.status_code, "codes names 'brave'" in bad.json()["detail"]) == (400, True)
    assert client.post("/api/v1/strategies/check", json={"file": TEXT}).json()["version"] == NEW
    made = client.post("/api/v1/strategies", json={"file": TEXT})
    assert (made.status_code, made.json()["bearing"]) == (201, 32)
    rows = {row["id"]: row for row in client.get("/api/v1/objectives").json()["objectives"]}
    assert (rows["O1"]["n"], rows["O5"]["basis"], rows["O6"]["n"]) == (16, "rule", None)
    assert rows["O6"]["suppressed"]["n"] == "nobody looks for this yet: too few examples to learn from"
    assert client.get("/api/v1/objectives", params={"strategy": OLD}).json()["version"] == OLD
    evidence = client.get("/api/v1/objectives/O5/evidence").json()
    assert "by rule, without a model's reading" in evidence["derived"]
    assert client.get("/api/v1/objectives/O6/evidence").status_code == 400
    pairs = client.get("/api/v1/strategies/compare").json()["pairs"]
    assert [pair["fate"] for pair in pairs[:5]] == ["carried", "split", "merged", "merged", "dropped"]
    record = client.get("/api/v1/comments/HW-2026-000001").json()
    assert record["versions"]["strategy"] == NEW
    assert {f["by"] for f in record["explanation"] if f["kind"] == "objective"} == {
        f"rule:O2 with {MANNER}",
        "reader 1.0 from O3",
    }
    said = client.post(
        "/api/v1/comments/HW-2026-000002/corrections", json={"kind": "objective", "label": "O6", "polarity": "+"}
    )
    assert "O6" in {f["id"] for f in said.json()["objectives"]}
    assert client.get(f"/api/v1/strategies/{NEW}/corrections").json() == {"corrections": [], "after": None}
    assert client.put("/api/v1/strategies/in-force", json={"version": OLD}).json()["in_force"] is True
    assert client.get("/api/v1/objectives").json()["version"] == OLD


def test_one_who_may_not_read_the_words_gets_no_small_number_from_a_comparison(client: TestClient) -> None:
    client.post("/api/v1/strategies", json={"file": TEXT})
    reader = Reader("a lead", EVERYTHING, may_read=False)
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]
    pairs = {
        pair["old"]["id"]: pair for pair in client.get("/api/v1/strategies/compare").json()["pairs"] if pair["old"]
    }
    # Of the two that were merged one has a single comment, so neither it nor the sum is shown.
    assert (pairs["empowering"]["old"]["n"], pairs["empowering"]["new"][0]["n"]) == (None, None)
    assert not any(re.search(r"\d+ comment", why) for pair in pairs.values() for why in pair["why"])
    assert client.get(f"/api/v1/strategies/{NEW}/corrections").status_code == 403


def test_one_who_may_see_one_service_cannot_put_a_strategy_in(client: TestClient, taxonomy: Taxonomy) -> None:
    reader = Reader("a lead", Scope.of(taxonomy, ["podiatry"]), may_read=True)
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]
    assert client.post("/api/v1/strategies", json={"file": TEXT}).status_code == 403
    assert client.post("/strategy", data={"text": TEXT, "name": "A. Lead"}).status_code == 403
    assert "Put in a new strategy" not in client.get("/strategy").text


def test_with_one_strategy_the_comparison_leads_to_where_another_is_put_in(client: TestClient) -> None:
    answer = client.get("/strategy/compare", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/strategy")


def test_the_whole_of_it_on_pages(client: TestClient) -> None:
    nothing = client.post("/strategy/check")
    assert (nothing.status_code, "Choose the file of the strategy." in nothing.text) == (400, True)
    looked = client.post("/strategy/check", files={"file": ("next.yml", TEXT)})
    assert "New, and not found yet" in looked.text
    assert 'name="text"' in looked.text
    assert client.get("/api/v1/strategies").json()["uses"] == []
    nameless = client.post("/strategy", data={"text": TEXT})
    assert (nameless.status_code, "Enter your name" in nameless.text) == (400, True)
    done = client.post("/strategy", data={"text": TEXT.replace("\n", "\r\n"), "name": "A. Planner"})
    assert "the whole history is mapped to it" in done.text
    assert "Strategy 2031 to 2036" in client.get("/objectives").text
    assert "by rule from themes, not read" in client.get("/objectives").text
    old = client.get("/objectives", params={"strategy": OLD}).text
    assert f'href="/objectives/O3?strategy={OLD}"' in old
    compared = client.get("/strategy/compare").text
    assert "Falls away." in compared
    assert "20 comments: 20 for, 0 against, 0 both; found in a part of what is read" in compared
    refused = client.get("/objectives/O6")
    assert (refused.status_code, "which is not a zero" in refused.text) == (400, True)
    assert client.get("/comments/HW-2026-000001?correct=objective").status_code == 200
    used = client.post("/strategy/use", data={"version": OLD, "name": "A. Planner"})
    assert "Another strategy is in force now" in used.text


def test_a_comments_page_tells_which_strategy_people_spoke_of(
    client: TestClient, filled: Store, taxonomy: Taxonomy
) -> None:
    correct(filled, taxonomy, "HW-2026-000001", Said("objective", "O5", polarity="-"), by="A. Reader")
    client.post("/api/v1/strategies", json={"file": TEXT})
    assert f"Objective O5 of strategy {OLD}" in client.get("/comments/HW-2026-000001").text
    client.post(
        "/api/v1/comments/HW-2026-000001/corrections", json={"kind": "objective", "label": "O5", "polarity": "+"}
    )
    now = client.get("/comments/HW-2026-000001").text
    assert "Objective O5 Places that heal" in now
    assert f"Objective O5 of strategy {NEW}" in client.get(f"/comments/HW-2026-000001?strategy={OLD}").text


# ---------------------------------------------------------------- nothing in the code names a part of the present strategy

# The codes of the published labels that the reader is trained and measured on; they are the model's own vocabulary.
OF_THE_MODEL = {
    "feedback/training/labelled.py",
    "feedback/training/finetune.py",
    "feedback/training/reader.py",
    "feedback/training/targets.py",
}


def test_nothing_in_the_code_names_a_value_objective_or_statement(taxonomy: Taxonomy) -> None:
    ids = "|".join(map(re.escape, [*taxonomy.objectives, *taxonomy.statements]))
    values = "|".join(map(re.escape, [*taxonomy.values, *(value.name for value in taxonomy.values.values())]))
    # Values are plain words too, so of them only what stands in quotation marks, or alone after an option, counts.
    named = re.compile(rf"(?<![\w.])(?:{ids})(?![\w])|[\"'`](?:{values})[\"'`]|--value (?:{values})\b|\bCARES\b")
    root = Path(__file__).parent.parent
    found = {
        f"{path.relative_to(root)}: {line.strip()[:80]}"
        for room in ("feedback", "api")
        for path in sorted((root / room).rglob("*"))
        if path.suffix in (".py", ".html", ".md", ".js")
        and str(path.relative_to(root)) not in OF_THE_MODEL
        and "vendor" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if named.search(line)
    }
    assert found == set()


def test_an_id_that_is_taken_for_something_else_is_warned_of(taxonomy: Taxonomy) -> None:
    import yaml

    file = yaml.safe_load((FILE.parent.parent / "data" / "strategy.yml").read_text(encoding="utf-8"))
    file |= {"version": "2030-2035", "follows": taxonomy.versions["strategy"]}
    for one in (*file["values"], *file["objectives"]):
        one["read_from"] = {"codes": [one["id"]]}
    third = next(one for one in file["objectives"] if one["id"] == "O3")
    third |= {"title": "Be seen soon", "read_from": {"themes": ["timeliness-of-care"]}}
    file["dropped"] = [{"id": "O3", "why": "No longer ours"}]
    told = [t.sentence for t in read_successor(yaml.safe_dump(file), taxonomy).explained if t.fate == "id taken anew"]
    assert len(told) == 1 and "takes the id O3 of objective O3 “Use our resources wisely" in told[0]


def test_a_statements_id_that_is_taken_for_something_else_is_warned_of(taxonomy: Taxonomy) -> None:
    import yaml

    file = yaml.safe_load((FILE.parent.parent / "data" / "strategy.yml").read_text(encoding="utf-8"))
    file |= {"version": "2030-2035", "follows": taxonomy.versions["strategy"]}
    for one in (*file["values"], *file["objectives"]):
        one["read_from"] = {"codes": [one["id"]]}
    section = next(name for name in file["statement_kinds"] if name in file["objectives"][0])
    first, second, third, *_ = file["objectives"][0][section]
    first["read_from"] = {"codes": [second["id"]]}  # found elsewhere
    second["title"] = "Answer every letter"  # says something else, and not where it is found
    third |= {"title": "Say it in fewer words", "read_from": {"codes": [third["id"]]}}  # the same, reworded
    told = [t.sentence for t in read_successor(yaml.safe_dump(file), taxonomy).explained if t.fate == "id taken anew"]
    assert len(told) == 2
    assert f"takes the id {first['id']} of statement {first['id']} “" in told[0] and "and is found elsewhere" in told[0]
    assert "“Answer every letter” takes the id" in told[1] and "and is something else" in told[1]
