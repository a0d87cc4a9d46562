import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.comment import Comment, RawComment
from feedback.pipeline import Pipeline
from feedback.tag.respondent import respondent_of_cell, tag_respondent


@pytest.mark.parametrize(
    ("cell", "type"),
    [
        ("Patient", "patient"),
        ("Service user", "patient"),
        ("Parent / guardian of patient", "parent"),
        ("Child's guardian", "parent"),
        ("Relative or friend", "relative"),
        ("Unpaid carer", "carer"),
        ("Foster carer", "parent"),
        ("Member of staff", "staff"),
        ("Prefer not to say", None),
        ("", None),
    ],
)
def test_the_column_is_read_in_its_many_wordings(cell, type):
    assert respondent_of_cell(cell) == type


def test_the_column_outranks_the_words():
    finding = tag_respondent(Comment("c", "My son was seen.", respondent_cell="Patient"))
    assert (finding.label, finding.by, finding.start, finding.end) == ("patient", "column", 0, 0)


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("My leg is better and I can walk to the shop.", "patient"),
        ("My husband drove me and waited in the car.", "patient"),
        ("I'm 15 and nobody talked over me.", "patient"),
        ("My daughter was frightened and the nurse sat with her.", "parent"),
        ("As foster carers we felt listened to.", "parent"),
        ("School nurse never wrote back about his hearing.", "parent"),
        ("My wife was on the ward for a month and they lost her glasses.", "relative"),
        ("Nan's teeth were found. She smiled.", "relative"),
        ("I look after my husband; nobody asked how I was.", "carer"),
        ("As her carer I need to be told.", "carer"),
        ("I work on the ward and we are two short every night.", "staff"),
        ("Student nurse on placement here, and I was made welcome.", "staff"),
        ("The lights flicker.", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_words_say_who_is_speaking(text, type):
    assert tag_respondent(Comment("c", text)).label == type


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("As a GP in Ledbury I ring one number now and somebody answers.", "unknown"),
        ("I'm a SENCO. Nine referrals came back in a fortnight.", "unknown"),
        ("I run a care home. Your doctors treat our folk in their own rooms.", "unknown"),
        ("I'm a SENCO myself and my son still waited three years.", "parent"),
        ("My GP sent me here and I felt listened to.", "patient"),
    ],
)
def test_who_works_for_somebody_else_is_not_our_staff(text: str, type: str, pipeline: Pipeline) -> None:
    (read,) = pipeline.analyse([RawComment(text)])
    assert read.of("respondent")[0].label == type


def test_the_finding_names_its_rule_and_its_words():
    text = "I care for my brother."
    finding = tag_respondent(Comment("c", text))
    assert (finding.kind, finding.by, text[finding.start : finding.end]) == (
        "respondent",
        "rule:gives care",
        "I care for",
    )


def test_a_comment_in_another_language_is_not_guessed():
    assert tag_respondent(Comment("c", "Moja mama", language="pl")).label == "unknown"


@given(st.text(max_size=200))
def test_there_is_always_one_answer_within_the_text(text):
    finding = tag_respondent(Comment("c", text))
    assert finding.label in {"patient", "carer", "relative", "parent", "staff", "unknown"}
    assert 0 <= finding.start <= finding.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "I manage a care home outside Ledbury. The wound nurse rings back the same day.",
        "As a deputy manager at a supported living scheme I find the epilepsy nurse a joy.",
        "I'm a teaching assistant at a special school. The therapists have nowhere to sit.",
        "I'm the first aider at the school. Jab day ran like clockwork.",
        "Locum pharmacist here. The scripts come in dribs and drabs.",
        "I teach reception. The therapist who leaves us picture cards has not been in since September.",
    ],
)
def test_who_works_for_somebody_else_is_none_of_ours(text: str) -> None:
    assert tag_respondent(Comment(id="1", text=text)).label == "unknown"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("I work in a school so evenings suit me. My counsellor moved my sessions for it.", "patient"),
        ("I teach myself the exercises between my appointments.", "patient"),
        ("I'm a nurse at the hospital wing here and our rota came out late again.", "staff"),
    ],
)
def test_where_somebody_works_tells_nothing_where_more_is_said(text: str, who: str) -> None:
    assert tag_respondent(Comment(id="1", text=text)).label == who
