"""Open a file as a table by what its bytes are, not by what its name says; refuse in one sentence what is no table."""

import json
from pathlib import Path

from feedback.errors import BadFile
from feedback.read.cells import Table
from feedback.read.delimited import Delimited, find_encoding, unmarked_utf16
from feedback.read.records import JsonLines, JsonList
from feedback.read.sheets import Workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"RIFF", "a recording"),
    (b"ID3", "a recording"),
    (b"OggS", "a recording"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"{\\rtf", "a text document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)
_INSTEAD = "save the table of comments as .csv or .xlsx, and send that"


def open_table(path: Path) -> Table:
    """Open a file as CSV (any delimiter), XLSX, JSON or JSON Lines.

    Raises BadFile where it is missing, empty, of another kind, protected by a password, damaged or unsafe.
    """
    try:
        with path.open("rb") as file:
            head = file.read(65_536)
    except OSError:
        raise BadFile(f"{path.name} cannot be opened: check the name and that it may be read.") from None
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise BadFile("The file is empty: export it again, and send it once it holds comments.")
    if head.startswith(b"PK"):
        return Workbook(path)
    if head.startswith(_OLE):
        if _ENCRYPTED in path.read_bytes():
            raise BadFile(
                "The workbook is protected by a password: remove the password, save it as .xlsx and send it again."
            )
        raise BadFile("The file is an old Office document (.xls or .doc): save it as .xlsx or .csv, and send that.")
    _refuse_other_kinds(head)
    encoding = find_encoding(path)
    start = head.decode(encoding, errors="ignore").lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        raise BadFile(f"The file is a web page or XML, not a table: {_INSTEAD}.")
    if start.startswith("{") and _lines_are_objects(start, cut=len(head) == 65_536):
        return JsonLines(path)
    if start.startswith("[") or (start.startswith("{") and '"' in start[:200]):
        return JsonList(path)
    return Delimited(path)


def _refuse_other_kinds(head: bytes) -> None:
    for mark, kind in _KINDS:
        # Two letters may begin a heading, so they count only where control characters follow.
        if head.startswith(mark) and (len(mark) > 3 or _is_binary(head)):
            raise BadFile(f"The file is {kind}, whatever its name says, not a table: {_INSTEAD}.")
    if _is_binary(head):
        raise BadFile(f"The file is not text, whatever its name says: {_INSTEAD}.")


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or unmarked_utf16(head):
        return False
    controls = sum(byte < 9 or 13 < byte < 27 for byte in head)
    return controls > 5 and controls > len(head) * 0.01


def _lines_are_objects(start: str, *, cut: bool) -> bool:
    """Whether most lines are an object each; the last may be cut by the sample, one object alone may hold a list."""
    lines = [line for line in start.splitlines() if line.strip()]
    lines = lines[:-1] if cut and len(lines) > 1 else lines
    whole = 0
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        whole += isinstance(value, dict)
        if len(lines) == 1 and isinstance(value, dict):
            return not any(isinstance(inner, list | dict) for inner in value.values())
    return whole * 2 >= len(lines)
