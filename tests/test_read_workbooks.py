"""What workbooks hold beside plain cells: formulas, merges, lost parts, sheets named after services, tables side by side."""

import re
import zipfile
from datetime import datetime

import openpyxl
import pytest

from feedback.comment import RawComment
from feedback.errors import BadFile
from feedback.read import plan_file, read_rows

SAID = [
    "The nurse explained every step and never hurried me",
    "I rang four times before anybody picked up the phone",
    "Parking was a struggle but the welcome made up for it",
    "My mother was left waiting in a cold corridor all morning",
    "Lovely calm room and a physiotherapist who listened",
    "The letter gave the wrong building so we were late",
]
HEADINGS = ["Date", "Team", "Comment"]
ROWS = [[datetime(2025, 5, 13 + i), "Ash Ward", said] for i, said in enumerate(SAID)]


def saved(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def edited(path, edit):
    """The same workbook with its parts put through `edit`, which returns None for a part to leave out."""
    with zipfile.ZipFile(path) as old:
        parts = {name: edit(name, old.read(name)) for name in old.namelist()}
    target = path.with_name("edited.xlsx")
    with zipfile.ZipFile(target, "w") as new:
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return target


def read(path):
    plan = plan_file(path)
    things = list(read_rows(plan))
    comments = [thing for thing in things if isinstance(thing, RawComment)]
    outcomes = [thing for thing in things if not isinstance(thing, RawComment)]
    assert len(outcomes) == plan.rows
    return plan, comments, outcomes


def test_a_formula_gives_its_result_or_is_named_and_words_after_an_equals_sign_stay_words(tmp_path):
    rows = [
        *ROWS,
        [None, "Ash Ward", "=IF(A9>1,B9,C9)"],
        [None, "Ash Ward", "=IF(K3=0,K4,K3)"],
        [None, "Ash Ward", "=) made us laugh"],
    ]
    saved(tmp_path / "a.xlsx", {"Raw": [HEADINGS, *rows]})

    def worked_out(name, content):
        blank = b'<c r="C8" t="str"><f>IF(A9&gt;1,B9,C9)</f><v></v></c>'
        return re.sub(rb'<c r="C8"[^>]*>.*?</c>', lambda _: blank, content) if name.endswith("sheet1.xml") else content

    _, comments, outcomes = read(edited(tmp_path / "a.xlsx", worked_out))
    assert [outcome.outcome for outcome in outcomes[6:]] == ["empty", "reject", "accepted"]
    assert outcomes[7].reject.reason == "undecodable"
    assert "formula" in outcomes[7].reject.detail
    assert comments[-1].text == "=) made us laugh"


def test_a_merged_service_and_date_hold_for_every_row_below_but_a_merged_comment_only_once(tmp_path):
    book = saved(tmp_path / "a.xlsx", {"Raw": [HEADINGS, *ROWS]})
    sheet = book["Raw"]
    for area in ("A2:A4", "B2:B5", "C6:C7"):
        sheet.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    plan, comments, outcomes = read(tmp_path / "a.xlsx")
    assert [c.services for c in comments] == [("Ash Ward",)] * 5
    assert [c.date.day for c in comments[:3]] == [13, 13, 13]
    assert outcomes[5].outcome == "empty"
    assert any(said.startswith('Merged cells in "Team", "Date"') for said in plan.decisions)


def test_sheets_named_after_services_give_the_service_that_no_column_says(tmp_path):
    rows = [["Date", "Comment"], *([when, said] for when, _, said in ROWS)]
    saved(tmp_path / "a.xlsx", {"Ash Ward": rows, "Podiatry Ledbury": rows[:4]})
    plan, comments, _ = read(tmp_path / "a.xlsx")
    assert {c.services for c in comments} == {("Ash Ward",), ("Podiatry Ledbury",)}
    assert any("name of the sheet" in said for said in plan.decisions)


@pytest.mark.parametrize("titles", [("April", "May 2025"), ("Sheet1", "Sheet2"), ("Q1 responses", "Q2 responses")])
def test_sheets_named_after_months_or_nothing_give_no_service(tmp_path, titles):
    rows = [["Date", "Comment"], *([when, said] for when, _, said in ROWS)]
    saved(tmp_path / "a.xlsx", dict.fromkeys(titles, rows))
    _, comments, _ = read(tmp_path / "a.xlsx")
    assert {c.services for c in comments} == {()}


def test_a_column_of_services_outweighs_the_names_of_the_sheets(tmp_path):
    saved(tmp_path / "a.xlsx", {"Day Unit": [HEADINGS, *ROWS], "Podiatry": [HEADINGS, *ROWS[:3]]})
    _, comments, _ = read(tmp_path / "a.xlsx")
    assert {c.services for c in comments} == {("Ash Ward",)}


def test_a_sheet_whose_part_is_missing_refuses_the_workbook_by_its_name(tmp_path):
    saved(tmp_path / "a.xlsx", {"April": [HEADINGS, *ROWS], "May": [HEADINGS, *ROWS]})
    broken = edited(tmp_path / "a.xlsx", lambda name, content: None if name.endswith("sheet2.xml") else content)
    with pytest.raises(BadFile, match='"May", but its part is missing'):
        plan_file(broken)


@pytest.mark.parametrize("length", [3, 6, 9])
def test_a_summary_beside_the_data_is_left_out_and_its_rows_are_none(tmp_path, length):
    summary = [[f"Team {i}", i] for i in range(length)]
    data = [*ROWS, *[[None] * 3] * 9]
    rows = [[*HEADINGS, None, "Ward", "n"]]
    rows += [[*data[i], None, *(summary[i] if i < length else ())] for i in range(max(length, 6))]
    saved(tmp_path / "a.xlsx", {"Raw": rows})
    plan, comments, _ = read(tmp_path / "a.xlsx")
    assert (plan.rows, len(comments)) == (6, 6)
    assert {c.services for c in comments} == {("Ash Ward",)}
    assert any("a table of its own" in said and '"Ward", "n"' in said for said in plan.decisions)


def test_a_blank_column_within_the_data_parts_nothing(tmp_path):
    rows = [["Comment", None, *HEADINGS[:2]], *([said, None, when, team] for when, team, said in ROWS)]
    saved(tmp_path / "a.xlsx", {"Raw": rows})
    plan, comments, _ = read(tmp_path / "a.xlsx")
    assert (plan.column_map["date"], plan.column_map["service"]) == ("Date", ["Team"])
    assert len(comments) == 6
