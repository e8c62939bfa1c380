"""Figures for Prometheus; one registry an application, so that two do not mix."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from search_api.events.log import EventLog
from search_api.live import LiveIndex
from search_api.malfunction_watch import MalfunctionWatcher
from search_api.workers import Workers

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """Counts what the service does. No label ever holds what a caller sent."""

    def __init__(
        self, live: LiveIndex, workers: Workers, events: EventLog, watcher: MalfunctionWatcher
    ) -> None:
        """Measure these parts of one application."""
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "sop_request_seconds",
            "Time of a request by route and status.",
            ("route", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._decisions = Counter(
            "sop_decisions", "Answers by decision.", ("decision",), registry=self._registry
        )
        self._articles = self.gauge("sop_index_articles", "Articles in the serving snapshot.")
        self._articles.set_function(
            lambda: len(live.suggester.snapshot.articles) if live.suggester else 0
        )
        self._index = Gauge(
            "sop_index_info", "The serving snapshot.", ("version",), registry=self._registry
        )
        self._live = live
        for name, text, value in (
            ("sop_reload_failures", "Published snapshots refused.", lambda: live.failures),
            ("sop_questions_busy", "Questions worked on or waiting.", lambda: workers.busy),
            ("sop_events_waiting", "Questions waiting to be logged.", lambda: events.waiting),
            ("sop_malfunctions", "Malfunctions going on.", lambda: watcher.going_on),
            ("sop_events_dropped", "Questions not logged.", lambda: events.dropped),
        ):
            self.gauge(name, text).set_function(value)

    def observe_request(self, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is the route's pattern, never the path."""
        self._seconds.labels(route, str(status)).observe(seconds)

    def observe_decision(self, decision: str) -> None:
        """Count one answer."""
        self._decisions.labels(decision).inc()

    def render(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        self._index.clear()
        if self._live.suggester:
            self._index.labels(self._live.suggester.snapshot.manifest.id).set(1)
        return generate_latest(self._registry)

    def gauge(self, name: str, text: str) -> Gauge:
        """Return a new figure that may rise and fall, for one of these or of another part."""
        return Gauge(name, text, registry=self._registry)
