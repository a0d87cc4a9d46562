"""Keep the names of staff that stand in praise, apart from the comments, where FEEDBACK_STAFF_NAMES asks for it; decide which must go.

The comment itself stays as it was redacted, and everything else works on it alone: a name is only ever put back in its place on the
team's own page of thanks (thanked.py). A praised nurse's name that turns out to stand beside a complaint or a danger would make
of a kindness an accusation, so one rule says which may be kept, and it is asked when a name comes, before every transaction
ends in which anything was said of its comment, and again before it is shown. What the rule refuses is deleted, not hidden.
"""

import sqlite3
from collections.abc import Sequence

from feedback.comment import StaffName

LEAST_SURE = 0.6  # of the clause it stands in: what evidence asks of a clause that it quotes

# The clause it stands in is read as praise, surely enough unless a person says so; the whole comment too, no clause of it is on the other
# side (nobody can tell by rule whom it blames), and neither is its rating, nor anything that a person said of it; it is English as it came, and was never flagged.
FIT = f"""EXISTS (SELECT 1 FROM comments c WHERE c.number = k.comment AND c.language = 'en' AND NOT c.contentless
    AND c.sentiment IS '+' AND ifnull(c.fft, 1) NOT IN (3, 4, 5))
AND NOT EXISTS (SELECT 1 FROM flags f WHERE f.comment = k.comment)
AND NOT EXISTS (SELECT 1 FROM translations t WHERE t.comment = k.comment)
AND NOT EXISTS (SELECT 1 FROM main.effective s WHERE s.comment = k.comment AND s.kind = 'signal')
AND NOT EXISTS (SELECT 1 FROM main.effective other WHERE other.comment = k.comment AND other.polarity IN ('-', '~')
    AND (other.kind IN ('clause', 'theme', 'value') OR other."by" GLOB 'person:*'))
AND EXISTS (SELECT 1 FROM main.effective clause WHERE clause.comment = k.comment AND clause.kind = 'clause' AND clause.polarity = '+'
    AND clause.start <= k.start AND clause."end" >= k."end" AND (clause.score >= {LEAST_SURE} OR clause."by" GLOB 'person:*'))"""

_UNFIT = f"DELETE FROM kept_names AS k WHERE k.moved AND NOT ({FIT})"


def keep(conn: sqlite3.Connection, number: int, names: Sequence[StaffName]) -> None:
    """Keep what may be kept of the names in a comment that has just been stored, within a transaction."""
    for one in names:
        there = {"comment": number, "start": one.start, "end": one.end, "name": one.name}
        conn.execute(
            'INSERT OR IGNORE INTO kept_names (comment, start, "end", name) SELECT k.comment, k.start, k."end", :name'
            f' FROM (SELECT :comment AS comment, :start AS start, :end AS "end") k WHERE {FIT}',
            there,
        )


def drop_unfit(conn: sqlite3.Connection) -> None:
    """Delete the names that may stand no longer, of the comments of which anything was said in this transaction."""
    if conn.execute("SELECT 1 FROM kept_names WHERE moved").fetchone():
        conn.execute(_UNFIT)
        conn.execute("UPDATE kept_names SET moved = 0 WHERE moved")


def forget_all(conn: sqlite3.Connection) -> None:
    """Delete every kept name, within a transaction."""
    conn.execute("DELETE FROM kept_names")


def kept(conn: sqlite3.Connection) -> int:
    """How many names are kept."""
    return conn.execute("SELECT count(*) FROM kept_names").fetchone()[0]
