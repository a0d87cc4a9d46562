"""The trained guard: what it is asked, what it answers, and that a guard made for something else is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from feedback import settings
from feedback.errors import BadModel
from feedback.models.artefact import open_artefact
from feedback.models.encode import owners
from feedback.models.guard import DANGERS, Guard, beside, load_guard
from feedback.redact.features import WORD_FEATURES, may_name_somebody
from feedback.redact.names import Lexicon
from feedback.redact.people import PeopleFinder, named
from feedback.taxonomy import load_taxonomy

LEXICON = Lexicon(load_taxonomy())
RULES = PeopleFinder(LEXICON)


def chances(text: str) -> dict[str, float]:
    reading = RULES.read(text)
    (found,) = load_guard().people([text], [[(w.start, w.end) for w in reading.words]], [RULES.features(reading)])
    return {word.raw: float(chance) for word, chance in zip(reading.words, found, strict=True)}


def test_a_name_is_likelier_a_person_than_the_words_around_it() -> None:
    found = chances("The nurse Ffion sat with me while the kettle boiled.")
    assert max(found, key=found.__getitem__) == "Ffion" and found["Ffion"] > 0.5 > found["kettle"]


def test_words_are_judged_the_same_alone_and_in_company() -> None:
    texts = ["Idris rang me back.", "Nobody rang.", ""]
    readings = [RULES.read(text) for text in texts]
    words = [[(w.start, w.end) for w in reading.words] for reading in readings]
    features = [RULES.features(reading) for reading in readings]
    together = load_guard().people(texts, words, features)
    alone = [load_guard().people([t], [w], [f])[0] for t, w, f in zip(texts, words, features, strict=True)]
    assert [len(c) for c in together] == [4, 2, 0]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one, other, atol=0.02)


def test_what_cannot_wait_is_told_from_what_can() -> None:
    flag = load_guard().dangers(["I am going to kill myself tonight.", "Lovely staff and good parking."])[:, 0]
    assert flag[0] > 0 > flag[1]


def test_a_long_comment_is_read_to_its_end() -> None:
    text = "It was all fine. " * 120 + "Then Wiktoria rang."
    assert chances(text)["Wiktoria"] > 0.5


def test_each_piece_belongs_to_the_word_it_is_part_of() -> None:
    assert owners([(0, 3), (3, 5), (6, 7), (8, 12)], [(0, 5), (8, 12)]) == [0, 0, -1, 1]
    assert owners([(0, 2)], []) == [-1]


def test_a_word_is_seen_beside_its_neighbours() -> None:
    features = np.array([[1, 0], [0, 1]], np.float32)
    assert beside(features).tolist() == [[1, 0, 0, 0, 0, 1], [0, 1, 1, 0, 0, 0]]
    assert beside(np.zeros((0, 2), np.float32)).shape == (0, 6)


def test_features_are_noughts_and_ones_a_row_for_each_word() -> None:
    reading = RULES.read("Dr Pritchard was kind.")
    features = RULES.features(reading)
    assert features.shape == (4, len(WORD_FEATURES)) and set(np.unique(features)) <= {0.0, 1.0}
    assert features[1, WORD_FEATURES.index("after a title")] == 1
    assert RULES.features(RULES.read("")).shape == (0, len(WORD_FEATURES))


def test_rules_and_guard_each_have_their_threshold() -> None:
    reading = RULES.read("one two three four")
    reading.sure, reading.asked = {0}, {1}
    thresholds = {"people": 0.9, "people_asked": 0.4, "people_ruled": 0.1}
    assert named(reading, np.array([0.2, 0.5, 0.5, 0.95], np.float32), thresholds) == {0, 1, 3}
    assert named(reading, np.array([0.05, 0.3, 0.5, 0.5], np.float32), thresholds) == set()


@pytest.mark.parametrize(
    "text", ["The wait was long and the chairs were hard.", "staff could not do enough", "ok", "", "💙💙"]
)
def test_ordinary_comments_never_reach_the_guard(text: str) -> None:
    assert not may_name_somebody(RULES.read(text), LEXICON)


@pytest.mark.parametrize("text", ["Ask Wiktoria.", "nurse poppy was kind", "mr lightfoot rang", "thanks to shaznay"])
def test_what_may_name_somebody_does(text: str) -> None:
    assert may_name_somebody(RULES.read(text), LEXICON)


def test_a_guard_for_other_dangers_is_refused(tmp_path: Path) -> None:
    shutil.copytree(settings.MODELS / "guard", tmp_path / "guard")
    path = tmp_path / "guard" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "dangers": ["weather"]}))
    with pytest.raises(BadModel, match="weather"):
        Guard(open_artefact(tmp_path / "guard"))


def test_the_shipped_guard_is_for_this_version() -> None:
    manifest = open_artefact(settings.MODELS / "guard").manifest
    assert tuple(manifest["word_features"]) == WORD_FEATURES and tuple(manifest["dangers"]) == DANGERS
    assert set(manifest["thresholds"]) == {"people", "people_asked", "people_ruled"}
