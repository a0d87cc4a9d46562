"""A citation leads for ever to the words that were cited, or says plainly what has become of them."""

from datetime import date

import pytest
from conftest import MANNER, WAIT, add_batch, analysed

from feedback.correct import Said, correct, withdraw
from feedback.erase import Asked, erase
from feedback.errors import BadInput, Gone, NotFound
from feedback.evidence.citation import as_record, open_citation
from feedback.query import EVERYTHING, Scope
from feedback.redact import Redactor
from feedback.store import Store
from feedback.taxonomy import Taxonomy

WILLOW = "HW-2026-000031"


def test_a_clause_is_shown_exactly_as_it_is_stored_with_what_was_read_in_it(filled: Store, taxonomy: Taxonomy) -> None:
    found = open_citation(filled.conn, taxonomy, f"{WILLOW}.2", EVERYTHING)
    stored = filled.conn.execute("SELECT text FROM comments WHERE number = 31").fetchone()[0]
    assert (found.text, found.text) == (stored[found.start : found.end], "Sister made it right at once.")
    assert (found.month, found.services, found.respondent) == (date(2026, 5, 1), ("ward-willow",), "relative")
    assert [(r.kind, r.label, r.polarity, r.score, r.by) for r in found.reasons] == [
        ("clause", "positive", "+", 0.9, "reader 1.0"),
        ("theme", MANNER, "+", 0.9, "reader 1.0"),
        ("value", "responsive", "+", 0.9, "reader 1.0"),
    ]
    assert found.versions == {"reader": "1.0", "themes": "7"}
    assert as_record(found)["month"] == "2026-05"


def test_without_a_number_the_whole_comment_is_cited(filled: Store, taxonomy: Taxonomy) -> None:
    found = open_citation(filled.conn, taxonomy, WILLOW, EVERYTHING)
    assert found.clause is None
    assert found.text == "Supper was cold again. Sister made it right at once."


def test_a_correction_of_the_words_is_told_and_one_of_other_words_is_not(filled: Store, taxonomy: Taxonomy) -> None:
    correct(filled, taxonomy, f"{WILLOW}.2", Said("theme", WAIT, polarity="+"), by="Ann Example")
    second = open_citation(filled.conn, taxonomy, f"{WILLOW}.2", EVERYTHING)
    assert [one.says for one in second.since] == [
        f"A person corrected how it was read on 1 August 2026: they said that theme {taxonomy.themes[WAIT].name} is so. The words are as they were."
    ]
    assert "Ann" not in str(second.since)
    assert open_citation(filled.conn, taxonomy, f"{WILLOW}.1", EVERYTHING).since == ()
    withdraw(filled, f"{WILLOW}.2", by="Ann Example", number=1)
    assert (
        open_citation(filled.conn, taxonomy, f"{WILLOW}.2", EVERYTHING).since[0].says.endswith("That was taken back.")
    )


@pytest.fixture(scope="module")
def redactor(taxonomy: Taxonomy) -> Redactor:
    return Redactor(taxonomy)


def test_an_erased_comment_says_so_and_when_and_why(filled: Store, taxonomy: Taxonomy, redactor: Redactor) -> None:
    erase(filled, Asked("comment", comment=31), by="Ann Example", reason="asked by telephone", redactor=redactor)
    with pytest.raises(Gone, match=f"Comment {WILLOW} was erased on 1 August 2026 on request"):
        open_citation(filled.conn, taxonomy, f"{WILLOW}.2", EVERYTHING)


def test_a_comment_whose_upload_was_taken_back_says_so_and_its_number_is_not_given_again(
    filled: Store, taxonomy: Taxonomy
) -> None:
    add_batch(filled, "third.csv", [analysed("new", [("Warm welcome.", "+", (MANNER,))])])
    new = filled.conn.execute("SELECT citation FROM comments WHERE id = 'new'").fetchone()[0]
    assert open_citation(filled.conn, taxonomy, f"{new}.1", EVERYTHING).text == "Warm welcome."
    filled.rollback(3)
    add_batch(filled, "fourth.csv", [analysed("newer", [("A cold welcome.", "-", (MANNER,))])])
    with pytest.raises(Gone, match="its upload was taken back"):
        open_citation(filled.conn, taxonomy, f"{new}.1", EVERYTHING)


def test_a_reader_of_one_service_is_not_told_what_became_of_anothers_comment(
    filled: Store, taxonomy: Taxonomy, redactor: Redactor
) -> None:
    podiatry = Scope.of(taxonomy, ["podiatry"])
    sentence = f"There is no comment {WILLOW} that you may see."
    with pytest.raises(NotFound) as there:
        open_citation(filled.conn, taxonomy, WILLOW, podiatry)
    erase(filled, Asked("comment", comment=31), by="Ann Example", reason="asked by telephone", redactor=redactor)
    with pytest.raises(NotFound) as gone:
        open_citation(filled.conn, taxonomy, WILLOW, podiatry)
    assert str(there.value) == str(gone.value) == sentence
    assert type(gone.value) is NotFound


@pytest.mark.parametrize("citation", ["willow-1", "HW-2026-31", "HW-2026-000031.x", ""])
def test_what_is_no_citation_is_refused(filled: Store, taxonomy: Taxonomy, citation: str) -> None:
    with pytest.raises(BadInput, match="no citation"):
        open_citation(filled.conn, taxonomy, citation, EVERYTHING)


@pytest.mark.parametrize("citation", [f"{WILLOW}.3", "HW-2026-000999", "HW-2025-000031", "HW-2026-000000"])
def test_what_was_never_given_is_not_found(filled: Store, taxonomy: Taxonomy, citation: str) -> None:
    with pytest.raises(NotFound) as refused:
        open_citation(filled.conn, taxonomy, citation, EVERYTHING)
    assert not isinstance(refused.value, Gone)
