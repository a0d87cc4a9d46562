import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.clean import clean, is_contentless, question_kind
from feedback.read.cells import is_blank

PIECES = st.lists(
    st.sampled_from(
        [
            "&amp;",
            "&lt;",
            "&#39;",
            "&nbsp;",
            "&amp;amp;",
            "_x000D_",
            "\r\n",
            "\r",
            "\n",
            "\u200b",
            "\ufeff",
            "\x00",
            " ",
            "\u00a0",
            "tea",
            "a & b",
            "👩‍👧",
            "&",
            ";",
            "\u2028",
            "\ud83d",
            "é",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  Tea &amp; toast ", "Tea & toast"),
        ("It&#39;s &quot;fine&quot;", 'It\'s "fine"'),
        ("first_x000D_\nsecond_x000D_third", "first\nsecond\nthird"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("zero\u200bwidth\ufeff and NUL\x00", "zerowidth and NUL"),
        ("\u00a0\tkind\u00a0", "kind"),
        ("family 👨‍👩‍👧 ❤️", "family 👨‍👩‍👧 ❤️"),
    ],
)
def test_escapes_and_invisible_characters_go_and_the_words_stay(before, after):
    assert clean(before) == after


@pytest.mark.parametrize(
    "text",
    ["fish &chips", "R&D, 5 < 6", "A&amp without an end", "<b>bold</b>", "=1+1", "'; DROP TABLE x; --", "snake_x_case"],
)
def test_what_a_person_typed_is_left_alone(text):
    assert clean(text) == text


def test_text_that_was_escaped_twice_is_decoded_once():
    assert clean("&amp;lt;3") == "&lt;3"


@given(st.text() | PIECES)
def test_cleaning_twice_equals_cleaning_once_unless_the_text_was_escaped_twice(text):
    once = clean(text)
    if html.unescape(once) == once:
        assert clean(once) == once


@given(PIECES)
def test_nothing_that_is_blank_to_the_reader_is_left_with_words(text):
    if is_blank(text):
        assert clean(text) == ""


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What was good?", "what_good"),
        ("What did you like most about your visit?", "what_good"),
        ("Please tell us about anything that went well", "what_good"),
        ("Compliments", "what_good"),
        ("What should we keep doing?", "what_good"),
        ("How could we improve?", "could_improve"),
        ("Q7. Is there anything we could have done better?", "could_improve"),
        ("What didn’t go so well?", "could_improve"),
        ("What did you like least?", "could_improve"),
        ("Even better if…", "could_improve"),
        ("Was there anything you were not happy with?", "could_improve"),
        ("If you could change one thing, what would it be?", "could_improve"),
        ("Why did you give this answer?", "nonspecific"),
        ("Comments", "nonspecific"),
        ("What was good, and what could be better?", "nonspecific"),
        ("How well did we look after you?", "nonspecific"),
        ("Is there anything else you would like to tell us?", "nonspecific"),
        ("Thank you. Any other comments?", "nonspecific"),
        ("", "nonspecific"),
        (None, "nonspecific"),
    ],
)
def test_a_question_invites_praise_or_improvements_or_either(question, kind):
    assert question_kind(question) == kind


@pytest.mark.parametrize("kind", ["what_good", "could_improve", "nonspecific"])
@pytest.mark.parametrize(
    "text",
    [
        "N/A",
        "n/a.",
        "na",
        "#N/A",
        ".",
        "-",
        "…",
        "???",
        "",
        "Did not answer",
        "No comment",
        "no further comments",
        "Not applicable",
        "Don't know",
        "I’m not sure",
        "nothing to add",
        "see above",
        "left blank",
        "Prefer not to say",
    ],
)
def test_a_stock_answer_says_nothing_whatever_was_asked(text, kind):
    assert is_contentless(text, kind)


@pytest.mark.parametrize(
    ("text", "kind", "contentless"),
    [
        ("Nothing", "could_improve", False),
        ("Nothing", "what_good", False),
        ("nothing at all", "nonspecific", False),
        ("None", "could_improve", False),
        ("None", "what_good", False),
        ("None.", "nonspecific", True),
        ("nil", "nonspecific", True),
        ("No", "could_improve", False),
    ],
)
def test_a_denial_is_an_answer_to_what_was_good_or_could_be_better(text, kind, contentless):
    assert is_contentless(text, kind) is contentless


@pytest.mark.parametrize(
    "text", ["ok", "👍", "❤️", "10/10", "Not good", "No complaints", "Nothing to add, all fine.", "Na zdrowie", "لا شيء"]
)
def test_a_short_answer_with_content_is_kept_as_such(text):
    assert not is_contentless(text, "nonspecific")
