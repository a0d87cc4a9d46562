"""Put two strategies side by side: each value and objective of the older one beside what became of it, counted under both, and why they differ.

Both are counted from the same stored findings under the same filters, so a difference between two counts is a difference between two
strategies and never between two readings.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from feedback.errors import BadInput
from feedback.filters import Filters, Scope, among, chosen
from feedback.query import LabelCount, objective_table, totals, value_table
from feedback.strategies.remap import Code, Rule
from feedback.strategies.successor import how_found
from feedback.strategies.versions import successor, under
from feedback.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Pair:
    """A value or objective of the older strategy and what became of it, or one of the newer that nothing of the older went into.

    `fate`: carried, merged, narrowed, split, dropped or new; `why` says in sentences how the counts come to differ.
    """

    kind: str
    fate: str
    old: LabelCount | None
    new: tuple[LabelCount, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two strategies by their versions, of the `read` comments that were read under the same filters."""

    old: str
    new: str
    read: int
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class _Counted:
    """One strategy with its counts; `sources` are the codes of what is read that each part rests on."""

    taxonomy: Taxonomy
    rows: dict[Code, LabelCount]
    sources: dict[Code, frozenset[Code]]

    @property
    def version(self) -> str:
        return self.taxonomy.versions["strategy"]

    def rule(self, part: Code) -> Rule | None:
        return self.taxonomy.rules.rule(*part) if self.taxonomy.rules else None


def side_by_side(
    conn: sqlite3.Connection,
    shipped: Taxonomy,
    old: str,
    new: str,
    filters: Filters,
    scope: Scope,
    *,
    may_read: bool,
) -> SideBySide:
    """Compare the strategies of two versions under filters; `shipped` is the taxonomy of the data folder.

    A reader who may not read the words gets no number but those of the counts themselves, which api/hidden.py looks after.
    Raises NotFound for a version that is not there, BadInput for filters that mean a part of one of them.
    """
    if filters.value or filters.objective or filters.statement or filters.evidence:
        raise BadInput(
            "Two strategies are compared part by part; leave out the filters value, objective, statement and evidence."
        )
    if old == new:
        raise BadInput(f"Strategy {old} is compared with itself; name another one.")
    filters = replace(filters, strategy=None)
    first, second = _counted(conn, shipped, old, filters, scope), _counted(conn, shipped, new, filters, scope)
    under(conn, shipped, shipped.versions["strategy"])
    read = totals(conn, shipped, filters, scope).read
    numbers = _Numbers(conn, *chosen(conn, shipped, filters, scope)) if may_read else None
    dropped: Mapping[str, str] = {} if second.taxonomy.rules is None else successor(conn, shipped, new).dropped
    pairs = [*_from_old(first, second, numbers, dropped), *_only_new(first, second)]
    return SideBySide(old, new, read, tuple(sorted(pairs, key=lambda pair: pair.kind != "objective")))


def _counted(conn: sqlite3.Connection, shipped: Taxonomy, version: str, filters: Filters, scope: Scope) -> _Counted:
    taxonomy = under(conn, shipped, version)
    rows: dict[Code, LabelCount] = {}
    rows |= {("objective", row.id): row for row in objective_table(conn, taxonomy, filters, scope)}
    rows |= {("value", row.id): row for row in value_table(conn, taxonomy, filters, scope)}
    rules = taxonomy.rules
    sources = {part: frozenset([part]) for part in rows}
    if rules:
        sources = {(rule.kind, rule.id): frozenset(rule.codes) for rule in rules.rules if rule.kind != "statement"}
    return _Counted(taxonomy, rows, sources)


class _Numbers:
    """Counts of comments that lie between the parts, under the strategy that is read."""

    def __init__(self, conn: sqlite3.Connection, where: str, parameters: dict[str, object]) -> None:
        self._conn, self._among, self._parameters = conn, among(where, "f"), parameters

    def on_several(self, codes: Collection[Code]) -> int:
        """Comments that bear on more than one of the codes."""
        sql = (
            f"SELECT count(*) FROM (SELECT comment FROM main.effective f WHERE (kind, label) IN ({_PAIRS.format('codes')})"
            f" AND {self._among} GROUP BY comment HAVING count(DISTINCT kind || ' ' || label) > 1)"
        )
        return self._conn.execute(sql, self._parameters | {"codes": _pairs(codes)}).fetchone()[0]

    def left_out(self, code: Code, version: str, parts: Collection[Code]) -> int:
        """Comments that bear on the code and on none of the parts of an adopted strategy that it went into."""
        sql = (
            f"SELECT count(DISTINCT comment) FROM main.effective f WHERE (kind, label) IN ({_PAIRS.format('codes')}) AND {self._among}"
            " AND NOT EXISTS (SELECT 1 FROM mapped m WHERE m.comment = f.comment AND m.strategy = :version"
            f" AND (m.kind, m.label) IN ({_PAIRS.format('parts')}))"
        )
        given = {"codes": _pairs([code]), "parts": _pairs(parts), "version": version}
        return self._conn.execute(sql, self._parameters | given).fetchone()[0]


_PAIRS = "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:{})"


def _pairs(codes: Collection[Code]) -> str:
    return json.dumps(sorted(codes))


def _from_old(
    first: _Counted, second: _Counted, numbers: _Numbers | None, dropped: Mapping[str, str]
) -> Iterator[Pair]:
    for part, row in first.rows.items():
        became = [other for other, sources in second.sources.items() if sources & first.sources[part]]
        fate = _fate(first, second, part, became)
        why = tuple(_why(first, second, part, became, fate, numbers, dropped))
        yield Pair(part[0], fate, row, tuple(second.rows[other] for other in became), why)


def _only_new(first: _Counted, second: _Counted) -> Iterator[Pair]:
    known = frozenset().union(*first.sources.values())
    for part, row in second.rows.items():
        if not second.sources[part] & known:
            how = how_found(second.taxonomy, *part) or f"Strategy {first.version} had nothing of it."
            yield Pair(part[0], "new", None, (row,), (how,))


def _fate(first: _Counted, second: _Counted, part: Code, became: Sequence[Code]) -> str:
    if not became:
        return "dropped"
    if len(became) > 1:
        return "split"
    if second.sources[became[0]] != first.sources[part]:
        return "merged" if second.sources[became[0]] > first.sources[part] else "narrowed"
    whole = all(rule is None or rule.basis == "read" for rule in (first.rule(part), second.rule(became[0])))
    return "carried" if whole else "narrowed"


def _why(
    first: _Counted,
    second: _Counted,
    part: Code,
    became: Sequence[Code],
    fate: str,
    numbers: _Numbers | None,
    dropped: Mapping[str, str],
) -> Iterator[str]:
    if fate == "dropped":
        reason = dropped.get(part[1], "")
        yield (
            f"{_sentence(reason)} " if reason else ""
        ) + f"Its comments can still be asked for under {first.version}."
        return
    if fate == "carried":
        yield "It rests on the same findings under another name, so the counts are the same."
        return
    if how := how_found(first.taxonomy, *part):
        yield f"Under {first.version}: {how}"
    for other in became:
        name = f"{other[1]}: " if len(became) > 1 else ""
        yield f"{name}{how_found(second.taxonomy, *other) or f'Found in comments on {part[1]}.'}"
        several = second.sources[other]
        if numbers and len(several) > 1:
            yield _on_several(numbers.on_several(several))
    if numbers and first.taxonomy.rules is None and second.taxonomy.adopted and fate in ("split", "narrowed"):
        left = numbers.left_out(part, second.version, became)
        yield (
            f"Of the {first.rows[part].n:,} comments on {part[1]}, {left:,} went to none of these"
            + ("; a comment may go to several." if len(became) > 1 else ".")
        )


def _on_several(n: int) -> str:
    if n == 1:
        return "1 comment bears on more than one of these and counts once."
    return f"{n:,} comments bear on more than one of these and count once each."


def _sentence(words: str) -> str:
    words = words.strip()
    return words[:1].upper() + words[1:].rstrip(".") + "."
