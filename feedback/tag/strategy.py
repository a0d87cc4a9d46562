"""Say how a comment bears on the Trust's values and objectives, and on which of their statements.

The model learnt the strategy's own definitions from comments read by the codebook, not the everyday words. Which values
and objectives there are is data; nothing here names one.
"""

from collections.abc import Sequence

import numpy as np

from feedback.comment import Finding, FindingKind
from feedback.reader import Reader, Reading
from feedback.taxonomy import Taxonomy

# Both signs are given ("~") where the weaker is at least this likely.
BOTH = 0.5
STATEMENTS_AT_MOST = 3
# A second statement must be at least this near to the first, or it only blurs it.
NEAR = 0.5
AGAINST = {"+": "-", "-": "+"}


def tag_codes(
    reading: Reading, clauses: Sequence[tuple[int, int]], reader: Reader, taxonomy: Taxonomy
) -> list[Finding]:
    """One finding per value and objective, with polarity + (lived, met), - (the opposite) or ~ (both).

    It points at the clause that carries the stronger sign most; a "~" points at the stretch from the one to the other.
    """
    findings = []
    whole = reading.codes[0]
    given = 1 - (1 - whole[:, 0]) * (1 - whole[:, 1])
    for code in np.flatnonzero(given >= reader.code_thresholds):
        label = reader.codes[code]
        plus, minus = whole[code]
        places = [clauses[int(reading.codes[1:, code, sign].argmax())] for sign in (0, 1)]
        if min(plus, minus) >= BOTH and len(clauses) > 1:
            polarity, start, end = "~", min(p[0] for p in places), max(p[1] for p in places)
        else:
            polarity = "+" if plus >= minus else "-"
            start, end = places[0] if polarity == "+" else places[1]
        kind: FindingKind = "value" if label in taxonomy.values else "objective"
        findings.append(Finding(kind, label, polarity, float(given[code]), start, end, reader.name))
    return findings


def tag_statements(objectives: Sequence[Finding], themes: Sequence[Finding], taxonomy: Taxonomy) -> list[Finding]:
    """Link each objective found to the statements of it that the comment's themes speak to, best first, at most three.

    A first rule: the crosswalk of data/crosswalk.yml lists each theme's statements, best first; a statement's score is the
    theme's score, a third less for each place down the list. A clause that praises is no evidence against, nor one that blames for.
    An objective whose themes list none of its statements gets none.
    """
    findings = []
    for objective in objectives:
        best: dict[str, Finding] = {}
        for theme in themes:
            if theme.polarity == AGAINST.get(objective.polarity):
                continue
            for place, statement in enumerate(taxonomy.themes[theme.label].statements):
                if taxonomy.statements[statement].objective != objective.label:
                    continue
                score = objective.score * theme.score * (2 / 3) ** place
                if statement not in best or best[statement].score < score:
                    best[statement] = Finding(
                        "statement",
                        statement,
                        objective.polarity,
                        score,
                        theme.start,
                        theme.end,
                        f"rule:crosswalk {theme.label}",
                    )
        ranked = sorted(best.values(), key=lambda f: -f.score)[:STATEMENTS_AT_MOST]
        findings += [f for f in ranked if f.score >= NEAR * ranked[0].score]
    return findings
