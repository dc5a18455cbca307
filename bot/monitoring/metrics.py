"""Counts what a process does, and shows it as Prometheus reads it.

Each process counts for itself, from its start. No label holds anything that a person wrote: all
are outcomes, causes, stages and kinds that are listed here or in `retrieval.observing`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bot.version import installed_version
from retrieval.answers import Usage
from retrieval.observing import FAILURES, OUTCOMES, REFUSALS, Observation

STAGES = ("search", "rerank", "write", "check", "total")
"""The stages of which the time is shown; reranking is a part of the search, checks of writing."""

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0)
"""Seconds: a search takes some hundredths, a model's answer up to NEWSDESK_TIMEOUT, which is 60."""

_PATIENCE = 2.0
"""Seconds that values are waited for."""

Read = Callable[[], float | None]

_log = logging.getLogger("newsdesk.monitoring")


class _Gauges(Collector):
    """Values that are read when they are asked for.

    One that cannot be read is left out, and so is one that is not there in time, such as that of a
    database that does not answer: the others are shown all the same.
    """

    def __init__(self) -> None:
        self._families: dict[tuple[str, str, str], dict[str, Read]] = {}
        self._readers = ThreadPoolExecutor(4, "newsdesk-gauges")
        self._lock = Lock()
        self._reading: dict[Read, Future[float | None]] = {}

    def add(self, name: str, says: str, read: Read, **label: str) -> None:
        """Show a value; of several under one name each has a label of its own."""
        ((key, value),) = label.items() if label else (("", ""),)
        self._families.setdefault((name, says, key), {})[value] = read

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the values."""
        with self._lock:
            values = self._values()
        for (name, says, key), readings in self._families.items():
            family = GaugeMetricFamily(name, says, labels=[key] if key else [])
            for label, read in readings.items():
                if (value := values.get(read)) is not None:
                    family.add_metric([label] if key else [], value)
            yield family

    def _values(self) -> dict[Read, float | None]:
        """Read all values, and return those that were there in time."""
        for readings in self._families.values():
            for read in readings.values():
                if read not in self._reading:  # one that does not end is not begun again
                    self._reading[read] = self._readers.submit(read)
        wait(self._reading.values(), _PATIENCE)
        ended = [read for read, reading in self._reading.items() if reading.done()]
        return {read: _value(self._reading.pop(read)) for read in ended}


def _value(read: Future[float | None]) -> float | None:
    error = read.exception()
    if error:
        _log.debug("a figure cannot be read: %s", type(error).__name__)
    return None if error else read.result()


class Metrics:
    """The figures of one process, in a registry of their own. It observes an assistant.

    Args:
        mode: what the process is: "serve" or "telegram".
        engine: what answers.
    """

    def __init__(self, mode: str, engine: str) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._gauges = _Gauges()
        registry.register(self._gauges)
        told = {"version": installed_version(), "mode": mode, "engine": engine}
        Info("newsdesk", "What runs here.", registry=registry).info(told)

        def counter(name: str, says: str, label: str = "", values: tuple[str, ...] = ()) -> Counter:
            made = Counter(name, says, [label] if label else [], registry=registry)
            for value in values:  # at 0 from the start, so that a rate can be taken
                made.labels(value)
            return made

        self._questions = counter(
            "newsdesk_questions", "Questions by how they ended.", "outcome", OUTCOMES
        )
        self._refusals = counter(
            "newsdesk_refusals", "Questions that were refused, by why.", "cause", REFUSALS
        )
        self._failures = counter(
            "newsdesk_failures", "Questions that failed, by what failed.", "cause", FAILURES
        )
        self._degraded = counter(
            "newsdesk_degraded", "Answers quoted or cut short because the model failed."
        )
        self._removed = counter(
            "newsdesk_removed_sentences", "Sentences of a model that the check removed."
        )
        self._requests = counter("newsdesk_model_requests", "Requests to the model.")
        self._tokens = counter(
            "newsdesk_model_tokens", "Tokens of the model.", "kind", ("prompt", "completion")
        )
        self._cost = counter(
            "newsdesk_model_cost_dollars", "US dollars for the model, where its price is known."
        )
        self._seconds = Histogram(
            "newsdesk_stage_seconds",
            "What the stages of an answer took; rerank is part of search, check of write.",
            ["stage"],
            buckets=_BUCKETS,
            registry=registry,
        )
        for stage in STAGES:
            self._seconds.labels(stage)

    def ended(self, seen: Observation) -> None:
        """Count a question, and what its stages took."""
        self._questions.labels(seen.outcome).inc()
        if seen.outcome == "refused":
            self._refusals.labels(seen.cause).inc()
        elif seen.outcome == "failed":
            self._failures.labels(seen.cause).inc()
        if seen.degraded:
            self._degraded.inc()
        self._removed.inc(seen.removed)
        taken: dict[str, float] = {}
        for interval in seen.stages:
            if interval.stage in STAGES:
                taken[interval.stage] = taken.get(interval.stage, 0.0) + interval.seconds
        for stage, seconds in taken.items():
            self._seconds.labels(stage).observe(seconds)
        if seen.outcome in ("answered", "refused"):
            self._seconds.labels("total").observe(seen.whole.seconds)

    def spent(self, used: Usage) -> None:
        """Count a request to the model."""
        self._requests.inc()
        self._tokens.labels("prompt").inc(used.prompt_tokens)
        self._tokens.labels("completion").inc(used.completion_tokens)
        self._cost.inc(used.cost_usd or 0.0)

    def count(self, name: str, says: str, label: str) -> Callable[[str], None]:
        """Return what counts something by a label, of which there must be few values."""
        made = Counter(name, says, [label], registry=self._registry)
        return lambda value: made.labels(value).inc()

    def gauge(self, name: str, says: str, read: Read, **label: str) -> None:
        """Show a value, read each time; None is left out. `label` tells it from others."""
        self._gauges.add(name, says, read, **label)

    def shown(self, accept: str) -> tuple[bytes, str]:
        """Return all figures, and their content type: the format that a reader accepts."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type
