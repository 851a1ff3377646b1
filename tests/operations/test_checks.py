"""Each mistake in the settings is named, with its cure."""

from datetime import UTC, datetime

import pytest
from django.core.checks import CheckMessage, run_checks
from pytest_django import Settings

from accounts.models import Workspace
from config import clock
from tests.conftest import NOW

GOOD_KEY = "dGVzdHMgYWxvbmUsIHRlc3RzIGFsb25lLCB0ZXN0czE="

MISTAKES: list[tuple[str, object, str]] = [
    ("SECRET_KEY", "short", "callwright.E001"),
    ("SECRET_KEY", "a" * 60, "callwright.E001"),
    ("SECRETS_KEYS", [], "callwright.E002"),
    ("SECRETS_KEYS", ["k1:tooshort"], "callwright.E003"),
    ("SECRETS_KEYS", [GOOD_KEY], "callwright.E003"),
    ("SECRETS_KEYS", [f"k1:{GOOD_KEY}", f"k1:{GOOD_KEY}"], "callwright.E004"),
    ("PUBLIC_URL", "calls.example.com", "callwright.E006"),
    ("PUBLIC_URL", "https://calls.example.com/callwright", "callwright.E006"),
    ("PUBLIC_URL", "http://calls.example.com", "callwright.E007"),
    ("METRICS_TOKEN", "guess me", "callwright.E008"),
    ("TRUSTED_PROXIES", ["10.0.0.0/8", "the proxy"], "callwright.E009"),
    ("REDIS_URL", "127.0.0.1:6379", "callwright.E010"),
    ("HEARTBEAT_LIMIT", 12, "callwright.E011"),
    ("ALLOWED_HOSTS", ["*"], "callwright.W001"),
    ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "callwright.W002"),
]


def ours(*, databases: list[str] | None = None) -> dict[str, CheckMessage]:
    found = run_checks(include_deployment_checks=True, databases=databases)
    return {str(message.id): message for message in found if str(message.id).startswith("callwright.")}


@pytest.fixture(autouse=True)
def sound(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://calls.example.com"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def test_sound_settings_raise_nothing() -> None:
    assert ours() == {}


@pytest.mark.parametrize(("name", "value", "code"), MISTAKES)
def test_a_mistake_is_named_with_its_cure(name: str, value: object, code: str, settings: Settings) -> None:
    setattr(settings, name, value)
    found = ours()
    assert list(found) == [code]
    setting = "EMAIL_URL" if name == "EMAIL_BACKEND" else name
    assert setting in found[code].msg
    assert found[code].hint


def test_no_message_shows_the_value_of_a_secret(settings: Settings) -> None:
    settings.SECRET_KEY, settings.METRICS_TOKEN, settings.SECRETS_KEYS = "hush-1", "hush-2", ["hush-3"]
    assert "hush" not in str(list(ours().values()))


def test_one_role_for_both_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["owner"], "USER", settings.DATABASES["default"]["USER"])
    assert list(ours()) == ["callwright.E005"]


def test_a_practice_clock_beside_a_live_workspace_is_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Workspace.objects.create(name="Live", slug="live", kind=Workspace.Kind.LIVE, created_at=NOW)
    assert ours(databases=["default"]) == {}
    monkeypatch.setattr(clock, "CLOCK", clock.Clock(start=NOW, anchor=datetime.now(UTC)))  # noqa: TID251
    assert list(ours(databases=["default"])) == ["callwright.E012"]
    assert ours() == {}
