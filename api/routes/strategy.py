"""Answer about the strategy: its values and objectives, and what speaks for each and against."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from api import hidden, schemas
from api.deps import Asked, Question
from feedback.evidence.allowing import allowed_for
from feedback.query import LabelCount, objective_table, statement_table, totals, value_table
from feedback.strategies.bearing import EvidenceKind

router = APIRouter(tags=["strategy"])


@router.get("/values", response_model=schemas.Values)
def values(asked: Asked) -> dict[str, Any]:
    """List the Trust's values: in how many comments each was lived, and in how many it was not."""
    rows = _allowing(asked, "value", value_table(*asked.asked))
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
    rows = _allowing(asked, "objective", objective_table(*asked.asked))
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


def _allowing(asked: Question, kind: EvidenceKind, counted: Sequence[LabelCount]) -> list[dict[str, Any]]:
    """The rows with the share that allows for misreading, null where it cannot be said, and why no share of the sides is given."""
    read = totals(*asked.asked).read
    conn, taxonomy, filters, scope = asked.asked
    allowed = allowed_for(conn, taxonomy, kind, counted, filters, scope, read)
    rows = hidden.rows(counted, may_read=asked.reader.may_read, also=("share",))
    for row in rows:
        found = allowed[row["id"]].found
        estimate = found.estimate if found and not row["suppressed"] else None
        row |= {
            "allowing": asdict(estimate) if estimate else None,
            "doubt": allowed[row["id"]].doubt,
            "doubts": allowed[row["id"]].doubts,
        }
    return rows


def _read(asked: Question) -> int | None:
    return hidden.totals(totals(*asked.asked), may_read=asked.reader.may_read)["read"]
