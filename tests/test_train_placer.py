"""How sure the placer is of who speaks is set on comments by writers of whom it learnt nothing."""

import numpy as np
import pytest

from feedback.models.placer import SPEAKERS, Placed, load_placer
from feedback.settings import DATA
from feedback.tag.service import ServiceTagger
from feedback.taxonomy import load_taxonomy
from feedback.training.placements import Placement, read_placements
from feedback.training.placer import cooled

WEIGHTS = {
    "speaker.weight": np.ones((6, 8), np.float32),
    "speaker.bias": np.ones(6, np.float32),
    "speaker.words": np.ones((4, 6), np.float32),
}


def sure_of(speaker, chance, n):
    """`n` answers of a placer that is sure of one speaker."""
    who = np.full(6, (1 - chance) / 5, np.float32)
    who[SPEAKERS.index(speaker)] = chance
    return [Placed(np.zeros(0), np.zeros((0, 3)), who, ())] * n


def test_chances_become_as_sure_as_they_are_right():
    right = [Placement("x", speaker="patient")] * 7 + [Placement("x", speaker="relative")] * 3
    colder = cooled(right, sure_of("patient", 0.99, 10), WEIGHTS)
    assert (colder["speaker.weight"] < 0.6).all() and (colder["speaker.bias"] < 0.6).all()
    assert (colder["speaker.words"] < 0.6).all()


def test_chances_that_are_always_right_are_not_brought_down():
    always = cooled([Placement("x", speaker="patient")] * 10, sure_of("patient", 0.7, 10), WEIGHTS)
    assert (always["speaker.weight"] >= 1).all()


def test_the_shipped_placer_is_as_sure_of_who_speaks_as_it_is_right():
    strangers = read_placements(DATA / "placer" / "strangers.jsonl")[::2]
    chances = ServiceTagger(load_taxonomy(), placer=load_placer()).listen([s.text for s in strangers])
    right = [SPEAKERS[int(c.speaker.argmax())] == s.speaker for c, s in zip(chances, strangers, strict=True)]
    promised = [float(c.speaker.max()) for c in chances]
    assert np.mean(promised) == pytest.approx(np.mean(right), abs=0.06)
