"""Show which strategies there are, what one comes to, and two side by side; put a new one in, and say which is in force."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import Asked, AskingReader, Connection, Question, ReaderOfAll, ShippedData, Writing
from api.pages import links, views
from api.pages.render import Frame, moment, page
from api.pages.strategy import years
from api.pages.views import Chip, Period
from api.routes.strategies import compared
from feedback.documents.asked import COMPARISON
from feedback.errors import BadInput
from feedback.strategies.successor import MAX_FILE, Told, read_successor
from feedback.strategies.versions import (
    Known,
    NotCarried,
    adopt,
    not_carried,
    strategies,
    successor,
    two_to_compare,
    use,
    uses,
)
from feedback.taxonomy import Taxonomy

router = APIRouter()

SECTION = "/objectives"
ABOVE = [("Overview", "/"), ("Strategy", "/objectives")]
LISTED = 20  # corrections that the page of a strategy lists
FATES = {
    "carried": "Under another name",
    "merged": "Merged",
    "narrowed": "Narrowed",
    "split": "Split",
    "dropped": "Falls away",
    "new": "New",
}
# What of a new strategy is told under which heading, in this order.
HEADINGS = {
    "carried": "Carried on under another name",
    "merged": "Merged",
    "split": "Found in a part of what is read",
    "new by rule": "New, found by rule from themes",
    "new, not read yet": "New, and not found yet",
    "dropped": "Falls away",
    "statements": "Statements",
    "id taken anew": "Id taken anew",
    "delivery plan": "Delivery plan",
}
DONE = {
    "adopted": "The strategy is put in, and the whole history is mapped to it",
    "used": "Another strategy is in force now",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One strategy of the list: its years, what it is in words, its pages; `can_use` where it can be put in force."""

    version: str
    years: str
    status: str
    in_force: bool
    href: str
    figures_href: str
    can_use: bool


@dataclass(frozen=True, slots=True)
class StrategiesPage:
    """All strategies, who decided what when, and the forms; `text` is the file that is looked at, `errors` what is wrong by field."""

    lines: tuple[Line, ...]
    uses: tuple[str, ...]
    compare_href: str | None
    may_decide: bool
    errors: dict[str, str] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class OneStrategy:
    """What one strategy comes to, by heading. `text` is the file where it is only looked at and can still be put in.

    `left` are the corrections it could not carry, with their number in all.
    """

    version: str
    years: str
    status: str
    figures_href: str
    compare_href: str | None
    told: tuple[tuple[str, tuple[str, ...]], ...]
    left: tuple[tuple[str, str, str], ...] = ()
    more: bool = False
    text: str = ""
    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a strategy in a comparison, with its counts, or why there are none; `how` where it is not simply read."""

    title: str
    href: str | None
    n: str
    good: str
    bad: str
    both: str
    how: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A part of the older strategy beside what became of it, and why the counts differ."""

    fate: str
    old: Part | None
    new: tuple[Part, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Two strategies side by side; `choices` are (version, years) of all. `report_href` makes its document, for who may read the words."""

    old: str
    new: str
    old_years: str
    new_years: str
    read: int | None
    objectives: tuple[PairRow, ...]
    values: tuple[PairRow, ...]
    choices: tuple[tuple[str, str], ...]
    hidden: dict[str, str]
    report_href: str | None
    periods: tuple[Period, ...]
    chips: tuple[Chip, ...]


@router.get("/strategy")
def which(
    conn: Connection,
    shipped: ShippedData,
    reader: AskingReader,
    version: Annotated[str | None, Query()] = None,
    done: Annotated[str | None, Query()] = None,
) -> HTMLResponse:
    """The strategies there are; or one of them."""
    if version:
        return _one(conn, shipped, reader, version)
    return _page(conn, shipped, reader, done=done and DONE.get(done))


@router.get("/strategy/compare", response_model=None)
def compare(
    question: Asked,
    shipped: ShippedData,
    old: Annotated[str | None, Query()] = None,
    new: Annotated[str | None, Query()] = None,
) -> HTMLResponse | RedirectResponse:
    """Two strategies side by side; where there is one alone, the page that says how to put in another."""
    known = [one for one in strategies(question.conn, shipped) if one.ready]
    if len(known) == 1:
        return RedirectResponse("/strategy", status_code=303)
    old, new = two_to_compare(question.conn, shipped, old or None, new or None)
    found = compared(question, shipped, old, new)
    path = "/strategy/compare"
    kept = {name: text for name, text in links.parameters(question.filters).items() if name != "strategy"}
    rows: dict[str, list[PairRow]] = {"objective": [], "value": []}
    for pair in found["pairs"]:
        rows[pair["kind"]].append(_pair(question, pair, old, new))
    view = ComparePage(
        old=old,
        new=new,
        old_years=years(old),
        new_years=years(new),
        read=found["read"],
        objectives=tuple(rows["objective"]),
        values=tuple(rows["value"]),
        choices=tuple((one.version, years(one.version)) for one in known),
        hidden=kept,
        report_href=links.reports(COMPARISON, f"{old}@{new}", replace(question.filters, strategy=None))
        if question.reader.may_read
        else None,
        periods=views.periods(question, path, old=old, new=new),
        chips=views.chips(question, path, old=old, new=new),
    )
    above = [*ABOVE, ("Strategies", "/strategy")]
    return page("strategy_compare.html", Frame("Strategies side by side", SECTION, above), view, conn=question.conn)


@router.post("/strategy/check")
def look(
    conn: Connection,
    shipped: ShippedData,
    reader: ReaderOfAll,
    file: Annotated[UploadFile | str | None, File()] = None,
) -> HTMLResponse:
    """What a strategy's file comes to, before it is put in."""
    try:
        text = _text(file)
        found = read_successor(text, shipped, name=getattr(file, "filename", None) or "the file")
    except BadInput as error:
        return _page(conn, shipped, reader, errors={"file": str(error)})
    view = OneStrategy(
        version=found.version,
        years=years(found.version),
        status="It fits the Trust's data. Nothing is changed yet.",
        figures_href="",
        compare_href=None,
        told=_told(found.explained),
        text=text,
    )
    return _shown(conn, view)


@router.post("/strategy", response_model=None)
def put_in(
    store: Writing,
    conn: Connection,
    shipped: ShippedData,
    reader: ReaderOfAll,
    text: Annotated[str, Form(max_length=MAX_FILE)] = "",
    name: Annotated[str, Form()] = "",
    beside: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Put a strategy in that was looked at; it may take a minute for a hundred thousand comments."""
    text = text.replace("\r\n", "\n")  # a form sends its lines in the manner of the network
    found = read_successor(text, shipped)
    if not name.strip():
        view = OneStrategy(
            version=found.version,
            years=years(found.version),
            status="It fits the Trust's data. Nothing is changed yet.",
            figures_href="",
            compare_href=None,
            told=_told(found.explained),
            text=text,
            errors={"name": "Enter your name, so that others know who put this strategy in"},
        )
        return _shown(conn, view, status=400)
    adopt(store, shipped, text, by=name, put_in_force=beside != "yes")
    return RedirectResponse("/strategy?done=adopted", status_code=303)


@router.post("/strategy/use", response_model=None)
def put_in_force(
    store: Writing,
    conn: Connection,
    shipped: ShippedData,
    reader: ReaderOfAll,
    version: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> HTMLResponse | RedirectResponse:
    """Put a strategy in force that is there."""
    errors = {}
    if not version:
        errors["version"] = "Choose the strategy that is to be in force"
    if not name.strip():
        errors["name"] = "Enter your name, so that others know who decided it"
    if errors:
        return _page(conn, shipped, reader, errors=errors, name=name)
    use(store, shipped, version, by=name)
    return RedirectResponse("/strategy?done=used", status_code=303)


def _page(
    conn: Connection,
    shipped: Taxonomy,
    reader: AskingReader,
    *,
    done: str | None = None,
    errors: dict[str, str] | None = None,
    name: str = "",
) -> HTMLResponse:
    known = strategies(conn, shipped)
    view = StrategiesPage(
        lines=tuple(_line(one) for one in known),
        uses=tuple(f"{moment(one.at)}: {one.by} put {one.version} in force" for one in uses(conn)),
        compare_href="/strategy/compare" if sum(one.ready for one in known) > 1 else None,
        may_decide=reader.scope.services is None,
        errors=errors or {},
        name=name,
    )
    title = "Error: Strategies" if errors else "Strategies"
    frame = Frame(title, SECTION, ABOVE, done=done)
    return page("strategies.html", frame, view, conn=conn, status=400 if errors else 200)


def _line(one: Known) -> Line:
    return Line(
        version=one.version,
        years=years(one.version),
        status=_status(one),
        in_force=one.in_force,
        href=links.link("/strategy", version=one.version),
        figures_href=links.link("/objectives", strategy=one.version),
        can_use=one.ready and not one.in_force,
    )


def _status(one: Known) -> str:
    if not one.ready:
        return f"Put in by {one.by}; mapping the history to it was broken off. Put the same file in again: it goes on there."
    whose = "The models read comments by it." if one.is_read else f"Put in by {one.by}, {moment(one.at or '')}."
    since = f", since {moment(one.since)}" if one.since else ""
    return f"{f'In force{since}. ' if one.in_force else ''}{whose}"


def _one(conn: Connection, shipped: Taxonomy, reader: AskingReader, version: str) -> HTMLResponse:
    known = {one.version: one for one in strategies(conn, shipped)}
    is_read = version == shipped.versions["strategy"]
    found = None if is_read else successor(conn, shipped, version)
    left: tuple[NotCarried, ...] = ()
    if found and reader.may_read:
        left = not_carried(conn, version, reader.scope, limit=LISTED + 1)
    view = OneStrategy(
        version=version,
        years=years(version),
        status=_status(known[version]),
        figures_href=links.link("/objectives", strategy=version),
        compare_href=None if is_read else links.link("/strategy/compare", new=version),
        told=_told(found.explained) if found else (),
        left=tuple((one.citation, links.comment(one.citation), _said(one)) for one in left[:LISTED]),
        more=len(left) > LISTED,
    )
    return _shown(conn, view)


def _shown(conn: Connection, view: OneStrategy, *, status: int = 200) -> HTMLResponse:
    frame = Frame(f"Strategy {view.years}", SECTION, [*ABOVE, ("Strategies", "/strategy")])
    return page("strategy_one.html", frame, view, conn=conn, status=status)


def _told(explained: tuple[Told, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    groups = {
        heading: tuple(told.sentence for told in explained if told.fate == fate) for fate, heading in HEADINGS.items()
    }
    return tuple((heading, sentences) for heading, sentences in groups.items() if sentences)


def _said(one: NotCarried) -> str:
    side = views.STANDS.get(one.polarity, "")
    said = f"{one.kind} {one.label}{f', {side}' if side else ''}" if one.so else f"not {one.kind} {one.label}"
    became = ", ".join(id for _, id in one.became)
    return f"{one.by} said: {said}. " + (f"It went into {became}." if became else "Nothing took it up.")


def _pair(question: Question, pair: dict[str, Any], old: str, new: str) -> PairRow:
    return PairRow(
        fate=FATES[pair["fate"]],
        old=_part(question, pair["kind"], pair["old"], old) if pair["old"] else None,
        new=tuple(_part(question, pair["kind"], row, new) for row in pair["new"]),
        why=tuple(pair["why"]),
    )


def _part(question: Question, kind: str, row: dict[str, Any], version: str) -> Part:
    unread = row["basis"] == "unread"
    filters = question.about(strategy=version).filters
    title = f"{row['id']} {row['title']}".rstrip(".") if kind == "objective" else row["title"]

    def shown(name: str) -> str:
        n = views.count_of(row, name)
        return n if isinstance(n, str) else f"{n:,}"

    return Part(
        title=title,
        href=None if unread else links.strategy(kind, row["id"], filters),
        n=shown("n"),
        good="" if unread else shown("positive"),
        bad="" if unread else shown("negative"),
        both="" if unread else shown("mixed"),
        how=views.BASIS[row["basis"]],
    )


def _text(file: UploadFile | str | None) -> str:
    """The text of an uploaded file. Raises BadInput for none, one too long, and one that is no text."""
    if file is None or isinstance(file, str) or not file.filename:
        raise BadInput("Choose the file of the strategy.")
    raw = file.file.read(MAX_FILE * 4 + 1)
    if len(raw) > MAX_FILE * 4:
        raise BadInput(f"A strategy is a file of some pages; this one has more than {MAX_FILE:,} characters.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{file.filename[:60]} is not UTF-8 text; save it as UTF-8.") from None
