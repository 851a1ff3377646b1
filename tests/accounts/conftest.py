import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import pytest
from django.core import mail
from django.db import connection

from accounts.models import Membership, User, Workspace
from accounts.roles import Role
from accounts.tenancy import in_workspace
from tests.conftest import NOW

Answer = TypeVar("Answer")


@pytest.fixture
def meanwhile(committed_db: None) -> Iterator[Callable[[Callable[[], Answer]], Future[Answer]]]:
    """Do something in another thread while this one's transaction is still open; a third of a second is given to it.

    What should wait for the transaction is then still waiting; what forgot to has done its damage.
    """
    with ThreadPoolExecutor(1) as other:

        def start(deed: Callable[[], Answer]) -> Future[Answer]:
            def deed_and_hang_up() -> Answer:
                try:
                    return deed()
                finally:
                    connection.close()

            future = other.submit(deed_and_hang_up)
            wait([future], timeout=0.3)
            return future

        yield start


@pytest.fixture
def add_member() -> Callable[..., Membership]:
    def add(workspace: Workspace, person: User, role: Role = Role.OPERATOR) -> Membership:
        with in_workspace(workspace.pk):
            return Membership.objects.create(workspace=workspace, user=person, role=role, joined_at=NOW)

    return add


@pytest.fixture
def link_in_mail() -> Callable[[], str]:
    """The path of the one link in the latest letter."""

    def found() -> str:
        (link,) = re.findall(r"^http://127\.0\.0\.1:8000(/\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
        return str(link)

    return found
