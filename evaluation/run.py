"""Measure every model of the shipped system, write evaluation/results.json and docs/evaluation.md, and put the table into the README.

Run by `feedback evaluate --data DIR` (`make evaluate`), in the training environment, because the peers live there.
"""

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

from evaluation import cases, detail, fairness, known_error, models, report, statements
from feedback.models.artefact import open_artefact
from feedback.pipeline import load_pipeline
from feedback.settings import ROOT, Settings
from feedback.training.labelled import data_hash, load_examples

RESULTS = ROOT / "evaluation" / "results.json"
README = ROOT / "README.md"
# Invented cases whose writer saw neither code nor lists nor training examples. Nothing may be trained or tuned on them, nor their
# misses read: once they have been, they belong to the training data and others must be written.
UNSEEN = ROOT / "evaluation" / "unseen"
BEGIN, END = "<!-- evaluation: written by `make evaluate` -->", "<!-- end of evaluation -->"


def evaluate(folder: Path) -> str:
    """Measure everything on the labelled comments and case files of `folder`; return the table in Markdown."""
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
        "services": cases.services(folder, pipeline),
        "identity": cases.identity(folder, pipeline),
        "safety_seen_in_training": cases.safety(folder, pipeline),
        "safety": open_artefact(Settings().models / "signal").manifest["scores"]["held_out"]["cases"],
        "identity_unseen": cases.identity(UNSEEN, pipeline),
        "safety_unseen": cases.safety(UNSEEN, pipeline),
        "services_unseen": cases.services(UNSEEN, pipeline),
        "clauses": cases.clauses(folder, pipeline),
        "clauses_unseen": cases.clauses(UNSEEN, pipeline),
        "experience_unseen": cases.experience(UNSEEN),
        "statements": statements.measure(examples, pipeline),
        "charts": cases.charts(folder),
        "uploads": cases.uploads(folder, pipeline),
    }
    results["seconds"] = round(time.perf_counter() - started)
    results = _rounded(results)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    report.write(results)
    table = as_table(results)
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    return table


def as_table(results: dict[str, Any]) -> str:
    """The figures that the README shows, in Markdown."""
    t, s, c = results["themes"], results["sentiment"], results["strategy"]
    lines = [
        f"Measured {results['measured']} with reader {results['versions']['reader']}. Labelled comments: the test part of a split by respondent and text.",
        "",
        f"| themes ({t['comments']} comments, {t['ours']['labels']} labels) | macro F1 | micro F1 | exact sets |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {name} | {v['macro_f1']:.2f} | {v['micro_f1']:.2f} | {v['exact']:.2f} |"
            for name, v in (
                ("**this system**", t["ours"]),
                (
                    f"this system, texts never seen in training ({t['ours_unseen_text']['comments']})",
                    t["ours_unseen_text"],
                ),
                ("tf-idf, support vector machine", t["tfidf_support_vector"]),
                ("tf-idf, logistic regression", t["tfidf_logistic"]),
            )
        ),
        "",
        f"| sentiment ({s['comments']} comments) | five-point | weighted kappa | three-point | neutral F1 |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {name} | {v['five_point']:.2f} | {v['weighted_kappa']:.2f} | {v['three_point']:.2f} | {v['neutral_f1']:.2f} |"
            for name, v in (
                ("**this system**", s["ours"]),
                (
                    f"this system, texts never seen in training ({s['ours_unseen_text']['comments']})",
                    s["ours_unseen_text"],
                ),
                ("tf-idf, logistic regression", s["tfidf_logistic"]),
            )
        ),
        f"| VADER | | | {s['vader']['three_point']:.2f} | |",
        f"| TextBlob | | | {s['textblob']['three_point']:.2f} | |",
        "",
        f"| values and objectives ({c['comments']} comments) | "
        + " | ".join(c["per_code"])
        + " | macro F1 | polarity right |",
        "| --- |" + " ---: |" * (len(c["per_code"]) + 2),
        "| F1 | "
        + " | ".join(f"{v['f1']:.2f}" for v in c["per_code"].values())
        + f" | **{c['macro_f1']:.2f}** | {c['polarity']:.2f} |",
        "| comments with it | " + " | ".join(str(v["support"]) for v in c["per_code"].values()) + " | | |",
        "",
        "| case files (invented, with gold answers; those not called unseen were used while building) | figures |",
        "| --- | --- |",
        *(f"| {name} | {_figures(results[key])} |" for key, name in _CASES.items()),
    ]
    return "\n".join(lines)


_CASES = {
    "services_unseen": "which service, who speaks, **unseen** cases",
    "services": "which service, who speaks",
    "identity_unseen": "identity hidden, **unseen** cases",
    "identity": "identity hidden",
    "safety_unseen": "comments that cannot wait, **unseen** cases",
    "safety": "comments that cannot wait, a fifth of the examples by models that had not seen it",
    "clauses_unseen": "clauses, **unseen** cases",
    "clauses": "clauses",
    "experience_unseen": "whose experience a clause tells, the speaker known, **unseen** cases",
    "statements": "statements of the strategy, against two readers of public comments of the test part",
    "charts": "charts against NHSRplotthedots 0.2.2",
    "uploads": "upload files and sequences",
}


def _figures(figures: dict[str, float]) -> str:
    shown = (
        f"{name.replace('_', ' ')} {value:.2f}" if isinstance(value, float) else f"{value} {name}"
        for name, value in figures.items()
    )
    return ", ".join(shown)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return round(value, 4) if isinstance(value, float) else value
