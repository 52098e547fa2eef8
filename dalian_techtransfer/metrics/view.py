"""/metrics in Prometheus' text format, for whom the settings let in."""

import os
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.client_address import client_address
from dalian_techtransfer.metrics import requests
from dalian_techtransfer.metrics.installation import InstallationCollector


@transaction.non_atomic_requests
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 for everybody else, as if it did not exist."""
    if not _may_scrape(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(InstallationCollector())
    registry.register(_counted_by_processes())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: HttpRequest) -> bool:
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    address = client_address(request)
    return address is not None and any(
        ip_address(address) in ip_network(network, strict=False) for network in settings.METRICS_ADDRESSES
    )


class _OfThisProcess(Collector):
    """Only our own: the default registry also describes the interpreter."""

    def collect(self):
        for metric in (
            requests.REQUESTS,
            requests.SECONDS,
            requests.STATEMENTS,
            requests.DATABASE_SECONDS,
            requests.MEMORY,
        ):
            yield from metric.collect()


def _counted_by_processes() -> Collector:
    """The sums of all web processes of this host, which write to files in METRICS_FOLDER."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return MultiProcessCollector(None)
    return _OfThisProcess()
