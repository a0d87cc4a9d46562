"""Resolve a cell of an upload's service column to the directory, or guess what it may mean for a person to say.

A cell is no sentence: it is written in the short forms of columns ("MH Adult Comm - W/Forest"), says where and for whom beside what, and
may name two services at once.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from feedback.tag.directory import FITS, MISSPELT, SURE, TRAILING, Directory, Said, name_forms
from feedback.tag.wording import Word, plain, split_words

SHORTEST_MISSPELT = 5  # letters of a word of a cell whose spelling is mended
_LIST = re.compile(r"[;,/+&|]|\band\b", re.IGNORECASE)  # what stands between two services in one cell
CELL_ALIKE = (
    90  # rapidfuzz ratio that makes a misspelt cell a name; at 85 "Specialist services" became the play service
)
PART_OF_CELL = 0.6  # what a name is worth that is a small part of its cell
PART_OF_NAME = 0.8  # what a name is worth without the general word it ends in
CONTRADICTED = (
    -2
)  # fit of an entry from which on a cell says that it is for others: "Paediatric X" where X is for adults
NEARLY = 0.2  # scores of a cell closer than this compete
LIKE = 75  # rapidfuzz ratio from which a name is worth a guess
SHORTEST_LIKE = 4  # letters of a name that is guessed at; a shorter one is in every other word
NUDGE = 0.04  # what a guess loses for each point that another suits the age, care and place in the cell better
A_GUESS = 0.5  # what likeness alone is worth of a name


class Cells:
    """The directory as columns name it: `resolve` a cell, guess what it is `like`, and join several with `joined`."""

    def __init__(self, directory: Directory) -> None:
        """Compile the short forms and ages of columns, and the names without the general word they end in."""
        self._directory = directory
        self.resolve = lru_cache(maxsize=4096)(self._resolve)
        cells = self._directory.cues.get("cells", {})
        self._short = {plain(short): plain(full) for short, full in cells.get("short", {}).items()}
        ages = [(tuple(plain(w).split()), age) for age, wordings in cells.get("ages", {}).items() for w in wordings]
        self._ages = sorted(ages, key=lambda wording: -len(wording[0]))
        houses = [id for site in cells.get("sites", ()) for id in self._directory.taxonomy.below(site)]
        self._sites = {id for id in houses if self._directory.services[id].level != "ward"} | set(
            self._directory.cues["owners"]
        )
        too_little = {plain(word) for word in cells.get("too_little", ())} | self._directory.guards.keys()
        self._cut_names: dict[str, dict[str, str]] = defaultdict(dict)
        for service in self._directory.services.values():
            for name in map(plain, (*name_forms(service.name), *service.aliases)):
                words = name.split()
                while len(words) > 1 and words[-1] in TRAILING:
                    words.pop()
                cut = " ".join(words)
                if (
                    cut not in too_little
                    and self._directory.guards.get(name) != "no"
                    and cut not in self._directory.names
                ):
                    self._cut_names[cut].setdefault(service.id, "alias")

    def _resolve(self, cell: str) -> tuple[tuple[str, float], ...]:
        """Entries that a cell may mean, best first, each with a score 0 to 1; empty where it cannot be told."""
        if cell.strip().lower() in self._directory.services:
            return ((cell.strip().lower(), 1.0),)
        written = split_words(cell)
        words = self._in_full(written)
        said = self._directory.said(words)
        said.fields |= self._ages_in(words)
        towns = tuple(dict.fromkeys(town for _, town in said.towns))
        found = self._names_in_cell(self._directory.said(written), self._names_in_cell(said))
        if not found:
            # A heading may be all capitals. A short word is an abbreviation, and every abbreviation is a slip away from another.
            mended = [
                self._directory.mend(replace(w, caps=False)) if len(w.text) >= SHORTEST_MISSPELT else w for w in words
            ]
            found = self._names_in_cell(self._directory.said(mended), worth=MISSPELT)
        if not found and len(cell.strip()) >= SHORTEST_MISSPELT:
            found = self._name_like_cell(plain(cell))
        found = self._for_its_age(words, said, found)
        found = {id: score for id, score in found.items() if not self._is_given_by(found, id)}
        above = {a for id in found for a in self._directory.above(id)}
        lowest = {id: score for id, score in found.items() if id not in above}
        if not self._sites.issuperset(lowest):  # "Podiatry - Evesham Community Hospital"
            lowest = {id: score for id, score in lowest.items() if id not in self._sites}
        if not lowest:
            return ()
        # "Eating disorders (CAMHS)": of names that compete, the one below what else is named, then the one whose age fits.
        best = max(lowest.values())
        merit = {
            id: (not found.keys().isdisjoint(self._directory.above(id)), self._fit(id, said))
            for id, score in lowest.items()
            if score > best - NEARLY
        }  # fmt: skip
        scores: dict[str, float] = defaultdict(float)
        for id, score in lowest.items():
            kept = score if merit.get(id) == max(merit.values()) else min(score, best - NEARLY)
            if self._fit(id, said) <= CONTRADICTED:
                kept *= PART_OF_CELL
            placed = self._directory.in_place(id, towns)
            scores[placed] = max(kept, scores[placed])
        if self._names_two(cell, scores):
            scores = dict.fromkeys(scores, max(scores.values()))
        return tuple((id, round(score, 2)) for id, score in sorted(scores.items(), key=lambda s: (-s[1], s[0])))

    def _is_given_by(self, found: Iterable[str], id: str) -> bool:
        """Whether a cell names beside a service the organisation that gives it in our county: "Wye Valley - podiatry" is theirs."""
        others = set(self._directory.elsewhere.values()) & set(found)
        ours = self._directory.services.get(id)
        return (
            bool(others)
            and ours is not None
            and ours.care_type == "physical_health"
            and id not in self._directory.cues["inside_others"]
        )

    def _for_its_age(self, words: Sequence[Word], said: Said, found: Mapping[str, float]) -> dict[str, float]:
        """What was found, or where it is for others than the age in the cell the name with its age: "Physio - Paeds" is no adults' physio."""
        spans = self._spans_of_ages([word.text for word in words])
        if len(spans) != 1 or any(self._fit(id, said) > CONTRADICTED for id in found):
            return dict(found)
        ((start, end, age),) = spans
        rest = " ".join(word.text for word in (*words[:start], *words[end:]))
        same = [" ".join(wording) for wording, of in self._ages if of == age]
        named = [
            self._directory.names.get(f"{one} {part}", {})
            for one in same
            for part in (rest, rest.removesuffix(" team"))
        ]
        return {id: SURE[by] for entries in named for id, by in entries.items()} or dict(found)

    def _names_two(self, cell: str, scores: Collection[str]) -> bool:
        """Whether the parts of a cell name a service each: which one is meant only a person can say."""
        parts = [part for part in _LIST.split(cell) if part.strip()]
        if len(scores) < 2 or len(parts) < 2:
            return False
        firsts = {best[0][0] for part in parts if (best := self.resolve(part)) and best[0][1] > A_GUESS}
        return len(firsts & set(scores)) > 1

    def joined(self, cells: Sequence[str]) -> list[str]:
        """The cells of several columns, with what only says where or for whom put to those that name something: "Physiotherapy", "Hereford"."""
        beside = [cell for cell in cells if self._is_circumstance(cell)]
        named = [cell for cell in cells if cell not in beside]
        return [" ".join([cell, *beside]) for cell in named] + list(cells) if beside else list(cells)

    def _is_circumstance(self, cell: str) -> bool:
        """Whether a cell says nothing but a place or an age."""
        words = self._in_full(split_words(cell))
        said = self._directory.said(words)
        placing = {i for hit in self._directory.hits(words) if hit.meaning.kind == "town" for i in hit.at}
        ages = {i for start, end, _ in self._spans_of_ages([w.text for w in words]) for i in range(start, end)}
        return bool(words) and len(placing | ages) == len(words) and not self.resolve(cell) and bool(said.towns or ages)

    def _names_in_cell(
        self, said: Said, found: Mapping[str, float] | None = None, *, worth: float = 1.0
    ) -> dict[str, float]:
        """The names that stand in a cell, added to those found; the less of the cell a name fills, the less it is worth.

        Where names overlap the one that tells most stands. An age ("paeds") names nothing where something else is named, and a
        name without its general word ("Crisis" for the crisis team) is one only where it fills the cell.
        """
        words = [w.text for w in said.words]
        placing = {i for i, _ in said.towns}
        ages = {i for start, end, _ in self._spans_of_ages(words) for i in range(start, end)}

        def telling(places: Iterable[int]) -> int:
            return sum(i not in placing and words[i] not in TRAILING for i in places)

        named: list[tuple[int, int, Mapping[str, str]]] = []
        spans = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
        for start, end in sorted(spans, key=lambda s: (-telling(range(*s)), s[0] - s[1])):
            known = self._directory.names.get(" ".join(words[start:end]))
            if known and all(end <= other[0] or start >= other[1] for other in named):
                named.append((start, end, known))
        named = [n for n in named if not ages.issuperset(range(n[0], n[1]))] or named
        scores: dict[str, float] = defaultdict(float, found or {})
        every = max(1, telling(range(len(words))))
        for start, end, entries in named:
            share = min(1.0, max(1, telling(range(start, end))) / every)
            for id, by in entries.items():
                scores[id] = max(scores[id], worth * SURE[by] * (PART_OF_CELL + (1 - PART_OF_CELL) * share))
        if not scores:
            rest = [word for i, word in enumerate(words) if i not in placing | ages and word not in TRAILING]
            scores |= {
                id: worth * SURE[by] * PART_OF_NAME for id, by in self._cut_names.get(" ".join(rest), {}).items()
            }
        return dict(scores)

    def _fit(self, id: str, said: Said) -> int:
        """How much of what a cell says beside a name speaks for an entry: an age, and the cues of an ambiguous name.

        A cell is no sentence: how people speak of a service, and that it speaks of no child, tell nothing there.
        """
        total = said.chosen(id)
        if service := self._directory.services.get(id):
            ages = [age for field, age in said.fields if field == "age_group"]
            total += sum(FITS["age_group"].get((age, service.age_group), 0) for age in ages)
        return total

    def _in_full(self, words: Sequence[Word]) -> list[Word]:
        """The words of a cell with the short forms of columns written out: "Comm Hosp" is a community hospital, "D/N" a district nurse."""
        full: list[Word] = []
        at = 0
        while at < len(words):
            pair = " ".join(word.text for word in words[at : at + 2])
            taken = 2 if pair in self._short else 1
            meant = self._short.get(pair if taken == 2 else words[at].text, words[at].text)
            full += [replace(words[at], text=part) for part in meant.split()]
            at += taken
        return full

    def _ages_in(self, words: Sequence[Word]) -> set[tuple[str, str]]:
        return {("age_group", age) for _, _, age in self._spans_of_ages([word.text for word in words])}

    def _spans_of_ages(self, words: Sequence[str]) -> list[tuple[int, int, str]]:
        """Where a cell says for whom a service is, the longest first: an "older adult" is no adult."""
        found: list[tuple[int, int, str]] = []
        for wording, age in self._ages:
            for start in range(len(words) - len(wording) + 1):
                end = start + len(wording)
                if tuple(words[start:end]) == wording and all(end <= o[0] or start >= o[1] for o in found):
                    found.append((start, end, age))
        return found

    def like(self, cell: str, limit: int) -> tuple[tuple[str, float], ...]:
        """Entries whose names look like a cell or like a part of it, best first, with scores 0 to 1 that stay below any name's.

        For a person to choose from; nothing is resolved by them.
        """
        words = self._in_full(split_words(cell))
        said = self._directory.said(words)
        said.fields |= self._ages_in(words)
        towns = tuple(dict.fromkeys(town for _, town in said.towns))
        wanted = _telling(word.text for word in words)
        names = {
            name: telling for name in self._directory.names if len(telling := _telling(name.split())) >= SHORTEST_LIKE
        }
        near = process.extract(wanted, names, scorer=fuzz.token_set_ratio, score_cutoff=LIKE, limit=limit * 10)
        found: dict[str, float] = {}
        for _, score, name in near:
            for id, by in self._directory.names[name].items():
                found.setdefault(self._directory.in_place(id, towns), round(SURE[by] * score / 100 * A_GUESS, 2))
        ages = {i for start, end, _ in self._spans_of_ages([w.text for w in words]) for i in range(start, end)}
        trade = " ".join(word.text for i, word in enumerate(words) if i not in ages)
        if usual := self._directory.usual.get(f"<{trade}>"):  # "Adult OT"
            found = {usual: A_GUESS * SURE["name"]}
        suits = {id: self._suits(id, said, towns) for id in found}
        most = max(suits.values(), default=0)
        scores = {id: round(max(0.0, score - NUDGE * (most - suits[id])), 2) for id, score in found.items()}
        return tuple(sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit])

    def _suits(self, id: str, said: Said, towns: Sequence[str]) -> int:
        """How much the age, the kind of care and the place in a cell speak for an entry that its name is like."""
        service = self._directory.services.get(id)
        if service is None:
            return 0
        own = self._directory.towns_of(id)
        total = 2 * (bool(towns) and not own.isdisjoint(towns)) - 2 * (bool(towns and own) and own.isdisjoint(towns))
        of = {(field, value) for field, value in said.fields if field in ("age_group", "care_type")}
        return total + sum(FITS[field].get((value, getattr(service, field)), 0) for field, value in of)

    def _name_like_cell(self, cell: str) -> dict[str, float]:
        near = process.extract(cell, self._directory.names.keys(), scorer=fuzz.ratio, score_cutoff=CELL_ALIKE, limit=3)
        return {
            id: SURE[by] * MISSPELT * score / 100
            for name, score, _ in near
            for id, by in self._directory.names[name].items()
        }


def _telling(words: Iterable[str]) -> str:
    """A name without the general words that are in many others: all that clinics share is the word clinic."""
    return " ".join(word for word in words if word not in TRAILING)
