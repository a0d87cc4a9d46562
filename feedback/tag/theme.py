"""Say which themes of the national framework a comment speaks of, and in which of its clauses.

The whole comment decides whether a theme is there (that is what people labelled); the clauses decide where, and with
what feeling.
"""

from collections.abc import Sequence

import numpy as np

from feedback.comment import Finding
from feedback.models.reader import Reader, Reading


def tag_themes(
    reading: Reading, clauses: Sequence[tuple[int, int]], signs: Sequence[str], reader: Reader
) -> list[Finding]:
    """One finding per theme and clause it stands in, with the clause's own polarity; surest theme first.

    `signs` are the clauses' polarities. A theme stands in the clause that speaks of it most, and in every other clause
    that passes the theme's threshold by itself.
    """
    findings = []
    whole = reading.themes[0]
    for theme in np.argsort(-whole).tolist():
        threshold = reader.theme_thresholds[theme]
        if whole[theme] < threshold:
            continue
        parts = reading.themes[1:, theme]
        here = set(np.flatnonzero(parts >= threshold).tolist()) | {int(parts.argmax())}
        for clause in sorted(here):
            start, end = clauses[clause]
            score = float(max(whole[theme], parts[clause]) if len(here) == 1 else parts[clause])
            findings.append(Finding("theme", reader.themes[theme], signs[clause], score, start, end, reader.name))
    return findings
