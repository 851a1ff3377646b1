"""The ways in, walked by hand, in a real browser."""

import re
import time
from collections.abc import Callable

import pyotp
import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from config import clock
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
SignIn = Callable[..., None]


def link_in_mail() -> str:
    deadline = time.monotonic() + 5
    while not mail.outbox and time.monotonic() < deadline:
        time.sleep(0.02)
    (link,) = re.findall(r"^http://127\.0\.0\.1:8000(/\S+)$", str(mail.outbox.pop().body), re.MULTILINE)
    return str(link)


def sign_out(page: Page) -> None:
    page.locator(".sidebar .person-menu summary").click()
    page.locator(".sidebar").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")


def test_a_colleague_is_invited_joins_and_comes_back_with_a_new_password(
    page: Page, sign_in: SignIn, olive: User
) -> None:
    sign_in(page, "olive@example.com")
    page.goto("/w/harbor/people/")
    page.get_by_role("link", name="Invite a colleague").click()
    page.get_by_label("E-mail").fill("ines@example.com")
    page.get_by_label("Auditor").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("row", name=re.compile("ines@example.com"))).to_contain_text("Waiting")
    sign_out(page)

    page.goto(link_in_mail())
    page.get_by_label("Your name").fill("Ines Iversen")
    page.get_by_label("New password").fill("ten green bottles")
    page.get_by_label("The same again").fill("ten green bottles")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", name="Harbor Dental")).to_be_visible()
    sign_out(page)

    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail").fill("ines@example.com")
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_url("**/sent/")
    page.goto(link_in_mail())
    page.get_by_label("New password").fill("another battery staple")
    page.get_by_label("The same again").fill("another battery staple")
    page.get_by_role("button", name="Save the password").click()
    page.wait_for_url("**/done/")
    sign_in(page, "ines@example.com", "another battery staple")


def test_a_second_factor_is_set_up_and_asked_for(page: Page, sign_in: SignIn, olive: User, harbor: Workspace) -> None:
    sign_in(page, "olive@example.com")
    page.goto("/profile/second-factor/")
    totp = pyotp.TOTP(page.locator("[data-copied]").inner_text().strip())
    page.get_by_label("Code").fill(totp.at(clock.real()))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Your second factor is on")).to_be_visible()
    recovery_code = page.locator("pre").inner_text().split()[0]
    page.get_by_role("link", name="I have kept them").click()
    sign_out(page)

    page.get_by_label("E-mail").fill("olive@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sign-in/code/")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This code is not valid now.")).to_be_visible()
    page.get_by_label("Code").fill(recovery_code)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/w/harbor/")


def test_a_key_is_created_shown_once_and_revoked_after_a_question(page: Page, sign_in: SignIn, olive: User) -> None:
    sign_in(page, "olive@example.com")
    page.goto("/w/harbor/api-keys/new/")
    page.get_by_label("Name").fill("CRM import")
    page.get_by_label("events:read").check()
    page.get_by_role("button", name="Create the key").click()
    expect(page.locator("[data-copied]")).to_have_text(re.compile(r"^cw_practice_\w{10}_\w{12}_[\w-]{43}$"))
    page.get_by_role("link", name="I have kept it").click()
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("region", name="Revoked keys")).to_contain_text("CRM import")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_small_phone(
    page: Page, sign_in: SignIn, olive: User, otto: User, ada: User, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    sign_in(page, "olive@example.com")
    page.set_viewport_size({"width": 360, "height": 720})
    inside = ["", "people/", "people/invite/", "api-keys/", "api-keys/new/", "audit-log/", "settings/"]
    beside = ["/profile/", "/profile/password/", "/profile/second-factor/", "/workspaces/"]
    for path in [*(f"/w/harbor/{path}" for path in inside), *beside]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
