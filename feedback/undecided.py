"""Count the safety flags of comments about which nobody has decided, before the comments go.

With a comment its flags go too, and a flag that nobody looked at is a cry that nobody heard. So whatever takes comments away asks
here first, refuses until a person says that they have been dealt with, and keeps how many went, of which kind and severity, and
no word of them.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from feedback.errors import BadInput

ReviewOutcome = Literal["seen", "escalated", "received", "not_a_concern", "done", "reopened"]

# Outcomes after which a flag is off the queue.
CLOSING: tuple[ReviewOutcome, ...] = ("escalated", "received", "not_a_concern", "done")

# The latest decision about a flag `f` is none, or leaves it open.
IS_UNDECIDED = f"""ifnull((SELECT outcome FROM reviews r WHERE r.comment = f.comment AND r.signal = f.signal
    ORDER BY r.id DESC LIMIT 1), 'new') NOT IN {CLOSING}"""
# As the queue has it: what a person last said of it, or the most serious that it has been.
_SEVERITY = """ifnull((SELECT iif(e.detail = 'urgent', 'urgent', 'watch') FROM main.effective e WHERE e.comment = f.comment
    AND e.kind = 'signal' AND e.label = f.signal AND e."by" GLOB 'person:*' ORDER BY e.place DESC LIMIT 1), f.severity)"""


@dataclass(frozen=True, slots=True)
class FlagsGone:
    """How many flags of one kind and severity there are; a `Sequence` of these is ordered urgent first."""

    kind: str
    severity: str
    n: int


def has_undecided(conn: sqlite3.Connection, number: int) -> bool:
    """Whether a comment has a flag about which nobody has decided."""
    sql = f"SELECT EXISTS (SELECT 1 FROM flags f WHERE f.comment = ? AND {IS_UNDECIDED})"
    return bool(conn.execute(sql, (number,)).fetchone()[0])


def undecided(conn: sqlite3.Connection, numbers: Iterable[int]) -> tuple[FlagsGone, ...]:
    """The undecided flags of these comments (by number), urgent first."""
    rows = conn.execute(
        f"SELECT f.signal, {_SEVERITY} AS severity, count(*) FROM flags f WHERE {IS_UNDECIDED}"
        " AND f.comment IN (SELECT value FROM json_each(?)) GROUP BY 1, 2 ORDER BY severity, 1",
        (json.dumps(list(numbers)),),
    )
    return tuple(FlagsGone(*row) for row in rows)


def said(flags: Sequence[FlagsGone]) -> str:
    """How many there are, by severity and then by kind.

    >>> said([FlagsGone("self_harm_suicide", "urgent", 2), FlagsGone("complaint_intent", "watch", 1)])
    '2 urgent and 1 to watch (self harm suicide 2, complaint intent 1)'
    """
    urgent = sum(one.n for one in flags if one.severity == "urgent")
    watch = sum(one.n for one in flags) - urgent
    kinds = {one.kind: sum(other.n for other in flags if other.kind == one.kind) for one in flags}
    named = ", ".join(f"{kind.replace('_', ' ')} {n}" for kind, n in kinds.items())
    return f"{urgent:,} urgent and {watch:,} to watch ({named})"


def check_dealt_with(flags: Sequence[FlagsGone], *, dealt_with: bool, by: str, reason: str) -> None:
    """Raise BadInput where undecided flags would go and nobody says, with a name and a reason, that they have been dealt with."""
    if not flags:
        return
    if not dealt_with:
        raise BadInput(
            f"With these comments would go safety flags that nobody has decided about: {said(flags)}. Decide about them first "
            "(`feedback signals list`), or say that they have been dealt with (`--flags-dealt-with`, over HTTP flags_dealt_with), "
            "with a name and a reason."
        )
    if not by.strip() or not reason.strip():
        raise BadInput("Whoever takes away undecided safety flags signs it and says why: give a name and a reason.")


def as_json(flags: Sequence[FlagsGone]) -> str:
    """As it is kept with a receipt."""
    return json.dumps([asdict(one) for one in flags])


def from_json(text: str) -> tuple[FlagsGone, ...]:
    """What `as_json` kept."""
    kept: list[dict[str, Any]] = json.loads(text)
    return tuple(FlagsGone(**one) for one in kept)
