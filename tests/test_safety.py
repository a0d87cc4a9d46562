"""The safety queue: its order, that nothing leaves it by itself, what people decide, the digest and the blind reading."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import add_batch, analysed
from hypothesis import example, given
from hypothesis import strategies as st

from feedback.comment import SIGNALS, Finding
from feedback.errors import BadData, BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.redact import Redactor
from feedback.safety.blind import (
    Answer,
    answer,
    draw,
    estimate,
    latest_estimate,
    next_to_read,
    recall,
    sample,
    share,
)
from feedback.safety.digest import digest
from feedback.safety.due import at, due
from feedback.safety.queue import (
    PASSED_ON,
    STATES,
    Decision,
    Flag,
    flag,
    flags,
    held,
    held_overdue,
    history,
    review,
    waiting,
)
from feedback.safety.routes import Routes, check_reference, load_routes
from feedback.schema import MIGRATIONS
from feedback.settings import DATA
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy

WORDS = [("Something was not right.", "-", ())]
SATURDAY = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def routes() -> Routes:
    return load_routes(DATA)


@pytest.fixture(scope="module")
def redactor(taxonomy: Taxonomy) -> Redactor:
    return Redactor(taxonomy)


def queue(
    store: Store, taxonomy: Taxonomy, *, now: datetime = SATURDAY, filters: Filters = Filters(), **more: Any
) -> list[Flag]:
    return list(flags(store.conn, taxonomy, filters, EVERYTHING, now=now, **more).flags)


def ids(found: list[Flag]) -> list[str]:
    return [one.comment for one in found]


def stored_on(store: Store, day: datetime, *named: tuple[str, str]) -> None:
    """Store flagged comments, (id, severity) each, as they would have come in on a day."""
    store.clock = lambda: day
    add_batch(
        store, f"{day:%d}.csv", [analysed(id, WORDS, signal=("child_risk", s), service="podiatry") for id, s in named]
    )


def decide(store: Store, one: Flag, outcome: Any, *, note: str = "Because.", by: str = "Ann", **more: Any) -> None:
    if outcome == "escalated":
        more.setdefault("route", "complaint")
    review(store, load_routes(DATA), lambda text: text, one, Decision(outcome, note, **more), by=by)


# Due


@pytest.mark.parametrize(
    ("stored", "severity", "when"),
    [
        ("2026-08-03T10:00", "urgent", "2026-08-04T10:00"),
        ("2026-08-07T16:30", "urgent", "2026-08-10T16:30"),
        ("2026-08-08T16:30", "urgent", "2026-08-11T00:00"),
        ("2026-08-03T10:00", "watch", "2026-08-10T10:00"),
        ("2026-08-31T10:00", "urgent", "2026-09-02T00:00"),  # a bank holiday is no working day
        ("2026-08-28T10:00", "urgent", "2026-09-01T10:00"),
        ("2026-12-24T16:00", "watch", "2027-01-05T16:00"),  # Christmas, a substitute day, New Year and two weekends
        ("2029-01-01T10:00", "urgent", "2029-01-02T10:00"),  # after the list ends: a day early, never late
    ],
)
def test_due_is_so_many_working_days_after_storing(stored: str, severity: Any, when: str) -> None:
    assert due(datetime.fromisoformat(stored + "+00:00"), severity) == datetime.fromisoformat(when + "+00:00")


MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2027, 1, 15)).map(
    lambda when: when.replace(microsecond=0, tzinfo=UTC)
)


@given(MOMENTS, MOMENTS)
@example(
    datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 9, tzinfo=UTC)
)  # stored on a bank holiday, looked at on a Saturday
@example(datetime(2026, 8, 8, 9, tzinfo=UTC), datetime(2026, 8, 15, 9, tzinfo=UTC))
def test_what_the_database_calls_overdue_is_what_the_calendar_does(stored: datetime, now: datetime) -> None:
    moment = at(now)
    assert (stored.isoformat() <= moment.urgent_before) == (due(stored, "urgent") <= now)
    assert (stored.isoformat() <= moment.watch_before) == (due(stored, "watch") <= now)


def test_the_days_may_be_set_and_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_URGENT_DAYS", "2")
    assert due(datetime(2026, 8, 3, 10, tzinfo=UTC), "urgent").day == 5
    monkeypatch.setenv("FEEDBACK_URGENT_DAYS", "soon")
    with pytest.raises(BadInput, match="number of working days from 1 to 30"):
        due(datetime(2026, 8, 3, 10, tzinfo=UTC), "urgent")


# The order


def test_overdue_urgent_flags_come_first_and_within_each_what_waits_longest(store: Store, taxonomy: Taxonomy) -> None:
    stored_on(store, datetime(2026, 8, 3, 9, tzinfo=UTC), ("watch-late", "watch"), ("urgent-late", "urgent"))
    stored_on(store, datetime(2026, 8, 4, 9, tzinfo=UTC), ("urgent-later", "urgent"))
    stored_on(store, datetime(2026, 8, 11, 9, tzinfo=UTC), ("watch-new", "watch"), ("urgent-new", "urgent"))
    order = ["urgent-late", "urgent-later", "urgent-new", "watch-late", "watch-new"]
    now = datetime(2026, 8, 11, 10, tzinfo=UTC)
    assert ids(queue(store, taxonomy, now=now)) == order
    assert [one.overdue for one in queue(store, taxonomy, now=now)] == [True, True, False, True, False]
    counted = waiting(store.conn, taxonomy, Filters(), EVERYTHING, now=now)
    assert [(n.open, n.overdue) for n in (counted["urgent"], counted["watch"])] == [(3, 2), (2, 1)]


def test_pages_hold_every_flag_once_even_where_some_fall_due_between_them(store: Store, taxonomy: Taxonomy) -> None:
    stored_on(store, datetime(2026, 8, 3, 9, tzinfo=UTC), *((f"a-{n}", "urgent") for n in range(4)))
    stored_on(store, datetime(2026, 8, 4, 9, tzinfo=UTC), *((f"b-{n}", "urgent") for n in range(4)))
    decide(store, queue(store, taxonomy)[0], "done")
    found, after, now = [], None, datetime(2026, 8, 4, 8, tzinfo=UTC)
    for _ in range(8):
        page = flags(store.conn, taxonomy, Filters(), EVERYTHING, now=now, states=STATES, after=after, limit=1)
        found += ids(list(page.flags))
        after, now = page.after, now + timedelta(hours=8)
    assert found == ["a-1", "a-2", "a-3", "b-0", "b-1", "b-2", "b-3", "a-0"]
    assert after is None


@pytest.mark.parametrize("after", ["", "x", "2026-08-04~1~2~3", "2026-08-04T09:00:00+00:00~9~s~1~k", "~~~~"])
def test_a_place_that_no_page_gave_is_refused(filled: Store, taxonomy: Taxonomy, after: str) -> None:
    with pytest.raises(BadInput, match="no place in the queue"):
        queue(filled, taxonomy, after=after)


def test_a_reader_with_a_scope_sees_the_flags_of_their_services_alone(filled: Store, taxonomy: Taxonomy) -> None:
    scope = Scope.of(taxonomy, ["podiatry"])
    assert flags(filled.conn, taxonomy, Filters(), scope, now=SATURDAY).flags == ()
    with pytest.raises(NotFound):
        flag(filled.conn, scope, "willow-2", "unsafe_environment", now=SATURDAY)
    assert ids(queue(filled, taxonomy, filters=Filters(service="ward-willow"))) == ["willow-2"]
    assert ids(queue(filled, taxonomy, filters=Filters(signal="complaint_intent"))) == ["evesham-1"]


def test_what_is_held_for_translation_is_counted(filled: Store, taxonomy: Taxonomy) -> None:
    assert held(filled.conn, taxonomy, Filters(signal="child_risk"), EVERYTHING) == (("pl", 1),)


def test_a_comment_held_for_translation_is_overdue_as_an_urgent_flag_is(filled: Store, taxonomy: Taxonomy) -> None:
    asked = (filled.conn, taxonomy, Filters(), EVERYTHING)
    assert held_overdue(*asked, now=datetime(2026, 8, 3, 23, 59, tzinfo=UTC)) == {}
    assert held_overdue(*asked, now=datetime(2026, 8, 4, 0, 1, tzinfo=UTC)) == {"pl": 1}
    made = digest(*asked, load_routes(DATA), now=datetime(2026, 8, 4, 0, 1, tzinfo=UTC))
    assert (made.held, made.held_overdue) == (1, 1)


# Nothing leaves the queue by itself


def test_a_flag_that_a_new_reading_no_longer_raises_waits_all_the_same(filled: Store, taxonomy: Taxonomy) -> None:
    with filled.writing():
        filled.conn.execute("DELETE FROM findings WHERE kind = 'signal'")
    urgent, _ = queue(filled, taxonomy)
    assert (urgent.comment, urgent.severity, urgent.raised) == ("willow-2", "urgent", False)
    assert urgent.text == "Dad fell twice in the night and nobody came."
    assert ids(queue(filled, taxonomy, filters=Filters(signal="unsafe_environment"))) == ["willow-2"]


def test_a_new_reading_cannot_make_a_flag_less_serious_but_a_person_can(filled: Store, taxonomy: Taxonomy) -> None:
    with filled.writing():
        filled.conn.execute("DELETE FROM findings WHERE kind = 'signal'")
        filled._record(32, [(90, Finding("signal", "unsafe_environment", "", 0.6, 0, 44, "signal 9.0", "watch"))])
    (urgent,) = queue(filled, taxonomy, filters=Filters(signal="unsafe_environment"))
    assert (urgent.severity, urgent.by, urgent.raised) == ("urgent", "signal 9.0", True)
    filled.save_correction("willow-2", Finding("signal", "unsafe_environment", "", 1.0, 0, 44, "person:Ann", "watch"))
    (lower,) = queue(filled, taxonomy, filters=Filters(signal="unsafe_environment"))
    assert (lower.severity, lower.state) == ("watch", "new")


def test_a_correction_closes_a_flag_by_name_and_a_later_one_opens_it(filled: Store, taxonomy: Taxonomy) -> None:
    kind = "unsafe_environment"
    filled.save_correction("willow-2", Finding("signal", kind, "", 0.0, 0, 44, "person:Ann", "urgent"))
    assert ids(queue(filled, taxonomy)) == ["evesham-1"]
    closed = flag(filled.conn, EVERYTHING, "willow-2", kind, now=SATURDAY)
    assert [(past.outcome, past.by) for past in history(filled.conn, closed)] == [("not_a_concern", "Ann")]
    filled.save_correction("willow-2", Finding("signal", kind, "", 1.0, 0, 44, "person:Bo", "urgent"))
    assert ids(queue(filled, taxonomy)) == ["willow-2", "evesham-1"]
    assert [past.outcome for past in history(filled.conn, closed)] == ["not_a_concern", "reopened"]


def test_a_correction_that_denies_what_was_never_flagged_decides_nothing(filled: Store, taxonomy: Taxonomy) -> None:
    filled.save_correction("willow-1", Finding("signal", "child_risk", "", 0.0, 0, 5, "person:Ann", "watch"))
    assert filled.conn.execute("SELECT count(*) FROM reviews").fetchone() == (0,)


def test_a_batch_taken_back_takes_its_flags_and_decisions_with_it(filled: Store, taxonomy: Taxonomy) -> None:
    decide(filled, queue(filled, taxonomy)[0], "seen")
    filled.rollback(1, by="Ann", reason="sent twice", flags_dealt_with=True)
    assert queue(filled, taxonomy, states=STATES) == []
    counts = [filled.conn.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("flags", "reviews")]
    assert counts == [(0,), (0,)]


def test_an_older_database_gets_its_flags_and_the_time_of_its_upload(filled: Store, taxonomy: Taxonomy) -> None:
    """The migration's own statements, over the tables as they were before it."""
    with filled.writing():
        for statement in ("DROP TABLE flags", "DROP TABLE sampled", "DROP TABLE samples"):
            filled.conn.execute(statement)
        filled.conn.execute("ALTER TABLE comments DROP COLUMN stored_at")
        for column in ("route", "reference"):
            filled.conn.execute(f"ALTER TABLE reviews DROP COLUMN {column}")
        for statement in MIGRATIONS["0003_safety"].strip().split("\n\n"):
            filled.conn.execute(statement)
    found = queue(filled, taxonomy)
    assert [(one.comment, one.severity, one.stored_at) for one in found] == [
        ("willow-2", "urgent", "2026-08-01T12:00:00+00:00"),
        ("evesham-1", "watch", "2026-08-01T12:00:00+00:00"),
    ]


# What people decide


def test_seen_stays_open_and_the_others_close_until_it_is_opened_again(filled: Store, taxonomy: Taxonomy) -> None:
    kind = Filters(signal="unsafe_environment")
    for outcome, is_open in (
        ("seen", True),
        ("escalated", False),
        ("received", False),
        ("reopened", True),
        ("done", False),
        ("seen", True),
        ("not_a_concern", False),
    ):
        (one,) = queue(filled, taxonomy, filters=kind, states=STATES)
        decide(filled, one, outcome, by=outcome)
        (one,) = queue(filled, taxonomy, filters=kind, states=STATES)
        assert (one.state, one.open, bool(queue(filled, taxonomy, filters=kind))) == (outcome, is_open, is_open)
    assert [past.by for past in history(filled.conn, one)] == [
        "seen", "escalated", "received", "reopened", "done", "seen", "not_a_concern",
    ]  # fmt: skip


def test_a_flag_passed_on_waits_in_a_part_of_its_own_until_it_is_received(store: Store, taxonomy: Taxonomy) -> None:
    stored_on(store, datetime(2026, 8, 3, 9, tzinfo=UTC), ("a", "urgent"), ("b", "watch"), ("c", "urgent"))
    found = {one.comment: one for one in queue(store, taxonomy)}
    for id in ("b", "a"):
        decide(store, found[id], "escalated", route="safeguarding_children", reference="S-1")
    decide(store, found["c"], "done")
    assert ids(queue(store, taxonomy, states=PASSED_ON)) == ["b", "a"]
    assert ids(queue(store, taxonomy, states=STATES)) == ["b", "a", "c"]
    decide(store, queue(store, taxonomy, states=PASSED_ON)[0], "received", note="The duty team, on 4 August.")
    assert ids(queue(store, taxonomy, states=PASSED_ON)) == ["a"]
    (received,) = queue(store, taxonomy, states=("received",))
    assert received.review is not None
    assert (received.open, received.review.route, received.review.reference) == (False, "safeguarding_children", "S-1")


def test_a_note_is_redacted_before_it_is_kept(
    filled: Store, taxonomy: Taxonomy, routes: Routes, redactor: Redactor
) -> None:
    (one, _) = queue(filled, taxonomy)
    note = "Rang her son Derek Ashworth on 07700 900456, NHS number 943 476 5919."
    given = Decision("escalated", note, "patient_safety_event", "LFPSE-2026/0042")
    review(filled, routes, lambda text: redactor.redact([text])[0][0], one, given, by="Ann")
    (kept,) = history(filled.conn, one)
    assert (kept.route, kept.reference, kept.by) == ("patient_safety_event", "LFPSE-2026/0042", "Ann")
    assert not [word for word in ("Ashworth", "900456", "5919") if word in kept.note]
    assert "[PERSON]" in kept.note and "[NHS NUMBER]" in kept.note


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (Decision("not_a_concern", " "), "why this is not a concern"),
        (Decision("done"), "what was done"),
        (Decision("reopened", "Again."), "only a closed one"),
        (Decision("seen", "", "complaint"), "go with the outcome escalated"),
        (Decision("received"), "who received it"),
        (Decision("received", "The ward, on Monday."), "Only a flag that was passed on"),
        (Decision("escalated", "Rang them."), "Say where it was passed on"),
        (Decision("escalated", "", "moon"), "There is no route 'moon'"),
        (Decision("escalated", "", "none"), "where this was passed on"),
        (Decision("seen", "x" * 2001), "up to 2,000 characters"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    filled: Store, taxonomy: Taxonomy, routes: Routes, decision: Decision, reason: str
) -> None:
    with pytest.raises(BadInput, match=reason):
        review(filled, routes, str, queue(filled, taxonomy)[0], decision, by="Ann")
    with pytest.raises(BadInput, match="signed"):
        review(filled, routes, str, queue(filled, taxonomy)[0], Decision("seen"), by=" ")
    assert history(filled.conn, queue(filled, taxonomy)[0]) == ()


@pytest.mark.parametrize("reference", ["W12345", "LFPSE-2026/0042", "2026/004217", "C.881", "IG#7", "123456789"])
def test_a_reference_of_another_system_is_taken(reference: str) -> None:
    assert check_reference(f" {reference} ") == reference


@pytest.mark.parametrize(
    "reference",
    [
        "Joan Hartwell", "Hartwell", "9434765919", "943-476-5919", "9434765918", "ref-943-476-5919", "07700900456",
        "447700900456", "a@b.example1", "W 12345", "é1", "1" * 41,
    ],
)  # fmt: skip
def test_a_reference_that_may_be_a_person_is_refused(reference: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_reference(reference)
    assert reference not in str(refused.value)


def test_every_kind_and_severity_has_a_route_and_limits_from_memory_are_not_called_checked(routes: Routes) -> None:
    assert set(routes.suggested) == {(kind, severity) for kind in SIGNALS for severity in ("urgent", "watch")}
    assert routes.suggested["complaint_intent", "watch"][0] == "complaint"
    assert routes.suggested["child_risk", "urgent"][0] == "safeguarding_children"
    assert not routes.routes["complaint"].checked


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda raw: raw["kinds"].pop("child_risk"), "child_risk: it has no route for urgent"),
        (lambda raw: raw["kinds"].update(smell={}), "smell: it is no kind"),
        (lambda raw: raw["kinds"]["child_risk"]["watch"].append("moon"), "route 'moon' is not known"),
        (lambda raw: raw["routes"][0].update(basis="hearsay"), "basis 'hearsay'"),
        (lambda raw: raw["routes"][0].pop("limit"), "a route has exactly"),
        (lambda raw: raw["routes"].append(raw["routes"][0]), "stands twice"),
        (lambda raw: raw.pop("kinds"), "it needs version, routes and kinds"),
    ],
)
def test_routes_that_do_not_fit_are_refused_on_loading(tmp_path: Path, spoil: Any, said: str) -> None:
    raw = yaml.safe_load((DATA / "routes.yml").read_text(encoding="utf-8"))
    spoil(raw)
    (tmp_path / "routes.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(BadData, match=said):
        load_routes(tmp_path)


# The digest


def test_the_digest_says_what_is_new_open_late_passed_on_and_closed(
    store: Store, taxonomy: Taxonomy, routes: Routes
) -> None:
    stored_on(store, datetime(2026, 8, 3, 9, tzinfo=UTC), ("late", "urgent"), ("passed", "urgent"), ("closed", "watch"))
    store.clock = lambda: datetime(2026, 8, 4, 9, tzinfo=UTC)
    found = {one.comment: one for one in queue(store, taxonomy)}
    decide(store, found["passed"], "escalated", route="safeguarding_children", reference="S-1")
    stored_on(store, datetime(2026, 8, 11, 9, tzinfo=UTC), ("new", "watch"))
    decide(store, found["closed"], "not_a_concern", note="A private remark.")
    now = datetime(2026, 8, 11, 10, tzinfo=UTC)

    def made(since: str) -> Any:
        day = datetime.fromisoformat(since).date()
        return digest(store.conn, taxonomy, Filters(), EVERYTHING, routes, now=now, since=day)

    total = made("2026-08-01").total
    assert (total.n, total.new, total.open, total.overdue, total.passed_on, total.closed) == (4, 4, 2, 1, 1, 1)
    recent = made("2026-08-10")
    assert [(line.citation[-1], line.state, line.overdue, line.new) for line in recent.flags] == [
        ("1", "new", True, False),
        ("4", "new", False, True),
        ("2", "escalated", False, False),  # passed on before, and nobody has said yet that it arrived
        ("3", "not_a_concern", False, False),
    ]
    assert [(count.id, count.n, count.closed) for count in recent.by_severity] == [("urgent", 2, 0), ("watch", 2, 1)]
    assert [(count.id, count.n) for count in recent.by_service] == [("podiatry", 4)]
    assert [(count.id, count.n) for count in made("2026-08-01").passed_on] == [("safeguarding_children", 1)]
    assert "remark" not in str(recent) and "not right" not in str(recent)


# How many are missed


def test_a_sample_is_mostly_unflagged_the_same_for_the_same_seed_and_without_what_nobody_read(
    filled: Store, taxonomy: Taxonomy
) -> None:
    def drawn(seed: int) -> list[tuple[int, int]]:
        one = draw(filled, taxonomy, Filters(), EVERYTHING, size=10, by="Ann", seed=seed)
        assert (one.size, one.unflagged, one.flagged, one.described) == (12, 34, 2, "All comments")
        rows = filled.conn.execute("SELECT comment, flagged FROM sampled WHERE sample = ? ORDER BY place", (one.id,))
        return rows.fetchall()

    first = drawn(7)
    assert first == drawn(7) != drawn(8)
    assert sum(flagged for _, flagged in first) == 2
    assert not {37, 38} & {number for number, _ in first}  # without content, and in Polish


def test_a_sample_needs_something_to_draw_from_and_a_name(filled: Store, taxonomy: Taxonomy) -> None:
    for filters, more in ((Filters(language="pl"), {}), (Filters(), {"size": 0}), (Filters(), {"by": " "})):
        with pytest.raises(BadInput):
            draw(filled, taxonomy, filters, EVERYTHING, **({"by": "Ann"} | more))
    assert filled.conn.execute("SELECT count(*) FROM samples").fetchone() == (0,)


def test_a_sample_is_not_there_for_another_scope(filled: Store, taxonomy: Taxonomy) -> None:
    one = draw(filled, taxonomy, Filters(), EVERYTHING, by="Ann")
    with pytest.raises(NotFound):
        sample(filled.conn, taxonomy, one.id, Scope.of(taxonomy, ["podiatry"]))


def test_what_a_reader_marks_is_on_the_queue_at_once_by_name(filled: Store, taxonomy: Taxonomy) -> None:
    one = draw(filled, taxonomy, Filters(service="podiatry"), EVERYTHING, size=3, by="Ann", seed=1)
    assert answer(filled, one, EVERYTHING, 1, Answer("urgent", "child_risk"), by="Bo")
    first, *_ = [found for found in queue(filled, taxonomy) if found.kind == "child_risk"]
    assert (first.severity, first.by, first.state) == ("urgent", "person:Bo", "new")
    with pytest.raises(BadInput, match="Somebody else"):
        answer(filled, one, EVERYTHING, 1, Answer("none"), by="Cy")
    for nonsense in (Answer("urgent"), Answer("none", "child_risk"), Answer("watch", "smell")):
        with pytest.raises(BadInput):
            answer(filled, one, EVERYTHING, 2, nonsense, by="Bo")


def test_a_blind_reading_takes_no_flag_away_and_makes_none_less_serious(filled: Store, taxonomy: Taxonomy) -> None:
    one = draw(filled, taxonomy, Filters(service="ward-willow"), EVERYTHING, size=5, by="Ann", seed=1)
    (place,) = filled.conn.execute("SELECT place FROM sampled WHERE comment = 32").fetchone()
    assert not answer(filled, one, EVERYTHING, place, Answer("none"), by="Bo")
    assert queue(filled, taxonomy)[0].severity == "urgent"
    assert not answer(filled, one, EVERYTHING, place, Answer("watch", "unsafe_environment"), by="Bo")
    assert queue(filled, taxonomy)[0].severity == "urgent"
    decide(filled, queue(filled, taxonomy)[0], "not_a_concern")
    assert answer(filled, one, EVERYTHING, place, Answer("watch", "unsafe_environment"), by="Bo")
    assert (queue(filled, taxonomy)[0].severity, queue(filled, taxonomy)[0].state) == ("urgent", "reopened")


def test_skipped_comments_count_in_nothing_and_come_up_again(filled: Store, taxonomy: Taxonomy) -> None:
    drawn = draw(filled, taxonomy, Filters(), EVERYTHING, size=2, by="Ann", seed=1)
    for place in range(1, drawn.size + 1):
        assert (one := next_to_read(filled.conn, drawn, EVERYTHING)) and one.place == place
        answer(filled, drawn, EVERYTHING, place, Answer(None), by="Bo")
    assert next_to_read(filled.conn, drawn, EVERYTHING) is None
    assert (one := next_to_read(filled.conn, drawn, EVERYTHING, skipped=True)) and one.place == 1
    drawn = sample(filled.conn, taxonomy, drawn.id, EVERYTHING)
    assert (drawn.read, drawn.skipped, estimate(filled.conn, drawn)) == (0, 3, None)


def test_the_estimate_counts_unflagged_comments_alone_and_urgent_ones_apart(filled: Store, taxonomy: Taxonomy) -> None:
    assert latest_estimate(filled.conn, taxonomy, EVERYTHING) is None
    drawn = draw(filled, taxonomy, Filters(), EVERYTHING, size=10, by="Ann", seed=3)
    rows = filled.conn.execute(
        "SELECT place, flagged FROM sampled WHERE sample = ? ORDER BY place", (drawn.id,)
    ).fetchall()
    unflagged = [place for place, flagged in rows if not flagged]
    for place, flagged in rows:
        said = (
            Answer("urgent", "child_risk")
            if place == unflagged[0]
            else Answer("watch", "child_risk")
            if place == unflagged[1]
            else Answer("none")
        )
        if flagged:
            said = Answer("watch", "complaint_intent")
        answer(filled, drawn, EVERYTHING, place, said, by="Bo")
    found = latest_estimate(filled.conn, taxonomy, EVERYTHING)
    assert found and (found.missed.k, found.missed_urgent.k, found.missed.n, found.flagged_read) == (2, 1, 10, 2)
    assert found.recall and found.recall.share == pytest.approx(2 / (2 + 34 * 2 / 10))
    assert found.recall.lower < found.recall.share < found.recall.upper
    assert found.urgent_recall and found.urgent_recall.share == 0
    assert (found.unread, found.current) == (0, True)
    add_batch(filled, "later.csv", [analysed("later", WORDS)])
    with filled.writing():
        filled.conn.execute("INSERT INTO versions (versions) VALUES ('{}')")
        filled.conn.execute("UPDATE comments SET versions = (SELECT max(id) FROM versions) WHERE id = 'later'")
    later = latest_estimate(filled.conn, taxonomy, EVERYTHING)
    assert later and not later.current


def test_a_share_has_the_exact_interval() -> None:
    # Clopper and Pearson's for 2 of 100 and 0 of 100, as published in tables of it.
    assert (round(share(2, 100).lower, 4), round(share(2, 100).upper, 4)) == (0.0024, 0.0704)
    assert (share(0, 100).lower, round(share(0, 100).upper, 4)) == (0.0, 0.0362)


def test_the_interval_of_recall_holds_the_truth_about_as_often_as_it_says() -> None:
    import numpy as np

    chance = np.random.default_rng(1)
    whole, true = (600, 3400), (400, 68)  # of those flagged 400 are right, of the others 68 are missed
    truth, held_it, tries = 400 / 468, 0, 400
    for _ in range(tries):
        k_flagged = int(chance.hypergeometric(true[0], whole[0] - true[0], 40))
        k_missed = int(chance.hypergeometric(true[1], whole[1] - true[1], 200))
        found = recall((k_flagged, 40), (k_missed, 200), whole)
        assert found
        held_it += found.lower <= truth <= found.upper
    assert 0.92 <= held_it / tries <= 0.99


def test_recall_is_not_claimed_where_nothing_tells() -> None:
    assert recall((0, 0), (1, 10), (5, 100)) is None
    assert recall((0, 5), (0, 10), (5, 100)) is None


def test_a_decision_survives_being_opened_anew(filled: Store, taxonomy: Taxonomy) -> None:
    decide(filled, queue(filled, taxonomy)[0], "seen")
    with open_store(filled.path) as again:
        assert queue(again, taxonomy)[0].state == "seen"
