"""Offer the order of day and month that a person chose before for files with the same headings.

The danger is a choice that was right for one file and silently turns the dates of the next. So it is only ever offered: it is taken
where a person asks for it, and never for a file whose own dates prove an order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from feedback.read import Plan
from feedback.stored import Confirmed

DayOrder = Literal["day", "month"]
KEY = "date_order"  # where it stands in what is remembered of a source, beside its columns


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a person chose on a day (ISO 8601) for the files of a source."""

    order: DayOrder
    on: str


def remembered(confirmed: Confirmed | None) -> Remembered | None:
    """The order that was chosen for a source; None where nobody chose one."""
    order = confirmed.mapping.get(KEY) if confirmed else None
    return Remembered(order, confirmed.at[:10]) if confirmed and order in ("day", "month") else None


def columns_of(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What is remembered of a source's columns alone."""
    return {name: value for name, value in mapping.items() if name != KEY}


def is_open(plan: Plan) -> bool:
    """Whether the file has dates that can be read either way and proves neither order in any of its sheets."""
    return any(sheet.open_dates for sheet in plan.sheets) and not any(sheet.proven for sheet in plan.sheets)


def said_of(plan: Plan, before: Remembered | None, *, asked: bool | None, taken: bool) -> tuple[list[str], list[str]]:
    """What to tell of a choice made before, and what of that to ask: `asked` is the person's choice for this file, if any.

    Nothing where it makes no difference. `taken`: the file is read by it.
    """
    if before is None or asked is not None:
        return [], []
    other = "month" if before.order == "day" else "day"
    was = f"On {before.on} a person chose {before.order} first for files with these headings"
    proofs = {sheet.proven for sheet in plan.sheets if sheet.proven}
    if taken:
        return [f"{was}; nothing in this file proves another order, so its dates are read so, as asked."], []
    if proofs == {other}:
        return [f"{was}; the dates of this file prove {other} first, and are read so."], []
    if proofs & {"both", other} or (is_open(plan) and before.order != "day"):
        return [], [f"{was}: is it so in this one too? Say --date-order remembered, or --day-first or --month-first."]
    return [], []
