"""The encoder that ships, and any other from a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from newsdesk import Newsdesk
from retrieval.archive.chunking import Chunking
from retrieval.archive.index import index_name
from retrieval.embeddings.encoder import EMBEDDED, OnnxEncoder
from retrieval.errors import ModelFileError
from retrieval.langchain import as_embeddings
from retrieval.onnx_model import verify

ALIKE = 0.999
"""The cosine of a text with itself; but for rounding it would be 1."""

SHORT = "A truce was signed."
LONG = "The two foreign ministers met in the capital and spoke about a ceasefire. " * 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped encoder."""
    return Path(shutil.copytree(EMBEDDED, tmp_path / "encoder"))


def declare(folder: Path, **fields: object) -> None:
    (folder / "encoder.json").write_text(json.dumps(fields), encoding="utf-8")


def test_the_shipped_files_are_the_ones_that_were_built() -> None:
    listed = {line.split()[1] for line in (EMBEDDED / "SHA256SUMS").read_text().splitlines()}
    assert listed == {"model.onnx", "tokenizer.json", "encoder.json"}
    verify(EMBEDDED)


@pytest.fixture(scope="module")
def embedded() -> OnnxEncoder:
    """The encoder itself, which remembers nothing."""
    return OnnxEncoder(threads=1)


def test_a_text_has_the_same_vector_alone_and_beside_longer_ones(embedded: OnnxEncoder) -> None:
    alone = embedded.encode([SHORT])[0]
    batch = embedded.encode([LONG, SHORT, LONG + SHORT, "Peace."])
    assert alone @ batch[1] > ALIKE
    assert alone @ batch[0] < 0.9
    assert np.allclose(np.linalg.norm(batch, axis=1), 1, atol=1e-5)
    tokens = embedded.encode_tokens([LONG, SHORT])[1]
    assert tokens.pooled @ alone > ALIKE
    assert [SHORT[a:b] for a, b in tokens.offsets] == ["A", "truce", "was", "signed", "."]


def test_more_texts_than_a_batch_come_back_in_their_order(embedded: OnnxEncoder) -> None:
    texts = [f"{'very ' * (n * 7 % 20)}distant galaxy number {n}" for n in range(20)]
    together = embedded.encode(texts)
    assert all(embedded.encode([t])[0] @ v > ALIKE for t, v in zip(texts, together, strict=True))


def test_similar_texts_are_nearer_than_others(embedded: OnnxEncoder) -> None:
    a, b, c = embedded.encode(
        ["The ceasefire did not last.", "A truce was broken.", "Bake the cake for an hour."]
    )
    assert a @ b > a @ c + 0.3


def test_it_is_an_embeddings_of_langchain(embedded: OnnxEncoder) -> None:
    embeddings = as_embeddings(embedded)
    assert isinstance(embeddings, Embeddings)
    documents = embeddings.embed_documents([SHORT, LONG])
    assert [len(vector) for vector in documents] == [384, 384]
    assert all(type(number) is float for number in documents[0])
    assert np.dot(embeddings.embed_query(SHORT), documents[0]) > ALIKE
    assert embeddings.embed_documents([]) == []


def test_pieces_are_counted_beyond_what_the_encoder_reads(embedded: OnnxEncoder) -> None:
    assert embedded.count_pieces("truce") == 3  # and two special ones
    assert embedded.count_pieces("truce " * 1000) == 1002


def test_an_encoder_of_ones_own_has_its_own_index(folder: Path, embedded: OnnxEncoder) -> None:
    declare(folder, name="my-encoder", dimensions=384, pooling="cls", query_prefix="query: ")
    own = OnnxEncoder(folder, threads=1)
    assert own.name.startswith("my-encoder-")
    first = own.encode([SHORT])[0]
    assert first @ own.encode([LONG, SHORT])[1] > ALIKE
    assert first @ embedded.encode([SHORT])[0] < 0.9
    assert np.allclose(own.embed_query(SHORT), own.encode([f"query: {SHORT}"])[0], atol=1e-5)
    names = {index_name(e.name, c) for e in (own, embedded) for c in (Chunking(), Chunking(100))}
    assert len(names) == 4
    assert all(3 <= len(name) <= 512 and name.isascii() for name in names)


def test_what_is_near_is_told_by_the_cosine_that_unrelated_texts_have(
    folder: Path, tmp_path: Path
) -> None:
    fields = json.loads((folder / "encoder.json").read_text())
    (folder / "SHA256SUMS").unlink()
    (tmp_path / "truce.txt").write_text(f"The truce\n\n{SHORT} {LONG}", encoding="utf-8")
    scores = []
    for unrelated in (0.0, 0.5):
        declare(folder, **fields | {"unrelated": unrelated})
        with Newsdesk(tmp_path / "home", embeddings=str(folder)) as desk:
            desk.ingest(tmp_path / "truce.txt")
            scores.append([m.score for m in desk.search("xylophone lessons in Perth", k=1)])
    (near,), (far,) = scores
    assert far == pytest.approx(
        2 * near - 0.5, abs=0.01
    )  # half the weight of a cosine is 1 - unrelated


@pytest.mark.parametrize("name", ["模型", "../evil", "x" * 600, "-", "a b/c"])
def test_any_encoders_name_makes_a_name_that_chroma_takes(name: str) -> None:
    made = index_name(name, Chunking())
    assert 3 <= len(made) <= 512
    assert made[0].isalnum()
    assert made[-1].isalnum()
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
def test_a_missing_file_is_named_in_one_line(folder: Path, name: str) -> None:
    (folder / name).unlink()
    for use in (OnnxEncoder, verify):
        with pytest.raises(ModelFileError) as caught:
            use(folder)
        assert str(folder) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.onnx", b"not a model"),
        ("tokenizer.json", b"{}"),
        ("encoder.json", b"{"),
        ("encoder.json", b"[1]"),
        ("encoder.json", b"\xff"),
        ("encoder.json", b'{"name": "a", "dimensions": 384, "pooling": "max"}'),
        ("encoder.json", b'{"name": "a", "dimensions": 384, "colour": "red"}'),
        ("encoder.json", b'{"name": "a", "dimensions": 192}'),
        ("encoder.json", b'{"name": "a", "dimensions": "384"}'),
        ("encoder.json", b'{"name": 7, "dimensions": 384}'),
        ("encoder.json", b'{"name": "a", "dimensions": 384, "max_tokens": 2}'),
        ("encoder.json", b'{"name": "a", "dimensions": 384, "unrelated": 1}'),
        ("encoder.json", b'{"name": "a", "dimensions": 384, "unrelated": "0.7"}'),
        ("encoder.json", b"{}"),
    ],
)
def test_a_damaged_file_is_explained_in_one_line(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        OnnxEncoder(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelFileError, match=f"{name} is damaged"):
        verify(folder)
