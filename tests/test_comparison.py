"""The comparison of two strategies is a document like any other: made by command, over HTTP and from its page, and checked later."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.app import make_app
from feedback.cli import main
from feedback.documents.asked import asked_of
from feedback.errors import BadInput
from feedback.filters import Filters
from feedback.store import Store
from feedback.strategies.versions import adopt
from feedback.taxonomy import Taxonomy

TEXT = (Path(__file__).parent / "strategy_2031.yml").read_text(encoding="utf-8")
BOTH = ("2025-2030", "2031-2036")


@pytest.fixture
def adopted(filled: Store, taxonomy: Taxonomy) -> Store:
    adopt(filled, taxonomy, TEXT, by="A. Planner")
    return filled


@pytest.fixture
def client(adopted: Store) -> Iterator[TestClient]:
    with TestClient(make_app(adopted.path)) as opened:
        yield opened


def test_by_command_it_says_what_became_of_each_part_and_holds_when_checked(adopted: Store, tmp_path: Path) -> None:
    db, out = ["--db", str(adopted.path)], str(tmp_path / "both.md")
    assert CliRunner().invoke(main, ["strategy", "compare", "--out", out, *db]).exit_code == 0
    text = Path(out).read_text(encoding="utf-8")
    assert text.startswith("# Strategies 2025-2030 and 2031-2036 side by side")
    assert "### Supportive: merged" in text and "### Ambitious: falls away" in text
    assert "| 2031-2036: Curious | – | – | – | – | not found yet |" in text
    assert "feedback strategy compare 2025-2030 2031-2036 --format md" in text
    checked = CliRunner().invoke(main, ["report", "--verify", out, *db])
    assert checked.exit_code == 0 and "Made again today it gives the same figures" in checked.output


def test_the_same_counts_stand_in_the_document_and_in_the_comparison(adopted: Store) -> None:
    db = ["--db", str(adopted.path)]
    plain = json.loads(CliRunner().invoke(main, ["strategy", "compare", "--json", *db]).output)
    document = json.loads(CliRunner().invoke(main, ["strategy", "compare", "--format", "json", *db]).output)
    assert document["report"] == "comparison"
    assert document["pairs"] == plain["pairs"]


def test_over_http_it_is_kept_and_checked(client: TestClient) -> None:
    made = client.post("/api/v1/reports", json={"compare": {}, "from": "2026-04-01"}).json()
    assert (made["kind"], made["of"]) == ("comparison", "2025-2030@2031-2036")
    assert client.get(made["links"]["docx"]).content.startswith(b"PK")
    assert client.get(made["links"]["verification"]).json()["holds"] is True


def test_the_page_leads_to_its_document(client: TestClient) -> None:
    page = client.get("/strategy/compare").text
    link = re.search(r'href="(/reports\?on=comparison[^"]+)"', page)
    assert link
    assert re.search(r'value="comparison:2025-2030@2031-2036" selected', client.get(link[1]).text)
    made = client.post("/reports", data={"on": "comparison:2025-2030@2031-2036", "name": "A. Planner"})
    assert "“Strategies 2025-2030 and 2031-2036 side by side” has been made." in made.text


def test_a_comparison_of_a_part_is_refused() -> None:
    with pytest.raises(BadInput, match="part by part"):
        asked_of(Filters(objective="O3"), compare=BOTH)
    assert asked_of(Filters(service="podiatry"), compare=BOTH).command("md") == (
        "feedback strategy compare 2025-2030 2031-2036 --service podiatry --format md"
    )
