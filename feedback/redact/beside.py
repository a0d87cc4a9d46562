"""Hide identity in what stands beside comments: names of files, headings, what is said of them, and the upload's own ids.

People write names there too: "complaint of Wilhelmina Featherstonehaugh.csv", "What did Nurse Joanna do?", "smith-peter-120361".
One place for all, so that the same words are hidden alike wherever they are stored, shown or logged.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from typing import Any

from feedback.clean import clean
from feedback.comment import Redaction
from feedback.errors import FeedbackError
from feedback.redact.redactor import Redactor

_QUOTED = re.compile(r'"([^"]*)"')
_ENDING = re.compile(r"(?:\.[A-Za-z0-9]{1,5}){1,2}$")
_APART = re.compile(r"[-_.+]+")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_POSTCODE = re.compile(r"(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})", re.IGNORECASE)
_BORN = range(1900, 2016)  # years; a later one in an id is when a form was filled in
# "17", "R900", "c-12", and what machines make up (UUIDs, digests): nothing that could be somebody's.
_OPAQUE = re.compile(
    r"[a-z]{0,2}[-_ ]?\d{1,5}|[a-z]{0,2}-?[0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)
_JOINED = re.compile(r"_+|(?<=[^\W\d_])-+(?=[^\W_])")
_DIGITS = re.compile(r"(?<!\d)\d+(?!\d)")
_PHONE_DIGITS = range(10, 14)
NAME = 3  # letters; shorter ones in an id are initials or a system's


class Beside:
    """Hides what stands beside comments; each wording is redacted once."""

    def __init__(self, redactor: Redactor) -> None:
        """Take the redactor of the comments themselves."""
        self._redactor = redactor
        self._seen: dict[str, str] = {}

    def text(self, text: str) -> str:
        """A heading, or another short text, with identity hidden."""
        if text not in self._seen:
            ((self._seen[text], _),) = self._redactor.redact([clean(text)])
        return self._seen[text]

    def said(self, sentence: str) -> str:
        """A sentence about a file, with identity hidden in what it quotes of it."""
        return _QUOTED.sub(lambda quoted: f'"{self.text(quoted[1])}"', sentence)

    def column_map(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """The headings by field (one, several, or None), each with identity hidden."""
        return {field: self._each(value) for field, value in columns.items()}

    def mapping(self, mapping: Mapping[str, str | Sequence[str]]) -> dict[str, str | Sequence[str]]:
        """A person's mapping, as it may be remembered."""
        return self.column_map(mapping)

    def _each(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        return [self.text(one) for one in value] if value else value

    def file(self, name: str) -> str:
        """The name of a file; one that names nobody stays as it is, to the last sign.

        >>> Beside(redactor).file("complaint_of_Wilhelmina_Featherstonehaugh_9434765919.csv")  # doctest: +SKIP
        'complaint of [PERSON] [NHS NUMBER].csv'
        """
        ending = _ENDING.search(name)
        stem, end = (name[: ending.start()], ending[0]) if ending else (name, "")
        as_read = _JOINED.sub(" ", stem).strip()  # "_" joins words to one that no list has
        hidden = self.text(as_read) if as_read else ""
        if hidden == clean(as_read):
            return name
        return _DIGITS.sub(lambda d: "[DATE OF BIRTH]" if _is_birth(d[0]) else d[0], hidden) + end

    @contextmanager
    def refusing(self, name: str) -> Iterator[None]:
        """Hide identity in what a refusal quotes of a file with this name."""
        try:
            yield
        except FeedbackError as error:
            said = self.said(str(error).replace(name, self.file(name)))
            if said == str(error):
                raise
            raise type(error)(said) from None

    def revealing(self, ids: Sequence[str]) -> set[str]:
        """Those of an upload's own ids that name somebody, or hold an NHS number, a postcode or a date of birth."""
        asked = [id for id in dict.fromkeys(ids) if not _OPAQUE.fullmatch(id)]
        found = {id for id in asked if self._reveals(id)}
        rest = [id for id in asked if id not in found]
        for readings in (rest, [" ".join(_APART.sub(" ", id).split()) for id in rest]):
            hidden = self._redactor.redact(readings)
            found |= {id for id, (_, redactions) in zip(rest, hidden, strict=True) if _is_identity(id, redactions)}
        return found

    def _reveals(self, id: str) -> bool:
        """Whether an id holds identity by a plain check: its words on the lists of names, its numbers by their form."""
        from nhs_number import is_valid

        parts = _PARTS.findall(id)
        lexicon = self._redactor.lexicon
        words = [part.lower() for part in parts if len(part) >= NAME and part.isalpha()]
        listed = [word for word in words if lexicon.is_listed(word) and word not in lexicon.plain_words]
        named = any(word in lexicon.given or word in lexicon.surnames for word in listed)
        numbers = [part for part in parts if part.isdigit()]
        digits = "".join(numbers)
        in_rows = ("".join(numbers[i : i + n]) for i in range(len(numbers)) for n in (1, 2, 3))  # "943-476-5919-7"
        birth = any(_is_birth(part) for part in (digits, *numbers))
        initials = sum(len(part) == 1 and part.isalpha() for part in parts) > 1
        pieces = re.split(r"[^0-9A-Za-z]+", id)
        near = [a + b for a, b in pairwise(pieces)]
        return (
            named
            or len(listed) > 1
            or any(len(row) == 10 and is_valid(row) for row in in_rows)
            or any(_POSTCODE.fullmatch(piece) for piece in (*pieces, *near))
            or (birth and (len(digits) == 8 or bool(listed) or initials))
        )


def _is_identity(id: str, redactions: Sequence[Redaction]) -> bool:
    """Whether what the redactor took in an id is a person's, and no number of a form, which is what an id should be."""
    digits = "".join(c for c in id if c.isdigit())
    telephone = len(digits) in _PHONE_DIGITS and digits.startswith(("0", "44"))
    # A valid NHS number was found before.
    kinds = {redaction.kind for redaction in redactions} - {"other_id", "nhs_number"}
    return bool(kinds if telephone else kinds - {"phone"})


def _is_birth(digits: str) -> bool:
    """Whether digits can be a day of birth: 12031961, 19610312, 120361."""
    if len(digits) == 8:
        return _is_day(digits[4:], digits[2:4], digits[:2]) or _is_day(digits[:4], digits[4:6], digits[6:])
    return len(digits) == 6 and _is_day("19" + digits[4:], digits[2:4], digits[:2])


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        return date(int(year), int(month), int(day)).year in _BORN
    except ValueError:
        return False
