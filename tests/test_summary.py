"""The summary says of each series what its own chart says, in the directory's order, and a file of it can be opened safely."""

import csv
import io
from collections.abc import Callable

import pytest
from conftest import PARKING, WAIT, add_batch
from openpyxl import load_workbook
from over_time import month_of, steady_then_planted

from feedback.errors import BadInput
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.assurance import set_target
from feedback.over_time.summary import Summary, as_record, measures_of, rows_of, summary
from feedback.over_time.summary_sheet import COLUMNS, summary_bytes
from feedback.over_time.trend import asked_trend
from feedback.store import Store
from feedback.tally import SeriesOf
from feedback.taxonomy import Taxonomy


@pytest.fixture
def changed(store_with: Callable[[Callable[[Store], object]], Store]) -> Store:
    return store_with(steady_then_planted)


def asked(store: Store, taxonomy: Taxonomy, filters: Filters | None = None, **more: object) -> Summary:
    return summary(store.conn, taxonomy, filters or Filters(), EVERYTHING, may_read=True, **more)  # type: ignore[arg-type]


def test_a_row_says_what_its_chart_says(changed: Store, taxonomy: Taxonomy) -> None:
    found = asked(changed, taxonomy, measures=("negative", "mean", "fft_positive", "rate_negative"))
    assert {row.kind for row in found.rows} == {"all", "services", "themes", "values", "objectives"}
    for row in found.rows:
        asks = {"service": row.of.service} | ({row.of.code[0]: row.of.code[1]} if row.of.code else {})
        chart = asked_trend(changed.conn, taxonomy, Filters(**asks), EVERYTHING, measure=row.of.measure, may_read=True)  # type: ignore[arg-type]
        assert (row.trend.sentence, row.variation, row.since, row.lpl) == (
            chart.sentence,
            chart.variation_icon,
            chart.since,
            chart.shown[-1].lpl,
        )


def test_the_planted_month_is_a_concern_with_the_rule_in_words(changed: Store, taxonomy: Taxonomy) -> None:
    (row,) = [r for r in asked(changed, taxonomy, measures=("negative",)).rows if r.of.service == "podiatry"]
    assert as_record(row) | {"mean": None, "lpl": None, "upl": None} == {
        "series": "podiatry//negative", "kind": "services", "id": "podiatry", "title": "Podiatry", "depth": 1, "measure": "negative",
        "period": "2026-07-01", "latest": 0.8, "n": 20, "hollow": False, "mean": None, "lpl": None, "upl": None,
        "variation": "concern_high", "target": None, "assurance": None, "says": "above the upper limit", "rule": "above the upper limit",
        "since": "2026-07-01", "points": 19, "trial_limits": False, "sentence": row.trend.sentence, "doubt": "",
    }  # fmt: skip


def test_with_one_service_asked_for_the_first_row_is_named_after_it(changed: Store, taxonomy: Taxonomy) -> None:
    def first(filters: Filters) -> str:
        return asked(changed, taxonomy, filters, rows=("all",), measures=("negative",)).rows[0].title

    assert (first(Filters()), first(Filters(service="podiatry"))) == ("All comments", "All comments about Podiatry")


def test_rows_keep_the_directorys_order_and_no_order_is_by_how_a_service_fares(
    changed: Store, taxonomy: Taxonomy
) -> None:
    services = [row.of.service for row in asked(changed, taxonomy, rows=("services",)).rows]
    assert services == [id for id in taxonomy.in_tree_order() if id in services]
    concerns = asked(changed, taxonomy, rows=("services",), order="variation").rows
    assert concerns[0].variation == "concern_high" and concerns[-1].variation == "common_cause"
    for order in ("latest", "mean", "negative"):
        with pytest.raises(BadInput, match="There is no order"):
            asked(changed, taxonomy, order=order)


def test_a_target_gives_assurance_in_its_own_row_alone(changed: Store, taxonomy: Taxonomy) -> None:
    set_target(changed, taxonomy, SeriesOf("ward-willow", None, "negative"), 0.9, by="A. Lead")
    rows = {row.of.service: row for row in asked(changed, taxonomy, rows=("services",), measures=("negative",)).rows}
    assert (rows["ward-willow"].target, rows["ward-willow"].assurance) == (0.9, "pass")
    assert (rows["podiatry"].target, rows["podiatry"].assurance) == (None, None)
    below = asked(
        changed, taxonomy, Filters(service="ward-willow"), rows=("all", "services"), measures=("negative",)
    ).rows
    assert [(row.of.service, row.target) for row in below] == [(None, None), ("ward-willow", 0.9)]
    narrowed = asked(changed, taxonomy, Filters(respondent="patient"), rows=("services",), measures=("negative",))
    assert {row.target for row in narrowed.rows} == {None}


def test_too_few_months_have_no_icon_and_say_so(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "three.csv", [one for m in range(3) for one in month_of(m, "podiatry", 4)])
    (row,) = [r for r in asked(store, taxonomy, measures=("negative",)).rows if r.of.service == "podiatry"]
    assert (row.variation, row.assurance, row.says, row.rule) == (None, None, "too early to say: 3 months", None)


def test_months_of_fewer_than_five_are_no_row_but_are_named(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(store, "few.csv", [one for m in range(9) for one in month_of(m, "podiatry", 1, n=4)])
    found = asked(store, taxonomy, rows=("services",))
    assert found.rows == () and "Podiatry" in found.too_few


def test_a_scope_shows_nothing_of_others(changed: Store, taxonomy: Taxonomy) -> None:
    found = summary(changed.conn, taxonomy, Filters(), Scope.of(taxonomy, ["ward-willow"]), rows=("services", "themes"))
    assert {row.of.service for row in found.rows} == {None, "ward-willow"}
    assert PARKING not in {row.of.code[1] for row in found.rows if row.of.code}
    assert set(found.too_few) <= {taxonomy.services[id].name for id in taxonomy.below("ward-willow")}


def test_a_service_asked_for_brings_what_is_below_it_alone(changed: Store, taxonomy: Taxonomy) -> None:
    found = asked(changed, taxonomy, Filters(service="podiatry"), rows=("services", "themes"))
    assert {row.of.service for row in found.rows} == {None, "podiatry"}
    assert {row.n for row in found.rows} == {20}


def test_the_words_of_an_address_are_checked() -> None:
    assert (rows_of("services, themes"), measures_of("")) == (
        ("services", "themes"),
        ("negative", "rate_negative", "rate_positive"),
    )
    with pytest.raises(BadInput, match="There is no rows 'teams'"):
        rows_of("services,teams")
    with pytest.raises(BadInput, match="There is no measure 'happy'"):
        measures_of("happy")


def test_a_csv_holds_the_figures_and_the_icons_in_words(changed: Store, taxonomy: Taxonomy) -> None:
    found = asked(changed, taxonomy, rows=("services",), measures=("negative",))
    rows = list(csv.reader(io.StringIO(summary_bytes(found, "All comments", "csv").decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS and len(rows) == len(found.rows) + 1
    podiatry = dict(zip(COLUMNS, next(row for row in rows if row[0] == "Podiatry"), strict=True))
    assert (podiatry["Latest"], podiatry["Variation"], podiatry["Since"]) == ("0.8", "Concern (high)", "July 2026")


def test_a_workbook_says_how_to_read_it(changed: Store, taxonomy: Taxonomy) -> None:
    found = asked(changed, taxonomy, rows=("themes",), measures=("rate_negative",))
    book = load_workbook(io.BytesIO(summary_bytes(found, "All comments", "xlsx")))
    assert book.sheetnames == ["Summary", "How to read it"]
    assert [cell.value for cell in book["Summary"][1]] == list(COLUMNS)
    wait = next(row for row in book["Summary"].iter_rows(values_only=True) if row[-1] == f"/theme:{WAIT}/rate_negative")
    assert wait[3] == 0.2  # 8 of 40, as a number that a spreadsheet can work with
    assert "cannot be compared" in book["How to read it"]["A2"].value
