"""Judge what a pattern matched: the recognisers of Presidio, one for each kind of identity, with the checks of each.

A pattern of `patterns` proposes; `validate_result` makes a weak match sure (a check digit), `invalidate_result` drops what only
looks like it (a date, a road, a row of readings).
"""

import re
from itertools import groupby

import nhs_number
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from feedback.redact.addresses import Sites, address_patterns, named_home_patterns
from feedback.redact.cues import words
from feedback.redact.forms import MONTH, REPEATS, UNITS, digits_of
from feedback.redact.quantities import PUBLIC, counts_up, is_quantity, is_series

SURE, WEAK = 0.8, 0.1  # a pattern that needs no context; one that is nothing without it


class UkRecognizer(PatternRecognizer):
    """A recogniser of one kind: patterns as {name: (regular expression, score)}, and the words that speak for a weak one."""

    def __init__(self, kind: str, patterns: dict[str, tuple[str, float]], context: list[str] | None = None) -> None:
        super().__init__(
            supported_entity=kind,
            name=f"uk_{kind}",
            patterns=[Pattern(name, expression, score) for name, (expression, score) in patterns.items()],
            context=context or [],
        )


class NhsNumber(UkRecognizer):
    """Ten digits in any grouping: a wrong check digit is a slip of the pen, not another kind of number."""

    MOST_GROUPS = 5  # more groups, of more than one digit, are a row of readings

    def validate_result(self, pattern_text: str) -> bool | None:
        """Make a match sure (True) or leave it to the words round it (None)."""
        groups = re.findall(r"[\dOo]+", pattern_text)
        boxed = all(len(group) == 1 for group in groups)
        return True if len(set(digits_of(pattern_text))) > 1 and (boxed or len(groups) <= self.MOST_GROUPS) else None

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        return digits_of(pattern_text).startswith("0") or is_quantity(pattern_text)


class Phone(UkRecognizer):
    """UK numbers in any grouping, international ones, and shorter ones beside a word such as ring or tel."""

    LEAST = 6  # digits of a number that is dialled within a town

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        digits = digits_of(pattern_text)
        return digits in PUBLIC or is_quantity(pattern_text) or len(digits) < self.LEAST


class Spoken(UkRecognizer):
    """A number said digit by digit: of ten digits that pass the check (or beside "NHS") an NHS number, else a phone."""

    def validate_result(self, pattern_text: str) -> bool | None:
        """Make a match sure (True) or leave it to the words round it (None)."""
        digits = digits_of(pattern_text)
        is_nhs = len(digits) == 10 and not digits.startswith("0") and nhs_number.is_valid(digits)
        if self.supported_entities[0] == "nhs_number":
            return is_nhs or None
        long_enough = len(digits) in (10, 11) if pattern_text[0] == "0" else len(digits) >= 7
        return long_enough and not is_nhs and _is_spelt_out(pattern_text)

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        wrong_length = self.supported_entities[0] == "nhs_number" and not 9 <= len(digits_of(pattern_text)) <= 11
        return wrong_length or is_series(pattern_text)


class Postcode(UkRecognizer):
    """Postcodes of a real area, with or without the space, in any case, with O for 0 and I for 1."""

    # What "3rd" or "9am" would make of "b12 3rd": never the end of a postcode when in small letters; nor a unit, in any.
    NO_END = words("st nd rd th hr ft yr")
    UNITS = words("am pm mg ml kg cm mm km")
    # What "WR5 2 at" would make of its last word, in any letters.
    WORDS = words("an as at be he us we re ta")

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        end, apart = pattern_text[-2:], pattern_text[-3:-2].isspace()
        return (
            (end.islower() and end in self.NO_END) or end.lower() in self.UNITS or (apart and end.lower() in self.WORDS)
        )


class Email(UkRecognizer):
    """Addresses of mail. Its patterns begin with any word, and are slow to find that no sign follows which one needs."""

    SIGN = re.compile(r"[@#£~]|\bat\b|[(\[{<*]a[)\]}>*]", re.IGNORECASE)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Find them, as PatternRecognizer.analyze, where there is such a sign."""
        return super().analyze(text, entities, nlp_artifacts, regex_flags) if self.SIGN.search(text) else []


class Url(UkRecognizer):
    """Web addresses and handles, but for the front doors of the health service and the government."""

    EVERYBODYS = re.compile(r"(?:https?:/+)?(?:www\.)?(?:(?:111\.)?nhs\.uk|gov\.uk|nhs\.net)/?", re.IGNORECASE)

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        return self.EVERYBODYS.fullmatch(pattern_text) is not None


class Address(UkRecognizer):
    """Addresses, but for the Trust's own sites."""

    def __init__(self, sites: Sites) -> None:
        super().__init__("address", {name: (expression, SURE) for name, expression in address_patterns().items()})
        self._sites = sites

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        return self._sites.has(pattern_text.strip())


class NamedHome(UkRecognizer):
    """What the words round it call a home, but for the Trust's own sites and the places of the county."""

    def __init__(self, sites: Sites) -> None:
        super().__init__("address", {name: (expression, SURE) for name, expression in named_home_patterns().items()})
        self._sites = sites

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        return self._sites.knows(pattern_text.split(",")[0].strip())


class OtherId(UkRecognizer):
    """Hospital, case and reference numbers, National Insurance, registrations, bank details, and long numbers of any kind."""

    WORDS = words(
        "the and for you was had but not are our out all can she him her his who how one two day min hrs yrs wks mth min sec may"
    )
    # Forms, roads, postcode areas or helplines in a row (FP10/P45, A38/A4103/M5, NHS/111/999), and years.
    ROW = re.compile(
        r"(?:[A-Z]{1,4}\d{0,2}|[ABM]\d{1,4}|111|999|101|119)(?:/(?:[A-Z]{1,4}\d{0,2}|[ABM]\d{1,4}|111|999|101|119))+|20\d\d(?:/\d\d){2,}"
    )
    NAMED = False  # whether the words before it say that it is a reference: then it is no road and no times of the day
    NAMED_DATE = re.compile(rf"\d{{1,2}}[./-]{MONTH}[./-](?:\d{{4}}|\d\d)", re.IGNORECASE)

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        text = pattern_text.strip()
        return (
            text[-3:] in self.WORDS  # "at10 the"
            or re.sub(r"[\s-]", "", text) in PUBLIC
            or self.ROW.fullmatch(text) is not None
            or self.NAMED_DATE.fullmatch(text) is not None
            or is_quantity(text, named=self.NAMED)
            or re.fullmatch(r"(?:19|20)\d\d(?:[/-]\d\d)?", text) is not None  # a year
            or re.fullmatch(r"[ABMabm]\d{1,3}" if self.NAMED else r"[ABMabm]\d{1,4}", text) is not None  # a road
            or re.fullmatch(
                r"(?:[0-2]?\d|3[01])[/.-](?:0?\d|1[0-2])(?:[/.-]\d{2,4})?|\d{1,2}[.:]\d\d|\d+\s?(?:am|pm|mg|ml|mins?|hrs?|k|kg|cm|mm|st|nd|rd|th|s)",
                text,
                re.IGNORECASE,
            )
            is not None
        )


class Reference(OtherId):
    """What follows "ref" or "complaint number"."""

    NAMED = True


class LongNumber(OtherId):
    """Digits that no other pattern knows, long enough to be an account's, a passport's or a case's."""

    LONG, LONGER = 7, 8  # digits: in one piece; in groups, where two readings side by side have as many as seven
    GROUP = 3  # digits in the longest group at least

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        groups = re.findall(r"\d+", pattern_text)
        digits = "".join(groups)
        if super().invalidate_result(pattern_text) or not digits.strip("0") or not digits[1:].strip("0"):
            return True
        if len(groups) == 1:
            return False
        parts = {part.strip() or " " for part in re.findall(r"\D+", pattern_text)}
        in_even_groups = len(parts) == 1 and len(groups) <= 6
        return (
            len(digits) < self.LONGER or max(map(len, groups)) < self.GROUP or not in_even_groups or counts_up(groups)
        )


class MixedCode(OtherId):
    """Letters and digits in one word, changing more than once: 7Q2XKD and 99Z1234E, but not COVID19, 20MG or H1N1."""

    CHANGES = 2

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        runs = [key for key, _ in groupby(pattern_text, key=str.isdigit)]
        return len(runs) <= self.CHANGES or re.fullmatch(r"(?:\d{1,2}[A-Z]+)+", pattern_text) is not None


class StrokedCode(OtherId):
    """Groups of digits or letters parted by strokes or hyphens: 22/90417/19 and 22/CRM/009411, but no range, ratio or date."""

    LEAST = 6  # digits

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        groups = re.split(r"[/-]", pattern_text)
        digits = sum(c.isdigit() for c in pattern_text)
        range_of_two = (
            len(groups) == 2 and all(group.isdigit() for group in groups) and abs(len(groups[0]) - len(groups[1])) < 2
        )
        return super().invalidate_result(pattern_text) or digits < self.LEAST or range_of_two or counts_up(groups)


class GroupedCode(OtherId):
    """Capitals and digits in groups of three and more, however parted: PSY.OT.3391 and KD_0417_SW, but no model and no year."""

    LEAST = 4  # digits in the longest group of digits alone, which is no year

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        groups = re.split(r"[/._-]", pattern_text)
        numbers = [group for group in groups if group.isdigit() and not re.fullmatch(r"(?:19\d|20[0-3])\d", group)]
        longest = max(map(len, numbers), default=0)
        return super().invalidate_result(pattern_text) or len(groups) < 3 or longest < self.LEAST


class SpacedCode(OtherId):
    """Capitals and digits one by one: "A 2 1 7 7 0 9 3", but no counting and no row of letters or digits alone."""

    LEAST = 2  # digits

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        digits = [c for c in pattern_text if c.isdigit()]
        only_digits = not any(c.isalpha() for c in pattern_text)
        return super().invalidate_result(pattern_text) or only_digits or len(digits) < self.LEAST or counts_up(digits)


class NamedCode(Reference):
    """What follows a noun such as passport or case: with "number" between them short codes too, else only long ones."""

    BARE, MIXED = 5, 5  # signs: of digits alone; of letters and digits

    def invalidate_result(self, pattern_text: str) -> bool:
        """Say whether a match is none after all."""
        signs = [c for c in pattern_text if c.isalnum()]
        digits = sum(c.isdigit() for c in signs)
        too_short = (
            digits < 3 or len(signs) < self.BARE if digits == len(signs) else digits < 2 or len(signs) < self.MIXED
        )
        parted = re.fullmatch(r"\d{3,}[/-]\d", pattern_text) is not None  # 771-0
        return super().invalidate_result(pattern_text) or (too_short and not parted)


def _is_spelt_out(said: str) -> bool:
    """Whether it is said digit by digit at least half the time; "ten fifteen, ten thirty, eleven fifteen" are times."""
    said_words = [word for word in re.findall(r"[a-z]+|\d+", said.lower()) if word not in ("hundred", "thousand")]
    single = sum(word.isdigit() or word in UNITS or word in REPEATS for word in said_words)
    return 2 * single >= len(said_words)
