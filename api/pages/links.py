"""Work out addresses: every filter, sort and page is a link, and each is made here from what it means.

Pure functions over `Filters`; nothing asks the app. An address holds only what differs from "all", in one fixed order, so
that the same question has the same address and can be sent to a colleague.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import quote, urlencode

from feedback.filters import Filters
from feedback.filters import parameters as parameters  # an address is made of them, so they are offered with addresses


def link(path: str, filters: Filters | None = None, **more: str | int | None) -> str:
    """The address of a page under filters and further choices (an order, the place to go on from).

    >>> link("/comments", Filters(search="car park"), order="negative", after=None)
    '/comments?search=car+park&order=negative'
    """
    asked = parameters(filters or Filters()) | {name: str(value) for name, value in more.items() if value is not None}
    return f"{path}?{urlencode(asked)}" if asked else path


def with_parameters(path: str, asked: Mapping[str, str]) -> str:
    """The address of a page under parameters that are worked out already (`Evidence.queries`).

    >>> with_parameters("/comments", {"objective": "B2", "side": "against"})
    '/comments?objective=B2&side=against'
    """
    return f"{path}?{urlencode(asked)}" if asked else path


def citation(citation: str) -> str:
    """The permanent address of what is cited, which says what has become of it.

    >>> citation("HW-2026-000123.2")
    '/c/HW-2026-000123.2'
    """
    return f"/c/{quote(citation, safe='')}"


def comments(filters: Filters, **changes: object) -> str:
    """The comments behind a number: those of the filters, with some changed.

    >>> comments(Filters(service="podiatry"), theme="parking", polarity="-")
    '/comments?service=podiatry&theme=parking&polarity=-'
    """
    return link("/comments", replace(filters, **changes))  # type: ignore[arg-type]  # the names are those of Filters


def without(path: str, filters: Filters, name: str, **more: str | int | None) -> str:
    """The same page with one filter taken away; with a label go its polarity and side, which would mean something else alone.

    >>> without("/comments", Filters(theme="parking", polarity="-", county="Herefordshire"), "theme")
    '/comments?county=Herefordshire'
    """
    label = name in ("theme", "value", "objective", "statement", "evidence")
    return link(path, replace(filters, **{name: None} | ({"polarity": None, "side": None} if label else {})), **more)


def service(id: str, filters: Filters | None = None) -> str:
    """A service's page, under the same filters but for those that name a service or what is said of it."""
    return link(f"/services/{quote(id, safe='')}", _kept(filters, service=None, programme=None, theme=None))


def thanks(id: str) -> str:
    """The page of a service's thanks by name."""
    return f"{service(id)}/thanks"


def erasure(number: int) -> str:
    """The receipt of an erasure."""
    return f"/erase/receipts/{number}"


def theme(id: str, filters: Filters | None = None) -> str:
    """A theme's page, under the same filters but for other labels."""
    return link(f"/themes/{quote(id, safe='')}", _kept(filters, theme=None))


def strategy(kind: str, id: str, filters: Filters | None = None) -> str:
    """The evidence on an objective, value, statement, outcome or supporting strategy ("strategy"), under the same filters but for other such parts.

    >>> strategy("statement", "B2.W5", Filters(objective="B2", service="podiatry")), strategy("strategy", "SS2")
    ('/statements/B2.W5?service=podiatry', '/supporting-strategies/SS2')
    """
    room = "supporting-strategies" if kind == "strategy" else f"{kind}s"
    return link(f"/{room}/{quote(id, safe='')}", _kept(filters))


def programme(id: str, filters: Filters | None = None, *, room: str = "") -> str:
    """The page of a priority or programme of the delivery plan, or a `room` of it, under the same filters but for another programme.

    >>> programme("CHT", Filters(programme="CHT", county="Herefordshire"), room="/evidence")
    '/programmes/CHT/evidence?county=Herefordshire'
    """
    return link(f"/programmes/{quote(id, safe='')}{room}", _kept(filters, programme=None))


def reports(kind: str, id: str | None, filters: Filters | None = None) -> str:
    """Where a document on something is made, with the page's filters.

    >>> reports("objective", "B2", Filters(objective="B2", service="podiatry")), reports("board", None)
    ('/reports?service=podiatry&on=objective:B2', '/reports?on=board')
    """
    own = {kind: None} if kind in ("service", "programme", "theme") else {}
    asked = parameters(_kept(filters, **own) or Filters()) | {"on": f"{kind}:{id}" if id else kind}
    return f"/reports?{urlencode(asked, safe=':')}"


def comment(citation: str) -> str:
    """The permanent address of a comment, or of one clause of it, by its citation or id.

    >>> comment("HW-2026-000123.2")
    '/comments/HW-2026-000123.2'
    """
    return f"/comments/{quote(citation, safe='')}"


def batch(id: int) -> str:
    """The page of one upload."""
    return f"/batches/{id}"


def periods(
    path: str, filters: Filters, last: date | None, **more: str | int | None
) -> tuple[tuple[str, str, bool], ...]:
    """Links to the same page for all dates, and for the last 12 and 3 months up to the newest comment: text, address, whether it is now.

    >>> [text for text, _, now in periods("/", Filters(), date(2026, 10, 28)) if now]
    ['All dates']
    """
    if last is None:
        return ()
    choices: list[tuple[str, date | None]] = [("All dates", None)]
    choices += [(f"Last {n} months", months_back(last, n)) for n in (12, 3)]
    return tuple(
        (
            text,
            link(path, replace(filters, date_from=start, date_to=None), **more),
            (filters.date_from, filters.date_to) == (start, None),
        )
        for text, start in choices
    )


def months_back(last: date, n: int) -> date:
    """The first day of the n calendar months that end with the month of `last`.

    >>> months_back(date(2026, 1, 28), 3)
    datetime.date(2025, 11, 1)
    """
    months = last.year * 12 + last.month - n
    return date(months // 12, months % 12 + 1, 1)


def _kept(filters: Filters | None, **without: None) -> Filters | None:
    """The filters that go along to another page: who wrote, of which service and when, and not the parts of the strategy asked about."""
    parts = dict.fromkeys(("value", "objective", "statement", "evidence", "polarity", "side"))
    return filters and replace(filters, **parts, **without)
