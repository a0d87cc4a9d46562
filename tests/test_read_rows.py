import csv
import io
import json
from datetime import date

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.comment import RawComment
from feedback.read import Problem, RowOutcome, plan_file, read_rows
from feedback.read.rows import MAX_COMMENT

TODAY = date(2025, 11, 20)
HEADINGS = ["Ref", "Date", "Team", "Rating", "Comments", "Completed by"]
SAID = (
    "Warm and quick, thank you",
    "Nobody rang me back at all",
    "The letter was clear to me",
    "A long wait in the cold",
)


def row(n, day="13/05/2025", rating="Good", said=None, who="Carer"):
    return [f"X{n}", day, "Ward 1", rating, SAID[n % 4] if said is None else said, who]


def written(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def read(tmp_path, content, name="file.csv", **options):
    """The comments and the outcomes of a file given as rows, text or bytes."""
    path = tmp_path / name
    content = written(content) if isinstance(content, list) else content
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    out = list(read_rows(plan_file(path, today=TODAY, **options)))
    return [o for o in out if isinstance(o, RawComment)], [o for o in out if isinstance(o, RowOutcome)]


def told(outcomes):
    return [(o.row, o.outcome) for o in outcomes]


def test_a_row_becomes_a_comment_with_all_that_stood_beside_it(tmp_path):
    comments, outcomes = read(tmp_path, [HEADINGS, *(row(n) for n in range(4))])
    assert comments[1] == RawComment(
        text="Nobody rang me back at all",
        id="X1",
        date=date(2025, 5, 13),
        services=("Ward 1",),
        respondent="Carer",
        fft=2,
        row=3,
        column="Comments",
    )
    assert outcomes[1] == RowOutcome(3, None, "accepted", 1)


def test_a_date_or_rating_that_cannot_be_read_loses_itself_and_not_the_comment(tmp_path):
    bad = [row(4, day="31/06/2025"), row(5, day="unknown"), row(6, rating="Green"), row(7, day="", rating="")]
    comments, outcomes = read(tmp_path, [HEADINGS, *(row(n) for n in range(4)), *bad])
    assert [(c.date, c.fft) for c in comments[4:]] == [(None, 2), (None, 2), (date(2025, 5, 13), None), (None, None)]
    assert [o.warnings for o in outcomes[4:]] == [
        (Problem("bad_date", '"Date" is a day that does not exist'),),
        (Problem("bad_date", '"Date" is not a date'),),
        (Problem("bad_rating", '"Rating" is none of the answers'),),
        (),
    ]
    assert outcomes[4].original == tuple(bad[0])


def test_several_questions_give_several_comments_of_one_respondent(tmp_path):
    rows = [
        ["Date", "What was good?", "What could we do better?"],
        *(["13/05/2025", said, said[::-1]] for said in SAID),
    ]
    rows[2][2] = " "
    comments, outcomes = read(tmp_path, rows)
    assert [(c.row, c.question) for c in comments[:3]] == [
        (2, "What was good?"),
        (2, "What could we do better?"),
        (3, "What was good?"),
    ]
    assert comments[0].respondent_key == comments[1].respondent_key != comments[2].respondent_key
    assert [o.comments for o in outcomes] == [2, 1, 2, 2]


def test_the_question_column_says_what_was_asked(tmp_path):
    rows = [["Question", "Answer"], *([asked, said] for asked in ("What went well?", "Why?") for said in SAID)]
    comments, _ = read(tmp_path, rows)
    assert [c.question for c in comments] == ["What went well?"] * 4 + ["Why?"] * 4


def test_the_persons_own_id_ties_their_answers_together_and_is_not_the_comments(tmp_path):
    rows = [
        ["Comment ID", "Respondent ID", "Comments"],
        *([f"C{n}", f"P{n // 2}", said] for n, said in enumerate(SAID)),
    ]
    comments, _ = read(tmp_path, rows)
    assert [(c.id, c.respondent_key) for c in comments] == [("C0", "P0"), ("C1", "P0"), ("C2", "P1"), ("C3", "P1")]


def test_names_and_numbers_of_people_are_in_no_field(tmp_path):
    rows = [
        ["Name", "Phone", "NHS number", *HEADINGS],
        *(["Ann Bell", "01632 960 001", "999 000 0018", *row(n)] for n in range(4)),
    ]
    comments, _ = read(tmp_path, rows)
    for comment in comments:
        fields = [str(getattr(comment, name)) for name in RawComment.__slots__]
        assert not any(secret in value for value in fields for secret in ("Ann Bell", "01632", "999 000"))


def test_blank_rows_count_in_the_numbering_and_blank_comments_are_empty(tmp_path):
    lines = written([HEADINGS, row(0), row(1, said="\u00a0"), row(2)]).replace("X2", "\n\nX2")
    _, outcomes = read(tmp_path, lines)
    assert told(outcomes) == [(2, "accepted"), (3, "empty"), (6, "accepted")]


def test_only_a_row_that_repeats_another_in_every_cell_is_a_duplicate(tmp_path):
    rows = [HEADINGS, row(0), row(1), row(0), row(0, who="Patient"), row(1), row(2, said=""), row(2, said="")]
    _, outcomes = read(tmp_path, rows)
    assert [o.outcome for o in outcomes] == [
        "accepted",
        "accepted",
        "duplicate",
        "accepted",
        "duplicate",
        "empty",
        "empty",
    ]


def test_headings_pasted_again_and_sums_at_the_foot_are_no_rows(tmp_path):
    lines = written([HEADINGS, row(0), row(1), HEADINGS, row(2)]) + "\nGrand total,3,,,,\nExported on 1 May 2025\n"
    _, outcomes = read(tmp_path, lines)
    assert told(outcomes) == [(2, "accepted"), (3, "accepted"), (5, "accepted")]


def test_a_comment_that_begins_like_a_total_is_read_where_data_follow_it(tmp_path):
    comments, _ = read(tmp_path, "Comments\nTotal shambles\nPage 3 of the letter was missing\nKind\n")
    assert [c.text for c in comments] == ["Total shambles", "Page 3 of the letter was missing", "Kind"]


def test_a_delimiter_too_many_rejects_the_row_and_one_too_few_warns(tmp_path):
    lines = (
        written([HEADINGS, *(row(n) for n in range(4))])
        + "X5,13/05/2025,Ward 1,Good,kind, but slow,Carer\nX6,13/05/2025,Ward 1,Good,Short row\nX7,13/05\n"
    )
    comments, outcomes = read(tmp_path, lines)
    assert [(o.outcome, o.reject, o.warnings) for o in outcomes[4:]] == [
        ("reject", Problem("wrong_columns", "the row has 7 cells, the headings 6"), ()),
        ("accepted", None, (Problem("wrong_columns", "the row has 5 cells, the headings 6"),)),
        ("empty", None, (Problem("wrong_columns", "the row has 2 cells, the headings 6"),)),
    ]
    assert comments[-1].text == "Short row"


def test_bytes_that_cannot_be_decoded_reject_a_comment_but_not_its_neighbour(tmp_path):
    good = written([HEADINGS, *(row(n, said=f"Café {n}") for n in range(4))]).encode()
    bad = b"X5,13/05/2025,Ward 1,Good,Caf\xe9,Carer\nX6,13/05/2025,Ward 1,Good,Fine here,Car\xe9r\n"
    comments, outcomes = read(tmp_path, good + bad)
    assert outcomes[4].reject == Problem("undecodable", '"Comments" has characters that the encoding does not have')
    assert (outcomes[5].outcome, comments[-1].text, comments[-1].respondent) == ("accepted", "Fine here", None)


def test_a_comment_too_long_to_be_one_is_named(tmp_path):
    _, outcomes = read(tmp_path, [HEADINGS, *(row(n) for n in range(4)), row(5, said="word " * (MAX_COMMENT // 4))])
    assert (outcomes[4].reject.reason, len(outcomes[4].original[4])) == ("too_long", 32_035)


def test_a_broken_json_line_is_a_reject_and_a_missing_comment_is_empty(tmp_path):
    lines = [json.dumps({"id": f"J{n}", "comment": said, "rating": "Good"}) for n, said in enumerate(SAID)]
    lines += ['{"id": "J5", "comment": "cut', '{"id": "J6", "comment": null}', '{"id": "J7"}']
    _, outcomes = read(tmp_path, "\n".join(lines), name="file.jsonl")
    assert told(outcomes[4:]) == [(5, "reject"), (6, "empty"), (7, "empty")]


def test_a_workbook_tells_the_sheet_of_each_row_where_there_are_several(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "May"
    for sheet in (made.active, made.create_sheet("June")):
        for cells in [HEADINGS, *(row(n, who=sheet.title) for n in range(4)), [], ["Total", 4]]:
            sheet.append(cells)
    made.save(tmp_path / "file.xlsx")
    plan = plan_file(tmp_path / "file.xlsx", today=TODAY)
    outcomes = [o for o in read_rows(plan) if isinstance(o, RowOutcome)]
    assert [(o.sheet, o.row, o.outcome) for o in outcomes] == [
        (s, n, "accepted") for s in ("May", "June") for n in range(2, 6)
    ]


def test_a_mixed_column_leaves_open_dates_blank_unless_the_person_says_the_order(tmp_path):
    rows = [HEADINGS, row(0), row(1, day="05/13/2025"), row(2, day="03/04/2025"), row(3, day="04/04/2025")]
    comments, outcomes = read(tmp_path, rows)
    assert [c.date for c in comments] == [date(2025, 5, 13), date(2025, 5, 13), None, date(2025, 4, 4)]
    assert outcomes[2].warnings == (Problem("bad_date", '"Date" can be read day first or month first'),)
    assert read(tmp_path, rows, day_first=False)[0][2].date == date(2025, 3, 4)


MESSY = st.tuples(
    st.sampled_from(["X1", "X2", "", "Ω"]),
    st.sampled_from(["13/05/2025", "05/13/2025", "31/06/2025", "", "soon"]),
    st.sampled_from(["Ward 1", "Ward 2", ""]),
    st.sampled_from(["Good", "Poor", "Green", "3", ""]),
    st.sampled_from(["", " ", 'Kind, but "slow"', "two\nlines", "N/A", "=1+1", "Total", "&amp;"])
    | st.text(st.characters(codec="utf-8"), max_size=9),
    st.sampled_from(["Carer", "Patient", ""]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(MESSY, min_size=1, max_size=25))
def test_every_row_of_a_messy_file_has_exactly_one_outcome(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("messy") / "file.csv"
    content = written([HEADINGS, *(row(n) for n in range(4)), *rows, row(9)])
    path.write_text(content, encoding="utf-8", newline="")
    plan = plan_file(path, today=TODAY)
    out = list(read_rows(plan))
    outcomes = [o for o in out if isinstance(o, RowOutcome)]
    filled = [
        number
        for number, cells in enumerate(csv.reader(io.StringIO(content, newline="")), start=1)
        if number > 1 and any(map(str.strip, cells))
    ]
    assert [o.row for o in outcomes] == filled
    assert sum(o.comments for o in outcomes) == len(out) - len(outcomes)
    assert plan.rows == len(filled)
