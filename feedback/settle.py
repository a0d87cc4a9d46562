"""Work out which findings of a comment count, and on which side: what a person says outranks every machine.

It runs whenever a person has spoken of a comment, or machines have read it anew, in the same transaction (`Store.settle`). Nothing is
lost by it: what a machine heard is kept beside (`own_polarity`), so all comes back when the person takes it back.
"""

import sqlite3

PERSON = "person:"  # how a person's finding is told from a machine's: by = "person:<name>"
# What `by` of a machine's finding ends in where a person's word put it on another side than the machine did: its score is of the
# machine's own reading, and no chance of this.
TURNED = ", turned by a person"

# A machine's own label of what a person's word turned: that of a clause goes with its side.
OWN_LABEL = "iif(kind = 'clause', CASE own_polarity WHEN '+' THEN 'positive' WHEN '-' THEN 'negative' WHEN '0' THEN 'neutral' ELSE label END, label)"

# Which findings count: a machine's, unless a person spoke about the same thing later; a person's, unless that person
# said "it is not so" (score 0) or spoke again. The same thing is the whole kind where a comment has only one
# (sentiment, respondent), the stretch for a clause, the label for all others; a theme that a person found or denied in some
# words alone leaves the same theme elsewhere as it was; what a person said an upload's own name for a service means outranks
# whatever a machine made of that name.
_COUNT = """
UPDATE findings SET current = (score > 0 OR NOT "by" GLOB 'person:*') AND NOT EXISTS (
    SELECT 1 FROM findings later
    WHERE later.comment = findings.comment AND later.kind = findings.kind AND later."by" GLOB 'person:*'
      AND later.place > findings.place
      AND CASE iif(later.kind = 'local_theme', 'theme', later.kind)
          WHEN 'sentiment' THEN 1
          WHEN 'respondent' THEN 1
          WHEN 'clause' THEN later.start = findings.start AND later."end" = findings."end"
          WHEN 'theme' THEN later.label = findings.label AND (
              later."end" <= later.start OR findings."end" <= findings.start
              OR later.start < findings."end" AND later."end" > findings.start)
          WHEN 'service' THEN later.label = findings.label
              OR findings."by" = 'metadata' AND later.place < 2000000
          ELSE later.label = findings.label END
) WHERE comment = :number
"""

# What a person's word turned stands as the machine had it before it is worked out anew.
_UNTURN = f"""
UPDATE findings SET polarity = own_polarity, own_polarity = NULL, label = {OWN_LABEL}, "by" = replace("by", '{TURNED}', '')
WHERE comment = :number AND own_polarity IS NOT NULL
"""

# Several clauses that are all on one side cannot all be as they were read where a person says that the whole comment feels otherwise:
# the machine's turn. Where some clause feels as the whole is said to, or they stand on both sides, nothing is said of any one of them.
_CLAUSES = """
WITH clauses AS (SELECT * FROM findings WHERE comment = :number AND kind = 'clause' AND current)
UPDATE findings SET own_polarity = findings.polarity, polarity = whole.polarity, label = whole.label FROM findings whole
WHERE findings.comment = :number AND findings.kind = 'clause' AND findings.current AND findings.polarity IN ('+', '-')
  AND NOT findings."by" GLOB 'person:*'
  AND whole.comment = findings.comment AND whole.kind = 'sentiment' AND whole."by" GLOB 'person:*' AND whole.current
  AND whole.polarity IN ('+', '-', '0') AND NOT EXISTS (SELECT 1 FROM clauses WHERE polarity IN (whole.polarity, '~'))
  AND (SELECT count(DISTINCT polarity) FROM clauses WHERE polarity <> '0') = 1
"""

# A theme feels as its clause does, so where a person corrected the clause, the machine's themes in it follow.
_THEMES = """
UPDATE findings SET own_polarity = findings.polarity, polarity = clause.polarity FROM findings clause
WHERE findings.comment = :number AND findings.kind IN ('theme', 'local_theme') AND NOT findings."by" GLOB 'person:*'
  AND clause.comment = findings.comment AND clause.kind = 'clause' AND clause.current AND (clause."by" GLOB 'person:*' OR clause.own_polarity IS NOT NULL)
  AND findings.start >= clause.start AND findings."end" <= clause."end" AND findings.polarity <> clause.polarity
"""

# So do its values, objectives and statements, where they stand on one side and the person says that the clause feels the other way, or
# neither: they still speak of the same thing, but on neither side. That a clause feels both ways contradicts no side. An objective with
# a statement on its own side in other words has that side from there as well.
_CODES = """
UPDATE findings SET own_polarity = findings.polarity, polarity = iif({elsewhere}, '~', clause.polarity) FROM findings clause
WHERE findings.comment = :number AND findings.kind = :kind AND findings.polarity IN ('+', '-') AND NOT findings."by" GLOB 'person:*'
  AND clause.comment = findings.comment AND clause.kind = 'clause' AND clause.current AND (clause."by" GLOB 'person:*' OR clause.own_polarity IS NOT NULL)
  AND clause.polarity IN ('+', '-', '0') AND findings.start >= clause.start AND findings."end" <= clause."end"
  AND findings.polarity <> clause.polarity AND NOT (clause.polarity = '0' AND {elsewhere})
""".format(
    elsewhere="""EXISTS (SELECT 1 FROM findings s WHERE :kind = 'objective' AND s.comment = findings.comment AND s.kind = 'statement'
        AND s.current AND NOT s."by" GLOB 'person:*' AND s.polarity = findings.polarity AND s.label GLOB findings.label || '.*'
        AND (s.start >= clause."end" OR s."end" <= clause.start))"""
)

# What stands on both sides, over several clauses, loses the one that it had from a clause which a person corrected and has from no other.
_BOTH = """
WITH parts AS (
    SELECT now.start, now."end", now.polarity, ifnull(now.own_polarity, was.polarity) AS machines FROM findings now LEFT JOIN findings was
        ON was.comment = now.comment AND was.kind = 'clause' AND was.start = now.start AND was."end" = now."end"
        AND NOT was."by" GLOB 'person:*' AND now."by" GLOB 'person:*'
    WHERE now.comment = :number AND now.kind = 'clause' AND now.current
), lost AS (
    SELECT code.kind, code.label, code.place,
        NOT max(p.polarity IN ('+', '~')) AND max(p.machines IS '+') AS plus,
        NOT max(p.polarity IN ('-', '~')) AND max(p.machines IS '-') AS minus
    FROM findings code JOIN parts p ON p.start < code."end" AND p."end" > code.start
    WHERE code.comment = :number AND code.kind IN ('value', 'objective', 'statement') AND code.polarity = '~'
      AND NOT code."by" GLOB 'person:*' AND code.own_polarity IS NULL
    GROUP BY code.kind, code.label, code.place
)
UPDATE findings SET own_polarity = '~', polarity = iif(lost.plus, iif(lost.minus, '0', '-'), '+') FROM lost
WHERE findings.comment = :number AND (findings.kind, findings.label, findings.place) = (lost.kind, lost.label, lost.place)
  AND (lost.plus OR lost.minus)
"""

# Where a person turned an objective, a machine's statement of it turns too, unless one of the same stands on that side already.
_STATEMENTS = """
UPDATE findings SET own_polarity = ifnull(findings.own_polarity, findings.polarity), polarity = objective.polarity FROM findings objective
WHERE findings.comment = :number AND findings.kind = 'statement' AND NOT findings."by" GLOB 'person:*' AND findings.polarity IN ('+', '-')
  AND objective.comment = findings.comment AND objective.kind = 'objective' AND objective."by" GLOB 'person:*' AND objective.current
  AND objective.polarity IN ('+', '-') AND findings.label GLOB objective.label || '.*' AND findings.polarity <> objective.polarity
  AND NOT EXISTS (SELECT 1 FROM findings other WHERE other.comment = findings.comment AND other.kind = 'statement'
      AND other.label = findings.label AND other.polarity = objective.polarity AND other.current)
"""

# A machine's statement falls with its objective; one that an older version read off a theme and an objective, with either of them.
_READ_OFF = """
UPDATE findings SET current = 0 WHERE comment = :number AND kind = 'statement' AND NOT "by" GLOB 'person:*' AND NOT (
    (NOT "by" GLOB 'rule:crosswalk *' OR EXISTS (SELECT 1 FROM findings t WHERE t.comment = findings.comment AND t.kind = 'theme' AND t.current
        AND findings."by" = 'rule:crosswalk ' || t.label
        AND (t."end" <= t.start OR t.start < findings."end" AND t."end" > findings.start)
        AND t.polarity <> CASE findings.polarity WHEN '+' THEN '-' WHEN '-' THEN '+' ELSE '' END))
    AND (instr(label, '.') = 0 OR EXISTS (SELECT 1 FROM findings o WHERE o.comment = findings.comment AND o.kind = 'objective'
        AND o.current AND o.polarity IN (findings.polarity, '~') AND findings.label GLOB o.label || '.*'))
)
"""

# What was turned there and back is as the machine had it; all else that was turned says so.
_UNMOVED = "UPDATE findings SET own_polarity = NULL WHERE comment = :number AND own_polarity = polarity"
_MARK = f"""
UPDATE findings SET "by" = "by" || '{TURNED}' WHERE comment = :number AND own_polarity IS NOT NULL
"""

# Copies on the comment of findings it has one of, so that a series over 100,000 comments needs no join.
_COPY = """
UPDATE comments SET
    sentiment = (SELECT polarity FROM main.effective WHERE comment = number AND kind = 'sentiment'),
    scale = (SELECT CAST(nullif(detail, '') AS INTEGER) FROM main.effective WHERE comment = number AND kind = 'sentiment'),
    respondent = ifnull((SELECT label FROM main.effective WHERE comment = number AND kind = 'respondent'), 'unknown')
WHERE number = :number
"""


def settle(conn: sqlite3.Connection, number: int) -> None:
    """Work out anew which findings of a comment count and on which side, within a transaction."""
    comment = {"number": number}
    for sql in (_UNTURN, _COUNT, _CLAUSES, _THEMES):
        conn.execute(sql, comment)
    for kind in ("statement", "objective", "value"):  # an objective looks at what became of its statements
        conn.execute(_CODES, comment | {"kind": kind})
    for sql in (_BOTH, _STATEMENTS, _READ_OFF, _UNMOVED, _MARK):
        conn.execute(sql, comment)
    copy(conn, number)


def copy(conn: sqlite3.Connection, number: int) -> None:
    """Copy onto a comment what it has one of, within a transaction; enough where nobody has spoken of it."""
    conn.execute(_COPY, {"number": number})


def as_read(by: str) -> str:
    """What `by` says without the mark of what a person's word turned.

    >>> as_read("reader 2.3, turned by a person"), as_read("reader 2.3")
    ('reader 2.3', 'reader 2.3')
    """
    return by.replace(TURNED, "")
