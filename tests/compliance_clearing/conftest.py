from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance.models import Seller
from tests.compliance_clearing.cast import lawful


@pytest.fixture
def seller(harbor: Workspace, olive: User) -> Seller:
    return lawful(harbor, olive)


@pytest.fixture
def inside(harbor: Workspace, seller: Seller) -> Iterator[Workspace]:
    """Harbor, from within, with everything a sales call needs."""
    with in_workspace(harbor.pk):
        yield harbor


@pytest.fixture(autouse=True)
def heads_elsewhere(settings: Any, tmp_path: Path) -> Path:
    """The heads of the ledger stay out of the real data folder."""
    settings.LEDGER_HEADS = str(tmp_path / "heads.jsonl")
    return tmp_path / "heads.jsonl"
