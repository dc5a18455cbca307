"""Settings of other programs that use Chroma do not move our vectors, nor break us."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from chromadb.telemetry import opentelemetry

from retrieval.archive.chroma_folder import ChromaFolder


def test_no_setting_of_chromas_sends_vectors_to_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMA_API_IMPL", "chromadb.api.fastapi.FastAPI")
    monkeypatch.setenv("CHROMA_SERVER_HOST", "127.0.0.1")
    monkeypatch.setenv("CHROMA_SERVER_HTTP_PORT", "9")
    store = ChromaFolder(tmp_path / "chroma", "some-index")
    vector = np.eye(4, dtype=np.float32)
    store.put(["a", "b", "c", "d"], vector)
    assert store.nearest(vector[2], 1)[0][0] == "c"
    assert (tmp_path / "chroma" / "chroma.sqlite3").exists()
    store.close()


def test_no_setting_of_chromas_traces_what_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMA_OTEL_GRANULARITY", "all")
    monkeypatch.setenv("CHROMA_OTEL_COLLECTION_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    store = ChromaFolder(tmp_path / "chroma", "some-index")
    store.put(["a"], np.eye(1, 4, dtype=np.float32))
    store.close()
    assert opentelemetry.tracer is None
