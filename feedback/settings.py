"""Where things lie and what may be set, from the environment; nothing here is read at import by others' defaults."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from feedback.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
MODELS = ROOT / "models"
SAMPLE = DATA / "sample" / "sample_batch.csv"
REPLACED, IN_PRAISE = "replaced", "in_praise"  # what may become of names of staff


def _path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name, default))


def _days(name: str, default: int) -> int:
    given = os.environ.get(name, str(default))
    if not given.isdigit() or not 1 <= int(given) <= 30:
        raise BadInput(f"{name} is a number of working days from 1 to 30; it is {given!r}.")
    return int(given)


def _whole(name: str, default: int | None, least: int, most: int) -> int | None:
    given = os.environ.get(name)
    if not given:
        return default
    if not given.isdecimal() or not least <= int(given) <= most:
        raise BadInput(f"{name} is a whole number from {least} to {most}; it is {given!r}.")
    return int(given)


def _one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    given = os.environ.get(name) or default
    if given not in choices:
        raise BadInput(f"{name} is one of {', '.join(choices)}; it is {given!r}.")
    return given


@dataclass(frozen=True, slots=True)
class Settings:
    """What a trust may set without code; each field can be given in the environment as FEEDBACK_<NAME> (docs/running.md), but for
    the two numbers, on which others rely.

    `small_number`: counts of comments under this are suppressed where the reader may not read the words (CONTRACT: 5).
    `hollow_number`: months with fewer comments than this are drawn hollow and cannot signal alone (10).
    `urgent_days`, `watch_days`: working days (Monday to Friday, without bank holidays) within which a person decides about a flagged comment,
    counted from when it was stored. 1, because what is urgent deserves a look the same day and no comment can be promised
    one at night or at a weekend; 5, because a complaint must be acknowledged within 3 and a week is the rhythm in which
    teams meet. Both are our choice, for the Trust to confirm.
    `retention_months`: how long `feedback erase --retention` keeps a comment. There is no default: the NHS Records Management Code
    of Practice sets schedules, and where patient experience data falls in them is for the Trust to say (recalled, not checked).
    `quote_k`: a team that fewer people than this spoke of in a month is a small one, in which words that tell something rare
    about the writer are not quoted in documents. 8, because NHS England's hospital statistics hide counts of 1 to 7 in
    whatever is published below national level (rule of September 2018); that a quotation follows it is our choice.
    `staff_names`: "replaced" everywhere, or with "in_praise" those that are surely of staff and stand in praise are kept apart from the
    comment, for the team's own page of thanks alone (staff_names.py). The default keeps none: what is not kept cannot be lost.
    `address`: where the pages are served, for the links in what leaves them (documents, digests); no "/" at the end. `has_address`:
    whether that was set; where not, it is an address of this machine alone, which is no use in a document.
    `smtp_…`: the mail server that digests go through. `smtp_security` is starttls, tls or, to this machine itself alone, none.
    """

    db: Path = field(default_factory=lambda: _path("FEEDBACK_DB", Path("feedback.db")))
    data: Path = field(default_factory=lambda: _path("FEEDBACK_DATA", DATA))
    models: Path = field(default_factory=lambda: _path("FEEDBACK_MODELS", MODELS))
    trust_code: str = field(default_factory=lambda: os.environ.get("FEEDBACK_TRUST_CODE", "HW"))
    address: str = field(
        default_factory=lambda: os.environ.get("FEEDBACK_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
    )
    has_address: bool = field(default_factory=lambda: bool(os.environ.get("FEEDBACK_ADDRESS")))
    smtp_host: str | None = field(default_factory=lambda: os.environ.get("FEEDBACK_SMTP_HOST"))
    smtp_port: int = field(default_factory=lambda: _whole("FEEDBACK_SMTP_PORT", 587, 1, 65535) or 587)
    smtp_from: str | None = field(default_factory=lambda: os.environ.get("FEEDBACK_SMTP_FROM"))
    smtp_user: str | None = field(default_factory=lambda: os.environ.get("FEEDBACK_SMTP_USER"))
    smtp_password: str | None = field(default_factory=lambda: os.environ.get("FEEDBACK_SMTP_PASSWORD"), repr=False)
    smtp_security: str = field(
        default_factory=lambda: _one_of("FEEDBACK_SMTP_SECURITY", "starttls", ("starttls", "tls", "none"))
    )
    small_number: int = 5
    hollow_number: int = 10
    urgent_days: int = field(default_factory=lambda: _days("FEEDBACK_URGENT_DAYS", 1))
    watch_days: int = field(default_factory=lambda: _days("FEEDBACK_WATCH_DAYS", 5))
    retention_months: int | None = field(default_factory=lambda: _whole("FEEDBACK_RETENTION_MONTHS", None, 1, 600))
    quote_k: int = field(default_factory=lambda: _whole("FEEDBACK_QUOTE_K", 8, 1, 100) or 8)
    staff_names: str = field(default_factory=lambda: _one_of("FEEDBACK_STAFF_NAMES", REPLACED, (REPLACED, IN_PRAISE)))
