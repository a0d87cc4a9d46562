"""The pages in a real browser: axe finds nothing, nothing scrolls sideways, the policy stops nothing, and no script is needed."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from conftest import MANNER, WAIT, Clause, add_batch, analysed, invented, unread
from conftest_browser import chromedriver, chromium
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from api.app import STATIC, make_app
from feedback.actions import Action
from feedback.actions import add as add_action
from feedback.comment import Analysed, StaffName
from feedback.correct import Said, correct
from feedback.documents.asked import asked_of
from feedback.documents.files import file_of
from feedback.documents.kept import keep as keep_pack
from feedback.documents.packs import make_pack
from feedback.erase import by_citation, erase
from feedback.filters import EVERYTHING, Filters
from feedback.redact import Redactor
from feedback.replies.draft import FORMS, release
from feedback.replies.draft import draft as draft_reply
from feedback.safety.blind import draw
from feedback.store import Store, open_store
from feedback.taxonomy import load_taxonomy

pytestmark = pytest.mark.browser

WIDTHS = {"desk": 1280, "telephone": 390}
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PAGES = [
    "/",
    "/services",
    "/services/podiatry",
    "/services/talking-therapies",
    "/services/ward-willow",
    "/services/podiatry/thanks",
    "/services/names",
    "/services/disagreements",
    "/themes",
    "/themes/timeliness-of-care",
    "/topics",
    "/topics/1",
    "/topics/local/local-long-waits",
    "/objectives",
    "/strategy",
    "/strategy?version=2025-2030",
    "/objectives/O3",
    "/values/responsive",
    "/statements/O3.W5",
    "/outcomes/P2",
    "/supporting-strategies/SS6",
    "/silence",
    "/c/HW-2026-000031.2",
    "/programmes",
    "/programmes/PRIO-PSY",
    "/programmes/PRIO-104W",
    "/comments",
    "/comments?theme=timeliness-of-care&polarity=-",
    "/comments?order=negative",
    "/comments/HW-2026-000031.2",
    "/comments/HW-2026-000031?correct=theme&label=parking&so=no&clause=2",
    "/comments/HW-2026-000031?correct=service",
    "/comments/HW-2026-000033?correct=signal",
    "/comments/HW-2026-000033?undo=1",
    "/signals?show=all",
    "/signals/HW-2026-000032/unsafe_environment",
    "/signals/digest?since=2026-07-30",
    "/signals/samples",
    "/signals/sample/1",
    "/translations",
    "/comments/polish-1/translation",
    "/comments/polish-1",
    "/actions",
    "/actions/new?service=podiatry",
    "/actions/1",
    "/actions/1/change",
    "/actions/1/reply",
    "/actions/1/reply?form=easy_read",
    "/batches",
    "/batches/1",
    "/batches/1/take-back",
    "/summary",
    "/summary?show=themes",
    "/changes",
    "/changes?service=talking-therapies",
    "/subscriptions",
    "/reports",
    "/reports?on=service:podiatry&made=1",
    "/reports/1/check",
    "/erase",
    "/erase/receipts/1",
    "/about",
    "/no-such-page",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: {type: "tag", values: %s}}).then(
  found => done(found.violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(" | "))),
  error => done(["axe did not run: " + error]));
"""


def changing() -> Iterator[Analysed]:
    """Eighteen months of a service that got better half way, so that there are charts with every kind of point."""
    for month in range(18):
        for n in range(12):
            late = n < (8 if month < 9 else 1)
            clause: Clause = ("We waited far too long.", "-", (WAIT, "responsive", "O3", "O3.W5"))
            kind: Clause = ("They were very kind to us.", "+", (MANNER, "supportive", "O2"))
            day = date(2025 + month // 12, 1 + month % 12, 5)
            fft = 4 if late else 1
            yield analysed(f"t-{month}-{n}", [clause if late else kind], day=day, service="talking-therapies", fft=fft)


def thanked_by_name() -> Analysed:
    """Praise in which a nurse is named, for the page of thanks."""
    one = analysed(
        "named-1", [("Nurse [PERSON] was gentle.", "+", (MANNER,))], day=date(2026, 7, 9), service="podiatry"
    )
    return replace(one, names=(StaffName(6, 14, "Tawnybrook"),))


def keep_a_topic(store: Store) -> None:
    """A topic as a search keeps it, and the local theme made of it: the clauses about waiting."""
    none = bytes(4 * 768)
    waits = "FROM effective k JOIN comments c ON c.number = k.comment WHERE k.kind = 'clause' AND c.text GLOB '*waited five*'"
    kept: tuple[tuple[object, ...], ...] = (
        (
            "INSERT INTO topic_runs VALUES (1, ?, 'A. Lead', 60, 20, '{\"floor\": 0.5}', 'reader + guard', ?)",
            store.now(),
            none,
        ),
        ("INSERT INTO topics (id, centroid, theme, chance) VALUES (1, ?, 'timeliness-of-care', 0.2)", none),
        ("INSERT INTO topic_findings VALUES (1, 1, NULL, 20)",),
        ("INSERT INTO topic_words VALUES (1, 'waited', 0.5)",),
        (f'INSERT INTO topic_clauses SELECT k.comment, k.detail, k.start, k."end", 1, 0.9 {waits}',),
        (
            'INSERT INTO local_themes (id, version, name, definition, topic, model, weights, threshold, scores, "by", at) VALUES'
            " ('local-long-waits', 1, 'Long waits', 'Months of waiting.', 1, 'reader + guard', ?, 0.5,"
            " '{\"recall\": 0.9, \"false_alarms\": 0.004}', 'A. Lead', ?)",
            none,
            store.now(),
        ),
        (
            'INSERT INTO findings (comment, kind, label, place, polarity, score, start, "end", "by", detail)'
            " SELECT k.comment, 'local_theme', 'local-long-waits', k.detail, k.polarity, 0.9, k.start, k.\"end\","
            f" 'local:local-long-waits 1', '' {waits}",
        ),
    )
    with store.writing():
        for sql, *values in kept:
            store.conn.execute(str(sql), values)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application on a free port of this machine, over invented comments."""
    path = tmp_path_factory.mktemp("pages") / "feedback.db"
    setting = pytest.MonkeyPatch()
    setting.setenv("FEEDBACK_STAFF_NAMES", "in_praise")
    with open_store(path, trust_code="HW", clock=lambda: datetime(2026, 8, 1, tzinfo=UTC)) as store:
        add_batch(store, "sample_first.csv", invented())
        add_batch(store, "sample_second.csv", [*unread(), *changing()])
        keep_a_topic(store)
        clinic = Action(
            "talking-therapies", "It takes too long.", "Opened a clinic.", date(2025, 10, 1), "Lead", WAIT, "done"
        )
        acted = replace(
            clinic, id=add_action(store, load_taxonomy(), clinic, by="A. Lead", redact=str, citations=["t-1-1"])
        )
        for form in FORMS:
            text = draft_reply(store.conn, load_taxonomy(), acted, form, EVERYTHING).text
            release(store, load_taxonomy(), acted, form, text, by="A. Lead", redact=str, scope=EVERYTHING)
        draw(store, load_taxonomy(), Filters(), EVERYTHING, size=20, by="A. Reader", seed=1)
        correct(store, load_taxonomy(), "HW-2026-000033.1", Said("theme", WAIT), by="A. Reader")
        keep_pack(store, load_taxonomy(), asked_of(Filters(service="talking-therapies")), EVERYTHING, by="A. Reader")
        add_batch(store, "sample_third.csv", [thanked_by_name(), analysed("gone-1", [("Thank you.", "+", ())])])
        gone = by_citation(store.conn, "gone-1")
        erase(store, gone, by="A. Lead", reason="Asked by letter.", redactor=Redactor(load_taxonomy()))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(make_app(path), host="127.0.0.1", port=port, log_level="error"))
        thread = Thread(target=server.run)
        thread.start()
        try:
            end = time.monotonic() + 60
            while not server.started:
                assert thread.is_alive() and time.monotonic() < end
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
            setting.undo()


@pytest.fixture(scope="module", params=WIDTHS)
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser as wide as a desk's and a telephone's, with a profile of its own."""
    with _open(tmp_path_factory.mktemp("profile"), WIDTHS[request.param]) as driver:
        yield driver


def _soon(browser: Chrome, holds: Callable[[Chrome], bool]) -> None:
    """Wait until something holds of the page that a click or a form brings.

    The old page may go while it is looked at, and the driver has several errors for that; time running out is still a failure.
    """
    WebDriverWait(browser, 20, ignored_exceptions=(WebDriverException,)).until(holds)


def _open(profile: Path, width: int, *, script: bool = True) -> Chrome:
    options = ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},900"):
        options.add_argument(flag)
    options.binary_location = chromium() or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = Chrome(options=options, service=Service(chromedriver()))
    # A window cannot be made as narrow as a telephone; what the page is told can.
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    return driver


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Chrome, address: str, path: str) -> None:
    browser.get(address + path)
    browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    browser.execute_script((STATIC / "vendor" / "axe.min.js").read_text(encoding="utf-8"))
    assert browser.execute_async_script(AXE % json.dumps(RULES)) == []
    wide, window = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window
    said = [entry["message"] for entry in browser.get_log("browser") if "no-such-page" not in entry["message"]]
    assert said == []  # a style or script that the policy stops, or a file that is not there, would be told here


def test_the_keyboard_reaches_the_content_past_the_menu(browser: Chrome, address: str) -> None:
    browser.get(f"{address}/services")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    first = browser.switch_to.active_element
    assert first.text == "Skip to main content"
    first.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "maincontent"


def test_a_chart_is_drawn_once_in_the_width_of_the_screen(browser: Chrome, address: str) -> None:
    browser.get(f"{address}/services/talking-therapies")
    pictures = browser.find_elements(By.CSS_SELECTOR, "#negative svg[role=img]")
    seen = [picture for picture in pictures if picture.is_displayed()]
    assert (len(pictures), len(seen)) == (2, 1)
    assert seen[0].size["width"] <= browser.execute_script("return window.innerWidth")
    assert "negative" in (seen[0].get_attribute("aria-label") or "")


def test_a_filter_chosen_in_the_form_is_in_the_address(browser: Chrome, address: str) -> None:
    browser.get(f"{address}/comments")
    browser.find_element(By.CSS_SELECTOR, ".app-filters summary").click()
    browser.find_element(By.CSS_SELECTOR, "#f-sentiment option[value=mixed]").click()
    browser.find_element(By.CSS_SELECTOR, ".app-filters button").click()
    _soon(browser, lambda b: b.current_url == f"{address}/comments?sentiment=mixed")


def test_an_incomplete_review_puts_the_focus_on_what_is_wrong(browser: Chrome, address: str) -> None:
    browser.get(f"{address}/signals/HW-2026-000032/unsafe_environment")
    browser.find_element(By.CSS_SELECTOR, "main form button").click()
    _soon(browser, lambda b: "Enter your name" in b.switch_to.active_element.text)


def test_without_script_every_page_is_reached_and_every_form_works(address: str, tmp_path: Path) -> None:
    with _open(tmp_path, WIDTHS["telephone"], script=False) as browser:
        browser.get(address)
        menu = browser.find_elements(By.CSS_SELECTOR, ".nhsuk-header__navigation-link")
        shown = [link.text for link in menu if link.is_displayed()]
        assert shown == [
            "Overview",
            "What is changing",
            "Services",
            "Themes",
            "Strategy",
            "Delivery plan",
            "Comments",
            "Safety queue",
            "You said, we did",
            "Documents",
            "Uploads",
            "About",
        ]
        assert "js-enabled" not in (browser.find_element(By.TAG_NAME, "body").get_attribute("class") or "")
        field = browser.find_element(By.ID, "header-search")
        field.send_keys("supper")
        field.submit()
        _soon(browser, lambda b: "Supper was cold again." in b.find_element(By.TAG_NAME, "main").text)
        browser.get(f"{address}/comments/HW-2026-000034?correct=sentiment")
        browser.find_element(By.CSS_SELECTOR, "#label option[value='negative:5']").click()
        browser.find_element(By.ID, "name").send_keys("A. Reader")
        browser.find_element(By.CSS_SELECTOR, "section[aria-labelledby=misread] button").click()
        _soon(
            browser,
            lambda b: (
                "Sentiment: negative, 5 of 5" in b.find_element(By.ID, "corrections").find_element(By.XPATH, "..").text
            ),
        )
        browser.get(f"{address}/services/talking-therapies")
        table = browser.find_element(By.CSS_SELECTOR, "#negative table")
        assert not table.is_displayed()
        browser.find_element(By.CSS_SELECTOR, "#negative summary").click()
        assert table.is_displayed()


def test_axe_finds_nothing_in_a_document_that_is_one_file(browser: Chrome, address: str, tmp_path: Path) -> None:
    for form in ("service=talking-therapies", "objective=O3", "board"):
        name, _, id = form.partition("=")
        asked = asked_of(Filters(**({name: id} if id else {})), board=not id)  # type: ignore[arg-type]
        with open_store(tmp_path / f"{name}.db", clock=lambda: datetime(2026, 8, 1, tzinfo=UTC)) as store:
            add_batch(store, "sample_first.csv", [*invented(), *changing()])
            pack = make_pack(store.conn, load_taxonomy(), asked, EVERYTHING, now=datetime(2026, 8, 1, tzinfo=UTC))
            (tmp_path / f"{name}.html").write_bytes(file_of(pack, "html", store.conn))
        browser.get((tmp_path / f"{name}.html").as_uri())
        browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        browser.execute_script((STATIC / "vendor" / "axe.min.js").read_text(encoding="utf-8"))
        assert browser.execute_async_script(AXE % json.dumps(RULES)) == []
        wide, window = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= window
