"""Say what this system is, how often it is wrong, what it must not be used for, and with what versions it works."""

import json
import sqlite3
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
from feedback.accuracy.agreement import Rate
from feedback.accuracy.ledger import Agreement, agreement, ledgers
from feedback.filters import Scope
from feedback.query import latest_versions
from feedback.settings import ROOT
from feedback.staff_names import kept
from feedback.taxonomy import Taxonomy
from feedback.thanked import are_kept

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
    ("services_unseen.precision", "Of the services it names, are right", "services_unseen.cases"),
    ("services_unseen.recall", "Of the services people speak of, it names", "services_unseen.cases"),
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

SAME = (
    ("themes", "Themes (the mean of how many one finds of the other's, and the other way)"),
    ("exact", "Just the same themes"),
    ("three", "Positive, neutral or negative"),
    ("scale", "The same of five points, very positive to very negative"),
)
LEAST_GIVEN = 5  # of comments with a theme; its figure says next to nothing below that


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One thing two readings can agree on, each as "81% (74% to 87%)" or None: people with each other, machines with people."""

    what: str
    given: str
    people: str | None
    machine: str | None


@dataclass(frozen=True, slots=True)
class LedgerView:
    """What blind reading of this database's own comments found: `read` comments, `twice` by two people, the last drawn on a day.

    `whole` are figures over all themes and the sentiment, `themes` those of each theme that people gave often enough.
    """

    read: int
    twice: int
    whole: tuple[AgreementRow, ...]
    themes: tuple[AgreementRow, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What was `measured_on` a day, None if never: (what, percent, of how many) on comments never seen, and on known cases.

    `ledger` is what people found on this database's own comments, None before anybody has read any. `names_kept`: whether praise keeps
    names of staff, and `names` how many there are, for who may see every comment.
    """

    version: str
    unseen: tuple[tuple[str, str, str], ...]
    cases: tuple[tuple[str, str, str], ...]
    measured_on: date | None
    ledger: LedgerView | None
    data: tuple[tuple[str, str], ...]
    stored: tuple[tuple[str, str], ...]
    licence: str | None
    names_kept: bool = False
    names: int | None = None
    may_erase: bool = False


@router.get("/about")
def about(reader: AskingReader, conn: Connection, taxonomy: Data) -> HTMLResponse:
    """About this system."""
    results = _results(RESULTS)
    sees_all = reader.may_read and reader.scope.services is None
    view = AboutPage(
        version=__version__,
        unseen=tuple(measured(results, UNSEEN)),
        cases=tuple(measured(results, CASES)),
        measured_on=date.fromisoformat(results["measured"]) if results else None,
        ledger=_ledger(conn, taxonomy, reader.scope),
        data=tuple((name.replace("_", " "), version) for name, version in taxonomy.versions.items()),
        stored=tuple(latest_versions(conn).items()),
        names_kept=are_kept(),
        names=kept(conn) if sees_all else None,
        may_erase=sees_all,
        licence=LICENCE.read_text(encoding="utf-8").strip().splitlines()[0] if LICENCE.is_file() else None,
    )
    return page("about.html", Frame("About this system", "/about", [("Overview", "/")]), view, conn=conn)


def _ledger(conn: sqlite3.Connection, taxonomy: Taxonomy, scope: Scope) -> LedgerView | None:
    found = agreement(conn, ledgers(conn, taxonomy, scope))
    return as_ledger(found, taxonomy) if found else None


def as_ledger(found: Agreement, taxonomy: Taxonomy) -> LedgerView:
    """The agreement as the page shows it."""
    whole = tuple(
        AgreementRow(what, "", _shown(getattr(found.people, name, None)), _shown(getattr(found.machine, name)))
        for name, what in SAME
    )
    often = [one for one in found.themes if one.given >= LEAST_GIVEN]
    themes = tuple(
        AgreementRow(
            taxonomy.themes[one.theme].name if one.theme in taxonomy.themes else one.theme,
            f"{one.given:g}",
            _shown(one.people),
            _shown(one.machine),
        )
        for one in often
    )
    return LedgerView(found.read, found.twice, whole, themes, len(found.themes) - len(often))


def _shown(rate: Rate | None) -> str | None:
    return f"{rate.share:.0%} ({rate.lower:.0%} to {rate.upper:.0%})" if rate else None


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
