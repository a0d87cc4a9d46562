"""The straight line: raw comments in, analysed comments out, in order. Nothing is stored here.

A pure function over a stream: what stands in a chunk is never held longer than the chunk, so a file of any length
passes in constant memory, and the same line runs over the partitions of a cluster unchanged.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from feedback.clean import clean, is_code, is_contentless, question_kind
from feedback.comment import Analysed, Comment, Finding, RawComment, Redaction, StaffName
from feedback.language import detect_language, foreign
from feedback.models.guard import load_guard
from feedback.models.placer import Placed, load_placer
from feedback.models.reader import Reader, Reading, load_reader
from feedback.redact import Redactor
from feedback.segment import segment
from feedback.settings import IN_PRAISE, Settings
from feedback.tag.respondent import tag_respondent
from feedback.tag.sentiment import tag_clauses, tag_sentiment
from feedback.tag.service import ServiceTagger
from feedback.tag.signal import Heard, SignalTagger
from feedback.tag.strategy import tag_codes, tag_own_account, tag_statements
from feedback.tag.theme import tag_themes
from feedback.taxonomy import Taxonomy, load_taxonomy

CHUNK = 256  # comments that are read together
CELLS_REMEMBERED = 10_000

# A comment and the clauses it falls into; none where they are still to be found.
Kept = tuple[Comment, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class _Chunk:
    comments: Sequence[Comment]
    read: "Future[list[tuple[Reading, Heard, Placed]]]"  # of the comments that are read


class Pipeline:
    """Everything that is loaded once and used on every comment."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        redactor: Redactor,
        services: ServiceTagger,
        reader: Reader,
        signals: SignalTagger,
        *,
        keep_names: bool = False,
    ) -> None:
        """Put the loaded parts together; `load_pipeline` loads them. `keep_names`: names that are surely of staff are given beside
        their comment (`Analysed.names`), for the store to keep those that stand in praise."""
        self.taxonomy = taxonomy
        self.redactor = redactor
        self._services = services
        self.reader = reader
        self._signals = signals
        self._hidden: dict[str, str] = {}
        self._keep_names = keep_names

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the data and models behind every finding."""
        return {
            **self.taxonomy.versions,
            "reader": self.reader.name.split()[-1],
            "guard": self._signals.guard.name.split()[-1],
            "placer": self._services.model_version,
            "names": self._services.directory.content,
            "signal": self._signals.model.name.split()[-1],
        }

    def analyse(self, raws: Iterable[RawComment]) -> Iterator[Analysed]:
        """Analyse comments in chunks; one result for each comment, in the order given."""
        stream = iter(raws)
        chunks = iter(lambda: list(islice(stream, CHUNK)), [])
        names: deque[tuple[StaffName, ...]] = deque()  # of the comments that are on their way

        def safe() -> Iterator[Sequence[Kept]]:
            for raw in chunks:
                comments, of_staff = self._safe(raw)
                names.extend(of_staff)
                yield [(comment, ()) for comment in comments]

        for analysed in self._through(safe()):
            of_staff = names.popleft()
            yield replace(analysed, names=of_staff) if of_staff else analysed

    def read_again(self, chunks: Iterable[Sequence[Kept]]) -> Iterator[Analysed]:
        """Analyse comments that were made safe before, as they are kept; one result for each, in the order given.

        What their words are (language, content, what was asked) is worked out anew. The clauses that a comment comes with stay,
        since they are cited by number. A chunk is read together whatever its size: vectors differ by a hair with their company,
        so the same chunks give the same results.
        """
        yield from self._through([(_as_read_now(comment), spans) for comment, spans in chunk] for chunk in chunks)

    def services_again(self, comments: Sequence[Comment]) -> list[list[Finding]]:
        """The services alone of comments that were made safe before, in the order given; company counts as in `read_again`."""
        heard = iter(self._services.listen([c.text for c in comments if c.is_read]))
        return [
            [] if c.contentless else self._services.tag(c, next(heard)) if c.is_read else self._services.tag(c)
            for c in comments
        ]

    def _through(self, chunks: Iterable[Sequence[Kept]]) -> Iterator[Analysed]:
        """Read and tag chunk by chunk, cutting into clauses what comes without.

        While one chunk is encoded, which leaves Python free, the next is redacted and the one before is tagged: half as fast again.
        """
        with ThreadPoolExecutor(1) as encoding:
            waiting: _Chunk | None = None
            for kept in chunks:
                comments = [comment for comment, _ in kept]
                chunk = _Chunk(comments, encoding.submit(self._read, kept))
                if waiting:
                    yield from self._tagged(waiting)
                waiting = chunk
            if waiting:
                yield from self._tagged(waiting)

    def _read(self, kept: Sequence[Kept]) -> list[tuple[Reading, Heard, Placed]]:
        """What the models make of those comments that are read, in order."""
        some = [(comment, spans) for comment, spans in kept if _has_words(comment)]
        texts = [comment.text for comment, _ in some]
        readings = self.reader.read(
            texts,
            [comment.question_kind for comment, _ in some],
            [spans or segment(comment.text) for comment, spans in some],
            [bool(spans) for _, spans in some],
        )
        heard = self._signals.listen(texts, [reading.vectors[0] for reading in readings])
        return list(zip(readings, heard, self._services.listen(texts), strict=True))

    def _tagged(self, chunk: _Chunk) -> Iterator[Analysed]:
        read = iter(chunk.read.result())
        for comment in chunk.comments:
            if comment.contentless:
                yield Analysed(comment)
                continue
            findings: list[Finding] = []
            reading, heard, placed = next(read) if _has_words(comment) else (None, None, None)
            respondent = tag_respondent(comment, placed)
            if reading is not None and heard is not None:
                spans, by = reading.clauses, self.reader.name
                parts = tag_clauses(reading, spans, by)
                themes = tag_themes(reading, spans, [f.polarity for f in parts], self.reader)
                codes = tag_codes(reading, spans, self.reader, self.taxonomy)
                codes += tag_own_account(respondent, parts, codes, self.taxonomy)
                findings += [*parts, tag_sentiment(reading, spans, parts, by), *themes, *codes]
                objectives = [f for f in codes if f.kind == "objective"]
                findings += tag_statements(reading, spans, objectives, self.reader, self.taxonomy)
                findings += self._signals.tag(comment, spans, heard)
            # A comment in another language keeps what its row says of service and person, so that it can be found and translated.
            findings += self._services.tag(comment, placed)
            findings.append(respondent)
            yield Analysed(comment, tuple(findings))

    def _safe(self, raws: Sequence[RawComment]) -> tuple[list[Comment], list[tuple[StaffName, ...]]]:
        """Clean and redact: from here on nothing in a comment may identify a person. Beside each, names of staff that may be kept."""
        self._hide({cell for raw in raws for cell in (*raw.services, raw.question, raw.respondent) if cell})
        kinds = [question_kind(raw.question) for raw in raws]
        texts = [clean(raw.text) for raw in raws]
        redacted, names = self._redacted(texts)
        comments = []
        for raw, kind, given, (text, redactions) in zip(raws, kinds, texts, redacted, strict=True):
            # A code of the trust's own identifies nobody, and two of them hidden alike would be one name.
            cells = tuple(cell if is_code(cell.strip()) else self._hidden[cell] for cell in raw.services if cell)
            comments.append(
                Comment(
                    id=raw.id or _made_id(text, raw, cells),
                    text=text,
                    question=self._hidden[raw.question] if raw.question else None,
                    question_kind=kind,
                    date=raw.date,
                    fft=raw.fft,
                    language=detect_language(given),  # as the redactor took it, before any word was hidden
                    contentless=is_contentless(text, kind),
                    redactions=redactions,
                    service_cells=cells,
                    respondent_cell=self._hidden[raw.respondent] if raw.respondent else None,
                )
            )
        return comments, names

    def _redacted(
        self, texts: Sequence[str]
    ) -> tuple[list[tuple[str, tuple[Redaction, ...]]], list[tuple[StaffName, ...]]]:
        """The texts redacted, and names of staff in those that are English throughout, where they may be kept at all."""
        if not self._keep_names:
            return self.redactor.redact(texts), [()] * len(texts)
        found = self.redactor.redact_naming_staff(texts)
        names = [
            of_staff if of_staff and not foreign(given) else ()
            for given, (*_, of_staff) in zip(texts, found, strict=True)
        ]
        return [(text, redactions) for text, redactions, _ in found], names

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
        ServiceTagger(taxonomy, Path(settings.data), load_placer(Path(settings.models))),
        reader,
        SignalTagger(Path(settings.data), Path(settings.models), guard),
        keep_names=settings.staff_names == IN_PRAISE,
    )


def _has_words(comment: Comment) -> bool:
    """Whether there is anything for the models to read."""
    return comment.is_read and bool(comment.text.strip())


def _as_read_now(comment: Comment) -> Comment:
    kind = question_kind(comment.question)
    return replace(
        comment,
        question_kind=kind,
        # A person who translated it, or says that it is English, knows better.
        language="en" if comment.translated_from else detect_language(comment.text),
        contentless=is_contentless(comment.text, kind),
    )


def _made_id(text: str, raw: RawComment, cells: tuple[str, ...]) -> str:
    parts = "\x1f".join([text, str(raw.date or ""), raw.question or "", *cells])
    return "c-" + hashlib.blake2b(parts.encode(), digest_size=8).hexdigest()
