"""What people say of a reading outranks the models, once and for all, until they take it back. Every comment here is invented."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import FOOD, MANNER, PARKING, PHONES, WAIT, add_batch, analysed
from fastapi.testclient import TestClient

from api.app import make_app
from feedback.cli import main
from feedback.comment import Finding
from feedback.correct import Corrected, Said, correct, corrected, same_thing, withdraw
from feedback.disclosure import Disclosure
from feedback.erase import by_citation, erase
from feedback.errors import BadInput, FeedbackError, NotFound
from feedback.export import flat
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.present import as_record
from feedback.query import (
    Stored,
    clauses,
    comment,
    comments_page,
    corrections,
    machine_findings,
    series,
    statement_table,
    theme_table,
    totals,
)
from feedback.redact import Redactor
from feedback.schema import MIGRATIONS
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy, load_taxonomy

SAID = "HW-2026-000001"


@pytest.fixture
def told(store: Store) -> Store:
    """A comment of two clauses with the same theme in both, and one of a single clause."""
    both = analysed(
        "two",
        [("Nurse lovely to us.", "+", (MANNER, "O2")), ("The porter was rude.", "-", (MANNER,))],
        day=date(2026, 5, 3),
        service="podiatry",
    )
    crosswalk = Finding("statement", "O2.W2", "+", 0.8, 0, 19, f"rule:crosswalk {MANNER}")
    both = replace(both, findings=(*both.findings, crosswalk))
    one = analysed("one", [("Nobody picked up.", "-", (PHONES,))], day=date(2026, 5, 4), cells=("Moon Clinic",))
    add_batch(store, "a.csv", [both, one])
    return store


def say(
    store: Store, taxonomy: Taxonomy, kind: str, label: str, id: str = "two", by: str = "Ann", **more: object
) -> int:
    return correct(store, taxonomy, id, Said(kind, label, **more), by=by)  # type: ignore[arg-type]


def now(store: Store, kind: str, id: str = "two") -> set[tuple[str, str, str, int, int]]:
    found = comment(store.conn, id, EVERYTHING).analysed.findings
    return {(f.label, f.polarity, f.by, f.start, f.end) for f in found if f.kind == kind}


# What counts


def test_a_correction_counts_at_once_wherever_the_comment_is_counted_or_shown(told: Store, taxonomy: Taxonomy) -> None:
    say(told, taxonomy, "theme", PARKING, id="one", polarity="-", instead_of=PHONES)
    say(told, taxonomy, "sentiment", "positive", id="one")
    asked = (told.conn, taxonomy, Filters(), EVERYTHING)
    counted = {row.id: row.n for row in theme_table(*asked)}
    assert (counted[PARKING], counted[PHONES]) == (1, 0)
    assert totals(*asked).sentiment["positive"] == 1
    (point,) = series(*asked, code=("theme", PARKING))
    assert (point.positive, point.code_n) == (1, 1)
    (found,) = comments_page(told.conn, taxonomy, Filters(theme=PARKING), EVERYTHING).comments
    row = flat(found, taxonomy)
    assert (row["themes_negative"], row["sentiment"]) == (PARKING, "positive")
    # The one clause of the comment is quoted by the same feeling.
    (quoted,) = clauses(told.conn, taxonomy, Filters(theme=PARKING), EVERYTHING)
    assert (quoted.sentiment, quoted.by) == ("+", "person:Ann")


def test_a_theme_is_taken_away_in_the_clause_that_is_named_and_nowhere_else(told: Store, taxonomy: Taxonomy) -> None:
    correct(told, taxonomy, f"{SAID}.2", Said("theme", MANNER, so=False), by="Ann")
    assert now(told, "theme") == {(MANNER, "+", "reader 1.0", 0, 19)}
    say(told, taxonomy, "theme", MANNER, so=False)
    assert now(told, "theme") == set()


def test_a_theme_that_a_person_finds_in_a_clause_feels_as_the_clause_unless_they_say_otherwise(
    told: Store, taxonomy: Taxonomy
) -> None:
    correct(told, taxonomy, f"{SAID}.2", Said("theme", FOOD), by="Ann")
    correct(told, taxonomy, f"{SAID}.2", Said("theme", WAIT, polarity="~"), by="Ann")
    added = {(FOOD, "-", "person:Ann", 20, 40), (WAIT, "~", "person:Ann", 20, 40)}
    assert added < now(told, "theme")


def test_the_themes_of_a_clause_follow_its_corrected_feeling_and_turn_back(told: Store, taxonomy: Taxonomy) -> None:
    number = correct(told, taxonomy, f"{SAID}.2", Said("sentiment", "positive"), by="Ann")
    assert {(label, sign) for label, sign, *_ in now(told, "theme")} == {(MANNER, "+")}
    assert [f.polarity for f in machine_findings(told.conn, [1])[1] if f.kind == "theme"] == ["+", "-"]
    withdraw(told, SAID, by="Bo", number=number)
    assert {sign for _, sign, *_ in now(told, "theme")} == {"+", "-"}


def test_a_statement_falls_with_the_theme_or_objective_that_it_was_read_off(told: Store, taxonomy: Taxonomy) -> None:
    def counted() -> int:
        rows = statement_table(told.conn, taxonomy, Filters(), EVERYTHING)
        return next(row.n for row in rows if row.id == "O2.W2")

    assert counted() == 1
    number = say(told, taxonomy, "theme", MANNER, so=False, clause=1)
    assert counted() == 0
    withdraw(told, "two", by="Ann", number=number)
    assert counted() == 1
    say(told, taxonomy, "objective", "O2", polarity="-")
    assert counted() == 0


def test_a_service_can_be_put_in_anothers_place_and_both_come_back_together(told: Store, taxonomy: Taxonomy) -> None:
    number = say(told, taxonomy, "service", "ward-willow", instead_of="podiatry")
    assert {label for label, *_ in now(told, "service")} == {"ward-willow"}
    withdraw(told, "two", by="Bo", number=number)
    assert {label for label, *_ in now(told, "service")} == {"podiatry"}


def test_what_is_said_of_a_comment_outranks_what_is_said_of_its_uploads_name(told: Store, taxonomy: Taxonomy) -> None:
    say(told, taxonomy, "service", "podiatry", id="one", so=False)
    told.resolve_service_text("Moon Clinic", "podiatry", "person:Bo")
    assert now(told, "service", "one") == set()
    told.resolve_service_text("Moon Clinic", "ward-willow", "person:Bo")
    assert {label for label, *_ in now(told, "service", "one")} == {"ward-willow"}


def test_a_mixed_comment_is_shown_as_mixed(told: Store, taxonomy: Taxonomy) -> None:
    say(told, taxonomy, "sentiment", "mixed", id="one")
    row = flat(comment(told.conn, "one", EVERYTHING), taxonomy)
    assert (row["sentiment"], row["scale"], row["mixed"]) == ("neutral", 3, True)


def test_clauses_stay_in_the_order_of_the_text_whoever_spoke_last(told: Store, taxonomy: Taxonomy) -> None:
    correct(told, taxonomy, f"{SAID}.1", Said("sentiment", "negative"), by="Ann")
    assert [(f.detail, f.polarity) for f in comment(told.conn, "two", EVERYTHING).analysed.of("clause")] == [
        ("1", "-"),
        ("2", "-"),
    ]


# Taking back, and what stays


def test_taking_back_brings_the_word_before_and_the_last_one_the_models(told: Store, taxonomy: Taxonomy) -> None:
    said = Said("respondent", "carer")
    for label in ("carer", "parent"):
        say(told, taxonomy, "respondent", label)
    found = withdraw(told, "two", by="Bo", said=replace(said, label=""))
    assert (found.findings[0].label, now(told, "respondent")) == ("parent", {("carer", "", "person:Ann", 0, 0)})
    withdraw(told, "two", by="Bo", said=said)
    assert now(told, "respondent") == {("patient", "", "rule:cell", 0, 0)}
    with pytest.raises(NotFound, match="has no correction of respondent carer; nobody has corrected it"):
        withdraw(told, "two", by="Bo", said=said)
    kept = corrections(told.conn, 1)
    assert [(one.findings[0].label, one.by, one.withdrawn_by) for one in kept] == [
        ("carer", "person:Ann", "person:Bo"),
        ("parent", "person:Ann", "person:Bo"),
    ]
    assert {one.at for one in kept} == {"2026-08-01T12:00:00+00:00"}
    with pytest.raises(BadInput, match="withdrawn already"):
        withdraw(told, "two", by="Bo", number=kept[0].id)


def test_the_models_own_reading_stands_beside_what_a_person_said(told: Store, taxonomy: Taxonomy) -> None:
    machine = machine_findings(told.conn, [1])[1]
    say(told, taxonomy, "sentiment", "negative")
    (said,) = corrections(told.conn, 1)
    (read,) = same_thing(machine, said.findings[0])
    assert (read.polarity, read.by) == ("~", "reader 1.0")
    clause = Finding("theme", MANNER, "+", 0.0, 20, 40, "person:Ann")
    assert [f.polarity for f in same_thing(machine, clause)] == ["-"]


def test_the_same_batch_again_leaves_a_correction_and_taking_it_back_takes_it(told: Store, taxonomy: Taxonomy) -> None:
    say(told, taxonomy, "theme", PARKING, id="one", polarity="-")
    one = analysed("one", [("Nobody picked up.", "-", (PHONES,))], day=date(2026, 5, 4), cells=("Moon Clinic",))
    again = add_batch(told, "b.csv", [one])
    told.rollback(1)  # the second batch holds the comment too
    assert {label for label, *_ in now(told, "theme", "one")} == {PHONES, PARKING}
    told.rollback(again)
    assert told.conn.execute("SELECT count(*) FROM corrections").fetchone() == (0,)


def test_an_erased_comment_takes_its_corrections_and_their_reasons_with_it(told: Store, taxonomy: Taxonomy) -> None:
    said = Said("theme", PARKING, polarity="-")
    correct(told, taxonomy, "one", said, by="Ann", reason="speaks of the gargoyle bay", redact=str)
    redactor = Redactor(taxonomy)
    erase(told, by_citation(told.conn, "one"), by="A. Manager", reason="asked for", redactor=redactor)
    assert told.conn.execute("SELECT count(*) FROM corrections").fetchone() == (0,)
    told.close()
    assert b"gargoyle" not in Path(told.path).read_bytes()


def test_a_reason_is_redacted_before_it_is_kept(told: Store, taxonomy: Taxonomy) -> None:
    redactor = Redactor(taxonomy)
    said = Said("theme", PARKING, polarity="-")
    correct(
        told,
        taxonomy,
        "one",
        said,
        by="Ann",
        reason="Mrs Marjorie Thistlewood rang on 07700 900123",
        redact=lambda text: redactor.redact([text])[0][0],
    )
    (kept,) = corrections(told.conn, 2)
    assert "Thistlewood" not in kept.reason and "[PHONE]" in kept.reason
    with pytest.raises(BadInput, match="only after names in it are hidden"):
        correct(told, taxonomy, "one", said, by="Ann", reason="why")


# Refusals


@pytest.mark.parametrize(
    ("said", "error", "sentence"),
    [
        (Said("themes", "parking"), BadInput, "There is no kind of finding 'themes'.*did you mean theme"),
        (Said("theme", "parkin", polarity="-"), NotFound, "nearest ids are parking"),
        (Said("theme", "parking"), BadInput, "with which polarity"),
        (Said("theme", "parking", polarity="!"), BadInput, "no polarity '!'"),
        (Said("service", "podiatri"), NotFound, "nearest ids are podiatry"),
        (Said("service", "podiatry", role="both"), BadInput, "no role 'both'"),
        (Said("sentiment", "negativ"), BadInput, "did you mean negative"),
        (Said("sentiment", "positive", scale=5), BadInput, "is 1 or 2 on the scale from 1"),
        (Said("sentiment", "negative", so=False), BadInput, "is mixed, not negative"),
        (Said("sentiment", "neutral", so=False, clause=1), BadInput, "say what it is instead"),
        (Said("sentiment", "neutral", instead_of="mixed"), BadInput, "has one sentiment"),
        (Said("respondent", "carers"), BadInput, "did you mean carer"),
        (Said("respondent", "carer", instead_of="patient"), BadInput, "has one respondent"),
        (
            Said("signal", "child_risk", so=False),
            BadInput,
            "say in the safety queue, /signals/HW-2026-000001/child_risk",
        ),
        (Said("signal", "child_risks"), BadInput, "did you mean child_risk"),
        (Said("theme", "parking", clause=3), NotFound, "has 2 clauses; there is no clause 3"),
        (Said("theme", "parking", polarity="-", words=(3, 99)), BadInput, "3-99 lies outside it"),
        (
            Said("theme", "parking", polarity="-", instead_of=WAIT),
            NotFound,
            "carries no other theme.*it carries staff-m",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence_and_changes_nothing(
    told: Store, taxonomy: Taxonomy, said: Said, error: type[FeedbackError], sentence: str
) -> None:
    before = comment(told.conn, "two", EVERYTHING)
    with pytest.raises(error, match=sentence):
        correct(told, taxonomy, "two", said, by="Ann")
    assert comment(told.conn, "two", EVERYTHING) == before
    assert corrections(told.conn, 1) == ()


def test_nobody_corrects_without_a_name_or_a_comment_they_may_not_see(told: Store, taxonomy: Taxonomy) -> None:
    said = Said("respondent", "carer")
    for name in ("", "  ", "x" * 101):
        with pytest.raises(BadInput, match="signed"):
            correct(told, taxonomy, "two", said, by=name)
    with pytest.raises(NotFound):
        correct(told, taxonomy, "two", said, by="Ann", scope=Scope.of(taxonomy, ["ward-willow"]))


def test_a_raised_flag_waits_in_the_queue_and_is_not_taken_back_here(told: Store, taxonomy: Taxonomy) -> None:
    number = say(told, taxonomy, "signal", "child_risk", severity="urgent")
    assert told.conn.execute("SELECT signal, severity FROM flags").fetchall() == [("child_risk", "urgent")]
    with pytest.raises(BadInput, match="not taken away by a correction"):
        withdraw(told, "two", by="Ann", number=number)


# Learning


def test_corrected_comments_are_given_with_what_people_spoke_of_and_nothing_else(
    told: Store, taxonomy: Taxonomy
) -> None:
    assert list(corrected(told.conn)) == []
    say(told, taxonomy, "theme", PARKING, id="one", polarity="-", instead_of=PHONES)
    say(told, taxonomy, "sentiment", "negative", scale=5)
    dropped = say(told, taxonomy, "service", "ward-willow")
    withdraw(told, "two", by="Ann", number=dropped)
    none = {"themes": None, "themes_denied": frozenset[str](), "services": None, "respondent": None}
    text = "Nurse lovely to us. The porter was rude."
    assert list(corrected(told.conn)) == [
        Corrected(citation=SAID, text=text, question_kind="nonspecific", sentiment="negative", scale=5, **none),  # type: ignore[arg-type]
        Corrected(
            citation="HW-2026-000002",
            text="Nobody picked up.",
            question_kind="nonspecific",
            themes=frozenset({PARKING}),
            themes_denied=frozenset({PHONES}),
            sentiment=None,
            scale=None,
            services=None,
            respondent=None,
        ),
    ]


# An older database


def older_database(path: Path) -> None:
    """A database as version 0.2 left it: one comment, which a machine read and people corrected."""
    names = [name for name in MIGRATIONS if name < "0005"]
    conn = sqlite3.connect(path)
    conn.execute(
        "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"
    )
    for name in names:
        for statement in MIGRATIONS[name].strip().split("\n\n"):
            conn.execute(statement)
        conn.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('feedback', ?, '')", (name,)
        )
    conn.execute("INSERT INTO versions VALUES (1, '{}')")
    conn.execute("INSERT INTO service_texts VALUES (1, 'Moon Clinic', '[\"Moon Clinic\"]', 'podiatry', 'person:Bo')")
    conn.execute(
        'INSERT INTO comments (id, series, "key", text, question_kind, date_precision, language, contentless, redactions,'
        " service_text, respondent_key, versions)"
        " VALUES ('one', 'HW-2026', x'00', 'Nobody picked up.', 'nonspecific', 'day', 'en', 0, '[]', 1, 1, 1)"
    )
    found = [
        ("theme", PHONES, 0, "-", 0.9, 17, "reader 1.0", ""),
        ("service", "podiatry", 10, "", 1.0, 0, "person:Bo", "subject"),  # of the upload's own name
        ("theme", PHONES, 11, "0", 0.0, 17, "person:Ann", ""),
        ("theme", PHONES, 12, "0", 0.0, 17, "person:Ann", ""),  # said twice
        ("theme", PHONES, 13, "~", 1.0, 17, "person:Cy", ""),
    ]
    conn.executemany(
        'INSERT INTO findings (comment, kind, label, place, polarity, score, start, "end", "by", detail)'
        " VALUES (1, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
        found,
    )
    conn.commit()
    conn.close()


def test_corrections_made_before_they_had_a_list_keep_their_order_and_can_be_taken_back(tmp_path: Path) -> None:
    older_database(tmp_path / "old.db")
    with open_store(tmp_path / "old.db", trust_code="HW") as store:
        made = corrections(store.conn, 1)
        assert [(one.by, one.findings[0].score, one.at) for one in made] == [
            ("person:Ann", 0.0, None),
            ("person:Ann", 0.0, None),
            ("person:Cy", 1.0, None),
        ]
        say(store, load_taxonomy(), "theme", PARKING, id="one", polarity="-")
        assert {(label, by) for label, _, by, *_ in now(store, "theme", "one")} == {
            (PHONES, "person:Cy"),
            (PARKING, "person:Ann"),
        }
        for made_before in reversed(made):
            withdraw(store, "one", by="Ann", number=made_before.id)
        assert {(label, by) for label, _, by, *_ in now(store, "theme", "one")} == {
            (PHONES, "reader 1.0"),
            (PARKING, "person:Ann"),
        }
        assert {by for _, _, by, *_ in now(store, "service", "one")} == {"person:Bo"}


# The command


def run(db: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["correct", *arguments, "--db", str(db)])
    return result.exit_code, result.output


def test_the_command_corrects_lists_and_takes_back(told: Store) -> None:
    code, said = run(
        told.path, f"{SAID}.2", "theme", FOOD, "--by", "Ann", "--reason", "the porter brought lunch", "--json"
    )
    assert code == 0, said
    (record,) = json.loads(said)["corrections"]
    assert record == {
        "number": 1,
        "said": [
            {"kind": "theme", "label": FOOD, "polarity": "-", "start": 20, "end": 40, "detail": "", "so": True},
        ],
        "reason": "the porter brought lunch",
        "by": "person:Ann",
        "at": record["at"],
        "withdrawn_by": None,
        "withdrawn_at": None,
        "models_said": [],
    }
    code, said = run(told.path, SAID, "theme", MANNER, "--not", "--by", "Ann")
    assert code == 0 and f"the models read: theme {MANNER} + (reader 1.0, 0.90)" in said
    code, said = run(told.path, SAID, "theme", MANNER, "--undo", "--by", "Bo")
    assert code == 0 and "withdrawn by Bo" in said
    assert {label for label, *_ in now(told, "theme")} == {MANNER, FOOD}
    assert run(told.path, SAID, "--list")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "Name the COMMENT"),
        ((SAID, "theme"), 2, "Say what it is"),
        ((SAID, "theme", PARKING, "--polarity", "-"), 1, "A correction is signed"),
        ((SAID, "theme", "parkin", "--by", "Ann"), 1, "nearest ids are parking"),
        ((f"{SAID}.7", "theme", PARKING, "--by", "Ann"), 1, "there is no clause 7"),
        ((SAID, "signal", "child_risk", "--not", "--by", "Ann"), 1, "safety queue"),
        (("HW-2026-000099", "theme", PARKING, "--by", "Ann"), 1, "There is no comment HW-2026-000099"),
    ],
)
def test_the_command_refuses_in_a_sentence(told: Store, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    exit_code, said = run(told.path, *arguments)
    assert (exit_code, sentence in said) == (code, True), said
    assert "Nurse" not in said and "Traceback" not in said


# By HTTP and on the page


@pytest.fixture
def client(told: Store) -> Iterator[TestClient]:
    with TestClient(make_app(told.path)) as client:
        yield client


def shown(client: TestClient, path: str = f"/comments/{SAID}", status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.text


def test_a_correction_over_http_names_a_clause_says_why_and_is_withdrawn(client: TestClient, told: Store) -> None:
    at = f"/api/v1/comments/{SAID}"
    said = {"kind": "theme", "label": FOOD, "clause": 2, "reason": "lunch was late", "instead_of": MANNER}
    done = client.post(f"{at}/corrections", json=said)
    assert done.status_code == 201
    assert [(t["id"], t["sentiment"], t["by"]) for t in done.json()["themes"]] == [
        (MANNER, "positive", "reader 1.0"),
        (FOOD, "negative", "person:local"),
    ]
    (kept,) = client.get(f"{at}/corrections").json()["corrections"]
    assert ([s["so"] for s in kept["said"]], kept["reason"]) == ([True, False], "lunch was late")
    assert [(m["label"], m["by"]) for m in kept["models_said"]] == [(MANNER, "reader 1.0")]
    back = client.delete(f"{at}/corrections/{kept['number']}")
    assert {t["id"] for t in back.json()["themes"]} == {MANNER}
    assert client.delete(f"{at}/corrections/{kept['number']}").status_code == 400
    assert client.delete(f"{at}/corrections/77").status_code == 404


def test_a_false_flag_is_refused_over_http_with_the_place_where_it_is_signed_off(client: TestClient) -> None:
    said = {"kind": "signal", "label": "child_risk", "so": False}
    answer = client.post(f"/api/v1/comments/{SAID}/corrections", json=said)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "safety queue" in answer.json()["detail"]


def test_a_page_of_another_site_corrects_nothing(client: TestClient, told: Store) -> None:
    form = {"kind": "theme", "label": PARKING, "side": "-", "name": "Ann"}
    answer = client.post(f"/comments/{SAID}", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert corrections(told.conn, 1) == ()


def test_the_form_of_a_kind_asks_what_that_kind_needs(client: TestClient) -> None:
    first = shown(client)
    assert "This was misread" in first and '<form method="post"' not in first
    theme = shown(client, f"/comments/{SAID}?correct=theme&label={MANNER}&so=no&clause=2")
    assert f'<option value="{MANNER}" selected>' in theme and '<option value="2" selected>' in theme
    assert 'name="side"' in theme and 'name="role"' not in theme
    service = shown(client, f"/comments/{SAID}?correct=service")
    assert 'name="role"' in service and 'name="side"' not in service and 'name="clause"' not in service
    assert "is not taken away here" in shown(client, f"/comments/{SAID}?correct=signal")


def test_what_is_said_in_the_form_counts_and_stands_on_the_page_with_what_the_models_read(
    client: TestClient, told: Store
) -> None:
    form = {"kind": "sentiment", "label": "negative:5", "name": "A. Reader", "reason": "meant bitterly"}
    answer = client.post(f"/comments/{SAID}", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/comments/{SAID}?done=kept")
    page = " ".join(shown(client, answer.headers["location"]).split())
    assert "What you said of this comment has been kept" in page
    assert "<strong>Sentiment: negative, 5 of 5</strong>" in page
    assert "A. Reader, " in page and "meant bitterly" in page
    assert "The models read: Sentiment: mixed, 2 of 5 (reader 1.0, 0.90)" in page
    (made,) = corrections(told.conn, 1)
    back = shown(client, f"/comments/{SAID}?undo={made.id}")
    assert "This would be taken back" in back
    answer = client.post(f"/comments/{SAID}", data={"undo": str(made.id), "name": "Bo"}, follow_redirects=False)
    assert answer.headers["location"] == f"/comments/{SAID}?done=undone"
    page = shown(client)
    assert "<s>Sentiment: negative, 5 of 5</s>" in page and "Taken back by Bo" in page


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"kind": "theme", "label": PARKING, "side": "-"}, "Enter your name"),
        ({"kind": "theme", "label": "", "side": "-", "name": "Ann"}, "Select the theme"),
        ({"kind": "theme", "label": PARKING, "name": "Ann"}, "Select how the comment speaks of it"),
        ({"kind": "service", "label": "nowhere", "name": "Ann"}, "There is no service or organisation"),
        ({"undo": "9", "name": "Ann"}, "has no correction 9"),
    ],
)
def test_an_incomplete_form_comes_back_with_what_is_missing(
    client: TestClient, told: Store, form: dict[str, str], problem: str
) -> None:
    answer = client.post(f"/comments/{SAID}", data=form)
    assert answer.status_code == 400
    assert "There is a problem" in answer.text and problem in answer.text and "<title>Error:" in answer.text
    assert corrections(told.conn, 1) == ()


def test_words_in_a_reason_or_a_name_are_never_taken_for_markup(client: TestClient) -> None:
    form = {"kind": "respondent", "label": "carer", "name": "<b>Ann</b>", "reason": "<script>x</script>"}
    client.post(f"/comments/{SAID}", data=form)
    page = shown(client)
    assert "<b>Ann" not in page and "<script>x" not in page and "&lt;b&gt;Ann" in page


def test_what_is_published_does_not_name_who_corrected_it(told: Store, taxonomy: Taxonomy) -> None:
    say(told, taxonomy, "respondent", "carer")
    correct(told, taxonomy, f"{SAID}.2", Said("theme", FOOD), by="Ann")
    stored = comment(told.conn, "two", EVERYTHING)
    record = as_record(stored.analysed, taxonomy, stored.versions)
    assert "person:Ann" in json.dumps(record)
    published = Disclosure(told.conn, taxonomy).published(stored, record)
    assert "Ann" not in json.dumps(published)
    assert (published["respondent"]["by"], published["themes"][-1]["by"]) == ("person", "person")


def test_the_stored_comment_names_the_person_where_a_person_spoke(told: Store, taxonomy: Taxonomy) -> None:
    say(told, taxonomy, "respondent", "carer")
    stored: Stored = comment(told.conn, "two", EVERYTHING)
    assert [(f.label, f.score, f.by) for f in stored.analysed.of("respondent")] == [("carer", 1.0, "person:Ann")]
