"""Say by when a person should have decided about a flagged comment: so many working days after it was stored.

Working days are Monday to Friday, in UTC, without the bank holidays of England as far as they are known (holidays.py); later ones
count as working days, so that a flag is overdue a day too early, never too late. A comment stored at a weekend or on a bank holiday
counts from the next working day, 0:00.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from feedback.safety.holidays import Holidays, load_holidays
from feedback.settings import Settings

if TYPE_CHECKING:
    import numpy as np

Severity = Literal["urgent", "watch"]


def due(stored_at: datetime, severity: Severity) -> datetime:
    """When a decision about a comment stored at `stored_at` is due.

    >>> due(datetime(2026, 8, 7, 16, 30, tzinfo=UTC), "urgent").isoformat()
    '2026-08-10T16:30:00+00:00'
    """
    return _moved(stored_at, working_days(severity))


def working_days(severity: Severity) -> int:
    """How many working days there are for it."""
    settings = Settings()
    return settings.urgent_days if severity == "urgent" else settings.watch_days


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at which the queue is looked at, and, by severity, the last time of storing that is overdue at it."""

    now: datetime
    urgent_before: str
    watch_before: str


def at(now: datetime) -> Moment:
    """What is overdue at `now`: everything stored up to then, so that SQL can put a queue in order without a calendar."""
    return Moment(
        now,
        urgent_before=_stored_by(now, working_days("urgent")).isoformat(),
        watch_before=_stored_by(now, working_days("watch")).isoformat(),
    )


def _moved(when: datetime, days: int) -> datetime:
    """The same time of day so many working days later, reckoned from the next working day 0:00 where it is none."""
    import numpy as np

    when = when.astimezone(UTC)
    calendar, day = _calendar(load_holidays(Settings().data)), np.datetime64(when.date())
    at = when.time() if np.is_busday(day, busdaycal=calendar) else time()
    moved = np.busday_offset(day, days, roll="forward", busdaycal=calendar)
    return datetime.combine(date.fromisoformat(str(moved)), at, UTC)


def _stored_by(now: datetime, days: int) -> datetime:
    """The last time of storing from which so many working days have gone by.

    On a day that is no working day nothing falls due, so it is the end of the day that the last working day looks back on: what came on
    days off after that counts from the working day that follows them.
    """
    import numpy as np

    now = now.astimezone(UTC)
    calendar, day = _calendar(load_holidays(Settings().data)), np.datetime64(now.date())
    at = now.time() if np.is_busday(day, busdaycal=calendar) else time.max
    back = np.busday_offset(day, -days, roll="backward", busdaycal=calendar)
    return datetime.combine(date.fromisoformat(str(back)), at, UTC)


@lru_cache(maxsize=4)
def _calendar(holidays: Holidays) -> "np.busdaycalendar":
    import numpy as np

    return np.busdaycalendar(holidays=np.array(holidays.days, "datetime64[D]"))
