"""Before and after an action: equal windows, an interval, what the chart says, and a sentence that claims no cause. All invented."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from conftest import MANNER, VERSIONS, WAIT, Clause, add_batch, analysed
from hypothesis import given
from hypothesis import strategies as st

from feedback.actions import Action, add
from feedback.comment import Analysed
from feedback.filters import EVERYTHING, Scope
from feedback.over_time.before_after import Comparison, Side, compare, newcombe, recent
from feedback.store import Store
from feedback.taxonomy import Taxonomy

CLINIC = Action("podiatry", "The wait is too long.", "Opened a clinic.", date(2026, 1, 15), "Lead", WAIT, "done", id=1)
LATE: Clause = ("I waited five months to be seen.", "-", (WAIT,))
KIND: Clause = ("The podiatrist was gentle.", "+", (MANNER,))


def months(first: date, late: list[int], n: int = 20, service: str = "podiatry") -> Iterator[Analysed]:
    """`n` comments a month, of which so many criticise the wait."""
    for i, k in enumerate(late):
        count = first.year * 12 + first.month - 1 + i
        day = date(count // 12, count % 12 + 1, 5)
        for j in range(n):
            yield analysed(f"{service}-{day}-{j}", [LATE if j < k else KIND], day=day, service=service)


def compared(
    store: Store, taxonomy: Taxonomy, action: Action = CLINIC, *, may_read: bool = True, scope: Scope = EVERYTHING
) -> Comparison:
    return compare(store.conn, taxonomy, action, scope, may_read=may_read)


# The interval


# Newcombe 1998, Table II, method 10: a/m, b/n, lower, upper.
@pytest.mark.parametrize(
    ("k", "n", "k_before", "n_before", "lower", "upper"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
    ],
)
def test_the_interval_is_newcombes(k: int, n: int, k_before: int, n_before: int, lower: float, upper: float) -> None:
    difference, low, high = newcombe(k, n, k_before, n_before)
    assert difference == pytest.approx(k / n - k_before / n_before)
    assert (low, high) == (pytest.approx(lower, abs=1e-4), pytest.approx(upper, abs=1e-4))


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_the_interval_holds_the_difference_and_turns_with_it(n: int, m: int, data: st.DataObject) -> None:
    k, j = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    difference, low, high = newcombe(k, n, j, m)
    assert -1 <= low <= difference + 1e-9 and difference - 1e-9 <= high <= 1
    assert newcombe(j, m, k, n) == pytest.approx((-difference, -high, -low))


# The windows


def test_as_many_whole_months_after_as_before_are_compared_and_the_month_of_the_action_is_in_neither(
    store: Store, taxonomy: Taxonomy
) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 7, 1), [6, 6, 6, 6, 6, 6, 20, 1, 1, 1, 1])))
    found = compared(store, taxonomy)
    assert (found.months, found.before, found.after) == (
        4,
        (date(2025, 9, 1), date(2025, 12, 1)),
        (date(2026, 2, 1), date(2026, 5, 1)),
    )
    assert found.left_out == date(2026, 1, 1)
    row = found.rows[0]
    assert (row.measure, row.before.k, row.before.n, row.after.k, row.after.n) == ("rate_negative", 24, 80, 4, 80)
    assert row.difference == pytest.approx(-0.25) and row.beyond_chance


def test_the_first_of_a_month_belongs_to_what_comes_after(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 7, 1), [6] * 12)))
    found = compared(store, taxonomy, replace(CLINIC, date=date(2026, 1, 1)))
    assert (found.months, found.left_out, found.after and found.after[0]) == (6, None, date(2026, 1, 1))


def test_no_more_than_a_year_is_compared(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2024, 1, 1), [3] * 24 + [3] * 20, n=12)))
    assert compared(store, taxonomy).months == 12


def test_time_that_passed_in_silence_counts_as_after(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 7, 1), [6] * 6)))
    add_batch(store, "b.csv", list(months(date(2026, 2, 1), [1] * 3, service="ward-willow")))
    found = compared(store, taxonomy)
    assert (found.months, found.rows[0].after.n) == (3, 0)
    assert found.sentence.startswith("Too few people have commented on Podiatry to compare: 60 before")
    lead = compared(store, taxonomy, scope=Scope.of(taxonomy, ["podiatry"]))
    assert lead.months == 0 and "newest comments are of December 2025" in lead.sentence


# What is said


def test_a_difference_beyond_chance_is_said_without_a_cause(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 3, 1), [6] * 10 + [6] + [2] * 10)))
    found = compared(store, taxonomy)
    assert found.sentence == (
        "Since the action (February to November 2026), 10% (20 of 200) of the comments on Podiatry criticised “Timeliness of care”; "
        "before it (March to December 2025), 30% (60 of 200). That is a difference of about −20 percentage points (95% interval −28 "
        "to −12). Chance alone does not explain it; whether the action did is for people to judge."
    )
    assert found.special_cause and (found.special_cause.meaning, found.special_cause.lasts) == ("improvement", True)
    assert found.special_cause.since == date(2026, 2, 1) and not found.special_cause.began_before
    assert "an improvement" in found.chart and any("bad spell" in warning for warning in found.warnings)
    for word in ("because", "thanks to", "caused", "worked", "led to"):
        assert word not in found.sentence + found.chart


def test_a_run_that_began_before_the_action_is_said_to_have(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 1, 1), [7] * 9 + [2] * 3 + [2] + [2] * 6)))
    found = compared(store, taxonomy)
    assert found.special_cause and found.special_cause.began_before
    assert found.special_cause.since == date(2025, 10, 1) and "before the action" in found.chart


def test_what_chance_could_explain_is_said_to_be_so(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 7, 1), [6, 5, 7, 6, 5, 6, 6, 5, 6, 5, 6])))
    found = compared(store, taxonomy)
    assert found.sentence.endswith("Chance alone could explain a difference like this.")
    assert (
        found.special_cause is None and found.chart == "The control chart shows no more than chance since the action."
    )


def test_too_little_is_said_to_be_too_little(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 10, 1), [1, 1, 1, 1, 1, 1], n=2)))
    found = compared(store, taxonomy)
    assert found.rows[0].difference is None and found.rows[0].reason == "fewer than 10 comments on one side"
    assert "That says nothing about the action" in found.sentence


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (replace(CLINIC, state="planned"), "not done yet"),
        (replace(CLINIC, service="ward-willow"), "Nobody has commented"),
        (replace(CLINIC, date=date(2025, 7, 2)), "no comments from before"),
        (replace(CLINIC, date=date(2026, 6, 20)), "once there is a whole month after it"),
    ],
)
def test_where_there_is_nothing_to_compare_that_is_said(
    store: Store, taxonomy: Taxonomy, action: Action, says: str
) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 7, 1), [6] * 12)))
    found = compared(store, taxonomy, action)
    assert (found.months, found.rows) == (0, ()) and says in found.sentence


def test_small_counts_are_hidden_from_a_reader_of_figures_with_all_that_is_made_of_them(
    store: Store, taxonomy: Taxonomy
) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 10, 1), [6, 6, 6, 6, 1, 1, 1])))
    shown = compared(store, taxonomy)
    assert shown.rows[0].after == Side(60, 3, 0.05, pytest.approx(0.017, abs=1e-3), pytest.approx(0.137, abs=1e-3))
    hidden = compared(store, taxonomy, may_read=False)
    row = hidden.rows[0]
    assert (row.before, row.after, row.difference, row.reason) == (
        Side(None, None),
        Side(None, None),
        None,
        "fewer than 5",
    )
    assert hidden.sentence == "The figures for Podiatry before and after are hidden: fewer than 5."


def test_other_versions_within_the_windows_are_told(
    store: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 10, 1), [6, 6, 6, 6])))
    monkeypatch.setitem(VERSIONS, "reader", "9.9")
    add_batch(store, "b.csv", list(months(date(2026, 2, 1), [6, 6, 6])))
    told = [warning for warning in compared(store, taxonomy).warnings if "another version" in warning]
    assert len(told) == 1 and told[0].startswith("From February 2026 most comments were read with reader 9.9")


def test_without_a_theme_it_is_how_comments_sound(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 7, 1), [6] * 12)))
    assert [row.measure for row in compared(store, taxonomy, replace(CLINIC, theme=None)).rows] == [
        "negative",
        "positive",
    ]
    on_a_statement = replace(CLINIC, theme=None, statement="O3.W5")
    assert compared(store, taxonomy, on_a_statement).rows[0].phrase == "criticised “O3.W5”"


def test_what_people_say_lately_is_counted_for_what_is_not_done(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 7, 1), [6] * 12)))
    found = recent(store.conn, taxonomy, CLINIC, EVERYTHING)
    assert found and found[0] == (date(2025, 7, 1), date(2026, 6, 1)) and (found[2].k, found[2].n) == (72, 240)


def test_an_action_that_is_kept_is_compared(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "a.csv", list(months(date(2025, 7, 1), [6] * 12)))
    id = add(store, taxonomy, replace(CLINIC, id=None), by="x", redact=str)
    assert compared(store, taxonomy, replace(CLINIC, id=id)).months == 5
