"""Read the published labelled comments into examples to train on and to measure with, split so that no test looks like training.

The files are public but real: their words are read here, at training and evaluation, from a folder outside the project,
and never written anywhere. Rows that share a respondent or a longer text always fall on the same side of the split, because
a third of the rows repeat another row's words and a random split would test on what it had learnt by heart. Answers
of a word or two are everybody's and fall on both sides, as they will in use; evaluation reports unseen texts apart.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from feedback.clean import clean, question_kind
from feedback.comment import QuestionKind
from feedback.errors import BadData, BadInput
from feedback.taxonomy import Taxonomy

Part = Literal["train", "validation", "test"]

FILES = ("fft_labelled.csv", "fft_criticality.csv", "theme_labels.csv", "strategy_labels.csv")
TEST_SHARE, VALIDATION_SHARE = 0.12, 0.08
# The codes of the published labels: the model's own vocabulary, whatever strategy is in force (remap.py leads from them to its parts).
CODES = ("C", "A", "R", "E", "S", "O1", "O2", "O3", "O4", "O5")
MORE_CODES = "public.jsonl"  # labels alone, of public comments; the other files of the folder hold invented ones

# What the three trusts of fft_criticality.csv asked (README of the labelled data).
ASKED: dict[str, QuestionKind] = {
    "Trust A - Q1": "could_improve",
    "Trust C - Q2": "could_improve",
    "Trust A - Q2": "what_good",
    "Trust C - Q1": "what_good",
}
# The labelled set's own columns before its fifty labels.
FIRST_LABEL_COLUMN = 11


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled comment; None where nobody labelled that aspect.

    `themes` are theme ids; `sentiment` 1 very positive … 5 very negative; `codes` maps C, A, R, E, S, O1 … O5 to "+", "-", "~"
    (absent = not given); `weight` below 1 for labels that were not made by the NHS's own readers.
    """

    id: str
    text: str = field(repr=False)
    kind: QuestionKind = "nonspecific"
    themes: frozenset[str] | None = None
    contentless: bool = False
    nhs_themes: bool = False
    sentiment: int | None = None
    codes: dict[str, str] | None = None
    subcategory: str | None = None
    criticality: int | None = None
    service_type: str = ""
    part: Part = "train"


def load_examples(folder: Path, taxonomy: Taxonomy) -> list[Example]:
    """Read all labelled files of a folder, joined by comment and split by respondent and text.

    Raises BadInput when a file is missing, naming it and where the public originals are described.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BadInput(
            f"{folder} has no {', '.join(missing)}; give the folder of labelled comments with --data (data/README.md says where they are published)."
        )
    codes = {row["id"]: {c: row[c] for c in CODES if row[c]} for row in _rows(folder / "strategy_labels.csv")}
    read_themes = {row["id"]: row for row in _rows(folder / "theme_labels.csv")}
    theme_ids = {theme.name: theme.id for theme in taxonomy.themes.values()}
    contentless = {theme.id for theme in taxonomy.themes.values() if theme.contentless}

    examples, respondents = [], []
    for row in _rows(folder / "fft_labelled.csv"):
        if not row["FFT answer"].strip():
            continue
        key = "v6:" + row["Comment ID"]
        given = {name for name in list(row)[FIRST_LABEL_COLUMN:] if row[name].strip() in ("1", "1.0")}
        themes = {taxonomy.theme_merge.get(name, theme_ids.get(name)) for name in given} - {None}
        sentiment = row["Comment sentiment"].strip()
        examples.append(
            Example(
                id=key,
                text=clean(row["FFT answer"]),
                kind=question_kind(row["FFT question"]),
                themes=frozenset(t for t in themes if t and t not in contentless),
                contentless=not contentless.isdisjoint(themes),
                nhs_themes=True,
                sentiment=int(float(sentiment)) if sentiment else None,
                codes=codes.get(key),
                service_type=row["Service type 1"].replace("\xa0", " "),
            )
        )
        respondents.append("r:" + row["Respondent ID"])
    for row in _rows(folder / "fft_criticality.csv"):
        key = "p1:" + row["row_index"]
        label = read_themes.get(key)
        examples.append(
            Example(
                id=key,
                text=clean(row["feedback"]),
                kind=ASKED.get(row["question"], "nonspecific"),
                themes=frozenset(theme_ids[n] for n in label["themes"].split(";") if n in theme_ids) - contentless
                if label
                else None,
                contentless=label is not None and theme_ids.get(label["themes"], "") in contentless,
                sentiment=int(label["sentiment"]) if label and label["sentiment"] else None,
                codes=codes.get(key),
                subcategory=row["subcategory"] or None,
                criticality=_criticality(row["criticality"]),
                service_type=row["organization"],
            )
        )
        respondents.append("p:" + row["row_index"])
    parts = split([e.text for e in examples], respondents)
    return [_with_part(e, p) for e, p in zip(examples, parts, strict=True)]


def read_coded(folder: Path) -> list[Example]:
    """Invented comments read by the codebook, for codes that public comments have too few of: JSON Lines with `text`, `kind`, `codes`.

    Raises BadData for a code or a mark that the codebook does not have, naming file and line.
    """
    return [
        Example(f"{path.stem}:{number}", one["text"], one["kind"], codes=one["codes"])
        for path in sorted(set(folder.glob("*.jsonl")) - {folder / MORE_CODES})
        for number, one in _coded(path)
    ]


def with_more_codes(examples: Sequence[Example], folder: Path) -> list[Example]:
    """The examples, those of the training part that had no codes with what later readers gave them: JSON Lines with `id` and `codes`.

    Raises BadData as `read_coded`.
    """
    given = {one["id"]: one["codes"] for _, one in _coded(folder / MORE_CODES)}
    return [
        replace(e, codes=given[e.id]) if e.codes is None and e.part == "train" and e.id in given else e
        for e in examples
    ]


def _coded(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        one = json.loads(line)
        if not one["codes"].keys() <= set(CODES) or not set(one["codes"].values()) <= set("+-~"):
            raise BadData(
                f"{path.name}, line {number}: codes are {', '.join(CODES)}, each with +, - or ~; mend the line."
            )
        yield number, one


def read_statements(path: Path) -> dict[str, tuple[str, ...]]:
    """The statements and outcomes of the strategy that a reader gave public comments, best first, by comment id: JSON Lines with `id`, `s`, `o`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {one["id"]: (*one["s"], *one["o"]) for one in map(json.loads, lines)}


def split(texts: list[str], respondents: list[str]) -> list[Part]:
    """Give each row a part, the same for all rows joined by a respondent or by a text of over 40 letters.

    Shorter texts ("very good, thank you") tie nothing: they would tie half of the data into one group.
    A group is placed by a hash of its first respondent in order, so the split stays when rows are added elsewhere.
    """
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for text, respondent in zip(texts, respondents, strict=True):
        key = text_key(text)
        root(respondent)
        if len(key) > 40:
            # The lower name becomes the root, so that a group's place does not hang on the order of the rows.
            low, high = sorted((root("t:" + key), root(respondent)))
            parent[high] = low
    return [_part(root(respondent)) for respondent in respondents]


def text_key(text: str) -> str:
    """The words of a text without case and punctuation, for telling repeats."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def data_hash(folder: Path) -> str:
    """SHA-256 over the labelled files, for a model's manifest."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _part(key: str) -> Part:
    share = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return "test" if share < TEST_SHARE else "validation" if share < TEST_SHARE + VALIDATION_SHARE else "train"


def _with_part(example: Example, part: Part) -> Example:
    return replace(example, part=part)


def _criticality(cell: str) -> int | None:
    # A few odd codes stand in the column ("-o", "cc", -9); they are nobody's judgement.
    return int(cell) if re.fullmatch(r"-?[0-5]", cell) else None


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as f:
        yield from csv.DictReader(f)
