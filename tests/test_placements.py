"""What the placer learns from: marks, slips and pairs keep the words and their places together."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.errors import BadData
from feedback.settings import DATA
from feedback.taxonomy import load_taxonomy
from feedback.training.placements import Placement, Telling, misspelt, pairs, read_placements, read_snippets

TAXONOMY = load_taxonomy()


def test_every_example_speaks_of_services_that_the_directory_has():
    known = TAXONOMY.services.keys() | TAXONOMY.organisations.keys()
    files = ("comments.jsonl", "unnamed.jsonl", "strangers.jsonl")
    examples = [one for name in files for one in read_placements(DATA / "placer" / name)]
    assert len(examples) > 5000
    for example in examples:
        assert {*example.services, *example.mentioned, *example.alternatives} <= known
        assert {m.service for m in example.marks or () if m.subject} <= {*example.services, *example.alternatives}
    learnt = {one.text for name in files[:2] for one in read_placements(DATA / "placer" / name)}
    assert learnt.isdisjoint(one.text for one in read_placements(DATA / "placer" / "strangers.jsonl"))
    assert read_snippets(DATA / "placer" / "snippets.jsonl").keys() <= TAXONOMY.services.keys()


def test_marks_become_places_in_the_plain_words(tmp_path):
    marked = "Moved from {{m:ward-holt|Holt}}; {{s:ward-mortimer|Mortimer}} asks."
    line = {"marked": marked, "services": ["ward-mortimer"], "mentioned": ["ward-holt"], "speaker": "patient"}
    (tmp_path / "c.jsonl").write_text(json.dumps(line))
    (example,) = read_placements(tmp_path / "c.jsonl")
    assert example.text == "Moved from Holt; Mortimer asks."
    assert [(example.text[m.start : m.end], m.subject) for m in example.marks] == [("Holt", False), ("Mortimer", True)]


def test_an_unclosed_mark_is_refused_with_its_line(tmp_path):
    line = {"marked": "{{s:podiatry|the foot lady", "services": ["podiatry"], "mentioned": [], "speaker": "patient"}
    (tmp_path / "c.jsonl").write_text(json.dumps(line))
    with pytest.raises(BadData, match=r"c\.jsonl, line 1: a mark is not closed"):
        read_placements(tmp_path / "c.jsonl")


@given(st.integers(0, 10_000))
def test_slips_leave_every_mark_on_its_word(seed):
    text = "Podiatry at Pershore were gentle, unlike the hospital in Worcester"
    at = text.index("hospital")
    marks = (Telling(0, 8, True, "podiatry"), Telling(at, at + 8, False, "ext-waht"))
    slipped = misspelt(Placement(text, ("podiatry",), marks=marks), random.Random(seed))
    assert slipped.text[slipped.marks[0].start : slipped.marks[0].end].split() == [slipped.text.split()[0]]
    assert slipped.text[slipped.marks[1].start : slipped.marks[1].end] == slipped.text.split()[7]


@given(st.integers(0, 10_000))
def test_a_pair_is_about_both_and_its_marks_stand_right(seed):
    one = Placement("the foot lady", ("podiatry",), marks=(Telling(4, 13, True, "podiatry"),))
    other = Placement("Holt was loud", ("ward-holt",), marks=(Telling(0, 4, True, "ward-holt"),))
    related = {id: frozenset(TAXONOMY.ancestors(id)) for id in TAXONOMY.services}
    (pair,) = pairs([one, other], related, 1, random.Random(seed))
    assert set(pair.services) == {"podiatry", "ward-holt"}
    assert {pair.text[m.start : m.end] for m in pair.marks} == {"foot lady", "Holt"}


def test_no_pair_is_made_of_a_service_and_one_above_it():
    below = next(id for id in TAXONOMY.services if TAXONOMY.ancestors(id))
    related = {id: frozenset(TAXONOMY.ancestors(id)) for id in TAXONOMY.services}
    examples = [
        Placement("a", (below,)),
        Placement("b", (TAXONOMY.ancestors(below)[0],)),
        Placement("c", ("podiatry",)),
    ]
    made = list(pairs(examples, related, 20, random.Random(1)))
    assert all("podiatry" in pair.services for pair in made)
