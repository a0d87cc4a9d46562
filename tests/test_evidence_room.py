"""What users of the evidence stumbled over, each once: counts that did not add up, words of nobody knows how many, strategies mixed up."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import MANNER, WAIT, add_batch, analysed
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader
from feedback.accuracy.measured import KnownError, Measured
from feedback.cli import main
from feedback.comment import Analysed, Comment, Finding
from feedback.documents.asked import asked_of
from feedback.documents.markdown import as_markdown
from feedback.documents.packs import make_pack
from feedback.errors import NotFound
from feedback.evidence.cite import evidence
from feedback.evidence.known_error import adjust, unmeasured
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.assurance import series_of, set_target, standing, targets
from feedback.over_time.trend import asked_trend
from feedback.present import as_record
from feedback.quoting import RULE
from feedback.store import Store
from feedback.strategies.versions import adopt, shown_under, under
from feedback.taxonomy import Taxonomy

TEXT = (Path(__file__).parent / "strategy_2031.yml").read_text(encoding="utf-8")
NOW = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture
def client(filled: Store) -> Iterator[TestClient]:
    with TestClient(make_app(filled.path)) as opened:
        yield opened


def test_for_and_both_are_said_to_make_up_what_error_is_allowed_for() -> None:
    known = KnownError(
        "1.0", "2026-01-01", "invented", {"B2+": Measured(20, 22, 25, 300), "kind": Measured(8, 12, 14, 300)}
    )
    found = adjust("speaks for it", "B2+", 28, 100, known, "1.0", made_of="27 for and 1 both")
    assert found and (found.made_of, found.labelled) == ("27 for and 1 both", 25)
    assert (
        "as read 28 (28%, 27 for and 1 both)" in found.sentence
        and "25 labelled comments that have it" in found.sentence
    )
    assert unmeasured(known, {"B2+": "B2", "kind": "Kind"}, "1.0").startswith(
        "The reader is unsure of Kind: of 12 given in the test, 8 were right."
    )


def test_the_rule_is_in_plain_english() -> None:
    assert not [word for word in ("tf-idf", "marginal", "relevance", "likeness") if word in RULE]


def test_where_nearly_every_comment_counts_it_is_said_with_what_tells_them_apart(
    store: Store, taxonomy: Taxonomy
) -> None:
    many = [analysed(f"m{n}", [("Kind and gentle.", "+", (MANNER, "O2"))], day=date(2026, 5, 1)) for n in range(100)]
    few = [analysed(f"f{n}", [("An endless wait.", "-", (WAIT,))], day=date(2026, 5, 2)) for n in range(20)]
    add_batch(store, "wide.csv", [*many, *few])
    found = evidence(store.conn, taxonomy, "strategy", "SS2", Filters(), EVERYTHING).apart
    assert found and found.nearly_all == (
        "Nearly every comment counts here, 100 of 120 read (83%), because it serves O2 (100 comments), and nearly every comment bears on "
        "it: their number is no finding."
    )
    assert [(one.id, one.n, one.n_all) for one in found.less] == [(WAIT, 0, 20), ("negative", 0, 20)]
    assert {one.id for one in found.more} == {"positive", MANNER}
    pack = make_pack(store.conn, taxonomy, asked_of(Filters(evidence="strategy:SS2")), EVERYTHING, now=NOW)
    assert as_markdown(pack.document).index("Nearly every comment counts") < as_markdown(pack.document).index("For: ")


def test_words_are_the_first_so_many_of_so_many_and_more_can_be_asked_for(filled: Store, client: TestClient) -> None:
    printed = (
        CliRunner().invoke(main, ["evidence", "--objective", "O2", "--quotes", "1", "--db", str(filled.path)]).output
    )
    assert "The surest: the first 1 of 20 clauses by the rule." in printed
    answer = client.get("/api/v1/objectives/O2/evidence", params={"quotes": 1}).json()
    assert (len(answer["quotes_for"]), answer["weighed"]["for"]) == (1, 20)
    assert client.get("/api/v1/objectives/O2/evidence", params={"quotes": 51}).status_code == 422
    assert "of 20 clauses" in client.get("/objectives/O2").text


def test_evidence_over_http_withholds_what_documents_withhold_and_the_page_shows_it(
    store: Store, taxonomy: Taxonomy
) -> None:
    told = "As a retired vicar of 94 years of age I waited since the 3rd of March."
    add_batch(store, "told.csv", [analysed("told", [(told, "-", ("O3",))], day=date(2026, 5, 1), service="podiatry")])
    with TestClient(make_app(store.path)) as client:
        answer = client.get("/api/v1/objectives/O3/evidence").json()
        assert answer["withheld"] == 1 and "vicar" not in json.dumps(answer)
        assert any("1 quotation is withheld" in said for said in answer["cannot_say"])
        assert "vicar" in client.get("/objectives/O3").text


def test_one_who_may_not_read_gets_no_small_count_of_one_service(
    filled: Store, taxonomy: Taxonomy, client: TestClient
) -> None:
    reader = Reader("a lead", Scope.of(taxonomy, ["ward-willow"]), may_read=False)
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]
    for path in ("/objectives/O2", "/values/responsive", "/supporting-strategies/SS2", "/objectives"):
        page = client.get(path).text
        assert "1 comment bears" not in page and "of the 2 comments read" not in page
    answer = client.get("/api/v1/objectives/O2/evidence").json()
    assert (answer["comments"], answer["read"], answer["apart"], answer["weighed"]) == (None, None, None, {})


def test_how_few_do_not_count_is_hidden_too(store: Store, taxonomy: Taxonomy) -> None:
    comments = [analysed(f"m{n}", [("Kind.", "+", ("O2",))]) for n in range(20)]
    add_batch(store, "most.csv", [*comments, analysed("other", [("Hm.", "0", (MANNER,))])])
    with TestClient(make_app(store.path)) as client:
        assert client.get("/api/v1/objectives/O2/evidence").json()["read"] == 21
        client.app.dependency_overrides[current_reader] = lambda: Reader("x", EVERYTHING, may_read=False)  # type: ignore[attr-defined]
        answer = client.get("/api/v1/objectives/O2/evidence").json()
        assert (answer["comments"], answer["read"]) == (20, None)


def test_without_an_address_citations_have_no_link(
    filled: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written() -> str:
        return as_markdown(
            make_pack(filled.conn, taxonomy, asked_of(Filters(objective="O3")), EVERYTHING, now=NOW).document
        )

    monkeypatch.delenv("FEEDBACK_ADDRESS", raising=False)
    assert "127.0.0.1" not in written() and "](http" not in written()
    monkeypatch.setenv("FEEDBACK_ADDRESS", "https://feedback.example.nhs.uk")
    assert "](https://feedback.example.nhs.uk/c/HW-2026-" in written() and "FEEDBACK\\_ADDRESS" not in written()


def test_the_board_says_why_what_a_chart_marks_is_no_change(store: Store, taxonomy: Taxonomy) -> None:
    comments = []
    for month in range(24):
        day = date(2024 + month // 12, month % 12 + 1, 5)
        good = 9 if month in range(14, 23) else 5 if month < 14 else 6
        for n in range(10):
            said = ("It was fine.", "+", (MANNER,))
            comments.append(analysed(f"{day}-{n}", [said], day=day, fft=1 if n < good else 4))
    add_batch(store, "years.csv", comments)
    document = make_pack(store.conn, taxonomy, asked_of(Filters(), board=True), EVERYTHING, now=NOW).document
    text = as_markdown(document)
    changed = text[text.index("## What changed") : text.index("## Objectives")]
    assert "The chart marks points up to November 2025 as an improvement" in changed
    assert "so it is not counted as a change now" in changed


def test_a_programme_compares_before_and_after_in_its_document(store: Store, taxonomy: Taxonomy) -> None:
    comments = []
    for m in range(9, 21):
        day = date(2025 + m // 12, m % 12 + 1, 5)
        bad = day < date(2026, 5, 1)
        words = ("The wait has been endless.", "-", (WAIT, "O3")) if bad else ("Kind at last.", "+", (MANNER, "O2"))
        comments += [analysed(f"{day}-{n}", [words], day=day, service="umbrella-pathway") for n in range(6)]
    add_batch(store, "umbrella.csv", comments)
    text = as_markdown(make_pack(store.conn, taxonomy, asked_of(Filters(programme="ND")), EVERYTHING, now=NOW).document)
    assert "## Before and after its milestones" in text
    assert "Chance alone does not explain it." in text
    assert "| were negative | 100% (30 of 30) | 0% (0 of 30) |" in text


def test_what_stands_in_another_strategy_is_said_to_stand_there(filled: Store, taxonomy: Taxonomy) -> None:
    adopt(filled, taxonomy, TEXT, by="A. Planner")
    new = under(filled.conn, taxonomy)
    with pytest.raises(NotFound, match="no statement 'P5' in strategy 2031-2036; it stands in 2025-2030"):
        evidence(filled.conn, new, "outcome", "P5", Filters(), EVERYTHING)
    with pytest.raises(NotFound, match="no value 'ambitious' in strategy 2031-2036; it stands in 2025-2030"):
        new.value("ambitious")
    with pytest.raises(NotFound, match="no objective 'O6' in strategy 2025-2030; it stands in 2031-2036"):
        under(filled.conn, taxonomy, "2025-2030").objective("O6")
    with pytest.raises(NotFound, match="nearest ids"):
        new.objective("O9")


def test_a_comment_is_tagged_under_the_strategy_asked_for(filled: Store, taxonomy: Taxonomy) -> None:
    adopt(filled, taxonomy, TEXT, by="A. Planner")
    found = (
        Finding("value", "supportive", "+", 0.9, 0, 4, "reader"),
        Finding("objective", "O3", "-", 0.8, 0, 4, "reader"),
    )
    one = Analysed(Comment("1", "Kind"), found)

    def values_of(version: str) -> tuple[list[str], str]:
        asked = under(filled.conn, taxonomy, version)
        record = as_record(shown_under(asked, one), asked, {"strategy": "2025-2030"})
        return [v["id"] for v in record["values"]], record["versions"]["strategy"]

    assert values_of("2025-2030") == (["supportive"], "2025-2030")
    assert values_of("2031-2036") == (["kind"], "2031-2036")


def test_tag_refuses_a_strategy_that_is_not_there(filled: Store) -> None:
    result = CliRunner().invoke(main, ["tag", "--db", str(filled.path), "--strategy", "2099"], input="{}")
    assert result.exit_code == 1 and "There is no strategy '2099'" in result.output


def test_a_target_of_one_strategy_does_not_judge_the_objective_of_the_same_id_in_another(
    filled: Store, taxonomy: Taxonomy
) -> None:
    of = series_of("rate_negative", objective="O3")
    set_target(filled, taxonomy, of, 0.3, by="A. Lead")
    adopt(filled, taxonomy, TEXT, by="A. Planner")
    new = under(filled.conn, taxonomy)
    assert standing(filled.conn, new.adopted) == {}
    assert targets(filled.conn)[0].title(new) == "O3 of strategy 2025-2030, which is not the one in place"
    chart = asked_trend(filled.conn, new, Filters(objective="O3"), EVERYTHING, measure="rate_negative", may_read=True)
    assert chart.target is None
    set_target(filled, new, of, 0.1, by="A. Lead")
    assert standing(filled.conn, new.adopted) == {of: 0.1}
    old = under(filled.conn, taxonomy, "2025-2030")
    assert standing(filled.conn, old.adopted) == {of: 0.3}
    judged = asked_trend(filled.conn, old, Filters(objective="O3"), EVERYTHING, measure="rate_negative", may_read=True)
    assert judged.target == 0.3
    assert any(
        said.startswith("A target is set for O3 of strategy 2031-2036; it does not count here")
        for said in judged.warnings
    )


def test_what_was_told_of_one_strategy_is_not_taken_for_told_of_another() -> None:
    of = series_of("rate", objective="B2")
    assert of.kept_key(None) != of.kept_key("2031-2036")
    assert replace(of).of_kept_key(of.kept_key("2031-2036")) == (of, "2031-2036")
    theme = series_of("rate", theme="parking")
    assert theme.kept_key("2031-2036") == theme.key
