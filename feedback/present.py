"""Show one analysed comment in the shape that others rely on: the same for `feedback tag`, the export and the API.

The fields and their meaning are public API; tests/test_present.py pins them.
"""

from collections.abc import Mapping
from typing import Any

from feedback.comment import SENTIMENT_OF, Analysed, Finding
from feedback.tag.experience import experiences_of
from feedback.tag.sentiment import pulls_both_ways
from feedback.taxonomy import Taxonomy

NEEDS_TRANSLATION = "needs_translation"


def as_record(analysed: Analysed, taxonomy: Taxonomy, versions: Mapping[str, str]) -> dict[str, Any]:
    """The comment as a JSON-ready dict; scores rounded to three places, offsets into `text`, end exclusive."""
    comment = analysed.comment
    sentiment = next(iter(analysed.of("sentiment")), None)
    respondent = next(iter(analysed.of("respondent")), None)
    clauses, themes, statements = analysed.of("clause"), analysed.of("theme"), analysed.of("statement")
    return {
        "id": comment.id,
        "text": comment.text,
        "question": comment.question,
        "question_kind": comment.question_kind,
        "date": comment.date.isoformat() if comment.date else None,
        "fft": comment.fft,
        "language": comment.language,
        "translated_from": None if comment.translated_from == "en" else comment.translated_from,
        "flags": [NEEDS_TRANSLATION] if comment.language != "en" and not comment.contentless else [],
        "contentless": comment.contentless,
        "respondent": {"type": respondent.label, "score": _score(respondent), "by": respondent.by}
        if respondent
        else {"type": "unknown", "score": 0.0, "by": "none"},
        "redactions": [
            {"kind": r.kind, "start": r.start, "end": r.end, "placeholder": r.placeholder, "role": r.role}
            for r in comment.redactions
        ],
        "services": [
            {"id": f.label, "role": f.detail, "score": _score(f), **_span(f), "by": f.by}
            for f in analysed.of("service")
        ],
        "segments": [
            {
                **_span(c),
                "sentiment": c.label,
                "themes": _unique(t.label for t in themes if c.start <= t.start < c.end),
                "experience": experience,
            }
            for c, experience in zip(clauses, experiences_of(analysed), strict=True)
        ],
        "themes": [
            {
                "id": f.label,
                "score": _score(f),
                "sentiment": SENTIMENT_OF.get(f.polarity, "mixed"),
                **_span(f),
                "by": f.by,
            }
            for f in themes
        ],
        "sentiment": {
            "label": sentiment.label,
            "scale": int(sentiment.detail),
            "score": _score(sentiment),
            "mixed": sentiment.polarity == "~" or pulls_both_ways(clauses),
            "by": sentiment.by,
        }
        if sentiment
        else None,
        "values": [
            {"id": f.label, "polarity": f.polarity, "score": _score(f), **_span(f), "by": f.by}
            for f in analysed.of("value")
        ],
        "objectives": [
            {
                "id": f.label,
                "polarity": f.polarity,
                "score": _score(f),
                "statements": [s.label for s in statements if taxonomy.statements[s.label].objective == f.label],
                **_span(f),
                "by": f.by,
            }
            for f in analysed.of("objective")
        ],
        "signals": [
            {"kind": f.label, "severity": f.detail, "score": _score(f), **_span(f), "by": f.by}
            for f in analysed.of("signal")
        ],
        # Under an adopted strategy the comment was read by one version and is shown under another.
        "versions": {**versions, **({"strategy": taxonomy.adopted} if taxonomy.adopted else {})},
    }


def _span(finding: Finding) -> dict[str, int]:
    return {"start": finding.start, "end": finding.end}


def _score(finding: Finding) -> float:
    return round(finding.score, 3)


def _unique(labels: Any) -> list[str]:
    return list(dict.fromkeys(labels))
