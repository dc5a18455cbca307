"""The write path over a real Chroma and a real catalog."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import astuple, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import pytest

import retrieval.archive.storing
from corpus.article import Article, Rejection, Withdrawal
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.chunking import Chunking, chunk
from retrieval.archive.passages import Passage
from retrieval.archive.strays import Strays
from retrieval.errors import ArchiveUnreadable, ArticleNotFound, IndexMismatch
from tests.retrieval.archive_kit import (
    DENSE,
    LEXICAL,
    Archive,
    BagEncoder,
    assert_tidy,
    assert_whole,
    made,
    nonce,
)

pytestmark = [
    pytest.mark.both_engines,
    pytest.mark.filterwarnings("ignore:legacy embedding function config"),
]

Open = Callable[..., Archive]


def counts(report: object) -> dict[str, int]:
    return {name: len(getattr(report, name)) for name in ("added", "updated", "unchanged")}


def finds(archive: Archive, article: Article) -> bool:
    """Whether the searches find an article, each by itself and both together; they must agree."""
    word = article.title.removeprefix("News of ")
    question = f"What is the news of {word}, and how many visitors did {word} count?"
    found = {archive.uris(question, options)[:1] == [article.uri] for options in (DENSE, LEXICAL)}
    found.add(article.uri in archive.uris(question))
    assert len(found) == 1
    return found.pop()


ORKNEY = Article("urn:ferry", "Ferry", "The night ferry to Orkney carried 212 passengers.")


def test_what_was_ingested_is_found_and_ingesting_it_again_changes_nothing(
    archive: Archive,
) -> None:
    articles = [made(n) for n in range(8)]
    assert counts(archive.ingest(*articles)) == {"added": 8, "updated": 0, "unchanged": 0}
    assert all(finds(archive, article) for article in articles)
    before = archive.catalog.passage_ids()
    report = archive.ingest(*articles)
    assert counts(report) == {"added": 0, "updated": 0, "unchanged": 8}
    assert report.unchanged == [article.uri for article in articles]
    assert archive.catalog.passage_ids() == before
    assert_tidy(archive)


def test_nothing_is_embedded_twice(open_archive: Open) -> None:
    encoder = BagEncoder()
    archive = open_archive(encoder=encoder)
    archive.ingest(*map(made, range(4)))
    archive.ingest(*map(made, range(5)))
    assert encoder.embedded == archive.catalog.count_passages() == 5


def test_an_edited_article_replaces_its_old_version_whole(archive: Archive) -> None:
    old = [made(n, sentences=30) for n in range(3)]
    archive.ingest(*old)
    retired = {p.id for p in archive.passages() if p.article_id == old[1].id}
    assert len(retired) > 1
    new = replace(old[1], title="Bread", body="Flour and water make a loaf. It is baked for long.")
    assert counts(archive.ingest(old[0], new, old[2])) == {
        "added": 0, "updated": 1, "unchanged": 2,
    }  # fmt: skip
    for options in (DENSE, LEXICAL, None):
        for question in (f"visitors in the valley of {nonce(1)}", "How is a loaf baked?"):
            matches = archive.search(question, options, limit=50)
            assert not retired & {match.passage.id for match in matches}
            assert all(
                m.article.body[m.passage.start : m.passage.end] == m.passage.text for m in matches
            )
    assert archive.uris("How is a loaf baked?")[0] == new.uri
    assert archive.catalog.full_text([nonce(1)], 10) == []
    assert archive.vectors.missing(sorted(retired)) == sorted(retired)
    assert_tidy(archive)


def test_a_change_of_date_or_outlet_is_an_edit_too(archive: Archive) -> None:
    archive.ingest(made(1))
    dated = replace(made(1), published=date(2020, 9, 27))
    assert archive.ingest(dated).updated == [dated.uri]
    (match,) = archive.search(f"visitors in {nonce(1)}")
    assert match.article == dated
    assert_tidy(archive)


def test_an_article_that_comes_back_to_an_earlier_version_is_found(archive: Archive) -> None:
    first, second = made(1), made(1, edition=" on a Sunday")
    for version in (first, second, first, second, first):
        archive.ingest(version)
        assert archive.catalog.articles([first.id]) == {first.id: version}
        assert_tidy(archive)
    assert finds(archive, first)


def test_a_removed_article_is_gone_and_can_come_back(archive: Archive) -> None:
    articles = [made(n) for n in range(3)]
    archive.ingest(*articles)
    assert archive.indexer.remove([articles[1].id]) == [articles[1].uri]
    assert not finds(archive, articles[1])
    assert articles[1].uri not in archive.uris("visitors", limit=50)
    assert finds(archive, articles[2])
    assert_tidy(archive)
    assert archive.ingest(*articles).added == [articles[1].uri]
    assert finds(archive, articles[1])


def test_removing_what_is_not_there_removes_nothing(archive: Archive) -> None:
    archive.ingest(made(1))
    with pytest.raises(ArticleNotFound, match="newsdesk sources"):
        archive.indexer.remove([made(1).id, made(2).id])
    assert finds(archive, made(1))
    assert archive.indexer.remove([]) == []


def test_the_first_of_two_versions_given_at_once_is_kept(archive: Archive) -> None:
    rest = [made(n) for n in range(2, 80)]
    report = archive.ingest(made(1), made(1, edition=" twice"), *rest, made(1))
    assert len(report.added) == 79
    assert [r.uri for r in report.rejected] == [made(1).uri] * 2
    assert "given twice" in report.rejected[0].reason
    assert archive.catalog.articles([made(1).id])[made(1).id] == made(1)
    assert_tidy(archive)


def test_rejections_are_reported_and_stop_nothing(archive: Archive) -> None:
    seen: list[object] = []
    items: list[Article | Rejection] = [
        Rejection("a.txt", "empty"),
        made(1),
        Rejection("b.txt", "binary"),
    ]
    report = archive.indexer.ingest(items, seen.append)
    assert report.rejected == [items[0], items[2]]
    assert report.anything_read
    assert seen == items
    assert not archive.ingest(items[0]).anything_read


def test_what_no_database_keeps_is_rejected_by_itself(archive: Archive) -> None:
    bad = [replace(made(2), body="One\0two."), replace(made(3), uri="half-\ud800.md")]
    report = archive.ingest(bad[0], made(1), bad[1])
    assert report.added == [made(1).uri]
    assert [r.uri for r in report.rejected] == [made(2).uri, "half-\\ud800.md"]
    assert_tidy(archive)


def test_an_article_without_a_sentence_is_kept_without_passages(archive: Archive) -> None:
    blank = Article("blank.txt", "Nothing", "")
    assert archive.ingest(blank, made(1)).added == ["blank.txt", made(1).uri]
    assert archive.ingest(blank).unchanged == ["blank.txt"]
    assert_tidy(archive)


OTHERS = [
    pytest.param({"encoder": BagEncoder()}, id="encoder"),
    pytest.param({"chunking": Chunking(tokens=60)}, id="chunking"),
]


@pytest.mark.parametrize("settings", OTHERS)
def test_other_settings_need_another_index(open_archive: Open, settings: dict[str, object]) -> None:
    articles = [made(n, sentences=12) for n in range(5)]
    before = open_archive()
    before.ingest(*articles)
    after = open_archive(**settings)
    assert after.indexer.is_stale()
    with pytest.raises(IndexMismatch, match="newsdesk ingest") as caught:
        after.uris("visitors")
    assert "\n" not in str(caught.value)
    assert finds(before, articles[2])

    seen: list[Article] = []
    assert after.indexer.rebuild(seen.append) == 5
    assert {a.uri for a in seen} == {a.uri for a in articles}
    assert not after.indexer.is_stale()
    assert all(finds(after, article) for article in articles)
    assert_tidy(after)
    before.vectors.reopen()
    assert before.vectors.count() == 0
    with pytest.raises(IndexMismatch):
        before.uris("visitors")
    assert counts(after.ingest(*articles))["unchanged"] == 5


def test_the_next_ingest_indexes_anew_by_itself(open_archive: Open) -> None:
    before = open_archive()
    before.ingest(made(1), made(2))
    after = open_archive(encoder=BagEncoder())
    report = after.ingest(made(2), made(3))
    assert counts(report) == {"added": 1, "updated": 0, "unchanged": 1}
    assert all(finds(after, made(n)) for n in (1, 2, 3))
    assert_tidy(after)


class Held(Passage):
    """A passage that can be seen to be let go."""

    __slots__ = ("__weakref__",)


class Dying(BagEncoder):
    """An encoder whose process is interrupted after some texts."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.left -= len(texts)
        if self.left < 0:
            raise KeyboardInterrupt
        return super().embed_documents(texts)


def test_an_interrupted_rebuild_leaves_the_old_index_and_is_gone_on_with(
    open_archive: Open,
) -> None:
    articles = [made(n) for n in range(150)]
    before = open_archive(encoder=BagEncoder("old"))
    before.ingest(*articles)
    dying = open_archive(encoder=Dying(after=130))
    with pytest.raises(KeyboardInterrupt):
        dying.indexer.rebuild()
    assert_whole(before)
    assert all(finds(before, article) for article in articles[::30])
    encoder = BagEncoder()
    after = open_archive(encoder=encoder)
    report = after.ingest(*articles, made(150))
    assert (len(report.unchanged), len(report.added)) == (150, 1)
    assert encoder.embedded == 150 - 128 + 1  # what the interrupted run wrote is kept
    assert all(finds(after, article) for article in articles[::30])
    assert_tidy(after)


@pytest.mark.both_engines(False)
def test_a_rebuild_holds_the_passages_of_a_few_articles_at_a_time(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [made(n) for n in range(300)]
    open_archive(encoder=BagEncoder("old")).ingest(*articles)
    after = open_archive(encoder=BagEncoder())
    held: WeakValueDictionary[int, Held] = WeakValueDictionary()
    most = 0

    def chunk_noted(*arguments: Any) -> list[Held]:
        nonlocal most
        made_now = [Held(*astuple(passage)) for passage in chunk(*arguments)]
        held.update({id(passage): passage for passage in made_now})
        most = max(most, len(held))
        return made_now

    monkeypatch.setattr(retrieval.archive.storing, "chunk", chunk_noted)
    assert after.indexer.rebuild() == 300
    assert most < after.catalog.count_passages() / 2
    monkeypatch.undo()
    assert_tidy(after)


def test_a_long_article_is_embedded_a_part_at_a_time(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval.archive.storing, "AT_ONCE", 4)
    asked: list[int] = []

    class Noting(BagEncoder):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            asked.append(len(texts))
            return super().embed_documents(texts)

    archive = open_archive(encoder=Noting())
    archive.ingest(made(1, sentences=200))
    assert max(asked) == 4
    assert_tidy(archive)


def test_settings_put_back_after_an_interrupted_rebuild_leave_nothing_of_it(
    open_archive: Open,
) -> None:
    articles = [made(n) for n in range(70)]
    archive = open_archive(encoder=BagEncoder("old"))
    archive.ingest(*articles)
    dying = open_archive(encoder=Dying(after=64))
    with pytest.raises(KeyboardInterrupt):
        dying.indexer.rebuild()
    assert dying.indexer.remove([articles[0].id]) == [articles[0].uri]
    assert dying.vectors.count() == 64
    archive.ingest(made(70))
    assert not finds(archive, articles[0])
    assert finds(archive, articles[69])
    assert_tidy(archive)
    dying.vectors.reopen()
    assert dying.vectors.count() == 0


def test_an_index_replaced_just_before_a_kill_is_dropped_by_the_next_run(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_archive(encoder=BagEncoder("old"))
    before.ingest(made(1))
    after = open_archive(encoder=BagEncoder("new"))

    def die(_: ChromaFolder) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ChromaFolder, "drop_others", die)
        with pytest.raises(KeyboardInterrupt):
            after.indexer.rebuild()
    assert finds(after, made(1))
    before.vectors.reopen()
    assert before.vectors.count() == 1
    after.ingest()
    assert_tidy(after)
    before.vectors.reopen()
    assert before.vectors.count() == 0


def test_a_lost_vector_folder_is_made_again(open_archive: Open) -> None:
    archive = open_archive()
    archive.ingest(made(1), made(2))
    archive.vectors.close()
    archive.vectors.folder.rename(archive.vectors.folder.with_name("moved away"))
    again = open_archive()
    assert again.uris(f"visitors in {nonce(1)}")[0] == made(1).uri  # by its words
    assert again.indexer.rebuild() == 2
    assert finds(again, made(1))
    assert_tidy(again)


def test_lost_vectors_of_an_article_under_an_embargo_are_made_anew(open_archive: Open) -> None:
    held = replace(ORKNEY, embargo=datetime.now(UTC) + timedelta(hours=1))
    archive = open_archive()
    archive.ingest(held)
    archive.vectors.close()
    shutil.rmtree(archive.vectors.folder)
    again = open_archive()
    again.ingest()
    assert again.vectors.count() == again.catalog.count_passages() == 1
    again.catalog.strays.add(again.vectors.collection, again.catalog.passage_ids())
    again.indexer.sweep()
    assert again.vectors.count() == 1


def test_an_article_that_waited_and_was_withdrawn_is_not_stored(archive: Archive) -> None:
    first = replace(ORKNEY, uri="urn:first")
    copy = replace(first, uri="urn:copy")
    archive.ingest(first)
    changed = replace(first, body="The bridge at Burray was opened on Sunday.")
    report = archive.ingest(copy, Withdrawal("urn:copy", "wrong", 1), changed)
    assert set(archive.catalog.uris().values()) == {"urn:first"}
    assert (report.added, report.withdrawn) == ([], ["urn:copy"])


def test_an_ingest_makes_lost_vectors_anew(open_archive: Open) -> None:
    archive = open_archive()
    archive.ingest(made(1), made(2, sentences=40))
    archive.vectors.close()
    shutil.rmtree(archive.vectors.folder)
    encoder = BagEncoder("usual")
    again = open_archive(encoder=encoder)
    assert again.ingest(made(1), made(3)).added == [made(3).uri]
    assert encoder.embedded == again.catalog.count_passages()
    assert all(finds(again, made(n)) for n in (1, 3))
    assert_tidy(again)
    again.vectors.remove(again.catalog.passage_ids()[:2])
    again.ingest(made(1))
    assert_tidy(again)


@pytest.mark.parametrize("step", ["put", "commit", "remove"])
def test_a_run_that_dies_between_two_stores_is_completed_by_the_next(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    archive = open_archive()
    kept, old = made(1), made(2, sentences=30)
    archive.ingest(kept, old)
    new = [made(2, edition=" in June", sentences=30), made(3)]

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    target, name = {
        "put": (ChromaFolder, "put"),
        "commit": (Strays, "forget"),
        "remove": (ChromaFolder, "remove"),
    }[step]
    with monkeypatch.context() as patch:
        patch.setattr(target, name, die)
        with pytest.raises(KeyboardInterrupt):
            archive.ingest(kept, *new)
    after = open_archive()
    assert after.catalog.strays.by_collection()
    assert_whole(after)
    assert finds(after, kept)
    visible = new if step == "remove" else [old]
    assert [*map(after.catalog.articles([old.id]).get, [old.id])] == visible[:1]
    assert len(after.ingest(kept, *new).unchanged) == (3 if step == "remove" else 1)
    assert all(finds(after, article) for article in (kept, new[1]))
    assert after.catalog.articles([old.id]) == {old.id: new[0]}
    assert_tidy(after)


def test_strays_are_swept_and_living_vectors_never(archive: Archive) -> None:
    archive.ingest(made(1), made(2))
    living = archive.catalog.passage_ids()
    name = archive.vectors.collection
    vector = archive.encoder.embed_query("A stray about visitors")
    archive.vectors.put(["stray-written"], np.asarray([vector], dtype=np.float32))
    with archive.catalog.transaction():
        archive.catalog.strays.add(name, [*living, "stray-written", "stray-never-written"])
    assert all(
        match.passage.id in living for match in archive.search("A stray about visitors", DENSE)
    )
    archive.indexer.sweep()
    assert archive.catalog.passage_ids() == living
    assert_tidy(archive)


@pytest.mark.both_engines(False)
def test_a_long_log_is_compacted_without_losing_anything(
    open_archive: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval.archive.storing, "_LONGEST_LOG", 100)
    compacted: list[int] = []
    compact = ChromaFolder.compact

    def noted(store: ChromaFolder) -> None:
        compacted.append(store.count())
        compact(store)

    monkeypatch.setattr(ChromaFolder, "compact", noted)
    archive = open_archive(encoder=BagEncoder())
    articles = [made(n) for n in range(90)]
    archive.ingest(*articles)
    assert compacted == []
    edited = [made(n, edition=" again") for n in range(90)]
    archive.ingest(*edited)
    assert compacted
    assert max(compacted) == 90
    reopened = open_archive(encoder=BagEncoder())
    assert finds(reopened, edited[40])
    assert_tidy(reopened)


def test_a_damaged_vector_folder_stops_an_ingest_and_costs_nothing(open_archive: Open) -> None:
    archive = open_archive()
    archive.ingest(made(1))
    archive.vectors.close()
    (archive.vectors.folder / "chroma.sqlite3").write_bytes(b"damaged" * 1000)
    damaged = open_archive()
    for use in (lambda: damaged.uris("visitors"), lambda: damaged.ingest(made(2))):
        with pytest.raises(ArchiveUnreadable, match="Nothing was deleted"):
            use()
    assert damaged.catalog.uris() == {made(1).id: made(1).uri}
    damaged.vectors.close()
    damaged.vectors.folder.rename(damaged.vectors.folder.with_name("moved away"))
    mended = open_archive()
    mended.indexer.rebuild()
    assert mended.ingest(made(2)).added == [made(2).uri]
    assert finds(mended, made(1))
    assert_tidy(mended)


def copied(article: Article, uri: object, **changes: Any) -> Article:
    return replace(article, uri=str(uri), **changes)


def test_a_text_under_two_names_is_kept_once_and_comes_back_when_that_one_goes(
    archive: Archive, tmp_path: Path
) -> None:
    first, second, third = (tmp_path / name for name in ("1.md", "2.md", "3.md"))
    for file in (first, second, third):
        file.touch()
    kept = copied(made(1), first)
    other = copied(made(1), second, source="Another", published=date(2020, 1, 2))
    report = archive.ingest(kept, other)
    assert (report.added, report.unchanged) == ([kept.uri], [other.uri])
    spaced = copied(made(1), third, body=made(1).body.replace(" ", "\n\n", 1))
    report = archive.ingest(spaced, made(2))
    assert [(d.uri, d.kept) for d in report.duplicates] == [(spaced.uri, kept.uri)]
    assert archive.uris(f"visitors in {nonce(1)}", limit=50).count(other.uri) == 0
    assert_tidy(archive)
    archive.indexer.remove([kept.id])
    assert archive.ingest(other, spaced).added == [other.uri]
    assert_tidy(archive)


def test_one_body_under_two_titles_is_two_texts(archive: Archive) -> None:
    titles = "Oslo on Monday", "Rome on Monday"
    weather = [Article(f"w.jsonl#{n}", title, "It was fine.") for n, title in enumerate(titles)]
    assert len(archive.ingest(*weather).added) == 2


def test_files_that_swap_their_texts_lose_neither(archive: Archive, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("1.md", "2.md", "3.md")]
    for file in files:
        file.touch()
    one, two = copied(made(1), files[0]), copied(made(2), files[1])
    archive.ingest(one, two)
    swapped = [copied(made(2), files[0]), copied(made(1), files[1])]
    assert sorted(archive.ingest(*swapped).updated) == [one.uri, two.uri]
    assert archive.catalog.articles([one.id, two.id]) == {a.id: a for a in swapped}
    passed_on = [copied(made(3), files[1]), copied(made(1), files[2])]
    report = archive.ingest(*reversed(passed_on))
    assert (report.added, report.updated) == ([str(files[2])], [str(files[1])])
    assert_tidy(archive)


def test_an_article_edited_into_a_copy_of_another_is_dropped(
    archive: Archive, tmp_path: Path
) -> None:
    file = tmp_path / "1.md"
    file.touch()
    archive.ingest(copied(made(1), file), made(2))
    report = archive.ingest(copied(made(1), made(2).uri))
    assert (report.removed, report.anything_read) == ([made(2).uri], True)
    assert list(archive.catalog.uris().values()) == [str(file)]
    assert_tidy(archive)
