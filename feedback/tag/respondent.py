"""Say who is speaking: patient, carer, relative, parent or staff, from the upload's column, else from the words.

The trained placer decides; the rules below say on which words it rests where they agree with it, and decide without it.

A person's own account and a relative's need different readers, so "unknown" is an answer where nothing tells. The trap
is that most comments name several people: "my husband drove me" is a patient, "my husband was seen" a relative.
Definitions: a relative who says that they give care is a carer; a foster or kinship carer is a parent; a form that
somebody filled in with the person's own words is the patient's.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from feedback.comment import Comment, Finding, RespondentType
from feedback.models.placer import SPEAKERS, Placed

COLUMN = "column"  # who says so, where the upload does
_ELSEWHERE = "rule:works elsewhere"

_KIN = (
    r"husband|wife|mum|mom|mam|mummy|mother|dad|daddy|father|nan|nana|nanna|gran|granny|grandma|grandad|granddad|grandfather|grandmother|grandpa|"
    r"brother|sister|uncle|aunt|aunty|auntie|partner|hubby|missus|mrs|other half|cousin|nephew|niece|grandson|granddaughter|"
    r"mother-in-law|father-in-law|friend|mate|neighbour|stepdad|stepmum|fianc[ée]e?|fella|bloke|other arf"
)
_CHILD = (
    r"son|daughter|boy|girl|lad|lass|child|children|kid|kids|baby|babies|bab|babby|toddler|newborn|bairn|youngest|eldest|twins?|teen|teenager|"
    r"little one|stepson|stepdaughter|infant|grandbab(?:y|ies)"
)
_OWN = r"(?:my|our|me)\s+(?:[\w'’-]+\s+){0,2}?"
_HELPED_ME = (
    rf"{_OWN}(?:{_KIN}|{_CHILD})\s+(?:\w+\s+)?(?:drove|brought|took|takes|drives|brings|rang|phoned|helped|helps|filled|fills|wrote|writes|typed|types|is (?:writing|typing|filling)|made|makes|got|"
    r"gets|says|said|came with|comes with|collected|told|pushed|waited with|stayed with)\s+(?:to\s+|this\s+\w*\s*(?:in\s+)?(?:for\s+)?|it\s+(?:in\s+|up\s+)?(?:for\s+)?|for\s+|with\s+)?(?:me|i|i'm|i’m|us)\b"
)


# Where the placer is less sure than this, a rule that rests on plain words is right more often than it; a lesser rule is not.
LIKELIER_THAN_NOT, SPOKEN_PLAINLY = 0.5, 0.8


@dataclass(frozen=True, slots=True)
class _Rule:
    """Words that show who speaks: the type, the rule's name, how sure it is (0 to 1), and the pattern."""

    type: RespondentType
    name: str
    score: float
    pattern: re.Pattern[str]


def _rule(type: RespondentType, name: str, score: float, pattern: str) -> _Rule:
    return _Rule(type, name, score, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE))


# "Night staff here, …" says who writes; "the staff here", "staff here are" say whom it is about.
_NOT_ABOUT = "(?<!the )(?<!your )(?<!all )(?<!of )(?<!every )(?<!other )(?<!a )"
_HERE = (
    rf"(?:{_NOT_ABOUT}(?:night|day|ward|bank) |{_NOT_ABOUT}(?<!night )(?<!day )(?<!ward )(?<!bank ))(?:staff|nurse|hca|porter|domestic|rmn|rgn|receptionist) here"
    r"(?=\s*(?:[.,:;!?(–—-]|\Z)|\s+(?:and|on|writing|since|again)(?!\w))"
)

# Said outright; the first rule that fits decides.
_SAID = (
    _rule("patient", "own words", 0.9, r"(?:completed|filled in|filled out|written|typed) (?:with|by|for) (?:my |his |her |the )?(?:key ?worker|support worker|advocate|carer|staff|helper)|easy read form|in (?:his|her|their) own words|dictated"),
    _rule("parent", "foster or kinship carer", 0.9, r"(?:as |we are |we're |i am |i'm a |i am a )?(?:foster|kinship) (?:carers?|mum|mom|dad|mother|father|parents?)|adoptive (?:mum|mom|dad|parents?)|(?:our|my) foster (?:son|daughter|child|children|boy|girl|lad|baby|placement)"),
    _rule("staff", "works here", 0.9,
        r"(?:as|i am|i'm|i’m|im|being) (?:a |an |the )?(?:\w+ ){0,2}?(?:member of staff|staff member|student nurse|agency \w+|bank (?:nurse|hca|staff)|employee|therapy assistant|healthcare assistant|hca|ward clerk|support time)"
        r"|i(?:'m|’m| am)? (?:a |an |the )(?:\w+ ){0,3}?(?:nurse|therapist|physio|ot|doctor|assistant|practitioner|psychologist|receptionist|domestic|porter|cleaner|social worker) (?:on|at|with|in|for|here|across)"
        r"|i(?:'m|’m| am) one of (?:the|your) (?:voices|nurses|team|staff|therapists|receptionists|porters|call handlers)"
        r"|i work (?:on|at|here|for the trust|for this|in this|in the (?:team|service|unit|trust))|work (?:for|in|on|at) (?:the )?(?:\w+ )?(?:nmht|camhs|trust|ward|miu|unit|team|service|cmht|crisis team)"
        r"|(?:bank|night|day|late|early|long day|twilight|agency) shifts? (?:on|at|in|with)|" + _HERE + r""
        r"|(?:our|my) (?:caseload|rota|payslip|line manager|supervision|appraisal|mileage|band \d)|caseload of|caseloads? (?:is|are)|in my payslip|we nurses|us nurses|us staff|my colleagues|our team (?:is|are|has|have|needs?|cannot|can't|at)|our manager"
        r"|(?:i am|i'm|student) on placement|on (?:my )?placement (?:here|with|at)|my placement|our patients|our service users|my patients|when i'm on shift|on shift|newly qualified|preceptor\w*"),
    _rule("staff", "opens with a job", 0.8, r"\A\s*(?:a |the )?(?:domestic|cleaner|porter|receptionist|hca|staff nurse|band \d\w*|ward clerk|bank nurse|agency nurse|student nurse|physio|rmn|housekeeper|cook|estates)(?: \w+)?(?:\.|,|:| at| on| here| in)"),
    _rule("carer", "gives care", 0.9,
        r"i (?:\w+ )?(?:care for|look after|am caring|am (?:his|her|their|a|the|my \w+'?s?) (?:\w+ )?carer|have cared|have looked after)|i(?:'m|’m|m) (?:his|her|their|a|the|an unpaid|mum's|mums|dad's|my \w+'?s?) (?:full.?time |main |only |sole |unpaid |young )?carer"
        r"|as (?:her|his|their|a|an|the|my \w+'?s) (?:full.?time |main |only |sole |unpaid |young |family )*carer|(?:been |i've been )?(?:caring for|looking after) (?:my|him|her|mum|mom|dad|our)|carer'?s allowance|young carer|unpaid carer|us carers|we carers|carers? like me|my caring|caring role"
        r"|carer'?s assessment|association of carers|i (?:lift|turn|hoist|wash|feed|bathe|toilet|change) (?:him|her|my)|i do (?:all )?(?:his|her|mum's|dad's) (?:care|washing and dressing|personal care)|as a (?:husband|wife|son|daughter|partner) who|since i became (?:a|his|her) carer|i gave up work to|i support (?:a|my)|i(?:'m|’m|m| am) \w+ caring for|doing this for (?:him|her)|i(?:'m|’m|m| am) just the (?:wife|husband|daughter|son)|(?:asked|ask|asks|wondered) (?:me )?(?:how (?:i|i'm|much sleep)|had i (?:eaten|slept)|if i was coping)|i do (?:his|her) (?:\w+ )?(?:weights?|tablets|meds|dressings?|insulin|pump|feeds?|lifting)|(?:carers?'?) (?:involvement|support) group"),
    _rule("patient", "young and speaking", 0.9, r"(?:i am|i'm|i’m|im) (?:1[0-7]|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"),
    _rule("relative", "says so", 0.9, rf"i(?:'m|’m|m| am) (?:her|his|their|the) (?:{_KIN}|son|daughter)"),
    _rule("parent", "says so", 0.9, r"as (?:a |an |his |her |their )?(?:\w+ )?(?:parents?|mum|mom|mother|dad|father)(?! of (?:two|three|four)? ?(?:i|my own))|first.?time (?:mum|mom|dad|parents?)|parental responsibility|i(?:'m|’m| am) (?:his|her|their) (?:mum|mom|mother|dad|father)|mum of|mom of|dad of|new mums?"),
)  # fmt: skip

# Who works for somebody else and writes about us is none of the five. The placer takes them for our staff.
_JOB_ELSEWHERE = (
    r"gp|senco|head ?teacher|teacher|teaching assistant|ta|head of year|tutor|childminder|nursery nurse|pharmacist|locum pharmacist|optician|vicar|chaplain|councillor|police officer|pcso|paramedic"
    r"|practice (?:manager|nurse)|(?:care|residential|nursing) home (?:manager|nurse)|housing officer|probation officer|solicitor|warden"
)
_PLACE_ELSEWHERE = r"(?:care|nursing|residential) home|supported living(?: scheme| house)?|sheltered (?:scheme|housing)|extra care scheme|nursery|pre-?school|playgroup|(?:\w+ )?schools?|academy|college|(?:gp |doctor'?s )?surgery|pharmacy|chemist'?s?|charity|hostel|prison|the council"
_WORKS_ELSEWHERE = re.compile(
    rf"(?<!\w)(?:(?:i am|i'm|i’m|im|as|speaking as|writing as) (?:a |an |the |their )?(?:local |village |primary |community |deputy |retired |high street )?(?:{_JOB_ELSEWHERE})(?!\w)(?! (?:on|here|in this|at this|with the trust))"
    r"|(?:i am|i'm|i’m|im|as) (?:a |an |the )?(?:\w+ ){0,2}(?:manager|assistant|aider|cook|secretary|governor) (?:at|in|of|for) (?:a |an |the |our |my )?"
    rf"(?:\w+ ){{0,2}}?(?:{_PLACE_ELSEWHERE})|i (?:run|manage|own|work (?:at|in|for)) (?:a|an|the|our) (?:\w+ ){{0,2}}?(?:{_PLACE_ELSEWHERE})"
    rf"|i teach (?!myself|him|her|them|my)\w+|\A(?:[\w-]+ ){{0,2}}(?:{_JOB_ELSEWHERE}) here(?=\W))(?!\w)",
    re.IGNORECASE,
)

_HELPER = re.compile(rf"(?<!\w)(?:{_HELPED_ME})", re.IGNORECASE)
_OWN_CHILD = re.compile(
    rf"(?<!\w)(?:{_OWN}(?:{_CHILD})|my \w+[- ]year[- ]old|the baby|baby'?s?(?! (?:blues|bump))|our (?:two|three|little)|(?:he|she)(?:'s|’s|s| is| was) (?:only |just |now )?(?:[1-9]|1[0-7]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?! (?:weeks|days|hours|minutes|of|or|times))|(?:[1-9]|1[0-7]|two|three|four|five|six|seven|eight|nine|ten)[- ]ye?a?rs?[- ]old)(?!\w)",
    re.IGNORECASE,
)
_OWN_KIN = re.compile(rf"(?<!\w){_OWN}(?:{_KIN})(?:'s|’s|s)?(?!\w)", re.IGNORECASE)
_BARE_KIN = re.compile(
    r"(?<!\w)(?<!my )(?<!as a )(?:mum|mom|mam|dad|nan|nana|nanna|gran|granny|grandma|grandad|grandpa|mother|father|auntie|aunty)(?:'s|’s)?(?!\w)",
    re.IGNORECASE,
)
_HE_OR_SHE = re.compile(r"(?<!\w)(?:he|him|his|she|her|hers|himself|herself)(?!\w)", re.IGNORECASE)
_HIM = re.compile(
    r"(?<!\w)(?:him|his|to her|with her|for her|her own|visit her)(?!\w)", re.IGNORECASE
)  # staff are more often "she"
_WHOSE_CARE = re.compile(r"(?:\A|[.!?]\s+)(?:mum|mom|mam|dad|nan|gran|grandad|mother|father)(?:'s|’s)? ", re.IGNORECASE)
_BYSTANDERS = re.compile(r"friend|mate|neighbour|nephew|niece|cousin", re.IGNORECASE)
_I = re.compile(
    r"(?<!\w)(?:i|i'm|i’m|i've|i’ve|i'd|i’d|i'll|i’ll|im|ive|me|my|mine|myself|meself)(?!\w)", re.IGNORECASE
)
_WE = re.compile(r"(?<!\w)(?:we|us|our|we'd|we've|we're)(?!\w)", re.IGNORECASE)
# A body, an illness, an appointment or a feeling of one's own: the speaker is the one cared for.
_MY_CARE = re.compile(
    r"(?<!\w)(?:(?:my|me) (?:own )?(?:\w+ )?(?:legs?|foot|feet|toes?|toenails?|knees?|backs?|shoulders?|hips?|arms?|hands?|heart|teeth|tooth|eyes?|ears?|head|belly|pain|wounds?|ulcers?|operation|treatment|therapy|sessions?|appointments?|appts?|diagnosis|tablets|medication|meds|"
    r"injections?|anxiety|depression|ocd|ptsd|illness|recovery|stay|room|bed|section|named nurse|care ?co-?ordinator|key ?worker|cpn|therapist|counsellor|psychiatrist|psychologist|consultant|nurse|physio|podiatrist|mental health|breakdown|stroke|cancer|copd|diabetes|blood|bladder|breathing|"
    r"implant|coil|results|job|life|voice|condition|waters|bump|baby blues|confidence)|perinatal|perinatle|i am the (?:one|patient)|i was (?:admitted|seen|treated|discharged|sectioned|referred|detained|diagnosed|suicidal|on|in|under|an inpatient|ill|poorly|unwell|nervous|given|listened)|i (?:am|'m) (?:on|under|in) |"
    r"(?:treated|saw|seen|helped|listened to|assessed|referred|discharged|examined|fitted|measured|sectioned|admitted|stitched|patched) me|got me |for me to |i felt|i feel |made me|when i fell|i fell|i couldn'?t (?:walk|sleep|breathe|cope)|saved my life|gave me (?:a life|my life)|kept me)(?!\w)",
    re.IGNORECASE,
)
_OF_A_CHILD = re.compile(
    r"(?<!\w)(?:camhs|cahms|cams|camms|ceds|ccn|umbrella|umbrela|paediatr\w+|pediatr\w+|school nurse|sc?k?h?ool nurse|lac nurse|looked.after|children'?s?|nursery|school|senco|autism|autistic|adhd|health visitor|toddler|"
    r"mhst|playgroup|kids?'?|foster\w*|latch|formula|breastfeeding|infant feeding)(?!\w)",
    re.IGNORECASE,
)
_OF_A_LAST_ILLNESS = re.compile(
    r"(?<!\w)(?:pall?\w*tive|dying|died|passed away|hospice|end of life|last (?:days|weeks)|final (?:days|week|weeks)|dementia|alzheimer\w*|memory (?:clinic|service)|care home|nursing home|older adult|admiral|detained|visit(?:ing)? (?:hours|times?))(?!\w)",
    re.IGNORECASE,
)
_OF_CARE = re.compile(
    r"(?<!\w)(?:nurses?|staff|doctors?|physios?|podiatr\w+|chirop\w+|team|clinic|ward|unit|hospital|appointments?|waited|waiting|seen|sessions?|therap\w+|visits?|treatment|stitch\w*|tablets|referral|referred|miu|cbt|helpline|service|dentist|"
    r"counsell\w+|group|course|class|food|meals?|bed|respect|explained|listened|phoned?|rang|answer\w*|maternity|midwi\w+|council|assessor|delivery|blood|consultant|place|samaritans|social worker|letter|10/10|\d+ weeks|\d+ months|they said)(?!\w)",
    re.IGNORECASE,
)

# An upload's cell, by its first word that says who; "parent of the patient" is a parent.
_CELLS: dict[RespondentType, str] = {
    "parent": r"parents?|mother|father|mum|mom|dad|guardians?|foster \w+|kinship \w+|parental",
    "carer": r"carers?|caring|caregivers?|care giver|looks? after",
    "relative": r"relatives?|relation|family|famil(?:y|ies) members?|friends?|next of kin|nok|wife|husband|spouse|partner|son|daughter|brother|sister|sibling|grandparents?|neighbour|visitor|loved one",
    "staff": r"staff|employees?|colleagues?|clinicians?|professionals?|volunteers?|nurse|student",
    "patient": r"patients?|service users?|clients?|self|myself|me|i am(?! (?:a|an|the|his|her|their|filling|completing)\b)|person (?:receiving|using|who)|young person|young people|child(?!'s|’s)|resident|inpatient|user|mother and baby|individual|tenant",
}
_WHOSE = re.compile(
    r"(?:of|for|to|on behalf of|caring for)\s+(?:a|an|the|my|this)?\s*(?:patient|service user|client|child|person|young person)s?.*|\(.*?patient.*?\)"
)


# A form that is filled in for another: the person named is not the one who speaks, unless it is said by whom.
_FOR_ANOTHER = re.compile(
    rf"(?:\A|\b(?:i am|i'm|i’m|i have|we are|filling|filled|completing|completed|writing|answering|responding|feedback|someone|somebody)\b[\w ]*?)(?:for|on behalf of) "
    rf"(?P<whom>(?:my|our|a|the)? ?(?:\w+ )??(?:{_CHILD}|{_KIN}|relative|family member|loved one|someone else|somebody else|another(?: person)?|patient|service user|client))(?!\w)"
)


def tag_respondent(comment: Comment, placed: Placed | None = None) -> Finding:
    """Who speaks: one finding labelled patient, carer, relative, parent, staff or unknown.

    `placed` is what the placer says of the comment. by is "column", "model", or "rule:" and the rule that agrees with the model; score 0
    to 1; start and end are the words it rests on (0, 0 for a column, and for the model alone, which rests on all).
    """
    said = respondent_of_cell(comment.respondent_cell or "")
    if said:
        return Finding("respondent", said, "", 0.98, 0, 0, COLUMN)
    if not comment.is_read:
        return Finding("respondent", "unknown", "", 0.5, 0, 0, "rule:not read")
    ruled = _from_words(comment.text)
    if ruled.by == _ELSEWHERE or placed is None:
        return ruled
    likeliest = int(placed.speaker.argmax())
    chance = round(float(placed.speaker[likeliest]), 2)
    if ruled.label == SPEAKERS[likeliest]:
        return replace(ruled, score=chance)
    if chance < LIKELIER_THAN_NOT and ruled.score >= SPOKEN_PLAINLY:
        return ruled
    return Finding("respondent", SPEAKERS[likeliest], "", chance, 0, 0, "model")


@lru_cache(maxsize=4096)
def respondent_of_cell(cell: str) -> RespondentType | None:
    """The type that an upload's cell names, or None where it names none ("other", "prefer not to say").

    >>> respondent_of_cell("Parent / guardian of patient"), respondent_of_cell("Prefer not to say")
    ('parent', None)
    """
    text = re.sub(r"\bnon-? ?(?:patient|service user)\b", " ", " ".join(cell.lower().split()))
    if " by " not in text and (for_whom := _FOR_ANOTHER.search(text)):
        return "parent" if re.search(rf"(?:{_CHILD})", for_whom["whom"]) else "relative"
    named = _WHOSE.sub("", text).strip() or text
    first: dict[RespondentType, int] = {
        type: match.start()
        for type, words in _CELLS.items()
        if (match := re.search(rf"(?<![a-z])(?:{words})(?![a-z])", named))
    }
    types = sorted(first, key=first.__getitem__)
    return types[0] if types else None


def _from_words(text: str) -> Finding:
    """The first rule that fits, from what is said outright to what is only likely."""
    own, kin, child = _MY_CARE.search(text), _OWN_KIN.search(text) or _BARE_KIN.search(text), _OWN_CHILD.search(text)
    elsewhere = _WORKS_ELSEWHERE.search(text)
    if elsewhere and not (own or kin or child):
        return _finding("unknown", 0.8, elsewhere, "works elsewhere")
    for rule in _SAID:
        match = rule.pattern.search(text)
        if match:
            return _finding(rule.type, rule.score, match, rule.name)
    helper, other, speaker = _HELPER.search(text), _HE_OR_SHE.search(text), _I.search(text)
    if helper:
        return _finding("patient", 0.8, helper, "helped by a relative")
    if child and not (own and not other):
        return _finding("parent", 0.85, child, "own child")
    if kin and _BYSTANDERS.search(kin.group()) and not other:
        kin = None
    if own and (whose := _WHOSE_CARE.search(text)) and whose.start() < own.start():
        return _finding("relative", 0.7, whose, "own relative")
    if kin and (other or not own) and not (own and _is_bystander(text, kin)):
        return _finding("relative", 0.85, kin, "own relative")
    if own:
        return _finding("patient", 0.85, own, "own care")
    of_a_child, another = _OF_A_CHILD.search(text), _HIM.search(text) or _OF_A_LAST_ILLNESS.search(text)
    if of_a_child:
        return _finding("parent", 0.65, of_a_child, "speaks of a child")
    if another:
        return _finding("relative", 0.6, another, "speaks of another")
    if other and not speaker:
        return _finding("relative", 0.5, other, "speaks of another")
    if speaker:
        return _finding("patient", 0.7, speaker, "first person")
    us, care = _WE.search(text), _OF_CARE.search(text)
    if us and care:
        return _finding("relative", 0.4, us, "we and care")
    if care:
        return _finding("patient", 0.5, care, "speaks of care")
    return Finding("respondent", "unknown", "", 0.5, 0, 0, "rule:impersonal")


def _is_bystander(text: str, kin: re.Match[str]) -> bool:
    """Whether a relative only stands by: named once, late, after what the speaker says of their own care."""
    own = _MY_CARE.search(text)
    return own is not None and own.start() < kin.start() and len(_HE_OR_SHE.findall(text[kin.start() :])) < 2


def _finding(type: RespondentType, score: float, match: re.Match[str], rule: str) -> Finding:
    return Finding("respondent", type, "", score, match.start(), match.end(), f"rule:{rule}")
