"""What findings mean under another strategy follows from rules, and a person's word outranks them. Every finding here is invented."""

from feedback.comment import Finding
from feedback.strategies.remap import RULE_TRUST, Rule, Rules, remap

KIND = Rule("value", "kind", codes=(("value", "warm"), ("value", "patient")))
FAIR = Rule("value", "fair", codes=(("value", "just"),), carries=True)
SOON = Rule("objective", "A", codes=(("objective", "B"),), only_with=("waiting",))
PLACES = Rule("objective", "P", themes=("food",))
LATER = Rule("objective", "Z")
SHORTER = Rule("statement", "A.W1", codes=(("statement", "B.W4"),))
RULES = Rules(
    "new",
    "old",
    (KIND, FAIR, SOON, PLACES, LATER, SHORTER),
    {"food": ("P.W2", "P.W1")},
    {"A.W1": "A", "P.W1": "P", "P.W2": "P"},
)


def found(kind: str, label: str, polarity: str, score: float = 0.8, start: int = 0, by: str = "reader 9") -> Finding:
    return Finding(kind, label, polarity, score, start, start + 10, by)  # type: ignore[arg-type]


def test_one_code_under_another_name_is_carried_with_a_persons_name() -> None:
    said = found("value", "just", "-", 1.0, by="person:A. Reader")
    assert remap([said], RULES) == [Finding("value", "fair", "-", 1.0, 0, 10, "person:A. Reader")]


def test_codes_that_are_merged_make_one_finding_on_both_sides() -> None:
    merged = remap([found("value", "warm", "+", 0.9), found("value", "patient", "-", 0.6, start=20)], RULES)
    assert merged == [Finding("value", "kind", "~", 0.9, 0, 30, "reader 9 from warm")]


def test_a_persons_name_is_not_put_to_a_part_that_person_did_not_speak_of() -> None:
    (merged,) = remap([found("value", "warm", "+", 1.0, by="person:A. Reader")], RULES)
    assert merged.by == "rule:from warm"


def test_a_part_of_a_code_needs_a_theme_that_is_not_on_the_other_side() -> None:
    code = found("objective", "B", "-", 0.9)
    assert remap([code], RULES) == []
    assert remap([code, found("theme", "waiting", "+")], RULES) == []
    (split,) = remap([code, found("theme", "waiting", "-", 0.5, start=40)], RULES)
    assert split == Finding("objective", "A", "-", 0.45, 40, 50, "rule:B with waiting")


def test_what_rests_on_a_theme_alone_is_marked_and_trusted_less() -> None:
    (by_rule, *statements) = remap([found("theme", "food", "-", 0.8)], RULES)
    assert by_rule == Finding("objective", "P", "-", 0.8 * RULE_TRUST, 0, 10, "rule:theme food")
    assert [(f.label, f.by) for f in statements] == [("P.W2", "rule:crosswalk food"), ("P.W1", "rule:crosswalk food")]


def test_a_theme_without_a_side_is_evidence_for_nothing() -> None:
    assert remap([found("theme", "food", "0")], RULES) == []


def test_a_statement_is_found_only_with_its_objective() -> None:
    statement = found("statement", "B.W4", "-")
    assert remap([statement], RULES) == []
    labels = {f.label for f in remap([statement, found("objective", "B", "-"), found("theme", "waiting", "-")], RULES)}
    assert labels == {"A", "A.W1"}


def test_what_people_say_under_the_new_strategy_outranks_the_rules() -> None:
    theme = found("theme", "food", "-")
    denied = found("objective", "P", "0", 0.0, by="person:A. Reader")
    assert remap([theme], RULES, [denied]) == []
    raised = found("objective", "Z", "+", 1.0, by="person:A. Reader")
    assert remap([], RULES, [raised]) == [raised]


def test_each_part_says_how_it_is_found() -> None:
    assert [(rule.id, rule.basis) for rule in RULES.rules] == [
        ("kind", "read"),
        ("fair", "read"),
        ("A", "part"),
        ("P", "rule"),
        ("Z", "unread"),
        ("A.W1", "read"),
    ]
    assert [RULES.basis("statement", id) for id in ("A.W1", "P.W1")] == ["read", "rule"]


def test_rules_come_back_from_their_record_as_they_were() -> None:
    assert Rules.of(RULES.as_record()) == RULES
