"""Decide, before anything is stored, how a file will be read: sheets, headings, columns, date order, ratings.

The whole file is read once for the evidence and nothing of it is kept; `rows.read_rows` reads it again by the plan.
Every decision is a sentence that a person can check, and each can be overridden.
"""

import difflib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from feedback.errors import BadFile, BadInput
from feedback.read.cells import FileFacts, Row, cell_text
from feedback.read.columns import Evidence, Roles, decide_roles, names_comments, plain_heading
from feedback.read.dates import Form, Order, form_of, order_of
from feedback.read.ratings import legend_in, legend_of, read_label, read_number
from feedback.read.survey import MAX_COLUMNS, Survey, keep_one_table, take_survey
from feedback.read.tables import open_table

Field = Literal["comment", "date", "service", "respondent", "rating", "question", "id"]
FIELDS: tuple[Field, ...] = ("comment", "date", "service", "respondent", "rating", "question", "id")

_GROUP_PROOFS = 10  # dates that prove one order, none the other, before a service's dates are trusted in a mixed column
_MAX_GROUPS = 2_000
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", None: "one column"}
_LEGEND_AT_END = re.compile(r"^(.*?)\s*:\s*(\d{1,2}\s*=\s*[\w' ]+(?:,\s*\d{1,2}\s*=\s*[\w' ]+)*)$")


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """How one sheet is read. Rows from `first` to `last` (as a spreadsheet numbers them) are data.

    `questions` are asked of the comment columns, one each (None: nothing beyond the question column's cell). Only the
    columns from `span[0]` up to `span[1]` are its table. `service` is the sheet's name where no column says the service.
    `date_orders` holds the order of a service where the column as a whole is mixed. `legend` maps numbers to ratings.
    `proven` is the order that the dates themselves prove ("both" where they contradict each other, None where they prove none),
    `open_dates` how many of them can be read either way.
    """

    sheet: str | None
    headings: tuple[str, ...]
    header_row: int
    first: int
    last: int
    rows: int
    roles: Roles
    questions: tuple[str | None, ...]
    date_order: Order = "day"
    date_orders: Mapping[tuple[str, ...], Order] = field(default_factory=dict)
    legend: Mapping[int, int] = field(default_factory=dict)
    rated: bool = False
    span: tuple[int, int] = (0, MAX_COLUMNS)
    service: str | None = None
    proven: Order | None = None
    open_dates: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be read and how: shown to the person before and after.

    `column_map`: comment and service are lists of headings, date, question, rating, respondent_type and id one or None.
    `decisions` are plain sentences; `asks` those that need the person's answer. `rows` counts the data rows.
    """

    path: Path
    facts: FileFacts
    sheets: tuple[SheetPlan, ...]
    column_map: dict[str, Any]
    decisions: tuple[str, ...]
    asks: tuple[str, ...]
    rows: int
    today: date
    epoch_1904: bool = False


def plan_file(
    path: Path,
    *,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    sheet: str | None = None,
    day_first: bool | None = None,
    today: date | None = None,
) -> Plan:
    """Read the whole file once and decide how to take it.

    `mapping` names the heading of any field of FIELDS (a list for comment and service, "" for none; a rating may carry
    its legend, `HEADING:1=very_good`). `today` bounds the dates that can be.
    Raises BadFile where the file cannot be read or has no comments, BadInput where `mapping` or `sheet` name nothing.
    """
    table = open_table(path)
    surveys = [
        take_survey(name, rows, table.headings) for name, rows in itertools.groupby(table.rows(), key=lambda r: r.sheet)
    ]
    if sheet is not None:
        surveys = [_sheet_named(sheet, surveys)]
    if not any(survey.rows for survey in surveys):
        raise BadFile("The file has no rows of data below its headings: export it again once there are answers.")
    chosen, legend = _override(mapping or {}, surveys)
    for survey in surveys:
        keep_one_table(survey)
    data = _data_sheets(surveys, chosen)
    services = {} if "service" in chosen else _services_by_sheet(data)
    aside = [survey for survey in surveys if all(survey is not s for s, _ in data)]
    keys = [text for survey in aside for text in survey.short]
    decisions, asks = _describe_file(table.facts, data, aside), []
    plans = []
    for survey, roles in data:
        found = legend or legend_in([*_rating_texts(survey, roles), *survey.headings.above, *survey.foot, *keys])
        plan, said, asked = _plan_sheet(survey, roles, found, day_first, path)
        plans.append(replace(plan, service=services.get(survey.sheet)))
        decisions += said
        asks += asked
    if services:
        decisions.append(
            f"The service is the name of the sheet, as no column says it: {_quoted(services.values(), most=12)}."
        )
    main = max(plans, key=lambda p: p.rows)
    return Plan(
        path=path,
        facts=table.facts,
        sheets=tuple(plans),
        column_map=_column_map(main),
        decisions=tuple(dict.fromkeys(decisions)),
        asks=tuple(dict.fromkeys(asks)),
        rows=sum(p.rows for p in plans),
        today=today or date.today(),
        epoch_1904=getattr(table, "epoch_1904", False),
    )


# -------------------------------------------------------------------------------------------------------- the decisions


def _sheet_named(wanted: str, surveys: Sequence[Survey]) -> Survey:
    for survey in surveys:
        if survey.sheet == wanted:
            return survey
    names = [survey.sheet for survey in surveys if survey.sheet is not None]
    if not names:
        raise BadInput(f'There is no sheet "{wanted}": this kind of file has no sheets.')
    raise BadInput(f'There is no sheet "{wanted}" with cells: choose one of {_quoted(names)}.')


def _quoted(names: Iterable[str], most: int = 40) -> str:
    """Headings for a message; a long one that is not a question may be somebody's words and is cut."""
    shown = [f'"{name}"' if len(name) <= 80 else f'"{name[:40]}…"' for name in names]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def _override(
    mapping: Mapping[str, str | Sequence[str]], surveys: Sequence[Survey]
) -> tuple[dict[Field, list[str]], dict[int, int]]:
    """The headings a person chose, checked against those there are, and the legend given with the rating."""
    chosen: dict[Field, list[str]] = {}
    legend: dict[int, int] = {}
    there = list(dict.fromkeys(n for s in surveys for n in (*s.headings.names, *s.headings.wordings) if n))
    known = {_key(name) for name in there}
    for name, value in mapping.items():
        if name not in FIELDS:
            raise BadInput(f'"{name}" is no field of a comment: map one of {", ".join(FIELDS)}.')
        wanted = [value] if isinstance(value, str) else list(value)
        if name == "rating" and wanted and _key(wanted[0]) not in known and (m := _LEGEND_AT_END.match(wanted[0])):
            wanted, legend = [m[1]], legend_of(m[2])
            if not m[1]:
                continue  # a legend for whichever column the rating is found in
        for heading in filter(None, wanted):
            if _key(heading) not in known:
                near = difflib.get_close_matches(heading, there, n=1)
                hint = f' Did you mean "{near[0]}"?' if near else ""
                raise BadInput(
                    f'There is no heading "{heading}" to take the {name} from; there are {_quoted(there)}.{hint}'
                )
        chosen[name] = [heading for heading in wanted if heading]
    return chosen, legend


def _key(heading: str) -> str:
    return " ".join(heading.casefold().split())


def _data_sheets(surveys: Sequence[Survey], chosen: Mapping[Field, list[str]]) -> list[tuple[Survey, Roles]]:
    """The sheets that hold comments, each with its columns; a sheet of mere prose counts only if no other does."""
    found = []
    for survey in surveys:
        roles = _chosen_roles(survey, decide_roles(survey.headings.wordings, survey.evidence, survey.rows), chosen)
        # One column of sentences is a letter or a note, unless its heading says that they are comments.
        prose = (
            len(survey.headings.names) == 1 and "comment" not in chosen and not names_comments(survey.headings.names[0])
        )
        if survey.rows and roles.comments and not prose:
            found.append((survey, roles))
    sure = [(survey, roles) for survey, roles in found if roles.sure]
    if not found:
        widest = max(surveys, key=lambda s: s.rows)
        if len(widest.headings.names) == 1:  # what stands on top may itself be a comment, so it is not shown
            raise BadFile(
                'The file has one column without a heading such as "Comments": put one in its first row, and send it again.'
            )
        raise BadFile(
            f"None of the columns holds comments. The headings found are {_quoted(widest.headings.names)}: "
            "export the column with people's own words too, or say which one it is (--map comment=HEADING)."
        )
    return sure or found


# Names of sheets that say when, how or in what order, but not where.
_NO_SERVICE = re.compile(
    r"^(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|spring|summer|autumn|winter|quarter|fy|ytd|week|wk|month|year|day|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday|\d+(?:st|nd|rd|th)?|sheet|tab|page|part|table|data|raw|export|report|results?|responses?|replies|answers?"
    r"|comments?|feedback|surveys?|forms?|fft|friends|family|test|list|all|new|old|final|draft|copy|master|combined|total|other|misc"
    r"|questions?|paper|online|web|website|email|sms|texts?|kiosk|tablet|phone|postal|post|cards?|qr|app|positives?|negatives?"
    r"|neutral|good|bad|very|poor|compliments?|complaints?|concerns?|patients?|carers?|staff|public|adults?|batch|upload|file|version"
    r"|first|second|third|half|of|and|the|to|from|in|for|by|[a-z])$"
)


def _says_service(sheet: str) -> bool:
    """Whether a sheet is named after something other than a time, a kind of form or its place in the order.

    >>> _says_service("Cantilupe Ward"), _says_service("May 2025"), _says_service("Sheet2")
    (True, False, False)
    """
    words = re.findall(r"[^\W\d_]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", sheet))
    return not all(_NO_SERVICE.match(word.lower()) for word in words)


def _services_by_sheet(data: Sequence[tuple[Survey, Roles]]) -> dict[str | None, str]:
    """The services of a workbook with a sheet for each: the same headings on all of them, none of which says the service."""
    if len(data) < 2 or any(roles.services for _, roles in data):
        return {}
    asked = {tuple(_key(survey.headings.names[p]) for p in roles.comments) for survey, roles in data}
    named: dict[str | None, str] = {
        survey.sheet: survey.sheet.strip() for survey, _ in data if survey.sheet and _says_service(survey.sheet)
    }
    return named if len(asked) == 1 and len(named) * 2 > len(data) else {}


def _chosen_roles(survey: Survey, roles: Roles, chosen: Mapping[Field, list[str]]) -> Roles:
    """Put the person's choices in place of ours; a column they gave a role loses any other."""
    places: dict[Field, tuple[int, ...]] = {}
    for name, headings in chosen.items():
        keys = [_key(heading) for heading in headings]
        both = [
            pair if survey.span[0] <= place < survey.span[1] else ("", "")
            for place, pair in enumerate(zip(survey.headings.names, survey.headings.wordings, strict=True))
        ]
        places[name] = tuple(i for key in keys for i, pair in enumerate(both) if key in map(_key, pair))
    taken = {place for each in places.values() for place in each}

    def many(name: Field, ours: tuple[int, ...]) -> tuple[int, ...]:
        return places[name] if name in places else tuple(p for p in ours if p not in taken)

    def one(name: Field, ours: int | None) -> int | None:
        if name in places:
            return places[name][0] if places[name] else None
        return None if ours in taken else ours

    return replace(
        roles,
        comments=many("comment", roles.comments),
        services=many("service", roles.services),
        date=one("date", roles.date),
        rating=one("rating", roles.rating),
        question=one("question", roles.question),
        respondent=one("respondent", roles.respondent),
        id=one("id", roles.id),
        personal=tuple(p for p in roles.personal if p not in taken),
        sure=roles.sure or bool(places.get("comment")),
    )


def _rating_texts(survey: Survey, roles: Roles) -> list[str]:
    """Where a legend of the rating may stand in its own column: the heading and the answers."""
    if roles.rating is None:
        return []
    names = survey.headings
    return [names.names[roles.rating], names.wordings[roles.rating], *survey.evidence[roles.rating].values]


def _plan_sheet(
    survey: Survey, roles: Roles, legend: dict[int, int], day_first: bool | None, path: Path
) -> tuple[SheetPlan, list[str], list[str]]:
    names, wordings = survey.headings.names, survey.headings.wordings
    said, asked = [], []
    if len(roles.comments) > 1:
        said.append(
            f"Each row may give {len(roles.comments)} comments, one of each of {_quoted(names[p] for p in roles.comments)}."
        )
    elif not roles.sure:
        asked.append(
            f'"{names[roles.comments[0]]}" was taken as the comment because of what stands under it: say if another column holds them.'
        )
    questions = tuple(
        wordings[p] if len(roles.comments) > 1 or len(plain_heading(wordings[p]).split()) >= 4 else None
        for p in roles.comments
    )
    if roles.personal:
        said.append(f"Never taken, as it may say who somebody is: {_quoted(names[p] for p in roles.personal)}.")
    if survey.beside:
        said.append(f"Left out, as a table of its own beside the comments: {_quoted(survey.beside, most=12)}.")
    if stretched := [p for p in _carrying(roles) if survey.evidence[p].carried]:
        rows = max(survey.evidence[p].carried for p in stretched)
        said.append(
            f"Merged cells in {_quoted(names[p] for p in stretched)} count for each row they cover ({rows} rows below the first)."
        )
    order: Order = "day"
    orders: dict[tuple[str, ...], Order] = {}
    if roles.date is not None:
        order, orders, sentence, ask = _date_order(survey, roles, day_first, path)
        said += sentence
        asked += ask
    rated = False
    if roles.rating is not None:
        rated, sentence, ask = _rating_direction(names[roles.rating], survey.evidence[roles.rating], legend)
        said += sentence
        asked += ask
    forms = Counter[Form]() if roles.date is None else survey.evidence[roles.date].forms
    plan = SheetPlan(
        sheet=survey.sheet,
        headings=names,
        header_row=survey.headings.row,
        first=survey.headings.last + 1,
        last=survey.last,
        rows=survey.rows,
        roles=roles,
        questions=questions,
        date_order=order,
        date_orders=orders,
        legend=legend,
        rated=rated,
        span=survey.span,
        proven=order_of(forms),
        open_dates=forms["either"],
    )
    return plan, said, asked


def _carrying(roles: Roles) -> tuple[int, ...]:
    """The columns whose merged cells hold for every row they cover; an answer or its number is only that of the first."""
    return tuple(p for p in (*roles.services, roles.date, roles.question, roles.respondent) if p is not None)


def _date_order(
    survey: Survey, roles: Roles, day_first: bool | None, path: Path
) -> tuple[Order, dict[tuple[str, ...], Order], list[str], list[str]]:
    """The order of the date column: the person's, what the column proves, or day first, as in the United Kingdom."""
    assert roles.date is not None
    name, evidence = survey.headings.names[roles.date], survey.evidence[roles.date]
    forms = evidence.forms
    asks = []
    true_dates = max(forms["typed"], evidence.iso)
    if true_dates >= 5 and forms["day"] + forms["month"] >= 3 and not evidence.late_days and not forms["either"]:
        asks.append(
            f'In "{name}" every true date is in the first twelve days of a month and later days are text: a spreadsheet program '
            "has probably swapped day and month in the true dates. They are stored as they stand: check them at the source."
        )
    if day_first is not None:
        return (
            "day" if day_first else "month",
            {},
            [f'Dates in "{name}" are read {"day" if day_first else "month"} first, as asked.'],
            asks,
        )
    proven = order_of(forms)
    if proven is None:
        open_ones = (
            f"; nothing in the column proves it ({forms['either']} dates could be either)" if forms["either"] else ""
        )
        written = forms["either"] + forms["same"] > 0
        if evidence.share(forms["serial"]) >= 0.5:
            return (
                "day",
                {},
                [f'Numbers in "{name}" are read as the day numbers of a spreadsheet (45,731 is 15 March 2025).'],
                asks,
            )
        return "day", {}, [f'Dates in "{name}" are read day first{open_ones}.'] if written else [], asks
    if proven != "both":
        return (
            proven,
            {},
            [f'Dates in "{name}" are read {proven} first: {forms[proven]} of them can be read in no other way.'],
            asks,
        )
    orders = _orders_by_service(survey, roles, path)
    trusted = f", except for {len(orders)} of the services, whose own dates prove one order" if orders else ""
    said = (
        f'"{name}" mixes day first ({forms["day"]} proofs) and month first ({forms["month"]} proofs): '
        f"dates that can be read both ways are left blank{trusted}."
    )
    return (
        "both",
        orders,
        [said],
        [*asks, f'Which order do the dates in "{name}" have? Say --day-first or --month-first to read all of them.'],
    )


def _orders_by_service(survey: Survey, roles: Roles, path: Path) -> dict[tuple[str, ...], Order]:
    """In a mixed column, the services whose own dates prove one order many times and the other never: sources differ by service."""
    if not roles.services or roles.date is None:
        return {}
    groups: dict[tuple[str, ...], Counter[Form]] = {}
    for row in open_table(path).rows():
        if (
            row.sheet != survey.sheet
            or not survey.headings.last < row.number <= survey.last
            or roles.date >= len(row.cells)
        ):
            continue
        key = date_group(row, roles)
        form = form_of(row.cells[roles.date])
        if form and (key in groups or len(groups) < _MAX_GROUPS):
            groups.setdefault(key, Counter())[form] += 1
    return {
        key: "day" if forms["day"] else "month"
        for key, forms in groups.items()
        if min(forms["day"], forms["month"]) == 0 and max(forms["day"], forms["month"]) >= _GROUP_PROOFS
    }


def date_group(row: Row, roles: Roles) -> tuple[str, ...]:
    """The broadest service of a row, by which the sources of a pasted file can be told apart."""
    if not roles.services:
        return ()
    place = roles.services[-1]
    if place in row.merged:
        return (cell_text(row.merged[place]).strip(),)
    return (cell_text(row.cells[place]).strip(),) if place < len(row.cells) else ()


def _rating_direction(name: str, evidence: Evidence, legend: Mapping[int, int]) -> tuple[bool, list[str], list[str]]:
    """Whether the ratings can be read, and what to say or ask."""
    if evidence.is_rated:
        return True, [f'Ratings in "{name}" are read by their labels.'], []
    if evidence.share(evidence.faces) >= 0.8 and not legend and not any(map(read_number, evidence.values)):
        ask = f'"{name}" holds faces, and nothing says which answer each stands for, so ratings are left blank: send their words.'
        return False, [], [ask]
    if legend:
        best = min(legend, key=lambda number: legend[number])
        return True, [f'Ratings in "{name}" are numbers, and a legend says that {best} is the best.'], []
    numbers = [number for value in evidence.values if (number := read_number(value)) is not None]
    if numbers and not 1 <= min(numbers) <= max(numbers) <= 6:
        ask = (
            f'"{name}" holds numbers from {min(numbers)} to {max(numbers)}, which are not the five answers of the Friends and Family '
            "Test, so ratings are left blank: send the answers in words, or say what each number stands for "
            f'(--map "rating={name}:0=very_poor,10=very_good" and so on).'
        )
        return False, [], [ask]
    if numbers:
        ask = (
            f'"{name}" holds numbers and nothing says whether 1 or 5 is very good, so ratings are left blank: '
            f'say --map "rating={name}:1=very_good" (or 5=very_good) to read them.'
        )
        return False, [], [ask]
    return (
        any(read_label(value) is not None for value in evidence.values),
        [],
        [f'Most answers in "{name}" are not those of the Friends and Family Test and are left blank.'],
    )


def _describe_file(facts: FileFacts, data: Sequence[tuple[Survey, Roles]], aside: Sequence[Survey]) -> list[str]:
    survey, roles = max(data, key=lambda pair: pair[0].rows)
    names = survey.headings.names
    kind = {"csv": "Text with a delimiter", "xlsx": "Workbook", "json": "JSON list", "jsonl": "JSON Lines"}[facts.type]
    details = [facts.encoding or ""]
    if facts.type == "csv":
        details.append(_DELIMITER_NAMES.get(facts.delimiter, f'"{facts.delimiter}"'))
    said = ", ".join([kind, *filter(None, details)])
    where = f"; headings in row {survey.headings.row}" if survey.headings.row else ""
    if facts.type in ("csv", "xlsx") and not survey.headings.row:
        where = "; no headings, so columns are named by their letters"
    sentences = [f"{said}{where}.", f"Comments are taken from {_quoted(names[p] for p in roles.comments)}."]
    if survey.sheet is not None:
        sentences.append(f"Read: {_quoted((s.sheet or '' for s, _ in data), most=12)}.")
    if aside:
        sentences.append(f"Not read, as it holds no comments: {_quoted((s.sheet or '' for s in aside), most=12)}.")
    used = {roles.date, roles.rating, roles.question, roles.respondent, roles.id, roles.person}
    used |= {*roles.comments, *roles.services, *roles.personal}
    there = range(*survey.span)
    rest = [name for place, name in enumerate(names) if place not in used and place in there]
    if rest:
        sentences.append(f"Not used: {_quoted(rest, most=12)}.")
    return sentences


def _column_map(plan: SheetPlan) -> dict[str, Any]:
    def name(place: int | None) -> str | None:
        return None if place is None else plan.headings[place]

    roles = plan.roles
    return {
        "comment": [plan.headings[p] for p in roles.comments],
        "service": [plan.headings[p] for p in roles.services],
        "date": name(roles.date),
        "question": name(roles.question),
        "rating": name(roles.rating),
        "respondent_type": name(roles.respondent),
        "id": name(roles.id),
    }
