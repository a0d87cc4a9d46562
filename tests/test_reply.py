"""The reply to the public: traced to what it rests on, nobody exposed, released only by a person and kept as released. All invented."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from conftest import MANNER, WAIT, add_batch, analysed

from feedback.actions import Action, action, add, change
from feedback.erase import by_citation, erase, look
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Scope
from feedback.redact import Redactor
from feedback.replies import draft as reply
from feedback.replies.draft import Draft, draft, draft_kept, keep, release, replies, standing, traced, withdraw
from feedback.replies.easy_read import EasyWords, easy, explained, load_easy_words, too_hard
from feedback.replies.files import as_file, as_html
from feedback.settings import DATA
from feedback.store import Store
from feedback.taxonomy import Taxonomy

CLINIC = Action(
    "podiatry",
    "It takes too long to be seen",
    "Opened a Saturday clinic",
    date(2026, 1, 15),
    "Lead",
    WAIT,
    "done",
    name="Saturdays",
)
LATE = ("I waited five months to be seen.", "-", (WAIT,))
KIND = ("The podiatrist was gentle.", "+", (MANNER,))
RARE = "My fibrodysplasia meant that nobody in the clinic knew what to do."


@pytest.fixture
def told(store: Store, taxonomy: Taxonomy) -> Store:
    """Podiatry with less criticism of the wait since the middle of January, and an action that answers two comments."""
    comments = []
    for i, late in enumerate([6] * 6 + [6] + [5, 0, 0, 0, 0, 0]):
        count = 2025 * 12 + 6 + i
        day = date(count // 12, count % 12 + 1, 5)
        comments += [
            analysed(f"p-{day}-{j}", [LATE if j < late else KIND], day=day, service="podiatry") for j in range(20)
        ]
    comments.append(analysed("rare", [(RARE, "-", (WAIT,))], day=date(2026, 5, 3), service="ward-willow"))
    add_batch(store, "a.csv", comments)
    add(store, taxonomy, CLINIC, by="A. Lead", redact=str, citations=["HW-2026-000001.1", "HW-2026-000002"])
    return store


@pytest.fixture(scope="module")
def redact(taxonomy: Taxonomy) -> Callable[[str], str]:
    redactor = Redactor(taxonomy)
    return lambda text: redactor.redact([text])[0][0]


def drafted(store: Store, taxonomy: Taxonomy, form: Any = "standard", id: int = 1) -> Draft:
    return draft(store.conn, taxonomy, action(store.conn, id, EVERYTHING), form, EVERYTHING)


def looked(store: Store, taxonomy: Taxonomy, text: str, form: Any = "standard") -> reply.Traced:
    return traced(store.conn, taxonomy, action(store.conn, 1, EVERYTHING), form, text, EVERYTHING)


def released(
    store: Store, taxonomy: Taxonomy, redact: Callable[[str], str], text: str | None = None, form: Any = "standard"
) -> int:
    given = drafted(store, taxonomy, form).text if text is None else text
    found = action(store.conn, 1, EVERYTHING)
    return release(store, taxonomy, found, form, given, by="B. Manager", redact=redact, scope=EVERYTHING)


# The draft


def test_the_draft_says_what_was_recorded_and_counted_and_no_more(told: Store, taxonomy: Taxonomy) -> None:
    assert drafted(told, taxonomy).text == (
        "# You said, we did: Podiatry\n\n"
        "## You said\n\n"
        "It takes too long to be seen. From July to December 2025, 36 of the 120 comments (30%) about Podiatry criticised "
        "“Timeliness of care”, which includes this.\n\n"
        "## What we did\n\n"
        "We opened a Saturday clinic. We did this on 15 January 2026.\n\n"
        "## What people say since\n\n"
        "From February to July 2026, 5 of the 120 comments (4%) criticised “Timeliness of care”. That is fewer than before, by more "
        "than chance would explain, but other things may have changed too.\n\n"
        "## Tell us more\n\n"
        "Please keep telling us what you think of our care.\n"
    )


def test_every_sentence_of_a_draft_has_a_source_and_no_source_is_in_the_public_text(
    told: Store, taxonomy: Taxonomy
) -> None:
    made = drafted(told, taxonomy)
    assert [[source.kind for source in one.sources] for one in made.sentences] == [
        ["record", "comment", "comment"], ["figures"], ["record"], ["record"], ["figures"], ["figures"], ["standing"],
    ]  # fmt: skip
    assert [source.citation for source in made.sentences[0].sources] == [None, "HW-2026-000001.1", "HW-2026-000002"]
    assert not re.search(r"HW-\d|feedback trend|action 1", made.text)
    assert not any(LATE[0] in part for part in (made.text, str(made.sentences)))


@pytest.mark.parametrize(
    ("state", "day", "did", "heading", "says"),
    [
        (
            "planned",
            30,
            "Open a Saturday clinic",
            "What we plan to do",
            "We plan to open a Saturday clinic. We plan to do this by",
        ),
        (
            "under_way",
            30,
            "Opening a Saturday clinic",
            "What we are doing",
            "We are opening a Saturday clinic. We have started",
        ),
        ("stopped", 1, "Open a Saturday clinic", "Why we stopped", "No nurse could be found."),
    ],
)
def test_what_is_not_done_is_not_said_to_be(
    told: Store, taxonomy: Taxonomy, state: str, day: int, did: str, heading: str, says: str
) -> None:
    fields = {"state": state, "date": date(2026, 9, day), "we_did": did, "outcome": "No nurse could be found."}
    change(told, taxonomy, 1, fields if state == "stopped" else fields | {"outcome": ""}, by="x", redact=str)
    text = drafted(told, taxonomy).text
    assert f"## {heading}" in text and says in text
    assert "We did this" not in text and "What people say since" not in text


def test_no_number_of_a_draft_leads_to_fewer_than_five_comments(store: Store, taxonomy: Taxonomy) -> None:
    comments = [
        analysed(f"c-{month}-{j}", [LATE if j < 1 else KIND], day=date(2026, month, 5), service="podiatry")
        for month in (1, 2, 4, 5)
        for j in range(10)
    ]
    add_batch(store, "a.csv", comments)
    add(
        store,
        taxonomy,
        Action(**{n: getattr(CLINIC, n) for n in CLINIC.__dataclass_fields__} | {"date": date(2026, 3, 9)}),
        by="x",
        redact=str,
    )
    for form in ("standard", "easy_read"):
        text = drafted(store, taxonomy, form).text
        assert "What people say since" not in text and "What is different now" not in text
        assert not re.search(r"\b\d+ of the|in every", text)


# Easy read


def test_the_easy_read_draft_has_short_sentences_each_by_itself_and_explains_hard_words(
    told: Store, taxonomy: Taxonomy
) -> None:
    made = drafted(told, taxonomy, "easy_read")
    assert made.text.startswith(
        "# You said, we did: easy read\n\n## What this is about\n\nThis is about Podiatry.\n\n**Podiatry** means care for your feet."
    )
    assert (
        "Before: about 3 in every 10 comments said this was not good.\n\nNow: fewer than 1 in every 10 comments"
        in made.text
    )
    assert all(too_hard(one.text) is None for one in made.sentences)
    assert len({one.heading for one in made.sentences}) == 5
    assert all(one.sources for one in made.sentences)
    assert not re.search(r"%|interval|chance|negative", made.text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("We commenced the work.", ("We started the work.",)),
        ("Contact the ward.", ("Contact the ward.",)),
        (
            "The wait for a first appointment is far too long and nobody tells people on the list how long it will be.",
            (
                "The wait for a first appointment is far too long.",
                "Nobody tells people on the list how long it will be.",
            ),
        ),
        (
            "People could not get through on the phone in the morning because the line was busy from eight until ten.",
            (
                "People could not get through on the phone in the morning.",
                "This is because the line was busy from eight until ten.",
            ),
        ),
        ("Soup and bread and tea were cold and late on the ward on most of the days last week.", None),
    ],
)
def test_long_sentences_are_cut_only_where_a_new_one_begins(before: str, after: tuple[str, ...] | None) -> None:
    assert easy(before, load_easy_words(DATA)) == (after or (before,))


def test_every_plain_word_is_plainer_and_every_explanation_is_short() -> None:
    words = load_easy_words(DATA)
    assert not set(words.plain) & {word for plain in words.plain.values() for word in plain.split()}
    assert not [term for term, means in words.explain.items() if len(f"{term} means {means}".split()) > 15]
    assert not [term for term, means in words.explain.items() if not means.endswith(".")]


def test_of_two_hard_words_in_one_place_the_longer_is_explained() -> None:
    words = EasyWords("1", {}, {"ward": "x.", "virtual ward": "y."})
    assert explained(["The virtual ward rang."], words) == (("Virtual ward", "means y."),)


# What a person changes


def test_what_a_person_writes_is_told_from_what_the_record_says(told: Store, taxonomy: Taxonomy) -> None:
    text = drafted(told, taxonomy).text.replace(
        "We opened a Saturday clinic.", "We opened a clinic on Saturdays. We love cake."
    )
    found = {one.text: one for one in looked(told, taxonomy, text).sentences}
    changed, own = found["We opened a clinic on Saturdays."], found["We love cake."]
    assert changed.changed and [source.kind for source in changed.sources] == ["person", "record"]
    assert own.changed and [source.kind for source in own.sources] == ["person"]
    assert not found["We did this on 15 January 2026."].changed


def test_a_number_that_nothing_holds_is_pointed_at(told: Store, taxonomy: Taxonomy) -> None:
    text = drafted(told, taxonomy).text.replace("36 of the 120", "46 of the 120")
    assert any(
        "has 46, which neither the record nor the figures hold" in hint for hint in looked(told, taxonomy, text).hints
    )
    assert looked(told, taxonomy, drafted(told, taxonomy).text).hints == ()


def test_long_sentences_of_an_easy_read_reply_are_pointed_at(told: Store, taxonomy: Taxonomy) -> None:
    text = "## What we did\n\nWe opened a clinic on every Saturday of the year so that people who work in the week can come."
    assert (
        "Sentence 1 has 20 words; easy read has up to 15 in a sentence."
        in looked(told, taxonomy, text, "easy_read").hints
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("## You said\n\nMr Bartholomew Ashdown rang 07700 900123.", "hidden"),
        (f"## You said\n\n{RARE}", "could tell who wrote them"),
        ("## You said\n\n[Look](#here) here.", "address or HTML"),
        ("## You said\n\n<script>alert(1)</script>", "address or HTML"),
        ("# Only a title", "no words"),
    ],
)
def test_what_must_not_go_out_is_refused(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str], text: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says) as refusal:
        released(told, taxonomy, redact, text)
    assert "fibrodysplasia" not in str(refusal.value) and "Ashdown" not in str(refusal.value)
    assert replies(told.conn, 1) == ()


def test_words_of_a_comment_that_expose_nobody_are_pointed_at_with_the_citation(
    told: Store, taxonomy: Taxonomy
) -> None:
    found = looked(told, taxonomy, f"## You said\n\n{LATE[0]}")
    assert found.refusals == ()
    assert found.hints[0].startswith("Sentence 1 repeats words of comment HW-2026-00000")
    lead = Scope.of(taxonomy, ["ward-willow"])
    hidden = traced(told.conn, taxonomy, action(told.conn, 1, EVERYTHING), "standard", LATE[0], lead)
    assert "a comment that you may not see" in hidden.hints[0] and "HW-2026" not in hidden.hints[0]


# Release


def test_a_reply_is_released_by_a_person_and_kept_as_released(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]
) -> None:
    assert standing(told.conn, [1]) == ()
    number = released(told, taxonomy, redact)
    (kept,) = replies(told.conn, 1)
    assert (kept.id, kept.released_by, kept.released_at, kept.stands) == (
        number,
        "B. Manager",
        "2026-08-01T12:00:00+00:00",
        True,
    )
    before = kept.text
    change(
        told,
        taxonomy,
        1,
        {"we_did": "Closed the clinic", "state": "stopped", "outcome": "Too few came."},
        by="x",
        redact=str,
    )
    assert standing(told.conn, [1])[0].text == before and "We opened a Saturday clinic." in before
    cited = [source.citation for n, source in reply.sources(told.conn, number, EVERYTHING) if n == 1]
    assert cited == [None, "HW-2026-000001.1", "HW-2026-000002"]


def test_a_later_release_takes_the_place_of_the_one_before(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]
) -> None:
    first, easy_one = released(told, taxonomy, redact), released(told, taxonomy, redact, form="easy_read")
    second = released(told, taxonomy, redact, "## What we did\n\nWe opened a Saturday clinic.")
    assert {one.id for one in standing(told.conn, [1])} == {easy_one, second}
    gone = reply.reply(told.conn, 1, first)
    assert (gone.withdrawn_by, gone.reason) == ("B. Manager", reply.REPLACED)


def test_a_draft_waits_under_its_writers_name_until_somebody_releases_it(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]
) -> None:
    found, words = action(told.conn, 1, EVERYTHING), "## What we did\n\nWe opened a Saturday clinic."
    keep(told, taxonomy, found, "standard", words, by="A. Writer", redact=redact)
    left = draft_kept(told.conn, 1, "standard")
    assert left and (left.written_by, left.released_at) == ("A. Writer", None) and replies(told.conn, 1) == ()
    released(told, taxonomy, redact, left.text)
    (kept,) = replies(told.conn, 1)
    assert (kept.written_by, kept.released_by, draft_kept(told.conn, 1, "standard")) == (
        "A. Writer",
        "B. Manager",
        None,
    )


def test_withdrawing_is_signed_reasoned_and_can_take_the_words_out(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]
) -> None:
    number = released(told, taxonomy, redact)
    with pytest.raises(BadInput, match="why"):
        withdraw(told, 1, number, by="x", reason=" ", redact=redact)
    with pytest.raises(NotFound):
        withdraw(told, 2, number, by="x", reason="y", redact=redact)
    withdraw(told, 1, number, by="C", reason="The clinic closed", redact=redact)
    assert reply.reply(told.conn, 1, number).text and standing(told.conn, [1]) == ()
    with pytest.raises(BadInput, match="withdrawn already"):
        withdraw(told, 1, number, by="C", reason="again", redact=redact)
    withdraw(told, 1, number, by="C", reason="erased", redact=redact, remove_words=True)
    gone = reply.reply(told.conn, 1, number)
    assert (gone.text, gone.reason, gone.withdrawn_by) == ("", "The clinic closed", "C")


def test_the_easy_read_version_goes_with_the_reply_and_by_itself_leaves_it_standing(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]
) -> None:
    plain, easy_one = released(told, taxonomy, redact), released(told, taxonomy, redact, form="easy_read")
    assert withdraw(told, 1, easy_one, by="C", reason="Hard to read", redact=redact) == (easy_one,)
    assert [one.id for one in standing(told.conn, [1])] == [plain]
    again = released(told, taxonomy, redact, form="easy_read")
    assert withdraw(told, 1, plain, by="C", reason="The clinic closed", redact=redact) == (plain, again)
    assert standing(told.conn, [1]) == ()
    assert reply.reply(told.conn, 1, again).reason == "The clinic closed"


def test_taking_the_words_of_an_old_reply_out_leaves_a_newer_easy_read_version_standing(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]
) -> None:
    old = released(told, taxonomy, redact)
    released(told, taxonomy, redact, "## What we did\n\nWe opened a Saturday clinic.")
    easy_one = released(told, taxonomy, redact, form="easy_read")
    assert withdraw(told, 1, old, by="C", reason="erased", redact=redact, remove_words=True) == (old,)
    assert easy_one in {one.id for one in standing(told.conn, [1])}


def test_an_erasure_names_the_action_whose_reply_repeats_the_words_and_takes_the_trace_away(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]
) -> None:
    number = released(told, taxonomy, redact, f"## You said\n\n{LATE[0]}")
    asked = by_citation(told.conn, "HW-2026-000001", only=True)
    assert look(told.conn, asked).actions == (1,)
    erase(told, asked, by="x", reason="asked", redactor=Redactor(taxonomy))
    assert "HW-2026-000001.1" not in str(reply.sources(told.conn, number, EVERYTHING))
    withdraw(told, 1, number, by="C", reason="erased", redact=redact, remove_words=True)
    assert look(told.conn, by_citation(told.conn, "HW-2026-000002", only=True)).actions == ()


# Files


def test_a_released_reply_is_a_markdown_a_page_and_a_word_document_of_the_same_words(
    told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]
) -> None:
    from docx import Document

    (kept,) = [reply.reply(told.conn, 1, released(told, taxonomy, redact, form="easy_read"))]
    assert as_file("Podiatry", kept, "md").decode().strip() == kept.text
    page = as_html(kept)
    assert '<html lang="en-GB">' in page and "<h1>You said, we did: easy read</h1>" in page and "font-size: 16" in page
    assert "<strong>Podiatry</strong> means care for your feet." in page
    word = Document(BytesIO(as_file("Podiatry", kept, "docx")))
    said = [p.text for p in word.paragraphs]
    assert "We opened a Saturday clinic." in said and "Podiatry means care for your feet." in said
    headings = [p.text for p in word.paragraphs if p.style is not None and p.style.name.startswith("Heading")]
    assert headings == [
        "What this is about",
        "What you told us",
        "What we did",
        "What is different now",
        "Tell us more",
    ]
    with pytest.raises(BadInput, match="written as"):
        as_file("Podiatry", kept, "pdf")


def test_a_withdrawn_reply_is_not_given_out(told: Store, taxonomy: Taxonomy, redact: Callable[[str], str]) -> None:
    number = released(told, taxonomy, redact)
    withdraw(told, 1, number, by="C", reason="The clinic closed", redact=redact)
    with pytest.raises(NotFound, match="withdrawn"):
        as_file("Podiatry", reply.reply(told.conn, 1, number), "md")


def test_what_a_person_writes_is_no_html_in_the_page(told: Store) -> None:
    from dataclasses import replace

    kept = reply.Kept(1, 1, "standard", "## A & B\n\n1 < 2 **bold** ![x](y)", "a", "b", "c", "d", None, None, "")
    assert "<h2>A &amp; B</h2>" in as_html(kept) and "1 &lt; 2 <strong>bold</strong>" in as_html(kept)
    assert "<img" not in as_html(replace(kept, text="![x](https://example.org/x.png)"))
