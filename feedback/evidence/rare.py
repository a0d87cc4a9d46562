"""Find the rare voice: a single comment on a matter that would touch everyone, which every share and every list of the usual buries.

Rare is not the same as unimportant: one person may be the first to say it. Nor is it the same as important: a theme that the model read
where there is none is rare too, so a rare voice must be sure, and of weight. The rule is stated (`RULE`) and gives the same comments on
every run. These words are the likeliest of all to tell who wrote them, so a document asks disclosure.py before it quotes one.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from feedback.evidence.words import in_their_sentences
from feedback.filters import Filters, Scope, chosen
from feedback.query import Clause, LabelCount, clauses, service_table, statement_table, theme_table, totals
from feedback.quoting import reason_of
from feedback.store import PERSON
from feedback.taxonomy import Taxonomy

ENOUGH = 30  # comments read before anything is rare: among a handful everything is
RARE_COMMENTS = 5  # fewer than this on a theme, and
RARE_SHARE = 0.02  # less than this of the comments read
WORST = 5  # on the scale from 1 (very positive)
SURE = 0.7  # of what makes it rare, 0 to 1; below, it is rare because it was misread too often
MANY_COMMENTS, MANY_SHARE = 20, 0.02  # on a service, or a programme's services, before it has many users
VOICES = 6
ALONE, VERY_NEGATIVE, NO_WEIGHT = 2, 3, 4  # places in the order of weight, after the flagged


RULE = (
    f"A rare voice is the only comment on a statement of the strategy, or one on a theme that fewer than {RARE_COMMENTS} comments and less than {RARE_SHARE:.0%} of those read speak of. "
    f"The reader must be sure of it ({SURE} or more, or a person said it), and it must have weight: its words were flagged as urgent; or nobody else speaks of that statement; or it is very "
    f"negative about a service, or a programme's services, of which at least {MANY_COMMENTS} comments and {MANY_SHARE:.0%} of those read speak. None is looked for among fewer than "
    f"{ENOUGH} comments. Flagged ones come first, then those alone on a statement, then the very negative, of each the surest first; up to {VOICES}."
)


@dataclass(frozen=True, slots=True)
class RareVoice:
    """One clause with why it is heard here: `why` in words, `of` the number of comments that speak of the same at all."""

    clause: Clause
    why: str
    of: int


@dataclass(frozen=True, slots=True)
class _Weight:
    """How much a comment weighs: 0 flagged urgent, 3 very negative where many go, 4 none of these; and that in words."""

    place: int
    words: str


def rare_voices(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    read: int,
    bearing_on: Filters | None = None,
    wanted: int = VOICES,
) -> tuple[RareVoice, ...]:
    """The rare voices among the comments chosen, `read` in number; only those that `bearing_on` chooses too, where it is given."""
    if read < ENOUGH:
        return ()
    found = [
        *_alone_on_a_statement(conn, taxonomy, filters, scope),
        *_on_a_rare_theme(conn, taxonomy, filters, scope, read),
    ]
    found = [voice for voice in found if voice.clause.score >= SURE or voice.clause.by.startswith(PERSON)]
    ids = list(dict.fromkeys(voice.clause.comment for voice in found))
    kept = _among(conn, taxonomy, bearing_on or filters, scope, ids)
    weights = _weights(conn, [voice.clause for voice in found])
    busy = (
        _busy(conn, taxonomy, filters, scope, read)
        if any(weight.place == VERY_NEGATIVE for weight in weights.values())
        else {}
    )
    voices: dict[str, tuple[int, RareVoice]] = {}
    for voice in found:
        weight = weights[voice.clause.citation]
        alone = voice.of == 1 and voice.why.startswith("the only")
        many = next((busy[service] for service in voice.clause.services if service in busy), None)
        if weight.place == VERY_NEGATIVE and not many:
            weight = _Weight(NO_WEIGHT, "")
        if voice.clause.comment not in kept or not (alone or weight.words):
            continue
        why = ", ".join(filter(None, (voice.why, weight.words, many if weight.place == VERY_NEGATIVE else None)))
        place = min(weight.place, ALONE) if alone else weight.place
        voices.setdefault(voice.clause.comment, (place, replace(voice, why=why)))
    ordered = sorted(voices.values(), key=lambda one: (one[0], -one[1].clause.score, one[1].clause.citation))
    heard = [voice for _, voice in ordered[:wanted]]
    quoted = in_their_sentences(conn, [voice.clause for voice in heard])
    return tuple(replace(voice, clause=clause) for voice, clause in zip(heard, quoted, strict=True))


def _busy(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, read: int) -> Mapping[str, str]:
    """The services below a directorate that many speak of, or whose programme's services many speak of, with that in words."""
    enough = max(MANY_COMMENTS, MANY_SHARE * read)
    counted = service_table(conn, taxonomy, filters, scope)
    busy: dict[str, str] = {}
    for programme in taxonomy.programmes.values():
        services = taxonomy.programme_services(programme.id)
        n = totals(conn, taxonomy, replace(filters, programme=programme.id), scope).read if services else 0
        if n >= enough:
            busy |= dict.fromkeys(
                services, f"in the services of {programme.title.rstrip('.')}, which {n:,} comments are about"
            )
    for row in counted:
        if row.depth and row.n >= enough:
            busy[row.id] = f"about {row.title}, which {row.n:,} comments are about"
    return busy


def _alone_on_a_statement(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope
) -> Iterator[RareVoice]:
    rows = [row for row in statement_table(conn, taxonomy, filters, scope) if row.n == 1]
    for row in rows:
        for clause in _said(conn, taxonomy, replace(filters, statement=row.id, polarity=None, side=None), scope):
            yield RareVoice(clause, f"the only comment on {row.id} {row.title}".rstrip("."), 1)


def _on_a_rare_theme(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, read: int
) -> Iterator[RareVoice]:
    rows: Iterable[LabelCount] = theme_table(conn, taxonomy, filters, scope)
    rare = (row for row in rows if 0 < row.n < RARE_COMMENTS and row.n / read < RARE_SHARE)
    for row in sorted(rare, key=lambda row: row.id):
        for clause in _said(conn, taxonomy, replace(filters, theme=row.id, polarity=None, side=None), scope):
            yield RareVoice(
                clause, f"one of {row.n} on {row.title}" if row.n > 1 else f"the one comment on {row.title}", row.n
            )


def _said(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> Iterator[Clause]:
    """The surest clause of each comment chosen, with why it counts."""
    seen: set[str] = set()
    for clause in clauses(conn, taxonomy, filters, scope, limit=50):
        if clause.comment not in seen:
            seen.add(clause.comment)
            yield replace(clause, reason=reason_of(clause, taxonomy))


def _among(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, ids: Sequence[str]
) -> frozenset[str]:
    where, parameters = chosen(conn, taxonomy, filters, scope)
    sql = f"SELECT c.id FROM comments c WHERE {where} AND c.id IN (SELECT value FROM json_each(:ids))"
    return frozenset(id for (id,) in conn.execute(sql, parameters | {"ids": json.dumps(ids)}))


def _weights(conn: sqlite3.Connection, said: Sequence[Clause]) -> Mapping[str, _Weight]:
    """How much each clause weighs, by its citation: a flag counts for the words that it rests on, not for all else in the comment."""
    asked = json.dumps([[clause.citation, clause.comment, clause.start, clause.end] for clause in said])
    sql = (
        "SELECT json_extract(value, '$[0]') AS cited, c.scale, max(f.severity = 'urgent') FROM json_each(?)"
        " JOIN comments c ON c.id = json_extract(value, '$[1]') LEFT JOIN flags f ON f.comment = c.number"
        " AND f.start < json_extract(value, '$[3]') AND f.\"end\" > json_extract(value, '$[2]') GROUP BY cited"
    )
    return {
        citation: _Weight(0, "flagged as urgent")
        if urgent
        else _Weight(VERY_NEGATIVE, "very negative")
        if scale == WORST
        else _Weight(NO_WEIGHT, "")
        for citation, scale, urgent in conn.execute(sql, (asked,))
    }
