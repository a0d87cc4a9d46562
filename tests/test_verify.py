"""A pack made before is checked: whether the file was changed, whether figures are the same, and why not where they are not."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from conftest import VERSIONS, WAIT, add_batch, analysed
from docx import Document as open_document

from feedback.correct import Said, correct
from feedback.documents.asked import FORMS, Form, asked_of
from feedback.documents.files import file_of, read_file
from feedback.documents.kept import all_kept, keep, kept
from feedback.documents.packs import make_pack
from feedback.documents.record import Record
from feedback.documents.verify import Verification, _differences, verify, verify_file
from feedback.erase import by_citation, erase
from feedback.errors import BadFile, BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.redact import Redactor
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy

THEN = datetime(2026, 7, 31, 9, 30, tzinfo=UTC)  # a day before the store's clock
O3 = Filters(objective="O3")


def made(store: Store, taxonomy: Taxonomy, form: Form = "md", filters: Filters = O3, *, board: bool = False) -> bytes:
    pack = make_pack(store.conn, taxonomy, asked_of(filters, board=board), EVERYTHING, now=THEN, form=form)
    return file_of(pack, form, store.conn)


def checked(store: Store, taxonomy: Taxonomy, content: bytes) -> Verification:
    return verify_file(store.conn, taxonomy, read_file(content), EVERYTHING)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_each_form_holds_as_long_as_nothing_changes(filled: Store, taxonomy: Taxonomy, form: Form) -> None:
    found = checked(filled, taxonomy, made(filled, taxonomy, form))
    assert (found.holds, found.genuine, found.changed, found.differences) == (True, True, (), ())
    assert found.sentences[:2] == (
        "It was made from this database on 31 July 2026 at 09:30 UTC.",
        "Its words and figures are as they were written.",
    )
    assert found.sentences[2].startswith("Made again today it gives the same figures, all ")


def _in_text(content: bytes) -> bytes:
    return content.replace(b"I waited five months", b"I waited five weeks")


def _in_word(content: bytes) -> bytes:
    word = open_document(BytesIO(content))
    run = next(run for p in word.paragraphs for run in p.runs if "five months" in run.text)
    run.text = run.text.replace("five months", "five weeks")
    changed = BytesIO()
    word.save(changed)
    return changed.getvalue()


@pytest.mark.parametrize(
    ("form", "change"), [("md", _in_text), ("html", _in_text), ("json", _in_text), ("docx", _in_word)]
)
def test_a_word_changed_in_a_file_is_told(
    filled: Store, taxonomy: Taxonomy, form: Form, change: Callable[[bytes], bytes]
) -> None:
    found = checked(filled, taxonomy, change(made(filled, taxonomy, form)))
    assert (found.holds, found.changed, found.same_figures) == (False, ("words",), True)
    assert "The file has been changed since it was made: what it says now is not what was written." in found.sentences
    assert found.altered and all(line.then and line.now and line.then != line.now for line in found.altered)
    assert any("from what was written" in sentence for sentence in found.sentences)


def test_a_row_whose_name_once_carried_its_counts_is_the_same_row() -> None:
    moved = _differences({"Speaks for it (28 for and 1 both) | Likely": "2%"}, {"Speaks for it | Likely": "3%"})
    assert [(one.then, one.now) for one in moved] == [("2%", "3%")]


def test_a_word_file_saved_again_without_a_change_still_holds(filled: Store, taxonomy: Taxonomy) -> None:
    again = BytesIO()
    open_document(BytesIO(made(filled, taxonomy, "docx"))).save(again)
    assert checked(filled, taxonomy, again.getvalue()).holds


def test_another_picture_in_a_word_file_is_told(filled: Store, taxonomy: Taxonomy) -> None:
    word = open_document(BytesIO(made(filled, taxonomy, "docx")))
    part = next(part for part in word.part.related_parts.values() if part.partname.endswith(".png"))
    part._blob = part.blob + b" "
    changed = BytesIO()
    word.save(changed)
    assert checked(filled, taxonomy, changed.getvalue()).changed == ("pictures",)


def test_line_ends_that_a_mail_program_writes_change_nothing(filled: Store, taxonomy: Taxonomy) -> None:
    assert checked(filled, taxonomy, made(filled, taxonomy, "html").replace(b"\n", b"\r\n")).holds


def test_a_figure_changed_in_the_record_breaks_the_seal(filled: Store, taxonomy: Taxonomy) -> None:
    content = made(filled, taxonomy, "json")
    data = json.loads(content)
    data["pack"]["figures"]["In numbers | Against"] = "3"
    found = checked(filled, taxonomy, json.dumps(data).encode())
    assert (found.genuine, found.holds) == (False, False)
    assert found.sentences[0].startswith("The record in it was not written by this database, or was changed since")


def test_a_pack_of_another_database_is_told(filled: Store, taxonomy: Taxonomy, tmp_path: Path) -> None:
    with open_store(tmp_path / "other.db") as other:
        found = verify_file(other.conn, taxonomy, read_file(made(filled, taxonomy)), EVERYTHING)
    assert (found.genuine, found.holds, found.same_figures) == (False, False, False)


def test_a_copy_of_the_database_checks_as_well(filled: Store, taxonomy: Taxonomy, tmp_path: Path) -> None:
    content = made(filled, taxonomy)
    filled.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(filled.path, tmp_path / "copy.db")
    with open_store(tmp_path / "copy.db") as copy:
        assert checked(copy, taxonomy, content).holds


# Why figures differ


def test_comments_added_since_are_counted_with_their_upload(filled: Store, taxonomy: Taxonomy) -> None:
    content = made(filled, taxonomy)
    late = analysed(
        "new", [("I waited a year.", "-", (WAIT, "O3", "O3.W5"))], day=date(2026, 7, 20), service="podiatry"
    )
    add_batch(filled, "third.csv", [late])
    found = checked(filled, taxonomy, content)
    assert (found.genuine, found.changed, found.same_figures, found.same_data) == (True, (), False, False)
    told = {one.figure: (one.then, one.now) for one in found.differences}
    assert told["In numbers | Comments that bear on it"] == ("15 (as read, of 36 read)", "16 (as read, of 37 read)")
    assert found.reasons == ("1 comment has been added since by upload 3.",)


def test_an_erased_comment_is_counted_and_its_quotation_missed(filled: Store, taxonomy: Taxonomy) -> None:
    content = made(filled, taxonomy)
    quoted = read_file(content).record.citations[0]
    erase(
        filled, by_citation(filled.conn, quoted, only=True), by="A. Lead", reason="asked", redactor=Redactor(taxonomy)
    )
    found = checked(filled, taxonomy, content)
    assert found.quoted_then_only == (quoted,)
    assert found.reasons == (
        "1 comment of then is no longer among those asked about.",
        "1 comment has been erased from the database since.",
    )
    assert "It would quote other words today." in found.sentences


def test_an_upload_taken_back_is_named(filled: Store, taxonomy: Taxonomy) -> None:
    content = made(filled, taxonomy, filters=Filters(service="podiatry"))
    filled.rollback(1, by="A. Manager", reason="sent twice", flags_dealt_with=True)
    found = checked(filled, taxonomy, content)
    assert found.reasons == (
        "30 comments of then are no longer among those asked about.",
        "Upload 1 was taken back since.",
    )


def test_a_correction_since_is_counted(filled: Store, taxonomy: Taxonomy) -> None:
    content = made(filled, taxonomy)
    correct(filled, taxonomy, "HW-2026-000001.1", Said("objective", "O3", so=False), by="A. Reader")
    found = checked(filled, taxonomy, content)
    assert not found.same_figures
    assert found.reasons == ("1 correction was made or taken back since.",)


def test_comments_read_by_other_models_are_told(filled: Store, taxonomy: Taxonomy) -> None:
    content = made(filled, taxonomy)
    with filled.writing():
        other = filled.versions_id({**VERSIONS, "reader": "9.0"})
        filled.conn.execute("UPDATE comments SET versions = ? WHERE number <= 3", (other,))
        filled.conn.execute("UPDATE findings SET polarity = '+' WHERE comment = 1 AND kind = 'objective'")
    found = checked(filled, taxonomy, content)
    then = VERSIONS["reader"]
    assert found.reasons == (f"3 comments were read with reader 9.0 since (then {then}).",)


def test_what_the_strategy_no_longer_has_is_refused_in_a_sentence(filled: Store, taxonomy: Taxonomy) -> None:
    data = json.loads(made(filled, taxonomy, "json"))
    data["pack"] |= {"id": "O9", "filters": {"objective": "O9"}}
    found = checked(filled, taxonomy, json.dumps(data).encode())
    assert "O9" in found.refused and not found.same_figures


# What is no pack


@pytest.mark.parametrize(
    "content", [b"", b"# A page of somebody's", b"PK\x03\x04 no archive", b"\xff\xfe\x00", b"[1]", b'{"pack": 3}']
)
def test_what_is_no_pack_is_refused(content: bytes) -> None:
    with pytest.raises((BadFile, BadInput)):
        read_file(content)


def test_a_word_file_of_somebody_elses_is_refused() -> None:
    other = BytesIO()
    open_document().save(other)
    with pytest.raises(BadFile, match="no pack of this system"):
        read_file(other.getvalue())


@pytest.mark.parametrize(
    "wrong",
    [
        {"made_at": "yesterday"},
        {"kind": "table"},
        {"figures": [1]},
        {"scope": "all"},
        {"data": None},
        {"feedback_pack": 2},
    ],
)
def test_a_damaged_record_is_refused(filled: Store, taxonomy: Taxonomy, wrong: dict[str, object]) -> None:
    data = json.loads(made(filled, taxonomy, "json"))
    data["pack"] |= wrong
    with pytest.raises(BadInput, match="damaged or of another version"):
        read_file(json.dumps(data).encode())


def test_a_record_that_contradicts_itself_is_refused(filled: Store, taxonomy: Taxonomy) -> None:
    data = json.loads(made(filled, taxonomy, "json"))
    data["pack"]["kind"] = "value"
    found = checked(filled, taxonomy, json.dumps(data).encode())
    assert found.refused == "The record in this file contradicts itself about what it asked for."


# What is kept


def test_a_pack_that_is_kept_holds_figures_and_no_words(filled: Store, taxonomy: Taxonomy) -> None:
    one = keep(filled, taxonomy, asked_of(O3), EVERYTHING, by=" A. Reader ")
    assert (one.id, one.by, one.record.title[:2]) == (1, "A. Reader", "O3")
    (text,) = filled.conn.execute("SELECT record FROM packs").fetchone()
    assert "five months" not in text and Record.from_json(text) == kept(filled.conn, 1, EVERYTHING).record
    found = verify(filled.conn, taxonomy, kept(filled.conn, 1, EVERYTHING).record, EVERYTHING)
    assert (found.holds, found.changed) == (True, None)


def test_packs_are_listed_latest_first_page_by_page(filled: Store, taxonomy: Taxonomy) -> None:
    for by in ("A", "B", "C"):
        keep(filled, taxonomy, asked_of(Filters(service="podiatry")), EVERYTHING, by=by)
    first = all_kept(filled.conn, EVERYTHING, limit=2)
    assert ([one.by for one in first.packs], first.after) == (["C", "B"], 2)
    second = all_kept(filled.conn, EVERYTHING, after=first.after, limit=2)
    assert ([one.by for one in second.packs], second.after) == (["A"], None)


def test_a_pack_of_all_is_not_shown_to_a_reader_of_some(filled: Store, taxonomy: Taxonomy) -> None:
    willow = Scope.of(taxonomy, ["ward-willow"])
    keep(filled, taxonomy, asked_of(O3), EVERYTHING, by="A")
    keep(filled, taxonomy, asked_of(O3), willow, by="B")
    assert [one.by for one in all_kept(filled.conn, willow).packs] == ["B"]
    with pytest.raises(NotFound, match="no pack 1 that you may see"):
        kept(filled.conn, 1, willow)
    with pytest.raises(NotFound, match="the whole Trust"):
        verify(filled.conn, taxonomy, kept(filled.conn, 1, EVERYTHING).record, willow)
    assert verify(filled.conn, taxonomy, kept(filled.conn, 2, EVERYTHING).record, EVERYTHING).holds


@pytest.mark.parametrize(
    ("filters", "by", "says"),
    [
        (Filters(objective="O3", search="supper"), "A", "search is not kept"),
        (O3, " ", "give a name"),
        (O3, "A" * 101, "at most 100 characters"),
    ],
)
def test_what_may_not_be_kept_is_refused(
    filled: Store, taxonomy: Taxonomy, filters: Filters, by: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        keep(filled, taxonomy, asked_of(filters), EVERYTHING, by=by)
    assert all_kept(filled.conn, EVERYTHING).packs == ()
