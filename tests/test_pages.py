"""The pages as a reader meets them: what each must say, what it must never say, and where every link leads."""

import html
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from conftest import FOOD, MANNER, PARKING, WAIT, add_batch, analysed, invented
from fastapi.testclient import TestClient
from httpx import Response

from api.app import make_app
from api.deps import Reader, current_reader, now
from api.pages import about, comments, links, remembered
from feedback.accuracy.ledger import Answer as LedgerAnswer
from feedback.accuracy.ledger import draw as draw_ledger
from feedback.accuracy.ledger import keep as keep_ledger
from feedback.comment import Finding
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.trend import asked_trend
from feedback.store import Store
from feedback.stored import Notice, Part
from feedback.taxonomy import Taxonomy, load_taxonomy

PAGES = [
    "/",
    "/services",
    "/services/podiatry",
    "/services/dir-corporate",
    "/services/ward-willow",
    "/services/names",
    "/services/disagreements",
    "/themes",
    "/themes/parking",
    "/themes/labelling-not-possible",
    "/objectives",
    "/objectives/O3",
    "/values/responsive",
    "/statements/O3.W5",
    "/statements/P1",
    "/outcomes/P2",
    "/supporting-strategies/SS6",
    "/silence",
    "/c/HW-2026-000031.2",
    "/programmes",
    "/programmes/CHT",
    "/programmes/PRIO-PSY",
    "/programmes/PRIO-PSY/evidence",
    "/comments",
    "/comments?order=negative",
    "/comments?theme=parking&polarity=-",
    "/comments/willow-1",
    "/signals",
    "/signals?show=all",
    "/signals/digest",
    "/signals/samples",
    "/translations",
    "/comments/polish-1/translation",
    "/comments/polish-1",
    "/signals/HW-2026-000032/unsafe_environment",
    "/actions",
    "/actions?show=overdue&service=podiatry",
    "/actions/new?service=podiatry&theme=parking",
    "/batches",
    "/batches/1",
    "/batches/1/take-back",
    "/summary",
    "/summary?show=themes",
    "/changes",
    "/changes?service=talking-therapies",
    "/subscriptions",
    "/reports",
    "/erase",
    "/about",
]
PATIENCE = 120.0  # seconds for the pipeline to load and a small file to be read, on a busy machine


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text outside of drawings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._drawing = 0
        self.feed(page)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._drawing += tag == "svg"
        self.text += " " if tag in ("td", "th", "dt", "dd", "li", "p", "h3") else ""

    def handle_endtag(self, tag: str) -> None:
        self._drawing -= tag == "svg"

    def handle_data(self, data: str) -> None:
        if not self._drawing:
            self.text += data

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.found if name in attrs]


@pytest.fixture
def client(filled: Store) -> Iterator[TestClient]:
    with TestClient(make_app(filled.path), follow_redirects=False) as client:
        yield client


def reading_as(client: TestClient, reader: Reader) -> TestClient:
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]
    return client


def words(answer: Response, status: int = 200) -> str:
    """The text of a page."""
    assert answer.status_code == status, answer.text
    return Elements(answer.text).text


def hrefs(answer: Response) -> list[str]:
    return Elements(answer.text).attributes("href")


# Every page


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_title_one_heading_and_nothing_that_the_policy_forbids(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    page = Elements(answer.text)
    tags = [tag for tag, _ in page.found]
    assert tags.count("h1") == 1
    title = re.search(r"<title>(.*?)</title>", answer.text)
    assert title and title[1].endswith("Patient and carer feedback")
    assert page.found[0] == ("html", {"lang": "en-GB"})
    assert "#maincontent" in page.attributes("href")
    assert not page.attributes("style")
    assert not [name for _, attrs in page.found for name in attrs if name.startswith("on")]
    assert all(attrs.get("src") for tag, attrs in page.found if tag == "script")
    addresses = page.attributes("href") + page.attributes("src") + page.attributes("action")
    assert not [address for address in addresses if not re.match(r"[/#](?!/)", address)]


@pytest.mark.parametrize("path", PAGES)
def test_no_id_stands_twice_on_a_page(client: TestClient, path: str) -> None:
    ids = Elements(client.get(path).text).attributes("id")
    assert sorted(ids) == sorted(set(ids))


def test_every_kind_of_link_leads_somewhere(client: TestClient) -> None:
    found: dict[str, dict[str, None]] = {}
    for path in PAGES:
        for href in hrefs(client.get(path)):
            address = href.partition("#")[0]
            if address and not address.startswith("/static/"):
                kind = re.sub(r"=[^&]*", "=", re.sub(r"/(services|themes|comments|\w+s)/[^/?]+", r"/\1/*", address))
                found.setdefault(kind, {})[address] = None
    assert len(found) > 40
    broken = []
    for addresses in found.values():
        for address in list(addresses)[:3]:
            if client.get(address, follow_redirects=True).status_code != 200:
                broken.append(address)
    assert not broken


def test_a_link_within_a_page_finds_its_place(client: TestClient) -> None:
    for path in PAGES:
        page = Elements(client.get(path).text)
        inside = {href[1:] for href in page.attributes("href") if href.startswith("#")}
        assert inside <= set(page.attributes("id")), path
    assert 'id="wrong"' in client.get("/about").text
    assert 'id="unknown"' in client.get("/services").text


def test_a_page_that_is_not_there_says_so_in_the_heading_and_what_to_do(client: TestClient) -> None:
    said = words(client.get("/services/podiatri"), 404)
    assert "Page not found" in said
    assert "podiatry" in said
    assert "Check the address" in said


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/comments?from=2026-13-01", 422, "from"),
        ("/comments?from=2026-02-01&to=2026-01-01", 400, "run backwards"),
        ("/comments?sentiment=angry", 400, "There is no sentiment"),
        ("/comments?order=random", 422, "order"),
        ("/comments?after=yesterday", 400, "start again from the first page"),
        ("/comments/HW-2026-999999", 404, "There is no comment HW-2026-999999"),
        ("/objectives/O9", 404, "O9"),
        ("/batches/99", 404, "There is no batch 99"),
        ("/signals/willow-1/violence_threat", 404, "carries no safety flag"),
        ("/services/podiatry?service=camhs", 404, "names another one"),
    ],
)
def test_a_refusal_is_a_page_with_one_sentence(client: TestClient, path: str, status: int, said: str) -> None:
    assert said in words(client.get(path), status)


def test_markup_in_a_comment_is_shown_and_never_run(store: Store) -> None:
    nasty = '<script>alert("x")</script> & <b>not bold</b>'
    clause = (nasty, "-", (PARKING, "O3"))
    one = analysed("nasty", [clause], day=date(2026, 6, 1), service="podiatry", signal=("privacy_breach", "urgent"))
    add_batch(store, '<img src="x">.csv', [one, *invented()])
    with TestClient(make_app(store.path)) as client:
        for path in (
            "/",
            "/comments",
            "/comments/nasty",
            "/services/podiatry",
            "/objectives/O3",
            "/signals",
            "/batches",
        ):
            page = client.get(path).text
            assert "<script>alert" not in page and "<b>not" not in page and "<img" not in page, path
        for path in ("/", "/comments", "/comments/nasty", "/services/podiatry", "/objectives/O3", "/signals"):
            assert html.escape(nasty, quote=False).replace('"', "&#34;") in client.get(path).text, path
        assert "&lt;img src=" in client.get("/batches").text


def test_invented_comments_are_marked_as_such_on_every_page(store: Store) -> None:
    add_batch(store, "real.csv", invented()[:3])
    with TestClient(make_app(store.path)) as client:
        assert "Sample data" not in client.get("/").text
        batch = add_batch(store, "sample_batch.csv", invented()[3:])
        for path in ("/", "/services/podiatry", "/objectives/O2", "/comments", "/comments/pod-1-0"):
            assert "no comment in it was written by a patient or carer" in client.get(path).text, path
        store.rollback(batch, by="A. Manager", reason="only a sample", flags_dealt_with=True)
        assert "Sample data" not in client.get("/").text


# The overview


def test_the_overview_counts_what_there_is_with_its_n(client: TestClient) -> None:
    said = words(client.get("/"))
    assert "Comments 38 3 January 2026 to 2 July 2026" in said
    assert "Positive 47% 17 of 36 comments read" in said
    assert "Negative 36% 13 of 36 comments read" in said
    assert "Praise and criticism in one 17% 6 of 36 comments read" in said
    assert "Very good or good 50% 17 of 34 answers to the Friends and Family Test; 16 poor or very poor" in said


def test_the_overview_begins_with_what_cannot_wait(client: TestClient) -> None:
    client.app.dependency_overrides[now] = lambda: datetime(2026, 8, 3, 9, tzinfo=UTC)  # type: ignore[attr-defined]
    said = words(client.get("/"))
    assert said.index("What cannot wait") < said.index("What changed") < said.index("In numbers")
    assert "1 urgent flag and 1 flag to watch are open." in said
    assert "nobody watches this queue round the clock" in said
    assert "Dad fell twice in the night and nobody came." in said


def test_the_overview_says_what_people_praise_and_want_mended_with_a_quote_that_can_be_followed(
    client: TestClient,
) -> None:
    answer = client.get("/")
    said = words(answer)
    assert "Staff manner & personal attributes 21 comments praise it, 58% of the 36 read." in said
    assert "Timeliness of care 16 comments criticise it" in said
    assert "“Sister made it right at once.”" in said and "“The driver was an hour late.”" in said
    quoted = [href for href in hrefs(answer) if re.fullmatch(r"/comments/HW-2026-\d{6}\.\d+", href)]
    assert quoted
    assert "is the one cited" in words(client.get(quoted[0]))


def test_the_overview_says_what_no_figure_counts(client: TestClient) -> None:
    said = words(client.get("/"))
    assert "1 comment in Polish: stored, but not read until translated" in said
    assert "1 comment under 1 service name that the directory does not know" in said
    assert "1 answer without content" in said
    assert "1 comment without a date" in said


def test_an_empty_database_says_how_to_begin(store: Store) -> None:
    with TestClient(make_app(store.path)) as client:
        said = words(client.get("/"))
        assert "There are no comments here yet. Upload a file of comments" in said


def test_a_service_that_truly_changed_is_named_and_one_that_did_not_is_not(store: Store) -> None:
    comments_given = []
    for month in range(18):
        day = date(2025 + month // 12, 1 + month % 12, 5)
        for n in range(12):
            late = n < (8 if month < 9 else 1)
            clause = (
                ("We waited far too long.", "-", (WAIT,)) if late else ("They were very kind to us.", "+", (MANNER,))
            )
            comments_given.append(analysed(f"t-{month}-{n}", [clause], day=day, service="talking-therapies"))
            same = (
                ("Supper was cold again today.", "-", (FOOD,)) if n % 3 == month % 3 else ("Lovely and clean.", "+", ())
            )
            comments_given.append(analysed(f"w-{month}-{n}", [same], day=day, service="ward-willow"))
        for n in range(5):  # so few that a run of months below the average says nothing
            late = n < (2 if month < 9 and month % 2 else 1)
            clause = (
                ("We waited far too long.", "-", (WAIT,)) if late else ("They were very kind to us.", "+", (MANNER,))
            )
            comments_given.append(analysed(f"p-{month}-{n}", [clause], day=day, service="podiatry"))
    add_batch(store, "a.csv", comments_given)
    few = asked_trend(store.conn, load_taxonomy(), Filters(service="podiatry"), EVERYTHING, may_read=True)
    assert few.shown[-1].kind == "common_cause"
    with TestClient(make_app(store.path)) as client:
        page = client.get("/").text
        changed = page[page.index('id="changed"') : page.index('id="numbers"')]
        assert "Talking Therapies" in changed
        assert "Improvement" in changed and "Concern" not in changed
        assert "Willow" not in changed and "Podiatry" not in changed


def test_new_comments_are_on_the_overview_at_once(store: Store) -> None:
    add_batch(store, "a.csv", invented()[:10])
    with TestClient(make_app(store.path)) as client:
        assert "Comments 10 " in words(client.get("/"))
        add_batch(store, "b.csv", invented()[10:20])
        assert "Comments 20 " in words(client.get("/"))


def test_an_answer_is_worked_out_once_until_the_database_changes(filled: Store) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [remembered.remembered(filled.conn, "a", make) for _ in range(3)] == [1, 1, 1]
    with filled.writing():
        filled.save_review(32, "unsafe_environment", "seen", note="", by="A. Reviewer")
    assert remembered.remembered(filled.conn, "a", make) == 2
    assert remembered.remembered(filled.conn, "b", make) == 3


def test_an_answer_that_failed_is_not_kept(filled: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        remembered.remembered(filled.conn, "c", lambda: 1 // 0)
    assert remembered.remembered(filled.conn, "c", lambda: 1) == 1


# Services


def test_services_stand_in_the_order_of_the_directory_whatever_is_said_of_them(
    client: TestClient, taxonomy: Taxonomy
) -> None:
    listed = [href.split("/")[2] for href in hrefs(client.get("/services")) if href.startswith("/services/")]
    directorates = [id for id, service in taxonomy.services.items() if service.parent is None]
    assert [id for id in listed if id in directorates] == directorates
    for parent in {service.parent for service in taxonomy.services.values()} - {None}:
        siblings = [id for id, service in taxonomy.services.items() if service.parent == parent]
        assert [id for id in listed if id in siblings] == siblings
    assert set(listed) == {*taxonomy.services, "names", "disagreements"}


def test_a_share_of_few_is_a_count_and_no_percentage(client: TestClient) -> None:
    said = words(client.get("/services"))
    assert "Podiatry 30 comments about Podiatry 33% (10 of 30)" in said
    assert "Willow(s) Ward, Evesham Unconfirmed 2 comments about Willow(s) Ward, Evesham 1 of 2" in said


def test_an_unconfirmed_service_says_so_in_the_tree_and_on_its_page(client: TestClient, taxonomy: Taxonomy) -> None:
    unconfirmed = next(s for s in taxonomy.services.values() if s.unconfirmed and s.parent)
    assert "The Trust has yet to confirm this entry" in words(client.get(f"/services/{unconfirmed.id}"))
    assert f"{unconfirmed.name} Unconfirmed" in words(client.get("/services"))
    assert "has yet to confirm" not in words(client.get("/services/podiatry"))


def test_a_service_of_which_too_few_have_spoken_shows_words_instead_of_figures(client: TestClient) -> None:
    said = words(client.get("/services/ward-willow"))
    assert "Too few people have spoken about this service to say anything" in said
    assert "only 2 comments" in said
    assert "In numbers" not in said and "%" not in said
    assert "“Sister made it right at once.”" in said


def test_a_service_page_shows_numbers_charts_words_and_where_it_belongs(client: TestClient) -> None:
    answer = client.get("/services/podiatry")
    said = words(answer)
    for heading in (
        "In numbers",
        "How it moves",
        "In people's words",
        "What it is about",
        "Values and objectives",
        "Who spoke",
    ):
        assert heading in said
    assert "“The podiatrist was gentle and cheerful.”" in said
    assert "“I waited five months to be seen.”" in said
    assert 'role="img" aria-label="' in answer.text
    assert "Chance range" in said  # the chart's figures as a table
    assert "/services/dir-countywide-community" in hrefs(answer)


def test_a_chart_is_one_picture_with_one_description(client: TestClient) -> None:
    for drawing in re.findall(r"<svg role=\"img\".*?</svg>", client.get("/services/podiatry").text, re.DOTALL):
        assert drawing.count("aria-label=") == drawing.count("role=") == 1


def test_names_that_the_directory_does_not_know_are_listed_with_their_comments(client: TestClient) -> None:
    answer = client.get("/services")
    assert "Journeys / Patient Transport 1 comments under Journeys / Patient Transport" in words(answer)
    address = next(href for href in hrefs(answer) if href.startswith("/comments?service=Journeys"))
    assert "The driver was an hour late." in words(client.get(address))


def test_dates_narrow_a_page_and_go_along_with_its_links(client: TestClient) -> None:
    answer = client.get("/services/podiatry")
    address = next(href for href in hrefs(answer) if href == "/services/podiatry?from=2026-05-01")
    narrowed = client.get(address)
    assert "Comments 12" in words(narrowed)
    assert "/themes/timeliness-of-care?service=podiatry&from=2026-05-01" in hrefs(narrowed)
    assert "/comments?service=podiatry&from=2026-05-01" in hrefs(narrowed)


# Strategy, themes, plans


@pytest.mark.parametrize("path", ["/objectives/O3", "/values/responsive", "/statements/O3.W5"])
def test_evidence_shows_both_sides_their_intervals_the_rule_and_what_cannot_be_said(
    client: TestClient, path: str
) -> None:
    said = words(client.get(path))
    assert re.search(r"For \d+ \d+% as read \(chance range \d+% to \d+%\)", said)
    assert re.search(r"Against 15 \d+% as read \(chance range \d+% to \d+%\)", said)
    assert "“I waited five months to be seen.”" in said
    assert "How these words were chosen The surest are those where the chance" in said
    assert re.search("What cannot be said Only 1[56] comments bear on it: too few for a share to mean much", said)


def test_a_part_of_the_strategy_that_nobody_speaks_of_shows_no_shares(client: TestClient) -> None:
    said = words(client.get("/outcomes/N5"))
    assert "Nobody looks for this yet: too few examples to learn from." in said
    assert "chance range" not in said and "bear on it" not in said


def test_an_outcome_says_by_which_themes_it_was_found(client: TestClient) -> None:
    answer = client.get("/statements/P2")
    assert "Counted are those that speak of a theme which our crosswalk links to it: " in words(answer)
    assert "/comments?evidence=outcome%3AP2&side=against" in hrefs(answer)
    listed = words(client.get("/comments?evidence=outcome%3AP2&side=against"))
    assert "There was nowhere to park." in listed and "Evidence on outcome P2 Care closer to home" in listed


def test_quotations_lead_to_what_is_cited_and_that_to_the_whole_comment(client: TestClient) -> None:
    address = next(href for href in hrefs(client.get("/values/responsive")) if href == "/c/HW-2026-000031.2")
    answer = client.get(address)
    said = words(answer)
    assert "“Sister made it right at once.” Clause 2 of comment HW-2026-000031, exactly as it is stored" in said
    assert (
        "Theme Staff manner & personal attributes: praise the words cited Made by model: reader 1.0 Score 0.90" in said
    )
    assert "/comments/HW-2026-000031.2" in hrefs(answer)


def test_a_citation_that_is_gone_says_so(client: TestClient, filled: Store) -> None:
    filled.rollback(2)
    said = words(client.get("/c/HW-2026-000037"), 410)
    assert "What was cited is no longer here" in said and "its upload was taken back" in said


def test_silence_shows_services_groups_and_parts_of_the_strategy(client: TestClient) -> None:
    answer = client.get("/silence")
    said = words(answer)
    assert "that is neither good nor bad news" in said
    assert "Relatives: 2" in said and "Staff: no comments" in said
    name = re.escape(load_taxonomy().services["ward-willow"].name)
    assert re.search(rf"{name}( Unconfirmed)? 2 comments about {name} June 2026", said)
    assert "/silence" in hrefs(client.get("/objectives"))


def test_an_objective_leads_to_its_statements(client: TestClient, taxonomy: Taxonomy) -> None:
    found = hrefs(client.get("/objectives/O3"))
    # Those that the reader was not taught to look for lead nowhere: there is nothing to read.
    taught = [id for id in taxonomy.objectives["O3"].statements if id in ("O3.W2", "O3.W5", "O3.W7", "O3.G3")]
    assert [f"/statements/{id}" for id in taught] == [href for href in found if href.startswith("/statements/")]


def test_a_theme_is_defined_and_its_two_sides_lead_to_the_words(client: TestClient, taxonomy: Taxonomy) -> None:
    answer = client.get("/themes/parking")
    said = words(answer)
    assert taxonomy.themes["parking"].definition in said
    assert "3% (1 of 36) comments read speak of it" in said
    assert "There was nowhere to park." in words(client.get("/comments?theme=parking&polarity=-"))
    assert "/comments?theme=parking&polarity=-" in hrefs(answer)


def test_a_plan_shows_its_promises_and_says_which_services_are_our_inference(client: TestClient) -> None:
    said = words(client.get("/programmes/PRIO-LOS-ADULT"))
    assert "58 days at the start (April 2026)" in said
    assert "Some of these are our inference" in said
    assert "Fewer than 5 comments are about the services of this plan" in said
    assert "Still to come, or too early to compare" in said


# Comments


def test_comments_can_be_searched_and_each_filter_taken_off_again(client: TestClient) -> None:
    answer = client.get("/comments?search=park&respondent=carer")
    assert "1 comment" in words(answer)
    assert "There was nowhere to park." in words(answer)
    assert "/comments?respondent=carer" in hrefs(answer) and "/comments?search=park" in hrefs(answer)


def test_the_form_leaves_no_empty_fields_in_the_address(client: TestClient) -> None:
    answer = client.get("/comments?search=&theme=parking&service=&from=")
    assert (answer.status_code, answer.headers["location"]) == (307, "/comments?theme=parking")


def test_the_form_shows_what_is_asked_and_keeps_what_it_has_no_field_for(client: TestClient) -> None:
    page = client.get("/comments?theme=parking&polarity=-&batch=1").text
    assert '<option value="parking" selected>' in page
    assert '<input type="hidden" name="polarity" value="-">' in page
    assert '<input type="hidden" name="batch" value="1">' in page


def test_pages_of_comments_follow_each_other_and_lose_none(client: TestClient) -> None:
    found: list[str] = []
    path: str | None = "/comments"
    while path:
        answer = client.get(path)
        found += re.findall(r"Comment (HW-2026-\d{6})</a>", answer.text)
        path = next((href for href in hrefs(answer) if "after=" in href), None)
    assert len(found) == len(set(found)) == 38


def test_nothing_found_says_what_to_do(client: TestClient) -> None:
    assert "No comment fits all of this. Remove a filter" in words(client.get("/comments?search=zebra"))


def test_clauses_can_be_listed_by_how_they_sound(client: TestClient) -> None:
    said = words(client.get("/comments?order=negative"))
    assert "“Supper was cold again.”" in said
    assert said.index("“I waited five months") < said.index("“Thank you all.”")


def test_a_comment_is_marked_clause_by_clause_and_explained(client: TestClient) -> None:
    page = client.get("/comments/willow-1").text
    assert '<span class="app-clause app-clause--negative" id="clause-1">Supper was cold again.' in page
    assert '<span class="app-clause app-clause--positive" id="clause-2">Sister made it right at once.' in page
    said = words(client.get("/comments/willow-1"))
    assert (
        "Theme Food & drink provision & facilities: criticism “Supper was cold again.” Made by model: reader 1.0 Score 0.90"
        in said
    )
    assert "Value Responsive: for “Sister made it right at once.”" in said
    assert "Who speaks relative what the upload says beside it Made by rule: cell Score 0.70" in said
    assert "Read with reader 1.0, themes 7" in said
    assert "Friends and Family Test: Good" in said


def test_a_comment_by_a_carer_says_which_clauses_tell_the_carers_own_experience(store: Store) -> None:
    clauses = [("He was treated well", "+", ()), ("but nobody asked how I was.", "-", ())]
    day = date(2026, 6, 1)
    speakers = [
        analysed(f"by-{who}", clauses, day=day, respondent=who, service="podiatry") for who in ("carer", "patient")
    ]
    add_batch(store, "carers.csv", speakers)
    with TestClient(make_app(store.path)) as client:
        by_carer, by_patient = (words(client.get(f"/comments/by-{who}")) for who in ("carer", "patient"))
    assert "Clause 1: positive: the patient's care" in by_carer
    assert "Clause 2: negative: the carer's own experience" in by_carer
    assert "own experience" not in by_patient and "the patient's care" not in by_patient


def test_a_citation_of_a_clause_frames_that_clause_and_no_other(client: TestClient) -> None:
    citation = re.search(r"HW-2026-\d{6}", words(client.get("/comments/willow-1")))
    assert citation
    page = client.get(f"/comments/{citation[0]}.2").text
    assert re.findall(r'app-clause--cited" id="(clause-\d)"', page) == ["clause-2"]
    assert "app-clause--cited" not in client.get(f"/comments/{citation[0]}.7").text


def test_a_comment_that_is_not_read_says_why(client: TestClient) -> None:
    assert "In Polish: stored, but not read until translated" in words(client.get("/comments/polish-1"))
    assert "Holds no content" in words(client.get("/comments/none-1"))


def test_the_pieces_of_a_comment_are_its_text_even_where_corrections_cross() -> None:
    text = "One, two. Three."
    spans = [(0, 4), (5, 9), (2, 9), (10, 16)]
    clauses = [Finding("clause", "neutral", "0", 1.0, *span, "reader 1.0", str(n)) for n, span in enumerate(spans, 1)]
    assert "".join(piece.text for piece in comments.pieces(text, clauses)) == text


# Safety queue


def test_the_queue_is_urgent_first_and_says_that_it_is_no_crisis_service(client: TestClient) -> None:
    said = words(client.get("/signals"))
    assert "This is not a crisis service" in said
    assert "Nobody watches this queue round the clock" in said
    assert "call 999" in said
    assert said.index("Dad fell twice") < said.index("There was nowhere to park.")


def test_a_flag_is_reviewed_by_name_and_then_no_longer_open(client: TestClient) -> None:
    form = next(href for href in hrefs(client.get("/signals")) if href.endswith("/unsafe_environment"))
    assert "What did you decide?" in words(client.get(form))
    given = {
        "name": "A. Reviewer",
        "outcome": "escalated",
        "route": "patient_safety_event",
        "reference": "LFPSE-2026/0042",
        "note": "Passed to the ward manager. Ring Mrs Joan Hartwell on 07700 900123.",
    }
    answer = client.post(form, data=given)
    assert answer.status_code == 303
    done = client.get(answer.headers["location"])
    assert "has been kept" in words(done)
    assert "Dad fell twice" not in done.text
    said = words(client.get("/signals?show=all"))
    assert "Dad fell twice" in said
    assert "Passed on to patient safety event, reference LFPSE-2026/0042: A. Reviewer, " in said
    assert "Passed to the ward manager." in said
    for page in (said, words(client.get(form))):
        assert "Hartwell" not in page and "900123" not in page and "[PHONE]" in page
    assert "0 urgent flags and 1 flag to watch" in words(client.get("/"))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": " ", "outcome": "seen"}, "Enter your name"),
        ({"name": "A. Reviewer"}, "Select what you decided"),
        ({"name": "A. Reviewer", "outcome": "deleted"}, "Select what you decided"),
        ({"name": "A. Reviewer", "outcome": "not_a_concern"}, "Say in the note why this is not a concern"),
        ({"name": "A. Reviewer", "outcome": "done"}, "Say in the note what was done"),
        ({"name": "A. Reviewer", "outcome": "reopened"}, "Select what you decided"),
        ({"name": "A. Reviewer", "outcome": "escalated"}, "Select where it was passed on"),
        (
            {"name": "A. Reviewer", "outcome": "escalated", "route": "complaint", "reference": "Joan Hartwell"},
            "names do not belong here",
        ),
        (
            {"name": "A. Reviewer", "outcome": "escalated", "route": "complaint", "reference": "943-476-5919"},
            "NHS or telephone number",
        ),
        ({"name": "A. Reviewer", "outcome": "escalated", "route": "none"}, "Say in the note where this was passed on"),
    ],
)
def test_an_incomplete_review_comes_back_with_what_is_missing_and_keeps_what_was_given(
    client: TestClient, given: dict[str, str], error: str
) -> None:
    form = next(href for href in hrefs(client.get("/signals")) if href.endswith("/unsafe_environment"))
    answer = client.post(form, data=given | {"note": ""})
    said = words(answer, 400)
    assert "There is a problem" in said and error in said
    assert "<title>Error: " in answer.text
    assert ('value="A. Reviewer"' in answer.text) == (given["name"] == "A. Reviewer")
    assert "1 urgent flag" in words(client.get("/signals"))


def test_what_is_being_dealt_with_stays_in_the_queue_and_keeps_its_history(client: TestClient) -> None:
    client.app.dependency_overrides[now] = lambda: datetime(2026, 8, 3, 9, tzinfo=UTC)  # type: ignore[attr-defined]
    form = next(href for href in hrefs(client.get("/signals")) if href.endswith("/unsafe_environment"))
    client.post(form, data={"name": "A. Reviewer", "outcome": "seen", "route": "patient_safety_event"})
    said = words(client.get("/signals"))
    assert "1 urgent flag (1 being dealt with) and 1 flag to watch are open." in said
    assert "Dad fell twice" in said and "Being dealt with: A. Reviewer, " in said
    client.post(form, data={"name": "B. Reviewer", "outcome": "done", "note": "The floor is dry and lit."})
    closed = words(client.get(form))
    assert closed.index("Being dealt with: A. Reviewer") < closed.index("Done: B. Reviewer")
    assert "Dad fell twice" not in words(client.get("/signals"))
    client.post(form, data={"name": "C. Reviewer", "outcome": "reopened", "note": "It happened again."})
    assert "Dad fell twice" in words(client.get("/signals"))
    assert all(name in words(client.get(form)) for name in ("A. Reviewer", "B. Reviewer", "C. Reviewer"))


def test_a_suggested_route_is_preselected_with_its_time_limit_and_how_sure_that_is(client: TestClient) -> None:
    page = client.get("/signals/HW-2026-000033/complaint_intent")
    chosen = [attrs["value"] for tag, attrs in Elements(page.text).found if tag == "input" and "checked" in attrs]
    assert chosen == ["complaint"]
    assert "Acknowledge within 3 working days" in words(page)
    assert "(to be confirmed by the Trust)" in words(page)


def test_a_flag_that_waited_too_long_is_said_to_be_overdue(client: TestClient) -> None:
    client.app.dependency_overrides[now] = lambda: datetime(2026, 8, 5, 9, tzinfo=UTC)  # type: ignore[attr-defined]
    assert "1 urgent flag (1 overdue) and 1 flag to watch are open." in words(client.get("/signals"))
    assert "1 urgent flag (1 overdue) and 1 flag to watch are open." in words(client.get("/"))
    client.app.dependency_overrides[now] = lambda: datetime(2026, 8, 3, 9, tzinfo=UTC)  # type: ignore[attr-defined]
    assert "1 urgent flag and 1 flag to watch are open." in words(client.get("/"))


def test_comments_held_for_translation_come_before_every_flag(client: TestClient) -> None:
    page = client.get("/signals")
    said = words(page)
    assert "Comments nobody has read" in said
    assert said.index("1 comment in Polish") < said.index("Dad fell twice")
    assert client.get(next(href for href in hrefs(page) if "language=pl" in href)).status_code == 200


def test_held_comments_fall_due_as_urgent_flags_do(client: TestClient) -> None:
    client.app.dependency_overrides[now] = lambda: datetime(2026, 8, 5, 9, tzinfo=UTC)  # type: ignore[attr-defined]
    said = words(client.get("/signals"))
    assert "1 comment in another language waits to be read (1 overdue)." in said
    assert "1 comment in Polish, 1 overdue" in said
    assert "Overdue flags come first among those of their severity." in said


def test_what_was_passed_on_is_in_sight_until_somebody_records_that_it_arrived(client: TestClient) -> None:
    address = "/signals/HW-2026-000032/unsafe_environment"
    assert "Received there" not in words(client.get(address))
    client.post(address, data={"name": "Ann", "outcome": "escalated", "route": "complaint"})
    page = client.get("/signals")
    said = words(page)
    assert "Passed on, not yet acknowledged" in said and "Record that it was received" in said
    assert "Dad fell twice" not in said
    given = {"name": "Ann", "outcome": "received", "reference": "C-17", "note": ""}
    assert "Say in the note who received it" in client.post(address, data=given).text
    assert client.post(address, data=given | {"note": "PALS, on Monday."}).status_code == 303
    assert "not yet acknowledged" not in words(client.get("/signals"))
    assert "Received at complaint, reference C-17: Ann" in words(client.get("/signals?show=all"))


def test_an_upload_with_undecided_flags_is_taken_back_only_where_somebody_signs_for_them(client: TestClient) -> None:
    asked = words(client.get("/batches/1/take-back"))
    assert "1 urgent and 1 to watch (unsafe environment 1, complaint intent 1)" in asked
    refused = client.post("/batches/1/take-back")
    assert refused.status_code == 400
    said = refused.text
    assert "Confirm that the safety flags have been dealt with" in said and "Enter your name" in said
    given = {"flags_dealt_with": "true", "name": "A. Manager", "reason": "Sent twice, Mrs Joan Hartwell rang."}
    assert client.post("/batches/1/take-back", data=given).status_code == 303
    receipt = words(client.get("/batches/1"))
    assert "Taken back by A. Manager (Sent twice, Mrs [PERSON] rang.)" in receipt
    assert "with safety flags that nobody had decided about: 1 urgent and 1 to watch" in receipt


def test_the_digest_holds_no_words(client: TestClient) -> None:
    answer = client.get("/signals/digest?since=2026-07-30")
    said = words(answer)
    assert "Dad fell" not in said and "nowhere to park" not in said
    assert "HW-2026-000032" in said and "Unsafe environment New: 1 Open: 1" in said
    reading_as(client, Reader("figures", EVERYTHING, may_read=False))
    said = words(client.get("/signals/digest?since=2026-07-30"))
    assert "HW-2026-000032" not in said and "fewer than 5" in said


def test_a_sample_is_read_blind_one_comment_at_a_time(client: TestClient) -> None:
    assert "Not yet estimated: draw a sample" in words(client.get("/signals"))
    answer = client.post("/signals/samples", data={"name": "A. Reader", "size": "3"})
    address = answer.headers["location"]
    missed = False
    for _ in range(4):
        page = client.get(address)
        said = words(page)
        assert not re.search(
            r"HW-2026-\d|score|rule:|reader 1\.0", said.split("Can this comment wait?")[1].split("This is")[0]
        )
        assert 'value="A. Reader"' in page.text
        place = re.search(r'name="place" value="(\d+)"', page.text)
        assert place
        given = {"place": place[1], "name": "A. Reader", "severity": "none"}
        if not missed and "Dad fell" not in said and "nowhere to park" not in said:
            given |= {"severity": "urgent", "kind": "child_risk"}
            missed = True
        address = client.post(address.split("?")[0], data=given).headers["location"]
    assert "Sample 1 is read" in words(client.get(address))
    queue = words(client.get("/signals"))
    assert (
        "Of 3 unflagged comments read blind, 1 should have been flagged: 33.3% (0.8% to 90.6%); 1 of them urgent"
        in queue
    )
    assert "Risk to a child" in queue and "Flagged by A. Reader" in queue


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, "Select what you think of this comment"),
        ({"severity": "urgent"}, "Select what it is about"),
        ({"severity": "none", "name": " "}, "Enter your name"),
    ],
)
def test_an_incomplete_reading_comes_back_with_what_is_missing(
    client: TestClient, given: dict[str, str], error: str
) -> None:
    client.post("/signals/samples", data={"name": "A. Reader", "size": "3"})
    answer = client.post("/signals/sample/1", data={"place": "1", "name": "A. Reader"} | given)
    assert error in words(answer, 400)


# Uploads


def test_a_batch_page_accounts_for_every_row_and_says_how_the_file_was_read(store: Store) -> None:
    batch = store.begin_batch(
        "march.csv",
        "sha",
        column_map={"comment": ["What was good?"], "date": "When", "service": []},
        decisions=["Dates are read day first."],
        versions={"reader": "1.0"},
    )
    store.add(
        batch.id,
        Part(0, 4, (), [Notice(7, "too_long", "100,001 characters")], [Notice(3, "bad_date", "31/02/2026")], 2, 1),
    )
    store.finish_batch(batch.id, 4)
    with TestClient(make_app(store.path)) as client:
        answer = client.get(f"/batches/{batch.id}")
        said = words(answer)
        assert "What became of its 4 rows" in said
        assert (
            "Rows without a comment 2" in said and "Rows that repeat another 1" in said and "Rows not stored 1" in said
        )
        assert "Comment What was good? Date When" in said
        assert "Dates are read day first." in said
        assert "7 too long: 100,001 characters" in said
        assert "3 the date cannot be read: 31/02/2026" in said
        assert f"/api/v1/batches/{batch.id}/rejects.csv" in hrefs(answer)


def test_taking_back_asks_first_and_then_takes_the_comments_along(client: TestClient) -> None:
    assert "Take back second.csv?" in words(client.get("/batches/2/take-back"))
    assert "38" in words(client.get("/comments"))
    answer = client.post("/batches/2/take-back")
    assert answer.status_code == 303
    assert "2 comments went with it" in words(client.get(answer.headers["location"]))
    assert "36 comments" in words(client.get("/comments"))
    assert "Taken back" in words(client.get("/batches/2"))
    assert "Take this upload back" not in words(client.get("/batches/2"))


def test_an_interrupted_batch_says_how_to_go_on(store: Store) -> None:
    batch = store.begin_batch("april.csv", "sha", column_map={}, decisions=[], versions={"reader": "1.0"})
    with TestClient(make_app(store.path)) as client:
        assert "Upload the same file again: it goes on where it stopped" in words(client.get(f"/batches/{batch.id}"))


def test_sending_no_file_says_what_is_missing(client: TestClient) -> None:
    for answer in (client.post("/batches", data={"day_order": ""}), client.post("/batches", files={"file": ("", b"")})):
        said = words(answer, 400)
        assert "Select a file of comments" in said


def test_an_upload_shows_its_progress_and_ends_as_a_batch(store: Store) -> None:
    content = (
        "Date,Team,Comment\n31/01/2026,Podiatry,The nurse was so kind to me.\n30/01/2026,Podiatry,I waited too long.\n"
    )
    with TestClient(make_app(store.path), follow_redirects=False) as client:
        answer = client.post(
            "/batches", files={"file": ("january.csv", content)}, data={"day_order": "day", "comment": "Comment"}
        )
        assert answer.status_code == 303
        address, end = answer.headers["location"], time.monotonic() + PATIENCE
        while (page := client.get(address)).status_code == 200:
            assert '<meta http-equiv="refresh" content="2">' in page.text, page.text
            assert time.monotonic() < end
            time.sleep(0.2)
        assert page.headers["location"] == "/batches/1"
        said = words(client.get("/batches/1"))
        assert "Finished" in said and "2 comments stored" in said
        assert "refresh" not in client.get("/batches/1").text


def test_a_file_that_cannot_be_read_is_refused_on_its_page(store: Store) -> None:
    with TestClient(make_app(store.path), follow_redirects=False) as client:
        answer = client.post("/batches", files={"file": ("scan.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")})
        address, end = answer.headers["location"], time.monotonic() + PATIENCE
        while "Refused" not in (said := words(client.get(address))):
            assert time.monotonic() < end, said
            time.sleep(0.2)
        assert "Nothing of this file was stored." in said
        assert "scan.csv" in words(client.get("/batches"))


# Who may see what


def test_a_reader_of_figures_sees_no_comment_and_no_count_that_leads_to_a_person(client: TestClient) -> None:
    reading_as(client, Reader("figures", EVERYTHING, may_read=False))
    spoken = ("Dad fell twice", "Supper was cold", "I waited five months", "nowhere to park", "gentle and cheerful")
    for path in (
        "/",
        "/services",
        "/services/podiatry",
        "/services/ward-willow",
        "/themes/parking",
        "/objectives/O3",
        "/signals",
    ):
        page = client.get(path)
        assert page.status_code == 200
        assert not [words for words in spoken if words in page.text], path
    assert "You may see figures but not the comments" in words(client.get("/comments"), 403)
    assert "You may see figures but not the comments" in words(client.get("/comments/willow-1"), 403)
    said = words(client.get("/services/ward-willow"))
    assert "There are fewer than 5 comments." in said and "2 comments" not in said
    assert "fewer than 5 comments about Willow" in words(client.get("/services"))
    assert "Parking fewer than 5 of 36" in words(client.get("/themes"))


def test_a_reader_with_a_scope_sees_their_services_alone(client: TestClient, taxonomy: Taxonomy) -> None:
    reading_as(client, Reader("lead", Scope.of(taxonomy, ["podiatry"]), may_read=True))
    assert "Comments 30 " in words(client.get("/"))
    assert "No flag is open" in words(client.get("/"))
    listed = {href.split("/")[2] for href in hrefs(client.get("/services")) if href.startswith("/services/")}
    assert listed == {*taxonomy.below("podiatry"), "disagreements"}  # what a name means is not for them to say
    assert client.get("/services/ward-willow").status_code == 404
    assert client.get("/comments/willow-1").status_code == 404
    assert client.get("/comments?service=ward-willow").status_code == 404
    assert "uploads are for those who may see all of them" in words(client.get("/batches"), 403)
    assert '<option value="ward-willow"' not in client.get("/comments").text


def test_two_readers_never_get_each_others_page(client: TestClient, taxonomy: Taxonomy) -> None:
    everybody = words(client.get("/services/dir-countywide-community"))
    reading_as(client, Reader("lead", Scope.of(taxonomy, ["dir-countywide-community"]), may_read=False))
    assert "gentle and cheerful" in everybody
    assert "gentle and cheerful" not in words(client.get("/services/dir-countywide-community"))


# About


def test_about_says_what_was_measured_and_of_how_many() -> None:
    results: dict[str, Any] = {
        "safety_unseen": {"urgent_recall": 0.914, "precision": 0.8, "cases": 1200},
        "themes": {"comments": 500},
    }
    assert list(about.measured(results, (*about.CASES, *about.UNSEEN))) == [
        ("Of comments that cannot wait at all, it flags", "91%", "1,200"),
        ("Of the comments it flags, truly need a person", "80%", "1,200"),
    ]
    assert list(about.measured({}, about.CASES)) == []


def test_about_shows_how_far_two_people_and_the_system_agree(
    client: TestClient, filled: Store, taxonomy: Taxonomy
) -> None:
    assert "Nobody has checked it yet" in words(client.get("/about"))
    drawn = draw_ledger(filled, taxonomy, Filters(service="podiatry"), EVERYTHING, size=30, by="Lead", seed=1)
    late = LedgerAnswer(4, frozenset({"timeliness-of-care"}))
    for name in ("Ann", "Ben"):
        keep_ledger(filled, taxonomy, drawn, dict.fromkeys(range(1, 11), late), by=name)
    said = words(client.get("/about"))
    assert "10 comments of this database, drawn at random, have been read" in said
    assert "Just the same themes People with each other: 100% (69% to 100%)" in said
    assert "Timeliness of care Given on 10 People with each other: 100% (82% to 100%)" in said
    assert "1 theme given on fewer than 5 of these comments is left out" in said


def test_about_names_limits_and_versions(client: TestClient, taxonomy: Taxonomy) -> None:
    said = words(client.get("/about"))
    assert "Never rely on the queue alone" in said
    assert f"Directory, now {taxonomy.versions['directory']}" in said
    assert "Newest comments read with reader 1.0" in said


# Addresses


def test_the_same_question_has_the_same_address() -> None:
    one = Filters(theme="parking", service="podiatry", polarity="+")
    assert links.link("/comments", one) == "/comments?service=podiatry&theme=parking&polarity=%2B"
    assert (
        links.link("/comments", replace(one, polarity=None), order=None) == "/comments?service=podiatry&theme=parking"
    )
    assert links.link("/comments") == "/comments"


def test_an_address_means_what_it_was_made_of(client: TestClient) -> None:
    asked = Filters(search='"five months" wait', date_from=date(2026, 2, 1), date_to=date(2026, 6, 30), polarity="-")
    answer = client.get(links.link("/comments", asked))
    assert answer.status_code == 200
    assert links.link("/comments", replace(asked, search=None)) in hrefs(answer)


def test_words_of_an_upload_are_safe_in_an_address() -> None:
    assert links.comments(Filters(), service="A & B / Ward?") == "/comments?service=A+%26+B+%2F+Ward%3F"
    assert links.comment("a/../b?c#d") == "/comments/a%2F..%2Fb%3Fc%23d"


@pytest.mark.parametrize(
    ("last", "n", "first"),
    [
        (date(2026, 10, 28), 3, date(2026, 8, 1)),
        (date(2026, 1, 1), 12, date(2025, 2, 1)),
        (date(2024, 2, 29), 1, date(2024, 2, 1)),
    ],
)
def test_the_last_months_are_whole_months_up_to_the_newest_comment(last: date, n: int, first: date) -> None:
    assert links.months_back(last, n) == first
