"""Catch up after an absence: what is stale is summed up once a channel, and not posted event by event."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from incident_copilot.domain.content import BriefView, Digest, Notice, ProposalView, PublicUpdate
from incident_copilot.domain.effect import Effect, OpenChannel, Place, Publish, Show, ShowTo
from incident_copilot.domain.incident import Incident, Status
from incident_copilot.domain.proposal import ProposalState
from incident_copilot.pipeline import carry_out, housing, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, incidents, messages, open_effects, outages
from incident_copilot.store.db import Tx
from incident_copilot.store.outages import Outage

MOST_LINES = 10


class Line(NamedTuple):
    """A notice that is told among others."""

    effect: Effect
    place: Place
    text: str


async def chat_is_back(deps: Deps, tx: Tx, outage: Outage) -> None:
    """Sum up what waited while the chat was away, before anything else of it goes out."""
    if deps.now() - outage.since >= deps.policy.stale_after:
        await sum_up(tx, deps, "Slack was away")


async def after_restart(deps: Deps) -> None:
    """Sum up what waited while no copilot was running; with Slack away that is done when it is back.

    Raises:
        StoreUnavailable: nothing was changed.
    """
    async with deps.db.transaction() as tx:
        if await outages.of(tx, deps.workspace_id) is None:
            await sum_up(tx, deps, "The copilot was away")


async def sum_up(tx: Tx, deps: Deps, why: str) -> None:
    """Take back what is stale, by its kind, and say what it was: once for each channel, once for all incidents."""
    stale = await open_effects.unsent(tx, deps.workspace_id, before=deps.now() - deps.policy.stale_after)
    if not stale:
        return
    concerned = {effect.incident_id for effect in stale if effect.incident_id}
    known = {incident_id: await incidents.get(tx, incident_id) for incident_id in sorted(concerned)}
    moot = [effect for effect in stale if await _is_moot(tx, deps, effect, known, stale)]
    span = f"{why} for {show.in_words(deps.now() - min(effect.created_at for effect in stale))}"
    for lines in _by_channel(stale).values():
        if len(lines) > 1:
            moot += [line.effect for line in lines]
            await _tell(tx, deps, known.get(lines[0].effect.incident_id or ""), lines, span)
    await _merge_digests(tx, deps, [effect for effect in stale if _digest(effect)])
    await open_effects.supersede(tx, [effect.id for effect in moot])
    await _house(tx, deps, moot, known)
    await _refuse_updates(tx, deps, stale)
    if moot:
        await _announce(tx, deps, list(known.values()), span)


def _reminds_somebody(effect: Effect) -> bool:
    """A reminder of then is of no use now; what is still due is said anew."""
    return isinstance(effect.deed, ShowTo) and effect.deed.place is Place.PERSON


def _is_page(effect: Effect) -> bool:
    return isinstance(effect.deed, Show) and effect.deed.slot.startswith("notice:page:")


async def _is_moot(tx: Tx, deps: Deps, effect: Effect, known: Mapping[str, Incident], stale: Iterable[Effect]) -> bool:
    incident = known.get(effect.incident_id or "")
    if incident is None or _reminds_somebody(effect):
        return incident is not None
    if _is_page(effect):
        return not incident.is_running or incident.status is not Status.OPEN
    if isinstance(effect.deed, (OpenChannel, *housing.ADORNMENTS)):
        return not incident.is_running and incident.channel_id is None
    match getattr(effect.deed, "content", None):
        case BriefView():
            return any(_is_newer_brief(other, effect) for other in stale)
        case ProposalView() as view:
            was_shown = await messages.newest(tx, deps.workspace_id, incident.id, f"proposal:{view.proposal.id}")
            return view.proposal.state is not ProposalState.OPEN and was_shown is None
        case _:
            return False


def _is_newer_brief(other: Effect, than: Effect) -> bool:
    is_brief = isinstance(other.deed, Show) and isinstance(other.deed.content, BriefView)
    return is_brief and other.stream == than.stream and other.seq > than.seq


def _by_channel(stale: Iterable[Effect]) -> dict[tuple[str | None, Place], list[Line]]:
    """Notices of what happened; a page calls somebody, and is not told later."""
    found: dict[tuple[str | None, Place], list[Line]] = {}
    for effect in stale:
        match effect.deed:
            case Show(content=Notice() as notice) as deed if not (_is_page(effect) or isinstance(deed, ShowTo)):
                line = Line(effect=effect, place=deed.place, text=notice.text)
                found.setdefault((effect.incident_id, deed.place), []).append(line)
    return found


async def _tell(tx: Tx, deps: Deps, incident: Incident | None, lines: list[Line], span: str) -> None:
    texts = [line.text for line in lines]
    more = len(texts) - MOST_LINES
    detail = "\n".join([*texts[:MOST_LINES], *([f"and {more} more"] if more > 0 else [])])
    content = Notice(text=f"{span}. Meanwhile, {len(texts)} things:", detail=detail)
    await effects.enqueue(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=incident.id if incident else None,
        stream=lines[0].effect.stream,
        deed=Show(place=lines[0].place, slot=_slot(deps.now()), content=content, anew=True),
        now=deps.now(),
        priority=show.priority_of(incident) if incident else show.NORMAL,
    )


async def _merge_digests(tx: Tx, deps: Deps, waiting: list[Effect]) -> None:
    digests = [digest for effect in waiting if (digest := _digest(effect))]
    if len(digests) < 2:
        return
    entries = [entry for digest in digests for entry in digest.entries]
    merged = Digest(
        entries=tuple(entries[:MOST_LINES]),
        more=max(0, len(entries) - MOST_LINES) + sum(digest.more for digest in digests),
        hour=min(digest.hour for digest in digests),
        until=max(digest.until or digest.hour for digest in digests),
    )
    await open_effects.supersede(tx, [effect.id for effect in waiting])
    deed = Show(place=Place.ANNOUNCE, slot=f"digest:{merged.hour.isoformat()}", content=merged, anew=True)
    await effects.enqueue(
        tx, workspace_id=deps.workspace_id, incident_id=None, stream="digest", deed=deed, now=deps.now()
    )


def _digest(effect: Effect) -> Digest | None:
    content = effect.deed.content if isinstance(effect.deed, Show) else None
    return content if isinstance(content, Digest) else None


async def _house(tx: Tx, deps: Deps, moot: Iterable[Effect], known: Mapping[str, Incident]) -> None:
    """An incident that ended before it got its channel needs none: it lives in the thread of its announcement."""
    for effect in moot:
        if isinstance(effect.deed, OpenChannel):
            await housing.needs_no_channel(tx, deps, known[str(effect.incident_id)].id)


async def _refuse_updates(tx: Tx, deps: Deps, stale: Iterable[Effect]) -> None:
    """What was true when it was approved may be wrong by now: people must look at it again."""
    late = [effect for effect in stale if isinstance(effect.deed, Publish) or _shows_update(effect)]
    for effect in late:
        age = show.in_words(deps.now() - effect.created_at)
        error = f"it could not be sent for {age}; please propose it again"
        for given_up in await open_effects.give_up(tx, effect.id, error):
            await carry_out.settled(deps, tx, given_up)


def _shows_update(effect: Effect) -> bool:
    return isinstance(effect.deed, Show) and isinstance(effect.deed.content, PublicUpdate)


async def _announce(tx: Tx, deps: Deps, concerned: list[Incident], span: str) -> None:
    if not concerned:
        return
    lines = [f"{one.label} {one.title}: {one.severity}, {one.status}" for one in concerned if not one.private]
    more = len(lines) - MOST_LINES
    detail = "\n".join([*lines[:MOST_LINES], *([f"and {more} more"] if more > 0 else [])])
    content = Notice(text=f"{span}. This changed meanwhile:", detail=detail)
    deed = Show(place=Place.ANNOUNCE, slot=_slot(deps.now()), content=content)
    await effects.enqueue(
        tx, workspace_id=deps.workspace_id, incident_id=None, stream="catch_up", deed=deed, now=deps.now(), priority=3
    )


def _slot(now: datetime) -> str:
    return f"notice:catch_up:{now:%Y-%m-%dT%H:%M:%S}"
