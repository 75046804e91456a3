"""Try a channel of updates: does it answer, and what would it be sent; nothing is published or stored."""

import asyncio
from collections.abc import Mapping

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.update import PublicState, Update
from incident_copilot.errors import VendorError
from incident_copilot.pipeline.comms.texts import UNNAMED
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import ChatChannel, CommsChannel

DEADLINE_S = 10.0


async def rehearse(deps: Deps, channel: CommsChannel | ChatChannel) -> list[str]:
    """Return whom a channel tells, whether it answers, and the request of a first update."""
    audiences = ", ".join(sorted(audience.readers for audience in channel.audiences))
    lines = [f"{channel.name}, for {audiences}"]
    if isinstance(channel, ChatChannel):
        return [*lines, f"The chat posts in #{channel.chat_channel}; `incident-copilot doctor` checks the chat."]
    problem = await problem_of(channel)
    lines.append(problem or "It answers and takes its secret.")
    if problem is None:
        lines += ["The first update of an incident would be:", await channel.preview(_example(deps, channel))]
    return [*lines, "Nothing was published."]


async def problems(channels: Mapping[str, CommsChannel | ChatChannel]) -> list[tuple[str, str | None]]:
    """Return for each channel outside of the chat why it cannot tell anybody, None where it can; all at once."""
    asked = {name: one for name, one in channels.items() if not isinstance(one, ChatChannel)}
    found = await asyncio.gather(*(problem_of(one) for one in asked.values()))
    return list(zip(asked, found, strict=True))


async def problem_of(channel: CommsChannel) -> str | None:
    """Return why a channel cannot tell anybody; None where it answers."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            await channel.check()
    except TimeoutError:
        return f"{channel.name}: no answer in {DEADLINE_S:g} s"
    except VendorError as error:
        return str(error)
    return None


def _example(deps: Deps, channel: CommsChannel) -> Update:
    now, service = deps.now(), next(iter(deps.catalog.services), None)
    return Update(
        key=f"{new_id(now)}-1",
        incident_id=new_id(now),
        name=f"Trouble with {(service.public_name if service else None) or UNNAMED}",
        text="We are looking into it.",
        state=PublicState.INVESTIGATING,
        severity=Severity.P2,
        service=service.name if service else None,
        audience=min(channel.audiences),
        started_at=now,
    )
