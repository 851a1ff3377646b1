from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, SignInAttempt, User, Workspace
from accounts.tenancy import in_workspace
from tests.conftest import PASSWORD

WRONG = "This e-mail and password do not belong together."
TOO_MANY = "Too many tries."


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str) -> str:
    """What the next page says, wherever sign-in leads."""
    fields = {"email": email, "password": password, **extra}
    return client.post(reverse("sign_in"), fields, follow=True).content.decode()


def test_the_first_page_shows_the_sign_in_form(db: None) -> None:
    response = Client().get("/")
    assert response.status_code == 200
    assert 'name="password"' in response.content.decode()


def test_the_right_password_opens_the_workspace(olive: User, harbor: Workspace) -> None:
    client = Client()
    response = client.post(reverse("sign_in"), {"email": "OLIVE@example.com", "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("home_of_workspace", kwargs={"slug": "harbor"})


def test_it_says_the_same_for_a_wrong_password_a_stranger_and_a_closed_account(olive: User, otto: User) -> None:
    User.objects.filter(pk=otto.pk).update(is_active=False)
    pages = [
        sign_in(Client(), "olive@example.com", "wrong wrong wrong"),
        sign_in(Client(), "nobody@example.com", "wrong wrong wrong"),
        sign_in(Client(), "otto@example.com", PASSWORD),
    ]
    assert all(WRONG in page for page in pages)


def test_what_was_typed_is_kept_except_the_password(olive: User) -> None:
    page = sign_in(Client(), "olive@example.com", "wrong wrong wrong")
    assert 'value="olive@example.com"' in page
    assert "wrong wrong wrong" not in page


def test_signing_in_is_written_into_the_audit_log_of_each_workspace(
    olive: User, harbor: Workspace, summit: Workspace, add_member: Callable[..., None]
) -> None:
    add_member(summit, olive)
    sign_in(Client(), "olive@example.com")
    for workspace in (harbor, summit):
        with in_workspace(workspace.pk):
            assert AuditEntry.objects.get().verb == "person.signed_in"


def test_the_session_gets_a_new_name_at_sign_in(olive: User) -> None:
    client = Client()
    client.session.save()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    sign_in(client, "olive@example.com")
    assert client.session.session_key != before


def test_it_leads_where_one_wanted_to_go(olive: User, harbor: Workspace) -> None:
    wanted = reverse("people", kwargs={"slug": "harbor"})
    asked = Client().get(wanted)
    assert asked["Location"] == f"{reverse('sign_in')}?next={wanted}"
    response = Client().post(reverse("sign_in"), {"email": "olive@example.com", "password": PASSWORD, "next": wanted})
    assert response["Location"] == wanted


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "/\\evil.test", "http:///evil.test"]
)
def test_it_never_leads_to_another_site(olive: User, elsewhere: str) -> None:
    fields = {"email": "olive@example.com", "password": PASSWORD, "next": elsewhere}
    assert Client().post(reverse("sign_in"), fields)["Location"] == "/"
    assert elsewhere not in Client().get(reverse("sign_in"), {"next": elsewhere}).content.decode()


def test_signing_out_takes_a_post_and_ends_the_session(olive: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(olive)
    assert client.get(reverse("sign_out")).status_code == 405
    assert client.post(reverse("sign_out"))["Location"] == reverse("sign_in")
    assert client.get(reverse("profile")).status_code == 302


def test_a_form_from_another_site_is_refused(olive: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("sign_in"), {"email": "olive@example.com", "password": PASSWORD})
    assert response.status_code == 403


def test_a_closed_account_loses_its_open_sessions(otto: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(otto)
    assert client.get(reverse("profile")).status_code == 200
    User.objects.filter(pk=otto.pk).update(is_active=False)
    assert client.get(reverse("profile")).status_code == 302


# The limit: ten failures in a quarter of an hour, per account and per address


def fail_to_sign_in(times: int, *, email: str = "olive@example.com", address: str = "192.0.2.1") -> str:
    page = ""
    for _ in range(times):
        page = sign_in(Client(REMOTE_ADDR=address), email, "wrong wrong wrong")
    return page


def test_the_tenth_failure_is_the_last_that_is_listened_to(olive: User) -> None:
    assert WRONG in fail_to_sign_in(10)
    page = sign_in(Client(REMOTE_ADDR="198.51.100.7"), "olive@example.com")
    assert TOO_MANY in page
    assert "Wait 15 minutes, then try again." in page


def test_an_account_that_does_not_exist_is_limited_alike(db: None) -> None:
    fail_to_sign_in(10, email="nobody@example.com")
    assert TOO_MANY in sign_in(Client(), "nobody@example.com")


def test_an_address_is_limited_over_all_accounts(olive: User) -> None:
    for number in range(10):
        fail_to_sign_in(1, email=f"person{number}@example.com", address="192.0.2.1")
    assert TOO_MANY in sign_in(Client(REMOTE_ADDR="192.0.2.1"), "olive@example.com")
    assert TOO_MANY not in sign_in(Client(REMOTE_ADDR="192.0.2.2"), "olive@example.com")


def test_a_quarter_of_an_hour_later_it_listens_again(olive: User) -> None:
    fail_to_sign_in(10)
    for attempt in SignInAttempt.objects.all():
        SignInAttempt.objects.filter(pk=attempt.pk).update(at=attempt.at - timedelta(minutes=15))
    assert TOO_MANY not in sign_in(Client(REMOTE_ADDR="192.0.2.1"), "olive@example.com")


def test_success_clears_the_failures_of_the_account(olive: User) -> None:
    fail_to_sign_in(9)
    sign_in(Client(REMOTE_ADDR="192.0.2.1"), "olive@example.com")
    assert WRONG in fail_to_sign_in(9)


def test_a_spelling_of_the_address_in_capitals_is_the_same_account(olive: User) -> None:
    fail_to_sign_in(5, email="olive@example.com", address="192.0.2.1")
    fail_to_sign_in(5, email="OLIVE@EXAMPLE.COM", address="192.0.2.2")
    assert TOO_MANY in sign_in(Client(REMOTE_ADDR="192.0.2.3"), "olive@example.com")


def test_the_table_of_failures_names_nobody(olive: User) -> None:
    fail_to_sign_in(1)
    attempt = SignInAttempt.objects.get()
    assert "olive" not in attempt.account
    assert "192.0.2.1" not in attempt.address


def test_twenty_tries_at_once_are_ten_tries(committed_db: None, olive: User) -> None:
    def attempt(number: int) -> str:
        try:
            return fail_to_sign_in(1, address=f"192.0.2.{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        pages = list(threads.map(attempt, range(20)))
    assert sum(WRONG in page for page in pages) == 10
    assert sum(TOO_MANY in page for page in pages) == 10
