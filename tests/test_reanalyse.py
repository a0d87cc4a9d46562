"""Reading the history again: what moved is said, what people said stays, and a killed run ends as if it had not been killed."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import PARKING, WAIT, add_batch, analysed, invented, unread
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import run

from feedback import reanalyse as module
from feedback.cli import main
from feedback.comment import Analysed, Comment, Finding, RawComment
from feedback.correct import Said, correct, withdraw
from feedback.errors import BadStore
from feedback.evidence.citation import open_citation
from feedback.filters import EVERYTHING, Filters
from feedback.over_time.chart import trend_chart
from feedback.over_time.trend import asked_trend
from feedback.pipeline import Pipeline, load_pipeline
from feedback.query import clauses, comment, corrections, version_changes
from feedback.reanalyse import Moved, Reread, reanalyse, rereadings, retag_services
from feedback.settings import DATA
from feedback.store import Store, open_store
from feedback.stored import Entry, Part
from feedback.taxonomy import Taxonomy

# Everything that a run leaves behind, but the times at which it did.
LEFT = (
    "SELECT number, language, contentless, question_kind, sentiment, scale, respondent, v.versions"
    " FROM comments JOIN versions v ON v.id = comments.versions",
    "SELECT * FROM findings",
    'SELECT comment, signal, severity, score, start, "end", "by" FROM flags',
    "SELECT comment, said, withdrawn_by FROM corrections",
)
SAID = (
    "The podiatrist was gentle but I waited five months.",
    "Nurses on Willow Ward were kind to Dad. Supper was cold.",
    "Nowhere to park at the clinic, again.",
    "N/A",
    "My counsellor at Talking Therapies truly listened.",
    "Nobody rings back and the receptionist was rude to me.",
)


def left(conn: sqlite3.Connection) -> list[list[tuple[Any, ...]]]:
    return [sorted(conn.execute(sql).fetchall(), key=repr) for sql in LEFT]


def read(store: Store, pipeline: Pipeline, **how: Any) -> Reread:
    return reanalyse(store, pipeline, data=DATA, **how)


def retag(store: Store, pipeline: Pipeline, **how: Any) -> Reread:
    return retag_services(store, pipeline, data=DATA, **how)


def upload(store: Store, pipeline: Pipeline, texts: tuple[str, ...]) -> None:
    """Put comments into the store as the present pipeline reads them, a month apart."""
    raws = [RawComment(text, id=f"r-{n}", date=date(2026, 1 + n % 6, 3)) for n, text in enumerate(texts)]
    batch = store.begin_batch("b.csv", "of b.csv", column_map={}, decisions=[], versions=pipeline.versions)
    entries = [
        Entry(store.content_key(raw.text, raw), found, n, n + 2)
        for n, (raw, found) in enumerate(zip(raws, pipeline.analyse(raws), strict=True))
    ]
    store.add(batch.id, Part(0, len(entries), entries))
    store.finish_batch(batch.id, len(entries))


# What moves and what does not


def test_what_was_read_with_other_versions_is_read_again_and_what_moved_is_said(
    filled: Store, pipeline: Pipeline
) -> None:
    before = comment(filled.conn, "pod-1-0", EVERYTHING)
    done = read(filled, pipeline)
    record = done.as_record()
    assert (record["comments"], record["resumed"], record["versions"]) == (38, False, pipeline.versions)
    assert list(record["before"].values()) == [38] and "guard none" in next(iter(record["before"]))
    now = comment(filled.conn, "pod-1-0", EVERYTHING)
    assert now.versions == pipeline.versions
    assert {f.by for f in now.analysed.of("theme")} == {pipeline.reader.name}
    assert now.citation == before.citation and now.analysed.comment.text == before.analysed.comment.text
    # The report is the difference between what counted before and what counts now.
    gone = {f.label for f in before.analysed.of("objective")} - {f.label for f in now.analysed.of("objective")}
    assert all(record["labels"]["objective"][label][1] >= 1 for label in gone)
    assert record["changed"] > 0 and record["recut"] == 0


def test_a_second_run_moves_nothing_and_reads_nothing(filled: Store, pipeline: Pipeline) -> None:
    read(filled, pipeline)
    retag(filled, pipeline)
    once = left(filled.conn)
    again, services = read(filled, pipeline), retag(filled, pipeline)
    assert (again.moved.comments, again.moved.changed, services.moved.comments, services.moved.changed) == (0, 0, 38, 0)
    everything = read(filled, pipeline, everything=True)
    assert (everything.moved.comments, everything.moved.changed) == (38, 0)
    assert left(filled.conn) == once


def test_a_dry_run_says_the_same_and_writes_nothing(filled: Store, pipeline: Pipeline) -> None:
    before, tables = left(filled.conn), filled.conn.execute("SELECT count(*) FROM versions").fetchone()
    rehearsed = read(filled, pipeline, dry_run=True)
    assert (left(filled.conn), filled.conn.execute("SELECT count(*) FROM versions").fetchone()) == (before, tables)
    assert rereadings(filled.conn) == () and rehearsed.number is None
    assert read(filled, pipeline).moved.as_record() == rehearsed.moved.as_record()


def test_a_flag_that_is_no_longer_raised_stays_in_the_ledger_of_flags(filled: Store, pipeline: Pipeline) -> None:
    flags = filled.conn.execute("SELECT comment, signal FROM flags").fetchall()
    assert len(flags) == 2
    read(filled, pipeline)
    assert set(flags) <= set(filled.conn.execute("SELECT comment, signal FROM flags").fetchall())
    raised = {f.label for f in comment(filled.conn, "evesham-1", EVERYTHING).analysed.of("signal")}
    assert "complaint_intent" not in raised  # it was invented by hand, and no model says so


def test_clauses_keep_their_numbers_unless_new_ones_are_asked_for(store: Store, pipeline: Pipeline) -> None:
    words = "The nurse was kind, but supper was cold."
    whole = analysed("x", [(words, "+", ())], day=date(2026, 5, 3))
    add_batch(store, "a.csv", [whole])
    correct(store, pipeline.taxonomy, "HW-2026-000001.1", Said("sentiment", "negative"), by="Ann")
    assert read(store, pipeline).moved.recut == 0
    assert [c.text for c in clauses(store.conn, pipeline.taxonomy, Filters(), EVERYTHING)] == [words]
    assert read(store, pipeline, new_clauses=True).moved.recut == 1
    found = comment(store.conn, "x", EVERYTHING).analysed.of("clause")
    assert [f.detail for f in found] == ["2", "3"]  # the number of the whole is not given to other words
    assert read(store, pipeline, new_clauses=True).moved.changed == 0
    cited = open_citation(store.conn, pipeline.taxonomy, "HW-2026-000001.1", EVERYTHING)
    assert (cited.text, cited.recut) == (words, (2, 3))
    assert cited.since[0].says.endswith("they now stand in HW-2026-000001.2, HW-2026-000001.3.")
    # What a person said of the one clause goes to that of the two which holds most of its words, and there is one of each.
    assert sorted(f.by for f in found) == ["person:Ann", pipeline.reader.name]


def test_a_comment_in_another_language_or_without_content_stays_unread(store: Store, pipeline: Pipeline) -> None:
    polish = Comment("pl", "Bardzo dziękuję wszystkim pracownikom za wspaniałą opiekę nad moją mamą.", language="pl")
    nothing = Comment("none", "N/A", contentless=True)
    taken_for_polish = Comment("en", "The nurses were kind and the ward was clean.", language="pl")
    add_batch(store, "a.csv", [Analysed(polish), Analysed(nothing), Analysed(taken_for_polish)])
    done = read(store, pipeline)
    for id in ("pl", "none"):
        found = comment(store.conn, id, EVERYTHING).analysed
        assert found.of("theme") == found.of("clause") == found.of("sentiment") == ()
    # What the present rules know for English is read now.
    found = comment(store.conn, "en", EVERYTHING).analysed
    assert (found.comment.language, found.of("sentiment")[0].label) == ("en", "positive")
    assert (done.moved.recut, dict(done.moved.sentiment)) == (0, {"not read to positive": 1})


# What people said stays


def test_corrections_stay_and_what_they_outrank_is_read_anew_behind_them(filled: Store, pipeline: Pipeline) -> None:
    taxonomy = pipeline.taxonomy
    correct(filled, taxonomy, "evesham-1", Said("theme", PARKING, so=False), by="Ann")
    correct(filled, taxonomy, "evesham-1", Said("sentiment", "positive"), by="Ann")
    correct(filled, taxonomy, "evesham-1", Said("service", "podiatry", instead_of="ch-evesham"), by="Ann")
    done = read(filled, pipeline)
    found = comment(filled.conn, "evesham-1", EVERYTHING).analysed
    assert PARKING not in {f.label for f in found.of("theme")}
    assert [(f.label, f.by) for f in found.of("sentiment")] == [("positive", "person:Ann")]
    assert {f.label for f in found.of("service") if f.detail == "subject"} == {"podiatry"}
    for made in reversed(corrections(filled.conn, 33)):
        withdraw(filled, "evesham-1", by="Ann", number=made.id)
    bare = comment(filled.conn, "evesham-1", EVERYTHING).analysed
    assert [f.by for f in bare.of("sentiment")] == [pipeline.reader.name]
    assert done.moved.sentiment["negative to positive"] == 0 or bare.of("sentiment")[0].polarity == "+"


DO = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(["patient", "carer", "staff"])),
    st.tuples(st.just("theme"), st.booleans()),
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("read"), st.none()),
    st.tuples(st.just("services"), st.none()),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(DO, max_size=10))
def test_in_any_order_the_last_word_of_a_person_that_stands_wins(
    pipeline: Pipeline, deeds: list[tuple[str, Any]]
) -> None:
    taxonomy = pipeline.taxonomy
    with open_store(":memory:", clock=lambda: datetime(2026, 8, 1, tzinfo=UTC)) as store:
        add_batch(store, "a.csv", [analysed("x", [("There was nowhere to park.", "-", (PARKING,))])])
        standing: list[tuple[int, str, Any]] = []
        for deed, what in deeds:
            if deed == "say":
                standing.append((correct(store, taxonomy, "x", Said("respondent", what), by="Ann"), deed, what))
            elif deed == "theme":
                said = Said("theme", WAIT, so=what, polarity="-")
                standing.append((correct(store, taxonomy, "x", said, by="Ann"), deed, what))
            elif deed == "undo" and standing:
                number, *_ = standing.pop(what % len(standing))
                withdraw(store, "x", by="Bo", number=number)
            elif deed == "read":
                reanalyse(store, pipeline, data=DATA, everything=True)
            elif deed == "services":
                retag_services(store, pipeline, data=DATA)
        found = comment(store.conn, "x", EVERYTHING).analysed
        words = {deed: what for _, deed, what in standing}  # the last that stands
        (who,) = found.of("respondent")
        if "say" in words:
            assert (who.label, who.by) == (words["say"], "person:Ann")
        else:
            assert not who.by.startswith("person:")
        themes = {f.label: f.by for f in found.of("theme")}
        assert themes.get(WAIT) == ("person:Ann" if words.get("theme") else None)
        copy = store.conn.execute("SELECT respondent, sentiment FROM comments").fetchone()
        assert copy == (who.label, found.of("sentiment")[0].polarity)


# Services alone


def test_a_changed_directory_tags_the_history_again_and_touches_nothing_else(filled: Store, pipeline: Pipeline) -> None:
    lines = [
        analysed("w", [("Nurses on Willow Ward were kind.", "+", ())], service="podiatry"),
        analysed("p", [("Kind.", "+", ())], cells=("Podiatry",), mentioned="ch-evesham"),
    ]
    add_batch(filled, "more.csv", lines)
    others = "SELECT * FROM findings WHERE kind <> 'service'"
    before = filled.conn.execute(others).fetchall()
    done = retag(filled, pipeline)
    assert filled.conn.execute(others).fetchall() == before
    subjects = {id: {f.label for f in comment(filled.conn, id, EVERYTHING).analysed.of("service")} for id in ("w", "p")}
    assert subjects == {"w": {"ward-willow"}, "p": {"podiatry"}}
    assert done.moved.labels["service"]["ward-willow"][0] >= 1
    assert comment(filled.conn, "w", EVERYTHING).versions["directory"] == pipeline.versions["directory"]
    assert comment(filled.conn, "w", EVERYTHING).versions["reader"] == "1.0"


# Killed and started again


class _Killed(BaseException):
    pass


def _kill_after(blocks: int) -> Any:
    seen = []

    def progress(done: int, total: int | None) -> None:
        seen.append(done)
        if len(seen) == blocks:
            raise _Killed

    return progress


@pytest.fixture
def small_blocks() -> Iterator[None]:
    """Blocks of eight, so that a small store has as many as a large one."""
    before, module.BLOCK = module.BLOCK, 8
    yield
    module.BLOCK = before


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("blocks", [1, 3])
def test_a_run_that_is_broken_off_goes_on_where_it_stopped_and_ends_the_same(
    tmp_path: Path, pipeline: Pipeline, blocks: int
) -> None:
    results = []
    for name in ("whole", "broken"):
        with open_store(
            tmp_path / f"{name}.db", trust_code="HW", clock=lambda: datetime(2026, 8, 1, tzinfo=UTC)
        ) as store:
            add_batch(store, "a.csv", [*invented(), *unread()])
            correct(store, pipeline.taxonomy, "evesham-1", Said("theme", PARKING, so=False), by="Ann")
            if name == "broken":
                with pytest.raises(_Killed):
                    read(store, pipeline, progress=_kill_after(blocks))
                assert rereadings(store.conn) == ()
            done = read(store, pipeline)
            assert done.resumed == (name == "broken")
            results.append((left(store.conn), done.moved.as_record()))
    assert results[0] == results[1]


@pytest.mark.usefixtures("small_blocks")
def test_a_run_that_is_asked_for_otherwise_begins_afresh_and_the_broken_one_is_given_up(
    filled: Store, pipeline: Pipeline
) -> None:
    with pytest.raises(_Killed):
        read(filled, pipeline, progress=_kill_after(1))
    assert not retag(filled, pipeline).resumed
    assert not read(filled, pipeline).resumed
    states = [state for (state,) in filled.conn.execute("SELECT state FROM reanalyses ORDER BY id")]
    assert states == ["given_up", "finished", "finished"]


def retag_one_block(db: Path) -> None:
    module.BLOCK = 8
    with open_store(db, trust_code="HW") as store:
        retag(store, load_pipeline(), progress=lambda done, total: os.kill(os.getpid(), signal.SIGKILL))


@pytest.mark.usefixtures("small_blocks")
def test_killed_at_once_and_started_again_nothing_is_lost(tmp_path: Path, pipeline: Pipeline) -> None:
    """A real process, killed by the system after each of its blocks, until it ends."""
    for name in ("whole", "killed"):
        with open_store(
            tmp_path / f"{name}.db", trust_code="HW", clock=lambda: datetime(2026, 8, 1, tzinfo=UTC)
        ) as store:
            add_batch(store, "a.csv", [*invented(), *unread()])
            if name == "whole":
                retag(store, pipeline)
                wanted = left(store.conn)
    tries = 1
    while (end := run(retag_one_block, tmp_path / "killed.db")) == -signal.SIGKILL and tries < 20:
        tries += 1
    assert end == 0
    assert tries > 3
    with open_store(tmp_path / "killed.db") as store:
        assert left(store.conn) == wanted


@pytest.mark.usefixtures("small_blocks")
def test_two_runs_at_once_do_not_both_write(filled: Store, pipeline: Pipeline) -> None:
    def take_over(done: int, total: int | None) -> None:
        with filled.writing():
            filled.conn.execute("UPDATE reanalyses SET position = position + 1")

    with pytest.raises(BadStore, match="Another run reads the history again"):
        read(filled, pipeline, progress=take_over)


@pytest.mark.usefixtures("small_blocks")
def test_what_is_taken_back_while_it_is_read_stays_away(filled: Store, pipeline: Pipeline) -> None:
    def take_back(done: int, total: int | None) -> None:
        if filled.batch(1).state == "finished":
            filled.rollback(1, by="A. Manager", reason="sent twice", flags_dealt_with=True)

    read(filled, pipeline, progress=take_back)
    assert filled.conn.execute("SELECT count(*) FROM comments").fetchone() == (2,)
    assert filled.conn.execute("SELECT count(*) FROM findings WHERE comment < 37").fetchone() == (0,)


# Trends


def test_a_trend_marks_where_the_versions_change_until_the_history_is_read_again(
    store: Store, pipeline: Pipeline, taxonomy: Taxonomy
) -> None:
    add_batch(store, "a.csv", invented())  # January to July, read with reader 1.0 and no guard
    texts = tuple(f"{said} It was visit {n}." for n, said in enumerate(SAID[:3]))
    batch = store.begin_batch("b.csv", "b", column_map={}, decisions=[], versions=pipeline.versions | {"reader": "9.9"})
    raws = [RawComment(text, id=f"r-{n}", date=date(2026, 9, 3)) for n, text in enumerate(texts)]
    found = [
        Entry(store.content_key(r.text, r), a, n)
        for n, (r, a) in enumerate(zip(raws, pipeline.analyse(raws), strict=True))
    ]
    store.add(batch.id, Part(0, 3, found))
    store.finish_batch(batch.id, 3)
    asked = (store.conn, taxonomy, Filters(), EVERYTHING)
    (change,) = version_changes(*asked)
    assert (change.start, change.now["reader"]) == (date(2026, 9, 1), "9.9")
    drawn = asked_trend(*asked, may_read=True)
    assert "reader 9.9" in drawn.marks[date(2026, 9, 1)] and drawn.breaks == {}
    assert any("most comments were read with reader 9.9" in note for note in drawn.warnings)
    assert "reader 9.9" in json.dumps(trend_chart(drawn, "All comments"))
    assert len({p.phase for p in drawn.points if p.phase}) <= 1  # a mark starts no new limits
    read(store, pipeline)
    drawn = asked_trend(*asked, may_read=True)
    assert (drawn.marks, version_changes(*asked)) == ({}, ())
    assert any(note.startswith("The history was read again on 1 August 2026 (reader ") for note in drawn.warnings)


# What is kept of it


def test_what_moved_is_kept_as_it_was_said(filled: Store, pipeline: Pipeline) -> None:
    done = read(filled, pipeline)
    (kept,) = rereadings(filled.conn)
    assert kept == done
    assert Moved.of(done.moved.as_record()) == done.moved


def test_a_comment_is_counted_by_what_counts_of_it() -> None:
    def theme(label: str, sign: str, place: int = 0) -> Finding:
        return Finding("theme", label, sign, 0.9, place, place + 5, "reader 1.0")

    moved = Moved()
    moved.note([theme("a", "+"), theme("b", "-")], [theme("b", "+"), theme("c", "-")])
    moved.note([theme("a", "+")], [theme("a", "+", 3)])  # the same theme in other words counts as before
    feeling = [Finding("sentiment", "neutral", sign, 0.9, 0, 5, "reader 1.0", "3") for sign in ("0", "~")]
    moved.note(feeling[:1], feeling[1:])
    moved.note([], feeling[:1])
    record = moved.as_record()
    assert record["kinds"] == {"theme": {"gained": 1, "lost": 1, "turned": 1}}
    assert record["labels"]["theme"] == {"a": [0, 1, 0], "b": [0, 0, 1], "c": [1, 0, 0]}
    assert (record["sentiment"], record["changed"]) == ({"neutral to mixed": 1, "not read to neutral": 1}, 3)


def test_a_comment_is_read_again_as_it_was_read_at_first(pipeline: Pipeline) -> None:
    raws = [RawComment(text, id=str(n), question="What could we do better?") for n, text in enumerate(SAID)]
    first = list(pipeline.analyse(raws))
    kept = [[(one.comment, [(f.start, f.end) for f in one.of("clause")]) for one in first]]
    assert list(pipeline.read_again(kept)) == first
    assert list(pipeline.read_again([[(one.comment, ()) for one in first]])) == first
    stale = [[(Comment(**{**vars_of(one.comment), "language": "fr", "contentless": False}), ()) for one in first]]
    assert list(pipeline.read_again(stale)) == first


def vars_of(comment: Comment) -> dict[str, Any]:
    return {name: getattr(comment, name) for name in comment.__dataclass_fields__}


# The command


def test_the_command_says_what_moved_and_lists_it(tmp_path: Path) -> None:
    db = tmp_path / "x.db"
    with open_store(db) as store:
        add_batch(store, "a.csv", invented()[-6:])

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["reanalyse", "--db", str(db), *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "nothing stored (dry run)" in run("--dry-run")
    both = json.loads(run("--json"))
    assert [(one["scope"], one["comments"]) for one in both] == [("all", 6), ("services", 0)]
    assert "Every comment has been read with the present models" in run()
    assert "Services of 6 comments read again" in run("--only", "services")
    listed = json.loads(run("--list", "--json"))
    assert len(listed) == 5 and listed[-1] == both[0]
    refused = CliRunner().invoke(main, ["reanalyse", "--db", str(db), "--only", "services", "--all"])
    assert refused.exit_code == 2
    missing = CliRunner().invoke(main, ["reanalyse", "--db", str(tmp_path / "none.db")])
    assert (missing.exit_code, "there is no such database" in missing.output) == (1, True)
