"""The OpenAPI document, and what becomes of requests made up from it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

PATHS = {
    "/v1/models", "/v1/models/{name}", "/v1/chat/completions", "/v1/responses", "/v1/search",
    "/v1/articles", "/v1/articles/{article_id}", "/v1/check",
}  # fmt: skip
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_it_describes_every_route(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    assert document["paths"].keys() == PATHS
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["responses"].keys() == {"200", "4XX", "5XX"}


@pytest.mark.figures
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_what_is_made_up_from_it_is_answered_as_it_says(address: str, mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_url(f"{address}/openapi.json")
    found: list[Any] = list(document.get_all_operations())
    operations = [result.ok() for result in found]
    assert {operation.path for operation in operations} == PATHS
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and operation.path.startswith("/v1/models"):
            continue  # these take nothing that could be wrong

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=5, deadline=None, derandomize=True, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def answered(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        answered()
