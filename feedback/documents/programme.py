"""Make the pack on a priority or programme of the delivery plan: what is promised, what people say of its services, before and after."""

from dataclasses import asdict, replace
from typing import Any

from feedback.documents.model import Block, Bullets, Charts, Heading, Paragraph, Quotations, table
from feedback.documents.so_what import in_short, sounding, themes_of
from feedback.documents.source import (
    RULE,
    Source,
    chart_of,
    chart_of_themes,
    counted,
    ended,
    is_drawn,
    listed,
    most,
    on_withheld,
    rests_on,
    share,
)
from feedback.documents.strategy import what_tells_apart
from feedback.documents.team import key_figures
from feedback.evidence.apart import Apart, apart
from feedback.evidence.programmes import Step, Told, due_of, targets_in_words, told_of
from feedback.over_time.before_after import Compared, points
from feedback.query import LabelCount, service_table, theme_table
from feedback.settings import Settings
from feedback.taxonomy import Programme

THEMES, QUOTES, SERVICES, STEPS = 4, 4, 10, 6


def programme_pack(source: Source, id: str) -> tuple[str, str, list[Block], dict[str, Any]]:
    """Title, what it rests on, the blocks, and the figures as data."""
    programme = source.taxonomy.programme(id)
    told = told_of(source.conn, source.taxonomy, id, source.filters, source.scope, may_read=True)
    total, themes = told.total, theme_table(*source.asked)
    good, bad = (source.on_commonest(sign, QUOTES, themes) for sign in "+-")
    praised, mended = source.quotations(good), source.quotations(bad)
    plan = source.taxonomy.versions["delivery_plan"]
    blocks: list[Block] = [*([Paragraph(programme.summary)] if programme.summary else [])]
    compared = next((step.sentence for step in told.steps if step.after), told.undated)
    blocks += in_short(
        (told.matter.sentence if told.matter else "", sounding(total), themes_of(themes, good, bad), compared)
    )
    blocks += _promised(programme, plan)
    if told.matter and told.matter.quotes:
        blocks += [
            Heading("On the matter itself, in people's words"),
            Quotations(source.quotations(told.matter.quotes)),
        ]
    blocks += _before_and_after(told)
    blocks.append(Heading("What people say of the services it is for, whatever it is about"))
    if total.comments < Settings().small_number:
        blocks.append(
            Paragraph(f"Too few have spoken for anything to be counted: {counted(total.comments, 'comment')}.")
        )
    else:
        blocks += [key_figures(total), *_charts(source, told, themes)]
        blocks += what_tells_apart(_apart(source), "What they speak of more or less than all comments")
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
        "steps": [asdict(step) for step in told.steps],
        "matter": told.matter and asdict(replace(told.matter, quotes=())),
        "themes": [asdict(row) for row in themes],
        "praised": [asdict(q) for q in praised],
        "mended": [asdict(q) for q in mended],
    }
    return programme.title, rests_on(total), blocks, data


def _promised(programme: Programme, plan: str) -> list[Block]:
    blocks: list[Block] = []
    if programme.measures or programme.milestones:
        blocks.append(Heading("What is promised"))
    if programme.measures:
        blocks.append(Bullets(tuple(f"{m.name}: {'; '.join(targets_in_words(m))}." for m in programme.measures)))
    if programme.milestones:
        rows = [(m.text, _upper(due_of(m, plan).words)) for m in programme.milestones[:STEPS]]
        blocks.append(table("Milestones", ("Step", "When"), rows, words=(1,)))
        if later := len(programme.milestones) - STEPS > 0 and len(programme.milestones) - STEPS:
            blocks.append(Paragraph(f"And {counted(later, 'later step')}, which the delivery plan lists."))
    return blocks


def _before_and_after(told: Told) -> list[Block]:
    """Each milestone with what was said of its services before and after, or with the baseline there is until it can be compared."""
    compared, coming = [step for step in told.steps if step.after], [step for step in told.steps if not step.after]
    if not told.steps:  # which what it comes to says already
        return []
    blocks: list[Block] = [Heading("Before and after its milestones")]
    if not compared:
        blocks.append(Paragraph("No milestone lies far enough back, with enough comments since, to be compared."))
    for step in compared:
        blocks.append(Paragraph(step.sentence, lead=f"{_events(step)} {_upper(step.due.words)}."))
        rows = [_row(row) for row in step.rows]
        title = f"Comments before and after {listed([event.mark for event in step.events])} ({step.due.words})"
        blocks.append(table(title, ("Comments that", "Before", "After", "Difference"), rows))
    if coming:
        blocks.append(Paragraph("", lead="Not to be compared yet:"))
        blocks.append(Bullets(tuple(f"{_events(s)} {_upper(s.due.words)}. {s.sentence}" for s in coming[:STEPS])))
        if later := max(0, len(coming) - STEPS):
            blocks.append(Paragraph(f"And {counted(later, 'later step')}, which the page of the programme lists."))
    blocks.append(Paragraph(told.method, lead="How this is compared.", small=True))
    return blocks


def _apart(source: Source) -> Apart:
    """The comments on its services beside those on all services."""
    everything = replace(source.filters, programme=None)
    return apart(source.conn, source.taxonomy, source.filters, everything, source.scope)


def _events(step: Step) -> str:
    return " ".join(ended(f"{event.mark}: {event.text}") for event in step.events)


def _row(row: Compared) -> tuple[str, ...]:
    """One measure: k of n on each side, and the difference with its interval where there are enough to say one."""
    sides = [share(side.k or 0, side.n or 0) for side in (row.before, row.after)]
    if row.difference is None or row.lower is None or row.upper is None:
        return (row.phrase, *sides, row.reason or "")
    interval = f"{points(row.difference)} percentage points ({points(row.lower)} to {points(row.upper)})"
    return (row.phrase, *sides, f"{interval}, {'beyond chance' if row.beyond_chance else 'may be chance'}")


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _charts(source: Source, told: Told, themes: tuple[LabelCount, ...]) -> list[Block]:
    spoken = [row for row in themes if row.positive + row.negative >= Settings().small_number][:THEMES]
    trend = source.trend("negative")
    meanings: tuple[str, ...] = ()
    if told.trend and told.trend.shown:  # the same by month, with the milestones marked
        trend, meanings = told.trend, tuple(f"{mark}: {text}" for mark, text in told.marks)
    charts = []
    if is_drawn(trend):
        chart = chart_of(trend, "Negative comments")
        charts.append(replace(chart, notes=(*chart.notes, *meanings)))
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
