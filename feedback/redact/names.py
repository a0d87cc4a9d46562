"""What a word may be: a given name, a surname, an ordinary word, a place, or part of a name that is no person's.

The lists are in data/names (its README says where each comes from). A name that is also an ordinary word (Will, Grace)
is kept apart: only its surroundings can tell. The directory is the allow-list: wards are named like people.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from feedback.redact import cues
from feedback.redact.spans import PLACEHOLDER
from feedback.settings import DATA
from feedback.sounds import respelt, sound
from feedback.taxonomy import Organisation, Service, Taxonomy

# Group 1 is a word with its inner hyphens and apostrophes, but without a possessive 's; or a placeholder that stands there.
TOKEN = re.compile(
    rf"({PLACEHOLDER.pattern}|[^\W\d_](?:[^\W\d_]|['’](?=[^\W\d_])(?![sS]\b)|-(?=[^\W\d_]))*)(?:['’][sS]\b)?"
)


LONG_ENOUGH = 5  # letters; shorter words are one slip away from too many others
# Damerau-Levenshtein similarity, 0 to 1, of what is heard and of what is written, from which a word is taken for a word of care.
HEARD_ALIKE, SPELT_ALIKE = 0.79, 0.6


def plain(text: str) -> str:
    """Small letters without accents, straight apostrophes: Siân is looked up as sian."""
    low = text.lower().replace("’", "'")
    if low.isascii():
        return low
    return "".join(
        c for c in unicodedata.normalize("NFD", low.replace("ł", "l").replace("ø", "o")) if not unicodedata.combining(c)
    )


class Lexicon:
    """The lists, ready to look words up in; all lower case.

    given and surnames: names that are not ordinary words; given_words and surname_words: those that are; names: all four.
    plain_words: ordinary words that are nobody's name.
    phrases: by first word, the word sequences (services, organisations, places, brands) that are no person.
    nobody: the same for what names nobody even where the guard hears a name; no feature of a word.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        folder = DATA / "names"
        self.given, self.given_words = _names(folder / "given.txt")
        self.surnames, self.surname_words = _names(folder / "surnames.txt")
        self.names = self.given | self.given_words | self.surnames | self.surname_words
        self.words = frozenset(_lines(folder / "words.txt"))
        self.plain_words = self.words - self.names
        self.local = frozenset(place.lower() for places in taxonomy.places.values() for place in places)
        self.places = frozenset(_lines(folder / "places.txt")) | self.local
        # Capitals in the directory are no allow-list for names: PIP is a benefit, Pip a person.
        known = [name for name in _directory(taxonomy) if not (name.isupper() and name.lower() in self.names)]
        # The wards and houses that go by one word: "moved me to Lickey".
        self.houses = {
            first
            for service in taxonomy.services.values()
            if service.level in ("ward", "unit") and (first := service.name.lower().split()[0]) not in self.given
        }
        said = {m[1] for name in _directory(taxonomy) for m in TOKEN.finditer(name.lower())}
        self._care = {
            w for w in said | cues.JOBS if len(w) > LONG_ENOUGH and w not in self.names and w not in self.places
        }
        self.phrases = _phrases([*_lines(folder / "not_names.txt"), *known, *self.local])
        self.nobody = _phrases(_lines(folder / "nobody.txt"))

    def is_given(self, word: str) -> bool:
        """Whether the word (lower case), or every part of a hyphenated one, can only be a given name."""
        if word in self.given:
            return True
        first, hyphen, rest = word.partition("-")
        return bool(hyphen) and first in self.given and (rest in self.given or rest in self.given_words)

    def is_listed(self, word: str) -> bool:
        """Whether the word (lower case) can be a name at all."""
        return word in self.names

    def is_surname(self, word: str) -> bool:
        """Whether the word (lower case) is a surname and no ordinary word; one strange part is enough in Tariq-Thrupp."""
        if word in self.surnames:
            return True
        parts = word.split("-")
        return len(parts) > 1 and any(p in self.surnames or p in self.given for p in parts) and not self.is_word(word)

    def is_misspelt(self, word: str) -> bool:
        """Whether the word (lower case) is one slip away from an ordinary word and no listed name (receptionst), or a word of care by ear."""
        if len(word) < LONG_ENOUGH or word in self.names:
            return False
        return self.is_care_by_ear(word) or _is_near(word, self._alike, 1)

    def is_near_a_word(self, word: str) -> bool:
        """Whether the word (lower case) is at most one slip, or if it is long two, away from an ordinary word: receepshunist."""
        slips = 1 if len(word) <= LONG_ENOUGH + 1 else 2
        return _is_near(word, self._alike, slips) or self.is_care_by_ear(word)

    def is_misspelt_name(self, word: str) -> bool:
        """Whether the word (lower case) is one slip away from a given name that is no word, and from no ordinary word: jhon, saraah."""
        if (
            len(word) < LONG_ENOUGH - 1
            or word in self.places
            or _is_near(word, self._alike, 1)
            or self.is_care_by_ear(word)
        ):
            return False
        return _is_near(word, self._given_alike, 1)

    def is_care_by_ear(self, word: str) -> bool:
        """Whether the word (lower case), no listed name, sounds like a word of a service's name: dyatishan, pedatrishan, hospitle."""
        if len(word) <= LONG_ENOUGH or word in self.names:
            return False
        form = respelt(word)
        heard = sound(form)
        return any(
            form[0] == other[0] and DamerauLevenshtein.normalized_similarity(heard, sound(other)) >= HEARD_ALIKE
            and DamerauLevenshtein.normalized_similarity(form, other) >= SPELT_ALIKE
            for other in self._care_by_sound.get(form[0], ())
        )  # fmt: skip

    @cached_property
    def _care_by_sound(self) -> dict[str, tuple[str, ...]]:
        """The longer ordinary words of the directory as they sound, by their first letter."""
        found: dict[str, set[str]] = {}
        for word in self._care:
            found.setdefault(respelt(word)[0], set()).add(respelt(word))
        return {first: tuple(sorted(some)) for first, some in found.items()}

    @cached_property
    def _alike(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """The ordinary words by their first letter, where people seldom slip, and their length."""
        return _by_head(self.words)

    @cached_property
    def _given_alike(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """The given names that are no ordinary words, in the same way."""
        return _by_head(name for name in self.given if len(name) >= LONG_ENOUGH - 1)

    def is_word(self, word: str) -> bool:
        """Whether the word (lower case) is ordinary English; a hyphenated one if all its parts are, and don't if do is."""
        if word in self.words or len(word) == 1:
            return True
        if word.startswith("o'"):  # O'Dee
            return False
        parts = re.split(r"[-'’]", word)
        return len(parts) > 1 and all(part in self.words or len(part) < 3 for part in parts)


def _by_head(words: Iterable[str]) -> dict[tuple[str, int], tuple[str, ...]]:
    found: dict[tuple[str, int], list[str]] = {}
    for word in words:
        found.setdefault((word[0], len(word)), []).append(word)
    return {alike: tuple(some) for alike, some in found.items()}


def _is_near(word: str, alike: dict[tuple[str, int], tuple[str, ...]], slips: int) -> bool:
    """Whether one of the words is at most so many slips away, and so at most so many letters longer or shorter."""
    return any(
        process.extractOne(
            word, alike.get((word[0], length), ()), scorer=DamerauLevenshtein.distance, score_cutoff=slips
        )
        for length in range(len(word) - slips, len(word) + slips + 1)
    )


def _directory(taxonomy: Taxonomy) -> Iterable[str]:
    entries: list[Service | Organisation] = [*taxonomy.services.values(), *taxonomy.organisations.values()]
    for entry in entries:
        for name in (entry.name, *entry.aliases):
            yield name
            yield from re.split(r"[(),/]", name)


def _phrases(names: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Group word sequences by their first word, longest first."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for name in names:
        words = tuple(match[1].replace("’", "'") for match in TOKEN.finditer(name.lower()))
        if words and (len(words) > 1 or len(words[0]) > 2):
            found.setdefault(words[0], set()).add(words)
    return {first: tuple(sorted(some, key=len, reverse=True)) for first, some in found.items()}


@lru_cache
def _lines(path: Path) -> tuple[str, ...]:
    return tuple(line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))


def _names(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The names of a list, and apart from them those marked with a star: ordinary words too."""
    lines = _lines(path)
    return frozenset(n for n in lines if not n.endswith(" *")), frozenset(n[:-2] for n in lines if n.endswith(" *"))
