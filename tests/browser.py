"""A pytest plugin: real pages in a real Chromium. Anything the page complains of fails the test."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import machine


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: beside the driver's event loop, Django's own client no longer works."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = machine.chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(machine.NO_CHROMIUM)
        pytest.skip(machine.NO_CHROMIUM)
    # The driver keeps an event loop in this thread to the end of the run; code of tests that follow is still plain.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=path, args=machine.CHROMIUM_FLAGS)
        yield chrome
        chrome.close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """One person's browser on the running product, wide screen, light."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if _is_complaint(line.text, line.type) else None)
    yield page
    context.close()
    assert not complaints


def _is_complaint(text: str, kind: str) -> bool:
    expected = "Failed to load resource"  # a page that answers 403 or 404 on purpose says this
    return kind == "error" and expected not in text


@pytest.fixture
def sign_in() -> Callable[..., None]:
    def by_the_form(page: Page, email: str, password: str = "correct horse battery") -> None:
        page.goto("/sign-in/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/w/**")

    return by_the_form


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(machine.NO_CHROMIUM in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(machine.NO_CHROMIUM, red=True, bold=True)
