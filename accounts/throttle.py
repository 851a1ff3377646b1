"""How often a door may be tried: ten failures in a quarter of an hour, per account and per address.

A try is written down before it is made and struck off when it succeeds, so that many at once cannot slip
through. Only keyed hashes are kept: the table names neither people nor addresses.
"""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import SignInAttempt

TRIES = 10
WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=1)


class TooManyTries(Exception):
    """Ten tries failed. `until` is when the next one is listened to."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    def sentence(self, *, real: datetime) -> str:
        minutes = max(1, -(-int((self.until - real).total_seconds()) // 60))
        return f"Too many tries. Wait {minutes} minute{'s' if minutes > 1 else ''}, then try again."


@transaction.atomic
def take_try(door: str, *, account: str, address: str, real: datetime) -> None:
    """Note a try at this door, or refuse it."""
    by_account, by_address = _hash(door, "account", account.lower()), _hash(door, "address", _network(address))
    _lock(by_account, by_address)
    since = real - WINDOW
    for tries in (
        SignInAttempt.objects.filter(account=by_account, at__gt=since),
        SignInAttempt.objects.filter(address=by_address, at__gt=since),
    ):
        latest = list(tries.order_by("-at").values_list("at", flat=True)[:TRIES])
        if len(latest) == TRIES:
            raise TooManyTries(until=latest[-1] + WINDOW)
    SignInAttempt.objects.create(account=by_account, address=by_address, at=real)


def forgive(door: str, *, account: str) -> None:
    """They came in: strike off this account's tries. Those of the address at other accounts stay."""
    SignInAttempt.objects.filter(account=_hash(door, "account", account.lower())).delete()


def forget_old_tries(*, real: datetime) -> int:
    forgotten, _ = SignInAttempt.objects.filter(at__lt=real - KEPT).delete()
    return forgotten


def client_address(request: HttpRequest) -> str:
    """Who is at the other end. X-Forwarded-For is believed as far as it was written by proxies we trust."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = str(request.META.get("REMOTE_ADDR", ""))
    while hops and _is_trusted(address):
        address = hops.pop()
    return address


def _network(address: str) -> str:
    """One subscriber commands a whole IPv6 /64, so that is what is counted."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{ip}/64", strict=False)) if ip.version == 6 else address


def _is_trusted(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES)


def _hash(*words: str) -> str:
    return salted_hmac("accounts.throttle", "\n".join(words), algorithm="sha256").hexdigest()


def _lock(*hashes: str) -> None:
    with connection.cursor() as cursor:
        for name in sorted(hashes):  # in one order, so that two tries never wait for each other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
