import sqlite3
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from conftest import FOOD, MANNER, PARKING, PHONES, VERSIONS, WAIT, add_batch, analysed, entry, invented, unread
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.comment import Finding
from feedback.errors import BadInput, NotFound
from feedback.query import (
    EVERYTHING,
    Cell,
    Clause,
    Filters,
    LabelCount,
    Period,
    PeriodCount,
    RespondentCount,
    Scope,
    Totals,
    UnresolvedText,
    all_comments,
    clauses,
    comment,
    comments_page,
    latest_versions,
    objective_table,
    respondent_table,
    series,
    service_table,
    silence,
    statement_table,
    suppress,
    theme_table,
    totals,
    unresolved_services,
    value_table,
)
from feedback.store import Store, open_store
from feedback.stored import Part
from feedback.taxonomy import Taxonomy, load_taxonomy

PODIATRY = Filters(service="podiatry")
KIND = [("The nurse was kind.", "+", (MANNER,))]


def row(rows: tuple[Any, ...], id: str) -> Any:
    return next(r for r in rows if r.id == id)


# Comments


def test_a_comment_is_found_by_its_id_its_citation_and_that_of_a_clause(filled: Store) -> None:
    stored = comment(filled.conn, "willow-1", EVERYTHING)
    assert stored.analysed == row_of("willow-1")
    assert comment(filled.conn, stored.citation, EVERYTHING) == stored
    assert comment(filled.conn, f"{stored.citation}.2", EVERYTHING) == stored


def row_of(id: str) -> Any:
    return next(one for one in [*invented(), *unread()] if one.comment.id == id)


def test_a_comment_without_content_comes_back_too(filled: Store) -> None:
    assert comment(filled.conn, "none-1", EVERYTHING).analysed == row_of("none-1")


@pytest.mark.parametrize("id", ["nobody", "HW-2026-999999", "HW-2025-000001", "XX-2026-000001", "HW-2026-1"])
def test_a_comment_that_is_not_there_is_not_found(filled: Store, id: str) -> None:
    with pytest.raises(NotFound, match=id):
        comment(filled.conn, id, EVERYTHING)


def test_a_comment_outside_the_scope_is_as_if_it_were_not_there(filled: Store, taxonomy: Taxonomy) -> None:
    scope = Scope.of(taxonomy, ["ch-evesham"])
    citation = comment(filled.conn, "therapies-1", EVERYTHING).citation
    for id in ("therapies-1", citation, "transport-1"):
        with pytest.raises(NotFound, match=f"no comment {id} that you may see"):
            comment(filled.conn, id, scope)
    assert comment(filled.conn, "willow-1", scope).analysed.comment.id == "willow-1"


def test_pages_are_newest_first_and_undated_last_and_leave_nothing_out(filled: Store, taxonomy: Taxonomy) -> None:
    seen, after = [], None
    while True:
        page = comments_page(filled.conn, taxonomy, Filters(), EVERYTHING, after=after, limit=7)
        seen += [(stored.analysed.comment.date or date.min, stored.number) for stored in page.comments]
        after = page.after
        if after is None:
            break
        assert len(page.comments) == 7
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == len(invented()) + 2


def test_the_last_page_says_that_it_is_the_last(filled: Store, taxonomy: Taxonomy) -> None:
    assert comments_page(filled.conn, taxonomy, PODIATRY, EVERYTHING, limit=30).after is None
    assert comments_page(filled.conn, taxonomy, PODIATRY, EVERYTHING, limit=29).after is not None


@pytest.mark.parametrize("after", ["", "x", "2026-06-01", "2026-06-01~x", "2026-06-01~1; DROP", "~" + "9" * 30])
def test_a_place_in_a_list_that_makes_no_sense_is_refused(filled: Store, taxonomy: Taxonomy, after: str) -> None:
    with pytest.raises(BadInput, match="no place in a list"):
        comments_page(filled.conn, taxonomy, Filters(), EVERYTHING, after=after)


def test_an_export_reads_every_comment_once(filled: Store, taxonomy: Taxonomy) -> None:
    found = [stored.analysed.comment.id for stored in all_comments(filled.conn, taxonomy, Filters(), EVERYTHING)]
    assert Counter(found) == Counter(one.comment.id for one in [*invented(), *unread()])


# Counts


def test_totals_account_for_every_comment(filled: Store, taxonomy: Taxonomy) -> None:
    assert totals(filled.conn, taxonomy, Filters(), EVERYTHING) == Totals(
        comments=38,
        read=36,
        contentless=1,
        other_languages=1,
        respondents=38,
        sentiment={"positive": 17, "neutral": 0, "negative": 13, "mixed": 6},
        fft={1: 16, 2: 1, 3: 0, 4: 15, 5: 1, 6: 1},
        first=date(2026, 1, 3),
        last=date(2026, 7, 2),
        undated=1,
        no_service=3,
    )


def test_totals_of_nothing_are_zero(store: Store, taxonomy: Taxonomy) -> None:
    nothing = totals(store.conn, taxonomy, Filters(), EVERYTHING)
    assert (nothing.comments, nothing.sentiment["positive"], nothing.fft[1], nothing.first) == (0, 0, 0, None)


def test_several_comments_of_one_form_are_one_respondent_and_one_answer(store: Store, taxonomy: Taxonomy) -> None:
    batch = store.begin_batch("a.csv", "sum", column_map={}, decisions=[], versions={})
    day = date(2026, 3, 4)
    both = [entry(store, analysed(id, KIND, day=day, fft=2, service="podiatry"), person="form 1") for id in "ab"]
    store.add(batch.id, Part(0, 2, both))
    found = totals(store.conn, taxonomy, Filters(), EVERYTHING)
    assert (found.comments, found.respondents, found.fft[2]) == (2, 1, 1)
    (month,) = series(store.conn, taxonomy, Filters(), EVERYTHING)
    assert (month.n, month.fft_n, month.fft_positive) == (2, 1, 1)


def test_themes_count_comments_once_for_each_polarity(filled: Store, taxonomy: Taxonomy) -> None:
    table = theme_table(filled.conn, taxonomy, PODIATRY, EVERYTHING)
    assert table[:2] == (
        LabelCount(MANNER, taxonomy.themes[MANNER].name, 20, 20, 0, 0, 0, 20 / 30),
        LabelCount(WAIT, taxonomy.themes[WAIT].name, 15, 0, 15, 0, 0, 0.5),
    )
    assert {r.n for r in table[2:]} == {0}
    assert "labelling-not-possible" not in {r.id for r in table}


def test_a_comment_that_says_both_in_two_clauses_counts_in_both_and_once_in_all(
    store: Store, taxonomy: Taxonomy
) -> None:
    both = [("Ringing was easy.", "+", (PHONES,)), ("Then I was cut off.", "-", (PHONES,)), ("Twice.", "-", (PHONES,))]
    add_batch(store, "a.csv", [analysed("a", both)])
    found = row(theme_table(store.conn, taxonomy, Filters(), EVERYTHING), PHONES)
    assert (found.n, found.positive, found.negative, found.share) == (1, 1, 1, 1.0)


def test_values_objectives_and_statements_stand_in_the_order_of_the_strategy(filled: Store, taxonomy: Taxonomy) -> None:
    values = value_table(filled.conn, taxonomy, Filters(), EVERYTHING)
    assert [r.id for r in values] == list(taxonomy.values)
    assert (row(values, "responsive").n, row(values, "responsive").positive, row(values, "responsive").negative) == (
        16,
        1,
        15,
    )
    objectives = objective_table(filled.conn, taxonomy, Filters(), EVERYTHING)
    assert [(r.id, r.n, r.positive, r.negative) for r in objectives] == [
        ("O1", 0, 0, 0),
        ("O2", 21, 20, 1),
        ("O3", 15, 0, 15),
        ("O4", 1, 1, 0),
        ("O5", 1, 0, 1),
    ]
    statements = statement_table(filled.conn, taxonomy, Filters(), EVERYTHING)
    assert [(r.id, r.n) for r in statements if r.n] == [("O3.W5", 15)]


def test_a_correction_moves_the_counts(filled: Store, taxonomy: Taxonomy) -> None:
    filled.save_correction("evesham-1", Finding("theme", PARKING, "", 0.0, 0, 0, "person:Ann"))
    filled.save_correction("evesham-1", Finding("sentiment", "positive", "+", 1.0, 0, 5, "person:Ann", "1"))
    assert row(theme_table(filled.conn, taxonomy, Filters(), EVERYTHING), PARKING).n == 0
    assert totals(filled.conn, taxonomy, Filters(), EVERYTHING).sentiment["positive"] == 18
    filled.save_correction("evesham-1", Finding("service", "ch-evesham", "", 0.0, 0, 0, "person:Ann", "subject"))
    assert totals(filled.conn, taxonomy, Filters(), EVERYTHING).no_service == 4


def test_services_are_counted_with_everything_below_them(filled: Store, taxonomy: Taxonomy) -> None:
    table = service_table(filled.conn, taxonomy, Filters(), EVERYTHING)
    assert {r.id: r.n for r in table if r.n} == {
        "dir-countywide-community": 33,
        "podiatry": 30,
        "community-hospitals": 3,
        "ch-evesham": 3,
        "ward-willow": 2,
        "dir-primary-community-mh": 1,
        "talking-therapies": 1,
    }
    evesham = row(table, "ch-evesham")
    assert (evesham.positive, evesham.neutral, evesham.negative, evesham.mixed) == (0, 0, 2, 1)
    assert (evesham.depth, evesham.parent) == (2, "community-hospitals")


def test_a_comment_about_two_services_counts_once_in_what_is_above_both(store: Store, taxonomy: Taxonomy) -> None:
    one = analysed("a", KIND, service="ward-willow")
    two = Finding("service", "ward-izod", "", 0.9, 0, 5, "name", "subject")
    add_batch(store, "a.csv", [type(one)(one.comment, (*one.findings, two))])
    counts = {r.id: r.n for r in service_table(store.conn, taxonomy, Filters(), EVERYTHING) if r.n}
    assert counts["ward-willow"] == counts["ward-izod"] == counts["ch-evesham"] == counts["community-hospitals"] == 1


def test_each_service_stands_before_what_is_below_it(store: Store, taxonomy: Taxonomy) -> None:
    table = service_table(store.conn, taxonomy, Filters(), EVERYTHING)
    assert Counter(r.id for r in table) == Counter(list(taxonomy.services))
    seen: set[str | None] = {None}
    for service in table:
        assert service.parent in seen
        seen.add(service.id)


def test_a_reader_with_a_scope_sees_no_row_of_another_service(filled: Store, taxonomy: Taxonomy) -> None:
    scope = Scope.of(taxonomy, ["ch-evesham"])
    table = service_table(filled.conn, taxonomy, Filters(), scope)
    assert {r.id for r in table} == taxonomy.below("ch-evesham")
    assert row(theme_table(filled.conn, taxonomy, Filters(), scope), WAIT).n == 0
    assert totals(filled.conn, taxonomy, Filters(), scope).comments == 3
    assert [c.comment for c in clauses(filled.conn, taxonomy, Filters(theme=WAIT), scope)] == []
    assert series(filled.conn, taxonomy, PODIATRY, scope) == ()


def test_respondents_are_counted_by_kind(filled: Store, taxonomy: Taxonomy) -> None:
    assert respondent_table(filled.conn, taxonomy, Filters(), EVERYTHING) == (
        RespondentCount("patient", 34, 17, 0, 11, 5),
        RespondentCount("carer", 1, 0, 0, 1, 0),
        RespondentCount("relative", 2, 0, 0, 1, 1),
        RespondentCount("parent", 0, 0, 0, 0, 0),
        RespondentCount("staff", 0, 0, 0, 0, 0),
        RespondentCount("unknown", 1, 0, 0, 0, 0),
    )


def test_silence_names_services_with_fewer_than_five_comments(filled: Store, taxonomy: Taxonomy) -> None:
    silent = {r.id: r.n for r in silence(filled.conn, taxonomy, Filters(), EVERYTHING)}
    assert silent["ch-evesham"] == 3
    assert silent["ward-izod"] == 0
    assert "podiatry" not in silent


def test_what_uploads_call_services_that_nobody_knows_is_listed_with_counts(filled: Store, taxonomy: Taxonomy) -> None:
    later = [analysed(f"t{n}", KIND, cells=("Ambulance", "Journeys")) for n in range(2)]
    add_batch(filled, "later.csv", later)
    assert unresolved_services(filled.conn, taxonomy, Filters(), EVERYTHING) == (
        UnresolvedText("Journeys / Ambulance", 2),
        UnresolvedText("Journeys / Patient Transport", 1),
    )
    filled.resolve_service_text("Journeys / Ambulance", "ext-wmas", "person:Ann")
    assert [r.text for r in unresolved_services(filled.conn, taxonomy, Filters(), EVERYTHING)] == [
        "Journeys / Patient Transport"
    ]


def test_the_latest_versions_are_those_of_the_newest_comment(filled: Store) -> None:
    assert latest_versions(filled.conn) == VERSIONS
    batch = filled.begin_batch("new.csv", "new", column_map={}, decisions=[], versions={"reader": "2.0"})
    filled.add(batch.id, Part(0, 1, [entry(filled, analysed("new", KIND))]))
    assert latest_versions(filled.conn) == {"reader": "2.0"}
    filled.rollback(batch.id, by="A. Manager", reason="sent twice", flags_dealt_with=True)
    filled.rollback(1, by="A. Manager", reason="sent twice", flags_dealt_with=True)
    filled.rollback(2, by="A. Manager", reason="sent twice", flags_dealt_with=True)
    assert latest_versions(filled.conn) == {}


# Over time


def test_a_series_has_the_gaps_of_the_calendar(filled: Store, taxonomy: Taxonomy) -> None:
    months = series(filled.conn, taxonomy, PODIATRY, EVERYTHING, code=("theme", WAIT))
    assert [m.start for m in months] == [date(2026, month, 1) for month in range(1, 7)]
    assert [(m.n, m.positive, m.negative, m.mixed, m.code_n, m.code_negative) for m in months] == [
        (6, 5, 0, 1, 1, 1),
        (6, 4, 1, 1, 2, 2),
        (0, 0, 0, 0, 0, 0),
        (6, 3, 2, 1, 3, 3),
        (6, 2, 3, 1, 4, 4),
        (6, 1, 4, 1, 5, 5),
    ]
    assert months[2] == PeriodCount(date(2026, 3, 1))
    assert months[1].mean_scale == pytest.approx((5 * 2 + 4) / 6)
    assert (months[1].fft_n, months[1].fft_positive, months[1].fft_negative) == (6, 4, 2)


def test_a_series_by_quarter_and_by_week_begins_periods_where_people_expect(filled: Store, taxonomy: Taxonomy) -> None:
    quarters = series(filled.conn, taxonomy, PODIATRY, EVERYTHING, period="quarter")
    assert [(q.start, q.n) for q in quarters] == [(date(2026, 1, 1), 12), (date(2026, 4, 1), 18)]
    weeks = series(filled.conn, taxonomy, PODIATRY, EVERYTHING, period="week")
    assert {week.start.weekday() for week in weeks} == {0}
    assert weeks[0].start == date(2025, 12, 29)
    assert sum(week.n for week in weeks) == 30


def test_unread_comments_are_in_no_sentiment_but_their_answers_count(filled: Store, taxonomy: Taxonomy) -> None:
    (june,) = series(filled.conn, taxonomy, Filters(batch=2), EVERYTHING)
    assert june == PeriodCount(date(2026, 6, 1), fft_n=1)


def test_a_date_of_which_only_the_month_is_known_is_in_no_week(store: Store, taxonomy: Taxonomy) -> None:
    one = entry(store, analysed("a", KIND, day=date(2026, 3, 1)))
    vague = type(one)(one.key, one.analysed, one.respondent_key, date_precision="month")
    batch = store.begin_batch("a.csv", "sum", column_map={}, decisions=[], versions={})
    store.add(batch.id, Part(0, 1, [vague]))
    assert series(store.conn, taxonomy, Filters(), EVERYTHING, period="week") == ()
    assert [m.n for m in series(store.conn, taxonomy, Filters(), EVERYTHING)] == [1]


@settings(max_examples=25, deadline=None)
@given(
    days=st.lists(st.dates(date(2019, 12, 1), date(2021, 2, 1)), min_size=1, max_size=12),
    period=st.sampled_from(["week", "month", "quarter"]),
)
def test_every_dated_comment_is_in_one_period_and_periods_follow_each_other(days: list[date], period: Period) -> None:
    with open_store(":memory:") as memory:
        add_batch(memory, "a.csv", [analysed(f"c{i}", KIND, day=day) for i, day in enumerate(days)])
        found = series(memory.conn, load_taxonomy(), Filters(), EVERYTHING, period=period)
    starts = [point.start for point in found]
    ends = [*starts[1:], max(days) + timedelta(days=1)]
    assert [point.n for point in found] == [
        sum(a <= day < b for day in days) for a, b in zip(starts, ends, strict=True)
    ]
    assert found[0].n > 0
    assert found[-1].n > 0


# The words behind a number


def test_a_clause_can_be_cited(filled: Store, taxonomy: Taxonomy) -> None:
    (found,) = clauses(filled.conn, taxonomy, Filters(value="responsive", polarity="+"), EVERYTHING)
    citation = comment(filled.conn, "willow-1", EVERYTHING).citation
    assert found == Clause(
        citation=f"{citation}.2",
        comment="willow-1",
        number=2,
        start=23,
        end=52,
        text="Sister made it right at once.",
        question=None,
        date=date(2026, 5, 9),
        date_precision="day",
        services=("ward-willow",),
        respondent="relative",
        sentiment="+",
        polarity="+",
        score=0.9,
        by="reader 1.0",
        label="responsive",
    )


def test_clauses_carry_every_label_asked_for(filled: Store, taxonomy: Taxonomy) -> None:
    found = clauses(filled.conn, taxonomy, Filters(theme=FOOD), EVERYTHING)
    assert [c.text for c in found] == ["Supper was cold again."]
    assert clauses(filled.conn, taxonomy, Filters(theme=FOOD, value="responsive"), EVERYTHING) == ()


def test_the_most_negative_clauses_come_first(store: Store, taxonomy: Taxonomy) -> None:
    said = [("a", "-", 0.7), ("b", "+", 0.95), ("c", "-", 0.9), ("d", "0", 0.99), ("e", "+", 0.6)]
    add_batch(store, "a.csv", [analysed(id, [(f"It was {id}.", sign, ())], score=score) for id, sign, score in said])

    def order(by: Any, limit: int = 9) -> str:
        return "".join(c.comment for c in clauses(store.conn, taxonomy, Filters(), EVERYTHING, order=by, limit=limit))

    assert order("negative") == "cadeb"
    assert order("positive") == "bedac"
    assert order("score") == "dbcae"
    assert order("negative", 2) == "ca"


def test_polarity_alone_is_that_of_the_clause(filled: Store, taxonomy: Taxonomy) -> None:
    found = clauses(filled.conn, taxonomy, Filters(service="ward-willow", polarity="+"), EVERYTHING)
    assert [c.text for c in found] == ["Sister made it right at once."]
    by_signal = clauses(filled.conn, taxonomy, Filters(signal="unsafe_environment", polarity="-"), EVERYTHING)
    assert [c.comment for c in by_signal] == ["willow-2"]


# Small numbers


def test_small_counts_are_hidden_from_who_may_not_read_the_comments() -> None:
    few = "fewer than 5"
    assert suppress([0, 1, 4, 5, 90], may_read=False) == (Cell(0), Cell(None, few), Cell(None, few), Cell(5), Cell(90))
    assert suppress([0, 1, 4, 5, 90], may_read=True) == (Cell(0), Cell(1), Cell(4), Cell(5), Cell(90))


def test_a_single_hidden_count_takes_the_next_smallest_with_it() -> None:
    also = "it would show another that is hidden"
    assert suppress([30, 2, 7], may_read=False) == (Cell(30), Cell(None, "fewer than 5"), Cell(None, also))
    assert suppress([0, 2], may_read=False) == (Cell(0), Cell(None, "fewer than 5"))


@given(st.lists(st.integers(0, 20), max_size=8))
def test_no_hidden_count_can_be_worked_out_from_a_total(counts: list[int]) -> None:
    shown = suppress(counts, may_read=False)
    hidden = [n for n, cell in zip(counts, shown, strict=True) if cell.n is None]
    assert all(cell.n is None or cell.n == n for n, cell in zip(counts, shown, strict=True))
    assert not any(0 < (cell.n or 0) < 5 for cell in shown)
    assert len(hidden) != 1 or not any(n >= 5 for n in counts)


# Speed, by the plan rather than by the clock


def test_the_questions_of_a_service_use_the_indexes(filled: Store, taxonomy: Taxonomy) -> None:
    plans: list[str] = []

    def explain(sql: str) -> None:
        if sql.startswith("SELECT"):
            plans.extend(step for *_, step in other.execute(f"EXPLAIN QUERY PLAN {sql}"))

    other = sqlite3.connect(filled.path)
    filled.conn.set_trace_callback(explain)
    theme_table(filled.conn, taxonomy, PODIATRY, EVERYTHING)
    series(filled.conn, taxonomy, PODIATRY, EVERYTHING, code=("theme", WAIT))
    clauses(filled.conn, taxonomy, Filters(service="podiatry", theme=WAIT), EVERYTHING)
    filled.conn.set_trace_callback(None)
    other.close()
    assert any("COVERING INDEX findings_by_label" in step for step in plans)
    assert not [step for step in plans if step.startswith("SCAN findings")]
