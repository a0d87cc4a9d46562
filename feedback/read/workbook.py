"""Print the cells of an XLSX workbook as JSON lines: the child process that `sheets` starts, never imported by it.

Spreadsheet readers are known to abort or to eat all memory on hostile workbooks, so this runs alone, under limits of
memory and processor time, and can be killed without harm. Danger: openpyxl trusts a sheet's own word about its size
and its formulas' stored results; both are read here as they stand instead.
"""

import json
import resource
import sys
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

MEMORY = 1_200 * 2**20  # bytes of address space; the whole program must stay under 1.5 GB
LONGEST = 200_000  # characters of a cell; Excel holds 32,767, and what is longer is refused as a comment later
SECONDS = 55  # of processor time; no file under 20 MB may take more than a minute


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return [value.isoformat()]
    if isinstance(value, str):
        return value[:LONGEST]
    return value if isinstance(value, int | float) else str(value)


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    # The parser is used directly: ReadOnlyWorksheet would pad every gap up to a cell in the last row or column.
    from openpyxl.worksheet import _reader

    class Parser(_reader.WorkSheetParser):
        def parse_cell(self, element: Any) -> dict[str, Any]:
            cell: dict[str, Any] = super().parse_cell(element)
            if cell["value"] is None and (formula := element.find(_reader.FORMULA_TAG)) is not None and formula.text:
                cell["value"] = "=" + formula.text  # words that begin with "=" were saved as a formula without a result
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


def main() -> None:
    """Print one line for the book, one a row ([sheet, row, cells]; a date is a list of one), and one for the end."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("ignore")
    out = sys.stdout
    try:
        import openpyxl
        from openpyxl.utils.datetime import MAC_EPOCH

        book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)
        print(
            json.dumps({"epoch_1904": book.epoch == MAC_EPOCH, "sheets": [s.title for s in book.worksheets]}), file=out
        )
        for sheet in book.worksheets:
            for number, values in _sheet_rows(sheet):
                print(json.dumps([sheet.title, number, values]), file=out)
        print(json.dumps({"end": True}), file=out)
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
