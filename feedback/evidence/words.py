"""Choose the words that stand under a part's figures, on each side and of those who say both, with what each clause is a part of.

Who says both is quoted twice, once for each side: one clause of a comment that praises and complains says the one or the other. A
clause that is no whole sentence stands in its sentence, as it is stored, so that nobody reads "because there was no bed." alone.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from feedback.filters import Filters, Scope
from feedback.query import Clause, Order, clauses
from feedback.quoting import CANDIDATES, Words, is_sure, one_a_person, reason_of, rests_on_a_person, words_of
from feedback.taxonomy import Taxonomy

BEFORE, AFTER = 140, 100  # letters of its sentence shown before a clause and behind it; a sentence without end is cut
_STOP = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n")
_SIGNS: Mapping[str, Order] = {"+": "positive", "-": "negative"}


def words_on_sides(
    conn: sqlite3.Connection, taxonomy: Taxonomy, on_it: Filters, scope: Scope, wanted: int
) -> dict[str, Words]:
    """The surest and the most typical clauses for ("+") and against ("-") what the filters ask for."""
    return {sign: _one_side(conn, taxonomy, replace(on_it, polarity=sign), scope, wanted) for sign in _SIGNS}


def words_of_both(
    conn: sqlite3.Connection, taxonomy: Taxonomy, on_it: Filters, scope: Scope, wanted: int
) -> tuple[tuple[Clause, ...], int]:
    """Of so many comments that say both the clause for it and then the clause against it; and of how many comments they are the first."""
    asked = replace(on_it, side="both")
    found = {sign: _surest_of_each(conn, taxonomy, asked, scope, sign) for sign in _SIGNS}
    said = [clause for comment, clause in found["+"].items() if comment in found["-"] and is_sure(clause)]
    ordered = sorted(said, key=lambda clause: (rests_on_a_person(clause), -clause.score, clause.citation))
    chosen = one_a_person(ordered, wanted, _speakers(conn, ordered))
    pairs = [_with_its_side(found[sign][clause.comment], sign, taxonomy) for clause in chosen for sign in _SIGNS]
    return in_their_sentences(conn, pairs), len(said)


def in_their_sentences(conn: sqlite3.Connection, quoted: Iterable[Clause]) -> tuple[Clause, ...]:
    """The clauses with what stands around each in its sentence, exactly as it is stored."""
    quoted = tuple(quoted)
    ids = json.dumps(list({clause.comment for clause in quoted}))
    sql = "SELECT id, text FROM comments WHERE id IN (SELECT value FROM json_each(?))"
    texts = dict(conn.execute(sql, (ids,)).fetchall())
    found = []
    for clause in quoted:
        before, after = around(texts.get(clause.comment, ""), clause.start, clause.end)
        found.append(replace(clause, before=before, after=after))
    return tuple(found)


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and behind a stretch in its sentence; "…" where it is cut.

    >>> around("Fine. Dad lay in the corridor because there was no bed. Thanks", 31, 55)
    ('Dad lay in the corridor ', '')
    >>> around("My daughter has outgrown her chair", 0, 24)
    ('', ' her chair')
    """
    stops = [stop.end() for stop in _STOP.finditer(text)]
    first = max((stop for stop in stops if stop <= start), default=0)
    last = min((stop for stop in stops if stop >= end), default=len(text))
    before, after = text[first:start].lstrip(), text[end:last].rstrip()
    if len(before) > BEFORE:
        before = "… " + before[-BEFORE:].partition(" ")[2]
    if len(after) > AFTER:
        after = after[:AFTER].rpartition(" ")[0] + " …"
    return before, after if re.search(r"\w", after) else ""


def _one_side(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, wanted: int) -> Words:
    found = clauses(conn, taxonomy, filters, scope, limit=CANDIDATES)
    candidates = tuple(replace(clause, reason=reason_of(clause, taxonomy)) for clause in found)
    words = words_of(candidates, wanted, _speakers(conn, candidates))
    return replace(
        words,
        strongest=in_their_sentences(conn, words.strongest),
        typical=in_their_sentences(conn, words.typical),
    )


def _surest_of_each(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, sign: str
) -> dict[str, Clause]:
    """Of each comment the clause that stands on a side by what was read of it, or else by its own feeling: the surest."""
    found: dict[str, Clause] = {}
    for clause in clauses(conn, taxonomy, filters, scope, order=_SIGNS[sign], limit=2 * CANDIDATES):
        if (clause.polarity if clause.polarity in _SIGNS else clause.sentiment) == sign:
            found.setdefault(clause.comment, clause)
    return found


def _with_its_side(clause: Clause, sign: str, taxonomy: Taxonomy) -> Clause:
    side = {"+": "for", "-": "against"}[sign]
    whole = "; it " if clause.polarity in _SIGNS else "; this part of it "
    return replace(clause, reason=f"{reason_of(clause, taxonomy)}{whole}speaks {side}")


def _speakers(conn: sqlite3.Connection, quoted: Sequence[Clause]) -> Mapping[str, int]:
    """The person or form behind each comment, by the comment's id."""
    ids = json.dumps(list({clause.comment for clause in quoted}))
    sql = "SELECT id, respondent_key FROM comments WHERE id IN (SELECT value FROM json_each(?))"
    return dict(conn.execute(sql, (ids,)).fetchall())
