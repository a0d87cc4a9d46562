"""Put a file into the store: read it by its plan, analyse what is new, and account for every row.

The file goes through in parts, each stored in one transaction with the place it ended at. So a run that is killed goes on
where it stopped when the same file is started again, and ends as if nothing had happened. Nothing is kept between parts but
16 bytes for each comment, which tell the second of two equal answers in one file from one that is stored already.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback.batches import date_order
from feedback.batches.original import may_be_kept
from feedback.clean import clean, is_contentless, question_kind
from feedback.comment import RawComment
from feedback.errors import BadFile, BadInput
from feedback.filters import EVERYTHING, Filters
from feedback.query import UnresolvedText, unresolved_services
from feedback.read import Plan, RowOutcome, plan_file, read_rows
from feedback.read.mended import FRONT, is_mended, stored_as
from feedback.read.survey import take_survey
from feedback.read.tables import open_table
from feedback.redact.beside import Beside
from feedback.redact.spans import PLACEHOLDER
from feedback.store import PROGRAM, Store
from feedback.stored import Confirmed, Entry, Fill, Notice, Part, Returned

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline

PART = 1024  # comments and row outcomes together: a few seconds of analysis are lost at most when a run is killed

Mapped = Mapping[str, str | Sequence[str]]
Progress = Callable[[int, int | None], None]
Things = Sequence[tuple[bytes, RawComment | RowOutcome]]


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """What a dry run found under one heading: in how many rows something, and what of it can be told without anybody's words."""

    field: str
    heading: str
    filled: int
    seen: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file, as `feedback analyse` prints it; rows = accepted_rows + empty + duplicates + already_stored_rows + rejects.

    `batch` is None after a dry run. `unresolved` lists what the file calls services that the directory does not know.
    `asks` are those of the decisions that want a person's answer, `headings` all those of the main sheet. `columns` says
    after a dry run what was found where, `remembered_order` the order of day and month that is asked about, as chosen before.
    """

    file: str
    batch: int | None
    rows: int
    accepted: int
    accepted_rows: int
    already_stored: int
    already_stored_rows: int
    empty: int
    contentless: int
    duplicates: int
    rejects: tuple[Notice, ...]
    warnings: tuple[Notice, ...]
    column_map: Mapping[str, Any]
    decisions: tuple[str, ...]
    unresolved: tuple[UnresolvedText, ...] = ()
    asks: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    columns: tuple[ColumnLook, ...] = ()
    remembered_order: date_order.DayOrder | None = None

    def as_record(self) -> dict[str, Any]:
        """The report as a JSON-ready dict."""
        return asdict(self)


@dataclass(slots=True)
class ToMend:
    """The rows of a file that need mending, with their cells as they came: for the person who holds that file, never stored."""

    headings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rejects: list[Returned] = field(default_factory=list, repr=False)
    warnings: list[Returned] = field(default_factory=list, repr=False)


def analyse_file(
    path: Path,
    store: Store,
    pipeline: "Pipeline",
    *,
    mapping: Mapped | None = None,
    sheet: str | None = None,
    day_first: bool | None = None,
    remembered: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    to_mend: ToMend | None = None,
) -> FileReport:
    """Analyse a file into the store, or with `dry_run` say what would happen and write nothing.

    `mapping`, `sheet` and `day_first` override what would be decided, as in read.plan; a mapping and the order of day and month are
    remembered for the next file with the same headings. With `remembered` that order is taken where the file proves none. `progress` is told after each part how many rows are done, of how many. `to_mend` takes up the
    rows that need mending. Raises BadFile where the file cannot be read to its end (nothing of it is then stored), BadInput
    for a mapping that names nothing, BadStore.
    """
    beside = Beside(pipeline.redactor)
    with beside.refusing(path.name):
        return _analysed(
            path,
            store,
            pipeline,
            beside,
            mapping=mapping,
            sheet=sheet,
            day_first=day_first,
            remembered=remembered,
            dry_run=dry_run,
            progress=progress,
            to_mend=to_mend,
        )


def _analysed(
    path: Path,
    store: Store,
    pipeline: "Pipeline",
    beside: Beside,
    *,
    mapping: Mapped | None,
    sheet: str | None,
    day_first: bool | None,
    remembered: bool,
    dry_run: bool,
    progress: Progress | None,
    to_mend: ToMend | None,
) -> FileReport:
    """As `analyse_file`; what a refusal quotes of the file is not hidden yet."""
    planned = _Planning(path, store, beside, sheet)
    plan, confirmed = planned.plan(mapping, day_first)
    order = date_order.remembered(confirmed)
    take = remembered and day_first is None and order is not None and date_order.is_open(plan)
    if take and order:
        plan, _ = planned.plan(mapping, order.order == "day")
    said, asks = date_order.said_of(plan, order, asked=day_first, taken=take)
    plan = replace(plan, asks=(*plan.asks, *asks))
    reading = _Reading(plan, _sha256(path), store, pipeline, beside)
    columns = confirmed if confirmed and not mapping and date_order.columns_of(confirmed.mapping) else None
    decisions = tuple(map(beside.said, (*_said_before(columns), *plan.decisions, *said, *reading.said, *plan.asks)))
    column_map = beside.column_map(plan.column_map)
    if to_mend is not None:
        to_mend.headings |= _headings(plan)
    if dry_run:
        offered = order.order if order and asks else None
        return replace(_rehearse(reading, decisions, progress, to_mend), remembered_order=offered)
    batch = store.begin_batch(
        beside.file(path.name),
        reading.sha256,
        column_map=column_map,
        decisions=decisions,
        versions=pipeline.versions,
        headings=_hidden_headings(plan, beside),
    )
    try:
        position = rows = 0
        things = _keyed(plan, store)
        while part := list(islice(things, PART)):
            end = position + len(part)
            rows += sum(isinstance(thing, RowOutcome) for _, thing in part)
            if end > batch.position:
                start = max(position, batch.position)
                store.add(batch.id, reading.analysed(part[start - position :], start, end))
            position = end
            if to_mend is not None:
                _take_up(part, to_mend)
            if progress:
                progress(rows, plan.rows)
        if rows != plan.rows:
            raise BadFile(f"{path.name} changed while it was being read, so nothing of it is stored; start it again.")
    except BadFile:
        # Nothing is buried: the message says to start again, and whatever was flagged is flagged anew then.
        store.rollback(batch.id, by=PROGRAM, reason="The file changed while it was read.", flags_dealt_with=True)
        raise
    _remember(store, plan, confirmed, beside.mapping(mapping) if mapping else None, day_first)
    done = store.finish_batch(batch.id, position)
    if to_mend is not None:
        # The rows that are stored already must say so, or the mended ones would come in as new comments.
        citations = {(r.sheet, r.row): r.stored_as for r in store.returned(batch.id, "warning")}
        to_mend.warnings = [replace(r, stored_as=citations.get((r.sheet, r.row), ())) for r in to_mend.warnings]
    return FileReport(
        file=beside.file(path.name),
        batch=batch.id,
        column_map=column_map,
        decisions=tuple(done.decisions),
        unresolved=unresolved_services(store.conn, pipeline.taxonomy, Filters(batch=batch.id), EVERYTHING),
        asks=tuple(map(beside.said, plan.asks)),
        headings=tuple(map(beside.text, _main(plan).headings)),
        **asdict(done.counts)
        | {
            "rejects": store.notices(batch.id, "reject"),
            "warnings": store.notices(batch.id, "warning"),
        },
    )


def fingerprint(plan: Plan) -> str:
    """What the files of one source have in common: the headings of the main sheet, in any order, and of a list made from it."""
    headings = _main(plan).headings
    own = headings[len(FRONT) :] if is_mended(headings) else headings
    names = sorted(" ".join(heading.casefold().split()) for heading in own)
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


# ------------------------------------------------------------------------------------------------- how it is to be read


class _Planning:
    """How a file is planned: by the person's mapping, or by the one remembered for such headings, or by evidence."""

    def __init__(self, path: Path, store: Store, beside: Beside, sheet: str | None) -> None:
        self.path = path
        self.store = store
        self.beside = beside
        self.sheet = sheet

    def plan(self, mapping: Mapped | None, day_first: bool | None) -> tuple[Plan, Confirmed | None]:
        """The plan, and what is remembered of files with such headings."""
        if mapping:
            plan = self._by(mapping, day_first)
            return plan, _known(self.store, plan)
        try:
            plan = self._by(None, day_first)
        except BadFile:
            # Without a mapping nothing in it looks like a comment; a person may have said before which column holds them.
            for known in self.store.mappings():
                try:
                    plan = self._by(date_order.columns_of(known.mapping), day_first)
                except (BadFile, BadInput):
                    continue
                if fingerprint(plan) == known.fingerprint:
                    return plan, known
            raise
        mine = _known(self.store, plan)
        if mine and (columns := date_order.columns_of(mine.mapping)):
            return self._by(columns, day_first), mine
        return plan, mine

    def _by(self, mapping: Mapped | None, day_first: bool | None) -> Plan:
        return plan_file(self.path, mapping=self._as_they_stand(mapping), sheet=self.sheet, day_first=day_first)

    def _as_they_stand(self, mapping: Mapped | None) -> Mapped | None:
        """A mapping in the file's own headings: those that hold identity are shown and remembered with it hidden."""
        named = [name for value in (mapping or {}).values() for name in ([value] if isinstance(value, str) else value)]
        if not mapping or not any(PLACEHOLDER.search(name) for name in named):
            return mapping
        table = open_table(self.path)
        surveys = [
            take_survey(name, rows, table.headings) for name, rows in groupby(table.rows(), key=lambda r: r.sheet)
        ]
        own = {
            self.beside.text(name): name for s in surveys for name in (*s.headings.names, *s.headings.wordings) if name
        }
        return {
            field: own.get(value, value) if isinstance(value, str) else [own.get(name, name) for name in value]
            for field, value in mapping.items()
        }


def _known(store: Store, plan: Plan) -> Confirmed | None:
    """What a person said of files with these headings."""
    return next((known for known in store.mappings() if known.fingerprint == fingerprint(plan)), None)


def _remember(
    store: Store, plan: Plan, before: Confirmed | None, mapping: Mapped | None, day_first: bool | None
) -> None:
    """Keep the columns and the order of day and month that a person chose, each as it was where they chose only the other."""
    dated = any(sheet.roles.date is not None for sheet in plan.sheets)
    known = dict(before.mapping) if before else {}
    order = {date_order.KEY: "day" if day_first else "month"} if day_first is not None and dated else {}
    if mapping or order:
        kept = {date_order.KEY: known[date_order.KEY]} if date_order.KEY in known else {}
        columns = dict(mapping) if mapping else date_order.columns_of(known)
        store.remember_mapping(fingerprint(plan), columns | kept | order, by="person")


def _said_before(confirmed: Confirmed | None) -> list[str]:
    if confirmed is None:
        return []
    return [
        f"The columns are read as a person confirmed on {confirmed.at[:10]} for files with these headings; "
        f"`feedback mappings --forget {confirmed.number}` ends that."
    ]


def _main(plan: Plan) -> Any:
    return max(plan.sheets, key=lambda sheet: sheet.rows)


def _headings(plan: Plan) -> dict[str, tuple[str, ...]]:
    """The headings of each sheet, by the name that its rows carry; the main sheet's come first."""
    several = len(plan.sheets) > 1
    sheets = sorted(plan.sheets, key=lambda sheet: -sheet.rows)
    return {(sheet.sheet or "") if several else "": sheet.headings for sheet in sheets}


def _hidden_headings(plan: Plan, beside: Beside) -> dict[str, list[str]]:
    """The headings as they may be stored: in a file without any, the first row's words may stand there."""
    found = _headings(plan)
    return {sheet: [beside.text(name) for name in names] for sheet, names in found.items()}


# -------------------------------------------------------------------------------------------------- from rows to comments


def _keyed(plan: Plan, store: Store) -> Iterator[tuple[bytes, RawComment | RowOutcome]]:
    """What the file yields, each comment with its content key; a row's outcome has none."""
    seen: set[bytes] = set()
    again: Counter[bytes] = Counter()  # of the few that stand there more than once
    for thing in read_rows(plan):
        if isinstance(thing, RowOutcome):
            yield b"", thing
            continue
        text = clean(thing.text)
        key = store.content_key(text, thing)
        if key not in seen:
            seen.add(key)
            yield key, thing
            continue
        again[key] += 1
        yield store.content_key(text, thing, again[key] + 1), thing


_Place = tuple[str | None, int | None]  # of a row: its sheet, where there are several, and its number


class _Reading:
    """One file on its way in, and what is needed for each of its parts."""

    def __init__(self, plan: Plan, sha256: str, store: Store, pipeline: "Pipeline", beside: Beside) -> None:
        self.plan = plan
        self.beside = beside
        self.sha256 = sha256
        self.store = store
        self.pipeline = pipeline
        self.mended, self.gone = _mended_rows(plan, store)
        self.said: tuple[str, ...] = ()
        if self.mended:
            n = len(self.mended)
            self.said = (
                f"This is a list of rows to mend: {'1 row is' if n == 1 else f'{n:,} rows are'} stored already. A date or rating left "
                "blank there is filled in, nothing else of them changes; a row whose words were changed is a new comment.",
            )

    def known(self, things: Things) -> tuple[set[bytes], set[bytes], dict[bytes, int]]:
        """The keys of a part that are stored, those erased on purpose, and those that are the mended row of a stored comment."""
        keys = [key for key, thing in things if isinstance(thing, RawComment)]
        gone = {key for key, thing in things if (thing.sheet, thing.row) in self.gone}
        return self.store.stored(keys), self.store.erased(keys) | gone, self._fills(things)

    def analysed(self, part: Things, start: int, end: int) -> Part:
        """Analyse what is new in a part, and say what became of its rows."""
        raws = {key: thing for key, thing in part if isinstance(thing, RawComment)}
        outcomes = [thing for _, thing in part if isinstance(thing, RowOutcome)]
        there, erased, fills = self.known(part)
        old = there | erased | fills.keys()
        some = {key: raw for key, raw in raws.items() if key not in old}
        kept_as = self._safe_ids([raw.id for raw in some.values() if raw.id])
        new = {
            key: replace(raw, id=kept_as.get(raw.id, raw.id) if raw.id else f"c-{key.hex()[:16]}")
            for key, raw in some.items()
        }
        analysed = dict(zip(new, self.pipeline.analyse(new.values()), strict=True))
        returned = [outcome for outcome in outcomes if outcome.reject or outcome.warnings]
        kept = may_be_kept(returned, self.plan, self.pipeline.redactor, self.pipeline.taxonomy, self._safe_ids)
        notices = list(zip(returned, kept, strict=True))
        entries = []
        for key, raw in raws.items():
            number = fills.get(key)
            fill = None if number is None else Fill(number, raw.date, raw.date_precision, raw.fft)
            gone = key in erased and fill is None
            entry = Entry(key, analysed.get(key), self._person(raw), raw.row, raw.sheet, raw.date_precision, gone, fill)
            entries.append(entry)
        return Part(
            start=start,
            end=end,
            entries=entries,
            rejects=[notice for outcome, cells in notices for notice in _rejects(outcome, cells)],
            warnings=[notice for outcome, cells in notices for notice in _warnings(outcome, cells)],
            empty=sum(outcome.outcome == "empty" for outcome in outcomes),
            duplicates=sum(outcome.outcome == "duplicate" for outcome in outcomes),
        )

    def _safe_ids(self, ids: Sequence[str]) -> dict[str, str]:
        """What is kept in place of those ids that would tell whose they are; the content key is made of the id as it came."""
        return {id: self.store.short_id(id) for id in self.beside.revealing(ids)}

    def _person(self, raw: RawComment) -> int:
        person = ("person", raw.respondent_key) if raw.respondent_key else ("row", self.sha256, raw.sheet, raw.row)
        return self.store.respondent_key(*person)

    def _fills(self, things: Things) -> dict[bytes, int]:
        """Which comments of a mended list are stored already: the cited ones, where they have the same words still."""
        cited = [
            (key, thing, self.mended[thing.sheet, thing.row])
            for key, thing in things
            if isinstance(thing, RawComment) and (thing.sheet, thing.row) in self.mended
        ]
        texts = self.pipeline.redactor.redact([clean(raw.text) for _, raw, _ in cited])
        pairs = zip(cited, texts, strict=True)
        return {key: numbers[_plain(text)] for (key, _, numbers), (text, _) in pairs if _plain(text) in numbers}


def _mended_rows(plan: Plan, store: Store) -> tuple[dict[_Place, dict[str, int]], set[_Place]]:
    """Of a list that went back to its sender and was mended: the stored comments of its rows, their words and numbers, by place; and the
    places of rows of which a comment was erased since: their keys are others once a date is filled in, and they must not come in again.
    """
    found: dict[_Place, dict[str, int]] = {}
    gone: set[_Place] = set()
    lists = {sheet.sheet for sheet in plan.sheets if is_mended(sheet.headings)}
    if not lists:
        return found, gone
    named, erased = len(plan.sheets) > 1, store.erased_citations()
    for row in open_table(plan.path).rows():
        if row.sheet in lists:
            place = row.sheet if named else None, row.number
            if not erased.isdisjoint(stored_as(row)):
                gone.add(place)
            there = filter(None, map(store.cited, stored_as(row)))
            if words := {_plain(text): number for number, text in there}:
                found[place] = words
    return found, gone


def _plain(text: str) -> str:
    return " ".join(text.split())


# ----------------------------------------------------------------------------------------------------------- a dry run


def _rehearse(
    reading: _Reading, decisions: Sequence[str], progress: Progress | None, to_mend: ToMend | None
) -> FileReport:
    """Count what would be stored, without analysing it."""
    plan, store, beside = reading.plan, reading.store, reading.beside
    counts: Counter[str] = Counter()
    rejects: list[Notice] = []
    warnings: list[Notice] = []
    looks = _Looks(plan)
    erased_keys: list[bytes] = []
    things = _keyed(plan, store)
    fresh = False  # whether the row being read has given a comment that is new
    while part := list(islice(things, PART)):
        there, erased, fills = reading.known(part)
        old = there | erased | fills.keys()
        erased_keys += erased - fills.keys()
        for key, thing in part:
            if isinstance(thing, RawComment):
                new = key not in old
                counts["accepted" if new else "already_stored"] += 1
                counts["contentless"] += new and is_contentless(clean(thing.text), question_kind(thing.question))
                fresh = fresh or new
                looks.add(thing)
                continue
            if thing.outcome == "accepted":
                counts["accepted_rows" if fresh else "already_stored_rows"] += 1
                fresh = False
            else:
                counts[thing.outcome] += 1
            counts["rows"] += 1
            rejects += [_bare(notice) for notice in _rejects(thing)]
            warnings += [_bare(notice) for notice in _warnings(thing)]
        if to_mend is not None:
            _take_up(part, to_mend)
        if progress:
            progress(counts["rows"], plan.rows)
    return FileReport(
        file=beside.file(plan.path.name),
        batch=None,
        rows=plan.rows,
        accepted=counts["accepted"],
        accepted_rows=counts["accepted_rows"],
        already_stored=counts["already_stored"],
        already_stored_rows=counts["already_stored_rows"],
        empty=counts["empty"],
        contentless=counts["contentless"],
        duplicates=counts["duplicate"],
        rejects=tuple(rejects),
        warnings=tuple(warnings),
        column_map=beside.column_map(plan.column_map),
        decisions=(*decisions, *store.said_of_erased(erased_keys)),
        asks=tuple(map(beside.said, plan.asks)),
        headings=tuple(map(beside.text, _main(plan).headings)),
        columns=tuple(replace(look, heading=beside.text(look.heading)) for look in looks.told()),
    )


class _Looks:
    """Gather what can be told of each column without its words: counts, lengths, days, answers; at most a few hundred values."""

    def __init__(self, plan: Plan) -> None:
        self._map = plan.column_map
        self._filled: Counter[str] = Counter()
        self._longest: Counter[str] = Counter()
        self._services: set[tuple[str, ...]] = set()
        self._fft: Counter[int] = Counter()
        self._days: tuple[Any, Any] | None = None

    def add(self, raw: RawComment) -> None:
        self._filled[f"comment {raw.column}"] += 1
        self._longest[f"comment {raw.column}"] = max(self._longest[f"comment {raw.column}"], len(raw.text))
        if raw.date:
            self._filled["date"] += 1
            first, last = self._days or (raw.date, raw.date)
            self._days = (min(first, raw.date), max(last, raw.date))
        if raw.services:
            self._filled["service"] += 1
            if len(self._services) < 500:
                self._services.add(raw.services)
        if raw.fft:
            self._filled["rating"] += 1
            self._fft[raw.fft] += 1
        for name, value in (("question", raw.question), ("respondent_type", raw.respondent), ("id", raw.id)):
            self._filled[name] += bool(value)

    def told(self) -> tuple[ColumnLook, ...]:
        """One line for each column that is taken, in the order of the column map; counts are of comments."""
        found = []
        for name, headings in self._map.items():
            for heading in [headings] if isinstance(headings, str) else headings or ():
                key = f"comment {heading}" if name == "comment" else name
                field = "respondent" if name == "respondent_type" else name
                found.append(ColumnLook(field, heading, self._filled[key], self._seen(name, key)))
        return tuple(found)

    def _seen(self, name: str, key: str) -> str:
        if not self._filled[key]:
            return "nothing that can be read"
        match name:
            case "comment":
                return f"the longest has {self._longest[key]:,} characters"
            case "date":
                assert self._days is not None
                return f"from {self._days[0].isoformat()} to {self._days[1].isoformat()}"
            case "service":
                n = len(self._services)
                return f"{n}{' or more' if n == 500 else ''} different"
            case "rating":
                answers = ("very good", "good", "neither", "poor", "very poor", "don't know")
                return ", ".join(f"{self._fft[i]:,} {word}" for i, word in enumerate(answers, 1) if self._fft[i])
        return ""


# ------------------------------------------------------------------------------------------------- rows that need mending


def _rejects(outcome: RowOutcome, cells: tuple[str, ...] = ()) -> Iterator[Returned]:
    if outcome.reject:
        yield Returned(outcome.row, outcome.reject.reason, outcome.reject.detail, outcome.sheet, cells)


def _warnings(outcome: RowOutcome, cells: tuple[str, ...] = ()) -> Iterator[Returned]:
    for place, problem in enumerate(outcome.warnings):
        # A row stands once in the list to mend, whatever the number of its faults.
        yield Returned(outcome.row, problem.reason, problem.detail, outcome.sheet, cells if not place else ())


def _bare(notice: Returned) -> Notice:
    return Notice(notice.row, notice.reason, notice.detail, notice.sheet)


def _take_up(part: Things, to_mend: ToMend) -> None:
    outcomes: Iterable[RowOutcome] = (thing for _, thing in part if isinstance(thing, RowOutcome))
    for outcome in outcomes:
        to_mend.rejects += _rejects(outcome, outcome.original)
        to_mend.warnings += _warnings(outcome, outcome.original)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
