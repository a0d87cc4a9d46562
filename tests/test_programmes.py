"""Before and after a milestone only what can be compared is, dates say how they are known, and what is to come has a baseline."""

from dataclasses import replace
from datetime import date

import pytest
from conftest import MANNER, WAIT, add_batch, analysed

from feedback.evidence.commonest import on_commonest
from feedback.evidence.matter import HONESTLY, pattern_of
from feedback.evidence.programmes import Told, due_of, targets_in_words, told_of, window_named
from feedback.query import EVERYTHING, Filters, Scope, theme_table
from feedback.store import Store
from feedback.taxonomy import Milestone, Taxonomy

CHANGED = date(2026, 4, 1)  # Neurodevelopmental services: "implementation from April 2026"


def months() -> list[date]:
    return [date(2025 + m // 12, m % 12 + 1, 5) for m in range(9, 21)]  # October 2025 to September 2026


@pytest.fixture
def umbrella(store: Store) -> Store:
    """Six comments a month on one service: all negative up to April 2026, one in six after."""
    comments = []
    for day in months():
        for n in range(6):
            bad = day < date(2026, 5, 1) or n == 0
            words = (
                ("The wait has been endless.", "-", (WAIT, "O3"))
                if bad
                else ("Clear and kind at last.", "+", (MANNER, "O2"))
            )
            comments.append(analysed(f"{day}-{n}", [words], day=day, service="umbrella-pathway"))
    add_batch(store, "umbrella.csv", comments)
    return store


def told(store: Store, taxonomy: Taxonomy, id: str, *, may_read: bool = True, scope: Scope = EVERYTHING) -> Told:
    return told_of(store.conn, taxonomy, id, Filters(), scope, may_read=may_read)


def test_whole_months_before_and_after_are_compared_and_the_month_itself_is_in_neither(
    umbrella: Store, taxonomy: Taxonomy
) -> None:
    first = told(umbrella, taxonomy, "ND").steps[0]
    assert [event.id for event in first.events] == ["ND.start"]
    assert first.due.words == "April 2026" and not first.due.derived
    assert first.before and first.after
    assert (window_named(first.before), window_named(first.after)) == (
        "November 2025 to March 2026",
        "May to September 2026",
    )
    negative = first.rows[0]
    assert (negative.before.k, negative.before.n, negative.after.k, negative.after.n) == (30, 30, 5, 30)
    assert negative.difference == pytest.approx(-5 / 6)
    assert negative.lower is not None and negative.upper is not None and negative.lower < -5 / 6 < negative.upper < 0
    assert "Chance alone does not explain it." in first.sentence


def test_a_milestone_to_come_has_a_baseline_and_a_derived_date_says_so(umbrella: Store, taxonomy: Taxonomy) -> None:
    steps = told(umbrella, taxonomy, "ND").steps
    year = next(step for step in steps if "ND.M1" in [event.id for event in step.events])
    assert year.due.derived and (year.due.start, year.due.end) == (date(2026, 4, 1), date(2027, 3, 31))
    assert (
        year.after is None
        and "It may not have fallen yet. The baseline: 100% of 36 comments were negative" in year.sentence
    )
    later = next(step for step in steps if "ND.Y2" in [event.id for event in step.events])
    assert "It is still to come. The baseline: 65% of 72 comments were negative" in later.sentence
    assert {row.difference for step in (year, later) for row in step.rows} == {None}


def test_a_milestone_of_one_service_is_about_that_service(umbrella: Store, taxonomy: Taxonomy) -> None:
    hub = next(s for s in told(umbrella, taxonomy, "ND").steps if s.services == ("nd-gp-triage-hub",))
    assert hub.sentence == "Nobody has commented on these services before it, so there is no baseline."


def test_milestones_with_a_month_are_marked_on_the_chart_and_those_to_come_are_not(
    umbrella: Store, taxonomy: Taxonomy
) -> None:
    found = told(umbrella, taxonomy, "ND")
    assert found.trend and dict(found.trend.marks) == {CHANGED: "start"}
    assert found.marks == (("start", "Implementation begins. April 2026."),)


def test_what_it_is_linked_to_is_counted_in_its_services_alone(umbrella: Store, taxonomy: Taxonomy) -> None:
    add_batch(umbrella, "else.csv", [analysed("else", [("Waited long.", "-", ("O3",))], service="podiatry")])
    rows = {row.id: (row.n, row.negative) for row in told(umbrella, taxonomy, "ND").objectives}
    assert rows == {"O2": (25, 0), "O3": (47, 47), "O4": (0, 0), "O5": (0, 0)}


def test_small_sides_are_hidden_from_who_may_not_read(umbrella: Store, taxonomy: Taxonomy) -> None:
    add_batch(
        umbrella,
        "few.csv",
        [analysed("one", [("Kind.", "+", (MANNER,))], day=date(2026, 1, 9), service="umbrella-pathway")],
    )
    hidden = told(umbrella, taxonomy, "ND", may_read=False).steps[0]
    assert hidden.rows[0].before.n is None and hidden.rows[0].reason == "fewer than 5"
    assert hidden.sentence == "The figures before and after are hidden: fewer than 5."


def test_a_comparison_is_held_back_until_each_side_has_enough_and_says_what_is_missing(
    store: Store, taxonomy: Taxonomy
) -> None:
    add_batch(
        store,
        "thin.csv",
        [
            analysed(f"{day}-{n}", [("Endless.", "-", (WAIT,))], day=day, service="umbrella-pathway")
            for day in months()
            for n in range(4)
        ],
    )
    first = told(store, taxonomy, "ND").steps[0]
    assert first.after is None and {row.difference for row in first.rows} == {None}
    assert first.sentence.startswith(
        "Held back: each side needs 30 comments, and there are 20 before (November 2025 to March 2026) and 20 after "
        "(May to September 2026); 10 more are needed from October 2026 on. The baseline: "
    )


def test_where_a_measure_stands_at_the_start_is_no_milestone(filled: Store, taxonomy: Taxonomy) -> None:
    for id in ("PRIO-LOS-ADULT", "PRIO-OAP"):
        found = told(filled, taxonomy, id)
        assert date(2026, 4, 1) not in [step.due.start for step in found.steps]
    assert targets_in_words(taxonomy.programmes["PRIO-OAP"].measures[0]) == ["0 placements, maintained from April 2026"]
    assert targets_in_words(taxonomy.programmes["PRIO-LOS-ADULT"].measures[0])[:2] == [
        "58 days at the start (April 2026)",
        "55 days by the end of March 2027",
    ]
    assert found.undated == "The plan dates no milestone of it, so there is nothing to compare before and after."


def test_length_of_stay_of_adults_leaves_out_the_wards_of_older_adults(taxonomy: Taxonomy) -> None:
    adults, older = (taxonomy.programme_services(f"PRIO-LOS-{who}") for who in ("ADULT", "OLDER"))
    assert not adults & older and {"mh-acute-inpatient", "ward-holt"} <= adults


def test_a_quarter_is_shown_where_no_month_has_enough(store: Store, taxonomy: Taxonomy) -> None:
    add_batch(
        store,
        "thin.csv",
        [
            analysed(f"{day}-{n}", [("Endless.", "-", (WAIT,))], day=day, service="umbrella-pathway")
            for day in months()
            for n in range(2)
        ],
    )
    found = told(store, taxonomy, "ND").trend
    assert found and found.period == "quarter" and found.shown


def test_the_matter_itself_is_counted_by_theme_and_by_phrase_and_says_that_it_misses_some(
    store: Store, taxonomy: Taxonomy
) -> None:
    said = [
        ("We have been on the waiting list for two years now.", "-", ()),  # by phrase
        ("The wait for his assessment has been endless.", "-", (WAIT,)),  # by theme
        ("Waited an hour past our time.", "-", (WAIT,)),  # another kind of wait
        ("The room was painted a lovely green.", "+", ()),
    ]
    add_batch(
        store,
        "matter.csv",
        [analysed(str(n), [one], day=date(2026, 5, 2), service="umbrella-pathway") for n, one in enumerate(said)],
    )
    found = told(store, taxonomy, "PRIO-104W").matter
    assert found and (found.comments, found.read, found.against) == (2, 4, 2)
    assert (found.by_theme, found.by_phrase) == (1, 1)
    assert {clause.text for clause in found.quotes} == {said[0][0], said[1][0]}
    assert found.sentence.endswith(HONESTLY)
    hidden = told(store, taxonomy, "PRIO-104W", may_read=False).matter
    assert hidden and hidden.comments is None and not hidden.quotes and "hidden" in hidden.sentence


@pytest.mark.parametrize(
    ("phrase", "said", "found"),
    [
        ("discharg* … too soon", "Discharged her far too soon.", True),
        ("discharg* … too soon", "Discharged late, and none too soon", True),
        ("discharg* … too soon", "Discharged. Then six more words came before it was too soon", False),
        ("no bed*", "there were no beds", True),
        ("no bed*", "casino bed", False),
        ("a&e", "hours in A&E again", True),
        ("didn't come", "She didn’t come", True),
        ("* miles", "forty miles each way", True),
    ],
)
def test_a_phrase_is_whole_words_with_room_between_where_it_says_so(phrase: str, said: str, found: bool) -> None:
    assert bool(pattern_of((phrase,)).search(said)) is found


def test_a_reader_of_another_service_gets_none_of_it(umbrella: Store, taxonomy: Taxonomy) -> None:
    found = told(umbrella, taxonomy, "ND", scope=Scope.of(taxonomy, ["podiatry"]))
    assert found.total.comments == 0 and found.trend is None
    assert all(step.sentence.startswith("Nobody has commented") for step in found.steps)


@pytest.mark.parametrize("id", ["CHT", "NH", "UEC", "ND", "CP", "MHR", "PRIO-LOS-ADULT", "PRIO-MHST"])
def test_every_milestone_and_target_of_the_plan_is_told_once(filled: Store, taxonomy: Taxonomy, id: str) -> None:
    plan, steps = taxonomy.programmes[id], told(filled, taxonomy, id).steps
    events = [event.id for step in steps for event in step.events]
    targets = [m.id for m in plan.measures for t in m.targets if t.by and not t.baseline]
    expected = [m.id for m in plan.milestones] + targets
    assert sorted(events) == sorted([*expected, *([f"{id}.start"] if plan.starts else [])])
    assert [step.due.start for step in steps] == sorted(step.due.start for step in steps)


MILESTONE = Milestone("A.M1", "", "2026/27", None, ())


@pytest.mark.parametrize(
    ("milestone", "start", "end", "derived"),
    [
        (MILESTONE, date(2026, 4, 1), date(2027, 3, 31), True),
        (replace(MILESTONE, by=date(2026, 8, 31), precision="month"), date(2026, 8, 1), date(2026, 8, 31), False),
        (replace(MILESTONE, by=date(2027, 3, 31)), date(2027, 3, 31), date(2027, 3, 31), True),
        (replace(MILESTONE, by=date(2026, 9, 12)), date(2026, 9, 12), date(2026, 9, 12), False),
        (replace(MILESTONE, when="year 2"), date(2027, 4, 1), date(2028, 3, 31), True),
        (replace(MILESTONE, when="year 2-3"), date(2027, 4, 1), date(2029, 3, 31), True),
        (replace(MILESTONE, when="years 2 to 5"), date(2027, 4, 1), date(2031, 3, 31), True),
        (replace(MILESTONE, when="in due course"), date.max, date.max, True),
    ],
)
def test_when_a_milestone_falls_is_as_exact_as_the_plan(
    milestone: Milestone, start: date, end: date, derived: bool
) -> None:
    due = due_of(milestone, "2026-2031")
    assert (due.start, due.end, due.derived) == (start, end, derived)
    assert ("our reading" in due.words) == (derived and start != date.max)


def test_what_is_quoted_is_a_clause_a_theme_and_none_that_its_comment_belies(store: Store, taxonomy: Taxonomy) -> None:
    bitter = [
        ("We are good at pretending to patients that it is all calm here.", "+", (MANNER,)),
        ("I cried in the car at half past seven this morning.", "-", (MANNER,)),
        ("Nobody came when we rang for help all through the night.", "-", (WAIT,)),
    ]
    praise = [("The nurse sat with my father until he was settled for the night.", "+", (MANNER,))]
    wait = [("We had to wait nine weeks before anybody told us anything.", "-", (WAIT,))]
    comments = [analysed("bitter", bitter, service="ward-willow", score=0.99)]
    comments += [analysed(f"good-{n}", praise, service="ward-willow") for n in range(5)]
    comments += [analysed(f"long-{n}", wait, service="ward-willow") for n in range(5)]
    add_batch(store, "words.csv", comments)
    asked = (store.conn, taxonomy, Filters(service="ward-willow"), EVERYTHING)
    themes = theme_table(*asked)
    assert [clause.text for clause in on_commonest(*asked, themes, "+", 2)] == [praise[0][0]]
    assert next(clause.text for clause in on_commonest(*asked, themes, "-", 1)) == wait[0][0]
