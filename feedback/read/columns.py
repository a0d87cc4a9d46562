"""Decide which column holds the comments, the date, the service …, from each heading and all the cells under it.

A heading alone misleads ("FFT answer" may be words or a number), and so do cells alone (an address is free text
too), so both must agree. What could name a person is set aside first and never taken, whatever else it looks like.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from feedback.read.cells import Cell, Unsaved, cell_text, is_blank, lost
from feedback.read.dates import Form, form_of, is_iso, serial_day
from feedback.read.mended import FRONT, is_mended
from feedback.read.ratings import is_face, read_label, read_number

_DISTINCT_CAP = 5_000
_VALUES_CAP = 60
_LOOKED_AT = 2_000  # characters of a cell that say what its column is like; some cells have sixty million

# ------------------------------------------------------------------------------------------------ what a heading says

_PERSONAL = re.compile(
    r"\b(e ?mails?|phones?|telephone|tel|mobile|nhs (?:no|num|number)|(?:hospital|patient|unit) (?:no|num|number|id)|mrn"
    r"|(?:fore|sur|first|last|family|middle|maiden|given|full|patient|carer|respondent|client|customer|contact|author|reporter|user) ?names?"
    r"|names? of (?:the )?(?:patient|carer|person|respondent|author|staff|relative|child)|your (?:full )?names?"
    r"|dob|date of birth|birth|addresses|(?:home|postal|ip|street|your|contact|patient) address|post ?code|ni number"
    r"|contact details?|your details|signature)\b"
    r"|^(?:address(?: (?:line )?\d)?|names?|username|initials|title)$"
)
_PERSONAL_ASKED_TO_LEAVE_OUT = re.compile(
    r"\b(?:do not|don t|please avoid|without|not) (?:\w+ ){0,2}(?:includ|leav|giv|writ|put|add|enter|nam|us)\w*"
)

_ABOUT_COMMENTS = re.compile(
    r"\b(?:ids?|ref|reference|number|date|time|type|category|categories|themes?|codes?|coded|labels?|topics?|sentiment|scores?"
    r"|status|source|channel|method|language|titles?|subject|headline|tags?|flags?|counts?|length|url|link|criticality|priority"
    r"|actions?|actioned|repl(?:y|ies|ied)|managers?|reviewers?|reviewed|moderat\w*|internal|admin|outcome|owner|assigned|author)\b"
    r"|\b(?:our|trust|provider|staff|team|official|organisation) (?:response|reply)\b|\b(?:trust|provider|official) comments?\b"
)
# What staff wrote about a comment, or to the person who made it, however long it is.
_BY_STAFF = re.compile(
    r"\b(?:staff|office|internal|admin\w*|trust|team|official) use\b|\b(?:use|completed|filled in) (?:by|for) (?:staff|the team|office|clinicians?)\b"
    r"|\b(?:response|reply|feedback|letter|message)s? (?:sent |given |made )?(?:back )?to (?:the )?(?:patient|carer|person|respondent|author|relative|family|complainant|user|commenter|reviewer)s?\b"
    r"|\b(?:clinical|clinic|clinicians?|case|handler|handling|investigat\w+|manager|ward sister|matron|triage|follow up|pals|complaints team|reviewer|moderator|resolution) (?:notes?|comments?|remarks?|observations?|summary|details?)\b"
    r"|\b(?:lessons? learn\w*|learning point|root cause|you said we did|we did)\b"
    r"|\bactions? (?:taken|required|agreed|plan|planned|needed)\b|\bwhat (?:we|was) (?:did|done) about\b"
)
# Why somebody came, not what they thought of it.
_REASON_OF_OTHER = re.compile(
    r"\breasons? for (?:the |your |this )?(?:referral|visit|appointment|attend\w*|contact|admission|call|discharge|closure|closing|leaving"
    r"|cancel\w*|exclu\w*|reject\w*|withh\w+|redact\w*|delay|change|transfer|absence|non)\b"
)
# Asks for a reason or an account, whatever else it names ("Reason for score").
_ASKS = re.compile(
    r"\b(?:reasons? (?:for|behind)|why|tell us|explain|describe|in your own words|what (?:did|could|can|was|went)|how (?:could|can) we)\b"
)
# Questions about the survey itself, whatever their length.
_ASIDE = re.compile(
    r"\b(?:consent|permission|publish\w*|happy for us|may we|can we (?:use|share|contact|publish)|us to contact|be contacted"
    r"|anonymous(?:ly)?|(?:hear|heard|find out|found out) about|repl(?:y|ies) (?:to|from)|response from)\b"
)
_COMMENT = re.compile(
    r"\b(?:comments?|feedback|verbatims?|free ?text|stor(?:y|ies)|suggestions?|compliments?|complaints?|testimonials?|narrative"
    r"|improv\w+|better|differently|good|(?:done|did|do|went|go|work\w*) (?:really |very )?well|like[ds]?|dislike\w*|bad|enjoy\w*|praise"
    r"|tell us|anything|describe|in your own words|your own words|reasons? for|why)\b"
)
_SAID = re.compile(r"\b(?:comments?|feedback|verbatims?|free ?text|stor(?:y|ies))\b")
_PERHAPS_COMMENT = re.compile(
    r"\b(?:answers?|responses?|text|body|message|description|details|reasons?|notes?|opinions?|thoughts?|remarks?|observations?"
    r"|review|experience|explain|open ?ended|open|words|other|please|what|how|changes?|concerns?|issues?|summary)\b"
)
_DATE_NO = re.compile(
    r"\b(?:birth|dob|updated?|modified|changed|due|deadline|expiry|closed|actioned|replied|reviewed|published|by|id)\b"
)
_COUNTS = re.compile(
    r"\b(?:ids?|no|nr|num|numbers?|refs?|reference|codes?|counts?|total|score|phone|cost|amount|sum|population)\b"
)
_DATE = (
    re.compile(
        r"\b(?:respon\w+|complet\w+|submi\w+|end|ended|receiv\w+|feedback|comment|record\w+|answer\w*|survey|fft|finish\w*|return\w*)\b"
    ),
    re.compile(r"\b(?:dates?|time ?stamp|date ?time|when|posted|day)\b"),
    re.compile(r"\b(?:start\w*|creat\w+|enter\w*|open\w*|upload\w*|sent|invit\w+|export\w*)\b"),
    re.compile(r"\b(?:visit|appointment|attend\w*|discharge\w*|admi\w+|contact|seen|treat\w*|incident|event)\b"),
    re.compile(r"\b(?:month|period|week)\b"),
)
_RATING = (
    re.compile(r"\boverall,? (?:how (?:was|would)|experience)|\bfft\b|friends and family|recommend"),
    re.compile(r"\b(?:overall|ratings?|rate|scores?|how likely|satisf\w+|stars?)\b"),
)
_QUESTION = re.compile(r"\bquestions?(?: (?:text|asked|wording|title|label))?$|^(?:question|prompt)\b")
_RESPONDENT = re.compile(
    r"\b(?:completed by|answered by|filled (?:in|out) by|respondent(?: type| role| category)?|who (?:is|are|was|has|completed|filled)"
    r"|relationship|i am|are you|type of (?:respondent|person|user)|capacity|patient or carer|patient carer|on behalf|person completing|role)\b"
)
_SERVICE_NO = re.compile(
    r"\b(?:service users?|experience|recommend|satisf\w+|rate|codes?|ids?|number|managers?|leaders?|lead|consultant|clinician|doctor|nurse|staff|post ?code|how|why|ods)\b"
)
_SERVICE = (
    re.compile(r"\b(?:teams?|wards?|clinics?|units?|practices?)\b|^where(?: (?:were you|was it|did you).*)?$"),
    re.compile(r"\bservices?\b"),
    re.compile(r"\b(?:special(?:i)?t(?:y|ies)|departments?|dept|pathways?|disciplines?)\b"),
    re.compile(r"\b(?:sites?|locations?|hospitals?|bases?|places?|venues?|settings?)\b"),
    re.compile(r"\b(?:directorates?|divisions?|care groups?|localit(?:y|ies)|business units?|clusters?|sdu)\b"),
)
_ID = re.compile(
    r"\b(?:ids?|refs?|reference|uid|uuid|guid|identifier|row index|(?:record|response|case|serial|comment|form|entry|submission|row) (?:no|number|num))\b"
)
# These few say "id" only over numbers that are different in each row.
_ID_IF_NUMBERS = re.compile(
    r"^(?:nr|no|num|number|n|index|seq(?:uence)?|serial|resp|respondent|response|record|entry|case|row|line|item)$"
)
_ID_OF_OTHER = re.compile(
    r"\b(?:collector|survey|team|ward|service|trust|site|clinic|location|question|batch|organi[sz]ation|device|session|ip|user agent|campaign|form template|hospital)\b"
)
_ID_OF_PERSON = re.compile(r"\b(?:respondent|person|participant|user|contact|customer|client|panel)\b")

_RELATION = re.compile(
    r"\b(?:patients?|carers?|parents?|relatives?|friends?|family|service users?|staff|mother|father|mum|dad|guardian|visitors?"
    r"|myself|self|someone else|child|son|daughter|spouse|partner|husband|wife|advocate|young person|both)\b"
)
# What care is called: tells a column of services that has no heading from one of anything else.
_CARE = re.compile(
    r"\b(?:wards?|teams?|clinics?|units?|service|services|nursing|nurses|therap(?:y|ies|ists?)|hospital|centre|rehab\w*|visiting|health|care"
    r"|podiatry|physio\w*|dental|dietetics|maternity|midwi\w+|outpatients?|inpatients?|paediatrics?|camhs|miu|surgery|surgical|emergency|a and e|department)\b"
)
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}$")
_PHONE = re.compile(r"^(?:\+44|0)[\d\s()\-]{9,14}$")
_NHS_NUMBER = re.compile(r"^\d{3}[ -]?\d{3}[ -]?\d{4}$")
_YES_NO = frozenset({"yes", "no", "y", "n", "true", "false", "1", "0", "maybe"})


@lru_cache(maxsize=65_536)
def plain_heading(heading: str) -> str:
    """A heading as words to match: lower case, camelCase apart, without its number or punctuation.

    >>> plain_heading("Q2. Why did you give your answer?"), plain_heading("commentText")
    ('why did you give your answer', 'comment text')
    """
    text = unicodedata.normalize("NFKC", heading).replace("&", " and ")
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    text = re.sub(r"^\s*(?:q(?:uestion)?\s*)?\d{1,3}[a-z]?\s*[.):\-]\s*", "", text)
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


def names_comments(heading: str) -> bool:
    """Whether a heading by itself says that comments stand under it."""
    return bool(_COMMENT.search(plain_heading(heading)))


def looks_known(heading: str) -> bool:
    """Whether a heading is one that tables of comments have; tells a row of headings from a row of data."""
    plain = plain_heading(heading)
    patterns = (_PERSONAL, _COMMENT, _PERHAPS_COMMENT, _QUESTION, _RESPONDENT, _ID, *_DATE, *_RATING, *_SERVICE)
    return len(plain.split()) <= 30 and any(pattern.search(plain) for pattern in patterns)


# ------------------------------------------------------------------------------------------------- what the cells say


@dataclass(frozen=True, slots=True)
class _Shape:
    """What one cell is like."""

    words: int
    form: Form | None
    rated: bool
    number: bool
    personal: bool
    face: bool
    pattern: int


@lru_cache(maxsize=8192)
def _shape(cell: Cell) -> _Shape:
    text = cell_text(cell).strip()
    number = not isinstance(cell, str) or bool(re.fullmatch(r"[-+]?[\d.,]+%?", text))
    personal = bool(_EMAIL.match(text) or _PHONE.match(text) or (_NHS_NUMBER.match(text) and _nhs_digit(text)))
    form = form_of(text if isinstance(cell, str) else cell)
    pattern = hash(re.sub(r"\d+", "0", text))
    return _Shape(len(text.split()), form, read_label(text) is not None, number, personal, is_face(text), pattern)


def _nhs_digit(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    return (11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11) % 11 == digits[9]


@dataclass(slots=True)
class Evidence:
    """Everything the whole of one column says, gathered cell by cell in constant memory.

    `values` counts the different cells as long as there are at most 60, else it is empty.
    """

    filled: int = 0
    words: int = 0
    sentences: int = 0
    rated: int = 0
    numbers: int = 0
    personal: int = 0
    forms: Counter[Form] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    late_days: int = 0
    iso: int = 0
    serials: int = 0
    faces: int = 0
    carried: int = 0
    _patterns: set[int] = field(default_factory=set)
    _seen: set[int] = field(default_factory=set)
    _seen_of: int = 0
    _many: bool = False

    def add(self, cell: Cell) -> None:
        """Note one cell; blank ones, and those whose content was lost on the way, say nothing."""
        if is_blank(cell) or isinstance(cell, Unsaved) or lost(cell):
            return
        shape = _shape(cell[:_LOOKED_AT] if isinstance(cell, str) else cell)
        self.filled += 1
        self.words += shape.words
        self.sentences += shape.words >= 4
        self.rated += shape.rated
        self.numbers += shape.number
        self.personal += shape.personal
        if shape.form:
            self.forms[shape.form] += 1
            if shape.form == "typed":
                self.late_days += getattr(cell, "day", 0) > 12
            elif shape.form == "plain" and (day := is_iso(cell)):
                self.iso += 1
                self.late_days += day > 12
        self.serials += serial_day(cell)
        self.faces += shape.face
        if len(self._seen) < _DISTINCT_CAP:
            self._seen.add(hash(cell))
            self._patterns.add(shape.pattern)
            self._seen_of += 1
        if not self._many:
            self.values[cell_text(cell).strip()] += 1
            if len(self.values) > _VALUES_CAP:
                self._many = True
                self.values.clear()

    @property
    def distinct(self) -> int:
        """How many different cells, counted up to a cap."""
        return len(self._seen)

    @property
    def distinct_share(self) -> float:
        """Different cells among the filled ones, 0 to 1."""
        return len(self._seen) / self._seen_of if self._seen_of else 0.0

    @property
    def pattern_share(self) -> float:
        """Cells that differ in more than their digits among the filled ones, 0 to 1: low in the lines of a program's log."""
        return len(self._patterns) / self._seen_of if self._seen_of else 0.0

    def share(self, count: int) -> float:
        """A count as a share of the filled cells, 0 to 1."""
        return count / self.filled if self.filled else 0.0

    @property
    def dated(self) -> float:
        """Share of the filled cells that are dates; serial numbers are dates only under a heading that says so."""
        return self.share(sum(self.forms.values()) - self.forms["serial"])

    @property
    def mean_words(self) -> float:
        """Words in a filled cell."""
        return self.words / self.filled if self.filled else 0.0

    @property
    def is_yes_no(self) -> bool:
        """Whether every filled cell is yes, no or the like."""
        return bool(self.values) and all(value.lower() in _YES_NO for value in self.values)

    @property
    def is_serial(self) -> bool:
        """Whether the cells are mainly day numbers of a spreadsheet, if the heading says that they are dates."""
        return self.share(self.serials) >= 0.9

    @property
    def is_words(self) -> bool:
        """Whether the cells are mainly words: neither yes or no, numbers, dates nor somebody's number or address."""
        return not self.is_yes_no and self.dated < 0.5 and self.share(max(self.numbers, self.personal)) < 0.5

    @property
    def is_rated(self) -> bool:
        """Whether the cells are mainly answers of the Friends and Family Test."""
        return self.share(self.rated) >= 0.5


# ------------------------------------------------------------------------------------------------------- the decision


@dataclass(frozen=True, slots=True)
class Roles:
    """The place of the column that holds each thing, counted from 0; `personal` are set aside and never taken.

    `sure` is False where a comment column was found by its cells alone.
    """

    comments: tuple[int, ...] = ()
    services: tuple[int, ...] = ()
    date: int | None = None
    rating: int | None = None
    question: int | None = None
    respondent: int | None = None
    id: int | None = None
    person: int | None = None
    personal: tuple[int, ...] = ()
    sure: bool = True


def decide_roles(headings: Sequence[str], evidence: Sequence[Evidence], rows: int) -> Roles:
    """Give each column at most one role; `evidence` is in the order of the headings, `rows` the number of data rows."""
    plain = [plain_heading(heading) for heading in headings]
    free = dict(enumerate(evidence))

    def take(places: Sequence[int]) -> tuple[int, ...]:
        for place in places:
            free.pop(place, None)
        return tuple(places)

    def best(ranks: dict[int, tuple[float, ...]]) -> int | None:
        place = min(ranks, key=lambda p: (ranks[p], p), default=None)
        take([] if place is None else [place])
        return place

    take(range(len(FRONT)) if is_mended(headings) else ())
    personal = take([p for p, e in free.items() if _is_personal(plain[p], e)])
    # A form's own id is not a role that another column wants: it goes by its heading and by being different in each row.
    ids = {p: r for p, e in free.items() if (r := _rank_id(plain[p], e, rows)) is not None}
    people = [p for p in ids if ids[p][0] == 2]
    date = best({p: r for p, e in free.items() if (r := _rank_date(plain[p], e)) is not None})
    rating = best({p: r for p, e in free.items() if p not in ids and (r := _rank_rating(plain[p], e)) is not None})
    question = best({p: (0.0,) for p, e in free.items() if _is_question(plain[p], e)})
    respondent = best({p: r for p, e in free.items() if (r := _rank_respondent(plain[p], e)) is not None})
    grades = {p: _grade_comment(plain[p], e) for p, e in free.items() if p not in ids}
    surest = max(grades.values(), default=0)
    sure_comments = [p for p, grade in grades.items() if grade >= 2]
    comments = take(sure_comments or ([p for p, grade in grades.items() if grade == 1]))
    if question is not None and not any(r[1] == 0 for r in ids.values()):
        # With a question a row, a form's id stands in each of its rows, and says whose answers they are.
        asked = evidence[question].distinct
        forms = [p for p, e in free.items() if _is_form_id(plain[p], e, asked)]
        ids |= dict.fromkeys(forms, (0.0, 0.0))
        people = people or forms
    places = {p: r for p, e in free.items() if p not in ids and (r := _rank_service(plain[p], e)) is not None}
    services = take(sorted(places, key=lambda p: places[p]))
    unique = {p: r for p, r in ids.items() if p in free and r[1] == 0}
    ident = best(unique)
    return Roles(
        comments=comments,
        services=services,
        date=date,
        rating=rating,
        question=question if len(comments) == 1 else None,
        respondent=respondent,
        id=ident,
        person=people[0] if people else None,
        personal=personal,
        sure=surest >= 2,
    )


def _is_personal(plain: str, e: Evidence) -> bool:
    if e.share(e.personal) >= 0.5:
        return True
    if not _PERSONAL.search(plain) or e.dated >= 0.9:
        return bool(re.search(r"\b(?:birth|dob)\b", plain))
    return not _PERSONAL_ASKED_TO_LEAVE_OUT.search(plain) and (len(plain.split()) <= 6 or e.mean_words < 6)


def _rank_date(plain: str, e: Evidence) -> tuple[float, ...] | None:
    named = [rank for rank, pattern in enumerate(_DATE) if pattern.search(plain)]
    short = len(plain.split()) <= 8
    if _DATE_NO.search(plain):
        return None
    # A day number of a spreadsheet looks like any number, so the heading must say that it is a date, or nearly all be one.
    says = re.search(r"\b(?:dates?|time ?stamp)\b", plain) or (e.is_serial and named and not _COUNTS.search(plain))
    days = e.share(e.forms.total()) if says else e.dated
    if named and short and days >= 0.5:
        return (named[0] - 0.5 * ("date" in plain),)
    if re.search(r"\bdates?\b", plain) and short and e.filled and e.numbers != e.filled:
        return (9.0,)
    return (7.0,) if e.dated >= 0.9 else None


def _rank_rating(plain: str, e: Evidence) -> tuple[float, ...] | None:
    named = next((float(rank) for rank, pattern in enumerate(_RATING) if pattern.search(plain)), None)
    if e.is_rated and (named is not None or not _SAID.search(plain)):  # "Good" is a comment too
        return (0.0, 2.0 if named is None else named)
    if e.share(e.faces) >= 0.8 and e.distinct <= 12 and not _SAID.search(plain):
        return (1.0, 2.0 if named is None else named)
    small = sum(n for value, n in e.values.items() if read_number(value) is not None)
    if named is not None and e.filled and small >= 0.8 * e.filled and e.distinct <= 12:
        return (1.0, named)
    return None


def _is_question(plain: str, e: Evidence) -> bool:
    return bool(_QUESTION.search(plain)) and len(plain.split()) <= 4 and bool(e.values) and e.is_words


def _rank_respondent(plain: str, e: Evidence) -> tuple[float, ...] | None:
    if not e.values or not e.is_words or e.mean_words > 6 or _COMMENT.search(plain):
        return None
    related = sum(n for value, n in e.values.items() if _RELATION.search(value.lower())) / e.filled
    if _RESPONDENT.search(plain) and related >= 0.3:
        return (0.0, -related)
    # Wards and teams are named after patients' ages too ("Family nurses"), so without a heading nearly all must be a person.
    return (
        (1.0, -related) if related >= 0.9 and not any(p.search(plain) for p in _SERVICE) and e.mean_words <= 3 else None
    )


def _grade_comment(plain: str, e: Evidence) -> int:
    """2 where heading and cells say comment, 1 where the cells alone do, 0 where not."""
    brief = len(plain.split()) <= 5
    if _ASIDE.search(plain) or _BY_STAFF.search(plain) or _REASON_OF_OTHER.search(plain):
        return 0
    if brief and _ABOUT_COMMENTS.search(plain) and not _ASKS.search(plain):
        return 0
    if e.filled and not e.is_words:
        # People answer "10" and "TRUE" where a form asks for words; a heading that says so and some sentences outweigh them.
        return 2 if _SAID.search(plain) and e.sentences >= 2 and e.share(e.sentences) >= 0.2 else 0
    if _is_question(plain, e) or (e.is_rated and not _SAID.search(plain)):
        return 0
    open_text = e.share(e.sentences) >= 0.2 or e.mean_words >= 4
    closed = e.filled >= 8 and e.distinct_share <= 0.3 and e.mean_words <= 4
    if _COMMENT.search(plain):
        return 2 if brief or open_text or not closed else 0
    if not e.filled or closed or (any(p.search(plain) for p in _SERVICE) and e.mean_words < 8):
        return 0
    if _PERHAPS_COMMENT.search(plain) and open_text:
        return 2
    told_apart = min(e.distinct_share, e.pattern_share) >= 0.6
    return 1 if e.mean_words >= 5 and e.share(e.sentences) >= 0.5 and told_apart else 0


def _rank_service(plain: str, e: Evidence) -> tuple[float, ...] | None:
    named = next((float(rank) for rank, pattern in enumerate(_SERVICE) if pattern.search(plain)), None)
    if not plain and e.values and e.distinct_share <= 0.7 and e.mean_words <= 6:
        care = sum(n for value, n in e.values.items() if _CARE.search(value.lower()))
        named = 9.0 if e.filled >= 4 and care >= 0.6 * e.filled else None
    if named is None or _SERVICE_NO.search(plain) or not e.filled or not e.is_words or e.is_rated or e.mean_words > 8:
        return None
    level = re.search(r"\d+$", plain)
    return (named, -float(level[0]) if level else 0.0, -float(e.distinct))


def _is_form_id(plain: str, e: Evidence, asked: int) -> bool:
    """Whether a column numbers forms of which each has up to so many rows."""
    if not (_ID.search(plain) or _ID_IF_NUMBERS.match(plain)) or _ID_OF_OTHER.search(plain) or len(plain.split()) > 4:
        return False
    return e.filled > 0 and e.mean_words <= 2 and e.distinct_share * max(1, asked) >= 0.9


def _rank_id(plain: str, e: Evidence, rows: int) -> tuple[float, ...] | None:
    """(0 a comment's, 1 nobody's in particular, 2 a person's; 0 where different in each row, else 1)."""
    bare = _ID_IF_NUMBERS.match(plain) and e.numbers == e.filled
    if not (_ID.search(plain) or bare) or len(plain.split()) > 4 or not e.filled or e.mean_words > 8:
        return None
    unique = e.distinct_share >= 0.9 and e.filled >= rows * 0.5
    if bare and not unique:
        return None
    if _ID_OF_PERSON.search(plain):
        return (2.0, 0.0 if unique else 1.0)
    if _ID_OF_OTHER.search(plain) or not unique:
        return None
    return (
        0.0 if re.search(r"\b(?:comment|response|answer|feedback|submission|record|entry|story|fft)\b", plain) else 1.0,
        0.0,
    )
