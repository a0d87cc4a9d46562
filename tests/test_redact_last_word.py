"""What is said of a word that looks like a name may settle it, whatever the guard hears: nobody, or surely somebody."""

import pytest

from feedback.redact import Redactor
from feedback.redact.names import Lexicon
from feedback.redact.nobody import in_a_saying, names_nobody
from feedback.redact.reading import Reading
from feedback.redact.somebody import surely_named
from feedback.taxonomy import load_taxonomy

REDACTOR = Redactor(load_taxonomy())
LEXICON = Lexicon(load_taxonomy())

# Each of these had a name hidden in it before the rules had the last word.
NOBODY = [
    "Hope was in short supply",
    "Hope is what she gave us",
    "Grace was shown to all of us",
    "Faith was lost that day",
    "Joy was had by all at the Christmas do",
    "Patience was wearing thin",
    "Patience is a virtue and you need it here",
    "Prudence would suggest ringing first",
    "Comfort was not a priority",
    "Summer came and went",
    "Dawn came and still no bed",
    "Sunny was the mood",
    "rob was the word, £5 for an hour",
    "Bill came to £47.50 for the prescription",
    "Vera on the telly, volume 50",
    "Elsa and Anna on the walls, my girl was made up",
    "Sing along with Elvis songs was great fun",
    "Bartholin's abscess, ouch, but kindly dealt with",
    "Braxton Hicks all night and the midwife never rolled her eyes",
    "three weeks of Guillain-Barré and then home",
    "Bloody Nora that hurt but she was ever so gentle",
    "Taking the Michael at £8 a day",
    "Tommy Tippee bottles were in the parents room, lifesaver",
    "Shingrix second dose due and no one can book it",
    "nino: qq 30 71 22 c",
    "Grace or luck, we got the right dentist",
    "Gem of a podiatrist, that one",
    "Hope is a funny thing on a stroke ward",
    "Faith is what the staff gave me back",
    "June was a dreadful month for appointments",
    "Bill came to eleven pounds for two teas",
    "Ivy is growing over the bathroom window",
    "Hope is not a treatment plan",
    "Clover the donkey came to the garden party",
]

# The same words of people, and people whose names are near to those: all of them stay hidden.
SOMEBODY = [
    ("Hope was in charge", "[PERSON] was in charge"),
    ("Joy was all smiles", "[PERSON] was all smiles"),
    ("Comfort was given a warning", "[PERSON] was given a warning"),
    ("Grace was missing when I came to collect her", "[PERSON] was missing when I came to collect her"),
    ("Bill came to see me", "[PERSON] came to see me"),
    ("Ivy is pulling her weight", "[PERSON] is pulling her weight"),
    ("Elsa on the front desk was lovely", "[PERSON] on the front desk was lovely"),
    ("June was kind to me all month", "[PERSON] was kind to me all month"),
    ("Derek's fracture was missed", "[PERSON]'s fracture was missed"),
    ("Gordon Brown in the next bed", "[PERSON] in the next bed"),
    ("Dr Prolia saw me", "Dr [PERSON] saw me"),
]

# Not hidden before: the guard had no ear for them.
SURELY = [
    ("J. P. Osgood signed my form", "[PERSON] signed my form"),
    ("TJ on reception was ace", "[PERSON] on reception was ace"),
    ("AJ the support worker got him laughing", "[PERSON] the support worker got him laughing"),
    ("heather on the main desk found my glove", "[PERSON] on the main desk found my glove"),
    ("Olive, from phlebotomy, has the touch", "[PERSON], from phlebotomy, has the touch"),
    ("Thanks rowan on nights for the toast", "Thanks [PERSON] on nights for the toast"),
    ("hope was my midwife", "[PERSON] was my midwife"),
    ("faith is off sick so nobody came", "[PERSON] is off sick so nobody came"),
    ("Ivy, 84, in the next bed", "[PERSON], 84, in the next bed"),
    ("Violet opposite me cried all night", "[PERSON] opposite me cried all night"),
    ("Derek'd have loved it", "[PERSON] have loved it"),
    ("Margarets kindness", "[PERSON] kindness"),
]


def redact(text: str) -> str:
    return REDACTOR.redact([text])[0][0]


@pytest.mark.parametrize("text", NOBODY)
def test_a_quality_a_character_or_a_saying_names_nobody(text):
    assert "[PERSON]" not in redact(text)


@pytest.mark.parametrize(("before", "after"), SOMEBODY + SURELY)
def test_who_is_somebody_stays_hidden(before, after):
    assert redact(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "The DJ on the radio was loud",
        "Guy in the next bed swore all night",
        "Patience is my nurse's gift",
        "Martins corner shop",
        "Faith in the admin is low",
        "May on nights was hard",
    ],
)
def test_the_signs_of_somebody_are_not_seen_where_there_is_nobody(text):
    assert surely_named(Reading(text, LEXICON)) == set()


def test_a_title_or_a_given_name_makes_a_person_of_a_brand():
    assert in_a_saying(Reading("Prolia hurts", LEXICON)) == {0}
    assert in_a_saying(Reading("Dr Prolia hurts", LEXICON)) == set()
    assert in_a_saying(Reading("Anna Prolia hurts", LEXICON)) == set()


def test_no_given_name_stands_alone_in_the_list_of_nobody():
    alone = {phrase[0] for phrases in LEXICON.nobody.values() for phrase in phrases if len(phrase) == 1}
    assert alone
    assert {word for word in alone if LEXICON.is_given(word) or word in LEXICON.given_words} == set()


def test_the_last_word_is_with_the_rules_at_any_place_of_a_text():
    reading = Reading("We waited. Faith was restored by the night staff.", LEXICON)
    assert names_nobody(reading, 2)
    assert not names_nobody(Reading("We waited. Faith was given a bed.", LEXICON), 2)
