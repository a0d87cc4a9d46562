"""Say of a word that it names somebody, however doubtful the guard is: where only a person's name can stand.

The guard undoes what the rules found where a word is commonly a thing, and it has hardly met initials. The signs here are those that a
reader would not argue with: a job and a verb behind the word, two initials before it, the next bed. `nobody` is the other way round.
"""

import re

from feedback.redact import cues
from feedback.redact.cues import words
from feedback.redact.reading import Reading

# What only somebody is: "Joy was all smiles", "hope is off sick".
_AS_SOMEBODY = r" (?:is|was) (?:all (?:smiles|ears|heart)|on (?:duty|shift|leave)|off (?:sick|duty|shift)|in charge)\b"
# A text that the guard need not see may still hold one of these: AJ, J. P. Osgood, "hope was my midwife".
SIGNS = re.compile(
    r"\b[A-Z]J\b|\b[A-Z]\.\s?[A-Z]\.\s?[A-Z][a-z]|^\W*\w+ was (?:my|our) |\w (?:from|on|in) (?:the |your )?(?:main |front )?(?:reception|desk|switchboard|nights|admin|x-?ray|phlebotomy|dialysis)\b"
    rf"|\w{_AS_SOMEBODY}"
)
_CONTRACTED = re.compile(r"(.{3,})['’](?:d|ll|ve)", re.IGNORECASE)
_IS_SOMEBODY = re.compile(_AS_SOMEBODY)
_NEXT_BED = re.compile(
    r",?(?:\s+\(?\d{1,3}\)?,?)?\s+(?:in\s+the\s+(?:next|opposite)\s+(?:bed|bay|cubicle)\b|(?:opposite|next\s+to)\s+(?:me|mum|dad|him|her)\b)"
)
# Where somebody is posted, and nothing else stands: "rose in phlebotomy", "Guy on the front desk", "ray from admin".
_POSTED = re.compile(
    r",?\s+(?:from|on|in)\s+(?:(?:the|your|main|front)\s+){0,2}(?:[\w-]+\s+)?(?:reception|desk|switchboard|nights|admin|x-?ray|phlebotomy|dialysis)(?![\w-])",
    re.IGNORECASE,
)
# Word-names that begin a sentence as verbs or qualities: "Chase the consultant", "Art on the next bed".
_NOT_AT_THE_HEAD = cues.VERB_LIKE | cues.WITHOUT_ARTICLE | cues.COMMON_QUALITIES | words("rose dot")

_BEFORE_A_PLACE = cues.DETERMINERS | cues.PLACE_PREPOSITIONS | words("st saint")
_NOT_OWNED = cues.FACILITIES | cues.BE | cues.DOES | cues.AFTER_A_BARE_NAME


def surely_named(reading: Reading) -> set[int]:
    """The words of a text that surely are somebody's name."""
    return {i for i in range(len(reading.words)) if reading.words[i].raw[0].isalpha() and _is_somebody(reading, i)}


def _is_somebody(reading: Reading, i: int) -> bool:
    low = reading.low(i)
    if low in reading.lexicon.plain_words or low in reading.pets:
        return False
    if reading.cap(i) and _has_initials(reading, i):
        return True
    if i in reading.protected or low in cues.NEVER_ALONE:
        return False
    if not reading.cap(i):
        return _has_the_job(reading, i) or _is_posted(reading, i)
    if reading.acronym(i):
        return _is_called_by_initials(reading, i)
    return (
        _is_contracted(reading, i)
        or _owns_without_apostrophe(reading, i)
        or _has_the_job(reading, i)
        or _is_introduced_after(reading, i)
        or _lies_beside(reading, i)
        or _is_posted(reading, i)
    )


def _is_called_by_initials(reading: Reading, i: int) -> bool:
    """AJ on reception, "DJ, our OT": two capitals of which the last is a J stand for nothing else but the DJ."""
    low = reading.low(i)
    if len(low) != 2 or low[1] != "j" or reading.low(i - 1) in cues.DETERMINERS:
        return False
    works = reading.job_follows(i) or reading.at_work(i)
    return works or (low != "dj" and (reading.introduced(i) or reading.acts(i)))


def _has_initials(reading: Reading, i: int) -> bool:
    """J. P. Osgood: at least two initials with their stops before a surname."""
    first = reading.opens(i)
    all_initials = i - first > 1 and all(len(reading.low(j)) == 1 and reading.cap(j) for j in range(first, i))
    stopped = all_initials and all(reading.gap(j).startswith(".") for j in range(first + 1, i + 1))
    low = reading.low(i)
    return stopped and len(low) > 2 and (reading.lexicon.is_listed(low) or not reading.lexicon.is_word(low))


def _is_contracted(reading: Reading, i: int) -> bool:
    """Derek'd have loved it, Niamh'll ring."""
    contracted = _CONTRACTED.fullmatch(reading.low(i))
    return contracted is not None and contracted[1] in reading.lexicon.given


def _owns_without_apostrophe(reading: Reading, i: int) -> bool:
    """Margarets kindness: before a word in small letters, and no shop, church or village of that name."""
    low, lexicon = reading.low(i), reading.lexicon
    stem = low[:-1]
    if not low.endswith("s") or len(stem) < 5 or stem not in lexicon.given or stem in lexicon.places:
        return False
    if lexicon.is_listed(low) or lexicon.is_word(low) or low in lexicon.places:
        return False
    if reading.low(i - 1) in _BEFORE_A_PLACE:
        return False
    after = reading.low(i + 1)
    thing = lexicon.is_word(after) and after not in _NOT_OWNED
    return reading.beside(i + 1) and not reading.cap(i + 1) and thing


def _has_the_job(reading: Reading, i: int) -> bool:
    """Hope was my midwife, "grace is our health visitor", "Joy was all smiles": in any letters, but not "Patience is my nurse's gift"."""
    low = reading.low(i)
    if not reading.is_start(i) or low not in reading.lexicon.given_words or not reading.beside(i + 1):
        return False
    if _IS_SOMEBODY.match(reading.text, reading.words[i].end):
        return True
    if reading.low(i + 1) not in ("is", "was") or reading.low(i + 2) not in cues.OWNERS:
        return False
    for j in range(i + 3, i + 6):
        if reading.low(j) in cues.JOBS and not reading.beside(j + 1):
            return not reading.possessive(j)
        if not reading.beside(j + 1):
            return False
    return False


def _is_introduced_after(reading: Reading, i: int) -> bool:
    """Gay the volunteer brought tea, "Stormy, my HCA, was kind"; not "Chase the consultant"."""
    low = reading.low(i)
    if low not in reading.lexicon.given_words or low in _NOT_AT_THE_HEAD or reading.names_a_place(i):
        return False
    if reading.low(i + 1) not in cues.BEFORE_A_JOB or not reading.near(i + 1):
        return False
    for j in range(i + 2, i + 5):
        is_job = reading.low(j) in cues.JOBS or (reading.low(j) in cues.KIN and reading.low(i + 1) in cues.OWNERS)
        if is_job and reading.low(j + 1) not in cues.JOBS:
            then = reading.low(j + 1)
            return not reading.possessive(j) and (then in cues.DEEDS or then.endswith("ed") or not reading.near(j + 1))
        if not reading.beside(j + 1):
            return False
    return False


def _is_posted(reading: Reading, i: int) -> bool:
    """Guy on the front desk, "rose in phlebotomy": at the head of a sentence or after thanks, and no quality but with "from"."""
    low = reading.low(i)
    if not (reading.lexicon.is_given(low) or low in reading.lexicon.given_words):
        return False
    if not (reading.is_start(i) or (reading.beside(i) and reading.low(i - 1) in cues.THANKS)):
        return False
    surely = reading.low(i + 1) == "from" or low not in _NOT_AT_THE_HEAD | cues.MONTH_NAMES or low == "rose"
    return surely and _POSTED.match(reading.text, reading.words[i].end) is not None


def _lies_beside(reading: Reading, i: int) -> bool:
    """Ivy, 84, in the next bed; Violet opposite me."""
    low = reading.low(i)
    named = reading.lexicon.is_given(low) or (low in reading.lexicon.given_words and low not in _NOT_AT_THE_HEAD)
    determined = reading.beside(i) and reading.low(i - 1) in cues.DETERMINERS
    return named and not determined and _NEXT_BED.match(reading.text, reading.words[i].end) is not None
