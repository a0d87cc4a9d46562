"""The table of settings in docs/running.md is the settings: each by its name and default, and no other."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from feedback.settings import ROOT, Settings

FIXED = {"small_number", "hollow_number"}  # others rely on them, so they are no settings
OF_ANOTHER = {"has_address"}  # whether FEEDBACK_ADDRESS was given


def told() -> dict[str, str]:
    """Each setting of the table with its default as it stands there."""
    text = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| `FEEDBACK_")]
    return {name.strip(" `"): default.strip(" `") for name, _, default in rows}


def test_the_table_has_every_setting_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in told():
        monkeypatch.delenv(name, raising=False)
    settings = Settings()
    names = [field.name for field in fields(Settings) if field.name not in FIXED | OF_ANOTHER]
    defaults = {f"FEEDBACK_{name.upper()}": getattr(settings, name) for name in names}
    shown = {
        name: "none"
        if value is None
        else str(value.relative_to(ROOT) if isinstance(value, Path) and value.is_absolute() else value)
        for name, value in defaults.items()
    }
    assert told() == shown


def test_no_setting_is_read_that_the_table_lacks() -> None:
    read = {
        name
        for file in [*(ROOT / "feedback").rglob("*.py"), *(ROOT / "api").rglob("*.py")]
        for name in re.findall(r"\bFEEDBACK_[A-Z_]*[A-Z]\b", file.read_text(encoding="utf-8"))
    }
    assert read - told().keys() <= {"FEEDBACK_SMTP"}  # FEEDBACK_SMTP_… in a sentence


@pytest.mark.parametrize("name", ["FEEDBACK_URGENT_DAYS", "FEEDBACK_RETENTION_MONTHS", "FEEDBACK_QUOTE_K"])
def test_nonsense_is_refused_by_the_settings_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from feedback.errors import BadInput

    monkeypatch.setenv(name, "soon")
    with pytest.raises(BadInput, match=name):
        Settings()
