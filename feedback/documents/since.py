"""Say what has happened since a pack was made that can make it differ: one cause a sentence, from what to what, and whether figures move by it.

What cannot be told is not guessed: where nothing that is stored explains a difference, that is what is said, with the parts that differ.
A reader of some services alone is told of what happened to their own comments and of nothing that happened elsewhere.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from feedback.documents.asked import COMPARISON
from feedback.documents.record import Record
from feedback.documents.source import counted, day, listed
from feedback.filters import EVERYTHING, Scope, among, chosen
from feedback.strategies.versions import uses
from feedback.taxonomy import Taxonomy

PARTS_SHOWN = 8  # of a document that differ; a reader looks at the document for more
# What carries a version besides the models and the strategy, as a reader calls it.
CALLED = {
    "feedback": "The program",
    "directory": "The directory of services",
    "delivery_plan": "The delivery plan",
    "themes": "The theme framework",
    "crosswalk": "The crosswalk from themes to the strategy",
    "strategy": "The strategy",
}


@dataclass(frozen=True, slots=True)
class Again:
    """A pack's record beside that of the same pack made again: `then` and `now`, with the scope and the data of the making."""

    conn: sqlite3.Connection
    taxonomy: Taxonomy
    scope: Scope
    then: Record
    now: Record

    @property
    def figures_differ(self) -> bool:
        """Whether any figure is another."""
        return dict(self.then.figures) != dict(self.now.figures)

    @property
    def same_data(self) -> bool:
        """Whether the comments and what was found in them are the same."""
        return self.then.data.digest == self.now.data.digest

    @property
    def parts_that_differ(self) -> tuple[str, ...]:
        """The parts of the document that say something else, in order; none where the pack does not say what its parts were."""
        then, now = self.then.parts, self.now.parts
        return tuple(name for name in dict.fromkeys((*then, *now)) if then.get(name) != now.get(name)) if then else ()


def reasons(again: Again) -> tuple[str, ...]:
    """Every cause that is known, a sentence each, and last, where no figure does, which parts differ; none where it says the same."""
    if again.then.content == again.now.content:
        return ()
    data = (*_of_the_comments(again), *_of_the_reading(again))
    versions, words = tuple(_of_versions(again)), tuple(_of_the_words(again))
    causes = len(data) + len(versions) + len(words)
    told = [*data, *(f"{cause}; {_effect(again, causes)}." for cause in versions), *words]
    if not told:
        told.append(_unexplained(again))
    if not again.figures_differ and (parts := again.parts_that_differ):
        more = len(parts) - PARTS_SHOWN
        rest = f" and {more} more" if more > 0 else ""
        told.append(f"What it says differs in: {'; '.join(parts[:PARTS_SHOWN])}{rest}.")
    return tuple(told)


def on_strategy(conn: sqlite3.Connection, shipped: Taxonomy, record: Record) -> str:
    """What is to be said where a pack was made under another strategy than the one in force now; "" where under the same."""
    made_under, read = record.versions.get("strategy", ""), shipped.versions["strategy"]
    decided = uses(conn)
    now = decided[-1].version if decided else read
    if record.kind == COMPARISON or made_under == now:
        return ""
    then = next((use.version for use in reversed(decided) if use.at <= record.made_at), read)
    was = "no longer in force" if then == made_under else "not in force, nor was it then"
    by = f"since {_day(decided[-1].at)}, put in force by {decided[-1].by}"
    return (
        f"It was made under strategy {made_under}, which is {was}: {now} is, {by}. It is checked under {made_under}, so no figure differs "
        f"because of that; for the figures under {now} a new document has to be made."
    )


# The comments and how they were read


def _of_the_comments(again: Again) -> Iterator[str]:
    conn, then, now = again.conn, again.then.data, again.now.data
    added = added_since(again)
    if added:
        bringing = {id for (id,) in conn.execute("SELECT DISTINCT batch FROM batch_comments WHERE brought")}
        new = [str(batch) for batch in now.batches if batch not in then.batches and batch in bringing]
        by = f" by upload {listed(new)}" if new else ""
        yield f"{counted(added, 'comment')} {'has' if added == 1 else 'have'} been added since{by}."
    gone = then.comments - (now.comments - added)
    if gone > 0:
        yield f"{counted(gone, 'comment')} of then {'is' if gone == 1 else 'are'} no longer among those asked about."
    if again.scope == EVERYTHING and (erased := _erased(conn, again.then.made_at)):
        yield f"{counted(erased, 'comment')} {'has' if erased == 1 else 'have'} been erased from the database since."
    marks = ", ".join("?" * len(then.batches))
    sql = f"SELECT id FROM batches WHERE state = 'rolled_back' AND id IN ({marks}) ORDER BY id"
    back = [str(id) for (id,) in conn.execute(sql, then.batches)]
    if back:
        yield f"Upload {listed(back)} {'was' if len(back) == 1 else 'were'} taken back since."


def added_since(again: Again) -> int:
    """How many comments came after the pack was made: numbers only rise."""
    where, parameters = chosen(again.conn, again.taxonomy, again.then.asked.base, again.scope)
    sql = f"SELECT count(*) FROM comments c WHERE {where} AND c.number > :last_then"
    return again.conn.execute(sql, parameters | {"last_then": again.then.data.last}).fetchone()[0]


def _erased(conn: sqlite3.Connection, since: str) -> int:
    return conn.execute("SELECT ifnull(sum(comments), 0) FROM erasures WHERE at >= ?", (since,)).fetchone()[0]


def _of_the_reading(again: Again) -> Iterator[str]:
    if again.same_data:  # no finding is another, so nobody's word and no model's has moved one
        return
    since = {"made_at": again.then.made_at, "last_then": again.then.data.last}
    where, parameters = chosen(again.conn, again.taxonomy, again.then.asked.base, again.scope)
    sql = (
        f"SELECT count(*) FROM corrections k WHERE k.comment <= :last_then AND {among(where, 'k')}"
        " AND (at >= :made_at OR withdrawn_at >= :made_at)"
    )
    if corrected := again.conn.execute(sql, parameters | since).fetchone()[0]:
        yield f"{counted(corrected, 'correction')} {'was' if corrected == 1 else 'were'} made or taken back since."
    named = "SELECT count(*) FROM service_names WHERE at >= :made_at OR undone_at >= :made_at"
    if again.scope == EVERYTHING and (n := again.conn.execute(named, since).fetchone()[0]):
        yield f"{counted(n, 'name')} of uploads for a service {'was' if n == 1 else 'were'} explained, or that undone, since."
    yield from _read_again(again.then.data.read_with, again.now.data.read_with)


def _read_again(then: Mapping[str, int], now: Mapping[str, int]) -> Iterator[str]:
    """Which models or data read the comments otherwise than then, a sentence for each, from which version to which."""
    before, after = _versions_of(then), _versions_of(now)
    for name, counts in after.items():
        new = {version: n for version, n in counts.items() if version not in before.get(name, {})}
        if new:
            n, versions = sum(new.values()), f"{name.replace('_', ' ')} {listed(sorted(new))}"
            old = listed(sorted(before.get(name, {}))) or "none"
            yield f"{counted(n, 'comment')} {'was' if n == 1 else 'were'} read with {versions} since (then {old})."


def _versions_of(read_with: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Of each model and data file the versions that comments were read with, and how many."""
    found: dict[str, dict[str, int]] = {}
    for text, n in read_with.items():
        for name, version in json.loads(text).items():
            counts = found.setdefault(name, {})
            counts[version] = counts.get(version, 0) + n
    return found


# What was changed beside the comments


def _of_versions(again: Again) -> Iterator[str]:
    """What the pack is made with and not what its comments were read with: those are told of above."""
    then, now = again.then.versions, again.now.versions
    for name, called in CALLED.items():
        if then.get(name) != now.get(name):
            yield f"{called} is of version {now.get(name, 'none')} now and was of {then.get(name, 'none')}"


def _effect(again: Again, causes: int) -> str:
    if not again.figures_differ:
        return "no figure differs because of it"
    if causes == 1:
        return "the figures differ because of it"
    return "which figures differ because of it cannot be told from the other causes"


def _of_the_words(again: Again) -> Iterator[str]:
    """What people decided since that charts, lists of actions and the safety queue show."""
    conn, record = again.conn, again.then
    for use in uses(conn):
        if use.at >= record.made_at and record.kind != COMPARISON:
            yield (
                f"Strategy {use.version} was put in force on {_day(use.at)} by {use.by}: charts of values, objectives and statements say so; "
                "no figure differs because of it."
            )
    if record.kind in ("service", "programme"):
        yield from _decided(
            again, "action_changes WHERE at >= :at", ("change of an action", "changes of actions"), "recorded"
        )
    if record.kind == "board" and again.scope == EVERYTHING:
        named = ("decision on a flagged comment", "decisions on flagged comments")
        yield from _decided(again, "reviews WHERE at >= :at", named, "taken")
    if record.kind != COMPARISON:
        yield from _decided(
            again, "targets WHERE max(at, ifnull(ended_at, '')) >= :at", ("target", "targets"), "set or ended"
        )


def _decided(again: Again, rows: str, named: tuple[str, str], done: str) -> Iterator[str]:
    n = again.conn.execute(f"SELECT count(*) FROM {rows}", {"at": again.then.made_at}).fetchone()[0]
    if n:
        yield f"{counted(n, *named)} {'was' if n == 1 else 'were'} {done} since."


def _unexplained(again: Again) -> str:
    """What is said where the comments, their reading and every version are the same, or what is not explains nothing."""
    program = again.now.versions.get("feedback", "")
    if not again.same_data:
        return "Comments or what was found in them changed since, in a way that nothing stored explains."
    moved = "figures" if again.figures_differ else "words, not the figures,"
    return (
        f"The comments, what was found in them and every version are the same, and nobody decided anything since that it shows: the {moved} "
        f"differ because the program that writes it was changed under the same version ({program})."
    )


def _day(stamp: str) -> str:
    return day(datetime.fromisoformat(stamp))
