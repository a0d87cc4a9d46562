"""Where things lie and what may be set, from the environment; nothing here is read at import by others' defaults."""

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
MODELS = ROOT / "models"
SAMPLE = DATA / "sample" / "sample_batch.csv"


def _path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name, default))


@dataclass(frozen=True, slots=True)
class Settings:
    """What a trust may set without code; each field can be given in the environment as FEEDBACK_<NAME>.

    `small_number`: counts of comments under this are suppressed where the reader may not read the words (CONTRACT: 5).
    `hollow_number`: months with fewer comments than this are drawn hollow and cannot signal alone (10).
    """

    db: Path = field(default_factory=lambda: _path("FEEDBACK_DB", Path("feedback.db")))
    data: Path = field(default_factory=lambda: _path("FEEDBACK_DATA", DATA))
    models: Path = field(default_factory=lambda: _path("FEEDBACK_MODELS", MODELS))
    trust_code: str = field(default_factory=lambda: os.environ.get("FEEDBACK_TRUST_CODE", "HW"))
    small_number: int = 5
    hollow_number: int = 10
