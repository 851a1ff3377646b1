"""What accounts does by the clock. Each task is safe to run twice, at any time."""

from celery import shared_task

from accounts import replies, throttle
from config import clock


@shared_task
def forget(**_: object) -> None:
    """Let go of what is kept for hours only: API replies and tries at the door. Both count in real time."""
    real = clock.real()
    replies.forget_old_replies(real=real)
    throttle.forget_old_tries(real=real)
