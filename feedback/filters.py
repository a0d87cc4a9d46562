"""Turn filters and a reader's scope into SQL: one meaning of every filter for the command line, the API and the pages.

`chosen` is a condition on `comments c`; every question in query.py starts from the comments for which it holds. The danger
is showing a reader another service's comments, so there is no way to choose without a `Scope`. Only services that are the
subject of a comment count: one that is merely mentioned does not make it theirs to read.
"""

import difflib
import json
import re
import sqlite3
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, get_args

from feedback.comment import SIGN_OF, SIGNALS, RespondentType
from feedback.errors import BadInput, NotFound
from feedback.schema import CORRECTED, SAID
from feedback.strategies.bearing import bearing_of, parse, title_of
from feedback.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose comments a reader may see: those about `services` (everything below them already among them), or all."""

    services: frozenset[str] | None = None

    @classmethod
    def of(cls, taxonomy: Taxonomy, services: Collection[str]) -> "Scope":
        """The scope of a reader who has been given these services; raises NotFound for one that is not there."""
        return cls(frozenset().union(*(taxonomy.below(service) for service in services)))

    def reaches(self, service: str) -> bool:
        """Whether the reader may ask about a service."""
        return self.services is None or service in self.services


EVERYTHING = Scope()

ANY_PAIR = "any"  # the filter `disagree` that asks for no pair in particular
LOCAL = (
    "local-"  # how the ids of the Trust's own themes begin (local_themes.py); theirs is a kind of findings of its own
)
READ = "any"  # the filter `sentiment` that asks for no sentiment in particular: comments that were read at all

# On which side a comment stands, by the polarities of all it says of what is asked for. Each comment stands on one side alone.
_FOR, _AGAINST = "max(polarity IN ('+', '~'))", "max(polarity IN ('-', '~'))"
SIDES = {
    "for": f"{_FOR} AND NOT {_AGAINST}",
    "against": f"{_AGAINST} AND NOT {_FOR}",
    "both": f"{_FOR} AND {_AGAINST}",
    "neither": f"NOT {_FOR} AND NOT {_AGAINST}",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which comments are meant: those to which all of this applies. Ids are the taxonomy's.

    `service` means it and everything below it, as the subject of the comment; it may also be another organisation (ext-…) that
    the comment names or, where the directory does not know it, what an upload calls it. `theme` is a theme's id or the name of a group
    of themes, in any case or as a slug. `county` means services of that county alone. `polarity` (+ - ~ 0) is that of the
    statement, objective, value or theme asked for, the first of these, or else of any clause. `sentiment` is positive, neutral, negative or mixed;
    a mixed comment is none of the others. `disagree`: the upload's column and the words name different services ("any", or one
    pair of them as "column:words"). `date_to` is included. `search` is for words (stemmed, in any order) and "phrases".
    `evidence` is a part of the strategy or the plan as "kind:id" (bearing.py): comments that bear on it; polarity and side are then
    those of what bears on it. `side` is for, against, both or neither, of what is asked for: where several clauses speak of it, all
    of them decide. `topic` is the number of a topic (topics/kept.py) that a clause speaks of. The sentiment "any" means comments that were read. `strategy` is the version of the strategy that values, objectives
    and statements are of; None is the one in force. Connection and taxonomy must hold it already (strategies.py).
    """

    service: str | None = None
    theme: str | None = None
    value: str | None = None
    objective: str | None = None
    statement: str | None = None
    sentiment: str | None = None
    polarity: str | None = None
    respondent: str | None = None
    county: str | None = None
    programme: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    search: str | None = None
    signal: str | None = None
    language: str | None = None
    batch: int | None = None
    disagree: str | None = None
    evidence: str | None = None
    side: str | None = None
    topic: int | None = None
    strategy: str | None = None

    def check(self, taxonomy: Taxonomy, conn: sqlite3.Connection) -> "Filters":
        """The filters themselves, if they make sense; NotFound or BadInput with the nearest that would, if not.

        Every question checks its filters; this is for those who must refuse before they begin.
        """
        chosen(conn, taxonomy, self, EVERYTHING)
        return self


def chosen(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> tuple[str, dict[str, Any]]:
    """A condition on `comments c` that holds for the comments meant, and its parameters; raises NotFound or BadInput."""
    if filters.strategy not in (None, taxonomy.versions["strategy"]):
        raise BadInput(
            f"Strategy {filters.strategy} is asked for, and {taxonomy.versions['strategy']} is in place; ask for one of them."
        )
    where, parameters = in_scope(scope)
    conditions = [where]

    def narrow(condition: str, **given: Any) -> None:
        conditions.append(condition)
        parameters.update(given)

    if filters.service is not None:
        if texts := _service_texts(conn, taxonomy, filters.service):
            narrow("c.service_text IN (SELECT value FROM json_each(:service))", service=json.dumps(texts))
        elif filters.service in taxonomy.organisations:  # which is never the subject of a comment
            narrow(_speaks_of("service"), service=json.dumps([filters.service]))
        else:
            narrow(_about("service"), service=json.dumps(sorted(taxonomy.below(filters.service))))
    if filters.programme is not None:
        narrow(_about("programme"), programme=json.dumps(sorted(taxonomy.programme_services(filters.programme))))
    if filters.topic is not None:
        narrow("c.number IN (SELECT comment FROM topic_clauses WHERE topic = :topic)", topic=filters.topic)
    if filters.disagree is not None:
        condition, given = _disagree(taxonomy, filters.disagree)
        narrow(condition, **given)
    if filters.county is not None:
        narrow(_about("county"), county=json.dumps(_services_in(taxonomy, filters.county)))
    carried = labels(taxonomy, filters)
    _check_local(conn, carried)
    said = {kind: f"kind = '{kind}' AND label IN (SELECT value FROM json_each(:{kind}))" for kind in carried}
    parameters |= {kind: json.dumps(ids) for kind, ids in carried.items()}
    if filters.evidence is not None:
        bearing = bearing_of(conn, taxonomy, *parse(filters.evidence))
        said = {"evidence": is_one_of("evidence"), **said}
        parameters["evidence"] = json.dumps(bearing.codes)
        if bearing.services is not None:
            narrow(_about("evidence_services"), evidence_services=json.dumps(sorted(bearing.services)))
    sided = judged(said)
    for kind, condition in said.items():
        one_sided = " AND polarity = :polarity" if filters.polarity and kind == sided else ""
        narrow(f"c.number IN (SELECT comment FROM effective WHERE {condition}{one_sided})")
    if filters.polarity is not None:
        parameters["polarity"] = _one_of("polarity", filters.polarity, SIGN_OF.values())
        if sided == "clause":
            narrow("c.number IN (SELECT comment FROM effective WHERE kind = 'clause' AND polarity = :polarity)")
    if filters.side is not None:
        having = SIDES[_one_of("side", filters.side, SIDES)]
        if sided == "clause":
            raise BadInput(
                "A side is for or against something: ask for an objective, value, statement, theme or evidence."
            )
        narrow(f"c.number IN (SELECT comment FROM effective WHERE {said[sided]} GROUP BY comment HAVING {having})")
    if filters.sentiment == READ:
        narrow("c.sentiment IS NOT NULL")
    elif filters.sentiment:
        narrow("c.sentiment = :sentiment", sentiment=SIGN_OF[_one_of("sentiment", filters.sentiment, SIGN_OF)])
    if filters.respondent:
        narrow(
            "c.respondent = :respondent", respondent=_one_of("respondent", filters.respondent, get_args(RespondentType))
        )
    if filters.date_from and filters.date_to and filters.date_from > filters.date_to:
        raise BadInput(f"The dates run backwards: from {filters.date_from} to {filters.date_to}; swap them.")
    if filters.date_from:
        narrow("c.date >= :date_from", date_from=filters.date_from.isoformat())
    if filters.date_to:
        narrow("c.date <= :date_to", date_to=filters.date_to.isoformat())
    if filters.search is not None:
        narrow(
            "c.number IN (SELECT rowid FROM comments_fts WHERE comments_fts MATCH :search)",
            search=_match(filters.search),
        )
    if filters.language:
        if not re.fullmatch(r"[a-z]{2,3}", filters.language):
            raise BadInput(f"{filters.language!r} is no language code; use two letters of ISO 639-1, such as en or pl.")
        narrow("c.language = :language", language=filters.language)
    if filters.batch is not None:
        narrow("c.number IN (SELECT comment FROM batch_comments WHERE batch = :batch)", batch=filters.batch)
    return " AND ".join([condition for condition in conditions if condition != "1"]) or "1", parameters


# Where an address says a filter in another word than the program does.
NAMES = {"date_from": "from", "date_to": "to"}


def parameters(filters: Filters) -> dict[str, str]:
    """The filters as an address says them; `/comments` and every question over HTTP take them.

    >>> parameters(Filters(theme="parking", date_from=date(2026, 1, 1)))
    {'theme': 'parking', 'from': '2026-01-01'}
    """
    given = {NAMES.get(f.name, f.name): getattr(filters, f.name) for f in fields(filters)}
    return {name: str(value) for name, value in given.items() if value is not None}


def describe(taxonomy: Taxonomy, filters: Filters) -> str:
    """What the filters mean, for a title: "Podiatry · Parking · respondent carer"; "All comments" where there are none.

    Raises NotFound or BadInput for an id that is not there; what uploads call a service stands as it was given.
    """
    ours = filters.service in taxonomy.services or filters.service in taxonomy.organisations
    words = {
        "service": taxonomy.service_name(filters.service) if filters.service and ours else filters.service,
        "programme": filters.programme and taxonomy.programme(filters.programme).title,
        "county": filters.county,
        "statement": filters.statement and f"{filters.statement} {taxonomy.statement(filters.statement).title}",
        "objective": filters.objective and f"{filters.objective} {taxonomy.objective(filters.objective).title}",
        "value": filters.value and taxonomy.value(filters.value).name,
        "theme": filters.theme and _theme_title(taxonomy, filters.theme),
        "signal": filters.signal and filters.signal.replace("_", " "),
        "evidence": filters.evidence and _evidence_title(taxonomy, filters.evidence),
        "side": filters.side and f"side {filters.side}",
        "sentiment": "read" if filters.sentiment == READ else filters.sentiment,
        "polarity": filters.polarity and f"polarity {filters.polarity}",
        "respondent": filters.respondent and f"respondent {filters.respondent}",
        "date_from": filters.date_from and f"from {filters.date_from.isoformat()}",
        "date_to": filters.date_to and f"to {filters.date_to.isoformat()}",
        "search": filters.search and f"with the words {filters.search}",
        "language": filters.language and f"in language {filters.language}",
        "batch": filters.batch and f"batch {filters.batch}",
        "strategy": filters.strategy and f"strategy {filters.strategy}",
        "topic": filters.topic and f"topic {filters.topic}",
        "disagree": filters.disagree and _disagreement(taxonomy, filters.disagree),
    }
    return " · ".join(word for word in words.values() if word) or "All comments"


def name_key(text: str) -> str:
    """The form in which two spellings of an upload's own name for a service are one name.

    >>> name_key("CAMHS -  Worcs (South)") == name_key("camhs-worcs(SOUTH)")
    True
    """
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return re.sub(r" ?([^\w\s]) ?", r"\1", plain)


def among(where: str, findings: str = "effective") -> str:
    """The same condition on findings: that they are of the comments meant."""
    return "1" if where == "1" else f"{findings}.comment IN (SELECT c.number FROM comments c WHERE {where})"


def in_scope(scope: Scope) -> tuple[str, dict[str, Any]]:
    """The part of `chosen` that keeps a reader to their scope."""
    if scope.services is None:
        return "1", {}
    return _about("scope"), {"scope": json.dumps(sorted(scope.services))}


def _about(parameter: str) -> str:
    """Comments whose subject is one of the services in a parameter; a service only mentioned does not count."""
    return (
        "c.number IN (SELECT comment FROM effective WHERE kind = 'service' AND detail = 'subject'"
        f" AND label IN (SELECT value FROM json_each(:{parameter})))"
    )


def _speaks_of(parameter: str) -> str:
    """Comments that name one of the entries in a parameter, whatever they say of it."""
    return (
        "c.number IN (SELECT comment FROM effective WHERE kind = 'service'"
        f" AND label IN (SELECT value FROM json_each(:{parameter})))"
    )


def disagreeing(taxonomy: Taxonomy) -> tuple[str, dict[str, Any]]:
    """The pairs of a comment's column and a service its words name, where they are different services; and the parameters.

    A select of comment, by_column and by_words. The column says what a person said its name means, or else what the directory
    makes of it. A service above or below the other is no other one, and where the words name the column's service too, or one
    above or below it, they agree. What a person said is not so counts on neither side.
    """
    lines = [f"{id} {other}" for id in taxonomy.services for other in (id, *taxonomy.ancestors(id))]
    same = "(SELECT value FROM json_each(:lines))"
    return (
        "SELECT col.comment AS comment, col.label AS by_column, said.label AS by_words"
        " FROM effective col JOIN effective said ON said.comment = col.comment AND said.kind = 'service'"
        " AND said.detail = 'subject' AND said.\"end\" > said.start"
        " WHERE col.kind = 'service' AND col.detail = 'subject' AND col.\"end\" = 0"
        f" AND (col.\"by\" = 'metadata' OR col.place BETWEEN {SAID} AND {CORRECTED - 1})"
        " AND NOT EXISTS (SELECT 1 FROM findings same WHERE same.comment = col.comment AND same.kind = 'service'"
        f" AND same.detail = 'subject' AND same.\"end\" > same.start AND same.place < {SAID}"
        f" AND (col.label || ' ' || same.label IN {same} OR same.label || ' ' || col.label IN {same}))"
    ), {"lines": json.dumps(lines)}


def _disagree(taxonomy: Taxonomy, asked: str) -> tuple[str, dict[str, Any]]:
    """The condition for a disagreement of any pair, or of "column:words"."""
    pairs, parameters = disagreeing(taxonomy)
    if asked == ANY_PAIR:
        return f"c.number IN (SELECT comment FROM ({pairs}))", parameters
    column, colon, words = asked.partition(":")
    if not colon:
        raise BadInput(
            f'{asked[:60]!r} is no disagreement; use "{ANY_PAIR}", or the column\'s service and the words\' as "podiatry:camhs".'
        )
    parameters |= {"by_column": taxonomy.service(column).id, "by_words": taxonomy.service(words).id}
    return (
        f"c.number IN (SELECT comment FROM ({pairs}) WHERE by_column = :by_column AND by_words = :by_words)",
        parameters,
    )


def _service_texts(conn: sqlite3.Connection, taxonomy: Taxonomy, words: str) -> list[int]:
    """Where the words are no id: the rows of what uploads call a service that are these words, whole or in one of their cells."""
    if words in taxonomy.services or words in taxonomy.organisations:
        return []
    wanted = name_key(words)
    rows = conn.execute("SELECT id, text, cells FROM service_texts")
    return [id for id, text, cells in rows if wanted in {name_key(name) for name in (text, *json.loads(cells))}]


def _services_in(taxonomy: Taxonomy, county: str) -> list[str]:
    counties = {name.casefold(): name for name in taxonomy.places}
    wanted = counties[_one_of("county", county.casefold(), counties)]
    return [id for id, service in taxonomy.services.items() if service.county == wanted]


def labels(taxonomy: Taxonomy, filters: Filters) -> dict[str, list[str]]:
    """The ids meant by the filters on labels, by kind of finding, the narrowest kind first."""
    ids: dict[str, list[str]] = {}
    if filters.statement is not None:
        ids["statement"] = [taxonomy.statement(filters.statement).id]
    if filters.objective is not None:
        ids["objective"] = [taxonomy.objective(filters.objective).id]
    if filters.value is not None:
        ids["value"] = [taxonomy.value(filters.value).id]
    for kind, (id,) in ids.items():
        _refuse_unread(taxonomy, kind, id)
    if filters.theme is not None and filters.theme.startswith(LOCAL):
        ids["local_theme"] = [filters.theme]
    elif filters.theme is not None:
        groups = {_slug(group): themes for group, themes in taxonomy.theme_groups.items()}
        ids["theme"] = list(groups.get(_slug(filters.theme)) or [taxonomy.theme(filters.theme).id])
    if filters.signal is not None:
        ids["signal"] = [_one_of("signal", filters.signal, SIGNALS)]
    return ids


def _refuse_unread(taxonomy: Taxonomy, kind: str, id: str) -> None:
    """Of a part of a strategy that nothing finds yet no figure is given: a zero would be read as silence."""
    if taxonomy.rules and taxonomy.rules.basis(kind, id) == "unread":
        raise BadInput(
            f"Nothing finds {kind} {id} of strategy {taxonomy.versions['strategy']} yet, so there is no figure for it, which is not a zero."
        )


def _check_local(conn: sqlite3.Connection, carried: dict[str, list[str]]) -> None:
    for id in carried.get("local_theme", ()):
        if not conn.execute("SELECT 1 FROM local_themes WHERE id = ? AND retired_at IS NULL", (id,)).fetchone():
            raise NotFound(f"There is no local theme {id[:80]!r}; `feedback topics local` lists them.")


def _evidence_title(taxonomy: Taxonomy, evidence: str) -> str:
    kind, id = parse(evidence)
    return f"evidence on {kind} {id} {title_of(taxonomy, kind, id)}".rstrip(".")


def is_one_of(parameter: str, findings: str = "effective") -> str:
    """A condition on findings: that kind and label are one of the pairs in a parameter (JSON)."""
    pairs = f"SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:{parameter})"
    return f"({findings}.kind, {findings}.label) IN ({pairs})"


def _disagreement(taxonomy: Taxonomy, asked: str) -> str:
    column, colon, words = asked.partition(":")
    if not colon:
        return "column and words name different services"
    return f"column says {taxonomy.service_name(column)}, words say {taxonomy.service_name(words)}"


def _theme_title(taxonomy: Taxonomy, theme: str) -> str:
    if theme.startswith(LOCAL):
        return f"{theme.removeprefix(LOCAL).replace('-', ' ').capitalize()} (local theme)"
    groups = {_slug(group): group for group in taxonomy.theme_groups}
    return groups.get(_slug(theme)) or taxonomy.theme(theme).name


def judged(carried: Collection[str]) -> str:
    """What a filter on polarity or side means, given the kinds asked for: the first that has one, or the clause."""
    return next((kind for kind in carried if kind != "signal"), "clause")


def _one_of(name: str, given: str, choices: Collection[str]) -> str:
    if given in choices:
        return given
    near = difflib.get_close_matches(given, list(choices), 1)
    meant = f"; did you mean {near[0]}?" if near else "."
    raise BadInput(f"There is no {name} {given!r}: use one of {', '.join(choices)}{meant}")


def _match(search: str) -> str:
    """A person's words as an FTS5 expression in which nothing but quotation marks round a phrase has a meaning."""
    phrases = re.findall(r'"([^"]*)"|([^\s"]+)', search.replace("\0", " "))
    words = [phrase for pair in phrases for phrase in pair if re.search(r"\w", phrase)]
    if not words:
        raise BadInput("There is no word in what is to be searched for; give at least one.")
    return " ".join(f'"{word}"' for word in words)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
