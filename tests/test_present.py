"""The shape of one analysed comment is public API: pinned here field by field."""

from datetime import date

from feedback.comment import Analysed, Comment, Finding, Redaction
from feedback.present import as_record
from feedback.taxonomy import Taxonomy

TEXT = "Nurse [PERSON] was kind, but we waited and waited."
BY = "reader 1.0"
FINDINGS = (
    Finding("clause", "positive", "+", 0.97, 0, 24, BY, "1"),
    Finding("clause", "negative", "-", 0.91, 25, 50, BY, "2"),
    Finding("sentiment", "neutral", "~", 0.5, 0, 50, BY, "3"),
    Finding("theme", "staff-manner-personal-attributes", "+", 0.9, 0, 24, BY),
    Finding("theme", "timeliness-of-care", "-", 0.8, 25, 50, BY),
    Finding("service", "podiatry", "", 1.0, 0, 0, "metadata", "subject"),
    Finding("respondent", "relative", "", 0.8, 29, 31, "rule:we"),
    Finding("value", "responsive", "-", 0.7, 25, 50, BY),
    Finding("objective", "O3", "-", 0.77777, 25, 50, BY),
    Finding("statement", "O3.W5", "-", 0.6, 25, 50, "rule:crosswalk timeliness-of-care"),
    Finding("signal", "complaint_intent", "", 0.9, 25, 50, "rule:complaint", "watch"),
)
COMMENT = Comment(
    id="7",
    text=TEXT,
    question="Why?",
    date=date(2026, 3, 1),
    fft=2,
    redactions=(Redaction("person", 6, 14, "[PERSON]", "staff"),),
)


def test_every_field_of_the_contract_is_there(taxonomy: Taxonomy) -> None:
    assert as_record(Analysed(COMMENT, FINDINGS), taxonomy, {"reader": "1.0"}) == {
        "id": "7",
        "text": TEXT,
        "question": "Why?",
        "question_kind": "nonspecific",
        "date": "2026-03-01",
        "fft": 2,
        "language": "en",
        "translated_from": None,
        "flags": [],
        "contentless": False,
        "respondent": {"type": "relative", "score": 0.8, "by": "rule:we"},
        "redactions": [{"kind": "person", "start": 6, "end": 14, "placeholder": "[PERSON]", "role": "staff"}],
        "services": [{"id": "podiatry", "role": "subject", "score": 1.0, "start": 0, "end": 0, "by": "metadata"}],
        "segments": [
            {
                "start": 0,
                "end": 24,
                "sentiment": "positive",
                "themes": ["staff-manner-personal-attributes"],
                "experience": "patient",
            },
            {
                "start": 25,
                "end": 50,
                "sentiment": "negative",
                "themes": ["timeliness-of-care"],
                "experience": "patient",
            },
        ],
        "themes": [
            {
                "id": "staff-manner-personal-attributes",
                "score": 0.9,
                "sentiment": "positive",
                "start": 0,
                "end": 24,
                "by": BY,
            },
            {"id": "timeliness-of-care", "score": 0.8, "sentiment": "negative", "start": 25, "end": 50, "by": BY},
        ],
        "sentiment": {"label": "neutral", "scale": 3, "score": 0.5, "mixed": True, "by": BY},
        "values": [{"id": "responsive", "polarity": "-", "score": 0.7, "start": 25, "end": 50, "by": BY}],
        "objectives": [
            {
                "id": "O3",
                "polarity": "-",
                "score": 0.778,
                "statements": ["O3.W5"],
                "start": 25,
                "end": 50,
                "by": BY,
            }
        ],
        "signals": [
            {
                "kind": "complaint_intent",
                "severity": "watch",
                "score": 0.9,
                "start": 25,
                "end": 50,
                "by": "rule:complaint",
            }
        ],
        "versions": {"reader": "1.0"},
    }


def test_a_comment_without_content_says_nothing_and_claims_nothing(taxonomy: Taxonomy) -> None:
    record = as_record(Analysed(Comment("8", "N/A", contentless=True)), taxonomy, {})
    assert record["sentiment"] is None
    assert record["respondent"]["type"] == "unknown"
    assert [record[k] for k in ("services", "segments", "themes", "values", "objectives", "signals", "flags")] == [
        []
    ] * 7


def test_another_language_is_flagged_for_translation(taxonomy: Taxonomy) -> None:
    assert as_record(Analysed(Comment("9", "Bardzo mili", language="pl")), taxonomy, {})["flags"] == [
        "needs_translation"
    ]
