"""Learn the signal model from the gold cases, invented examples and ordinary comments, and say how it does on another author's cases.

Each author has their own way of hinting, so a score within one author's cases flatters. Thresholds and scores come from
predictions for each file of cases by a model that saw none of that file. The sample batch is one more author, and the only one
of mostly ordinary comments in the style of the Trust's services: it shows how long the queue gets, by a model that saw none
of it and by models that saw the other folds. Only hashed weights are written, never words.
"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from feedback import settings
from feedback.artefact import file_hash, write_manifest
from feedback.errors import BadData
from feedback.language import detect_language
from feedback.tag.signal import (
    FEATURES,
    HEADS,
    KINDS,
    Hit,
    SignalModel,
    features,
    is_flagged,
    kinds_of,
    load_rules,
    severity_of,
)

NAME, VERSION = "signal-model", "1.1"
STRENGTH = 5.0  # inverse regularisation; 3 to 30 differ by under 0.01 in the area under the curve across authors
BACKGROUND_WEIGHT = 0.2  # these comments are not labelled: a few do hold a signal, so five weigh as one case
HARMLESS_ABOVE = -3  # `criticality` of a background comment; below it a signal is too likely
WANTED_RECALL, WANTED_URGENT = 0.95, 0.98  # of other authors' cases; of the sample's urgent comments all are wanted
SURE_IF_RATED_GOOD = (
    0.7  # half of what was flagged wrongly in the sample had been rated good, and nothing that the rules missed
)
FOLDS = 5
LEVEL = 0.005  # scores this near are level, and then fewer kinds are easier to read
RATINGS = {"Very good": 1, "Good": 2, "Neither good nor poor": 3, "Poor": 4, "Very poor": 5}
# Of the urgent cases of other authors four in five are called urgent, and 6 % of the sample. An urgent rule needs little agreement:
# 0.3 and 0.25 called fewer of the cases and more of the sample urgent.
SEVERITY = {"urgent": 0.4, "ruled_urgent": 0.1}


@dataclass(frozen=True, slots=True)
class Case:
    """A comment with its answer: the kinds it shows (none where it can wait) and how urgent it is."""

    text: str
    kinds: frozenset[str] = frozenset()
    severity: str = "none"
    fft: int | None = None

    def answer(self, head: str) -> bool:
        """What one head of the model should say."""
        return {"flag": self.severity != "none", "urgent": self.severity == "urgent"}.get(head, head in self.kinds)


Row = tuple[Case, list[Hit], float]  # a case, the rules that fire on it, and its weight


def train_signals(
    cases_paths: Sequence[Path],
    out_dir: Path,
    *,
    background: Path | None = None,
    sample: Path | None = None,
    data: Path = settings.DATA,
) -> dict[str, object]:
    """Train on every file of gold cases, write weights and manifest to `out_dir`/signal, and return the manifest.

    cases_paths: one JSON file per author. background: a CSV of ordinary comments with the columns `feedback` and
    `criticality`. sample: a folder with sample_batch.csv and signals.csv, as in data/sample. BadData where a file has no cases.
    """
    authors = {path.stem: read_cases(path) for path in cases_paths}
    sources = {
        **authors,
        "sample": read_sample(sample) if sample else [],
        "invented": read_examples(data / "signals_examples.yml"),
        "background": read_background(background) if background else [],
    }
    rules = load_rules(data)
    hits = {name: [rules.hits(case.text) for case in cases] for name, cases in sources.items()}

    def rows(name: str) -> list[Row]:
        weight = BACKGROUND_WEIGHT if name == "background" else 1.0
        return [(case, hit, weight) for case, hit in zip(sources[name], hits[name], strict=True)]

    def fitted(*left_out: str) -> SignalModel:
        return fit([row for name in sources if name not in left_out for row in rows(name)])

    unseen = {name: predictions(fitted(name), rows(name)) for name in authors}
    together = Predictions.joined(list(unseen.values()))
    others = [row for name in sources if name != "sample" for row in rows(name)]
    folds = folded(rows("sample"), others) if sample else Predictions([], [], [])
    thresholds = choose_thresholds(together, folds)
    scores: dict[str, object] = {
        "other_authors": {name: p.scores(thresholds) for name, p in {**unseen, "all": together}.items()},
        # 2.0: the model never flags
        "rules_alone": {
            name: p.scores({**thresholds, "flag": 2.0, "flag_rated_good": 2.0}) for name, p in unseen.items()
        },
    }
    if sample:
        scores["sample"] = {
            "unseen": predictions(fitted("sample"), rows("sample")).scores(thresholds),
            "other_folds_seen": folds.scores(thresholds),
        }
    read = [*cases_paths, data / "signals_examples.yml", *([background] if background else [])]
    read += [sample / "sample_batch.csv", sample / "signals.csv"] if sample else []
    return write(fitted(), thresholds, out_dir, scores, read)


def predictions(model: SignalModel, rows: Sequence[Row]) -> "Predictions":
    """What `model` says of the cases of `rows`."""
    return Predictions(
        [case for case, _, _ in rows], [hit for _, hit, _ in rows], [model.chances(c.text, h) for c, h, _ in rows]
    )


def folded(rows: Sequence[Row], others: Sequence[Row]) -> "Predictions":
    """Predict each of FOLDS parts of `rows` by a model of the other parts and of `others`."""
    parts = [
        predictions(fit([*others, *(row for i, row in enumerate(rows) if i % FOLDS != fold)]), rows[fold::FOLDS])
        for fold in range(FOLDS)
    ]
    return Predictions.joined(parts)


def read_cases(path: Path) -> list[Case]:
    """Read one author's gold cases: JSON with `text`, `signals` and `severity`."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    cases = [
        Case(c["text"], frozenset(c["signals"]), c["severity"])
        for c in (raw["cases"] if isinstance(raw, dict) else raw)
    ]
    if not cases:
        raise BadData(f"{path.name} holds no cases; give a JSON list with text, signals and severity.")
    return cases


def read_examples(path: Path) -> list[Case]:
    """Read the invented examples: under each heading, "severity kind kind" or "none", a list of comments."""
    cases = []
    for heading, texts in yaml.safe_load(path.read_text(encoding="utf-8"))["examples"].items():
        severity, *kinds = heading.split()
        if set(kinds) - set(KINDS):
            raise BadData(
                f"{path.name}: the heading {heading!r} names a kind that the contract does not have; mend it."
            )
        cases += [Case(text, frozenset(kinds), severity) for text in texts]
    return cases


def read_sample(folder: Path) -> list[Case]:
    """Read the English comments of the sample batch, with the signals that a person marked; all others show none."""
    with (folder / "signals.csv").open(newline="", encoding="utf-8") as file:
        marked = {row["Comment ID"]: row for row in csv.DictReader(file)}
    with (folder / "sample_batch.csv").open(newline="", encoding="utf-8-sig") as file:
        comments = list(csv.DictReader(file))
    unknown = marked.keys() - {row["Comment ID"] for row in comments}
    if unknown:
        raise BadData(f"signals.csv marks {min(unknown)}, which sample_batch.csv does not hold; mend the number.")
    cases = []
    for row in comments:
        text, mark = row["Comment"].strip(), marked.get(row["Comment ID"])
        if not text or detect_language(text) != "en":
            continue
        fft = RATINGS.get(row["FFT rating"])
        cases.append(
            Case(text, frozenset(mark["kinds"].split(";")), mark["severity"], fft) if mark else Case(text, fft=fft)
        )
    return cases


def read_background(path: Path) -> list[Case]:
    """Read ordinary comments as cases without a signal, leaving out what their readers called very critical."""
    with path.open(newline="", encoding="utf-8") as file:
        texts = [row["feedback"].strip() for row in csv.DictReader(file) if _is_harmless(row["criticality"])]
    texts = sorted({text for text in texts if text})
    return [Case(text) for text in texts]


def _is_harmless(criticality: str) -> bool:
    try:
        return float(criticality) > HARMLESS_ABOVE
    except ValueError:
        return False


def fit(rows: Sequence[Row]) -> SignalModel:
    """Fit one logistic regression per head; those of the kinds see only comments that do show a signal."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    found = [features(case.text, hits) for case, hits, _ in rows]
    # Most hashed columns are empty; fitting only the others halves the time.
    used, columns = np.unique(np.concatenate([columns for columns, _ in found]), return_inverse=True)
    ends = np.cumsum([0, *(len(values) for _, values in found)])
    matrix = csr_matrix((np.concatenate([values for _, values in found]), columns, ends), shape=(len(rows), len(used)))
    weight = np.array([w for _, _, w in rows])
    signals = np.array([bool(case.kinds) for case, _, _ in rows])
    weights, intercepts = np.zeros((FEATURES, len(HEADS)), dtype=np.float32), np.zeros(len(HEADS), dtype=np.float32)
    for column, head in enumerate(HEADS):
        use = signals if head in KINDS else np.ones(len(rows), dtype=bool)
        answers = np.array([case.answer(head) for case, _, _ in rows])
        model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(matrix[use], answers[use], sample_weight=weight[use])
        weights[used, column], intercepts[column] = model.coef_[0], model.intercept_[0]
    return SignalModel(f"{NAME} {VERSION}", weights, intercepts, {})


@dataclass(frozen=True, slots=True)
class Predictions:
    """Cases, the rules that fired on them, and how likely a model that never saw them finds each head."""

    cases: list[Case]
    hits: list[list[Hit]]
    chances: list[dict[str, float]]

    @classmethod
    def joined(cls, parts: "Sequence[Predictions]") -> "Predictions":
        """Several authors' cases as one."""
        return cls(
            [c for p in parts for c in p.cases],
            [h for p in parts for h in p.hits],
            [c for p in parts for c in p.chances],
        )

    def flags(self, thresholds: dict[str, float]) -> list[bool]:
        """Which cases are flagged, by a rule or the model."""
        return [
            is_flagged(hits, chances, thresholds, case.fft)
            for case, hits, chances in zip(self.cases, self.hits, self.chances, strict=True)
        ]

    def scores(self, thresholds: dict[str, float]) -> dict[str, float]:
        """Recall, precision, recall of the urgent, F1 over kinds, share of found cases with the right severity, and shares of all
        cases that are flagged, and flagged as urgent.
        """
        flags = self.flags(thresholds)
        gold = [case.severity != "none" for case in self.cases]
        urgent = [flag for flag, case in zip(flags, self.cases, strict=True) if case.severity == "urgent"]
        found = right = wrong = missed = same = called_urgent = 0
        for case, flag, hits, chances in zip(self.cases, flags, self.hits, self.chances, strict=True):
            kinds = frozenset(kinds_of(hits, chances, thresholds)) if flag else frozenset()
            right, wrong, missed = (
                right + len(kinds & case.kinds),
                wrong + len(kinds - case.kinds),
                missed + len(case.kinds - kinds),
            )
            severity = severity_of(hits, chances, thresholds) if flag else "none"
            called_urgent += severity == "urgent"
            if flag and case.kinds:
                found += 1
                same += severity == case.severity
        return {
            "recall": _share(found, sum(gold)),
            "precision": _share(found, sum(flags)),
            "urgent_recall": _share(sum(urgent), len(urgent)),
            "kind_f1": _share(2 * right, 2 * right + wrong + missed),
            "severity": _share(same, found),
            "flagged": _share(sum(flags), len(flags)),
            "flagged_urgent": _share(called_urgent, len(flags)),
            "cases": len(self.cases),
        }


def _share(part: float, whole: float) -> float:
    return round(part / whole, 3) if whole else 0.0


def choose_thresholds(unseen: Predictions, folds: Predictions) -> dict[str, float]:
    """The strictest flag that finds what is wanted of other authors' cases and of the sample's folds, then the fewest kinds that score as well."""
    steps = [round(0.01 * i, 2) for i in range(5, 91)]
    chosen = {"flag": steps[0], "flag_rated_good": SURE_IF_RATED_GOOD, "kind": 0.3, **SEVERITY}

    def enough(flag: float) -> bool:
        scores, sample = (p.scores({**chosen, "flag": flag}) for p in (unseen, folds))
        wanted = scores["recall"] >= WANTED_RECALL and scores["urgent_recall"] >= WANTED_URGENT
        return wanted and (not folds.cases or sample["urgent_recall"] == 1)

    chosen["flag"] = max(filter(enough, steps), default=steps[0])
    by_kind = {t: unseen.scores({**chosen, "kind": t})["kind_f1"] for t in steps[::5]}
    chosen["kind"] = max(t for t, f1 in by_kind.items() if f1 >= max(by_kind.values()) - LEVEL)
    return chosen


def write(
    model: SignalModel, thresholds: dict[str, float], out_dir: Path, scores: dict[str, object], sources: Sequence[Path]
) -> dict[str, object]:
    """Write weights.safetensors and manifest.json to `out_dir`/signal; what the manifest says is returned."""
    from safetensors.numpy import save_file

    folder = out_dir / "signal"
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {"weights": model.weights.astype(np.float16), "intercepts": model.intercepts}
    save_file(arrays, folder / "weights.safetensors")
    facts: dict[str, object] = {
        "name": NAME,
        "version": VERSION,
        "heads": list(HEADS),
        "thresholds": thresholds,
        "trained_on": {path.name: file_hash(path) for path in sources},
        "scores": scores,
    }
    write_manifest(folder, facts, ["weights.safetensors"])
    return facts
