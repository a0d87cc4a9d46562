"""Keep the records of packs that were made, so that a pack can be found by its number, made again and checked.

No document is kept, and no word of a comment: a record holds figures, citations and checksums. So erasing a comment leaves nothing
of it here, and a pack that is made again says what has changed since it was made the first time.
"""

import sqlite3
from dataclasses import dataclass

from feedback.documents.asked import PackAsked
from feedback.documents.packs import make_pack
from feedback.documents.record import Record
from feedback.errors import BadInput, NotFound
from feedback.filters import Scope
from feedback.sampling import scope_json, signed
from feedback.store import Store
from feedback.taxonomy import Taxonomy

MAX_NAME = 100  # characters


@dataclass(frozen=True, slots=True)
class Kept:
    """A pack that was made: its number, who asked for it, and its record."""

    id: int
    by: str
    record: Record


@dataclass(frozen=True, slots=True)
class KeptPage:
    """Packs, latest first; `after` asks for the next page, None at the end."""

    packs: tuple[Kept, ...]
    after: int | None


def keep(store: Store, taxonomy: Taxonomy, asked: PackAsked, scope: Scope, *, by: str) -> Kept:
    """Make a pack and keep its record. Raises BadInput where nobody signs it or what was asked for could be somebody's words."""
    by = signed(by, "A pack")
    if len(by) > MAX_NAME:
        raise BadInput(f"A name has at most {MAX_NAME} characters; this one has {len(by)}.")
    if asked.filters.search is not None:
        raise BadInput(
            "A pack on a search is not kept, since the words searched for may be somebody's; make it by the command report."
        )
    if asked.filters.service is not None:
        taxonomy.service(asked.filters.service)  # an upload's own name for a service goes when its comments go
    record = make_pack(store.conn, taxonomy, asked, scope, now=store.clock()).record.of_file(store.conn, {})
    with store.writing():
        cursor = store.conn.execute(
            'INSERT INTO packs (made_at, "by", scope, record) VALUES (?, ?, ?, ?)',
            (record.made_at, by, scope_json(scope), record.as_json()),
        )
    return Kept(cursor.lastrowid or 0, by, record)


def kept(conn: sqlite3.Connection, id: int, scope: Scope) -> Kept:
    """One pack. Raises NotFound for one that is not there or not within the reader's scope."""
    page = _kept(conn, scope, "id = :id", {"id": id, "limit": 1})
    if not page:
        raise NotFound(f"There is no pack {id} that you may see.")
    return page[0]


def all_kept(conn: sqlite3.Connection, scope: Scope, *, after: int | None = None, limit: int = 50) -> KeptPage:
    """Packs made before the one that the last page ended at, latest first."""
    found = _kept(conn, scope, "id < :after", {"after": after or 2**62, "limit": limit + 1})
    return KeptPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def _kept(conn: sqlite3.Connection, scope: Scope, which: str, parameters: dict[str, int]) -> tuple[Kept, ...]:
    """Whoever may see everything sees all packs; anybody else those made within exactly their scope."""
    rows = conn.execute(
        f'SELECT id, "by", record FROM packs WHERE {which} AND (:scope IS NULL OR scope IS :scope) ORDER BY id DESC LIMIT :limit',
        {**parameters, "scope": scope_json(scope)},
    )
    return tuple(Kept(id, by, Record.from_json(record)) for id, by, record in rows)
