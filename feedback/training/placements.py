"""Read what the placer learns from: comments with the services they are about and who speaks.

Invented comments lie in data/placer/, the telling words of each service marked; gold cases in the folder of labelled files.
Ordinary public comments of other trusts, of which the rules make nothing, show that most comments name no service.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedback.comment import RespondentType
from feedback.errors import BadData
from feedback.training import slips

_MARK = re.compile(r"\{\{([sm]):([\w-]+)\|(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Telling:
    """A stretch of a comment that tells of a service: from, to, whether it is the subject, and which service or organisation."""

    start: int
    end: int
    subject: bool
    service: str


@dataclass(frozen=True, slots=True)
class Placement:
    """A comment with the services it is about, those it only mentions, those that would do as well, and who speaks (None: not said).

    marks: the stretches that tell, in order; None where nobody marked them.
    """

    text: str = field(repr=False)
    services: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    speaker: RespondentType | None = None
    marks: tuple[Telling, ...] | None = None


def read_placements(path: Path) -> list[Placement]:
    """Read invented comments as JSON Lines: `marked` with "{{s:ID|words}}" or "{{m:ID|words}}", `services`, `mentioned`, `speaker`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        one = json.loads(line)
        text, marks = _unmarked(one["marked"])
        if "{{" in text or "}}" in text:
            raise BadData(f"{path.name}, line {number}: a mark is not closed; write it as {{{{s:service|words}}}}.")
        found.append(
            Placement(text, tuple(one["services"]), tuple(one["mentioned"]), tuple(one.get("alternatives", ())), one["speaker"], marks)
        )  # fmt: skip
    return found


def read_service_cases(path: Path) -> list[Placement]:
    """Read gold cases: JSON with `cases` of `text`, `services`, `mentioned_not_subject` and `respondent`."""
    return [
        Placement(
            c["text"], tuple(c["services"]), tuple(c["mentioned_not_subject"]), tuple(c.get("acceptable_alternatives", ())), c["respondent"]
        )
        for c in json.loads(path.read_text(encoding="utf-8"))["cases"]
    ]  # fmt: skip


def read_snippets(path: Path) -> dict[str, list[str]]:
    """Read what people say of each service without its name: JSON Lines with `service` and `said`, a list."""
    snippets: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        snippets.setdefault(one["service"], []).extend(one["said"])
    return snippets


def _unmarked(marked: str) -> tuple[str, tuple[Telling, ...]]:
    plain, marks, at = "", [], 0
    for mark in _MARK.finditer(marked):
        plain += marked[at : mark.start()]
        marks.append(Telling(len(plain), len(plain) + len(mark[3]), mark[1] == "s", mark[2]))
        plain, at = plain + mark[3], mark.end()
    return plain + marked[at:], tuple(marks)


def misspelt(example: Placement, rng: random.Random) -> Placement:
    """The same comment with one to three slips in its longer words."""
    spans = [(m.start, m.end) for m in example.marks or ()]
    text, moved = slips.misspelt(example.text, spans, rng)
    marks = None
    if example.marks is not None:
        marks = tuple(replace(m, start=a, end=b) for m, (a, b) in zip(example.marks, moved, strict=True))
    return replace(example, text=text, marks=marks)


def pairs(
    examples: Sequence[Placement], related: Mapping[str, frozenset[str]], n: int, rng: random.Random
) -> Iterator[Placement]:
    """`n` comments made of two about services of which none is above another (`related`): comments about both."""
    while n:
        one, other = rng.sample(examples, 2)
        if any(b in related[a] or a in related[b] or a == b for a in one.services for b in other.services):
            continue
        joint = rng.choice((" ", " ", ". ", ". ", ", and ", " and also ", "; ", " then ", "\n"))
        after = len(one.text) + len(joint)
        marks = None
        if one.marks is not None and other.marks is not None:
            marks = one.marks + tuple(replace(m, start=m.start + after, end=m.end + after) for m in other.marks)
        mentioned = tuple(s for s in one.mentioned + other.mentioned if s not in one.services + other.services)
        yield Placement(one.text + joint + other.text, one.services + other.services, mentioned, marks=marks)
        n -= 1
