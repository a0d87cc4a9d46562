"""The Trust's data loads whole, answers questions about its trees, and is refused with a sentence when it does not fit."""

import copy
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.errors import BadData, NotFound
from feedback.settings import DATA
from feedback.taxonomy import Taxonomy, load_taxonomy

FILES = ("services.yml", "strategy.yml", "themes.yml", "delivery_plan.yml", "crosswalk.yml")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # as fast as there is


@pytest.fixture
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture
def broken(tmp_path: Path) -> Callable[..., list[str]]:
    """Change the real data in one place and return the problems that loading names, one a line."""

    def load(file: str, old: str, new: str) -> list[str]:
        copy_data(tmp_path)
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert old in text, "the data no longer has the words that this test changes"
        (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(BadData) as refusal:
            load_taxonomy(tmp_path)
        heading, *problems = str(refusal.value).splitlines()
        assert heading.startswith("The Trust's data does not fit together (")
        return [problem.removeprefix("- ") for problem in problems]

    return load


def copy_data(folder: Path) -> None:
    for name in FILES:
        shutil.copy(DATA / name, folder / name)


# ---------------------------------------------------------------- what comes out


def test_every_entry_of_the_data_is_there(taxonomy):
    kinds = ("services", "organisations", "themes", "theme_groups", "values", "objectives", "statements", "programmes")
    assert {kind: len(getattr(taxonomy, kind)) for kind in kinds} == {
        "services": 174,
        "organisations": 30,
        "themes": 35,
        "theme_groups": 10,
        "values": 5,
        "objectives": 5,
        "statements": 62,
        "programmes": 13,
    }


def test_statements_are_what_we_will_do_what_good_looks_like_and_outcomes(taxonomy):
    counts: dict[str, int] = {}
    for statement in taxonomy.statements.values():
        counts[statement.kind] = counts.get(statement.kind, 0) + 1
    assert counts == {
        "what we will do": 26,
        "what good looks like": 21,
        "different for patients and carers": 5,
        "different for our people": 5,
        "different for partners": 5,
    }


def test_a_statement_carries_its_words_and_whose_they_are(taxonomy):
    statement = taxonomy.statement("P2")
    assert (statement.objective, statement.title, statement.audience) == (
        None,
        "Care closer to home",
        "patients_and_carers",
    )
    assert statement.text == "Services in neighbourhoods, with less travel and more convenience."


def test_an_objective_lists_its_own_statements_in_order(taxonomy):
    assert taxonomy.objective("O5").statements == (
        *("O5.W1", "O5.W2", "O5.W3", "O5.W4"),
        *("O5.G1", "O5.G2", "O5.G3", "O5.G4"),
    )
    for objective in taxonomy.objectives.values():
        assert all(taxonomy.statements[id].objective == objective.id for id in objective.statements)


def test_values_have_the_letters_of_their_names(taxonomy):
    assert "".join(value.code for value in taxonomy.values.values()) == "CARES"
    assert all(value.name == value.id.capitalize() for value in taxonomy.values.values())
    assert taxonomy.value("responsive").definition == "Listen, learn and act."


def test_the_version_of_every_file_is_given(taxonomy):
    assert taxonomy.versions == {
        "themes": "7",
        "strategy": "2025-2030",
        "directory": "2026-11-21",
        "delivery_plan": "2026-2031",
        "crosswalk": "2",
    }


def test_three_themes_are_of_version_6_and_one_is_contentless(taxonomy):
    assert {id for id, theme in taxonomy.themes.items() if theme.v6} == {
        "negative-experience-dissatisfaction",
        "equality-diversity-inclusion",
        "impact-of-treatment-care",
    }
    assert [id for id, theme in taxonomy.themes.items() if theme.contentless] == ["labelling-not-possible"]


def test_theme_groups_hold_every_theme_once(taxonomy):
    grouped = [id for ids in taxonomy.theme_groups.values() for id in ids]
    assert sorted(grouped) == sorted(taxonomy.themes)


# Praise or blame without a reason is evidence for a value and an objective, but for no one statement.
BARE = ("positive-experience-gratitude", "negative-experience-dissatisfaction")


def test_every_theme_but_the_contentless_one_leads_to_the_strategy(taxonomy):
    for theme in taxonomy.themes.values():
        assert set(theme.statements) <= taxonomy.statements.keys()
        assert set(theme.values) <= taxonomy.values.keys()
        assert set(theme.objectives) <= taxonomy.objectives.keys()
        assert bool(theme.values) == bool(theme.objectives) == (not theme.contentless)
        assert bool(theme.statements) == (not theme.contentless and theme.id not in BARE)


def test_every_objective_of_a_theme_has_a_statement_to_offer(taxonomy):
    for theme in taxonomy.themes.values():
        offered = {taxonomy.statements[id].objective for id in theme.statements}
        assert set(theme.objectives) <= offered or theme.id in BARE, theme.id


def test_labels_of_the_older_framework_are_read_as_themes(taxonomy):
    merge = taxonomy.theme_merge
    assert merge["Staff continuity"] == merge["Diagnosis & triage"] == "continuity-of-care"
    assert merge["Staff responsiveness"] == "staffing-levels-responsiveness"
    assert merge["Environment & Facilities"] == "environment-facilities-equipment"
    assert merge["Not assigned"] is None


def test_answers_of_both_wordings_have_the_same_codes(taxonomy):
    assert taxonomy.fft_answers == {
        **{"very good": 1, "good": 2, "neither good nor poor": 3, "poor": 4, "very poor": 5},
        **{"extremely likely": 1, "likely": 2, "neither likely nor unlikely": 3},
        **{"unlikely": 4, "extremely unlikely": 5, "don't know": 6},
    }


def test_a_service_that_the_trust_has_not_confirmed_says_so(taxonomy):
    unconfirmed = {id for id, service in taxonomy.services.items() if service.unconfirmed}
    assert "dir-corporate" in unconfirmed and "camhs-anchor" not in unconfirmed
    assert unconfirmed == {
        id for id, s in taxonomy.services.items() if s.source == "assumed" or s.status == "unverified"
    }


def test_an_ambiguous_name_has_candidates_that_exist_and_words_that_speak_for_them(taxonomy):
    everyone = taxonomy.services.keys() | taxonomy.organisations.keys()
    for name in taxonomy.ambiguous:
        assert name.terms and name.candidates and name.cue and set(name.candidates) <= everyone
        assert name.cues.keys() <= {*name.candidates, "none"}
        assert name.or_none or "none" not in name.cues
        assert name.or_none or len(name.candidates) > 1, f"{name.terms} is not ambiguous"


def test_every_place_lies_in_one_county(taxonomy):
    assert taxonomy.places.keys() == {"Herefordshire", "Worcestershire"}
    assert not set(taxonomy.places["Herefordshire"]) & set(taxonomy.places["Worcestershire"])


# ---------------------------------------------------------------- trees


def test_ancestors_come_nearest_first(taxonomy):
    assert taxonomy.ancestors("ward-holt") == ("elgar-unit", "mh-acute-inpatient", "dir-specialist-mh-ld")
    assert taxonomy.ancestors("dir-specialist-mh-ld") == ()


def test_below_holds_the_service_and_all_under_it(taxonomy):
    assert taxonomy.below("ward-holt") == {"ward-holt"}
    assert {"elgar-unit", "ward-holt", "ward-athelon", "picu-hadley"} <= taxonomy.below("mh-acute-inpatient")
    for id in taxonomy.services:
        for other in taxonomy.below(id) - {id}:
            assert id in taxonomy.ancestors(other)


def test_the_directorates_hold_every_service_between_them(taxonomy):
    tops = [id for id, service in taxonomy.services.items() if service.parent is None]
    assert {taxonomy.services[id].level for id in tops} == {"directorate"}
    assert sum(len(taxonomy.below(id)) for id in tops) == len(taxonomy.services)


def test_a_programme_is_for_what_lies_below_the_services_it_lists(taxonomy):
    services = taxonomy.programme_services("NH")
    assert {"neighbourhood-teams", "nt-ebbi", "nmht", "nmht-bromsgrove"} <= services
    assert "nmht-bromsgrove" not in taxonomy.programme("NH").services
    assert "ward-holt" not in services


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("except: [ward-jenny-lind,", "except: [ward-nowhere, ward-jenny-lind,", "'ward-nowhere'"),
        ("except: [ward-jenny-lind,", "except: [ward-willow, ward-jenny-lind,", "lies below none of its services"),
        ("except: [ward-jenny-lind,", "except: [ward-holt, ward-jenny-lind,", "which services names too"),
        (
            "matter: {derived: true, themes: [discharge],",
            "matter: {derived: true, themes: [discharged],",
            "'discharged'",
        ),
        ("'waiting list*'", "'…'", "holds no word"),
    ],
)
def test_what_a_plan_leaves_out_and_looks_for_is_checked(broken, old, new, says):
    assert any(says in problem for problem in broken("delivery_plan.yml", old, new))


def test_a_service_knows_the_programmes_that_list_it(taxonomy):
    assert taxonomy.service("picu-hadley").programmes == ("PRIO-LOS-ADULT", "PRIO-OAP", "MHR")
    for id, programme in taxonomy.programmes.items():
        assert {s for s, service in taxonomy.services.items() if id in service.programmes} == set(programme.services)


def test_a_milestone_due_in_a_month_is_due_by_its_last_day(taxonomy):
    due = {m.id: (m.when, m.by) for p in taxonomy.programmes.values() for m in p.milestones}
    assert due["MHR.M1"] == ("2026/27", date(2026, 8, 31))
    assert due["CHT.M4"] == ("2026/27", date(2027, 3, 31))
    assert due["NH.Y1"] == ("years 2 to 5", None)
    assert due["ND.Y1"] == ("year 2", None)


def test_a_priority_has_measures_with_their_targets(taxonomy):
    (measure,) = taxonomy.programme("PRIO-LOS-ADULT").measures
    assert (measure.name, measure.unit) == ("Average length of stay", "days")
    assert [(target.by, target.value, target.baseline) for target in measure.targets] == [
        (date(2026, 4, 30), 58, True),
        (date(2027, 3, 31), 55, False),
        (date(2028, 3, 31), 51, False),
        (date(2029, 3, 31), 49, False),
    ]


# ---------------------------------------------------------------- asking for what is not there


def test_names_are_found_for_ours_and_for_other_organisations(taxonomy):
    assert taxonomy.service_name("ward-holt") == "Holt Ward"
    assert taxonomy.service_name("ext-wvt") == "Wye Valley NHS Trust"


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda t: t.service("camsh"), "There is no service 'camsh'; the nearest ids are camhs, camhs-spa, "),
        (lambda t: t.theme("parkin"), "There is no theme 'parkin'; the nearest ids are parking, "),
        (lambda t: t.value("Responsive"), "There is no value 'Responsive'; the nearest ids are responsive, "),
        (lambda t: t.objective("O9"), "There is no objective 'O9'; the nearest ids are O1, O2, O3."),
        (lambda t: t.statement("03.W5"), "There is no statement '03.W5'; the nearest ids are O3.W5, "),
        (lambda t: t.programme("prio-oap"), "There is no programme 'prio-oap'; the nearest ids are PRIO-OAP, "),
        (
            lambda t: t.service_name("ext-wv"),
            "There is no service or organisation 'ext-wv'; the nearest ids are ext-wvt",
        ),
        (lambda t: t.below("ward-hol"), "There is no service 'ward-hol'; the nearest ids are ward-holt, "),
        (lambda t: t.ancestors("ext-wvt"), "There is no service 'ext-wvt'; the nearest ids are "),
        (lambda t: t.programme_services("UEX"), "There is no programme 'UEX'; the nearest ids are UEC, "),
    ],
)
def test_an_unknown_id_is_answered_with_the_nearest(taxonomy, ask: Callable[[Taxonomy], Any], sentence: str):
    with pytest.raises(NotFound) as refusal:
        ask(taxonomy)
    assert str(refusal.value).startswith(sentence)


# ---------------------------------------------------------------- data that does not fit


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        pytest.param(
            "services.yml",
            "name: Holt Ward\n  level: ward\n  parent: elgar-unit",
            "name: Holt Ward\n  level: ward\n  parent: elgar-unti",
            "services.yml, ward-holt: parent 'elgar-unti' is not known; use one like elgar-unit, ",
            id="unknown parent",
        ),
        pytest.param(
            "services.yml",
            "name: Holt Ward\n  level: ward",
            "name: Holt Ward\n  level: wing",
            "services.yml, ward-holt: level 'wing' is not known; use one of directorate, service, unit, team, ward.",
            id="unknown level",
        ),
        pytest.param(
            "services.yml",
            "county: Worcestershire",
            "county: Shropshire",
            "services.yml, dir-integrated-community: county 'Shropshire' is not known; "
            "use one of Herefordshire, Worcestershire, both.",
            id="unknown county",
        ),
        pytest.param(
            "services.yml",
            "status: current\n",
            "status: open\n",
            "services.yml, dir-integrated-community: status 'open' is not known; use one of current, changing, ",
            id="unknown status",
        ),
        pytest.param(
            "services.yml",
            "- id: ward-athelon",
            "- id: ward-holt",
            "services.yml, ward-holt: two entries have this id; give one of them another.",
            id="duplicate id",
        ),
        pytest.param(
            "services.yml",
            "- id: elgar-unit\n",
            "- ident: elgar-unit\n",
            "services.yml, services 111: id is missing; write `id:` and its text.",
            id="no id",
        ),
        pytest.param(
            "services.yml",
            "name: Integrated Community Services\n  level: directorate\n  parent: null",
            "name: Integrated Community Services\n  level: directorate\n  parent: nt-ebbi",
            "services.yml, dir-integrated-community: its parents lead back to it (dir-integrated-community under nt-ebbi "
            "under neighbourhood-teams under dir-integrated-community); give one of them a parent outside the loop.",
            id="cycle",
        ),
        pytest.param(
            "services.yml",
            "aliases: ['111']",
            "aliases: [111]",
            "services.yml, ext-nhs111: aliases is not a list of texts; write `aliases: [one, another]`, numbers in quotes.",
            id="number for a name",
        ),
        pytest.param(
            "services.yml",
            "- id: ext-dwp",
            "- id: dwp",
            "services.yml, dwp: the id of another organisation does not start with ext-; call it ext-dwp.",
            id="organisation without ext-",
        ),
        pytest.param(
            "services.yml",
            "candidates: [primrose-unit, ext-primrose-hospice]",
            "candidates: [primrose-unti, ext-primrose-hospice]",
            "services.yml, ambiguous_names 1: candidates names 'primrose-unti', which is not known; "
            "use one like primrose-unit, ",
            id="ambiguous name of nothing",
        ),
        pytest.param(
            "services.yml",
            "    ext-primrose-hospice: [",
            "    ext-acorns: [",
            "services.yml, ambiguous_names 1, cues: 'ext-acorns' is no candidate of this name; "
            "use one of primrose-unit, ext-primrose-hospice.",
            id="cue for another candidate",
        ),
        pytest.param(
            "services.yml",
            "aliases: [SMHLD]",
            "aliases: [SMHLD, NHS 111]",
            "services.yml: dir-specialist-mh-ld, ext-nhs111 share the name 'nhs 111'; "
            "list it under ambiguous_names with both as candidates, or take it from one of them.",
            id="name shared and not listed",
        ),
        pytest.param(
            "services.yml",
            "ids: [hases]",
            "ids: [hasse]",
            "services.yml, mentions 1: ids names 'hasse', which is not known; use one like hases, ",
            id="mention of nothing",
        ),
        pytest.param(
            "strategy.yml",
            "id: O2.W3,",
            "id: O3.W3,",
            "strategy.yml, O3.W3: an id under will_do is O2.W and a number; call it O2.W1, or the next that is free.",
            id="statement under the wrong objective",
        ),
        pytest.param(
            "strategy.yml",
            "definition: Listen, learn and act.",
            "note: Listen, learn and act.",
            "strategy.yml, responsive: definition is missing; write `definition:` and its text.",
            id="value without definition",
        ),
        pytest.param(
            "delivery_plan.yml",
            "statements: [O3.W5, O2.G1]",
            "statements: [O3.W9, O2.G1]",
            "delivery_plan.yml, PRIO-104W: statements names 'O3.W9', which is not known; use one like ",
            id="programme citing no statement",
        ),
        pytest.param(
            "delivery_plan.yml",
            "services: [mhst]",
            "services: [mh-st]",
            "delivery_plan.yml, PRIO-MHST: services names 'mh-st', which is not known; use one like mhst, ",
            id="programme of no service",
        ),
        pytest.param(
            "delivery_plan.yml",
            "by: '2026-08'",
            "by: 'August'",
            "delivery_plan.yml, MHR.M1: by 'August' is not a date; "
            "write '2027-03-31', or '2027-03' for the end of a month.",
            id="bad date",
        ),
        pytest.param(
            "delivery_plan.yml",
            "- id: CHT\n",
            "- id: PRIO-OAP\n",
            "delivery_plan.yml, PRIO-OAP: a priority has this id already; give the programme another.",
            id="programme named as a priority",
        ),
        pytest.param(
            "themes.yml",
            "  definition: Finding, paying for and being allowed a place to park.\n",
            "",
            "themes.yml, parking: definition is missing; write `definition:` and its text.",
            id="theme without definition",
        ),
        pytest.param(
            "themes.yml",
            "name: Parking",
            "name: Car parking",
            "themes.yml, parking: the id does not follow from the name 'Car parking'; "
            "call it car-parking, or mend the name.",
            id="theme id that is not its name's",
        ),
        pytest.param(
            "themes.yml",
            "belongs_to: parking",
            "belongs_to: cars",
            "themes.yml, service-location, exclude: belongs_to 'cars' is not known; use one like ",
            id="example of no theme",
        ),
        pytest.param(
            "themes.yml",
            "version: '7'",
            "version: 7",
            "themes.yml: version is not text; put it in quotes.",
            id="version that is no text",
        ),
        pytest.param(
            "themes.yml",
            "version: '7'\n",
            "",
            "themes.yml: version is missing; write `version:` and its text.",
            id="no version",
        ),
        pytest.param(
            "themes.yml",
            "  v6: true",
            "  v6: very",
            "themes.yml, negative-experience-dissatisfaction: v6 is neither true nor false; write `true`, or leave it out.",
            id="flag that is none",
        ),
        pytest.param(
            "crosswalk.yml",
            "  parking: {",
            "  cars: {",
            "crosswalk.yml, themes: the theme parking is missing; add a line with its values, objectives and statements.",
            id="theme without a line",
        ),
        pytest.param(
            "crosswalk.yml",
            "statements: [O4.G1, O3.G3, P2, O2.G1]}",
            "statements: []}",
            "crosswalk.yml, themes: the theme parking has no statements; "
            "name those that a comment on it can be evidence for, or say in a note why none.",
            id="theme without statements",
        ),
        pytest.param(
            "crosswalk.yml",
            "statements: [O4.G1, O3.G3, P2, O2.G1]}",
            "statments: [O4.G1, O3.G3, P2, O2.G1]}",
            "crosswalk.yml, themes, parking: nothing reads the field 'statments'; "
            "call it statements, if that is what it is.",
            id="misspelt field",
        ),
        pytest.param(
            "crosswalk.yml",
            "Staff continuity: continuity-of-care",
            "Staff continuity: continuity",
            "crosswalk.yml, theme_merge: Staff continuity 'continuity' is not known; use one like continuity-of-care, ",
            id="old label to no theme",
        ),
        pytest.param(
            "crosswalk.yml",
            "Very poor: 5",
            "Very poor: 0",
            "crosswalk.yml, fft_answers, current: 'Very poor' has the code 0; "
            "use 1 very good … 5 very poor, or 6 don't know.",
            id="answer without a code",
        ),
        pytest.param(
            "crosswalk.yml",
            "Very poor: 5",
            "No: 5",
            "crosswalk.yml, fft_answers, current: False stands where a field's name should be; put it in quotes.",
            id="No is not a text in YAML",
        ),
        pytest.param(
            "crosswalk.yml",
            "{topic: kindness_and_attitude, direction_cues: 'kind, lovely, rude, dismissive', statements: [P1,",
            "{topic: kindness_and_attitude, direction_cues: 'kind, lovely, rude, dismissive', statements: [P9,",
            "crosswalk.yml, list 1: statements names 'P9', which is not known; use one like ",
            id="hint citing no statement",
        ),
    ],
)
def test_data_that_does_not_fit_is_refused_with_file_id_and_fix(broken, file: str, old: str, new: str, problem: str):
    problems = broken(file, old, new)
    assert any(line.startswith(problem) for line in problems), problems


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path):
    copy_data(tmp_path)
    for file, old, new in (
        ("services.yml", "level: directorate", "level: top"),
        ("themes.yml", "group: General", "groop: General"),
        ("strategy.yml", "code: C\n", "\n"),
    ):
        text = (tmp_path / file).read_text(encoding="utf-8")
        (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadData) as refusal:
        load_taxonomy(tmp_path)
    assert {line.split(",")[0] for line in str(refusal.value).splitlines()[1:]} == {
        "- services.yml",
        "- themes.yml",
        "- strategy.yml",
    }


def test_a_file_that_is_not_yaml_is_refused_with_the_line(broken):
    (problem,) = broken("themes.yml", "  group: General", "  group: [General")
    line = (DATA / "themes.yml").read_text(encoding="utf-8").splitlines().index("  group: General") + 1
    assert problem.startswith(f"themes.yml: line {line + 1}: it is not good YAML (")
    assert problem.endswith("; mend that line or the one before.")


def test_a_field_given_twice_is_refused_with_its_place(broken):
    (problem,) = broken("services.yml", "  name: Holt Ward\n", "  name: Holt Ward\n  name: Holt\n")
    assert problem.startswith("services.yml: line ") and "a field stands here twice" in problem


def test_a_missing_file_is_named_with_where_it_was_looked_for(tmp_path: Path):
    copy_data(tmp_path)
    (tmp_path / "crosswalk.yml").unlink()
    with pytest.raises(BadData, match=r"crosswalk\.yml: it cannot be opened in .*; put it there or set FEEDBACK_DATA"):
        load_taxonomy(tmp_path)


def test_a_file_in_another_encoding_is_named(tmp_path: Path):
    copy_data(tmp_path)
    (tmp_path / "themes.yml").write_bytes("version: 'é'".encode("cp1252"))
    with pytest.raises(BadData, match=r"themes\.yml: it is not UTF-8 text; save it as UTF-8\."):
        load_taxonomy(tmp_path)


RAW = {name: yaml.load((DATA / name).read_text(encoding="utf-8"), LOADER) for name in FILES}


def places_in(node: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) below a node, so that any one of them can be taken out or put wrong."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [(node, key) for key in keys] + [place for key in keys for place in places_in(node[key])]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FILES), pick=st.randoms(use_true_random=False), put=st.sampled_from(["", 7, None, [], {}]))
def test_whatever_is_put_wrong_the_data_loads_or_is_refused_with_a_sentence(tmp_path_factory, name, pick, put):
    folder = tmp_path_factory.mktemp("data")
    copy_data(folder)
    body = copy.deepcopy(RAW[name])
    holder, key = pick.choice(places_in(body))
    holder[key] = put
    (folder / name).write_text(yaml.dump(body, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)), encoding="utf-8")
    try:
        load_taxonomy(folder)
    except BadData as refusal:
        problems = str(refusal).splitlines()[1:]
        assert problems and all(line.startswith(tuple(f"- {file}" for file in FILES)) for line in problems)
