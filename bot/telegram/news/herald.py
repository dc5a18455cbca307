"""Plans the messages that tell news: one a story, so many a day, none in quiet hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.telegram.conversation import texts
from bot.telegram.news.telling import Telling
from bot.telegram.storage.conversations import Place
from bot.telegram.storage.topics import News, Topics
from bot.telegram.storage.wishes import Wishes
from retrieval.answering.citing import without_marks
from retrieval.answers import Answer, Citation

MOST_TOGETHER = 15
"""The most stories that one message quotes."""


@dataclass(frozen=True, slots=True)
class Herald:
    """Plans messages of news. `daily` is the most of them that a chat gets in a day."""

    telling: Telling
    topics: Topics
    wishes: Wishes
    daily: int

    def plan(self, now: float) -> list[int]:
        """Plan what is due at a time, in seconds since 1970. Return the updates to deliver.

        Each message is planned in one transaction with the note that its news is told.
        """
        waiting: dict[Place, list[News]] = defaultdict(list)
        for news in self.topics.untold():
            waiting[replace(news.place, user_id=0)].append(news)
        return [number for news in waiting.values() for number in self._plan(news, now)]

    def _plan(self, waiting: list[News], now: float) -> list[int]:
        place = waiting[0].place
        if not self.telling.allows(place):
            self.topics.drop(waiting)
            return []
        hours = self.wishes.of(place).hours
        left = self.daily - self.topics.told_since(place, hours.midnight(now))
        if hours.is_quiet(now) or left <= 0:
            self.topics.hold(waiting)
            return []
        together = [news for news in waiting if news.held]
        single = [news for news in waiting if not news.held]
        if len(single) + bool(together) > left:
            kept = left - 1
            single, together = single[:kept], [*together, *single[kept:]]
        messages = [*([together] if together else []), *([news] for news in single)]
        numbers = [self._message(news, now) for news in messages]
        return [number for number in numbers if number is not None]

    def _message(self, news: Sequence[News], now: float) -> int | None:
        place = news[0].place
        with self.topics.transaction():
            untold = {one.id for one in self.topics.untold()}
            if not untold.issuperset(one.id for one in news):
                return None  # another process of the bot has told it meanwhile
            number = self.telling.plan(place, told(news))
            self.topics.tell(news, number, now)
        return number


def told(news: Sequence[News]) -> Answer:
    """Return news as an answer: what bears on which topics, quoted."""
    topics = list(dict.fromkeys(words for one in news for words in one.topics))
    about = ", ".join(f"“{without_marks(words)}”" for words in topics)
    if len(news) == 1:
        quotes, head = list(news[0].citations), texts.NEWS.format(topics=about)
    else:
        quotes = [one.citations[0] for one in news[:MOST_TOGETHER]]
        head = texts.NEWS_TOGETHER.format(stories=len(news), topics=about)
    numbered = [replace(quote, number=n) for n, quote in enumerate(quotes, start=1)]
    said = [head, *map(_quoted, numbered)]
    if left := len(news) - MOST_TOGETHER if len(news) > 1 else 0:
        said += [texts.NEWS_LEFT.format(stories=left)] if left > 0 else []
    return Answer(about, about, "\n\n".join(said), tuple(numbered), answer_span=(0, len(head)))


def _quoted(quote: Citation) -> str:
    return f"{without_marks(' '.join(quote.quote.split()))} [{quote.number}]"
