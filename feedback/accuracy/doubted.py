"""Say which labels are misread as often as not: such a one is neither drawn, ranked nor given a share, and wherever it is listed that is said.

A part of the strategy is doubted as a whole, or one of its sides is. What is doubted is doubted whichever comments were chosen.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from feedback.accuracy.measured import KnownError, doubt, load_known_error
from feedback.filters import Filters
from feedback.query import latest_versions
from feedback.settings import Settings
from feedback.strategies.bearing import EvidenceKind
from feedback.tally import SeriesOf
from feedback.taxonomy import Taxonomy

SIGNS = {"for": "+", "against": "-"}
_SIDES = {"rate_positive": "for", "rate_negative": "against"}
OF_DOUBTED = "This rests on doubted readings and may be no change in what people say"


def known_of(conn: sqlite3.Connection) -> tuple[KnownError | None, str | None]:
    """What is known of the shipped reader's errors, None where nothing is, and the version that read the newest comment."""
    return load_known_error(Settings().models), latest_versions(conn).get("reader")


def doubt_of(conn: sqlite3.Connection, taxonomy: Taxonomy, kind: EvidenceKind, id: str) -> str:
    """Why no share of a part's sides is given; "" where one is."""
    return doubted(taxonomy, kind, id, *known_of(conn))


def doubts_of(conn: sqlite3.Connection, taxonomy: Taxonomy, kind: EvidenceKind, id: str) -> dict[str, str]:
    """Why no share of a single side of a part is given, by side; empty where both have one."""
    return doubted_sides(taxonomy, kind, id, *known_of(conn))


def doubt_of_asked(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, measure: str) -> str:
    """Why a rate of the value or objective that filters ask for is of doubted readings, for whoever draws it; "" where it is not."""
    asked: list[tuple[EvidenceKind, str]] = [
        (kind, id) for kind in ("objective", "value") if (id := getattr(filters, kind)) is not None
    ]
    return _of_rate(taxonomy, *asked[0], measure, *known_of(conn)) if len(asked) == 1 else ""


def doubts_of_series(conn: sqlite3.Connection, taxonomy: Taxonomy, series: Iterable[SeriesOf]) -> dict[str, str]:
    """Of which series of values and objectives the readings are doubted, by key, in a sentence: for lists of what moves."""
    known, reader = known_of(conn)
    found: dict[str, str] = {}
    for one in series:
        if one.code and one.code[0] in ("objective", "value") and one.key not in found:
            kind: EvidenceKind = "value" if one.code[0] == "value" else "objective"
            if why := _of_rate(taxonomy, kind, one.code[1], one.measure, known, reader):
                found[one.key] = f"{OF_DOUBTED}: {why}."
    return found


def not_judged(doubt: str) -> str:
    """What stands in the place of an icon, given the sentence of `doubts_of_series`.

    >>> not_judged("This rests on doubted readings and may be no change in what people say: of 18 given in the test, 8 were right.")
    'Not judged: of 18 given in the test, 8 were right.'
    """
    return f"Not judged{doubt.removeprefix(OF_DOUBTED)}"


def doubted(taxonomy: Taxonomy, kind: EvidenceKind, id: str, known: KnownError | None, reader: str | None) -> str:
    """Why no share is given of a part: what was counted of the first of its codes that is mostly wrong."""
    labels = _codes(taxonomy, kind, id)
    return next(filter(None, (doubt(known, label, reader) for label in labels)), "")


def doubted_sides(
    taxonomy: Taxonomy, kind: EvidenceKind, id: str, known: KnownError | None, reader: str | None
) -> dict[str, str]:
    """The same of each of its sides that is mostly wrong or was seen too seldom to tell, by "for" and "against"."""
    labels = _codes(taxonomy, kind, id)
    found = {
        side: next(filter(None, (doubt(known, f"{label}{sign}", reader) for label in labels)), "")
        for side, sign in SIGNS.items()
    }
    return {side: why for side, why in found.items() if why}


def _of_rate(
    taxonomy: Taxonomy, kind: EvidenceKind, id: str, measure: str, known: KnownError | None, reader: str | None
) -> str:
    """Why a measure of a part is of doubted readings: of its rates alone, by the side that each is of."""
    if not measure.startswith("rate"):
        return ""
    whole = doubted(taxonomy, kind, id, known, reader)
    return whole or doubted_sides(taxonomy, kind, id, known, reader).get(_SIDES.get(measure, ""), "")


def _codes(taxonomy: Taxonomy, kind: EvidenceKind, id: str) -> Sequence[str]:
    rule = taxonomy.rules.rule(kind, id) if taxonomy.rules else None
    return [code for _, code in rule.codes] if rule else [id]
