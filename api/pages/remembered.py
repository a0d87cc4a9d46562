"""Keep what a page needed a while to work out, until the database changes.

The key is the state of the database's files on disk, so any write by any process makes the old answer unreachable; nothing
is ever kept past a change, and of a database in memory nothing is kept at all. Who asks for what is being worked out waits
for it.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

KEPT = 128  # answers, about a tenth of a megabyte each; the one not asked for longest goes first

_answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()
_lock = Lock()


def remembered(conn: sqlite3.Connection, key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gave for this key since the database was last written to, or else what it gives.

    The key must hold all that the answer depends on beside the database: filters, and the reader's scope and rights.
    """
    state = _state(conn)
    if state is None:
        return make()
    place = (state, key)
    with _lock:
        answer = _answers.get(place)
        known = answer is not None
        if answer is None:
            answer = _answers[place] = Future()
        _answers.move_to_end(place)
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    if not known:
        try:
            answer.set_result(make())
        except BaseException as error:
            with _lock:
                _answers.pop(place, None)
            answer.set_exception(error)
    return answer.result()


def _state(conn: sqlite3.Connection) -> Hashable | None:
    """What changes whenever something is written: the identity, time and size of the file and of its write-ahead log."""
    name = conn.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    if not name:
        return None
    stamps: list[tuple[int, int, int] | None] = []
    for path in (Path(name), Path(f"{name}-wal")):
        try:
            stat = path.stat()
        except FileNotFoundError:
            stat = None
        # The first reader makes an empty log and the last one takes it away; neither is a change.
        stamps.append((stat.st_ino, stat.st_mtime_ns, stat.st_size) if stat and stat.st_size else None)
    return (name, *stamps)
