"""The examples that the guard and the signal model learn from: how they are read, and that nobody's name stays where it was."""

import json
import random
from pathlib import Path

import pytest

from feedback import settings
from feedback.comment import SIGNALS
from feedback.errors import BadData
from feedback.training.examples import (
    Case,
    Marked,
    is_held_out,
    read_background,
    read_cases,
    read_danger_examples,
    read_examples,
    read_identity_cases,
    read_marked,
    read_sample,
    with_other_names,
)


def sample_folder(path: Path) -> Path:
    """Twelve comments, of which every third is marked; one is Polish and one has no words."""
    path.mkdir()
    rows = [f"S-{i},Very good,the pudding was {i} inches tall and warm" for i in range(12)]
    rows += ["S-12,Poor,Dziękuję bardzo za opiekę i za miłą rozmowę", "S-13,,"]
    (path / "sample_batch.csv").write_text("\n".join(["Comment ID,FFT rating,Comment", *rows]), encoding="utf-8")
    marks = [f"S-{i},urgent,child_risk;privacy_breach" for i in range(0, 12, 3)]
    (path / "signals.csv").write_text("\n".join(["Comment ID,severity,kinds", *marks]))
    return path


def test_the_sample_is_read_in_english_with_its_marks_and_ratings(tmp_path: Path) -> None:
    cases = read_sample(sample_folder(tmp_path / "sample"))
    assert len(cases) == 12 and {case.fft for case in cases} == {1}
    assert cases[0].kinds == {"child_risk", "privacy_breach"} and cases[0].severity == "urgent"
    assert cases[1] == Case("the pudding was 1 inches tall and warm", fft=1)


def test_a_mark_on_a_comment_that_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = sample_folder(tmp_path / "sample")
    (folder / "signals.csv").write_text("Comment ID,severity,kinds\nS-99,watch,child_risk\n")
    with pytest.raises(BadData, match="S-99"):
        read_sample(folder)


def test_the_shipped_marks_fit_the_shipped_sample() -> None:
    cases = read_sample(settings.DATA / "sample")
    marked = [case for case in cases if case.severity != "none"]
    assert {case.severity for case in marked} == {"watch", "urgent"}
    assert all(case.kinds and case.kinds <= set(SIGNALS) for case in marked)
    assert 0.03 < len(marked) / len(cases) < 0.1


def test_background_leaves_out_repeats_and_what_is_very_critical_or_unmarked(tmp_path: Path) -> None:
    path = tmp_path / "ordinary.csv"
    path.write_text("feedback,criticality\nquiet place,2\nquiet place,1\ndreadful quagga,-5\nbooked by phone,\n")
    assert read_background(path) == [Case("quiet place")]


def test_examples_are_read_by_their_heading(tmp_path: Path) -> None:
    path = tmp_path / "e.yml"
    path.write_text("examples:\n  none: [fine]\n  urgent child_risk violence_threat: [zebra]\n")
    assert read_examples(path) == [Case("fine"), Case("zebra", frozenset({"child_risk", "violence_threat"}), "urgent")]


def test_unknown_kinds_and_empty_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.yml"
    path.write_text("examples:\n  watch weather: [rain]\n")
    with pytest.raises(BadData, match="watch weather"):
        read_examples(path)
    (tmp_path / "none.json").write_text("[]")
    with pytest.raises(BadData, match=r"none\.json holds no cases"):
        read_cases(tmp_path / "none.json")


def test_the_shipped_examples_are_marked_as_invented_and_never_repeat() -> None:
    path = settings.DATA / "signals_examples.yml"
    examples = read_examples(path)
    assert "invented: true" in path.read_text(encoding="utf-8").splitlines()
    assert len({case.text for case in examples}) == len(examples) > 1000


def test_marks_become_spans_of_the_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "i.jsonl"
    path.write_text(json.dumps({"marked": "Nurse {{person:staff|Ffion}} rang {{phone|01632 960 001}}."}) + "\n")
    assert read_marked(path) == [Marked("Nurse Ffion rang 01632 960 001.", ((6, 11, "person"), (17, 30, "phone")))]


def test_gold_cases_of_identity_are_read_with_their_spans(tmp_path: Path) -> None:
    path = tmp_path / "pii_cases.json"
    path.write_text(json.dumps([{"text": "Ask Idris", "spans": [{"start": 4, "end": 9, "kind": "person"}]}]))
    assert read_identity_cases(path) == [Marked("Ask Idris", ((4, 9, "person"),))]


def test_other_names_stand_where_the_old_ones_stood_each_the_same_throughout() -> None:
    example = Marked(
        "ask Wiktoria or BOB, not wiktoria's 01632 960001",
        ((4, 12, "person"), (16, 19, "person"), (25, 33, "person"), (36, 48, "phone")),
    )
    other = with_other_names(example, [["marigold"]], random.Random(3))
    names = [other.text[start:end] for start, end, kind in other.spans if kind == "person"]
    assert names[0].lower() == names[2].lower() and names[0].istitle() and names[1].isupper() and names[2].islower()
    assert other.text == f"ask {names[0]} or {names[1]}, not {names[2]}'s 01632 960001"
    assert other.spans[3][2] == "phone" and other.text[slice(*other.spans[3][:2])] == "01632 960001"


def test_a_danger_whose_kinds_and_severity_do_not_fit_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "dangers.jsonl"
    good = {"text": "zebra", "signals": ["child_risk"], "severity": "watch"}
    path.write_text("\n".join(json.dumps(line) for line in (good, {**good, "severity": "none"})))
    with pytest.raises(BadData, match="line 2"):
        read_danger_examples(path)


def test_the_shipped_examples_of_the_guard_can_be_read_and_never_repeat() -> None:
    marked = read_marked(settings.DATA / "guard" / "identity.jsonl")
    dangers = read_danger_examples(settings.DATA / "guard" / "dangers.jsonl")
    assert len({m.text for m in marked}) == len(marked) > 1000
    assert len({c.text for c in dangers}) == len(dangers) > 1000
    assert 0.08 < sum(is_held_out(c.text) for c in dangers) / len(dangers) < 0.12
