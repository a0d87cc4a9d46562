"""What the store is given and what it gives back: a file's rows on their way in, what became of them, and what people said.

Plain values without behaviour; store.py writes and reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from feedback.comment import Analysed, Finding
from feedback.undecided import FlagsGone

BatchState = Literal["running", "finished", "rolled_back"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A row that was not stored (reject) or was stored with a field left blank (warning), and why; never a comment's words."""

    row: int | None
    reason: str
    detail: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Returned(Notice):
    """A notice with the cells of its row as they may be kept (redacted), so that the row can be mended and sent again.

    `stored_as` are the citations of the comments that came of the row, in the order of its columns.
    """

    original: tuple[str, ...] = field(default=(), repr=False)
    stored_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fill:
    """What a mended row has for a comment stored without it; only what is blank there is filled, and rollback blanks it again."""

    comment: int
    date: date | None
    date_precision: Literal["day", "month"]
    fft: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One comment of a file on its way in: its content key, where it stood, and its analysis unless it is stored already.

    `erased`: it was removed on purpose, so it is only counted. `fill`: it is the mended row of a stored comment.
    """

    key: bytes
    analysed: Analysed | None
    respondent_key: int
    row: int | None = None
    sheet: str | None = None
    date_precision: Literal["day", "month"] = "day"
    erased: bool = False
    fill: Fill | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one stretch of a file came to: the things read from it, numbered from 0, from `start` up to before `end`."""

    start: int
    end: int
    entries: Sequence[Entry] = ()
    rejects: Sequence[Notice] = ()
    warnings: Sequence[Notice] = ()
    empty: int = 0
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a file's rows: rows = accepted_rows + empty + duplicates + already_stored_rows + rejects."""

    rows: int
    accepted: int
    accepted_rows: int
    already_stored: int
    already_stored_rows: int
    empty: int
    contentless: int
    duplicates: int
    rejects: int
    warnings: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The receipt of a batch that was taken back: when, by whom and why, how many comments went, and the undecided flags among them.

    `by` and `reason` are empty where nobody gave them: they are asked for where undecided flags go.
    """

    at: str
    by: str
    reason: str
    comments: int
    flags: tuple[FlagsGone, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One upload. `position` is how far a running one has come (what the file has yielded so far); times are ISO 8601, UTC.

    `counts` say what the upload came to and never change; `erased` of the comments it brought have been erased since.
    """

    id: int
    file: str
    sha256: str
    state: BatchState
    created_at: str
    finished_at: str | None
    position: int
    counts: Counts
    column_map: Mapping[str, Any]
    decisions: Any
    versions: Mapping[str, str]
    erased: int = 0
    taken_back: TakenBack | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How a person said the files of one source are to be read; `number` names it, `fingerprint` is of their headings."""

    number: int
    fingerprint: str
    mapping: Mapping[str, Any]
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of a comment at one time: findings of score 1 (it is so) or 0 (it is not so), and why.

    `id` numbers it, later is higher. Times are ISO 8601, UTC; `at` is None for one made before times were kept.
    """

    id: int
    findings: tuple[Finding, ...]
    reason: str
    by: str
    at: str | None
    withdrawn_by: str | None = None
    withdrawn_at: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it has not been withdrawn."""
        return self.withdrawn_by is None
