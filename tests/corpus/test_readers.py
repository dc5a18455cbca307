from datetime import date

import pytest

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.readers import read_markdown, read_plain

LONG = "The river rose two metres in a night, and the old bridge was closed to traffic at dawn."


def plain(text: str) -> Article:
    return read_plain("/news/a.txt", "storm-hits_coast", text.encode())


def markdown(text: str) -> Article:
    return read_markdown("/news/a.md", "storm-hits_coast", text.encode())


@pytest.mark.parametrize(
    "title", ["Storm hits coast", "Will it hold?", "It held!", "And then…", "‘We won’", "“We won.”"]
)
def test_a_first_line_that_reads_like_a_title_is_the_title(title: str) -> None:
    article = plain(f"{title}\n\n{LONG}\n")
    assert (article.title, article.body) == (title, LONG)


def test_a_title_may_stand_directly_above_a_longer_line_or_a_byline() -> None:
    assert plain(f"Storm hits coast\n{LONG}").title == "Storm hits coast"
    article = plain(f"Storm hits coast\nBy Ann Bell\n\n{LONG}")
    assert (article.title, article.body) == ("Storm hits coast", f"By Ann Bell\n\n{LONG}")


def test_a_line_above_a_shorter_one_is_no_title() -> None:
    assert plain(f"Storm hits coast\nBad\n{LONG}").title == "storm hits coast"


@pytest.mark.parametrize("first", ["It rained.", "Dear all,", "Storms:", "x" * 151, "1234"])
def test_any_other_first_line_stays_in_the_body(first: str) -> None:
    article = plain(f"{first}\n\n{LONG}")
    assert (article.title, article.body) == ("storm hits coast", f"{first}\n\n{LONG}")


def test_the_start_of_a_wrapped_paragraph_is_no_title() -> None:
    article = plain(
        "The council met on Tuesday to discuss the flood defences\n"
        "that have failed twice this winter, and agreed to spend more\n"
        "on the wall.\n"
    )
    assert article.title == "storm hits coast"
    assert article.body.endswith(
        "flood defences that have failed twice this winter, and agreed to spend more on the wall."
    )


def test_a_title_above_a_wrapped_paragraph_is_a_title() -> None:
    article = plain(
        "Council to spend more on its flood defences after storms\n"
        "The council met on Tuesday to discuss the flood defences that have failed\n"
        "twice this winter, and agreed to spend more.\n"
    )
    assert article.title == "Council to spend more on its flood defences after storms"


def test_a_text_of_one_line_is_all_body() -> None:
    article = plain("Storm hits coast")
    assert (article.title, article.body) == ("storm hits coast", "Storm hits coast")


def test_the_closing_source_line_becomes_the_source() -> None:
    article = plain(f"Storm\n\n{LONG}\n\nSource: The Daily  Bell\n\n")
    assert (article.source, article.body) == ("The Daily Bell", LONG)


@pytest.mark.parametrize("line", [f"Source: {'x' * 81}", "Source:"])
def test_other_closing_lines_stay(line: str) -> None:
    article = plain(f"Storm\n\n{LONG}\n\n{line}")
    assert (article.source, article.body) == ("", f"{LONG}\n\n{line}")


@pytest.mark.parametrize(
    "line",
    [
        "Published: 2020-10-27",
        "Date: 27 October 2020",
        "Published on Oct. 27, 2020",
        "2020-10-27",
        "27 October 2020",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_date_line_below_the_title_becomes_the_date(line: str, gap: str) -> None:
    article = plain(f"Storm hits coast{gap}{line}{gap}{LONG}")
    assert article.published == date(2020, 10, 27)
    assert (article.title, article.body) == ("Storm hits coast", LONG)


def test_a_date_further_down_or_unreadable_stays_in_the_body() -> None:
    body = f"Date: some day\n\n{LONG}\n\n{LONG}\n\n2020-10-27"
    article = plain(f"Storm\n\n{body}")
    assert (article.published, article.body) == (None, body)


@pytest.mark.parametrize("text", ["Source: Reuters", "* * *\n\n---", "\u200d"])
def test_a_text_without_words_is_no_article(text: str) -> None:
    with pytest.raises(NotAnArticle, match="no article text"):
        plain(text)


STORM = Article(
    uri="/news/a.md",
    title="Storm: the night",
    body="It rained.",
    source="The Bell",
    published=date(2020, 10, 27),
    url="https://example.org/storm",
)


def test_front_matter_gives_the_fields() -> None:
    article = markdown(
        "---\ntitle: 'Storm: the night'\nsource: The Bell\ndate: 2020-10-27\n"
        "url: https://example.org/storm\ntags: [a, b]\n---\n\nIt rained.\n"
    )
    assert article == STORM


@pytest.mark.parametrize("day", ["2020-10-27", "2020-10-27T10:00:00Z", '"27 octobre 2020"'])
def test_toml_front_matter_gives_the_fields_too(day: str) -> None:
    article = markdown(
        f"+++\r\ntitle = 'Storm: the night'\r\nsource = \"The Bell\"\r\ndate = {day}\r\n"
        "url = 'https://example.org/storm'\r\n[params]\r\nlayout = 'wide'\r\n+++\r\n\r\nIt rained."
    )
    assert article == STORM


def test_a_number_is_a_title_in_toml_too() -> None:
    assert markdown("+++\ntitle = 1984\n+++\nIt rained.").title == "1984"


@pytest.mark.parametrize("day", ["2020/10/27", "27.10.2020", "10/27/2020", "27 oct. 2020"])
def test_an_unambiguous_date_is_read_however_it_is_written(day: str) -> None:
    assert markdown(f"---\npublished: {day}\n---\nIt rained.").published == date(2020, 10, 27)
    assert plain(f"Storm\nPublished: {day}\n\nIt rained.").published == date(2020, 10, 27)


def test_an_ambiguous_date_stays_unknown_and_is_noted() -> None:
    for article in (
        markdown("---\ntitle: Storm\ndate: 03/04/2020\n---\nIt rained."),
        plain("Storm\nPublished: 03/04/2020\n\nIt rained."),
    ):
        assert (article.published, article.ambiguous_date) == (None, True)
        assert (article.title, article.body) == ("Storm", "It rained.")


def test_front_matter_values_stay_as_they_are_written() -> None:
    article = markdown(
        "---\r\ntitle: 1984\r\nsource: No\r\ndate: 2020-02-31\r\nurl: ftp://x\r\n---\r\nIt rained."
    )
    assert (article.title, article.source, article.published, article.url) == (
        "1984",
        "No",
        None,
        "",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("---\ntitle: Storm\nsource: a: b\n---\nText.", r"mapping values .* \(line 3\)"),
        ("---\ntitle: Storm\n\nText.", "never closed"),
        ("+++\ntitle = 'Storm'\n\nText.", r"never closed with \+"),
        ("+++\ntitle = 'Storm'\nsource = a b\n+++\nText.", r"front matter: .*line 3"),
        ("+++\ntitle = ['Storm']\n+++\nText.", "title must be one value"),
        ("+++\na = " + "[" * 5000 + "\n+++\nText.", "front matter"),
        ("---\n- a list\n---\nText.", "name: value"),
        ("---\ntitle: [Storm]\n---\nText.", "title must be one value"),
        ('---\ntitle: "\\UFFFFFFFF"\n---\nText.', "front matter"),
        ("---\na: " + "[\n" * 5000 + "\n---\nText.", "nested too deeply"),
    ],
)
def test_unreadable_front_matter_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(NotAnArticle, match=reason) as caught:
        markdown(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_a_field_without_a_value_is_unknown(nothing: str) -> None:
    article = markdown(f"---\ntitle: {nothing}\nsource: {nothing}\n---\n# Storm\n\nIt rained.")
    assert (article.title, article.source) == ("Storm", "")


def test_markdown_becomes_plain_paragraphs() -> None:
    article = markdown(
        "# Storm *hits* coast\n\n"
        "It **rained** [all\nnight](https://example.org) ![a boat](b.png)in `Hull`.\n\n"
        "## Damage\n\n- one bridge\n- two ~~boats~~ ships\n\n> “We fled,” he said.\n\n"
        "| Town | Rain |\n|---|---|\n| Hull | 9 cm |\n\n<div>raw</div>\n\n"
        "first<br>second <b>third</b>\n\n```\ncode\n```\n"
    )
    assert article.title == "Storm hits coast"
    assert article.body.split("\n\n") == [
        "It rained all night in Hull.",
        "Damage",
        "one bridge",
        "two boats ships",
        "“We fled,” he said.",
        "Town",
        "Rain",
        "Hull",
        "9 cm",
        "first second third",
        "code",
    ]


def test_markdown_lines_may_end_in_any_way() -> None:
    assert markdown("It rained\r\nall night.\r\rMuch.").body == "It rained all night.\n\nMuch."


def test_a_heading_further_down_gives_the_title_and_stays() -> None:
    article = markdown("It rained.\n\n# Damage\n\nMuch.")
    assert (article.title, article.body) == ("Damage", "It rained.\n\nDamage\n\nMuch.")


def test_a_heading_that_repeats_the_front_matter_title_leaves() -> None:
    assert markdown("---\ntitle: Storm\n---\n# Storm\n\nIt rained.").body == "It rained."


def test_markdown_without_headings_is_titled_like_plain_text() -> None:
    assert markdown("Storm hits coast\n\nIt rained.").title == "Storm hits coast"
    assert markdown("It rained.\n\nMuch.").title == "storm hits coast"
