from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction
from django.test import RequestFactory

from accounts import throttle
from accounts.models import SignInAttempt

AT = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        ([], "192.0.2.1", "203.0.113.5", "192.0.2.1"),
        (["10.0.0.0/8"], "10.1.2.3", "203.0.113.5", "203.0.113.5"),
        (["10.0.0.0/8"], "10.1.2.3", "198.51.100.9, 203.0.113.5", "203.0.113.5"),
        (["10.0.0.0/8"], "10.1.2.3", "198.51.100.9, 203.0.113.5, 10.9.9.9", "203.0.113.5"),
        (["10.0.0.0/8"], "192.0.2.1", "203.0.113.5", "192.0.2.1"),
        (["10.0.0.0/8"], "10.1.2.3", "", "10.1.2.3"),
    ],
    ids=[
        "no proxy is trusted: the header is anybody's invention",
        "a trusted proxy names the client",
        "what the client itself wrote in front is not believed",
        "trusted proxies in a row are passed through",
        "a stranger sends the header: not believed",
        "the proxy said nothing",
    ],
)
def test_the_header_is_believed_as_far_as_trusted_proxies_wrote_it(
    settings: pytest.FixtureRequest, proxies: list[str], peer: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies  # type: ignore[attr-defined]
    request = RequestFactory(REMOTE_ADDR=peer).get("/", headers={"X-Forwarded-For": forwarded})
    assert throttle.client_address(request) == address


def test_one_subscriber_of_ipv6_is_one_address_whatever_they_make_up_behind_it(db: None) -> None:
    for number in range(10):
        throttle.take_try("sign-in", account=f"a{number}", address=f"2001:db8:1:2::{number}", real=AT)
    with pytest.raises(throttle.TooManyTries):
        throttle.take_try("sign-in", account="b", address="2001:db8:1:2:ffff::1", real=AT)
    throttle.take_try("sign-in", account="b", address="2001:db8:1:3::1", real=AT)


def test_it_says_when_to_try_again(db: None) -> None:
    for minute in range(10):
        throttle.take_try("sign-in", account="a", address=f"192.0.2.{minute}", real=AT + timedelta(minutes=minute))
    with pytest.raises(throttle.TooManyTries) as refused:
        throttle.take_try("sign-in", account="a", address="192.0.2.99", real=AT + timedelta(minutes=14))
    assert refused.value.until == AT + timedelta(minutes=15)
    sentence = refused.value.sentence(real=AT + timedelta(minutes=14))
    assert sentence == "Too many tries. Wait 1 minute, then try again."


def test_each_door_counts_for_itself(db: None) -> None:
    for _ in range(10):
        throttle.take_try("sign-in", account="a", address="192.0.2.1", real=AT)
    throttle.take_try("code", account="a", address="192.0.2.1", real=AT)


def test_old_tries_are_forgotten(db: None) -> None:
    throttle.take_try("sign-in", account="a", address="192.0.2.1", real=AT)
    throttle.take_try("sign-in", account="a", address="192.0.2.1", real=AT + timedelta(hours=20))
    assert throttle.forget_old_tries(real=AT + timedelta(hours=25)) == 1
    assert SignInAttempt.objects.count() == 1


def test_the_last_try_of_one_is_seen_by_another_at_the_same_moment(meanwhile: Callable[..., Future[None]]) -> None:
    for _ in range(9):
        throttle.take_try("sign-in", account="a", address="192.0.2.1", real=AT)
    with transaction.atomic():
        throttle.take_try("sign-in", account="a", address="192.0.2.1", real=AT)
        other = meanwhile(partial(throttle.take_try, "sign-in", account="a", address="192.0.2.2", real=AT))
    with pytest.raises(throttle.TooManyTries):
        other.result(timeout=5)
