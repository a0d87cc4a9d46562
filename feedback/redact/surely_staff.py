"""Say whether a hidden name is surely that of a member of staff: far stricter than `roles`, which may be wrong once in seven.

For what a person gave a role by mistake would do: a name that is kept because it was taken for a nurse's may be a patient's. So only
words that stand at the name itself count ("nurse [PERSON]", "[PERSON] the physio", "[PERSON] on reception", "thanks to [PERSON] and
the team"), and none where the sentence could be cut otherwise ("told the nurse [PERSON] was in pain"). It reads the redacted text and
never needs the name.
"""

import re

from feedback.redact import cues
from feedback.redact.cues import words

# Titles and jobs that only staff have; a sister, a lady or a carer may be anybody's, and a worker may work anywhere.
TITLES = "dr|doctor|prof|professor|nurse|matron"
JOBS = (
    "nurse|matron|consultant|registrar|physio|physiotherapist|therapist|psychologist|psychiatrist|counsellor|cpn|hca|hcsw|midwife"
    "|receptionist|podiatrist|chiropodist|dentist|dietitian|dietician|pharmacist|paramedic|paediatrician|phlebotomist|locum"
    "|surgeon|radiographer|osteopath|orthotist|audiologist|hygienist|optician|chaplain|porter|housekeeper"
    "|health visitor|support worker|social worker|care ?co-?ordinator|healthcare assistant|health care assistant|nursing assistant"
    "|dental nurse|ward sister|ward manager|ward clerk|ot"
)
TEAM = "team|staff|nurses|doctors|therapists|receptionists|crew"
_HONORIFIC = r"(?:(?:mr|mrs|miss|ms|mx|dr)\.? )?"
_LATER = r"[^.!?;:,()\[\]]"  # in the same stretch of words

_TITLE_BEFORE = re.compile(rf"\b(?:{TITLES})\.? $", re.IGNORECASE)
_JOB_BEFORE = re.compile(rf"\b(?:{JOBS}) {_HONORIFIC}$", re.IGNORECASE)
_JOB_WAS_CALLED = re.compile(
    rf"\b(?:{JOBS})(?:'s name| who (?:helped|saw|treated) \w+)? (?:was|is) (?:called |named )?$", re.I
)
_JOB_IN_FRONT = re.compile(rf"\b(?:{JOBS})(?P<open>\s?\(|, )$", re.IGNORECASE)
_JOB_AFTER = re.compile(rf" (?:the|our|my|your|her|his|their) (?:\w+ ){{0,2}}?(?:{JOBS})\b", re.IGNORECASE)
_JOB_BRACKETED = re.compile(rf" ?\((?:the |our |my |a )?(?:\w+ ){{0,2}}?(?:{JOBS})\b[^()]{{0,20}}\)", re.IGNORECASE)
_AT_A_POST = re.compile(r" (?:on|at) (?:the )?(?:front )?(?:reception|desk|switchboard)\b", re.IGNORECASE)
_OF_A_TEAM = re.compile(rf" from (?:the|your) (?:{_LATER[:-1]}\s]+ ){{0,3}}team\b", re.IGNORECASE)
_WITH_A_TEAM = re.compile(
    rf" and (?:all (?:of )?)?(?:the|her|his|their|your) (?:(?:whole|rest of the|entire|lovely|wonderful) )?(?:\w+ )?(?:{TEAM})\b",
    re.I,
)
_THANKED = re.compile(
    r"\b(?:thanks|thank you|thankyou|well done|shout ?out|praise for)(?: (?:so|very) much)?(?: (?:to|go to))? $", re.I
)
# A doctor or a nurse may be the one who was ill: "my husband, Dr [PERSON]", "my wife is a nurse, [PERSON]", "I am Nurse [PERSON]".
_SELF = "i am|i'm|i’m|im|my name is|my name's|my name’s|this is|signed|yours|regards"
_OF_KIN = re.compile(
    rf"\b(?:(?:{'|'.join(sorted(cues.KIN))})(?:['’]s(?= an? ))?|{_SELF}|as)(?:,? (?:who|is|was|works|worked|as|a|an|the|also|once|retired|former|himself|herself|late))*"
    rf",? (?:(?!and |by |to |the |saw |from |with )\w+ )?(?:{TITLES}|{JOBS})\.?(?: {_HONORIFIC}|, | ?\()$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?:^|[.!?\n…]\s*)(?:\W*)$")
# Whoever is told, shown or heard stands before the name of the one who is spoken of: "told the nurse Margaret was tired".
_TELLING = words(
    "told tell tells telling said say says saying asked ask asking let rang ring phoned phone called informed inform know knew"
    " thought think heard hear feel felt hope hoped explained mentioned because when while since until if after before so that as"
)
_VERBS = (cues.BE | cues.DOES) - words("never always")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def is_surely_staff(text: str, start: int, end: int) -> bool:
    """Whether the words right at the placeholder at start:end say that it hides the name of a member of staff.

    >>> sentence = "Nurse [PERSON] was kind to my mum [PERSON]."
    >>> is_surely_staff(sentence, 6, 14), is_surely_staff(sentence, 34, 42)
    (True, False)
    """
    before, after = text[:start], text[end:]
    if _OF_KIN.search(before):
        return False
    stretch = before[max(before.rfind(sign) for sign in ".!?;\n") + 1 :]
    if (named := _TITLE_BEFORE.search(before) or _JOB_BEFORE.search(before)) is not None:
        return not _may_be_cut(stretch[: len(stretch) - (start - named.start())], after)
    if _JOB_WAS_CALLED.search(before):
        return True
    if (front := _JOB_IN_FRONT.search(before)) is not None:
        return after.startswith(")" if "(" in front["open"] else ",") and not _tells(stretch)
    if _JOB_BRACKETED.match(after) or _AT_A_POST.match(after) or _OF_A_TEAM.match(after):
        return not _tells(stretch)
    if (job := _JOB_AFTER.match(after)) is not None:
        return bool(_SENTENCE.search(before)) or not _acts(after[job.end() :])
    return bool(_THANKED.search(before) and _WITH_A_TEAM.match(after))


def _may_be_cut(stretch: str, after: str) -> bool:
    """Whether the job may be one person and the name another: "thanks to the nurse [PERSON] is well", not "The nurse [PERSON] is"."""
    said = _WORD.findall(stretch.lower())
    has_article = said[-1:] and said[-1] in words("the a an our my your her his their one this that")
    return bool(has_article and len(said) > 1 and _acts(after)) or bool(has_article and _tells(stretch))


def _acts(after: str) -> bool:
    """Whether what follows begins with a verb, so that something before it is its subject."""
    first = re.match(r"\s*([^\W\d_]+(?:['’][^\W\d_]+)?)", after)
    return first is not None and first[1].lower() in _VERBS


def _tells(stretch: str) -> bool:
    return not _TELLING.isdisjoint(_WORD.findall(stretch.lower())[-5:])
