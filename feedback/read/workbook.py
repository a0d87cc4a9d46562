"""Print the cells of an XLSX workbook as JSON lines: the child process that `sheets` starts, never imported by it.

Spreadsheet readers are known to abort or to eat all memory on hostile workbooks, so this runs alone, under limits of
memory and processor time, and can be killed without harm. Danger: openpyxl trusts a sheet's own word about its size,
takes the blank result of a formula for none, and forgets a sheet whose part is missing; here each is read as it stands.
"""

import io
import json
import re
import resource
import sys
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

MEMORY = 1_200 * 2**20  # bytes of address space; the whole program must stay under 1.5 GB
LONGEST = 200_000  # characters of a cell; Excel holds 32,767, and what is longer is refused as a comment later
SECONDS = 30  # of processor time for one reading; a file is read twice, and one under 20 MB may take a minute
MAX_ROWS = 200_000  # rows with cells, twice the most that is promised; each takes as long however little it holds
_MAX_MERGES = 20_000
_CHUNK = 1 << 20
_TEXT_TAG = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}t"
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
# A real formula calls a function, names a cell, or only reckons with numbers; words after a "=" do none of these.
_RECKONS = re.compile(r"[A-Za-z_.]\w*\(|\$?\b[A-Z]{1,3}\$?\d{1,7}\b|^[\d\s.,()+*/^&<>=%\"-]+$|[\w'\]]!\$?[A-Z]|\[@?")


class _TooManyRows(Exception):
    """The workbook is no table of comments."""


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return [value.isoformat()]
    if isinstance(value, str):
        return value[:LONGEST]
    return value if isinstance(value, int | float | dict) else str(value)


def _merges(sheet: Any) -> list[tuple[int, int, int]]:
    """Column (from 0), first and last row of each merge of more than one row; they stand behind all the rows."""
    from openpyxl.utils import column_index_from_string

    found: list[tuple[int, int, int]] = []
    with sheet._get_source() as source:
        rest = b""
        while chunk := source.read(_CHUNK):
            text = rest + chunk
            end = text.rfind(b">") + 1
            for left, top, _, bottom in _MERGE.findall(text[:end]):
                if int(bottom) > int(top) and len(found) < _MAX_MERGES:
                    found.append((column_index_from_string(left.decode()) - 1, int(top), int(bottom)))
            rest = text[end:][-_CHUNK:]
    return found


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    # The parser is used directly: ReadOnlyWorksheet would pad every gap up to a cell in the last row or column.
    from openpyxl.utils.cell import coordinate_to_tuple
    from openpyxl.worksheet import _reader

    class Parser(_reader.WorkSheetParser):
        def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:
            if not any(len(cell) for cell in row):  # formatted but blank rows come in hundred thousands
                row[:] = []
            parsed: tuple[int, list[dict[str, Any]]] = super().parse_row(row)
            return parsed

        def parse_cell(self, element: Any) -> dict[str, Any]:
            # A plain text within the cell, as many exports have, by a short way: the long one takes ten times as long.
            if element.get("t") == "inlineStr" and len(element) == 1 and len(element[0]) == 1 and element.get("r"):
                text = element[0][0]
                if text.tag == _TEXT_TAG:
                    _, column = coordinate_to_tuple(element.get("r"))
                    self.col_counter = column
                    return {"column": column, "value": text.text}
            cell: dict[str, Any] = super().parse_cell(element)
            if cell["value"] is not None or (formula := element.find(_reader.FORMULA_TAG)) is None:
                return cell
            if not _is_blank_result(element, _reader.VALUE_TAG):
                # Words that begin with "=" are saved as a formula too.
                cell["value"] = (
                    "=" + formula.text if formula.text and not _RECKONS.search(formula.text) else {"unsaved": True}
                )
            return cell

    book = sheet.parent
    with sheet._get_source() as source:
        parser = Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            width = max((cell["column"] for cell in cells if cell["value"] is not None), default=0)
            values: list[Any] = [None] * width
            for cell in cells:
                if cell["value"] is not None:
                    values[cell["column"] - 1] = _plain(cell["value"])
            if values:
                yield number, values


def _is_blank_result(cell: Any, value_tag: str) -> bool:
    """Whether a formula was worked out and came to nothing: the cell is of text, and its value is there but empty."""
    return cell.get("t") == "str" and cell.find(value_tag) is not None


def _missing(path: Any, names: list[str]) -> list[str]:
    """The sheets that the workbook lists and the reader left out without a word, as their part is not there."""
    from openpyxl.reader.excel import ExcelReader

    reader = ExcelReader(path, read_only=True)
    reader.read_manifest()
    reader.read_workbook()
    return [sheet.name for sheet in reader.parser.sheets if sheet.id and sheet.name not in names]


def main() -> None:
    """Print one line for the book, one a sheet for its merged cells, one a row ([sheet, row, cells]), one for the end.

    In the cells a date is a list of one, and a formula without a saved result an object.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("ignore")
    out = sys.stdout
    try:
        import openpyxl
        from openpyxl.utils.datetime import MAC_EPOCH

        # Its bytes, since by its name openpyxl refuses a workbook that is called .csv.
        content = Path(sys.argv[1]).read_bytes()
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        titles = [sheet.title for sheet in book.worksheets]
        gone = _missing(io.BytesIO(content), [sheet.title for sheet in book._sheets])
        print(json.dumps({"epoch_1904": book.epoch == MAC_EPOCH, "sheets": titles, "missing": gone}), file=out)
        rows = 0
        for sheet in book.worksheets:
            print(json.dumps({"merges": _merges(sheet)}), file=out)
            for number, values in _sheet_rows(sheet):
                rows += 1
                if rows > MAX_ROWS:
                    raise _TooManyRows
                print(json.dumps([sheet.title, number, values]), file=out)
        print(json.dumps({"end": True}), file=out)
    except _TooManyRows:
        print(json.dumps({"error": f"has more than {MAX_ROWS:,} rows with cells"}), file=out)
    except MemoryError:
        print(json.dumps({"error": "needs more memory than a table of comments should"}), file=out)
    except BrokenPipeError:
        sys.stderr.close()
    except (zipfile.BadZipFile, EOFError):
        print(json.dumps({"error": "is damaged or broke off on the way"}), file=out)
    except Exception:  # whatever a damaged or hostile part makes the reader raise, the parent must get a sentence
        print(json.dumps({"error": "has a part that is damaged or not safe to read"}), file=out)


if __name__ == "__main__":
    main()
