import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.mail import password_link
from accounts.models import AuditEntry, User, Workspace
from accounts.tenancy import in_workspace
from tests.conftest import PASSWORD

NEW = "another battery staple"


def forget(client: Client, email: str) -> tuple[int, str]:
    response = client.post(reverse("password_forgotten"), {"email": email}, follow=True)
    return response.status_code, response.content.decode()


def wait_for_mail(count: int = 1) -> None:
    """The letter leaves beside the page, in its own thread."""
    deadline = time.monotonic() + 5
    while len(mail.outbox) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(mail.outbox) == count


def choose(client: Client, link: str, password: str = NEW) -> int:
    return client.post(link, {"password": password, "again": password}).status_code


def test_a_forgotten_password_is_replaced_by_a_link_in_the_mail(
    olive: User, harbor: Workspace, link_in_mail: Callable[[], str]
) -> None:
    client = Client()
    forget(client, "Olive@Example.com")
    wait_for_mail()
    link = link_in_mail()
    assert client.get(link).status_code == 200
    assert choose(client, link) == 302
    olive.refresh_from_db()
    assert olive.check_password(NEW)
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.get().verb == "person.password_changed"


def test_it_says_the_same_to_everybody(olive: User, otto: User) -> None:
    User.objects.filter(pk=otto.pk).update(is_active=False)
    known, unknown, closed = (forget(Client(), f"{name}@example.com") for name in ("olive", "nobody", "otto"))
    assert known == unknown == closed
    wait_for_mail()
    assert mail.outbox[0].to == ["olive@example.com"]


def test_the_page_does_not_wait_for_the_mail_server(olive: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *_: time.sleep(1))
    began = time.monotonic()
    forget(Client(), "olive@example.com")
    assert time.monotonic() - began < 0.8


def test_a_link_opens_once(olive: User, link_in_mail: Callable[[], str]) -> None:
    client = Client()
    forget(client, "olive@example.com")
    wait_for_mail()
    link = link_in_mail()
    choose(client, link)
    assert client.get(link).status_code == 410
    assert choose(client, link, "a third battery staple") == 410
    olive.refresh_from_db()
    assert olive.check_password(NEW)


@pytest.mark.parametrize("uid", ["MQ", "x", "____", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_an_invented_link_gets_a_sentence(db: None, uid: str) -> None:
    response = Client().get(reverse("password_new", kwargs={"uidb64": uid, "token": "abc-def"}))
    assert response.status_code == 410
    assert "no longer opens" in response.content.decode()


def test_a_weak_password_is_refused_with_a_reason(olive: User, link_in_mail: Callable[[], str]) -> None:
    client = Client()
    forget(client, "olive@example.com")
    wait_for_mail()
    page = client.post(link_in_mail(), {"password": "short", "again": "short"})
    assert page.status_code == 422
    assert "at least 12 characters" in page.content.decode()
    page = client.post(link_in_mail(), {"password": NEW, "again": f"{NEW}!"})
    assert "The two passwords differ" in page.content.decode()


def test_a_new_password_lets_somebody_back_in_whom_a_stranger_locked_out(
    olive: User, link_in_mail: Callable[[], str]
) -> None:
    client = Client()
    for number in range(10):
        fields = {"email": "olive@example.com", "password": "guess"}
        client.post(reverse("sign_in"), fields, REMOTE_ADDR=f"192.0.2.{number}")
    forget(client, "olive@example.com")
    wait_for_mail()
    choose(client, link_in_mail())
    client.post(reverse("sign_in"), {"email": "olive@example.com", "password": NEW})
    assert client.get(reverse("profile")).status_code == 200


def test_links_are_sent_ten_times_in_a_quarter_of_an_hour_and_no_more(olive: User) -> None:
    client = Client()
    statuses = [forget(client, "olive@example.com")[0] for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    wait_for_mail(10)


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    here, elsewhere = client_of(olive), client_of(olive)
    here.post(reverse("password_change"), {"current": PASSWORD, "password": NEW, "again": NEW})
    assert here.get(reverse("profile")).status_code == 200
    assert elsewhere.get(reverse("profile")).status_code == 302
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.get().verb == "person.password_changed"


def test_the_current_password_is_asked_for_and_cannot_be_guessed_for_ever(
    olive: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(olive)
    for _ in range(10):
        page = client.post(reverse("password_change"), {"current": "guess", "password": NEW, "again": NEW})
        assert "not your current password" in page.content.decode()
    page = client.post(reverse("password_change"), {"current": PASSWORD, "password": NEW, "again": NEW})
    assert "Too many tries" in page.content.decode()
    olive.refresh_from_db()
    assert olive.check_password(PASSWORD)


def test_mail_that_could_not_be_sent_is_logged_without_the_address(
    olive: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OSError("cannot deliver to olive@example.com")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", broken)
    assert forget(Client(), "olive@example.com")[0] == 200
    deadline = time.monotonic() + 5
    while "mail not sent" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "mail not sent" in caplog.text
    assert "olive" not in caplog.text


def test_one_link_used_twice_at_the_same_moment_is_used_once(
    meanwhile: Callable[..., Future[int]], olive: User
) -> None:
    link = urlsplit(password_link(olive)).path
    with transaction.atomic():
        assert choose(Client(), link) == 302
        other = meanwhile(partial(choose, Client(), link, "a third battery staple"))
    assert other.result(timeout=5) == 410
    olive.refresh_from_db()
    assert olive.check_password(NEW)
