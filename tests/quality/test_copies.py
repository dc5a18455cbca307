"""The pairs of articles made by hand: copies are told from what is only like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.archive.homes import catalog_in
from tests.quality.copies.measure import measure


@pytest.mark.parametrize("half", ["dev", "test"])
def test_copies_are_told_from_other_articles(half: str, tmp_path: Path) -> None:
    found = measure(half, catalog_in(tmp_path / "catalog.db"))
    wrong = [pair.other.uri for pair in found.wrong]
    assert found.precision >= 0.97, wrong
    assert found.recall >= 0.97, wrong
