"""Show the evidence a review stands on: `evidence`, `programme`, `silence`, `cite`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedback.cli.command import (
    asking,
    db_option,
    fields,
    filter_options,
    json_option,
    main,
    print_json,
    print_table,
    with_evidence,
)

if TYPE_CHECKING:
    from feedback.evidence.cite import Evidence
    from feedback.evidence.programmes import Told
    from feedback.filters import Filters
    from feedback.query import Clause
    from feedback.taxonomy import Taxonomy

SERVICES = 12  # those with most comments; more are not read


@main.command()
@filter_options
@click.option("--outcome", help="An outcome, by its id.")
@click.option("--supporting", help="A supporting strategy, by its id.")
@click.option(
    "--quotes",
    type=click.IntRange(1, 50),
    default=6,
    show_default=True,
    help="How many of the surest and of the most typical words are shown on each side.",
)
@db_option
@json_option
def evidence(
    filters: "Filters", outcome: str | None, supporting: str | None, quotes: int, db: Path, as_json: bool
) -> None:
    """The citable evidence for and against one part of the strategy or the delivery plan.

    \b
    feedback evidence --objective ID
    feedback evidence --outcome ID --service podiatry --quotes 20
    feedback evidence --programme MHR
    """
    from feedback.disclosure import Disclosure
    from feedback.evidence.cite import asked_for
    from feedback.evidence.cite import evidence as gather
    from feedback.evidence.outside import for_outside
    from feedback.query import EVERYTHING, latest_versions

    conn, taxonomy = asking(db)
    kind, id, rest = asked_for(with_evidence(filters, outcome, supporting))
    gathered = gather(conn, taxonomy, kind, id, rest, EVERYTHING, quotes=quotes)
    found = for_outside(gathered, Disclosure(conn, taxonomy))
    if as_json:
        print_json(found.as_record() | {"versions": latest_versions(conn)})
        return
    _print_evidence(taxonomy, found)


@main.command()
@click.argument("id")
@filter_options
@db_option
@json_option
def programme(id: str, filters: "Filters", db: Path, as_json: bool) -> None:
    """What people say of the services of a programme or priority, before and after its milestones.

    \b
    feedback programme MHR
    feedback programme PRIO-LOS-ADULT --json
    """
    from dataclasses import replace

    from feedback.disclosure import Disclosure
    from feedback.evidence.commonest import praised_and_mended
    from feedback.evidence.programmes import told_of
    from feedback.query import EVERYTHING

    conn, taxonomy = asking(db)
    told = told_of(conn, taxonomy, id, filters, EVERYTHING, may_read=True)
    judge = Disclosure(conn, taxonomy).quotable
    if told.matter:
        told = replace(told, matter=replace(told.matter, quotes=tuple(map(judge, told.matter.quotes))))
    asked = replace(filters, programme=id)
    words = {
        name: tuple(map(judge, found)) for name, found in praised_and_mended(conn, taxonomy, asked, EVERYTHING).items()
    }
    if as_json:
        record = fields(told) | {"trend": told.trend.as_dict() if told.trend else None}
        print_json(record | {name: [fields(clause) for clause in found] for name, found in words.items()})
        return
    _print_programme(taxonomy, told, words)


@main.command()
@filter_options
@db_option
@json_option
def silence(filters: "Filters", db: Path, as_json: bool) -> None:
    """Where too few are heard for anything to be said: services, groups of people, parts of the strategy.

    \b
    feedback silence --from 2026-01-01
    """
    from feedback.evidence.silence import silence as where_silent
    from feedback.query import EVERYTHING
    from feedback.strategies.bearing import NOT_LOOKED_FOR

    conn, taxonomy = asking(db)
    found = where_silent(conn, taxonomy, filters, EVERYTHING)
    if as_json:
        print_json(fields(found))
        return
    few = found.fewer_than
    click.echo(
        f"{found.read} comments read. Fewer than {few} is too few to say anything, which is neither good nor bad news.\n"
    )
    click.echo(f"Groups: {_listed(f'{r.id} ({r.n})' for r in found.groups)}")
    for kind, rows in found.parts.items():
        click.echo(f"{kind.capitalize()}: {_listed(f'{r.id} ({r.n})' for r in rows)}")
    if found.not_looked_for:
        click.echo(f"{NOT_LOOKED_FOR[:1].upper()}{NOT_LOOKED_FOR[1:]}: {', '.join(r.id for r in found.not_looked_for)}")
    click.echo(f"Fallen quiet since {found.quiet_since}: {_listed(s.title for s in found.fallen_quiet)}")
    click.echo(f"\n{len(found.services)} of {found.of_services} services:")
    print_table(("service", "comments", "latest"), ((s.title, s.n, s.last) for s in found.services))


@main.command()
@click.argument("citation")
@db_option
@json_option
def cite(citation: str, db: Path, as_json: bool) -> None:
    """What a citation leads to: the words as stored, what was read in them and why, and what has happened since.

    \b
    feedback cite HW-2026-000123.2
    """
    from feedback.evidence.citation import as_record, open_citation
    from feedback.query import EVERYTHING

    conn, taxonomy = asking(db)
    found = open_citation(conn, taxonomy, citation, EVERYTHING)
    if as_json:
        print_json(as_record(found))
        return
    where = ", ".join(taxonomy.service_name(id) for id in found.services) or "service not known"
    when = f"{found.month:%B %Y}" if found.month else "undated"
    click.echo(f"“{found.text}”\n{found.citation}, {where}, {when}, {found.respondent}\n")
    print_table(
        ("what", "label", "side", "score", "by", "words"),
        (
            (r.kind, r.label, r.polarity, f"{r.score:.2f}", r.by, "all of them" if r.words == found.text else r.words)
            for r in found.reasons
        ),
    )
    for one in found.since:
        click.echo(f"\n{one.says}")
    click.echo(f"\nRead with {', '.join(f'{name} {version}' for name, version in found.versions.items())}.")


def _print_evidence(taxonomy: "Taxonomy", e: "Evidence") -> None:
    from feedback.evidence.doubt import no_share

    title = e.title if e.kind == "value" else f"{e.id} {e.title}"
    click.echo(f"# {title}\n\n{e.text}\n")
    if e.apart:
        click.echo(f"{e.apart.nearly_all} What tells these comments from the others:\n{e.apart.says}\n".lstrip())
    if not e.looked_for:
        click.echo(e.cannot_say[0])
        return
    whole = e.adjusted[0].estimate if e.adjusted else None
    if whole:
        click.echo(f"Allowing for misreading, {whole.in_words} of {e.read} comments read bear on it.")
    span = f", {e.first} to {e.last}" if e.first else ""
    as_read = "As read, " if whole else ""
    who = f"{e.comments:,} comment{'' if e.comments == 1 else 's'} from {e.respondents:,} respondent{'' if e.respondents == 1 else 's'}"
    click.echo(f"{as_read}{who} {'bears' if e.comments == 1 else 'bear'} on it{span}, of {e.read} read.\n")
    sides = (("for it", e.speaks_for), ("against it", e.against), ("both", e.both), ("neither", e.neither))
    shown = [(name, s) for name, s in sides if s.n or name != "neither"]
    if e.doubt or e.doubts:
        print_table(("as read", "comments"), ((name, s.n) for name, s in shown))
        for sentence in no_share(e):
            click.echo(sentence)
    else:
        print_table(
            ("as read", "comments", "share", "chance range"),
            ((name, s.n, f"{s.share:.0%}", f"{s.lower:.0%} to {s.upper:.0%}") for name, s in shown),
        )
    if len({adjusted.sentence for adjusted in e.adjusted}) == 1:  # one reason for all of them
        click.echo(e.adjusted[0].sentence)
    else:
        for adjusted in e.adjusted:
            click.echo(f"{adjusted.what}: {adjusted.sentence}")
    if e.voices:
        click.echo("\n## Who says it\n")
        print_table(
            ("", "comments", "for", "against", "both"),
            ((v.name, v.n, v.speaks_for, v.against, v.both) for v in e.voices),
        )
    _print_quotes(taxonomy, "What speaks for it", e.quotes_for, e.typical_for, e.weighed["for"])
    _print_quotes(taxonomy, "What speaks against it", e.quotes_against, e.typical_against, e.weighed["against"])
    if e.quotes_both:
        from feedback.quoting import of_both

        click.echo(f"\n## What says both\n\nThe surest: {of_both(e.quotes_both, e.weighed['both'])}.")
        for clause in e.quotes_both:
            click.echo(_quoted(taxonomy, clause))
    click.echo(f"\n## Rare voices\n\n{e.rare_rule}\n")
    if not e.rare:
        click.echo("None here.")
    for voice in e.rare:
        click.echo(f"{_quoted(taxonomy, voice.clause)}: {voice.why}")
    click.echo("\n## From whom and where\n")
    print_table(("respondent", "comments"), ((r.id, r.n) for r in e.by_respondent))
    services = sorted((s for s in e.services if s.depth > 0), key=lambda s: -s.n)
    print_table(("service", "comments"), ((s.title, s.n) for s in services[:SERVICES]))
    if len(services) > SERVICES:
        click.echo(f"and {len(services) - SERVICES} more services; --json lists all.")
    click.echo("\n## By month\n")
    print_table(
        ("month", "read", "bear on it", "for", "against"),
        ((f"{m.start:%Y-%m}", m.n, m.code_n, m.code_positive, m.code_negative) for m in e.by_month),
    )
    click.echo("\n## What cannot be said\n")
    for sentence in e.cannot_say:
        click.echo(f"- {sentence}")
    asked = ", ".join(f"{name} {value}" for name, value in e.query.items())
    click.echo(
        f"\nHow the words were chosen: {e.rule}\nAsked: {asked}. The comments of each figure: --json, under queries."
    )


def _print_quotes(
    taxonomy: "Taxonomy", heading: str, strongest: "Sequence[Clause]", typical: "Sequence[Clause]", of: int
) -> None:
    from feedback.quoting import first_of

    click.echo(f"\n## {heading}\n")
    if not strongest:
        click.echo("Nobody has said anything of the kind.")
    for name, quotes in (("surest", strongest), ("most typical", typical)):
        if quotes:
            click.echo(f"The {name}: {first_of(len(quotes), of)}.")
        for clause in quotes:
            click.echo(f"{_quoted(taxonomy, clause)}, {name}")


def _quoted(taxonomy: "Taxonomy", clause: "Clause") -> str:
    from feedback.disclosure import is_withheld

    if is_withheld(clause):
        return clause.text
    where = ", ".join(taxonomy.service_name(id) for id in clause.services) or "service not known"
    when = f"{clause.date:%B %Y}" if clause.date else "undated"
    words = f"{clause.before}«{clause.text}»{clause.after}" if clause.before or clause.after else clause.text
    return f"“{words}” {clause.citation}, {where}, {when}, {clause.respondent}; {clause.reason}"


def _print_programme(taxonomy: "Taxonomy", told: "Told", words: "Mapping[str, Sequence[Clause]]") -> None:
    from feedback.evidence.programmes import targets_in_words

    plan = told.programme
    click.echo("\n\n".join(filter(None, (f"# {plan.id} {plan.title}", plan.summary))))
    if plan.measures:
        click.echo("\n" + "\n".join(f"{m.name}: {'; '.join(targets_in_words(m))}." for m in plan.measures))
    if told.matter:
        click.echo(f"\n## On the matter itself\n\n{told.matter.sentence}")
        for clause in told.matter.quotes:
            click.echo(_quoted(taxonomy, clause))
    click.echo("\n## On its services, whatever is said\n")
    click.echo(f"{told.total.comments} comments on its services, {told.total.read} read.")
    if told.trend:
        click.echo(told.trend.sentence)
    for heading, side in (("What people praise", "praised"), ("What people want mended", "mended")):
        click.echo(f"\n## {heading}\n")
        for clause in words[side]:
            click.echo(_quoted(taxonomy, clause))
        if not words[side]:
            click.echo("Nothing that can be quoted.")
    click.echo("\n## Before and after its milestones\n")
    for step in told.steps:
        events = " ".join(f"{e.id} {e.text}" for e in step.events)
        click.echo(f"{events}\n  {step.due.words[:1].upper()}{step.due.words[1:]}. {step.sentence}")
    click.echo(told.undated or f"\n{told.method}")
    click.echo("\n## What it is linked to, in its services\n")
    print_table(
        ("part", "comments", "for", "against", "both"),
        (
            (f"{r.id} {r.title.rstrip('.')}", r.n, r.positive, r.negative, r.mixed)
            for r in (*told.objectives, *told.statements)
        ),
    )
    if plan.feedback_watch:
        click.echo(f"\nWhat comments on it may sound like (ours, not the plan's): {'; '.join(plan.feedback_watch)}.")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
