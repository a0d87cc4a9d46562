"""Say how a comment and each of its clauses feel: positive, neutral or negative, and the five-point scale.

The person's own Friends and Family answer is never used and never overwritten: it is shown beside.
"""

from collections.abc import Sequence

from feedback.comment import SIGN_OF, Finding, Sentiment
from feedback.models.reader import Reading, degree, three

LABELS: tuple[Sentiment, ...] = ("positive", "neutral", "negative")
# A clause pulls the other way only when the model is surer than a coin: half-hearted clauses do not make a comment mixed.
SURE_CLAUSE = 0.6
# On validation comments whose clauses pull both ways, people called what is less sure than this "neither good nor poor" more often than
# not: F1 of neutral rose from 0.42 to 0.45, all else stayed.
SURE_WHOLE = 0.75


def tag_clauses(reading: Reading, clauses: Sequence[tuple[int, int]], by: str) -> list[Finding]:
    """One finding of kind "clause" per clause: its sentiment, and its number (from 1) as detail."""
    findings = []
    for number, ((start, end), p) in enumerate(zip(clauses, reading.feelings, strict=True), start=1):
        label = LABELS[int(p.argmax())]
        findings.append(Finding("clause", label, SIGN_OF[label], float(p.max()), start, end, by, str(number)))
    return findings


def tag_sentiment(reading: Reading, clauses: Sequence[tuple[int, int]], parts: Sequence[Finding], by: str) -> Finding:
    """The comment's sentiment as a whole; `parts` are its clause findings; detail is the five-point scale "1" … "5".

    Where the clauses pull both ways and the whole leans to neither surely, it is neither good nor bad: "~". A comment that is surely
    negative on the whole stays negative for all the kind words in it: they are found as clauses, and `pulls_both_ways` tells.
    """
    scale = degree(reading.scale)
    label = LABELS[0 if scale <= 2 else 1 if scale == 3 else 2]
    score = float(three(reading.scale[None])[0][LABELS.index(label)])
    both = pulls_both_ways(parts)
    if both and label != "neutral" and score < SURE_WHOLE:
        scale, label, score = 3, "neutral", 1 - score
    polarity = "~" if label == "neutral" and both else SIGN_OF[label]
    start, end = (clauses[0][0], clauses[-1][1]) if clauses else (0, 0)
    return Finding("sentiment", label, polarity, score, start, end, by, str(scale))


def pulls_both_ways(parts: Sequence[Finding]) -> bool:
    """Whether some clause is surely positive and another surely negative."""
    sure = {f.polarity for f in parts if f.score >= SURE_CLAUSE}
    return {"+", "-"} <= sure
