# SPDX-License-Identifier: Apache-2.0
"""What a monitor reads at ``/metrics``: Prometheus' text, kept by its own client library."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from synthkit_web.serve.gate import Gate

MEDIA = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Figures:
    """Counts of one server."""

    def __init__(self, gate: Gate) -> None:
        self._all = CollectorRegistry()
        kept = {"registry": self._all}
        self.requests = Counter(
            "synthkit_requests_total", "Answers begun, by address and status.", ["path", "status"], **kept
        )
        self._speech = Counter(
            "synthkit_speech_seconds_total", "Seconds of speech that were sent whole.", ["voice"], **kept
        )
        self._spent = Counter(
            "synthkit_speaking_seconds_total",
            "Seconds from request to last byte of those.",
            ["voice"],
            **kept,
        )
        self._first = Histogram(
            "synthkit_first_audio_seconds", "Seconds from request to first sound.", ["voice"],
            buckets=SECONDS, **kept,
        )  # fmt: skip
        open_now = Gauge("synthkit_open_requests", "Requests to speak that are open.", **kept)
        open_now.set_function(gate.open.total)

    def first(self, voice: str, seconds: float) -> None:
        """The first sound of an answer was there."""
        self._first.labels(voice).observe(seconds)

    def spoke(self, voice: str, speech: float, seconds: float) -> None:
        """An answer of `speech` seconds was made."""
        self._speech.labels(voice).inc(speech)
        self._spent.labels(voice).inc(seconds)

    def text(self) -> bytes:
        """All of them as text."""
        return generate_latest(self._all)
