"""What Prometheus reads at /metrics: this web process's own counts, and what all processes share in Redis."""

import hmac
import tomllib
from collections.abc import Iterator
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, Info, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from redis import RedisError

from accounts.doors import public
from accounts.throttle import client_address
from config import clock, heartbeats
from config.celery import QUEUES
from config.env import CHECKOUT
from config.own_connections import redis, redis_hash

TASKS = "callwright:tasks"  # in Redis: how often each task ended in each state
# Celery keeps a list per queue and step of priority; only the first has the queue's plain name.
PRIORITY_STEPS = ("", "\x06\x163", "\x06\x166", "\x06\x169")

registry = CollectorRegistry()
ProcessCollector(registry=registry)
REQUESTS = Counter("callwright_requests", "Requests answered.", ["method", "route", "status"], registry=registry)
SECONDS = Histogram(
    "callwright_request_seconds",
    "How long answering took.",
    ["route"],
    registry=registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
)
SIGN_IN_FAILURES = Counter("callwright_sign_in_failures", "Sign-ins with a wrong password.", registry=registry)
BUILD = Info("callwright_build", "Which version runs.", registry=registry)
BUILD.info({"version": tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]})


def observe_request(*, method: str, route: str, status: int, seconds: float) -> None:
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def count_sign_in_failure(**_: object) -> None:
    SIGN_IN_FAILURES.inc()


user_login_failed.connect(count_sign_in_failure, dispatch_uid="metrics")


def count_task(name: str, *, state: str) -> None:
    """Kept in Redis, because a worker's processes come and go and nobody scrapes them."""
    try:
        redis().hincrby(TASKS, f"{name} {state}", 1)
    except RedisError:
        return


class Shared(Collector):
    """Read at every scrape. Without Redis these are missing, and `callwright_broker_up` says why."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("callwright_broker_up", "Whether Redis answers.")
        try:
            found = [_queues(), _unacknowledged(), _heartbeats(), _tasks()]
        except RedisError:
            found = []
        up.add_metric([], 1 if found else 0)
        yield from [up, *found]


registry.register(Shared())


def _queues() -> Metric:
    family = GaugeMetricFamily("callwright_queue_tasks", "Tasks waiting for a worker.", labels=["queue"])
    queues = sorted(QUEUES)
    with redis().pipeline(transaction=False) as pipeline:
        for queue in queues:
            for step in PRIORITY_STEPS:
                pipeline.llen(queue + step)
        lengths = pipeline.execute()
    steps = len(PRIORITY_STEPS)
    for place, queue in enumerate(queues):
        family.add_metric([queue], sum(lengths[place * steps : (place + 1) * steps]))
    return family


def _unacknowledged() -> Metric:
    return GaugeMetricFamily(
        "callwright_tasks_in_hand", "Tasks a worker holds, running or next.", value=redis().hlen("unacked")
    )


def _heartbeats() -> Metric:
    family = GaugeMetricFamily(
        "callwright_heartbeat_age_seconds", "Since beat, and a worker of each queue, were heard of.", labels=["of"]
    )
    real = clock.real()
    for name, last in heartbeats.last_ones().items():
        family.add_metric([name], (real - last).total_seconds())
    return family


def _tasks() -> Metric:
    family = CounterMetricFamily("callwright_tasks", "Tasks done, by how they ended.", labels=["task", "state"])
    for key, count in redis_hash(TASKS).items():
        task, _, state = key.rpartition(" ")
        family.add_metric([task, state], int(count))
    return family


@public
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """With METRICS_TOKEN, for who holds it; without, for this machine alone."""
    if settings.METRICS_TOKEN:
        _demand_token(request)
    elif not _is_from_this_machine(request):
        raise Http404("Metrics are for this machine alone. Set METRICS_TOKEN to read them from elsewhere.")
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _demand_token(request: HttpRequest) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404("There is nothing here.")


def _is_from_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine speaks for others, and says so: what it forwards does not come from here."""
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    try:
        return not forwarded and ip_address(client_address(request)).is_loopback
    except ValueError:
        return False
