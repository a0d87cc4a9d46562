"""Say what tells some comments from all the others, for where nearly every comment counts and their number therefore says little.

A supporting strategy counts the comments on the objectives it serves, and of nearly every comment some clause bears on quality of care:
that 709 of 797 count is no finding. What is said more, or less, among them than among all comments is. Each theme and sentiment
is tested against the comments that do not count (Fisher's exact test), all of them corrected together (Benjamini and Hochberg, 1995), so
that of those named about one in twenty is chance.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from feedback.evidence.by_chance import by_chance
from feedback.filters import Filters, Scope
from feedback.query import LabelCount, theme_table, totals
from feedback.settings import Settings
from feedback.strategies.bearing import Bearing
from feedback.taxonomy import Taxonomy

NEARLY_ALL = 0.8  # of the comments read; from here on the number of those that count says next to nothing
CHANCE = 0.05  # false discovery rate
LEAST_OTHERS = 20  # comments that do not count, below which nothing can be set against them
SHOWN = 4  # on each side
SENTIMENTS = {"positive": "Positive comments", "negative": "Negative comments"}


@dataclass(frozen=True, slots=True)
class Contrast:
    """A theme or sentiment that is commoner, or rarer, here than among the other comments: `n` of `of` here, `n_all` of `of_all` in all."""

    kind: Literal["theme", "sentiment"]
    id: str
    title: str
    n: int
    of: int
    n_all: int
    of_all: int

    @property
    def difference(self) -> float:
        """The share here less the share in all, -1 to 1."""
        return self.n / self.of - self.n_all / self.of_all

    @property
    def others(self) -> float:
        """The share among the comments that do not count here, 0 to 1."""
        n, rest = _others(self)
        return n / (n + rest) if n + rest else 0.0

    @property
    def in_words(self) -> str:
        """Its name with the shares."""
        return f"{self.title} ({self.n / self.of:.0%}; of all {self.n_all / self.of_all:.0%}, of the others {self.others:.0%})"


@dataclass(frozen=True, slots=True)
class Apart:
    """What tells the comments that count from all comments. `nearly_all`: why their number says little, in a sentence; "" where it does say something.

    `more` and `less` are what is beyond chance, the greatest difference first; `says` tells them in a sentence or two.
    """

    nearly_all: str
    says: str
    more: tuple[Contrast, ...]
    less: tuple[Contrast, ...]


def apart(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    counts: Filters,
    everything: Filters,
    scope: Scope,
    *,
    nearly_all: str = "",
    may_read: bool = True,
) -> Apart:
    """Set the comments that `counts` chooses beside all that `everything` chooses, of which they are some."""
    here, there = totals(conn, taxonomy, counts, scope), totals(conn, taxonomy, everything, scope)
    if there.read - here.read < LEAST_OTHERS or not here.read:
        return Apart(nearly_all, "Too few comments are left over for these to be set against.", (), ())
    all_themes = {row.id: row for row in theme_table(conn, taxonomy, everything, scope)}
    found = [
        Contrast("theme", row.id, row.title, row.n, here.read, all_themes[row.id].n, there.read)
        for row in theme_table(conn, taxonomy, counts, scope)
    ]
    found += [
        Contrast("sentiment", id, title, here.sentiment[id], here.read, there.sentiment[id], there.read)
        for id, title in SENTIMENTS.items()
    ]
    found = [one for one in found if one.n_all and (may_read or _is_large(one))]
    beyond = [one for one, chance in zip(found, _chances(found), strict=True) if chance < CHANCE]
    ordered = sorted(beyond, key=lambda one: -abs(one.difference))
    more = tuple(one for one in ordered if one.difference > 0)[:SHOWN]
    less = tuple(one for one in ordered if one.difference < 0)[:SHOWN]
    return Apart(nearly_all, _in_words(more, less), more, less)


def why_nearly_all(bearing: Bearing, comments: int, read: int, parts: Sequence[LabelCount]) -> str:
    """Why the number of comments that bear on a part says little; "" where it is not nearly all of those read.

    `parts` counts the comments on each objective that it is worked out from.
    """
    if not read or comments / read < NEARLY_ALL:
        return ""
    named = ", ".join(f"{row.id} ({row.n:,} comments)" for row in parts)
    one = "it" if len(parts) == 1 else "one of these"
    why = {
        "strategy": f"because it serves {named}, and nearly every comment bears on {one}",
        "programme": f"because it is linked to {named}, and nearly every comment on its services bears on {one}",
    }.get(bearing.kind, "because it is drawn so widely that nearly every comment says something of it")
    return f"Nearly every comment counts here, {comments:,} of {read:,} read ({comments / read:.0%}), {why}: their number is no finding."


def _chances(found: Sequence[Contrast]) -> list[float]:
    """How probable a difference as great would be by chance, 0 to 1, corrected for their number."""
    return by_chance([((c.n, c.of - c.n), _others(c)) for c in found])


def _others(one: Contrast) -> tuple[int, int]:
    """Of the comments that do not count, how many have it and how many do not."""
    n = max(0, one.n_all - one.n)
    return n, max(0, one.of_all - one.of - n)


def _is_large(one: Contrast) -> bool:
    """Whether no part of it leads to a few people."""
    few = Settings().small_number
    return all(n == 0 or n >= few for n in (one.n, one.of - one.n, *_others(one)))


def _in_words(more: Iterable[Contrast], less: Iterable[Contrast]) -> str:
    said = [
        f"{which} often than among all comments: {'; '.join(one.in_words for one in side)}."
        for which, side in (("More", tuple(more)), ("Less", tuple(less)))
        if side
    ]
    return (
        " ".join(said)
        or "Nothing is said more or less often among them than among all comments, beyond what chance gives."
    )
