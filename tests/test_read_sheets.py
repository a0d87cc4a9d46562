import zipfile
from datetime import datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from feedback.errors import BadFile
from feedback.read.sheets import Workbook


def book(path, sheets, epoch=None):
    made = openpyxl.Workbook()
    made.remove(made.active)
    if epoch:
        made.epoch = epoch
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def edited(path, part, edit):
    """The same workbook with one part changed, as a faulty or hostile program writes it."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    target = path.with_name("edited.xlsx")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, edit(content) if name == part else content)
    return target


SHEET = "xl/worksheets/sheet1.xml"
ROWS = [["Ref", "Date", "Comments"], [1, datetime(2025, 5, 13), "Warm and quick"]]


def read(path):
    return [(row.sheet, row.number, row.cells) for row in Workbook(path).rows()]


def test_every_sheet_is_read_with_true_dates_and_the_row_numbers_that_are_shown(tmp_path):
    path = book(tmp_path / "a.xlsx", {"May": [*ROWS, [], [2, None, "Slow"]], "June": ROWS[:1]})
    assert read(path) == [
        ("May", 1, ("Ref", "Date", "Comments")),
        ("May", 2, (1, datetime(2025, 5, 13), "Warm and quick")),
        ("May", 4, (2, None, "Slow")),
        ("June", 1, ("Ref", "Date", "Comments")),
    ]


def test_dates_of_the_1904_system_are_the_same_days(tmp_path):
    table = Workbook(book(tmp_path / "a.xlsx", {"S": ROWS}, epoch=MAC_EPOCH))
    assert list(table.rows())[1].cells[1] == datetime(2025, 5, 13)
    assert table.epoch_1904


def test_a_wrong_word_about_the_size_of_the_sheet_hides_no_row(tmp_path):
    path = book(tmp_path / "a.xlsx", {"S": ROWS})
    assert read(edited(path, SHEET, lambda xml: xml.replace(b'ref="A1:C2"', b'ref="A1:A1"'))) == read(path)


def test_a_cell_in_the_last_row_of_a_sheet_is_read_at_once(tmp_path):
    made = openpyxl.Workbook()
    made.active.append(["Comments"])
    made.active.cell(1_048_576, 1, "The last word")
    made.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx")[1] == ("Sheet", 1_048_576, ("The last word",))


def test_words_that_were_saved_as_a_formula_are_not_lost(tmp_path):
    path = book(tmp_path / "a.xlsx", {"S": [["Comments"], ["=) lovely nurse"]]})
    assert read(path)[1] == ("S", 2, ("=) lovely nurse",))


def bomb(xml):
    return xml + b"<!--" + b"A" * 60_000_000 + b"-->"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (bomb, "unpacks to far more"),
        (lambda xml: xml[: len(xml) // 2], "damaged or not safe"),
        (lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + xml, "damaged or not safe"),
    ],
)
def test_a_bomb_or_a_broken_part_refuses_the_workbook(tmp_path, edit, says):
    path = edited(book(tmp_path / "a.xlsx", {"S": ROWS}), SHEET, edit)
    with pytest.raises(BadFile, match=says):
        read(path)


def test_a_workbook_that_broke_off_is_refused(tmp_path):
    path = book(tmp_path / "a.xlsx", {"S": ROWS})
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(BadFile, match="broke off"):
        read(path)
