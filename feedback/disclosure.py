"""Say whether a quotation could tell who wrote it, before it leaves the building.

Names are hidden already; what is left is what only one person in a small team could have said. So words that tell something
rare of a person count where few people spoke of that service in that month, or where they meet a second such thing. Ordinary
words from a small team are quoted: that somebody there was kind tells nobody apart. It is a second line and not a proof.
Whoever knows the writer may know them by any words at all; read before you publish.
"""

import re
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from feedback.errors import BadData
from feedback.query import Clause, Stored
from feedback.settings import Settings
from feedback.taxonomy import Taxonomy
from feedback.undecided import has_undecided

RiskLevel = Literal["low", "raised", "high"]

RARE_IN = (
    2  # comments of the store that a rare word stands in, at most: its writer's, and one that answers or repeats it
)
LEAST_LETTERS = 6  # shorter unknown words are slang and slips more often than anything else
SLIP = 80  # 0 to 100: a word this like an ordinary one is a misspelling of it
AGE = 90  # from this age an exact one is told by few (HIPAA's safe harbour draws the same line; UK guidance names none)

# A place by name or a road by number, behind what stands there; which words are places is looked up.
_AT = re.compile(r"(?:'?s)? (?:in|on|at|of|for|from|near|by|outside|round|to) (?:the )?([^\W\d_][\w'-]*)")
_ROAD = re.compile(r"[abm]\d{1,4}m?")
_SYNDROME = re.compile(r"\b([^\W\d_][\w'-]*)(?: ([^\W\d_][\w'-]*))? [Ss]yndrome\b")
_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
}
_TALL = re.compile(
    rf"\b([4-8]|four|five|six|seven) ?(?:ft|foot|feet|')\.? ?(\d{{1,2}}|{'|'.join(_NUMBERS)})\b(?! ?(?:x|by|wide|high|deep|long))"
)
TALL, SHORT = (
    77,
    54,
)  # inches: of grown men hardly 3 in 1,000 are 6 ft 5 or more; of grown people hardly any under 4 ft 6
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PLACEHOLDER = re.compile(r"\[[a-z ]+\]")
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug"
    r"|sept?|oct|nov|dec)"
)
_DAY = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b|\b\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}\b"
    r"|\b(?:on|since|until|till|from) the \d{1,2}(?:st|nd|rd|th)\b"
    r"|\bchristmas (?:day|eve)\b|\bboxing day\b|\bnew year'?s (?:day|eve)\b|\bgood friday\b|\beaster (?:sunday|monday)\b"
)
_AGED = re.compile(
    r"\b(\d{2,3})[ -]?(?:years?|yrs?|y)[ -]?(?:olds?|of age|o)\b"
    r"|\b(?:aged|turned|turning|i'?m|i am|(?:he|she|mum|mam|dad|mother|father|nan|nana|gran|granny|grandad|husband|wife|aunt|uncle|neighbour)(?: is|'?s| was))"
    r" (\d{2,3})\b(?! ?(?:minutes|mins|hours|days|weeks|months|miles|%|per|pounds|stone|th|st|nd))"
)


@dataclass(frozen=True, slots=True)
class Risk:
    """How likely words, service and month together tell who wrote them; `reasons` in plain words, the weightiest first.

    low: nothing was found. raised: one thing, in a team large enough, or a small team alone. high: not to be quoted.
    """

    level: RiskLevel
    reasons: tuple[str, ...] = ()

    @property
    def is_high(self) -> bool:
        """Whether the words are withheld."""
        return self.level == "high"


@dataclass(frozen=True, slots=True)
class Circumstance:
    """One kind of what tells people apart: how it is named in a reason, whether it suffices by itself, of whom it counts.

    `place`: only where a place or road by name follows ("any"), or a road ("road").
    """

    kind: str
    says: str
    alone: bool
    of: str | None
    pattern: re.Pattern[str] = field(repr=False)
    place: Literal["", "any", "road"] = ""

    def stands_in(self, told: str, plain: str, places: Collection[str], ordinary: Collection[str]) -> bool:
        """Whether words tell it; `told` as they were written, `plain` in small letters. `ordinary` words are places with a capital only."""
        if not self.place:
            return self.pattern.search(plain) is not None
        ends = (match.end() for match in self.pattern.finditer(plain))
        return any(self._is_somewhere(told, plain, end, places, ordinary) for end in ends)

    def _is_somewhere(
        self, told: str, plain: str, end: int, places: Collection[str], ordinary: Collection[str]
    ) -> bool:
        behind = _AT.match(plain, end)
        if not behind:
            return False
        word, written = behind[1], told[behind.start(1) : behind.end(1)]
        if _ROAD.fullmatch(word) or self.place == "road":
            return _ROAD.fullmatch(word) is not None
        named = written[:1].isupper() and not written.isupper()
        if named:  # "at Reception" is no place, "in Bath" is one
            return word not in ordinary or word in places
        return word in places and word not in ordinary


class Disclosure:
    """Judges quotations over one state of a database, for one document: what it looks up it remembers."""

    def __init__(self, conn: sqlite3.Connection, taxonomy: Taxonomy, *, k: int | None = None) -> None:
        """`k`: a team that fewer people than this spoke of in a month is small (settings.quote_k). Raises BadData."""
        settings = Settings()
        self._conn = conn
        self._taxonomy = taxonomy
        self._k = k or settings.quote_k
        self._circumstances, harmless = load_circumstances(Path(settings.data))
        self._ordinary = _ordinary_words(Path(settings.data)) | _words_of(taxonomy) | harmless
        self._places, self._words = _place_names(Path(settings.data)), _ordinary_words(Path(settings.data))
        self._people: dict[tuple[str, str], int] = {}
        self._rare: dict[str, bool] = {}
        self.withheld = 0
        self.undecided = 0
        self.unread = 0

    def judge(self, text: str, services: Iterable[str], day: date | None, *, respondent: str = "unknown") -> Risk:
        """The risk of words said of these services in the month of a day; without a service, of any in that month."""
        told = _PLACEHOLDER.sub(" ", " ".join(text.replace("’", "'").split()))
        plain = "".join(c.lower() if len(c.lower()) == 1 else c for c in told)  # so that places in both are the same
        found = [
            c
            for c in self._circumstances
            if c.of in (None, respondent) and c.stands_in(told, plain, self._places, self._words)
        ]
        enough = [c.says for c in found if c.alone] + self._in_a_body(told, plain)
        telling = list(dict.fromkeys([*enough, *(c.says for c in found), *self._in_the_words(plain, found)]))
        small = self._smallest(tuple(services), day) < self._k
        reasons = (*telling, *(["a small team"] if small else []))
        if enough or (telling and small) or len(telling) > 1:
            return Risk("high", reasons)
        return Risk("raised" if reasons else "low", reasons)

    def quotable(self, clause: Clause) -> Clause:
        """The clause, or in its place one that says that its words are withheld and tells nothing else of them.

        What stands around it in its sentence is left out where that tells who wrote it and the clause alone does not.
        """
        if clause.before or clause.after:
            sentence = f"{clause.before}{clause.text}{clause.after}"
            whole = self.judge(sentence, clause.services, clause.date, respondent=clause.respondent)
            clause = replace(clause, before="", after="") if whole.is_high else clause
        risk = self.judge(clause.text, clause.services, clause.date, respondent=clause.respondent)
        if not risk.is_high:
            return clause
        self.withheld += 1
        notice = withheld("quotation", clause.citation, risk)
        return replace(
            clause,
            comment="",
            start=0,
            end=0,
            text=notice,
            question=None,
            date=None,
            services=(),
            respondent="unknown",
            before="",
            after="",
        )

    def may_publish(self, stored: Stored) -> bool:
        """Whether a comment may be published at all, which counts those that may not.

        Not one with a safety flag about which nobody has decided (`undecided`): what it tells may be about to happen. And not one that
        is held for translation (`unread`): nobody has read it, and in other languages less of identity is found. Neither leaves a
        notice in its place, which would tell that it was flagged.
        """
        if has_undecided(self._conn, stored.number):
            self.undecided += 1
            return False
        if stored.analysed.comment.language != "en" and not stored.analysed.comment.contentless:
            self.unread += 1
            return False
        return True

    def published(self, stored: Stored, record: dict[str, Any]) -> dict[str, Any]:
        """A comment's record as it may be published: days become months, risky words give way to a notice.

        The upload's own id leads back to its row, so the citation stands in its place. Who corrected what is nobody's business
        outside, nor is what was flagged (`signals`) or held (`flags`).
        """
        comment = stored.analysed.comment
        services = [f.label for f in stored.analysed.of("service") if f.detail == "subject"]
        respondent = next((f.label for f in stored.analysed.of("respondent")), "unknown")
        risk = self.judge(comment.text, services, comment.date, respondent=respondent)
        # A language that few speak here tells as much as a circumstance.
        record = _unsigned(record) | {
            "id": stored.citation,
            "date": comment.date and f"{comment.date:%Y-%m}",
            "language": "en" if comment.language == "en" else None,
            "translated_from": None,
        }
        for internal in ("signals", "flags"):
            record.pop(internal, None)
        if risk.is_high:
            self.withheld += 1
            record["text"] = withheld("comment", stored.citation, risk)
            record["redactions"] = []
        return record

    def _in_a_body(self, told: str, plain: str) -> list[str]:
        """What of a person's body or birth hardly anybody shares, so that it suffices by itself."""
        found = []
        for feet, inches in _TALL.findall(plain):
            height = 12 * (_NUMBERS.get(feet) or int(feet)) + (_NUMBERS.get(inches) or int(inches))
            if height >= TALL or height < SHORT:
                found.append("a height that few have")
        for first, second in _SYNDROME.findall(told):
            name = second or first
            if name[:1].isupper() and not name.isupper() and not self._is_ordinary(name.lower()):
                found.append("a rare syndrome")
        return found

    def _in_the_words(self, plain: str, already: Iterable[Circumstance]) -> list[str]:
        """What is told beside the circumstances already found, whose words count once."""
        found = []
        if any(AGE <= int(a or b) < 125 for a, b in _AGED.findall(plain)):
            found.append(f"an exact age of {AGE} or more")
        if _DAY.search(plain):
            found.append("an exact date")
        for circumstance in already:
            plain = circumstance.pattern.sub(" ", plain)
        plain = _SYNDROME.sub(" ", plain)
        if any(map(self._is_rare, _WORD.findall(plain))):
            found.append("uncommon words")
        return found

    def _is_rare(self, word: str) -> bool:
        """Whether a word is no ordinary one, nor a slip for one, and stands in hardly any comment of the store."""
        if len(word) < LEAST_LETTERS or self._is_ordinary(word):
            return False
        if word not in self._rare:
            sql = "SELECT count(*) FROM (SELECT 1 FROM comments_fts WHERE comments_fts MATCH ? LIMIT ?)"
            n = self._conn.execute(sql, (f'"{word}"', RARE_IN + 1)).fetchone()[0]
            self._rare[word] = n <= RARE_IN and not self._is_slip(word)
        return self._rare[word]

    def _is_ordinary(self, word: str) -> bool:
        ordinary = self._ordinary
        stems = {word, word.replace("'", ""), *_without_endings(word)}
        parts = [part for part in re.split(r"['-]", word) if len(part) > 1]
        return (
            bool(stems & ordinary)
            or (len(parts) > 1 and all(part in ordinary or len(part) < 4 for part in parts))
            or any(word[:i] in ordinary and word[i:] in ordinary for i in range(3, len(word) - 2))
        )

    def _is_slip(self, word: str) -> bool:
        from rapidfuzz.fuzz import ratio
        from rapidfuzz.process import extractOne

        return extractOne(word, self._ordinary, scorer=ratio, score_cutoff=SLIP) is not None

    def _smallest(self, services: tuple[str, ...], day: date | None) -> int:
        month = f"{day:%Y-%m}" if day else ""
        return min(self._people_of(service, month) for service in services or ("",))

    def _people_of(self, service: str, month: str) -> int:
        """How many people or forms spoke of a service, or of anything, in a month, or at any time."""
        place = (service, month)
        if place not in self._people:
            when = "substr(c.date, 1, 7) = :month" if month else "1"
            about = "c.number IN (SELECT comment FROM effective WHERE kind = 'service' AND detail = 'subject' AND label = :service)"
            sql = f"SELECT count(DISTINCT respondent_key) FROM comments c WHERE {when} AND {about if service else '1'}"
            self._people[place] = self._conn.execute(sql, {"month": month, "service": service}).fetchone()[0]
        return self._people[place]


def withheld(what: str, citation: str, risk: Risk) -> str:
    """What stands in a document in place of the words.

    >>> withheld("quotation", "HW-2026-000123.2", Risk("high", ("a rare condition", "a small team")))
    '[quotation HW-2026-000123.2 withheld: it could tell who wrote it (a rare condition, a small team)]'
    """
    return f"[{what} {citation} withheld: it could tell who wrote it ({', '.join(risk.reasons)})]"


def is_withheld(clause: Clause) -> bool:
    """Whether a notice stands in place of a clause's words: it then leads to no comment."""
    return not clause.comment


@lru_cache(maxsize=1)
def load_circumstances(data: Path) -> tuple[tuple[Circumstance, ...], frozenset[str]]:
    """Read data/circumstances.yml: the circumstances, and the words that tell nobody apart. Raises BadData for what does not fit."""
    import yaml

    path = data / "circumstances.yml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        of_kind = {one["kind"]: one.get("words", ()) for one in raw["circumstances"]}
        found = tuple(
            Circumstance(
                kind=one["kind"],
                says=one["says"],
                alone=one.get("alone", False),
                of=one.get("of"),
                pattern=_pattern(
                    (set(one["words"]).union(*(of_kind[kind] for kind in one.get("words_of", ()))))
                    - set(one.get("but", ())),
                    one.get("after", ()),
                    one.get("then", ()),
                ),
                place=one.get("place", ""),
            )
            for one in raw["circumstances"]
        )
        return found, frozenset(raw["ordinary"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BadData(
            f"{path.name} cannot be used ({type(error).__name__}); each entry has kind, says and words, and ordinary stands beside them."
        ) from None


def _pattern(words: Iterable[str], after: Iterable[str], then: Iterable[str]) -> re.Pattern[str]:
    these = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    behind = "|".join(sorted(map(re.escape, after), key=len, reverse=True))
    # Between the phrase and the word one more may stand: "as a retired vicar".
    lead = rf"(?:{behind})[ -](?:\w+ )?" if behind else ""
    ahead = "|".join(sorted(map(re.escape, then), key=len, reverse=True))
    return re.compile(rf"\b{lead}(?:{these})(?:'?s)?{rf'[ -](?:{ahead})' if ahead else ''}\b")


@lru_cache(maxsize=1)
def _ordinary_words(data: Path) -> frozenset[str]:
    return frozenset((data / "names" / "words.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _place_names(data: Path) -> frozenset[str]:
    return frozenset((data / "names" / "places.txt").read_text(encoding="utf-8").split())


def _words_of(taxonomy: Taxonomy) -> frozenset[str]:
    """The words of the directory: names of services and places, which a quotation may say."""
    names = [n for s in taxonomy.services.values() for n in (s.name, *s.aliases, *s.colloquial, s.locality or "")]
    names += [o for organisation in taxonomy.organisations.values() for o in (organisation.name, *organisation.aliases)]
    names += [place for places in taxonomy.places.values() for place in places]
    return frozenset(word for name in names for word in _WORD.findall(_plain(name)))


def _without_endings(word: str) -> set[str]:
    """The word without the endings and beginnings that English adds freely: "rebooked" is booked, booke, book, rebook."""
    stems = {word.removeprefix(start) for start in ("un", "re", "over", "under", "mis", "non", "pre", "multi")} | {word}
    for ending in ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "y", "ish", "ness", "est", "able", "like", "in"):
        stems |= {stem.removesuffix(ending) for stem in stems if len(stem) - len(ending) > 2}
    return stems | {f"{stem}e" for stem in stems} | {stem[:-1] for stem in stems if stem[-2:-1] == stem[-1:]}


def _unsigned(value: Any) -> Any:
    """The same record, in which findings by a person are by "person"."""
    if isinstance(value, list):
        return [_unsigned(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: "person" if name == "by" and str(part).startswith("person:") else _unsigned(part)
        for name, part in value.items()
    }


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())
