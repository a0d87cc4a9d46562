"""Show which strategies there are and how they compare, put a new one in, and say which is in force."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api import hidden
from api.deps import Asked, Connection, ReaderOfAll, ReaderOfWords, ShippedData, Writing
from api.schemas import LabelCount
from feedback.strategies.side_by_side import SideBySide, side_by_side
from feedback.strategies.successor import MAX_FILE, Successor, read_successor
from feedback.strategies.versions import adopt, not_carried, strategies, successor, two_to_compare, use, uses

router = APIRouter(tags=["strategies"])

VERSION = Field(description="The version, as its file says it.", examples=["2025-2030"])
PARTS = ("positive", "negative", "mixed", "neutral")


class Strategy(BaseModel):
    """A strategy that any question can be asked under with `?strategy=`. Times are ISO 8601, UTC."""

    version: str = VERSION
    is_read: bool = Field(description="The models read comments by it.")
    in_force: bool
    ready: bool = Field(description="False where mapping the history to it was broken off; put the same file in again.")
    by: str | None
    at: str | None
    since: str | None = Field(description="In force since; null where it always was, or is not.")


class Use(BaseModel):
    """One decision which strategy is in force."""

    version: str = VERSION
    by: str
    at: str


class Strategies(BaseModel):
    """All strategies, that which the models read first, and every decision which is in force, the first one first."""

    strategies: list[Strategy]
    uses: list[Use]


class ToldOf(BaseModel):
    """One thing that a new strategy changes, in a sentence."""

    fate: str = Field(
        description="carried, merged, split, new by rule, new, not read yet, dropped, statements, delivery plan."
    )
    sentence: str


class Explained(BaseModel):
    """What an adopted strategy, or one that is only looked at, comes to."""

    version: str = VERSION
    follows: str | None = Field(description="The strategy whose codes it starts from; null for that strategy itself.")
    explained: list[ToldOf]


class NotCarried(BaseModel):
    """A person's correction of a code that became no single part of the strategy; somebody has to look whether it still holds."""

    number: int
    citation: str
    kind: str
    label: str
    polarity: str
    so: bool
    by: str
    became: list[tuple[str, str]] = Field(description="The parts that the code went into: kind and id.")


class ToLookAt(BaseModel):
    """Such corrections, by number; `after` asks for the next page."""

    corrections: list[NotCarried]
    after: int | None


class Pair(BaseModel):
    """A part of the older strategy and what became of it; or a new part."""

    kind: Literal["objective", "value"]
    fate: str = Field(description="carried, merged, narrowed, split, dropped or new.")
    old: LabelCount | None
    new: list[LabelCount]
    why: list[str]


class Compared(BaseModel):
    """Two strategies side by side, counted from the same findings under the same filters."""

    old: str = VERSION
    new: str = VERSION
    read: int | None
    pairs: list[Pair]


class StrategyFile(BaseModel):
    """A strategy's file, as text (YAML; data/README.md explains its fields)."""

    file: str = Field(max_length=MAX_FILE)


class StrategyToAdopt(StrategyFile):
    """The same, to be put in."""

    beside: bool = Field(False, description="Only beside the others; which is in force stays as it is.")


class AdoptedStrategy(BaseModel):
    """What putting a strategy in came to."""

    version: str = VERSION
    comments: int = Field(description="All that are stored; each was mapped.")
    bearing: int = Field(description="Those that bear on some part of it.")
    resumed: bool
    in_force: bool
    not_carried: int


class ToUse(BaseModel):
    """The strategy that is to be in force."""

    version: str = VERSION


@router.get("/strategies", response_model=Strategies)
def list_strategies(conn: Connection, shipped: ShippedData) -> dict[str, Any]:
    """List the strategies, and which was in force from when."""
    return {
        "strategies": [asdict(known) for known in strategies(conn, shipped)],
        "uses": [asdict(one) for one in uses(conn)],
    }


@router.get("/strategies/compare", response_model=Compared)
def compare(
    asked: Asked,
    shipped: ShippedData,
    old: Annotated[str | None, Query(description="The older; that which the models read, if not given.")] = None,
    new: Annotated[
        str | None, Query(description="The newer; the one adopted that is in force, or the last, if not given.")
    ] = None,
) -> dict[str, Any]:
    """Put two strategies side by side: each objective and value of the older beside what became of it, counted under both, and why."""
    return compared(asked, shipped, old, new)


@router.get("/strategies/{version}", response_model=Explained)
def show(version: str, conn: Connection, shipped: ShippedData) -> dict[str, Any]:
    """Show how each part of one strategy is found."""
    if version == shipped.versions["strategy"]:
        return {"version": version, "follows": None, "explained": []}
    return _explained(successor(conn, shipped, version))


@router.get("/strategies/{version}/corrections", response_model=ToLookAt)
def corrections(
    version: str,
    conn: Connection,
    shipped: ShippedData,
    reader: ReaderOfWords,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List what people said of comments that one strategy could not carry over, so that somebody looks at it."""
    if version == shipped.versions["strategy"]:
        return {"corrections": [], "after": None}
    successor(conn, shipped, version)
    found = not_carried(conn, version, reader.scope, after=after, limit=limit)
    more = len(found) >= limit and not_carried(conn, version, reader.scope, after=found[-1].number, limit=1)
    return {"corrections": [asdict(one) for one in found], "after": found[-1].number if more else None}


@router.post("/strategies/check", response_model=Explained)
def check(given: StrategyFile, shipped: ShippedData, _: ReaderOfAll) -> dict[str, Any]:
    """Say what a strategy's file comes to; nothing is changed."""
    return _explained(read_successor(given.file, shipped))


@router.post("/strategies", response_model=AdoptedStrategy, status_code=201)
def put_in(given: StrategyToAdopt, store: Writing, shipped: ShippedData, reader: ReaderOfAll) -> dict[str, Any]:
    """Put a strategy in and map the whole history to it; no comment is read again. Broken off, the same request goes on."""
    return asdict(adopt(store, shipped, given.file, by=reader.name, put_in_force=not given.beside))


@router.put("/strategies/in-force", response_model=Strategy)
def put_in_force(given: ToUse, store: Writing, shipped: ShippedData, reader: ReaderOfAll) -> dict[str, Any]:
    """Put a strategy in force that is there already."""
    return asdict(use(store, shipped, given.version, by=reader.name))


def compared(asked: Asked, shipped: ShippedData, old: str | None, new: str | None) -> dict[str, Any]:
    """Two strategies side by side, as this reader may see them."""
    conn, _, filters, scope = asked.asked
    may_read = asked.reader.may_read
    old, new = two_to_compare(conn, shipped, old, new)
    found = side_by_side(conn, shipped, old, new, filters, scope, may_read=may_read)
    return {"old": old, "new": new, "read": _read(found, may_read=may_read), "pairs": _pairs(found, may_read=may_read)}


def _read(found: SideBySide, *, may_read: bool) -> int | None:
    (cell,) = hidden.suppress([found.read], may_read=may_read)
    return cell.n


def _pairs(found: SideBySide, *, may_read: bool) -> list[dict[str, Any]]:
    """The pairs with their counts as they may be shown: where one of a pair is hidden all of it is, for they make each other out."""
    shown = []
    for pair in found.pairs:
        rows = hidden.rows(
            [*([pair.old] if pair.old else []), *pair.new], may_read=may_read, parts=PARTS, also=("share",)
        )
        reasons = {why for row in rows for why in row["suppressed"].values() if why != hidden.UNREAD}
        if reasons:
            why = min(reasons)
            names = ("n", *PARTS, "share")
            rows = [row | dict.fromkeys(names) | {"suppressed": dict.fromkeys(names, why)} for row in rows]
        old = rows.pop(0) if pair.old else None
        shown.append({"kind": pair.kind, "fate": pair.fate, "old": old, "new": rows, "why": list(pair.why)})
    return shown


def _explained(found: Successor) -> dict[str, Any]:
    told = [asdict(one) for one in found.explained]
    return {"version": found.version, "follows": found.rules.follows, "explained": told}
