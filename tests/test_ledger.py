"""The accuracy ledger: what is drawn, that a first answer stands, and the agreement worked out by hand. Every comment is invented."""

import csv
import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import LISTENING, MANNER, PARKING, THANKS, WAIT, add_batch, analysed
from openpyxl import load_workbook

from feedback.accuracy.ledger import Answer, Drawn, Taken, agreement, comments_to_read, draw, keep, ledger, ledgers
from feedback.accuracy.sheet import SCALE, read_sheet, write_sheet
from feedback.cli import main
from feedback.comment import Finding
from feedback.errors import BadFile, BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.store import Store
from feedback.taxonomy import Taxonomy


def said(scale: int, *themes: str) -> Answer:
    return Answer(scale, frozenset(themes))


@pytest.fixture
def four(store: Store, taxonomy: Taxonomy) -> Drawn:
    """Four comments, drawn; `machine` says of them, by place in the order of their ids, manner, manner, waiting and nothing."""
    add_batch(
        store,
        "four.csv",
        [
            analysed("a", [("She was kind.", "+", (MANNER,))]),
            analysed("b", [("He was gentle.", "+", (MANNER,))]),
            analysed("c", [("Months of waiting.", "-", (WAIT,))]),
            analysed("d", [("It is a building.", "0", ())]),
        ],
    )
    return draw(store, taxonomy, Filters(), EVERYTHING, size=4, by="Lead", seed=1)


def places(store: Store, drawn: Drawn) -> dict[str, int]:
    sql = "SELECT c.id, place FROM ledger_comments JOIN comments c ON c.number = comment WHERE ledger = ?"
    return dict(store.conn.execute(sql, (drawn.id,)).fetchall())


def answered(store: Store, taxonomy: Taxonomy, drawn: Drawn, by: str, **answers: Answer) -> Taken:
    at = places(store, drawn)
    return keep(store, taxonomy, drawn, {at[id]: answer for id, answer in answers.items()}, by=by)


# Drawing


def test_what_is_drawn_is_the_same_for_the_same_seed_and_never_drawn_again(filled: Store, taxonomy: Taxonomy) -> None:
    drawn = draw(filled, taxonomy, Filters(), EVERYTHING, size=10, by=" Ann ", seed=7)
    assert (drawn.size, drawn.pool, drawn.drawn_by, drawn.described) == (10, 36, "Ann", "All comments")
    first = [one.text for one in comments_to_read(filled.conn, drawn, EVERYTHING)]
    with filled.writing():
        filled.conn.execute("DELETE FROM ledger_comments")
    again = draw(filled, taxonomy, Filters(), EVERYTHING, size=10, by="Ann", seed=7)
    assert [one.text for one in comments_to_read(filled.conn, again, EVERYTHING)] == first
    rest = draw(filled, taxonomy, Filters(), EVERYTHING, size=500, by="Ann", seed=7)
    assert rest.size == rest.pool == 26
    numbers = filled.conn.execute("SELECT comment FROM ledger_comments").fetchall()
    assert len(numbers) == len(set(numbers)) == 36
    assert not {(37,), (38,)} & set(numbers)  # without content, and in Polish
    with pytest.raises(BadInput, match="drawn already"):
        draw(filled, taxonomy, Filters(), EVERYTHING, size=1, by="Ann")
    assert [one.id for one in ledgers(filled.conn, taxonomy, EVERYTHING)] == [rest.id, again.id, drawn.id]


def test_a_draw_needs_a_name_and_a_number_and_stays_within_its_scope(filled: Store, taxonomy: Taxonomy) -> None:
    for more in ({"by": " "}, {"size": 0}, {"size": 2_001}):
        with pytest.raises(BadInput):
            draw(filled, taxonomy, Filters(), EVERYTHING, **({"by": "Ann", "size": 3} | more))  # type: ignore[arg-type]
    scope = Scope.of(taxonomy, ["ward-willow"])
    drawn = draw(filled, taxonomy, Filters(), scope, size=9, by="Ann")
    assert drawn.size == 2
    assert ledgers(filled.conn, taxonomy, EVERYTHING) == ()
    with pytest.raises(NotFound):
        ledger(filled.conn, taxonomy, drawn.id, EVERYTHING)


def test_a_reader_sees_the_words_and_nothing_that_was_found(filled: Store, taxonomy: Taxonomy, tmp_path: Path) -> None:
    drawn = draw(filled, taxonomy, Filters(service="ward-willow"), EVERYTHING, size=9, by="Ann", seed=1)
    write_sheet(drawn, comments_to_read(filled.conn, drawn, EVERYTHING), taxonomy, tmp_path / "r.csv")
    rows = list(csv.reader((tmp_path / "r.csv").open(encoding="utf-8-sig", newline="")))
    assert rows[0][:5] == ["reading", "question", "comment", "sentiment", "theme 1"]
    assert {len(row) for row in rows} == {10} and not any(any(row[3:]) for row in rows[1:])
    rows = [row[:3] for row in rows]
    assert sorted(rows[1:], key=lambda row: row[2]) == [
        [next(r[0] for r in rows if r[2].startswith("Dad")), "", "Dad fell twice in the night and nobody came."],
        [
            next(r[0] for r in rows if r[2].startswith("Supper")),
            "",
            "Supper was cold again. Sister made it right at once.",
        ],
    ]
    assert {row[0] for row in rows[1:]} == {f"{drawn.id}-1", f"{drawn.id}-2"}
    assert stat.S_IMODE((tmp_path / "r.csv").stat().st_mode) == 0o600


# Answers


def test_a_first_answer_stands(store: Store, taxonomy: Taxonomy, four: Drawn) -> None:
    assert answered(store, taxonomy, four, "Ann", a=said(1, MANNER), b=said(2)) == Taken(2, 0, 0)
    assert answered(store, taxonomy, four, "ann ", a=said(5), b=said(2), c=said(4, WAIT)) == Taken(1, 2, 1)
    kept = store.conn.execute("SELECT reader, scale FROM ledger_answers ORDER BY read_at, scale").fetchall()
    assert kept == [("Ann", 1), ("Ann", 2), ("ann", 4)]


def test_two_people_read_a_comment_and_no_third(store: Store, taxonomy: Taxonomy, four: Drawn) -> None:
    answered(store, taxonomy, four, "Ann", a=said(1), b=said(1))
    answered(store, taxonomy, four, "Ben", a=said(1))
    with pytest.raises(BadInput, match=f"Two others have read comment {four.id}-"):
        answered(store, taxonomy, four, "Cy", b=said(1), a=said(1))
    now = ledger(store.conn, taxonomy, four.id, EVERYTHING)
    assert (now.once, now.twice, now.readers) == (1, 1, ("Ann", "Ben"))  # nothing of Cy's was kept


@pytest.mark.parametrize("answer", [said(0), said(6), said(1, "moon"), said(1, "labelling-not-possible")])
def test_an_answer_that_makes_no_sense_is_refused(
    store: Store, taxonomy: Taxonomy, four: Drawn, answer: Answer
) -> None:
    with pytest.raises(BadInput):
        keep(store, taxonomy, four, {1: answer}, by="Ann")
    with pytest.raises(BadInput, match="no comment at place 9"):
        keep(store, taxonomy, four, {9: said(1)}, by="Ann")
    assert agreement(store.conn, [four]) is None


# Agreement


def test_people_and_machines_are_compared_by_the_same_measure(store: Store, taxonomy: Taxonomy, four: Drawn) -> None:
    answered(store, taxonomy, four, "Ann", a=said(2, MANNER), b=said(2, MANNER), c=said(5, WAIT), d=said(3))
    answered(store, taxonomy, four, "Ben", a=said(1, MANNER), b=said(2, LISTENING), c=said(5, WAIT, PARKING))
    found = agreement(store.conn, [four])
    assert found is not None and found.people is not None
    assert (found.read, found.twice) == (4, 3)
    # People, on a, b, c: both gave manner and waiting, of (3 + 4) / 2 that each gave on average.
    assert found.people.themes.share == pytest.approx(2 / 3.5)
    assert [found.people.exact.share, found.people.scale.share, found.people.three.share] == pytest.approx(
        [1 / 3, 2 / 3, 1]
    )
    # Machines (manner, manner, waiting, none; 2, 2, 4, 3) with people, each comment once: a 1, b ½, c 1, d none.
    assert found.machine.themes.share == pytest.approx((1 + 0.5 + 1) / (1 + 1 + 1.25))
    # Just the same themes: a with both, b and c with one of two, d. Scale: a with one of two, b with both, c with neither, d.
    assert found.machine.exact.share == pytest.approx((1 + 0.5 + 0.5 + 1) / 4)
    assert found.machine.scale.share == pytest.approx((0.5 + 1 + 0 + 1) / 4)
    assert found.machine.three.share == 1
    by_theme = {one.theme: one for one in found.themes}
    manner = by_theme[MANNER]
    assert (manner.given, manner.people and manner.people.share) == (1.5, pytest.approx(2 / 3))
    assert manner.machine and manner.machine.share == pytest.approx(2 * 1.5 / (1.5 + 2))
    parking = by_theme[PARKING]
    assert parking.people is not None and parking.people.share == 0
    assert found.themes[0].theme == MANNER
    for rate in (found.people.themes, found.machine.exact, manner.machine):
        assert rate.lower <= rate.share <= rate.upper


def test_the_same_reading_done_twice_is_not_taken_for_two_comments(
    store: Store, taxonomy: Taxonomy, four: Drawn
) -> None:
    answers = {"a": said(2, MANNER), "b": said(2, MANNER), "c": said(4, WAIT), "d": said(3)}
    answered(store, taxonomy, four, "Ann", **answers)
    once = agreement(store.conn, [four])
    answered(store, taxonomy, four, "Ben", **answers)
    twice = agreement(store.conn, [four])
    assert once and twice and once.people is None
    assert once.machine == twice.machine
    assert twice.people is not None and twice.people.exact.share == 1


def test_new_models_are_judged_by_old_readings_and_corrections_are_not_their_merit(
    store: Store, taxonomy: Taxonomy, four: Drawn
) -> None:
    answered(store, taxonomy, four, "Ann", a=said(2, MANNER), b=said(2, THANKS), c=said(5, WAIT), d=said(3))
    answered(store, taxonomy, four, "Ben", a=said(2, MANNER), b=said(2, THANKS), c=said(5, WAIT), d=said(3))
    store.save_correction("b", Finding("theme", THANKS, "+", 1.0, 0, 4, "person:Cy"))
    before = agreement(store.conn, [four])
    with store.writing():  # as a new reading of the history writes it
        store.conn.execute("DELETE FROM findings WHERE comment = 2 AND kind = 'theme' AND label = ?", (MANNER,))
        store._record(2, [(90, Finding("theme", THANKS, "+", 0.9, 0, 14, "reader 9.0"))])
    now, then = agreement(store.conn, [four]), agreement(store.conn, [four], machine="then")
    assert before and now and then
    assert before.machine == then.machine
    assert (then.machine.exact.share, now.machine.exact.share) == (0.75, 1.0)


def test_what_is_taken_back_or_erased_leaves_the_ledger(store: Store, taxonomy: Taxonomy, four: Drawn) -> None:
    answered(store, taxonomy, four, "Ann", a=said(2), b=said(2))
    with store.writing():
        store.conn.execute("DELETE FROM comments WHERE id = 'a'")
    now = ledger(store.conn, taxonomy, four.id, EVERYTHING)
    assert (now.size, now.once) == (3, 1)
    store.rollback(1)
    assert store.conn.execute("SELECT count(*) FROM ledger_answers").fetchone() == (0,)


# The sheet


def test_a_workbook_offers_the_themes_and_is_read_back_sorted_or_shortened(
    store: Store, taxonomy: Taxonomy, four: Drawn, tmp_path: Path
) -> None:
    out = tmp_path / "r.xlsx"
    write_sheet(four, comments_to_read(store.conn, four, EVERYTHING), taxonomy, out)
    book = load_workbook(out)
    page = book["To read"]
    assert {str(rule.sqref) for rule in page.data_validations.dataValidation} == {"D2:D5", "E2:J5"}
    assert "Parking" in [cell.value for cell in book["Themes"]["A"]]
    assert "Labelling not possible" not in [cell.value for cell in book["Themes"]["A"]]
    page["D3"], page["E3"], page["F3"] = SCALE[4], "Timeliness of care", " parking"
    page["D5"] = 2
    page.delete_rows(2)
    book.save(out)
    second, fourth = (int(page.cell(row, 1).value.partition("-")[2]) for row in (2, 4))
    assert read_sheet(out, taxonomy) == {four.id: {second: said(5, WAIT, PARKING), fourth: said(2)}}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("1-1", "", "Secret words", "6"), "Row 2: the sentiment begins with a number from 1"),
        (("1-1", "", "Secret words", "12"), "Row 2: the sentiment begins with a number from 1"),
        (("1-1", "", "Secret words", "", "Parking"), "Row 2 has a theme and no sentiment"),
        (
            ("1-1", "", "Secret words", "1", "", "Parkign"),
            'Row 2, "theme 2": that is no theme .* Did you mean "Parking"?',
        ),
        (("1-1", "", "Secret words", "1", "Secret words"), 'Row 2, "theme 1": that is no theme'),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_without_what_stands_in_it(
    tmp_path: Path, taxonomy: Taxonomy, row: tuple[str, ...], reason: str
) -> None:
    path = tmp_path / "r.csv"
    heads = ["reading", "question", "comment", "sentiment", "theme 1", "theme 2"]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([heads, row])
    with pytest.raises(BadInput, match=reason) as refused:
        read_sheet(path, taxonomy)
    assert "Secret" not in str(refused.value) and "Parkign" not in str(refused.value)


def test_a_row_that_stands_twice_and_a_file_of_something_else_are_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (tmp_path / "twice.csv").write_text("reading,sentiment\n1-1,2\n1-1,3\n")
    with pytest.raises(BadInput, match="comment 1-1 stands twice"):
        read_sheet(tmp_path / "twice.csv", taxonomy)
    (tmp_path / "other.csv").write_text("name,score\na,2\nb,3\n")
    with pytest.raises(BadFile, match="is no sheet of a ledger"):
        read_sheet(tmp_path / "other.csv", taxonomy)
    with pytest.raises(BadInput, match=r"neither .xlsx nor .csv"):
        write_sheet(Drawn(1, "", "", 1, "", 1, {}, 0, 0, 0, ()), [], taxonomy, tmp_path / "r.pdf")


# The command


def test_the_command_draws_reads_two_sheets_and_shows_what_they_come_to(filled: Store, tmp_path: Path) -> None:
    def run(*arguments: object) -> str:
        done = CliRunner().invoke(main, ["ledger", *map(str, arguments), "--db", str(filled.path)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "Nothing has been drawn" in run()
    sheet = tmp_path / "ann.csv"
    run("draw", 6, "--seed", 2, "--by", "Lead", "--out", sheet)
    rows = list(csv.reader(sheet.open(encoding="utf-8-sig", newline="")))
    filled_in = [rows[0], *([*row[:3], "2", "Staff manner & personal attributes", *row[5:]] for row in rows[1:])]
    with sheet.open("w", newline="") as file:
        csv.writer(file).writerows(filled_in)
    assert run("read", sheet, "--by", "Ann") == "Ledger 1: 6 answers by Ann.\n"
    assert run("read", sheet, "--by", "Ben") == "Ledger 1: 6 answers by Ben.\n"
    assert run("read", sheet, "--by", "Ben") == "Ledger 1: 0 answers by Ben, 6 were there before.\n"
    shown = run()
    assert "6 comments read, 6 of them by two people" in shown
    assert "Staff manner & personal attributes" in shown
    document = json.loads(run("--json"))
    assert document["agreement"]["people"]["exact"]["share"] == 1
    assert document["ledgers"][0]["readers"] == ["Ann", "Ben"]
    assert document["ledgers"][0]["agreement_then"]["machine"] == document["agreement"]["machine"]


def test_a_refusal_of_the_command_is_a_sentence_without_words_of_a_comment(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("reading,comment,sentiment\n7-1,Secret words,2\n")
    done = CliRunner().invoke(
        main, ["ledger", "read", str(tmp_path / "r.csv"), "--by", "Ann", "--db", str(filled.path)]
    )
    assert (done.exit_code, done.stderr) == (1, "Error: There is no ledger 7 that you may read; draw one.\n")
