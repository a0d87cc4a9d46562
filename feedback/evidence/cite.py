"""Gather the evidence on one part of the strategy or the plan: how much, from whom, for and against, and the words.

A number without its words is a claim, and words without the number are an anecdote; a strategy review gets both, the
contrary side always, and each quoted clause by a citation that never changes. The words are chosen by a stated rule, the
same on every run, so nobody can pick the pretty ones. Each count carries the filters that list exactly its comments.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, cast

from feedback.accuracy.doubted import doubt_of, doubts_of
from feedback.errors import BadInput
from feedback.evidence.allowing import adjusted
from feedback.evidence.allowing import poorly_measured as poorly_measured  # stood here first
from feedback.evidence.apart import Apart, apart, why_nearly_all
from feedback.evidence.known_error import Adjusted
from feedback.evidence.rare import RULE as RULE_OF_RARE
from feedback.evidence.rare import RareVoice, rare_voices
from feedback.evidence.silence import SilenceOn, silence_on
from feedback.evidence.speakers import Voice, voices
from feedback.evidence.words import words_of_both, words_on_sides
from feedback.filters import READ, SIDES, parameters
from feedback.over_time.spc import wilson
from feedback.query import (
    Clause,
    Filters,
    PeriodCount,
    RespondentCount,
    Scope,
    ServiceCount,
    evidence_table,
    respondent_table,
    series,
    service_table,
    totals,
)
from feedback.quoting import (
    LEAST_WORDS as LEAST_WORDS,
)  # these stood here first, and pages and documents ask for them here
from feedback.quoting import MOST_QUOTES as MOST_QUOTES
from feedback.quoting import QUOTES, RULE
from feedback.quoting import RULE_OF_A_SERVICE as RULE_OF_A_SERVICE
from feedback.quoting import quotable as quotable
from feedback.settings import Settings
from feedback.strategies.bearing import KINDS as KINDS  # offered with the evidence on them
from feedback.strategies.bearing import (
    NOT_LOOKED_FOR,
    READ_DIRECTLY,
    Bearing,
    EvidenceKind,
    basis_of,
    bearing_of,
    parse,
)
from feedback.taxonomy import Taxonomy

FEW = 30  # comments, below which a share means little
SIDE_NAMES = {"for": "speaks_for", "against": "against", "both": "both", "neither": "neither"}
BOTH_QUOTES = 3  # comments
PEOPLE = {"patient": "patients", "carer": "carers", "relative": "relatives", "parent": "parents", "staff": "staff"}


@dataclass(frozen=True, slots=True)
class Share:
    """A count of the comments read, with its share (0 to 1) and 95 % Wilson interval."""

    n: int
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What comments say for and against one part of the strategy or the plan.

    `comments` counts those that bear on it, `read` all that were read under the same filters; `speaks_for`, `against`, `both` and
    `neither` are exclusive parts that make up `comments`. `services` holds those with any such comment, directorates and services
    alike. `derived` says how comments were found to bear on it where they are not read for it. Of each side `quotes_…` are the
    surest words and `typical_…` the most typical, by `rule`, of as many clauses as `weighed` says by side; `quotes_both` holds two clauses of
    each comment, one for it and one against it, and `weighed` counts its comments; `rare` the rare voices, by `rare_rule`. `adjusted` are the main
    figures with known error allowed for. `silence` and `cannot_say`, in sentences, are what the figures do not carry. `query` is what
    made them; `apart` what tells these comments from all others, where they are nearly all or are worked out from wide objectives; `queries` the filters that list the comments of each count, with {id}, {from} and {to} for a row's own. In a document
    some quotations may be `withheld`, a notice in their place (disclosure.py); their comments count in every figure. `voices` split the
    counts by who says it, for an objective that one kind of people's own account bears on; `doubt` says why no share of the sides is given, ""
    where one is, `doubts` the same of a single side ("for", "against"); `looked_for` is false where nothing looks for it yet, so that its counts say nothing.
    """

    kind: EvidenceKind
    id: str
    title: str
    text: str
    derived: str
    comments: int
    respondents: int
    read: int
    first: date | None
    last: date | None
    speaks_for: Share
    against: Share
    both: Share
    neither: Share
    services: tuple[ServiceCount, ...]
    by_respondent: tuple[RespondentCount, ...]
    by_month: tuple[PeriodCount, ...]
    adjusted: tuple[Adjusted, ...]
    quotes_for: tuple[Clause, ...]
    quotes_against: tuple[Clause, ...]
    quotes_both: tuple[Clause, ...]
    typical_for: tuple[Clause, ...]
    typical_against: tuple[Clause, ...]
    rule: str
    weighed: dict[str, int]
    rare: tuple[RareVoice, ...]
    rare_rule: str
    apart: Apart | None
    silence: SilenceOn
    cannot_say: tuple[str, ...]
    query: dict[str, str]
    queries: dict[str, dict[str, str]]
    withheld: int = 0
    voices: tuple[Voice, ...] = ()
    doubt: str = ""
    doubts: dict[str, str] = field(default_factory=dict)
    looked_for: bool = True

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
    """Gather the evidence on one part of the strategy or the plan under further filters.

    `quotes` are shown of each kind on each side, where there are so many. Raises NotFound for an id that is not there, BadInput where
    the filters ask for another of the same kind or for one side.
    """
    bearing = bearing_of(conn, taxonomy, kind, id)
    whole, on_it = _chosen(bearing, filters)
    everything = totals(conn, taxonomy, whole, scope)
    on = totals(conn, taxonomy, on_it, scope)
    sides = {side: totals(conn, taxonomy, replace(on_it, side=side), scope).comments for side in SIDES}
    words = words_on_sides(conn, taxonomy, on_it, scope, quotes)
    both, of_both = words_of_both(conn, taxonomy, on_it, scope, max(BOTH_QUOTES, quotes // 2))
    by_themes = any(kind == "theme" for kind, _ in bearing.codes)
    looked_for = bool(on.comments) or by_themes or basis_of(taxonomy, bearing.kind, bearing.id) != "unread"
    objective = bearing.id if bearing.kind == "objective" else None
    silence = silence_on(conn, taxonomy, whole, on_it, scope, objective=objective)
    return Evidence(
        kind=bearing.kind,
        id=bearing.id,
        title=bearing.title,
        text=bearing.text,
        derived=bearing.derived,
        comments=on.comments,
        respondents=on.respondents,
        read=everything.read,
        first=on.first,
        last=on.last,
        speaks_for=_share(sides["for"], on.comments),
        against=_share(sides["against"], on.comments),
        both=_share(sides["both"], on.comments),
        neither=_share(sides["neither"], on.comments),
        services=tuple(s for s in service_table(conn, taxonomy, on_it, scope) if s.n),
        by_respondent=tuple(r for r in respondent_table(conn, taxonomy, on_it, scope) if r.n),
        by_month=series(conn, taxonomy, whole, scope, code=bearing.codes),
        adjusted=adjusted(conn, taxonomy, bearing.kind, bearing.id, sides, filters, scope, everything.read),
        quotes_for=words["+"].strongest,
        quotes_against=words["-"].strongest,
        quotes_both=both,
        typical_for=words["+"].typical,
        typical_against=words["-"].typical,
        rule=RULE,
        weighed={"for": words["+"].of, "against": words["-"].of, "both": of_both},
        rare=rare_voices(conn, taxonomy, whole, scope, read=everything.read, bearing_on=on_it),
        rare_rule=RULE_OF_RARE,
        apart=_apart(conn, taxonomy, bearing, whole, on_it, scope, on.comments, everything.read),
        silence=silence,
        cannot_say=tuple(_cannot_say(bearing, on.comments, silence, looked_for=looked_for)),
        query={"kind": bearing.kind, "id": bearing.id}
        | {k: str(v) for k, v in asdict(filters).items() if v is not None},
        queries=_queries(whole, on_it),
        voices=voices(conn, taxonomy, bearing, on_it, scope),
        doubt=doubt_of(conn, taxonomy, bearing.kind, bearing.id),
        doubts=doubts_of(conn, taxonomy, bearing.kind, bearing.id),
        looked_for=looked_for,
    )


def asked_for(filters: Filters) -> tuple[EvidenceKind, str, Filters]:
    """The one part of the strategy or the plan that filters ask for, and the rest of the filters.

    A programme is that part only where nothing else is. Raises BadInput where they ask for none or for several.
    """
    asked: list[tuple[EvidenceKind, str, str]] = [
        (kind, given, kind) for kind in READ_DIRECTLY if (given := getattr(filters, kind)) is not None
    ]
    if filters.evidence is not None:
        asked.append((*parse(filters.evidence), "evidence"))
    if not asked and filters.programme is not None:
        asked.append(("programme", filters.programme, "programme"))
    if len(asked) != 1:
        raise BadInput(
            "Name one thing to show evidence on: --objective, --value, --statement, --outcome, --supporting or --programme."
        )
    ((kind, id, field),) = asked
    rest: dict[str, Any] = {field: None}
    return kind, id, replace(filters, **rest)


def map_quotes(found: Evidence, change: Callable[[Clause], Clause]) -> Evidence:
    """The same evidence with every clause that it quotes changed: for what leaves the building (disclosure.py)."""

    def changed(quotes: Iterable[Clause]) -> tuple[Clause, ...]:
        return tuple(change(clause) for clause in quotes)

    return replace(
        found,
        quotes_for=changed(found.quotes_for),
        quotes_against=changed(found.quotes_against),
        quotes_both=changed(found.quotes_both),
        typical_for=changed(found.typical_for),
        typical_against=changed(found.typical_against),
        rare=tuple(replace(voice, clause=change(voice.clause)) for voice in found.rare),
    )


def _chosen(bearing: Bearing, filters: Filters) -> tuple[Filters, Filters]:
    """The comments that are asked about as a whole, and those of them that bear on the part."""
    direct = bearing.kind in READ_DIRECTLY
    given = getattr(filters, bearing.kind) if direct or bearing.kind == "programme" else filters.evidence
    if given not in (None, bearing.id) or filters.polarity or filters.side or (filters.evidence and direct):
        name = bearing.kind if direct or bearing.kind == "programme" else "evidence"
        raise BadInput(
            f"The evidence on {bearing.kind} {bearing.id} has both sides already; leave out the filters {name}, side and polarity."
        )
    if direct:
        asked: dict[str, Any] = {bearing.kind: bearing.id}
        return filters, replace(filters, **asked)
    whole = replace(filters, programme=bearing.id) if bearing.kind == "programme" else filters
    return whole, replace(whole, evidence=f"{bearing.kind}:{bearing.id}")


def _share(n: int, of: int) -> Share:
    lower, upper = (float(v) for v in wilson(n, of)) if of else (0.0, 1.0)
    return Share(n, n / of if of else 0.0, lower, upper)


def _apart(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    bearing: Bearing,
    whole: Filters,
    on_it: Filters,
    scope: Scope,
    comments: int,
    read: int,
) -> Apart | None:
    """What tells the comments apart that bear on a part, where their number alone says little; a programme's beside all of the Trust's."""
    wide = bearing.kind in ("strategy", "programme")
    parts = [f"{kind}:{code}" for kind, code in bearing.codes] if wide else []
    nearly_all = why_nearly_all(bearing, comments, read, evidence_table(conn, taxonomy, whole, scope, parts))
    if not comments or not (nearly_all or wide):
        return None
    everything = replace(whole, programme=None) if bearing.kind == "programme" else whole
    return apart(conn, taxonomy, on_it, everything, scope, nearly_all=nearly_all)


def _cannot_say(bearing: Bearing, comments: int, silence: SilenceOn, *, looked_for: bool) -> Iterator[str]:
    if not looked_for:
        yield NOT_LOOKED_FOR[:1].upper() + NOT_LOOKED_FOR[1:] + "."
        return
    if bearing.derived:
        yield bearing.derived
    if not comments:
        yield "No comment bears on it under these filters. That does not say that all is well, nor that anything is wrong."
    elif comments < FEW:
        bear = "1 comment bears" if comments == 1 else f"{comments} comments bear"
        yield f"Only {bear} on it: too few for a share to mean much, or for change over time to be seen."
    yield from _of_services(silence)
    yield from _of_groups(silence)
    yield "Codes are given by a model; how often it is wrong stands on the page About this system, and each citation opens the words to check it by."


def _of_services(silence: SilenceOn) -> Iterator[str]:
    few = Settings().small_number
    if silence.services_unheard:
        yield (
            f"Of {silence.of_services} services {silence.services_unheard} have fewer than {few} comments on anything, so nothing can be said "
            "of them, which is neither good nor bad news."
        )
    if silence.services:
        n = len(silence.services)
        which = "1 service is" if n == 1 else f"{n} services are"
        yield f"{which} heard, but with fewer than {few} comments on this."


def _of_groups(silence: SilenceOn) -> Iterator[str]:
    quiet = [*silence.groups_unheard, *silence.groups]
    order = ("patient", "carer", "relative", "parent", "staff")
    if len(quiet) == 1:
        yield f"Fewer than five comments come from {PEOPLE[quiet[0]]}."
    elif quiet:
        yield f"Fewer than five comments come from each of: {', '.join(id for id in order if id in quiet)}."


def _queries(whole: Filters, on_it: Filters) -> dict[str, dict[str, str]]:
    """For each count the filters that list its comments; {id}, {from} and {to} stand for those of a row."""
    on = parameters(on_it)
    month = {"from": "{from}", "to": "{to}"}
    found = {
        "comments": on,
        "respondents": on,
        "read": parameters(replace(whole, sentiment=whole.sentiment or READ)),
        **{name: on | {"side": side} for side, name in SIDE_NAMES.items()},
        "services": on | {"service": "{id}"},
        "by_respondent": on | {"respondent": "{id}"},
        "by_month.n": parameters(replace(whole, sentiment=whole.sentiment or READ)) | month,
        "by_month.code_n": on | month,
        "by_month.code_positive": on | month | {"polarity": "+"},
        "by_month.code_negative": on | month | {"polarity": "-"},
        "silence.services": on | {"service": "{id}"},
    }
    return cast("dict[str, dict[str, str]]", found)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
