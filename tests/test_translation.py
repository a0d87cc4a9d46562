"""A comment in another language is read in its translation, its own words and who translated them are kept. All invented."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import VERSIONS, entry
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.cli import main
from feedback.comment import Analysed, Comment, Finding, RawComment, Redaction
from feedback.correct import Said, correct
from feedback.erase import by_citation, erase
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.query import comment, totals
from feedback.reanalyse import reanalyse
from feedback.safety.queue import flags, held
from feedback.settings import Settings
from feedback.store import Store
from feedback.stored import Part
from feedback.taxonomy import Taxonomy
from feedback.translation import (
    Given,
    Translation,
    all_held,
    held_page,
    read_sheet,
    take_back,
    translate,
    translated,
    translations,
    write_sheet,
)

POLISH = "Pielęgniarka [PERSON] była bardzo miła, ale mąż chce się zabić i nikt nie oddzwania."
ENGLISH = "Nurse [PERSON] was very kind, but my husband wants to kill himself and nobody rings back."
WELSH = "Diolch yn fawr iawn i bawb."


@pytest.fixture
def polish(store: Store) -> Store:
    """One comment held as Polish, about podiatry and with a name hidden, and one held as Welsh."""
    batch = store.begin_batch("a.csv", "sum", column_map={}, decisions=[], versions=VERSIONS)
    of_polish = Comment(
        "pl-1",
        POLISH,
        date=date(2026, 6, 2),
        fft=5,
        language="pl",
        service_cells=("Podiatry",),
        redactions=(Redaction("person", 13, 21, "[PERSON]", "staff"),),
    )
    comments = [
        Analysed(of_polish, (Finding("service", "podiatry", "", 1.0, 0, 0, "metadata", "subject"),)),
        Analysed(Comment("cy-1", WELSH, date=date(2026, 6, 3), language="cy")),
    ]
    store.add(batch.id, Part(0, 2, [entry(store, one, row=n) for n, one in enumerate(comments, 2)]))
    store.finish_batch(batch.id, 2)
    return store


def put_in(store: Store, pipeline: Any, words: str | None = ENGLISH, id: str = "pl-1") -> None:
    translate(store, pipeline, [Given(id, words)], by="A. Interpreter")


def test_the_translation_is_read_as_the_words_and_the_original_is_kept(
    polish: Store, pipeline: Any, taxonomy: Taxonomy
) -> None:
    before = totals(polish.conn, taxonomy, Filters(), EVERYTHING)
    put_in(polish, pipeline)
    stored = comment(polish.conn, "pl-1", EVERYTHING)
    said = stored.analysed.comment
    assert (said.text, said.language, said.translated_from, said.fft) == (ENGLISH, "en", "pl", 5)
    assert {f.kind for f in stored.analysed.findings} >= {"clause", "sentiment", "theme", "service", "signal"}
    assert stored.versions == pipeline.versions
    (kept,) = translations(polish.conn, stored.number)
    assert kept == Translation("pl", POLISH, ENGLISH, "A. Interpreter", "2026-08-01T12:00:00+00:00", None, None)
    after = totals(polish.conn, taxonomy, Filters(), EVERYTHING)
    assert (before.read, before.other_languages, after.read, after.other_languages) == (0, 2, 1, 1)
    assert translated(polish.conn, taxonomy, Filters(), EVERYTHING) == ((stored.citation, kept),)


def test_what_cannot_wait_in_a_translation_is_on_the_queue_due_from_when_the_comment_came(
    polish: Store, pipeline: Any, taxonomy: Taxonomy
) -> None:
    put_in(polish, pipeline)
    (flag,) = flags(polish.conn, taxonomy, Filters(), EVERYTHING, now=polish.clock()).flags
    assert (flag.kind, flag.severity, flag.stored_at) == ("self_harm_suicide", "urgent", "2026-08-01T12:00:00+00:00")
    assert held(polish.conn, taxonomy, Filters(), EVERYTHING) == (("cy", 1),)


def test_names_that_the_translator_writes_out_are_hidden_and_those_carried_over_are_known(
    polish: Store, pipeline: Any
) -> None:
    put_in(polish, pipeline, "Nurse [PERSON] was kind. Please ring my sister Agnieszka on 07700 900123.")
    said = comment(polish.conn, "pl-1", EVERYTHING).analysed.comment
    assert said.text == "Nurse [PERSON] was kind. Please ring my sister [PERSON] on [PHONE]."
    assert [(r.kind, said.text[r.start : r.end]) for r in said.redactions] == [
        ("person", "[PERSON]"),
        ("person", "[PERSON]"),
        ("phone", "[PHONE]"),
    ]
    assert said.redactions[0].role == "staff"
    assert b"Agnieszka" not in polish.path.read_bytes() + Path(f"{polish.path}-wal").read_bytes()


def test_a_comment_wrongly_taken_for_another_language_is_read_as_it_stands_and_stays_so(
    polish: Store, pipeline: Any, taxonomy: Taxonomy
) -> None:
    put_in(polish, pipeline, None, "cy-1")
    stored = comment(polish.conn, "cy-1", EVERYTHING)
    assert (stored.analysed.comment.text, stored.analysed.comment.language) == (WELSH, "en")
    assert translations(polish.conn, stored.number)[0].as_it_stands
    reanalyse(polish, pipeline, data=Settings().data, everything=True)
    again = comment(polish.conn, "cy-1", EVERYTHING)
    assert again.analysed.comment.language == "en" and again.analysed.of("clause")


def test_reading_the_history_again_reads_the_translation(polish: Store, pipeline: Any) -> None:
    put_in(polish, pipeline)
    before = comment(polish.conn, "pl-1", EVERYTHING)
    reanalyse(polish, pipeline, data=Settings().data, everything=True)
    after = comment(polish.conn, "pl-1", EVERYTHING)
    assert after.analysed.comment == before.analysed.comment
    assert [f.label for f in after.analysed.of("clause")] == [f.label for f in before.analysed.of("clause")]


def test_a_mended_translation_takes_the_place_and_no_clause_number_is_given_twice(polish: Store, pipeline: Any) -> None:
    put_in(polish, pipeline)
    first = {f.detail for f in comment(polish.conn, "pl-1", EVERYTHING).analysed.of("clause")}
    put_in(polish, pipeline, "The nurse was kind. My husband does not want to live and nobody calls us back.")
    stored = comment(polish.conn, "pl-1", EVERYTHING)
    numbers = {f.detail for f in stored.analysed.of("clause")}
    assert first and numbers and not first & numbers
    latest, replaced = translations(polish.conn, stored.number)
    assert (latest.withdrawn_by, replaced.withdrawn_by, replaced.text) == (None, "A. Interpreter", ENGLISH)
    assert latest.original == replaced.original == POLISH


def test_taken_back_it_is_held_again_in_its_own_words_and_its_flag_stays(
    polish: Store, pipeline: Any, taxonomy: Taxonomy
) -> None:
    put_in(polish, pipeline)
    take_back(polish, pipeline, "pl-1", by="A. Lead")
    stored = comment(polish.conn, "pl-1", EVERYTHING)
    said = stored.analysed.comment
    assert (said.text, said.language, said.translated_from) == (POLISH, "pl", None)
    assert said.redactions == (Redaction("person", 13, 21, "[PERSON]", "staff"),)
    assert {f.kind for f in stored.analysed.findings} <= {"service", "respondent"}
    (flag,) = flags(polish.conn, taxonomy, Filters(), EVERYTHING, now=polish.clock()).flags
    assert (flag.raised, flag.start, flag.end) == (False, 0, len(POLISH))
    with pytest.raises(BadInput, match="no translation that could be taken back"):
        take_back(polish, pipeline, "pl-1", by="A. Lead")


def test_what_people_said_of_the_held_words_stays_and_rests_on_all_of_the_new(
    polish: Store, pipeline: Any, taxonomy: Taxonomy
) -> None:
    correct(
        polish, taxonomy, "pl-1", Said("signal", "self_harm_suicide", severity="urgent", words=(40, 60)), by="A. Reader"
    )
    correct(polish, taxonomy, "pl-1", Said("service", "talking-therapies", instead_of="podiatry"), by="A. Reader")
    put_in(polish, pipeline)
    found = comment(polish.conn, "pl-1", EVERYTHING).analysed
    (signal,) = [f for f in found.of("signal") if f.by == "person:A. Reader"]
    assert (signal.start, signal.end) == (0, len(ENGLISH))
    assert [f.label for f in found.of("service") if f.detail == "subject"] == ["talking-therapies"]


@pytest.mark.parametrize(
    ("id", "words", "said"),
    [
        ("pl-1", "  ", "has no translation here"),
        ("pl-1", "N/A", "has no translation here"),
        ("pl-1", "Pielęgniarka była bardzo miła, ale nikt nie oddzwania.", "does not read as English"),
        ("pl-1", "kind " * 5000, "up to 20,000 characters"),
    ],
)
def test_what_is_no_translation_is_refused_and_nothing_changes(
    polish: Store, pipeline: Any, id: str, words: str, said: str
) -> None:
    before = list(polish.conn.iterdump())
    with pytest.raises(BadInput, match=said) as refused:
        put_in(polish, pipeline, words, id)
    assert "miła" not in str(refused.value)
    assert list(polish.conn.iterdump()) == before


def test_an_english_comment_an_unsigned_translation_and_one_out_of_scope_are_refused(
    filled: Store, pipeline: Any
) -> None:
    with pytest.raises(BadInput, match="does not wait for a translation"):
        translate(filled, pipeline, [Given("willow-1", "Supper was cold.")], by="A")
    with pytest.raises(BadInput, match="signed"):
        translate(filled, pipeline, [Given("polish-1", "Very kind people.")], by=" ")
    with pytest.raises(NotFound):
        translate(
            filled, pipeline, [Given("polish-1", "Very kind people.")], by="A", scope=Scope(frozenset({"podiatry"}))
        )


def test_what_was_changed_meanwhile_is_refused(polish: Store, pipeline: Any) -> None:
    class Slow:
        """The pipeline, while somebody else puts a translation in."""

        def __getattr__(self, name: str) -> Any:
            return getattr(pipeline, name)

        def read_again(self, chunks: Any) -> Any:
            done = list(pipeline.read_again(chunks))
            put_in(polish, pipeline)
            return done

    with pytest.raises(BadInput, match="changed or removed meanwhile"):
        put_in(polish, Slow(), "Something else was said here, and it was kind.")
    assert comment(polish.conn, "pl-1", EVERYTHING).analysed.comment.text == ENGLISH


def test_an_erasure_takes_the_original_with_it(polish: Store, pipeline: Any) -> None:
    put_in(polish, pipeline)
    erase(
        polish,
        by_citation(polish.conn, "pl-1"),
        by="A",
        reason="asked",
        redactor=pipeline.redactor,
        flags_dealt_with=True,
    )
    assert polish.conn.execute("SELECT count(*) FROM translations").fetchone() == (0,)
    left = polish.path.read_bytes() + Path(f"{polish.path}-wal").read_bytes()
    assert "Pielęgniarka".encode() not in left and b"husband" not in left.lower()


def test_the_same_words_sent_again_are_the_same_comment_and_a_citation_of_a_mended_row_knows_them(
    polish: Store, pipeline: Any
) -> None:
    put_in(polish, pipeline)
    raw = RawComment(POLISH, id="pl-1", date=date(2026, 6, 2), services=("Podiatry",))
    key = polish.content_key(POLISH, raw)
    assert polish.stored([key]) == {key}
    assert polish.cited("HW-2026-000001") == (1, POLISH)


def test_a_list_goes_to_the_translator_and_comes_back(
    polish: Store, pipeline: Any, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    waiting = all_held(polish.conn, taxonomy, Filters(), EVERYTHING)
    assert [(one.citation, one.language) for one in waiting] == [("HW-2026-000001", "pl"), ("HW-2026-000002", "cy")]
    path = tmp_path / "back.csv"
    path.write_text(write_sheet(waiting).replace(f'"{POLISH}",', f'"{POLISH}","{ENGLISH}"'), encoding="utf-8-sig")
    given = read_sheet(path)
    assert given == (Given("HW-2026-000001", ENGLISH),)
    assert translate(polish, pipeline, given, by="A. Interpreter") == ("HW-2026-000001",)


def test_a_file_that_is_no_such_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="no list of translations"):
        read_sheet(path)
    path.write_text("citation,translation\nHW-2026-000001,\n")
    with pytest.raises(NotFound, match="Nobody has filled in"):
        read_sheet(path)


def test_the_list_of_held_comments_goes_on_where_a_page_ended(polish: Store, taxonomy: Taxonomy) -> None:
    first = held_page(polish.conn, taxonomy, Filters(), EVERYTHING, limit=1)
    second = held_page(polish.conn, taxonomy, Filters(), EVERYTHING, limit=1, after=first.after)
    assert [one.language for one in (*first.comments, *second.comments)] == ["pl", "cy"]
    assert second.after is None
    assert held_page(polish.conn, taxonomy, Filters(), Scope(frozenset({"podiatry"}))).comments == first.comments
    with pytest.raises(BadInput, match="no place in the list"):
        held_page(polish.conn, taxonomy, Filters(), EVERYTHING, after="x")


# By command, over HTTP and on the page


def test_the_command_lists_puts_in_and_takes_back(polish: Store, tmp_path: Path) -> None:
    def run(*command: str, typed: str = "") -> str:
        result = CliRunner().invoke(main, [*command, "--db", str(polish.path)], input=typed)
        assert result.exit_code == 0, result.output
        return result.output

    assert "2 comments wait for a translation" in run("translations")
    out = tmp_path / "to_translate.csv"
    run("translations", "--out", str(out))
    assert out.stat().st_mode & 0o077 == 0 and POLISH in out.read_text(encoding="utf-8-sig")
    assert "is read in English now" in run("translate", "pl-1", "-", "--by", "A. Interpreter", typed=ENGLISH)
    told = json.loads(run("translations", "--json"))
    assert [one["citation"] for one in told["waiting"]] == ["HW-2026-000002"]
    assert [(one["citation"], one["by"]) for one in told["translated"]] == [("HW-2026-000001", "A. Interpreter")]
    assert "held again" in run("translate", "pl-1", "--undo", "--by", "A. Lead")
    unsigned = CliRunner().invoke(main, ["translate", "pl-1", ENGLISH, "--db", str(polish.path)])
    assert (unsigned.exit_code, "signed" in unsigned.output) == (1, True)
    both = ["translate", "pl-1", ENGLISH, "--undo", "--by", "A", "--db", str(polish.path)]
    assert CliRunner().invoke(main, both).exit_code == 2


@pytest.fixture
def client(polish: Store) -> Iterator[TestClient]:
    with TestClient(make_app(polish.path)) as client:
        yield client


def test_over_http_it_is_put_in_shown_and_taken_back(client: TestClient) -> None:
    waiting = client.get("/api/v1/translations/waiting", params={"limit": 1}).json()
    assert (waiting["comments"][0]["citation"], waiting["after"]) == ("HW-2026-000001", "1")
    path = "/api/v1/comments/HW-2026-000001/translation"
    done = client.put(path, json={"text": ENGLISH, "by": "A. Interpreter"})
    assert (done.status_code, done.json()["translations"][0]["original"]) == (200, POLISH)
    assert client.get("/api/v1/comments/HW-2026-000001").json()["translated_from"] == "pl"
    assert client.get("/api/v1/translations").json()["translations"][0]["by"] == "A. Interpreter"
    refused = client.put("/api/v1/comments/HW-2026-000002/translation", json={"text": WELSH})
    assert (refused.status_code, "does not read as English" in refused.json()["detail"]) == (400, True)
    assert client.delete(path).json()["translations"][0]["withdrawn_by"] == "local"
    assert client.get("/api/v1/comments/HW-2026-000001").json()["flags"] == ["needs_translation"]


def test_who_may_not_read_the_words_or_that_service_gets_neither_them_nor_their_translation(
    client: TestClient, taxonomy: Taxonomy
) -> None:
    for reader, status in (
        (Reader("board", EVERYTHING, False), 403),
        (Reader("lead", Scope.of(taxonomy, ["ward-willow"]), True), 404),
    ):
        client.app.dependency_overrides[current_reader] = lambda reader=reader: reader  # type: ignore[attr-defined]
        for path in ("/api/v1/comments/HW-2026-000001/translation", "/comments/HW-2026-000001/translation"):
            assert client.get(path).status_code == status
        assert client.put("/api/v1/comments/HW-2026-000001/translation", json={"text": ENGLISH}).status_code == status
    assert client.get("/api/v1/translations/waiting").json()["comments"] == []


def test_on_the_page_the_words_say_their_language_and_a_form_without_a_name_comes_back(client: TestClient) -> None:
    assert f'lang="pl" dir="auto">{POLISH}' in client.get("/translations").text
    href = "/comments/HW-2026-000001/translation"
    assert client.get("/signals").text.count('href="/translations"') == 1
    back = client.post(href, data={"text": ENGLISH})
    assert back.status_code == 400 and "Enter your name" in back.text and ENGLISH in back.text
    done = client.post(href, data={"text": ENGLISH, "name": "A. Interpreter"})
    assert done.url.path == "/comments/HW-2026-000001"
    assert f'lang="pl" dir="auto">{POLISH}' in done.text and "A translation from Polish" in done.text
    undone = client.post(href, data={"undo": "true", "name": "A. Lead"})
    assert "held again in its own words" in undone.text
    assert client.get("/comments/HW-2026-000002/translation").status_code == 200
