"""Read clauses with their own labels: what each says, in its place, of which themes, and whether as praise or blame.

data/clauses/public.jsonl holds labels only, of public comments read clause by clause: the words stay where they are published
(labelled.py reads them). data/clauses/invented.jsonl holds invented comments, of the kinds that public ones have too few of:
irony, understatement, a fact that speaks for itself. data/clauses/plain.jsonl holds invented comments of the plainest kind, read by the
codebook as well: what thousands write in six words the labelled comments have too seldom ("Would not recommend", "Nobody judged me").
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from feedback.clean import question_kind
from feedback.comment import SIGN_OF, QuestionKind
from feedback.errors import BadData
from feedback.training.labelled import CODES

FEELINGS = ("+", "0", "-")  # in the order of the reader's clause head: positive, neutral, negative


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a comment, its feeling ("+", "0" or "-") and the themes that it speaks of."""

    start: int
    end: int
    feeling: str
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """An invented comment, what was asked, its clauses and, where somebody read it by the codebook, its codes and their marks.

    scale: how it feels as a whole where that was said too, 1 (very positive) to 5 (very negative).
    """

    text: str = field(repr=False)
    kind: QuestionKind = "nonspecific"
    clauses: tuple[Clause, ...] = ()
    codes: Mapping[str, str] | None = None
    scale: int | None = None


def read_public_clauses(path: Path) -> dict[str, tuple[Clause, ...]]:
    """The clauses of public comments by comment id: JSON Lines with `id` and `clauses`, each [start, end, feeling, [themes]]."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        found[one["id"]] = tuple(Clause(start, end, sign, tuple(themes)) for start, end, sign, themes in one["clauses"])
    return found


def read_invented_clauses(path: Path) -> list[Read]:
    """Invented comments: JSON Lines with `question` and `clauses`, each [words, feeling, [themes]]; the words joined are the comment.

    `codes` is there where somebody read the comment by the codebook, `scale` where it was said how the whole feels. Raises BadData for a
    mark that there is none of, naming file and line.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        one = json.loads(line)
        if any(sign not in FEELINGS for _, sign, _ in one["clauses"]):
            raise BadData(f"{path.name}, line {number}: a clause's feeling is one of {' '.join(FEELINGS)}; mend it.")
        codes = one.get("codes")
        if codes is not None and not (codes.keys() <= set(CODES) and set(codes.values()) <= set("+-~")):
            raise BadData(
                f"{path.name}, line {number}: codes are {', '.join(CODES)}, each with +, - or ~; mend the line."
            )
        if one.get("scale") not in (None, 1, 2, 3, 4, 5):
            raise BadData(f"{path.name}, line {number}: scale is 1 (very positive) to 5 (very negative); mend it.")
        at, clauses = 0, []
        for words, sign, themes in one["clauses"]:
            clauses.append(Clause(at, at + len(words), sign, tuple(themes)))
            at += len(words)
        text = "".join(words for words, _, _ in one["clauses"])
        found.append(Read(text, one["question"], tuple(clauses), codes, one.get("scale")))
    return found


def read_gold_clauses(path: Path) -> list[Read]:
    """Gold cases: a JSON list of comments with `text`, `question` and `segments` (`text` and `sentiment`); none where there is no such file."""
    found: list[Read] = []
    if not path.exists():
        return found
    for one in json.loads(path.read_text(encoding="utf-8")):
        at, clauses = 0, []
        for segment in one["segments"]:
            at = one["text"].index(segment["text"], at)
            clauses.append(Clause(at, at + len(segment["text"]), SIGN_OF[segment["sentiment"]]))
            at += len(segment["text"])
        found.append(Read(one["text"], question_kind(one.get("question")), tuple(clauses)))
    return found


def unknown_themes(comments: Iterable[Sequence[Clause]], known: frozenset[str]) -> set[str]:
    """Themes that clauses of comments are labelled with and that are not among the known."""
    return {theme for clauses in comments for clause in clauses for theme in clause.themes} - known
