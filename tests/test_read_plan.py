from datetime import date

import openpyxl
import pytest

from feedback.errors import BadFile, BadInput
from feedback.read import plan_file

SAID = ("Warm and quick, thank you", "Nobody rang me back", "The letter was clear", "A long wait in the cold")


def text(tmp_path, *lines, name="file.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def export(
    tmp_path,
    dates=("13/05/2025", "02/05/2025", "03/05/2025", "04/05/2025"),
    ratings=("Good", "Poor", "Good", "Very good"),
    rating="Rating",
):
    rows = [
        f"X{n},{day},Ward {n % 2},{given},{said}"
        for n, (day, given, said) in enumerate(zip(dates, ratings, SAID, strict=True))
    ]
    return text(tmp_path, f"Ref,Date,Team,{rating},Comments", *rows)


def test_a_plan_says_where_everything_is_and_why(tmp_path):
    plan = plan_file(export(tmp_path), today=date(2025, 11, 20))
    assert plan.column_map == {
        "comment": ["Comments"],
        "service": ["Team"],
        "date": "Date",
        "question": None,
        "rating": "Rating",
        "respondent_type": None,
        "id": "Ref",
    }
    assert (plan.facts.type, plan.facts.encoding, plan.facts.delimiter, plan.rows) == ("csv", "utf-8", ",", 4)
    assert plan.decisions == (
        "Text with a delimiter, utf-8, comma; headings in row 1.",
        'Comments are taken from "Comments".',
        'Dates in "Date" are read day first: 1 of them can be read in no other way.',
        'Ratings in "Rating" are read by their labels.',
    )
    assert plan.asks == ()


def test_day_first_is_the_custom_where_nothing_proves_the_order_and_a_person_may_say_otherwise(tmp_path):
    path = export(tmp_path, dates=("01/02/2025", "02/05/2025", "03/05/2025", "04/05/2025"))
    plan = plan_file(path)
    assert plan.sheets[0].date_order == "day"
    assert (
        'Dates in "Date" are read day first; nothing in the column proves it (4 dates could be either).'
        in plan.decisions
    )
    assert plan_file(path, day_first=False).sheets[0].date_order == "month"


def test_in_a_mixed_column_a_service_whose_own_dates_agree_is_trusted(tmp_path):
    rows = [f"{day}/05/2025,North,{SAID[day % 4]} {day}" for day in range(1, 29)]
    rows += [f"05/{day}/2025,South,{SAID[day % 4]} {day}" for day in range(1, 29)]
    rows += [f"{day}/05/2025,East,{SAID[day % 4]} {day}" for day in (13, 14)]
    plan = plan_file(text(tmp_path, "Date,Team,Comments", *rows))
    assert (plan.sheets[0].date_order, plan.sheets[0].date_orders) == ("both", {("North",): "day", ("South",): "month"})
    assert plan.asks == (
        'Which order do the dates in "Date" have? Say --day-first or --month-first to read all of them.',
    )


def test_numbers_without_a_legend_are_left_blank_and_asked_about(tmp_path):
    plan = plan_file(export(tmp_path, ratings=(1, 2, 5, 1)))
    assert (plan.column_map["rating"], plan.sheets[0].rated) == ("Rating", False)
    assert plan.asks == (
        '"Rating" holds numbers and nothing says whether 1 or 5 is very good, so ratings are left blank: '
        'say --map "rating=Rating:1=very_good" (or 5=very_good) to read them.',
    )


def test_a_legend_in_the_heading_or_from_the_person_settles_the_numbers(tmp_path):
    there = plan_file(export(tmp_path, ratings=(1, 2, 5, 1), rating="Rating (5 = very good)"))
    assert there.sheets[0].legend == {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
    said = plan_file(export(tmp_path, ratings=(1, 2, 5, 1)), mapping={"rating": "rating:1=very_good"})
    assert (said.sheets[0].legend, said.column_map["rating"]) == ({1: 1, 2: 2, 3: 3, 4: 4, 5: 5}, "Rating")


def test_a_person_may_choose_any_column_by_its_heading(tmp_path):
    path = text(tmp_path, "Ref,Comments,Story,Team", *(f"{n},{said},{said} again,A" for n, said in enumerate(SAID)))
    assert plan_file(path).column_map["comment"] == ["Comments", "Story"]
    chosen = plan_file(path, mapping={"comment": "story", "service": ["Team", "Comments"], "id": ""}).column_map
    assert (chosen["comment"], chosen["service"], chosen["id"]) == (["Story"], ["Team", "Comments"], None)


def test_a_heading_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(
        BadInput, match=r'no heading "Coment".*"Ref", "Date", "Team", "Rating", "Comments".*mean "Comments"'
    ):
        plan_file(export(tmp_path), mapping={"comment": "Coment"})
    with pytest.raises(BadInput, match="map one of comment, date, service"):
        plan_file(export(tmp_path), mapping={"colour": "Team"})
    with pytest.raises(BadInput, match="has no sheets"):
        plan_file(export(tmp_path), sheet="May")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("Ref,Date,Comments",), "no rows of data"),
        (
            ("Ref,Date,Team", "1,13/05/2025,Ward 1", "2,14/05/2025,Ward 2"),
            'The headings found are "Ref", "Date", "Team"',
        ),
        (
            ("I wish to thank the ward.", "They were very kind to my mother.", "Yours, a reader"),
            "one column without a heading",
        ),
    ],
)
def test_a_file_without_data_or_comments_is_refused_with_what_to_do(tmp_path, lines, says):
    with pytest.raises(BadFile, match=says):
        plan_file(text(tmp_path, *lines))


def test_no_comment_is_shown_when_a_file_without_headings_is_refused(tmp_path):
    with pytest.raises(BadFile) as refusal:
        plan_file(text(tmp_path, "My secret is the ward", "They told my neighbour"))
    assert "secret" not in str(refusal.value)


def test_a_column_that_might_name_somebody_is_said_to_be_left_out(tmp_path):
    path = text(tmp_path, "Name,E-mail,Comments", *(f"Ann,ann@mail.example,{said}" for said in SAID))
    assert 'Never taken, as it may say who somebody is: "Name", "E-mail".' in plan_file(path).decisions


def workbook(tmp_path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(tmp_path / "file.xlsx")
    return tmp_path / "file.xlsx"


ROWS = [["Ref", "Rating", "Comments"], *([n, n + 1, said] for n, said in enumerate(SAID))]


def test_the_sheets_with_comments_are_read_and_a_key_beside_them_gives_the_legend(tmp_path):
    key = [
        ["Code", "Meaning"],
        [1, "Very poor"],
        [2, "Poor"],
        [3, "Neither good nor poor"],
        [4, "Good"],
        [5, "Very good"],
    ]
    notes = [
        ["Notes"],
        ["Please read this sheet before any other sheet."],
        ["It explains how the answers were gathered."],
    ]
    plan = plan_file(workbook(tmp_path, Key=key, May=ROWS, June=ROWS, Notes=notes))
    assert ([sheet.sheet for sheet in plan.sheets], plan.rows) == (["May", "June"], 8)
    assert plan.sheets[1].legend == {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
    assert 'Not read, as it holds no comments: "Key", "Notes".' in plan.decisions
    assert [sheet.sheet for sheet in plan_file(workbook(tmp_path, May=ROWS, June=ROWS), sheet="June").sheets] == [
        "June"
    ]


def test_dates_that_a_spreadsheet_has_half_swapped_are_pointed_out(tmp_path):
    rows = [["Date", "Comments"], *([date(2025, 1 + n, 5), said] for n, said in enumerate(SAID * 2))]
    rows += [[f"{13 + n}/05/2025", said] for n, said in enumerate(SAID)]
    assert "has probably swapped day and month" in plan_file(workbook(tmp_path, May=rows)).asks[0]
