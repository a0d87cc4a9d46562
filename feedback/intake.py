"""Put a file into the store: read it by its plan, analyse what is new, and account for every row.

The file goes through in parts, each stored in one transaction with the place it ended at. So a run that is killed goes on
where it stopped when the same file is started again, and ends as if nothing had happened. Nothing is kept between parts but
a fingerprint of each comment, which tells the second of two equal answers in one file from one that is stored already.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback.clean import clean, is_contentless, question_kind
from feedback.comment import RawComment
from feedback.errors import BadFile, BadInput
from feedback.filters import EVERYTHING, Filters
from feedback.query import UnresolvedText, unresolved_services
from feedback.read import Plan, RowOutcome, plan_file, read_rows
from feedback.store import Entry, Notice, Part, Store

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline

PART = 1024  # comments and row outcomes together: a few seconds of analysis are lost at most when a run is killed

Mapped = Mapping[str, str | Sequence[str]]
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file, as `feedback analyse` prints it; rows = accepted_rows + empty + duplicates + already_stored_rows + rejects.

    `batch` is None after a dry run. `unresolved` lists what the file calls services that the directory does not know.
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

    def as_record(self) -> dict[str, Any]:
        """The report as a JSON-ready dict."""
        return asdict(self)


def analyse_file(
    path: Path,
    store: Store,
    pipeline: "Pipeline",
    *,
    mapping: Mapped | None = None,
    sheet: str | None = None,
    day_first: bool | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> FileReport:
    """Analyse a file into the store, or with `dry_run` say what would happen and write nothing.

    `mapping`, `sheet` and `day_first` override what would be decided, as in read.plan; a mapping is remembered for the next file
    with the same headings. `progress` is told after each part how many rows are done, of how many. Raises BadFile where the
    file cannot be read to its end (nothing of it is then stored), BadInput for a mapping that names nothing, BadStore.
    """
    plan = _plan(path, store, mapping, sheet, day_first)
    if dry_run:
        return _rehearse(plan, store)
    sha256 = _sha256(path)
    decisions = (*plan.decisions, *plan.asks)
    batch = store.begin_batch(
        path.name, sha256, column_map=plan.column_map, decisions=decisions, versions=pipeline.versions
    )
    try:
        position = rows = 0
        things = _keyed(plan, store)
        while part := list(islice(things, PART)):
            end = position + len(part)
            rows += sum(isinstance(thing, RowOutcome) for _, thing in part)
            if end > batch.position:
                start = max(position, batch.position)
                store.add(batch.id, _analysed(part[start - position :], start, end, sha256, store, pipeline))
            position = end
            if progress:
                progress(rows, plan.rows)
        if rows != plan.rows:
            raise BadFile(f"{path.name} changed while it was being read, so nothing of it is stored; start it again.")
    except BadFile:
        store.rollback(batch.id)
        raise
    counts = asdict(store.finish_batch(batch.id, position).counts)
    if mapping:
        store.remember_mapping(fingerprint(plan), mapping, by="person")
    return FileReport(
        file=path.name,
        batch=batch.id,
        column_map=plan.column_map,
        decisions=decisions,
        unresolved=unresolved_services(store.conn, pipeline.taxonomy, Filters(batch=batch.id), EVERYTHING),
        **counts
        | {
            "rejects": store.notices(batch.id, "reject"),
            "warnings": store.notices(batch.id, "warning"),
        },
    )


def fingerprint(plan: Plan) -> str:
    """What the files of one source have in common: the headings of the main sheet, in any order."""
    main = max(plan.sheets, key=lambda sheet: sheet.rows)
    names = sorted(" ".join(heading.casefold().split()) for heading in main.headings)
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def _plan(path: Path, store: Store, mapping: Mapped | None, sheet: str | None, day_first: bool | None) -> Plan:
    """Plan by the person's mapping, or by the one remembered for such headings, or by evidence."""
    if mapping:
        return plan_file(path, mapping=mapping, sheet=sheet, day_first=day_first)
    try:
        plan = plan_file(path, sheet=sheet, day_first=day_first)
    except BadFile:
        # Without a mapping nothing in it looks like a comment; a person may have said before which column holds them.
        for known, remembered in store.mappings().items():
            try:
                plan = plan_file(path, mapping=remembered, sheet=sheet, day_first=day_first)
            except (BadFile, BadInput):
                continue
            if fingerprint(plan) == known:
                return plan
        raise
    mine = store.mappings().get(fingerprint(plan))
    return plan_file(path, mapping=mine, sheet=sheet, day_first=day_first) if mine else plan


def _keyed(plan: Plan, store: Store) -> Iterator[tuple[bytes, RawComment | RowOutcome]]:
    """What the file yields, each comment with its content key; a row's outcome has none."""
    seen: Counter[bytes] = Counter()
    for thing in read_rows(plan):
        if isinstance(thing, RowOutcome):
            yield b"", thing
            continue
        text = clean(thing.text)
        key = store.content_key(text, thing)
        seen[key] += 1
        yield key if seen[key] == 1 else store.content_key(text, thing, seen[key]), thing


def _analysed(
    part: Sequence[tuple[bytes, RawComment | RowOutcome]],
    start: int,
    end: int,
    sha256: str,
    store: Store,
    pipeline: "Pipeline",
) -> Part:
    raws = {key: thing for key, thing in part if isinstance(thing, RawComment)}
    outcomes = [thing for _, thing in part if isinstance(thing, RowOutcome)]
    there = store.stored(list(raws))
    new = {key: replace(raw, id=raw.id or f"c-{key.hex()[:16]}") for key, raw in raws.items() if key not in there}
    analysed = dict(zip(new, pipeline.analyse(new.values()), strict=True))
    entries = []
    for key, raw in raws.items():
        person = ("person", raw.respondent_key) if raw.respondent_key else ("row", sha256, raw.sheet, raw.row)
        respondent = store.respondent_key(*person)
        entries.append(Entry(key, analysed.get(key), respondent, raw.row, raw.sheet, raw.date_precision))
    return Part(
        start=start,
        end=end,
        entries=entries,
        rejects=[notice for outcome in outcomes for notice in _rejects(outcome)],
        warnings=[notice for outcome in outcomes for notice in _warnings(outcome)],
        empty=sum(outcome.outcome == "empty" for outcome in outcomes),
        duplicates=sum(outcome.outcome == "duplicate" for outcome in outcomes),
    )


def _rehearse(plan: Plan, store: Store) -> FileReport:
    """Count what would be stored, without analysing it."""
    counts: Counter[str] = Counter()
    rejects: list[Notice] = []
    warnings: list[Notice] = []
    things = _keyed(plan, store)
    fresh = False  # whether the row being read has given a comment that is new
    while part := list(islice(things, PART)):
        there = store.stored([key for key, thing in part if isinstance(thing, RawComment)])
        for key, thing in part:
            if isinstance(thing, RawComment):
                counts["already_stored" if key in there else "accepted"] += 1
                counts["contentless"] += key not in there and is_contentless(
                    clean(thing.text), question_kind(thing.question)
                )
                fresh = fresh or key not in there
                continue
            if thing.outcome == "accepted":
                counts["accepted_rows" if fresh else "already_stored_rows"] += 1
                fresh = False
            else:
                counts[thing.outcome] += 1
            rejects += _rejects(thing)
            warnings += _warnings(thing)
    return FileReport(
        file=plan.path.name,
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
        column_map=plan.column_map,
        decisions=(*plan.decisions, *plan.asks),
    )


def _rejects(outcome: RowOutcome) -> Iterator[Notice]:
    if outcome.reject:
        yield Notice(outcome.row, outcome.reject.reason, outcome.reject.detail, outcome.sheet)


def _warnings(outcome: RowOutcome) -> Iterator[Notice]:
    for problem in outcome.warnings:
        yield Notice(outcome.row, problem.reason, problem.detail, outcome.sheet)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
