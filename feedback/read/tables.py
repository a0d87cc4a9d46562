"""Open a file as a table by what its bytes are, not by what its name says; refuse in one sentence what is no table."""

import json
import re
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
# A line of a program's log: a time, then how grave it is, or a web server's line.
_LOG_LINE = re.compile(
    r"^\W*\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S*\s.{0,60}?\b(?:DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|TRACE)\b"
    r"|^\S+ \S+ \S+ \[\d\d/\w{3}/\d{4}:|^\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ [\w./-]+(?:\[\d+\])?: "
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
    if _is_log(start):
        raise BadFile(f"The file is the log of a program, not a table: {_INSTEAD}.")
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
    return controls > 5 and controls > len(head) * 0.01 and not _is_strewn_text(head, controls)


def _is_strewn_text(head: bytes, controls: int) -> bool:
    """Whether the head is text with control characters strewn in: what is left without them is characters, in lines."""
    broken = sum(0xDC80 <= ord(c) <= 0xDCFF for c in head.decode("utf-8", errors="surrogateescape"))
    return controls < len(head) * 0.3 and broken <= 3 + len(head) * 0.001 and head.count(b"\n") > 1


def _is_log(start: str) -> bool:
    lines = [line for line in start.splitlines()[:200] if line.strip()]
    return sum(bool(_LOG_LINE.match(line)) for line in lines) > 0.8 * len(lines)


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
