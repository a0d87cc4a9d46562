"""Keep what a person says of how a comment was read; it outranks every model at once and after every re-analysis.

A correction is a finding, or a few, by that person (store.py settles what then counts). It can be withdrawn, and what was said
or read before stands again; both stay in the comment's history. A safety flag can be raised here but never taken away: that is
done in the queue, where it is asked why.
"""

import difflib
import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import cast, get_args

from feedback.comment import SIGN_OF, SIGNALS, Finding, FindingKind, QuestionKind, RespondentType
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, LOCAL, Scope
from feedback.query import Stored, by_number, clause_named, comment, corrections
from feedback.store import PERSON, Store
from feedback.stored import Correction
from feedback.strategies.mapped import answer_under
from feedback.strategies.remap import KINDS as STRATEGIC
from feedback.strategies.remap import kept_kind
from feedback.taxonomy import Taxonomy, theme_id

KINDS: tuple[FindingKind, ...] = (
    "theme", "service", "sentiment", "respondent", "value", "objective", "statement", "signal",
)  # fmt: skip
SIGNED: tuple[FindingKind, ...] = ("theme", "value", "objective", "statement")  # of which one says praise or criticism
MANY: tuple[FindingKind, ...] = (*SIGNED, "service")  # of which a comment may have several
LOCAL_THEME = "local_theme"  # a theme of the Trust's own: called by its id, local-…, as any theme is
OF_THE_WHOLE = ("service", "respondent")  # what a person says of these need not rest on particular words
# What a sentiment may be on the scale from 1 to 5; the first is meant where none is given.
SCALES = {"positive": (2, 1), "mixed": (3,), "neutral": (3,), "negative": (4, 5)}
MAX_REASON, MAX_NAME = 2_000, 100  # characters


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says, not yet checked: that `label` is so, or with `so` False that it is not.

    `polarity` (+ - ~ 0) is of a theme, value, objective or statement; `scale` (1 very positive … 5) of the sentiment, which may
    also be "mixed"; `role` of a service, `severity` of a signal. `clause` counts from 1; `words` are the characters it rests on
    instead (start, end); with neither, the whole comment is meant, or the clause whose citation it is called by. `instead_of` is a label of the same kind that it is not.
    """

    kind: str
    label: str
    so: bool = True
    polarity: str | None = None
    scale: int | None = None
    role: str = "subject"
    severity: str = "watch"
    clause: int | None = None
    words: tuple[int, int] | None = None
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """A comment that people corrected, to learn from: its words as they are kept, and what now counts.

    A field is None where nobody spoke of that kind, so what stands there is only what a model thought. `themes_denied` are those
    a person took away. `scale` is 1 very positive … 5 very negative; `services` are those it is about.
    """

    citation: str
    text: str
    question_kind: QuestionKind
    themes: frozenset[str] | None
    themes_denied: frozenset[str]
    sentiment: str | None
    scale: int | None
    services: frozenset[str] | None
    respondent: str | None


# Saying something, and taking it back


def correct(
    store: Store,
    taxonomy: Taxonomy,
    id: str,
    said: Said,
    *,
    by: str,
    reason: str = "",
    redact: Callable[[str], str] | None = None,
    scope: Scope = EVERYTHING,
) -> int:
    """Keep what a person says of the comment with this id, citation or citation of a clause; returns the correction's number.

    The reason is redacted by `redact`, since people write names there. Raises NotFound or BadInput, naming the nearest label.
    """
    answer_under(store.conn, taxonomy.adopted)
    stored = comment(store.conn, id, scope)
    signed = PERSON + signature(by)
    said = _of_the_trust(store.conn, _of_the_clause(_by_id(said), id, stored))
    found = findings_of(said, stored, taxonomy, signed)
    # What is said of a part of an adopted strategy counts under that alone: its ids may mean other things under another.
    findings = [replace(f, kind=kept_kind(f.kind, taxonomy.adopted)) for f in found]
    reason = " ".join(reason.split())
    if len(reason) > MAX_REASON:
        raise BadInput(f"A reason has up to {MAX_REASON:,} characters; this one has {len(reason):,}.")
    if reason and redact is None:
        raise BadInput("A reason is kept only after names in it are hidden; say how that is to be done.")
    kept = redact(reason) if reason and redact else ""
    return store.save_correction(stored.analysed.comment.id, *findings, reason=kept)


def withdraw(
    store: Store, id: str, *, by: str, number: int | None = None, said: Said | None = None, scope: Scope = EVERYTHING
) -> Correction:
    """Withdraw a correction of a comment: the one of this number, or the latest that stands on what `said` names.

    Raises NotFound where there is none, BadInput for a safety flag and for one that is withdrawn already.
    """
    stored = comment(store.conn, id, scope)
    signed = PERSON + signature(by)
    made = corrections(store.conn, stored.number)
    if number is not None:
        found = next((one for one in made if one.id == number), None)
        if found is None:
            raise NotFound(f"Comment {stored.citation} has no correction {number}.")
    else:
        assert said is not None
        said = _of_the_clause(_by_id(said), id, stored)
        found = _latest(stored, made, replace(said, kind=_kind_of(said)))
    if any(finding.kind == "signal" for finding in found.findings):
        raise _flags_are_signed_off(stored, found.findings[0].label)
    store.withdraw_correction(found.id, signed)
    return found


def signature(by: str) -> str:
    """The name that a correction is signed with. Raises BadInput for none and for one too long."""
    name = " ".join(by.split())
    if not name or len(name) > MAX_NAME:
        raise BadInput(f"A correction is signed: give a name of up to {MAX_NAME} characters.")
    return name


def _by_id(said: Said) -> Said:
    """What was said, with a theme that was called by its name called by its id."""
    if said.kind != "theme":
        return said
    return replace(said, label=theme_id(said.label), instead_of=said.instead_of and theme_id(said.instead_of))


def _of_the_clause(said: Said, id: str, stored: Stored) -> Said:
    """What was said, with the clause whose citation the comment was called by."""
    number = clause_named(id, stored)
    if number is None or said.clause is not None or said.words is not None:
        return said
    return replace(said, clause=number)


def _of_the_trust(conn: sqlite3.Connection, said: Said) -> Said:
    """What was said of a theme of the Trust's own, as a finding of its own kind. Raises NotFound for one that is not in force."""
    kind = _kind_of(said)
    for label in (said.label, said.instead_of) if kind == LOCAL_THEME else ():
        if (
            label
            and not conn.execute("SELECT 1 FROM local_themes WHERE id = ? AND retired_at IS NULL", (label,)).fetchone()
        ):
            raise NotFound(f"There is no local theme {label[:80]!r}; `feedback topics local` lists them.")
    return replace(said, kind=kind)


def _kind_of(said: Said) -> str:
    return LOCAL_THEME if said.kind == "theme" and said.label.startswith(LOCAL) else said.kind


def _latest(stored: Stored, made: Collection[Correction], said: Said) -> Correction:
    standing = [one for one in made if one.stands]
    kind = _finding_kind(said)
    place = _clause(stored, said.clause) if said.clause is not None else None
    for one in reversed(standing):
        for f in one.findings:
            same_place = place is None or (f.start, f.end) == (place.start, place.end)
            if f.kind == kind and same_place and said.label in ("", f.label):
                return one
    there = ", ".join(dict.fromkeys(f"{one.findings[0].kind} {one.findings[0].label}" for one in standing))
    others = f"; what people said of it: {there}." if there else "; nobody has corrected it."
    raise NotFound(f"Comment {stored.citation} has no correction of {said.kind} {said.label}".rstrip() + others)


# From what was said to findings


def findings_of(said: Said, stored: Stored, taxonomy: Taxonomy, by: str) -> list[Finding]:
    """What was said, as findings by `by` ("person:<name>"). Raises NotFound or BadInput for what does not fit its kind."""
    if said.kind not in (*KINDS, LOCAL_THEME):
        raise _no("kind of finding", said.kind, KINDS)
    start, end = _place(said, stored)
    if said.kind == "sentiment":
        return _sentiment(said, stored, (start, end), by)
    polarity, detail = _signed(said, stored, taxonomy) if said.kind in (*SIGNED, LOCAL_THEME) else "", ""
    if said.kind == "service":
        taxonomy.service_name(said.label)
        detail = _one_of("role", said.role, ("subject", "mentioned"))
    elif said.kind == "respondent":
        _one_of("respondent", said.label, get_args(RespondentType))
        _check_denied(said, stored)
    elif said.kind == "signal":
        _one_of("signal", said.label, SIGNALS)
        if not said.so:
            raise _flags_are_signed_off(stored, said.label)
        detail = _one_of("severity", said.severity, ("watch", "urgent"))
    kind = cast("FindingKind", said.kind)  # one of KINDS, as has been checked
    found = [Finding(kind, said.label, polarity, float(said.so), start, end, by, detail)]
    return found + _denied_instead(said, stored, (start, end), by)


def _signed(said: Said, stored: Stored, taxonomy: Taxonomy) -> str:
    """The polarity of a theme, value, objective or statement that exists: as given, or as the clause's that was named."""
    if said.kind != LOCAL_THEME:  # those are the database's, and have been looked up there
        getattr(taxonomy, said.kind)(said.label)
    if said.polarity is not None:
        return _one_of("polarity", said.polarity, ("+", "-", "~", "0"))
    if said.clause is not None:
        return _clause(stored, said.clause).polarity
    if said.so:
        raise BadInput(
            f"Say with which polarity the {said.kind} is meant, +, -, ~ or 0, or name the clause whose own it is."
        )
    return "0"


def _sentiment(said: Said, stored: Stored, words: tuple[int, int], by: str) -> list[Finding]:
    label = _one_of("sentiment", said.label, tuple(SCALES))
    mixed = label == "mixed" or said.polarity == "~"
    scale = SCALES[label][0] if said.scale is None else said.scale
    if scale not in SCALES[label]:
        choices = " or ".join(map(str, sorted(SCALES[label])))
        raise BadInput(f"A {label} comment is {choices} on the scale from 1 (very positive) to 5, not {scale}.")
    if said.instead_of:
        raise BadInput("A comment has one sentiment, so what it had is replaced; leave out what it is instead of.")
    plain, polarity = ("neutral" if label == "mixed" else label), "~" if mixed else SIGN_OF[label]
    clauses = stored.analysed.of("clause")
    whole = (0, len(stored.analysed.comment.text))
    if said.clause is not None:
        if not said.so:
            raise BadInput("Each clause has a sentiment, so one is not taken away: say what it is instead.")
        found = [Finding("clause", plain, polarity, 1.0, *words, by, str(said.clause))]
        if len(clauses) == 1:  # it is the whole
            found.append(Finding("sentiment", plain, polarity, 1.0, *whole, by, str(scale)))
        return found
    _check_denied(said, stored)
    found = [Finding("sentiment", plain, polarity, float(said.so), *words, by, str(scale))]
    if said.so and len(clauses) == 1:  # the whole is that one clause, which is quoted by its own sentiment
        (only,) = clauses
        found.append(Finding("clause", plain, polarity, 1.0, only.start, only.end, by, only.detail))
    return found


def _denied_instead(said: Said, stored: Stored, words: tuple[int, int], by: str) -> list[Finding]:
    if not said.instead_of:
        return []
    if said.kind not in (*MANY, LOCAL_THEME):
        raise BadInput(f"A comment has one {said.kind}, so what it had is replaced; leave out what it is instead of.")
    there = {f.label for f in stored.analysed.findings if f.kind == said.kind}
    if said.instead_of not in there or said.instead_of == said.label:
        carries = f"it carries {', '.join(sorted(there - {said.label}))}" if there - {said.label} else "it carries none"
        raise NotFound(f"Comment {stored.citation} carries no other {said.kind} {said.instead_of[:60]!r}; {carries}.")
    kind = cast("FindingKind", said.kind)
    polarity = "0" if said.kind in (*SIGNED, LOCAL_THEME) else ""
    detail = "subject" if said.kind == "service" else ""
    return [Finding(kind, said.instead_of, polarity, 0.0, *words, by, detail)]


def _check_denied(said: Said, stored: Stored) -> None:
    """Of a kind that a comment has one of, only what it has can be taken away."""
    now = next((f for f in stored.analysed.findings if f.kind == said.kind), None)
    has = None if now is None else "mixed" if now.polarity == "~" else now.label
    if not said.so and has != said.label:
        raise BadInput(f"The {said.kind} of comment {stored.citation} is {has or 'none'}, not {said.label}.")


def _place(said: Said, stored: Stored) -> tuple[int, int]:
    text = stored.analysed.comment.text
    if said.clause is not None:
        clause = _clause(stored, said.clause)
        return clause.start, clause.end
    if said.words is not None:
        return said.words
    return (0, 0) if said.kind in OF_THE_WHOLE else (0, len(text))


def _clause(stored: Stored, number: int) -> Finding:
    clauses = stored.analysed.of("clause")
    found = next((f for f in clauses if f.detail == str(number)), None)
    if found is None:
        n = len(clauses)
        has = "no clauses" if not n else "1 clause" if n == 1 else f"{n} clauses"
        raise NotFound(f"Comment {stored.citation} has {has}; there is no clause {number}.")
    return found


def _finding_kind(said: Said) -> str:
    return "clause" if said.kind == "sentiment" and said.clause is not None else said.kind


def _flags_are_signed_off(stored: Stored, kind: str) -> BadInput:
    return BadInput(
        f"A safety flag is not taken away by a correction: say in the safety queue, /signals/{stored.citation}/{kind}, "
        "that it is not a concern, and why."
    )


def _one_of(what: str, given: str, choices: Collection[str]) -> str:
    if given not in choices:
        raise _no(what, given, choices)
    return given


def _no(what: str, given: str, choices: Collection[str]) -> BadInput:
    near = difflib.get_close_matches(given, list(choices), 1)
    meant = f"; did you mean {near[0]}?" if near else "."
    return BadInput(f"There is no {what} {given[:60]!r}; use one of {', '.join(choices)}{meant}")


# What the models had read


def same_thing(machine: Collection[Finding], said: Finding) -> tuple[Finding, ...]:
    """What machines found of that which a person spoke about: the whole kind where a comment has one of it, else the label.

    Of a theme it is what stands in the same words, where the person named some.
    """
    if said.kind in ("sentiment", "respondent"):
        return tuple(f for f in machine if f.kind == said.kind)
    if said.kind in STRATEGIC and said.detail:  # of an adopted strategy, whose ids are not those that machines read
        return ()
    if said.kind == "clause":
        return tuple(f for f in machine if f.kind == "clause" and (f.start, f.end) == (said.start, said.end))
    found = [f for f in machine if (f.kind, f.label) == (said.kind, said.label)]
    if said.kind in ("theme", LOCAL_THEME) and said.end > said.start:
        found = [f for f in found if f.start < said.end and f.end > said.start]
    return tuple(found)


# What is learnt from it


def corrected(conn: sqlite3.Connection) -> Iterator[Corrected]:
    """Every comment of which a correction stands, by number, in constant memory: for training."""
    sql = "SELECT DISTINCT comment FROM corrections WHERE withdrawn_by IS NULL ORDER BY comment"
    for (number,) in conn.execute(sql).fetchall():
        (stored,) = by_number(conn, [number])
        yield _as_learnt(stored, [one for one in corrections(conn, number) if one.stands])


def _as_learnt(stored: Stored, standing: Collection[Correction]) -> Corrected:
    said, analysed = stored.analysed.comment, stored.analysed
    spoken = {f.kind for one in standing for f in one.findings}
    themes = frozenset(f.label for f in analysed.of("theme"))
    denied = {f.label for one in standing for f in one.findings if f.kind == "theme" and f.score == 0}
    feeling = next(iter(analysed.of("sentiment")), None) if "sentiment" in spoken else None
    person = next(iter(analysed.of("respondent")), None) if "respondent" in spoken else None
    about = frozenset(f.label for f in analysed.of("service") if f.detail == "subject")
    return Corrected(
        citation=stored.citation,
        text=said.text,
        question_kind=said.question_kind,
        themes=themes if "theme" in spoken else None,
        themes_denied=frozenset(denied - themes),
        sentiment=feeling.label if feeling else None,
        scale=int(feeling.detail) if feeling else None,
        services=about if "service" in spoken else None,
        respondent=person.label if person else None,
    )


def as_record(made: Correction, machine: Collection[Finding]) -> dict[str, object]:
    """A correction in plain values, for JSON, with what the models had read of the same thing."""
    models = dict.fromkeys(f for said in made.findings for f in same_thing(machine, said))
    return {
        "number": made.id,
        "said": [_plain(f) | {"so": f.score == 1} for f in made.findings],
        "reason": made.reason,
        "by": made.by,
        "at": made.at,
        "withdrawn_by": made.withdrawn_by,
        "withdrawn_at": made.withdrawn_at,
        "models_said": [_plain(f) | {"score": round(f.score, 3), "by": f.by} for f in models],
    }


def _plain(f: Finding) -> dict[str, object]:
    return {
        "kind": f.kind,
        "label": f.label,
        "polarity": f.polarity,
        "start": f.start,
        "end": f.end,
        "detail": f.detail,
    }
