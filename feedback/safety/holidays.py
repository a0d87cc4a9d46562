"""Read the bank holidays of England (data/bank_holidays.yml), and say when the list ends.

A list, and not a rule, because days are moved and added by proclamation. None of the libraries that keep such lists is among what we
install; `holidays` (PyPI) would do, and could take this module's place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from feedback.errors import BadData

WARNED = timedelta(days=183)  # before the list ends: time for somebody to add the years that have been published since


@dataclass(frozen=True, slots=True)
class Holidays:
    """The bank holidays up to and with `until`, in order; later ones are not known."""

    version: str
    days: tuple[date, ...]
    until: date

    def caution(self, today: date) -> str | None:
        """What to tell of a list that has ended, or ends within WARNED; None while there is time."""
        if today + WARNED <= self.until:
            return None
        ends = f"{self.until.day} {self.until:%B %Y}"
        if today > self.until:
            return (
                f"The list of bank holidays ended on {ends}, so they count as working days now, and a flag may be called overdue "
                "a day early; whoever looks after this system adds later ones to bank_holidays.yml."
            )
        return f"The list of bank holidays ends on {ends}; whoever looks after this system adds later ones to bank_holidays.yml."


@lru_cache(maxsize=4)
def load_holidays(data: Path) -> Holidays:
    """The bank holidays of a data folder; BadData names what does not fit."""
    path = data / "bank_holidays.yml"
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BadData(
            f"bank_holidays.yml cannot be read ({type(error).__name__}); restore it or mend its syntax."
        ) from None
    if (
        not isinstance(raw, dict)
        or not {"version", "until", "days"} <= raw.keys()
        or not isinstance(raw["days"], Mapping)
    ):
        raise BadData("bank_holidays.yml needs version, until and days, each day with its name.")
    until = _day("until", raw["until"])
    days = tuple(sorted(_day("days", day) for day in raw["days"]))
    late = [day for day in days if day > until]
    if late:
        raise BadData(
            f"bank_holidays.yml has {late[0]} after the day that it ends on; move `until` to the end of the last year."
        )
    return Holidays(str(raw["version"]), days, until)


def _day(field: str, given: object) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise BadData(f"bank_holidays.yml, {field}: {str(given)[:40]!r} is no day; write it as 2027-01-01.") from None
