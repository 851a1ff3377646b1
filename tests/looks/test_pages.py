import re
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from accounts.models import User
from config.looks.headers import CONTENT_SECURITY_POLICY
from config.looks.themes import COOKIE
from tests.looks.markup import faults

pytestmark = pytest.mark.urls("tests.looks.urls")

PIECES = {
    "a primary button": "button primary",
    "a badge": 'class="badge good"',
    "a stat tile": "tile-value",
    "facts": 'class="facts"',
    "a timeline": 'class="timeline"',
    "a banner": 'class="banner warn"',
    "a secret shown once": "Shown once",
    "code": 'class="code-block"',
    "a sorted table": "aria-sort=",
    "paging": "Page 2 of 49",
    "an empty state": 'class="empty"',
    "a form error summary": 'class="error-summary"',
    "a field error": 'class="errors ',
    "radio cards": 'class="choices cards"',
    "a date": 'type="date"',
    "a file": 'type="file"',
    "a switch": 'class="switch"',
    "a dialog": '<dialog class="dialog"',
    "the confirm dialog": 'id="confirm-dialog"',
    "bars": "chart bars",
    "a donut": "chart donut",
    "a stacked bar": "chart stacked",
    "a sparkline": "chart sparkline",
    "a ranking": 'class="ranked"',
    "hours": "chart hours",
    "progress": "<progress",
    "progress without end": '<progress max="100" aria-label="Waiting',
    "a spinner": 'class="spinner',
    "a skeleton": 'class="skeleton"',
    "breadcrumbs": 'class="breadcrumbs"',
    "tabs": 'class="tabs"',
    "a toast": 'class="toast good"',
    "the practice ribbon": "calls reach only the sandbox",
    "the practice clock": "Its clock says",
    "the workspace switcher": "Your workspaces",
    "the skip link": "Skip to content",
}


@pytest.fixture
def style_page(db: None) -> str:
    response = Client().get("/style/?page=2")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("piece", PIECES)
def test_the_style_page_shows(piece: str, style_page: str) -> None:
    assert PIECES[piece] in style_page


def test_the_style_page_needs_nothing_inline(style_page: str) -> None:
    assert faults(style_page) == []


def test_no_two_pieces_share_an_id(style_page: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', style_page)
    assert sorted(ids) == sorted(set(ids))


def test_what_a_field_points_to_exists(style_page: str) -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', style_page))
    for names in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', style_page):
        assert set(names.split()) <= ids


@pytest.mark.urls("config.urls")
def test_the_style_page_is_for_builders_only(db: None) -> None:
    assert Client().get("/style/").status_code == 404


def test_every_answer_carries_the_strict_policy(db: None) -> None:
    for address in ("/style/", "/missing/", "/nowhere/"):
        response = Client().get(address)
        assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"


def test_the_policy_has_no_way_round_it() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert "*" not in CONTENT_SECURITY_POLICY


def test_a_page_of_somebody_signed_in_is_kept_in_no_cache(olive: User, client_of: Callable[[User], Client]) -> None:
    assert "no-store" in client_of(olive).get("/w/harbor/")["Cache-Control"]


def test_a_page_for_anybody_may_be_kept(db: None) -> None:
    assert "no-store" not in Client().get("/style/").get("Cache-Control", "")


def test_light_and_dark_are_remembered_and_known_to_the_server(db: None) -> None:
    client = Client()
    assert "data-theme" not in client.get("/style/").content.decode()
    response = client.post("/theme/", {"theme": "dark", "next": "/style/?page=2"})
    assert response["Location"] == "/style/?page=2"
    assert '<html lang="en" data-theme="dark">' in client.get("/style/").content.decode()
    client.post("/theme/", {"theme": "auto", "next": "/style/"})
    assert "data-theme" not in client.get("/style/").content.decode()


@pytest.mark.parametrize("next_", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)", ""])
def test_choosing_a_theme_never_leads_elsewhere(next_: str, db: None) -> None:
    assert Client().post("/theme/", {"theme": "dark", "next": next_})["Location"] == "/"


def test_a_theme_nobody_made_is_ignored(db: None) -> None:
    client = Client()
    client.post("/theme/", {"theme": '"><script>', "next": "/"})
    assert COOKIE not in client.cookies
    client.cookies[COOKIE] = '"><script>'
    assert "data-theme" not in client.get("/style/").content.decode()


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_an_error_page_needs_no_context_and_no_database(name: str) -> None:
    html = render_to_string(name)
    assert "<h1>" in html
    assert 'href="/"' in html
    assert faults(html) == []


def test_a_missing_thing_is_told_in_our_own_sentence(db: None) -> None:
    response = Client().get("/missing/")
    assert response.status_code == 404
    assert "That campaign was deleted on Monday." in response.content.decode()


def test_a_missing_page_does_not_show_how_it_was_looked_for(db: None) -> None:
    page = Client().get("/nowhere/").content.decode()
    assert "There is nothing here" in page
    assert "Resolver404" not in page
    assert "tried" not in page


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_broken_page_keeps_its_secrets(db: None) -> None:
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "a secret of the machine" not in response.content.decode()
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_a_form_without_its_token_is_explained(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "This page was open for too long" in response.content.decode()


def test_the_frame_renders_without_any_context() -> None:
    assert "Skip to content" in render_to_string("base.html")
    assert "Skip to content" in render_to_string("bare.html", request=RequestFactory().get("/"))


def test_a_verb_without_a_script_has_a_page_that_asks() -> None:
    html = render_to_string(
        "confirm.html",
        {"confirm_url": "/keys/7/revoke/", "confirm_label": "Revoke", "confirm_kind": "danger", "cancel_url": "/keys/"},
    )
    assert 'method="post" action="/keys/7/revoke/"' in html
    assert '<button class="button danger primary">Revoke</button>' in html
    assert 'href="/keys/">Cancel' in html
