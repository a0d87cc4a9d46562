"""Answer about the delivery plan: its priorities and programmes, and what is said of their services before and after milestones."""

from dataclasses import asdict
from datetime import date as Day
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api import hidden, schemas
from api.deps import Asked, Question
from api.schemas import LabelCount, Trend
from feedback.errors import BadInput
from feedback.evidence.programmes import told_of
from feedback.query import Clause, totals
from feedback.query import Totals as Counted

router = APIRouter(tags=["strategy"])


class Due(BaseModel):
    """When something falls: between two days, how exactly, and whether a day is our reading and not the plan's word."""

    start: Day
    end: Day
    when: Literal["day", "month", "years"]
    derived: bool
    words: str = Field(examples=["by 31 March 2027 (the end of the financial year: our reading)"])


class Event(BaseModel):
    """A milestone, the start of a programme or a target; `mark` is its name on a chart."""

    id: str
    mark: str
    text: str


class Side(BaseModel):
    """One window: k of n comments, with Wilson's interval; null where hidden, or where there are too few for a share."""

    n: int | None
    k: int | None
    share: float | None
    lower: float | None
    upper: float | None


class Compared(BaseModel):
    """One measure before and after; the difference is after minus before, with Newcombe's 95 % interval."""

    measure: str
    phrase: str
    direction: str
    before: Side
    after: Side
    difference: float | None
    lower: float | None
    upper: float | None
    reason: str | None


class Step(BaseModel):
    """Events that fall together, and what was said before and after; `after` is null where there is a baseline alone."""

    due: Due
    events: list[Event]
    services: list[str]
    whole: bool = Field(description="Whether all services of the programme are meant.")
    before: tuple[Day, Day] | None = Field(description="From the first day of one month to the first day of another.")
    after: tuple[Day, Day] | None
    rows: list[Compared]
    sentence: str


class Words(BaseModel):
    """One quoted clause."""

    citation: str
    text: str
    polarity: str
    month: str | None = Field(examples=["2026-05"])


class Matter(BaseModel):
    """How many comments speak of the matter itself, found by theme or phrase; null where hidden because fewer than 5."""

    comments: int | None
    read: int
    speaks_for: int | None
    against: int | None
    both: int | None
    neither: int | None
    by_theme: int | None
    by_phrase: int | None
    themes: list[str]
    phrases: list[str]
    sentence: str
    quotes: list[Words] = Field(description="None for a reader of figures alone.")


class ProgrammeDetail(schemas.ProgrammeDetail):
    """A programme with the services it touches, what it is linked to, and what was said before and after its milestones."""

    starts: Day | None
    objective_counts: list[LabelCount] = Field(
        description="Comments on its services that bear on each objective it is linked to."
    )
    statement_counts: list[LabelCount]
    steps: list[Step]
    trend: Trend | None = Field(
        description="Negative comments on its services, with the milestones that have a day or month marked."
    )
    method: str
    matter_found: Matter | None = Field(
        description="What is said of the matter itself; null where nothing says how to find it."
    )
    undated: str = Field(description="What is said where the plan dates no milestone; empty where it does.")


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


@router.get("/programmes/{id}", response_model=ProgrammeDetail)
def programme(id: str, asked: Asked) -> dict[str, Any]:
    """Show one priority or programme, the services it touches with their comments, and before and after its milestones."""
    _refuse_a_second_programme(asked)
    may_read = asked.reader.may_read
    conn, taxonomy, filters, scope = asked.asked
    told = told_of(conn, taxonomy, id, filters, scope, may_read=may_read)
    labels = (hidden.rows(rows, may_read=may_read, also=("share",)) for rows in (told.objectives, told.statements))
    return asdict(told.programme) | {
        "totals": hidden.totals(told.total, may_read=may_read),
        "services": hidden.rows(told.services, may_read=may_read, among=lambda row: row.parent),
        **dict(zip(("objective_counts", "statement_counts"), labels, strict=True)),
        "steps": [asdict(step) for step in told.steps],
        "trend": told.trend and told.trend.as_dict() | {"vega": None},
        "method": told.method,
        "matter_found": told.matter and asdict(told.matter) | {"quotes": [_words(one) for one in told.matter.quotes]},
        "undated": told.undated,
    }


def _words(clause: Clause) -> dict[str, Any]:
    month = f"{clause.date:%Y-%m}" if clause.date else None
    return {"citation": clause.citation, "text": clause.text, "polarity": clause.polarity, "month": month}


def _split(counted: Counted, *, may_read: bool) -> dict[str, Any]:
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
