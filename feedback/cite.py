"""Gather the evidence for one objective, value or statement: how much, from whom, for and against, and the words.

A number without its words is a claim, and words without the number are an anecdote; a strategy review gets both, the
contrary side always, and each quoted clause by a citation that never changes. The words are chosen by a stated rule, the
same on every run, so nobody can pick the pretty ones.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from feedback.errors import BadInput
from feedback.query import (
    Clause,
    Filters,
    PeriodCount,
    Scope,
    ServiceCount,
    clauses,
    respondent_table,
    series,
    service_table,
    totals,
)
from feedback.spc import wilson
from feedback.taxonomy import Taxonomy

EvidenceKind = Literal["objective", "value", "statement"]

QUOTES = 6
AT_MOST_PER_SERVICE = 2
LEAST_WORDS = 4
# Two clauses that share this much of their words (0 to 100) are one voice heard twice.
REPEAT = 80
RULE_OF_A_SERVICE = (
    f"Quoted are the clauses that the model is surest of on each side, in order of score; clauses of fewer than {LEAST_WORDS} words "
    f"and near-repeats of one already quoted are passed over."
)
RULE = f"{RULE_OF_A_SERVICE} So is a third clause from the same service."


@dataclass(frozen=True, slots=True)
class Share:
    """A count of the comments read, with its share (0 to 1) and 95 % Wilson interval."""

    n: int
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What comments say for and against one part of the strategy.

    `comments` counts those that bear on it, `read` all that were read under the same filters; `speaks_for`, `against` and
    `both` are exclusive parts of `comments`. `services` holds those with any such comment, directorates and services alike.
    `cannot_say` lists in sentences what the figures do not carry. `query` is what made them. In a document some quotations may
    be `withheld`, a notice in their place (disclosure.py); their comments count in every figure.
    """

    kind: EvidenceKind
    id: str
    title: str
    text: str
    comments: int
    respondents: int
    read: int
    first: date | None
    last: date | None
    speaks_for: Share
    against: Share
    both: Share
    services: tuple[ServiceCount, ...]
    by_month: tuple[PeriodCount, ...]
    quotes_for: tuple[Clause, ...]
    quotes_against: tuple[Clause, ...]
    rule: str
    cannot_say: tuple[str, ...]
    query: dict[str, str]
    withheld: int = 0

    def as_record(self) -> dict[str, Any]:
        """JSON-ready: dates as ISO 8601."""
        return _plain(asdict(self))


def evidence(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    kind: EvidenceKind,
    id: str,
    filters: Filters,
    scope: Scope,
    *,
    quotes: int = QUOTES,
) -> Evidence:
    """Gather the evidence on one objective, value or statement under further filters.

    Raises NotFound for an id the strategy does not have, BadInput where the filters ask for another of the same kind.
    """
    title, text = _described(taxonomy, kind, id)
    if getattr(filters, kind) not in (None, id) or filters.polarity is not None:
        raise BadInput(
            f"The evidence on {kind} {id} has both sides already; leave out the filters {kind} and polarity."
        )
    everything = totals(conn, taxonomy, filters, scope)
    asked: dict[str, Any] = {kind: id}
    on_it = replace(filters, **asked)
    bearing = totals(conn, taxonomy, on_it, scope)
    sides = {sign: totals(conn, taxonomy, replace(on_it, polarity=sign), scope).comments for sign in ("+", "-", "~")}

    def share(n: int) -> Share:
        lower, upper = (float(v) for v in wilson(n, bearing.comments)) if bearing.comments else (0.0, 1.0)
        return Share(n, n / bearing.comments if bearing.comments else 0.0, lower, upper)

    services = tuple(s for s in service_table(conn, taxonomy, on_it, scope) if s.n)
    return Evidence(
        kind=kind,
        id=id,
        title=title,
        text=text,
        comments=bearing.comments,
        respondents=bearing.respondents,
        read=everything.read,
        first=bearing.first,
        last=bearing.last,
        speaks_for=share(sides["+"]),
        against=share(sides["-"]),
        both=share(sides["~"]),
        services=services,
        by_month=series(conn, taxonomy, filters, scope, code=(kind, id)),
        quotes_for=quotable(clauses(conn, taxonomy, replace(on_it, polarity="+"), scope, limit=quotes * 20), quotes),
        quotes_against=quotable(
            clauses(conn, taxonomy, replace(on_it, polarity="-"), scope, limit=quotes * 20), quotes
        ),
        rule=RULE,
        cannot_say=tuple(_cannot_say(conn, taxonomy, on_it, scope, bearing.comments, len(services))),
        query={"kind": kind, "id": id} | {k: str(v) for k, v in asdict(filters).items() if v is not None},
    )


def _described(taxonomy: Taxonomy, kind: EvidenceKind, id: str) -> tuple[str, str]:
    if kind == "objective":
        objective = taxonomy.objective(id)
        return objective.title, objective.aim
    if kind == "value":
        value = taxonomy.value(id)
        return value.name, value.definition
    statement = taxonomy.statement(id)
    return statement.title, statement.text


def quotable(
    candidates: Iterable[Clause], wanted: int, *, per_service: int = AT_MOST_PER_SERVICE
) -> tuple[Clause, ...]:
    """The first so many candidates by the stated rule; candidates come in order of score."""
    from rapidfuzz.fuzz import token_set_ratio

    quoted: list[Clause] = []
    taken: dict[Sequence[str], int] = {}
    for clause in candidates:
        if len(quoted) == wanted:
            break
        if len(clause.text.split()) < LEAST_WORDS or taken.get(clause.services, 0) >= per_service:
            continue
        if any(token_set_ratio(clause.text, other.text) >= REPEAT for other in quoted):
            continue
        quoted.append(clause)
        if clause.services:
            taken[clause.services] = taken.get(clause.services, 0) + 1
    return tuple(quoted)


def _cannot_say(
    conn: sqlite3.Connection, taxonomy: Taxonomy, on_it: Filters, scope: Scope, comments: int, services: int
) -> Iterable[str]:
    if comments < 30:
        yield f"Only {comments} comments bear on it: too few for a share to mean much, or for change over time to be seen."
    leaves = sum(not any(s.parent == id for s in taxonomy.services.values()) for id in taxonomy.services)
    if services < leaves:
        yield f"{services} services have comments on it; of the others nobody has said anything either way, which is neither good nor bad news."
    quiet = [
        r.id
        for r in respondent_table(conn, taxonomy, on_it, scope)
        if r.n < 5 and r.id in ("carer", "relative", "parent", "staff")
    ]
    if quiet and comments:
        yield f"Fewer than five comments come from each of: {', '.join(quiet)}."
    yield "Codes are given by a model; how often it is wrong stands in the README's table, and each citation opens the words to check it by."


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
