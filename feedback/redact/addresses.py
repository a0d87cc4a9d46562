"""The forms of an address: a number or a house's name with a street, a flat, a caravan or a boat with where it stands.

The weaker the street's word, the more must stand round it: "27 Pippin Way" is enough, "27 pippin way" wants an "at". The
Trust's own sites and the places of the county are no one's address unless a number stands before them.
"""

import re
from collections.abc import Iterable

from feedback.redact.forms import (
    CAP_WORD,
    FLAT,
    HOUSE,
    LIVES_AT,
    NO_SMALL_STREET,
    NO_STREET,
    NUMBERED,
    SPELT_NUMBER,
    STREET,
    STREET_WITH_CARE,
)
from feedback.taxonomy import Organisation, Service, Taxonomy

AREA = (
    r"(?:A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?"
    r"|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)"
)
INWARD = r"(?-i:[\dO])[A-Z]{2}"
UNIT_LETTER = r"[ABD-HJLNP-UW-Z]"  # as Royal Mail ends a postcode, for where it is written oddly
UNIT = rf"{UNIT_LETTER}{{2}}"
CAPITAL = r"(?-i:[A-Z][\w'’-]+)"
SMALL = rf"{NO_STREET}[a-z'’-]+\s+"
# A street's word alone is none of these: what else begins with a capital after a number, and what a public house is called.
NO_NAME_OF_STREET = (
    r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b|(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Jan|Feb|Aug|Sept?|Oct|Nov|Dec|Dr|Mr|Mrs|Ms|Miss|Nurses?|Sister|Matron|Physio|OT|OTs|GP|GPs|CPN|HCA|NHS|CAMHS|Polish"
    r"|Staff|Ward|Wards|Occupational|Speech|Mental|Community|District|Student|Covid|I|I'm|I've|AM|PM|Elgar|And|But|The)\b)"
)
PUBLIC_HOUSE = re.compile(
    r"\b(?:Lion|Arms|Inn|Crown|Swan|Bell|Plough|Bull|Hospital|Surgery|Clinic|Centre|School|Pharmacy|Church|Caf[eé]|Shop|Hub|Unit|Ward"
    r"|Hotel|Tesco|Asda|Boots|Museum|Library|University|College|Theatre|Station|Practice|Hospice|Street|Road|Head|Horses?|Oak|Greyhound)\W*$"
)
_SPELT_START = re.compile(rf"(?!(?:one|two)\b){SPELT_NUMBER}", re.IGNORECASE)
NO_HOUSE = frozenset(
    [
        "oh",
        "ah",
        "yes",
        "no",
        "well",
        "so",
        "sadly",
        "luckily",
        "sorry",
        "today",
        "yesterday",
        "tomorrow",
        "thanks",
        "hello",
        "hi",
        "dear",
        "ok",
        "okay",
        "honestly",
        "anyway",
        "also",
        "however",
        "then",
        "now",
        "finally",
        "first",
        "again",
        "please",
        "still",
        "please",
        "and",
        "but",
        "or",
        "the",
        "my",
        "our",
        "in",
        "on",
        "at",
        "to",
        "from",
        "near",
        "past",
    ]
)
WELSH = re.compile(r"\b(?:Ty|Tŷ|Plas|Pen|Bryn|Maes|Cwm|Llan\w*|Tan|Nant|Pant|Rhos|Hafod|Llys|Cae)\b")
HOUSE_WORD = re.compile(rf"\b(?:{HOUSE})$")
# Homes, and seldom anything else: a "House" may be an office and a "Lodge" a nursing home.
HOME = "Cottages?|Farm|Farmhouse|Barns?|Bungalow|Croft|Rectory|Vicarage|Forge|Oast|Smithy|Granary|Cabin|Caravan"
_HOME_WORD = re.compile(rf"\w\s(?:{HOME})$")  # also after a village's name: Malvern Cottage
# One word that is the name of a house: Rosebank, Fairview, Hillcrest, Gorsebank.
HOUSE_ENDINGS = (
    "bank",
    "view",
    "crest",
    "side",
    "dene",
    "holme",
    "lea",
    "leigh",
    "hurst",
    "mount",
    "wood",
    "haven",
    "acre",
    "acres",
    "croft",
    "roamin",
)
# The last words of houses' names, and not of villages': "I live in Orchard View", but in Malvern Link and Colwall Green.
LIVED_IN = f"{HOUSE}|View|Gables|Elms|Oaks|Willows|Limes|Firs|Mead|Haven"
PITCHED = "caravan|pitch|plot|mooring|berth|static|chalet|lodge|trailer|houseboat"
SITE = "park|site|wharf|marina|basin|lane|farm|fields?|drove|road|meadows?|yard|orchard|holding|caravans?|lock|moorings?|canal|common|green|pitch"
# After a street's name these make it a place that everyone goes to.
NO_SITE = r"(?!\s+(?:car\s?parks?|surgery|clinic|centre|school|station|hospital|dentists?|chemist|pharmacy|stop|depot|health|medical)\b)"
# Before a house number in small letters one of these must stand, or the head of a line.
AT = r"(?:\b(?:at|to|from|of|outside|is|was|its|it'?s|c/o|ad+ress|number|by)[\s:]+|\b(?:mu|mo|ma)ms?['’]?s?,\s+|\b(?:nan|dad|sister|brother|daughter|son|parent|friend|mate|neighbour)['’]?s?['’]?,\s+|^\s*|[.:;]\s+|\n\s*)"


def capitalised(words: str) -> str:
    """Each of the |-separated words with a capital, and all in capitals: "road" becomes "Road|ROAD"."""
    return (
        re.sub(r"(?<![\w?])[a-z]", lambda m: m.group().upper(), words) + "|" + re.sub(r"(?<![?\\])[a-z]", _upper, words)
    )


def _upper(match: re.Match[str]) -> str:
    return match.group().upper()


# The streets' words that make an address of a name with a capital and no number.
CERTAIN = capitalised(
    f"{STREET}|close|drive|way|place|court|rise|hill|bank|green|end|pitch|drove|row|batch|common|yard|walk"
)


def address_patterns() -> dict[str, str]:
    """Every form of an address by its name, as a regular expression for the `regex` module (which has \\K), case ignored."""
    any_street = capitalised(f"{STREET}|{STREET_WITH_CARE}")
    named = rf"(?:(?-i:The\s{CAPITAL}(?:\s{CAPITAL})?|{CAPITAL}\s(?:{CAPITAL}\s)?(?:{HOUSE})),\s+|\bthe\s[a-z]+(?:\s[a-z]+)?,\s+)?"
    town = r"(?:[a-z'’-]+,?\s+)?"
    name = rf"(?-i:(?:The\s+)?(?:{NO_NAME_OF_STREET}[A-Z][\w'’-]+\s+){{0,3}}{NO_NAME_OF_STREET}[A-Z][\w'’-]+)"
    street = rf"(?:(?!\d){CAP_WORD}\s+){{1,3}}(?-i:{CERTAIN})\b"
    name_of_house = rf"(?-i:(?:The\s+)?(?:{NO_NAME_OF_STREET}[A-Z][\w'’-]+\s+){{1,3}}(?:{HOME})|The\s+Old\s+[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?)"
    care_small = rf"(?:{STREET_WITH_CARE})\b(?!['’]\w)"
    return {
        "capitals": rf"{named}{NUMBERED}(?:{NO_STREET}{CAP_WORD}\s+){{1,5}}(?-i:{any_street})\b{NO_SITE}",
        "small letters": rf"{named}{NUMBERED}(?:{SMALL}){{1,3}}(?:{STREET})\b(?!['’]\w){NO_SITE}",
        "small letters after lives at": rf"{LIVES_AT}\K{NUMBERED}(?:{SMALL}){{1,3}}(?:{STREET_WITH_CARE})\b",
        "small letters after at": rf"{AT}\K{NUMBERED}(?:{NO_SMALL_STREET}{SMALL}){{1,2}}{care_small}",
        "small letters after a flat": rf"(?=\b{FLAT}){NUMBERED}(?:{SMALL}){{1,3}}(?:{STREET_WITH_CARE})\b",
        "small letters after a house": rf"\bthe\s[a-z]+,\s+{NUMBERED}(?:{SMALL}){{1,3}}(?:{STREET_WITH_CARE})\b",
        "before a place": rf"{NUMBERED}(?:{SMALL}){{1,3}}(?:{STREET_WITH_CARE})\b(?=,?\s+(?-i:[A-Z][a-z]))",
        "before a postcode": rf"{named}{NUMBERED}(?:{SMALL}){{0,4}}{NO_STREET}[a-z'’-]+(?=,?\s+{town}{AREA}\d[\dA-Z]?\s?{INWARD}\b)",
        "spelt number": rf"{SPELT_NUMBER}(?:{SMALL}){{1,3}}(?:{STREET})\b",
        "spelt number, capitals": rf"(?!(?:one|two)\s){SPELT_NUMBER}(?-i:(?:{NO_NAME_OF_STREET}[A-Z][\w'’-]+\s+){{1,3}}(?:Close|Drive|Way|Rise|View|Walk|Row|Court|Place|Hill|Green))\b(?=\s*(?:[,.;!?]|$)|\s+(?:is|was|and|but|had)\b)",
        "number on": rf"(?<!bus\s)(?<!route\s)(?<!ticket\s)\b(?:no\.?|number)\s?\d{{1,4}}[a-d]?,?\s+(?:on|in|of|along|down|up)\s+(?:the\s+)?(?:{CAPITAL}\s+){{1,3}}(?-i:{CERTAIN}|View)\b{NO_SITE}",
        "number on the": rf"\b(?:no\.?|number)\s?(?:\d{{1,4}}[a-d]?,?\s+|{SPELT_NUMBER})(?:on|in|of)\s+the\s+(?-i:Close|Crescent|Drive|Avenue|Terrace|Lane|Row|Rise|Street|Road|Paddocks?|Mews|Meadows?|Gardens)\b{NO_SITE}",
        "spelt number after lives at": rf"{LIVES_AT}\K{SPELT_NUMBER}(?:{SMALL}){{1,3}}(?:{STREET_WITH_CARE})\b",
        "number and a name": rf"{LIVES_AT}\K{NUMBERED}(?:{CAPITAL}\s?){{1,3}}\b",
        "any name after at": rf"\b(?:at|to|from|of|outside|ad+ress:?|c/o)\s+\K{NUMBERED}(?:{NO_NAME_OF_STREET}{NO_STREET}{CAPITAL}\s+){{1,2}}"
        rf"{NO_NAME_OF_STREET}{NO_STREET}{CAPITAL}",
        "flat": r"\b(?:(?:top|basement|garden|ground\s+floor|upper|lower)\s+)?(?:flat|apartment|apt|maisonette|studio|bedsit)\.?\s*(?:no\.?\s*|number\s*)?\d{1,4}\s?[a-d]?\b"
        rf"(?:,?\s+(?:the\s+)?(?:{CAPITAL}\s?){{1,4}}\b|,?\s+the\s+old\s+[a-z]+\b|,?\s+(?:{NO_SMALL_STREET}{SMALL}){{1,3}}(?:{STREET_WITH_CARE}|{STREET})\b)?",
        "flat, spelt": rf"\bflat\s+(?:{SPELT_NUMBER}[a-d]\b|(?-i:(?!(?:one|two)\s){SPELT_NUMBER})(?=,\s))(?:,?\s+(?:the\s+)?(?:{CAPITAL}\s?){{1,3}})?",
        # "you went to 118 Tern Drive. I'm 181." Fewer digits without a letter may be an age.
        "another number": rf"(?<![\d£.:/-])\d{{1,4}}[a-d]?,?\s+(?:[\w'’-]+\s+){{1,3}}(?:{STREET}|{STREET_WITH_CARE})\b[^\n]{{0,60}}?\b(?:i'?m|we'?re|he'?s|she'?s|they'?re|it'?s|am|are|lives?)\s+(?:at\s+|in\s+)?(?:no\.?\s*|number\s+)?"
        r"\K(?:\d{3,4}[a-d]?|\d{1,2}[a-d])\b(?=\s*[,.;!?)](?!\d)|\s*$|\s+(?:on|and|but|not|next)\s(?!a\b|half))",
        "flat with a letter": rf"(?-i:\b[Ff]lat\s[A-H]\b)(?:,?\s+\d{{1,4}}[a-d]?\s+(?:{CAPITAL}\s?){{1,3}})?",
        "flat and a number": rf"\b(?:flat|apartment|apt|maisonette|studio)\s?\w{{0,4}},\s+{NUMBERED}(?:{CAPITAL}\s?){{1,3}}\b",
        "unit": rf"\bunit\s\d{{1,3}}[a-z]?,?\s+(?-i:[Tt]he\s+)(?:{CAPITAL}\s?){{1,3}}\b",
        "house": rf"{LIVES_AT}\K(?-i:(?:[Tt]he\s+)?(?:[A-Z][\w'’-]+\s+){{1,3}}(?:{HOUSE}))\b(?:,?\s+(?:{CAP_WORD}\s+){{1,3}}(?-i:{any_street})\b)?",
        "house and street": rf"(?<![\w'’£.:/-])(?:\d{{1,4}}[a-d]?,?\s+)?{name},\s+{street}(?!\s+(?-i:[A-Z][a-z]+\s)?(?:[Ss]urgery|[Cc]linic|[Cc]entre|[Hh]ospital|[Ww]ard))",
        "house and farm": rf"(?<![\w'’-])(?-i:(?:The\s+)?(?:[A-Z][\w'’-]+\s+){{1,3}}(?:{HOUSE})),\s+(?-i:(?:[A-Z][\w'’-]+\s+){{1,3}}(?:Farm|Park|Estate|Site|Wharf|Marina|Yard|Court|Common|Hill|Green))\b",
        "house after a line about home": rf"(?-i:\b(?:[Mm]y|[Oo]ur)\s+(?:home|house|address|cottage|farm|place)(?:\s+is|,|:)?\s+(?:at\s+)?)\K(?-i:(?:The\s+)?(?:[A-Z][\w'’-]+\s+){{1,3}}(?:{HOUSE}))\b",
        "small house and street": r"\b(?:at|to|is|ad+ress|of)[\s:]+\K(?:the\s+)[a-z'’-]+(?:\s[a-z'’-]+)?,\s+(?:"
        rf"{NO_SMALL_STREET}{SMALL}){{1,2}}(?:lane|road|street|close|avenue|crescent|pitch|drove|hill|terrace)\b",
        "house and village": rf"(?<![\w'’-]){name_of_house},\s+(?-i:(?!(?:I|And|But|The|We|They|It|Then|So)\b)[A-Z][a-z]+(?:[\s-](?:[A-Z][a-z]+|on|upon|in|the))*)",
        "almshouse": rf"{NUMBERED}(?-i:Almshouses|Cottages)\b(?:,?\s+{street})?",
        "number alone": r"\bliv(?:e|es|ing)\s+at\s+(?:no\.?\s*|number\s+)?\K\d{1,4}[a-d]?\b(?!['’.:]?\w|\s*(?:am|pm|hours|or|different|other|places|addresses|points|times|per|%))",
        "above a shop": rf"(?:{NUMBERED}|\b(?:the\s+)?(?:flat|bedsit|maisonette|studio),?\s+)(?:above|over|behind|beside|below|opposite|next\s+(?:door\s+)?to)\s+the"
        rf"(?:\s+[a-z'’-]+){{1,3}},\s+(?:(?:on|in)\s+)?{street}",
        "cottage": r"\b(?:at|to|from|not)\s+\K(?-i:(?!The\s|Our\s|My\s)[A-Z][a-z'’-]+\s+(?:Cottage|Bungalow|Barn|Farmhouse))\b(?!\s+(?-i:[A-Z]|hospital|ward|pie|garden))",
        "pitched": rf"\b(?:{PITCHED})\s*(?:no\.?\s*|number\s*)?\d{{1,4}}[a-z]?,?\s+(?:(?:at|on|in)\s+)?(?:the\s+)?"
        rf"(?:(?-i:(?:[A-Z][\w'’-]+\s?){{1,4}})\b|(?:{SMALL}){{1,3}}(?:{SITE})\b)",
        "boat": rf"(?-i:\b[Bb]oat)\s+{CAPITAL},\s+{CAPITAL}\s+(?i:{SITE})\b|(?-i:\b(?:[Nn]arrow\s?boat|[Hh]ouseboat|[Bb]arge))\s+(?:(?:{CAPITAL})\s?){{1,3}}\b"
        rf"|\b(?:nb|n\.b\.)\s+(?:{CAPITAL}\s?){{1,3}},\s+(?:mooring|berth|lock|the|on)\b(?:\s*\d{{1,3}})?(?:,?\s+(?:[\w'’-]+\s+){{1,2}}(?:{SITE})\b)?",
        "mooring": r"\b(?:mooring|berth)\s*(?:no\.?\s*|number\s*)?\d{1,3}\b",
        "box": r"\bP\.?\s?O\.?\s?box\s*\d{1,5}\b",
        "street in small letters": rf"\bliv(?:e|es|ed|ing)\s+(?:on|in|at|down|up|off|along)\s+\K(?:{NO_STREET}(?!the\b|a\b|an\b|same\b)[a-z'’-]+\s+){{1,3}}(?:road|street|avenue|lane|crescent|terrace|grove|close|row|drive)\b",
        "street": rf"\b(?:liv(?:e|es|ed|ing)|ad+ress(?:\s+is)?|home|house)\s+(?:is\s+)?(?:on|in|at|down|up|off|along)\s+\K(?:the\s+)?(?:{CAPITAL}\s+){{1,3}}(?-i:{capitalised(STREET + '|close|drive|way|place|court|rise|hill|street')})\b",
    }


def named_home_patterns() -> dict[str, str]:
    """Where the words round it say that a name is a home's, so that it need not sound like one: "our house, Pantglas"."""
    name = rf"(?-i:(?:The\s+)?(?:{NO_NAME_OF_STREET}[A-Z][\w'’-]+\s+){{0,3}}{NO_NAME_OF_STREET}[A-Z][\w'’-]+)"
    village = r"(?:,\s+(?-i:[A-Z][a-z]+(?:[\s-][A-Z][a-z]+)?))?"
    kind = r"(?:house|home|cottage|farm|address|bungalow|boat|caravan)"
    return {
        "lives at": rf"\bliv(?:e|es|ed|ing)\s+at\s+\K(?=(?-i:The\s[A-Z][a-z]|[A-Z][a-z'’-]+(?:{'|'.join(HOUSE_ENDINGS)})\b)){name}{village}(?=\s*[,.;!?]|\s*$|\s+(?:and|but|with|now|since|near|in|by|off)\b)",
        "lives in": rf"\bliv(?:e|es|ed|ing)\s+(?:at|in)\s+\K(?=(?-i:(?:The\s)?(?:[A-Z][\w'’-]+\s){{1,2}}(?:{LIVED_IN})\b)){name}{village}(?=\s*[,.;!?]|\s*$|\s+(?:and|but|with|now|since|near|by|off)\b)",
        "address": rf"\bad+ress(?:\s+is)?[\s:,]+\K(?!(?:Not?|None|Unknown|Same|See|Old|New|Change)\b)(?=(?-i:(?:The\s)?[A-Z][a-z'’-]+\b)){name}{village}(?=\s*[,.;]|\s*$)",
        "called": rf"\b(?:the|his|her)\s+(?:house|cottage|bungalow|farm|boat|caravan)\s+(?:is\s+)?called\s+\K{name}{village}(?=\s*[,.;]|\s*$)",
        "before": rf"\b(?:my|our)\s+{kind}(?:,\s+|\s+(?:is\s+)?called\s+|:\s+)\K{name}{village}(?=\s*[,.;]|$)",
        "street lived on": rf"\bliv(?:e|es|ed|ing)\s+(?:on|in)\s+\K(?!High\s)(?:{CAPITAL}\s+){{1,3}}(?-i:{capitalised(STREET + '|close|drive|way|place|court|rise|hill|street')})\b(?:,?\s+(?:at\s+)?(?:no\.?|number)\s?\d{{1,4}}[a-d]?\b)?",
        "my road": rf"\b(?:my|our)\s+(?:road|street|lane|close)(?:,|:|\s+is(?:\s+called)?|\s+called)\s+\K(?:{CAPITAL}\s+){{1,3}}(?-i:{CERTAIN})\b",
        "after": rf"(?<![\w'’-]){name}{village}(?=,?\s+is\s+(?:my|our|his|her|their)\s+{kind}\b)",
    }


class Sites:
    """The Trust's and its partners' sites, and the places of the county: what an address without a number must not be."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        entries: list[Service | Organisation] = [*taxonomy.services.values(), *taxonomy.organisations.values()]
        self.names = frozenset(_parts(name for entry in entries for name in (entry.name, *entry.aliases)))
        self.places = frozenset(place.lower() for places in taxonomy.places.values() for place in places)

    def knows(self, name: str) -> bool:
        """Whether a name is one of the Trust's sites or a place of the county."""
        low = name.lower().removeprefix("the ")
        return self._is_ours(low) or low in self.places

    def has(self, address: str) -> bool:
        """Whether an address is a site's and not a person's.

        >>> from feedback.taxonomy import load_taxonomy
        >>> sites = Sites(load_taxonomy())
        >>> sites.has("Keith Winter Close"), sites.has("Worcester, Newtown Road"), sites.has("12 Newtown Road")
        (True, True, False)
        """
        if any(c.isdigit() for c in address) or _SPELT_START.match(address):
            return False  # someone may live at number 12 of the same road
        first, comma, rest = (part.strip() for part in address.partition(","))
        low = first.lower().removeprefix("the ")
        if self.knows(first) or low.split()[-1] in self.places or PUBLIC_HOUSE.search(first):
            return True
        if not comma:
            return address.lower() in self.names
        return not self._is_a_house(first) or rest.lower().split(",")[0] in self.names

    def _is_ours(self, low: str) -> bool:
        """Whether a name (small letters) is the directory's, or opens with one of its names: Studdert Kennedy House."""
        words = low.split()
        return any(" ".join(words[:n]) in self.names for n in range(min(2, len(words)), len(words) + 1)) or (
            len(words) == 2 and words[0] in self.names and words[1] in ("house", "lodge", "court")
        )

    def _is_a_house(self, name: str) -> bool:
        """Whether what stands before a street without a number sounds like a house: The Hop Kiln, Withy Barn, Rosebank."""
        words = name.split()[1:] if name.lower().startswith("the ") else name.split()
        the = len(words) < len(name.split())
        if not words:
            return False
        in_the_county = any(word.lower() in self.places for word in words) and not _HOME_WORD.search(name)
        if words[0].lower() in NO_HOUSE or in_the_county:
            return False
        return (
            the
            or len(words) > 1
            or bool(WELSH.search(name))
            or bool(HOUSE_WORD.search(name))
            or words[0].lower().endswith(HOUSE_ENDINGS)
        )


def _parts(names: Iterable[str]) -> set[str]:
    """Names, and what stands between their commas and brackets, in small letters."""
    found: set[str] = set()
    for name in names:
        found |= {
            part.strip().lower().removeprefix("the ") for part in (name, *re.split(r"[(),/]", name)) if part.strip()
        }
    return found
