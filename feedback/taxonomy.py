"""Read the Trust's own data — services, themes, strategy, delivery plan — and refuse it whole if any of it does not fit.

Everything that a person may change about the Trust is in `data/`; no code names a service, a value or an objective.
An id that points nowhere would quietly file comments under nothing, so every problem of every file is collected and
raised as one BadData, a line each: file, id, what is wrong, what to do. data/README.md explains the fields.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar, get_args

from feedback.comment import RespondentType
from feedback.entries import Entry, choices, listing, nearest, read_file
from feedback.entries import Precision as Precision  # of days that the plan names, so offered with it
from feedback.errors import BadData, NotFound
from feedback.settings import DATA
from feedback.strategies.remap import Rules

FFT_CODES = range(1, 7)
UNCONFIRMED = {"source": "assumed", "status": "unverified"}
NONE_OF_OURS = "none"  # the key under an ambiguous name's cues for "a person, a place or a plain word"
# In the delivery plan: a milestone's list, and when its items fall unless they say so themselves.
MILESTONE_LISTS = {"milestones_2026_27": "2026/27", "years_2_5": "years 2 to 5"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the directory: a directorate, service, unit, team or ward. `programmes` list it by name, nothing above it."""

    id: str
    name: str
    level: str
    parent: str | None
    county: str
    locality: str
    setting: str
    age_group: str
    care_type: str
    aliases: tuple[str, ...]
    colloquial: tuple[str, ...]
    status: str
    source: str
    note: str
    programmes: tuple[str, ...]

    @property
    def unconfirmed(self) -> bool:
        """Whether the Trust has yet to confirm it; a page or report that shows it must say so."""
        return any(getattr(self, name) == word for name, word in UNCONFIRMED.items())


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that is not ours, or a kind of them; ids start with "ext-". county is None where it lies elsewhere."""

    id: str
    name: str
    type: str
    county: str | None
    aliases: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class AmbiguousName:
    """Words that may mean several entries, or (`or_none`) none of them: a person, a place, a plain word.

    cue is the rule for a person to read; cues gives, by candidate id or "none", words beside the name that speak for it.
    """

    terms: tuple[str, ...]
    candidates: tuple[str, ...]
    or_none: bool
    cue: str
    cues: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Theme:
    """One label of the national framework, and what of the strategy a comment on it can be evidence for, best first.

    exclude is a comment that looks like this theme and belongs to another, `exclude_theme`.
    contentless marks the one label that is never a finding. v6: only in version 6 of the framework.
    """

    id: str
    name: str
    group: str
    definition: str
    include: str
    exclude: str
    exclude_theme: str
    v6: bool
    contentless: bool
    values: tuple[str, ...]
    objectives: tuple[str, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """Objectives that a kind of person's own account bears on whatever its words; how their voices are called, and all others'."""

    objectives: tuple[str, ...]
    own: str
    others: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the Trust; upheld and breached are ways in which people say so (ours, not the strategy's words)."""

    id: str
    code: str
    name: str
    definition: str
    upheld: tuple[str, ...]
    breached: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the strategy that can be cited: title as printed, text condensed. objective is None for an outcome.

    kind is its name on a page ("what we will do", …); audience: all, patients_and_carers, staff or partners.
    """

    id: str
    objective: str | None
    kind: str
    title: str
    text: str
    audience: str


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective of the strategy, with the ids of its statements in the order printed."""

    id: str
    title: str
    aim: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SupportingStrategy:
    """One strategy below the Trust's own, with the objectives it serves (our reading where the file says `serves_derived`)."""

    id: str
    title: str
    serves: tuple[str, ...]
    serves_derived: bool


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of a programme. by is the last day it is promised for, or None; when says the same in words.

    precision is that of by as the file writes it: a day, or only a month, of which by is then the last day.
    """

    id: str
    text: str
    when: str
    by: date | None
    services: tuple[str, ...]
    precision: Precision = "day"


@dataclass(frozen=True, slots=True)
class Target:
    """A value that a measure is to reach by a day; by is None where the plan gives none. baseline: where it starts from."""

    by: date | None
    value: float
    label: str
    baseline: bool
    precision: Precision = "day"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that a priority is judged by, in `unit`."""

    id: str
    name: str
    unit: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """How comments on the matter itself are found among those on a programme's services: by theme or by phrase, both ours.

    `without` are phrases of what the themes hold beside: a clause with one counts by no theme. In a phrase `*` stands for the rest of
    a word and `…` for up to five words between (evidence/matter.py).
    """

    themes: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """A priority or programme of the delivery plan. services are those it lists; what lies below them belongs to it too, but for `left_out`.

    services_derived: some of them are our inference. feedback_watch: what comments on it may sound like (ours); matter: how they are found.
    starts: the last day of the month in which it begins, where the plan names one. left_out: what lies below a service it lists and
    belongs to another priority, with all below it.
    """

    id: str
    kind: Literal["priority", "programme"]
    title: str
    summary: str
    status: str | None
    objectives: tuple[str, ...]
    statements: tuple[str, ...]
    services: tuple[str, ...]
    services_derived: bool
    milestones: tuple[Milestone, ...]
    measures: tuple[Measure, ...]
    feedback_watch: tuple[str, ...]
    starts: date | None = None
    left_out: tuple[str, ...] = ()
    matter: Matter = Matter()


@dataclass(frozen=True, slots=True)
class DigitalItem:
    """One digital tool that the delivery plan promises."""

    id: str
    name: str
    services: tuple[str, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All of `data/`, checked. Mappings go from id to entry, in the order of the file.

    places: county to place names. theme_groups: group to theme ids. theme_merge: label of the older framework to theme id
    or None. fft_answers: answer in lower case to code, 1 very good … 5 very poor, 6 don't know. rules: how values, objectives and
    statements are found where they are those of a strategy adopted later (successor.py); None for the strategy that the models read.
    elsewhere: what stands in other strategies alone, as (what, id), to their versions, so that who asks for it is told where it is.
    own_accounts: kind of respondent to what their own account bears on, by the codes that the models read.
    """

    services: dict[str, Service]
    organisations: dict[str, Organisation]
    ambiguous: tuple[AmbiguousName, ...]
    places: dict[str, tuple[str, ...]]
    themes: dict[str, Theme]
    theme_groups: dict[str, tuple[str, ...]]
    theme_merge: dict[str, str | None]
    fft_answers: dict[str, int]
    values: dict[str, Value]
    objectives: dict[str, Objective]
    statements: dict[str, Statement]
    supporting: dict[str, SupportingStrategy]
    programmes: dict[str, Programme]
    digital: dict[str, DigitalItem]
    versions: dict[str, str]
    rules: Rules | None = None
    elsewhere: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    own_accounts: Mapping[str, OwnAccount] = field(default_factory=dict)

    @property
    def adopted(self) -> str | None:
        """The version of the adopted strategy that is in place; None for the one that the models read."""
        return self.rules.version if self.rules else None

    def service(self, id: str) -> Service:
        """Return a service of ours; NotFound names the nearest ids, as do the six lookups below."""
        return _find("service", self.services, id)

    def theme(self, id: str) -> Theme:
        """Return a theme, called by its id or its name."""
        return self.themes.get(theme_id(id)) or _find("theme", self.themes, id)

    def value(self, id: str) -> Value:
        """Return a value."""
        return self._of_the_strategy("value", self.values, id)

    def objective(self, id: str) -> Objective:
        """Return an objective."""
        return self._of_the_strategy("objective", self.objectives, id)

    def statement(self, id: str) -> Statement:
        """Return a statement."""
        return self._of_the_strategy("statement", self.statements, id)

    def supporting_strategy(self, id: str) -> SupportingStrategy:
        """Return a supporting strategy."""
        return self._of_the_strategy("supporting strategy", self.supporting, id)

    def of_the_strategy(self) -> dict[str, Mapping[str, object]]:
        """What a strategy brings with it, by what it is called in a refusal."""
        return {
            "value": self.values,
            "objective": self.objectives,
            "statement": self.statements,
            "supporting strategy": self.supporting,
        }

    def _of_the_strategy(self, what: str, known: Mapping[str, T], id: str) -> T:
        if id not in known and (others := self.elsewhere.get((what, id))):
            raise NotFound(
                f"There is no {what} {id!r} in strategy {self.versions['strategy']}; it stands in {' and in '.join(others)}. "
                f"Ask under that one: --strategy {others[0]}, or ?strategy={others[0]} in an address."
            )
        return _find(what, known, id)

    def programme(self, id: str) -> Programme:
        """Return a priority or programme. NotFound for an unknown id says how to list them all: the ids are too unlike words to be guessed."""
        try:
            return _find("programme", self.programmes, id)
        except NotFound as refusal:
            raise NotFound(
                f"{str(refusal).rstrip('.')}. All of them stand on the page /programmes and in data/delivery_plan.yml."
            ) from None

    def service_name(self, id: str) -> str:
        """Return the name of a service of ours or of another organisation (ext-…); NotFound if it is neither."""
        everyone: dict[str, Service | Organisation] = {**self.services, **self.organisations}
        return _find("service or organisation", everyone, id).name

    def ancestors(self, service_id: str) -> tuple[str, ...]:
        """Return the ids above a service, nearest first; none for a directorate. NotFound if there is no such service."""
        above: list[str] = []
        parent = self.service(service_id).parent
        while parent:
            above.append(parent)
            parent = self.services[parent].parent
        return tuple(above)

    def below(self, service_id: str) -> frozenset[str]:
        """Return a service and everything under it. NotFound if there is no such service."""
        self.service(service_id)
        return frozenset(id for id in self.services if id == service_id or service_id in self.ancestors(id))

    def in_tree_order(self) -> tuple[str, ...]:
        """Return every service so that each stands before what is below it, in the order of the directory."""
        children: defaultdict[str | None, list[str]] = defaultdict(list)
        for service in self.services.values():
            children[service.parent].append(service.id)
        ordered: list[str] = []
        waiting = list(reversed(children[None]))
        while waiting:
            ordered.append(waiting.pop())
            waiting += reversed(children[ordered[-1]])
        return tuple(ordered)

    def programme_services(self, programme_id: str) -> frozenset[str]:
        """Return every service a programme is for: those it lists and everything under them, but what it leaves out. NotFound for an unknown id."""
        programme = self.programme(programme_id)
        return _under(self, programme.services) - _under(self, programme.left_out)


def _under(taxonomy: Taxonomy, services: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(taxonomy.below(id) for id in services))


@lru_cache
def load_taxonomy(data: Path = DATA) -> Taxonomy:
    """Read and check the five files of `data`, once for each folder.

    Raises BadData with every problem found, a line each: file, id, what is wrong, what to do.
    """
    taxonomy, problems = read_taxonomy(data)
    _refuse(problems)
    assert taxonomy is not None
    return taxonomy


def read_taxonomy(data: Path) -> tuple[Taxonomy | None, list[str]]:
    """Read the five files of `data` as far as they can be read, with every problem found, a sentence each: file, id, what, fix.

    The taxonomy is None where a file cannot be read at all; where there are problems, what they speak of is left out of it.
    """
    problems: list[str] = []
    names = ("services", "strategy", "themes", "delivery_plan", "crosswalk")
    files = [read_file(data / f"{name}.yml", problems) for name in names]
    if problems:  # a file that cannot be read would only make the others look wrong
        return None, problems
    taxonomy = _build(*files)
    for file in files:
        file.look_for_misspelt_fields()
    return taxonomy, problems


def _refuse(problems: list[str]) -> None:
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise BadData(f"The Trust's data does not fit together ({count}):\n" + "\n".join(f"- {p}" for p in problems))


@dataclass(frozen=True, slots=True)
class _Known:
    """The ids that other files may cite, by what they are ids of."""

    services: Collection[str]
    organisations: Collection[str]
    values: Collection[str]
    objectives: Collection[str]
    statements: Collection[str]
    shifts: Collection[str]


def _build(directory: Entry, strategy: Entry, framework: Entry, plan: Entry, crosswalk: Entry) -> Taxonomy:
    values, objectives, statements, supporting = read_strategy(strategy)
    known = _Known(
        services=directory.entries("services"),
        organisations=directory.entries("other_organisations"),
        values=values,
        objectives=objectives,
        statements=statements,
        shifts=strategy.part("ten_year_plan_shifts").entries("shifts"),
    )
    programmes = _programmes(plan, known)
    services = _services(directory, programmes)
    organisations = _organisations(directory)
    themes = _themes(framework, crosswalk, known)
    _check_what_people_read(directory, strategy, crosswalk, known)
    taxonomy = Taxonomy(
        services=services,
        organisations=organisations,
        ambiguous=_ambiguous(directory, {**services, **organisations}),
        places=_places(directory),
        themes=themes,
        theme_groups=_grouped(themes.values()),
        theme_merge=_theme_merge(crosswalk, themes),
        fft_answers=_fft_answers(crosswalk),
        values=values,
        objectives=objectives,
        statements=statements,
        supporting=supporting,
        programmes=programmes,
        digital=_digital(plan, known),
        versions={
            "themes": framework.text("version"),
            "strategy": strategy.text("version"),
            "directory": directory.text("version"),
            "delivery_plan": plan.text("version"),
            "crosswalk": crosswalk.text("version"),
        },
        own_accounts=_own_accounts(crosswalk, known),
    )
    if not plan.problems:  # in a directory that goes in circles nothing lies below anything
        _check_plans(plan, taxonomy)
    return taxonomy


# ---------------------------------------------------------------- the directory


def _services(directory: Entry, programmes: dict[str, Programme]) -> dict[str, Service]:
    entries, allowed = directory.entries("services"), directory.part("allowed")
    services = {}
    for id, entry in entries.items():
        services[id] = Service(
            id=id,
            name=entry.text("name"),
            level=entry.one_of("level", allowed.words("level")),
            parent=entry.one_of("parent", entries, optional=True) or None,
            county=entry.one_of("county", allowed.words("county")),
            locality=entry.text("locality"),
            setting=entry.one_of("setting", allowed.words("setting")),
            age_group=entry.one_of("age_group", allowed.words("age_group")),
            care_type=entry.one_of("care_type", allowed.words("care_type")),
            aliases=entry.texts("aliases"),
            colloquial=entry.texts("colloquial"),
            status=entry.one_of("status", allowed.words("status")),
            source=entry.one_of("source", allowed.words("source")),
            note=entry.text("note", optional=True),
            programmes=tuple(p.id for p in programmes.values() if id in p.services),
        )
    for loop in _loops({id: service.parent for id, service in services.items()}):
        entries[loop[0]].wrong(
            f"its parents lead back to it ({' under '.join(loop)})", "give one of them a parent outside the loop"
        )
    return services


def _loops(parents: Mapping[str, str | None]) -> Iterator[list[str]]:
    """Yield each closed chain of parents once, as [a, b, a]."""
    reported: set[str] = set()
    for start in parents:
        chain, id = [start], parents[start]
        while id is not None and id not in chain:
            chain.append(id)
            id = parents.get(id)
        if id == start and not reported & set(chain):
            reported.update(chain)
            yield [*chain, start]


def _organisations(directory: Entry) -> dict[str, Organisation]:
    entries, counties = directory.entries("other_organisations"), directory.part("allowed").words("county")
    for id, entry in entries.items():
        if not id.startswith("ext-"):
            entry.wrong("the id of another organisation does not start with ext-", f"call it ext-{id}")
    return {
        id: Organisation(
            id=id,
            name=entry.text("name"),
            type=entry.text("type"),
            county=entry.one_of("county", counties, optional=True) or None,
            aliases=entry.texts("aliases"),
            note=entry.text("note", optional=True),
        )
        for id, entry in entries.items()
    }


def _ambiguous(directory: Entry, everyone: Mapping[str, Service | Organisation]) -> tuple[AmbiguousName, ...]:
    names = []
    for entry in directory.listed("ambiguous_names"):
        candidates = entry.ids("candidates", everyone)
        or_none = entry.flag("or_none")
        cues = entry.part("cues")
        allowed = (*candidates, NONE_OF_OURS) if or_none else candidates
        for key in cues.fields:
            if key not in allowed:
                cues.wrong(f"{key!r} is no candidate of this name", f"use one of {listing(allowed)}")
        names.append(
            AmbiguousName(
                terms=entry.texts("terms"),
                candidates=candidates,
                or_none=or_none,
                cue=entry.text("cue"),
                cues={key: cues.texts(key) for key in cues.fields},
            )
        )
    _check_shared_names(directory, everyone, names)
    return tuple(names)


def _check_shared_names(
    directory: Entry, everyone: Mapping[str, Service | Organisation], ambiguous: Iterable[AmbiguousName]
) -> None:
    """A name that two entries share would go to whichever the file names first, unless it is listed as ambiguous."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for id, entry in everyone.items():
        for name in (entry.name, *entry.aliases, *(entry.colloquial if isinstance(entry, Service) else ())):
            owners[name.casefold()].add(id)
    listed: defaultdict[str, set[str]] = defaultdict(set)
    for ambiguous_name in ambiguous:
        for term in ambiguous_name.terms:
            listed[term.casefold()].update(ambiguous_name.candidates)
    for name, ids in owners.items():
        if len(ids) > 1 and not ids <= listed[name]:
            directory.wrong(
                f"{listing(sorted(ids))} share the name {name!r}",
                "list it under ambiguous_names with both as candidates, or take it from one of them",
            )


def _places(directory: Entry) -> dict[str, tuple[str, ...]]:
    counties = directory.part("allowed").words("county")
    places = directory.part("place_cues")
    listed = {county: places.texts(county, optional=True) for county in counties}
    return {county: names for county, names in listed.items() if names}


# ---------------------------------------------------------------- the strategy


def read_strategy(
    strategy: Entry,
) -> tuple[dict[str, Value], dict[str, Objective], dict[str, Statement], dict[str, SupportingStrategy]]:
    """Read what a strategy's file says of itself: values, objectives, statements (the outcomes among them), supporting strategies."""
    values = {id: _value(entry) for id, entry in strategy.entries("values").items()}
    objectives, statements = _objectives(strategy)
    return values, objectives, statements, _supporting(strategy, objectives)


def _value(entry: Entry) -> Value:
    sounds_like = entry.part("sounds_like")
    return Value(
        id=entry.id,
        code=entry.text("code"),
        name=entry.text("name"),
        definition=entry.text("definition"),
        upheld=sounds_like.texts("upheld"),
        breached=sounds_like.texts("breached"),
    )


def _objectives(strategy: Entry) -> tuple[dict[str, Objective], dict[str, Statement]]:
    """Read the objectives with their statements, then the outcomes, which belong to none of them."""
    kinds = strategy.part("statement_kinds")
    objectives: dict[str, Objective] = {}
    statements: dict[str, Statement] = {}
    for id, entry in strategy.entries("objectives").items():
        own = list(_statements(entry, kinds, objective=id))
        objectives[id] = Objective(id, entry.text("title"), entry.text("aim"), tuple(s.id for s in own))
        statements.update((s.id, s) for s in own)
    statements.update((s.id, s) for s in _statements(strategy.part("outcomes"), kinds, objective=None))
    return objectives, statements


def _statements(holder: Entry, kinds: Entry, *, objective: str | None) -> Iterator[Statement]:
    for section in kinds.fields:
        if section not in holder.fields:
            continue
        kind = kinds.part(section)
        stem = f"{objective}.{kind.text('letter')}" if objective else kind.text("letter")
        for id, entry in holder.entries(section).items():
            if not re.fullmatch(re.escape(stem) + r"\d+", id):
                entry.wrong(
                    f"an id under {section} is {stem} and a number", f"call it {stem}1, or the next that is free"
                )
            yield Statement(
                id, objective, kind.text("kind"), entry.text("title"), entry.text("text"), kind.text("audience")
            )


def _supporting(strategy: Entry, objectives: Collection[str]) -> dict[str, SupportingStrategy]:
    return {
        id: SupportingStrategy(id, entry.text("title"), entry.ids("serves", objectives), entry.flag("serves_derived"))
        for id, entry in strategy.entries("supporting_strategies", optional=True).items()
    }


# ---------------------------------------------------------------- the delivery plan


def _programmes(plan: Entry, known: _Known) -> dict[str, Programme]:
    programmes: dict[str, Programme] = {}
    kinds: tuple[tuple[Literal["priority", "programme"], str], ...] = (
        ("priority", "priorities"),
        ("programme", "programmes"),
    )
    for kind, section in kinds:
        for id, entry in plan.entries(section).items():
            if id in programmes:
                entry.wrong("a priority has this id already", "give the programme another")
            entry.ids("shifts", known.shifts)
            for commitment in entry.entries("commitments", optional=True).values():
                commitment.ids("services", known.services)
            programmes[id] = Programme(
                id=id,
                kind=kind,
                title=entry.text("title"),
                summary=entry.part("summary").text("text", optional=True),
                status=entry.text("status", optional=True) or None,
                objectives=entry.ids("objectives", known.objectives),
                statements=entry.ids("statements", known.statements),
                services=entry.ids("services", known.services),
                services_derived="services_derived" in entry.fields,
                milestones=tuple(_milestones(entry, known)),
                measures=tuple(_measures(entry)),
                feedback_watch=entry.part("feedback_watch").texts("items", optional=True),
                starts=entry.day("starts"),
                left_out=entry.ids("except", known.services),
                matter=_matter(entry.part("matter")),
            )
    return programmes


def _matter(entry: Entry) -> Matter:
    """The themes are checked where all are known (`_check_plans`)."""
    phrases, without = (entry.texts(name, optional=True) for name in ("phrases", "without"))
    for phrase in (*phrases, *without):
        if not re.search(r"\w", phrase):
            entry.wrong(f"the phrase {phrase!r} holds no word", "write words that people use, or take it out")
    return Matter(entry.texts("themes", optional=True), phrases, without)


def _check_plans(plan: Entry, taxonomy: Taxonomy) -> None:
    """What a plan leaves out must be a part of what it lists, and not one that it lists itself; themes must be there."""
    for section in ("priorities", "programmes"):
        for id, entry in plan.entries(section).items():
            programme = taxonomy.programmes[id]
            inside = _under(taxonomy, programme.services) - set(programme.services)
            for service in programme.left_out:
                if service in programme.services:
                    entry.wrong(f"except names {service!r}, which services names too", "take it out of one of them")
                elif service not in inside:
                    entry.wrong(f"except names {service!r}, which lies below none of its services", "take it out")
            entry.part("matter").ids("themes", taxonomy.themes)


def _milestones(programme: Entry, known: _Known) -> Iterator[Milestone]:
    for section, when in MILESTONE_LISTS.items():
        for id, entry in programme.entries(section, optional=True).items():
            due = f"year {entry.fields['year']}" if "year" in entry.fields else when
            services = entry.ids("services", known.services)
            yield Milestone(id, entry.text("text"), due, entry.day("by"), services, entry.precision("by"))


def _measures(priority: Entry) -> Iterator[Measure]:
    for id, entry in priority.entries("measures", optional=True).items():
        targets = tuple(
            Target(
                point.day("by"),
                point.number("value"),
                point.text("label", optional=True),
                point.flag("baseline"),
                point.precision("by"),
            )
            for point in entry.listed("points")
        )
        yield Measure(id, entry.text("name"), entry.text("unit"), targets)


def _digital(plan: Entry, known: _Known) -> dict[str, DigitalItem]:
    items = {}
    for id, entry in plan.entries("digital_items").items():
        entry.ids("values", known.values)
        services, statements = entry.ids("services", known.services), entry.ids("statements", known.statements)
        items[id] = DigitalItem(id, entry.text("name"), services, statements)
    return items


# ---------------------------------------------------------------- the themes and the crosswalk


def _themes(framework: Entry, crosswalk: Entry, known: _Known) -> dict[str, Theme]:
    entries = framework.entries("themes")
    contentless = framework.one_of("contentless", entries)
    links = crosswalk.part("themes")
    for id in links.fields:
        if id not in entries and id != "derived":
            links.wrong(f"there is no theme {id!r}", f"use {choices(id, entries)}, or take the line out")
    themes = {}
    for id, entry in entries.items():
        name = entry.text("name")
        if id != theme_id(name):
            entry.wrong(f"the id does not follow from the name {name!r}", f"call it {theme_id(name)}, or mend the name")
        if id not in links.fields:
            links.wrong(f"the theme {id} is missing", "add a line with its values, objectives and statements")
        link, exclude = links.part(id), entry.part("exclude")
        themes[id] = Theme(
            id=id,
            name=name,
            group=entry.text("group"),
            definition=entry.text("definition"),
            include=entry.text("include"),
            exclude=exclude.text("example"),
            exclude_theme=exclude.one_of("belongs_to", entries),
            v6=entry.flag("v6"),
            contentless=id == contentless,
            values=link.ids("values", known.values),
            objectives=link.ids("objectives", known.objectives),
            statements=link.ids("statements", known.statements),
        )
        if not themes[id].statements and "note" not in link.fields:
            links.wrong(
                f"the theme {id} has no statements",
                "name those that a comment on it can be evidence for, or say in a note why none",
            )
    return themes


def theme_id(name: str) -> str:
    """The id that follows from a theme's name; an id as it is.

    >>> theme_id("Impact of treatment/ care"), theme_id("parking")
    ('impact-of-treatment-care', 'parking')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _grouped(themes: Iterable[Theme]) -> dict[str, tuple[str, ...]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for theme in themes:
        groups[theme.group].append(theme.id)
    return {group: tuple(ids) for group, ids in groups.items()}


def _theme_merge(crosswalk: Entry, themes: Collection[str]) -> dict[str, str | None]:
    merge = crosswalk.part("theme_merge")
    return {label: merge.one_of(label, themes, optional=True) or None for label in merge.fields}


def _own_accounts(crosswalk: Entry, known: _Known) -> dict[str, OwnAccount]:
    people = crosswalk.part("respondents")
    found = {}
    for who in people.fields:
        if who == "derived":
            continue
        if who not in get_args(RespondentType):
            people.wrong(f"there is no respondent {who!r}", f"use {choices(who, get_args(RespondentType))}")
        entry = people.part(who)
        found[who] = OwnAccount(
            entry.ids("objectives", known.objectives),
            entry.text("own", optional=True),
            entry.text("others", optional=True),
        )
        if not found[who].objectives and not entry.text("note", optional=True):
            entry.wrong("names no objectives", "name those that their own account bears on, or say in a note why none")
        if found[who].objectives and not (found[who].own and found[who].others):
            entry.wrong("own or others is missing", "say what their voices are called, and those of all others")
    return found


def _fft_answers(crosswalk: Entry) -> dict[str, int]:
    wordings = crosswalk.part("fft_answers")
    answers: dict[str, int] = {}
    for wording in wordings.fields:
        words = wordings.part(wording)
        for answer in words.fields:
            code = words.number(answer)
            if code not in FFT_CODES:
                words.wrong(f"{answer!r} has the code {code:g}", "use 1 very good … 5 very poor, or 6 don't know")
            answers[answer.casefold()] = int(code)
    return answers


# ---------------------------------------------------------------- what no program reads, but people follow


def _check_what_people_read(directory: Entry, strategy: Entry, crosswalk: Entry, known: _Known) -> None:
    """Check the ids in the notes: a mention, a quotation or a hint that cites what is not there misleads its reader."""
    everyone = {*known.services, *known.organisations}
    for mention in directory.listed("mentions"):
        mention.ids("ids", everyone)
    for shift in strategy.part("ten_year_plan_shifts").listed("shifts"):
        shift.ids("objectives", known.objectives)
        shift.ids("outcomes", known.statements)
    supporting, commitments = strategy.entries("supporting_strategies"), strategy.entries("foreword_commitments")
    for supporting_strategy in supporting.values():
        supporting_strategy.ids("serves", known.objectives)
    for quotation in strategy.listed("quotations"):
        quotation.one_of("service", everyone, optional=True)
        quotation.ids("near", {*known.statements, *known.shifts})
    for topic in crosswalk.part("topics").listed("list"):
        topic.ids("values", known.values)
        topic.ids("statements", known.statements)
        topic.ids("commitments", commitments)
        topic.ids("supporting", supporting)
        topic.one_of("shift", known.shifts, optional=True)


def _find(what: str, known: Mapping[str, T], id: str) -> T:
    if id not in known:
        raise NotFound(f"There is no {what} {id[:60]!r}; the nearest ids are {listing(nearest(id, known))}.")
    return known[id]
