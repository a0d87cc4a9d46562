"""The safety queue by command: listed without words, decided by name, and an upload with undecided flags is not taken back in passing."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from feedback.cli import main
from feedback.store import Store, open_store

ID = "HW-2026-000032:unsafe_environment"


def run(store: Store, *arguments: str) -> Any:
    return CliRunner().invoke(main, [*arguments, "--db", str(store.path)], catch_exceptions=False)


def test_the_list_is_most_serious_first_and_has_words_only_where_they_are_asked_for(filled: Store) -> None:
    plain = run(filled, "signals", "list").output
    assert plain.index(ID) < plain.index("HW-2026-000033:complaint_intent")
    assert "urgent, overdue" in plain and "ward-willow" in plain
    assert "1 comments in other languages wait to be read, 1 of them overdue" in plain
    assert "Dad fell twice" not in plain
    assert "Dad fell twice" in run(filled, "signals", "list", "--words").output
    assert "complaint_intent" not in run(filled, "signals", "list", "--kind", "unsafe_environment").output
    told = json.loads(run(filled, "signals", "list", "--json").output)
    assert (told["held"], [one["id"] for one in told["flags"]]) == (1, [ID, "HW-2026-000033:complaint_intent"])
    assert "Dad fell" not in json.dumps(told)


def test_a_decision_by_command_keeps_the_rules_of_the_page(filled: Store) -> None:
    def decided(*given: str) -> Any:
        return run(filled, "signals", "review", ID, "--by", "A. Nurse", *given)

    assert "Say in the note what was done" in decided("--outcome", "done").output
    refused = decided("--outcome", "escalated")
    assert refused.exit_code == 1 and "--route" in refused.output
    done = decided("--outcome", "escalated", "--route", "complaint", "--why", "Rang Mrs Joan Hartwell on 07700 900123.")
    assert done.output == f"{ID} is escalated, by A. Nurse.\n"
    listed = run(filled, "signals", "list").output
    assert listed.index("Passed on, not yet acknowledged:") < listed.index(ID) and "to complaint" in listed
    told = json.loads(decided("--outcome", "received", "--why", "PALS, on Monday.", "--json").output)
    assert [one["outcome"] for one in told["history"]] == ["escalated", "received"]
    assert "Hartwell" not in str(told) and "900123" not in str(told) and told["history"][0]["by"] == "A. Nurse"
    assert ID not in run(filled, "signals", "list").output


@pytest.mark.parametrize("id", ["HW-2026-000032", "HW-2026-000032:smell", "HW-2026-999999:child_risk"])
def test_a_flag_that_is_not_there_cannot_be_decided_about(filled: Store, id: str) -> None:
    refused = run(filled, "signals", "review", id, "--outcome", "seen", "--by", "Ann")
    assert refused.exit_code == 1 and refused.output.startswith("Error: ")


def test_an_upload_with_undecided_flags_is_not_taken_back_until_somebody_signs_for_them(filled: Store) -> None:
    refused = run(filled, "rollback", "1")
    assert refused.exit_code == 1
    assert "1 urgent and 1 to watch (unsafe environment 1, complaint intent 1)" in refused.output
    assert "--flags-dealt-with" in refused.output
    unsigned = run(filled, "rollback", "1", "--flags-dealt-with")
    assert unsigned.exit_code == 1 and "give a name and a reason" in unsigned.output
    signed = ("--flags-dealt-with", "--by", "A. Manager", "--reason", "Mrs Joan Hartwell asked for it")
    done = run(filled, "rollback", "1", *signed)
    assert done.exit_code == 0 and "went with them: 1 urgent and 1 to watch" in done.output
    batch = next(one for one in json.loads(run(filled, "batches", "--json").output) if one["id"] == 1)
    assert (batch["taken_back"]["by"], batch["taken_back"]["comments"]) == ("A. Manager", 36)
    assert {one["kind"] for one in batch["taken_back"]["flags"]} == {"unsafe_environment", "complaint_intent"}
    with open_store(filled.path) as store:
        assert "Hartwell" not in "\n".join(store.conn.iterdump())
