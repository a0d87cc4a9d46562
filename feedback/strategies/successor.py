"""Read a strategy that follows the one the models read: what it promises, and how each part of it is found in what is stored.

The file has the fields of data/strategy.yml, and each value and objective says under `read_from` where it is found: in codes of the
strategy that it follows, in those of their comments that also speak of some themes, by rule from themes alone, or `nothing_yet`. The
danger is a part that nothing finds and that is shown as zero, so every part must say; data/README.md explains the fields.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from feedback.entries import Entry, choices, listing, read_text
from feedback.errors import BadInput
from feedback.strategies.remap import Code, Rule, Rules
from feedback.taxonomy import Programme, Statement, Taxonomy, Theme, read_strategy

NOTHING_YET = "nothing_yet"
MAX_FILE = 1_000_000  # characters of a file; the Trust's own strategy takes thirty thousand

# What became of a part of the strategy before, or where a part of the new one comes from.
Fate = Literal["carried", "merged", "split", "new by rule", "new, not read yet", "dropped"]


@dataclass(frozen=True, slots=True)
class Successor:
    """A strategy that was read and fits: `taxonomy` is the Trust's data with it in force, `text` its file, `explained` what maps to what.

    `dropped` says of values and objectives that end why they do.
    """

    version: str
    text: str
    taxonomy: Taxonomy
    explained: tuple["Told", ...]
    dropped: Mapping[str, str]

    @property
    def rules(self) -> Rules:
        """How each of its parts is found."""
        assert self.taxonomy.rules is not None
        return self.taxonomy.rules


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a new strategy changes, in a sentence; `fate` says of which kind it is."""

    fate: Fate | Literal["statements", "delivery plan", "id taken anew"]
    sentence: str


def read_successor(text: str, taxonomy: Taxonomy, *, name: str = "the file") -> Successor:
    """Read the text of a strategy's file against the Trust's data, of which `taxonomy` holds the strategy that the models read.

    Raises BadInput with every problem found, a line each: file, id, what is wrong, what to do.
    """
    problems: list[str] = []
    if len(text) > MAX_FILE:
        raise BadInput(f"{name} has more than {MAX_FILE:,} characters; a strategy is a file of some pages.")
    file = read_text(text, name, problems)
    if not problems:
        successor = _build(file, text, taxonomy)
        file.look_for_misspelt_fields()
        if not problems:
            return successor
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise BadInput(f"This strategy cannot be put in ({count}):\n" + "\n".join(f"- {p}" for p in problems))


def _build(file: Entry, text: str, base: Taxonomy) -> Successor:
    version, follows = file.text("version"), base.versions["strategy"]
    if version == follows:
        file.wrong(f"{version!r} is the version of the strategy that is read", "give this one a version of its own")
    if "@" in version or len(version) > 40:
        file.wrong("the version is not a plain name of up to 40 characters", "write the years, as in '2030-2035'")
    file.one_of("follows", [follows])
    values, objectives, statements, supporting = read_strategy(file)
    if both := values.keys() & objectives.keys():
        file.wrong(f"{listing(sorted(both))} is a value and an objective", "give one of them another id")
    rules = _with_carried(list(_rules(file, base)))
    _check_dropped(file, rules, base)
    links = _links(file, base, statements)
    of = {id: s.objective for id, s in statements.items() if s.objective is not None}
    read = Rules(version, follows, tuple(rules), links, of)
    taxonomy = replace(
        base,
        values=values,
        objectives=objectives,
        statements=statements,
        supporting=supporting,
        themes={id: _linked(theme, read) for id, theme in base.themes.items()},
        programmes={id: _served(programme, read, statements) for id, programme in base.programmes.items()},
        digital={
            id: replace(item, statements=_followed("statement", item.statements, read))
            for id, item in base.digital.items()
        },
        versions=base.versions | {"strategy": version},
        rules=read,
    )
    why = {id: entry.text("why", optional=True) for id, entry in file.entries("dropped", optional=True).items()}
    explained = () if file.problems else tuple(_explain(base, taxonomy, why))
    return Successor(version, text, taxonomy, explained, why)


# ---------------------------------------------------------------- how each part is found


def _rules(file: Entry, base: Taxonomy) -> Iterator[Rule]:
    codes: dict[str, Code] = {id: ("value", id) for id in base.values}
    codes |= {id: ("objective", id) for id in base.objectives}
    for id, entry in file.entries("values").items():
        yield _rule("value", id, entry, codes, base)
    for id, entry in file.entries("objectives").items():
        yield _rule("objective", id, entry, codes, base)
    old: dict[str, Code] = {id: ("statement", id) for id in base.statements}
    for entry in _statement_entries(file):
        yield _rule("statement", entry.id, entry, old, base, must_say=False)


def _statement_entries(file: Entry) -> Iterator[Entry]:
    kinds = file.part("statement_kinds").fields
    for holder in (*file.entries("objectives").values(), file.part("outcomes")):
        for section in kinds:
            if section in holder.fields:
                yield from holder.entries(section).values()


def _rule(
    kind: Literal["value", "objective", "statement"],
    id: str,
    entry: Entry,
    known: Mapping[str, Code],
    base: Taxonomy,
    *,
    must_say: bool = True,
) -> Rule:
    given = entry.fields.get("read_from")
    if given is None or given == NOTHING_YET:
        entry.text("read_from", optional=True)
        if given is None and must_say:
            entry.wrong(
                "it does not say how it is found",
                f"write `read_from: {{codes: [one of {listing(list(known))}]}}`, `read_from: {{themes: […]}}`, or `read_from: {NOTHING_YET}`",
            )
        return Rule(kind, id)
    if isinstance(given, str):
        entry.wrong(
            f"read_from {given!r} is not known", f"write `{NOTHING_YET}`, or codes or themes as `{{codes: […]}}`"
        )
        return Rule(kind, id)
    said = entry.part("read_from")
    spoken = [theme.id for theme in base.themes.values() if not theme.contentless]
    found = tuple(known[code] for code in said.ids("codes", known))
    only_with, themes = said.ids("only_with", spoken), said.ids("themes", spoken)
    if only_with and not found:
        said.wrong("only_with stands without codes", "name the codes whose comments it narrows, or call it themes")
    if not found and not themes and not only_with:
        said.wrong("it names neither codes nor themes", f"name some, or write `read_from: {NOTHING_YET}`")
    return Rule(kind, id, found, only_with, themes)


def _with_carried(rules: Sequence[Rule]) -> list[Rule]:
    """The same rules, those marked that are one code under another name, which no other rule takes up."""
    taken = Counter(code for rule in rules for code in rule.codes)
    return [
        replace(rule, carries=len(rule.codes) == 1 and taken[rule.codes[0]] == 1 and rule.basis == "read")
        for rule in rules
    ]


def _check_dropped(file: Entry, rules: Iterable[Rule], base: Taxonomy) -> None:
    taken = {id for rule in rules for _, id in rule.codes}
    for id, entry in file.entries("dropped", optional=True).items():
        if id not in base.values and id not in base.objectives:
            entry.wrong(
                "there is no such value or objective to drop", f"use {choices(id, [*base.values, *base.objectives])}"
            )
        if id in taken:
            entry.wrong("it is dropped and taken up", "take it out of one of the two")
        entry.text("why", optional=True)


def _links(file: Entry, base: Taxonomy, statements: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The statements that a comment on a theme can be evidence for, best first."""
    links = file.part("themes")
    for id in links.fields:
        if id not in base.themes:
            links.wrong(f"there is no theme {id!r}", f"use {choices(id, base.themes)}, or take the line out")
    return {id: links.part(id).ids("statements", statements) for id in links.fields if id in base.themes}


# ---------------------------------------------------------------- the Trust's data with it in force


def _linked(theme: Theme, rules: Rules) -> Theme:
    """The theme with what a comment on it can be evidence for now: what follows from what it was, and what is found by it."""

    def ids(kind: str, old: Iterable[Code]) -> tuple[str, ...]:
        taken = tuple(old)
        following = [
            (place, r.id) for r in _of_kind(rules, kind) for place, code in enumerate(taken) if code in r.codes
        ]
        by_theme = [rule.id for rule in _of_kind(rules, kind) if theme.id in rule.themes]
        return tuple(dict.fromkeys([*(id for _, id in sorted(following)), *by_theme]))

    codes: list[Code] = [("value", id) for id in theme.values]
    codes += [("objective", id) for id in theme.objectives]
    statements = rules.links.get(theme.id) or ids("statement", (("statement", id) for id in theme.statements))
    return replace(theme, values=ids("value", codes), objectives=ids("objective", codes), statements=statements)


def _served(programme: Programme, rules: Rules, statements: Mapping[str, Statement]) -> Programme:
    own = _followed("statement", programme.statements, rules)
    return replace(programme, objectives=_followed("objective", programme.objectives, rules), statements=own)


def _followed(kind: Literal["objective", "statement"], old: Collection[str], rules: Rules) -> tuple[str, ...]:
    """The parts of the new strategy that some of these parts of the old one went into."""
    return tuple(
        rule.id for rule in _of_kind(rules, kind) if any(code == (kind, id) for code in rule.codes for id in old)
    )


def _of_kind(rules: Rules, kind: str) -> list[Rule]:
    return [rule for rule in rules.rules if rule.kind == kind]


# ---------------------------------------------------------------- in sentences


def how_found(taxonomy: Taxonomy, kind: str, id: str) -> str:
    """How a part of an adopted strategy is found, in a sentence; "" where that is one code under another name, or the strategy is the one read."""
    rules = taxonomy.rules
    rule = rules.rule(kind, id) if rules else None
    if rules is None or rule is None or rule.carries:
        return ""
    if rule.basis == "unread":
        if rules.basis(kind, id) == "rule":
            return "It is found by rule: a comment that bears on its objective and speaks of a theme linked to it. No model reads comments for it."
        return f"Nothing finds it yet: no code and no theme of what is read leads to {id}."
    codes, parts = listing([code for _, code in rule.codes]), []
    if rule.codes and rule.only_with:
        parts.append(f"in comments on {codes} that also speak of {_names(taxonomy, rule.only_with)}")
    elif rule.codes:
        parts.append(f"in comments on {codes}")
    if rule.themes:
        parts.append(
            f"by rule, without a model's reading, in comments on {_names(taxonomy, rule.themes)}; trust that less"
        )
    return f"Found {', and '.join(parts)}."


def _names(taxonomy: Taxonomy, themes: Iterable[str]) -> str:
    return "; ".join(taxonomy.themes[id].name for id in themes)


def _explain(base: Taxonomy, new: Taxonomy, why: Mapping[str, str]) -> Iterator[Told]:
    """Every value and objective, old and new, then the statements and the delivery plan."""
    assert new.rules is not None
    for kind in ("value", "objective"):
        for rule in _of_kind(new.rules, kind):
            yield _told(rule, new)
    taken = {code for rule in new.rules.rules for code in rule.codes}
    for code in (*(("value", id) for id in base.values), *(("objective", id) for id in base.objectives)):
        if code not in taken:
            said = f": {why[code[1]].rstrip('.')}" if why.get(code[1]) else ""
            forgotten = "" if code[1] in why else ", and the file does not list it under `dropped`: was it forgotten?"
            yield Told("dropped", f"{code[0].capitalize()} {_titled(base, *code)} falls away{said}{forgotten or '.'}")
    yield from _of_ids_taken_anew(base, new)
    yield _of_statements(base, new)
    yield from _of_plan(base, new)


def _of_ids_taken_anew(base: Taxonomy, new: Taxonomy) -> Iterator[Told]:
    """Ids of the older strategy that stand for something else in the new one: earlier papers and citations would then seem to speak of that."""
    assert new.rules is not None
    for rule in new.rules.rules:
        old = _older(base, rule.id)
        if old is None or (rule.kind, rule.id) in rule.codes or _is_as_it_was(base, new, rule):
            continue
        found = "is found elsewhere" if rule.codes or rule.themes else "is something else"
        yield Told(
            "id taken anew",
            f"{rule.kind.capitalize()} {_titled(new, rule.kind, rule.id)} takes the id {rule.id} of {old[0]} {_titled(base, *old)} and {found}: "
            "whoever reads an earlier paper would take the one for the other. An id is never used again for something else; give it a new one.",
        )


def _older(base: Taxonomy, id: str) -> Code | None:
    """What an id stood for in the older strategy, if for anything."""
    if id in base.values:
        return "value", id
    if id in base.objectives:
        return "objective", id
    return ("statement", id) if id in base.statements else None


def _is_as_it_was(base: Taxonomy, new: Taxonomy, rule: Rule) -> bool:
    """Whether a statement only stands again in the words it had; it need not say where it is found, as values and objectives must."""
    if rule.kind != "statement" or rule.id not in base.statements or rule.codes or rule.themes:
        return False
    was, now = base.statements[rule.id], new.statements[rule.id]
    return (was.title.rstrip("."), was.text) == (now.title.rstrip("."), now.text)


def _told(rule: Rule, new: Taxonomy) -> Told:
    assert new.rules is not None
    name = f"{rule.kind.capitalize()} {_titled(new, rule.kind, rule.id)}"
    if rule.carries:
        return Told("carried", f"{name} is {rule.codes[0][1]} under another name.")
    fate: Fate = "merged" if len(rule.codes) > 1 else "split"
    if not rule.codes:
        fate = "new by rule" if rule.themes else "new, not read yet"
    return Told(fate, f"{name}: {how_found(new, rule.kind, rule.id)}")


def _titled(taxonomy: Taxonomy, kind: str, id: str) -> str:
    if kind == "value":
        return f"“{taxonomy.values[id].name}”"
    title = taxonomy.statements[id].title if kind == "statement" else taxonomy.objectives[id].title
    return f"{id} “{title.rstrip('.')}”"


def _of_statements(base: Taxonomy, new: Taxonomy) -> Told:
    assert new.rules is not None
    found = Counter(new.rules.basis("statement", id) for id in new.statements)
    taken = {id for rule in _of_kind(new.rules, "statement") for _, id in rule.codes}
    left = [id for id in base.statements if id not in taken]
    return Told(
        "statements",
        f"Of {len(new.statements)} statements {found['read'] + found['part']} are found where older ones were, {found['rule']} by rule from themes, "
        f"and {found['unread']} not yet; of the {len(base.statements)} older ones {len(left)} are taken up by none.",
    )


def _of_plan(base: Taxonomy, new: Taxonomy) -> Iterator[Told]:
    for id, programme in new.programmes.items():
        if base.programmes[id].objectives and not programme.objectives:
            lost = listing(base.programmes[id].objectives)
            yield Told(
                "delivery plan",
                f"{programme.kind.capitalize()} {id} “{programme.title.rstrip('.')}” serves {lost}, which nothing takes up: no evidence can be "
                "gathered on it until the delivery plan names another objective.",
            )
