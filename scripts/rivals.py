"""What Newsdesk is compared with in `make bench`: its dependencies' own defaults."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2
from langchain_chroma import Chroma
from langchain_text_splitters import RecursiveCharacterTextSplitter
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

from corpus.article import Article
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.langchain import as_embeddings


class ChromaDefault:
    """Chroma's default embedding function: the same network in fp32, padded to 256 pieces.

    Its own file has to be downloaded; this one is made from the weights that Newsdesk ships,
    turned back from int8 to fp32, which costs the same to run.
    """

    def __init__(self, folder: Path) -> None:
        function = ONNXMiniLM_L6_V2()
        with tempfile.TemporaryDirectory() as made:
            path = Path(made) / "model.onnx"
            onnx.save(unquantized(onnx.load(folder / "model.onnx")), path)
            options = function.ort.SessionOptions()
            options.log_severity_level = 3
            function.model = function.ort.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        function.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        function.tokenizer.enable_truncation(max_length=256)
        function.tokenizer.enable_padding(pad_id=0, pad_token="[PAD]", length=256)
        self._function = function

    def embed(self, texts: list[str]) -> object:
        """Vectors, as Chroma makes them where it is given no other function."""
        return self._function._forward(texts)


class DenseChain:
    """LangChain's recursive splitter (1000/200), Chroma, and its nearest chunks."""

    def __init__(self, articles: list[Article], folder: Path, encoder: OnnxEncoder) -> None:
        self._articles = {article.uri: article for article in articles}
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        pairs = [(a.uri, text) for a in articles for text in splitter.split_text(a.body)]
        self._store = Chroma(
            "rival",
            as_embeddings(encoder),
            str(folder),
            collection_metadata={"hnsw:space": "cosine"},
        )
        for at in range(0, len(pairs), 1000):
            part = pairs[at : at + 1000]
            self._store.add_texts([t for _, t in part], [{"uri": uri} for uri, _ in part])

    def search(self, question: str, k: int) -> list[tuple[Article, str]]:
        """The nearest chunks with their articles, nearest first."""
        found = self._store.similarity_search(question, k)
        return [(self._articles[d.metadata["uri"]], d.page_content) for d in found]


def unquantized(model: onnx.ModelProto) -> onnx.ModelProto:
    """A dynamically quantized model with its integer products turned back into fp32 ones."""
    values = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    source = {n.output[0]: n.input[0] for n in model.graph.node if n.op_type == _QUANTIZE}
    reader = {i: n for n in model.graph.node for i in n.input}
    dropped: set[str] = set()
    nodes, weights = [], []
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            cast = reader[node.output[0]]
            scaled = reader[cast.output[0]]
            scales = next(i for i in scaled.input if i != cast.output[0])
            scale = next(
                values[i]
                for n in model.graph.node
                if n.output[0] == scales
                for i in n.input
                if i in values
            )
            weight = (values[node.input[1]].astype(np.float32) - values[node.input[3]]) * scale
            name = f"{node.output[0]}_fp32"
            weights.append(numpy_helper.from_array(weight.astype(np.float32), name))
            nodes.append(
                helper.make_node("MatMul", [source[node.input[0]], name], [scaled.output[0]])
            )
            dropped |= {cast.output[0], scaled.output[0], scales}
        elif node.op_type != _QUANTIZE:
            nodes.append(node)
    kept = [n for n in nodes if n.op_type == "MatMul" or n.output[0] not in dropped]
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    del plain.graph.node[:]
    plain.graph.node.extend(kept)
    plain.graph.initializer.extend(weights)
    return plain


_QUANTIZE = "DynamicQuantizeLinear"
