from __future__ import annotations

import gzip
import os
import stat
import tarfile
import zipfile
from collections import Counter
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest

from corpus.article import Article
from corpus.formats import documents
from corpus.formats.documents import TAR_SUFFIXES, files_of
from tests.corpus.formats.agency_samples import GUID, news_item, ninjs
from tests.corpus.formats.reading_kit import Read, articles, only, read, reasons

__all__ = ["read"]

STORY = b"Ferry stops\n\nThe night ferry to Orkney has stopped.\n"
MODES = {"": "w", "gz": "w:gz", "tgz": "w:gz", "xz": "w:xz", "txz": "w:xz"}
MODES |= {"bz2": "w:bz2", "tbz2": "w:bz2", "tar": "w"}


def zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tarred(files: Mapping[str, bytes], suffix: str = ".tar") -> bytes:
    data = BytesIO()
    with tarfile.open(fileobj=data, mode=MODES[suffix.rpartition(".")[2]]) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, BytesIO(content))
    return data.getvalue()


def packed(files: Mapping[str, bytes], suffix: str) -> bytes:
    return zipped(files) if suffix == ".zip" else tarred(files, suffix)


MEMBERS = {
    "monday/storm-hits.txt": b"The storm has hit the coast, and no ship sails before Friday.",
    "monday/wire.xml": news_item().encode(),
    "two.jsonl": b'{"id": "a", "title": "A", "text": "One."}\n{"id": "b", "text": 2}\n',
    "photos/ferry.JPG": b"\xff\xd8",
    "photos/quay.jpg": b"\xff\xd8",
    "README": b"read me",
    ".hidden/x.txt": STORY,
    "__MACOSX/._x.txt": STORY,
}


@pytest.mark.parametrize("suffix", [".zip", *TAR_SUFFIXES])
def test_members_are_read_as_files_are(read: Read, tmp_path: Path, suffix: str) -> None:
    others: Counter[str] = Counter()
    before = sorted(os.listdir(tmp_path))
    items = read(f"news{suffix}", packed(MEMBERS, suffix), others)
    uri = f"{tmp_path}/news{suffix}"
    storm, ferry, record = articles(items)
    assert (storm.uri, storm.title) == (f"{uri}!/monday/storm-hits.txt", "storm hits")
    assert ferry.uri == GUID
    assert record.uri == f"{uri}!/two.jsonl#a"
    assert reasons(items) == {"two.jsonl:2": "text is a number, not text"}
    assert others == {".jpg": 2, "": 1}
    assert sorted(os.listdir(tmp_path)) == sorted([*before, f"news{suffix}"])


@pytest.mark.parametrize("outer", [".zip", ".tar.gz"])
def test_an_archive_is_opened_inside_one_and_no_deeper(
    read: Read, tmp_path: Path, outer: str
) -> None:
    inner = packed({"c.txt": STORY, "deep.zip": zipped({"d.txt": STORY})}, ".zip")
    items = read(f"a{outer}", packed({"b.zip": inner}, outer))
    assert [article.uri for article in articles(items)] == [f"{tmp_path}/a{outer}!/b.zip!/c.txt"]
    [reason] = reasons(items).values()
    assert reason.startswith("nested too deeply")


@pytest.mark.parametrize(
    "name", ["/etc/a.txt", "../a.txt", "x/../../a.txt", "C:\\a.txt", "a\x1b[31m.txt"]
)
@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_names_that_lead_out_are_refused(read: Read, name: str, suffix: str) -> None:
    items = read(f"a{suffix}", packed({name: STORY, "b.txt": STORY}, suffix))
    assert len(articles(items)) == 1
    [reason] = reasons(items).values()
    assert reason.startswith("refused: its ")


def test_links_and_devices_are_refused(read: Read, tmp_path: Path) -> None:
    data = BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, kind in {
            "soft.txt": tarfile.SYMTYPE,
            "hard.txt": tarfile.LNKTYPE,
            "pipe.txt": tarfile.FIFOTYPE,
            "disk.txt": tarfile.BLKTYPE,
        }.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    refused = reasons(read("a.tar", data.getvalue()))
    assert list(refused) == ["soft.txt", "hard.txt", "pipe.txt", "disk.txt"]
    link = zipfile.ZipInfo("soft.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as zip_file:
        zip_file.writestr(link, "/etc/passwd")
    refused |= reasons(read("b.zip", data.getvalue()))
    assert set(refused.values()) == {"refused: a link or a device, not a file"}


def test_encrypted_members_are_named(read: Read) -> None:
    data = bytearray(zipped({"a.txt": STORY, "b.txt": STORY + b"Anew."}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    items = read("a.zip", bytes(data))
    assert reasons(items) == {"a.txt": "encrypted: unpack it with its password first"}
    assert len(articles(items)) == 1


def test_bombs_are_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = bytes(11 << 20)
    items = read("a.zip", zipped({"zeros.txt": zeros, "b.txt": STORY}))
    assert reasons(items) == {"zeros.txt": "refused: it unpacks to more than 200 times its size"}
    assert len(articles(items)) == 1
    large = read("b.zip", zipped({"large.txt": zeros}, zipfile.ZIP_STORED))
    assert reasons(large)["large.txt"].startswith("larger than 10 MB")
    found = read("c.tar.gz", tarred({"a.txt": STORY, "zeros.bin": bytes(60 << 20)}, ".tar.gz"))
    assert reasons(found)["c.tar.gz"] == "it unpacks to more than 200 times its size"
    lying = bytearray(zipped({"zeros.txt": zeros}))
    place = lying.index(b"PK\x01\x02")
    lying[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    [reason] = reasons(read("d.zip", bytes(lying))).values()
    assert reason == "damaged in this archive"
    endless = BytesIO()
    with gzip.open(endless, "wb") as file:
        info = tarfile.TarInfo("pax")
        info.type, info.size = tarfile.XHDTYPE, 1 << 32
        file.write(info.tobuf(tarfile.USTAR_FORMAT) + bytes(20 << 20))
    [reason] = reasons(read("e.tar.gz", endless.getvalue())).values()
    assert "more than 200 times its size" in reason


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_the_library_unpacks_without_a_bound_is_refused(read: Read, method: int) -> None:
    for name in ("a.zip", "b.docx"):
        [reason] = reasons(read(name, zipped({"word/document.xml": STORY}, method))).values()
        assert reason == "packed by a rare method, such as bzip2: pack it with Deflate, as is usual"


def test_there_is_a_limit_to_what_is_inside(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"{number}.txt": STORY + b"%d." % number for number in range(6)}
    nested = zipped({"x.zip": zipped(many), "y.zip": zipped(many)})
    allowed = documents.Allowance.__init__

    def few(self: documents.Allowance, passed_over: Counter[str]) -> None:
        allowed(self, passed_over, members=5)

    monkeypatch.setattr(documents.Allowance, "__init__", few)
    for name, data in {"a.zip": nested, "b.tar": tarred(many)}.items():
        items = read(name, data)
        assert len(articles(items)) == (4 if name == "a.zip" else 5)
        assert "more than 1,000,000 files inside: the rest is not read" in reasons(items).values()


def test_a_damaged_archive_gives_what_is_before_the_damage(read: Read) -> None:
    many = {f"{number}.txt": STORY + os.urandom(2000).hex().encode() for number in range(9)}
    for name, suffix in (("a.tar", ".tar"), ("b.tar.gz", ".tar.gz"), ("c.tar.xz", ".tar.xz")):
        data = tarred(many, suffix)
        items = read(name, data[: len(data) // 2])
        assert reasons(items)[name] == "a damaged archive: only its beginning could be read"
        if suffix != ".tar.xz":
            assert articles(items)
    wrong = bytearray(zipped(many))
    wrong[60] ^= 0xFF
    items = read("d.zip", bytes(wrong))
    assert reasons(items) == {"0.txt": "damaged in this archive"}
    assert len(articles(items)) == 8


def test_archives_without_articles(read: Read) -> None:
    others: Counter[str] = Counter()
    for data in (zipped({}), zipped({"a.png": b"x"})):
        assert reasons(read("a.zip", data, others)) == {"a.zip": "no article files in this archive"}
    assert others == {".png": 1}


def test_which_files_a_uri_may_come_from() -> None:
    assert files_of("/a/b.txt") == ["/a/b.txt"]
    assert files_of("/a/b.jsonl#3") == ["/a/b.jsonl#3", "/a/b.jsonl"]
    assert files_of("/a/x.ZIP!/y.tar.gz!/z.mbox#1") == [
        "/a/x.ZIP!/y.tar.gz!/z.mbox#1",
        "/a/x.ZIP!/y.tar.gz!/z.mbox",
        "/a/x.ZIP!/y.tar.gz",
        "/a/x.ZIP",
    ]
    assert files_of("https://x.org/a.zip") == ["https://x.org/a.zip"]


def test_a_withdrawal_inside_an_archive(read: Read) -> None:
    [item] = read("a.zip", zipped({"kill.json": ninjs(status="canceled").encode()}))
    assert not isinstance(item, Article)
    assert item.uri == GUID
    assert only(read("b.zip", zipped({"a.json": ninjs().encode()}))).uri == GUID
