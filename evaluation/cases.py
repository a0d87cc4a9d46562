"""Measure the pipeline on case files with gold answers: services, identity, safety, clauses, plain sentences, charts, uploads.

Each function takes the folder of the files and returns its figures. The definitions are those of the case files' own notes;
where a definition leaves a choice, it is said here.
"""

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evaluation.metrics import precision_recall_f1
from feedback.comment import Analysed, RawComment
from feedback.pipeline import Pipeline
from feedback.tag.experience import experiences

Figures = dict[str, float]


def _cases(folder: Path, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob(f"{kind}_cases*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found += content["cases"] if isinstance(content, dict) else content
    return found


def _analyse(pipeline: Pipeline, cases: Iterable[dict[str, Any]]) -> list[Analysed]:
    return list(pipeline.analyse(RawComment(text=c["text"], id=c["id"], question=c.get("question")) for c in cases))


def services(folder: Path, pipeline: Pipeline) -> Figures:
    """Sets of subject services; a listed acceptable alternative may stand in for one missing id each."""
    cases = _cases(folder, "services")
    tp = fp = fn = exact = wrong_role = respondent = 0
    for case, analysed in zip(cases, _analyse(pipeline, cases), strict=True):
        predicted = {f.label for f in analysed.of("service") if f.detail == "subject"}
        gold, also = set(case["services"]), set(case.get("acceptable_alternatives", []))
        spare, missing = predicted - gold, gold - predicted
        swaps = min(len(missing), len(spare & also))
        n_spare = len(spare - also if not gold else spare) - (swaps if gold else 0)
        n_missing = len(missing) - swaps
        tp, fp, fn = tp + len(gold) - n_missing, fp + n_spare, fn + n_missing
        exact += not n_spare and not n_missing
        wrong_role += bool(predicted & set(case["mentioned_not_subject"]))
        respondent += analysed.of("respondent")[0].label == case["respondent"] if analysed.of("respondent") else False
    n = len(cases)
    precision, recall, f1 = precision_recall_f1(tp, fp, fn)
    return {
        "cases": n,
        "f1": f1,
        "precision": precision,
        "recall": recall,
        "exact": exact / n,
        "subject_only_mentioned": wrong_role / n,
        "respondent": respondent / n,
    }


def identity(folder: Path, pipeline: Pipeline) -> Figures:
    """A span is found when its words are gone from the text; a comment without identity must come through untouched."""
    cases = _cases(folder, "pii")
    found = {True: [0, 0], False: [0, 0]}
    untouched = clean = 0
    for case, analysed in zip(cases, _analyse(pipeline, cases), strict=True):
        for span in case["spans"]:
            # Words that stand elsewhere in the comment for something else may stay there: one occurrence fewer is then enough.
            before, after = (
                len(re.findall(rf"(?<!\w){re.escape(span['text'])}(?!\w)", t))
                for t in (case["text"], analysed.comment.text)
            )
            same = sum(s["text"] == span["text"] for s in case["spans"])
            tally = found[span["kind"] == "person"]
            tally[0] += after <= before - same
            tally[1] += 1
        if not case["spans"]:
            clean += 1
            untouched += not analysed.comment.redactions
    return {
        "cases": len(cases),
        "structured_recall": found[False][0] / found[False][1],
        "person_recall": found[True][0] / found[True][1],
        "untouched_without_identity": untouched / clean,
    }


def safety(folder: Path, pipeline: Pipeline) -> Figures:
    """Flagged or not, urgent ones missed, and the kinds given."""
    cases = _cases(folder, "safety")
    tp = fp = fn = urgent = urgent_found = 0
    kinds = [0, 0, 0]
    for case, analysed in zip(cases, _analyse(pipeline, cases), strict=True):
        given = {f.label for f in analysed.of("signal")}
        gold = set(case["signals"])
        wanted = case["severity"] != "none"
        tp, fp, fn = tp + (wanted and bool(given)), fp + (not wanted and bool(given)), fn + (wanted and not given)
        if case["severity"] == "urgent":
            urgent, urgent_found = urgent + 1, urgent_found + bool(given)
        kinds = [kinds[0] + len(given & gold), kinds[1] + len(given - gold), kinds[2] + len(gold - given)]
    precision, recall, _ = precision_recall_f1(tp, fp, fn)
    return {
        "cases": len(cases),
        "recall": recall,
        "precision": precision,
        "urgent_recall": urgent_found / urgent,
        "kinds_f1": precision_recall_f1(kinds[0], kinds[1], kinds[2])[2],
    }


def clauses(folder: Path, pipeline: Pipeline) -> Figures:
    """Each gold clause against the predicted clause that overlaps it most: its sentiment, and an overlap of 0.6 or more."""
    cases = [c for path in sorted(folder.glob("segments*.json")) for c in json.loads(path.read_text(encoding="utf-8"))]
    n = feeling = boundary = 0
    for case, analysed in zip(cases, _analyse(pipeline, cases), strict=True):
        for gold in case["segments"]:
            n += 1
            start = analysed.comment.text.find(gold["text"])
            end = start + len(gold["text"])
            over = [
                (min(f.end, end) - max(f.start, start), f)
                for f in analysed.of("clause")
                if f.start < end and f.end > start
            ]
            if start < 0 or not over:
                continue
            shared, best = max(over, key=lambda pair: pair[0])
            feeling += best.label == gold["sentiment"]
            boundary += shared / (max(best.end, end) - min(best.start, start)) >= 0.6
    return {"clauses": n, "sentiment": feeling / n, "boundary": boundary / n}


def plain(folder: Path, pipeline: Pipeline) -> Figures:
    """Plain sentences: the feeling of the whole, themes, codes, and the side of the codes that are right."""
    cases = json.loads((folder / "plain.json").read_text(encoding="utf-8"))
    codes = {v.id: v.code for v in pipeline.taxonomy.values.values()} | {o: o for o in pipeline.taxonomy.objectives}
    felt = sided = 0
    themes, coded = [0, 0, 0], [0, 0, 0]
    for case, analysed in zip(cases, _analyse(pipeline, cases), strict=True):
        felt += any(f.label == case["sentiment"] for f in analysed.of("sentiment"))
        given = {codes[f.label]: f.polarity for kind in ("value", "objective") for f in analysed.of(kind)}
        for tally, found, gold in (
            (themes, {f.label for f in analysed.of("theme")}, set(case["themes"])),
            (coded, set(given), set(case["codes"])),
        ):
            for i, some in enumerate((found & gold, found - gold, gold - found)):
                tally[i] += len(some)
        sided += sum(given[code] == side for code, side in case["codes"].items() if code in given)
    return {
        "cases": len(cases),
        "sentiment": felt / len(cases),
        "themes_f1": precision_recall_f1(*themes)[2],
        "codes_f1": precision_recall_f1(*coded)[2],
        "right_side": sided / coded[0],
    }


def experience(folder: Path) -> Figures:
    """Whose experience each gold clause tells, the speaker being known."""
    cases = json.loads((folder / "experience.json").read_text(encoding="utf-8"))
    n = right = 0
    for case in cases:
        spans, at = [], 0
        for clause in case["clauses"]:
            start = case["text"].index(clause["text"], at)
            at = start + len(clause["text"])
            spans.append((start, at))
        found = experiences(case["text"], spans, case["respondent"])
        n += len(spans)
        right += sum(f == c["experience"] for f, c in zip(found, case["clauses"], strict=True))
    return {"clauses": n, "right": right / n}


def charts(folder: Path) -> Figures:
    """Share of the runs of the R package NHSRplotthedots 0.2.2 that profile ptd equals, number by number."""
    from feedback.over_time.spc import spc

    content = json.loads((folder / "spc_cases.json").read_text(encoding="utf-8"))
    jobs, wanted = [], []
    for case in content["cases"]:
        for run in case["runs"]:
            if not run["result"]["error"]:
                options = {**run["options"], "profile": "ptd", "chart": "xmr"}
                jobs.append({"dates": case["dates"], "values": case["values"], "options": options})
                wanted.append(run["result"])
    same = sum(_same_chart(got, want) for got, want in zip(spc(jobs), wanted, strict=True))
    return {"runs": len(jobs), "agree": same / len(jobs)}


def _same_chart(got: dict[str, Any], want: dict[str, Any]) -> bool:
    def close(a: float | None, b: float | None) -> bool:
        return a is b if a is None or b is None else math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)

    numbers = all(
        close(a, b) for k in ("mean", "lpl", "upl") for a, b in zip(want["points"][k], got["points"][k], strict=True)
    )
    words = all(want["points"][k] == got["points"][k] for k in ("special_cause_type", "point_type"))
    return numbers and words and all(want[k] == got[k] for k in ("variation_icon", "assurance_icon"))


def uploads(folder: Path, pipeline: Pipeline) -> Figures:
    """Upload files and sequences that come out as their gold says, and files in which a row is unaccounted for."""
    import tempfile

    from feedback.batches.intake import analyse_file
    from feedback.errors import FeedbackError
    from feedback.store import open_store

    base = folder / "batches"
    gold = json.loads((base / "expected.json").read_text(encoding="utf-8"))
    right = lost = 0
    for entry in gold["files"]:
        with tempfile.TemporaryDirectory() as scratch, open_store(Path(scratch) / "one.db") as store:
            try:
                report = analyse_file(base / entry["file"], store, pipeline)
            except FeedbackError:
                report = None
        right += any(_as_expected(case, report) for case in [entry, *entry.get("alternatives", [])])
        if report:
            explained = (
                report.accepted_rows
                + report.empty
                + report.duplicates
                + report.already_stored_rows
                + len(report.rejects)
            )
            lost += report.rows != explained
    for sequence in gold["sequences"]:
        with tempfile.TemporaryDirectory() as scratch, open_store(Path(scratch) / "one.db") as store:
            reports = [analyse_file(base / upload["file"], store, pipeline) for upload in sequence["uploads"]]
        wanted = [(u["new"], u["already_stored"]) for u in sequence["uploads"]]
        right += [(r.accepted, r.already_stored) for r in reports] == wanted
    n = len(gold["files"]) + len(gold["sequences"])
    return {"cases": n, "right": right / n, "files_with_lost_rows": lost}


def _as_expected(case: dict[str, Any], report: Any) -> bool:
    if case["kind"] == "refuse_whole_file":
        return report is None
    if report is None:
        return False
    if case.get("accepted") is None:
        return True
    rows = {reject["row"] for reject in case.get("rejects", [])}
    rejected = {notice.row for notice in report.rejects}
    named = rejected | {notice.row for notice in report.warnings}
    most = case.get("accepted_max") or case["accepted"]
    return case["accepted"] <= report.accepted <= most and rows <= named and not rejected - rows
