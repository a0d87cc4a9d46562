"""Check the directory of services, and say what happens to its names: which clash, what decides between them, which lead nowhere.

For the person who edits data/services.yml, data/service_cues.yml and data/delivery_plan.yml: everything wrong is told at once,
with its line. What a name comes to is not worked out from the rules but tried on them, so that what is said here is what is done.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from feedback.comment import Comment
from feedback.entries import nearest
from feedback.errors import FeedbackError
from feedback.redact.names import Lexicon
from feedback.settings import DATA
from feedback.tag.directory import COUNTIES, CUES, FITS, Directory, GuardBy, plain_wording
from feedback.tag.service import ROLES, ServiceTagger
from feedback.tag.wording import NUMBERS, plain
from feedback.taxonomy import Organisation, Service, Taxonomy, read_taxonomy

# What service_cues.yml holds, by the type of each part; `cells` and `either` may be left out.
PARTS: dict[str, type] = {
    "enough": int, "lead": int, "shapes": list, "elsewhere": dict, "owners": list, "inside_others": list, "words": dict,
    "fields": dict, "services": dict, "usual": dict, "guarded": dict, "spelt": list, "no_word": list, "never": dict,
    "unsaid": list, "towns": dict, "roles": dict, "cells": dict, "either": list,
}  # fmt: skip
MAY_LACK = frozenset({"cells", "either"})
OF_A_SERVICE = ("topic", "names", "tells", "suggests", "fits")
TYPE_NAMES = {int: "a whole number", list: "a list", dict: "a mapping of name to value"}

# Sentences in which a name is tried: nothing in the first speaks for or against any service.
NEUTRAL = "It was fine and {} did what was needed."
ON_A_WARD = "It was fine on the ward and {} did what was needed."

# The counts in words, those that go together in one line.
MEANINGS = {
    "services": "services and teams",
    "unconfirmed": "of them not confirmed by the Trust",
    "organisations": "other organisations",
    "names": "names",
    "ambiguous_names": "entries of ambiguous names",
    "programmes": "plans",
}

ClashKind = Literal["shared", "within", "word", "person", "place"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not fit, in one sentence with what to do; `line` of the file, from 1, None where it has none."""

    file: str
    line: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A name that may be taken for something else, and what is done about it.

    kind: "shared" by several entries; "within" a longer name of another; an ordinary "word", a "person"'s name, a "place".
    """

    kind: ClashKind
    name: str
    entries: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A service that no wording by itself leads to, and what does, if anything."""

    id: str
    name: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Checked:
    """All that was found. Where there are problems nothing else is worked out, as it would not be true."""

    problems: tuple[Problem, ...]
    counts: Mapping[str, int]
    clashes: tuple[Clash, ...] = ()
    unreachable: tuple[Unreachable, ...] = ()


def check(data: Path = DATA) -> Checked:
    """Check the folder; nothing of it is raised, everything is told."""
    taxonomy, told = read_taxonomy(data)
    problems = [_placed(data, sentence) for sentence in told]
    if taxonomy is None:
        return Checked(tuple(problems), {})
    problems += _cue_problems(data / CUES, taxonomy)
    if problems:
        return Checked(tuple(sorted(problems, key=lambda p: (p.file, p.line or 0))), _counts(taxonomy))
    try:
        tagger, directory = ServiceTagger(taxonomy, data), Directory(taxonomy, data)
    except FeedbackError as error:
        return Checked((Problem(CUES, None, str(error)),), _counts(taxonomy))
    tried = _Tried(taxonomy, tagger, directory)
    return Checked((), _counts(taxonomy), tuple(_clashes(tried)), tuple(_unreachable(tried)))


# ---------------------------------------------------------------- where in a file


def _placed(data: Path, told: str) -> Problem:
    """A sentence of the taxonomy ("file, id, part: what; fix.") with the line that it speaks of."""
    match = re.match(r"(?P<file>\w+\.yml)(?:, (?P<place>[^:]*))?: (?P<what>.*)", told, re.DOTALL)
    if match is None:
        return Problem("", None, told)
    file, what = match["file"], match["what"]
    if said := re.match(r"line (\d+): (.*)", what, re.DOTALL):
        return Problem(file, int(said[1]), said[2])
    node = _root(data / file)
    parts = match["place"].split(", ") if match["place"] else [what.split(",")[0].split(" ")[0]]
    line = _line_of(node, parts, what) if node else None
    return Problem(file, line, f"{match['place']}: {what}" if match["place"] else what)


def _line_of(root: yaml.Node, parts: list[str], what: str) -> int | None:
    named: dict[str, list[yaml.Node]] = defaultdict(list)
    for name, node in _named(root):
        named[name].append(node)
    if not (found := named.get(parts[0])):
        return None
    node = found[-1] if "two entries" in what else found[0]
    line = node.start_mark.line
    for part in (*parts[1:], *re.findall(r"\w+", what)[:1], *re.findall(r"field '(\w+)'", what)):
        for key, value in _pairs(node):
            if key.value == part:
                node, line = value, key.start_mark.line
                break
    return line + 1


def _named(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Every mapping by its id, or by its list and number where it has none, and every part by its name."""
    for key, value in _pairs(node):
        yield str(key.value), value
        if isinstance(value, yaml.SequenceNode):
            for number, item in enumerate(value.value, 1):
                yield f"{key.value} {number}", item
                for name, id in _pairs(item):
                    if name.value == "id":
                        yield str(id.value), item
                yield from _named(item)
        else:
            yield from _named(value)


def _pairs(node: yaml.Node) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _root(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None


# ---------------------------------------------------------------- service_cues.yml


def _cue_problems(path: Path, taxonomy: Taxonomy) -> list[Problem]:
    try:
        text = path.read_text("utf-8")
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        cues = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError:
        return [Problem(path.name, None, f"It cannot be opened in {path.parent}; put it there.")]
    except UnicodeDecodeError:
        return [Problem(path.name, None, "It is not UTF-8 text; save it as UTF-8.")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", "it cannot be read")
        line = mark.line + 1 if mark else None
        return [Problem(path.name, line, f"It is not good YAML ({said}); mend that line or the one before.")]
    if root is None or not isinstance(cues, dict):
        return [Problem(path.name, None, "It holds no parts; take the last version that did.")]
    return [Problem(path.name, line, sentence) for line, sentence in _Cues(root, cues, taxonomy).problems()]


class _Cues:
    """service_cues.yml as it stands, with the nodes it was read from, looked through part by part."""

    def __init__(self, root: yaml.Node, cues: dict[str, Any], taxonomy: Taxonomy) -> None:
        self.parts = {str(key.value): (key.start_mark.line + 1, value) for key, value in _pairs(root)}
        self.cues = cues
        self.ids = [*taxonomy.services, *taxonomy.organisations]

    def problems(self) -> Iterator[tuple[int | None, str]]:
        """Every problem with its line."""
        for name, kind in PARTS.items():
            if name not in self.cues:
                if name not in MAY_LACK:
                    yield None, f"The part {name} is missing; write it, if only with nothing in it."
            elif not isinstance(self.cues[name], kind) or isinstance(self.cues[name], bool):
                yield self.parts[name][0], f"{name} is not {TYPE_NAMES[kind]}; write it as the shipped file does."
        for name, (line, _) in self.parts.items():
            if name not in PARTS:
                near = ", ".join(nearest(name, PARTS))
                yield line, f"Nothing reads the part {name!r}; call it one of {near}, or take it out."
        whole = {name for name, kind in PARTS.items() if isinstance(self.cues.get(name), kind)}
        for name, look in (
            ("services", self._services), ("usual", self._usual), ("elsewhere", self._elsewhere), ("guarded", self._guarded),
            ("fields", self._fields), ("never", self._never), ("roles", self._roles), ("cells", self._cells),
        ):  # fmt: skip
            if name in whole:
                yield from look(self.parts[name][1])
        for name in ("owners", "inside_others"):
            if name in whole:
                yield from (self._unknown(id) for id in self._scalars(self.parts[name][1]) if id[0] not in self.ids)
        for name in ("words", "towns"):
            if name in whole:
                yield from self._lists(self.parts[name][1], name)
        if {"words", "roles"} <= whole:
            yield from self._word_lists()

    def _services(self, node: yaml.Node) -> Iterator[tuple[int, str]]:
        for key, value in _pairs(node):
            if key.value not in self.ids:
                yield self._unknown((key.value, key.start_mark.line + 1))
            if not isinstance(value, yaml.MappingNode):
                yield key.start_mark.line + 1, f"{key.value} has no parts; write {', '.join(OF_A_SERVICE)} below it."
            for part, wordings in _pairs(value):
                line = part.start_mark.line + 1
                if part.value not in OF_A_SERVICE:
                    yield line, f"{key.value}: nothing reads {part.value!r}; use one of {', '.join(OF_A_SERVICE)}."
                elif not isinstance(wordings, yaml.SequenceNode):
                    yield line, f"{key.value}: {part.value} is not a list; write `{part.value}: [one, another]`."

    def _usual(self, node: yaml.Node) -> Iterator[tuple[int, str]]:
        yield from (self._unknown(id) for id in self._values(node) if id[0] not in self.ids)

    def _elsewhere(self, node: yaml.Node) -> Iterator[tuple[int, str]]:
        yield from self._usual(node)
        yield from self._keys(node, "elsewhere", COUNTIES)

    def _guarded(self, node: yaml.Node) -> Iterator[tuple[int, str]]:
        for key, value in _pairs(node):
            guard = {str(part.value): given for part, given in _pairs(value)}
            line = key.start_mark.line + 1
            if getattr(guard.get("written"), "value", None) not in get_args(GuardBy):
                yield line, f"guarded {key.value} needs `written:` with one of {', '.join(get_args(GuardBy))}."
            if not isinstance(guard.get("near"), yaml.SequenceNode):
                yield line, f"guarded {key.value} needs `near:` with a list of wordings, if only an empty one."

    def _fields(self, node: yaml.Node) -> Iterator[tuple[int, str]]:
        yield from self._keys(node, "fields", FITS)
        for key, value in _pairs(node):
            if key.value in FITS:
                yield from self._keys(value, f"fields {key.value}", dict.fromkeys(said for said, _ in FITS[key.value]))
                yield from self._lists(value, f"fields {key.value}")

    def _never(self, node: yaml.Node) -> Iterator[tuple[int, str]]:
        yield from self._needed(node, "never", ("before", "after"))
        yield from self._lists(node, "never")

    def _roles(self, node: yaml.Node) -> Iterator[tuple[int, str]]:
        yield from self._needed(node, "roles", ("words", *ROLES))
        for key, value in _pairs(node):
            if key.value == "words":
                yield from self._lists(value, "roles words")
            elif key.value in ROLES and not isinstance(value, yaml.SequenceNode):
                yield key.start_mark.line + 1, f"roles {key.value} is not a list; write `{key.value}: [one, another]`."

    def _cells(self, node: yaml.Node) -> Iterator[tuple[int, str]]:
        yield from self._keys(node, "cells", ("short", "ages", "sites", "too_little"))
        for key, value in _pairs(node):
            if key.value == "ages":
                ages = dict.fromkeys(said for said, _ in FITS["age_group"])
                yield from self._keys(value, "cells ages", ages)
                yield from self._lists(value, "cells ages")
            elif key.value == "sites":
                yield from (self._unknown(id) for id in self._scalars(value) if id[0] not in self.ids)

    def _word_lists(self) -> Iterator[tuple[int, str]]:
        lists = {*self.cues["words"], *(self.cues["roles"].get("words") or {})}
        for part, (_, node) in self.parts.items():
            for text, line in self._scalars(node):
                for name in re.findall(r"<([^<>]+)>", text):
                    if name not in lists and f"<{name}>" not in NUMBERS:
                        near = ", ".join(nearest(name, lists))
                        yield (
                            line,
                            f"{part}: there is no word list <{name}>; use one like {near}, or add it under words.",
                        )

    def _lists(self, node: yaml.Node, where: str) -> Iterator[tuple[int, str]]:
        for key, value in _pairs(node):
            if not isinstance(value, yaml.SequenceNode):
                yield (
                    key.start_mark.line + 1,
                    f"{where} {key.value} is not a list; write `{key.value}: [one, another]`.",
                )

    def _keys(self, node: yaml.Node, where: str, known: Iterable[str]) -> Iterator[tuple[int, str]]:
        allowed = list(known)
        for key, _ in _pairs(node):
            if key.value not in allowed:
                yield key.start_mark.line + 1, f"{where}: nothing reads {key.value!r}; use one of {', '.join(allowed)}."

    def _needed(self, node: yaml.Node, where: str, names: Iterable[str]) -> Iterator[tuple[int, str]]:
        there = {key.value for key, _ in _pairs(node)}
        line = node.start_mark.line + 1
        yield from (
            (line, f"{where} lacks {name}; write it as the shipped file does.") for name in names if name not in there
        )
        yield from self._keys(node, where, names)

    def _unknown(self, cited: tuple[str, int]) -> tuple[int, str]:
        id, line = cited
        near = ", ".join(nearest(id, self.ids))
        return line, f"{id!r} is no entry of services.yml; use one like {near}, or take it out."

    def _values(self, node: yaml.Node) -> Iterator[tuple[str, int]]:
        for _, value in _pairs(node):
            yield from self._scalars(value)

    def _scalars(self, node: yaml.Node) -> Iterator[tuple[str, int]]:
        """Every text within a node, names of parts too, with its line."""
        if isinstance(node, yaml.ScalarNode):
            yield node.value, node.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from self._scalars(item)
        else:
            for key, value in _pairs(node):
                yield from self._scalars(key)
                yield from self._scalars(value)


# ---------------------------------------------------------------- what becomes of the names


class _Tried:
    """The directory with the product's own ways of reading it, and every name of it by the entries that have it."""

    def __init__(self, taxonomy: Taxonomy, tagger: ServiceTagger, directory: Directory) -> None:
        self.taxonomy, self.tagger, self.directory = taxonomy, tagger, directory
        self.entries: dict[str, Service | Organisation] = {**taxonomy.services, **taxonomy.organisations}
        self.names: dict[str, dict[str, None]] = defaultdict(dict)  # by the form in which names are compared
        self.written: dict[str, str] = {}
        for id, entry in self.entries.items():
            for name in _names(entry):
                self.names[plain(name)][id] = None
                self.written.setdefault(plain(name), name)

    def related(self, one: str, other: str) -> bool:
        """Whether one of two entries is the other or lies above it."""
        return one == other or one in self.directory.above(other) or other in self.directory.above(one)

    def alone(self, name: str, sentence: str = NEUTRAL) -> list[str]:
        """What a comment is said to speak of that says this name and nothing else of a service."""
        return [f.label for f in self.tagger.tag(Comment("c", sentence.format(name)))]

    def in_column(self, name: str) -> str:
        """What a column that holds this name and nothing else comes to."""
        best = self.tagger.resolve_cell(name)
        if not best:
            return "in a column it is left for a person"
        if len(best) > 1 and best[0][1] == best[1][1]:
            return "in a column it is an open question for a person"
        return f"in a column it is {best[0][0]}"

    def is_named(self, id: str, name: str, sentence: str) -> bool:
        """Whether a name in a sentence is taken as one of this entry's, whatever else shares it."""
        said = self.directory.read(sentence.format(name))
        return any(hit.meaning.label == id and self.directory.is_name(hit, said) for hit in said.names)


def _names(entry: Service | Organisation) -> tuple[str, ...]:
    return (entry.name, *entry.aliases, *(entry.colloquial if isinstance(entry, Service) else ()))


def _clashes(tried: _Tried) -> Iterator[Clash]:
    for key, ids in tried.names.items():
        if len(ids) > 1:
            yield Clash("shared", tried.written[key], tuple(ids), _shared(tried, tried.written[key]))
    yield from _within(tried)
    yield from _plain_words(tried)


def _shared(tried: _Tried, name: str) -> str:
    """How a name that several entries have is decided."""
    alone = tried.alone(name)
    listed = any(plain(name) == plain(term) for a in tried.taxonomy.ambiguous for term in a.terms)
    how = (
        "the words beside it decide (ambiguous_names)"
        if listed
        else "what else is said of age, place and setting decides"
    )
    if plain_wording(name) in tried.directory.usual:
        how += f", else the usual one, {tried.directory.usual[plain_wording(name)]}"
    by_itself = f"by itself it is {', '.join(alone)}" if alone else "by itself it is none of them"
    return f"{how}; {by_itself}; {tried.in_column(name)}"


def _within(tried: _Tried) -> Iterator[Clash]:
    """Names that stand in longer names of entries neither above nor below them."""
    longer: dict[str, dict[str, None]] = defaultdict(dict)
    for key, ids in tried.names.items():
        words = key.split()
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                short = " ".join(words[start:end])
                mine = tried.names.get(short, {}) if short != key else {}
                if any(not tried.related(one, other) for one in mine for other in ids):
                    longer[short][key] = None
    for short, keys in longer.items():
        wins = "; ".join(f"{tried.written[key]!r} is {' or '.join(tried.names[key])}" for key in keys)
        yield Clash("within", tried.written[short], tuple(tried.names[short]), f"the longer name wins: {wins}")


def _plain_words(tried: _Tried) -> Iterator[Clash]:
    """Names of one word that are a word, a person's name or a place, with the writing in which they count as a service's."""
    lexicon = Lexicon(tried.taxonomy)
    towns = {plain(place) for places in tried.directory.cues["towns"].values() for place in places}
    for key, ids in tried.names.items():
        low = tried.written[key].lower()
        kind: ClashKind
        if key in towns or low in lexicon.places:
            kind = "place"
        elif low in lexicon.names:
            kind = "person"
        elif low in lexicon.words:
            kind = "word"
        else:
            continue
        yield Clash(kind, tried.written[key], tuple(ids), _counts_as(tried, next(iter(ids)), low))


def _counts_as(tried: _Tried, id: str, name: str) -> str:
    """In which writing a name counts as the service's."""
    if tried.is_named(id, name, NEUTRAL):
        return "taken as the service however it is written"
    if tried.is_named(id, name.title(), NEUTRAL):
        return "taken as the service with a capital only"
    if tried.is_named(id, name.upper(), NEUTRAL):
        return "taken as the service in capitals only"
    if tried.is_named(id, name.title(), ON_A_WARD):
        return "taken as the service only where a ward is spoken of"
    return "never taken as the service by itself, only with words that speak for it, or in a column"


def _unreachable(tried: _Tried) -> Iterator[Unreachable]:
    towns = list(tried.directory.cues["towns"])
    for id, service in tried.taxonomy.services.items():
        cues = tried.directory.cues["services"].get(id, {})
        if any(cues.get(part) for part in ("topic", "names", "tells", "suggests")):
            continue
        if any(tried.is_named(id, name, s) for name in _names(service) for s in (NEUTRAL, ON_A_WARD)):
            continue
        parents = [service.parent] if service.parent else []
        near = [town for town in towns if any(tried.directory.in_place(p, (town,)) == id for p in parents)]
        column = any(id == found for name in _names(service) for found, _ in tried.tagger.resolve_cell(name))
        ways = [f"the service above it said with {' or '.join(near)}"] if near else []
        ways += ["an upload's column"] if column else []
        yield Unreachable(id, service.name, " or ".join(ways))


def _counts(taxonomy: Taxonomy) -> dict[str, int]:
    services = taxonomy.services.values()
    entries: list[Service | Organisation] = [*services, *taxonomy.organisations.values()]
    counts: dict[str, int] = {"services": len(services)}
    for service in services:
        counts[service.level] = counts.get(service.level, 0) + 1
    return counts | {
        "unconfirmed": sum(1 for service in services if service.unconfirmed),
        "organisations": len(taxonomy.organisations),
        "names": sum(len(_names(entry)) for entry in entries),
        "ambiguous_names": len(taxonomy.ambiguous),
        "programmes": len(taxonomy.programmes),
    }


def describe_entry(taxonomy: Taxonomy, data: Path, id: str) -> dict[str, Any]:
    """What a person may want to know of one entry, field by field. Raises NotFound, and BadData for cues that do not fit."""
    name = taxonomy.service_name(id)
    cues = Directory(taxonomy, data).cues
    words = {f"words_{part}": tuple(map(str, cues["services"].get(id, {}).get(part, ()))) for part in OF_A_SERVICE}
    service = taxonomy.services.get(id)
    if service is None:
        other = taxonomy.organisations[id]
        return {
            "id": id,
            "name": name,
            "kind": f"another organisation: {other.type}",
            "aliases": other.aliases,
            "county": other.county,
            "note": other.note,
        } | words
    plans = [p for p in taxonomy.programmes.values() if id in taxonomy.programme_services(p.id)]
    return {
        "id": id,
        "name": name,
        "level": service.level,
        "status": service.status.replace("_", " ") + (", unconfirmed" if service.unconfirmed else ""),
        "source": service.source,
        "above": tuple(taxonomy.service_name(above) for above in taxonomy.ancestors(id)),
        "below": tuple(s.id for s in taxonomy.services.values() if s.parent == id),
        "aliases": service.aliases,
        "colloquial": service.colloquial,
        "county": service.county,
        "locality": service.locality,
        "setting": service.setting.replace("_", " "),
        "age_group": service.age_group.replace("_", " "),
        "care_type": service.care_type.replace("_", " "),
        "programmes": tuple(f"{plan.id} {plan.title}" for plan in plans),
        "note": service.note,
    } | words
