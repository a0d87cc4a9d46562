"""Names of staff are hidden everywhere; where a setting keeps them, it is in praise alone, for the team alone, and they go without a trace.

All comments and people are invented.
"""

import copy
import io
import json
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import MANNER, PARKING, add_batch, analysed
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.batches.intake import analyse_file
from feedback.cli import main
from feedback.comment import Analysed, Comment, RawComment, Redaction, StaffName
from feedback.correct import Said, correct, withdraw
from feedback.erase import by_citation, erase, older_than
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Scope
from feedback.pipeline import Pipeline
from feedback.reanalyse import reanalyse
from feedback.redact import Redactor
from feedback.redact.surely_staff import is_surely_staff
from feedback.settings import DATA, ROOT, Settings
from feedback.staff_names import kept
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy
from feedback.thanked import thanked, thanks

NAME, OTHER = "Tawnybrook", "Quillerby"
SETTING = "FEEDBACK_STAFF_NAMES"
PRAISE = "Nurse [PERSON] was gentle and cheerful."
CLOCK = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kept_in_praise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is on before the store is opened; tests of the default take it away."""
    monkeypatch.setenv(SETTING, "in_praise")


@pytest.fixture
def naming(pipeline: Pipeline) -> Pipeline:
    """The shipped pipeline as it is loaded with the setting on."""
    one = copy.copy(pipeline)
    one._keep_names = True
    return one


@pytest.fixture(scope="module")
def redactor(taxonomy: Taxonomy) -> Redactor:
    return Redactor(taxonomy)


def named(id: str = "n-1", said: str = PRAISE, sign: str = "+", name: str = NAME, **more: Any) -> Analysed:
    """A comment of one clause in which a nurse is named, and what else `analysed` takes."""
    clauses = [(said, sign, (MANNER,)), *more.pop("beside", [])]
    one = analysed(id, clauses, service=more.pop("service", "podiatry"), day=more.pop("day", date(2026, 5, 4)), **more)
    start = said.index("[PERSON]")
    redactions = (Redaction("person", start, start + 8, "[PERSON]", "staff"),)
    return replace(one, comment=replace(one.comment, redactions=redactions), names=(StaffName(start, start + 8, name),))


def bytes_of(path: Path) -> bytes:
    """The database's file, its journal and the journal's index."""
    there = [path, Path(f"{path}-wal"), Path(f"{path}-shm")]
    return b"".join(file.read_bytes() for file in there if file.exists())


def is_left(store: Store, name: str = NAME) -> bool:
    return name.encode() in bytes_of(store.path)


# Whose name it surely is


@pytest.mark.parametrize(
    "text",
    [
        "Nurse [PERSON] was kind.",
        "Saw dr [PERSON] today.",
        "Our consultant Mr [PERSON] listened.",
        "[PERSON] the physio was brilliant.",
        "[PERSON] on reception is a star.",
        "[PERSON] from the memory team rang.",
        "The podiatrist ([PERSON]) was gentle.",
        "The OT, [PERSON], was great.",
        "The nurse was called [PERSON].",
        "Thank you to [PERSON] and the whole team.",
        "The nurse [PERSON] was lovely.",
    ],
)
def test_words_at_the_name_say_that_it_is_of_staff(text: str) -> None:
    start = text.index("[PERSON]")
    assert is_surely_staff(text, start, start + 8)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks to [PERSON].",
        "My mum [PERSON] loved the nurse.",
        "I told the nurse [PERSON] was in pain.",
        "Thanks to the nurse [PERSON] is much better.",
        "My sister [PERSON] was seen by the nurse.",
        "The nurse called [PERSON] in and she was seen.",
        "I am [PERSON], a patient of the nurse.",
        "The physio worked wonders. [PERSON] now walks.",
        "Staff were lovely with [PERSON].",
        "We saw [PERSON] the nurse was busy.",
        "[PERSON] on the ward was discharged.",
        "Thank you to my son [PERSON].",
        "My husband Dr [PERSON] was treated with such kindness.",
        "I am Dr [PERSON] and was treated so well.",
        "My late father, Professor [PERSON], was looked after.",
        "My wife is a nurse, [PERSON], and loved the ward.",
        "My wife's a nurse, [PERSON], and loved the ward.",
        "My sister who is a nurse, [PERSON], came with me.",
        "Kind regards, Nurse [PERSON]",
    ],
)
def test_where_they_do_not_surely_say_so_it_may_be_anybody(text: str) -> None:
    start = text.index("[PERSON]")
    assert not is_surely_staff(text, start, start + 8)


def test_the_names_are_those_behind_the_placeholders_and_redaction_is_as_ever(redactor: Redactor) -> None:
    texts = [
        "Nurse Tawnybrook was kind to my mum Margaret, ring 07700 900123.",
        "The waiting room was clean.",
        "Dr Okonkwo and nurse Ffion listened.",
        "Nurse Margaret was kind to my mum Margaret.",
    ]
    found = redactor.redact_naming_staff(texts)
    assert [(text, redactions) for text, redactions, _ in found] == redactor.redact(texts)
    assert [[one.name for one in names] for *_, names in found] == [["Tawnybrook"], [], ["Okonkwo", "Ffion"], []]
    for text, _, names in found:
        assert [text[one.start : one.end] for one in names] == ["[PERSON]"] * len(names)
    assert NAME not in repr(found[0][2])


@given(
    st.lists(
        st.sampled_from(("Nurse Ffion", "ring 07700 900123", "my mum Margaret", "Dr Okonkwo", "a@b.org", "and")),
        max_size=7,
    )
)
def test_putting_back_what_was_hidden_gives_the_words_that_came(redactor: Redactor, said: list[str]) -> None:
    """What is told of a hidden name is the very stretch that its placeholder hides, however many times a text is read."""
    text = ", ".join(said)
    ((redacted, redactions, hidden),) = redactor._redacted([text])
    for redaction, words in reversed(list(zip(redactions, hidden, strict=True))):
        redacted = redacted[: redaction.start] + words + redacted[redaction.end :]
    assert redacted == text


# What is kept


def test_by_default_no_name_is_kept_or_leaves_the_redactor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pipeline: Pipeline
) -> None:
    monkeypatch.delenv(SETTING)
    assert Settings().staff_names == "replaced"
    (tmp_path / "a.csv").write_text(f"Team,Comment\nPodiatry,Nurse {NAME} was gentle and kind.\n", encoding="utf-8")
    with open_store(tmp_path / "feedback.db") as store:
        assert analyse_file(tmp_path / "a.csv", store, pipeline).accepted == 1
        assert kept(store.conn) == 0 and not is_left(store)
        assert store.conn.execute("SELECT text FROM comments").fetchone()[0].startswith("Nurse [PERSON]")
    (done,) = pipeline.analyse([RawComment(f"Nurse {NAME} was gentle and kind.")])
    assert done.names == ()


def test_a_name_in_praise_is_kept_apart_from_its_comment(store: Store, naming: Pipeline, tmp_path: Path) -> None:
    rows = [
        f"Nurse {NAME} was gentle and kind.",
        f"Nurse {OTHER} was rude and careless.",
        f"Nurse {OTHER} was gentle. The wait was far too long.",
        f"Nurse {OTHER} was kind but quiero morir.",
        f"Nurse {OTHER} was lovely. I feel suicidal.",
        f"Thank you to my daughter {OTHER}, the nurse was lovely.",
    ]
    lines = "".join(f'2026-05-0{n},Podiatry,"{row}"\n' for n, row in enumerate(rows, 1))
    (tmp_path / "a.csv").write_text(f"Date,Team,Comment\n{lines}", encoding="utf-8")
    assert analyse_file(tmp_path / "a.csv", store, naming).accepted == len(rows)
    assert store.conn.execute("SELECT comment, name FROM kept_names").fetchall() == [(1, NAME)]
    assert is_left(store) and not is_left(store, OTHER)
    assert not any(NAME in row[0] for row in store.conn.execute("SELECT text FROM comments"))
    assert NAME not in "".join(str(row) for row in store.conn.execute("SELECT * FROM comments_fts"))


@pytest.mark.parametrize(
    "one",
    [
        named(sign="-"),
        named(sign="0"),
        named(beside=[("Nowhere to park.", "-", (PARKING,))]),
        named(fft=5),
        named(fft=3),
        named(signal=("complaint_intent", "watch")),
        named(score=0.5),
        replace(named(), comment=replace(named().comment, language="pl")),
    ],
    ids=["criticism", "neither", "criticism beside", "poor", "neither good nor poor", "flagged", "unsure", "held"],
)
def test_where_it_is_not_all_praise_nothing_is_kept(store: Store, one: Analysed) -> None:
    add_batch(store, "a.csv", [one, named("n-2", name=OTHER)])
    assert store.conn.execute("SELECT name FROM kept_names").fetchall() == [(OTHER,)]
    assert not is_left(store)


# Everything through which it goes

Going = Callable[[Store, Taxonomy, Pipeline], object]


def _corrected(store: Store, taxonomy: Taxonomy, _: Pipeline) -> None:
    correct(store, taxonomy, "n-1", Said("sentiment", "negative", clause=1), by="A. Reader")


def _whole_corrected(store: Store, taxonomy: Taxonomy, _: Pipeline) -> None:
    correct(store, taxonomy, "n-1", Said("sentiment", "negative"), by="A. Reader")


def _theme_corrected(store: Store, taxonomy: Taxonomy, _: Pipeline) -> None:
    correct(store, taxonomy, "n-1", Said("theme", MANNER, polarity="-"), by="A. Reader")


def _flagged(store: Store, taxonomy: Taxonomy, _: Pipeline) -> None:
    correct(store, taxonomy, "n-1", Said("signal", "complaint_intent"), by="A. Reader")


def _flagged_later(store: Store, *_: Any) -> None:
    with store.writing():
        store.conn.execute(
            "INSERT INTO flags VALUES (1, 'complaint_intent', 'watch', 0.9, 0, 5, 'signal-model 9', '2026-08-01')"
        )


def _erased(store: Store, taxonomy: Taxonomy, _: Pipeline) -> None:
    erase(store, by_citation(store.conn, "n-1"), by="A. Lead", reason="asked", redactor=Redactor(taxonomy))


def _too_old(store: Store, taxonomy: Taxonomy, _: Pipeline) -> None:
    erase(store, older_than(date(2026, 6, 1)), by="A. Lead", reason="age", redactor=Redactor(taxonomy))


def _taken_back(store: Store, *_: Any) -> None:
    store.rollback(1)


def _rated(store: Store, *_: Any) -> None:
    with store.writing():
        store.conn.execute("UPDATE comments SET fft = 5 WHERE number = 1")


def _read_again(store: Store, _: Taxonomy, pipeline: Pipeline) -> None:
    reanalyse(store, pipeline, data=DATA, everything=True)


def _translated(store: Store, *_: Any) -> None:
    with store.writing():
        store.conn.execute("UPDATE comments SET text = 'She was kind.', redactions = '[]' WHERE number = 1")


WAYS: list[Going] = [
    _corrected, _whole_corrected, _theme_corrected, _flagged, _flagged_later, _erased, _too_old, _taken_back, _rated, _translated,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_a_name_goes_at_once_and_leaves_no_byte(
    store: Store, taxonomy: Taxonomy, pipeline: Pipeline, way: Going
) -> None:
    add_batch(store, "a.csv", [named()])
    add_batch(store, "b.csv", [named("n-2", name=OTHER, day=date(2026, 7, 20))])
    assert kept(store.conn) == 2 and is_left(store)
    way(store, taxonomy, pipeline)
    assert store.conn.execute("SELECT comment, name FROM kept_names").fetchall() == [(2, OTHER)]
    assert not is_left(store) and is_left(store, OTHER)
    assert not store.has_traces


def test_a_name_goes_where_reading_again_hears_no_praise_and_stays_where_it_does(
    store: Store, pipeline: Pipeline
) -> None:
    """The models that read now hear blame in words that older ones took for praise."""
    blamed = named(said="Nurse [PERSON] was rude and ignored me.")
    add_batch(store, "a.csv", [blamed, named("n-2", name=OTHER)])
    assert is_left(store)
    rehearsed = reanalyse(store, pipeline, data=DATA, everything=True, dry_run=True)
    assert rehearsed.moved.changed and kept(store.conn) == 2
    reanalyse(store, pipeline, data=DATA, everything=True)
    assert store.conn.execute("SELECT comment, name FROM kept_names").fetchall() == [(2, OTHER)]
    assert not is_left(store) and is_left(store, OTHER)


def test_what_is_taken_back_brings_no_name_back(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", [named()])
    number = correct(store, taxonomy, "n-1", Said("sentiment", "negative", clause=1), by="A. Reader")
    withdraw(store, "n-1", by="A. Reader", number=number)
    assert kept(store.conn) == 0 and not is_left(store)


def test_what_a_person_says_against_anything_of_it_lets_the_name_go(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", [named()])
    correct(store, taxonomy, "n-1", Said("objective", "O1", polarity="-"), by="A. Reader")
    assert kept(store.conn) == 0


def test_a_correction_that_leaves_the_praise_leaves_the_name(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", [named()])
    correct(store, taxonomy, "n-1", Said("theme", PARKING, so=False), by="A. Reader")
    assert kept(store.conn) == 1


def test_while_another_reads_the_file_the_trace_waits_for_the_next_that_opens_it(
    store: Store, taxonomy: Taxonomy
) -> None:
    add_batch(store, "a.csv", [named()])
    other = sqlite3.connect(store.path)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM comments").fetchone()
    began = time.monotonic()
    _corrected(store, taxonomy, None)  # type: ignore[arg-type]
    assert kept(store.conn) == 0 and store.has_traces
    assert time.monotonic() - began < 5  # nobody waits for who reads: the store's patience is ten seconds
    other.close()
    store.close()
    with open_store(store.path) as again:
        assert not again.has_traces and not is_left(again)


def test_turning_the_setting_off_shows_none_at_once_and_removes_all_at_the_next_opening(
    store: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_batch(store, "a.csv", [named()])
    assert thanked(store.conn, taxonomy, "podiatry", EVERYTHING) == 1
    monkeypatch.setenv(SETTING, "replaced")
    assert thanked(store.conn, taxonomy, "podiatry", EVERYTHING) == 0
    with pytest.raises(NotFound, match="hidden everywhere"):
        thanks(store.conn, taxonomy, "podiatry", EVERYTHING)
    said = CliRunner().invoke(main, ["audit", "--db", str(store.path)])  # a command that only reads
    assert "1 kept before go for good" in said.stderr and kept(store.conn) == 1
    store.close()
    assert CliRunner().invoke(main, ["batches", "--db", str(store.path)]).exit_code == 0
    with open_store(store.path) as again:
        assert kept(again.conn) == 0 and not is_left(again)
        add_batch(again, "b.csv", [analysed("later", [("All was well.", "+", ())])])
        assert not is_left(again)


def test_a_program_started_with_the_setting_keeps_no_more_once_another_has_turned_it_off(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_batch(store, "a.csv", [named()])
    monkeypatch.setenv(SETTING, "replaced")
    open_store(store.path).close()
    add_batch(store, "b.csv", [named("n-2")])  # as it was read while names were kept
    assert kept(store.conn) == 0
    assert not is_left(store)
    monkeypatch.setenv(SETTING, "in_praise")
    open_store(store.path).close()
    add_batch(store, "c.csv", [named("n-3")])
    assert kept(store.conn) == 1


def test_a_name_that_goes_while_another_rewrites_the_file_keeps_its_mark(store: Store) -> None:
    add_batch(store, "a.csv", [named(), named("n-2", name=OTHER)])
    with closing(sqlite3.connect(store.path)) as beside:

        def let_go(statement: str) -> None:
            if statement.startswith("PRAGMA wal_checkpoint"):  # the file has just been rewritten
                store.conn.set_trace_callback(None)
                with beside:
                    beside.execute("DELETE FROM kept_names")

        store.conn.execute("DELETE FROM kept_names WHERE name = ?", (OTHER,))
        store.conn.commit()
        store.conn.set_trace_callback(let_go)
        store.leave_no_trace()
    assert kept(store.conn) == 0
    assert store.has_traces
    assert store.clear_traces()
    assert not is_left(store)
    assert not is_left(store, OTHER)


def test_nonsense_in_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "sometimes")
    with pytest.raises(BadInput, match=SETTING):
        Settings()


# Who sees it


@pytest.fixture
def shown(store: Store) -> Store:
    """Podiatry's own thanks; thanks it shares with, and thanks that speak of, another team; a team below it; a ward's; and thanks from
    a team that the directory does not know, whose words speak of podiatry."""
    unknown = named("unknown", name=OTHER, cells=("Ward 7 Foo",))
    (said,) = unknown.of("service")
    told = replace(said, by="name", start=0, end=len(PRAISE))
    by_its_words = replace(unknown, findings=tuple(told if f is said else f for f in unknown.findings))
    shared = named("shared", name=OTHER)
    both = replace(shared, findings=(*shared.findings, replace(shared.of("service")[0], label="ward-willow")))
    add_batch(
        store,
        "a.csv",
        [
            named(),
            both,
            named("speaks-of", name=OTHER, mentioned="ch-evesham"),
            named("below", name="Arrowsmythe", service="podiatry-arrow"),
            named("ward", name="Willoughmere", service="ward-willow"),
            by_its_words,
        ],
    )
    assert kept(store.conn) == 6
    return store


@pytest.fixture
def client(shown: Store) -> Iterator[TestClient]:
    with TestClient(make_app(shown.path), follow_redirects=False) as client:
        yield client


def reading_as(client: TestClient, reader: Reader) -> TestClient:
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]
    return client


def lead(taxonomy: Taxonomy, *services: str, may_read: bool = True) -> Reader:
    return Reader("A. Lead", Scope.of(taxonomy, services), may_read)


def test_a_lead_sees_the_names_on_the_teams_own_page(client: TestClient, taxonomy: Taxonomy) -> None:
    page = reading_as(client, lead(taxonomy, "podiatry")).get("/services/podiatry/thanks").text
    assert f"Nurse <b>{NAME}</b> was gentle and cheerful." in page
    assert "/comments/HW-2026-000001" in page and "1 comment that only praises" in page
    assert not [name for name in (OTHER, "Arrowsmythe", "Willoughmere") if name in page]
    assert 'href="/services/podiatry/thanks"' in client.get("/services/podiatry").text
    below = client.get("/services/podiatry-arrow/thanks").text
    assert "Arrowsmythe" in below and NAME not in below


def test_nobody_of_another_team_and_nobody_without_the_right_to_read_sees_one(
    client: TestClient, taxonomy: Taxonomy
) -> None:
    other = reading_as(client, lead(taxonomy, "ward-willow"))
    assert other.get("/services/podiatry/thanks").status_code == 404
    assert NAME not in other.get("/services/ward-willow/thanks").text
    for reader in (Reader("local", EVERYTHING, False), lead(taxonomy, "podiatry", may_read=False)):
        figures_only = reading_as(client, reader)
        assert figures_only.get("/services/podiatry/thanks").status_code == 403
        assert "/thanks" not in figures_only.get("/services/podiatry").text


def test_the_page_takes_no_filters_and_pages_by_what_was_stored(
    client: TestClient, shown: Store, taxonomy: Taxonomy
) -> None:
    assert client.get("/services/podiatry/thanks?theme=parking").status_code == 400
    assert client.get("/services/podiatry/thanks?after=x").status_code == 400
    assert client.get("/services/nowhere/thanks").status_code == 404
    add_batch(
        shown, "b.csv", [named("newer", f"Thank you, nurse [PERSON], for all {n}.", name=OTHER) for n in range(1)]
    )
    first = thanks(shown.conn, taxonomy, "podiatry", EVERYTHING, limit=1)
    assert [one.citation for one in first.thanks] == ["HW-2026-000007"] and first.after == "7"
    rest = thanks(shown.conn, taxonomy, "podiatry", EVERYTHING, after=first.after)
    assert [one.citation for one in rest.thanks] == ["HW-2026-000001"] and rest.after is None


ELSEWHERE = [
    "/", "/services", "/services/podiatry", "/services/ward-willow/thanks", f"/themes/{MANNER}", "/comments", "/comments?order=positive",
    "/comments?service=podiatry", "/comments/HW-2026-000001", "/comments/n-1", "/c/HW-2026-000001.1",
    "/objectives/O2", "/objectives/O2/evidence", "/values/supportive", "/signals?show=all", "/batches", "/batches/1", "/reports",
    "/changes", "/summary", "/topics", "/about", "/strategy", "/actions",
    "/api/v1/comments", "/api/v1/comments/HW-2026-000001", "/api/v1/clauses", "/api/v1/audit",
    "/api/v1/objectives/O2/evidence", "/api/v1/batches/1", "/api/v1/services/podiatry", "/api/v1/comments/n-1?names=kept",
]  # fmt: skip


def test_no_other_page_or_answer_shows_one(client: TestClient) -> None:
    assert NAME in client.get("/services/podiatry/thanks").text
    for address in ELSEWHERE:
        answer = client.get(address)
        assert answer.status_code in (200, 303, 307, 400, 404), address
        assert NAME not in answer.text, address
    assert client.get("/api/v1/comments", params={"search": NAME}).json()["comments"] == []
    seen = [address for address in ELSEWHERE if client.get(address).status_code == 200]
    assert len(seen) > 25


@pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx"])
def test_no_export_report_or_listing_holds_one(shown: Store, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"a.{form}"
    asked = [
        ["export", "--format", form, "--out", str(out)],
        ["report", "--service", "podiatry"],
        ["comments", "--service", "podiatry"],
        ["evidence", "--objective", "O2"],
        ["audit", "--json"],
    ]
    said = ""
    for one in asked:
        done = CliRunner().invoke(main, [*one, "--db", str(shown.path)])
        assert done.exit_code == 0, one
        said += done.stdout + done.stderr
    content = out.read_bytes()
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"".join(parts.read(name) for name in parts.namelist())
    assert NAME not in said and NAME.encode() not in content and b"[PERSON]" in content


def test_only_the_page_of_thanks_reads_what_is_kept() -> None:
    """Whatever else would read the table, or the names beside an analysis, must be thought about first."""
    files = [*(ROOT / "feedback").rglob("*.py"), *(ROOT / "api").rglob("*.py")]
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
    assert {name for name, text in texts.items() if "kept_names" in text} == {
        "feedback/schema.py",
        "feedback/staff_names.py",
        "feedback/store.py",
        "feedback/thanked.py",
    }
    assert {name for name, text in texts.items() if "analysed.names" in text} == {"feedback/store.py"}
    assert {name for name, text in texts.items() if "import" in text and "feedback.thanked" in text} == {
        "api/pages/services.py",
        "api/pages/about.py",
        "api/routes/audit.py",
        "feedback/cli/audit.py",
    }


def test_an_analysis_and_its_record_show_no_name(naming: Pipeline) -> None:
    from feedback.present import as_record

    (done,) = naming.analyse([RawComment(f"Nurse {NAME} was gentle and kind.")])
    assert [one.name for one in done.names] == [NAME]
    assert NAME not in repr(done) and NAME not in json.dumps(as_record(done, naming.taxonomy, naming.versions))


def test_about_and_the_audit_say_whether_names_are_kept_and_how_many(
    client: TestClient, shown: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "6 names are kept now, apart from the comments" in client.get("/about").text
    assert "6 names" not in reading_as(client, lead(taxonomy, "podiatry")).get("/about").text
    said = CliRunner().invoke(main, ["audit", "--db", str(shown.path), "--json"])
    assert json.loads(said.stdout)["staff_names"] == {"in_praise": True, "kept": 6}
    assert client.get("/api/v1/audit").json()["staff_names"] == {"in_praise": True, "kept": None}
    monkeypatch.setenv(SETTING, "replaced")
    assert "none is kept" in client.get("/about").text


def test_a_comment_without_a_store_of_names_is_as_it_was() -> None:
    assert Analysed(Comment("x", "y")).names == ()
