"""GET /metrics for Prometheus, where the operator switched it on.

One web process keeps its counts in memory. With several, each would show only its own: set PROMETHEUS_MULTIPROC_DIR to
an empty folder before they start, and the counts of all are added up. Gauges are asked for when scraped, from rows, so
every process gives the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from flask import Blueprint, Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.config import Settings
from app.web.request_id import elapsed_s

bp = Blueprint("metrics", __name__)
_registry = CollectorRegistry()
_requests = Counter(
    "darkroom_requests_total", "Requests answered", ["endpoint", "method", "status"], registry=_registry
)
_seconds = Histogram(
    "darkroom_request_seconds",
    "Time to answer a request",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_registry,
)

Readings = Mapping[str, float]
_gauges: dict[str, tuple[str, str, Callable[[], Readings]]] = {}


def register_gauge(name: str, help_text: str, label: str, read: Callable[[], Readings]) -> None:
    """Show `read()` (label value -> number) as the gauge `darkroom_<name>`; read at each scrape, in a request."""
    _gauges[name] = (help_text, label, read)


def register(app: Flask, settings: Settings) -> None:
    if not settings.metrics:
        return
    app.after_request(_count)
    app.register_blueprint(bp)


def _count(response: Response) -> Response:
    # An open socket is no slow request.
    if "websocket" in request.headers.get("Upgrade", "").lower():
        return response
    endpoint = request.endpoint or "none"
    # The method is what the client wrote; only known ones may become a label.
    method = request.method if request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} else "other"
    _requests.labels(endpoint, method, str(response.status_code)).inc()
    _seconds.labels(endpoint).observe(elapsed_s())
    return response


class _Gauges(Collector):
    def collect(self) -> Iterator[Metric]:
        for name, (help_text, label, read) in _gauges.items():
            family = GaugeMetricFamily(f"darkroom_{name}", help_text, labels=[label])
            for value, number in read().items():
                family.add_metric([value], number)
            yield family


@bp.get("/metrics")
def metrics() -> Response:
    registry = CollectorRegistry()
    registry.register(_Gauges())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's, unannotated
    else:
        registry.register(_registry)
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(registry), content_type=content_type)
