"""Find what has a form of its own: numbers, e-mail and web addresses, postcodes, streets, dates of birth.

Presidio's machinery with a registry built by hand for the UK: a pattern gives a score, a check or the words around it
raise it, and what reaches THRESHOLD is hidden. The danger runs both ways: people write numbers in odd groups and spell
them out ("oh seven seven ..."), and most numbers in a comment (times, doses, dates of a visit) identify nobody.
"""

import re

import nhs_number
import spacy
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts

from feedback.redact.cues import words
from feedback.redact.forms import (
    CAP_WORD,
    FLAT,
    HOUSE,
    LIVES_AT,
    MAILBOX,
    MONTH,
    NO_STREET,
    NUMBER_WORD,
    NUMBERED,
    ORDINAL,
    SPELT_NUMBER,
    SPOKEN_TOP,
    STREET,
    STREET_WITH_CARE,
    digits_of,
)
from feedback.redact.spans import Span

THRESHOLD = 0.4  # Presidio's own mark for a weak pattern with its context (min_score_with_context_similarity)
SURE, WEAK = 0.8, 0.1  # a pattern that needs no context; one that is nothing without it
BEFORE, AFTER = 6, 3  # how many words round a find may be its context


class _UkRecognizer(PatternRecognizer):
    """A recogniser of one kind: patterns as {name: (regular expression, score)}, and the words that speak for a weak one."""

    def __init__(self, kind: str, patterns: dict[str, tuple[str, float]], context: list[str] | None = None) -> None:
        super().__init__(
            supported_entity=kind,
            name=f"uk_{kind}",
            patterns=[Pattern(name, expression, score) for name, (expression, score) in patterns.items()],
            context=context or [],
        )


class _NhsNumber(_UkRecognizer):
    """Ten digits in any grouping that pass the check anywhere, or that fail it near the word NHS."""

    def validate_result(self, pattern_text: str) -> bool | None:
        digits = digits_of(pattern_text)
        if len(digits) != 10 or digits.startswith("0"):
            return None
        return True if nhs_number.is_valid(digits) and len(set(digits)) > 1 else None

    def invalidate_result(self, pattern_text: str) -> bool:
        return digits_of(pattern_text).startswith("0")


class _Phone(_UkRecognizer):
    """UK numbers in any grouping, international ones, and shorter ones beside a word such as ring or tel."""

    # Lines that the country publishes for everyone: naming them identifies nobody.
    PUBLIC = frozenset({"116123", "08001111", "08001110", "0800111999"})

    def invalidate_result(self, pattern_text: str) -> bool:
        digits = digits_of(pattern_text)
        dated = re.fullmatch(r"\W*\d{1,2}([-./ ])\d{1,2}\1\d{2,4}.*", pattern_text) is not None and digits[0] == "0"
        return digits in self.PUBLIC or (dated and len(digits.lstrip("0")) < 9) or len(digits) < 6


class _Spoken(_UkRecognizer):
    """A number said digit by digit: of ten digits that pass the check (or beside "NHS") an NHS number, else a phone."""

    def validate_result(self, pattern_text: str) -> bool | None:
        digits = digits_of(pattern_text)
        is_nhs = len(digits) == 10 and not digits.startswith("0") and nhs_number.is_valid(digits)
        if self.supported_entities[0] == "nhs_number":
            return is_nhs or None
        return len(digits) >= 7 and not is_nhs

    def invalidate_result(self, pattern_text: str) -> bool:
        return self.supported_entities[0] == "nhs_number" and not 9 <= len(digits_of(pattern_text)) <= 11


class _Postcode(_UkRecognizer):
    """Postcodes of a real area, with or without the space, in any case, with O for 0 and I for 1."""

    # What "3rd" or "9am" would make of "b12 3rd": never the end of a postcode when in small letters.
    NO_END = words("st nd rd th hr ft am pm")

    def invalidate_result(self, pattern_text: str) -> bool:
        return pattern_text[-2:].islower() and pattern_text[-2:] in self.NO_END


class _OtherId(_UkRecognizer):
    """Hospital, case and reference numbers, National Insurance, registrations, bank details."""

    WORDS = words("the and for you was had but not are our out all can she him her his who how one two day")

    def invalidate_result(self, pattern_text: str) -> bool:
        text = pattern_text.strip()
        return (
            text[-3:] in self.WORDS  # "at10 the"
            or re.fullmatch(r"(?:19|20)\d\d", text) is not None  # a year
            or re.fullmatch(r"[ABMabm]\d{1,4}", text) is not None  # a road
            or re.fullmatch(
                r"(?:[0-2]?\d|3[01])[/.-](?:0?\d|1[0-2])(?:[/.-]\d{2,4})?|\d+\s?(?:am|pm|mg|ml|mins?|hrs?)", text
            )
            is not None
        )


# ---- the patterns ---------------------------------------------------------------------------------------------------
# Comments are about this decade: a day of the last century is a date of birth, or tells as much.
LONG_AGO = (
    r"(?<![\d/.-])(?:0?[1-9]|[12]\d|3[01])(?:\s?[/.-]\s?(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:19\d\d|[3-9]\d)"
    rf"|(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH}[\s,]+19\d\d)(?![\d/-]|\.\d|\s*%)"
)
SPOKEN_YEAR = rf"[\s,]+(?:nineteen|twenty|two\s+thousand)(?:[\s-]+(?:and|{NUMBER_WORD}))*"
YEAR = rf"(?:[\s,]+(?:of\s+)?(?:(?:19|20)\d\d|['’]?\d\d)\b(?!\s*(?:am|pm|:))|{SPOKEN_YEAR})"
DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}\s?[-/.–]\s?\d{1,2}\s?[-/.–]\s?(?:\d{4}|\d{2})\b"
    rf"|(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?[\s-]*(?:of\s+)?{MONTH}(?:[\s,-]+(?:of\s+)?(?:(?:19|20)\d\d|['’]?\d\d)\b)?"
    rf"|{MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?!\d){YEAR}?"
    rf"|(?:the\s+)?{ORDINAL}\s+(?:of\s+)?(?:{MONTH}|the\s+{ORDINAL}){YEAR}?)"
)
NUMBER_NOUN = r"(?:numbers?|numb|num|nos?|nr|id|code|#)"
GROUPED = r"(?<![\d+#/])(?<!\d[-.])\d(?:[ \-–.]{0,2}[\dOo]){8}[ \-–.]{0,2}\d(?!\d)(?![-./]\d)"
PHONE_GAP = r"[\s()\-–]{0,2}"
# Possessive, and only from the head of a run of letters: a run without an @ is then looked at once, not once a letter.
LOCAL = r"(?<![\w.+%&'’-])[\w.+%&'’-]++"
INWARD = r"(?-i:[\dO])[A-Z]{2}"
AREA = (
    r"(?:A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?"
    r"|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)"
)
OWNED = r"(?<!order\s)(?<!parcel\s)(?<!tracking\s)(?<!delivery\s)(?<!serial\s)(?<!model\s)(?<!part\s)(?<!batch\s)"
ID_NOUN = (
    r"(?:ref(?:erence|s)?|hosp(?:ital)?|case|patient|claim|complaint|incident|datix|record|file|wristband|badge|membership"
    r"|policy|account|passport|licen[cs]e|job|booking|appointment|ticket|rio|epr|mrn|crn|ubrn|chi|pin|payroll|employee|staff"
    r"|insurance|system|client|referral|prescription|blue badge|carer'?s?|student|quote|quoting|id|tag|k)"
)
CODE = r"[A-Z]{0,6}[-/ ]?\d(?:[-/.]?[\dA-Z]|\s\d){1,30}(?!\w)"
TOP = r"(?:com|org|net|co\.uk|org\.uk|nhs\.uk|gov\.uk|ac\.uk|uk|io|eu|ie|pl|tv|(?-i:example|test|info|blog|online|site|app|local))"


def _recognizers() -> list[PatternRecognizer]:
    said = rf"(?:(?:{NUMBER_WORD}|\d{{1,5}})[\s,.\-–]+){{4,24}}(?:{NUMBER_WORD}|\d{{1,5}})(?!\w)"
    digits = r"(?:\d{1,5}[\s,.\-–]+){0,8}"
    spoken = rf"(?<![\w'’])(?={digits}(?:{NUMBER_WORD})[\s,.\-–]+{digits}(?:{NUMBER_WORD})\b){said}"
    return [
        _NhsNumber(
            "nhs_number",
            {
                "ten digits": (GROUPED, WEAK),
                "after its name": (
                    rf"\bnhs[\s:.-]*{NUMBER_NOUN}?[\s:.=-]*(?:is|was|it'?s|it is)?[\s:.=-]*\K\d(?:[ \-–.]{{0,2}}\d){{7,11}}(?!\d)",
                    SURE,
                ),
            },
            context=["nhs", "n.h.s", "nhsno"],
        ),
        _Spoken("nhs_number", {"said": (spoken, WEAK)}, context=["nhs"]),
        _Spoken("phone", {"said": (spoken, WEAK)}),
        _Phone(
            "phone",
            {
                "uk": (
                    rf"(?<![\w+£])(?<!\d[-/.])\(?[0O](?=[\s)-]?[1235789]){PHONE_GAP}[1-9](?:{PHONE_GAP}[\dO]){{7,10}}(?!\w)(?![-/]\d)(?:\s*(?:ext|x|extension)\.?\s*\d{{2,5}})?",
                    SURE,
                ),
                "uk with stops": (r"(?<![\w+.])0\d{2,4}[./]\d{3}[./]?\d{3,4}(?!\w)", SURE),
                "with a country": (
                    rf"(?<!\w)(?:\+|00)\d{{1,3}}{PHONE_GAP}(?:\(0\))?(?:{PHONE_GAP}\d){{7,12}}(?!\w)",
                    SURE,
                ),
                "44 without plus": (rf"(?<![\w+£])44(?:{PHONE_GAP}[\dO]){{10}}(?!\w)", SURE),
                "short": (r"(?<![\w+£.:/-])\d(?:[\s-]?\d){5,9}(?![\w%])(?![.:/-]\d)", WEAK),
            },
            context=sorted(
                words("phone telephone tel ring ringing rang call mobile mob landline text dial fone whatsapp")
            ),
        ),
        _UkRecognizer(
            "email",
            {
                "written": (rf"{LOCAL}@[\w-]++(?:[.,][\w-]+)+", SURE),
                "at in brackets": (rf"{LOCAL}\s?(?:\(at\)|\[at\])\s?[\w-]++(?:\.[\w-]+)+", SURE),
                "with spaces": (rf"{LOCAL}\s?@\s?[\w-]++\s?\.\s?(?:[\w-]+\.){{0,4}}[a-z]{{2,}}\b", SURE),
                "known mailbox": (
                    rf"{LOCAL}(?:@(?:{MAILBOX})\b|\sat\s(?:{MAILBOX})(?:\.\w+)+)",
                    SURE,
                ),
                "said": (
                    rf"{LOCAL}(?:\s(?:dot|underscore|dash|hyphen)\s[\w.+-]++){{0,4}}\s?(?:\bat\b|\(at\)|\[at\]|@)\s?[\w-]++(?:\s(?:dot|\(dot\))\s(?!(?:{SPOKEN_TOP})\b)[\w-]++){{0,4}}(?:\s?(?:\bdot\b|\(dot\)|\[dot\])\s?(?:{SPOKEN_TOP})){{1,3}}\b",
                    SURE,
                ),
            },
        ),
        _UkRecognizer(
            "url",
            {
                "with its scheme": (r"(?:https?:/{1,2}|(?<!\w)www\d?\.)\S*[\w/]", SURE),
                "domain": (rf"(?<![@\w.-])(?:[a-z0-9][a-z0-9-]*\.)+{TOP}(?![\w@-])(?!\.\w)(?:[/?#]\S*[\w/])?", SURE),
                "domain with a path": (r"(?<![@\w.-])(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,8}/\S*\w", SURE),
                "said": (
                    rf"(?<![\w-])(?:w\s?w\s?w\s(?:dot\s)?)?[\w-]++(?:\sdot\s(?!(?:{SPOKEN_TOP})\b)[\w-]++){{0,4}}(?:\sdot\s(?:{SPOKEN_TOP})){{1,3}}\b(?:\s(?:forward\s)?slash\s[\w-]++){{0,4}}",
                    SURE,
                ),
                "handle": (r"(?<![\w@.])@[a-z_][\w.]{2,}\b", SURE),
            },
        ),
        _Postcode(
            "postcode",
            {
                "written": (rf"(?<![\w-]){AREA}(?:\d[\dA-Z]?|(?-i:[IOl])\d)[\s.-]{{0,2}}{INWARD}(?!\w)", SURE),
                "area apart": (rf"(?<![\w-])(?-i:{AREA})\s\d{{1,2}}\s{{0,2}}\d[A-Z]{{2}}(?!\w)", SURE),
                "said": (
                    rf"\bpost\s?code[\s:,]*(?:is|was)?[\s:,]*\K[a-z]\s?[a-z]?\s(?:(?:{NUMBER_WORD}|\d{{1,2}})\s){{2,4}}[a-z]\s?[a-z]\b",
                    SURE,
                ),
            },
        ),
        _UkRecognizer("address", _addresses()),
        _UkRecognizer(
            "date_of_birth",
            {
                "after its name": (
                    rf"\b(?:d\.?\s?o\.?\s?b\b\.?|date\s+of\s+birth|birth\s?date|birth\s?day|b\s?/\s?day)[^.!?;\n\d]{{0,24}}?\K(?:{DATE}|\d{{1,2}}\s\d{{1,2}}\s(?:\d{{4}}|\d\d)|\d{{6}}(?:\d\d)?|(?:19|20)\d\d)(?!\w)",
                    SURE,
                ),
                "after born": (
                    rf"\bborn(?:[\s,]+(?:on|in|at|a|an|of|it|was|early|back|way|here|at|home|hospital|around|about|prematurely|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?-i:[A-Z][\w'’-]+))){{0,6}}[\s,:-]+\K(?:{DATE}|{MONTH}\s+(?:19|20)\d\d|\d{{1,2}}\s\d{{1,2}}\s\d{{2,4}})(?!\w)",
                    SURE,
                ),
                "before its name": (
                    rf"{DATE}(?=[\s,()-]*(?:is|was|being)?\s*(?:my|his|her|their|the)?\s*(?:d\.?o\.?b\b|date\s+of\s+birth|birth\s?day|birth\s?date))",
                    SURE,
                ),
                "after a name": (
                    r"(?-i:[A-Z][\w'’-]+\s+[A-Z][\w'’-]+),?\s*\(\s*\K\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)(?=\s*\))",
                    SURE,
                ),
                "long ago": (LONG_AGO, SURE),
                "of twins": (r"(?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-](?:20)?\d\d(?![\d/.-])", WEAK),
                "b.": (r"\bb\.?\s*\K\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)\b", SURE),
            },
            context=["twins", "twin", "triplets", "birthday"],
        ),
        _OtherId(
            "other_id",
            {
                "national insurance": (r"(?<!\w)[A-Z]{2}[\s-]?\d{2}[\s-]?\d{2}[\s-]?\d{2}[\s-]?[A-D](?!\w)", SURE),
                "registration": (r"(?<![\w-])[A-Z]{2}\d{2}\s?[A-Z]{3}(?![\w-])", SURE),
                "old registration": (
                    r"(?<![\w-])(?-i:[A-Z]\d{1,3}\s?[A-Z]{3}|[A-Z]{3}\s?\d{1,4}[A-Z]?)(?![\w-])",
                    WEAK,
                ),
                "code": (
                    r"(?<![\w/-])(?-i:[A-Z]{1,6}[-/]?\d{5,}(?:[-/][A-Z\d]+)*|(?=(?:\D{0,8}\d){4})[A-Z]{1,6}[-/]\d{1,6}(?:[-/][A-Z\d]+)+|[A-Z]{1,6}[-/]\d{4,}[A-Z]?)(?![\w/])",
                    SURE,
                ),
                "after its name": (
                    rf"{OWNED}\b{ID_NOUN}[\s.:]*(?:{NUMBER_NOUN}|ref(?:erence)?)[\s.:=#-]*(?:(?:is|was|on|of|it'?s|my|the|wristband|card|letter)[\s:=]*){{0,3}}\K{CODE}",
                    SURE,
                ),
                "after ref": (
                    rf"{OWNED}\b(?:ref|refs|reference|quote|quoting|mrn|crn|ubrn|chi|datix|wristband|rio|nmc|id)\b[\s.:=#-]*(?:(?:is|was|of|says|said|number|no)[\s.:=]*){{0,2}}\K(?=(?:\D{{0,4}}\d){{3}}){CODE}",
                    SURE,
                ),
                "before its name": (rf"(?<![\w-]){CODE}(?=\s+(?:is|was)\s+(?:my|his|her|the)\s+{ID_NOUN})", SURE),
                "long code": (r"(?<![\w/-])(?-i:[A-Z]{1,4}\s?\d{6,}[A-Z]?)(?!\w)", SURE),
                "bank": (
                    r"(?<!\d)\d{2}[- ]\d{2}[- ]\d{2}(?!\d)(?=.{0,30}account)|sort\s?code\W*(?:is)?\W*\K\d{2}[- ]?\d{2}[- ]?\d{2}",
                    SURE,
                ),
                "account": (r"\baccount\W+(?:no|number)?\W*(?:is)?\W*\K\d{7,8}(?!\d)", SURE),
                "card": (r"(?<![\d-])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)", SURE),
            },
            context=sorted(words("reg registration registered plate plates car van vehicle parked")),
        ),
    ]


def _addresses() -> dict[str, tuple[str, float]]:
    """A house number or a house's name with a street; the weaker the street's word, the more must stand round it."""
    any_street = _capitalised(f"{STREET}|{STREET_WITH_CARE}")
    small = rf"{NO_STREET}[a-z'’-]+\s+"
    capital = r"(?-i:[A-Z][\w'’-]+)"
    named = rf"(?:(?-i:The\s{capital}(?:\s{capital})?|{capital}\s(?:{capital}\s)?(?:{HOUSE})),\s+|\bthe\s[a-z]+(?:\s[a-z]+)?,\s+)?"
    town = r"(?:[a-z'’-]+,?\s+)?"
    patterns = {
        "capitals": rf"{named}{NUMBERED}(?:{NO_STREET}{CAP_WORD}\s+){{1,5}}(?-i:{any_street})\b",
        "small letters": rf"{named}{NUMBERED}(?:{small}){{1,3}}(?:{STREET})\b(?!['’]\w)",
        "small letters after lives at": rf"{LIVES_AT}\K{NUMBERED}(?:{small}){{1,3}}(?:{STREET_WITH_CARE})\b",
        "small letters after a flat": rf"(?=\b{FLAT}){NUMBERED}(?:{small}){{1,3}}(?:{STREET_WITH_CARE})\b",
        "small letters after a house": rf"\bthe\s[a-z]+,\s+{NUMBERED}(?:{small}){{1,3}}(?:{STREET_WITH_CARE})\b",
        "before a place": rf"{NUMBERED}(?:{small}){{1,3}}(?:{STREET_WITH_CARE})\b(?=,?\s+(?-i:[A-Z][a-z]))",
        "before a postcode": rf"{named}{NUMBERED}(?:{small}){{0,4}}{NO_STREET}[a-z'’-]+(?=,?\s+{town}{AREA}\d[\dA-Z]?\s?{INWARD}\b)",
        "spelt number": rf"{SPELT_NUMBER}(?:{small}){{1,3}}(?:{STREET})\b",
        "spelt number after lives at": rf"{LIVES_AT}\K{SPELT_NUMBER}(?:{small}){{1,3}}(?:{STREET_WITH_CARE})\b",
        "number and a name": rf"{LIVES_AT}\K{NUMBERED}(?:{capital}\s?){{1,3}}\b",
        "flat": rf"\b(?:flat|apartment|apt|maisonette)\.?\s*(?:no\.?\s*|number\s*)?\d{{1,4}}\s?[a-d]?\b(?:,?\s+(?:the\s+)?(?:{capital}\s?){{1,4}}\b|,?\s+the\s+old\s+[a-z]+\b)?",
        "house": rf"{LIVES_AT}\K(?-i:(?:[Tt]he\s+)?(?:[A-Z][\w'’-]+\s+){{1,3}}(?:{HOUSE}))\b(?:,?\s+(?:{CAP_WORD}\s+){{1,3}}(?-i:{any_street})\b)?",
        "house and street": rf"(?-i:(?:The\s+)?(?:[A-Z][\w'’-]+\s+){{1,3}}(?:{HOUSE})),\s+(?:{CAP_WORD}\s+){{1,3}}(?-i:{_capitalised(STREET)})\b",
        "street": rf"\b(?:liv(?:e|es|ed|ing)|address(?:\s+is)?|home|house)\s+(?:is\s+)?(?:on|in|at|down|up|off|along)\s+\K(?:the\s+)?(?:{capital}\s+){{1,3}}(?-i:{_capitalised(STREET + '|close|drive|way|place|court|rise|hill|street')})\b",
        "street in small letters": rf"\bliv(?:e|es|ed|ing)\s+(?:on|in|at|down|up|off|along)\s+\K(?:{NO_STREET}(?!the\b|a\b|an\b|same\b)[a-z'’-]+\s+){{1,3}}(?:road|street|avenue|lane|crescent|terrace|grove|close)\b",
    }
    return {name: (expression, SURE) for name, expression in patterns.items()}


def _capitalised(words: str) -> str:
    """Each of the |-separated words with a capital: "road|close" becomes "Road|Close"."""
    return re.sub(r"(?<![\w?])[a-z]", lambda m: m.group().upper(), words)


class StructuredFinder:
    """Presidio with the UK registry; `find` gives every span of a structured kind, overlapping ones included."""

    def __init__(self) -> None:
        self.registry = RecognizerRegistry(recognizers=_recognizers(), supported_languages=["en"])
        self._words = spacy.blank("en")
        self._context = LemmaContextAwareEnhancer(
            context_prefix_count=BEFORE, context_suffix_count=AFTER, context_matching_mode="whole_word"
        )

    def find(self, text: str) -> list[Span]:
        """Find numbers, e-mail and web addresses, postcodes, streets and dates of birth in a text."""
        words = self._read(text)
        recognizers = list(self.registry.recognizers)
        results: list[RecognizerResult] = []
        for recognizer in recognizers:
            results += recognizer.analyze(text, recognizer.supported_entities, words)
        if any(result.score < THRESHOLD for result in results):
            results = self._context.enhance_using_context(text, results, words, recognizers)
        return [
            Span(*_trimmed(text, result.start, result.end), result.entity_type)
            for result in results
            if result.score >= THRESHOLD
        ]

    def _read(self, text: str) -> NlpArtifacts:
        """The words that may be context: spaCy's tokeniser and nothing behind it, so no model can be fetched."""
        doc = self._words.make_doc(text)
        words = [token.lower_ for token in doc]
        artifacts = NlpArtifacts([], doc, [token.idx for token in doc], words, None, "en")
        artifacts.keywords = words  # without an engine Presidio takes none
        return artifacts


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space and closing punctuation at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in ".,;:!?-–"):
        end -= 1
    return start, end
