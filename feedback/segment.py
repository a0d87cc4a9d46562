"""Cut a comment into the clauses it falls into: "nurse lovely, toilets disgusting" is two.

A clause is the unit of evidence, so a missed cut blurs praise into blame, and a wrong cut tears a name or a list
("kind, caring and patient") apart. When unsure, the words stay together. Word lists and the words next to a joint
decide; nothing is parsed, because every comment passes here before anything cheaper has thinned them out.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]

# A sentence may end here. Semicolons and spaced dashes join what could have been two sentences; bullets and lines do too.
_STOP = re.compile(
    r"[.!?…]+[\"'”’)\]]*(?=\s|$)|(?<=[a-z]{2})[.!?](?=[A-Z][a-z' ])|[!?]+(?=\w)|\n+|;|\s[-–]{1,2}\s|\s?—\s?|\s[•●▪*]\s"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:dr|mr|mrs|ms|miss|prof|rev|st|sr|jr|eg|e\.g|ie|i\.e|etc|approx|appt|apt|tel|vs|a\.m|p\.m|dept|[a-z]|n\.h\.s|g\.p)\.$",
    re.IGNORECASE,
)
_WORD = re.compile(r"\[[A-Z ]+\]|[\w&/'’%£+]+|[,:()]")
_EDGE = ",;:-–—•●▪*"


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_CONTRAST = _words("but however although whereas except excepting albeit altho")
_NOT_CONTRAST_AFTER = _words("nothing anything all none everything everyone last can't couldn't cannot")
_OPENERS = _words("shame pity unfortunately sadly luckily thankfully meanwhile otherwise overall")
_PRONOUNS = _words(
    "[person] i we he she they it you u this that these those there everyone everybody nobody noone someone somebody everything nothing "
    "anyone something whatever who's it's i'm im i've ive i'd i'll he's she's they're theyre they've we're we've we'd we'll you're that's "
    "thats there's theres there'd it'd he'd she'd they'd theyd they'll it'll nobody's everyone's what"
)
_DETERMINERS = _words(
    "the a an my our your his her their its all every each some both one two three no another most many "
    "staff nurses nurse doctors doctor people everyone parking food communication reception receptionist getting"
)
_PEOPLE = _words("staff nurses doctors everyone parking food reception")
_RELATIVES = _words("who which that whose where when what how why whom")
_SUBORDINATORS = _words(
    "when if once after before because since while whilst as until till unless whenever despite although though during for from "
    "at in on by with to of without having being whatever"
)
# Words that make a stretch a clause of its own. Pasts in -ed are caught by their ending; these are the rest that comments use.
_VERBS = _words(
    "is was were are am be been has have had do does did can could will would should must may might shall cannot "
    "isn't wasn't weren't aren't hasn't haven't hadn't don't doesn't didn't can't couldn't won't wouldn't shouldn't dont didnt "
    "cant wasnt isnt couldnt wont doesnt hasnt havent werent arent ain't got gets get went goes go came come comes took takes "
    "take gave gives give made makes make kept keeps keep said says say told tells tell felt feels feel knew knows know found "
    "finds find saw see sees sat sits left leaves put puts let lets ran runs run rang rings ring sent sends send spoke speaks "
    "spent cost costs broke froze lost loses met meets thought thinks think understood heard hears read held brought bought "
    "began wrote drew stood slept ate need needs want wants like likes love loves hope hopes work works help helps seem seems "
    "look looks treat treats mean means meant saved showed drove drives talk talks listen listens deserve deserves clash feel "
    "seen given shown done wish recommend lets taught fell hit hurt hurts laughs smelt smells stinks lacks lack cares starts ends opens closes shuts"
)
_IMPERATIVES = _words(
    "answer let give get make stop keep have put ask tell listen employ hire offer provide train open fix improve update turn "
    "allow bring add use send reduce increase bin clean cut"
)
_OPINION = _words(
    "good great lovely excellent brilliant amazing fantastic wonderful fab fabulous superb outstanding perfect nice kind caring "
    "helpful friendly polite professional clean spotless tidy quick fast easy efficient patient calm safe happy pleased "
    "welcoming warm supportive tasty ace top first-class marvellous delightful gentle thorough clear comfortable ok okay fine "
    "bad poor awful terrible dreadful horrible disgusting dirty filthy rude slow late long cold freezing noisy loud unhelpful "
    "unfriendly appalling shocking useless disappointing disappointed expensive confusing difficult hard nightmare shambles "
    "rubbish dire grim bland inedible uncomfortable cramped boring abysmal pathetic joke disgrace disgraceful worse worst "
    "better best tired broken tricky limited shabby busy smelly stuffy hot curt plentiful gold decent edible"
)
_PREPOSITIONS = _words("for from at in on by with to of without during despite")
# After these an unmarked "the ..." or "I ..." goes on with what was being said.
_GLUE = (
    _PREPOSITIONS
    | _RELATIVES
    | _DETERMINERS
    | _SUBORDINATORS
    | _CONTRAST
    | _words(
        "and or so than as like about into over through up out off all just only not time way moment day sure if though even"
    )
)
_CLAUSE_ENDS = _words(
    "me us them times again much throughout ever too hours weeks months minutes years thanks please though tho"
)
_DEGREE = _words("very really so too quite extremely always absolutely well just also more most rather totally truly")
_FRESH_START = _words("no not nothing nobody never still always more less fewer better shame pity only another least")
_ADVERBS = _words("then now also still sometimes again today yet finally otherwise overall")
_NO_FRAGMENT = _OPINION | _DEGREE | _SUBORDINATORS
# What makes a fragment an opinion without an opinion word: "parking still a scrum", "the nurse though".
_LEAN = _words("still always never too not no nowhere nothing far though tho barely hardly")
_PARENTHESES = (
    ("i", "think"),
    ("you", "know"),
    ("they", "say"),
    ("i", "don't"),
    ("mind", "you"),
    ("i", "suppose"),
    ("i", "guess"),
    ("all", "of"),
)
_NOT_SO_BEFORE = _words(
    "is was were are be been so not very feel felt feels or just think thought hope said if and do did"
)


def segment(text: str) -> tuple[Span, ...]:
    """Find the clauses of `text`: (start, end) in order, which together cover every word; none for blank text.

    >>> [text[a:b] for text in ["Nurse lovely, toilets disgusting."] for a, b in segment(text)]
    ['Nurse lovely', 'toilets disgusting.']
    >>> len(segment("They were kind, caring and patient."))
    1
    """
    spans: list[Span] = []
    for start, end in _sentences(text):
        cuts = [start, *_joints(text, start, end), end]
        for left, right in pairwise(cuts):
            span = trimmed(text, left, right)
            if any(c.isalnum() for c in text[span[0] : span[1]]):
                spans.append(span)
            elif spans and span[0] < span[1]:  # a lone emoji or closing bracket belongs to what it follows
                spans[-1] = (spans[-1][0], span[1])
    if not spans and text.strip():
        return (_stripped(text),)
    return tuple(spans)


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for stop in _STOP.finditer(text):
        if stop.start() < start:
            continue
        mark = stop[0].strip()
        if mark.startswith(".") and (
            _ABBREVIATION.search(text[max(start, stop.start() - 12) : stop.start() + 1])
            or (len(mark) > 1 and text[stop.end() : stop.end() + 2].strip()[:1].islower())  # "it was... fine" runs on
        ):
            continue
        if mark in ("-", "–", "--", "*") and len(text[start : stop.start()].split()) < 2:
            continue
        yield start, stop.end()
        start = stop.end()
    yield start, len(text)


def _joints(text: str, start: int, end: int) -> Iterator[int]:
    """Where, inside one sentence, a new clause begins."""
    tokens = [(m[0].lower().replace("’", "'"), m.start()) for m in _WORD.finditer(text, start, end)]
    words = [word for word, _ in tokens]
    if len(words) > 1 and all(word in _OPINION for word in words):  # "quick easy polite"
        yield from (at for _, at in tokens[1:])
        return
    if _is_list_of_things(words):
        yield from (tokens[i + 1][1] for i, word in enumerate(words[:-1]) if word == ",")
        return
    runs_on = len(words) > 8 and not any(word in (",", ":", "(") for word in words)
    last = 0  # the token at which the clause under way began
    for i in range(1, len(words)):
        if _begins_clause(words, last, i) or (runs_on and _begins_unmarked(words, last, i)):
            yield tokens[i][1]
            last = i


def _is_list_of_things(words: list[str]) -> bool:
    """Three things or more and no sentence around them: "Film night on the telly, popcorn, and the walking group"."""
    if words.count(",") < 2 or any(w in _RELATIVES or w in _PRONOUNS for w in words[:4]):
        return False
    items = " ".join(words).split(" , ")
    verbless = not any(
        _is_verb(w) for item in items for w in re.split(r"(?:^| )(?:that|who|which|to) ", item)[0].split()
    )
    return verbless and any(len(item.split()) > 2 for item in items) and len(items[0].split()) > 1


def _begins_unmarked(words: list[str], last: int, i: int) -> bool:
    """A new sentence without any mark before it, as in dictated and hurried comments: "froze twice the nurse was kind"."""
    left = words[last:i]
    if (
        words[i] in _PEOPLE
        and words[i + 1 : i + 2] in (["are"], ["were"], ["was"])
        and words[i - 1] not in _GLUE | _OPINION
    ):
        # "but the night staff were" is one noun still: nothing has been said before it.
        return len(left) > 2 and left[0] != "that" and (left[0] in _OPINION or _worth_alone(left))
    if len(left) < 3 or len(words) - i < 3 or not _worth_alone(left) or words[i - 1] in _GLUE or _is_verb(words[i - 1]):
        return False
    if any(w in _SUBORDINATORS and w not in _PREPOSITIONS for w in left) or words[i] in (
        "a",
        "an",
        "each",
        "every",
        "one",
        "two",
        "three",
        "another",
    ):
        return False
    if words[i] in _PEOPLE and words[i - 1] in _OPINION and not any(map(_is_verb, left)):
        return False  # "clean ward and caring staff" is one list of what was good
    if words[i] in _PRONOUNS:
        return words[i - 1] in _OPINION | _CLAUSE_ENDS and _has_subject(words, i)
    return _has_subject(words, i)


def _begins_clause(words: list[str], last: int, i: int) -> bool:
    word, before, left = words[i], words[i - 1], words[last:i]
    following = words[i + 1] if i + 1 < len(words) else ""
    if before == ",":
        return _after_comma(words, left[:-1], i)
    if before == ":":
        return len(left) > 2 and len(words) - i > 1
    if not following:
        return False
    if word in _CONTRAST:
        if before in _NOT_CONTRAST_AFTER and not _has_subject(words, i + 1):
            return False
        return following not in ("for", "also") and len(left) > 1
    if word in ("though", "tho", "yet"):
        return (
            before not in ("even", "as", "not", "and", "hasn't", "haven't")
            and following in _PRONOUNS | _DETERMINERS | _FRESH_START
        )
    if word == "even" and following in ("though", "tho"):
        return True
    if word == "apart" and following == "from":
        return len(left) > 2
    if word == "which":
        return (
            following in ("is", "was", "made", "makes")
            and words[i + 2 : i + 3] != []
            and words[i + 2] in _OPINION | _DEGREE
        )
    if word in ("because", "cos"):
        return (
            before not in ("just", "only", "not", "is", "was")
            and following != "of"
            and len(left) > 2
            and len(words) - i > 3
        )
    if word == "so":
        return (
            before not in _NOT_SO_BEFORE
            and following in _PRONOUNS | _DETERMINERS
            and _has_verb(left)
            and _has_subject(words, i + 1)
        )
    if word in ("and", "&", "plus", "n"):
        return _after_and(words, left, i)
    if word in _OPENERS and word != "overall":
        return len(left) > 2 and before not in (
            "a",
            "the",
            "real",
            "great",
            "such",
            "it's",
            "is",
            "was",
            "and",
            "but",
            "just",
            "what",
            "not",
        )
    if word in ("a", "just") and (following == "shame" or words[i + 1 : i + 3] == ["a", "shame"]):
        return len(left) > 2 and before not in ("just", "is", "was", "it's", "such")
    return False


def _after_comma(words: list[str], left: list[str], i: int) -> bool:
    right = _up_to_joint(words, i)
    if len(left) < 2 or len(right) < 2:
        return False
    if words[i] in ("because", "which"):
        return len(right) > 2
    if words[i] in ("and", "&", "so", "plus") or words[i] in _CONTRAST:
        return (
            words[i] in _CONTRAST
            or _has_subject(words, i + 1)
            or (_worth_alone(left) and _bare_verb(right[1:]))
            or (words[i + 1 : i + 2] == ["no"])
        )
    if "," not in left and left[0] in _SUBORDINATORS and not _has_subject_before_joint(left):
        return False
    if "," not in left and left[0] in (
        "when",
        "if",
        "once",
        "after",
        "before",
        "while",
        "whilst",
        "as",
        "since",
        "because",
        "although",
        "though",
        "unless",
    ):
        return False
    if words[i] in ("though", "tho", "which", "at", "apart", "just") and len(right) > 2:
        return words[i] != "at" or right[1] == "least"
    if words[i] in _FRESH_START:
        return not (words[i] == "not" and right[1] in ("only", "just", "even"))
    if _has_subject(words, i):
        return right[0] not in _RELATIVES - {"that", "what"} and tuple(words[i : i + 2]) not in _PARENTHESES
    if left[0] in _IMPERATIVES and right[0] in _IMPERATIVES:
        return True
    if _is_opinion_with_noun(left, right):
        return True
    if words[i] not in _SUBORDINATORS | _RELATIVES and any(
        w in _PRONOUNS and _has_subject(words, i + j) for j, w in enumerate(right[1:4], 1)
    ):
        return _has_verb(left)  # "..., Monday to Friday they ring straight back"
    return _worth_alone(left) and (_bare_verb(right) or _is_fragment_with_opinion(right))


def _after_and(words: list[str], left: list[str], i: int) -> bool:
    right = _up_to_joint(words, i)[1:]
    if len(left) < 2 or len(right) < 2:
        return False
    if _has_subject(words, i + 1):
        return _worth_alone(left) and left[-1] not in ("said", "told", "that")
    if right[0] in _IMPERATIVES:
        return left[0] in _IMPERATIVES | {"come", "more", "less", "better", "please"}
    return right[0] == "no" or (_worth_alone(left) and _is_fragment_with_opinion(right))


def _up_to_joint(words: list[str], i: int) -> list[str]:
    for j in range(i + 1, len(words)):
        if words[j] in (",", ":", "but", "because") or (words[j] in ("and", "&") and j > i + 1):
            return words[i:j]
    return words[i:]


def _has_subject(words: list[str], i: int) -> bool:
    """Whether a subject and its verb begin at `i`: a pronoun, or a determiner and a noun or three, then a finite verb."""
    if i >= len(words):
        return False
    if words[i] in _ADVERBS and i + 1 < len(words):
        i += 1
    if words[i] in _PRONOUNS:
        return "'" in words[i] or any(_is_verb(w) for w in words[i + 1 : i + 4])
    if words[i] not in _DETERMINERS:
        return False
    for word in words[i + 1 : i + 8]:
        if word in _RELATIVES or word in (",", "and", "to"):
            return False
        if _is_verb(word):
            return True
    return False


def _has_subject_before_joint(left: list[str]) -> bool:
    return any(w in _PRONOUNS for w in left) and _has_verb(left)


def _is_verb(word: str) -> bool:
    return (
        word in _VERBS
        or (len(word) > 4 and word.endswith("ed"))
        or word.endswith(("n't", "'s", "'re", "'ve", "'ll", "'d"))
    )


def _has_verb(words: list[str]) -> bool:
    return any(_is_verb(w) for w in words)


def _worth_alone(left: list[str]) -> bool:
    return _has_verb(left) or any(w in _OPINION for w in left[1:])


def _bare_verb(right: list[str]) -> bool:
    """A verb that carries the subject on: ", was greeted by name", ", worked a treat"."""
    return len(right) > 2 and _is_verb(right[0]) and not right[0].endswith("'s")


def _is_fragment_with_opinion(right: list[str]) -> bool:
    """ "toilets disgusting": a noun first, then an opinion of it, unlike "caring and patient"."""
    return (
        right[0] not in _NO_FRAGMENT
        and not _is_verb(right[0])
        and not right[0].endswith("ly")
        and any(w in _OPINION or w in _LEAN for w in right[1:])
    )


def _is_opinion_with_noun(left: list[str], right: list[str]) -> bool:
    """ ", decent staff" after "edible food", unlike "lovely, kind people" where both words go with one noun."""
    return right[0] in _OPINION and len(right) < 4 and left[-1] not in _OPINION and right[-1] not in _OPINION | _DEGREE


def trimmed(text: str, start: int, end: int) -> Span:
    """A stretch without the white space, commas and dashes at its edges; empty where nothing else is in it."""
    while start < end and (text[start].isspace() or text[start] in _EDGE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _EDGE):
        end -= 1
    return start, end


def _stripped(text: str) -> Span:
    return len(text) - len(text.lstrip()), len(text.rstrip())
