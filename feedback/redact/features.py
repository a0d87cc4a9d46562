"""What lists, rules and surroundings say of each word of a text, as numbers for the trained guard, and which texts it must see.

The guard reads small letters only, so how a word is written is told here too. Most texts hold no word that could be a name;
they never reach it, which keeps redaction faster than every other step.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from feedback.redact import cues
from feedback.redact.names import Lexicon
from feedback.redact.reading import Reading

# Words that are first names too and stand in more than one in a thousand of the public comments, hardly ever as a name.
COMMON_WORDS = frozenset(["ward", "will", "don", "hope", "patience", "may", "lucky", "mark", "comfort", "memory"])
FEW = 5  # words too few to tell a language by
LONG_ENOUGH = 4  # letters; a shorter strange word in small letters is nearly always a slip or an abbreviation
NO, ASK, YES = range(3)
Verdict = Callable[[Reading, int], int]

# In this order in the model's manifest: a model made for other features is refused.
WORD_FEATURES = (
    "capital", "all capitals", "text in capitals", "starts", "possessive", "given name", "given name and word", "surname",
    "surname and word", "plain word", "word", "place", "protected", "ruled a name", "ruled a question", "calendar",
    "after a title", "after a job", "after a relation", "introduced", "acts", "job follows", "facility follows",
    "names a place", "short", "one letter", "facility", "job, relation or title",
)  # fmt: skip


def word_features(reading: Reading, verdict: Verdict) -> NDArray[np.float32]:
    """The features of every word, each 0 or 1, shape (n_words, n_features). `verdict` is the rules' word on it: NO, ASK, YES."""
    rows = [_of_word(reading, i, verdict(reading, i)) for i in range(len(reading.words))]
    return np.array(rows, np.float32).reshape(len(rows), len(WORD_FEATURES))


def _of_word(reading: Reading, i: int, ruled: int) -> tuple[object, ...]:
    low, lexicon = reading.words[i].low, reading.lexicon
    before = reading.low(i - 1)
    return (
        reading.cap(i),
        reading.acronym(i),
        reading.shouting,
        reading.is_start(i),
        reading.possessive(i),
        low in lexicon.given,
        low in lexicon.given_words,
        lexicon.is_surname(low),
        low in lexicon.surname_words,
        low in lexicon.plain_words,
        lexicon.is_word(low),
        low in lexicon.places,
        i in reading.protected,
        ruled == YES,
        ruled == ASK,
        low in cues.CALENDAR,
        reading.beside(i) and before in cues.TITLES,
        reading.near(i) and before in cues.JOBS,
        reading.near(i) and before in cues.KIN,
        reading.introduced(i),
        reading.acts(i),
        reading.job_follows(i),
        reading.low(i + 1) in cues.FACILITIES,
        reading.names_a_place(i),
        len(low) <= 3,
        len(low) == 1,
        low in cues.FACILITIES,
        low in cues.JOBS or low in cues.KIN or low in cues.TITLES,
    )


def may_name_somebody(reading: Reading, lexicon: Lexicon) -> bool:
    """Whether any word of a text could be a name: one in ten ordinary comments has such a word."""
    plain = lexicon.plain_words  # nearly every word is one, so that is looked at first
    return bool(reading.sure or reading.asked) or any(
        _may_be_a_name(reading, i, lexicon) for i, word in enumerate(reading.words) if word.low not in plain
    )


def reads_as_english(reading: Reading, lexicon: Lexicon) -> bool:
    """Whether half of the words are known; the guard learnt from English, and takes every word of another language for a name."""
    words = [word.low for word in reading.words if not word.low.startswith("[")]
    known = sum(lexicon.is_word(low) or lexicon.is_listed(low) for low in words)
    return len(words) < FEW or known >= len(words) / 2


def _may_be_a_name(reading: Reading, i: int, lexicon: Lexicon) -> bool:
    low = reading.words[i].low
    if low in lexicon.plain_words or len(low) == 1 or low.startswith("[") or i in reading.protected:
        return False
    if low in lexicon.surname_words and low not in lexicon.given_words:  # "Nurse Baker", but not "the Ward" or "Crew"
        beside_a_name = reading.cap(i) and reading.beside(i) and lexicon.is_listed(reading.low(i - 1))
        return reading.introduced(i) or beside_a_name
    if reading.cap(i) and not reading.acronym(i) and (not reading.is_start(i) or lexicon.is_listed(low)):
        return low not in COMMON_WORDS or not reading.is_start(i)
    if low in lexicon.given_words:
        return low not in COMMON_WORDS or reading.introduced(i)
    if lexicon.is_listed(low):
        return True
    return len(low) >= LONG_ENOUGH and not lexicon.is_word(low) and not lexicon.is_misspelt(low)
