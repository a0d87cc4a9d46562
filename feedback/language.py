"""Name the language of a comment, sentence by sentence, leaving short, misspelt and dialect English alone.

Two errors are possible, and neither is small: an English comment held for translation is a voice not heard for days, and a
comment in another language that is taken for English is scored as if it had been understood, "Je veux mourir" as neutral.
So English is known by its words (the list that redaction uses too), other languages by theirs (data/languages.yml), and
where the lists say too little, py3langid is asked; by itself it takes "ok" for Polish and "ta love" for Latin.
A script decides at once. A comment of which one sentence is in another language counts as in that language: nobody has read it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from feedback.errors import BadModel
from feedback.settings import DATA

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SURE = 0.9  # py3langid's probability, 0 to 1, from which it is a witness
SENTENCE = (
    3  # words from which a sentence is judged by itself; a shorter whole comment must be all of one language's words
)
HALF, MOST = 0.5, 0.6  # shares of a sentence's words: of the language's own list, or that are no English words
OPPOSING = 1 / 3  # share of words that only English has, from which a sentence is English
ALL_STRANGE, NEARLY_ALL = (
    4,
    0.75,
)  # words, and their share, none of them a slip of English: some language, whichever it is
SLIPPED, SLIPPED_TWICE = (
    5,
    7,
)  # letters from which a word may be an English one with one slip, with two; short ones are all alike
LONG_ENOUGH = 3  # letters; a shorter strange word is an abbreviation
FOREIGN_SCRIPT = 0.5  # share of the letters
IN_A_SCRIPT = 4  # letters of another script that are something said
_OF_SYLLABLES = frozenset(["zh", "ja", "ko"])  # where two letters are a word or two
UNKNOWN = "und"  # ISO 639-2's word for a language that nobody has told

_PLACEHOLDER = re.compile(r"\[[A-Z ]+\]")
_WORD = re.compile(
    rf"{_PLACEHOLDER.pattern}|[^\W\d_]+(?:['’][^\W\d_]+)*"
)  # what is hidden tells nothing, but stays a word
_SENTENCE = re.compile(r"[^.!?…;:\n\r。！？।۔]+")
_INITIALS = re.compile(r"(?<![^\W\d_])[^\W\d_]\.")  # "p.m." and "J. Smith" end no sentence

# Scripts by a range of their letters; those of several languages are told apart by py3langid or by a letter of their own.
SCRIPTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("\u0370-\u03ff", ("el",)),
    ("\u0400-\u04ff", ("uk", "ru", "bg")),
    ("\u0530-\u058f", ("hy",)),
    ("\u0590-\u05ff", ("he",)),
    ("\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff", ("ar", "ur", "fa", "ps", "ku")),
    ("\u0900-\u097f", ("hi", "ne", "mr")),
    ("\u0980-\u09ff", ("bn",)),
    ("\u0a00-\u0a7f", ("pa",)),
    ("\u0a80-\u0aff", ("gu",)),
    ("\u0b80-\u0bff", ("ta",)),
    ("\u0d00-\u0d7f", ("ml",)),
    ("\u0d80-\u0dff", ("si",)),
    ("\u0e00-\u0e7f", ("th",)),
    ("\u10a0-\u10ff", ("ka",)),
    ("\u1200-\u137f", ("am",)),
    ("\u3040-\u30ff", ("ja",)),
    ("\uac00-\ud7af", ("ko",)),
    ("\u4e00-\u9fff", ("zh",)),
)
_SCRIPTS = tuple((re.compile(f"[{letters}]"), languages) for letters, languages in SCRIPTS)
_OTHER_SCRIPT = re.compile(f"[{''.join(letters for letters, _ in SCRIPTS)}]")
# Letters that Arabic does not have: Urdu's retroflex ones and its last letters, then Pashto's, then Persian's.
_OWN_LETTERS = (("ur", "ٹڈڑںےھہ"), ("ps", "ټډړښځڅ"), ("fa", "پچژگ"))
_CYRILLIC = (("uk", "іїєґІЇЄҐ"), ("ru", "ыэёЫЭЁ"))


class Stretch(NamedTuple):
    """A sentence in another language, or a whole comment: offsets in the text, end exclusive, and its language."""

    start: int
    end: int
    language: str


def detect_language(text: str) -> str:
    """Name the language as ISO 639-1 (639-2 where it has no such code; "und" where it is surely not English and nobody knows which).

    "en" whenever another is not sure. Where several sentences are in other languages, that of the longest.

    >>> detect_language("Dziękuję bardzo za pomoc, pielęgniarka była miła")
    'pl'
    >>> detect_language("The staff were lovely. Mi marido espera y nadie viene.")
    'es'
    >>> detect_language("ta love, gd servis")
    'en'
    """
    found = foreign(text)
    return max(found, key=lambda stretch: stretch.end - stretch.start).language if found else "en"


def foreign(text: str) -> list[Stretch]:
    """The stretches of a text that are in another language, in order: the whole of it, sentences, or the rest of a sentence."""
    plain = _PLACEHOLDER.sub(lambda placeholder: " " * len(placeholder[0]), text)
    known = _lists()
    raw = _WORD.findall(text)
    if len(raw) > 1 and plain.isascii() and known.english.issuperset(map(str.lower, raw)):
        return []  # as most comments, at once
    sentences = [
        (m.start(), m.end(), list(_words(m[0], m.start(), known)))
        for m in _SENTENCE.finditer(_INITIALS.sub("  ", text))
    ]
    whole = _whole(plain, [word for *_, words in sentences for word in words], known)
    if whole:
        return [Stretch(0, len(text), whole)]
    return [stretch for start, end, words in sentences for stretch in _in_sentence(plain, start, end, words, known)]


def _whole(text: str, words: Sequence["_Word"], known: "_Lists") -> str | None:
    """The language of all of a comment; None where it is English, mixed, or cannot be told."""
    if not text.isascii() and _OTHER_SCRIPT.search(text) and (script := _script(text)):
        return script
    if len(words) == 1:
        return known.alone.get(words[0].form)
    told = any(word.languages and not word.english for word in words)
    if told and any(_only_english(word) for word in words) and _is_courteous(words, known):  # "muy bien, thanks"
        return None
    return _by_lists(text, words) or _by_ear(text, words, known)


def _in_sentence(text: str, start: int, end: int, words: Sequence["_Word"], known: "_Lists") -> Iterator[Stretch]:
    """A sentence of a comment that is not all in one language, or what of it is another's."""
    said = text[start:end]
    if not said.isascii() and _OTHER_SCRIPT.search(said):
        if sum(c.isalpha() for c in said) >= IN_A_SCRIPT and (script := _script(said)):
            yield Stretch(start, end, script)
        elif others := list(_in_another_script(text, start, end)):
            yield from others
            return
    told = any(word.languages and not word.english for word in words)
    # "Babcia, mama, ja" among English is a list of words that are spoken of; "Diolch yn fawr" is thanks in any language.
    if said.count(",") * 2 >= max(1, len(words) - 1) or (told and _is_courteous(words, known)):
        return
    if len(words) >= SENTENCE and (language := _by_lists(said, words) or _by_ear(said, words, known)):
        yield Stretch(start, end, language)
        return
    if len(words) == 1 and (cry := known.alone.get(words[0].form)):
        yield Stretch(start, end, cry)
        return
    for run in _runs(words) if told else ():  # "the nurse was kind but nikt mi nie pomaga"
        own = {word.form for word in run if word.languages and not word.english}
        if (
            len(run) > SENTENCE
            and len(own) >= SENTENCE
            and (language := _by_lists(text[run[0].start : run[-1].end], run))
        ):
            yield Stretch(run[0].start, run[-1].end, language)
        else:
            yield from _short(text, run, known)


def _only_english(word: "_Word") -> bool:
    return word.english and not word.languages and len(word.form) > 1


def _is_courteous(words: Sequence["_Word"], known: "_Lists") -> bool:
    """Whether nothing is said in another language but greetings and thanks; true of no words too."""
    return all(word.form in known.courtesies or word.name or _only_english(word) for word in words)


def _in_another_script(text: str, start: int, end: int) -> Iterator[Stretch]:
    """What is said in letters that are not Latin, within a sentence that mostly is: "kind but он меня бьёт"."""
    for pattern, languages in _SCRIPTS:
        found = [start + m.start() for m in pattern.finditer(text[start:end])]
        if len(found) >= IN_A_SCRIPT or (languages[0] in _OF_SYLLABLES and len(found) > 1):
            said = text[found[0] : found[-1] + 1]
            yield Stretch(found[0], found[-1] + 1, languages[0] if len(languages) == 1 else _among(said, languages))


def _runs(words: Sequence["_Word"]) -> Iterator[list["_Word"]]:
    """What stands between the words that are English and no other language's, where there is more than a word of it."""
    for is_english, run in groupby(words, lambda word: word.english and not word.languages):
        if not is_english and len(told := list(run)) > 1:
            yield told


def _short(text: str, run: Sequence["_Word"], known: "_Lists") -> Iterator[Stretch]:
    """What two or more words side by side say in one language, greetings and thanks apart: "but quiero morir", "mąż mnie bije"."""
    for language in sorted({language for word in run for language in word.languages}):
        for its, some in groupby(run, lambda word, language=language: language in word.languages and not word.name):  # type: ignore[misc]
            if its and _says_something(said := list(some), text, known):
                yield Stretch(said[0].start, said[-1].end, language)
                return


def _says_something(words: Sequence["_Word"], text: str, known: "_Lists") -> bool:
    """Whether words of one language, side by side, are surely said in it, and are more than a courtesy, a name or a list."""
    own = {word.form for word in words if not word.english}
    if not own or own <= known.courtesies:
        return False
    grave = sum(len(word.form) > 1 for word in words) > 1 and any(word.form in known.grave for word in words)
    if not grave and (len(own) == 1 or max(map(len, own)) <= SENTENCE or own <= known.names):
        return False
    return "," not in text[words[0].start : words[-1].end]


# ------------------------------------------------------------------------------------------------------ words and lists


class _Word(NamedTuple):
    """A word: where it stands, its plain form, the languages that have it, and whether it is English, or a name that tells nothing."""

    start: int
    end: int
    form: str
    languages: frozenset[str]
    english: bool
    name: bool


def _words(sentence: str, start: int, known: "_Lists") -> Iterator[_Word]:
    """The words of a sentence that begins at `start`, those of loan phrases as English."""
    matches = list(_WORD.finditer(sentence))
    forms = [_plain(m[0]) for m in matches]
    loans = known.loans_in(forms)
    shouting = all(m[0].isupper() for m in matches)
    for i, (match, form) in enumerate(zip(matches, forms, strict=True)):
        word = match[0]
        capital = word[0].isupper() and not shouting
        acronym = len(word) > 1 and word.isupper() and not shouting
        english = i in loans or known.is_english(word)
        languages = known.languages(form) if i not in loans else frozenset()
        name = word[0] == "[" or (not english and (acronym or (capital and (i > 0 or form in known.names))))
        yield _Word(start + match.start(), start + match.end(), form, languages, english, name)


class _Lists:
    """The lists, ready to look words up in: small letters, without accents."""

    def __init__(self) -> None:
        import yaml

        folder = DATA / "names"
        read = yaml.load(
            (DATA / "languages.yml").read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
        self.english = frozenset(_lines(folder / "words.txt")) | frozenset(read["slips"].split())
        self.english |= {word for word in _lines(folder / "not_names.txt") if " " not in word}
        names = [
            name.removesuffix(" *")
            for file in ("given", "surnames", "places")
            for name in _lines(folder / f"{file}.txt")
        ]
        self.names = frozenset(names)
        self.courtesies = frozenset(_plain(word) for word in read["courtesies"].split())
        self.grave = frozenset(_plain(word) for word in read["grave"].split())
        self.alone = {_plain(word): language for language, text in read["alone"].items() for word in text.split()}
        found: dict[str, set[str]] = {}
        for language, text in read["words"].items():
            for word in text.split():
                found.setdefault(_plain(word), set()).add(language)
        self._languages = {word: frozenset(some) for word, some in found.items()}
        self.all = frozenset(read["words"])
        self._loans: dict[str, list[tuple[str, ...]]] = {}
        for phrase in read["loans"]:
            forms = tuple(_plain(word) for word in _WORD.findall(phrase))
            self._loans.setdefault(forms[0], []).append(forms)
        self._alike: dict[tuple[str, int], list[str]] = {}
        for word in self.english.union(_lines(folder / "places.txt")):
            self._alike.setdefault((word[0], len(word)), []).append(word)

    def is_english(self, word: str) -> bool:
        """Whether the word, as written, is ordinary English: "don't" if "do" is, a letter by itself too."""
        low = word.lower()
        if low in self.english or len(low) == 1:
            return True
        first, mark, rest = low.replace("’", "'").partition("'")
        if not mark or rest not in _AFTER_APOSTROPHE:
            return False
        return (
            first in self.english or first in self.names or len(first) == 1 or first.removesuffix("n") in self.english
        )

    def languages(self, form: str) -> frozenset[str]:
        """The languages that have a word; of two joined by an apostrophe, as in "qu'il" and "gyda'r", those that have the first."""
        found = self._languages.get(form, _NONE)
        first, mark, rest = form.partition("'")
        if found or not mark or rest in _AFTER_APOSTROPHE:
            return found
        return self._languages.get(f"{first}'", _NONE) | self._languages.get(first, _NONE)

    def loans_in(self, forms: Sequence[str]) -> set[int]:
        """The places of words that belong to a phrase which English has taken over."""
        return {
            i + n
            for i, form in enumerate(forms)
            for phrase in self._loans.get(form, ())
            if tuple(forms[i : i + len(phrase)]) == phrase
            for n in range(len(phrase))
        }

    def is_slip(self, form: str) -> bool:
        """Whether a word is one slip away from an English word or a place, or two if it is long: "lissened", "appointmint"."""
        if len(form) < SLIPPED:
            return False
        from rapidfuzz import process
        from rapidfuzz.distance import DamerauLevenshtein

        slips = 1 if len(form) < SLIPPED_TWICE else 2
        return any(
            process.extractOne(
                form, self._alike.get((form[0], n), ()), scorer=DamerauLevenshtein.distance, score_cutoff=slips
            )
            for n in range(len(form) - slips, len(form) + slips + 1)
        )


_NONE: frozenset[str] = frozenset()
_AFTER_APOSTROPHE = frozenset(["s", "t", "m", "re", "ve", "ll", "d"])


@cache
def _lists() -> _Lists:
    return _Lists()


def is_little_word(word: str, language: str) -> bool:
    """Whether the word, in any letters, is on the list of a language's own words: "Angst" in German."""
    return language in _lists().languages(_plain(word))


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def _plain(word: str) -> str:
    """Small letters without accents, straight apostrophes: "Żyć" is looked up as "zyc"."""
    low = word.lower().replace("’", "'")
    if low.isascii():
        return low
    for letter, plain in _NO_ACCENT:
        low = low.replace(letter, plain)
    return "".join(c for c in unicodedata.normalize("NFD", low) if not unicodedata.combining(c))


_NO_ACCENT = (("ł", "l"), ("ø", "o"), ("ß", "ss"), ("ı", "i"), ("đ", "d"), ("æ", "ae"), ("œ", "oe"))


# ------------------------------------------------------------------------------------------------------- Latin letters


def _by_lists(text: str, words: Sequence[_Word]) -> str | None:
    """The language whose words half of the sentence are, of which English has too few for itself."""
    hits = Counter(language for word in words for language in word.languages)
    least = max(2.0, HALF * sum(not word.name for word in words))  # fewer never fit, and nearly all are fewer
    fits = [language for language in hits if hits[language] >= least and _fits(language, words)]
    if len(fits) < 2:
        return fits[0] if fits else None
    best = max(hits[language] for language in fits)
    near = [
        language for language in fits if hits[language] * 3 >= best * 2
    ]  # akin, as Czech and Slovak: py3langid may tell
    if len(near) > 1:
        guess, probability = _guess(text)
        if guess in near and probability >= HALF:
            return guess
    return max(fits, key=lambda language: hits[language])


def _fits(language: str, words: Sequence[_Word]) -> bool:
    """Whether enough of the words are a language's, one of them at least no English, and few are English alone."""
    told = [word for word in words if not word.name or language in word.languages]
    its = [word for word in told if language in word.languages]
    own = {word.form for word in its if not word.english}
    if len(words) < SENTENCE:
        long_enough = any(len(form) > SENTENCE for form in own) or len(own) == len(words) > 1  # "çok iyi"
        return len(its) == len(words) and long_enough and not own <= _lists().names
    opposing = sum(word.english and len(word.form) > 1 for word in told if language not in word.languages)
    if own <= _lists().names:  # "nguyen thi mai" is no sentence
        return False
    enough = len({word.form for word in its}) > 1 and len(its) >= HALF * len(told)
    return (
        enough and (len(own) > 1 or any(len(form) >= LONG_ENOUGH for form in own)) and opposing <= OPPOSING * len(told)
    )


def _by_ear(text: str, words: Sequence[_Word], known: _Lists) -> str | None:
    """The language that py3langid is sure of where most words are no English, nor slips of it; or "und" where nearly all are strange."""
    told = [word for word in words if not word.name]
    strange = [word for word in told if not word.english and len(word.form) >= LONG_ENOUGH]
    least = max(2, MOST * len(told))
    if sum(word.english and len(word.form) > 1 for word in told) > OPPOSING * len(told):
        return None
    if len(strange) < least or len(strange := [word for word in strange if not known.is_slip(word.form)]) < least:
        return None
    guess, probability = _guess(text)
    if guess != "en" and probability >= SURE:
        return guess
    # A list of medicines or dishes has no little words.
    little = any(len(word.form) <= LONG_ENOUGH for word in told)
    return UNKNOWN if little and len(strange) >= max(ALL_STRANGE, NEARLY_ALL * len(told)) else None


# ------------------------------------------------------------------------------------------------------- other scripts


def _script(text: str) -> str | None:
    """The language that a script other than Latin gives away, or None."""
    letters = sum(c.isalpha() for c in text)
    for pattern, languages in _SCRIPTS:
        share = len(pattern.findall(text)) / max(1, letters)
        if share > FOREIGN_SCRIPT or (languages == ("ja",) and share > 0.1):
            return languages[0] if len(languages) == 1 else _among(text, languages)
    return None


def _among(text: str, languages: tuple[str, ...]) -> str:
    """The language among those of one script: by a letter of its own, else by py3langid, else the first."""
    for language, own in (*_OWN_LETTERS, *_CYRILLIC):
        if language in languages and any(c in own for c in text):
            return language
    if "ar" in languages:
        return "ar"
    guess, _ = _guess(text)
    return guess if guess in languages else languages[0]


def _guess(text: str) -> tuple[str, float]:
    language, probability = _identifier().classify(text)
    return language, float(probability)


@cache
def _identifier() -> "LanguageIdentifier":
    """py3langid, restricted to what people here may write; the others only ever win by mistake."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:  # it unpacks its file beside other temporary ones
        raise BadModel(
            "What tells languages cannot be unpacked: the disk is full or failing; make room and start again, nothing is lost."
        ) from error
    known = set(identifier.nb_classes)
    wanted = {"en", *_lists().all, *(language for _, languages in SCRIPTS for language in languages)}
    identifier.set_languages(sorted(wanted & known))
    return identifier
