"""Why a document differs is told cause by cause: the strategy, the program, what was decided; and that nothing explains it, if so."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from feedback.documents.asked import asked_of
from feedback.documents.packs import make_pack
from feedback.documents.record import Record
from feedback.documents.verify import Verification, verify
from feedback.filters import EVERYTHING, Filters
from feedback.store import Store
from feedback.strategies.versions import adopt, use
from feedback.taxonomy import Taxonomy

TEXT = (Path(__file__).parent / "strategy_2031.yml").read_text(encoding="utf-8")
THEN = datetime(2026, 7, 31, 9, 30, tzinfo=UTC)  # a day before the store's clock
O3 = Filters(objective="O3")


def record(store: Store, taxonomy: Taxonomy, filters: Filters = O3) -> Record:
    return make_pack(store.conn, taxonomy, asked_of(filters), EVERYTHING, now=THEN).record.of_file(store.conn, {})


def checked(store: Store, taxonomy: Taxonomy, then: Record) -> Verification:
    return verify(store.conn, taxonomy, then.of_file(store.conn, {}), EVERYTHING)


def test_a_strategy_no_longer_in_force_is_said_with_both_versions_and_moves_no_figure(
    filled: Store, taxonomy: Taxonomy
) -> None:
    then = record(filled, taxonomy)
    adopt(filled, taxonomy, TEXT, by="A. Planner")
    found = checked(filled, taxonomy, then)
    assert found.holds
    assert found.strategy.startswith(
        "It was made under strategy 2025-2030, which is no longer in force: 2031-2036 is, since 1 August 2026, put in force by A. Planner."
    )
    assert found.reasons == (
        "Strategy 2031-2036 was put in force on 1 August 2026 by A. Planner: charts of values, objectives and statements say so; no "
        "figure differs because of it.",
        "What it says differs in: the chart “For”; the chart “Against”.",
    )
    use(filled, taxonomy, "2025-2030", by="A. Planner")
    assert checked(filled, taxonomy, then).strategy == ""


def test_another_program_is_said_with_both_versions_and_whether_figures_differ_by_it(
    filled: Store, taxonomy: Taxonomy
) -> None:
    then = record(filled, taxonomy)
    older = replace(then, versions={**then.versions, "feedback": "0.1"}, content="another")
    now = then.versions["feedback"]
    assert checked(filled, taxonomy, older).reasons == (
        f"The program is of version {now} now and was of 0.1; no figure differs because of it.",
    )
    other = replace(older, figures={**then.figures, "In numbers | For": "7"})
    assert checked(filled, taxonomy, other).reasons == (
        f"The program is of version {now} now and was of 0.1; the figures differ because of it.",
    )


def test_what_nothing_explains_is_said_with_the_parts_that_differ(filled: Store, taxonomy: Taxonomy) -> None:
    then = record(filled, taxonomy)
    name = "the text under “What cannot be said”"
    assert name in then.parts
    other = replace(then, content="another", parts={**then.parts, name: "another"})
    first, last = checked(filled, taxonomy, other).reasons
    assert (
        "the words, not the figures, differ because the program that writes it was changed under the same version"
        in first
    )
    assert last == f"What it says differs in: {name}."


def test_a_record_made_before_parts_were_kept_still_has_its_seal(filled: Store, taxonomy: Taxonomy) -> None:
    older = replace(record(filled, taxonomy), parts={}).of_file(filled.conn, {})
    assert '"parts"' not in older.as_json()
    assert Record.from_json(older.as_json()).is_sealed_by(filled.conn)
