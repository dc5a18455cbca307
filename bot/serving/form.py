"""The page's form: what it sends, and how its fields narrow a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from corpus.cleaning import clean_line
from retrieval.archive.filters import Filters
from retrieval.errors import BadQuestion

_LONGEST_OUTLET = 200


@dataclass(frozen=True, slots=True)
class Fields:
    """The filters as they stand in the fields: days, and the name of an outlet."""

    since: str = ""
    until: str = ""
    outlet: str = ""

    def __bool__(self) -> bool:
        """Return whether any field is filled in."""
        return bool(self.since or self.until or self.outlet)

    def filters(self) -> Filters:
        """Return the filters that they stand for.

        Raises:
            BadQuestion: a day is none.
        """
        outlet = clean_line(self.outlet)[:_LONGEST_OUTLET]
        sources = (outlet,) if outlet else ()
        return Filters(_day("From", self.since), _day("Until", self.until), sources)


@dataclass(frozen=True)
class Asked:
    """What the form sends: a question, the exchange that it follows, and the filters.

    What says nothing of a filter leaves those of the exchange standing.
    """

    q: str = ""
    after: str = ""
    since: str | None = None
    until: str | None = None
    outlet: str | None = None

    def fields(self, before: Fields) -> Fields:
        """Return the filters, after those that stood before."""
        return Fields(
            before.since if self.since is None else self.since,
            before.until if self.until is None else self.until,
            before.outlet if self.outlet is None else self.outlet,
        )


def _day(field: str, text: str) -> date | None:
    """Return the day of a field, or None where it is empty.

    Raises:
        BadQuestion: it is none.
    """
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise BadQuestion(f"“{field}” takes a day such as 2020-11-10, not {text!r}.") from None
