"""Make the evidence pack on one objective, value or statement: how much, for and against, the words, and what cannot be said."""

from collections.abc import Sequence
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
from feedback.documents.so_what import balance, in_short, moving, themes_of
from feedback.documents.source import Source, counted, drawn, ended, listed, percent, share, span
from feedback.evidence.apart import Apart
from feedback.evidence.cite import Evidence, Share, evidence
from feedback.evidence.doubt import drawable, has_share, no_share, not_drawn
from feedback.evidence.outside import for_outside
from feedback.evidence.reconcile import METHOD
from feedback.filters import Filters
from feedback.over_time.trend import bears_out
from feedback.query import LabelCount, ServiceCount, statement_table, theme_table
from feedback.quoting import first_of, of_both
from feedback.settings import Settings
from feedback.strategies.bearing import NOT_LOOKED_FOR, EvidenceKind

QUOTES = 3  # of the surest and of the most typical, on each side
RARE = 3
HOW_CHOSEN = (
    "A fixed rule takes the words that the model is surest of and those most like all the others, nobody twice; no person picks them. The "
    "rule in full stands on the page of this part, with the rule for rare voices, and in this document as data (JSON)."
)
FEW_ROWS = 12  # services in a table; a longer one is not read aloud to the end
CHART = 120  # pixels of the plot: lower than elsewhere, so that a pack ends on its second page more often


def strategy_pack(
    source: Source, kind: EvidenceKind, id: str, base: Filters
) -> tuple[str, str, list[Block], dict[str, Any]]:
    """Title, what it rests on, the blocks, and the evidence as data; `base` chooses the comments that it is a share of."""
    found = evidence(source.conn, source.taxonomy, kind, id, base, source.scope, quotes=QUOTES)
    # What may not leave the building is not in the data either.
    found = for_outside(found, source.disclosure)
    name = found.title if kind == "value" else f"{id} {found.title}".rstrip(".")
    blocks: list[Block] = [*([Paragraph(found.text)] if found.text else [])]
    if not found.looked_for:
        blocks.append(Paragraph(found.cannot_say[0]))
        return name, "not looked for yet", blocks, found.as_record()
    blocks += in_short(_comes_to(source, found))
    blocks += [*what_tells_apart(found.apart), *_in_numbers(found), *_voices(found)]
    if found.comments and found.first:
        blocks += drawn(*((source.trend(measure), name) for name, measure in drawable(found)), height=CHART)
        blocks += [Paragraph(sentence) for sentence in not_drawn(found)]
    blocks += _words(source, found)
    if kind == "objective":
        blocks += _statements(source, id)
    blocks += [*_services(found.services), *_respondents(found)]
    blocks += _allowing_for_error(found)
    known = dict.fromkeys(one.sentence for one in found.adjusted if one.estimate is None)
    blocks += [Heading("What cannot be said"), Bullets((*known, *found.cannot_say))]
    blocks.append(Paragraph(HOW_CHOSEN, lead="How these words were chosen.", small=True))
    people = counted(found.respondents, "respondent")
    bear = "bears" if found.comments == 1 else "bear"
    subtitle = f"{counted(found.comments, 'comment')} from {people} {bear} on it, {span(found.first, found.last)}"
    return name, subtitle, blocks, found.as_record()


def _comes_to(source: Source, found: Evidence) -> list[str]:
    """Whether more speaks for it or against it, what is said most on each side, and how that moves."""
    if not found.comments or found.comments == found.neither.n:
        return []
    themes = theme_table(*source.asked)
    good, bad = (source.on_commonest(sign, 1, themes) for sign in "+-")
    series = [(name, source.trend(measure)) for name, measure in drawable(found)]
    moved = [(name, trend.sentence) for name, trend in series if trend.rule and bears_out(trend)]
    return [
        "" if found.doubt or found.doubts else balance(found.speaks_for.n, found.against.n, found.comments),
        themes_of(themes, good, bad),
        moving(moved, len(series)),
    ]


def _in_numbers(found: Evidence) -> list[Block]:
    if not found.comments:
        return [Paragraph(f"Of {counted(found.read, 'comment')} read, none bears on it.")]
    parts = (("For", found.speaks_for), ("Against", found.against), ("Both", found.both), ("Neither", found.neither))
    items = [
        KeyFigure("Comments that bear on it", f"{found.comments:,}", f"as read, of {found.read:,} read"),
        *(
            KeyFigure(name, f"{part.n:,}", _of(part) if has_share(found, name.lower()) else "")
            for name, part in parts
            if part.n or name != "Neither"
        ),
    ]
    whole = found.adjusted[0].estimate if found.adjusted else None
    leads = (
        [Paragraph(f"{whole.in_words} of the comments read bear on it.", lead="Allowing for misreading:")]
        if whole
        else []
    )
    doubt = [Paragraph(sentence) for sentence in no_share(found)]
    return [*leads, KeyFigures("In numbers", tuple(items)), *doubt]


def _voices(found: Evidence) -> list[Block]:
    """Who says it, for an objective that one kind of people's own account bears on."""
    if not found.voices:
        return []
    rows = [(v.name, *(f"{n:,}" for n in (v.n, v.speaks_for, v.against, v.both))) for v in found.voices]
    return [table("Who says it", ("Who", "Comments", "For", "Against", "Both"), rows)]


def what_tells_apart(found: Apart | None, heading: str = "What tells these comments from the others") -> list[Block]:
    """That nearly every comment counts, if it does, and what is said more or less among them than among all; nothing to say, nothing said."""
    if found is None:
        return []
    rows = [
        (
            one.title,
            *map(percent, (one.n / one.of, one.n_all / one.of_all, one.others)),
            "more" if one.difference > 0 else "less",
        )
        for one in (*found.more, *found.less)
    ]
    blocks: list[Block] = [Paragraph(found.nearly_all)] if found.nearly_all else []
    blocks.append(Heading(heading))
    if not rows:
        return [*blocks, Paragraph(found.says)]
    title = "What is said more or less often among them than among all comments, beyond chance"
    columns = ("What", "Among these", "Among all", "Among the others", "Here it is")
    return [*blocks, table(title, columns, rows, words=(4,))]


def _words(source: Source, found: Evidence) -> list[Block]:
    """Both sides, the surest words and then the most typical; those who say both; and the rare voices with why they are heard."""
    blocks: list[Block] = []
    sides = (("for", found.quotes_for, found.typical_for), ("against", found.quotes_against, found.typical_against))
    for side, strongest, typical in sides:
        of = found.weighed[side]
        blocks.append(Heading(f"In people's words: {side}"))
        if strongest:
            blocks.append(Paragraph(f"{first_of(len(strongest), of)}.", lead="The surest:"))
        blocks.append(Quotations(source.as_quoted(strongest)))
        if typical:
            blocks.append(Paragraph(f"{first_of(len(typical), of)}.", lead="The most typical:"))
            blocks.append(Quotations(source.as_quoted(typical)))
    if both := found.quotes_both:
        blocks += [
            Heading("In people's words: both"),
            Paragraph(f"{of_both(both, found.weighed['both'])}, a clause for each side.", lead="The surest:"),
            Quotations(source.as_quoted(both)),
        ]
    if found.rare:
        blocks.append(Heading("Rare voices"))
        for voice in found.rare[:RARE]:
            blocks += [
                Paragraph(f"{ended(voice.why[:1].upper() + voice.why[1:])}"),
                Quotations(source.as_quoted([voice.clause])),
            ]
    return blocks


def _respondents(found: Evidence) -> list[Block]:
    if not found.by_respondent:
        return []
    who = ("not known" if r.id == "unknown" else r.id for r in found.by_respondent)
    counts = ("Comments", *(f"{r.n:,}" for r in found.by_respondent))
    return [table("Who wrote the comments on it", ("Who wrote", *(name.capitalize() for name in who)), [counts])]


def _allowing_for_error(found: Evidence) -> list[Block]:
    """The main figures as read and with misreading allowed for, where the reader's errors on this have been counted."""
    rows = [
        (
            one.what.capitalize(),  # without what it is made of: a name that carries counts changes with them
            share(one.found, one.read),
            f"{percent(one.estimate.share)}, between {percent(one.estimate.lower)} and {percent(one.estimate.upper)}",
            f"{one.labelled:,}",
        )
        for one in found.adjusted
        if one.estimate
    ]
    title = "The same, allowing for how often it is misread (counted on published comments of other trusts)"
    columns = ("Of the comments read", "As read", "Allowing for misreading", "Labelled comments that have it")
    made_of = [f"{one.what.capitalize()}: {one.made_of}" for one in found.adjusted if one.estimate and one.made_of]
    if not rows:
        return []
    note = " ".join([*(f"{said}." for said in made_of), *([METHOD] if len(rows) == len(found.adjusted) else [])])
    return [table(title, columns, rows), *([Paragraph(note, small=True)] if note else [])]


def _of(part: Share) -> str:
    return f"{percent(part.share)}, chance range {percent(part.lower)} to {percent(part.upper)}"


def _statements(source: Source, objective: str) -> list[Block]:
    """The objective's statements that comments speak of, in the strategy's order; the silent ones are named."""
    mine = source.taxonomy.objectives[objective].statements
    rows = [row for row in statement_table(*source.about(objective=None).asked) if row.id in mine]
    spoken, silent = [row for row in rows if row.n], [row.id for row in rows if not row.n and row.basis != "unread"]
    unlooked = [row.id for row in rows if row.basis == "unread"]
    blocks: list[Block] = [Heading("Its statements")]
    if spoken:
        title = "Comments that speak of each statement"
        columns = ("Statement", "Comments", "For", "Against", "Both")
        blocks.append(table(title, columns, [_statement(row) for row in spoken]))
    if silent:
        blocks.append(Paragraph(f"No comment speaks of {listed(silent)}: that is neither good nor bad news."))
    if unlooked:
        blocks.append(Paragraph(f"{listed(unlooked)}: {NOT_LOOKED_FOR}."))
    return blocks


def _statement(row: LabelCount) -> tuple[str, ...]:
    return (f"{row.id} {row.title}".rstrip("."), *(f"{n:,}" for n in (row.n, row.positive, row.negative, row.mixed)))


def _services(services: Sequence[ServiceCount]) -> list[Block]:
    """Where it was said: services with enough comments, in the order of the directory and never in order of how they fare."""
    few = Settings().small_number
    below = [s for s in services if s.depth > 0]
    # The lowest entry that has enough says where; what is above it would count the same comments again.
    told = {s.parent for s in below if s.n >= few}
    enough = [s for s in below if s.n >= few and s.id not in told]
    shown = sorted(sorted(enough, key=lambda s: -s.n)[:FEW_ROWS], key=below.index)
    rest = len(enough) - len(shown)
    blocks: list[Block] = [Heading("Where it was said")]
    if shown:
        rows = [
            (
                f"{s.title}{' (not confirmed)' if s.unconfirmed else ''}",
                f"{s.n:,}",
                f"{s.positive:,}",
                f"{s.negative:,}",
                f"{s.mixed:,}",
            )
            for s in shown
        ]
        columns = ("Service", "Comments", "Positive", "Negative", "Both")
        blocks.append(table(f"Services with {few} comments on it or more, and how those comments sound", columns, rows))
    if rest:
        blocks.append(
            Paragraph(f"{counted(rest, 'further service has', 'further services have')} fewer comments on it.")
        )
    if not shown:
        blocks.append(Paragraph(f"No service has {few} comments on it."))
    return blocks
