"""`newsdesk eval`: how good the answers are, measured on questions with known answers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.common import (
    AsJson,
    EnvFile,
    Home,
    UsageError,
    open_archive,
    open_desk,
    print_json,
    print_message,
    progress,
    screen,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.evaluating import Source
    from bot.wiring import Desk
    from retrieval.evaluation.golden import Case
    from retrieval.evaluation.results import Comparison, Run


_HOW_TO_SAVE = (
    "--baseline FILE --save-baseline makes a run the baseline, "
    "and --baseline FILE --gate compares a later one with it."
)
_MOST_FAULTS = 20
"""The most faulty lines of golden files that are listed."""


def _option(name: str, metavar: str, text: str) -> Any:
    return typer.Option(name, metavar=metavar, readable=False, help=text, show_default=False)


def evaluate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE", readable=False, show_default=False, help="Golden files, JSON Lines."
        ),
    ] = None,
    xquad: Annotated[
        Path | None, _option("--xquad", "FILE", "XQuAD instead, over an archive of its own.")
    ] = None,
    mtrag: Annotated[
        Path | None, _option("--mtrag", "FOLDER", "MTRAG-UN instead, over one of its own.")
    ] = None,
    beir: Annotated[
        Path | None,
        _option("--beir", "FOLDER", "A set in BEIR's layout: corpus, queries, qrels/test.tsv."),
    ] = None,
    init: Annotated[
        bool, typer.Option("--init", help="Write FILE: a first golden file for the archive.")
    ] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="Fail where a figure is worse than the baseline's.")
    ] = False,
    baseline: Annotated[
        Path | None, _option("--baseline", "FILE", "The baseline, or results that --json printed.")
    ] = None,
    save_baseline: Annotated[
        bool, typer.Option("--save-baseline", help="Make this run the baseline.")
    ] = False,
    html: Annotated[
        Path | None, _option("--html", "FILE", "Write a page with figures, plots and questions.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Measure the answers on questions with known answers.

    A line of a golden file is {"id", "question", "articles", "answers"}. "articles" names the
    articles with the answer: the end of a path, a URI or an id. "answers" is a list of the parts
    that an answer must hold, each a list of wordings: [["29 March", "March 29"], ["six days"]].
    A question that is to be declined has "answerable": false instead. Optional are "kind",
    "history" [{"question", "answer"}], "as_of", "needed" (how many of the parts are enough),
    "avoid" (wordings that no right answer has), "paraphrase" (true where the question is in other
    words than the article) and "why". `newsdesk eval --init FILE` writes a first one.

    Without FILE, in a checkout of Newsdesk, its own golden questions are asked of its sample
    archive. The exit status is 1 when the gate is shut.
    """
    from bot.evaluating import Source, own_baseline, own_golden

    source = Source(tuple(files or ()), xquad, mtrag, beir)
    if source.count > 1:
        raise UsageError("Give golden files, or one of --xquad, --mtrag and --beir.")
    reads = init or source.files
    desk = (open_archive if reads else open_desk)(home, env_file)
    if init:
        _write_starter(desk, source)
        return
    if not source.count and not own_golden():
        raise UsageError("Give golden files; `newsdesk eval --init FILE` writes a first one.")
    place = baseline or (None if source.count else own_baseline())
    if place is None and gate:
        raise UsageError(f"These questions have no baseline yet: {_HOW_TO_SAVE}")
    if place is None and save_baseline:
        raise UsageError("Say where the baseline is to be: --baseline FILE --save-baseline.")
    needed = gate or (baseline is not None and not save_baseline)
    before = _baseline(place, desk.engine, needed=needed)
    run = _run(desk, source)
    comparison = _compared(run, before)
    _show(run, comparison, as_json=as_json)
    if html is not None:
        _write_page(html, run, before)
    if save_baseline and place is not None:
        from retrieval.evaluation.baseline import save_baseline as save

        save(place, run)
        print_message(f"{place} has this run as the baseline of {run.engine} now.")
    if gate and comparison is not None:
        _judge(run, comparison)


def _run(desk: Desk, source: Source) -> Run:
    from bot.evaluating import fill, own_sample, temporary

    if source.files:
        _fail_if_empty(desk)
        return _ask(desk, _golden(desk, source.files))
    own = source.external() or own_sample()
    with temporary(desk) as other:
        with progress("Ingesting", lambda: len(own.articles)) as advance:
            fill(other, own.articles, advance)
        return _ask(other, own.cases)


def _golden(desk: Desk, files: Sequence[Path]) -> list[Case]:
    """Read the questions of golden files.

    Raises:
        typer.Exit: a file or some lines cannot be used; each is reported on stderr.
    """
    from retrieval.errors import EvaluationError
    from retrieval.evaluation.golden import read_golden

    try:
        return read_golden(files, desk.catalog.uris())
    except EvaluationError as error:
        lines = str(error).split("\n")
        for line in lines[:_MOST_FAULTS]:
            print_message(line)
        if len(lines) > _MOST_FAULTS:
            print_message(f"{len(lines) - _MOST_FAULTS} more lines are faulty.")
        raise typer.Exit(1) from None


def _ask(desk: Desk, cases: Sequence[Case]) -> Run:
    from bot.evaluating import evaluate_desk

    with progress("Asking", lambda: len(cases)) as advance:
        return evaluate_desk(desk, cases, lambda _: advance())


def _baseline(path: Path | None, engine: str, *, needed: bool) -> Run | None:
    from retrieval.errors import EvaluationError
    from retrieval.evaluation.baseline import read_baseline

    if path is None or not (needed or path.exists()):
        return None
    if not path.exists():
        raise EvaluationError(f"{path} is not there: {_HOW_TO_SAVE}")
    return read_baseline(path, engine)


def _compared(run: Run, before: Run | None) -> Comparison | None:
    from retrieval.evaluation.comparison import compare

    return compare(run, before) if before else None


def _show(run: Run, comparison: Comparison | None, *, as_json: bool) -> None:
    if as_json:
        from retrieval.evaluation.results import run_to_json

        compared = {"comparison": asdict(comparison)} if comparison else {}
        print_json(run_to_json(run) | compared)
    else:
        from bot.rendering.evaluation import show_run

        show_run(screen(), run, comparison)


def _write_page(path: Path, run: Run, before: Run | None) -> None:
    from retrieval.evaluation.report import render_report

    path.write_text(render_report(run, before), encoding="utf-8")
    print_message(f"{path} is written.")


def _judge(run: Run, comparison: Comparison) -> None:
    """Report whether the gate is open, on stderr.

    Raises:
        typer.Exit: the gate is shut.
    """
    from bot.rendering.evaluation import gate_lines

    for line in gate_lines(run, comparison):
        print_message(line)
    if not comparison.passes:
        raise typer.Exit(1)


def _fail_if_empty(desk: Desk) -> None:
    from retrieval.errors import EvaluationError

    if desk.catalog.is_empty():
        raise EvaluationError("The archive is empty: add articles with `newsdesk ingest FOLDER`.")


def _write_starter(desk: Desk, source: Source) -> None:
    from retrieval.evaluation.starter import starter

    if len(source.files) != 1:
        raise UsageError("--init takes one FILE to write.")
    (path,) = source.files
    _fail_if_empty(desk)
    text = starter(desk.catalog.every_article())
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already, and was left as it is.") from None
    drafts = text.count('"kind": "draft"')
    print_message(
        f"{path} has {drafts} drafts, and two questions to decline: finish each in your own words, "
        'check its "answers", and add some that the archive cannot answer.'
    )
