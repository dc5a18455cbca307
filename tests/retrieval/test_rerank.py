"""Late interaction, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.embeddings.encoder import OnnxEncoder, TokenVectors
from retrieval.search.rerank import (
    CONTEXT_WEIGHT,
    QueryTokens,
    echo,
    max_sim,
    query_tokens,
    similarities,
)

EAST, NORTH, BETWEEN = (1.0, 0.0), (0.0, 1.0), (0.6, 0.8)


def text(*vectors: tuple[float, float]) -> TokenVectors:
    array = np.asarray(vectors, dtype=np.float16).reshape(-1, 2)
    return TokenVectors(array, [(0, 1)] * len(vectors), np.zeros(2, dtype=np.float32))


def query(*vectors: tuple[float, float], weights: tuple[float, ...] = ()) -> QueryTokens:
    return QueryTokens(
        np.asarray(vectors, dtype=np.float32).reshape(-1, 2),
        np.asarray(weights or [1.0] * len(vectors), dtype=np.float32),
        np.arange(len(vectors)),
    )


def test_the_best_cosine_of_each_piece_is_averaged() -> None:
    asked = query(EAST, NORTH)
    texts = [text(EAST, BETWEEN), text(BETWEEN), text(NORTH, EAST, EAST)]
    cosines = similarities(asked, texts)
    assert [c.shape for c in cosines] == [(2, 2), (2, 1), (2, 3)]
    assert [max_sim(asked, c) for c in cosines] == pytest.approx([0.9, 0.7, 1.0], abs=1e-3)


def test_pieces_count_by_their_weight() -> None:
    asked = query(EAST, NORTH, weights=(3.0, 1.0))
    (cosines,) = similarities(asked, [text(EAST, BETWEEN)])
    assert max_sim(asked, cosines) == pytest.approx((3 * 1 + 1 * 0.8) / 4, abs=1e-3)


def test_nothing_is_like_nothing() -> None:
    assert similarities(query(EAST), []) == []
    (cosines,) = similarities(query(EAST), [text()])
    assert max_sim(query(EAST), cosines) == 0
    (cosines,) = similarities(query(), [text(EAST)])
    assert max_sim(query(), cosines) == 0


def test_an_echo_is_the_mean_logarithm_of_each_words_mean() -> None:
    asked = QueryTokens(
        query(EAST, NORTH, EAST).vectors, np.ones(3, np.float32), np.asarray([0, 0, -1])
    )
    (cosines,) = similarities(asked, [text(BETWEEN)])
    assert echo(asked, cosines) == pytest.approx(np.log((0.6 + 0.8) / 2), abs=1e-3)
    (all_echoed, one_missed) = similarities(query(EAST, NORTH), [text(BETWEEN), text(EAST)])
    assert echo(query(EAST, NORTH), all_echoed) > echo(query(EAST, NORTH), one_missed)


@pytest.mark.parametrize(("asked", "read"), [(query(EAST), text()), (query(), text(EAST))])
def test_where_nothing_can_be_echoed_the_echo_is_the_faintest(
    asked: QueryTokens, read: TokenVectors
) -> None:
    (cosines,) = similarities(asked, [read])
    (missed,) = similarities(query(EAST), [text(NORTH)])
    assert echo(asked, cosines) == echo(query(EAST), missed)


def kept(reader: OnnxEncoder, question: str, focus: int = 0) -> tuple[int, list[float]]:
    tokens = reader.encode_tokens([question])[0]
    found = query_tokens(question, tokens, context_until=focus)
    return len(found.vectors), [round(float(weight), 3) for weight in found.weights]


def test_stop_words_and_punctuation_do_not_count(reader: OnnxEncoder) -> None:
    assert kept(reader, "What was the truce?") == (1, [1.0])
    assert kept(reader, "truce") == (1, [1.0])


def test_stop_words_count_where_there_is_nothing_else(reader: OnnxEncoder) -> None:
    assert kept(reader, "who is it?") == (4, [1.0] * 4)


def test_the_conversation_counts_less_than_the_question(reader: OnnxEncoder) -> None:
    before = "Who brokered the truce? "
    _, weights = kept(reader, before + "When was it signed?", len(before))
    assert set(weights) == {CONTEXT_WEIGHT, 1.0}
    assert weights == sorted(weights)
    assert weights[-1] == 1.0
