"""Decide about one word by rules that can be read: no name, a name, or a question for the trained guard.

Each rule is named after the word it looks at (a given name, an ordinary word, a strange one) and asks how it is written and what
stands beside it (`reading`). Which words make up one name is not decided here, but in `people`.
"""

from feedback.redact import cues
from feedback.redact.features import ASK, NO, YES
from feedback.redact.names import Lexicon
from feedback.redact.reading import Reading

SHORT = 3  # a name this short is often a slip of the finger in small letters


class Rules:
    """The rules with the lists they read."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def cannot_be(self, reading: Reading, i: int) -> bool:
        """The quick way out for nearly every word: ordinary, and nobody's name."""
        low, lexicon = reading.words[i].low, self.lexicon
        if low in lexicon.plain_words:
            before = reading.words[i - 1].low if i else ""
            return not (before in cues.BEFORE_A_NICKNAME and (reading.cap(i) or before in cues.BEFORE_ANY_NAME))
        return len(low) == 1 and not reading.cap(i) and reading.low(i - 1) not in cues.TITLES

    def verdict_on(self, reading: Reading, i: int) -> int:
        """NO, ASK or YES: the first of these that knows."""
        low = reading.low(i)
        if low.startswith("[") or i in reading.protected or low in cues.ABBREVIATIONS:
            return NO
        if reading.beside(i) and reading.low(i - 1) in cues.TITLES:
            return self._after_title(reading, i)
        if len(low) == 1:
            return YES if reading.initials(i) else NO
        job_title = reading.beside(i) and reading.low(i - 1) in cues.JOB_TITLES and (reading.cap(i) or reading.shouting)
        if job_title and low not in self.lexicon.given_words:
            verdict = self._after_job_title(reading, i)
            if verdict:
                return verdict
        if (
            low in cues.NEVER_ALONE
            or low in cues.DAYS
            or (not self.lexicon.is_listed(low) and cues.NO_NAME.search(low))
        ):
            return NO
        if low in reading.pets or reading.comes_from(i):
            return NO
        if reading.drops_an_h(i) or reading.is_of_a_time(i) or reading.is_yes_or_no(i):
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
        low, title = reading.low(i), reading.low(i - 1)
        named = self.lexicon.is_listed(low) and reading.cap(i) and title in cues.TITLES_OF_ANYBODY  # Mr Cook, Dr Ward
        if len(low) == 1:
            return self._letter_after_title(reading, i)
        if (low in cues.NOT_A_SECOND_NAME and not named) or (low in cues.FACILITIES and not reading.cap(i)):
            return NO
        if not reading.cap(i) and self.lexicon.is_word(low) and ("." in reading.gap(i) or low in cues.NEVER_A_SURNAME):
            return NO
        if reading.cap(i):
            # "saw the Dr. However ..."
            ends_there = reading.gap(i).startswith(".") and self.lexicon.is_word(low) and len(low) > 1
            acronym = reading.acronym(i) and len(low) > 1
            return YES if self.lexicon.is_listed(low) or not (ends_there or acronym) else NO
        if not self.lexicon.is_word(low) or title in cues.ONLY_WITH_A_NAME:
            return YES
        if self.lexicon.is_listed(low):
            return YES if reading.acts(i) else ASK
        return NO

    def _letter_after_title(self, reading: Reading, i: int) -> int:
        """Dr T, "mrs p", and not "the dr i saw"."""
        ends_there = not reading.near(i + 1)
        if reading.cap(i):
            return YES if reading.low(i) not in ("i", "a") or ends_there else NO
        if reading.low(i) in ("i", "a", "u", "n") or reading.low(i - 2) in cues.DETERMINERS:
            return NO
        return YES

    def _after_job_title(self, reading: Reading, i: int) -> int:
        """Nurse Bell, Sister Church, DOCTOR PLUM: a job said as a title, before a word that is also a surname, or any word."""
        low, after = reading.low(i), reading.low(i + 1)
        if low in cues.NOT_A_SECOND_NAME or low in cues.NEVER_A_SURNAME:
            return NO
        if reading.acronym(i) or not self.lexicon.is_word(low):
            return NO  # or the other rules know better
        if low in cues.FACILITIES:  # Nurse Day
            return ASK if reading.cap(i - 1) and after in cues.AFTER_A_SMALL_NAME else NO
        if reading.shouting or not reading.cap(i - 1):
            clear = low not in cues.NO_SURNAME and (not reading.near(i + 1) or after in cues.AFTER_A_BARE_NAME)
            if not self.lexicon.is_listed(low):
                return ASK if reading.cap(i) and not reading.cap(i + 1) else NO  # "staff nurse Peace"
            return YES if clear else ASK
        if reading.cap(i + 1) and reading.beside(i + 1) and self.lexicon.is_word(after):  # Nurse Led Clinic
            return ASK if self.lexicon.is_listed(low) else NO
        return YES if self.lexicon.is_listed(low) else ASK

    def _given(self, reading: Reading, i: int) -> int:
        """A given name that is no ordinary word."""
        low = reading.low(i)
        if reading.dated(i):
            return NO
        if reading.acronym(i):
            return YES if len(low) > SHORT or (low in cues.SHORT_AND_SURE and reading.acts(i)) else NO
        clear = reading.introduced(i) or reading.job_follows(i) or reading.at_work(i) or reading.big(i)
        if not clear and (low in cues.SOMETIMES_WORDS or self._describes(reading, i)):
            return YES if reading.is_alone(i) and reading.cap(i) else self._given_or_word(reading, i)
        if low in self.lexicon.places and reading.low(i - 1) in cues.PLACE_PREPOSITIONS and not reading.acts(i):
            return YES if clear or reading.low(i + 1) in ("at", "on") else ASK
        if clear or reading.cap(i) or len(low) > SHORT or low in cues.SHORT_AND_SURE:
            return YES
        second = reading.low(i + 1)  # "mei xin"
        if reading.beside(i + 1) and self.lexicon.is_listed(second) and not self.lexicon.is_word(second):
            return YES
        return ASK if len(low) == SHORT or reading.addressed(i) or reading.acts(i) else NO

    def _given_or_word(self, reading: Reading, i: int) -> int:
        """Rob, who is no verb, and the Nelson trolley, which is nobody: where somebody acts or is spoken to, a name."""
        follows = cues.AFTER_A_VERB if reading.cap(i) else cues.AFTER_A_SMALL_ONE
        if reading.low(i + 1) in follows and reading.beside(i + 1):  # "rob me blind", "Lance the boil"
            return ASK if reading.cap(i) else NO
        if self._describes(reading, i):
            return ASK
        if reading.cap(i) and (not reading.is_start(i) or reading.owns(i)):
            return YES
        return YES if reading.addressed(i) or reading.acts(i, plainly=not reading.cap(i)) else ASK

    def _describes(self, reading: Reading, i: int) -> bool:
        """The Nelson trolley, a Carmen chair: with an article, before an ordinary word."""
        after = reading.low(i + 1)
        return (
            reading.beside(i)
            and reading.low(i - 1) in ("the", "a", "an", "every")
            and reading.beside(i + 1)
            and not reading.cap(i + 1)
            and self.lexicon.is_word(after)
            and after not in cues.AFTER_A_BARE_NAME
        )

    def _word_name(self, reading: Reading, i: int) -> int:
        """Grace, May, Will, with a capital."""
        low = reading.low(i)
        if reading.acronym(i) or reading.dated(i):
            return NO
        if (
            reading.introduced(i)
            or reading.job_follows(i)
            or reading.surname_follows(i)
            or self._before_initial(reading, i)
        ):
            return YES
        if reading.beside(i) and i - 1 in reading.protected and reading.cap(i - 1):  # Holt Fleet
            return NO
        if reading.is_start(i) or low in cues.CALENDAR:
            if low in cues.CALENDAR and low not in cues.MONTH_NAMES:
                return ASK if reading.acts(i, plainly=True) else NO
            after = reading.low(i + 1)
            if reading.acts(i, plainly=True) or reading.owns(i) or self._is_at_work(reading, i):
                return YES
            if reading.is_alone(i):
                return ASK if low in cues.STAYS_ALONE else YES
            does = after in cues.BE or after.endswith("ed")
            seems_a_subject = does or after in cues.PREPOSITIONS_OF_WORK or not reading.near(i + 1)
            listed = reading.gap(i + 1).startswith(",") and reading.cap(i + 1)  # not "Hope, patience and luck"
            return ASK if (seems_a_subject and not reading.gap(i + 1).startswith(",")) or listed else NO
        if reading.low(i - 1) in cues.DETERMINERS - cues.OWNERS or reading.in_a_title(i):
            return NO
        if reading.acts(i, plainly=low in cues.MONTH_NAMES) or reading.owns(i) or reading.at_work(i):
            return YES
        if low in cues.MONTH_NAMES and reading.low(i - 1) not in cues.THANKS:
            return ASK
        return YES if reading.near(i) and reading.low(i - 1) in cues.BEFORE_A_NAME else ASK

    def _is_at_work(self, reading: Reading, i: int) -> bool:
        """Sue on the desk was lovely, Joy and her team, "Rose from the kitchen": whom the sentence begins with works there."""
        low = reading.low(i)
        a_quality = low in cues.WITHOUT_ARTICLE | cues.COMMON_QUALITIES  # faith in the team, comfort on the ward
        at_a_post = reading.low(i + 2) in cues.POSTS or reading.low(i + 3) in cues.POSTS
        if reading.works_well(i, strictly=a_quality and not at_a_post) or reading.leads(i):
            return True
        if low in cues.VERB_LIKE or a_quality or not reading.at_work(i):
            return reading.low(i + 1) == "from" and reading.at_work(i) and low not in cues.VERB_LIKE
        return reading.low(i + 1) == "from" or reading.low(i + 2) in cues.POSTS

    def _before_initial(self, reading: Reading, i: int) -> bool:
        """Precious A, Maureen B: a name told from another by the first letter of the surname."""
        after = reading.low(i + 1)
        return reading.beside(i + 1) and reading.cap(i + 1) and len(after) == 1 and after != "i"

    def _small_word_name(self, reading: Reading, i: int) -> int:
        """will, may, bill, in small letters: only where nothing but a name fits."""
        low, after = reading.low(i), reading.low(i + 1)
        if reading.dated(i):
            return NO
        if low == "will" and after in ("was", "is", "has", "had") and reading.beside(i + 1):
            return YES
        if reading.job_follows(i) or reading.at_work(i) or reading.surname_follows(i):
            return YES
        if low in cues.VERB_LIKE and low in (reading.low(i - 1), after) and self._is_the_name_of_two(reading, i):
            return YES
        if reading.is_start(i) and after in cues.DEEDS - cues.BE and reading.beside(i + 1):  # "april brought my tea"
            return YES
        # "the cleaner, joy, ..."
        if reading.low(i - 1) in cues.JOBS and "," in reading.gap(i) and "," in reading.gap(i + 1):
            return YES
        spoken_to = reading.low(i - 1) in cues.SPOKEN_TO - {"our", "old"} and reading.beside(i)
        found = reading.low(i - 1) in ("was", "is", "its", "it's") and after == "who"  # "it was hunter who"
        if (spoken_to or found) and low not in cues.WITHOUT_ARTICLE and low not in cues.VERB_LIKE:
            return YES
        if not reading.introduced(i, strictly=True):
            return ASK if self._may_be_small(reading, i) else NO
        if low in cues.VERB_LIKE:
            return YES if not reading.near(i + 1) or after in cues.AFTER_A_SMALL_VERB else NO
        ends_there = not reading.beside(i + 1) or after in cues.AFTER_A_SMALL_NAME
        return YES if ends_there else ASK

    def _may_be_small(self, reading: Reading, i: int) -> bool:
        """Where a bare word-name is doubtful: "drew from iapt", "heard from olive", "storm came in"."""
        low, after = reading.low(i), reading.low(i + 1)
        if reading.low(i - 1) in cues.DETERMINERS - cues.OWNERS and reading.beside(i):
            return False
        if reading.introduced(i) and (not reading.near(i + 1) or after in cues.AFTER_A_BARE_NAME):
            return True
        if reading.low(i - 1) in cues.SPOKEN_TO and reading.beside(i):  # "told hazel everything"
            return True
        if low in cues.WITHOUT_ARTICLE:
            return reading.is_start(i) and reading.low(i + 1) in ("was", "is") and reading.low(i + 2) in ("the", "a")
        starts = reading.is_start(i) or reading.low(i - 1) in ("and", "but", "even", "can")
        return reading.addressed(i) or (
            starts and (after in cues.DEEDS or after.endswith("ed")) and reading.beside(i + 1)
        )

    def _is_the_name_of_two(self, reading: Reading, i: int) -> bool:
        """Of "to bill bill" the second is the name, of "will will ring" the first."""
        if reading.low(i) == reading.low(i - 1):
            return reading.beside(i) and reading.low(i - 2) in cues.BEFORE_A_VERB
        return reading.beside(i + 1) and reading.low(i - 1) not in cues.BEFORE_A_VERB

    def _ordinary_word(self, reading: Reading, i: int) -> int:
        """A surname that is an ordinary word: Nurse Baker."""
        low, before, after = reading.low(i), reading.low(i - 1), reading.low(i + 1)
        if reading.acronym(i):
            return NO
        if not reading.cap(i):
            return self._small_surname_word(reading, i)
        if self._is_double_barrelled(reading, i):
            return YES
        if low not in self.lexicon.surname_words:  # my son Forest, "i'm called Gale"
            alone = low not in cues.NOT_A_SECOND_NAME and not reading.cap(i + 1) and not reading.cap(i - 1)
            return ASK if alone and reading.beside(i) and (before in cues.KIN or before in ("called", "named")) else NO
        if reading.opens(i) < i and low not in cues.FACILITIES:  # J. Bell
            return YES
        if low in cues.NOT_A_SECOND_NAME or low in cues.FACILITIES or not reading.beside(i):
            return NO
        if before not in cues.JOBS or before in cues.DEPARTMENTS:
            return NO
        return YES if not reading.near(i + 1) or after in cues.AFTER_A_SMALL_NAME else NO

    def _is_double_barrelled(self, reading: Reading, i: int) -> bool:
        """Smith-Cooper, and neither Well-Being nor May-June."""
        parts = reading.words[i].raw.split("-")
        return len(parts) > 1 and all(
            part.istitle() and part.lower() in self.lexicon.surname_words - cues.TIMES for part in parts
        )

    def _small_surname_word(self, reading: Reading, i: int) -> int:
        """A surname that is an ordinary word, in small letters: only a question, after "called" or "sister"."""
        before, ends_there = reading.low(i - 1), not reading.near(i + 1) or reading.low(i + 1) in cues.AFTER_A_BARE_NAME
        if reading.low(i) in cues.NOT_A_SECOND_NAME or reading.low(i) in cues.FACILITIES or not ends_there:
            return NO
        named = before in ("called", "named") and reading.introduced(i, strictly=True)
        after_sister = self.lexicon.is_listed(reading.low(i)) and reading.beside(i) and before in cues.JOB_TITLES
        return ASK if named or after_sister else NO

    def _strange_word(self, reading: Reading, i: int) -> int:
        """A surname, or a word on no list at all, with a capital."""
        low = reading.low(i)
        if reading.acronym(i) or reading.mixed(i) or low in cues.FACILITIES or len(low) < SHORT:
            return NO
        if low in self.lexicon.places and low not in self.lexicon.surnames:
            return NO
        first = reading.opens(i)
        if reading.introduced(first) or reading.at_work(i) or reading.is_initial(i - 1):
            return YES
        if reading.job_follows(i):  # "since Chernobyl my mother"
            return YES if self.lexicon.is_listed(low) or reading.gap(i + 1).strip() else ASK
        if first < i and reading.low(first - 1) in cues.TITLES:  # Dr van der Zwan
            return YES
        if reading.low(i - 1) == "the" and self._is_a_family(reading, i):
            return YES
        # the Whizzalator, speaks Pahari, West Drayford
        if reading.beside(i) and reading.low(i - 1) in cues.BEFORE_A_THING:
            return NO
        if reading.beside(i + 1) and reading.low(i + 1) in cues.ONLY_PEOPLE and not self.lexicon.is_misspelt(low):
            return YES
        if reading.is_start(i) and self._surely_somebody(reading, i):
            return YES
        if not reading.is_start(i):
            near = reading.near(first) and not reading.cap(i + 1)
            return YES if near and reading.low(first - 1) in cues.SPOKEN_TO else ASK
        if reading.gap(i + 1) == " (":  # a list: Biscuit (volunteer, Tuesdays)
            return YES
        return NO if self.lexicon.is_misspelt(low) and not reading.acts(i) else ASK

    def _is_a_family(self, reading: Reading, i: int) -> bool:
        """The Preeces next door."""
        low = reading.low(i)
        plural = low.endswith("s") and (
            low[:-1] in self.lexicon.surnames or low.removesuffix("es") in self.lexicon.surnames
        )
        return (
            plural
            and reading.beside(i + 1)
            and reading.low(i + 1) in ("next", "opposite", "family", "across", "live", "lived")
        )

    def _surely_somebody(self, reading: Reading, i: int) -> bool:
        """Nguyen was good, Jhon helped me, Thandeka was kind: at the head of a sentence, whatever the country of the name.

        A listed surname or a given name with a slip needs what a person does, a word on no list what is said of people alone.
        """
        low = reading.low(i)
        if low in self.lexicon.places and low not in self.lexicon.surnames:
            return False
        is_a_subject = reading.acts(i, plainly=True) or reading.works_well(i) or reading.leads(i)
        if is_a_subject and (low in self.lexicon.surnames or self.lexicon.is_misspelt_name(low)):
            return True
        return reading.near(i + 1) and reading.praised(i + 1, narrowly=True) and not self.lexicon.is_near_a_word(low)

    def _small_strange_word(self, reading: Reading, i: int) -> int:
        """A surname, or a word on no list at all, in small letters."""
        low = reading.low(i)
        if low in cues.FACILITIES or low in self.lexicon.places or self.lexicon.is_care_by_ear(low):
            return NO
        if self.lexicon.is_surname(low) and len(low) > SHORT + 1:
            return YES
        if reading.is_initial(i - 1) and len(low) > SHORT and not reading.cap(i - 1):  # "s. tattersall"
            return YES
        if self.lexicon.is_surname(low) and reading.introduced(i, strictly=True):  # "staff nurse lal"
            return YES
        if len(low) <= SHORT or self.lexicon.is_misspelt(low):
            return ASK if self._may_be_strange(reading, i) else NO
        stands_like_a_name = (
            reading.introduced(i, strictly=not reading.shouting)
            or reading.job_follows(i)
            or reading.at_work(i)
            or reading.owns(i)
            or (reading.low(i + 1) in cues.DEEDS - cues.BE and reading.beside(i + 1))
        )
        return YES if stands_like_a_name else ASK if self._may_be_strange(reading, i) else NO

    def _may_be_strange(self, reading: Reading, i: int) -> bool:
        """Where a strange word, even one near an ordinary word, is doubtful: "cheers fitzy", "nanny fliss", "kez has"."""
        if self.lexicon.is_word(reading.low(i)):
            return False
        pet_name = reading.beside(i) and reading.low(i - 1) in cues.NICKNAMES
        at_the_head = reading.is_start(i) and reading.beside(i + 1) and reading.low(i + 1) in cues.DEEDS
        spoken_to = reading.low(i - 1) in cues.SPOKEN_TO and reading.beside(i)
        towards = reading.addressed(i) and not self.lexicon.is_misspelt(reading.low(i))  # not "was freindly and"
        works = reading.at_work(i) or reading.job_follows(i)
        return pet_name or at_the_head or works or spoken_to or towards
