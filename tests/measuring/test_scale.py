"""The invented archive of `make bench-scale`: the same each time, and like news."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from retrieval.archive.likeness import are_copies, statements
from scripts.scale.encoder import StandIn
from scripts.scale.growing import grow
from scripts.scale.home import Home
from scripts.scale.invented import articles, event_of, name_of, questions
from scripts.scale.table import table


def test_what_is_invented_is_the_same_each_time() -> None:
    some = list(islice(articles(), 40))
    assert some == list(islice(articles(), 40))
    assert len({article.id for article in some}) == 40
    assert questions(5, 3) == questions(5, 3)


def test_an_event_is_told_by_its_name() -> None:
    assert [event_of(f"What did {name_of(n)} say?") for n in range(0, 9_000, 700)] == [
        *range(0, 9_000, 700)
    ]
    assert event_of("What is the cushions dat?") is None


def test_some_articles_are_copies_of_others() -> None:
    [copy, *_] = (a for a in islice(articles(), 100) if a.title.endswith(" again"))
    others = (a for a in islice(articles(), 100) if a.id != copy.id)
    assert any(are_copies(statements(copy.body), statements(other.body)) for other in others)


def test_a_passage_is_near_others_of_its_event() -> None:
    one, same, other = np.array(
        StandIn().embed_documents([f"{name_of(1)} a", f"{name_of(1)} b", f"{name_of(2)} a"])
    )
    assert one @ same > 0.3 > one @ other
    assert np.allclose([one @ one, other @ other], 1)


def test_an_archive_grows_to_a_size_and_goes_on_from_there(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert grow(home, 60)["ingest: passages a second"] > 0
    grow(home, 120)
    with home.opened() as (catalog, vectors):
        assert 120 <= catalog.count_passages() == vectors.count() < 480
        assert len(catalog.fingerprints()) == catalog.summary().articles


def test_a_table_has_a_column_for_each_size_and_their_growth() -> None:
    figures = {"search, median": 0.002, "bytes on disk": 3e6, "ingest: passages a second": 400.0}
    small = {"passages": 10_000, "figures": figures}
    large = {"passages": 100_000, "figures": {name: 2 * v for name, v in figures.items()}}
    assert table([small, large]).splitlines() == [
        "                           10,000  100,000  growth",
        "search, median (ms)           2.0      4.0   2.0 x",
        "bytes on disk (MB)            3.0      6.0   2.0 x",
        "ingest: passages a second   400.0    800.0   2.0 x",
    ]
