"""A document is the same in every format, and each format can be read by eye, by ear and by a program."""

import json
import re
import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest
from docx import Document as open_document
from docx.oxml.ns import qn

from feedback.documents.html import as_html
from feedback.documents.markdown import as_markdown
from feedback.documents.model import (
    Bullets,
    Chart,
    Charts,
    Document,
    Heading,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Quotation,
    Quotations,
    table,
)
from feedback.documents.word import as_docx, record_in, words_in

CITED = Quotation(
    "It was *lovely* & <quick>", "Podiatry, May 2026, patient", "HW-2026-000001.2", "http://here/comments/1"
)
NOTICE = Quotation(
    "[quotation HW-2026-000002.1 withheld]", "", "HW-2026-000002.1", "http://here/comments/2", withheld=True
)
SPEC = {
    "data": {"values": [{"a": 1, "b": 2}]},
    "mark": "bar",
    "description": "One bar.",
    "usermeta": {"title": "Bars"},
    "encoding": {"x": {"field": "a", "type": "quantitative"}},
}
DRAWN = Chart("Bars", "One bar stands alone.", SPEC, "One bar.", ({"Month": "May 2026", "Comments": "4"},), ("Few.",))
DOCUMENT = Document(
    "A title",
    "Four comments",
    (
        KeyFigures("In numbers", (KeyFigure("Comments", "4", "of 9"),)),
        Heading("What was said"),
        Paragraph("of four", lead="One"),
        Charts((DRAWN, DRAWN)),
        Quotations((CITED, NOTICE)),
        table("By theme", ("Theme", "Praise"), [("Parking", "3"), ("Food", "1")]),
        Bullets(("first", "second")),
        Quotations((), "Nobody spoke."),
    ),
    (Paragraph("Made by hand.", small=True),),
)


def test_every_figure_has_a_name() -> None:
    assert DOCUMENT.figures() == {
        "In numbers | Comments": "4 (of 9)",
        "Bars | in words": "One bar stands alone.",
        "Bars | May 2026": "4",
        "By theme | Parking | Praise": "3",
        "By theme | Food | Praise": "1",
    }
    assert DOCUMENT.citations() == ("HW-2026-000001.2", "HW-2026-000002.1")


def test_markdown_says_all_of_it_and_no_word_formats() -> None:
    assert as_markdown(DOCUMENT).splitlines() == [
        "# A title",
        "",
        "Four comments",
        "",
        "- Comments: **4** (of 9)",
        "",
        "## What was said",
        "",
        "**One** of four",
        "",
        *("**Bars.** One bar stands alone. Few.", "", "| Month | Comments |", "| --- | ---: |", "| May 2026 | 4 |", "")
        * 2,
        r"- “It was \*lovely\* & \<quick\>” — Podiatry, May 2026, patient ([HW-2026-000001.2](http://here/comments/1))",
        r"- \[quotation HW-2026-000002.1 withheld\]",
        "",
        "| Theme | Praise |",
        "| --- | ---: |",
        "| Parking | 3 |",
        "| Food | 1 |",
        "",
        "- first",
        "- second",
        "",
        "Nobody spoke.",
        "",
        "Made by hand.",
    ]


def test_the_page_holds_all_it_needs_and_no_word_becomes_markup() -> None:
    page = as_html(DOCUMENT, '{"words": "</script><b>"}')
    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    assert "It was *lovely* &amp; &lt;quick&gt;" in page
    assert not re.search(r"(?:src|href)=\"(?!http://here/comments/1\")", page)
    assert re.findall(r"<h(\d)", page) == ["1", "2"]
    assert page.count('<svg role="img" aria-label="One bar."') == 2
    assert page.count('<th scope="row">') == 4 and "<caption>By theme</caption>" in page
    held = re.search(r'<script type="application/json" id="feedback-pack">(.*)</script>', page)
    assert held and json.loads(held[1]) == {"words": "</script><b>"}


@pytest.fixture(scope="module")
def word() -> object:
    return open_document(BytesIO(as_docx(DOCUMENT, '{"a": "<&>"}', made_at=datetime(2026, 8, 1, tzinfo=UTC))))


def test_word_has_real_headings_lists_and_a_title(word) -> None:  # type: ignore[no-untyped-def]
    styles = [(paragraph.style.name, paragraph.text) for paragraph in word.paragraphs]
    assert styles[0] == ("Title", "A title")
    assert ("Heading 1", "What was said") in styles
    assert ("List Bullet", "first") in styles
    about = word.core_properties
    assert (about.title, about.subject, about.language) == ("A title", "Four comments", "en-GB")


def test_word_is_in_arial_and_british_english(word) -> None:  # type: ignore[no-untyped-def]
    languages = {lang.get(qn("w:val")) for lang in word.styles.element.iter(qn("w:lang"))}
    assert languages == {"en-GB"}
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "List Bullet", "Quote"):
        fonts = word.styles[name].element.rPr.rFonts
        assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "cs", "eastAsia")} == {"Arial"}
        assert not [attribute for attribute in fonts.attrib if attribute.endswith("Theme")]


def test_word_marks_the_heading_of_each_table_and_describes_each_picture(word) -> None:  # type: ignore[no-untyped-def]
    for found in word.tables:
        properties = found.rows[0]._tr.trPr
        assert properties.find(qn("w:tblHeader")) is not None
        assert found._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) in ("In numbers", "By theme")
        assert found._tbl.tblPr.find(qn("w:tblLook")).get(qn("w:firstRow")) == "1"
    described = [(d.get("title"), d.get("descr")) for d in word.element.body.iter(qn("wp:docPr"))]
    assert described == [("Bars", "One bar. Figures (Month, Comments): May 2026, 4.")] * 2


def test_word_numbers_its_pages_and_links_its_citations(word) -> None:  # type: ignore[no-untyped-def]
    fields = [code.text.strip() for code in word.sections[0].footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]
    links = [word.part.rels[link.get(qn("r:id"))].target_ref for link in word.element.body.iter(qn("w:hyperlink"))]
    assert links == ["http://here/comments/1"]
    text = list(words_in(word))
    assert "“It was *lovely* & <quick>” Podiatry, May 2026, patient http://here/comments/1HW-2026-000001.2" in text


def test_word_carries_the_record_where_word_keeps_it(word) -> None:  # type: ignore[no-untyped-def]
    assert record_in(word) == '{"a": "<&>"}'
    content = as_docx(DOCUMENT, "{}")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))


def test_two_pictures_in_a_line_are_equally_high(word) -> None:  # type: ignore[no-untyped-def]
    sizes = {(shape.width, shape.height) for shape in word.inline_shapes}
    assert len(sizes) == 1
