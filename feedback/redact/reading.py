"""Split a text into words and answer the questions that tell a name from a word: how is it written, what stands beside it.

A rule may look over the edge of the text: an index outside it is the empty word. Nothing here decides; `people` does.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from feedback.redact import cues
from feedback.redact.names import TOKEN, Lexicon, plain

ENDS = ".!?\n\r•*|"  # a capital after one of these says nothing
SHOUTING = 0.7  # share of capital letters above which capitals say nothing either
SHORT_TEXT = 8  # letters; "OK" does not shout
BETWEEN = " ,(:-–—=\"'‘“"  # what may part a name from the word that introduces it


class Word(NamedTuple):
    """One word of a text: where it stands, as written, and plain (small letters, no accents)."""

    start: int
    end: int
    raw: str
    low: str


class Reading:
    """A text as words. `sure` and `asked` are the words that are names by rule, and those the guard decides.

    `ruled` is the rules' verdict on each word that can be a name at all, as it was when the words before it had been decided.
    """

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.lexicon = lexicon
        self.words = [Word(m.start(), m.end(1), m[1], plain(m[1])) for m in TOKEN.finditer(text)]
        self.sure: set[int] = set()
        self.asked: set[int] = set()
        self.ruled: dict[int, int] = {}

    # ---- how it is written ------------------------------------------------------------------------------------------

    def low(self, i: int) -> str:
        """The word in small letters, or "" outside the text."""
        return self.words[i].low if 0 <= i < len(self.words) else ""

    def gap(self, i: int) -> str:
        """What stands between the word before and this one."""
        if not 0 <= i <= len(self.words) or not self.words:
            return "\n"
        start = self.words[i - 1].end if i else 0
        return self.text[start : self.words[i].start if i < len(self.words) else len(self.text)]

    def beside(self, i: int) -> bool:
        """Whether only a space (or the stop of "Dr." and "J.") parts this word from the one before."""
        if not 0 < i < len(self.words):
            return False
        gap = self.gap(i)
        return gap in (" ", "  ") or (
            gap.strip() == "." and (len(self.low(i - 1)) == 1 or self.low(i - 1) in cues.TITLES)
        )

    def near(self, i: int) -> bool:
        """Whether at most a comma, bracket, quotation mark, dash or colon parts this word from the one before."""
        return self.beside(i) or (0 < i < len(self.words) and not self.gap(i).strip(BETWEEN))

    def is_start(self, i: int) -> bool:
        """Whether the word opens a sentence, a line or a quotation."""
        return i <= 0 or (not self.beside(i) and any(c in ENDS or c in '"“‘:' for c in self.gap(i)))

    @cached_property
    def shouting(self) -> bool:
        """Whether the whole text is in capitals."""
        letters = [c for c in self.text if c.isalpha()]
        return len(letters) > SHORT_TEXT and sum(c.isupper() for c in letters) > SHOUTING * len(letters)

    def cap(self, i: int) -> bool:
        """Whether the word has a capital that may mean something."""
        return 0 <= i < len(self.words) and self.words[i].raw[0].isupper() and not self.shouting

    def acronym(self, i: int) -> bool:
        """Whether the word is all capitals in a text that is not."""
        return self.cap(i) and len(self.words[i].raw) > 1 and self.words[i].raw.isupper()

    def mixed(self, i: int) -> bool:
        """Whether capitals stand inside the word, as in GPs and WiFi, but not in McCall, O'Dowd or Ellie-Mae."""
        parts = re.split(r"[-'’]|(?<=^Mc)|(?<=^Mac)", self.words[i].raw)
        return any(part[1:] != part[1:].lower() for part in parts)

    def opens(self, i: int) -> int:
        """Where the initials and particles before a surname begin: the R of R. K. Lumb, the van of van der Zwan."""
        while self.beside(i) and (self.low(i - 1) in cues.PARTICLES or self.is_initial(i - 1)):
            i -= 1
        return i

    def is_initial(self, i: int) -> bool:
        """Whether one letter stands for a name: S. Tattersall, M E Cattermole, but not "I" or "a"."""
        low = self.low(i)
        if len(low) != 1 or low == "i" or not self.beside(i + 1):
            return False
        if self.gap(i + 1).startswith("."):
            return True
        if self.cap(i):
            return low != "a"
        twice = any(len(self.low(j)) == 1 and self.low(j) not in cues.LETTER_WORDS for j in (i - 1, i + 1))
        return twice and low not in cues.LETTER_WORDS  # "p j thackeray"

    def possessive(self, i: int) -> bool:
        """Whether 's follows the word."""
        return self.text[self.words[i].end : self.words[i].end + 2].lower() in ("'s", "’s")

    def is_name(self, i: int) -> bool:
        """Whether the word is already known to be a name, by rule or as a placeholder."""
        return i in self.sure or self.low(i).startswith("[person")

    # ---- what tells against a person --------------------------------------------------------------------------------

    @cached_property
    def protected(self) -> set[int]:
        """The words that are part of a service, place, brand, illness or date, and of no person's name."""
        found: set[int] = set()
        for i, word in enumerate(self.words):
            for phrase in self.lexicon.phrases.get(word.low, ()):
                end = i + len(phrase)
                if end <= len(self.words) and all(self.words[i + n].low == part for n, part in enumerate(phrase)):
                    if not self._person_after_all(i, end):
                        found.update(range(i, end))
                    break
        return found

    def _person_after_all(self, i: int, end: int) -> bool:
        """Nurse Holt is a person, and Hadley who is my niece; Holt Ward, the nurse on Monday and Dr Google are not."""
        before = self.low(i - 1) if self.near(i) else ""
        if self.low(i) in cues.CALENDAR and end - i == 1 and self.cap(i) and self.beside(i):  # Mr Friday, Nurse March
            return before in cues.TITLES or (before in cues.JOB_TITLES and self.cap(i - 1))
        if self.low(i).removesuffix("s") in cues.CALENDAR or (self.low(end) in cues.FACILITIES and self.beside(end)):
            return False
        if before in cues.TITLES:
            return end - i == 1 or before != self.low(i)
        if end - i > 1 or not self.lexicon.is_listed(self.low(i)):
            return False
        if self.low(end) in ("is", "was", "and") and self.low(end + 1) in cues.OWNERS and self.low(end + 2) in cues.KIN:
            return True
        if self.low(i) in self.lexicon.local and not self.acts(i):  # the LD nurse, Worcester
            return False
        return (
            (before in cues.JOBS and before != "gp")
            or before in cues.CALLED
            or (self.beside(i) and self.lexicon.is_given(before))
        )

    @cached_property
    def pets(self) -> frozenset[str]:
        """The names that the text gives to animals and things: my cat Gerald, Monty the therapy dog, a hoist named Margaret."""
        found: set[str] = set()
        for i, word in enumerate(self.words):
            if word.low in cues.ANIMALS:
                found.update(self._names_beside(i))
        return frozenset(found)

    def _names_beside(self, i: int) -> Iterator[str]:
        if self.near(i + 1) and self.cap(i + 1):
            yield self.low(i + 1)
        for j in range(i + 1, i + 5):
            if self.low(j) in ("called", "named") and not any(
                self.low(k) in cues.PERSON_NOUNS - {"dog's"} for k in range(i + 1, j)
            ):
                yield self.low(j + 1)
        for j in (i - 1, i - 2, i - 3):  # Ronnie the tortoise; Monty, our old therapy dog; Charlie was my dog
            if self.low(j) in cues.BEFORE_A_JOB and self.near(j):
                yield self.low(j - 2 if self.low(j - 1) in ("is", "was") else j - 1)
                return

    def comes_from(self, i: int) -> bool:
        """Whether the word is where somebody is from: "she is from Lviv", "born in Tarnów"."""
        return self.beside(i) and self.low(i - 1) in ("from", "in", "near", "outside") and self.low(i - 2) in cues.BORN

    def names_a_place(self, i: int) -> bool:
        """Iris Suite, Thompson Centre, Martha's Corner; and Ashton, where the text says "from Ashton"."""
        cap, after = self.cap(i), i + 1
        if (
            cap
            and self.cap(after)
            and self.beside(after)
            and self.low(after + 1) in cues.FACILITIES
            and self.beside(after + 1)
        ):
            after += 1
        gap = self.gap(after)
        if cap and after == i + 1 and self._has_surname(i):
            return False
        small = not self.possessive(i) and self.low(after) not in cues.AS_CAPITALS_ONLY
        if (
            self.low(after) in cues.FACILITIES
            and gap
            and not gap.strip("'’sS ")
            and (small or (cap and self.cap(after)))
        ):
            return True
        return self.low(i) in self._visited

    def _has_surname(self, i: int) -> bool:
        """Enid Vale, Iris Hill's: a given name before a word that is also part of a place, where no place stands."""
        surname = i + 1
        if not (self.cap(surname) and self.beside(surname) and self.low(surname) in self.lexicon.surname_words):
            return False
        if not self.lexicon.is_given(self.low(i)) or self.low(i - 1) in cues.PLACE_PREPOSITIONS | cues.DETERMINERS:
            return False
        return (
            self.possessive(surname)
            or self.low(surname + 1) in cues.DOES
            or self.low(i - 1) in cues.BE | cues.NAME_FIELDS | cues.IT_IS
        )

    @cached_property
    def _visited(self) -> set[str]:
        """The listed places that the text goes to, comes from or is in."""
        return {
            word.low
            for i, word in enumerate(self.words)
            if word.low in self.lexicon.places
            and i not in self.protected
            and self.beside(i)
            and self.low(i - 1) in cues.PLACE_PREPOSITIONS
            and self.low(i - 2) not in cues.SPEAKING
            and not (self.lexicon.is_given(word.low) and self._may_be_met(i))
        }

    def _may_be_met(self, i: int) -> bool:
        """Bryn and Asa are places, but people too: "put through to Bryn", "a letter from Bryn"."""
        if self.low(i - 1) == "from":
            return self.low(i - 2) in cues.SENT or self.acts(i)
        return self.low(i - 1) in ("to", "of", "through")

    def dated(self, i: int) -> bool:
        """Whether a word that is also a month stands for the month."""
        if self.low(i) not in cues.MONTH_NAMES or (self.is_start(i) and not self.cap(i) and self.at_work(i)):
            return False
        at_a_post = self.low(i + 2) in cues.POSTS or self.low(i + 3) in cues.POSTS
        if self.leads(i) or (
            self.is_start(i) and self.works_well(i, strictly=not at_a_post)
        ):  # "May in the pharmacy was kind"
            return False
        if any(c.isdigit() for c in self.gap(i)[-8:] + self.gap(i + 1)[:8]):
            return True
        return self.low(i - 1) in cues.MONTH_COMPANY or (self.beside(i + 1) and self.low(i + 1) in cues.MONTH_COMPANY)

    def in_a_title(self, i: int) -> bool:
        """Whether neighbours with capitals make it part of some other name: Rose Garden, New Hope."""
        return (self.beside(i + 1) and self._other_capital(i + 1)) or (self.beside(i) and self._other_capital(i - 1))

    def _other_capital(self, i: int) -> bool:
        low = self.low(i)
        if not self.cap(i) or self.is_start(i) or len(low) == 1 or not self.lexicon.is_word(low):
            return False
        return not (self.lexicon.is_listed(low) or low in cues.JOBS or low in cues.KIN or low in cues.TITLES)

    # ---- what stands before -----------------------------------------------------------------------------------------

    def introduced(self, i: int, *, strictly: bool = False) -> bool:
        """Whether a job, a relation or a word like "called" stands before the name.

        strictly: leave out what also stands before ordinary words in small letters ("my mum will", "called the ward").
        """
        before, then = self.low(i - 1), self.low(i - 2)
        if not self.near(i) or (self.possessive(i - 1) and before != "name"):  # "the nurse's satnav"
            return False
        if before in cues.JOBS or (before in cues.KIN and not (strictly and before in ("ex", "one", "law", "little"))):
            return self.beside(i) or not (strictly and self.low(i) in self.lexicon.given_words)
        if before in ("named", "name", "names", "nome", "signed"):
            return True
        if before in cues.CALLED:
            return not strictly or any(self.low(j) in cues.PERSON_NOUNS for j in range(i - 5, i - 1))
        if before in ("is", "was", "it's", "its", "e", "este") and then in ("name", "names", "nome", "numele"):
            return True
        if strictly:
            return False
        if (before == "of" and then == "name") or self.signs(i):
            return True
        if before in ("is", "was") and self.cap(i) and then in cues.JOBS | cues.KIN:  # my key worker is Oyinlola
            return True
        if (before == "for" and then in ("ask", "asked")) or before in cues.GREETING:
            return True
        if before == "done":
            return then == "well"
        return before in ("to", "you", "thanks") and bool({then, before} & {"thanks", "thank", "out", "well"})

    def nicknamed(self, i: int) -> bool:
        """They call him Sparky, known as Biscuit: whatever the word means."""
        before, then = self.low(i - 1), self.low(i - 2)
        if not self.cap(i) or self.acronym(i) or not self.near(i):
            return False
        return (then in cues.CALLING) if before in ("him", "her", "me") else (then, before) in cues.KNOWN_AS

    def signs(self, i: int) -> bool:
        """Yours, Piers: after a farewell, at the end of all."""
        return self.cap(i) and i >= len(self.words) - 2 and self.near(i) and self.low(i - 1) in cues.FAREWELLS

    def big(self, i: int) -> bool:
        """Big Al, "wee jimmy"."""
        return self.beside(i) and self.low(i - 1) in cues.ALWAYS_NICKNAMES

    def addressed(self, i: int) -> bool:
        """Whether the word stands bare where a person would: "discharged by wren", "thank you jun", "tell oumar"."""
        if not self.near(i) or self.possessive(i - 1):
            return False
        before = self.low(i - 1)
        towards = (
            before in cues.BEFORE_A_BARE_NAME or before in cues.THANKS or (before, self.low(i - 2)) == ("you", "thank")
        )
        return towards and (not self.near(i + 1) or self.low(i + 1) in cues.AFTER_A_BARE_NAME)

    def initials(self, i: int) -> bool:
        """T.J., where a name must stand."""
        if not (self.cap(i) and self.gap(i + 1) == "." and len(self.low(i + 1)) == 1 and self.cap(i + 1)):
            return False
        if "".join(self.low(j) for j in range(i, i + 3) if len(self.low(j)) == 1) in cues.ABBREVIATIONS:
            return False
        return self.introduced(i) or self.low(i - 1) in ("for", "by", "with", "to", "from", "and", "of")

    # ---- what stands after ------------------------------------------------------------------------------------------

    def acts(self, i: int, *, plainly: bool = False) -> bool:
        """Whether what follows is what a person does: said, rang, was lovely. plainly: "was" alone does not do."""
        after, then = self.low(i + 1), self.low(i + 2)
        if not self.near(i + 1):
            return False
        if after in ("be", "been"):  # "can June be moved"
            return False
        if after in cues.BE:
            return not plainly or then in cues.PRAISE or then in cues.DOES
        return after in cues.DOES or after == "who" or (after == "and" and self.is_name(i + 2))

    def owns(self, i: int) -> bool:
        """Dawn's class."""
        return self.possessive(i) and not self.cap(i + 1)

    def job_follows(self, i: int) -> bool:
        """Gareth the night nurse; Ffion, our OT; Idris my uncle; "will the porter wheeled me"."""
        if not self.near(i + 1):
            return False
        if self.low(i + 1) in ("is", "was") and self.low(i + 2) in cues.OWNERS and self.low(i + 3) in cues.KIN:
            return True  # Hadley is our daughter
        article = self.low(i + 1)
        if article not in cues.BEFORE_A_JOB:
            return self.cap(i) and article in cues.JOBS and any(c in self.gap(i + 1) for c in "(,-–")
        for j in range(i + 2, i + 5):
            if self.low(j) in cues.JOBS or (self.low(j) in cues.KIN and article in cues.OWNERS):
                if self.cap(i) and self.low(i) not in cues.VERB_LIKE:
                    return True
                while self.low(j + 1) in cues.JOBS:
                    j += 1
                return self.low(j + 1) in cues.DEEDS or self.low(j + 1).endswith("ed") or not self.near(j + 1)
            if not self.beside(j + 1):
                return False
        return False

    def at_work(self, i: int) -> bool:
        """Mavis on reception; "ask bill in the kitchen"."""
        if (
            self.low(i + 1) not in cues.PREPOSITIONS_OF_WORK
            or not self.near(i + 1)
            or self.low(i - 1) in ("from", "in")
        ):
            return False
        j = i + 2 + (self.low(i + 2) in ("the", "your", "our", "my"))
        if self.low(j) not in cues.WHERE_PEOPLE_WORK and self.low(j + 1) not in cues.WHERE_PEOPLE_WORK:
            return False
        return self.cap(i) or self.is_start(i) or self.low(i - 1) in cues.THANKS or self.low(i - 1) in cues.TOWARDS

    def works_well(self, i: int, *, strictly: bool = False) -> bool:
        """Sue on the desk was lovely, Joy at Leominster helped me: someone in a place who is praised or does something.

        strictly: only praise that is said of people alone; "Comfort on the ward was good" names nobody.
        """
        if self.low(i + 1) not in cues.PREPOSITIONS_OF_WORK - {"of"} or not self.beside(i + 1):
            return False
        known = self.at_work(i)
        for j in range(i + 3, i + 8):
            if not self.beside(j - 1) or not self.near(j):
                return False
            if self.low(j) in cues.BE or self.low(j) in cues.DEEDS:
                there = known or self.cap(j - 1) or self.low(j - 1) in self.lexicon.places
                return there and (self.praised(j) or (not strictly and known and self.acts(j - 1, plainly=True)))
        return False

    def praised(self, verb: int, *, narrowly: bool = False) -> bool:
        """Whether what follows `verb` is said of people alone: was very kind, is my nurse, listened.

        narrowly: leave out what is said of charities and houses too ("Homestart was supportive").
        """
        if self.low(verb) not in cues.BE:
            return self.low(verb) in cues.ONLY_PEOPLE
        j = verb + 1
        while self.low(j) in cues.MORE and self.beside(j):
            j += 1
        if self.low(j) in (cues.PERSON_ONLY if narrowly else cues.PERSON_PRAISE) and self.beside(j):
            return True
        return self.low(j) in cues.BEFORE_A_JOB and any(self.low(k) in cues.JOBS for k in range(j + 1, j + 4))

    def leads(self, i: int) -> bool:
        """Grace and the team, Joy and her staff."""
        if self.low(i + 1) not in ("and", "&") and self.gap(i + 1).strip() != "&":
            return False
        j = i + 1 + (self.low(i + 1) == "and")
        owned = self.low(j) in ("her", "his")
        if not owned and self.low(j) not in ("the", "all", "their"):
            return False
        team = cues.THEIR_TEAM if owned else cues.THEIR_TEAM - {"staff", "nurses"}
        return any(self.low(k) in team for k in (j + 1, j + 2, j + 3))

    def is_alone(self, i: int) -> bool:
        """Whether the word is all there is of the text."""
        return len(self.words) == 1 and not any(c.isalnum() for c in self.gap(0) + self.gap(1))

    def drops_an_h(self, i: int) -> bool:
        """'Er was lovely: the h that is left out is no sign of a name."""
        return self.gap(i).endswith(("'", "’", "‘")) and f"h{self.low(i)}" in self.lexicon.words

    def is_of_a_time(self, i: int) -> bool:
        """Summer was hot, Dawn on the ward was cold: a season or an hour, of which nothing is said that is said of people."""
        if self.low(i) not in cues.TIMES:
            return False
        verbs = (j for j in range(i + 1, i + 6) if self.low(j) in cues.BE)
        return any(self.low(j + 1) in cues.OF_A_TIME for j in verbs)

    def is_yes_or_no(self, i: int) -> bool:
        """Nein, Tak, Si: all of the answer, in any language."""
        return self.low(i) in cues.YES_NO and self.is_alone(i)

    def surname_follows(self, i: int) -> bool:
        """Hope Patel, joy okafor: a word-like name before a surname that is no word."""
        after = self.low(i + 1)
        return (
            self.beside(i + 1)
            and self.cap(i) == self.cap(i + 1)
            and not self.acronym(i + 1)
            and i + 1 not in self.protected
            and (self.lexicon.is_surname(after) or self._strange_after(i))
            and after not in self.lexicon.places
            and not self.lexicon.is_word(after)
            and self.low(i + 2) not in cues.FACILITIES
        )

    def _strange_after(self, i: int) -> bool:
        """Iris Colcombe: a surname on no list, after a name that is no verb."""
        after = self.low(i + 1)
        fits = self.cap(i) and len(after) > 3 and self.low(i) not in cues.VERB_LIKE | cues.CALENDAR
        return fits and not self.mixed(i + 1) and not self.lexicon.is_misspelt(after)
