"""Messy exports of many tools, each made here in a few lines: what is taken for what, and what is said of it."""

import csv
import io
from datetime import date

import pytest

from feedback.comment import RawComment
from feedback.errors import BadFile
from feedback.read import RowOutcome, plan_file, read_rows

TODAY = date(2026, 3, 31)
SAID = [
    "The nurse explained every step and never hurried me",
    "I rang four times before anybody picked up the phone",
    "Parking was a struggle but the welcome made up for it",
    "My mother was left waiting in a cold corridor all morning",
    "Lovely calm room and a physiotherapist who listened",
    "The letter gave the wrong building so we were late",
    "Everybody on the ward knew who I was and why I came",
    "The exercises helped and now I walk the dog again",
    "Please put up a sign for the lift, we went round twice",
    "Nobody told us the clinic had moved to the other site",
    "He was treated with kindness from the front desk on",
    "A longer appointment would have saved a second journey",
]
TEAMS = ["Ash Ward", "Podiatry Ledbury", "Health Visiting"]
LABELS = ["Very good", "Good", "Poor"]


@pytest.fixture
def read(tmp_path):
    def read_table(rows, name="export.csv", delimiter=","):
        path = tmp_path / name
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")
        plan = plan_file(path, today=TODAY)
        things = list(read_rows(plan))
        comments = [thing for thing in things if isinstance(thing, RawComment)]
        outcomes = [thing for thing in things if isinstance(thing, RowOutcome)]
        assert len(outcomes) == plan.rows, "a row is unaccounted for"
        return plan, comments, outcomes

    return read_table


def table(*columns):
    """Rows under their headings, from (heading, cells) pairs; cells are repeated to the length of SAID."""
    filled = [(heading, [cells[i % len(cells)] for i in range(len(SAID))]) for heading, cells in columns]
    return [[heading for heading, _ in filled], *map(list, zip(*(cells for _, cells in filled), strict=True))]


def taken(plan):
    column_map = plan.column_map
    return {name: column_map[name] for name in ("comment", "service", "date", "rating") if column_map[name]}


# ------------------------------------------------------------------------------------------------------------- dates


def test_uk_dates_half_swapped_into_iso_text_are_said(read):
    dates = ["2025-03-04 00:00:00", "27/01/2025", "2025-11-05 00:00:00", "19/06/2025"]
    plan, comments, _ = read(table(("Date", dates), ("Comment", SAID)))
    assert any("swapped day and month" in ask for ask in plan.asks)
    assert comments[0].date == date(2025, 3, 4)


def test_iso_dates_beyond_the_twelfth_are_no_sign_of_a_swap(read):
    dates = ["2025-03-14 00:00:00", "27/01/2025", "2025-11-05 00:00:00", "19/06/2025"]
    plan, _, _ = read(table(("Date", dates), ("Comment", SAID)))
    assert plan.asks == ()


def test_two_orders_are_told_apart_by_service_where_each_service_proves_its_own(read):
    rows = [["Date", "Team", "Comment"]]
    for i in range(12):
        rows += [
            [f"{13 + i}/04/2025", "Ash Ward", f"{SAID[i]} one"],
            [f"04/{13 + i}/2025", "Podiatry", f"{SAID[i]} two"],
        ]
    rows += [["05/04/2025", "Ash Ward", "We were seen on time"], ["04/05/2025", "Podiatry", "They were seen on time"]]
    _, comments, _ = read(rows)
    assert {c.date for c in comments[-2:]} == {date(2025, 4, 5)}


def test_two_orders_without_proof_leave_only_the_open_dates_blank(read):
    dates = ["25/04/2025", "04/25/2025", "04/05/2025", "06/06/2025"]
    plan, comments, outcomes = read(table(("Date", dates), ("Comment", SAID)))
    assert [c.date for c in comments[:4]] == [date(2025, 4, 25), date(2025, 4, 25), None, date(2025, 6, 6)]
    assert outcomes[2].warnings[0].reason == "bad_date"
    assert any("--day-first" in ask for ask in plan.asks)


@pytest.mark.parametrize("written", ["March 2025", "Mar-25", "2025-03", "03/2025"])
def test_a_month_alone_is_kept_as_a_month(read, written):
    _, comments, _ = read(table(("Month", [written]), ("Comment", SAID)))
    assert (comments[0].date, comments[0].date_precision) == (date(2025, 3, 1), "month")


@pytest.mark.parametrize("heading", ["Date", "Completed on", "Response received", "Submitted"])
def test_day_numbers_under_a_heading_of_a_date_are_dates(read, heading):
    plan, comments, _ = read(table((heading, ["45731", "45732.604"]), ("Comment", SAID)))
    assert [c.date for c in comments[:2]] == [date(2025, 3, 15), date(2025, 3, 16)]
    assert any("day numbers of a spreadsheet" in said for said in plan.decisions)


@pytest.mark.parametrize("heading", ["Response number", "Completed ref", "Survey code", "Cost"])
def test_numbers_under_another_heading_are_never_dates(read, heading):
    plan, _, _ = read(table((heading, [str(45700 + i) for i in range(12)]), ("Comment", SAID)))
    assert plan.column_map["date"] is None


def test_the_day_of_the_answer_wins_over_the_days_of_birth_and_of_the_visit(read):
    plan, _, _ = read(
        table(
            ("Date of birth", ["04/05/1950"]),
            ("Visit date", ["14/02/2025"]),
            ("Date completed", ["20/02/2025"]),
            ("Last updated", ["01/03/2025"]),
            ("Comment", SAID),
        )
    )
    assert plan.column_map["date"] == "Date completed"


# ----------------------------------------------------------------------------------------------------------- ratings


@pytest.mark.parametrize(
    "answers",
    [
        ["Very good", "Good", "Poor"],
        ["1 - Very good", "2 - Good", "4 - Poor"],
        ["5 (very good)", "4 (good)", "2 (poor)"],
        ["V. good", "good ", "POOR!"],
        ["very_good", "Good 🙂", "[Poor]"],
        ["Extremely likely", "Likely", "Unlikely"],
    ],
)
def test_ratings_are_read_by_their_words_in_whatever_form(read, answers):
    _, comments, _ = read(table(("Date", ["14/02/2025"]), ("Overall experience", answers), ("Comment", SAID)))
    assert [c.fft for c in comments[:3]] == [1, 2, 4]


@pytest.mark.parametrize(
    "answers", [["5", "4", "2"], ["★★★★★", "★★★★☆", "★★☆☆☆"], ["5 stars", "4 stars", "2 stars"], ["5/5", "4/5", "2/5"]]
)
def test_numbers_and_stars_without_a_legend_are_left_blank_and_asked(read, answers):
    plan, comments, outcomes = read(table(("Rating", answers), ("Comment", SAID)))
    assert plan.column_map["rating"] == "Rating"
    assert {c.fft for c in comments} == {None}
    assert not any(outcome.warnings for outcome in outcomes)
    assert any("5=very_good" in ask for ask in plan.asks)


@pytest.mark.parametrize("answers", [["5", "4", "2"], ["★★★★★", "★★★★☆", "★★☆☆☆"], ["5 stars", "4 stars", "2 stars"]])
def test_a_legend_in_the_heading_reads_numbers_and_stars(read, answers):
    _, comments, _ = read(table(("Rating (1 = very poor, 5 = very good)", answers), ("Comment", SAID)))
    assert [c.fft for c in comments[:3]] == [1, 2, 4]


def test_faces_are_ratings_that_nobody_can_read(read):
    plan, comments, _ = read(table(("How was it for you?", ["😀", "🙂", "😡"]), ("Comment", SAID)))
    assert plan.column_map["rating"] == "How was it for you?"
    assert {c.fft for c in comments} == {None}
    assert any("faces" in ask for ask in plan.asks)


def test_a_face_alone_is_a_comment_where_the_heading_says_comment(read):
    plan, comments, _ = read(table(("Rating", LABELS), ("Comment", ["👍", *SAID[:5]])))
    assert plan.column_map["comment"] == ["Comment"]
    assert comments[0].text == "👍"


# -------------------------------------------------------------------------------------------- headings, titles, footers


@pytest.mark.parametrize(
    "top",
    [
        [["Friends and Family Test, spring"], []],
        [["Report", "FFT comments"], ["Printed", "01/04/2025"], []],
        [["", "Where", "", "In words"]],
    ],
)
def test_what_stands_above_the_headings_is_no_row(read, top):
    plan, comments, _ = read(
        [*top, *table(("Date", ["14/02/2025"]), ("Team", TEAMS), ("Rating", LABELS), ("Comment", SAID))]
    )
    assert (plan.rows, len(comments)) == (12, 12)
    assert plan.column_map["comment"] == ["Comment"]


@pytest.mark.parametrize(
    "foot", [["Total", "12"], ["Exported on 01/04/2025"], ["Average", "", "4.2"], ["Source: survey tool"]]
)
def test_what_sums_up_at_the_foot_is_no_row(read, foot):
    plan, comments, _ = read([*table(("Date", ["14/02/2025"]), ("Team", TEAMS), ("Comment", SAID)), foot])
    assert (plan.rows, len(comments)) == (12, 12)


def test_headings_repeated_on_every_page_are_no_rows(read):
    rows = table(("Date", ["14/02/2025"]), ("Team", TEAMS), ("Comment", SAID))
    plan, comments, _ = read([*rows[:5], rows[0], *rows[5:9], rows[0], *rows[9:]])
    assert (plan.rows, len(comments)) == (12, 12)


def test_without_any_heading_columns_go_by_their_cells(read):
    rows = table(("", ["14/02/2025", "20/03/2025"]), ("", TEAMS), ("", LABELS), ("", SAID))[1:]
    plan, comments, _ = read(rows)
    assert taken(plan) == {"comment": ["Column D"], "service": ["Column B"], "date": "Column A", "rating": "Column C"}
    assert comments[0].services == ("Ash Ward",)
    assert any("Column D" in ask for ask in plan.asks)


def test_a_program_s_log_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "run.csv"
    path.write_text(
        "".join(f"2025-03-{i:02d} 10:00:11,204 INFO main - wrote {i} rows to the disk\n" for i in range(1, 25))
    )
    with pytest.raises(BadFile, match="log of a program"):
        plan_file(path)


# ----------------------------------------------------------------------------------------- which column is the comment


@pytest.mark.parametrize(
    "heading",
    [
        "REASON FOR SCORE",
        "Why did you give this rating?",
        "FFT free text",
        "Patient feedback",
        "In your own words",
        "Please tell us the reason for your answer",
        "Q7_open",
        "what_they_said",
    ],
)
def test_a_heading_that_asks_for_words_is_the_comment(read, heading):
    plan, comments, _ = read(table(("Date", ["14/02/2025"]), ("Rating", LABELS), (heading, SAID)))
    assert plan.column_map["comment"] == [heading]
    assert len(comments) == 12


@pytest.mark.parametrize(
    "heading",
    [
        "Response to patient",
        "Reply to carer",
        "Our response",
        "Action taken",
        "Manager comments",
        "Clinic notes (staff use)",
        "Internal notes",
        "Lessons learned",
        "Reason for referral",
        "You said, we did",
        "Trust response",
    ],
)
def test_what_staff_wrote_is_never_a_comment(read, heading):
    written = [
        f"We have passed this on to the team and the rota will change, see entry {i} of the log" for i in range(12)
    ]
    plan, comments, _ = read(table(("Date", ["14/02/2025"]), ("Feedback", SAID), (heading, written)))
    assert plan.column_map["comment"] == ["Feedback"]
    assert {c.text for c in comments} == set(SAID)


def test_two_plausible_columns_are_both_taken_and_said(read):
    plan, comments, _ = read(table(("Comments", SAID), ("Comment text", SAID[::-1])))
    assert plan.column_map["comment"] == ["Comments", "Comment text"]
    assert len(comments) == 24
    assert any("2 comments" in said for said in plan.decisions)


def test_numbers_and_yes_under_a_heading_of_comments_are_comments_too(read):
    answers = ["10", "TRUE", *SAID[:3], "8", "9", "10"]
    plan, comments, _ = read(table(("Date", ["14/02/2025"]), ("Comment text", answers)))
    assert plan.column_map["comment"] == ["Comment text"]
    assert comments[0].text == "10"


def test_a_wide_survey_gives_each_answer_its_question_and_no_name_is_taken(read):
    plan, comments, _ = read(
        table(
            ("Respondent ID", [str(9000 + i) for i in range(12)]),
            ("Your name", [f"Person {i}" for i in range(12)]),
            ("E-mail", [f"p{i}@example.org" for i in range(12)]),
            ("NHS number", ["943 476 5919"]),
            ("Home address", ["1 High Street, Ledbury"]),
            ("What did we do well?", SAID),
            ("What could we do better?", SAID[::-1]),
            ("How did you hear about us?", ["From a friend at work or in the village"]),
            ("May we publish your comments?", ["Yes please, do with them what you like"]),
        )
    )
    assert plan.column_map["comment"] == ["What did we do well?", "What could we do better?"]
    assert {c.question for c in comments} == {"What did we do well?", "What could we do better?"}
    kept = repr([(c.text, c.id, c.services, c.respondent) for c in comments])
    assert not any(word in kept for word in ("Person", "example.org", "943", "High Street"))


def test_a_question_a_row_keeps_the_form_s_number_as_id_of_each_answer(read):
    asked = ["What was good?", "What could be better?"]
    rows = [["ResponseNo", "Team", "Question text", "Answer text"]]
    rows += [[str(500 + i // 2), TEAMS[i % 3], asked[i % 2], said] for i, said in enumerate(SAID)]
    plan, comments, _ = read(rows)
    assert plan.column_map["id"] == "ResponseNo"
    assert [(c.id, c.question) for c in comments[:3]] == [("500", asked[0]), ("500", asked[1]), ("501", asked[0])]
    assert comments[0].respondent_key == comments[1].respondent_key != comments[2].respondent_key


@pytest.mark.parametrize("heading", ["Nr", "ID", "Ref", "No.", "Record", "response id"])
def test_a_number_that_is_different_in_each_row_is_the_id(read, heading):
    plan, comments, _ = read(table((heading, [str(i + 1) for i in range(12)]), ("Comment", SAID)))
    assert plan.column_map["id"] == heading
    assert comments[0].id == "1"


@pytest.mark.parametrize("heading", ["Team", "where", "Ward name", "Site", "Clinic attended", "Department"])
def test_a_heading_that_says_where_is_the_service(read, heading):
    plan, comments, _ = read(table((heading, TEAMS), ("Comment", SAID)))
    assert plan.column_map["service"] == [heading]
    assert comments[1].services == ("Podiatry Ledbury",)


# -------------------------------------------------------------------------------------------------- what was lost before


@pytest.mark.parametrize("error", ["#REF!", "#NAME?", "#VALUE!"])
def test_a_comment_that_a_spreadsheet_lost_is_named(read, error):
    _, comments, outcomes = read(table(("Team", TEAMS), ("Comment", [*SAID[:11], error])))
    assert len(comments) == 11
    assert (outcomes[-1].outcome, outcomes[-1].reject.reason) == ("reject", "undecodable")
    assert error in outcomes[-1].reject.detail


def test_a_service_that_a_spreadsheet_lost_is_blank_and_named(read):
    _, comments, outcomes = read(table(("Team", ["Ash Ward", "#N/A"]), ("Comment", SAID)))
    assert comments[1].services == ()
    assert outcomes[1].warnings[0].reason == "undecodable"


def test_control_characters_strewn_in_text_do_not_make_it_binary(read):
    strewn = [said.replace("a", "a\x01\x02") for said in SAID]
    _, comments, _ = read(table(("Date", ["14/02/2025"]), ("Comment", strewn)))
    assert len(comments) == 12


def test_more_columns_than_any_survey_has_are_refused_in_a_sentence(read):
    wide = [[f"Question {i}" for i in range(2_100)], ["yes"] * 2_100]
    with pytest.raises(BadFile, match="2,100 columns, and 2,000 are read"):
        read(wide)


@pytest.mark.parametrize(
    "last",
    [
        "Total waste of time",
        "Mean receptionist",
        "Printed letters are too small to read",
        "Count me in",
        "Prepared by lovely nurses",
        "Page after page of forms",
    ],
)
def test_a_last_comment_that_begins_like_a_footer_is_kept(read, last):
    _, comments, _ = read([["Comments"], *([said] for said in SAID), [last]])
    assert comments[-1].text == last


@pytest.mark.parametrize(
    "foot",
    [
        "Total: 12",
        "Grand total",
        "n = 12",
        "Page 1 of 3",
        "Report generated on 01/04/2025 10:00",
        "Exported by the survey team",
        "Number of responses: 12",
        "Confidential",
        "OFFICIAL-SENSITIVE",
        "End of report",
    ],
)
def test_a_footer_alone_in_its_row_is_no_row(read, foot):
    plan, _, _ = read([*table(("Date", ["14/02/2025"]), ("Comment", SAID)), [foot]])
    assert plan.rows == 12


@pytest.mark.parametrize(
    "content", ['["Kind staff", "Cold room"]', "[1, 2, 3]", '{"responses": ["Kind staff", "Cold room"]}']
)
def test_json_of_bare_words_is_refused_with_the_shape_that_is_wanted(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(BadFile, match="give each as an object"):
        plan_file(path)
