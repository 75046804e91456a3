"""Retention: rows of the log older than the policy, and snapshots with them, are cut behind a signed checkpoint."""

from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import ledger
from incident_copilot.pipeline.deps import Deps
from incident_copilot.store import checkpoints, incidents, snapshots, texts
from incident_copilot.store.checkpoints import Checkpoint, Prefix, text_of
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job


async def cut(deps: Deps, job: Job) -> None:
    """Cut what is old, once a day; running incidents and those under legal hold are left whole."""
    async with job.finish(deps.db) as tx:
        signer = deps.signer
        if signer is None or not deps.policy.log_keep:
            return
        before = deps.now() - deps.policy.log_keep
        old = [one for one in await checkpoints.older(tx, deps.workspace_id, before) if await _may_go(tx, one)]
        for one in old:
            signature = signer.sign(text_of(one.chain, one.seq, one.hash))
            at = Checkpoint(chain=one.chain, seq=one.seq, hash=one.hash, signature=signature)
            await checkpoints.cut(tx, deps.workspace_id, at, deps.now())
            await texts.cut(tx, one.texts)
            await snapshots.cut(tx, deps.workspace_id, one.chain, one.seq)
        if old:
            rows = sum(one.rows for one in old)
            payload = {"chains": len(old), "rows": rows, "before": before.isoformat()}
            await ledger.write(tx, deps, None, LogKind.CUT, "policy:retention", payload)


async def _may_go(tx: Tx, old: Prefix) -> bool:
    if old.incident_id is None:
        return True
    incident = await incidents.get(tx, old.incident_id)
    return not (incident.is_running or incident.legal_hold)
