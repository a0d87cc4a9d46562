"""Keep topics and answer questions about them: which there are, in whose words, on which services, and since when.

A topic has a number for good. When topics are sought again, those found are held against those known, as these stand now: a topic
that is found again keeps its number, its name and its history; one that is not sleeps, unless a person has named it or made it
a theme, for then it goes on. Nothing here holds a comment's words: clauses are kept by number and read through the store. As the
database is one file that is backed up, rolled back and erased from as one, the vectors of topics (three kilobytes each) lie in it.

Whether a theme names it is measured: the mean chance, over its clauses, that the reader gives the theme it takes to be likeliest. Up
to a quarter no theme names the topic; above, it lies within that theme and is only finer (the vending machine within
"Environment, facilities & equipment"). On the invented batch "uniform colours" had 0.13, vending machines and televisions 0.36 and
0.47. Themes as they are stored would not do: of clauses that say how long somebody waited, they mark only one in three.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np

from feedback.errors import BadInput, NotFound
from feedback.filters import Filters, Scope, among, chosen
from feedback.query import Clause, by_number
from feedback.store import Store
from feedback.taxonomy import Taxonomy
from feedback.topics.discover import SMALLEST, Found, Search, discover, same_topics, says_enough, sort
from feedback.topics.naming import made_name, stems
from feedback.topics.vectors import ClauseEncoder, Progress, Vectors, mean_place, placed

SAME = 0.7  # cosine of two topics' centres from which they are one topic; two topics of one run are less alike (Search.together)
NAMED_BY_THEME = 0.25  # mean chance of one theme, above which that theme names a topic
LONGEST_NAME = 60
TYPICAL = 6

Order = Literal["clauses", "name"]


@dataclass(frozen=True, slots=True)
class Span:
    """One clause of a stored comment as it is cut now; `text` are its words."""

    comment: int
    number: int
    start: int
    end: int
    text: str
    respondent: int


@dataclass(frozen=True, slots=True)
class Run:
    """One search for topics: of `clauses` that said enough, `placed` belong to a topic. Times are ISO 8601, UTC.

    `found` topics, of which `new` were not known; `asleep` were known and not found again.
    """

    id: int
    at: str
    by: str
    clauses: int
    placed: int
    found: int
    new: int
    asleep: int
    model: str
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Topic:
    """What people keep speaking of, in the comments that were chosen.

    name: a person's, or made of its words; `named_by` tells which. clauses, comments: how many of those chosen; positive, negative:
    of the clauses. theme: the theme that the reader takes to be likeliest, `chance` how likely on the mean of all its clauses (0 to
    1), `under_theme` how many of those chosen lie under it. first, last: of its dated comments. local_theme: what it was made into. asleep: not found again in the last search.
    """

    id: int
    name: str
    named_by: str | None
    words: tuple[str, ...]
    clauses: int
    comments: int
    positive: int
    negative: int
    theme: str | None
    chance: float
    under_theme: int
    first: date | None
    last: date | None
    local_theme: str | None
    asleep: bool

    @property
    def unnamed(self) -> bool:
        """Whether no theme of the framework names it."""
        return self.theme is None or self.chance <= NAMED_BY_THEME


@dataclass(frozen=True, slots=True)
class Sorted:
    """How far the chosen comments are sorted: clauses that say enough, those `placed` in a topic, comments `waiting` to be sorted."""

    clauses: int
    placed: int
    waiting: int

    @property
    def left_out(self) -> float:
        """The share of clauses that belong to no topic, 0 to 1."""
        return 1 - self.placed / self.clauses if self.clauses else 0.0


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a topic's history; `likeness` to what it was (cosine), None where it was new."""

    run: int
    at: str
    by: str
    clauses: int
    likeness: float | None


@dataclass(frozen=True, slots=True)
class Month:
    """Comments of a month that speak of a topic, `n`, of those read in it, `of`."""

    start: date
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class OnService:
    """Comments about a service (it alone) that speak of a topic, `n`, of those read about it, `of`."""

    service: str
    n: int
    of: int


# Finding and sorting


def name_test(taxonomy: Taxonomy) -> Callable[[str], bool]:
    """Whether a word (small letters) can only be somebody's name; such a word never tells a topic, however many people use it."""
    from feedback.redact.names import Lexicon

    lexicon = Lexicon(taxonomy)
    names = (lexicon.given | lexicon.surnames) - lexicon.places
    return lambda word: word in names


def find(
    store: Store,
    encoder: ClauseEncoder,
    *,
    by: str,
    search: Search | None = None,
    is_name: Callable[[str], bool] = lambda word: False,
    progress: Progress | None = None,
) -> Run:
    """Seek topics among all stored clauses, and hold them against those known; what is found is kept in one transaction.

    Raises BadInput where there is too little to find any (nothing changes then), BadStore.
    """
    spans = spans_of(store.conn)
    clauses = [span.text for span in spans]
    vectors = encoder.encode(clauses, progress if len(clauses) >= SMALLEST else None)
    found = discover(vectors, clauses, [span.respondent for span in spans], search=search, is_name=is_name)
    space = placed(vectors, found.centre)
    with store.writing():
        run = _keep_run(store, encoder, found, by)
        ids = _keep_topics(store.conn, run, found, space, spans)
        _keep_likeliest(store.conn, encoder, vectors, found, ids)
        known = _in_force(store.conn)
        topics, scores = sort(space, np.stack(list(known.values())), found.search.floor)
        store.conn.execute("DELETE FROM topic_clauses")
        store.conn.execute("DELETE FROM topic_reads")
        _keep_places(store.conn, spans, [list(known)[t] if t >= 0 else None for t in topics.tolist()], scores)
        _keep_reads(store.conn, _spans(store.conn, "1"))
        for place, id in ids.items():
            _keep_words(store.conn, id, found.words[place], is_name)
        placed_now = int((topics >= 0).sum())
        store.conn.execute("UPDATE topic_runs SET placed = ? WHERE id = ?", (placed_now, run))
    return runs(store.conn)[0]


def sort_new(
    store: Store,
    encoder: ClauseEncoder,
    *,
    also: Callable[[Sequence[Span], Vectors], None] | None = None,
    progress: Progress | None = None,
) -> int:
    """Sort the clauses of comments that came, or were cut anew, since topics were last sorted; returns how many comments.

    Nobody need seek topics again for that. `also` is given the clauses and their vectors within the same transaction. Raises
    BadInput where topics were never sought, or were sought with other models.
    """
    last = _last_run(store.conn)
    if last is None:
        raise BadInput("No topics have been sought yet; `feedback topics discover` does so.")
    _, model, floor, centre = last
    if model != encoder.name:
        raise BadInput(
            f"The topics were sought with {model} and the models are now {encoder.name}; seek them again with "
            "`feedback topics discover`, which keeps their numbers and names."
        )
    numbers = waiting(store.conn)
    every = list(_spans(store.conn, "c.number IN (SELECT value FROM json_each(:numbers))", numbers=json.dumps(numbers)))
    spans = [span for span in every if says_enough(span.text)]
    vectors = encoder.encode([span.text for span in spans], progress)
    with store.writing():
        known = _in_force(store.conn)
        stacked = np.stack(list(known.values())) if known else np.zeros((0, vectors.shape[1]), np.float32)
        topics, scores = sort(placed(vectors, centre), stacked, floor)
        store.conn.execute(
            "DELETE FROM topic_clauses WHERE comment IN (SELECT value FROM json_each(?))", (json.dumps(numbers),)
        )
        _keep_places(store.conn, spans, [list(known)[t] if t >= 0 else None for t in topics.tolist()], scores)
        _keep_reads(store.conn, every)
        if also:
            also(spans, vectors)
    return len(numbers)


def name_topic(store: Store, id: int, name: str, by: str) -> None:
    """Let a topic be called as a person says; the caller has redacted it. An empty name gives back the one made of its words.

    Raises NotFound, and BadInput for a name that is too long or not signed.
    """
    name, by = " ".join(name.split()), " ".join(by.split())
    if not by:
        raise BadInput("A name is signed: say who gives it.")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"A topic's name has at most {LONGEST_NAME} characters; this has {len(name)}.")
    with store.writing():
        sql = "UPDATE topics SET name = ?, named_by = ?, named_at = ? WHERE id = ?"
        if not store.conn.execute(sql, (name or None, by if name else None, store.now(), id)).rowcount:
            raise NotFound(f"There is no topic {id}; `feedback topics` lists them.")


# Questions


def runs(conn: sqlite3.Connection) -> tuple[Run, ...]:
    """All searches for topics, the latest first."""
    rows = conn.execute(
        'SELECT r.id, r.at, r."by", r.clauses, r.placed, r.model, r.settings, count(f.topic), ifnull(sum(f.likeness IS NULL), 0)'
        " FROM topic_runs r LEFT JOIN topic_findings f ON f.run = r.id GROUP BY r.id ORDER BY r.id DESC"
    )
    asleep = conn.execute("SELECT count(*) FROM topics WHERE asleep").fetchone()[0]
    return tuple(
        Run(id, at, by, clauses, n, found, new, asleep, model, json.loads(settings))
        for id, at, by, clauses, n, model, settings, found, new in rows
    )


def topics(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, *, asleep: bool = False
) -> tuple[Topic, ...]:
    """The topics that the comments chosen speak of, those with most clauses first; sleeping ones only if asked for."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    return _topics(conn, taxonomy, where, parameters, "1" if asleep else "NOT t.asleep")


def topic(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, id: int) -> Topic:
    """One topic. Raises NotFound for one that is not there and one of which no comment in the reader's scope speaks alike."""
    within, given = chosen(conn, taxonomy, Filters(), scope)
    if not _topics(conn, taxonomy, within, given, "t.id = :topic", topic=id):
        raise NotFound(f"There is no topic {id} that you may see.")
    where, parameters = chosen(conn, taxonomy, filters, scope)
    found = _topics(conn, taxonomy, where, parameters, "t.id = :topic", topic=id, empty=True)
    return found[0]


def how_sorted(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> Sorted:
    """How many of the clauses chosen belong to a topic."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    clauses = conn.execute(
        f"SELECT ifnull(sum(r.clauses), 0) FROM topic_reads r JOIN comments c ON c.number = r.comment WHERE {where}",
        parameters,
    ).fetchone()[0]
    n = conn.execute(
        f"SELECT count(*) FROM topic_clauses k JOIN comments c ON c.number = k.comment WHERE {AS_CUT} AND {where}",
        parameters,
    ).fetchone()[0]
    mine = {number for (number,) in conn.execute(f"SELECT c.number FROM comments c WHERE {where}", parameters)}
    return Sorted(clauses, n, len(mine.intersection(waiting(conn))))


def history(conn: sqlite3.Connection, id: int) -> tuple[Event, ...]:
    """When a topic was found, the latest first."""
    rows = conn.execute(
        'SELECT r.id, r.at, r."by", f.clauses, f.likeness FROM topic_findings f JOIN topic_runs r ON r.id = f.run'
        " WHERE f.topic = ? ORDER BY r.id DESC",
        (id,),
    )
    return tuple(Event(*row) for row in rows)


def months(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, id: int) -> tuple[Month, ...]:
    """A topic by month of the comments chosen, from the first dated comment to the last; months without comments have 0 of 0."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    sql = (
        f"SELECT substr(c.date, 1, 7) || '-01', sum(c.number IN ({_COMMENTS})), count(*) FROM comments c"
        f" WHERE {where} AND c.date IS NOT NULL AND c.sentiment IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    counted = {date.fromisoformat(start): (n, of) for start, n, of in conn.execute(sql, parameters | {"topic": id})}
    if not counted:
        return ()
    return tuple(Month(start, *counted.get(start, (0, 0))) for start in _calendar(min(counted), max(counted)))


def on_services(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, id: int
) -> tuple[OnService, ...]:
    """The services whose comments speak of a topic, in the order of the directory; each by itself, not what lies below it."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    sql = (
        f"SELECT s.label, sum(s.comment IN ({_COMMENTS})), count(*) FROM (SELECT DISTINCT comment, label FROM effective"
        f" WHERE kind = 'service' AND detail = 'subject' AND {among(where)}) s"
        " JOIN comments c ON c.number = s.comment WHERE c.sentiment IS NOT NULL GROUP BY 1 HAVING 2"
    )
    counted = {label: (n, of) for label, n, of in conn.execute(sql, parameters | {"topic": id})}
    reached = (service for service in taxonomy.in_tree_order() if service in counted and scope.reaches(service))
    return tuple(OnService(service, *counted[service]) for service in reached if counted[service][0])


def typical(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    id: int,
    *,
    limit: int = TYPICAL,
    each_once: bool = True,
) -> tuple[Clause, ...]:
    """Clauses of a topic, the nearest to its centre first; `score` is the cosine. Of one respondent only one, and no words twice."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    rows = conn.execute(
        'SELECT k.comment, k.clause, k.score, c.respondent_key, substr(c.text, k.start + 1, k."end" - k.start)'
        f" FROM topic_clauses k JOIN comments c ON c.number = k.comment WHERE k.topic = :topic AND {AS_CUT} AND {where}"
        " ORDER BY k.score DESC, k.comment, k.clause",
        parameters | {"topic": id},
    )
    taken: list[tuple[int, int, float]] = []
    seen: set[object] = set()
    for number, clause, score, person, words in rows:
        said = " ".join(words.casefold().split())
        if each_once and seen & {person, said}:
            continue
        seen |= {person, said}
        taken.append((number, clause, score))
        if len(taken) == limit:
            break
    return read_clauses(conn, taken)


def read_clauses(conn: sqlite3.Connection, wanted: Sequence[tuple[int, int, float]]) -> tuple[Clause, ...]:
    """Clauses by comment and number, with the score to show; those that are no more are passed over."""
    numbers = list(dict.fromkeys(number for number, *_ in wanted))
    comments = {stored.number: stored for stored in by_number(conn, numbers)}
    found = []
    for number, place, score in wanted:
        stored = comments[number]
        said = stored.analysed.comment
        own = next((f for f in stored.analysed.of("clause") if f.detail == str(place)), None)
        if own is None:
            continue
        services = (f.label for f in stored.analysed.of("service") if f.detail == "subject")
        found.append(
            Clause(
                citation=f"{stored.citation}.{place}",
                comment=said.id,
                number=place,
                start=own.start,
                end=own.end,
                text=said.text[own.start : own.end],
                question=said.question,
                date=said.date,
                date_precision=stored.date_precision,
                services=tuple(dict.fromkeys(services)),
                respondent=next((f.label for f in stored.analysed.of("respondent")), "unknown"),
                sentiment=own.polarity,
                polarity=own.polarity,
                score=score,
                by="topic",
            )
        )
    return tuple(found)


# A clause counts where it is still cut as it was when it was sorted.
AS_CUT = (
    "EXISTS (SELECT 1 FROM effective e WHERE e.comment = k.comment AND e.kind = 'clause' AND e.start = k.start"
    ' AND e."end" = k."end")'
)
_COMMENTS = f"SELECT k.comment FROM topic_clauses k WHERE k.topic = :topic AND {AS_CUT}"


def _topics(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    where: str,
    parameters: dict[str, Any],
    which: str,
    *,
    empty: bool = False,
    **given: Any,
) -> tuple[Topic, ...]:
    parameters = parameters | given
    sql = (
        "SELECT t.id, t.name, t.named_by, t.asleep, t.theme, ifnull(t.chance, 0), count(e.comment), count(DISTINCT e.comment),"
        " ifnull(sum(e.polarity = '+'), 0), ifnull(sum(e.polarity = '-'), 0), min(c.date), max(c.date) FROM topics t"
        " LEFT JOIN topic_clauses k ON k.topic = t.id"
        ' LEFT JOIN effective e ON e.comment = k.comment AND e.kind = \'clause\' AND e.start = k.start AND e."end" = k."end"'
        f" AND e.comment IN (SELECT c.number FROM comments c WHERE {where})"
        f" LEFT JOIN comments c ON c.number = e.comment WHERE {which} GROUP BY t.id"
    )
    rows = conn.execute(sql, parameters).fetchall()
    words = _words_of(conn)
    under = _under_theme(conn, where, parameters)
    made = dict(conn.execute("SELECT topic, id FROM local_themes WHERE retired_at IS NULL AND topic IS NOT NULL"))
    found = []
    for id, name, by, asleep, theme, chance, clauses, comments, positive, negative, first, last in rows:
        if not clauses and not empty:
            continue
        telling = words.get(id, ())
        near = taxonomy.themes[theme].name if theme in taxonomy.themes and chance > NAMED_BY_THEME else None
        found.append(
            Topic(
                id,
                name or made_name(telling, near) or f"Topic {id}",
                by,
                telling,
                clauses,
                comments,
                positive,
                negative,
                theme if theme in taxonomy.themes else None,
                chance,
                under.get(id, 0),
                _day(first),
                _day(last),
                made.get(id),
                bool(asleep),
            )
        )
    return tuple(sorted(_told_apart(found), key=lambda topic: (-topic.clauses, topic.id)))


def _told_apart(found: Sequence[Topic]) -> Iterator[Topic]:
    """Topics of which no two are called alike: those made of the same words have their numbers beside them."""
    names = Counter(topic.name for topic in found)
    for topic in found:
        again = names[topic.name] > 1 and topic.named_by is None
        yield replace(topic, name=f"{topic.name} (topic {topic.id})") if again else topic


def _under_theme(conn: sqlite3.Connection, where: str, parameters: dict[str, Any]) -> dict[int, int]:
    """Of each topic how many clauses lie under its likeliest theme."""
    sql = (
        "SELECT topic, count(*) FROM (SELECT DISTINCT k.topic, k.comment, k.clause FROM topic_clauses k"
        " JOIN topics t ON t.id = k.topic JOIN effective f ON f.comment = k.comment AND f.kind = 'theme' AND f.label = t.theme"
        f' AND f.start < k."end" AND f."end" > k.start WHERE {AS_CUT}'
        f" AND k.comment IN (SELECT c.number FROM comments c WHERE {where})) GROUP BY 1"
    )
    return dict(conn.execute(sql, parameters).fetchall())


def _words_of(conn: sqlite3.Connection) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for id, word in conn.execute("SELECT topic, word FROM topic_words ORDER BY topic, weight DESC, word"):
        found.setdefault(id, []).append(word)
    return {id: tuple(words) for id, words in found.items()}


def _calendar(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# Reading and writing


def spans_of(conn: sqlite3.Connection) -> list[Span]:
    """All clauses that say enough to be about something, in the order of comments and of their words."""
    return [span for span in _spans(conn, "1") if says_enough(span.text)]


def _spans(conn: sqlite3.Connection, where: str, **given: Any) -> Iterator[Span]:
    """The clauses of stored comments that are read, in the order of comments and of their words."""
    sql = (
        'SELECT c.number, CAST(k.detail AS INTEGER), k.start, k."end", substr(c.text, k.start + 1, k."end" - k.start),'
        " c.respondent_key FROM comments c JOIN effective k ON k.comment = c.number AND k.kind = 'clause'"
        f" WHERE c.sentiment IS NOT NULL AND {where} GROUP BY c.number, k.start ORDER BY c.number, k.start"
    )
    for row in conn.execute(sql, given):
        yield Span(*row)


def _cuts(spans: Iterable[Span]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for span in spans:
        found.setdefault(span.comment, []).append(span)
    return found


def waiting(conn: sqlite3.Connection) -> list[int]:
    """The comments that are not sorted, or are cut otherwise than when they were."""
    cut = (
        'SELECT group_concat(start || \'-\' || "end") FROM (SELECT start, "end" FROM effective k'
        " WHERE k.comment = c.number AND k.kind = 'clause' ORDER BY start)"
    )
    sql = (
        f"SELECT c.number FROM comments c LEFT JOIN topic_reads r ON r.comment = c.number WHERE c.sentiment IS NOT NULL"
        f" AND (r.comment IS NULL OR r.cut <> ifnull(({cut}), '')) ORDER BY c.number"
    )
    return [number for (number,) in conn.execute(sql)]


def _last_run(conn: sqlite3.Connection) -> tuple[int, str, float, Vectors] | None:
    row = conn.execute("SELECT id, model, settings, centre FROM topic_runs ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return None
    id, model, settings, centre = row
    return id, model, float(json.loads(settings)["floor"]), np.frombuffer(centre, np.float32)


def last_centre(conn: sqlite3.Connection) -> Vectors:
    """The centre that the last search set vectors against, shape (384,). Raises BadInput where there was none."""
    last = _last_run(conn)
    if last is None:
        raise BadInput("No topics have been sought yet; `feedback topics discover` does so.")
    return last[3]


def _in_force(conn: sqlite3.Connection) -> dict[int, Vectors]:
    """Where the topics stand that clauses are sorted into."""
    rows = conn.execute("SELECT id, centroid FROM topics WHERE NOT asleep ORDER BY id")
    return {id: np.frombuffer(centroid, np.float32) for id, centroid in rows}


def _keep_run(store: Store, encoder: ClauseEncoder, found: Found, by: str) -> int:
    cursor = store.conn.execute(
        'INSERT INTO topic_runs (at, "by", clauses, placed, settings, model, centre) VALUES (?, ?, ?, 0, ?, ?, ?)',
        (
            store.now(),
            " ".join(by.split()),
            len(found.topics),
            json.dumps(asdict(found.search)),
            encoder.name,
            found.centre.tobytes(),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _keep_topics(
    conn: sqlite3.Connection, run: int, found: Found, space: Vectors, spans: Sequence[Span]
) -> dict[int, int]:
    """Give every found topic its number: that of the known topic which it is, or a new one; place among the found to number."""
    known = _known_now(conn, space, spans)
    again = same_topics(np.stack(list(known.values())) if known else found.centroids[:0], found.centroids, SAME)
    sizes = np.bincount(found.topics[found.topics >= 0], minlength=len(found.centroids))
    ids: dict[int, int] = {}
    for place, centroid in enumerate(found.centroids):
        number, likeness = again.get(place, (None, None))
        if number is None:
            id = conn.execute("INSERT INTO topics (centroid) VALUES (?)", (centroid.tobytes(),)).lastrowid
        else:
            id = list(known)[number]
            conn.execute("UPDATE topics SET centroid = ?, asleep = 0 WHERE id = ?", (centroid.tobytes(), id))
        assert id is not None
        ids[place] = id
        conn.execute("INSERT INTO topic_findings VALUES (?, ?, ?, ?)", (id, run, likeness, int(sizes[place])))
    # What a person has named, or made a theme, goes on from where it stands now; the rest sleeps until it is found again.
    for id, centroid in known.items():
        if id not in ids.values():
            held = "name IS NOT NULL OR id IN (SELECT topic FROM local_themes WHERE retired_at IS NULL)"
            sql = f"UPDATE topics SET centroid = ?, asleep = NOT ifnull(({held}), 0) WHERE id = ?"
            conn.execute(sql, (centroid.astype(np.float32).tobytes(), id))
    return ids


def _keep_likeliest(
    conn: sqlite3.Connection, encoder: ClauseEncoder, vectors: Vectors, found: Found, ids: dict[int, int]
) -> None:
    """Note of each topic the theme that its clauses are likeliest to have, and how likely on the mean."""
    for place, id in ids.items():
        chances = encoder.theme_chances(vectors[found.topics == place]).mean(0)
        likeliest = int(chances.argmax())
        sql = "UPDATE topics SET theme = ?, chance = ? WHERE id = ?"
        conn.execute(sql, (encoder.themes[likeliest], round(float(chances[likeliest]), 3), id))


def _known_now(conn: sqlite3.Connection, space: Vectors, spans: Sequence[Span]) -> dict[int, Vectors]:
    """Where each known topic stands among the clauses as they are now: the mean of those that belong to it.

    So topics are known again even where new models give other vectors; where erasures left too few clauses, by where it stood.
    """
    rows = {(span.comment, span.start, span.end): i for i, span in enumerate(spans)}
    members: dict[int, list[int]] = {}
    for topic, *where in conn.execute('SELECT topic, comment, start, "end" FROM topic_clauses'):
        if (row := rows.get(tuple(where))) is not None:
            members.setdefault(topic, []).append(row)
    stood = conn.execute("SELECT id, centroid FROM topics ORDER BY id").fetchall()
    known = {}
    for id, centroid in stood:
        mine = members.get(id, [])
        known[id] = mean_place(space[mine]) if len(mine) >= SMALLEST // 2 else np.frombuffer(centroid, np.float32)
    return {id: place for id, place in known.items() if place.shape == (space.shape[1],)}


def _keep_places(conn: sqlite3.Connection, spans: Sequence[Span], ids: Sequence[int | None], scores: Vectors) -> None:
    conn.executemany(
        'INSERT OR REPLACE INTO topic_clauses (comment, clause, start, "end", topic, score) VALUES (?, ?, ?, ?, ?, ?)',
        [
            (span.comment, span.number, span.start, span.end, id, round(float(score), 4))
            for span, id, score in zip(spans, ids, scores.tolist(), strict=True)
            if id is not None
        ],
    )


def _keep_reads(conn: sqlite3.Connection, spans: Iterable[Span]) -> None:
    conn.executemany(
        "INSERT OR REPLACE INTO topic_reads (comment, cut, clauses) VALUES (?, ?, ?)",
        [
            (comment, ",".join(f"{s.start}-{s.end}" for s in own), sum(says_enough(s.text) for s in own))
            for comment, own in _cuts(spans).items()
        ],
    )


def _keep_words(
    conn: sqlite3.Connection, id: int, words: Collection[tuple[str, float]], is_name: Callable[[str], bool]
) -> None:
    """Keep a topic's words, and who used each, so that a word that erasures leave to too few goes with them."""
    from feedback.topics.discover import FEWEST_PEOPLE, pairs_in, terms_of

    words = _called_as_before(conn, id, words)
    conn.execute("DELETE FROM topic_words WHERE topic = ?", (id,))
    uses: dict[str, dict[int, int]] = {word: {} for word, _ in words}
    spoken = conn.execute(
        'SELECT c.number, c.respondent_key, substr(c.text, k.start + 1, k."end" - k.start) FROM topic_clauses k'
        " JOIN comments c ON c.number = k.comment WHERE k.topic = ?",
        (id,),
    )
    for comment, respondent, text in spoken:
        meant = {stems(pair) for pair in pairs_in(text, is_name)}
        said = set(terms_of(text, is_name))
        for term in uses:
            if term in said or (" " in term and stems(term) in meant):
                uses[term][comment] = respondent
    for word, weight in words:
        if len(set(uses[word].values())) >= FEWEST_PEOPLE:
            conn.execute("INSERT INTO topic_words VALUES (?, ?, ?)", (id, word, weight))
            conn.executemany(
                "INSERT INTO topic_uses VALUES (?, ?, ?, ?)", [(id, word, c, r) for c, r in uses[word].items()]
            )


def _called_as_before(
    conn: sqlite3.Connection, id: int, words: Collection[tuple[str, float]]
) -> list[tuple[str, float]]:
    """The words with the pair in front by which the topic was called, so that a name lasts as long as people say it."""
    rows = conn.execute("SELECT word FROM topic_words WHERE topic = ? ORDER BY weight DESC, word", (id,))
    before = next((word for (word,) in rows if " " in word), None)
    if before is None or not words:
        return list(words)
    own, heaviest = stems(before), max(weight for _, weight in words)
    rest = [(word, weight) for word, weight in words if not own & stems(word)]
    return [(before, heaviest + 1.0), *rest]
