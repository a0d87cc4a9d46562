"""Gather what lies behind a signal: its comments, the clauses that can be quoted, and the words and labels they have in common.

On a large store this reads every clause of a service. So of the many clauses elsewhere only those words are looked for that enough
respondents behind the signal used; the others could not be listed.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from feedback.filters import Filters, Scope, among, chosen
from feedback.over_time.in_common import LEAST_RESPONDENTS, Shared, by_respondent, shared, words_of
from feedback.over_time.signals import Signal
from feedback.over_time.trend import next_start
from feedback.query import Clause, clauses
from feedback.quoting import quotable
from feedback.tally import label_title
from feedback.taxonomy import Taxonomy

QUOTED, WORDS, LABELS = 4, 6, 4  # of each signal: clauses, words and labels listed
SIGN_OF_MEASURE = {"negative": "-", "rate_negative": "-", "positive": "+", "rate_positive": "+"}


@dataclass(frozen=True, slots=True)
class Behind:
    """The clauses of the newest month that can be quoted; words and labels that the clauses since the signal began have in common."""

    clauses: tuple[Clause, ...]
    words: tuple[Shared, ...]
    labels: tuple[Shared, ...]


def what_is_behind(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, signal: Signal
) -> Behind:
    """What one who may read the words is shown of a signal."""
    newest = clauses(conn, taxonomy, behind(filters, signal, newest=True), scope, limit=QUOTED * 20)
    mine = comments_of(conn, taxonomy, filters, scope, signal)
    whole = replace(
        filters, service=signal.of.service or filters.service, theme=None, value=None, objective=None, polarity=None
    )
    return Behind(
        clauses=quotable(newest, QUOTED, per_service=QUOTED),
        words=_words(conn, taxonomy, whole, scope, signal, mine),
        labels=_labels(conn, taxonomy, whole, scope, signal, mine),
    )


def behind(filters: Filters, signal: Signal, *, newest: bool = False) -> Filters:
    """The filters that choose the comments behind a signal: since it began, or of its newest period alone."""
    asked: dict[str, Any] = {"polarity": SIGN_OF_MEASURE.get(signal.of.measure)}
    if signal.of.service:
        asked["service"] = signal.of.service
    if signal.of.code:
        asked[signal.of.code[0]] = signal.of.code[1]
    start = signal.period if newest else signal.began
    return replace(filters, **asked, date_from=start, date_to=next_start(signal.period, "month") - timedelta(days=1))


def comments_of(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, signal: Signal
) -> frozenset[int]:
    """The numbers of the comments behind a signal."""
    where, parameters = chosen(conn, taxonomy, behind(filters, signal), scope)
    return frozenset(number for (number,) in conn.execute(f"SELECT c.number FROM comments c WHERE {where}", parameters))


def _words(
    conn: sqlite3.Connection, taxonomy: Taxonomy, whole: Filters, scope: Scope, signal: Signal, mine: Collection[int]
) -> tuple[Shared, ...]:
    """Words of the clauses behind the signal beside those of all other clauses of the service."""
    own = taxonomy.services.get(signal.of.service or "")
    named = words_of(" ".join((own.name, *own.aliases))) if own else frozenset()  # that they name the team says nothing
    here: list[tuple[int, frozenset[str]]] = []
    rest: list[tuple[int, str]] = []
    for number, respondent, text, carries in _clauses_of(conn, taxonomy, whole, scope, signal):
        if carries and number in mine:
            here.append((respondent, words_of(text) - named))
        else:
            rest.append((respondent, text))
    said = by_respondent(here)
    used = Counter(word for words in said.values() for word in words)
    looked_for = frozenset(word for word, n in used.items() if n >= LEAST_RESPONDENTS)
    if not looked_for:
        return ()
    others = by_respondent((respondent, words_of(text, looked_for)) for respondent, text in rest)
    return tuple(found for _, found in shared(said, others, WORDS))


def _clauses_of(
    conn: sqlite3.Connection, taxonomy: Taxonomy, whole: Filters, scope: Scope, signal: Signal
) -> Iterator[tuple[int, int, str, int]]:
    """Every clause of the service: comment, respondent, words, and whether it carries what the signal is of."""
    where, parameters = chosen(conn, taxonomy, whole, scope)
    kind, label = signal.of.code or ("clause", None)
    parameters |= {"behind_kind": kind, "behind_label": label, "sign": SIGN_OF_MEASURE.get(signal.of.measure, "-")}
    yield from conn.execute(
        'SELECT k.comment, c.respondent_key, substr(c.text, k.start + 1, k."end" - k.start), EXISTS (SELECT 1 FROM effective f'
        " WHERE f.comment = k.comment AND f.kind = :behind_kind AND (:behind_label IS NULL OR f.label = :behind_label)"
        ' AND f.polarity = :sign AND f.start < k."end" AND f."end" > k.start)'
        f" FROM effective k JOIN comments c ON c.number = k.comment WHERE k.kind = 'clause' AND {where}",
        parameters,
    )


def _labels(
    conn: sqlite3.Connection, taxonomy: Taxonomy, whole: Filters, scope: Scope, signal: Signal, mine: Collection[int]
) -> tuple[Shared, ...]:
    """Themes with their side, teams below and who spoke, of the comments behind the signal beside all others of the service."""
    where, parameters = chosen(conn, taxonomy, whole, scope)
    rows = conn.execute(
        "SELECT DISTINCT f.comment, c.respondent_key, f.kind, f.label, f.polarity FROM effective f JOIN comments c ON c.number = f.comment"
        f" WHERE (f.kind = 'theme' OR f.kind = 'service' AND f.detail = 'subject' OR f.kind = 'respondent') AND {among(where, 'f')}",
        parameters,
    )
    sides: tuple[list[Any], list[Any]] = ([], [])
    titles: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for number, respondent, *label in rows:
        key = (label[0], label[1], label[2])
        if key not in titles:
            title = _label_in_words(taxonomy, signal, *key)
            titles[key] = (title,) if title else ()
        sides[number not in mine].append((respondent, titles[key]))
    return tuple(found for _, found in shared(by_respondent(sides[0]), by_respondent(sides[1]), LABELS))


def _label_in_words(taxonomy: Taxonomy, signal: Signal, kind: str, label: str, polarity: str) -> str | None:
    """A label as something to have in common; None for what the signal itself is of, or what says nothing."""
    if kind == "theme":
        itself = signal.of.code == ("theme", label) or label not in taxonomy.themes
        side = {"+": "praise", "-": "criticism"}.get(polarity)
        return None if itself or side is None else f"{label_title(taxonomy, 'theme', label)} ({side})"
    if kind == "service":
        beside = label == signal.of.service or label not in taxonomy.services
        return None if beside else taxonomy.services[label].name
    return None if label == "unknown" else f"written by: {label}"
