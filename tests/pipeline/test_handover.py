"""A shift is handed over: duties and tasks pass on, logged, and who takes over is told where everything stands."""

import asyncio

import pytest

from incident_copilot.domain.content import Handover
from incident_copilot.domain.effect import Place, Show
from incident_copilot.domain.incident import Duty
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.proposal import ProposalKind
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import declare, handover, people, roles, run, tasks
from incident_copilot.store import texts

from .life import Life, big, small


@pytest.fixture
def life(db, clock):
    return Life(db, clock)


def told(life):
    """The handovers that were sent: to whom, and what."""
    return [(deed.to, deed.content) for deed in life.chat.deeds if getattr(deed, "slot", "") == "handover"]


async def test_duties_and_tasks_pass_on_and_the_summary_goes_to_who_takes_over(life):
    ana = await life.person("ana")
    first, second = await life.opened(big()), await life.opened(small())
    await run.acknowledge(life.deps, first.id, ana)
    await roles.assign(life.deps, first.id, ana, "U0ANA", Duty.SCRIBE)
    await tasks.add(life.deps, second.id, ana, "Restart the pods", "U0ANA")
    await tasks.add(life.deps, second.id, ana, "Call the provider", "U0CARA")
    await tasks.add(life.deps, second.id, ana, "Done long ago", "U0ANA")
    await tasks.done(life.deps, second.id, ana, 3)
    await declare.declare(life.deps, ana, title="Leak", private=True)
    await life.put(first, ProposalKind.CHECK, title="Look at the pool")
    await life.work()

    outcome = await handover.hand_over(life.deps, ana, "U0BEN", " Watch the pool ")
    await life.work()

    [(to, content)] = told(life)
    [deed] = [deed for deed in life.chat.deeds if isinstance(deed, Show) and deed.slot == "handover"]
    [row] = [row for row in await life.workspace_log() if row.kind is LogKind.HANDED_OVER]
    now, other = await life.by_number(1), await life.by_number(2)
    assert outcome.text == (
        "Handed over to <@U0BEN>: 1 incident, 1 open task. They have the summary as a direct message."
    )
    assert (now.commander, now.duties) == ("U0BEN", {Duty.SCRIBE: "U0BEN"})
    assert (deed.place, to, content.by, content.note) == (Place.PERSON, "U0BEN", "U0ANA", "Watch the pool")
    assert [(one.incident.label, one.duties) for one in content.incidents] == [
        ("INC-1", ("commander", "scribe")),
        ("INC-2", ()),
    ]
    assert "Look at the pool" in content.incidents[0].waiting
    assert [(task.text, task.assignee) for task in content.incidents[1].tasks] == [
        ("Restart the pods", "U0BEN"),
        ("Call the provider", "U0CARA"),
    ]
    assert (row.actor, row.payload["person"], row.payload["incidents"]) == ("U0ANA", "U0BEN", ["INC-1"])
    async with life.deps.db.read() as db:
        assert await texts.text_of(db, row.payload["note"]["text"]) == "Watch the pool"
    assert [row.payload for row in await life.log(now, LogKind.ASSIGNED)][-2:] == [
        {"role": "commander", "person": "U0BEN", "from": "U0ANA"},
        {"role": "scribe", "person": "U0BEN", "from": "U0ANA"},
    ]
    assert (await life.by_number(3)).commander is None
    assert len(await life.log(other, LogKind.TASK_ASSIGNED)) == 1


async def test_with_nothing_running_there_is_still_a_summary(life):
    outcome = await handover.hand_over(life.deps, await life.person("ana"), "U0BEN")
    await life.work()

    assert outcome.text.startswith("Handed over to <@U0BEN>: 0 incidents, 0 open tasks.")
    assert told(life) == [("U0BEN", Handover(by="U0ANA"))]


async def test_who_hand_over_to_each_other_at_once_swap_what_they_have(life):
    one, other = await life.opened(big()), await life.opened(small())
    ana, ben = await life.person("ana"), await life.person("ben")
    await run.acknowledge(life.deps, one.id, ana)
    await run.acknowledge(life.deps, other.id, ben)

    await asyncio.gather(handover.hand_over(life.deps, ana, "U0BEN"), handover.hand_over(life.deps, ben, "U0ANA"))

    # The second takes what the first has just passed on with it, and nobody is left out.
    led_by = {(await life.by_number(number)).commander for number in (1, 2)}
    assert led_by in ({"U0ANA"}, {"U0BEN"})


@pytest.mark.parametrize(
    ("name", "who", "because"),
    [
        ("ana", "U0ANA", "Hand over to somebody else, as in /incident handover @ben."),
        ("ana", "U0GUS", "Gus cannot respond to incidents here, so nothing was handed over."),
        ("ana", "U0VIC", "Vic cannot respond to incidents here, so nothing was handed over."),
        ("gus", "U0BEN", "Guests and people from outside this workspace cannot hand over shifts."),
    ],
)
async def test_shift_is_handed_over_among_responders(life, name, who, because):
    with pytest.raises(DecisionRefused) as refusal:
        await handover.hand_over(life.deps, await life.person(name), who)

    [row] = await life.workspace_log()
    assert str(refusal.value) == because
    assert (row.kind, row.payload["because"]) == (LogKind.DENIED, because)


async def test_note_that_would_be_cut_is_refused(life):
    with pytest.raises(DecisionRefused) as refusal:
        await handover.hand_over(life.deps, await life.person("ana"), "U0BEN", "x" * 1_001)

    assert str(refusal.value) == "A note has at most 1000 characters; that is 1001."


async def test_incident_that_ended_this_moment_passes_no_duty(life):
    ana = await life.person("ana")
    incident = await life.opened(big())
    await run.acknowledge(life.deps, incident.id, ana)
    ended = (await life.newest()).model_copy(update={"ended_at": life.clock()})
    async with life.deps.db.transaction() as tx:
        await handover.incidents.save(tx, ended)
        held = await handover._pass_on(tx, life.deps, incident.id, ana, await people.known(life.deps, "U0BEN"))

    assert held.duties == ()
