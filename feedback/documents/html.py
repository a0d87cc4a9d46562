"""Write a document as one HTML file that holds all it needs: charts as drawings, its own style, no script, nothing fetched.

Escaping is on; the charts, drawn here of our own names and numbers, are let through as they are.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from feedback.documents.model import KIND_OF_BLOCK, Document
from feedback.over_time.chart import as_picture

TEMPLATE = Path(__file__).parent / "pack.html"


def as_html(document: Document, record: str = "") -> str:
    """The page; `record` is the JSON that it carries unseen."""
    # In a script nothing is escaped, so what would end it or begin a comment is written as JSON writes any letter.
    safe = record.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return _template().render(document=document, kinds=KIND_OF_BLOCK, record=safe)


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
    environment.filters["drawn"] = lambda chart: Markup(as_picture(chart.spec))
    environment.filters["kind"] = lambda block: KIND_OF_BLOCK[type(block)]
    environment.filters["as_json"] = Markup
    return environment.get_template(TEMPLATE.name)
