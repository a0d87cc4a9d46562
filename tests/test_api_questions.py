"""Questions by HTTP: the shape and the figures of each answer, and what a reader with a scope, or without the words, is shown."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import make_app
from api.deps import Reader, current_reader, now
from feedback.filters import EVERYTHING, Scope
from feedback.store import Store
from feedback.taxonomy import Taxonomy

COMMENT = {
    "id", "text", "question", "question_kind", "date", "fft", "language", "translated_from", "flags", "contentless", "respondent", "redactions", "services",
    "segments", "themes", "sentiment", "values", "objectives", "signals", "versions", "citation", "date_precision",
}  # fmt: skip
TOTALS = {
    "comments", "read", "contentless", "other_languages", "respondents", "sentiment", "fft", "first", "last", "undated", "no_service",
    "suppressed",
}  # fmt: skip
TREND = {
    "measure", "phrase", "period", "points", "chart", "chart_reason", "direction", "target", "breaks", "marks", "actions", "variation_icon", "assurance_icon",
    "trial_limits", "rule", "since", "warnings", "sentence", "doubt", "vega",
}  # fmt: skip
POINT = {
    "start", "n", "value", "lower", "upper", "hollow", "suppressed", "gap", "phase", "mean", "lpl", "upl", "rule", "kind", "both_ways", "colour",
}  # fmt: skip
CLAUSE = {
    "citation", "comment", "number", "start", "end", "text", "question", "date", "date_precision", "services", "respondent", "sentiment",
    "polarity", "label", "score", "by", "reason", "before", "after",
}  # fmt: skip
SERVICE = (
    "id", "name", "level", "parent", "county", "locality", "setting", "age_group", "care_type", "status", "source", "note", "unconfirmed",
)  # fmt: skip
EVIDENCE = {
    "kind", "id", "title", "text", "derived", "comments", "respondents", "read", "first", "last", "speaks_for", "against", "both", "neither",
    "services", "by_respondent", "by_month", "adjusted", "quotes_for", "quotes_against", "quotes_both", "typical_for", "typical_against",
    "rule", "weighed", "withheld", "doubt", "doubts", "voices", "looked_for", "apart", "rare", "rare_rule", "silence", "cannot_say", "query", "queries", "versions", "suppressed",
}  # fmt: skip


@pytest.fixture
def client(filled: Store) -> Iterator[TestClient]:
    with TestClient(make_app(filled.path)) as client:
        yield client


def read_as(client: TestClient, scope: Scope, *, may_read: bool = True) -> None:
    """Let the client's next requests be those of another reader."""
    reader = Reader("a lead", scope, may_read)
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]


def get(client: TestClient, path: str, **parameters: Any) -> Any:
    answer = client.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def walk(client: TestClient, path: str, rows: str, **parameters: Any) -> list[Any]:
    """Every row of a list, page by page."""
    found, page = [], get(client, path, **parameters)
    found += page[rows]
    while page["after"] is not None:
        page = get(client, path, after=page["after"], **parameters)
        assert page[rows], "a page that is announced has something on it"
        found += page[rows]
    return found


# Figures


def test_themes_are_counted_once_each_and_by_polarity(client: TestClient) -> None:
    answer = get(client, "/themes", service="podiatry")
    assert answer["read"] == 30
    assert answer["themes"][0] == {
        "id": "staff-manner-personal-attributes",
        "title": "Staff manner & personal attributes",
        "n": 20,
        "positive": 20,
        "negative": 0,
        "mixed": 0,
        "neutral": 0,
        "share": 20 / 30,
        "basis": "read",
        "suppressed": {},
    }


def test_a_trend_is_points_and_a_sentence(client: TestClient) -> None:
    trend = get(client, "/trend", service="podiatry", measure="rate", theme="timeliness-of-care")
    assert trend.keys() == TREND
    assert [point["start"] for point in trend["points"]] == [f"2026-0{month}-01" for month in range(1, 7)]
    assert [point["gap"] for point in trend["points"]] == [False, False, True, False, False, False]
    assert all(point.keys() == POINT for point in trend["points"])
    assert trend["sentence"].startswith("In June 2026, 83% of 6 comments spoke of “Timeliness of care”.")
    assert trend["vega"] is None


def test_a_trend_comes_with_its_chart_when_asked(client: TestClient) -> None:
    spec = get(client, "/trend", service="podiatry", **{"as": "vega"})["vega"]
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert "layer" in spec


def test_silence_lists_services_of_which_too_few_have_spoken(client: TestClient) -> None:
    answer = get(client, "/silence")
    quiet = {row["id"]: row["n"] for row in answer["services"]}
    assert answer["fewer_than"] == 5
    assert "podiatry" not in quiet
    assert quiet["ward-willow"] == 2
    assert {row["id"]: row["n"] for row in answer["groups"]} == {"carer": 1, "relative": 2, "parent": 0, "staff": 0}
    assert "O3" not in {row["id"] for row in answer["parts"]["objectives"]}
    assert {row["id"]: row["n"] for row in answer["parts"]["objectives"]}["O5"] == 1


def test_filters_of_every_kind_narrow_the_same_comments(client: TestClient) -> None:
    def chosen(**filters: str) -> list[str]:
        return [c["id"] for c in get(client, "/comments", limit=500, **filters)["comments"]]

    assert chosen(service="ward-willow") == ["willow-2", "willow-1"]
    assert chosen(theme="parking") == ["evesham-1"]
    assert chosen(value="empowering") == ["therapies-1"]
    assert chosen(objective="O5") == ["evesham-1"]
    assert len(chosen(statement="O3.W5")) == 15
    assert chosen(sentiment="mixed", service="ward-willow") == ["willow-1"]
    assert chosen(objective="O2", polarity="-") == ["willow-2"]
    assert chosen(respondent="carer") == ["evesham-1"]
    assert chosen(search='"nobody came"') == ["willow-2"]
    assert chosen(signal="complaint_intent") == ["evesham-1"]
    assert chosen(language="pl") == ["polish-1"]
    assert chosen(batch="2") == ["polish-1", "none-1"]
    assert chosen(service="Patient Transport") == ["transport-1"]
    assert chosen(**{"from": "2026-06-20", "to": "2026-06-21"}) == ["evesham-1", "willow-2"]


def test_empty_fields_of_a_form_are_no_filters(client: TestClient) -> None:
    empty = dict.fromkeys(("service", "theme", "sentiment", "county", "from", "to", "search", "batch"), "")
    assert get(client, "/themes", **empty)["read"] == get(client, "/themes")["read"] == 36


# Services


def test_the_tree_counts_a_comment_in_every_service_above_it_once(client: TestClient, taxonomy: Taxonomy) -> None:
    rows = {row["id"]: row for row in get(client, "/services")["services"]}
    assert rows.keys() == taxonomy.services.keys()
    podiatry = taxonomy.services["podiatry"]
    assert rows["podiatry"] == {
        "id": "podiatry",
        "title": podiatry.name,
        "parent": podiatry.parent,
        "depth": len(taxonomy.ancestors("podiatry")),
        "unconfirmed": podiatry.unconfirmed,
        "n": 30,
        "positive": 15,
        "neutral": 0,
        "negative": 10,
        "mixed": 5,
        "suppressed": {},
    }
    assert rows[podiatry.parent]["n"] >= 30


def test_names_that_the_directory_does_not_know_are_listed_with_counts(client: TestClient) -> None:
    (row,) = get(client, "/services/unresolved")["unresolved"]
    guesses = row.pop("guesses")
    assert row == {"text": "Journeys / Patient Transport", "n": 1, "suppressed": {}}
    assert guesses[0] == {"id": "ext-patient-transport", "title": "Non-emergency patient transport", "score": 0.9}


def test_a_teams_page_comes_in_one_call(client: TestClient, taxonomy: Taxonomy) -> None:
    summary = get(client, "/services/ward-willow/summary")
    own = taxonomy.services["ward-willow"]
    assert summary["service"] == {name: getattr(own, name) for name in SERVICE} | {"programmes": list(own.programmes)}
    assert summary["totals"] == {
        "comments": 2,
        "read": 2,
        "contentless": 0,
        "other_languages": 0,
        "respondents": 2,
        "sentiment": {"positive": 0, "neutral": 0, "negative": 1, "mixed": 1},
        "fft": {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1, "6": 0},
        "first": "2026-05-09",
        "last": "2026-06-20",
        "undated": 0,
        "no_service": 0,
        "suppressed": {},
    }
    assert summary["trend"].keys() == TREND
    assert [row["id"] for row in summary["below"]] == ["ward-willow"]
    assert {row["id"]: row["n"] for row in summary["respondents"]}["relative"] == 2
    assert [clause["text"] for clause in summary["praised"]] == ["Sister made it right at once."]
    assert summary["to_mend"][0].keys() == CLAUSE
    assert [signal["id"] for signal in summary["cannot_wait"]["signals"]] == ["willow-2:unsafe_environment"]
    assert {len(summary["values"]), len(summary["objectives"])} == {5}


def test_a_services_themes_and_trend_are_those_under_its_filter(client: TestClient) -> None:
    assert get(client, "/services/podiatry/themes") == get(client, "/themes", service="podiatry")
    assert get(client, "/services/podiatry/trend", period="quarter") == get(
        client, "/trend", service="podiatry", period="quarter"
    )


# Strategy


def test_values_say_where_they_were_lived_and_where_not(client: TestClient, taxonomy: Taxonomy) -> None:
    answer = get(client, "/values")
    assert answer["read"] == 36
    assert [row["id"] for row in answer["values"]] == list(taxonomy.values)
    responsive = next(row for row in answer["values"] if row["id"] == "responsive")
    assert responsive == {
        "id": "responsive",
        "title": taxonomy.values["responsive"].name,
        "definition": taxonomy.values["responsive"].definition,
        "n": 16,
        "positive": 1,
        "negative": 15,
        "mixed": 0,
        "neutral": 0,
        "share": 16 / 36,
        "basis": "read",
        "allowing": None,
        "doubt": "",
        "doubts": {},
        "suppressed": {},
    }


def test_objectives_come_with_their_statements(client: TestClient, taxonomy: Taxonomy) -> None:
    answer = get(client, "/objectives")
    third = next(row for row in answer["objectives"] if row["id"] == "O3")
    assert (answer["version"], third["n"], third["negative"]) == (taxonomy.versions["strategy"], 15, 15)
    # Of some the reader knows too few examples to look for them: no count is no zero.
    unlooked = ("O3.W1", "O3.W3", "O3.W4", "O3.W6", "O3.G1", "O3.G2", "O3.G4")
    assert {row["id"]: row["n"] for row in third["statements"]} == dict.fromkeys(
        taxonomy.objectives["O3"].statements, 0
    ) | {"O3.W5": 15} | dict.fromkeys(unlooked)


@pytest.mark.parametrize("path", ["/objectives/O3", "/values/responsive", "/statements/O3.W5"])
def test_evidence_has_the_numbers_and_the_words(client: TestClient, path: str) -> None:
    found = get(client, f"{path}/evidence", service="podiatry")
    assert found.keys() == EVIDENCE
    assert (found["comments"], found["read"], found["against"]["n"], found["speaks_for"]["n"]) == (15, 30, 15, 0)
    assert [quote["text"] for quote in found["quotes_against"]] == ["I waited five months to be seen."]
    assert found["quotes_against"][0].keys() == CLAUSE
    assert sum(month["code_n"] for month in found["by_month"]) == 15
    assert found["query"]["service"] == "podiatry"
    assert found["versions"] == {"reader": "1.0", "themes": "7"}


def test_every_count_of_the_evidence_comes_with_the_filters_that_list_its_comments(client: TestClient) -> None:
    for path in (
        "/objectives/O2",
        "/values/responsive",
        "/outcomes/P1",
        "/supporting-strategies/SS6",
        "/programmes/CHT",
    ):
        found = get(client, f"{path}/evidence")
        assert found["comments"] > 0

        def listed(name: str, found: Any = found, **row: str) -> int:
            asked = {key: value.format(**row) if row else value for key, value in found["queries"][name].items()}
            return len(walk(client, "/comments", "comments", **asked))

        assert listed("comments") == found["comments"]
        assert listed("read") == found["read"]
        sides = ("speaks_for", "against", "both", "neither")
        assert [listed(side) for side in sides] == [found[side]["n"] for side in sides]
        assert sum(found[side]["n"] for side in sides) == found["comments"]
        for row in found["services"]:
            assert listed("services", id=row["id"]) == row["n"]
        for row in found["by_respondent"]:
            assert listed("by_respondent", id=row["id"]) == row["n"]
        month = next(row for row in found["by_month"] if row["code_n"])
        days = {"from": month["start"], "to": f"{month['start'][:8]}28"}  # nobody in the store spoke later in a month
        counts = ("n", "code_n", "code_positive", "code_negative")
        assert [listed(f"by_month.{name}", **days) for name in counts] == [month[name] for name in counts]


def test_a_citation_opens_the_words_as_they_are_stored(client: TestClient) -> None:
    found = get(client, "/citations/HW-2026-000031.2")
    assert (found["text"], found["clause"], found["month"]) == ("Sister made it right at once.", 2, "2026-05")
    assert (found["services"], found["respondent"], found["since"]) == (["ward-willow"], "relative", [])
    assert {(r["kind"], r["label"], r["polarity"], r["by"]) for r in found["reasons"]} == {
        ("clause", "positive", "+", "reader 1.0"),
        ("theme", "staff-manner-personal-attributes", "+", "reader 1.0"),
        ("value", "responsive", "+", "reader 1.0"),
    }
    assert found["link"] == "/c/HW-2026-000031.2"
    answer = client.get("/api/v1/citations/HW-2026-009999.1")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "There is no comment HW-2026-009999 that you may see.",
    )


def test_a_programme_compares_before_and_after_its_milestones(client: TestClient) -> None:
    found = get(client, "/programmes/PRIO-104W")
    assert {row["id"] for row in found["objective_counts"]} == {"O3", "O2"}
    assert get(client, "/programmes/MHR")["steps"][0]["due"]["derived"] is True


def test_a_programme_shows_the_services_it_touches(client: TestClient, taxonomy: Taxonomy) -> None:
    rows = get(client, "/programmes")["programmes"]
    assert [row["id"] for row in rows] == list(taxonomy.programmes)
    busiest = max(rows, key=lambda row: row["n"])
    detail = get(client, f"/programmes/{busiest['id']}")
    plan = taxonomy.programmes[busiest["id"]]
    assert detail["totals"].keys() == TOTALS
    assert detail["totals"]["comments"] == busiest["n"] > 0
    assert {row["id"] for row in detail["services"]} == taxonomy.programme_services(plan.id)
    assert [m["id"] for m in detail["milestones"]] == [m.id for m in plan.milestones]
    assert detail["summary"] == plan.summary


# Words


def test_a_comment_has_the_shape_of_the_contract(client: TestClient) -> None:
    comment = get(client, "/comments/willow-1")
    explanation = comment.pop("explanation")
    assert comment.keys() == COMMENT
    assert comment["services"] == [
        {"id": "ward-willow", "role": "subject", "score": 1.0, "start": 0, "end": 0, "by": "metadata"}
    ]
    assert comment["sentiment"] == {"label": "positive", "scale": 2, "score": 0.9, "mixed": True, "by": "reader 1.0"}
    assert [part["sentiment"] for part in comment["segments"]] == ["negative", "positive"]
    assert {
        "kind": "theme",
        "label": "food-drink-provision-facilities",
        "title": "Food & drink provision & facilities",
        "polarity": "-",
        "score": 0.9,
        "words": "Supper was cold again.",
        "start": 0,
        "end": 22,
        "by": "reader 1.0",
        "detail": "",
    } in explanation


def test_a_citation_leads_to_its_comment(client: TestClient) -> None:
    comment = get(client, "/comments/willow-1")
    assert get(client, f"/comments/{comment['citation']}") == comment
    assert get(client, f"/comments/{comment['citation']}.2") == comment


@pytest.mark.parametrize("limit", [1, 7, 38, 500])
def test_pages_of_comments_hold_each_comment_once(client: TestClient, limit: int) -> None:
    rows = walk(client, "/comments", "comments", limit=limit)
    assert len(rows) == 38
    assert len({row["id"] for row in rows}) == 38
    assert [row["date"] or "" for row in rows] == sorted((row["date"] or "" for row in rows), reverse=True)


def test_clauses_come_most_negative_first_with_their_citations(client: TestClient) -> None:
    rows = get(client, "/clauses", theme="timeliness-of-care", order="negative", limit=3)["clauses"]
    assert all(row.keys() == CLAUSE for row in rows)
    assert {row["polarity"] for row in rows} == {"-"}
    assert all(row["citation"].endswith(f".{row['number']}") for row in rows)


# What people decide


def test_a_correction_outranks_the_machine_and_is_signed(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/comments/evesham-1/corrections",
        json={"kind": "theme", "label": "food-drink-provision-facilities", "polarity": "-", "start": 0, "end": 26},
    )
    assert answer.status_code == 201
    assert answer.json()["themes"][-1] == {
        "id": "food-drink-provision-facilities",
        "score": 1.0,
        "sentiment": "negative",
        "start": 0,
        "end": 26,
        "by": "person:local",
    }
    denied = client.post(
        "/api/v1/comments/evesham-1/corrections", json={"kind": "theme", "label": "parking", "so": False}
    ).json()
    assert [theme["id"] for theme in denied["themes"]] == ["food-drink-provision-facilities"]


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        (
            {"kind": "sentiment", "label": "negative", "scale": 5},
            "sentiment",
            {"label": "negative", "scale": 5, "score": 1.0, "mixed": False, "by": "person:local"},
        ),
        (
            {"kind": "sentiment", "label": "positive"},
            "sentiment",
            {"label": "positive", "scale": 2, "score": 1.0, "mixed": False, "by": "person:local"},
        ),
        (
            {"kind": "respondent", "label": "parent"},
            "respondent",
            {"type": "parent", "score": 1.0, "by": "person:local"},
        ),
        ({"kind": "value", "label": "responsive", "so": False}, "values", []),
        (
            {"kind": "signal", "label": "privacy_breach", "severity": "urgent"},
            "signals",
            [
                {
                    "kind": "privacy_breach",
                    "severity": "urgent",
                    "score": 1.0,
                    "start": 0,
                    "end": 28,
                    "by": "person:local",
                },
            ],
        ),
    ],
)
def test_every_kind_of_finding_can_be_corrected(
    client: TestClient, said: dict[str, Any], field: str, value: object
) -> None:
    assert client.post("/api/v1/comments/transport-1/corrections", json=said).json()[field] == value


def test_a_comment_that_a_person_calls_mixed_is_counted_so(client: TestClient) -> None:
    said = {"kind": "sentiment", "label": "neutral", "polarity": "~"}
    assert client.post("/api/v1/comments/transport-1/corrections", json=said).status_code == 201
    mixed = get(client, "/comments", sentiment="mixed", **{"from": "2026-07-01"})["comments"]
    assert [comment["id"] for comment in mixed] == ["transport-1"]


def test_a_service_can_be_corrected_and_the_comment_moves_there(client: TestClient) -> None:
    said = {"kind": "service", "label": "ward-willow"}
    moved = client.post("/api/v1/comments/transport-1/corrections", json=said).json()
    assert [(service["id"], service["role"]) for service in moved["services"]] == [("ward-willow", "subject")]
    assert len(get(client, "/comments", service="ward-willow")["comments"]) == 3


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"kind": "theme", "label": "parkin", "polarity": "-"}, 404),
        ({"kind": "service", "label": "nowhere"}, 404),
        ({"kind": "theme", "label": "parking"}, 400),
        ({"kind": "sentiment", "label": "angry"}, 400),
        ({"kind": "signal", "label": "smell"}, 400),
        ({"kind": "respondent", "label": "dog"}, 400),
        ({"kind": "theme", "label": "parking", "polarity": "-", "start": 0, "end": 9999}, 400),
        ({"kind": "clause", "label": "positive"}, 422),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(client: TestClient, said: dict[str, Any], status: int) -> None:
    before = get(client, "/comments/evesham-1")
    answer = client.post("/api/v1/comments/evesham-1/corrections", json=said)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert get(client, "/comments/evesham-1") == before


def test_the_safety_queue_is_urgent_first_and_signed_off_by_a_person(client: TestClient) -> None:
    queue = get(client, "/signals")
    assert [signal["id"] for signal in queue["signals"]] == [
        "willow-2:unsafe_environment",
        "evesham-1:complaint_intent",
    ]
    assert queue["signals"][0] == {
        "id": "willow-2:unsafe_environment",
        "comment": "willow-2",
        "citation": "HW-2026-000032",
        "kind": "unsafe_environment",
        "severity": "urgent",
        "score": 0.8,
        "start": 0,
        "end": 44,
        "text": "Dad fell twice in the night and nobody came.",
        "by": "rule:signal",
        "date": "2026-06-20",
        "services": ["ward-willow"],
        "stored_at": "2026-08-01T12:00:00+00:00",
        "raised_at": "2026-08-01T12:00:00+00:00",
        "due": "2026-08-04T00:00:00Z",
        "overdue": queue["signals"][0]["overdue"],
        "state": "new",
        "raised": True,
        "review": None,
    }
    answer = client.post(
        "/api/v1/signals/willow-2:unsafe_environment/review",
        json={"outcome": "escalated", "note": "Matron rang.", "route": "patient_safety_event", "reference": "W12345"},
    )
    assert (answer.status_code, answer.content) == (204, b"")
    (review,) = get(client, "/signals/willow-2:unsafe_environment")["history"]
    assert (review["outcome"], review["note"], review["by"]) == ("escalated", "Matron rang.", "local")
    assert (review["route"], review["reference"]) == ("patient_safety_event", "W12345")
    assert [signal["comment"] for signal in get(client, "/signals", open=True)["signals"]] == ["evesham-1"]


def test_a_decision_over_http_is_signed_by_whoever_says_so_unless_the_reader_is_known(client: TestClient) -> None:
    address = "/api/v1/signals/willow-2:unsafe_environment/review"
    client.post(address, json={"outcome": "seen", "by": " A. Reviewer "})
    client.app.dependency_overrides[current_reader] = lambda: Reader("B. Known", EVERYTHING, may_read=True)  # type: ignore[attr-defined]
    client.post(address, json={"outcome": "seen", "by": "A. Reviewer"})
    past = get(client, "/signals/willow-2:unsafe_environment")["history"]
    assert [one["by"] for one in past] == ["A. Reviewer", "B. Known"]


def test_a_decision_over_http_is_refused_in_the_words_of_the_command_and_may_give_its_why(client: TestClient) -> None:
    address = "/api/v1/signals/willow-2:unsafe_environment/review"
    nowhere = client.post(address, json={"outcome": "escalated", "by": "A. Nurse"}).json()["detail"]
    unsigned = client.post(address, json={"outcome": "done", "by": "   ", "note": "Rang."}).json()["detail"]
    assert "Say where it was passed on" in nowhere and "patient_safety_event" in nowhere
    assert "A decision is signed" in unsigned
    client.post(address, json={"outcome": "done", "by": "A. Nurse", "why": "Rang the ward."})
    (review,) = get(client, "/signals/willow-2:unsafe_environment")["history"]
    assert (review["outcome"], review["note"], review["by"]) == ("done", "Rang the ward.", "A. Nurse")


def test_a_queue_that_is_cut_short_says_so(client: TestClient) -> None:
    assert [get(client, "/signals", limit=n)["more"] for n in (1, 2)] == [True, False]


def test_the_queue_is_paged_and_asked_by_state_and_by_what_is_due(client: TestClient) -> None:
    client.app.dependency_overrides[now] = lambda: datetime(2026, 8, 5, 9, tzinfo=UTC)  # type: ignore[attr-defined]
    both = ["willow-2:unsafe_environment", "evesham-1:complaint_intent"]
    assert [signal["id"] for signal in walk(client, "/signals", "signals", limit=1)] == both
    assert [signal["id"] for signal in get(client, "/signals", due="overdue")["signals"]] == both[:1]
    assert [signal["id"] for signal in get(client, "/signals", due="in_time")["signals"]] == both[1:]
    client.post(f"/api/v1/signals/{both[0]}/review", json={"outcome": "seen"})
    assert [signal["id"] for signal in get(client, "/signals", states="seen,done")["signals"]] == both[:1]
    assert [signal["id"] for signal in get(client, "/signals", open=True)["signals"]] == both
    assert client.get("/api/v1/signals", params={"states": "asleep"}).status_code == 400
    assert client.get("/api/v1/signals", params={"after": "x"}).status_code == 400


@pytest.mark.parametrize(
    "decision",
    [
        {"outcome": "not_a_concern"},
        {"outcome": "done", "note": " "},
        {"outcome": "reopened", "note": "Again."},
        {"outcome": "seen", "route": "complaint"},
        {"outcome": "escalated", "by": "A. Nurse"},
        {"outcome": "done", "by": "   ", "note": "Rang them."},
        {"outcome": "escalated", "route": "the moon"},
        {"outcome": "escalated", "route": "none"},
        {"outcome": "escalated", "route": "complaint", "reference": "9434765919"},
        {"outcome": "escalated", "route": "complaint", "reference": "Joan Hartwell"},
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(client: TestClient, decision: dict[str, Any]) -> None:
    answer = client.post("/api/v1/signals/willow-2:unsafe_environment/review", json=decision)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert get(client, "/signals/willow-2:unsafe_environment")["history"] == []


def test_the_digest_counts_without_words_and_hides_small_counts_from_a_reader_of_figures(client: TestClient) -> None:
    found = get(client, "/signals/digest", since="2026-07-30")
    assert (found["total"]["n"], found["total"]["new"], found["total"]["open"], found["held"]) == (2, 2, 2, 1)
    assert [line["citation"] for line in found["flags"]] == ["HW-2026-000032", "HW-2026-000033"]
    assert "Dad fell" not in str(found)
    read_as(client, EVERYTHING, may_read=False)
    hidden = get(client, "/signals/digest", since="2026-07-30")
    assert (hidden["total"]["n"], hidden["held"], hidden["flags"], hidden["missed"]) == (None, None, [], None)
    assert {row["n"] for table in ("by_kind", "by_severity", "by_service") for row in hidden[table]} == {None}
    assert hidden["suppressed"] == {"held": "fewer than 5"}


@pytest.mark.parametrize(
    "id", ["willow-2", "willow-2:smell", "nobody:unsafe_environment", "willow-1:unsafe_environment"]
)
def test_a_signal_that_is_not_there_cannot_be_reviewed(client: TestClient, id: str) -> None:
    assert client.post(f"/api/v1/signals/{id}/review", json={"outcome": "seen"}).status_code == 404


# A reader with a scope


@pytest.fixture
def lead(client: TestClient, taxonomy: Taxonomy) -> TestClient:
    """A client that may see podiatry alone."""
    read_as(client, Scope.of(taxonomy, ["podiatry"]))
    return client


@pytest.mark.parametrize(
    "path",
    [
        "/comments/willow-1",
        "/comments/HW-2026-000032",
        "/comments/transport-1",
        "/services/ward-willow/summary",
        "/services/ward-willow/themes",
        "/services/ward-willow/trend",
        "/themes?service=ward-willow",
        "/comments?service=ward-willow",
        "/actions?service=ward-willow",
    ],
)
def test_another_services_comments_are_not_there_for_a_lead(lead: TestClient, path: str) -> None:
    answer = lead.get(f"/api/v1{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_lead_is_refused_decisions_on_another_services_comments(lead: TestClient) -> None:
    correction = {"kind": "respondent", "label": "carer"}
    assert lead.post("/api/v1/comments/willow-1/corrections", json=correction).status_code == 404
    assert lead.post("/api/v1/signals/willow-2:unsafe_environment/review", json={"outcome": "seen"}).status_code == 404
    action = {"service": "ward-willow", "you_said": "a", "we_did": "b", "date": "2026-07-01", "owner": "c"}
    assert lead.post("/api/v1/actions", json=action).status_code == 404


def test_every_figure_of_a_lead_is_of_their_own_comments(lead: TestClient, taxonomy: Taxonomy) -> None:
    own = {f"pod-{month}-{n}" for month in (1, 2, 4, 5, 6) for n in range(6)}
    assert {comment["id"] for comment in walk(lead, "/comments", "comments")} == own
    assert {clause["comment"] for clause in get(lead, "/clauses", limit=500)["clauses"]} <= own
    assert get(lead, "/themes")["read"] == 30
    assert {row["id"] for row in get(lead, "/services")["services"]} == taxonomy.below("podiatry")
    assert {row["id"] for row in get(lead, "/silence")["services"]} <= taxonomy.below("podiatry")
    assert get(lead, "/services/unresolved")["unresolved"] == []
    assert get(lead, "/values")["read"] == get(lead, "/objectives")["read"] == 30
    assert get(lead, "/objectives/O2/evidence")["against"]["n"] == 0
    assert get(lead, "/signals")["signals"] == []
    assert sum(point["n"] for point in get(lead, "/trend")["points"]) == 30
    assert max(row["n"] for row in get(lead, "/programmes")["programmes"]) <= 30


def test_uploads_are_not_for_a_lead_because_they_hold_comments_on_any_service(lead: TestClient) -> None:
    for answer in (
        lead.get("/api/v1/batches"),
        lead.get("/api/v1/batches/1"),
        lead.get("/api/v1/batches/1/rejects.csv"),
        lead.delete("/api/v1/batches/1"),
        lead.post("/api/v1/batches", files={"file": ("a.csv", b"comment\nFine.\n")}),
    ):
        assert answer.status_code == 403


# A reader who may not read the words


@pytest.fixture
def board(client: TestClient) -> TestClient:
    """A client that sees figures of everything and no words."""
    read_as(client, EVERYTHING, may_read=False)
    return client


def test_words_are_refused_to_one_who_may_see_figures_alone(board: TestClient) -> None:
    for path in ("/comments", "/comments/pod-1-0", "/clauses", "/signals"):
        assert board.get(f"/api/v1{path}").status_code == 403
    assert board.post("/api/v1/tag", json={"comments": [{"text": "Kind."}]}).status_code == 403
    assert (
        board.post("/api/v1/comments/pod-1-0/corrections", json={"kind": "respondent", "label": "carer"}).status_code
        == 403
    )
    assert board.post("/api/v1/signals/willow-2:unsafe_environment/review", json={"outcome": "seen"}).status_code == 403


def test_small_counts_are_hidden_and_say_so(board: TestClient) -> None:
    rows = {row["id"]: row for row in get(board, "/themes")["themes"]}
    assert (rows["parking"]["n"], rows["parking"]["positive"], rows["parking"]["share"]) == (None, None, None)
    assert rows["parking"]["suppressed"] == dict.fromkeys(
        ("n", "share", "positive", "neutral", "negative", "mixed"), "fewer than 5"
    )
    assert rows["staff-manner-personal-attributes"]["n"] == 21
    assert (rows["discharge"]["n"], rows["discharge"]["suppressed"]) == (0, {})


def test_no_words_and_no_small_counts_are_in_a_summary(board: TestClient) -> None:
    summary = get(board, "/services/ward-willow/summary")
    assert (summary["praised"], summary["to_mend"], summary["cannot_wait"]) == ([], [], None)
    assert summary["totals"]["comments"] is summary["totals"]["first"] is None
    assert "Sister" not in str(summary)
    assert {row["n"] for row in summary["respondents"]} == {None, 0}
    assert all(point["n"] in (None, 0) for point in summary["trend"]["points"])


def test_evidence_is_shown_without_words_and_without_small_sides(board: TestClient) -> None:
    found = get(board, "/values/responsive/evidence")
    assert (found["quotes_for"], found["quotes_against"]) == ([], [])
    assert (found["comments"], found["speaks_for"], found["against"]) == (16, None, None)
    assert found["suppressed"] == {
        "speaks_for": "fewer than 5",
        "against": "it would show another that is hidden",
        "adjusted": "fewer than 5",
    }
    assert (found["adjusted"], found["rare"], found["typical_for"], found["quotes_both"]) == ([], [], [], [])
    few = get(board, "/objectives/O4/evidence")
    assert (few["comments"], few["first"]) == (None, None)
    assert few["cannot_say"] == ["The number of comments is hidden: fewer than 5."]
