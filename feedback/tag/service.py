"""Say which service a comment is about, from the upload's own columns and from the words, or that it cannot be told.

A wrong team is worse than none. So a name that several services share, and a comment that names none, are settled by
what else the comment says, and left open unless one candidate clearly leads; and a service that is only spoken of
(left, compared, asked for, another organisation's) is "mentioned", never the subject. The directory's rules make the claims;
the trained placer hears what no name says; tag/weigh decides.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from feedback.comment import Comment, Finding
from feedback.models.placer import Placed, Placer
from feedback.settings import DATA
from feedback.tag.cells import Cells
from feedback.tag.directory import MISSPELT, SURE, TRAILING, Directory, Meaning, Said
from feedback.tag.overrule import Claims, Overruling
from feedback.tag.weigh import Weigher, Weighing, choose
from feedback.tag.wording import Hit, Word, Wordings
from feedback.taxonomy import Taxonomy

Role = Literal["subject", "mentioned"]

CELL_SURE = 0.6  # below this an upload's column does not name a service
SURE_OF_TEAM = (
    0.8  # from here the placer says which team of the column's service; nine in ten of such chances come true
)
INFERRED = (0.5, 0.04, 0.7)  # score of an inference: the least, for each point beyond enough, the most
# Left out of the words in which roles are looked for: "not the old Worcester team" reads as "not X".
LEFT_OUT = frozenset(
    {"the", "a", "an", "my", "our", "your", "his", "her", "their", "this", "that", "those", "these", "just", "really", "very", "also", "even", "local", "new", "old"}
)  # fmt: skip
# What stands in those words for a mention: X ours, E an owner of other hospitals, the last any other organisation.
OURS, OWNER, OTHER = "xmention", "xowner", "xother"
MARKS = {"X": OURS, "Y": f"{OURS}|{OWNER}|{OTHER}", "E": OWNER, "O": f"{OWNER}|{OTHER}"}
ROLES = ("mentioned", "passed", "subject", "meant", "theirs", "told")
JOINED = frozenset({"and", "&", "both", "to"})  # what may stand between two names of which one thing is said


@dataclass(frozen=True, slots=True)
class _Mention:
    """Words (positions start to end) that name one of `ids`."""

    start: int
    end: int
    ids: tuple[str, ...]
    by: str
    wordings: frozenset[str]
    mended: bool

    @property
    def score(self) -> float:
        return SURE[self.by] * (MISSPELT if self.mended else 1)


class ServiceTagger:
    """The directory and its cues, compiled once; `tag` reads a comment, `resolve_cell` a cell of an upload."""

    def __init__(self, taxonomy: Taxonomy, data: Path = DATA, placer: Placer | None = None) -> None:
        """Compile the directory with `data`/service_cues.yml; raises BadData when they do not fit.

        Without the placer only the rules speak: enough for the cells of an upload.
        """
        self.directory = Directory(taxonomy, data)
        self.cells = Cells(self.directory)
        self._placer = placer
        if placer:
            self._weigher = Weigher(self.directory, placer.services)
            self._weighing = Weighing.of(placer.weighing)
            self._overruling = Overruling(self.directory, placer.services)
        cues = self.directory.cues
        self._enough: int = cues["enough"]
        self._lead: int = cues["lead"]
        self._owners = frozenset(cues["owners"])
        self._inside_others = frozenset(cues["inside_others"])
        self._roles: Wordings[str] = Wordings({**cues["words"], **cues["roles"]["words"]})
        for role in ROLES:
            for wording in cues["roles"][role]:
                self._roles.add(" ".join(MARKS.get(word, word) for word in wording.split()), role)

    def resolve_cell(self, cell: str) -> tuple[tuple[str, float], ...]:
        """Services (or other organisations) that a cell of an upload may mean, best first, with scores 0 to 1.

        Empty where it cannot be told. Two equal scores at the head are an open question for a person.
        """
        return self.cells.resolve(cell)

    @property
    def model_version(self) -> str:
        """The placer's version; "none" without it."""
        return self._placer.name.split()[-1] if self._placer else "none"

    def listen(self, texts: Sequence[str]) -> list[Placed]:
        """What the placer says of each text, its misspelt words mended; in order. Needs the placer."""
        if self._placer is None:
            raise ValueError("this tagger was made without the placer")
        mended = [self.directory.mended(text) for text in texts]
        return self._placer.read([text for text, _ in mended], [words for _, words in mended])

    def tag(self, comment: Comment, placed: Placed | None = None) -> list[Finding]:
        """Services the comment is about ("subject") or only speaks of ("mentioned"), subjects first, one finding each.

        The upload's columns make a finding by "metadata" with start = end = 0; the words may disagree, and both stay. `placed` is what
        `listen` said of the comment's text; without it the rules decide alone.
        """
        column = self._column(comment.service_cells)
        found = [self._finding(column[0], "subject", column[1], (0, 0), "metadata")] if column else []
        if comment.is_read:
            found += self._read(comment.text, column[0] if column else None, placed)
        return self._settle(found)

    def _column(self, cells: Iterable[str]) -> tuple[str, float] | None:
        """The service of the most specific column that can be told."""
        for cell in self.cells.joined([cell for cell in cells if cell.strip()]):
            best = self.resolve_cell(cell)
            if best and best[0][1] >= CELL_SURE and (len(best) == 1 or best[0][1] > best[1][1]):
                return best[0]
        return None

    def _read(self, text: str, column: str | None, placed: Placed | None) -> list[Finding]:
        """What the words say: the rules' claims, weighed with what the placer thinks where it was asked."""
        said = self.directory.read(text)
        claims = self._claims(said, column)
        return self._weighed(said, claims, placed, column) if placed else claims.findings

    def claims(self, text: str) -> tuple[Said, list[Finding], tuple[str, ...]]:
        """What the rules make of a text by themselves: its words, their claims and the towns spoken of. The weights are trained on it."""
        said = self.directory.read(text)
        claims = self._claims(said, None)
        return said, claims.findings, claims.towns

    def _claims(self, said: Said, column: str | None) -> Claims:
        """What the rules say: the services named, each in its role, and what circumstances point to."""
        mentions = self._mentions(said)
        towns = self._towns(said, mentions)
        named = [(mention, id) for mention in mentions if (id := self._one_of(mention, said, towns))]
        roles, told = self._roles_of(said.words, named)
        # What gives way to a subject is the subject itself where there is no other, and then the last of them.
        if "subject" not in roles and "passed" in roles:
            roles[len(roles) - 1 - roles[::-1].index("passed")] = "subject"
        findings = [
            self._finding(
                id, "subject" if role == "subject" else "mentioned", mention.score,
                (said.words[mention.start].start, said.words[mention.end - 1].end), "fuzzy" if mention.mended else mention.by,
            )
            for (mention, id), role in zip(named, roles, strict=True)
        ]  # fmt: skip
        return Claims(
            findings + self._infer(said, towns, findings, column),
            tuple(dict.fromkeys(town for _, town in towns)),
            frozenset(named[n][1] for n in told if roles[n] == "subject"),
            frozenset(id for mention, id in named if len(mention.ids) == 1),
            frozenset(
                id for mention, id in named if self.directory.is_guarded(said.words[mention.start : mention.end])
            ),
            frozenset(id for mention, id in named if self.directory.is_assured(mention.start, mention.end, said)),
            {
                id: (mention.start, mention.end)
                for (mention, id), role in zip(named, roles, strict=True)
                if len(mention.ids) == 1 and role == "subject" and mention.by in ("name", "alias")
            },
            {
                one: (mention.start, mention.end)
                for mention, id in named
                if id not in self.directory.services
                for one in mention.ids
                if one in self.directory.services
            },
        )

    def _weighed(self, said: Said, claims: Claims, placed: Placed, column: str | None) -> list[Finding]:
        """The claims that hold, and what the placer adds. A claim that does not hold is left out: only words make it a mention."""
        candidates = self._weigher.candidates(said, claims.findings, placed, claims.towns)
        chances = self._weighing.chances(candidates)
        chosen = choose(candidates, chances, self._weighing)
        chosen = self._overruling.settle(chosen, candidates, chances, placed, claims, said)
        claimed = {f.label for f in claims.findings}
        findings = [
            replace(f, detail="subject", score=round(chosen[f.label], 2)) if f.label in chosen else f
            for f in claims.findings
            if f.label in chosen or f.detail == "mentioned"
        ]
        for candidate in candidates:
            if candidate.id not in chosen or candidate.id in claimed:
                continue
            # Where the upload says which service it is, words that name none only tell which team of it, and must do so surely: it
            # stands in the column's place.
            if column and (column not in self.directory.above(candidate.id) or chosen[candidate.id] < SURE_OF_TEAM):
                continue
            at = self._at(said.words, candidate.words)
            findings.append(self._finding(candidate.id, "subject", chosen[candidate.id], at, "model"))
        return findings

    def _at(self, words: Sequence[Word], stretch: tuple[int, int] | None) -> tuple[int, int]:
        """Offsets of the words that speak for a service, or of all."""
        if not words:
            return 0, 0
        start, end = stretch or (0, len(words))
        return words[start].start, words[end - 1].end

    # ---- names -----------------------------------------------------------------------------------------------------

    def _mentions(self, said: Said) -> list[_Mention]:
        """The names in a comment, the longest first where they overlap, each with all that it may mean."""
        spans: dict[tuple[int, int], list[Hit[Meaning]]] = defaultdict(list)
        for hit in said.names:
            if self.directory.is_name(hit, said):
                spans[hit.start, hit.end].append(hit)
        taken: set[int] = set()
        mentions: list[_Mention] = []
        for (start, end), hits in sorted(spans.items(), key=lambda span: self._precedence(*span)):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                mentions.append(_mention(start, end, hits, said.words))
        mentions.sort(key=lambda m: m.start)
        return [m for i, m in enumerate(mentions) if not (i and _continues(mentions[i - 1], m, said.words))]

    def _precedence(self, span: tuple[int, int], hits: Sequence[Hit[Meaning]]) -> tuple[int, bool, int]:
        """Most words matched first; then ours before others', so that "the school nurse" is no school; then the earlier."""
        ours = any(hit.meaning.label in self.directory.services for hit in hits)
        return -max(len(hit.at) for hit in hits), not ours, span[0]

    def _towns(self, said: Said, mentions: Iterable[_Mention]) -> list[tuple[int, str]]:
        """Towns with their positions, without those that only stand in another organisation's name."""
        ours = self.directory.services.keys()
        others = {i for m in mentions if ours.isdisjoint(m.ids) for i in range(m.start, m.end)}
        return [(at, town) for at, town in said.towns if at not in others]

    def _one_of(self, mention: _Mention, said: Said, towns: Sequence[tuple[int, str]]) -> str | None:
        """The one entry a mention stands for, narrowed by place; None where it cannot be told."""
        near = _nearest_town(towns, mention, said.words)
        id = self._choose(mention, said, near)
        return self.directory.in_place(id, near) if id else None

    def _choose(self, mention: _Mention, said: Said, towns: Sequence[str]) -> str | None:
        """Of several entries the one for which most speaks, else the usual one, else one that lies above all the others."""
        by_age = not mention.wordings.isdisjoint(self.directory.either)
        points = {id: self.directory.points(id, said, towns, choosing=True, by_age=by_age) for id in mention.ids}
        best = [id for id in mention.ids if points[id] == max(points.values())]
        if len(best) == 1:
            return best[0]
        usual = [id for wording in mention.wordings if (id := self.directory.usual.get(wording)) in best]
        above_all = [id for id in best if all(id == other or id in self.directory.above(other) for other in best)]
        return next(iter([*usual, *above_all]), None)

    # ---- roles -----------------------------------------------------------------------------------------------------

    def _roles_of(
        self, words: Sequence[Word], named: Sequence[tuple[_Mention, str]]
    ) -> tuple[list[str], frozenset[int]]:
        """For each mention: subject, mentioned, or passed, which gives way to a subject; and of which something is told.

        Those before the one that is said to be meant give way to it; where "both" are spoken of, none does.
        """
        stream, place = self._stream(words, named)
        said: dict[int, set[str]] = defaultdict(set)
        for hit in self._roles.find(stream):
            about = next((place[i] for i in hit.at if stream[i].text == OURS), None)
            passes_another = any(i in place for i in range(hit.start, hit.end) if i not in hit.at)
            is_list = hit.meaning == "theirs" and any(stream[i].apart for i in hit.at[1:])  # "GP, district nurse and …"
            if about is not None and not passes_another and not is_list:
                said[about].add(hit.meaning)
        at = {n: i for i, n in place.items()}
        for n in range(1, len(named)):
            if all(word.text in JOINED for word in stream[at[n - 1] + 1 : at[n]]) and "told" in said[n - 1] | said[n]:
                said[n - 1].add("told")
                said[n].add("told")
        together = any(word.text == "both" for word in words)
        meant = max((n for n, roles in said.items() if "meant" in roles), default=-1)
        roles = [self._role(id, said[n], gives_way=n < meant, together=together) for n, (_, id) in enumerate(named)]
        return roles, frozenset(n for n in said if "told" in said[n])

    def _role(self, id: str, said: Collection[str], *, gives_way: bool, together: bool) -> str:
        theirs = "theirs" in said and id not in self._inside_others
        if id not in self.directory.services or "mentioned" in said or theirs:
            return "mentioned"
        if "meant" in said or "subject" in said or together:
            return "subject"
        return "passed" if "passed" in said or gives_way else "subject"

    def _stream(
        self, words: Sequence[Word], named: Sequence[tuple[_Mention, str]]
    ) -> tuple[list[Word], dict[int, int]]:
        """The words with a mark in place of each mention, and which mention stands at which position."""
        stream: list[Word] = []
        place: dict[int, int] = {}
        after = 0
        for n, (mention, id) in enumerate(named):
            stream += [word for word in words[after : mention.start] if word.text not in LEFT_OUT]
            place[len(stream)] = n
            mark = OURS if id in self.directory.services else OWNER if id in self._owners else OTHER
            stream.append(replace(words[mention.start], text=mark))
            after = mention.end
            while (
                after < len(words)
                and words[after].text in TRAILING
                and words[after].sentence == words[after - 1].sentence
            ):
                if n + 1 < len(named) and after >= named[n + 1][0].start:
                    break
                after += 1
        return stream + [word for word in words[after:] if word.text not in LEFT_OUT], place

    # ---- circumstances ---------------------------------------------------------------------------------------------

    def _infer(
        self, said: Said, towns: Sequence[tuple[int, str]], findings: Sequence[Finding], column: str | None
    ) -> list[Finding]:
        """The service that circumstances point to, where nothing names one, or only one that lies above it."""
        services, above = self.directory.services, self.directory.above
        aside = {f.label for f in findings if f.detail == "mentioned"}
        subjects = {f.label for f in findings if f.detail == "subject"} | ({column} if column else set())
        places = tuple(dict.fromkeys(town for _, town in towns))
        points = {
            id: self.directory.points(id, said, places)
            for id in said.pointed
            if id in services and id not in aside
        }  # fmt: skip
        if not points:
            return []
        best = max(points, key=lambda id: (points[id], len(above(id))))
        rivals = [p for id, p in points.items() if id != best and id not in above(best) and best not in above(id)]
        enough = self._enough + bool(aside)
        if points[best] < enough or points[best] - max(rivals, default=0) < self._lead:
            return []
        id = self.directory.in_place(best, places)
        lowest = subjects - {a for subject in subjects for a in above(subject)}
        if id not in services or (lowest and lowest.isdisjoint(above(id))):
            return []
        least, each, most = INFERRED
        score = min(most, least + each * (points[best] - enough))
        return [self._finding(id, "subject", score, said.span(best), "context")]

    # ---- findings --------------------------------------------------------------------------------------------------

    def _finding(self, id: str, role: Role, score: float, at: tuple[int, int], by: str) -> Finding:
        """One finding; another organisation is never the subject."""
        return Finding(
            "service", id, "", round(score, 2), *at, by, role if id in self.directory.services else "mentioned"
        )

    def _settle(self, found: Iterable[Finding]) -> list[Finding]:
        """One finding for each service, the subject before the mention and the column before the words; no subject above another."""
        best: dict[str, Finding] = {}
        for finding in sorted(found, key=lambda f: (f.detail == "subject", f.by == "metadata", f.score)):
            best[finding.label] = finding
        above = {a for f in best.values() if f.detail == "subject" for a in self.directory.above(f.label)}
        kept = [f for f in best.values() if f.detail != "subject" or f.label not in above]
        return sorted(kept, key=lambda f: (f.detail != "subject", f.by != "metadata", f.start, f.label))


def _mention(start: int, end: int, hits: Sequence[Hit[Meaning]], words: Sequence[Word]) -> _Mention:
    # What the directory lists in so many words is no description of another service: "the leg ulcer nurse".
    listed = [hit for hit in hits if hit.meaning.by != "context"]
    if end - start > 1 and listed:
        hits = listed
    return _Mention(
        start,
        end,
        ids=tuple(dict.fromkeys(hit.meaning.label for hit in hits)),
        by=next(by for by in SURE if any(hit.meaning.by == by for hit in hits)),
        wordings=frozenset(hit.meaning.wording.lower() for hit in hits),
        mended=all(any(words[i].mended for i in hit.at) for hit in hits),
    )


def _continues(before: _Mention, mention: _Mention, words: Sequence[Word]) -> bool:
    """Whether a general word only goes on with the name before it, as the physio in "the stroke team physio"."""
    if before.end != mention.start or (len(mention.ids) == 1 and mention.by != "context"):
        return False
    return words[mention.start].start - words[before.end - 1].end <= 1


def _nearest_town(towns: Sequence[tuple[int, str]], mention: _Mention, words: Sequence[Word]) -> tuple[str, ...]:
    """The town that goes with a mention: the nearest in its sentence, else the only one of the comment."""
    sentence = words[mention.start].sentence
    here = [(abs(at - mention.start), town) for at, town in towns if words[at].sentence == sentence]
    if here:
        return (min(here)[1],)
    every = {town for _, town in towns}
    return tuple(every) if len(every) == 1 else ()
