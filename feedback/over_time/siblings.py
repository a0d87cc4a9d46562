"""Hide the months of services that could be worked out from those of their siblings and of the service above.

The danger is subtraction: where a directorate's month is shown and all of its teams' but one, the one that is hidden is the
rest. So what `query.suppress` does for one row of counts is done for a table of them, siblings down and months across, again and
again until nothing more must be hidden.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from feedback.query import suppress
from feedback.taxonomy import Taxonomy

Counts = Mapping[str, Mapping[date, int]]  # of each service, by the first day of the period


def hidden_months(taxonomy: Taxonomy, counts: Counts) -> dict[str, frozenset[date]]:
    """Of each service the periods that one who may not read the words is not shown; a period without comments is no secret."""
    families: dict[str | None, list[str]] = defaultdict(list)
    for service in counts:
        families[taxonomy.services[service].parent].append(service)
    found: dict[str, frozenset[date]] = {}
    for family in families.values():
        found |= _of_family(family, counts)
    return found


def _of_family(family: Sequence[str], counts: Counts) -> dict[str, frozenset[date]]:
    days = sorted({day for service in family for day in counts[service]})
    table = {(service, day): counts[service].get(day, 0) for service in family for day in days}
    hidden: set[tuple[str, date]] = set()
    lines = [[(service, day) for day in days] for service in family]
    if len(family) > 1:
        lines += [[(service, day) for service in family] for day in days]
    while more := {cell for line in lines for cell in _to_hide(line, table, hidden)} - hidden:
        hidden |= more
    return {service: frozenset(day for one, day in hidden if one == service) for service in family}


def _to_hide(
    line: Iterable[tuple[str, date]], table: Mapping[tuple[str, date], int], hidden: set[tuple[str, date]]
) -> Iterable[tuple[str, date]]:
    """The cells of a line that must be hidden; those hidden already stand as small ones, so that they never stand alone."""
    cells = list(line)
    shown = suppress([1 if cell in hidden else table[cell] for cell in cells], may_read=False)
    return (cell for cell, one in zip(cells, shown, strict=True) if one.reason)
