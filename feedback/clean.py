"""Undo what files and forms do to a comment's text, tell what was asked, and whether anything was said.

Nothing a person wrote is changed: only escapes, invisible characters, line ends and outer blanks. Entities are decoded
once, so text that was escaped twice comes out escaped once, as it was meant.
"""

import html
import re

from feedback.comment import QuestionKind

# ------------------------------------------------------------------------------------------------------------- cleaning

_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b\u2060\ufeff]")  # not U+200D: it joins emoji
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LINE_END = re.compile("(?:_x000D_)?(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])|_x000D_")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Undo escapes and line ends, and drop what cannot be seen.

    >>> clean(" Bread &amp; butter\\u200b,_x000D_\\nthen tea ")
    'Bread & butter,\\nthen tea'
    >>> clean("5 < 6 & no entity &here")
    '5 < 6 & no entity &here'
    """
    return strip(unify_line_ends(drop_invisible(decode_entities(drop_invisible(text)))))


def drop_invisible(text: str) -> str:
    """Remove NUL and other control characters, zero-width spaces and joiners of words, and halves of characters."""
    return _HALF_CHARACTER.sub("�", _INVISIBLE.sub("", text))


def decode_entities(text: str) -> str:
    """Decode HTML entities that are closed by a semicolon, once; `fish &chips` stays."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def unify_line_ends(text: str) -> str:
    """Write every line end, and a workbook's `_x000D_` before one, as a line feed."""
    return _LINE_END.sub("\n", text)


def strip(text: str) -> str:
    """Remove outer blanks, no-break spaces too."""
    return text.strip()


# ------------------------------------------------------------------------------------------------------------- questions

_WELL = r"good|well|great|best|excellent|positives?|pleased|happy|satisfied|satisfaction|helpful|useful|valued?|kind|right|enjoy\w*|appreciat\w*"
_NOT_WELL = re.compile(
    rf"\b(?:not|n't|never|less|least|without)\s+(?:\w+\s+){{0,4}}?(?:{_WELL}|like[ds]?|work\w*|meet|met)\b"
    r"|\b(?:dis|un)(?:like|satisf|happy|pleased|helpful)\w*|\bdissatisf\w*"
)
_IMPROVE = re.compile(
    r"\b(?:improv\w+|better|differently|chang(?:e|es|ed|ing)|worse|worst|bad(?:ly)?|wrong|poor(?:ly)?|negatives?|disappoint\w*|frustrat\w*"
    r"|concerns?|concerned|complain\w*|complaints?|problems?|missing|lack\w*|lessons|(?:like[ds]?|enjoy\w*|valued?|helpful|useful) (?:\w+ )?least|suggest\w*|wish|stop|start doing|fall short|let down"
    r"|(?:could|should|would|might) (?:we|they|staff|the team|the service|you)?\s*(?:like us to|have (?:made|done|been)|be|do|make|add|fix)|easier|more comfortable)\b"
)
_GOOD = re.compile(
    rf"\b(?:{_WELL}|like[ds]?(?: (?:most|best|about))?|lov(?:e|ed)|prais\w+|compliment\w*|thank\w*|proud|impress\w*|stood out|strengths?|keep doing|continue|worked)\b"
)
# "how good was …" measures, "would you like to tell us" invites, "what was it like?" asks: none says which way.
_NEITHER_WAY = re.compile(
    r"\b(?:how|as) (?:good|well|satisfied|happy|helpful|useful|likely|kind)\b|\b(?:would|do|if) you(?:'d)? (?:would )?like (?:to|us)\b|\bfeel free\b"
    r"|(?<!you )\blike ?\?*$|(?:^|[.!?] )thank(?:s| you)[^.?!]*[.!?]|\byou(?:'d| would) like\b|\bplease be kind\b|\bright now\b|\bwell ?being\b|\bas well\b|\bbest describes?\b|\b(?:don't|do not) know\b"
)


def question_kind(question: str | None) -> QuestionKind:
    """What a question invites: praise, improvements, or either.

    >>> question_kind("What went well?"), question_kind("What didn't go so well?"), question_kind("FFT Why?")
    ('what_good', 'could_improve', 'nonspecific')
    """
    text = " ".join((question or "").lower().replace("’", "'").replace("_", " ").split())
    text = _NEITHER_WAY.sub(" ", re.sub(r"n't\b", " not", text))
    rest, negated = _NOT_WELL.subn(" ", text)
    improve = bool(negated or _IMPROVE.search(rest))
    good = bool(_GOOD.search(_IMPROVE.sub(" ", rest)))
    if improve == good:
        return "nonspecific"
    return "could_improve" if improve else "what_good"


# --------------------------------------------------------------------------------------------------- was anything said?

# Stock answers that say only that there is no answer, whatever was asked. Human readers of the labelled NHS comments
# gave these no label, and hardly any to "don't know" and "not sure".
_NO_ANSWER = re.compile(
    "|".join(
        (
            r"n ?[/\\]? ?a|not applicable|nan|null|x+|(?:left |intentionally )?blank|refused|declined|skip(?:ped)?|pass|test(?:ing)?",
            r"(?:(?:i|they|patient|respondent|client) )?(?:did ?n[o']?t|did not|has not|prefer(?:red)? not to|would rather not|declined to|refused to)"
            r"(?: (?:answer|answered|say|comment|respond|reply))?",
            r"(?:i have |i've got |there is |there are )?(?:no|nil|not|un) ?(?:further |other |additional |more )?"
            r"(?:comments?|answer|answered|response|reply|feedback|provided|given|stated|recorded|completed|entered|known)"
            r"(?: (?:given|left|made|provided|recorded|entered|to make|to add|at this time|at present|thanks|thank you))?",
            r"none (?:given|provided|stated|recorded|left)|nothing (?:else |more |further )?to (?:add|say|report|comment)",
            r"(?:i )?(?:don't|dont|do not) know|(?:i'?m |i am )?(?:really )?(?:not sure|unsure)|idk|dunno",
            r"(?:as|see|same as) (?:above|before|previous(?:ly)?(?: \w+)?|below)|as (?:stated|described)(?: (?:above|previously))?|ditto",
        )
    )
)
# A bare denial answers "what was good?" (nothing was) and "what could we do better?" (nothing could): the readers gave
# it praise or blame there. After an open question they read "nothing" as praise and "none" as no answer.
_DENIAL = re.compile(r"(?:none|nil|non)(?: at all| really)?")


_NO_NAME = re.compile(
    r"n ?/? ?a|not (?:applicable|known|stated|given|recorded|specified|sure|provided|listed)|other(?: \(?please (?:state|specify)\)?)?|un(?:known|specified|stated)"
    r"|none|nil|null|nan|blank|tbc|tba|don'?t know|do not know|prefer not to say|(?:any |all )?other|no service|no team"
)
_CODE = re.compile(r"(?=\D*\d)[A-Z]{0,6}(?:[-_/ .]?[A-Z0-9]{1,6}){1,3}")
_LONGEST_NUMBER = 5  # digits of a code; a patient's, a staff member's or a telephone's number has more
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")


def names_nothing(cell: str) -> bool:
    """Whether a cell of a service column says that it names none: "N/A", "Other", "-".

    >>> names_nothing("N/A"), names_nothing("--"), names_nothing("Other OT")
    (True, True, False)
    """
    words = " ".join(cell.lower().replace("’", "'").split()).strip(" .-–—_?*/")
    return not words or bool(_NO_NAME.fullmatch(words))


def is_code(cell: str) -> bool:
    """Whether a cell of a service column is a code of the trust's own, which is told from a number of a person's by being short.

    >>> is_code("RWR-4471"), is_code("9434765919"), is_code("WR5 1JD"), is_code("Podiatry")
    (True, False, False, False)
    """
    return (
        bool(_CODE.fullmatch(cell)) and sum(map(str.isdigit, cell)) <= _LONGEST_NUMBER and not _POSTCODE.fullmatch(cell)
    )


def is_contentless(text: str, kind: QuestionKind) -> bool:
    """Whether an answer says nothing: "N/A", ".", "did not answer". Such a comment is kept and counted, without findings.

    >>> is_contentless("N/A", "nonspecific"), is_contentless("Nothing!", "could_improve"), is_contentless("👍", "what_good")
    (True, False, False)
    """
    if len(text) > 80:
        return False
    words = " ".join(re.sub(r"[^\w/'\\]+", " ", text.lower().replace("’", "'").replace("_", " ")).split()).strip(
        "'/\\ "
    )
    if not words:
        return not any(ord(c) > 0x2190 and not c.isspace() for c in text)  # an emoji or a tick is an answer
    if _NO_ANSWER.fullmatch(words) or _NO_ANSWER.fullmatch(words.replace(" ", "")):
        return True
    return kind == "nonspecific" and bool(_DENIAL.fullmatch(words))
