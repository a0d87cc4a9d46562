"""Figures as Markdown: a table, and a figure with its interval."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

RULES = {"l": " --- ", "r": " ---: "}


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, align: str = "") -> list[str]:
    """A Markdown table; `align` has l or r for each column, and without it the first is on the left and the rest on the right.

    >>> table(("theme", "F1"), [("Parking", 0.5)])
    ['| theme | F1 |', '| --- | ---: |', '| Parking | 0.5 |']
    """
    align = align or "l".ljust(len(headings), "r")
    return [
        f"| {' | '.join(headings)} |",
        f"|{'|'.join(RULES[side] for side in align)}|",
        *(f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows),
    ]


def rate(figure: Mapping[str, Any] | None) -> str:
    """A figure with its interval: 0.81 (0.74-0.87)."""
    return f"{figure['share']:.2f} ({figure['lower']:.2f}-{figure['upper']:.2f})" if figure else "–"
