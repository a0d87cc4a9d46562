"""Find the names of people in sentences of other languages, where rules and guard, which know English, hide what must not be lost.

"Ich will nicht mehr leben" has lost its danger as "Ich will nicht [PERSON]". So here only what is written as a name and is on the
lists of names is one, or has a title before it; never a word in small letters. What is missed waits with the comment for a person.
"""

from collections.abc import Iterator, Sequence

from feedback.language import Stretch, is_little_word
from feedback.redact import cues
from feedback.redact.reading import Reading
from feedback.redact.roles import role_of
from feedback.redact.spans import Span

# What stands before a name in the languages spoken here, beside the titles of English.
TITLES = cues.words(
    "pan pani pana panią doktor domnul doamna dl dna senhor senhora sr sra dra doutor doutora señor señora señorita monsieur madame mme mlle docteur herr frau"
    " signor signora signorina dott dottor dottoressa sig bay bayan pán paní úr dokter sahib gospodin gospozha ponas ponia kungs kundze"
)


def is_all(text: str, stretches: Sequence[Stretch]) -> bool:
    """Whether the whole of a text is in another language."""
    return any(stretch.start == 0 and stretch.end == len(text) for stretch in stretches)


def english_part(reading: Reading, stretches: Sequence[Stretch], sure: set[int]) -> set[int]:
    """Those of the sure words that stand in no sentence of another language."""
    return {i for i in sure if not _stretch_of(reading, i, stretches)}


def without(stretches: Sequence[Stretch], spans: Sequence[Span]) -> Iterator[Span]:
    """The spans that do not reach into a sentence of another language."""
    for span in spans:
        if not any(span.start < stretch.end and span.end > stretch.start for stretch in stretches):
            yield span


def names_in(reading: Reading, stretches: Sequence[Stretch]) -> Iterator[Span]:
    """The names in the sentences of other languages, each with the role of the person."""
    i = 0
    while i < len(reading.words):
        stretch = _stretch_of(reading, i, stretches)
        if not stretch or not _is_name(reading, i, stretch.language):
            i += 1
            continue
        first = i
        while (
            reading.beside(i + 1)
            and reading.words[i + 1].end <= stretch.end
            and _goes_on(reading, i + 1, stretch.language)
        ):
            i += 1
        start, end = reading.words[first].start, reading.words[i].end
        yield Span(start, end, "person", role_of(reading.text, start, end))
        i += 1


def _stretch_of(reading: Reading, i: int, stretches: Sequence[Stretch]) -> Stretch | None:
    word = reading.words[i]
    return next((s for s in stretches if s.start < word.end and word.start < s.end), None)


def _is_name(reading: Reading, i: int, language: str) -> bool:
    if not _could_be(reading, i) or i in reading.protected:
        return False
    titled = reading.beside(i) and (reading.low(i - 1) in cues.TITLES or reading.words[i - 1].raw.lower() in TITLES)
    if titled and not reading.acronym(i):
        return True
    if not reading.lexicon.is_listed(reading.low(i)) or is_little_word(reading.words[i].raw, language):
        return False
    # The first word of a sentence has its capital from there: a name only where a surname follows.
    return not reading.is_start(i) or (
        reading.beside(i + 1) and _could_be(reading, i + 1) and _goes_on(reading, i + 1, language)
    )


def _goes_on(reading: Reading, i: int, language: str) -> bool:
    """Whether a word right after a part of a name is one too: its surname is on no list as often as not."""
    return _could_be(reading, i) and not is_little_word(reading.words[i].raw, language)


def _could_be(reading: Reading, i: int) -> bool:
    low = reading.low(i)
    return reading.cap(i) and len(low) > 1 and not low.startswith("[") and low not in cues.TITLES
