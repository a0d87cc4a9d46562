"""What a figure of evidence rests on is said: which error was counted, who speaks, what nobody looks for, why each clause counts."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import MANNER, WAIT, add_batch, analysed
from test_cite import said

from feedback.accuracy import doubted as doubted_labels
from feedback.accuracy.measured import KnownError, Measured
from feedback.comment import Finding, RawComment
from feedback.correct import Said, correct, withdraw
from feedback.evidence.allowing import allowed_for, narrowing
from feedback.evidence.cite import Evidence, evidence
from feedback.evidence.silence import silence
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.models.labels import labels_read
from feedback.models.reader import Reading
from feedback.pipeline import Pipeline
from feedback.query import evidence_table, objective_table, statement_table
from feedback.quoting import words_of
from feedback.settings import MODELS
from feedback.store import Store
from feedback.strategies.bearing import NOT_LOOKED_FOR
from feedback.tag.strategy import tag_own_account, tag_statements
from feedback.taxonomy import Taxonomy

GOOD = Measured(right=80, found=95, have=100, comments=800)
KNOWN = KnownError(
    "1.0",
    "2026-11-22",
    "invented comments",
    {"O1": GOOD, "O1+": GOOD, "O1-": GOOD, "O3": GOOD, "O3+": GOOD, "O3-": Measured(3, 5, 9, 800)},
)
LEARNT = labels_read(MODELS / "reader", "statements") or frozenset()


@pytest.fixture
def staffed(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of what patients say of staff and what staff say of their work, read by a reader whose errors are known."""
    monkeypatch.setattr(doubted_labels, "load_known_error", lambda models: KNOWN)
    praise = [analysed(f"p{n}", [(f"The nurses were so kind, visit {n}.", "+", (MANNER, "O1"))]) for n in range(6)]
    own = analysed("s1", [("Good team.", "+", ("O1",)), ("Short every night.", "-", ("O1",))], respondent="staff")
    waits = [analysed(f"w{n}", [(f"Waited {n} hours.", "-", (WAIT, "O3", "O3.W5"))]) for n in range(4)]
    someone = analysed("u", [("They looked tired.", "-", ("O1",))], respondent="unknown")
    add_batch(store, "staff.csv", [*praise, own, *waits, someone])
    return store


def on(
    store: Store, taxonomy: Taxonomy, kind: str, id: str, filters: Filters | None = None, scope: Scope = EVERYTHING
) -> Evidence:
    return evidence(store.conn, taxonomy, kind, id, filters or Filters(), scope)  # type: ignore[arg-type]


def test_misreading_is_allowed_for_only_where_all_kinds_of_comments_are_in(staffed: Store, taxonomy: Taxonomy) -> None:
    assert on(staffed, taxonomy, "objective", "O1").adjusted[0].estimate
    for filters in (
        Filters(respondent="staff"),
        Filters(service="podiatry"),
        Filters(search="nurses"),
        Filters(theme=MANNER),
    ):
        for one in on(staffed, taxonomy, "objective", "O1", filters).adjusted:
            assert one.estimate is None and "not on these alone" in one.sentence
    assert narrowing(taxonomy, Filters(respondent="staff"), EVERYTHING) == "respondent staff"
    assert narrowing(taxonomy, Filters(batch=1), EVERYTHING) == ""
    assert narrowing(taxonomy, Filters(), Scope.of(taxonomy, ["podiatry"])) == "those of some services"


def test_both_sides_are_allowed_for_or_neither(staffed: Store, taxonomy: Taxonomy) -> None:
    assert all(one.estimate for one in on(staffed, taxonomy, "objective", "O1").adjusted)
    whole, good, bad = on(staffed, taxonomy, "objective", "O3").adjusted
    assert whole.estimate and not good.estimate and not bad.estimate
    assert "not known well enough for both sides" in good.sentence
    rows = objective_table(staffed.conn, taxonomy, Filters(), EVERYTHING)
    allowed = allowed_for(staffed.conn, taxonomy, "objective", rows, Filters(), EVERYTHING, 12)
    assert allowed["O1"].good and allowed["O1"].good.estimate and not allowed["O1"].doubt


def test_what_staff_say_of_themselves_is_told_from_what_others_say_of_them(staffed: Store, taxonomy: Taxonomy) -> None:
    found = on(staffed, taxonomy, "objective", "O1")
    assert [(v.name, v.n, v.speaks_for, v.against, v.both) for v in found.voices] == [
        ("Staff themselves", 1, 0, 0, 1),
        ("Patients and families about staff", 6, 6, 0, 0),
        ("Not known who", 1, 0, 1, 0),
    ]
    assert sum(v.n for v in found.voices) == found.comments
    assert on(staffed, taxonomy, "objective", "O3").voices == ()


def test_what_no_model_was_taught_is_not_called_silence(staffed: Store, taxonomy: Taxonomy) -> None:
    untaught = next(id for id, s in taxonomy.statements.items() if s.objective == "O1" and id not in LEARNT)
    found = on(staffed, taxonomy, "statement", untaught)
    assert not found.looked_for
    assert found.cannot_say == (f"{NOT_LOOKED_FOR[:1].upper()}{NOT_LOOKED_FOR[1:]}.",)
    basis = {row.id: row.basis for row in statement_table(staffed.conn, taxonomy, Filters(), EVERYTHING)}
    assert basis[untaught] == "unread" and basis["O3.W5"] == "read"
    quiet = silence(staffed.conn, taxonomy, Filters(), EVERYTHING)
    assert untaught in {row.id for row in quiet.not_looked_for}
    assert not {row.id for row in quiet.not_looked_for} & {row.id for rows in quiet.parts.values() for row in rows}
    assert untaught in {row.id for row in on(staffed, taxonomy, "objective", "O1").silence.not_looked_for}


def test_what_a_person_found_is_shown_though_no_model_looks_for_it(staffed: Store, taxonomy: Taxonomy) -> None:
    untaught = next(id for id, s in taxonomy.statements.items() if s.objective == "O1" and id not in LEARNT)
    correct(staffed, taxonomy, "s1", Said("statement", untaught, polarity="-"), by="Ann")
    found = on(staffed, taxonomy, "statement", untaught)
    assert found.looked_for and found.comments == 1
    assert found.quotes_against[0].reason == f"a person said that it speaks against {untaught}"


def test_an_outcome_that_nothing_looks_for_has_no_count(staffed: Store, taxonomy: Taxonomy) -> None:
    bare = next(
        id
        for id, s in taxonomy.statements.items()
        if not s.objective and id not in LEARNT and not any(id in t.statements for t in taxonomy.themes.values())
    )
    (row,) = evidence_table(staffed.conn, taxonomy, Filters(), EVERYTHING, [f"outcome:{bare}"])
    assert row.basis == "unread"


def test_each_clause_says_why_it_counts(staffed: Store, taxonomy: Taxonomy) -> None:
    found = on(staffed, taxonomy, "objective", "O3")
    assert {q.reason for q in found.quotes_against} == {"reader 1.0, 0.90 sure that it speaks against O3"}


def test_a_persons_word_does_not_stand_first_for_having_no_doubt() -> None:
    sure = said(1, "nobody answers when I ring reception", score=0.8)
    corrected = replace(said(2, "the letter was late again this week", score=1.0, service="b"), by="person:Ann")
    assert [c.comment for c in words_of([corrected, sure], 2, {}).strongest] == ["1", "2"]


def test_a_statement_turns_with_its_objective_and_back(staffed: Store, taxonomy: Taxonomy) -> None:
    def sides() -> tuple[int, int]:
        row = next(r for r in statement_table(staffed.conn, taxonomy, Filters(), EVERYTHING) if r.id == "O3.W5")
        return row.positive, row.negative

    assert sides() == (0, 4)
    number = correct(staffed, taxonomy, "w0", Said("objective", "O3", polarity="+"), by="Ann")
    assert sides() == (1, 3)
    withdraw(staffed, "w0", by="Ann", number=number)
    assert sides() == (0, 4)


# Whose account of work it is


def column(label: str) -> Finding:
    return Finding("respondent", label, "", 0.98, 0, 0, "column")


def clause(sign: str, start: int, score: float = 0.8) -> Finding:
    return Finding("clause", "", sign, score, start, start + 9, "reader 1.0", "1")


def test_staffs_own_account_bears_on_the_objective_that_the_data_name(taxonomy: Taxonomy) -> None:
    (found,) = tag_own_account(column("staff"), [clause("0", 0), clause("-", 10)], [], taxonomy)
    assert (found.kind, found.label, found.polarity, found.by) == ("objective", "O1", "-", "rule:own account")
    assert (found.start, found.end) == (10, 19)
    (both,) = tag_own_account(column("staff"), [clause("+", 0), clause("-", 10)], [], taxonomy)
    assert (both.polarity, both.start, both.end) == ("~", 0, 19)


def test_without_a_column_a_feeling_or_such_an_objective_nothing_is_given(taxonomy: Taxonomy) -> None:
    felt, there = [clause("-", 0)], [Finding("objective", "O1", "+", 0.9, 0, 9, "reader 1.0")]
    assert tag_own_account(replace(column("staff"), by="model"), felt, [], taxonomy) == []
    assert tag_own_account(column("staff"), [clause("0", 0)], [], taxonomy) == []
    assert tag_own_account(column("staff"), felt, there, taxonomy) == []
    assert tag_own_account(column("patient"), felt, [], taxonomy) == []
    assert tag_own_account(column("staff"), felt, [], replace(taxonomy, own_accounts={})) == []


# On which side a statement is


def heard(
    pipeline: Pipeline, feelings: list[tuple[float, float, float]], speaking: list[float], sign: str
) -> list[Finding]:
    """What is found of O3.W5 in a comment on O3 whose clauses feel and speak of it so."""
    reader, n = pipeline.reader, len(feelings)
    statements = np.zeros((1 + n, len(reader.statements)), np.float32)
    place = reader.statements.index("O3.W5")
    statements[0, place], statements[1:, place] = 0.9, speaking
    spans = tuple((10 * i, 10 * i + 9) for i in range(n))
    empty = np.zeros((1 + n, 1), np.float32)
    codes = np.zeros((1 + n, len(reader.codes), 2), np.float32)
    reading = Reading(spans, empty, np.zeros(5, np.float32), np.array(feelings, np.float32), codes, statements, empty)
    objective = Finding("objective", "O3", sign, 0.9, 0, 10 * n, reader.name)
    return tag_statements(reading, spans, [objective], reader, pipeline.taxonomy)


GLAD, FLAT, SORE = (0.9, 0.05, 0.05), (0.1, 0.8, 0.1), (0.05, 0.05, 0.9)


def test_a_statement_is_on_the_side_that_the_clause_feels(pipeline: Pipeline) -> None:
    found = heard(pipeline, [GLAD, SORE], [0.9, 0.8], "~")
    assert [(f.label, f.polarity, f.start) for f in found] == [("O3.W5", "+", 0), ("O3.W5", "-", 10)]
    assert found[0].score == pytest.approx(0.9 * 0.9)


def test_a_clause_without_feeling_is_evidence_for_neither_side(pipeline: Pipeline) -> None:
    assert heard(pipeline, [FLAT], [0.9], "-") == []


def test_the_other_side_is_not_read_into_what_hardly_speaks_of_it(pipeline: Pipeline) -> None:
    assert [f.polarity for f in heard(pipeline, [GLAD, SORE], [0.9, 0.5], "~")] == ["+"]


def test_the_codes_of_a_whole_comment_are_as_sure_as_their_side(pipeline: Pipeline) -> None:
    (read,) = list(pipeline.analyse([_raw("Waited nine weeks and nobody rang back.")]))
    waits = next(f for f in read.of("objective") if f.label == "O3")
    assert waits.polarity == "-" and 0.5 < waits.score < 1


def test_a_comment_that_the_column_gives_to_staff_is_read_so(pipeline: Pipeline) -> None:
    (read,) = list(pipeline.analyse([_raw("The rota came out late again, miserable.", "Staff member")]))
    assert "O1" in {f.label for f in read.of("objective")}


def _raw(text: str, respondent: str | None = None) -> RawComment:
    return RawComment(text=text, respondent=respondent)


def test_the_readme_names_the_statements_that_nobody_looks_for(taxonomy: Taxonomy) -> None:
    """A reader that was taught more, or less, needs the sentence mended."""
    untaught = [id for id in taxonomy.statements if id not in LEARNT]
    sentence = f"Nobody looks yet for {', '.join(untaught[:-1])} and {untaught[-1]}: "
    assert sentence in (MODELS.parent / "README.md").read_text(encoding="utf-8")
