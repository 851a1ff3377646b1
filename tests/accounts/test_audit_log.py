from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from tests.conftest import NOW


@pytest.fixture
def shown(ada: User, harbor: Workspace, client_of: Callable[[User], Client]) -> Callable[..., list[str]]:
    """The subjects an auditor reads, in order."""

    def subjects(**query: str | int) -> list[str]:
        response = client_of(ada).get(reverse("audit_log", kwargs={"slug": "harbor"}), query)
        assert response.status_code == 200
        return [line["entry"].subject for line in response.context["lines"]]

    return subjects


@pytest.fixture
def three_days(harbor: Workspace, olive: User, otto: User) -> None:
    with in_workspace(harbor.pk):
        audit.record("member.invited", now=NOW, user=olive, subject="monday")
        audit.record("api_key.created", now=NOW + timedelta(days=1), user=otto, subject="tuesday")
        audit.record("member.invited", now=NOW + timedelta(days=2), user=otto, subject="wednesday")


def test_the_newest_line_comes_first(shown: Callable[..., list[str]], three_days: None) -> None:
    assert shown() == ["wednesday", "tuesday", "monday"]


def test_it_is_filtered_by_person_deed_and_day(shown: Callable[..., list[str]], three_days: None, otto: User) -> None:
    assert shown(person=otto.pk) == ["wednesday", "tuesday"]
    assert shown(verb="member.invited") == ["wednesday", "monday"]
    assert shown(person=otto.pk, verb="member.invited") == ["wednesday"]
    assert shown(since="2026-03-04") == ["wednesday", "tuesday"]
    assert shown(until="2026-03-04") == ["tuesday", "monday"]
    assert shown(since="2026-03-04", until="2026-03-04") == ["tuesday"]


def test_it_offers_the_people_and_deeds_there_are(
    ada: User, three_days: None, client_of: Callable[[User], Client]
) -> None:
    form = client_of(ada).get(reverse("audit_log", kwargs={"slug": "harbor"})).context["form"]
    assert [label for _, label in form.fields["verb"].choices] == ["Everything", "API key created", "Member invited"]
    assert [label for _, label in form.fields["person"].choices] == ["Everybody", "Olive Owens", "Otto Operato"]


def test_nonsense_in_the_filter_gets_a_sentence(ada: User, harbor: Workspace, client_of: Callable[..., Client]) -> None:
    for query in ("person=x", "verb=no.such", "since=yesterday", "before=-1"):
        response = client_of(ada).get(f"{reverse('audit_log', kwargs={'slug': 'harbor'})}?{query}")
        assert response.status_code == 422


def test_it_pages_through_everything_once(
    ada: User, harbor: Workspace, olive: User, client_of: Callable[[User], Client]
) -> None:
    with in_workspace(harbor.pk):
        for number in range(120):
            audit.record("member.invited", now=NOW, user=olive, subject=number)
    seen, query = [], "?verb=member.invited"
    while query:
        context = client_of(ada).get(reverse("audit_log", kwargs={"slug": "harbor"}) + query).context
        seen += [line["entry"].subject for line in context["lines"]]
        query = context["older"]
    assert seen == [str(number) for number in reversed(range(120))]


def test_what_somebody_wrote_is_shown_as_text(
    shown: Callable[..., list[str]], harbor: Workspace, ada: User, client_of: Callable[[User], Client]
) -> None:
    with in_workspace(harbor.pk):
        audit.record("workspace.renamed", now=NOW, user=ada, subject="<script>alert(1)</script>", before="<b>")
    page = client_of(ada).get(reverse("audit_log", kwargs={"slug": "harbor"})).content.decode()
    assert "<script>alert(1)" not in page
    assert "before: &lt;b&gt;" in page
