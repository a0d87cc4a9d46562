"""Answer about the strategy and the delivery plan: values, objectives, the evidence on each, and programmes."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from api import hidden, schemas
from api.deps import Asked, Question
from feedback.cite import EvidenceKind
from feedback.cite import evidence as gather
from feedback.errors import BadInput
from feedback.query import (
    Totals,
    latest_versions,
    objective_table,
    service_table,
    statement_table,
    totals,
    value_table,
)

router = APIRouter(tags=["strategy"])


@router.get("/values", response_model=schemas.Values)
def values(asked: Asked) -> dict[str, Any]:
    """List the Trust's values: in how many comments each was lived, and in how many it was not."""
    rows = hidden.rows(value_table(*asked.asked), may_read=asked.reader.may_read, also=("share",))
    return {
        "read": _read(asked),
        "values": [row | {"definition": asked.taxonomy.values[row["id"]].definition} for row in rows],
    }


@router.get("/objectives", response_model=schemas.Objectives)
def objectives(asked: Asked) -> dict[str, Any]:
    """List the strategy's objectives and their statements: what speaks for each, and what against."""
    may_read, taxonomy = asked.reader.may_read, asked.taxonomy
    statements = hidden.rows(statement_table(*asked.asked), may_read=may_read, also=("share",))
    by_id = {row["id"]: row for row in statements}
    rows = hidden.rows(objective_table(*asked.asked), may_read=may_read, also=("share",))
    return {
        "version": taxonomy.versions["strategy"],
        "read": _read(asked),
        "objectives": [
            row
            | {
                "aim": taxonomy.objectives[row["id"]].aim,
                "statements": [by_id[id] for id in taxonomy.objectives[row["id"]].statements],
            }
            for row in rows
        ],
    }


@router.get("/objectives/{id}/evidence", response_model=schemas.Evidence)
def evidence_on_objective(id: str, asked: Asked) -> dict[str, Any]:
    """Gather the evidence for and against an objective, with quotations that can be cited."""
    return _evidence("objective", id, asked)


@router.get("/values/{id}/evidence", response_model=schemas.Evidence)
def evidence_on_value(id: str, asked: Asked) -> dict[str, Any]:
    """Gather the evidence on a value: where it was lived and where it was not."""
    return _evidence("value", id, asked)


@router.get("/statements/{id}/evidence", response_model=schemas.Evidence)
def evidence_on_statement(id: str, asked: Asked) -> dict[str, Any]:
    """Gather the evidence for and against one statement of the strategy, such as O3.W5."""
    return _evidence("statement", id, asked)


@router.get("/programmes", response_model=schemas.Programmes)
def programmes(asked: Asked) -> dict[str, Any]:
    """List the delivery plan's priorities and programmes, with the comments on the services each touches."""
    _refuse_a_second_programme(asked)
    found = []
    for programme in asked.taxonomy.programmes.values():
        counted = totals(*asked.about(programme=programme.id).asked)
        found.append(
            {"id": programme.id, "kind": programme.kind, "title": programme.title, "status": programme.status}
            | _split(counted, may_read=asked.reader.may_read)
        )
    return {"version": asked.taxonomy.versions["delivery_plan"], "programmes": found}


@router.get("/programmes/{id}", response_model=schemas.ProgrammeDetail)
def programme(id: str, asked: Asked) -> dict[str, Any]:
    """Show one priority or programme, its milestones and measures, and the services it touches with their comments."""
    _refuse_a_second_programme(asked)
    about, may_read = asked.about(programme=asked.taxonomy.programme(id).id), asked.reader.may_read
    touched = asked.taxonomy.programme_services(id)
    services = [row for row in service_table(*about.asked) if row.id in touched]
    return asdict(asked.taxonomy.programmes[id]) | {
        "totals": hidden.totals(totals(*about.asked), may_read=may_read),
        "services": hidden.rows(services, may_read=may_read, among=lambda row: row.parent),
    }


def _evidence(kind: EvidenceKind, id: str, asked: Question) -> dict[str, Any]:
    conn, taxonomy, filters, scope = asked.asked
    found = gather(conn, taxonomy, kind, id, filters, scope)
    return hidden.evidence(found, may_read=asked.reader.may_read) | {"versions": latest_versions(conn)}


def _read(asked: Question) -> int | None:
    return hidden.totals(totals(*asked.asked), may_read=asked.reader.may_read)["read"]


def _split(counted: Totals, *, may_read: bool) -> dict[str, Any]:
    """The comments and how they sound, for a row of a list."""
    shown = hidden.totals(counted, may_read=may_read)
    reasons = {
        name.removeprefix("sentiment."): why for name, why in shown["suppressed"].items() if "sentiment." in name
    }
    if "comments" in shown["suppressed"]:
        reasons["n"] = shown["suppressed"]["comments"]
    return {"n": shown["comments"], **shown["sentiment"], "suppressed": reasons}


def _refuse_a_second_programme(asked: Question) -> None:
    if asked.filters.programme is not None:
        raise BadInput("The address says which programmes are meant already; leave out the parameter programme.")
