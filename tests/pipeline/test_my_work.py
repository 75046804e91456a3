"""What one person has to do: private incidents are theirs only where they have a part in them."""

import pytest

from incident_copilot.domain.incident import Duty
from incident_copilot.pipeline import facts, recap, roles, tasks
from incident_copilot.pipeline.my_work import my_work
from incident_copilot.pipeline.on_call import Called
from incident_copilot.pipeline.topics import Topic

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


async def test_roles_and_tasks_are_ones_work_wherever_it_is_told(life):
    incident = await life.opened(big())
    ana, ben = await life.person("ana"), await life.person("ben")
    await roles.assign(life.deps, incident.id, ben, ben.id, Duty.SCRIBE)
    await tasks.add(life.deps, incident.id, ana, "Restart the pods", ben.id)
    await tasks.add(life.deps, incident.id, ana, "Call the provider")

    work, of_ana = await my_work(life.deps, ben), await my_work(life.deps, ana)
    told_ana = await recap.told_since(life.deps, incident.id, ana, None)
    caught_up = await recap.told_since(life.deps, incident.id, ben, None)
    who = [one.text for one in await facts.known(life.deps, await life.by_number(1), Topic.WHO)]
    todo = [one.text for one in await facts.known(life.deps, incident, Topic.NEXT)]

    assert [(task.text, one.id) for one, task in work.todo] == [("Restart the pods", incident.id)]
    assert [told for _, told in work.parts] == ["you are its scribe, you are on call for shop"]
    assert [told for _, told in of_ana.parts] == ["you are on call for shop"]
    assert "You are its scribe." not in told_ana.for_you
    assert caught_up.for_you[0] == "You are its scribe."
    assert caught_up.for_you[-1] == "To do: Restart the pods (task 1)"
    assert "Ben is scribe." in who
    assert "To do: Restart the pods (Ben)" in todo
    assert "To do: Call the provider (nobody has it)" in todo
