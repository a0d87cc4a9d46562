"""Say how a comment bears on the Trust's values and objectives, and on which of their statements.

The model learnt the strategy's own definitions from comments read by the codebook, not the everyday words. Which values
and objectives there are is data; nothing here names one.
"""

from collections.abc import Sequence

import numpy as np

from feedback.comment import Finding, FindingKind
from feedback.models.reader import Reader, Reading
from feedback.taxonomy import Taxonomy

# Both signs are given ("~") where the weaker is at least this likely.
BOTH = 0.5
STATEMENTS_AT_MOST, OUTCOMES_AT_MOST = 3, 2
LIKELY = 0.6  # out of fold, the first is then given to 94 % of comments that a reader gave one, and none to 76 % of those without
# A second statement must be at least this near to the first, or it only blurs it.
NEAR = 0.5
BLAMES = {"+": 2, "-": 0}  # the feeling, of positive, neutral and negative, that is on the other side


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


def tag_statements(
    reading: Reading,
    clauses: Sequence[tuple[int, int]],
    objectives: Sequence[Finding],
    reader: Reader,
    taxonomy: Taxonomy,
) -> list[Finding]:
    """Link a comment to statements of the objectives found in it and to outcomes, each best first, or to none.

    An objective alone is no reason for any of its statements. A finding points at the clause that speaks of the statement most, of those
    that are on its side: one that praises is no evidence against, nor one that blames for.
    """
    of = [taxonomy.statements[id].objective for id in reader.statements]
    found = {o.label for o in objectives}
    best = [int(i) for i in np.argsort(-reading.statements[0])]
    chosen = _chosen(reading, [i for i in best if of[i] in found], STATEMENTS_AT_MOST)
    if objectives:
        chosen += _chosen(reading, [i for i in best if of[i] is None], OUTCOMES_AT_MOST)
    findings = []
    for i in chosen:
        kin = [o for o in objectives if of[i] in (None, o.label)]
        speaking = reading.statements[1:, i]
        for clause in (int(c) for c in np.argsort(-speaking) if speaking[c] >= NEAR * speaking.max()):
            start, end = clauses[clause]
            bearing = max(kin, key=lambda o: (o.start < end and start < o.end, o.score))
            polarity = bearing.polarity
            if polarity == "~":
                plus, minus = reading.codes[1 + clause, reader.codes.index(bearing.label)]
                polarity = "+" if plus >= minus else "-"
            if int(reading.feelings[clause].argmax()) != BLAMES[polarity]:
                chance = float(reading.statements[0, i])
                findings.append(Finding("statement", reader.statements[i], polarity, chance, start, end, reader.name))
                break
    return findings


def _chosen(reading: Reading, best: Sequence[int], most: int) -> list[int]:
    """The first of the best, if it is likely enough, and those that are not far behind it."""
    chances = reading.statements[0]
    if not best or chances[best[0]] < LIKELY:
        return []
    return [i for i in best[:most] if chances[i] >= NEAR * chances[best[0]]]
