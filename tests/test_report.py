"""A document stands on its numbers: each has its n, the words have their citations, and the query is on the page."""

import json

import pytest

from feedback.errors import BadInput
from feedback.query import EVERYTHING, Filters
from feedback.report import report_markdown, report_record
from feedback.store import Store
from feedback.taxonomy import Taxonomy


def test_evidence_on_an_objective_is_a_document(filled: Store, taxonomy: Taxonomy) -> None:
    page = report_markdown(filled.conn, taxonomy, Filters(objective="O3"), EVERYTHING)
    assert page.startswith(f"# O3 {taxonomy.objectives['O3'].title}\n")
    assert "**15 comments** from 15 respondents" in page
    assert "| against it | 15 | 100% |" in page
    assert "“I waited five months to be seen.” — Podiatry" in page
    assert "(`HW-2026-0000" in page
    assert "Nobody has said anything of the kind." in page
    assert "Query: kind = objective, id = O3." in page


def test_a_service_gets_praise_and_what_to_mend(filled: Store, taxonomy: Taxonomy) -> None:
    page = report_markdown(filled.conn, taxonomy, Filters(service="podiatry"), EVERYTHING)
    assert page.startswith("# What people say about Podiatry\n")
    praise, mend = page.split("## What they want mended")
    assert "| Staff manner & personal attributes | 20 | 20 |" in praise
    assert "| Timeliness of care | 15 | 15 |" in mend


def test_the_same_as_data_holds_the_same_figures(filled: Store, taxonomy: Taxonomy) -> None:
    record = json.loads(json.dumps(report_record(filled.conn, taxonomy, Filters(value="responsive"), EVERYTHING)))
    assert (record["report"], record["comments"], record["against"]["n"]) == ("evidence", 16, 15)
    service = json.loads(
        json.dumps(report_record(filled.conn, taxonomy, Filters(service="podiatry"), EVERYTHING), default=str)
    )
    assert service["totals"]["comments"] == 30


def test_markup_in_a_comment_does_not_format_the_document(filled: Store, taxonomy: Taxonomy) -> None:
    filled.conn.execute("UPDATE comments SET text = replace(text, 'I waited five months', 'I *waited* [five] #month')")
    page = report_markdown(filled.conn, taxonomy, Filters(objective="O3"), EVERYTHING)
    assert r"I \*waited\* \[five\] \#month" in page


def test_a_report_on_nothing_in_particular_is_refused(filled: Store, taxonomy: Taxonomy) -> None:
    with pytest.raises(BadInput, match="--objective O3, --value responsive, or --statement"):
        report_markdown(filled.conn, taxonomy, Filters(), EVERYTHING)
