"""A beat that cannot run twice: whoever holds the lock in Postgres ticks, every other one stands by."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from kombu.exceptions import OperationalError
from redis import RedisError

from config import alive, clock, heartbeats
from config.own_connections import Database, open_database, redis, redis_hash

logger = logging.getLogger("callwright.beat")

LOCK = 0x63616C6C_62656174  # "callbeat"
PAUSE = 2.0  # seconds between looks at the lock, and at most between ticks
PATIENCE = 3  # seconds until a silent Postgres counts as gone
RAN = "callwright:timetable"  # in Redis: when each entry last ran, so that one missed is made up for
LONG_AGO = timedelta(days=366)


class Lock:
    """A session's advisory lock on a connection of its own: it ends with the process, however that ends."""

    def __init__(self) -> None:
        self.connection: Database | None = None
        self.held = False
        self.said = ""

    def hold(self) -> bool:
        """Whether the lock is ours at this moment, as Postgres itself has just said."""
        try:
            self.held = self._ask()
            self._say("this beat keeps the time" if self.held else "this beat stands by: another one keeps the time")
        except psycopg.Error:
            self.release()
            self._say("this beat sends nothing, because Postgres does not answer")
        return self.held

    def _ask(self) -> bool:
        if self.connection is None:
            self.connection = open_database(name="beat", seconds=PATIENCE)
        # Held already, it only shows that the session is alive; the lock is never taken twice.
        question = "SELECT true" if self.held else "SELECT pg_try_advisory_lock(%s)"
        row = self.connection.execute(question, None if self.held else [LOCK]).fetchone()
        return bool(row and row[0])

    def _say(self, news: str) -> None:
        if news != self.said:
            logger.info(news)
            self.said = news

    def release(self) -> None:
        self.held = False
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class SoleScheduler(Scheduler):
    # Publishing takes a connection of the app's pool, with its time limits, rather than beat's own, which waits.
    producer = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.lock = Lock()
        self.keeps_time = False
        self.last_sign: datetime | None = None
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        alive.touch()
        if not self.lock.hold():
            self.keeps_time = False
            return PAUSE
        if not self.keeps_time:
            self._take_over()
        self._give_sign(clock.real())
        return min(super().tick(*args, **kwargs), PAUSE)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:  # noqa: ARG002 - as the base has it
        try:
            self.apply_async(entry, advance=False)
            redis().hset(RAN, str(entry.name), str(clock.real().timestamp()))
        except SchedulingError as problem:
            away = isinstance(problem.__context__, OperationalError)
            level, error = (logging.WARNING, None) if away else (logging.ERROR, problem)
            logger.log(level, "an entry of the timetable was not sent", extra={"entry": entry.name}, exc_info=error)
        except RedisError:
            logger.warning("it was not noted that an entry of the timetable ran", extra={"entry": entry.name})

    def close(self) -> None:
        self.lock.release()
        super().close()

    def _take_over(self) -> None:
        """Go on where the beat before us stopped, wherever that ran."""
        try:
            ran = redis_hash(RAN)
        except RedisError:
            ran = {}
        for name, entry in self.schedule.items():
            last = float(ran.get(name, 0))
            entry.last_run_at = datetime.fromtimestamp(last, UTC) if last else clock.real() - LONG_AGO
        self._heap = None
        self.keeps_time = True

    def _give_sign(self, real: datetime) -> None:
        if self.last_sign and real - self.last_sign < timedelta(seconds=PAUSE):
            return
        try:
            heartbeats.note(heartbeats.BEAT, real=real)
            self.last_sign = real
        except RedisError:
            logger.warning("the broker is away; beat's heartbeat was not noted")
