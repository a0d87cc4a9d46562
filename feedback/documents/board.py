"""Make the board summary: every objective and value with both sides, what changed, what to read first, what cannot be said. Two pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from feedback.documents.model import (
    Block,
    Bullets,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Quotations,
    table,
)
from feedback.documents.so_what import Named, in_short, moving, worst_and_best
from feedback.documents.source import Source, counted, drawn, listed, most, on_withheld, percent, rests_on, share
from feedback.documents.team import LOW, key_figures
from feedback.evidence.allowing import Allowed, allowed_for, poorly_measured
from feedback.evidence.known_error import Adjusted
from feedback.evidence.speakers import account_of, voices
from feedback.over_time.spc import wilson
from feedback.over_time.trend import RECENT, VERDICTS, Trend, bears_out, period_name, rule_in_words
from feedback.query import LabelCount, Totals, objective_table, silence, theme_table, totals, value_table
from feedback.safety.digest import Digest, digest
from feedback.safety.routes import load_routes
from feedback.settings import Settings
from feedback.strategies.bearing import NOT_LOOKED_FOR, EvidenceKind, bearing_of

FIRST = 3  # themes to read first, with one quotation each
SHARES = (
    "shares of the comments read, allowing for misreading; “as read” with the chance range where that cannot be allowed for, and a count "
    "where no share can be relied on. In a share of one side those that say both are counted too"
)
SHARES_AGAIN = "the same of each"
CHANGES = 6  # sentences; a board reads no more
SIDES = (("rate_positive", "for"), ("rate_negative", "against"))


@dataclass(frozen=True, slots=True)
class _Series:
    """One series that was looked at: what it is of, and how it moves."""

    name: str
    trend: Trend

    @property
    def moves(self) -> bool:
        """Whether its latest point is more than chance, and the comments since the run began bear it out together."""
        return self.trend.rule is not None and (not self.trend.measure.is_share or bears_out(self.trend))

    @property
    def not_a_change(self) -> str:
        """Why what its chart marks is not among what changed; "" where it marks nothing of late, or it is."""
        shown = self.trend.shown[-RECENT - 1 :]
        marked = [point for point in shown if point.rule and point.phase == shown[-1].phase]
        if self.moves or not marked:
            return ""
        last = marked[-1]
        until = (
            f"{period_name(last.start, self.trend.period)} as {VERDICTS[last.kind]} ({rule_in_words(last.rule or '')})"
        )
        if last is shown[-1]:
            return f"The chart marks {until}; taken together the comments since do not differ from the average beyond chance, so it is not counted as a change."
        return (
            f"The chart marks points up to {until}. Since then it lies within what chance gives again "
            f"({period_name(shown[-1].start, self.trend.period)}), so it is not counted as a change now."
        )


def board_pack(source: Source) -> tuple[str, str, list[Block], dict[str, Any]]:
    """Title, what it rests on, the blocks, and the figures as data."""
    total = totals(*source.asked)
    objectives, values = objective_table(*source.asked), value_table(*source.asked)
    overall = [_Series("Negative comments", source.trend("negative"))]
    if any(total.fft.values()):
        overall.append(_Series("Friends and Family answers that are good or very good", source.trend("fft_positive")))
    kinds: tuple[tuple[EvidenceKind, str, tuple[LabelCount, ...]], ...] = (
        ("objective", "Objectives", objectives),
        ("value", "Values", values),
    )
    allowed = {
        kind: allowed_for(source.conn, source.taxonomy, kind, rows, source.filters, source.scope, total.read)
        for kind, _, rows in kinds
    }
    series = [*overall, *(one for kind, _, rows in kinds for one in _of_labels(source, kind, rows, allowed[kind]))]
    parts = [_named(source, kind, row, allowed[kind][row.id]) for kind, _, rows in kinds for row in rows]
    moved = [(one.name, one.trend.sentence) for one in series if one.moves]
    blocks: list[Block] = in_short((*worst_and_best(source, parts), _moving(moved, len(series))))
    blocks.append(key_figures(total))
    if total.last is not None:
        blocks += drawn(*((one.trend, _short(one.name)) for one in overall), height=LOW)
    blocks += [Heading("What changed"), *_changes(series, overall)]
    # Before the tables, which are kept whole: so the first page is filled and two are enough.
    read_first, words = _to_read_first(source, total)
    blocks += [Heading("What to read first"), *read_first]
    columns = ("As read", "Bear on it", "For", "Against")
    for kind, title, rows in kinds:
        blocks.append(Heading(title))
        lines = [_line(row, kind == "objective", allowed[kind][row.id], total.read) for row in rows]
        blocks.append(
            table(f"{title}: {SHARES if kind == 'objective' else SHARES_AGAIN}", (title[:-1], *columns), lines)
        )
        blocks += _who_says_it(source, rows) if kind == "objective" else []
    flags = digest(*source.asked, load_routes(Settings().data), now=source.now)
    blocks += [Heading("Comments that cannot wait"), *_flags(flags)]
    blocks += [Heading("What cannot be said"), Bullets(tuple(_cannot_say(source, total)))]
    data = {
        "totals": asdict(total),
        "objectives": [asdict(row) for row in objectives],
        "values": [asdict(row) for row in values],
        "changes": [{"of": one.name, "says": one.trend.sentence} for one in series if one.moves],
        "marked_before": [{"of": one.name, "says": one.not_a_change} for one in overall if one.not_a_change],
        "read_first": words,
        "flags": asdict(flags.total),
    }
    return "What patients and carers say: summary for the board", rests_on(total), blocks, data


def _moving(moved: Sequence[tuple[str, str]], looked: int) -> str:
    """What moves, by name: how stands under "What changed" on the same page."""
    if not moved:
        return moving(moved, looked)
    return f"Moving beyond chance, of {looked:,} series looked at: {listed([name for name, _ in moved])}."


def _named(source: Source, kind: EvidenceKind, row: LabelCount, allowed: Allowed) -> Named:
    reliable = not allowed.doubt and row.basis != "unread" and account_of(source.taxonomy, kind, row.id) is None
    unsure = tuple(allowed.doubts)
    return Named(_name(row, kind == "objective"), row.n, row.positive, row.negative, kind, row.id, reliable, unsure)


def _of_labels(source: Source, kind: str, rows: Iterable[LabelCount], allowed: Mapping[str, Allowed]) -> list[_Series]:
    """Each side of each part that is read well enough for its movement to say anything."""
    found = []
    for row in rows:
        name, doubts = _name(row, kind == "objective"), allowed[row.id]
        for measure, side in SIDES:
            if row.n and not doubts.doubt and side not in doubts.doubts:
                found.append(_Series(f"{name}: {side}", source.about(**{kind: row.id}).trend(measure)))
    return found


def _short(name: str) -> str:
    return "Friends and Family Test" if name.startswith("Friends") else name


def _changes(series: Sequence[_Series], overall: Sequence[_Series]) -> list[Block]:
    """What moves now; and of what is drawn above, what the chart marks although it is none of that."""
    moved = [one for one in series if one.moves]
    looked = (
        f"{len(series)} monthly series were looked at: negative comments, the Friends and Family Test, and each objective and value, for "
        "and against, save those whose readings are doubted."
    )
    before = [f"{one.name}. {one.not_a_change}" for one in overall if one.not_a_change]
    if not moved:
        none = Paragraph(
            f"Nothing beyond the month-to-month variation that chance gives, by the latest figures. {looked}"
        )
        return [none, *([Bullets(tuple(before))] if before else [])]
    said = [f"{one.name}. {one.trend.sentence}" for one in moved[:CHANGES]]
    rest = [one.name for one in moved[CHANGES:]]
    if rest:
        said.append(f"More than chance also in: {listed(rest)}.")
    said += before
    chance = "With so many series chance alone may mark one, so look at the words before acting on one."
    return [Bullets(tuple(said)), Paragraph(f"{looked} {chance}", small=True)]


def _line(row: LabelCount, numbered: bool, allowed: Allowed, read: int) -> tuple[str, ...]:
    """The count, and what bears on it and speaks for and against as shares of the comments read; counts alone where none can be relied on."""
    if row.basis == "unread":
        return (_name(row, numbered), "–", NOT_LOOKED_FOR, "–", "–")
    said = allowed.sides
    for_it, against = said["for"] + said["both"], said["against"] + said["both"]
    both = f", and {said['both']:,} both" if said["both"] else ""
    counts = {side: f"{said[side]:,} as read{both}" for side in ("for", "against")}
    if allowed.doubt:
        return (_name(row, numbered), f"{row.n:,}", f"no share: {allowed.doubt}", *counts.values())
    sides = (("for", for_it, allowed.good), ("against", against, allowed.bad))
    return (
        _name(row, numbered),
        f"{row.n:,}",
        _share_of_read(row.n, read, allowed.found),
        *(
            f"{counts[side]}: no share" if side in allowed.doubts else _share_of_read(n, read, one)
            for side, n, one in sides
        ),
    )


def _share_of_read(n: int, read: int, adjusted: Adjusted | None) -> str:
    """A share of the comments read with misreading allowed for; where that cannot be, as read, with its chance range."""
    if adjusted and adjusted.estimate:
        return adjusted.estimate.in_words
    return f"as read {_with_interval(n, read)}"


def _who_says_it(source: Source, rows: Sequence[LabelCount]) -> list[Block]:
    """The objectives on which one kind of people's own account bears, split by who says it."""
    blocks: list[Block] = []
    for row in rows:
        if not row.n or account_of(source.taxonomy, "objective", row.id) is None:
            continue
        bearing = bearing_of(source.conn, source.taxonomy, "objective", row.id)
        found = voices(source.conn, source.taxonomy, bearing, source.about(objective=row.id).filters, source.scope)
        said = (f"{v.name}: {v.n:,} ({v.speaks_for:,} for, {v.against:,} against, {v.both:,} both)" for v in found)
        blocks.append(Paragraph(f"{'; '.join(said)}.", lead=f"Who says it, {row.id}:"))
    return blocks


def _name(row: LabelCount, numbered: bool) -> str:
    return f"{row.id} {row.title}".rstrip(".") if numbered else row.title


def _with_interval(n: int, of: int) -> str:
    if of < Settings().hollow_number:
        return f"{n:,}"
    low, high = (float(x) for x in wilson(n, of))
    return f"{percent(n / of)} ({low:.0%} to {high:.0%})"


def _to_read_first(source: Source, total: Totals) -> tuple[list[Block], list[dict[str, Any]]]:
    """The themes criticised most, each with the clause that the model is surest of."""
    blocks: list[Block] = []
    data = []
    for row in most(theme_table(*source.asked), "negative", FIRST):
        blocks.append(
            Paragraph(f"{share(row.negative, total.read)} of the comments read criticise this.", lead=f"{row.title}:")
        )
        quoted = source.quotations(source.about(theme=row.id).on_commonest("-", 1))
        blocks.append(Quotations(quoted, "No criticism of it that can be quoted."))
        data.append({"theme": row.id, "negative": row.negative, "quoted": [asdict(q) for q in quoted]})
    return blocks or [Paragraph("No theme is criticised by enough people to stand out.")], data


def _flags(found: Digest) -> list[Block]:
    late = (
        f"{counted(found.total.overdue, 'flag is', 'flags are')} overdue" if found.total.overdue else "none is overdue"
    )
    urgent = next((row.open for row in found.by_severity if row.id == "urgent"), 0)
    figures = KeyFigures(
        "Safety queue",
        (
            KeyFigure("Waiting for a person", f"{found.total.open:,}", f"{urgent:,} urgent; {late}"),
            KeyFigure("Raised in the last 7 days", f"{found.total.new:,}"),
            KeyFigure("Passed on", f"{found.total.passed_on:,}", "of those above"),
            KeyFigure("Waiting for translation", f"{found.held:,}", "comments nobody has read"),
        ),
    )
    return [figures]


def _cannot_say(source: Source, total: Totals) -> list[str]:
    quiet = silence(*source.asked)
    few = Settings().small_number
    said = [
        f"{counted(len(quiet), 'service has', 'services have')} fewer than {few} comments, so nothing is said of them; that is neither good nor bad news."
    ]
    if total.no_service:
        said.append(
            f"{counted(total.no_service, 'comment names', 'comments name')} no service that is known, and {'counts' if total.no_service == 1 else 'count'} for the whole Trust alone."
        )
    if total.other_languages:
        said.append(
            f"{counted(total.other_languages, 'comment')} in other languages {'waits' if total.other_languages == 1 else 'wait'} for translation and {'is' if total.other_languages == 1 else 'are'} in no share."
        )
    if total.undated:
        said.append(
            f"{counted(total.undated, 'comment has', 'comments have')} no date and {'is' if total.undated == 1 else 'are'} in no chart."
        )
    said.append("Those who answer are not all who are cared for; shares are of those who wrote.")
    said.append(
        "Themes, values and objectives are read by models, right about four times in five; counts over many comments are what they are for."
    )
    if unknown := poorly_measured(source.conn, source.taxonomy):
        said.append(unknown)
    if source.disclosure.withheld:
        said.append(on_withheld(source.disclosure.withheld))
    return said
