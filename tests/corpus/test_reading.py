import os
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.article import Article, Rejection
from corpus.cleaning import clean_text
from corpus.formats.documents import TAR_SUFFIXES
from corpus.kinds import SUFFIXES
from corpus.reading import find_files, read_file

ARCHIVES = (".zip", *TAR_SUFFIXES, ".warc", ".warc.gz", ".wacz")
DOCUMENTS = (".pdf", ".docx", ".odt", ".epub")
SAMPLE = Path(__file__).parents[3] / "shared/data/000_ac502a5d97e40cd6.txt"


def write(path: Path, text: str = "Storm\n\nIt rained.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def rejection(path: Path) -> Rejection:
    (result,) = read_file(path)
    assert isinstance(result, Rejection), result
    return result


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"the sample article {SAMPLE} is not there")
def test_the_sample_article() -> None:
    (article,) = read_file(SAMPLE)
    assert isinstance(article, Article)
    assert article.uri == str(SAMPLE)
    assert article.title == "Will the US succeed in settling the Nagorno-Karabakh conflict?"
    assert (article.source, article.published, article.url) == ("Al Jazeera", None, "")
    paragraphs = article.body.split("\n\n")
    assert {"Washington steps in", "No breakthrough for Trump?", "US Armenians"} <= set(paragraphs)
    assert paragraphs[1].endswith("[Bulent Kilic/AFP]")
    assert len(paragraphs) == len([line for line in SAMPLE.read_text().splitlines() if line]) - 2


def test_folders_are_walked_in_order_without_hidden_and_other_files(tmp_path: Path) -> None:
    wanted = [write(tmp_path / name) for name in ("a.txt", "b/c.MD", "b/d.html", "e f 🌊.jsonl")]
    for name in (".hidden.txt", ".git/x.txt", "picture.png", "README"):
        write(tmp_path / name)
    assert find_files([tmp_path]) == (wanted, [])


def test_the_latest_of_several_crawls_comes_first(tmp_path: Path) -> None:
    names = ("b/news.txt", "c.txt", "a/2025.wacz", "b/2024.warc.gz", "2023.warc")
    wanted = [write(tmp_path / name) for name in names]
    assert find_files([tmp_path]) == (wanted, [])


def test_a_file_reached_twice_is_given_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt")
    (tmp_path / "link.txt").symlink_to(file)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert find_files([file, tmp_path, tmp_path / "loop"]) == ([file], [])


def test_what_cannot_be_found_is_rejected_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path / "empty/notes.xyz")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    paths = [tmp_path / name for name in ("missing", "empty", "empty/notes.xyz", "self")]
    files, rejections = find_files(paths)
    assert files == []
    assert [found.uri for found in rejections] == [str(path) for path in paths]
    missing, empty, unsupported, loop = (found.reason for found in rejections)
    assert missing == "no such file or folder"
    assert empty.startswith("no article files in this folder; supported: .txt, .md")
    assert unsupported.startswith("unsupported kind of file; supported: .txt, .md")
    assert "symbolic links" in loop


def test_an_unreadable_folder_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "secret/a.txt")
    kept = write(tmp_path / "open/b.txt")
    scandir = os.scandir

    def guarded(folder: str) -> object:
        if Path(folder).name == "secret":
            raise PermissionError(13, "Permission denied", folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    assert find_files([tmp_path]) == (
        [kept],
        [Rejection(str(tmp_path / "secret"), "permission denied")],
    )


def test_hidden_and_unsupported_files_given_by_name(tmp_path: Path) -> None:
    hidden = write(tmp_path / ".draft.txt")
    assert find_files([hidden]) == ([hidden], [])
    assert rejection(write(tmp_path / "a.xyz")).reason.startswith("unsupported kind of file")


def test_a_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    (article,) = read_file(write(tmp_path / "STORM.TXT"))
    assert isinstance(article, Article)


def test_a_name_that_is_not_utf8_gives_a_printable_uri(tmp_path: Path) -> None:
    path = write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \x1b[31m.txt")))
    (article,) = read_file(path)
    assert isinstance(article, Article)
    assert article.uri == f"{tmp_path}/caf\\xe9 \\x1b[31m.txt"
    assert article.id


def test_symbolic_links_keep_their_own_path(tmp_path: Path) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to(write(tmp_path / "a.txt"))
    assert [article.uri for article in read_file(link)] == [str(link)]


def test_a_file_that_cannot_be_opened_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.txt")
    assert rejection(tmp_path / "missing.txt").reason == "no such file or folder"
    assert "too long" in rejection(tmp_path / f"{'x' * 300}.txt").reason

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert rejection(path).reason == "permission denied"


def test_a_pipe_is_rejected_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert rejection(tmp_path / "pipe.txt").reason == "not a regular file"


@pytest.mark.parametrize("suffix", sorted({*SUFFIXES} - {*ARCHIVES, *DOCUMENTS}))
@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xef\xbb\xbf", b"\x00\x01"])
def test_empty_and_binary_files_are_rejected(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    reason = rejection(path).reason
    assert re.search("binary|damaged|not a PDF" if b"\x00" in data else "empty", reason)


@pytest.mark.parametrize("suffix", ARCHIVES)
@pytest.mark.parametrize("data", [b"", b" \n\n", b"\x00\x01", b"It rained all night.\n"])
def test_what_is_no_archive_is_rejected(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    assert re.search("empty|archive|WARC", rejection(path).reason)


@pytest.mark.parametrize("suffix", [".txt", ".json"])
def test_a_file_above_the_limit_is_rejected(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"a" * (10 * 1024 * 1024 + 1))
    assert rejection(path).reason.startswith("larger than 10 MB")


def test_a_huge_line_is_rejected_without_being_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        for _ in range(50):
            file.write(b"a" * 1024 * 1024)
        file.write(b'\n{"text": "It rained."}\n')
    tracemalloc.start()
    long, article = read_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert long == Rejection(f"{path}:1", "the line is longer than 10 MB")
    assert isinstance(article, Article)
    assert peak < 45 * 1024 * 1024


WORDS = st.sampled_from(
    [
        "It rained. ",
        "\n\n",
        "---\n",
        "title: a\n",
        "# a\n",
        "| a |\n",
        "Source: ",
        "\x1b[31m",
        "\ufeff",
    ]
)
CODE = st.sampled_from(
    [
        '{"text": "',
        '"}',
        "{",
        "[",
        "]",
        ",",
        "\\ud800",
        "<html><article>",
        "<p>",
        "</p>",
        "&#0;",
        "<!--",
    ]
)
BYTES = st.sampled_from([b"\xff\xfe", b"\xe9", b"\x9b", b"\xed\xa0\x80"])
PIECES = st.one_of(WORDS.map(str.encode), CODE.map(str.encode), BYTES)
CONTENT = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(b"".join))


@pytest.mark.parametrize("suffix", sorted({*SUFFIXES} - {*ARCHIVES, ".pdf"}))  # a process for each
@given(data=CONTENT)
@example(data=b"Storm\n\nIt rained all night in the town.")
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_give_articles_or_rejections(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    results = list(read_file(path))
    assert results
    for result in results:
        if not isinstance(result, Article):
            assert result.reason
            continue
        assert result.title == clean_text(result.title) != ""
        assert result.body == clean_text(result.body) != ""
        assert result.id
        assert result.fingerprint
