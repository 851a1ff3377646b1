"""Walk every URL, with every role, on every object: a stranger finds nothing there, a rightful member succeeds.

New URLs are picked up by themselves. One that names an object this walk cannot build, or a verb it has no
sensible form for, fails until OBJECTS or FORMS learns it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import actions, audit
from accounts.doors import Door
from accounts.models import ApiKey, Invitation, Membership, User, Workspace
from accounts.roles import Role, allows
from accounts.tenancy import TenantModel, in_workspace
from exports.actions import record_event
from tests import walls_of_compliance
from tests.conftest import NOW, member, workspace


@dataclass(frozen=True)
class Url:
    name: str
    route: str
    kwargs: frozenset[str]
    door: Door | None

    def __str__(self) -> str:
        return self.name

    def to(self, **values: object) -> str:
        return reverse(self.name, kwargs={key: values[key] for key in self.kwargs})


def every_url() -> Iterator[Url]:
    yield from _below(get_resolver(), "", "")


def _below(resolver: URLResolver, route: str, namespace: str) -> Iterator[Url]:
    for entry in resolver.url_patterns:
        path = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _below(entry, path, inner)
        elif isinstance(entry, URLPattern):
            kwargs = frozenset(resolver.pattern.converters) | frozenset(entry.pattern.converters)
            door = getattr(entry.callback, "door", None)
            yield Url(f"{namespace}{entry.name}", path, kwargs, door)


URLS = list(every_url())
# What a URL names that is no row of a workspace.
SHARED = {"slug", "jurisdiction"}
PAGES = [url for url in URLS if not url.route.startswith(("admin/", "api/v1/"))]
OF_WORKSPACES = [url for url in PAGES if url.door and url.door.kind == "workspace"]
WITH_OBJECTS = [url for url in OF_WORKSPACES if url.kwargs - SHARED]
OF_PERSONS = [url for url in PAGES if url.door and url.door.kind == "signed_in"]


def build_membership(of: Workspace) -> int:
    newcomer = member(of, f"Nora{of.pk} Newcomer", Role.OPERATOR)
    with in_workspace(of.pk):
        return Membership.objects.get(user=newcomer).pk


def build_invitation(of: Workspace) -> int:
    with in_workspace(of.pk):
        return Invitation.objects.create(
            workspace=of,
            email=f"ines{of.pk}@example.com",
            role=Role.AUDITOR,
            token_hash=f"{of.pk:064}",
            invited_by=owner_of(of),
            invited_at=NOW,
            expires_at=NOW + timedelta(days=3650),
        ).pk


def build_api_key(of: Workspace) -> int:
    with in_workspace(of.pk):
        key, _ = actions.create_api_key(workspace=of, name="CRM", scopes=["events:read"], by=owner_of(of), now=NOW)
    return key.pk


def build_event(of: Workspace) -> object:
    with in_workspace(of.pk):
        return record_event("test.requested", {"note": f"of {of.slug}"}, now=NOW).code


def owner_of(of: Workspace) -> User:
    with in_workspace(of.pk):
        return User.objects.get(memberships__workspace=of, memberships__role=Role.OWNER, email__startswith="keeper")


# How to build what a URL names, in a given workspace.
OBJECTS: dict[str, Callable[[Workspace], object]] = {
    "membership_id": build_membership,
    "invitation_id": build_invitation,
    "api_key_id": build_api_key,
    "code": build_event,
    **walls_of_compliance.OBJECTS,
}

# What a rightful member would fill in, for the verbs that need something filled in.
FORMS: dict[str, dict[str, object]] = {
    "change_role": {"role": "AUDITOR"},
    "invite": {"email": "new.colleague@example.com", "role": "OPERATOR"},
    "create_api_key": {"name": "CRM", "scopes": ["events:read"]},
    "rename_workspace": {"name": "Harbor Dental"},
    **walls_of_compliance.FORMS,
}


@pytest.fixture
def workspaces(db: None) -> tuple[Workspace, Workspace]:
    ours, theirs = workspace("Harbor Dental"), workspace("Summit Logistics")
    for of in (ours, theirs):
        member(of, f"Keeper{of.pk} Keys", Role.OWNER)
    return ours, theirs


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def knock(client: Client, url: Url, path: str) -> int:
    """Open the door as it is meant to be opened: verbs by POST with their form, pages by GET."""
    assert url.door
    if url.door.post_only:
        return client.post(path, FORMS.get(url.name, {})).status_code
    return client.get(path).status_code


def build(url: Url, of: Workspace) -> dict[str, object]:
    return {key: OBJECTS[key](of) for key in url.kwargs - {"slug"}}


def test_every_url_stands_behind_a_door() -> None:
    assert [url.name for url in PAGES if url.door is None] == []


def test_the_walk_knows_how_to_build_every_object_a_url_names() -> None:
    unknown = {key for url in OF_WORKSPACES for key in url.kwargs - {"slug"} if key not in OBJECTS}
    assert unknown == set(), "teach OBJECTS how to build these"


def test_the_walk_has_something_to_walk() -> None:
    assert len(OF_WORKSPACES) >= 10
    assert len(WITH_OBJECTS) >= 4


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("url", OF_WORKSPACES, ids=str)
def test_a_member_succeeds_where_their_role_allows_and_is_told_no_where_not(
    url: Url, role: Role, workspaces: tuple[Workspace, Workspace]
) -> None:
    ours, _ = workspaces
    person = member(ours, f"{role.title()} Person", role)
    status = knock(signed_in(person), url, url.to(slug=ours.slug, **build(url, ours)))
    assert url.door
    assert url.door.permission
    if allows(role, url.door.permission):
        assert status < 400, f"a rightful {role} got {status}"
    else:
        assert status == 403


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("url", OF_WORKSPACES, ids=str)
def test_a_member_of_another_workspace_finds_nothing(
    url: Url, role: Role, workspaces: tuple[Workspace, Workspace]
) -> None:
    ours, theirs = workspaces
    stranger = signed_in(member(theirs, f"{role.title()} Person", role))
    path = url.to(slug=ours.slug, **build(url, ours))
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, FORMS.get(url.name, {})).status_code == 404


@pytest.mark.parametrize("url", WITH_OBJECTS, ids=str)
def test_an_object_of_another_workspace_is_not_found_in_ones_own(
    url: Url, workspaces: tuple[Workspace, Workspace]
) -> None:
    ours, theirs = workspaces
    owner = signed_in(owner_of(theirs))
    foreign, own = build(url, ours), build(url, theirs)
    assert knock(owner, url, url.to(slug=theirs.slug, **foreign)) == 404
    assert knock(owner, url, url.to(slug=theirs.slug, **own)) < 400


@pytest.mark.parametrize("url", [*OF_WORKSPACES, *OF_PERSONS], ids=str)
def test_somebody_signed_out_is_asked_to_sign_in(url: Url, workspaces: tuple[Workspace, Workspace]) -> None:
    ours, _ = workspaces
    path = url.to(slug=ours.slug, **build(url, ours))
    for response in (Client().get(path), Client().post(path, FORMS.get(url.name, {}))):
        assert response.status_code == 302
        assert response["Location"].startswith(f"{reverse('sign_in')}?next=")


@pytest.mark.parametrize("url", OF_PERSONS, ids=str)
def test_a_person_opens_their_own_pages(url: Url, workspaces: tuple[Workspace, Workspace]) -> None:
    person = owner_of(workspaces[0])
    person.is_staff = True
    person.save()
    assert signed_in(person).get(url.to()).status_code < 400


# The admin: the same wall, for staff.

TENANT_ADMINS = [model for model in admin.site._registry if issubclass(model, TenantModel)]


def staff_of(of: Workspace) -> Client:
    person = owner_of(of)
    person.is_staff = person.is_superuser = True
    person.save()
    client = signed_in(person)
    client.get(reverse("home_of_workspace", kwargs={"slug": of.slug}))  # where they came from
    return client


def row_of(model: type[models.Model], of: Workspace) -> models.Model:
    """A row of the model in that workspace: the whole cast of objects is built, one of them is it."""
    with in_workspace(of.pk):
        key = ApiKey.objects.filter(pk=build_api_key(of)).get()
        build_invitation(of)
        build_event(of)
        audit.record("member.invited", now=NOW, api_key=key)
        if model._meta.app_label == "compliance":
            walls_of_compliance.build_everything(of)
        if model._meta.model_name == "idempotentreply":
            model._default_manager.create(workspace=of, api_key=key, key="k", fingerprint="f", at=NOW)
        return model._default_manager.latest("pk")


def test_every_model_is_in_the_admin() -> None:
    from django.apps import apps  # noqa: PLC0415 - the registry is complete only when a test runs

    ours = {model for app in ("accounts", "compliance", "exports") for model in apps.get_app_config(app).get_models()}
    assert ours - set(admin.site._registry) == set()


@pytest.mark.parametrize("model", TENANT_ADMINS, ids=lambda model: model.__name__)
def test_staff_see_their_own_workspace_in_the_admin_and_no_other(
    model: type[models.Model], workspaces: tuple[Workspace, Workspace]
) -> None:
    ours, theirs = workspaces
    row = row_of(model, ours)
    names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    changed = reverse(f"{names}_change", args=[row.pk])
    insider, stranger = staff_of(ours), staff_of(theirs)
    assert insider.get(changed).status_code == 200
    assert stranger.get(changed).status_code in (302, 404)
    assert str(row.pk) in insider.get(reverse(f"{names}_changelist")).content.decode()
    assert changed not in stranger.get(reverse(f"{names}_changelist")).content.decode()
    for action in ("delete", "history"):
        assert stranger.get(reverse(f"{names}_{action}", args=[row.pk])).status_code in (302, 403, 404)


def test_the_admin_of_no_workspace_shows_no_tenants_row(workspaces: tuple[Workspace, Workspace]) -> None:
    ours, _ = workspaces
    row = row_of(ApiKey, ours)
    person = owner_of(ours)
    person.is_staff = person.is_superuser = True
    person.save()
    listed = signed_in(person).get(reverse("admin:accounts_apikey_changelist"))
    assert reverse("admin:accounts_apikey_change", args=[row.pk]) not in listed.content.decode()
    assert LogEntry.objects.count() == 0
