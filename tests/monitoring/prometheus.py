"""Reads what a process shows to Prometheus, as Prometheus does."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families


class Figures(dict[str, float]):
    """Values by their name and labels: `newsdesk_questions_total{outcome="refused"}`."""

    def __sub__(self, earlier: Figures) -> dict[str, float]:
        """What was added since, without what stayed."""
        added = {key: value - earlier.get(key, 0.0) for key, value in self.items()}
        return {key: value for key, value in added.items() if value}


def figures(http: httpx.Client, **headers: str) -> Figures:
    """The figures of a process."""
    shown = http.get("/metrics", headers=headers)
    assert shown.status_code == 200, shown.text
    assert shown.headers["content-type"].startswith("text/plain; version=")
    found = Figures()
    for family in text_string_to_metric_families(shown.text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def counted(added: dict[str, float]) -> dict[str, float]:
    """What was counted of questions, refusals and failures, by outcome or cause."""
    kinds = ("newsdesk_questions_total", "newsdesk_refusals_total", "newsdesk_failures_total")
    return {
        key.partition('="')[2].rstrip('"}'): value
        for key, value in added.items()
        if key.startswith(kinds)
    }


def timed(added: dict[str, float]) -> set[str]:
    """The stages of which a time was noted."""
    name = 'newsdesk_stage_seconds_count{stage="'
    return {key.removeprefix(name).rstrip('"}') for key in added if key.startswith(name)}
