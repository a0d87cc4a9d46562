"""The service directory as it is looked up: names, the ways people speak of a service without them, places, age, setting.

Everything is compiled from services.yml and service_cues.yml, so that a person at the Trust can change it. The choice
made here is what counts as a name: an ordinary word, a surname or a street is one only under its guard.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from rapidfuzz import fuzz, process

from feedback.errors import BadData
from feedback.settings import DATA
from feedback.tag.wording import NUMBERS, Hit, Spelling, Word, Wordings, english, plain, split_words
from feedback.taxonomy import Organisation, Service, Taxonomy

CUES = "service_cues.yml"
POINTS = {"tells": 3, "suggests": 2, "fits": 1}
CHOOSES = 2  # points that a cue of an ambiguous name gives, when its candidates are compared
# How sure a name is by what it rests on; a misspelling costs a little of it.
SURE = {"name": 0.97, "alias": 0.9, "context": 0.75}
MISSPELT = 0.9
SHORTEST_MISSPELT = 5  # letters of a word of a cell whose spelling is mended
_LIST = re.compile(r"[;,/+&|]|\band\b", re.IGNORECASE)  # what stands between two services in one cell
CELL_ALIKE = (
    90  # rapidfuzz ratio that makes a misspelt cell a name; at 85 "Specialist services" became the play service
)
PART_OF_CELL = 0.6  # what a name is worth that is a small part of its cell
PART_OF_NAME = 0.8  # what a name is worth without the general word it ends in
CONTRADICTED = (
    -2
)  # fit of an entry from which on a cell says that it is for others: "Paediatric X" where X is for adults
NEARLY = 0.2  # scores of a cell closer than this compete
LIKE = 75  # rapidfuzz ratio from which a name is worth a guess
SHORTEST_LIKE = 4  # letters of a name that is guessed at; a shorter one is in every other word
NUDGE = 0.04  # what a guess loses for each point that another suits the age, care and place in the cell better
A_GUESS = 0.5  # what likeness alone is worth of a name
COUNTIES = ("Herefordshire", "Worcestershire")

# Points for a service of the second value when the comment sounds of the first.
FITS: dict[str, dict[tuple[str, str], int]] = {
    "age_group": {
        ("children", "children"): 2, ("children", "adult"): -2, ("children", "older_adult"): -3,
        ("offspring", "children"): 1, ("adult", "children"): -3, ("adult", "adult"): 1,
        ("older_adult", "older_adult"): 1,
        ("surely_old", "older_adult"): 0,  # said as well as the above: it tells whose team it is (tag/overrule)
    },
    "setting": {
        ("inpatient_ward", "inpatient_ward"): 1, ("inpatient_ward", "helpline"): -2, ("inpatient_ward", "community_team"): -1,
        ("community_team", "community_team"): 1, ("community_team", "virtual_ward"): 1, ("community_team", "inpatient_ward"): -2,
        ("community_team", "clinic"): -1, ("helpline", "helpline"): 1, ("school", "school"): 1,
    },
    "care_type": {
        ("mental_health", "mental_health"): 1, ("mental_health", "physical_health"): -1,
        ("learning_disability", "learning_disability"): 1,
    },
}  # fmt: skip
OF_A_CHILD = {("age_group", "children"), ("age_group", "offspring")}
NO_CHILD_SPOKEN_OF = -2  # points for a children's service
OTHER_COUNTY = -3

ARTICLES = frozenset({"the", "a", "an", "my", "our", "your", "his", "her", "their"})
# General words that may follow a name and belong to it.
TRAILING = frozenset(
    {"team", "nurse", "ward", "unit", "service", "people", "lot", "staff", "lady", "worker", "clinic", "physio", "ot"}
)

GuardBy = Literal["name", "inside", "caps", "ward", "no"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a wording stands for, by kind: a name or points for a service, a value of a field, a town, a cue for or against a guarded name.

    label: the service, "field=value", the town or the name; by: "name", "alias" or "context"; wording: as written.
    """

    kind: Literal["name", "points", "chooses", "field", "town", "near", "against"]
    label: str
    points: int = 0
    by: str = ""
    wording: str = ""


class Said:
    """What a comment says, sorted by kind."""

    def __init__(self, words: Sequence[Word], hits: Sequence[Hit[Meaning]]) -> None:
        """Sort the hits."""
        self.words = words
        self.names: list[Hit[Meaning]] = []
        self.towns: list[tuple[int, str]] = []
        self.fields: set[tuple[str, str]] = set()
        self.near: set[str] = set()
        self.against: set[str] = set()
        self._cues: dict[str, list[Hit[Meaning]]] = defaultdict(list)
        for hit in hits:
            match hit.meaning.kind:
                case "name":
                    self.names.append(hit)
                case "town":
                    self.towns.append((hit.start, hit.meaning.label))
                case "field":
                    field, value = hit.meaning.label.split("=")
                    self.fields.add((field, value))
                case "near":
                    self.near.add(hit.meaning.label)
                case "against":
                    self.against.add(hit.meaning.label)
                case "points" | "chooses":
                    self._cues[hit.meaning.label].append(hit)

    @property
    def pointed(self) -> list[str]:
        """Services to which one wording by itself, or several lesser ones, point."""
        return [id for id in self._cues if self._is_pointed(id)]

    def points(self, id: str, *, choosing: bool = False) -> int:
        """The points of a service's cues; words that two cues share count once, for the stronger."""
        return sum(h.meaning.points for h in self._counted(id, choosing))

    def chosen(self, id: str) -> int:
        """The points that the cues of an ambiguous name give one of its candidates."""
        return sum(hit.meaning.points for hit in self._cues.get(id, ()) if hit.meaning.kind == "chooses")

    def span(self, id: str) -> tuple[int, int]:
        """Offsets of the words on which the points rest."""
        hits = self._counted(id, choosing=False)
        return self.words[min(h.start for h in hits)].start, self.words[max(h.end for h in hits) - 1].end

    def _is_pointed(self, id: str) -> bool:
        points = [h.meaning.points for h in self._counted(id, choosing=False)]
        return max(points, default=0) == POINTS["tells"] or sum(points) > POINTS["tells"]

    def _counted(self, service: str, choosing: bool) -> list[Hit[Meaning]]:
        taken: set[int] = set()
        counted: dict[int, Hit[Meaning]] = {}  # a wording said twice counts once
        hits = [h for h in self._cues.get(service, ()) if choosing or h.meaning.kind == "points"]
        for hit in sorted(hits, key=lambda h: -h.meaning.points):
            if taken.isdisjoint(hit.at) and id(hit.meaning) not in counted:
                taken.update(hit.at)
                counted[id(hit.meaning)] = hit
        return list(counted.values())


class Directory:
    """The taxonomy's services and organisations with `data`/service_cues.yml, compiled once."""

    def __init__(self, taxonomy: Taxonomy, data: Path = DATA) -> None:
        """Compile; raises BadData when a cue names a service or a word list that there is not."""
        self.cues = _load_cues(data / CUES, taxonomy)
        # What the names and cues come to: it changes with every edit, whether or not the file's version was raised.
        self.content = hashlib.sha256((data / "services.yml").read_bytes() + (data / CUES).read_bytes()).hexdigest()[:8]
        self.services = taxonomy.services
        self.usual = {plain_wording(name): id for name, id in self.cues["usual"].items()}
        self.either = frozenset(map(plain_wording, self.cues.get("either", ())))
        self._taxonomy = taxonomy
        self._elsewhere: dict[str, str] = self.cues["elsewhere"]
        self._never_before = _any_of(self.cues["never"]["before"], r"(?:^|\s)(?:%s)$")
        self._never_after = _any_of(self.cues["never"]["after"], r"^(?:%s)(?:\s|$)")
        self._guards: dict[str, GuardBy] = {plain(name): g["written"] for name, g in self.cues["guarded"].items()}
        self._county_of = _counties(self.cues["towns"], taxonomy)
        self._wordings: Wordings[Meaning] = Wordings(self.cues["words"])
        self._cell_names: dict[str, dict[str, str]] = defaultdict(dict)
        self._compile()
        self._compile_cells()
        self._spelling = Spelling(self._wordings.vocabulary, known=map(plain, self.cues["spelt"]))
        self._children: dict[str, list[str]] = defaultdict(list)
        for service in self.services.values():
            if service.parent:
                self._children[service.parent].append(service.id)
        self._towns_of = {service.id: self._own_towns(service) for service in self.services.values()}
        self.resolve_cell = lru_cache(maxsize=4096)(self._resolve_cell)

    def _compile(self) -> None:
        unsaid = set(map(plain, self.cues["unsaid"]))
        words = english() - set(map(plain, self.cues["no_word"]))
        for ambiguous in self._taxonomy.ambiguous:
            if ambiguous.or_none:
                for term in ambiguous.terms:
                    self._guards.setdefault(plain(term), "name")
        for wording, meaning in self._meanings():
            if meaning.kind == "name":
                name = plain(wording)
                if not re.search(r"[<*|]|\.\.", wording):
                    self._cell_names[name].setdefault(meaning.label, meaning.by)
                if meaning.by != "context" and (name in unsaid or self._is_directorate(meaning.label)):
                    continue
                if _is_acronym(wording) and name in words:
                    self._guards.setdefault(name, "caps")
            self._wordings.add(wording, meaning)

    def _meanings(self) -> Iterator[tuple[str, Meaning]]:
        """Every wording of the directory and the cues, with what it means."""
        for service in self.services.values():
            yield from self._names(service, (*service.aliases, *service.colloquial))
            short = re.match(r"(\w+)(?:\(s\))? Ward\b", service.name) if service.level == "ward" else None
            if short:
                self._guards.setdefault(plain(short[1]), "ward")
                yield short[1], Meaning("name", service.id, by="alias", wording=short[1])
        for organisation in self._taxonomy.organisations.values():
            yield from self._names(organisation, organisation.aliases)
        for id, said in self.cues["services"].items():
            for name in said.get("names", ()):
                yield str(name), Meaning("name", id, by="context", wording=str(name))
            for topic in said.get("topic", ()):
                for shape in self.cues["shapes"]:
                    yield shape.replace("TOPIC", topic), Meaning("name", id, by="context", wording=topic)
            for strength, points in POINTS.items():
                for wording in said.get(strength, ()):
                    yield str(wording), Meaning("points", id, points)
        for ambiguous in self._taxonomy.ambiguous:
            for id, wordings in ambiguous.cues.items():
                for wording in wordings:
                    if id == "none":
                        yield from ((wording, Meaning("against", plain(term))) for term in ambiguous.terms)
                    else:
                        yield wording, Meaning("chooses", id, CHOOSES)
        for field, values in self.cues["fields"].items():
            for value, wordings in values.items():
                yield from ((wording, Meaning("field", f"{field}={value}")) for wording in wordings)
        for town, places in self.cues["towns"].items():
            yield from ((place, Meaning("town", town)) for place in places)
        for name, guard in self.cues["guarded"].items():
            yield from ((str(wording), Meaning("near", plain(name))) for wording in guard["near"])

    def _names(self, entry: Service | Organisation, aliases: Iterable[str]) -> Iterator[tuple[str, Meaning]]:
        for name in _name_forms(entry.name):
            yield name, Meaning("name", entry.id, by="name", wording=name)
        for alias in aliases:
            said = alias if plain(alias) in self._guards else _without_article(alias)
            yield said, Meaning("name", entry.id, by="alias", wording=alias)

    def _own_towns(self, service: Service) -> frozenset[str]:
        """The towns by which a service is told from its sisters."""
        texts = [service.name, *service.aliases, *((service.locality,) if service.level in ("ward", "unit") else ())]
        return frozenset(town for _, town in Said([], self._wordings.find(split_words(". ".join(texts)))).towns)

    # ---- reading ---------------------------------------------------------------------------------------------------

    def read(self, text: str) -> Said:
        """What a text says of services, with misspelt words mended."""
        words = [self._spelling.mend(word) for word in split_words(text)]
        return Said(words, self._wordings.find(words))

    def mended(self, text: str) -> tuple[str, list[tuple[int, int]]]:
        """A text with its misspelt words mended, for a reader that has no ear for spelling; and where each of its words stands in it."""
        mended, at = "", 0
        spans = []
        for word in split_words(text):
            meant = self._spelling.mend(word)
            mended += text[at : word.start]
            spans.append((len(mended), len(mended) + len(meant.text if meant.mended else text[word.start : word.end])))
            mended += meant.text if meant.mended else text[word.start : word.end]
            at = word.end
        return mended + text[at:], spans

    def county_of(self, town: str) -> str:
        """The county of a town that the cues know."""
        return self._county_of[town]

    def towns_of(self, id: str) -> frozenset[str]:
        """The towns by which a service is told from its sisters."""
        return self._towns_of[id]

    def is_name(self, hit: Hit[Meaning], said: Said) -> bool:
        """Whether words that look like a name are one: no surname, street or plain word, and not parted by a comma."""
        words = [said.words[i] for i in hit.at]
        if hit.meaning.by == "context" and any(said.words[j].apart for i, j in pairwise(hit.at) if j == i + 1):
            return False
        name = " ".join(w.text for w in words)
        guard = self._guards.get(name)
        if guard is None or hit.gaps:
            return True
        before = " ".join(w.text for w in said.words[max(0, hit.start - 2) : hit.start])
        after = " ".join(w.text for w in said.words[hit.end : hit.end + 2])
        if self._never_before.search(before) or self._never_after.search(after):
            return False
        if name in said.near:
            return True
        if name in said.against:
            return False
        match guard:
            case "no":
                return False
            case "caps":
                return all(w.caps for w in words)
            case "ward" if ("setting", "inpatient_ward") not in said.fields:
                return False
            case "inside" if words[0].first:
                return False
            case "name" if not any(w.capital for w in said.words if w.text != "i"):
                return True  # somebody who uses no capitals at all
        return all(w.capital for w in words)

    def is_guarded(self, words: Iterable[Word]) -> bool:
        """Whether a name may also be a surname, a street or a plain word."""
        return " ".join(word.text for word in words) in self._guards

    def points(self, id: str, said: Said, towns: Iterable[str], *, choosing: bool = False, by_age: bool = False) -> int:
        """How much of what is said speaks for a service: its cues, and whether age, setting, kind of care and county fit.

        `by_age`: of what fits only the age counts, and only where it is spoken of.
        """
        total = said.points(id, choosing=choosing)
        service = self.services.get(id)
        if service is None:
            return total
        for field, value in said.fields:
            if field == "age_group" or not by_age:
                total += FITS[field].get((value, getattr(service, field)), 0)
        if service.age_group == "children" and not by_age and not said.fields & OF_A_CHILD:
            total += NO_CHILD_SPOKEN_OF
        counties = {self._county_of[town] for town in towns}
        if counties and service.county not in ("both", *counties):
            total += OTHER_COUNTY
        return total

    # ---- the tree --------------------------------------------------------------------------------------------------

    def above(self, id: str) -> tuple[str, ...]:
        """Ancestors, nearest first; none for an organisation that is not ours."""
        return self._taxonomy.ancestors(id) if id in self.services else ()

    def in_place(self, id: str, towns: Sequence[str]) -> str:
        """The team below a service that serves the place; another organisation where the Trust does not run it there."""
        if id not in self.services or not towns:
            return id
        service = self.services[id]
        counties = [self._county_of[town] for town in towns]
        roams = service.locality == "countywide" and service.level in ("service", "team")
        if roams and service.county not in ("both", *counties):
            wider = next((a for a in self.above(id) if self.services[a].county in ("both", counties[0])), None)
            if wider and not self._is_directorate(wider):
                return self.in_place(wider, towns)
            return self._elsewhere.get(counties[0], id)
        for town in towns:
            below = [child for child in self._children[id] if town in self._towns_of[child]] or [
                child
                for child in self._children[id]
                if self._towns_of[child] and self.services[child].county == self._county_of[town]
            ]
            if len(below) == 1:
                return self.in_place(below[0], towns)
        return id

    def kind(self, id: str) -> tuple[str, str]:
        """The kind of care that a service gives: where, and for body or mind."""
        return self.services[id].setting, self.services[id].care_type

    def are_sisters(self, one: str, other: str) -> bool:
        """Whether two services give the same kind of care under one directorate, for people of other ages."""
        if one not in self.services or other not in self.services:
            return False
        tops = {self.above(id)[-1:] for id in (one, other)}
        return (
            self.kind(one) == self.kind(other)
            and len(tops) == 1
            and self.services[one].age_group != self.services[other].age_group
        )

    def _is_directorate(self, id: str) -> bool:
        return id in self.services and self.services[id].level == "directorate"

    # ---- a cell of an upload ---------------------------------------------------------------------------------------

    def _resolve_cell(self, cell: str) -> tuple[tuple[str, float], ...]:
        """Entries that a cell may mean, best first, each with a score 0 to 1; empty where it cannot be told."""
        if cell.strip().lower() in self.services:
            return ((cell.strip().lower(), 1.0),)
        written = split_words(cell)
        words = self._in_full(written)
        said = Said(words, self._wordings.find(words))
        said.fields |= self._ages_in(words)
        towns = tuple(dict.fromkeys(town for _, town in said.towns))
        found = self._names_in_cell(Said(written, self._wordings.find(written)), self._names_in_cell(said))
        if not found:
            # A heading may be all capitals. A short word is an abbreviation, and every abbreviation is a slip away from another.
            mended = [
                self._spelling.mend(replace(w, caps=False)) if len(w.text) >= SHORTEST_MISSPELT else w for w in words
            ]
            found = self._names_in_cell(Said(mended, self._wordings.find(mended)), worth=MISSPELT)
        if not found and len(cell.strip()) >= SHORTEST_MISSPELT:
            found = self._name_like_cell(plain(cell))
        found = self._for_its_age(words, said, found)
        found = {id: score for id, score in found.items() if not self._is_given_by(found, id)}
        above = {a for id in found for a in self.above(id)}
        lowest = {id: score for id, score in found.items() if id not in above}
        if not self._sites.issuperset(lowest):  # "Podiatry - Evesham Community Hospital"
            lowest = {id: score for id, score in lowest.items() if id not in self._sites}
        if not lowest:
            return ()
        # "Eating disorders (CAMHS)": of names that compete, the one below what else is named, then the one whose age fits.
        best = max(lowest.values())
        merit = {
            id: (not found.keys().isdisjoint(self.above(id)), self._fit(id, said))
            for id, score in lowest.items()
            if score > best - NEARLY
        }  # fmt: skip
        scores: dict[str, float] = defaultdict(float)
        for id, score in lowest.items():
            kept = score if merit.get(id) == max(merit.values()) else min(score, best - NEARLY)
            if self._fit(id, said) <= CONTRADICTED:
                kept *= PART_OF_CELL
            placed = self.in_place(id, towns)
            scores[placed] = max(kept, scores[placed])
        if self._names_two(cell, scores):
            scores = dict.fromkeys(scores, max(scores.values()))
        return tuple((id, round(score, 2)) for id, score in sorted(scores.items(), key=lambda s: (-s[1], s[0])))

    def _is_given_by(self, found: Iterable[str], id: str) -> bool:
        """Whether a cell names beside a service the organisation that gives it in our county: "Wye Valley - podiatry" is theirs."""
        others = set(self._elsewhere.values()) & set(found)
        ours = self.services.get(id)
        return (
            bool(others)
            and ours is not None
            and ours.care_type == "physical_health"
            and id not in self.cues["inside_others"]
        )

    def _for_its_age(self, words: Sequence[Word], said: Said, found: Mapping[str, float]) -> dict[str, float]:
        """What was found, or where it is for others than the age in the cell the name with its age: "Physio - Paeds" is no adults' physio."""
        spans = self._spans_of_ages([word.text for word in words])
        if len(spans) != 1 or any(self._fit(id, said) > CONTRADICTED for id in found):
            return dict(found)
        ((start, end, age),) = spans
        rest = " ".join(word.text for word in (*words[:start], *words[end:]))
        same = [" ".join(wording) for wording, of in self._ages if of == age]
        named = [
            self._cell_names.get(f"{one} {part}", {}) for one in same for part in (rest, rest.removesuffix(" team"))
        ]
        return {id: SURE[by] for entries in named for id, by in entries.items()} or dict(found)

    def _names_two(self, cell: str, scores: Collection[str]) -> bool:
        """Whether the parts of a cell name a service each: which one is meant only a person can say."""
        parts = [part for part in _LIST.split(cell) if part.strip()]
        if len(scores) < 2 or len(parts) < 2:
            return False
        firsts = {best[0][0] for part in parts if (best := self.resolve_cell(part)) and best[0][1] > A_GUESS}
        return len(firsts & set(scores)) > 1

    def joined(self, cells: Sequence[str]) -> list[str]:
        """The cells of several columns, with what only says where or for whom put to those that name something: "Physiotherapy", "Hereford"."""
        beside = [cell for cell in cells if self._is_circumstance(cell)]
        named = [cell for cell in cells if cell not in beside]
        return [" ".join([cell, *beside]) for cell in named] + list(cells) if beside else list(cells)

    def _is_circumstance(self, cell: str) -> bool:
        """Whether a cell says nothing but a place or an age."""
        words = self._in_full(split_words(cell))
        said = Said(words, self._wordings.find(words))
        placing = {i for hit in self._wordings.find(words) if hit.meaning.kind == "town" for i in hit.at}
        ages = {i for start, end, _ in self._spans_of_ages([w.text for w in words]) for i in range(start, end)}
        return (
            bool(words)
            and len(placing | ages) == len(words)
            and not self.resolve_cell(cell)
            and bool(said.towns or ages)
        )

    def _names_in_cell(
        self, said: Said, found: Mapping[str, float] | None = None, *, worth: float = 1.0
    ) -> dict[str, float]:
        """The names that stand in a cell, added to those found; the less of the cell a name fills, the less it is worth.

        Where names overlap the one that tells most stands. An age ("paeds") names nothing where something else is named, and a
        name without its general word ("Crisis" for the crisis team) is one only where it fills the cell.
        """
        words = [w.text for w in said.words]
        placing = {i for i, _ in said.towns}
        ages = {i for start, end, _ in self._spans_of_ages(words) for i in range(start, end)}

        def telling(places: Iterable[int]) -> int:
            return sum(i not in placing and words[i] not in TRAILING for i in places)

        named: list[tuple[int, int, Mapping[str, str]]] = []
        spans = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
        for start, end in sorted(spans, key=lambda s: (-telling(range(*s)), s[0] - s[1])):
            known = self._cell_names.get(" ".join(words[start:end]))
            if known and all(end <= other[0] or start >= other[1] for other in named):
                named.append((start, end, known))
        named = [n for n in named if not ages.issuperset(range(n[0], n[1]))] or named
        scores: dict[str, float] = defaultdict(float, found or {})
        every = max(1, telling(range(len(words))))
        for start, end, entries in named:
            share = min(1.0, max(1, telling(range(start, end))) / every)
            for id, by in entries.items():
                scores[id] = max(scores[id], worth * SURE[by] * (PART_OF_CELL + (1 - PART_OF_CELL) * share))
        if not scores:
            rest = [word for i, word in enumerate(words) if i not in placing | ages and word not in TRAILING]
            scores |= {
                id: worth * SURE[by] * PART_OF_NAME for id, by in self._cut_names.get(" ".join(rest), {}).items()
            }
        return dict(scores)

    def _fit(self, id: str, said: Said) -> int:
        """How much of what a cell says beside a name speaks for an entry: an age, and the cues of an ambiguous name.

        A cell is no sentence: how people speak of a service, and that it speaks of no child, tell nothing there.
        """
        total = said.chosen(id)
        if service := self.services.get(id):
            ages = [age for field, age in said.fields if field == "age_group"]
            total += sum(FITS["age_group"].get((age, service.age_group), 0) for age in ages)
        return total

    def _in_full(self, words: Sequence[Word]) -> list[Word]:
        """The words of a cell with the short forms of columns written out: "Comm Hosp" is a community hospital, "D/N" a district nurse."""
        full: list[Word] = []
        at = 0
        while at < len(words):
            pair = " ".join(word.text for word in words[at : at + 2])
            taken = 2 if pair in self._short else 1
            meant = self._short.get(pair if taken == 2 else words[at].text, words[at].text)
            full += [replace(words[at], text=part) for part in meant.split()]
            at += taken
        return full

    def _ages_in(self, words: Sequence[Word]) -> set[tuple[str, str]]:
        return {("age_group", age) for _, _, age in self._spans_of_ages([word.text for word in words])}

    def _spans_of_ages(self, words: Sequence[str]) -> list[tuple[int, int, str]]:
        """Where a cell says for whom a service is, the longest first: an "older adult" is no adult."""
        found: list[tuple[int, int, str]] = []
        for wording, age in self._ages:
            for start in range(len(words) - len(wording) + 1):
                end = start + len(wording)
                if tuple(words[start:end]) == wording and all(end <= o[0] or start >= o[1] for o in found):
                    found.append((start, end, age))
        return found

    def _compile_cells(self) -> None:
        """The short forms and ages of columns, and the names without the general word they end in."""
        cells = self.cues.get("cells", {})
        self._short = {plain(short): plain(full) for short, full in cells.get("short", {}).items()}
        ages = [(tuple(plain(w).split()), age) for age, wordings in cells.get("ages", {}).items() for w in wordings]
        self._ages = sorted(ages, key=lambda wording: -len(wording[0]))
        houses = [id for site in cells.get("sites", ()) for id in self._taxonomy.below(site)]
        self._sites = {id for id in houses if self.services[id].level != "ward"} | set(self.cues["owners"])
        too_little = {plain(word) for word in cells.get("too_little", ())} | self._guards.keys()
        self._cut_names: dict[str, dict[str, str]] = defaultdict(dict)
        for service in self.services.values():
            for name in map(plain, (*_name_forms(service.name), *service.aliases)):
                words = name.split()
                while len(words) > 1 and words[-1] in TRAILING:
                    words.pop()
                cut = " ".join(words)
                if cut not in too_little and self._guards.get(name) != "no" and cut not in self._cell_names:
                    self._cut_names[cut].setdefault(service.id, "alias")

    def cells_like(self, cell: str, limit: int) -> tuple[tuple[str, float], ...]:
        """Entries whose names look like a cell or like a part of it, best first, with scores 0 to 1 that stay below any name's.

        For a person to choose from; nothing is resolved by them.
        """
        words = self._in_full(split_words(cell))
        said = Said(words, self._wordings.find(words))
        said.fields |= self._ages_in(words)
        towns = tuple(dict.fromkeys(town for _, town in said.towns))
        wanted = _telling(word.text for word in words)
        names = {name: telling for name in self._cell_names if len(telling := _telling(name.split())) >= SHORTEST_LIKE}
        near = process.extract(wanted, names, scorer=fuzz.token_set_ratio, score_cutoff=LIKE, limit=limit * 10)
        found: dict[str, float] = {}
        for _, score, name in near:
            for id, by in self._cell_names[name].items():
                found.setdefault(self.in_place(id, towns), round(SURE[by] * score / 100 * A_GUESS, 2))
        ages = {i for start, end, _ in self._spans_of_ages([w.text for w in words]) for i in range(start, end)}
        trade = " ".join(word.text for i, word in enumerate(words) if i not in ages)
        if usual := self.usual.get(f"<{trade}>"):  # "Adult OT"
            found = {usual: A_GUESS * SURE["name"]}
        suits = {id: self._suits(id, said, towns) for id in found}
        most = max(suits.values(), default=0)
        scores = {id: round(max(0.0, score - NUDGE * (most - suits[id])), 2) for id, score in found.items()}
        return tuple(sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit])

    def _suits(self, id: str, said: Said, towns: Sequence[str]) -> int:
        """How much the age, the kind of care and the place in a cell speak for an entry that its name is like."""
        service = self.services.get(id)
        if service is None:
            return 0
        own = self._towns_of[id]
        total = 2 * (bool(towns) and not own.isdisjoint(towns)) - 2 * (bool(towns and own) and own.isdisjoint(towns))
        of = {(field, value) for field, value in said.fields if field in ("age_group", "care_type")}
        return total + sum(FITS[field].get((value, getattr(service, field)), 0) for field, value in of)

    def _name_like_cell(self, cell: str) -> dict[str, float]:
        near = process.extract(cell, self._cell_names.keys(), scorer=fuzz.ratio, score_cutoff=CELL_ALIKE, limit=3)
        return {
            id: SURE[by] * MISSPELT * score / 100
            for name, score, _ in near
            for id, by in self._cell_names[name].items()
        }


def plain_wording(wording: object) -> str:
    """A wording with its spaces in order, its notation kept."""
    return " ".join(str(wording).lower().split())


def _load_cues(path: Path, taxonomy: Taxonomy) -> dict[str, Any]:
    """The cues, checked against the directory and against themselves."""
    cues: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    entries = taxonomy.services.keys() | taxonomy.organisations.keys()
    ids = [
        *cues["services"],
        *cues["usual"].values(),
        *cues["elsewhere"].values(),
        *cues["owners"],
        *cues["inside_others"],
    ]
    unknown = sorted({id for id in ids if id not in entries})
    if unknown:
        raise BadData(
            f"{path.name} speaks of {', '.join(unknown)}, which services.yml does not have: correct the id or take it out."
        )
    lists = {f"<{name}>" for name in (*cues["words"], *cues["roles"]["words"])} | NUMBERS.keys()
    missing = sorted({name for name in re.findall(r"<[^<>]+>", str(cues)) if name not in lists})
    if missing:
        raise BadData(
            f"{path.name} uses the word list {', '.join(missing)}, which stands nowhere under words: add it or correct the name."
        )
    wrong = sorted(
        str(name) for name, guard in cues["guarded"].items() if guard.get("written") not in get_args(GuardBy)
    )
    if wrong:
        raise BadData(f"{path.name}: guarded {', '.join(wrong)} needs written: one of {', '.join(get_args(GuardBy))}.")
    return cues


def _counties(towns: Mapping[str, Sequence[str]], taxonomy: Taxonomy) -> dict[str, str]:
    """The county of each town, by the directory's place cues; a town that they do not know counts as Worcestershire."""
    return {
        town: next((c for c in COUNTIES if town == c or set(places) & set(taxonomy.places[c])), COUNTIES[1])
        for town, places in towns.items()
    }


def _any_of(words: Iterable[object], pattern: str) -> re.Pattern[str]:
    return re.compile(pattern % "|".join(re.escape(plain(word)) for word in words))


def _without_article(alias: str) -> str:
    """ "the foot lady" as "foot lady": people say my, your and that; "the Royal" would be a mere word without it."""
    words = alias.split()
    strip = len(words) > 1 and words[0].lower() in ARTICLES and words[1].islower()
    return " ".join(words[1:]) if strip else alias


def _name_forms(name: str) -> Iterator[str]:
    """A name as written, and without what stands in brackets or after a comma: "Cottage Ward, Princess of Wales"."""
    yield name
    short = re.sub(r"\s*\(.*?\)", "", name).split(",")[0].strip(' "')
    if short != name and len(short.split()) > 1:
        yield short
    if name.endswith(" Neighbourhood Team"):
        yield name.replace(" Neighbourhood", "")


def _telling(words: Iterable[str]) -> str:
    """A name without the general words that are in many others: all that clinics share is the word clinic."""
    return " ".join(word for word in words if word not in TRAILING)


def _is_acronym(wording: str) -> bool:
    return wording.isupper() and wording.isalpha() and len(wording) < 6
