"""What names somebody and is not erased: what nobody may change, and what is out of the house."""

from collections.abc import Iterator, Mapping, Sequence

from incident_copilot.domain.effect import Canvas, Effect, EffectState, FileTicket, Mail, Publish, PutDocument, Upload
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.naming import Named
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import action_log, effects, incidents, naming, snapshots
from incident_copilot.store.db import Tx
from incident_copilot.store.naming import Naming

NOT_REACHED = (
    "Not reached from here: exports and backups, in Slack answers to questions and what people posted themselves, and "
    "what catalog.yaml and your on-call tool say."
)
MOST_LISTED = 20


async def left(db: Tx, deps: Deps, named: Named, found: Sequence[Naming]) -> list[str]:
    """Return in sentences what still names somebody once the rows that were `found` do not."""
    sent = [await effects.get(db, one.key["id"]) for one in found if one.table == "effects"]
    out = [(one.incident_id, what) for one in sent for what in outside(one)]
    rows = [(whose, f"row {seq}") for whose, seq in await naming.in_log(db, deps.workspace_id, named)]
    kept = await _snapshots(db, deps, named)
    labels = await incidents.labels(db, {whose for whose, _ in (*out, *rows, *kept) if whose})
    told = (
        ("In the log, which nobody can change, they are named by", rows),
        ("Snapshots of evidence, kept as long as their row of the log, have it in", kept),
        ("For you to erase where it is", out),
    )
    return [*(f"{what}: {_listed(which, labels)}." for what, which in told if which), NOT_REACHED]


def outside(effect: Effect) -> Iterator[str]:
    """Yield what an effect left out of the house."""
    if effect.state is not EffectState.DONE:
        return
    match effect.deed:
        case Upload() as deed:
            yield f"the file {deed.name} in Slack"
        case Canvas():
            yield "the canvas of its channel"
        case Mail() as deed:
            yield f"an e-mail to {len(deed.to)} people"
        case Publish() as deed:
            yield f"an update at {deed.channel}"
        case PutDocument() as deed:
            yield f"{deed.what} at {deed.target}"
        case FileTicket() as deed:
            yield f"a ticket at {deed.tracker}"


async def _snapshots(db: Tx, deps: Deps, named: Named) -> list[tuple[str | None, str]]:
    found = []
    for row in await action_log.some(db, deps.workspace_id, kinds=[LogKind.SNAPSHOTTED]):
        bodies = (await snapshots.files(db, row)).values()
        if any(named.without(body) != body for body in bodies):
            found.append((row.incident_id, f"snapshot {row.payload['number']}"))
    return found


def _listed(which: Sequence[tuple[str | None, str]], labels: Mapping[str, str]) -> str:
    """Each once, with the incident that it is about."""
    said = list(dict.fromkeys(f"{what} of {labels[whose]}" if whose else what for whose, what in which))
    more = len(said) - MOST_LISTED
    return ", ".join([*said[:MOST_LISTED], *([f"and {more} more"] if more > 0 else [])])
