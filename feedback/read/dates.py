"""Read a cell as a date, in the order (day first, month first) that the whole column proves.

A single 04/05/2025 says nothing, its column usually does. The danger is a column in which both orders occur: then a
date with two readings is left out with a warning rather than guessed, and one with a single reading is kept.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from feedback.read.cells import Cell

Order = Literal["day", "month", "both"]
# What one cell says about its column's order: proves day first, proves month first, either would do, the same in
# either order, not in question (ISO, a month by name, a real date of a workbook), or a serial number.
Form = Literal["day", "month", "either", "same", "plain", "typed", "serial"]

EARLIEST = date(
    2000, 1, 1
)  # the Friends and Family Test began in 2013, Care Opinion in 2005: earlier is a slip of the pen
_SERIALS = (36_526, 73_050)  # spreadsheet day numbers of 2000 and 2099 (1900 system)
_PLAUSIBLE_SERIALS = (38_500, 49_400)  # 2009 in the 1904 system to 2035 in the other: when feedback is given
_1904_OFFSET = 1462  # days between the two epochs of spreadsheets
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:z|utc|gmt|bst|[+-]\d{2}:?\d{2})?"
_BEFORE = rf"^(?:{_TIME}[\s,]+)?(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s+)?"
_AFTER = rf"(?:(?:\s*,?\s+(?:at\s+)?|t){_TIME})?$"
_NAME = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_SLASHED = re.compile(rf"{_BEFORE}(\d{{1,2}})([/.\-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_AFTER}")
_ISO = re.compile(rf"{_BEFORE}(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_AFTER}")
_COMPACT = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$")
_DAY_NAME = re.compile(
    rf"{_BEFORE}(\d{{1,2}})(?:st|nd|rd|th)?[\s\-/.]*(?:of\s+)?{_NAME}[\s\-/,.']*(\d{{4}}|\d{{2}}){_AFTER}"
)
_NAME_DAY = re.compile(rf"{_BEFORE}{_NAME}\s*(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}){_AFTER}")
_NAME_YEAR = re.compile(rf"^{_NAME}[\s\-/,.']*(\d{{4}}|\d{{2}})$")
_YEAR_MONTH = re.compile(r"^(\d{4})[-/](\d{1,2})$")
_MONTH_YEAR = re.compile(r"^(\d{1,2})[-/](\d{4})$")
_NUMBER = re.compile(r"^\d{5}(?:\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Reading:
    """A date as read, or why there is none; with month precision the day is the first."""

    value: date | None = None
    precision: Literal["day", "month"] = "day"
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """The numbers of a written date: year and either a settled month and day, or two numbers whose order is open."""

    year: int
    first: int
    second: int
    open: bool = False
    month_only: bool = False


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


@lru_cache(maxsize=8192)
def _parts(text: str) -> _Parts | None:
    """Take a written date apart; settled ones come as (year, month, day), open ones in the order written."""
    text = " ".join(text.lower().split())
    if not 4 <= len(text) <= 60:
        return None
    if m := _SLASHED.match(text):
        return _Parts(_year(m[4]), int(m[1]), int(m[3]), open=True)
    if m := _ISO.match(text):
        return _Parts(int(m[1]), int(m[3]), int(m[4]))
    if m := _COMPACT.match(text):
        return _Parts(int(m[1]), int(m[2]), int(m[3]))
    if m := _DAY_NAME.match(text):
        return _Parts(_year(m[3]), _MONTHS.index(m[2][:3]) + 1, int(m[1]))
    if m := _NAME_DAY.match(text):
        return _Parts(int(m[3]), _MONTHS.index(m[1][:3]) + 1, int(m[2]))
    if m := _NAME_YEAR.match(text):
        return _Parts(_year(m[2]), _MONTHS.index(m[1][:3]) + 1, 1, month_only=True)
    if m := _YEAR_MONTH.match(text):
        return _Parts(int(m[1]), int(m[2]), 1, month_only=True)
    if m := _MONTH_YEAR.match(text):
        return _Parts(int(m[2]), int(m[1]), 1, month_only=True)
    return None


def _serial(cell: Cell) -> float | None:
    if isinstance(cell, str):
        cell = float(cell) if _NUMBER.match(cell.strip()) else None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return float(cell) if _SERIALS[0] - _1904_OFFSET <= cell <= _SERIALS[1] else None


def serial_day(cell: Cell) -> bool:
    """Whether a number could be the day, in a spreadsheet's count, of an answer given in these years (1900 or 1904 system).

    >>> serial_day(45731), serial_day("45731.604"), serial_day(12_500)
    (True, True, False)
    """
    serial = _serial(cell)
    return serial is not None and _PLAUSIBLE_SERIALS[0] <= serial <= _PLAUSIBLE_SERIALS[1]


def is_iso(cell: Cell) -> int:
    """The day of the month of a date written year first, as software writes a true date into text; else 0.

    >>> is_iso("2025-11-03 00:00:00"), is_iso("3 November 2025")
    (3, 0)
    """
    found = _ISO.match(cell.strip().lower()) if isinstance(cell, str) else None
    return int(found[4]) if found else 0


def form_of(cell: Cell) -> Form | None:
    """What a cell says of its column's order; None where it is no date at all.

    >>> form_of("25/03/2025"), form_of("03/25/2025"), form_of("03/04/2025"), form_of("8 June 2025"), form_of("unknown")
    ('day', 'month', 'either', 'plain', None)
    """
    if isinstance(cell, date):
        return "typed"
    if _serial(cell) is not None:
        return "serial"
    parts = _parts(cell) if isinstance(cell, str) else None
    if parts is None:
        return None
    if not parts.open:
        return "plain"
    if parts.first > 12:
        return "day" if parts.second <= 12 else None
    if parts.second > 12:
        return "month"
    return "same" if parts.first == parts.second else "either"


def order_of(forms: Counter[Form]) -> Order | None:
    """The order a column proves; "both" where it proves both, None where it proves neither.

    One slip in more than two hundred proofs is a slip, not a second order.
    """
    day, month = forms["day"], forms["month"]
    if min(day, month) * 200 < max(day, month):
        return "day" if day > month else "month"
    return "both" if day else None


def read_date(cell: Cell, order: Order, *, today: date, epoch_1904: bool = False) -> Reading:
    """Read one cell; a date in the future, before 2000, or with two readings in a column of both orders is a problem.

    >>> read_date("03/04/2025", "month", today=date(2026, 1, 1)).value
    datetime.date(2025, 3, 4)
    >>> read_date("03/04/2025", "both", today=date(2026, 1, 1)).problem
    'can be read day first or month first'
    """
    if isinstance(cell, datetime):
        return _plausible(cell.date(), "day", today)
    if isinstance(cell, date):
        return _plausible(cell, "day", today)
    serial = _serial(cell)
    if serial is not None:
        days = int(serial) + (_1904_OFFSET if epoch_1904 else 0)
        return _plausible(date(1899, 12, 30) + timedelta(days=days), "day", today)
    parts = _parts(cell) if isinstance(cell, str) else None
    if parts is None:
        return Reading(problem="is not a date")
    month, day = parts.first, parts.second
    if parts.open:
        two_ways = month != day and max(month, day) <= 12
        if order == "both" and two_ways:
            return Reading(problem="can be read day first or month first")
        # An order that cannot be (13th month) leaves the other as the single reading.
        if month > 12 or (order != "month" and day <= 12):
            month, day = day, month
    try:
        value = date(parts.year, month, day)
    except ValueError:
        return Reading(problem="is a day that does not exist")
    return _plausible(value, "month" if parts.month_only else "day", today)


def _plausible(value: date, precision: Literal["day", "month"], today: date) -> Reading:
    if value > today + timedelta(days=1):  # a clock elsewhere may be a day ahead
        return Reading(problem="is in the future")
    if value < EARLIEST:
        return Reading(problem=f"is before {EARLIEST.year}")
    return Reading(value, precision)
