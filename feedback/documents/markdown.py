"""Write a document as Markdown: charts as what they say and a table of their figures, so that nothing is lost to the eye or ear."""

from collections.abc import Iterator, Sequence

from feedback.documents.model import (
    Block,
    Bullets,
    Charts,
    Document,
    Heading,
    KeyFigures,
    Paragraph,
    Quotation,
    Quotations,
    Table,
)

# At the start of a line these begin a list, a heading, a quotation or a rule; within it they format.
_FORMATS = "\\`*_{}[]<>#|~"


def as_markdown(document: Document) -> str:
    """The document in CommonMark with tables."""
    parts = [f"# {quoted(document.title)}", quoted(document.subtitle)]
    parts += [part for block in (*document.blocks, *document.made) for part in _written(block)]
    return "\n\n".join(parts) + "\n"


def quoted(words: str) -> str:
    """Words that format nothing, on one line: people write asterisks, hashes and line ends of their own.

    >>> quoted("*very* good")
    '\\\\*very\\\\* good'
    """
    plain = " ".join(words.split())
    return "".join("\\" + c if c in _FORMATS else c for c in plain)


def _written(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * block.level} {quoted(block.text)}"
        case Paragraph():
            yield f"**{quoted(block.lead)}** {quoted(block.text)}".strip() if block.lead else quoted(block.text)
        case Bullets():
            yield "\n".join(f"- {quoted(item)}" for item in block.items)
        case KeyFigures():
            yield "\n".join(
                f"- {quoted(f.name)}: **{quoted(f.value)}**{f' ({quoted(f.note)})' if f.note else ''}"
                for f in block.items
            )
        case Table():
            yield _table(block.columns, block.rows, block.numbers)
        case Charts():
            for chart in block.charts:
                yield f"**{quoted(chart.title)}.** {quoted(' '.join((chart.sentence, *chart.notes)))}".rstrip()
                if chart.rows:
                    columns = tuple(chart.rows[0])
                    yield _table(columns, [tuple(row.values()) for row in chart.rows], range(1, len(columns)))
        case Quotations():
            yield "\n".join(
                f"- {quoted(q.text)}"
                if q.withheld
                else f"- “{_in_sentence(q)}” — {quoted(q.said)} ({f'[{q.citation}]({q.href})' if q.href else q.citation})"
                for q in block.items
            ) or quoted(block.none)


def _in_sentence(q: Quotation) -> str:
    """The cited words, in bold where they are a part of a sentence."""
    if not (q.before or q.after):
        return quoted(q.text)
    before, after = (" " if part else "" for part in (q.before[-1:].isspace(), q.after[:1].isspace()))
    return f"{quoted(q.before)}{before}**{quoted(q.text)}**{after}{quoted(q.after)}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> str:
    rule = " | ".join("---:" if i in numbers else "---" for i in range(len(columns)))
    lines = [" | ".join(map(quoted, row)) for row in (columns, *rows)]
    return "\n".join(f"| {line} |" for line in (lines[0], rule, *lines[1:]))
