"""The shapes that identity takes in writing: dates, numbers said and written, streets; and a quick look for any of them.

`patterns` builds its recognisers from these. Kept apart because the quick look runs on every text and must not load Presidio.
"""

import re

# English with its usual slips; Welsh, Polish and Romanian, as people along the border and on the farms write them.
MONTH = (
    r"(?:jan(?:uary)?|feb(?:r?uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|janu?ar?y|febuary|feburary|sepember|octomber"
    "|ionawr|chwefror|mawrth|ebrill|mehefin|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr"
    "|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
    "|ianuarie|februarie|martie|aprilie|mai|iunie|iulie|septembrie|octombrie|noiembrie|decembrie)"
    r"\b\.?"
)
ORDINAL = (
    r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
# Days that go by a name; with a year they are as good as a date.
FEAST = (
    r"(?:(?:christmas|xmas|boxing|new\s+year['’]?s?|valentine['’]?s?|leap|may|midsummer['’]?s?|st\s+\w+['’]?s)\s+(?:day|eve)"
    r"|(?:bonfire|guy\s+fawkes|twelfth|burns)\s+night|hallowe['’]?en|good\s+friday|(?:easter|whit|palm|shrove|pancake)\s+(?:sun|mon|tues)day)"
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
# The alphabet of the radio, and letters that are written as they are said: "whisky romeo five" is WR5, "nine zed zed" 9ZZ.
SPELLING = (
    "alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|quebec|romeo|sierra"
    "|tango|uniform|victor|whiske?y|x-?ray|yankee|zulu|double[ -]?u|h?aitch|zed|zee|ess|ex"
)
MAILBOX = (
    "gmail|googlemail|hotmail|outlook|yahoo|icloud|live|aol|btinternet|sky|talktalk|protonmail|virginmedia|msn|mail"
)
# Those that are no word of English.
SURE_MAILBOX = "gmail|googlemail|hotmail|outlook|yahoo|icloud|aol|btinternet|talktalk|protonmail|virginmedia|msn"

# What may stand between the digits of one number: spaces and line ends, dashes, dots, strokes, brackets, the marks that make
# a digit a key on a telephone.
GAP = r"[\s\-‐-―./_()…·•\u200b\u2060\ufe0f\u20e3]{0,3}"

# ---- streets -------------------------------------------------------------------------------------------------------
# Words that end a street's name wherever they stand after a house number, and those that need a capital or a cue too.
STREET = (
    "road|rd|street|avenue|ave|lane|ln|crescent|cres|terrace|gardens|grove|ginnel|snicket|ginnell|maltings|mews|boulevard"
    "|parade|orchard|paddock|paddocks|meadows?|cottages?|farm|barns?|villas?|bungalows?|croft|fields|almshouses|wharf"
    "|causeway|esplanade|leys|garth|fold|nook|copse|spinney|dingle|furlong|heights|quay|jitty|twitchell?|brewery|dairy|mill"
)
STREET_WITH_CARE = (
    "close|cl|drive|dr|way|place|pl|court|ct|rise|hill|green|walk|view|row|end|acres?|park|gate|square|st|house"
    "|side|common|heath|bridge|cross|field|wood|woods|vale|yard|passage|path|corner|hall|lodge|manor|grange|alley|broadway"
    "|buildings|pitch|batch|bottom|coppice|leasows?|chase|circus|cliff|dale|dell|drove|hollow|mount|parks|ridge|tor|bank"
    "|vw|gdns|sq|pk|terr|mdws?|bldgs|hse|av|drift|race|tump|reach|brow|spur|lea|leaze|pool|brook|ford|hurst|warren|ride|strand|basin|marina|butts|tything|foregate"
    "|shambles|gallop|oaks|elms|limes|firs|beeches|pines|approach|link|loop|towers?|point|quarry|stables|school|works|piece|pound|mound"
)
HOUSE = (
    "Cottages?|Farm|Farmhouse|House|Barns?|Lodge|Villa|Bungalow|Mill|Croft|Manor|Grange|Rectory|Vicarage|Forge|Oast|Cabin|Smithy"
    "|Kiln|Kilns|Granary|Stables?|Dairy|Chalet|Caravan|Static|Trailer|Annexe?|Gatehouse|Schoolhouse|Parsonage|Presbytery|Byre"
)
FLAT = (
    r"(?:(?:top|ground|first|second|third|basement|garden|upper|lower|middle)\s+(?:floor\s+)?)?"
    r"(?:flat|apartment|apt|unit|plot|maisonette|bedsit|studio)\.?\s*(?:no\.?\s*|number\s*)?(?:\d{1,4}\s?[a-z]?|[a-z])?\b,?\s+"
)
# Numbers of rooms, buses and the like: what follows is where it is, and not a street.
NO_HOUSE_NUMBER = (
    r"(?<!\b(?:room|rm|ward|bay|bed|floor|level|door|desk|clinic|zone|area|ticket|window|chair|lift|phase|year|section|step|stage|team"
    r"|band|route|bus|platform|junction|gate|channel|page|form|option)\s)"
)
NUMBERED = rf"(?:\b{FLAT})?(?:no\.?\s*|number\s+)?(?<![\d£.:/-]){NO_HOUSE_NUMBER}\d{{1,4}}\s?[a-d]?(?:\s?[-/]\s?\d{{1,4}}[a-d]?)?(?:\b|[½¼¾]),?\s+"
SPELT = "|".join([*list(UNITS)[1:10], *TEENS, *TENS])  # a house is never number nought, and never "double"
SPELT_NUMBER = rf"(?!\w+\s+high\s)(?:number\s+)?\b(?:(?:{'|'.join(TENS)})[\s-])?(?:{SPELT})\s+"
# What stands between a number and "road" when it is no address: "10 minutes down the road", "4 doors along the street".
NO_STREET = (
    r"(?!(?:am|pm|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|years?|yrs?|miles?|yards|metres?|km|times?|people"
    r"|patients|staff|nurses|doctors|of|in|on|to|at|and|or|for|from|with|by|down|up|along|off|is|was|were|are|we|i|they|he"
    r"|she|it|beds?|wards?|mg|ml|out|days|cars?|spaces|quid|pounds?|different|more|other|long|x|as|my|our|your|their|his"
    r"|her|this|that|near|opposite|behind|stairs|steps|visits?|sessions?|appointments?|letters|calls|children|kids)\b)"
)
# And what more, where only a preposition before the number speaks for an address: "at 9 each way", "a 2 bedroom house".
NO_SMALL_STREET = (
    r"(?!(?:each|every|all|any|no|not|same|half|whole|full|extra|next|main|front|car|dog|group|bedroom|bedroomed|storey|man|men|women"
    r"|bad|nice|good|busy|the|a|an|other|others|one|two|last|first|second|minute|mile|hour|day|week|month|year|person|but|so|then"
    r"|when|because|if|which|who|there|here|just|only|per|cent|percent|hill|nature|care|nursing|lovely|polish|new|nurse|doctor"
    r"|support|mental|health|occupational|physio|ot|elderly|old|young|different|separate)\b)"
)
CAP_WORD = r"(?-i:[A-Z][\w'’.-]*|the|of|under|upon|on|le|de|and)"
LIVES_AT = r"(?:liv(?:e|es|ed|ing)|resid(?:e|es|ing)|moved|staying|ad+ress(?:ed)?|home|house|flat|bungalow|delivered|sent|posted|post|c/o|care\s+of|visit(?:ed)?(?: me| him| her| us)?)(?:\s+(?:is|was|it|now|to|at|in|on|down|up|back|from|there|here|him|her|me|us|out|the|round|over|should|be|still|currently|alone|:|=)){0,4}[\s:,-]+"

# ---- what points at a number that is one person's -------------------------------------------------------------------
# Nouns of which the number is one person's, and those of which it may be once "number" or "ref" stands behind them.
ID_NOUN = (
    r"(?:ref(?:erence|s)?|hosp(?:ital)?|case|complaint|incident|crime|cad|datix|pals|sar|foi|claim(?:ant)?|policy|ac(?:coun|c)?t|a/c|acc"
    r"|passport|licen[cs]e|wristband|badge|permit|membership|smart\s?card|bus\s+pass|library\s+card|oyster|asylum|home\s+office|brp|visa"
    r"|mrn|crn|ubrn|chi|nmc|gmc|hcpc|rio|epr|emis|systm\s?one|upn|uln|urn|utr|ucas|iban|ni(?:no)?|national\s+insurance|payroll|employee"
    r"|court|prison|probation|police|tenancy|council\s+tax|pip|dla|esa|uc|universal\s+credit|insurance|lpa|dols|donor|microchip|pupil"
    r"|candidate|service\s+number|quoting|quote|blue\s+badge|pcn|parking\s+(?:fine|ticket|charge)|customer|order\s*=|plate|pendant|lifeline|share\s+code)"
)
WEAK_ID_NOUN = (
    r"(?:patient|record|file|job|booking|appointment|ticket|referral|prescription|system|client|staff|carer'?s?|student|id|tag|k|card|unit"
    r"|rent|log|certificate|deed|customer|loyalty|user|member|unique\s+pupil|pupil|service|army|veteran|driver|licence|registration)"
)


def digits_of(text: str) -> str:
    """The digits of a number as written or said: "oh double seven" is "077", "fifty nine" is "59", an O among digits 0, an l 1."""
    found: list[str] = []
    repeat, tens = 1, ""
    text = re.sub(r"(?<=\d)[lI]|[lI](?=\d)", "1", text)
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


def values_of(said: str) -> list[int]:
    """The numbers of a text, each as a value: "ninety three, eighty six" is [93, 86]."""
    values: list[int] = []
    tens = 0
    for word in re.findall(r"[a-z]+|\d+", said.lower()):
        unit = int(word) if word.isdigit() else int(UNITS[word]) if word in UNITS else None
        if tens:
            values.append(tens + (unit if unit is not None and 0 < unit < 10 else 0))
            was_tens, tens = unit is not None and 0 < unit < 10, 0
            if was_tens:
                continue
        if word in TENS:
            tens = 10 * int(TENS[word])
        elif word in TEENS:
            values.append(10 + TEENS.index(word))
        elif unit is not None:
            values.append(unit)
    return [*values, tens] if tens else values


# A text without any of these holds nothing that the patterns look for, and Presidio need not see it. tests/test_redact.py holds
# it to that: wherever the patterns find something, this looks. Three searches are faster than one: nine comments in ten have no
# digit, and what begins with a word need be sought at the beginnings of words alone.
_ANY_STREET = f"{STREET}|{STREET_WITH_CARE}|{HOUSE}"
_SPOKEN = f"{NUMBER_WORD}|{SPELLING}"
_WITH_A_DIGIT = (
    # Numbers: four digits in a row or nearly, letters and digits in one word, or a number before what may be a street.
    r"(?:\d\W{0,4}){4}|\d[\dO\s]*O|[a-z][-/]?\d|\d[a-z]*[-/][a-z\d]|\d[a-z](?![a-z])|\d\s[a-z]\s[a-z]\b"
    r"|(?<![a-z])(?!(?:at|in|on|to|of|by|or|is|my|up|so|be|we|us|if|as|an|no|i|a|s|t|m)\s)[a-z]{1,2}\s\d"
    rf"|\d[½¼¾]?[\s,]+(?:[\w'’.-]+,?[\s]+){{0,5}}(?:{_ANY_STREET})\b|(?-i:\d\s?[a-dA-D]?,?\s[A-Z]|\b[A-Z]{{3}}\s\d)"
    rf"|\b\d+(?:st|nd|rd|th)?\W+(?:day\s+)?(?:of\s+)?{MONTH}|\b{MONTH}\W+(?:the\s+)?\d"
    r"|\d(?:st|nd|rd|th)\s+(?:day\s+)?of\s+(?:the\s+)?\d|['’]\d\d|\d\.[ivx]+\.|\.\s?\d{1,2}\.?\s{0,2}\d\."
)
_FROM_A_WORD_ON = (
    r"\b(?:(?:flat|apartment|apt|maisonette|bedsit|studio|plot|pitch|caravan|mooring|berth|static|chalet|lodge|trailer|barge|houseboat|nb|n\.b)\W+[\w]"
    rf"|narrow\s?boat|(?:\b(?:{_SPOKEN})\b\W+(?:[a-z]{{1,5}}\W+)?){{3}}|(?:\b(?:{NUMBER_WORD}|\d{{1,5}})\b\W+(?:[a-z'’]{{1,6}}\W+)?){{4}}"
    rf"|(?:\b(?:{NUMBER_WORD})\b\W+){{2}}[a-z]\s?[a-z]\b"
    rf"|{ORDINAL}\s+(?:day\s+)?(?:of\s+)?(?:the\b|{MONTH})|\d{{1,2}}\s+(?:forward\s+)?(?:slash|stroke|dash|dot)\s+\d"
    # Names of places, where there is no number at all.
    rf"|(?:{SPELT})\s+(?:\w+['’]?\w*\s+){{1,4}}(?:{_ANY_STREET})\b"
    r"|(?:my|our)\s+(?:home|house|address|cottage|farm|place|road|street|lane|close)\b"
    rf"|(?:liv(?:e|es|ed|ing)|resid(?:e|es|ing)|ad+ress(?:ed)?|home|house|moved|staying|delivered|sent|posted|post|flat|bungalow|visit(?:ed)?|c/o|care\sof)\b"
    rf"\W+(?:[\w'’.-]+\W+){{0,9}}(?:{_ANY_STREET})\b"
    rf"|(?:{HOUSE}),\s+(?-i:[A-Z])|the\s+old\s+\w+(?:\s+\w+)?,|boat\b|liv(?:e|es|ed|ing)\s+at\s+(?:(?:no\.?\s*|number\s+)?\d|(?-i:[A-Z]))"
    # What names a number or a date of one person, with a digit near it.
    rf"|(?:{ID_NOUN}|{WEAK_ID_NOUN}|reg(?:istration)?|number\s?plate|key\s?safe|wristband|rio|log)\b\W+(?:\w+\W+){{0,6}}?(?:\w*\d|(?:{NUMBER_WORD}|{SPELLING})\b)"
    rf"|(?:d\W?\s?o\W?\s?b|d\s+of\s+b|(?:date|day)\s+of\s+(?:birth|brith)|birth\s?date|birth\s?days?|b\s?\W?\s?day|data\s+\w+|dyddiad\s+geni)\b\D{{0,30}}(?:\d|\b(?:{NUMBER_WORD})\b)"
    r"|(?:insta|instagram|snap|snapchat|ig|tik\s?tok|twitter|threads|discord|skype|telegram|gamer\s?tag|psn|xbox|twitch|youtube|facebook|fb|bluesky|mastodon|handle|user\s?name|user\s?id|screen\s?name|log\s?in)\s*\W?\s*\w*\W+[\w.]*[\d_.]"
    rf"|www|dot\b|live:[a-z]|u/[a-z]|at\s(?:{SURE_MAILBOX})|(?:what\s?(?:3|three)\s?words?|w3w)\b)"
)
_ANYWHERE = (
    rf",\s+(?:[\w'’.-]+\s+){{1,4}}(?:{_ANY_STREET})\b|ad+ress(?:\s+is)?[\s:,]+(?-i:[A-Z])|called\s+(?-i:[A-Z])|\s(?:cottage|bungalow|barn|farmhouse)\b"
    r"|@|https?:|///|\.(?:com|org|net|uk|example|test|info|blog|online|site|app|local|io|eu|tv|ie|pl)\b|[a-z]\.[a-z]+/"
    r"|\(at\)|\[at\]|[s:=]\s*[a-z]\w*\.\w|_\w"
)
WORTH_A_LOOK = (_FROM_A_WORD_ON, _ANYWHERE, _WITH_A_DIGIT)

# The same on small letters alone, with every capital that is asked for taken for a small one: each finds what its pattern finds and a
# little more, in a third of the time, for Python searches slowly where capitals do not matter.
_LOOKS = [
    (
        re.compile(re.sub(r"(\\.)|([A-Z]+)", lambda m: m[1] or m[2].lower(), pattern).replace("(?-i:", "(?:")),
        re.compile(pattern, re.IGNORECASE),
    )
    for pattern in WORTH_A_LOOK
]
_DIGIT = re.compile(r"\d")
# Letters that count as i and s where capitals do not matter, and that lower() leaves, or makes two of.
_FOLD = str.maketrans("İıſ", "iis")


def worth_a_look(text: str) -> bool:
    """Whether the text holds anything that the patterns look for; nearly all comments hold nothing."""
    small = text.translate(_FOLD).lower()
    looks = _LOOKS if _DIGIT.search(small) else _LOOKS[:-1]
    return any(quick.search(small) and sure.search(text) for quick, sure in looks)
