"""Say what the clauses behind a change have in common: words and labels that more of their respondents use than the rest do.

The statistic is the log-odds ratio with an informative prior (Monroe, Colaresi and Quinn 2008), over respondents rather than
words, so that nobody counts twice: each share is drawn towards the share of both sides together as if PRIOR more respondents
had been asked. What is listed differs by LEAST_Z standard errors or more and comes from LEAST_RESPONDENTS or more; with some
hundred words looked at, one in forty of those listed may still be chance. Words are those of the redacted text.
"""

import re
import runpy
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from math import log, sqrt
from pathlib import Path
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

LEAST_RESPONDENTS = 3
LEAST_Z = 2.0  # standard errors
PRIOR = 20.0  # respondents
RULE = (
    f"Words and labels are listed where at least {LEAST_RESPONDENTS} respondents share them and their share differs from that among the "
    f"rest of the service's comments by at least {LEAST_Z:.0f} standard errors (log-odds with an informative prior)."
)
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z _]*\]")
_WORD = re.compile(r"[a-z]{3,}(?:['’][a-z]+)?")


@dataclass(frozen=True, slots=True)
class Shared:
    """Something that more of the respondents behind a change have: `n` of `of` have it, `rest_n` of `rest_of` of all others.

    `z` is how far apart the two shares are, in standard errors.
    """

    item: str
    n: int
    of: int
    rest_n: int
    rest_of: int
    z: float


def words_of(text: str, only: frozenset[str] | None = None) -> frozenset[str]:
    """The words of a redacted text that may mean something, in small letters; placeholders and function words are none.

    `only`: such of these words (which are none themselves) as stand there, which is found in a fifth of the time.

    >>> sorted(words_of("[PERSON] said the ticket machine wasn't working"))
    ['machine', 'said', 'ticket', 'working']
    """
    plain = _PLACEHOLDER.sub(" ", text).lower().replace("’", "'")
    found = _WORD.findall(plain)
    return only.intersection(found) if only is not None else frozenset(found) - _function_words()


def shared(behind: Mapping[int, Iterable[T]], rest: Mapping[int, Iterable[T]], most: int) -> list[tuple[T, Shared]]:
    """Up to `most` items that are over-represented among the respondents of `behind`, the clearest first.

    Both map a respondent to what they have; an item counts once a respondent.
    """
    mine = Counter(item for items in behind.values() for item in set(items))
    others = Counter(item for items in rest.values() for item in set(items))
    found = []
    for item, n in mine.items():
        z = _z(n, len(behind), others[item], len(rest))
        if n >= LEAST_RESPONDENTS and z >= LEAST_Z:
            found.append((item, Shared(str(item), n, len(behind), others[item], len(rest), round(z, 2))))
    return sorted(found, key=lambda pair: (-pair[1].z, pair[1].item))[:most]


def by_respondent(pairs: Iterable[tuple[int, Iterable[T]]]) -> dict[int, set[T]]:
    """What each respondent has, from many of their clauses."""
    found: defaultdict[int, set[T]] = defaultdict(set)
    for respondent, items in pairs:
        found[respondent].update(items)
    return dict(found)


def _z(n: int, of: int, rest_n: int, rest_of: int) -> float:
    """The difference of the two log-odds in standard errors.

    >>> round(_z(9, 10, 10, 100), 1), _z(0, 0, 5, 10)
    (3.7, 0.0)
    """
    if not of or not rest_of:
        return 0.0
    pooled = (n + rest_n) / (of + rest_of)
    yes, no = PRIOR * pooled, PRIOR * (1 - pooled)
    if not yes or not no:
        return 0.0
    cells = (n + yes, of - n + no, rest_n + yes, rest_of - rest_n + no)
    return (log(cells[0] / cells[1]) - log(cells[2] / cells[3])) / sqrt(sum(1 / cell for cell in cells))


@lru_cache(maxsize=1)
def _function_words() -> frozenset[str]:
    # spaCy's list, read from its file: importing it draws in all of spaCy, three seconds for three hundred words.
    package = find_spec("spacy")
    assert package is not None and package.submodule_search_locations
    named = runpy.run_path(str(Path(package.submodule_search_locations[0]) / "lang" / "en" / "stop_words.py"))
    # "wasn't" and its like, which spaCy keeps as two pieces.
    return frozenset(named["STOP_WORDS"]) | {
        f"{word}n't" for word in ("was", "were", "did", "does", "do", "is", "are", "had", "has", "have")
    }
