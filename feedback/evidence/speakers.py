"""Split what bears on an objective by who says it, where the data say that one kind of people's own account bears on it.

What staff say of their work and what patients say of staff are both evidence on how staff fare, and not the same evidence.
"""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass

from feedback.filters import Filters, Scope, chosen, is_one_of
from feedback.strategies.bearing import Bearing
from feedback.taxonomy import OwnAccount, Taxonomy

NOT_KNOWN = "Not known who"


@dataclass(frozen=True, slots=True)
class Voice:
    """The comments of one kind of voice that bear on it, by side; the four are exclusive parts of `n`."""

    name: str
    n: int
    speaks_for: int
    against: int
    both: int
    neither: int


def voices(
    conn: sqlite3.Connection, taxonomy: Taxonomy, bearing: Bearing, on_it: Filters, scope: Scope
) -> tuple[Voice, ...]:
    """Their own account, everybody else's, and those of whom it is not known; none where the data name no such people."""
    found = account_of(taxonomy, bearing.kind, bearing.id)
    if found is None:
        return ()
    who, account = found
    where, parameters = chosen(conn, taxonomy, on_it, scope)
    sql = (
        "SELECT respondent, good, bad, count(*) FROM (SELECT c.respondent, max(polarity IN ('+', '~')) AS good,"
        " max(polarity IN ('-', '~')) AS bad FROM comments c JOIN effective f ON f.comment = c.number"
        f" WHERE {is_one_of('voices', 'f')} AND {where} GROUP BY c.number) GROUP BY 1, 2, 3"
    )
    counts: dict[str, Counter[tuple[int, int]]] = {
        account.own: Counter(),
        account.others: Counter(),
        NOT_KNOWN: Counter(),
    }
    for respondent, good, bad, n in conn.execute(sql, parameters | {"voices": json.dumps(bearing.codes)}):
        name = account.own if respondent == who else NOT_KNOWN if respondent == "unknown" else account.others
        counts[name][good, bad] += n
    return tuple(
        Voice(name, sides.total(), sides[1, 0], sides[0, 1], sides[1, 1], sides[0, 0])
        for name, sides in counts.items()
        if sides or name == account.own
    )


def account_of(taxonomy: Taxonomy, kind: str, id: str) -> tuple[str, OwnAccount] | None:
    """The kind of people whose own account bears on an objective, and what they are called; None where the data name none.

    An objective of a strategy adopted later is theirs where it is found from one that is.
    """
    if kind != "objective":
        return None
    rule = taxonomy.rules.rule(kind, id) if taxonomy.rules else None
    ids = {code for _, code in rule.codes} if rule else set() if taxonomy.rules else {id}
    return next(
        ((who, account) for who, account in taxonomy.own_accounts.items() if ids & set(account.objectives)), None
    )
