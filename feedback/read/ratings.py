"""Read an answer to the Friends and Family question as 1 (very good) … 5 (very poor), 6 (don't know).

By its label, never by its number: some suppliers code 5 as very good, so a number means something only beside a
legend (in the heading, in the cell itself, in a key, or from the person). Labels: NHS England's wording since April
2020 and the one before it (how likely to recommend).
"""

import re
from collections.abc import Iterable, Mapping

from feedback.errors import BadInput
from feedback.read.cells import Cell, cell_text

LABELS: Mapping[str, int] = {
    "very good": 1,
    "good": 2,
    "neither good nor poor": 3,
    "neither good or poor": 3,
    "neither": 3,
    "poor": 4,
    "very poor": 5,
    "don't know": 6,
    "dont know": 6,
    "do not know": 6,
    "extremely likely": 1,
    "likely": 2,
    "neither likely nor unlikely": 3,
    "neither likely or unlikely": 3,
    "unlikely": 4,
    "extremely unlikely": 5,
}
_LABEL = "|".join(sorted(map(re.escape, LABELS), key=len, reverse=True))
_BETWEEN = r"\s*(?:=|-|–|—|:|\.|\)|\(|is|means|,)?\s*\(?\s*"
_NUMBERED = re.compile(rf"(?<![\d.])(\d{{1,2}}){_BETWEEN}({_LABEL})\b(?!\s*(?:=|\(|:)\s*\d)")
_LABELLED = re.compile(rf"\b({_LABEL})\s*(?:=|-|–|—|:|\(|is)\s*(\d{{1,2}})(?!\d)")
_SHORTENED = (  # as people type them into a sheet
    (re.compile(r"\bv(?:\.\s*|\s+)(?=good|poor)"), "very "),
    (re.compile(r"\b(?:ex|ext|extr)(?:\.\s*|\s+)(?=likely|unlikely)"), "extremely "),
    (re.compile(r"\bdon t\b"), "don't"),
)
_STARS = re.compile(r"^([★⭐🌟*]\ufe0f?)(?:\s*\1)*\s*[☆✩✰]*$")
_STARS_IN_WORDS = re.compile(
    r"^(?:(one|two|three|four|five)|(\d{1,2})(?:\.0+)?)\s*(?:-|\s)?(?:stars?|★|⭐)(?:\s*(?:out of|/|of)\s*\d{1,2})?$"
)
_OUT_OF = re.compile(r"^(\d{1,2})(?:\.0+)?\s*(?:/|out of)\s*(?:5|10|five|ten)$")
_FACE = re.compile(
    "^(?:[\U0001f600-\U0001f64f\U0001f910-\U0001f917\U0001f920-\U0001f92f\U0001f970-\U0001f97a\u2639\u263a\u263b\U0001f44d\U0001f44e]"
    "[\ufe0f\u200d\u2640\u2642\U0001f3fb-\U0001f3ff]*|[:;]-?[()|/\\DP])$"
)
_ENDS = {(1, 1), (5, 5), (1, 5), (5, 1)}


def _plain(text: str) -> str:
    text = text.lower().replace("’", "'").replace("‘", "'").replace("_", " ")
    return " ".join(text.split())


def read_label(cell: Cell) -> int | None:
    """The answer a label stands for, 1 to 6; None where it is none, or only a number.

    >>> read_label("Neither good nor poor"), read_label("5 - Very good"), read_label("5")
    (3, 1, None)
    """
    if cell is None or len(text := cell_text(cell)) > 60:
        return None
    text = re.sub(r"^[\W\d]+|[\W\d]+$", "", _plain(text))  # a number, a bracket, a face beside the words
    for pattern, words in _SHORTENED:
        text = pattern.sub(words, text)
    return LABELS.get(text)


def read_number(cell: Cell) -> int | None:
    """A whole number from 0 to 99 written alone, as a survey tool codes an answer, or as so many stars.

    >>> read_number("4.0"), read_number(4), read_number("★★★★☆"), read_number("4 stars"), read_number("4 - Poor")
    (4, 4, 4, 4, None)
    """
    text = cell_text(cell)
    if isinstance(cell, bool) or len(text) > 40:
        return None
    text = text.strip().lower()
    if written := re.fullmatch(r"(\d{1,2})(?:\.0+)?", text) or _OUT_OF.match(text):
        return int(written[1])
    if stars := _STARS.match(text):
        return text.count(stars[1][0])
    if named := _STARS_IN_WORDS.match(text):
        return int(named[2]) if named[2] else ("one", "two", "three", "four", "five").index(named[1]) + 1
    return None


def is_face(text: str) -> bool:
    """Whether a cell is a face or stars and nothing else, as a kiosk draws its answers.

    >>> is_face("🙂"), is_face("★★★☆☆"), is_face("Lovely 🙂")
    (True, True, False)
    """
    text = text.strip()
    return bool(text) and len(text) < 20 and bool(_FACE.match(text) or _STARS.match(text))


def legend_in(texts: Iterable[str]) -> dict[int, int]:
    """What each number means, where a text says it: {1: 1, 2: 2, …}, or {5: 1, 4: 2, …} where five is best; else {}.

    >>> legend_in(["Rating (1 = very poor, 5 = very good)"])
    {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
    """
    found: dict[int, int] = {}
    for text in texts:
        plain = _plain(text)
        found |= {int(number): LABELS[label] for number, label in _NUMBERED.findall(plain)}
        found |= {int(number): LABELS[label] for label, number in _LABELLED.findall(plain)}
    return complete(found)


def complete(legend: Mapping[int, int]) -> dict[int, int]:
    """Fill the steps between when only an end of the five is named; what is named stays."""
    ends = {(number, meaning) for number, meaning in legend.items() if (number, meaning) in _ENDS}
    if not ends or len({number == meaning for number, meaning in ends}) > 1:
        return dict(legend) if len(legend) > 2 else {}
    forwards = any(number == meaning for number, meaning in ends)
    return {n: n if forwards else 6 - n for n in range(1, 6)} | dict(legend)


def legend_of(words: str) -> dict[int, int]:
    """The legend a person typed, as `1=very_good` or `1=very_good,6=dont_know`.

    Raises BadInput where a label is none of the Friends and Family answers.
    """
    legend = {}
    for pair in words.split(","):
        number, _, label = pair.partition("=")
        meaning = read_label(label)
        if not number.strip().isdigit() or meaning is None:
            raise BadInput(
                f'"{pair.strip()}" does not say what a rating means: write for example 1=very_good, with one of '
                "very_good, good, neither, poor, very_poor, dont_know."
            )
        legend[int(number)] = meaning
    return complete(legend) or legend
