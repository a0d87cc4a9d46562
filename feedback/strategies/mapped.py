"""Keep what comments mean under each adopted strategy beside what was read of them, and let questions be answered under one.

Whatever changes a finding notes its comment (triggers of the schema), and the transaction that did it maps the comment anew before
it ends (`Store.writing`), so an upload, a correction or a re-reading never leaves an adopted strategy behind. `answer_under` puts
the mapped findings in the place of those read, on one connection alone: no question of query.py knows that there is more than one
strategy.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from feedback.comment import Finding
from feedback.strategies.remap import KINDS as STRATEGIC
from feedback.strategies.remap import Rules, kept_kind, plain_kind, remap

AT_ONCE = (
    2_000  # comments that are mapped in one go: what a killed adoption loses at most, and some megabytes of memory
)

_SHADOW = """
CREATE TEMP VIEW effective AS
    SELECT comment, kind, label, place, polarity, score, start, "end", "by", detail FROM main.findings
    WHERE current = 1 AND kind NOT IN ({kinds})
    UNION ALL
    SELECT comment, kind, label, place, polarity, score, start, "end", "by", detail FROM main.mapped WHERE strategy = {version}
"""


def answer_under(conn: sqlite3.Connection, version: str | None) -> None:
    """Let every question on this connection be answered under the adopted strategy of this version; None is the one that is read.

    A view of the connection's own takes the place of `effective`; other connections see nothing of it.
    """
    (locked,) = conn.execute("PRAGMA query_only").fetchone()
    conn.execute("PRAGMA query_only = OFF")  # it forbids even what stays in this connection's memory
    try:
        conn.execute("DROP VIEW IF EXISTS temp.effective")
        conn.execute("DROP VIEW IF EXISTS temp.answered")
        if version is not None:
            kinds = ", ".join(f"'{kind}'" for kind in STRATEGIC)
            # A view takes no parameters, so the version stands in it as a literal.
            literal = "'" + version.replace("'", "''") + "'"
            conn.execute(_SHADOW.format(kinds=kinds, version=literal))
            conn.execute(f"CREATE TEMP VIEW answered AS SELECT {literal} AS version")
    finally:
        conn.execute(f"PRAGMA query_only = {locked}")


def answered_under(conn: sqlite3.Connection) -> str | None:
    """The version of the adopted strategy under which this connection answers; None for the one that the models read."""
    if not conn.execute("SELECT count(*) FROM temp.sqlite_master WHERE name = 'answered'").fetchone()[0]:
        return None
    return conn.execute("SELECT version FROM temp.answered").fetchone()[0]


def map_changed(conn: sqlite3.Connection) -> None:
    """Map anew the comments whose findings have changed, under every adopted strategy, within a transaction."""
    while numbers := [n for (n,) in conn.execute("SELECT comment FROM unmapped LIMIT ?", (AT_ONCE,))]:
        for rules in all_rules(conn):
            map_comments(conn, rules, numbers)
        conn.execute("DELETE FROM unmapped WHERE comment IN (SELECT value FROM json_each(?))", (json.dumps(numbers),))


def all_rules(conn: sqlite3.Connection) -> list[Rules]:
    """The rules of every strategy that was adopted or is being adopted."""
    return [Rules.of(json.loads(rules)) for (rules,) in conn.execute("SELECT rules FROM strategies ORDER BY id")]


def map_comments(conn: sqlite3.Connection, rules: Rules, numbers: Sequence[int]) -> None:
    """Put what these comments mean under one strategy in place of what they meant, within a transaction."""
    wanted = json.dumps(list(numbers))
    conn.execute(
        "DELETE FROM mapped WHERE strategy = ? AND comment IN (SELECT value FROM json_each(?))", (rules.version, wanted)
    )
    findings, said = _counting(conn, wanted), _said(conn, wanted, rules.version)
    conn.executemany(
        'INSERT INTO mapped (strategy, comment, kind, label, place, polarity, score, start, "end", "by", detail)'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (rules.version, number, f.kind, f.label, place, f.polarity, f.score, f.start, f.end, f.by, f.detail)
            for number in findings.keys() | said.keys()
            for place, f in enumerate(remap(findings.get(number, ()), rules, said.get(number, ())))
        ),
    )


def _counting(conn: sqlite3.Connection, wanted: str) -> dict[int, list[Finding]]:
    """The findings that count and that a strategy may rest on, by comment."""
    kinds = ", ".join(f"'{kind}'" for kind in ("theme", *STRATEGIC))
    return _by_comment(
        conn.execute(
            'SELECT comment, kind, label, polarity, score, start, "end", "by", detail FROM findings'
            f" WHERE comment IN (SELECT value FROM json_each(?)) AND kind IN ({kinds}) AND current = 1"
            " ORDER BY comment, place",
            (wanted,),
        )
    )


def _said(conn: sqlite3.Connection, wanted: str, version: str) -> dict[int, list[Finding]]:
    """What people said of comments under this strategy, the latest last."""
    kinds = json.dumps([kept_kind(kind, version) for kind in STRATEGIC])
    return _by_comment(
        conn.execute(
            'SELECT comment, kind, label, polarity, score, start, "end", "by", detail FROM findings'
            " WHERE comment IN (SELECT value FROM json_each(?)) AND kind IN (SELECT value FROM json_each(?))"
            " ORDER BY comment, place",
            (wanted, kinds),
        )
    )


def _by_comment(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = defaultdict(list)
    for number, kind, *rest in rows:
        found[number].append(Finding(plain_kind(kind)[0], *rest))
    return found
