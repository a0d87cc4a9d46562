"""Read where a flagged comment may be passed on (data/routes.yml) and check what a person says of where it went.

The danger is a patient's name or NHS number where the other system's reference belongs, so a reference must look like one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import nhs_number
import yaml

from feedback.comment import SIGNALS
from feedback.errors import BadData, BadInput
from feedback.safety.due import Severity

Basis = Literal["retrieved", "recall", "local_choice"]

FIELDS = {"id", "name", "use", "limit", "basis"}
ELSEWHERE = "none"  # the route of what went to a place that the list lacks; its note says where

# "W12345", "LFPSE-2026/0042", "C.881": one word, with a digit, as other systems give them.
_REFERENCE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9/._#:-]{0,39}")
_GROUPED = re.compile(r"(?<!\d)\d{3}[/._#:-]?\d{3}[/._#:-]?\d{4}(?!\d)")
_SEPARATORS = re.compile(r"[/._#:-]")


@dataclass(frozen=True, slots=True)
class Route:
    """A place to pass a comment on to: when to `use` it, the time `limit` that holds there, and how sure that limit is."""

    id: str
    name: str
    use: str
    limit: str
    basis: Basis

    @property
    def checked(self) -> bool:
        """Whether the limit was read at its publisher; a page says so where it was not."""
        return self.basis == "retrieved"


@dataclass(frozen=True, slots=True)
class Routes:
    """Every route by id, in the file's order, and those suggested for a kind and severity of flag, best first."""

    version: str
    routes: Mapping[str, Route]
    suggested: Mapping[tuple[str, Severity], tuple[str, ...]]

    def check(self, route: str) -> str:
        """The route's id itself; raises BadInput for one that is not there."""
        if route not in self.routes:
            raise BadInput(f"There is no route {route[:40]!r}: use one of {', '.join(self.routes)}.")
        return route


@lru_cache(maxsize=4)
def load_routes(data: Path) -> Routes:
    """Read the routes of a data folder; BadData names every entry that does not fit."""
    path = data / "routes.yml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BadData(f"routes.yml cannot be read ({type(error).__name__}); restore it or mend its syntax.") from None
    problems = list(_problems(raw))
    if problems:
        raise BadData("\n".join(f"routes.yml, {problem}" for problem in problems))
    suggested = {
        (kind, severity): tuple(raw["kinds"][kind][severity]) for kind in SIGNALS for severity in get_args(Severity)
    }
    return Routes(raw["version"], {item["id"]: Route(**item) for item in raw["routes"]}, suggested)


def _problems(raw: Any) -> list[str]:
    if not isinstance(raw, dict) or not {"version", "routes", "kinds"} <= raw.keys():
        return ["the file: it needs version, routes and kinds."]
    found, ids = [], set()
    for item in raw["routes"]:
        id = item.get("id", "?")
        if set(item) != FIELDS or not all(isinstance(value, str) and value for value in item.values()):
            found.append(f"{id}: a route has exactly {', '.join(sorted(FIELDS))}, each a text; mend its fields.")
        elif item["basis"] not in get_args(Basis):
            found.append(f"{id}: basis {item['basis']!r} is not one of {', '.join(get_args(Basis))}.")
        if id in ids:
            found.append(f"{id}: it stands twice; remove one.")
        ids.add(id)
    if ELSEWHERE not in ids:
        found.append(f"{ELSEWHERE}: it is missing; what fits no route needs it.")
    found += [f"{kind}: it is no kind of signal; remove it." for kind in raw["kinds"] if kind not in SIGNALS]
    for kind in SIGNALS:
        for severity in get_args(Severity):
            asked = (raw["kinds"].get(kind) or {}).get(severity)
            if not asked:
                found.append(f"{kind}: it has no route for {severity}; give at least one.")
            found += [f"{kind}: route {id!r} is not known; add it above." for id in asked or () if id not in ids]
    return found


def check_reference(reference: str) -> str:
    """Another system's number for a case, as given; raises BadInput for what may be a person's name or number.

    >>> check_reference(" LFPSE-2026/0042 ")
    'LFPSE-2026/0042'
    """
    reference = reference.strip()
    if not _REFERENCE.fullmatch(reference):
        raise BadInput(
            "A reference is the other system's number: one word of letters, digits and -/._#: with at least one digit, up to 40 "
            "characters; names do not belong here."
        )
    digits = _SEPARATORS.sub("", reference)
    # Ten digits that pass the check in any grouping, or that stand alone or as 3-3-4 whether they pass it or not, may be an
    # NHS number; eleven from 0, or twelve from 44, a telephone's.
    inside = any(nhs_number.is_valid(_SEPARATORS.sub("", found)) for found in _GROUPED.findall(reference))
    whole = re.fullmatch(r"\d{10}", digits) and (nhs_number.is_valid(digits) or _GROUPED.fullmatch(reference))
    if inside or whole or re.fullmatch(r"0\d{10}|44\d{10}", digits):
        raise BadInput(
            "That reference has the form of an NHS or telephone number, so it is not kept; give the case's own number."
        )
    return reference
