"""Check a pack: was the file changed since it was made, does the database still give the same figures, and if not, why.

The pack is made again from its record (the same question, the same scope, the moment it was made) and compared figure by
figure. Why it differs is told by what has happened since (since.py).
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from feedback.documents.asked import Form
from feedback.documents.files import Carried, lines_of
from feedback.documents.packs import Pack, make_pack
from feedback.documents.record import LINES, Record, line_marks
from feedback.documents.since import Again, on_strategy, reasons
from feedback.documents.source import counted, day
from feedback.errors import FeedbackError, NotFound
from feedback.filters import EVERYTHING, Scope
from feedback.strategies.versions import under
from feedback.taxonomy import Taxonomy

_COUNTS = re.compile(r" \(\d[\d,]* (?:for|both|against)[^|)]*\)")


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is not what it was; None where the pack did not have it, or has it no more."""

    figure: str
    then: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Altered:
    """One line of a file that is not as it was written: what it was ("" where it was not there or is not known any more), what it is."""

    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found of a pack.

    `changed` names what of the file is not as it was made ("words", "pictures"); None where only the record was checked.
    `genuine`: whether this database sealed the record as it stands. `same_data`: nothing it rests on has changed. `same_words`:
    title, figures, sentences and quotations are those of then. `refused` says why it could not be made again, `strategy` that it is of
    another strategy than the one in force. `altered` are the lines of a changed file, as far as they can be told.
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
    strategy: str = ""
    altered: tuple[Altered, ...] = ()

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
        return (*self._of_the_file(), *self._of_the_figures(), *filter(None, [self.strategy]), *self.reasons)

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
            "altered": [asdict(one) for one in self.altered],
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
            if self.altered:
                yield f"{counted(len(self.altered), 'line')} of it {'differs' if len(self.altered) == 1 else 'differ'} from what was written."
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
            yield "Some of its words would differ today."


def verify(conn: sqlite3.Connection, shipped: Taxonomy, record: Record, scope: Scope) -> Verification:
    """Check a record alone, under the strategy it was made under; `shipped` is the data folder's. Raises NotFound where it is of comments that the reader may not ask about."""
    return _verify(conn, shipped, record, scope, None)


def verify_file(conn: sqlite3.Connection, shipped: Taxonomy, carried: Carried, scope: Scope) -> Verification:
    """Check a file and the record in it. Raises as `verify`."""
    then = carried.record.file
    changed = tuple(part for part, checksum in carried.checksums.items() if then.get(part) != checksum)
    return _verify(conn, shipped, carried.record, scope, changed, carried)


def _verify(
    conn: sqlite3.Connection,
    shipped: Taxonomy,
    record: Record,
    scope: Scope,
    changed: tuple[str, ...] | None,
    carried: Carried | None = None,
) -> Verification:
    within = _scope_of(record, scope)
    genuine, strategy = record.is_sealed_by(conn), on_strategy(conn, shipped, record)
    try:
        form = carried.form if carried else "docx"
        pack = made_again(conn, shipped, record, scope, form, now=datetime.fromisoformat(record.made_at))
        again = pack.record
    except FeedbackError as error:  # an id that the strategy or directory no longer has
        return Verification(record, changed, genuine, False, False, (), (), (), (), str(error), strategy)
    beside = Again(conn, under(conn, shipped, record.versions.get("strategy")), within, record, again)
    return Verification(
        record=record,
        changed=changed,
        genuine=genuine,
        same_data=again.data.digest == record.data.digest,
        same_words=again.content == record.content,
        differences=_differences(record.figures, again.figures),
        quoted_then_only=_without(record.citations, again.citations),
        quoted_now_only=_without(again.citations, record.citations),
        reasons=reasons(beside),
        strategy=strategy,
        altered=_altered(conn, record, carried, pack) if carried and "words" in (changed or ()) else (),
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


def _altered(conn: sqlite3.Connection, record: Record, carried: Carried, pack: Pack) -> tuple[Altered, ...]:
    """The lines of the file that were not written so. What they were is known where the pack made again still has it.

    A file made before its lines were marked is set beside the pack made again, if that has the same content.
    """
    now = line_marks(conn, carried.lines)
    lines = lines_of(pack, carried.form)
    words = dict(zip(line_marks(conn, lines), lines, strict=True))
    then = record.file.get(LINES, "").split()
    if not then and pack.record.content == record.content:
        then = list(words)
    if not then:
        return ()
    found = []
    for what, i, j, k, m in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        if what != "equal":
            pairs = zip_longest(then[i:j], carried.lines[k:m], fillvalue="")
            found += [Altered(words.get(before, ""), after) for before, after in pairs]
    return tuple(found)


def _differences(then: Mapping[str, str], now: Mapping[str, str]) -> tuple[Difference, ...]:
    # Rows once carried their counts in their names, which made a moved figure look like one gone and another come.
    then, now = ({_COUNTS.sub("", name): value for name, value in figures.items()} for figures in (then, now))
    names = dict.fromkeys((*then, *now))
    return tuple(Difference(name, then.get(name), now.get(name)) for name in names if then.get(name) != now.get(name))


def _without(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in some if one not in others))
