"""Read JSON (a list of objects) and JSON Lines (an object a line) as rows under the paths of their keys.

Nested keys become one heading, `answer.text`. A line that is cut off is one undecodable row, a list that is cut off
refuses the file, since nothing after the break can be trusted.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feedback.errors import BadFile
from feedback.read.cells import Cell, FileFacts, Problem, Row
from feedback.read.delimited import MAX_LINE, find_encoding

_MAX_PARTS = 3_000_000  # objects and lists within a file; each takes some 200 bytes of memory, however little it holds
MAX_LIST = 64 * 2**20  # bytes of a JSON list, which is held in memory whole; JSON Lines has no such bound
_MAX_HEADINGS = 5_000
_ASKED = ("question", "prompt", "label")
_ANSWERED = ("answer", "text", "response", "value", "comment")


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, Cell]]:
    """Every leaf of an object with the path to it.

    A list of questions with their answers gives a heading a question, as a table would.

    >>> dict(flatten({"id": 7, "answer": {"text": "Kind"}, "tags": ["a", "b"], "parts": [{"question": "Why?", "text": "So"}]}))
    {'id': 7, 'answer.text': 'Kind', 'tags': 'a\\nb', 'Why?': 'So'}
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        if any(isinstance(inner, dict | list) for inner in value):
            for place, inner in enumerate(value):
                pair = _question_and_answer(inner)
                yield from [pair] if pair else flatten(inner, f"{path}[{place}]")
        else:
            yield path, "\n".join(str(inner) for inner in value if inner is not None)
    else:
        yield path, value


def _question_and_answer(value: Any) -> tuple[str, Cell] | None:
    if not isinstance(value, dict):
        return None
    asked = next((value[key] for key in _ASKED if isinstance(value.get(key), str) and value[key].strip()), None)
    answered = [value[key] for key in _ANSWERED if key in value and not isinstance(value[key], dict | list)]
    return (asked, answered[0]) if asked and answered else None


def _headings(objects: Iterator[dict[str, Any]]) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    for each in objects:
        seen.update((path, None) for path, _ in flatten(each))
        if len(seen) > _MAX_HEADINGS:
            raise BadFile(
                f"The objects of this file have more than {_MAX_HEADINGS:,} different keys: this is not a table of comments."
            )
    return tuple(seen)


def _row(number: int, each: dict[str, Any], headings: tuple[str, ...]) -> Row:
    leaves = dict(flatten(each))
    return Row(number, tuple(leaves.get(heading) for heading in headings))


class JsonLines:
    """An object a line; see `Table`."""

    def __init__(self, path: Path):
        self.path = path
        self.facts = FileFacts("jsonl", find_encoding(path))
        self.headings: tuple[str, ...] = _headings(each for _, each in self._objects() if isinstance(each, dict))

    def _objects(self) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
        with self.path.open(encoding=self.facts.encoding, errors="surrogateescape") as file:
            number = 0
            while line := file.readline(MAX_LINE):
                number += 1
                if line.isspace():
                    continue
                try:
                    value = json.loads(line)
                    if isinstance(value, dict):
                        dict(flatten(value))
                        yield number, value
                    else:
                        yield number, Problem("wrong_columns", "the line is not an object with named fields")
                except (ValueError, RecursionError):
                    yield number, Problem("undecodable", "the line is not complete JSON")

    def rows(self) -> Iterator[Row]:
        """A row a line; a line that is no object has a problem instead of cells."""
        for number, each in self._objects():
            yield Row(number, (), problem=each) if isinstance(each, Problem) else _row(number, each, self.headings)


class JsonList:
    """A list of objects, at the top or under a key; see `Table`."""

    def __init__(self, path: Path):
        if path.stat().st_size > MAX_LIST:
            raise BadFile(
                f"A JSON list of more than {MAX_LIST // 2**20} MB is not read whole: save it as JSON Lines, an object a line."
            )
        encoding = find_encoding(path)
        try:
            data = path.read_bytes()
            if data.count(b"{") + data.count(b"[") > _MAX_PARTS:
                raise BadFile(
                    f"The JSON has more than {_MAX_PARTS:,} objects and lists, far more than a list of comments: "
                    "save only the comments as JSON Lines, an object a line, and send that."
                )
            value = json.loads(data.decode(encoding, errors="surrogateescape"))
            del data
            self.items = _list_in(_by_rows(value))
            if (self.items or _has_scalars(value)) and not any(isinstance(each, dict) for each in self.items):
                raise BadFile(
                    'The entries of the JSON are bare words or numbers without names: give each as an object such as {"comment": "..."}.'
                )
            self.headings: tuple[str, ...] = _headings(each for each in self.items if isinstance(each, dict))
        except RecursionError:
            raise BadFile("The JSON is nested too deeply to be a list of comments.") from None
        except json.JSONDecodeError as error:
            raise BadFile(
                f"The JSON breaks off or is damaged at line {error.lineno}, column {error.colno}: export it again."
            ) from None
        except ValueError:
            raise BadFile("The JSON holds a number too long to read: export it again.") from None
        self.facts = FileFacts("json", encoding)

    def rows(self) -> Iterator[Row]:
        """A row an object, numbered by its place in the list."""
        for number, each in enumerate(self.items, start=1):
            if isinstance(each, dict):
                yield _row(number, each, self.headings)
            else:
                yield Row(number, (), problem=Problem("wrong_columns", "the entry is not an object with named fields"))


def _by_rows(value: Any) -> Any:
    """Objects a row, where the file has a table by its columns, or as bare rows under a row of headings.

    >>> _by_rows({"comment": {"0": "Kind"}, "team": {"0": "Ash Ward"}})
    [{'comment': 'Kind', 'team': 'Ash Ward'}]
    >>> _by_rows({"columns": ["comment", "team"], "data": [["Kind", "Ash Ward"]]})
    [{'comment': 'Kind', 'team': 'Ash Ward'}]
    """
    if isinstance(value, dict) and len(value) > 1:
        columns = list(value.values())
        if all(isinstance(column, dict) and column for column in columns):
            keys = list(columns[0])
            if all(key.isdigit() for key in keys) and all(list(column) == keys for column in columns):
                return [{name: column[key] for name, column in value.items()} for key in keys]
        if all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns) and _is_flat(columns):
            return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
        if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
            value = [value["columns"], *value["data"]]
    if isinstance(value, list) and len(value) > 1 and all(isinstance(row, list) for row in value):
        names = value[0]
        if len(names) > 1 and all(isinstance(name, str) and name.strip() for name in names) and _is_flat(value):
            return [dict(zip(names, row, strict=False)) if len(row) <= len(names) else row for row in value[1:]]
    return value


def _has_scalars(value: Any) -> bool:
    """Whether a list of bare values stands under a key."""
    return isinstance(value, dict) and any(isinstance(inner, list) and inner for inner in value.values())


def _is_flat(rows: list[list[Any]]) -> bool:
    return not any(isinstance(cell, dict | list) for row in rows for cell in row)


def _list_in(value: Any) -> list[Any]:
    """The list of comments: the value itself, or the longest list of objects under one of its keys."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        found = [_list_in(inner) for inner in value.values() if isinstance(inner, dict | list)]
        return max(
            (each for each in found if any(isinstance(one, dict) for one in each)),
            key=len,
            default=[value] if not found else [],
        )
    return []
