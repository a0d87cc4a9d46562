import pytest

from feedback.read.columns import Evidence, Roles, decide_roles, plain_heading

SAID = (
    "The nurse explained every step.",
    "Parking took an hour and made us late.",
    "Kind staff all round, thank you.",
    "Nobody told us the clinic had moved.",
    "I was listened to at last.",
    "The chairs hurt my back.",
    "Quick visit and a clear letter after.",
    "They lost my form again.",
)
LABELS = ("Very good", "Good", "Poor", "Very good", "Don't know", "Very poor", "Good", "Good")
DATES = tuple(f"{day}/05/2025" for day in range(13, 21))
IDS = tuple(f"X-{n}" for n in range(8))
TEAMS = ("Ward 1", "Ward 2", "Ward 1", "Ward 3", "Ward 2", "Ward 1", "Ward 3", "Ward 2")
PEOPLE = ("Patient", "Carer", "Patient", "Parent", "Patient", "Patient", "Relative", "Patient")


def roles(**columns):
    """The roles of columns given as heading=cells, told by heading; underscores in a heading are blanks."""
    headings = [heading.replace("_", " ") for heading in columns]
    evidence = []
    for cells in columns.values():
        evidence.append(Evidence())
        for cell in cells:
            evidence[-1].add(cell)
    found = decide_roles(headings, evidence, 8)

    def told(place):
        return None if place is None else headings[place]

    return {
        name: tuple(map(told, value)) if isinstance(value, tuple) else told(value)
        for name, value in ((name, getattr(found, name)) for name in Roles.__slots__)
        if name != "sure" and value not in (None, ())
    }


def test_every_column_of_a_plain_export_finds_its_role():
    assert roles(Ref=IDS, Date=DATES, Team=TEAMS, Rating=LABELS, Comments=SAID, Completed_by=PEOPLE) == {
        "comments": ("Comments",),
        "services": ("Team",),
        "date": "Date",
        "rating": "Rating",
        "respondent": "Completed by",
        "id": "Ref",
    }


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Name", ("Ann Bell",) * 8),
        ("Patient name", ("Ann Bell",) * 8),
        ("E-mail", ("ann@mail.example",) * 8),
        ("How can we reach you?", ("ann@mail.example",) * 8),
        ("Telephone", ("01632 960 001",) * 8),
        ("NHS number", ("999 000 0018",) * 8),
        ("Ref", ("943 476 5919",) * 8),
        ("DOB", ("01/02/1950",) * 8),
        ("Home address", ("1 High Street, Upper Example, Exampleshire",) * 8),
        ("Please leave your name and phone number if we may ring you", ("Ann, in the mornings",) * 8),
    ],
)
def test_what_says_who_somebody_is_is_set_aside(heading, cells):
    found = roles(**{heading: cells, "Comments": SAID})
    assert found == {"personal": (heading,), "comments": ("Comments",)}


def test_a_question_that_asks_to_leave_names_out_is_still_a_question():
    assert roles(**{"Why? (please do not include your name)": SAID})["comments"] == (
        "Why? (please do not include your name)",
    )


@pytest.mark.parametrize(
    "heading",
    [
        "Comment",
        "FFT answer",
        "Free text",
        "Story",
        "What did we do well?",
        "Please tell us why",
        "How could we improve?",
        "Response",
    ],
)
def test_words_under_a_heading_that_asks_for_them_are_comments(heading):
    assert roles(**{heading: SAID, "Date": DATES})["comments"] == (heading,)


@pytest.mark.parametrize(
    "heading",
    [
        "Story title",
        "Trust response",
        "Comment theme",
        "Action taken",
        "Manager comments",
        "Reply to feedback from team lead",
    ],
)
def test_words_about_a_comment_are_not_one(heading):
    assert roles(**{heading: SAID, "Comments": SAID})["comments"] == ("Comments",)


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Was there anything we could have done better?", ("Yes", "No") * 4),
        ("May we publish your comments?", ("If anonymous", "Please do", "Not this time", "I would rather not") * 2),
        ("How did you hear about our feedback?", ("Poster", "Website", "Friend", "Poster") * 2),
        ("How good was the parking?", LABELS),
        ("FFT answer", ("1", "2", "5", "1") * 2),
    ],
)
def test_a_closed_answer_is_no_comment_whatever_the_heading(heading, cells):
    assert roles(**{heading: cells, "Comments": SAID})["comments"] == ("Comments",)


def test_short_comments_stay_comments():
    assert roles(Comments=("Good", "Staff", "Very good", "Good", "ok", "Good", "Staff", "Good"), Rating=LABELS)[
        "comments"
    ] == ("Comments",)
    assert roles(**{"What was good?": ("Staff", "The staff", "Nurses", "Staff") * 2})["comments"] == ("What was good?",)


def test_words_under_an_unknown_heading_are_taken_only_where_nothing_better_is():
    assert roles(Zulu=SAID, Date=DATES)["comments"] == ("Zulu",)
    assert roles(Zulu=SAID, Comments=SAID)["comments"] == ("Comments",)


def test_two_columns_of_comments_are_both_taken_and_a_question_column_then_asks_neither():
    found = roles(Question=("Why?",) * 8, Comments=SAID, Suggestions=SAID)
    assert (found["comments"], found.get("question")) == (("Comments", "Suggestions"), None)


def test_services_come_most_specific_first():
    found = roles(
        Directorate=("Adults",) * 8, Service_type_1=TEAMS, Site=TEAMS, Service_type_2=TEAMS, Team=TEAMS, Comments=SAID
    )
    assert found["services"] == ("Team", "Service type 2", "Service type 1", "Site", "Directorate")


def test_the_date_of_the_answer_goes_before_other_dates():
    found = roles(Visit_date=DATES, Start_Date=DATES, End_Date=DATES, Last_updated=DATES, Comments=SAID)
    assert found["date"] == "End Date"


def test_numbers_that_look_like_days_are_dates_only_under_a_date():
    assert roles(Date=(45_800,) * 8, Comments=SAID)["date"] == "Date"
    assert "date" not in roles(Response_number=tuple(range(45_800, 45_808)), Comments=SAID)


def test_a_comments_id_goes_before_a_persons_which_is_kept_apart():
    found = roles(Respondent_ID=IDS, Collector_ID=("77",) * 8, Comment_ID=IDS, Comments=SAID)
    assert (found["id"], found["person"]) == ("Comment ID", "Respondent ID")
    assert roles(Respondent_ID=IDS, Comments=SAID)["id"] == "Respondent ID"


@pytest.mark.parametrize(
    ("heading", "plain"),
    [
        ("Q12a) What was good?", "what was good"),
        ("commentText", "comment text"),
        ("answers.comment_1", "answers comment 1"),
    ],
)
def test_a_heading_is_compared_without_its_number_and_case(heading, plain):
    assert plain_heading(heading) == plain
