"""Write a pack as a file that carries its record, and read both back: what the file shows now, and what it showed when it was made.

Where the record lies: in Word a custom XML part, in HTML a script of type application/json, in Markdown a comment at the end, in
JSON the member `pack`. What is checked is what a reader sees: Word rewrites a file whenever it saves it, so there the words
and the pictures have a checksum each, and saving without a change keeps the first.
"""

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any

from feedback.documents.asked import Form
from feedback.documents.html import as_html
from feedback.documents.markdown import as_markdown
from feedback.documents.model import sha256
from feedback.documents.packs import Pack
from feedback.documents.record import Record
from feedback.errors import BadFile

MEDIA_TYPES: dict[Form, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}
LARGEST = 20_000_000  # bytes of a file to check, and of what a Word file unpacks to; the largest pack has a fiftieth

_IN_HTML = re.compile(r'(<script type="application/json" id="feedback-pack">)(.*?)(</script>)', re.DOTALL)
_MARK = re.compile(r"</?[a-z!][^<>]*>")
_IN_MARKDOWN = re.compile(r"\n<!-- feedback-pack (.*?) -->\n?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file is found to be: its form, the record in it, the checksums of what it shows now, and its lines."""

    form: Form
    record: Record
    checksums: Mapping[str, str]
    lines: tuple[str, ...] = ()


def file_of(pack: Pack, form: Form, conn: Any) -> bytes:
    """The pack as a file of a form, sealed by its database (`conn`)."""
    record = pack.record
    if form == "docx":
        from datetime import datetime

        from feedback.documents.word import as_docx

        made_at = datetime.fromisoformat(record.made_at)
        bare = as_docx(pack.document, "{}", made_at=made_at)
        sealed = record.of_file(conn, _checksums_of_docx(bare), _lines_of_docx(bare))
        return as_docx(pack.document, sealed.as_json(), made_at=made_at)
    if form == "html":
        bare_page = as_html(pack.document, "{}")
        shown = _IN_HTML.sub(r"\1\3", bare_page)
        sealed = record.of_file(conn, {"words": sha256(shown)}, _lines_of(shown))
        return as_html(pack.document, sealed.as_json()).encode()
    if form == "md":
        text = as_markdown(pack.document)
        sealed = record.of_file(conn, {"words": sha256(text)}, _lines_of(text))
        hidden = sealed.as_json().replace("--", "\\u002d\\u002d")  # two hyphens would end the comment that holds it
        return f"{text}\n<!-- feedback-pack {hidden} -->\n".encode()
    data = _plain(pack.as_record())
    sealed = record.of_file(conn, {"words": sha256(_canonical(data))}, _lines_of(_member_by_member(data)))
    return json.dumps({**data, "pack": json.loads(sealed.as_json())}, ensure_ascii=False, indent=2).encode()


def read_file(content: bytes) -> Carried:
    """What a file holds. Raises BadFile where it is no pack, BadInput where its record is damaged."""
    if len(content) > LARGEST:
        raise BadFile("The file is too large to be a pack of this system.")
    if content.startswith(b"PK"):
        return _read_docx(content)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise _no_pack() from None
    if found := _IN_HTML.search(text):
        shown = _IN_HTML.sub(r"\1\3", text)
        return Carried("html", Record.from_json(found[2]), {"words": sha256(shown)}, _lines_of(shown))
    if found := _IN_MARKDOWN.search(text):
        shown = text[: found.start()]
        return Carried("md", Record.from_json(found[1]), {"words": sha256(shown)}, _lines_of(shown))
    try:
        data = json.loads(text)
        record = Record.from_json(json.dumps(data.pop("pack")))
    except (ValueError, AttributeError, KeyError, TypeError):
        raise _no_pack() from None
    return Carried("json", record, {"words": sha256(_canonical(data))}, _lines_of(_member_by_member(data)))


def _read_docx(content: bytes) -> Carried:
    from docx import Document as open_document
    from docx.opc.exceptions import OpcError

    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > LARGEST:
                raise BadFile("The file is too large to be a pack of this system.")
        word = open_document(BytesIO(content))
    except (zipfile.BadZipFile, OpcError, KeyError, ValueError, OSError, SyntaxError):
        raise _no_pack() from None
    from feedback.documents.word import record_in

    record = record_in(word)
    if record is None:
        raise _no_pack()
    return Carried("docx", Record.from_json(record), _checksums_of_docx(content), _lines_of_docx(content))


def lines_of(pack: Pack, form: Form) -> tuple[str, ...]:
    """The lines that a pack has in a form, as `read_file` finds them."""
    if form == "docx":
        from datetime import datetime

        from feedback.documents.word import as_docx

        return _lines_of_docx(as_docx(pack.document, "{}", made_at=datetime.fromisoformat(pack.record.made_at)))
    if form == "html":
        return _lines_of(_IN_HTML.sub(r"\1\3", as_html(pack.document, "{}")))
    if form == "md":
        return _lines_of(as_markdown(pack.document))
    return _lines_of(_member_by_member(_plain(pack.as_record())))


def _lines_of(text: str) -> tuple[str, ...]:
    """The lines that say something, without the marks of HTML."""
    plain = (" ".join(unescape(_MARK.sub(" ", line)).split()) for line in text.splitlines())
    return tuple(line for line in plain if line)


def _lines_of_docx(content: bytes) -> tuple[str, ...]:
    from docx import Document as open_document

    from feedback.documents.word import words_in

    return tuple(words_in(open_document(BytesIO(content))))


def _checksums_of_docx(content: bytes) -> dict[str, str]:
    from docx import Document as open_document

    from feedback.documents.word import pictures_in, words_in

    word = open_document(BytesIO(content))
    return {"words": sha256("\n".join(words_in(word))), "pictures": sha256("".join(map(sha256, pictures_in(word))))}


def _no_pack() -> BadFile:
    return BadFile(
        "This file is no pack of this system, or another program has taken out the record that it carried; only a pack can be checked."
    )


def _plain(value: Any) -> Any:
    """The value as JSON has it: dates as ISO 8601, tuples as lists."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=str))


def _member_by_member(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=0)


def _canonical(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
