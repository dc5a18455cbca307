"""One encoder for all figures, which encodes a text once."""

from __future__ import annotations

import pytest

from tests.measuring.remembering import RememberingEncoder


@pytest.fixture(scope="session")
def encoder() -> RememberingEncoder:
    """The shipped encoder, with the vectors of what it has encoded before."""
    return RememberingEncoder()
