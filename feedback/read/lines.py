"""Read comments given as JSON Lines or JSON objects: the shape of `feedback tag` and of POST /tag.

Nothing is guessed here, unlike in an upload: a field has the one name of the contract, and a line that does not fit is
refused by its number, never by its words.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from feedback.comment import RawComment
from feedback.errors import BadInput


def read_lines(lines: Iterable[str]) -> Iterator[RawComment]:
    """One comment a line, blank lines passed over. Raises BadInput naming the first line that cannot be read."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            raise BadInput(
                f'Line {number} is no JSON; give one object a line, such as {{"id": "1", "text": "..."}}.'
            ) from None
        yield read_record(record, f"line {number}")


def read_record(record: Any, where: str) -> RawComment:
    """One comment from an object with `text` and, where known, `id`, `question`, `date`, `service`, `respondent`, `fft`.

    `service` may be a list, most specific first. Raises BadInput saying `where` and which field.
    """
    if not isinstance(record, Mapping) or not isinstance(record.get("text"), str):
        raise BadInput(f'The comment in {where} needs a field "text" that holds words.')
    given = record.get("service")
    services = [given] if isinstance(given, str) else given or []
    if not isinstance(services, list) or not all(isinstance(cell, str) for cell in services):
        raise BadInput(f'The field "service" in {where} must be words, or a list of them.')
    return RawComment(
        text=record["text"],
        id=None if record.get("id") is None else str(record["id"]),
        question=_words(record, "question", where),
        date=_date(record.get("date"), where),
        services=tuple(cell for cell in services if cell.strip()),
        respondent=_words(record, "respondent", where),
        fft=_fft(record.get("fft"), where),
    )


def _words(record: Mapping[str, Any], name: str, where: str) -> str | None:
    value = record.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise BadInput(f"The field {name!r} in {where} must be words.")
    return value


def _date(value: Any, where: str) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise BadInput(f'The field "date" in {where} must be a date such as 2026-03-31.') from None


def _fft(value: Any, where: str) -> int | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not str(value).isdigit() or not 1 <= int(value) <= 6:
        raise BadInput(f'The field "fft" in {where} must be 1 (very good) to 5 (very poor), or 6 (don\'t know).')
    return int(value)
