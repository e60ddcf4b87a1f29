from pathlib import Path

import pytest

from .checkout import Checkout


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose environment is made, with a space in its path as people have it."""
    checkout = Checkout.laid_out(tmp_path_factory.mktemp("a folder") / "a checkout")
    done = checkout.run("test")
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture
def fresh(tmp_path: Path) -> Checkout:
    """A checkout that nobody has started yet."""
    return Checkout.laid_out(tmp_path / "a checkout")
