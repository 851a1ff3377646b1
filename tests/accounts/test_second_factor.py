import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import actions, totp
from accounts.models import AuditEntry, RecoveryCode, User, Workspace
from accounts.tenancy import in_workspace
from config import clock
from tests.conftest import NOW, PASSWORD

AT = datetime(2026, 3, 3, 15, 30, 15, tzinfo=UTC)


def code_now(secret: str) -> str:
    return pyotp.TOTP(secret).at(clock.real())


@pytest.fixture
def secret() -> str:
    return totp.new_secret()


@pytest.fixture
def recovery_codes(olive: User, secret: str) -> list[str]:
    """Olive has a second factor; the codes on her slip of paper."""
    return actions.add_second_factor(olive, secret=secret, step=0, now=NOW)


def give_password(client: Client, **extra: str) -> str:
    fields = {"email": "olive@example.com", "password": PASSWORD, **extra}
    return client.post(reverse("sign_in"), fields)["Location"]


def give_code(client: Client, code: str) -> int:
    return client.post(reverse("second_factor"), {"code": code}).status_code


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


# Setting it up


def test_it_is_set_up_with_a_code_from_the_app(olive: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(olive)
    page = client.get(reverse("second_factor_set_up"))
    shown = page.context["secret"]
    assert shown in page.content.decode()
    result = client.post(reverse("second_factor_set_up"), {"code": code_now(shown)}).content.decode()
    assert len(re.findall(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b", result)) == 8
    olive.refresh_from_db()
    assert olive.totp_secret == shown
    assert shown not in olive.sealed_totp


def test_a_wrong_code_sets_nothing_up_and_keeps_the_picture(olive: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(olive)
    shown = client.get(reverse("second_factor_set_up")).context["secret"]
    again = client.post(reverse("second_factor_set_up"), {"code": "000000"})
    assert again.status_code == 422
    assert again.context["secret"] == shown
    olive.refresh_from_db()
    assert not olive.has_second_factor


def test_the_picture_keeps_to_the_strict_content_policy(secret: str) -> None:
    picture = totp.qr_code(secret, account="olive@example.com")
    assert picture.startswith("<svg")
    assert "style" not in picture


def test_the_secret_and_the_codes_lie_nowhere_in_plain(
    olive: User, client_of: Callable[[User], Client], recovery_codes: list[str]
) -> None:
    client = client_of(olive)
    hashes = RecoveryCode.objects.values_list("code_hash", flat=True)
    assert not any(totp.plain(code) in kept for code in recovery_codes for kept in hashes)
    User.objects.filter(pk=olive.pk).update(sealed_totp="")
    shown = client.get(reverse("second_factor_set_up")).context["secret"]
    assert shown not in str(dict(client.session))


def has_second_factor(person: User) -> bool:
    return User.objects.get(pk=person.pk).has_second_factor


def test_it_is_removed_with_the_password_alone(
    olive: User, client_of: Callable[[User], Client], recovery_codes: list[str]
) -> None:
    client = client_of(olive)
    assert client.post(reverse("second_factor_remove"), {"current": "wrong"}).status_code == 422
    assert has_second_factor(olive)
    client.post(reverse("second_factor_remove"), {"current": PASSWORD})
    assert not has_second_factor(olive)
    assert RecoveryCode.objects.count() == 0


def test_adding_and_removing_are_in_the_audit_log(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client], recovery_codes: list[str]
) -> None:
    client_of(olive).post(reverse("second_factor_remove"), {"current": PASSWORD})
    with in_workspace(harbor.pk):
        verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["person.second_factor_added", "person.second_factor_removed"]


# Signing in with it


def test_the_password_alone_opens_nothing(olive: User, harbor: Workspace, recovery_codes: list[str]) -> None:
    client = Client()
    assert give_password(client) == reverse("second_factor")
    for path in (
        reverse("profile"),
        reverse("workspaces"),
        reverse("people", kwargs={"slug": "harbor"}),
        reverse("second_factor_set_up"),
        reverse("second_factor_remove"),
        reverse("password_change"),
        "/admin/",
    ):
        assert client.get(path).status_code == 302, path
    with in_workspace(harbor.pk):
        assert not AuditEntry.objects.filter(verb="person.signed_in").exists()


def test_the_code_opens_and_leads_where_one_wanted_to_go(olive: User, secret: str, recovery_codes: list[str]) -> None:
    client = Client()
    give_password(client, next="/w/harbor/people/")
    response = client.post(reverse("second_factor"), {"code": code_now(secret)})
    assert response["Location"] == "/w/harbor/people/"
    assert is_in(client)


def test_a_code_works_once(olive: User, secret: str, recovery_codes: list[str]) -> None:
    first, second = Client(), Client()
    code = code_now(secret)
    give_password(first)
    give_code(first, code)
    give_password(second)
    assert give_code(second, code) == 422
    assert not is_in(second)


def test_a_recovery_code_works_once_however_it_is_typed(olive: User, recovery_codes: list[str]) -> None:
    first, second = Client(), Client()
    give_password(first)
    give_code(first, recovery_codes[3].upper().replace("-", " "))
    assert is_in(first)
    give_password(second)
    assert give_code(second, recovery_codes[3]) == 422
    assert give_code(second, recovery_codes[4]) == 302


def test_one_recovery_code_tried_by_eight_at_once_opens_one_door(
    committed_db: None, olive: User, recovery_codes: list[str]
) -> None:
    def attempt(_: int) -> bool:
        try:
            return actions.use_code(olive, code=recovery_codes[0], real=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 1


def test_one_code_tried_by_eight_at_once_opens_one_door(
    committed_db: None, olive: User, secret: str, recovery_codes: list[str]
) -> None:
    olive.refresh_from_db()
    code = pyotp.TOTP(secret).at(AT)

    def attempt(_: int) -> bool:
        try:
            return actions.use_code(olive, code=code, real=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 1


def test_ten_wrong_codes_close_the_door_for_a_while(olive: User, secret: str, recovery_codes: list[str]) -> None:
    client = Client()
    give_password(client)
    for _ in range(10):
        assert give_code(client, "000000") == 422
    assert give_code(client, code_now(secret)) == 429
    assert not is_in(client)


def test_without_the_password_the_code_page_sends_one_back(db: None) -> None:
    assert Client().get(reverse("second_factor"))["Location"] == reverse("sign_in")


def test_a_half_finished_sign_in_ends_with_the_old_password(
    olive: User, secret: str, recovery_codes: list[str]
) -> None:
    client = Client()
    give_password(client)
    actions.change_password(olive, password="another battery staple", now=NOW)
    client.post(reverse("second_factor"), {"code": code_now(secret)})
    assert not is_in(client)


def test_a_half_finished_sign_in_waits_ten_minutes(olive: User, secret: str, recovery_codes: list[str]) -> None:
    client = Client()
    give_password(client)
    session = client.session
    session["pending_sign_in"]["since"] = (clock.real() - timedelta(minutes=11)).isoformat()
    session.save()
    client.post(reverse("second_factor"), {"code": code_now(secret)})
    assert not is_in(client)


@pytest.mark.parametrize(("seconds", "opens"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phone_may_be_half_a_minute_off(secret: str, seconds: int, opens: bool) -> None:  # noqa: FBT001
    code = pyotp.TOTP(secret).at(AT + timedelta(seconds=seconds))
    assert (totp.matching_step(secret, code=code, real=AT) is not None) is opens


def test_no_secret_means_no_code_opens() -> None:
    assert totp.matching_step("", code="", real=AT) is None
