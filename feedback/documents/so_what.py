"""Say in two or three plain sentences what a document comes to, drawn from its figures by a stated rule.

Which of many figures is worst or best is judged by the bound of its 95% interval on the careful side, so that a few comments
cannot lead; of fewer than ENOUGH comments nothing is said. A sentence on words carries their citation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feedback.documents.model import Block, Bullets, Heading
from feedback.documents.source import Source, counted, listed, most, percent
from feedback.over_time.spc import wilson
from feedback.query import Clause, LabelCount, Totals

ENOUGH = 30  # comments, below which a share means little
TITLE = "What it comes to"
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Named:
    """A part of the strategy: its name in a sentence, its comments, those for and against it, the filter that asks for it, and
    whether its sides can be relied on: read well enough, and said by those whose account it is. `unsure` names single sides ("for",
    "against") that are not read well enough."""

    name: str
    n: int
    good: int
    bad: int
    kind: str
    id: str
    reliable: bool = True
    unsure: tuple[str, ...] = ()


def in_short(sentences: Iterable[str]) -> list[Block]:
    """The heading and the sentences; nothing where there is none."""
    said = tuple(filter(None, sentences))
    return [Heading(TITLE), Bullets(said)] if said else []


def worst_and_best(source: Source, rows: Sequence[Named]) -> list[str]:
    """The part with the highest share against and that with the highest for, each with words on its commonest theme."""
    enough = [row for row in rows if row.n >= ENOUGH and row.reliable]
    told_against, told_for = ([row for row in enough if side not in row.unsure] for side in ("against", "for"))
    if len(told_against) < 2 or len(told_for) < 2:
        return [f"No two parts have {ENOUGH} comments that can be relied on, so none is called worst or best."]
    worst = max(told_against, key=lambda row: _least(row.bad, row.n))
    best = max(told_for, key=lambda row: _least(row.good, row.n))
    said = [
        f"Worst of the objectives and values: {worst.name}; of {counted(worst.n, 'comment')} that bear on it, as read, {_ranged(worst.bad, worst.n)} speak against it{_for_one(source, worst, '-')}."
    ]
    if best is not worst:
        said.append(
            f"Best: {best.name}; of {counted(best.n, 'comment')}, as read, {_ranged(best.good, best.n)} speak for it{_for_one(source, best, '+')}."
        )
    return said


def _ranged(n: int, of: int) -> str:
    """A share with its chance range."""
    return f"{percent(n / of)} (chance range {percent(_least(n, of))} to {percent(_most(n, of))})"


def balance(good: int, bad: int, n: int) -> str:
    """Whether more speak for or against, where the difference is more than chance gives."""
    if n < ENOUGH:
        return ""
    figures = f"as read, {percent(bad / n)} of the {counted(n, 'comment')} that bear on it speak against it and {percent(good / n)} for it"
    lead = _weighed(
        good,
        bad,
        (
            "More is said for it than against it",
            "More is said against it than for it",
            "What is said for it and against it differs by no more than chance allows",
        ),
    )
    return f"{lead}: {figures}."


def sounding(total: Totals) -> str:
    """How the comments sound on balance."""
    n, good, bad = total.read, total.sentiment["positive"], total.sentiment["negative"]
    if n < ENOUGH:
        return ""
    figures = f"{_share(good, n)} read are positive and {percent(bad / n)} negative"
    lead = _weighed(
        good,
        bad,
        (
            "More comments praise than complain",
            "More comments complain than praise",
            "Praise and complaint differ by no more than chance allows",
        ),
    )
    return f"{lead}: {figures}."


def themes_of(themes: Sequence[LabelCount], quoted: Sequence[Clause], mended: Sequence[Clause]) -> str:
    """The theme criticised most and that praised most, each with the citation of its words."""
    parts = []
    for side, lead, words in (("negative", "Criticised most", mended), ("positive", "Praised most", quoted)):
        if row := next(iter(most(themes, side, 1)), None):
            cited = f", as in {words[0].citation}" if words else ""
            parts.append(f"{lead}: {row.title} ({counted(getattr(row, side), 'comment')}{cited})")
    return ". ".join(parts) + "." if parts else ""


def moving(series: Sequence[tuple[str, str]], looked: int) -> str:
    """What moves beyond chance, by name; `series` are those that do, with what is said of each."""
    if not series:
        return f"Nothing moves beyond chance by the latest figures ({looked:,} series looked at)." if looked else ""
    rest = (
        f" So {'does' if len(series) == 2 else 'do'} {listed([name for name, _ in series[1:]])}."
        if len(series) > 1
        else ""
    )
    return f"Moving beyond chance: {series[0][0]}. {series[0][1]}{rest}"


def _for_one(source: Source, row: Named, sign: str) -> str:
    words = source.about(**{row.kind: row.id}).on_commonest(sign, 1)
    return f" (as in {words[0].citation})" if words else ""


def _share(n: int, of: int) -> str:
    return f"{percent(n / of)} of {counted(of, 'comment')}"


def _weighed(good: int, bad: int, words: tuple[str, str, str]) -> str:
    """Of three wordings, for more good, more bad and neither, the one that holds: whether half of those on a side lies outside the chance
    range of the share that is good."""
    more, less, even = words
    if not good + bad:
        return even
    if _least(good, good + bad) > HALF:
        return more
    return less if _most(good, good + bad) < HALF else even


def _least(n: int, of: int) -> float:
    return float(wilson(n, of)[0])


def _most(n: int, of: int) -> float:
    return float(wilson(n, of)[1])
