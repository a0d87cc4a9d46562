"""Measure every model of the shipped system, write evaluation/results.json and docs/evaluation.md, and put the table into the README;
say which of the figures that it was meant to reach it does.

Run by `feedback evaluate --data DIR` (`make evaluate`), in the training environment, because the peers live there.
"""

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

from evaluation import apart, cases, detail, fairness, known_error, models, open_system, reach, report, statements
from evaluation.tables import table
from feedback.models.artefact import open_artefact
from feedback.pipeline import load_pipeline
from feedback.settings import ROOT, Settings
from feedback.training.labelled import data_hash, load_examples

RESULTS = ROOT / "evaluation" / "results.json"
README = ROOT / "README.md"
# Invented cases whose writer saw neither code nor lists nor training examples. Nothing may be trained or tuned on them, nor their
# misses read: once they have been, they belong to the training data and others must be written.
UNSEEN = ROOT / "evaluation" / "unseen"
TO_REACH = "*to reach (points beyond, or short)*"
BEGIN, END = "<!-- evaluation: written by `make evaluate` -->", "<!-- end of evaluation -->"


def evaluate(folder: Path) -> str:
    """Measure everything on the labelled comments and case files of `folder`; return the tables in Markdown."""
    pipeline = load_pipeline()
    examples = load_examples(folder, pipeline.taxonomy)
    started = time.perf_counter()
    held = models.hold(examples, pipeline)
    known_error.write(known_error.measure(held, pipeline, date.today().isoformat()), Settings().models)
    results: dict[str, Any] = {
        "measured": date.today().isoformat(),
        "versions": pipeline.versions,
        "data": {"sha256": data_hash(folder)},
        **models.measure(held, pipeline),
        "detail": detail.detail(held, examples, pipeline),
        "fairness": fairness.three_ways(pipeline),
        "hard": fairness.hard(pipeline),
        "hard_themes": fairness.hard_themes(pipeline),
        "services": cases.services(folder, pipeline),
        "identity": cases.identity(folder, pipeline),
        "safety_seen_in_training": cases.safety(folder, pipeline),
        "safety": open_artefact(Settings().models / "signal").manifest["scores"]["held_out"]["cases"],
        "identity_unseen": cases.identity(UNSEEN, pipeline),
        "safety_unseen": cases.safety(UNSEEN, pipeline),
        "services_unseen": cases.services(UNSEEN, pipeline),
        "clauses": cases.clauses(folder, pipeline),
        "clauses_unseen": cases.clauses(UNSEEN, pipeline),
        "plain_unseen": cases.plain(UNSEEN, pipeline),
        "experience_unseen": cases.experience(UNSEEN),
        "statements": statements.measure(examples, pipeline),
        "charts": cases.charts(folder),
        "uploads": cases.uploads(folder, pipeline),
    }
    results["seconds"] = round(time.perf_counter() - started)
    results = _rounded(results)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return publish(results)


def publish(results: dict[str, Any]) -> str:
    """Write the report and the README's table from the figures of a run; return the table, and below it what was to be reached."""
    report.write(results)
    readme = as_table(results, apart.kept(open_system.OUT, results["data"]["sha256"]))
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{readme}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    rows = reach.held_against(results)
    return "\n".join([readme, "", *reach.as_table(rows), "", reach.in_short(rows)])


def as_table(results: dict[str, Any], peers: Any) -> str:
    """The figures that the README shows, in Markdown, beside what was to be reached; `peers`: the open NHS system's, where they were measured."""
    t, s, c = results["themes"], results["sentiment"], results["strategy"]
    others, felt = (peers["themes"], peers["sentiment"]) if peers else ({}, {})
    themes = {
        "**this system**": t["ours"],
        f"this system, texts never seen in training ({t['ours_unseen_text']['comments']})": t["ours_unseen_text"],
        **{f"open NHS system: {name}": figures for name, figures in others.items() if "tuned" not in name},
        "tf-idf, logistic regression": t["tfidf_logistic"],
    }
    sentiment = {
        "**this system**": s["ours"],
        f"this system, texts never seen in training ({s['ours_unseen_text']['comments']})": s["ours_unseen_text"],
        **{f"open NHS system: {name}": figures for name, figures in felt.items()},
        "tf-idf, logistic regression": s["tfidf_logistic"],
        "VADER": s["vader"],
        "TextBlob": s["textblob"],
    }
    return "\n".join(
        [
            f"Measured {results['measured']} with reader {results['versions']['reader']}. Labelled comments: the test part of a split by respondent and text. "
            f"{reach.in_short(reach.held_against(results))} [Which](docs/evaluation.md#what-it-was-meant-to-reach).",
            "",
            *_beside(f"themes ({t['comments']} comments, {t['ours']['labels']} labels)", "themes.ours", THEMES, themes),
            "",
            *_beside(f"sentiment ({s['comments']} comments)", "sentiment.ours", SENTIMENT, sentiment),
            "",
            *_parts(c),
            "",
            *table(
                (
                    "case files (invented, with gold answers; those not called unseen were used while building)",
                    "figures (in brackets: to reach)",
                ),
                ((name, _figures(results, key)) for key, name in _CASES.items()),
                align="ll",
            ),
        ]
    )


def _beside(heading: str, at: str, columns: dict[str, str], rows: dict[str, Any]) -> list[str]:
    """A table of figures; below the first, ours, what is to be reached."""
    body = [(name, *(f"{row[key]:.2f}" if key in row else "" for key in columns)) for name, row in rows.items()]
    ours = next(iter(rows.values()))
    body.insert(1, (TO_REACH, *(_wanted(f"{at}.{key}", ours[key]) for key in columns)))
    return table((heading, *columns.values()), body)


def _parts(figures: dict[str, Any]) -> list[str]:
    """The values and objectives."""
    parts = figures["per_code"]
    rows = (
        (
            "F1",
            *(f"{v['f1']:.2f}" for v in parts.values()),
            f"**{figures['macro_f1']:.2f}**",
            f"{figures['polarity']:.2f}",
        ),
        (
            TO_REACH,
            *[_wanted("strategy.per_code")] * len(parts),
            _wanted("strategy.macro_f1", figures["macro_f1"]),
            _wanted("strategy.polarity", figures["polarity"]),
        ),
        ("comments with it", *(v["support"] for v in parts.values()), "", ""),
    )
    return table(
        (f"values and objectives ({figures['comments']} comments)", *parts, "macro F1", "polarity right"), rows
    )


def _wanted(at: str, reached: float | None = None) -> str:
    """What is to be reached at a place in results.json, with by how many points it is exceeded or missed where that is said."""
    found = reach.wanted(at)
    return "" if found is None else str(found) if reached is None else f"{found} ({found.beyond(reached) * 100:+.1f})"


THEMES = {"macro_f1": "macro F1", "micro_f1": "micro F1", "exact": "exact sets"}
SENTIMENT = {
    "five_point": "five-point",
    "weighted_kappa": "weighted kappa",
    "three_point": "three-point",
    "neutral_f1": "neutral F1",
}
_CASES = {
    "services_unseen": "which service, who speaks, **unseen** cases",
    "services": "which service, who speaks",
    "identity_unseen": "identity hidden, **unseen** cases",
    "identity": "identity hidden",
    "safety_unseen": "comments that cannot wait, **unseen** cases",
    "safety": "comments that cannot wait, a tenth of the examples by models that had not seen it",
    "clauses_unseen": "clauses, **unseen** cases",
    "clauses": "clauses",
    "plain_unseen": "plain sentences of 1 to 12 words, **unseen** cases",
    "experience_unseen": "whose experience a clause tells, the speaker known, **unseen** cases",
    "statements": "statements of the strategy, against two readers of public comments of the test part",
    "charts": "charts against NHSRplotthedots 0.2.2",
    "uploads": "upload files and sequences",
}


def _figures(results: dict[str, Any], key: str) -> str:
    shown = []
    for name, value in results[key].items():
        words, aim = name.replace("_", " "), _wanted(f"{key}.{name}")
        figure = f"{words} {value:.2f}" if isinstance(value, float) else f"{value} {words}"
        shown.append(f"{figure} ({aim})" if aim else figure)
    return ", ".join(shown)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return round(value, 4) if isinstance(value, float) else value
