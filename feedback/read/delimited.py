"""Read text with a delimiter (CSV, TSV, semicolons, pipes …) row by row, and find its encoding and delimiter first.

A byte that does not fit the encoding stays in its cell as half a character, so that one bad row is named instead of
the file being refused. A quotation mark that is never closed swallows the rows after it: that refuses the file.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from feedback.errors import BadFile
from feedback.read.cells import FileFacts, Row

MAX_LINE = 10_000_000  # characters; a longer line is no table, and would be held in memory whole
_DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x1f", "¦")
_ONE_COLUMN = "\x1e"  # stands in as the delimiter of a file that has none: it does not occur in text
_SAMPLE = 262_144
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_CODINGS = ("utf-16", "utf-32", "utf-16-le", "utf-16-be")
# Beyond ASCII, what English comments are full of; the eight-bit encoding that yields most of these is the one.
_USUAL = frozenset("’‘“”–—…•£€éèêëçàáâäïîíìñóòôöúùûüÉÈÀÇ°½¼¾ \u00a0´·®©™×")

csv.field_size_limit(MAX_LINE)


class Delimited:
    """A text file with a delimiter; see `Table`."""

    headings = None

    def __init__(self, path: Path):
        self.path = path
        self.encoding = find_encoding(path)
        with path.open(encoding=self.encoding, errors="replace", newline="") as file:
            sample = file.read(_SAMPLE)
        self.declared = re.match(r"\s*\"?sep=(.)\"?[\r\n]", sample)
        self.delimiter, self.width = (self.declared[1], 0) if self.declared else find_delimiter(sample)
        self.facts = FileFacts("csv", self.encoding, None if self.delimiter == _ONE_COLUMN else self.delimiter)

    def rows(self) -> Iterator[Row]:
        """Every row as text cells; raises BadFile on a line without end or a quotation mark that is never closed."""
        errors = "surrogatepass" if self.encoding in _WIDE_CODINGS else "surrogateescape"
        with self.path.open(encoding=self.encoding, errors=errors, newline="") as file:
            number = 0
            try:
                for number, cells in enumerate(self._records(_lines(file)), start=1):
                    if number == 1 and self.declared:
                        cells = []
                    yield Row(number, tuple(cells))
            except UnicodeDecodeError:
                raise BadFile(
                    f"The file breaks off in the middle of a character after row {number}: export it again."
                ) from None

    def _records(self, lines: Iterator[str]) -> Iterator[list[str]]:
        taken: list[str] = []

        def noted() -> Iterator[str]:
            for line in lines:
                taken.append(line)
                yield line

        source = noted()
        reader = csv.reader(source, delimiter=self.delimiter, strict=True)
        number = 0
        while True:
            taken.clear()
            number += 1
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end" in str(error):
                    raise _unclosed(number) from None
                if "field limit" in str(error):
                    raise BadFile(
                        f"Row {number} has a cell of more than {MAX_LINE:,} characters: look for a quotation mark "
                        "that is never closed there, and send the file again."
                    ) from None
                # A stray quotation mark inside a cell: harmless on one line, but a sign of swallowed rows on several.
                lenient = csv.reader(chain(list(taken), source), delimiter=self.delimiter)
                record = next(lenient)
                if self.width > 1 and any(line.count(self.delimiter) >= self.width - 1 for line in taken[1:]):
                    raise _unclosed(number) from None
                yield record


def _unclosed(number: int) -> BadFile:
    return BadFile(
        f"A quotation mark that opens in row {number} is never closed, so the rows after it cannot be told apart: "
        "close or remove it, and send the file again."
    )


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) >= MAX_LINE and not line.endswith(("\n", "\r")):
            raise BadFile(f"Line {number} has more than {MAX_LINE:,} characters: this is not a table of comments.")
        yield line


def find_encoding(path: Path) -> str:
    """The encoding that the whole file fits: its mark, UTF-8, or the eight-bit one that reads most like English.

    UTF-8 is kept for a file that is mostly UTF-8 with a few broken lines, so that only those are lost.
    """
    with path.open("rb") as file:
        head = file.read(65_536)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name
        if unmarked := unmarked_utf16(head):
            return unmarked
        file.seek(0)
        fits = broken = 0
        odd_bytes = bytearray()
        while lines := file.readlines(1 << 20):
            for line in lines:
                if line.isascii():
                    continue
                try:
                    line.decode("utf-8")
                    fits += 1
                except UnicodeDecodeError:
                    broken += 1
                    if len(odd_bytes) < _SAMPLE:
                        odd_bytes += line
    if not broken or fits >= broken:
        return "utf-8"
    return _eight_bit(bytes(odd_bytes))


def unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly every second byte is zero, and hardly any of the others."""
    half = max(1, len(head) // 2)
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if max(even, odd) < 0.6 or min(even, odd) > 0.02:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _eight_bit(sample: bytes) -> str:
    def beyond(encoding: str) -> list[str]:
        return [c for c in sample.decode(encoding, errors="replace") if not c.isascii()]

    def usual(encoding: str) -> float:
        return sum(c in _USUAL for c in beyond(encoding)) / len(beyond(encoding))

    best = max(("cp1252", "mac_roman", "cp850"), key=usual)
    if usual(best) >= 0.75:  # Polish in its own encoding reads half like French in this one
        return best
    from charset_normalizer import from_bytes

    def letters(encoding: str) -> float:
        return sum(c.isalpha() for c in beyond(encoding)) / len(beyond(encoding))

    guesses = [match.encoding for match in from_bytes(sample)]
    return max(guesses, key=letters, default="cp1252")


def find_delimiter(sample: str) -> tuple[str, int]:
    """The delimiter by which most rows of a sample have the same number of cells, and that number.

    >>> find_delimiter("Date;Comment\\n01/02/2025;Kind, quick, clean\\n")
    (';', 2)
    """
    whole = sample if len(sample) < _SAMPLE else sample[: sample.rfind("\n") + 1] or sample
    best, best_score, best_width = _ONE_COLUMN, 0.0, 1
    for delimiter in _DELIMITERS:
        if delimiter not in whole:
            continue
        widths = Counter(len(r) for r in islice(_lenient(whole, delimiter), 300) if any(c.strip() for c in r))
        wide = {width: n for width, n in widths.items() if width > 1}
        if not wide:
            continue
        width = max(wide, key=lambda w: (wide[w], w))
        share = wide[width] / sum(widths.values())
        score = share * (1 - 1 / width)
        if share >= 0.5 and score > best_score:
            best, best_score, best_width = delimiter, score, width
    return best, best_width


def _lenient(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        return
