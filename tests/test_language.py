"""Which language a comment is in, by class: what cannot wait, thanks and plain telling in other languages; mixed; English of every sort."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.language import detect_language, foreign
from feedback.settings import DATA

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

# Short, as people write in despair or in haste; in the languages of Herefordshire and Worcestershire, some in English letters.
URGENT = [
    ("fr", "Je veux mourir"),
    ("it", "voglio morire"),
    ("tr", "ölmek istiyorum"),
    ("lv", "gribu mirt"),
    ("cs", "nechci žít"),
    ("es", "no quiero vivir mas"),
    ("pt", "quero morrer ninguem me ajuda"),
    ("fr", "Lui dit qu'il va se tuer ce soir"),
    ("cy", "Dwi eisiau marw"),
    ("de", "Ich will nicht mehr leben"),
    ("pl", "chce umrzec"),
    ("pl", "nie chce juz zyc, pomozcie mi"),
    ("ro", "vreau sa mor"),
    ("hu", "meg akarok halni"),
    ("sk", "nechcem uz zit"),
    ("lt", "noriu mirti"),
    ("ur", "mein marna chahta hoon"),
    ("pa", "main marna chaunda haan"),
    ("bn", "ami morte chai"),
    ("ar", "ana urid an amut"),
    ("uk", "ya ne khochu zhyty"),
    ("ru", "ya hochu umeret"),
    ("bg", "iskam da umra"),
    ("bg", "не искам да живея"),
    ("tet", "hau hakarak mate"),
]

THANKS = [
    ("fr", "Merci"),
    ("es", "Gracias"),
    ("de", "danke schön"),
    ("it", "Grazie mille"),
    ("cy", "Diolch o galon"),
    ("bg", "blagodarya vi mnogo"),
    ("ru", "bolshoe spasibo"),
    ("tet", "obrigadu barak"),
    ("ro", "mersi mult"),
    ("ar", "shukran jazilan"),
]

TOLD = [
    ("bn", "onek dhonnobad"),
    ("pl", "Za długo czekałem na wizytę"),
    ("pl", "lekarz mnie nie sluchal"),
    ("ro", "am asteptat trei ore"),
    ("ro", "Asistentele au fost drăguțe"),
    ("bg", "chakah tri chasa na telefona"),
    ("lt", "Slaugytoja buvo maloni"),
    ("lt", "niekas man nepadeda"),
    ("lv", "Māsiņas bija jaukas"),
    ("pt", "Esperei três horas e ninguém veio"),
    ("pt", "a enfermeira era simpatica"),
    ("tet", "enfermeira sira diak tebes"),
    ("hu", "Az orvos nem figyelt rám"),
    ("hu", "Túl sokat kellett várni"),
    ("sk", "Sestra bola velmi mila"),
    ("sk", "čakal som tri hodiny"),
    ("cs", "Sestry byly moc hodné"),
    ("cs", "lékař mě vůbec neposlouchal"),
    ("ur", "doctor ne meri baat nahi suni"),
    ("ur", "bohat intezar karna para"),
    ("pa", "nurse bahut changi si"),
    ("pa", "kise ne meri gal nahi suni"),
    ("bn", "nurse khub bhalo chilen"),
    ("bn", "daktar amar kotha shonen ni"),
    ("tr", "Hemşireler çok kibardı"),
    ("tr", "kimse bana yardim etmiyor"),
    ("ar", "al tabib kana mumtaz jiddan"),
    ("ar", "la ahad yusaiduni"),
    ("cy", "Roedd y meddyg yn garedig"),
    ("cy", "Arhosais am dair awr"),
    ("es", "El médico no me escuchó"),
    ("es", "la enfermera fue amable"),
    ("it", "Le infermiere erano gentili"),
    ("it", "nessuno mi ascolta"),
    ("fr", "personne ne m'écoute"),
    ("fr", "Les infirmières étaient gentilles"),
    ("de", "Der Arzt hat mir nicht zugehört"),
    ("de", "niemand hilft mir"),
    ("uk", "medsestra bula duzhe dobra"),
    ("uk", "nikhto meni ne dopomahaye"),
    ("ru", "vrach menya ne slushal"),
    ("ru", "zhdal tri chasa"),
]

# English and another language in one comment: nobody has read the other part, so all of it is held.
MIXED = [
    ("es", "The staff were lovely. Mi marido lleva dos dias esperando y nadie viene. Tiene mucho dolor."),
    ("pl", "Nurse was kind. Ale nikt mi nie pomaga."),
    ("ro", "Good service overall!\nVreau sa mor."),
    ("pt", "Thank you to everyone on the ward, the food was nice and the nurses kind. Ninguém me ajuda com as dores."),
    ("cy", "Staff were brilliant. Diolch yn fawr iawn i chi gyd."),
    ("tr", "Food was cold. Kimse bana yardım etmiyor."),
    ("de", "I was well looked after here. Ich will nicht mehr leben."),
    ("ur", "Reception was helpful. Mujhe bohat dard hai aur koi nahi sunta."),
    ("pl", "Staff ok, nikt mi nie pomaga"),
    ("ur", "My husband was treated well on the ward but mujhe bohat dard hai koi nahi sunta"),
    ("bg", "The food was nice. Не искам да живея."),
    ("zh", "Good service. 护士很好"),
]

SLIPS_AND_DIALECT = [
    "ok",
    "ta love",
    "gd",
    "bostin",
    "gud",
    "spot on",
    "ta muchly",
    "brill",
    "brill x",
    "no probs",
    "aye grand",
    "champion",
    "yow lot am bostin",
    "yow am bostin",
    "aye not bad",
    "grand job like",
    "wot a gud nurs",
    "wot a luvly nurs",
    "gud servis fank u",
    "fank u verry much",
    "recepshun woz rude",
    "noice staf",
    "weyted 3 owers",
    "weyted fower owers an nobdy cum",
    "dint lissen to me",
    "thay dint lisen ter me atall",
    "gorra wait ages fer me tablits",
    "dey dun gud",
    "da nurse woz gud",
    "dat wil do",
    "me mam sez ta",
    "u no the ot tech",
    "ik ik not urs",
    "luvly ppl",
    "cheers bab",
    "me duck",
    "ta ra a bit",
    "yampy but kind",
    "nowt",
    "summat owt nowt",
    "nuffink",
    "dunno",
    "Lovley Nurces, Terible Carpark",
    "ospital apointmint wos orful sumtimes",
    "Excelent",
    "Profesional, freindly, eficient",
    "Verygoodservice",
    "My OT doesn't do pity",
]

NAMES_PLACES_DRUGS_DISHES = [
    "Nurse Agnieszka Wójcik and Dr Popescu",
    "Dr Nguyen, Dr Adeyemi, Sister Kowalska",
    "Sarah Jones, Kate Bishop, Tom Hart",
    "pani Kasia was nice",
    "patient nguyen thi mai. surname is nguyen!! not mai!!",
    "Ledbury, Leominster, Ross on Wye",
    "Tenbury Wells Kidderminster Bewdley",
    "sertraline mirtazapine quetiapine",
    "citalopram, diazepam, zopiclone",
    "Mirtazapine levothyroxine bisoprolol ramipril",
    "chicken tikka masala and naan",
    "spag bol, lasagne, paella",
    "pierogi and bigos please",
    "cous cous dahl chapati",
    "ramen gyoza miso katsu",
    "The café was très chic but the crêpes were cold",
    "we liked tai chi, reiki and mah jong",
    "CBT DBT EMDR",
    "CAMHS ADHD ASD",
    "[PERSON] [PHONE]",
    "[PERSON] and [PERSON] were lovely",
]

LOANS = [
    "gracias amigo",
    "c'est la vie",
    "c'est la vie, as they say",
    "hasta la vista",
    "que sera sera",
    "Merci beaucoup to all the staff",
    "a la carte menu",
    "per se",
    "vice versa",
    "déjà vu",
    "mama mia",
    "la la la",
    "no no no",
    "ha ha ha",
    "My grandson said je ne sais pas and laughed",
    "Blwyddyn newydd dda to all",
    "Babcia, mama, ja. Three generations and one plastic chair.",
]

HARDLY_A_WORD = [
    "",
    "n/a",
    "N/A",
    "na",
    "nil",
    "10/10",
    "👍👍👍",
    "xx",
    "lol x",
    "idk",
    "am i ok",
    "kind, caring, professional",
    "polite",
    "parkin dear",
    "bed sores n dat",
    "anti-D jab",
    "Non smoking area",
]


@pytest.mark.parametrize(("language", "text"), [*OTHERS, *TOLD])
def test_other_languages_are_named(language, text):
    assert detect_language(text) == language


@pytest.mark.parametrize(("language", "text"), URGENT)
def test_what_cannot_wait_is_never_read_as_english(language, text):
    assert detect_language(text) == language


@pytest.mark.parametrize(("language", "text"), THANKS)
def test_thanks_alone_are_held_too(language, text):
    assert detect_language(text) == language


@pytest.mark.parametrize(("language", "text"), MIXED)
def test_a_sentence_in_another_language_holds_the_comment(language, text):
    assert detect_language(text) == language


@pytest.mark.parametrize("text", SLIPS_AND_DIALECT)
def test_misspelt_english_and_dialect_are_left_alone(text):
    assert detect_language(text) == "en"


@pytest.mark.parametrize("text", NAMES_PLACES_DRUGS_DISHES)
def test_names_places_drugs_and_dishes_are_no_language(text):
    assert detect_language(text) == "en"


@pytest.mark.parametrize("text", LOANS)
def test_what_english_has_taken_over_is_english(text):
    assert detect_language(text) == "en"


@pytest.mark.parametrize("text", HARDLY_A_WORD)
def test_hardly_a_word_is_english(text):
    assert detect_language(text) == "en"


def test_a_language_that_no_list_has_and_nobody_can_tell_is_held_as_undetermined():
    assert detect_language("dhen boro na ziso allo voithiste me parakalo") == "und"


def test_what_is_in_another_language_is_told_by_its_place():
    text = "The staff were lovely. Mi marido espera y nadie viene. Thank you."
    (stretch,) = foreign(text)
    assert text[stretch.start : stretch.end].strip() == "Mi marido espera y nadie viene"
    assert stretch.language == "es"


@pytest.mark.parametrize("text", ["chce umrzec, mówi [PERSON]", "[PERSON] chce umrzec"])
def test_what_is_hidden_does_not_change_the_language(text):
    assert detect_language(text) == "pl"


PLAIN = [word for word in (DATA / "names" / "words.txt").read_text().split() if word.isascii()]


@given(st.lists(st.sampled_from(PLAIN), max_size=12))
def test_english_words_are_english_in_any_order(words):
    assert detect_language(" ".join(words)) == "en"


@given(st.text(max_size=80))
def test_any_text_at_all_has_a_language_code(text):
    assert len(detect_language(text)) in (2, 3)


SAID_IN_BETWEEN = [
    ("es", "quiero morir"), ("es", "mi marido me pega"), ("pl", "chcę umrzeć"), ("pl", "chce umrzec"), ("pl", "mąż mnie bije"),
    ("ro", "vreau să mor"), ("fr", "je veux mourir"), ("fr", "il me frappe"), ("it", "voglio morire"), ("de", "ich will sterben"),
    ("lt", "noriu mirti"), ("lv", "gribu mirt"), ("cy", "dwi eisiau marw"), ("ur", "mujhe marna hai"), ("ru", "он меня бьёт"),
    ("zh", "我想死"),
]  # fmt: skip


@pytest.mark.parametrize(
    "told", ["The nurse was kind. {}.", "The nurse was kind but {}", "All good, thank you. {} Thanks."]
)
@pytest.mark.parametrize(("language", "text"), SAID_IN_BETWEEN)
def test_a_few_words_of_danger_beside_english_hold_the_comment(told: str, language: str, text: str) -> None:
    assert detect_language(told.format(text)) != "en"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pl", "Wszystko ok"),
        ("tr", "Çok iyi"),
        ("hi", "Dhanyavaad"),
        ("tl", "Maraming salamat"),
        ("pl", "Bolel mnie brzuch"),
    ],
)
def test_a_short_comment_of_another_language_is_known(language: str, text: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Diolch, the nurse was kind",
        "The nurse was kind. Diolch yn fawr iawn.",
        "Muchas gracias. The staff were lovely",
        "Dziękuję bardzo. Everyone was kind",
        "Muy bien, thanks",
        "The pain au chocolat was stale",
        "Maria da Silva was kind and Jose de la Cruz too",
        "There woz nowhere tu sit",
        "me mam an da wos seen",
        "He had a toca on his head",
    ],
)
def test_thanks_names_food_and_dialect_beside_english_hold_nothing(text: str) -> None:
    assert detect_language(text) == "en"
