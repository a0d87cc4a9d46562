"""Choose the words that are quoted, by rules that are stated and give the same words on every run.

Two lists for each side: the surest, which the model is surest of, code and side together, and the most typical, which are most like all the others. Nobody
picks the pretty ones, no person speaks twice, and what was said almost in the same words is heard once.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from math import log
from pathlib import Path
from runpy import run_path

from feedback.query import Clause
from feedback.settle import PERSON, TURNED, as_read
from feedback.taxonomy import Taxonomy

QUOTES = 6
AT_MOST_PER_SERVICE = 2
AT_MOST_PER_MONTH = 2
LEAST_WORDS = 4
_WORD = re.compile(r"\b\w\w+\b")
# Two clauses that share this much of their words (0 to 100) are one voice heard twice.
REPEAT = 80
CANDIDATES = 1_000  # clauses of a side that are weighed, the surest first: a second of work
MOST_QUOTES = 50  # of each kind on each side; whoever wants more reads the comments
# Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) over tf-idf: how much being typical weighs against being unlike those chosen.
TYPICAL = 0.7
# Of a clause's code and side together, below which its words are not quoted. Of the invented sample each side of each objective and value keeps
# its six surest with it, and of 20 sides 17 their six most typical; at 0.7 it is 13.
SURE_ENOUGH = 0.6

RULE_OF_A_SERVICE = (
    f"Quoted are the clauses that the model is surest of on each side, in order of score; clauses of fewer than {LEAST_WORDS} words, "
    f"near-repeats of one already quoted and a second one of the same comment are passed over."
)
RULE = (
    f"The surest are those where the chance that the clause bears on it, and on that side, is highest by the model. What a person said has no "
    f"such chance: it stands after those and is marked. Of what the model is less than {SURE_ENOUGH:.0%} sure no words are quoted, save one "
    f"clause, its surest, where a side has nothing surer: the other side is always shown. Clauses of fewer than {LEAST_WORDS} words, near-repeats of one already quoted and a "
    f"second one of the same comment are passed over. So are a second clause by the same person and, while others wait, a third from the same service or the same "
    f"month, and a clause whose own feeling was read as the other side's; equal scores go by citation. Where a side has nothing of {LEAST_WORDS} words, what it has is quoted. The most typical are "
    "those most like all the other clauses of their side: two clauses are alike as far as they share words, where everyday words such as "
    "“the” count for nothing and a word counts for more the fewer clauses hold it; being alike counts the more, the surer the model is of the clause. So that they do not all say the same, each is chosen "
    f"for being typical ({TYPICAL:.0%} of its weight) and for being unlike those chosen before it ({1 - TYPICAL:.0%}), by the same limits, "
    "and none is quoted a second time. Of a comment that says both the surest clause for it and the surest against it stand together. "
    "What is no whole sentence is shown with its sentence, the cited words marked. "
    f"Of more than {CANDIDATES:,} clauses of a side the {CANDIDATES:,} surest are weighed."
)


@dataclass(frozen=True, slots=True)
class Words:
    """What is quoted of one side: `strongest` are the surest; `of` is the number of clauses that were weighed."""

    strongest: tuple[Clause, ...] = ()
    typical: tuple[Clause, ...] = ()
    of: int = 0


def first_of(shown: int, of: int, what: str = "clause") -> str:
    """How many are quoted of how many were weighed, in the words that stand wherever there are quotations.

    >>> first_of(3, 117), first_of(2, 2), first_of(1, 1, "comment")
    ('the first 3 of 117 clauses by the rule', 'all 2 clauses', 'the only comment')
    """
    if shown >= of:
        return f"the only {what}" if of == 1 else f"all {of:,} {what}s"
    return f"the first {shown:,} of {of:,} {what}s by the rule" if shown else "none"


def of_both(quoted: Sequence[Clause], of: int) -> str:
    """How many comments are quoted of those that say both, two clauses of each."""
    return first_of(len({clause.citation.rpartition(".")[0] for clause in quoted}), of, "comment")


_SAYS = {
    "+": "speaks for {}",
    "-": "speaks against {}",
    "~": "says both for and against {}",
    "0": "speaks of {}, on neither side",
}


def reason_of(clause: Clause, taxonomy: Taxonomy) -> str:
    """Why a clause counts: who says so, how sure, and of what on which side; a person is not named, since documents leave the building."""
    theme, value = taxonomy.themes.get(clause.label), taxonomy.values.get(clause.label)
    name = theme.name if theme else value.name if value else clause.label
    says = _SAYS[clause.polarity].format(name) if clause.polarity in _SAYS else f"speaks of {name}"
    if clause.by.startswith(PERSON):
        return f"a person said that it {says}"
    if TURNED in clause.by:
        found = as_read(clause.by).replace(":", ": ", 1)
        return f"found by {found}, and a person said how these words feel: it {says}"
    return f"{clause.by.replace(':', ': ', 1)}, {clause.score:.2f} sure that it {says}"


def words_of(candidates: Sequence[Clause], wanted: int, speakers: Mapping[str, int]) -> Words:
    """The surest and the most typical of the clauses of one side; `speakers` gives each comment's (by id) person or form."""
    # A person's word is not a chance of 1: it would stand first for no other reason than that somebody looked.
    ordered = sorted(candidates, key=lambda clause: (rests_on_a_person(clause), -clause.score, clause.citation))
    sure = [clause for clause in ordered if is_sure(clause)]
    limits = _Limits(speakers)
    strongest = _take(sure, wanted, limits, least_words=LEAST_WORDS) or _take(sure, wanted, limits, least_words=1)
    if not strongest:  # the other side is always shown
        strongest = _take(ordered, 1, limits, least_words=LEAST_WORDS) or _take(ordered, 1, limits, least_words=1)
    return Words(strongest, typical(sure, wanted, limits), len(candidates))


def one_a_person(ordered: Sequence[Clause], wanted: int, speakers: Mapping[str, int]) -> tuple[Clause, ...]:
    """The first so many by the limits that hold for all words quoted: nobody twice, and services and months in turn."""
    return _take(ordered, wanted, _Limits(speakers), least_words=1)


def rests_on_a_person(clause: Clause) -> bool:
    """Whether a person said on which side it stands, so that no model's chance is known of that."""
    return clause.by.startswith(PERSON) or TURNED in clause.by


def is_sure(clause: Clause) -> bool:
    """Whether the model is sure enough of a clause for its words to be quoted, or a person said it."""
    return clause.score >= SURE_ENOUGH or clause.by.startswith(PERSON)


def quotable(
    candidates: Iterable[Clause], wanted: int, *, per_service: int = AT_MOST_PER_SERVICE
) -> tuple[Clause, ...]:
    """The first so many candidates that are long enough, repeat none before, and are one of a comment and so many of a service."""
    quoted: list[Clause] = []
    taken: Counter[Sequence[str]] = Counter()
    for clause in candidates:
        if len(quoted) == wanted:
            break
        if len(clause.text.split()) < LEAST_WORDS or taken[clause.services] >= per_service:
            continue
        if any(clause.comment == other.comment or is_repeat(clause, other) for other in quoted):
            continue
        quoted.append(clause)
        if clause.services:
            taken[clause.services] += 1
    return tuple(quoted)


def is_repeat(one: Clause, other: Clause) -> bool:
    """Whether two clauses say almost the same in the same words."""
    from rapidfuzz.fuzz import token_set_ratio

    return token_set_ratio(one.text, other.text) >= REPEAT


def typical(candidates: Sequence[Clause], wanted: int, limits: "_Limits") -> tuple[Clause, ...]:
    """The clauses whose words are most like all the others', each chosen also for being unlike those chosen before it."""
    import numpy as np

    ordered = sorted((c for c in candidates if len(c.text.split()) >= LEAST_WORDS), key=lambda c: c.citation)
    likeness = _likeness([clause.text for clause in ordered])
    if likeness is None:
        return ()
    # What is hardly known to bear on it is not typical of it, however like the rest it sounds.
    alike = likeness.mean(axis=1) * np.array([clause.score for clause in ordered])
    alike = alike / (alike.max() or 1)
    nearest = np.zeros(len(ordered))  # to those chosen
    chosen: list[Clause] = []

    def best(fits: Callable[[Clause], bool]) -> int | None:
        worth = TYPICAL * alike - (1 - TYPICAL) * nearest
        return next((int(i) for i in np.argsort(-worth, kind="stable") if fits(ordered[i])), None)

    for fits in (limits.fits_well, limits.fits):
        while len(chosen) < wanted and (place := best(fits)) is not None:
            chosen.append(ordered[place])
            limits.take(ordered[place])
            nearest = np.maximum(nearest, likeness[place])
    return tuple(chosen)


def _likeness(texts: Sequence[str]):  # type: ignore[no-untyped-def]  # ndarray of shape (n_texts, n_texts), or None
    """How alike texts are by their words, 0 to 1; None where there are too few texts or no words to compare.

    As scikit-learn's TfidfVectorizer has it (English stop words, sublinear, the rest as it comes), to which a test holds it: loading
    that library takes longer than all the rest of a page.
    """
    import numpy as np

    idle = _words_that_say_nothing()
    n = len(texts)
    said: dict[str, list[tuple[int, float]]] = defaultdict(list)  # by word, in which texts and with what weight
    for place, text in enumerate(texts):
        for word, times in Counter(_WORD.findall(text.lower())).items():
            if word not in idle:
                said[word].append((place, 1 + log(times)))
    if n < 3 or not said:
        return None
    weighed = []
    lengths = np.zeros(n)
    for word in sorted(said):
        where = np.array([place for place, _ in said[word]])
        weights = np.array([weight for _, weight in said[word]]) * (log((1 + n) / (1 + len(where))) + 1)
        lengths[where] += weights**2
        weighed.append((where, weights))
    lengths = np.sqrt(lengths)
    alike = np.zeros((n, n))
    for where, weights in weighed:
        unit = weights / lengths[where]
        alike[np.ix_(where, where)] += np.outer(unit, unit)
    return alike


@lru_cache(maxsize=1)
def _words_that_say_nothing() -> frozenset[str]:
    """scikit-learn's English stop words, taken from the file that holds nothing else, without loading the rest of it."""
    found = find_spec("sklearn")
    folder = found.submodule_search_locations[0] if found and found.submodule_search_locations else ""
    return frozenset(run_path(str(Path(folder) / "feature_extraction" / "_stop_words.py"))["ENGLISH_STOP_WORDS"])


class _Limits:
    """Who and what has been quoted already: nobody twice, nothing twice, and no service or month too often while others wait."""

    def __init__(self, speakers: Mapping[str, int]) -> None:
        self._speakers = speakers
        self._quoted: list[Clause] = []
        self._heard: set[int | str] = set()
        self._services: Counter[tuple[str, ...]] = Counter()
        self._months: Counter[tuple[int, int]] = Counter()

    def start_again(self) -> None:
        """Count services and months anew, for another list; who and what was quoted stays."""
        self._services.clear()
        self._months.clear()

    def fits(self, clause: Clause) -> bool:
        if self._speaker(clause) in self._heard:
            return False
        return not any(is_repeat(clause, other) for other in self._quoted)

    def fits_well(self, clause: Clause) -> bool:
        if {clause.sentiment, clause.polarity} == {"+", "-"}:
            return False
        if clause.services and self._services[clause.services] >= AT_MOST_PER_SERVICE:
            return False
        if clause.date and self._months[clause.date.year, clause.date.month] >= AT_MOST_PER_MONTH:
            return False
        return self.fits(clause)

    def take(self, clause: Clause) -> None:
        self._quoted.append(clause)
        self._heard.add(self._speaker(clause))
        if clause.services:
            self._services[clause.services] += 1
        if clause.date:
            self._months[clause.date.year, clause.date.month] += 1

    def _speaker(self, clause: Clause) -> int | str:
        return self._speakers.get(clause.comment, clause.comment)


def _take(ordered: Sequence[Clause], wanted: int, limits: _Limits, *, least_words: int) -> tuple[Clause, ...]:
    """The first so many that fit well, then those that only fit; in the order given."""
    taken: set[int] = set()
    for fits in (limits.fits_well, limits.fits):
        for place, clause in enumerate(ordered):
            if len(taken) == wanted:
                break
            if place not in taken and len(clause.text.split()) >= least_words and fits(clause):
                taken.add(place)
                limits.take(clause)
    limits.start_again()
    return tuple(ordered[place] for place in sorted(taken))
