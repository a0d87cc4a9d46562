"""Say how a comment bears on the Trust's values and objectives, and on which of their statements.

The model learnt the strategy's own definitions from comments read by the codebook, not the everyday words. Which values
and objectives there are is data; nothing here names one.
"""

from collections.abc import Sequence

import numpy as np

from feedback.comment import Finding, FindingKind
from feedback.models.reader import Reader, Reading
from feedback.tag.respondent import COLUMN
from feedback.taxonomy import Taxonomy

# Both signs are given ("~") where the weaker is at least this likely.
BOTH = 0.5
STATEMENTS_AT_MOST, OUTCOMES_AT_MOST = 3, 2
LIKELY = 0.6  # out of fold, the first is then given to 94 % of comments that a reader gave one, and none to 76 % of those without
# A second statement must be at least this near to the first, or it only blurs it.
NEAR = 0.5
FEELINGS = ("+", "0", "-")  # of a clause, in the reader's order
OWN_ACCOUNT = "rule:own account"


def tag_codes(
    reading: Reading, clauses: Sequence[tuple[int, int]], reader: Reader, taxonomy: Taxonomy
) -> list[Finding]:
    """One finding per value and objective, with polarity + (lived, met), - (the opposite) or ~ (both).

    The score is the chance that it is given on that side. It points at the clause that carries the stronger sign most; a "~" points at
    the stretch from the one to the other.
    """
    findings = []
    whole = reading.codes[0]
    given = 1 - (1 - whole[:, 0]) * (1 - whole[:, 1])
    for code in np.flatnonzero(given >= reader.code_thresholds):
        label = reader.codes[code]
        plus, minus = whole[code]
        places = [clauses[int(reading.codes[1:, code, sign].argmax())] for sign in (0, 1)]
        if min(plus, minus) >= BOTH and len(clauses) > 1:
            polarity, chance, start, end = "~", min(plus, minus), min(p[0] for p in places), max(p[1] for p in places)
        else:
            polarity, chance = ("+", plus) if plus >= minus else ("-", minus)
            start, end = places[0] if polarity == "+" else places[1]
        kind: FindingKind = "value" if label in taxonomy.values else "objective"
        findings.append(Finding(kind, label, polarity, float(chance), start, end, reader.name))
    return findings


def tag_own_account(
    respondent: Finding, parts: Sequence[Finding], codes: Sequence[Finding], taxonomy: Taxonomy
) -> list[Finding]:
    """The objectives that a kind of person's own account bears on (crosswalk), where the upload's column says that such a one wrote it.

    Given where a clause (`parts`) has a feeling, on its side, at its sureness; what the reader gave already (`codes`) stays as it is.
    """
    felt = [part for part in parts if part.polarity in ("+", "-")]
    if respondent.by != COLUMN or not felt:
        return []
    there = {f.label for f in codes if f.kind == "objective"}
    surest = max(felt, key=lambda part: part.score)
    sides = {part.polarity for part in felt}
    polarity = "~" if len(sides) > 1 else surest.polarity
    start, end = (
        (min(f.start for f in felt), max(f.end for f in felt)) if polarity == "~" else (surest.start, surest.end)
    )
    account = taxonomy.own_accounts.get(respondent.label)
    return [
        Finding("objective", id, polarity, surest.score, start, end, OWN_ACCOUNT)
        for id in (account.objectives if account else ())
        if id not in there
    ]


def tag_statements(
    reading: Reading,
    clauses: Sequence[tuple[int, int]],
    objectives: Sequence[Finding],
    reader: Reader,
    taxonomy: Taxonomy,
) -> list[Finding]:
    """Link a comment to statements of the objectives found in it and to outcomes, each best first, or to none.

    An objective alone is no reason for any of its statements. There is one finding for each side that a clause which speaks of the
    statement takes, and it points at the one that speaks of it most. A clause is on the side that it feels; one that feels neither, on that
    of its objective in this very clause, or on none. A side that the objective does not have is no evidence on its statement. The score is
    the chance of the statement and the side together.
    """
    of = [taxonomy.statements[id].objective for id in reader.statements]
    found = {o.label for o in objectives}
    best = [int(i) for i in np.argsort(-reading.statements[0])]
    chosen = _chosen(reading, [i for i in best if of[i] in found], STATEMENTS_AT_MOST)
    if objectives:
        chosen += _chosen(reading, [i for i in best if of[i] is None], OUTCOMES_AT_MOST)
    findings: list[Finding] = []
    for i in chosen:
        kin = [o for o in objectives if of[i] in (None, o.label)]
        speaking = reading.statements[1:, i]
        chance = float(reading.statements[0, i])
        sides: dict[str, Finding] = {}
        for clause in (int(c) for c in np.argsort(-speaking) if speaking[c] >= NEAR * speaking.max()):
            polarity, sure = _side(reading, clause, kin, reader)
            if sides and speaking[clause] < LIKELY:  # the other side is not read into what hardly speaks of it
                break
            if polarity and polarity not in sides and any(o.polarity in (polarity, "~") for o in kin):
                start, end = clauses[clause]
                sides[polarity] = Finding(
                    "statement", reader.statements[i], polarity, chance * sure, start, end, reader.name
                )
        findings += sides.values()
    return sorted(findings, key=lambda f: -f.score)


def _side(reading: Reading, clause: int, kin: Sequence[Finding], reader: Reader) -> tuple[str, float]:
    """On which side a clause stands on a statement of one of these objectives, and the chance of that; ("", 0) where on none."""
    feelings = reading.feelings[clause]
    place = int(feelings.argmax())
    if FEELINGS[place] != "0":
        return FEELINGS[place], float(feelings[place])
    codes = [reader.codes.index(o.label) for o in kin if o.label in reader.codes]
    given = [
        reading.codes[1 + clause, code]
        for code in codes
        if reading.codes[1 + clause, code].max() >= reader.code_thresholds[code]
    ]
    if not given:
        return "", 0.0
    plus, minus = np.max(given, axis=0)
    return ("+", float(plus)) if plus >= minus else ("-", float(minus))


def _chosen(reading: Reading, best: Sequence[int], most: int) -> list[int]:
    """The first of the best, if it is likely enough, and those that are not far behind it."""
    chances = reading.statements[0]
    if not best or chances[best[0]] < LIKELY:
        return []
    return [i for i in best[:most] if chances[i] >= NEAR * chances[best[0]]]
