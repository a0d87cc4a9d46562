"""Draw stored comments at random for people to read blind, and say what was drawn from.

Blind means that whoever reads sees a comment's own words, question and date, and nothing that a machine or another person
found in them. The safety queue's samples (safety/blind.py) and the accuracy ledger (ledger.py) are both drawn here.
"""

import json
import random
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from feedback.errors import BadInput
from feedback.filters import Filters, Scope, describe
from feedback.query import comment
from feedback.taxonomy import Taxonomy

READ = "language = 'en' AND NOT contentless"  # of `comments`: those that the machines read at all


@dataclass(frozen=True, slots=True)
class ToRead:
    """One comment of a sample as its reader sees it: nothing that a machine found, and no link to where that stands."""

    place: int
    text: str
    question: str | None
    date: date | None
    date_precision: Literal["day", "month"]


def to_read(conn: sqlite3.Connection, id: str, place: int, scope: Scope) -> ToRead:
    """The comment of an id as a blind reader sees it; raises NotFound outside the reader's scope."""
    stored = comment(conn, id, scope)
    said = stored.analysed.comment
    return ToRead(place, said.text, said.question, said.date, stored.date_precision)


def signed(by: str, what: str) -> str:
    """The name that `what` ("A sample", "A reading") is signed with; raises BadInput where there is none."""
    if not by.strip():
        raise BadInput(f"{what} is signed: give a name.")
    return by.strip()


def some_seed(seed: int | None) -> int:
    """The seed given, or a new one where none is; kept with what is drawn, so that the draw can be repeated."""
    return secrets.randbelow(2**31) if seed is None else seed


def at_random(groups: Sequence[Sequence[int]], wanted: Sequence[int], seed: int) -> list[tuple[int, int]]:
    """So many of each group, or all where it has fewer, in random order: (what was drawn, number of its group)."""
    chance = random.Random(seed)
    drawn = [
        (one, number)
        for number, (group, n) in enumerate(zip(groups, wanted, strict=True))
        for one in chance.sample(group, min(n, len(group)))
    ]
    chance.shuffle(drawn)
    return drawn


def filters_json(filters: Filters) -> str:
    """What was asked for, as it is kept beside a sample."""
    given = {name: value for name, value in asdict(filters).items() if value is not None}
    return json.dumps(given, default=str, ensure_ascii=False, sort_keys=True)


def kept_filters(text: str) -> Filters:
    """The filters that `filters_json` kept.

    >>> kept_filters(filters_json(Filters(theme="parking", date_from=date(2026, 1, 1)))).date_from
    datetime.date(2026, 1, 1)
    """
    given: dict[str, Any] = json.loads(text)
    for name in {"date_from", "date_to"} & given.keys():
        given[name] = date.fromisoformat(given[name])
    return Filters(**given)


def scope_json(scope: Scope) -> str | None:
    """Whose comments were drawn from, as it is kept beside a sample; None is everybody's."""
    return None if scope.services is None else json.dumps(sorted(scope.services))


def described(taxonomy: Taxonomy, filters: str) -> str:
    """What kept filters mean, in words; see `filters.describe`."""
    return describe(taxonomy, kept_filters(filters))
