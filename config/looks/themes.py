"""Light, dark, or as the machine says: the person's choice, kept in a cookie so that the server knows it too."""

from django.http import HttpRequest

COOKIE = "callwright_theme"
THEMES = ("auto", "light", "dark")
KEPT_SECONDS = 365 * 24 * 3600


def theme_of(request: HttpRequest | None) -> str:
    asked = request.COOKIES.get(COOKIE, "auto") if request is not None else "auto"
    return asked if asked in THEMES else "auto"
