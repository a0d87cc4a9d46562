"""Find what people keep speaking of: clauses in, topics out, with the words that tell each from the others.

BERTopic (0.17.4) does it, with two of its parts replaced: PCA in place of UMAP and scikit-learn's HDBSCAN in place of hdbscan. On our
clauses UMAP gave other topics with every seed (adjusted Rand index 0.5 to 0.6 between two seeds) and needs sixteen seconds before
it begins; PCA gives the same topics always and parted the invented subjects as well or better (docs/topics.md).

HDBSCAN finds where clauses lie thick and leaves three in four out. So its groups are only the cores of topics: groups that lie
close are one, and a clause belongs to the topic whose centre is nearest, if that is near enough, or to none. That is the very rule
by which later clauses are sorted, so finding and sorting never disagree. No clause is forced; what is left is counted and said.

The danger is a word that tells who somebody is. A topic keeps only words that at least five people used in it, and no names.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from feedback.errors import BadInput
from feedback.topics.naming import pairs_of, stems, telling_pairs
from feedback.topics.vectors import Vectors, centre_of, mean_place, placed

LEAST_CLAUSES = 200  # of fewer nothing can be said; topics of ten would be noise
LEAST_WORDS = 4  # in a clause; "it was good" is about nothing in particular
SMALLEST = 10  # clauses of a topic
FEWEST_PEOPLE = 5  # who use a word, and who speak of a topic
WORDS = 8  # that tell a topic
MOST_IN_ONE = 0.5  # of the sorted clauses; a topic that swallows more is no topic but what is left of a collapse
SEED = 20261122

_PLACEHOLDER = re.compile(r"\[[A-Z ]+\]")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Beside scikit-learn's English list: what it cuts in two ("didn't"), and what everybody says of everything.
_EMPTY = frozenset(
    "didn't don't doesn't wasn't weren't isn't aren't hasn't haven't hadn't couldn't wouldn't can't won't i'm i've i'd i'll it's "  # noqa: SIM905
    "that's they're we're you're he's she's there's let's didnt dont doesnt wasnt isnt cant wont ive im its thats really just "
    "quite always never ever got get gets getting went did does done like lot bit thing things say says said make makes made "
    "needs need needed want wants wanted one two three yes no ok okay also even still already yet far near".split()
)


@dataclass(frozen=True, slots=True)
class Search:
    """How topics are sought; kept with every run, so that it can be said and done again.

    dimensions: of PCA. smallest: clauses of a core, 0 for "by the number of clauses". neighbours: HDBSCAN's min_samples. together: how far
    apart (cosine distance, average linkage) cores are still one topic. floor: the least cosine with a topic's centre for a
    clause to belong to it.
    """

    dimensions: int = 50
    smallest: int = 0
    neighbours: int = 3
    together: float = 0.35
    floor: float = 0.5
    seed: int = SEED

    def for_clauses(self, n: int) -> "Search":
        """The same with a number for `smallest`: it grows slowly with the clauses, or a year's would fall into hundreds of topics."""
        return self if self.smallest else Search(**asdict(self) | {"smallest": max(SMALLEST, round(n**0.5 / 5))})


@dataclass(frozen=True, slots=True)
class Found:
    """Topics as they were found among n clauses.

    centre: what all clauses have in common, shape (384,); centroids: (n_topics, 384), of length 1; topics: of each clause the place of
    its topic among the centroids, or -1, shape (n,); scores: the cosine with the nearest centre, shape (n,); words: of each
    topic words or pairs of words and their weight, heaviest first; search: what was used in the end.
    """

    centre: Vectors
    centroids: Vectors
    topics: NDArray[np.int64]
    scores: Vectors
    words: tuple[tuple[tuple[str, float], ...], ...]
    search: Search

    @property
    def left_out(self) -> float:
        """The share of clauses that belong to no topic, 0 to 1."""
        return float((self.topics < 0).mean())


def says_enough(clause: str) -> bool:
    """Whether a clause has words enough to be about something.

    >>> says_enough("The vending machine was empty again."), says_enough("It was very good.")
    (True, False)
    """
    tokens = list(tokens_of(clause))
    return len(clause.split()) >= LEAST_WORDS and len(tokens) >= 2


def discover(
    vectors: Vectors,
    clauses: Sequence[str],
    people: Sequence[int],
    *,
    search: Search | None = None,
    is_name: Callable[[str], bool] = lambda word: False,
) -> Found:
    """Find topics among clauses that say enough: their vectors as they come (n, 384), their words, and who wrote each.

    The same clauses give the same topics. `is_name` keeps words out that can only be somebody's name. Raises BadInput, in one
    sentence, where there are too few clauses or they do not fall into topics.
    """
    if len(clauses) < LEAST_CLAUSES:
        raise BadInput(
            f"There are {len(clauses)} clauses of {LEAST_WORDS} words or more; topics are sought among {LEAST_CLAUSES} or more, so "
            "wait for more comments."
        )
    centre = centre_of(vectors)
    space = placed(vectors, centre)
    terms = [terms_of(clause, is_name) for clause in clauses]
    for attempt in _attempts((search or Search()).for_clauses(len(clauses))):
        cores = _cores(space, terms, attempt)
        centroids = _centroids(space, _together(space, cores, attempt.together))
        centroids = _enough(sort(space, centroids, attempt.floor)[0], centroids, terms, people)
        topics, scores = sort(space, centroids, attempt.floor)
        if len(centroids) >= 3 and np.bincount(topics[topics >= 0]).max() <= MOST_IN_ONE * (topics >= 0).sum():
            pairs = [list(pairs_in(clause, is_name)) for clause in clauses]
            words = _with_pairs(_words(terms, people, topics), telling_pairs(pairs, people, topics, FEWEST_PEOPLE))
            return Found(centre, centroids, topics, scores, words, attempt)
    raise BadInput(
        "The clauses do not fall into topics: they say much the same, or each says something else; wait for more comments."
    )


def sort(space: Vectors, centroids: Vectors, floor: float) -> tuple[NDArray[np.int64], Vectors]:
    """The nearest topic of each clause, or -1 where none is near enough, and the cosine: both of shape (n_clauses,)."""
    if not len(centroids) or not len(space):
        return np.full(len(space), -1), np.zeros(len(space), np.float32)
    likeness = space @ centroids.T
    scores = likeness.max(1)
    return np.where(scores >= floor, likeness.argmax(1), -1), scores.astype(np.float32)


def same_topics(known: Vectors, found: Vectors, least: float) -> dict[int, tuple[int, float]]:
    """Which found topics are known ones: place among the found to (place among the known, cosine), each known one once.

    The pairs are those that are most alike in all (the Hungarian method); a pair less alike than `least` is none.
    """
    from scipy.optimize import linear_sum_assignment

    if not len(known) or not len(found):
        return {}
    likeness = found @ known.T
    rows, columns = linear_sum_assignment(-likeness)
    pairs = ((int(row), int(column), float(likeness[row, column])) for row, column in zip(rows, columns, strict=True))
    return {row: (column, cosine) for row, column, cosine in pairs if cosine >= least}


def tokens_of(clause: str) -> Iterator[str]:
    """The words of a clause that may tell a topic, in small letters; a placeholder stands for a person and tells none."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    for match in _TOKEN.finditer(_PLACEHOLDER.sub(" . ", clause)):
        word = match[0].lower().replace("’", "'")
        if len(word) > 2 and word not in ENGLISH_STOP_WORDS and word not in _EMPTY:
            yield word


def terms_of(clause: str, is_name: Callable[[str], bool] = lambda word: False) -> list[str]:
    """The words of a clause that may tell a topic, and the pairs of them that stand side by side.

    >>> terms_of("The vending machine was empty, and [PERSON] knew.")
    ['vending', 'machine', 'knew', 'vending machine']
    """
    runs: list[list[str]] = [[]]
    telling = set(tokens_of(clause))
    words = []
    for match in re.finditer(rf"{_PLACEHOLDER.pattern}|{_TOKEN.pattern}|[.,;:!?()]", clause):
        word = match[0].lower().replace("’", "'")
        if word in telling and not is_name(word):
            words.append(word)
            runs[-1].append(word)
        else:
            runs.append([])
    # "day room" keeps its first word only where nothing stands between; "machine in the corridor" is no pair.
    return words + [" ".join(pair) for run in runs for pair in pairwise(run)]


def pairs_in(clause: str, is_name: Callable[[str], bool] = lambda word: False) -> Iterator[str]:
    """The pairs of words of a clause that may name a topic.

    >>> list(pairs_in("We waited six long weeks, and [PERSON] never rang."))
    ['waited long', 'waited weeks', 'long weeks', 'never rang']
    """
    telling = set(tokens_of(clause))
    words: list[str | None] = []
    for match in re.finditer(rf"{_PLACEHOLDER.pattern}|{_TOKEN.pattern}|[.,;:!?()]", clause):
        word = match[0].lower().replace("’", "'")
        words.append(word if word[0].isalpha() else None)
    return pairs_of(words, telling.__contains__, is_name)


def _attempts(search: Search) -> Iterator[Search]:
    """The settings to try in turn: a collapse into one or two topics is met by smaller, looser cores."""
    for smallest, neighbours in ((search.smallest, search.neighbours), (search.smallest, 1), (SMALLEST, 1)):
        yield Search(**asdict(search) | {"smallest": smallest, "neighbours": neighbours})


def _cores(space: Vectors, terms: Sequence[Sequence[str]], search: Search) -> NDArray[np.int64]:
    """The core that each clause belongs to, or -1, by BERTopic; of the clauses it is shown no more than the words that may tell."""
    from bertopic import BERTopic
    from sklearn.cluster import HDBSCAN
    from sklearn.decomposition import PCA
    from sklearn.feature_extraction.text import CountVectorizer

    model = BERTopic(
        language="multilingual",  # it would take the joints out of pairs of words otherwise
        umap_model=PCA(min(search.dimensions, len(terms) - 1), random_state=search.seed),
        hdbscan_model=HDBSCAN(
            min_cluster_size=search.smallest,
            min_samples=search.neighbours,
            cluster_selection_method="leaf",  # "eom" makes of most clauses one topic
            copy=True,
        ),
        vectorizer_model=CountVectorizer(analyzer=str.split),
    )
    cores, _ = model.fit_transform(
        [" ".join(term.replace(" ", "_") for term in said) for said in terms], embeddings=space
    )
    return np.array(cores, np.int64)


def _together(space: Vectors, cores: NDArray[np.int64], distance: float) -> NDArray[np.int64]:
    """The cores with those that lie close made one: people say a thing in several ways."""
    from sklearn.cluster import AgglomerativeClustering

    if cores.max() < 1:
        return cores
    merged = AgglomerativeClustering(None, metric="cosine", linkage="average", distance_threshold=distance).fit_predict(
        _centroids(space, cores)
    )
    return np.where(cores >= 0, merged[cores], -1)


def _centroids(space: Vectors, topics: NDArray[np.int64]) -> Vectors:
    if topics.max(initial=-1) < 0:
        return np.zeros((0, space.shape[1]), np.float32)
    return np.stack([mean_place(space[topics == topic]) for topic in range(topics.max() + 1)])


def _enough(
    topics: NDArray[np.int64], centroids: Vectors, terms: Sequence[Sequence[str]], people: Sequence[int]
) -> Vectors:
    """The centres of those topics that have clauses enough, by enough people, who share a word; the largest first."""
    who = np.array(people)
    sizes = np.bincount(topics[topics >= 0], minlength=len(centroids))
    words = _words(terms, people, topics)
    order = [
        topic
        for topic in np.argsort(-sizes, kind="stable").tolist()
        if sizes[topic] >= SMALLEST and words[topic] and len(np.unique(who[topics == topic])) >= FEWEST_PEOPLE
    ]
    return centroids[order]


def _words(
    terms: Sequence[Sequence[str]], people: Sequence[int], topics: NDArray[np.int64]
) -> tuple[tuple[tuple[str, float], ...], ...]:
    """The words that tell each topic from the others and from what belongs to none, by BERTopic's class-based tf-idf.

    Only those that enough people used in the topic itself.
    """
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    places = [np.flatnonzero(topics == topic).tolist() for topic in range(-1, topics.max() + 1)]
    vectorizer = CountVectorizer(analyzer=lambda clauses: [term for i in clauses for term in terms[i]])
    weights = ClassTfidfTransformer().fit_transform(vectorizer.fit_transform(places)).tocsr()
    names = vectorizer.get_feature_names_out()
    found = []
    for row, clauses in list(enumerate(places))[1:]:
        users: dict[str, set[int]] = {}
        for i in clauses:
            for term in terms[i]:
                users.setdefault(term, set()).add(people[i])
        weighed = zip(names[weights[row].indices], weights[row].data.tolist(), strict=True)
        safe = [(word, weight) for word, weight in weighed if len(users[word]) >= FEWEST_PEOPLE]
        found.append(tuple(_each_once(sorted(safe, key=lambda pair: (-pair[1], pair[0])))[:WORDS]))
    return tuple(found)


def _with_pairs(
    words: Sequence[Sequence[tuple[str, float]]], pairs: Sequence[Sequence[tuple[str, float]]]
) -> tuple[tuple[tuple[str, float], ...], ...]:
    """The words of each topic with the pairs that tell it in front, heavier than any of them."""
    found = []
    for own, telling in zip(words, pairs, strict=True):
        heaviest = max((weight for _, weight in own), default=1.0)
        ahead = [(pair, heaviest * (2 - place / (len(telling) + 1))) for place, (pair, _) in enumerate(telling)]
        held = frozenset(part for pair, _ in ahead for part in stems(pair))
        rest = [(word, weight) for word, weight in own if not held & stems(word)]
        found.append(tuple([*ahead, *rest][:WORDS]))
    return tuple(found)


def _each_once(words: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Words without those that a pair among them holds already, and without the plural of one that is there."""
    pairs = {part for word, _ in words[: WORDS * 2] if " " in word for part in word.split()}
    kept: list[tuple[str, float]] = []
    for word, weight in words:
        one = word.removesuffix("s")
        if word in pairs or any(other.removesuffix("s") == one for other, _ in kept):
            continue
        if " " in word and any(set(word.split()) & set(other.split()) for other, _ in kept if " " in other):
            continue
        kept.append((word, weight))
    return kept
