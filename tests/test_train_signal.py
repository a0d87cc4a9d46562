"""Training the signal model: what it reads, what it writes, how its thresholds are chosen, and that no word of a comment is kept."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from feedback import settings
from feedback.errors import BadModel
from feedback.models.artefact import write_manifest
from feedback.models.guard import DANGERS
from feedback.tag.signal import KINDS, chances_of, load_model
from feedback.training.examples import (
    Case,
    checksum,
    read_background,
    read_cases,
    read_danger_examples,
    read_examples,
    read_sample,
)
from feedback.training.signal import Predictions, choose_thresholds, train_signals


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Invented labelled files, a data folder with the shipped rules, and a models folder with a guard that has heard the held-out part."""
    labelled, data, models = tmp_path / "labelled", tmp_path / "data", tmp_path / "models"
    (data / "guard").mkdir(parents=True)
    (data / "sample").mkdir()
    (models / "guard").mkdir(parents=True)
    labelled.mkdir()
    shutil.copy(settings.DATA / "signals.yml", data)
    for author in ("ann", "ben"):
        cases = [
            {"text": f"the zebra {author} came {i}", "signals": ["child_risk"], "severity": "urgent"} for i in range(12)
        ]
        cases += [{"text": f"the pudding {author} was warm {i}", "signals": [], "severity": "none"} for i in range(12)]
        (labelled / f"safety_cases_{author}.json").write_text(json.dumps(cases))
    lines = ["feedback,criticality", *(f"quiet place {i},2" for i in range(20)), "dreadful quagga,-5"]
    (labelled / "fft_criticality.csv").write_text("\n".join(lines))
    lines = ["examples:", "  none: [the pudding was nice, parked easily]"]
    for kind in KINDS:
        lines.append(f"  watch {kind}: [" + ", ".join(f"walrus {kind} on the roof {i}" for i in range(6)) + "]")
    (data / "signals_examples.yml").write_text("\n".join(lines))
    dangers = [
        {"text": f"the zebra of {i} o'clock", "signals": ["privacy_breach"], "severity": "watch"} for i in range(12)
    ]
    (data / "guard" / "dangers.jsonl").write_text("\n".join(map(json.dumps, dangers)))
    rows = [f"S-{i},Very good,the pudding was {i} inches tall and warm" for i in range(12)]
    (data / "sample" / "sample_batch.csv").write_text("\n".join(["Comment ID,FFT rating,Comment", *rows]))
    (data / "sample" / "signals.csv").write_text("Comment ID,severity,kinds\nS-0,urgent,child_risk\n")
    cases_read = [c for path in sorted(labelled.glob("*.json")) for c in read_cases(path)]
    cases_read += read_danger_examples(data / "guard" / "dangers.jsonl") + read_examples(data / "signals_examples.yml")
    cases_read += read_sample(data / "sample") + read_background(labelled / "fft_criticality.csv")
    texts = sorted({case.text for case in cases_read})
    dangers_heard = np.array(
        [[3.0 if "zebra" in t or "walrus" in t else -3.0] * len(DANGERS) for t in texts], np.float16
    )
    heard = {"texts": np.array([checksum(t) for t in texts], np.uint32), "dangers": dangers_heard}
    save_file(heard, models / "guard" / "held_out.safetensors")
    write_manifest(models / "guard", {"name": "guard", "version": "t"}, ["held_out.safetensors"])
    (models / "reader").symlink_to(settings.MODELS / "reader")
    return labelled, data, models


def test_training_writes_a_model_that_loads_and_says_how_it_does_on_the_held_out_part(
    folders: tuple[Path, Path, Path],
) -> None:
    labelled, data, models = folders
    manifest = train_signals(labelled, models, data=data)
    model = load_model(models)
    nothing = np.zeros(384, np.float32)
    alarm, calm = (model.logits(text, [], nothing) for text in ("a zebra came", "the pudding"))
    assert chances_of(alarm)["flag"] > chances_of(calm)["flag"]
    assert json.loads((models / "signal" / "manifest.json").read_text()).items() >= manifest.items()
    assert set(manifest["scores"]["held_out"]) == {"cases", "sample", "ordinary"}  # type: ignore[index]
    assert manifest["scores"]["held_out"]["cases"]["recall"] >= 0.95  # type: ignore[index]
    assert {"safety_cases_ann.json", "dangers.jsonl", "sample_batch.csv"} <= set(manifest["trained_on"])  # type: ignore[call-overload]


def test_training_twice_gives_the_same_weights_and_keeps_no_words(folders: tuple[Path, Path, Path]) -> None:
    labelled, data, models = folders
    written = []
    for _ in range(2):
        train_signals(labelled, models, data=data)
        written.append((models / "signal" / "weights.safetensors").read_bytes())
    assert written[0] == written[1]
    assert all(b"zebra" not in path.read_bytes() for path in (models / "signal").iterdir())


def test_a_guard_that_learnt_from_other_examples_is_refused(folders: tuple[Path, Path, Path]) -> None:
    labelled, data, models = folders
    path = labelled / "safety_cases_ann.json"
    path.write_text(path.read_text().replace("zebra", "okapi"))
    with pytest.raises(BadModel, match="other examples"):
        train_signals(labelled, models, data=data)


def test_a_model_made_for_another_reader_is_refused(folders: tuple[Path, Path, Path]) -> None:
    labelled, data, models = folders
    train_signals(labelled, models, data=data)
    (models / "reader").unlink()
    (models / "reader").mkdir()
    (models / "reader" / "encoder.onnx").write_bytes(b"another")
    write_manifest(models / "reader", {"name": "reader", "version": "t"}, ["encoder.onnx"])
    with pytest.raises(BadModel, match="another reader"):
        load_model(models)


def test_thresholds_find_what_is_wanted_with_the_fewest_wrong_flags() -> None:
    def predictions(*of: tuple[str, float]) -> Predictions:
        cases = [
            Case(severity, frozenset({"child_risk"} if severity != "none" else ()), severity) for severity, _ in of
        ]
        chances = [{**dict.fromkeys(DANGERS, 0.01), "flag": p, "urgent": p, "child_risk": p} for _, p in of]
        return Predictions(cases, [[] for _ in of], chances, [p for _, p in of])

    cases = predictions(("urgent", 0.9), ("watch", 0.62), ("none", 0.5), ("none", 0.1))
    chosen = choose_thresholds({"cases": cases, "sample": cases, "ordinary": predictions(("none", 0.6))})
    assert 0.6 < chosen["flag"] <= 0.62
    assert 0.62 < chosen["urgent"] <= 0.9
    assert cases.scores(chosen)["recall"] == cases.scores(chosen)["precision"] == 1
