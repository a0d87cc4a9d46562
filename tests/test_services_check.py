"""The directory as people keep it: everything wrong told at once with its line, clashes explained, and what belongs to a plan."""

import html
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import MANNER, WAIT, Clause, add_batch, analysed
from fastapi.testclient import TestClient

from api.app import make_app
from feedback.cli import main
from feedback.comment import Analysed, Comment, Finding
from feedback.filters import EVERYTHING, Filters
from feedback.query import all_comments, series, service_table, theme_table, totals
from feedback.settings import DATA
from feedback.store import Store
from feedback.tag.directory_check import Checked, check
from feedback.taxonomy import Taxonomy

LATE: list[Clause] = [("We waited for months.", "-", (WAIT,))]


@pytest.fixture(scope="module")
def shipped() -> Checked:
    return check(DATA)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the Trust's data, to be spoilt."""
    for path in DATA.glob("*.yml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def spoil(path: Path, old: str, new: str) -> int:
    """Put one text in place of another where it first stands; returns the line, from 1."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def asked(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["services", *words])
    return result.exit_code, result.output


# What does not fit


def test_the_shipped_directory_fits_and_is_counted(shipped: Checked, taxonomy: Taxonomy) -> None:
    assert shipped.problems == ()
    assert shipped.counts["services"] == len(taxonomy.services)
    assert sum(shipped.counts[level] for level in ("directorate", "service", "unit", "team", "ward")) == len(
        taxonomy.services
    )


def test_everything_wrong_is_told_at_once_with_its_line(data: Path) -> None:
    services, cues, plan = data / "services.yml", data / "service_cues.yml", data / "delivery_plan.yml"
    lines = {
        ("services.yml", spoil(services, "  parent: camhs\n", "  parent: camsh\n")),
        ("service_cues.yml", spoil(cues, "  podiatry:\n", "  podiatree:\n")),
        ("service_cues.yml", spoil(cues, "[neighbourhood nurse,", "[neighbourhood <nurze>,")),
        ("service_cues.yml", spoil(cues, "  holt: {written: name,", "  holt: {written: nam,")),
        ("delivery_plan.yml", spoil(plan, "services: [talking-therapies", "services: [talking-therapy")),
    }  # fmt: skip
    found = check(data)
    assert {(p.file, p.line) for p in found.problems} >= lines
    assert found.clashes == ()  # nothing else is said of what does not fit
    for problem in found.problems:
        assert problem.sentence.endswith(".")
        assert "; " in problem.sentence or " needs " in problem.sentence  # what to do


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\nusual:\n", "\nusuall:\n", "The part usual is missing"),
        ("\nusual:\n", "\nusuall:\n", "Nothing reads the part 'usuall'; call it one of usual"),
        ("\nenough: 4\n", "\nenough: four\n", "enough is not a whole number"),
        ("  community-nursing:\n    topic:", "  community-nursing:\n    topics:", "nothing reads 'topics'; use one of topic"),
        ("elsewhere: {Herefordshire: ext-wvt}", "elsewhere: {Hereford: ext-wv}", "'ext-wv' is no entry"),
        ("elsewhere: {Herefordshire: ext-wvt}", "elsewhere: {Hereford: ext-wv}", "elsewhere: nothing reads 'Hereford'"),
        ("  sites: [community-hospitals,", "  sites: [community-hospital,", "'community-hospital' is no entry"),
        ("    adult: [adult]\n", "    grown: [adult]\n", "cells ages: nothing reads 'grown'"),
        ("\nusual:\n", "\nusual: [\n", "It is not good YAML"),
    ],
)  # fmt: skip
def test_a_fault_in_the_cues_is_told_in_a_sentence(data: Path, old: str, new: str, says: str) -> None:
    spoil(data / "service_cues.yml", old, new)
    assert any(says in problem.sentence for problem in check(data).problems)


def test_a_name_that_two_entries_share_must_be_listed(data: Path) -> None:
    spoil(data / "services.yml", "aliases: [chiropody,", "aliases: [chiropody, CAMHS,")
    (problem,) = check(data).problems
    assert "share the name 'camhs'" in problem.sentence
    assert "ambiguous_names" in problem.sentence
    assert problem.file == "services.yml"
    assert problem.line is not None


def test_a_file_that_is_no_yaml_or_not_there_is_told_alone(data: Path) -> None:
    (data / "services.yml").write_text("services:\n- id: [\n", "utf-8")
    (data / "themes.yml").unlink()
    found = check(data)
    assert [p.file for p in found.problems] == ["services.yml", "themes.yml"]
    assert found.problems[0].line is not None


def test_the_command_exits_1_on_problems_alone(data: Path) -> None:
    code, said = asked("check", "--data", str(data))
    assert (code, "No problem: everything fits." in said) == (0, True)
    line = spoil(data / "service_cues.yml", "  podiatry:\n", "  podiatree:\n")
    code, said = asked("check", "--data", str(data))
    assert code == 1
    assert f"service_cues.yml:{line}: 'podiatree' is no entry of services.yml; use one like podiatry" in said
    assert "1 problem." in said


# What becomes of names


def outcomes(shipped: Checked, kind: str) -> dict[str, str]:
    return {clash.name: clash.outcome for clash in shipped.clashes if clash.kind == kind}


def test_a_shared_name_says_what_decides(shipped: Checked) -> None:
    said = outcomes(shipped, "shared")["SALT"]
    assert "ambiguous_names" in said
    assert "in a column it is an open question for a person" in said


def test_a_name_within_a_longer_one_says_that_the_longer_wins(shipped: Checked) -> None:
    assert "'home physio' is community-therapy" in outcomes(shipped, "within")["physio"]


@pytest.mark.parametrize(
    ("kind", "name", "outcome"),
    [
        ("person", "Mortimer", "taken as the service with a capital only"),
        ("person", "WEST", "taken as the service in capitals only"),
        ("word", "Podiatry", "taken as the service however it is written"),
        ("place", "Newtown", "taken as the service only where a ward is spoken of"),
    ],
)
def test_a_name_that_is_something_else_too_says_when_it_counts(
    shipped: Checked, kind: str, name: str, outcome: str
) -> None:
    assert outcomes(shipped, kind)[name] == outcome


def test_entries_that_no_words_lead_to_are_listed_with_what_does(shipped: Checked, taxonomy: Taxonomy) -> None:
    directorates = {id for id, service in taxonomy.services.items() if service.level == "directorate"}
    assert {entry.id for entry in shipped.unreachable} == directorates  # too wide for a comment to be about
    assert all("an upload's column" in entry.otherwise for entry in shipped.unreachable)


def test_a_new_entry_without_a_name_that_counts_is_told_of(data: Path) -> None:
    entry = (data / "services.yml").read_text("utf-8").split("- id: dietetics\n")[1].split("- id:")[0]
    entry = "- id: silent\n" + entry.split("  aliases:")[0].replace("Nutrition and dietetics", "catering") + "  aliases: []\n  colloquial: []\n  source: assumed\n  status: current\n"  # fmt: skip
    spoil(data / "services.yml", "- id: dietetics\n", entry + "- id: dietetics\n")
    spoil(data / "services.yml", "estates, car park, catering", "estates, car park")
    found = check(data)
    assert found.problems == ()
    assert "silent" in {one.id for one in found.unreachable}


# The directory on the command line


def test_the_directory_is_listed_as_a_tree_with_what_is_unconfirmed(taxonomy: Taxonomy) -> None:
    code, said = asked("list", "--below", "camhs")
    assert code == 0
    lines = said.splitlines()
    assert lines[0].startswith("Child and Adolescent Mental Health Services  [camhs]")
    assert len(lines) == len(taxonomy.below("camhs"))
    everything = json.loads(asked("list", "--json")[1])
    assert [row["id"] for row in everything] == list(taxonomy.in_tree_order())
    assert {row["id"] for row in everything if row["unconfirmed"]} == {
        id for id, service in taxonomy.services.items() if service.unconfirmed
    }
    assert asked("list", "--below", "camsh")[0] == 1


def test_one_entry_is_shown_with_its_names_words_plans_and_comments(filled: Store) -> None:
    code, said = asked("show", "podiatry", "--db", str(filled.path))
    assert code == 0
    for part in (
        "chiropody",
        "Countywide Community Services",
        "podiatry-arrow",
        "PRIO-104W",
        "toenail",
        "comments: 30",
    ):
        assert part in said
    assert "another organisation" in asked("show", "ext-gp")[1]
    assert asked("show", "podiatri")[0] == 1


# A service with everything below it, and a plan with its services, counted once


def both(id: str, *services: str) -> Analysed:
    """A comment about several services at once."""
    one = analysed(id, LATE, day=None)
    found = [Finding("service", service, "", 0.9, 3, 9, "name", "subject") for service in services]
    return Analysed(Comment(id, one.comment.text), (*one.findings, *found))


@pytest.fixture
def families(store: Store) -> Store:
    """Comments on CAMHS and its teams, one of them on two teams at once, and one on podiatry."""
    days = {"on-camhs": "camhs", "on-anchor": "camhs-anchor", "on-feet": "podiatry"}
    comments = [analysed(id, LATE, day=date(2026, 5, 4), service=service) for id, service in days.items()]
    add_batch(
        store,
        "a.csv",
        [*comments, both("on-two", "camhs-anchor", "camhs-spa"), both("on-far", "camhs-spa", "podiatry")],
    )
    return store


def ids(store: Store, taxonomy: Taxonomy, filters: Filters) -> set[str]:
    return {s.analysed.comment.id for s in all_comments(store.conn, taxonomy, filters, EVERYTHING)}


CAMHS = {"on-camhs", "on-anchor", "on-two", "on-far"}


def test_a_service_counts_with_everything_below_it_once_a_comment(families: Store, taxonomy: Taxonomy) -> None:
    filters = Filters(service="camhs")
    assert ids(families, taxonomy, filters) == CAMHS
    assert totals(families.conn, taxonomy, filters, EVERYTHING).comments == len(CAMHS)
    waits = next(t for t in theme_table(families.conn, taxonomy, filters, EVERYTHING) if t.id == WAIT)
    assert (waits.n, waits.negative, waits.share) == (4, 4, 1.0)
    assert next(t for t in theme_table(families.conn, taxonomy, filters, EVERYTHING) if t.id == MANNER).n == 0
    counts = {row.id: row.n for row in service_table(families.conn, taxonomy, Filters(), EVERYTHING)}
    assert (counts["camhs"], counts["camhs-anchor"], counts["camhs-spa"], counts["podiatry"]) == (4, 2, 2, 2)
    assert sum(point.n for point in series(families.conn, taxonomy, filters, EVERYTHING)) == 2  # those with a date


def test_a_directorate_and_a_plan_choose_in_the_same_way(families: Store, taxonomy: Taxonomy) -> None:
    assert ids(families, taxonomy, Filters(service=taxonomy.ancestors("camhs")[-1])) == CAMHS
    for plan in taxonomy.programmes.values():
        touched = taxonomy.programme_services(plan.id)
        expected = (CAMHS if "camhs" in touched else set()) | (
            {"on-feet", "on-far"} if "podiatry" in touched else set()
        )
        assert ids(families, taxonomy, Filters(programme=plan.id)) == expected, plan.id
    waits = Filters(programme="PRIO-104W", theme=WAIT)
    assert "on-feet" in ids(families, taxonomy, waits)


def test_the_command_the_api_and_the_plans_page_say_the_same_of_a_plan(families: Store, taxonomy: Taxonomy) -> None:
    plan = taxonomy.programme("PRIO-104W")
    n = len(ids(families, taxonomy, Filters(programme=plan.id)))
    assert n >= 2
    told = CliRunner().invoke(main, ["themes", "--programme", plan.id, "--db", str(families.path), "--json"])
    assert json.loads(told.output)["comments"] == n
    with TestClient(make_app(families.path)) as client:
        assert client.get(f"/api/v1/themes?programme={plan.id}").json()["themes"][0]["n"] == n
        assert len(client.get(f"/api/v1/comments?programme={plan.id}").json()["comments"]) == n
        detail = client.get(f"/api/v1/programmes/{plan.id}").json()
        assert {row["id"] for row in detail["services"]} == taxonomy.programme_services(plan.id)
        page = client.get(f"/programmes/{plan.id}").text
        assert plan.title in page
        assert all(taxonomy.services[id].name in html.unescape(page) for id in ("podiatry", "podiatry-arrow"))
