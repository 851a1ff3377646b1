"""Judge: one-time codes from a telephone's app, and the recovery codes for when it is lost."""

import secrets
from datetime import datetime

import pyotp
import segno
from django.utils.safestring import SafeString, mark_safe

PERIOD = 30  # seconds a code is valid, as every authenticator app expects
DRIFT = (0, -1, 1)  # a phone's clock may be one period off
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without l and o, which are read as 1 and 0


def new_secret() -> str:
    return pyotp.random_base32()


def matching_step(secret: str, *, code: str, real: datetime) -> int | None:
    """The time step this code belongs to. The caller must refuse a step that was used before."""
    if not secret:
        return None
    step = int(real.timestamp()) // PERIOD
    totp = pyotp.TOTP(secret, interval=PERIOD)
    for drift in DRIFT:
        if secrets.compare_digest(totp.generate_otp(step + drift), plain(code)):
            return step + drift
    return None


def plain(code: str) -> str:
    """The code as it is compared: people type spaces, hyphens and capitals as they please."""
    return "".join(letter for letter in code.lower() if letter.isascii() and letter.isalnum())


def qr_code(secret: str, *, account: str) -> SafeString:
    """The secret as a picture for the app to scan: SVG with attributes only, dark on white in every theme."""
    uri = pyotp.TOTP(secret, interval=PERIOD).provisioning_uri(name=account, issuer_name="Callwright")
    svg = segno.make(uri, error="m").svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass="qr-code", lineclass=None
    )
    return mark_safe(svg)  # noqa: S308 - drawn by segno from our own text, nothing of it is markup


def new_recovery_codes(count: int) -> list[str]:
    return ["-".join(_letters(4) for _ in range(4)) for _ in range(count)]


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))
