"""The shipped reader: its vectors add up, its labels must be the Trust's, and it reads plain praise and blame right."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from feedback.errors import BadModel
from feedback.models.artefact import open_artefact
from feedback.models.encode import WINDOW, Encoder
from feedback.models.reader import Reader, degree, heard, load_reader, three
from feedback.settings import MODELS
from feedback.taxonomy import Taxonomy, load_taxonomy


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture(scope="module")
def reader(taxonomy: Taxonomy) -> Reader:
    return load_reader(MODELS, taxonomy)


def test_what_is_said_of_a_text_does_not_hang_on_its_neighbours(reader: Reader) -> None:
    texts = ["The nurse was kind.", "I waited for five hours in a cold corridor and nobody came to tell me why."]
    together = reader.read(texts, ["nonspecific"] * 2, [[], []])
    alone = reader.read(texts[:1], ["nonspecific"], [[]])
    assert np.abs(together[0].scale - alone[0].scale).max() < 1e-4  # sums in another order differ by a hair


def test_a_reading_has_a_row_for_the_text_and_one_for_each_clause(reader: Reader) -> None:
    text = "The nurse was lovely but the toilets were disgusting"
    (reading,) = reader.read([text], ["nonspecific"], [[(0, 20), (21, len(text))]], kept=[True])
    assert reading.themes.shape == (3, len(reader.themes))
    assert reading.scale.shape == (5,)
    assert reading.feelings.shape == (2, 3)
    assert reading.codes.shape == (3, len(reader.codes), 2)
    assert reading.feelings[0, 0] > 0.5 > reading.feelings[1, 0]


def test_ordinary_comments_are_not_cut_to_pieces(reader: Reader) -> None:
    texts = ["Friendly, polite and efficient staff", "Staff are kind and caring and the food was good"]
    one, several = reader.read(texts, ["nonspecific"] * 2, [[(0, len(text))] for text in texts])
    assert len(one.clauses) == 1
    assert [texts[1][start:end] for start, end in several.clauses][-1] == "and the food was good"
    assert all(" " in texts[1][start:end] for start, end in several.clauses)


def test_vectors_are_those_of_exact_arithmetic_whatever_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    # The same network, its weights widened and multiplied at full precision: what eight bits lose in rounding is little, in overflow much.
    import onnxruntime

    artefact = open_artefact(MODELS / "reader")
    files = artefact.path("encoder.onnx"), artefact.path("tokenizer.json")
    texts = ["The nurse was kind and patient.", "Nobody rang back, so we waited three weeks for nothing.", "ok"]
    shipped = Encoder(*files).encode(texts, ["nonspecific"] * 3)
    plain, session = onnxruntime.SessionOptions(), onnxruntime.InferenceSession
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda path, _, **more: session(path, plain, **more))
    exact = Encoder(*files).encode(texts, ["nonspecific"] * 3)
    assert np.abs(shipped - exact).mean() < 0.02 * np.abs(exact).mean()


def test_a_text_longer_than_one_window_is_read_to_its_end(reader: Reader) -> None:
    start = "The physio was very good. " * 80
    end = "The food was cold and the ward was filthy. " * 80
    assert len(start.split()) > WINDOW
    whole = start + end
    (reading,) = reader.read([whole], ["nonspecific"], [[(0, len(start)), (len(start), len(whole))]], kept=[True])
    assert reading.feelings[0, 0] > 0.5 > reading.feelings[1, 0]


def test_an_empty_text_is_read_without_fault(reader: Reader) -> None:
    (reading,) = reader.read([""], ["nonspecific"], [[]])
    assert np.isfinite(reading.themes).all()


def test_every_probability_lies_between_nought_and_one(reader: Reader) -> None:
    (reading,) = reader.read(["ok"], ["what_good"], [[(0, 2)]])
    for p in (reading.themes, reading.scale, reading.feelings, reading.codes):
        assert ((p >= 0) & (p <= 1)).all()


def test_a_reader_whose_labels_the_data_does_not_have_is_refused(taxonomy: Taxonomy) -> None:
    themes = {id: theme for id, theme in taxonomy.themes.items() if id != "parking"}
    with pytest.raises(BadModel, match=r"knows the labels parking, which data/themes\.yml"):
        Reader(open_artefact(MODELS / "reader"), replace(taxonomy, themes=themes))


def test_a_damaged_encoder_is_refused(taxonomy: Taxonomy, tmp_path: Path) -> None:
    shutil.copytree(MODELS / "reader", tmp_path / "reader")
    with (tmp_path / "reader" / "encoder.onnx").open("r+b") as file:
        file.write(b"\0\0\0\0")
    with pytest.raises(BadModel, match=r"encoder\.onnx"):
        load_reader(tmp_path, taxonomy)


def test_very_bad_and_bad_together_are_bad_though_neither_is_likelier_than_each() -> None:
    assert degree(np.array([0.05, 0.05, 0.36, 0.26, 0.28], np.float32)) == 5
    assert degree(np.array([0.05, 0.05, 0.6, 0.15, 0.15], np.float32)) == 3
    assert degree(np.array([0.22, 0.22, 0.38, 0.09, 0.09], np.float32)) == 3  # between two minds


def test_a_theme_that_one_clause_says_surely_is_heard_in_the_whole() -> None:
    whole, clauses = np.array([-1.0, 2.0], np.float32), np.array([[6.0, 0.0], [-6.0, -3.0]], np.float32)
    assert heard(whole, clauses)[0] > 0 and heard(whole, clauses)[1] < 2
    assert heard(whole, clauses[:0]).tolist() == whole.tolist()


@pytest.mark.parametrize(
    ("text", "feeling"),
    [
        ("Could be better", 2), ("They couldn't care less", 2), ("Awful", 2), ("Nothing has changed", 2),
        ("Nobody judged me", 0), ("Short wait", 0), ("Seen sooner than expected", 0), ("They never gave up on me", 0), ("No one rushed me", 0),
    ],
)  # fmt: skip
def test_plain_sentences_feel_as_they_are_meant(reader: Reader, text: str, feeling: int) -> None:
    (reading,) = reader.read([text], ["nonspecific"], [[(0, len(text))]])
    assert int(three(reading.scale[None])[0].argmax()) == feeling
