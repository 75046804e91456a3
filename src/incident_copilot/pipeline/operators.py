"""What the people who run the copilot should know: said once in their channel, and edited when it changes."""

import logging
from collections.abc import Sequence

from incident_copilot.domain.content import Button, Notice, Press
from incident_copilot.domain.effect import (
    Deed,
    Effect,
    FileTicket,
    Mail,
    OpenChannel,
    Place,
    Publish,
    PutDocument,
    Rewrite,
    Show,
    Upload,
)
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.refusal import Remedy, remedy_for
from incident_copilot.pipeline import ledger
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import effects, incidents
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job

log = logging.getLogger(__name__)

_FIXES = {
    Remedy.MOVE: "Create or unarchive the channel, or invite the copilot; COPILOT_ANNOUNCE_CHANNEL and such name it.",
    Remedy.REPAIR: "Install the app again with the scopes of `incident-copilot manifest`.",
    Remedy.RENAME: "COPILOT_CHANNEL_PATTERN makes names that are taken already.",
}


async def tell(
    tx: Tx, deps: Deps, name: str, text: str, *, detail: str = "", buttons: Sequence[Button] = ()
) -> Effect | None:
    """Show operators one message by name; None where it says this already."""
    slot = f"notice:ops:{name}"[:120]
    content = Notice(text=text, detail=detail, buttons=tuple(buttons))
    last = await effects.latest(tx, deps.workspace_id, None, slot)
    if last and isinstance(last.deed, Show) and last.deed.content == content:
        return None
    return await effects.enqueue(
        tx,
        workspace_id=deps.workspace_id,
        incident_id=None,
        stream=f"operators:{name}"[:120],
        deed=Show(place=Place.OPERATOR, slot=slot, content=content),
        now=deps.now(),
    )


async def take_back(tx: Tx, deps: Deps, name: str, text: str) -> None:
    """Say that something is well again, where operators were told that it was not."""
    if await effects.latest(tx, deps.workspace_id, None, f"notice:ops:{name}"[:120]):
        await tell(tx, deps, name, text)


async def effect_failed(tx: Tx, deps: Deps, effect: Effect) -> None:
    """Say that something did not reach anybody; what is for operators themselves can only be logged."""
    if isinstance(effect.deed, Show) and effect.deed.place is Place.OPERATOR and effect.incident_id is None:
        log.error("operators were not told, look at COPILOT_OPERATOR_CHANNEL: %s", effect.error)
        return
    code = str(effect.result.get("code", ""))
    label = (await incidents.get(tx, effect.incident_id)).label if effect.incident_id else "no incident"
    payload = {"effect": effect.id, "what": named(effect.deed), "code": code, "error": effect.error or ""}
    await ledger.write(tx, deps, effect.incident_id, LogKind.UNDELIVERED, "copilot", payload)
    text = f"Not done for {label}: {named(effect.deed)}. {effect.error}"
    fix = _FIXES.get(remedy_for(code), "")
    await tell(tx, deps, f"failed:{effect.incident_id}:{code or effect.deed.do}", text, detail=fix)


async def outcome_unknown(tx: Tx, deps: Deps, effect: Effect, title: str) -> None:
    """Ask whether something happened whose answer was lost."""
    text = f"Nobody knows whether this happened: {title}. {effect.error} Please look there, then say."
    await tell(tx, deps, f"unknown:{effect.id}", text, buttons=outcome_buttons(effect.id))


async def outcome_known(tx: Tx, deps: Deps, effect: Effect, title: str, outcome: str) -> None:
    """Take the question back: somebody has answered it."""
    await tell(tx, deps, f"unknown:{effect.id}", f"{title}. {outcome}")


def outcome_buttons(effect_id: str) -> tuple[Button, Button]:
    """Return the two answers to an unknown outcome."""
    return (
        Button(press=Press.WORKED, label="It worked", value=effect_id),
        Button(press=Press.DID_NOT, label="It did not", value=effect_id),
    )


async def job_parked(deps: Deps, tx: Tx, job: Job, error: str) -> None:
    """Say that work was given up."""
    payload = {"job": job.id, "kind": job.kind, "key": job.key}
    await ledger.write(tx, deps, None, LogKind.PARKED, "copilot", payload)
    text = f"Given up after {job.attempts} attempts: {job.kind} ({job.key}). Everything else goes on."
    await tell(tx, deps, f"job:{job.id}", text, detail=error[:1_000])


def named(deed: Deed) -> str:  # noqa: PLR0911 -- one return for each kind of deed
    """Return in words what a deed was to do."""
    match deed:
        case Rewrite():
            return f"taking an erased name out of the message {deed.ts} in <#{deed.to}>"
        case Show():
            return f"showing {deed.slot.partition(':')[0]} in {deed.place.replace('_', ' ')}"
        case Upload():
            return f"sharing {deed.name}"
        case OpenChannel():
            return f"opening #{deed.name}"
        case Publish():
            return f"an update at {deed.channel} ({deed.act})"
        case PutDocument():
            return f"putting the {deed.what} at {deed.target}"
        case FileTicket():
            return f"action item {deed.item} at {deed.tracker} ({deed.act})"
        case Mail():
            return f'the e-mail "{deed.subject}"'
        case _:
            return deed.do.replace("_", " ")
