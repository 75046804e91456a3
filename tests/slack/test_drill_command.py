"""/incident drill: what is typed begins or ends a drill, or lists what there is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.person import Person, Role
from incident_copilot.drill import Worlds
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbook import Library
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.listeners.asked import Asked
from incident_copilot.slack.listeners.drill import USAGE, drill
from incident_copilot.slack.listeners.wording import understand


@pytest.fixture
def typed(db):
    """Types a command as a commander and returns what is answered."""

    def now():
        return datetime.now(UTC)

    ben = Person(id="U0BEN", name="Ben", roles=frozenset({Role.COMMANDER}))
    plain = Deps(db=db, now=now, workspace_id="w", chat=None, catalog=Catalog(), runbooks=RunbookIndex.build(Library()))
    deps = replace(plain, drills=Worlds(now), people_seen={"U0BEN": (now(), ben)})

    async def answer(text):
        return (await drill(Asked(deps, None, {"user_id": "U0BEN", "channel_id": "C1"}, understand(text))))["text"]

    return answer


async def test_drills_are_listed_begun_and_ended_by_command(typed):
    listed = await typed("drill")
    begun = await typed("drill bad-deploy")
    nothing_yet = await typed("drill history")
    ended = await typed("drill stop")
    past = await typed("drill history")
    seeded = await typed("drill seed 7")
    await typed("drill end")
    any_other = await typed("gameday new")

    assert nothing_yet == "No drill is over yet."
    assert past.endswith("bad_deploy, begun by <@U0BEN>: not judged. The first drill: nothing to compare it with.")
    assert listed.splitlines()[0] == "bad_deploy: A bad deploy, one hop away, a rollback"
    assert listed.splitlines()[-1] == USAGE
    assert begun.startswith("The drill bad_deploy begins")
    assert ended == "The drill bad_deploy has ended."
    assert seeded.startswith("The drill seed_7 begins")
    assert any_other.startswith("The drill seed_")
