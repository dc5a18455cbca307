"""What `make bench` prints: each figure beside what it is compared with, from one run.

    .venv/bin/python -m scripts.bench [speed] [start] [memory] [copies] [quality] [golden]
                                       [telegram] [processes] [serving] [following]

Compared are Chroma's default embedding function, and the usual chain of LangChain's recursive
splitter (1000/200), Chroma and dense top-k, both with the encoder that Newsdesk ships. Two things
are timed in turns and their medians given, because a machine is never quite idle.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from corpus.article import Article
from retrieval.answers import Question
from retrieval.assistant import Assistant
from retrieval.embeddings.encoder import EMBEDDED, OnnxEncoder
from retrieval.evaluation.external import ExternalSet
from retrieval.evaluation.judging import has_gold
from retrieval.evaluation.metrics import recall_at
from retrieval.evaluation.results import ALL, PARAPHRASED, PLAIN, Run
from retrieval.reading.reader import Reader
from retrieval.text.sentences import split_sentences
from scripts.rivals import ChromaDefault, DenseChain
from tests.measuring import development

ROOT = Path(__file__).resolve().parent.parent

QUESTIONS = (
    "Who co-chairs the Minsk Group?",
    "When did the third truce take effect?",
    "How many Russian peacekeepers will be deployed?",
    "How long was the Ever Given stuck in the Suez Canal?",
    "Why was the Nobel committee's decision criticised?",
    "What is the population of Yerevan?",
)
PASSAGES = 10_000
PLACED = 100_000
ARTICLES = 2_000
ARTICLE_LENGTH = 2_300


def main(chosen: list[str]) -> int:
    """Run the chosen parts, or all."""
    parts: dict[str, Callable[[], None]] = {
        "speed": speed,
        "start": start,
        "memory": memory,
        "copies": copies,
        "quality": quality,
        "golden": golden,
        "telegram": telegram,
        "processes": processes,
        "serving": serving,
        "following": following,
    }
    unknown = [name for name in chosen if name not in parts]
    if unknown:
        print(f"No such part: {unknown[0]}. There are: {', '.join(parts)}.", file=sys.stderr)
        return 2
    for name in chosen or parts:
        print(f"\n{name}\n{'-' * len(name)}", flush=True)
        parts[name]()
    return 0


def speed() -> None:
    """Embedding, and question to answer over 10,000 passages, each against its rival."""
    encoder = OnnxEncoder()
    texts = list(_texts(200, 800))
    rival = ChromaDefault(EMBEDDED)
    ours, theirs = _in_turns(
        lambda: encoder.embed_documents(texts), lambda: rival.embed(texts), rounds=5
    )
    _line(
        "passages of 800 characters embedded a second",
        f"{len(texts) / ours:.0f}", f"Chroma's default {len(texts) / theirs:.0f}",
        f"{theirs / ours:.1f} x", "4 x",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        articles = list(_articles(PASSAGES // 3, ARTICLE_LENGTH))
        searcher = development.build(articles, Path(folder) / "ours", encoder, reader=Reader())
        assistant = Assistant(searcher)
        chain = DenseChain(articles, Path(folder) / "theirs", encoder)
        # Every question once: none finds its passages or sentences read before.
        cases = development.golden("dev").cases
        questions = [c.question.text for c in cases if not c.question.history]
        ours, theirs = _in_turns_each(
            questions,
            lambda q: asyncio.run(assistant.ask(Question(q))),
            lambda q: chain.search(q, 5),
        )
        count = searcher.catalog.count_passages()
        _line(
            f"ms from question to answer, {count:,} passages, warm, median",
            f"{ours * 1000:.0f}", f"dense top-5 alone {theirs * 1000:.0f}", "", "150 ms",
        )  # fmt: skip


def start() -> None:
    """New processes: the help, and a first question."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "NEWSDESK_HOME": home, "PYTHONPATH": str(ROOT)}

        def newsdesk(*words: str) -> None:
            subprocess.run(
                [sys.executable, "-m", "bot", *words],
                env=environment, cwd=home, check=True, capture_output=True,
            )  # fmt: skip

        newsdesk("ingest", str(development.SAMPLE_ARCHIVE))
        help_, bare = _in_turns(
            lambda: newsdesk("--help"),
            lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
            rounds=9,
        )
        _line("s for `newsdesk --help`", f"{help_:.2f}", f"bare Python {bare:.2f}", "", "0.3 s")
        first = statistics.median(_timed(lambda: newsdesk("ask", QUESTIONS[0])) for _ in range(7))
        imports = statistics.median(
            _timed(lambda: subprocess.run([sys.executable, "-c", "import chromadb"], check=True))
            for _ in range(7)
        )
        _line(
            "s for a first `newsdesk ask` in a new process",
            f"{first:.2f}", f"`import chromadb` alone {imports:.2f}", "", "2 s",
        )  # fmt: skip


def memory() -> None:
    """Peak memory of a process that ingests 2,000 articles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for article in _articles(ARTICLES, ARTICLE_LENGTH):
                record = {"id": article.uri, "title": article.title, "text": article.body}
                lines.write(json.dumps(record) + "\n")
        begun = time.perf_counter()
        ingest = subprocess.Popen(
            [sys.executable, "-m", "bot", "ingest", "--json", str(path)],
            env={**os.environ, "NEWSDESK_HOME": folder, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        peak = 0.0
        while ingest.poll() is None:
            peak = max(peak, _most_memory(ingest.pid))
            time.sleep(0.1)
        if ingest.returncode:
            raise subprocess.CalledProcessError(ingest.returncode, ingest.args)
        took = time.perf_counter() - begun
        _line(
            f"MB at most while ingesting {ARTICLES:,} articles of {ARTICLE_LENGTH:,} characters",
            f"{peak:.0f}", f"{took:.0f} s, {ARTICLES / took:.0f} articles/s", "", "700 MB",
        )  # fmt: skip


def _most_memory(pid: int) -> float:
    """The most memory (MB) that a process has held since its program began; 0 once it has ended.

    `getrusage` would count what this process held when it began that one.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def copies() -> None:
    """Finding the copies among 100,000 articles as they come, beside embedding them."""
    from scripts import bench_copies

    found = bench_copies.measure(PLACED)
    each, embedded = found.seconds / found.articles, bench_copies.embedding(OnnxEncoder())
    _line(
        f"articles of {found.articles:,} placed a second of the processor",
        f"{1 / each:.0f}", f"embedding them {1 / embedded:.0f}", f"{each / embedded:.1%}", "10 %",
    )  # fmt: skip
    _line(
        f"copies among them that are found, of {found.copies:,}",
        f"{found.found / found.copies:.4f}", f"{found.wrong} that are none", "", ".97",
    )  # fmt: skip
    early, late = found.memory
    _line(
        f"MB of memory after {found.articles // 5:,} and {found.articles:,} articles",
        f"{early:.0f}, {late:.0f}", f"{found.disk_mb:.0f} MB on disk, bodies included", "", "",
    )  # fmt: skip


def golden() -> None:
    """The golden test questions over the sample archive, on which nothing was fitted."""
    with tempfile.TemporaryDirectory() as folder:
        run = _run(development.golden("test"), Path(folder), OnnxEncoder())
    for group in (PLAIN, PARAPHRASED):
        _line(
            f"{group} ({_count(run, 'right', group)}): right in every respect",
            _figure(run, "right", group),
            f"declined {_figure(run, 'wrongly_declined', group)}", "", "",
        )  # fmt: skip
    declined = {
        "near the archive, not answered by it": ("unanswerable",),
        "of other subjects": ("offdomain",),
        "greetings, requests, injections": ("smalltalk", "request", "injection"),
    }
    for name, kinds in declined.items():
        asked = [r for r in run.records if r.kind in kinds]
        share = sum(r.refused for r in asked) / len(asked)
        _line(f"{name} ({len(asked)}): declined", f"{share:.3f}", "", "", "")


def telegram() -> None:
    """The bot, asked by many chats at once."""
    from scripts import bench_telegram

    bench_telegram.main()


def processes() -> None:
    """Three processes of one bot, one killed every 10 seconds for two minutes."""
    from scripts import kill_processes

    tally = kill_processes.measure()
    _line(
        f"questions of {tally.asked:,} with exactly one answer, {tally.kills} kills",
        f"{tally.once / tally.asked:.4f}", f"{tally.disordered} out of turn", "", "1",
    )  # fmt: skip


def serving() -> None:
    """The API, asked by many clients at once."""
    from scripts import bench_serving

    bench_serving.main()


def following() -> None:
    """Articles of a feed, one host, without the pauses between requests."""
    from scripts.bench_following import ARTICLES, measure

    ours, files = measure()
    _line(
        f"articles a second from a feed of {ARTICLES}, fetched, read and stored",
        f"{ours:.0f}", f"the same pages as files {files:.0f}", "", "",
    )  # fmt: skip


def quality() -> None:
    """The development sets: retrieval against the usual chain, answers and refusals."""
    if not development.available():
        print("The development sets are not beside the repository: left out.")
        return
    encoder = OnnxEncoder()
    with tempfile.TemporaryDirectory() as folder:
        _xquad(Path(folder), encoder)
        _mtrag(Path(folder), encoder)


def _xquad(folder: Path, encoder: OnnxEncoder) -> None:
    source = development.xquad()
    run = _run(source, folder / "xquad", encoder)
    chain = DenseChain(source.articles, folder / "chain", encoder)
    theirs = [(case, chain.search(case.question.text, 5)) for case in source.cases]
    for k, floor in ((1, ".94"), (5, ".995")):
        hits = [any(has_gold(case, a.uri, text) for a, text in found[:k]) for case, found in theirs]
        rival = f"recursive splitter, dense {sum(hits) / len(hits):.3f}"
        _line(f"XQuAD, answer in the first {k}", _figure(run, f"passage@{k}"), rival, "", floor)
    words = run.figure("words")
    length = f"in {words.value:.0f} words" if words else ""
    _line("XQuAD, the answer holds the gold answer", _figure(run, "holds"), length, "",
          ".88, 60 words")  # fmt: skip
    _line("XQuAD, and cites the right article", _figure(run, "right"), "", "", ".86")
    _line("XQuAD, quotes verbatim / unsupported sentences",
          f"{_figure(run, 'verbatim')} / {_figure(run, 'unsupported')}", "", "",
          "1 / 0")  # fmt: skip
    halves = [
        record
        for half in (0, 1)
        for record in _run(
            development.xquad(partial(_in_half, half)), folder / f"half{half}", encoder
        ).records
    ]
    gone = [r.refused for r in halves if not r.expected.answerable]
    there = [not r.refused for r in halves if r.expected.answerable]
    _line("XQuAD, half the articles removed: refused / still answered",
          f"{sum(gone) / len(gone):.3f} / {sum(there) / len(there):.3f}", "", "",
          ".95 / .95")  # fmt: skip


def _mtrag(folder: Path, encoder: OnnxEncoder) -> None:
    source = development.mtrag()
    talked = [case for case in source.cases if case.expected.articles]
    run = _run(ExternalSet(source.articles, talked), folder / "mtrag", encoder)
    chain = DenseChain(source.articles, folder / "chain2", encoder)
    recalls = []
    for case in talked:
        uris = dict.fromkeys(a.uri for a, _ in chain.search(case.question.text, 20))
        recalls.append(recall_at(5, list(uris), case.expected.articles))
    _line("MTRAG-UN conversations, recall@5 / nDCG@5",
          f"{_figure(run, 'recall@5')} / {_figure(run, 'ndcg@5')}",
          f"dense, last turn: recall@5 {sum(recalls) / len(recalls):.3f}", "",
          ".89 / .87")  # fmt: skip


def _run(source: ExternalSet, home: Path, encoder: OnnxEncoder) -> Run:
    return development.run(development.build(source.articles, home, encoder), source.cases)


def _figure(run: Run, metric: str, group: str = ALL) -> str:
    figure = run.figure(metric, group)
    return f"{figure.value:.3f}" if figure else ""


def _count(run: Run, metric: str, group: str) -> int:
    figure = run.figure(metric, group)
    return figure.count if figure else 0


def _line(name: str, ours: str, rival: str, ratio: str, floor: str) -> None:
    to_reach = f"(to reach: {floor})" if floor else ""
    print(f"{name:68} {ours:>13}  {rival:34} {ratio:>6}  {to_reach}".rstrip(), flush=True)


def _timed(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _in_turns(
    one: Callable[[], object], other: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """Median seconds of two things run in turns, after one round that does not count."""
    one(), other()
    times = [(_timed(one), _timed(other)) for _ in range(rounds)]
    return statistics.median(t for t, _ in times), statistics.median(t for _, t in times)


def _in_half(half: int, number: int) -> bool:
    return number % 2 == half


def _in_turns_each(
    items: list[str], one: Callable[[str], object], other: Callable[[str], object]
) -> tuple[float, float]:
    one(QUESTIONS[0]), other(QUESTIONS[0])
    times = [(_timed(partial(one, i)), _timed(partial(other, i))) for i in items]
    return statistics.median(t for t, _ in times), statistics.median(t for _, t in times)


def _texts(count: int, length: int) -> Iterator[str]:
    """Texts of about a length: sentences of the sample archive in an order of their own."""
    articles = development.golden("dev").articles
    sentences = [a.body[s.start : s.end] for a in articles for s in split_sentences(a.body)]
    order = random.Random(20201026)
    for _ in range(count):
        text = ""
        while len(text) < length:
            text += order.choice(sentences) + " "
        yield text[:length].strip()


def _articles(count: int, length: int) -> Iterator[Article]:
    for number, text in enumerate(_texts(count, length)):
        body = text[: len(text) // 2] + "\n\n" + text[len(text) // 2 :].strip()
        yield Article(f"made-{number}", f"{text[:50].rsplit(' ', 1)[0]} ({number})", body)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
