"""Write what was found as a document that a person takes to a meeting: Markdown for people, JSON for programs.

A document never says more than its numbers: each stands with its n, its interval or its sentence on chance, and the query
and versions that made it. What is quoted is chosen by a rule that the document states.
It quotes comments, so it is for those who may read them; and since it leaves the building, what could tell who wrote it is
withheld (disclosure.py), and counted.
"""

import sqlite3
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from feedback.cite import QUOTES, RULE_OF_A_SERVICE, Evidence, EvidenceKind, evidence, quotable
from feedback.disclosure import Disclosure, is_withheld
from feedback.errors import BadInput
from feedback.query import (
    Filters,
    LabelCount,
    Scope,
    clauses,
    describe,
    latest_versions,
    objective_table,
    theme_table,
    totals,
    value_table,
)
from feedback.settings import Settings
from feedback.taxonomy import Taxonomy
from feedback.trend import asked_trend

DOCUMENTS = Path(__file__).parent / "documents"
THEMES_SHOWN = 6


def gather_evidence(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> Evidence:
    """The evidence on the one objective, value or statement that the filters ask for, as it may leave the building.

    Raises BadInput where they ask for none or for several.
    """
    kind, id = _asked_of_strategy(filters)
    found = evidence(conn, taxonomy, kind, id, replace(filters, **{kind: None}), scope)
    disclosure = Disclosure(conn, taxonomy)
    speaks_for = tuple(map(disclosure.quotable, found.quotes_for))
    against = tuple(map(disclosure.quotable, found.quotes_against))
    said = (*found.cannot_say, _withheld(disclosure.withheld)) if disclosure.withheld else found.cannot_say
    return replace(found, quotes_for=speaks_for, quotes_against=against, cannot_say=said, withheld=disclosure.withheld)


def report_record(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> dict[str, Any]:
    """The document as data: the evidence, or a service's summary."""
    if not _on_a_service(filters):
        found = gather_evidence(conn, taxonomy, filters, scope)
        return {"report": "evidence", **found.as_record(), "versions": latest_versions(conn)}
    from dataclasses import asdict

    summary = _service_summary(conn, taxonomy, filters, scope)
    plain = {
        name: [asdict(row) for row in summary[name]] for name in ("themes", "values", "objectives", "praised", "mended")
    }
    return {
        "report": "service",
        "service": filters.service,
        "title": summary["title"],
        "totals": asdict(summary["t"]),
        **plain,
        "trend": summary["trend"].sentence,
        "rule": RULE_OF_A_SERVICE,
        "withheld": summary["withheld"],
        "versions": summary["versions"],
    }


def report_markdown(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> str:
    """The document in Markdown, on a service or on one objective, value or statement."""
    if not _on_a_service(filters):
        return evidence_markdown(conn, taxonomy, filters, scope)
    return _template("service.md", taxonomy).render(
        **_service_summary(conn, taxonomy, filters, scope), table=_theme_lines
    )


def evidence_markdown(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> str:
    """The evidence on one objective, value or statement in Markdown."""
    found = gather_evidence(conn, taxonomy, filters, scope)
    return _template("evidence.md", taxonomy).render(
        e=found,
        asked=_under(taxonomy, replace(filters, objective=None, value=None, statement=None)),
        few=Settings().small_number,
        trend=asked_trend(conn, taxonomy, filters, scope, measure="rate", may_read=True),
        versions=latest_versions(conn),
    )


def _under(taxonomy: Taxonomy, filters: Filters) -> str:
    return "" if filters == Filters() else f", asked for: {describe(taxonomy, filters)}"


def _asked_of_strategy(filters: Filters) -> tuple[EvidenceKind, str]:
    kinds: tuple[EvidenceKind, ...] = ("objective", "value", "statement")
    asked = [(kind, getattr(filters, kind)) for kind in kinds if getattr(filters, kind)]
    if len(asked) != 1:
        raise BadInput("Name one thing to show evidence on: --objective O3, --value responsive, or --statement O3.W5.")
    return asked[0]


def _on_a_service(filters: Filters) -> bool:
    return filters.service is not None and not (filters.objective or filters.value or filters.statement)


def _service_summary(conn: sqlite3.Connection, taxonomy: Taxonomy, filters: Filters, scope: Scope) -> dict[str, Any]:
    disclosure = Disclosure(conn, taxonomy)

    def quotes(sign: str) -> Any:
        order = {"+": "positive", "-": "negative"}[sign]
        candidates = clauses(conn, taxonomy, replace(filters, polarity=sign), scope, order=order, limit=QUOTES * 20)  # type: ignore[arg-type]
        return tuple(disclosure.quotable(clause) for clause in quotable(candidates, QUOTES, per_service=QUOTES))

    praised, mended = quotes("+"), quotes("-")
    return {
        "title": describe(taxonomy, Filters(service=filters.service)),
        "asked": _under(taxonomy, replace(filters, service=None)),
        "t": totals(conn, taxonomy, filters, scope),
        "trend": asked_trend(conn, taxonomy, filters, scope, may_read=True),
        "themes": theme_table(conn, taxonomy, filters, scope),
        "praised": praised,
        "mended": mended,
        "withheld": disclosure.withheld,
        "on_withheld": _withheld(disclosure.withheld) if disclosure.withheld else "",
        "values": value_table(conn, taxonomy, filters, scope),
        "objectives": objective_table(conn, taxonomy, filters, scope),
        "rule": RULE_OF_A_SERVICE,
        "versions": latest_versions(conn),
    }


def _withheld(n: int) -> str:
    which = "1 quotation is" if n == 1 else f"{n} quotations are"
    return (
        f"{which} withheld, because the words could tell who wrote them although names are hidden; the comments count in every "
        "figure. Those who may read comments open them by the citation."
    )


def _theme_lines(themes: tuple[LabelCount, ...], side: str) -> str:
    rows = sorted((row for row in themes if getattr(row, side)), key=lambda row: -getattr(row, side))[:THEMES_SHOWN]
    lines = [f"| theme | {side} comments | of all on it |", "| --- | ---: | ---: |"]
    lines += [f"| {row.title} | {getattr(row, side)} | {row.n} |" for row in rows]
    return "\n".join(lines) + "\n" if rows else "Nothing that stands out.\n"


@lru_cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(DOCUMENTS),
        undefined=StrictUndefined,
        trim_blocks=False,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.tests["withheld"] = is_withheld
    environment.filters |= {
        "share": lambda x: f"{x:.0%}",
        "day": lambda d: f"{d.day} {d:%B %Y}" if d else "undated",
        "month": lambda d: f"{d:%B %Y}" if d else "undated",
        "quoted": _quoted,
        "versions": lambda versions: ", ".join(f"{name} {version}" for name, version in versions.items()),
    }
    return environment


def _template(name: str, taxonomy: Taxonomy) -> Any:
    environment = _environment()
    environment.filters["names"] = lambda ids: ", ".join(taxonomy.service_name(id) for id in ids)
    return environment.get_template(name)


def _quoted(words: str) -> str:
    # People write asterisks, hashes and line ends of their own; in Markdown these would format the document.
    plain = " ".join(words.split())
    return "".join("\\" + c if c in "\\`*_{}[]<>#|" else c for c in plain)
