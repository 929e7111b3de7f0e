"""What the reliability tests share: processes that start fast, and a tenant behind a port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.grounds import Ground, small_ground
from tests.reliability.processes import Nursery
from tests.reliability.tenants import Tenant, open_tenant


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Run command lines in processes of their own."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="session")
def served() -> Iterator[Tenant]:
    """Serve one tenant for all tests; each gets it as new."""
    with open_tenant() as tenant:
        yield tenant


@pytest.fixture
def tenant(served: Tenant) -> Tenant:
    """Give a new tenant."""
    served.renew()
    return served


@pytest.fixture
def ground(tmp_path: Path, nursery: Nursery, tenant: Tenant) -> Ground:
    """Give a small configuration directory and everything to run commands on it with."""
    return small_ground(tmp_path / "ground", nursery=nursery, tenant=tenant)
