"""The straight line: raw comments in, analysed comments out, in order. Nothing is stored here.

A pure function over a stream: what stands in a chunk is never held longer than the chunk, so a file of any length
passes in constant memory, and the same line runs over the partitions of a cluster unchanged.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from feedback.clean import clean, is_contentless, question_kind
from feedback.comment import Analysed, Comment, Finding, RawComment
from feedback.guard import load_guard
from feedback.language import detect_language
from feedback.reader import Reader, Reading, load_reader
from feedback.redact import Redactor
from feedback.segment import segment
from feedback.settings import Settings
from feedback.tag.respondent import tag_respondent
from feedback.tag.sentiment import tag_clauses, tag_sentiment
from feedback.tag.service import ServiceTagger
from feedback.tag.signal import Heard, SignalTagger
from feedback.tag.strategy import tag_codes, tag_statements
from feedback.tag.theme import tag_themes
from feedback.taxonomy import Taxonomy, load_taxonomy

CHUNK = 256
CELLS_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Chunk:
    comments: Sequence[Comment]
    clauses: Sequence[Sequence[tuple[int, int]]]
    read: "Future[list[tuple[Reading, Heard]]]"  # of the comments with clauses


class Pipeline:
    """Everything that is loaded once and used on every comment."""

    def __init__(
        self, taxonomy: Taxonomy, redactor: Redactor, services: ServiceTagger, reader: Reader, signals: SignalTagger
    ) -> None:
        """Put the loaded parts together; `load_pipeline` loads them."""
        self.taxonomy = taxonomy
        self.redactor = redactor
        self._services = services
        self.reader = reader
        self._signals = signals
        self._hidden: dict[str, str] = {}

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the data and models behind every finding."""
        return {
            **self.taxonomy.versions,
            "reader": self.reader.name.split()[-1],
            "guard": self._signals.guard.name.split()[-1],
            "signal": self._signals.model.name.split()[-1],
        }

    def analyse(self, raws: Iterable[RawComment]) -> Iterator[Analysed]:
        """Analyse comments in chunks; one result for each comment, in the order given.

        While one chunk is encoded, which leaves Python free, the next is redacted and the one before is tagged: half as fast again.
        """
        stream = iter(raws)
        with ThreadPoolExecutor(1) as encoding:
            waiting: _Chunk | None = None
            while raw := list(islice(stream, CHUNK)):
                comments = self._safe(raw)
                clauses = [segment(c.text) if c.is_read else () for c in comments]
                chunk = _Chunk(comments, clauses, encoding.submit(self._read, comments, clauses))
                if waiting:
                    yield from self._tagged(waiting)
                waiting = chunk
            if waiting:
                yield from self._tagged(waiting)

    def _read(
        self, comments: Sequence[Comment], clauses: Sequence[Sequence[tuple[int, int]]]
    ) -> list[tuple[Reading, Heard]]:
        with_clauses = [(c, spans) for c, spans in zip(comments, clauses, strict=True) if spans]
        texts = [c.text for c, _ in with_clauses]
        readings = self.reader.read(
            texts, [c.question_kind for c, _ in with_clauses], [spans for _, spans in with_clauses]
        )
        return list(zip(readings, self._signals.listen(texts), strict=True))

    def _tagged(self, chunk: _Chunk) -> Iterator[Analysed]:
        read = iter(chunk.read.result())
        for comment, spans in zip(chunk.comments, chunk.clauses, strict=True):
            if comment.contentless:
                yield Analysed(comment)
                continue
            findings: list[Finding] = []
            if spans:
                reading, heard = next(read)
                by = self.reader.name
                parts = tag_clauses(reading, spans, by)
                themes = tag_themes(reading, spans, [f.polarity for f in parts], self.reader)
                codes = tag_codes(reading, spans, self.reader, self.taxonomy)
                findings += [*parts, tag_sentiment(reading, spans, parts, by), *themes, *codes]
                findings += tag_statements([f for f in codes if f.kind == "objective"], themes, self.taxonomy)
                findings += self._signals.tag(comment, spans, heard)
            # A comment in another language keeps what its row says of service and person, so that it can be found and translated.
            findings += self._services.tag(comment)
            findings.append(tag_respondent(comment))
            yield Analysed(comment, tuple(findings))

    def _safe(self, raws: Sequence[RawComment]) -> list[Comment]:
        """Clean and redact: from here on nothing in a comment may identify a person."""
        self._hide({cell for raw in raws for cell in (*raw.services, raw.question, raw.respondent) if cell})
        kinds = [question_kind(raw.question) for raw in raws]
        redacted = self.redactor.redact([clean(raw.text) for raw in raws])
        comments = []
        for raw, kind, (text, redactions) in zip(raws, kinds, redacted, strict=True):
            cells = tuple(self._hidden[cell] for cell in raw.services if cell)
            comments.append(
                Comment(
                    id=raw.id or _made_id(text, raw, cells),
                    text=text,
                    question=self._hidden[raw.question] if raw.question else None,
                    question_kind=kind,
                    date=raw.date,
                    fft=raw.fft,
                    language=detect_language(text),
                    contentless=is_contentless(text, kind),
                    redactions=redactions,
                    service_cells=cells,
                    respondent_cell=self._hidden[raw.respondent] if raw.respondent else None,
                )
            )
        return comments

    def _hide(self, cells: set[str]) -> None:
        """Redact what stands beside the comments; headings and team names come again on every row, so each is redacted once."""
        if len(self._hidden) > CELLS_REMEMBERED:
            self._hidden.clear()
        new = sorted(cells - self._hidden.keys())
        for cell, (safe, _) in zip(new, self.redactor.redact([clean(cell) for cell in new]), strict=True):
            self._hidden[cell] = safe


def load_pipeline(settings: Settings | None = None) -> Pipeline:
    """Load data and models. Raises BadData or BadModel, saying which file and what to do."""
    settings = settings or Settings()
    taxonomy = load_taxonomy(Path(settings.data))
    reader = load_reader(Path(settings.models), taxonomy)
    guard = load_guard(Path(settings.models))
    return Pipeline(
        taxonomy,
        Redactor(taxonomy, guard),
        ServiceTagger(taxonomy, Path(settings.data)),
        reader,
        SignalTagger(Path(settings.data), Path(settings.models), guard),
    )


def _made_id(text: str, raw: RawComment, cells: tuple[str, ...]) -> str:
    parts = "\x1f".join([text, str(raw.date or ""), raw.question or "", *cells])
    return "c-" + hashlib.blake2b(parts.encode(), digest_size=8).hexdigest()
