"""Try a channel of updates: does it answer, and what would it be sent; nothing is published or stored."""

from incident_copilot.domain.base import new_id
from incident_copilot.domain.incident import Severity
from incident_copilot.domain.update import PublicState, Update
from incident_copilot.pipeline import consult
from incident_copilot.pipeline.comms.texts import UNNAMED
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import ChatChannel, CommsChannel


async def rehearse(deps: Deps, channel: CommsChannel | ChatChannel) -> list[str]:
    """Return whom a channel tells, whether it answers, and the request of a first update."""
    audiences = ", ".join(sorted(audience.readers for audience in channel.audiences))
    lines = [f"{channel.name}, for {audiences}"]
    if isinstance(channel, ChatChannel):
        return [*lines, f"The chat posts in #{channel.chat_channel}; `incident-copilot doctor` checks the chat."]
    problem = await consult.problem_of(channel.name, channel.check)
    first = (
        [] if problem else ["The first update of an incident would be:", await channel.preview(_example(deps, channel))]
    )
    return [*lines, problem or "It answers and takes its secret.", *first, "Nothing was published."]


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
