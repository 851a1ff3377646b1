"""The Celery app and the whole timetable, on one screen.

Celery is the doorbell: what is due lives in Postgres, every task is safe to run twice, at any time, in any order, and
a task that was lost is found again by a later one. Start it with `celery -A config worker` and `celery -A config beat`.
"""

import os
import signal
import warnings
from threading import Timer
from typing import Any

from celery import Celery, signals
from celery.exceptions import SecurityWarning
from celery.schedules import crontab
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from config.alive import Alive

# By purpose, so that a long import never stands before a call that is due.
QUEUES = ("dispatch", "dial", "default", "imports", "exports")

# Which task goes where; what is not named here goes to `default`.
ROUTES = {
    "compliance.registry_tasks.*": {"queue": "imports"},
    "exports.tasks.*": {"queue": "exports"},
}

HEARTBEAT_SECONDS = 10.0
# Asked to stop, a worker lets its running tasks finish for this long, then puts them back into their queue.
FINISH_SECONDS = 20.0
# Real time, UTC. Each entry is safe to run twice, and one that was missed runs as soon as beat is back.
TIMETABLE: dict[str, dict[str, Any]] = {
    **{
        f"heartbeat of {queue}": {
            "task": "config.tasks.heartbeat",
            "schedule": HEARTBEAT_SECONDS,
            "kwargs": {"queue": queue},
            "options": {"queue": queue, "expires": 3 * HEARTBEAT_SECONDS},
        }
        for queue in QUEUES
    },
    "find registries that nobody loads": {"task": "compliance.registry_tasks.sweep_registries", "schedule": 60.0},
    "forget what is kept for hours only": {"task": "accounts.tasks.forget", "schedule": crontab(minute="7")},
    "lapse unused clearances": {"task": "compliance.tasks.lapse_clearances", "schedule": 5.0},
    "seal the ledgers": {"task": "compliance.tasks.seal_ledgers", "schedule": 10.0},
    "refresh open hours": {"task": "compliance.tasks.refresh_open_hours", "schedule": 60.0},
    "purge old ledger batches": {"task": "compliance.tasks.purge_ledgers", "schedule": crontab(hour="4", minute="17")},
}

# It warns of a worker that root started, because messages may carry code; ours are JSON.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("callwright", task_cls="config.doorbell:Task")
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        # A running task is never handed out again by time-out: it must end (task_time_limit) long before.
        "visibility_timeout": 600,
        # After a crash, what the dead worker held is found again soon rather than after a hundred seconds.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # Without these, publishing to a Redis that has fallen silent would wait for ever.
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        "health_check_interval": 25,
    },
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2},
    task_acks_late=True,
    # A task that kills its process is not tried for ever; the sweep finds its row.
    task_reject_on_worker_lost=False,
    task_soft_time_limit=270,
    task_time_limit=300,
    task_ignore_result=True,
    result_backend=None,
    result_expires=None,
    task_serializer="json",
    accept_content=["json"],
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
    task_default_queue="default",
    task_create_missing_queues=False,
    task_routes=ROUTES,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    timezone="UTC",
    beat_scheduler="config.beat:SoleScheduler",
    beat_schedule=TIMETABLE,
)
app.steps["worker"].add(Alive)
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="registry_tasks")


@signals.setup_logging.connect
def _leave_logging_to_django(**_: object) -> None:
    """Celery configures logging only where nobody answers this signal."""


@signals.worker_shutting_down.connect
def _hand_back_what_does_not_finish(how: str, **_: object) -> None:
    # Celery's own soft shutdown always sleeps its full time, and knows nothing of tasks that end meanwhile.
    if how == "Warm":
        hurry = Timer(FINISH_SECONDS, os.kill, (os.getpid(), signal.SIGQUIT))
        hurry.daemon = True
        hurry.start()
