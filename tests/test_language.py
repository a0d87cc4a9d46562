import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.language import ENGLISH, detect_language

OTHERS = [
    ("pl", "Pielęgniarki były bardzo miłe i pomocne"),
    ("pl", "Bardzo dziekuje za wszystko, polecam"),
    ("pl", "Dziękuję"),
    ("ro", "Mulțumesc, doamna doctor a fost foarte bună cu mine"),
    ("pt", "A equipa foi muito simpática, obrigada por tudo"),
    ("es", "Muchas gracias, la doctora fue muy buena conmigo"),
    ("fr", "Le personnel était très gentil mais on a attendu longtemps"),
    ("it", "Grazie, il medico è stato molto gentile con me"),
    ("de", "Die Ärztin war sehr nett und hat mir gut geholfen"),
    ("cy", "Diolch yn fawr, roedd y nyrs yn garedig iawn"),
    ("lt", "Labai ačiū, viskas buvo gerai"),
    ("tr", "Hemşire çok iyi, çok teşekkür ederim"),
    ("hu", "Nagyon köszönöm, minden jó volt"),
    ("uk", "Медсестра була дуже уважною, дякую"),
    ("ru", "Врач был очень внимательный, спасибо"),
    ("ar", "كانت الممرضة لطيفة جدا"),
    ("ur", "نرس بہت اچھی تھیں، شکریہ"),
    ("ur", "doctor bohat acha tha, shukriya aap ka"),
    ("fa", "پرستار خیلی مهربان بود"),
    ("pa", "ਨਰਸ ਬਹੁਤ ਚੰਗੀ ਸੀ"),
    ("hi", "नर्स बहुत अच्छी थी"),
    ("bn", "নার্স খুব ভালো ছিলেন"),
    ("zh", "护士很好，谢谢你们"),
]

ENGLISH_ALL_THE_SAME = [
    "",
    "ok",
    "ta love",
    "gd",
    "n/a",
    "10/10",
    "👍👍👍",
    "brill x",
    "wot a luvly nurs",
    "aye grand",
    "yow lot am bostin",
    "gud servis fank u",
    "kind, caring, professional",
    "polite",
    "Merci!",
    "gracias amigo",
    "c'est la vie, as they say",
    "[PERSON] [PHONE]",
    "Nurse Agnieszka Wójcik and Dr Popescu",
    "The café was très chic but the crêpes were cold",
    "no no no",
    "la la la",
]


@pytest.mark.parametrize(("language", "text"), OTHERS)
def test_other_languages_are_named(language, text):
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ENGLISH_ALL_THE_SAME)
def test_short_misspelt_and_dialect_english_is_left_alone(text):
    assert detect_language(text) == "en"


@given(st.lists(st.sampled_from(sorted(ENGLISH)), max_size=12))
def test_words_that_only_english_has_are_english_in_any_order(words):
    assert detect_language(" ".join(words)) == "en"


@given(st.text(max_size=80))
def test_any_text_at_all_has_a_language_of_two_letters(text):
    assert len(detect_language(text)) == 2
