"""Says of citations whose article is gone from the web since when that is so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from retrieval.answers import Citation
from retrieval.archive.catalog import Catalog
from retrieval.following.sources import Sources


def with_gone(citations: Sequence[Citation], catalog: Catalog) -> tuple[Citation, ...]:
    """Return citations that say since which day, where this machine is, their article is gone."""
    gone = Sources(catalog.database).gone({citation.uri for citation in citations})
    return tuple(
        replace(c, gone=date.fromtimestamp(gone[c.uri])) if c.uri in gone else c for c in citations
    )
