"""Where what the rules know is surer than what the placer hears.

The placer learnt from a few thousand comments and one directory: a service that is plainly named it may not know, and a town or
a "CPN" means to it the teams it met there most. So a name with one meaning stands for its words, a town chooses among
teams of the care that is spoken of and never gives the care itself, and an age that is said tells whose team it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback.comment import Finding
from feedback.models.placer import Placed
from feedback.tag.directory import SURE, Directory, Said
from feedback.tag.weigh import SUREST_INFERENCE, Candidate

OF_AN_AGE = ("age_group", "surely_old")
_PLACING = frozenset({"in", "at", "from", "of", "the", "near", "to", "over"})
SURELY_NONE, LIKELY_NONE = (
    0.9,
    0.5,
)  # the placer's chance that a comment is about no service, above which a bare name is none; a doubtful one
LIKELY = 0.5
CLEARLY = 0.1  # chance from which a sister service is worth taking for an age that is said


@dataclass(frozen=True, slots=True)
class Claims:
    """What the rules make of a text by themselves.

    told: the subjects of which something is told in their own clause; single: what is named by words that mean
    nothing else; doubtful: those named by what may be a surname, a street or a
    plain word; assured: those of them of which the words near the name tell; sole: the subjects with such a name of the directory, and the positions of its words;
    elsewhere: ours that are named where another organisation gives that care, with the same.
    """

    findings: list[Finding]
    towns: tuple[str, ...]
    told: frozenset[str]
    single: frozenset[str]
    doubtful: frozenset[str]
    assured: frozenset[str]
    sole: Mapping[str, tuple[int, int]]
    elsewhere: Mapping[str, tuple[int, int]]

    @property
    def subjects(self) -> dict[str, Finding]:
        """The subjects' findings by id."""
        return {f.label: f for f in self.findings if f.detail == "subject"}


class Overruling:
    """The directory, and which of its services the placer has learnt."""

    def __init__(self, directory: Directory, known: Collection[str]) -> None:
        """Take both; a service that came into the directory later is not among the known."""
        self._directory = directory
        self._known = frozenset(known)

    def settle(
        self, chosen: Mapping[str, float], candidates: Sequence[Candidate], weighed: NDArray[np.float64], placed: Placed, claims: Claims, said: Said,
    ) -> dict[str, float]:  # fmt: skip
        """The services a comment is about with their scores, from those that the weighing chose; `weighed`: each candidate's chance."""
        words = {c.id: c.words for c in candidates if c.words}
        chances = {c.id: float(p) for c, p in zip(candidates, weighed, strict=True)}
        kept = self._by_name(chosen, words, claims)
        kept = {id: chance for id, chance in kept.items() if not self._rests_on_a_town(id, words.get(id), claims, said)}
        described = {of: _positions(f, said) for of, f in claims.subjects.items() if f.score > SUREST_INFERENCE}
        # A guess that is likelier wrong than right does not take the place of what the same words describe.
        kept = {
            id: p
            for id, p in kept.items()
            if id in claims.subjects
            or p >= LIKELY
            or not any(
                _overlap(words.get(id, (0, 0)), at)
                for of, at in described.items()
                if of not in self._directory.above(id)
            )
        }
        kept = self._by_age(kept, chances, claims, said)
        return kept | self._plainly_named(claims, kept, float(np.exp(placed.services[-2])))

    def _by_name(
        self, chosen: Mapping[str, float], words: Mapping[str, tuple[int, int]], claims: Claims
    ) -> dict[str, float]:
        """A name that means one service stands for its words, whatever else is heard in them but a team of that service."""
        kept = dict(chosen)
        for id, (start, end) in claims.sole.items():
            for other in chosen.keys() - claims.subjects.keys() & words.keys():
                within = (
                    start - 1 <= words[other][0] and words[other][1] <= end + 1
                )  # an article before, a general word after
                if within and _overlap(words[other], (start, end)) and id not in self._directory.above(other):
                    kept.pop(other, None)
                    kept.setdefault(id, SURE["alias"])
        return kept

    def _rests_on_a_town(self, id: str, words: tuple[int, int] | None, claims: Claims, said: Said) -> bool:
        """Whether only the town speaks for a team, and the words speak of care that it does not give."""
        directory = self._directory
        if id in claims.subjects or directory.towns_of(id).isdisjoint(claims.towns):
            return False
        line = [id, *(a for a in directory.above(id) if directory.services[a].level != "directorate")]
        if any(said.points(of) for of in line):
            return False
        spoken_of = {**claims.elsewhere, **{of: _positions(f, said) for of, f in claims.subjects.items()}}
        bare = words is None or {w.text for w in said.words[slice(*words)]} <= _PLACING | {
            said.words[at].text for at, _ in said.towns
        }
        kinds = {directory.kind(of) for of, at in spoken_of.items() if bare or _overlap(words or at, at)}
        return bool(kinds) and directory.kind(id) not in kinds

    def _by_age(
        self, kept: Mapping[str, float], chances: Mapping[str, float], claims: Claims, said: Said
    ) -> dict[str, float]:
        """For one who is old the older adults' team in the place of the adults' one, where either is heard and neither is named."""
        if OF_AN_AGE not in said.fields:
            return dict(kept)
        found: dict[str, float] = {}
        for id, chance in kept.items():
            sisters = [
                other for other, p in chances.items()
                if (p >= CLEARLY or other in claims.subjects) and self._directory.are_sisters(other, id) and self._directory.services[other].age_group == "older_adult"
            ]  # fmt: skip
            one = (
                max(sisters, key=chances.__getitem__)
                if sisters
                and id not in claims.sole
                and self._directory.services[id].age_group == "adult"
                and self._directory.services[id].setting != "inpatient_ward"
                else id
            )
            found[one] = max(chance, found.get(one, 0.0))
        return found

    def _plainly_named(self, claims: Claims, chosen: Collection[str], none: float) -> dict[str, float]:
        """The subjects by name that stand whatever the placer heard, with the rules' scores: every name where nothing else is chosen (but
        for what may be no name, and where the placer is sure that there is `none`), beside others those of which something is told, and
        those that the placer cannot know."""
        return {
            id: claim.score
            for id, claim in claims.subjects.items()
            if id not in chosen
            and claim.score > SUREST_INFERENCE
            and (id not in self._known or self._stands(id, claims, bool(chosen), none))
        }

    def _stands(self, id: str, claims: Claims, beside: bool, none: float) -> bool:
        """Whether a name that the weighing struck stands all the same, `beside` others or alone."""
        if beside:
            return id in claims.told and id in claims.single
        return (
            id in claims.told or id in claims.assured or none <= (LIKELY_NONE if id in claims.doubtful else SURELY_NONE)
        )


def _positions(claim: Finding, said: Said) -> tuple[int, int]:
    """The words on which a claim rests, from and to."""
    own = [i for i, word in enumerate(said.words) if word.start < claim.end and claim.start < word.end]
    return (own[0], own[-1] + 1) if own else (0, 0)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
