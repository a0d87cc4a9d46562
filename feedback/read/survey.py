"""Go through a whole sheet once and gather what tells how to read it; nothing of its words is kept but the evidence.

Rows at its foot that only sum up, headings repeated on the way, and tables that stand beside the comments are no data.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from feedback.errors import BadFile
from feedback.read.cells import Row, cell_text, is_blank
from feedback.read.columns import Evidence, decide_roles
from feedback.read.headings import Headings, column_name, find_headings

_HEAD = 150  # rows kept in memory to find the headings
MAX_COLUMNS = 2_000  # four times the widest survey seen; each costs memory however little stands in it
MAX_ROWS = 1_500_000  # a file of 20 MB with more has no room for a comment in each
_MAX_FILLS = 20_000  # ways in which the rows of a sheet are filled; a sheet with more is one table
_TOGETHER = 0.8  # share of rows by which two blocks of columns are filled together, and so are one table
# Each must fit the whole cell: "Total waste of time" and "Printed letters are too small" are comments.
_FOOT = re.compile(
    r"\W*(?:(?:grand |sub ?|overall )?(?:totals?|count|average|mean|sum)(?: (?:number|of|responses?|comments?|rows?|records?|scores?|ratings?"
    r"|answers?|respondents|surveys?|returned|received|for|period|the|month|quarter))*\W*"
    r"|(?:n|number of (?:responses?|rows|records|comments|surveys|respondents))\s*[=:]?\W*|page \d+(?: of \d+)?\W*"
    r"|end of (?:the )?(?:report|file|data|list|export|table|sheet|survey|results|document|page)\b.{0,40}|source\s*:.{0,100}"
    r"|(?:(?:report|data|file|list) )?(?:exported|generated|printed|produced|prepared|downloaded|created|run)"
    r"(?:(?: on| at|:)?\W*\d.{0,60}| (?:on|at|by|from|using|with|:)\s(?:\S+\s){0,6}\S*(?:\d|system|team|tool|software|office|department|©).{0,40})"
    r"|(?:strictly )?(?:private and )?confidential\W*(?:(?:patient|not for|do not|nhs)\b.{0,40})?|official[ -]sensitive\b.{0,60}|(?:copyright|©).{0,80})",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Survey:
    """The evidence of one whole sheet; `short` is the text of a sheet so short that it may be a key to another."""

    sheet: str | None
    headings: Headings
    evidence: list[Evidence]
    rows: int = 0
    last: int = 0
    foot: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    fills: Counter[int] = field(default_factory=Counter)
    span: tuple[int, int] = (0, MAX_COLUMNS)
    beside: tuple[str, ...] = ()


def take_survey(name: str | None, rows: Iterator[Row], given: tuple[str, ...] | None) -> Survey:
    """Gather the evidence of one sheet; rows at its foot that only sum up, and headings repeated on the way, are no data."""
    filled = (row for row in rows if row.problem or not all(is_blank(cell) for cell in row.cells))
    if given is not None:
        headings, head = Headings(given, given, 0, 0), []
    else:
        head = list(itertools.islice(filled, _HEAD))
        headings = find_headings(head)
    if len(headings.names) > MAX_COLUMNS:
        raise BadFile(
            f"{_where(name)} has {len(headings.names):,} columns, and {MAX_COLUMNS:,} are read: "
            "save only the columns of the survey in a new file, and send that."
        )
    survey = Survey(name, headings, [Evidence() for _ in headings.names])
    foot: list[Row] = []
    for row in itertools.chain(head, filled):
        if survey.rows > MAX_ROWS:
            raise BadFile(
                f"{_where(name)} has more than {MAX_ROWS:,} rows: split it into files of fewer rows, each with the headings, "
                "and send them one after the other."
            )
        if is_heading_again(row, headings.row, headings.last, headings.names):
            continue
        if is_foot(row):
            foot.append(row)
            continue
        for each in (*foot, row):
            _count(survey, each)
        foot.clear()
    survey.foot = [_joined(row) for row in foot]
    survey.short = [_joined(row) for row in head] if survey.rows < _HEAD else []
    _name_spare_columns(survey, shifted=name is None)
    return survey


def _where(sheet: str | None) -> str:
    return "The file" if sheet is None else f'The sheet "{sheet}"'


def _joined(row: Row) -> str:
    return " = ".join(filter(None, map(cell_text, row.cells)))


def _count(survey: Survey, row: Row) -> None:
    survey.rows += 1
    survey.last = row.number
    while len(survey.evidence) < min(len(row.cells), MAX_COLUMNS):
        survey.evidence.append(Evidence())
    fill = 0
    for place, (evidence, cell) in enumerate(zip(survey.evidence, row.cells, strict=False)):
        if not is_blank(cell):
            evidence.add(cell)
            fill |= 1 << place
    for place in row.merged:
        if place < len(survey.evidence):
            survey.evidence[place].carried += 1
    if len(survey.fills) < _MAX_FILLS or fill in survey.fills:
        survey.fills[fill] += 1


def _name_spare_columns(survey: Survey, *, shifted: bool) -> None:
    """Keep columns without a heading: in text only if many rows have them, else the row has a delimiter too many."""
    names, evidence = survey.headings.names, survey.evidence
    width = len(names)
    for place in range(len(names), len(evidence)):
        if evidence[place].filled and (not shifted or evidence[place].filled >= 0.3 * survey.rows):
            width = place + 1
    spare = tuple(column_name(place) for place in range(len(names), width))
    survey.headings = replace(
        survey.headings, names=names + spare, wordings=survey.headings.wordings + ("",) * len(spare)
    )
    del evidence[width:]


def keep_one_table(survey: Survey) -> None:
    """Of several tables side by side, with a blank column between, keep the one with the comments, as if alone."""
    names, evidence = survey.headings.names, survey.evidence
    gaps = [p for p, e in enumerate(evidence) if not e.filled and names[p] == column_name(p)]
    if not gaps or len(survey.fills) >= _MAX_FILLS:
        return
    edges = [-1, *gaps, len(evidence)]
    blocks = [range(left + 1, right) for left, right in itertools.pairwise(edges) if right - left > 1]
    main = max(blocks, key=lambda block: _comments_in(survey, block), default=None)
    if main is None or not _comments_in(survey, main)[0]:
        return
    kept = [block for block in blocks if block is main or _goes_with(survey, main, block)]
    first, stop = min(block.start for block in kept), max(block.stop for block in kept)
    beside = [place for block in blocks if not first <= block.start < stop for place in block]
    if not beside:
        return
    survey.span, survey.beside = (first, stop), tuple(names[place] for place in beside)
    survey.rows = sum(n for fill, n in survey.fills.items() if fill & _mask(range(first, stop)))
    for place in beside:
        survey.evidence[place] = Evidence()
    wordings = tuple("" if place in beside else wording for place, wording in enumerate(survey.headings.wordings))
    survey.headings = replace(survey.headings, wordings=wordings)


def _mask(block: range) -> int:
    return sum(1 << place for place in block)


def _comments_in(survey: Survey, block: range) -> tuple[bool, bool, int]:
    """Whether a block of columns has comments, surely, and in how many rows."""
    evidence = survey.evidence[block.start : block.stop]
    roles = decide_roles(survey.headings.wordings[block.start : block.stop], evidence, survey.rows)
    rows = sum(n for fill, n in survey.fills.items() if fill & _mask(block))
    return bool(roles.comments), bool(roles.comments) and roles.sure, rows


def _goes_with(survey: Survey, main: range, block: range) -> bool:
    """Whether a block is filled in the same rows as the main one, and so belongs to it; a list with counts does not."""
    ours, theirs = _mask(main), _mask(block)
    together = sum(n for fill, n in survey.fills.items() if fill & ours and fill & theirs)
    either = sum(n for fill, n in survey.fills.items() if fill & ours or fill & theirs)
    labels, *counts = survey.evidence[block.start : block.stop]
    is_summary = (
        bool(counts) and labels.distinct_share == 1 and labels.is_words and all(e.numbers == e.filled for e in counts)
    )
    return together >= _TOGETHER * either and not is_summary


def is_heading_again(row: Row, header_row: int, last: int, names: Sequence[str]) -> bool:
    """Whether a row is (part of) the headings, or repeats them, as where two exports were pasted together."""
    if row.number <= last:
        return True
    return (
        header_row > 0
        and len(row.cells) >= len(names) > 1
        and all(cell_text(cell).split() == name.split() for cell, name in zip(row.cells, names, strict=False))
    )


def is_foot(row: Row) -> bool:
    """Whether a row only sums up or signs off: "Grand total", "Exported on …", with nothing but numbers beside it."""
    cells = [cell_text(cell).strip() for cell in row.cells if not is_blank(cell)]
    return (
        bool(cells)
        and len(cells[0]) < 120
        and bool(_FOOT.fullmatch(re.sub(r"\s*[\d.,%()/]+\W*$", "", cells[0]) or cells[0]) or _FOOT.fullmatch(cells[0]))
        and all(re.fullmatch(r"[\d\s.,%()/=\-]+", cell) for cell in cells[1:])
    )
