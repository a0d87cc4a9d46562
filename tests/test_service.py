import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedback.comment import Comment
from feedback.tag.service import ServiceTagger
from feedback.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
TAGGER = ServiceTagger(TAXONOMY)


def tag(text, **kwargs):
    return TAGGER.tag(Comment("c", text, **kwargs))


def subjects(text, **kwargs):
    return {f.label for f in tag(text, **kwargs) if f.detail == "subject"}


def mentioned(text, **kwargs):
    return {f.label for f in tag(text, **kwargs) if f.detail == "mentioned"}


@pytest.mark.parametrize(
    ("text", "id", "by"),
    [
        ("Everyone on Jenny Lind Ward knew her by name.", "ward-jenny-lind", "name"),
        ("The MIU saw me at once.", "minor-injury-units", "alias"),
        ("Podiatery saved my big toe.", "podiatry", "fuzzy"),
        ("The foot nurse was early for a change.", "podiatry", "context"),
        ("She packed the wound at our kitchen table and changed the catheter.", "community-nursing", "context"),
    ],
)
def test_a_finding_says_what_it_rests_on(text, id, by):
    (finding,) = [f for f in tag(text) if f.detail == "subject"]
    assert (finding.label, finding.by) == (id, by)


def test_a_finding_points_at_its_words():
    text = "Thank you, Cantilupe Ward!"
    (finding,) = tag(text)
    assert text[finding.start : finding.end] == "Cantilupe Ward"


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("The people who come in the night sat with us till it got light.", "community-nursing-nights"),
        ("The lady who does my toenails retires in May.", "podiatry"),
        ("My little boy saw the speech lady before nursery and has ten words now.", "childrens-speech-language"),
        ("After his stroke Dad had SALT for his swallowing.", "adult-speech-language"),
        ("Our CPN visits Nan, who has dementia.", "oacmht"),
        ("The CPN changed my depot appointment.", "nmht"),
        ("The OT measured for the wet room.", "hases"),
        ("The OT helped my son with his handwriting at school.", "childrens-ot"),
        ("The physio came to the house after my hip was done.", "community-therapy"),
    ],
)
def test_what_else_is_said_decides_between_services(text, id):
    assert subjects(text) == {id}


@pytest.mark.parametrize(
    ("text", "ours", "others"),
    [
        ("It is not the district nurses I mean, the podiatry clinic lost my letter.", {"podiatry"}, {"community-nursing"}),
        ("Unlike Talking Therapies, the crisis team rang back.", {"crisis-team"}, {"talking-therapies"}),
        ("I was on Holt Ward last year. Now with the home treatment team and doing well.", {"crisis-team"}, {"ward-holt"}),
        ("Health visiting was fine but this is about CAMHS.", {"camhs"}, {"health-visiting"}),
        ("The physio at the Alex was rude.", set(), {"ext-waht", "physiotherapy-msk"}),
        ("My GP sent me to the memory clinic.", {"memory-services"}, {"ext-gp"}),
        ("I went to the doctors first and podiatry saw me a week later.", {"podiatry"}, {"ext-gp"}),
        ("The ward doctor explained my scan.", set(), set()),
    ],
)  # fmt: skip
def test_a_service_that_is_only_spoken_of_is_mentioned(text, ours, others):
    assert subjects(text) == ours
    assert mentioned(text) == others


@pytest.mark.parametrize(
    "text",
    [
        "Sister Mortimer was rude to me.",
        "We parked in Elgar Road.",
        "I wish somebody had rung.",
        "Bring an umbrella, the path floods.",
        "Turn west at the lights.",
        "Lovely people.",
        "The chemist had no stock.",
    ],
)
def test_no_service_is_made_of_a_surname_a_street_a_word_or_another_organisation(text):
    assert subjects(text) == set()


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("She spent a month in Cantilupe and the nurses were patient with us.", "ward-cantilupe"),
        ("Mum is on Willow and the doctors never ring.", "ward-willow"),
        ("They kept him on Athelon; the sister was a rock.", "ward-athelon"),
    ],
)
def test_a_ward_that_is_named_like_a_person_is_named_beside_its_nurses_too(text, id):
    assert subjects(text) == {id}


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("The mental health team in Leominster listened.", "nmht-north-herefordshire"),
        ("Minor injuries at Tenbury put my thumb right.", "miu-tenbury"),
        ("Community physio helped me. No complaints.", "community-therapy"),
    ],
)
def test_the_most_specific_team_that_the_text_supports_and_none_below(text, id):
    assert subjects(text) == {id}


def test_physical_community_services_in_herefordshire_are_another_trusts():
    assert subjects("The district nurses in Ledbury are always on time.") == set()
    assert mentioned("The district nurses in Ledbury are always on time.") == {"ext-wvt"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("SALT were brilliant.", set()),
        ("Speech therapy was helpful.", set()),
        ("SALT at nursery got him talking.", {"childrens-speech-language"}),
        ("SALT came about my swallowing.", {"adult-speech-language"}),
    ],
)
def test_a_name_that_children_and_adults_share_is_left_open_where_nothing_tells_whom_it_is_for(text, ids):
    assert subjects(text) | mentioned(text) == ids


def test_a_column_and_the_words_may_disagree_and_both_stay():
    found = tag("Podiatry were late again.", service_cells=("Sexual Health",))
    assert [(f.label, f.detail, f.by) for f in found] == [
        ("sexual-health", "subject", "metadata"),
        ("podiatry", "subject", "name"),
    ]
    assert (found[0].start, found[0].end) == (0, 0)


def test_the_most_specific_column_that_can_be_told_counts_and_hides_what_lies_above_it():
    assert subjects("CAMHS were kind.", service_cells=("CAMHS Anchor Team", "CAMHS")) == {"camhs-anchor"}
    assert subjects("They were kind.", service_cells=("Ward 3", "Stonebow Unit")) == {"stonebow-unit"}


def test_another_organisations_column_is_only_mentioned():
    assert mentioned("Late again.", service_cells=("Patient Transport",)) == {"ext-patient-transport"}


def test_a_comment_in_another_language_keeps_its_column():
    assert subjects("Dziękuję, podiatry", language="pl", service_cells=("MIU",)) == {"minor-injury-units"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(
    ["not", "the", "X", "CAMHS", "Umbrella", "physio", "nurse", "at", "home", "in", "Hereford", "Worcester", "before", "now", "but", "GP", "both", "stroke", "baby", "my", "mum", "Holt", ",", ".", "!", "[PERSON]"]
), max_size=25))  # fmt: skip
@example(["Holt"])
def test_every_finding_is_of_a_known_service_within_the_text_and_made_once(words):
    text = " ".join(words)
    found = tag(text)
    labels = [f.label for f in found]
    assert len(labels) == len(set(labels))
    for finding in found:
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.by in {"name", "alias", "fuzzy", "context"}
        assert finding.label in (
            TAXONOMY.services if finding.detail == "subject" else TAXONOMY.services | TAXONOMY.organisations
        )
        assert not {f.label for f in found if f.detail == "subject"} & set(
            TAXONOMY.ancestors(finding.label) if finding.detail == "subject" else ()
        )
