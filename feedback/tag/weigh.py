"""Weigh what the rules and the placer say of each service that a comment may be about, and decide which it is.

Each candidate service gets a row of evidence; a logistic regression, trained on comments that neither rules nor placer had seen,
turns the row into a chance. The rules alone find half of what people describe without a name; the placer alone mistakes
wards for one another. What is decided here is only what the comment is about: mentions come from the rules.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback.comment import Finding
from feedback.errors import BadModel
from feedback.models.placer import FAINT, Placed, Stretch
from feedback.tag.directory import Directory, Said

LIKELIEST = 6  # services of the placer that are weighed
PLACED_BY_TOWN = 3  # of these so many are also looked for in the team that serves the place
EVIDENCE = (
    "named", "alias", "misspelt", "described", "inferred", "only_mentioned",
    "log_chance", "chance", "first", "second", "lead", "none", "another_organisation", "chance_below", "chance_above",
    "above_a_claim", "below_a_claim", "claims", "only_claim", "no_claim", "claim_by_log_chance", "unclaimed_by_chance", "chance_by_stretches",
    "words_say_subject", "words_say_mentioned", "any_word_says_subject", "stretches", "stretch_subject", "stretch_mentioned", "stretch_first",
    "other_county", "own_town", "points", "pointed", "has_teams",
)  # fmt: skip
NAMED_BY = {"name": "named", "alias": "alias", "fuzzy": "misspelt", "context": "described"}
_MOST_POINTS, _LEAST_POINTS = 6, -4
SUREST_INFERENCE = 0.7  # score up to which a claim from the context is an inference, not a description


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service that the comment may be about: its evidence, shape (len(EVIDENCE),), and the words that speak for it most."""

    id: str
    evidence: NDArray[np.float64]
    words: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weights of the evidence, and when a chance is enough.

    sure: from here a candidate is a subject; first: from here the likeliest is one where no other is, if `nothing` is the most that
    the placer gives to there being none.
    """

    weights: NDArray[np.float64]
    bias: float
    sure: float
    first: float
    nothing: float

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "Weighing":
        """From the placer's manifest. Raises BadModel where it weighs other evidence than this version."""
        if manifest["evidence"] != list(EVIDENCE):
            raise BadModel("models/placer weighs other evidence than this version has. Run `make train`.")
        return cls(
            np.array(manifest["weights"]),
            manifest["bias"],
            manifest["sure"],
            manifest["first"],
            manifest["nothing"],
        )

    def chances(self, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
        """The chance of each candidate, shape (n,)."""
        rows = np.array([c.evidence for c in candidates]).reshape(len(candidates), len(EVIDENCE))
        return 1 / (1 + np.exp(-(rows @ self.weights + self.bias)))


class Weigher:
    """Gathers the evidence for each service that a comment may be about."""

    def __init__(self, directory: Directory, services: Sequence[str]) -> None:
        """Take the directory and the services that the placer knows, in its order; those no longer in the directory are passed over."""
        self._directory = directory
        self._services = services
        self._place = {id: i for i, id in enumerate(services)}
        above = {id: set(directory.above(id)) for id in directory.services}
        self._above = {id: [self._place[a] for a in above[id] if a in self._place] for id in above}
        self._below = {id: [self._place[b] for b in above if id in above[b] and b in self._place] for id in above}

    def candidates(
        self, said: Said, claims: Sequence[Finding], placed: Placed, towns: Sequence[str]
    ) -> list[Candidate]:
        """Every service that a rule claims or the placer thinks of, with its evidence; `claims` are the rules' findings."""
        subjects = {f.label: f for f in claims if f.detail == "subject"}
        chances = np.exp(placed.services)
        likeliest = np.argsort(-chances[:-2])[:LIKELIEST].tolist()
        thought = [self._services[i] for i in likeliest]
        thought += [self._directory.in_place(id, towns) for id in thought[:PLACED_BY_TOWN] if id in self._above]
        thought += [
            self._services[i] for s in placed.stretches if (i := int(s.services.argmax())) < len(self._services)
        ]
        mentioned = [f.label for f in claims if f.detail == "mentioned"]
        ids = dict.fromkeys([*subjects, *mentioned, *thought])
        shared = self._shared(subjects, placed, chances, likeliest)
        return [
            self._candidate(id, said, claims, placed, towns, shared, subjects, chances, likeliest)
            for id in ids
            if id in self._above
        ]

    def _shared(
        self, subjects: Collection[str], placed: Placed, chances: NDArray[np.float32], likeliest: Sequence[int]
    ) -> dict[str, float]:
        """What speaks for or against all candidates alike."""
        return {
            "none": float(chances[-2]),
            "another_organisation": float(chances[-1]),
            "claims": min(3, len(subjects)) / 3,
            "no_claim": float(not subjects),
            "any_word_says_subject": float(placed.words[:, 1].max(initial=0)),
            "stretches": min(4, sum(s.subject > s.mentioned for s in placed.stretches)) / 4,
        }

    def _candidate(
        self, id: str, said: Said, claims: Sequence[Finding], placed: Placed, towns: Sequence[str], shared: Mapping[str, float],
        subjects: Mapping[str, Finding], chances: NDArray[np.float32], likeliest: Sequence[int],
    ) -> Candidate:  # fmt: skip
        place = self._place.get(id)
        log = max(FAINT, float(placed.services[place])) if place is not None else FAINT
        chance = float(chances[place]) if place is not None else 0.0
        rival = likeliest[1] if place == likeliest[0] else likeliest[0]
        claim = subjects.get(id)
        above, below = self._above[id], self._below[id]
        own = [
            i for f in claims if f.label == id for i, w in enumerate(said.words) if w.start < f.end and f.start < w.end
        ]
        roles = placed.words[own] if own else np.zeros((1, 3))
        stretches = [(s, float(s.services[place])) for s in placed.stretches] if place is not None else []
        service = self._directory.services[id]
        counties = {self._directory.county_of(town) for town in towns}
        found = {
            **shared,
            "only_mentioned": float(any(f.label == id and f.detail == "mentioned" for f in claims)),
            "log_chance": log / 3,
            "chance": chance,
            "first": float(place == likeliest[0]),
            "second": float(place == likeliest[1]),
            "lead": float(np.clip(log - placed.services[rival], -9, 9)) / 3,
            "chance_below": float(chances[below].sum()),
            "chance_above": float(chances[above].max(initial=0)),
            "above_a_claim": float(any(id in self._directory.above(s) for s in subjects)),
            "below_a_claim": float(any(s in self._directory.above(id) for s in subjects)),
            "only_claim": float(claim is not None and len(subjects) == 1),
            "claim_by_log_chance": log / 3 * (claim is not None),
            "unclaimed_by_chance": chance * (not subjects),
            "chance_by_stretches": chance * shared["stretches"],
            "words_say_subject": float(roles[:, 1].max()),
            "words_say_mentioned": float(roles[:, 2].max()),
            "stretch_subject": max((s.subject * p for s, p in stretches), default=0.0),
            "stretch_mentioned": max((s.mentioned * p for s, p in stretches), default=0.0),
            "stretch_first": float(any(s.services.argmax() == place and s.subject > s.mentioned for s, _ in stretches)),
            "other_county": float(bool(counties) and service.county not in ("both", *counties)),
            "own_town": float(not self._directory.towns_of(id).isdisjoint(towns)),
            "points": float(np.clip(self._directory.points(id, said, towns), _LEAST_POINTS, _MOST_POINTS)) / 4,
            "pointed": float(id in said.pointed),
            "has_teams": float(bool(below)),
        }
        if claim:
            found["inferred" if claim.by == "context" and claim.score <= SUREST_INFERENCE else NAMED_BY[claim.by]] = 1.0
        best = max(stretches, key=lambda s: s[0].subject * s[1], default=None)
        return Candidate(id, np.array([found.get(name, 0.0) for name in EVIDENCE]), _words(best[0]) if best else None)


def choose(candidates: Sequence[Candidate], chances: NDArray[np.float64], weighing: Weighing) -> dict[str, float]:
    """The services that the comment is about, with their chances; empty where it cannot be told."""
    sure = {c.id: float(p) for c, p in zip(candidates, chances, strict=True) if p >= weighing.sure}
    if not sure and len(candidates):
        best = int(chances.argmax())
        evidence = dict(zip(EVIDENCE, candidates[best].evidence, strict=True))
        if chances[best] >= weighing.first and evidence["none"] + evidence["another_organisation"] <= weighing.nothing:
            sure = {candidates[best].id: float(chances[best])}
    return sure


def _words(stretch: Stretch) -> tuple[int, int]:
    return stretch.start, stretch.end
