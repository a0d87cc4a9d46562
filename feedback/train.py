"""Make the reader: one small transformer, fine-tuned on the labelled comments, with linear heads for themes, sentiment and codes.

Runs only where PyTorch is (`make train`); everything it leaves in models/reader runs without it. Every labelled file
trains the one encoder at once, each row on the heads it has labels for. Rows with the same words and question are folded
into one with their labels averaged: people who read the same words disagree one time in three, and a fold says so.
"""

import shutil
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback.artefact import write_manifest
from feedback.encode import ASKED, WIDTH, Encoder
from feedback.finetune import BASE, LONGEST, base_network, batches, export_network, pad
from feedback.labelled import CODES, Example, data_hash, load_examples
from feedback.taxonomy import Taxonomy

VERSION = "1.0"
EPOCHS = 8
BATCH = 32
ENCODER_RATE, HEAD_RATE = 2.5e-4, 1e-3
# Labels made by reading with the framework agree with the NHS's own at micro F1 0.77: they count for less.
READ_THEMES_WEIGHT = 0.6
# Rare labels count for more, but far less than in proportion: the full ratio floods the reports with false alarms.
POSITIVE_WEIGHT_POWER = 0.35
# Hundreds of people wrote "nothing": without a bound one such fold outweighs the rest of its batch.
HEAVIEST = 3.0
SIGNS = ("+", "-")
CRITICALITIES = tuple(range(-5, 6))
SEED = 20251101


@dataclass(frozen=True, slots=True)
class Targets:
    """What the folded examples should yield: each head's target of shape (n, width) and its weight of shape (n,), 0 = not labelled."""

    texts: list[str]
    kinds: list[Any]
    values: dict[str, NDArray[np.float32]]
    weights: dict[str, NDArray[np.float32]]


def train(folder: Path, out: Path, taxonomy: Taxonomy, *, epochs: int = EPOCHS) -> dict[str, Any]:
    """Train on the labelled files of `folder`, write the model to `out`, return its scores on the validation part.

    The test part is never looked at here; `feedback evaluate` measures on it. Takes about ten minutes on two cores.
    """
    examples = load_examples(folder, taxonomy)
    theme_ids = [t.id for t in taxonomy.themes.values() if not t.contentless]
    subcategories = sorted({e.subcategory for e in examples if e.subcategory})
    widths = {
        "themes": len(theme_ids),
        "sentiment": 5,
        "codes": len(CODES) * len(SIGNS),
        "subcategory": len(subcategories),
        "criticality": len(CRITICALITIES),
    }
    learn = fold([e for e in examples if e.part == "train"], theme_ids, subcategories, widths)
    started = time.time()
    network, heads = _fit(learn, widths, epochs)
    print(f"trained on {len(learn.texts)} distinct comments in {time.time() - started:.0f} s", file=sys.stderr)

    building = out.with_name(out.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    export_network(network, building)
    _save_heads(heads, {k: v for k, v in widths.items() if k in ("themes", "sentiment", "codes")}, building)
    facts: dict[str, Any] = {
        "name": "reader",
        "version": VERSION,
        "made": date.today().isoformat(),
        "base": BASE,
        "labels": {"themes": theme_ids, "sentiment": [1, 2, 3, 4, 5], "codes": list(CODES), "signs": list(SIGNS)},
        "data": {"sha256": data_hash(folder), "rows": dict(Counter(e.part for e in examples))},
        "settings": {"epochs": epochs, "batch": BATCH, "seed": SEED, "rates": [ENCODER_RATE, HEAD_RATE]},
        "thresholds": {},
    }
    held = [e for e in examples if e.part == "validation"]
    encoder = Encoder(building / "encoder.onnx", building / "tokenizer.json")
    vectors = encoder.encode([e.text for e in held], [e.kind for e in held])
    weights = calibrate(held, vectors, _heads_of(building), theme_ids)
    _save(weights, building)
    thresholds, scores = choose_thresholds(held, vectors, weights, theme_ids)
    facts["thresholds"], facts["scores_on_validation"] = thresholds, scores
    write_manifest(building, facts, ["encoder.onnx", "tokenizer.json", "heads.safetensors"])
    if (out / "card.md").exists():
        shutil.copy(out / "card.md", building / "card.md")
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return scores


def fold(examples: list[Example], theme_ids: list[str], subcategories: list[str], widths: dict[str, int]) -> Targets:
    """Average the labels of examples with the same words and question; the weight of a fold grows with the root of its size."""
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        groups[(example.text.lower(), example.kind)].append(example)
    n = len(groups)
    values = {head: np.zeros((n, width), np.float32) for head, width in widths.items()}
    totals = {head: np.zeros(n, np.float32) for head in widths}
    column = {theme: i for i, theme in enumerate(theme_ids)}

    def add(head: str, row: int, columns: list[int], weight: float = 1.0) -> None:
        values[head][row, columns] += weight
        totals[head][row] += weight

    for row, members in enumerate(groups.values()):
        for e in members:
            if e.themes is not None:
                weight = 1.0 if e.nhs_themes else READ_THEMES_WEIGHT
                add("themes", row, [column[t] for t in e.themes], weight)
            if e.sentiment is not None:
                add("sentiment", row, [e.sentiment - 1])
            if e.codes is not None:
                add(
                    "codes",
                    row,
                    [i * 2 + s for i, c in enumerate(CODES) for s in (0, 1) if e.codes.get(c) in (SIGNS[s], "~")],
                )
            if e.subcategory is not None:
                add("subcategory", row, [subcategories.index(e.subcategory)])
            if e.criticality is not None:
                add("criticality", row, [CRITICALITIES.index(e.criticality)])
    for head in widths:
        values[head] /= np.maximum(totals[head], 1e-9)[:, None]
    firsts = [members[0] for members in groups.values()]
    return Targets(
        [e.text for e in firsts], [e.kind for e in firsts], values, {h: np.sqrt(t) for h, t in totals.items()}
    )


def calibrate(
    held: list[Example], vectors: NDArray[np.float32], weights: dict[str, NDArray[np.float32]], theme_ids: list[str]
) -> dict[str, NDArray[np.float32]]:
    """Bend each head so that its probabilities mean what they say on held-out comments: Platt's line, one for all labels of a head.

    The line goes into the weights themselves; a line of its own for each label would be luck where a label has ten examples.
    `vectors` are those of `held`, of shape (n, 384). Returns new weights.
    """
    from sklearn.linear_model import LogisticRegression

    bent = dict(weights)
    themed = [i for i, e in enumerate(held) if e.nhs_themes and not e.contentless]
    coded = [i for i, e in enumerate(held) if e.codes is not None]
    gold = {
        "themes": (themed, [[t in (held[i].themes or ()) for t in theme_ids] for i in themed]),
        "codes": (coded, [[(held[i].codes or {}).get(c) in (s, "~") for c in CODES for s in SIGNS] for i in coded]),
    }
    for head, (rows, given) in gold.items():
        logits = vectors[rows] @ weights[f"{head}.weight"].T + weights[f"{head}.bias"]
        line = LogisticRegression(C=1e6).fit(logits.reshape(-1, 1), np.array(given).reshape(-1))
        slope, shift = line.coef_[0, 0], line.intercept_[0]
        bent[f"{head}.weight"] = (slope * weights[f"{head}.weight"]).astype(np.float32)
        bent[f"{head}.bias"] = (slope * weights[f"{head}.bias"] + shift).astype(np.float32)
    return bent


def choose_thresholds(
    held: list[Example], vectors: NDArray[np.float32], weights: dict[str, NDArray[np.float32]], theme_ids: list[str]
) -> tuple[dict[str, Any], dict[str, float]]:
    """Choose one probability per label on held-out comments, shrunk hard towards one for all, and score them.

    A label's own best threshold on a few examples is mostly luck; it is trusted as n / (n + 60).
    """
    from sklearn.metrics import f1_score

    def probabilities(head: str) -> NDArray[np.float32]:
        return 1 / (1 + np.exp(-(vectors @ weights[f"{head}.weight"].T + weights[f"{head}.bias"])))

    grid = np.arange(0.1, 0.8, 0.02)

    def shrunk(gold: NDArray[np.bool_], p: NDArray[np.float32]) -> list[float]:
        common = float(
            max(
                grid,
                key=lambda t: (
                    f1_score(gold, p >= t, average="micro") + f1_score(gold, p >= t, average="macro", zero_division=0)
                ),
            )
        )
        chosen = []
        for j in range(gold.shape[1]):
            own = float(
                max(grid, key=lambda t: (f1_score(gold[:, j], p[:, j] >= t, zero_division=0), -abs(t - common)))
            )
            n = int(gold[:, j].sum())
            chosen.append(round((n * own + 60 * common) / (n + 60), 3))
        return chosen

    rows = [i for i, e in enumerate(held) if e.nhs_themes and not e.contentless]
    gold = np.array([[t in (held[i].themes or ()) for t in theme_ids] for i in rows])
    p = probabilities("themes")[rows]
    themes = shrunk(gold, p)
    micro = f1_score(gold, p >= np.array(themes), average="micro")

    coded = [i for i, e in enumerate(held) if e.codes is not None]
    code_gold = np.array([[c in (held[i].codes or {}) for c in CODES] for i in coded])
    signs = probabilities("codes")[coded].reshape(len(coded), len(CODES), 2)
    any_sign = 1 - (1 - signs[:, :, 0]) * (1 - signs[:, :, 1])
    codes = shrunk(code_gold, any_sign)
    code_macro = f1_score(code_gold, any_sign >= np.array(codes), average="macro", zero_division=0)

    felt = [i for i, e in enumerate(held) if e.sentiment is not None and e.nhs_themes]
    scale = (vectors[felt] @ weights["sentiment.weight"].T + weights["sentiment.bias"]).argmax(1) + 1
    accuracy = float((scale == np.array([held[i].sentiment for i in felt])).mean())
    scores = {
        "themes_micro_f1": round(float(micro), 3),
        "codes_macro_f1": round(float(code_macro), 3),
        "sentiment_accuracy": round(accuracy, 3),
    }
    return {"themes": dict(zip(theme_ids, themes, strict=True)), "codes": dict(zip(CODES, codes, strict=True))}, scores


def _fit(learn: Targets, widths: dict[str, int], epochs: int) -> tuple[Any, Any]:
    import torch
    from torch import nn
    from torch.nn import functional
    from tqdm import tqdm

    torch.manual_seed(SEED)
    network, tokenizer = base_network()
    asked = {kind: tokenizer.encode(words).ids for kind, words in ASKED.items()}
    pieces = [tokenizer.encode(t, add_special_tokens=False).ids[:LONGEST] for t in learn.texts]

    heads = nn.ModuleDict({head: nn.Linear(WIDTH, width) for head, width in widths.items()})
    values = {h: torch.from_numpy(v) for h, v in learn.values.items()}
    weights = {h: torch.from_numpy(w) for h, w in learn.weights.items()}
    for head in ("themes", "codes"):
        share = (values[head] * weights[head][:, None]).sum(0) / weights[head].sum()
        nn.init.normal_(heads[head].weight, std=0.02)
        heads[head].bias.data = torch.logit(share.clamp(1e-4, 1 - 1e-4))
    lift = {
        h: ((1 - s) / s.clamp(min=1e-4)).pow(POSITIVE_WEIGHT_POWER)
        for h in ("themes", "codes")
        for s in [(values[h] * weights[h][:, None]).sum(0) / weights[h].sum()]
    }
    importance = {"themes": 1.0, "sentiment": 1.0, "codes": 1.25, "subcategory": 0.15, "criticality": 0.15}

    trainable = [p for p in network.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": trainable, "lr": ENCODER_RATE}, {"params": heads.parameters(), "lr": HEAD_RATE}], weight_decay=0.01
    )
    rng = np.random.default_rng(SEED)
    steps = epochs * (len(pieces) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / (0.06 * steps), max(0.0, (steps - s) / (0.94 * steps)))
    )
    network.train()
    bar = tqdm(total=steps, desc="training", file=sys.stderr, mininterval=5)
    for _ in range(epochs):
        for rows in batches(rng, pieces, BATCH):
            inputs, words = pad([asked[learn.kinds[i]] for i in rows], [pieces[i] for i in rows])
            with torch.autocast("cpu", torch.bfloat16):
                hidden = network(**inputs).last_hidden_state
            pooled = (hidden.float() * words[:, :, None]).sum(1) / words.sum(1, keepdim=True).clamp(min=1)
            loss = torch.zeros(())
            for head, layer in heads.items():
                target, weight = values[head][rows], weights[head][rows]
                if not weight.any():
                    continue
                logits = layer(functional.dropout(pooled, 0.1))
                if head in lift:
                    each = functional.binary_cross_entropy_with_logits(
                        logits, target, pos_weight=lift[head], reduction="none"
                    ).sum(1)
                else:
                    each = -(target * functional.log_softmax(logits, 1)).sum(1)
                loss = loss + importance[head] * (each * weight).sum() / len(rows)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trainable, 1.0)
            optimiser.step()
            schedule.step()
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    bar.close()
    return network.eval(), heads.eval()


def _save_heads(heads: Any, widths: dict[str, int], folder: Path) -> None:
    arrays = {}
    for head in widths:
        arrays[f"{head}.weight"] = heads[head].weight.detach().numpy().astype(np.float32)
        arrays[f"{head}.bias"] = heads[head].bias.detach().numpy().astype(np.float32)
    _save(arrays, folder)


def _save(arrays: dict[str, NDArray[np.float32]], folder: Path) -> None:
    from safetensors.numpy import save_file

    save_file(arrays, folder / "heads.safetensors")


def _heads_of(folder: Path) -> dict[str, NDArray[np.float32]]:
    from safetensors.numpy import load_file

    return load_file(folder / "heads.safetensors")
