"""Errors as OpenAI's clients expect them: a status, and {"error": {"message", "type", ...}}."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from bot.serving.allowance import TooMuchAsked, until_midnight
from retrieval.errors import (
    AccountSpent,
    ArchiveError,
    ArticleNotFound,
    BadQuestion,
    BudgetSpent,
    CannotCheck,
    NewsdeskError,
    ServiceError,
)

_log = logging.getLogger("newsdesk.serving")

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_SAID = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}
_UNEXPECTED = "Something unexpected went wrong."
_CANNOT = "The archive cannot be used at the moment. The server's log says why."


class ErrorDetails(BaseModel):
    """What is wrong: in words, of what kind, and with which field."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorBody(BaseModel):
    """The body of a response that is an error."""

    error: ErrorDetails


class Refused(HTTPException):
    """A request cannot be served; `param` is the field that is the matter."""

    def __init__(
        self, message: str, status: int = 400, *, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(status, message)
        self.param = param
        self.code = code


def error_response(
    status: int,
    message: str,
    *,
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the response that an error is told with."""
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    details = ErrorDetails(message=message, type=kind, param=param, code=code)
    body = ErrorBody(error=details).model_dump()
    return JSONResponse(body, status, dict(headers or {}))


def failure_in_stream(error: Exception) -> dict[str, Any]:
    """Return the object that ends a stream which fails: its status has been sent by then."""
    if not isinstance(error, NewsdeskError):
        _log.error("a stream failed: %s", type(error).__name__)
        response = error_response(500, _UNEXPECTED)
    else:
        response = response_to(error)
    body: dict[str, Any] = json.loads(bytes(response.body))
    return body


def response_to(error: NewsdeskError) -> JSONResponse:
    """Return the response to an error of Newsdesk's own; what concerns the server is logged."""
    if isinstance(error, BadQuestion | CannotCheck):
        return error_response(400, str(error))
    if isinstance(error, ArticleNotFound):
        return error_response(404, str(error), code="not_found")
    if isinstance(error, TooMuchAsked):
        headers = {"Retry-After": str(error.seconds)}
        return error_response(429, str(error), code="rate_limit_exceeded", headers=headers)
    if isinstance(error, AccountSpent):
        seconds = until_midnight() if error.seconds is None else error.seconds
        headers = {"Retry-After": str(math.ceil(seconds))}
        return error_response(429, str(error), code="insufficient_quota", headers=headers)
    _log.error("a request failed: %s", error)  # it speaks of files and settings, never of texts
    if isinstance(error, ArchiveError | BudgetSpent | ServiceError):
        return error_response(503, _CANNOT, headers={"Retry-After": "30"})
    return error_response(500, _CANNOT)


def add_handlers(app: FastAPI) -> None:
    """Have an application tell every error in this form."""

    @app.exception_handler(NewsdeskError)
    async def own(_: Request, error: NewsdeskError) -> JSONResponse:
        return response_to(error)

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> JSONResponse:
        message = str(error.detail) if isinstance(error, Refused) else _SAID.get(error.status_code)
        return error_response(
            error.status_code,
            message or str(error.detail),
            param=getattr(error, "param", None),
            code=getattr(error, "code", None),
            headers=error.headers,
        )

    @app.exception_handler(RequestValidationError)
    async def of_a_field(request: Request, error: RequestValidationError) -> JSONResponse:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_api = request.url.path.startswith("/v1/")
        if is_api and request.method == "POST" and kind != "application/json":
            return error_response(415, "The body is to be JSON, of type application/json.")
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        message = f"{place}: {first['msg']}." if place else f"{first['msg']}."
        return error_response(400, message, param=place or None)
