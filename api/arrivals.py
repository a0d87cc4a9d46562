"""Do what follows an upload: sort it into the known topics, and find what it changed before anybody asks."""

from pathlib import Path

from api.deps import Question, Reader
from api.pages.changes import found_changes
from feedback.filters import EVERYTHING, Filters
from feedback.settings import Settings
from feedback.store import open_reader, open_store
from feedback.strategies.versions import under
from feedback.taxonomy import Taxonomy
from feedback.topics.arrivals import sort_arrivals


def after_upload(db: Path, taxonomy: Taxonomy) -> None:
    """Sort the comments that came, then look for changes; raises what either does, and nothing of the upload is lost by it."""
    with open_store(db) as store:
        sort_arrivals(store, Path(Settings().models))
    look_for_changes(db, taxonomy)


def look_for_changes(db: Path, taxonomy: Taxonomy) -> None:
    """Find what the newest upload changed, as the page asks it, so that its first reader need not wait."""
    conn = open_reader(db)
    try:
        taxonomy = under(conn, taxonomy)
        found_changes(Question(conn, taxonomy, Filters(), Reader("local", EVERYTHING, may_read=True)))
    finally:
        conn.close()
