"""Erase a person: what they wrote goes, and their name from what we store and show; the chains still verify."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from incident_copilot.domain.log import LogKind
from incident_copilot.domain.naming import Named
from incident_copilot.domain.proposal import Proposal, ProposalState
from incident_copilot.pipeline import ledger, show
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.erasing import left, messages
from incident_copilot.pipeline.erasing.messages import Showing
from incident_copilot.store import (
    action_log,
    incidents,
    looks,
    naming,
    proposals,
    reviews,
    subscriptions,
    texts,
    timeline,
)
from incident_copilot.store import people as names
from incident_copilot.store.db import Tx
from incident_copilot.store.naming import Naming

MOST_WORDS, LONG = 200, 12
"""How many of their newest texts are looked for where we repeated them; shorter ones others say as well."""
SHORTEST = 3
"""Shorter names are words of many languages."""


class Found(NamedTuple):
    """Where a person is named or repeated: by what, in which rows and messages; and what stays, in sentences."""

    named: Named
    rows: Sequence[Naming]
    shown: Showing
    left: Sequence[str]


async def erase(deps: Deps, person: str, also: Collection[str] = (), most: int = messages.MOST) -> list[str]:
    """Erase what a person wrote and the names they go by, `also` those given; return what was done, and what is left.

    Rows of the log stay, with the person's id and salted hashes, so that the chains still verify. At `most` so many
    messages in the chat are edited at once.
    """
    found = await _found(deps, person, also, most)
    async with deps.db.transaction() as tx:
        held = await _held(tx, deps)
        written = await texts.erase(tx, person, held)
        said = await timeline.erase(tx, person, held)
        await _erase_reasons(tx, deps, person, held)
        is_named = not held and await names.forget(tx, deps.workspace_id, person)
        await subscriptions.forget(tx, deps.workspace_id, person)
        await looks.forget(tx, deps.workspace_id, person)
        changed = await _erase_names(tx, deps, found, held) if found else Counter()
        edited = await messages.rewrite(tx, deps, found.shown.now) if found else 0
        payload = {"person": person, "texts": written, "messages": said, "rows": changed.total(), "shown": edited}
        await ledger.write(tx, deps, None, LogKind.ERASED, "operator", payload)
    done = f"{person}: {written} texts and {said} messages erased{', and the name' if is_named else ''}."
    return [done, *_told(found, changed, edited, held)]


async def _found(deps: Deps, person: str, also: Collection[str], most: int) -> Found | None:
    """Look everything through before the transaction, which nobody else can write beside."""
    async with deps.db.read() as db:
        known = (await names.names(db, deps.workspace_id, [person])).get(person)
        wish = await subscriptions.of(db, deps.workspace_id, person)
        held = await _held(db, deps)
        wrote = await naming.words_of(db, person, held, MOST_WORDS)
        names_of = [name.strip() for name in (known, wish.address if wish else None, *also) if name]
        called = {name for name in names_of if len(name) >= SHORTEST}
        called |= {text.strip() for text in wrote if len(text.strip()) >= LONG}
        if not called:
            return None
        named = Named(called)
        rows = await naming.find(db, deps.workspace_id, named, held)
        return Found(named, rows, await messages.showing(db, rows, most), await left.left(db, deps, named, rows))


async def _held(db: Tx, deps: Deps) -> dict[str, str]:
    return {one.id: one.label for one in await incidents.held(db, deps.workspace_id)}


async def _erase_names(tx: Tx, deps: Deps, found: Found, held: Collection[str]) -> Counter[str]:
    for name in found.named.names:
        await reviews.erase_naming(tx, name, held)
    free = [one for one in found.rows if not held or (one.incident_id and one.incident_id not in held)]
    now = [one for one in free if one.key.get("id") not in found.shown.later]
    changed = await naming.erase(tx, now, found.named, deps.now())
    for one in now:
        if one.table == "proposals":
            await _put_anew(tx, deps, await proposals.lock(tx, one.key["id"]))
    return changed


async def _put_anew(tx: Tx, deps: Deps, changed: Proposal) -> None:
    """What people decide on is another text by now: who has voted has not seen it."""
    if changed.state is ProposalState.OPEN:
        anew = changed.model_copy(update={"version": changed.version + 1})
        await proposals.save(tx, anew, was=changed)
        await show.proposal(tx, deps, await incidents.get(tx, anew.incident_id), anew)


async def _erase_reasons(tx: Tx, deps: Deps, person: str, held: Collection[str]) -> None:
    """Why somebody rejected a proposal stands at it too, and at the same one of later incidents: in Slack as well."""
    for row in await action_log.some(tx, deps.workspace_id, None, [LogKind.REASONED], person):
        reasoned = await proposals.lock(tx, str(row.payload["proposal"]))
        if reasoned.incident_id in held:
            continue
        without = reasoned.model_copy(update={"reason": None})
        await proposals.save(tx, without, was=reasoned)
        await show.proposal(tx, deps, await incidents.get(tx, reasoned.incident_id), without)
        for later in await proposals.told_as_rejected(tx, deps.workspace_id, reasoned.id):
            await _tell_no_reason(tx, deps, later)


async def _tell_no_reason(tx: Tx, deps: Deps, later: Proposal) -> None:
    before = later.rejected_before
    if before and before.reason:
        without = later.model_copy(update={"rejected_before": before.model_copy(update={"reason": None})})
        await proposals.save(tx, without, was=later)
        await show.proposal(tx, deps, await incidents.get(tx, later.incident_id), without)


def _told(found: Found | None, changed: Counter[str], edited: int, held: Mapping[str, str]) -> list[str]:
    rows = ", ".join(f"{count} in {table}" for table, count in sorted(changed.items()))
    later = len(found.shown.later) if found else 0
    said = [
        f"Their name and words are taken out of {changed.total()} rows: {rows}." if changed else "",
        f"{edited} messages of mine in Slack are being edited." if edited else "",
        f"{later} older ones name them yet; say it again when these are edited, with --also and the name."
        if later
        else "",
        f"Kept with the name, for a legal hold is on {', '.join(held.values())}." if held else "",
        *(found.left if found else ["No name of theirs is known any more; to look for one, say --also and the name."]),
    ]
    return [line for line in said if line]
