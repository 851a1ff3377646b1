from celery import shared_task

from config import clock, heartbeats


@shared_task
def heartbeat(*, queue: str, **_: object) -> None:
    """A worker took this out of the queue: the whole way from beat through the broker to a worker is open."""
    heartbeats.note(queue, real=clock.real())
