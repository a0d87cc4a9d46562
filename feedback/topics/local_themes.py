"""Make a topic a theme of the Trust's own, and tag with it: the history at once, later comments whenever topics are sorted.

A local theme is data, not code: examples (clauses by citation), weights learnt from them, and a threshold. It never touches the
national framework: its findings are of a kind of their own (`local_theme`), so no figure, page or file of the 32 themes counts them,
and a re-analysis leaves them. They are filtered by `--theme local-…` and shown apart.

The weights are a logistic regression on the vectors of `topic_vectors`: the examples against clauses that lie far from them.
The threshold is a half, or what only one in two hundred of the other clauses reaches where that is more: a theme that is
everywhere says nothing. How many examples reach it when they are held out, all of one person together, is kept and shown with its
interval: of sixteen found of sixteen, the true share may be four in five. A trial says that, and how many comments it would mark, and
shows some for a person to accept or refuse, before anything is marked.
"""

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feedback.errors import BadInput, NotFound
from feedback.filters import LOCAL, Filters, Scope, among, chosen
from feedback.over_time.spc import wilson
from feedback.query import Clause, LabelCount, totals
from feedback.store import PERSON, Store
from feedback.taxonomy import Taxonomy
from feedback.topics.discover import FEWEST_PEOPLE
from feedback.topics.kept import Span, last_centre, read_clauses, spans_of, typical
from feedback.topics.vectors import ClauseEncoder, Progress, Vectors, mean_place, placed

KIND = "local_theme"
FEWEST_EXAMPLES = 10
EXAMPLES = 40  # taken from the topic where nobody chooses any, one of a respondent, from its middle to its edge
MOST_LOOKED_AT = 400  # clauses of a topic, for that
OTHERS = 4_000  # clauses that the examples are told from
FALSE_ALARMS = 0.005
FOLDS = 5
TO_JUDGE = 8  # clauses that a trial shows, for a person to accept or refuse
MONTHS = 12  # for which a trial says how many comments it would mark
NEAR = 0.4  # cosine with the middle of the examples; a topic itself begins at 0.5
SEED = 20261122
LONGEST = {"name": 60, "definition": 400}


@dataclass(frozen=True, slots=True)
class LocalTheme:
    """A theme of the Trust's own. `version` grows when it is learnt anew. Times are ISO 8601, UTC.

    examples: how many stand; recall, false_alarms: of examples held out while learning, and of other clauses, the share that
    reached the threshold (0 to 1; those near the examples are not asked), with Wilson's 95 % interval of the recall (None for one
    learnt before it was kept). comments: that carry it now.
    """

    id: str
    version: int
    name: str
    definition: str
    topic: int | None
    examples: int
    not_examples: int
    recall: float
    false_alarms: float
    by: str
    at: str
    model: str
    comments: int
    recall_lower: float | None = None
    recall_upper: float | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a local theme would be: how well it was learnt, how many comments it would mark in all and in the last `months` months.

    `shown` are clauses it would mark that are no examples, half of them those it is least sure of, half drawn at random, for a person
    to accept or refuse; `in_doubt` of the marked clauses lie within a tenth of the threshold.
    """

    topic: int
    examples: int
    not_examples: int
    recall: float
    recall_lower: float
    recall_upper: float
    false_alarms: float
    comments: int
    recent: int
    months: int
    in_doubt: int
    shown: tuple[Clause, ...]


def learnt_in_words(one: "LocalTheme | Trial") -> str:
    """How well it was learnt: "Of 16 examples held out in turn it found 100% (95% interval 81% to 100%) …"."""
    interval = (
        f" (95% interval {one.recall_lower:.0%} to {one.recall_upper:.0%})"
        if one.recall_lower is not None and one.recall_upper is not None
        else ""
    )
    return (
        f"Of {one.examples} examples, each held out in turn with all that its writer said, it found {one.recall:.0%}{interval}; of clauses far "
        f"from them it took {one.false_alarms:.1%}."
    )


def trial(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    encoder: ClauseEncoder,
    topic: int,
    *,
    examples: Sequence[str] = (),
    also: Sequence[str] = (),
    not_examples: Sequence[str] = (),
    progress: Progress | None = None,
) -> Trial:
    """Say what `promote` would make of these examples; nothing is kept and nothing marked. Raises as `promote`."""
    taken, denied = _chosen_examples(conn, taxonomy, topic, examples, also, not_examples)
    spans, vectors = _everything(conn, encoder, progress)
    weights, threshold, text = _learn(conn, spans, vectors, taken, denied, topic)
    scores = _scores(placed(vectors, last_centre(conn)), np.frombuffer(weights, np.float32))
    marked = np.flatnonzero(scores >= threshold).tolist()
    new = [i for i in marked if (spans[i].comment, spans[i].number) not in taken]
    unsure = sorted(new, key=lambda i: float(scores[i]))[: TO_JUDGE // 2]
    rest = np.random.default_rng(SEED).permutation([i for i in new if i not in unsure]).tolist()[: TO_JUDGE // 2]
    how = json.loads(text)
    return Trial(
        topic=topic,
        examples=len(taken),
        not_examples=len(denied),
        recall=how["recall"],
        recall_lower=how["recall_lower"],
        recall_upper=how["recall_upper"],
        false_alarms=how["false_alarms"],
        comments=len({spans[i].comment for i in marked}),
        recent=_recent(conn, {spans[i].comment for i in marked}),
        months=MONTHS,
        in_doubt=sum(scores[i] < threshold + 0.1 for i in marked),
        shown=read_clauses(conn, [(spans[i].comment, spans[i].number, float(scores[i])) for i in (*unsure, *rest)]),
    )


def promote(
    store: Store,
    taxonomy: Taxonomy,
    encoder: ClauseEncoder,
    topic: int,
    *,
    name: str,
    definition: str,
    by: str,
    examples: Sequence[str] = (),
    also: Sequence[str] = (),
    not_examples: Sequence[str] = (),
    progress: Progress | None = None,
) -> LocalTheme:
    """Make a topic a local theme, and tag all stored comments with it.

    examples, not_examples: citations of clauses ("HW-2026-000123.2") that are and are not of the theme; without examples the
    clauses of the topic stand in, from its middle to its edge; `also` are examples beside those. The caller has redacted name and
    definition. Raises NotFound, and BadInput where it is not signed or named, there is one of that name, or fewer than ten examples, or
    examples of fewer than five people, are left.
    """
    name, definition, by = (" ".join(words.split()) for words in (name, definition, by))
    id = _id_of(taxonomy, name, definition, by)
    if store.conn.execute("SELECT 1 FROM local_themes WHERE id = ? AND retired_at IS NULL", (id,)).fetchone():
        raise BadInput(f"There is a local theme {id} already; give this one another name, or retire that one first.")
    taken, denied = _chosen_examples(store.conn, taxonomy, topic, examples, also, not_examples)
    spans, vectors = _everything(store.conn, encoder, progress)
    learnt = _learn(store.conn, spans, vectors, taken, denied, topic)
    with store.writing():
        before = store.conn.execute("SELECT version FROM local_themes WHERE id = ?", (id,)).fetchone()
        store.conn.execute("DELETE FROM local_themes WHERE id = ?", (id,))
        store.conn.execute(
            'INSERT INTO local_themes (id, version, name, definition, topic, model, weights, threshold, scores, "by", at)'
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (id, (before or (0,))[0] + 1, name, definition, topic, encoder.name, *learnt, by, store.now()),
        )
        rows = [(id, *one, is_one) for is_one, group in ((1, taken), (0, denied)) for one in sorted(group)]
        store.conn.executemany("INSERT INTO local_examples VALUES (?, ?, ?, ?)", rows)
        tag(store, spans, vectors)
    return local_theme(store.conn, id)


def tag_again(store: Store, encoder: ClauseEncoder, *, progress: Progress | None = None) -> int:
    """Tag all stored comments with every local theme again, learning those anew that were learnt with other models.

    Returns how many comments carry one. Raises BadInput where there is no local theme, or too few of one's examples are left.
    """
    themes = local_themes(store.conn)
    if not themes:
        raise BadInput("There is no local theme; `feedback topics promote NUMBER` makes a topic one.")
    spans, vectors = _everything(store.conn, encoder, progress)
    with store.writing():
        for theme in themes:
            if theme.model != encoder.name:
                _learn_anew(store.conn, encoder, theme, spans, vectors)
        tag(store, spans, vectors)
    sql = f"SELECT count(DISTINCT comment) FROM effective WHERE kind = '{KIND}'"
    return store.conn.execute(sql).fetchone()[0]


def tag(store: Store, spans: Sequence[Span], vectors: Vectors) -> None:
    """Tag the comments of these clauses with every local theme, within `writing`; what was found in them before goes.

    What a person said of it stays and outranks it.
    """
    themes = store.conn.execute(
        "SELECT id, version, weights, threshold FROM local_themes WHERE retired_at IS NULL ORDER BY id"
    ).fetchall()
    numbers = json.dumps(sorted({span.comment for span in spans}))
    store.conn.execute(
        f"DELETE FROM findings WHERE kind = '{KIND}' AND NOT \"by\" GLOB '{PERSON}*'"
        " AND comment IN (SELECT value FROM json_each(?))",
        (numbers,),
    )
    if not themes or not spans:
        return
    space = placed(vectors, last_centre(store.conn))
    signs = _signs(store.conn, numbers)
    tagged = set()
    for id, version, weights, threshold in themes:
        scores = _scores(space, np.frombuffer(weights, np.float32))
        for i in np.flatnonzero(scores >= threshold).tolist():
            span = spans[i]
            tagged.add(span.comment)
            store.conn.execute(
                'INSERT OR IGNORE INTO findings (comment, kind, label, place, polarity, score, start, "end", "by", detail)'
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
                (
                    span.comment,
                    KIND,
                    id,
                    span.number,
                    signs.get((span.comment, span.start), "0"),
                    round(float(scores[i]), 4),
                    span.start,
                    span.end,
                    f"local:{id} {version}",
                ),
            )
    for number in sorted(tagged):
        store.settle(number)


def retire(store: Store, id: str, by: str) -> None:
    """Let a local theme be no more: its findings go; that it was, by whose word, stays. Raises NotFound, BadInput."""
    if not by.strip():
        raise BadInput("Say who retires it.")
    local_theme(store.conn, id)
    with store.writing():
        sql = "UPDATE local_themes SET retired_by = ?, retired_at = ? WHERE id = ?"
        store.conn.execute(sql, (" ".join(by.split()), store.now(), id))
        store.conn.execute(f"DELETE FROM findings WHERE kind = '{KIND}' AND label = ?", (id,))


def local_themes(conn: sqlite3.Connection) -> tuple[LocalTheme, ...]:
    """The local themes in force, by name."""
    rows = conn.execute(
        'SELECT t.id, version, name, definition, topic, "by", at, model, scores,'
        " (SELECT count(*) FROM local_examples e WHERE e.theme = t.id AND is_one),"
        " (SELECT count(*) FROM local_examples e WHERE e.theme = t.id AND NOT is_one),"
        f" (SELECT count(DISTINCT comment) FROM effective f WHERE f.kind = '{KIND}' AND f.label = t.id)"
        " FROM local_themes t WHERE retired_at IS NULL ORDER BY name"
    )
    found = []
    for id, version, name, definition, topic, by, at, model, scores, yes, no, comments in rows:
        how = json.loads(scores)
        found.append(
            LocalTheme(
                id,
                version,
                name,
                definition,
                topic,
                yes,
                no,
                how["recall"],
                how["false_alarms"],
                by,
                at,
                model,
                comments,
                how.get("recall_lower"),
                how.get("recall_upper"),
            )
        )
    return tuple(found)


def local_theme(conn: sqlite3.Connection, id: str) -> LocalTheme:
    """One local theme in force. Raises NotFound."""
    for theme in local_themes(conn):
        if theme.id == id:
            return theme
    raise NotFound(f"There is no local theme {id}; `feedback topics local` lists them.")


def local_table(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> tuple[LabelCount, ...]:
    """The local themes counted as the framework's are (query.theme_table), and never among them."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    signs = ("+", "-", "~", "0")
    flags = ", ".join(f"max(polarity = '{sign}') AS s{i}" for i, sign in enumerate(signs))
    sums = ", ".join(f"sum(s{i})" for i in range(len(signs)))
    sql = (
        f"SELECT label, count(*), {sums} FROM (SELECT label, {flags} FROM effective WHERE kind = '{KIND}' AND {among(where)}"
        " GROUP BY comment, label) GROUP BY label"
    )
    counts = {label: numbers for label, *numbers in conn.execute(sql, parameters)}
    read = totals(conn, taxonomy, filters, scope).read
    rows = []
    for theme in local_themes(conn):
        n, positive, negative, mixed, neutral = counts.get(theme.id, (0,) * 5)
        share = n / read if read else 0.0
        rows.append(LabelCount(theme.id, theme.name, n, positive, negative, mixed, neutral, share))
    return tuple(sorted(rows, key=lambda row: (-row.n, row.title)))


# Learning


def _learn(
    conn: sqlite3.Connection,
    spans: Sequence[Span],
    vectors: Vectors,
    examples: set[tuple[int, int]],
    denied: set[tuple[int, int]],
    topic: int | None,
) -> tuple[bytes, float, str]:
    """Weights (384 and a bias), threshold, and how well they did on what was held out, as JSON."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

    space = placed(vectors, last_centre(conn))
    places = {(span.comment, span.number): i for i, span in enumerate(spans)}
    yes = [places[one] for one in sorted(examples) if one in places]
    no = [places[one] for one in sorted(denied) if one in places]
    if len(yes) < FEWEST_EXAMPLES:
        raise BadInput(f"{len(yes)} examples are left; a theme is learnt from {FEWEST_EXAMPLES} or more.")
    if len({spans[i].respondent for i in yes}) < FEWEST_PEOPLE:
        raise BadInput(f"The examples are of fewer than {FEWEST_PEOPLE} people; a theme is learnt from more of them.")
    mine = {(c, k) for c, k in conn.execute("SELECT comment, clause FROM topic_clauses WHERE topic IS ?", (topic,))}
    # What lies near the examples may well be of the theme, though the topic missed it, so it is no example of anything else.
    near = space @ mean_place(space[yes]) >= NEAR
    others = [i for one, i in places.items() if not near[i] and one not in mine and one not in examples | denied]
    drawn = np.random.default_rng(SEED).permutation(len(others))[:OTHERS]
    other = [others[i] for i in drawn.tolist()]
    x = space[[*yes, *no, *other]]
    y = np.array([1] * len(yes) + [0] * (len(no) + len(other)))
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    # All that a person said is held out together: one who says the same thing twice would be found by it.
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    people = np.array([spans[i].respondent for i in (*yes, *no, *other)])
    held_out = cross_val_predict(model, x, y, cv=folds, groups=people, method="predict_proba")[:, 1]
    threshold = max(0.5, float(np.quantile(held_out[y == 0], 1 - FALSE_ALARMS)))
    model.fit(x, y)
    n = int((held_out[y == 1] >= threshold).sum())
    lower, upper = wilson(n, len(yes))
    scores = {
        "recall": round(n / len(yes), 3),
        "recall_lower": round(float(lower), 3),
        "recall_upper": round(float(upper), 3),
        "false_alarms": round(float((held_out[y == 0] >= threshold).mean()), 4),
    }
    weights = np.append(model.coef_[0], model.intercept_[0]).astype(np.float32)
    return weights.tobytes(), round(threshold, 4), json.dumps(scores)


def _chosen_examples(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    topic: int,
    examples: Sequence[str],
    also: Sequence[str],
    not_examples: Sequence[str],
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """The clauses that are examples, and those that are said to be none."""
    if not conn.execute("SELECT 1 FROM topics WHERE id = ?", (topic,)).fetchone():
        raise NotFound(f"There is no topic {topic}; `feedback topics` lists them.")
    denied = set(_cited(conn, not_examples))
    taken = set(_cited(conn, examples)) or _across(conn, taxonomy, topic)
    taken = (taken | set(_cited(conn, also))) - denied
    if len(taken) < FEWEST_EXAMPLES:
        raise BadInput(f"{len(taken)} examples are left; a theme is learnt from {FEWEST_EXAMPLES} or more.")
    return taken, denied


def _recent(conn: sqlite3.Connection, numbers: set[int]) -> int:
    """How many of these comments are of the last months, counted from the newest comment."""
    sql = (
        "SELECT count(*) FROM comments WHERE number IN (SELECT value FROM json_each(?))"
        f" AND date > (SELECT date(max(date), '-{MONTHS} months') FROM comments)"
    )
    return conn.execute(sql, (json.dumps(sorted(numbers)),)).fetchone()[0]


def _learn_anew(
    conn: sqlite3.Connection, encoder: ClauseEncoder, theme: LocalTheme, spans: Sequence[Span], vectors: Vectors
) -> None:
    rows = conn.execute("SELECT comment, clause, is_one FROM local_examples WHERE theme = ?", (theme.id,)).fetchall()
    yes, no = ({(c, k) for c, k, is_one in rows if is_one == wanted} for wanted in (1, 0))
    weights, threshold, scores = _learn(conn, spans, vectors, yes, no, theme.topic)
    conn.execute(
        "UPDATE local_themes SET version = version + 1, model = ?, weights = ?, threshold = ?, scores = ? WHERE id = ?",
        (encoder.name, weights, threshold, scores, theme.id),
    )


def _scores(space: Vectors, weights: Vectors) -> Vectors:
    return (1 / (1 + np.exp(-np.clip(space @ weights[:-1] + weights[-1], -30, 30)))).astype(np.float32)


def _everything(
    conn: sqlite3.Connection, encoder: ClauseEncoder, progress: Progress | None
) -> tuple[list[Span], Vectors]:
    spans = spans_of(conn)
    return spans, encoder.encode([span.text for span in spans], progress)


def _signs(conn: sqlite3.Connection, numbers: str) -> dict[tuple[int, int], str]:
    rows = conn.execute(
        "SELECT comment, start, polarity FROM effective WHERE kind = 'clause' AND comment IN (SELECT value FROM json_each(?))",
        (numbers,),
    )
    return {(comment, start): polarity for comment, start, polarity in rows}


def _across(conn: sqlite3.Connection, taxonomy: Taxonomy, topic: int) -> set[tuple[int, int]]:
    from feedback.filters import EVERYTHING

    found = typical(conn, taxonomy, Filters(), EVERYTHING, topic, limit=MOST_LOOKED_AT)
    picked = np.unique(np.linspace(0, len(found) - 1, min(EXAMPLES, len(found))).round().astype(int)).tolist()
    return set(_cited(conn, [found[i].citation for i in picked]))


def _cited(conn: sqlite3.Connection, citations: Sequence[str]) -> list[tuple[int, int]]:
    """Clauses by comment and number; raises NotFound for a citation that leads to none."""
    found = []
    for citation in citations:
        comment, _, clause = citation.strip().rpartition(".")
        row = conn.execute(
            "SELECT c.number FROM comments c JOIN effective k ON k.comment = c.number AND k.kind = 'clause' AND k.detail = ?"
            " WHERE c.citation = ?",
            (clause, comment),
        ).fetchone()
        if row is None:
            raise NotFound(f"{citation.strip()[:40]!r} is no clause's citation; it looks like HW-2026-000123.2.")
        found.append((row[0], int(clause)))
    return found


def _id_of(taxonomy: Taxonomy, name: str, definition: str, by: str) -> str:
    if not name or not definition or not by:
        raise BadInput(
            "A local theme has a name, a sentence that says what belongs to it, and is signed: give all three."
        )
    for what, words in (("name", name), ("definition", definition)):
        if len(words) > LONGEST[what]:
            raise BadInput(f"The {what} has at most {LONGEST[what]} characters; this has {len(words)}.")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not slug:
        raise BadInput("The name of a local theme has letters in it.")
    if any(theme.name.casefold() == name.casefold() for theme in taxonomy.themes.values()):
        raise BadInput(f"The national framework has a theme called {name!r} already; give this one another name.")
    return LOCAL + slug
