"""Show counts as a reader may see them: those who may not read the comments get no count that leads to a person.

A row is a whole and its parts. Where a part is too small, no part of that row is shown, so that none can be worked out from
the rest; where a single row would be hidden among its neighbours, the next smallest goes too. More is hidden than must be,
and each hidden count says so under `suppressed`: it is never shown as nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict
from typing import Any

from feedback.evidence.cite import Evidence
from feedback.query import Totals, suppress
from feedback.safety.digest import Digest
from feedback.strategies.bearing import NOT_LOOKED_FOR

SENTIMENTS = ("positive", "neutral", "negative", "mixed")
UNREAD = NOT_LOOKED_FOR  # why a part of the strategy has no counts
# What of the evidence holds people's words.
QUOTED = ("quotes_for", "quotes_against", "quotes_both", "typical_for", "typical_against", "rare")


def rows(
    counted: Sequence[Any],
    *,
    may_read: bool,
    whole: str = "n",
    parts: Sequence[str] = SENTIMENTS,
    also: Sequence[str] = (),
    among: Callable[[Any], Hashable] = lambda row: None,
) -> list[dict[str, Any]]:
    """Rows of counts (dataclasses of query.py) as they may be shown, each with `suppressed`: field to reason.

    `also` names what is worked out from the whole and goes with it. Rows for which `among` is the same are neighbours:
    their counts add up to a figure that is shown elsewhere.
    """
    neighbours = defaultdict(list)
    for row in counted:
        neighbours[among(row)].append(row)
    reasons: dict[int, dict[str, str]] = {}
    for group in neighbours.values():
        wholes = suppress([getattr(row, whole) for row in group], may_read=may_read)
        smallest = suppress(
            [min(filter(None, (getattr(r, p) for p in parts)), default=0) for r in group], may_read=may_read
        )
        for row, all_of_it, part in zip(group, wholes, smallest, strict=True):
            hidden = dict.fromkeys((whole, *also), all_of_it.reason) | dict.fromkeys(
                parts, all_of_it.reason or part.reason
            )
            reasons[id(row)] = {name: reason for name, reason in hidden.items() if reason}
            if getattr(row, "basis", None) == "unread":  # a zero would be read as silence
                reasons[id(row)] = dict.fromkeys((whole, *parts, *also), UNREAD)
    return [asdict(row) | dict.fromkeys(reasons[id(row)]) | {"suppressed": reasons[id(row)]} for row in counted]


def totals(counted: Totals, *, may_read: bool) -> dict[str, Any]:
    """The totals as they may be shown; what was said how, and the answers, each hidden as a whole set of parts."""
    shown = asdict(counted)
    reasons: dict[str, str] = {}
    for names in (
        ("comments",),
        ("respondents",),
        ("undated",),
        ("no_service",),
        ("read", "contentless", "other_languages"),
    ):
        for name, cell in zip(names, suppress([shown[name] for name in names], may_read=may_read), strict=True):
            shown[name] = cell.n
            if cell.reason:
                reasons[name] = cell.reason
    for name in ("sentiment", "fft"):
        cells = dict(zip(shown[name], suppress(list(shown[name].values()), may_read=may_read), strict=True))
        shown[name] = {key: cell.n for key, cell in cells.items()}
        reasons |= {f"{name}.{key}": cell.reason for key, cell in cells.items() if cell.reason}
    if "comments" in reasons:
        shown["first"] = shown["last"] = None
    return shown | {"suppressed": reasons}


def evidence(found: Evidence, *, may_read: bool) -> dict[str, Any]:
    """The evidence as it may be shown: without its words for one who may not read them, and without small counts."""
    shown = asdict(found)
    sides = ("speaks_for", "against", "both", "neither")
    counts = [getattr(found, side).n for side in sides]
    reasons: dict[str, str] = {}
    for name in ("comments", "respondents", "read"):
        if reason := suppress([shown[name]], may_read=may_read)[0].reason:
            shown[name], reasons[name] = None, reason
    without = found.read - found.comments  # those that do not count are people too
    if "read" not in reasons and without > 0 and (reason := suppress([without], may_read=may_read)[0].reason):
        shown["read"], reasons["read"] = None, reason
    for side, cell in zip(sides, suppress(counts, may_read=may_read), strict=True):
        if cell.reason:
            shown[side], reasons[side] = None, cell.reason
    if not may_read:
        shown |= dict.fromkeys(QUOTED, ()) | {"weighed": {}, "withheld": 0}
    if (
        not may_read
    ):  # its counts are of pairs of labels, which no other answer has and so nothing else can hide with them
        shown["apart"] = None
    if reasons and found.adjusted:  # they start from the same counts
        shown["adjusted"], reasons["adjusted"] = (), next(iter(reasons.values()))
    if "comments" in reasons:
        shown |= {
            "first": None,
            "last": None,
            "cannot_say": (f"The number of comments is hidden: {reasons['comments']}.",),
        }
    unlooked = rows(found.silence.not_looked_for, may_read=may_read, also=("share",))
    services = rows(found.silence.services, may_read=may_read, among=lambda row: row.parent)
    statements = rows(found.silence.statements, may_read=may_read, also=("share",))
    monthly = (*SENTIMENTS, "fft_n", "fft_positive", "fft_negative", "code_n", "code_positive", "code_negative")
    return shown | {
        "services": rows(found.services, may_read=may_read, among=lambda row: row.parent),
        "by_respondent": rows(found.by_respondent, may_read=may_read),
        "silence": shown["silence"] | {"services": services, "statements": statements, "not_looked_for": unlooked},
        "voices": rows(found.voices, may_read=may_read, parts=("speaks_for", "against", "both", "neither")),
        "by_month": rows(found.by_month, may_read=may_read, parts=monthly, also=("mean_scale",)),
        "suppressed": reasons,
    }


def digest(found: Digest, *, may_read: bool) -> dict[str, Any]:
    """The digest of the safety queue as it may be shown: a list of single flags, and what a few were read to be, is for readers of words."""
    parts = ("new", "earlier", "open", "overdue", "in_time", "passed_on", "closed")
    (total,) = rows([found.total], may_read=may_read, parts=parts)
    held, late = suppress([found.held, found.held_overdue], may_read=may_read)
    tables = {
        name: rows(getattr(found, name), may_read=may_read, parts=parts)
        for name in ("by_kind", "by_severity", "by_service")
    }
    return {
        "since": found.since,
        "at": found.at,
        "total": total,
        **tables,
        "passed_on": rows(found.passed_on, may_read=may_read, parts=()),
        "flags": [asdict(line) for line in found.flags] if may_read else [],
        "held": held.n,
        "held_overdue": late.n
        if may_read
        else None,  # a part of the whole beside it, from which the rest could be told
        "missed": asdict(found.missed) if found.missed and may_read else None,
        "suppressed": {"held": held.reason} if held.reason else {},
    }
