"""What was done about what people said: who may record what, what is kept of a change, and what stands on a list. All invented."""

from datetime import date
from typing import Any

import pytest
from conftest import PARKING, WAIT

from feedback.actions import Action, Change, action, actions, add, answered, change, done_for, history, marked
from feedback.erase import by_citation, erase, look
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.chart import alt_text, data_table, trend_chart
from feedback.over_time.trend import asked_trend
from feedback.redact import Redactor
from feedback.store import Store
from feedback.taxonomy import Taxonomy

CLINIC = Action(
    "podiatry",
    "The wait is too long.",
    "Opened a Saturday clinic.",
    date(2026, 5, 10),
    "Podiatry lead",
    WAIT,
    "done",
    name="Saturdays",
)


def keep(store: Store, taxonomy: Taxonomy, given: Action = CLINIC, **more: Any) -> int:
    return add(store, taxonomy, given, **({"by": "A. Lead", "redact": str} | more))


def of(**fields: Any) -> Action:
    return Action(**({name: getattr(CLINIC, name) for name in CLINIC.__dataclass_fields__} | fields))


def ids(found: tuple[Action, ...]) -> list[int | None]:
    return [one.id for one in found]


# Recording


def test_an_action_is_kept_as_it_was_given_with_who_recorded_it_when(filled: Store, taxonomy: Taxonomy) -> None:
    id = keep(filled, taxonomy, citations=["HW-2026-000001.1", "pod-2-0", "HW-2026-000001.1"])
    assert action(filled.conn, id, EVERYTHING) == of(id=1)
    assert answered(filled.conn, id, EVERYTHING) == ("HW-2026-000001.1", "HW-2026-000007")
    assert history(filled.conn, id) == (Change("A. Lead", "2026-08-01T12:00:00+00:00", ()),)


def test_a_change_says_who_changed_what_but_repeats_no_words(filled: Store, taxonomy: Taxonomy) -> None:
    id = keep(filled, taxonomy, of(state="under_way", date=date(2026, 9, 1), you_said="Five months of crumpets."))
    change(
        filled, taxonomy, id,
        {"state": "done", "date": date(2026, 7, 1), "you_said": "The wait is too long.", "owner": "Podiatry lead"},
        by=" B.  Lead ", redact=str, citations=["pod-2-0"],
    )  # fmt: skip
    assert history(filled.conn, id)[1].by == "B. Lead"
    assert set(history(filled.conn, id)[1].changed) == {
        ("you_said", None, None),
        ("date", "2026-09-01", "2026-07-01"),
        ("state", "under_way", "done"),
        ("answers", "0", "1"),
    }
    assert "crumpets" not in "\n".join(filled.conn.iterdump())


def test_what_is_the_same_already_is_no_change(filled: Store, taxonomy: Taxonomy) -> None:
    id = keep(filled, taxonomy, citations=["pod-2-0"])
    change(
        filled, taxonomy, id, {"state": "done", "you_said": CLINIC.you_said}, by="B", redact=str, citations=["pod-2-0"]
    )
    assert len(history(filled.conn, id)) == 1


def test_identity_in_what_a_person_types_is_hidden_before_it_is_kept(filled: Store, taxonomy: Taxonomy) -> None:
    redactor = Redactor(taxonomy)
    said = of(you_said="Mr Bartholomew Ashdown rang 07700 900123 and nobody came.")
    keep(filled, taxonomy, said, redact=lambda text: redactor.redact([text])[0][0])
    kept = action(filled.conn, 1, EVERYTHING).you_said
    assert "Ashdown" not in kept and "900123" not in kept and "nobody came" in kept


@pytest.mark.parametrize(
    ("fields", "kind", "says"),
    [
        ({"service": "nowhere"}, NotFound, "service"),
        ({"theme": "nothing"}, NotFound, "theme"),
        ({"theme": None, "statement": "O9.W9"}, NotFound, "statement"),
        ({"statement": "O3.W5"}, BadInput, "not both"),
        ({"we_did": "  "}, BadInput, "we_did is empty"),
        ({"owner": ""}, BadInput, "owner is empty"),
        ({"name": "x" * 61}, BadInput, "shorten it to 60"),
        ({"state": "finished"}, BadInput, "no state 'finished'"),
        ({"date": date(2026, 8, 2)}, BadInput, "not a day to come"),
        ({"state": "stopped"}, BadInput, "why the action was stopped"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
    filled: Store, taxonomy: Taxonomy, fields: dict[str, Any], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        keep(filled, taxonomy, of(**fields))
    assert actions(filled.conn, taxonomy, EVERYTHING).actions == ()


@pytest.mark.parametrize(
    ("citation", "says"),
    [("HW-2026-000099", "no comment"), ("HW-2026-000001.9", "no clause 9"), ("willow-1", "not about Podiatry")],
)
def test_a_citation_is_checked(filled: Store, taxonomy: Taxonomy, citation: str, says: str) -> None:
    with pytest.raises((NotFound, BadInput), match=says):
        keep(filled, taxonomy, citations=[citation])


def test_an_action_is_signed(filled: Store, taxonomy: Taxonomy) -> None:
    with pytest.raises(BadInput, match="signed"):
        keep(filled, taxonomy, by="  ")


# Who sees what


def test_actions_are_those_of_a_service_and_below_within_the_scope(store: Store, taxonomy: Taxonomy) -> None:
    for service, day in (("ward-willow", 1), ("podiatry", 2), ("ch-evesham", 3)):
        keep(store, taxonomy, of(service=service, date=date(2026, 7, day)))
    assert ids(actions(store.conn, taxonomy, EVERYTHING).actions) == [3, 2, 1]
    assert ids(actions(store.conn, taxonomy, EVERYTHING, service="ch-evesham").actions) == [3, 1]
    assert ids(done_for(store.conn, taxonomy, "ch-evesham", EVERYTHING)) == [3, 1]
    lead = Scope.of(taxonomy, ["podiatry"])
    assert ids(actions(store.conn, taxonomy, lead).actions) == [2]
    with pytest.raises(NotFound):
        action(store.conn, 1, lead)
    with pytest.raises(NotFound):
        keep(store, taxonomy, of(service="ward-willow"), scope=lead)
    with pytest.raises(NotFound):
        change(store, taxonomy, 2, {"service": "ward-willow"}, by="x", redact=str, scope=lead)


def test_what_waits_is_what_is_overdue_and_what_the_public_has_not_been_told(store: Store, taxonomy: Taxonomy) -> None:
    today = store.clock().date()
    for state, day in (("planned", 31), ("under_way", 1), ("done", 1)):
        keep(store, taxonomy, of(state=state, date=date(2026, 7, day)))
    keep(store, taxonomy, of(state="planned", date=today))

    def waiting(what: Any) -> list[int | None]:
        return ids(actions(store.conn, taxonomy, EVERYTHING, waiting=what, today=today).actions)

    assert waiting("overdue") == [1, 2]
    assert waiting("no_reply") == [3]
    assert ids(actions(store.conn, taxonomy, EVERYTHING, states=("planned",)).actions) == [4, 1]


def test_pages_of_a_list_hold_each_action_once(store: Store, taxonomy: Taxonomy) -> None:
    for day in (1, 5, 1, 3):
        keep(store, taxonomy, of(date=date(2026, 7, day)))
    for limit in (1, 2, 3, 4):
        found, after = [], None
        while True:
            page = actions(store.conn, taxonomy, EVERYTHING, after=after, limit=limit)
            found += ids(page.actions)
            after = page.after
            if after is None:
                break
        assert found == [2, 4, 3, 1]


# On charts


def test_a_chart_marks_the_done_actions_of_its_service_by_letter_and_name(filled: Store, taxonomy: Taxonomy) -> None:
    keep(filled, taxonomy)
    keep(filled, taxonomy, of(theme=PARKING, name="More bays", date=date(2026, 4, 2)))
    keep(filled, taxonomy, of(state="planned", name="Not yet", date=date(2026, 6, 2)))
    keep(filled, taxonomy, of(service="ward-willow", name="Elsewhere"))
    keep(filled, taxonomy, of(name="Long ago", date=date(2020, 1, 1)))
    trend = asked_trend(filled.conn, taxonomy, Filters(service="podiatry"), EVERYTHING, may_read=True)
    assert [(mark.letter, mark.name) for mark in trend.actions] == [("A", "More bays"), ("B", "Saturdays")]
    assert trend.as_dict()["actions"][1] == {"date": "2026-05-10", "name": "Saturdays", "id": 1, "letter": "B"}
    assert alt_text(trend).endswith("Actions marked: A, More bays, 2 April 2026; B, Saturdays, 10 May 2026.")
    table = {row["Month"]: row["Actions"] for row in data_table(trend)}
    assert table["May 2026"] == "B: Saturdays, 10 May 2026" and table["June 2026"] == "–"
    drawn = str(trend_chart(trend, "Podiatry"))
    assert "Saturdays, 10 May 2026" in drawn and "Not yet" not in drawn and "Elsewhere" not in drawn


def test_a_chart_of_a_service_above_marks_it_with_the_services_name(filled: Store, taxonomy: Taxonomy) -> None:
    keep(filled, taxonomy)
    above = taxonomy.services["podiatry"].parent or ""
    trend = asked_trend(filled.conn, taxonomy, Filters(service=above), EVERYTHING, may_read=True)
    assert [mark.name for mark in trend.actions] == ["Podiatry: Saturdays"]
    assert "A, Podiatry: Saturdays, 10 May 2026" in alt_text(trend)
    beside = Scope.of(taxonomy, ["ward-willow"])
    assert marked(filled.conn, taxonomy, Filters(service=above), beside) == ()


def test_a_chart_of_one_theme_leaves_out_actions_on_another(filled: Store, taxonomy: Taxonomy) -> None:
    keep(filled, taxonomy)
    keep(filled, taxonomy, of(theme=PARKING, name="More bays"))
    keep(filled, taxonomy, of(theme=None, name="A new lead"))
    keep(filled, taxonomy, of(theme=None, statement="O3.W5", name="Shorter lists"))

    def names(**filters: str) -> list[str]:
        return [one.name for one in marked(filled.conn, taxonomy, Filters(service="podiatry", **filters), EVERYTHING)]

    assert names(theme=WAIT) == ["Saturdays", "A new lead"]
    assert names(objective="O3") == ["A new lead", "Shorter lists"]
    assert marked(filled.conn, taxonomy, Filters(service="podiatry"), Scope.of(taxonomy, ["ward-willow"])) == ()


# Erasure


def test_an_erasure_takes_the_citation_and_names_actions_whose_words_repeat_the_comment(
    filled: Store, taxonomy: Taxonomy
) -> None:
    keep(
        filled,
        taxonomy,
        of(outcome="She said: I waited five months to be seen, and cried."),
        citations=["pod-1-0", "pod-2-0"],
    )
    keep(filled, taxonomy)
    assert look(filled.conn, by_citation(filled.conn, "pod-1-0")).actions == (1,)
    erase(filled, by_citation(filled.conn, "pod-1-0"), by="x", reason="asked", redactor=Redactor(taxonomy))
    assert answered(filled.conn, 1, EVERYTHING) == ("HW-2026-000007",)
