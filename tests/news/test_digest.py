"""`newsdesk digest`, the stories in it, and what `ask` says there is more of."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from bot.settings import load_settings
from bot.wiring import Desk
from corpus.article import Article
from retrieval.answers import Question
from retrieval.archive.history import ids_since
from retrieval.archive.homes import catalog_in
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.news.digest import Digests
from retrieval.news.more import MoreOnThis
from retrieval.news.stories import Beginning, Stories
from tests.conftest import Newsdesk
from tests.in_process import shared_reader
from tests.measuring.stories import FOLDER, found, labelled
from tests.openai_server.server import fails, says, serving

SINCE = "2026-03-01"


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Newsdesk:
    """The command, with a home that holds the invented articles of the test split."""
    folder = tmp_path_factory.mktemp("news")
    made = Newsdesk(folder / "home", folder)
    done = made("ingest", FOLDER / "test.jsonl")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def own(stocked: Newsdesk, newsdesk: Newsdesk) -> Newsdesk:
    """The same with a home of the test's own."""
    shutil.copytree(stocked.home, newsdesk.home)
    return newsdesk


@pytest.fixture
def desk(stocked: Newsdesk, embedded: OnnxEncoder) -> Iterator[Desk]:
    settings = load_settings(stocked.home, "extractive", notice=lambda _: None)
    with closing(Desk(settings)) as desk:
        vars(desk).update(embedded=embedded, reader=shared_reader())
        yield desk
        del vars(desk)["embedded"], vars(desk)["reader"]


def test_stories_have_quotes_of_several_outlets_those_of_most_first(stocked: Newsdesk) -> None:
    digest = json.loads(stocked("digest", "--since", SINCE, "--json").stdout)
    stories = digest["stories"]
    assert digest["articles"] == 37
    assert digest["newest"] == "2026-03-15"
    outlets = [story["outlets"] for story in stories]
    assert outlets == sorted(outlets, reverse=True)
    assert outlets[0] == 3
    [dam] = [s for s in stories if "Aldra" in s["headline"]]
    assert {c["source"] for c in dam["citations"]} == {
        "The Plainsman", "Capital Standard", "Press Union",
    }  # fmt: skip
    bodies = {
        a["id"]: json.loads(stocked("sources", "show", a["id"], "--json").stdout)["body"]
        for s in dam["sources"]
        for a in [s["article"]]
    }
    for citation in dam["citations"]:
        assert (
            bodies[citation["article_id"]][citation["start"] : citation["end"]]
            == (citation["quote"])
        )
        assert f"{citation['quote']} [{citation['number']}]" in dam["text"]


def test_a_topic_keeps_to_its_stories_and_says_where_there_are_none(stocked: Newsdesk) -> None:
    shown = stocked("digest", "--since", SINCE, "--topic", "the Sable Isles").stdout
    assert "Fishermen welcome calm around Sable Isles  3 outlets\n" in shown
    assert "Harrow" not in shown
    begin = shown.splitlines()[0]
    told = json.loads(
        stocked("digest", "--since", SINCE, "--topic", "the Sable Isles", "--json").stdout
    )
    count = sum(1 + len(s["copies"]) for story in told["stories"] for s in story["sources"])
    assert begin.endswith(f"on “the Sable Isles”: {count} articles")
    assert told["articles"] == count < 37
    none = stocked("digest", "--since", SINCE, "--topic", "volcanoes in Iceland")
    assert (none.returncode, none.stdout) == (0, "")
    assert "None of the 37 articles since 1 March 2026 bears on “volcanoes in Iceland”" in (
        none.stderr
    )


def test_where_nothing_is_new_the_newest_article_is_named(own: Newsdesk) -> None:
    none = own("digest", "--since", "2026-03-20")
    assert (none.returncode, none.stdout) == (0, "")
    assert none.stderr.endswith("no article since 20 March 2026; the newest is of 15 March 2026.\n")
    wrong = own("digest", "--json", "--markdown")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    # Without a date, it is of the day when it came.
    (own.folder / "kite.txt").write_text("Kite festival\n\nA kite festival was held at Benn.\n")
    assert own("ingest", own.folder / "kite.txt").returncode == 0
    assert "A kite festival was held at Benn. [1]" in own("digest").stdout


def test_markdown_links_and_makes_no_markup_of_articles(own: Newsdesk) -> None:
    record = {
        "title": "1. <b>Toll</b> of [the](javascript:alert) *dam* & `more`",
        "text": "# The dam of Loam *burst* <script>x</script> on Monday, said [a] minister.",
        "source": "_Echo_ | [x](http://evil.example)",
        "published": "2026-03-19",
        "url": "https://echo.example/dam_(loam)?a=1&b=>2",
    }
    (own.folder / "dam.jsonl").write_text(json.dumps(record))
    assert own("ingest", own.folder / "dam.jsonl").returncode == 0
    page = own("digest", "--since", "2026-03-18", "--markdown").stdout
    html = MarkdownIt().render(page)
    assert html.count("<a ") == 1
    assert html.count("<li>") == 1
    assert html.count("<h2>") == 1
    for markup in ("<em>", "<code>", "<script>", "<b>", "<ol>"):
        assert markup not in html
    assert "[the](javascript:alert)" in html
    assert 'href="https://echo.example/dam_(loam)?a=1&amp;b=%3E2"' in html


def test_outlets_with_one_text_are_shown_as_one_source(newsdesk: Newsdesk) -> None:
    text = (
        "A road bridge over the river Lorn at Castle Weir collapsed in a flood on Friday night. "
        "Two cars fell into the water and three people are missing, the fire brigade said. "
        "The bridge was built in 1932 and was to be replaced next year."
    )
    other = (
        "Rescuers found Mira Tarrant alive below Castle Weir on Saturday morning, fourteen hours "
        "after the bridge over the Lorn collapsed. Two people are still missing."
    )
    rows = [
        ("Bridge over the Lorn collapses", "Press Union", "2026-03-13", text),
        ("Three missing as bridge falls", "The Plainsman", "2026-03-14", text),
        ("Woman found alive below bridge", "The Echo", "2026-03-14", other),
    ]
    names = ("title", "source", "published", "text")
    records = [dict(zip(names, row, strict=True)) for row in rows]
    file = newsdesk.folder / "bridge.jsonl"
    file.write_text("\n".join(map(json.dumps, records)))
    assert newsdesk("ingest", file).returncode == 0
    [story] = json.loads(newsdesk("digest", "--since", SINCE, "--json").stdout)["stories"]
    assert story["outlets"] == 2
    assert {c["source"] for c in story["citations"]} == {"Press Union", "The Echo"}
    shown = newsdesk("digest", "--since", SINCE).stdout
    assert "Woman found alive below bridge  2 outlets\n" in shown
    assert "    also in The Plainsman\n" in shown


def test_every_outlet_of_a_text_is_named_and_no_byline_is_quoted(newsdesk: Newsdesk) -> None:
    text = (
        "By our own reporter.\n\n"
        "A road bridge over the river Lorn at Castle Weir collapsed in a flood on Friday night. "
        "Two cars fell into the water and three people are missing, the fire brigade said. "
        "The bridge was built in 1932 and was to be replaced next year."
    )
    rows = [
        ("Bridge over the Lorn collapses", "Press Union", "2026-03-13", text),
        ("Bridge over the Lorn collapses", "The Echo", "2026-03-13", text),  # stored once
        ("Three missing as bridge falls", "The Plainsman", "2026-03-14", text + " It was closed."),
        ("Weir bridge gone", "", "2026-03-14", text + " Divers are looking for them."),
    ]
    names = ("title", "source", "published", "text")
    file = newsdesk.folder / "bridge.jsonl"
    file.write_text("\n".join(json.dumps(dict(zip(names, row, strict=True))) for row in rows))
    assert newsdesk("ingest", file).returncode == 0
    asked = ("digest", "--since", "2026-03-12")
    [story] = json.loads(newsdesk(*asked, "--json").stdout)["stories"]
    assert story["text"].startswith("A road bridge over the river Lorn")
    [source] = story["sources"]
    named = {"Press Union", "The Echo", "The Plainsman", "Weir bridge gone"}
    assert set(source["outlets"]) == named
    for flags in ((), ("--markdown",)):
        shown = newsdesk(*asked, *flags).stdout
        assert all(name in shown for name in named), shown
        assert "our own reporter" not in shown


def test_copies_are_one_source(desk: Desk) -> None:
    catalog = desk.catalog
    dam = {a.title: a for a in catalog.every_article() if "dam" in a.title.lower()}
    one, other = (
        dam["Villages cleared below cracked Aldra dam"].id,
        next(a.id for a in catalog.every_article() if a.title.startswith("Crack forces")),
    )
    digests = Digests(desk.searcher, desk.topic_matcher, copies=lambda _: {one: "x", other: "x"})
    now = datetime(2026, 3, 7, tzinfo=UTC)
    digest = asyncio.run(digests.digest(now - timedelta(days=6), now))
    [item] = [i for i in digest.items if one in {a.id for a in i.articles}]
    assert item.outlets == 2
    assert sorted(len(text) for text in item.texts) == [1, 2]
    assert len({c.article_id for c in item.citations} & {one, other}) == 1


def test_a_copy_of_what_is_cited_is_no_more_on_it(desk: Desk) -> None:
    answer = asyncio.run(desk.assistant.ask(Question("Who has won the Corbel Prize?")))
    [more] = desk.more.on(answer)
    cited = {citation.article_id for citation in answer.citations}
    copies = MoreOnThis(desk.searcher, lambda ids: {i: "x" for i in ids if i in {more.id, *cited}})
    assert copies.on(answer) == []


def test_what_is_under_an_embargo_is_in_no_digest(tmp_path: Path) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    held = Article("a", "Held", "Held back until noon.", published=date(2026, 3, 3), embargo=until)
    free = Article("b", "Free", "Free to be read.", published=date(2026, 3, 3))
    with closing(catalog_in(tmp_path / "catalog.db")) as catalog, catalog.transaction():
        for article in (held, free):
            catalog.replace_article(article, [])
        day = date(2026, 3, 3)
        assert ids_since(catalog, 0, day, day) == [free.id]


def test_a_model_writes_what_the_articles_bear_out(own: Newsdesk) -> None:
    with serving() as service:
        service.script = [
            says(
                "Talland and Corvia will begin talks on the disputed Sable Isles in April. [2] "
                "The queen of Corvia has married a pirate from Benn. [1]"
            )
        ]
        online = own.told(OPENAI_API_KEY="sk-x", OPENAI_BASE_URL=service.url)
        asked = ("digest", "--since", SINCE, "--topic", "the Sable Isles", "--json")
        [item] = json.loads(online(*asked).stdout)["stories"]
        assert item["written"]
        assert item["text"].startswith("Talland and Corvia will begin talks")
        assert "pirate" not in item["text"]
        assert item["headline"] == "Fishermen welcome calm around Sable Isles"
        service.script = [fails(401)]
        quoted = json.loads(online(*asked, "--topic", "the Aldra dam").stdout)
        assert quoted["notice"]
        assert not any(story["written"] for story in quoted["stories"])
        assert quoted["stories"][0]["citations"]


def test_an_answer_names_how_other_outlets_tell_of_it(stocked: Newsdesk) -> None:
    question = "Who won the Corbel Prize?"
    shown = stocked("ask", question).stdout
    answer = json.loads(stocked("ask", "--json", question).stdout)
    cited = {citation["source"] for citation in answer["citations"]}
    [more] = answer["more"]
    assert more["source"] not in cited
    assert shown.endswith(f"More on this:\n  {more['title']} — {more['source']}, 13 March 2026\n")
    assert "More on this" not in stocked("ask", "Who won the World Cup in 2018?").stdout


@pytest.mark.figures
def test_stories_are_found_as_well_as_they_were(embedded: OnnxEncoder) -> None:
    pairs = found(Stories(), labelled("test", embedded))
    assert pairs.precision >= 0.95
    assert pairs.recall >= 0.78


def test_the_same_kind_of_news_is_not_the_same_story(embedded: OnnxEncoder) -> None:
    stories = Stories()
    begun = {one.article.title: one for one, _ in labelled("dev", embedded)}
    norda: Beginning = begun["Norda central bank raises rate to 4.5 percent"]
    assert stories.odds(norda, begun["Lindh surprises markets with half-point rise"]) > 0
    assert stories.odds(norda, begun["Veskan central bank cuts rate to 3 percent"]) < 0
    assert stories.group([]) == []
