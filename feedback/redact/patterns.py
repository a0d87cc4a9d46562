"""Find what has a form of its own: numbers, e-mail and web addresses, postcodes, streets, dates of birth.

Presidio's machinery with a registry built by hand for the UK: a pattern gives a score, a check or the words around it
raise it, and what reaches THRESHOLD is hidden. The danger runs both ways: people write numbers in odd groups and spell
them out ("oh seven seven ..."), and most numbers in a comment (times, doses, dates of a visit) identify nobody. A run of
digits as long as a telephone number is hidden unless `quantities` knows what it counts or which thing carries it.
"""

import logging
import re

import spacy
from presidio_analyzer import PatternRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts

from feedback.redact.addresses import AREA, INWARD, UNIT, UNIT_LETTER, Sites
from feedback.redact.cues import words
from feedback.redact.forms import (
    FEAST,
    GAP,
    ID_NOUN,
    MAILBOX,
    MONTH,
    NUMBER_WORD,
    ORDINAL,
    SPELLING,
    SPOKEN_TOP,
    SURE_MAILBOX,
    TENS,
    UNITS,
    WEAK_ID_NOUN,
)
from feedback.redact.quantities import belongs_to_a_thing, is_worn, names_a_device
from feedback.redact.recognizers import (
    SURE,
    WEAK,
    Address,
    Email,
    GroupedCode,
    LongNumber,
    MixedCode,
    NamedCode,
    NamedHome,
    NhsNumber,
    OtherId,
    Phone,
    Postcode,
    Reference,
    SpacedCode,
    Spoken,
    StrokedCode,
    UkRecognizer,
    Url,
)
from feedback.redact.spans import Span
from feedback.taxonomy import Taxonomy, load_taxonomy

# At DEBUG Presidio writes down the words round every find.
logging.getLogger("presidio-analyzer").setLevel(logging.WARNING)

THRESHOLD = 0.4  # Presidio's own mark for a weak pattern with its context (min_score_with_context_similarity)
# How many words before and from a find's first may be its context: what follows "BK 07 LTN" begins at the fourth.
BEFORE, AFTER = 6, 6

# ---- the patterns ---------------------------------------------------------------------------------------------------
# Comments are about this decade: a day of the last century is a date of birth, or tells as much.
SPOKEN_YEAR = rf"[\s,]+(?:nineteen|twenty|two\s+thousand)(?:[\s-]+(?:and|{NUMBER_WORD}))*"
LAST_CENTURY = r"(?:19\d\d|['’][3-9]\d)"
LONG_AGO = (
    r"(?<![\d/.-])(?:(?:0?[1-9]|[12]\d|3[01])(?:\s?[/.-]\s?(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:19\d\d|[3-9]\d)"
    rf"|(?:st|nd|rd|th)?(?:\s+day)?[\s./-]+(?:of\s+)?{MONTH}(?:[\s,./-]+(?:of\s+)?{LAST_CENTURY}|[./-][3-9]\d)|\s(?:0?[1-9]|1[0-2])\s19\d\d"
    rf"|(?:st|nd|rd|th)\s+of\s+(?:the\s+)?(?:0?[1-9]|1[0-2])(?:st|nd|rd|th)[\s,]+{LAST_CENTURY})"
    rf"|\b{MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?[\s,]+{LAST_CENTURY}|19\d\d[./-]{MONTH}[./-]\d{{1,2}}|19\d\d([-/.])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])19\d\d)(?![\d/-]|\.\d|\s*%)"
)
SAID_LONG_AGO = (
    rf"(?:the\s+)?\b{ORDINAL}\s+(?:of\s+)?(?:{MONTH}|the\s+{ORDINAL})[\s,]+nineteen(?:[\s-]+(?:and|{NUMBER_WORD}))+"
    rf"|\bnineteen(?:[\s-]+(?:and|{NUMBER_WORD}))+[\s,]+{MONTH}[\s,]+(?:the\s+)?(?:{ORDINAL}|\d{{1,2}}(?:st|nd|rd|th)?)(?!\w)"
)
YEAR = (
    rf"(?:[\s,]+(?:of\s+)?(?:(?:19|20)\d\d|['’]?\d\d)\b(?!\s*(?:am|pm|:))|{SPOKEN_YEAR}"
    rf"|[\s,]+(?:{'|'.join(TENS)})(?:[\s-](?:{'|'.join(UNITS)}))?\b)"
)
DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}\s?[-/.–]\s?\d{1,2}\s?[-/.–]\s?(?:\d{4}|\d{2})\b"
    r"|\d{1,2}[./-][IVX]{1,4}[./-]\d{4}|(?:the\s+)?\d{1,2}(?:st|nd|rd|th)\s+of\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)(?:[\s,]+(?:(?:19|20)\d\d|['’]?\d\d)\b)?"
    rf"|(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?:\s+day\b)?[\s./-]*(?:of\s+)?{MONTH}(?:[\s,./-]+(?:of\s+)?(?:(?:19|20)\d\d|['’]?\d\d)\b|{YEAR})?"
    rf"|{MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b(?!\d){YEAR}?"
    rf"|(?:the\s+)?{ORDINAL}\s+(?:day\s+)?(?:of\s+)?(?:{MONTH}|the\s+{ORDINAL}){YEAR}?"
    rf"|{FEAST}[\s,]+(?:(?:in|of)\s+)?(?:(?:19|20)\d\d|['’]\d\d))"
)
BIRTH = (
    r"(?:d\.?\s?o\.?\s?b\b\.?|d\s+of\s+b\b|(?:date|day)\s+of\s+(?:birth|brith)|birth\s?date|birth\s?day|b\s?[/'’-]?\s?day"
    r"|data\s+urodzenia|data\s+na[sșş]terii|dyddiad\s+geni)"
)
NUMBER_NOUN = r"(?:numbers?|numb|num|nos?|nr|id|code|#)"
DIGIT = r"(?:\d|O(?![A-NP-Z]))"  # a letter O among digits, but not the head of a word
# In a telephone number also an l or I for the one, right beside a digit.
DIALLED_DIGIT = rf"(?:{DIGIT}|(?-i:(?<=\d)[lI](?![^\W\dlI])|[lI](?=\d)))"
# What parts a number that is told in two goes: "07700 900, and then 321".
AND_THEN = r",?\s+(?:(?:and|then|plus|followed\s+by)\s+){1,3}"
LOCAL = r"(?!(?:insta(?:gram)?|twitter|tiktok|on|at|is|me|handle)\s@)(?<![\w.+%&'’-])[\w.+%&'’-]++"  # possessive: a run of letters without an @ is looked at once, not once a letter
NUMBER_START = r"(?<![\w+#£$€])(?<!\d[-–./,:])"
OWNED = r"\b(?<!order\s)(?<!parcel\s)(?<!tracking\s)(?<!delivery\s)(?<!serial\s)(?<!model\s)(?<!part\s)(?<!batch\s)"
# Capitals that name the number that follows and are no part of it.
NO_PREFIX = r"(?!(?:NHS|TEL|MOB|DOB|PIN|MRN|REF|NO|FAX|CAD|IBAN|PO|BP|HR|NI|ID|UTR|ERS|UBRN|UPN|ULN|NINO|NUM|NUMBER|CODE|CARD|CRP|PSA|TSH|ESR|ALT|AST|BNP|PEFR|BMI|INR|GFR|EGFR|LDL|HDL|CK|WBC|IS|ON|AT|TO|OF|MY|CALL|RING|TEXT)\b)"
CODE = (
    rf"(?:{NO_PREFIX}(?-i:[A-Z]{{1,6}})[-/ ]?|[a-z]{{1,6}}[-/]|(?!(?:a|i|is|on|at|in|to|of|no|my|by|or|so|up|we|he|it)\b)(?<![^\W_])[a-z]{{1,2}}\s)?"
    r"(?=[^\W_]*\d)[^\W_]{1,20}(?:[-/. ](?=[A-Z]{0,4}\d|(?-i:[A-Z]{4}\s\d))[^\W_]{1,12}|[-/][A-Z]{1,4}(?![^\W_])){0,30}(?:\s(?-i:[B-HJ-Z])(?!\w))?(?!\w)"
    r"(?!\s*(?:times?|miles?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|years?|yrs?|words|pages|people|patients|quid"
    r"|pounds|percent|a\s(?:day|week|month|year)|per\b|p/w|%|nurses|staff|sessions|of\s+us|of\s+them))"
)
# Capitals and digits in groups, parted in any way that offices part them: SW_0081_KD, PSY.OT.3391. And one in front of digits.
GROUPS = r"(?-i:(?=[\d/._-]*[A-Z])[A-Z\d]{1,8}(?:[/._-][A-Z\d]{1,8}){1,5})(?![\w/-])"
CAPITALS_FIRST = r"(?-i:[A-Z]{1,6}[-/._]?\d{3,8}(?:[-/._][A-Z\d]{1,6}){0,3})(?![\w/-])"
# What stands between the noun and its number: "case number is:", "passport, it's".
TO_CODE = (
    rf"[\s.:=#,('\"-]*(?:(?:{NUMBER_NOUN}|ref(?:erence)?|is|was|are|it'?s|its|of|on|my|mine|the|says?|said|reads?|i\s(?:think|believe)|card|badge|letter|wristband|here"
    r"|for\s(?:me|him|her|this)|notes?)\b[\s.:=#,('\"-]*){0,4}"
)
TOP = r"(?:com|org|net|co\.uk|org\.uk|nhs\.uk|gov\.uk|ac\.uk|uk|io|eu|ie|pl|tv|(?-i:example|test|info|blog|online|site|app|local))"
PATH_TOP = rf"(?:{TOP}|me|ly|gl|gd|to|be|co|us|fm|gg|de|fr|ro|page|link|shop|club|live|news|video|cloud|wales|cymru|scot|london|xyz|dev|care)"
HANDLE = r"(?=[\w.]*[\d_.]\w|[\w.]{6,})[a-z_][\w.]{2,30}(?:#\d{3,5})?\b"
SOCIAL = r"(?:insta(?:gram)?|ig|snap(?:chat)?|tik\s?tok|twitter|threads|discord|skype|telegram|gamer\s?tag|psn|xbox|twitch|youtube|facebook|fb|bluesky|mastodon)"
NO_HANDLE = r"(?!(?:home|work|the|my|our|all|reception|hospital|ward|clinic|school|night|least|christmas|front|desk|nhs|least|lunch|weekends?)\b)"
FILLER = r"(?:(?:then|and|plus|space|dash|hyphen|erm?|um|uh|that'?s|dot|point|stroke)[\s,.\-–]+)?"


def _recognizers(sites: Sites) -> list[PatternRecognizer]:
    said = rf"(?:(?:{NUMBER_WORD}|\d{{1,5}})[\s,.\-–]+{FILLER}){{4,24}}(?:{NUMBER_WORD}|\d{{1,5}})(?!\w)"
    digits = rf"(?:\d{{1,5}}[\s,.\-–]+{FILLER}){{0,8}}"
    spoken = rf"(?<![\w'’])(?={digits}(?:{NUMBER_WORD})[\s,.\-–]+{FILLER}{digits}(?:{NUMBER_WORD})\b){said}"
    # A number that begins in figures and ends in words: "01632 five five 0123", "07700 (900) four-one-eight".
    begun = rf"(?<![\w£])(?=[\d\s,.\-–()]+(?:{NUMBER_WORD})\b)0\d{{2,5}}[\s,.\-–()]+{FILLER}(?:(?:{NUMBER_WORD}|\d{{1,6}})[\s,.\-–()]+{FILLER}){{1,11}}(?:{NUMBER_WORD}|\d{{1,6}})(?!\w)"
    letter = rf"(?:[a-z]|{SPELLING})"
    return [
        NhsNumber(
            "nhs_number",
            {
                "ten digits": (rf"{NUMBER_START}[1-9](?:{GAP}{DIALLED_DIGIT}){{9}}(?!\w)(?![-./,:]\d)", WEAK),
                "in two goes": (
                    rf"\bnhs[\s:.-]*{NUMBER_NOUN}?[\s:.=-]*(?:is|was|it'?s|it is|starts|begins)?[\s:.=-]*\K(?:\d{{3}}{GAP}\d{{3}}{AND_THEN}\d{{4}}|\d{{3}}{AND_THEN}\d{{3}}{GAP}\d{{4}})(?!\d)",
                    SURE,
                ),
                "after its name": (
                    rf"\bnhs[\s:.-]*{NUMBER_NOUN}?[\s:.=-]*(?:is|was|it'?s|it is)?[\s:.=-]*\K\d(?:(?:{GAP}|,\s?){DIALLED_DIGIT}){{7,11}}(?!\d)",
                    SURE,
                ),
            },
            context=["nhs", "n.h.s", "nhsno"],
        ),
        Spoken("nhs_number", {"said": (spoken, WEAK)}, context=["nhs"]),
        Spoken("phone", {"said": (spoken, WEAK), "said in part": (begun, WEAK)}),
        Phone(
            "phone",
            {
                "uk": (
                    rf"(?<![\w£])(?<!\d[-/.,:])\(?[0O](?={GAP}[1235789lI]){GAP}[1-9lI](?:(?:{GAP}{DIALLED_DIGIT}){{9}}|(?:{GAP}{DIALLED_DIGIT}){{8}}|(?:{GAP}{DIALLED_DIGIT}){{10}}|(?:{GAP}{DIALLED_DIGIT}){{7}})(?!\d)(?:\s*(?:ext|x|extension)\.?\s*\d{{2,5}})?",
                    SURE,
                ),
                "uk with stops": (r"(?<![\w+.])0\d{2,4}[./,]\d{3}[./,]?\d{3,4}(?!\w)", SURE),
                "uk with commas and spaces": (
                    r"(?<![\w+£.,])0(?:[1-37]\d{3},\s\d{3},?\s\d{3}|[1-37]\d{2},\s\d{3},?\s\d{4})(?![\w%]|,\s?\d)",
                    SURE,
                ),
                "uk in two goes": (rf"(?<![\w+£.])0[127](?:{GAP}\d){{5,7}}{AND_THEN}\d{{2,4}}(?![\w%])", SURE),
                "uk in three goes": (rf"(?<![\w+£.])0\d{{2,4}}(?:{AND_THEN}\d{{3,4}}){{2}}(?![\w%])", SURE),
                "uk digit by digit": (r"(?<![\w£.,])0(?:,?\s\d){9,10}(?!\w)", SURE),
                "uk after a stroke": (r"(?<=\d/)0(?:[\s-]?\d){9,10}(?!\d)", SURE),
                "with a country": (rf"(?<!\w)(?:\+|00)\d{{1,3}}{GAP}(?:\(0\))?(?:{GAP}{DIGIT}){{7,12}}(?!\w)", SURE),
                "44 without plus": (rf"(?<![\w+£])44(?:{GAP}{DIGIT}){{10}}(?!\w)", SURE),
                "short": (r"(?<![\w+£.:/-])\d(?:[\s-]?\d){5,9}(?![\w%])(?![.:/-]\d)", WEAK),
            },
            context=sorted(
                words(
                    "phone telephone tel ring ringing rang call mobile mob landline text dial fone whatsapp number fax"
                )
            ),
        ),
        Email(
            "email",
            {
                "written": (rf"{LOCAL}@[\w-]++(?:[.,][\w-]+)+", SURE),
                "at in brackets": (
                    rf"{LOCAL}\s?[(\[{{<*](?:at|a)[)\]}}>*]\s?[\w-]++(?:(?:\.|\s?[(\[{{<*]dot[)\]}}>*]\s?)[\w-]+)+",
                    SURE,
                ),
                "with spaces": (
                    rf"{LOCAL}\s?@\s?[\w-]++\s?\.\s?(?:(?:co|org|ac|me)\s?\.\s?uk|(?:[\w-]+\.){{0,4}}[a-z]{{2,}})\b",
                    SURE,
                ),
                "wrong sign": (rf"{LOCAL}[#£~](?:{MAILBOX})(?:\.\w+)+", SURE),
                "known mailbox": (rf"{LOCAL}(?:@(?:{MAILBOX})\b|\sat\s(?:{MAILBOX})(?:\.\w+)+)", SURE),
                "known mailbox alone": (
                    rf"(?<![\w.+-])(?:[\w.+-]++\s(?:dot|underscore|dash|hyphen)\s){{0,4}}{LOCAL}\sat\s(?:gmail|googlemail|hotmail|outlook|yahoo|icloud)\b",
                    SURE,
                ),
                "without its dots": (
                    rf"(?:\be?-?mail(?:\s(?:me|us|him|her|is|it|to|at|on|address))*[\s:]+\K(?:[\w.+-]+\s){{1,4}}|{LOCAL}\s)at\s(?:{SURE_MAILBOX})\s(?:com|co\suk|net|org)\b",
                    SURE,
                ),
                "said": (
                    rf"{LOCAL}(?:\s(?:dot|underscore|dash|hyphen)\s[\w.+-]++){{0,4}}\s?(?:\bat\b|\(at\)|\[at\]|@)\s?[\w-]++(?:\s(?:dot|\(dot\))\s(?!(?:{SPOKEN_TOP})\b)[\w-]++){{0,4}}(?:\s?(?:\bdot\b|\(dot\)|\[dot\])\s?(?:{SPOKEN_TOP})){{1,3}}\b",
                    SURE,
                ),
            },
        ),
        Url(
            "url",
            {
                "with its scheme": (r"(?:https?:/{1,2}|(?<!\w)www\d?\.)\S*[\w/]", SURE),
                "domain": (rf"(?<![@\w.-])(?:[a-z0-9][a-z0-9-]*\.)+{TOP}(?![\w@-])(?!\.\w)(?:[/?#]\S*[\w/])?", SURE),
                "domain with a path": (rf"(?<![@\w.-])(?:[a-z0-9][a-z0-9-]*\.)+{PATH_TOP}/\S*\w", SURE),
                "said": (
                    rf"(?<![\w-])(?:w\s?w\s?w\s(?:dot\s)?)?[\w-]++(?:\sdot\s(?!(?:{SPOKEN_TOP})\b)[\w-]++){{0,4}}(?:\sdot\s(?:{SPOKEN_TOP})){{1,3}}\b(?:\s(?:forward\s)?slash\s[\w-]++){{0,4}}",
                    SURE,
                ),
                "handle": (rf"(?<![\w@.])@{NO_HANDLE}[a-z_][\w.]{{2,}}\b", SURE),
                "handle after its name": (
                    rf"\b{SOCIAL}\b[\s:,=-]*(?:(?:is|was|as|at|me|my|handle|name|user\s?name|account|page|id|it'?s|under|live|channel|profile|@)\b[\s:,=-]*){{0,3}}\K"
                    rf"(?=[\w.]*[\d_.#]\w){HANDLE}",
                    SURE,
                ),
                "handle before its name": (
                    rf"\b(?:i'?m|i\s+am|as|is|it'?s|under)\s+\K(?=[\w.]*[\d_.#]\w){HANDLE}(?=\s+on\s+{SOCIAL}\b)",
                    SURE,
                ),
                "on Skype": (r"(?<![\w:])live:[a-z][\w.]{2,30}\b", SURE),
                "on Reddit": (r"(?<![\w/])u/[a-z][\w-]{2,30}\b", SURE),
                "user name, no more": (r"\b(?:user\s?(?:name|id)|log\s?in)\s+\K(?=[\w.]*\d\d)[a-z][\w.]{3,30}\b", SURE),
                "user name": (
                    rf"\b(?:(?:handle|user\s?name|user\s?id|screen\s?name|log\s?in|gamer\s?tag|account\s+name)(?:\s+(?:on|for|to|at|with|in)(?:\s+[\w'’-]+){{1,4}}?)?\s*(?:\bis\b|\bwas\b|:|=)"
                    rf"|(?:logged|signed)\s+(?:in|on|up)\s+as\b)\s*\K(?=[\w.]*[\d_.#]\w){HANDLE}",
                    SURE,
                ),
                "three words": (r"(?<![\w:/])/{2,3}[^\W\d_]{3,}\.[^\W\d_]{3,}\.[^\W\d_]{3,}\b", SURE),
                "three words after their name": (
                    r"\b(?:what\s?(?:3|three)\s?words?|w3w)\b\W*(?:(?:is|are|address|for|us|me|location|ref|code|says)\b\W*){0,4}\K[^\W\d_]{3,}\.[^\W\d_]{3,}\.[^\W\d_]{3,}\b",
                    SURE,
                ),
            },
        ),
        Postcode(
            "postcode",
            {
                "written": (
                    rf"(?<![\w-]){AREA}(?:\d[\dA-Z]?|(?-i:[IOl])\d|\dO)[\s.-]{{0,2}}{INWARD}(?!\w)(?!\s+(?:floor|of)\b)",
                    SURE,
                ),
                "area apart": (rf"(?<![\w-])(?-i:{AREA})\s\d{{1,2}}\s{{0,2}}\d[A-Z]{{2}}(?!\w)", SURE),
                "digit apart": (rf"(?<![\w'’-]){AREA}\d[\dA-Z]?(?:\s{{1,2}}\d[\s-]|[/_]\d|-\d-){UNIT}(?!\w)", SURE),
                "o for a nought": (rf"(?<![\w-]){AREA}\d[\dA-Z]?\s(?-i:o[A-Z]{{2}})(?!\w)", SURE),
                "area apart, after its name": (
                    rf"\bpost?\s?code\b[\s:,]*(?:is|was)?[\s:,]*\K{AREA}\s\d{{1,2}}\s{{0,2}}\d[A-Z]{{2}}(?!\w)",
                    SURE,
                ),
                "of no area, after its name": (
                    r"\bpost?\s?code\b[\s:,]*(?:is|was)?[\s:,]*\K[A-Z]{1,2}\d[\dA-Z]?\s?[\dO][A-Z]{2}(?!\w)",
                    SURE,
                ),
                # The health service's own for those of no fixed abode ("ZZ99 3VZ"), and slips of the pen.
                "of no area": (
                    r"(?<![\w-])(?-i:[A-Z]{1,2})\d[\dA-Z]?\s{1,2}(?-i:[\dO])(?!(?:st|nd|rd|th|hr|yr|ft)\b)[A-Z]{2}(?!\w)",
                    SURE,
                ),
                "area of two apart": (
                    rf"(?<![\w'’-])(?=[A-Z]{{2}}[\s-])(?!so\b){AREA}[\s-]\d{{1,2}}[\s-]{{0,2}}\d\s?{UNIT}(?!\w)",
                    SURE,
                ),
                "spaced": (r"(?<![\w'’])[A-Z]\s?[A-Z]?\s?\d{1,2}[A-Z]?\s?\d\s[A-Z]\s[A-Z](?!\w)", SURE),
                "with stops": (
                    rf"(?<![\w'’])[A-Z]\.\s?(?:[A-Z]\.\s?)?\d{{1,2}}\.?\s{{0,2}}\d\.?\s?{UNIT_LETTER}\.\s?{UNIT_LETTER}(?!\w)",
                    SURE,
                ),
                "letters of its end apart": (rf"(?<![\w'’-]){AREA}\s?\d{{1,2}}\s?\d\s?[A-Z]\s[A-Z](?![\w'’])", SURE),
                "digits said": (
                    rf"(?<![\w'’])(?:{AREA}|[a-z]\s[a-z])\s(?:(?:{NUMBER_WORD}|\d{{1,2}})[\s,]+){{2,4}}[a-z]\s?[a-z](?![\w'’])",
                    WEAK,
                ),
                "digits said, letters apart": (
                    rf"(?<![\w'’])(?:{AREA}|[a-z]\s[a-z])\s(?:(?:{NUMBER_WORD}|\d{{1,2}})[\s,]+){{2,4}}(?!a\b)[a-z]\s[a-z](?![\w'’])",
                    SURE,
                ),
                "spelt": (
                    rf"(?<![\w'’])(?:(?:{AREA}|{letter}(?:\s{letter})?)\s(?:(?:{NUMBER_WORD}|\d{{1,2}})[\s,]+){{2,4}}|{AREA}\d{{1,2}}[\s,]+(?:{NUMBER_WORD})[\s,]+)(?:(?:{SPELLING})\s{letter}|[a-z]\s(?:{SPELLING}))\b",
                    SURE,
                ),
                "said": (
                    rf"\bpost?\s?code(?:['’]?s)?[\s:,]*(?:is|was)?[\s:,]*\K[a-z]\s?[a-z]?\s(?:(?:{NUMBER_WORD}|\d{{1,2}})\s){{2,4}}[a-z]\s?[a-z]\b",
                    SURE,
                ),
            },
            context=["postcode"],
        ),
        Address(sites),
        NamedHome(sites),
        UkRecognizer(
            "address",
            {
                "grid reference": (r"\bgrid\s+ref(?:erence)?\W*(?:is\W+)?\K[HNOST][A-Z]\s?\d{2,5}\s?\d{2,5}\b", SURE),
                "latitude and longitude": (r"(?<![\w.])-?\d{1,2}\.\d{4,}[,\s]+-?\d{1,3}\.\d{4,}\b", SURE),
            },
        ),
        UkRecognizer(
            "date_of_birth",
            {
                "after its name": (
                    rf"\b{BIRTH}\??[^.!?;\n\d]{{0,24}}?\n?\K(?:{DATE}|\d{{1,2}}\s\d{{1,2}}\s(?:\d{{4}}|\d\d)|\d{{6}}(?:\d\d)?|(?:19|20)\d\d|\d{{1,2}}[/.]\d{{1,2}}|(?:(?:{NUMBER_WORD})[\s,-]+(?:and\s+)?){{2,9}}(?:{NUMBER_WORD})|{ORDINAL}[\s,]+(?:of\s+)?(?:the\s+)?(?:{ORDINAL}|{MONTH})(?:[\s,-]+(?:{NUMBER_WORD}))+)(?!\w)",
                    SURE,
                ),
                "second of two": (
                    rf"\b{BIRTH}s?[^.!?;\n\d]{{0,24}}{DATE}\s*(?:and|&|,)\s*(?:(?:his|hers?|mine|my|the)\s+)?\K{DATE}(?!\w)",
                    SURE,
                ),
                "year after its name": (
                    r"(?:\b(?:year\s+(?:of\s+birth|born)|y\.?o\.?b)\b\W*(?:is|was)?\W*|(?<!\w)(?-i:b)\.\s?)\K(?:19|20)\d\d\b(?![/.-])",
                    SURE,
                ),
                "round birthday": (
                    rf"\b(?:my|his|her|mum'?s|dad'?s)\s+(?:18|21|[3-9]0|100)th\s+(?:is|was|falls)\s+(?:on\s+)?\K{DATE}(?!\w)",
                    SURE,
                ),
                "mine, of years ago": (
                    r"\b(?:my|mine)\s+\K\d{1,2}[/.-]\d{1,2}[/.-](?:20)?(?:0\d|1[0-2])(?![\d/.-])(?=\s*(?:[,.;!?]|$|and\b))",
                    SURE,
                ),
                "after born": (
                    rf"\b(?:born|b\.|urodz\w+|n[aă]scut[aă]?|ganwyd)(?:[\s,]+(?:on|in|at|a|an|of|it|was|early|back|way|here|at|home|hospital|around|about|prematurely|the|old|wing|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?-i:[A-Z][\w'’-]+))){{0,6}}[\s,:-]+\K(?:{DATE}|{MONTH}\s+(?:19|20)\d\d|\d{{1,2}}\s\d{{1,2}}\s\d{{2,4}})(?!\w)",
                    SURE,
                ),
                "gave birth": (
                    rf"\b(?:g[ai]ve(?:n|s)?|giving)\s+birth(?:\s+(?:to|here|at|a|my|our|her|him|son|daughter|baby|girl|boy|home|twins|(?-i:[A-Z][\w'’-]+))){{0,5}}\s+on\s+\K{DATE}(?!\w)",
                    SURE,
                ),
                "so old on": (
                    rf"\b(?:turn(?:s|ed|ing)?|be|is|was|i'?m|are|became|becomes|reach(?:ed|es)?)\s+(?:\d{{1,3}}|(?:{NUMBER_WORD})(?:[\s-](?:{NUMBER_WORD}))?)(?:\s+(?:years\s+old|today))?,?\s+on\s+\K{DATE}(?!\w)",
                    SURE,
                ),
                "before an age": (rf"\b{DATE}(?=[\s,(]*aged?\s+\d{{1,3}}\b)", SURE),
                "of a baby": (
                    r"\b(?:an?|another)\s+\K\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)(?=\s+bab(?:y|ies)\b(?!\s+(?:clinic|group|check|class)))",
                    SURE,
                ),
                "before its name": (
                    rf"\b{DATE}(?=[\s,()-]*(?:is|was|being)?\s*(?:my|his|her|their|the)?\s*(?:d\.?o\.?b\b|date\s+of\s+birth|birth\s?day|birth\s?date))",
                    SURE,
                ),
                "after a name": (
                    r"(?-i:[A-Z][\w'’-]+\s+[A-Z][\w'’-]+),?\s*\(\s*\K\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)(?=\s*\))",
                    SURE,
                ),
                "after a surname in capitals": (
                    rf"(?-i:[A-Z][A-Z'’-]+,\s[A-Z][a-z]+),\s*\K\d{{1,2}}[\s/.-](?:\d{{1,2}}|{MONTH})[\s/.-](?:\d{{4}}|\d\d)(?!\w)",
                    SURE,
                ),
                "long ago": (LONG_AGO, SURE),
                "said, long ago": (SAID_LONG_AGO, SURE),
                "long ago, the month first": (
                    r"(?<![\d/.-])(?:0?[1-9]|1[0-2])([/-])(?:1[3-9]|2\d|3[01])\1(?:19\d\d|(?<=\bborn\s(?:on\s)?\S{6,8})[4-9]\d)(?![\d/-])",
                    SURE,
                ),
                "of a birthday, the month first": (
                    rf"\b{BIRTH}\b[^\n]{{0,80}}?(?<![\d/.-])\K(?:0?[1-9]|1[0-2])([/-])(?:1[3-9]|2\d|3[01])\1[3-9]\d(?![\d/-])",
                    SURE,
                ),
                "with a Roman month": (
                    r"(?<![\w.])\d{1,2}([./])\s?(?:i{1,3}|iv|vi{0,3}|ix|xi{0,2})\1\s?(?:19|20)?\d\d(?!\w)",
                    SURE,
                ),
                "with letters for digits": (
                    rf"\b(?:{BIRTH}|born)\b[\s:,]*(?:(?:is|was|on)[\s:,]*)?\K(?=\S*\d)[\dOlI]{{1,2}}([/.-])[\dOlI]{{1,2}}\1(?:[\dOlI]{{4}}|[\dOlI]{{2}})(?!\w)",
                    SURE,
                ),
                "strokes said": (
                    r"(?<![\w.])\d{1,2}\s+((?:forward\s+)?(?:slash|stroke|dash|dot))\s+\d{1,2}\s+\1\s+(?:19|20)?\d\d(?!\w)",
                    SURE,
                ),
                "baby came": (
                    rf"\bbab(?:y|ies)\b(?:\s+\w+){{0,2}}\s+(?:came|arrived|landed)\s+(?:early\s+)?(?:on\s+)?(?:the\s+)?\K(?:{DATE}|\d{{1,2}}\s\d{{1,2}}\s\d{{2,4}})(?!\w)",
                    SURE,
                ),
                "of twins": (r"(?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-](?:20)?\d\d(?![\d/.-])", WEAK),
                "b.": (r"\bb\.?\s*\K\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)\b", SURE),
            },
            context=["twins", "twin", "triplets", "birthday"],
        ),
        OtherId(
            "other_id",
            {
                "national insurance": (
                    r"(?<!\w)[A-Z]{2}(?=(?:[^\d\n]{0,2}\d){5})(?:[\s.-]?[\dlIO]{2}){3}[\s.-]?[A-D](?!\w)",
                    SURE,
                ),
                "registration": (r"(?<![\w-])(?-i:[A-Z]{2}\d{2}\s?[A-Z]{3})(?![\w-])", SURE),
                "registration with a space": (r"(?<![\w-])[A-Z]{2}\d{2}\s[A-Z]{3}(?![\w-])", SURE),
                "registration in small letters": (r"(?<![\w-])[A-Z]{2}\d{2}[A-Z]{3}(?![\w-])", WEAK),
                "registration in three": (r"(?<![\w-])(?-i:[A-Z]{2}\s\d{2}\s?[A-Z]{3})(?![\w-])", WEAK),
                "registration after its name": (
                    rf"\b(?:reg(?:istration)?|plate)\b{TO_CODE}\K(?!(?:at|in|on|to|of|by|or|is|my|up|so|be|we|us|if|as|an|no)\s)[A-Z]{{2}}\s?\d{{2}}\s?[A-Z]{{3}}(?![\w-])",
                    SURE,
                ),
                "password": (r"\bpass\s?word\b\W{1,3}(?:(?:is|was|it'?s)\s+)?\K(?=[^\s\d]*\d)[^\W_]\S{4,30}", SURE),
                "old registration": (
                    r"(?<![\w-])(?-i:[A-Z]\s?\d{1,3}\s?[A-Z]{3}|[A-Z]{3}\s?\d{1,4}[A-Z]?)(?![\w-])",
                    WEAK,
                ),
                "code": (
                    r"(?<![\w/-])(?-i:[A-Z]{1,6}[-/]?\d{5,}(?:[-/][A-Z\d]+)*|(?=(?:\D{0,8}\d){4})[A-Z]{1,6}[-/]\d{1,6}(?:[-/][A-Z\d]+)+|[A-Z]{1,6}[-/]\d{4,}(?:[A-Z]|/(?-i:[A-Za-z\d]))?)(?![\w/])",
                    SURE,
                ),
                "digits and a letter": (r"(?<![\w/-])(?-i:\d{6,}[A-Z])(?![\w/-])", SURE),
                "before its name": (
                    rf"(?<![\w-]){CODE}(?=\s+(?:is|was)\s+(?:my|his|her|the)\s+(?:{ID_NOUN}|{WEAK_ID_NOUN}))",
                    SURE,
                ),
                "long code": (rf"(?<![\w/-])(?-i:{NO_PREFIX}[A-Z]{{1,4}}\d{{0,2}}\s?\d{{6,}}[A-Z]?)(?!\w)", SURE),
                "code in groups": (rf"(?<![\w/-])(?-i:{NO_PREFIX}[A-Z]{{1,4}}\s\d{{3,5}}\s\d{{3,5}})(?![\w/-])", SURE),
                "capitals and five digits": (rf"(?<![\w/-])(?-i:{NO_PREFIX}[A-Z]{{3,4}}\s\d{{5}})(?![\w/-])", SURE),
                "nurse's PIN": (r"(?<![\w/-])(?-i:\d{2}[A-Z]\s?\d{4}\s?[A-Z])(?![\w/-])", SURE),
                "noughts first": (rf"(?<![\w/-])(?-i:{NO_PREFIX}[A-Z]{{2,4}}\s00\d{{3,6}})(?!\w)", SURE),
                "kept under": (
                    rf"\b(?:(?:booked|filed|listed|logged|entered|registered|recorded|saved|kept|down|it'?s|is|was)\s+(?:as|under)|quoted|list\s+(?:no|number))\b[\s:.]*\K{CAPITALS_FIRST}",
                    SURE,
                ),
                "slot": (
                    rf"\bslots?\s+(?:is|was)[\s:]*\K(?:{CAPITALS_FIRST}|(?-i:[A-Z]{{2,6}}(?:-\d{{1,3}}|(?:\s\d{{2,4}}){{2}}))(?!\w))",
                    SURE,
                ),
                "driving licence": (
                    r"(?<![\w/-])(?-i:[A-Z9]{5})\s?\d{6}\s?(?-i:[A-Z9]{2}[A-Z\d]{3})(?:\s?\d\d)?(?!\w)",
                    SURE,
                ),
                "IBAN": (r"(?<!\w)(?-i:[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){3,7}(?:\s?[A-Z\d]{1,3})?)(?!\w)", SURE),
                "account": (r"\b(?:account|acct|a/c)\W+(?:no|number)?\W*(?:is)?\W*\K\d{7,8}(?!\d)", SURE),
                "card": (r"(?<![\d-])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)", SURE),
                "end of a card": (
                    r"\bcard\s+(?:(?:number|no)\s+)?(?:ending|ends|finishing)\s+(?:in\s+|with\s+)?\K\d{4}(?!\d)",
                    SURE,
                ),
                # By signs that no office writes: two strokes, a dot half-way up, a small circle, a hash.
                "oddly parted": (
                    r"(?<![\w/:#])(?=\S*[A-Z])(?=\S*\d{3}|\S*\d\s\d{3})[A-Z\d]{1,8}(?:(?://|[·•°#])[A-Z\d]{1,8}){1,4}(?:-[A-Z]{2,6}|\s\d{2,6})?(?![\w/])",
                    SURE,
                ),
                "strokes said after capitals": (
                    r"(?<!\w)(?-i:[A-Z]{1,4})\s+((?:forward\s+)?slash|stroke|dash|hyphen)\s+(?:[A-Z\d]{1,6}\s+\1\s+)?\d{2,}(?!\w)",
                    SURE,
                ),
                "tag": (
                    r"\b(?:tag|label|locker|ticket)\W+(?:(?:no|number|is)\W+)?\K(?-i:[A-Z])\.?\s?\d{3,6}(?!\w)",
                    SURE,
                ),
                "key safe": (
                    r"\b(?:key\s?(?:safe|box|code)|(?:my|our|his|her|mum'?s|dad'?s|nan'?s)\s+(?:(?:front|back|side)\s+)?(?:(?:door|gate|alarm|flat)\s+code|pin))\W+"
                    r"(?:(?:code|number|no|pin|is|was|it'?s|its|on|the|at|for|left|right|wall|porch|door|gate|my|mum'?s)\W+){0,4}\K(?:\d\d[\s-]\d\d\b|(?=[^\W_]*\d)[^\W_]{4,8}\b)",
                    SURE,
                ),
                "strokes said": (
                    rf"\b(?:{ID_NOUN}|reg(?:istration)?)\b{TO_CODE}\K(?=(?:\w+\s+){{0,8}}?\w*\d)(?:[A-Z\d]{{1,6}}\s+(?:(?:forward\s+)?slash|stroke|dash|hyphen|dot)\s+){{1,5}}[A-Z\d]{{1,8}}(?!\w)",
                    SURE,
                ),
                "said": (
                    rf"\b(?:{ID_NOUN}|reg(?:istration)?|number\s?plate|plate)\b{TO_CODE}\K(?=(?:\w+[\s,.-]+){{0,6}}(?:{NUMBER_WORD}|\d))"
                    rf"(?:(?:{SPELLING}|{NUMBER_WORD}|(?!a\b|i\b)[a-z]|\d{{1,6}})[\s,.-]+){{3,14}}(?:{SPELLING}|{NUMBER_WORD}|[a-z]|\d{{1,6}})\b",
                    SURE,
                ),
            },
            context=sorted(
                words(
                    "reg registration registered plate plates car van vehicle parked parking barrier camera clamped numberplate motor"
                    " bike motorbike taxi anpr permit fined"
                )
            ),
        ),
        NamedCode(
            "other_id",
            {
                "after its name": (rf"{OWNED}{ID_NOUN}\b{TO_CODE}\K{CODE}", SURE),
                "groups after its name": (rf"{OWNED}{ID_NOUN}\b{TO_CODE}\K{GROUPS}", SURE),
                "after a weaker name": (
                    rf"{OWNED}{WEAK_ID_NOUN}[\s.:]*(?:{NUMBER_NOUN}|ref(?:erence)?)\b[\s.:=#-]*(?:(?:is|was|on|of|it'?s|my|the|wristband|card|letter)[\s:=]*){{0,3}}\K{CODE}",
                    SURE,
                ),
            },
        ),
        Reference(
            "other_id",
            {
                "short after ref": (
                    rf"{OWNED}(?:refs?|reference|quote|quoting|mrn|crn|ubrn|chi|datix|wristband|rio|nmc|pals)\b[\s.:=#-]*(?:(?:is|was|of|says|said|number|no|cad)[\s.:=]*){{0,2}}\K(?=(?:\D{{0,4}}\d){{3}}){CODE}",
                    SURE,
                ),
                "short after its name and number": (
                    rf"{OWNED}(?:{ID_NOUN}|{WEAK_ID_NOUN})[\s.:]*(?:{NUMBER_NOUN}|ref(?:erence)?)(?!\w)[\s.:=#-]*(?:(?:is|was)[\s:=]*)?\K(?=(?:\D{{0,4}}\d){{3}}){CODE}",
                    SURE,
                ),
            },
        ),
        UkRecognizer(
            "other_id",
            {
                "entry in a log": (
                    rf"\b(?:cad|incident|log|crime|police|ref)\W+(?:(?:number|no|is|was)\W+){{0,2}}\K\d{{1,5}}\s+of\s+(?:the\s+)?(?:\d{{1,2}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH})",
                    SURE,
                ),
                "bank": (
                    r"(?<!\d)\d{2}[- ]\d{2}[- ]\d{2}(?!\d)(?=.{0,30}account|\W{1,3}\d{7,8}(?!\d))|\b(?:sort(?:\s?code)?|s/c|sc)\W*(?:is|was)?\W*\K\d{2}[-./ ]?\d{2}[-./ ]?\d{2}(?!\d)",
                    SURE,
                ),
            },
        ),
        LongNumber(
            "other_id",
            {
                "in one piece": (rf"{NUMBER_START}\d{{7,24}}(?![\w%])(?![.,:/-]\d)", SURE),
                "in groups": (rf"{NUMBER_START}\d(?:[\s./_–-]{{0,2}}\d){{6,23}}(?![\w%])(?![.,:/-]\d)", SURE),
            },
        ),
        MixedCode("other_id", {"mixed": (r"(?<![\w/.-])(?-i:(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{6,17})(?![\w/-])", SURE)}),
        MixedCode(
            "other_id",
            {"mixed, small": (r"(?<![\w/.-])(?=[a-z]*\d)(?=\d*[a-z])(?=(?:[a-z]*\d){4})[a-z\d]{7,17}(?![\w/-])", SURE)},
        ),
        StrokedCode(
            "other_id",
            {"strokes": (r"(?<![\w/.-])(?-i:[A-Z\d]{1,8}(?:[/-][A-Z\d]{1,8}){1,5})(?![\w/-])(?!\.\d)", SURE)},
        ),
        SpacedCode(
            "other_id",
            {
                "signs one by one": (
                    r"(?<![\w'’])(?-i:[A-Z\d]{1,2}\s(?:[A-Z\d]\s(?:\.\s)?){4,14}[A-Z\d])(?![\w'’])",
                    SURE,
                )
            },
        ),
        GroupedCode("other_id", {"groups": (rf"(?<![\w/.-]){GROUPS}", SURE)}),
    ]


class StructuredFinder:
    """Presidio with the UK registry; `find` gives every span of a structured kind, overlapping ones included.

    taxonomy: the Trust's sites, which are no one's address; the Trust's own data where none is given.
    """

    def __init__(self, taxonomy: Taxonomy | None = None) -> None:
        sites = Sites(taxonomy or load_taxonomy())
        self.registry = RecognizerRegistry(recognizers=_recognizers(sites), supported_languages=["en"])
        self._words = spacy.blank("en")
        self._context = LemmaContextAwareEnhancer(
            context_prefix_count=BEFORE, context_suffix_count=AFTER, context_matching_mode="whole_word"
        )
        self._no_words = self._read("")  # patterns read the text alone; the words are needed for context only

    def find(self, text: str) -> list[Span]:
        """Find numbers, e-mail and web addresses, postcodes, streets and dates of birth in a text."""
        recognizers = list(self.registry.recognizers)
        results: list[RecognizerResult] = []
        for recognizer in recognizers:
            results += recognizer.analyze(text, recognizer.supported_entities, self._no_words)
        if any(result.score < THRESHOLD for result in results):
            results = self._context.enhance_using_context(text, results, self._read(text), recognizers)
        found = [
            Span(*_trimmed(text, result.start, result.end), result.entity_type)
            for result in results
            if result.score >= THRESHOLD
        ]
        found = [span for span in found if not _carried_by_a_thing(text, span)]
        found += _dates_beside_identity(text, found)
        return found + _told_again(text, found)

    def _read(self, text: str) -> NlpArtifacts:
        """The words that may be context: spaCy's tokeniser and nothing behind it, so no model can be fetched."""
        doc = self._words.make_doc(text)
        words = [token.lower_ for token in doc]
        artifacts = NlpArtifacts([], doc, [token.idx for token in doc], words, None, "en")
        artifacts.keywords = words  # without an engine Presidio takes none
        return artifacts


SURELY_THE_SAME = 6  # signs with a digit among them; of fewer, "14 days" and "flat 14" might be two things
DIALLED = re.compile(r"[^\w+]*(?:\+|[0O](?:\W*\d){8}|44(?:\W*\d){10})", re.IGNORECASE)


def _carried_by_a_thing(text: str, span: Span) -> bool:
    """Whether a number is a thing's: a parcel's, a pump's, a batch's. What can be dialled is never taken for one."""
    if span.kind not in ("nhs_number", "phone", "other_id") or is_worn(text, span.start):
        return False
    found = text[span.start : span.end]
    if any(c.isalpha() and c not in "Oo" for c in found):
        return names_a_device(text, span.start) or re.match(r"LOT|BATCH|SN\b", found) is not None
    if not any(c.isdigit() for c in found) or DIALLED.match(found):
        return False
    return belongs_to_a_thing(text, span.start, span.end)


ANY_DATE = re.compile(
    rf"(?<![\d/.-])(?:\d{{1,2}}([/.-])\d{{1,2}}\1(?:\d{{4}}|\d\d)|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH}\s+(?:\d{{4}}|\d\d))(?![\d/-]|\.\d)",
    re.IGNORECASE,
)
BESIDE_NHS = re.compile(r"[\s,;:()/|–-]*(?:nhs)?[\s,;:()/|–-]*(?:no|number)?[\s.,;:()/|–-]*", re.IGNORECASE)
BESIDE = re.compile(r"\s?[,;(|)/–-][\s,;:()/|–-]*")


def _dates_beside_identity(text: str, found: list[Span]) -> list[Span]:
    """The dates in one row with a number that identifies: "485 777 3456, 4/5/19, 07700 900123" has a date of birth in it."""
    if not found:
        return []
    known = [span for span in found if span.kind in ("nhs_number", "phone", "postcode", "email")]
    return [
        Span(date.start(), date.end(), "date_of_birth")
        for date in (ANY_DATE.finditer(text) if known else ())
        if any(_in_one_row(text, date.span(), span) for span in known)
    ]


def _told_again(text: str, found: list[Span]) -> list[Span]:
    """Where what was found stands once more in the same words: "21a Cot Lane" may be plain by its surroundings the first time only."""
    kinds = {text[span.start : span.end].casefold(): span.kind for span in found}
    return [
        Span(again.start(), again.end(), kind)
        for words, kind in kinds.items()
        if len(words) >= SURELY_THE_SAME and any(map(str.isdigit, words))
        for again in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE)
    ]


def _in_one_row(text: str, date: tuple[int, int], span: Span) -> bool:
    between = text[span.end : date[0]] if span.end <= date[0] else text[date[1] : span.start]
    return (BESIDE_NHS if span.kind == "nhs_number" else BESIDE).fullmatch(between) is not None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space, closing punctuation and the half of a bracket at its ends."""
    while start < end and (text[start].isspace() or (text[start] == "(" and ")" not in text[start:end])):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in ".,;:!?-–"):
        end -= 1
    return start, end
