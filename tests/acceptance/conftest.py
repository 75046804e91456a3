"""Every story runs in an environment of its own."""

import pytest

from environment import own_environment

__all__ = ["own_environment"]


@pytest.fixture(autouse=True)
def _alone(own_environment):
    """No story sees settings of whoever runs the tests."""
