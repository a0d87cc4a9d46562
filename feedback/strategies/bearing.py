"""Say which findings count as evidence on a part of the strategy or of the delivery plan, and in which services.

An objective, value or statement is read in comments directly. An outcome for 2030, a supporting strategy and a programme are not,
or not yet: what bears on them is worked out from the Trust's data, and `derived` says how in a sentence that travels with every
figure made of it.
"""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from feedback.comment import FindingKind
from feedback.errors import BadInput
from feedback.models.labels import labels_read
from feedback.settings import Settings
from feedback.strategies.remap import KINDS as STRATEGIC
from feedback.strategies.remap import Basis
from feedback.strategies.successor import how_found
from feedback.taxonomy import Taxonomy

EvidenceKind = Literal["objective", "value", "statement", "outcome", "strategy", "programme"]
KINDS: tuple[EvidenceKind, ...] = get_args(EvidenceKind)
# Those that a filter of their own asks for; the others are asked for as `evidence`.
READ_DIRECTLY: tuple[EvidenceKind, ...] = ("objective", "value", "statement")

Code = tuple[FindingKind, str]

# Said wherever a count would be nothing for no other reason than that no model was taught to find it.
NOT_LOOKED_FOR = "nobody looks for this yet: too few examples to learn from"


@dataclass(frozen=True, slots=True)
class Bearing:
    """What bears on one part: a finding with any of `codes`, in comments about one of `services` (None: about anything).

    `text` is the part in the document's words, condensed. `derived` is empty where comments are read for it directly.
    """

    kind: EvidenceKind
    id: str
    title: str
    text: str
    codes: tuple[Code, ...]
    services: frozenset[str] | None = None
    derived: str = ""


def parse(evidence: str) -> tuple[EvidenceKind, str]:
    """The kind and id that "kind:id" names; raises BadInput for what is no such pair.

    >>> parse("outcome:Q2")
    ('outcome', 'Q2')
    """
    kind, colon, id = evidence.partition(":")
    if not colon or kind not in KINDS:
        raise BadInput(
            f"{evidence[:60]!r} names no part of the strategy; write one of {', '.join(KINDS)}, a colon and an id, as in outcome:Q2."
        )
    return cast("EvidenceKind", kind), id


def bearing_of(conn: sqlite3.Connection, taxonomy: Taxonomy, kind: EvidenceKind, id: str) -> Bearing:
    """What bears on one part of the strategy or the plan; raises NotFound for an id that is not there.

    Of a part of a strategy adopted later, `derived` says how it is found in what was read by another.
    """
    bearing = _bearing_of(conn, taxonomy, kind, id)
    how = how_found(taxonomy, kind, id) if kind in STRATEGIC else ""
    return replace(bearing, derived=how) if how else bearing


def _bearing_of(conn: sqlite3.Connection, taxonomy: Taxonomy, kind: EvidenceKind, id: str) -> Bearing:
    if kind == "objective":
        objective = taxonomy.objective(id)
        return Bearing(kind, id, objective.title, objective.aim, ((kind, id),))
    if kind == "value":
        value = taxonomy.value(id)
        return Bearing(kind, id, value.name, value.definition, ((kind, id),))
    if kind == "strategy":
        return _of_strategy(taxonomy, id)
    if kind == "programme":
        return _of_programme(taxonomy, id)
    statement = taxonomy.statement(id)
    if statement.objective is not None:
        if kind == "outcome":
            raise BadInput(
                f"{id} is a statement of objective {statement.objective}, not an outcome; ask for it as one."
            )
        return Bearing("statement", id, statement.title, statement.text, (("statement", id),))
    return _of_outcome(conn, taxonomy, id)


def title_of(taxonomy: Taxonomy, kind: EvidenceKind, id: str) -> str:
    """The name of a part; raises NotFound for an id that is not there."""
    match kind:
        case "objective":
            return taxonomy.objective(id).title
        case "value":
            return taxonomy.value(id).name
        case "strategy":
            return taxonomy.supporting_strategy(id).title
        case "programme":
            return taxonomy.programme(id).title
        case _:
            return taxonomy.statement(id).title


def basis_of(taxonomy: Taxonomy, kind: str, id: str) -> Basis:
    """How a part is found under the strategy in place; "unread" where nothing finds it, among it what the model in use was not taught."""
    rules = taxonomy.rules
    if rules is None:
        codes: tuple[Code, ...] = ((cast("FindingKind", kind), id),)
        basis: Basis = "read"
    else:
        rule = rules.rule("statement" if kind == "outcome" else kind, id)
        codes = rule.codes if rule else ()
        basis = rules.basis("statement" if kind == "outcome" else kind, id)
    if basis != "read" or not codes:
        return basis
    taught = labels_read(Settings().models / "reader", "statements")
    untaught = taught is not None and all(kind in ("statement", "outcome") and id not in taught for kind, id in codes)
    return "unread" if untaught else basis


def outcomes(taxonomy: Taxonomy) -> tuple[str, ...]:
    """The statements that belong to no objective: what is to be different, in the order printed."""
    return tuple(id for id, statement in taxonomy.statements.items() if statement.objective is None)


def themes_of(taxonomy: Taxonomy, statement: str) -> tuple[str, ...]:
    """The themes that the crosswalk gives a statement as a candidate of, in the framework's order."""
    return tuple(theme.id for theme in taxonomy.themes.values() if statement in theme.statements)


def _of_outcome(conn: sqlite3.Connection, taxonomy: Taxonomy, id: str) -> Bearing:
    """An outcome: by the statements found, if models link comments to outcomes; else by the themes of the crosswalk."""
    statement = taxonomy.statements[id]
    own: Code = ("statement", id)
    if _models_link(conn, outcomes(taxonomy)):
        return Bearing("outcome", id, statement.title, statement.text, (own,))
    themes = themes_of(taxonomy, id)
    names = "; ".join(taxonomy.themes[theme].name for theme in themes)
    how = (
        f"No model reads comments for this outcome. Counted are those that speak of a theme which our crosswalk links to it: {names}."
        if themes
        else "No model reads comments for this outcome and no theme is linked to it, so nothing can be found unless a person says so."
    )
    codes: tuple[Code, ...] = (own, *(("theme", theme) for theme in themes))
    return Bearing("outcome", id, statement.title, statement.text, codes, derived=how)


def _models_link(conn: sqlite3.Connection, ids: Collection[str]) -> bool:
    marks = ", ".join("?" * len(ids))
    sql = f"SELECT 1 FROM effective WHERE kind = 'statement' AND label IN ({marks}) AND NOT \"by\" GLOB 'person:*' LIMIT 1"
    return conn.execute(sql, tuple(ids)).fetchone() is not None


def _of_strategy(taxonomy: Taxonomy, id: str) -> Bearing:
    """A supporting strategy: by the objectives that it serves."""
    found = taxonomy.supporting_strategy(id)
    served = ", ".join(found.serves)
    whose = " by our reading" if found.serves_derived else ""
    how = (
        f"The strategy does not say which comments bear on this one. Counted are those that bear on {served}, which it serves{whose}: "
        "they cannot tell what this strategy itself did."
    )
    codes: tuple[Code, ...] = tuple(("objective", objective) for objective in found.serves)
    return Bearing("strategy", id, found.title, f"A supporting strategy; it serves {served}.", codes, derived=how)


def _of_programme(taxonomy: Taxonomy, id: str) -> Bearing:
    """A programme or priority: by the objectives that it is linked to, in the services it is for."""
    found = taxonomy.programme(id)
    how = (
        f"Counted are comments about the services of this {found.kind} that bear on {', '.join(found.objectives)}, the objectives it "
        "is linked to; the link is our reading, and nothing here says that it caused what people met."
    )
    codes: tuple[Code, ...] = tuple(("objective", objective) for objective in found.objectives)
    return Bearing("programme", id, found.title, found.summary, codes, taxonomy.programme_services(id), derived=how)
