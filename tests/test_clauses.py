"""Clauses that somebody read, and what the reader is trained towards with them."""

import json

import numpy as np
import pytest

from feedback.errors import BadData
from feedback.settings import DATA
from feedback.taxonomy import load_taxonomy
from feedback.training.clauses import Clause, Read, read_invented_clauses, read_public_clauses, unknown_themes
from feedback.training.labelled import CODES
from feedback.training.targets import (
    READ_THEMES_WEIGHT,
    READ_WHOLE,
    TAUGHT,
    Targets,
    cuts_of,
    spans_of,
    taught,
    with_invented,
    with_parts,
)

THEMES = frozenset(t.id for t in load_taxonomy().themes.values() if not t.contentless)  # the others are not learnt
WIDTHS = {"themes": 2, "sentiment": 5, "codes": 2}


def targets(texts):
    n = len(texts)
    values = {h: np.zeros((n, w), np.float32) for h, w in WIDTHS.items()}
    values["sentiment"][:, 0] = values["themes"][:, 0] = 1
    return Targets(texts, ["nonspecific"] * n, values, {h: np.ones(n, np.float32) for h in WIDTHS})


def logits(n, towards=0):
    return {h: np.eye(w, dtype=np.float32)[[min(towards, w - 1)] * n] * 20 - 10 for h, w in WIDTHS.items()}


def parted(learn, read, alone):
    return with_parts(learn, spans_of(learn.texts, read), read, alone, LIFT, ["a", "b"])


LIFT = {h: np.ones(WIDTHS[h], np.float32) for h in ("themes", "codes")}


def test_public_clauses_hold_labels_and_no_words():
    for line in (DATA / "clauses" / "public.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        assert one.keys() == {"id", "clauses"}
        for start, end, sign, themes in one["clauses"]:
            assert 0 <= start < end and sign in "+0-" and set(themes) <= THEMES


def test_invented_clauses_join_to_their_comment():
    read = read_invented_clauses(DATA / "clauses" / "invented.jsonl")
    assert len(read) > 500
    for one in read:
        assert [c.start for c in one.clauses] == [0, *(c.end for c in one.clauses[:-1])]
        assert one.clauses[-1].end == len(one.text)
    assert not unknown_themes([one.clauses for one in read], THEMES)
    assert not unknown_themes(read_public_clauses(DATA / "clauses" / "public.jsonl").values(), THEMES)


def test_plain_comments_are_read_by_the_codebook():
    read = read_invented_clauses(DATA / "clauses" / "plain.jsonl")
    assert len(read) > 3000 and all(one.codes is not None for one in read)
    assert not unknown_themes([one.clauses for one in read], THEMES)


def test_a_code_that_the_codebook_does_not_have_is_refused_with_its_line(tmp_path):
    line = {"question": "what_good", "clauses": [["Fine.", "+", []]], "codes": {"X": "+"}}
    (tmp_path / "p.jsonl").write_text(json.dumps(line))
    with pytest.raises(BadData, match="line 1: codes are C, A, R"):
        read_invented_clauses(tmp_path / "p.jsonl")


def test_what_was_read_by_the_codebook_teaches_the_whole_comment_and_its_only_clause():
    codes = {"S": "-", "O2": "~"}
    one = Read("Rude.", "what_good", (Clause(0, 5, "-", ("b",)),), codes)
    two = Read("Rude. Late.", "what_good", (Clause(0, 6, "-"), Clause(6, 11, "-")), codes)
    learn = targets(["kind"])
    learn.values["codes"] = np.zeros((1, 2 * len(CODES)), np.float32)
    learn = with_invented(parted(learn, [None], [logits(0)]), [one, two], ["a", "b"])
    assert learn.weights["themes"].tolist() == pytest.approx([1, READ_THEMES_WEIGHT, READ_THEMES_WEIGHT])
    assert learn.values["themes"][1].tolist() == [0, 1]
    given = {(CODES[i // 2], "+-"[i % 2]) for i in np.flatnonzero(learn.values["codes"][1])}
    assert given == {("S", "-"), ("O2", "+"), ("O2", "-")}
    assert [p.weights["codes"].tolist() for p in learn.parts[1:]] == [[READ_WHOLE], [0, 0]]


def test_an_unknown_feeling_is_refused_with_its_line(tmp_path):
    (tmp_path / "i.jsonl").write_text(json.dumps({"question": "what_good", "clauses": [["Fine.", "good", []]]}))
    with pytest.raises(BadData, match="line 1: a clause's feeling is one of"):
        read_invented_clauses(tmp_path / "i.jsonl")


def test_a_label_is_shared_with_the_teacher_and_a_missing_one_is_the_teachers():
    learn = targets(["kind", "rude"])
    learn.weights["sentiment"][1] = 0
    mixed = taught(learn, logits(2, towards=4), LIFT)
    assert mixed.values["sentiment"][0] == pytest.approx([1 - TAUGHT, 0, 0, 0, TAUGHT], abs=1e-3)
    assert mixed.values["sentiment"][1] == pytest.approx([0, 0, 0, 0, 1], abs=1e-3)
    assert mixed.weights["sentiment"].tolist() == pytest.approx([1, TAUGHT])


def test_read_clauses_outrank_the_teacher_and_one_clause_is_its_comment():
    learn = targets(["Nurse kind, food cold", "Lovely"])
    read = [(Clause(0, 11, "+", ("a",)), Clause(12, 21, "-", ("b",))), None]
    parts = parted(learn, read, [logits(2), {}]).parts
    assert parts[0].values["feelings"].tolist() == [[1, 0, 0], [0, 0, 1]]
    assert parts[0].values["themes"].argmax(1).tolist() == [0, 1]
    assert parts[1].values["feelings"].tolist() == [[1, 0, 0]]
    assert parts[0].weights["feelings"][0] > parts[1].weights["feelings"][0]


def test_a_comment_is_taught_in_the_clauses_that_its_reader_cut_though_the_rules_cut_it_otherwise_now():
    text = "Kind. Late. Cold."
    read = [(Clause(0, 5, "+"), Clause(6, 17, "-"))]
    assert spans_of([text, text], [*read, None]) == [((0, 5), (6, 17)), ((0, 5), (6, 11), (12, 17))]
    (part,) = parted(targets([text]), read, [logits(2)]).parts
    assert part.spans == ((0, 5), (6, 17)) and {len(v) for v in part.values.values()} == {2}


def test_invented_comments_teach_clauses_and_joints_but_no_themes_of_the_whole():
    learn = parted(targets(["Lovely"]), [None], [{}])
    mixed = Read("Fine food but late", "what_good", (Clause(0, 10, "+"), Clause(10, 18, "-", ("b",))))
    more = with_invented(learn, [mixed], ["a", "b"])
    assert more.texts == ["Lovely", "Fine food but late"]
    assert all(w[1] == 0 for w in more.weights.values())
    assert more.parts[0].cuts is None
    assert more.parts[1].cuts.joints.tolist() == [0, 1, 0]
    assert more.parts[1].values["feelings"].tolist() == [[1, 0, 0], [0, 0, 1]]
    assert more.parts[1].weights["codes"].tolist() == [0, 0]


def test_how_the_whole_was_said_to_feel_outranks_what_its_clauses_make_likely(tmp_path):
    path = tmp_path / "i.jsonl"
    line = {"question": "what_good", "clauses": [["Kind. ", "+", []], ["He hit me.", "-", []]], "scale": 5}
    path.write_text(json.dumps(line))
    learn = with_invented(parted(targets(["Lovely"]), [None], [{}]), read_invented_clauses(path), ["a", "b"])
    assert learn.values["sentiment"][1].argmax() == 4 and learn.values["sentiment"][1].sum() == pytest.approx(1)
    assert learn.weights["sentiment"][1] == READ_WHOLE
    path.write_text(json.dumps(line | {"scale": 6}))
    with pytest.raises(BadData, match="line 1: scale is 1"):
        read_invented_clauses(path)


def test_an_invented_comment_of_one_feeling_teaches_the_sentiment_of_the_whole():
    learn = parted(targets(["Lovely"]), [None], [{}])
    more = with_invented(learn, [Read("Cold. Late.", "what_good", (Clause(0, 6, "-"), Clause(6, 11, "-")))], ["a", "b"])
    assert 0 < more.weights["sentiment"][1] < 1
    assert more.values["sentiment"][1].argmax() == 3
    assert more.weights["themes"][1] == 0


def test_a_joint_stands_in_the_gap_before_a_clause_wherever_its_blank_is_counted():
    for at in (4, 5):  # the blank belongs to the clause before, or to the one after
        one = Read("Kind but late", "nonspecific", (Clause(0, at, "+"), Clause(at, 13, "-")))
        assert cuts_of(one).joints.tolist() == [1, 0]
