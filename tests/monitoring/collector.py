"""A collector of OpenTelemetry's traces on loopback: the real protocol over real gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)


@dataclass(frozen=True)
class Seen:
    """A span: its name, that of its parent, its values, and its time in nanoseconds."""

    name: str
    parent: str
    values: dict[str, Any]
    start: int
    end: int
    failed: bool


@dataclass
class Collector(TraceServiceServicer):
    """Keeps what it is sent. `url` is where it takes it."""

    url: str = ""
    requests: list[ExportTraceServiceRequest] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def Export(  # noqa: N802
        self, request: ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> ExportTraceServiceResponse:
        self.requests.append(request)
        sent = dict(context.invocation_metadata())
        self.keys.append(str(sent.get("x-key", "")))
        return ExportTraceServiceResponse()

    @property
    def services(self) -> set[str]:
        """The names of the services that sent something."""
        return {
            value.value.string_value
            for request in self.requests
            for resource in request.resource_spans
            for value in resource.resource.attributes
            if value.key == "service.name"
        }

    @property
    def spans(self) -> list[Seen]:
        """All spans, in the order of their beginning."""
        raw = [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        names = {span.span_id: span.name for span in raw}
        seen = [
            Seen(
                span.name,
                names.get(span.parent_span_id, ""),
                {
                    value.key: getattr(value.value, str(value.value.WhichOneof("value")))
                    for value in span.attributes
                },
                span.start_time_unix_nano,
                span.end_time_unix_nano,
                span.status.code == 2,
            )
            for span in raw
        ]
        return sorted(seen, key=lambda span: (span.start, -span.end))


@contextmanager
def collecting(port: int = 0) -> Iterator[Collector]:
    """A collector that runs."""
    server, collector = grpc.server(ThreadPoolExecutor(2)), Collector()
    add_TraceServiceServicer_to_server(collector, server)
    collector.url = f"http://127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()
