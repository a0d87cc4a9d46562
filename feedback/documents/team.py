"""Make a service's "team on a page": how much was said, how it moves, what is praised, what to mend, what was done. One page of A4.

Whatever would push it onto a second page is left out in a stated order of worth: two charts, three themes and two quotations
a side, the three latest actions.
"""

from dataclasses import asdict, replace
from typing import Any

from feedback.actions import Action, done_for
from feedback.documents.model import (
    Block,
    Bullets,
    Charts,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Quotations,
)
from feedback.documents.so_what import in_short, sounding, themes_of
from feedback.documents.source import (
    RULE,
    Source,
    chart_of,
    chart_of_themes,
    counted,
    day,
    ended,
    is_drawn,
    most,
    on_withheld,
    percent,
    rests_on,
    short,
)
from feedback.query import LabelCount, Totals, objective_table, theme_table, totals, value_table
from feedback.settings import Settings

THEMES, QUOTES, DONE = 3, 2, 2
LOW = 110  # pixels of the plot
WORDS_OF_AN_ACTION = 90  # letters
IN_CHART = 4  # themes


def team_pack(source: Source) -> tuple[str, str, list[Block], dict[str, Any]]:
    """Title, what it rests on, the blocks, and the same figures as data, for the service of the source's filters."""
    service = source.filters.service
    assert service is not None
    known = service in source.taxonomy.services or service in source.taxonomy.organisations
    name = source.taxonomy.service_name(service) if known else service
    total, themes = totals(*source.asked), theme_table(*source.asked)
    done = done_for(source.conn, source.taxonomy, service, source.scope) if service in source.taxonomy.services else ()
    good, bad = (source.on_commonest(sign, QUOTES, themes) for sign in "+-")
    praised, mended = (source.quotations(found, with_service=False) for found in (good, bad))
    blocks: list[Block] = []
    if total.comments < Settings().small_number:
        blocks.append(
            Paragraph(
                f"Too few people have spoken for anything to be counted: {counted(total.comments, 'comment')}. Read rather than "
                "count, and think about who is asked, how, and who finds it hard to answer."
            )
        )
    else:
        blocks += in_short((sounding(total), themes_of(themes, good, bad)))
        blocks += [key_figures(total), *_charts(source, total, themes)]
    blocks += [
        Heading("What people praise"),
        *_themes(themes, "positive", total.read),
        Quotations(praised, "No praise that can be quoted."),
        Heading("What to mend"),
        *_themes(themes, "negative", total.read),
        Quotations(mended, "No criticism that can be quoted."),
        Heading("What was done"),
        _done(done),
    ]
    blocks += _caveats(source, total)
    data = {
        "service": service,
        "title": name,
        "totals": asdict(total),
        "themes": [asdict(row) for row in themes],
        "values": [asdict(row) for row in value_table(*source.asked)],
        "objectives": [asdict(row) for row in objective_table(*source.asked)],
        "praised": [asdict(q) for q in praised],
        "mended": [asdict(q) for q in mended],
        "done": [asdict(action) for action in done],
        "trend": source.trend("negative").sentence,
    }
    return f"{name}: team on a page", rests_on(total), blocks, data


def key_figures(total: Totals) -> KeyFigures:
    """How many comments, how they sound, and what the forms say."""
    answers = sum(total.fft.values())
    items = [
        KeyFigure("Comments", f"{total.comments:,}", f"{total.read:,} could be read"),
        _part("Positive", total.sentiment["positive"], total.read),
        _part("Both", total.sentiment["mixed"], total.read),
        _part("Negative", total.sentiment["negative"], total.read),
    ]
    if answers:
        items.append(_part("Very good or good", total.fft[1] + total.fft[2], answers, "answers"))
    return KeyFigures("In numbers", tuple(items))


def _part(name: str, n: int, of: int, what: str = "read") -> KeyFigure:
    if of < Settings().hollow_number:
        return KeyFigure(name, f"{n:,}", f"of {of:,} {what}")
    return KeyFigure(name, percent(n / of), f"{n:,} of {of:,} {what}")


def _charts(source: Source, total: Totals, themes: tuple[LabelCount, ...]) -> list[Block]:
    spoken = [row for row in themes if row.positive + row.negative >= Settings().small_number][:IN_CHART]
    charts = []
    if total.last is not None and is_drawn(trend := source.trend("negative")):
        latest = tuple(replace(a, letter=letter) for a, letter in zip(trend.actions[-DONE:], "ABC", strict=False))
        charts.append(replace(chart_of(replace(trend, actions=latest), "Negative comments", height=LOW), notes=()))
    if spoken:
        charts.append(chart_of_themes(spoken, "Praise and criticism by theme"))
    return [Charts(tuple(charts))] if charts else []


def _themes(themes: tuple[LabelCount, ...], side: str, read: int) -> list[Block]:
    rows = most(themes, side, THEMES)
    if not rows:
        return []
    said = "; ".join(f"{row.title} {getattr(row, side):,}" for row in rows)
    return [Paragraph(f"{said}.", lead=f"Of {counted(read, 'comment')} read:")]


def _done(done: tuple[Action, ...]) -> Block:
    if not done:
        return Paragraph("No action has been recorded for this service.")
    lines = []
    for action in done[:DONE]:
        when = f"Done on {day(action.date)}"
        lines.append(
            f"You said: {ended(short(action.you_said, WORDS_OF_AN_ACTION))} We did: {ended(short(action.we_did, WORDS_OF_AN_ACTION))} {when}."
        )
    if len(done) > DONE:
        lines.append(f"And {counted(len(done) - DONE, 'earlier action')}.")
    return Bullets(tuple(lines))


def _caveats(source: Source, total: Totals) -> list[Block]:
    """What the page cannot say, in one paragraph of small print."""
    said = []
    if total.read < 30:
        said.append(f"{counted(total.read, 'comment')} could be read: too few for shares to mean much.")
    if total.other_languages:
        said.append(
            f"{counted(total.other_languages, 'comment')} in other languages {'waits' if total.other_languages == 1 else 'wait'} for translation."
        )
    if source.disclosure.withheld:
        said.append(on_withheld(source.disclosure.withheld))
    said.append("A service is compared with its own past and never with another service.")
    said.append(RULE)
    return [Paragraph(" ".join(said), lead="What this page cannot say.", small=True)]
