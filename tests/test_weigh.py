"""What rules and placer say of a service is weighed: the evidence is gathered rightly, and nothing is chosen without it."""

import numpy as np
import pytest

from feedback.comment import Comment
from feedback.errors import BadModel
from feedback.models.placer import Placed, Stretch, load_placer
from feedback.tag.service import ServiceTagger
from feedback.tag.weigh import EVIDENCE, Candidate, Weigher, Weighing, choose
from feedback.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
TAGGER = ServiceTagger(TAXONOMY)
SERVICES = tuple(TAXONOMY.services)


def placed(chances, n_words, stretches=(), rest="none"):
    """A placer's answer: chances of some services, what is left on "none" or "other"."""
    services = np.full(len(SERVICES) + 2, 1e-6)
    for id, chance in chances.items():
        services[SERVICES.index(id)] = chance
    services[-2 if rest == "none" else -1] = max(1e-6, 1 - sum(chances.values()))
    words = np.tile(np.float32([1, 0, 0]), (n_words, 1))
    for stretch in stretches:
        words[stretch.start : stretch.end] = [0, stretch.subject, stretch.mentioned]
    return Placed(np.log(services).astype(np.float32), words, np.full(6, 1 / 6, np.float32), tuple(stretches))


def stretch(id, start, end, subject):
    chances = np.full(len(SERVICES) + 2, 1e-4, np.float32)
    chances[SERVICES.index(id)] = 0.9
    return Stretch(start, end, subject, 1 - subject, chances)


def candidates(text, answer):
    said, claims, towns = TAGGER.claims(text)
    found = Weigher(TAGGER.directory, SERVICES).candidates(said, claims, answer, towns)
    return {c.id: dict(zip(EVIDENCE, c.evidence, strict=True)) for c in found}


def test_a_service_that_a_rule_names_and_one_that_only_the_placer_thinks_of_are_both_weighed():
    text = "Podiatry were kind"
    found = candidates(text, placed({"ward-holt": 0.6}, 3, [stretch("ward-holt", 0, 1, 0.9)]))
    assert found["podiatry"]["named"] == 1 and found["podiatry"]["only_claim"] == 1
    assert found["ward-holt"]["first"] == 1 and found["ward-holt"]["stretch_subject"] == pytest.approx(0.81)
    assert found["ward-holt"]["claim_by_log_chance"] == 0


def test_a_mention_is_evidence_against():
    found = candidates("I was on Holt Ward before, now on Mortimer Ward", placed({"ward-mortimer": 0.9}, 10))
    assert found["ward-holt"]["only_mentioned"] == 1
    assert found["ward-mortimer"]["only_mentioned"] == 0


def test_the_wrong_county_and_the_own_town_are_seen():
    found = candidates("The nurse in Hereford", placed({"minor-injury-units": 0.5}, 4))
    assert found["minor-injury-units"]["other_county"] == 1


def test_a_service_that_left_the_directory_is_passed_over():
    weigher = Weigher(TAGGER.directory, ("closed-long-ago", *SERVICES))
    said, claims, towns = TAGGER.claims("They were kind")
    services = np.log(np.full(len(SERVICES) + 3, 1e-3, np.float32))
    services[0] = np.log(0.9)
    answer = Placed(services, np.zeros((3, 3), np.float32), np.full(6, 1 / 6, np.float32), ())
    assert "closed-long-ago" not in {c.id for c in weigher.candidates(said, claims, answer, towns)}


def one(id, **evidence):
    return Candidate(id, np.array([evidence.get(name, 0.0) for name in EVIDENCE]), None)


def test_the_likeliest_is_chosen_below_the_line_only_where_there_should_be_one():
    weighing = Weighing(np.zeros(len(EVIDENCE)), 0.0, sure=0.5, first=0.2, nothing=0.3)
    some, none = [one("podiatry", none=0.1)], [one("podiatry", none=0.8)]
    assert choose(some, np.array([0.3]), weighing) == {"podiatry": 0.3}
    assert choose(none, np.array([0.3]), weighing) == {}
    assert choose(some, np.array([0.1]), weighing) == {}
    assert choose(none, np.array([0.6]), weighing) == {"podiatry": 0.6}
    assert choose([], np.array([]), weighing) == {}


def test_weights_of_other_evidence_are_refused():
    with pytest.raises(BadModel, match="weighs other evidence"):
        Weighing.of({"evidence": ["named"], "weights": [1.0], "bias": 0.0, "sure": 0.5, "first": 0.2, "nothing": 0.3})


def test_without_the_placer_the_rules_decide():
    findings = TAGGER.tag(Comment("c", "Thank you, Cantilupe Ward!"))
    assert [(f.label, f.detail) for f in findings] == [("ward-cantilupe", "subject")]


@pytest.mark.parametrize(("chance", "stays"), [(0.6, "camhs"), (0.9, "camhs-worcestershire")])
def test_a_team_below_the_columns_service_takes_its_place_only_where_the_words_surely_tell_it(chance, stays):
    tagger = ServiceTagger(TAXONOMY, placer=load_placer())
    tagger._weighing = Weighing(np.zeros(len(EVIDENCE)), float(np.log(chance / (1 - chance))), 0.5, 0.2, 0.3)
    answer = placed({"camhs-worcestershire": 0.9}, 6)
    found = tagger.tag(Comment("c", "They rang back the same day.", service_cells=("CAMHS",)), answer)
    below = {f.label for f in found if f.detail == "subject"} & {"camhs", "camhs-worcestershire"}
    assert below == {stays}
