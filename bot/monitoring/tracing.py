"""Sends a trace of each question to an OpenTelemetry collector, if one is configured.

The spans are made when the question has ended, from what the stopwatch noted, and are sent by a
thread of their own: no answer waits for them. They have times, counts and names, and no texts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context

from bot.settings import Settings
from bot.version import installed_version
from retrieval.answers import Usage
from retrieval.observing import Observation
from retrieval.stopwatch import Interval

if TYPE_CHECKING:
    from bot.wiring import Desk

_SECONDS = 3.0
"""How long sending may take, and so the end of a process that has spans left."""

_log = logging.getLogger("newsdesk.monitoring")


class _Exporter(SpanExporter):
    """Sends spans. A collector that is away costs a line in the log, and the spans."""

    def __init__(self, endpoint: str, headers: str) -> None:
        # It logs each failure by itself, and again and again.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
        self._place = urlsplit(endpoint).netloc.rpartition("@")[2]
        self._exporter = OTLPSpanExporter(endpoint, headers=headers or None, timeout=_SECONDS)
        self.fails = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans; those that cannot be sent are lost."""
        try:
            result = self._exporter.export(spans)
        except Exception:
            result = SpanExportResult.FAILURE
        fails = result is not SpanExportResult.SUCCESS
        if fails and not self.fails:
            _log.warning("traces cannot be sent to %s and are lost; trying on", self._place)
        elif self.fails and not fails:
            _log.warning("traces are sent to %s again", self._place)
        self.fails = fails
        return result

    def shutdown(self) -> None:
        """Send nothing any more."""
        self._exporter.shutdown()


class Tracing:
    """Observes an assistant, and makes a trace of each question: a span, and one for each stage.

    The stages lie in one another as their times do: a check in the writing, both in the answer.
    """

    def __init__(self, settings: Settings) -> None:
        headers = settings.otel_headers
        self._exporter = _Exporter(
            settings.otel_endpoint or "", headers.get_secret_value() if headers else ""
        )
        named = {"service.name": settings.otel_service, "service.version": installed_version()}
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("newsdesk", installed_version())

    def ended(self, seen: Observation) -> None:
        """Make the trace of a question."""
        root = self._tracer.start_span("newsdesk.question", start_time=seen.whole.start)
        engine, _, model = seen.engine.partition(":")
        root.set_attributes(
            {
                "newsdesk.outcome": seen.outcome,
                "newsdesk.cause": seen.cause,
                "newsdesk.engine": engine,
                "newsdesk.model": model,
                "newsdesk.passages": seen.passages,
                "newsdesk.citations": seen.citations,
                "newsdesk.removed": seen.removed,
                "newsdesk.degraded": seen.degraded,
                "newsdesk.prompt_tokens": seen.usage.prompt_tokens,
                "newsdesk.completion_tokens": seen.usage.completion_tokens,
                "newsdesk.cost_usd": seen.usage.cost_usd or 0.0,
            }
        )
        if seen.outcome == "failed":
            root.set_status(Status(StatusCode.ERROR, seen.cause))
        self._add_stages(seen.stages, root, seen.whole.end)
        root.end(seen.whole.end)

    def spent(self, used: Usage) -> None:
        """Do nothing: what a question took is in its span."""

    def _add_stages(self, stages: Sequence[Interval], root: Span, end: int) -> None:
        """Make spans of the stages, each in the shortest one that its time lies in."""
        around: list[tuple[int, Span]] = [(end, root)]
        for stage in sorted(stages, key=lambda stage: (stage.start, -stage.end)):
            while len(around) > 1 and stage.end > around[-1][0]:
                around.pop()
            parent = set_span_in_context(around[-1][1])
            span = self._tracer.start_span(
                f"newsdesk.{stage.stage}", parent, start_time=stage.start
            )
            span.end(stage.end)
            around.append((stage.end, span))

    def close(self) -> None:
        """Send what is left, unless the last could not be sent, and stop."""
        if self._exporter.fails:
            self._exporter.shutdown()
        self._provider.shutdown()


@asynccontextmanager
async def traced(desk: Desk) -> AsyncIterator[None]:
    """Trace the questions that a desk is asked inside the context."""
    tracing = Tracing(desk.settings)
    desk.observers.add(tracing)
    try:
        yield
    finally:
        await asyncio.to_thread(tracing.close)
