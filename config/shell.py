"""What every page knows: who is asking, where, and the way around."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts import access
from accounts.doors import LAST_WORKSPACE
from accounts.models import Membership
from accounts.roles import Permission
from config import clock


@dataclass(frozen=True)
class Item:
    label: str
    url_name: str
    icon: str


# Each room adds its line here when it has a page to show.
NAVIGATION: dict[str, tuple[Item, ...]] = {
    "": (Item("Home", "home_of_workspace", "home"),),
    "Compliance": (
        Item("May I call?", "may_i_call", "phone"),
        Item("Decisions", "decisions", "list"),
        Item("Suppressions", "suppressions", "ban"),
        Item("Consents", "consents", "check"),
        Item("Registries", "registries", "shield"),
        Item("Rulebook", "rulebook", "calendar"),
        Item("Sellers", "sellers", "people"),
    ),
    "Exports": (Item("Events", "events", "send"),),
    "Settings": (
        Item("People", "people", "people"),
        Item("API keys", "api_keys", "key"),
        Item("Audit log", "audit_log", "list"),
        Item("Workspace", "workspace_settings", "settings"),
    ),
}


def shell(request: HttpRequest) -> dict[str, object]:
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    memberships = access.access_own_memberships(user)
    membership = getattr(request, "membership", None) or _last_membership(request, memberships)
    return {
        "workspace": membership.workspace if membership else None,
        "membership": membership,
        "memberships": memberships,
        "may": {permission.value: bool(membership and membership.allows(permission)) for permission in Permission},
        "navigation": _navigation(membership, request.path) if membership else [],
        "practice_clock": clock.now() if clock.CLOCK else None,
    }


def _last_membership(request: HttpRequest, memberships: list[Membership]) -> Membership | None:
    """A person's own pages belong to no workspace; the way back is through the one they came from."""
    last = request.session.get(LAST_WORKSPACE)
    return next((mine for mine in memberships if mine.workspace.slug == last), None)


def _navigation(membership: Membership, path: str) -> list[dict[str, object]]:
    return [
        {"label": label, "items": [_item(item, membership, path) for item in items]}
        for label, items in NAVIGATION.items()
    ]


def _item(item: Item, membership: Membership, path: str) -> dict[str, object]:
    url = reverse(item.url_name, kwargs={"slug": membership.workspace.slug})
    home = item.url_name == "home_of_workspace"
    return {
        "label": item.label,
        "url": url,
        "icon": item.icon,
        "current": path == url if home else path.startswith(url),
    }
