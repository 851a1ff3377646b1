"""Signs of life, in Redis: beat's own, and one per queue that beat sent a task into and a worker took out."""

from datetime import UTC, datetime

from config.own_connections import redis, redis_hash

KEY = "callwright:heartbeats"
BEAT = "beat"


def note(name: str, *, real: datetime) -> None:
    redis().hset(KEY, name, str(real.timestamp()))


def last_ones() -> dict[str, datetime]:
    """When each was last heard of; one never heard of is missing."""
    return {name: datetime.fromtimestamp(float(at), UTC) for name, at in redis_hash(KEY).items()}
