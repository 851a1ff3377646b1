"""Secrets at rest: encrypted, with the name of the key in front, so that keys can be changed one day.

SECRETS_KEYS holds `name:key` pairs, the first of which seals; every one of them opens.
"""

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class CannotUnseal(Exception):
    """The key this secret was sealed with is not in SECRETS_KEYS, or the text was changed."""


def seal(secret: str) -> str:
    name, fernet = next(iter(_keys().items()))
    return f"{name}:{fernet.encrypt(secret.encode()).decode()}"


def unseal(sealed: str) -> str:
    name, _, token = sealed.partition(":")
    try:
        return _keys()[name].decrypt(token.encode()).decode()
    except (KeyError, InvalidToken):
        raise CannotUnseal(f"A secret was sealed with key {name!r}, which SECRETS_KEYS does not hold.") from None


def _keys() -> dict[str, Fernet]:
    pairs = (pair.partition(":") for pair in settings.SECRETS_KEYS)
    return {name: Fernet(key) for name, _, key in pairs}
