"""A view keeps a question under a name, for those who may see what it shows, and nothing that could tell who somebody is."""

from datetime import date

import pytest
from conftest import PARKING
from over_time import planted, steady

from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.views import changes_in, end_view, keep_view, view_named, views
from feedback.store import Store
from feedback.taxonomy import Taxonomy


def keep(store: Store, taxonomy: Taxonomy, name: str = "Podiatry", scope: Scope = EVERYTHING, **more: object):
    filters = more.pop("filters", Filters(service="podiatry"))
    # A stand-in for the redactor's door, of which one word is known to hide: whether names are found is the redactor's test.
    hide = lambda text: text.replace("Zephyrine", "[PERSON]")  # noqa: E731
    return keep_view(store, taxonomy, name, filters, scope, by="A. Lead", redact=hide, **more)  # type: ignore[arg-type]


def test_a_view_is_found_by_its_name_or_number_with_its_filters(store: Store, taxonomy: Taxonomy) -> None:
    filters = Filters(service="podiatry", theme=PARKING, date_from=date(2026, 1, 1))
    made = keep(store, taxonomy, "  Podiatry   parking ", filters=filters, measure="rate_negative")
    assert (made.name, made.filters, made.measure, made.by) == ("Podiatry parking", filters, "rate_negative", "A. Lead")
    assert (
        view_named(store.conn, "podiatry PARKING", EVERYTHING)
        == view_named(store.conn, str(made.id), EVERYTHING)
        == made
    )


@pytest.mark.parametrize(
    ("name", "more", "why"),
    [
        ("", {}, "1 to 80 characters"),
        ("x" * 81, {}, "1 to 80 characters"),
        ("Zephyrine's team", {}, "who somebody is"),
        ("Words", {"filters": Filters(search="Zephyrine")}, "who somebody is"),
        ("One upload", {"filters": Filters(batch=1)}, "leave out the batch and the last day"),
        ("Last year", {"filters": Filters(date_to=date(2025, 12, 31))}, "leave out the batch and the last day"),
        ("Mean", {"measure": "mean"}, "not looked for in 'mean'"),
        ("Nowhere", {"filters": Filters(theme="parkin")}, "parking"),
    ],
)
def test_what_cannot_be_kept_is_refused(store: Store, taxonomy: Taxonomy, name: str, more: dict, why: str) -> None:
    with pytest.raises((BadInput, NotFound), match=why):
        keep(store, taxonomy, name, **more)
    assert views(store.conn, EVERYTHING) == ()


def test_a_name_is_taken_until_its_view_ends(store: Store, taxonomy: Taxonomy) -> None:
    first = keep(store, taxonomy)
    with pytest.raises(BadInput, match="already"):
        keep(store, taxonomy, "PODIATRY")
    end_view(store, first.id, EVERYTHING, by="A. Lead")
    assert keep(store, taxonomy, "PODIATRY").id != first.id
    with pytest.raises(NotFound):
        end_view(store, first.id, EVERYTHING, by="A. Lead")


def test_a_view_is_seen_by_those_of_its_scope_and_by_who_sees_everything(store: Store, taxonomy: Taxonomy) -> None:
    mine = Scope.of(taxonomy, ["podiatry"])
    keep(store, taxonomy, "Mine", mine)
    keep(store, taxonomy, "Everybody's", filters=Filters())
    assert [one.name for one in views(store.conn, mine)] == ["Mine"]
    assert [one.name for one in views(store.conn, Scope.of(taxonomy, ["ward-willow"]))] == []
    assert [one.name for one in views(store.conn, EVERYTHING)] == ["Everybody's", "Mine"]
    with pytest.raises(NotFound):
        view_named(store.conn, "Everybody's", mine)


def test_a_view_shows_the_changes_of_its_filters_scope_and_measure(store: Store, taxonomy: Taxonomy) -> None:
    steady(store)
    planted(store)
    whole = keep(store, taxonomy, "Podiatry")
    willow = keep(store, taxonomy, "Willow", filters=Filters(service="ward-willow"))
    praise = keep(store, taxonomy, "Praise", measure="rate_positive")
    out_of_scope = keep(store, taxonomy, "Beyond", Scope.of(taxonomy, ["ward-willow"]), filters=Filters())

    def shown(one):
        return {s.of.key for c in changes_in(store.conn, taxonomy, one).clear for s in (c.signal, *c.also)}

    assert {"podiatry//negative", f"podiatry/theme:{PARKING}/rate_negative"} <= shown(whole)
    assert {key.split("/")[-1] for key in shown(praise)} <= {"rate_positive"}
    assert shown(willow) == set()
    assert not any("podiatry" in key for key in shown(out_of_scope))
