"""Sort what a batch brought into the topics and local themes that are known, as soon as it is stored.

So what is rising, and every filter by topic or local theme, holds the newest upload. Where that cannot be done (topics were never
sought, or with other models), the comments wait and it is said why; nothing of the batch is lost by it. A run that is killed here
leaves comments that wait, and the next batch sorts them too.
"""

from dataclasses import dataclass
from pathlib import Path

from feedback.errors import BadInput
from feedback.store import Store
from feedback.topics.kept import sort_new, waiting
from feedback.topics.local_themes import local_themes, tag
from feedback.topics.vectors import ClauseEncoder, Progress


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many comments were sorted, how many wait still, and a sentence; `in_topics` of those sorted speak of a topic."""

    sorted: int
    in_topics: int
    waiting: int
    says: str


def sort_arrivals(store: Store, models: Path, *, progress: Progress | None = None) -> Arrived | None:
    """Sort the comments that wait; None where topics were never sought, or nothing waits. Raises BadModel, BadStore."""
    sought = store.conn.execute("SELECT 1 FROM topic_runs").fetchone()
    numbers = waiting(store.conn) if sought else []
    if not numbers:
        return None
    try:
        sort_new(
            store, ClauseEncoder(models), also=lambda spans, vectors: tag(store, spans, vectors), progress=progress
        )
    except BadInput as error:
        return Arrived(0, 0, len(numbers), f"{_comments(len(numbers))} not sorted into topics: {error}")
    # Numbers are our own, from the database itself.
    speak = store.conn.execute(
        f"SELECT count(DISTINCT comment) FROM topic_clauses WHERE comment IN ({', '.join(map(str, numbers))})"
    ).fetchone()[0]
    into = "the known topics and local themes" if local_themes(store.conn) else "the known topics"
    return Arrived(len(numbers), speak, 0, f"{_comments(len(numbers))} sorted into {into}; {speak:,} speak of one.")


def _comments(n: int) -> str:
    return "1 comment was" if n == 1 else f"{n:,} comments were"
