"""Make the reader: one small transformer, fine-tuned on the labelled comments, with linear heads for texts and for their clauses.

Runs only where PyTorch is (`make train`); everything it leaves in models/reader runs without it. First two teachers learn, each
from one half of the comments, and say what they make of the other half and of comments that nobody labelled; then the reader learns
from the labels, from the teachers and from clauses that somebody read in their place. Labels are so noisy that agreeing with a model
which has not seen them is worth two points of accuracy in sentiment.
"""

import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from feedback import settings
from feedback.correct import Corrected
from feedback.errors import BadData
from feedback.models.artefact import file_hash, write_manifest
from feedback.models.encode import ASKED, WIDTH, Encoder, Span, owners
from feedback.models.joints import FACTS, cut, gaps, joint_odds
from feedback.models.reader import degree, heard
from feedback.models.together import FACTS as OF_SETS
from feedback.models.together import SETS, facts, together
from feedback.models.words import COLUMNS, as_matrix, hashed
from feedback.segment import segment
from feedback.taxonomy import Taxonomy
from feedback.training.clauses import (
    Clause,
    Read,
    read_gold_clauses,
    read_invented_clauses,
    read_public_clauses,
    unknown_themes,
)
from feedback.training.finetune import (
    BASE,
    LONGEST,
    Descent,
    base_network,
    batches,
    export_network,
    hidden_of,
    pad,
)
from feedback.training.labelled import (
    CODES,
    Example,
    data_hash,
    load_examples,
    read_coded,
    read_statements,
    with_more_codes,
)
from feedback.training.placements import read_placements
from feedback.training.targets import (
    CRITICALITIES,
    SIGNS,
    Cuts,
    Logits,
    Targets,
    cuts_of,
    fold,
    spans_of,
    taught,
    with_invented,
    with_parts,
)

VERSION = "2.7"
EPOCHS = 6
BATCH = 32
ENCODER_RATE, HEAD_RATE = 2.5e-4, 1e-3
TEACHER_EPOCHS = 6
WARM_UP = 0.06  # share of the steps in which the rates climb
# Rare labels count for more, but far less than in proportion: the full ratio floods the reports with false alarms.
POSITIVE_WEIGHT_POWER = 0.35
IMPORTANCE = {"themes": 1.0, "sentiment": 1.0, "codes": 1.25, "subcategory": 0.15, "criticality": 0.15}
CLAUSE_IMPORTANCE = {"feelings": 1.0, "themes": 0.5, "codes": 0.3}
# The share of words alone in the themes' log-odds: of validation comments average precision was 0.730 with none, 0.740 with 0.15 and 0.745 with 0.3.
WORDS_SHARE, WORDS_C = 0.2, 10.0
WORDS_READ = 0.4  # how much a reader's labels count there beside the NHS's own
JOINTS_IMPORTANCE = 1.0
JOINTS_C = 0.003
LIKELIER = (0.0, 0.25, 0.5, 0.75, 1.0), (0.0, 0.5, 1.0)  # log-odds: where the rules cut, and anywhere
GOLD = "segments.json"
INVENTED = ("invented.jsonl", "plain.jsonl")
HELD_INVENTED = 10  # one invented comment in so many is kept back to choose how finely to cut
STATEMENTS_C = 0.3
SEEN_SO_FAR = 4.0
FEWEST_STATED = 4  # comments that must bear on a statement for it to be learnt
SEEN_WITH = 10.0  # comments as if seen, in which a theme has company as often as others
LIFTED = ("themes", "codes")
HEADS_KEPT = ("themes", "sentiment", "codes", "clause_feelings", "clause_themes", "clause_codes")
SEED = 20251101
TEACHERS_SEED = 77
UNLABELLED = 2  # an even number: the rest of dividing by two says which teacher is not asked


def train(
    folder: Path,
    out: Path,
    taxonomy: Taxonomy,
    *,
    data: Path = settings.DATA,
    corrections: Sequence[Corrected] = (),
    epochs: int = EPOCHS,
) -> dict[str, Any]:
    """Train on the labelled files of `folder`, the clauses of `data` and what people corrected, write the model to `out`, return its scores.

    They are those on the validation part. The test part is never looked at here; `feedback evaluate` measures on it. Takes
    about 50 minutes on one core: two teachers, then the reader.
    """
    examples = with_more_codes(load_examples(folder, taxonomy), data / "codes")
    examples += [*read_coded(data / "codes"), *as_examples(corrections, taxonomy)]
    examples += [Example("", p.text) for p in read_placements(data / "placer" / "comments.jsonl")]
    theme_ids = [t.id for t in taxonomy.themes.values() if not t.contentless]
    subcategories = sorted({e.subcategory for e in examples if e.subcategory})
    widths = {
        "themes": len(theme_ids),
        "sentiment": 5,
        "codes": len(CODES) * len(SIGNS),
        "subcategory": len(subcategories),
        "criticality": len(CRITICALITIES),
    }
    started = time.time()
    labelled = fold([e for e in examples if e.part == "train"], theme_ids, subcategories, widths)
    learn = learn_from_teachers(labelled, examples, data, theme_ids, widths)
    network, heads, tokenizer = fit(learn, widths, epochs, SEED)
    print(f"trained on {len(learn.texts)} distinct comments in {time.time() - started:.0f} s", file=sys.stderr)

    building = out.with_name(out.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    pieces = [tokenizer.encode(text, add_special_tokens=False).ids[:LONGEST] for text in learn.texts]
    export_network(network, building, [tokenizer.encode(ASKED[kind]).ids for kind in learn.kinds], pieces)
    _save({n: w for n, w in _arrays(heads).items() if n.rsplit(".", 1)[0] in HEADS_KEPT}, building)
    read = sorted((data / "clauses").glob("*.jsonl"))
    facts: dict[str, Any] = {
        "name": "reader",
        "version": VERSION,
        "made": date.today().isoformat(),
        "base": BASE,
        "labels": {"themes": theme_ids, "sentiment": [1, 2, 3, 4, 5], "codes": list(CODES), "signs": list(SIGNS)},
        "data": {
            "sha256": data_hash(folder),
            "rows": dict(Counter(e.part for e in examples)),
            "clauses": {path.name: file_hash(path) for path in read},
            "statements": file_hash(data / "statements" / "public.jsonl"),
            "codes": {path.name: file_hash(path) for path in sorted((data / "codes").glob("*.jsonl"))},
            "corrections": len(corrections),
        },
        "settings": {"epochs": epochs, "batch": BATCH, "seed": SEED, "rates": [ENCODER_RATE, HEAD_RATE]},
        "thresholds": {},
    }
    held = [e for e in examples if e.part == "validation"]
    cut_as = read_public_clauses(data / "clauses" / "public.jsonl")
    encoder = Encoder(building / "encoder.onnx", building / "tokenizer.json")
    encoded = encoder.encode_parts([e.text for e in held], [e.kind for e in held], [segment(e.text) for e in held])
    stated, statements = find_statements(encoder, examples, read_statements(data / "statements" / "public.jsonl"))
    facts["labels"]["statements"] = statements
    weights = with_words(_heads_of(building), [e for e in examples if e.part == "train"], theme_ids)
    seen = Seen(encoded.texts, encoded.parts, as_matrix([hashed(e.text, e.kind) for e in held]))
    weights = calibrate(held, seen, weights, theme_ids) | stated
    ordinary = [Read(e.text, e.kind, cut_as[e.id]) for e in examples if e.part == "train" and e.id in cut_as]
    invented, held_back = held_invented(data)
    joints, recovered = bend(
        encoder, find_joints(encoder, invented, ordinary), held_back, read_gold_clauses(folder / GOLD)
    )
    weights |= joints
    _, given = _themed([e for e in examples if e.part == "train"], theme_ids)
    weights |= find_together(given, held, seen, weights, theme_ids)
    weights["themes.words"] = weights["themes.words"].astype(np.float16)
    _save(weights, building)
    thresholds, scores = choose_thresholds(held, seen, weights, theme_ids)
    scores |= {"invented_clauses_found": round(recovered[0], 3), "gold_clauses_found": round(recovered[-1], 3)}
    facts["thresholds"], facts["scores_on_validation"] = thresholds, scores
    write_manifest(building, facts, ["encoder.onnx", "tokenizer.json", "heads.safetensors"])
    if (out / "card.md").exists():
        shutil.copy(out / "card.md", building / "card.md")
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return scores


def as_examples(corrections: Sequence[Corrected], taxonomy: Taxonomy) -> list[Example]:
    """Comments that people corrected, each on what they spoke of; they count as much as the NHS's own labels."""
    return [
        Example(
            id=c.citation,
            text=c.text,
            kind=c.question_kind,
            themes=None if c.themes is None else frozenset(t for t in c.themes if not taxonomy.themes[t].contentless),
            nhs_themes=c.themes is not None,
            sentiment=c.scale,
        )
        for c in corrections
        if c.themes is not None or c.scale is not None
    ]


def learn_from_teachers(
    labelled: Targets, examples: list[Example], data: Path, theme_ids: list[str], widths: dict[str, int]
) -> Targets:
    """The targets with the teachers' share, with clauses, and with the invented comments."""
    read = read_public_clauses(data / "clauses" / "public.jsonl")
    invented = held_invented(data)[0]
    unknown = unknown_themes([*read.values(), *(one.clauses for one in invented)], frozenset(theme_ids))
    if unknown:
        raise BadData(
            f"A file of data/clauses labels clauses with {', '.join(sorted(unknown))}, which is no theme to learn; mend the label."
        )
    by_words: dict[tuple[str, str], Any] = {
        (e.text.lower(), e.kind): read[e.id] for e in examples if e.part == "train" and e.id in read
    }
    clauses = [by_words.get((text.lower(), kind)) for text, kind in zip(labelled.texts, labelled.kinds, strict=True)]
    spans = spans_of(labelled.texts, clauses)
    half = halves(labelled)
    teachers = [teach(labelled, half, which, widths) for which in (0, 1)]
    wholes, alone = ask_teachers(labelled, spans, half, teachers)
    lift = lifts(labelled)
    learn = with_parts(taught(labelled, wholes, lift), spans, clauses, alone, lift, theme_ids)
    return with_invented(learn, invented, theme_ids)


def held_invented(data: Path) -> tuple[list[Read], list[Read]]:
    """The invented comments to learn clauses from, and those kept back."""
    invented = [one for name in INVENTED for one in read_invented_clauses(data / "clauses" / name)]
    return [one for i, one in enumerate(invented) if i % HELD_INVENTED], invented[::HELD_INVENTED]


def halves(labelled: Targets) -> NDArray[np.int_]:
    """Which teacher learns from a row, 0 or 1, by lot, shape (n,); UNLABELLED rows both teachers are asked in turn, none learns from."""
    half = np.random.default_rng(TEACHERS_SEED).integers(0, 2, len(labelled.texts))
    return np.where(labelled.labelled, half, UNLABELLED + half)


def teach(labelled: Targets, half: NDArray[np.int_], which: int, widths: dict[str, int]) -> tuple[Any, Any, Any]:
    """One teacher, from its half."""
    mine = labelled.rows(np.flatnonzero(half == which).tolist())
    return fit(mine, widths, TEACHER_EPOCHS, 100 + which)


def ask_teachers(
    labelled: Targets, spans: Sequence[tuple[Span, ...]], half: NDArray[np.int_], teachers: list[Any]
) -> tuple[Logits, list[Logits]]:
    """What the teacher that has not seen a row makes of it, (n, width) per head, and of each of its clauses as a text of its own.

    `spans` are the clauses of each row; one that is a single clause is not asked about again.
    """
    wholes: dict[str, NDArray[np.float32]] = {}
    alone: list[dict[str, NDArray[np.float32]]] = [{} for _ in labelled.texts]
    for taught_half, (network, heads, tokenizer) in enumerate(teachers):
        rows = np.flatnonzero(half % 2 != taught_half).tolist()
        said = _logits(network, heads, tokenizer, [labelled.texts[i] for i in rows], [labelled.kinds[i] for i in rows])
        for head, logits in said.items():
            wholes.setdefault(head, np.zeros((len(half), logits.shape[1]), np.float32))[rows] = logits
        pieces = [(i, start, end) for i in rows if len(spans[i]) > 1 for start, end in spans[i]]
        said = _logits(
            network, heads, tokenizer,
            [labelled.texts[i][start:end] for i, start, end in pieces], [labelled.kinds[i] for i, _, _ in pieces],
        )  # fmt: skip
        owner = np.array([i for i, _, _ in pieces])
        for i in set(owner.tolist()):
            alone[i] = {head: logits[owner == i] for head, logits in said.items()}
    return wholes, list(alone)


class Seen(NamedTuple):
    """What is known of held-out comments: their vectors, (n, 384), their clauses', (n_clauses, 384) each, and their hashed words, (n, COLUMNS)."""

    vectors: NDArray[np.float32]
    clauses: list[NDArray[np.float32]]
    words: Any


def with_words(
    weights: dict[str, NDArray[np.float32]], examples: Sequence[Example], theme_ids: list[str]
) -> dict[str, NDArray[np.float32]]:
    """The heads with a linear second opinion on themes, by words alone, which has WORDS_SHARE in the log-odds: "themes.words", (COLUMNS, n_themes)."""
    from sklearn.linear_model import LogisticRegression

    rows = [e for e in examples if e.themes is not None]
    given = np.array([[t in (e.themes or ()) for t in theme_ids] for e in rows])
    counts = np.array([1.0 if e.nhs_themes else WORDS_READ for e in rows])
    matrix = as_matrix([hashed(e.text, e.kind) for e in rows])
    lift = (1 / np.maximum(given.mean(0), 1e-4) - 1) ** POSITIVE_WEIGHT_POWER
    words, bias = np.zeros((COLUMNS, len(theme_ids)), np.float32), np.zeros(len(theme_ids), np.float32)
    for theme in np.flatnonzero(given.any(0)):
        model = LogisticRegression(C=WORDS_C, solver="liblinear", random_state=SEED)
        model.fit(matrix, given[:, theme], sample_weight=counts * np.where(given[:, theme], lift[theme], 1.0))
        words[:, theme], bias[theme] = model.coef_[0], model.intercept_[0]
    return weights | {
        "themes.weight": (1 - WORDS_SHARE) * weights["themes.weight"],
        "themes.bias": (1 - WORDS_SHARE) * weights["themes.bias"] + WORDS_SHARE * bias,
        "themes.words": WORDS_SHARE * words,
    }


def calibrate(
    held: list[Example],
    seen: Seen,
    weights: dict[str, NDArray[np.float32]],
    theme_ids: list[str],
) -> dict[str, NDArray[np.float32]]:
    """Bend each head so that its probabilities mean what they say on held-out comments: Platt's line, one for all labels of a head.

    The line goes into the weights themselves; a line of its own for each label would be luck where a label has ten examples. The
    clauses' heads are bent so that the clause which speaks of a label most tells whether the comment has it. Returns new weights.
    """
    bent = dict(weights)
    vectors, clauses, words = seen
    themed = [i for i, e in enumerate(held) if e.nhs_themes and not e.contentless and len(clauses[i])]
    coded = [i for i, e in enumerate(held) if e.codes is not None and len(clauses[i])]
    gold = {
        "themes": (themed, [[t in (held[i].themes or ()) for t in theme_ids] for i in themed]),
        "codes": (coded, [[(held[i].codes or {}).get(c) in (s, "~") for c in CODES for s in SIGNS] for i in coded]),
    }
    for label, (rows, given) in gold.items():
        for head in (label, f"clause_{label}"):
            weight, bias = weights[f"{head}.weight"], weights[f"{head}.bias"]
            if head == "themes":
                logits = vectors[rows] @ weight.T + bias + words[rows] @ weights["themes.words"]
            elif head == label:
                logits = vectors[rows] @ weight.T + bias
            else:
                logits = np.stack([(clauses[i] @ weight.T + bias).max(0) for i in rows])
            slope, shift = _line(logits, given)
            bent[f"{head}.weight"] = (slope * weight).astype(np.float32)
            bent[f"{head}.bias"] = (slope * bias + shift).astype(np.float32)
            if head == "themes":
                bent["themes.words"] = slope * weights["themes.words"]
    both = np.stack([_heard_in(i, seen, bent) for i in themed])
    slope, shift = _line(both, gold["themes"][1])
    bent["themes.words"] = slope * bent["themes.words"]
    shifts = shift + _shifts(slope * both + shift, np.array(gold["themes"][1]))
    for head in ("themes", "clause_themes"):
        bent[f"{head}.weight"] = (slope * bent[f"{head}.weight"]).astype(np.float32)
        bent[f"{head}.bias"] = (slope * bent[f"{head}.bias"] + shifts).astype(np.float32)
    felt = [i for i, e in enumerate(held) if e.sentiment is not None and e.nhs_themes]
    logits = vectors[felt] @ weights["sentiment.weight"].T + weights["sentiment.bias"]
    cooler = 1 / temperature(logits, np.array([(held[i].sentiment or 3) - 1 for i in felt]))
    for head in ("sentiment", "clause_feelings"):
        bent[f"{head}.weight"] = (cooler * weights[f"{head}.weight"]).astype(np.float32)
        bent[f"{head}.bias"] = (cooler * weights[f"{head}.bias"]).astype(np.float32)
    return bent


def _line(logits: NDArray[np.float32], given: Sequence[Sequence[bool]]) -> tuple[float, float]:
    """Slope and shift that turn logits of shape (n, n_labels) into log-odds that come true (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    line = LogisticRegression(C=1e6).fit(logits.reshape(-1, 1), np.array(given).reshape(-1))
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def _shifts(logits: NDArray[np.float32], given: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much each label's log-odds must move to be given as often as NHS staff give it, shape (n_labels,).

    Readers by the framework give some labels oftener. A label moves as if SEEN_SO_FAR further comments spoke for no move.
    """
    moved = np.zeros(logits.shape[1])
    for _ in range(30):  # Newton's steps; ten are enough
        p = 1 / (1 + np.exp(-(logits + moved)))
        moved += (given.sum(0) - p.sum(0) - SEEN_SO_FAR * moved) / ((p * (1 - p)).sum(0) + SEEN_SO_FAR)
    return moved.astype(np.float32)


def _heard_in(row: int, seen: Seen, weights: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Log-odds of the themes of one text, shape (n_themes,), as the reader hears them."""
    return heard(
        seen.vectors[row] @ weights["themes.weight"].T
        + weights["themes.bias"]
        + (seen.words[row] @ weights["themes.words"].astype(np.float32))[0],
        seen.clauses[row] @ weights["clause_themes.weight"].T + weights["clause_themes.bias"],
    )


def temperature(logits: NDArray[np.float32], gold: NDArray[np.int_]) -> float:
    """By how much logits of shape (n, n_classes) must be divided for their softmax to be as sure as it is right (Guo et al. 2017)."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    def loss(heat: float) -> float:
        return -float(log_softmax(logits / heat, axis=1)[np.arange(len(gold)), gold].mean())

    return float(minimize_scalar(loss, bounds=(0.5, 5.0), method="bounded").x)


def find_together(
    given: NDArray[np.bool_],
    held: list[Example],
    seen: Seen,
    weights: Mapping[str, NDArray[np.float32]],
    theme_ids: list[str],
) -> dict[str, NDArray[np.float32]]:
    """How sets of themes are weighed (models/together.py): how often a theme has company in `given`, the sets that NHS staff gave training
    comments, shape (n, n_themes); and the weights under which the sets of `held` comments are likeliest.

    Out of fold it brought validation comments three points of just the same set, one and a half of micro F1 and one of macro F1.
    """
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    several = given & (given.sum(1, keepdims=True) > 1)
    share = several.sum() / given.sum()
    company = np.log((several.sum(0) + SEEN_WITH * share) / (given.sum(0) + SEEN_WITH) / share).astype(np.float32)
    rows, gold = _themed(held, theme_ids)
    likeliest, known = facts(np.stack([_heard_in(i, seen, weights) for i in rows]), company)
    among = np.take_along_axis(gold, likeliest, 1)
    within = among.sum(1) == gold.sum(1)
    known = known[within].astype(float)
    right = known[np.arange(len(known)), (among[within][:, None] == SETS[None]).all(2).argmax(1)]
    alone = np.eye(OF_SETS)[0]  # each label by its own chance: where the weights are drawn to

    def surprise(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        said = known @ w
        every = logsumexp(said, axis=1)
        slope = np.einsum("ns,nsf->f", np.exp(said - every[:, None]), known) - right.sum(0)
        return float((every - right @ w).sum() + ((w - alone) ** 2).sum()), slope + 2 * (w - alone)

    return {"company": company, "together": minimize(surprise, alone, jac=True).x.astype(np.float32)}


def _themed(examples: Sequence[Example], theme_ids: Sequence[str]) -> tuple[list[int], NDArray[np.bool_]]:
    """Which examples NHS staff gave themes, and these, shape (n, n_themes)."""
    rows = [i for i, e in enumerate(examples) if e.nhs_themes and not e.contentless]
    return rows, np.array([[t in (examples[i].themes or ()) for t in theme_ids] for i in rows])


def find_joints(encoder: Encoder, invented: Sequence[Read], ordinary: Sequence[Read]) -> dict[str, NDArray[np.float32]]:
    """The head that hears joints, learnt anew on the finished vectors from comments that people cut and from ordinary ones as the rules cut them.

    The head that the encoder was trained with knows invented comments alone, and cut ordinary praise ("staff are kind and caring") word by
    word.
    """
    from sklearn.linear_model import LogisticRegression

    both = [*invented, *ordinary]
    cuts = [cuts_of(one) for one in both]
    words = encoder.encode_parts([one.text for one in both], [one.kind for one in both], [c.words for c in cuts]).parts
    known = np.vstack([gaps(c.facts, v) for c, v in zip(cuts, words, strict=True)])
    model = LogisticRegression(C=JOINTS_C, max_iter=1000).fit(known, np.concatenate([c.joints for c in cuts]))
    return {"joints.weight": model.coef_.astype(np.float32), "joints.bias": model.intercept_.astype(np.float32)}


def bend(
    encoder: Encoder, head: dict[str, NDArray[np.float32]], *cut_by_people: Sequence[Read]
) -> tuple[dict[str, NDArray[np.float32]], list[float]]:
    """The head of joints bent to how finely people cut, and the shares of clauses then recovered.

    How finely a comment is cut is a habit of who cuts it: the writers of the invented comments leave together four in ten of the places
    where the rules cut at a comma, the gold cases two in ten. So both how much a cut of the rules counts and how likely a joint is at all
    are chosen for the mean of the shares recovered of each of `cut_by_people`, in none of which the head was trained.
    """
    sets = []
    for some in cut_by_people:
        cuts = [cuts_of(one) for one in some]
        words = encoder.encode_parts([o.text for o in some], [o.kind for o in some], [c.words for c in cuts]).parts
        sets.append([(o, c, joint_odds(head["joints.weight"], head["joints.bias"], c.facts, v)) for o, c, v in zip(some, cuts, words, strict=True)])  # fmt: skip

    def recovered(by_rules: float, anywhere: float) -> list[float]:
        shares = []
        for some in sets:
            found = []
            for one, cuts, odds in some:
                chances = 1 / (1 + np.exp(-odds - by_rules * cuts.facts[:, -1] - anywhere))
                spans = cut(one.text, cuts.words, chances.astype(np.float32))
                found += [_is_found(clause, spans) for clause in one.clauses]
            shares.append(float(np.mean(found)))
        return shares

    by_rules, anywhere = max(product(*LIKELIER), key=lambda more: float(np.mean(recovered(*more))))
    weight = head["joints.weight"].copy()
    weight[0, FACTS - 1] += by_rules  # the last fact: whether the rules cut there
    bent = {"joints.weight": weight, "joints.bias": head["joints.bias"] + np.float32(anywhere)}
    return bent, recovered(by_rules, anywhere)


def find_statements(
    encoder: Encoder, examples: Sequence[Example], read: Mapping[str, Sequence[str]]
) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """The head that links a comment to the strategy's statements and outcomes, and their ids; `read` are those a reader gave, by comment."""
    from sklearn.linear_model import LogisticRegression

    rows = [e for e in examples if e.id in read and e.part == "train"]
    counted = Counter(s for e in rows for s in read[e.id])
    ids = sorted(s for s, n in counted.items() if n >= FEWEST_STATED)
    vectors = encoder.encode_parts([e.text for e in rows], [e.kind for e in rows], [[] for _ in rows]).texts
    models = [
        LogisticRegression(C=STATEMENTS_C, max_iter=1000).fit(vectors, [s in read[e.id] for e in rows]) for s in ids
    ]
    head = {
        "statements.weight": np.vstack([m.coef_ for m in models]).astype(np.float32),
        "statements.bias": np.concatenate([m.intercept_ for m in models]).astype(np.float32),
    }
    return head, ids


def _is_found(clause: Clause, spans: Sequence[Span]) -> bool:
    """Whether the span that shares most with a clause shares six tenths of what either covers."""
    shared, start, end = max((min(b, clause.end) - max(a, clause.start), a, b) for a, b in spans)
    return shared / (max(end, clause.end) - min(start, clause.start)) >= 0.6


def choose_thresholds(
    held: list[Example],
    seen: Seen,
    weights: dict[str, NDArray[np.float32]],
    theme_ids: list[str],
) -> tuple[dict[str, Any], dict[str, float]]:
    """Choose one probability per label on held-out comments, shrunk hard towards one for all, and score them.

    The one for all themes serves micro F1, macro F1 and the share of just the right sets alike. A label's own best threshold on a
    few examples is mostly luck; it is trusted as n / (n + 60).
    """
    from scipy.special import softmax
    from sklearn.metrics import f1_score

    grid = np.arange(0.1, 0.8, 0.02)

    def shrunk(gold: NDArray[np.bool_], p: NDArray[np.floating[Any]], *, as_sets: bool = False) -> list[float]:
        def served(t: float) -> float:
            given = p >= t
            f1 = sum(f1_score(gold, given, average=mean, zero_division=0) for mean in ("micro", "macro"))
            return float(f1 + (as_sets and (given == gold).all(1).mean()))

        common = float(max(grid, key=served))
        chosen = []
        for j in range(gold.shape[1]):
            own = float(
                max(grid, key=lambda t: (f1_score(gold[:, j], p[:, j] >= t, zero_division=0), -abs(t - common)))
            )
            n = int(gold[:, j].sum())
            chosen.append(round((n * own + 60 * common) / (n + 60), 3))
        return chosen

    rows, gold = _themed(held, theme_ids)
    p = together(np.stack([_heard_in(i, seen, weights) for i in rows]), weights["company"], weights["together"])
    themes = shrunk(gold, p, as_sets=True)
    micro = f1_score(gold, p >= np.array(themes), average="micro")

    coded = [i for i, e in enumerate(held) if e.codes is not None]
    code_gold = np.array([[c in (held[i].codes or {}) for c in CODES] for i in coded])
    vectors = seen.vectors
    logits = vectors[coded] @ weights["codes.weight"].T + weights["codes.bias"]
    signs = (1 / (1 + np.exp(-logits))).reshape(len(coded), len(CODES), 2)
    any_sign = 1 - (1 - signs[:, :, 0]) * (1 - signs[:, :, 1])
    codes = shrunk(code_gold, any_sign)
    code_macro = f1_score(code_gold, any_sign >= np.array(codes), average="macro", zero_division=0)

    felt = [i for i, e in enumerate(held) if e.sentiment is not None and e.nhs_themes]
    scales = softmax(vectors[felt] @ weights["sentiment.weight"].T + weights["sentiment.bias"], axis=1)
    accuracy = float(np.mean([degree(p) == held[i].sentiment for p, i in zip(scales, felt, strict=True)]))
    scores = {
        "themes_micro_f1": round(float(micro), 3),
        "codes_macro_f1": round(float(code_macro), 3),
        "sentiment_accuracy": round(accuracy, 3),
    }
    return {"themes": dict(zip(theme_ids, themes, strict=True)), "codes": dict(zip(CODES, codes, strict=True))}, scores


def lifts(learn: Targets) -> dict[str, NDArray[np.float32]]:
    """How much more the positives of each label count, per head, shape (width,)."""
    return {
        head: (((1 - s) / np.maximum(s, 1e-4)) ** POSITIVE_WEIGHT_POWER).astype(np.float32)
        for head in LIFTED
        for s in [_shares(learn, head)]
    }


def _shares(learn: Targets, head: str) -> NDArray[np.float32]:
    """The share of each label among the labelled rows."""
    weights = learn.weights[head]
    return (learn.values[head] * weights[:, None]).sum(0) / weights.sum()


def fit(learn: Targets, widths: dict[str, int], epochs: int, seed: int) -> tuple[Any, Any, Any]:
    """Train the network and its heads, those of clauses where the targets have parts; returns them and the tokenizer."""
    import torch
    from torch import nn
    from torch.nn import functional

    torch.manual_seed(seed)
    network, tokenizer = base_network()
    asked = {kind: tokenizer.encode(words).ids for kind, words in ASKED.items()}
    spans = [p.spans for p in learn.parts] if learn.parts else [()] * len(learn.texts)
    cuts = [p.cuts for p in learn.parts] if learn.parts else [None] * len(learn.texts)
    encoded = [tokenizer.encode(text, add_special_tokens=False) for text in learn.texts]
    pieces = [e.ids[:LONGEST] for e in encoded]
    clause_of = [owners(e.offsets, parts)[:LONGEST] for e, parts in zip(encoded, spans, strict=True)]
    word_of = [owners(e.offsets, c.words)[:LONGEST] if c else [] for e, c in zip(encoded, cuts, strict=True)]
    heads = nn.ModuleDict({head: nn.Linear(WIDTH, width) for head, width in widths.items()})
    if learn.parts:
        heads["clause_feelings"] = nn.Linear(WIDTH, 3)
        heads["clause_themes"], heads["clause_codes"] = (
            nn.Linear(WIDTH, widths["themes"]),
            nn.Linear(WIDTH, widths["codes"]),
        )
        heads["joints"] = nn.Linear(FACTS + 2 * WIDTH, 1)
    values = {h: torch.from_numpy(v) for h, v in learn.values.items()}
    weights = {h: torch.from_numpy(w) for h, w in learn.weights.items()}
    for name, layer in heads.items():
        head = name.removeprefix("clause_")
        if head in LIFTED:
            nn.init.normal_(layer.weight, std=0.02)
            layer.bias.data = torch.logit(torch.from_numpy(_shares(learn, head)).clamp(1e-4, 1 - 1e-4))
    lift = {h: torch.from_numpy(w) for h, w in lifts(learn).items()}

    def losses(head: str, logits: Any, target: Any) -> Any:
        if head in lift:
            return functional.binary_cross_entropy_with_logits(
                logits, target, pos_weight=lift[head], reduction="none"
            ).sum(1)
        return -(target * functional.log_softmax(logits, 1)).sum(1)

    descent = Descent(network, heads, (ENCODER_RATE, HEAD_RATE), "training")
    rng = np.random.default_rng(seed)
    descent.begin(epochs * (len(pieces) // BATCH), warm_up=WARM_UP)
    network.train()
    for _ in range(epochs):
        for rows in batches(rng, pieces, BATCH):
            inputs, words = pad([asked[learn.kinds[i]] for i in rows], [pieces[i] for i in rows])
            hidden = hidden_of(network, inputs)
            pooled = (hidden * words[:, :, None]).sum(1) / words.sum(1, keepdim=True).clamp(min=1)
            loss = torch.zeros(())
            for head in widths:
                if weights[head][rows].any():
                    each = losses(head, heads[head](functional.dropout(pooled, 0.1)), values[head][rows])
                    loss = loss + IMPORTANCE[head] * (each * weights[head][rows]).sum() / len(rows)
            if learn.parts:
                parts = [learn.parts[i] for i in rows]
                clauses = _means(hidden, words, [clause_of[i] for i in rows], [len(p.spans) for p in parts])
                clauses = functional.dropout(clauses, 0.1)
                for head, importance in CLAUSE_IMPORTANCE.items():
                    target = torch.from_numpy(np.concatenate([p.values[head] for p in parts]).astype(np.float32))
                    weight = torch.from_numpy(np.concatenate([p.weights[head] for p in parts]).astype(np.float32))
                    each = losses(head, heads[f"clause_{head}"](clauses), target)
                    loss = loss + importance * (each * weight).sum() / len(rows)
                cut_up = [(at, c) for at, i in enumerate(rows) if (c := cuts[i])]
                if cut_up:
                    places = [at for at, _ in cut_up]
                    counts = [len(c.words) for _, c in cut_up]
                    of_words = _means(hidden[places], words[places], [word_of[rows[at]] for at in places], counts)
                    heard = heads["joints"](_gaps(of_words, [c for _, c in cut_up]))[:, 0]
                    joints = torch.from_numpy(np.concatenate([c.joints for _, c in cut_up]))
                    missed = functional.binary_cross_entropy_with_logits(heard, joints, reduction="sum")
                    loss = loss + JOINTS_IMPORTANCE * missed / len(rows)
            descent.step(loss)
    descent.end()
    return network.eval(), heads.eval(), tokenizer


def _means(hidden: Any, words: Any, belongs: list[list[int]], counts: Sequence[int]) -> Any:
    """The mean vector of each stretch's pieces, all texts' one after another: shape (sum of counts, 384); zeros where none is left."""
    import torch

    owner = torch.full(words.shape, -1, dtype=torch.long)
    total = 0
    for row, (mine, count) in enumerate(zip(belongs, counts, strict=True)):
        own = torch.tensor(mine, dtype=torch.long)
        owner[row][words[row].bool()] = torch.where(own >= 0, own + total, own)
        total += count
    has = owner >= 0
    sums = torch.zeros(total, WIDTH).index_add_(0, owner[has], hidden[has])
    pieces = torch.zeros(total, 1).index_add_(0, owner[has], torch.ones(int(has.sum()), 1))
    return sums / pieces.clamp(min=1)


def _gaps(vectors: Any, cuts: Sequence[Cuts]) -> Any:
    """What is known of each gap between two words, as `joints.gaps` has it; vectors: all words' of all texts, shape (n_words, 384)."""
    import torch

    known, at = [], 0
    for one in cuts:
        mine = vectors[at : at + len(one.words)]
        known.append(torch.cat([torch.from_numpy(one.facts), mine[:-1], mine[1:]], 1))
        at += len(one.words)
    return torch.cat(known)


def _logits(
    network: Any, heads: Any, tokenizer: Any, texts: list[str], kinds: list[Any]
) -> dict[str, NDArray[np.float32]]:
    """What each head says of texts, shape (n_texts, width)."""
    import torch

    asked = {kind: tokenizer.encode(words).ids for kind, words in ASKED.items()}
    pieces = [tokenizer.encode(t, add_special_tokens=False).ids[:LONGEST] or [0] for t in texts]
    found = {head: np.zeros((len(texts), layer.out_features), np.float32) for head, layer in heads.items()}
    order = sorted(range(len(texts)), key=lambda i: len(pieces[i]))
    with torch.no_grad():
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            inputs, words = pad([asked[kinds[i]] for i in rows], [pieces[i] for i in rows])
            pooled = (hidden_of(network, inputs) * words[:, :, None]).sum(1) / words.sum(1, keepdim=True).clamp(min=1)
            for head, layer in heads.items():
                found[head][rows] = layer(pooled).numpy()
    return found


def _arrays(heads: Any) -> dict[str, NDArray[np.float32]]:
    return {
        f"{head}.{part}": getattr(layer, part).detach().numpy().astype(np.float32)
        for head, layer in heads.items()
        for part in ("weight", "bias")
    }


def _save(arrays: dict[str, NDArray[np.float32]], folder: Path) -> None:
    from safetensors.numpy import save_file

    # Row by row: it writes the memory as it lies, and scikit-learn's weights may lie column by column.
    save_file({name: np.ascontiguousarray(a) for name, a in arrays.items()}, folder / "heads.safetensors")


def _heads_of(folder: Path) -> dict[str, NDArray[np.float32]]:
    from safetensors.numpy import load_file

    return load_file(folder / "heads.safetensors")
