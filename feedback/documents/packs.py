"""Make the pack that was asked for: the document with how it was made, the figures as data, and the record to check both by."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from feedback.disclosure import Disclosure
from feedback.documents.asked import COMPARISON, OF_STRATEGY, Form, PackAsked
from feedback.documents.board import board_pack
from feedback.documents.comparison import comparison_pack
from feedback.documents.model import Block, Document, Paragraph
from feedback.documents.programme import programme_pack
from feedback.documents.record import Record, record_of
from feedback.documents.source import Source, counted, day
from feedback.documents.strategy import strategy_pack
from feedback.documents.team import team_pack
from feedback.filters import Scope
from feedback.query import holds_sample
from feedback.strategies.bearing import EvidenceKind
from feedback.taxonomy import Taxonomy

Made = tuple[str, str, list[Block], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pack:
    """A document, the same figures as `data` for programs, and its record."""

    asked: PackAsked
    document: Document
    data: Mapping[str, Any]
    record: Record

    def as_record(self) -> dict[str, Any]:
        """All of it in plain values; `report` is "evidence" for a part of the strategy, else the kind."""
        return {
            "report": "evidence" if self.asked.kind in OF_STRATEGY else self.asked.kind,
            **self.data,
            "document": {
                "title": self.document.title,
                "subtitle": self.document.subtitle,
                "blocks": self.document.as_record(),
            },
            "versions": self.record.versions,
        }


def make_pack(
    conn: sqlite3.Connection, taxonomy: Taxonomy, asked: PackAsked, scope: Scope, *, now: datetime, form: Form = "docx"
) -> Pack:
    """Make a pack from the comments that a scope reaches; its command line says `form`. Raises NotFound and BadInput for what is not there.

    A comparison is made from the data folder's taxonomy, with no adopted strategy in place: it puts both in place by itself.
    """
    if taxonomy.adopted and asked.filters.strategy is None:  # another may be in force when it is made again
        asked = replace(asked, filters=replace(asked.filters, strategy=taxonomy.adopted))
    source = Source(conn, taxonomy, asked.filters, scope, Disclosure(conn, taxonomy), now)
    title, subtitle, blocks, data = _made(source, asked)
    data = {**data, "withheld": source.disclosure.withheld}
    if asked.further.service and asked.kind != "service":  # so that nobody takes it for the whole Trust's
        title = f"{title} ({taxonomy.service_name(asked.further.service)} alone)"
    if further := asked.further_in_words(taxonomy):
        subtitle = f"{subtitle}. Asked for: {further}"
    if holds_sample(conn):
        subtitle = f"SAMPLE DATA: at least one upload is invented, no patient or carer wrote it. {subtitle}"
    bare = Document(title, subtitle, tuple(blocks))
    record = record_of(conn, taxonomy, asked, scope, bare, now=now, form=form)
    return Pack(asked, replace(bare, made=_how_made(record)), data, record)


def _made(source: Source, asked: PackAsked) -> Made:
    if asked.kind in OF_STRATEGY:
        return strategy_pack(source, cast("EvidenceKind", asked.kind), asked.id or "", asked.base)
    if asked.kind == "programme":
        return programme_pack(source, asked.id or "")
    if asked.kind == COMPARISON:
        return comparison_pack(source, *asked.versions)
    by_kind: dict[str, Callable[[Source], Made]] = {"service": team_pack, "board": board_pack}
    return by_kind[asked.kind](source)


def _how_made(record: Record) -> tuple[Block, ...]:
    """What lets anybody make and check the document again, in two lines of small print."""
    when = datetime.fromisoformat(record.made_at)
    versions = ", ".join(f"{name.replace('_', ' ')} {version}" for name, version in record.versions.items())
    said = (
        f"Made on {day(when)} at {when:%H:%M} UTC by: {record.command}. Rests on {counted(record.data.comments, 'comment')}, data version "
        f"{record.data.digest[:12]}; {versions}. Content {record.content[:12]}. To check this file: feedback report --verify FILE."
    )
    return (Paragraph(said, lead="How it was made.", small=True),)
