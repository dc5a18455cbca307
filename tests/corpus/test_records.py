import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from corpus.article import Article, Item, Rejection
from corpus.reading import read_file

Read = Callable[..., list[Item]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: Any, suffix: str = ".json") -> list[Item]:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        path = tmp_path / f"news{suffix}"
        path.write_bytes(data)
        return list(read_file(path))

    return read


def only(results: list[Item]) -> Article:
    (article,) = results
    assert isinstance(article, Article), article
    return article


def reasons(results: list[Item]) -> list[str]:
    return [result.reason for result in results if isinstance(result, Rejection)]


def test_a_record_with_every_field(read: Read) -> None:
    record = {
        "title": "Storm",
        "text": "It rained.",
        "source": "Bell",
        "published": "2020-10-27",
        "url": "https://x.org/a",
    }
    assert only(read(record)) == Article(
        "https://x.org/a", "Storm", "It rained.", "Bell", date(2020, 10, 27), "https://x.org/a"
    )


@pytest.mark.parametrize(
    "record",
    [
        {
            "headline": "Storm",
            "body": "It rained.",
            "outlet": "Bell",
            "publishedAt": "2020-10-27T10:00:00Z",
        },
        {
            "title": "Storm",
            "content": "It rained.",
            "source": {"id": None, "name": "Bell"},
            "published_at": 1603756800,
        },
        {
            "title": None,
            "headline": "Storm",
            "text": "",
            "body": "It rained.",
            "publisher": "Bell",
            "date": "27 Oct 2020",
        },
    ],
)
def test_fields_have_other_names(read: Read, record: dict[str, Any]) -> None:
    article = only(read(record))
    assert (article.title, article.body, article.source) == ("Storm", "It rained.", "Bell")
    assert article.published == date(2020, 10, 27)


def test_identity(read: Read, tmp_path: Path) -> None:
    text = {"text": "It rained."}
    path = tmp_path / "news.json"
    assert only(read(text)).uri == str(path)
    uris = [
        result.uri
        for result in read(
            [text, text | {"id": "b"}, text | {"id": 7}, text | {"url": "https://x.org"}]
        )
    ]
    assert uris == [f"{path}#1", f"{path}#b", f"{path}#7", "https://x.org"]


def test_lines_are_numbered_as_in_the_file(read: Read, tmp_path: Path) -> None:
    results = read(b'{"text": "One."}\n\n{"text": "Three."}\r\n', ".jsonl")
    assert [result.uri for result in results] == [
        f"{tmp_path}/news.jsonl#1",
        f"{tmp_path}/news.jsonl#3",
    ]


@pytest.mark.parametrize("key", [{"url": "https://x.org/a"}, {"id": "a"}])
def test_a_second_record_of_the_same_identity_is_rejected(read: Read, key: dict[str, str]) -> None:
    first, second = read([{"text": "One."} | key, {"text": "Two."} | key])
    assert isinstance(first, Article)
    assert isinstance(second, Rejection)
    assert second.reason.startswith(f"same {'URL' if 'url' in key else 'id'} as record 1")


def test_a_bad_line_is_rejected_by_its_number_and_the_others_go_on(
    read: Read, tmp_path: Path
) -> None:
    first, bad, last = read(b'{"text": "One."}\n{"text": \n{"text": "Three."}', ".jsonl")
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert isinstance(bad, Rejection)
    assert bad.uri == f"{tmp_path}/news.jsonl:2"
    assert bad.reason.startswith("not valid JSON")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"title": "Storm"}, "no text"),
        ({"text": " \n"}, "no text"),
        ({"text": 5}, "text is a number, not text"),
        ({"text": None, "body": ["a"]}, "body is a list, not text"),
        ({"text": "It rained.", "title": {"a": 1}}, "title is an object, not text"),
        ({"text": "It rained.", "source": 5}, "source is a number, not text"),
        ({"text": "It rained.", "id": [1]}, "id is a list"),
        ({"text": "It rained.", "id": True}, "id is true or false"),
        ("It rained.", "text where an object was expected"),
        (None, "null where an object was expected"),
    ],
)
def test_a_record_of_the_wrong_shape_is_rejected(read: Read, record: Any, reason: str) -> None:
    for results in (read([record]), read(json.dumps(record).encode(), ".jsonl")):
        assert len(results) == 1
        assert reason in reasons(results)[0]


@pytest.mark.parametrize(
    "extra",
    [
        b'"published": NaN',
        b'"published": 1e999',
        b'"published": 99999999999999999999999',
        b'"published": {"a": 1}',
        b'"url": 5',
        b'"url": "javascript:x"',
        b'"id": "\\ud800"',
    ],
)
def test_odd_values_of_lesser_fields_are_simply_unknown(read: Read, extra: bytes) -> None:
    article = only(read(b'{"text": "It rained.", ' + extra + b"}"))
    assert (article.published, article.url) == (None, "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": ' + b"9" * 5000 + b"}", "a number is too long"),
        (b"{", "not valid JSON"),
        (b"[]", "no articles"),
    ],
)
def test_json_that_cannot_be_read_is_rejected_whole(
    read: Read, content: bytes, reason: str
) -> None:
    assert [reason in found for found in reasons(read(content))] == [True]


def test_a_missing_title_is_the_opening_of_the_text(read: Read) -> None:
    assert (
        only(read({"text": "U.S. troops left the town. It rained."})).title
        == "U.S. troops left the town."
    )
    long = only(read({"text": "word " * 40})).title
    assert len(long) <= 80
    assert long.endswith("word…")
    assert only(read({"text": "字" * 200})).title == "字" * 79 + "…"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_records_in_any_unicode_encoding(read: Read, encoding: str, suffix: str) -> None:
    data = '{"text": "Дождь шёл всю ночь."}'.encode(encoding)
    assert only(read(data, suffix)).body == "Дождь шёл всю ночь."


def test_each_line_may_have_its_own_encoding(read: Read) -> None:
    results = read(
        '{"text": "Дождь."}\n'.encode() + '{"text": "Le café était fermé."}'.encode("cp1252"),
        ".jsonl",
    )
    assert [result.body for result in results if isinstance(result, Article)] == [
        "Дождь.",
        "Le café était fermé.",
    ]


def test_a_binary_file_of_lines_is_rejected_once(read: Read) -> None:
    assert reasons(read(b"\x00\n" * 100, ".jsonl")) == ["a binary file, not text"]
