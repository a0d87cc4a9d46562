"""Make the pack on a priority or programme of the delivery plan: what is promised, and what people say of the services it is for."""

from dataclasses import asdict
from typing import Any

from feedback.documents.model import Block, Bullets, Charts, Heading, Paragraph, Quotations, table
from feedback.documents.source import (
    RULE,
    Source,
    chart_of,
    chart_of_themes,
    counted,
    day,
    is_drawn,
    listed,
    most,
    on_withheld,
    rests_on,
    share,
)
from feedback.documents.team import key_figures
from feedback.query import LabelCount, service_table, theme_table, totals
from feedback.settings import Settings
from feedback.taxonomy import Measure, Milestone, Programme, Target

THEMES, QUOTES, SERVICES, STEPS = 4, 4, 10, 6
UNITS = {"percent": "%", "hours": " hours", "days": " days"}


def programme_pack(source: Source, id: str) -> tuple[str, str, list[Block], dict[str, Any]]:
    """Title, what it rests on, the blocks, and the figures as data."""
    programme = source.taxonomy.programme(id)
    total, themes = totals(*source.asked), theme_table(*source.asked)
    praised, mended = (source.quotations(source.surest(sign, QUOTES)) for sign in "+-")
    blocks: list[Block] = [*([Paragraph(programme.summary)] if programme.summary else []), *_promised(programme)]
    blocks.append(Heading("What people say of the services it is for"))
    if total.comments < Settings().small_number:
        blocks.append(
            Paragraph(f"Too few have spoken for anything to be counted: {counted(total.comments, 'comment')}.")
        )
    else:
        blocks += [key_figures(total), *_charts(source, themes)]
        blocks += [
            Heading("What people praise", 3),
            *_side("Praised most:", themes, "positive", total.read),
            Quotations(praised, "No praise that can be quoted."),
        ]
        blocks += [
            Heading("What to mend", 3),
            *_side("Criticised most:", themes, "negative", total.read),
            Quotations(mended, "No criticism that can be quoted."),
        ]
    blocks += _services(source, id)
    blocks += [Heading("What cannot be said"), Bullets(tuple(_cannot_say(source, programme)))]
    blocks.append(Paragraph(RULE, lead="How these words were chosen:", small=True))
    data = {
        "programme": id,
        "title": programme.title,
        "totals": asdict(total),
        "themes": [asdict(row) for row in themes],
        "praised": [asdict(q) for q in praised],
        "mended": [asdict(q) for q in mended],
    }
    return programme.title, rests_on(total), blocks, data


def _promised(programme: Programme) -> list[Block]:
    blocks: list[Block] = []
    if programme.measures or programme.milestones:
        blocks.append(Heading("What is promised"))
    if programme.measures:
        blocks.append(Bullets(tuple(f"{m.name}: {'; '.join(_targets(m))}." for m in programme.measures)))
    if programme.milestones:
        rows = [(m.text, _when(m)) for m in programme.milestones[:STEPS]]
        blocks.append(table("Milestones", ("Step", "By"), rows, words=(1,)))
        if later := len(programme.milestones) - STEPS > 0 and len(programme.milestones) - STEPS:
            blocks.append(Paragraph(f"And {counted(later, 'later step')}, which the delivery plan lists."))
    return blocks


def _targets(measure: Measure) -> list[str]:
    return [_target(target, UNITS.get(measure.unit, f" {measure.unit}")) for target in measure.targets]


def _target(target: Target, unit: str) -> str:
    when = f"by {day(target.by)}" if target.by else target.label
    return f"{target.value:,g}{unit} {'at the start, ' if target.baseline else ''}{when}".strip()


def _when(milestone: Milestone) -> str:
    return day(milestone.by) if milestone.by else milestone.when or "no date given"


def _charts(source: Source, themes: tuple[LabelCount, ...]) -> list[Block]:
    spoken = [row for row in themes if row.positive + row.negative >= Settings().small_number][:THEMES]
    trend = source.trend("negative")
    charts = [chart_of(trend, "Negative comments")] if is_drawn(trend) else []
    if spoken:
        charts.append(chart_of_themes(spoken, "Praise and criticism by theme"))
    return [Charts(tuple(charts))] if charts else []


def _side(lead: str, themes: tuple[LabelCount, ...], side: str, read: int) -> list[Block]:
    rows = most(themes, side, THEMES)
    said = "; ".join(f"{row.title} {share(getattr(row, side), read)}" for row in rows)
    return [Paragraph(f"{said} of the comments read.", lead=lead)] if rows else []


def _services(source: Source, id: str) -> list[Block]:
    touched = source.taxonomy.programme_services(id)
    listed_ones = source.taxonomy.programmes[id].services
    rows = [s for s in service_table(*source.asked) if s.id in touched and s.id in listed_ones]
    if not rows:
        return []
    silent = [s.title for s in rows if not s.n]
    shown = [(s.title, f"{s.n:,}", f"{s.positive:,}", f"{s.negative:,}", f"{s.mixed:,}") for s in rows if s.n][
        :SERVICES
    ]
    blocks: list[Block] = [Heading("Service by service")]
    if shown:
        columns = ("Service", "Comments", "Positive", "Negative", "Both")
        blocks.append(table("Comments on each service that the plan names, with all below it", columns, shown))
    if silent:
        named = listed(silent[:SERVICES])
        more = f" and {len(silent) - SERVICES} more" if len(silent) > SERVICES else ""
        blocks.append(Paragraph(f"Nobody has spoken of {named}{more}: that is neither good nor bad news."))
    return blocks


def _cannot_say(source: Source, programme: Programme) -> list[str]:
    said = [
        "Comments are about the services that the programme is for, not about the programme: few people know its name."
    ]
    if programme.services_derived:
        said.append("Which services it is for is partly our inference from the plan, for the Trust to confirm.")
    said.append("A change in what people say has many causes; that a milestone was met shows elsewhere.")
    if source.disclosure.withheld:
        said.append(on_withheld(source.disclosure.withheld))
    return said
