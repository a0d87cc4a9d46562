"""The service directory as it is looked up: names, the ways people speak of a service without them, places, age, setting.

Everything is compiled from services.yml and service_cues.yml, so that a person at the Trust can change it. The choice
made here is what counts as a name: an ordinary word, a surname or a street is one only under its guard.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

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
        self.taxonomy = taxonomy
        self.elsewhere: dict[str, str] = self.cues["elsewhere"]
        self._never_before = _any_of(self.cues["never"]["before"], r"(?:^|\s)(?:%s)$")
        self._never_after = _any_of(self.cues["never"]["after"], r"^(?:%s)(?:\s|$)")
        self.guards: dict[str, GuardBy] = {plain(name): g["written"] for name, g in self.cues["guarded"].items()}
        self._county_of = _counties(self.cues["towns"], taxonomy)
        self._wordings: Wordings[Meaning] = Wordings(self.cues["words"])
        self.names: dict[str, dict[str, str]] = defaultdict(dict)
        self._compile()
        self._spelling = Spelling(self._wordings.vocabulary, known=map(plain, self.cues["spelt"]))
        self._children: dict[str, list[str]] = defaultdict(list)
        for service in self.services.values():
            if service.parent:
                self._children[service.parent].append(service.id)
        self._towns_of = {service.id: self._own_towns(service) for service in self.services.values()}

    def _compile(self) -> None:
        unsaid = set(map(plain, self.cues["unsaid"]))
        words = english() - set(map(plain, self.cues["no_word"]))
        for ambiguous in self.taxonomy.ambiguous:
            if ambiguous.or_none:
                for term in ambiguous.terms:
                    self.guards.setdefault(plain(term), "name")
        for wording, meaning in self._meanings():
            if meaning.kind == "name":
                name = plain(wording)
                if not re.search(r"[<*|]|\.\.", wording):
                    self.names[name].setdefault(meaning.label, meaning.by)
                if meaning.by != "context" and (name in unsaid or self._is_directorate(meaning.label)):
                    continue
                if _is_acronym(wording) and name in words:
                    self.guards.setdefault(name, "caps")
            self._wordings.add(wording, meaning)

    def _meanings(self) -> Iterator[tuple[str, Meaning]]:
        """Every wording of the directory and the cues, with what it means."""
        for service in self.services.values():
            yield from self._names(service, (*service.aliases, *service.colloquial))
            short = re.match(r"(\w+)(?:\(s\))? Ward\b", service.name) if service.level == "ward" else None
            if short:
                self.guards.setdefault(plain(short[1]), "ward")
                yield short[1], Meaning("name", service.id, by="alias", wording=short[1])
        for organisation in self.taxonomy.organisations.values():
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
        titles = set(map(plain, self.cues["never"]["before"]))
        for ambiguous in self.taxonomy.ambiguous:
            for id, wordings in ambiguous.cues.items():
                for wording in wordings:
                    if id == "none":
                        # A title counts only before the name (`never`): nurses are spoken of beside most wards.
                        if plain(wording) not in titles:
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
        for name in name_forms(entry.name):
            yield name, Meaning("name", entry.id, by="name", wording=name)
        for alias in aliases:
            said = alias if plain(alias) in self.guards else _without_article(alias)
            yield said, Meaning("name", entry.id, by="alias", wording=alias)

    def _own_towns(self, service: Service) -> frozenset[str]:
        """The towns by which a service is told from its sisters."""
        texts = [service.name, *service.aliases, *((service.locality,) if service.level in ("ward", "unit") else ())]
        return frozenset(town for _, town in Said([], self._wordings.find(split_words(". ".join(texts)))).towns)

    # ---- reading ---------------------------------------------------------------------------------------------------

    def read(self, text: str) -> Said:
        """What a text says of services, with misspelt words mended."""
        return self.said([self.mend(word) for word in split_words(text)])

    def said(self, words: Sequence[Word]) -> Said:
        """What these words say of services."""
        return Said(words, self.hits(words))

    def hits(self, words: Sequence[Word]) -> list[Hit[Meaning]]:
        """The wordings of names and cues among these words."""
        return self._wordings.find(words)

    def mend(self, word: Word) -> Word:
        """A word in the spelling that the directory has, or as it is."""
        return self._spelling.mend(word)

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
        guard = self.guards.get(name)
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
            case "ward" if ("setting", "inpatient_ward") not in said.fields and not _is_on(said.words[: hit.start]):
                return False
            case "inside" if words[0].first:
                return False
            case "name" if not any(w.capital for w in said.words if w.text != "i"):
                return True  # somebody who uses no capitals at all
        return all(w.capital for w in words)

    def is_guarded(self, words: Iterable[Word]) -> bool:
        """Whether a name may also be a surname, a street or a plain word."""
        return " ".join(word.text for word in words) in self.guards

    def is_assured(self, start: int, end: int, said: Said) -> bool:
        """Whether what stands near such a name, at these positions, tells that it is one: "on Willow", "Holt staff"."""
        name = " ".join(word.text for word in said.words[start:end])
        return name in said.near or (self.guards.get(name) == "ward" and _is_on(said.words[:start]))

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
        return self.taxonomy.ancestors(id) if id in self.services else ()

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
            return self.elsewhere.get(counties[0], id)
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


def _is_on(before: Sequence[Word]) -> bool:
    """Whether the word before a name says that somebody is on that ward."""
    return bool(before) and before[-1].text == "on"


def _without_article(alias: str) -> str:
    """ "the foot lady" as "foot lady": people say my, your and that; "the Royal" would be a mere word without it."""
    words = alias.split()
    strip = len(words) > 1 and words[0].lower() in ARTICLES and words[1].islower()
    return " ".join(words[1:]) if strip else alias


def name_forms(name: str) -> Iterator[str]:
    """A name as written, and without what stands in brackets or after a comma: "Cottage Ward, Princess of Wales"."""
    yield name
    short = re.sub(r"\s*\(.*?\)", "", name).split(",")[0].strip(' "')
    if short != name and len(short.split()) > 1:
        yield short
    if name.endswith(" Neighbourhood Team"):
        yield name.replace(" Neighbourhood", "")


def _is_acronym(wording: str) -> bool:
    return wording.isupper() and wording.isalpha() and len(wording) < 6
