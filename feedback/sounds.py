"""How a word sounds: misspelt by ear, it is still heard."""

import re

_RESPELLINGS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"^(phs|ps)", "s"), (r"ph", "f"), (r"^kn", "n"), (r"^wr", "r"), (r"tch", "ch"), (r"gh", ""), (r"g(?=[eiy])", "j"),
        (r"[tc]i(?=[ao])", "sh"), (r"s?c(?=[eiy])", "s"), (r"ck|c|q", "k"), (r"x", "ks"), (r"z$", ""), (r"z", "s"), (r"y", "i"),
        (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
_VOWELS = re.compile(r"(?<=[a-z])h|(?<=.)[aeiou]+w?")


def respelt(word: str) -> str:
    """A word spelt by ear: "fizzio" and "physio" come out alike."""
    for pattern, letters in _RESPELLINGS:
        word = pattern.sub(letters, word)
    return word


def sound(form: str) -> str:
    """What is left of a respelt word without its vowels after the first letter: "camm" and "camh" sound alike."""
    return re.sub(r"(.)\1+", r"\1", _VOWELS.sub("", form))
