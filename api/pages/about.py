"""Say what this system is, how often it is wrong, what it must not be used for, and with what versions it works."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deps import AskingReader, Connection, Data
from api.pages.render import Frame, page
from feedback import __version__
from feedback.query import latest_versions
from feedback.settings import ROOT

router = APIRouter()

RESULTS = ROOT / "evaluation" / "results.json"
LICENCE = ROOT / "LICENSE"

# Where a figure stands in evaluation/results.json, what it says to a person, and of how many it is. What was measured on
# comments never seen before says how well it works; what was measured on the cases used while building says only that they pass.
UNSEEN = (
    ("sentiment.ours.three_point", "Of comments, it calls rightly positive, neutral or negative", "sentiment.comments"),
    ("themes.ours.micro_f1", "Themes (the mean of how many it finds and how many are right)", "themes.comments"),
    ("themes.ours.macro_f1", "The same, rare themes weighing as much as common ones", "themes.comments"),
    ("strategy.macro_f1", "Values and objectives, the same mean", "strategy.comments"),
    ("strategy.polarity", "Of those it finds, it puts on the right side", "strategy.comments"),
    ("identity_unseen.person_recall", "Of people's names, it hides", "identity_unseen.cases"),
    ("identity_unseen.structured_recall", "Of numbers, addresses and the like, it hides", "identity_unseen.cases"),
    ("safety_unseen.urgent_recall", "Of comments that cannot wait at all, it flags", "safety_unseen.cases"),
    ("safety_unseen.recall", "Of comments that a person should read soon, it flags", "safety_unseen.cases"),
    ("safety_unseen.precision", "Of the comments it flags, truly need a person", "safety_unseen.cases"),
)
CASES = (
    ("services.precision", "Of the services it names, are right", "services.cases"),
    ("services.recall", "Of the services people speak of, it names", "services.cases"),
)


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What was `measured_on` a day, None if never: (what, percent, of how many) on comments never seen, and on known cases."""

    version: str
    unseen: tuple[tuple[str, str, str], ...]
    cases: tuple[tuple[str, str, str], ...]
    measured_on: date | None
    data: tuple[tuple[str, str], ...]
    stored: tuple[tuple[str, str], ...]
    licence: str | None


@router.get("/about")
def about(reader: AskingReader, conn: Connection, taxonomy: Data) -> HTMLResponse:
    """About this system."""
    results = _results(RESULTS)
    view = AboutPage(
        version=__version__,
        unseen=tuple(measured(results, UNSEEN)),
        cases=tuple(measured(results, CASES)),
        measured_on=date.fromisoformat(results["measured"]) if results else None,
        data=tuple((name.replace("_", " "), version) for name, version in taxonomy.versions.items()),
        stored=tuple(latest_versions(conn).items()),
        licence=LICENCE.read_text(encoding="utf-8").strip().splitlines()[0] if LICENCE.is_file() else None,
    )
    return page("about.html", Frame("About this system", "/about", [("Overview", "/")]), view, conn=conn)


def _results(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def measured(results: dict[str, Any], wanted: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """What the last evaluation found, of what it measured: in words, in percent, of how many."""
    for place, text, whole in wanted:
        value, n = _at(results, place), _at(results, whole)
        if value is not None and n is not None:
            yield text, f"{value:.0%}", f"{n:,}"


def _at(results: Any, place: str) -> Any:
    for name in place.split("."):
        results = results.get(name) if isinstance(results, dict) else None
    return results
