"""A planted change is found, once, as new; nothing is found where nothing changed; and it is said how much would be chance."""

from collections.abc import Callable
from datetime import date

import pytest
from conftest import MANNER, PARKING, add_batch, analysed
from over_time import month_of, planted, steady, steady_then_planted

from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.changes import Changes, as_document, changes
from feedback.over_time.signals import CLEAR, KINDS, fires, g_squared, signals_of, watch
from feedback.store import Store
from feedback.tally import tally
from feedback.taxonomy import Taxonomy

StoreWith = Callable[[Callable[[Store], object]], Store]


def found(store: Store, taxonomy: Taxonomy, filters: Filters | None = None, **more: object) -> Changes:
    return changes(store.conn, taxonomy, filters or Filters(), EVERYTHING, may_read=True, **more)  # type: ignore[arg-type]


def test_a_planted_change_is_new_clear_of_chance_and_listed_once(store_with: StoreWith, taxonomy: Taxonomy) -> None:
    store = store_with(steady_then_planted)
    answer = found(store, taxonomy)
    assert (answer.batch, answer.first) == (2, False)
    clear = [change for change in answer.changes if change.signal.clear]
    top = clear[0]
    assert top.signal.of.service in ("podiatry", None)
    assert (top.signal.kind, top.signal.side, top.signal.state) == ("special_cause_concern", "high", "new")
    assert top.signal.by_chance <= CLEAR and top.signal.began == date(2026, 7, 1)
    # The car park, the value and the objective that stand on the same comments, and those above podiatry, are the same change.
    concerns = [change for change in clear if change.signal.kind == "special_cause_concern"]
    heard = {signal.of.code for change in concerns for signal in (change.signal, *change.also)}
    assert ("theme", PARKING) in heard
    assert len(concerns) < sum(1 + len(change.also) for change in concerns) / 2
    assert "ward-willow" not in {s.of.service for c in clear for s in (c.signal, *c.also)}


def test_the_words_behind_it_are_of_the_newest_month_and_what_they_have_in_common_is_said(
    store_with: StoreWith, taxonomy: Taxonomy
) -> None:
    store = store_with(steady_then_planted)
    answer = found(store, taxonomy, Filters(theme=PARKING))
    (change,) = [c for c in answer.changes if c.signal.of.service == "podiatry" or c.signal.of.service is None][:1]
    assert {clause.text for clause in change.clauses} == {"The barrier at the new car park ate my ticket."}
    assert {clause.date for clause in change.clauses} == {date(2026, 7, 14)}
    words = {one.item: (one.n, one.of, one.rest_n) for one in change.words}
    assert words["barrier"] == (12, 12, 0) and "the" not in words


def test_one_who_may_not_read_gets_the_sentence_and_none_of_the_words(
    store_with: StoreWith, taxonomy: Taxonomy
) -> None:
    store = store_with(steady_then_planted)
    answer = changes(store.conn, taxonomy, Filters(), EVERYTHING)
    assert answer.changes
    assert {(c.clauses, c.words, c.labels) for c in answer.changes} == {((), (), ())}
    assert "barrier" not in str(as_document(answer)).lower()


def test_a_month_like_the_others_changes_nothing(store_with: StoreWith, taxonomy: Taxonomy) -> None:
    store = store_with(steady)
    add_batch(store, "calm.csv", [*month_of(18, "podiatry", 4), *month_of(18, "ward-willow", 4)])
    answer = found(store, taxonomy)
    assert answer.looked_at > 10
    assert [change.signal.title for change in answer.changes if change.signal.clear] == []
    assert answer.told[0].startswith("Nothing stands clear of chance")


def test_the_same_change_a_month_later_goes_on_and_an_upload_of_the_past_says_nothing_of_it(
    store_with: StoreWith, taxonomy: Taxonomy
) -> None:
    store = store_with(steady)
    first = planted(store)
    second = planted(store, month=19)
    told = [s for c in found(store, taxonomy).changes for s in (c.signal, *c.also) if s.of.key == "podiatry//negative"]
    assert [(s.state, s.period, s.began) for s in told] == [("goes_on", date(2026, 8, 1), date(2026, 7, 1))]
    add_batch(
        store,
        "late.csv",
        [analysed("late-1", [("Very kind.", "+", (MANNER,))], day=date(2025, 2, 3), service="podiatry")],
    )
    assert "podiatry//negative" not in {s.of.key for c in found(store, taxonomy).changes for s in (c.signal, *c.also)}
    then = found(store, taxonomy, batch=first)
    assert [s.state for c in then.changes for s in (c.signal, *c.also) if s.of.key == "podiatry//negative"] == ["new"]
    assert second != first


def test_the_first_upload_has_nothing_before_it(store: Store, taxonomy: Taxonomy) -> None:
    assert found(store, taxonomy).told == ("There are no comments yet.",)
    steady(store)
    answer = found(store, taxonomy)
    assert answer.first and {c.signal.state for c in answer.changes} <= {"new"}


def test_a_batch_that_is_not_there_is_refused(store: Store, taxonomy: Taxonomy) -> None:
    batch = steady(store)
    store.rollback(batch)
    for number in (batch, 99):
        with pytest.raises(NotFound, match="There is no batch"):
            found(store, taxonomy, batch=number)


def test_a_scope_and_a_service_narrow_what_is_looked_at(store_with: StoreWith, taxonomy: Taxonomy) -> None:
    store = store_with(steady_then_planted)
    for filters, scope in (
        (Filters(service="ward-willow"), EVERYTHING),
        (Filters(), Scope.of(taxonomy, ["ward-willow"])),
    ):
        answer = changes(store.conn, taxonomy, filters, scope, may_read=True)
        signals = [s for c in answer.changes for s in (c.signal, *c.also)]
        assert answer.looked_at > 0
        assert {s.of.service for s in signals} <= {None, "ward-willow"}
        assert ("theme", PARKING) not in {s.of.code for s in signals}


def test_a_change_long_past_is_none_now(store_with: StoreWith, taxonomy: Taxonomy) -> None:
    store = store_with(steady_then_planted)
    add_batch(store, "later.csv", [one for m in range(22, 24) for one in month_of(m, "ward-willow", 4)])
    signals, _ = signals_of(taxonomy, watch(store.conn, taxonomy, Filters(), EVERYTHING).series)
    assert "podiatry//negative" not in {signal.of.key for signal in signals}


def test_what_chance_gives_is_the_same_every_time_and_grows_with_the_series_looked_at(
    store_with: StoreWith, taxonomy: Taxonomy
) -> None:
    store = store_with(steady)
    watched = watch(store.conn, taxonomy, Filters(), EVERYTHING).series
    _, expected = signals_of(taxonomy, watched)
    _, again = signals_of(taxonomy, watched)
    _, of_one = signals_of(taxonomy, watched[:1])
    assert expected == again
    assert 0 <= of_one <= 1
    assert 0 < expected < len(watched) * 0.3
    assert not any(fires(trend) for of, trend in watched if of.service == "ward-willow" and of.code is None)


def test_the_strength_is_the_likelihood_ratio() -> None:
    from scipy.stats import chi2_contingency

    table = [[12, 8], [70, 290]]
    expected = chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    assert g_squared(12, 20, 70, 360) == pytest.approx(expected)
    assert g_squared(0, 10, 0, 90) == 0.0


def test_what_was_counted_less_the_newest_upload_is_what_was_counted_before_it(
    store_with: StoreWith, taxonomy: Taxonomy
) -> None:
    """The quick way to what was known before is the slow one: no count, period or series more or less."""
    store = store_with(steady_then_planted)
    add_batch(store, "third.csv", [*month_of(18, "podiatry", 5, n=7), *month_of(0, "ward-willow", 1, n=2)])
    how = {"kinds": KINDS, "crossed": True, "answers": False}
    asked = (store.conn, taxonomy, Filters(), EVERYTHING)
    quick = tally(*asked, **how).without(tally(*asked, **how, after=1))  # type: ignore[arg-type]
    assert quick == tally(*asked, **how, upto=1)  # type: ignore[arg-type]


def test_a_measure_narrows_what_is_looked_at_and_one_that_is_not_there_is_refused(
    store_with: StoreWith, taxonomy: Taxonomy
) -> None:
    store = store_with(steady_then_planted)
    answer = found(store, taxonomy, measure="rate_negative")
    assert {s.of.measure for c in answer.changes for s in (c.signal, *c.also)} == {"rate_negative"}
    with pytest.raises(BadInput, match="not looked for in 'mean'"):
        found(store, taxonomy, measure="mean")


def test_one_who_may_not_read_is_told_of_the_same_changes(store_with: StoreWith, taxonomy: Taxonomy) -> None:
    store = store_with(steady_then_planted)
    without = changes(store.conn, taxonomy, Filters(), EVERYTHING, may_read=False)
    assert [c.signal for c in without.changes] == [c.signal for c in found(store, taxonomy).changes]
