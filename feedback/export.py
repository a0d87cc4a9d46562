"""Write analysed comments to a file: JSON Lines in the contract's shape, or a flat table for spreadsheets and Parquet.

A spreadsheet takes a cell that begins with =, +, - or @ for a formula, and people begin comments with dashes and equals
signs; such cells are written with an apostrophe in front, so that an export is safe to open.
"""

import csv
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from feedback.disclosure import Disclosure
from feedback.errors import BadInput
from feedback.present import as_record
from feedback.query import Filters, Scope, Stored, all_comments
from feedback.read.mended import FORMULA
from feedback.taxonomy import Taxonomy

Format = Literal["jsonl", "csv", "xlsx", "parquet"]

COLUMNS = (
    "citation", "id", "date", "question", "text", "fft", "language", "contentless", "respondent", "services", "services_mentioned",
    "sentiment", "scale", "mixed", "themes_positive", "themes_negative", "themes_other", "values", "objectives", "statements", "signals",
)  # fmt: skip
PUBLISHED = tuple(column for column in COLUMNS if column != "signals")  # what was flagged is for the Trust's own eyes


def export(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    filters: Filters,
    scope: Scope,
    form: Format,
    out: Path | None,
    *,
    publication: Disclosure | None = None,
) -> int:
    """Write the comments chosen, newest first, and return how many; CSV and JSON Lines go to stdout where `out` is None.

    With `publication` days become months, words that could tell who wrote them are withheld, and comments about which nobody has
    decided or that nobody has read are left out, which it counts (`Disclosure`). Raises BadInput for a workbook or Parquet file
    without a name to write it to.
    """
    stored = all_comments(conn, taxonomy, filters, scope)
    if publication:
        stored = (one for one in stored if publication.may_publish(one))
    if form in ("xlsx", "parquet"):
        if out is None:
            raise BadInput(f"A {form} file cannot be printed; say where to write it with --out FILE.{form}.")
        return (_write_workbook if form == "xlsx" else _write_parquet)(stored, taxonomy, out, publication)
    if out is None:
        return _write_lines(stored, taxonomy, form, sys.stdout, publication)
    with out.open("w", encoding="utf-8", newline="") as file:
        return _write_lines(stored, taxonomy, form, file, publication)


def flat(stored: Stored, taxonomy: Taxonomy, publication: Disclosure | None = None) -> dict[str, Any]:
    """One comment as one row: COLUMNS in order, PUBLISHED for publication; lists joined by "; ", values and objectives with their sign."""
    record = _record(stored, taxonomy, publication)
    sentiment = record["sentiment"] or {}

    def themes(*feelings: str) -> str:
        return _joined(t["id"] for t in record["themes"] if t["sentiment"] in feelings)

    row = dict(
        zip(
            COLUMNS,
            (
                stored.citation,
                record["id"],
                record["date"],
                record["question"],
                record["text"],
                record["fft"],
                record["language"],
                record["contentless"],
                record["respondent"]["type"],
                _joined(s["id"] for s in record["services"] if s["role"] == "subject"),
                _joined(s["id"] for s in record["services"] if s["role"] == "mentioned"),
                sentiment.get("label"),
                sentiment.get("scale"),
                sentiment.get("mixed"),
                themes("positive"),
                themes("negative"),
                themes("neutral", "mixed"),
                _joined(f"{v['id']} {v['polarity']}" for v in record["values"]),
                _joined(f"{o['id']} {o['polarity']}" for o in record["objectives"]),
                _joined(s for o in record["objectives"] for s in o["statements"]),
                _joined(f"{s['kind']} {s['severity']}" for s in record.get("signals", ())),
            ),
            strict=True,
        )
    )
    return {column: row[column] for column in _columns(publication)}


def _columns(publication: Disclosure | None) -> tuple[str, ...]:
    return PUBLISHED if publication else COLUMNS


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula.

    >>> safe_cell("=2+3"), safe_cell("- no parking"), safe_cell("fine"), safe_cell(4)
    ("'=2+3", "'- no parking", 'fine', 4)
    """
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value


def _record(stored: Stored, taxonomy: Taxonomy, publication: Disclosure | None) -> dict[str, Any]:
    record = as_record(stored.analysed, taxonomy, stored.versions)
    return publication.published(stored, record) if publication else record


def _write_lines(
    stored: Iterator[Stored], taxonomy: Taxonomy, form: Format, file: Any, publication: Disclosure | None
) -> int:
    n = 0
    rows = csv.writer(file)
    if form == "csv":
        rows.writerow(_columns(publication))
    for n, comment in enumerate(stored, start=1):
        if form == "csv":
            rows.writerow([safe_cell(v) for v in flat(comment, taxonomy, publication).values()])
        else:
            record = _record(comment, taxonomy, publication)
            file.write(json.dumps({"citation": comment.citation, **record}, ensure_ascii=False) + "\n")
    return n


def _write_workbook(stored: Iterator[Stored], taxonomy: Taxonomy, out: Path, publication: Disclosure | None) -> int:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Comments")
    sheet.append(_columns(publication))
    n = 0
    for n, comment in enumerate(stored, start=1):
        cells = (safe_cell(v) for v in flat(comment, taxonomy, publication).values())
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", c) if isinstance(c, str) else c for c in cells])
    book.save(out)
    return n


def _write_parquet(stored: Iterator[Stored], taxonomy: Taxonomy, out: Path, publication: Disclosure | None) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole, truth = ("fft", "scale"), ("contentless", "mixed")
    columns = _columns(publication)
    schema = pa.schema([(c, pa.int8() if c in whole else pa.bool_() if c in truth else pa.string()) for c in columns])
    n = 0
    with pq.ParquetWriter(out, schema) as writer:
        rows: list[dict[str, Any]] = []
        for n, comment in enumerate(stored, start=1):
            rows.append(flat(comment, taxonomy, publication))
            if len(rows) == 5000:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema))
    return n


def _joined(parts: Any) -> str:
    return "; ".join(dict.fromkeys(parts))
