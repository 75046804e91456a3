"""The call in which an incident is talked about: made from the operators' pattern, or named by somebody."""

from urllib.parse import urlsplit

from incident_copilot.domain.effect import Bookmark
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.person import Person, Role
from incident_copilot.errors import DecisionRefused
from incident_copilot.pipeline import ledger, people, show
from incident_copilot.pipeline.decide import Outcome
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.opening import BRIDGE
from incident_copilot.store import incidents
from incident_copilot.store.db import CLICKS

LONGEST = 500


async def name(deps: Deps, incident_id: str, person: Person, link: str) -> Outcome:
    """Put the link of a call onto the card and at the top of the channel.

    Raises:
        DecisionRefused: not allowed, over, or no https link.
        StoreUnavailable: nothing was recorded.
    """
    people.require(person, Role.RESPONDER, "name the bridge")
    _require_link(link)
    async with deps.db.transaction(CLICKS) as tx:
        incident = await incidents.lock(tx, incident_id)
        if not incident.is_running:
            raise DecisionRefused(f"{incident.label} has ended.")
        links = {BRIDGE: link, **{key: url for key, url in incident.links.items() if key != BRIDGE}}
        named = await incidents.save(tx, incident.model_copy(update={"links": links}))
        await ledger.write(tx, deps, incident.id, LogKind.BRIDGE_SET, person.id, {"link": link})
        await show.card(tx, deps, incident.id)
        if show.has_channel(named):
            mark = Bookmark(title="Bridge", link=link)
            await show.send(tx, deps, named, mark, stream=f"links:{incident.id}")
    return Outcome(text="The bridge is on the card, and at the top of the channel.", incident=named)


def _require_link(link: str) -> None:
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname or parts.username or len(link) > LONGEST:
        raise DecisionRefused("Name the call by a link that begins with https://, without a user or password in it.")
