"""No row of any file is lost: random messy tables, whose truth the generator knows by itself, against what became of them.

The conventions are those of the gold files: a row of blanks is no row, one without a comment is empty, one equal to an earlier
row in every cell is a duplicate, a row with more cells than headings is rejected. Nothing here asks the reader what it thinks.
"""

import csv
import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.batches.intake import ToMend, analyse_file
from feedback.clean import clean
from feedback.pipeline import Pipeline
from feedback.store import open_store

# Words without anybody's name or number in them, so that what is stored is what was written.
SAID = st.sampled_from(
    (
        "Kind staff", "Good", "N/A", "The tea was cold, the nurses were warm.", "I waited\nfor hours\r\nand hours", 'They said "soon"',
        "=1+1 is what it felt like", "- no parking at all", "+1 from me", "@the desk nobody looked up", "Café crème, naïve — and “fine”",
        "Thank you 👍🏽 so much", "it was warm ☂ and dry ✓", "it was 10/10; truly", "a | b ; c , d", "'tis a good place", "x" * 400, "   spaced   out   ",
        "<b>bold</b> & brave &amp; true", "'; DROP TABLE comments; --", "left\u00a0and right", "tab\tinside it",
    )
)  # fmt: skip
BLANK = st.sampled_from(("", " ", "\t ", "\u00a0", "\u200b", "&nbsp;"))
DAY = st.sampled_from(("2026-02-03", "2026-02-28", "2026-03-09", "", "2026-02-31", "soon", "2031-01-01"))
GOOD_DAYS = {"2026-02-03", "2026-02-28", "2026-03-09"}
TEAM = st.sampled_from(("Podiatry", "Willow Ward", "Moon Clinic", ""))
RATING = st.sampled_from(("Very good", "Good", "Poor", "Don't know", "", "plum"))
GOOD_RATINGS = {"Very good", "Good", "Poor", "Don't know"}
HEADINGS = ("Date", "Team", "Overall experience", "Patient name", "What did we do well?", "What could we do better?")
COMMENTS = slice(4, 6)
FORMS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "xlsx", "json", "jsonl")

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A file to be written and how."""

    rows: tuple[Row, ...]
    form: str
    delimiter: str


@st.composite
def tables(draw: st.DrawFn) -> Table:
    answer = st.one_of(SAID, BLANK)
    row = st.tuples(DAY, TEAM, RATING, st.just("Ann Example"), answer, answer)
    blank = st.just(("",) * len(HEADINGS))
    long = st.tuples(row, st.lists(st.sampled_from(("more", "of it")), min_size=1, max_size=3)).map(
        lambda p: (*p[0], *p[1])
    )
    rows = draw(st.lists(st.one_of(row, row, row, blank), min_size=1, max_size=12))
    again = draw(st.lists(st.sampled_from(rows), max_size=3))
    again += draw(st.lists(long, max_size=1))  # where many rows have a cell more, it is a column without a heading
    again = draw(st.permutations(again))
    # Enough plain rows to tell by which columns hold what.
    sure = [
        (f"2026-01-{n:02}", "Podiatry", "Good", "Ann Example", f"Plain praise {n} of it", f"And blame {n} too")
        for n in range(11, 22)
    ]
    return Table((*sure, *rows, *again), draw(st.sampled_from(FORMS)), draw(st.sampled_from((",", ";", "\t", "|"))))


def is_blank(cell: str) -> bool:
    return not cell.replace("\u200b", "").replace("&nbsp;", "").strip()


def as_written(table: Table) -> list[Row]:
    """The rows as the form can hold them: only in text does a cell too many mean a row that has shifted; cp1252 lacks letters."""
    rows = [row[: len(HEADINGS)] if table.form in ("json", "jsonl", "xlsx") else row for row in table.rows]
    if table.form == "cp1252":
        rows = [tuple(c.encode("cp1252", "replace").decode("cp1252") for c in row) for row in rows]
    return rows


def write(table: Table, folder: Path) -> Path:
    rows = as_written(table)
    path = folder / f"messy.{table.form if table.form in ('xlsx', 'json', 'jsonl') else 'csv'}"
    if table.form == "xlsx":
        from openpyxl import Workbook

        book = Workbook()
        page = book.active
        for number, row in enumerate((HEADINGS, *rows), start=1):
            for column, text in enumerate(row, start=1):
                if text:
                    page.cell(number, column).value = text
                    page.cell(number, column).data_type = "s"
        book.save(path)
    elif table.form in ("json", "jsonl"):
        objects = [dict(zip(HEADINGS, row, strict=True)) for row in rows]
        text = json.dumps(objects) if table.form == "json" else "\n".join(map(json.dumps, objects))
        path.write_text(text, encoding="utf-8")
    else:
        text_file = io.StringIO(newline="")
        csv.writer(text_file, delimiter=table.delimiter).writerows([HEADINGS, *rows])
        path.write_bytes(text_file.getvalue().encode(table.form))
    return path


@dataclass
class Truth:
    """What must become of a table."""

    rows: int = 0
    empty: int = 0
    duplicates: int = 0
    accepted_rows: int = 0
    rejects: int = 0
    bad_dates: int = 0
    bad_ratings: int = 0
    said: tuple[str, ...] = ()


def truth_of(rows: Sequence[Row]) -> Truth:
    truth, seen, said = Truth(), set(), []
    for row in rows:
        if all(is_blank(cell) for cell in row):
            continue
        truth.rows += 1
        answers = [cell for cell in row[COMMENTS] if not is_blank(cell)]
        if len(row) > len(HEADINGS):
            truth.rejects += 1
        elif not answers:
            truth.empty += 1
        elif (whole := tuple(cell.strip() for cell in row)) in seen:
            truth.duplicates += 1
        else:
            seen.add(whole)
            truth.accepted_rows += 1
            truth.bad_dates += not is_blank(row[0]) and row[0] not in GOOD_DAYS and not row[0].startswith("2026-01")
            truth.bad_ratings += not is_blank(row[2]) and row[2] not in GOOD_RATINGS
            said += answers
    truth.said = tuple(sorted(map(clean, said)))
    return truth


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(table=tables())
def test_every_row_is_accounted_for_and_every_comment_is_in_the_store(table: Table, pipeline: Pipeline) -> None:
    truth = truth_of(as_written(table))
    with tempfile.TemporaryDirectory() as folder, open_store(":memory:") as store:
        path = write(table, Path(folder))
        to_mend = ToMend()
        report = analyse_file(path, store, pipeline, to_mend=to_mend)
        assert (report.rows, report.empty, report.duplicates, report.accepted_rows, len(report.rejects)) == (
            truth.rows,
            truth.empty,
            truth.duplicates,
            truth.accepted_rows,
            truth.rejects,
        )
        reasons = [warning.reason for warning in report.warnings]
        assert (reasons.count("bad_date"), reasons.count("bad_rating")) == (truth.bad_dates, truth.bad_ratings)
        stored = tuple(sorted(text for (text,) in store.conn.execute("SELECT text FROM comments")))
        assert stored == truth.said
        assert report.accepted == len(truth.said)
        # What was rejected goes back with all its words.
        back = [cell for row in to_mend.rejects for cell in row.original]
        assert all(cell in back for row in as_written(table) if len(row) > len(HEADINGS) for cell in row if cell)

        again = analyse_file(path, store, pipeline)
        assert (again.accepted, again.already_stored, again.already_stored_rows) == (
            0,
            len(truth.said),
            truth.accepted_rows,
        )
        assert store.rollback(2) == 0
        signed = {
            "by": "A. Manager",
            "reason": "sent twice",
            "flags_dealt_with": True,
        }  # some tables make sentences that are flagged
        assert store.rollback(1, **signed) == len(truth.said)
        left = ("comments", "findings", "batch_comments", "batch_counted", "notices", "service_texts", "flags")
        assert {
            name: store.conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in left
        } == dict.fromkeys(left, 0)
