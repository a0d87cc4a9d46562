"""Seek topics beside the requests: one search at a time for each database, and what became of the last.

A search over 20,000 clauses takes a minute or two, longer than a browser waits. Nothing is lost if the server stops meanwhile: a search
writes in one transaction at its end.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Thread

from feedback.errors import BadInput, FeedbackError
from feedback.settings import Settings
from feedback.store import open_store
from feedback.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Search:
    """How a search stands: clauses read of all, and when it is over whether it was refused, in one sentence."""

    running: bool
    done: int = 0
    of: int | None = None
    refused: str | None = None


_searches: dict[Path, Search] = {}
_lock = Lock()


def search_of(db: Path) -> Search | None:
    """The search that is under way, or the last of this server; None where there was none."""
    return _searches.get(db)


def begin(db: Path, taxonomy: Taxonomy, by: str) -> Search:
    """Begin a search. Raises BadInput where one is under way, or nobody signs it."""
    if not by.strip():
        raise BadInput("Say who asks for it.")
    with _lock:
        now = _searches.get(db)
        if now and now.running:
            raise BadInput("Topics are being sought already; wait until that is done.")
        _searches[db] = Search(running=True)
    Thread(target=_seek, args=(db, taxonomy, by), name="topics", daemon=True).start()
    return _searches[db]


def _seek(db: Path, taxonomy: Taxonomy, by: str) -> None:
    from feedback.topics.kept import find, name_test
    from feedback.topics.vectors import ClauseEncoder

    def moved(done: int, of: int | None) -> None:
        _searches[db] = replace(_searches[db], done=done, of=of)

    ended = Search(running=False, refused="Something went wrong; the server's messages say more.")
    try:
        with open_store(db) as store:
            find(store, ClauseEncoder(Path(Settings().models)), by=by, is_name=name_test(taxonomy), progress=moved)
        ended = Search(running=False)
    except FeedbackError as error:
        ended = Search(running=False, refused=str(error))
    finally:
        _searches[db] = ended
