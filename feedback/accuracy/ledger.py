"""Keep account of how often the machines are right on the Trust's own comments: two people read a sample blind, and all are compared.

Published figures come from other trusts' comments. Here comments of this database are drawn at random, two people read them
apart, and the machines' answers stand beside: against the people, and the people against each other, which is the most
that can be asked of a machine. The danger is a figure that flatters: so a first answer stands, nobody sees another's,
and what was read here is neither trained on nor turned into corrections.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from feedback.accuracy.agreement import Rate, f1, kappa, micro_f1, rate
from feedback.errors import BadInput, NotFound
from feedback.filters import Filters, Scope, chosen
from feedback.sampling import READ, ToRead, at_random, described, filters_json, scope_json, signed, some_seed, to_read
from feedback.store import Store
from feedback.taxonomy import Taxonomy

MAX_SIZE = 2_000  # comments; more than two people read
READERS = 2
UNFELT = 3  # a comment in which the machines found nothing says nothing either way
F1_METHOD = "exact 95% interval of the share given by both of those given by either (Clopper and Pearson, 1934), as F1"
MICRO_METHOD = "95% percentile interval over 2,000 resamples of the comments, seeded"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn for reading, from how many (`pool`): `size` comments, `once` read by one person so far, `twice` by two."""

    id: int
    drawn_at: str
    drawn_by: str
    seed: int
    described: str
    pool: int
    versions: dict[str, str]
    size: int
    once: int
    twice: int
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reading, a person's or the machines', says of a comment: theme ids, and 1 very positive … 5 very negative."""

    scale: int
    themes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the answers of one reader: taken as new, or there before, in which case the first stands."""

    new: int
    before: int
    changed: int


@dataclass(frozen=True, slots=True)
class Match:
    """How far two kinds of readers agree on `comments`; shares with 95 % intervals.

    themes: micro F1 over all themes; exact: comments with just the same themes; scale: the same of five points; three: the
    same of positive, neutral and negative.
    """

    comments: int
    themes: Rate
    exact: Rate
    scale: Rate
    three: Rate


@dataclass(frozen=True, slots=True)
class ThemeMatch:
    """Agreement on one theme: F1 with its interval, and Cohen's kappa; None where nobody of the two kinds gave the theme."""

    theme: str
    given: float
    people: Rate | None
    people_kappa: float | None
    machine: Rate | None
    machine_kappa: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """People against each other, on comments that two have read, and the machines against them, on all that were read.

    A comment counts once, however many read it. `given` of a theme is on how many comments people gave it, a comment on which
    one of two did counting half. `people` is None before two have read the same comment.
    """

    read: int
    twice: int
    people: Match | None
    machine: Match
    themes: tuple[ThemeMatch, ...]
    methods: tuple[str, str] = (F1_METHOD, MICRO_METHOD)


# Drawing


def draw(
    store: Store, taxonomy: Taxonomy, filters: Filters, scope: Scope, *, size: int, by: str, seed: int | None = None
) -> Drawn:
    """Draw `size` comments (or all, if there are fewer) that no ledger has yet, and note what the machines say of them.

    Only comments that the machines read are drawn. The same seed over the same comments draws the same. Raises BadInput where
    there is nothing to draw.
    """
    if not 1 <= size <= MAX_SIZE:
        raise BadInput(f"A ledger takes 1 to {MAX_SIZE:,} comments at a time; {size} were asked for.")
    by, seed = signed(by, "A ledger"), some_seed(seed)
    where, parameters = chosen(store.conn, taxonomy, filters, scope)
    new = f"SELECT number FROM comments c WHERE {where} AND {READ} AND number NOT IN (SELECT comment FROM ledger_comments) ORDER BY number"
    with store.writing():
        pool = [number for (number,) in store.conn.execute(new, parameters)]
        if not pool:
            raise BadInput("Every comment under these filters has been drawn already, or there is none.")
        drawn = [number for number, _ in at_random([pool], [size], seed)]
        cursor = store.conn.execute(
            "INSERT INTO ledgers (drawn_at, drawn_by, seed, filters, scope, pool, versions)"
            " SELECT ?, ?, ?, ?, ?, ?, versions FROM comments ORDER BY number DESC LIMIT 1",
            (store.now(), by, seed, filters_json(filters), scope_json(scope), len(pool)),
        )
        said = _machine_now(store.conn, drawn)
        store.conn.executemany(
            "INSERT INTO ledger_comments (ledger, place, comment, scale, themes) VALUES (?, ?, ?, ?, ?)",
            [
                (cursor.lastrowid, place, number, said[number].scale, _json(said[number].themes))
                for place, number in enumerate(drawn, start=1)
            ],
        )
    return ledger(store.conn, taxonomy, cursor.lastrowid or 0, scope)


def ledgers(conn: sqlite3.Connection, taxonomy: Taxonomy, scope: Scope) -> tuple[Drawn, ...]:
    """What was drawn for exactly this scope, the latest first."""
    return _ledgers(conn, taxonomy, "l.scope IS ?", scope_json(scope))


def ledger(conn: sqlite3.Connection, taxonomy: Taxonomy, id: int, scope: Scope) -> Drawn:
    """One draw; raises NotFound for one that is not there or was drawn for another scope."""
    found = _ledgers(conn, taxonomy, "l.scope IS ? AND l.id = ?", scope_json(scope), id)
    if not found:
        raise NotFound(f"There is no ledger {id} that you may read; draw one.")
    return found[0]


def _ledgers(conn: sqlite3.Connection, taxonomy: Taxonomy, which: str, *parameters: object) -> tuple[Drawn, ...]:
    rows = conn.execute(
        "WITH answers AS (SELECT ledger, place, count(*) AS n FROM ledger_answers GROUP BY ledger, place)"
        " SELECT l.id, drawn_at, drawn_by, seed, filters, pool, v.versions,"
        " (SELECT json_group_array(DISTINCT reader) FROM ledger_answers WHERE ledger = l.id),"
        " count(d.place), ifnull(sum(a.n = 1), 0), ifnull(sum(a.n > 1), 0)"
        " FROM ledgers l JOIN versions v ON v.id = l.versions LEFT JOIN ledger_comments d ON d.ledger = l.id"
        f" LEFT JOIN answers a ON a.ledger = l.id AND a.place = d.place WHERE {which} GROUP BY l.id ORDER BY l.id DESC",
        parameters,
    )
    return tuple(
        Drawn(
            id,
            at,
            by,
            seed,
            described(taxonomy, filters),
            pool,
            json.loads(versions),
            size,
            once,
            twice,
            tuple(json.loads(readers)),
        )
        for id, at, by, seed, filters, pool, versions, readers, size, once, twice in rows
    )


# Reading


def comments_to_read(conn: sqlite3.Connection, drawn: Drawn, scope: Scope) -> tuple[ToRead, ...]:
    """The comments of a draw as every reader sees them, in the same random order for each."""
    sql = (
        "SELECT c.id, place FROM ledger_comments JOIN comments c ON c.number = comment WHERE ledger = ? ORDER BY place"
    )
    return tuple(to_read(conn, id, place, scope) for id, place in conn.execute(sql, (drawn.id,)).fetchall())


def keep(store: Store, taxonomy: Taxonomy, drawn: Drawn, answers: Mapping[int, Answer], *, by: str) -> Taken:
    """Keep what a reader says of the comments at these places, all or none; an answer that was given before stands.

    Whoever sees how others answered could mend their own to agree, so it cannot be taken back. Raises BadInput for an answer
    that makes no sense, or to a comment that two others have read.
    """
    by = signed(by, "A reading")
    for place, answer in answers.items():
        _check(taxonomy, place, answer)
    with store.writing():
        there = _answers(store.conn, drawn.id)
        places = {
            place for (place,) in store.conn.execute("SELECT place FROM ledger_comments WHERE ledger = ?", (drawn.id,))
        }
        new = before = changed = 0
        for place, answer in answers.items():
            if place not in places:
                raise BadInput(f"Ledger {drawn.id} has no comment at place {place}, or it has been erased.")
            own = {reader.casefold(): given for reader, given in there[place].items()}.get(by.casefold())
            if own:
                before, changed = before + 1, changed + (own != answer)
                continue
            if len(there[place]) >= READERS:
                raise BadInput(f"Two others have read comment {drawn.id}-{place}; take its row out of the file.")
            new += 1
            store.conn.execute(
                "INSERT INTO ledger_answers (ledger, place, reader, scale, themes, read_at) VALUES (?, ?, ?, ?, ?, ?)",
                (drawn.id, place, by, answer.scale, _json(answer.themes), store.now()),
            )
    return Taken(new, before, changed)


def _check(taxonomy: Taxonomy, place: int, answer: Answer) -> None:
    if answer.scale not in range(1, 6):
        raise BadInput(f"Place {place}: the sentiment goes from 1 (very positive) to 5 (very negative).")
    strange = [theme for theme in answer.themes if theme not in taxonomy.themes or taxonomy.themes[theme].contentless]
    if strange:
        raise BadInput(f"Place {place}: {len(strange)} of its themes are none of the framework's.")


# What it comes to


def agreement(
    conn: sqlite3.Connection, drawn: Collection[Drawn], *, machine: Literal["now", "then"] = "now"
) -> Agreement | None:
    """How far people agree with each other and the machines with them on these draws together; None before one is read.

    `machine`: what the machines say of the comments now, since a reading outlives the models it was made to judge, or what
    they said when the comments were drawn.
    """
    people: list[list[Answer]] = []
    machines: list[Answer] = []
    for one in drawn:
        answers = _answers(conn, one.id)
        said = _machine(conn, one.id, machine)
        read = sorted(place for place in answers if answers[place])
        people += [[answers[place][reader] for reader in sorted(answers[place])] for place in read]
        machines += [said[place] for place in read]
    if not people:
        return None
    pairs = [[(a, b) for a, b in combinations(given, 2)] for given in people]
    twice = [given for given in pairs if given]
    beside = [[(answer, said) for answer in given] for given, said in zip(people, machines, strict=True)]
    themes = {theme for given in (*people, machines) for answer in given for theme in answer.themes}
    found = [_on_theme(theme, people, twice, beside) for theme in themes]
    return Agreement(
        read=len(people),
        twice=len(twice),
        people=_match(twice) if twice else None,
        machine=_match(beside),
        themes=tuple(sorted(found, key=lambda one: (-one.given, one.theme))),
    )


Pairs = Sequence[Sequence[tuple[Answer, Answer]]]  # for each comment, the pairs of answers to compare


def _match(comments: Pairs) -> Match:
    def same(of: Callable[[Answer], object]) -> Rate:
        return rate(sum(_mean(of(a) == of(b) for a, b in pairs) for pairs in comments), len(comments))

    return Match(
        comments=len(comments),
        themes=_micro(comments),
        exact=same(lambda answer: answer.themes),
        scale=same(lambda answer: answer.scale),
        three=same(lambda answer: (answer.scale > UNFELT) - (answer.scale < UNFELT)),
    )


def _micro(comments: Pairs) -> Rate:
    return micro_f1(
        [_mean(len(a.themes & b.themes) for a, b in pairs) for pairs in comments],
        [_mean((len(a.themes) + len(b.themes)) / 2 for a, b in pairs) for pairs in comments],
    )


def _on_theme(theme: str, people: Sequence[Sequence[Answer]], twice: Pairs, beside: Pairs) -> ThemeMatch:
    given = sum(_mean(theme in answer.themes for answer in answers) for answers in people)
    between, between_kappa = _counted(theme, twice)
    against, against_kappa = _counted(theme, beside)
    return ThemeMatch(theme, given, between, between_kappa, against, against_kappa)


def _counted(theme: str, comments: Pairs) -> tuple[Rate | None, float | None]:
    """F1 and kappa on a theme; a comment weighs 1 however many pairs it has, so that two readings are not taken for two comments."""
    both = one = other = 0.0
    for pairs in comments:
        both += _mean(theme in a.themes and theme in b.themes for a, b in pairs)
        one += _mean(theme in a.themes for a, _ in pairs)
        other += _mean(theme in b.themes for _, b in pairs)
    either = one + other - both
    return (f1(both, either), kappa(both, one, other, len(comments))) if either else (None, None)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


# What was said


def _answers(conn: sqlite3.Connection, id: int) -> defaultdict[int, dict[str, Answer]]:
    found: defaultdict[int, dict[str, Answer]] = defaultdict(dict)
    sql = "SELECT place, reader, scale, themes FROM ledger_answers WHERE ledger = ?"
    for place, reader, scale, themes in conn.execute(sql, (id,)):
        found[place][reader] = Answer(scale, frozenset(json.loads(themes)))
    return found


def _machine(conn: sqlite3.Connection, id: int, when: Literal["now", "then"]) -> dict[int, Answer]:
    rows = conn.execute("SELECT place, comment, scale, themes FROM ledger_comments WHERE ledger = ?", (id,)).fetchall()
    if when == "then":
        return {place: Answer(scale, frozenset(json.loads(themes))) for place, _, scale, themes in rows}
    said = _machine_now(conn, [number for _, number, _, _ in rows])
    return {place: said[number] for place, number, _, _ in rows}


def _machine_now(conn: sqlite3.Connection, numbers: Collection[int]) -> dict[int, Answer]:
    """What the machines say of comments, whatever people have corrected since: corrections are not the machines' merit."""
    themes: defaultdict[int, set[str]] = defaultdict(set)
    scale: dict[int, int] = {}
    sql = (
        "SELECT comment, kind, label, detail FROM findings WHERE comment IN (SELECT value FROM json_each(?))"
        " AND kind IN ('theme', 'sentiment') AND NOT \"by\" GLOB 'person:*'"
    )
    for number, kind, label, detail in conn.execute(sql, (json.dumps(list(numbers)),)):
        if kind == "theme":
            themes[number].add(label)
        elif detail:
            scale[number] = int(detail)
    return {number: Answer(scale.get(number, UNFELT), frozenset(themes[number])) for number in numbers}


def _json(themes: Iterable[str]) -> str:
    return json.dumps(sorted(themes))
