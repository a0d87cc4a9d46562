"""Withhold from evidence the quotations that could tell who wrote them, wherever it may be copied out: command, API, document.

The pages inside show every word to those who may read comments. What is copied out, by hand or by a program, ends up in papers, so
there one rule holds: a quotation that disclosure.py judges to tell gives way to a notice, and how many did is said. Its comment counts
in every figure, and its citation opens it to those who may read it.
"""

from dataclasses import replace

from feedback.disclosure import Disclosure, is_withheld
from feedback.evidence.cite import Evidence, map_quotes
from feedback.query import Clause


def for_outside(found: Evidence, disclosure: Disclosure) -> Evidence:
    """The evidence as it may be copied out; `cannot_say` and `withheld` tell of what is missing."""
    before = disclosure.withheld
    quoted = map_quotes(found, lambda clause: _judged(disclosure, clause))
    n = disclosure.withheld - before
    return replace(quoted, cannot_say=(*found.cannot_say, on_withheld(n)), withheld=n) if n else quoted


def _judged(disclosure: Disclosure, clause: Clause) -> Clause:
    """The clause, or a notice that does not say either why what is withheld counts."""
    judged = disclosure.quotable(clause)
    return replace(judged, label="", reason="") if is_withheld(judged) else judged


def on_withheld(n: int) -> str:
    """What is said of quotations that do not stand where they would.

    >>> on_withheld(1)[:26]
    '1 quotation is withheld, b'
    """
    which = "1 quotation is" if n == 1 else f"{n:,} quotations are"
    return (
        f"{which} withheld, because the words could tell who wrote them although names are hidden; the comments count in every "
        "figure. Those who may read comments open them by the citation."
    )
