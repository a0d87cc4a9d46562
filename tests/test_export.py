"""An export holds the comments chosen, each in every format the same, and is safe to open in a spreadsheet."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from feedback.errors import BadInput
from feedback.export import COLUMNS, Format, export, safe_cell
from feedback.query import EVERYTHING, Filters
from feedback.store import Store
from feedback.taxonomy import Taxonomy

WILLOW = Filters(service="ward-willow")


def test_json_lines_are_the_contract_with_the_citation(filled: Store, taxonomy: Taxonomy, tmp_path: Path) -> None:
    out = tmp_path / "willow.jsonl"
    assert export(filled.conn, taxonomy, WILLOW, EVERYTHING, "jsonl", out) == 2
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [r["id"] for r in records] == ["willow-2", "willow-1"]
    assert records[0]["citation"].startswith("HW-2026-")
    assert records[0]["signals"][0]["kind"] == "unsafe_environment"


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_the_table_says_the_same_in_every_format(
    form: Format, filled: Store, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    out = tmp_path / f"willow.{form}"
    assert export(filled.conn, taxonomy, WILLOW, EVERYTHING, form, out) == 2
    if form == "csv":
        with out.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    elif form == "xlsx":
        headings, *cells = load_workbook(out).active.iter_rows(values_only=True)
        rows = [dict(zip(headings, row, strict=True)) for row in cells]
    else:
        rows = pq.read_table(out).to_pylist()
    assert list(rows[0]) == list(COLUMNS)
    assert [(r["id"], r["services"], r["signals"], str(r["fft"])) for r in rows] == [
        ("willow-2", "ward-willow", "unsafe_environment urgent", "5"),
        ("willow-1", "ward-willow", rows[1]["signals"], "2"),
    ]
    assert rows[1]["themes_negative"] == "food-drink-provision-facilities"
    assert rows[1]["themes_positive"] == "staff-manner-personal-attributes"


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-no-", "@x", "\tx"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert safe_cell(cell) == "'" + cell


def test_a_workbook_needs_a_name(filled: Store, taxonomy: Taxonomy) -> None:
    with pytest.raises(BadInput, match=r"--out FILE\.xlsx"):
        export(filled.conn, taxonomy, Filters(), EVERYTHING, "xlsx", None)
