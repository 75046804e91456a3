"""In which time an incident had to be acknowledged is said by the catalogue, in the postmortem too."""

from incident_copilot.domain.escalation import Escalation
from incident_copilot.domain.incident import Severity
from incident_copilot.pipeline import run
from incident_copilot.pipeline.reviewing import lessons, record, times

from .life import CATALOG, Life, big


async def test_the_target_for_an_acknowledgement_is_that_of_the_catalogue(db, clock):
    strict = CATALOG.model_copy(update={"escalation": Escalation(response_min={Severity.P1: 5})})
    life = Life(db, clock, catalog=strict)
    incident = await life.opened(big())
    clock.forward(6 * 60)
    await run.acknowledge(life.deps, incident.id, await life.person("ana"))

    found = await record.read(life.deps, incident.id)

    said = "It was acknowledged 6 min after opening; the target was 5 min."
    assert said in [line.text for line in lessons.went_badly(found).lines]
    assert times.acknowledge(found).is_late
