"""Statements follow from what a comment says, in the words that say it, or there are none."""

import pytest

from feedback.comment import Analysed, Finding, RawComment
from feedback.pipeline import Pipeline

WAIT = (
    "Waited nine weeks for my first appointment and nobody rang. The physio explained every exercise and was so kind."
)


def read(pipeline: Pipeline, text: str) -> Analysed:
    (analysed,) = pipeline.analyse([RawComment(text=text)])
    return analysed


def words(analysed: Analysed, finding: Finding) -> str:
    return analysed.comment.text[finding.start : finding.end]


def statements(pipeline: Pipeline, analysed: Analysed) -> dict[str, Finding]:
    return {f.label: f for f in analysed.of("statement") if pipeline.taxonomy.statements[f.label].objective}


def test_a_wait_speaks_against_the_statement_on_waits_in_its_own_words(pipeline: Pipeline) -> None:
    analysed = read(pipeline, WAIT)
    waits = statements(pipeline, analysed)["O3.W5"]
    assert (waits.polarity, waits.by) == ("-", pipeline.reader.name)
    assert words(analysed, waits).startswith("Waited nine weeks")


def test_praise_in_the_same_comment_is_no_evidence_on_waits(pipeline: Pipeline) -> None:
    analysed = read(pipeline, WAIT)
    praised = {id: f for id, f in statements(pipeline, analysed).items() if f.polarity == "+"}
    assert praised
    assert all("explained" in words(analysed, f) or "kind" in words(analysed, f) for f in praised.values())


def test_every_statement_belongs_to_an_objective_that_was_found(pipeline: Pipeline) -> None:
    analysed = read(pipeline, WAIT)
    of = {pipeline.taxonomy.statements[id].objective for id in statements(pipeline, analysed)}
    assert of <= {f.label for f in analysed.of("objective")}


@pytest.mark.parametrize("text", ["Very good", "Thank you", "All fine, no complaints"])
def test_bare_praise_is_evidence_for_no_one_statement(pipeline: Pipeline, text: str) -> None:
    assert statements(pipeline, read(pipeline, text)) == {}


def test_a_comment_is_linked_to_outcomes_for_those_whom_they_are_promised_to(pipeline: Pipeline) -> None:
    outcomes = {
        f.label: f.polarity for f in read(pipeline, "Nobody listened to me or asked what I wanted.").of("statement")
    }
    assert outcomes.get("P5") == "-"


def test_few_are_given_best_first(pipeline: Pipeline) -> None:
    analysed = read(
        pipeline,
        "The nurses were kind and skilled and explained it all, but I waited hours, nobody answers the phone, the notes never "
        "came from the hospital, parking was dreadful and they are short of staff.",
    )
    found = [f for f in analysed.of("statement") if pipeline.taxonomy.statements[f.label].objective]
    assert 1 <= len(found) <= 3
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
