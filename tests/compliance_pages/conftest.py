from collections.abc import Iterator

import pytest

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance.models import Seller
from config import clock
from tests.compliance_clearing.cast import lawful
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def a_tuesday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages read the product clock; here it begins on a lawful hour."""
    monkeypatch.setattr(clock, "CLOCK", clock.Clock(start=NOW, anchor=clock.real()))


@pytest.fixture
def seller(harbor: Workspace, olive: User) -> Seller:
    """Harbor with everything a sales call to Chloé, Ben and Dev needs."""
    return lawful(harbor, olive)


@pytest.fixture
def inside(harbor: Workspace, seller: Seller) -> Iterator[Workspace]:
    with in_workspace(harbor.pk):
        yield harbor
