from datetime import date, datetime

import pytest

from feedback.read.cells import cell_text, is_blank


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (True, "TRUE"),
        (date(2025, 3, 9), "2025-03-09"),
        (datetime(2025, 3, 9), "2025-03-09"),
        (datetime(2025, 3, 9, 10, 15), "2025-03-09 10:15:00"),
        ("as it is ", "as it is "),
    ],
)
def test_a_cell_is_written_as_a_person_would_read_it(cell, text):
    assert cell_text(cell) == text


@pytest.mark.parametrize("cell", [None, "", " \t", "\u00a0", "\u200b\ufeff", "_x000D_\n", "&nbsp;", "&#160; "])
def test_a_cell_in_which_nothing_can_be_seen_is_blank(cell):
    assert is_blank(cell)


@pytest.mark.parametrize("cell", ["-", ".", 0, False, "&amp;", "x000D"])
def test_a_cell_with_anything_in_it_is_not_blank(cell):
    assert not is_blank(cell)
