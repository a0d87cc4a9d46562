"""Turn one documented object into a page: the template's surroundings, its words for numbers and dates, and refusals.

Escaping is on and stays on; HTML is written only in templates, and the one thing let through as it is are charts, which are
drawn here. The layout is our own rather than the design system's, whose page begins with a script that our policy forbids
and whose header shows the NHS logo, which a system may only use with leave.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader
from starlette.responses import Response

from feedback.query import holds_sample

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

# What the navigation shows: the path, which is also the section a page belongs to, and its name.
SECTIONS = {
    "/": "Overview",
    "/changes": "What is changing",
    "/services": "Services",
    "/themes": "Themes",
    "/objectives": "Strategy",
    "/programmes": "Delivery plan",
    "/comments": "Comments",
    "/signals": "Safety queue",
    "/actions": "You said, we did",
    "/reports": "Documents",
    "/batches": "Uploads",
    "/about": "About",
}

# For each refusal: what happened, as a heading, and what a person can do.
REFUSALS = {
    400: ("This cannot be shown as asked", "Go back and change what was asked for."),
    403: ("You cannot do this", "Ask whoever looks after this system if you think you should be able to."),
    404: ("Page not found", "Check the address, or start again from the overview."),
    410: ("What was cited is no longer here", "If you need to know more, ask whoever looks after this system."),
    422: ("This could not be read", "Go back, put it right and send it again."),
    503: ("This cannot be shown at the moment", "Try again in a minute."),
    500: ("Something went wrong", "Try again. If it happens again, tell whoever looks after this system."),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page: its title, the section of the navigation, the pages above it (text, address).

    `refresh`: seconds after which the browser asks again. `done`: what has just been done, said in a banner.
    `sample`: whether invented comments are among those shown.
    """

    title: str
    section: str
    above: Sequence[tuple[str, str]] = ()
    refresh: int | None = None
    done: str | None = None
    sample: bool = False


def page(
    template: str, frame: Frame, view: object, *, conn: sqlite3.Connection | None = None, status: int = 200
) -> HTMLResponse:
    """The page that a template makes of `view`, which it knows as `page`; the surroundings it knows as `frame`.

    With a connection it says on every page whether the database holds the invented sample.
    """
    if conn:
        frame = replace(frame, sample=holds_sample(conn))
    html = environment().get_template(template).render(frame=frame, page=view, sections=SECTIONS)
    return HTMLResponse(html, status)


def refusal(request: Request, status: int, sentence: str) -> Response:
    """A page that says what is wrong in the heading, why, and what the person can do."""
    heading, advice = REFUSALS.get(status) or (HTTPStatus(status).phrase, "Go back and try something else.")
    frame = Frame(heading, "", above=[("Overview", "/")])
    return page("refusal.html", frame, {"sentence": sentence, "advice": advice}, status=status)


@lru_cache
def environment() -> Environment:
    """The templates: ours, then the design system's components, which need undefined things to stay silent."""
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(TEMPLATES), PackageLoader("nhsuk_frontend_jinja")]),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"number": number, "day": day, "moment": moment, "plural": plural, "plain_json": plain_json}
    return env


def number(n: int) -> str:
    """A count as it is read.

    >>> number(5177)
    '5,177'
    """
    return f"{n:,}"


def day(when: date | None, precision: str = "day") -> str:
    """A date as the NHS writes it; only the month where only that is known.

    >>> day(date(2026, 11, 2)), day(date(2026, 11, 1), "month"), day(None)
    ('2 November 2026', 'November 2026', 'undated')
    """
    if when is None:
        return "undated"
    return when.strftime("%B %Y") if precision == "month" else f"{when.day} {when.strftime('%B %Y')}"


def moment(stamp: str) -> str:
    """A time of the store, on this machine's clock.

    >>> moment("not a time")
    'not a time'
    """
    try:
        when = datetime.fromisoformat(stamp).astimezone()
    except ValueError:
        return stamp
    hour = when.hour % 12 or 12
    return f"{day(when.date())}, {hour}:{when.minute:02}{'am' if when.hour < 12 else 'pm'}"


def plural(n: int | None, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> plural(1, "comment"), plural(1200, "comment"), plural(2, "person", "people")
    ('1 comment', '1,200 comments', '2 people')
    """
    return f"{number(n or 0)} {one if n == 1 else many or one + 's'}"


def plain_json(value: object) -> str:
    """A value of the store as text, for the few places that show one as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
