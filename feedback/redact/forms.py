"""The shapes that identity takes in writing: dates, numbers said and written, streets; and a quick look for any of them.

`patterns` builds its recognisers from these. Kept apart because the quick look runs on every text and must not load Presidio.
"""

import re

MONTH = r"(?:jan(?:uary)?|feb(?:r?uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
ORDINAL = (
    r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
UNITS = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}
UNITS |= {"oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "niner": "9", "fower": "4"}
TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = {
    "twenty": "2",
    "thirty": "3",
    "forty": "4",
    "fourty": "4",
    "fifty": "5",
    "sixty": "6",
    "seventy": "7",
    "eighty": "8",
    "ninety": "9",
}
REPEATS = {"double": 2, "treble": 3, "triple": 3}
NUMBER_WORD = "|".join([*sorted(UNITS, key=len, reverse=True), *TEENS, *TENS, *REPEATS, "hundred", "thousand"])
SPOKEN_TOP = "com|co|org|net|uk|nhs|gov|ac|example|test|info|io|me|eu|ie|pl|ro"
MAILBOX = (
    "gmail|googlemail|hotmail|outlook|yahoo|icloud|live|aol|btinternet|sky|talktalk|protonmail|virginmedia|msn|mail"
)

# ---- streets -------------------------------------------------------------------------------------------------------
# Words that end a street's name wherever they stand after a house number, and those that need a capital or a cue too.
STREET = (
    "road|rd|street|avenue|ave|lane|ln|crescent|cres|terrace|gardens|grove|ginnel|snicket|ginnell|maltings|mews|boulevard"
    "|parade|orchard|paddock|paddocks|meadows?|cottages?|farm|barns?|villas?|bungalows?|croft|fields|almshouses|wharf"
    "|causeway|esplanade|leys|garth|fold|nook|copse|spinney|dingle|furlong|heights|quay"
)
STREET_WITH_CARE = (
    "close|cl|drive|dr|way|place|pl|court|ct|rise|hill|green|walk|view|row|end|acres?|park|gate|square|st|house|mill|bank"
    "|side|common|heath|bridge|cross|field|wood|woods|vale|yard|passage|path|corner|hall|lodge|manor|grange|alley|broadway"
    "|buildings|pitch|batch|bottom|coppice|leasows?|chase|circus|cliff|dale|dell|drove|hollow|mount|parks|ridge|tor"
)
HOUSE = "Cottage|Farm|Farmhouse|House|Barn|Lodge|Villa|Bungalow|Mill|Croft|Manor|Grange|Rectory|Vicarage|Forge|Oast|Cabin|Smithy"
FLAT = r"(?:flat|apartment|apt|unit|plot|maisonette|bedsit)\.?\s*(?:no\.?\s*|number\s*)?\d{0,4}\s?[a-z]?,?\s+"
NUMBERED = rf"(?:\b{FLAT})?(?:no\.?\s*|number\s+)?(?<![\d£.:/-])\d{{1,4}}\s?[a-d]?(?:\s?[-/]\s?\d{{1,4}}[a-d]?)?\b,?\s+"
SPELT_NUMBER = rf"(?!\w+\s+high\s)(?:number\s+)?\b(?:(?:{'|'.join(TENS)})[\s-])?(?:{NUMBER_WORD})\s+"
# What stands between a number and "road" when it is no address: "10 minutes down the road", "4 doors along the street".
NO_STREET = (
    r"(?!(?:am|pm|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|years?|yrs?|miles?|yards|metres?|km|times?|people"
    r"|patients|staff|nurses|doctors|of|in|on|to|at|and|or|for|from|with|by|down|up|along|off|is|was|were|are|we|i|they|he"
    r"|she|it|beds?|wards?|mg|ml|out|days|cars?|spaces|quid|pounds?|different|more|other|long|x|as|my|our|your|their|his"
    r"|her|this|that|near|opposite|behind|stairs|steps|visits?|sessions?|appointments?|letters|calls|children|kids)\b)"
)
CAP_WORD = r"(?-i:[A-Z][\w'’.-]*|the|of|under|upon|on|le|de|and)"
LIVES_AT = r"(?:liv(?:e|es|ed|ing)|resid(?:e|es|ing)|moved|staying|address(?:ed)?|home|house|flat|bungalow|delivered|sent|posted|post|visit(?:ed)?(?: me| him| her| us)?)(?:\s+(?:is|was|it|now|to|at|in|on|down|up|back|from|there|here|him|her|me|us|out|the|round|over|should|be|still|currently|alone|:|=)){0,4}[\s:,-]+"


def digits_of(text: str) -> str:
    """The digits of a number as written or said: "oh double seven" is "077", "fifty nine" is "59", an O among digits 0."""
    found: list[str] = []
    repeat, tens = 1, ""
    for word in re.findall(r"[a-z]+|\d", re.sub(r"(?<=\d)[oO]|[oO](?=[oO]*\d)", "0", text).lower()):
        unit = word if word.isdigit() else UNITS.get(word)
        if tens and (unit is None or unit == "0"):
            found.append(tens + "0")
            tens = ""
        if word in REPEATS:
            repeat = REPEATS[word]
        elif word in TENS:
            tens = TENS[word]
        elif unit is not None:
            found.append(tens + unit * repeat)
            repeat, tens = 1, ""
        elif word in TEENS:
            found.append(f"1{TEENS.index(word)}")
        elif word in ("hundred", "thousand"):
            found.append("00" if word == "hundred" else "000")
    return "".join(found) + (tens + "0" if tens else "")


# A text without any of these holds nothing that the patterns look for, and Presidio need not see it.
WORTH_A_LOOK = re.compile(
    rf"\d|@|\bwww|https?:|\.(?:com|org|net|uk|example|test|info)\b|\bdot\b"
    rf"|(?:\b(?:{NUMBER_WORD})\b[\s,.-]+){{4}}|\b(?:liv(?:e|es|ed|ing)|address|home|house|moved)\b"
    r"|\b(?:dob|birth|birthday|born)\b"
    rf"|\b(?:{'|'.join(list(UNITS)[1:] + TEENS + list(TENS))})\s(?:\w+['’]?\w*\s){{1,4}}(?:{STREET})\b|\b(?:{HOUSE}),",
    re.IGNORECASE,
)


def worth_a_look(text: str) -> bool:
    """Whether the text holds anything that the patterns look for; nearly all comments hold nothing."""
    return WORTH_A_LOOK.search(text) is not None
