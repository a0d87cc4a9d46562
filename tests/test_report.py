"""A pack stands on its numbers: each has its n, both sides are heard, words have citations, and how it was made is said."""

import json
from datetime import UTC, date, datetime

import pytest
from conftest import MANNER, WAIT, add_batch, analysed

from feedback.actions import Action, add
from feedback.documents.asked import PackAsked, asked_of, filters_from, plain
from feedback.documents.model import Bullets, Document, Heading, KeyFigures, Quotations, Table
from feedback.documents.packs import Pack, make_pack
from feedback.documents.report import report
from feedback.errors import BadInput, NotFound
from feedback.evidence.matter import HONESTLY
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.store import Store
from feedback.taxonomy import Taxonomy

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def pack(store: Store, taxonomy: Taxonomy, *, board: bool = False, **filters: object) -> Pack:
    return make_pack(store.conn, taxonomy, asked_of(Filters(**filters), board=board), EVERYTHING, now=NOW)  # type: ignore[arg-type]


def headings(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Heading)]


def test_evidence_on_an_objective_has_both_sides_and_what_cannot_be_said(filled: Store, taxonomy: Taxonomy) -> None:
    document = pack(filled, taxonomy, objective="O3").document
    assert document.title == f"O3 {taxonomy.objectives['O3'].title}".rstrip(".")
    assert document.subtitle == "15 comments from 15 respondents bear on it, January 2026 to June 2026"
    numbers = next(block for block in document.blocks if isinstance(block, KeyFigures))
    assert [(figure.name, figure.value) for figure in numbers.items] == [
        ("Comments that bear on it", "15"),
        ("For", "0"),
        ("Against", "15"),
        ("Both", "0"),
    ]
    assert headings(document) == [
        "What it comes to",
        "In people's words: for",
        "In people's words: against",
        "Its statements",
        "Where it was said",
        "What cannot be said",
    ]
    quoted = [block for block in document.blocks if isinstance(block, Quotations)]
    assert quoted[0].items == ()
    assert quoted[1].items[0].text == "I waited five months to be seen."
    assert quoted[1].items[0].said.startswith("Podiatry, ")
    statements = next(block for block in document.blocks if isinstance(block, Table))
    assert [row[1:] for row in statements.rows] == [("15", "0", "15", "0")]
    assert statements.rows[0][0].startswith("O3.W5 ")


def test_a_team_page_says_what_is_praised_what_to_mend_and_what_was_done(filled: Store, taxonomy: Taxonomy) -> None:
    done = Action("podiatry", "The wait is long.", "A second clinic opened.", date(2026, 6, 1), "Lead", WAIT, "done")
    add(filled, taxonomy, done, by="A. Lead", scope=EVERYTHING, redact=str)
    made = pack(filled, taxonomy, service="podiatry")
    text = report(filled.conn, taxonomy, Filters(service="podiatry"), EVERYTHING, "md").decode()
    assert headings(made.document) == ["What it comes to", "What people praise", "What to mend", "What was done"]
    praise, mend = text.split("## What to mend")
    assert "**Of 30 comments read:** Staff manner & personal attributes 20." in praise
    assert "**Of 30 comments read:** Timeliness of care 15." in mend
    assert "- You said: The wait is long. We did: A second clinic opened. Done on 1 June 2026." in mend


def test_a_team_of_whom_hardly_anybody_has_spoken_gets_no_figures(filled: Store, taxonomy: Taxonomy) -> None:
    document = pack(filled, taxonomy, service="ward-willow").document
    assert not any(isinstance(block, KeyFigures) for block in document.blocks)
    assert "Too few people have spoken for anything to be counted: 2 comments." in document.blocks[0].text  # type: ignore[union-attr]


def test_the_board_summary_counts_flags_without_words(filled: Store, taxonomy: Taxonomy) -> None:
    made = pack(filled, taxonomy, board=True)
    queue = next(b for b in made.document.blocks if isinstance(b, KeyFigures) and b.title == "Safety queue")
    assert [(figure.name, figure.value) for figure in queue.items] == [
        ("Waiting for a person", "2"),
        ("Raised in the last 7 days", "2"),
        ("Passed on", "0"),
        ("Waiting for translation", "1"),
    ]
    assert "fell twice" not in json.dumps(made.as_record(), default=str)
    objectives = next(b for b in made.document.blocks if isinstance(b, Table) and b.title.startswith("Objectives"))
    assert [row[0][:2] for row in objectives.rows] == ["O1", "O2", "O3", "O4", "O5"]
    assert objectives.rows[2][1:] == (
        "15",
        "as read 42% (27% to 58%)",
        "as read 0% (0% to 10%)",
        "as read 42% (27% to 58%)",
    )


def test_a_programme_says_what_is_promised_and_what_people_say_there(filled: Store, taxonomy: Taxonomy) -> None:
    document = pack(filled, taxonomy, programme="CHT").document
    assert document.title == taxonomy.programmes["CHT"].title
    assert headings(document)[:3] == ["What it comes to", "What is promised", "Before and after its milestones"]
    comes_to = next(block for block in document.blocks if isinstance(block, Bullets)).items
    assert comes_to[0].endswith(HONESTLY)


def test_no_document_tells_a_board_how_to_set_the_machine_up(filled: Store, taxonomy: Taxonomy) -> None:
    for found in (pack(filled, taxonomy, board=True), pack(filled, taxonomy, objective="O3")):
        assert found.record.citations and "FEEDBACK_ADDRESS" not in str(found.document)


def test_a_board_is_told_worst_best_and_what_moves_first(filled: Store, taxonomy: Taxonomy) -> None:
    add_batch(
        filled,
        "more.csv",
        [
            analysed(f"more-{n}", [(f"Lovely cheerful nurse, the number {n} of them that day.", "+", (MANNER, "O4"))])
            for n in range(30)
        ]
        + [
            analysed(f"late-{n}", [(f"It took {n + 2} months for anybody to see me there.", "-", (WAIT, "O3"))])
            for n in range(30)
        ],
    )
    blocks = pack(filled, taxonomy, board=True).document.blocks
    assert isinstance(blocks[0], Heading) and isinstance(blocks[1], Bullets)
    worst, best, moves = blocks[1].items
    assert worst.startswith("Worst of the objectives and values: O3 ") and "(as in " in worst
    assert best.startswith("Best: O4 ") and "100% (chance range 89% to more than 99%) speak for it (as in " in best
    assert "beyond chance" in moves


def test_an_outcome_that_no_comment_is_read_for_says_so(filled: Store, taxonomy: Taxonomy) -> None:
    made = pack(filled, taxonomy, evidence="outcome:P2")
    assert made.as_record()["derived"] in str(made.document.blocks)


def test_the_same_as_data_holds_the_same_figures(filled: Store, taxonomy: Taxonomy) -> None:
    record = json.loads(report(filled.conn, taxonomy, Filters(value="responsive"), EVERYTHING, "json"))
    assert (record["report"], record["comments"], record["against"]["n"]) == ("evidence", 16, 15)
    assert record["pack"]["figures"]["In numbers | Against"].startswith("15 ")
    service = json.loads(report(filled.conn, taxonomy, Filters(service="podiatry"), EVERYTHING, "json"))
    assert (service["report"], service["totals"]["comments"]) == ("service", 30)


def test_the_same_data_makes_the_same_document_whenever_it_is_made(filled: Store, taxonomy: Taxonomy) -> None:
    first = pack(filled, taxonomy, objective="O3").record
    asked = asked_of(Filters(objective="O3"))
    later = make_pack(filled.conn, taxonomy, asked, EVERYTHING, now=datetime(2027, 1, 1, tzinfo=UTC)).record
    assert (first.content, first.data, first.figures) == (later.content, later.data, later.figures)
    assert first.made_at != later.made_at


def test_a_scope_makes_a_pack_of_its_own_comments_alone(filled: Store, taxonomy: Taxonomy) -> None:
    asked = asked_of(Filters(value="responsive"))
    made = make_pack(filled.conn, taxonomy, asked, Scope.of(taxonomy, ["ward-willow"]), now=NOW)
    assert made.as_record()["comments"] == 1
    assert made.record.data.comments == 2
    assert "podiatry" not in json.dumps(made.as_record(), default=str).casefold()


def test_no_record_holds_words_of_a_comment(filled: Store, taxonomy: Taxonomy) -> None:
    words = ("waited five months", "gentle and cheerful", "Supper was cold", "fell twice", "nowhere to park")
    asked: tuple[dict[str, object], ...] = ({"objective": "O3"}, {"service": "podiatry"}, {"board": True})
    for one in asked:
        record = pack(filled, taxonomy, **one).record.as_json()  # type: ignore[arg-type]
        assert not any(word in record for word in words)


def test_the_data_version_changes_with_a_finding_and_with_a_comment(filled: Store, taxonomy: Taxonomy) -> None:
    before = pack(filled, taxonomy, objective="O3").record.data
    with filled.writing():
        filled.conn.execute("UPDATE findings SET polarity = '+' WHERE comment = 1 AND kind = 'value'")
    after = pack(filled, taxonomy, objective="O3").record.data
    assert (before.comments_digest, before.digest == after.digest) == (after.comments_digest, False)
    add_batch(filled, "third.csv", [analysed("new", [("They rang back.", "+", ("O3",))], day=date(2026, 7, 3))])
    assert pack(filled, taxonomy, objective="O3").record.data.comments_digest != before.comments_digest


@pytest.mark.parametrize(
    ("filters", "board", "kind", "command"),
    [
        ({"objective": "O3"}, False, "objective", "feedback report --objective O3 --format docx"),
        ({"service": "podiatry", "value": "responsive"}, False, "value", "feedback report --service podiatry --value responsive --format docx"),
        ({"service": "podiatry", "date_from": date(2026, 1, 1)}, False, "service", "feedback report --service podiatry --from 2026-01-01 --format docx"),
        ({"evidence": "outcome:P2"}, False, "outcome", "feedback report --evidence outcome:P2 --format docx"),
        ({"county": "Herefordshire"}, True, "board", "feedback report --board --county Herefordshire --format docx"),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_known_again_from_its_filters(
    filters: dict[str, object], board: bool, kind: str, command: str
) -> None:
    asked = asked_of(Filters(**filters), board=board)  # type: ignore[arg-type]
    assert (asked.kind, asked.command()) == (kind, command)
    assert filters_from(plain(asked.filters)) == asked.filters


@pytest.mark.parametrize(
    ("filters", "board", "says"),
    [
        ({}, False, "--objective, --value, --statement"),
        ({"objective": "O3", "value": "responsive"}, False, "objective and value were given"),
        ({"objective": "O3", "polarity": "+"}, False, "both sides"),
        ({"objective": "O3"}, True, "leave the others out"),
        ({"evidence": "objective:O3"}, False, "--objective O3"),
        ({"service": "podiatry", "batch": 1}, False, "by batch"),
    ],
)
def test_a_pack_on_nothing_in_particular_is_refused(filters: dict[str, object], board: bool, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        asked_of(Filters(**filters), board=board)  # type: ignore[arg-type]


def test_what_is_not_there_is_refused(filled: Store, taxonomy: Taxonomy) -> None:
    with pytest.raises(NotFound, match="O33"):
        make_pack(filled.conn, taxonomy, PackAsked("objective", "O33", Filters(objective="O33")), EVERYTHING, now=NOW)
