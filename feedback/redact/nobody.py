"""Say of a word that looks like a name that it names nobody, whatever lists, rules and guard have made of it.

"Hope was in short supply" and "Hope was lovely" are written alike up to the verb, and the guard leans towards the person. Where what
follows is said of no person, or the words belong to a thing that everybody knows (data/names/nobody.txt), the rules have the last word.
"""

import re

from feedback.redact import cues
from feedback.redact.cues import words
from feedback.redact.reading import Reading

# Qualities and things, which are told from a person by what is said of them alone; and those that are hardly a person's.
_PURE = words(
    "hope faith patience mercy comfort charity prudence justice trust wisdom harmony serenity clarity bliss joy"
)
_QUALITIES = cues.WITHOUT_ARTICLE | cues.COMMON_QUALITIES | _PURE | words("grace sunny pride destiny liberty")
_SEASONS = words("summer autumn easter")
_HOURS = _SEASONS | words("dawn eve")
_PEOPLE_OR_THEIRS = cues.DETERMINERS | cues.JOBS | cues.KIN | words("someone somebody one another anyone who whoever")
_BEFORE_A_PERSON = cues.TITLES | cues.JOBS | cues.KIN | cues.CALLED
# What becomes of qualities: "Faith was restored", "Patience was wearing thin", "Joy was had by all".
_BECOMES = words(
    "restored rewarded required lacking felt rare scarce palpable renewed rekindled dashed dwindling fading had"
)
_OF_THE_PURE = words("lost gone needed everything absent tested")  # a Grace may be lost in the car park
_TO_SOMEBODY = words("shown given")  # "Grace was shown to all of us", not "to her room"
_HARDLY = words("not never soon almost nearly sadly clearly certainly definitely truly finally")
_AFTER_IT = words("by to in at from that on all early this there")
_ALL = words("us all me everyone everybody him them my mum dad patients")
_NO_PERSON = re.compile(
    r"\W+(?:in\s+(?:short|plentiful)\s+supply|(?:not\s+)?a\s+priority|(?:running|wearing)\s+(?:low|short|thin|out(?!\s+of))\b"
    r"|(?:when|where|how|why)\s+(?:i|we|they|it|you|she|he)\b|what\s+(?:i|we|they|it|you|she|he|everyone)\s+(?:all\s+)?(?:gave|needed|need|want|wanted|got|felt|brought)\b"
    r"|what\s+(?:the|your)\s+\w+(?:\s+(?:on|at|in)\s+\w+)?\s+(?:gave|give|gives|need|needs|needed|brought)\b"
    r"|(?:the|our)\s+(?:word|mood|order|aim|theme|motto)\b|that\s+(?:shower|bath|bed|tea|meal)\b|(?:not\s+)?an?\s+(?:\w+\s+){0,2}(?:virtue|luxury|rarity|myth|thing|word|feeling|notion|plan|strategy|treatment|policy|medicine|service|answer|cure)\b)",
    re.IGNORECASE,
)
# "Faith in the team was restored", where "Faith in reception was lovely" is somebody.
_LOST_OR_RESTORED = re.compile(
    r"\s+(?:in|for)\s+(?:[\w'’-]+\s+){1,5}?(?:(?:was|is|were|has|have|had|been|being|now|fully|totally|completely|slowly)\s+){1,3}"
    r"(?:restored|lost|gone|shaken|renewed|shattered|broken|dented|tested|growing|fading|dwindling|misplaced)\b",
    re.IGNORECASE,
)
_A_MONTH = re.compile(
    r"\s+(?:was|is|has\s+been|will\s+be)\s+(?:an?|the|my|our)\s+(?:\w+\s+){0,2}month\b", re.IGNORECASE
)
_THE_WORD = re.compile(r"\W+(?:the|our)\s+(?:word|mood|order)\b", re.IGNORECASE)
# Whoever is watched, heard or painted on a wall is met in no ward: "Vera on the telly", "Elsa and Anna on the walls", "Elvis songs".
_SHOWN = re.compile(
    r"(?:\s+(?:and|&)\s+(?-i:[A-Z])\w+)?\s+(?:on\s+(?:the\s+(?:telly|tv|television|walls)|bbc\s?\d?|itv\d?|netflix|repeat|(?:at\s+)?full\s+(?:volume|blast))\b"
    r"|(?:songs?|stickers?|murals?|dvds?|cartoons?|playlist|impersonator|tribute|reruns|jigsaws?)\b)",
    re.IGNORECASE,
)
# What bears the name of a physician long dead, where no given name stands before it.
_CLINICAL = words(
    "abscess bandage chorea contracture encephalopathy fracture gangrene harness lymphoma manoeuvre maneuver monitor palsy"
    " phenomenon reflex sarcoma splint thyroiditis tubercles neuroma oesophagus"
)
_MONEY = re.compile(
    r"\s+(?:came|comes|was|is|of|for)\s+(?:to\s+)?(?:over\s+|about\s+|nearly\s+)?(?:£\s?\d|(?:[\w-]+\s+){1,4}(?:pounds?|quid|pence|p)\b)",
    re.IGNORECASE,
)
_PLANTS = words("ivy holly heather rose lily daisy poppy fern jasmine violet iris hazel willow clover bramble")
# Only what no person does: an Ivy may pull at the gutter too.
_GROWS = re.compile(
    r"\s+(?:(?:is|was|has\s+been)\s+)?(?:growing\s+(?:up|over|through|out\s+of|round)\s+the|in\s+(?:full\s+)?(?:bloom|flower))\b"
    r"|\s+(?:needs?|wants?)\s+(?:cutting|pruning|watering|trimming)\b",
    re.IGNORECASE,
)
_HEADS_A_NUMBER = re.compile(r"\W*(?:is|was|no|number)?\W*(?:[A-Z]{2}\W?\d|\[?ID\])", re.IGNORECASE)


def names_nobody(reading: Reading, i: int) -> bool:
    """Whether the word at `i`, which was taken for a name, is a quality, somebody on the telly, or a physician's bandage.

    >>> from feedback.redact.names import Lexicon
    >>> from feedback.taxonomy import load_taxonomy
    >>> lexicon = Lexicon(load_taxonomy())
    >>> [names_nobody(Reading(text, lexicon), 0) for text in ("Hope was in short supply", "Hope was in charge")]
    [True, False]
    """
    low, after = reading.low(i), reading.text[reading.words[i].end :]
    if low in ("nino", "reg") and _HEADS_A_NUMBER.match(after):  # National Insurance number, number plate
        return True
    if _is_met(reading, i):
        return False
    if low in reading.pets:  # the guard hears a person in "Duchess the pony"
        return True
    a_sum = low in ("bill", "grant") and _MONEY.match(after) is not None
    grows = low in _PLANTS and reading.is_start(i) and _GROWS.match(after) is not None
    return (
        a_sum
        or grows
        or _is_a_thing(reading, i, after)
        or _is_a_quality(reading, i)
        or _SHOWN.match(after) is not None
        or _is_clinical(reading, i)
    )


def in_a_saying(reading: Reading) -> set[int]:
    """The words of a text that belong to a saying, a brand, a medicine or somebody whom everybody knows (data/names/nobody.txt)."""
    found: set[int] = set()
    for i, word in enumerate(reading.words):
        for phrase in reading.lexicon.nobody.get(word.low, ()):
            end = i + len(phrase)
            if end <= len(reading.words) and all(reading.words[i + n].low == part for n, part in enumerate(phrase)):
                if len(phrase) > 1 or not (_is_met(reading, i) or _is_somebodys(reading, i)):
                    found.update(range(i, end))
                break
    return found


def _is_met(reading: Reading, i: int) -> bool:
    """Whether a title, a job, a relation or "called" stands before the word."""
    before = reading.low(i - 1) if reading.near(i) else ""
    return before in _BEFORE_A_PERSON


def _is_somebodys(reading: Reading, i: int) -> bool:
    """Whether a given name stands before the word, or behind it what people alone do: Anna Prolia, "Medela told me"."""
    given = reading.beside(i) and reading.cap(i - 1) and reading.lexicon.is_given(reading.low(i - 1))
    return given or (reading.near(i + 1) and reading.low(i + 1) in cues.ONLY_PEOPLE)


def _is_a_thing(reading: Reading, i: int, after: str) -> bool:
    """Destiny or luck, gem of a nurse, "May was a bad month": what stands behind the word makes it no person's name."""
    low, behind, then = reading.low(i), reading.low(i + 1), reading.low(i + 2)
    if not reading.beside(i + 1) or not (low in reading.lexicon.given_words or low in cues.SOMETIMES_WORDS):
        return False
    if behind == "of" and then in ("a", "an"):
        return True
    if behind == "or" and reading.is_start(i):
        other = not reading.cap(i + 2) and reading.lexicon.is_word(then) and then not in _PEOPLE_OR_THEIRS
        return other and then not in reading.lexicon.given_words
    if low in ("faith", "hope") and _LOST_OR_RESTORED.match(after):
        return True
    return low in cues.MONTH_NAMES and _A_MONTH.match(after) is not None


def _is_a_quality(reading: Reading, i: int) -> bool:
    """Hope was in short supply, Prudence would suggest, Summer came and went, "rob was the word"."""
    low, verb, then = reading.low(i), reading.low(i + 1), i + 2
    if not reading.beside(i + 1) or not (low in reading.lexicon.given_words or low in cues.SOMETIMES_WORDS):
        return False
    if verb == "would":
        return low in _PURE and reading.low(then) in ("suggest", "dictate")
    if verb == "came":
        before_no = reading.low(then) == "and" and reading.low(then + 1) in ("still", "no")
        return (low in _SEASONS and reading.low(then + 1) == "went") or (low in _HOURS and before_no)
    if verb not in ("is", "was"):
        return False
    rest = reading.text[reading.words[i + 1].end :]
    if low not in _QUALITIES and low not in _HOURS:
        return _THE_WORD.match(rest) is not None
    return _NO_PERSON.match(rest) is not None or _becomes_of_a_quality(reading, low, then)


def _becomes_of_a_quality(reading: Reading, low: str, then: int) -> bool:
    """Whether the word at `then`, behind "was", says what becomes of a quality; whoever was "given a warning" is a person."""
    while reading.low(then) in _HARDLY and reading.beside(then):
        then += 1
    becomes, behind = reading.low(then), reading.low(then + 1)
    if becomes in _TO_SOMEBODY:
        return not reading.beside(then + 1) or (behind == "to" and reading.low(then + 2) in _ALL)
    if becomes not in _BECOMES and not (becomes in _OF_THE_PURE and low in _PURE and low != "joy"):
        return False
    return not reading.beside(then + 1) or behind in _AFTER_IT


def _is_clinical(reading: Reading, i: int) -> bool:
    """A Pavlik harness, Jefferson fracture, Bartholin's abscess; but not Derek's fracture, nor a surname's."""
    low = reading.low(i)
    if reading.low(i + 1) not in _CLINICAL or not reading.cap(i) or reading.cap(i + 1):
        return False
    if reading.possessive(i):
        return not reading.lexicon.is_listed(low)
    return reading.beside(i + 1) and (low in reading.lexicon.surnames or not reading.lexicon.is_listed(low))
