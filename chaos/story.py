"""The story of one incident, lived by people who try again when nobody answers them, as people do."""

import asyncio
from collections.abc import Awaitable, Callable

from chaos.databases import left_to_do
from chaos.drill import AGAIN_S, Drill
from incident_copilot.errors import StoreUnavailable
from incident_copilot.sandbox.delivery.ack import Ack
from incident_copilot.sandbox.people.person import Person
from incident_copilot.sandbox.state.messages import Message
from incident_copilot.sandbox.wire import Refused

CUSTOMERS = "Payments at checkout fail for one request in five. We are rolling back."
NOTE = "Rolled back payments to v2.30.4."
BRIEF = "Not the cause: checkout v5.8.1"


async def live(drill: Drill) -> None:
    """From the first alert to the postmortem.

    Raises:
        AssertionError: something that has to happen did not.
    """
    place = await _alerts_come(drill)
    await _acknowledge(drill, place)
    await _tell_customers(drill, place)
    await _roll_back(drill, place)
    await _resolve(drill, place)


async def until_quiet(drill: Drill) -> None:
    """Wait until the copilot has nothing left to do.

    Raises:
        AssertionError: it does not come to rest; says what is left.
    """
    left: list[str] = ["not looked yet"]
    for _ in range(int(drill.patience_s / AGAIN_S)):
        count = len(drill.sandbox.ledger)
        try:
            left = await left_to_do(drill.db)
        except StoreUnavailable as error:
            left = [str(error)]
        await asyncio.sleep(AGAIN_S)
        if not left and count == len(drill.sandbox.ledger):
            return
    raise AssertionError("not quiet:\n" + "\n".join(left))


async def _alerts_come(drill: Drill) -> str:
    first, second = await drill.until(lambda: _due(drill, 2))
    await drill.send(first)
    place = (await drill.until(drill.channels))[0]
    await drill.sees(place, BRIEF)
    await drill.send(second)
    await drill.sees(place, "checkout depends on payments")
    await until_quiet(drill)
    return place


def _due(drill: Drill, count: int) -> list[object]:
    """The world's Alertmanager says each thing once, so what it said is kept until it said enough."""
    said = drill.__dict__.setdefault("said", [])
    said += [webhook.body for webhook in drill.world.take_webhooks()]
    return [said.pop(0) for _ in range(count)] if len(said) >= count else []


async def _acknowledge(drill: Drill, place: str) -> None:
    card = drill.sandbox.messages(place)[0]
    await insist(lambda: drill.person("ana").click(card, "acknowledge"), lambda: drill.told(place, "acknowledged"))
    await drill.until(lambda: drill.told(place, "acknowledged"))


async def _tell_customers(drill: Drill, place: str) -> None:
    cara = drill.person("cara")
    await cara.join(place)
    draft = await drill.sees(place, "Status update for customers")

    async def edit() -> Ack:
        await _form(cara, lambda: cara.click(draft, "edit"))
        return await cara.submit(cara.views[-1], {"text": CUSTOMERS, "approve": ["approve"]})

    published = lambda: drill.told("#customer-updates", CUSTOMERS)  # noqa: E731
    await insist(edit, published)
    await drill.until(published)


async def _roll_back(drill: Drill, place: str) -> None:
    ben = drill.person("ben")
    await ben.join(place)
    rollback = await drill.sees(place, "Roll back payments from v2.31.0")
    await insist(lambda: ben.click(rollback, "approve"), lambda: drill.world.dispatches)
    await drill.sees(place, "It worked")
    for resolved in await drill.until(lambda: _due(drill, 2)):
        await drill.send(resolved)
    await drill.sees(place, "0 firing, 2 resolved")
    await until_quiet(drill)


async def _resolve(drill: Drill, place: str) -> None:
    ben = drill.person("ben")

    async def resolve() -> Ack:
        await _form(ben, lambda: ben.command("/incident", "resolve", channel=place))
        return await ben.submit(ben.views[-1], {"ending": "resolved", "note": NOTE})

    await insist(resolve, lambda: drill.told(place, "Postmortem"))
    await drill.sees(place, "Postmortem")


async def _form(person: Person, ask: Callable[[], Awaitable[Ack]]) -> None:
    """Ask for a form, again if it does not open."""
    for view in person.views:
        await person.close(view)
    await ask()
    async with asyncio.timeout(3):
        while not person.views:  # noqa: ASYNC110 -- the sandbox has no event for it
            await asyncio.sleep(0.02)


async def insist(act: Callable[[], Awaitable[Ack]], is_seen: Callable[[], list[Message] | object]) -> None:
    """Do something until it was acknowledged, or until it can be seen that an earlier try was enough."""
    async with asyncio.timeout(60):
        while not is_seen():
            try:
                ack = await act()
                if ack.ok and not ack.errors:
                    return
            except (TimeoutError, Refused):
                pass  # no form came, or Slack's client did not offer the click any more
            await asyncio.sleep(AGAIN_S)
