"""Once an hour requests that nobody agreed to end, and what goes too far is put to people: never changed by itself."""

import itertools

from incident_copilot.domain.automation import Automation, AutomationPolicy
from incident_copilot.domain.content import Press
from incident_copilot.domain.effect import Place
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import Choice, ProposalKind
from incident_copilot.pipeline import automation, decide, lower_level, raise_level
from incident_copilot.pipeline.wakeups import Work
from incident_copilot.store import jobs

from .life import CATALOG, PLACES, Life, big

RULE = AutomationPolicy(decisions=2, accepted=0.5)
_ticks = itertools.count()


async def looked(life):
    """Tick, and return what operators are shown."""
    async with life.deps.db.transaction() as tx:
        key = f"{Work.LEVELS}:{next(_ticks)}"
        await jobs.enqueue_tick(
            tx, workspace_id="w", kind=Work.LEVELS, key=key, lane="tick:levels", run_at=life.clock()
        )
    await life.work()
    return [content for (place, _), content in life.chat.shown.items() if place == PLACES[Place.OPERATOR]]


async def decided(life, incident, *choices):
    for choice in choices:
        put = await life.put(incident, ProposalKind.CHECK, key="act:flag-off", rank=0)
        await decide.vote(life.deps, put.id, 1, choice, await life.person("ben"))


async def test_service_whose_record_falls_short_is_said_once_a_week_and_lowered_by_people_alone(db, clock):
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"automation": RULE}))
    incident = await life.opened(big())
    await decided(life, incident, Choice.NOT_THIS)
    assert await looked(life) == []
    await decided(life, incident, Choice.NOT_THIS, Choice.DONE)

    [first] = await looked(life)
    [same] = await looked(life)
    clock.forward(7 * 86_400)
    twice = await looked(life)

    assert first == same
    assert first.text == (
        "checkout is set to supervised, and of 3 decisions in 90 days 1 were accepted; it takes 50%. "
        "I propose to lower it to suggest."
    )
    assert [(one.press, one.value) for one in first.buttons] == [(Press.LOWER_LEVEL, "checkout")]
    assert len(twice) == 2
    [standing] = await automation.shown(life.deps, "checkout")
    assert standing.level is Automation.SUPERVISED
    assert automation.details(standing)[2] == ("Too few were accepted for supervised: I propose to lower it to suggest")
    rows = [row for row in await life.workspace_log() if row.kind is LogKind.LEVEL_ADVISED]
    assert [(row.actor, row.payload["decided"], row.payload["accepted"]) for row in rows] == [
        ("policy:automation", 3, 1)
    ] * 2

    await decided(life, incident, Choice.DONE, Choice.DONE)
    assert (await looked(life))[-1].text == "checkout does well enough again for supervised."
    await decided(life, incident, *[Choice.NOT_THIS] * 3)
    assert (await looked(life))[-1].buttons
    await lower_level.lower(life.deps, await life.person("ben"), "checkout", "As proposed.")
    await life.work()
    assert len(await looked(life)) == 5


async def test_request_that_nobody_agreed_to_ends(db, clock):
    services = (CATALOG.services[0].model_copy(update={"automation": Automation.SUGGEST}),)
    life = Life(db, clock, catalog=CATALOG.model_copy(update={"services": services, "automation": RULE}))
    incident = await life.opened(big())
    await decided(life, incident, *[Choice.DONE] * 5)
    await raise_level.ask(life.deps, await life.person("ana"), "checkout", "All of them helped.")
    [waiting] = await looked(life)
    clock.forward(24 * 3600)

    [over] = await looked(life)

    assert waiting.buttons
    assert (over.text, over.buttons) == (
        "Nobody agreed in time to raise how far I go for checkout, from suggest to supervised. It stays at suggest.",
        (),
    )
