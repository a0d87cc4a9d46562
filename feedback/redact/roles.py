"""Say whose name was hidden: staff, patient, relative, or unknown where the words do not tell.

Read from the words beside the name, nearest first. A relation of the writer's is the patient (the comment is about their
care) unless they come, ring or look after somebody in it.
"""

import re

from feedback.redact import cues
from feedback.redact.cues import words

WINDOW = 60  # characters on either side: about a dozen words, the reach of "the lady who ... her name was"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Jobs that are also said of anybody ("lady", "lad") are no sign of staff by themselves.
STAFF = cues.JOBS - words(
    "lady girl guy bloke chap man woman lad gentleman student carer visitor advocate helper peer"
) | words("visitor dr doctor doctors nurses team reception ward staff thanks thank")
STAFF_BEFORE = (STAFF | cues.TITLES) - words("mr mrs miss ms")
CHILDREN = words("son daughter baby child boy girl toddler twin twins grandson granddaughter grandchild kid newborn")
RELATIVE_DOES = words(
    "says said brought brings drives drove drive carer cares works worked rang rings took takes waits waited thinks had number mobile phone"
)
SIGNED = words("regards sincerely faithfully signed yours from")
WRITER = re.compile(r"(?:\bmy name(?:'s| is)?|\bi'?m|\bi am|\bthis is|\bname[:,]?|\bpatient|\bpt)\s*$", re.IGNORECASE)


def role_of(text: str, start: int, end: int) -> str:
    """The role of the person whose name stands at start:end: staff, patient, relative or unknown."""
    before = [word.lower() for word in _WORD.findall(text[max(0, start - WINDOW) : start])]
    after = [word.lower() for word in _WORD.findall(text[end : end + WINDOW])]
    if WRITER.search(text[max(0, start - WINDOW) : start]):
        return "patient"
    if before and before[-1] in STAFF_BEFORE:
        return "staff"
    kin = _kin(before, after)
    if kin in CHILDREN:
        return "patient"
    if kin:
        return "relative" if RELATIVE_DOES.intersection(after[:8]) else "patient"
    if SIGNED.intersection(before[-2:]) and not after:
        return "patient"
    if STAFF.intersection(after[:5] + before[-5:]) or cues.WHERE_PEOPLE_WORK.intersection(after[:4]):
        return "staff"
    return "unknown"


def _kin(before: list[str], after: list[str]) -> str | None:
    """The relation that the words give: "my sister Wiktoria", "Idris my uncle"."""
    near = before[:-4:-1]
    if after[:1] and after[0] in cues.OWNERS:
        near += after[1:2]
    return next((word for word in near if word in cues.KIN), None)
