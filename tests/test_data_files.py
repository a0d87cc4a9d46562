"""The files of data/ say where they come from, how sure they are and how to change them, and the README explains every field."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from feedback.settings import DATA

FILES = ("crosswalk.yml", "delivery_plan.yml", "services.yml", "strategy.yml", "themes.yml")
TEXT = {name: (DATA / name).read_text(encoding="utf-8") for name in FILES}
BODY = {name: yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) for name, text in TEXT.items()}
README = (DATA / "README.md").read_text(encoding="utf-8")

# Under these the keys are ids, labels or words of a list, not fields.
KEYED_OTHERWISE = {"cues", "theme_merge", "abbreviations", "allowed", "place_cues", "built_from"}
KEYED_OTHERWISE |= {"current", "before_april_2020"}


def fields(node: Any, under: str = "") -> Iterator[str]:
    """Every field's name that occurs in a file."""
    if isinstance(node, list):
        for item in node:
            yield from fields(item, under)
    elif isinstance(node, dict) and under not in KEYED_OTHERWISE:
        for key, value in node.items():
            yield key
            yield from fields(value, key)


def entries(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a file that has an id."""
    if isinstance(node, dict):
        if "id" in node:
            yield node
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from entries(child)


@pytest.mark.parametrize("name", FILES)
def test_a_file_opens_with_how_to_edit_it_its_version_and_its_source(name: str):
    before_version = TEXT[name].split("\nversion:")[0]
    assert all(line.startswith("#") for line in before_version.splitlines())
    assert "How to edit:" in before_version and "`version`" in before_version
    assert list(BODY[name])[:2] == ["version", "source"]
    assert isinstance(BODY[name]["version"], str) and BODY[name]["source"]


@pytest.mark.parametrize("name", FILES)
def test_the_readme_explains_every_field(name: str):
    body = BODY[name]
    if name == "crosswalk.yml":  # its themes are keyed by theme
        body = {**body, "themes": [link for link in body["themes"].values() if isinstance(link, dict)]}
    assert sorted(field for field in fields(body) if f"`{field}`" not in README) == []


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_a_path_or_an_upload(name: str):
    assert not re.findall(r"/(?:work|tmp|home|Users)/|\.txt\b|\.csv\b", TEXT[name])


def test_the_readme_counts_what_is_there():
    services, strategy, plan = BODY["services.yml"], BODY["strategy.yml"], BODY["delivery_plan.yml"]
    statements = sum(len(o["will_do"]) + len(o["good_looks_like"]) for o in strategy["objectives"])
    outcomes = sum(len(group) for group in strategy["outcomes"].values())
    themes = BODY["themes.yml"]["themes"]
    for claim in (
        f"{len(services['services'])} services, teams and wards",
        f"{len(services['other_organisations'])} organisations that are not ours",
        f"{len(strategy['values'])} values, {len(strategy['objectives'])} objectives with {statements} statements",
        f"{outcomes} outcomes",
        f"{len(plan['priorities'])} priorities, {len(plan['programmes'])} programmes",
        f"{len(themes)} themes in {len({theme['group'] for theme in themes})} groups",
    ):
        assert claim in README


@pytest.mark.parametrize(
    ("name", "list_of", "count"),
    [
        ("strategy.yml", "foreword_commitments", 5),
        ("strategy.yml", "facts", 10),
        ("strategy.yml", "supporting_strategies", 7),
        ("strategy.yml", "quotations", 17),
        ("delivery_plan.yml", "digital_items", 9),
        ("services.yml", "mentions", 66),
    ],
)
def test_what_people_read_is_kept_whole(name: str, list_of: str, count: int):
    assert len(BODY[name][list_of]) == count


def test_the_plan_keeps_every_milestone_commitment_and_measure():
    plan = BODY["delivery_plan.yml"]
    assert len(list(entries(plan))) == 103
    assert sum(len(priority["measures"]) for priority in plan["priorities"]) == 9


def test_an_item_of_a_plan_is_numbered_under_it():
    plan = BODY["delivery_plan.yml"]
    for programme in plan["priorities"] + plan["programmes"]:
        inner = [entry["id"] for entry in entries(list(programme.values()))]
        assert all(id.startswith(f"{programme['id']}.") for id in inner)
        assert len(set(inner)) == len(inner)


def test_a_service_says_where_it_was_read():
    for service in BODY["services.yml"]["services"]:
        if service["source"] == "public":
            assert service["cite"], service["id"]
        if service["source"] == "document":
            assert all(re.fullmatch(r"(strategy|delivery_plan):\d+", ref) for ref in service["refs"]), service["id"]


def test_what_we_inferred_is_marked_as_ours():
    strategy, crosswalk = BODY["strategy.yml"], BODY["crosswalk.yml"]
    ours = [value["sounds_like"] for value in strategy["values"]]
    ours += strategy["ten_year_plan_shifts"]["shifts"]
    ours += [crosswalk["themes"], crosswalk["topics"], BODY["services.yml"]["place_cues"]]
    ours += [name for name in BODY["services.yml"]["ambiguous_names"] if "cues" in name]
    ours += [p["feedback_watch"] for p in BODY["delivery_plan.yml"]["programmes"]]
    assert all(part["derived"] is True for part in ours)


def test_a_theme_is_defined_in_one_sentence_that_is_not_its_name():
    for theme in BODY["themes.yml"]["themes"]:
        assert re.fullmatch(r"[A-Z][^.!?]+\.", theme["definition"]), theme["id"]
        assert theme["name"].lower() not in theme["definition"].lower(), theme["id"]


def test_an_example_is_short_used_once_and_sent_to_another_theme():
    themes = BODY["themes.yml"]["themes"]
    examples = [theme["include"] for theme in themes] + [theme["exclude"]["example"] for theme in themes]
    assert len(set(examples)) == len(examples)
    assert all(len(example) < 100 for example in examples)
    assert all(theme["exclude"]["belongs_to"] != theme["id"] for theme in themes)
