"""What only a browser can tell. Its own complaints, refused scripts and styles among them, fail every test here."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.looks.urls")]

SignIn = Callable[..., None]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUS_IS_VISIBLE = """() => {
  const seen = (element) => element && getComputedStyle(element).outlineStyle !== "none";
  const focused = document.activeElement;
  return seen(focused) || seen(focused.closest(".choice"));
}"""
OF_A_WORKSPACE = ["", "people/", "people/invite/", "api-keys/", "api-keys/new/", "audit-log/", "settings/", "events/"]


def luminance_of_page(page: Page) -> int:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_style_page_loads_without_a_complaint(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # playwright wants the literal
    page.goto("/style/")
    assert page.evaluate("typeof htmx") == "object"
    assert (luminance_of_page(page) > 600) == (scheme == "light")


@pytest.mark.parametrize("address", ["/style/", "/style/bare/", "/sign-in/", "/nowhere/"])
def test_nothing_is_wider_than_a_small_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address)
    assert page.evaluate(OVERFLOW) <= 0


def test_no_page_of_the_product_is_wider_than_a_small_phone(page: Page, olive: User, sign_in: SignIn) -> None:
    sign_in(page, olive.email)
    page.set_viewport_size({"width": 360, "height": 740})
    for address in [f"/w/harbor/{path}" for path in OF_A_WORKSPACE] + ["/profile/", "/workspaces/"]:
        page.goto(address)
        assert page.evaluate(OVERFLOW) <= 0, address


def test_the_first_tab_offers_to_skip_to_the_content(page: Page) -> None:
    page.goto("/style/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_whoever_tabs_always_sees_where_they_are(page: Page) -> None:
    page.goto("/style/")
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_IS_VISIBLE), page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_a_dialog_opens_by_keyboard_closes_with_escape_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/style/")
    opener = page.get_by_role("button", name="Open a dialog")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Invite a colleague")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_verb_that_asks_first_does_nothing_when_declined(page: Page, site: str) -> None:
    page.goto("/style/")
    asks_before_posting(page, "/theme/")
    page.get_by_role("button", name="Dark as a verb").click()
    question = page.get_by_role("dialog", name="Really dark?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_be_hidden()
    assert page.url == f"{site}/style/"
    page.get_by_role("button", name="Dark as a verb").click()
    with page.expect_navigation():
        question.get_by_role("button", name="Dark as a verb").click()
    assert luminance_of_page(page) < 200


def asks_before_posting(page: Page, address: str) -> None:
    page.evaluate(
        """(address) => {
          const form = document.querySelector(".sidebar .theme-switch").cloneNode(true);
          form.className = "post-button";
          form.dataset.confirm = "Really dark?";
          form.action = address;
          const button = form.querySelector("[value=dark]");
          button.textContent = "Dark as a verb";
          form.querySelectorAll("button:not([value=dark])").forEach((other) => other.remove());
          document.querySelector("#buttons").append(form);
        }""",
        address,
    )


def test_a_menu_closes_with_escape_and_by_looking_elsewhere(page: Page) -> None:
    page.goto("/style/")
    menu = page.locator(".sidebar .person-menu")
    menu.locator("summary").click()
    expect(menu.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    page.get_by_role("heading", name="Style", exact=True).click()
    expect(menu.get_by_role("button", name="Sign out")).to_be_hidden()


def test_light_and_dark_can_be_chosen(page: Page) -> None:
    page.goto("/style/")
    assert luminance_of_page(page) > 600
    page.locator(".sidebar .person-menu summary").click()
    page.locator(".sidebar").get_by_role("button", name="Dark").click()
    page.wait_for_url("**/style/")
    assert luminance_of_page(page) < 200


def test_a_secret_can_be_copied(page: Page) -> None:
    page.goto("/style/")
    page.get_by_role("button", name="Copy API key").click()
    expect(page.locator("#announcer")).to_have_text("Copied")


def test_a_password_can_be_looked_at(page: Page) -> None:
    page.goto("/style/bare/")
    password = page.get_by_label("Password", exact=True)
    password.fill("correct horse battery")
    page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_value("correct horse battery")


def test_a_toast_can_be_sent_away(page: Page) -> None:
    page.goto("/style/")
    page.evaluate(
        """() => {
          const toasts = document.createElement("div");
          toasts.className = "toasts";
          toasts.innerHTML = '<div class="toast good" role="status"><p>Saved.</p>'
            + '<button type="button" class="dismiss" data-dismisses aria-label="Dismiss"></button></div>';
          document.querySelector("main").prepend(toasts);
        }"""
    )
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Saved.")).to_have_count(0)


def test_the_frame_works_without_a_script(page: Page, browser: Browser, site: str) -> None:
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        plain = context.new_page()
        plain.set_viewport_size({"width": 360, "height": 740})
        plain.goto("/style/")
        plain.locator(".topbar > summary").click()
        expect(plain.locator(".drawer").get_by_role("link", name="API keys")).to_be_visible()
        expect(plain.get_by_role("button", name="Copy API key")).to_be_hidden()


def test_on_paper_only_the_content_remains(page: Page) -> None:
    page.goto("/style/")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".sidebar")).to_be_hidden()
    expect(page.get_by_role("heading", name="Tables", exact=True)).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 29, 33)"


def test_the_admin_works_under_the_same_policy(page: Page, olive: User, sign_in: SignIn) -> None:
    User.objects.filter(pk=olive.pk).update(is_staff=True, is_superuser=True)
    sign_in(page, olive.email)
    page.goto("/admin/")
    expect(page.get_by_text("Seeing only Harbor Dental (practice)")).to_be_visible()
    links = page.locator("#content-main th a").evaluate_all("links => links.map(link => link.href)")
    assert links
    for link in links:
        page.goto(link)
        expect(page.locator("#site-name")).to_be_visible()
