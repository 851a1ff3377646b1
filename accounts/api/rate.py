"""How fast a key may ask: a token bucket per name, kept in Redis. Without Redis everybody may pass."""

import logging
import math
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

PATIENCE = 0.2  # seconds for Redis to connect, and to answer
LEFT_ALONE = 5.0  # seconds without asking again a Redis that did not answer

# One script, so that two requests at once cannot spend the same token. Time is handed in; it never runs backwards
# here, though two web processes' clocks may differ.
TAKE = """
local capacity, per_ms, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or capacity, tonumber(kept[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * per_ms)
local taken = 0
if tokens >= 1 then tokens, taken = tokens - 1, 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.0f', math.max(at, now)))
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / per_ms) + 1000)
return {taken, tostring(tokens)}
"""


@dataclass(frozen=True)
class Allowance:
    taken: bool
    limit: int
    left: int
    wait: int  # seconds until there is a token again, when none was left
    full_in: int  # seconds until the bucket is full again

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.full_in),
        }


class Buckets:
    def __init__(self, redis: "Redis") -> None:
        self.script = redis.register_script(TAKE)
        self.away = False
        self.asked_again_at = 0.0

    def take(self, name: str, *, per_minute: int, real: datetime) -> Allowance:
        if self.away and time.monotonic() < self.asked_again_at:
            return _everybody_passes(per_minute)
        try:
            taken, tokens = self.script(
                keys=[f"callwright:rate:{name}"],
                args=[per_minute, per_minute / 60_000, int(real.timestamp() * 1000)],
            )
        except RedisError:
            self._note(away=True)
            return _everybody_passes(per_minute)
        self._note(away=False)
        return _allowance(taken=bool(taken), tokens=float(tokens), per_minute=per_minute)

    def _note(self, *, away: bool) -> None:
        """An outage is said once when it begins and once when it ends."""
        if away:
            self.asked_again_at = time.monotonic() + LEFT_ALONE
        if away != self.away:
            logger.warning("rate limits are off: Redis is away" if away else "rate limits are on again")
        self.away = away


def _allowance(*, taken: bool, tokens: float, per_minute: int) -> Allowance:
    a_token = 60 / per_minute
    return Allowance(
        taken=taken,
        limit=per_minute,
        left=int(tokens),
        wait=0 if taken else math.ceil((1 - tokens) * a_token),
        full_in=math.ceil((per_minute - tokens) * a_token),
    )


def _everybody_passes(per_minute: int) -> Allowance:
    return Allowance(taken=True, limit=per_minute, left=per_minute, wait=0, full_in=0)


@cache
def buckets() -> Buckets:
    return Buckets(
        Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
    )
