"""Say whose experience a clause tells: that of the person cared for, or the speaker's own as carer, relative or parent.

"He was treated well but nobody asked how I was" praises a husband's care and says what it is like to be his carer. The
trap is that a carer says "I" all the time without telling of themselves: "I think", "I am pleased with", "when I visited".
Such framing is taken away before anything is looked for. Nothing here is stored: it is worked out from the words and
the respondent whenever a comment is shown, so that a person's correction of the respondent changes it at once.
"""

import re
from collections.abc import Sequence
from typing import cast

from feedback.comment import Analysed, RespondentType

_MALE = r"husband|hubby|dad|daddy|father|grandad|granddad|grandpa|grandfather|brother|uncle|son|grandson|stepson|nephew|boy|lad|stepdad|father-in-law|boyfriend|fella"
_FEMALE = r"wife|missus|mum|mom|mam|mummy|mother|nan|nana|nanna|gran|granny|grandma|grandmother|sister|aunt|aunty|auntie|daughter|granddaughter|stepdaughter|niece|girl|lass|stepmum|mother-in-law|girlfriend"
_EITHER = r"partner|other half|cousin|friend|neighbour|loved one|relative|child|children|kids?|baby|bab|babies|twins?|toddler|newborn|infant|teenager|teen|youngest|eldest|little one|grandchild(?:ren)?|parents|grandparents?"
_KIN = rf"(?:{_MALE}|{_FEMALE}|{_EITHER})"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'-])(?:{pattern})(?![\w-])")


# A relative who is named as what the speaker is, not as who is cared for: "as his wife", "like a bad mother", "my sister and I".
_SPEAKER_AS_KIN = _words(
    rf"(?:as|like|being|i am|i'm|we are|we're) (?:just |only )?(?:a|an|his|her|their|the|\w+'s) (?:\w+ ){{0,2}}?(?:carer|parents?|family|{_KIN})(?! (?:is|was|has|had)\b)"
    r"|(?:first.?time|new|other|us|we|working|single) (?:mums?|dads?|mothers?|fathers?|parents)|(?:mum|mom|dad|mother|father) (?:of|to) \w+|as (?:parents|carers|a family|relatives|family|grandparents)"
)
_AND_I = _words(rf"(?:my|his|her) (?:\w+ )?{_KIN} and (?:i|me|myself)|(?:me|myself) and my (?:\w+ )?{_KIN}")

# What the speaker says of their judging, hoping, thanking, bringing and visiting: it tells of nobody.
_VERDICT = r"(?:pleased|happy|impressed|grateful|thankful|satisfied|unhappy|dissatisfied|disappointed|disgusted|appalled|shocked|amazed|surprised|delighted|sure|afraid to say|sorry to say|glad|confident|aware|told that (?:he|she))"
_FRAMING = _words(
    r"i (?:\w+ly |just |do |also |still |personally )*(?:think|thought|believe|hope|hoped|wish|know|knew|guess|suppose|understand|see|saw|noticed|watched|notice|find|found|want|wanted|rate|recommend|appreciate|appreciated|thank|say|said|mean|suspect|doubt|gather|expected|expect|mention)(?! (?:what|how|where|who|when) (?:to|i|we)\b)"
    r"|i (?:would|'d|will|'ll|can|must|have to|want to|could|cannot|can't|couldn't|don't|do not|did not|didn't|should|wouldn't|would not)(?: \w+ly| not| just| only| never| like to| love to)* (?:say|thank|praise|recommend|fault|see|think|know|like|love|want|wish|choose|speak highly|rate|understand|imagine|commend|hope|add)"
    r"|i(?:'d|'m| would| am) (?:like|love|hoping|asking)|i (?:have|had) (?:no|nothing|only|every) (?:complaints?|but|praise|good|confidence|doubt|idea if)|i feel (?:that |like )?(?=the |they |he |she |it |there |his |her |my \w+ (?:is|was|has))"
    rf"|(?:i'm|i am|i was|i've been|i have been|we are|we're|we were|we have been|we've been) (?:\w+ )?(?:\w+ )?{_VERDICT}|(?:we|i) (?:can't|cannot|can not|could not|couldn't) (?:thank|fault|praise)"
    r"|we (?:\w+ly )?(?:think|thought|hope|wish|would like to|want to|thank|appreciate|would recommend|know|believe|are thankful)|in my (?:opinion|view|experience)|as far as i (?:can see|know|am concerned)|if (?:i|you) (?:ask me|may)|my only (?:complaint|gripe|criticism|concern|suggestion|comment|worry) (?:is|was)|i mean|mind you|you know|(?:my|our|many) thanks|for (?:me|us),"
    r"|to me(?=,)|dare i say|(?:from|with) what i (?:saw|could see|have seen)|(?:can|could|may) i (?:just )?(?:say|suggest|thank)"
)
_BRINGS = _words(
    r"(?:i|we) (?:have |had |had to |have to |always |also |usually |then |regularly |often )*(?:took|take|taken|bring|brought|drove|drive|visit|visited|visiting|accompanied|accompany|collected|collect|attended|attend|came|come|go|went|picked up|dropped off|registered|booked)(?! (?:a |one |two |half |time|day|leave|over|without|mad|under|home to|out|away|off|back|home))"
)
# "We" and "us" of a family that is seen together with the person: the care is that person's.
_SEEN_TOGETHER = _words(
    r"we(?:'ve|'d)? (?:were |have |had |have been |had been |got |are |was |all |both |then |only |still |finally |only just |eventually )*(?:seen|referred|discharged|admitted|assessed|diagnosed|triaged|booked in|sent (?:home|away|to)|waiting|waited|wait|arrived|in and out|on the (?:list|waiting list)|in (?:a&e|miu|the miu)|had (?:an|the|our|a|his|her) (?:\w+ )?(?:appointments?|scan|assessment|check-?up|diagnosis|visit))"
    r"|we (?:were|was|got|have been|had been|are) (?:\w+ )?(?:given|offered|sent) (?:an?|the|some|his|her|another) (?:\w+ )?(?:appointments?|antibiotics|diagnosis|referral|cancellation|prescription|inhaler|date|slot)"
    r"|(?:saw|seen|see|seeing|treated|referred|discharged|fitted|fit|got|squeezed|transferred|admitted) us(?! (?:as|like))|(?:gave|offered|sent|given|offer) us (?:an?|the|some|another) (?:\w+ )?(?:appointments?|antibiotics|diagnosis|referral|cancellation|prescription|inhaler|date|slot)"
    r"|our (?:\w+ )?(?:appointments?|referral|turn|wait|slot|assessment|diagnosis|prescription)"
)
_WAITS_FOR = re.compile(
    r"(?<![\w'])i(?:'ve|'m)? (?:have |am |was |had |been |still )*(?:waited|waiting|wait) [^,;]*\bfor\b"
)
_ASIDE = re.compile(
    r"(?<![\w'])(?:until|till|when|whenever|while|whilst|before|after|if|unless|by the time|every time|each time|the day|as soon as|once) (?:i|we)(?:'d|'ve|'m)? [^,;.]*"
)

_OWN = tuple(
    _words(pattern)
    for pattern in (
        # what the speaker did, was or felt
        r"(?:i|we)(?:'m|'ve|'d|'ll|'re)?|im|ive",
        # what was done to or for the speaker
        r"(?<!with )(?<!from )(?<!than )(?<!like )(?<!between )(?<!behind )(?:me|us|myself|ourselves)",
        r"(?:sat|spoke|speak|talked|talk|stayed|stay|discussed|discuss|worked|shared|share|honest|patient|lovely|kind|nice|rude|short|gentle|brilliant|cross|abrupt|open|snappy|cried|laughed|chatted) (?:\w+ ){0,3}?with (?:me|us)",
        r"you (?:feel|felt|are left|have to|need to|get|end up|worry|never know)|(?:tells?|told|asks?|asked|makes?|made|treats?|listens? to|keeps?|lets?|helps?|supports?|rings?|gives?|leaves?|talks? to|involves?) you",
        # what is the speaker's own
        rf"(?:my|our)(?! (?:\w+ ){{0,2}}?{_KIN}(?:'?s)?(?![\w-]))(?! (?:local|own local|nurse|gp|consultant|visit|experience|team|community|area|\w+ nurse|hospital|ward|care ?co-?ordinator|health visitor|midwife))",
        # the speaker's place in the care
        r"as (?:his|her|their|a|an|the|my \w+'s|\w+'s) (?:\w+ ){0,2}?carer|as carers?|the (?:person|one) who (?:does|cares|looks|knows|lives)|(?:parents?'?|parenting) (?:workshops?|course|groups?|class(?:es)?|evenings?|forum|training|line)|(?:carers?'?s?'?) (?:assessment|support|group|course|break|allowance|needs|views|health|champion|cafe|hub|line|week|lead|event|training)",
        r"(?:us|family|unpaid|young|for|other|we|many|listen to|involve|ignore|support|about|of) carers|carers (?:are|get|need|should|have to|don't|do not|feel|like|too|count|matter|can|often)|caring for|(?:a|my|for) carer|caring role|caring,|respite|lonely|isolating|isolated|exhausting|on top of (?:work|my job)",
        r"(?:whole |rest of the |for the |as a |the |entire )famil(?:y|ies)|families|relatives|next of kin|(?:listen\w*|talk|speak|for|involve|support|to|of|treat|ignore|dismiss\w*) parents|parents (?:are|get|need|should|have|don't|feel|like|too|can|know|were)|visiting (?:times?|hours?|is|was|rules|restrictions?|arrangements?)|visitors",
        # told, or not, without a word for whom
        r"(?:kept|keep|keeping|keeps) (?:\w+ )?(?:informed|updated|up.to.date|in the (?:loop|dark))|(?:nobody|no one|no-one|noone|never|not|nobody ever|no one ever|not once) (?:bothered to |even |thought to |once )?(?:rang|phoned|called back|rings?|phones?|returned (?:calls?|my)|answers? the phone)(?! (?:him|her|mum|dad))",
        r"how (?:i|we|you) (?:was|were|are|am|is|felt|coped?)",
    )
)
_CARED_FOR = (
    _words(rf"(?:my|our|the|me) (?:[\w-]+ ){{0,2}}?{_KIN}(?:'?s)?"),
    _words(
        r"(?:mum|mom|mam|mummy|dad|daddy|nan|nana|nanna|gran|granny|grandma|grandad|granddad|grandpa|baby|mother|father)(?:'?s)?"
    ),
    _words(
        r"patients?(?:'s|s')?(?! with)|residents?|service users?|loved ones?(?:'s)?|(?:a|the|any|every) child(?:'s)?|people with \w+|(?:the|young) person(?:'s)?"
    ),
)
_HE = _words(r"he(?:'s|'d|'ll)?|him|his|himself")
_SHE = _words(r"she(?:'s|'d|'ll)?|her|hers|herself")
_THEY = _words(r"them|themselves")
_SPOKE_TO_SPEAKER = r"(?:has |had |always |often |also |then |just |once |later )*(?:told|tells|said|says|say|rang|phoned|texted|asked) (?:to )?(?:me|us)"


def experiences_of(analysed: Analysed) -> tuple[RespondentType, ...]:
    """Whose experience each clause of an analysed comment tells, in the order of its clauses."""
    respondent = next((f.label for f in analysed.of("respondent")), "unknown")
    clauses = [(f.start, f.end) for f in analysed.of("clause")]
    return experiences(analysed.comment.text, clauses, cast("RespondentType", respondent))


def experiences(
    text: str, clauses: Sequence[tuple[int, int]], respondent: RespondentType
) -> tuple[RespondentType, ...]:
    """Whose experience each clause (start, end; offsets in `text`, end exclusive) tells, given who the comment is by.

    patient is the person cared for; carer, relative, parent and staff the speaker in that role. A clause that speaks of
    nobody follows the one before; opening clauses follow the first that tells, if that is of the patient's care. unknown
    where nothing tells.

    >>> text = "He was treated well but nobody asked how I was."
    >>> experiences(text, [(0, 19), (20, 47)], "carer")
    ('patient', 'carer')
    """
    if respondent in ("patient", "staff"):
        return (respondent,) * len(clauses)
    pronouns = _pronouns(_plain(text))
    told = [_told(_plain(text[start:end]), pronouns, respondent) for start, end in clauses]
    first = next((one for one in told if one), None)
    now: RespondentType = "patient" if first == "patient" else "unknown"
    found: list[RespondentType] = []
    for one in told:
        now = one or now
        found.append(now)
    return tuple(found)


def _told(clause: str, pronouns: tuple[re.Pattern[str], ...], speaker: RespondentType) -> RespondentType | None:
    """Whose experience the words of one clause tell by themselves; None where they tell of nobody."""
    cared_for = (*_CARED_FOR, *pronouns)
    words = _AND_I.sub("we", clause)
    words, was_seen = _SEEN_TOGETHER.subn(" ", _SPEAKER_AS_KIN.sub("as carers", words))
    words = _without_patients_own_telling(words, pronouns)
    for framing in (_FRAMING, _BRINGS):
        words = framing.sub(" ", words)
    if (patient := _first(cared_for, words)) is not None:
        words = _WAITS_FOR.sub(" ", words)
        words = words[:patient] + _ASIDE.sub(" ", words[patient:])
    if _first(_OWN, words) is not None:
        return speaker
    return "patient" if was_seen or patient is not None else None


def _without_patients_own_telling(words: str, pronouns: tuple[re.Pattern[str], ...]) -> str:
    """ "She told me that the food was cold" is hers: the "told me" goes."""
    subjects = [rf"{_KIN}", *(word for word, pattern in (("he", _HE), ("she", _SHE)) if pattern in pronouns)]
    return re.sub(rf"(?<![\w'])({'|'.join(subjects)}) {_SPOKE_TO_SPEAKER}(?!\w)", r"\1", words)


def _pronouns(text: str) -> tuple[re.Pattern[str], ...]:
    """The pronouns that can mean the person cared for: of a husband not "she", who is then the nurse."""
    named = _SPEAKER_AS_KIN.sub(" ", _AND_I.sub(" ", text))
    he, she = _words(rf"(?:{_MALE})(?:'?s)?").search(named), _words(rf"(?:{_FEMALE})(?:'?s)?").search(named)
    if he and not she:
        return (_HE, _THEY)
    return (_SHE, _THEY) if she and not he else (_HE, _SHE, _THEY)


def _first(patterns: Sequence[re.Pattern[str]], words: str) -> int | None:
    """Where the first of the patterns fits, counted in characters, or None."""
    return min((match.start() for pattern in patterns if (match := pattern.search(words))), default=None)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())
