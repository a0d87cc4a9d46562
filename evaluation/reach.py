"""What the system was meant to reach before it was built, beside what it reaches: met or not, and by how much.

A figure to reach stands here once; the report, the README's table and what `make evaluate` prints are made from it. It is only held
against comments that nothing was trained or tuned on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.tables import table

LABELLED, UNSEEN, READERS = "labelled comments", "unseen cases", "two readers"
CLOSE = 1e-9  # figures are kept with four digits


@dataclass(frozen=True, slots=True)
class Reach:
    """One figure to reach: a share from 0 to 1, or a whole number of mistakes. `at` is its place in results.json; with `most`, it is not to be passed."""

    what: str
    on: str
    at: str
    figure: float
    most: bool = False

    def __str__(self) -> str:
        """As a table shows it: 0.745, 0.90, at most 0.02."""
        figure = f"{self.figure:.3f}".removesuffix("0") if isinstance(self.figure, float) else str(self.figure)
        return f"at most {figure}" if self.most else figure

    def beyond(self, reached: float) -> float:
        """By how much a figure is better than what was to be reached; below 0, what is missing."""
        return (self.figure - reached) if self.most else (reached - self.figure)


REACHES = (
    Reach("themes, macro F1", LABELLED, "themes.ours.macro_f1", 0.67),
    Reach("themes, micro F1", LABELLED, "themes.ours.micro_f1", 0.77),
    Reach("themes, just the same set", LABELLED, "themes.ours.exact", 0.67),
    Reach("sentiment, five degrees", LABELLED, "sentiment.ours.five_point", 0.745),
    Reach("sentiment, weighted kappa", LABELLED, "sentiment.ours.weighted_kappa", 0.87),
    Reach("sentiment, positive, neutral or negative", LABELLED, "sentiment.ours.three_point", 0.88),
    Reach("sentiment, F1 of neutral", LABELLED, "sentiment.ours.neutral_f1", 0.55),
    Reach("clauses, sentiment", UNSEEN, "clauses_unseen.sentiment", 0.90),
    Reach("clauses, cut as a person does", UNSEEN, "clauses_unseen.boundary", 0.85),
    Reach("values and objectives, macro F1", LABELLED, "strategy.macro_f1", 0.82),
    Reach("values and objectives, F1 of the lowest", LABELLED, "strategy.per_code", 0.60),
    Reach("values and objectives, on the right side", LABELLED, "strategy.polarity", 0.94),
    Reach("statements, the first given in a reader's set", READERS, "statements.precision_at_1", 0.75),
    Reach("statements, none where readers give none", READERS, "statements.none_where_none", 1.0),
    Reach("services, F1", UNSEEN, "services_unseen.f1", 0.90),
    Reach("services, just the same set", UNSEEN, "services_unseen.exact", 0.82),
    Reach("services, one only mentioned taken for the subject", UNSEEN, "services_unseen.subject_only_mentioned", 0.02, most=True),
    Reach("who speaks", UNSEEN, "services_unseen.respondent", 0.88),
    Reach("numbers, addresses and the like hidden", UNSEEN, "identity_unseen.structured_recall", 0.99),
    Reach("names hidden", UNSEEN, "identity_unseen.person_recall", 0.95),
    Reach("comments without identity left as they are", UNSEEN, "identity_unseen.untouched_without_identity", 0.95),
    Reach("urgent comments flagged", UNSEEN, "safety_unseen.urgent_recall", 1.0),
    Reach("comments that cannot wait flagged", UNSEEN, "safety_unseen.recall", 0.95),
    Reach("of those flagged, rightly", UNSEEN, "safety_unseen.precision", 0.75),
    Reach("their kinds, F1", UNSEEN, "safety_unseen.kinds_f1", 0.75),
    Reach("charts equal to NHSRplotthedots", "its own runs", "charts.agree", 1.0),
    Reach("upload files in which a row is lost", "case files", "uploads.files_with_lost_rows", 0, most=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reached:
    """A figure to reach beside what was measured; None where that was not measured."""

    reach: Reach
    figure: float | None

    @property
    def met(self) -> bool:
        """Whether it is reached, in full."""
        return self.figure is not None and self.reach.beyond(self.figure) >= -CLOSE


def held_against(results: Mapping[str, Any], reaches: Sequence[Reach] = REACHES) -> list[Reached]:
    """Each figure to reach beside what one run measured; of values and objectives, the lowest."""
    return [Reached(reach, _figure(results, reach.at)) for reach in reaches]


def wanted(at: str) -> Reach | None:
    """What is to be reached at a place in results.json; None where nothing is."""
    return next((reach for reach in REACHES if reach.at == at), None)


def as_table(rows: Sequence[Reached]) -> list[str]:
    """The comparison in Markdown: what, on what, to reach, reached, and by how much."""
    body = (
        (
            row.reach.what,
            row.reach.on,
            str(row.reach),
            _shown(row),
            _verdict(row),
        )
        for row in rows
    )
    return table(("", "on", "to reach", "reached", ""), body, align="llrrl")


def in_short(rows: Sequence[Reached]) -> str:
    """How many are met, in one sentence."""
    return f"{sum(row.met for row in rows)} of {len(rows)} figures to reach are met."


def _shown(row: Reached) -> str:
    if row.figure is None:
        return "not measured"
    return f"{row.figure:g}" if isinstance(row.reach.figure, int) else f"{row.figure:.3f}"


def _verdict(row: Reached) -> str:
    if row.figure is None:
        return "not measured"
    if isinstance(row.reach.figure, int):
        return "met" if row.met else f"**not met**, {row.figure:g} too many"
    points = abs(row.reach.beyond(row.figure)) * 100
    if not row.met:
        return f"**not met**, {points:.1f} points short"
    return f"met by {points:.1f} points" if points > CLOSE else "met"


def _figure(results: Mapping[str, Any], at: str) -> float | None:
    found: Any = results
    for key in at.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping):
        return min(one["f1"] for one in found.values())
    return None if found is None else float(found)
