"""Under faults of every kind, with two replicas, each message is posted once and none is lost."""

import random

import pytest

from incident_copilot.domain.effect import Place
from incident_copilot.errors import ChatLimited, ChatUnknown
from incident_copilot.store import effects


class FaultyChat:
    """Takes every third call badly: turned away, lost on the way, or taken with the answer lost."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.accepted = []
        self.faults = 0

    async def deliver(self, effect, target):
        fault = self.chance.choice(["limited", "lost", "answer lost", None, None, None, None, None, None])
        self.faults += fault is not None
        if fault == "limited":
            raise ChatLimited("ratelimited", 3)
        if fault == "lost":
            raise ChatUnknown("no answer")
        self.accepted.append((effect.id, target.channel))
        if fault == "answer lost":
            raise ChatUnknown("no answer")
        return self._result(effect, target)

    async def look_up(self, effect, target, since):
        if self.chance.random() < 0.3:
            raise ChatLimited("ratelimited", 3)
        is_there = (effect.id, target.channel) in self.accepted
        return self._result(effect, target) if is_there else None

    async def person(self, chat_id):
        raise NotImplementedError

    def _result(self, effect, target):
        return {"channel": target.channel, "ts": f"{effect.id}.0"}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_each_message_is_posted_once_and_none_is_lost(any_db, clock, show, make_outbox, open_incident, seed):
    rooms = [await open_incident(any_db, channel_id=f"C{number}") for number in range(3)]
    async with any_db.transaction() as tx:
        put = [
            await effects.enqueue(
                tx,
                workspace_id="w",
                incident_id=rooms[number % 3].id,
                stream=f"{number % 3}",
                deed=show(f"{number}", f"slot {number}", Place.INCIDENT),
                now=clock(),
            )
            for number in range(15)
        ]
    chat = FaultyChat(seed)
    replicas = [make_outbox(any_db, chat, settle_s=4, max_sends=20) for _ in range(2)]
    for step in range(150):
        await replicas[step % 2].run_due()
        clock.forward(1)

    in_order = [[effect.id for effect in put[room::3]] for room in range(3)]
    assert [[one for one, channel in chat.accepted if channel == f"C{room}"] for room in range(3)] == in_order
    assert chat.faults > 0
