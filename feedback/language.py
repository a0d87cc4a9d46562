"""Name the language of a comment, leaving short, misspelt and dialect English alone.

Only what is surely another language is called so: a comment wrongly held for translation is a voice not heard. So a
script decides at once, and in Latin letters two witnesses must agree: the little words that a language cannot do
without, and py3langid, which by itself takes "ok" for Polish and "ta love" for Latin.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SURE = 0.9  # py3langid's probability, 0 to 1, from which it is a witness
SHORT = 3  # words; below this all of them must be a language's little words
MANY = 3  # little words of Urdu in Latin letters, for which there is no second witness
FOREIGN_SCRIPT = 0.5  # share of the letters

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PLACEHOLDER = re.compile(r"\[[A-Z ]+\]")

# Scripts by a range of their letters; those of several languages are told apart by py3langid or by a letter of their own.
SCRIPTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("\u0370-\u03ff", ("el",)),
    ("\u0400-\u04ff", ("uk", "ru", "bg")),
    ("\u0530-\u058f", ("hy",)),
    ("\u0590-\u05ff", ("he",)),
    ("\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff", ("ar", "ur", "fa", "ps", "ku")),
    ("\u0900-\u097f", ("hi", "ne", "mr")),
    ("\u0980-\u09ff", ("bn",)),
    ("\u0a00-\u0a7f", ("pa",)),
    ("\u0a80-\u0aff", ("gu",)),
    ("\u0b80-\u0bff", ("ta",)),
    ("\u0d00-\u0d7f", ("ml",)),
    ("\u0d80-\u0dff", ("si",)),
    ("\u0e00-\u0e7f", ("th",)),
    ("\u10a0-\u10ff", ("ka",)),
    ("\u1200-\u137f", ("am",)),
    ("\u3040-\u30ff", ("ja",)),
    ("\uac00-\ud7af", ("ko",)),
    ("\u4e00-\u9fff", ("zh",)),
)
_SCRIPTS = tuple((re.compile(f"[{letters}]"), languages) for letters, languages in SCRIPTS)
# Letters that Arabic does not have: Urdu's retroflex ones and its last letters, then Pashto's, then Persian's.
_OWN_LETTERS = (("ur", "ٹڈڑںےھہ"), ("ps", "ټډړښځڅ"), ("fa", "پچژگ"))
_CYRILLIC = (("uk", "іїєґІЇЄҐ"), ("ru", "ыэёЫЭЁ"))

# English words that no other language here uses for its own little words.
ENGLISH = frozenset(
    [
        "the",
        "and",
        "was",
        "were",
        "is",
        "are",
        "with",
        "they",
        "have",
        "had",
        "my",
        "for",
        "very",
        "of",
        "it",
        "that",
        "this",
        "you",
        "your",
        "not",
        "she",
        "he",
        "we",
        "been",
        "but",
        "would",
        "could",
        "should",
        "thank",
        "thanks",
        "good",
        "great",
        "staff",
        "all",
        "at",
        "so",
        "when",
        "who",
        "which",
        "there",
        "their",
        "them",
        "what",
        "from",
        "nothing",
        "everything",
        "always",
        "never",
        "really",
        "just",
        "more",
        "than",
        "because",
        "after",
        "before",
        "about",
        "to",
        "be",
        "by",
        "on",
        "i",
        "lovely",
        "helpful",
        "service",
        "ok",
        "okay",
    ]
)
LITTLE_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(text.split())
    for language, text in {
        "pl": "nie się jest że dziękuję dziekuje bardzo dla jak tak był była było byli oraz ale już przez tylko mnie mi po za na z w i o od pani pan"
        " wszystko dobrze wizyta lekarz polecam",
        "ro": "și si nu este sunt pentru care foarte din cu la am fost mulțumesc multumesc mult bine să sa că ca în mai dar toate tot doamna domnul o un",
        "pt": "não nao é muito obrigado obrigada que com para uma um os as do da dos das fui foi mas bem bom boa eu me minha meu por tudo ao de e o a em",
        "es": "muy gracias que los las con para una un por pero todo bien fue el la en mi me no es son está estaba bueno buena de y a lo le se al del",
        "fr": "très merci le la les des une un est pas je vous nous avec pour dans mais était que qui bien tout mon ma et de du en au aux ce cette il elle"
        " j'ai c'est on sont ont",
        "it": "molto grazie che non sono con per una un il la gli le di è e ma tutto bene mi ho stato stata anche più del della al",
        "de": "und ist nicht sehr danke die der das ein eine ich war mit für auf auch aber alles gut wir sie den dem im zu von es bin hat",
        "nl": "en niet heel dank bedankt het de een ik was met voor ook maar alles goed wij zij van op te dat erg zijn heeft werd",
        "cy": "diolch yn fawr iawn mae roedd oedd y yr a'r i'r o'r ac ond wedi gyda am fy ei eu ni chi hi da gan hyn dim bod staff"
        " gwasanaeth rwy dwi'n wnaeth",
        "lt": "labai ačiū aciu ir yra buvo su bet kad man mano viskas gerai už nuo kaip tai ne",
        "lv": "ļoti paldies un ir bija ar bet ka man mans viss labi par no kā tas nav",
        "sk": "ďakujem veľmi je som bol bola to na pre ale že sa si s a všetko dobre nie",
        "cs": "děkuji velmi je jsem byl byla to na pro ale že se si s a všechno dobře není",
        "hu": "nagyon köszönöm és nem egy hogy volt van az a meg csak minden jó is de",
        "tr": "çok teşekkürler teşekkür ederim ve bir için bu ama iyi her değil da de ile güzel oldu",
        "sq": "shumë faleminderit dhe është nuk për me një ishte të në mirë që e i",
        "so": "aad mahadsanid waa iyo waxaan in ay ku u la ka ma si fiican wanaagsan",
        "hr": "vrlo hvala je nije i u na za sam su bio bila ali sve dobro da se što",
        "ur": "bohat bahut shukriya hai hain nahi nahin acha achha mera meri aap mujhe kya bhi tha thi ko se ka ki ke aur",
        "sw": "asante sana ni na ya kwa wa nzuri la si hii",
        "vi": "cảm ơn rất và là không của tôi cho được có các này",
        "tl": "salamat po ang ng mga sa na ay ako si hindi napaka",
    }.items()
}
# Thanks that stand alone as a whole comment and are no loan-word in English.
THANKS_ALONE = {
    "dziękuję": "pl", "dziekuje": "pl", "diolch": "cy", "mulțumesc": "ro", "multumesc": "ro", "obrigado": "pt", "obrigada": "pt",
    "ačiū": "lt", "paldies": "lv", "köszönöm": "hu", "ďakujem": "sk", "děkuji": "cs", "teşekkürler": "tr", "faleminderit": "sq",
    "shukriya": "ur", "salamat": "tl", "asante": "sw", "mahadsanid": "so",
}  # fmt: skip


def detect_language(text: str) -> str:
    """Name the language as ISO 639-1; "en" whenever another is not sure.

    >>> detect_language("Dziękuję bardzo za pomoc, pielęgniarka była miła")
    'pl'
    >>> detect_language("ta love, gd servis")
    'en'
    """
    words = [word.lower().replace("’", "'") for word in _WORD.findall(_PLACEHOLDER.sub(" ", text))]
    if not words:
        return "en"
    if text.isascii():
        english = sum(word in ENGLISH for word in words)
        if english * 5 >= len(words):  # one in five: no other language has so many
            return "en"
    else:
        script = _script(text)
        if script:
            return script
    return _latin(text, words)


def _script(text: str) -> str | None:
    """The language that a script other than Latin gives away, or None."""
    letters = sum(c.isalpha() for c in text)
    for pattern, languages in _SCRIPTS:
        share = len(pattern.findall(text)) / max(1, letters)
        if share > FOREIGN_SCRIPT or (languages == ("ja",) and share > 0.1):
            return languages[0] if len(languages) == 1 else _among(text, languages)
    return None


def _among(text: str, languages: tuple[str, ...]) -> str:
    """The language among those of one script: by a letter of its own, else by py3langid, else the first."""
    for language, own in (*_OWN_LETTERS, *_CYRILLIC):
        if language in languages and any(c in own for c in text):
            return language
    if "ar" in languages:
        return "ar"
    guess, _ = _guess(text)
    return guess if guess in languages else languages[0]


def _latin(text: str, words: list[str]) -> str:
    """The language of words in Latin letters: the one whose little words are there, if py3langid agrees."""
    if len(words) == 1:
        return THANKS_ALONE.get(words[0], "en")
    english = sum(word in ENGLISH for word in words)
    counts = {language: sum(word in little for word in words) for language, little in LITTLE_WORDS.items()}
    best = max(counts.values())
    if best <= english or best < 2 or best * 6 < len(words):
        return "en"
    if len(words) < SHORT:
        return next((THANKS_ALONE[word] for word in words if word in THANKS_ALONE), "en")
    guess, probability = _guess(text)
    if guess != "en" and probability >= SURE and counts.get(guess, 0) * 2 >= best:
        return guess
    # Urdu in Latin letters, which py3langid does not know: half the words must be its little words.
    return "ur" if counts["ur"] == best >= MANY and best * 2 >= len(words) else "en"


def _guess(text: str) -> tuple[str, float]:
    language, probability = _identifier().classify(text)
    return language, float(probability)


@cache
def _identifier() -> "LanguageIdentifier":
    """py3langid, restricted to what people here may write; the others only ever win by mistake."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.nb_classes)
    wanted = {"en", *LITTLE_WORDS, *(language for _, languages in SCRIPTS for language in languages)}
    identifier.set_languages(sorted(wanted & known))
    return identifier
