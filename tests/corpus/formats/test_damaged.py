"""Whatever is damaged, articles, withdrawals and rejections come out, and no error."""

from __future__ import annotations

import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.article import Article, Rejection
from corpus.cleaning import clean_text
from corpus.reading import read_file
from tests.corpus.formats.agency_samples import news_item, news_message, ninjs, nitf
from tests.corpus.formats.test_crawls import SITE, Crawl, page
from tests.corpus.formats.test_mail import NEWS, NEWSLETTER, message
from tests.corpus.formats.test_packages import MEMBERS, packed

NAMES = (
    *("a.eml", "a.mbox", "item.xml", "wire.xml", "nitf.xml", "a.jsonl", "a.json"),
    *("a.warc", "a.warc.gz", "a.wacz", "a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2"),
)


@cache
def samples() -> dict[str, bytes]:
    mail = message(NEWS, "Fwd: Ferry")
    mail.add_alternative(NEWSLETTER, subtype="html")
    mail.add_attachment(b"Lit\n\nThe lighthouse was lit.", "text", "plain", filename="l.txt")
    mail.add_attachment(message("The bridge opened.", "Bridge"))
    plain, gzipped = (
        Crawl(packed=packed)
        .add(f"{SITE}/a", page("Orkney"))
        .add(f"{SITE}/b", page("Burray"))
        .data()
        for packed in (False, True)
    )
    wacz = BytesIO()
    with zipfile.ZipFile(wacz, "w") as archive:
        archive.writestr("archive/a.warc.gz", gzipped)
        archive.writestr("pages/pages.jsonl", f'{{"url": "{SITE}/a"}}')
    made = {
        "a.eml": bytes(mail),
        "a.mbox": b"From a@b\n" + bytes(mail) + b"\nFrom b@c\n" + bytes(message(NEWS)),
        "item.xml": news_item(embargo="2020-10-28T12:00:00Z").encode(),
        "wire.xml": news_message(news_item(), news_item("x", status="stat:canceled")).encode(),
        "nitf.xml": nitf(release="20201028T120000Z").encode(),
        "a.jsonl": f"{ninjs()}\n{ninjs(version=2)}\n".encode(),
        "a.json": ninjs(embargoed="2020-10-28T12:00:00Z", bodies=[{"value": NEWS}]).encode(),
        "a.warc": plain,
        "a.warc.gz": gzipped,
        "a.wacz": wacz.getvalue(),
    }
    for suffix in (".zip", ".tar", ".tar.gz", ".tar.xz", ".tar.bz2"):
        made[f"a{suffix}"] = packed(MEMBERS, suffix)
    return made


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_damaged_files(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = bytearray(samples()[name])
    places = st.integers(0, len(content) - 1)
    for place in data.draw(st.lists(places, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        start, end, to = (data.draw(places) for _ in range(3))
        content[to:to] = content[start:end]
    path = tmp_path / name
    path.write_bytes(content[: data.draw(st.one_of(st.just(len(content)), places))])
    items = list(read_file(path))
    assert items
    for item in items:
        if isinstance(item, Article):
            assert item.body == clean_text(item.body) != ""
            assert item.title == clean_text(item.title) != ""
            assert item.fingerprint
        elif isinstance(item, Rejection):
            assert item.reason
