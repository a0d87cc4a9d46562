"""What people speak of that no theme names: `topics`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback.cli.command import (
    asking,
    db_option,
    fields,
    filter_options,
    json_option,
    main,
    must_exist,
    print_json,
    print_table,
    progress,
)

if TYPE_CHECKING:
    from feedback.query import Filters
    from feedback.taxonomy import Taxonomy
    from feedback.topics.kept import Topic

_by = click.option("--by", required=True, help="Your name.")
_number = click.argument("number", type=int)


@main.group(invoke_without_command=True)
@filter_options
@click.option("--asleep", is_flag=True, help="Also topics that were not found again in the last search.")
@db_option
@json_option
@click.pass_context
def topics(context: click.Context, filters: "Filters", asleep: bool, db: Path, as_json: bool) -> None:
    """What people keep speaking of: first what no theme names, then what is finer than a theme.

    \b
    feedback topics discover --by "A. Lead"      (seeks them, once; later comments: feedback topics sort)
    feedback topics --service podiatry
    feedback topics show 7
    feedback topics rising
    """
    if context.invoked_subcommand:
        return
    from feedback.query import EVERYTHING
    from feedback.topics.kept import how_sorted, runs
    from feedback.topics.kept import topics as listed

    conn, taxonomy = asking(db)
    found = listed(conn, taxonomy, filters, EVERYTHING, asleep=asleep)
    state, last = how_sorted(conn, taxonomy, filters, EVERYTHING), next(iter(runs(conn)), None)
    if as_json:
        rows = [fields(one) | {"unnamed": one.unnamed} for one in found]
        print_json({"last_run": last and fields(last), **fields(state), "left_out": state.left_out, "topics": rows})
        return
    if last is None:
        click.echo("No topics have been sought yet; `feedback topics discover --by NAME` does so.")
        return
    _print_topics("No theme names it", [one for one in found if one.unnamed], taxonomy)
    _print_topics("Finer than a theme", [one for one in found if not one.unnamed], taxonomy)
    click.echo(
        f"{state.left_out:.0%} of {state.clauses:,} clauses belong to no topic. Sought on {last.at[:10]} by {last.by}."
        + (f" {state.waiting:,} comments wait to be sorted: `feedback topics sort`." if state.waiting else "")
    )


def _print_topics(title: str, found: "list[Topic]", taxonomy: "Taxonomy") -> None:
    if not found:
        return
    print_table(
        (title, "topic", "clauses", "comments", "praise", "criticism", "nearest theme", "chance"),
        (
            (
                f"{one.name}{' (local theme)' if one.local_theme else ''}{' (asleep)' if one.asleep else ''}",
                one.id,
                one.clauses,
                one.comments,
                one.positive,
                one.negative,
                taxonomy.themes[one.theme].name if one.theme else "-",
                f"{one.chance:.0%}",
            )
            for one in found
        ),
    )
    click.echo("")


@topics.command("discover")
@_by
@db_option
@json_option
def topics_discover(by: str, db: Path, as_json: bool) -> None:
    """Seek topics among all comments; those known keep their numbers, names and history.

    \b
    feedback topics discover --by "A. Lead"
    """
    from feedback.topics.kept import find, name_test

    must_exist(db)
    store, taxonomy, encoder = _writing(db)
    with store, progress("Clauses read") as moved:
        run = find(store, encoder, by=by, is_name=name_test(taxonomy), progress=moved)
    if as_json:
        print_json(fields(run))
        return
    click.echo(
        f"{run.found} topics in {run.clauses:,} clauses, {run.new} of them new; {1 - run.placed / run.clauses:.0%} of the clauses "
        f"belong to none. {run.asleep} known before were not found again. `feedback topics` lists them."
    )


@topics.command("sort")
@db_option
@json_option
def topics_sort(db: Path, as_json: bool) -> None:
    """Sort the comments that came since into the topics that are known, and tag them with the local themes.

    \b
    feedback topics sort
    """
    from feedback.topics.kept import sort_new
    from feedback.topics.local_themes import tag

    must_exist(db)
    store, _, encoder = _writing(db)
    with store, progress("Clauses read") as moved:
        n = sort_new(store, encoder, also=lambda spans, vectors: tag(store, spans, vectors), progress=moved)
    print_json({"comments": n}) if as_json else click.echo(f"{n:,} comments sorted.")


@topics.command("show")
@_number
@filter_options
@db_option
@json_option
def topics_show(number: int, filters: "Filters", db: Path, as_json: bool) -> None:
    """One topic: its words, clauses that say it best, the services it falls on, and months.

    \b
    feedback topics show 7 --service podiatry
    """
    from feedback.query import EVERYTHING
    from feedback.topics.kept import history, months, on_services, topic, typical

    conn, taxonomy = asking(db)
    asked = (conn, taxonomy, filters, EVERYTHING)
    one, said = topic(*asked, number), typical(*asked, number)
    services, by_month, past = on_services(*asked, number), months(*asked, number), history(conn, number)
    if as_json:
        print_json(
            fields(one)
            | {"unnamed": one.unnamed, "typical": [fields(clause) for clause in said]}
            | {"services": [fields(row) for row in services], "months": [fields(row) for row in by_month]}
            | {"history": [fields(row) for row in past]}
        )
        return
    click.echo(f"{one.name} (topic {one.id}): {one.clauses} clauses in {one.comments} comments.")
    click.echo(f"Words: {', '.join(one.words) or '-'}")
    click.echo(_nearest(one, taxonomy) + "\n")
    for clause in said:
        click.echo(f"  “{clause.text}”  {clause.citation}")
    click.echo("")
    if services:
        print_table(
            ("service", "comments", "of those read"),
            ((taxonomy.service_name(r.service), r.n, r.of) for r in services),
        )
        click.echo("")
    if by_month:
        print_table(("month", "comments", "of those read"), ((f"{r.start:%Y-%m}", r.n, r.of) for r in by_month))


def _nearest(one: "Topic", taxonomy: "Taxonomy") -> str:
    if one.theme is None:
        return "No theme is near."
    near = f"{taxonomy.themes[one.theme].name} (mean chance {one.chance:.0%}; {one.under_theme} of its clauses lie under it)"
    return f"No theme names it; the nearest is {near}." if one.unnamed else f"Finer than the theme {near}."


@topics.command("rising")
@filter_options
@click.option(
    "--months", type=click.IntRange(1, 6), default=3, show_default=True, help="How many are held against the 12 before."
)
@db_option
@json_option
def topics_rising(filters: "Filters", months: int, db: Path, as_json: bool) -> None:
    """What is spoken of more than before, and on which service, beyond chance.

    \b
    feedback topics rising --months 3
    """
    from feedback.query import EVERYTHING
    from feedback.topics.rising import in_words, rising

    conn, taxonomy = asking(db)
    found = rising(conn, taxonomy, filters, EVERYTHING, months=months)
    if as_json:
        print_json(fields(found) | {"moving": [fields(one) | {"rises": one.rises} for one in found.moving]})
        return
    for one in found.moving:
        where = taxonomy.service_name(one.service) if one.service else "All services"
        click.echo(
            f"{'Rising' if one.rises else 'Falling'}: {one.name} (topic {one.topic}), {where}: {in_words(one, found)}."
        )
    click.echo(f"{found.sentence} {found.method}")


@topics.command("name")
@_number
@click.argument("name")
@_by
@db_option
def topics_name(number: int, name: str, by: str, db: Path) -> None:
    """Call a topic what people call it; an empty name gives back the one made of its words.

    \b
    feedback topics name 7 "Vending machines" --by "A. Lead"
    """
    from feedback.topics.kept import name_topic

    must_exist(db)
    store, taxonomy = _opened(db)
    with store:
        name_topic(store, number, _redacted(taxonomy, name), by)
    click.echo(
        f"Topic {number} is called as you say." if name.strip() else f"Topic {number} is called by its words again."
    )


@topics.command("promote")
@_number
@click.option("--name", required=True, help="What the theme is called.")
@click.option("--definition", required=True, help="One sentence: what belongs to it.")
@click.option(
    "--example",
    "examples",
    multiple=True,
    metavar="CITATION",
    help="A clause that is of it; without any, the most typical ones.",
)
@click.option("--also", multiple=True, metavar="CITATION", help="A clause that is of it, beside those.")
@click.option("--not", "not_examples", multiple=True, metavar="CITATION", help="A clause that is not of it.")
@click.option(
    "--try", "only_try", is_flag=True, help="Say what it would mark, and show some to accept or refuse; keep nothing."
)
@_by
@db_option
@json_option
def topics_promote(
    number: int,
    name: str,
    definition: str,
    examples: tuple[str, ...],
    also: tuple[str, ...],
    not_examples: tuple[str, ...],
    only_try: bool,
    by: str,
    db: Path,
    as_json: bool,
) -> None:
    """Make a topic a theme of the Trust's own; it tags the history, and later uploads as they come. Try it first.

    \b
    feedback topics promote 7 --name "Vending machines" --definition "Machines for snacks and drinks." --by "A. Lead" --try
    feedback topics promote 7 --name "Vending machines" --definition "Machines for snacks and drinks." --by "A. Lead"
    feedback comments --theme local-vending-machines
    """
    from feedback.topics.local_themes import learnt_in_words, promote

    must_exist(db)
    if only_try:
        _try(number, examples, also, not_examples, db, as_json)
        return
    store, taxonomy, encoder = _writing(db)
    with store, progress("Clauses read") as moved:
        made = promote(
            store,
            taxonomy,
            encoder,
            number,
            name=_redacted(taxonomy, name),
            definition=_redacted(taxonomy, definition),
            by=by,
            examples=examples,
            also=also,
            not_examples=not_examples,
            progress=moved,
        )
    if as_json:
        print_json(fields(made))
        return
    click.echo(f"{made.name} is the local theme {made.id}: {made.comments} comments carry it. {learnt_in_words(made)}")


def _try(
    number: int,
    examples: tuple[str, ...],
    also: tuple[str, ...],
    not_examples: tuple[str, ...],
    db: Path,
    as_json: bool,
) -> None:
    from feedback.topics.local_themes import learnt_in_words, trial

    store, taxonomy, encoder = _writing(db)
    with store, progress("Clauses read") as moved:
        found = trial(
            store.conn,
            taxonomy,
            encoder,
            number,
            examples=examples,
            also=also,
            not_examples=not_examples,
            progress=moved,
        )
    if as_json:
        print_json(fields(found))
        return
    click.echo(
        f"It would mark {found.comments:,} comments, {found.recent:,} of the last {found.months} months. {learnt_in_words(found)} "
        f"{found.in_doubt:,} clauses were marked by a hair. Nothing is kept yet.\n"
    )
    for clause in found.shown:
        click.echo(f"  {clause.score:.2f}  {clause.citation}  {clause.text}")
    click.echo(
        "\nSay which belong (--also CITATION) and which do not (--not CITATION), and leave --try off to make it a theme."
    )


@topics.command("local")
@db_option
@json_option
def topics_local(db: Path, as_json: bool) -> None:
    """The Trust's own themes, how they were learnt, and how many comments carry them.

    \b
    feedback topics local
    """
    from feedback.topics.local_themes import local_themes

    conn, _ = asking(db)
    found = local_themes(conn)
    if as_json:
        print_json([fields(one) for one in found])
        return
    if not found:
        click.echo("There is no local theme; `feedback topics promote NUMBER` makes a topic one.")
        return
    print_table(
        ("local theme", "id", "version", "comments", "examples", "held-out found", "false alarms", "by"),
        (
            (t.name, t.id, t.version, t.comments, t.examples, f"{t.recall:.0%}", f"{t.false_alarms:.1%}", t.by)
            for t in found
        ),
    )


@topics.command("retag")
@db_option
@json_option
def topics_retag(db: Path, as_json: bool) -> None:
    """Tag all comments with the local themes again, as after new models or a re-analysis with new clauses.

    \b
    feedback topics retag
    """
    from feedback.topics.local_themes import tag_again

    must_exist(db)
    store, _, encoder = _writing(db)
    with store, progress("Clauses read") as moved:
        n = tag_again(store, encoder, progress=moved)
    print_json({"comments": n}) if as_json else click.echo(f"{n:,} comments carry a local theme.")


@topics.command("retire")
@click.argument("id")
@_by
@db_option
def topics_retire(id: str, by: str, db: Path) -> None:
    """Let a local theme be no more; its findings go.

    \b
    feedback topics retire local-vending-machines --by "A. Lead"
    """
    from feedback.topics.local_themes import retire

    must_exist(db)
    store, _ = _opened(db)
    with store:
        retire(store, id, by)
    click.echo(f"{id} is retired.")


def _opened(db: Path) -> Any:
    from feedback.settings import Settings
    from feedback.store import open_store
    from feedback.taxonomy import load_taxonomy

    return open_store(db), load_taxonomy(Settings().data)


def _writing(db: Path) -> Any:
    from feedback.settings import Settings
    from feedback.topics.vectors import ClauseEncoder

    return *_opened(db), ClauseEncoder(Path(Settings().models))


def _redacted(taxonomy: "Taxonomy", words: str) -> str:
    from feedback.redact import Redactor

    return Redactor(taxonomy).redact([words])[0][0]
