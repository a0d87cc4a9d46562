"""Find the names of people: rules that can be read, lists, and the trained guard, which hears what neither holds.

The rules (what a word may be, how it is written, what stands beside it) decide which texts may name somebody at all: one in ten.
Only those go to the guard, which weighs the rules' verdict on each word with the sense of the sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from feedback.language import Stretch, foreign
from feedback.redact import cues, other_languages
from feedback.redact.features import NO, YES, may_name_somebody, reads_as_english, word_features
from feedback.redact.names import Lexicon
from feedback.redact.nobody import in_a_saying, names_nobody
from feedback.redact.reading import Reading
from feedback.redact.roles import role_of
from feedback.redact.somebody import SIGNS, surely_named
from feedback.redact.spans import Span
from feedback.redact.verdict import SHORT, Rules

if TYPE_CHECKING:
    from feedback.models.guard import Guard


class PeopleFinder:
    """The rules and the lists they read, with the guard where there is one (its own training has none)."""

    def __init__(self, lexicon: Lexicon, guard: "Guard | None" = None) -> None:
        self.lexicon = lexicon
        self.rules = Rules(lexicon)
        self.guard = guard

    def find(self, readings: Sequence[Reading]) -> list[list[Span]]:
        """Find the names in each text that `read` has read, each with the role of the person."""
        elsewhere = [foreign(reading.text) for reading in readings]
        if self.guard is not None:
            doubtful = [
                r
                for r, stretches in zip(readings, elsewhere, strict=True)
                if not other_languages.is_all(r.text, stretches)
                and may_name_somebody(r, self.lexicon)
                and reads_as_english(r, self.lexicon)
            ]
            self._ask(self.guard, doubtful)
            seen = {id(reading) for reading in doubtful}
            for reading in readings:
                if id(reading) in seen or SIGNS.search(reading.text):
                    reading.sure |= surely_named(reading)
        return [self._found(*both) for both in zip(readings, elsewhere, strict=True)]

    def _found(self, reading: Reading, stretches: Sequence[Stretch]) -> list[Span]:
        """The names of a text: in English as rules and guard say, in sentences of other languages by their own, stricter rule."""
        if not stretches:
            return list(self._spans(reading)) if reading.sure else []
        reading.sure = other_languages.english_part(reading, stretches, reading.sure)
        spans = other_languages.without(stretches, list(self._spans(reading)))
        return sorted([*spans, *other_languages.names_in(reading, stretches)])

    def _ask(self, guard: "Guard", readings: Sequence[Reading]) -> None:
        """Let the guard speak on every word of the texts that may name somebody."""
        words = [[(word.start, word.end) for word in reading.words] for reading in readings]
        chances = guard.people([r.text for r in readings], words, [self.features(r) for r in readings])
        for reading, chance in zip(readings, chances, strict=True):
            said = named(reading, chance, guard.thresholds)
            sayings = in_a_saying(reading) if said else set()
            reading.sure = {i for i in said if i not in sayings and not self._is_nobody(reading, i)}

    def _is_nobody(self, reading: Reading, i: int) -> bool:
        """Whether the rules know better than the guard: 'er, "Summer was hot", a "Nein" that is all of the answer; or a service."""
        of_nobody = reading.drops_an_h(i) or reading.is_of_a_time(i) or reading.is_yes_or_no(i)
        return of_nobody or names_nobody(reading, i) or self._is_of_a_service(reading, i)

    def _is_of_a_service(self, reading: Reading, i: int) -> bool:
        """Whether a word that looks like a name is a service's: "the dyatishan", which is on no list, or "moved to Lickey"."""
        low = reading.low(i)
        if low in self.lexicon.houses and reading.beside(i) and reading.low(i - 1) in cues.BEFORE_A_HOUSE:
            return True
        return (not reading.cap(i) or reading.is_start(i)) and self.lexicon.is_care_by_ear(low)

    def read(self, text: str) -> Reading:
        """Decide about each word of a text by the rules alone."""
        reading = Reading(text, self.lexicon)
        plain, before = self.lexicon.plain_words, ""
        for i, word in enumerate(reading.words):
            # As the rules say of nearly every word, without the call.
            ordinary = word.low in plain and before not in cues.BEFORE_A_NICKNAME
            before = word.low
            if not ordinary and not self.rules.cannot_be(reading, i):
                verdict = reading.ruled[i] = self.rules.verdict_on(reading, i)
                if verdict:
                    (reading.sure if verdict == YES else reading.asked).add(i)
        return reading

    def features(self, reading: Reading) -> NDArray[np.float32]:
        """What lists and rules say of each word, for the trained guard: shape (n_words, n_features)."""
        # The verdict on a word may rest on names found after it; where there are none, it stands as it was.
        if not reading.sure:
            return word_features(reading, lambda r, i: r.ruled.get(i, NO))
        return word_features(reading, lambda r, i: NO if self.rules.cannot_be(r, i) else self.rules.verdict_on(r, i))

    # ---- the whole text ---------------------------------------------------------------------------------------------

    def _spans(self, reading: Reading) -> Iterator[Span]:
        """Grow each sure word to the whole name, once the same names and those joined to them are found too."""
        self._repeat(reading)
        while self._join(reading):
            pass
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

    def _join(self, reading: Reading) -> bool:
        """What is joined to a name may be one too: wiktoria and jo. Returns whether there was any."""
        before = len(reading.sure)
        for i in range(len(reading.words)):
            if i not in reading.sure and self._could_be_joined(reading, i) and self._is_joined(reading, i):
                reading.sure.add(i)
        return len(reading.sure) > before

    def _could_be_joined(self, reading: Reading, i: int) -> bool:
        low = reading.low(i)
        if i in reading.protected or low in cues.NEVER_ALONE or low in cues.CALENDAR - cues.MONTH_NAMES:
            return False
        if low in reading.pets or reading.comes_from(i) or low in cues.ABBREVIATIONS:
            return False
        listed = low in self.lexicon.given or low in self.lexicon.given_words
        strange = reading.cap(i) and len(low) > 2 and not reading.acronym(i) and not self.lexicon.is_word(low)
        return (listed or strange) and not reading.names_a_place(i) and not reading.dated(i)

    def _is_joined(self, reading: Reading, i: int) -> bool:
        before, after = reading.gap(i).strip(), reading.gap(i + 1).strip()
        if not reading.cap(i) and reading.low(i) in cues.VERB_LIKE and "," in before + after:
            return False  # "my mother, Oluwatoyin, will be called Ma"
        to_the_left = reading.is_name(i - 2) and reading.low(i - 1) in cues.JOINED_BY
        if to_the_left or (reading.is_name(i - 1) and before in cues.JOINTS):
            return reading.cap(i) or not reading.near(i + 1) or reading.low(i + 1) in cues.AFTER_A_SMALL_NAME
        to_the_right = reading.is_name(i + 2) and reading.low(i + 1) in cues.JOINED_BY
        if to_the_right or (reading.is_name(i + 1) and after in cues.JOINTS):
            if not reading.cap(i):
                return reading.low(i) in self.lexicon.given or i in reading.asked
            # "Jones, William"; "Comfort, Mercy and Patience"; but "Lovley, Sarah"
            return not reading.is_start(i) or i in reading.asked or self.lexicon.is_surname(reading.low(i))
        return False

    def _first(self, reading: Reading, i: int) -> int:
        """Take in initials, a strange or word-like first name, and the Auntie of Auntie Mavis."""
        while reading.beside(i) and (i - 1 in reading.sure or self._begins_a_name(reading, i - 1)):
            i -= 1
        first = reading.opens(i)
        if (
            first == i
            or not (reading.cap(i) or reading.is_initial(i - 1))
            or reading.low(first) in ("la", "le", "do", "an")
        ):
            return i
        return first

    def _begins_a_name(self, reading: Reading, i: int) -> bool:
        low = reading.low(i)
        if low in cues.NICKNAMES or (low in ("little", "old", "young") and reading.cap(i) and not reading.is_start(i)):
            return reading.low(i - 1) not in cues.OWNERS
        if len(low) == 1 and not reading.cap(i) and not reading.cap(i + 1):  # "j m prosser"
            return low not in cues.LETTER_WORDS
        if not reading.cap(i) and not reading.cap(i + 1) and reading.low(i - 1) in cues.BEFORE_A_WHOLE_NAME:
            return low in self.lexicon.given_words and low not in cues.VERB_LIKE  # "clerk sunday adebisi"
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
        if low == "a" and after_cap and reading.cap(i):  # "Precious A was", not "to Sarah A big thank you"
            return reading.acts(i) or not reading.near(i + 1)
        if i in reading.protected or low.startswith("[") or low in cues.NOT_A_SECOND_NAME:
            return False
        if len(low) == 1:
            if reading.cap(i):
                return low != "i"
            return low not in cues.LETTER_WORDS and (not after_cap or reading.acts(i) or not reading.near(i + 1))
        if reading.cap(i):
            strange = not self.lexicon.is_word(low)
            if reading.acronym(i):
                return reading.acronym(i - 1) and len(low) > SHORT and strange
            return after_cap and (strange or self.lexicon.is_listed(low) or self._is_second_name(reading, i))
        if after_cap:
            return False
        if self.lexicon.is_word(low):
            ends_there = not reading.near(i + 1) or reading.low(i + 1) in cues.AFTER_A_SMALL_NAME
            return low in self.lexicon.surname_words and low not in cues.NO_SURNAME and ends_there
        unheard = len(low) > SHORT + 1 and not self.lexicon.is_misspelt(low)
        return (self.lexicon.is_listed(low) or introduced or unheard) and len(low) > 2

    def _is_second_name(self, reading: Reading, i: int) -> bool:
        """Ernest Tipping, Wayne King: an ordinary word with a capital, after a given name and before none."""
        clear = reading.low(i) not in cues.CALENDAR and not (reading.cap(i + 1) and reading.beside(i + 1))
        if reading.is_initial(i - 1) and reading.gap(i).startswith("."):  # Horatio P. Splodge
            return clear
        given = self.lexicon.is_given(reading.low(i - 1)) and not reading.is_start(i - 1)
        return given and clear and i - 1 in reading.sure


def named(reading: Reading, chance: NDArray[np.float32], thresholds: Mapping[str, float]) -> set[int]:
    """The words that are names by rules and guard together; `chance` is the guard's, of shape (n_words,).

    What the rules are sure of takes a very doubtful guard to undo, what they ask about is for the guard to say, and what they
    know nothing of it must be very sure of itself: each has its threshold.
    """
    needed = np.full(len(reading.words), thresholds["people"])
    needed[list(reading.asked)] = thresholds["people_asked"]
    needed[list(reading.sure)] = thresholds["people_ruled"]
    return set(np.flatnonzero(chance >= needed).tolist())
