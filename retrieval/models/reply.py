"""A model's reply as it arrives: what can be shown of it, how it ended, what it took."""

from __future__ import annotations

from dataclasses import dataclass, field

from langchain_core.messages import AIMessage

from retrieval.models.thoughts import Thoughts

_AT_ITS_LIMIT = ("length", "max_tokens", "max_output_tokens")


@dataclass(slots=True)
class Reply:
    """A reply as it arrives. `tokens` are those sent and received, if the service reports them.

    `text` is what can be shown; `raw` has the thoughts too. `sent` says whether the service has a
    request, or had one, that it may ask money for; `asked` is when it was sent, by the event loop's
    clock.
    """

    text: str = ""
    raw: str = ""
    finish: str = ""
    tokens: tuple[int, int] | None = None
    sent: bool = False
    asked: float = 0.0
    reasoned: bool = False
    _thoughts: Thoughts = field(default_factory=Thoughts)

    def add(self, chunk: AIMessage) -> str:
        """Add a chunk and return what can be shown of it."""
        piece = str(chunk.text)
        thought = str(chunk.additional_kwargs.get("reasoning_content") or "")
        self.reasoned = self.reasoned or bool(thought)
        self.raw += thought + piece
        self.finish = self.finish or _ending(chunk)
        if (usage := chunk.usage_metadata) and usage["input_tokens"]:  # some servers report zeros
            self.tokens = (usage["input_tokens"], usage["output_tokens"])
            details = usage.get("output_token_details") or {}
            self.reasoned = self.reasoned or bool(details.get("reasoning"))
        return self._show(self._thoughts.feed(piece))

    def end(self) -> str:
        """Return what was held back until the end of the reply."""
        return self._show(self._thoughts.finish(cut=self.finish in _AT_ITS_LIMIT))

    @property
    def cut(self) -> bool:
        """Whether its end may be missing: it reached its limit, or the service did not say."""
        return self.finish in ("", *_AT_ITS_LIMIT)

    def _show(self, piece: str) -> str:
        self.reasoned = self.reasoned or self._thoughts.found
        self.text += piece
        return piece


def _ending(chunk: AIMessage) -> str:
    """Return why the reply ended, if the chunk says so: each provider has words of its own."""
    if any(isinstance(part, dict) and part.get("type") == "refusal" for part in chunk.content):
        return "refusal"
    said = chunk.response_metadata  # "finish_reason", "stop_reason"; of a response, its status
    whole = "stop" if said.get("status") == "completed" else ""
    reasons = [str(value) for name, value in said.items() if name.endswith("_reason") and value]
    return str((said.get("incomplete_details") or {}).get("reason") or [whole, *reasons][-1])
