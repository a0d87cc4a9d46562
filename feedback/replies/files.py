"""Write a reply to the public as a file: Markdown, a page that holds all it needs (HTML), or Word. Sources never go along.

Easy read is written large: guides ask for at least 14 points (recalled, for the Trust to confirm).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, get_args

from feedback.errors import BadInput, NotFound
from feedback.replies.draft import Form, Kept

Format = Literal["md", "html", "docx"]

FORMATS: dict[Format, str] = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
POINTS: dict[Form, float] = {"standard": 12, "easy_read": 16}
TEMPLATE = Path(__file__).with_name("reply.html")

_EXPLAINED = re.compile(r"\*\*(?P<term>[^*]+)\*\*\s*(?P<rest>.*)")


def as_file(service: str, reply: Kept, form: str) -> bytes:
    """The reply as a file of this form. Raises NotFound for one that is withdrawn, BadInput for a form that is not known."""
    if form not in get_args(Format):
        raise BadInput(f"A reply is written as {', '.join(FORMATS)}, not as {form[:20]!r}.")
    if not reply.stands:
        raise NotFound(f"Reply {reply.id} has been withdrawn, so it is not given out any more.")
    if form == "md":
        return reply.text.encode() + b"\n"
    return as_html(reply).encode() if form == "html" else _as_docx(service, reply)


def as_html(reply: Kept) -> str:
    """The page; what a person wrote is formatted as Markdown and can hold no HTML of its own."""
    title = next(_parts(reply.text), ("title", "You said, we did", ""))[1]
    return _template().render(title=title, body=body(reply.text), points=POINTS[reply.form])


def body(text: str, *, level: int = 1) -> str:
    """The text as HTML to be shown as it is; its first heading is of this level, the others one below."""
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("zero").enable(["heading", "emphasis", "list", "newline"])
    deeper = "\n".join("#" * (level - 1) + line if line.startswith("#") else line for line in text.split("\n"))
    return markdown.render(deeper)


def _as_docx(service: str, reply: Kept) -> bytes:
    from docx import Document as opened
    from docx.shared import Pt

    from feedback.documents.model import Block, Bullets, Document, Heading, Paragraph
    from feedback.documents.word import as_docx

    title = "You said, we did"
    blocks: list[Block] = []
    for kind, text, lead in _parts(reply.text):
        if kind == "title":
            title = text
        elif kind == "heading":
            blocks.append(Heading(text))
        elif kind == "item":
            blocks.append(Bullets((text,)))
        else:
            blocks.append(Paragraph(text, lead=lead))
    word = opened(BytesIO(as_docx(Document(title, service, tuple(blocks)))))
    for name, size in (("Normal", 1.0), ("List Bullet", 1.0), ("Heading 1", 1.25), ("Heading 2", 1.25), ("Title", 1.6)):
        word.styles[name].font.size = Pt(POINTS[reply.form] * size)
        word.styles[name].paragraph_format.space_after = Pt(8)
    for run in word.paragraphs[1].runs:  # the service, which packs have in small print
        run.font.size = Pt(POINTS[reply.form])
    file = BytesIO()
    word.save(file)
    return file.getvalue()


def _parts(text: str) -> Iterator[tuple[str, str, str]]:
    """Title, headings, list items and paragraphs in order, each with the words at its head that are bold."""
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        if line.startswith("# "):
            yield "title", line[2:], ""
        elif line.startswith("#"):
            yield "heading", line.lstrip("# "), ""
        elif line[:2] in ("- ", "* "):
            yield "item", line[2:].replace("**", ""), ""
        else:
            bold = _EXPLAINED.fullmatch(line)
            yield (
                ("text", bold["rest"].replace("**", ""), bold["term"]) if bold else ("text", line.replace("**", ""), "")
            )


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = Markup
    return environment.get_template(TEMPLATE.name)
