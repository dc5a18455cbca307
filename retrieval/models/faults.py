"""Turns exceptions of client libraries into errors of one line, without the server's own text.

That text may contain the API key.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx2
import openai

from retrieval.errors import ContextTooLong, ServiceError, ServiceTimeout


class TransientError(ServiceError):
    """An error that a retry may cure, after `wait` seconds if the service named a time."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


_TOO_LONG = ("context_length", "context window", "context size", "context length", "too long")
_FILTERED = ("content_filter", "content filter", "content management policy", "invalid_prompt")
_NO_QUOTA = ("insufficient_quota",)


class Unreachable(ServiceTimeout):
    """No connection was made in time, so that nothing was sent."""


def is_under_way(error: ServiceError) -> bool:
    """Return whether the service may still be at work on the request that ended in an error."""
    return isinstance(error, ServiceTimeout) and not isinstance(error, Unreachable)


def as_service_error(error: BaseException) -> ServiceError:
    """Turn a client library's exception into one of Newsdesk's errors, if it is not caused by one
    of them."""
    own = (cause for cause in _causes(error) if isinstance(cause, ServiceError))
    return next(own, None) or _translated(error)


def _translated(error: BaseException) -> ServiceError:
    if isinstance(error, openai.APITimeoutError | TimeoutError | httpx2.TimeoutException):
        return _late(error)
    if _is_untrusted(error):
        return _lasting("is not trusted: its TLS certificate is wrong. Check OPENAI_BASE_URL.")
    if _mentions(error, _TOO_LONG) or getattr(error, "status_code", 0) == 413:
        return ContextTooLong("The model service was sent more than its model can read.")
    if isinstance(error, openai.APIError) and (reported := _reported(error)):
        return reported
    if isinstance(error, _NOT_UNDERSTOOD):
        return _lasting("sent something that is not OpenAI's protocol: check OPENAI_BASE_URL.")
    causes = list(_causes(error))
    broken = (what for types, what in _BROKEN if any(isinstance(cause, types) for cause in causes))
    return _transient(next(broken, f"failed ({type(error).__name__}): try again later."))


def _late(error: BaseException) -> ServiceTimeout:
    if any(isinstance(cause, httpx2.ConnectTimeout) for cause in _causes(error)):
        return Unreachable(f"The model service {_UNREACHED}")
    return ServiceTimeout("The model service did not answer in time: try again.")


def explain(error: BaseException) -> str:
    """Explain in one line what went wrong at a model service, and what to do."""
    return str(as_service_error(error))


_UNREACHED = "cannot be reached: check the network, OPENAI_BASE_URL, and a proxy if you use one."
_BROKEN: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (httpx2.ConnectError, httpx2.ProxyError, httpx2.UnsupportedProtocol),
        _UNREACHED,
    ),
    (
        (openai.APIConnectionError, httpx2.TransportError),
        "broke off while it was answering: try again.",
    ),
    ((openai.APIError,), "failed while it was answering: try again later."),
)
_NOT_UNDERSTOOD = (ValueError, TypeError, KeyError, AttributeError, IndexError)


_REFUSALS = {
    401: "refused the key: check OPENAI_API_KEY.",
    403: "refused the key: check OPENAI_API_KEY.",
    404: "does not know that model or address: check the settings.",
}


def _reported(error: openai.APIError) -> ServiceError | None:
    """Return what the service says is the matter, in a reply or in the middle of one."""
    if _mentions(error, _FILTERED):
        return _lasting("declined to answer this: its content filter stopped it.")
    if _mentions(error, _NO_QUOTA):
        return _lasting("has no quota left for this key: check its plan and billing.")
    return (
        _by_status(error, error.status_code) if isinstance(error, openai.APIStatusError) else None
    )


def _by_status(error: openai.APIStatusError, status: int) -> ServiceError:
    if status in _REFUSALS:
        return _lasting(_REFUSALS[status])
    if status == 429:
        return _transient("has no room for this request now: try again later.", _retry_after(error))
    if status in (408, 409) or status >= 500:
        return _transient(f"failed (HTTP {status}): try again later.", _retry_after(error))
    return _lasting(f"did not accept the request (HTTP {status}): check NEWSDESK_MODEL.")


def _lasting(text: str) -> ServiceError:
    return ServiceError(f"The model service {text}")


def _transient(text: str, wait: float | None = None) -> TransientError:
    return TransientError(f"The model service {text}", wait)


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Return the seconds that the service asks to wait (RFC 9110, section 10.2.3: a number or a
    date).
    """
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers.get(name, "")) * unit)
        except ValueError:
            continue
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return max(0.0, until.timestamp() - time.time())


def _mentions(error: BaseException, phrases: tuple[str, ...]) -> bool:
    said = f"{getattr(error, 'code', '')} {getattr(error, 'body', '')} {error}".lower()
    return any(phrase in said for phrase in phrases)


def _is_untrusted(error: BaseException) -> bool:
    """Return whether the cause is an untrusted TLS certificate."""
    return any(
        isinstance(cause, ssl.SSLError) or "CERTIFICATE_VERIFY" in str(cause)
        for cause in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, its cause, the cause of that, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
