"""Read the Trust's own files field by field, so that every problem of a file is told at once: file, id, what is wrong, what to do.

A file is YAML that a person wrote. What is missing or does not fit is noted and not raised, and reading goes on; whoever reads a file
raises what was noted.
"""

import calendar
import difflib
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml

try:
    from yaml import CSafeLoader as _SafeLoader  # ten times as fast
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

NEAREST = 3  # how many ids an error suggests: enough to find the one meant, few enough to read
FEW = 8  # choices up to this many are all named
MISSPELT = 0.85  # likeness (difflib) from which an unread field is taken for a misspelling; "starts" is no "status"

Precision = Literal["day", "month"]


class Entry:
    """One mapping of a file, read field by field: what is missing or does not fit is noted, not raised, and reading goes on."""

    def __init__(self, file: str, id: str, fields: Any, problems: list[str]) -> None:
        self.file, self.id, self.problems = file, id, problems
        self.fields: dict[str, Any] = {}
        self._read: set[str] = set()
        self._within: dict[str, Entry] = {}
        if not isinstance(fields, dict):
            self.wrong("there are no fields here", "write them as `field: value`, one a line")
            return
        for key, value in fields.items():
            if isinstance(key, str):
                self.fields[key] = value
            else:  # YAML reads a bare 111 as a number, a bare No as false
                self.wrong(f"{key!r} stands where a field's name should be", "put it in quotes")

    def wrong(self, what: str, fix: str) -> None:
        """Note a problem: what is wrong, and what to do about it."""
        problem = f"{', '.join(filter(None, (self.file, self.id)))}: {what}; {fix}."
        if problem not in self.problems:  # some fields are asked for more than once
            self.problems.append(problem)

    def _take(self, key: str) -> Any:
        self._read.add(key)
        return self.fields.get(key)

    def text(self, key: str, *, optional: bool = False) -> str:
        """Return a text, "" where there is none."""
        value = self._take(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None and not isinstance(value, str):
            self.wrong(f"{key} is not text", "put it in quotes")
        elif not optional:
            self.wrong(f"{key} is missing", f"write `{key}:` and its text")
        return ""

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._take(key)
        if value is None and optional:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.wrong(f"{key} is not a list of texts", f"write `{key}: [one, another]`, numbers in quotes")
            return ()
        return tuple(value)

    def words(self, key: str) -> tuple[str, ...]:
        """Return the words that a field may hold, from a list or from a mapping of word to meaning."""
        value = self._take(key)
        return tuple(value) if isinstance(value, dict) else self.texts(key)

    def one_of(self, key: str, known: Collection[str], *, optional: bool = False) -> str:
        """Return a text that must be one of `known`."""
        value = self.text(key, optional=optional)
        if value and value not in known:
            self.wrong(f"{key} {value!r} is not known", f"use {choices(value, known)}")
            return ""
        return value

    def ids(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """Return a list of ids that must all be in `known`; a missing list is an empty one."""
        ids = self.texts(key, optional=True)
        for id in ids:
            if id not in known:
                self.wrong(f"{key} names {id!r}, which is not known", f"use {choices(id, known)}, or take it out")
        return tuple(id for id in ids if id in known)

    def flag(self, key: str) -> bool:
        """Return true or false; a missing one is false."""
        value = self._take(key)
        if value not in (None, True, False):
            self.wrong(f"{key} is neither true nor false", "write `true`, or leave it out")
        return value is True

    def number(self, key: str) -> float:
        """Return a number."""
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(f"{key} is not a number", "write one without quotes or units")
            return 0
        return value

    def day(self, key: str) -> date | None:
        """Return the last day meant: 2027-03-31 is itself, 2027-03 the end of March."""
        value = self._take(key)
        try:
            if value is None or isinstance(value, date):
                return value
            year, month, *day = (int(part) for part in value.split("-"))
            return date(year, month, day[0] if day else calendar.monthrange(year, month)[1])
        except (ValueError, AttributeError, IndexError):
            self.wrong(f"{key} {value!r} is not a date", "write '2027-03-31', or '2027-03' for the end of a month")
            return None

    def precision(self, key: str) -> Precision:
        """Return how exactly a day is written: "month" for 2027-03."""
        value = self._take(key)
        return "month" if isinstance(value, str) and value.count("-") == 1 else "day"

    def part(self, key: str) -> "Entry":
        """Return the mapping under a field; a missing one is empty."""
        if key not in self._within:
            value = self._take(key)
            id = f"{self.id}, {key}" if self.id else key
            self._within[key] = Entry(self.file, id, {} if value is None else value, self.problems)
        return self._within[key]

    def listed(self, key: str) -> list["Entry"]:
        """Return the mappings of a list; those without an id are called by their number."""
        value = self._take(key)
        if not isinstance(value, list):
            self.wrong(f"{key} is not a list", "write its items below it, each with a dash")
            return []
        found = []
        for number, fields in enumerate(value, 1):
            id = fields.get("id") if isinstance(fields, dict) else None
            name = id if isinstance(id, str) and id else f"{key} {number}"
            place = f"{key} {number}"
            if place not in self._within:
                self._within[place] = Entry(self.file, name, fields, self.problems)
            found.append(self._within[place])
        return found

    def entries(self, key: str, *, optional: bool = False) -> dict[str, "Entry"]:
        """Return the mappings of a list by their ids, which must be there and differ."""
        if optional and key not in self.fields:
            return {}
        found: dict[str, Entry] = {}
        for entry in self.listed(key):
            id = entry.text("id")
            if id in found:
                entry.wrong("two entries have this id", "give one of them another")
            found.setdefault(id, entry)
        return found

    def look_for_misspelt_fields(self) -> None:
        """Note a field that nothing read and that looks like one that was looked for in vain; others are notes for people."""
        missed = self._read - self.fields.keys()
        for key in self.fields.keys() - self._read:
            if near := difflib.get_close_matches(key, missed, n=1, cutoff=MISSPELT):
                self.wrong(f"nothing reads the field {key!r}", f"call it {near[0]}, if that is what it is")
        for entry in self._within.values():
            entry.look_for_misspelt_fields()


class _Loader(_SafeLoader):
    """Safe YAML in which a key may stand only once: PyYAML keeps the last and drops the rest without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a field stands here twice", node.start_mark)
        return mapping


def read_file(path: Path, problems: list[str]) -> Entry:
    """Read one file; one that cannot be read comes back empty, with its problem noted."""
    try:
        return read_text(path.read_text(encoding="utf-8"), path.name, problems)
    except OSError:
        problem = f"it cannot be opened in {path.parent}; put it there or set FEEDBACK_DATA to the folder that has it"
    except UnicodeDecodeError:
        problem = "it is not UTF-8 text; save it as UTF-8"
    problems.append(f"{path.name}: {problem}.")
    return Entry(path.name, "", {}, problems)


def read_text(text: str, name: str, problems: list[str]) -> Entry:
    """Read the text of a file called `name`; one that is no YAML comes back empty, with its problem noted."""
    try:
        return Entry(name, "", yaml.load(text, _Loader), problems)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        problem = f"{line}it is not good YAML ({error.problem}); mend that line or the one before"
    except yaml.YAMLError:
        problem = "it is not good YAML; mend it or take the last version that was"
    problems.append(f"{name}: {problem}.")
    return Entry(name, "", {}, problems)


def nearest(id: str, known: Collection[str]) -> list[str]:
    """Return the few of the known ids that are most like one."""

    def likeness(other: str) -> float:
        return difflib.SequenceMatcher(None, other.casefold(), id.casefold()).ratio()

    return sorted(known, key=likeness, reverse=True)[:NEAREST]


def choices(value: str, known: Collection[str]) -> str:
    """All of a short list, the nearest of a long one."""
    return f"one of {listing(known)}" if len(known) <= FEW else f"one like {listing(nearest(value, known))}"


def listing(words: Collection[str]) -> str:
    """Words one after another, with commas."""
    return ", ".join(words)
