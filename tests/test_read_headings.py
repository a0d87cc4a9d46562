from feedback.read.cells import Row
from feedback.read.headings import find_headings

HEADINGS = ("Ref", "Date", "Team", "Comments")
DATA = [
    ("1", "13/05/2025", "Ward 1", "Warm and quick"),
    ("2", "14/05/2025", "Ward 2", "Nobody rang me back"),
    ("3", "15/05/2025", "Ward 1", "Fine"),
]


def found(*rows):
    """The headings of a sheet whose rows are given in order; a blank row is an empty tuple."""
    return find_headings([Row(number, cells) for number, cells in enumerate(rows, start=1) if any(cells)])


def test_the_first_row_of_words_above_the_data_holds_the_headings():
    headings = found(HEADINGS, *DATA)
    assert (headings.names, headings.row, headings.last) == (HEADINGS, 1, 1)


def test_a_title_block_stands_above_and_is_kept_as_text():
    headings = found(("Return for the quarter",), ("1 = Very good", "5 = Very poor"), (), HEADINGS, *DATA)
    assert (headings.names, headings.row) == (HEADINGS, 4)
    assert headings.above == ("Return for the quarter", "1 = Very good = 5 = Very poor")


def test_the_second_row_of_a_survey_tool_is_no_data():
    headings = found(HEADINGS, ("", "", "Response", "Open-Ended Response"), *DATA)
    assert (headings.names, headings.row, headings.last) == (HEADINGS, 1, 2)


def test_codes_above_the_questions_keep_their_names_and_gain_the_wording():
    headings = found(
        ("ResponseId", "EndDate", "Q1", "Q2"),
        ("Response ID", "End Date", "Which team?", "Please tell us why"),
        ('{"ImportId":"a"}', '{"ImportId":"b"}', '{"ImportId":"c"}', '{"ImportId":"d"}'),
        *DATA,
    )
    assert (headings.names[3], headings.wordings[3], headings.last) == ("Q2", "Please tell us why", 3)


def test_a_group_above_or_beside_gives_way_to_the_heading_below_it():
    above = found(("About you", "", "", "What you said"), HEADINGS, *DATA)
    assert (above.names, above.row) == (HEADINGS, 2)
    wide = [(*row, "Later") for row in DATA]
    beside = found(("Ref", "Date", "Team", "Feedback", ""), ("", "", "", "What was good?", "What was bad?"), *wide)
    assert (beside.names, beside.last) == (("Ref", "Date", "Team", "What was good?", "What was bad?"), 2)


def test_a_first_row_with_a_blank_or_odd_cell_is_data():
    assert found(HEADINGS, ("1", "unknown", "Ward 1", "Very kind"), *DATA).last == 1
    assert found(HEADINGS, ("1", "", "Ward 1", "Very kind"), *DATA).last == 1


def test_where_there_are_no_headings_the_columns_go_by_their_letters():
    headings = found(*DATA)
    assert (headings.names, headings.row, headings.last) == (("Column A", "Column B", "Column C", "Column D"), 0, 0)
