from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import AuditEntry, Membership, User, Workspace
from accounts.roles import Permission, Role, allows
from accounts.tenancy import in_workspace
from tests.conftest import NOW

LAST_OWNER = "is the last owner. Make somebody else an owner first."


def url(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"slug": "harbor", **kwargs})


def membership_of(person: User, workspace: Workspace) -> Membership:
    with in_workspace(workspace.pk):
        return Membership.objects.get(user=person)


def roles_in(workspace: Workspace) -> dict[str, str]:
    with in_workspace(workspace.pk):
        return dict(Membership.objects.values_list("user__name", "role"))


# The table of roles, deed by deed

DEEDS: dict[Permission, list[str]] = {
    Permission.SEE: ["people", "api_keys", "audit_log", "workspace_settings", "home_of_workspace"],
    Permission.MANAGE_PEOPLE: ["invite"],
    Permission.MANAGE_KEYS: ["create_api_key"],
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("permission", "name"), [(p, name) for p, names in DEEDS.items() for name in names])
def test_a_page_opens_to_the_roles_the_table_names(
    harbor: Workspace,
    olive: User,
    add_person: Callable[[Role], Client],
    role: Role,
    permission: Permission,
    name: str,
) -> None:
    status = add_person(role).get(url(name)).status_code
    assert status == (200 if allows(role, permission) else 403)


@pytest.fixture
def add_person(
    harbor: Workspace, add_member: Callable[..., None], client_of: Callable[[User], Client]
) -> Callable[[Role], Client]:
    def add(role: Role) -> Client:
        person = User.objects.create_user(
            email=f"{role.lower()}@example.com", name=f"An {role.lower()}", password=None, joined_at=harbor.created_at
        )
        add_member(harbor, person, role)
        return client_of(person)

    return add


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.COMPLIANCE, Role.AUDITOR])
def test_only_an_owner_changes_anything_about_people(
    harbor: Workspace, olive: User, otto: User, add_person: Callable[[Role], Client], role: Role
) -> None:
    client, place = add_person(role), membership_of(otto, harbor).pk
    assert client.post(url("change_role", membership_id=place), {"role": "OWNER"}).status_code == 403
    assert client.post(url("remove_person", membership_id=place)).status_code == 403
    assert client.post(url("invite"), {"email": "x@example.com", "role": "OWNER"}).status_code == 403
    assert client.post(url("rename_workspace"), {"name": "Ours now"}).status_code == 403
    assert roles_in(harbor)["Otto Operato"] == Role.OPERATOR


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.COMPLIANCE, Role.AUDITOR])
def test_a_role_is_offered_no_button_it_may_not_press(
    harbor: Workspace, olive: User, add_person: Callable[[Role], Client], role: Role
) -> None:
    client = add_person(role)
    pages = "".join(client.get(url(name)).content.decode() for name in ("people", "api_keys", "workspace_settings"))
    for name in ("invite", "create_api_key", "rename_workspace"):
        assert url(name) not in pages


# Roles change, people go


def test_an_owner_changes_a_role(harbor: Workspace, olive: User, otto: User, client_of: Callable[..., Client]) -> None:
    place = membership_of(otto, harbor).pk
    page = client_of(olive).post(url("change_role", membership_id=place), {"role": "COMPLIANCE"}, follow=True)
    assert "Otto Operato is compliance officer now." in page.content.decode()
    assert roles_in(harbor)["Otto Operato"] == Role.COMPLIANCE
    with in_workspace(harbor.pk):
        entry = AuditEntry.objects.get()
    assert (entry.verb, entry.user, entry.details) == (
        "member.role_changed",
        olive,
        {"before": "OPERATOR", "after": "COMPLIANCE"},
    )


def test_a_role_that_does_not_exist_is_refused(
    harbor: Workspace, olive: User, otto: User, client_of: Callable[..., Client]
) -> None:
    place = membership_of(otto, harbor).pk
    assert client_of(olive).post(url("change_role", membership_id=place), {"role": "GOD"}).status_code == 422


def test_somebody_removed_sees_nothing_more_from_the_next_click_on(
    harbor: Workspace, olive: User, otto: User, client_of: Callable[..., Client]
) -> None:
    ottos = client_of(otto)
    assert ottos.get(url("people")).status_code == 200
    client_of(olive).post(url("remove_person", membership_id=membership_of(otto, harbor).pk))
    assert ottos.get(url("people")).status_code == 404
    assert "You are in no workspace" in ottos.get("/").content.decode()
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.get().verb == "member.removed"


def test_a_stale_page_about_somebody_gone_says_not_found(
    harbor: Workspace, olive: User, otto: User, client_of: Callable[..., Client]
) -> None:
    remove = url("remove_person", membership_id=membership_of(otto, harbor).pk)
    client = client_of(olive)
    client.post(remove)
    assert client.post(remove).status_code == 404


def test_a_member_of_any_role_may_leave(
    harbor: Workspace, olive: User, ada: User, client_of: Callable[..., Client]
) -> None:
    page = client_of(ada).post(url("leave_workspace"), follow=True)
    assert "You have left Harbor Dental." in page.content.decode()
    assert "Ada Audit" not in roles_in(harbor)


# Somebody must hold the keys


def test_the_last_owner_can_neither_leave_be_removed_nor_demoted(
    harbor: Workspace, olive: User, otto: User, client_of: Callable[..., Client]
) -> None:
    client, place = client_of(olive), membership_of(olive, harbor).pk
    for path, fields in (
        (url("leave_workspace"), {}),
        (url("remove_person", membership_id=place), {}),
        (url("change_role", membership_id=place), {"role": "AUDITOR"}),
    ):
        assert LAST_OWNER in client.post(path, fields, follow=True).content.decode()
    assert roles_in(harbor)["Olive Owens"] == Role.OWNER


def test_an_owner_who_cannot_sign_in_does_not_count(
    harbor: Workspace, olive: User, otto: User, add_member: Callable[..., Membership], client_of: Callable[..., Client]
) -> None:
    gone = User.objects.create_user(email="gone@example.com", name="Gone", password=None, joined_at=harbor.created_at)
    add_member(harbor, gone, Role.OWNER)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert LAST_OWNER in client_of(olive).post(url("leave_workspace"), follow=True).content.decode()


def test_with_a_second_owner_the_first_may_go(
    harbor: Workspace, olive: User, otto: User, client_of: Callable[..., Client]
) -> None:
    client = client_of(olive)
    client.post(url("change_role", membership_id=membership_of(otto, harbor).pk), {"role": "OWNER"})
    client.post(url("leave_workspace"))
    assert roles_in(harbor) == {"Otto Operato": Role.OWNER}


@pytest.mark.parametrize("deed", ["remove_person", "change_role", "leave_workspace"])
def test_two_owners_going_at_the_same_moment_leave_one(
    meanwhile: Callable[..., Future[HttpResponse]],
    harbor: Workspace,
    olive: User,
    otto: User,
    client_of: Callable[..., Client],
    deed: str,
) -> None:
    with in_workspace(harbor.pk):
        Membership.objects.filter(user=otto).update(role=Role.OWNER)
    ottos, olives = membership_of(otto, harbor), membership_of(olive, harbor)
    # Otto goes; before that is committed Olive leaves, or Otto still presses a button against her.
    client = client_of(olive if deed == "leave_workspace" else otto)
    path = url(deed) if deed == "leave_workspace" else url(deed, membership_id=olives.pk)
    with in_workspace(harbor.pk):
        actions.remove_person(ottos, by=olive, now=NOW)
        other = meanwhile(partial(client.post, path, {"role": "AUDITOR"}))
    assert other.result(timeout=5).status_code in {302, 422}
    assert roles_in(harbor) == {"Olive Owens": Role.OWNER}


# The page


def test_people_sorts_by_what_was_asked_and_shrugs_at_nonsense(
    harbor: Workspace, olive: User, otto: User, ada: User, client_of: Callable[..., Client]
) -> None:
    def names(query: str) -> list[str]:
        page = client_of(olive).get(url("people") + query).context["page_obj"]
        return [membership.user.name.split()[0] for membership in page]

    assert names("") == ["Ada", "Olive", "Otto"]
    assert names("?sort=-name") == ["Otto", "Olive", "Ada"]
    assert names("?sort=role")[0] == "Ada"
    assert names("?sort=user__password") == ["Ada", "Olive", "Otto"]
    assert names("?page=999") == ["Ada", "Olive", "Otto"]
