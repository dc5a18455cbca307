"""`newsdesk check`: a draft against the sample archive, for people and for programs."""

from __future__ import annotations

import json
import re
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from retrieval.archive.homes import catalog_in
from tests.bot.test_cli_ask import failure, jsonl
from tests.conftest import SAMPLE_ARCHIVE, Newsdesk

TRUE = "Armenian forces captured Aghdam in July 1993."
REWORDED = "The town was home to tens of thousands of Azerbaijanis, and every one of them fled."
FIGURE = "Russia will deploy 2,500 soldiers along the line of contact and the Lachin corridor."
NAME = "Defence ministers Sergei Lavrov and Hulusi Akar signed a memorandum on 11 November."
DAY = "Perseverance landed on Mars on 19 February 2021."
NEGATED = "Defence Minister Davit Tonoyan did not resign."
ELSEWHERE = "The mayor of Lisbon opened a restaurant that serves octopus."
QUESTION = "What will happen in Yerevan?"
DRAFT = f"""# A month on

{TRUE} {REWORDED}

## What differs

{FIGURE} {NAME} {DAY}
{NEGATED}

{ELSEWHERE} {QUESTION}
"""
FOUND = {
    TRUE: "supported",
    REWORDED: "supported",
    "What differs": "no_claim",
    FIGURE: "contradicted",
    NAME: "contradicted",
    DAY: "contradicted",
    NEGATED: "contradicted",
    ELSEWHERE: "not_found",
    QUESTION: "no_claim",
}
INSTEAD = {FIGURE: "1,960", NAME: "Sergei Shoigu", DAY: "18 February"}
CONTRACT = ["id", "verdict", "score", "quotes", "reason"]
QUOTE = ["article_id", "uri", "title", "published", "quote", "start", "end"]


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.md"
    path.write_text(DRAFT, encoding="utf-8")
    return path


def test_each_sentence_is_found_to_be_what_it_is(sample: Newsdesk, draft: Path) -> None:
    done = sample("check", "--json", draft)
    assert (done.returncode, done.stderr) == (0, "")
    checked = json.loads(done.stdout)
    by_text = {sentence["text"]: sentence for sentence in checked["sentences"]}
    assert {text: s["verdict"] for text, s in by_text.items()} == FOUND
    assert checked["counts"] == {
        "supported": 2, "contradicted": 4, "not_found": 1, "no_claim": 2,
    }  # fmt: skip
    for text, sentence in by_text.items():
        assert checked["text"][sentence["start"] : sentence["end"]] == text
        assert 0 <= sentence["score"] <= 1
        assert bool(sentence["quotes"]) == (sentence["verdict"] in ("supported", "contradicted"))
    quotes = [quote for sentence in checked["sentences"] for quote in sentence["quotes"]]
    with closing(catalog_in(sample.home / "catalog.db")) as catalog:
        articles = catalog.articles(quote["article_id"] for quote in quotes)
    for quote in quotes:
        body = articles[quote["article_id"]].body
        assert body[quote["start"] : quote["end"]] == quote["quote"]
        assert quote["source"] == "Newsdesk sample archive"
    for text, instead in INSTEAD.items():
        [difference] = by_text[text]["differences"]
        assert difference["text"] in text
        assert difference["quote"] == [instead]
        assert instead in by_text[text]["quotes"][0]["quote"]
    assert by_text[NEGATED]["reason"] == "the quote says the opposite"


def test_the_page_for_people_says_without_colour_what_stands_where(
    sample: Newsdesk, draft: Path
) -> None:
    done = sample("check", draft)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    blocks = done.stdout.split("\n\n")
    assert [block[0] for block in blocks[:-1]] == list("✓✓·≠≠≠≠?·")
    assert blocks[3].splitlines()[:2] == [
        f"≠ {FIGURE}",
        "    differs: “2,500”: the quote has “1,960”",
    ]
    assert "“Armenian forces captured Aghdam in July 1993.”" in blocks[0]
    assert "Newsdesk sample archive, 20 November 2020" in blocks[0]
    assert blocks[-1].strip() == (
        "9 sentences: ✓ 2 borne out, ≠ 4 differ, ? 1 not found, · 2 claim nothing"
    )


def test_figures_that_a_quote_has_the_other_way_round_differ(sample: Newsdesk) -> None:
    wrong = (
        "Some 40,000 people have fled from Nagorno-Karabakh and about 90,000 have been displaced "
        "in Azerbaijan."
    )
    shown = sample("check", input=wrong).stdout.splitlines()
    assert shown[0] == f"≠ {wrong}"
    assert shown[1].strip() == (
        "differs: “40,000”: the quote has “90,000”; “90,000”: the quote has “40,000”"
    )


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Lebanon held an hour of silence on Friday, 4 September 2020, one month after the "
         "explosion at the port of Beirut.", "in other words: “hour”"),
        ("The two sides also agreed to hand over lists of prisoners within a month.",
         "“month”: the quote has “week”"),
        ("Johnson said that a scheme named after “Alan the Turing” would take its place.",
         "not found; the nearest quote has no “Alan the Turing”"),
    ],
)  # fmt: skip
def test_words_that_are_not_those_of_the_quote_are_pointed_out(
    sample: Newsdesk, sentence: str, reason: str
) -> None:
    [checked] = json.loads(sample("check", "--json", input=sentence).stdout)["sentences"]
    assert checked["reason"] == reason
    assert reason in sample("check", input=sentence).stdout


@pytest.mark.parametrize(
    ("sentence", "mark"),
    [
        ("Britain has left the Erasmus student exchange programme.", "?"),
        ("Fighting broke out near the villages of Hin Tagher and Khtsaberd, in the south of "
         "Nagorno-Karabakh.", "✓"),  # "and each side blamed the other" is another clause
        ("Under a 2010 agreement, the Russian military base in Gyumri can remain there until 2044.",
         "✓"),
    ],
)  # fmt: skip
def test_what_a_quote_says_less_strongly_does_not_bear_a_sentence_out(
    sample: Newsdesk, sentence: str, mark: str
) -> None:
    shown = sample("check", input=sentence).stdout
    assert shown.startswith(f"{mark} {sentence}")


def test_the_name_that_a_quote_replaces_by_what_it_is_may_come_from_the_passage(
    sample: Newsdesk,
) -> None:
    shown = sample(
        "check", input="The Ever Given is owned by the Japanese company Shoei Kisen."
    ).stdout
    assert shown.startswith("✓ ")
    assert "“The vessel is owned by" in shown


def test_what_the_nearest_quote_lacks_is_named(sample: Newsdesk) -> None:
    wrong = "Murat Uysal was appointed governor on 7 November."
    shown = sample("check", input=wrong).stdout.splitlines()
    assert shown[:2] == [
        f"? {wrong}",
        "    not found; the nearest quote has no “Murat Uysal”:",
    ]
    assert "Naci Agbal, a former finance minister, was appointed governor" in shown[2]
    [sentence] = json.loads(sample("check", "--json", input=wrong).stdout)["sentences"]
    assert sentence["lacking"] == ["Murat Uysal"]
    assert "Naci Agbal" in sentence["nearest"]["quote"]
    page = sample("check", "--html", input=wrong).stdout
    assert "not found; the nearest quote has no “Murat Uysal”:" in page
    assert "<b>Murat Uysal</b>" in page


@pytest.mark.parametrize(
    ("article", "sentence"),
    [
        ("2021-03-25-ever-given-suez-blocked", "They include tankers with oil and"),
        ("2020-10-10-moscow-truce", "By Friday the authorities in Nagorno-Karabakh had"),
    ],
)
def test_what_stands_word_for_word_in_the_archive_is_borne_out(
    sample: Newsdesk, article: str, sentence: str
) -> None:
    done = sample("check", "--json", SAMPLE_ARCHIVE / f"{article}.md")
    found = [s for s in json.loads(done.stdout)["sentences"] if s["verdict"] != "no_claim"]
    assert any(s["text"].startswith(sentence) for s in found)
    assert len(found) > 10
    assert [s["text"] for s in found if s["verdict"] != "supported"] == []
    assert all(any(s["text"] in quote["quote"] for quote in s["quotes"]) for s in found)


def test_word_for_word_with_another_currency_is_not_borne_out(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    article = {"title": "Ferry sold", "body": "The ferry was sold to a Dane for $40 million."}
    assert newsdesk("ingest", jsonl(tmp_path / "a.jsonl", article)).returncode == 0
    for amount, mark in (("$40", "✓"), ("€40", "≠")):
        text = f"The ferry was sold to a Dane for {amount} million."
        assert newsdesk("check", input=text).stdout.startswith(f"{mark} {text}")


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        # Another article of those found has the figure.
        ("Azerbaijan lost 2,783 servicemen.", "not found"),
        ("Between 1,900 and 2,000 soldiers will be deployed by Russia.", "not found"),
        ("Russia denied that it had sent Syrian fighters to Nagorno-Karabakh.", "not found"),
        ("According to the Bugle, Russia will deploy 1,960 soldiers.", "not found"),
        ("The Ever Given was freed on Tuesday 30 March.",
         "differs: “Tuesday 30 March”: the quote has “Monday, 29 March”"),
        ("The Ever Given was freed on 29 March 2020.",
         "differs: “29 March 2020”: the quote has “29 March” (Monday, 29 March 2021)"),
        # What weighs 200,000 tonnes is another.
        ("Perseverance weighs 1,025 tonnes.", "not found"),
        ("The Ever Given weighs 1,025 tonnes.", "differs: “1,025”: the quote has “200,000”"),
    ],
)  # fmt: skip
def test_what_differs_is_of_the_same_kind_and_told_in_full(
    sample: Newsdesk, sentence: str, reason: str
) -> None:
    assert sample("check", input=sentence).stdout.splitlines()[1].strip().startswith(reason)


def test_a_draft_from_stdin(sample: Newsdesk) -> None:
    named, unnamed = (sample("check", *dash, input=f"{TRUE}\n") for dash in (["-"], []))
    assert named.stdout == unnamed.stdout
    assert named.stdout.startswith(f"✓ {TRUE}\n")


@pytest.mark.parametrize("rest", ["", " and that Aghdam would be rebuilt"])  # as it stands there
def test_who_said_it_is_named_by_the_sentence_before(sample: Newsdesk, rest: str) -> None:
    said = f"He said that Azerbaijan had regained the district without firing a shot{rest}."
    for speaker, mark in (("President Ilham Aliyev", "✓"), ("Prime Minister Boris Johnson", "?")):
        done = sample("check", input=f"{speaker} congratulated the nation on television. {said}")
        second = done.stdout.split("\n\n")[1]
        assert second.startswith(f"{mark} {said}"), speaker
    assert "Ilham Aliyev congratulated the nation" in second  # the quote leans on it too


def test_a_sentence_is_also_looked_for_with_the_one_before_it(sample: Newsdesk) -> None:
    step = "Foreign Minister Champagne announced the step on Monday, 5 October."
    alone = sample("check", input=step).stdout
    assert alone.startswith(f"? {step}")
    first = "Canada has suspended exports of drone technology to Turkey."
    beside = sample("check", input=f"{first} {step}").stdout
    assert f"✓ {step}" in beside


def test_items_tasks_notes_and_rows_are_checked(sample: Newsdesk, tmp_path: Path) -> None:
    path = tmp_path / "terms.md"
    path.write_text(
        "# Terms\n\n- [x] Aghdam was handed over on 20 November.[^1]\n- Kalbajar on 25 November\n\n"
        "1. The peacekeepers stay for five years\n\n"
        "What will happen to the towns in those years?\n\n"
        f"| Town | Date |\n|---|---|\n| Aghdam | 20 November |\n\n[^1]: {TRUE}\n",
        encoding="utf-8",
    )
    shown = sample("check", path).stdout.split("\n\n")
    assert [block.splitlines()[0] for block in shown if block[0] in "✓≠?·"] == [
        "✓ Aghdam was handed over on 20 November.",
        "✓ Kalbajar on 25 November",
        "✓ The peacekeepers stay for five years",
        "· What will happen to the towns in those years?",
        "· Town: Date",
        "✓ Aghdam: 20 November",
        f"✓ {TRUE}",
    ]


def test_a_weekday_cut_short_is_that_day(sample: Newsdesk) -> None:
    entered = "Azerbaijani troops entered the Aghdam district on {} 20 November."
    shown = sample("check", input=f"{entered.format('Fri.')}\n\n{entered.format('Thurs.')}").stdout
    assert f"✓ {entered.format('Fri.')}" in shown
    assert f"≠ {entered.format('Thurs.')}\n    differs: “Thursday”: the quote has “Friday”" in shown


def test_a_quote_of_several_paragraphs_keeps_within_the_indent(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    body = "The ferry Ursa sank off Orkney.\n\nIt had 12 men on board."
    article = {"title": "Ferry sinks", "body": body}
    assert newsdesk("ingest", jsonl(tmp_path / "a.jsonl", article)).returncode == 0
    [block, _] = newsdesk("check", input="It had 12 men on board.").stdout.split("\n\n")
    assert block.splitlines()[1] == "    “The ferry Ursa sank off Orkney. It had 12 men on board.”"


class Page(HTMLParser):
    """The elements of a page: each with its attributes and the text in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_with_the_sentences_marked_and_the_quotes_beside(
    sample: Newsdesk, draft: Path
) -> None:
    done = sample("check", "--html", draft)
    assert (done.returncode, done.stderr) == (0, "")
    page = Page(done.stdout)
    marked = [a["class"] for tag, a in page.elements if tag == "span" and "id" in a]
    assert marked == [v for v in FOUND.values() if v != "no_claim"]
    notes = [a["class"] for tag, a in page.elements if tag == "div" and "id" in a]
    assert notes == [f"note {verdict}" for verdict in marked]
    assert "<h1>A month on</h1>" in done.stdout
    assert REWORDED in page.text
    assert re.search(r"July 1993\.\s*✓1 The town was", page.text), "the space between sentences"
    assert "Russia will deploy <b>2,500</b> soldiers" in done.stdout
    assert "Russia will deploy <b>1,960</b> soldiers" in done.stdout


HOSTILE = (
    "Armenian forces <script>alert(1)</script> captured <img src=x onerror=alert(1)> Aghdam"
    "\x1b]8;;https://evil.example\x07 in July 1993 [bold]now[/bold]. \x1b[31mThe end\u202e came."
)


def test_a_draft_is_text_and_no_markup(sample: Newsdesk, tmp_path: Path) -> None:
    shown = sample("check", input=HOSTILE)
    assert shown.returncode == 0
    assert not set("\x1b\x07\u202e") & set(shown.stdout)
    assert "[bold]now[/bold]" in shown.stdout
    path = tmp_path / "hostile.md"
    path.write_text(HOSTILE, encoding="utf-8")
    page = Page(sample("check", "--html", path).stdout)
    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert not any(name.startswith("on") for _, a in page.elements for name in a)


def test_an_article_is_text_and_no_markup(newsdesk: Newsdesk, tmp_path: Path) -> None:
    article = {
        "title": "<script>alert(1)</script> & [red]so[/red]",
        "body": "The ferry <b onclick=x>sailed</b> at noon & nobody was hurt.",
        "source": "<i>The Orcadian</i>",
        "url": "javascript:alert(1)",
    }
    assert newsdesk("ingest", jsonl(tmp_path / "a.jsonl", article)).returncode == 0
    done = newsdesk("check", "--html", input="The ferry sailed at noon and nobody was hurt.")
    assert done.returncode == 0, done.stderr
    page = Page(done.stdout)
    assert not {"script", "i"} & {tag for tag, _ in page.elements}
    assert not any((a.get("href") or "#")[0] != "#" for _, a in page.elements)
    assert "<script>alert(1)</script> & [red]so[/red]" in page.text


def test_without_a_model_it_says_that_it_knows_english(sample: Newsdesk) -> None:
    german = (
        "Die Polizei sperrte am Montag die Brücke über die Elbe, weil ein Lastwagen umkippte. "
        "Der Bürgermeister sagte, dass die Reparatur mehrere Wochen dauern und viel kosten werde."
    )
    assert "the check knows English" in sample("check", input=german).stderr
    assert "the check knows English" not in sample("check", input=FIGURE).stderr


def test_each_of_equal_lines_is_told_where_it_stands(sample: Newsdesk) -> None:
    line = "The Ever Given was freed on 29 March 2021."
    checked = json.loads(sample("check", "--json", input=f"{line}\n\n" * 3).stdout)
    places = [(s["start"], s["end"]) for s in checked["sentences"]]
    assert [checked["text"][start:end] for start, end in places] == [line] * 3
    assert len(set(places)) == 3


def test_a_batch_keeps_its_contract(sample: Newsdesk, tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "claims.jsonl",
        {"id": "true", "text": TRUE},
        {"id": "early", "text": TRUE, "as_of": "2020-10-01"},
        {"id": 3, "text": FIGURE},
        {"id": "not", "text": ELEMENTARY},
        {"id": "idle", "text": QUESTION},
        {"id": "several", "text": f"{TRUE} {FIGURE} {ELEMENTARY}"},
        "{not json",
        {"id": "blank", "text": " \n"},
        {"id": "none"},
        {"id": "day", "text": TRUE, "as_of": "soon"},
        {"id": "long", "text": "word " * 30_000},
    )
    done = sample("check", "--json", "--batch", path)
    assert (done.returncode, done.stderr) == (0, "")
    rows: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    verdicts = {row["id"]: row["verdict"] for row in rows if "verdict" in row}
    assert verdicts == {
        "true": "supported",
        "early": "not_found",
        3: "contradicted",
        "not": "not_found",
        "idle": "no_claim",
        "several": "contradicted",
    }
    errors = {row["id"]: row["error"] for row in rows if list(row) == ["id", "error"]}
    assert list(errors) == [None, "blank", "none", "day", "long"]
    assert all(re.fullmatch(r"line \d+.*[^\n]", error) for error in errors.values())
    assert len(rows) == len(verdicts) + len(errors) == 11
    by_id = {row["id"]: row for row in rows}
    for number in verdicts:
        assert list(by_id[number]) == CONTRACT
        assert 0 <= by_id[number]["score"] <= 1
        assert all(list(quote) == QUOTE for quote in by_id[number]["quotes"])
    assert by_id["true"]["score"] > 0.5
    assert by_id["true"]["quotes"][0]["quote"] == TRUE
    assert by_id["true"]["quotes"][0]["published"] == "2020-11-20"
    assert "1,960" in by_id[3]["reason"]
    assert by_id["several"]["quotes"] == by_id[3]["quotes"]


ELEMENTARY = "The sum of the angles of a triangle is 180 degrees."


def test_what_cannot_be_checked_is_said_in_one_line(
    sample: Newsdesk, empty: Newsdesk, tmp_path: Path
) -> None:
    def written(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    for done, said in (
        (sample("check", tmp_path / "none.md"), "none.md cannot be checked: No such file"),
        (sample("check", tmp_path), "cannot be checked: Is a directory"),
        (sample("check", written("a.md", b"\x00\x01\x02" * 99)), "a binary file, not text"),
        (sample("check", written("b.txt", b" \n")), "the file is empty"),
        (sample("check", input="---"), "no text to check"),
        (sample("check", input="word " * 30_000), "150,000 characters; at most 100,000"),
        (sample("check", written("c.txt", b"a" * (11 << 20))), "larger than 10 MB"),
        (empty("check", input=TRUE), "The archive is empty"),
    ):
        assert said in failure(done, 1)
    for arguments in (["--json", "--html"], ["--batch", "x.jsonl", "a.md"]):
        assert failure(sample("check", *arguments, input=TRUE), 2)
    assert "No such file" in failure(sample("check", "--batch", tmp_path / "none.jsonl"), 1)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_draft_in_another_encoding(sample: Newsdesk, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "draft.txt"
    path.write_bytes(f"{TRUE} “So it was – in the café”, he said, naïvely.".encode(encoding))
    done = sample("check", path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"✓ {TRUE}\n")
    assert "“So it was – in the café”, he said, naïvely." in done.stdout
