"""What is plainly named stands, whatever the placer hears; what only a town or the model suggests gives way to it."""

import shutil

import pytest

from feedback.comment import Comment
from feedback.models.placer import load_placer
from feedback.settings import DATA
from feedback.tag.service import ServiceTagger
from feedback.taxonomy import load_taxonomy

TAGGER = ServiceTagger(load_taxonomy(), placer=load_placer())


def read(text, tagger=TAGGER):
    return tagger.tag(Comment("c", text), tagger.listen([text])[0])


def subjects(text, tagger=TAGGER):
    return {f.label for f in read(text, tagger) if f.detail == "subject"}


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("The podiatrist was lovely.", "podiatry"),
        ("Thank you to CAMHS.", "camhs"),
        ("The health visitor was late.", "health-visiting"),
        ("The district nurse listened to me.", "community-nursing"),
        ("The leg ulcer nurse was lovely.", "community-nursing"),
        ("I cannot fault the lady who does my insulin.", "community-nursing"),
        ("The ADHD doctor was lovely.", "community-paediatrics"),
        ("The talking lady was lovely.", "childrens-speech-language"),
        ("Adult speech and language therapy were brilliant from start to finish.", "adult-speech-language"),
        ("He was looked after well on Cantilupe.", "ward-cantilupe"),
    ],
)
def test_a_sole_subject_that_is_plainly_named_stands(text, id):
    assert [(f.label, f.detail) for f in read(text)] == [(id, "subject")]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("The podiatrist was brilliant but the memory clinic was slow to ring back.", {"podiatry", "memory-services"}),
        ("The podiatrist could not do enough for us. CAMHS lost our referral twice.", {"podiatry", "camhs"}),
        ("I want to thank the dietitian and the wheelchair service for all they did.", {"dietetics", "wheelchair-service"}),
        ("Unlike Talking Therapies, the crisis team rang back.", {"crisis-team"}),
    ],
)  # fmt: skip
def test_each_named_service_with_a_feeling_of_its_own_is_a_subject(text, ids):
    assert subjects(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("The Kidderminster nurses who come and do my insulin are like family.", {"community-nursing"}),
        ("The nurses in Tenbury come to the house every morning for my insulin and never miss.", {"community-nursing"}),
        ("The nurses in Leominster come to the house every morning for my insulin and never miss.", set()),
        ("I have my feet done in Tenbury and the girl is gentle.", {"podiatry"}),
        ("My psychiatrist in Kidderminster changed my tablets without asking me.", {"nmht-wyre-forest"}),
    ],
)
def test_a_town_chooses_among_teams_of_the_care_that_is_spoken_of(text, ids):
    assert subjects(text) == ids


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Dad is 81 and his CPN from the Ledbury team is patient with his dementia.", "oacmht-herefordshire"),
        ("Mum is 82 and the Malvern CPN visits her about the depression.", "oacmht-south-worcestershire"),
    ],
)
def test_an_age_that_is_said_tells_whose_team_it_is(text, id):
    assert subjects(text) == {id}


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A tagger with a directory to which a service and an alias were added after the placer was trained."""
    data = tmp_path_factory.mktemp("grown") / "data"
    shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("*.jsonl"))
    path = data / "services.yml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.rstrip() == "- id: podiatry")
    end = next(i for i in range(start + 1, len(lines)) if lines[i].startswith("- id: "))
    new = "".join(
        line.replace("- id: podiatry", "- id: sleep-service")
        for line in lines[start:end]
        if not line.startswith(("  colloquial:", "  aliases:", "    ")) or line.startswith("  - ")
    )
    name = next(line for line in lines[start:end] if line.startswith("  name:"))
    new = new.replace(name, "  name: Community Sleep Service\n  aliases: [snoring clinic]\n  colloquial: []\n")
    at = next(i for i in range(start, end) if lines[i].startswith("  aliases: ["))
    lines[at] = lines[at].replace("aliases: [", "aliases: [Stepwell Centre, ")
    path.write_text("".join([*lines[:end], new, *lines[end:]]), "utf-8")
    return ServiceTagger(load_taxonomy(data), data, placer=load_placer())


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("The Community Sleep Service gave me my nights back.", {"sleep-service"}),
        ("I waited four months for the snoring clinic and nobody told me why.", {"sleep-service"}),
        ("Thank you to the snoring clinic and to CAMHS.", {"sleep-service", "camhs"}),
        ("I cannot fault the Stepwell Centre.", {"podiatry"}),
    ],
)
def test_what_came_into_the_directory_after_the_placer_is_found_by_its_name(grown, text, ids):
    assert subjects(text, grown) == ids


def test_an_edit_of_the_directory_changes_what_comments_are_compared_with(grown):
    assert grown.directory.content != TAGGER.directory.content


@pytest.mark.parametrize(
    ("cell", "id"),
    [
        ("Osborne Crt", "osborne-court"),
        ("Wye Valley - podiatry", "ext-wvt"),
        ("Wye Valley Trust Podiatry", "ext-wvt"),
        ("D/N Evesham", "community-nursing"),
        ("Crisis Res Home Tx", "crisis-team"),
        ("Physio - Paeds", "childrens-physio"),
    ],
)
def test_a_cell_is_read_as_columns_are_written(cell, id):
    assert TAGGER.resolve_cell(cell)[0][0] == id


def test_a_short_cell_is_no_slip_of_another_abbreviation():
    assert "crisis-team" not in dict(TAGGER.resolve_cell("Crt"))


@pytest.mark.parametrize("cell", ["Podiatry; MSK Physio", "Podiatry / MSK Physio", "MSK Physio & Podiatry"])
def test_a_cell_that_names_two_services_is_left_to_a_person_with_both_as_guesses(cell):
    (one, first), (other, second) = TAGGER.resolve_cell(cell)
    assert ({one, other}, first) == ({"podiatry", "physiotherapy-msk"}, second)
    assert not TAGGER.tag(Comment("c", "Kind.", service_cells=(cell,)), TAGGER.listen(["Kind."])[0])


@pytest.mark.parametrize("cells", [("Physiotherapy", "Hereford"), ("Hereford", "Physiotherapy")])
def test_two_columns_are_read_together_where_one_only_says_where(cells):
    together = TAGGER.tag(Comment("c", "Kind.", service_cells=cells), TAGGER.listen(["Kind."])[0])
    in_one = TAGGER.tag(Comment("c", "Kind.", service_cells=("Physiotherapy (Hereford)",)), TAGGER.listen(["Kind."])[0])
    assert [f.label for f in together] == [f.label for f in in_one] == ["ext-wvt"]


@pytest.mark.parametrize(("cell", "id"), [("MH Adult Comm - W/Forest", "nmht-wyre-forest"), ("Adult OT", "hases")])
def test_the_first_guess_suits_the_age_the_care_and_the_place_of_a_cell(cell, id):
    assert TAGGER.cells.like(cell, 3)[0][0] == id
