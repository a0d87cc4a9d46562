"""Answer questions about stored comments; pure functions over a connection.

Every question starts from the comments that filters.py chooses for its filters and its reader's scope. A finding counts if
it is effective: what a person corrected outranks the machine (store.py settles that when it is written). Counts are of
comments, once each per label and polarity; a comment has a sentiment only if it was read (English, with content).
"""

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal, get_args

from feedback.clean import names_nothing
from feedback.comment import SIGN_OF, Analysed, Comment, Finding, FindingKind, Redaction, RespondentType
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING as EVERYTHING  # wanted wherever questions are asked, so offered with them
from feedback.filters import Filters, Scope, among, chosen, disagreeing, in_scope, is_one_of, judged, labels, name_key
from feedback.filters import describe as describe
from feedback.settings import Settings
from feedback.settle import OWN_LABEL, TURNED
from feedback.stored import Correction
from feedback.strategies.bearing import basis_of, bearing_of, parse, title_of
from feedback.strategies.mapped import answered_under
from feedback.strategies.remap import Basis, plain_kind
from feedback.taxonomy import Taxonomy

Period = Literal["week", "month", "quarter"]
Order = Literal["score", "negative", "positive"]

# The first day of the period a comment falls in. A week begins on Monday; a date of which only the month is known has none.
PERIOD_STARTS: dict[str, str] = {
    "week": "CASE c.date_precision WHEN 'day' THEN date(c.date, '-6 days', 'weekday 1') END",
    "month": "substr(c.date, 1, 7) || '-01'",
    "quarter": "substr(c.date, 1, 5) || printf('%02d-01', (CAST(substr(c.date, 6, 2) AS INTEGER) - 1) / 3 * 3 + 1)",
}

_CITATION = re.compile(r"(?P<comment>\S+-\d{4}-\d{6,})(?:\.(?P<clause>\d+))?")


@dataclass(frozen=True, slots=True)
class Stored:
    """A comment as it is kept: `analysed` holds the effective findings; `citation` never changes ("HW-2026-004213")."""

    number: int
    citation: str
    analysed: Analysed
    date_precision: Literal["day", "month"]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Comments, newest first; `after` asks for the next page, None at the end."""

    comments: tuple[Stored, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is. `sentiment` counts read comments by positive, neutral, negative, mixed; `fft` answers 1 to 6 by form.

    `respondents` counts people or forms; one form may have given several comments.
    """

    comments: int
    read: int
    contentless: int
    other_languages: int
    respondents: int
    sentiment: dict[str, int]
    fft: dict[int, int]
    first: date | None
    last: date | None
    undated: int
    no_service: int


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How many comments carry a label, by polarity (a comment that says both in two places counts in both); share of those read, 0 to 1.

    `basis` says how a value, objective or statement is found: "read" by a model, in "part" of what a model reads, by "rule" from themes,
    or "unread", where its counts say nothing because nothing finds it yet (remap.py).
    """

    id: str
    title: str
    n: int
    positive: int
    negative: int
    mixed: int
    neutral: int
    share: float
    basis: Basis = "read"


@dataclass(frozen=True, slots=True)
class ServiceCount:
    """How many comments are about a service or anything below it, once each, by their sentiment; `depth` 0 is a directorate."""

    id: str
    title: str
    parent: str | None
    depth: int
    unconfirmed: bool
    n: int
    positive: int
    neutral: int
    negative: int
    mixed: int


@dataclass(frozen=True, slots=True)
class RespondentCount:
    """How many comments a kind of person gave, by sentiment."""

    id: RespondentType
    n: int
    positive: int
    neutral: int
    negative: int
    mixed: int


@dataclass(frozen=True, slots=True)
class PeriodCount:
    """One point of a series. `n` counts read comments and is the sum of the four sentiments; 0 is a gap in the calendar.

    `mean_scale` is 1 very positive … 5 very negative. `fft_n` counts forms with an answer, don't know among them. `code_n`
    counts the comments that carry the code asked for, `code_positive` and `code_negative` by polarity.
    """

    start: date
    n: int = 0
    positive: int = 0
    neutral: int = 0
    negative: int = 0
    mixed: int = 0
    mean_scale: float | None = None
    fft_n: int = 0
    fft_positive: int = 0
    fft_negative: int = 0
    code_n: int = 0
    code_positive: int = 0
    code_negative: int = 0


@dataclass(frozen=True, slots=True)
class VersionChange:
    """The first period of a series whose comments were read with other versions than those before; `now` names what differs."""

    start: date
    now: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause that can be quoted. `polarity`, `score` and `by` are those of the label asked for, else the clause's own;
    `sentiment` is always the clause's own polarity. `label` is the one that `polarity`, `score` and `by` are of, "" for the clause's own;
    `reason` says in words why the clause counts, where it is evidence (quoting.py); `before` and `after` are then what stands around it in its
    sentence."""

    citation: str
    comment: str
    number: int
    start: int
    end: int
    text: str
    question: str | None
    date: date | None
    date_precision: Literal["day", "month"]
    services: tuple[str, ...]
    respondent: str
    sentiment: str
    polarity: str
    score: float
    by: str
    label: str = ""
    reason: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class UnresolvedText:
    """Words of an upload's service column that no service was found for, and the number of comments that stand under them."""

    text: str
    n: int


@dataclass(frozen=True, slots=True)
class ExplainedName:
    """What a person said an upload's own name for a service means (an id, or "none": no service of ours), and when.

    `n` comments stand under the name now. Times are ISO 8601, UTC; `at` is None for one said before times were kept.
    """

    id: int
    text: str
    service: str
    by: str
    at: str | None
    undone_by: str | None
    undone_at: str | None
    n: int

    @property
    def stands(self) -> bool:
        """Whether it has been neither replaced nor undone."""
        return self.undone_by is None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The service that an upload's column names, a different one that the words beside it name, and the number of comments."""

    by_column: str
    by_words: str
    n: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A count as this reader may see it; None if it is hidden, with the reason."""

    n: int | None
    reason: str | None = None


# Comments


def comment(conn: sqlite3.Connection, id: str, scope: Scope) -> Stored:
    """One comment by its id or citation, or by that of one of its clauses: either with the clause's number behind it (`clause_named`).

    Raises NotFound for a comment that is not there and for one outside the reader's scope alike.
    """
    where, parameters = in_scope(scope)
    cited = _CITATION.fullmatch(id)
    own, _, clause = id.rpartition(".")
    sql = (
        "SELECT number FROM comments c WHERE (id = :id OR citation = :citation AND number = :number OR id = :own AND EXISTS"
        " (SELECT 1 FROM main.effective k WHERE k.comment = c.number AND k.kind = 'clause' AND k.detail = :clause))"
    )
    citation = cited["comment"] if cited else ""
    number = int(citation.rsplit("-", 1)[1]) if cited else None
    parameters |= {"id": id, "citation": citation, "number": number, "own": own, "clause": clause}
    found = conn.execute(f"{sql} AND {where} ORDER BY id <> :id, id = :own LIMIT 1", parameters).fetchone()
    if not found:
        raise NotFound(f"There is no comment {id} that you may see.")
    return _load(conn, [found[0]])[0]


def clause_named(id: str, stored: Stored) -> int | None:
    """The number of the clause that is called by what `comment` was asked for; None where the whole comment is.

    A clause is called by its comment's citation or id with its number behind it: "HW-2026-000123.2". The comment may have no such clause.
    """
    own = stored.analysed.comment.id
    called, dot, number = id.rpartition(".")
    named = dot and number.isdecimal() and id != own and called in (stored.citation, own)
    return int(number) if named else None


def by_number(conn: sqlite3.Connection, numbers: Sequence[int]) -> tuple[Stored, ...]:
    """The comments with these numbers, in this order, whoever may read them; for work on the store, never for an answer."""
    return _load(conn, numbers)


def machine_findings(conn: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, tuple[Finding, ...]]:
    """What machines found in comments, by number, whatever people have said of it since."""
    found: dict[int, list[Finding]] = {number: [] for number in numbers}
    for number, *finding in conn.execute(
        f'SELECT comment, kind, {OWN_LABEL}, ifnull(own_polarity, polarity), score, start, "end", replace("by", ?, \'\'), detail FROM findings'
        " WHERE comment IN (SELECT value FROM json_each(?)) AND NOT \"by\" GLOB 'person:*' ORDER BY comment, place",
        (TURNED, json.dumps(numbers)),
    ):
        found[number].append(Finding(*finding))
    return {number: tuple(findings) for number, findings in found.items()}


def corrections(conn: sqlite3.Connection, number: int) -> tuple[Correction, ...]:
    """What people said of a comment, the first thing first, with what was withdrawn."""
    rows = conn.execute(
        'SELECT id, said, reason, "by", at, withdrawn_by, withdrawn_at FROM corrections WHERE comment = ? ORDER BY id',
        (number,),
    )
    return tuple(
        Correction(id, tuple(_as_said(Finding(**f, by=by)) for f in json.loads(said)), reason, by, at, *withdrawn)
        for id, said, reason, by, at, *withdrawn in rows
    )


def _as_said(finding: Finding) -> Finding:
    """What a person said; of a part of an adopted strategy the version of that stands in `detail`."""
    kind, version = plain_kind(finding.kind)
    return replace(finding, kind=kind, detail=version) if version else finding


def comments_page(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Up to `limit` comments, newest first and undated last, after the page that ended at `after`."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    beyond = "1"
    if after is not None:
        beyond = "(ifnull(c.date, ''), c.number) < (:after_date, :after_number)"
        parameters |= _cursor(after)
    sql = (
        f"SELECT c.number, ifnull(c.date, '') FROM comments c WHERE {where} AND {beyond}"
        " ORDER BY ifnull(c.date, '') DESC, c.number DESC LIMIT :limit"
    )
    rows = conn.execute(sql, parameters | {"limit": limit + 1}).fetchall()
    more = f"{rows[limit - 1][1]}~{rows[limit - 1][0]}" if len(rows) > limit else None
    return Page(_load(conn, [number for number, _ in rows[:limit]]), more)


def all_comments(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> Iterator[Stored]:
    """Every comment chosen, newest first, in constant memory: for exports."""
    page = comments_page(conn, taxonomy, filters, scope, limit=500)
    yield from page.comments
    while page.after:
        page = comments_page(conn, taxonomy, filters, scope, after=page.after, limit=500)
        yield from page.comments


# Counts


def totals(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> Totals:
    """How many comments, of which kinds, from whom and when."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    signs = ", ".join(f"ifnull(sum(sentiment = '{sign}'), 0)" for sign in SIGN_OF.values())
    row = conn.execute(
        "SELECT count(*), ifnull(sum(sentiment IS NOT NULL), 0), ifnull(sum(contentless), 0),"
        " ifnull(sum(language <> 'en' AND NOT contentless), 0), count(DISTINCT respondent_key),"
        f" min(date), max(date), ifnull(sum(date IS NULL), 0), {signs} FROM comments c WHERE {where}",
        parameters,
    ).fetchone()
    about = "SELECT 1 FROM effective f WHERE f.comment = c.number AND f.kind = 'service' AND f.detail = 'subject'"
    no_service = conn.execute(
        f"SELECT count(*) FROM comments c WHERE {where} AND NOT contentless AND NOT EXISTS ({about})",
        parameters,
    ).fetchone()[0]
    answers = conn.execute(f"SELECT fft, count(*) FROM ({_forms(where)}) GROUP BY fft", parameters)
    return Totals(
        comments=row[0],
        read=row[1],
        contentless=row[2],
        other_languages=row[3],
        respondents=row[4],
        sentiment=dict(zip(SIGN_OF, row[8:], strict=True)),
        fft=dict.fromkeys(range(1, 7), 0) | dict(answers.fetchall()),
        first=_day(row[5]),
        last=_day(row[6]),
        undated=row[7],
        no_service=no_service,
    )


def theme_table(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> tuple[LabelCount, ...]:
    """Every theme, those most spoken of first."""
    titles = {theme.id: theme.name for theme in taxonomy.themes.values() if not theme.contentless}
    rows = _label_table(conn, "theme", titles, *chosen(conn, taxonomy, filters, scope))
    return tuple(sorted(rows, key=lambda row: -row.n))


def value_table(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> tuple[LabelCount, ...]:
    """Every value in the strategy's order: positive counts comments where it was lived, negative where it was not, mixed both."""
    titles = {value.id: value.name for value in taxonomy.values.values()}
    return _based(taxonomy, "value", _label_table(conn, "value", titles, *chosen(conn, taxonomy, filters, scope)))


def objective_table(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope
) -> tuple[LabelCount, ...]:
    """Every objective in order: positive counts comments that speak for it, negative against it, mixed both."""
    titles = {objective.id: objective.title for objective in taxonomy.objectives.values()}
    return _based(
        taxonomy, "objective", _label_table(conn, "objective", titles, *chosen(conn, taxonomy, filters, scope))
    )


def statement_table(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope
) -> tuple[LabelCount, ...]:
    """Every statement of the strategy in order, counted as the objectives are."""
    titles = {statement.id: statement.title for statement in taxonomy.statements.values()}
    return _based(
        taxonomy, "statement", _label_table(conn, "statement", titles, *chosen(conn, taxonomy, filters, scope))
    )


def _based(taxonomy: Taxonomy, kind: str, rows: tuple[LabelCount, ...]) -> tuple[LabelCount, ...]:
    """The rows with how each is found under the strategy in place; what people have found is not unread, whatever models know."""
    return tuple(
        row if row.n and taxonomy.rules is None else replace(row, basis=basis_of(taxonomy, kind, row.id))
        for row in rows
    )


def evidence_table(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, asked: Sequence[str]
) -> tuple[LabelCount, ...]:
    """Parts of the strategy that are asked for as evidence ("outcome:ID", …), in this order, counted as the objectives are."""
    read = totals(conn, taxonomy, filters, scope).read
    signs = ", ".join(f"ifnull(sum(s{i}), 0)" for i in range(4))
    flags = ", ".join(f"max(polarity = '{sign}') AS s{i}" for i, sign in enumerate(("+", "-", "~", "0")))
    rows: list[LabelCount] = []
    for evidence in asked:
        kind, id = parse(evidence)
        where, parameters = chosen(conn, taxonomy, replace(filters, evidence=evidence), scope)
        sql = (
            f"SELECT count(*), {signs} FROM (SELECT {flags} FROM effective"
            f" WHERE {is_one_of('evidence')} AND {among(where)} GROUP BY comment)"
        )
        n, positive, negative, mixed, neutral = conn.execute(sql, parameters).fetchone()
        share = n / read if read else 0.0
        row = LabelCount(id, title_of(taxonomy, kind, id), n, positive, negative, mixed, neutral, share)
        by_themes = any(kind == "theme" for kind, _ in bearing_of(conn, taxonomy, kind, id).codes)
        rows += _based(taxonomy, kind, (row,)) if kind == "outcome" and not by_themes else (row,)
    return tuple(rows)


def service_table(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope
) -> tuple[ServiceCount, ...]:
    """Every service in the reader's scope as rows of a tree, each before what is below it; a comment counts once in each."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    above = {id: (id, *taxonomy.ancestors(id)) for id in taxonomy.services}
    sql = (
        "SELECT together, c.sentiment, count(*) FROM comments c JOIN (SELECT comment, json_group_array(DISTINCT label) AS together"
        f" FROM effective WHERE kind = 'service' AND detail = 'subject' AND {among(where)} GROUP BY comment)"
        " ON comment = c.number GROUP BY together, c.sentiment"
    )
    counts: dict[str, Counter[str | None]] = defaultdict(Counter)
    for together, sign, n in conn.execute(sql, parameters):
        for id in {node for label in json.loads(together) for node in above.get(label, ())}:
            counts[id][sign] += n
    rows = []
    for id in taxonomy.in_tree_order():
        if scope.reaches(id):
            service, by_sign = taxonomy.services[id], counts[id]
            signs = (by_sign[SIGN_OF[name]] for name in ("positive", "neutral", "negative", "mixed"))
            depth = len(above[id]) - 1
            rows.append(
                ServiceCount(id, service.name, service.parent, depth, service.unconfirmed, by_sign.total(), *signs)
            )
    return tuple(rows)


def respondent_table(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope
) -> tuple[RespondentCount, ...]:
    """Every kind of respondent, in the contract's order."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    signs = ", ".join(f"sum(sentiment IS '{sign}')" for sign in ("+", "0", "-", "~"))
    sql = f"SELECT respondent, count(*), {signs} FROM comments c WHERE {where} GROUP BY respondent"
    counts = {kind: tuple(numbers) for kind, *numbers in conn.execute(sql, parameters)}
    return tuple(RespondentCount(kind, *counts.get(kind, (0,) * 5)) for kind in get_args(RespondentType))


def silence(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> tuple[ServiceCount, ...]:
    """The services of which too few have spoken for anything to be said (fewer than settings.small_number)."""
    enough = Settings().small_number
    return tuple(row for row in service_table(conn, taxonomy, filters, scope) if row.n < enough)


def unresolved_services(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope
) -> tuple[UnresolvedText, ...]:
    """What uploads call services that the directory does not know and nobody has explained, most frequent first.

    Spellings that differ in capitals and spacing are one name, as it is spelt most often. Contentless comments are left out.
    """
    where, parameters = chosen(conn, taxonomy, filters, scope)
    sql = (
        "SELECT t.text, count(*) FROM comments c JOIN service_texts t ON t.id = c.service_text"
        f" WHERE {where} AND NOT c.contentless AND NOT EXISTS (SELECT 1 FROM effective f"
        " WHERE f.comment = c.number AND f.kind = 'service' AND f.start = 0 AND f.\"end\" = 0)"
        " GROUP BY t.id ORDER BY count(*) DESC, t.text"
    )
    explained = {key for (key,) in conn.execute('SELECT "key" FROM service_names WHERE undone_by IS NULL')}
    spellings: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for text, n in conn.execute(sql, parameters):
        if all(map(names_nothing, text.split(" / "))):
            continue
        if (key := name_key(text)) not in explained:
            spellings[key].append((text, n))
    found = [UnresolvedText(same[0][0], sum(n for _, n in same)) for same in spellings.values()]
    return tuple(sorted(found, key=lambda row: (-row.n, row.text)))


def explained_names(conn: sqlite3.Connection) -> tuple[ExplainedName, ...]:
    """What people said that names in uploads mean, the latest first, with what was replaced or undone."""
    comments: Counter[str] = Counter()
    for text, n in conn.execute(
        "SELECT t.text, count(*) FROM comments c JOIN service_texts t ON t.id = c.service_text GROUP BY t.id"
    ):
        comments[name_key(text)] += n
    rows = conn.execute(
        'SELECT "key", id, text, service, "by", at, undone_by, undone_at FROM service_names ORDER BY id DESC'
    )
    return tuple(ExplainedName(*(*row, comments[key])) for key, *row in rows)


def disagreements(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope
) -> tuple[Disagreement, ...]:
    """Pairs of an upload's column and the words beside it that name different services, the most frequent first."""
    where, parameters = chosen(conn, taxonomy, filters, scope)
    pairs, given = disagreeing(taxonomy)
    sql = (
        f"SELECT by_column, by_words, count(DISTINCT p.comment) FROM ({pairs}) p WHERE {among(where, 'p')}"
        " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
    )
    return tuple(Disagreement(*row) for row in conn.execute(sql, parameters | given))


def disagreement_in(conn: sqlite3.Connection, taxonomy: Taxonomy, number: int) -> tuple[Disagreement, ...]:
    """The same within one comment, by its number; none where column and words agree or one of them is silent."""
    pairs, given = disagreeing(taxonomy)
    sql = f"SELECT DISTINCT by_column, by_words FROM ({pairs}) WHERE comment = :number ORDER BY 1, 2"
    rows = conn.execute(sql, given | {"number": number})
    return tuple(Disagreement(column, words, 1) for column, words in rows)


def holds_sample(conn: sqlite3.Connection) -> bool:
    """Whether invented comments are among those stored; whoever is shown any must be told."""
    sql = "SELECT EXISTS (SELECT 1 FROM batches WHERE state <> 'rolled_back' AND file LIKE '%sample%')"
    return bool(conn.execute(sql).fetchone()[0])


def latest_versions(conn: sqlite3.Connection) -> dict[str, str]:
    """The versions of data and models that the newest comment was analysed with; none in an empty database.

    The strategy is the one under which the connection answers.
    """
    newest = "SELECT v.versions FROM comments c JOIN versions v ON v.id = c.versions ORDER BY c.number DESC LIMIT 1"
    row = conn.execute(newest).fetchone()
    adopted = answered_under(conn)
    return json.loads(row[0]) | ({"strategy": adopted} if adopted else {}) if row else {}


# Over time


def series(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    period: Period = "month",
    code: tuple[FindingKind, str] | Sequence[tuple[FindingKind, str]] | None = None,
) -> tuple[PeriodCount, ...]:
    """The comments chosen, by period, from the first that has any to the last, gaps in the calendar among them.

    `code`, such as ("theme", "parking"), or any of several, is counted as a part of each period's comments: a rate's numerator.
    Undated comments are in no period.
    """
    where, parameters = chosen(conn, taxonomy, filters, scope)
    starts = PERIOD_STARTS[period]
    here = f"FROM comments c WHERE {where} AND c.date IS NOT NULL"
    counted: dict[str, dict[str, Any]] = {}

    def count(names: str, sql: str) -> None:
        for start, *numbers in conn.execute(sql, parameters):
            if start:
                counted.setdefault(start, {}).update(zip(names.split(), numbers, strict=True))

    signs = ", ".join(f"sum(c.sentiment = '{sign}')" for sign in ("+", "0", "-", "~"))
    count(
        "n positive neutral negative mixed mean_scale",
        f"SELECT {starts}, count(*), {signs}, avg(c.scale) {here} AND c.sentiment IS NOT NULL GROUP BY 1",
    )
    count(
        "fft_n fft_positive fft_negative",
        f"SELECT {starts}, count(*), sum(fft <= 2), sum(fft IN (4, 5)) FROM ({_forms(where)}) c GROUP BY 1",
    )
    if code:
        parameters["codes"] = json.dumps([code] if isinstance(code[0], str) else code)
        count(
            "code_n code_positive code_negative",
            f"SELECT {starts}, count(*), sum(k.positive), sum(k.negative) FROM comments c JOIN"
            " (SELECT comment, max(polarity = '+') AS positive, max(polarity = '-') AS negative FROM effective"
            f"  WHERE {is_one_of('codes')} AND {among(where)} GROUP BY comment) k"
            " ON k.comment = c.number WHERE c.date IS NOT NULL GROUP BY 1",
        )
    if not counted:
        return ()
    first, last = date.fromisoformat(min(counted)), date.fromisoformat(max(counted))
    return tuple(PeriodCount(start, **counted.get(start.isoformat(), {})) for start in calendar_of(first, last, period))


def version_changes(
    conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope, *, period: Period = "month"
) -> tuple[VersionChange, ...]:
    """Where a series of the comments chosen passes from comments read with one version to those read with another.

    A period is of the version that read most of its comments. Only what a count of sentiment, themes or services rests on is
    told. There is none once the history has been read again.
    """
    known = {id: _read_by(json.loads(text)) for id, text in conn.execute("SELECT id, versions FROM versions")}
    if all(versions == next(iter(known.values())) for versions in known.values()):
        return ()
    where, parameters = chosen(conn, taxonomy, filters, scope)
    sql = (
        f"SELECT {PERIOD_STARTS[period]} AS start, versions, count(*) FROM comments c WHERE {where} AND c.sentiment IS NOT NULL"
        " AND start IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 3, 2"
    )
    mostly = {start: known[id] for start, id, _ in conn.execute(sql, parameters)}
    changes, before = [], None
    for start, versions in mostly.items():
        if before is not None and versions != before:
            now = {name: version for name, version in versions.items() if before.get(name) != version}
            changes.append(VersionChange(date.fromisoformat(start), now))
        before = versions
    return tuple(changes)


def last_reread(conn: sqlite3.Connection) -> tuple[date, Mapping[str, str]] | None:
    """The day on which the history was last read again with something moving, and with what; None if it never was."""
    row = conn.execute(
        "SELECT finished_at, v.versions FROM reanalyses r JOIN versions v ON v.id = r.versions WHERE state = 'finished'"
        " AND scope = 'all' AND json_extract(moved, '$.changed') > 0 ORDER BY r.id DESC LIMIT 1"
    ).fetchone()
    return (date.fromisoformat(row[0][:10]), _read_by(json.loads(row[1]))) if row else None


def _read_by(versions: Mapping[str, str]) -> dict[str, str]:
    return {name: versions[name] for name in ("reader", "themes", "directory") if name in versions}


# The words behind a number


def clauses(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    *,
    order: Order = "score",
    limit: int = 50,
) -> tuple[Clause, ...]:
    """Clauses of the comments chosen, those that carry every label asked for: the surest, the most negative or positive first.

    The label whose polarity and score are shown is the statement, objective, value, theme or signal asked for, the first of these.
    """
    where, parameters = chosen(conn, taxonomy, filters, scope)
    asked = labels(taxonomy, filters)
    joins, conditions = "", []
    if filters.evidence is not None:  # its codes are among the parameters already
        conditions.append(is_one_of("evidence", "f0"))
    for kind, ids in asked.items():
        i = len(conditions)
        conditions.append(f"f{i}.kind = '{kind}' AND f{i}.label IN (SELECT value FROM json_each(:clause_{kind}))")
        parameters[f"clause_{kind}"] = json.dumps(ids)
    for i, condition in enumerate(conditions):
        joins += (
            f" JOIN effective f{i} ON f{i}.comment = k.comment AND {condition}"
            f' AND f{i}.start < k."end" AND f{i}."end" > k.start'
        )
    shown = "f0" if filters.evidence is not None or judged(asked) != "clause" else "k"
    signed = "CASE k.polarity WHEN '+' THEN k.score WHEN '-' THEN -k.score ELSE 0 END"
    by = {"score": "score DESC", "negative": f"{signed}, score DESC", "positive": f"{signed} DESC, score DESC"}[order]
    one_sided = f"{shown}.polarity = :polarity" if filters.polarity else "1"
    sql = (
        'SELECT k.comment, CAST(k.detail AS INTEGER), k.start, k."end", k.polarity, k.score,'
        f' {shown}.polarity, max({shown}.score) AS score, {shown}."by", {shown}.label'
        f" FROM main.effective k{joins} WHERE k.kind = 'clause' AND {one_sided} AND {among(where, 'k')}"
        f" GROUP BY k.comment, k.place ORDER BY {by}, k.comment DESC, k.start LIMIT :limit"
    )
    rows = conn.execute(sql, parameters | {"limit": limit}).fetchall()
    comments = {stored.number: stored for stored in _load(conn, [row[0] for row in rows])}
    found = []
    for number, place, start, end, own, _, polarity, score, rule, label in rows:
        stored = comments[number]
        said = stored.analysed.comment
        found.append(
            Clause(
                citation=f"{stored.citation}.{place}",
                comment=said.id,
                number=place,
                start=start,
                end=end,
                text=said.text[start:end],
                question=said.question,
                date=said.date,
                date_precision=stored.date_precision,
                services=_subjects(stored),
                respondent=next((f.label for f in stored.analysed.of("respondent")), "unknown"),
                sentiment=own,
                polarity=polarity,
                score=score,
                by=rule,
                label="" if shown == "k" else label,
            )
        )
    return tuple(found)


def suppress(counts: Sequence[int], *, may_read: bool) -> tuple[Cell, ...]:
    """Counts as they may be shown: those of 1 to 4 hidden from a reader who may not read the comments behind them.

    If only one would be hidden, a total would give it away, so the next smallest goes too.
    """
    if may_read:
        return tuple(Cell(n) for n in counts)
    small = _small_number()
    hidden = {i for i, n in enumerate(counts) if 0 < n < small}
    reasons = dict.fromkeys(hidden, f"fewer than {small}")
    others = [i for i, n in enumerate(counts) if n >= small]
    if len(hidden) == 1 and others:
        reasons[min(others, key=lambda i: counts[i])] = "it would show another that is hidden"
    return tuple(Cell(None, reasons[i]) if i in reasons else Cell(n) for i, n in enumerate(counts))


@lru_cache(maxsize=1)
def _small_number() -> int:
    return Settings().small_number  # asked for once: thousands of series are suppressed in one question


def _cursor(after: str) -> dict[str, Any]:
    day, _, number = after.partition("~")
    if not re.fullmatch(r"(\d{4}-\d\d-\d\d)?", day) or not re.fullmatch(r"\d{1,18}", number):
        raise BadInput(f"{after!r} is no place in a list; start again from the first page.")
    return {"after_date": day, "after_number": int(number)}


def _forms(where: str) -> str:
    """Friends and Family answers, once for each form: several comments of one form repeat its answer."""
    return (
        f"SELECT DISTINCT respondent_key, date, date_precision, fft FROM comments c WHERE fft IS NOT NULL AND {where}"
    )


def _label_table(
    conn: sqlite3.Connection, kind: FindingKind, titles: Mapping[str, str], where: str, parameters: dict[str, Any]
) -> tuple[LabelCount, ...]:
    signs = ("+", "-", "~", "0")
    flags = ", ".join(f"max(polarity = '{sign}') AS s{i}" for i, sign in enumerate(signs))
    sums = ", ".join(f"sum(s{i})" for i in range(len(signs)))
    order = "label, comment" if where == "1" else "comment, label"  # that of the index which each of the two runs along
    sql = (
        f"SELECT label, count(*), {sums} FROM (SELECT label, {flags} FROM effective WHERE kind = '{kind}'"
        f" AND {among(where)} GROUP BY {order}) GROUP BY label"
    )
    counts = {label: tuple(numbers) for label, *numbers in conn.execute(sql, parameters)}
    read = conn.execute(
        f"SELECT count(*) FROM comments c WHERE sentiment IS NOT NULL AND {where}", parameters
    ).fetchone()[0]
    rows = []
    for id, title in titles.items():
        n, positive, negative, mixed, neutral = counts.get(id, (0,) * 5)
        rows.append(LabelCount(id, title, n, positive, negative, mixed, neutral, n / read if read else 0.0))
    return tuple(rows)


# Rows become comments


def _load(conn: sqlite3.Connection, numbers: Sequence[int]) -> tuple[Stored, ...]:
    """The comments with these numbers, in this order."""
    wanted = json.dumps(numbers)
    findings: dict[int, list[Finding]] = {}
    for number, *finding in conn.execute(
        'SELECT comment, kind, label, polarity, score, start, "end", "by", detail FROM effective'
        # Written out, because under an adopted strategy (mapped.py) SQLite would else go through every finding there is.
        f" WHERE comment IN ({', '.join(map(str, numbers))}) ORDER BY comment, place"
    ):
        findings.setdefault(number, []).append(Finding(*finding))
    found = {}
    for number, citation, precision, versions, id, text, question, kind, day, *rest in conn.execute(
        "SELECT number, citation, date_precision, v.versions, c.id, c.text, question, question_kind, date, fft, language,"
        " contentless, redactions, respondent_cell, t.cells, (SELECT iif(x.text = original, 'en', x.language) FROM translations x"
        " WHERE x.comment = c.number AND withdrawn_at IS NULL) FROM comments c JOIN versions v ON v.id = c.versions"
        " LEFT JOIN service_texts t ON t.id = c.service_text"
        " WHERE number IN (SELECT value FROM json_each(?))",
        (wanted,),
    ):
        fft, language, contentless, redactions, person, cells, translated_from = rest
        said = Comment(
            id=id,
            text=text,
            question=question,
            question_kind=kind,
            date=_day(day),
            fft=fft,
            language=language,
            contentless=bool(contentless),
            redactions=tuple(Redaction(**redaction) for redaction in json.loads(redactions)),
            service_cells=tuple(json.loads(cells)) if cells else (),
            respondent_cell=person,
            translated_from=translated_from,
        )
        analysed = Analysed(said, tuple(sorted(findings.get(number, ()), key=_clauses_first)))
        found[number] = Stored(number, citation, analysed, precision, json.loads(versions))
    return tuple(found[number] for number in numbers)


def _clauses_first(f: Finding) -> tuple[bool, int]:
    """The clauses in the order of the text, whoever spoke of them last, then the rest as it was found."""
    return f.kind != "clause", f.start if f.kind == "clause" else 0


def _subjects(stored: Stored) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f.label for f in stored.analysed.of("service") if f.detail == "subject"))


def calendar_of(first: date, last: date, period: Period) -> Iterator[date]:
    """The first day of every period from one to another."""
    months = {"month": 1, "quarter": 3}.get(period)
    while first <= last:
        yield first
        if months:
            years, month = divmod(first.month - 1 + months, 12)
            first = date(first.year + years, month + 1, 1)
        else:
            first += timedelta(days=7)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
