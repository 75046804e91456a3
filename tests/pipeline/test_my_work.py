"""What one person has to do: private incidents are theirs only where they have a part in them."""

import pytest

from incident_copilot.pipeline.my_work import my_work
from incident_copilot.pipeline.on_call import Called

from . import samples
from .life import Life, big


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


async def test_ones_turn_and_parts_are_told_and_private_incidents_only_to_those_inside(life, open_incident):
    incident = await life.opened(big())
    secret = await open_incident(life.deps.db, private=True, declared_by="U0BEN")

    ana, ben = await my_work(life.deps, samples.ANA), await my_work(life.deps, samples.BEN)

    assert [(one.id, told) for one, told in ana.parts] == [(incident.id, "you are on call for shop")]
    assert {one.id: told for one, told in ben.parts}[secret.id] == "you declared it"
    assert ana.on_call[0] == ("shop", Called(primary="U0ANA", secondary="U0BEN"))
