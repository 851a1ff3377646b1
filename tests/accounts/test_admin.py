from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import AuditEntry, SignInAttempt, User, Workspace
from accounts.roles import Role
from accounts.tenancy import in_workspace
from tests.conftest import NOW


@pytest.fixture
def staff(olive: User, harbor: Workspace, client_of: Callable[[User], Client]) -> Client:
    olive.is_staff = olive.is_superuser = True
    olive.save()
    client = client_of(olive)
    client.get("/w/harbor/")
    return client


def test_there_is_one_way_in_with_its_limit_and_second_factor(olive: User) -> None:
    response = Client().get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/sign-in/?next=/admin/"
    fields = {"username": "olive@example.com", "password": "correct horse battery"}
    assert "/sign-in/" in Client().post("/admin/login/", fields)["Location"]


def test_somebody_who_is_not_staff_is_told_so(olive: User, client_of: Callable[[User], Client]) -> None:
    response = client_of(olive).get("/admin/", follow=True)
    assert response.status_code == 403
    assert "the people who run this installation" in response.content.decode()


def test_every_list_and_page_of_accounts_opens(staff: Client, olive: User, harbor: Workspace) -> None:
    actions.add_second_factor(olive, secret="JBSWY3DPEHPK3PXP", step=0, now=NOW)
    SignInAttempt.objects.create(account="a", address="b", at=NOW)
    with in_workspace(harbor.pk):
        actions.create_api_key(workspace=harbor, name="CRM", scopes=["events:read"], by=olive, now=NOW)
        actions.invite(workspace=harbor, email="ines@example.com", role=Role.AUDITOR, by=olive, now=NOW, real=NOW)
    for model in admin.site._registry:
        names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = staff.get(reverse(f"{names}_changelist"), {"q": "o"})
        assert listed.status_code == 200, model
        with in_workspace(harbor.pk):
            row = model._default_manager.first()
        if row:
            assert staff.get(reverse(f"{names}_change", args=[row.pk])).status_code == 200, model


def test_no_secret_and_no_hash_is_shown(staff: Client, olive: User, harbor: Workspace) -> None:
    actions.add_second_factor(olive, secret="JBSWY3DPEHPK3PXP", step=0, now=NOW)
    olive.refresh_from_db()
    with in_workspace(harbor.pk):
        key, _ = actions.create_api_key(workspace=harbor, name="CRM", scopes=["events:read"], by=olive, now=NOW)
        invitation, _ = actions.invite(
            workspace=harbor, email="i@example.com", role=Role.AUDITOR, by=olive, now=NOW, real=NOW
        )
    pages = "".join(
        staff.get(reverse(f"admin:accounts_{name}_change", args=[row.pk])).content.decode()
        for name, row in (("user", olive), ("apikey", key), ("invitation", invitation))
    )
    for secret in (olive.password, olive.sealed_totp, key.secret_hash, invitation.token_hash):
        assert secret not in pages


def test_people_and_workspaces_of_elsewhere_are_not_found(staff: Client, sam: User, summit: Workspace) -> None:
    for name, row in (("user", sam), ("workspace", summit)):
        assert row.pk
        changed = reverse(f"admin:accounts_{name}_change", args=[row.pk])
        assert staff.get(changed).status_code == 302
        listed = staff.get(reverse(f"admin:accounts_{name}_changelist")).content.decode()
        assert changed not in listed


def test_a_change_in_the_admin_is_in_the_audit_log(staff: Client, olive: User, otto: User, harbor: Workspace) -> None:
    path = reverse("admin:accounts_user_change", args=[otto.pk])
    staff.post(path, {"name": "Otto Operator", "is_active": "on"})
    with in_workspace(harbor.pk):
        entry = AuditEntry.objects.get()
    assert (entry.verb, entry.user, entry.subject) == ("person.changed_in_admin", olive, "Otto Operator")
    assert entry.details == {"id": otto.pk, "fields": ["Name"]}


def test_the_last_owner_cannot_be_shut_out_in_the_admin(staff: Client, olive: User, harbor: Workspace) -> None:
    path = reverse("admin:accounts_user_change", args=[olive.pk])
    page = staff.post(path, {"name": "Olive Owens", "is_staff": "on", "is_superuser": "on"})
    assert "last owner" in page.content.decode()
    olive.refresh_from_db()
    assert olive.is_active


@pytest.mark.parametrize("name", ["membership", "invitation", "auditentry", "idempotentreply", "recoverycode"])
def test_what_has_rules_of_its_own_is_only_read(staff: Client, name: str) -> None:
    assert staff.get(reverse(f"admin:accounts_{name}_add")).status_code == 403
