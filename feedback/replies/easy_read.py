"""Put sentences into easy read: short ones, one idea each, plain words in place of hard ones, and hard words explained.

It changes words by a list (data/easy_words.yml) and cuts only where a new sentence with its own subject begins, so it makes a
draft and no more: a person who knows the readers goes over it. `too_hard` says which sentences are still long.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from feedback.errors import BadData

MOST_WORDS = 15  # of a sentence; guides to easy read ask for 10 to 15 (recalled, for the Trust to confirm)
LEAST_WORDS = 3  # of a part that is cut off: a shorter one is no idea of its own

# After these a sentence of its own begins where a subject follows; what then stands at its head.
_JOINTS = {"and": "", "but": "But", "so": "So", "because": "This is because", "while": "", "which means": "This means"}
_SUBJECT = r"(?:I|you|we|they|he|she|it|there|nobody|people|patients|carers|families|staff|some|most|many|the|our|their|this|these|that)"
_CUT = re.compile(rf",? (?P<joint>{'|'.join(_JOINTS)}) (?P<rest>{_SUBJECT}\b.*)", re.IGNORECASE)
_SEMICOLON = re.compile(r"\s*[;:]\s+| – ")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"“A-Z0-9])")


@dataclass(frozen=True, slots=True)
class EasyWords:
    """Hard words: what is said in their place, and how those that stay are explained ("means …"); `version` of the list."""

    version: str
    plain: Mapping[str, str]
    explain: Mapping[str, str]


@lru_cache(maxsize=1)
def load_easy_words(data: Path) -> EasyWords:
    """Read data/easy_words.yml. Raises BadData for what does not fit."""
    import yaml

    path = data / "easy_words.yml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        tables = [{str(k): str(v) for k, v in raw[name].items()} for name in ("plain", "explain")]
        return EasyWords(str(raw["version"]), *tables)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BadData(
            f"{path.name} cannot be used ({type(error).__name__}); it has version, plain and explain, each word on a line."
        ) from None


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, each with its full stop.

    >>> sentences("The wait is too long. nobody rings back")
    ('The wait is too long. nobody rings back.',)
    >>> sentences("It is late! Nobody rings. We asked Dr. who")
    ('It is late!', 'Nobody rings.', 'We asked Dr. who.')
    """
    parts = [part.strip() for line in text.splitlines() for part in _SENTENCE_END.split(line)]
    return tuple(part if part[-1] in '.!?”"' else f"{part}." for part in parts if part)


def easy(text: str, words: EasyWords) -> tuple[str, ...]:
    """The text in short sentences of plain words.

    >>> words = EasyWords("1", {"commence": "start", "telephone": "phone"}, {})
    >>> easy("Nobody answers the telephone in the mornings when people try to ring us, and the clinics commence late.", words)
    ('Nobody answers the phone in the mornings when people try to ring us.', 'The clinics start late.')
    """
    found = []
    for sentence in sentences(text):
        for part in _SEMICOLON.split(sentence) if len(sentence.split()) > MOST_WORDS else [sentence]:
            found += _cut(_in_plain_words(_ended(part), words))
    return tuple(found)


def explained(texts: Iterable[str], words: EasyWords) -> tuple[tuple[str, str], ...]:
    """The hard words that stand in the texts, in the order in which they come, each with what it means.

    >>> explained(["Podiatry is late."], EasyWords("1", {}, {"podiatry": "care for your feet."}))
    (('Podiatry', 'means care for your feet.'),)
    """
    whole = "\n".join(texts)
    found: dict[str, tuple[int, str, str]] = {}
    for word, means in words.explain.items():
        match = re.search(rf"\b{re.escape(word)}\b", whole, re.IGNORECASE if word == word.lower() else 0)
        if match:
            found[word] = (match.start(), match[0][:1].upper() + match[0][1:], f"means {means}")
    # "Care plan" explains itself better than the word within it; of two, the longer one stands.
    longest = [
        w for w in found if not any(w != other and re.search(rf"\b{re.escape(w)}\b", other, re.I) for other in found)
    ]
    return tuple((term, means) for _, term, means in sorted(found[word] for word in longest))


def too_hard(sentence: str) -> str | None:
    """What makes a sentence too hard for easy read, in words; None where nothing is seen.

    >>> too_hard("We rang you.")
    """
    n = len(sentence.split())
    return f"has {n} words; easy read has up to {MOST_WORDS} in a sentence" if n > MOST_WORDS else None


def _in_plain_words(sentence: str, words: EasyWords) -> str:
    for hard in sorted(words.plain, key=len, reverse=True):
        # Not within a name: "Contact" at the head of a sentence is a word, "the Contact Centre" is one.
        pattern = re.compile(rf"(?<![\w’'-]){re.escape(hard)}(?![\w’'-])", re.IGNORECASE)
        sentence = pattern.sub(partial(_cased, words.plain[hard]), sentence)
    return sentence


def _cased(plain: str, match: re.Match[str]) -> str:
    at_head = match.start() == 0
    if match[0][:1].isupper() and not at_head:
        return match[0]
    return plain[:1].upper() + plain[1:] if at_head and match[0][:1].isupper() else plain


def _cut(sentence: str) -> list[str]:
    if len(sentence.split()) <= MOST_WORDS:
        return [sentence]
    for match in _CUT.finditer(sentence):
        head, rest = sentence[: match.start()], match["rest"]
        if min(len(head.split()), len(rest.split())) >= LEAST_WORDS:
            lead = _JOINTS[match["joint"].lower()]
            start = f"{lead} {rest}" if lead else rest[:1].upper() + rest[1:]
            return [_ended(head), *_cut(start)]
    return [sentence]


def _ended(text: str) -> str:
    text = text.strip().rstrip(",")
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "”", '"')) else f"{text}."
