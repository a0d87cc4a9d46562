"""Tell the numbers that measure, date or count, or that a thing carries, from those that belong to one person.

`patterns` finds runs of digits; most that are long enough for a telephone number are none: the tracking code of a parcel, the
clinic's dates, a row of blood pressures, the sevens that one counts back from a hundred.
"""

import re
from itertools import pairwise

from feedback.redact.forms import digits_of, values_of

# Lines that the country publishes for everyone, as their owners write them today: naming them identifies nobody.
PUBLIC = frozenset(
    [
        "116123",
        "08457909090",
        "08001111",
        "08001110",
        "0800111999",
        "08000684141",
        "0800585858",
        "08082000247",
        "03001233393",
        "03003047000",
        "03005000927",
        "08004708090",
        "08006781602",
        "08088004444",
        "08088005000",
        "0800555111",
        "08088081677",
        "08088010677",
        "08088080000",
        "03001236600",
        "08081969127",
        "18001999",
        "08001214433",
        "03303301322",
    ]
)
DATE = re.compile(
    r"(?<!\d)(?:(?:0?[1-9]|[12]\d|3[01])\s?(?:([-./])\s?(?:0?[1-9]|1[0-2])\s?\1\s?(?:(?:19|20)\d\d|\d\d)|\s(?:0?[1-9]|1[0-2])\s20[12]\d)(?!\d)"
    r"|(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12]\d|3[01])(?!\d))"
)
YEARS = re.compile(r"\W*(?:(?:19|20)\d\d\W*){2,}(?:\d\d)?\W*")
DOSES = re.compile(r"[1-9]\d{0,2}[05](?:/[1-9]\d{0,2}[05]){1,3}")  # 75/150/300
CLOCK = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3])[:.][0-5]\d(?![\d.])")
CLOCK_PLAIN = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
# What the words before a number say it is. The last of them before the number decides. A "lot" is no batch in "a lot".
THING = re.compile(
    r"\b(?P<thing>orders?(?!\s+to\b)|parcel|tracking|track|tracked|deliver(?:y|ies)|courier|consignment|serial|s/n|model\s+(?:no|number|code)"
    r"|part\s+(?:no|number|code)|batch|(?<!\ba )lot|asset|bar\s?code|item|product|stock|catalogue|sku|version|build|error|pump|printer"
    r"|scanner|crate|cylinder|oxygen|container|invoice|hoist|mattress|packet|packaging|tub|inhaler|carton|cartridge|kit|formulary|bnf|snomed|appliance|firmware|lottery|bp|blood\s+pressures?|sats"
    r"|pulse|sugars?|glucose|peak\s+flows?|flows|inrs?|crp|e?gfr|ferritin|platelets|cholesterol|ketones|temps?|temperatures?|steps|calories|weigh(?:s|ed|ts?)|readings?|scores?|bleep|pager|isbn|vat)\b"
    r"|\b(?P<person>nhs|passport|hospital|patient|mobile|tel|telephone|ring|call|text|dob|account|acct|policy|licen[cs]e|wristband|mine"
    r"|(?:my|his|her|their)\s+(?:own\s+)?(?:number|no)|claim|complaint|crime|sort\s+code)\b",
    re.IGNORECASE,
)
THING_AFTER = re.compile(
    r"\W{0,3}(?:is|was|=)?\W*(?:on\s+)?(?:the\s+|its\s+|a\s+)?(?:serial|batch|lot|tracking|order|model|barcode|asset)\b",
    re.IGNORECASE,
)
# Of these also a code of letters and digits is the thing's.
DEVICE = re.compile(
    r"\b(?:serial|s/n|model|part\s+(?:no|number|code)|batch|(?<!\ba )lot|asset|bar\s?code|item|product|stock|catalogue|sku|version|error|formulary|bnf|snomed|icd"
    r"|tracking|parcel)\b[^.!?;\n]{0,40}$",
    re.IGNORECASE,
)
# Of a code that stands on one of these it is no thing's, though it is a bar code: "the barcode on my wristband".
OF_ONE_PERSON = re.compile(r"\b(?:wristband|passport|(?:nhs|hospital)\s+(?:no|number))\b", re.IGNORECASE)
# A device that one person wears or sits in: its serial number is theirs.
_WORN = (
    r"(?:insulin\s+pump|pacemaker|defibrillator|implants?|hearing\s+aids?|cochlear|glucose\s+monitor|prosthe\w+|artificial\s+\w+"
    r"|(?:my|his|her|mum's|dad's)\s+(?:own\s+|new\s+|old\s+)?(?:pump|(?:wheel|power)?chair|scooter|sensor|leg|stent))"
)
WORN = re.compile(rf"\b{_WORN}\b.{{0,30}}\bserial\b|\bserial\b.{{0,30}}\b{_WORN}\b", re.IGNORECASE | re.DOTALL)
SENTENCE_END = re.compile(r"[!?;\n]|\.\s")
REACH = 60  # letters before a number in which its thing may be named
ENOUGH = 3  # numbers; more of them in even steps are a series


def belongs_to_a_thing(text: str, start: int, end: int) -> bool:
    """Whether the words of the sentence before a number, or right after it, say that a thing carries it.

    >>> belongs_to_a_thing("the serial on the pump reads 2096631189", 29, 39)
    True
    >>> belongs_to_a_thing("rang about the pump, my number is 485 777 3456", 34, 46)
    False
    """
    before = SENTENCE_END.split(text[max(0, start - REACH) : start])[-1]
    own = re.match(r"\D*", text[start:end])
    named = list(THING.finditer(before + (own[0] if own else "")))
    if named:
        return named[-1]["thing"] is not None
    return THING_AFTER.match(text, end) is not None


def names_a_device(text: str, start: int) -> bool:
    """Whether the sentence before a code names the device, box or batch that carries it."""
    device = DEVICE.search(SENTENCE_END.split(text[max(0, start - REACH) : start])[-1])
    return device is not None and not OF_ONE_PERSON.search(device[0])


def is_worn(text: str, start: int) -> bool:
    """Whether the sentence before a serial number says that it is of a device that one person wears or sits in."""
    return WORN.search(SENTENCE_END.split(text[max(0, start - REACH) : start])[-1].replace("’", "'")) is not None


def is_quantity(number: str, *, named: bool = False) -> bool:
    """Whether a run of digits holds a date, or is a row of years, of times of the day, or of numbers in even steps.

    named: a word such as "complaint" says that it is a reference; then "2024/0117" is no row of times.

    >>> is_quantity("12/03/2024 10"), is_quantity("0550 0615 0630"), is_quantity("485 777 3456")
    (True, True, False)
    """
    groups = re.findall(r"\d+", number)
    lines = (
        number.count("\n") if groups and not groups[0].startswith("0") else 0
    )  # a column of marks; a number begins with 0
    if DATE.search(number) or YEARS.fullmatch(number) or len(CLOCK.findall(number)) > 1 or lines > 1:
        return True
    if DOSES.fullmatch(number):
        return True
    if len(groups) > ENOUGH and max(map(len, groups)) > 1 and counts_up(groups):
        return True
    return not named and len(groups) > 1 and all(CLOCK_PLAIN.fullmatch(group) for group in groups)


def counts_up(groups: list[str]) -> bool:
    """Whether three or more groups of digits go up or down in even steps: 5-4-3-2-1 and 2 4 6 8."""
    if len(groups) < ENOUGH or not all(group.isdigit() for group in groups):
        return False
    return len({int(b) - int(a) for a, b in pairwise(groups)}) == 1


def is_series(said: str) -> bool:
    """Whether what is said counts in even steps, up or down, or tells years or the times of day.

    >>> is_series("ninety three, eighty six, seventy nine, seventy two"), is_series("oh seven seven double oh nine")
    (True, False)
    """
    digits = digits_of(said)
    if len(digits) % 4 == 0 and re.fullmatch(r"(?:(?:19|20)\d\d){2,}", digits):
        return True
    values = values_of(said)
    steps = {b - a for a, b in pairwise(values)}
    return len(values) > ENOUGH and len(steps) == 1 and steps != {0}
