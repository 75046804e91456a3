"""What one person has to do: private incidents are theirs only where they have a part in them."""

import pytest

from incident_copilot.domain.catalog import OnCall
from incident_copilot.domain.incident import Duty
from incident_copilot.pipeline import roles, tasks
from incident_copilot.pipeline.my_work import my_work

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
    assert ana.on_call[0] == ("shop", OnCall(primary="U0ANA", secondary="U0BEN"))


async def test_roles_and_open_tasks_are_parts_in_an_incident(life):
    incident = await life.opened(big())
    ben = await life.person("ben")
    await roles.assign(life.deps, incident.id, ben, "U0BEN")
    await roles.assign(life.deps, incident.id, ben, "U0BEN", Duty.SCRIBE)
    for text in ("Restart the pods", "Call the provider"):
        await tasks.add(life.deps, incident.id, ben, text, "U0BEN")

    parts = {one.id: told for one, told in (await my_work(life.deps, samples.BEN)).parts}

    said = "you lead it, you are its scribe, you have 2 open tasks, you took it, you are on call for shop"
    assert parts[incident.id] == said
