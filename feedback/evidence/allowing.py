"""Allow for misreading in the figures of the strategy's parts, by themselves and in tables, or say why they stand as read.

Errors were counted by label on comments of all kinds together. Where a question picks out who wrote, of which service, or with which
words, the reader may be wrong more often or less, so nothing is allowed for; neither is on one side alone, for then the two could not be
set side by side.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from feedback.accuracy.doubted import SIGNS, doubted, doubted_sides, known_of
from feedback.accuracy.measured import KnownError, doubt
from feedback.evidence.known_error import OTHER_SIDE, Adjusted, adjust, unmeasured, with_estimate
from feedback.evidence.reconcile import reconciled
from feedback.filters import Filters, Scope, among, chosen, describe
from feedback.query import LabelCount
from feedback.strategies.bearing import READ_DIRECTLY, EvidenceKind
from feedback.taxonomy import Taxonomy

# Filters that leave all kinds of comments in.
ALL_KINDS = ("date_from", "date_to", "batch", "strategy")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One part's figures with misreading allowed for, as far as it can be; `doubt` says why no share is given at all, "" where one is.

    `doubts` says the same of single sides ("for", "against"): a part may be read well and one of its sides badly. `sides` counts the
    comments for, against, both and neither, each once, as the evidence on the part does. `found` is what bears on it, `good` and `bad` what speaks for and against; each None where nothing was read.
    """

    found: Adjusted | None
    good: Adjusted | None
    bad: Adjusted | None
    doubt: str
    doubts: Mapping[str, str] = field(default_factory=dict)
    sides: Mapping[str, int] = field(default_factory=dict)


def allowed_for(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    kind: EvidenceKind,
    rows: Iterable[LabelCount],
    filters: Filters,
    scope: Scope,
    read: int,
) -> dict[str, Allowed]:
    """Each row of a table of values or objectives, by its id; `read` is what the counts are a share of."""
    known, reader = known_of(conn)
    narrowed = narrowing(taxonomy, filters, scope)
    counted = _sides(conn, taxonomy, kind, filters, scope)
    found = {}
    for row in rows:
        label = error_label(taxonomy, kind, row.id)
        sides = counted.get(row.id, dict.fromkeys(("for", "against", "both", "neither"), 0))
        three = [*figures(label, sides, read, known, reader, narrowed)] if label and row.basis != "unread" else []
        whole, good, bad = three if len(three) == 3 else (None, None, None)
        found[row.id] = Allowed(
            whole,
            good,
            bad,
            doubted(taxonomy, kind, row.id, known, reader),
            doubted_sides(taxonomy, kind, row.id, known, reader),
            sides,
        )
    return found


def _sides(
    conn: sqlite3.Connection, taxonomy: Taxonomy, kind: EvidenceKind, filters: Filters, scope: Scope
) -> dict[str, dict[str, int]]:
    """Of each part of a kind the comments on each side: one that says both, in one place or in two, is on neither side alone."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    sql = (
        "SELECT label, sum(good AND NOT bad), sum(bad AND NOT good), sum(good AND bad), sum(NOT good AND NOT bad) FROM (SELECT comment, label,"
        " max(polarity IN ('+', '~')) AS good, max(polarity IN ('-', '~')) AS bad FROM effective"
        f" WHERE kind = :sided AND {among(where)} GROUP BY comment, label) GROUP BY label"
    )
    names = ("for", "against", "both", "neither")
    return {
        label: dict(zip(names, counts, strict=True))
        for label, *counts in conn.execute(sql, {**parameters, "sided": kind})
    }


def adjusted(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    kind: EvidenceKind,
    id: str,
    sides: Mapping[str, int],
    filters: Filters,
    scope: Scope,
    read: int,
) -> tuple[Adjusted, ...]:
    """The main figures of one part with known error allowed for: of what is read for directly, since errors are known by label."""
    label = error_label(taxonomy, kind, id)
    if label is None:
        return ()
    known, reader = known_of(conn)
    narrowed = narrowing(taxonomy, replace(filters, **dict.fromkeys([kind])), scope)
    return tuple(figures(label, sides, read, known, reader, narrowed))


def figures(
    label: str, sides: Mapping[str, int], read: int, known: KnownError | None, reader: str | None, narrowed: str
) -> Iterator[Adjusted]:
    """What bears on it, and both sides, which are allowed for together or not at all; where all three are, so that they agree."""
    both = f" and {sides['both']:,} both" if sides["both"] else ""
    counted = (
        ("bears on it", "", sum(sides.values()), ""),
        ("speaks for it", "+", sides["for"] + sides["both"], both and f"{sides['for']:,} for{both}"),
        ("speaks against it", "-", sides["against"] + sides["both"], both and f"{sides['against']:,} against{both}"),
    )
    found = [
        adjust(what, f"{label}{sign}", n, read, known, reader, made_of=made_of, narrowed=narrowed)
        for what, sign, n, made_of in counted
    ]
    one_sided = any(one and one.estimate is None for one in found[1:])
    if known and all(one and one.estimate for one in found):
        agreed = reconciled(sides, read, [known.labels[f"{label}{sign}"] for _, sign, _, _ in counted])
        if agreed:
            yield from (with_estimate(one, share) for one, share in zip(found, agreed, strict=True) if one)
            return
    for place, one in enumerate(found):
        if one:
            yield replace(one, estimate=None, sentence=OTHER_SIDE) if place and one_sided and one.estimate else one


def narrowing(taxonomy: Taxonomy, filters: Filters, scope: Scope) -> str:
    """The kind of comments that filters or a reader's scope pick out, in words; "" where all kinds are in."""
    picked = replace(filters, **dict.fromkeys(ALL_KINDS))
    if any(getattr(picked, one.name) is not None for one in fields(picked)):
        return describe(taxonomy, picked)
    return "those of some services" if scope.services is not None else ""


def error_label(taxonomy: Taxonomy, kind: EvidenceKind, id: str) -> str | None:
    """The label under which the reader's errors on a part were counted; None where they were not.

    A part of a strategy adopted later errs as the one code does whose new name it is; of any other nothing was measured.
    """
    if kind not in READ_DIRECTLY or taxonomy.rules is None:
        return id if kind in READ_DIRECTLY else None
    rule = taxonomy.rules.rule(kind, id)
    return rule.codes[0][1] if rule and rule.carries else None


def poorly_measured(conn: sqlite3.Connection, taxonomy: Taxonomy) -> str:
    """Of which values and objectives the reader's errors are not known well enough to be allowed for; "" where of none."""
    parts: list[tuple[EvidenceKind, str, str]] = [("objective", id, id) for id in taxonomy.objectives]
    parts += [("value", id, value.name) for id, value in taxonomy.values.items()]
    known, reader = known_of(conn)
    labels: dict[str, str] = {}
    for kind, id, name in parts:
        label = error_label(taxonomy, kind, id)
        if label is None:
            continue
        labels[label] = name
        if not doubt(known, label, reader):  # of what is doubted as a whole no side need be named
            labels |= {
                f"{label}{SIGNS[side]}": f"{name}, {side}" for side in doubted_sides(taxonomy, kind, id, known, reader)
            }
    return unmeasured(known, labels, reader)
