"""Make the placer: one small transformer that learns from invented comments which service they are about and who speaks.

Each service starts from the vector of its own entry in the directory, so that one with few examples is not guessed at from
nothing. Words are misspelt at random, because the rules cannot mend all of them. The weights that set the placer against the
rules, and how sure it may be of who speaks, are found on comments by writers of whom it learnt nothing. Gold cases teach the
encoder but not the weights: the rules were made on them. Runs only where PyTorch is (`make train`).
"""

import random
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from feedback import settings
from feedback.comment import RespondentType
from feedback.correct import Corrected
from feedback.models.artefact import file_hash, write_manifest
from feedback.models.encode import WIDTH, owners
from feedback.models.placer import ANOTHER_ORGANISATION, NO_SERVICE, SPEAKERS, WORD_ROLES, Placed, place
from feedback.models.words import COLUMNS, as_matrix, hashed
from feedback.tag.service import ServiceTagger
from feedback.tag.weigh import EVIDENCE, Candidate, Weigher, Weighing, choose
from feedback.tag.wording import split_words
from feedback.taxonomy import Taxonomy
from feedback.training.examples import read_background
from feedback.training.finetune import BASE, LONGEST, Descent, base_network, batches, export_network, hidden_of, pad
from feedback.training.placements import Placement, misspelt, pairs, read_placements, read_service_cases, read_snippets

NAME, VERSION = "placer", "1.4"
EPOCHS = 8
BATCH = 32
ENCODER_RATE, HEAD_RATE = 1.5e-4, 1e-3
WARM_UP = 0.08  # share of the steps in which the rates climb
DROPPED = 0.1  # of attention, in training: of `strangers` just the same set 0.785, without 0.781
SEED = 20261122
LONGEST_OF_PAIR = 160  # characters
MISSPELT = 0.3  # share of the comments of an epoch
SNIPPETS, PAIRS, ORDINARY = 10, 600, 300  # in each epoch: of each service, of two services, public comments
SNIPPET_WEIGHT, PAIR_WEIGHT, ORDINARY_WEIGHT = 0.8, 0.6, 0.4
ALTERNATIVES = 0.15  # of a comment's answer goes to the services that would do as well
SHARES = {"services": 1.0, "words": 1.0, "stretches": 0.7, "speaker": 0.7}
WORD_WEIGHTS = (1.0, 2.0, 2.0)
NOT_SAID = -100  # the answer that a loss passes over
# The share of words alone in who speaks, chosen on the strangers: 0.823 right with none, 0.833 with 0.2, 0.836 with 0.3, 0.833 with 0.4.
WORDS_SHARE, WORDS_C = 0.3, 10.0
UNHEARD = -9.0
FOLDS = 8
LEARNT, STRANGERS = (
    ("comments.jsonl", "unnamed.jsonl"),
    "strangers.jsonl",
)  # the last by writers of whom nothing is learnt
TEMPERATURES = tuple(t / 10 for t in range(8, 41))


@dataclass(frozen=True, slots=True)
class Learning:
    """All examples of one training run."""

    placements: list[Placement]
    snippets: dict[str, list[str]]
    ordinary: list[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """A comment ready for the network: pieces, the word each belongs to (-1: none), and the answers of each head."""

    pieces: list[int]
    owner: list[int]
    n_words: int
    services: NDArray[np.float32]
    speaker: int = NOT_SAID
    roles: list[int] | None = None
    stretches: list[tuple[list[int], int]] = field(default_factory=list)
    weight: float = 1.0


def train_placer(
    folder: Path,
    out: Path,
    taxonomy: Taxonomy,
    *,
    data: Path = settings.DATA,
    corrections: Sequence[Corrected] = (),
    epochs: int = EPOCHS,
) -> dict[str, Any]:
    """Train on the invented examples of `data`, the cases of `folder` and what people corrected, write the model to `out`, return what its manifest says.

    Takes about 30 minutes on one core.
    """
    from safetensors.numpy import save_file

    tagger = ServiceTagger(taxonomy, data)
    learning, read = gather(folder, data, tagger)
    learning.placements.extend(
        Placement(c.text, tuple(sorted(c.services)), speaker=cast("RespondentType | None", c.respondent))
        for c in corrections
        if c.services is not None
    )
    strangers = read_placements(data / "placer" / STRANGERS)
    labels = [*taxonomy.services, NO_SERVICE, ANOTHER_ORGANISATION]
    network, trained, tokenizer = fit(learning, tagger, taxonomy, epochs)
    heads = with_words(arrays(trained), learning.placements)
    placed = look(strangers, network, heads, tokenizer, tagger)
    weighing, scores = find_weights(strangers, placed, tagger, labels[:-2])
    heads |= cooled(strangers, placed, heads)
    building = out.with_name(out.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    pieces = [tokenizer.encode(p.text, add_special_tokens=False).ids[:LONGEST] for p in learning.placements]
    export_network(network, building, [tokenizer.encode("").ids[:1]] * len(pieces), pieces)
    heads["speaker.words"] = heads["speaker.words"].astype(np.float16)
    save_file(heads, building / "heads.safetensors")
    facts: dict[str, Any] = {
        "name": NAME,
        "version": VERSION,
        "made": date.today().isoformat(),
        "base": BASE,
        "services": labels[:-2],
        "speakers": list(SPEAKERS),
        "word_roles": list(WORD_ROLES),
        "weighing": weighing,
        "trained_on": {path.name: file_hash(path) for path in read},
        "corrections": len(corrections),
        "settings": {"epochs": epochs, "batch": BATCH, "seed": SEED, "rates": [ENCODER_RATE, HEAD_RATE]},
        "scores_held_out": scores,
    }
    write_manifest(building, facts, ["encoder.onnx", "tokenizer.json", "heads.safetensors"])
    if (out / "card.md").exists():
        shutil.copy(out / "card.md", building / "card.md")
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return facts


def gather(folder: Path, data: Path, tagger: ServiceTagger) -> tuple[Learning, list[Path]]:
    """Read all examples to learn from, and say from which files."""
    examples = data / "placer"
    gold, ordinary = sorted(folder.glob("services_cases*.json")), folder / "fft_criticality.csv"
    invented = [one for name in LEARNT for one in read_placements(examples / name)]
    texts = random.Random(SEED).sample([c.text for c in read_background(ordinary)], 2000)
    learning = Learning(
        placements=invented + [case for path in gold for case in read_service_cases(path)],
        snippets=read_snippets(examples / "snippets.jsonl"),
        # A public comment that sounds of a service may be about one; the others are about none that can be told.
        ordinary=[text for text in texts if not tagger.claims(text)[1] and not tagger.claims(text)[0].pointed],
    )
    return learning, [*gold, *sorted(examples.glob("*.jsonl")), ordinary]


class _Items:
    """Makes Items of comments."""

    def __init__(self, tokenizer: Any, tagger: ServiceTagger, services: Iterable[str]) -> None:
        self._tokenizer = tokenizer
        self._mended = tagger.directory.mended
        self._column = {service: i for i, service in enumerate(services)}
        self._none, self._other = len(self._column), len(self._column) + 1

    def item(self, example: Placement, weight: float = 1.0) -> Item:
        """One comment, its misspelt words mended as they will be in use."""
        mended, spans = self._mended(example.text)
        encoded = self._tokenizer.encode(mended, add_special_tokens=False)
        words = [(w.start, w.end) for w in split_words(example.text)]
        roles: list[int] | None = None
        stretches: list[tuple[list[int], int]] = []
        if example.marks is not None:
            roles = [0] * len(words)
            for mark in example.marks:
                inside = [i for i, (start, end) in enumerate(words) if start < mark.end and mark.start < end]
                for i in inside:
                    roles[i] = WORD_ROLES.index("subject" if mark.subject else "mentioned")
                if inside:
                    stretches.append((inside, self._column.get(mark.service, self._other)))
        return Item(
            encoded.ids[:LONGEST] or [0],
            owners(encoded.offsets, spans)[:LONGEST] or [-1],
            len(words),
            self._answer(example),
            SPEAKERS.index(example.speaker) if example.speaker else NOT_SAID,
            roles,
            stretches,
            weight,
        )

    def _answer(self, example: Placement) -> NDArray[np.float32]:
        """How the chance should be shared out among the services, none and another organisation."""
        answer = np.zeros(len(self._column) + 2, np.float32)
        subjects = [self._column[s] for s in example.services if s in self._column]
        others = [self._column[s] for s in example.alternatives if s in self._column]
        if subjects:
            answer[subjects] = (1 - ALTERNATIVES if others else 1) / len(subjects)
            answer[others] += ALTERNATIVES / max(1, len(others))
        else:
            elsewhere = any(s not in self._column for s in example.mentioned)
            answer[self._other if elsewhere else self._none] = 1
        return answer


def fit(learning: Learning, tagger: ServiceTagger, taxonomy: Taxonomy, epochs: int) -> tuple[Any, Any, Any]:
    """Train the encoder and its heads; returns the network, the heads and the tokenizer."""
    import torch
    from torch.nn import functional

    torch.manual_seed(SEED)
    rng, shuffle = random.Random(SEED), np.random.default_rng(SEED)
    network, tokenizer = base_network(drop_attention=DROPPED)
    heads = _heads(_directory_vectors(network, tokenizer, taxonomy))
    make = _Items(tokenizer, tagger, taxonomy.services)
    related = {id: frozenset(taxonomy.ancestors(id)) for id in taxonomy.services}
    as_written = [make.item(p) for p in learning.placements]
    # What two comments are made one of: the short ones about one service, and the snippets.
    single = [p for p in learning.placements if len(p.services) == 1 and len(p.text) < LONGEST_OF_PAIR]
    single += [
        Placement(text, (service,)) for service, said in learning.snippets.items() for text in said[: len(said) // 3]
    ]
    descent = Descent(network, heads, (ENCODER_RATE, HEAD_RATE), "training the placer")
    network.train()
    for epoch in range(epochs):
        items = [
            make.item(misspelt(p, rng)) if epoch and rng.random() < MISSPELT else item
            for p, item in zip(learning.placements, as_written, strict=True)
        ]
        for service, said in learning.snippets.items():
            few = rng.sample(said, min(SNIPPETS, len(said)))
            items += [make.item(Placement(s, (service,)), SNIPPET_WEIGHT) for s in few]
        items += [make.item(p, PAIR_WEIGHT) for p in pairs(single, related, PAIRS, rng)]
        some = rng.sample(learning.ordinary, min(ORDINARY, len(learning.ordinary)))
        items += [make.item(Placement(text), ORDINARY_WEIGHT) for text in some]
        turns = batches(shuffle, [i.pieces for i in items], BATCH)
        descent.begin(epochs * len(turns), warm_up=WARM_UP)
        for rows in turns:
            loss = _loss(network, heads, [items[i] for i in rows], tokenizer, functional)
            descent.step(loss)
    descent.end()
    return network.eval(), heads.eval(), tokenizer


def _heads(entries: Any) -> Any:
    """The heads; a service's place is its entry's vector, turned, plus what its examples add. `entries`: shape (n_services, 384)."""
    import torch
    from torch import nn
    from torch.nn import functional

    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Linear(WIDTH, len(WORD_ROLES))
            self.speaker = nn.Linear(WIDTH, len(SPEAKERS))
            self.text, self.stretch = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
            self.entry = nn.Linear(WIDTH, WIDTH, bias=False)
            for turned in (self.text, self.stretch, self.entry):
                nn.init.eye_(turned.weight)
            self.learnt = nn.Parameter(torch.zeros_like(entries))
            self.neither = nn.Parameter(torch.randn(2, WIDTH) * 0.05)  # no service; another organisation
            self.bias = nn.Parameter(torch.zeros(len(entries) + 2))
            self.scale = nn.Parameter(torch.tensor(2.5))
            self.register_buffer("entries", entries)

        def services(self) -> Any:
            """One row for each service, then for none and for another organisation."""
            rows = torch.cat([self.entry(self.entries) + self.learnt, self.neither])
            return functional.normalize(rows, dim=1) * self.scale.exp()

        def which(self, vectors: Any, turn: Any) -> Any:
            return functional.normalize(turn(vectors), dim=1) @ self.services().T + self.bias

    return Heads()


def _directory_vectors(network: Any, tokenizer: Any, taxonomy: Taxonomy) -> Any:
    """Where each service begins: the unit vector of its entry in the directory, shape (n_services, 384)."""
    import torch
    from torch.nn import functional

    texts = []
    for service in taxonomy.services.values():
        parent = taxonomy.services[service.parent].name if service.parent else ""
        kinds = (service.setting, service.age_group, service.care_type, service.locality)
        said = ", ".join([*service.aliases, *service.colloquial][:10])
        texts.append(". ".join([service.name, said, parent, *(k.replace("_", " ") for k in kinds)]))
    rows = []
    with torch.no_grad():
        for at in range(0, len(texts), BATCH):
            pieces = [tokenizer.encode(t, add_special_tokens=False).ids[:LONGEST] for t in texts[at : at + BATCH]]
            rows.append(_states(network, pieces, tokenizer)[1])
    return functional.normalize(torch.cat(rows), dim=1)


def _states(network: Any, pieces: Sequence[list[int]], tokenizer: Any) -> tuple[list[Any], Any]:
    """The vectors of each text's own pieces, and their means, shape (n_texts, 384)."""

    inputs, own = pad([tokenizer.encode("").ids[:1]] * len(pieces), pieces)
    hidden = hidden_of(network, inputs)
    means = (hidden * own[:, :, None]).sum(1) / own.sum(1, keepdim=True).clamp(min=1)
    return [states[mine.bool()] for states, mine in zip(hidden, own, strict=True)], means


def _word_means(states: Any, item: Item) -> Any:
    """The mean vector of each word's pieces, shape (n_words, 384); zeros for one without."""
    import torch

    owner = torch.tensor(item.owner)
    has = owner >= 0
    sums = torch.zeros(item.n_words, WIDTH).index_add_(0, owner[has], states[has])
    counts = torch.zeros(item.n_words, 1).index_add_(0, owner[has], torch.ones(int(has.sum()), 1))
    return sums / counts.clamp(min=1)


def _loss(network: Any, heads: Any, items: Sequence[Item], tokenizer: Any, functional: Any) -> Any:
    import torch

    states, means = _states(network, [i.pieces for i in items], tokenizer)
    means = functional.dropout(means, 0.1)
    weight = torch.tensor([i.weight for i in items])
    answers = torch.from_numpy(np.stack([i.services for i in items]))
    which = -(answers * functional.log_softmax(heads.which(means, heads.text), 1)).sum(1)
    loss = SHARES["services"] * (which * weight).mean()
    speakers = torch.tensor([i.speaker for i in items])
    if (speakers != NOT_SAID).any():
        loss = loss + SHARES["speaker"] * functional.cross_entropy(
            heads.speaker(means), speakers, ignore_index=NOT_SAID
        )
    marked = [(item, _word_means(s, item)) for item, s in zip(items, states, strict=True) if item.roles]
    if marked:
        roles = torch.tensor([role for item, _ in marked for role in item.roles or ()])
        said = heads.words(functional.dropout(torch.cat([words for _, words in marked]), 0.1))
        loss = loss + SHARES["words"] * functional.cross_entropy(said, roles, weight=torch.tensor(WORD_WEIGHTS))
    stretches = [(words[inside].mean(0), label) for item, words in marked for inside, label in item.stretches]
    if stretches:
        vectors = functional.dropout(torch.stack([v for v, _ in stretches]), 0.1)
        labels = torch.tensor([label for _, label in stretches])
        loss = loss + SHARES["stretches"] * functional.cross_entropy(heads.which(vectors, heads.stretch), labels)
    return loss


def look(
    examples: Sequence[Placement],
    network: Any,
    heads: Mapping[str, NDArray[np.float32]],
    tokenizer: Any,
    tagger: ServiceTagger,
) -> list[Placed]:
    """What the network and its heads make of comments, in order."""
    import torch

    make = _Items(tokenizer, tagger, ())
    items = [make.item(Placement(e.text)) for e in examples]
    vectors, words = [], []
    with torch.no_grad():
        for at in range(0, len(items), BATCH):
            some = items[at : at + BATCH]
            states, means = _states(network, [i.pieces for i in some], tokenizer)
            vectors.append(means.numpy())
            words += [_word_means(s, i).numpy() for s, i in zip(states, some, strict=True)]
    mended = [tagger.directory.mended(e.text)[0] for e in examples]
    return place(heads, mended, np.concatenate(vectors), words)


def with_words(
    heads: Mapping[str, NDArray[np.float32]], examples: Sequence[Placement]
) -> dict[str, NDArray[np.float32]]:
    """The heads with a linear second opinion on who speaks, by words alone, which has WORDS_SHARE in the logits: "speaker.words", (COLUMNS, 6)."""
    from sklearn.linear_model import LogisticRegression

    spoken = [e for e in examples if e.speaker]
    model = LogisticRegression(C=WORDS_C, max_iter=1000)
    model.fit(as_matrix([hashed(e.text) for e in spoken]), [SPEAKERS.index(e.speaker) for e in spoken if e.speaker])
    # Types that no comment is by keep the network's word, as unlikely as it finds them.
    words, bias = np.zeros((COLUMNS, len(SPEAKERS)), np.float32), np.full(len(SPEAKERS), UNHEARD, np.float32)
    words[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return dict(heads) | {
        "speaker.weight": (1 - WORDS_SHARE) * heads["speaker.weight"],
        "speaker.bias": (1 - WORDS_SHARE) * heads["speaker.bias"] + WORDS_SHARE * bias,
        "speaker.words": WORDS_SHARE * words,
    }


def cooled(
    strangers: Sequence[Placement], placed: Sequence[Placed], heads: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """The head of speakers, its chances as sure as they are right on comments of strangers (temperature scaling, Guo et al. 2017).

    Who is the likeliest does not change.
    """
    logs = np.log(np.array([p.speaker for p in placed]) + 1e-9)
    right = [SPEAKERS.index(e.speaker or "unknown") for e in strangers]

    def surprise(temperature: float) -> float:
        chances = np.exp(logs / temperature)
        return -float(np.log(chances[range(len(right)), right] / chances.sum(1)).mean())

    best = min(TEMPERATURES, key=surprise)
    return {
        name: (heads[name] / best).astype(np.float32) for name in ("speaker.weight", "speaker.bias", "speaker.words")
    }


def find_weights(
    held: Sequence[Placement], placed: Sequence[Placed], tagger: ServiceTagger, services: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The weights of the evidence and the thresholds that serve best on comments which neither rules nor placer have seen.

    What counts is F1 plus the share of comments whose services are all right, less that of comments in which a service only
    mentioned is taken for the subject; thresholds are chosen out of fold.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    weigher = Weigher(tagger.directory, services)
    found: list[list[Candidate]] = []
    for example, one in zip(held, placed, strict=True):
        said, claims, towns = tagger.claims(example.text)
        found.append(weigher.candidates(said, claims, one, towns))
    rows = np.array([c.evidence for candidates in found for c in candidates])
    pairs_of = [(c.id, e) for e, candidates in zip(held, found, strict=True) for c in candidates]
    right = np.array([id in e.services for id, e in pairs_of])
    counts = np.array([0.2 if id in e.alternatives else 1.0 for id, e in pairs_of])
    groups = np.repeat(np.arange(len(held)), [len(c) for c in found])
    chances = np.zeros(len(right))
    for learn, test in GroupKFold(FOLDS).split(rows, right, groups):
        model = LogisticRegression(C=0.5, max_iter=3000).fit(rows[learn], right[learn], sample_weight=counts[learn])
        chances[test] = model.predict_proba(rows[test])[:, 1]
    of_each = [chances[groups == i] for i in range(len(held))]
    model = LogisticRegression(C=0.5, max_iter=3000).fit(rows, right, sample_weight=counts)

    def scores(option: tuple[float, float, float]) -> dict[str, float]:
        weighing = Weighing(model.coef_[0], float(model.intercept_[0]), *option)
        chosen = [lowest(choose(c, p, weighing), tagger) for c, p in zip(found, of_each, strict=True)]
        return score(held, chosen)

    options = [
        (sure, first, nothing)
        for sure, first, nothing in product(
            (0.3, 0.35, 0.4, 0.45, 0.5), (0.1, 0.15, 0.2, 0.25, 0.3), (0.1, 0.2, 0.3, 0.4)
        )
        if first <= sure
    ]
    best = max(options, key=lambda o: (s := scores(o))["f1"] + s["exact"] - s["wrong_role"])
    speaker = np.mean([SPEAKERS[int(p.speaker.argmax())] == e.speaker for e, p in zip(held, placed, strict=True)])
    weighing = {
        "evidence": list(EVIDENCE),
        "weights": [round(float(w), 4) for w in model.coef_[0]],
        "bias": round(float(model.intercept_[0]), 4),
        **dict(zip(("sure", "first", "nothing"), best, strict=True)),
    }
    return weighing, {**scores(best), "speaker": round(float(speaker), 3), "texts": len(held)}


def lowest(chosen: Iterable[str], tagger: ServiceTagger) -> set[str]:
    """The services of which none lies above another."""
    chosen = set(chosen)
    return chosen - {above for id in chosen for above in tagger.directory.above(id)}


def score(held: Sequence[Placement], chosen: Sequence[set[str]]) -> dict[str, float]:
    """F1 of the services, the share of comments with all right, and that with a mention taken for the subject; an alternative does as well."""
    right = given = wanted = exact = wrong = 0
    for example, ids in zip(held, chosen, strict=True):
        gold, spare = set(example.services), ids - set(example.services)
        missing = gold - ids
        instead = min(len(missing), len(spare & set(example.alternatives)))
        excess = len(spare) - instead if gold else len(spare - set(example.alternatives))
        right += len(gold) - len(missing) + instead
        given += len(gold) - len(missing) + instead + excess
        wanted += len(gold)
        exact += excess == 0 and len(missing) == instead
        wrong += not ids.isdisjoint(example.mentioned)
    return {
        "f1": round(2 * right / max(1, given + wanted), 3),
        "exact": round(exact / len(held), 3),
        "wrong_role": round(wrong / len(held), 3),
    }


def arrays(heads: Any) -> dict[str, NDArray[np.float32]]:
    """The heads as the placer loads them: the services' rows made once for all."""
    import torch

    with torch.no_grad():
        tensors = {
            f"{name}.{part}": getattr(getattr(heads, name), part)
            for name in ("words", "speaker", "text", "stretch")
            for part in ("weight", "bias")
        }
        tensors |= {"services.weight": heads.services(), "services.bias": heads.bias}
    return {name: t.detach().numpy().astype(np.float32) for name, t in tensors.items()}
