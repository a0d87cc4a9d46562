"""Topics that no theme names: found, kept under their numbers, sorted into, rising, and made local themes. All comments are invented."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import add_batch, analysed
from fastapi.testclient import TestClient
from topics_batch import PIGEONS, TELEVISION, UNIFORMS, USUAL, VENDING, said

from api.app import make_app
from api.arrivals import after_upload
from api.deps import Question, Reader, current_reader
from api.pages.changes import found_changes
from feedback.cli import main
from feedback.comment import Analysed
from feedback.correct import Said, correct, withdraw
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.query import clauses, comments_page, theme_table
from feedback.settings import Settings
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy
from feedback.topics.arrivals import Arrived, sort_arrivals
from feedback.topics.discover import Found, discover, pairs_in, says_enough, sort, terms_of
from feedback.topics.kept import (
    Topic,
    find,
    history,
    how_sorted,
    name_topic,
    on_services,
    runs,
    sort_new,
    topic,
    topics,
    typical,
)
from feedback.topics.local_themes import (
    learnt_in_words,
    local_table,
    local_themes,
    promote,
    retire,
    tag,
    tag_again,
    trial,
)
from feedback.topics.naming import stems, telling_pairs
from feedback.topics.rising import rising
from feedback.topics.vectors import ClauseEncoder, placed

WORDINGS = {"uniforms": said(UNIFORMS)[:64], "vending": said(VENDING)[:64], "television": said(TELEVISION)[:63]}
PLACES = {"uniforms": ("podiatry", date(2025, 6, 1), 480), "vending": ("ward-willow", date(2026, 7, 1), 90),
          "television": ("ward-willow", date(2025, 6, 1), 480)}  # fmt: skip
WHOLE = (date(2025, 6, 1), 480)


def batch_of(wordings: Sequence[str], prefix: str, service: str, first: date, days: int) -> list[Analysed]:
    """One comment for each wording, over so many days; every second says something usual too."""
    found = []
    for i, words in enumerate(wordings):
        clauses = [(words, "-", ())]
        if i % 2:
            clauses.append((USUAL[i % len(USUAL)], "+", ()))
        day = first + timedelta(days=i * days // len(wordings))
        found.append(analysed(f"{prefix}-{i}", clauses, day=day, service=service))
    return found


def usual(service: str, n: int, prefix: str) -> list[Analysed]:
    first, days = WHOLE
    return [
        analysed(
            f"{prefix}-{i}",
            [(USUAL[i % 16], "+", ()), (USUAL[(i // 16 + i) % 16], "0", ())],
            day=first + timedelta(days=i * days // n),
            service=service,
        )
        for i in range(n)
    ]


@pytest.fixture(scope="module")
def encoder() -> ClauseEncoder:
    return ClauseEncoder(Path(Settings().models))


@pytest.fixture(scope="module")
def sought(tmp_path_factory: pytest.TempPathFactory, encoder: ClauseEncoder) -> Path:
    """A database in which topics have been sought once; tests that write take a copy."""
    path = tmp_path_factory.mktemp("topics") / "sought.db"
    with open_store(path, trust_code="HW", clock=lambda: datetime(2026, 10, 1, 12, tzinfo=UTC)) as store:
        comments = [c for name, words in WORDINGS.items() for c in batch_of(words, name, *PLACES[name])]
        comments += [*usual("ward-willow", 96, "willow"), *usual("podiatry", 96, "evesham")]
        comments.append(
            analysed("short", [("All very good", "+", ())], day=date(2026, 1, 1), service="talking-therapies")
        )
        add_batch(store, "first.csv", comments)
        find(store, encoder, by="A. Lead")
    return path


@pytest.fixture
def kept(sought: Path, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "feedback.db"
    shutil.copy(sought, path)
    with open_store(path, clock=lambda: datetime(2026, 10, 2, 12, tzinfo=UTC)) as store:
        yield store


def about(store: Store, taxonomy: Taxonomy, prefix: str) -> tuple[Topic, float, float]:
    """The topic that most clauses of a subject are in, with the share of the subject it holds and the share of it that is the subject."""
    rows = store.conn.execute(
        "SELECT k.topic, c.id FROM topic_clauses k JOIN comments c ON c.number = k.comment WHERE k.clause = 1"
    ).fetchall()
    mine = [number for number, id in rows if id.startswith(prefix)]
    best = max(set(mine), key=mine.count)
    whole = [number for number, _ in rows].count(best)
    found = next(t for t in topics(store.conn, taxonomy, Filters(), EVERYTHING, asleep=True) if t.id == best)
    return found, mine.count(best) / len(WORDINGS.get(prefix, mine)), mine.count(best) / whole


def found_in(words: Sequence[str], encoder: ClauseEncoder, people: Sequence[int] | None = None, **how: object) -> Found:
    return discover(encoder.encode(words), words, people or range(len(words)), **how)  # type: ignore[arg-type]


# Finding


@pytest.mark.parametrize("subject", list(WORDINGS))
def test_a_subject_that_people_keep_speaking_of_becomes_a_topic(subject: str, kept: Store, taxonomy: Taxonomy) -> None:
    _, recall, precision = about(kept, taxonomy, subject)
    assert recall > 0.55
    assert precision > 0.7


def test_what_no_theme_names_is_told_from_what_is_finer_than_a_theme(kept: Store, taxonomy: Taxonomy) -> None:
    uniforms, television = (about(kept, taxonomy, subject)[0] for subject in ("uniforms", "television"))
    assert uniforms.unnamed
    assert (television.unnamed, television.theme) == (False, "electronic-entertainment")


def test_a_topic_is_called_by_its_words(kept: Store, taxonomy: Taxonomy) -> None:
    found, _, _ = about(kept, taxonomy, "vending")
    assert "vending machine" in found.words
    assert found.name.startswith("Vending machine, ")


def test_a_topic_found_again_is_called_as_it_was(kept: Store, taxonomy: Taxonomy, encoder: ClauseEncoder) -> None:
    """More comments shift the weights of words; the pair that everybody says still names the topic."""
    before = {one.id: one.name.split(",")[0] for one in topics(kept.conn, taxonomy, Filters(), EVERYTHING)}
    more = [w.replace("vending machine", "coin machine") for w in said(VENDING)[64:90]]
    add_batch(kept, "second.csv", batch_of(more, "more", *PLACES["vending"]))
    find(kept, encoder, by="A. Lead")
    after = {one.id: one.name.split(",")[0] for one in topics(kept.conn, taxonomy, Filters(), EVERYTHING)}
    assert {id: after[id] for id in before.keys() & after.keys()} == {
        id: before[id] for id in before.keys() & after.keys()
    }
    assert "Vending machine" in after.values()


def test_a_pair_is_what_five_people_said_in_either_order_and_with_any_ending() -> None:
    words = [
        "We waited six weeks.",
        "I waited weeks for it.",
        "Weeks of waiting.",
        "Waited ages, weeks in all.",
        "A week waiting on them.",
    ]
    topics_of = np.array([0] * 5 + [-1] * 5)
    clauses = [*words, *["The nurse was kind to Mum."] * 5]
    pairs = [list(pairs_in(clause)) for clause in clauses]
    found = telling_pairs(pairs, range(10), topics_of, 5)
    assert [pair for pair, _ in found[0]] == []  # a comma parts what is said, so four people said it
    four = telling_pairs(pairs, range(10), topics_of, 4)
    assert [stems(pair) for pair, _ in four[0]] == [stems("waited weeks")]
    assert telling_pairs(pairs, [0] * 10, topics_of, 2) == [[]]  # one person, however often


def test_two_topics_of_the_same_words_are_told_apart_by_their_numbers(kept: Store, taxonomy: Taxonomy) -> None:
    one, other = topics(kept.conn, taxonomy, Filters(), EVERYTHING)[:2]
    with kept.writing():
        kept.conn.execute("DELETE FROM topic_words WHERE topic IN (?, ?)", (one.id, other.id))
        kept.conn.executemany("INSERT INTO topic_words VALUES (?, 'door stuck', 1.0)", [(one.id,), (other.id,)])
    names = {t.id: t.name for t in topics(kept.conn, taxonomy, Filters(), EVERYTHING)}
    assert {names[one.id], names[other.id]} == {f"Door stuck (topic {one.id})", f"Door stuck (topic {other.id})"}


def test_the_same_clauses_give_the_same_topics(encoder: ClauseEncoder) -> None:
    words = [*WORDINGS["uniforms"], *WORDINGS["vending"], *WORDINGS["television"], *(f"{w} {w}" for w in USUAL * 3)]
    one, other = found_in(words, encoder), found_in(words, encoder)
    assert np.array_equal(one.topics, other.topics)
    assert one.words == other.words


def test_too_few_clauses_are_refused_in_a_sentence(encoder: ClauseEncoder) -> None:
    with pytest.raises(BadInput, match=r"There are 64 clauses .* among 200 or more, so wait for more comments\."):
        found_in(WORDINGS["vending"], encoder)


@pytest.mark.parametrize("crowds", [0, 1, 2])
def test_a_collapse_into_nothing_or_two_topics_is_refused(crowds: int) -> None:
    """Vectors that stand nowhere together, all in one place, or in two."""
    rng = np.random.default_rng(7)
    middles = rng.normal(size=(max(crowds, 1), 384))
    spread = rng.normal(scale=0.05 if crowds else 1.0, size=(400, 384))
    vectors = (middles[np.arange(400) % max(crowds, 1)] * bool(crowds) + spread).astype(np.float32)
    with pytest.raises(BadInput, match="do not fall into topics"):
        discover(
            vectors, [f"The {'lift jammed' if n % 2 else 'door stuck'} again today" for n in range(400)], range(400)
        )


def test_a_word_of_fewer_than_five_people_and_a_name_tell_no_topic(encoder: ClauseEncoder) -> None:
    machines = [f"{w[:-1]} beside the zebrafish tank." if i < 12 else w for i, w in enumerate(WORDINGS["vending"])]
    uniforms = [f"Kathryn said {w}" for w in WORDINGS["uniforms"]]
    words = [*machines, *uniforms, *WORDINGS["television"], *USUAL * 3]
    people = [i % 4 if i < 12 else i for i in range(len(words))]  # four people say it, three times each
    found = found_in(words, encoder, people, is_name=lambda word: word == "kathryn")
    told = " ".join(word for topic in found.words for word, _ in topic)
    assert "vending" in told
    assert "zebrafish" not in told
    assert "kathryn" not in told


def test_a_placeholder_is_no_word() -> None:
    assert terms_of("The [PERSON] who mends the drinks machine") == ["mends", "drinks", "machine", "drinks machine"]


def test_a_clause_that_belongs_nowhere_is_not_forced(kept: Store, encoder: ClauseEncoder) -> None:
    from feedback.topics.kept import _in_force, last_centre

    strange = encoder.encode(
        [
            "The comet passes every seventy-six years.",
            "The lease binds both tenants until the solicitor writes.",
            "Rugby league was founded in Huddersfield.",
        ]
    )
    topics_, scores = sort(placed(strange, last_centre(kept.conn)), np.stack(list(_in_force(kept.conn).values())), 0.5)
    assert topics_.tolist() == [-1, -1, -1]
    assert scores.max() < 0.5


def test_what_belongs_to_no_topic_is_counted(kept: Store, taxonomy: Taxonomy) -> None:
    state = how_sorted(kept.conn, taxonomy, Filters(), EVERYTHING)
    texts = [text for words in WORDINGS.values() for text in words]
    texts += [USUAL[i % 16] for words in WORDINGS.values() for i in range(len(words)) if i % 2]
    texts += [USUAL[i % 16] for i in range(96)] * 2 + [USUAL[(i // 16 + i) % 16] for i in range(96)] * 2
    assert state.clauses == sum(map(says_enough, texts))
    placed_now = kept.conn.execute("SELECT count(*) FROM topic_clauses").fetchone()[0]
    assert (state.placed, state.waiting) == (placed_now, 0)
    assert 0 < state.left_out < 1


# Keeping


def test_topics_that_are_found_again_keep_number_name_and_history(
    kept: Store, taxonomy: Taxonomy, encoder: ClauseEncoder
) -> None:
    before = {subject: about(kept, taxonomy, subject)[0].id for subject in WORDINGS}
    name_topic(kept, before["vending"], "Snack machines", "B. Lead")
    add_batch(kept, "second.csv", batch_of(said(PIGEONS)[:60], "pigeons", "podiatry", *WHOLE))
    find(kept, encoder, by="B. Lead")
    after = {subject: about(kept, taxonomy, subject)[0].id for subject in WORDINGS}
    assert after == before
    assert topic(kept.conn, taxonomy, Filters(), EVERYTHING, before["vending"]).name == "Snack machines"
    assert [event.likeness is None for event in history(kept.conn, before["vending"])] == [False, True]
    new, _, _ = about(kept, taxonomy, "pigeons")
    assert new.id not in before.values()
    assert "pigeon" in " ".join(new.words)
    assert runs(kept.conn)[0].new >= 1


def test_later_comments_are_sorted_into_known_topics(kept: Store, taxonomy: Taxonomy, encoder: ClauseEncoder) -> None:
    words = "The vending machine outside the clinic took my two pounds and jammed."
    add_batch(
        kept, "second.csv", [analysed("later", [(words, "-", ())], day=date(2026, 9, 30), service="talking-therapies")]
    )
    assert how_sorted(kept.conn, taxonomy, Filters(), EVERYTHING).waiting == 1
    assert sort_new(kept, encoder) == 1
    assert sort_new(kept, encoder) == 0
    (found,) = topics(kept.conn, taxonomy, Filters(service="talking-therapies"), EVERYTHING)
    assert ("vending machine" in found.words, found.clauses) == (True, 1)


def test_sorting_before_topics_were_sought_is_refused(filled: Store, encoder: ClauseEncoder) -> None:
    with pytest.raises(BadInput, match="`feedback topics discover` does so"):
        sort_new(filled, encoder)


def test_what_was_sought_with_other_models_is_not_mixed(kept: Store, encoder: ClauseEncoder) -> None:
    with kept.writing():
        kept.conn.execute("UPDATE topic_runs SET model = 'reader 0.9'")
    with pytest.raises(BadInput, match=r"sought with reader 0.9"):
        sort_new(kept, encoder)


def test_a_comment_that_is_erased_takes_its_clauses_and_the_words_of_too_few(kept: Store, taxonomy: Taxonomy) -> None:
    found, _, _ = about(kept, taxonomy, "vending")
    uses = dict(
        kept.conn.execute(
            "SELECT word, count(DISTINCT respondent) FROM topic_uses WHERE topic = ? GROUP BY 1", (found.id,)
        ).fetchall()
    )
    word = min(uses, key=lambda w: uses[w])
    users = [
        n for (n,) in kept.conn.execute("SELECT comment FROM topic_uses WHERE topic = ? AND word = ?", (found.id, word))
    ]
    gone = users[: uses[word] - 4]
    with kept.writing():
        kept.conn.execute("DELETE FROM comments WHERE number IN (SELECT value FROM json_each(?))", (json.dumps(gone),))
    marks = json.dumps(gone)
    for table in ("topic_clauses", "topic_uses", "topic_reads"):
        sql = f"SELECT count(*) FROM {table} WHERE comment IN (SELECT value FROM json_each(?))"
        assert kept.conn.execute(sql, (marks,)).fetchone() == (0,), table
    assert word in uses
    assert word not in topic(kept.conn, taxonomy, Filters(), EVERYTHING, found.id).words


def test_the_tables_of_topics_hold_no_sentence_of_a_comment(kept: Store) -> None:
    held = "\n".join(
        str(row)
        for table in (
            "topics",
            "topic_runs",
            "topic_findings",
            "topic_words",
            "topic_uses",
            "topic_clauses",
            "topic_reads",
        )
        for row in kept.conn.execute(f"SELECT * FROM {table}")
    ).lower()
    runs_of_three = {
        " ".join(w.lower().split()[i : i + 3]) for words in WORDINGS.values() for w in words for i in range(3)
    }
    assert [run for run in runs_of_three if run in held] == []


def test_a_clause_that_is_cut_anew_waits_to_be_sorted(kept: Store, taxonomy: Taxonomy) -> None:
    number = kept.conn.execute("SELECT comment FROM topic_clauses LIMIT 1").fetchone()[0]
    with kept.writing():
        kept.conn.execute('UPDATE findings SET "end" = "end" - 1 WHERE comment = ? AND kind = \'clause\'', (number,))
    assert how_sorted(kept.conn, taxonomy, Filters(), EVERYTHING).waiting == 1
    assert number not in {c.comment for t in topics(kept.conn, taxonomy, Filters(), EVERYTHING) for c in typical(
        kept.conn, taxonomy, Filters(), EVERYTHING, t.id, limit=500)}  # fmt: skip


def test_a_name_is_signed_short_and_can_be_taken_back(kept: Store, taxonomy: Taxonomy) -> None:
    id = about(kept, taxonomy, "vending")[0].id
    for name, by, sentence in (
        ("Machines", " ", "signed"),
        ("M" * 61, "B. Lead", "at most 60 characters; this has 61"),
    ):
        with pytest.raises(BadInput, match=sentence):
            name_topic(kept, id, name, by)
    with pytest.raises(NotFound, match="There is no topic 999"):
        name_topic(kept, 999, "Machines", "B. Lead")
    name_topic(kept, id, "Machines", "B. Lead")
    name_topic(kept, id, "", "B. Lead")
    assert topic(kept.conn, taxonomy, Filters(), EVERYTHING, id).named_by is None


def test_typical_clauses_are_of_the_topic_one_of_a_person_and_cited(kept: Store, taxonomy: Taxonomy) -> None:
    id = about(kept, taxonomy, "vending")[0].id
    found = typical(kept.conn, taxonomy, Filters(), EVERYTHING, id)
    assert len({clause.comment for clause in found}) == 6
    assert all("machine" in clause.text for clause in found)
    assert all(clause.citation.endswith(f".{clause.number}") for clause in found)


# Who may see what


def test_a_reader_of_one_service_sees_no_other_services_topics(kept: Store, taxonomy: Taxonomy) -> None:
    vending = about(kept, taxonomy, "vending")[0].id
    podiatry, therapies, willow = (Scope.of(taxonomy, [id]) for id in ("podiatry", "talking-therapies", "ward-willow"))
    assert topics(kept.conn, taxonomy, Filters(), therapies) == ()
    assert vending not in {one.id for one in topics(kept.conn, taxonomy, Filters(), podiatry)}
    with pytest.raises(NotFound, match="that you may see"):
        topic(kept.conn, taxonomy, Filters(), podiatry, vending)
    assert {row.service for row in on_services(kept.conn, taxonomy, Filters(), willow, vending)} == {"ward-willow"}


# Rising


def test_a_topic_that_came_lately_to_a_service_rises_there(kept: Store, taxonomy: Taxonomy) -> None:
    vending = about(kept, taxonomy, "vending")[0].id
    found = rising(kept.conn, taxonomy, Filters(), EVERYTHING)
    assert found.recent == (date(2026, 7, 1), date(2026, 9, 30))
    assert found.before == (date(2025, 7, 1), date(2026, 6, 30))
    up = {(one.topic, one.service): one for one in found.moving if one.rises}
    here = up[vending, "ward-willow"]
    assert here.k_before is not None and here.k_before <= 2
    assert here.lower is not None and here.lower > 0.3
    assert here.chance < 0.001
    assert (vending, "podiatry") not in up
    assert found.sentence.startswith(f"Of {found.tests} pairs of topic and service tested, {len(up)} ")


def test_a_topic_that_stays_as_it_was_does_not_move(kept: Store, taxonomy: Taxonomy) -> None:
    uniforms = about(kept, taxonomy, "uniforms")[0].id
    found = rising(kept.conn, taxonomy, Filters(service="podiatry"), EVERYTHING)
    assert found.tests > 0
    assert uniforms not in {one.topic for one in found.moving}


def test_nothing_rises_where_there_is_too_little(filled: Store, taxonomy: Taxonomy) -> None:
    found = rising(filled.conn, taxonomy, Filters(), EVERYTHING)
    assert (found.tests, found.moving) == (0, ())
    assert found.sentence == "There are too few comments in the last months to say what is rising."


# Local themes


@pytest.fixture
def promoted(kept: Store, taxonomy: Taxonomy, encoder: ClauseEncoder) -> Store:
    id = about(kept, taxonomy, "vending")[0].id
    promote(kept, taxonomy, encoder, id, name="Vending machines", definition="Machines for snacks.", by="A. Lead")
    return kept


def test_a_promoted_topic_tags_the_history_and_no_figure_of_the_framework_moves(
    kept: Store, taxonomy: Taxonomy, encoder: ClauseEncoder
) -> None:
    before = theme_table(kept.conn, taxonomy, Filters(), EVERYTHING)
    id = about(kept, taxonomy, "vending")[0].id
    made = promote(
        kept, taxonomy, encoder, id, name="Vending machines", definition="Machines for snacks.", by="A. Lead"
    )
    assert (made.id, made.version, made.topic) == ("local-vending-machines", 1, id)
    assert made.examples >= 10
    assert made.recall >= 0.8
    assert made.false_alarms <= 0.01
    carry = [s.analysed.comment.id for s in comments_page(
        kept.conn, taxonomy, Filters(theme="local-vending-machines"), EVERYTHING, limit=500).comments]  # fmt: skip
    of_it = [comment for comment in carry if comment.startswith("vending")]
    assert len(of_it) >= 58
    assert len(of_it) / len(carry) >= 0.9
    assert theme_table(kept.conn, taxonomy, Filters(), EVERYTHING) == before
    (row,) = local_table(kept.conn, taxonomy, Filters(service="ward-willow"), EVERYTHING)
    assert (row.title, row.n, row.negative) == ("Vending machines", len(carry), len(carry))


def test_a_clause_that_carries_a_local_theme_can_be_quoted(promoted: Store, taxonomy: Taxonomy) -> None:
    found = clauses(promoted.conn, taxonomy, Filters(theme="local-vending-machines", polarity="-"), EVERYTHING, limit=3)
    assert all("machine" in clause.text for clause in found)
    assert {clause.by for clause in found} == {"local:local-vending-machines 1"}


def test_later_comments_are_tagged_when_they_are_sorted(
    promoted: Store, taxonomy: Taxonomy, encoder: ClauseEncoder
) -> None:
    words = "The snack machine by the door never takes my card."
    add_batch(promoted, "second.csv", [analysed("later", [(words, "-", ())], service="talking-therapies")])
    sort_new(promoted, encoder, also=lambda spans, vectors: tag(promoted, spans, vectors))
    page = comments_page(
        promoted.conn, taxonomy, Filters(theme="local-vending-machines", service="talking-therapies"), EVERYTHING
    )
    assert [stored.analysed.comment.id for stored in page.comments] == ["later"]


def test_a_batch_is_sorted_and_tagged_as_it_arrives(promoted: Store, taxonomy: Taxonomy) -> None:
    words = "The snack machine by the door never takes my card."
    add_batch(promoted, "second.csv", [analysed("later", [(words, "-", ())], service="talking-therapies")])
    models = Path(Settings().models)
    arrived = sort_arrivals(promoted, models)
    assert arrived == Arrived(1, 1, 0, "1 comment was sorted into the known topics and local themes; 1 speak of one.")
    assert sort_arrivals(promoted, models) is None
    carry = Filters(theme="local-vending-machines", service="talking-therapies")
    assert len(comments_page(promoted.conn, taxonomy, carry, EVERYTHING).comments) == 1


def test_what_follows_an_upload_sorts_it_and_finds_its_changes(promoted: Store, taxonomy: Taxonomy) -> None:
    add_batch(promoted, "second.csv", [analysed("later", [("The snack machine ate my card.", "-", ())])])
    assert how_sorted(promoted.conn, taxonomy, Filters(), EVERYTHING).waiting == 1
    after_upload(promoted.path, taxonomy)
    assert how_sorted(promoted.conn, taxonomy, Filters(), EVERYTHING).waiting == 0
    reader = Reader("local", EVERYTHING, may_read=True)
    with TestClient(make_app(promoted.path)) as client:  # what the page shows is what was found, and found again
        answer = found_changes(Question(promoted.conn, taxonomy, Filters(), reader))
        assert answer.batch == 2
        assert answer.told[0] in client.get("/changes").text


def test_a_batch_that_cannot_be_sorted_waits_and_it_is_said_why(kept: Store) -> None:
    models = Path(Settings().models)
    with kept.writing():
        kept.conn.execute("UPDATE topic_runs SET model = 'reader 0.9'")
        kept.conn.execute("DELETE FROM topic_reads WHERE comment = (SELECT min(comment) FROM topic_reads)")
    arrived = sort_arrivals(kept, models)
    assert arrived is not None and (arrived.sorted, arrived.waiting) == (0, 1)
    assert arrived.says.startswith("1 comment was not sorted into topics: The topics were sought with reader 0.9")


def test_a_trial_says_what_would_be_marked_and_how_surely_and_marks_nothing(
    kept: Store, taxonomy: Taxonomy, encoder: ClauseEncoder
) -> None:
    id = about(kept, taxonomy, "vending")[0].id
    found = trial(kept.conn, taxonomy, encoder, id)
    assert found.recall_lower < found.recall <= found.recall_upper <= 1.0
    assert found.recall_lower < 0.95  # of some dozens of examples nobody can say more
    assert 50 <= found.recent <= found.comments <= 80
    assert f"(95% interval {found.recall_lower:.0%} to {found.recall_upper:.0%})" in learnt_in_words(found)
    assert local_themes(kept.conn) == ()
    examples = {c.citation for c in typical(kept.conn, taxonomy, Filters(), EVERYTHING, id, limit=3)}
    assert found.shown and not examples & {c.citation for c in found.shown}
    refused, accepted = found.shown[0].citation, found.shown[-1].citation
    again = trial(kept.conn, taxonomy, encoder, id, also=[accepted], not_examples=[refused])
    assert (again.examples, again.not_examples) == (found.examples + 1, 1)
    made = promote(
        kept, taxonomy, encoder, id, name="Machines", definition="For snacks.", by="A. Lead", also=[accepted],
        not_examples=[refused],
    )  # fmt: skip
    assert (made.recall, made.recall_lower, made.comments) == (again.recall, again.recall_lower, again.comments)


def test_a_person_adds_and_takes_away_a_local_theme(
    promoted: Store, taxonomy: Taxonomy, encoder: ClauseEncoder
) -> None:
    def carry() -> set[str]:
        found = comments_page(
            promoted.conn, taxonomy, Filters(theme="local-vending-machines"), EVERYTHING, limit=500
        ).comments
        return {stored.analysed.comment.id for stored in found}

    wrong = next(id for id in sorted(carry()) if id.startswith("vending"))
    missed = "television-0"
    before = carry()
    correct(promoted, taxonomy, wrong, Said("theme", "local-vending-machines", so=False), by="A. Reader")
    correct(promoted, taxonomy, missed, Said("theme", "local-vending-machines", clause=1), by="A. Reader")
    assert carry() == (before - {wrong}) | {missed}
    tag_again(promoted, encoder)
    assert carry() == (before - {wrong}) | {missed}
    withdraw(promoted, wrong, by="A. Reader", said=Said("theme", "local-vending-machines"))
    assert carry() == before | {missed}
    with pytest.raises(NotFound, match="There is no local theme 'local-nothing'"):
        correct(promoted, taxonomy, missed, Said("theme", "local-nothing", clause=1), by="A. Reader")


def test_a_local_theme_outlives_a_reading_by_new_models(promoted: Store, taxonomy: Taxonomy) -> None:
    from typing import get_args

    from feedback.comment import FindingKind

    filters = Filters(theme="local-vending-machines")
    before = comments_page(promoted.conn, taxonomy, filters, EVERYTHING, limit=500).comments
    with promoted.writing():
        for stored in before:
            promoted.read_anew(
                stored.number, get_args(FindingKind), [f for f in stored.analysed.findings if f.kind == "clause"]
            )
    after = comments_page(promoted.conn, taxonomy, filters, EVERYTHING, limit=500).comments
    assert [stored.citation for stored in after] == [stored.citation for stored in before]


def test_tagging_again_changes_nothing_where_nothing_changed(promoted: Store, encoder: ClauseEncoder) -> None:
    sql = "SELECT comment, label, start, score FROM findings WHERE kind = 'local_theme' ORDER BY 1, 2, 3"
    before = [row[:3] for row in promoted.conn.execute(sql)]
    assert tag_again(promoted, encoder) == local_themes(promoted.conn)[0].comments
    assert [row[:3] for row in promoted.conn.execute(sql)] == before


def test_a_retired_local_theme_is_no_more(promoted: Store, taxonomy: Taxonomy) -> None:
    retire(promoted, "local-vending-machines", "A. Lead")
    assert local_themes(promoted.conn) == ()
    with pytest.raises(NotFound, match="There is no local theme 'local-vending-machines'"):
        comments_page(promoted.conn, taxonomy, Filters(theme="local-vending-machines"), EVERYTHING)


@pytest.mark.parametrize(
    ("name", "definition", "examples", "sentence"),
    [
        ("Parking", "Where to leave a car.", (), "national framework has a theme called 'Parking'"),
        ("Machines", "", (), "signed: give all three"),
        (
            "Machines",
            "Snacks.",
            ("HW-2026-000065.1", "HW-2026-000066.1"),
            "2 examples are left; a theme is learnt from 10",
        ),
        ("Machines", "Snacks.", ("HW-2026-000065.9",), "is no clause's citation"),
        ("Vending machines", "Snacks.", (), "There is a local theme local-vending-machines already"),
    ],
)
def test_a_promotion_that_makes_no_sense_is_refused(
    name: str,
    definition: str,
    examples: tuple[str, ...],
    sentence: str,
    promoted: Store,
    taxonomy: Taxonomy,
    encoder: ClauseEncoder,
) -> None:
    with pytest.raises((BadInput, NotFound), match=sentence):
        promote(promoted, taxonomy, encoder, 1, name=name, definition=definition, by="A. Lead", examples=examples)


# By command, over HTTP, on a page


def test_the_command_lists_shows_names_and_says_what_rises(kept: Store, taxonomy: Taxonomy) -> None:
    id = about(kept, taxonomy, "vending")[0].id

    def run(*words: str) -> str:
        answer = CliRunner().invoke(main, ["topics", *words, "--db", str(kept.path)])
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    listed = json.loads(run("--json"))
    assert {"last_run", "clauses", "placed", "waiting", "left_out", "topics"} == listed.keys()
    assert id in {one["id"] for one in listed["topics"]}
    run("name", str(id), "Snack machines", "--by", "A. Lead")
    assert "Snack machines" in run("--service", "ward-willow")
    shown = json.loads(run("show", str(id), "--json"))
    assert shown["name"] == "Snack machines"
    assert {row["service"] for row in shown["services"]} == {"ward-willow"}
    willow = taxonomy.service_name("ward-willow")
    assert f"Rising: Snack machines (topic {id}), {willow}: spoken of in" in run("rising")


def test_the_command_tries_a_promotion_before_it_makes_one(kept: Store, taxonomy: Taxonomy) -> None:
    id = about(kept, taxonomy, "vending")[0].id
    words = ["--name", "Machines", "--definition", "For snacks.", "--by", "A. Lead", "--db", str(kept.path)]
    tried = CliRunner().invoke(main, ["topics", "promote", str(id), *words, "--try"])
    assert tried.exit_code == 0, tried.output
    assert re.search(
        r"It would mark \d+ comments, \d+ of the last 12 months\. Of \d+ examples, each held out", tried.stdout
    )
    assert "95% interval" in tried.stdout and "Nothing is kept yet." in tried.stdout
    assert local_themes(kept.conn) == ()


def test_the_command_refuses_too_little_in_a_sentence(filled: Store) -> None:
    answer = CliRunner().invoke(main, ["topics", "discover", "--by", "A. Lead", "--db", str(filled.path)])
    assert answer.exit_code == 1
    assert "topics are sought among 200 or more" in answer.output


@pytest.fixture
def client(promoted: Store) -> Iterator[TestClient]:
    with TestClient(make_app(promoted.path)) as client:
        yield client


def test_the_api_answers_what_the_command_does(client: TestClient, promoted: Store, taxonomy: Taxonomy) -> None:
    id = about(promoted, taxonomy, "vending")[0].id
    listed = client.get("/api/v1/topics").json()
    assert listed["waiting"] == 0
    assert next(one for one in listed["topics"] if one["id"] == id)["local_theme"] == "local-vending-machines"
    one = client.get(f"/api/v1/topics/{id}").json()
    assert [row["service"] for row in one["services"]] == ["ward-willow"]
    assert len(one["typical"]) == 6
    assert client.get("/api/v1/topics/rising").json()["moving"][0]["topic"] == id
    named = client.put(f"/api/v1/topics/{id}/name", json={"name": "Snack machines", "by": "A. Lead"})
    assert (named.status_code, named.json()["name"]) == (200, "Snack machines")
    assert client.get("/api/v1/comments", params={"theme": "local-vending-machines"}).status_code == 200
    (local,) = client.get("/api/v1/local-themes").json()["themes"]
    assert local["id"] == "local-vending-machines"
    assert client.post("/api/v1/topics/sort").json() == {"comments": 0}
    assert client.delete("/api/v1/local-themes/local-vending-machines").status_code == 200
    assert client.get("/api/v1/local-themes").json()["themes"] == []
    missing = client.get("/api/v1/topics/999")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


def test_a_reader_of_figures_gets_no_words_and_no_small_counts(
    client: TestClient, promoted: Store, taxonomy: Taxonomy
) -> None:
    reader = Reader("a board member", EVERYTHING, may_read=False)
    client.app.dependency_overrides[current_reader] = lambda: reader  # type: ignore[attr-defined]
    for one in client.get("/api/v1/topics").json()["topics"]:
        shown = client.get(f"/api/v1/topics/{one['id']}").json()
        assert shown["typical"] == []
        counts = [row["n"] for row in (*shown["services"], *shown["months"])]
        assert all(n is None or n == 0 or n >= 5 for n in counts)
        assert client.put(f"/api/v1/topics/{one['id']}/name", json={"name": "X"}).status_code == 403
    assert client.get("/topics").status_code == 200


def test_the_pages_show_topics_and_take_what_a_person_decides(
    client: TestClient, promoted: Store, taxonomy: Taxonomy
) -> None:
    uniforms = about(promoted, taxonomy, "uniforms")[0]
    assert f'href="/topics/{uniforms.id}"' in client.get("/topics").text
    page = client.get(f"/topics/{uniforms.id}").text
    assert "No theme names it" in page
    named = client.post(f"/topics/{uniforms.id}/name", data={"name": "Who is who", "by": "A. Lead"})
    assert "<h1>Who is who</h1>" in named.text
    assert "Enter your name" in client.post(f"/topics/{uniforms.id}/promote", data={"theme": "Who is who"}).text
    form = {"theme": "Who is who", "definition": "Who wears what.", "signed": "A. Lead"}
    tried = client.post(f"/topics/{uniforms.id}/promote", data={"step": "try", **form}).text
    assert "Nothing is marked yet" in tried and "95% interval" in tried and 'value="Who is who"' in tried
    offered = re.findall(r'name="also" type="checkbox" value="([^"]+)"', tried)
    assert offered
    again = client.post(f"/topics/{uniforms.id}/promote", data={"step": "try", **form, "leave_out": offered[0]}).text
    assert f'type="hidden" name="leave_out" value="{offered[0]}"' in again
    assert client.post(f"/api/v1/topics/{uniforms.id}/trial", json={}).json()["says"].startswith("Of ")
    assert "The national framework" not in client.get("/themes").text
    assert "Vending machines" in client.get("/themes").text
    assert "<h1>Vending machines</h1>" in client.get("/themes/local-vending-machines").text
    chosen = client.get("/comments", params={"theme": "local-vending-machines"}).text
    assert "Vending machines (local theme)" in chosen
    again = client.post("/topics/local/local-vending-machines/retire", data={"by": "A. Lead"})
    assert "The local theme has been retired." in again.text
