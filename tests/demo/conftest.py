"""The demo writes below the working folder, so every test has its own."""

import pytest

from environment import own_environment

__all__ = ["own_environment"]


@pytest.fixture(autouse=True)
def _alone(own_environment):
    """No demo sees settings of whoever runs the tests."""
