from pathlib import Path

import pytest

from .checkout import Checkout


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose environment is made. Its path has a space, as some users' paths have."""
    checkout = Checkout.make(tmp_path_factory.mktemp("a folder") / "a checkout")
    done = checkout.run("test")
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture
def fresh(tmp_path: Path) -> Checkout:
    """A checkout in which ./spec was not started yet."""
    return Checkout.make(tmp_path / "a checkout")
