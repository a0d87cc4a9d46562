"""Make the document that sets an older strategy beside a newer: each part with what became of it, counted under both, and why they differ."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from feedback.documents.model import Block, Bullets, Heading, KeyFigure, KeyFigures, Paragraph, table
from feedback.documents.source import Source, rests_on
from feedback.query import LabelCount, totals
from feedback.strategies.side_by_side import Pair, side_by_side

# What became of a part, in the order in which a reader asks: what goes, what comes, what changed, what stays.
FATES = {
    "dropped": "Falls away",
    "new": "New",
    "split": "Split",
    "merged": "Merged",
    "narrowed": "Narrowed",
    "carried": "Goes on under another name",
}
KINDS = {"objective": "Objectives", "value": "Values"}
HOW = {
    "read": "read by models",
    "part": "part of what is read",
    "rule": "by rule from themes",
    "unread": "not found yet",
}


def comparison_pack(source: Source, old: str, new: str) -> tuple[str, str, list[Block], dict[str, Any]]:
    """Title, what it rests on, the blocks, and the figures as data; the source holds the strategy that the models read."""
    found = side_by_side(source.conn, source.taxonomy, old, new, source.filters, source.scope, may_read=True)
    total = totals(*source.asked)
    blocks: list[Block] = [
        Paragraph(
            f"Each part of strategy {old} stands beside what became of it in {new}. Both are counted from the same {found.read:,} comments "
            "read: where two counts differ, the strategies do, and not what people said."
        ),
        Heading("In short"),
        KeyFigures("Parts of both strategies", tuple(_parts(found.pairs, old, new))),
        Bullets(tuple(_in_short(found.pairs))),
    ]
    for kind, title in KINDS.items():
        pairs = [pair for pair in found.pairs if pair.kind == kind]
        if pairs:
            blocks.append(Heading(title))
            for pair in pairs:
                blocks += _pair(pair, old, new)
    blocks += [Heading("What cannot be said"), Bullets(tuple(_cannot_say(found.pairs)))]
    return f"Strategies {old} and {new} side by side", rests_on(total), blocks, asdict(found)


def _parts(pairs: Sequence[Pair], old: str, new: str) -> Iterator[KeyFigure]:
    for version, rows in ((old, _old(pairs)), (new, _new(pairs))):
        unread = sum(row.basis == "unread" for row in rows)
        note = f"{unread} not found yet" if unread else "all found in comments"
        yield KeyFigure(f"Values and objectives of {version}", f"{len(rows)}", note)


def _old(pairs: Sequence[Pair]) -> list[LabelCount]:
    return [pair.old for pair in pairs if pair.old]


def _new(pairs: Sequence[Pair]) -> list[LabelCount]:
    """The parts of the newer strategy, each once: one that was merged stands in several pairs."""
    return list({(pair.kind, row.id): row for pair in pairs for row in pair.new}.values())


def _in_short(pairs: Sequence[Pair]) -> Iterator[str]:
    for fate, words in FATES.items():
        names = [_name(pair.old or pair.new[0], pair.kind) for pair in pairs if pair.fate == fate]
        if names:
            yield f"{words}: {'; '.join(names)}."


def _pair(pair: Pair, old: str, new: str) -> list[Block]:
    head = pair.old or pair.new[0]
    lines = [_line(pair.old, pair.kind, old)] if pair.old else []
    lines += [_line(row, pair.kind, new) for row in pair.new]
    name = _name(head, pair.kind)
    return [
        Heading(f"{name}: {FATES[pair.fate][:1].lower()}{FATES[pair.fate][1:]}", 3),
        table(
            f"{name} ({old if pair.old else new}) under both strategies",
            ("Part", "Comments", "For", "Against", "Both", "How it is found"),
            lines,
            words=(5,),
        ),
        *([Paragraph(" ".join(pair.why))] if pair.why else []),
    ]


def _line(row: LabelCount, kind: str, version: str) -> tuple[str, ...]:
    counts = ("–",) * 4 if row.basis == "unread" else (f"{n:,}" for n in (row.n, row.positive, row.negative, row.mixed))
    return (f"{version}: {_name(row, kind)}", *counts, HOW[row.basis])


def _name(row: LabelCount, kind: str) -> str:
    return f"{row.id} {row.title}".rstrip(".") if kind == "objective" else row.title


def _cannot_say(pairs: Sequence[Pair]) -> Iterator[str]:
    bases = {row.basis for row in (*_old(pairs), *_new(pairs))}
    if "unread" in bases:
        yield "What is not found yet has no figure: that is neither nothing nor good news."
    if "rule" in bases:
        yield "What is found by rule from themes alone says that a comment speaks of the matter and has never been measured."
    if "part" in bases:
        yield "What is found in part of what is read leaves comments out that a reader of the new strategy may count."
    yield "No comment was read anew for the newer strategy; the models know the codes of the older one alone."
