"""Make a pack to take to a meeting, on one thing or on all, and write it down: Word, HTML, Markdown for people, JSON for programs.

A document never says more than its numbers: each stands with its n, its interval or its sentence on chance, and the query
and versions that made it. What is quoted is chosen by a rule that the document states.
It quotes comments, so it is for those who may read them; and since it leaves the building, what could tell who wrote it is
withheld (disclosure.py), and counted. What a pack holds is in documents/packs.py, how it is written in documents/files.py, and
how it is checked again in documents/verify.py.
"""

import sqlite3
from datetime import UTC, datetime

from feedback.documents.asked import Form, asked_of
from feedback.documents.files import file_of
from feedback.documents.packs import make_pack
from feedback.filters import Filters, Scope
from feedback.taxonomy import Taxonomy


def report(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    form: Form,
    *,
    board: bool = False,
    compare: tuple[str, str] | None = None,
    now: datetime | None = None,
) -> bytes:
    """The file of the pack that the filters ask for, or of the comparison of two strategies, older and newer. Raises BadInput where they ask for nothing, and what the filters raise."""
    asked = asked_of(filters, board=board, compare=compare)
    pack = make_pack(conn, taxonomy, asked, scope, now=now or datetime.now(UTC), form=form)
    return file_of(pack, form, conn)
