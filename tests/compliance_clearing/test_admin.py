"""Staff may read and search every noun of clearing, of their own workspace alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance import clearing_admin
from tests.compliance_clearing.cast import one_of_each

NOUNS = [model for model, site in admin.site._registry.items() if type(site).__module__ == clearing_admin.__name__]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_staff_find_a_row_and_strangers_do_not(
    noun: type[models.Model],
    harbor: Workspace,
    olive: User,
    summit: Workspace,
    sam: User,
    client_of: Callable[[User], Client],
    heads_elsewhere: Path,
) -> None:
    one_of_each(harbor, olive)
    with in_workspace(harbor.pk):
        row = noun._default_manager.latest("pk")
    names = f"admin:{noun._meta.app_label}_{noun._meta.model_name}"
    for person, workspace, found in ((olive, harbor, True), (sam, summit, False)):
        person.is_staff = person.is_superuser = True
        person.save()
        client = client_of(person)
        client.get(reverse("home_of_workspace", kwargs={"slug": workspace.slug}))
        changed = reverse(f"{names}_change", args=[row.pk])
        listed = client.get(reverse(f"{names}_changelist"), {"q": "1"}, follow=True)
        assert listed.status_code == 200
        assert (client.get(changed).status_code == 200) is found
        assert (changed in client.get(reverse(f"{names}_changelist")).content.decode()) is found
