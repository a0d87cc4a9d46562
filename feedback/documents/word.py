"""Write a document for people who work in Word: real headings, lists and tables, charts as pictures that say what they show.

Whoever listens to it gets the same as whoever looks: heading styles make the outline, the first row and column of each
table are marked as such, each chart's description ends with its figures, and the language is British English. Quotations
carry the address of the comment. What programs read (the record) lies in a custom XML part, which Word keeps.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import zip_longest
from typing import Any

from docx import Document as new_document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from feedback.documents.model import (
    Block,
    Bullets,
    Chart,
    Charts,
    Document,
    Heading,
    KeyFigures,
    Paragraph,
    Quotation,
    Quotations,
    Table,
)
from feedback.over_time.chart import as_png

FONT = "Arial"
NAVY, BLUE, GREY, LINE = "003087", "005EB8", "425563", "AEB7BD"
BODY, SMALL, CELL = 10, 8, 9  # points
MARGIN = Cm(1.9)  # leaves 17.2 cm, in which two charts stand side by side
CHART = Cm(8.5)  # about the size at which it was drawn, and half the room
PADDING = 10  # pixels round a drawing, as chart.py has it
SHARPNESS = 2.5  # pixels of a picture to one of its drawing
RECORD_NAMESPACE = "urn:feedback:pack"
_CUSTOM_XML = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"


def as_docx(document: Document, record: str = "", *, made_at: datetime | None = None) -> bytes:
    """The file; `record` is the JSON that it carries unseen, `made_at` its date of creation."""
    word = new_document()
    _dress(word)
    _describe(word, document, made_at or datetime.now(UTC))
    word.add_paragraph(document.title, style="Title")
    _small(word.add_paragraph(document.subtitle), size=BODY)
    blocks = (*document.blocks, *document.made)
    for block, following in zip_longest(blocks, blocks[1:]):
        _write(word, block)
        if isinstance(block, Paragraph) and isinstance(following, Quotations):
            word.paragraphs[-1].paragraph_format.keep_with_next = True  # what introduces words stays with them
    _number_pages(word)
    if record:
        _carry(word, record)
    file = BytesIO()
    word.save(file)
    return file.getvalue()


# --- the looks of the whole --------------------------------------------------------------------------------------------


def _dress(word: Word) -> None:
    section = word.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = MARGIN
    section.top_margin, section.bottom_margin = Cm(1.3), Cm(1.3)
    section.header_distance, section.footer_distance = Cm(0.7), Cm(0.6)
    looks: tuple[tuple[str, float, str | None, float, float], ...] = (
        # style, size, colour, space before, space after: points
        ("Normal", BODY, None, 0, 4),
        ("Title", 19, NAVY, 0, 2),
        ("Heading 1", 12.5, NAVY, 7, 2),
        ("Heading 2", 11, NAVY, 6, 2),
        ("Heading 3", 10.5, NAVY, 6, 2),
        ("List Bullet", BODY, None, 0, 3),
        ("Quote", BODY, None, 0, 4),
    )
    for name, size, colour, before, after in looks:
        style = word.styles[name]
        _in_arial(style)
        style.font.size = Pt(size)
        style.font.italic = False
        if colour:
            style.font.color.rgb = RGBColor.from_string(colour)
            style.font.bold = True
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.line_spacing = 1.05
    word.styles["Quote"].font.color.rgb = RGBColor.from_string("212B32")
    title = word.styles["Title"].element.get_or_add_pPr()
    for border in title.findall(qn("w:pBdr")):
        title.remove(border)
    quote = word.styles["Quote"].paragraph_format
    quote.left_indent, quote.keep_together = Cm(0.4), True
    _bordered(word.styles["Quote"].element.get_or_add_pPr())
    for language in word.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _in_arial(style: Any) -> None:
    """Arial for every alphabet: the theme's fonts, which a style names as well, would win over a plain name."""
    style.font.name = FONT
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)


def _bordered(properties: Any) -> None:
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="18" w:space="8" w:color="{LINE}"/></w:pBdr>'
    )
    # The schema has the parts of a paragraph's properties in one order.
    properties.insert_element_before(
        border, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr"
    )


def _describe(word: Word, document: Document, made_at: datetime) -> None:
    about = word.core_properties
    about.title, about.subject = document.title, document.subtitle
    about.author, about.last_modified_by, about.comments, about.keywords = "feedback", "feedback", "", ""
    about.language = "en-GB"
    about.created = about.modified = made_at.replace(tzinfo=None)


def _number_pages(word: Word) -> None:
    footer = word.sections[0].footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for words, field in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        _grey(footer.add_run(words))
        for part in (_field_mark("begin"), _field_code(field), _field_mark("separate"), "1", _field_mark("end")):
            run = footer.add_run(part if isinstance(part, str) else "")
            _grey(run)
            if not isinstance(part, str):
                run._r.append(part)


def _field_mark(kind: str) -> Any:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark


def _field_code(name: str) -> Any:
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {name} "
    return code


def _grey(run: Any, size: float = SMALL) -> None:
    run.font.size = Pt(size)
    run.font.color.rgb = RGBColor.from_string(GREY)


def _small(paragraph: WordParagraph, size: float = SMALL) -> None:
    for run in paragraph.runs:
        _grey(run, size)


def _carry(word: Word, record: str) -> None:
    """Put the record into a part of its own, with the item's properties that Word expects beside it."""
    from xml.sax.saxutils import escape

    body = f'<?xml version="1.0" encoding="UTF-8"?><pack xmlns="{RECORD_NAMESPACE}">{escape(record)}</pack>'
    package = word.part.package
    place = package.next_partname("/customXml/item%d.xml")
    item = Part(place, "application/xml", body.encode(), package)
    described = (
        '<?xml version="1.0" encoding="UTF-8"?><ds:datastoreItem ds:itemID="{6F1E6A0C-5D0B-4B5E-9E0B-2B1F5C3A7D10}"'
        ' xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs>'
        f'<ds:schemaRef ds:uri="{RECORD_NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
    )
    properties = Part(
        PackURI(place.replace("item", "itemProps")),
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        described.encode(),
        package,
    )
    item.relate_to(properties, f"{_CUSTOM_XML}Props")
    word.part.relate_to(item, _CUSTOM_XML)


# --- the parts ---------------------------------------------------------------------------------------------------------


def _write(word: Word, block: Block) -> None:
    match block:
        case Heading():
            # The document's title stands above all headings, so the first below it is Word's first.
            word.add_heading(block.text, level=block.level - 1)
        case Paragraph():
            paragraph = word.add_paragraph()
            if block.lead:
                paragraph.add_run(f"{block.lead} ").bold = True
            paragraph.add_run(block.text)
            if block.small:
                _small(paragraph)
        case Bullets():
            for item in block.items:
                paragraph = word.add_paragraph(item, style="List Bullet")
                if block.small:
                    _small(paragraph)
        case KeyFigures():
            _key_figures(word, block)
        case Table():
            _table(word, block)
        case Charts():
            for pair in _in_pairs(block.charts):
                _charts(word, pair)
        case Quotations():
            for quotation in block.items:
                _quotation(word, quotation)
            if not block.items:
                word.add_paragraph(block.none)


def _quotation(word: Word, quotation: Quotation) -> None:
    if quotation.withheld:
        _small(word.add_paragraph(quotation.text, style="Quote"), size=CELL)
        return
    paragraph = word.add_paragraph("“", style="Quote")
    if quotation.before or quotation.after:
        paragraph.add_run(quotation.before)
        paragraph.add_run(quotation.text).bold = True
        paragraph.add_run(quotation.after)
    else:
        paragraph.add_run(quotation.text)
    paragraph.add_run("” ")
    _grey(paragraph.add_run(f"{quotation.said} "), size=CELL)
    if quotation.href:
        _link(paragraph, quotation.citation, quotation.href)
    else:
        _grey(paragraph.add_run(quotation.citation), size=CELL)


def _link(paragraph: WordParagraph, text: str, href: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.set(qn("w:history"), "1")
    run = paragraph.add_run(text)
    run.font.size = Pt(CELL)
    run.font.underline = True
    run.font.color.rgb = RGBColor.from_string(BLUE)
    link.append(run._r)
    paragraph._p.append(link)


def _key_figures(word: Word, block: KeyFigures) -> None:
    names = [figure.name for figure in block.items]
    table = _new_table(word, block.title, 2 + any(f.note for f in block.items), len(names), head_column=False)
    for column, figure in enumerate(block.items):
        _cell(table.cell(0, column), figure.name, bold=True)
        run = _cell(table.cell(1, column), figure.value, bold=True)
        run.font.size = Pt(14)
        run.font.color.rgb = RGBColor.from_string(BLUE)
        if len(table.rows) > 2:
            _grey(_cell(table.cell(2, column), figure.note))
    _spread(table, [1.0] * len(names))
    _gap(word)


def _table(word: Word, block: Table) -> None:
    caption = word.add_paragraph()
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_after = Pt(2)
    caption.paragraph_format.space_before = Pt(4)
    run = caption.add_run(block.title)
    run.bold = True
    run.font.size = Pt(CELL)
    table = _new_table(word, block.title, len(block.rows) + 1, len(block.columns))
    for i, row in enumerate((block.columns, *block.rows)):
        for column, text in enumerate(row):
            cell = table.cell(i, column)
            _cell(cell, text, bold=not i)
            if column in block.numbers:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
            # A short table stays on one page; a long one breaks between rows, and its heading is said again.
            cell.paragraphs[0].paragraph_format.keep_with_next = i < len(block.rows) <= 12
    _spread(table, _shares(block))
    _gap(word)


def _new_table(word: Word, title: str, rows: int, columns: int, *, head_column: bool = True) -> Any:
    """A table with thin lines between its rows, the first row marked as its heading and said again on each page."""
    table = word.add_table(rows, columns)
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    properties = table._tbl.tblPr
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{LINE}"/>'
        for side, size in (("top", 8), ("bottom", 8), ("insideH", 4))
    )
    borders = parse_xml(f"<w:tblBorders {nsdecls('w')}>{lines}</w:tblBorders>")
    after = ("w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook", "w:tblCaption", "w:tblDescription")
    properties.insert_element_before(borders, *after)
    for look in properties.findall(qn("w:tblLook")):
        properties.remove(look)
    first = "1" if head_column else "0"
    properties.append(
        parse_xml(
            f'<w:tblLook {nsdecls("w")} w:val="{"04A0" if head_column else "0420"}" w:firstRow="1" w:lastRow="0"'
            f' w:firstColumn="{first}" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'
        )
    )
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), title)
    properties.append(caption)
    for i, row in enumerate(table.rows):
        of_row = row._tr.get_or_add_trPr()
        of_row.append(OxmlElement("w:cantSplit"))
        if i == 0:
            of_row.append(OxmlElement("w:tblHeader"))
    return table


def _cell(cell: Any, text: str, *, bold: bool = False) -> Any:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.paragraph_format.space_before = Pt(1)
    run = paragraph.add_run(text)
    run.bold = bold or None
    run.font.size = Pt(CELL)
    return run


def _shares(block: Table) -> list[float]:
    """How wide the columns are beside each other, by their longest words and texts."""
    shares = []
    for i, name in enumerate(block.columns):
        cells = [row[i] for row in block.rows] or [name]
        word = max(len(word) for text in (name, *cells) for word in text.split() or [""])
        longest = max(map(len, cells))
        shares.append(float(max(1.4 * word, min(longest, 22 if i in block.numbers else 38)) + 2))
    return shares


def _spread(table: Any, shares: Sequence[float]) -> None:
    room = Cm(21) - 2 * MARGIN
    widths = [Emu(int(room * share / sum(shares))) for share in shares]
    for column, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(int(width.twips)))
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _gap(word: Word) -> None:
    """A little room below a table, which Word gives none."""
    paragraph = word.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(5)


def _in_pairs(charts: Sequence[Chart]) -> Iterator[Sequence[Chart]]:
    for i in range(0, len(charts), 2):
        yield charts[i : i + 2]


def _charts(word: Word, charts: Sequence[Chart]) -> None:
    """One or two pictures in a line, and below it what each says."""
    line = word.add_paragraph()
    line.paragraph_format.keep_with_next = True
    line.paragraph_format.space_after = Pt(2)
    for chart, drawn in zip(charts, _level(charts), strict=True):
        shape = line.add_run().add_picture(BytesIO(drawn))
        wide, high = _size(drawn)
        shape.width, shape.height = CHART, Emu(CHART * high // wide)
        for side in "TBLR":  # where these are not said, some programs put a third of a centimetre round a picture
            shape._inline.set(f"dist{side}", "0")
        named = shape._inline.docPr
        named.set("name", chart.title)
        named.set("title", chart.title)
        named.set("descr", described(chart))
    for chart in charts:
        if not chart.sentence:
            continue
        words = word.add_paragraph()
        words.add_run(f"{chart.title}: ").bold = True
        words.add_run(chart.sentence)
        for run in words.runs:
            run.font.size = Pt(CELL)
        if chart.notes:
            _grey(words.add_run(f" {' '.join(chart.notes)}"))


def _level(charts: Sequence[Chart]) -> list[bytes]:
    """The pictures, the lower one with room below it: text programs set pictures in a line level at their feet."""
    pictures = [as_png(chart.spec, SHARPNESS) for chart in charts]
    shapes = [high / wide for wide, high in map(_size, pictures)]
    levelled = []
    for chart, drawn, shape in zip(charts, pictures, shapes, strict=True):
        wide, _ = _size(drawn)
        below = int((max(shapes) - shape) * wide / SHARPNESS)
        room = {"top": PADDING, "left": PADDING, "right": PADDING, "bottom": PADDING + below}
        levelled.append(as_png({**chart.spec, "padding": room}, SHARPNESS) if below > 0 else drawn)
    return levelled


def _size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels, which every PNG says at the same place of its head."""
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def described(chart: Chart) -> str:
    """What a chart says for those who do not see it, and its figures, which no table repeats in Word."""
    figures = "; ".join(", ".join(row.values()) for row in chart.rows)
    named = ", ".join(chart.rows[0]) if chart.rows else ""
    return f"{chart.alt} Figures ({named}): {figures}." if figures else chart.alt


# --- a file read back --------------------------------------------------------------------------------------------------


def record_in(word: Word) -> str | None:
    """The record that a file carries; None where there is none. Word renumbers such parts, so it is known by its namespace."""
    for relation in word.part.rels.values():
        if relation.is_external or relation.reltype != _CUSTOM_XML:
            continue
        root = parse_xml(relation.target_part.blob)
        if root.tag == f"{{{RECORD_NAMESPACE}}}pack":
            return root.text or ""
    return None


def words_in(word: Word) -> Iterator[str]:
    """What a reader meets, paragraph by paragraph, those in tables and the descriptions of pictures among them.

    How a paragraph is cut into runs is left out, since Word cuts it anew when it saves.
    """
    for paragraph in word.element.body.iter(qn("w:p")):
        parts = []
        for part in paragraph.iter(qn("w:t"), qn("wp:docPr"), qn("w:hyperlink")):
            if part.tag == qn("w:t"):
                parts.append(part.text or "")
            elif part.tag == qn("wp:docPr"):
                parts.append(part.get("descr", ""))
            else:
                link = word.part.rels.get(part.get(qn("r:id"), ""))
                parts.append(link.target_ref if link is not None else "")
        text = " ".join("".join(parts).split())
        if text:
            yield text


def pictures_in(word: Word) -> Iterator[bytes]:
    """The pictures in order, as they lie in the file."""
    for picture_ in word.element.body.iter(qn("a:blip")):
        yield word.part.related_parts[picture_.get(qn("r:embed"))].blob
