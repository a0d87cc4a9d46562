"""Show a team the praise that names its people, with the names in their places: the only reader of what staff_names.py keeps.

Strict on every side. A comment is a team's own only where it is about that very service and speaks of none beside it: thanks that
two teams share show no name to either. The reader must be allowed to read comments, and that service. Each name is asked again
whether it may be kept, and nothing is shown, as if there were none, once the setting is off.
"""

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import date

from feedback.errors import BadInput, NotFound
from feedback.filters import Scope, in_scope
from feedback.query import by_number
from feedback.redact.spans import PLACEHOLDERS
from feedback.settings import IN_PRAISE, Settings
from feedback.staff_names import FIT
from feedback.taxonomy import Taxonomy

NOT_KEPT = (
    "Names of staff are hidden everywhere here, in praise too. Whether praise keeps them for the team is for the Trust to say"
    " (FEEDBACK_STAFF_NAMES)."
)

# A comment that speaks of any service but the team and what is above it may praise the people there; so may one whose upload calls a
# service by a name that nobody knows, or that is none of ours.
_OWN = """
    EXISTS (SELECT 1 FROM effective s WHERE s.comment = c.number AND s.kind = 'service' AND s.detail = 'subject' AND s.label = :team)
    AND NOT EXISTS (SELECT 1 FROM effective s WHERE s.comment = c.number AND s.kind = 'service'
        AND s.label NOT IN (SELECT value FROM json_each(:line)))
    AND (c.service_text IS NULL OR EXISTS (SELECT 1 FROM effective s WHERE s.comment = c.number AND s.kind = 'service'
        AND (s."end" = 0 OR s."by" GLOB 'person:*')))
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a comment as it is stored, or a name in place of its placeholder."""

    text: str = field(repr=False)
    is_name: bool


@dataclass(frozen=True, slots=True)
class Thanks:
    """A comment that praises somebody by name. `precision` of the date is day or month."""

    citation: str
    date: date | None
    precision: str
    pieces: tuple[Piece, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ThanksPage:
    """Comments, the last stored first; `after` asks for the next page, None at the end."""

    thanks: tuple[Thanks, ...]
    after: str | None


def are_kept() -> bool:
    """Whether the setting says now that praise keeps names of staff."""
    return Settings().staff_names == IN_PRAISE


def thanked(conn: sqlite3.Connection, taxonomy: Taxonomy, team: str, scope: Scope) -> int:
    """How many comments `thanks` has for a team: 0 where names are not kept, or the reader's scope does not reach it."""
    if not (are_kept() and scope.reaches(team)):
        return 0
    where, parameters = _where(taxonomy, team, scope)
    return conn.execute(f"SELECT count(*) FROM comments c WHERE {where}", parameters).fetchone()[0]


def thanks(
    conn: sqlite3.Connection, taxonomy: Taxonomy, team: str, scope: Scope, *, after: str | None = None, limit: int = 25
) -> ThanksPage:
    """Praise of a team's people with their names, for a reader who may read comments. Raises NotFound, BadInput for `after`."""
    if not are_kept():
        raise NotFound(NOT_KEPT)
    if taxonomy.service(team) and not scope.reaches(team):
        raise NotFound(f"There is no service {team!r} that you may see.")
    if after is not None and not (after.isdecimal() and len(after) < 18):
        raise BadInput(f"{after[:40]!r} is no place in a list; start again from the first page.")
    where, parameters = _where(taxonomy, team, scope)
    rows = conn.execute(
        f"SELECT c.number FROM comments c WHERE {where} AND c.number < :after ORDER BY c.number DESC LIMIT :limit",
        parameters | {"after": int(after) if after else 2**62, "limit": limit + 1},
    ).fetchall()
    numbers = [number for (number,) in rows[:limit]]
    names = _names(conn, numbers)
    found = []
    for stored in by_number(conn, numbers):
        said = stored.analysed.comment
        pieces = _pieces(said.text, names.get(stored.number, []))
        found.append(Thanks(stored.citation, said.date, stored.date_precision, pieces))
    return ThanksPage(tuple(found), str(numbers[-1]) if len(rows) > limit else None)


def _where(taxonomy: Taxonomy, team: str, scope: Scope) -> tuple[str, dict[str, str]]:
    theirs, parameters = in_scope(scope)
    named = f"EXISTS (SELECT 1 FROM kept_names k WHERE k.comment = c.number AND {FIT})"
    line = json.dumps([team, *taxonomy.ancestors(team)])
    return f"{theirs} AND {_OWN} AND {named}", parameters | {"team": team, "line": line}


def _names(conn: sqlite3.Connection, numbers: list[int]) -> dict[int, list[tuple[int, int, str]]]:
    sql = f'SELECT k.comment, k.start, k."end", k.name FROM kept_names k WHERE k.comment IN (SELECT value FROM json_each(?)) AND {FIT} ORDER BY 1, 2'
    found: dict[int, list[tuple[int, int, str]]] = {}
    for number, *name in conn.execute(sql, (json.dumps(numbers),)):
        found.setdefault(number, []).append((name[0], name[1], name[2]))
    return found


def _pieces(text: str, names: list[tuple[int, int, str]]) -> tuple[Piece, ...]:
    """The text with the names in their places; one whose place holds no placeholder for a person is left out.

    >>> [piece.text for piece in _pieces("Nurse [PERSON] was kind.", [(6, 14, "Tawney")])]
    ['Nurse ', 'Tawney', ' was kind.']
    """
    pieces, at = [], 0
    for start, end, name in names:
        if text[start:end] == PLACEHOLDERS["person"] and start >= at:
            pieces += [Piece(text[at:start], False), Piece(name, True)]
            at = end
    return tuple(piece for piece in (*pieces, Piece(text[at:], False)) if piece.text)
