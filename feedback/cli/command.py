"""Hold what every command shares: the group, how refusals read, the options for database and filters, and how answers are printed.

Everything heavy is imported inside the command that needs it, so that help is instant.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedback import __version__
from feedback.errors import BadInput, FeedbackError

if TYPE_CHECKING:
    import sqlite3

    from feedback.filters import Filters
    from feedback.taxonomy import Taxonomy


class _Refusing(click.Group):
    """A group whose refusals are sentences: exit 1, no traceback, never a comment's words."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FeedbackError as error:
            raise click.ClickException(str(error)) from None
        except BrokenPipeError:
            # `feedback tag | head` closes the pipe when it has enough; that is no fault.
            sys.stderr.close()
            ctx.exit(0)


@click.group(cls=_Refusing, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="feedback")
def main() -> None:
    """Read patient and carer comments: services, themes, sentiment, values, objectives, over time.

    \b
    Begin with:  feedback demo
    Then:        feedback analyse my_export.xlsx
    """


def db_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--db`, the database a command works on."""
    return click.option(
        "--db",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="FEEDBACK_DB",
        default=Path("feedback.db"),
        show_default=True,
        help="The database.",
    )(function)


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`; the command receives `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


_FILTERS: tuple[tuple[str, str], ...] = (
    ("service", "A service's id, with everything below it; or another organisation's, or an upload's own name for it."),
    ("theme", "A theme's id or a group of themes."),
    ("value", "A value's id."),
    ("objective", "An objective's id."),
    ("statement", "A statement's id."),
    ("sentiment", "positive, neutral, negative or mixed; any: comments that were read."),
    ("polarity", "+, -, ~ or 0, of the label asked for."),
    ("respondent", "patient, carer, relative, parent, staff or unknown."),
    ("county", "Herefordshire or Worcestershire."),
    ("programme", "A programme or priority of the delivery plan: the services it touches."),
    ("search", 'Words, or "a phrase".'),
    ("disagree", 'any: the column and the words name different services; or one pair, as "COLUMN:WORDS".'),
    ("evidence", "What bears on a part of the strategy or the plan, as KIND:ID, as in outcome:ID."),
    ("side", "for, against, both or neither, of what is asked for."),
    (
        "strategy",
        "The version of the strategy to answer under; without it the one in force (`feedback strategy list`).",
    ),
)
_STRATEGY = "feedback.strategy"  # where a command's context holds what --strategy was


def filter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The filters of every question, as options; the command receives one `filters`."""

    def command(*args: Any, **kwargs: Any) -> Any:
        from feedback.query import Filters

        given = {name: kwargs.pop(name) for name, _ in _FILTERS}
        click.get_current_context().meta[_STRATEGY] = given["strategy"]
        dates = {"date_from": kwargs.pop("date_from"), "date_to": kwargs.pop("date_to")}
        days = {name: day.date() if day else None for name, day in dates.items()}
        return function(*args, filters=Filters(**given, **days), **kwargs)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    day = click.DateTime(["%Y-%m-%d"])
    wrapped: Callable[..., Any] = click.option("--to", "date_to", type=day, help="Last day, included.")(command)
    wrapped = click.option("--from", "date_from", type=day, help="First day.")(wrapped)
    for name, text in reversed(_FILTERS):
        wrapped = click.option(f"--{name}", help=text)(wrapped)
    return wrapped


def asking(db: Path) -> tuple["sqlite3.Connection", "Taxonomy"]:
    """A connection that can only read, and the Trust's data, both under the strategy of `--strategy` or that in force.

    Raises BadStore, BadData, and NotFound for a version of the strategy that is not there.
    """
    from feedback.settings import Settings
    from feedback.store import open_reader
    from feedback.strategies.versions import under
    from feedback.taxonomy import load_taxonomy

    conn = open_reader(db)
    return conn, under(conn, load_taxonomy(Settings().data), click.get_current_context().meta.get(_STRATEGY))


def with_evidence(filters: "Filters", outcome: str | None, supporting: str | None) -> "Filters":
    """The filters with what the command's own options ask for."""
    from dataclasses import replace

    asked = [f"{kind}:{id}" for kind, id in (("outcome", outcome), ("strategy", supporting)) if id is not None]
    if len(asked) + (filters.evidence is not None) > 1:
        raise BadInput("Name one thing to show evidence on: --outcome, --supporting and --evidence exclude each other.")
    return replace(filters, evidence=asked[0]) if asked else filters


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns side by side: the first to the left, numbers to the right."""
    cells = [list(map(str, headings)), *([("" if c is None else str(c)) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        click.echo(
            "  ".join(
                c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
        )


class progress:
    """A bar on stderr for whatever takes longer than a second, quiet where stderr is no terminal."""

    def __init__(self, title: str) -> None:
        from tqdm import tqdm

        self._bar = tqdm(desc=title, unit=" rows", delay=1, file=sys.stderr, disable=None, leave=False)

    def __enter__(self) -> Callable[[int, int | None], None]:
        return self._move

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def _move(self, done: int, total: int | None) -> None:
        self._bar.total = total
        self._bar.update(done - self._bar.n)


def must_exist(db: Path) -> None:
    """Raises BadInput where there is no such file; commands that write would otherwise make it."""
    if not db.exists():
        raise BadInput(f"{db}: there is no such database; name it with --db.")


def fields(row: Any) -> dict[str, Any]:
    """A dataclass as a dict."""
    from dataclasses import asdict

    return asdict(row)
