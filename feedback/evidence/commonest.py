"""Choose what people praise and what they want mended: a clause for each of the commonest themes, and none that its comment belies.

The surest clauses of a side are often exclamations, or praise that a bitter comment holds in passing ("We are good at pretending that
all is calm"). So the themes of which most is said come first, and each is told by the clause that is surest of feeling and theme.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from feedback.filters import Filters, Scope
from feedback.query import Clause, LabelCount, Order, clauses, theme_table
from feedback.quoting import LEAST_WORDS, is_repeat
from feedback.settings import Settings
from feedback.taxonomy import Taxonomy

WANTED = 4
TELLING = 8  # words; of fewer, the surest are exclamations ("Could not do without them") that tell nobody what to do
SURE = 200  # clauses of a theme that are weighed, those surest of their feeling
LEAST_SURE = 0.5  # of its feeling, below which a clause is not quoted
GOES_ON = frozenset(
    [
        "and",
        "but",
        "because",
        "so",
        "or",
        "which",
        "that",
        "who",
        "even",
        "then",
        "also",
        "though",
        "although",
        "when",
        "while",
    ]
)
SIDES = {"+": "positive", "-": "negative"}
RULE = (
    "Quoted is one clause for each theme that most comments speak of on that side: the one surest of its feeling and its theme, of "
    f"{TELLING} words or more, from a comment that as a whole says the same; from one that says both only where the theme is common and has no "
    "other, and never from one that says the contrary."
)


def praised_and_mended(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, *, wanted: int = WANTED
) -> dict[str, tuple[Clause, ...]]:
    """What is quoted as praised and as to be mended, by RULE."""
    themes = theme_table(conn, taxonomy, filters, scope)
    return {
        name: on_commonest(conn, taxonomy, filters, scope, themes, sign, wanted)
        for name, sign in (("praised", "+"), ("mended", "-"))
    }


def on_commonest(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    themes: Iterable[LabelCount],
    sign: str,
    wanted: int,
) -> tuple[Clause, ...]:
    """One clause for each of the themes that most comments speak of on one side, by RULE.

    Where too few themes have anything that can be quoted, the surest clauses of the side fill up, whatever their theme.
    """
    side = SIDES[sign]
    asked = replace(filters, polarity=sign)
    quoted: list[Clause] = []
    spoken = sorted((row for row in themes if getattr(row, side) > 0), key=lambda row: -getattr(row, side))
    for row in spoken:
        if len(quoted) == wanted or filters.theme is not None:
            break
        common = getattr(row, side) >= Settings().small_number
        best = _best(conn, taxonomy, replace(asked, theme=row.id), scope, sign, quoted, mixed=common)
        quoted += [best] if best else []
    while len(quoted) < wanted and (best := _best(conn, taxonomy, asked, scope, sign, quoted, mixed=not quoted)):
        quoted.append(best)
    return tuple(quoted)


def _best(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    sign: str,
    quoted: Sequence[Clause],
    *,
    mixed: bool,
) -> Clause | None:
    """The clause for one theme; `mixed` lets in comments that say both."""
    orders: dict[str, Order] = {"+": "positive", "-": "negative"}
    found = [c for c in clauses(conn, taxonomy, filters, scope, order=orders[sign], limit=SURE) if c.sentiment == sign]
    feeling, sure = _read_as(conn, found)
    fitting = (sign, "~", "0") if mixed else (sign,)
    fit = [
        clause
        for clause in found
        if feeling.get(clause.comment) in fitting
        and sure.get((clause.comment, clause.number), 0.0) >= LEAST_SURE
        and len(clause.text.split()) >= LEAST_WORDS
        and not any(clause.comment == other.comment or is_repeat(clause, other) for other in quoted)
    ]

    def worth(clause: Clause) -> tuple[bool, bool, float]:
        agrees = feeling.get(clause.comment) == sign
        return is_telling(clause.text), agrees, clause.score * sure.get((clause.comment, clause.number), 0.0)

    return max(fit, key=worth, default=None)


def is_telling(text: str) -> bool:
    """Whether a clause says enough to be understood alone.

    >>> is_telling("Fourteen weeks between nail cuts is too long."), is_telling("and no cover so our list grows faster")
    (True, False)
    """
    words = text.split()
    return len(words) >= TELLING and words[0].lower().strip(",.") not in GOES_ON


def _read_as(conn: sqlite3.Connection, found: Sequence[Clause]) -> tuple[dict[str, str], dict[tuple[str, int], float]]:
    """How each comment (by id) sounds as a whole, and how sure the feeling of each of its clauses is."""
    ids = json.dumps(list({clause.comment for clause in found}))
    sql = (
        "SELECT c.id, e.kind, e.polarity, e.detail, e.score FROM comments c JOIN effective e ON e.comment = c.number"
        " AND e.kind IN ('sentiment', 'clause') WHERE c.id IN (SELECT value FROM json_each(?))"
    )
    feeling, sure = {}, {}
    for id, kind, polarity, detail, score in conn.execute(sql, (ids,)):
        if kind == "sentiment":
            feeling[id] = polarity
        else:
            sure[id, int(detail)] = score
    return feeling, sure
