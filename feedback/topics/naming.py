"""Find the pairs of words by which a manager knows a topic at once: "waited weeks", "ring back", "vending machine".

A single word ("told", "room") names a topic badly, and two words that stand side by side are seldom said alike by many: people wait
"six weeks" and "ages, weeks". So the two may have others between them, stand in either order and end otherwise. A pair is only such as at least five people used in the topic
itself, as every word of a topic is, and it must be said more often there than elsewhere; it therefore tells nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

REACH = 5  # words further on that the second of a pair may stand
LEAST_LIFT = 2.0  # times as often as in clauses elsewhere
PAIRS = 3  # of a topic that are kept
SHORT_OF = 1.0  # people added to both sides of the comparison, so that a pair said nowhere else has a lift at all
# Words that say nothing by themselves, but change what stands beside them.
BEFORE = frozenset({"no", "not", "never", "without", "nobody", "nowhere"})
AFTER = frozenset({"back", "off", "out", "up", "down", "away"})


def pairs_of(
    words: Sequence[str | None], telling: Callable[[str], bool], is_name: Callable[[str], bool] = lambda word: False
) -> Iterator[str]:
    """Pairs of telling words, or of one and a word that turns it, in the order in which they are said; None parts what stands around it.

    >>> list(pairs_of(["nobody", "would", "ring", "me", "back"], lambda word: word == "ring"))
    ['nobody ring', 'ring back']
    """
    for i, one in enumerate(words):
        first = one is not None and telling(one) and not is_name(one)
        if one is None or not (first or one in BEFORE):
            continue
        for other in words[i + 1 : i + 1 + REACH]:
            if other is None:
                break
            second = telling(other) and not is_name(other)
            if other != one and ((second and (first or one in BEFORE)) or (first and other in AFTER)):
                yield f"{one} {other}"


def telling_pairs(
    pairs: Sequence[Sequence[str]], people: Sequence[int], topics: NDArray[np.int64], fewest: int
) -> list[list[tuple[str, float]]]:
    """Of each topic the pairs that tell it, best first, with a score above 0: how many people said it, and how much oftener than elsewhere.

    `pairs` are those of each clause, `people` who wrote it, `topics` its topic or -1, shape (n,).
    """
    users: dict[frozenset[str], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    ways: dict[tuple[frozenset[str], int], Counter[str]] = defaultdict(Counter)
    sizes: dict[int, set[int]] = defaultdict(set)
    for said, person, topic in zip(pairs, people, topics.tolist(), strict=True):
        sizes[topic].add(person)
        for pair in said:
            users[stems(pair)][topic].add(person)
            ways[stems(pair), topic][pair] += 1
    everybody = sum(len(group) for group in sizes.values())
    found: list[list[tuple[str, float]]] = [[] for _ in range(int(topics.max(initial=-1)) + 1)]
    for meant, by_topic in users.items():
        whole = sum(len(group) for group in by_topic.values())
        for topic, group in by_topic.items():
            n = len(group)
            if topic < 0 or n < fewest:
                continue
            here = (n + SHORT_OF) / (len(sizes[topic]) + SHORT_OF)
            elsewhere = (whole - n + SHORT_OF) / (everybody - len(sizes[topic]) + SHORT_OF)
            if here >= LEAST_LIFT * elsewhere:
                pair = min(ways[meant, topic].items(), key=lambda way: (-way[1], way[0]))[0]
                found[topic].append((pair, n * log(here / elsewhere)))
    return [_apart(sorted(own, key=lambda one: (-one[1], one[0]))) for own in found]


def stems(pair: str) -> frozenset[str]:
    """What a pair means, whatever its order and endings.

    >>> stems("waited weeks") == stems("week waiting")
    True
    """
    return frozenset(_stem(word) for word in pair.split())


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word.removesuffix(ending)
    return word


def made_name(words: Sequence[str], theme: str | None) -> str:
    """What a topic is called that nobody named: its pair and a word beside it, or else words, with the theme that names it.

    >>> made_name(["weeks", "waited weeks", "cancelled"], None), made_name(["room"], "Environment"), made_name([], None)
    ('Waited weeks, cancelled', 'Room (Environment)', '')
    """
    pair = next((word for word in words if " " in word), None)
    lead = [pair] if pair else []
    own = stems(pair) if pair else frozenset()
    beside = [word for word in words if word != pair and not own & stems(word)]
    chosen = [*lead, *beside[: 1 if pair else 3]]
    name = ", ".join(chosen)
    if chosen and not pair and theme:
        name += f" ({theme})"
    return name[:1].upper() + name[1:]


def _apart(pairs: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """The best pairs that share no word."""
    kept: list[tuple[str, float]] = []
    for pair, score in pairs:
        if not any(stems(pair) & stems(other) for other, _ in kept):
            kept.append((pair, score))
    return kept[:PAIRS]
