"""The straight line on the shipped models: what goes in comes out in order, safe, and with findings that stand in the text."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.comment import Analysed, RawComment
from feedback.pipeline import CHUNK, Pipeline


def read(pipeline: Pipeline, text: str, **fields: object) -> Analysed:
    (analysed,) = pipeline.analyse([RawComment(text=text, **fields)])  # type: ignore[arg-type]
    return analysed


def test_praise_and_blame_in_one_comment_are_two_findings(pipeline: Pipeline) -> None:
    analysed = read(pipeline, "The nurse was lovely and so kind, but the toilets were filthy and disgusting.")
    assert [f.label for f in analysed.of("clause")] == ["positive", "negative"]
    themes = {f.label: f.polarity for f in analysed.of("theme")}
    assert themes["staff-manner-personal-attributes"] == "+"
    (sentiment,) = analysed.of("sentiment")
    assert sentiment.polarity == "~"


def test_the_question_decides_what_nothing_means(pipeline: Pipeline) -> None:
    praise = read(pipeline, "Nothing", question="What could we do better?")
    assert [f.label for f in praise.of("sentiment")] == ["positive"]


@pytest.mark.parametrize(
    ("text", "theme", "value", "objective"),
    [
        ("I waited eleven months to be seen, far too long.", "timeliness-of-care", "responsive", "O3"),
        ("She listened to me and took what I said seriously.", "staff-listening-understanding-involving-patients", "responsive", "O2"),
        ("The food was cold and tasteless every day.", "food-drink-provision-facilities", "ambitious", "O2"),
        ("You can never find a parking space at the clinic.", "parking", None, "O4"),
    ],
)  # fmt: skip
def test_plain_comments_are_read_as_a_person_would(
    pipeline: Pipeline, text: str, theme: str, value: str | None, objective: str
) -> None:
    analysed = read(pipeline, text)
    assert theme in {f.label for f in analysed.of("theme")}
    assert objective in {f.label for f in analysed.of("objective")}
    if value:
        assert value in {f.label for f in analysed.of("value")}


def test_an_objective_found_is_linked_to_its_own_statements(pipeline: Pipeline) -> None:
    analysed = read(pipeline, "I waited eleven months to be seen, far too long.")
    statements = [f.label for f in analysed.of("statement")]
    assert "O3.W5" in statements
    objectives = {f.label for f in analysed.of("objective")}
    assert {pipeline.taxonomy.statements[s].objective for s in statements} - {None} <= objectives


def test_identity_is_gone_from_everything_that_comes_out(pipeline: Pipeline) -> None:
    analysed = read(
        pipeline,
        "My name is Joanna Example, ring me on 07700 900123 or joanna@example.org about Cantilupe ward.",
        services=("Cantilupe Ward (contact Joanna Example)",),
    )
    shown = repr(analysed)
    for secret in ("Joanna", "07700", "900123", "example.org"):
        assert secret not in shown
    assert "ward-cantilupe" in {f.label for f in analysed.of("service")}


def test_another_language_is_kept_with_its_service_and_never_scored(pipeline: Pipeline) -> None:
    analysed = read(pipeline, "Bardzo dziękuję za opiekę, pani była bardzo miła i cierpliwa.", services=("Podiatry",))
    assert analysed.comment.language == "pl"
    assert {f.kind for f in analysed.findings} <= {"service", "respondent"}
    assert [f.label for f in analysed.of("service")] == ["podiatry"]


def test_a_comment_without_content_carries_no_findings(pipeline: Pipeline) -> None:
    assert read(pipeline, "N/A", services=("Podiatry",)).findings == ()


def test_an_id_is_made_from_the_content_and_stays(pipeline: Pipeline) -> None:
    first = read(pipeline, "Grand.", date=date(2026, 1, 2))
    assert first.comment.id == read(pipeline, "Grand.", date=date(2026, 1, 2)).comment.id
    assert first.comment.id != read(pipeline, "Grand.", date=date(2026, 1, 3)).comment.id


def test_the_order_is_kept_across_chunks_and_kinds_of_comment(pipeline: Pipeline) -> None:
    texts = ["N/A", "Lovely staff.", "Bardzo miło, dziękuję wszystkim za pomoc", "Too long a wait."]
    raws = [RawComment(text=texts[i % 4], id=str(i)) for i in range(CHUNK + 10)]
    assert [a.comment.id for a in pipeline.analyse(iter(raws))] == [r.id for r in raws]


def test_findings_name_what_made_them(pipeline: Pipeline) -> None:
    analysed = read(pipeline, "The podiatrist was gentle but I waited five months.")
    assert all(f.by for f in analysed.findings)
    assert {"themes", "strategy", "directory", "reader"} <= set(pipeline.versions)


words = st.text(st.sampled_from("abcdefghij KLM.,;!?'-&\n07@£é🙂"), max_size=120)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words)
def test_every_span_lies_within_the_text(pipeline: Pipeline, text: str) -> None:
    analysed = read(pipeline, text)
    n = len(analysed.comment.text)
    for finding in analysed.findings:
        assert 0 <= finding.start <= finding.end <= n
        assert 0 <= finding.score <= 1
    spans = [(f.start, f.end) for f in analysed.of("clause")]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
