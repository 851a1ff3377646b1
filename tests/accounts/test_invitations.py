from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from urllib.parse import quote

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import AuditEntry, Invitation, Membership, User, Workspace
from accounts.roles import Role
from accounts.tenancy import in_workspace
from config import clock
from tests.conftest import NOW

# A letter leaves once its invitation is committed.
pytestmark = pytest.mark.usefixtures("committed_db")

Link = Callable[[], str]
NEW_PERSON = {"name": "Ines Iversen", "password": "ten green bottles", "again": "ten green bottles"}


@pytest.fixture
def owner(olive: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(olive)


def url(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"slug": "harbor", **kwargs})


def invite(client: Client, email: str = "ines@example.com", role: str = "OPERATOR") -> str:
    return client.post(url("invite"), {"email": email, "role": role}, follow=True).content.decode()


def invitation_in(workspace: Workspace) -> Invitation:
    with in_workspace(workspace.pk):
        return Invitation.objects.latest("id")


def roles_in(workspace: Workspace) -> dict[str, str]:
    with in_workspace(workspace.pk):
        return dict(Membership.objects.values_list("user__email", "role"))


def verbs_in(workspace: Workspace) -> list[str]:
    with in_workspace(workspace.pk):
        return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_a_new_colleague_joins_by_the_link_in_the_mail(owner: Client, harbor: Workspace, link_in_mail: Link) -> None:
    assert "An invitation is on its way to ines@example.com" in invite(owner, role="AUDITOR")
    assert mail.outbox[0].to == ["ines@example.com"]
    ines = Client()
    assert "Join Harbor Dental" in ines.get(link_in_mail()).content.decode()
    response = ines.post(link_in_mail(), NEW_PERSON)
    assert response["Location"] == url("home_of_workspace")
    assert ines.get(url("people")).status_code == 200
    assert roles_in(harbor)["ines@example.com"] == Role.AUDITOR
    assert verbs_in(harbor) == ["member.invited", "member.joined", "person.signed_in"]


def test_the_database_keeps_no_token(owner: Client, harbor: Workspace, link_in_mail: Link) -> None:
    invite(owner)
    token = link_in_mail().rstrip("/").rsplit("/", 1)[1]
    assert token not in str(vars(invitation_in(harbor)))
    with in_workspace(harbor.pk):
        assert token not in str(list(AuditEntry.objects.values()))
    assert token not in owner.get(url("people")).content.decode()


def test_a_link_works_once(owner: Client, harbor: Workspace, link_in_mail: Link) -> None:
    invite(owner)
    Client().post(link_in_mail(), NEW_PERSON)
    again = Client().get(link_in_mail())
    assert again.status_code == 410
    assert "accepted already" in again.content.decode()


def test_a_link_expires_after_seven_days(owner: Client, harbor: Workspace, link_in_mail: Link) -> None:
    invite(owner)
    invitation = invitation_in(harbor)
    assert timedelta(0) <= clock.real() + timedelta(days=7) - invitation.expires_at < timedelta(minutes=1)
    with in_workspace(harbor.pk):
        Invitation.objects.update(expires_at=clock.real())
    for response in (Client().get(link_in_mail()), Client().post(link_in_mail(), NEW_PERSON)):
        assert response.status_code == 410
        assert "It expired on" in response.content.decode()
    assert not User.objects.filter(email="ines@example.com").exists()


def test_an_expired_invitation_does_not_stand_in_the_way_of_a_new_one(
    owner: Client, harbor: Workspace, link_in_mail: Link
) -> None:
    invite(owner)
    with in_workspace(harbor.pk):
        Invitation.objects.update(expires_at=clock.real())
    assert "Expired" in owner.get(url("people")).content.decode()
    invite(owner)
    assert Client().get(link_in_mail()).status_code == 200


def test_a_withdrawn_link_no_longer_opens(owner: Client, harbor: Workspace, link_in_mail: Link) -> None:
    invite(owner)
    withdraw = url("withdraw_invitation", invitation_id=invitation_in(harbor).pk)
    owner.post(withdraw)
    assert Client().get(link_in_mail()).status_code == 410
    assert "was withdrawn" in owner.post(withdraw, follow=True).content.decode()
    assert verbs_in(harbor)[-1] == "invitation.withdrawn"


def test_sending_again_replaces_the_link(owner: Client, harbor: Workspace, link_in_mail: Link) -> None:
    invite(owner)
    first = link_in_mail()
    owner.post(url("resend_invitation", invitation_id=invitation_in(harbor).pk))
    assert link_in_mail() != first
    assert Client().get(first).status_code == 404
    assert Client().get(link_in_mail()).status_code == 200


def test_inviting_a_member_says_so_and_keeps_what_was_typed(owner: Client, otto: User) -> None:
    page = invite(owner, "OTTO@example.com")
    assert "otto@example.com is already a member of Harbor Dental" in page
    assert 'value="OTTO@example.com"' in page
    assert mail.outbox == []


def test_inviting_twice_says_so(owner: Client) -> None:
    invite(owner)
    assert "ines@example.com is invited already" in invite(owner, "Ines@Example.com")
    assert len(mail.outbox) == 1


def test_one_may_be_invited_into_two_workspaces(
    owner: Client, sam: User, client_of: Callable[[User], Client], link_in_mail: Link
) -> None:
    invite(owner)
    Client().post(link_in_mail(), NEW_PERSON)
    client_of(sam).post(reverse("invite", kwargs={"slug": "summit"}), {"email": "ines@example.com", "role": "OPERATOR"})
    page = Client().get(link_in_mail()).content.decode()
    assert "You have an account here already" in page
    assert f"/sign-in/?next={quote(link_in_mail(), safe='')}" in page


def test_somebody_with_an_account_signs_in_and_accepts(
    owner: Client, sam: User, harbor: Workspace, client_of: Callable[[User], Client], link_in_mail: Link
) -> None:
    invite(owner, "sam@example.com", "COMPLIANCE")
    client = client_of(sam)
    assert "Accept" in client.get(link_in_mail()).content.decode()
    assert "sam@example.com" not in roles_in(harbor), "looking is not accepting"
    assert client.post(link_in_mail())["Location"] == url("home_of_workspace")
    assert roles_in(harbor)["sam@example.com"] == Role.COMPLIANCE
    assert client.post(link_in_mail())["Location"] == url("home_of_workspace"), "a second click does no harm"


def test_a_signed_out_visitor_cannot_take_over_an_account_that_exists(
    owner: Client, sam: User, harbor: Workspace, link_in_mail: Link
) -> None:
    invite(owner, "sam@example.com")
    Client().post(link_in_mail(), NEW_PERSON)
    sam.refresh_from_db()
    assert sam.name == "Sam Summers"
    assert "sam@example.com" not in roles_in(harbor)


def test_somebody_elses_invitation_is_refused_with_a_sentence(
    owner: Client, sam: User, harbor: Workspace, client_of: Callable[[User], Client], link_in_mail: Link
) -> None:
    invite(owner)
    client = client_of(sam)
    for response in (client.get(link_in_mail()), client.post(link_in_mail())):
        assert response.status_code == 403
        assert "you are signed in as sam@example.com" in response.content.decode()
    assert "sam@example.com" not in roles_in(harbor)


def test_a_token_of_one_workspace_opens_no_other(owner: Client, summit: Workspace, link_in_mail: Link) -> None:
    invite(owner)
    assert Client().get(link_in_mail().replace("/harbor/", "/summit/")).status_code == 404
    assert Client().get(link_in_mail().replace("/harbor/", "/nowhere/")).status_code == 404
    assert Client().get("/invitations/harbor/invented/").status_code == 404


def test_a_form_with_mistakes_keeps_the_name(owner: Client, link_in_mail: Link) -> None:
    invite(owner)
    page = Client().post(link_in_mail(), NEW_PERSON | {"again": "something else"})
    assert page.status_code == 422
    assert 'value="Ines Iversen"' in page.content.decode()


def test_a_password_like_the_address_is_refused(owner: Client, link_in_mail: Link) -> None:
    invite(owner)
    page = Client().post(link_in_mail(), NEW_PERSON | {"password": "ines@example.com", "again": "ines@example.com"})
    assert "too similar" in page.content.decode()


def test_a_mail_server_that_is_away_loses_nothing_and_says_so(
    owner: Client, harbor: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
    assert "could not be sent" in invite(owner)
    assert invitation_in(harbor).is_open(real=clock.real())


@pytest.mark.parametrize("email", ["\u0131nes@example.com", "not an address", "ines@example.com\nBcc: x@example.com"])
def test_an_address_that_is_none_is_refused(owner: Client, email: str) -> None:
    owner.post(url("invite"), {"email": email, "role": "OPERATOR"})
    assert mail.outbox == []


def test_a_name_cannot_write_a_header_into_the_letter(owner: Client, harbor: Workspace) -> None:
    owner.post(url("rename_workspace"), {"name": "Harbor\r\nBcc: x@example.com"})
    invite(owner)
    assert "\n" not in str(mail.outbox[0].subject)


def test_one_link_opened_by_eight_at_once_makes_one_member(
    owner: Client, harbor: Workspace, link_in_mail: Link
) -> None:
    invite(owner)
    link = link_in_mail()

    def accept(_: int) -> int:
        try:
            return Client().post(link, NEW_PERSON).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(accept, range(8)))
    assert sorted(set(statuses)) != [500]
    assert statuses.count(302) == 1
    assert User.objects.filter(email="ines@example.com").count() == 1


def test_one_address_invited_by_eight_at_once_is_invited_once(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    def attempt(_: int) -> int:
        try:
            return client_of(olive).post(url("invite"), {"email": "ines@example.com", "role": "OPERATOR"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(attempt, range(8)))
    assert statuses.count(302) == 1
    assert statuses.count(422) == 7


def test_a_link_opened_while_it_is_being_withdrawn_does_not_open(
    owner: Client, olive: User, harbor: Workspace, link_in_mail: Link, meanwhile: Callable[..., Future[HttpResponse]]
) -> None:
    invite(owner)
    with in_workspace(harbor.pk):
        actions.withdraw_invitation(Invitation.objects.get(), by=olive, now=NOW)
        other = meanwhile(partial(Client().post, link_in_mail(), NEW_PERSON))
    assert other.result(timeout=5).status_code == 409
    assert not User.objects.filter(email="ines@example.com").exists()
