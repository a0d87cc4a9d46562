"""Safety signals: what must be caught, what only sounds alarming, and what a finding says of itself."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import settings
from feedback.comment import Comment, Finding
from feedback.errors import BadData, BadModel
from feedback.models.guard import load_guard
from feedback.models.reader import load_reader
from feedback.segment import segment
from feedback.tag.signal import (
    HEADS,
    KINDS,
    RULE_SCORE,
    Rules,
    SignalTagger,
    is_flagged,
    kinds_of,
    load_model,
    load_rules,
)
from feedback.taxonomy import load_taxonomy

SAID_OUTRIGHT = {
    "self_harm_suicide": [
        "I want to die.",
        "im gonna kill myself",
        "She swallowed two packets of paracetamol last night.",
    ],
    "abuse_neglect_safeguarding": [
        "A carer punched my brother.",
        "They left her lying in urine all morning.",
        "my boyfriend beats me",
    ],
    "harm_medication_clinical_error": ["They gave me the wrong medication.", "I was sent home without my insulin."],
    "violence_threat": ["Another patient stabbed him with a fork handle.", "I will punch that doctor when I see him."],
    "discrimination_hate": ["The doctor was racist to us.", "They made fun of my disability."],
    "restraint_seclusion_concern": ["My son was held face down on the floor.", "I was locked in a room for hours."],
    "privacy_breach": ["I received another patient's letter.", "They told my employer about my illness."],
    "child_risk": ["The children are left alone all night.", "That little boy has bruises all over his back."],
    "unsafe_environment": ["There is a ligature point in the bathroom.", "The fire exit was padlocked."],
    "deterioration_no_help": [
        "I am getting worse and nobody will help me.",
        "In crisis and the crisis line never answered.",
    ],
    "complaint_intent": ["I wish to complain formally about this clinic.", "I have spoken to a solicitor."],
}
CAN_WAIT = [
    "I was dying for a brew and they made me one.",
    "Getting a space on a Monday was murder.",
    "Nearly died laughing at the porter's jokes.",
    "No complaints at all.",
    "The fitness sheet has photos so you can copy them at home.",
    "Not once did it feel unsafe or rough.",
    "I used to be suicidal but the team saved my life, thank you.",
    "I work as a safeguarding lead and I was impressed by the poster.",
    "Staff handled an aggressive visitor calmly.",
    "The doctor was rude and I felt rushed.",
    "My appointment was cancelled twice.",
    "Food was awful.",
    "The waiting list is far too long.",
    "Lovely staff, cannot fault them.",
    "The nurse could not have been more caring.",
    "Long wait at reception and no one to ask.",
    "The dietitian sat on the floor beside Grandad's bed and they did the crossword.",
    "They count me as one of the team and I change the bag on Sundays.",
    "I like to sleep with the window open and they let me.",
]


TAGGER = SignalTagger()
READER = load_reader(settings.MODELS, load_taxonomy())


def listen(texts):
    readings = READER.read(texts, ["nonspecific"] * len(texts), [segment(text) for text in texts])
    return TAGGER.listen(texts, [reading.vectors[0] for reading in readings])


def tag(comment):
    return TAGGER.tag(comment, segment(comment.text), listen([comment.text])[0])


def signals(text: str) -> list[Finding]:
    return tag(Comment("c1", text))


@pytest.mark.parametrize("kind, text", [(kind, text) for kind, texts in SAID_OUTRIGHT.items() for text in texts])
def test_what_is_said_outright_is_caught_as_its_kind(kind: str, text: str) -> None:
    assert kind in {finding.label for finding in signals(text)}


def test_every_pattern_is_a_regular_expression() -> None:
    rules = load_rules()
    patterns = [p for rule in rules.rules for p in (*rule.patterns, *rule.unless)] + [
        rules.idioms,
        *rules.told.values(),
    ]
    assert len(patterns) > 700
    assert all(p.regex.groups == 0 for p in patterns)


def test_every_kind_of_the_contract_has_rules_and_plain_tests() -> None:
    assert {rule.kind for rule in load_rules().rules} == set(KINDS) == set(SAID_OUTRIGHT)


@pytest.mark.parametrize("text", CAN_WAIT)
def test_idiom_negation_the_settled_and_the_ordinary_raise_nothing(text: str) -> None:
    assert signals(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Off the list because I was in hospital the day of the appointment.",
        "I never have to tell my boss where I go on Fridays.",
        "Letter says I don't meet the threshold.",
        "The blind is broken and there was a month between visits.",
        "Our boy is terrified of needles and she drew him a rocket.",
    ],
)
def test_rules_stay_quiet_on_the_ordinary_grumbles_and_tales_of_a_service(text: str) -> None:
    assert load_rules().hits(text) == []


@pytest.mark.parametrize("text", ["i cant keep myself safe", "I can't keep myself safe", "I CAN’T KEEP MYSELF SAFE!"])
def test_apostrophes_and_capitals_make_no_difference(text: str) -> None:
    assert [(f.label, f.detail) for f in signals(text)] == [("self_harm_suicide", "urgent")]


PLAIN_DANGER = [
    "I feel suicidal.",
    "My husband hits me.",
    "They gave me the wrong tablets.",
    "Mum was left in a wet bed all night.",
    "They held me face down on the floor.",
    "My dad touches me at night.",
    "I took an overdose last night.",
    "Another patient punched me in the face.",
    "Nobody came when I was in crisis.",
]


@pytest.mark.parametrize(
    "praise", ["The staff are lovely.", "Thank you for everything.", "Brilliant.", "Perfect parking."]
)
def test_praise_beside_danger_neither_hides_nor_calms_it(praise: str) -> None:
    texts = [text for danger in PLAIN_DANGER for text in (f"{praise} {danger}", f"{danger} {praise}")]
    assert [t for t in texts if "urgent" not in {f.detail for f in signals(t)}] == []


@pytest.mark.parametrize(
    "text",
    [
        "I was suicidal last year. Thank you. Now I want to die.",
        "I feel suicidal like I was last year. Thank you.",
        "I no longer want to live. Thank you.",
        "A nurse hit me three years ago. Thanks.",
        "Mum was left in a wet bed all night. It was not dealt with properly.",
        "They held me down with no dignity.",
        "The ward is lovely and I am scared of my husband.",
    ],
)
def test_what_is_told_of_now_or_done_by_others_is_not_over(text: str) -> None:
    assert load_rules().hits(text)


@pytest.mark.parametrize(
    "text",
    [
        "I was suicidal last year. The team saved my life. Thank you.",
        "I used to self harm. Now I paint.",
        "They helped me when I wanted to die.",
        "I took an overdose years ago and the team helped me rebuild my life.",
        "They stopped me from ending my life. Thank you.",
        "I was raped years ago and the counsellor gave me my life back.",
        "There was a fight in the lounge and staff dealt with it calmly.",
    ],
)
def test_what_is_over_and_said_to_be_so_fires_no_rule(text: str) -> None:
    assert load_rules().hits(text) == []


@pytest.mark.parametrize(
    "text, kind",
    [
        ("My wife hit me.", "abuse_neglect_safeguarding"),
        ("My mum takes my money.", "abuse_neglect_safeguarding"),
        ("A member of staff touched me and I did not like it.", "abuse_neglect_safeguarding"),
        ("I was raped on the ward.", "abuse_neglect_safeguarding"),
        ("My mum hits me.", "child_risk"),
        ("My uncle touches me.", "child_risk"),
        ("A man online asked my daughter for photos.", "child_risk"),
        ("I have chest pain and can't get an appointment.", "deterioration_no_help"),
        ("My speech is slurred and they sent me away.", "deterioration_no_help"),
        ("My wound is infected and the nurse did not come.", "deterioration_no_help"),
        ("I want to hit the doctor.", "violence_threat"),
        ("I keep thinking about hurting my mum.", "violence_threat"),
        ("I feel like killing him.", "violence_threat"),
        ("She would not treat us because we are Travellers.", "discrimination_hate"),
        ("i wanna die", "self_harm_suicide"),
        ("I might as well be dead.", "self_harm_suicide"),
        ("I am better off dead.", "self_harm_suicide"),
        ("Life is not worth living", "self_harm_suicide"),
        ("No one would miss me.", "self_harm_suicide"),
        ("everyone would be happier if i was gone", "self_harm_suicide"),
        ("I drank bleach.", "self_harm_suicide"),
        ("I'm not safe", "self_harm_suicide"),
        ("I took too many tablets.", "self_harm_suicide"),
    ],
)
def test_plain_danger_is_of_the_kind_that_a_reader_would_name(text: str, kind: str) -> None:
    found = {f.label: f for f in signals(text)}
    assert kind in found and found[kind].by.startswith("rule:") and found[kind].score >= RULE_SCORE
    assert kind == "discrimination_hate" or found[kind].detail == "urgent"


@pytest.mark.parametrize(
    "text",
    [
        "My son hit me for six when he told me.",
        "I was dead on my feet.",
        "I am not safe to drive yet.",
        "We were killing time in the cafe.",
        "My wife beats me at scrabble.",
        "My knee hurts me.",
        "It hurt a little when she took the blood.",
        "The nurse's words touched me.",
        "I was touched by the kindness of a male nurse.",
        "My carer takes my money to the post office and brings the receipt.",
        "I had chest pain and they sent me home after the ECG was clear.",
        "Nobody would miss me at bingo.",
        "I might as well be at home.",
        "My toddler drank bleach and the staff were quick.",
        "I take 12 tablets a day.",
        "I did not feel judged because I am gay.",
        "Rapeseed fields by the clinic are nice.",
        "I burnt my hand on the oven.",
        "I fell in the garden and broke my wrist.",
        "My tablets were ready when I left.",
        "I live on my own so the visits mean a lot.",
        "My daughter was tied up with work.",
        "They killed me with kindness.",
        "I cannot sleep at night for the pain in my knee.",
        "The doctor told me to lose weight and walk more.",
        "Another cancelled appointment.",
        "The line is always engaged.",
        "Never had any worry about abuse or neglect.",
        "There was no sign of any abuse in the home.",
        "I have never thought of harming myself.",
        "I am not at risk of hurting myself.",
        "I have stopped self harming.",
        "I have never felt unsafe or threatened.",
        "My tablets were not ready.",
    ],
)
def test_the_harmless_twins_of_danger_fire_no_rule(text: str) -> None:
    assert load_rules().hits(text) == []


@pytest.mark.parametrize("text", ["I feel like ending it all.", "I tried to hang myself.", "I took all my tablets."])
def test_the_models_do_not_calm_what_a_rule_calls_urgent(text: str) -> None:
    assert [(f.detail, f.score >= RULE_SCORE) for f in signals(text)] == [("urgent", True)]


def test_what_only_a_rule_flags_is_of_its_kind() -> None:
    """The likeliest kind of what the models hear nothing in is anybody's guess: "Another lady's results" was hatred at 0.01."""
    chances = dict.fromkeys(HEADS, 0.01) | {"discrimination_hate": 0.04}
    hits = load_rules().hits("She read us another lady's results.")
    assert kinds_of(hits, chances, load_model().thresholds) == ["privacy_breach"]


def test_what_only_the_models_hear_is_marked_where_an_urgent_rule_fired() -> None:
    text = "The letter was late. I was raped and he threatens me. Parking was hard and nobody told us the way."
    assert {text[f.start : f.end] for f in signals(text)} <= {
        text[a:b] for a, b in segment(text) if "raped" in text[a:b] or "threatens" in text[a:b]
    }


def test_what_is_over_but_goes_on_again_still_counts() -> None:
    over = "I used to be suicidal. The group saved my life, thank you."
    assert signals(over) == []
    assert signals(over + " But I feel suicidal again and nobody answers.")[0].label == "self_harm_suicide"


def test_a_finding_rests_on_its_clause_and_names_its_rule() -> None:
    text = "The garden was nice. I was given the wrong tablets on Monday. Tea was hot."
    (finding,) = signals(text)
    assert text[finding.start : finding.end] == "I was given the wrong tablets on Monday."
    assert (finding.kind, finding.label, finding.by) == (
        "signal",
        "harm_medication_clinical_error",
        "rule:wrong medicine",
    )
    assert finding.detail in ("watch", "urgent") and 0 < finding.score <= 1


def test_the_model_hears_what_no_rule_names_and_says_its_version() -> None:
    text = (
        "Her pills are gone from the drawer and she has written to each of us. Nobody from your team has asked her why."
    )
    findings = signals(text)
    assert load_rules().hits(text) == []
    assert findings and all(f.by == f"{load_model().name}, {load_guard().name}" for f in findings)


def test_the_guard_is_asked_about_some_comments_and_all_come_out_in_order() -> None:
    heard = listen(["Lovely staff.", "I want to die.", "Good parking and warm tea."])
    assert [bool(h.hits) for h in heard] == [False, True, False]
    assert heard[1].chances["flag"] > max(heard[0].chances["flag"], heard[2].chances["flag"])
    assert listen([]) == []


def test_a_breach_and_a_threat_in_one_comment_are_two_findings() -> None:
    text = "The fire exit was padlocked. I will be contacting my solicitor."
    assert {(f.label, text[f.start : f.end]) for f in signals(text)} == {
        ("unsafe_environment", "The fire exit was padlocked."),
        ("complaint_intent", "I will be contacting my solicitor."),
    }


def test_the_model_alone_must_be_surer_of_who_rated_their_care_good_but_a_rule_need_not() -> None:
    thresholds = {"flag": 0.3, "flag_rated_good": 0.7}
    assert is_flagged([], {"flag": 0.5}, thresholds) and is_flagged([], {"flag": 0.5}, thresholds, fft=5)
    assert not is_flagged([], {"flag": 0.5}, thresholds, fft=1) and is_flagged([], {"flag": 0.8}, thresholds, fft=2)
    text = "I want to die."
    assert tag(Comment("c1", text, fft=1))[0].detail == "urgent"


@pytest.mark.parametrize(
    "praise", ["Lovely tea. {} Parking was easy and the room was warm.", "Thank you all. {} I would recommend you."]
)
@pytest.mark.parametrize("danger", [text for texts in SAID_OUTRIGHT.values() for text in texts])
def test_praise_around_it_silences_no_rule(danger, praise) -> None:
    text = praise.format(danger)
    hits = load_rules().hits(text)
    assert hits and listen([text])[0].hits == hits


def test_comments_that_are_not_read_raise_nothing() -> None:
    text = "I want to die."
    assert tag(Comment("c1", text, language="pl")) == []
    assert tag(Comment("c1", text, contentless=True)) == []


ALARMING = "i want to die nurse hit my mum not never wrong tablets locked in 😀 … the letter was sent İ ’ . , ! nobody came fire door 12 solicitor"
WORDS = st.sampled_from(ALARMING.split())


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=25).map(" ".join)))
def test_findings_lie_on_clauses_one_per_kind(text: str) -> None:
    clauses, found = segment(text), signals(text)
    assert all((f.start, f.end) in clauses for f in found)
    assert len({f.label for f in found}) == len(found)
    assert all(f.label in KINDS and 0 <= f.score <= 1 for f in found)


# ---- the language of patterns


def rules_with(tmp_path: Path, pattern: str, **more: object) -> Rules:
    rule = {"name": "r", "kind": "unsafe_environment", "severity": "watch", "any": [pattern], **more}
    path = tmp_path / "signals.yml"
    path.write_text(
        json.dumps(
            {
                "version": "t",
                "groups": {"pet": "cat|old dog"},
                "idioms": ["raining (cats|dogs)"],
                "settled": ["put right"],
                "recovered": ["well again"],
                "praised": ["thanks"],
                "then": ["was"],
                "past": ["saw"],
                "long_ago": ["years ago"],
                "now": ["see"],
                "recent": ["yesterday"],
                "live": ["still"],
                "denied": ["(no|not) ~2 (sign|risk) of"],
                "after_all": ["(but|told)"],
                "rules": [rule],
            }
        )
    )
    return Rules(path)


@pytest.mark.parametrize(
    "pattern, fires, stays_quiet",
    [
        ("wet floor", ["wet floor", "WET, floor"], ["wet. floor", "wet the floor", "wetfloor"]),
        ("wet ~1 floor", ["wet floor", "wet lino floor"], ["wet old lino floor"]),
        ("wet >> fell", ["wet. He fell", "wet fell"], ["fell, wet"]),
        ("slip*", ["slip", "slipped"], ["lip", "eggslip"]),
        ("very? wet", ["wet", "very wet"], ["dry"]),
        ("<n> {pet}", ["two cat", "12 old dog"], ["cat", "a old dog"]),
        ("(no|broken) (rail|hand rail)", ["broken hand rail", "no rail"], ["rail", "no hand"]),
        ("cant walk", ["can't walk", "can’t walk", "cant walk"], ["can walk"]),
    ],
)
def test_patterns_mean_what_the_head_of_the_file_says(
    tmp_path: Path, pattern: str, fires: list[str], stays_quiet: list[str]
) -> None:
    rules = rules_with(tmp_path, pattern)
    assert [text for text in fires + stays_quiet if rules.hits(text)] == fires


def test_idioms_unless_negation_and_the_past_silence_a_rule(tmp_path: Path) -> None:
    assert not rules_with(tmp_path, "cats").hits("It was raining cats.")
    assert not rules_with(tmp_path, "cats", unless=["lovely"]).hits("lovely cats")
    assert rules_with(tmp_path, "cats", unless=["lovely"]).hits("Lovely day. Mad cats.")
    assert not rules_with(tmp_path, "cats", negatable=True).hits("there were never any cats")


@pytest.mark.parametrize(
    "text, fires",
    [
        ("There is no sign of any cats here.", False),
        ("I am not at risk of cats.", False),
        ("I am at risk of cats.", True),
        ("No sign of cats, they told me.", True),
        ("No sign of cats but old dog smell.", True),
        ("There was no risk of it, cats or not.", True),
        ("No sign of the nurse. Cats came.", True),
    ],
)
def test_what_is_denied_just_before_it_fires_no_rule(tmp_path: Path, text: str, fires: bool) -> None:
    assert bool(rules_with(tmp_path, "cats").hits(text)) == fires


@pytest.mark.parametrize(
    "text, state, fires",
    [
        ("cats, thanks", False, True),  # thanks settle nothing
        ("There was a cats. Thanks.", False, True),
        ("There was a cats. Thanks.", True, False),
        ("There was a cats. No thanks.", True, True),
        ("There was a cats yesterday. Thanks.", True, True),
        ("I see cats as there was. Thanks.", True, True),
        ("I see cats. I was here. Thanks.", True, True),
        ("I saw cats. I am well again.", True, False),
        ("I saw cats. I am well again.", False, True),
        ("I saw cats years ago. I am well again.", False, False),
        ("cats, put right", False, False),
        ("cats. It was put right.", False, False),
        ("cats. Nice garden. It was put right.", False, True),
        ("cats, not put right", False, True),
        ("still cats, put right", False, True),
    ],
)
def test_what_is_over_is_told_so_by_its_own_sentence(tmp_path: Path, text: str, state: bool, fires: bool) -> None:
    assert bool(rules_with(tmp_path, "cats", past=True, state=state).hits(text)) == fires


def test_the_words_of_a_match_do_not_settle_it(tmp_path: Path) -> None:
    assert rules_with(tmp_path, "put right cats", past=True).hits("put right cats")


def test_a_short_word_with_any_ending_is_found(tmp_path: Path) -> None:
    assert rules_with(tmp_path, "ask* him").hits("they asked him")


def test_a_word_that_only_ends_like_a_negation_silences_nothing(tmp_path: Path) -> None:
    assert rules_with(tmp_path, "hit me", negatable=True).hits("The other patient hit me")
    assert not rules_with(tmp_path, "hit me", negatable=True).hits("He didn't hit me")


@pytest.mark.parametrize(
    "pattern, says",
    [("(wet", "not closed"), ("wet; floor", "sign"), ("{cow} fell", "unknown group"), ("<n>", "no word")],
)
def test_a_pattern_that_does_not_fit_is_refused_by_name(tmp_path: Path, pattern: str, says: str) -> None:
    with pytest.raises(BadData, match=says):
        rules_with(tmp_path, pattern)


def test_a_rule_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="rule 'r' needs a kind"):
        rules_with(tmp_path, "cats", kind="weather")


# ---- the model's files


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(settings.MODELS / "signal", tmp_path / "signal")
    (tmp_path / "reader").symlink_to(settings.MODELS / "reader")
    return tmp_path


def test_the_shipped_model_loads_and_knows_its_scores(copied: Path) -> None:
    manifest = json.loads((copied / "signal" / "manifest.json").read_text())
    assert load_model(copied).thresholds == manifest["thresholds"]
    assert manifest["scores"]["held_out"]["cases"]["recall"] >= 0.9


def test_a_missing_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"no manifest\.json.*make train"):
        load_model(tmp_path)


def test_weights_that_are_not_the_manifests_are_refused(copied: Path) -> None:
    weights = copied / "signal" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-2] + b"xx")
    with pytest.raises(BadModel, match="not the one its manifest names"):
        load_model(copied)


def test_a_model_for_other_heads_is_refused(copied: Path) -> None:
    path = copied / "signal" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "heads": ["flag", "weather"]}))
    with pytest.raises(BadModel, match="weather"):
        load_model(copied)
