import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.errors import BadFile
from feedback.read.delimited import MAX_LINE, Delimited, find_delimiter

ROWS = [
    ["Ref", "Date", "Comments"],
    ["1", "13/05/2025", "Warm, friendly; quick | clean"],
    ["2", "14/05/2025", "The café’s shut – £4 to park"],
]


def written(rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def read(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return [(row.number, list(row.cells)) for row in Delimited(path).rows()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_any_delimiter_in_any_usual_encoding_is_read(tmp_path, delimiter, encoding):
    assert read(tmp_path, written(ROWS, delimiter).encode(encoding)) == list(enumerate(ROWS, start=1))


def test_an_encoding_of_another_language_is_found_by_its_letters(tmp_path):
    rows = [["Nr", "Komentarz"], ["1", "Dziękuję za życzliwość, świetna pielęgniarka, łagodność i opiekę"]]
    assert read(tmp_path, written(rows).encode("cp1250")) == list(enumerate(rows, start=1))


def test_one_broken_line_in_utf8_stays_one_broken_line(tmp_path):
    good = written([["Ref", "Comments"], ["1", "Café shut"], ["2", "Naïve"]]).encode()
    rows = read(tmp_path, good + b"3,Caf\xe9\r\n")
    assert rows[1] == (2, ["1", "Café shut"])
    assert rows[3] == (4, ["3", "Caf\udce9"])


def test_a_quoted_line_end_does_not_start_a_row_and_a_blank_line_does(tmp_path):
    rows = read(tmp_path, b'Ref,Comments\r\n1,"two\r\nlines"\r\n\r\n2,"a\rb\nc"\r\n3,sep\xe2\x80\xa8arated\r\n')
    assert rows == [
        (1, ["Ref", "Comments"]),
        (2, ["1", "two\r\nlines"]),
        (3, []),
        (4, ["2", "a\rb\nc"]),
        (5, ["3", "sep\u2028arated"]),
    ]


def test_the_line_that_declares_the_delimiter_is_a_blank_row(tmp_path):
    assert read(tmp_path, b"sep=;\r\nRef;Comments\r\n1;kind, quick\r\n") == [
        (1, []),
        (2, ["Ref", "Comments"]),
        (3, ["1", "kind, quick"]),
    ]


def test_a_list_of_sentences_has_one_column():
    assert find_delimiter("Comments\nKind, quick, and clean\nCold\nSlow, but nice\nLate\n")[1] == 1


def test_stray_quotation_marks_inside_a_cell_are_harmless(tmp_path):
    rows = read(tmp_path, b'Ref,Comments,Team\n1,He said "no" twice,A\n2,"She said "no" too",B\n3,"and ""yes""",C\n')
    assert [cells[2] for _, cells in rows] == ["Team", "A", "B", "C"]


@pytest.mark.parametrize("quoted", ["plain words", '"well, quoted"'])
def test_a_quotation_mark_that_is_never_closed_refuses_the_file_naming_the_row(tmp_path, quoted):
    lines = ["Ref,Date,Comments,Team", "1,13/05/2025,fine,A", '2,14/05/2025,"never closed,B']
    lines += [f"{n},15/05/2025,{quoted},B" for n in range(3, 9)]
    with pytest.raises(BadFile, match="opens in row 3 is never closed"):
        read(tmp_path, "\n".join(lines).encode())


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path):
    with pytest.raises(BadFile, match="Line 2 has more than"):
        read(tmp_path, b"Ref,Comments\n1," + b"a" * (MAX_LINE + 10))


def test_a_file_that_breaks_off_inside_a_character_says_so(tmp_path):
    with pytest.raises(BadFile, match="breaks off"):
        read(tmp_path, written(ROWS).encode("utf-16")[:-1])


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=8))
def test_what_was_written_is_what_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    heading = ("Ref", "Comments", "Team")
    path.write_text(written([heading, *rows, *[("1", "words, words", "A")] * 9]), encoding="utf-8-sig", newline="")
    assert [row.cells for row in Delimited(path).rows()][1 : len(rows) + 1] == rows
