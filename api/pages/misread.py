"""The form with which a person says that a comment was misread, and the list of what people said of it.

One kind of label is corrected at a time, chosen by a link, so that the form is short and needs no script. A safety flag can be
raised here; it is taken away only in the queue, where its page asks why.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from api.deps import Question
from api.pages import links, views
from api.pages.render import moment
from feedback.comment import SIGNALS, Finding, RespondentType
from feedback.correct import KINDS, LOCAL_THEME, MANY, SIGNED, Said, same_thing
from feedback.filters import LOCAL
from feedback.query import Stored, corrections, machine_findings
from feedback.settle import PERSON, TURNED
from feedback.stored import Correction
from feedback.strategies.remap import KINDS as STRATEGIC
from feedback.strategies.versions import read_under
from feedback.taxonomy import Taxonomy
from feedback.topics.local_themes import local_themes

NAMES: dict[str, str] = {
    "theme": "Theme",
    "service": "Service",
    "sentiment": "Sentiment",
    "respondent": "Who speaks",
    "value": "Value",
    "objective": "Objective",
    "statement": "Statement of the strategy",
    "signal": "Safety flag",
}
FEELINGS = {
    "positive:1": "Very positive", "positive:2": "Positive", "neutral:3": "Neither",
    "mixed:3": "Both positive and negative", "negative:4": "Negative", "negative:5": "Very negative",
}  # fmt: skip
ROLES = {"subject": "The comment is about it", "mentioned": "It is only spoken of"}
SEVERITIES = {"watch": "To watch: within a week", "urgent": "Urgent: today"}
WORDS = 60  # characters of a clause that tell which it is
_FOLLOWS = "it follows what a person said of these words"
_WHY_TURNED = {"0": f"{_FOLLOWS}: they feel neither way, so they still speak of it, and count on neither side"}

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Given:
    """The fields of the form as they stand; `kind` is empty before one is chosen, `undo` is the correction to withdraw, if any."""

    kind: str = ""
    label: str = ""
    so: str = "yes"
    side: str = ""
    clause: str = ""
    role: str = "subject"
    severity: str = "watch"
    instead_of: str = ""
    name: str = ""
    reason: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One correction in words: what was said, by whom, when and why, what the models had read, and where to take it back."""

    number: int
    says: tuple[str, ...]
    by: str
    at: str
    reason: str
    models: tuple[str, ...]
    withdrawn: str
    undo_href: str | None


@dataclass(frozen=True, slots=True)
class Misread:
    """The form, for the kind that is `given`; its choices are (value, text). `kinds` are (text, address, whether it is now).

    `sides`, `clauses`, `roles`, `severities`, `others` (labels that it may be instead of) are empty where they make no sense.
    """

    action: str
    kinds: tuple[tuple[str, str, bool], ...]
    given: Given
    title: str = ""
    labels: Choices = ()
    can_deny: bool = False
    sides: Choices = ()
    clauses: Choices = ()
    roles: Choices = ()
    severities: Choices = ()
    others: Choices = ()
    undoing: Told | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def form(
    question: Question, stored: Stored, given: Given, told: Collection[Told], errors: Mapping[str, str] | None = None
) -> Misread:
    """The form as it stands, with what was wrong with it the last time, if anything."""
    here = links.comment(stored.citation)
    kinds = tuple(
        (name, f"{links.link(here, correct=kind)}#misread", kind == given.kind) for kind, name in NAMES.items()
    )
    empty = Misread(here, kinds, given, errors=errors or {})
    if given.undo:
        return replace(empty, undoing=next((one for one in told if str(one.number) == given.undo), None))
    if given.kind not in NAMES:
        return empty
    kind, taxonomy = given.kind, question.taxonomy
    labels = tuple(_labels(question, kind))
    there = {f.label for f in stored.analysed.findings if f.kind == kind}
    return replace(
        empty,
        title=NAMES[kind],
        labels=labels,
        can_deny=kind in MANY,
        sides=tuple((views.SIDES if kind == "theme" else views.STANDS).items()) if kind in SIGNED else (),
        clauses=() if kind in ("service", "respondent") else tuple(_clauses(stored)),
        roles=tuple(ROLES.items()) if kind == "service" else (),
        severities=tuple(SEVERITIES.items()) if kind == "signal" else (),
        others=tuple((label, _name(taxonomy, kind, label)) for label in sorted(there)) if kind in MANY else (),
    )


def missing(given: Given) -> dict[str, str]:
    """What must be filled in before anything can be kept, by the field."""
    errors = {}
    if not given.name.strip():
        errors["name"] = "Enter your name, so that others know who corrected this"
    if given.undo:
        return errors
    if not given.label:
        errors["label"] = f"Select the {NAMES[given.kind].lower()}"
    if given.kind in SIGNED and given.so != "no" and not given.side and not given.clause:
        errors["side"] = "Select how the comment speaks of it, or the clause whose feeling it shares"
    return errors


def said(given: Given) -> Said:
    """What the form says, as correct.py takes it."""
    label, _, scale = given.label.partition(":") if given.kind == "sentiment" else (given.label, "", "")
    return Said(
        kind=given.kind,
        label=label,
        so=given.so != "no",
        polarity=given.side or None if given.kind in SIGNED else None,
        scale=int(scale) if scale.isdecimal() else None,
        role=given.role,
        severity=given.severity,
        clause=int(given.clause) if given.clause.isdecimal() else None,
        instead_of=given.instead_of or None if given.so != "no" else None,
    )


def told(question: Question, stored: Stored) -> tuple[Told, ...]:
    """What people said of the comment, the last thing first."""
    machine = machine_findings(question.conn, [stored.number])[stored.number]
    made = corrections(question.conn, stored.number)
    return tuple(_told(question, stored, one, machine) for one in reversed(made))


def correct_href(stored: Stored, f: Finding) -> str:
    """Where one finding is said to be wrong: the form, filled in with it; of a safety flag its page in the queue."""
    here = links.comment(stored.citation)
    if f.kind == "signal":
        return f"/signals/{stored.citation}/{f.label}"
    if f.kind == "clause":
        return f"{links.link(here, correct='sentiment', clause=f.detail)}#misread"
    if f.kind in ("sentiment", "respondent"):
        return f"{links.link(here, correct=f.kind)}#misread"
    clause = next((c.detail for c in stored.analysed.of("clause") if (c.start, c.end) == (f.start, f.end)), None)
    kind = "theme" if f.kind == LOCAL_THEME else f.kind
    return f"{links.link(here, correct=kind, label=f.label, so='no', clause=clause)}#misread"


def models_read(question: Question, stored: Stored) -> dict[Finding, str]:
    """For each of a person's findings that count, and each that a person's word put on another side, what the models read."""
    machine = read_under(question.taxonomy, machine_findings(question.conn, [stored.number])[stored.number])
    read = {}
    for f in stored.analysed.findings:
        if f.by.startswith(PERSON):
            read[f] = "; ".join(_models(question.taxonomy, stored, machine, [f])) or "nothing of this"
        elif TURNED in f.by:
            side = views.SIDES if f.kind in ("theme", LOCAL_THEME) else views.STANDS
            if f.kind == "clause":
                side = {sign: views.sentiment_word(sign) for sign in side}
            was = [m for m in machine if (m.kind, m.label, m.start, m.end) == (f.kind, f.label, f.start, f.end)]
            read[f] = f"{side[was[0].polarity]}; " if was and was[0].polarity in side else ""
            read[f] += _WHY_TURNED.get(f.polarity, _FOLLOWS)
    return read


def _told(question: Question, stored: Stored, made: Correction, machine: tuple[Finding, ...]) -> Told:
    taxonomy, by = question.taxonomy, made.by.removeprefix(PERSON)
    models = tuple(_in_words(taxonomy, stored, _read_of(taxonomy, made, machine)))
    withdrawn = ""
    if made.withdrawn_by is not None:
        withdrawn = f"Taken back by {made.withdrawn_by.removeprefix(PERSON)}, {moment(made.withdrawn_at or '')}"
    flag = any(f.kind == "signal" for f in made.findings)
    undo = f"{links.link(links.comment(stored.citation), undo=made.id)}#misread"
    return Told(
        number=made.id,
        says=tuple(
            ("" if f.score else "It is not so: ") + _words(taxonomy, stored, _versioned(taxonomy, f))
            for f in made.findings
        ),
        by=by,
        at=moment(made.at) if made.at else "at a time that was not kept",
        reason=made.reason,
        models=models or ("nothing of this",),
        withdrawn=withdrawn,
        undo_href=undo if made.stands and not flag else None,
    )


def _versioned(taxonomy: Taxonomy, f: Finding) -> Finding:
    """What was said or read of the strategy: without a version where it is of the one in place, else with its own."""
    if f.kind not in STRATEGIC:
        return f
    read = taxonomy.rules.follows if taxonomy.rules else None
    version = f.detail or read
    return replace(f, detail="" if version == taxonomy.adopted else version or "")


def _read_of(taxonomy: Taxonomy, made: Correction, machine: tuple[Finding, ...]) -> Iterator[Finding]:
    """What machines found of that which a person spoke about, under the strategy of which the person spoke."""
    mapped = read_under(taxonomy, machine)
    for f in made.findings:
        here = f.kind in STRATEGIC and f.detail and f.detail == taxonomy.adopted
        for found in same_thing(mapped if here else machine, replace(f, detail="") if here else f):
            yield found if here else _versioned(taxonomy, found)


def _models(
    taxonomy: Taxonomy, stored: Stored, machine: Collection[Finding], findings: Collection[Finding]
) -> Iterator[str]:
    yield from _in_words(taxonomy, stored, (found for one in findings for found in same_thing(machine, one)))


def _in_words(taxonomy: Taxonomy, stored: Stored, found: Iterable[Finding]) -> Iterator[str]:
    for f in dict.fromkeys(found):
        yield f"{_words(taxonomy, stored, f)} ({f.by}, {f.score:.2f})"


def _words(taxonomy: Taxonomy, stored: Stored, f: Finding) -> str:
    """A finding in a few words: "Theme Parking, criticism, in clause 2"."""
    clause = next((c for c in stored.analysed.of("clause") if (c.start, c.end) == (f.start, f.end)), None)
    several = len(stored.analysed.of("clause")) > 1
    place = f", in clause {clause.detail}" if clause and several else ""
    if f.kind in ("clause", "sentiment"):
        what = f"Clause {f.detail}" if f.kind == "clause" else "Sentiment"
        scale = f", {f.detail} of 5" if f.kind == "sentiment" and f.detail else ""
        return f"{what}: {views.sentiment_word(f.polarity)}{scale}"
    side = views.SIDES if f.kind == "theme" else views.STANDS
    if f.kind in STRATEGIC and f.detail:  # of another strategy, whose ids may mean other things in this one
        return f"{NAMES[f.kind]} {f.label} of strategy {f.detail}" + (
            f", {side[f.polarity]}" if f.polarity in side and f.score else ""
        )
    more = [side[f.polarity]] if f.kind in (*SIGNED, LOCAL_THEME) and f.polarity in side and f.score else []
    if f.kind == "service" and f.detail == "mentioned":
        more.append("only mentioned")
    if f.kind == "signal":
        more.append(f.detail)
    kind = NAMES.get(f.kind, NAMES["theme"])
    return ", ".join([f"{kind} {_name(taxonomy, f.kind, f.label)}", *more]) + place


def _name(taxonomy: Taxonomy, kind: str, label: str) -> str:
    """A label as a person reads it; as it stands, where the present data no longer knows it."""
    titles: dict[str, Mapping[str, str]] = {
        "theme": {t.id: t.name for t in taxonomy.themes.values()},
        "service": {id: s.name for id, s in taxonomy.services.items()}
        | {id: o.name for id, o in taxonomy.organisations.items()},
        "value": {v.id: v.name for v in taxonomy.values.values()},
        "objective": {o.id: f"{o.id} {o.title}" for o in taxonomy.objectives.values()},
        "statement": {s.id: f"{s.id} {s.title}" for s in taxonomy.statements.values()},
        "signal": views.SIGNAL_NAMES,
    }
    if kind == LOCAL_THEME:
        return f"{label.removeprefix(LOCAL).replace('-', ' ').capitalize()} (local theme)"
    return titles.get(kind, {}).get(label, label)


def _labels(question: Question, kind: str) -> Iterator[tuple[str, str]]:
    taxonomy = question.taxonomy
    if kind == "sentiment":
        yield from FEELINGS.items()
    elif kind == "respondent":
        yield from ((one, one.capitalize()) for one in get_args(RespondentType))
    elif kind == "service":
        for id, service in views.in_tree_order(taxonomy):
            yield id, f"{'– ' * len(taxonomy.ancestors(id))}{service.name}"
        yield from ((id, f"{one.name} (not ours)") for id, one in taxonomy.organisations.items())
    else:
        known: dict[str, Collection[str]] = {
            "theme": [t.id for t in taxonomy.themes.values() if not t.contentless],
            "value": taxonomy.values,
            "objective": taxonomy.objectives,
            "statement": taxonomy.statements,
            "signal": SIGNALS,
        }
        yield from ((label, _name(taxonomy, kind, label)) for label in known[kind])
        if kind == "theme":
            yield from ((one.id, f"{one.name} (local theme)") for one in local_themes(question.conn))


def _clauses(stored: Stored) -> Iterator[tuple[str, str]]:
    clauses = stored.analysed.of("clause")
    yield "", "The whole comment"
    for f in clauses if len(clauses) > 1 else ():
        words = stored.analysed.comment.text[f.start : f.end]
        yield f.detail, f"Clause {f.detail}: {words if len(words) <= WORDS else words[: WORDS - 1] + '…'}"


assert set(NAMES) == set(KINDS)
