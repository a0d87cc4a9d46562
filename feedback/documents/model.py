"""What a document is made of, whatever it will be written as: the same parts make Word, HTML, Markdown and data.

A part says what it is (a table with headings, a quotation with its citation) and never how it looks, so that what a screen
reader is told and what the eye sees cannot differ. Every figure stands in a part with a name, which is how a document is
compared with the same one made later: `figures` lists them all.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from feedback.over_time.chart import Spec

WIDTH = 320  # pixels of a chart: two stand side by side on an A4 page, and one fills a telephone
HEIGHT = 150  # pixels of the plot alone


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the document's title; `level` 2 or 3."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, with a first word or two in bold if need be; `small` for how a document was made."""

    text: str
    lead: str = ""
    small: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without order."""

    items: tuple[str, ...]
    small: bool = False


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number with its name and what it is a part of."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The few numbers at the head of a document."""

    title: str
    items: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that reads aloud: a title, a heading for each column, and in each row first the cell that heads it.

    Columns whose index is in `numbers` hold figures and stand to the right. No cell is empty.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing (a Vega-Lite specification), what it says in a sentence, all it says for those who do not see it, its figures."""

    title: str
    sentence: str
    spec: Spec
    alt: str
    rows: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Charts:
    """Drawings that belong together, side by side where there is room."""

    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """Somebody's words, who said them, and the citation that never changes with its address ("" where none is known); a notice where they are withheld.

    `before` and `after` are the rest of the sentence that the cited words, `text`, are a part of.
    """

    text: str
    said: str
    citation: str
    href: str
    withheld: bool = False
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Quotations:
    """Quotations under each other; `none` is said where there is none."""

    items: tuple[Quotation, ...]
    none: str = "Nobody has said anything of the kind."


Block = Heading | Paragraph | Bullets | KeyFigures | Table | Charts | Quotations
KIND_OF_BLOCK = {
    Heading: "heading",
    Paragraph: "paragraph",
    Bullets: "list",
    KeyFigures: "key_figures",
    Table: "table",
    Charts: "charts",
    Quotations: "quotations",
}


@dataclass(frozen=True, slots=True)
class Document:
    """What a pack says. `subtitle` is what it rests on; `blocks` what it says; `made` how it came about, in small print.

    `made` names the moment and the command, so it differs from one making to the next; all else follows from the data.
    """

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    made: tuple[Block, ...] = ()

    def as_record(self) -> list[dict[str, Any]]:
        """The blocks as plain values, each with its `kind`."""
        return [{"kind": KIND_OF_BLOCK[type(block)], **asdict(block)} for block in (*self.blocks, *self.made)]

    def digest(self) -> str:
        """SHA-256 of title, subtitle and blocks, the same for every format and whenever it is made from the same data.

        Of a chart it takes the figures and what is said of them: how a specification names its parts may change. Nor does it
        matter where the pages are served that citations lead to.
        """
        said = [self.title, self.subtitle, [[KIND_OF_BLOCK[type(b)], _said(b)] for b in self.blocks]]
        return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, default=str))

    def figures(self) -> dict[str, str]:
        """Every figure by its name, as it is shown: "What bears on it | For | comments" is "15"."""
        return {name: value for block in self.blocks for name, value in _figures(block)}

    def parts(self) -> dict[str, str]:
        """A digest of each part by a name that a reader finds it by, so that a later making can say where it differs; of no quotation."""
        said: dict[str, list[Any]] = {"its title": [self.title], "the line under its title": [self.subtitle]}
        under = "before the first heading"
        for block in self.blocks:
            match block:
                case Heading():
                    under = f"under “{block.text}”"
                case Charts():
                    for chart in block.charts:
                        said.setdefault(f"the chart “{chart.title}”", []).append(asdict(replace(chart, spec={})))
                case Table() | KeyFigures():
                    said.setdefault(f"the figures “{block.title}”", []).append(asdict(block))
                case Paragraph() | Bullets():
                    said.setdefault(f"the text {under}", []).append(asdict(block))
        return {
            name: sha256(json.dumps(blocks, sort_keys=True, ensure_ascii=False, default=str))[:16]
            for name, blocks in said.items()
        }

    def citations(self) -> tuple[str, ...]:
        """What is quoted or withheld, in order."""
        return tuple(q.citation for b in self.blocks if isinstance(b, Quotations) for q in b.items)


def _said(block: Block) -> Any:
    if isinstance(block, Charts):
        return [asdict(replace(chart, spec={})) for chart in block.charts]
    if isinstance(block, Quotations):
        return [asdict(replace(quotation, href="")) for quotation in block.items]
    return asdict(block)


def _figures(block: Block) -> Iterator[tuple[str, str]]:
    match block:
        case KeyFigures():
            for figure in block.items:
                yield (
                    f"{block.title} | {figure.name}",
                    f"{figure.value} ({figure.note})" if figure.note else figure.value,
                )
        case Table():
            for first, *cells in block.rows:
                for column, cell in zip(block.columns[1:], cells, strict=True):
                    yield f"{block.title} | {first} | {column}", cell
        case Charts():
            for chart in block.charts:
                yield f"{chart.title} | in words", chart.sentence
                for row in chart.rows:
                    first, *cells = row.values()
                    yield f"{chart.title} | {first}", ", ".join(cells)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, words: Sequence[int] = ()) -> Table:
    """A table whose columns all hold figures, save the first and those in `words`."""
    numbers = tuple(i for i in range(1, len(columns)) if i not in words)
    return Table(title, tuple(columns), tuple(tuple(row) for row in rows), numbers)


def sha256(text: str | bytes) -> str:
    """The SHA-256 of a text (as UTF-8) or of bytes, in hexadecimal."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()
