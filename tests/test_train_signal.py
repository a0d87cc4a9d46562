"""Training the signal model: what it reads, what it writes, and that no word of a comment is kept."""

import json
import shutil
from pathlib import Path

import pytest

from feedback import settings
from feedback.errors import BadData
from feedback.tag.signal import KINDS, load_model
from feedback.train_signal import Case, read_background, read_cases, read_examples, read_sample, train_signals


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The shipped rules and three invented examples per kind."""
    shutil.copy(settings.DATA / "signals.yml", tmp_path)
    lines = ["invented: true", "examples:", "  none:", "    - the pudding was nice", "    - parked easily"]
    for kind in KINDS:
        lines += [
            f"  urgent {kind}:",
            f"    - zebra {kind} came in the night",
            f"  watch {kind}:",
            f"    - walrus {kind} on the roof",
        ]
    (tmp_path / "signals_examples.yml").write_text("\n".join(lines))
    return tmp_path


def cases_file(path: Path) -> Path:
    cases = [
        {"id": "a", "text": f"the zebra {path.stem} came", "signals": ["child_risk"], "severity": "urgent"},
        {"id": "b", "text": "the pudding was warm", "signals": [], "severity": "none"},
    ]
    path.write_text(json.dumps(cases))
    return path


def test_training_writes_a_model_that_loads_and_scores_each_author_unseen(tmp_path: Path, data: Path) -> None:
    background = tmp_path / "ordinary.csv"
    background.write_text("feedback,criticality\nquiet place,2\nquiet place,1\ndreadful quagga,-5\nbooked by phone,\n")
    files = [cases_file(tmp_path / "ann.json"), cases_file(tmp_path / "ben.json")]
    manifest = train_signals(files, tmp_path / "out", background=background, data=data)
    model = load_model(tmp_path / "out")
    assert model.chances("a zebra came", [])["flag"] > model.chances("the pudding", [])["flag"]
    assert json.loads((tmp_path / "out" / "signal" / "manifest.json").read_text()).items() >= manifest.items()
    assert set(manifest["trained_on"]) == {"ann.json", "ben.json", "ordinary.csv", "signals_examples.yml"}
    assert set(manifest["scores"]["other_authors"]) == {"ann", "ben", "all"}
    assert manifest["scores"]["other_authors"]["ann"]["cases"] == 2


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


def test_the_sample_is_scored_unseen_and_by_folds_and_named_among_the_sources(tmp_path: Path, data: Path) -> None:
    files = [cases_file(tmp_path / "ann.json"), cases_file(tmp_path / "ben.json")]
    manifest = train_signals(files, tmp_path / "out", sample=sample_folder(tmp_path / "sample"), data=data)
    assert {name: score["cases"] for name, score in manifest["scores"]["sample"].items()} == {
        "unseen": 12,
        "other_folds_seen": 12,
    }
    assert {"sample_batch.csv", "signals.csv"} <= set(manifest["trained_on"])
    assert set(manifest["scores"]["other_authors"]) == {"ann", "ben", "all"}


def test_the_shipped_marks_fit_the_shipped_sample() -> None:
    cases = read_sample(settings.DATA / "sample")
    marked = [case for case in cases if case.severity != "none"]
    assert {case.severity for case in marked} == {"watch", "urgent"}
    assert all(case.kinds and case.kinds <= set(KINDS) for case in marked)
    assert 0.03 < len(marked) / len(cases) < 0.1


def test_training_twice_gives_the_same_weights_and_keeps_no_words(tmp_path: Path, data: Path) -> None:
    files = [cases_file(tmp_path / "ann.json"), cases_file(tmp_path / "ben.json")]
    for name in ("one", "two"):
        train_signals(files, tmp_path / name, data=data)
    one, two = ((tmp_path / name / "signal" / "weights.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two
    assert all(b"zebra" not in path.read_bytes() for path in (tmp_path / "one" / "signal").iterdir())


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
