"""Check a pack: was the file changed since it was made, does the database still give the same figures, and if not, why.

The pack is made again from its record (the same question, the same scope, the moment it was made) and compared figure by
figure. Why figures differ is told by what has happened to the comments since: added, erased, taken back, corrected, read again.
What cannot be told is not guessed.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from feedback.documents.asked import Form
from feedback.documents.files import Carried
from feedback.documents.packs import Pack, make_pack
from feedback.documents.record import DataVersion, Record
from feedback.documents.source import counted, day, listed
from feedback.errors import FeedbackError, NotFound
from feedback.filters import EVERYTHING, Scope, chosen
from feedback.strategies.versions import under
from feedback.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is not what it was; None where the pack did not have it, or has it no more."""

    figure: str
    then: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found of a pack.

    `changed` names what of the file is not as it was made ("words", "pictures"); None where only the record was checked.
    `genuine`: whether this database sealed the record as it stands. `same_data`: nothing it rests on has changed. `same_words`:
    title, figures, sentences and quotations are those of then. `refused` says why it could not be made again.
    """

    record: Record
    changed: tuple[str, ...] | None
    genuine: bool
    same_data: bool
    same_words: bool
    differences: tuple[Difference, ...]
    quoted_then_only: tuple[str, ...]
    quoted_now_only: tuple[str, ...]
    reasons: tuple[str, ...]
    refused: str = ""

    @property
    def same_figures(self) -> bool:
        """Whether it was made again and every figure is the same."""
        return not self.refused and not self.differences

    @property
    def holds(self) -> bool:
        """Whether the pack can be relied on as it stands: unchanged, of this database, and the same figures."""
        return self.genuine and not self.changed and self.same_figures

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, to read."""
        return (*self._of_the_file(), *self._of_the_figures(), *self.reasons)

    def as_dict(self) -> dict[str, Any]:
        """What was found in plain values, with what the pack was asked for and when it was made."""
        found = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "record"}
        return {
            "title": self.record.title,
            "made_at": self.record.made_at,
            "command": self.record.command,
            "holds": self.holds,
            "same_figures": self.same_figures,
            "figures": len(self.record.figures),
            **found,
            "differences": [asdict(one) for one in self.differences],
            "sentences": self.sentences,
        }

    def _of_the_file(self) -> Iterator[str]:
        when = datetime.fromisoformat(self.record.made_at)
        if not self.genuine:
            yield (
                "The record in it was not written by this database, or was changed since: its figures then are not to be relied on."
            )
        else:
            yield f"It was made from this database on {day(when)} at {when:%H:%M} UTC."
        if self.changed is None:
            return
        if "words" in self.changed:
            yield "The file has been changed since it was made: what it says now is not what was written."
        else:
            yield "Its words and figures are as they were written."
        if "pictures" in self.changed:
            yield "Its pictures are not the ones it was made with: a program that saved it may have made them smaller, or somebody put in others."

    def _of_the_figures(self) -> Iterator[str]:
        if self.refused:
            yield f"It cannot be made again: {self.refused}"
        elif self.differences:
            n = len(self.record.figures)
            yield f"{counted(len(self.differences), 'figure')} of {n:,} would differ if it were made today."
        else:
            yield f"Made again today it gives the same figures, all {len(self.record.figures):,}."
        if self.quoted_then_only or self.quoted_now_only:
            yield "It would quote other words today."
        elif not self.refused and not self.differences and not self.same_words:
            yield "Some of its words, such as a name or a sentence, would differ today."


def verify(conn: sqlite3.Connection, shipped: Taxonomy, record: Record, scope: Scope) -> Verification:
    """Check a record alone, under the strategy it was made under; `shipped` is the data folder's. Raises NotFound where it is of comments that the reader may not ask about."""
    return _verify(conn, shipped, record, scope, None)


def verify_file(conn: sqlite3.Connection, shipped: Taxonomy, carried: Carried, scope: Scope) -> Verification:
    """Check a file and the record in it. Raises as `verify`."""
    then = carried.record.file
    changed = tuple(part for part, checksum in carried.checksums.items() if then.get(part) != checksum)
    return _verify(conn, shipped, carried.record, scope, changed)


def _verify(
    conn: sqlite3.Connection, shipped: Taxonomy, record: Record, scope: Scope, changed: tuple[str, ...] | None
) -> Verification:
    within = _scope_of(record, scope)
    genuine = record.is_sealed_by(conn)
    try:
        again = made_again(conn, shipped, record, scope, "docx", now=datetime.fromisoformat(record.made_at)).record
    except FeedbackError as error:  # an id that the strategy or directory no longer has
        return Verification(record, changed, genuine, False, False, (), (), (), (), refused=str(error))
    added = _added(conn, under(conn, shipped, record.versions.get("strategy")), record, within)
    reasons = () if again.content == record.content else tuple(_reasons(conn, record, again, added))
    return Verification(
        record=record,
        changed=changed,
        genuine=genuine,
        same_data=again.data.digest == record.data.digest,
        same_words=again.content == record.content,
        differences=_differences(record.figures, again.figures),
        quoted_then_only=_without(record.citations, again.citations),
        quoted_now_only=_without(again.citations, record.citations),
        reasons=reasons,
    )


def made_again(
    conn: sqlite3.Connection, shipped: Taxonomy, record: Record, scope: Scope, form: Form, *, now: datetime
) -> Pack:
    """The pack that a record asked for, from the comments as they are now, under the strategy it was made under.

    Raises NotFound where it is of comments that the reader may not ask about, or of what is no longer there.
    """
    taxonomy = under(conn, shipped, record.versions.get("strategy"))
    return make_pack(conn, taxonomy, record.asked, _scope_of(record, scope), now=now, form=form)


def _scope_of(record: Record, scope: Scope) -> Scope:
    """The scope of the pack's maker, if the reader's own reaches as far."""
    if record.scope is None:
        if scope != EVERYTHING:
            raise NotFound("This pack is on comments of the whole Trust, of which you may ask about some alone.")
        return EVERYTHING
    made_in = Scope(frozenset(record.scope))
    if scope.services is not None and not frozenset(record.scope) <= scope.services:
        raise NotFound("This pack is on comments that you may not ask about.")
    return made_in


def _differences(then: Mapping[str, str], now: Mapping[str, str]) -> tuple[Difference, ...]:
    names = dict.fromkeys((*then, *now))
    return tuple(Difference(name, then.get(name), now.get(name)) for name in names if then.get(name) != now.get(name))


def _without(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in some if one not in others))


# --- why ---------------------------------------------------------------------------------------------------------------


def _reasons(conn: sqlite3.Connection, record: Record, again: Record, added: int) -> Iterator[str]:
    """What has happened since that can make figures differ, a sentence each; `added` comments are new."""
    then, now = record.data, again.data
    yield from _of_the_comments(conn, record, then, now, added)
    yield from _of_the_reading(conn, record, then, now)
    other = {
        name: (old, again.versions.get(name))
        for name, old in record.versions.items()
        if again.versions.get(name) != old
    }
    if other:
        told = [f"{name.replace('_', ' ')} {new} (then {old})" for name, (old, new) in other.items()]
        yield f"Other versions: {listed(told)}."
    if then.digest == now.digest and not other:
        yield "The comments are the same and were read in the same way; what else the pack shows has moved on: actions, the safety queue, or how this program puts it."


def _added(conn: sqlite3.Connection, taxonomy: Taxonomy, record: Record, scope: Scope) -> int:
    """How many comments came after the pack was made: numbers only rise."""
    where, parameters = chosen(conn, taxonomy, record.asked.base, scope)
    sql = f"SELECT count(*) FROM comments c WHERE {where} AND c.number > :last_then"
    return conn.execute(sql, parameters | {"last_then": record.data.last}).fetchone()[0]


def _of_the_comments(
    conn: sqlite3.Connection, record: Record, then: DataVersion, now: DataVersion, added: int
) -> Iterator[str]:
    if added:
        bringing = {id for (id,) in conn.execute("SELECT DISTINCT batch FROM batch_comments WHERE brought")}
        new = [str(batch) for batch in now.batches if batch not in then.batches and batch in bringing]
        by = f" by upload {listed(new)}" if new else ""
        yield f"{counted(added, 'comment')} {'has' if added == 1 else 'have'} been added since{by}."
    gone = then.comments - (now.comments - added)
    if gone > 0:
        yield f"{counted(gone, 'comment')} of then {'is' if gone == 1 else 'are'} no longer among those asked about."
    if erased := _erased(conn, record.made_at):
        yield f"{counted(erased, 'comment')} {'has' if erased == 1 else 'have'} been erased from the database since."
    marks = ", ".join("?" * len(then.batches))
    sql = f"SELECT id FROM batches WHERE state = 'rolled_back' AND id IN ({marks}) ORDER BY id"
    back = [str(id) for (id,) in conn.execute(sql, then.batches)]
    if back:
        yield f"Upload {listed(back)} {'was' if len(back) == 1 else 'were'} taken back since."


def _erased(conn: sqlite3.Connection, since: str) -> int:
    return conn.execute("SELECT ifnull(sum(comments), 0) FROM erasures WHERE at >= ?", (since,)).fetchone()[0]


def _of_the_reading(conn: sqlite3.Connection, record: Record, then: DataVersion, now: DataVersion) -> Iterator[str]:
    sql = "SELECT count(*) FROM corrections WHERE comment <= ? AND (at >= ? OR withdrawn_at >= ?)"
    corrected = conn.execute(sql, (then.last, record.made_at, record.made_at)).fetchone()[0]
    if corrected:
        yield f"{counted(corrected, 'correction')} {'was' if corrected == 1 else 'were'} made or taken back since."
    named = conn.execute(
        "SELECT count(*) FROM service_names WHERE at >= ? OR undone_at >= ?", (record.made_at, record.made_at)
    ).fetchone()[0]
    if named:
        yield f"{counted(named, 'name')} of uploads for a service {'was' if named == 1 else 'were'} explained, or that undone, since."
    reread = [versions for versions in now.read_with if versions not in then.read_with]
    if reread:
        moved = sum(now.read_with[versions] for versions in reread)
        last = json.loads(reread[-1])
        yield f"{counted(moved, 'comment')} {'was' if moved == 1 else 'were'} read by models or data of other versions than then (reader {last.get('reader', 'not known')})."
