"""Read what the guard and the signal model learn from: cases with gold answers, invented examples, ordinary comments.

Invented examples lie in data/; cases and ordinary comments in the folder of labelled files, outside the project. Ordinary
public comments hold no names any more (their publishers hid them) and hardly any danger, so they show what must be left alone.
"""

import csv
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import yaml

from feedback.comment import SIGNALS
from feedback.errors import BadData
from feedback.language import detect_language

RATINGS = {"Very good": 1, "Good": 2, "Neither good nor poor": 3, "Poor": 4, "Very poor": 5}
HARMLESS_ABOVE = -3  # `criticality` of a background comment; below it a signal is too likely
HELD_OUT = 10  # one example in so many chooses thresholds and is not learnt
_MARK = re.compile(r"\{\{(\w+)(?::(\w+))?\|(.*?)\}\}", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Case:
    """A comment with its answer: the kinds it shows (none where it can wait) and how urgent it is."""

    text: str
    kinds: frozenset[str] = frozenset()
    severity: str = "none"
    fft: int | None = None

    def answer(self, head: str) -> bool:
        """What one head of the model should say."""
        return {"flag": self.severity != "none", "urgent": self.severity == "urgent"}.get(head, head in self.kinds)


@dataclass(frozen=True, slots=True)
class Marked:
    """A comment with what identifies somebody in it: (start, end, kind) for each stretch, in order."""

    text: str = field(repr=False)
    spans: tuple[tuple[int, int, str], ...] = ()


def read_cases(path: Path) -> list[Case]:
    """Read one author's gold cases: JSON with `text`, `signals` and `severity`."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    cases = [
        Case(c["text"], frozenset(c["signals"]), c["severity"])
        for c in (raw["cases"] if isinstance(raw, dict) else raw)
    ]
    if not cases:
        raise BadData(f"{path.name} holds no cases; give a JSON list with text, signals and severity.")
    return cases


def read_examples(path: Path) -> list[Case]:
    """Read the invented examples: under each heading, "severity kind kind" or "none", a list of comments."""
    cases = []
    for heading, texts in yaml.safe_load(path.read_text(encoding="utf-8"))["examples"].items():
        severity, *kinds = heading.split()
        if set(kinds) - set(SIGNALS):
            raise BadData(
                f"{path.name}: the heading {heading!r} names a kind that the contract does not have; mend it."
            )
        cases += [Case(text, frozenset(kinds), severity) for text in texts]
    return cases


def read_sample(folder: Path) -> list[Case]:
    """Read the English comments of the sample batch, with the signals that a person marked; all others show none."""
    with (folder / "signals.csv").open(newline="", encoding="utf-8") as file:
        marked = {row["Comment ID"]: row for row in csv.DictReader(file)}
    with (folder / "sample_batch.csv").open(newline="", encoding="utf-8-sig") as file:
        comments = list(csv.DictReader(file))
    unknown = marked.keys() - {row["Comment ID"] for row in comments}
    if unknown:
        raise BadData(f"signals.csv marks {min(unknown)}, which sample_batch.csv does not hold; mend the number.")
    cases = []
    for row in comments:
        text, mark = row["Comment"].strip(), marked.get(row["Comment ID"])
        if not text or detect_language(text) != "en":
            continue
        fft = RATINGS.get(row["FFT rating"])
        cases.append(
            Case(text, frozenset(mark["kinds"].split(";")), mark["severity"], fft) if mark else Case(text, fft=fft)
        )
    return cases


def read_background(path: Path) -> list[Case]:
    """Read ordinary comments as cases without a signal, leaving out what their readers called very critical."""
    with path.open(newline="", encoding="utf-8") as file:
        texts = [row["feedback"].strip() for row in csv.DictReader(file) if _is_harmless(row["criticality"])]
    texts = sorted({text for text in texts if text})
    return [Case(text) for text in texts]


def _is_harmless(criticality: str) -> bool:
    try:
        return float(criticality) > HARMLESS_ABOVE
    except ValueError:
        return False


def read_danger_examples(path: Path) -> list[Case]:
    """Read invented comments as JSON Lines with `text`, `signals` and `severity`."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        one = json.loads(line)
        if set(one["signals"]) - set(SIGNALS) or bool(one["signals"]) == (one["severity"] == "none"):
            raise BadData(
                f"{path.name}, line {number}: kinds and severity do not fit each other or the contract; mend the line."
            )
        cases.append(Case(one["text"], frozenset(one["signals"]), one["severity"]))
    return cases


def read_marked(path: Path) -> list[Marked]:
    """Read invented comments in which identity is marked, "Nurse {{person:staff|Hollie}} rang": JSON Lines with `marked`."""
    return [_unmarked(json.loads(line)["marked"]) for line in path.read_text(encoding="utf-8").splitlines()]


def read_identity_cases(path: Path) -> list[Marked]:
    """Read gold cases of identity: a JSON list with `text` and `spans` of start, end and kind."""
    return [
        Marked(case["text"], tuple((s["start"], s["end"], s["kind"]) for s in case["spans"]))
        for case in json.loads(path.read_text(encoding="utf-8"))
    ]


def checksum(text: str) -> int:
    """A number by which a text is known again, without its words."""
    return crc32(text.encode())


def is_held_out(text: str) -> bool:
    """Whether a text belongs to the tenth that chooses thresholds; by its words, so that it falls on one side for good."""
    return checksum(text) % HELD_OUT == 0


def _unmarked(text: str) -> Marked:
    plain, spans, at = "", [], 0
    for mark in _MARK.finditer(text):
        plain += text[at : mark.start()]
        spans.append((len(plain), len(plain) + len(mark[3]), mark[1]))
        plain += mark[3]
        at = mark.end()
    return Marked(plain + text[at:], tuple(spans))


def with_other_names(example: Marked, names: Sequence[Iterable[str]], rng: random.Random) -> Marked:
    """The same comment about other people: each name replaced throughout, written as it was (capitals, small letters).

    names: lists to draw from, equally often. One name in seven is misspelt, as people do.
    """
    pools = [sorted(some) for some in names]
    chosen: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        old = match[0]
        if old.lower() not in chosen:
            name = rng.choice(rng.choice(pools))
            if rng.random() < 1 / 7:
                slip = rng.randrange(len(name))
                name = name[:slip] + rng.choice("aeiouynrlz") + name[slip + rng.randrange(2) :]
            chosen[old.lower()] = name
        new = chosen[old.lower()]
        return new.upper() if old.isupper() else new.title() if old[0].isupper() else new

    text, spans, at = "", [], 0
    for start, end, kind in example.spans:
        text += example.text[at:start]
        words = _LETTERS.sub(other, example.text[start:end]) if kind == "person" else example.text[start:end]
        spans.append((len(text), len(text) + len(words), kind))
        text, at = text + words, end
    return Marked(text + example.text[at:], tuple(spans))
