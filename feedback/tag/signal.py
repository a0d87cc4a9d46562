"""Flag the clauses of a comment that a person must read soon: risk, harm, abuse, threats, breaches, complaints.

Recall comes first: a flag too many costs a reader a minute, a missed one may cost a life. Even so the queue is only read
while most of it matters, so idiom ("dying for a cuppa"), negation and what is told as over are taken out. Praise beside danger
settles nothing: the frightened say thank you too.
The rules are in data/signals.yml and say which of them fired. Danger is mostly hinted at, and alarming words are mostly harmless:
a model of words, what the reader makes of the comment and the trained guard weigh the whole of it. Either may flag.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

from feedback import settings
from feedback.comment import SIGNALS, Comment, Finding
from feedback.errors import BadData, BadModel
from feedback.models.artefact import open_artefact, read_manifest
from feedback.models.guard import DANGERS, Guard, load_guard
from feedback.models.words import COLUMNS, WORD, hashed, lowered
from feedback.redact.spans import PLACEHOLDER, PLACEHOLDERS

Span = tuple[int, int]
Severity = Literal["watch", "urgent"]
KINDS = SIGNALS
RATED_GOOD = (1, 2)  # answers to the Friends and Family Test: very good, good

# ---- patterns: data/signals.yml explains how they are written

_NUMBER = "(?:\\d[\\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|few|couple of)"
_GAP = "[^\\w.!?\\n]+"  # between words, but not across the end of a sentence
_ANY_WORD = "[\\w£&]+"
_TOKEN = re.compile(r"\s+|>>|~\d*|<n>|\{\w+\}|[()|]|[\w&£]+\*?|\?")
_SENTENCE = re.compile(r"[^.!?\n]+")
_CLAUSE_END = re.compile(r"[,;:()]| - |–|(?<!\w)(?:but|and|then|so|because)(?!\w)")
TOLD = (
    "live",
    "settled",
    "now",
    "recent",
    "recovered",
    "praised",
    "then",
    "past",
    "long_ago",
    "denied",
    "after_all",
)  # lists of signals.yml
_MEANT_EITHER_WAY = ("live", "now", "recent", "then", "past", "long_ago", "denied", "after_all")
_STEM = 4  # candidates are looked up by the first letters of a word, so that "suicid*" needs no scan


@dataclass(frozen=True)
class Pattern:
    """A pattern as a regular expression, and the stems of which a text must hold at least one for it to match."""

    expression: str
    stems: frozenset[str]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Compiled when a text first asks for it: all of them at once take longer than to load every model."""
        return re.compile(self.expression)


class _Groups:
    """The groups of words that patterns name, each compiled once."""

    def __init__(self, texts: dict[str, str]):
        self.texts = texts
        self._known: dict[str, tuple[str, set[str]]] = {}

    def compiled(self, name: str) -> tuple[str, set[str]]:
        """The group as a part of a regular expression, and its stems."""
        if name not in self._known:
            self._known[name] = _Compiler(self.texts[name], self).alternatives()
        return self._known[name]


class _Compiler:
    """Turns one pattern into a regular expression; a recursive descent over alternatives, words and gaps."""

    def __init__(self, text: str, groups: _Groups):
        self.text, self.groups = text, groups
        self.tokens = [t for t in _TOKEN.findall(text) if not t.isspace()]
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise BadData(
                f"signals.yml: the pattern {text!r} holds a sign that patterns do not know; see the head of the file."
            )
        self.at = 0

    def compile(self) -> Pattern:
        regex, stems = self.alternatives()
        if self.at != len(self.tokens) or not stems:
            raise BadData(
                f"signals.yml: the pattern {self.text!r} is not closed or has no word of its own; mend its brackets."
            )
        return Pattern(rf"(?<!\w)(?:{regex})(?!\w)", frozenset(stems))

    def alternatives(self) -> tuple[str, set[str]]:
        options = [self.row()]
        while self.peek() == "|":
            self.at += 1
            options.append(self.row())
        stems = set() if any(not found for _, found in options) else set().union(*(found for _, found in options))
        return "|".join(regex for regex, _ in options), stems

    def row(self) -> tuple[str, set[str]]:
        regex, joint, stems = "", "", set[str]()
        while self.peek() not in ("", "|", ")"):
            token = self.tokens[self.at]
            self.at += 1
            if token == ">>":
                joint = "[\\s\\S]*?(?<!\\w)"
            elif token.startswith("~"):
                joint = f"(?:{_GAP}{_ANY_WORD}){{0,{token[1:] or 3}}}{_GAP}"
            else:
                atom, found = self.atom(token)
                if self.peek() == "?":
                    self.at += 1
                    regex += f"(?:{joint}(?:{atom}))?" if joint else f"(?:(?:{atom}){_GAP})?"
                    continue  # what joins the next word stays as it was: nothing at the start, else a gap
                regex += f"{joint}(?:{atom})"
                joint = _GAP
                if found and (not stems or _rarity(found) > _rarity(stems)):
                    stems = found
        return regex, stems

    def atom(self, token: str) -> tuple[str, set[str]]:
        if token == "(":
            inner = self.alternatives()
            self.at += 1
            return inner
        if token == "<n>":
            return _NUMBER, set()
        if token.startswith("{"):
            if token[1:-1] not in self.groups.texts:
                raise BadData(
                    f"signals.yml: the pattern {self.text!r} names the unknown group {token}; add it to `groups`."
                )
            return self.groups.compiled(token[1:-1])
        if token.endswith("*"):
            return re.escape(token[:-1]) + "\\w*", {token[:-1][:_STEM] if len(token) > _STEM else token}
        return re.escape(token), {token[:_STEM]}

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""


def _stems(text: str) -> set[str]:
    """The stems by which patterns are looked up; that of a short "ask*" keeps its star."""
    words = set(WORD.findall(text))
    return {word[:_STEM] for word in words} | {f"{word[:n]}*" for word in words for n in range(1, _STEM)}


def _rarity(stems: set[str]) -> float:
    """Longer and fewer stems are rarer; the rarest part of a pattern decides where it is looked for."""
    return min(len(stem) for stem in stems) * 10 - len(stems)


# ---- rules


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of data/signals.yml: the kind it speaks of, and the patterns that fire and forbid it."""

    name: str
    kind: str
    severity: Severity
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    past: bool  # may be told as over
    state: bool  # speaks of how someone was, not of what was done to them
    sure: bool  # its kind stands whatever the models say
    negatable: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that fired: which, and where its words start in the comment."""

    rule: Rule
    start: int


_NEGATED = re.compile(
    r"(?<!\w)(?:(?:not|never) once(?:[^\w.!?\n]+\w+){0,4}"
    r"|(?:not|never|no|nobody|noone|no one|without|nor|(?:do|did|does|was|were|is|are|has|have|had|could|would|wo|ca|ai)nt)"
    r"(?:[^\w.!?\n]+\w+){0,2})[^\w.!?\n]*$"
)
_ONLY_A_FEW_WORDS = re.compile(r"(?:\s+\w+){0,2}\s*")


class Rules:
    """The rules of a data folder, with an index from stems to the patterns that may match."""

    def __init__(self, path: Path):
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        groups = _Groups(raw["groups"])
        self.version: str = raw["version"]
        self.rules = tuple(_rule(item, groups) for item in raw["rules"])
        self.idioms = _either(raw["idioms"], groups)
        self.told = {name: _either(raw[name], groups) for name in TOLD}
        self.by_stem: dict[str, list[tuple[int, Pattern]]] = {}
        for number, rule in enumerate(self.rules):
            for pattern in rule.patterns:
                for stem in pattern.stems:
                    self.by_stem.setdefault(stem, []).append((number, pattern))

    def hits(self, text: str) -> list[Hit]:
        """Find the rules that fire in `text`, each once, where it first does."""
        plain, offsets = lowered(text)
        tried = {id(p): (n, p) for stem in _stems(plain) & self.by_stem.keys() for n, p in self.by_stem[stem]}
        if not tried:
            return []
        plain = self.idioms.regex.sub(lambda m: "·" * len(m[0]), plain)
        first: dict[int, int] = {}
        for number, pattern in tried.values():
            for match in pattern.regex.finditer(plain):
                if self._stands(self.rules[number], plain, match.span()):
                    first[number] = min(first.get(number, len(plain)), match.start())
                    break
        return [Hit(self.rules[number], offsets[start]) for number, start in sorted(first.items())]

    def _stands(self, rule: Rule, plain: str, match: Span) -> bool:
        sentence = next(m for m in _SENTENCE.finditer(plain) if m.end() > match[0])
        if rule.negatable and _NEGATED.search(plain[sentence.start() : match[0]]):
            return False
        if self._is_denied(plain, match, sentence.span()):
            return False
        if any(p.regex.search(sentence[0]) for p in rule.unless):
            return False
        return not (rule.past and self._is_over(rule, plain, match, sentence.span()))

    def _is_denied(self, plain: str, match: Span, sentence: Span) -> bool:
        """Whether the words just before a match say that there was no such thing, and its sentence does not turn ("no sign of it, they said")."""
        own = plain[slice(*sentence)]
        before = own[: match[0] - sentence[0]]
        beside = f"{before}·{own[match[1] - sentence[0] :]}"
        denials = self.told["denied"].regex.finditer(before)
        return any(_ONLY_A_FEW_WORDS.fullmatch(before[m.end() :]) for m in denials) and not self._says(
            "after_all", beside
        )

    def _is_over(self, rule: Rule, plain: str, match: Span, sentence: Span) -> bool:
        """Whether a match is told as over: judged by its own words and sentence, not by praise that stands beside it.

        What was done to someone is over where its sentence, or the next, says that it was put right, or where it was long ago and
        the person has recovered. How someone was (`state`) is over also where it is told in the past and the person has recovered
        since, or gives thanks or praise.
        """
        if self._says("live", plain):
            return False
        start, end = match[0] - sentence[0], match[1] - sentence[0]
        own = plain[slice(*sentence)]
        beside = own[:start] + "·" * (end - start) + own[end:]  # "no longer want to live": its words may not settle it
        following = _SENTENCE.search(plain, max(sentence[1], match[1]))
        if self._says("settled", beside) or (following and self._says("settled", following[0])):
            return True
        clause = _CLAUSE_END.split(own[:start])[-1] + own[start:end]
        if self._says("now", clause) or self._says("recent", own):
            return False
        recovered = self._says("recovered", plain)
        if not rule.state:
            return recovered and self._says("long_ago", own)
        then = self._says("then", own)
        return (recovered and (then or self._says("past", own))) or (then and self._says("praised", plain))

    def _says(self, told: str, text: str) -> bool:
        """Whether `text` says what the list `told` of signals.yml holds, and not with "not" before it."""
        return any(
            told in _MEANT_EITHER_WAY or not _NEGATED.search(text[: m.start()])
            for m in self.told[told].regex.finditer(text)
        )


def _rule(item: dict[str, Any], groups: _Groups) -> Rule:
    known = {"name", "kind", "severity", "any", "unless", "past", "state", "sure", "negatable"}
    if item.get("kind") not in KINDS or item.get("severity") not in ("watch", "urgent") or set(item) - known:
        raise BadData(
            f"signals.yml: the rule {item.get('name')!r} needs a kind of the contract, a severity (watch, urgent) and no keys but {sorted(known)}."
        )
    compiled = {key: tuple(_Compiler(p, groups).compile() for p in item.get(key, ())) for key in ("any", "unless")}
    return Rule(
        item["name"],
        item["kind"],
        item["severity"],
        compiled["any"],
        compiled["unless"],
        bool(item.get("past")),
        bool(item.get("state")),
        bool(item.get("sure")),
        bool(item.get("negatable")),
    )


def _either(patterns: list[str], groups: _Groups) -> Pattern:
    return _Compiler("|".join(patterns), groups).compile()


@lru_cache(maxsize=4)
def load_rules(data: Path = settings.DATA) -> Rules:
    """Read the rules of a data folder; BadData names the pattern or rule that does not fit."""
    return Rules(data / "signals.yml")


# ---- model

HEADS = DANGERS
# How much each counts, in log-odds. Of held-out examples the area under the curve was 0.847 by words, 0.836 by the reader's vectors, 0.932 by
# the guard, 0.931 by words and guard and 0.933 by all three; of 0.93 found, 0.75 were rightly flagged by two and 0.77 by three.
WORDS_SHARE, READER_SHARE, GUARD_SHARE = 0.2, 0.3, 0.5
# What is said outright is shown as no less likely than rules are right: of the examples in which one fires, three in four show a signal.
RULE_SCORE = 0.75
# A rule may be taken in by its words ("the fire drill was explained"). It is silenced where the models hear nothing alarming in the comment,
# nor the guard in the rule's own sentence: praise around it would drown a plain "I was sent home without my insulin". Of 702 held-out
# examples rules so silenced had flagged 9 wrongly and none rightly, of 1,263 by other writers 19 and none. A short sentence gives the guard
# too little, and a rule for what may cost a life is never silenced.
HEARD_NOTHING, HEARD_NOTHING_HERE = 0.08, 0.02  # chance of a flag: of the comment by all, of the sentence by the guard
LONG_ENOUGH = 8  # words of a sentence; of one with six guard 1.4 heard nothing in "The doctor was racist to us."
NEVER_SILENCED = frozenset({"self_harm_suicide", "child_risk", "abuse_neglect_safeguarding", "deterioration_no_help"})
CALM = np.full(len(HEADS), -6.0, np.float32)  # what the guard would say, about, of the comments it is spared
FEATURES = COLUMNS + len(KINDS)


def features(text: str, hits: Sequence[Hit]) -> tuple[np.ndarray, np.ndarray]:
    """Hashed words and the kinds of the rules that fired: which columns are not 0, and their values; columns are below FEATURES."""
    columns, values = hashed(text)
    ruled = {hit.rule.kind for hit in hits}
    kinds = [COLUMNS + i for i, kind in enumerate(KINDS) if kind in ruled]
    return np.append(columns, kinds).astype(np.int64), np.append(values, np.ones(len(kinds))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SignalModel:
    """Logistic regressions for each head (flag, urgent, each kind): over `features`, `weights` being (FEATURES, n_heads), and over the
    reader's vectors, `vector_weights` being (384, n_heads); with what each expects beforehand, (n_heads,).
    """

    name: str
    weights: np.ndarray
    intercepts: np.ndarray
    vector_weights: np.ndarray
    vector_intercepts: np.ndarray
    thresholds: dict[str, float]

    def pull(self, text: str, hits: Sequence[Hit]) -> np.ndarray:
        """How far the words of `text` speak for each head, without what heads expect beforehand: shape (n_heads,)."""
        columns, values = features(text, hits)
        return values @ self.weights[columns]

    def logits(self, text: str, hits: Sequence[Hit], vector: np.ndarray) -> np.ndarray:
        """The log-odds of each head by the words and the reader's vector (384,), each in its share: shape (n_heads,)."""
        by_words = self.pull(text, hits) + self.intercepts
        by_vector = vector @ self.vector_weights + self.vector_intercepts
        return WORDS_SHARE * by_words + READER_SHARE * by_vector


def chances_of(logits: np.ndarray, guard: np.ndarray | None = None) -> dict[str, float]:
    """How likely each head is, 0 to 1, from SignalModel.logits and, where it was asked, the guard's log-odds, each of shape (n_heads,)."""
    shares = WORDS_SHARE + READER_SHARE
    logits = logits / shares if guard is None else logits + GUARD_SHARE * guard
    return dict(zip(HEADS, (1 / (1 + np.exp(-logits))).tolist(), strict=True))


def load_model(models: Path = settings.MODELS) -> SignalModel:
    """Read models/signal; BadModel where it is missing, damaged, or made for other heads, features or another reader than are there."""
    artefact = open_artefact(models / "signal")
    manifest, arrays = artefact.manifest, artefact.arrays("weights.safetensors", "vector_weights", "vector_intercepts")
    if manifest["heads"] != list(HEADS) or arrays["weights"].shape != (FEATURES, len(HEADS)):
        raise BadModel(
            f"The model {artefact.name!r} is for the heads {manifest['heads']}; this version needs {list(HEADS)}. Run `make train`."
        )
    if manifest["reader"] != heard_by(models):
        raise BadModel(
            f"The model {artefact.name!r} was made for another reader than the one in {models.name}/reader. Run `feedback train --model signal`."
        )
    return SignalModel(
        artefact.name,
        arrays["weights"].astype(np.float32),
        arrays["intercepts"],
        arrays["vector_weights"],
        arrays["vector_intercepts"],
        manifest["thresholds"],
    )


def heard_by(models: Path) -> str:
    """The SHA-256 of the reader's network, as its manifest has it: vectors of another mean something else."""
    network: str = read_manifest(models / "reader")["files"]["encoder.onnx"]
    return network


# The examples name people and streets, as comments do before they are redacted: to the models a placeholder was a sign of alarm.
_AS_IN_EXAMPLES = {
    "person": "Sam",
    "nhs_number": "my number",
    "phone": "my phone",
    "email": "my email",
    "postcode": "my street",
    "address": "our street",
    "date_of_birth": "my birthday",
    "url": "the website",
    "other_id": "the reference",
}
_IN_WORDS = {PLACEHOLDERS[kind]: words for kind, words in _AS_IN_EXAMPLES.items()}


def _spoken(text: str) -> str:
    return PLACEHOLDER.sub(lambda m: _IN_WORDS[m[0]], text)


# ---- findings


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of one comment: the rules that fired and stand, and how likely each head is."""

    hits: Sequence[Hit]
    chances: dict[str, float]


class SignalTagger:
    """The rules, the model of words and vectors, and the guard together."""

    def __init__(self, data: Path = settings.DATA, models: Path = settings.MODELS, guard: Guard | None = None) -> None:
        """Read the rules and load the models; raises BadData or BadModel."""
        self.rules = load_rules(data)
        self.model = load_model(models)
        self.guard = guard or load_guard(models)

    def listen(self, texts: Sequence[str], vectors: Sequence[np.ndarray]) -> list[Heard]:
        """Hear each text with the reader's vector of it, (384,).

        The guard costs a pass of its own, so it is spared what neither words, reader nor rules find the least alarming.
        """
        spoken = [_spoken(text) for text in texts]
        hits_of = [self.rules.hits(text) for text in texts]
        found = [
            (hits, self.model.logits(text, hits, vector))
            for text, hits, vector in zip(spoken, hits_of, vectors, strict=True)
        ]
        alarming = [
            i
            for i, (hits, logits) in enumerate(found)
            if hits or chances_of(logits)["flag"] >= self.model.thresholds["heard"]
        ]
        dangers = (
            dict(zip(alarming, self.guard.dangers([spoken[i] for i in alarming]), strict=True)) if alarming else {}
        )
        chances = [chances_of(logits, dangers.get(i, CALM)) for i, (_, logits) in enumerate(found)]
        return [
            Heard(() if self._is_silenced(text, hits, own) else hits, own)
            for text, (hits, _), own in zip(texts, found, chances, strict=True)
        ]

    def _is_silenced(self, text: str, hits: Sequence[Hit], chances: dict[str, float]) -> bool:
        """Whether the rules that fired were all taken in by words, by what the models make of the comment and of each rule's sentence."""
        if not hits or chances["flag"] >= HEARD_NOTHING:
            return False
        if any(hit.rule.sure or hit.rule.kind in NEVER_SILENCED for hit in hits):
            return False
        sentences = sorted({_sentence_at(text, hit.start) for hit in hits})
        if min(len(sentence.split()) for sentence in sentences) < LONG_ENOUGH:
            return False
        flags = self.guard.dangers([_spoken(sentence) for sentence in sentences])[:, HEADS.index("flag")]
        return bool((1 / (1 + np.exp(-flags)) < HEARD_NOTHING_HERE).all())

    def tag(self, comment: Comment, clauses: Sequence[Span], heard: Heard) -> list[Finding]:
        """Find what cannot wait in a comment, from what `listen` said of its text: one finding per kind, on the clause it rests on, urgent or watch.

        A finding is by "rule:<name>" where a rule fired, else by the models' names and versions; its score is 0 to 1, higher is
        surer, and not below RULE_SCORE where it is by a rule.
        """
        if not comment.is_read or not clauses:
            return []
        hits, chances, model = heard.hits, heard.chances, self.model
        if not is_flagged(hits, chances, model.thresholds, comment.fft):
            return []
        first: dict[str, Hit] = {}
        for hit in hits:
            first.setdefault(hit.rule.kind, hit)
        severity = severity_of(hits, chances, model.thresholds)
        findings = []
        for kind in kinds_of(hits, chances, model.thresholds):
            if kind in first:
                start, end = _clause_at(clauses, first[kind].start)
                by, score = f"rule:{first[kind].rule.name}", max(chances["flag"], RULE_SCORE)
            else:
                start, end = _clause_for(kind, comment.text, clauses, model, hits)
                by, score = f"{model.name}, {self.guard.name}", chances["flag"]
            findings.append(Finding("signal", kind, "", round(score, 3), start, end, by, severity))
        return findings


def is_flagged(
    hits: Sequence[Hit], chances: dict[str, float], thresholds: dict[str, float], fft: int | None = None
) -> bool:
    """Whether a rule that fired stands, for what is said outright must reach a person, or the models are sure enough without one.

    They must be surer of who rated their care good (`fft` 1 or 2); a rule flags whatever the rating: the frightened and the
    grateful tick "very good" too.
    """
    return bool(hits) or chances["flag"] >= max(
        thresholds["flag"], thresholds["flag_rated_good"] if fft in RATED_GOOD else 0.0
    )


def kinds_of(hits: Sequence[Hit], chances: dict[str, float], thresholds: dict[str, float]) -> list[str]:
    """The kinds of a flagged comment, likeliest first: those of sure rules, those the models are sure of, where another rule agrees
    half as sure, else the likeliest; of what only rules flag, none but theirs.
    """
    ruled, sure = {hit.rule.kind for hit in hits}, {hit.rule.kind for hit in hits if hit.rule.sure}
    among = ruled if ruled and chances["flag"] < thresholds["flag"] else set(KINDS)
    kept = sure | {kind for kind in among if chances[kind] >= thresholds["kind"] * (0.5 if kind in ruled else 1)}
    return sorted(kept or {max(among, key=chances.__getitem__)}, key=chances.__getitem__, reverse=True)


def severity_of(hits: Sequence[Hit], chances: dict[str, float], thresholds: dict[str, float]) -> Severity:
    """Urgent where an urgent rule fired, whatever the models say, or where they say so."""
    # Tried: models that were nearly certain might overrule a rule. The right severity was found in 0.01 more of the examples, and
    # "I tried to hang myself" was called one to watch.
    ruled = any(hit.rule.severity == "urgent" for hit in hits)
    return "urgent" if ruled or chances["urgent"] >= thresholds["urgent"] else "watch"


def _sentence_at(text: str, place: int) -> str:
    """The sentence of a text in which a place stands."""
    return next((m[0] for m in _SENTENCE.finditer(text) if m.end() > place), text).strip()


def _clause_at(clauses: Sequence[Span], place: int) -> Span:
    return next((span for span in clauses if place < span[1]), clauses[-1])


def _clause_for(kind: str, text: str, clauses: Sequence[Span], model: SignalModel, hits: Sequence[Hit]) -> Span:
    """The clause whose own words speak most for the kind and for a flag, of those in which an urgent rule fired if one did."""
    flag, own = HEADS.index("flag"), HEADS.index(kind)
    among = sorted({_clause_at(clauses, hit.start) for hit in hits if hit.rule.severity == "urgent"}) or clauses
    pulls = [model.pull(text[start:end], ()) for start, end in among]
    return among[max(range(len(among)), key=lambda i: pulls[i][own] + pulls[i][flag])]
