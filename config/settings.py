"""Every setting of the process, read from the environment. `.env.example` explains each to an operator."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext

from config import logs
from config.env import CHECKOUT, Environment

django_stubs_ext.monkeypatch()

env = Environment.of_this_process()


def database(url: str, *, pool_size: int = 0) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, object] = {
        "connect_timeout": 5,
        "application_name": "callwright",
        # Nobody waits for ever: neither for a row another transaction holds nor for one left open by a dead client.
        "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
    }
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # What the address adds, such as ?sslmode=require, is for the driver.
        "OPTIONS": options | dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 0 if pool_size else 600,
        "CONN_HEALTH_CHECKS": True,
    }


# The process
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
SECRETS_KEYS = env.words("SECRETS_KEYS")
PORT = int(env.number("PORT", 8000))
PUBLIC_URL = env.text("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")
HEARTBEAT_LIMIT = env.number("HEARTBEAT_LIMIT", 45)
ALIVE_FILE = env.text("ALIVE_FILE", "")
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"

# Where it answers, and how strictly
_public = urlsplit(PUBLIC_URL)
_encrypted = _public.scheme == "https"
ALLOWED_HOSTS = [_public.hostname or "", "127.0.0.1", "localhost", *env.words("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_SSL_REDIRECT = _encrypted
# The container's own health check and the scraper speak plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if _encrypted else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _encrypted
SECURE_HSTS_PRELOAD = _encrypted
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _encrypted
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "callwright_session"
CSRF_COOKIE_NAME = "callwright_csrf"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_FAILURE_VIEW = "config.looks.views.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

INSTALLED_APPS = [
    "config.apps.Config",
    "config.apps.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "config.looks",
    "accounts",
    "exports",
    "compliance",
]

MIDDLEWARE = [
    "config.middleware.trace",
    "config.api.problems_for_programs",
    "django.middleware.security.SecurityMiddleware",
    "config.looks.headers.security_headers",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.doors.admin_door",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CHECKOUT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["config.looks.templatetags.looks"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.shell.shell",
            ],
        },
    }
]
FORM_RENDERER = "config.looks.forms.Renderer"

# Data
DATABASES = {"default": database(env.text("DATABASE_URL"), pool_size=int(env.number("DATABASE_POOL_SIZE", 0)))}
if _owner_url := env.text("DATABASE_OWNER_URL", ""):
    # Only migrations and set-up use the owner; web and workers need not know it.
    DATABASES["owner"] = database(_owner_url)
DATABASE_ROUTERS: list[str] = []
REDIS_URL = env.text("REDIS_URL")
# Outside the database: the head of every sealed batch of the ledger, a line each.
LEDGER_HEADS = env.text("LEDGER_HEADS", f"{env.text('CALLWRIGHT_DATA', str(CHECKOUT / 'data'))}/ledger-heads.jsonl")
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Who may come in
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
PASSWORD_RESET_TIMEOUT = 24 * 3600
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# How fast one API key may ask, and one address may fail to name a good key; both refill steadily
API_RATE_PER_MINUTE = int(env.number("API_RATE_PER_MINUTE", 600))
API_FAILURES_PER_MINUTE = int(env.number("API_FAILURES_PER_MINUTE", 60))

# Files the pages need; an image collects them once, a checkout serves them where they lie
STATIC_URL = "static/"
STATIC_ROOT = env.text("STATIC_ROOT", str(CHECKOUT / "staticfiles"))
STATICFILES_DIRS = [CHECKOUT / "static"]
# Collecting is what writes the list that says they are collected.
_collected = "collectstatic" in sys.argv or (Path(STATIC_ROOT) / "staticfiles.json").is_file()
SERVESTATIC_USE_FINDERS = SERVESTATIC_AUTOREFRESH = not _collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Mail: console:// prints it, smtp://name:password@host:587 sends it (smtps:// for encryption from the first byte)
_mail = urlsplit(env.text("EMAIL_URL", "console://"))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail.scheme.startswith('smtp') else 'console'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or (465 if _mail.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp" and bool(_mail.username)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "Callwright <callwright@localhost>")

LOGGING = logs.configuration(form=env.text("LOG_FORM", "json"), level=env.text("LOG_LEVEL", "INFO"))
