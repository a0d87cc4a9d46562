"""A quotation that could tell who wrote it is withheld from documents and publications; ordinary words are not. All invented."""

import csv
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner
from conftest import MANNER, WAIT, add_batch, analysed
from openpyxl import load_workbook

from feedback.cli import main
from feedback.comment import Finding
from feedback.disclosure import Disclosure, Risk
from feedback.documents.asked import Form
from feedback.documents.report import report
from feedback.errors import BadData, BadInput
from feedback.query import EVERYTHING, Filters
from feedback.settings import DATA, Settings
from feedback.store import Store
from feedback.taxonomy import Taxonomy

MAY = date(2026, 5, 12)
LARGE, SMALL = "talking-therapies", "podiatry"
RARE = "The nurse knew more about my Huntington's than I do."
EIGHT = [
    analysed(f"big-{n}", [(f"Session number {n} helped.", "+", (MANNER,))], day=MAY, service=LARGE) for n in range(8)
]


@pytest.fixture
def teams(store: Store) -> Store:
    """A team of which eight people spoke in May, and one of which one did."""
    add_batch(
        store, "a.csv", [*EIGHT, analysed("small-1", [(RARE, "+", (MANNER, "supportive"))], day=MAY, service=SMALL)]
    )
    return store


def judged(store: Store, taxonomy: Taxonomy, text: str, service: str = SMALL, **more: Any) -> Risk:
    return Disclosure(store.conn, taxonomy).judge(text, [service], MAY, **more)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (RARE, "a rare condition"),
        ("As a retired farrier I know a good foot.", "an unusual job"),
        ("I went up in the triplets' pram room.", "triplets or more"),
        ("Mum is 94 and sharp as a tack.", "an exact age of 90 or more"),
        ("a 97-year-old should not sit in a corridor", "an exact age of 90 or more"),
        ("They rang on 14 March and never again", "an exact date"),
        ("Nobody came on Boxing Day.", "an exact date"),
        ("She came out to Pembridge in the snow", "a small village"),
        ("The leaflet was not in Lithuanian.", "a nationality or language"),
        ("I broke my fast at iftar and they had kept me a plate", "a faith"),
        ("After the air ambulance it was all a blur", "an uncommon injury or event"),
        ("It was all in the Hereford Times.", "a matter known from the press or a court"),
        ("The only man in the class, and glad of it", "being the only one or the first"),
        ("My wife sculpts in scagliola and they asked her about it", "uncommon words"),
    ],
)
def test_what_tells_people_apart_is_withheld_in_a_small_team(
    teams: Store, taxonomy: Taxonomy, text: str, reason: str
) -> None:
    risk = judged(teams, taxonomy, text)
    assert (risk.level, reason in risk.reasons, "a small team" in risk.reasons) == ("high", True, True)


@pytest.mark.parametrize(
    "text",
    [
        "Everyone was kind and nobody rushed me.",
        "I waited five months to be seen.",
        "I waited 95 minutes and it was 92 in the shade.",
        "The vicar came round on a Sunday.",
        "my ingrowing toenail is mended, and the skatepark volunteers were wonderfull",
        "Evrything was explaned and the stairlift came in a week",
        "[PERSON] from Evesham Community Hospital rang back the same day",
        "Twin beds would be better than this.",
        "I had my flu shot and that was that",
        "My Olanzapine was brought down slowly.",
    ],
)
def test_ordinary_words_are_quoted_even_from_a_small_team(teams: Store, taxonomy: Taxonomy, text: str) -> None:
    assert judged(teams, taxonomy, text) == Risk("raised", ("a small team",))


def test_in_a_large_team_one_rare_thing_is_quoted_and_two_are_not(teams: Store, taxonomy: Taxonomy) -> None:
    assert judged(teams, taxonomy, RARE, LARGE) == Risk("raised", ("a rare condition",))
    both = "I have Huntington's and live in Pembridge."
    assert judged(teams, taxonomy, both, LARGE) == Risk("high", ("a rare condition", "a small village"))
    assert judged(teams, taxonomy, "Kind staff.", LARGE) == Risk("low")


def test_what_was_in_the_press_is_withheld_whatever_the_team(teams: Store, taxonomy: Taxonomy) -> None:
    assert judged(teams, taxonomy, "You read about us in the Worcester News", LARGE).is_high


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("As the only blind organist on Hadley at Christmas I was made a fuss of.", "being one of a kind"),
        ("We are the only Somali family in Tenbury and everyone stared.", "being one of a kind"),
        ("the only black girl in the class", "being one of a kind"),
        ("I am the lollipop lady outside the school.", "a public office or role that one person in a place has"),
        ("When I was mayor I opened this unit.", "a public office or role that one person in a place has"),
        ("The vicar of Bromyard had the bed next to mine.", "a public office or role in a named place"),
        ("i was headteacher at wigmore for years", "a public office or role in a named place"),
        ("After Wednesday's crash on the A417 nobody rang me.", "an event that was in the news"),
        ("since the fire at Hopton we live in a caravan", "an event that was in the news"),
        ("The accident on the M5 was all over.", "an event that was in the news"),
        ("The helicopter took me after the barn fire.", "an event that was in the news"),
        ("I am 6ft 9 and the bed was too short.", "a height that few have"),
        ("I'm four foot two and could not reach the bell.", "a height that few have"),
        ("He lost both legs and waited for a ramp.", "a mark that everybody would know"),
        ("My boy has Wolf-Hirschhorn syndrome and they knew nothing of it.", "a rare syndrome"),
        ("My daughter has Xia-Gibbs syndrome.", "a rare syndrome"),
        ("He waited for a ramp after Helmand.", "service in a war"),
        ("A Polish family in Kington was told to wait outside.", "a nationality or faith in a named place"),
    ],
)
def test_what_only_one_person_can_be_is_withheld_whatever_the_team(
    teams: Store, taxonomy: Taxonomy, text: str, reason: str
) -> None:
    risk = judged(teams, taxonomy, text, LARGE)
    assert (risk.level, reason in risk.reasons) == ("high", True)


@pytest.mark.parametrize(
    "text",
    [
        "The only person who listened was the nurse.",
        "It was the only thing that helped.",
        "The only GP who listened was in Worcester.",
        "I was the only patient in the waiting room.",
        "We were the only family in the room.",
        "The vicar came round on a Sunday.",
        "The lady at Reception was kind.",
        "The lady in Worcester was kind.",
        "The fire door in the corridor bangs.",
        "I had an accident in Worcester.",
        "The crash of the doors kept me awake.",
        "My son has Down's syndrome and they were lovely.",
        "I have irritable bowel syndrome.",
        "She has Tourette's Syndrome and Chronic Fatigue Syndrome.",
        "I am 5ft 10 and the chair was low.",
        "The room is 6ft 8 wide.",
        "THE STAFF AT WORCESTER WERE KIND",
    ],
)
def test_what_anybody_may_be_is_quoted_from_a_large_team(teams: Store, taxonomy: Taxonomy, text: str) -> None:
    assert judged(teams, taxonomy, text, LARGE) == Risk("low")


def test_one_thing_is_counted_once_though_two_lists_know_it(teams: Store, taxonomy: Taxonomy) -> None:
    assert judged(teams, taxonomy, "They came out to Weobley.", LARGE) == Risk("raised", ("a small village",))


def test_a_word_is_rare_by_how_many_comments_have_it(teams: Store, taxonomy: Taxonomy) -> None:
    text = "We talked about my scagliola."
    assert "uncommon words" in judged(teams, taxonomy, text).reasons
    add_batch(
        teams,
        "b.csv",
        [analysed(f"s-{n}", [(f"Scagliola again, {n}.", "+", ())], day=date(2020, 1, 1)) for n in range(3)],
    )
    assert judged(teams, taxonomy, text).reasons == ("a small team",)


def test_a_member_of_staff_on_their_own_post_counts_only_where_staff_write(teams: Store, taxonomy: Taxonomy) -> None:
    said = "I have worked in this clinic for 26 years"
    assert judged(teams, taxonomy, said, respondent="staff").is_high
    assert not judged(teams, taxonomy, said, respondent="patient").is_high


def test_people_are_counted_and_not_comments(store: Store, taxonomy: Taxonomy) -> None:
    from conftest import VERSIONS, entry

    from feedback.stored import Part

    batch = store.begin_batch("a.csv", "sum", column_map={}, decisions=[], versions=VERSIONS)
    store.add(batch.id, Part(0, 8, [entry(store, one, row=n, person="one form") for n, one in enumerate(EIGHT)]))
    assert "a small team" in judged(store, taxonomy, RARE, LARGE).reasons


def test_the_threshold_is_a_setting(teams: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().quote_k == 8
    monkeypatch.setenv("FEEDBACK_QUOTE_K", "1")
    assert judged(teams, taxonomy, RARE).reasons == ("a rare condition",)
    monkeypatch.setenv("FEEDBACK_QUOTE_K", "many")
    with pytest.raises(BadInput, match="whole number from 1 to 100"):
        Settings()


# Where quotations leave the building


NOTICE = re.compile(
    r"\[quotation HW-2026-000009\.1 withheld: it could tell who wrote it \(a rare condition, a small team\)\]"
)


def written(store: Store, taxonomy: Taxonomy, form: Form, **filters: str) -> str:
    return report(store.conn, taxonomy, Filters(**filters), EVERYTHING, form).decode()  # type: ignore[arg-type]


def test_a_document_withholds_the_words_and_counts_them(teams: Store, taxonomy: Taxonomy) -> None:
    page = written(teams, taxonomy, "md", value="supportive")
    assert NOTICE.search(page.replace("\\", ""))
    assert "Huntington" not in page
    assert "1 quotation is withheld" in page
    assert "- Comments that bear on it: **1**" in page and "- For: **1** (100%" in page
    line = next(line for line in page.splitlines() if "withheld: it could" in line)
    assert "Podiatry" not in line and "May 2026" not in line and "patient" not in line


def test_a_report_on_a_service_withholds_them_too(teams: Store, taxonomy: Taxonomy) -> None:
    page = written(teams, taxonomy, "md", service=SMALL)
    assert NOTICE.search(page.replace("\\", "")) and "Huntington" not in page and "1 quotation is withheld" in page
    record = written(teams, taxonomy, "json", service=SMALL)
    assert NOTICE.search(record) and "Huntington" not in record and json.loads(record)["withheld"] == 1


def test_evidence_as_data_tells_nothing_of_a_withheld_quotation(teams: Store, taxonomy: Taxonomy) -> None:
    found = json.loads(written(teams, taxonomy, "json", value="supportive"))
    (quote,) = found["quotes_for"]
    assert NOTICE.fullmatch(quote["text"])
    told = [quote[name] for name in ("comment", "date", "services", "respondent", "start", "end")]
    assert told == ["", None, [], "unknown", 0, 0]
    assert (found["withheld"], found["speaks_for"]["n"]) == (1, 1)


def test_what_is_not_risky_is_quoted_as_ever(filled: Store, taxonomy: Taxonomy) -> None:
    found = json.loads(written(filled, taxonomy, "json", value="responsive"))
    assert [q["text"] for q in found["quotes_against"]] == ["I waited five months to be seen."]
    assert found["withheld"] == 0


def exported(db: Path, form: str, out: Path, *more: str) -> Any:
    arguments = ["export", "--format", form, "--out", str(out), "--db", str(db), *more]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


@pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx", "parquet"])
def test_an_export_for_publication_has_months_and_no_risky_words(teams: Store, form: str, tmp_path: Path) -> None:
    out = tmp_path / f"all.{form}"
    said = exported(teams.path, form, out, "--for-publication")
    assert "The words of 1 are withheld." in said.output
    if form == "jsonl":
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    elif form == "csv":
        rows = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
    elif form == "xlsx":
        headings, *cells = load_workbook(out).active.iter_rows(values_only=True)
        rows = [dict(zip(headings, row, strict=True)) for row in cells]
    else:
        rows = pq.read_table(out).to_pylist()
    assert {row["date"] for row in rows} == {"2026-05"}
    assert {row["id"] for row in rows} == {row["citation"] for row in rows}
    risky = next(row for row in rows if row["citation"] == "HW-2026-000009")
    assert (
        risky["text"]
        == "[comment HW-2026-000009 withheld: it could tell who wrote it (a rare condition, a small team)]"
    )
    assert not any("Huntington" in str(row) for row in rows)


def test_an_export_for_the_trust_itself_is_unchanged(teams: Store, tmp_path: Path) -> None:
    exported(teams.path, "jsonl", tmp_path / "all.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["date"] for row in rows} == {"2026-05-12"}
    assert RARE in {row["text"] for row in rows} and "small-1" in {row["id"] for row in rows}


def published(store: Store, tmp_path: Path, form: str = "jsonl") -> tuple[Any, str]:
    """What an export for publication holds, and what is said of it."""
    out = tmp_path / f"published.{form}"
    said = exported(store.path, form, out, "--for-publication").output
    if form == "csv":
        return list(csv.DictReader(out.open(encoding="utf-8", newline=""))), said
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()], said


def test_a_comment_with_an_undecided_flag_is_not_published_and_one_decided_about_is(
    filled: Store, tmp_path: Path
) -> None:
    rows, said = published(filled, tmp_path)
    assert "2 with a safety flag that nobody has decided about, 1 that nobody has read" in said
    there = {row["citation"] for row in rows}
    assert not {"HW-2026-000032", "HW-2026-000033"} & there
    with filled.writing():
        filled.save_review(32, "unsafe_environment", "done", note="rang them", by="A. Nurse")
    rows, said = published(filled, tmp_path)
    assert "Left out altogether: 1 with a safety flag" in said
    assert "HW-2026-000032" in {row["citation"] for row in rows}


def test_nothing_for_internal_eyes_is_published(filled: Store, tmp_path: Path) -> None:
    filled.save_correction("willow-1", Finding("theme", MANNER, "+", 1.0, 0, 5, "person:Ann Reader"), reason="I know.")
    with filled.writing():
        filled.save_review(32, "unsafe_environment", "done", note="rang them", by="A. Nurse")
    rows, _ = published(filled, tmp_path)
    assert set(rows[0]) == {
        "citation", "id", "text", "question", "question_kind", "date", "fft", "language", "translated_from", "contentless",
        "respondent", "redactions", "services", "segments", "themes", "sentiment", "values", "objectives", "versions",
    }  # fmt: skip
    assert {row["language"] for row in rows} <= {"en", None}
    assert "Ann Reader" not in str(rows) and "unsafe_environment" not in str(rows)
    flat, _ = published(filled, tmp_path, "csv")
    assert "signals" not in flat[0] and "unsafe_environment" not in str(flat)


# The list


def test_no_village_of_the_list_is_in_the_name_of_a_service(taxonomy: Taxonomy) -> None:
    listed = yaml.safe_load((DATA / "circumstances.yml").read_text(encoding="utf-8"))["circumstances"]
    villages = next(one["words"] for one in listed if one["kind"] == "village")
    names = " | ".join(n for s in taxonomy.services.values() for n in (s.name, *s.aliases, *s.colloquial)).casefold()
    assert [village for village in villages if re.search(rf"\b{village}\b", names)] == []


def test_the_list_has_no_word_twice_and_is_in_small_letters() -> None:
    listed = yaml.safe_load((DATA / "circumstances.yml").read_text(encoding="utf-8"))["circumstances"]
    for one in listed:
        assert len(set(one["words"])) == len(one["words"]), one["kind"]
        assert all(word == word.casefold() and word == " ".join(word.split()) for word in one["words"])


def test_a_list_that_does_not_fit_is_refused_by_name(
    store: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "circumstances.yml").write_text("circumstances: [{kind: x}]", encoding="utf-8")
    monkeypatch.setenv("FEEDBACK_DATA", str(tmp_path))
    with pytest.raises(BadData, match=r"circumstances\.yml cannot be used"):
        Disclosure(store.conn, taxonomy)


def test_of_the_invented_sample_hardly_a_quotation_is_withheld(store: Store, taxonomy: Taxonomy) -> None:
    """The rate is measured on whole comments, each in a team of its own month, so this is the upper end."""
    with (DATA / "sample" / "sample_batch.csv").open(encoding="utf-8-sig", newline="") as file:
        said = [row["Comment"] for row in csv.DictReader(file) if len(row["Comment"].split()) > 3]
    add_batch(
        store, "s.csv", [analysed(f"i-{n}", [(text, "+", (WAIT,))], service=SMALL) for n, text in enumerate(said)]
    )
    disclosure = Disclosure(store.conn, taxonomy)
    high = sum(disclosure.judge(text, ["ward-willow"], MAY).is_high for text in said)
    assert 0 < high / len(said) < 0.2
