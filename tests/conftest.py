"""Shared fixtures: the shipped taxonomy, and a small store of comments analysed by hand. Every comment here is invented."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from conftest_browser import pytest_collection_modifyitems, pytest_terminal_summary  # noqa: F401  # hooks

from feedback.comment import Analysed, Comment, Finding, RawComment
from feedback.store import Store, open_store
from feedback.stored import Entry, Part
from feedback.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline

# How long an example takes says more of the machine, and of what it does beside, than of the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

READER = "reader 1.0"
VERSIONS = {"reader": "1.0", "themes": "7"}

MANNER = "staff-manner-personal-attributes"
WAIT = "timeliness-of-care"
PARKING = "parking"
PHONES = "contacting-services"
LISTENING = "staff-listening-understanding-involving-patients"
FOOD = "food-drink-provision-facilities"
THANKS = "positive-experience-gratitude"
NAMES = {"+": "positive", "-": "negative", "0": "neutral"}

# A clause is its words, its polarity, and the labels it carries: themes, values, objectives, statements.
Clause = tuple[str, str, tuple[str, ...]]


def analysed(
    id: str,
    clauses: Sequence[Clause],
    *,
    day: date | None = None,
    service: str | None = None,
    mentioned: str | None = None,
    cells: tuple[str, ...] = (),
    respondent: str = "patient",
    fft: int | None = None,
    signal: tuple[str, str] | None = None,
    score: float = 0.9,
) -> Analysed:
    """A comment made of clauses, with the findings that the pipeline would give it."""
    taxonomy = load_taxonomy()
    text, spans = "", []
    for words, _, _ in clauses:
        start = len(text) + (1 if text else 0)
        text = f"{text} {words}".strip()
        spans.append((start, len(text)))
    found = [
        Finding("clause", NAMES[sign], sign, score, *span, READER, str(number))
        for number, (span, (_, sign, _)) in enumerate(zip(spans, clauses, strict=True), start=1)
    ]
    signs = {sign for _, sign, _ in clauses}
    both = {"+", "-"} <= signs
    overall = "+" if "+" in signs else "-" if "-" in signs else "0"
    scale = {"+": "2", "-": "4", "0": "3"}[overall]
    found.append(Finding("sentiment", NAMES[overall], "~" if both else overall, score, 0, len(text), READER, scale))
    kinds = (
        ("theme", taxonomy.themes),
        ("value", taxonomy.values),
        ("objective", taxonomy.objectives),
        ("statement", taxonomy.statements),
    )
    for kind, known in kinds:
        for span, (_, sign, labels) in zip(spans, clauses, strict=True):
            found += [Finding(kind, label, sign, score, *span, READER) for label in labels if label in known]
    if service:
        found.append(Finding("service", service, "", 1.0, 0, 0, "metadata", "subject"))
    if mentioned:
        found.append(Finding("service", mentioned, "", 0.8, 0, len(text), "name", "mentioned"))
    found.append(Finding("respondent", respondent, "", 0.7, 0, 0, "rule:cell"))
    if signal:
        found.append(Finding("signal", signal[0], "", 0.8, *spans[0], "rule:signal", signal[1]))
    return Analysed(Comment(id, text, date=day, fft=fft, service_cells=cells), tuple(found))


def entry(store: Store, one: Analysed, *, row: int = 2, person: str | None = None) -> Entry:
    """The comment as intake would hand it to the store; its raw words are its text."""
    said = one.comment
    raw = RawComment(said.text, id=said.id, date=said.date, services=said.service_cells)
    return Entry(store.content_key(said.text, raw), one, store.respondent_key(person or said.id), row)


def add_batch(store: Store, file: str, comments: Sequence[Analysed]) -> int:
    """Put comments into the store as one finished batch, a row each from row 2."""
    batch = store.begin_batch(file, f"sha256 of {file}", column_map={}, decisions=[], versions=VERSIONS)
    entries = [entry(store, one, row=row) for row, one in enumerate(comments, start=2)]
    store.add(batch.id, Part(0, len(entries), entries))
    store.finish_batch(batch.id, len(entries))
    return batch.id


def invented() -> list[Analysed]:
    """Three dozen comments over four services and seven months of 2026; March has none."""
    comments = []
    # Podiatry: a wait that is worse each month, staff praised all along.
    for month, blamed in ((1, 1), (2, 2), (4, 3), (5, 4), (6, 5)):
        for n in range(6):
            day = date(2026, month, 3 + 4 * n)
            late: Clause = ("I waited five months to be seen.", "-", (WAIT, "responsive", "O3", "O3.W5"))
            kind: Clause = ("The podiatrist was gentle and cheerful.", "+", (MANNER, "supportive", "O2"))
            clauses = [late] if n < blamed - 1 else [kind, late] if n == blamed - 1 else [kind]
            comments.append(
                analysed(f"pod-{month}-{n}", clauses, day=day, service="podiatry", fft=4 if n < blamed else 1)
            )
    comments += [
        analysed(
            "willow-1",
            [("Supper was cold again.", "-", (FOOD,)), ("Sister made it right at once.", "+", (MANNER, "responsive"))],
            day=date(2026, 5, 9),
            service="ward-willow",
            respondent="relative",
            fft=2,
        ),
        analysed(
            "willow-2",
            [("Dad fell twice in the night and nobody came.", "-", ("O2",))],
            day=date(2026, 6, 20),
            service="ward-willow",
            respondent="relative",
            fft=5,
            signal=("unsafe_environment", "urgent"),
        ),
        analysed(
            "evesham-1",
            [("There was nowhere to park.", "-", (PARKING, "O5"))],
            day=date(2026, 6, 21),
            service="ch-evesham",
            mentioned="podiatry",
            respondent="carer",
            signal=("complaint_intent", "watch"),
        ),
        analysed(
            "therapies-1",
            [("She truly listened to me.", "+", (LISTENING, "empowering", "O4"))],
            day=date(2026, 7, 1),
            service="talking-therapies",
            fft=1,
            cells=("Talking Therapies", "Mental health"),
        ),
        analysed(
            "transport-1",
            [("The driver was an hour late.", "-", (WAIT,))],
            day=date(2026, 7, 2),
            cells=("Patient  Transport", "Journeys"),
        ),
        analysed("undated-1", [("Thank you all.", "+", (THANKS,))]),
    ]
    return comments


def unread() -> list[Analysed]:
    """One comment without content and one in Polish: kept and counted, nothing found in them."""
    return [
        Analysed(Comment("none-1", "N/A", date=date(2026, 6, 1), fft=6, contentless=True)),
        Analysed(
            Comment("polish-1", "Bardzo mili ludzie.", date=date(2026, 6, 2), language="pl"),
            (Finding("respondent", "patient", "", 0.7, 0, 0, "rule:cell"),),
        ),
    ]


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture(scope="session")
def pipeline() -> "Pipeline":
    """The shipped pipeline, loaded once: some seconds."""
    from feedback.pipeline import load_pipeline

    return load_pipeline()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database on disk with nothing in it; the clock stands at noon on 1 August 2026."""
    with open_store(
        tmp_path / "feedback.db", trust_code="HW", clock=lambda: datetime(2026, 8, 1, 12, tzinfo=UTC)
    ) as empty:
        yield empty


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[Store], object]], Path]:
    """Databases that tests have filled once in this run, by the function that fills them; whoever writes takes a copy."""
    folder, paths = tmp_path_factory.mktemp("built"), {}

    def path_of(fill: Callable[[Store], object]) -> Path:
        if fill not in paths:
            path = folder / f"{len(paths)}.db"
            with open_store(path, trust_code="HW", clock=lambda: datetime(2026, 8, 1, 12, tzinfo=UTC)) as one:
                fill(one)
            paths[fill] = path
        return paths[fill]

    return path_of


@pytest.fixture
def store_with(
    built: Callable[[Callable[[Store], object]], Path], tmp_path: Path
) -> Iterator[Callable[[Callable[[Store], object]], Store]]:
    """A store of a test's own with what a function puts into one, copied from where that was done before."""
    with ExitStack() as opened:

        def copy_of(fill: Callable[[Store], object]) -> Store:
            path = tmp_path / "feedback.db"
            shutil.copy(built(fill), path)
            clock = lambda: datetime(2026, 8, 1, 12, tzinfo=UTC)  # noqa: E731
            return opened.enter_context(open_store(path, trust_code="HW", clock=clock))

        yield copy_of


@pytest.fixture
def filled(store: Store) -> Store:
    """The invented comments, in two batches."""
    add_batch(store, "first.csv", invented())
    add_batch(store, "second.csv", unread())
    return store
