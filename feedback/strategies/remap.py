"""Work out what the findings of one comment mean under another strategy than the one that the models read.

The models know one strategy's codes. A strategy that was adopted later says of each of its values, objectives and statements how it
is found (`Rule`): from those codes, from some of their comments, from themes, or not yet. Nothing is read again: this is a pure
function of findings that are stored, so it costs little, and a person's word moves it as much as a model's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, cast

from feedback.comment import Finding, FindingKind

# How a part of the strategy is found: by a model; from some of what a model found; by rule from themes; not yet.
Basis = Literal["read", "part", "rule", "unread"]
Code = tuple[FindingKind, str]

# The kinds that a strategy brings with it; all others mean the same under every strategy.
KINDS: tuple[FindingKind, ...] = ("value", "objective", "statement")
# A theme says what a comment is about and not how it bears on an objective, so what rests on themes alone is half as sure as the theme.
# Nobody has measured it: the figure keeps such findings below those that are read, in every list that is ordered by score.
RULE_TRUST = 0.5
AGAINST = {"+": "-", "-": "+"}
# As many statements of one objective, and none less than half as sure as its first: as where they are read (tag/strategy.py).
STATEMENTS_AT_MOST, NEAR = 3, 0.5
PERSON = "person:"  # how a person's finding is told from a machine's (store.py)
_UNDER = "@"  # what a person says under an adopted strategy is kept as a finding of the kind "objective@<version>"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one value, objective or statement of an adopted strategy is found.

    `codes` are (kind, id) of the strategy that the models read; with `only_with`, only in comments that speak of one of these themes
    too, and not on the other side. `themes` are those whose comments are counted by rule. With neither, nothing finds it yet.
    `carries`: it is one code under another name, so that what a person said of the one is said of the other.
    """

    kind: FindingKind
    id: str
    codes: tuple[Code, ...] = ()
    only_with: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    carries: bool = False

    @property
    def basis(self) -> Basis:
        """How it is found; the weakest where it is found in several ways."""
        return "rule" if self.themes else "unread" if not self.codes else "part" if self.only_with else "read"


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of the strategy of one version, and the statements that a comment on a theme can be evidence for, best first.

    `follows` is the version of the strategy whose codes they start from, which is the one that the models read.
    `objective_of` leads from a statement to the objective it belongs to.
    """

    version: str
    follows: str
    rules: tuple[Rule, ...]
    links: Mapping[str, tuple[str, ...]]
    objective_of: Mapping[str, str]

    def rule(self, kind: str, id: str) -> Rule | None:
        """The rule of one part; None where there is no such part."""
        return next((rule for rule in self.rules if (rule.kind, rule.id) == (kind, id)), None)

    def basis(self, kind: str, id: str) -> Basis:
        """How one part is found. A statement that some theme is linked to is found by rule, if by nothing better."""
        rule = self.rule(kind, id)
        found = rule.basis if rule else "unread"
        linked = kind == "statement" and id in self.objective_of and any(id in ids for ids in self.links.values())
        return "rule" if linked and found == "unread" else found

    def as_record(self) -> dict[str, Any]:
        """In plain values, for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Rules":
        """What `as_record` gave, from JSON."""
        rules = tuple(
            Rule(
                rule["kind"],
                rule["id"],
                tuple((kind, id) for kind, id in rule["codes"]),
                tuple(rule["only_with"]),
                tuple(rule["themes"]),
                rule["carries"],
            )
            for rule in record["rules"]
        )
        links = {theme: tuple(ids) for theme, ids in record["links"].items()}
        return cls(record["version"], record["follows"], rules, links, dict(record["objective_of"]))


def kept_kind(kind: FindingKind, version: str | None) -> FindingKind:
    """The kind as which a person's word on an adopted strategy is kept; None is the strategy that the models read.

    >>> kept_kind("objective", "2031-2036"), kept_kind("theme", "2031-2036"), kept_kind("value", None)
    ('objective@2031-2036', 'theme', 'value')
    """
    return cast("FindingKind", f"{kind}{_UNDER}{version}") if version and kind in KINDS else kind


def plain_kind(kind: str) -> tuple[FindingKind, str | None]:
    """The kind and the version that a kept kind says.

    >>> plain_kind("objective@2031-2036"), plain_kind("theme")
    (('objective', '2031-2036'), ('theme', None))
    """
    plain, _, version = kind.partition(_UNDER)
    return cast("FindingKind", plain), version or None


def remap(findings: Collection[Finding], rules: Rules, said: Sequence[Finding] = ()) -> list[Finding]:
    """The values, objectives and statements of one comment under the strategy of `rules`: at most one finding of each.

    `findings` are those that count under the strategy that the models read, people's among them. `said` is what people said of the
    comment under this very strategy, the latest last: score 1 it is so, 0 it is not so; it outranks what is worked out.
    """
    by_code: dict[Code, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_code[finding.kind, finding.label].append(finding)
    themes = [f for f in findings if f.kind == "theme" and f.polarity in ("+", "-", "~")]
    found: dict[Code, Finding] = {}
    for rule in rules.rules:
        if rule.kind == "statement":
            continue
        if one := _found(rule, by_code, themes):
            found[rule.kind, rule.id] = one
    _outrank(found, [f for f in said if f.kind != "statement"])
    for rule in rules.rules:
        if rule.kind == "statement" and _may_stand(rule, found, rules) and (one := _found(rule, by_code, themes)):
            found[rule.kind, rule.id] = one
    _link(found, themes, rules)
    _outrank(found, [f for f in said if f.kind == "statement"])
    return list(found.values())


def _may_stand(statement: Rule, found: Mapping[Code, Finding], rules: Rules) -> bool:
    """A statement is evidence on its objective, so where that is not found in the comment, neither is the statement."""
    objective = rules.objective_of.get(statement.id)
    return objective is None or ("objective", objective) in found


def _outrank(found: dict[Code, Finding], said: Iterable[Finding]) -> None:
    """Put what people said in place of what was worked out."""
    for finding in said:
        found.pop((finding.kind, finding.label), None)
        if finding.score:
            found[finding.kind, finding.label] = finding


def _found(rule: Rule, by_code: Mapping[Code, Sequence[Finding]], themes: Sequence[Finding]) -> Finding | None:
    """What the rule makes of the comment: one finding, on both sides ("~") where what it rests on is."""
    found = [*_of_codes(rule, by_code, themes), *_of_themes(rule, themes)]
    if not found:
        return None
    best = max(found, key=lambda f: f.score)
    sides = {f.polarity for f in found}
    if "~" not in sides and not {"+", "-"} <= sides:
        return best
    start, end = min(f.start for f in found), max(f.end for f in found)
    return replace(best, polarity="~", start=start, end=end)


def _of_codes(rule: Rule, by_code: Mapping[Code, Sequence[Finding]], themes: Sequence[Finding]) -> Iterator[Finding]:
    for code in rule.codes:
        for finding in by_code.get(code, ()):
            if not rule.only_with:
                yield _as(rule, finding, finding.by if rule.carries else _from(finding))
                continue
            near = [t for t in themes if t.label in rule.only_with and t.polarity != AGAINST.get(finding.polarity)]
            if near:
                theme = max(near, key=lambda t: t.score)
                with_it = replace(finding, score=finding.score * theme.score, start=theme.start, end=theme.end)
                yield _as(rule, with_it, f"rule:{finding.label} with {theme.label}")


def _of_themes(rule: Rule, themes: Sequence[Finding]) -> Iterator[Finding]:
    for theme in themes:
        if theme.label in rule.themes:
            yield _as(rule, replace(theme, score=theme.score * RULE_TRUST), f"rule:theme {theme.label}")


def _as(rule: Rule, finding: Finding, by: str) -> Finding:
    return replace(finding, kind=rule.kind, label=rule.id, by=by)


def _from(finding: Finding) -> str:
    """Who found it; a person's name is not put to what that person did not say."""
    return f"rule:from {finding.label}" if finding.by.startswith(PERSON) else f"{finding.by} from {finding.label}"


def _link(found: dict[Code, Finding], themes: Sequence[Finding], rules: Rules) -> None:
    """Link each objective found to the statements of it that the comment's themes speak to, where no code leads to one."""
    for objective in [f for f in found.values() if f.kind == "objective"]:
        own = [
            f for f in found.values() if f.kind == "statement" and rules.objective_of.get(f.label) == objective.label
        ]
        if own:
            continue
        best: dict[str, Finding] = {}
        for theme in themes:
            if theme.polarity == AGAINST.get(objective.polarity):
                continue
            for place, id in enumerate(rules.links.get(theme.label, ())):
                score = objective.score * theme.score * (2 / 3) ** place
                if rules.objective_of.get(id) == objective.label and (id not in best or best[id].score < score):
                    by = f"rule:crosswalk {theme.label}"
                    best[id] = Finding("statement", id, objective.polarity, score, theme.start, theme.end, by)
        ranked = sorted(best.values(), key=lambda f: -f.score)[:STATEMENTS_AT_MOST]
        found |= {("statement", f.label): f for f in ranked if f.score >= NEAR * ranked[0].score}
